"""Layers: from one neuron to a multilayer perceptron, and the parts of larger models.

A layer takes a list and gives a list. There are two exceptions: a Neuron gives
one Value, and an Embedding takes one index. Inputs may be numbers or Values.

Activations are given by name: relu, leaky_relu, elu, gelu, silu, softplus,
sigmoid, log_sigmoid, tanh, heaviside, or any other primitive of one operand,
also one of your own. A Layer takes softmax and log_softmax as well. A function
of a Value will do, too, but a model that has one cannot be loaded from its
file.

Weights are drawn by `init`, a name or a function of `nn.init`. The default is
kaiming_normal, whose standard deviation is gain / sqrt(n_in). The numbers come
from `rng`, or from `random.Random(seed)`; without both, from the next number of
a count that the whole process shares (see `nn.manual_seed`).

An unknown name and a size below 1 raise ArgumentError. So do sizes that ask for
more than 10**8 weights, which have no room in memory. A size that is no whole
number raises DataTypeError. Inputs that do not fit raise DataTypeError or
LengthError.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from math import isnan
from numbers import Real
from typing import TYPE_CHECKING, Any

import autograd
from autograd import Value, dot, equal, identity, mean, sample, scale, sqrt, take, where
from autograd.errors import ArgumentError, DataTypeError, IndexDomainError, LengthError
from autograd.extending import (
    FORMULAS,
    LEAF,
    PRIMITIVES,
    among,
    check_size,
    elsewhere,
    floats_of,
    is_bool,
    real_number,
    recording,
    sizes_of,
    told,
    within,
)

from .arguments import check_function, names_checked
from .data.checks import is_sequence
from .foreign_objects import ACTIVATIONS
from .init import Init, Rng, Seed, draw_weights, generator, shape_of, size_of_units
from .module import Module
from .outputs import Outputs

Inputs = Sequence[Value | float]

# How a layer is told its activation: by name, as a function, or None for a
# linear unit.
Activation = str | Callable[[Any], Any] | None

LISTED = ("softmax", "log_softmax")  # of all units of a layer at once
USUAL = (
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
# Where an activation is asked whether its numbers change: on no threshold that is likely.
PROBES = (-2.7182, -0.7713, -0.1237, 0.1291, 0.7357, 2.7193)
BY_NAME: dict[str, Any] = {name: getattr(autograd, name) for name in USUAL}


class Neuron(Module):
    """One unit: a = activation(w . x + b), from n_in inputs to one Value.

    Its weights are the Values w[0], w[1], ... and its bias is the Value b;
    `w[0].data = 1.0` sets one by hand (Rosenblatt 1958, who took a step as
    activation).

    Args:
        n_in: The number of inputs, at least 1.
        activation: A name or a function; None is a linear unit. See nn.layers.
        init: How the weights are drawn. See nn.init.
        bias: The number that b starts from; False is no bias at all.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: n_in is below 1, no activation or initializer has that
            name, or it is softmax or log_softmax, which compare several units.
    """

    b: Any  # a Value, or None

    def __init__(
        self,
        n_in: int,
        activation: Activation = None,
        *,
        init: Init = None,
        bias: float | bool = 0,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_in, _ = shape_of(n_in, 1)
        self.n_in = n_in
        self.activation, function = resolved(activation)
        named = isinstance(self.activation, str | None)
        self._function = function if named else Watched(function)
        if self.activation in LISTED:
            raise ArgumentError(
                f"{self.activation} compares the units of a layer, and a neuron is one unit: "
                "give it to a Layer"
            )
        [weights] = draw_weights(init, self.activation, n_in, 1, generator(rng, seed))
        self.w = tuple([Value(w) for w in weights])
        start = bias_from(bias)
        if start is None:
            self.bias = False
        self.b = None if start is None else Value(start)

    def forward(self, x: Inputs) -> Any:
        x = checked(self, self.n_in, x)
        try:
            z = dot(self.w, x)
        except DataTypeError:
            check_numbers(self, x)
            raise
        b, function = self.b, self._function
        if b is not None:
            z = z + b
        return z if function is None else function(z)


class Layer(Module):
    """n_out neurons that see the same n_in inputs: A = activation(W x + b).

    `neurons` lists them. softmax and log_softmax act on all units together:
    then the neurons are linear, and the layer applies the function.

    Args:
        n_in: The number of inputs, at least 1.
        n_out: The number of units, at least 1.
        activation: A name or a function; None is a linear layer.
        init: How the weights are drawn. See nn.init.
        bias: The number that all biases start from; False is no biases.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: A size is below 1, a name is unknown, or it is softmax or
            log_softmax of one unit.

    Examples:
        >>> import nn
        >>> layer = nn.Layer(2, 3, "relu", init="constant", bias=False)
        >>> layer([1.0, 2.0])
        [Value(data=3.0), Value(data=3.0), Value(data=3.0)]
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: Activation = None,
        *,
        init: Init = None,
        bias: float | bool = 0,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_in, n_out = shape_of(n_in, n_out)
        check_size("this Layer", size_of_units(n_in, n_out))
        self.n_in, self.n_out = n_in, n_out
        self.activation, function = resolved(activation)
        check_joint("activation", self.activation, n_out)
        self._joint = function if self.activation in LISTED else None
        if bias_from(bias) is None:
            self.bias = False
        rng = generator(rng, seed)
        rows = draw_weights(init, self.activation, n_in, n_out, rng)
        each = None if self._joint else activation
        self.neurons = [
            Neuron(n_in, each, init=lambda *_, row=row: [row], bias=bias, rng=rng) for row in rows
        ]

    def forward(self, x: Inputs) -> Outputs:
        x = tuple(checked(self, self.n_in, x))  # one for all neurons to share
        units = [neuron(x) for neuron in self.neurons]
        return Outputs(units if self._joint is None else self._joint(units))


