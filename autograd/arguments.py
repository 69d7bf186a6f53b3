"""The ranges of arguments, stated and checked in one way."""

from collections.abc import Mapping
from typing import Any

from .errors import ArgumentError, DataTypeError
from .value import Value


def within(arguments: Mapping[str, Any], **ranges: str) -> None:
    """Check arguments by name, such as those of a function: `within(locals(), steps="1, 2, ...", low="[0, 1)", high="(0, inf] or None")`. A range is
    an interval, of which [ and ] belong to it and ( and ) do not, or whole numbers. Raises ArgumentError for one outside and DataTypeError for
    another type. A Value passes while a program is recorded: its number cannot be looked at."""
    for name, stated in ranges.items():
        x, interval = arguments[name], stated.removesuffix(" or None")
        if x is None and interval != stated:
            continue
        whole = "..." in interval
        first, *_, last = interval.strip("[()]").split(", ")
        low, high = float(first), float("inf" if last == "..." else last)
        problem = f"{name} must be {'one of' if whole else 'in'} {stated}, not {x!r}"
        try:
            if isinstance(low <= x, Value):
                continue
            inside = low <= x <= high and (x > low or interval[0] != "(") and (x < high or interval[-1] != ")")
        except TypeError as error:
            raise DataTypeError(problem) from error
        if whole and not hasattr(x, "__index__"):
            raise DataTypeError(problem)
        if not inside:
            raise ArgumentError(problem)
