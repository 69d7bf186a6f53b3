"""The structure of arguments and results.

It is what is a number or a Value in them, in order, and everything else.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from numbers import Real
from operator import is_
from typing import Any

from ..core.arguments import real_number, told
from ..core.value import Value, literal
from ..errors import RecordingError
from ..functional import leaves, rebuild, refilled
from .arrays import of_values
from .chance import slots_of, slots_of_class
from .refusal import called, refuse

_PLAIN = {float, int}


class Arguments:
    """The plain numbers and the Values of arguments, each in order."""

    def __init__(self, numbers: "array[float] | None" = None) -> None:
        self.numbers = array("d") if numbers is None else numbers
        self.values: dict[Value, int] = {}  # with their places
        self.modules: list[Any] = []

    def key(self, x: Any, what: str) -> Any:
        """Take in an argument. Arguments with the same key can be run by one program.

        Raises:
            RecordingError: The argument has an unknown type.
        """
        cls = x.__class__
        if cls is float:
            self.numbers.append(x)
            return float
        if (
            cls is list or cls is tuple
        ):  # what follows for lists of any kind, faster for those of plain numbers
            types = set(map(type, x))
            if types <= _PLAIN:
                self.numbers += _doubles(x)  # twice as fast as extend
                return cls, len(x), float
            if (
                types == {list} and len(lengths := set(map(len, x))) == 1
            ):  # a batch: rows of one length
                flat: list[float] = []
                for y in x:
                    flat += y
                if set(map(type, flat)) <= _PLAIN:
                    self.numbers += _doubles(flat)
                    return cls, len(x), (list, *lengths, float)
        if isinstance(x, Value):
            n = len(self.values)
            place = self.values.setdefault(x, n)
            return Value if place == n else place
        if x is None or isinstance(x, (bool, str)):
            return cls, x
        if isinstance(x, Real):
            self.numbers.append(real_number(x, what))
            return float
        if isinstance(x, (list, tuple)):
            keys = [self.key(y, what) for y in x]
            of_all = (cls, len(x), keys[0]) if len(set(keys)) == 1 else (cls, tuple(keys))
            return (of_all, _held(x, what)) if _holds_more(cls) else of_all
        if isinstance(x, dict):
            named = tuple([(told_apart(name), self.key(y, what)) for name, y in x.items()])
            return (cls, named, _held(x, what)) if _holds_more(cls) else (cls, named)
        if hasattr(x, "__array__") and hasattr(x, "tobytes"):
            if x.shape == ():
                return self.key(x.item(), what)
            if x.dtype == "float64":
                self.numbers.frombytes(x.tobytes())
                return "array", x.shape, (list, x.size, float)
            return "array", x.shape, self.key(x.ravel().tolist(), what)
        if hasattr(x, "named_parameters") and hasattr(x, "named_modules"):
            self.modules.append(x)
            return cls, id(x), x._whereabouts()
        taken = (
            "jit takes numbers, Values, Modules, strings, None, "
            "and lists, tuples, dicts, arrays of them"
        )
        return refuse(
            f"{what} is {x!r} of type {cls.__name__}",
            f"{taken}. Name in static=(...) what the program is to be made for",
        )

    def traced(
        self, new_values: Callable[[int], list[Any]], new_numbers: Callable[[int], list[Any]]
    ) -> Callable[[Any], Any]:
        """A function that puts inputs in the places of Values and numbers.

        Each of new_values(n) and new_numbers(n) makes n of them; those for the
        Values come first. The function takes the arguments one after the other,
        in the order in which `key` took them.
        """
        values = dict(zip(self.values, new_values(len(self.values)), strict=True))
        return _Replacing(values, new_numbers(len(self.numbers)))

    def eager(self, leaf: Callable[[float], Value] = literal) -> Callable[[Any], Any]:
        """The same, but with the Values themselves, and literals for numbers.

        A function run on literals computes by the rows of the table, as its
        program does, and not by the arithmetic of Python's numbers.

        Args:
            leaf: What makes a leaf of a number: Value for a function that takes
                derivatives with respect to its arguments themselves.
        """
        return _Replacing({v: v for v in self.values}, list(map(leaf, self.numbers)))


@cache
def _holds_more(cls: Any) -> bool:
    """Whether a list, tuple or dict of a class can hold more than its elements."""
    return bool(cls.__dictoffset__ or slots_of_class(cls) or issubclass(cls, defaultdict))


def _held(x: Any, what: str) -> Any:
    """What a list, tuple or dict of another class holds beside its elements, as a key."""
    held = {**getattr(x, "__dict__", {}), **{name: getattr(x, name) for name in slots_of(x)}}
    if isinstance(x, defaultdict):
        held["default_factory"] = x.default_factory
    for name, y in held.items():
        try:
            hash(y)
        except TypeError:
            return refuse(
                f"{what} is of type {x.__class__.__name__} with the attribute {name}, {told(y)}",
                "a replay would keep it. Pass it as an argument of its own",
            )
    return tuple([(name, told_apart(y)) for name, y in held.items()])


def told_apart(x: Any) -> Any:
    """A key that differs between 1, 1.0 and True, and between 0.0 and -0.0, which are equal."""
    cls = x.__class__
    if isinstance(x, float):
        return cls, repr(x)
    if isinstance(x, tuple):
        return cls, tuple(map(told_apart, x))
    if isinstance(x, frozenset):
        return cls, frozenset(map(told_apart, x))
    return cls, x


def contents(x: Any) -> list[Any]:
    """All that stands in lists, tuples, dicts and arrays, in an order of its own."""
    found: list[Any] = []
    left = [x]
    while left:
        y = left.pop()
        if isinstance(y, Value):
            found.append(y)
        elif isinstance(y, (list, tuple)):
            left.extend(y)  # not +=, which y may answer itself
        elif isinstance(y, dict):
            found.extend(y)
            left += y.values()
        elif getattr(y, "dtype", None) == "object":  # an array of Values
            left += y.ravel().tolist()
        else:
            found.append(y)
    return found


def check_unchanged(before: list[Any], x: Any, changes: Callable[..., Any]) -> None:
    """Raise RecordingError if a function has changed the lists that it was given.

    Args:
        before: Their `contents` before the call.
        x: The arguments.
        changes: The function.
    """
    after = contents(x)
    if len(after) != len(before) or not all(map(is_, before, after)):
        raise RecordingError(
            f"{called(changes)} changed a list, a dict or an array "
            "that it was given, while jit records: a replay would not change it. Work on a copy, "
            "such as list(xs), and return what is new"
        )


class _Replacing:
    """A function that replaces Values by others, and numbers by these in order.

    It is a class since functions that call one another keep all of this alive.
    """

    def __init__(self, values: Mapping[Value, Any], in_order: Sequence[Any]) -> None:
        self.values, self.numbers = values, iter(in_order)

    def __call__(self, x: Any) -> Any:
        return rebuild(x, map(self._leaf, leaves(x)))

    def _leaf(self, x: Any) -> Any:
        if isinstance(x, Value):
            return self.values[x]
        if x is None or isinstance(x, (bool, str)) or hasattr(x, "named_parameters"):
            return x
        if isinstance(x, Real):
            return next(self.numbers)
        if x.shape == ():
            return self._leaf(x.item())
        array = of_values(x)
        if x.size:
            array[...] = self(x.tolist())
        return array


def _doubles(numbers: Iterable[float]) -> "array[float]":
    """Floats and ints as doubles, an int that is too large for one as an infinity."""
    try:
        return array("d", numbers)
    except OverflowError:
        return array("d", [real_number(x, "an argument") for x in numbers])


def builder(tree: Any) -> Callable[[Iterator[Any]], Any]:
    """Return a function from numbers to a tree like this one.

    It does what `functional.rebuild` does, and looks at the tree only once.
    """
    if not isinstance(tree, (dict, list, tuple)):
        return next
    branches = tree.values() if isinstance(tree, dict) else tree
    nested = any(issubclass(x, (dict, list, tuple)) for x in set(map(type, branches)))
    if not nested and type(tree) in (list, tuple):
        make, n = type(tree), len(tree)
        return lambda numbers: make(islice(numbers, n))
    parts = [builder(branch) for branch in branches]
    if type(tree) is list:
        return lambda numbers: [part(numbers) for part in parts]
    if type(tree) is tuple:
        return lambda numbers: tuple([part(numbers) for part in parts])
    like = refilled(tree, [None] * len(parts))  # the traced Values are gone then
    return lambda numbers: refilled(like, [part(numbers) for part in parts])
