"""The forward functions never raise, and give what IEEE 754 gives."""

import functools
import itertools
import math
import operator
import random
import types
from fractions import Fraction

import pytest

import autograd
from autograd import PRIMITIVES
from autograd.core import forms, ieee

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
    for n in range(2, 40):
        xs = [BIG * rng.uniform(0.5, 1.0) for _ in range(n)]
        assert ieee.mean(xs) == float(sum(map(Fraction, xs)) / n), "though the sum is infinite"
        assert ieee.mean([BIG] * n) == BIG, "though BIG / n is rounded up"
        assert ieee.mean([-BIG] * n) == -BIG
    assert ieee.mean([5e-324, 5e-324]) == 5e-324
    assert ieee.mean([inf, 1.0]) == inf
    assert math.isnan(ieee.mean([]))


def ldexp(x, n):
    try:
        return math.ldexp(x, n)
    except OverflowError:
        return math.copysign(inf, x)


@pytest.fixture
def total_math(monkeypatch):
    """In forms.py: a `math` that does not raise, as in other languages."""
    total = types.SimpleNamespace(**{**vars(math), "floor": ieee.floor, "ldexp": ldexp})
    monkeypatch.setattr(forms, "math", total)


def lists():
    """Lists of all sizes, whose sums are whole, cancel, lie half-way or are subnormal."""
    yield from [
        [0.0],
        [5e-324],
        [-5e-324, 1e-310, 2.0**-1022],
        [0.1] * 10,
        [1e16, 1.0, -1e16],
        [1.0, 2.0**-53],
        [1.0, 2.0**-53, 2.0**-1074],
        [1.0, 2.0**-53, -(2.0**-1074)],
        [-1.0, -(2.0**-53), -(2.0**-106)],
        [-1.0, -(2.0**-53), 2.0**-106],
        [1.0 + 2.0**-52, 2.0**-53],
        [2.0**32, -1.0, 2.0**-32],
        [2.0**64, -(2.0**-32)],
        [BIG, 1e292],
        [BIG, 9.9e291],
        [BIG, -BIG, 1e-320],
        [-BIG, BIG / 2, BIG / 3],
    ]
    for e in range(32):  # half-way or beside it, with the digits of `_exact_sum` at any place
        for x in (1.5, 1.5 + 2.0**-52, -1.5, -1.5 - 2.0**-52):
            for tip in (0.0, 5e-324, -5e-324):
                yield [x * 2.0**e, math.copysign(2.0 ** (e - 53), x), tip]
    rng = random.Random(0)
    yield from [[BIG * rng.uniform(0.5, 1.0) for _ in range(n)] for n in range(2, 40)]
    for _ in range(300):
        low, high = rng.choice([(0, 1), (-1, 1), (-30, 30), (-300, 300), (-323, -290)])
        n = rng.randrange(1, 30)
        xs = [rng.gauss(0, 1) * 10 ** rng.uniform(low, high) for _ in range(n)]
        yield xs
        xs += [-x for x in xs]  # all but one cancel
        rng.shuffle(xs)
        yield [rng.gauss(0, 1) * 1e-30, *xs]


def test_a_sum_by_whole_numbers_is_rounded_once(total_math):
    for xs in lists():
        assert forms._exact_sum(xs) == ieee.fsum(xs), xs
    assert forms._exact_sum([inf, 1.0, -BIG]) == inf
    assert forms._exact_sum([1.0, -inf]) == -inf
    assert math.isnan(forms._exact_sum([inf, -inf]))


def test_a_sum_and_a_product_in_parts_are_exact():
    for xs in lists():
        if math.isinf(functools.reduce(operator.add, xs)):
            assert all(map(math.isnan, forms._sum_in_parts(xs)[1:]))
            continue
        total, error, bound = map(Fraction, forms._sum_in_parts(xs))
        n = len(xs)
        assert total == Fraction(functools.reduce(operator.add, xs))
        assert abs(sum(map(Fraction, xs)) - total - error) <= bound
        assert bound <= 3e-32 * n**2 * (n + 3) * Fraction(max(map(abs, xs)))
    rng = random.Random(0)
    for _ in range(300):
        x, y = [rng.gauss(0, 1) * 10 ** rng.uniform(-100, 100) for _ in range(2)]
        product, error = forms._product_in_parts(x, y)
        assert product == x * y
        assert Fraction(product) + Fraction(error) == Fraction(x) * Fraction(y)


def test_sums_and_means_are_the_same_in_the_form_for_other_languages(total_math):
    for xs in lists():
        assert same(forms.fsum(xs), ieee.fsum(xs)), xs
        assert same(forms.mean(xs), ieee.mean(xs)), xs
    assert forms.mean([inf, 1.0]) == inf


