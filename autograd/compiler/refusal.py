"""refusal: where in the user's program stands what cannot be recorded."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import inspect
import linecache
import os
import sys
import sysconfig
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NoReturn, TypeVar

from ..core import modes
from ..errors import (
    ChainruleError,
    DataTypeError,
    RecordingError,
    RecordingWarning,
    RenamedError,
)
from ..tracebacks import ending_at_caller

Result = TypeVar("Result")

MANY = 32  # recordings of one function after which a warning says why
_PLACE = Path(__file__).parents[2]
_OWN = ("<frozen ", *[str(_PLACE / package) + os.sep for package in ("autograd", "nn")])
_RECORDS = str(Path(__file__).with_name("record.py"))
_CALLS = str(Path(__file__).with_name("call.py"))
# What asks for a text to show it, and for nothing else: modules of Python's own and
# packages that write tracebacks or are debuggers,
_SHOWING = frozenset(("bdb", "pdb", "traceback", "cgitb"))
_DEBUGGERS = ("IPython", "_pytest", "ipdb", "pudb", "pydevd", "_pydevd_bundle", "debugpy")
# and functions of this library, which go on whatever is refused meanwhile.
_GOING_ON = (("autograd.core.arguments", "told"), ("nn.module", "current"))
_PYTHONS = os.path.join(sysconfig.get_path("stdlib"), "")
_INSTALLED = tuple(os.path.join(sysconfig.get_path(x), "") for x in ("purelib", "platlib"))


def is_users(filename: str) -> bool:
    """Whether a file is neither of this library nor of Python's own."""
    if filename.startswith(_OWN):
        return False
    return filename.startswith(_INSTALLED) or not filename.startswith(_PYTHONS)


def is_installed(filename: str) -> bool:
    """Whether a file is of an installed package."""
    return filename.startswith(_INSTALLED)


@cache
def of_users(filename: str) -> bool | None:
    """As `is_users`; None for a file of Python's own, which works for those that call it.

    While jit records, call.py calls nothing but the user's function, which may be of C.
    """
    if filename == _CALLS:
        return True
    if filename.startswith(("<frozen ", _PYTHONS)) and not filename.startswith(_INSTALLED):
        return None
    return is_users(filename)


def asked_by_user(frame: FrameType) -> bool:
    """Whether a frame is of the user's code, or of what that has called of Python's library."""
    here: FrameType | None = frame
    while here is not None:
        users = of_users(here.f_code.co_filename)
        if users is not None:
            return users
        here = here.f_back
    return False


def text_is_kept(frame: FrameType) -> bool:
    """Whether a text that a frame asks for is the user's, who may compute with it."""
    return asked_by_user(frame) and not _only_shown(frame)


def _only_shown(frame: FrameType) -> bool:
    """Whether a debugger, a traceback or a message asks for what a frame of a recording does."""
    here: FrameType | None = frame
    while here is not None:
        name, code = str(here.f_globals.get("__name__", "")), here.f_code
        if code.co_filename == _RECORDS and code.co_name == "_recorded":
            return False
        if name in _SHOWING or name.startswith(_DEBUGGERS) or (name, code.co_name) in _GOING_ON:
            return True
        here = here.f_back
    return False


def line_of(frame: FrameType) -> str:
    """The file and the line of the user's that a frame was called from.

    A line of an installed package, such as NumPy, is taken only where the recorded
    function has no line of its own.
    """
    here: FrameType | None = frame
    found: FrameType | None = None
    while here is not None and not (found and here.f_code.co_filename == _RECORDS):
        if is_written(here):
            found = found or here
            if not is_installed(here.f_code.co_filename):
                found = here
                break
        here = here.f_back
    found = found or frame
    return f"{found.f_code.co_filename}:{found.f_lineno}"


def is_written(frame: FrameType) -> bool:
    """Whether the user wrote a function: dataclasses and named tuples make theirs themselves."""
    code = frame.f_code
    made = code.co_filename == "<string>" and (
        code.co_name.startswith("__")
        or str(frame.f_globals.get("__name__", "")).startswith("namedtuple_")
    )
    return not made and is_users(code.co_filename)


