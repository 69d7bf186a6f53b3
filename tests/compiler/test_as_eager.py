"""A program does what the eager run does where bits are rare: at errors, in chance,
at zeros and infinities, and in what is called beside it.
"""

import functools
import pickle
import random
import re
import time

import pytest

import autograd
import nn
from autograd import (
    Value,
    dot,
    grad,
    gradients,
    hvp,
    jit,
    jvp,
    log,
    sample,
    sqrt,
    tanh,
)
from autograd.compiler import llvm, runner
from autograd.core.value import data_of
from autograd.errors import DomainError, PrimitiveError, RecordingError


@pytest.fixture(params=["python", "native"], autouse=True)
def back_end(request, monkeypatch):
    """Programs run as Python, or as native code from the first run."""
    if request.param == "python":
        monkeypatch.setattr(runner, "PATIENCE", float("inf"))
    elif llvm.available():
        monkeypatch.setattr(runner, "SMALL", 0)
    else:
        pytest.skip("llvmlite is not installed")


def outcome(f, *args):
    """What f returns, as text with all bits, or the kind of its error."""
    try:
        return repr(f(*args))
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        return next(
            kind.__name__
            for kind in (ZeroDivisionError, OverflowError, IndexError, TypeError, ValueError)
            if isinstance(error, kind)
        )


# At 0 an adjoint is infinite, and meets a partial of 0 of a derivative within f.
WEIGHT = Value(0.0)
STEEP = {
    "of an argument": lambda a: sqrt(grad(lambda u: tanh(u) * a)(a)),
    "of a list": lambda a: sqrt(grad(lambda us: tanh(us[0]) * us[1])([a, a])[0]),
    "of a parameter": lambda a: a * 0.0 + sqrt(grad(lambda u: tanh(u) * WEIGHT)(a)),
}
SLOPES = {
    "gradients": lambda f, v: gradients(f(v), [v])[0].data,
    "twice": lambda f, v: gradients(gradients(f(v), [v])[0] * 1.0, [v])[0].data,
    "grad": lambda f, v: grad(f)(v).data,
    "grad of a number": lambda f, v: grad(f)(v.data),
    "jvp": lambda f, v: jvp(f, [v], [1.0])[1].data,
    "hvp": lambda f, v: hvp(f, [v], [1.0])[0].data,
}


@pytest.mark.parametrize("name", STEEP)
@pytest.mark.parametrize("slope", SLOPES)
def test_an_infinite_slope_of_a_derivative_is_that_of_the_function(name, slope):
    f, derive = STEEP[name], SLOPES[slope]
    # a 0 may have the other sign
    assert repr(derive(jit(f), Value(0.0)) + 0.0) == repr(derive(f, Value(0.0)) + 0.0)


def test_backward_reaches_arguments_and_parameters_where_a_slope_is_infinite():
    found = []
    for wrap in (lambda f: f, jit):
        f = wrap(lambda xs, k: sqrt(grad(lambda u: tanh(u) * WEIGHT)(xs[0])) * xs[1] * k)
        xs = [Value(0.0), Value(2.0)]
        WEIGHT.grad = 0.0
        y = f(xs, 3.0)
        given = list(xs)
        xs[1] = Value(5.0)  # the list changes before backward
        y.backward()
        found.append(([x.grad for x in given], WEIGHT.grad))
    assert found[0] == found[1] == ([0.0, 0.0], float("inf"))


def test_the_graph_of_a_result_is_not_pickled_and_says_so():
    y = jit(lambda x: x * x)(Value(3.0))
    for x in (y, y + 1.0):
        with pytest.raises(PrimitiveError, match=r"program does not go along.*y\.detach"):
            pickle.dumps(x)
    assert pickle.loads(pickle.dumps(y.detach())).data == 9.0


def test_a_derivative_by_a_number_within_a_function_says_what_works_in_both():
    def by_a_leaf(x):
        v = Value(x)
        return gradients(v * v * v, [v])[0]

    with pytest.raises(RecordingError, match=r"take a derivative by it as grad\(lambda v"):
        jit(by_a_leaf)(3.0)

    def by_grad(x):
        return grad(lambda v: v * v * v)(x)

    assert jit(by_grad)(3.0) == by_grad(3.0) == 27.0


