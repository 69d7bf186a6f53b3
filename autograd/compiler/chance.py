"""chance: what a function can draw from or set beside its arguments, and which line does."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ctypes
import pickle
import random
import struct
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from functools import cache, cached_property, partial
from itertools import compress
from types import (
    BuiltinMethodType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, cast

from ..core.value import Value
from .refusal import is_installed, is_users, is_written

MOST = 10_000  # things that are looked at
LISTED = 100  # elements of a list: what is longer is data
_NUMBERS = (Value, float, int)
_PLAIN = (*_NUMBERS, ModuleType, str, bytes, complex, type(None))
# Names of what gives another number at each call: chance and generators seeded with it,
# fmt: off
CHANCE = frozenset((
    "urandom", "getrandom", "secrets", "SystemRandom", "Random", "default_rng",
    "RandomState", "SeedSequence", "PCG64", "uuid1", "uuid4", "choice", "randbelow",
    "randbits", "token_bytes", "token_hex", "token_urlsafe",
))
# and clocks, and what is read or looked up.
CHANGING = CHANCE | frozenset((
    "time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns",
    "process_time", "process_time_ns", "thread_time", "now", "today", "utcnow", "open",
    "read", "readline", "read_text", "read_bytes", "input", "environ", "getenv",
    "globals", "eval", "exec",
))
# fmt: on


class Reach:
    """What a function reaches by its names: its variables, parts of a model, objects.

    Attributes:
        generators: The generators of random numbers, but for the global ones.
        users: Whether any of it is not nn's own, which does not change by itself.
        iterates: Whether it reaches an iterator, such as a generator or itertools.count().
        names: Those that its functions name, of CHANGING.
        variables: Those that the function could set: the cell or the globals, the name in
            these, what stands there, and its name.
        kept: Lists, deques, sets, dicts and attributes, in which a call could leave
            something for the next one: the container, what is in it, and what to call an
            element.
        arrays: Short arrays of numbers, and their bytes.
    """

    def __init__(self, function: Any) -> None:
        self.generators: list[Any] = []
        self.iterates = self.users = False
        self.names: set[str] = set()
        self.variables: list[tuple[Any, Any, Any, str]] = []
        self.kept: list[tuple[Any, Any, str]] = []
        self.arrays: list[tuple[Any, bytes]] = []
        numpy = _random_of_numpy()
        kinds = (random.Random, *((numpy.Generator, numpy.RandomState) if numpy else ()))
        seen, left = set[int](), deque([function])
        while left and len(seen) < MOST:
            x = left.popleft()
            if isinstance(x, _PLAIN) or id(x) in seen:
                continue
            seen.add(id(x))
            if isinstance(x, random.SystemRandom):  # which has no state
                self.names.add("SystemRandom")
            elif isinstance(x, kinds):
                self.generators.append(x)
            else:
                left += self._within(x)
        self.users |= bool(left)

    def _within(self, x: Any) -> Iterable[Any]:
        """What a function, a method, a container, a model or an object of the user's holds."""
        if isinstance(x, FunctionType):
            return self._used_by(x)
        if isinstance(x, MethodType):
            return x.__self__, x.__func__
        if isinstance(x, BuiltinMethodType):  # such as rng.random
            self.names |= CHANGING & {x.__name__}
            return (x.__self__,)
        if isinstance(x, partial):
            return x.func, *x.args, *x.keywords.values()
        if isinstance(x, type):
            self.users = True
            return self._of_class(x)
        found: list[Any] = []
        if isinstance(x, list | tuple | deque | set):
            if not isinstance(x, tuple) and len(x) <= LISTED:
                before = set(x) if isinstance(x, set) else list(x)
                self.kept.append((x, before, f"element {{!r}} of a {type(x).__name__}"))
            found += [y for y in list(x)[:LISTED] if not isinstance(y, _PLAIN)]
            self.users |= len(x) > LISTED and not _is_data(x)
        elif isinstance(x, dict):
            if len(x) > LISTED:
                self.users |= not _is_data(x.values())
                return ()
            self.kept.append((x, dict(x), "the element {!r} of a dict"))
            found += x.values()
        elif (numbers := _bytes_of(x)) is not None:
            self.arrays.append((x, bytes(numbers)))
        # Before Python 3.11 that of some of NumPy's classes is no text.
        own = str(type(x).__module__).partition(".")[0]
        self.iterates |= own in ("builtins", "itertools") and hasattr(x, "__next__")
        if own in ("builtins", "collections", "itertools", "autograd"):
            return found
        self.users |= own != "nn"
        attributes = getattr(x, "__dict__", None)
        for places in (attributes, Slots(x) if slots_of_class(cast("Any", type(x))) else None):
            if isinstance(places, MutableMapping):
                if own != "nn":
                    self.kept.append((places, dict(places), f"{{}} of a {type(x).__name__}"))
                found += places.values()
        return found if own == "nn" else [*found, type(x)]

    def _of_class(self, cls: type) -> Iterator[Any]:
        """The functions of a class of the user's, and its variables.

        A class of an installed package is the user's if it is a part of models.
        """
        module = sys.modules.get(cls.__module__)
        file = getattr(module, "__file__", None)
        if file is None:
            users = cls.__module__ == "__main__" or module is None
        else:
            users = is_users(file) and (hasattr(cls, "named_modules") or not is_installed(file))
        if not users:
            return
        variables = Variables(cls)
        self.kept.append((variables, dict(variables), f"{{}} of the class {cls.__name__}"))
        yield from variables.values()
        for x in vars(cls).values():
            if isinstance(x, property):
                yield from (x.fget, x.fset)
            elif isinstance(x, cached_property):
                yield x.func
            else:
                yield getattr(x, "__func__", x) if _is_function(x) else None
        yield from cls.__bases__

    def _used_by(self, function: FunctionType) -> Iterator[Any]:
        """What stands in the variables that a function uses from outside, and its defaults."""
        code = function.__code__
        self.names |= CHANGING & {function.__name__}
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            x = _at(cell, None)
            self.variables.append((cell, None, x, name))
            yield x
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
        if is_users(code.co_filename):
            self.users = True
            own = vars(function)
            self.kept.append((own, dict(own), f"{{}} of {function.__name__}"))
            yield from own.values()
            names, variables = set(_names(code)), function.__globals__
            self.names |= CHANGING & names
            for name in names & variables.keys():
                x = variables[name]
                self.variables.append((variables, name, x, name))
                if isinstance(x, ModuleType) and is_users(getattr(x, "__file__", None) or "<froz"):
                    for other in names & vars(x).keys():
                        y = vars(x)[other]
                        self.variables.append((vars(x), other, y, f"{other} of {name}"))
                        yield y
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
        if any(bytes(_bytes_of(x) or b"") != before for x, before in self.arrays):
            return "an array from outside"
        return "an iterator from outside" if self.iterates else ""

    def counts(self) -> bool:
        """Whether a call has set a number, which may be a count that matters later."""
        places = [place[:3] for place in self.variables]
        for container, before, _ in self.kept:
            places += [(container, key, _at(before, key)) for key, _ in _elements(container)]
        return any(
            type(now := _at(container, key)) in (int, float) and now is not x
            for container, key, x in places
        )

    def contents(self) -> tuple[list[Any], list[Any], list[bytes]]:
        """What is in the variables, in the containers and in the arrays."""
        return (
            [_at(variable, key) for variable, key, *_ in self.variables],
            [type(before)(container) for container, before, _ in self.kept],
            [bytes(_bytes_of(x) or b"") for x, _ in self.arrays],
        )

    def refill(self, contents: tuple[list[Any], list[Any], list[bytes]] | None = None) -> None:
        """Have this in variables and containers, by default what was in them, and nothing else."""
        variables, containers, arrays = contents or (
            [x for _, _, x, _ in self.variables],
            [before for _, before, _ in self.kept],
            [before for _, before in self.arrays],
        )
        for (x, _), wanted in zip(self.arrays, arrays, strict=True):
            if isinstance(x, bytearray):
                x[:] = wanted
            elif (numbers := _bytes_of(x)) is not None and len(numbers) == len(wanted):
                numbers[:] = wanted
        for (variable, key, *_), x in zip(self.variables, variables, strict=True):
            if _at(variable, key) is not x:
                _put(variable, key, x)
        for (container, *_), wanted in zip(self.kept, containers, strict=True):
            if _same(container, wanted):
                continue
            if isinstance(container, MutableMapping):
                for key in container.keys() - wanted.keys():
                    del container[key]
                for key, x in wanted.items():
                    if key not in container or container[key] is not x:
                        container[key] = x
            else:
                container.clear()
                (container.update if isinstance(container, set) else container.extend)(wanted)


