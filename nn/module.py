"""Module: a part of a model, whose parameters are found by walking its attributes."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cache, partial
from inspect import CO_VARARGS, signature
from itertools import repeat, starmap
from math import inf
from numbers import Integral, Real
from operator import setitem
from os import PathLike
from types import FrameType, FunctionType, GeneratorType
from typing import Any, ClassVar, NoReturn, TypeVar

from autograd import Drawing, Value
from autograd.errors import DataTypeError, DrawingError
from autograd.extending import (
    LEAF,
    NOT_COMPUTED,
    AbstractListing,
    advice_on,
    assign,
    assign_grads,
    ending_at_caller,
    leaves,
    listed,
    name_elsewhere,
    shown_as,
    told,
    within,
)

from .arguments import (
    WORDS,
    Free,
    OfParts,
    accepted,
    arguments_of,
    attributes_of,
    is_own_class,
    named_here,
    names_checked,
    own_arguments,
    refuse_attribute,
    slots_of,
    written_here,
    written_in,
)
from .data.checks import is_sequence
from .files import StateError, check_keys, checked_number, read, told_of, write
from .foreign_objects import OF_MODELS, SETTINGS_OF_MODELS
from .init import room, undrawn
from .pictures import draw_model
from .preparation import Preparation
from .tracing import begun, listeners

_PLAIN = frozenset({float, int, str, bool, type(None), Value})  # classes that hide no Values
Own = TypeVar("Own", bound="Module")  # the class of a module, in what its methods return

# What other libraries' models have, and what it is here.
NAMES = {
    "nn.fit(model, X, y, loss=nn.mse, optimizer=nn.Adam(model.parameters()))": "fit train_on_batch",
    "nn.predict(model, X)": "predict transform decision_function",
    "autograd.sigmoid(outputs[0]) of a single output, autograd.softmax(outputs) of several, for "
    "each row of nn.predict(model, X)": "predict_proba",
    "nn.metrics.predicted_classes(nn.predict(model, X))": "predict_classes",
    "nn.evaluate(model, X, y, loss=nn.mse, metrics=[nn.accuracy])": "evaluate score test",
    "loss=, optimizer= and metrics= of nn.fit": "compile loss optimizer metrics",
    "print(model), or model.draw()": "summary print plot show",
    "model.state_dict() and model.load_state_dict(state)": (
        "weights get_weights set_weights state coef_ intercept_ coefs_ intercepts_"
    ),
    "model.save(path) and nn.load(path)": (
        "load save_weights load_weights save_pretrained from_pretrained"
    ),
    "model.named_modules()": "children modules named_children",
    "model.parameters(), and len() of it": (
        "params parameters_ n_params num_parameters count_params count_parameters "
        "trainable_variables trainable_weights"
    ),
    "model.layers[0].neurons[0].w and .b, or model.named_parameters()": "w b weight bias neurons",
    "n_in, n_out and sizes": "nin nout in_features out_features input_dim output_dim",
    "loss.backward(), on the loss of its outputs": "backward",
    "optimizer.step()": "step",
    "optimizer.lr": "lr learning_rate",
    "p.grad of each of its parameters": "grad gradients",
    "nothing that could be chosen: it computes in float64, in Python": (
        "to cuda cpu half double float device dtype share_memory type"
    ),
    "copy.deepcopy(model)": "clone copy deepcopy",
    "an optimizer made from the parameters that are to be trained": (
        "freeze unfreeze requires_grad requires_grad_ trainable"
    ),
    "a new model, with another seed": "reset reset_parameters init_weights apply",
    "nn.Sequential(layer, layer, ...), or attributes of a Module of your own: what is set in "
    "__init__ is found": (
        "add add_module append register_parameter register_module register_buffer buffers "
        "named_buffers"
    ),
    "what nn.fit returns": "history loss_curve_",
    "model.settings()": "get_config to_json hidden_layer_sizes",
    "model.layers[i]": "get_layer",
    "a callback of nn.fit that returns True": "stop_training",
    "a Module of your own, whose forward keeps what it computes, as in self._out = ...": (
        "register_forward_hook"
    ),
    "nn.export.to_onnx, to_torch and to_safetensors": "export onnx script",
    "nn.sklearn.NetClassifier and NetRegressor": "get_params set_params fit_transform classes_",
}
ADVICE = {name: advice for advice, names in NAMES.items() for name in names.split()}

SELVES = ("self", "this", "me", "cls", "model", "module", "net", "_", "s")  # names of the model
ITERATORS = (GeneratorType, map, zip, filter, enumerate, reversed)

# As long as it holds the same object, no `training` of a module was set, and no option of
# an optimizer.
changes = [object()]


class Walk:
    """The parameters and parts of a module, and what it looked like when they were found.

    Looking again costs far more than comparing: this makes `parameters()` fast.
    The first of `dicts` is the module's own. A copy of a module has to look
    again, so a copy of a Walk is empty.
    """

    __slots__ = ("contents", "dicts", "items", "keys", "lists", "modules", "parameters")

    def __init__(
        self,
        parameters: Sequence[Value] = (),
        modules: Sequence[Module] = (),
        dicts: Sequence[dict[Any, Any]] = (),
        lists: Sequence[list[Any]] = (),
    ) -> None:
        self.parameters, self.modules = list(parameters), list(modules)
        self.dicts, self.lists = list(dicts), list(lists)
        self.contents = list(map(dict, self.dicts))
        self.keys = list(map(list, self.dicts))
        self.items = list(map(list, self.lists))

    def __reduce__(self) -> Any:
        return Walk, ()

    def current(self, attributes: dict[str, Any]) -> bool:
        """Whether nothing has changed since, in the module that has these attributes."""
        try:
            return (
                bool(self.dicts)
                and self.dicts[0] is attributes
                and self.dicts == self.contents
                and list(map(list, self.dicts)) == self.keys  # dicts are equal in any order
                and self.lists == self.items
            )
        except Exception:  # two things that refuse to be compared are not the same
            return False


class Made(metaclass=AbstractListing):
    """The base of Module: what happens before `__init__`, whose arguments `help` shows."""

    __slots__ = ("__dict__", "__weakref__", "_walk")
    _walk: Walk

    def __new__(cls, *inputs: Any, **options: Any) -> Any:
        known = accepted(cls) if options else None
        if known is not None:
            for name in options:
                if name not in known:
                    where = "nn." * (vars(sys.modules["nn"]).get(cls.__name__) is cls)
                    raise DataTypeError(
                        f"{where}{cls.__name__} has no argument {name}=: "
                        f"{advice_on(name, known, WORDS)}"
                    )
        self = super().__new__(cls)
        object.__setattr__(self, "_walk", Walk())
        return self


name_elsewhere(Made, OF_MODELS, Free)
name_elsewhere(Made, SETTINGS_OF_MODELS | ADVICE, OfParts)


@names_checked
def _parameters(self: Module) -> None:
    """Refuse all arguments of `parameters`, which is too quick to be wrapped."""


def check_call(
    module: Module, inputs: Sequence[Any], options: Mapping[str, Any], error: Exception
) -> None:
    """Raise DataTypeError if these are not the arguments that a module's forward takes."""
    _check_self(module, inputs, options, error)
    try:
        taken = signature(module.forward)
    except (TypeError, ValueError):  # a function without a signature
        return
    try:
        taken.bind(*inputs, **options)
        return
    except TypeError as unbound:
        fault = str(unbound)
    name = next(iter(taken.parameters), "x")
    given = [*map(told, inputs), *[f"{key}={told(x)}" for key, x in options.items()]]
    if len(inputs) > 1 and all(isinstance(x, (Real, Value)) for x in inputs):
        remedy = f"give the numbers in one list, model([{', '.join(map(told, inputs))}])"
    elif unknown := [key for key in options if key not in taken.parameters]:
        remedy = advice_on(unknown[0], taken.parameters, WORDS)
    else:
        rows = f"; many rows are [model({name}) for {name} in X]" * (len(inputs) > 1)
        remedy = f"it takes {', '.join(taken.parameters) or 'nothing'}{rows}"
    raise DataTypeError(f"{module!r} was called with ({', '.join(given)}), {fault}: {remedy}")


