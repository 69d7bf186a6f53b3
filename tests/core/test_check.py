"""check_gradients bites and does not bark; detect_anomaly names the place."""

import linecache
import math
import random
import threading

import oracles
import pytest

import autograd as ag
import nn
from autograd import PRIMITIVES, Value, check_gradients, detect_anomaly, gradients, primitive
from autograd.errors import AnomalyError, ChainruleError, DataTypeError, GradientError

STEPS = ("sign", "heaviside", "floor", "ceil", "less", "greater", "equal", "stop_gradient")
# Differences need an interval: the order of sinc_slope is a whole number.
CHECKED = [op for op in PRIMITIVES.values() if op.name not in (*STEPS, "sinc_slope")]


@pytest.fixture
def row():
    """primitive(), its rows taken back afterwards."""
    before = set(PRIMITIVES)
    yield primitive
    for name in set(PRIMITIVES) - before:
        if hasattr(Value, name):
            delattr(Value, name)
        del PRIMITIVES[name]


@pytest.mark.parametrize("op", CHECKED, ids=[op.name for op in CHECKED])
def test_right_rows_pass(op):
    """At random points of all sizes: an alarm would be false, the rows are right."""
    rng = random.Random(op.name)
    checked = 0
    while checked < 4:
        xs = [
            rng.choice([rng.uniform(-3.0, 3.0), rng.choice([-1, 1]) * 10 ** rng.uniform(-4.0, 2.0)])
            for _ in range(op.arity or 3)
        ]
        if op.arity is None:
            f = op.function if not op.bilinear else lambda xs: ag.dot(xs, [*xs[1:], 2.0])
            f = (lambda xs: ag.take(xs, 1)) if op.name == "take" else f
        else:
            f = op.function
        if op.name != "take" and oracles.violates(op, xs):
            continue
        if op.name == "pow" and xs[0] < 0:
            continue  # the derivative by the exponent is nan
        checked += 1
        report = check_gradients(f, *([xs] if op.arity is None else xs))
        assert report.entries == len(xs) + len(xs) ** 2
        assert abs(report.derivative - report.difference) <= report.tolerance


def test_the_report_names_the_worst_entry():
    report = check_gradients(
        lambda tree, y: ag.sin(tree["w"][1]) * y + tree["w"][0], {"w": [1, 2.0]}, 3.0
    )
    assert report.entries == 3 + 9
    assert report.worst.startswith(("df/d(args[", "d2f/d(args["))
    assert "12 derivatives compared" in str(report)
    assert check_gradients(lambda x: x * x, 3.0, order=1).worst == "df/d(args[0])"
    assert check_gradients(lambda x: x.tanh(), Value(0.5)).entries == 2, (
        "Values will do, and their methods"
    )


@pytest.mark.parametrize(
    "error",
    [
        lambda p: -p,
        lambda p: 1.001 * p,
        lambda p: p + 1e-5,
        lambda p: 0.0 * p,
        lambda p: p * math.nan,
    ],
)
def test_a_wrong_primitive_is_caught(row, error):
    wrong = row("wrong", math.sin, lambda x, z: error(ag.cos(x)))
    with pytest.raises(GradientError, match=r"worst, df/d\(args\[0\]\['a'\]\[1\]\)") as caught:
        check_gradients(lambda p: wrong(p["a"][1]) * 2.0 + p["a"][0], {"a": [1.0, 0.5]}, order=1)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, ChainruleError)


def test_a_wrong_second_derivative_is_caught(row):
    half = row("half_wrong", math.sin, lambda x, z: ag.cos(ag.stop_gradient(x)))
    assert check_gradients(half, 0.5, order=1).entries == 1
    with pytest.raises(GradientError, match=r"worst, d2f/d\(args\[0\]\)d\(args\[0\]\), is 0\.0 "):
        check_gradients(half, 0.5)


def test_swapped_operands_are_caught(row):
    swapped = row(
        "swapped", lambda x, y: x * y * y, lambda x, y, z: 2.0 * x * y, lambda x, y, z: y * y
    )
    with pytest.raises(GradientError, match="partials"):
        check_gradients(swapped, 2.0, 3.0, order=1)