def refuse(what: str, remedy: str, recording: modes.Interpreter | None = None) -> NoReturn:
    """Raise RecordingError with the line of the user's that asked for it.

    The recording, by default that of this thread, raises it again at its end if the
    user's code goes on. What a debugger or a traceback asks for is no part of it.
    """
    asking = sys._getframe(1)
    line = line_of(asking)
    error = RecordingError(f"{what} at {line}, while jit records: {remedy}")
    error._line = line
    _note(error, asking, recording)
    try:
        raise error
    finally:
        del error  # its traceback holds this frame


def _note(
    error: RecordingError, asking: FrameType, recording: modes.Interpreter | None = None
) -> None:
    """Let a recording hear of a refusal."""
    recording = recording or modes.current()
    if recording is not None and not _only_shown(asking):
        recording.refused(error)


def refuse_left(what: str) -> NoReturn:
    """The same for a Value that a recorded function has left outside, where it is used later."""
    asking = sys._getframe(1)
    error = RecordingError(
        f"{what} at {line_of(asking)}: jit has recorded the function that set it "
        "outside itself. There it has no number, and a replay does not set it again: return "
        "it from the jitted function, or compute it outside"
    )
    _note(error, asking)
    try:
        raise error
    finally:
        del error  # its traceback holds this frame


def refuse_choice(recording: modes.Interpreter) -> NoReturn:
    """Refuse a condition known only at replay, in the words of the user's statement."""
    file, _, line = line_of(sys._getframe(1)).rpartition(":")
    what, remedy = _CHOICES[_choice_at(file, int(line))]
    refuse(f"{what} known only at replay", remedy, recording)


_CHOICES: dict[type[ast.AST] | None, tuple[str, str]] = {
    ast.While: (
        "while with a condition",
        "run a loop of fixed length, for k in range(n), with x = where(condition, new, x) in it",
    ),
    ast.Assert: (
        "assert with a condition",
        "return the Value and check it outside, or check the argument before the call",
    ),
    ast.comprehension: (
        "a comprehension with a condition",
        "keep all elements, and choose with where(condition, x, 0.0) what each of them gives",
    ),
    None: (
        "bool() of a value",
        "choose with where(condition, a, b), maximum or minimum, not with if, and, or, not",
    ),
}


def _choice_at(file: str, line: int) -> type[ast.AST] | None:
    """Which statement of _CHOICES asks for a condition at a line: the innermost, if any."""
    found: type[ast.AST] | None = None
    for node in _nodes(file):  # the inner ones come later
        for test in getattr(node, "ifs", [getattr(node, "test", None)]):
            if isinstance(test, ast.expr) and line in range(
                test.lineno, (test.end_lineno or 0) + 1
            ):
                found = type(node)
    return found if found in _CHOICES else None


def _raises(line: str) -> bool:
    """Whether a line of a file, as `line_of` names it, is of a raise statement."""
    file, _, number = line.rpartition(":")
    return any(
        isinstance(node, ast.Raise) and node.lineno <= int(number) <= (node.end_lineno or 0)
        for node in _nodes(file)
    )


def _nodes(file: str) -> Iterator[ast.AST]:
    """The nodes of a file's tree; none of one that is not there."""
    with suppress(SyntaxError):
        yield from ast.walk(ast.parse("".join(linecache.getlines(file))))


def as_eager(
    record: Callable[[], Result], on_numbers: Callable[[], Any], on_literals: Callable[[], Any]
) -> Result:
    """Return record(), which records a function.

    If that raises, and recording itself is not refused, the function runs on
    numbers for an error that names them. If Python's arithmetic gives it another
    error or none, it runs on literals, by the rows of the table. What works on the
    arguments themselves alone, such as `json.dumps`, is refused. So the function runs,
    too, where a raise statement asked for a number, as for its message.
    """
    try:
        return record()
    except RecordingError as error:
        if not _raises(error._line):
            raise
        failure: Exception = error
    except Exception as error:
        failure = error
    try:
        try:
            on_numbers()
        except Exception as error:
            if type(error) is type(failure) or isinstance(failure, RecordingError):
                raise
            by_the_table(on_literals, on_numbers)
            raise failure from None
        if isinstance(failure, RecordingError):
            raise failure
        if isinstance(failure, RecursionError):
            raise _too_deep(failure) from None
        try:
            on_literals()
        except Exception as error:  # if f fails on Values of any kind, the first failure tells how
            if _is_of_the_table(error):
                raise
        if _is_of_the_table(failure):
            raise failure
        raise _for_arguments_alone(failure) from failure
    except Exception as error:
        ending_at_caller(error)
        raise
    finally:
        del failure  # its traceback holds this frame, and this frame would hold it


