"""The forward functions never raise, and give what IEEE 754 gives."""

import itertools
import math
import random
from fractions import Fraction

import pytest

from autograd import PRIMITIVES
from autograd.core import ieee

inf, nan = math.inf, math.nan
BIG = 1.7976931348623157e308
SPECIAL = (
    nan,
    inf,
    -inf,
    BIG,
    -BIG,
    1e300,
    5e-324,
    -5e-324,
    0.0,
    -0.0,
    0.5,
    1.0,
    -1.0,
    2.0,
    -3.0,
    709.0,
    711.0,
    -746.0,
)


@pytest.mark.parametrize("op", PRIMITIVES.values(), ids=PRIMITIVES)
def test_total(op):
    """Everywhere: a float, also from the partials."""
    points = (
        itertools.product(SPECIAL, repeat=op.arity or 3)
        if op.arity != 3
        else itertools.product(SPECIAL[::2], repeat=3)
    )
    if op.arity is None:
        points = [[], *[[x] for x in SPECIAL], *map(list, itertools.islice(points, 0, None, 7))]
    if op.bilinear and op.arity is None:
        points = [[*xs, *xs[::-1]] for xs in points]
    if op.name == "take":
        points = [xs for xs in points if xs]
    for xs in points:
        z = op.forward(xs) if op.arity is None else op.forward(*xs)
        assert type(z) is float, (xs, z)
        if xs:
            assert all(
                type(p) is float for p in op.partials_at(xs, z, [True] * len(xs)) if p is not None
            ), xs


def same(a, b):
    return (a == b and math.copysign(1.0, a) == math.copysign(1.0, b)) or (a != a and b != b)


@pytest.mark.parametrize(
    ("x", "y", "quotient"),
    [
        (1.0, 0.0, inf),
        (1.0, -0.0, -inf),
        (-1.0, 0.0, -inf),
        (inf, 0.0, inf),
        (0.0, 0.0, nan),
        (nan, 0.0, nan),
        (0.0, -2.0, -0.0),
        (1.0, -inf, -0.0),
        (inf, inf, nan),
        (1e308, 1e-10, inf),
    ],
)
def test_div(x, y, quotient):
    assert same(ieee.div(x, y), quotient)


@pytest.mark.parametrize(
    ("x", "y", "power"),
    [
        (0.0, 0.0, 1.0),
        (nan, 0.0, 1.0),
        (1.0, nan, 1.0),
        (0.0, -1.0, inf),
        (-0.0, -1.0, -inf),
        (-0.0, -2.0, inf),
        (0.0, -0.5, inf),
        (-0.0, 3.0, -0.0),
        (-8.0, 1 / 3, nan),
        (-2.0, 3.0, -8.0),
        (-10.0, 401.0, -inf),
        (-10.0, 400.0, inf),
        (10.0, -400.0, 0.0),
        (0.5, inf, 0.0),
        (2.0, -inf, 0.0),
        (-1.0, inf, 1.0),
        (-inf, 3.0, -inf),
        (-inf, -3.0, -0.0),
    ],
)
def test_pow(x, y, power):
    assert same(ieee.pow(x, y), power)


def test_the_largest_arguments_before_overflow():
    for function, largest in (
        (ieee.exp, ieee._EXP_MAX),
        (ieee.expm1, ieee._EXP_MAX),
        (ieee.cosh, ieee._COSH_MAX),
        (ieee.sinh, ieee._COSH_MAX),
    ):
        assert 1.797e308 < function(largest) < inf
        assert function(math.nextafter(largest, inf)) == inf
        assert function(inf) == inf
    assert ieee.sinh(-inf) == -inf
    assert ieee.cosh(-inf) == inf
    assert ieee.exp(-inf) == 0.0
    assert ieee.expm1(-inf) == -1.0


