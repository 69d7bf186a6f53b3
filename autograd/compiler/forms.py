"""The forward functions that numba cannot compile from `ieee.py`, in a form that it can, to the same bits.

There, lists and Python's exceptions are in the way; here `xs` is an array, and C's functions return what Python's raise for. The names are
those of `ieee.py`. This text is compiled together with that one, under a head that imports numpy as np: `kernels.py`.
"""
# ruff: noqa: F821, ANN
# mypy: ignore-errors

import math


def pow(x, y):
    return math.pow(x, y)


def floor(x):
    return np.floor(x) + 0.0  # an int has no -0


def ceil(x):
    return np.ceil(x) + 0.0


def _exact_sum(xs):
    """Shewchuk 1997: the sum so far is kept exactly, as partial sums that do not overlap. No sum so far may overflow."""
    partials = np.empty(40)  # the exponents of floats span 2098 bits, of which each partial sum covers 53
    n = 0
    for x in xs:
        k = 0
        for j in range(n):
            y = partials[j]
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                partials[k] = low
                k += 1
            x = high
        partials[k] = x
        n = k + 1
    if n == 0:
        return 0.0
    n -= 1
    high = partials[n]
    low = 0.0
    while n > 0:
        x = high
        n -= 1
        y = partials[n]
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            break
    if n > 0 and ((low < 0.0 and partials[n - 1] < 0.0) or (low > 0.0 and partials[n - 1] > 0.0)):
        y = low * 2.0  # half-way between two floats, and what follows tips the balance
        x = high + y
        if y == x - high:
            high = x
    return high


def fsum(xs):
    size = 0.0
    for x in xs:
        size += abs(x)
    if size < 1e308:
        return _exact_sum(xs)
    plain = 0.0
    for x in xs:
        if x - x != 0.0:
            plain += x
    if plain != 0.0:  # infinities or nan are among them
        return plain
    scaled = np.empty(len(xs))
    for i in range(len(xs)):
        scaled[i] = xs[i] * 2.0**-64
    return _exact_sum(scaled) * 2.0**64  # the bits that small numbers lose here lie far below the last place of such a sum


def mean(xs):
    n = len(xs)
    q = div(fsum(xs), float(n))
    if q - q != 0.0:
        parts = np.empty(n)
        for i in range(n):
            parts[i] = xs[i] / n
        q = fsum(parts)
    if q - q != 0.0:
        return q
    rest = np.empty(2 * n)
    for i in range(n):
        rest[i] = xs[i]
        rest[n + i] = -q
    return q + fsum(rest) / n


def prod(xs):
    z = 1.0
    for x in xs:
        z *= x
    return z


def norm(xs):
    big = 0.0
    for x in xs:
        big = maximum(big, abs(x))
    if big == 0.0 or big - big != 0.0:
        for x in xs:
            if abs(x) == inf:
                return inf
        return big
    e = math.frexp(big)[1]
    squares = np.empty(len(xs))
    for i in range(len(xs)):
        y = math.ldexp(xs[i], -e)
        squares[i] = y * y
    z = math.sqrt(fsum(squares))
    return math.ldexp(z, e - 1) * 2.0 if e > 0 else math.ldexp(z, e)


def hypot(x, y):
    xs = np.empty(2)
    xs[0] = x
    xs[1] = y
    return norm(xs)


def max_(xs):
    z = -inf
    for x in xs:
        z = maximum(z, x)
    return z


def min_(xs):
    z = inf
    for x in xs:
        z = minimum(z, x)
    return z


def logsumexp(xs):
    m = max_(xs)
    if m - m != 0.0:
        return m
    powers = np.empty(len(xs))
    first = True
    for i in range(len(xs)):
        if first and xs[i] == m:
            first = False
            powers[i] = 0.0
        else:
            powers[i] = math.exp(xs[i] - m)
    return m + math.log1p(fsum(powers))


def take(xs):
    n = len(xs) - 1
    i = xs[n]
    return xs[int(i)] if 0.0 <= i < n and i == np.floor(i) else nan