def mixed(rng):
    """A list of mixed scales: at random, equal but for few bits, subnormal, or at the end."""
    n, tiny = rng.choice((1, 2, 2, 3, 4, 5, 7, 8, 10, 33)), 5e-324
    base = math.ldexp(1.0, rng.randrange(-1000, 1000))
    special = (4.0, 1.0, 5.0, 2.0**-51, 2.0**-53, -(2.0**-53), 4e-300, tiny, -tiny, 0.0)
    ends = (BIG, 1.79e308, 1.7e308, -1.7e308, 1e292, 2.0**970, -(2.0**970), 1e-300, tiny)
    least = rng.choice((2.0**-1022, 2.0**-1021, 2.0**-1023, 0.0))
    draw = rng.choice(
        (
            lambda: math.ldexp(rng.uniform(-1, 1), rng.randrange(-1074, 1024)),
            lambda: rng.choice(special),
            lambda: rng.choice(ends),
            lambda: base + rng.randrange(-4, 5) * math.ulp(base),
            lambda: least * rng.choice((1, 1, 0.5, 2, -1)) + rng.randrange(-9, 10) * tiny,
        )
    )
    return [draw() for _ in range(n)] + [rng.choice(special) * base] * rng.randrange(2)


def test_means_of_mixed_scales_are_rounded_once(total_math):
    """Also where a rounded quotient or correction lies half-way between two floats."""
    rng = random.Random(0)
    known = [
        [4.0, 2.0**-51, 4e-300, 0.0],
        [1.1098799757926396e183, 1.0771914627544691e183, -8.9e-121, -1.4e102],
        [5.0, 1.0, 2.0**-53, 1.0, 5e-324],
        [1e-300, 1.7e308, 1.7e308, 1.7e308],
    ]
    for xs in known + [mixed(rng) for _ in range(5000)]:
        mean = float(sum(map(Fraction, xs)) / len(xs))
        assert ieee.mean(xs) == forms.mean(xs) == mean, xs


def test_programs_round_means_of_mixed_scales_once():
    rng = random.Random(1)
    lists = [mixed(rng) for _ in range(1000)]
    for n in {len(xs) for xs in lists}:
        rows = [xs for xs in lists if len(xs) == n]
        found = autograd.jit(lambda rows: [autograd.mean(xs) for xs in rows])(rows)
        assert found == [float(sum(map(Fraction, xs)) / n) for xs in rows]


@pytest.mark.parametrize(("name", "fewest", "most"), [("fsum", 0, 5), ("mean", 10, 100)])
def test_few_sums_and_means_take_the_slow_way(name, fewest, most, monkeypatch):
    """Those that lie almost half-way between two floats, and means also that lie there."""
    quick, slow = getattr(forms, name), []
    for way in ("_exact_sum", "fsum"):
        monkeypatch.setattr(forms, way, lambda xs: slow.append(xs) or 0.0)
    rng = random.Random(0)
    for _ in range(500):
        quick([rng.gauss(0, 1) for _ in range(rng.randrange(1, 40))])
    assert fewest <= len(slow) < most


def test_a_sum_half_way_between_two_floats_needs_no_whole_numbers(monkeypatch):
    halfway = [[1.0, 2.0**-53], [1.0, 2.0**-52, 2.0**-53], [2.0**52, 0.5, -1.0, 1.0]]
    expected = [math.fsum(xs) for xs in halfway]
    beyond = [1.0, 2.0**-53, 2.0**-110]
    monkeypatch.setattr(forms, "_exact_sum", lambda xs: inf)
    assert [forms.fsum(xs) for xs in halfway] == expected
    assert forms.fsum(beyond) == inf  # three parts do not show that it lies above


@pytest.mark.parametrize("y", [2.0, -2.0, 0.5, -0.5, 0.1, -1e-9, 1e300, 5e-324, inf, -inf])
def test_quotients_and_remainders_of_other_languages_are_those_of_python(y, total_math):
    rng = random.Random(0)
    xs = [x for x in SPECIAL if math.isfinite(x)]
    xs += [rng.choice([1, -1]) * 10 ** rng.uniform(-12, 12) for _ in range(100)]
    xs += [y * n for n in range(-20, 21) if math.isfinite(y)]
    for x in xs:
        assert same(forms._remainder(x, y), x % y), x
        assert same(forms._floor_quotient(x, y), x // y), x
        assert same(ieee.mod(x, y), x % y), x


def test_norm_neither_overflows_nor_vanishes():
    assert ieee.norm([3e300, 4e300]) == pytest.approx(5e300, rel=1e-15)
    for n in range(1, 40):
        assert ieee.norm([1.7e308] * n) == (1.7e308 if n == 1 else math.inf)
        assert ieee.norm([1e307] * n) == pytest.approx(1e307 * math.sqrt(n), rel=1e-15)
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
