"""The rows in ball arithmetic: an oracle in a few microseconds a point.

Every row is written once more, as a function of power series whose coefficients are
balls of Arb (python-flint): a number, and a radius that encloses all rounding. The
series of f(x + t d) gives value and derivatives along d. No rule of the table is
used. A ball that is too wide is computed again with more bits, so that each number
is right to 2**-70 or is not given.

At a kink the series is that of the derivative which the row chooses.

Source: Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic".
"""

import math
from fractions import Fraction

from flint import arb, arb_series, ctx, fmpz

BITS = (160, 500, 1400, 2800, 5600)  # tried in turn
ENOUGH = 70  # right bits of a number
FAR = 1e6  # exp of it is far beyond every float, and so are its inverse and its derivatives


def number(x):
    """The constant series."""
    return arb_series([x])


def head(s):
    return s[0]


def with_head(s, first):
    """The series with another constant term."""
    return arb_series([first, *s.coeffs()[1:]])


def rest(s):
    """The series without its constant term."""
    return with_head(s, 0)


def inner(s):
    """ds/dt."""
    return s.derivative()


def integral(slope, s, first):
    """The series of F(s), where F' is `slope` and F(s(0)) is `first`."""
    return with_head((slope * inner(s)).integral(), first)


def near(x, far=FAR):
    """The constant term, or where it is so far that the row is at its limit, that number."""
    return arb(far) if x > far else arb(-far) if x < -far else x


def exp(s):
    return near(s[0]).exp() * rest(s).exp()


def expm1(s):
    return with_head(exp(s), near(s[0]).expm1())


def log(s):
    return s.log()


def log1p(s):
    return with_head((1 + s).log(), s[0].log1p())


def sinh_cosh(s):
    up, down = rest(s).exp(), (-rest(s)).exp()
    odd, even = (up - down) / 2, (up + down) / 2
    x = near(s[0])
    sinh, cosh = x.sinh(), x.cosh()
    return sinh * even + cosh * odd, cosh * even + sinh * odd


def tanh(s):
    cosh = sinh_cosh(s)[1]
    return integral(1 / (cosh * cosh), s, near(s[0]).tanh())


def bell(s):
    cosh = sinh_cosh(s / 2)[1]
    return 1 / (4 * cosh * cosh)


def sigmoid(s):
    return integral(bell(s), s, 1 / (1 + near(-s[0]).exp()))


def softplus(s):
    x = s[0]
    first = x + near(-x).exp().log1p() if x > 0 else near(x).exp().log1p()
    return integral(sigmoid(s), s, first)


def damped_square(s):
    """exp(-s * s)"""
    return exp(-s * s)


def erf(s):
    return integral(2 / arb.pi().sqrt() * damped_square(s), s, near(s[0], 1e4).erf())


def erfc(s):
    return integral(-2 / arb.pi().sqrt() * damped_square(s), s, near(s[0], 1e4).erfc())


def absolute(s):
    return number(0) if s[0] == 0 else s if s[0] > 0 else -s


def root(s):
    return s.sqrt()


def cbrt(s):
    size = absolute(s)
    z = exp(log(size) / 3)
    return z if s[0] > 0 else -z


def power(x, y, whole):
    """x ** y for x != 0; `whole` is y where y is constant, else None."""
    if x[0] > 0:
        return exp(y * log(x))
    if whole is None:
        return None  # there is no derivative by y
    z = exp(y * log(-x))
    return -z if whole % 2 else z