def train(how, schedule, batches):
    model = nn.MLP(1, [2, 1], seed=0)
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1), schedule=schedule)
    if how == "eager":
        return [step.eager(*batch)[0] for batch in batches]
    if how == "outputs":
        return [step.with_outputs(*batch)[0] for batch in batches]
    return step.run(batches) if how == "run" else [step(*batch) for batch in batches]


@pytest.mark.parametrize("how", ["step", "outputs", "run"])
def test_a_schedule_is_asked_once_for_each_step(how):
    """Also in the first step of each structure, and where many steps are run at once."""
    one, two = ([[1.0]], [2.0]), ([[1.0], [0.5]], [2.0, 1.0])
    batches = [one, two, one, two, two, two, *[one] * 5, two]
    found = []
    for way in ("eager", how):
        asked, rng = [], random.Random(0)

        def schedule(t, asked=asked, rng=rng):
            asked.append(t)
            return rng.uniform(0.5, 1.0)

        found.append((train(way, schedule, batches), asked))
    assert found[0] == found[1]
    assert found[0][1] == list(range(len(batches)))


class Congruential:
    """A source whose state no one can set back from outside."""

    def __init__(self):
        self.state = 1

    def draw(self):
        self.state = self.state * 16807 % 2147483647
        return self.state / 2147483647


def sources(seed):
    """Of every kind of source, one that draws, and one that tells where its generator stands."""
    own = random.Random(seed)
    random.seed(seed)
    found = {
        "a method": (own.random, own.random),
        "a function": (lambda: own.gauss(0.0, 1.0), own.random),
        "a default": (lambda r=own: r.random(), own.random),
        "the module": (random.random, random.random),
        "by the module": (lambda: random.uniform(0.0, 1.0), random.random),
        "no generator": (lambda: 0.5, lambda: 0.5),
    }
    try:
        import numpy as np
    except ImportError:
        return found
    np.random.seed(seed)
    new, old = np.random.default_rng(seed), np.random.RandomState(seed)
    return found | {
        "NumPy's generator": (new.random, new.random),
        "NumPy's old one": (lambda: old.rand(), old.rand),
        "NumPy's own": (lambda: np.random.rand(), np.random.rand),
    }


@pytest.mark.parametrize("name", sources(0))
def test_a_generator_stands_where_the_eager_run_leaves_it_after_an_error(name):
    found = []
    for wrap in (lambda f: f, jit):
        draw, look = sources(3)[name]

        def f(xs, draw=draw):
            z = sample(draw)
            for x in xs:
                z = z + log(x) * sample(draw)
            return z

        f = wrap(f)
        good, bad = [2.0, 3.0, 4.0], [2.0, -3.0, 4.0]
        found.append([*(outcome(f, xs) for xs in (bad, good, bad, good)), look()])
    assert found[0] == found[1]
    assert "ZeroDivisionError" in found[0]  # which a DomainError is, too


def test_a_source_without_a_generator_is_not_asked_again():
    draws = Congruential()
    f = jit(lambda x: log(x) * sample(draws.draw) * sample(time.time))
    f(2.0)
    before = draws.state
    with pytest.raises(DomainError):
        f(-2.0)
    state, draws.state = draws.state, before
    draws.draw()
    assert draws.state == state  # the program has drawn once


class Root(nn.Module):
    def __init__(self, rng):
        self.first, self.dropout = nn.Layer(2, 2, seed=0), nn.Dropout(0.5, rng=rng)
        self.last = nn.Layer(2, 1, seed=1)

    def forward(self, x):
        return self.last(self.dropout(self.first([sqrt(v) for v in x])))


def test_dropout_goes_on_as_in_the_eager_run_after_a_step_that_raises():
    found = []
    for how in ("eager", "step"):
        rng = random.Random(4)
        model = Root(rng)
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        run = (lambda *batch, step=step: step.eager(*batch)[0]) if how == "eager" else step
        rows = [[1.0, 2.0]], [[1.0, -2.0]], [[1.0, 2.0]], [[1.0, float("nan")]], [[1.0, 2.0]]
        found.append([*(outcome(run, X, [1.0]) for X in rows), rng.random()])
    assert found[0] == found[1]


