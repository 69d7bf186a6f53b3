"""rowwise: a part of a model applied to many rows, recorded once for all of them."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable
from contextvars import ContextVar
from itertools import chain
from typing import Any

from autograd import Value
from autograd.extending import leaves, rebuild, recording, side_by_side

from .module import Module, is_own

# Whether the model that is applied now, and so all its parts, are nn's own.
_inside: ContextVar[bool] = ContextVar("inside", default=False)


def each(part: Module, *columns: Iterable[Any]) -> list[Any]:
    """Return [part(*row) for row in zip(*columns)].

    While jit records, a part that is nn's own is recorded once for all rows of
    the same structure: it is a function of its row and of its parameters.
    """
    rows = list(zip(*columns, strict=True))
    if not (recording() and (_inside.get() or is_own(part))):
        return [part(*row) for row in rows]
    forms: dict[Any, tuple[int, Any]] = {}  # by structure: its number, and a row that has it
    flat: list[list[Any]] = []
    for row in rows:
        lists = [x.tolist() if hasattr(x, "tolist") else x for x in row]
        number, _ = forms.setdefault(_form(lists), (len(forms), lists))
        flat.append([number, *leaves(lists)])
    classes = set(map(type, chain.from_iterable(flat)))
    if not all(issubclass(cls, Value | float | int) for cls in classes):
        return [part(*row) for row in rows]
    examples = [example for _, example in forms.values()]
    token = _inside.set(True)
    try:
        return side_by_side(
            lambda number, *xs: part(*rebuild(examples[number], xs)), flat, used=None
        )
    finally:
        _inside.reset(token)


def _form(x: Any) -> Any:
    """The structure of a row: lists in lists, whatever the numbers."""
    if isinstance(x, Value):  # as most are
        return None
    if isinstance(x, dict):
        return x.__class__, tuple(x), *map(_form, x.values())
    return (x.__class__, *map(_form, x)) if isinstance(x, list | tuple) else None
