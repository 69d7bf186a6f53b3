"""Every row of the table against mpmath: value, partials, second derivatives,
edges, domain; and that a wrong row would be caught.
"""

import dataclasses
import functools
import inspect
import math
import pydoc
import random
import re
from fractions import Fraction

import oracles
import pytest
from mpmath import mp, mpf
from oracles import inf, nan

import autograd
from autograd import NOT_COMPUTED, PRIMITIVES, Value, gradients, jit, jvp
from autograd.core import signatures
from autograd.errors import DomainError, IndexDomainError

ROWS = pytest.mark.parametrize("op", PRIMITIVES.values(), ids=PRIMITIVES)
REFERRED = [
    op for op in PRIMITIVES.values() if op.name != "stop_gradient"
]  # whose derivative is not that of its value


WHOLE = {"take", "sinc_slope"}  # rows whose last operand is a whole number


def call(op, xs):
    return op.function(xs) if op.arity is None else op.function(*xs)


def same(a, b):
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("op", REFERRED, ids=[op.name for op in REFERRED])
def test_value_and_partials_keep_their_bounds(op):
    assert list(oracles.defects(op, oracles.operands(op))) == []


def test_every_row_has_a_reference():
    assert set(oracles.REFERENCES) == set(PRIMITIVES) - {"stop_gradient"}


@pytest.mark.parametrize(
    ("name", "xs", "partials"),
    [(name, *case) for name, cases in oracles.KINKS.items() for case in cases.items()],
)
def test_kinks_and_ties(name, xs, partials):
    op = PRIMITIVES[name]
    found = oracles.partials(op, xs, call(op, xs))
    assert all(map(same, found, partials)), found
    nodes = [Value(x) for x in xs]
    z = call(op, nodes)
    for mode in ([g.data for g in gradients(z, nodes)], _backward(z, nodes)):
        assert all(same(g, p) or g == p == 0.0 for g, p in zip(mode, partials, strict=True)), mode


@pytest.mark.parametrize(
    ("name", "xs"),
    [
        *[(name, xs) for name, cases in oracles.KINKS.items() if name != "pow" for xs in cases],
        ("elu", (0.0, 1.0)),
        ("elu", (0.0, -2.0)),
    ],
)
def test_second_derivatives_at_kinks_do_not_depend_on_the_order(name, xs):
    nodes = [Value(x) for x in xs]
    slopes = gradients(call(PRIMITIVES[name], nodes), nodes)
    table = [[g.data for g in gradients(slope, nodes)] for slope in slopes]
    for i, row in enumerate(table):
        for j, g in enumerate(row):
            assert g == table[j][i], table


def test_derivatives_of_elu_at_0_are_those_from_below():
    first = autograd.grad(lambda x: autograd.elu(x, 0.3))
    second = autograd.grad(first)
    assert [f(0.0) for f in (first, second, autograd.grad(second))] == [0.3] * 3


@pytest.mark.parametrize(
    ("function", "remedy"),
    [
        (lambda: autograd.clip(1.0, 2.0, 0.0), "Give it operands that are so"),
        (lambda: autograd.log(-1.0), "clip, maximum"),
        (lambda: autograd.sin(inf), "clip, maximum"),
        (lambda: autograd.mean([]), "a list that is not empty"),
    ],
)
def test_the_remedy_fits_the_domain(function, remedy):
    with pytest.raises(DomainError, match=remedy):
        function()


def _backward(z, nodes):
    z.backward()
    return [x.grad for x in nodes]


@pytest.mark.parametrize(
    "name", ["max", "min", "maximum", "minimum", "logsumexp", "logaddexp", "mean"]
)
@pytest.mark.parametrize("x", [-inf, -1e17, 0.0, 3.0, 1e17, inf])
def test_equal_operands_share_one_in_equal_parts(name, x):
    op = PRIMITIVES[name]
    nodes = [Value(x), Value(x)]
    assert _backward(call(op, nodes), nodes) == [0.5, 0.5]


@pytest.mark.parametrize("name", ["max", "min", "logsumexp", "mean"])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 10])
def test_the_shares_of_equal_operands_keep_the_bounds_of_their_row(name, n):
    op = PRIMITIVES[name]
    xs = [0.25] * n
    for p in oracles.partials(op, xs, call(op, xs)):
        assert abs(Fraction(p) - Fraction(1, n)) <= op.ulp[1] * Fraction(math.ulp(p))


