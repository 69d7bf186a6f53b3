"""The arguments of a jitted function: their numbers and Values in order, and a key of everything else."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from ..errors import RecordingError
from ..protocols import real_number
from ..value import Value

_PLAIN = {float, int}


@dataclass(slots=True)
class Arguments:
    """What flatten found: plain numbers and Values, in order."""

    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    values: list[Value] = field(default_factory=list)

    def key(self, x: Any, what: str) -> Any:
        """Take in an argument; two arguments with one key can be run by one program. Raises RecordingError for an unknown type."""
        cls = x.__class__
        if cls is float:
            self.numbers.append(x)
            return float
        if cls is list or cls is tuple:
            types = set(map(type, x))
            if types <= _PLAIN:
                self.numbers += array("d", x)  # twice as fast as extend
                return cls, len(x)
            if types == {list} and len(lengths := set(map(len, x))) == 1:  # a batch: rows of one length
                flat: list[float] = []
                for y in x:
                    flat += y
                if set(map(type, flat)) <= _PLAIN:
                    self.numbers += array("d", flat)
                    return cls, len(x), (list, *lengths)
            return self._list(x, what)
        if isinstance(x, Value):
            if x in self.values:
                return self.values.index(x)
            self.values.append(x)
            return Value
        if x is None or isinstance(x, (bool, str)):
            return cls, x
        if isinstance(x, Real):
            self.numbers.append(real_number(x, what))
            return float
        if isinstance(x, (list, tuple)):
            return self._list(x, what)
        if isinstance(x, dict):
            return cls, tuple([(name, self.key(y, what)) for name, y in x.items()])
        if hasattr(x, "__array__") and hasattr(x, "tolist"):
            if x.dtype == "float64":
                self.numbers.frombytes(x.tobytes())
                return "array", x.shape, (list, x.size)
            return "array", x.shape, self.key(x.ravel().tolist(), what)
        if hasattr(x, "named_parameters") and hasattr(x, "named_modules"):
            parameters = tuple([(path, id(p)) for path, p in x.named_parameters()])
            return cls, id(x), parameters, tuple([(path, id(part), part.training) for path, part in x.named_modules()])
        raise RecordingError(
            f"{what} is {x!r} of type {cls.__name__}: jit takes numbers, Values, Modules, strings, None, and lists, tuples, dicts, arrays of them. "
            "Name the argument in static=(...) if it is one of the choices that the program is made for."
        )

    def _list(self, x: Any, what: str) -> Any:
        """The key of a list element by element, the same for the same structure as for lists of floats."""
        keys = [self.key(y, what) for y in x]
        if all(key is float for key in keys):
            return x.__class__, len(x)
        if all(key.__class__ is tuple and len(key) == 2 and key[0] is list and key[1].__class__ is int for key in keys) and len(set(keys)) == 1:
            return x.__class__, len(x), keys[0]
        return x.__class__, tuple(keys)


def rebuilt(x: Any, number: Callable[[], Any], value: Callable[[Value], Any]) -> Any:
    """x with every number and every Value replaced, in the order of Arguments."""
    if isinstance(x, Value):
        return value(x)
    if x is None or isinstance(x, (bool, str)) or hasattr(x, "named_parameters"):
        return x
    if isinstance(x, Real):
        return number()
    if isinstance(x, dict):
        return {name: rebuilt(y, number, value) for name, y in x.items()}
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[rebuilt(y, number, value) for y in x])
    if isinstance(x, (list, tuple)):
        return type(x)([rebuilt(y, number, value) for y in x])
    array = x.astype(object)
    array[...] = rebuilt(x.tolist(), number, value)
    return array


def builder(tree: Any) -> Callable[[list[Any]], Any]:
    """A function from numbers, in the order of `functional.leaves`, to a tree of this structure."""
    position = 0

    def plan(branch: Any) -> Callable[[list[Any]], Any]:
        nonlocal position
        first = position
        if not isinstance(branch, (dict, list, tuple)):
            position += 1
            return lambda numbers: numbers[first]
        if branch.__class__ is list and not any(isinstance(x, (dict, list, tuple)) for x in branch):
            end = position = first + len(branch)
            return lambda numbers: numbers[first:end]
        parts = [plan(x) for x in (branch.values() if isinstance(branch, dict) else branch)]
        if isinstance(branch, dict):
            names = list(branch)
            return lambda numbers: {name: part(numbers) for name, part in zip(names, parts, strict=True)}
        make = branch.__class__
        if hasattr(branch, "_fields"):
            return lambda numbers: make(*[part(numbers) for part in parts])
        return lambda numbers: make([part(numbers) for part in parts])

    return plan(tree)