class Sequential(Module):
    """Modules one after the other: f_k(... f_2(f_1(x))). `layers` lists them.

    Raises:
        DataTypeError: One of them is not a Module.
    """

    chained = True

    def __init__(self, *layers: Module):
        if other := [layer for layer in layers if not isinstance(layer, Module)]:
            remedy = (
                "write Sequential(*layers) for a list of them"
                if is_sequence(other[0])
                else "an activation belongs to its Layer, another function to a Module of your own"
            )
            raise DataTypeError(
                f"Sequential(layer, layer, ...) takes Modules, not {told(other[0])}; {remedy}"
            )
        self.layers: list[Any] = list(layers)

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class MLP(Sequential):
    """A multilayer perceptron: Layers of the given sizes, one after the other.

    MLP(2, [16, 16, 1]) takes 2 inputs through two hidden layers of 16 ReLU
    units to a list of 1 linear output. `layers` lists its Layers.

    Args:
        n_in: The number of inputs, at least 1.
        sizes: The number of units of each layer, at least one layer.
        activation: That of the hidden layers. See nn.layers.
        output: The activation of the last layer; None is linear.
        init: How the weights are drawn. See nn.init.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        LengthError: There are no sizes.
        ArgumentError: A size is below 1, a name is unknown, or it is softmax or
            log_softmax of one unit.
    """

    def __init__(
        self,
        n_in: int,
        sizes: Sequence[int],
        activation: Activation = "relu",
        output: Activation = None,
        *,
        init: Init = None,
        seed: Seed = None,
        rng: Rng = None,
    ):
        if not isinstance(sizes, Sequence) or not sizes:
            raise LengthError(
                "an MLP takes the sizes of its layers, at least one, in a list, "
                f"as in MLP(2, [16, 16, 1]), not {told(sizes)}"
            )
        self.activation, self.output = resolved(activation)[0], resolved(output)[0]
        rng = generator(rng, seed)
        names = ["n_in", *[f"sizes[{i}]" for i in range(len(sizes))]]
        widths = sizes_of(dict(zip(names, [n_in, *sizes], strict=True)), **dict.fromkeys(names, 1))
        self.n_in, *self.sizes = widths
        for i, n in enumerate(self.sizes):
            last = i == len(self.sizes) - 1
            check_joint(*("output", self.output) if last else ("activation", self.activation), n)
        check_size("this MLP", sum(size_of_units(*pair) for pair in pairwise(widths)))
        activations = [self.activation] * (len(sizes) - 1) + [self.output]
        layers = [
            Layer(widths[i], widths[i + 1], activations[i], init=init, rng=rng)
            for i in range(len(sizes))
        ]
        super().__init__(*layers)