@pytest.mark.parametrize(
    "op", [op for op in PRIMITIVES.values() if op.arity == 1], ids=lambda op: op.name
)
def test_one_operand_at_infinity_and_nan(op):
    for x, value, partial in zip(
        (inf, -inf),
        oracles.AT_INFINITY[op.name][::2],
        oracles.AT_INFINITY[op.name][1::2],
        strict=True,
    ):
        if value is None:
            with pytest.raises(DomainError):
                op.function(Value(x))
        else:
            node = Value(x)
            z = op.function(node)
            assert (z.data, *_backward(z, [node])) == (value, partial)
    node = Value(nan)
    z = op.function(node)
    assert math.isnan(z.data)
    assert math.isnan(_backward(z, [node])[0]) or op.partials == (node.grad,), (
        "nan must pass, unless the partial is constant"
    )


TWO_AT_INFINITY = [
    ("add", (inf, -inf), nan, (1, 1)),
    ("sub", (inf, inf), nan, (1, -1)),
    ("mul", (inf, 2), inf, (2, inf)),
    ("mul", (inf, 0), nan, (0, inf)),
    ("div", (2, inf), 0, (0, 0)),
    ("div", (inf, inf), nan, (0, nan)),
    ("pow", (inf, 2), inf, (inf, inf)),
    ("pow", (0.5, inf), 0, (0, 0)),
    ("pow", (2, inf), inf, (inf, inf)),
    ("pow", (-inf, 2.0**54), inf, (-inf, nan)),
    ("power_slope", (0.5, inf), 0, (nan, 0)),
    ("hypot", (inf, 2), inf, (1, 0)),
    ("hypot", (inf, -inf), inf, (nan, nan)),
    ("hypot", (2, -inf), inf, (0, -1)),
    ("hypot", (inf, nan), inf, (nan, nan)),
    ("atan2", (2, inf), 0, (0, 0)),
    ("cosine", (2, inf), 0, (0, 0)),
    ("cosine", (inf, 2), 1, (0, 0)),
    ("cosine", (-inf, 2), -1, (0, 0)),
    ("cosine", (inf, inf), nan, (nan, nan)),
    ("over_square", (2, inf), 0, (0, 0)),
    ("over_square", (inf, 2), 0, (0, 0)),
    ("fraction", (2, inf), 0, (0, 0)),
    ("fraction", (inf, 2), 1, (0, 0)),
    ("fraction", (-inf, 1.7e308), 1, (0, 0)),
    ("fraction", (inf, inf), nan, (nan, nan)),
    ("fraction", (inf, nan), nan, (nan, nan)),
    ("scale", (0, inf), 0, (inf, 0)),
    ("scale", (inf, 0), nan, (0, inf)),
    ("scale", (0, nan), 0, (nan, 0)),
    ("both", (0, inf), 0, (inf, 0)),
    ("both", (-inf, 0), 0, (0, -inf)),
    ("both", (nan, 0), 0, (0, nan)),
    ("both", (nan, 2), nan, (2, nan)),
    ("gap", (inf, 2), inf, (1, -1)),
    ("gap", (inf, inf), 0, (1, -1)),
    ("gap", (-inf, -inf), 0, (1, -1)),
    ("gap", (nan, nan), nan, (1, -1)),
    ("logaddexp", (inf, 2), inf, (1, 0)),
    ("logaddexp", (inf, inf), inf, (0.5, 0.5)),
    ("logaddexp", (-inf, -inf), -inf, (0.5, 0.5)),
    ("logaddexp", (-inf, 3), 3, (0, 1)),
    ("maximum", (inf, 2), inf, (1, 0)),
    ("maximum", (nan, 2), nan, (nan, nan)),
    ("maximum", (2, nan), nan, (nan, nan)),
    ("minimum", (2, nan), nan, (nan, nan)),
    ("sum", (inf, -inf), nan, (1, 1)),
    ("mean", (inf, 2), inf, (0.5, 0.5)),
    ("prod", (inf, 2), inf, (2, inf)),
    ("dot", (inf, 2), inf, (2, inf)),
    ("norm", (inf, 2), inf, (nan, 0)),
    ("max", (nan, 2), nan, (nan, nan)),
    ("min", (-inf, 2), -inf, (1, 0)),
    ("logsumexp", (inf, 2), inf, (1, 0)),
    ("logsumexp", (nan, 2), nan, (nan, nan)),
    ("logsumexp", (-inf, -inf), -inf, (0.5, 0.5)),
    ("surprise", (-inf, -inf), nan, (nan, nan)),
    ("surprise", (inf, inf), nan, (nan, nan)),
    ("surprise", (inf, inf, 2), nan, (nan, nan, nan)),
    ("surprise", (inf, 2, inf), nan, (nan, nan, nan)),
    ("surprise", (-inf, 2, -inf), inf, (0, 1, -1)),
    ("surprise", (2, -inf, -inf), inf, (1, 0, -1)),
    ("surprise", (-inf, -inf, 2), 0, (0, 0, 0)),
    ("surprise", (-inf,), 0, (0,)),
    ("surprise", (2, inf), 0, (0, 0)),
    ("surprise", (-inf, 2), 0, (0, 0)),
    ("surprise", (inf, 2), inf, (1, -1)),
    ("surprise", (nan, 2), nan, (nan, nan)),
]


