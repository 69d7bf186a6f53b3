"""Layers: from one neuron to a multilayer perceptron, and the parts of larger models. A layer takes a list and gives a list; the exceptions are a
Neuron, which gives one Value, and an Embedding, which takes an int. Inputs may be numbers or Values, and every layer of a fixed size checks their
number. An activation is given by name (relu, leaky_relu, elu, gelu, silu, softplus, sigmoid, log_sigmoid, tanh, heaviside, of a Layer also softmax and
log_softmax) or as a function, `init` too, by default kaiming_normal: standard deviation gain / sqrt(n_in). Weights are drawn from `rng`, or from
`random.Random(seed)`: give parts that must differ one common rng, or different seeds. Sizes are whole numbers of at least 1. Raises ArgumentError for
a size below 1 and an unknown name, DataTypeError and LengthError, with both lengths, for inputs that do not fit."""

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd import Value, dot, equal, identity, mean, sample, sqrt, take, where
from autograd.errors import ArgumentError, DataTypeError, IndexDomainError, LengthError
from autograd.extending import real_number, within

from .init import Init, Rng, draw_weights, generator
from .module import Module

Inputs = Sequence[Value | float]
Activation = (
    str | Callable[[Any], Any] | None
)  # how a layer is told its activation: by name, as a function, or None for a linear unit

LISTED = ("softmax", "log_softmax")  # of all units of a layer at once
NAMES = (
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "sigmoid",
    "log_sigmoid",
    "tanh",
    "heaviside",
    *LISTED,
)
BY_NAME: dict[str, Any] = {name: getattr(autograd, name) for name in NAMES}


class Neuron(Module):
    """a = activation(w . x + b): the sum of the n_in inputs, each times its weight, plus a bias, through an activation (Rosenblatt 1958, who took a
    step). A list of n_in in, one Value out. Its parameters are the Values w[0], w[1], ... and b, at first `bias`; w[0].data = 1.0 sets one by hand.
    Raises ArgumentError for softmax and log_softmax, which compare several units."""

    def __init__(
        self,
        n_in: int,
        activation: Activation = None,
        *,
        init: Init = None,
        bias: float = 0,
        seed: int = 0,
        rng: Rng = None,
    ):
        self.n_in = n_in
        self.activation, self._function = resolved(activation)
        if self.activation in LISTED:
            raise ArgumentError(
                f"{self.activation} compares the units of a layer, and a neuron is one unit: give it to a Layer"
            )
        self.w = tuple(
            [
                Value(w)
                for w in draw_weights(init, self.activation, n_in, 1, generator(rng, seed))[0]
            ]
        )
        self.b = Value(bias)

    def forward(self, x: Inputs) -> Any:
        z = dot(self.w, checked(self, self.n_in, x)) + self.b
        return z if self._function is None else self._function(z)


