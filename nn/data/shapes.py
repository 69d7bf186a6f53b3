"""Points drawn from a formula: two numbers a row and a class to tell, or one number and a curve to follow.

Each function returns `(X, y)`: a list of rows (lists of floats) and a list of as many targets. Classes take turns, so that
every prefix is balanced. `noise` is the standard deviation of the normal error added to every coordinate; the same `seed`
gives the same bits.
"""

import random
from collections.abc import Callable
from math import cos, pi, sin

from .tables import DataError

Rows = list[list[float]]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[int]]:
    """Two interleaving half circles of radius 1: (cos t, sin t) and (1 - cos t, 1/2 - sin t) for t from 0 to pi."""

    def point(t: float, label: int) -> list[float]:
        return [1 - cos(pi * t), 0.5 - sin(pi * t)] if label else [cos(pi * t), sin(pi * t)]

    return _two_arms(point, n, noise, seed)


def circles(n: int = 100, noise: float = 0.05, inner: float = 0.5, seed: int = 0) -> tuple[Rows, list[int]]:
    """A circle of radius 1 (class 0) around one of radius `inner` (class 1)."""

    def point(t: float, label: int) -> list[float]:
        radius = inner if label else 1.0
        return [radius * cos(2 * pi * t), radius * sin(2 * pi * t)]

    return _two_arms(point, n, noise, seed)


def spirals(n: int = 100, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> tuple[Rows, list[int]]:
    """Two arms from the origin to radius 1, half a turn apart, each winding `turns` times."""

    def point(t: float, label: int) -> list[float]:
        angle = 2 * pi * turns * t + pi * label
        return [t * cos(angle), t * sin(angle)]

    return _two_arms(point, n, noise, seed)


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> tuple[Rows, list[int]]:
    """The corners of the unit square in turn, class 1 where exactly one coordinate is 1; by default the truth table."""
    _check(n, noise)
    corners = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 1.0], 0), ([1.0, 0.0], 1)]
    chosen = [corners[i % 4] for i in range(n)]
    return _noisy([corner for corner, _ in chosen], noise, random.Random(seed)), [label for _, label in chosen]


def blobs(n: int = 100, classes: int = 3, noise: float = 0.5, seed: int = 0) -> tuple[Rows, list[int]]:
    """Normal clouds around `classes` centres, evenly spaced on a circle of radius 2."""
    _check(n, noise)
    labels = [i % classes for i in range(n)]
    angles = [2 * pi * label / classes for label in labels]
    return _noisy([[2 * cos(angle), 2 * sin(angle)] for angle in angles], noise, random.Random(seed)), labels


def noisy_sine(n: int = 50, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[float]]:
    """`n` evenly spaced numbers from -pi to pi, and their sines with `noise` added: the inputs are exact."""
    _check(n, noise)
    rng = random.Random(seed)
    xs = [pi * (2 * (i + 0.5) / n - 1) for i in range(n)]
    return [[x] for x in xs], [sin(x) + rng.gauss(0, noise) for x in xs]


def _two_arms(point: Callable[[float, int], list[float]], n: int, noise: float, seed: int) -> tuple[Rows, list[int]]:
    """`n` noisy points, point(t, label) with the labels 0 and 1 in turn and t evenly spaced in (0, 1] for each."""
    _check(n, noise)
    labels = [i % 2 for i in range(n)]
    return _noisy([point((i - label + 1) / n, label) for i, label in enumerate(labels)], noise, random.Random(seed)), labels


def _noisy(rows: Rows, noise: float, rng: random.Random) -> Rows:
    return [[x + rng.gauss(0, noise) for x in row] for row in rows]


def _check(n: int, noise: float) -> None:
    if n < 1 or noise < 0:
        raise DataError(f"points need n of at least 1 and noise of at least 0, not n={n} and noise={noise}")
