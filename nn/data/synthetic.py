"""Data drawn from a formula and a seed: points with a class to tell, a curve to follow, and sequences whose order matters. `(X, y)` is a list of rows
(lists of floats; for a sequence, a list of numbers or a word a step) and a list of as many targets. The classes of points take turns, so that every
prefix is balanced. `n` is the number of rows, at least 1, `noise`, at least 0, the standard deviation of the normal error added to every coordinate;
the same `seed` gives the same bits. Raises ArgumentError for what lies outside these and the ranges stated, DataTypeError for what is no number."""

import random
from collections.abc import Callable, Sequence
from itertools import product
from math import cos, pi, sin

from autograd.extending import within

Rows = list[list[float]]
Points = tuple[Rows, list[int]]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Points:
    """Two interleaving half circles of radius 1: (cos t, sin t) and (1 - cos t, 1/2 - sin t) for t from 0 to pi, classes 0 and 1."""
    return _on_curves(
        lambda t: [cos(pi * t), sin(pi * t)],
        lambda t: [1 - cos(pi * t), 0.5 - sin(pi * t)],
        n,
        noise,
        seed,
    )


def circles(n: int = 100, noise: float = 0.05, inner: float = 0.5, seed: int = 0) -> Points:
    """A circle of radius 1 (class 0) around one of radius 0 <= `inner` < 1 (class 1): the points r (cos t, sin t) for t from 0 to 2 pi."""
    within(locals(), inner="[0, 1)")
    return _on_curves(
        lambda t: _polar(1.0, 2 * pi * t), lambda t: _polar(inner, 2 * pi * t), n, noise, seed
    )


def spirals(n: int = 100, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> Points:
    """Two arms from the origin to radius 1, half a turn apart, each winding `turns` > 0 times: r (cos t, sin t) with t = 2 pi turns r, and t + pi."""
    within(locals(), turns="(0, inf)")
    return _on_curves(
        lambda t: _polar(t, 2 * pi * turns * t),
        lambda t: _polar(t, 2 * pi * turns * t + pi),
        n,
        noise,
        seed,
    )


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """The corners of the unit square in turn, class 1 where exactly one coordinate is 1, else 0; by default the truth table."""
    within(locals(), n="1, 2, ...")
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    return _noisy([corners[i % 4] for i in range(n)], noise, seed), [i % 2 for i in range(n)]


def blobs(n: int = 100, classes: int = 3, noise: float = 0.5, seed: int = 0) -> Points:
    """Normal clouds around `classes` >= 1 centres, evenly spaced on a circle of radius 2; `noise` is their deviation."""
    within(locals(), n="1, 2, ...", classes="1, 2, ...")
    labels = [i % classes for i in range(n)]
    return _noisy([_polar(2.0, 2 * pi * label / classes) for label in labels], noise, seed), labels


def noisy_sine(n: int = 50, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[float]]:
    """`n` evenly spaced numbers within -pi to pi, and their sines with `noise` added, to the sines alone."""
    within(locals(), n="1, 2, ...")
    xs = [pi * (2 * (i + 0.5) / n - 1) for i in range(n)]
    return [[x] for x in xs], [y for (y,) in _noisy([[sin(x)] for x in xs], noise, seed)]


def _on_curves(
    first: Callable[[float], list[float]],
    second: Callable[[float], list[float]],
    n: int,
    noise: float,
    seed: int,
) -> Points:
    """`n` noisy points on two curves in turn, evenly spaced in 0 < t <= 1 on each."""
    within(locals(), n="1, 2, ...")
    labels = [i % 2 for i in range(n)]
    return _noisy(
        [(first, second)[label]((i - label + 1) / n) for i, label in enumerate(labels)], noise, seed
    ), labels


def _polar(radius: float, angle: float) -> list[float]:
    """The point at this distance and direction from the origin."""
    return [radius * cos(angle), radius * sin(angle)]


def _noisy(rows: Rows, noise: float, seed: int) -> Rows:
    """The rows, with normal noise added to every number."""
    within(locals(), noise="[0, inf)")
    rng = random.Random(seed)
    return [[x + rng.gauss(0, noise) for x in row] for row in rows]


def recall_at_lag(
    n: int = 100, lag: int = 40, seed: int = 0
) -> tuple[list[list[list[float]]], list[int]]:
    """Binary recall: the marked first item is the answer, `lag` >= 0 random items of the same alphabet follow, so that only memory helps. A step is
    [item, mark] with the item -1 or 1 and the mark 1 for the first step, else 0; the target is 1 where the first item is 1, else 0."""
    within(locals(), n="1, 2, ...", lag="0, 1, ...")
    rng = random.Random(seed)
    X = [[[rng.choice((-1.0, 1.0)), float(step == 0)] for step in range(lag + 1)] for _ in range(n)]
    return X, [int(steps[0][0] > 0) for steps in X]


def counting_sentences(n: int = 54, seed: int = 0) -> tuple[list[list[str]], list[int]]:
    """Sentences to count by, such as "there were 4 cans , broke 3 , came 1", and how many cans there are at the end (here 2; 1 to 7). Of 3 to 5 cans,
    1 to 3 break before or after 1 to 3 come: 54 sentences in random order, anew after every 54. "broke" and "came" exchanged turn the answer."""
    within(locals(), n="1, 2, ...")
    rng = random.Random(seed)
    every = [
        (f"there were {start} cans , {first} {a} , {second} {b}".split(), start + sign * (b - a))
        for start, (first, second, sign), a, b in product(
            (3, 4, 5), (("broke", "came", 1), ("came", "broke", -1)), (1, 2, 3), (1, 2, 3)
        )
    ]
    drawn = [
        sentence for _ in range(0, n, len(every)) for sentence in rng.sample(every, len(every))
    ][:n]
    return [words for words, _ in drawn], [answer for _, answer in drawn]


def time_series(n: int = 200, noise: float = 0.05, seed: int = 0) -> list[float]:
    """A yearly and a slower wave, sampled every month: sin(2 pi t / 12) + sin(2 pi t / 31) / 2 for t = 0, 1, ..., n - 1, with normal noise."""
    within(locals(), n="1, 2, ...")
    return [
        x
        for (x,) in _noisy(
            [[sin(2 * pi * t / 12) + sin(2 * pi * t / 31) / 2] for t in range(n)], noise, seed
        )
    ]


def windows(series: Sequence[float], width: int) -> tuple[list[list[list[float]]], list[float]]:
    """Every `width` successive numbers, one to a step, and the number that follows them: len(series) - width rows, 1 <= width < len(series)."""
    within(locals(), width=f"1, ..., {len(series) - 1}")
    starts = range(len(series) - width)
    return [[[x] for x in series[i : i + width]] for i in starts], [
        series[i + width] for i in starts
    ]