class Embedding(Module):
    """A table of n learnt vectors: index i gives the vector `rows[i]`.

    This is W^T one_hot(i) without the multiplications by zero.

    Args:
        n: The number of vectors, at least 1. An index is 0, 1, ... or n - 1.
        dim: The length of a vector, at least 1.
        init: How the numbers are drawn, n rows of dim; its n_in is dim. The
            default has standard deviation 1, as PyTorch's.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        IndexDomainError: A call with another index.
    """

    def __init__(
        self, n: int, dim: int, *, init: Init = "normal", seed: Seed = None, rng: Rng = None
    ):
        n, dim = sizes_of(locals(), n=1, dim=1)
        self.n, self.dim = n, dim
        rows = draw_weights(init, None, dim, n, generator(rng, seed))
        self.rows = [[Value(w) for w in row] for row in rows]

    def forward(self, i: Any) -> Outputs:
        if isinstance(i, Value):
            return Outputs([take(column, i) for column in zip(*self.rows, strict=True)])
        if not is_index(i, self.n):
            raise IndexDomainError(
                f"{self!r} takes one index, 0 to {self.n - 1}, not {told(i)}; "
                "several take Each(Embedding(...))"
            )
        # As `take` does, give each use a node of its own. Then gradients add up
        # in one order.
        return Outputs([identity(w) for w in self.rows[int(i)]])


class Dropout(Module):
    """In training, each input is 0 with probability p, and else x / (1 - p).

    This keeps the mean. After eval() the inputs pass unchanged (Srivastava et
    al. 2014, in the inverted form). `fit` draws from a source of its own.

    Args:
        p: The probability, 0 <= p < 1.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: p is outside its range.
    """

    renewable = ("p",)

    def __init__(self, p: float = 0.5, *, seed: Seed = None, rng: Rng = None):
        [self.p] = floats_of(locals(), p="[0, 1)")
        self.source = generator(rng, seed)

    def forward(self, x: Inputs) -> Outputs:
        if not is_sequence(x):
            raise DataTypeError(f"{self!r} takes a list of inputs, not {told(x)}")
        x = numbers_of(self, x)
        if not self.training:
            return Outputs(x)
        kept = 1.0 / (1.0 - self.p)
        drawn = [sample(lambda: self.source.random()) for _ in x]
        return Outputs(
            [scale(where(r < self.p, 0.0, kept), u) for u, r in zip(x, drawn, strict=True)]
        )


class RMSNorm(Module):
    """gain x / sqrt(mean(x^2) + eps), from n inputs to n outputs.

    The mean square of the outputs is at most 1 until the gains have learnt
    (Zhang and Sennrich 2019, eq. 4). Squares overflow for inputs beyond 1e154,
    and all outputs are then 0. With eps = 0, squares of inputs that are all below
    1e-146 in size lose digits.

    Args:
        n: The number of inputs, at least 1.
        eps: A small number at least 0, which keeps the root away from 0.
        gain: Whether each output has a factor that is learnt, at first 1.

    Raises:
        ArgumentError: n or eps is outside its range.
        ZeroDivisionError: A call with eps = 0 and inputs whose squares are 0.
    """

    renewable = ("eps",)

    def __init__(self, n: int, eps: float = 1e-5, gain: bool = True):
        [n] = sizes_of(locals(), n=1)
        within(locals(), gain="True, False")
        [self.eps] = floats_of(locals(), eps="[0, inf)")
        self.n = n
        self.gain = [Value(1.0) for _ in range(n)] if gain else []

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "gain": bool(self.gain)}

    def forward(self, x: Inputs) -> Outputs:
        x = tuple(
            [
                u if isinstance(u, Value) else real_number(u, "an input")
                for u in checked(self, self.n, x)
            ]
        )
        factor = 1.0 / sqrt(dot(x, x) / self.n + self.eps)
        outputs = [u * factor for u in x]
        if self.gain:
            outputs = [gain * u for gain, u in zip(self.gain, outputs, strict=True)]
        return Outputs(outputs)


class LayerNorm(RMSNorm):
    """gain (x - m) / sqrt(v + eps) + b, with mean m and variance v of the x.

    The variance is divided by n (Ba et al. 2016, eq. 4). Squares overflow for
    inputs that differ from their mean by more than 1e154, and all outputs are
    then b, or 0 without a bias. With eps = 0, squares of differences that are all
    below 1e-146 lose digits.

    Args:
        n: The number of inputs, at least 1.
        eps: A small number at least 0, which keeps the root away from 0.
        gain: Whether each output has a factor that is learnt, at first 1.
        bias: Whether each output has a summand that is learnt, at first 0.

    Raises:
        ArgumentError: n or eps is outside its range.
        ZeroDivisionError: A call with eps = 0 and inputs whose differences from
            the mean have squares of 0.
    """

    b: list[Value]

    def __init__(self, n: int, eps: float = 1e-5, gain: bool = True, bias: bool = True):
        within(locals(), bias="True, False")
        super().__init__(n, eps, gain)
        self.bias = bool(bias)
        self.b = [Value(0.0) for _ in range(n)] if bias else []

    def forward(self, x: Inputs) -> Outputs:
        x = numbers_of(self, checked(self, self.n, x))
        m = mean(x)
        outputs = super().forward([u - m for u in x])
        if self.b:
            outputs = Outputs([u + b for u, b in zip(outputs, self.b, strict=True)])
        return outputs