def sinc(s):
    x = s[0]
    t = arb.pi() * s
    if abs(x) < 1e-3:
        square, term, total = t * t, number(1), number(0)
        for k in range(40 + ctx.cap // 2):
            total, term = total + term, -term * square / ((2 * k + 2) * (2 * k + 3))
        return total
    return s.sin_pi() / t


def norm(xs):
    total = number(0)
    for x in xs:
        total = total + x * x
    return number(0) if total[0] == 0 else total.sqrt()


def extreme(xs, sign):
    """The largest where sign is 1, the smallest where it is -1: the mean of equals."""
    best = xs[0][0]
    for x in xs[1:]:
        best = x[0] if sign * x[0] > sign * best else best
    equals = [x for x in xs if x[0] == best]
    return total(equals) / len(equals)


def total(xs):
    z = number(0)
    for x in xs:
        z = z + x
    return z


def product(xs):
    z = number(1)
    for x in xs:
        z = z * x
    return z


def log_sum_exp(xs, less=None):
    """The log of the sum of exponentials, less one of the operands."""
    k = max(range(len(xs)), key=lambda i: float(xs[i][0]))
    others = [exp(x - xs[k]) for i, x in enumerate(xs) if i != k]
    base = xs[k] if less is None else xs[k] - less
    return base + log1p(total(others)) if others else base


def atan2(x, y, floats):
    """A ball has no sign of zero, so the side of the cut comes from the floats."""
    if floats[0] == 0.0:
        first = arb.pi() if math.copysign(1.0, floats[1]) < 0.0 else arb(0)
        first = -first if math.copysign(1.0, floats[0]) < 0.0 else first
    else:
        first = arb.atan2(x[0], y[0])
    if x[0] == 0 and y[0] == 0:
        return number(first)
    slope = (inner(x) * y - x * inner(y)) / (x * x + y * y)
    return with_head(slope.integral(), first)


def share(x, y):
    """x over the length of (x, y)."""
    return number(0) if x[0] == 0 and y[0] == 0 else x / norm([x, y])


def over_square(x, y):
    return number(0) if x[0] == 0 and y[0] == 0 else x / (x * x + y * y)


def gelu(x):
    return x * erfc(-x / arb(2).sqrt()) / 2


def half_dot(xs):
    n = len(xs) // 2
    return total([x * y for x, y in zip(xs[:n], xs[n:], strict=True)])


def mod(x, y, floats):
    quotient = Fraction(floats[0]) / Fraction(floats[1])
    return x - y * arb(fmpz(math.floor(quotient)))


def of_power(slope):
    def f(x, y, floats, fixed):
        a, b = floats
        whole = b if fixed[1] else None
        if a == 0.0:
            return None  # the row's kinks; the suite has them
        return y * power(x, y - 1, b - 1 if fixed[1] else None) if slope else power(x, y, whole)

    def sloped(x, y, floats, fixed):
        if slope and floats[0] < 0 and not fixed[1]:
            return None
        if slope and floats[0] < 0 and floats[0] != 0.0:
            z = y * exp((y - 1) * log(-x))
            return z if floats[1] % 2 else -z
        return f(x, y, floats, fixed)

    return sloped


# By row: a function of the series of the operands. Those of WITH_FLOATS also get the
# operands as floats, and of each whether it is constant along the direction.
ROWS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "neg": lambda x: -x,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "mod": lambda x, y, floats, fixed: mod(x, y, floats),
    "pow": of_power(False),
    "power_slope": of_power(True),
    "less": lambda x, y: number(int(x[0] < y[0])),
    "greater": lambda x, y: number(int(x[0] > y[0])),
    "equal": lambda x, y: number(int(x[0] == y[0])),
    "where": lambda x, y, w: w if x[0] == 0 else y,
    "clip": lambda x, y, w: y if x[0] < y[0] else w if x[0] > w[0] else x,
    "take": lambda xs: xs[int(float(xs[-1][0]))],
    "maximum": lambda x, y: extreme([x, y], 1),
    "minimum": lambda x, y: extreme([x, y], -1),
    "sign": lambda x: number(int(x[0] > 0) - int(x[0] < 0)),
    "heaviside": lambda x: number(int(x[0] > 0)),
    "floor": lambda x: number(x[0].floor()),
    "ceil": lambda x: number(x[0].ceil()),
    "identity": lambda x: x,
    "abs": absolute,
    "scale": lambda x, y: x * y,
    "both": lambda x, y: x * y,
    "gap": lambda x, y: x - y,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "log2": lambda x: log(x) / arb(2).log(),
    "log10": lambda x: log(x) / arb(10).log(),
    "sqrt": root,
    "cbrt": cbrt,
    "hypot": lambda x, y: norm([x, y]),
    "cosine": share,
    "fraction": lambda x, y: x / (x + y),
    "logaddexp": lambda x, y: log_sum_exp([x, y]),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "sinc": sinc,
    "one_minus_square": lambda x: (1 - x) * (1 + x),
    "asin": lambda x: integral(1 / ((1 - x) * (1 + x)).sqrt(), x, x[0].asin()),
    "acos": lambda x: integral(-1 / ((1 - x) * (1 + x)).sqrt(), x, x[0].acos()),
    "atan": lambda x: integral(1 / (1 + x * x), x, x[0].atan()),
    "atan2": lambda x, y, floats, fixed: atan2(x, y, floats),
    "over_square": over_square,
    "sinh": lambda x: sinh_cosh(x)[0],
    "cosh": lambda x: sinh_cosh(x)[1],
    "tanh": tanh,
    "asinh": lambda x: integral(1 / (1 + x * x).sqrt(), x, x[0].asinh()),
    "acosh": lambda x: integral(1 / ((x - 1) * (x + 1)).sqrt(), x, x[0].acosh()),
    "atanh": lambda x: integral(1 / ((1 - x) * (1 + x)), x, x[0].atanh()),
    "erf": erf,
    "erfc": erfc,
    "sigmoid": sigmoid,
    "bell": bell,
    "softplus": softplus,
    "log_sigmoid": lambda x: -softplus(-x),
    "relu": lambda x: x if x[0] > 0 else number(0),
    "leaky_relu": lambda x, y: x if x[0] > 0 else y * x,
    "elu": lambda x, y: x if x[0] > 0 else y * expm1(x),
    "gelu": gelu,
    "silu": lambda x: x * sigmoid(x),
    "sum": total,
    "mean": lambda xs: total(xs) / len(xs),
    "prod": product,
    "dot": half_dot,
    "norm": norm,
    "max": lambda xs: extreme(xs, 1),
    "min": lambda xs: extreme(xs, -1),
    "logsumexp": log_sum_exp,
    "surprise": lambda xs: log_sum_exp(xs, xs[-1]),
}
WITH_FLOATS = {"mod", "pow", "power_slope", "atan2"}


