"""Module: a part of a model, whose parameters are found by walking its attributes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from inspect import signature
from math import inf
from os import PathLike
from typing import Any, ClassVar

from autograd import Drawing, Value
from autograd.errors import DataTypeError
from autograd.extending import LEAF, NOT_COMPUTED, leaves

from .files import StateError, number, read, write
from .init import undrawn
from .pictures import draw_model
from .preparation import Preparation
from .tracing import listeners


class Module:
    """The base of layers and models: subclasses set attributes in `__init__` and write `forward`; calling the object calls `forward`. A parameter is
    a leaf Value under a public attribute, also inside lists, tuples, dicts and other Modules. It counts once, under the first path that leads to it,
    such as "layers.0.neurons.3.w.2"; only Values may take its place, while an attribute whose name begins with _ holds none. An argument of
    `__init__` that is kept under its own name is a setting: `repr` shows it and, for nn's own classes, `save` writes it."""

    training: bool = True
    chained: ClassVar[bool] = False  # whether the data goes from each part to the next
    preparation: Preparation | None = None  # what turns a raw row into its inputs
    own_classes: ClassVar[dict[str, type["Module"]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.__module__.startswith(f"{__package__}."):
            Module.own_classes[cls.__name__] = cls

    def __setattr__(self, name: str, new: Any) -> None:
        old = (
            []
            if name.startswith("_")
            else [x for x in leaves(vars(self).get(name)) if isinstance(x, Value) and x.op is LEAF]
        )
        if old and not all(isinstance(x, (Value, Module)) for x in leaves(new) or [None]):
            raise DataTypeError(
                f"{name!r} of {self!r} is a parameter: set its number, as in .{name}.data = ..., or put Values in its place"
            )
        super().__setattr__(name, new)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The outputs for the inputs: what a subclass writes. Raises NotImplementedError where it has not."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        forward = self.forward
        for listener in listeners:
            forward = partial(listener, self, forward)
        return forward(*inputs, **options)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their paths, in the order of the attributes."""
        return [(path, part) for path, part in self._parts() if isinstance(part, Value)]

    def parameters(self) -> list[Value]:
        """The parameters, in the same order: the numbers that training may change."""
        return [p for _, p in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, "Module"]]:
        """This module, under the path "", and all modules within it."""
        return [(path, part) for path, part in self._parts() if isinstance(part, Module)]

    def _parts(self) -> Iterator[tuple[str, "Module | Value"]]:
        """The modules and parameters, each once: depth first, in the order of attributes, lists and dicts."""
        seen: set[int] = set()
        stack: list[tuple[str, Any]] = [("", self)]
        while stack:
            path, part = stack.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if isinstance(part, Module) or (isinstance(part, Value) and part.op is LEAF):
                yield path, part
            if isinstance(part, Module):
                part = {
                    name: inner for name, inner in vars(part).items() if not name.startswith("_")
                }
            elif isinstance(part, (list, tuple)):
                part = dict(enumerate(part))
            if isinstance(part, dict):
                stack += [
                    (f"{path}.{name}" if path else str(name), inner)
                    for name, inner in reversed(part.items())
                ]

    def zero_grad(self) -> None:
        """Forget all gradients, so that the next backward does not add to them."""
        for p in self.parameters():
            p.grad = NOT_COMPUTED

    def train(self, mode: bool = True) -> None:
        """Tell this module and all within it that they are being trained: Dropout drops only then."""
        for _, module in self.named_modules():
            module.training = mode

    def eval(self) -> None:
        """The opposite of train(): answer as a finished model."""
        self.train(False)

    def state_dict(self) -> dict[str, float]:
        """The parameters' numbers by path. Raises StateError where two have the same path."""
        named = self.named_parameters()
        if len(dict(named)) < len(named):
            raise StateError(
                f"two parameters of {self!r} have the same path: give its dicts keys that differ as text and have no dots"
            )
        return {path: p.data for path, p in named}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set each parameter to the number of its path. Raises StateError, and changes nothing, for a path missing, left over or without a number."""
        paths = self.state_dict().keys()
        odd = [sorted(paths - state.keys()), sorted(state.keys() - paths)]
        if any(odd):
            lacking, unknown = [
                ", ".join(some[:3]) + f" and {len(some) - 3} more" * (len(some) > 3) or "nothing"
                for some in odd
            ]
            raise StateError(
                f"the state does not fit {self!r}: it lacks {lacking} and has no use for {unknown}"
            )
        numbers = [number(path, state[path]) for path in paths]
        for p, data in zip(self.parameters(), numbers, strict=True):
            p.data = data

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as JSON, atomically: settings, for `nn.load`, and parameters, which come back bit for bit. A model that its settings do not
        give again, such as an MLP with a layer replaced, is one to construct oneself. Raises OSError where the file cannot be written."""
        described = _described(self)
        with suppress(ValueError):  # where a part is of a class that `load` cannot construct
            with undrawn():
                built = _built(described, inf)
            built.preparation = self.preparation
            if repr(built.named_modules()) != repr(self.named_modules()):
                described["settings"] = None
        if self.preparation is not None:
            described["preparation"] = self.preparation.content()
        write(path, "model", {**described, "state": self.state_dict()})

    def settings(self) -> dict[str, Any]:
        """The arguments of `__init__` that were kept under their own names, in its order."""
        return {
            name: vars(self)[name]
            for name in signature(type(self)).parameters
            if name in vars(self)
        }

    def draw(
        self,
        layout: str = "parts",
        *,
        x: Sequence[Any] | None = None,
        y: Any = None,
        loss: Callable[..., Any] | None = None,
        gradients: bool = False,
        state: Any = None,
    ) -> Drawing:
        """Draw the model. The graph of a computation is drawn by `autograd.draw`.

        Args:
            layout: "parts": boxes in boxes, with settings and parameter counts, and
                the way of the data where it is a chain. "net": the units of a chain of
                Layers as circles, the weights as lines. "cell": a recurrent cell gate by
                gate, with the numbers of one step.
            x: A row of inputs: its numbers are shown in the units, z and a. A cell
                needs it.
            y: The row's target, for `loss`.
            loss: Adds the loss of this row to a net, as in loss=nn.mse.
            gradients: Show the gradients of the loss, or of the single output, in the
                place of the weights.
            state: The state before a cell's step, by default its start.

        Raises:
            DrawingError: The layout does not fit the model, or an argument is missing.

        Examples:
            >>> import nn
            >>> net = nn.MLP(2, [2, 1], seed=0)
            >>> print(net.draw("net", x=[1.0, 0.5], y=1, loss=nn.mse))  # doctest: +ELLIPSIS
            MLP with 9 parameters as a net
            X (2 inputs)
              x1, 1
              x2, 0.5
            ...
        """
        return draw_model(self, layout, x, y, loss, gradients, state)

    def __repr__(self) -> str:
        n = len(self.parameters())
        shown = ", ".join(
            f"{name}={getattr(value, '__name__', repr(value))}"
            for name, value in self.settings().items()
        )
        prepared = f", {self.preparation!r}" if self.preparation is not None else ""
        return f"<{type(self).__name__}({shown}): {n} parameter{'s' * (n != 1)}{prepared}>"


def load(path: str | PathLike[str]) -> Module:
    """The model that `save` wrote, in eval mode, if its class is one of nn's own. Other Modules are constructed, and then take `read_state(path)`.
    Raises StateError for a file that is damaged, hostile, newer or of another class, OSError for one that cannot be read."""
    content = read(path, "model")
    state = _state(content)
    try:
        with undrawn():
            model: Module = _built(content, limit=max(len(state), 100))
    except (
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise StateError(f"{path} does not describe a model of nn's own: {error}") from error
    if "preparation" in content:
        model.preparation = Preparation.from_content(content["preparation"])
    model.load_state_dict(state)
    model.eval()
    return model


def read_state(path: str | PathLike[str]) -> dict[str, float]:
    """The numbers by path in a model's file: for a model of the user's own, `model.load_state_dict(nn.read_state(path))`. Raises StateError and
    OSError as `load` does."""
    return _state(read(path, "model"))


def _state(content: dict[str, Any]) -> dict[str, float]:
    """The numbers by path in a file's content. Raises StateError if there is no such thing."""
    if not isinstance(content.get("state"), dict):
        raise StateError(
            "the file holds no state: a mapping from the paths of parameters to their numbers"
        )
    return {path: number(path, data) for path, data in content["state"].items()}


def _described(part: Any) -> dict[str, Any]:
    """A Module as JSON data: its class and its settings, which are None where `load` could not construct it from them."""
    if not isinstance(part, Module):
        raise TypeError(f"{part!r} cannot be written as JSON")
    settings = None
    if Module.own_classes.get(type(part).__name__) is type(part):
        with suppress(TypeError):
            settings = json.loads(json.dumps(part.settings(), default=_described))
    return {"class": type(part).__name__, "settings": settings}


def _built(description: Any, limit: float) -> Any:
    """The inverse of _described. `limit` bounds every size and part, lest a small file ask for a huge model."""
    if isinstance(description, int) and description > limit:
        raise ValueError(f"{description} is more than its parameters could fill")
    if not isinstance(description, dict):
        return (
            [_built(item, limit) for item in description]
            if isinstance(description, list)
            else description
        )
    if description["class"] not in Module.own_classes or description["settings"] is None:
        raise ValueError(
            f"construct {description['class']} yourself, then call its load_state_dict(nn.read_state(path))"
        )
    cls = Module.own_classes[description["class"]]
    settings = {
        name: value if name == "steps" else _built(value, limit)
        for name, value in description["settings"].items()
    }
    several = [
        name
        for name, parameter in signature(cls).parameters.items()
        if parameter.kind is parameter.VAR_POSITIONAL
    ]
    part = cls(*[part for name in several for part in settings.pop(name)], **settings)
    if len(part.parameters()) > limit:
        raise ValueError(
            f"{description['class']} has {len(part.parameters())} parameters, more than the file holds"
        )
    return part