def test_kinks_and_edges_are_told():
    with pytest.raises(GradientError, match=r"by finite differences.*kink"):
        check_gradients(ag.relu, 0.0, order=1)
    for even in (
        ag.abs,
        lambda x: x * ag.abs(x),
        lambda x: ag.cbrt(x * x),
    ):  # where both sides agree by symmetry, though no derivative exists
        with pytest.raises(GradientError, match=r"do not settle|is infinite by the chain rule"):
            check_gradients(even, 0.0)
    assert check_gradients(lambda x: x**3 + ag.cosh(x), 0.0).entries == 2
    with pytest.raises(GradientError, match=r"both sides of args\[0\] = 0\.0"):
        check_gradients(ag.sqrt, 0.0)
    assert check_gradients(ag.log, 1e-6).entries == 2, "close to the edge the step is small"
    assert check_gradients(ag.exp, 709.0).entries == 2, "and close to overflow"
    assert check_gradients(ag.relu, 1e-4).derivative in (0.0, 1.0)


def test_relu_nets_give_no_false_alarm():
    rng = random.Random(0)
    weights = [[[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(3)] for _ in range(2)]

    def net(weights, x):
        for layer in weights:
            x = [ag.relu(ag.dot(row, x) + 0.1) for row in layer]
        return ag.sum(x)

    assert check_gradients(net, weights, [0.3, -0.2, 0.5], order=1).entries == 21


def test_values_that_the_function_reads_are_checked_too(row):
    w, b = Value(0.5), Value(-1.0)
    report = check_gradients(lambda x: ag.tanh(w * x + b) * w, 2.0, wrt=[w, b])
    assert report.entries == 3 + 9
    assert (w.data, b.data) == (0.5, -1.0)
    wrong = row("wrong", math.sin, lambda x, z: 1.001 * ag.cos(x))
    with pytest.raises(GradientError, match=r"worst, df/d\(wrt\[1\]\)"):
        check_gradients(lambda: w * wrong(b), order=1, wrt=[w, b])
    assert (w.data, b.data) == (0.5, -1.0), "also after an error"


def test_what_cannot_be_checked_is_refused():
    for wrong in (0, 3, "2"):
        with pytest.raises(
            ValueError if isinstance(wrong, int) else TypeError,
            match="order must be one of 1, 2, not",
        ):
            check_gradients(lambda x: x, 1.0, order=wrong)
    with pytest.raises(GradientError, match="neither args nor wrt hold a number"):
        check_gradients(lambda xs: 1.0, [])
    w = Value(1.0)
    for other in ([1.0], [w * 2.0], [w, w], (v for v in [w, 1.0])):
        with pytest.raises(DataTypeError, match="wrt takes leaf Values"):
            check_gradients(lambda: w * 1.0, wrt=other)
    for other in (w, 1.0, nn.Neuron(1)):
        with pytest.raises(
            DataTypeError,
            match=r"stands where a list is needed, also of one: check_gradients\(f, wrt=\[w, b\]\)",
        ):
            check_gradients(lambda: w * 1.0, wrt=other)
    with pytest.raises(DataTypeError, match="one number, this one returns a list"):
        check_gradients(lambda x: [x * x], 1.0)
    with pytest.raises(DataTypeError):
        check_gradients(lambda x, name: x, 1.0, "abc")
    with pytest.raises(DataTypeError, match="one number"):
        check_gradients(lambda x: [x, x], 1.0)
    with pytest.raises(ag.errors.DomainError):
        check_gradients(ag.log, -1.0)


# detect_anomaly.


def line_of(text):
    return next(i for i, line in enumerate(linecache.getlines(__file__), 1) if line.strip() == text)


def test_forward_anomalies_name_primitive_inputs_and_line():
    x = Value(800.0)
    with (
        detect_anomaly(),
        pytest.raises(
            AnomalyError, match=r"forward: exp\(800\.0\) gave inf at .*test_check\.py:\d+"
        ) as caught,
    ):
        ag.sin(ag.exp(x * 1.0))
    assert f"test_check.py:{line_of('ag.sin(ag.exp(x * 1.0))')}." in str(caught.value)
    assert isinstance(caught.value, ArithmeticError)
    assert ag.exp(x).data == math.inf, "outside there is no check"
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"sub\(inf, inf\) gave nan"):
        Value(math.inf) - Value(math.inf)


