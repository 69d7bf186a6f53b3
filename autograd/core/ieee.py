"""The forward functions: Python's float mathematics made total.

Python's `math` raises where IEEE 754 has an answer: log(0) is -inf, 1/0 is inf,
0/0 is nan, exp(1000) is inf. The functions of this file never raise. An infinity
or a nan can then pass through a derivative that does not use it. The domain of a
row decides, before these are called, whether a user may ask for log(0).

A nan gives nan, unless the other operands decide alone: x ** 0 is 1, the
condition of `where` chooses, hypot(inf, y) is inf. The builtins `sum`,
`math.sumprod` and `math.hypot` are not used. Their last bits differ between
versions of Python.

These texts are translated for the machine and the page as well, all but the few
functions that `forms.py` has in another form. A function without a docstring is
described by its row.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence

inf, nan = math.inf, math.nan
_PI = 3.141592653589793
_PI_LOST = 3.8981718325193755e-17  # pi is the float times 1 + this
_EXP_MAX = 709.782712893384  # the largest float whose exponential is finite
_COSH_MAX = 710.4758600739439  # the same for cosh and sinh
_TWO_TO_512 = 1.3407807929942597e154


def div(x: float, y: float) -> float:
    if y != 0.0:
        return x / y
    return nan if x == 0.0 or x != x else math.copysign(inf, x) * math.copysign(1.0, y)


def mod(x: float, y: float) -> float:
    """Python's x % y: its sign is that of y."""
    if x - x != 0.0 or y == 0.0 or y != y:
        return nan
    z = math.fmod(x, y)
    if z == 0.0:
        return math.copysign(0.0, y)
    return z + y if (z < 0.0) != (y < 0.0) else z


