"""The rows at the ends of the floats, near their zeros, and at nan. The literal
numbers are mpmath's, of 50 digits.
"""

import math
import random
from fractions import Fraction

import oracles
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, grad, gradients, jvp

inf, nan = math.inf, math.nan


COSINE, OVER_SQUARE = (ag.PRIMITIVES[name].function for name in ("cosine", "over_square"))


def slopes(f, *xs):
    """The partials of f by backward, after gradients and forward mode have given the same."""
    nodes = [Value(x) for x in xs]
    z = f(*nodes)
    z.backward()
    found = [x.grad for x in nodes]
    assert [g.data for g in gradients(z, nodes)] == found
    for i in range(len(xs)):
        assert jvp(f, list(xs), [float(i == j) for j in range(len(xs))])[1] == found[i]
    return found


@pytest.mark.parametrize(
    ("f", "xs", "expected"),
    [
        (ag.hypot, (1.5e308, 1.2e308), (0.7808688094430304, 0.6246950475544243)),
        (ag.hypot, (-1.7e308, 1.7e308), (-math.sqrt(0.5), math.sqrt(0.5))),
        (ag.atan2, (1.5e308, 1.2e308), (3.252032520325203e-309, -4.065040650406504e-309)),
        (ag.atan2, (5e-324, 1e-8), (1e8, -4.940656458412465e-308)),
        (ag.atan2, (1e-8, 5e-324), (4.940656458412465e-308, -1e8)),
        (COSINE, (-4e-94, -1e-258), (1.5625e-236, -6.25e-72)),
        (COSINE, (5e-324, 1e-310), (1e310, -4.9406564584124956e296)),
        (COSINE, (1.6e308, -1.6e308), (2.2097086912079611e-309, 2.2097086912079611e-309)),
        (OVER_SQUARE, (5e-324, 0.0), (-inf, 0.0)),
        (OVER_SQUARE, (0.0, 5e-324), (inf, 0.0)),
        (ag.elu, (-745.1, 1.45e200), (3.7029643942405065e-124, -1.0)),
        (ag.elu, (-1400.0, 1e308), (9.721322154756662e-301, -1.0)),
        (lambda x: x**-0.075, (1e-287,), (-2.512240793683703e307,)),
        (lambda x: x**3.0, (1e-154,), (3e-308,)),
        (lambda x: x**-2.0, (1e103,), (-2e-309,)),
        (lambda x: x**0.7, (1e-300,), (7.000000000000214e89,)),
        (lambda x: x ** (1 / 3), (8e-300,), (8.333333333333439e198,)),
    ],
)
def test_partials_at_the_ends_of_the_floats(f, xs, expected):
    assert slopes(f, *xs) == pytest.approx(expected, rel=1e-15, abs=1e-323)


@pytest.mark.parametrize("x", [-1.0, -1.0000000000000002, -0.9999999999999999, -2.0, -0.5])
@pytest.mark.parametrize("y", [2.0**53 + 2, 2.0**53, 2.0**53 - 1, 2.0**54, -(2.0**53), 1e300, 3.0])
def test_the_slope_of_a_huge_power_has_the_sign_of_its_parity(x, y):
    (slope,) = slopes(lambda v: v**y, x)
    rising = (y % 2.0 == 1.0) == (y > 0.0)  # an even power falls left of 0, its inverse rises
    assert slope == 0.0 or math.copysign(1.0, slope) == (1.0 if rising else -1.0)
    if x == -1.0:
        assert slope == (y if y % 2.0 == 1.0 else -y)
    assert slopes(lambda v: v**y, -x)[0] >= 0.0 or y < 0.0


SECOND = [
    (ag.tanh, -2.0),
    (ag.sigmoid, -0.125),
    (ag.asin, 1.0),
    (ag.acos, -1.0),
    (ag.atan, -2.0),
    (ag.atanh, 2.0),
    (ag.asinh, -1.0),
    (ag.sin, -1.0),
    (ag.erf, -4.0 / math.sqrt(math.pi)),
    (ag.tan, 2.0),
    (ag.sinh, 1.0),
]


