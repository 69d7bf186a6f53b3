"""The ranges of arguments, stated and checked in one way."""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from ..errors import ArgumentError, DataTypeError
from .value import Value


def within(arguments: Mapping[str, Any], **ranges: str) -> None:
    """Check arguments by name, such as those of a function: `within(locals(), steps="1, 2, ...", low="[0, 1)", high="(0, inf] or None")`. A range is
    an interval, of which [ and ] belong to it and ( and ) do not, or whole numbers: "0, 1", "2, ..., 9". Raises ArgumentError for one outside and
    DataTypeError for another type. A Value passes while a program is recorded: its number cannot be looked at."""
    for name, stated in ranges.items():
        x: Any = arguments[name]
        interval = stated.removesuffix(" or None")
        if (x is None and interval != stated) or (
            isinstance(x, Value) and isinstance(x <= x, Value)
        ):  # comparisons are recorded, too
            continue
        whole = interval[0] not in "[("
        first, *_, last = interval.strip("[()]").split(", ")
        low, high = float(first), float("inf" if last == "..." else last)
        kind: Any = Integral if whole else (Real, Value)
        if not isinstance(x, kind) or isinstance(x, bool):
            raise DataTypeError(f"{name} must be {'one of' if whole else 'in'} {stated}, not {x!r}")
        if not (
            low <= x <= high
            and (x > low or interval[0] != "(")
            and (x < high or interval[-1] != ")")
        ):
            raise ArgumentError(f"{name} must be {'one of' if whole else 'in'} {stated}, not {x!r}")
