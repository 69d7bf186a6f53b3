"""The numbers that weights start from.

An initializer is a function `f(n_in, n_out, rng, ...)` that gives n_out rows of
n_in floats. A layer takes one as `init`: by name, such as "xavier_uniform", or
as a function of (n_in, n_out, rng), such as
`functools.partial(nn.init.normal, std=0.01)`.

Sizes are whole numbers of at least 1, whose product is at most 10**8: more
would have no room in memory. All randomness comes from `rng`, a
`random.Random`. An initializer raises ArgumentError for other sizes and for a
negative gain or standard deviation, and DataTypeError for what is no number.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from itertools import count
from math import fsum, inf, isfinite, sqrt
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import (
    check_size,
    elsewhere,
    floats_of,
    refuse_in_recording,
    sizes_of,
    told,
    within,
)

from .arguments import check_function, check_generator, digits_of, names_checked

__all__ = [
    "INITIALIZERS",
    "constant",
    "gain",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "manual_seed",
    "normal",
    "orthogonal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Rows: TypeAlias = list[list[float]]
Initializer: TypeAlias = Callable[[int, int, Random], Rows]
Init: TypeAlias = "str | Initializer | None"  # None is the layer's default
Rng: TypeAlias = "Random | None"
Seed: TypeAlias = "int | None"
Made = TypeVar("Made")

_unseeded = (0, count())  # what manual_seed was given, and how many parts came since


class Room:
    """How many parameters a file may ask for while a model is built from it."""

    def __init__(self, parameters: float) -> None:
        self.parameters = parameters
        self.made: set[Value] = set()

    def needs(self, n: int) -> None:
        """Raise ArgumentError if n more parameters are too many."""
        if len(self.made) + n > self.parameters:
            raise ArgumentError("it describes a model of more parameters than the file holds")

    def take(self, values: Iterable[Value]) -> None:
        """Count Values, each once. Raises ArgumentError if they are too many."""
        self.made.update(values)
        self.needs(0)


room: ContextVar[Room | None] = ContextVar("room", default=None)


def undrawn(make: Callable[[], Made], parameters: float = inf) -> Made:
    """Return make(), in which parts draw no numbers: all weights are 0, none counts as unseeded.

    It runs in a context of its own, so that Ctrl-C at any place leaves nothing on.

    Args:
        make: What makes the parts.
        parameters: How many parameters may be made. A part that needs more
            raises ArgumentError before it takes memory for them.
    """

    def made() -> Made:
        room.set(Room(parameters))
        return make()

    return copy_context().run(made)


@names_checked
def manual_seed(n: int = 0) -> None:
    """Let unseeded parts draw the same numbers again.

    A part of a model that is given neither `seed` nor `rng` takes the next
    number of a count that the whole process shares. So two parts differ, and a
    program that makes the same parts in the same order gets the same bits.
    Parts with a seed, and parts that are loaded or copied, take no number.

    Args:
        n: Which sequence of numbers to begin, 0, 1, ... A process begins with
            0.

    Raises:
        ArgumentError: `n` is negative.
        DataTypeError: `n` is not a whole number.

    Examples:
        >>> import nn
        >>> nn.manual_seed(1)
        >>> one, other = nn.Neuron(2), nn.Neuron(2)
        >>> one.state_dict() == other.state_dict()
        False
        >>> nn.manual_seed(1)
        >>> one.state_dict() == nn.Neuron(2).state_dict()
        True
    """
    global _unseeded
    within(locals(), n="0, 1, ...")
    _unseeded = int(n), count()


def generator(rng: Rng, seed: Seed, default: Seed = None) -> Random:
    """Return rng; without it, a generator begun with the seed; without both, the next unseeded one.

    Args:
        rng: The source of random numbers.
        seed: Where they start.
        default: The seed if neither is given.

    Raises:
        DataTypeError: `rng` is not a random.Random, or `seed` no whole number.
        ArgumentError: `seed` is negative, or both are given.
        RecordingError: Neither is given while jit records: every call of the
            recorded function would need other numbers.
    """
    within(locals(), seed="0, 1, ... or None")
    if rng is not None:
        check_generator(rng)
        if seed is not None:
            raise ArgumentError(
                "seed= and rng= both say where random numbers come from: give one of them"
            )
        return rng
    seed = default if seed is None else seed
    if seed is not None:
        return Random(int(seed))
    if room.get() is not None:
        return Random(0)
    refuse_in_recording(
        "a part of a model was made without a seed", "give it seed=0, or make it outside"
    )
    begun, counted = _unseeded
    return Random(f"unseeded part {next(counted)} of {digits_of(begun)}")


def shape_of(n_in: Any, n_out: Any) -> tuple[int, int]:
    """Return the sizes as ints. Raises ArgumentError unless so many weights have room."""
    n_in, n_out = sizes_of(locals(), n_in=1, n_out=1)
    check_size("n_out rows of n_in weights", n_in * n_out)
    return n_in, n_out


def size_of_units(n_in: int, n_out: int) -> int:
    """Return how many numbers take as much memory as n_out units of n_in weights.

    A Neuron itself takes as much as ten more.
    """
    return (n_in + 10) * n_out


@names_checked
def gain(activation: Any) -> float:
    """Return the factor on 1/sqrt(n) that suits weights before an activation.

    5/3 for tanh; sqrt(2) for ReLU, which passes half of a symmetric input, and
    so for GELU and SiLU; sqrt(2 / (1 + 0.01**2)) for leaky ReLU; else 1.
    Source: He et al. 2015. PyTorch's calculate_gain gives the same numbers, but
    knows neither GELU nor SiLU.

    Args:
        activation: A name, or a function with such a name.
    """
    gains = {
        "tanh": 5 / 3,
        "relu": sqrt(2),
        "gelu": sqrt(2),
        "silu": sqrt(2),
        "leaky_relu": sqrt(2 / (1 + 0.01**2)),
    }
    name = getattr(activation, "__name__", activation)
    return gains.get(name, 1.0) if isinstance(name, str) else 1.0


@names_checked
def constant(n_in: int, n_out: int, rng: Random, *, value: float = 1.0) -> Rows:
    """Give every weight the same value.

    The units of a layer start equal. They get equal gradients, and stay equal.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [value] = floats_of(locals(), value="(-inf, inf)")
    return [[value] * n_in for _ in range(n_out)]