@pytest.mark.parametrize(("f", "factor"), SECOND)
@pytest.mark.parametrize("x", [1e-300, -1e-160, 1e-17, -1e-9, 1e-8])
def test_second_derivatives_of_odd_functions_keep_their_digits_near_0(f, factor, x):
    """f''(x) is factor * x there, up to a share of x * x."""
    for found in (
        grad(grad(f))(x),
        grad(grad(f))(Value(x)).data,
        jvp(grad(f), [x], [1.0])[1],
        grad(lambda y: jvp(f, [y], [1.0])[1])(x),
    ):
        assert found == pytest.approx(factor * x, rel=2e-15, abs=1e-323)


def test_third_derivatives_near_0():
    third = grad(grad(grad(ag.softplus)))
    assert third(1e-9) == pytest.approx(-1.25e-10, rel=1e-15)
    assert third(1e-200) == pytest.approx(-1.25e-201, rel=1e-15)
    assert grad(grad(grad(ag.log_sigmoid)))(1e-9) == pytest.approx(1.25e-10, rel=1e-15)
    assert grad(grad(grad(ag.tanh)))(1e-9) == pytest.approx(-2.0, rel=1e-15)


def test_derivatives_of_sigmoid_and_tanh_far_out():
    """1 / cosh(x)**2 overflows there and gives 0 or nan."""
    assert grad(grad(ag.sigmoid))(500.0) == pytest.approx(-7.124576406741286e-218, rel=1e-13)
    assert grad(grad(grad(ag.tanh)))(340.0) == pytest.approx(
        8.0 * 2.0 * math.exp(-680.0), rel=1e-12
    )
    for f in (ag.tanh, ag.sigmoid, ag.softplus, ag.silu, ag.log_sigmoid):
        for x in (750.0, 1e4, 1e308, -1e4, -1e308):
            g = grad(f)
            for _ in range(4):
                g = grad(g)
                assert g(x) == 0.0
    assert grad(grad(grad(ag.tanh)))(372.0) == pytest.approx(16.0 * math.exp(-744.0), abs=1e-322)


def test_second_derivatives_of_a_length_keep_the_digits_of_the_short_side():
    second = ag.hessian(ag.hypot, (0, 1))(1.0, 1e-9)
    assert second[0][0] == pytest.approx(1e-18, rel=1e-15)
    assert second[1][1] == pytest.approx(1.0, rel=1e-15)
    assert second[0][1] == second[1][0] == pytest.approx(-1e-9, rel=1e-15)


NAN = [
    lambda x: ag.clip(x, 0.0, 1.0),
    lambda x: ag.clip(0.5, x, 1.0),
    lambda x: ag.clip(0.5, 0.0, x),
    ag.leaky_relu,
    lambda x: ag.leaky_relu(x, 2.0),
    lambda x: ag.leaky_relu(-1.0, x) * x,
    ag.relu,
    ag.elu,
    lambda x: ag.elu(-1.0, x) * x,
    ag.abs,
    lambda x: ag.maximum(x, 1.0),
    lambda x: ag.minimum(1.0, x),
    lambda x: ag.max([1.0, x]),
    lambda x: ag.min([x, 1.0]),
    lambda x: x**2,
    lambda x: 2.0**x,
]


@pytest.mark.parametrize("f", NAN)
def test_a_partial_at_nan_is_nan(f):
    x = Value(nan)
    f(x).backward()
    assert math.isnan(x.grad)
    assert math.isnan(grad(f)(nan))
    assert math.isnan(jvp(f, [nan], [1.0])[1])
    assert math.isnan(gradients(f(x), [x])[0].data)


def test_a_constant_partial_is_constant_at_nan_too():
    for f, constant in (
        (ag.sign, 0.0),
        (ag.heaviside, 0.0),
        (ag.floor, 0.0),
        (ag.ceil, 0.0),
        (lambda x: x + 1.0, 1.0),
        (lambda x: -x, -1.0),
        (lambda x: ag.sum([x, 1.0]), 1.0),
        (lambda x: ag.where(1.0, x, 0.0), 1.0),
        (lambda x: ag.less(x, 1.0), 0.0),
    ):
        assert grad(f)(nan) == jvp(f, [nan], [1.0])[1] == constant


def test_nan_of_an_operand_that_is_not_used_does_not_spread():
    assert slopes(lambda x: ag.where(1.0, x, nan), 2.0) == [1.0]
    assert slopes(lambda x: ag.leaky_relu(x, nan), 2.0) == [1.0]
    assert slopes(lambda x: ag.take([x, nan], 0.0), 2.0) == [1.0]