def _is_of_the_table(error: Exception) -> bool:
    """Whether an error is of numbers, too: not of what they can and Values cannot."""
    return isinstance(error, ChainruleError) and not isinstance(
        error, (DataTypeError, RenamedError)
    )


def _too_deep(failure: RecursionError) -> RecordingError:
    """The refusal of what fails for want of the frames that recording takes itself."""
    limit = sys.getrecursionlimit()
    return RecordingError(
        f"RecursionError{_line_in(failure)}, while jit records: recording takes some more "
        f"frames than the function alone, and Python's limit is {limit} of them. Raise it, as "
        f"with sys.setrecursionlimit({2 * limit}), or write the recursion as a loop"
    )


def _for_arguments_alone(failure: Exception) -> RecordingError:
    """The refusal of what works on arguments, and fails on what stands for them."""
    return RecordingError(
        f"{type(failure).__name__}: {failure}{_line_in(failure)}, while jit records: the numbers "
        "and Values of arguments are of the class Traced there, a kind of Value, which this does "
        "not take. Do it outside the function, or make the argument static"
    )


def _line_in(failure: Exception) -> str:
    """The user's line at which an error was raised, as " at file:line": else that of the call."""
    lines, steps = dict[bool, str](), failure.__traceback__  # by whether it is a package's
    while steps is not None:
        if is_users(file := steps.tb_frame.f_code.co_filename):
            lines[is_installed(file)] = f" at {file}:{steps.tb_lineno}"
        steps = steps.tb_next
    return lines.get(False) or lines.get(True, f" at {line_of(sys._getframe(1))}")


def by_the_table(on_literals: Callable[[], Result], on_numbers: Callable[[], Any]) -> Result:
    """Return on_literals(), which computes by the rows of the table.

    Its error may speak of Values where numbers were given. If the same function on
    numbers raises an error of the same type, that one is raised.
    """
    try:
        return on_literals()
    except Exception as error:
        failure = error
    try:
        try:
            on_numbers()
        except type(failure) as error:
            if type(error) is type(failure):
                raise
        except Exception:  # by Python's arithmetic
            pass
        raise failure
    finally:
        del failure


def name_of(f: Callable[..., Any]) -> str:
    """What to call a function, which need not have a name."""
    return getattr(f, "__qualname__", repr(f))


def warn_of_many(
    f: Callable[..., Any],
    programs: Mapping[Any, Any],
    key: Sequence[tuple[Any, Any]],
    stacklevel: int,
) -> None:
    """Warn each time that MANY programs of f have been recorded.

    `programs` and `key` name the arguments, with their structures.
    """
    if len(programs) % MANY == MANY - 1:
        last = next(reversed(list(programs)))
        changed = [
            name for (name, one), (_, other) in zip(last, key, strict=False) if one != other
        ] or ["the number of arguments"]
        with suppress(OSError, ValueError):  # a stderr that is closed
            warnings.warn(
                f"{name_of(f)} has been recorded {MANY} times: what last differed in structure or "
                f"static value was argument {', '.join(map(str, changed))}. Every structure has "
                "its own program; pass numbers as numbers, and lists of few different lengths.",
                RecordingWarning,
                stacklevel=stacklevel,
            )


def beginning(f: Callable[..., Any]) -> str:
    """The first line of a function, or of the one that it wraps or calls."""
    code = _code_of(f)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(f)


def _code_of(f: Callable[..., Any]) -> CodeType | None:
    """The code of a function, of the one that it wraps, or of an object's __call__."""
    f = inspect.unwrap(f)
    while isinstance(f, partial):
        f = f.func
    called = getattr(type(f), "__call__", None)  # noqa: B004
    return getattr(f, "__code__", None) or getattr(called, "__code__", None)


def called(f: Callable[..., Any]) -> str:
    """What to call the function of the user's that is recorded, in a sentence."""
    code = _code_of(f)
    if code and not is_users(code.co_filename):
        return "the model, the loss or the penalty"  # the function is that of a step
    return f"the function that begins at {beginning(f)}"
