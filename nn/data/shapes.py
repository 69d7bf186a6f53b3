"""Points drawn from a formula: two numbers a row and a class to tell, or one number and a curve to follow.

Each function returns `(X, y)`: a list of rows (lists of floats) and a list of as many targets. Classes take turns, so that every prefix is balanced.
`noise` is the standard deviation of the normal error added to every coordinate; the same `seed` gives the same bits."""

import random
from collections.abc import Callable
from math import cos, pi, sin

from .tables import DataError

Rows = list[list[float]]
Curve = Callable[[float], list[float]]
Points = tuple[Rows, list[int]]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Points:
    """Two interleaving half circles of radius 1: (cos t, sin t) and (1 - cos t, 1/2 - sin t) for t from 0 to pi."""
    return _on_curves([lambda t: [cos(pi * t), sin(pi * t)], lambda t: [1 - cos(pi * t), 0.5 - sin(pi * t)]], n, noise, seed)


def circles(n: int = 100, noise: float = 0.05, inner: float = 0.5, seed: int = 0) -> Points:
    """A circle of radius 1 (class 0) around one of radius `inner` (class 1)."""
    return _on_curves([lambda t: _polar(1.0, 2 * pi * t), lambda t: _polar(inner, 2 * pi * t)], n, noise, seed)


def spirals(n: int = 100, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> Points:
    """Two arms from the origin to radius 1, half a turn apart, each winding `turns` times."""
    return _on_curves([lambda t: _polar(t, 2 * pi * turns * t), lambda t: _polar(t, 2 * pi * turns * t + pi)], n, noise, seed)


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """The corners of the unit square in turn, class 1 where exactly one coordinate is 1; by default the truth table."""
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    return _noisy([corners[i % 4] for i in range(n)], noise, seed), [i % 2 for i in range(n)]


def blobs(n: int = 100, classes: int = 3, noise: float = 0.5, seed: int = 0) -> Points:
    """Normal clouds around `classes` centres, evenly spaced on a circle of radius 2."""
    labels = [i % classes for i in range(n)]
    return _noisy([_polar(2.0, 2 * pi * label / classes) for label in labels], noise, seed), labels


def noisy_sine(n: int = 50, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[float]]:
    """`n` evenly spaced numbers from -pi to pi, and their sines with `noise` added: the inputs are exact."""
    xs = [pi * (2 * (i + 0.5) / n - 1) for i in range(n)]
    return [[x] for x in xs], [y for (y,) in _noisy([[sin(x)] for x in xs], noise, seed)]


def _on_curves(curves: list[Curve], n: int, noise: float, seed: int) -> Points:
    """`n` noisy points on two curves in turn, evenly spaced in 0 < t <= 1 on each."""
    labels = [i % 2 for i in range(n)]
    return _noisy([curves[label]((i - label + 1) / n) for i, label in enumerate(labels)], noise, seed), labels


def _polar(radius: float, angle: float) -> list[float]:
    return [radius * cos(angle), radius * sin(angle)]


def _noisy(rows: Rows, noise: float, seed: int) -> Rows:
    if not rows or noise < 0:
        raise DataError(f"points need n of at least 1 and noise of at least 0, not n={len(rows)} and noise={noise}")
    rng = random.Random(seed)
    return [[x + rng.gauss(0, noise) for x in row] for row in rows]
