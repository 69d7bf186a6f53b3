"""Modes: who gets the operations of a thread.

An interpreter is an object that gets the operations in the place of the engine.
no_grad, detect_anomaly and the recording of a program are interpreters. A mode
is the `with` block in which a thread has one.

`active` lists the modes of all threads. Usually it is empty, and an operation
looks no further. Whoever goes through it goes through a copy: other threads
enter and leave modes meanwhile. Looking up the thread at every operation would make each a
tenth slower. `active` is never rebound, so the engine imports the list itself:
reaching it through this module would cost an operation 2 % more.

A mode is a lock that its thread holds. The reason is Ctrl-C. Python enters and
leaves `with lock` within one of its instructions, so Ctrl-C comes before or
after. A function of ours in that place could be left half-way, and no_grad would
go on for ever.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from weakref import ref

from .row import Primitive

if TYPE_CHECKING:

    class RLock:
        """What is used of it. Typeshed says that it is final, but it is not."""

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
    # Whether a recorded program may run in the place of its function. The interpreter
    # sees none of the operations of the program.
    programs = True

    @property
    def outer(self) -> "Interpreter":
        """The interpreter of this thread around this one."""
        found = self.outermost
        for r in tuple(active):
            mode = r()
            if mode is not None and mode._is_owned():
                if mode.interpreter is self:
                    break
                found = mode.interpreter
        return found

    def apply(self, op: Primitive, operands: tuple[Any, ...], checked: bool) -> Node:
        """Return the result of op. At least one of the operands is a Value.

        If `checked`, the domain must hold.
        """
        return self.outer.apply(op, operands, checked)

    def read(self, value: Node) -> float:
        """Return the number of a Value whose data is asked for."""
        return self.outer.read(value)

    def compare(self, relation: Callable[[float, float], bool], x: Node, y: Any) -> Any:
        """Return the truth of x < y and its kin."""
        return self.outer.compare(relation, x, y)

    def draw(self, source: Callable[[], float]) -> Any:
        """Return a random number, source()."""
        return self.outer.draw(source)

    def written(self, values: Sequence[Node]) -> None:
        """Hear that the data of these leaves is about to be set."""
        self.outer.written(values)

    def shown(self, value: Node) -> None:
        """Hear that the text of a Value was asked for, which has its number."""
        self.outer.shown(value)

    def refused(self, error: Exception) -> None:
        """Hear that what this thread does was refused, by an error that is about to be raised."""
        self.outer.refused(error)

    def pulls(self, node: Node, g: float) -> None:
        """Hear, in reverse mode, that a node is about to pass its gradient g on.

        At the end leaves are heard of, whose gradient is all there.
        """
        self.outer.pulls(node, g)

    def pushes(self) -> None:
        """Hear that forward mode is about to take a derivative."""
        self.outer.pushes()

    def pushed(self, roots: Sequence[Any], tangents: Mapping[Node, Any]) -> None:
        """Hear the tangents of all that moves, when forward mode has reached the roots."""
        self.outer.pushed(roots, tangents)

    def pulled(self, cotangents: Any, wrt: Any) -> Any:
        """Return the result of reverse mode as a graph, or None if this has no quicker way."""
        return None


class _Mode(RLock):
    """A lock that stands in a list while it exists: `active` or `_derivatives`."""

    def __new__(cls, known: "list[ref[Any]]", *_: Any) -> "_Mode":
        self = super().__new__(cls)
        known.append(ref(self, known.remove))
        return self


class Interpreting(_Mode):
    """The mode in which an interpreter gets the operations of this thread.

    As a decorator it enters a mode of its own at every call.
    """

    def __init__(self, known: "list[ref[Any]]", interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def __call__(self, function: Function) -> Function:
        """Return the function, within such a mode."""
        interpreter = self.interpreter  # this mode itself is to end

        @functools.wraps(function)
        def within_mode(*args: Any, **options: Any) -> Any:
            with interpreting(interpreter, interpreter.outermost):
                return function(*args, **options)

        return within_mode  # type: ignore[return-value]


class _Differentiating(_Mode):
    """The mode in which a derivative with respect to these arguments is taken."""

    def __init__(self, known: "list[ref[Any]]", arguments: Iterable[Node]) -> None:
        self.arguments = frozenset(arguments)


active: "list[ref[Interpreting]]" = []
_derivatives: "list[ref[_Differentiating]]" = []
_M = TypeVar("_M", bound=_Mode)


def _held(modes: "list[ref[_M]]") -> "list[_M]":
    """Return the modes that this thread is in, the innermost last."""
    return [mode for r in [*modes] if (mode := r()) is not None and mode._is_owned()]


def _forget_other_threads() -> None:
    """Forget the modes of threads that a forked process does not have."""
    active[:] = [ref(mode, active.remove) for mode in _held(active)]
    _derivatives[:] = [ref(mode, _derivatives.remove) for mode in _held(_derivatives)]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)


def current() -> Interpreter | None:
    """Return the interpreter of this thread, or None."""
    for r in reversed(tuple(active)):
        mode = r()
        if mode is not None and mode._is_owned():
            return mode.interpreter
    return None


def programs() -> bool:
    """Return whether all interpreters of this thread let recorded programs run."""
    return all(mode.interpreter.programs for mode in _held(active))


def differentiated() -> frozenset[Node]:
    """Return the arguments of all derivatives that this thread is taking."""
    if not _derivatives:
        return frozenset()
    return frozenset().union(*[mode.arguments for mode in _held(_derivatives)])


def deriving() -> bool:
    """Return whether a derivative taken now may be differentiated again."""
    return bool(_derivatives and _held(_derivatives))


def differentiating(arguments: Iterable[Node]) -> _Differentiating:
    """Return the mode in which these are arguments of a derivative."""
    return _Differentiating(_derivatives, arguments)


def interpreting(interpreter: Interpreter, outermost: Interpreter) -> Interpreting:
    """Return the mode in which the interpreter gets this thread's operations.

    What it leaves alone goes to the interpreter that was active before, and in
    the end to `outermost`.
    """
    interpreter.outermost = outermost
    return Interpreting(active, interpreter)