def test_backward_anomalies_name_the_node_that_passed_it_on():
    x = Value(0.0, "x")
    with detect_anomaly():
        y = ag.sqrt(x)
        z = y * 3.0
        with pytest.raises(AnomalyError) as caught:
            z.backward()
    text = str(caught.value)
    assert text.startswith("backward: sqrt(0.0), made at ")
    assert f"test_check.py:{line_of('y = ag.sqrt(x)')}," in text
    assert "label='x'" in text
    assert "local derivative inf times gradient 3.0" in text
    assert x.grad is ag.NOT_COMPUTED, "nothing was passed on"


@pytest.mark.parametrize(
    "derive",
    [
        lambda f, x: ag.grad(f)(x),
        lambda f, x: ag.grad(f)(Value(x)),
        lambda f, x: gradients(f(v := Value(x)), [v]),
    ],
)
def test_derivatives_of_functions_are_looked_at_too(derive):
    def f(x):
        return ag.sqrt(x) * 3.0

    with detect_anomaly():
        with pytest.raises(AnomalyError, match=r"backward: sqrt\(0\.0\), made at .*test_check\.py"):
            derive(f, 0.0)
        derive(f, 4.0)


def test_what_does_not_contribute_is_no_anomaly():
    with detect_anomaly():
        x = Value(0.0)
        y = ag.where(x > 0.0, ag.sqrt(x), 0.0) + x * 2.0
        y.backward()
        assert x.grad == 2.0
        assert [g.data for g in gradients(y, [x])] == [2.0]
        assert ag.grad(lambda x: ag.where(ag.greater(x, 0.0), ag.sqrt(x), 0.0))(0.0) == 0.0
        assert ag.hessian(lambda x: x**2.0)(0.0) == 2.0


def test_a_graph_from_before_has_no_line():
    y = ag.sqrt(Value(0.0))
    with detect_anomaly(), pytest.raises(AnomalyError, match="a line before detect_anomaly"):
        y.backward()


def test_an_old_nan_in_a_leaf_is_not_blamed_on_this_backward():
    x = Value(2.0)
    x.grad = math.nan
    with detect_anomaly():
        (x * x).backward()


HUGE = 1.7e308  # twice as much is beyond the floats


@pytest.mark.parametrize(
    "derive",
    [
        lambda f, x: f(x).backward(),
        lambda f, x: gradients(f(x), [x]),
        lambda f, x: ag.grad(f)(x.data),
        lambda f, x: ag.vjp(f, x.data)[1](1.0),
        lambda f, x: ag.grad(lambda x: ag.grad(f)(x))(x.data),
    ],
)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * HUGE + x * HUGE,
        lambda x: ag.sum([x * -HUGE, x * HUGE, x * HUGE]),
        lambda x: ag.dot([x, x], [HUGE, HUGE]),
        lambda x: (u := x * 1.0) * HUGE + u * HUGE,
        lambda x: (x * 1e150) * (HUGE / 1e150) + x * HUGE,
    ],
)
def test_a_sum_that_overflows_is_an_anomaly(derive, f):
    x = Value(1e-300, "x")
    x.grad = 2.0
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"sum is not|would pass inf") as e:
        derive(f, x)
    if "local derivative" in str(e.value):
        assert "times gradient inf" not in str(e.value), "the sum is named, not what follows it"
    assert x.grad == 2.0


def test_the_sum_in_a_leaf_is_named_with_what_the_leaf_had_before():
    x = Value(1e-300, "x")
    x.grad = HUGE
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"label='x'\) has the gradient inf"):
        (x * HUGE).backward()
    assert x.grad == HUGE
    with detect_anomaly(), pytest.raises(AnomalyError, match="began with it"):
        (x * 2.0).backward(math.inf)


@pytest.mark.parametrize(
    ("derive", "said"),
    [
        (
            lambda: ag.jvp(ag.sqrt, [0.0], [1.0]),
            r"sqrt\(0\.0\), made at .*test_check.* tangent inf",
        ),
        (lambda: ag.jvp(lambda x: [1.0, ag.sqrt(x) * 2.0], [0.0], [1.0]), r"mode: sqrt\(0\.0\)"),
        (lambda: ag.hvp(lambda x: x**1.5, [0.0], [1.0]), r"made at .*test_check\.py"),
        (lambda: ag.jvp(lambda x: x * HUGE + x * HUGE, [1e-300], [1.0]), r"mode: add\("),
        (lambda: ag.jvp(lambda x: x * 2.0, [1.0], [math.inf]), r"are 2\.0 \* inf\."),
        (lambda: ag.grad(lambda t: ag.jvp(ag.sqrt, [0.0], [t])[1])(2.0), "forward"),
    ],
)
def test_a_tangent_that_is_not_finite_is_an_anomaly(derive, said):
    with detect_anomaly(), pytest.raises(AnomalyError, match=said):
        derive()


