"""Independent references for the rows: each as a function of mpmath numbers,
and its derivatives as differences of it in hundreds of digits.
"""

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache, lru_cache, wraps
from itertools import product
from typing import Any

from mpmath import mp, mpc, mpf

from autograd import Primitive
from autograd.errors import IndexDomainError

inf, nan = math.inf, math.nan


def _exp(x):
    return mp.exp(x) if x > -1e5 else mp.zero  # where it is far below the smallest float, and slow


def _power(x, y):
    if x == 0:
        return mpf(y == 0)  # for y >= 0
    if x < 0 and y != mp.floor(y):
        raise ValueError
    return (-1 if x < 0 and mp.fmod(y, 2) else 1) * _exp(y * mp.log(abs(x)))


def _power_slope(x, y):
    if y == 0 or (x == 0 and y >= 1):
        return mpf(y == 1)
    if x == 0 or (x < 0 and y != mp.floor(y)):
        raise ValueError
    return y * (-1 if x < 0 and not mp.fmod(y, 2) else 1) * _exp((y - 1) * mp.log(abs(x)))


def _sinc_slope(x, n):
    """The derivative of order n of sin(pi x) / (pi x), from its series or from
    those of sin(pi x) = pi x sinc(x).
    """
    if abs(x) <= 2 + mpf(n) / 3:  # beyond, an error in the other way shrinks at every step
        with mp.workdps(mp.dps + 20 + int(1.4 * abs(x))):  # terms grow up to exp(pi x)
            y, terms = (mp.pi * x) ** 2, []
            term = (-1) ** ((n + 1) // 2) * ((mp.pi * x) if n % 2 else mpf(1))
            m = n % 2
            while abs(term) > mpf(10) ** (-mp.dps - 20) * abs(x or 1) ** (n % 2) or m < 20:
                terms.append(term / (m + n + 1))
                term *= -y / ((m + 1) * (m + 2))
                m += 2
            return mp.pi**n * mp.fsum(terms)
    with mp.workdps(mp.dps + 20 + max(0, int(mp.log10(abs(x))))):
        sine, cosine = mp.sin(mp.pi * x), mp.cos(mp.pi * x)
        z = sine / (mp.pi * x)
        for k in range(1, n + 1):
            sine, cosine = cosine, -sine
            z = (sine * mp.pi ** (k - 1) - k * z) / x
        return z


def _log_sum_exp(xs):
    top = max(xs)
    return top + mp.log(mp.fsum([_exp(x - top) for x in xs]))


def _surprise(xs):
    """log(1 + the sum of exp(x - the last)), with the largest exponential taken out."""
    gaps = [x - xs[-1] for x in xs[:-1]]
    top = max([mp.zero, *gaps])
    if not top:
        return mp.log1p(mp.fsum([_exp(gap) for gap in gaps]))
    return top + mp.log(_exp(-top) + mp.fsum([_exp(gap - top) for gap in gaps]))


def _mod(x, y):
    """x modulo y, exact however large the quotient is: all numbers are whole ones of a unit."""
    x, y = mpf(x), mpf(y)
    unit = min(x.man_exp[1], y.man_exp[1])
    whole = [int(mp.ldexp(z, -unit)) for z in (x, y)]
    return mp.ldexp(mpf(whole[0] % whole[1]), unit)


REFERENCES: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "neg": lambda x: -x,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "mod": _mod,
    "pow": _power,
    "power_slope": _power_slope,
    "less": lambda x, y: mpf(x < y),
    "greater": lambda x, y: mpf(x > y),
    "equal": lambda x, y: mpf(x == y),
    "where": lambda x, y, w: y if x else w,
    "clip": lambda x, y, w: y if x < y else w if x > w else x,
    "take": lambda xs: xs[int(mp.nint(xs[-1]))],
    "maximum": max,
    "minimum": min,
    "sign": mp.sign,
    "heaviside": lambda x: mpf(x > 0),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "identity": lambda x: x,
    "abs": abs,
    "scale": lambda x, y: x * y,
    "both": lambda x, y: x * y,
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "cosine": lambda x, y: x / mp.sqrt(x * x + y * y),
    "gap": lambda x, y: x - y,
    "fraction": lambda x, y: x / (x + y),
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(_exp(-abs(x - y))),
    "sin": mp.sin,
    "cos": mp.cos,
    "sinc": lambda x: _sinc_slope(x, 0),
    "sinc_slope": lambda x, y: _sinc_slope(x, int(mp.nint(y))),
    "tan": mp.tan,
    "one_minus_square": lambda x: (1 - x) * (1 + x),
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "over_square": lambda x, y: x / (x * x + y * y),
    "sinh": lambda x: (mp.expm1(x) - mp.expm1(-x)) / 2,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": lambda x: mp.sign(x) * mp.log1p(abs(x) + x * x / (1 + mp.sqrt(1 + x * x))),
    "acosh": mp.acosh,
    "atanh": lambda x: (mp.log1p(x) - mp.log1p(-x)) / 2,
    "erf": mp.erf,
    "erfc": lambda x: mp.erfc(x) if x < 1e8 else mp.zero,  # mpmath itself fails for a larger x
    "sigmoid": lambda x: 1 / (1 + _exp(-x)) if x > 0 else _exp(x) / (1 + _exp(x)),
    "bell": lambda x: _exp(-abs(x)) / (1 + _exp(-abs(x))) ** 2,
    "softplus": lambda x: max(x, mp.zero) + mp.log1p(_exp(-abs(x))),
    "log_sigmoid": lambda x: min(x, mp.zero) - mp.log1p(_exp(-abs(x))),
    "relu": lambda x: max(x, mp.zero),
    "leaky_relu": lambda x, y: x if x > 0 else y * x,
    "elu": lambda x, y: x if x > 0 else y * mp.expm1(x),
    "gelu": lambda x: x * REFERENCES["erfc"](-x / mp.sqrt(2)) / 2,
    "silu": lambda x: x * REFERENCES["sigmoid"](x),
    "sum": mp.fsum,
    "mean": lambda xs: mp.fsum(xs) / len(xs),
    "prod": mp.fprod,
    "dot": lambda xs: mp.fdot(xs[: len(xs) // 2], xs[len(xs) // 2 :]),
    "norm": lambda xs: mp.sqrt(mp.fsum([x * x for x in xs])),
    "max": max,
    "min": min,
    "logsumexp": _log_sum_exp,
    "surprise": _surprise,
}


def reference(op: Primitive) -> Callable[..., Any]:
    """The row's reference as a function of its operands, one by one also where
    the row takes a list.
    """
    return _reference(op.name, op.arity is None)


@cache
def _reference(name: str, listed: bool) -> Callable[..., Any]:
    f = REFERENCES[name]
    return (lambda *xs: f(list(xs))) if listed else f


def kept(exact: Callable[..., Any]) -> Callable[..., Any]:
    """Compute an exact number once: bounds, condition numbers and several tests share it."""
    once = lru_cache(maxsize=1 << 15)(exact)

    @wraps(exact)
    def of(f: Callable[..., Any], operands: Sequence[float], *places: int) -> Any:
        return once(f, tuple(operands), *places)

    return of


def _scale(xs: Sequence[Any]) -> Any:
    """How far a row is surely smooth around xs, unless xs lies on a kink: the
    distance to zero, to one another, to 1 and -1.
    """
    distances = (
        [abs(x) for x in xs]
        + [abs(x - y) for i, x in enumerate(xs) for y in xs[:i]]
        + [abs(1 - abs(x)) for x in xs]
    )
    return min([mpf(1), *[d for d in distances if d]])


def _moved(xs: Sequence[Any], i: int, h: Any) -> list[Any]:
    return [*xs[:i], xs[i] + h, *xs[i + 1 :]]


@kept
def exact_value(f: Callable[..., Any], operands: Sequence[float]) -> Any:
    """f, to 50 digits."""
    for digits in (110, 420, 1500):
        with mp.workdps(digits):
            z = f(*map(mpf, operands))
            if abs(z) > mpf(10) ** (60 - digits):
                return z
    return z


def _digits(xs: Sequence[float], h: Any) -> int:
    """So many that x + h is exact."""
    return int(mp.log10(max([abs(x) for x in xs if x] or [1]) / h))


@kept
def exact_partial(f: Callable[..., Any], operands: Sequence[float], i: int) -> Any:
    """df/d(operands[i]) to 20 digits; None where the derivatives from both
    sides differ, or f is not real on both.
    """
    xs = [mpf(x) for x in operands]
    h = _scale(xs) * mpf(10) ** -30
    for digits in (_digits(xs, h) + 80, _digits(xs, h) + 400, 1500):
        with mp.workdps(digits):
            try:
                z, above, below = f(*xs), f(*_moved(xs, i, h)), f(*_moved(xs, i, -h))
            except (ValueError, ZeroDivisionError):
                return None
            if any(isinstance(w, mpc) for w in (z, above, below)):
                return None
            right, left = (above - z) / h, (z - below) / h
            if abs(z) / h * mpf(10) ** (3 - digits) <= mpf(10) ** -22 * max(
                abs(right), abs(left)
            ) and (right or left):
                if abs(right - left) <= mpf(10) ** -25 * abs(right):
                    return (right + left) / 2
                return (
                    mp.zero if abs(right - left) <= mpf(10) ** -25 else None
                )  # an extremum, or a kink
    return mp.zero  # too small to be seen in 1500 digits


@kept
def exact_second(f: Callable[..., Any], operands: Sequence[float], i: int, j: int) -> Any:
    """d2f/d(operands[i])d(operands[j]), where f is smooth; None where it is not real."""
    xs = [mpf(x) for x in operands]
    h, k = (_scale(xs) * mpf(10) ** -e for e in (30, 50))
    with mp.workdps(_digits(xs, k) + 450):

        def slope(ys):
            return (f(*_moved(ys, i, k)) - f(*_moved(ys, i, -k))) / (2 * k)

        try:
            return (slope(_moved(xs, j, h)) - slope(_moved(xs, j, -h))) / (2 * h)
        except ValueError:
            return None


def exact_third(f: Callable[..., Any], operands: Sequence[float], i: int, j: int, k: int) -> Any:
    """The derivative of d2f/d(operands[i])d(operands[j]) by operands[k], where f is smooth."""
    xs = [mpf(x) for x in operands]
    h, g, e = (_scale(xs) * mpf(10) ** -n for n in (40, 60, 80))
    with mp.workdps(_digits(xs, e) + 700):

        def slope(ys):
            return (f(*_moved(ys, i, e)) - f(*_moved(ys, i, -e))) / (2 * e)

        def second(ys):
            return (slope(_moved(ys, j, g)) - slope(_moved(ys, j, -g))) / (2 * g)

        return (second(_moved(xs, k, h)) - second(_moved(xs, k, -h))) / (2 * h)


def nearest_float(z: Any) -> float:
    sign, mantissa, exponent, bits = z._mpf_
    if bits + exponent > 1024:
        return -inf if sign else inf
    if bits + exponent < -1080:
        return 0.0
    number = Fraction(int(mantissa)) * Fraction(2) ** exponent
    try:
        return float(-number if sign else number)
    except OverflowError:
        return -inf if sign else inf


def error_in_ulp(got: float, exact: Any) -> float:
    want = nearest_float(exact)
    if math.isinf(want):
        return (
            0.0
            if math.copysign(got, want) == got and abs(got) >= (1.0 - 1e-15) * sys.float_info.max
            else inf
        )  # or at the edge of overflow
    return float(abs(mpf(got) - exact) / math.ulp(want)) if math.isfinite(got) else inf


def _relative(terms: list[Any], total: Any) -> float:
    return float(mp.fsum([abs(term) for term in terms]) / abs(total)) if total else 1.0


def value_condition(f: Callable[..., Any], xs: Sequence[float]) -> float:
    """The condition number: sum of |x df/dx| / |f|; for a sum of terms, the sum
    of their magnitudes over that of the result.
    """
    return _relative(
        [x * (exact_partial(f, xs, j) or 0) for j, x in enumerate(xs)], exact_value(f, xs)
    )


def partial_condition(f: Callable[..., Any], xs: Sequence[float], i: int) -> float:
    """The condition number of df/d(xs[i])."""
    return _relative(
        [x * (exact_second(f, xs, i, j) or 0) for j, x in enumerate(xs)], exact_partial(f, xs, i)
    )


def second_condition(f: Callable[..., Any], xs: Sequence[float], i: int, j: int) -> float:
    """The condition number of d2f/d(xs[i])d(xs[j])."""
    return _relative(
        [x * exact_third(f, xs, i, j, k) for k, x in enumerate(xs)], exact_second(f, xs, i, j)
    )


# Where a row may do worse than its bound, and why.


def beyond_limits(op: Primitive, xs: Sequence[float]) -> bool:
    """Whether xs lie where the bounds of the row do not hold, as its `limits` say."""
    if op.name == "power_slope":
        x, y = xs
        far = not abs(x) < 1e300 or abs(y) > 2.0**53
        return y != 1.0 and (abs(y) < 0.25 or far or math.isinf(op.forward(x, y - 1.0)))
    if op.name == "sinc_slope":  # it holds there, but the steps of exact_partial are too long
        return abs(xs[0]) > 1e15
    if op.name == "prod":
        return any(
            not 1e-290 < abs(math.prod(part)) < 1e290
            for n in range(len(xs))
            for part in (xs[: n + 1], xs[n:])
            if 0.0 not in part
        )
    if op.name == "dot":
        return any(
            x * y != 0.0 and not 1e-290 < abs(x * y) < 1e290
            for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True)
        )
    if op.name == "cosine":
        return max(map(abs, xs)) < 1e-308
    if op.name == "fraction":
        return math.isinf(xs[0] + xs[1])
    return op.name == "norm" and op.forward(xs) == inf


def beyond_second_limits(op: Primitive, xs: Sequence[float]) -> bool:
    """Whether the bound of second derivatives alone does not hold at xs."""
    tame = all(1e-30 < abs(x) < 1e10 for x in xs)
    return not tame or (op.name == "pow" and abs(xs[1]) < 0.05)


def second_unit(op: Primitive, xs: Sequence[float], i: int, j: int, exact: Any) -> float:
    """The unit of the error of a second derivative, as the `limits` of the row say."""
    z, unit = exact_value(reference(op), xs), abs(nearest_float(exact))
    if i == j and op.name == "norm":
        unit = max(unit, float(1 / z))
    return math.ulp(unit)


def _digits_lost_by(z: float) -> float:
    """The relative error of z against that of a normal float: a subnormal z has
    fewer digits to give to the partials made from it.
    """
    return max(1.0, math.ulp(z) / abs(z) / 2.0**-52) if z else 1.0


# Operands.

EDGES = (
    0.0,
    5e-324,
    -5e-324,
    1e-310,
    1e-300,
    -1e-300,
    1e-160,
    1e-20,
    -1e-20,
    1e-8,
    1e20,
    -1e20,
    1e160,
    1e300,
    -1e300,
    1.7e308,
)
UNARY = (
    *EDGES,
    *(
        0.5,
        -0.5,
        1.0,
        -1.0,
        1 - 2**-53,
        2**-53 - 1,
        1 + 2**-52,
        1.5,
        -1.5,
        3.0,
        -2.0,
        5.5,
        -6.5,
        19.0,
        -19.0,
        25.0,
        -25.0,
        37.5,
        -37.5,
    ),
    *(300.0, -300.0, 709.7, -709.0, 710.4, -744.0, 745.5, -745.5, 1000.0, -1000.0),
)
BINARY = (
    0.0,
    5e-324,
    1e-310,
    -1e-300,
    1e-160,
    1e-8,
    0.3,
    -0.7,
    1.0,
    1 + 2**-52,
    -2.0,
    3.0,
    10.5,
    -30.0,
    1e3,
    -1e20,
    1e160,
    1e300,
)
TERNARY = (0.0, 1e-310, -1e-300, 0.3, -2.0, 1e300)


def operands(op: Primitive, n_random: int = 40) -> list[list[float]]:
    """Points of the row's domain: the edges of the floats and of the functions,
    then random ones, the same every time.
    """
    rng = random.Random(op.name)

    def draw() -> float:
        return rng.choice(
            [rng.uniform(-4.0, 4.0), rng.choice([-1, 1]) * 10 ** rng.uniform(-6.0, 2.5)]
        )

    if op.arity is None:
        sizes = (
            [n for n in (2, 4, 6) for _ in range(n_random // 2)]
            if op.bilinear
            else [n for n in (1, 2, 3, 5) for _ in range(n_random // 3)]
        )
        points = [[draw() for _ in range(n)] for n in sizes] + [
            [rng.choice(EDGES) for _ in range(n)] for n in sizes
        ]
        if op.error is IndexDomainError:
            points = [
                [*xs, float(rng.randrange(len(xs)))] for xs in points
            ]  # the index is the last
    else:
        grid = {1: UNARY, 2: BINARY, 3: TERNARY}[op.arity]
        corners = [
            list(xs) for xs in product(grid, repeat=op.arity) if op.arity < 3 or len(set(xs)) > 1
        ]
        points = corners + [[draw() for _ in range(op.arity)] for _ in range(n_random)]
    return [xs for xs in points if not violates(op, xs)]


def smooth_points(op: Primitive) -> Iterator[list[float]]:
    """Points for second derivatives: at random, near 0, near 1 and -1, large ones, mixed ones."""
    rng = random.Random(op.name)
    n = op.arity or 4

    def draw(low: float, high: float) -> float:
        return rng.choice([-1, 1]) * 10.0 ** rng.uniform(low, high)

    points = [[rng.uniform(-3.0, 3.0) for _ in range(n)] for _ in range(12)]
    points += [[draw(e - 1, e) for _ in range(n)] for e in (-3, -8, -17, -29)]
    points += [[draw(e - 1, e) for _ in range(n)] for e in (1.5, 2.5, 3, 5, 10)]
    points += [[draw(-12, 4) for _ in range(n)] for _ in range(5)]
    points += [
        [rng.choice([-1, 1]) * (1.0 + rng.uniform(-d, d)) for _ in range(n)]
        for d in (1e-3, 1e-9, 1e-14)
    ]
    for xs in points:
        if op.name in ("take", "sinc_slope"):
            xs[-1] = 1.0
        inside = [xs, [abs(x) for x in xs], [1.0 + abs(x) for x in xs]]
        inside = [ys for ys in inside if not violates(op, ys) and len(set(ys)) == n]
        if inside and not beyond_limits(op, inside[0]):
            f = reference(op)
            real = [exact_second(f, inside[0], i, i) for i in range(n)]
            if not any(z is None or isinstance(z, mpc) for z in real):
                yield inside[0]  # the oracle's step does not leave the domain


def violates(op: Primitive, xs: Sequence[float]) -> bool:
    return op.violates is not None and (op.violates(xs) if op.arity is None else op.violates(*xs))


# Partials by hand, where the row's convention decides, or where differences see
# a jump or an odd root as a slope.

KINKS: dict[str, dict[tuple[float, ...], tuple[float, ...]]] = {
    "sign": {(0.0,): (0.0,)},
    "heaviside": {(0.0,): (0.0,)},
    "floor": {(2.0,): (0.0,)},
    "ceil": {(2.0,): (0.0,)},
    "abs": {(0.0,): (0.0,)},
    "relu": {(0.0,): (0.0,)},
    "leaky_relu": {(0.0, 0.3): (0.3, 0.0)},
    "elu": {(0.0, 0.3): (0.3, 0.0)},
    "sqrt": {(0.0,): (inf,)},
    "cbrt": {(0.0,): (inf,)},
    "asin": {(1.0,): (inf,), (-1.0,): (inf,)},
    "acos": {(1.0,): (-inf,), (-1.0,): (-inf,)},
    "acosh": {(1.0,): (inf,)},
    "pow": {
        (0.0, 0.0): (0.0, 0.0),
        (0.0, 0.3): (inf, 0.0),
        (0.0, 1.0): (1.0, 0.0),
        (0.0, 2.0): (0.0, 0.0),
        (0.0, 3.0): (0.0, 0.0),
    }
    | {(-2.0, 0.0): (-0.0, nan), (-2.0, 3.0): (12.0, nan), (nan, 0.0): (0.0, nan)},
    "hypot": {(0.0, 0.0): (0.0, 0.0)},
    "cosine": {(0.0, 0.0): (0.0, 0.0)},
    "over_square": {(0.0, 0.0): (0.0, 0.0)},
    "norm": {(0.0, 0.0, 0.0): (0.0, 0.0, 0.0)},
    "atan2": {(0.0, 0.0): (0.0, 0.0), (0.0, -0.5): (-2.0, 0.0)},
    "maximum": {(0.5, 0.5): (0.5, 0.5), (inf, inf): (0.5, 0.5)},
    "minimum": {(0.5, 0.5): (0.5, 0.5)},
    "max": {(2.0,): (1.0,), (2.0, 2.0, 1.0): (0.5, 0.5, 0.0), (3.0, 3.0, 3.0, 3.0): (0.25,) * 4},
    "min": {(2.0, 2.0, 1.0): (0.0, 0.0, 1.0), (1.0, 2.0, 1.0): (0.5, 0.0, 0.5)},
    "less": {(1.0, 1.0): (0.0, 0.0)},
    "greater": {(1.0, 1.0): (0.0, 0.0)},
    "equal": {(1.0, 1.0): (0.0, 0.0)},
    "take": {(5.0, 6.0, 1.0): (0.0, 1.0, 0.0)},
    "clip": {
        (0.0, 0.0, 1.0): (1.0, 0.0, 0.0),
        (1.0, 0.0, 1.0): (1.0, 0.0, 0.0),
        (1.0, 1.0, 1.0): (1.0, 0.0, 0.0),
    },
    "scale": {(0.0, inf): (inf, 0.0)},
    "stop_gradient": {(2.0,): (0.0,)},
}


# The limits of a row with one operand: f(inf), f'(inf), f(-inf), f'(-inf), and
# None where the domain ends before.
AT_INFINITY = {
    "neg": (-inf, -1, inf, -1),
    "sign": (1, 0, -1, 0),
    "heaviside": (1, 0, 0, 0),
    "floor": (inf, 0, -inf, 0),
    "ceil": (inf, 0, -inf, 0),
    "identity": (inf, 1, -inf, 1),
    "stop_gradient": (inf, 0, -inf, 0),
    "abs": (inf, 1, inf, -1),
    "exp": (inf, inf, 0, 0),
    "expm1": (inf, inf, -1, 0),
    "log": (inf, 0, None, None),
    "log1p": (inf, 0, None, None),
    "log2": (inf, 0, None, None),
    "log10": (inf, 0, None, None),
    "sqrt": (inf, 0, None, None),
    "cbrt": (inf, 0, -inf, 0),
    "sin": (None,) * 4,
    "cos": (None,) * 4,
    "tan": (None,) * 4,
    "sinc": (0, 0, 0, 0),
    "one_minus_square": (-inf, -inf, -inf, inf),
    "asin": (None,) * 4,
    "acos": (None,) * 4,
    "atan": (math.pi / 2, 0, -math.pi / 2, 0),
    "sinh": (inf, inf, -inf, inf),
    "cosh": (inf, inf, inf, -inf),
    "tanh": (1, 0, -1, 0),
    "asinh": (inf, 0, -inf, 0),
    "acosh": (inf, 0, None, None),
    "atanh": (None,) * 4,
    "erf": (1, 0, -1, 0),
    "erfc": (0, 0, 2, 0),
    "sigmoid": (1, 0, 0, 0),
    "bell": (0, 0, 0, 0),
    "softplus": (inf, 1, 0, 0),
    "log_sigmoid": (0, 0, -inf, 1),
    "relu": (inf, 1, 0, 0),
    "gelu": (inf, 1, 0, 0),
    "silu": (inf, 1, 0, 0),
}

# For every row with a domain: points inside, and points outside.
DOMAINS: dict[str, Any] = {
    "div": ([(1, 2), (0, -5e-324)], [(1, 0), (0, 0), (inf, -0.0)]),
    "mod": ([(7, 2), (-7, 2), (7, inf)], [(7, 0), (inf, 2)]),
    "sinc_slope": ([(0.5, 0), (0, 3)], [(0.5, 0.5), (0.5, -1)]),
    "fraction": ([(1, 2), (0, 1), (-1, 3)], [(0, 0), (1, -1)]),
    "pow": ([(0, 0), (-2, 3), (-2, -1), (0, 0.5), (2, 0.5)], [(-8, 1 / 3), (0, -1), (-1, inf)]),
    "power_slope": (
        [(2, 0.5), (-2, 3), (0, 2), (0, 1), (0, 0)],
        [(0, 0.5), (-8, 1 / 3), (0, -1)],
    ),
    "clip": ([(5, 1, 2), (5, 1, 1)], [(5, 2, 1)]),
    "log": ([(5e-324,)], [(0,), (-1,), (-0.0,)]),
    "log1p": ([(-1 + 2 ** (-53),)], [(-1,), (-2,)]),
    "log2": ([(1,)], [(0,)]),
    "log10": ([(1,)], [(-3,)]),
    "sqrt": ([(0,), (-0.0,)], [(-5e-324,)]),
    "sin": ([(1e308,)], [(inf,), (-inf,)]),
    "cos": ([(1e308,)], [(inf,), (-inf,)]),
    "tan": ([(1e308,)], [(inf,), (-inf,)]),
    "asin": ([(1,), (-1,)], [(2,), (-1.0000000000000002,)]),
    "acos": ([(1,), (-1,)], [(2,), (-1.0000000000000002,)]),
    "acosh": ([(1,)], [(0.9999999999999999,)]),
    "atanh": ([(0.9999999999999999,)], [(1,), (-1,)]),
    "take": ([(5, 6, 1), (5, 6, 0)], [(5, 6, 2), (5, 6, -1), (5, 6, 0.5), (0,)]),
    "mean": ([(1,)], [()]),
    "max": ([(1,)], [()]),
    "min": ([(1,)], [()]),
    "logsumexp": ([(1,)], [()]),
    "surprise": ([(1,)], [()]),
}


def partials(op: Primitive, xs: Sequence[float], z: float) -> list[float]:
    return [0.0 if p is None else p for p in op.partials_at(xs, z, [True] * len(xs))]


def defects(op: Primitive, points: Sequence[list[float]]) -> Iterator[str]:
    """Everything that is wrong with the row at these points: a value or a
    partial beyond its bound.
    """
    f = reference(op)
    for xs in points:
        if beyond_limits(op, xs) or tuple(xs) in KINKS.get(op.name, ()):
            continue
        z = op.forward(xs) if op.arity is None else op.forward(*xs)
        exact = exact_value(f, xs)
        error, bound = error_in_ulp(z, exact), op.ulp[0] + 1e-9
        if error > bound and not error <= bound * max(1.0, value_condition(f, xs)):
            yield f"{op.name}{xs} = {z!r}, not {nearest_float(exact)!r}: {error:.3g} ulp"
        for i, p in enumerate(partials(op, xs, z)):
            exact = exact_partial(f, xs, i)
            if exact is None:
                continue
            error, bound = error_in_ulp(p, exact) / _digits_lost_by(z), op.ulp[1] + 1e-9
            if error > bound and not error <= bound * max(1.0, partial_condition(f, xs, i)):
                yield (
                    f"d {op.name}{xs} / d operand {i} = {p!r}, "
                    f"not {nearest_float(exact)!r}: {error:.3g} ulp"
                )
