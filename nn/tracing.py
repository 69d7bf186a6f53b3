"""trace: which call of which part of a model made which node of the graph.

A trace listens while a lock of its own is held. The reason is Ctrl-C. Python leaves
a lock within one of its instructions, so Ctrl-C comes before or after. A function of
ours in that place could be left half-way, and the trace would listen for ever.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable
from contextlib import suppress
from inspect import signature
from itertools import count, repeat
from threading import Lock
from typing import Any, NamedTuple, Protocol
from weakref import ref

from autograd import Value
from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import LEAF, leaves, told

from .arguments import names_checked

# The traces that were begun, each with its lock. Ended ones go when the next Module is called.
begun: list[tuple[Any, ref[trace]]] = []


class Model(Protocol):
    """What is traced and drawn: a Module, which is made of Modules and parameters."""

    def named_modules(self) -> list[tuple[str, Any]]:
        """Return the model and its parts by path."""

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters by path."""

    def parameters(self) -> list[Value]:
        """Return the parameters."""


class Call(NamedTuple):
    """One call of a Module.

    Attributes:
        path: Where the Module stands in the model.
        call_index: How many calls of it came before.
        inputs: What went in.
        outputs: What came out.
    """

    path: str
    call_index: int
    inputs: tuple[Any, ...]
    outputs: Any


class Computed(NamedTuple):
    """What a part of a model computes: a formula, the names of its inputs and its output."""

    formula: str
    inputs: tuple[str, ...]
    output: str


def _computed(part: Any) -> Computed:
    """Describe a part: a Layer by its formula, a cell by its class."""
    if hasattr(part, "activation") and (hasattr(part, "neurons") or hasattr(part, "w")):
        name = getattr(part.activation, "__name__", part.activation)
        linear = "W x" if getattr(part, "bias", True) is False else "W x + b"
        return Computed(f"{name}({linear})" if name else linear, ("x",), "a")
    kind = type(part).__name__
    if hasattr(part, "state_names"):  # the state that comes in is what the call before gave
        return Computed(kind, ("x",), part.state_names[0])
    names = [name for name in signature(part.forward).parameters if name not in ("args", "kwargs")]
    return Computed(kind, tuple(names), "out")


def listeners() -> list[Callable[..., Any]]:
    """Return what carries out a call for each trace whose block runs, the outermost first.

    They are called as listener(module, forward, *inputs, **options).
    """
    found = []
    for entry in [*begun]:
        lock, reference = entry
        one = reference()
        if lock.locked() and one is not None:
            found.append(one._run)
        else:
            with suppress(ValueError):  # another thread has taken it out
                begun.remove(entry)
    return found


class _Exit:
    """The method `__exit__` of what has a lock: that of the lock itself."""

    def __get__(self, one: Any, kind: type) -> Any:
        return self if one is None else one._lock.__exit__

    def __call__(self, one: Any, *error: object) -> None:
        one._lock.__exit__(*error)


class trace(dict[Value, tuple[str, int]]):
    """The calls of a model's parts, recorded while a `with` block runs.

    The trace is a mapping from every Value that the model computed, and from
    its parameters, to (path, call index) of the innermost call that made or
    first used it. `draw`, `explain` and others take it as `groups`. What is no
    part of the model is not recorded. The Values live for as long as the trace.

    Attributes:
        calls: The calls in the order in which they ended.
        names: The parameters by their paths.
        computed: What each part computes, by its path.
        gates: The paths of the gates of recurrent cells.

    Args:
        model: The model whose calls are recorded.

    Examples:
        >>> import nn
        >>> model = nn.MLP(1, [1], seed=0)
        >>> with nn.trace(model) as t:
        ...     (output,) = model([2.0])
        >>> t[output]
        ('layers.0.neurons.0', 0)
    """

    @names_checked
    def __init__(self, model: Model):
        if not hasattr(model, "named_parameters") or isinstance(model, type):
            raise DataTypeError(
                f"a trace is of a Module, such as nn.MLP(2, [16, 1]), not {told(model)}"
            )
        super().__init__()
        self._lock = Lock()
        self.calls: list[Call] = []
        self.names = dict(model.named_parameters())
        self.computed = {path: _computed(part) for path, part in model.named_modules()}
        self.gates = [
            f"{path}.{name}" if path else name
            for path, part in model.named_modules()
            for name, activation in getattr(part, "gates", {}).items()
            if activation == "sigmoid"
        ]
        self._parameters = set(model.parameters())
        self._places = {
            id(part): zip(repeat(path), count(), strict=False)
            for path, part in model.named_modules()
        }  # (path, 0), (path, 1), ...

    def __enter__(self) -> trace:
        if self._lock.locked():
            raise ArgumentError("this trace records already: make another one, nn.trace(model)")
        try:
            self._lock.acquire()
            begun.append((self._lock, ref(self)))
            return self
        except BaseException:  # Ctrl-C: the block will not run
            if self._lock.locked():
                self._lock.release()
            raise

    __exit__ = _Exit()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy keeps: all but what recording needs."""
        return {name: x for name, x in vars(self).items() if not name.startswith("_")}

    def _run(
        self, module: Any, forward: Callable[..., Any], /, *inputs: Any, **options: Any
    ) -> Any:
        """Carry out a call, and note the nodes that no call within it has made."""
        if id(module) not in self._places:
            return forward(*inputs, **options)
        place = next(self._places[id(module)])
        outputs = forward(*inputs, **options)
        self.calls.append(Call(*place, (*inputs, *options.values()), outputs))
        seen = {leaf for leaf in leaves(self.calls[-1].inputs) if isinstance(leaf, Value)}
        stack = [leaf for leaf in leaves(outputs) if isinstance(leaf, Value)]
        while stack:
            value = stack.pop()
            if value not in seen and (value.op is not LEAF or value in self._parameters):
                seen.add(value)
                self.setdefault(value, place)
                stack += value.parents
        return outputs