class Layer(Module):
    """n_out neurons that see the same n_in inputs: A = activation(Z) with Z = W x + b, a list of n_in to a list of n_out. Without an activation the
    layer is linear. softmax and log_softmax act on all units together: then the neurons are linear, and the layer applies it. `neurons` are its
    Neurons; nn.layers says what activation, init and rng may be."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: Activation = None,
        *,
        init: Init = None,
        bias: float = 0,
        seed: int = 0,
        rng: Rng = None,
    ):
        self.n_in, self.n_out = n_in, n_out
        self.activation, function = resolved(activation)
        self._joint = function if self.activation in LISTED else None
        rows = draw_weights(init, self.activation, n_in, n_out, generator(rng, seed))
        self.neurons = [
            Neuron(
                n_in, None if self._joint else activation, init=lambda *_, row=row: [row], bias=bias
            )
            for row in rows
        ]

    def forward(self, x: Inputs) -> list[Any]:
        x = tuple(checked(self, self.n_in, x))  # one for all neurons to share
        units = [neuron(x) for neuron in self.neurons]
        return units if self._joint is None else self._joint(units)


class Sequential(Module):
    """Modules one after the other, each fed with what the one before gives: f_k(... f_1(x)); `layers` lists them. DataTypeError for what is none."""

    def __init__(self, *layers: Module):
        if other := [layer for layer in layers if not isinstance(layer, Module)]:
            raise DataTypeError(
                f"Sequential(layer, layer, ...) takes Modules, not {other[0]!r}; an activation belongs to its Layer"
            )
        self.layers: list[Any] = list(layers)

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class MLP(Sequential):
    """A multilayer perceptron: layers of the given sizes, each fed with the one before; `output` is the activation of the last. `layers` is their
    list. MLP(2, [16, 16, 1]) takes 2 inputs through two hidden layers of 16 ReLU units to a list of 1 linear output. LengthError without sizes."""

    def __init__(
        self,
        n_in: int,
        sizes: Sequence[int],
        activation: Activation = "relu",
        output: Activation = None,
        *,
        init: Init = None,
        seed: int = 0,
        rng: Rng = None,
    ):
        if not isinstance(sizes, Sequence) or not sizes:
            raise LengthError(
                f"an MLP takes the sizes of its layers, at least one, in a list, as in MLP(2, [16, 16, 1]), not {sizes!r}"
            )
        self.n_in, self.sizes = n_in, list(sizes)
        self.activation, self.output = resolved(activation)[0], resolved(output)[0]
        rng = generator(rng, seed)
        activations = [self.activation] * (len(sizes) - 1) + [self.output]
        super().__init__(
            *[
                Layer(a, b, f, init=init, rng=rng)
                for a, b, f in zip([n_in, *sizes], sizes, activations, strict=False)
            ]
        )


class Embedding(Module):
    """A table of n learnt vectors of `dim` numbers: takes an index, a whole number 0 <= i < n, and gives the vector `rows[i]`, which is W^T
    one_hot(i). Starts normal with deviation 1 (as PyTorch's); an `init` gives n rows of dim: its n_in is dim. Raises IndexDomainError for another
    index."""

    def __init__(self, n: int, dim: int, *, init: Init = "normal", seed: int = 0, rng: Rng = None):
        within(locals(), n="1, 2, ...", dim="1, 2, ...")
        self.n, self.dim = n, dim
        self.rows = [
            [Value(w) for w in row]
            for row in draw_weights(init, None, dim, n, generator(rng, seed))
        ]

    def forward(self, i: Any) -> list[Any]:
        if isinstance(i, Value):
            return [take(column, i) for column in zip(*self.rows, strict=True)]
        if i not in range(self.n):
            raise IndexDomainError(
                f"{self!r} takes one index, 0 to {self.n - 1}, not {i!r}; several take Each(Embedding(...))"
            )
        return [
            identity(w) for w in self.rows[int(i)]
        ]  # a node of its own for each use, as `take` is, so that gradients add up in one order


class Dropout(Module):
    """In training, each input is 0 with probability p and else x / (1 - p), which keeps the mean; after eval() x passes unchanged (Srivastava et al.
    2014, in the inverted form). The masks come from `rng`, which `fit` replaces by its own. Raises ArgumentError unless 0 <= p < 1."""

    def __init__(self, p: float = 0.5, *, seed: int = 0, rng: Rng = None):
        within(locals(), p="[0, 1)")
        self.p, self.source = p, generator(rng, seed)

    def forward(self, x: Inputs) -> list[Any]:
        if not self.training:
            return list(x)
        return [
            u * where(sample(lambda: self.source.random()) < self.p, 0.0, 1.0 / (1.0 - self.p))
            for u in x
        ]


class RMSNorm(Module):
    """gain x / sqrt(mean(x^2) + eps): n inputs to n outputs, whose mean square is at most 1 until the gain, a parameter for each, has learnt (Zhang
    and Sennrich 2019, eq. 4). Raises ArgumentError unless n >= 1 and eps >= 0, ZeroDivisionError for inputs of 0 where eps = 0."""

    def __init__(self, n: int, eps: float = 1e-5):
        within(locals(), n="1, 2, ...", eps="[0, inf)")
        self.n, self.eps = n, eps
        self.gain = [Value(1.0) for _ in range(n)]

    def forward(self, x: Inputs) -> list[Any]:
        x = [
            u if isinstance(u, Value) else real_number(u, "an input")
            for u in checked(self, self.n, x)
        ]
        scale = 1.0 / sqrt(mean([u * u for u in x]) + self.eps)
        return [gain * (u * scale) for gain, u in zip(self.gain, x, strict=True)]


class LayerNorm(RMSNorm):
    """gain (x - m) / sqrt(v + eps) + b, with the mean m and the variance v (divided by n) of the n inputs (Ba et al. 2016, eq. 4)."""

    def __init__(self, n: int, eps: float = 1e-5):
        super().__init__(n, eps)
        self.b = [Value(0.0) for _ in range(n)]

    def forward(self, x: Inputs) -> list[Any]:
        m = mean(checked(self, self.n, x))
        return [u + b for u, b in zip(super().forward([u - m for u in x]), self.b, strict=True)]


def one_hot(i: Any, n: int) -> list[Any]:
    """n numbers, 1.0 at index i, a whole number 0 <= i < n, and 0.0 elsewhere. Raises IndexDomainError for another index."""
    if isinstance(i, Value):
        take(
            [0.0] * n, i
        )  # raises for another index; a recorded program, in which a number cannot be looked at, keeps the check
    elif i not in range(n):
        raise IndexDomainError(f"index {i!r} has no place among {n} classes, 0 to {n - 1}")
    return [equal(i, j) for j in range(n)]


def bag_of_words(indices: Sequence[int], n: int) -> list[Any]:
    """How often each of n words occurs, n numbers: the sum of the one-hot vectors, in which the order of the words is lost. Raises IndexDomainError
    for an index outside 0 <= i < n."""
    return [
        autograd.sum(column)
        for column in zip([0.0] * n, *[one_hot(i, n) for i in indices], strict=True)
    ]


def checked(module: Module, n_in: int, x: Inputs) -> Inputs:
    """x, if it is a list of the n_in inputs that the module takes. Raises DataTypeError or LengthError if not."""
    if not hasattr(x, "__len__"):
        raise DataTypeError(
            f"{module!r} takes a list of {n_in} inputs but was given {x!r}: one input is a list, too, and so is one row of X"
        )
    if len(x) != n_in:
        rows = (
            " rows: one row at a time, [model(x) for x in X]"
            if len(x) and hasattr(x[0], "__len__")
            else ""
        )
        raise LengthError(f"{module!r} takes {n_in} inputs but was given {len(x)}{rows}")
    return x


def resolved(activation: Activation) -> tuple[Activation, Callable[[Any], Any] | None]:
    """The name and the function of an activation: None or a user's own function is both. Raises ArgumentError for an unknown name and for
    the functions of Python's math."""
    if activation == "step":  # its name in older programs and files
        activation = "heaviside"
    function = BY_NAME.get(activation, activation) if isinstance(activation, str) else activation
    if getattr(function, "__module__", None) == "math":
        raise ArgumentError(
            f"{function!r} gives plain numbers, through which no gradient flows: take autograd's"
        )
    if not (function is None or callable(function)):
        raise ArgumentError(
            f"no activation {activation!r}; there are {', '.join(BY_NAME)}, or pass a function of a Value"
        )
    return next((name for name in BY_NAME if BY_NAME[name] is function), activation), function
