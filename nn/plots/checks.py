"""What a chart is given: names and numbers, checked before anything is drawn."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import real_number, told

from ..data.checks import is_sequence

Function = Callable[[Any], Any]  # of a number or of a row
Functions = Mapping[str, Function]  # by the words of the legend
Curves = Mapping[str, Sequence[float]]  # by the words of the legend
Rows = Sequence[Sequence[float]]

LARGEST = 1e250  # beyond it the margins of an axis overflow, and numbers are drawn as infinite


def check_words(**words: Any) -> None:
    """Raise DataTypeError unless these arguments are texts."""
    for name, text in words.items():
        if not isinstance(text, str):
            raise DataTypeError(f"{name} is a text, not {told(text)}")


def entries_of(named: Mapping[str, Any], such_as: str) -> list[tuple[str, Any]]:
    """Return the names and what they name.

    Args:
        named: What a chart was given.
        such_as: What it may be given, for a message.
    """
    if not isinstance(named, Mapping) or not named:
        raise DataTypeError(
            f"this chart takes a mapping from the words of its legend, as {such_as}, "
            f"not {told(named)}"
        )
    return [(str(name), given) for name, given in named.items()]


def number_of(x: Any) -> float:
    """Return a number or the data of a Value. What is too large to be drawn is infinite."""
    number = x.data if isinstance(x, Value) else real_number(x, "a chart")
    return number if not abs(number) > LARGEST else math.copysign(math.inf, number)


def numbers_of(values: Any, name: str) -> list[float]:
    """Return a list of numbers, at least one."""
    if not is_sequence(values):
        raise DataTypeError(f"{name!r} is a list of numbers, not {told(values)}")
    if not len(values):
        raise LengthError(f"{name!r} is an empty list: there is nothing to draw")
    try:
        return [number_of(x) for x in values]
    except (TypeError, ValueError) as error:
        raise DataTypeError(f"{name!r} is a list of numbers: {error}") from None


def table_of(rows: Any, name: str) -> list[list[float]]:
    """Return rows of numbers, at least one."""
    if not is_sequence(rows):
        raise DataTypeError(f"{name} takes rows of numbers, not {told(rows)}")
    if not len(rows):
        raise LengthError(f"{name} was given no row: there is nothing to draw")
    return [numbers_of(row, f"row {i} of {name}") for i, row in enumerate(rows)]


def check_drawable(numbers: Sequence[float], name: str) -> None:
    """Raise ArgumentError for a number that has no place in a plane."""
    for x in numbers:
        if not math.isfinite(x):
            raise ArgumentError(f"{name} has {x}, which has no place: leave it out")


def rows_of(X: Any, n: int, name: str) -> list[list[float]]:
    """Return rows of `n` features."""
    table = table_of(X, name)
    for i, row in enumerate(table):
        if len(row) != n:
            remedy = ": choose two columns" if n == 2 and len(row) > 2 else ""
            numbers = "1 number" if n == 1 else f"{n} numbers"
            raise LengthError(f"{name} takes rows of {numbers}; row {i} has {len(row)}{remedy}")
    return table


def places_of(X: Any, n: int, name: str) -> list[list[float]]:
    """Return rows of `n` features that all have a place in a chart."""
    rows = rows_of(X, n, name)
    for i, row in enumerate(rows):
        check_drawable(row, f"{name}: row {i} of X, {told(row)},")
    return rows


def check_targets(rows: list[list[float]], targets: Sequence[Any]) -> None:
    """Raise LengthError unless every row has a target."""
    if len(rows) != len(targets):
        raise LengthError(f"{len(rows)} rows and {len(targets)} targets: every row has one target")


def labels_of(y: Any, rows: list[list[float]], count: int | None) -> list[int]:
    """Return the classes of the rows: whole numbers below `count`."""
    if is_sequence(y) and (texts := [x for x in y if isinstance(x, str)]):
        raise DataTypeError(
            f"y is a list of classes as whole numbers 0, 1, ..., and {told(texts[0])} is a text: "
            "write [classes.index(t) for t in y], where classes = sorted(set(y))"
        )
    labels = numbers_of(y, "y")
    check_targets(rows, labels)
    most = math.inf if count is None else count
    for i, label in enumerate(labels):
        if not (label >= 0 and label.is_integer() and label < most):
            there = "" if count is None else f"; there are {count} classes"
            raise ArgumentError(
                f"y[{i}] is {label:g}, and a class is one of the whole numbers 0, 1, ...{there}"
            )
    return [int(label) for label in labels]


def names_of(
    names: Any, count: int | None = None, what: str = "classes", argument: str = ""
) -> list[str]:
    """Return the names of classes or their like, none or `count` if that is given."""
    argument = argument or what
    if not is_sequence(names):
        raise DataTypeError(f"{argument} is a list of names, not {told(names)}")
    if count is not None and len(names) not in (0, count):
        word = "titles" if argument == "titles" else "names"
        raise LengthError(f"{len(names)} {word} for {count} {what}")
    return [name if isinstance(name, str) else told(name) for name in names]
