"""The numbers that weights start from: each initializer is `f(n_in, n_out, rng, ...) -> n_out rows of n_in floats`, n_in and n_out >= 1 (the layer
checks). Wherever a layer takes `init=`, it takes one of these by name ("xavier_uniform"), or any function of (n_in, n_out, rng), for example
`functools.partial(nn.init.normal, std=0.01)`. Randomness comes from the `random.Random` that is handed in, never from a global one. Raises
ArgumentError for a negative gain or standard deviation."""

from collections.abc import Callable
from math import fsum, sqrt
from random import Random
from typing import Any

from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import within

Rows = list[list[float]]
Initializer = Callable[[int, int, Random], Rows]
Init = (
    str | Initializer | None
)  # how a layer is told: by name, as a function, or None for its default
Rng = Random | None


def generator(rng: Rng, seed: int) -> Random:
    """rng, or without it random.Random(seed). Raises DataTypeError for another rng."""
    if not (rng is None or isinstance(rng, Random)):
        raise DataTypeError(
            f"rng is a random.Random, such as random.Random(0), not {rng!r}; a number is a seed"
        )
    return rng or Random(seed)


def gain(activation: Any) -> float:
    """How much larger than 1/sqrt(n) weights may be before an activation, a name or a function: 5/3 for tanh, sqrt(2) for ReLU, which passes half of
    a symmetric input, and so for GELU and SiLU, sqrt(2 / (1 + 0.01^2)) for leaky ReLU, 1 else. (He et al. 2015; as PyTorch's calculate_gain, but for
    GELU and SiLU, of which that says nothing.)"""
    gains = {
        "tanh": 5 / 3,
        "relu": sqrt(2),
        "gelu": sqrt(2),
        "silu": sqrt(2),
        "leaky_relu": sqrt(2 / (1 + 0.01**2)),
    }
    return gains.get(getattr(activation, "__name__", activation), 1.0)


def constant(n_in: int, n_out: int, rng: Random, *, value: float = 1.0) -> Rows:
    """Every weight `value`, any number: the units of a layer start equal and, getting equal gradients, stay equal."""
    return [[value] * n_in for _ in range(n_out)]


def zeros(n_in: int, n_out: int, rng: Random) -> Rows:
    """Every weight 0."""
    return constant(n_in, n_out, rng, value=0.0)


def uniform(n_in: int, n_out: int, rng: Random, *, a: float = 0.0, b: float = 1.0) -> Rows:
    """Uniform in [a, b]: mean (a + b)/2, standard deviation |b - a|/sqrt(12)."""
    return [[rng.uniform(a, b) for _ in range(n_in)] for _ in range(n_out)]


def normal(n_in: int, n_out: int, rng: Random, *, mean: float = 0.0, std: float = 1.0) -> Rows:
    """Normal with the given mean and standard deviation, std >= 0."""
    within(locals(), std="[0, inf)")
    return [[rng.gauss(mean, std) for _ in range(n_in)] for _ in range(n_out)]


def xavier_uniform(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Uniform in +-gain sqrt(6 / (n_in + n_out)), standard deviation gain sqrt(2 / (n_in + n_out)): a compromise that keeps the variances of
    activations and of gradients nearly (Glorot and Bengio 2010, eq. 16)."""
    within(locals(), gain="[0, inf)")
    bound = gain * sqrt(6 / (n_in + n_out))
    return uniform(n_in, n_out, rng, a=-bound, b=bound)


def xavier_normal(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Normal with standard deviation gain sqrt(2 / (n_in + n_out)) (Glorot and Bengio 2010, eq. 12)."""
    return normal(n_in, n_out, rng, std=gain * sqrt(2 / (n_in + n_out)))


def kaiming_uniform(n_in: int, n_out: int, rng: Random, *, gain: float = sqrt(2)) -> Rows:
    """Uniform in +-gain sqrt(3 / n_in), which is sqrt(6 / n_in) for ReLU (He et al. 2015, the variance of eq. 10)."""
    within(locals(), gain="[0, inf)")
    bound = gain * sqrt(3 / n_in)
    return uniform(n_in, n_out, rng, a=-bound, b=bound)


def kaiming_normal(n_in: int, n_out: int, rng: Random, *, gain: float = sqrt(2)) -> Rows:
    """Normal with standard deviation gain / sqrt(n_in), which is sqrt(2 / n_in) for ReLU (He et al. 2015, eq. 10)."""
    return normal(n_in, n_out, rng, std=gain / sqrt(n_in))


def lecun_normal(n_in: int, n_out: int, rng: Random) -> Rows:
    """Normal, standard deviation sqrt(1 / n_in): inputs of variance 1 give sums of variance 1 (LeCun et al. 1998, Efficient BackProp, eq. 16)."""
    return kaiming_normal(n_in, n_out, rng, gain=1.0)


def orthogonal(n_in: int, n_out: int, rng: Random, *, gain: float = 1.0) -> Rows:
    """Orthonormal rows (columns where n_out > n_in: then |W x| = gain |x|) times gain (Saxe et al. 2014). Gram-Schmidt on normal vectors."""
    within(locals(), gain="[0, inf)")
    basis: Rows = []
    for vector in normal(max(n_in, n_out), min(n_in, n_out), rng):
        for other in basis + basis:  # the second round removes what rounding left in the first
            overlap = fsum(a * b for a, b in zip(vector, other, strict=True))
            vector = [a - overlap * b for a, b in zip(vector, other, strict=True)]
        length = sqrt(fsum(a * a for a in vector))
        basis.append([a / length for a in vector])
    return [
        [gain * a for a in row] for row in (basis if n_out <= n_in else zip(*basis, strict=True))
    ]


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
    """The rows for one layer, checked. `init` None is kaiming_normal with the gain of the activation: standard deviation gain / sqrt(n_in). Raises
    ArgumentError for an unknown name and a size below 1, DataTypeError for a size that is no whole number, LengthError where a function's rows are
    not n_out lists of n_in."""
    within(locals(), n_in="1, 2, ...", n_out="1, 2, ...")
    if init is None:
        return kaiming_normal(n_in, n_out, rng, gain=gain(activation))
    if isinstance(init, str) and init not in INITIALIZERS:
        raise ArgumentError(
            f"no initializer {init!r}; there are {', '.join(INITIALIZERS)} (Glorot's is xavier, He's kaiming)"
        )
    rows = (INITIALIZERS[init] if isinstance(init, str) else init)(n_in, n_out, rng)
    if [len(row) for row in rows] != [n_in] * n_out:
        raise LengthError(
            f"init must give n_out = {n_out} rows of n_in = {n_in} numbers, but gave rows of {[len(row) for row in rows]}"
        )
    return rows