@pytest.mark.parametrize(("name", "xs", "value", "partials"), TWO_AT_INFINITY)
def test_two_operands_at_infinity_and_nan(name, xs, value, partials):
    nodes = [Value(x) for x in xs]
    z = call(PRIMITIVES[name], nodes)
    assert same(z.data, value)
    assert all(map(same, oracles.partials(PRIMITIVES[name], xs, z.data), partials))


UNUSED = {("leaky_relu", 1), ("elu", 1)}  # the slope, where x > 0


@ROWS
def test_nan_passes(op):
    """Wherever it stands, and whatever the others are. A comparison with nan is
    false, and the length of (nan, inf) is inf.
    """
    if op.name in ("less", "greater", "equal", "where"):
        assert call(op, [nan, 1.0, 2.0][: op.arity]) == (1.0 if op.name == "where" else 0.0)
        return
    n = op.arity or 4
    for i in range(n):
        for x in (2.0, inf):
            xs = [nan if j == i else x for j in range(n)]
            if op.error is IndexDomainError:
                xs[-1] = float(i if i < n - 1 else 0)
                if i == n - 1:
                    continue
            if (op.name, i) not in UNUSED and not (op.name in ("hypot", "norm") and x == inf):
                assert math.isnan(op.forward(xs) if op.arity is None else op.forward(*xs)), xs


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [(name, *points) for name, points in oracles.DOMAINS.items()],
)
def test_domain(name, inside, outside):
    op = PRIMITIVES[name]
    for xs in inside:
        assert math.isfinite(call(op, list(map(float, xs))))
        assert math.isfinite(call(op, [Value(x) for x in xs]).data)
    for xs in outside:
        for operands in (list(map(float, xs)), [Value(x) for x in xs]):
            with pytest.raises(DomainError) as caught:
                call(op, operands)
            assert isinstance(caught.value, ValueError)
            assert isinstance(caught.value, ZeroDivisionError)
            numbers = ", ".join(repr(float(x)) for x in xs)
            assert f"{name}({numbers})" in str(caught.value), (
                "the error names the function and the numbers"
            )
            assert op.domain in str(caught.value)
            assert op.total(*([operands] if op.arity is None else operands)) is not None, (
                "inside a rule the same call gives an infinity or nan"
            )


def test_every_domain_is_tested():
    assert set(oracles.DOMAINS) == {op.name for op in PRIMITIVES.values() if op.domain}


def test_overflow_is_infinite_and_underflow_zero():
    assert autograd.exp(Value(1000.0)).data == inf
    assert autograd.exp(-1000.0) == 0.0
    assert autograd.cosh(-1000.0) == inf
    assert autograd.sinh(-1000.0) == -inf
    assert (Value(10.0) ** 400.0).data == inf
    assert (Value(-10.0) ** 401.0).data == -inf
    assert (Value(1e300) * 1e300).data == inf
    assert autograd.sum([1e308, 1e308, -1e308]) == 1e308, (
        "only the sum itself can overflow, not its parts"
    )
    assert autograd.sum([1e308, 1e308]) == inf
    assert autograd.mean([1e308, 1e308]) == 1e308
    assert autograd.norm([3e200, 4e200]) == pytest.approx(5e200, rel=1e-15)
    assert autograd.hypot(3e-200, 4e-200) == pytest.approx(5e-200, rel=1e-15)
    assert autograd.norm([1.7e308, 1.7e308]) == inf


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: autograd.where(autograd.greater(x, 0.0), autograd.sqrt(x), 0.0), 0.0, 0.0),
        (
            lambda x: autograd.where(x > 0.0, autograd.log(autograd.maximum(x, 0.0) + 1e-320), 0.0),
            -1.0,
            0.0,
        ),
        (lambda x: 0.0 * autograd.sqrt(x) + x, 0.0, 1.0),
        (lambda x: autograd.sqrt(autograd.heaviside(x)) + x, -1.0, 1.0),
        (
            lambda x: autograd.sqrt(autograd.relu(x)),
            -1.0,
            nan,
        ),  # the infinite slope at 0 comes after the zero one: no zero adjoint
        (lambda x: autograd.sqrt(x * x), 0.0, nan),
    ],
)
def test_a_zero_adjoint_stops_in_every_mode(f, x, expected):
    leaf = Value(x)
    found = [
        *_backward(f(leaf), [leaf]),
        gradients(f(leaf), [leaf])[0].data,
        autograd.grad(f)(x),
        autograd.grad(f)(leaf).data,
    ]
    found += [jvp(f, [x], [1.0])[1], jvp(f, [leaf], [1.0])[1].data, autograd.vjp(f, x)[1](1.0)[0]]
    assert all(same(g, expected) for g in found), found