def test_a_tangent_that_does_not_contribute_is_no_anomaly():
    with detect_anomaly():
        assert ag.jvp(lambda x: ag.where(x > 0.0, ag.sqrt(x), 0.0), [0.0], [1.0]) == (0.0, 0.0)
        assert ag.jvp(lambda x: ag.sqrt(x) * 0.0 + x, [0.0], [1.0]) == (0.0, 1.0)
        assert ag.jvp(lambda x: 3.0, [0.0], [1.0]) == (3.0, 0.0)


def test_a_node_of_a_rule_has_the_line_of_the_derivative():
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"power_slope.*made at .*test_check"):
        ag.hessian(lambda x: x**1.5)(0.0)


def test_anomalies_and_no_grad_nest():
    x = Value(800.0)
    with detect_anomaly(), ag.no_grad(), pytest.raises(AnomalyError):
        ag.exp(x)
    with ag.no_grad(), detect_anomaly(), pytest.raises(AnomalyError):
        ag.exp(x)


def test_anomalies_are_the_threads_own():
    found = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: found.append(ag.exp(Value(800.0)).data))
        thread.start()
        thread.join()
    assert found == [math.inf]


# A user's own row has everything that the built-in ones have.


def test_a_users_primitive_is_a_row_like_any_other(row):
    from autograd.errors import DomainError, PrimitiveError

    xlogx = row(
        "xlogx",
        lambda x: x * math.log(x) if x > 0.0 else 0.0 if x == 0.0 else math.nan,
        lambda x, z: ag.PRIMITIVES["log"].total(x) + 1.0,
        domain="x >= 0",
        kinks="-inf at x = 0",
        formula="x * log(x)",
        latex=r"{x} \ln {x}",
        singular=True,
    )
    x = Value(2.0)
    z = x.xlogx()
    assert (z.op, z.op.name, z.op.formula, z.parents) == (
        PRIMITIVES["xlogx"],
        "xlogx",
        "x * log(x)",
        (x,),
    )
    assert z.data == xlogx(2.0) == 2.0 * math.log(2.0)
    assert z.local_derivatives() == (math.log(2.0) + 1.0,)
    z.backward()
    assert x.grad == math.log(2.0) + 1.0
    assert ag.grad(xlogx)(2.0) == ag.jvp(xlogx, [2.0], [1.0])[1] == x.grad
    assert ag.hessian(xlogx)(2.0) == 0.5
    assert check_gradients(xlogx, 2.0).entries == 2
    with pytest.raises(DomainError, match=r"xlogx\(-1\.0\).*x >= 0"):
        xlogx(-1.0)
    assert math.isnan(xlogx(math.nan))
    assert ag.where(0.0, xlogx(Value(0.0)), 1.0).data == 1.0
    assert xlogx.__doc__ == "x * log(x), for x >= 0. -inf at x = 0."
    assert xlogx.primitive is PRIMITIVES["xlogx"]
    for wrong in ("xlogx", "exp", "not a name", "parents"):
        with pytest.raises(PrimitiveError):
            row(wrong, math.sin, lambda x, z: ag.cos(x))
    for partials in ((), (1.0,) * 4):
        with pytest.raises(PrimitiveError, match="partials"):
            row("other", math.sin, *partials)
    with pytest.raises(PrimitiveError):
        row("other", ag.sum, 1.0, listed=True)
    assert "other" not in PRIMITIVES


def test_the_partial_of_a_literal_is_not_evaluated(row):
    def never(*operands):
        raise AssertionError

    shift = row("shift", lambda x, y: x + y, 1.0, never)
    mix = row("mix", lambda x, y, w: x + y * w, lambda x, y, w, z: 1.0, never, never)
    x = Value(2.0)
    z = shift(mix(x, 3.0, 4.0), 5.0)
    z.backward()
    assert (z.data, x.grad, gradients(z, [x])[0].data) == (19.0, 1.0, 1.0)
    assert ag.jvp(lambda x: shift(x, 5.0), [2.0], [3.0]) == (7.0, 3.0)
    assert z.local_derivatives() == (1.0, None)


