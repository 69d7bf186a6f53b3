"""Whether a function of Python's `math` was given a Value, and so cuts its graph.

`math.tanh(v)` asks v for its number, as float(v) does, and gives a plain one. The
two are told apart by the instruction that calls: it names the function.

Instructions differ between versions of Python. CPython 3.10 to 3.13 were tried.
Where the instructions are not understood there is no warning, and no error.
"""

import dis
import math
import os
import warnings
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import CutGraphWarning
from .row import PRIMITIVES

_OTHER_NAMES = {"fabs": "abs", "fsum": "sum", "sumprod": "dot"}
_NAMES = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_DEREF")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_NO_VALUE = ("PRECALL", "PUSH_NULL", "CACHE", "NOP", "EXTENDED_ARG", "KW_NAMES")
_LIBRARIES = (os.path.dirname(os.__file__), "site-packages", "dist-packages")

# The instructions of a call that load the function: by code, and place of the call.
_found: "WeakKeyDictionary[CodeType, dict[int, list[dis.Instruction]]]" = WeakKeyDictionary()


def warn_if_cut(frame: FrameType) -> None:
    """Warn, once a line, if the frame calls a function of `math` that has a row."""
    function = _called(frame)
    if not isinstance(function, BuiltinFunctionType) or function.__module__ != "math":
        return
    name = _OTHER_NAMES.get(function.__name__, function.__name__)
    op = PRIMITIVES.get(name)
    if op is None or (op.constants and not any(op.constants)):
        return  # nothing is lost: floor and ceil have the derivative 0
    code = frame.f_code
    if any(library in code.co_filename for library in _LIBRARIES):
        return  # no line that the user can change
    warnings.warn_explicit(
        f"math.{function.__name__} takes a Value for its number and gives a plain one: no gradient "
        f"flows through it. Write autograd.{name}, or {function.__name__}(x.data) if it is meant.",
        CutGraphWarning,
        code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", ""),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _called(frame: FrameType) -> Any:
    """The function that the frame is calling, or None where it is not named."""
    known = _found.setdefault(frame.f_code, {})
    if frame.f_lasti not in known:
        try:
            known[frame.f_lasti] = _loads(frame.f_code, frame.f_lasti)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            known[frame.f_lasti] = []  # dis does not know these instructions
    loads = known[frame.f_lasti]
    if not loads:
        return None
    for names in (frame.f_locals, frame.f_globals):
        if loads[0].argval in names:
            found = names[loads[0].argval]
            break
    else:
        return None
    if len(loads) == 2:
        return getattr(found, loads[1].argval, None) if found is math else None
    return found


def _loads(code: CodeType, place: int) -> list[dis.Instruction]:
    """The loads of `f` or `math.f` for the call at a place.

    Going back from the call, the effects of the instructions on the stack add up to
    the number of arguments where the last of them has been loaded.
    """
    before = [i for i in dis.get_instructions(code) if i.offset <= place]
    if not before or not before[-1].opname.startswith("CALL") or before[-1].arg is None:
        return []
    wanted = before.pop().arg or 0
    while before and wanted > 0:
        last = before.pop()
        if last.opname not in ("PRECALL", "CACHE", "EXTENDED_ARG"):
            if last.opcode in dis.hasjrel or last.opcode in dis.hasjabs:
                return []
            wanted -= dis.stack_effect(last.opcode, last.arg)
    before = [i for i in before if i.opname not in _NO_VALUE]
    if wanted or not before:
        return []
    if before[-1].opname in _NAMES:
        return before[-1:]
    named = before[-1].opname in _ATTRIBUTES and before[-2:-1] and before[-2].opname in _NAMES
    return before[-2:] if named else []
