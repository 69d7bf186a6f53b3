"""Data drawn from a formula and a seed: points, a curve, and sequences.

`(X, y)` is a list of rows and a list of as many targets. A row of points is a
list of floats. A row of a sequence has a list of numbers, or a word, a step.
The points of `moons`, `circles`, `spirals`, `xor` and `blobs` come in an order
that the seed shuffles, and their classes have equally many rows, or one more.

All take `n`, the number of rows, from 1 to 10**8: more numbers would have no
room in memory. A normal error is added to every
coordinate; `noise` is its standard deviation, at least 0. The same `seed` gives
the same bits. The functions raise ArgumentError for what lies outside these and
the stated ranges, and DataTypeError for what is no number.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import random
from collections.abc import Callable, Sequence
from itertools import product
from math import cos, pi, sin

from autograd.extending import check_size, floats_of, real_number, sizes_of, within

from ..arguments import names_checked
from .checks import check_rows

Rows = list[list[float]]
Points = tuple[Rows, list[int]]


@names_checked
def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Points:
    """Two interleaving half circles of radius 1, classes 0 and 1.

    Class 0 lies on (cos t, sin t) and class 1 on (1 - cos t, 1/2 - sin t), for
    t from 0 to pi.

    Args:
        n: The number of rows, at least 1.
        noise: The standard deviation of the error of each coordinate, at least 0.
        seed: The same one gives the same bits.
    """
    return _on_curves(
        lambda t: [cos(pi * t), sin(pi * t)],
        lambda t: [1 - cos(pi * t), 0.5 - sin(pi * t)],
        n,
        noise,
        seed,
    )


@names_checked
def circles(n: int = 100, noise: float = 0.05, inner: float = 0.5, seed: int = 0) -> Points:
    """A circle of radius 1 (class 0) around a smaller one (class 1).

    Args:
        n: The number of rows, at least 1.
        noise: The standard deviation of the error of each coordinate, at least 0.
        inner: The smaller radius, in [0, 1).
        seed: The same one gives the same bits.
    """
    [inner] = floats_of(locals(), inner="[0, 1)")
    return _on_curves(
        lambda t: _polar(1.0, 2 * pi * t), lambda t: _polar(inner, 2 * pi * t), n, noise, seed
    )


@names_checked
def spirals(n: int = 100, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> Points:
    """Two arms from the origin to radius 1, half a turn apart, classes 0 and 1.

    The arms are r (cos t, sin t), with t = 2 pi turns r for class 0, and pi
    more for class 1.

    Args:
        n: The number of rows, at least 1.
        noise: The standard deviation of the error of each coordinate, at least 0.
        turns: How often an arm winds around the origin, in (0, 1e9).
        seed: The same one gives the same bits.
    """
    [turns] = floats_of(locals(), turns="(0, 1e9)")  # beyond, the angles have no digits left
    return _on_curves(
        lambda t: _polar(t, 2 * pi * turns * t),
        lambda t: _polar(t, 2 * pi * turns * t + pi),
        n,
        noise,
        seed,
    )


@names_checked
def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """The corners of the unit square; class 1 where exactly one coordinate is 1.

    By default these are the four rows of the truth table.

    Args:
        n: The number of rows, at least 1.
        noise: The standard deviation of the error of each coordinate, at least 0.
        seed: The same one gives the same bits.
    """
    [n] = sizes_of(locals(), n=1)
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    return _points([corners[i % 4] for i in range(n)], [i % 2 for i in range(n)], noise, seed)


@names_checked
def blobs(n: int = 100, classes: int = 3, noise: float = 0.5, seed: int = 0) -> Points:
    """Normal clouds around centres that divide a circle of radius 2 evenly.

    Args:
        n: The number of rows, at least 1.
        classes: The number of clouds, at least 1.
        noise: The standard deviation of a cloud.
        seed: The same one gives the same bits.
    """
    n, classes = sizes_of(locals(), n=1, classes=1)
    labels = [i % classes for i in range(n)]
    return _points([_polar(2.0, 2 * pi * label / classes) for label in labels], labels, noise, seed)


@names_checked
def noisy_sine(n: int = 50, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[float]]:
    """Evenly spaced numbers from -pi to pi, in order, and their sines.

    Args:
        n: The number of rows, at least 1.
        noise: The standard deviation of the error of each sine, at least 0. The
            numbers have none.
        seed: The same one gives the same bits.
    """
    [n] = sizes_of(locals(), n=1)
    xs = [pi * (2 * (i + 0.5) / n - 1) for i in range(n)]
    sines = _noisy([[sin(x)] for x in xs], noise, begun(seed))
    return [[x] for x in xs], [y for (y,) in sines]


def _on_curves(
    first: Callable[[float], list[float]],
    second: Callable[[float], list[float]],
    n: int,
    noise: float,
    seed: int,
) -> Points:
    """Noisy points on two curves, evenly spaced in 0 < t <= 1 on each."""
    [n] = sizes_of(locals(), n=1)
    labels = [i % 2 for i in range(n)]
    rows = [(first, second)[label]((i - label + 1) / n) for i, label in enumerate(labels)]
    return _points(rows, labels, noise, seed)


def _polar(radius: float, angle: float) -> list[float]:
    """The point at this distance and direction from the origin."""
    return [radius * cos(angle), radius * sin(angle)]


def _points(rows: Rows, labels: list[int], noise: float, seed: int) -> Points:
    """The rows with noise, and their classes, in an order that the seed draws."""
    rng = begun(seed)
    rows = _noisy(rows, noise, rng)
    order = list(range(len(rows)))
    rng.shuffle(order)
    return [rows[i] for i in order], [labels[i] for i in order]


def _noisy(rows: Rows, noise: float, rng: random.Random) -> Rows:
    """The rows, with normal noise added to every number."""
    [noise] = floats_of(locals(), noise="[0, inf)")
    return [[x + rng.gauss(0, noise) for x in row] for row in rows]


@names_checked
def recall_at_lag(
    n: int = 100, lag: int = 40, seed: int = 0
) -> tuple[list[list[list[float]]], list[int]]:
    """Binary recall: the first item is the answer, and others follow it.

    A step is [item, mark]. The item is -1 or 1 at random; the mark is 1 in the
    first step, else 0. The target is 1 where the first item is 1, else 0: only
    memory helps.

    Args:
        n: The number of rows, at least 1.
        lag: The number of items after the first, at least 0.
        seed: The same one gives the same bits.
    """
    n, lag = sizes_of(locals(), n=1, lag=0)
    check_size("the items of n rows", 2 * n * (lag + 1))
    rng = begun(seed)
    X = [[[rng.choice((-1.0, 1.0)), float(step == 0)] for step in range(lag + 1)] for _ in range(n)]
    return X, [int(steps[0][0] > 0) for steps in X]


@names_checked
def counting_sentences(n: int = 54, seed: int = 0) -> tuple[list[list[str]], list[int]]:
    """Sentences about cans, and how many cans there are at the end (1 to 7).

    "there were 4 cans , broke 3 , came 1" has the target 2. Of 3 to 5 cans, 1
    to 3 break before or after 1 to 3 come. The 54 sentences are in random
    order, anew after every 54. "broke" and "came" exchanged give another
    answer.

    Args:
        n: The number of sentences, at least 1.
        seed: The same one gives the same bits.
    """
    [n] = sizes_of(locals(), n=1)
    rng = begun(seed)
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


@names_checked
def time_series(n: int = 200, noise: float = 0.05, seed: int = 0) -> list[float]:
    """A yearly and a slower wave, sampled every month, in the order of time.

    sin(2 pi t / 12) + sin(2 pi t / 31) / 2 for t = 0, 1, ..., n - 1, with
    noise.

    Args:
        n: How many numbers, at least 1.
        noise: The standard deviation of the error of each number, at least 0.
        seed: The same one gives the same bits.
    """
    [n] = sizes_of(locals(), n=1)
    waves = [[sin(2 * pi * t / 12) + sin(2 * pi * t / 31) / 2] for t in range(n)]
    return [x for (x,) in _noisy(waves, noise, begun(seed))]


def begun(seed: int) -> random.Random:
    """Return a source of random numbers that begins with the seed.

    Raises:
        DataTypeError: It is no whole number.
        ArgumentError: It is negative.
    """
    within(locals(), seed="0, 1, ...")
    return random.Random(int(seed))


@names_checked
def windows(series: Sequence[float], width: int) -> tuple[list[list[list[float]]], list[float]]:
    """Every `width` successive numbers, and the number that follows them.

    There are len(series) - width rows. A row has one list of one number a step.

    Args:
        series: Numbers in the order of time.
        width: From 1 to len(series) - 1.
    """
    check_rows("series", series, "numbers")
    for i, x in enumerate(series):
        real_number(x, f"series[{i}]")
    within(locals(), width=f"1, ..., {len(series) - 1}")
    width = int(width)
    check_size("the steps of all windows", width * (len(series) - width))
    starts = range(len(series) - width)
    return [[[x] for x in series[i : i + width]] for i in starts], [
        series[i + width] for i in starts
    ]