def series(op, xs, direction, floats, terms=3):
    """The series of f(xs + t * direction) to t**2, or None where it has no derivative."""
    ctx.cap = terms
    if op.name == "sinc_slope":
        order = int(floats[1])
        ctx.cap = terms + order
        z = sinc(arb_series([xs[0], 1]))
        for _ in range(order):
            z = z.derivative()
        ctx.cap = terms
        return arb_series(z.coeffs()[:terms]) if direction[0] else number(z[0])
    operands = [arb_series([x, d]) for x, d in zip(xs, direction, strict=True)]
    f = ROWS[op.name]
    if op.name in WITH_FLOATS:
        return f(*operands, floats, [not d for d in direction])
    return f(operands) if op.arity is None else f(*operands)


def settled(ball, enough):
    return ball.is_exact() or ball.rel_accuracy_bits() >= enough


def numbers(op, xs, i, j, moved=None, enough=ENOUGH, second=True):
    """Return value, first derivative by i, and second by i and j, as balls.

    Each is None where the row has none, and where it is not settled with 5600 bits.
    The second is None, too, where it is not wanted. An operand may be moved: `moved`
    are exact balls in the place of the floats.
    """
    n = len(xs)
    at = xs if moved is None else moved
    found = [None, None, None]
    undefined = False
    for bits in BITS:
        ctx.prec = bits
        try:
            along_i = series(op, at, [int(k == i) for k in range(n)], xs, 3 if second else 2)
        except (ZeroDivisionError, ValueError):
            return found
        if along_i is None:
            undefined = True
            break
        three = [along_i[0], along_i[1], 2 * along_i[2] if second else None]
        if not second:
            pass
        elif j != i and op.name == "sinc_slope":
            three[2] = arb(0)  # the order has the derivative 0
        elif j != i and along_i[1].is_finite():
            along_j = series(op, at, [int(k == j) for k in range(n)], xs)
            both = series(op, at, [int(k in (i, j)) for k in range(n)], xs)
            if along_j is None or both is None:
                three[2] = None
            else:
                three[2] = both[2] - along_i[2] - along_j[2]
        waiting = False
        for k, ball in enumerate(three):
            if found[k] is None and ball is not None and ball.is_finite():
                if settled(ball, enough):
                    found[k] = ball
                else:
                    waiting = True
        if not waiting:
            break
    if undefined:
        try:  # the value alone, along nothing
            constant = series(op, at, [0] * n, xs)
        except (ZeroDivisionError, ValueError):
            return found
        if constant is not None and constant[0].is_finite() and settled(constant[0], enough):
            found[0] = constant[0]
    return found


def condition(op, xs, i, j, place):
    """The condition number of value, first or second derivative (place 0, 1, 2).

    It is the sum over the operands of the relative change of the number over a
    relative change of the operand, which is 2**-100.
    """
    exact = numbers(op, xs, i, j, enough=200)[place]
    if exact is None or exact == 0:
        return 1.0
    change = 0.0
    for k, x in enumerate(xs):
        if x == 0.0 or (op.name in ("take", "sinc_slope") and k == len(xs) - 1):
            continue
        ctx.prec = BITS[-1]
        moved = [arb(y) for y in xs]
        moved[k] = moved[k] * (1 + arb(2) ** -100)
        other = numbers(op, xs, i, j, moved, enough=200)[place]
        if other is not None:
            ctx.prec = BITS[-1]
            change += float(abs((other - exact) / exact) * arb(2) ** 100)
    return change