def test_poles_and_edges():
    assert [f(0.0) for f in (ieee.log, ieee.log2, ieee.log10)] == [-inf] * 3
    assert [f(-0.0) for f in (ieee.log, ieee.log2, ieee.log10)] == [-inf] * 3
    assert ieee.log1p(-1.0) == -inf
    assert [ieee.atanh(1.0), ieee.atanh(-1.0)] == [inf, -inf]
    assert all(
        math.isnan(f(-2.0))
        for f in (
            ieee.log,
            ieee.log1p,
            ieee.log2,
            ieee.log10,
            ieee.sqrt,
            ieee.asin,
            ieee.acos,
            ieee.acosh,
            ieee.atanh,
        )
    )
    assert all(
        math.isnan(f(inf)) for f in (ieee.sin, ieee.cos, ieee.tan, ieee.asin, ieee.acos, ieee.atanh)
    )
    assert same(ieee.sqrt(-0.0), -0.0)
    assert [ieee.floor(-0.5), ieee.ceil(0.5), ieee.floor(1e300), ieee.ceil(-inf)] == [
        -1.0,
        1.0,
        1e300,
        -inf,
    ]


def test_cbrt_of_cubes_is_exact():
    for n in range(-1000, 1001):
        assert ieee.cbrt(float(n**3)) == n
    assert ieee.cbrt(2.0**-1074) == pytest.approx(2.0**-358, rel=1e-15)
    assert ieee.cbrt(2.0**1023) == 2.0**341
    assert same(ieee.cbrt(-0.0), -0.0)


def test_fsum_and_mean_are_rounded_once():
    rng = random.Random(0)
    for _ in range(500):
        xs = [rng.choice([-1, 1]) * 10 ** rng.uniform(-20, 20) for _ in range(rng.randrange(1, 9))]
        assert ieee.fsum(xs) == float(sum(map(Fraction, xs)))
        assert ieee.mean(xs) == float(sum(map(Fraction, xs)) / len(xs))
    assert ieee.fsum([BIG, BIG, -BIG]) == BIG
    assert ieee.fsum([BIG, BIG]) == inf
    assert ieee.fsum([-BIG, -BIG, 1.0]) == -inf
    assert math.isnan(ieee.fsum([inf, -inf]))
    assert ieee.fsum([inf, 1.0]) == inf
    assert ieee.mean([BIG, BIG]) == BIG
    assert ieee.mean([5e-324, 5e-324]) == 5e-324
    assert ieee.mean([inf, 1.0]) == inf
    assert math.isnan(ieee.mean([]))


def test_norm_neither_overflows_nor_vanishes():
    assert ieee.norm([3e300, 4e300]) == pytest.approx(5e300, rel=1e-15)
    assert ieee.norm([3e-310, 4e-310]) == pytest.approx(5e-310, rel=1e-13)
    assert ieee.norm([5e-324]) == 5e-324
    assert ieee.norm([BIG]) == BIG
    assert ieee.norm([BIG, BIG]) == inf
    assert ieee.norm([nan, -inf]) == inf
    assert math.isnan(ieee.norm([nan, 1.0]))
    assert ieee.norm([]) == 0.0


def test_the_lists_without_elements():
    assert (
        ieee.fsum([]),
        ieee.prod([]),
        ieee.dot([]),
        ieee.max_([]),
        ieee.min_([]),
        ieee.logsumexp([]),
    ) == (0.0, 1.0, 0.0, -inf, inf, -inf)


def test_zeros_of_activations_far_out():
    assert [ieee.gelu(-40.0), ieee.silu(-800.0), ieee.gelu(-inf), ieee.silu(-inf)] == [0.0] * 4
    assert [
        ieee.sigmoid(-800.0),
        ieee.sigmoid(800.0),
        ieee.softplus(-800.0),
        ieee.log_sigmoid(800.0),
    ] == [0.0, 1.0, 0.0, 0.0]
    assert ieee.softplus(800.0) == 800.0
    assert ieee.relu(-0.0) == 0.0