class Variables(MutableMapping[str, Any]):
    """The variables of a class, without its functions and what begins with two lines."""

    def __init__(self, holder: Any) -> None:
        self.holder = holder

    def _names(self) -> list[str]:
        """Those that are set."""
        return [
            name
            for name, x in vars(self.holder).items()
            if name[:2] != "__" and not (_is_function(x) or hasattr(type(x), "__get__"))
        ]

    def __getitem__(self, name: str) -> Any:
        if name not in self._names():
            raise KeyError(name)
        return vars(self.holder)[name]

    def __setitem__(self, name: str, x: Any) -> None:
        setattr(self.holder, name, x)

    def __delitem__(self, name: str) -> None:
        delattr(self.holder, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


class Slots(Variables):
    """The slots of an object of the user's."""

    def _names(self) -> list[str]:
        return slots_of(self.holder)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names():
            raise KeyError(name)
        return getattr(self.holder, name)


def slots_of(x: Any) -> list[str]:
    """The slots of an object that are set."""
    return [name for name in slots_of_class(cast("Any", type(x))) if hasattr(x, name)]


@cache
def slots_of_class(cls: type[Any]) -> list[str]:
    """The slots of a class and of those that it derives from, but for what hides one of these."""
    return [
        name
        for base in cls.__mro__
        if "__slots__" in vars(base)
        for name, x in vars(base).items()
        if isinstance(x, MemberDescriptorType) and getattr(cls, name) is x
    ]


def _is_function(x: Any) -> bool:
    """Whether a class's own is one of its functions."""
    return isinstance(x, FunctionType | staticmethod | classmethod)


def _bytes_of(x: Any) -> memoryview | None:
    """The bytes of a short array of numbers, of Python's or NumPy's; None of anything else."""
    try:
        numbers = memoryview(x)
    except TypeError:
        return None
    if numbers.readonly or numbers.nbytes > 8 * LISTED or numbers.format == "O":
        return None
    return numbers.cast("B") if numbers.c_contiguous and numbers.nbytes else None


def _is_data(xs: Iterable[Any]) -> bool:
    """Whether these are numbers, texts and tuples, which do not change by themselves."""
    return all(issubclass(cls, (*_PLAIN, tuple)) for cls in set(map(type, xs)))


def _put(container: Any, key: Any, x: Any) -> None:
    """Set what stands at a place."""
    if isinstance(container, CellType):
        container.cell_contents = x
    elif isinstance(container, set):
        container.add(x)
    else:
        container[key] = x


def _elements(container: Any) -> list[tuple[Any, Any]]:
    """The keys of a list, a deque, a set or a dict, and what stands there."""
    if isinstance(container, set):
        return [(x, x) for x in container]
    return list(
        container.items() if isinstance(container, MutableMapping) else enumerate(container)
    )


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
    if isinstance(container, set):
        return key if key in container else None
    return container.get(key)


def _names(code: CodeType) -> Iterator[str]:
    """The names of globals and attributes in a function, and in those that it defines."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def random_state(generators: Sequence[Any] = ()) -> bytes:
    """The state of Python's and NumPy's global generators, and of others."""
    numpy = _random_of_numpy()
    states = [_state_of(generator) for generator in generators]
    return pickle.dumps((random.getstate(), numpy and numpy.get_state(), states))


def _random_of_numpy() -> Any:
    """NumPy's module of random numbers, or None: another thread may be importing it just now."""
    module = getattr(sys.modules.get("numpy"), "random", None)
    names = ("Generator", "RandomState", "get_state")
    return module if all(hasattr(module, name) for name in names) else None


class Draws:
    """The draws of a program, and the generators to set back where it fails.

    A program draws all numbers first, and the function only those before its error.
    """

    def __init__(
        self, sources: Sequence[Callable[[], float]], can_fail: Callable[[], bool]
    ) -> None:
        self.sources, self.can_fail = sources, can_fail
        self.moves: list[bool] = []  # whether each source moves a generator
        self.known = False  # which generators are moved
        self.watches = True  # generators, which may have to be set back
        self.states: list[Callable[[], Any]] = []  # of the generators
        self.back: list[Callable[[Any], object]] = []  # what sets each back to a state

    def draw(self) -> tuple[list[float], Sequence[Any]]:
        """The numbers that the sources give, and the states of the generators before."""
        if not self.known:
            return self._watched()
        before = [state() for state in self.states] if self.states else self.states
        return [draw() for draw in self.sources], before

    def set_back(self, states: Sequence[Any]) -> None:
        """Have the generators in these states again."""
        for back, state in zip(self.back, states, strict=False):
            back(state)

    def _watched(self) -> tuple[list[float], Sequence[Any]]:
        """Draw, and find out which sources move which generators, if the program can fail."""
        if not self.can_fail():
            self.known, self.watches = True, False
            return self.draw()
        kinds = {_kind_of(source): source for source in self.sources}
        own = Reach(tuple(kinds.values())).generators
        python, numpy = cast("Any", random.getstate).__self__, _random_of_numpy()
        access = [_access(x) for x in dict.fromkeys((*own, python, numpy)) if x is not None]

        def now() -> list[Any]:
            return [state() for state, _ in access]

        before, numbers, moves = now(), [], dict[Any, bool]()
        for source in self.sources:
            if (kind := _kind_of(source)) in moves:
                numbers.append(source())
                continue
            state = now()
            numbers.append(source())
            moves[kind] = any(_differ(state, now()))
        moved = _differ(before, now())
        self.moves = [moves[_kind_of(source)] for source in self.sources]
        used = [*compress(access, moved)]
        self.states, self.back = [state for state, _ in used], [back for _, back in used]
        self.known = True
        return numbers, [*compress(before, moved)]


def _access(generator: Any) -> tuple[Callable[[], Any], Callable[[Any], object]]:
    """What tells the state of a generator, and what sets it."""
    if isinstance(generator, random.Random):
        return _access_of_random(generator)
    if hasattr(generator, "set_state"):
        return generator.get_state, generator.set_state
    bits = generator.bit_generator
    return lambda: bits.state, lambda state: setattr(bits, "state", state)


def _access_of_random(
    generator: random.Random,
) -> tuple[Callable[[], Any], Callable[[Any], object]]:
    """The same for a generator of Python's, by its memory: `getstate` takes 9 us."""
    place, n = id(generator) + object.__basicsize__, 625

    def state() -> Any:
        return ctypes.string_at(place, 4 * n), generator.gauss_next  # type: ignore[attr-defined]

    def whole(state: Any) -> Any:
        memory, normal = state
        k, *words = struct.unpack(f"{n}I", memory)
        return generator.VERSION, (*words, k), normal

    if type(generator) is random.Random and sys.implementation.name == "cpython":
        with suppress(struct.error):
            if whole(state()) == generator.getstate():
                return state, lambda state: generator.setstate(whole(state))
    return generator.getstate, generator.setstate


def _differ(states: Sequence[Any], others: Sequence[Any]) -> list[bool]:
    """Of each generator, whether it is in another state; states may hold arrays."""
    return [pickle.dumps(x) != pickle.dumps(y) for x, y in zip(states, others, strict=True)]


def _kind_of(source: Any) -> Any:
    """What tells sources apart: the function, and the objects that it uses."""
    cells = [_at(cell, None) for cell in getattr(source, "__closure__", None) or ()]
    used = (*cells, *(getattr(source, "__defaults__", None) or ()))
    code = getattr(source, "__code__", None) or getattr(source, "__name__", None)
    return code or id(source), id(getattr(source, "__self__", None)), tuple(map(id, used))


def _state_of(generator: Any) -> Any:
    if isinstance(generator, random.Random):
        return generator.getstate()
    found: Mapping[str, Any] = (
        generator.get_state() if hasattr(generator, "get_state") else generator.bit_generator.state
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
    before = random_state(generators)
    found: list[str] = []

    def look(line: str) -> None:
        nonlocal before
        if (now := random_state(generators)) != before:
            found.append(line)
            before = now

    watched(f, look)
    return found


def watched(f: Callable[[], Any], look: Callable[[str], None]) -> None:
    """Run f, and call look(line) after each line of the user's."""
    line = ""

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal line
        look(line)
        if not is_written(frame):
            return None
        here = frame.f_back if event == "return" and frame.f_back else frame
        if is_written(here):
            line = f"{here.f_code.co_filename}:{here.f_lineno}"
        return watch

    tracer = sys.gettrace()
    sys.settrace(watch)
    try:
        f()
    finally:
        sys.settrace(tracer)
    look(line)