@names_checked
def zeros(n_in: int, n_out: int, rng: Random) -> Rows:
    """Give every weight the value 0."""
    return constant(n_in, n_out, rng, value=0.0)


@names_checked
def uniform(n_in: int, n_out: int, rng: Random, *, a: float = 0.0, b: float = 1.0) -> Rows:
    """Draw from the uniform distribution in [a, b].

    Its mean is (a + b) / 2, its standard deviation `abs(b - a) / sqrt(12)`.
    """
    n_in, n_out = shape_of(n_in, n_out)
    a, b = floats_of(locals(), a="(-inf, inf)", b="(-inf, inf)")
    check_generator(rng)
    unit = 1.0 if isfinite(b - a) else 2.0  # in which the width is no more than the largest float
    low, high = a / unit, b / unit
    return [[unit * rng.uniform(low, high) for _ in range(n_in)] for _ in range(n_out)]


@names_checked
def normal(n_in: int, n_out: int, rng: Random, *, mean: float = 0.0, std: float = 1.0) -> Rows:
    """Draw from the normal distribution with this mean and standard deviation.

    Raises:
        ArgumentError: A number 9 deviations from the mean is beyond the floats.
    """
    n_in, n_out = shape_of(n_in, n_out)
    mean, std = floats_of(locals(), mean="(-inf, inf)", std="[0, inf)")
    check_generator(rng)
    if not isfinite(abs(mean) + 9.0 * std):
        raise ArgumentError(
            f"mean={mean!r} and std={std!r} draw infinite weights: the largest float is 1.8e308"
        )
    return [[rng.gauss(mean, std) for _ in range(n_in)] for _ in range(n_out)]