# Each has the same bits or the same kind of error, on a number above and below.
COMPARISONS = """
x / (x > 3) | x / (x > 1) | (x > 3) / -1 | -(x > 3) * 1.0 | -(x > 3) * x | abs(x > 3) * -1.0
+(x > 3) * -1.0 | -(+(x > 3)) * 1.0 | ((x > 3) + (x > 1)) * -1 | -((x > 3) * (x > 1)) * 1.0
((x > 3) - (x > 4)) * -1.0 | (x > 3) * -1 * 1.0 | (x > 3) * -1.0 | -1.0 * (x > 3) | True + (x > 3)
(x > 1) + True | -(1 - (x > 1)) * 1.0 | (x > 1) - False | (x > 3) % -3 * 1.0 | (x > 3) % -3.0
x ** (x > 3) | (x > 3) ** x | 2 ** (x > 3) | -((x > 3) ** 2) * 1.0 | -(0 ** (x > 3)) * 1.0
(x > 3) ** -1 | sum([x > 1, x > 2, x > 3]) * x | total([x > 1, x > 2]) | total([x > 1, x])
total([-(x > 1), +(x > 2)]) | take([1.0, 2.0], x > 2) | take([1.0, 2.0], +(x > 2))
take([x > 1, 2.0], 0) | tanh(x > 1) | tanh(-(x > 3)) | where(x > 1, 2.0, x)
where(x > 1, x > 2, x) | where(-(x > 3), 1.0, 2.0) | dot([x > 1, 2.0], [1.0, x])
(x > 1) * W | W + (x > 1) | W * (x > 1) | (+(x > 1)) * W | (x > 1) * x * W | (x > 1) * (W * x)
(x > 1) > 0.5 | (x > 1) >= (x > 2) | ((x > 1) > 0.5) * -(x > 3) * 1.0 | log(x * (x > 3))
(x > 1) * grad(lambda u: u * u)(x) | (x > 1) * grad(lambda u: u * u * W)(x) | x > 1 | -(x > 3)
atan2(-(x > 3) * 1.0, -1.0) | log_softmax([x, 1.0, 2.0])[0]
1.0 if isinstance(x > 1, bool) else 2.0
1.0 if isinstance(-(x > 1), int) else 2.0 | 1.0 if isinstance(-(x > 1), float) else 2.0
1.0 if isinstance(-(x > 1), bool) else 2.0 | 1.0 if isinstance((x > 1) * x, float) else 2.0
"""
NAMES = {**vars(autograd), "W": Value(2.0), "total": autograd.sum, "sum": sum, "abs": abs}


def number(f):
    """f with a float as its result."""
    return lambda x: float(data_of(f(x)))


@pytest.mark.parametrize("text", re.split(r"\s*[|\n]\s*", COMPARISONS.strip()))
@pytest.mark.parametrize("given", [float, Value])
def test_a_comparison_is_a_bool_as_in_the_eager_run(text, given):
    if given is Value and "grad" in text:
        pytest.skip("beside a derivative a comparison is a number to Values, too")
    eager = eval(f"lambda x: {text}", NAMES)
    program = jit(eager)
    for x in (2.0, 3.5, -1.0, 0.0, 5.0):
        assert outcome(number(program), given(x)) == outcome(number(eager), given(x))


class Above(nn.Module):
    def __init__(self):
        self.layer = nn.Layer(1, 1, seed=0)

    def forward(self, x):
        return self.layer([log(x[0]) * (x[0] > 0.5) - (x[0] > 2) * 3.0])


def test_comparisons_of_a_batch_are_bools_as_in_the_eager_step():
    found = []
    for how in ("eager", "step"):
        model = Above()
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        run = (lambda *batch, step=step: step.eager(*batch)[0]) if how == "eager" else step
        made = [outcome(run, [[x], [1.5]], [1.0, 2.0]) for x in (1.0, 2.5, -1.0, 0.2)]
        with autograd.detect_anomaly():  # the step runs without its program
            made.append(outcome(run, [[3.0], [1.5]], [1.0, 2.0]))
        found.append((made, [p.data for p in model.parameters()]))
    assert found[0] == found[1]


DTYPES = [
    lambda np, a: np.nan_to_num(a).sum(),
    lambda np, a: a[0] * (2.0 if np.issubdtype(a.dtype, np.floating) else 3.0),
    lambda np, a: a[0] / (255.0 if a.dtype != float else 1.0),
    lambda np, a: a[0] * (2.0 if (a[1:] * 2.0).dtype.kind == "f" else 3.0),
]


