"""Where a function is drawn: evenly spaced numbers over a range."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence

from autograd.errors import ArgumentError
from autograd.extending import real_number

from .checks import LARGEST

GRID = 61  # points along each side of a plane


def span(low: float, high: float) -> list[float]:
    """Return 401 numbers from `low` to `high`."""
    low, high = real_number(low, "low"), real_number(high, "high")
    if not -LARGEST <= low < high <= LARGEST:
        raise ArgumentError(f"a curve is drawn from low to high, finite, not from {low} to {high}")
    return evenly_spaced([low, high])


def evenly_spaced(bounds: Sequence[float], n: int = 401, margin: float = 0.0) -> list[float]:
    """Return `n` evenly spaced numbers over the range of `bounds`.

    The range is wider by `margin` times itself on either side. Of an odd n one
    is the middle, where kinks are.
    """
    low, high = min(bounds), max(bounds)
    return [low + (high - low or 1.0) * ((1 + 2 * margin) * i / (n - 1) - margin) for i in range(n)]
