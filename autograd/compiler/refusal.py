"""refusal: where in the user's program stands what cannot be recorded."""

import inspect
import os
import pickle
import random
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ..errors import RecordingError, RecordingWarning

Result = TypeVar("Result")

MANY = 32  # recordings of one function after which a warning says why
_PACKAGE = str(Path(__file__).parents[1]) + os.sep


def refuse(what: str, remedy: str) -> NoReturn:
    """Raise RecordingError with the line that asked for it."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    raise RecordingError(
        f"{what} at {frame.f_code.co_filename}:{frame.f_lineno}, while jit records: {remedy}"
    )


def as_eager(record: Callable[[], Result], run: Callable[[], Any]) -> Result:
    """record(), which records a function. What it raises, unless recording itself is refused, is raised as by the function run on numbers."""
    try:
        return record()
    except RecordingError:
        raise
    except Exception as error:
        failure = error
    try:
        run()
        raise failure
    finally:
        del failure  # its traceback holds this frame, and this frame would hold it


def name_of(f: Callable[..., Any]) -> str:
    """What to call a function, which need not have a name."""
    return getattr(f, "__qualname__", repr(f))


def warn_of_many(
    f: Callable[..., Any],
    programs: Mapping[Any, Any],
    key: Sequence[tuple[Any, Any]],
    stacklevel: int,
) -> None:
    """Warn each time that MANY programs of f have been recorded; `programs` and `key` name the arguments, with their structures."""
    if len(programs) % MANY == MANY - 1:
        last = next(reversed(list(programs)))
        changed = [
            name for (name, one), (_, other) in zip(last, key, strict=False) if one != other
        ] or ["the number of arguments"]
        warnings.warn(
            f"{name_of(f)} has been recorded {MANY} times: what last differed in structure or static value was argument "
            f"{', '.join(map(str, changed))}. Every structure has its own program; pass numbers as numbers, and lists of few different lengths.",
            RecordingWarning,
            stacklevel=stacklevel,
        )


def beginning(f: Callable[..., Any]) -> str:
    """The first line of a function, or of the one that it wraps."""
    code = getattr(inspect.unwrap(f), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(f)


def random_state() -> bytes:
    """The state of Python's and NumPy's global generators."""
    numpy = sys.modules.get("numpy")
    return pickle.dumps((random.getstate(), numpy and numpy.random.get_state()))


def line_that_draws(f: Callable[[], Any]) -> str:
    """The line that changes the state of a global generator: f runs again, watched line by line."""
    before, line, found = random_state(), "", ""

    def watch(frame: Any, event: str, argument: Any) -> Any:
        nonlocal line, found
        if not found and random_state() != before:
            found = line
        if found or frame.f_code.co_filename.startswith((_PACKAGE, random.__file__)):
            return None
        line = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        return watch

    tracer = sys.gettrace()
    sys.settrace(watch)
    try:
        f()
    finally:
        sys.settrace(tracer)
    return found