@names_checked
def one_hot(i: Any, n: int) -> list[Any]:
    """Return n numbers: 1.0 at index i and 0.0 elsewhere.

    Raises:
        IndexDomainError: i is not 0, 1, ... or n - 1.

    Examples:
        >>> import nn
        >>> nn.one_hot(1, 3)
        [0.0, 1.0, 0.0]
    """
    [n] = sizes_of(locals(), n=1)
    if isinstance(i, Value):
        # A program cannot look at a number while it is recorded. This node
        # keeps the check for when it runs.
        take([0.0] * n, i)
    elif not is_index(i, n):
        raise IndexDomainError(f"index {told(i)} has no place among {n} classes, 0 to {n - 1}")
    return [equal(i, j) for j in range(n)]


@names_checked
def bag_of_words(indices: Sequence[int], n: int) -> list[Any]:
    """Return how often each word occurs: the sum of one-hot vectors.

    The order of the words is lost.

    Raises:
        IndexDomainError: An index is not 0, 1, ... or n - 1.

    Examples:
        >>> import nn
        >>> nn.bag_of_words([2, 0, 2], 3)
        [1.0, 0.0, 2.0]
    """
    [n] = sizes_of(locals(), n=1)
    if not is_sequence(indices):
        raise DataTypeError(f"bag_of_words takes a list of indices, not {told(indices)}")
    check_size("the one-hot vectors of these words", n * len(indices))
    columns = zip([0.0] * n, *[one_hot(i, n) for i in indices], strict=True)
    return [autograd.sum(column) for column in columns]


def is_index(i: Any, n: int) -> bool:
    """Return whether i is one of 0, 1, ..., n - 1. A bool is none."""
    if getattr(i, "shape", None) == ():  # a number of numpy, or an array of one
        i = i.item()
    return isinstance(i, Hashable) and not isinstance(i, bool) and i in range(n)


def checked(module: Module, n_in: int, x: Inputs) -> Inputs:
    """Return x if it is a list of the n_in inputs that the module takes.

    Raises:
        DataTypeError: It is no list.
        LengthError: It has another length.
    """
    cls = type(x)
    if cls is not tuple and cls is not list and cls is not Outputs and not is_sequence(x):
        raise DataTypeError(
            f"{module!r} takes a list of {n_in} inputs but was given {told(x)}: "
            "one input is a list, too, and so is one row of X"
        )
    if len(x) != n_in:
        rows = len(x) and hasattr(x[0], "__len__")
        hint = " rows: one row at a time, [model(x) for x in X]" if rows else ""
        raise LengthError(f"{module!r} takes {n_in} inputs but was given {len(x)}{hint}")
    return x


def check_numbers(module: Module, x: Inputs) -> None:
    """Raise DataTypeError for the first input that is no number."""
    for i, number in enumerate(x):
        if isinstance(number, Value):
            continue
        if is_sequence(number):
            raise DataTypeError(
                f"input {i} of {module!r} is a list, {told(number)}: one row at a time, "
                "[model(x) for x in X]"
            )
        real_number(number, f"input {i} of {module!r}")


def numbers_of(module: Module, x: Inputs) -> list[Any]:
    """Return the inputs as a list of Values and floats.

    Raises:
        DataTypeError: An input is no number.
    """
    if all(isinstance(u, Value | float) for u in x):
        return list(x)
    check_numbers(module, x)
    return [u if isinstance(u, Value) else real_number(u, "an input") for u in x]


def bias_from(bias: float | bool) -> float | None:
    """Return the number that biases start from, or None for no biases.

    Raises:
        DataTypeError: It is no number, and no bool of Python or NumPy.
    """
    if is_bool(bias):
        return 0.0 if bias else None
    return real_number(bias, "bias, which is False for none,")


