"""grad, value_and_grad, gradients, jacobian, hessian, jvp, vjp, hvp:
structures, nesting in any mix of modes, what goes in and comes out.
"""

import itertools
import math
import re
from collections import OrderedDict, namedtuple

import pytest
from mpmath import mp

import autograd as ag
from autograd import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    topological_order,
    value_and_grad,
    vjp,
)
from autograd.errors import DataTypeError, LengthError, StaleValueError
from autograd.extending import LITERAL

Point = namedtuple("Point", "x y")


def test_gradients_of_a_graph_are_a_graph():
    x, y = Value(2.0), Value(3.0)
    z = x * x * y
    dx, dy = gradients(z, [x, y])
    assert (dx.data, dy.data) == (12.0, 4.0)
    assert {x, y} <= set(topological_order(dx))
    (dxy,) = gradients(dx, [y])
    assert dxy.data == 4.0
    dxy.backward()
    assert (x.grad, y.grad) == (2.0, 0.0)


def test_a_partial_of_1_or_minus_1_adds_no_product_to_a_derivative():
    def operations(y):
        return {z.op.name for z in topological_order(y)}

    x = Value(0.5)
    for f in (lambda x: ag.sin(x + 2.0), lambda x: ag.sin(-x), lambda x: ag.sin(2.0 - x)):
        (slope,) = gradients(f(x), [x])
        assert operations(slope) - operations(f(x)) <= {"cos", "neg"}

    def tangent(x):
        t = jvp(lambda x: 3.0 - ag.sin(x), [x], [1.0])[1]
        assert operations(t) == {"leaf", "identity", "cos", "neg"}
        return t

    assert grad(tangent)(0.5) == math.sin(0.5)


def test_gradients_at_interior_nodes_and_at_the_root():
    x = Value(2.0)
    h = x * 3.0
    z = h * h
    assert [g.data for g in gradients(z, [h, x, z])] == [12.0, 36.0, 1.0]


def test_gradients_where_nothing_depends_are_literal_zeros():
    x, other = Value(2.0), Value(1.0)
    for g in (
        gradients(x * x, [other])
        + gradients(ag.heaviside(x), [x])
        + gradients(ag.stop_gradient(x) * 2.0, [x])
    ):
        assert (g.data, g.op) == (0.0, LITERAL)


def test_a_literal_has_no_gradient():
    x = Value(2.0)
    for z in (x + 3.0, x - 3.0, x * 3.0, ag.sum([x, 3.0])):
        (literal,) = [v for v in z.parents if v.op is LITERAL]
        assert gradients(z, [literal])[0].data == 0.0


def test_gradients_leave_grad_alone():
    x = Value(2.0)
    gradients(x * x, [x])
    grad(lambda v: v * x)(1.0)
    assert x.grad is ag.NOT_COMPUTED


def test_a_derivative_of_plain_numbers_leaves_every_grad_alone():
    """It works in the grads of its own nodes, and puts them back."""
    kept, outside = [], Value(5.0)
    outside.grad = 7.0

    def own(x):
        kept.append(x * x)
        kept[-1].grad = 3.0
        return kept[-1] * x

    assert grad(own)(2.0) == 12.0
    assert kept[0].grad == 3.0
    assert grad(lambda x: own(x) * outside)(2.0) == 60.0
    assert grad(lambda x: outside)(2.0) == 0.0
    assert jacobian(lambda x: [outside, x, 1.0])(2.0) == [0.0, 1.0, 0.0]
    assert outside.grad == 7.0


def test_an_error_in_a_derivative_of_plain_numbers_leaves_every_grad_alone():
    kept = []

    def f(x):
        kept.append(x * 3.0)
        return ag.tanh(kept[0]) * kept[0]

    def fails(node, g):
        raise ZeroDivisionError

    op = ag.PRIMITIVES["tanh"]
    pull, op.pull = op.pull, fails
    try:
        with pytest.raises(ZeroDivisionError):
            grad(f)(1.0)
    finally:
        op.pull = pull
    assert kept[0].grad is ag.NOT_COMPUTED