@names_checked
def xavier_uniform(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Draw from the uniform distribution in +-gain * sqrt(6 / (n_in + n_out)).

    The standard deviation is gain * sqrt(2 / (n_in + n_out)). This is a
    compromise: it nearly keeps the variance of activations and of gradients.
    Source: Glorot and Bengio 2010, equation 16.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [gain] = floats_of(locals(), gain="[0, inf)")
    bound = gain * sqrt(6 / (n_in + n_out))
    return uniform(n_in, n_out, rng, a=-bound, b=bound)


@names_checked
def xavier_normal(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Draw from the normal distribution with deviation gain * sqrt(2 / (n_in + n_out)).

    Source: Glorot and Bengio 2010, equation 12.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [gain] = floats_of(locals(), gain="[0, inf)")
    return normal(n_in, n_out, rng, std=gain * sqrt(2 / (n_in + n_out)))


@names_checked
def kaiming_uniform(n_in: int, n_out: int, rng: Random, *, gain: float = sqrt(2)) -> Rows:
    """Draw from the uniform distribution in +-gain * sqrt(3 / n_in).

    For ReLU the bound is sqrt(6 / n_in).
    Source: He et al. 2015, the variance of equation 10.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [gain] = floats_of(locals(), gain="[0, inf)")
    bound = gain * sqrt(3 / n_in)
    return uniform(n_in, n_out, rng, a=-bound, b=bound)


@names_checked
def kaiming_normal(n_in: int, n_out: int, rng: Random, *, gain: float = sqrt(2)) -> Rows:
    """Draw from a normal distribution of deviation gain / sqrt(n_in).

    For ReLU the deviation is sqrt(2 / n_in). Source: He et al. 2015, equation
    10.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [gain] = floats_of(locals(), gain="[0, inf)")
    return normal(n_in, n_out, rng, std=gain / sqrt(n_in))


@names_checked
def lecun_normal(n_in: int, n_out: int, rng: Random) -> Rows:
    """Draw from the normal distribution with standard deviation sqrt(1 / n_in).

    Inputs of variance 1 then give sums of variance 1.
    Source: LeCun et al. 1998, Efficient BackProp, equation 16.
    """
    return kaiming_normal(n_in, n_out, rng, gain=1.0)


@names_checked
def orthogonal(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Give orthonormal rows, times gain.

    Where n_out > n_in the columns are orthonormal instead: the output W x is
    then gain times as long as x. Made by Gram-Schmidt from normal vectors.
    Source: Saxe et al. 2014.
    """
    n_in, n_out = shape_of(n_in, n_out)
    [gain] = floats_of(locals(), gain="[0, inf)")
    basis: Rows = []
    for vector in normal(max(n_in, n_out), min(n_in, n_out), rng):
        for other in basis + basis:  # the second round removes what rounding left in the first
            overlap = fsum(a * b for a, b in zip(vector, other, strict=True))
            vector = [a - overlap * b for a, b in zip(vector, other, strict=True)]
        length = sqrt(fsum(a * a for a in vector))
        basis.append([a / length for a in vector])
    rows = basis if n_out <= n_in else zip(*basis, strict=True)
    return [[gain * a for a in row] for row in rows]


ALL = (
    zeros,
    constant,
    uniform,
    normal,
    xavier_uniform,
    xavier_normal,
    kaiming_uniform,
    kaiming_normal,
    lecun_normal,
    orthogonal,
)
INITIALIZERS: dict[str, Initializer] = {f.__name__: f for f in ALL}


def draw_weights(init: Init, activation: Any, n_in: int, n_out: int, rng: Random) -> Rows:
    """Return the first weights of one layer, checked.

    Args:
        init: An initializer, its name, or None for `kaiming_normal` with the
            gain of the activation: the standard deviation is gain / sqrt(n_in).
        activation: What follows the weights: a name, a function or None.
        n_in: The length of a row.
        n_out: The number of rows.
        rng: Where the initializer draws from.

    Raises:
        ArgumentError: A size is below 1, or there is no initializer of that
            name.
        DataTypeError: A size is not a whole number, or a function gave no rows.
        LengthError: The rows that a function gave are not n_out lists of n_in.
    """
    n_in, n_out = shape_of(n_in, n_out)
    if isinstance(init, str) and init not in INITIALIZERS:
        known = ", ".join(INITIALIZERS)
        raise ArgumentError(
            f"no initializer {init!r}; there are {known} (Glorot's is xavier, He's kaiming)"
        )
    if not (init is None or isinstance(init, str)):
        check_function("init", init, "a name or a function of nn.init", 3)
    space = room.get()
    if space is not None:
        space.needs(n_in * n_out)
        return [[0.0] * n_in] * n_out
    if init is None:
        return kaiming_normal(n_in, n_out, rng, gain=gain(activation))
    rows = (INITIALIZERS[init] if isinstance(init, str) else init)(n_in, n_out, rng)
    if not hasattr(rows, "__len__") or not all(hasattr(row, "__len__") for row in rows):
        raise DataTypeError(
            f"init must give n_out = {n_out} rows of n_in = {n_in} numbers, not {told(rows)}"
        )
    if [len(row) for row in rows] != [n_in] * n_out:
        raise LengthError(
            f"init must give n_out = {n_out} rows of n_in = {n_in} numbers, "
            f"but gave rows of {[len(row) for row in rows]}"
        )
    return rows


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.init", "nn.foreign")
