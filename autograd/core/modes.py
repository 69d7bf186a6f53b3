"""Modes: a thread's operations handed to an interpreter instead of being recorded at once.

no_grad, anomaly detection and the recording of a program are interpreters. A thread's interpreter is looked up only when `active`, the
interpreters of all threads, is not empty: a look-up by thread at every operation would cost a tenth of it. `active` is one list for good, so
that the engine can hold it under a name of its own: finding a number in this module would cost an operation 2 % more.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .row import Primitive
    from .value import Operand, Value

active: "list[Interpreter]" = []


class Interpreter:
    """What happens to operations within `interpreting(it)`. What a subclass does not change goes to the interpreter outside it."""

    outer: "Interpreter"
    programs = True  # whether a recorded program, none of whose operations it sees, may run in the place of its function

    def apply(self, op: "Primitive", operands: "tuple[Operand, ...]", checked: bool) -> "Value":
        """The result of op on operands, at least one of which is a Value; with checked, its domain must hold."""
        return self.outer.apply(op, operands, checked)

    def read(self, value: "Value") -> float:
        """The number of a Value whose data is asked for."""
        return self.outer.read(value)

    def compare(self, relation: Callable[[float, float], bool], x: "Value", y: "Operand") -> Any:
        """The truth of x < y and its kin."""
        return self.outer.compare(relation, x, y)

    def draw(self, source: Callable[[], float]) -> "Operand":
        """A number from a source of chance."""
        return self.outer.draw(source)

    def pulls(self, node: "Value", g: float) -> None:
        """Called in reverse mode before node passes its gradient g on."""
        self.outer.pulls(node, g)


class _Thread(threading.local):
    interpreter: Interpreter | None = None
    differentiated: "frozenset[Value]" = frozenset()


_thread = _Thread()


def current() -> Interpreter | None:
    """The interpreter of this thread, if any."""
    return _thread.interpreter


def programs() -> bool:
    """Whether a recorded program may run in the place of its function in this thread: all its interpreters allow it."""
    interpreter = _thread.interpreter
    while interpreter is not None and interpreter.programs:
        interpreter = getattr(interpreter, "outer", None)
    return interpreter is None


def differentiated() -> "frozenset[Value]":
    """The arguments of the derivatives being taken in this thread, outermost and nested."""
    return _thread.differentiated


def deriving() -> bool:
    """Whether a derivative taken now may be differentiated again."""
    return bool(_thread.differentiated)


@contextmanager
def differentiating(arguments: "Iterable[Value]") -> Iterator[None]:
    """Within it, these are arguments of a derivative."""
    before = _thread.differentiated
    _thread.differentiated = before.union(arguments)
    try:
        yield
    finally:
        _thread.differentiated = before


@contextmanager
def interpreting(interpreter: Interpreter, outermost: Interpreter) -> Iterator[None]:
    """Hand this thread's operations to interpreter; what it leaves alone goes to the one active so far or, at the end, to outermost."""
    before = _thread.interpreter
    interpreter.outer = before or outermost
    active.append(interpreter)
    _thread.interpreter = interpreter
    try:
        yield
    finally:
        _thread.interpreter = before
        active.remove(interpreter)