def test_domain_errors_are_the_engines_not_the_derivatives():
    x = Value(0.0)
    y = autograd.where(x > 0.0, autograd.sqrt(x), 0.0)
    assert [g.data for g in gradients(y, [x])] == [0.0]
    x = Value(-2.0)
    (slope,) = gradients(x**3.0, [x])
    (curvature,) = gradients(slope, [x])
    assert (slope.data, curvature.data) == (12.0, -12.0)


# Modes. The rows' functions on floats, on Values, and their rules on both, are
# the same numbers.


@ROWS
def test_values_and_floats_give_the_same_bits(op):
    for xs in oracles.operands(op, n_random=12)[::7]:
        nodes = [Value(x) for x in xs]
        z = call(op, nodes)
        assert same(z.data, call(op, xs))
        backward = _backward(z, nodes)
        grads = [g.data for g in gradients(z, nodes)]
        directions = [[float(i == j) for j in range(len(xs))] for i in range(len(xs))]
        tangents = [
            jvp(lambda *xs: call(op, xs), nodes, direction)[1].data for direction in directions
        ]
        assert all(map(same, backward, grads)), (xs, backward, grads)
        assert all(map(same, backward, tangents)), (xs, backward, tangents)
        assert len(z.local_derivatives()) == len(z.parents) == len(xs)
        assert [p for p in z.local_derivatives() if p == p] == [
            p for p in oracles.partials(op, xs, z.data) if p == p
        ]


@ROWS
def test_a_literal_has_no_partial(op):
    xs = next(xs for xs in oracles.operands(op) if all(xs))
    for i in range(len(xs)):
        nodes = [Value(x) if i == j else x for j, x in enumerate(xs)]
        z = call(op, nodes)
        assert [p is None for p in z.local_derivatives()] == [j != i for j in range(len(xs))]
        z.backward()
        assert nodes[i].grad is not NOT_COMPUTED or oracles.partials(op, xs, z.data)[i] == 0.0


@pytest.mark.parametrize(
    "op", [op for op in PRIMITIVES.values() if op.composition is not None], ids=lambda op: op.name
)
def test_a_fused_row_equals_its_composition(op):
    for xs in oracles.operands(op):
        fused, composed = ([Value(x) for x in xs] for _ in range(2))
        z, w = op.function(fused), op.composition(composed)
        assert same(z.data, w.data if isinstance(w, Value) else w)
        assert all(map(same, _backward(z, fused), _backward(w, composed)))


# Second derivatives.


@pytest.mark.parametrize("op", REFERRED, ids=[op.name for op in REFERRED])
def test_second_derivatives_keep_their_bounds(op):
    f, checked = oracles.reference(op), 0
    for xs in oracles.smooth_points(op):
        nodes = [Value(x) for x in xs]
        for i, slope in enumerate(gradients(call(op, nodes), nodes)):
            for j, second in enumerate(gradients(slope, nodes)):
                exact = oracles.exact_second(f, xs, *sorted((i, j)))  # it is symmetric
                checked += 1
                error = abs(mpf(second.data) - exact) / oracles.second_unit(op, xs, i, j, exact)
                if error > op.ulp[2]:
                    bound = op.ulp[2] * max(1.0, oracles.second_condition(f, xs, i, j))
                    assert error <= bound, (xs, i, j, second.data, float(exact))
    assert checked >= 10


def test_wrong_second_derivatives_are_seen():
    """(1 - z) * (1 + z) as the partial of tanh breaks the bound: two terms cancel."""
    x = Value(1e-9)
    z = autograd.tanh(x)
    (wrong,) = gradients((1.0 - z) * (1.0 + z), [x])
    exact = oracles.exact_second(oracles.REFERENCES["tanh"], [1e-9], 0, 0)
    assert oracles.error_in_ulp(wrong.data, exact) > 16
    assert autograd.grad(autograd.grad(autograd.tanh))(1e-9) == float(exact) == -2e-9


