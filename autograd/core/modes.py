"""Modes: a thread's operations handed to an interpreter instead of being recorded at once.

no_grad, anomaly detection and the recording of a program are interpreters. A
thread's interpreter is looked up only when `active`, the interpreters of all
threads, is not empty: a look-up by thread at every operation would cost a tenth
of it. `active` is one list for good, so that the engine can hold it under a
name of its own: finding a number in this module would cost an operation 2 %
more.

A mode is in effect while its thread holds it. It is a lock, because `with`
takes and gives back a lock within one instruction of the interpreter of Python:
Ctrl-C comes before or after, never between. A function of ours in that place
could be left half-way, and no_grad would go on for ever.
"""

import functools
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from weakref import ref

from .row import Primitive

if TYPE_CHECKING:

    class RLock:  # as far as it is used: typeshed calls it final, although it may be inherited from
        def __enter__(self) -> bool: ...
        def __exit__(self, *error: object) -> None: ...
        def _is_owned(self) -> bool: ...
else:
    from _thread import RLock

Node: TypeAlias = Any  # a Value: `value.py` stands on this file
Function = TypeVar("Function", bound=Callable[..., Any])


class Interpreter:
    """What happens to operations within `with interpreting(it)`.

    What a subclass does not change goes to the interpreter outside it.
    """

    outermost: "Interpreter"
    programs = True  # whether a recorded program, none of whose operations it sees, may run in the place of its function

    @property
    def outer(self) -> "Interpreter":
        """The interpreter of this thread around this one."""
        found = self.outermost
        for r in active:
            mode = r()
            if mode is not None and mode._is_owned():
                if mode.interpreter is self:
                    break
                found = mode.interpreter
        return found

    def apply(self, op: Primitive, operands: tuple[Any, ...], checked: bool) -> Node:
        """The result of op on operands, at least one of which is a Value; with checked, its domain must hold."""
        return self.outer.apply(op, operands, checked)

    def read(self, value: Node) -> float:
        """The number of a Value whose data is asked for."""
        return self.outer.read(value)

    def compare(self, relation: Callable[[float, float], bool], x: Node, y: Any) -> Any:
        """The truth of x < y and its kin."""
        return self.outer.compare(relation, x, y)

    def draw(self, source: Callable[[], float]) -> Any:
        """A number from a source of chance."""
        return self.outer.draw(source)

    def pulls(self, node: Node, g: float) -> None:
        """Called in reverse mode before node passes its gradient g on."""
        self.outer.pulls(node, g)


class _Mode(RLock):
    """A lock that stands in a list, `active` or `_derivatives`, for as long as it exists."""

    def __new__(cls, known: "list[ref[Any]]", *_: Any) -> "_Mode":
        self = super().__new__(cls)
        known.append(ref(self, known.remove))
        return self


class Interpreting(_Mode):
    """The mode in which an interpreter gets this thread's operations; also a decorator, which enters a mode of its own at every call."""

    def __init__(self, known: "list[ref[Any]]", interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def __call__(self, function: Function) -> Function:
        interpreter = self.interpreter  # this mode itself is to end

        @functools.wraps(function)
        def within(*args: Any, **options: Any) -> Any:
            with interpreting(interpreter, interpreter.outermost):
                return function(*args, **options)

        return within  # type: ignore[return-value]


class _Differentiating(_Mode):
    def __init__(self, known: "list[ref[Any]]", arguments: Iterable[Node]) -> None:
        self.arguments = frozenset(arguments)


active: "list[ref[Interpreting]]" = []
_derivatives: "list[ref[_Differentiating]]" = []
_M = TypeVar("_M", bound=_Mode)


def _held(modes: "list[ref[_M]]") -> "list[_M]":
    """The modes that this thread is in, the innermost last."""
    return [mode for r in [*modes] if (mode := r()) is not None and mode._is_owned()]


def _forget_other_threads() -> None:
    """In a forked process there is only the thread that forked: no other will ever leave its modes."""
    active[:] = [ref(mode, active.remove) for mode in _held(active)]
    _derivatives[:] = [ref(mode, _derivatives.remove) for mode in _held(_derivatives)]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)


def current() -> Interpreter | None:
    """The interpreter of this thread, if any."""
    for r in reversed(active):
        mode = r()
        if mode is not None and mode._is_owned():
            return mode.interpreter
    return None


def programs() -> bool:
    """Whether a recorded program may run in the place of its function in this thread: all its interpreters allow it."""
    return all(mode.interpreter.programs for mode in _held(active))


def differentiated() -> frozenset[Node]:
    """The arguments of the derivatives being taken in this thread, outermost and nested."""
    return frozenset().union(*[mode.arguments for mode in _held(_derivatives)])


def deriving() -> bool:
    """Whether a derivative taken now may be differentiated again."""
    return bool(_derivatives and _held(_derivatives))


def differentiating(arguments: Iterable[Node]) -> _Differentiating:
    """Within it, these are arguments of a derivative."""
    return _Differentiating(_derivatives, arguments)


def interpreting(interpreter: Interpreter, outermost: Interpreter) -> Interpreting:
    """Hand this thread's operations to interpreter; what it leaves alone goes to the one active so far or, at the end, to outermost."""
    interpreter.outermost = outermost
    return Interpreting(active, interpreter)
