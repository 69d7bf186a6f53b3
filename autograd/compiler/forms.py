"""The forward functions that numba cannot compile from `ieee.py`, in a form that it can, to the same bits.

There, Python's exceptions and `math.fsum` are in the way; C's functions return what Python's raise for. The names are those of `ieee.py`. This
text is compiled together with that one, under a head that imports numpy as np: `kernels.py`.
"""
# ruff: noqa: F821, ANN
# mypy: ignore-errors

import math


def pow(x, y):
    return math.pow(x, y)


def _exact_sum(xs):
    """Shewchuk 1997: the sum so far is kept exactly, as partial sums that do not overlap. No sum so far may overflow."""
    partials = np.empty(
        40
    )  # the exponents of floats span 2098 bits, of which each partial sum covers 53
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
    high = low = 0.0
    while n > 0 and low == 0.0:
        n -= 1
        x, y = high, partials[n]
        high = x + y
        low = y - (high - x)
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
    return (
        _exact_sum([x * 2.0**-64 for x in xs]) * 2.0**64
    )  # the bits that small numbers lose here lie far below the last place of such a sum