@pytest.mark.parametrize("op", REFERRED, ids=[op.name for op in REFERRED])
def test_four_derivatives_where_a_rule_might_have_a_kink_of_its_own(op):
    """At 0, at equal operands, and far out, unless the row itself has a kink there."""
    f = oracles.reference(op)
    n = op.arity or 4
    for xs in (
        [0.0] * n,
        [1.0] * n,
        [0.5] * n,
        [-1.0] * n,
        [40.0] * n,
        [2.0, 1.0, 0.5, 3.0][:n],
        [1.0, 2.0, 3.0, 0.0][:n],
    ):
        if op.name in WHOLE:
            xs[-1] = 1.0
        if (
            oracles.violates(op, xs)
            or tuple(xs) in oracles.KINKS.get(op.name, ())
            or (op.arity == 3 and len(set(xs)) == 1)
        ):
            continue
        for i in range(n):
            if oracles.exact_partial(f, xs, i) is None or op.ulp[1] == 0:
                continue
            moving = Value(xs[i])
            z = call(op, [*xs[:i], moving, *xs[i + 1 :]])
            with mp.workdps(60):
                exact = [
                    mp.diff(lambda t, i=i, xs=xs: f(*xs[:i], t, *xs[i + 1 :]), mpf(xs[i]), k)
                    for k in range(1, 5)
                ]
            for order, derivative in enumerate(exact, 1):
                (z,) = gradients(z, [moving])
                assert z.data == pytest.approx(float(derivative), rel=1e-9, abs=1e-9), (
                    xs,
                    i,
                    order,
                )


# The textbook.


def _textbook(text, op, xs):
    """A formula or derivative of the table, in 400 digits. A list has as many
    numbers as are named.
    """
    names = {f: oracles.REFERENCES[f] for f in oracles.REFERENCES if f not in ("max", "min")}
    names |= {"max": max, "min": min, "pi": mp.pi, "n": len(xs)}
    operands = [mpf(x) for x in xs]
    if op.arity is None:
        half = len(xs) // 2
        names |= {f"x{i}": x for i, x in enumerate(operands, 1)}
        names |= {f"y{i}": y for i, y in enumerate(operands[half:], 1)}
        names["i"] = names["xn"] = operands[-1]
    else:
        names |= dict(zip("xyw", operands, strict=False))
    names["z"] = mpf(call(op, xs))
    return eval(re.sub(r"(,| [+*]) \.\.\.|, where .*", "", text), names)


def _ordinary_points(op):
    """Points of the domain away from kinks and from overflow; of a list, of four numbers or two."""
    rng = random.Random(op.name)
    size = op.arity or (4 if op.bilinear else 3 if op.error is IndexDomainError else 2)
    points = []
    for scale in [0.3, 0.9, 3.0, 20.0] * 40:
        xs = [rng.uniform(-scale, scale) for _ in range(size)]
        if op.name in WHOLE:
            xs[-1] = float(rng.randrange(2))
        if not oracles.violates(op, xs):
            points.append(xs)
    assert len(points) >= 20
    return points


IN_WORDS = {"take", "sinc_slope", "atan2", "stop_gradient", "max", "min", "clip"}


@ROWS
def test_the_formula_of_a_row_is_its_function(op):
    if op.name in IN_WORDS:
        return
    for xs in _ordinary_points(op):
        with mp.workdps(400):
            exact = _textbook(op.formula, op, xs)
            assert call(op, xs) == pytest.approx(float(exact), rel=1e-12, abs=1e-300), xs


@ROWS
def test_the_textbook_derivatives_of_a_row_are_its_partials(op):
    assert len(op.derivatives) == (op.arity or 1)
    for xs in _ordinary_points(op):
        found = oracles.partials(op, xs, call(op, xs))
        for text, partial in zip(op.derivatives, found, strict=op.arity is not None):
            with mp.workdps(400):
                try:
                    exact = float(_textbook(text, op, xs))
                except (TypeError, ValueError):  # not real: x**y * log(x) at x < 0
                    assert math.isnan(partial), (xs, text)
                    continue
            assert partial == pytest.approx(exact, rel=1e-11, abs=1e-300), (xs, text)


@ROWS
def test_a_wrong_textbook_derivative_is_caught(op):
    for i, text in enumerate(op.derivatives):
        with mp.workdps(400):
            assert any(
                oracles.partials(op, xs, call(op, xs))[i]
                != pytest.approx(float(_textbook(f"1 + ({text})", op, xs)), rel=1e-11)
                for xs in _ordinary_points(op)
                if all(x > 0.0 for x in xs)
            )


