"""Forward functions of `ieee.py` in a form that other languages can follow.

Some functions of `ieee.py` rest on what Python alone has: exceptions, exact
fractions, `math.fsum`. Here they stand as loops over floats, and give the same
bits. The names are those of `ieee.py`. `texts.py` takes a function from here
where there is one, and from `ieee.py` else.

These functions are translated, not called. An operation that raises in Python
gives what IEEE 754 says there.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence


def pow(x: float, y: float) -> float:
    """x to the power of y, as C's pow gives it."""
    return math.pow(x, y)


def fsum(xs: Sequence[float]) -> float:
    """The exact sum, rounded once.

    The sum so far is kept as two floats, with a bound on the error of the
    second. If both ends of the error give the same float, that is the sum.
    """
    total, error, bound = _sum_in_parts(xs)
    low = total + (error - bound)
    if low == total + (error + bound):
        return low
    return _exact_sum(xs)


def _sum_in_parts(xs: Sequence[float]) -> tuple[float, float, float]:
    """Numbers s, e, b such that the exact sum lies within b of s + e.

    It is Knuth's two-sum (TAOCP 2, 4.2.2), twice: each rounding error is exact, and
    what is lost in adding these errors is added, too. Mostly nothing is lost. Then
    b is 0, which tells even a sum in the middle between two floats. Numbers e and b
    are nan where a sum overflows.
    """
    total = error = rest = size = 0.0
    for x in xs:
        s = total + x
        y = s - total
        e = (total - (s - y)) + (x - y)
        total = s
        s = error + e
        y = s - error
        e = (error - (s - y)) + (e - y)
        error = s
        rest += e
        size += abs(e)
    error += rest
    bound = size * (float(len(xs)) + 3.0) * 2.220446049250313e-16
    return total, error, bound + (abs(error) * 4.440892098500626e-16 if size > 0.0 else 0.0)


def _exact_sum(xs: Sequence[float]) -> float:
    """The exact sum, rounded once, by whole numbers: never quick, always right.

    The sum is a number in base 2**32, whose digit k counts 2**(32 k - 1074). A
    float adds to three neighbouring digits. Digits are whole floats below
    2**53, so a million additions fit before the carries must be taken.
    """
    special = 0.0
    for x in xs:
        if x - x != 0.0:
            special += x
    if special != 0.0:  # infinities, or nan
        return special
    digits = [0.0] * 70
    added = 0
    for x in xs:
        if x != 0.0:
            m, e = math.frexp(abs(x))
            last = e - 53 if e > -1021 else -1074  # the place of the last bit
            k = (last + 1074) // 32
            y = math.ldexp(m, e - 32 * k + 1074)
            sign = math.copysign(1.0, x)
            high = math.floor(y * 5.421010862427522e-20)  # 2**-64
            y -= high * 18446744073709551616.0
            middle = math.floor(y * 2.3283064365386963e-10)  # 2**-32
            digits[k] += sign * (y - middle * 4294967296.0)
            digits[k + 1] += sign * middle
            digits[k + 2] += sign * high
            added += 1
            if added == 1000000:
                added = 0
                _carry(digits)
    _carry(digits)
    sign = 1.0
    if digits[69] < 0.0:
        sign = -1.0
        for k in range(70):
            digits[k] = -digits[k]
        _carry(digits)
    k = 69
    while k > 0 and digits[k] == 0.0:
        k -= 1
    rest = 0.0
    for j in range(k - 2):
        rest += digits[j]
    third = (digits[k - 2] if k > 1 else 0.0) + (0.5 if rest != 0.0 else 0.0)
    second = (digits[k - 1] if k > 0 else 0.0) * 4294967296.0
    first = digits[k] * 18446744073709551616.0
    z = second + third
    below = third - (z - second)
    total = first + z
    half = z - (total - first)
    if (half < 0.0 and below < 0.0) or (half > 0.0 and below > 0.0):
        y = half * 2.0  # perhaps half-way between two floats: what is below tips it
        z = total + y
        if y == z - total:
            total = z
    return sign * math.ldexp(total, 32 * (k - 2) - 1074)


def _carry(digits: list[float]) -> float:
    """Bring all digits but the last into [0, 2**32)."""
    for k in range(69):
        over = math.floor(digits[k] * 2.3283064365386963e-10)
        digits[k] -= over * 4294967296.0
        digits[k + 1] += over
    return 0.0


def mean(xs: Sequence[float]) -> float:
    """The exact sum divided by n, rounded once.

    It is the quotient of the rounded sum, corrected by its exact remainder. With n
    times the quotient as two floats, both ends of the remainder's error are known. If
    they give the same float, that is the mean. Else it may be in the middle between two
    floats: see ieee.py.
    """
    n = float(len(xs))
    total, error, bound = _sum_in_parts(xs)
    q = total + (error - bound)
    if q != total + (error + bound):
        q = _exact_sum(xs)
    q = q / n
    if q - q != 0.0:
        # The sum is beyond the largest float, the mean is not: q is a little too small.
        q = fsum([x / n * 0.9999999999990905 for x in xs])
        q = q + fsum(list(xs) + [-q] * len(xs)) / n if q - q == 0.0 else q
        if q - q != 0.0:
            return q
    if 1e-250 < abs(q) < 1e250:
        product, rounded = _product_in_parts(n, q)
        left = total - product
        y = left - total
        lost = (total - (left - y)) - (product + y)
        error = (error - rounded) + lost
        bound = bound + 8.881784197001252e-16 * (abs(error) + abs(rounded) + abs(lost))
        bound = bound + 8.881784197001252e-16 * abs(left + error)  # for the quotient's own
        low = q + (left + (error - bound)) / n
        if low == q + (left + (error + bound)) / n:
            return low
    rest = list(xs) + [-q] * len(xs)
    t = fsum(rest) / n
    z = q + t
    e = t - (z - q)
    other = z + 2.0 * e
    if e != 0.0 and other - q - t == e:
        left = fsum(rest + [-t] * len(xs))
        return other if (left > 0.0 and e > 0.0) or (left < 0.0 and e < 0.0) else z
    if 0.5 * z * 2.0 != z:
        left = fsum(rest + [-t] * len(xs))
        return z + math.copysign(5e-324, left) if 2.0 * abs(left) == n * 5e-324 else z
    return z


def _product_in_parts(x: float, y: float) -> tuple[float, float]:
    """Numbers p, e such that x * y is exactly p + e (Dekker 1971)."""
    product = x * y
    a = 134217729.0 * x
    x_high = a - (a - x)
    x_low = x - x_high
    b = 134217729.0 * y
    y_high = b - (b - y)
    y_low = y - y_high
    e = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    return product, e


def _floor_quotient(x: float, y: float) -> float:
    """x // y as Python has it for floats, nan where it raises."""
    rest = math.fmod(x, y)
    q = (x - rest) / y
    if rest != 0.0 and (y < 0.0) != (rest < 0.0):
        q -= 1.0
    if q == 0.0:
        return math.copysign(0.0, x / y)
    z = math.floor(q)
    return z + 1.0 if q - z > 0.5 else z


def _remainder(x: float, y: float) -> float:
    """x % y as Python has it for floats, nan where it raises."""
    rest = math.fmod(x, y)
    if rest == 0.0:
        return math.copysign(0.0, y)
    return rest + y if (y < 0.0) != (rest < 0.0) else rest