def _check_self(
    module: Module, inputs: Sequence[Any], options: Mapping[str, Any], error: Exception
) -> None:
    """Raise DataTypeError if forward was written without its first argument, self."""
    function = getattr(module.forward, "__func__", None)
    if not isinstance(function, FunctionType):
        return
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    if names and (names[0] in SELVES or function.__code__.co_flags & CO_VARARGS):
        return
    uses = isinstance(error, NameError) and error.name == "self"
    lacks = not names or not _binds(module.forward, inputs, options)
    if not uses and not (lacks and isinstance(error, TypeError)):
        return
    written, right = ", ".join(names), ", ".join(["self", *(names or "x")])
    raise DataTypeError(
        f"forward({written}) of {type(module).__name__} lacks self, the model, which Python gives "
        f"it first: write def forward({right})"
    )


def _binds(function: Callable[..., Any], inputs: Sequence[Any], options: Mapping[str, Any]) -> bool:
    """Whether a function takes these arguments."""
    try:
        signature(function).bind(*inputs, **options)
    except (TypeError, ValueError):
        return False
    return True


def check_model(model: Any) -> None:
    """Raise DataTypeError unless this is a Module."""
    if not isinstance(model, Module):
        raise DataTypeError(f"model is a Module, such as nn.MLP(2, [16, 1]), not {told(model)}")


