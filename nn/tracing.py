"""trace: which call of which part of a model made which node of the graph."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import LEAF, Value

if TYPE_CHECKING:
    from .module import Module

active: list["Trace"] = []  # looked at by Module.__call__


class Call(NamedTuple):
    """One call of a Module: where it stands in the model, the how-manieth call of it, what went in and what came out."""

    path: str
    call_index: int
    inputs: tuple[Any, ...]
    outputs: Any


class Trace(dict[Value, tuple[str, int]]):
    """Maps every Value that a traced model computed, and its parameters, to (path, call index) of the innermost call that made or first used it.
    `calls` lists the calls in the order in which they ended. Both hold the Values alive for as long as the trace lives."""

    def __init__(self, model: "Module"):
        super().__init__()
        self.calls: list[Call] = []
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._parameters = set(model.parameters())
        self._counts = dict.fromkeys(self._paths.values(), 0)

    def begin(self, module: "Module") -> tuple[str, int] | None:
        """The place of a call that begins; None if the module is no part of the model."""
        path = self._paths.get(id(module))
        if path is None:
            return None
        self._counts[path] += 1
        return path, self._counts[path] - 1

    def end(self, place: tuple[str, int], inputs: tuple[Any, ...], outputs: Any) -> None:
        """Note the call, and as its own the nodes between its outputs and its inputs that no call within it has made."""
        self.calls.append(Call(*place, inputs, outputs))
        seen = set(_values(inputs))
        stack = list(_values(outputs))
        while stack:
            value = stack.pop()
            if value not in seen and (value.op is not LEAF or value in self._parameters):
                seen.add(value)
                self.setdefault(value, place)
                stack += value.parents


def _values(structure: Any) -> Iterator[Value]:
    if isinstance(structure, Value):
        yield structure
    elif isinstance(structure, (list, tuple, dict)):
        for item in structure.values() if isinstance(structure, dict) else structure:
            yield from _values(item)


@contextmanager
def trace(model: "Module") -> Iterator[Trace]:
    """`with nn.trace(model) as t: loss = ...` records the calls of the model's parts; `t` is the mapping that drawing and explaining take."""
    t = Trace(model)
    active.append(t)
    try:
        yield t
    finally:
        active[:] = [other for other in active if other is not t]  # not remove(t): two empty dicts are equal