@ROWS
def test_every_row_says_what_it_is(op):
    assert op.summary.endswith(".")
    assert len(op.summary.split()) <= 15
    assert not op.kinks.endswith(".")


DOCUMENTED = {
    "tanh": """The hyperbolic tangent.

- Formula: `z = sinh(x) / cosh(x)`
- Derivative: `dz/dx = 1 - tanh(x)**2`
- Domain: all numbers
- Source: DLMF 4.34""",
    "relu": """The rectified linear unit.

- Formula: `z = max(x, 0)`
- Derivative: `dz/dx = 1 if x > 0 else 0`
- Domain: all numbers
- Choice at kinks: dz/dx = 0 at x = 0
- Source: Nair and Hinton 2010""",
    "log": """The natural logarithm.

- Derivative: `dz/dx = 1 / x`
- Domain: `x > 0`, else DomainError
- Source: DLMF 4.7""",
    "logsumexp": """The log of the sum of the exponentials of a list.

- Formula: `z = log(exp(x1) + exp(x2) + ...)`
- Derivative: `dz/dx1 = exp(x1) / (exp(x1) + exp(x2) + ...)`
- Domain: `len(xs) > 0`, else DomainError
- Source: Blanchard, Higham and Higham 2021""",
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_help_gives_formula_derivative_domain_kinks_and_source(name):
    function = getattr(autograd, name)
    assert inspect.getdoc(function) == DOCUMENTED[name]
    assert DOCUMENTED[name].splitlines()[2] in pydoc.render_doc(function, renderer=pydoc.plaintext)
    if name != "logsumexp":
        assert inspect.getdoc(getattr(Value, name)) == DOCUMENTED[name]


@pytest.mark.parametrize("name", autograd.PRIMITIVES)
def test_help_shows_the_operands_and_no_others(name):
    op = autograd.PRIMITIVES[name]
    shown = {1: "(x, /)", 2: "(x, y, /)", 3: "(x, y, w, /)", None: "(xs, /)"}[op.arity]
    assert str(inspect.signature(op.function)) == shown


def test_the_docstrings_stand_in_the_files_that_editors_read():
    text = inspect.getsource(signatures)
    for name in DOCUMENTED:
        stub = text.split(f"@row\ndef {name}(")[1].split("@overload")[0]
        assert inspect.cleandoc(stub.split('"""')[1]) == DOCUMENTED[name]


# A wrong row is caught.


def _wrong(op, change):
    """The row with its partials changed."""
    rules = op.partials
    if callable(rules):
        return dataclasses.replace(
            op, partials=lambda xs, z: change([p or 0.0 for p in rules(xs, z)])
        )

    def rule(i):
        def changed(*operands):
            return change([r(*operands) if callable(r) else r for r in rules])[i]

        return changed

    return dataclasses.replace(op, partials=tuple(map(rule, range(len(rules)))))


def _some_nonzero(op):
    points = [
        xs
        for xs in oracles.operands(op)[::-1]
        if (all(1e-3 < abs(x) < 1e3 for x in xs) and len(xs) != 1) or op.arity == 1
    ]
    return [
        xs
        for xs in points
        if any(oracles.partials(op, xs, op.forward(xs) if op.arity is None else op.forward(*xs)))
    ][:10]


DERIVABLE = [op for op in REFERRED if _some_nonzero(op)]


@pytest.mark.parametrize("op", DERIVABLE, ids=[op.name for op in DERIVABLE])
def test_wrong_partials_are_caught(op):
    points = _some_nonzero(op)
    assert not any(oracles.defects(op, points))
    assert any(oracles.defects(_wrong(op, lambda ps: [-p for p in ps]), points)), "sign"
    assert any(oracles.defects(_wrong(op, lambda ps: [1.001 * p for p in ps]), points)), "factor"
    if op.arity != 1 and op.name not in ("add", "sum", "mean"):  # whose partials are all the same
        assert any(oracles.defects(_wrong(op, lambda ps: ps[1:] + ps[:1]), points)), (
            "operands swapped"
        )


@pytest.mark.parametrize("op", REFERRED, ids=[op.name for op in REFERRED])
def test_wrong_values_are_caught(op):
    wrong = dataclasses.replace(op, forward=lambda *xs: op.forward(*xs) * (1.0 + 1e-13) or 1.0)
    assert any(oracles.defects(wrong, oracles.operands(op)))


@pytest.mark.parametrize("seed", range(40))
def test_softmax_and_its_logarithm_keep_the_accuracy_of_the_docs(seed):
    rng = random.Random(seed)
    size = rng.choice([0.1, 1.0, 30.0, 700.0, 1e4])
    xs = [rng.uniform(-size, size) for _ in range(rng.randint(1, 8))]
    largest = max(map(abs, xs))
    with mp.workdps(60):
        total = mp.log(sum(mp.exp(mpf(x)) for x in xs))
        for x, p, log_p in zip(xs, autograd.softmax(xs), autograd.log_softmax(xs), strict=True):
            exact = mpf(x) - total
            assert abs(log_p - exact) <= 2.0 * math.ulp(
                max(abs(x) + largest, abs(float(exact)))
            )  # condition number (|x| + largest) / |log p|
            if exact > -690:  # above the subnormal numbers
                assert abs(p - mp.exp(exact)) <= 2.0 * max(1.0, largest) * math.ulp(
                    float(mp.exp(exact))
                )


@pytest.mark.parametrize(
    "xs",
    [
        [40.0, 0.0],
        [0.0, 700.0, 1.0],
        [3.0, -300.0, 3.0, -2.0, 250.0],
        [100.0, 100.0, 60.0],
        [1e9, 1e9 - 30.0, 0.0, -1e9],
        [50.0, *[0.125 * i for i in range(40)]],
    ],
)
def test_derivatives_of_softmax_are_accurate_relative_to_themselves(xs):
    with mp.workdps(400):
        powers = [mp.exp(mpf(x) - mpf(max(xs))) for x in xs]
        z = [p / mp.fsum(powers) for p in powers]
        rest = [mp.fsum(z[:i] + z[i + 1 :]) for i in range(len(xs))]
        exact = [[float(p * r if i == j else -p * q) for j, q in enumerate(z)]
                 for i, (p, r) in enumerate(zip(z, rest, strict=True))]  # fmt: skip
    for row, expected in zip(autograd.jacobian(autograd.softmax)(xs), exact, strict=True):
        assert row == pytest.approx(expected, rel=4e-15, abs=1e-300)
    for column in range(len(xs)):
        tangents = [float(i == column) for i in range(len(xs))]
        found = jvp(lambda *xs: autograd.softmax(xs), xs, tangents)[1]
        assert found == pytest.approx([row[column] for row in exact], rel=4e-15, abs=1e-300)


def test_a_saturated_softmax_has_the_derivative_of_its_rest():
    (first, second) = autograd.jacobian(autograd.softmax)([40.0, 0.0])
    assert (first[0], first[1]) == (4.248354255291589e-18, -4.248354255291589e-18)
    assert (second[0], second[1]) == (-4.248354255291589e-18, 4.248354255291589e-18)
    assert autograd.jacobian(autograd.softmax)([5.0]) == [[0.0]]


@pytest.mark.parametrize(
    ("xs", "parts"),
    [
        ([inf, 0.0], [1.0, 0.0]),
        ([0.0, inf], [0.0, 1.0]),
        ([inf], [1.0]),
        ([0.0, inf, 1.0, -inf], [0.0, 1.0, 0.0, 0.0]),
        ([inf, 1.7976931348623157e308, -1.7e308], [1.0, 0.0, 0.0]),
        ([-inf, 0.0, 0.0], [0.0, 0.5, 0.5]),
        ([inf, inf], [nan, nan]),
        ([-inf, -inf, -inf], [nan, nan, nan]),
        ([nan, inf, 0.0], [nan, nan, nan]),
    ],
)
def test_softmax_and_its_logarithm_have_their_limits_at_infinities(xs, parts):
    """Where one number is infinite the limit exists; where several are it does not."""

    def total(*xs):
        zs = [*autograd.softmax(xs), *autograd.log_softmax(xs)]
        return autograd.dot(zs, [0.5 + k for k in range(len(zs))])

    def program(xs):
        return [*autograd.softmax(xs), *autograd.log_softmax(xs), *gradients(total(*xs), xs)]

    def all_same(found, expected):
        return list(map(same, found, expected)) == [True] * len(expected)

    logs = [math.log(p) if p else -inf for p in parts]
    assert all_same([*autograd.softmax(xs), *autograd.log_softmax(xs)], [*parts, *logs])
    leaves = [Value(x) for x in xs]
    found = [z.data for z in program(leaves)]
    assert all_same(found[: 2 * len(xs)], [*parts, *logs])
    compiled = jit(program)
    compiled([Value(0.1 * k) for k in range(len(xs))])
    assert all_same([z.data for z in compiled(leaves)], found)
    for i in range(len(xs)):
        tangents = [float(i == j) for j in range(len(xs))]
        assert same(jvp(total, xs, tangents)[1], found[2 * len(xs) + i])


def test_a_saturated_log_softmax_has_the_derivative_of_its_rest():
    small = 4.248354255291589e-18
    assert autograd.jacobian(autograd.log_softmax)([40.0, 0.0]) == [[small, -small], [-1.0, 1.0]]
    assert autograd.hessian(autograd.logsumexp)([40.0, 0.0]) == [[small, -small], [-small, small]]


@pytest.mark.parametrize(
    "xs",
    [
        [40.0, 0.0],
        [0.25, -1.25, 0.875],
        [0.0, 100.0, 18.4375],
        [1.0, 1.0, -60.0],
        [0.6875, 0.0, -0.6875, -60.0],  # the first has a little less than 1/2
        [0.75, 0.0, -0.6875, -60.0],  # and a little more
        [30.0, -5.0, 2.0, 29.0, 1.5],
        [-5.0, 2.0, 1.5, 1e9],
        [50.0, *[0.125 * i for i in range(20)]],
        [0.125 * i for i in range(20)],
    ],
)
def test_derivatives_of_log_softmax_keep_their_digits(xs):
    """Values, first and second derivatives, also forward over reverse, relative to themselves.

    Every gap is exact, so that rounding it does not count.
    """
    n = len(xs)
    with mp.workdps(60):
        gaps = [mpf(x) - mpf(max(xs)) for x in xs]
        powers = [mp.exp(gap) for gap in gaps]
        total = mp.fsum(powers)
        ps = [p / total for p in powers]
        rest = [mp.fsum(powers[:i] + powers[i + 1 :]) / total for i in range(n)]
        lead = xs.index(max(xs))
        loss = mp.log1p(mp.fsum(powers[:lead] + powers[lead + 1 :]))
        first = [[rest[i] if i == j else -ps[j] for j in range(n)] for i in range(n)]
        second = [
            [-ps[i] * rest[i] if i == j else ps[i] * ps[j] for j in range(n)] for i in range(n)
        ]

        def close(found, exact, bound):
            # An exponential below the least float is 0.
            assert abs(found - exact) <= bound * abs(exact) + 5e-324

        for z, gap in zip(autograd.log_softmax(xs), gaps, strict=True):
            close(z, gap - loss, 4e-16)
        for row, exact in zip(autograd.jacobian(autograd.log_softmax)(xs), first, strict=True):
            for found, p in zip(row, exact, strict=True):
                close(found, p, 2e-15)
        for i in {0, lead, n - 1}:
            of_one = functools.partial(lambda xs, i: autograd.log_softmax(xs)[i], i=i)
            found = autograd.hessian(of_one)(xs)
            for k in range(n):
                along = [float(j == k) for j in range(n)]
                tangents = jvp(autograd.grad(of_one), [xs], [along])[1]
                for j in range(n):
                    close(found[k][j], second[k][j], 4e-15)
                    close(tangents[j], second[j][k], 4e-15)


def test_a_part_near_one_half_leaves_no_gap_between_the_forms_of_log_softmax():
    """Two forms of a derivative meet where one part passes 1/2: they agree there."""
    for n in (3, 5, 30):
        for k in range(-4, 5):
            xs = [math.log(n - 1.0) + k * 1e-16, *[0.0] * (n - 1)]
            (first, *_) = autograd.jacobian(autograd.log_softmax)(xs)
            assert first == pytest.approx([0.5, *[-0.5 / (n - 1.0)] * (n - 1)], rel=2e-15)


@pytest.mark.parametrize("y", [2.0**53, 2.0**53 + 2.0, 2.0**60, -(2.0**53) - 2.0])
def test_the_second_derivative_of_a_huge_even_power_of_a_negative_number_is_positive(y):
    second = autograd.grad(autograd.grad(lambda x: x**y))(-1.0)
    assert second == pytest.approx(y * y, rel=1e-15)
    assert autograd.grad(autograd.grad(lambda x: x**y))(1.0) == pytest.approx(y * y, rel=1e-15)


def test_derivatives_of_softmax_are_those_of_the_docs():
    xs = [0.3, -1.2, 2.0]
    z = autograd.softmax(xs)
    expected = [[z[i] * ((i == j) - z[j]) for j in range(3)] for i in range(3)]
    assert autograd.jacobian(autograd.softmax)(xs) == [
        pytest.approx(row, rel=1e-14, abs=1e-16) for row in expected
    ]
    assert autograd.jacobian(autograd.log_softmax)(xs) == [
        pytest.approx([(i == j) - z[j] for j in range(3)], rel=1e-14, abs=1e-16) for i in range(3)
    ]
