"""Change many Values at once: all of them, or none.

Training changes hundreds of numbers in one step. An interrupt (Ctrl-C) between
two of them would leave parameters of different steps. Python looks for
interrupts only between the instructions of Python code. So each function here
first prepares everything, and then makes all changes in one call of a function
written in C.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from operator import attrgetter
from typing import Any

from ..errors import GraphError, LengthError
from . import modes, value
from .arguments import real_number
from .row import LEAF
from .value import Value, _Labelled


def at_once(*passes: Iterable[Any]) -> None:
    """Run through iterators in one call of C; no interrupt can come between.

    Args:
        passes: Iterators that run no Python code, such as
            `map(setattr, values, repeat("_data"), numbers)`.
    """
    deque(chain.from_iterable(passes), maxlen=0)


def assign(values: Sequence[Value], numbers: Iterable[float]) -> None:
    """Set the data of leaves, all or none.

    A graph that was made from one of the old numbers then refuses to run
    backward, as after `value.data = number`.

    Raises:
        DataTypeError: A number is not real.
        GraphError: A Value is not a leaf.
        LengthError: There are not as many numbers as Values.
    """
    new = _real(values, numbers, "Value.data")
    if set(map(attrgetter("_primitive"), values)) - {LEAF}:
        node = next(v for v in values if v._primitive is not LEAF)
        raise GraphError(
            f"the data of {node!r} is the result of {node._primitive.name}: "
            "change the leaves and compute it again"
        )
    if modes.active and (interpreter := modes.current()) is not None:
        interpreter.written(values)
    ages = list(map(attrgetter("_born"), values))
    now = next(value.clock)
    changed: Iterable[int] = repeat(now)
    if set(map(type, ages)) != {int}:
        labels = [getattr(age, "label", None) for age in ages]
        changed = [now if label is None else _Labelled(now, label) for label in labels]
    value.changed = now
    at_once(
        map(setattr, values, repeat("_data"), new),
        map(setattr, values, repeat("_born"), changed),
    )


def assign_grads(values: Sequence[Value], grads: Iterable[float]) -> None:
    """Set the grads of Values, all or none.

    Raises:
        DataTypeError: A grad is not a real number.
        LengthError: There are not as many grads as Values.
    """
    at_once(map(setattr, values, repeat("_grad"), _real(values, grads, "Value.grad")))


def _real(values: Sequence[Value], numbers: Iterable[float], what: str) -> list[float]:
    """The numbers as floats, one for each Value."""
    found = list(numbers)
    if len(found) != len(values):
        raise LengthError(f"{len(values)} Values take as many numbers, not {len(found)}")
    if set(map(type, found)) == {float}:
        return found
    return [real_number(x, what) for x in found]
