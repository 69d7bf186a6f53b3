"""What a call was given: real numbers, and numbers within a range."""

import math
import operator
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from ..errors import ArgumentError, DataTypeError
from .protocols import Protocols


def real_number(x: Any, what: str) -> float:
    """Return x as a float.

    A whole number beyond the floats becomes an infinity.

    Args:
        x: The number.
        what: What takes the number, for the message.

    Raises:
        DataTypeError: x is a bool, a string, None, a complex number, a list, a
            Value, or anything else that is no real number.
    """
    __tracebackhide__ = True
    plain = x.__class__ is float or x.__class__ is int
    if plain or (isinstance(x, Real) and not isinstance(x, bool)):
        try:
            return float(x)
        except OverflowError:
            return math.inf if operator.gt(x, 0) else -math.inf
    remedy = (
        "use its .data, or .detach() for a leaf of its own"
        if isinstance(x, Protocols)
        else "write float(x) if it is the text of a number"
        if isinstance(x, str | bytes)
        else "give its numbers one at a time, as in [f(x) for x in xs]"
        if hasattr(x, "__iter__")
        else "give a number such as 2 or 2.0"
    )
    raise DataTypeError(
        f"{what} takes a real number, not {x!r} of type {type(x).__name__}: {remedy}"
    )


def within(arguments: Mapping[str, Any], **ranges: str) -> None:
    """Check that arguments lie in their ranges.

    A range is an interval such as "[0, 1)" or "(0, inf]", or whole numbers such
    as "0, 1", "2, ..., 9" or "1, 2, ...". It can end with " or None". A Value
    passes while a program is recorded: its number cannot be looked at.

    Args:
        arguments: The arguments by name, such as `locals()` of a function.
        ranges: The range of each that is checked.

    Raises:
        ArgumentError: An argument lies outside its range.
        DataTypeError: An argument has another type.

    Examples:
        >>> within({"rate": 0.1, "steps": 3}, rate="[0, inf)", steps="1, 2, ...")
    """
    __tracebackhide__ = True
    for name, stated in ranges.items():
        x: Any = arguments[name]
        interval = stated.removesuffix(" or None")
        is_recorded = isinstance(x, Protocols) and isinstance(x <= x, Protocols)
        if (x is None and interval != stated) or is_recorded:
            continue
        whole = interval[0] not in "[("
        first, *_, last = interval.strip("[()]").split(", ")
        low, high = float(first), float("inf" if last == "..." else last)
        kind: Any = Integral if whole else (Real, Protocols)
        if not isinstance(x, kind) or isinstance(x, bool):
            raise DataTypeError(f"{name} must be {'one of' if whole else 'in'} {stated}, not {x!r}")
        if not (
            low <= x <= high
            and (x > low or interval[0] != "(")
            and (x < high or interval[-1] != ")")
        ):
            raise ArgumentError(f"{name} must be {'one of' if whole else 'in'} {stated}, not {x!r}")