def test_gradients_of_what_is_no_value_are_refused():
    x = Value(2.0)
    for ask in (
        lambda: gradients(x * x, [2.0]),
        lambda: gradients(4.0, [x]),
        lambda: gradients(x * x, x),
        lambda: gradients(x, [None]),
    ):
        with pytest.raises(TypeError):
            ask()


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("grad", ()),
        ("value_and_grad", ()),
        ("jacobian", ()),
        ("hessian", ()),
        ("jvp", ([1.0], [1.0])),
        ("vjp", (1.0,)),
        ("hvp", ([1.0], [1.0])),
        ("check_gradients", (1.0,)),
    ],
)
def test_what_is_no_function_is_refused_at_once_by_the_one_that_was_called(name, others):
    with pytest.raises(
        DataTypeError, match=rf"^{name} takes a function, not Value\(data=4\.0\): .*\.backward\(\)"
    ):
        getattr(ag, name)(Value(2.0) ** 2, *others)


# Structures.


def test_grad_has_the_structure_of_the_argument():
    def f(tree):
        return (
            tree["w"][0] * tree["w"][1]
            + 2.0 * tree["deep"]["b"][0][0]
            + tree["point"].x * tree["point"].y
        )

    tree = {
        "w": [2.0, 3.0],
        "deep": {"b": ([1.0],)},
        "point": Point(4.0, 5.0),
        "unused": 7,
        "empty": [],
    }
    found = grad(f)(tree)
    assert found == {
        "w": [3.0, 2.0],
        "deep": {"b": ([2.0],)},
        "point": Point(5.0, 4.0),
        "unused": 0.0,
        "empty": [],
    }
    assert isinstance(found["point"], Point)
    assert type(found["deep"]["b"]) is tuple
    assert tree["w"] == [2.0, 3.0]
    assert grad(lambda d: d["a"] * d["b"])(OrderedDict(b=2.0, a=3.0)) == {"b": 3.0, "a": 2.0}


def test_argnums():
    def f(x, y, w, scale=1.0):
        return scale * x * y * y * w

    assert grad(f)(2.0, 3.0, 5.0) == 45.0
    assert grad(f, 1)(2.0, 3.0, 5.0) == 60.0
    assert grad(f, -1)(2.0, 3.0, 5.0, scale=2.0) == 36.0
    assert grad(f, (2, 0))(2.0, 3.0, 5.0) == (18.0, 45.0)
    assert grad(f, [1])(2.0, 3.0, 5.0) == (60.0,)
    assert value_and_grad(f, (0,))(2.0, 3.0, 5.0) == (90.0, (45.0,))
    for wrong in (3, -4, "x", 1.0, None, (0, 0), (0, -3)):
        with pytest.raises((LengthError, TypeError)):
            grad(f, wrong)(2.0, 3.0, 5.0)


@pytest.mark.parametrize("derivative", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("given", [3.0, [1.0, 2.0], None, Value(3.0), "x", {0}, {"x": 1.0}, [[0]]])
def test_numbers_in_the_place_of_argnums_are_refused_where_the_derivative_is_made(
    derivative, given
):
    name = derivative.__name__
    call = f"{name}(f)({'x' if given is None else repr(given)})"
    with pytest.raises(DataTypeError, match=re.escape(f"not {given!r}: {name} ret")) as caught:
        derivative(lambda x: x * x, given)
    assert str(caught.value).endswith(call)


@pytest.mark.parametrize("argnums", [0, -1, True, (0,), [0], [-1], range(1), ()])
def test_positions_of_arguments_are_taken(argnums):
    for derivative in (grad, value_and_grad, jacobian, hessian):
        assert derivative(lambda x: x * x, argnums)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f: vjp(f), r"x is missing: .* as in vjp\(f, x\)"),
        (lambda f: vjp(f, [2.0], [1.0]), r"was called with .* as in vjp\(f, x\)"),
        (lambda f: vjp(f, 2.0)[1](), r"pullback\(cotangent\): cotangent is missing"),
        (lambda f: jvp(f, 2.0, 1.0), r"jvp\(f, \[x\], \[t\]\)"),
        (lambda f: hvp(f, 2.0, 1.0), r"hvp\(f, \[x\], \[v\]\)"),
        (lambda f: jvp(f), "primals and tangents are missing"),
        (lambda f: hvp(f), "primals and vectors are missing"),
    ],
)
def test_arguments_of_f_that_are_missing_or_in_no_list_are_told(call, said):
    with pytest.raises(DataTypeError, match=said):
        call(lambda x: x * x)