def pow(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and y % 2.0 == 1.0 else inf
    except ValueError:  # a pole at 0 or a fractional power of a negative number
        return nan if x != 0.0 else math.copysign(inf, x) if y % 2.0 == 1.0 else inf


def power_slope(x: float, y: float) -> float:
    """y * x**(y - 1), with the parity and the digits that y - 1 loses when it is rounded."""
    if y == 0.0:
        return 0.0
    e = y - 1.0
    power = pow(x, e)
    z = y * power
    if x < 0.0 and (y > 9007199254740992.0 or y <= -9007199254740992.0):  # such a y is even
        z = math.copysign(z, -y)
    if x == 0.0 or x - x != 0.0 or e - e != 0.0:
        return z if z == z or power != 0.0 else 0.0  # an infinite y
    if abs(z) == inf or abs(z) < 1e-290:  # the power may leave the range where z does not
        root = pow(abs(x), 0.5 * e)
        z = math.copysign(y * root * root, z)
    rounded = e - y
    lost = (y - (e - rounded)) - (1.0 + rounded)  # y - 1 - e, exactly (Knuth)
    return z + z * (lost * math.log(abs(x))) if lost != 0.0 and z - z == 0.0 else z


def scale(x: float, y: float) -> float:
    return x * y if x != 0.0 else 0.0


def both(x: float, y: float) -> float:
    return x * y if x != 0.0 and y != 0.0 else 0.0


def exp(x: float) -> float:
    return math.exp(x) if x <= _EXP_MAX else x * inf


def expm1(x: float) -> float:
    return math.expm1(x) if x <= _EXP_MAX else x * inf


def log(x: float) -> float:
    return math.log(x) if x > 0.0 else -inf if x == 0.0 else nan


def log1p(x: float) -> float:
    return math.log1p(x) if x > -1.0 else -inf if x == -1.0 else nan


def log2(x: float) -> float:
    return math.log2(x) if x > 0.0 else -inf if x == 0.0 else nan


def log10(x: float) -> float:
    return math.log10(x) if x > 0.0 else -inf if x == 0.0 else nan


def sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0.0 else nan


def cbrt(x: float) -> float:
    """Return the real cube root: a power, then one Newton step.

    x is scaled by a power of two whose exponent is a multiple of three.
    """
    if x == 0.0 or x - x != 0.0:  # zero, infinite or nan
        return x
    m, e = math.frexp(abs(x))
    r = e % 3
    a = math.ldexp(m, r)
    y = math.pow(a, 1.0 / 3.0)
    y -= (y * y * y - a) / (3.0 * y * y)
    return math.copysign(math.ldexp(y, (e - r) // 3), x)


def sin(x: float) -> float:
    return math.sin(x) if x - x == 0.0 else nan


def cos(x: float) -> float:
    return math.cos(x) if x - x == 0.0 else nan


def _sin_pi(x: float) -> float:
    """sin(pi * x): 0 where x is whole."""
    r = math.fmod(x, 2.0)
    if abs(r) > 1.0:
        r -= math.copysign(2.0, r)
    if abs(r) > 0.5:
        r = math.copysign(1.0, r) - r
    return math.sin(_PI * r)


def _cos_pi(x: float) -> float:
    """cos(pi * x): 0 where x is half of an odd number."""
    r = abs(math.fmod(x, 2.0))
    if r > 1.0:
        r = 2.0 - r
    return math.sin(_PI * (0.5 - r)) if r > 0.25 else math.cos(_PI * r)


def sinc(x: float) -> float:
    return sinc_slope(x, 0.0)


def sinc_slope(x: float, order: float) -> float:
    """The derivative of that order: pi**order times that of sin(t) / t where t = pi * x.

    The derivatives s of sin(t) and those of sin(t) / t, which is z, are linked by
    t * z[k] + k * z[k - 1] = s[k]. From below, an error grows by k / t at a step: that
    is the way for a large t. From above it grows by t / k: that is the way for a small
    t. There it begins with 0 so far up that nothing is left of this error.
    """
    if x != x or not 0.0 <= order <= 500.0:
        return nan
    if x - x != 0.0:
        return 0.0
    t = _PI * x
    n = int(order)
    power = math.pow(_PI, order)
    power += power * (order * _PI_LOST)
    if abs(t) < 1e-9:  # the first term of the series; t itself may be subnormal
        sign = 1.0 if (n + 1) // 2 % 2 == 0 else -1.0
        if n % 2 == 0:
            return sign * power / (order + 1.0)
        return sign * x * (power * _PI / (order + 2.0))
    sine, cosine = _sin_pi(x), _cos_pi(x)
    if abs(x) > 1e300:  # t may be infinite; the other terms of a derivative vanish
        for _ in range(n % 4):
            sine, cosine = cosine, -sine
        return sine * (power / _PI) / x
    if n == 0 or abs(t) > order + 1.0:
        z = sine / t
        for k in range(1, n + 1):
            sine, cosine = cosine, -sine
            z = (sine - k * z) / t
        return z * power
    m = n + 2
    error = 1.0
    while error > 1e-20:
        m += 1
        error *= abs(t) / m
    for _ in range(m % 4):
        sine, cosine = cosine, -sine
    z = 0.0
    for j in range(m - n):
        z = (sine - t * z) / (m - j)
        sine, cosine = -cosine, sine
    return z * power


def tan(x: float) -> float:
    return math.tan(x) if x - x == 0.0 else nan


def asin(x: float) -> float:
    return math.asin(x) if -1.0 <= x <= 1.0 else nan


def acos(x: float) -> float:
    return math.acos(x) if -1.0 <= x <= 1.0 else nan


def sinh(x: float) -> float:
    return math.sinh(x) if abs(x) <= _COSH_MAX else x * inf


def cosh(x: float) -> float:
    return math.cosh(x) if abs(x) <= _COSH_MAX else abs(x) * inf


def acosh(x: float) -> float:
    return math.acosh(x) if x >= 1.0 else nan


def one_minus_square(x: float) -> float:
    return (1.0 - x) * (1.0 + x)


def atanh(x: float) -> float:
    return math.atanh(x) if -1.0 < x < 1.0 else x * inf if abs(x) == 1.0 else nan


def sigmoid(x: float) -> float:
    e = math.exp(-abs(x))
    return 1.0 / (1.0 + e) if x >= 0.0 else e / (1.0 + e)


def bell(x: float) -> float:
    e = math.exp(-abs(x))
    return e / (1.0 + e) / (1.0 + e)


def softplus(x: float) -> float:
    return (x if x > 0.0 else 0.0) + math.log1p(math.exp(-abs(x)))


def log_sigmoid(x: float) -> float:
    return -softplus(-x)


def relu(x: float) -> float:
    return x if x > 0.0 or x != x else 0.0


def leaky_relu(x: float, slope: float) -> float:
    return x if x > 0.0 else slope * x


def elu(x: float, alpha: float) -> float:
    return x if x > 0.0 else alpha * math.expm1(x)


def gelu(x: float) -> float:
    tail = math.erfc(-x * math.sqrt(0.5))
    return 0.5 * x * tail if tail != 0.0 else -0.0


def silu(x: float) -> float:
    s = sigmoid(x)
    return x * s if s != 0.0 else -0.0


def sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x if x != x else 0.0


def heaviside(x: float) -> float:
    return 1.0 if x > 0.0 else x if x != x else 0.0


def floor(x: float) -> float:
    return x // 1.0 + 0.0 if x - x == 0.0 else x  # never -0.0


def ceil(x: float) -> float:
    return -floor(-x) + 0.0


def less(x: float, y: float) -> float:
    return 1.0 if x < y else 0.0


def greater(x: float, y: float) -> float:
    return 1.0 if x > y else 0.0


def equal(x: float, y: float) -> float:
    return 1.0 if x == y else 0.0


def maximum(x: float, y: float) -> float:
    return x if x > y or x != x else y


def minimum(x: float, y: float) -> float:
    return x if x < y or x != x else y


def where(condition: float, a: float, b: float) -> float:
    return a if condition != 0.0 else b


def clip(x: float, low: float, high: float) -> float:
    return minimum(maximum(x, low), high)


def gap(x: float, y: float) -> float:
    return x - y if x != y else 0.0


def hypot(x: float, y: float) -> float:
    return norm([x, y])


def cosine(x: float, y: float) -> float:
    """x / hypot(x, y); hypot itself can overflow where this does not."""
    if x != x or y != y:
        return nan
    big = abs(x) if abs(x) > abs(y) else abs(y)
    if x == 0.0 or big == inf:
        return 0.0 if abs(x) < inf else nan if abs(y) == inf else math.copysign(1.0, x)
    e = math.frexp(big)[1]
    a, b = math.ldexp(x, -e), math.ldexp(y, -e)
    return a / math.sqrt(a * a + b * b)


def over_square(x: float, y: float) -> float:
    """x / (x * x + y * y), scaled by a power of two so that no square overflows or vanishes."""
    if x != x or y != y:
        return nan
    big = abs(x) if abs(x) > abs(y) else abs(y)
    if x == 0.0 or big == inf:
        return 0.0
    e = math.frexp(big)[1]
    a, b = math.ldexp(x, -e), math.ldexp(y, -e)
    m, k = math.frexp(x)
    z, n = m / (a * a + b * b), k - 2 * e
    if n < 1000:
        return math.ldexp(z, n)
    return math.ldexp(z, 1000) * math.ldexp(1.0, n - 1000)  # ldexp itself raises on overflow


def fraction(x: float, y: float) -> float:
    total = x + y
    part = x
    if total - total != 0.0:  # too large, or nan
        part = 0.5 * x
        total = part + 0.5 * y
        if total - total != 0.0 and y - y == 0.0 and x == x:  # x alone is infinite
            return 1.0
    return part / total if total != 0.0 else div(part, total)


def logaddexp(x: float, y: float) -> float:
    if x == y:  # also two equal infinities, whose difference is nan
        return x + math.log(2.0)
    return (x if x > y else y) + math.log1p(math.exp(-abs(x - y)))


def fsum(xs: Sequence[float]) -> float:
    """The exact sum, rounded once."""
    try:
        return math.fsum(xs)
    except (ValueError, OverflowError):
        # Infinities of both signs, or a partial sum beyond the largest float.
        special = [x for x in xs if x - x != 0.0]
        if special:
            return special[0] if all(x == special[0] for x in special) else nan
        from fractions import Fraction

        total = sum(map(Fraction, xs), Fraction(0))
        try:
            return float(total)
        except OverflowError:
            return inf if total > 0 else -inf


def mean(xs: Sequence[float]) -> float:
    """Return the exact sum divided by n, rounded once.

    It is the quotient of the rounded sum, corrected by its exact remainder. Rounding the
    correction keeps it on the right side of the middle between two floats, or moves it
    into the middle. There the exact remainder decides.
    """
    n = len(xs)
    q = fsum(xs) / n if n else nan
    if q - q != 0.0:
        # The sum is beyond the largest float, the mean is not: q is a little too small.
        q = fsum([x / n * 0.9999999999990905 for x in xs])
        q = q + div(fsum(list(xs) + [-q] * n), float(n)) if q - q == 0.0 else q
        if q - q != 0.0:
            return q
    rest = list(xs) + [-q] * n
    t = fsum(rest) / n
    z = q + t
    e = t - (z - q)
    if e != 0.0:
        other = z + 2.0 * e
        if other - q - t == e:
            left = fsum(rest + [-t] * n)
            return other if (left > 0.0 and e > 0.0) or (left < 0.0 and e < 0.0) else z
    elif 0.5 * z * 2.0 != z:  # odd, and so small that floats have no half: ties go to an even one
        left = fsum(rest + [-t] * n)
        z += math.copysign(5e-324, left) if 2.0 * abs(left) == n * 5e-324 else 0.0
    return z


def prod(xs: Sequence[float]) -> float:
    z = 1.0
    for x in xs:
        z *= x
    return z


def dot(xs: Sequence[float]) -> float:
    """The sum of products of the first half of xs with the second, from left to right."""
    n = len(xs) // 2
    z = 0.0
    for x, y in zip(xs[:n], xs[n:], strict=True):
        z += x * y
    return z


def norm(xs: Sequence[float]) -> float:
    """sqrt(sum of squares), scaled by a power of two so that no square overflows or vanishes."""
    sizes = [abs(x) for x in xs]
    big = max_(sizes) if len(xs) else 0.0
    if big == 0.0 or big - big != 0.0:
        return inf if inf in sizes else big
    e = math.frexp(big)[1]
    z = math.sqrt(fsum([y * y for y in [math.ldexp(x, -e) for x in xs]]))
    # ldexp itself raises on overflow, also where the length is beyond the floats
    return math.ldexp(z, e - 512) * _TWO_TO_512 if e > 0 else math.ldexp(z, e)


def max_(xs: Sequence[float]) -> float:
    z = -inf
    for x in xs:
        z = z if z > x or z != z else x
    return z


def min_(xs: Sequence[float]) -> float:
    return -max_([-x for x in xs])


def logsumexp(xs: Sequence[float]) -> float:
    """Return m + log(1 + sum of exp(x - m)), where m is the largest.

    The sum leaves out one m. Nothing cancels where the result is near m.
    """
    m = max_(xs)
    if m - m != 0.0:
        return m
    return m + math.log1p(fsum([math.exp(x - m) for x in xs] + [-1.0]))


def surprise(xs: Sequence[float]) -> float:
    """logsumexp of the gaps to the last one. Its own is 0, so nothing is taken from 1.

    It is nan where several are the largest and infinite: their shares could be any.
    """
    if len(xs) == 0:
        return -inf
    own = xs[-1]
    z = logsumexp([gap(x, own) for x in xs])
    if z == inf or own - own != 0.0:
        top = max_(xs)
        if top - top != 0.0 and fsum([equal(x, top) for x in xs]) > 1.0:
            return nan
    return z


def take(xs: Sequence[float]) -> float:
    """The element of xs[:-1] at the index xs[-1]."""
    i = xs[-1]
    return xs[int(i)] if 0.0 <= i < len(xs) - 1 and i == math.floor(i) else nan
