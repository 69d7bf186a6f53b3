"""Instant answers to the exercises: right, wrong with a hint, or not answered yet.

from check import check
check("1.3", slope_in_x)
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd import sigmoid

POINTS = [(k - 9.5) / 4.0 for k in range(20)]  # none of them is 0, 1 or -1


def number(right, tolerance=1e-6):
    """Judge an answer that is one number."""

    def judge(answer):
        return abs(float(answer) - right) <= tolerance * max(1.0, abs(right))

    return judge


def numbers(*right, tolerance=1e-6):
    """Judge an answer that is a list of numbers."""

    def judge(answer):
        pairs = list(zip(answer, right, strict=True))
        return all(abs(float(a) - b) <= tolerance * max(1.0, abs(b)) for a, b in pairs)

    return judge


def function(right, points=POINTS, tolerance=1e-6):
    """Judge an answer that is a function of one number, at 20 points."""

    def judge(answer):
        found = [answer(x) for x in points]
        if any(value is ... for value in found):
            return None
        return all(
            math.isclose(a, right(x), rel_tol=tolerance, abs_tol=tolerance)
            for a, x in zip(found, points, strict=True)
        )

    return judge


def within(low, high):
    """Judge an answer that may be any number from low to high."""

    def judge(answer):
        return low <= float(answer) <= high

    return judge


def word(*right):
    """Judge an answer that is a word; case and blanks do not matter."""

    def judge(answer):
        return str(answer).strip().lower() in right

    return judge


class Exercise(NamedTuple):
    """How an answer is judged, what helps, and what an open exercise gives."""

    judge: Callable[[Any], Any]
    hint: str
    unanswered: Any = ...


EXERCISES = {
    "0.1": Exercise(within(11.9, 12.1), "Take a smaller h, such as 1e-6."),
    "0.2": Exercise(number(4.0), "Where is the bottom of this parabola?"),
    "0.3": Exercise(number(-0.5), "Down by 0.1 is a way of -0.1."),
    "1.1": Exercise(
        function(lambda z: 1.0 / math.cosh(z) ** 2),
        "It is 1 where t is 0, and almost 0 where t is near 1 or -1.",
    ),
    "1.2": Exercise(
        number(12.0),
        "Which numbers still hold what the first walk brought?",
        unanswered=36.0,
    ),
    "1.3": Exercise(number(7.0), "x is used twice: in the sum, and as a factor."),
    "2.1": Exercise(
        within(-0.999999, -1e-6),
        "At (1, 0) the sum must be above 0; at the other corners it must not be.",
    ),
    "2.2": Exercise(
        function(lambda x: 1.0 if x > 0 else 0.01),
        "It is a straight line on each side of 0. How steep is the left one?",
    ),
    "2.3": Exercise(number(16), "Each output has a weight for each input, and one more number."),
    "3.1": Exercise(
        function(lambda z: 2.0 * (sigmoid(z) - 1.0) * sigmoid(z) * sigmoid(-z)),
        "Outside times inside: the slope of the square, then that of the sigmoid.",
    ),
    "3.2": Exercise(number(math.log(4.0)), "Each class has the probability 1/4."),
    "3.3": Exercise(within(-0.72, -0.67), "Look at the valley of the gradient, left of 0."),
    "4.1": Exercise(number(1 / 6), "The slope is 6 w: c is 6."),
    "4.2": Exercise(number(-0.2), "A step subtracts 0.3 · 4 w from w."),
    "4.3": Exercise(number(0.4), "One factor is 0.6, the other must be -0.6."),
    "4b.1": Exercise(number(32), "The last batch may be smaller, and is one as well."),
    "4b.2": Exercise(
        function(lambda step: 0.5 ** (step // 10), points=range(0, 60, 3)),
        "At the steps 0 to 9 the factor is 1, at 10 to 19 it is 0.5.",
    ),
    "4b.3": Exercise(number(10.0), "At its limit v no longer changes: v = 0.9 v + 1."),
    "5.1": Exercise(
        number(math.sqrt(0.02)), "He's variance is 2/n_in. You are asked for its root."
    ),
    "5.2": Exercise(number(math.sqrt(0.06)), "The bound is the root of 6/(n_in + n_out)."),
    "5.3": Exercise(
        function(lambda x: math.sqrt(50.0) * abs(x)), "Variances add up; deviations do not."
    ),
    "6.1": Exercise(number(0.25**9), "Nine steps back, each at most a quarter."),
    "6.2": Exercise(
        function(lambda z: 1.0 / math.cosh(z) ** 2), "It is 1 at 0: tanh can pass on all of it."
    ),
    "6.3": Exercise(number(12.0), "Each of the two paths brings a product of its edges. Add them."),
    "7.1": Exercise(word("overfitting"), "The net has learnt the noise of its rows."),
    "7.2": Exercise(number(120), "One fifth is held out each time."),
    "7.3": Exercise(number(0.9), "It is right on every row of that class."),
    "8.1": Exercise(number(math.sqrt(2.0)), "They differ by 1 in two places."),
    "8.2": Exercise(numbers(3.0, 4.0), "One-hot times a table picks out the row of that number."),
    "8.3": Exercise(word("queen", "'queen'"), "Take man away from king, and add woman."),
    "9.1": Exercise(number(0.5**20), "Each step back multiplies by 0.5."),
    "9.2": Exercise(word("forget"), "The gate that multiplies the old state."),
    "9.3": Exercise(word("many-to-one", "many to one"), "A sequence in, one number out."),
    "10.1": Exercise(number(1), "`where` is an operation, and no branch."),
    "10.2": Exercise(function(lambda x: 3.0 * x), "The factor must be an argument."),
    "10.3": Exercise(word("lanes"), "Operations of the same kind stand side by side."),
    "11.1": Exercise(number(0.25), "They share equally, and the shares sum to 1."),
    "11.2": Exercise(number(3.0), "2 to which power is 8?"),
    "11.3": Exercise(number(3), "It may look at itself and at all before it."),
    "12.1": Exercise(function(lambda x: 6.0 * x), "Derive 3 x² once more."),
    "12.2": Exercise(number(0.2), "The limit is 2 over the largest curvature."),
    "12.3": Exercise(word("forward"), "One column of the Jacobian for each input."),
}


def check(exercise, answer):
    """Say whether an answer is right.

    Args:
        exercise: Its number, such as "1.2".
        answer: What the exercise asks for. `...` means not answered yet.

    Raises:
        KeyError: There is no such exercise.
    """
    judge, hint, unanswered = EXERCISES[exercise]
    verdict = None if answer is ... or answer == unanswered else judge(answer)
    if verdict is None:
        print(f"{exercise}: not answered yet")
    elif verdict:
        print(f"{exercise}: right")
    else:
        print(f"{exercise}: not yet. {hint}")