def test_the_identity_and_results_that_are_arguments():
    assert grad(lambda x: x)(2.0) == 1.0
    assert jacobian(lambda x, y: [x, y, x], (0, 1))(2.0, 3.0) == [
        (1.0, 0.0),
        (0.0, 1.0),
        (1.0, 0.0),
    ]
    assert jvp(lambda x, y: (y, [x]), [2.0, 3.0], [5.0, 7.0]) == ((3.0, [2.0]), (7.0, [5.0]))
    assert hessian(lambda x: x)(2.0) == 0.0
    assert hvp(lambda x, y: x * y, [2.0, 3.0], [0.0, 0.0]) == (0.0, 0.0)
    x = Value(2.0)
    assert jvp(lambda a: a * x, [x], [1.0])[1].data == 2.0, "the captured x is another variable"


def test_an_argument_that_is_not_differentiated_may_be_anything():
    def f(x, name, options):
        return x * len(name) * options["k"]

    assert grad(f)(2.0, "abc", {"k": 5.0}) == 15.0


def test_one_value_twice_as_argument_is_two_variables():
    x = Value(3.0)
    assert [g.data for g in grad(lambda a, b: a * a + b, (0, 1))(x, x)] == [6.0, 1.0]
    assert [g.data for g in grad(lambda xs: xs[0] * xs[1])([x, x])] == [3.0, 3.0]