@pytest.mark.parametrize("x", [7.5, -7.5, 6.0, -6.0, 1.0, -1e-20, 1.7e308, 0.0, 1e20])
@pytest.mark.parametrize("y", [2.0, -2.0, 0.1, 1e308, -1.2e308, 5e-324, inf])
def test_mod_is_that_of_python(x, y):
    z = Value(x) % y
    assert (z.data, math.copysign(1.0, z.data)) == (x % y, math.copysign(1.0, x % y))
    assert (x % Value(y)).data == x % y
    if y != inf:
        dx, dy = slopes(lambda a, b: a % b, x, y)
        assert dx == 1.0
        assert dy == (pytest.approx(-(x // y), rel=1e-15) if math.isfinite(x // y) else dy)


def test_mod_and_its_slope_are_right_for_any_quotient():
    rng = random.Random(0)
    for _ in range(1000):
        y = rng.choice([1, -1]) * rng.uniform(1.0, 2.0) * 2.0 ** rng.randint(-900, 900)
        size = 2.0 ** rng.randint(0, 100)
        x = y * rng.choice([rng.uniform(-size, size), rng.randint(-int(size), int(size))])
        if not math.isfinite(x):
            continue
        quotient = math.floor(Fraction(x) / Fraction(y))
        exact = Fraction(x) - quotient * Fraction(y)
        assert abs(Fraction((Value(x) % y).data) - exact) <= Fraction(math.ulp(float(exact)))
        (slope,) = slopes(lambda b, x=x: x % b, y)
        assert abs(Fraction(slope) + quotient) <= Fraction(math.ulp(float(quotient))), (x, y)
    z = Value(1e300) % 3.0
    assert z.data == 1e300 % 3.0 == int(1e300) % 3


def test_derivatives_of_mod():
    assert slopes(lambda x, y: x % y, 7.5, 2.0) == [1.0, -3.0]
    assert slopes(lambda x, y: x % y, -7.5, 2.0) == [1.0, 4.0]
    assert slopes(lambda x, y: x % y, 1.0, 0.1) == [1.0, -9.0], "1 / 0.1 is rounded up to 10"
    assert slopes(lambda x, y: x % y, 6.0, 2.0) == [1.0, -3.0], "where x / y is whole"
    assert ag.hessian(lambda x, y: x % y, (0, 1))(7.5, 2.0) == ((0.0, 0.0), (0.0, 0.0))
    assert ag.jit(grad(lambda x: x % 2.0 * x))(7.5) == grad(lambda x: x % 2.0 * x)(7.5) == 9.0
    with pytest.raises(ag.DomainError, match=r"mod\(7\.0, 0\.0\): x % y is defined for"):
        Value(7.0) % 0.0
    assert "x1 % (x2 % 3.0 * 2.0) =" in str(ag.formula(Value(7.0) % (Value(2.0) % 3.0 * 2.0)))


def test_sinc():
    assert [ag.sinc(float(x)) for x in range(-3, 4)] == [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert ag.sinc(0.5) == pytest.approx(2.0 / math.pi, rel=1e-15)
    assert grad(ag.sinc)(0.0) == 0.0
    assert grad(ag.sinc)(1e-200) == pytest.approx(-(math.pi**2) / 3.0 * 1e-200, rel=1e-15)
    assert grad(ag.sinc)(2.0) == 0.5
    assert grad(grad(ag.sinc))(0.0) == pytest.approx(-(math.pi**2) / 3.0, rel=1e-15)
    assert grad(grad(grad(grad(ag.sinc))))(0.0) == pytest.approx(math.pi**4 / 5.0, rel=1e-14)
    assert jvp(grad(ag.sinc), [3.0], [1.0])[1] == grad(grad(ag.sinc))(3.0)
    assert grad(grad(ag.sinc))(3.0) == pytest.approx(2.0 / 9.0, rel=1e-15)
    assert Value(0.5).sinc().data == ag.sinc(0.5)


@pytest.mark.parametrize(
    "choose",
    [
        lambda u: ag.maximum(u, 7.0),
        lambda u: ag.maximum(7.0, u),
        lambda u: ag.minimum(u, -7.0),
        lambda u: ag.minimum(-7.0, u),
        lambda u: ag.clip(u, 50.0, 60.0),
        lambda u: ag.clip(7.0, u, 60.0),
        lambda u: ag.clip(7.0, -60.0, u + 50.0),
        lambda u: ag.relu(-ag.abs(u) - 1.0),
        lambda u: ag.leaky_relu(u - 20.0, 0.0),
        lambda u: ag.max([u, 9.0, 8.0]),
        lambda u: ag.where(u > 100.0, u, 0.0),
        lambda u: u**0,
        lambda u: ag.elu(u - 20.0, 0.0),
        lambda u: ag.prod([u, 0.0, u + 1.0]),
        lambda u: 0.0 * u,
        lambda u: ag.sign(u) + ag.stop_gradient(u),
        lambda u: ag.take([u, 3.0], ag.greater(3.0, u)),
    ],
)
@pytest.mark.parametrize(
    ("root", "x"),
    [(ag.sqrt, 0.0), (ag.cbrt, 0.0), (ag.acos, 1.0), (ag.acosh, 1.0), (lambda x: x**0.5, 0.0)],
)
def test_what_is_not_chosen_adds_nothing_to_derivatives_of_any_order(choose, root, x):
    """Also where its own slope is infinite, and in every mode."""

    def f(x):
        return choose(root(x)) + 2.0 * x

    def by_reverse(g):
        return grad(g)

    def by_forward(g):
        return lambda x: jvp(g, [x], [1.0])[1]

    derivatives = [f]
    for expected in (2.0, 0.0, 0.0):
        derivatives = [way(g) for g in derivatives for way in (by_reverse, by_forward)]
        assert [g(x) for g in derivatives] == [expected] * len(derivatives)
    assert grad(derivatives[0])(x) == 0.0
    for g in (grad(f), grad(grad(f)), derivatives[0]):
        assert ag.jit(g)(x) == g(x) == g(Value(x)).data


@pytest.mark.parametrize(
    "choose",
    [
        lambda u: ag.where(ag.greater(u, 100.0), u * u * u, 1.0),
        lambda u: ag.where(ag.greater(u, 100.0), ag.tanh(u) * ag.dot([u, u], [u, 3.0]), 1.0),
        lambda u: ag.where(ag.greater(u, 100.0), ag.softmax([u, 2.0 * u, u * u])[1], 1.0),
        lambda u: ag.relu(u * u - 50.0),
        lambda u: ag.clip(ag.prod([u, u, u]) - 50.0, -1.0, 9.0),
    ],
)
@pytest.mark.parametrize(("root", "x"), [(ag.sqrt, 0.0), (ag.acosh, 1.0)])
def test_products_that_are_not_chosen_add_nothing_to_derivatives_of_any_order(choose, root, x):
    """In reverse mode: their tangents are infinite, so forward mode gives nan."""
    g = f = lambda x: choose(root(x)) + 2.0 * x
    for expected in (2.0, 0.0, 0.0, 0.0):
        g = grad(g)
        assert g(x) == g(Value(x)).data == expected
    second = grad(grad(f))
    assert ag.jit(second)(x) == ag.jit(second)(Value(x)).data == 0.0


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: ag.sqrt(ag.relu(x)), -1.0, nan),  # the infinite slope comes first
        (lambda x: ag.sqrt(x * 0.0 + 0.0), 1.0, 0.0),
        (lambda x: ag.scale(ag.relu(x), ag.sqrt(ag.abs(x) - 1.0)), -1.0, 0.0),
        (lambda x: ag.scale(ag.sqrt(ag.abs(x) - 1.0), ag.relu(x)), -1.0, 0.0),
        (lambda x: ag.sqrt(ag.scale(ag.relu(x), x)), -1.0, nan),
        (lambda x: ag.sqrt(ag.scale(ag.relu(x + 5.0) * 0.0, x)), -1.0, 0.0),
        (lambda x: ag.sqrt(ag.scale(ag.heaviside(x), x)), -1.0, 0.0),
        (lambda x: ag.sqrt(ag.both(ag.heaviside(x), x)), -1.0, 0.0),
        (lambda x: ag.sqrt(ag.both(x, ag.heaviside(x))), -1.0, 0.0),
        (lambda x: ag.sqrt(ag.heaviside(x) * x), -1.0, nan),
    ],
)
def test_a_mask_of_0_stops_an_infinite_adjoint(f, x, expected):
    """scale(0, y) and both(0, y) are 0 whatever y is. The product 0 * y is not."""
    (slope,) = slopes(f, x) if expected == expected else (grad(f)(x),)
    assert slope == pytest.approx(expected, nan_ok=True)
    assert ag.jit(grad(f))(x) == pytest.approx(expected, nan_ok=True)
    assert ag.jit(grad(f))(Value(x)).data == pytest.approx(expected, nan_ok=True)


NOT_FINITE = [
    lambda x, w: ag.maximum(x, 3.0) * w,
    lambda x, w: ag.tanh(x) * w,
    lambda x, w: ag.abs(x) * w,
    lambda x, w: x * x * w,
    lambda x, w: ag.where(w, x * x, 0.0),
    lambda x, w: ag.sum([ag.maximum(x, 3.0), 1.0]) * w,
    lambda x, w: ag.dot([x, w], [x, 2.0]) * w,
    lambda x, w: ag.norm([x, 1.0]) * w,
    lambda x, w: ag.leaky_relu(x) * w + ag.where(w, ag.exp(x) * x, 1.0),
]


@pytest.mark.parametrize("f", NOT_FINITE)
@pytest.mark.parametrize("x", [nan, inf, -inf])
def test_an_adjoint_of_0_stops_a_partial_that_is_not_finite(f, x):
    """In a program, too: what a mask leaves out has no gradient there, either."""
    nodes = [Value(x), Value(0.0)]
    f(*nodes).backward()
    assert nodes[0].grad == 0.0
    for g in (grad(f, (0, 1)), ag.jit(grad(f, (0, 1)))):
        for found in (g(x, 0.0), [z.data for z in g(*nodes)]):
            assert [*found] == pytest.approx([0.0, nodes[1].grad], nan_ok=True)
    program = ag.jit(f)
    again = [Value(x), Value(0.0)]
    program(*again).backward()
    assert [v.grad for v in again] == pytest.approx([0.0, nodes[1].grad], nan_ok=True)
    (slope,) = gradients(program(*again), again[:1])
    assert slope.data == 0.0


def test_a_program_that_gives_nan_asks_the_function_itself_on_the_same_leaves():
    """Where that one takes derivatives by its arguments, these are Values, as recorded."""

    def slopes_of(xs):
        return [g for x in xs for g in gradients(ag.where(x < 9.0, x * x, x), [x])]

    assert ag.jit(slopes_of)([3.0, nan, inf])[::2] == [6.0, 1.0]
    assert ag.jit(grad(lambda x, w: ag.sqrt(x * w)))(1.0, 0.0) == 0.0, "a plain 0, as eager"
    assert ag.jit(grad(lambda x: x**2 * 0.0))(1e200) == 0.0, "not by Python's arithmetic"
    assert math.isnan(ag.jit(grad(lambda x: ag.sqrt(ag.relu(x))))(-1.0))
    forward = ag.jit(lambda x: jvp(lambda u: ag.tanh(u * u * u), [x], [1.0])[1])
    assert forward(1e120) == 0.0, "an infinite tangent times the slope 0"


@pytest.mark.parametrize("f", [ag.erf, ag.erfc])
@pytest.mark.parametrize("x", [27.0, 40.0, 41.0, 1e9, 1e154, 1e200, 1.7e308, inf])
def test_derivatives_of_erf_far_out_are_0_in_every_order(f, x):
    for _ in range(4):
        f = grad(f)
        assert (f(x), f(-x), jvp(f, [x], [1.0])[1]) == pytest.approx((0.0, 0.0, 0.0), abs=1e-300)
    assert math.isnan(grad(ag.erf)(nan))


@pytest.mark.parametrize(
    ("x", "order", "expected"),
    [  # pi**n times the integral of u**n * cos(pi * x * u + n * pi / 2) from 0 to 1, by quadrature
        (0.0, 100.0, 5.13648347952437e47),
        (0.5, 7.0, 367.37714936826234),
        (0.5, 8.0, 162.55206566138645),
        (-3.0, 20.0, -353922840.8002446),
        (16.0, 50.0, -7.2372734821449515e22),
        (2.25, 100.0, 3.865378735857566e47),
        (31.5, 100.0, -2.5801997694215906e47),
        (1e4, 30.0, -24964181.58203513),
        (1e-300, 99.0, 5.1364834795243697e-253),
    ],
)
def test_derivatives_of_sinc_of_high_orders_are_known_numbers(x, order, expected):
    assert ag.sinc_slope(x, order) == pytest.approx(expected, rel=1e-15)
    assert grad(lambda x: ag.sinc_slope(x, order - 1.0))(x) == ag.sinc_slope(x, order)


@pytest.mark.parametrize("start", range(5))
def test_every_order_of_sinc_keeps_the_bound_of_its_row(start):
    """Where the recurrence changes its direction, near whole numbers, tiny and large."""
    rng = random.Random(start)
    bound = ag.PRIMITIVES["sinc_slope"].ulp[0]
    for n in range(start, 101, 5):
        turn = (n + 1.0) / math.pi
        for x in (
            turn * rng.uniform(-1.0, 1.0),
            turn * rng.uniform(0.9, 1.1),
            rng.randint(1, 100) / 2.0 * (1.0 + rng.choice([0.0, 1e-16, -1e-9])),
            10.0 ** rng.uniform(-300.0, -1.0),
            -(10.0 ** rng.uniform(1.0, 4.0)),
            rng.choice([5e-324, -1e-310, 3e-10, 1e17, 1e300, -1.7e308]),
        ):
            with mp.workdps(40):
                exact, slope = (oracles.reference(ag.PRIMITIVES["sinc_slope"])(mpf(x), mpf(k))
                                for k in (n, n + 1))  # fmt: skip
                condition = float(abs(mpf(x) * slope / exact)) if exact else 1.0
            found = ag.sinc_slope(x, float(n))
            assert oracles.error_in_ulp(found, exact) <= bound * max(1.0, condition), (x, n)


def test_sinc_is_differentiated_from_its_last_order_on():
    assert grad(lambda x: ag.sinc_slope(x, 100.0))(0.25) == pytest.approx(
        float(oracles._sinc_slope(mpf(0.25), 101)), rel=1e-15
    )


@pytest.mark.parametrize(("x", "y", "sign"), [(2.6e8, 514692.0, 1.0), (4.1e-8, -455.1, -1.0)])
def test_a_second_slope_of_a_power_that_overflows_is_infinite(x, y, sign):
    nodes = [Value(x), Value(y)]
    (first, _) = gradients(nodes[0] ** nodes[1], nodes)
    (second, _) = gradients(first, nodes)
    (third, _) = gradients(second, nodes)
    assert (second.data, third.data) == (inf, sign * inf)


def _third_of_logsumexp(xs, i, j, k):
    """The third derivative of logsumexp, and the sum of the sizes of its terms."""
    top = max(xs)
    shares = [mp.exp(mpf(x) - top) for x in xs]
    p = [share / mp.fsum(shares) for share in shares]
    pairs = [(i == j) * p[i] * p[k], (i == k) * p[i] * p[j], (j == k) * p[i] * p[j]]
    alone, product = (i == j == k) * p[i], 2 * p[i] * p[j] * p[k]
    return alone - mp.fsum(pairs) + product, alone + mp.fsum(pairs) + product


@pytest.mark.parametrize("row", [ag.logsumexp, ag.surprise])
def test_third_derivatives_of_logsumexp_are_right_relative_to_their_terms(row):
    """Where these cancel, as of nearly equal logits, digits are lost, as the docs say."""
    rng = random.Random(3)
    for _ in range(60):
        n = rng.choice([2, 3, 5, 100])
        base, size = rng.choice([0.0, -3.0, 100.0]), 10.0 ** rng.uniform(-12.0, 1.6)
        xs = [base + rng.choice([0.0, rng.uniform(-size, size)]) for _ in range(n)]
        i, j, k = (rng.randrange(n) for _ in range(3))
        with mp.workdps(50):
            exact, terms = _third_of_logsumexp(xs, i, j, k)
        nodes = [Value(x) for x in xs]
        found = row(nodes)
        for place in (i, j, k):
            (found,) = gradients(found, [nodes[place]])
        units = 8.0 + 2.0 * max(0.0, math.log2(n / 4.0))
        bound = units * 2.0**-52 * max(1.0, max(xs) - min(xs))
        assert abs(found.data - exact) <= bound * terms, (xs, i, j, k)
