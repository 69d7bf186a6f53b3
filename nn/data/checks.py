"""What rows and targets have to be: lists, tuples or arrays, of finite numbers."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Hashable, Mapping, Sequence
from math import isfinite
from typing import Any

from autograd import Value
from autograd.errors import ArgumentError, ChainruleError, DataTypeError
from autograd.extending import UNORDERED, real_number, told


class DataError(ChainruleError, ValueError):
    """Rows, or a file of them, from which nothing can be learned."""


# What to give in the place of other collections, by an attribute that they have.
INSTEAD = {
    "iloc": "its rows have labels: give {0}.to_numpy()",
    "iter_rows": "it is gone through by columns: give {0}.to_numpy()",
    "toarray": "give {0}.toarray()",
    "mask": "masked numbers would count like others: give {0}.filled(...) or rows without them",
    "_fields": "it has parts with names: give one of them, such as its .{1._fields[0]}",
    "__next__": "it can be gone through once: give list({0})",
}


def is_sequence(x: Any) -> bool:
    """Whether x is a list, a tuple, an array or another ordered collection, but no text."""
    if isinstance(x, (list, tuple)):
        return True
    if isinstance(x, (float, Value)):  # as most are
        return False
    others = (str, bytes, bytearray, *UNORDERED)
    if isinstance(x, others) or not (hasattr(x, "__len__") and hasattr(x, "__getitem__")):
        return False
    if getattr(x, "shape", None) == ():
        return False
    return not hasattr(x, "columns")  # a table is gone through by columns, not by rows


def is_text(x: Any) -> bool:
    """Whether x is a text: a str, or a list or a tuple of tokens that can be looked up."""
    return isinstance(x, str) or (
        is_sequence(x) and all(isinstance(token, Hashable) for token in x)
    )


def check_texts(name: str, texts: Any, what: str = "names") -> None:
    """Raise DataTypeError unless these are a list of texts, such as the names of columns."""
    if isinstance(texts, str):
        raise DataTypeError(f"{name} is a list of {what}, not {texts!r}: write [{texts!r}]")
    if not is_sequence(texts) or not all(isinstance(text, str) for text in texts):
        raise DataTypeError(f"{name} is a list of {what}, not {told(texts)}")


def check_rows(name: str, rows: Any, of: str = "rows") -> None:
    """Raise DataTypeError unless these are a list, a tuple or an array of rows or targets."""
    cls = rows.__class__
    if cls is list or cls is tuple:
        return
    what = f"{name} is a list of {of}, not"
    for attribute, advice in INSTEAD.items():
        if hasattr(rows, attribute):
            raise DataTypeError(f"{what} a {cls.__name__}: {advice.format(name, rows)}")
    if not is_sequence(rows):
        raise DataTypeError(f"{what} {told(rows)}")
    if len(rows) and getattr(rows, "ndim", 1) == getattr(rows[0], "ndim", 0):
        raise DataTypeError(f"{what} a {cls.__name__}, whose rows are tables: give {name}.tolist()")


def check_mask(mask: Any) -> list[Any]:
    """Return a mask as 1.0, 0.0 and Values, whose numbers cannot be looked at in a program.

    Raises:
        DataTypeError: It is no list.
        ArgumentError: It has another number than 1 and 0.
    """
    if not is_sequence(mask):
        raise DataTypeError(f"a mask is a list of 1 and 0, one for each step, not {told(mask)}")
    for m in mask:
        if not (isinstance(m, Value) or (isinstance(m, Hashable) and m in (0, 1))):
            raise ArgumentError(f"a mask has 1 for a step and 0 for padding, not {told(m)}")
    return [m if isinstance(m, Value) else float(m) for m in mask]


def not_finite(name: str, part: Any) -> str | None:
    """Say which number of rows is nan or infinite, as in "X[3][0] is nan"; None if none is."""
    if isinstance(part, (str, bytes, Mapping)):
        return None
    if hasattr(part, "__len__") and getattr(part, "shape", None) != ():
        try:
            if all(map(isfinite, part)):
                return None
        except (TypeError, ValueError, OverflowError):
            pass  # lists, texts or whole numbers beyond the floats
        found = (not_finite(f"{name}[{i}]", item) for i, item in enumerate(part))
        return next((where for where in found if where), None)
    try:
        return None if isfinite(part) else f"{name} is {float(part)}"
    except OverflowError:
        return f"{name} is {'inf' if part > 0 else '-inf'}"  # a whole number beyond the floats
    except (TypeError, ValueError):  # no number at all
        return None


def check_finite(X: Sequence[Any], y: Sequence[Any], names: tuple[str, str] = ("X", "y")) -> None:
    """Raise DataError if rows to learn from have a number that is not finite."""
    where = not_finite(names[0], X) or not_finite(names[1], y)
    if where:
        raise DataError(
            f"{where}: nothing can be learned from it, and it would spread to the weights. "
            "Leave the row out, or fill it in as nn.Preparation does"
        )


def check_table(name: str, rows: Any) -> None:
    """Raise DataTypeError unless these are rows of numbers, DataError if one is not finite."""
    check_rows(name, rows)
    for i, row in enumerate(rows):
        if not is_sequence(row):
            raise DataTypeError(f"{name}[{i}] is a list of numbers, not {told(row)}")
        for j, x in enumerate(row):
            if not isfinite(real_number(x, f"{name}[{i}][{j}]")):
                raise DataError(f"{name}[{i}][{j}] is {told(x)}: leave the row out, or fill it in")
