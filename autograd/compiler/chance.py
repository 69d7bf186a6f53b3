"""chance: what a function can draw from or set beside its arguments, and which line draws."""

import pickle
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import (
    BuiltinMethodType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

from ..core.value import Value
from .refusal import is_users

MOST = 10_000  # things that are looked at
LISTED = 100  # elements of a list: what is longer is data
_NUMBERS = (Value, float, int)
_PLAIN = (*_NUMBERS, ModuleType, type, str, bytes, complex, type(None))


class Reach:
    """What a function reaches by its names: its variables, parts of a model, objects.

    Attributes:
        generators: The generators of random numbers, but for the global ones.
        iterates: Whether it reaches an iterator, such as a generator or itertools.count().
        variables: Those that the function could set: the cell or the globals, the name in
            these, what stands there, and its name.
        kept: Lists, deques, dicts and attributes, in which a call could leave something
            for the next one: the container, what is in it, and what to call an element.
    """

    def __init__(self, function: Any) -> None:
        self.generators: list[Any] = []
        self.iterates = False
        self.variables: list[tuple[Any, Any, Any, str]] = []
        self.kept: list[tuple[Any, Any, str]] = []
        numpy: Any = getattr(sys.modules.get("numpy"), "random", None)
        kinds = (random.Random, *((numpy.Generator, numpy.RandomState) if numpy else ()))
        seen, left = set[int](), deque([function])
        while left and len(seen) < MOST:
            x = left.popleft()
            if isinstance(x, _PLAIN) or id(x) in seen:
                continue
            seen.add(id(x))
            if not isinstance(x, kinds):
                left += self._within(x)
            elif not isinstance(x, random.SystemRandom):  # which has no state
                self.generators.append(x)

    def _within(self, x: Any) -> Iterable[Any]:
        """What a function, a method, a container, a model or an object of the user's holds."""
        if isinstance(x, FunctionType):
            return self._used_by(x)
        if isinstance(x, MethodType):
            return x.__self__, x.__func__
        if isinstance(x, BuiltinMethodType):  # such as rng.random
            return (x.__self__,)
        if isinstance(x, partial):
            return x.func, *x.args, *x.keywords.values()
        if isinstance(x, list | tuple | deque):
            if not isinstance(x, tuple) and len(x) <= LISTED:
                self.kept.append((x, list(x), f"element {{!r}} of a {type(x).__name__}"))
            return () if x and isinstance(x[0], _PLAIN) else list(x)[:LISTED]
        if isinstance(x, dict):
            if len(x) > LISTED:
                return ()
            self.kept.append((x, dict(x), "the element {!r} of a dict"))
            return list(x.values())
        own = type(x).__module__.partition(".")[0]
        self.iterates |= own in ("builtins", "itertools") and hasattr(x, "__next__")
        attributes = None if own == "autograd" else getattr(x, "__dict__", None)
        if not isinstance(attributes, dict):
            return ()
        if own != "nn":
            self.kept.append((attributes, dict(attributes), f"{{}} of a {type(x).__name__}"))
        return list(attributes.values())

    def _used_by(self, function: FunctionType) -> Iterator[Any]:
        """What stands in the variables that a function uses from outside, and its defaults."""
        code = function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            x = _at(cell, None)
            self.variables.append((cell, None, x, name))
            yield x
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
        if is_users(code.co_filename):
            own = vars(function)
            self.kept.append((own, dict(own), f"{{}} of {function.__name__}"))
            yield from own.values()
            names, variables = set(_names(code)), function.__globals__
            for name in names & variables.keys():
                x = variables[name]
                self.variables.append((variables, name, x, name))
                if isinstance(x, ModuleType) and is_users(getattr(x, "__file__", None) or "<froz"):
                    yield from [y for other, y in vars(x).items() if other in names]
                yield x

    def taken_back(self, kind: type) -> None:
        """Put the numbers and Values back where something of this kind stands now."""
        elements = [
            (container, key, x)
            for container, before, _ in self.kept
            for key, x in _elements(before)
        ]
        for container, key, x in (*[place[:3] for place in self.variables], *elements):
            if type(x) in _NUMBERS and type(_at(container, key)) is kind:
                _put(container, key, x)

    def left(self) -> str:
        """What to call the first thing that a call has changed for the next one, or nothing.

        It need not matter to the next one. An iterator may have moved.
        """
        for variable, key, x, name in self.variables:
            if _at(variable, key) is not x:
                return name
        for container, before, called in self.kept:
            for key, _ in (*_elements(container), *_elements(before)):
                if _at(container, key) is not _at(before, key):
                    return called.format(key)
        return "an iterator from outside" if self.iterates else ""

    def contents(self) -> tuple[list[Any], list[Any]]:
        """What is in the variables and in the containers."""
        return (
            [_at(variable, key) for variable, key, *_ in self.variables],
            [type(before)(container) for container, before, _ in self.kept],
        )

    def refill(self, contents: tuple[list[Any], list[Any]] | None = None) -> None:
        """Have this in variables and containers, by default what was in them, and nothing else."""
        variables, containers = contents or (
            [x for _, _, x, _ in self.variables],
            [before for _, before, _ in self.kept],
        )
        for (variable, key, *_), x in zip(self.variables, variables, strict=True):
            if _at(variable, key) is not x:
                _put(variable, key, x)
        for (container, *_), wanted in zip(self.kept, containers, strict=True):
            if _same(container, wanted):
                continue
            if isinstance(container, dict):
                for key in container.keys() - wanted.keys():
                    del container[key]
                container.update(wanted)
            else:
                container.clear()
                container.extend(wanted)


def _put(container: Any, key: Any, x: Any) -> None:
    """Set what stands at a place."""
    if isinstance(container, CellType):
        container.cell_contents = x
    else:
        container[key] = x


def _elements(container: Any) -> list[tuple[Any, Any]]:
    """The keys of a list, a deque or a dict, and what stands there."""
    return list(container.items() if isinstance(container, dict) else enumerate(container))


def _same(one: Any, other: Any) -> bool:
    """Whether the same objects stand at the same keys."""
    pairs = zip(_elements(one), _elements(other), strict=False)
    return len(one) == len(other) and all(a == b and x is y for (a, x), (b, y) in pairs)


def _at(container: Any, key: Any) -> Any:
    """What stands at a place; None if nothing does."""
    if isinstance(container, CellType):
        try:
            return container.cell_contents
        except ValueError:  # a variable that is not set
            return None
    if isinstance(container, list | deque):
        return container[key] if key < len(container) else None
    return container.get(key)


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