def resolved(activation: Activation) -> tuple[Activation, Callable[[Any], Any] | None]:
    """Return the name and the function of an activation.

    None is both. So is a function that has no name in `activation=`.

    Raises:
        ArgumentError: No activation has that name, or the function is one of
            Python's `math`.
    """
    if activation is None:
        return None, None
    if among(activation, ("step",)):  # its name in older programs and files
        activation = "heaviside"
    if isinstance(activation, str):
        return activation, _by_name(activation)
    if getattr(activation, "__module__", None) == "math":
        raise ArgumentError(
            f"{activation!r} gives plain numbers, through which no gradient flows: take autograd's"
        )
    if not callable(activation):
        raise ArgumentError(f"no activation {told(activation)}; {_choices()}")
    check_function("activation", activation, "a name or a function of a Value", 1)
    name = getattr(activation, "__name__", "")
    known = BY_NAME.get(name) or getattr(PRIMITIVES.get(name), "function", None)
    return (name if known is activation else activation), activation


class Watched:
    """An activation of a user's own, which is refused where it gives numbers without a graph.

    A constant is legal, as of `max(0, x)` where x is negative: such numbers stay the same
    when the function is asked at a number nearby. It is asked so once, and at several places.
    """

    __slots__ = ("asked", "function")

    def __init__(self, function: Any) -> None:
        self.function, self.asked = function, False

    def __reduce__(self) -> Any:
        return Watched, (self.function,)

    def __call__(self, z: Any) -> Any:
        a = self.function(z)
        if a.__class__ is Value and a.op is not LEAF:
            return a
        if not (self.asked or a is z) and isinstance(z, Value) and not recording():
            self.asked = True
            # Within no_grad all results are leaves.
            if _cuts(self.function, z.data, graph=z.op is not LEAF):
                raise DataTypeError(
                    f"the activation {told(self.function)} gives numbers without a graph, here "
                    f"{told(a)}, through which no gradient flows: compute with autograd's "
                    "functions on x itself, as in `lambda x: 1 / (1 + autograd.exp(-x))`, not on "
                    "x.data"
                )
        return a


def _cuts(function: Callable[[Any], Any], at: float, graph: bool) -> bool:
    """Whether a function gives numbers without a graph that change with its argument."""
    for x in (at, *PROBES):
        near = x + 1e-6 * max(1.0, abs(x))
        found = []
        for z in (Value(x), Value(near)):
            try:
                a = function(z)
            except Exception:  # of any kind: a user's function may not be for this number
                break
            is_leaf = graph and isinstance(a, Value) and a.op is LEAF and a is not z
            if is_leaf or (isinstance(a, Real) and not isinstance(a, Value)):
                found.append(float(a))
        if len(found) == 2 and found[0] != found[1] and not (isnan(found[0]) and isnan(found[1])):
            return True
    return False


def check_joint(name: str, activation: Activation, n_out: int) -> None:
    """Raise ArgumentError for an activation that compares units, where there is one only."""
    if n_out == 1 and among(activation, LISTED):
        constant, other = ("1", "sigmoid") if activation == "softmax" else ("0", "log_sigmoid")
        raise ArgumentError(
            f"{name}={activation!r} of one unit is {constant} whatever its inputs are, so nothing "
            f"is learnt: write {name}={other!r}, or take a unit for each of 2 classes or more"
        )


def _by_name(name: str) -> Callable[[Any], Any]:
    """Return the activation of that name."""
    if name in BY_NAME:
        return BY_NAME[name]  # type: ignore[no-any-return]
    if name in PRIMITIVES and PRIMITIVES[name].arity == 1:
        return PRIMITIVES[name].function
    raise ArgumentError(f"no activation {name!r}{_called_here(name)}; {_choices()}")


def _called_here(name: str) -> str:
    """Say what another library's name of an activation is here, if it is known."""
    if name.lower() in ("linear", "none", ""):
        return ": a linear layer has none, so leave it out or write None"
    formula = FORMULAS.get(name) or FORMULAS.get(name.lower(), "")
    here = ACTIVATIONS.get(name) or formula.removeprefix("autograd.").removesuffix("(x)")
    if (here := here or name.lower()) in BY_NAME:
        return f": here it is called {here!r}"
    return f": write a function f of one Value, f(x) = {formula}" if formula else ""


def _choices() -> str:
    """Say what an activation can be."""
    return (
        f"there are {', '.join(USUAL)}, and every primitive of one operand, "
        "your own once primitive(...) has made it; or pass a function of a Value"
    )


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.layers", "nn.foreign")