def test_jacobian_has_the_result_outside_and_the_argument_inside():
    def f(p):
        return {"sum": p["a"] + p["b"][0], "products": [p["a"] * p["b"][0], 5.0]}

    found = jacobian(f)({"a": 2.0, "b": [3.0]})
    assert found == {
        "sum": {"a": 1.0, "b": [1.0]},
        "products": [{"a": 3.0, "b": [2.0]}, {"a": 0.0, "b": [0.0]}],
    }
    assert jacobian(lambda x, y: [x * y, x], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    assert jacobian(lambda x: x * x)(3.0) == 6.0


def test_hessian():
    assert hessian(lambda v: v[0] ** 2.0 * v[1] + v[1] ** 3.0)([2.0, 3.0]) == [
        [6.0, 4.0],
        [4.0, 18.0],
    ]
    assert hessian(lambda x: x**3.0)(2.0) == 12.0
    assert hessian(lambda x, y: x * y * y, (0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    assert hessian(lambda d: d["a"] * d["b"])({"a": 2.0, "b": 3.0}) == {
        "a": {"a": 0.0, "b": 1.0},
        "b": {"a": 1.0, "b": 0.0},
    }


def test_hessian_of_the_rosenbrock_function():
    def rosenbrock(x):
        return ag.sum(
            [100.0 * (b - a * a) ** 2.0 + (1.0 - a) ** 2.0 for a, b in itertools.pairwise(x)]
        )

    assert hessian(rosenbrock)([1.0, 1.0, 1.0]) == [
        [802.0, -400.0, 0.0],
        [-400.0, 1002.0, -400.0],
        [0.0, -400.0, 200.0],
    ]
    assert grad(rosenbrock)([1.0, 1.0, 1.0]) == [0.0, 0.0, 0.0]


def test_jvp():
    value, tangent = jvp(lambda x, y: [x * y, ag.sin(x), 3.0], [2.0, 3.0], [1.0, 10.0])
    assert value == [6.0, math.sin(2.0), 3.0]
    assert tangent == [23.0, math.cos(2.0), 0.0]
    assert jvp(
        lambda p: p["a"] * p["b"][0], [{"a": 2.0, "b": [3.0]}], [{"a": 1.0, "b": [1.0]}]
    ) == (6.0, 5.0)
    assert jvp(lambda x, y: ag.sqrt(x) * y, [0.0, 2.0], [0.0, 1.0]) == (0.0, 0.0), (
        "what does not move cannot poison"
    )


def test_vjp():
    value, pullback = vjp(lambda x, y: (x * y, ag.sin(x)), 2.0, 3.0)
    assert value == (6.0, math.sin(2.0))
    assert pullback((1.0, 0.0)) == (3.0, 2.0)
    assert pullback((0.0, 1.0)) == (math.cos(2.0), 0.0)
    assert pullback((1.0, 10.0)) == pytest.approx((3.0 + 10.0 * math.cos(2.0), 2.0))
    (dx, _dy) = pullback((Value(1.0), 0.0))
    assert isinstance(dx, Value)
    assert pullback((1.0, 0.0)) == (3.0, 2.0), "and floats again for floats"


def test_hvp_is_the_hessian_times_a_vector():
    def f(v, w):
        return v[0] ** 2.0 * v[1] + ag.sin(w * v[0])

    v, w = [2.0, 3.0], 0.5
    rows = hessian(f, (0, 1))(v, w)
    (hv, hw) = hvp(f, [v, w], [[1.0, -2.0], 3.0])
    flat = [1.0, -2.0, 3.0]
    expected = [
        sum(h * d for h, d in zip([*row[0], row[1]], flat, strict=True))
        for row in [rows[0][0], rows[0][1], rows[1]]
    ]
    assert [*hv, hw] == pytest.approx(expected, rel=1e-14)


def test_wrong_structures_are_named():
    with pytest.raises(LengthError, match="structure"):
        jvp(lambda x, y: x * y, [1.0, 2.0], [1.0])
    with pytest.raises(LengthError, match="structure"):
        jvp(lambda p: p[0], [[1.0, 2.0]], [[1.0]])
    with pytest.raises(LengthError, match="structure"):
        jvp(lambda p: p["a"], [{"a": 1.0}], [{"b": 1.0}])
    with pytest.raises(LengthError, match="cotangent"):
        vjp(lambda x: [x, x], 1.0)[1]([1.0])
    with pytest.raises(LengthError):
        hvp(lambda x: x * x, [1.0], [1.0, 2.0])
    for lone, call in (
        (lambda: jvp(math.sin, 2.0, 1.0), r"2\.0 stands .*: jvp\(f, \[x\], \[t\]\)"),
        (lambda: hvp(lambda x: x * x, 2.0, 1.0), r": hvp\(f, \[x\], \[v\]\)"),
        (
            lambda: gradients(Value(1.0), Value(2.0)),
            r"Value\(data=2\.0\) stands .*: gradients\(root, \[x\]\)",
        ),
    ):
        with pytest.raises(DataTypeError, match=call):
            lone()
    with pytest.raises(DataTypeError, match="jacobian"):
        grad(lambda x: [x, x])(1.0)
    for wrong in (None, "1", True):
        with pytest.raises(DataTypeError):
            grad(lambda x: x)(wrong)
        with pytest.raises(DataTypeError, match="result"):
            grad(lambda x, wrong=wrong: wrong)(1.0)
        with pytest.raises(DataTypeError, match="tangent"):
            jvp(lambda x: x, [1.0], [wrong])


# What goes in and comes out.


@pytest.mark.parametrize("number", [2, 2.0])
def test_plain_numbers_give_floats(number):
    def f(x):
        return x * x + 1

    value, pullback = vjp(f, number)
    found = [
        grad(f)(number),
        *value_and_grad(f)(number),
        jacobian(f)(number),
        hessian(f)(number),
        *jvp(f, [number], [number]),
    ]
    found += [value, *pullback(number), *hvp(f, [number], [number])]
    assert {type(x) for x in found} == {float}
    assert found == [4.0, 5.0, 4.0, 4.0, 2.0, 5.0, 8.0, 5.0, 8.0, 4.0]
    assert type(grad(lambda x: 3)(number)) is float
    assert value_and_grad(lambda x: 3)(number) == (3.0, 0.0)


def test_values_give_values_that_can_be_differentiated():
    x = Value(2.0)

    def f(x):
        return x * x * x

    found = [
        grad(f)(x),
        *value_and_grad(f)(x),
        jacobian(f)(x),
        *jvp(f, [x], [1.0]),
        *jvp(f, [2.0], [Value(1.0)]),
    ]
    found += [vjp(f, x)[0], *vjp(f, x)[1](1.0), *hvp(f, [x], [1.0])]
    assert all(isinstance(y, Value) for y in found)
    slope = grad(f)(x)
    slope.backward()
    assert (slope.data, x.grad) == (12.0, 12.0)
    assert gradients(hessian(f)(x), [x])[0].data == 6.0
    assert isinstance(grad(lambda x, y: x * y)(1.0, x), Value), "a Value among any of the arguments"
    assert isinstance(grad(lambda x: x * 3.0)(x), Value)


def test_captured_values_are_constants_that_stay_differentiable():
    k = Value(5.0)
    assert grad(lambda x: k * x * x)(2.0) == 20.0
    assert k.grad is ag.NOT_COMPUTED
    slope = grad(lambda x: k * x * x)(Value(2.0))
    slope.backward()
    assert k.grad == 4.0
    assert grad(lambda x: k * 3.0)(1.0) == 0.0


def test_control_flow():
    def f(x):
        total = 0.0
        for n in range(1, 5):
            total = total + x**n if x > 0 else total - x
        while total > 100:
            total = total / 2
        return total

    assert grad(f)(1.0) == 10.0
    assert grad(f)(-1.0) == -4.0
    assert grad(f)(4.0) == (1 + 8 + 48 + 256) / 4
    assert hessian(lambda x: x * x if x > 1 else x)(3.0) == 2.0


def test_a_leaf_changed_within_the_function_is_noticed():
    k = Value(2.0)

    def f(x):
        y = x * k
        k.data = 3.0
        return y

    for derivative in (lambda: grad(f)(1.0), lambda: jvp(f, [1.0], [1.0])):
        with pytest.raises(StaleValueError):
            derivative()


def test_errors_leave_no_derivative_open():
    def fails(x):
        raise KeyError(x)

    with pytest.raises(KeyError):
        grad(fails)(1.0)
    assert type(grad(lambda x: x * x)(1.0)) is float
    x = Value(1.0)
    assert float(x * 2.0) == 2.0


# Nesting. No derivative takes another's variable for its own.


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0) == 12.0  # 2 x * x
    assert grad(lambda x: grad(lambda x: x * x)(2.0) * x)(5.0) == 4.0


def derivative_by_grad(f):
    return grad(f)


def derivative_by_jvp(f):
    return lambda x: jvp(f, [x], [1.0])[1]


def derivative_by_vjp(f):
    return lambda x: vjp(f, x)[1](1.0)[0]


def derivative_by_jacobian(f):
    return jacobian(f)


MODES = (derivative_by_grad, derivative_by_jvp, derivative_by_vjp, derivative_by_jacobian)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES, repeat=2)))
def test_perturbations_are_not_confused_in_any_two_modes(outer, inner):
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(3.0) == 12.0
    assert outer(lambda x: inner(lambda y: inner(lambda z: x * y * z)(y))(x))(3.0) == 1.0