def test_users_primitives_of_other_shapes(row):
    fma = row("fma", lambda x, y, w: x * y + w, lambda x, y, w, z: y, lambda x, y, w, z: x, 1.0)
    assert ag.grad(fma, (0, 1, 2))(2.0, 3.0, 5.0) == (3.0, 2.0, 1.0)
    assert fma(2.0, 3.0, 5.0) == 11.0
    assert fma(Value(2.0), 3, 5).data == 11.0
    square_sum = row(
        "square_sum",
        lambda xs: math.fsum([x * x for x in xs]),
        lambda xs, z: [2.0 * x for x in xs],
        listed=True,
    )
    assert ag.hessian(square_sum)([1.0, 2.0]) == [[2.0, 0.0], [0.0, 2.0]]
    assert square_sum([3.0, 4.0]) == 25.0
    assert check_gradients(square_sum, [1.0, 2.0]).entries == 6
    below = row("below", lambda x, y: x - y, 1.0, -1.0)
    x = Value(3.0)
    (below(x, 1.0) + below(2, x)).backward()
    assert x.grad == 0.0


def test_a_report_is_a_sentence_and_a_table():
    report = check_gradients(lambda x: x * x, 3.0)
    assert repr(report) == str(report)
    assert "<td>2</td>" in report._repr_html_()
    assert '<th scope="row">trusted to</th>' in report._repr_html_()


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_not_finite_is_refused_and_ends(x):
    with pytest.raises(GradientError, match="no finite values on both sides"):
        check_gradients(lambda a: a * a, x)


@pytest.mark.parametrize(
    ("f", "x", "calls"),
    [(lambda x: x * x, 3.0, 6), (ag.sin, 0.7, 10), (ag.exp, 1.0, 10), (ag.sin, 0.0, 22)],
)
def test_steps_end_where_rounding_alone_is_above_what_is_in_doubt(f, x, calls):
    """At sin(0) = 0 the rounding error does not grow, and all ten steps are taken."""
    seen = []

    def counted(x):
        seen.append(x)
        return f(x)

    check_gradients(counted, x, order=1)
    assert len(seen) == calls


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.exp, 709.5),
        (ag.exp, 709.782),
        (ag.exp, -745.0),
        (ag.cosh, 710.0),
        (lambda a: a * a, 1.3e154),
        (lambda a: a + a, 8e307),
        (lambda a: a**3, 1e100),
        (ag.cbrt, 1e-90),
        (ag.log, 1e-150),
        (lambda a: a**-0.5, 1e-100),
        (lambda a: 1 / a, 1e-100),
        (lambda a: 1 / a, -1e-100),
        (ag.abs, 1e-300),
        (ag.sin, 1e8),
    ],
)
def test_derivatives_are_compared_at_numbers_of_any_size(f, x):
    assert check_gradients(f, x).entries == 2


@pytest.mark.parametrize("x", [1e-100, 1e100, 1e-9, 3.0])
def test_a_wrong_derivative_is_caught_at_numbers_of_any_size(row, x):
    wrong = row("wrong_inverse", lambda x: 1.0 / x, lambda x, z: -1.001 * z * z)
    with pytest.raises(GradientError, match="partials"):
        check_gradients(wrong, x, order=1)


@pytest.mark.parametrize(
    ("f", "x", "order"),
    [
        (lambda a: 1 / a, 1e-160, 1),
        (lambda a: 1 / a, 1e-309, 1),
        (lambda a: 1 / a, 1e-160, 2),
        (ag.log, 1e-300, 2),
        (ag.sqrt, 1e-300, 2),
        (lambda a: ag.exp(ag.exp(a)), 6.56, 1),
        (lambda a: a**3, 1e150, 1),
        (lambda a: a**2, -1e200, 2),
        (lambda a: a * 1.0, 1.7976931348623157e308, 1),
    ],
)
def test_what_overflows_is_no_kink(f, x, order):
    with pytest.raises(GradientError, match="infinite") as caught:
        check_gradients(f, x, order=order)
    assert "kink" not in str(caught.value)
