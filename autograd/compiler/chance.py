"""chance: the generators of random numbers that a function can draw from, and which line draws."""

import pickle
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import BuiltinMethodType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from ..core.value import Value
from .refusal import is_users

MOST = 10_000  # things that are looked at
LISTED = 100  # elements of a list: what is longer is data
_PLAIN = (Value, ModuleType, type, str, bytes, int, float, complex, type(None))


def generators_of(function: Any) -> list[Any]:
    """The generators that a function reaches by its names: its variables, parts of a model.

    The global ones are not among them.
    """
    numpy: Any = getattr(sys.modules.get("numpy"), "random", None)
    kinds = (random.Random, *((numpy.Generator, numpy.RandomState) if numpy else ()))
    found, seen, left = [], set[int](), deque([function])
    while left and len(seen) < MOST:
        x = left.popleft()
        if isinstance(x, _PLAIN) or id(x) in seen:
            continue
        seen.add(id(x))
        if not isinstance(x, kinds):
            left += _within(x)
        elif not isinstance(x, random.SystemRandom):  # which has no state
            found.append(x)
    return found


def _within(x: Any) -> Iterable[Any]:
    """What a function, a method, a container, a model or an object of the user's holds."""
    if isinstance(x, FunctionType):
        return _used_by(x)
    if isinstance(x, MethodType):
        return x.__self__, x.__func__
    if isinstance(x, BuiltinMethodType):  # such as rng.random
        return (x.__self__,)
    if isinstance(x, partial):
        return x.func, *x.args, *x.keywords.values()
    if isinstance(x, list | tuple):
        return () if x and isinstance(x[0], _PLAIN) else x[:LISTED]
    if isinstance(x, dict):
        return x.values() if len(x) <= LISTED else ()
    own = type(x).__module__.partition(".")[0] == "autograd"
    return () if own else getattr(x, "__dict__", {}).values()


def _used_by(function: FunctionType) -> Iterator[Any]:
    """What stands in the variables that a function uses from outside, and its defaults."""
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a variable that is not set yet
            continue
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    if is_users(function.__code__.co_filename):
        names = set(_names(function.__code__))
        for name in names & function.__globals__.keys():
            x = function.__globals__[name]
            if isinstance(x, ModuleType) and is_users(getattr(x, "__file__", None) or "<frozen "):
                yield from [y for other, y in vars(x).items() if other in names]
            yield x


def _names(code: CodeType) -> Iterator[str]:
    """The names of globals and attributes in a function, and in those that it defines."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def random_state(generators: Sequence[Any] = ()) -> bytes:
    """The state of Python's and NumPy's global generators, and of others."""
    numpy = sys.modules.get("numpy")
    states = [_state_of(generator) for generator in generators]
    return pickle.dumps((random.getstate(), numpy and numpy.random.get_state(), states))


def _state_of(generator: Any) -> Any:
    if isinstance(generator, random.Random):
        return generator.getstate()
    found: Mapping[str, Any] = (
        generator.bit_generator.state
        if hasattr(generator, "bit_generator")
        else generator.get_state()
    )
    return found


def line_that_draws(f: Callable[[], Any], generators: Sequence[Any] = ()) -> str:
    """Run f again, twice, and find the line that moves a generator.

    Other threads may draw meanwhile, so the line must do it both times. The
    text is empty if there is none.
    """
    seen = [_lines_that_draw(f, generators), _lines_that_draw(f, generators)]
    return next((line for line in seen[0] if line in seen[1]), "")


def _lines_that_draw(f: Callable[[], Any], generators: Sequence[Any]) -> list[str]:
    """Run f, watched line by line, and list the lines that move a generator."""
    before, line = random_state(generators), ""
    found: list[str] = []

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal before, line
        if (now := random_state(generators)) != before:
            found.append(line)
            before = now
        if not is_users(frame.f_code.co_filename):
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
