"""Whether a function of Python's `math` was given a Value, and so cuts its graph.

`math.tanh(v)` asks v for its number, as float(v) does, and gives a plain one. The
two are told apart by the instruction that calls: what it calls was loaded before.
`map(math.tanh, vs)` asks later, when something takes its items: the last call
before that is the one of `map`.

Instructions differ between versions of Python. CPython 3.10 to 3.14 were tried.
Where the instructions are not understood there is no warning, and no error.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import builtins
import dis
import os
import warnings
from collections.abc import Iterator
from contextlib import suppress
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import CutGraphWarning
from .row import PRIMITIVES

# What to write for functions that have another name here, or none.
_INSTEAD = {
    "fabs": "autograd.abs",
    "fsum": "autograd.sum",
    "sumprod": "autograd.dot",
    "dist": "autograd.norm of the differences",
    "exp2": "2.0 ** x",
    "ldexp": "x * 2.0 ** n",
    "fmod": "x % y",
    "remainder": "x % y",
    "radians": "x * (math.pi / 180.0)",
    "degrees": "x * (180.0 / math.pi)",
    "gamma": "a row of your own, autograd.primitive",
    "lgamma": "a row of your own, autograd.primitive",
}
_NAMES = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_DEREF")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_NO_VALUE = ("PRECALL", "PUSH_NULL", "CACHE", "NOP", "EXTENDED_ARG", "KW_NAMES")
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_LIBRARIES = (os.path.dirname(os.__file__), "site-packages", "dist-packages")

Instructions = list[dis.Instruction]

# For a code and a place in it: the instructions before, up to the load of what is
# called there, and the same for the last call before.
_found: "WeakKeyDictionary[CodeType, dict[int, tuple[Instructions, Instructions]]]" = (
    WeakKeyDictionary()
)
_NOT_UNDERSTOOD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def warn_if_cut(frame: FrameType) -> None:
    """Warn, once a line, if the frame calls a function of `math` that has a derivative."""
    function = _called(frame)
    if not _is_of_math(function):
        return
    name = function.__name__
    op = PRIMITIVES.get(name)
    if name not in _INSTEAD and (op is None or (op.constants and not any(op.constants))):
        return  # nothing is lost: floor and ceil have the derivative 0
    code = frame.f_code
    if any(library in code.co_filename for library in _LIBRARIES):
        return  # no line that the user can change
    instead = _INSTEAD.get(name, f"autograd.{name}")
    with suppress(OSError, ValueError):  # a stderr that is closed
        warnings.warn_explicit(
            f"math.{name} takes a Value for its number and gives a plain one: no gradient flows "
            f"through it. Write {instead}, or {name}(x.data) if it is meant.",
            CutGraphWarning,
            code.co_filename,
            frame.f_lineno,
            module=frame.f_globals.get("__name__", ""),
            registry=frame.f_globals.setdefault("__warningregistry__", {}),
        )


def _is_of_math(function: Any) -> bool:
    """Whether it is a function of `math`."""
    return isinstance(function, BuiltinFunctionType) and function.__module__ == "math"


def _called(frame: FrameType) -> Any:
    """The function that the frame is calling, also by `map`; None where it is not known."""
    known = _found.setdefault(frame.f_code, {})
    place = frame.f_lasti
    try:
        if place not in known:
            known[place] = [], []
            known[place] = _before(frame.f_code, place)
        call, last = known[place]
        function = _loaded(call, frame)[0] if call else None
        if _is_of_math(function):
            return function
        outer = frame.f_back
        if not last and outer is not None and frame.f_code.co_name in _COMPREHENSIONS:
            return _mapped(_before(outer.f_code, outer.f_lasti)[1], outer)
        return _mapped(last, frame)
    except _NOT_UNDERSTOOD:
        return None


def _before(code: CodeType, place: int) -> tuple[Instructions, Instructions]:
    """The instructions up to the load of what a place calls, and up to the last call before."""
    before = [i for i in dis.get_instructions(code) if i.offset <= place]
    call = _to_function(before) if before and before[-1].opname.startswith("CALL") else []
    before.pop()
    while before:  # a call of `zip`, or of a generator expression, passes items on
        last = before[-1]
        if last.opname.startswith("CALL"):
            function = [i for i in _to_function(before) if i.opname not in _NO_VALUE]
            passes = function and (
                function[-1].opname in ("MAKE_FUNCTION", "GET_ITER")
                or function[-1].argval in ("zip", "enumerate")
            )
            if not passes:
                return call, before
        elif last.opname.startswith(("STORE", "RETURN", "POP_TOP", "JUMP")):
            break
        before.pop()
    return call, []


def _to_function(before: Instructions) -> Instructions:
    """Leave out the call at the end and its arguments.

    Going back from the call, the effects of the instructions on the stack add up to
    the number of arguments where the last of them has been loaded.
    """
    before = before.copy()
    call = before.pop()
    if call.opname == "CALL_FUNCTION_EX":
        wanted = 1 + (1 if call.arg is None else call.arg & 1)
    elif call.arg is None:
        return []
    else:
        wanted = call.arg + (call.opname == "CALL_KW" or call.opname == "CALL_FUNCTION_KW")
    if before and before[-1].opname == "PRECALL":  # a part of this call
        before.pop()
    follower = ""
    while before and wanted > 0:
        last = before.pop()
        if last.opname == "END_FOR":  # a comprehension: all that its loop leaves is no iterator
            while before.pop().argval != last.offset:
                pass
            wanted += follower not in ("POP_TOP", "POP_ITER")
            continue
        follower = last.opname
        if last.opcode in dis.hasjrel or last.opcode in dis.hasjabs:
            return []
        if last.opname not in ("CACHE", "EXTENDED_ARG"):
            wanted -= dis.stack_effect(last.opcode, last.arg)
    return [] if wanted else before


def _loaded(before: Instructions, frame: FrameType) -> tuple[Any, Instructions]:
    """The object that the last instructions load, and the instructions before them."""
    before = [i for i in before if i.opname not in _NO_VALUE]
    last = before.pop()
    if last.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
        return last.argval, before
    if last.opname in _NAMES:
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if last.argval in names:
                return names[last.argval], before
    if last.opname in _ATTRIBUTES:
        found, before = _loaded(before, frame)
        for names in _attributes(found):
            if last.argval in names:
                function = names[last.argval]
                return getattr(function, "__func__", function), before
    if last.opname == "BINARY_SUBSCR" or last.argrepr == "[]":
        key, before = _loaded(before, frame)
        found, before = _loaded(before, frame)
        items: Any = found
        if found.__class__ in (dict, list, tuple) and key.__class__ in (str, int):
            return items[key], before
    raise LookupError(last.opname)


def _attributes(found: Any) -> Iterator[Any]:
    """The attributes of an object and of its classes, without running its code."""
    yield object.__getattribute__(found, "__dict__")
    for cls in type(found).__mro__:
        yield vars(cls)


def _mapped(before: Instructions, frame: FrameType) -> Any:
    """The function that a call of `map` at the end applies; None for another call."""
    function = _to_function(before) if before else []
    if not function or _loaded(function, frame)[0] is not map:
        return None
    arguments = [i for i in before[len(function) : -1] if i.opname not in _NO_VALUE]
    if arguments[-1].opname.startswith("CALL"):  # its items come from another call
        while not before[-2].opname.startswith("CALL"):
            before = before[:-1]
        if _mapped(before[:-1], frame) is float:
            return None
    size = 2 if arguments[1].opname in _ATTRIBUTES else 1
    return _loaded(arguments[:size], frame)[0]