@pytest.mark.parametrize("f", DTYPES)
@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
def test_what_asks_for_the_dtype_of_an_argument_is_refused(f, kind):
    np = pytest.importorskip("numpy")
    a = np.array([1.0, 2.0, 3.0], dtype=kind)
    with pytest.raises(RecordingError, match=r"the dtype of an array .*test_as_eager\.py"):
        jit(lambda a: f(np, a))(a)
    with pytest.raises(RecordingError, match="the dtype of an array"):
        jit(lambda rows: f(np, rows["a"][0]))({"a": [a]})


ARRAYS = [
    lambda np, a: a.sum() + a.reshape(-1, 1).sum() + a.T[0] + a.copy().sum(),
    lambda np, a: np.mean(a) + np.var(a) + np.average(a) + np.std(a),
    lambda np, a: a.real.sum() + (2.0 * a).real[1] + np.real(a)[0],
    lambda np, a: np.dot(a, a) + np.ones(3) @ a + np.einsum("i,i", a, a) + (a @ np.ones((3, 2)))[1],
    lambda np, a: np.exp(a).sum() + np.cumsum(a)[-1] + np.diff(a).sum() + np.linalg.norm(a),
    lambda np, a: (np.zeros_like(a) + a)[0] + np.concatenate([a, a]).sum() + np.outer(a, a).sum(),
    lambda np, a: autograd.sum(a) + dot(a, a) + float(a.size) + sum(a) + max(a.shape),
]


@pytest.mark.parametrize("f", ARRAYS)
def test_what_does_not_depend_on_the_dtype_is_recorded(f):
    np = pytest.importorskip("numpy")
    a = np.array([1.0, 2.5, -3.0])
    assert float(jit(lambda a: f(np, a))(a)) == pytest.approx(float(f(np, a)), rel=1e-14)


def test_an_array_of_values_is_one_of_objects_to_both():
    np = pytest.importorskip("numpy")

    def f(a):
        return a.sum() * (2.0 if a.dtype == object else 3.0)

    a = np.array([Value(1.0), Value(2.0)])
    assert jit(f)(a).data == f(a).data == 6.0


# Derivatives by w of derivatives by a list of numbers.
NESTED = {
    "dot": lambda z, w: dot(z, z) * w,
    "squares": lambda z, w: autograd.sum([u * u for u in z]) * w,
    "norm": lambda z, w: autograd.norm(z) * w,
    "net": lambda z, w: tanh(dot(z, [w * u for u in z])) * w,
    "softmax": lambda z, w: autograd.softmax([w * u for u in z])[0],
    "chain": lambda z, w: functools.reduce(lambda a, u: tanh(a * w + u), z, 0.5),
}


def slope_of_slopes(name, w, xs):
    return grad(lambda w: autograd.sum(grad(lambda z: NESTED[name](z, w))(xs)))(w)


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_a_derivative_of_a_derivative_has_the_same_bits_on_numbers_and_on_values(name, n):
    rng = random.Random(n)
    f = functools.partial(slope_of_slopes, name)
    program = jit(lambda w, xs: f(w, xs))
    for _ in range(30):
        w, xs = rng.gauss(0, 1), [rng.gauss(0, 1) for _ in range(n)]
        found = f(w, xs)
        assert f(Value(w), list(map(Value, xs))).data == found
        assert data_of(f(w, list(map(Value, xs)))) == found
        assert program(w, xs) == found
        assert program(Value(w), list(map(Value, xs))).data == found


def test_second_order_may_differ_in_last_bits_where_an_adjoint_is_0():
    """The eager run sees that w is 0, and adds in another order."""

    def f(w, b, xs):
        def inner(w):
            return autograd.sum(grad(lambda z: dot(z, z) * w)([w * b + u for u in xs]))

        return grad(inner)(w)

    rng, program = random.Random(0), jit(f)
    for w in (0.0, 0.7):
        for _ in range(50):
            xs = [rng.gauss(0, 1) for _ in range(3)]
            given = Value(w), Value(1.3), list(map(Value, xs))
            eager, replayed = f(*given).data, program(*given).data
            terms = 2.0 * sum(map(abs, xs)) + 4.0 * 1.3 * 3
            assert abs(eager - replayed) <= (1e-14 * terms if w == 0.0 else 0.0)