class Module(Made):
    """The base of layers and models.

    A subclass sets attributes in `__init__` and writes `forward`; calling the
    object calls `forward`.

    A parameter is a leaf Value under a public attribute, also inside lists,
    tuples, dicts and other Modules. It counts once, under the first path that
    leads to it, such as "layers.0.neurons.3.w.2". Only Values may take its
    place. An attribute whose name begins with _ holds no parameter: keep there what
    forward leaves for later, such as an output, which is a leaf within `no_grad`.

    An argument of `__init__` that is kept under its own name is a setting:
    `repr` shows it and, for nn's own classes, `save` writes it.

    Examples:
        >>> import nn
        >>> from autograd import Value
        >>> class Line(nn.Module):
        ...     def __init__(self):
        ...         self.w, self.b = Value(2.0), Value(1.0)
        ...     def forward(self, x):
        ...         return self.w * x + self.b
        >>> Line()(3.0).data
        7.0
        >>> Line().named_parameters()
        [('w', Value(data=2.0)), ('b', Value(data=1.0))]
    """

    __slots__ = ()
    training: bool = True
    chained: ClassVar[bool] = False  # whether the data goes from each part to the next
    preparation: Preparation | None = None  # what turns a raw row into its inputs
    renewable: ClassVar[tuple[str, ...]] = ()  # settings that can be set again
    own_classes: ClassVar[dict[str, type[Module]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith(f"{__package__}."):
            Module.own_classes[cls.__name__] = cls
            if "__init__" in vars(cls):
                cls.__init__ = names_checked(cls.__init__)  # type: ignore[method-assign]
        for name, x in vars(cls).items():
            if not hasattr(x, "__get__") and name in methods_of(cls) and hides(name, x):
                _refuse_hiding(cls, name, x)

    @names_checked
    def __init__(self) -> None:
        """A subclass replaces this."""

    def __setattr__(self, name: str, new: Any) -> None:
        if not name.startswith("_"):
            cls: Any = type(self)
            if name not in vars(self) and named_here(cls, name) and not _holds_parts(new):
                refuse_attribute(cls, name)
            if name in methods_of(cls) and hides(name, new):
                _refuse_hiding(cls, name, new)
            parts = leaves(new)
            if not is_own_class(cls):
                odd = next(filter(_is_spent_or_computed, parts), None)
                if odd is not None and _is_being_made(self, sys._getframe(1)):
                    _refuse_in_init(self, name, odd)
            old = vars(self).get(name)
            if name in vars(self):
                if is_own_class(cls) and name in attributes_of(cls):
                    new = self._renewed(name, new)
                    parts = leaves(new)
            elif name in own_arguments(cls) and not written_here(sys._getframe(1)):
                self._refuse_setting(name)
            if old is not None:
                self._check_replaced(name, leaves(old), new, parts)
            for x in parts:
                if type(x) not in _PLAIN and not isinstance(x, Module) and _hides_values(x):
                    raise DataTypeError(
                        f"{name!r} of {self!r} would hide parameters in {told(x)}: they are found "
                        "in lists, tuples, dicts and Modules, so give a list"
                    )
            if name in slots_of(cls) and _holds_parts(new):
                raise DataTypeError(
                    f"{name!r} of {cls.__name__} lies in __slots__, where no parameter is found: "
                    "leave it out there"
                )
            space = room.get()
            if space is not None:
                space.take([x for x in parts if isinstance(x, Value)])
            if name == "preparation" and not isinstance(new, (Preparation, type(None))):
                raise DataTypeError(
                    f"preparation is what nn.Preparation.fit gives, or None, not {told(new)}: "
                    "what else there is to keep has another name"
                )
            if name == "training":
                within({name: new}, training="True, False")
                set_modes([self], [bool(new)])
                return
        super().__setattr__(name, new)

    def _check_replaced(self, name: str, old: list[Any], new: Any, parts: list[Any]) -> None:
        """Raise DataTypeError if an attribute would lose its parameters or its parts.

        Args:
            name: The attribute.
            old: What it holds.
            new: What it is to hold.
            parts: The leaves of that.
        """
        if any(map(_is_parameter, old)) and not all(
            isinstance(x, (Value, Module)) for x in parts or [None]
        ):
            raise DataTypeError(
                f"{name!r} of {self!r} is a parameter: set its number, "
                f"as in .{name}.data = ..., or put Values in its place"
            )
        if any(isinstance(x, Module) for x in old) and any(
            isinstance(x, (Real, str)) for x in parts
        ):
            raise DataTypeError(
                f"{name!r} of {self!r} holds parts with parameters, which {told(new)} "
                "would replace: give other Modules, or a new name"
            )

    def _renewed(self, name: str, new: Any) -> Any:
        """A setting of one of nn's own parts, which is set again, as a new part would keep it."""
        if name not in arguments_of(type(self)) or _holds_parts(vars(self)[name]):
            return new
        if name not in self.renewable:
            self._refuse_setting(name)
        like = undrawn(lambda: type(self)(**{**self.settings(), name: new}))
        return getattr(like, name)

    def _refuse_setting(self, name: str) -> NoReturn:
        """Raise DataTypeError for a setting that cannot be set again."""
        raise DataTypeError(
            f"{name!r} of {self!r} was used when it was made: make a new {type(self).__name__}"
        )

    def __dir__(self) -> list[str]:
        return listed(self, super().__dir__())

    def __getitem__(self, place: Any) -> NoReturn:
        """Say where the parts are, of which other libraries make a model's elements."""
        lists = [x for x, parts in vars(self).items() if _holds_parts(parts) and is_sequence(parts)]
        parts = f"its parts are in {' and '.join(f'.{x}' for x in lists)}, and " * bool(lists)
        raise DataTypeError(
            f"{type(self).__name__} is no list, and has no [{told(place)}]: {parts}its parameters "
            "in .parameters()"
        )

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Return the outputs for the inputs, which the docstring of the class describes.

        A subclass writes it.

        Raises:
            NotImplementedError: The class has no forward of its own.
        """
        raise ending_at_caller(
            NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")
        )

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        forward = self.forward
        if begun:
            for listener in listeners():
                forward = partial(listener, self, forward)
        try:
            return forward(*inputs, **options)
        except Exception as error:
            if isinstance(error, (TypeError, NameError)):
                check_call(self, inputs, options, error)
            ending_at_caller(error)
            raise

    @names_checked
    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their paths, in the order of the attributes."""
        return [(path, part) for path, part in self._parts() if _is_parameter(part)]

    @shown_as(lambda self: None)
    def parameters(self, *others: object, **options: object) -> list[Value]:
        """Return the parameters, the numbers that training may change, in the same order.

        This is fast, and always up to date.
        """
        if others or options:
            _parameters(self, *others, **options)
        return self._walked().parameters.copy()

    def _walked(self) -> Walk:
        """The parameters and parts as they are now."""
        if not self._walk.current(vars(self)):
            parts = [part for _, part in self._parts()]
            modules = [part for part in parts if isinstance(part, Module)]
            found = [part for part in parts if _is_parameter(part)]
            walk = Walk(found, modules)
            if all(map(_is_comparable, parts)):
                dicts = [part for part in parts if isinstance(part, dict)]
                lists = [part for part in parts if isinstance(part, list)]
                walk = Walk(found, modules, [*map(vars, modules), *dicts], lists)
            object.__setattr__(self, "_walk", walk)
        return self._walk

    @names_checked
    def named_modules(self) -> list[tuple[str, Module]]:
        """Return this module, under the path "", and all modules within it."""
        return [(path, part) for path, part in self._parts() if isinstance(part, Module)]

    def _whereabouts(self) -> tuple[Any, ...]:
        """What stands where, also once more, by ids and paths: for programs of this module."""
        again: list[tuple[str, str]] = []
        found = [
            (path, id(part), part.training if isinstance(part, Module) else None)
            for path, part in self._parts(again)
            if isinstance(part, Module) or _is_parameter(part)
        ]
        return *found, *again

    def _parts(self, again: list[tuple[str, str]] | None = None) -> Iterator[tuple[str, Any]]:
        """All that is within, each once: depth first, in the order of attributes and items.

        These are modules, Values, lists, tuples and dicts.

        Args:
            again: Takes each path where a part stands once more, and its first one.
        """
        seen: dict[int, str] = {}
        stack: list[tuple[str, Any]] = [("", self)]
        while stack:
            path, part = stack.pop()
            inner: dict[Any, Any] = {}
            if isinstance(part, Module):
                inner = {name: x for name, x in vars(part).items() if not name.startswith("_")}
            elif isinstance(part, (list, tuple)):
                inner = dict(enumerate(part))
            elif isinstance(part, dict):
                inner = part
            elif not isinstance(part, Value):
                continue
            if id(part) in seen:
                if again is not None:
                    again.append((path, seen[id(part)]))
                continue
            seen[id(part)] = path
            yield path, part
            if inner:
                start = f"{path}." if path else ""
                stack += [(f"{start}{name}", x) for name, x in reversed(inner.items())]

    @names_checked
    def zero_grad(self) -> None:
        """Forget all gradients, so that the next backward starts from 0."""
        parameters = self.parameters()
        assign_grads(parameters, repeat(NOT_COMPUTED, len(parameters)))

    @names_checked
    def train(self: Own, mode: bool = True) -> Own:
        """Tell this module and all within it that they are being trained; return it.

        Dropout drops only then.
        """
        within(locals(), mode="True, False")
        set_modes([module for _, module in self.named_modules()], repeat(bool(mode)))
        return self

    @names_checked
    def eval(self: Own) -> Own:
        """Do the opposite of train(): answer as a finished model, and return it."""
        return self.train(False)

    @names_checked
    def state_dict(self) -> dict[str, float]:
        """Return the parameters' numbers by path.

        Raises:
            StateError: Two parameters have the same path.
        """
        return {path: p.data for path, p in self._by_path().items()}

    def _by_path(self) -> dict[str, Value]:
        """The parameters by path. Raises StateError where two have the same."""
        named = self.named_parameters()
        found = dict(named)
        if len(found) < len(named):
            raise StateError(
                f"two parameters of {self!r} have the same path: "
                "give its dicts keys that differ as text and have no dots"
            )
        return found

    @names_checked
    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set each parameter to the number of its path.

        Raises:
            StateError: A path is missing or left over, or has no number. Then
                nothing has changed.
        """
        assign(*self.placed(state))

    def placed(self, state: Mapping[str, float]) -> tuple[list[Value], list[float]]:
        """Return the parameters and the numbers that a `state_dict` gives them.

        Raises:
            StateError: It does not fit.
        """
        if not isinstance(state, Mapping):
            remedy = ": write model.state_dict() of it" if isinstance(state, Module) else ""
            raise StateError(
                "a state is a mapping from paths to numbers, as state_dict() gives and "
                f"nn.read_state(path) reads, not {told(state)}{remedy}"
            )
        found = self._by_path()
        odd = {
            "the state lacks ": sorted(map(str, found.keys() - state.keys())),
            "the model has no ": sorted(map(str, state.keys() - found.keys())),
        }
        if any(odd.values()):
            faults = [
                fault + ", ".join(some[:3]) + f" and {len(some) - 3} more" * (len(some) > 3)
                for fault, some in odd.items()
                if some
            ]
            raise StateError(f"the state does not fit {told(self)}: {', and '.join(faults)}")
        return list(found.values()), [checked_number(path, state[path]) for path in found]

    @names_checked
    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as JSON, whole or not at all.

        The file has the settings, for `nn.load`, and the parameters, which come
        back bit for bit. If the settings do not give the model again, as where
        a layer of an MLP was replaced, construct it yourself and load its
        state.

        Raises:
            StateError: `load` would refuse the preparation, as one of another number of
                inputs. Then no file is written.
            OSError: The file cannot be written.
        """
        described: dict[str, Any] = {"class": type(self).__name__, "settings": None}
        with suppress(RecursionError):  # parts so deep in each other that `load` cannot make them
            described = _described(self)
            if described["settings"] is not None and not _gives_again(described, self):
                described["settings"] = None
        if self.preparation is not None:
            described["preparation"] = json.loads(json.dumps(self.preparation.content()))
            with told_of(f"{told(self)} cannot be saved"):
                _preparation(described, self)
        write(path, "model", {**described, "state": self.state_dict()})

    def settings(self) -> dict[str, Any]:
        """Return the arguments of `__init__` that were kept under their own names."""
        return {name: vars(self)[name] for name in arguments_of(type(self)) if name in vars(self)}

    @names_checked
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
            layout: "parts": boxes in boxes, with settings and parameter counts,
                and the way of the data where it is a chain. "net": the units of
                a chain of Layers as circles, the weights as lines. "cell": a
                recurrent cell gate by gate, with the numbers of one step.
            x: A row of inputs: its numbers are shown in the units, z and a. A
                cell needs it.
            y: The row's target, for `loss`.
            loss: Adds the loss of this row to a net, as in loss=nn.mse.
            gradients: Show the gradients of the loss, or of the single output,
                in the place of the weights.
            state: The state before a cell's step, by default its start.

        Raises:
            DrawingError: The layout does not fit the model, it does not show an
                argument, or an argument is missing.

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
        try:
            return draw_model(self, layout, x, y, loss, gradients, state)
        except RecursionError as error:
            raise DrawingError(
                f"this {type(self).__name__} has parts too deep in each other: draw one of them"
            ) from error

    def __repr__(self) -> str:
        n = len(self.parameters())
        try:
            shown = ", ".join(
                f"{name}={getattr(value, '__name__', repr(value))}"
                for name, value in self.settings().items()
            )
        except RecursionError:  # parts too deep in each other
            shown = "..."
        prepared = f", {self.preparation!r}" if self.preparation is not None else ""
        return f"<{type(self).__name__}({shown}): {n} parameter{'s' * (n != 1)}{prepared}>"


def is_own(model: Module) -> bool:
    """Whether a model is a function of its inputs and parameters: made of nn's own parts."""
    return not (begun and listeners()) and all(
        type(part).__module__.startswith(f"{__package__}.")
        and written_in(type(part).forward).startswith(f"{__package__}.")
        and "forward" not in vars(part)
        and all(map(_is_own_attribute, vars(part).values()))
        for part in model._walked().modules
    )


def _is_own_attribute(x: Any) -> bool:
    """Whether an attribute is no function, or one of nn's or autograd's."""
    if not callable(x) or isinstance(x, Module):
        return True
    return str(getattr(x, "__module__", "")).partition(".")[0] in (__package__, "autograd", "math")


@cache
def methods_of(cls: type) -> frozenset[str]:
    """The public methods of a model that nn's own classes have."""
    return frozenset(
        name
        for base in cls.__mro__
        if is_own_class(base)
        for name, x in vars(base).items()
        if isinstance(x, FunctionType) and not name.startswith("_")
    )


def hides(name: str, new: Any) -> bool:
    """Whether this cannot take the place of a method: it is no function."""
    return not callable(new) or (isinstance(new, Module) and name != "forward")


def _refuse_hiding(cls: type, name: str, new: Any) -> NoReturn:
    """Raise DataTypeError for an attribute that would hide a method."""
    modes = "train() and eval() set the mode, which is read as .training; else "
    raise DataTypeError(
        f"{name!r} of {cls.__name__} is a method, {name}(), which {told(new)} would hide: "
        f"{modes * (name in ('train', 'eval'))}give it another name, such as {name}_ or my_{name}"
    )


def _is_spent_or_computed(x: Any) -> bool:
    """Whether this is the result of an operation, or an iterator, empty after its first use."""
    return x.op is not LEAF if isinstance(x, Value) else isinstance(x, ITERATORS)


def _is_being_made(module: Module, frame: FrameType | None) -> bool:
    """Whether `__init__` of a module runs, and not its forward within that."""
    while frame is not None and frame.f_code.co_name not in ("__call__", "forward"):
        code = frame.f_code
        if code.co_name == "__init__" and code.co_argcount:
            return frame.f_locals.get(code.co_varnames[0]) is module
        frame = frame.f_back
    return False


def _refuse_in_init(module: Module, name: str, x: Any) -> NoReturn:
    """Raise DataTypeError for what can be no parameter of a module that is being made."""
    cls = type(module).__name__
    if isinstance(x, Value):
        raise DataTypeError(
            f"{name!r} of {cls} has a Value computed from others, {told(x)}, which is no "
            f"parameter, so it would not be trained: write self.{name} = (...).detach() for a "
            "leaf, or compute it in forward"
        )
    raise DataTypeError(
        f"{name!r} of {cls} has {told(x)}, which is empty after its first use, and no parameter is "
        f"found in it: write self.{name} = list(...), or self._{name} for a source of its own"
    )


def _hides_values(x: Any) -> bool:
    """Whether this is a set or an array of Values."""
    items = [*x] if isinstance(x, Set) else x.tolist() if hasattr(x, "tolist") else []
    return any(isinstance(item, Value) for item in leaves(items))


def _holds_parts(x: Any) -> bool:
    """Whether this is or has a Value or a Module."""
    return any(isinstance(part, (Value, Module)) for part in leaves(x))


def _is_parameter(part: Any) -> bool:
    """Whether a part is a leaf Value."""
    return isinstance(part, Value) and part.op is LEAF


def _is_comparable(part: Any) -> bool:
    """Whether == tells a part from every other: its class has not an == of its own."""
    if isinstance(part, Module):
        return type(part).__eq__ is object.__eq__
    return type(part) in (list, dict) or isinstance(part, (Value, tuple))


def set_modes(modules: Sequence[Module], modes: Iterable[bool]) -> None:
    """Set `training` of modules, of all or of none."""
    mode_setter(modules, modes)()


def modes_of(model: Module) -> tuple[list[Module], list[bool]]:
    """The modules of a model, and which of them are in training mode."""
    check_model(model)
    modules = [module for _, module in model.named_modules()]
    return modules, [module.training for module in modules]


def mode_setter(modules: Sequence[Module], modes: Iterable[bool]) -> Callable[[], bool]:
    """Return a function that sets `training` of modules, of all or of none, when it is called once.

    It is one call of C, so Ctrl-C comes before or after it. It needs no memory: what it
    needs is made here. So it can undo a change where no memory is left.
    """
    attributes = [*map(vars, modules)]
    for module, known in zip(modules, attributes, strict=True):
        known.setdefault("training", module.training)  # now there is a place for it
    places = zip(attributes, repeat("training"), modes, strict=False)
    # The second mark is for a thread that has looked in between.
    return partial(
        any,
        starmap(setitem, [(changes, 0, object()), *places, (changes, 0, object())]),
    )


@names_checked
def load(path: str | PathLike[str]) -> Module:
    """Return the model that `save` wrote, in eval mode, if its class is one of nn's own.

    Construct other Modules yourself, then call
    `model.load_state_dict(nn.read_state(path))`. A file cannot make `load`
    build more parameters than it holds.

    Raises:
        StateError: The file is damaged, hostile, newer or of another class.
        OSError: The file cannot be read.
    """
    content = read(path, "model")
    state = _state(path, content)
    try:
        # A part may make some parameters that it then shares or replaces.
        model: Module = undrawn(
            lambda: _built(content, limit=max(len(state), 100)), 2 * len(state) + 100
        )
    except StateError as error:
        raise StateError(f"{path} does not describe a model of nn's own: {error}") from error
    except RecursionError as error:
        raise StateError(f"{path} describes parts that lie too deep in each other") from error
    with told_of(str(path)):
        if "preparation" in content:
            model.preparation = _preparation(content, model)
        model.load_state_dict(state)
    model.eval()
    return model


@names_checked
def read_state(path: str | PathLike[str]) -> dict[str, float]:
    """Return the numbers by path in a model's file.

    For a model of your own: `model.load_state_dict(nn.read_state(path))`.

    Raises:
        StateError: The file is damaged or newer.
        OSError: The file cannot be read.
    """
    return _state(path, read(path, "model"))


def _state(path: str | PathLike[str], content: dict[str, Any]) -> dict[str, float]:
    """The numbers by path in a file's content. Raises StateError if it has none."""
    with told_of(str(path)):
        if not isinstance(content.get("state"), dict):
            raise StateError(
                "it holds no state: an object with the paths of parameters and their numbers"
            )
        return {
            place: checked_number(f"state, {place!r}", x) for place, x in content["state"].items()
        }


def _preparation(content: Mapping[str, Any], model: Module) -> Preparation:
    """The preparation in a model's file. Raises StateError if there is none that fits."""
    preparation = Preparation.from_content(content["preparation"])
    n_in = vars(model).get("n_in", preparation.n_in)
    if content["settings"] is not None and n_in != preparation.n_in:
        raise StateError(
            f"its preparation gives {preparation.n_in} inputs, and the model takes {n_in}"
        )
    return preparation


def _described(part: Any) -> Any:
    """A setting as JSON data: a Module as its class and its settings.

    The settings are None where `load` could not construct the Module from them.
    """
    if isinstance(part, Integral):  # such as NumPy's
        return int(part)
    if isinstance(part, Real):
        return float(part)
    if not isinstance(part, Module):
        raise TypeError(f"{part!r} cannot be written as JSON")
    settings = None
    if Module.own_classes.get(type(part).__name__) is type(part):
        with suppress(TypeError):
            settings = json.loads(json.dumps(part.settings(), default=_described))
    return {"class": type(part).__name__, "settings": settings}


def _gives_again(described: dict[str, Any], model: Module) -> bool:
    """Whether a description gives the model again.

    That is not asked where a part is of a class that `load` cannot construct.
    """
    try:
        return _outline(undrawn(lambda: _built(described, inf))) == _outline(model)
    except StateError:
        return True
    except RecursionError:
        return False


def _outline(model: Module) -> list[Any]:
    """What a model consists of: the paths of its parts, their classes, their plain settings."""
    modules = [
        (path, type(part), json.dumps(part.settings(), default=_name))
        for path, part in model.named_modules()
    ]
    return [*modules, *[path for path, _ in model.named_parameters()]]


def _name(part: Any) -> Any:
    """A Module in a setting by its class alone, anything else as `_described` does."""
    return type(part).__name__ if isinstance(part, Module) else _described(part)


def _built(description: Any, limit: float, place: str = "the model") -> Any:
    """The inverse of `_described`.

    Args:
        description: What was described.
        limit: It bounds every size.
        place: Where the description stands in a file, for messages.
    """
    if isinstance(description, int) and description > limit:
        raise StateError(f"{place} is {told(description)}, more than its parameters could fill")
    if isinstance(description, list):
        return [_built(item, limit, f"{place}.{i}") for i, item in enumerate(description)]
    if not isinstance(description, dict):
        return description
    check_keys(place, description, ("class", "settings"))
    name, given = description["class"], description["settings"]
    if not isinstance(name, str):
        raise StateError(f"the class of {place} is {told(name)}, and no name")
    if name not in Module.own_classes or given is None:
        kept = "nn.Preparation.from_content(json.loads(Path(path).read_text())['preparation'])"
        raise StateError(
            f"construct {name} yourself, then call its load_state_dict(nn.read_state(path))"
            + f", and set its preparation to {kept}" * ("preparation" in description)
        )
    check_keys(f"settings of {place}", given, ())
    cls = Module.own_classes[name]
    start = "" if place == "the model" else f"{place}."
    settings = {
        key: value if key == "steps" else _built(value, limit, f"{start}{key}")
        for key, value in given.items()
    }
    several = []
    for key, parameter in arguments_of(cls).items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            several = settings.pop(key, [])
            if not isinstance(several, list):
                raise StateError(f"{start}{key} is {told(several)}, and no list of parts")
    try:
        return cls(*several, **settings)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise StateError(f"{place}, of class {name}: {error}") from error
