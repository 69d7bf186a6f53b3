"""The ranges of arguments, stated and checked in one way."""

from typing import Any

from .errors import ArgumentError, DataTypeError
from .value import Value


def within(interval: str, **arguments: Any) -> None:
    """Check that numbers lie in an interval, written as in mathematics: "[0, 1)" holds 0 but not 1. Raises ArgumentError for one outside and
    DataTypeError for what is no number. A Value passes: its number is not to be looked at while a program is recorded."""
    low, high = map(float, interval[1:-1].split(","))
    for name, x in arguments.items():
        try:
            inside = isinstance(x, Value) or (low <= x <= high and (x > low or interval[0] == "[") and (x < high or interval[-1] == "]"))
        except TypeError as error:
            raise DataTypeError(f"{name} is a number in {interval}, not {x!r}") from error
        if not inside:
            raise ArgumentError(f"{name} must lie in {interval}, not be {x!r}")


def at_least(low: int, **arguments: Any) -> None:
    """Check that sizes and counts are whole numbers of at least `low`. Raises ArgumentError for one below and DataTypeError for what is none."""
    for name, n in arguments.items():
        if not hasattr(n, "__index__"):
            raise DataTypeError(f"{name} is a whole number of at least {low}, not {n!r}")
        if n < low:
            raise ArgumentError(f"{name} must be at least {low}, not {n}")