FUNCTIONS = {
    "exp(sin x) / x": (lambda x: ag.exp(ag.sin(x)) / x, lambda x: mp.exp(mp.sin(x)) / x),
    "x^3.5 tanh x": (lambda x: x**3.5 * ag.tanh(x), lambda x: x ** mp.mpf(3.5) * mp.tanh(x)),
    "x^x": (lambda x: x**x, lambda x: x**x),
    "log(1 + sigmoid x)": (
        lambda x: ag.log1p(ag.sigmoid(x)),
        lambda x: mp.log(1 + 1 / (1 + mp.exp(-x))),
    ),
    "gelu": (ag.gelu, lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2),
    "norm": (lambda x: ag.norm([x, x * x, 1.0]), lambda x: mp.sqrt(x**2 + x**4 + 1)),
    "logsumexp": (
        lambda x: ag.logsumexp([x, x * x, 1.0]),
        lambda x: mp.log(mp.exp(x) + mp.exp(x * x) + mp.e),
    ),
    "dot": (lambda x: ag.dot([x, x * x], [ag.cos(x), 2.0]), lambda x: x * mp.cos(x) + 2 * x * x),
    "prod": (lambda x: ag.prod([x, ag.sin(x), x + 1.0]), lambda x: x * mp.sin(x) * (x + 1)),
    "atan2": (lambda x: ag.atan2(x, x * x + 1.0), lambda x: mp.atan(x / (x * x + 1))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_four_derivatives_deep_in_any_mix_of_modes(name):
    f, reference = FUNCTIONS[name]
    x = 0.7
    with mp.workdps(40):
        exact = [float(mp.diff(reference, mp.mpf(x), n)) for n in range(5)]
    for modes in [*itertools.product(MODES[:2], repeat=4), MODES, MODES[::-1]]:
        derivative = f
        for n, mode in enumerate(modes, 1):
            derivative = mode(derivative)
            if n == 4 or modes is MODES:
                assert derivative(x) == pytest.approx(exact[n], rel=1e-11, abs=1e-11)


def test_hvp_and_hessian_nest():
    def f(v):
        return ag.exp(v[0] * v[1]) * v[1]

    v, d = [0.3, 0.7], [1.0, -2.0]
    third = grad(lambda v: ag.dot(hvp(f, [v], [d])[0], d))(v)
    by_hessian = grad(
        lambda v: ag.sum(
            [
                h * a * b
                for row, a in zip(hessian(f)(v), d, strict=True)
                for h, b in zip(row, d, strict=True)
            ]
        )
    )(v)
    assert third == pytest.approx(by_hessian, rel=1e-13)
    with mp.workdps(40):

        def along(t):
            def g(s):
                return mp.exp((v[0] + t + s * d[0]) * (v[1] + s * d[1])) * (v[1] + s * d[1])

            return mp.diff(g, 0, 2)

        assert third[0] == pytest.approx(float(mp.diff(along, 0)), rel=1e-12)


def test_a_derivative_within_a_loss_trains():
    """A gradient penalty: the parameter's gradient through the gradient by the input."""
    w = Value(0.5)

    def model(x):
        return ag.tanh(w * x)

    slope = grad(model)(Value(2.0))
    (slope * slope).backward()
    t = math.tanh(1.0)
    s = 1.0 - t * t
    assert slope.data == pytest.approx(0.5 * s, rel=1e-15)
    assert w.grad == pytest.approx(2.0 * 0.5 * s * (s - 2.0 * 0.5 * 2.0 * t * s), rel=1e-13)


# What contributes nothing passes nothing on.


def _nested(f, n):
    for _ in range(n):
        f = grad(f)
    return f


POWERS = [
    (lambda x: x**0 * ag.exp(x), 3, 1.0),
    (lambda x: ag.exp(-(x**2)), 5, 0.0),
    (lambda x: ag.exp(-(x**2)), 6, -120.0),
    (lambda x: sum(c * x**k for k, c in enumerate([1.0, 2.0, 3.0])) ** 2, 3, 72.0),
    (lambda x: x**2 * ag.exp(x), 4, 12.0),
    (lambda x: x**3 * ag.cos(x), 5, -60.0),
    (lambda x: x**1 * ag.exp(x), 5, 5.0),
    (lambda x: ag.pow(x, 2.0) / (1.0 + x), 4, 24.0),
]


@pytest.mark.parametrize(("f", "order", "derivative"), POWERS)
@pytest.mark.parametrize("x", [0.0, -0.0, 5e-324, 1e-310, -1e-200, 1e-160])
def test_derivatives_of_whole_powers_near_0_beyond_their_exponent(f, order, derivative, x):
    """A row differentiated past x ** 0 has the partial 0 * x ** -1: the literal 0 stops it."""
    for found in (
        _nested(f, order)(x),
        _nested(f, order)(Value(x)).data,
        jvp(_nested(f, order - 1), [x], [1.0])[1],
        _nested(lambda y: jvp(f, [y], [1.0])[1], order - 1)(x),
        hvp(_nested(f, order - 2), [x], [1.0])[0],
        *([ag.jit(_nested(f, order))(x)] if x in (0.0, -1e-200) else []),
    ):
        assert found == pytest.approx(derivative, abs=1e-100)


STOPPED = [
    lambda x: ag.sqrt(x * 0.0),
    lambda x: ag.sqrt(0.0 * x),
    lambda x: ag.sqrt(x / math.inf),
    lambda x: ag.sqrt(ag.where(0.0, x, 0.0)),
    lambda x: ag.sqrt(ag.take([x, 0.0], 1.0)),
    lambda x: ag.sqrt(ag.scale(x, 0.0)),
    lambda x: ag.sqrt(ag.dot([x, 1.0], [0.0, 0.0])),
    lambda x: ag.sqrt(ag.prod([x, 0.0])),
    lambda x: ag.sqrt(ag.heaviside(-x)),
]


@pytest.mark.parametrize("f", STOPPED)
def test_a_partial_that_is_the_plain_number_0_stops_an_infinite_gradient_in_every_mode(f):
    x = Value(2.0)
    f(x).backward()
    assert x.grad == 0.0
    assert gradients(f(x), [x])[0].data == 0.0
    assert (grad(f)(2.0), grad(f)(x).data) == (0.0, 0.0)
    assert jvp(f, [2.0], [1.0])[1] == jvp(f, [x], [1.0])[1].data == 0.0
    assert vjp(f, 2.0)[1](1.0) == (0.0,)
    assert ag.jit(grad(f))(2.0) == 0.0


def test_a_value_that_happens_to_be_0_does_not_stop_an_infinite_gradient():
    for f in (lambda x, y: ag.sqrt(x * y), lambda x, y: ag.sqrt(ag.dot([x], [y]))):
        x, y = Value(2.0), Value(0.0)
        f(x, y).backward()
        assert math.isnan(x.grad)
        assert y.grad == math.inf
        assert [math.isnan(g.data) for g in gradients(f(x, y), [x, y])] == [True, False]
        assert math.isnan(grad(f, (0, 1))(2.0, 0.0)[0])
        assert grad(f)(2.0, 0.0) == 0.0, "here it is a plain number"


def test_forward_mode_stops_where_reverse_does_as_long_as_tangents_are_finite():
    """v - v is 0 whatever v is, but its infinite tangents are inf - inf: no rule can know."""
    for f, x in [(lambda x: ag.sqrt(x) * 0.0 + x, 0.0), (lambda x: x * 0.0 * ag.log(x), 1.0)]:
        assert jvp(f, [x], [1.0])[1] == grad(f)(x)

    def cancelled(x):
        v = ag.sqrt(x)
        return v - v

    assert grad(cancelled)(0.0) == 0.0
    assert math.isnan(jvp(cancelled, [0.0], [1.0])[1])
    assert jvp(cancelled, [1.0], [1.0])[1] == grad(cancelled)(1.0) == 0.0


def test_modes_differ_where_one_of_them_overflows_on_the_way():
    """The tangent is multiplied in one order, the gradient in the other."""

    def f(x):
        return x * 1e-300 * 1e200 * 1e200

    def g(x):
        return x * 1e200 * 1e200 * 1e-300

    assert (grad(f)(1.0), jvp(f, [1.0], [1.0])[1]) == (math.inf, f(1.0))
    assert (grad(g)(1.0), jvp(g, [1.0], [1.0])[1]) == (pytest.approx(1e100), math.inf)


def test_a_partial_of_0_stops_an_infinite_tangent():
    for given, b in [(1.0, Value(0.0)), (math.inf, Value(0.0)), (math.inf, 0.0)]:
        at = 0.0 if given == 1.0 else 4.0
        assert jvp(lambda u: ag.sqrt(u) * b, [at], [given])[1] == 0.0  # noqa: B023
        assert jvp(lambda u: (ag.sqrt(u) + 1.0) * b, [at], [given])[1] == 0.0  # noqa: B023
    assert jvp(lambda u: u * 2.0, [1.0], [math.inf])[1] == math.inf


@pytest.mark.parametrize("condition", [lambda x: x, lambda x: ag.sum([x, x]), lambda x: x**2])
@pytest.mark.parametrize("kept", [2.0, -math.inf, math.inf])
@pytest.mark.parametrize(
    "other", [lambda x: ag.softmax([math.nan, x])[0], lambda x: ag.exp(x) * math.nan]
)
def test_what_a_condition_hides_gives_no_nan_in_forward_over_reverse(condition, kept, other):
    """Plain numbers, Values and programs agree."""

    def f(x):
        return ag.where(condition(x), 3.0, other(x))

    def slopes(x):
        return jvp(grad(f), [x], [1.0])

    for run in (slopes, ag.jit(slopes)):
        for x in (kept, Value(kept)):
            assert [z.data if isinstance(z, Value) else z for z in run(x)] == [0.0, 0.0]


def test_a_tangent_that_stays_finite_is_multiplied_by_plain_products():
    """`scale` is for what may become infinite. It stands in no other graph."""
    for f, guarded in [(ag.sin, False), (ag.sqrt, True)]:
        used = set()

        def tangent(u):
            t = jvp(lambda v: f(v) * v, [u], [1.0])[1]  # noqa: B023
            used.update(v.op.name for v in topological_order(t))  # noqa: B023
            return t

        grad(tangent)(4.0)
        assert ("scale" in used) is guarded


@pytest.mark.parametrize(
    "f",
    [
        lambda u, b: ag.sqrt(u) * b,
        lambda u, b: -ag.sqrt(u) * b,
        lambda u, b: (ag.sqrt(u) + 1.0) * b,
        lambda u, b: ag.sum([ag.identity(-ag.sqrt(u))]) * b,
    ],
)
def test_a_recorded_tangent_that_becomes_infinite_is_stopped_by_a_zero_partial(f):
    """Recorded at (4, 1), where all is finite, and called at (0, 0)."""
    tangent = ag.jit(lambda a, b: jvp(lambda u: f(u, b), [a], [1.0])[1])
    assert tangent(4.0, 1.0) == jvp(lambda u: f(u, 1.0), [4.0], [1.0])[1] != 0.0
    assert tangent(0.0, 0.0) == 0.0
    assert math.isinf(tangent(0.0, 1.0))


BESIDE_AN_INFINITE_SLOPE = [  # a function of p and q, and where dz/dp is infinite
    (lambda p, q: ag.sqrt(p) + q**2, [0.0, 2.0]),
    (lambda p, q: ag.sqrt(3.0 * p) * q, [0.0, 2.0]),
    (lambda p, q: p**0.5 * q + q * q, [0.0, 2.0]),
    (lambda p, q: p**1.5 + q**2, [0.0, 2.0]),
    (lambda p, q: ag.asin(p - 1.0) + ag.cbrt(p) * q, [0.0, 2.0]),
    (lambda p, q: ag.sum([ag.sqrt(p), q, p * q]), [0.0, 2.0]),
    (lambda p, q: ag.dot([ag.sqrt(p), q], [q, p]), [0.0, 2.0]),
    (lambda p, q: ag.tanh(ag.sqrt(p) * q) + q, [0.0, 2.0]),
    (lambda p, q: 1.0 / (p + 1e-320) + q**3, [0.0, 2.0]),
]


@pytest.mark.parametrize("derivative", [lambda *a: jvp(*a)[1], hvp], ids=["jvp", "hvp"])
@pytest.mark.parametrize(("f", "at"), BESIDE_AN_INFINITE_SLOPE)
def test_a_direction_of_0_stands_still_whether_a_number_a_value_or_recorded(derivative, f, at):
    """An infinite slope times a tangent of 0 is no nan, for a Value as for a plain 0."""

    def numbers(found):
        parts = found if isinstance(found, (list, tuple)) else [found]
        return [g.data if isinstance(g, Value) else g for g in parts]

    recorded = ag.jit(lambda xs, ts: derivative(f, xs, ts))
    recorded([1.0, 2.0], [1.0, 1.0])
    for direction in ([0.0, 1.0], [0.0, -3.0], [0.0, 0.0]):
        plain = numbers(derivative(f, at, direction))
        assert not any(map(math.isnan, plain))
        assert numbers(derivative(f, at, [Value(t) for t in direction])) == plain
        assert numbers(recorded(at, direction)) == plain


def test_a_direction_of_0_can_be_differentiated():
    """The derivative along t is the gradient times t, so its slope in t is the gradient."""
    for f in (lambda p, q: ag.sqrt(p) + q**2, lambda p, q: ag.sqrt(4.0 * p) * q):
        along = grad(lambda ts: jvp(f, [0.0, 2.0], ts)[1])  # noqa: B023
        assert along([0.0, 1.0])[0] == grad(f)(0.0, 2.0) == math.inf
        assert ag.jit(along)([0.0, 1.0]) == along([0.0, 1.0])
    f = lambda p, q: ag.sin(p) * ag.exp(q)  # noqa: E731
    assert grad(lambda ts: jvp(f, [0.5, 2.0], ts)[1])([0.0, 0.0]) == list(grad(f, (0, 1))(0.5, 2.0))


def test_a_tangent_that_cancels_stops_no_infinite_slope():
    """A tangent of 0 says nothing where a direction is not 0: sqrt(p * p) has a kink at 0."""
    for f in (lambda p: ag.sqrt(p * p), lambda p: ag.asin(ag.cos(p))):
        assert math.isnan(grad(f)(0.0))
        assert math.isnan(jvp(f, [0.0], [1.0])[1])
        assert math.isnan(jvp(f, [0.0], [Value(1.0)])[1].data)
        assert math.isnan(ag.jit(lambda t: jvp(f, [0.0], [t])[1])(1.0))  # noqa: B023


def test_elu_and_leaky_relu_have_the_usual_slopes_unless_told():
    assert ag.elu(Value(-1.0)).data == math.expm1(-1.0)
    assert ag.elu(Value(-1.0), 0.5).data == 0.5 * math.expm1(-1.0)
    assert ag.leaky_relu(Value(-3.0)).data == 0.01 * -3.0
    assert ag.leaky_relu(Value(-3.0), 0.5).data == -1.5
