"""jit: a program gives what the eager run gives, for every row, random graphs
and every composition of transformations.
"""

import builtins
import contextlib
import contextvars
import copy
import dataclasses
import datetime
import functools
import itertools
import json
import linecache
import math
import numbers
import os
import pickle
import random
import re
import secrets
import statistics
import sys
import threading
import time
import types
import uuid
from array import array
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

import autograd
import nn
from autograd import (
    PRIMITIVES,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    primitive,
    sample,
    value_and_grad,
    vjp,
    where,
)
from autograd.compiler import chance, gradient, llvm
from autograd.compiler.record import record
from autograd.compiler.source.text import Python
from autograd.core.value import data_of, literal
from autograd.errors import (
    ChainruleError,
    DataTypeError,
    DomainError,
    GraphError,
    IndexDomainError,
    LengthError,
    RecordingError,
    RecordingWarning,
)
from autograd.functional import leaves, rebuild

pytestmark = pytest.mark.usefixtures("backend")

POINTS = [
    -2.5,
    -1.0,
    -0.5,
    -0.0,
    0.0,
    0.25,
    0.5,
    1.0,
    1.5,
    3.0,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
]


def same(x, y):
    """Equal bits, any nan being any nan."""
    return (x != x and y != y) or (x == y and math.copysign(1.0, x) == math.copysign(1.0, y))


def equal(x, y):
    """Equal numbers. An eager run leaves out contributions of zero to a
    gradient, a program adds them: the sign of a zero can differ.
    """
    return (x != x and y != y) or x == y


def outcome(f, *args):
    """The numbers of f's results, or the type of its error."""
    try:
        return [z.data if isinstance(z, Value) else z for z in autograd.functional.leaves(f(*args))]
    except (DomainError, ArithmeticError) as error:
        return type(error)


def assert_same(f, g, *args, alike=same):
    one, other = outcome(f, *args), outcome(g, *args)
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        assert all(map(alike, one, other)), (args, one, other)
    else:
        assert one == other, args


def operands_of(op, rng):
    n = 4 if op.arity is None else op.arity
    points = [rng.choice(POINTS) for _ in range(n)]
    if op.name == "take":
        points[-1] = float(rng.randrange(4))
    return points


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_row_and_its_gradient(name):
    op = PRIMITIVES[name]
    rng = random.Random(name)

    def f(*xs):
        return op.function(xs) if op.arity is None else op.function(*xs)

    def with_gradient(*xs):
        z = f(*xs)
        return [z, *autograd.gradients(z, xs)]

    program, gradient = jit(f), jit(with_gradient)
    for _ in range(25):
        xs = operands_of(op, rng)
        assert_same(f, program, *xs)
        if all(math.isfinite(x) and abs(x) < 10 for x in xs):
            assert_same(with_gradient, gradient, *map(Value, xs), alike=equal)


def random_function(seed):
    """A function of three numbers: 40 operations on numbers that came before."""
    rng = random.Random(seed)
    smooth = [
        "add",
        "sub",
        "mul",
        "tanh",
        "sigmoid",
        "sin",
        "relu",
        "maximum",
        "where",
        "softplus",
        "dot",
        "sum",
        "mean",
        "logsumexp",
        "neg",
        "norm",
    ]
    steps = []
    for k in range(40):
        op = PRIMITIVES[rng.choice(smooth)]
        n = rng.choice([2, 4]) if op.arity is None else op.arity
        steps.append((op, [rng.randrange(k + 4) for _ in range(n)]))

    def f(x, y, w):
        values = [x, y, w, 0.5]
        for op, places in steps:
            xs = [values[i] for i in places]
            values.append(op.function(xs) if op.arity is None else op.function(*xs))
        return autograd.tanh(values[-1] + values[-2] * values[-3])

    return f


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs(seed):
    f = random_function(seed)
    program = jit(f)
    for k in range(3):
        args = [random.Random((seed, k, i).__hash__()).uniform(-2, 2) for i in range(3)]
        assert_same(f, program, *args)
        assert_same(
            value_and_grad(f, (0, 1, 2)), jit(value_and_grad(f, (0, 1, 2))), *args, alike=equal
        )
        eager, replayed = [Value(x) for x in args], [Value(x) for x in args]
        f(*eager).backward()
        program(*replayed).backward()
        assert [v.grad for v in eager] == pytest.approx(
            [v.grad for v in replayed], rel=1e-12, abs=1e-12
        )


def smooth(x, y):
    return autograd.exp(x * y) + autograd.sin(x) / y


def close(one, other):
    assert autograd.functional.leaves(one) == pytest.approx(
        autograd.functional.leaves(other), rel=1e-12
    )


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: grad(f, (0, 1)),
        lambda f: value_and_grad(f),
        lambda f: jacobian(lambda x, y: [f(x, y), x * f(y, x)], (0, 1)),
        lambda f: hessian(f),
        lambda f: hessian(f, (0, 1)),
        lambda f: grad(grad(f, 1)),
        lambda f: lambda x, y: jvp(f, (x, y), (1.0, 2.0)),
        lambda f: lambda x, y: [*vjp(f, x, y)[1](2.0)],
        lambda f: lambda x, y: hvp(f, (x, y), (1.0, -1.0)),
        lambda f: grad(lambda x, y: x * grad(f)(x, y)),
    ],
)
def test_transformations_compose(transform):
    expected = transform(smooth)(0.7, 1.3)
    close(transform(jit(smooth))(0.7, 1.3), expected)
    close(jit(transform(smooth))(0.7, 1.3), expected)
    close(jit(transform(jit(smooth)))(0.7, 1.3), expected)
    close(jit(jit(transform(smooth)))(0.7, 1.3), expected)


def test_gradient_by_hand_flows_to_arguments_and_captured_values():
    w, x = Value(3.0), Value(2.0)
    z = jit(lambda x: w * x * x)(x)
    assert set(z.parents) == {w, x}
    (z * 2.0).backward()
    assert (z.data, x.grad, w.grad) == (12.0, 24.0, 8.0)
    w.data = 5.0
    assert jit(lambda x: w * x * x)(x).data == 20.0


def test_several_results_are_nodes_of_their_own():
    x, y = Value(2.0), Value(3.0)
    result = jit(lambda x, y: {"product": x * y, "pair": (x, x + y)})(x, y)
    assert result["product"].data == 6.0
    assert isinstance(result["pair"], tuple)
    (result["product"] + result["pair"][1]).backward()
    assert (x.grad, y.grad) == (4.0, 3.0)


def test_modules_are_read_at_every_call():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    step = jit(lambda model, X, y: nn.mse([model(x) for x in X], y))
    X, y = [[0.5, -1.0], [2.0, 0.25]], [0.1, 0.2]
    for _ in range(2):
        model.zero_grad()
        loss = step(model, X, y)
        loss.backward()
        found = [p.grad for p in model.parameters()]
        model.zero_grad()
        nn.mse([model(x) for x in X], y).backward()
        assert found == [p.grad for p in model.parameters()]
        assert set(loss.parents) == set(model.parameters())
        for p in model.parameters():
            p.data = p.data - 0.1 * p.grad
    assert len(step.entries) == 1
    model.layers[0].neurons[0].b = Value(0.0)
    step(model, X, y)
    model.eval()
    step(model, X, y)
    assert len(step.entries) == 3


def test_methods_can_be_jitted():
    class Model(nn.Module):
        def __init__(self):
            self.w = Value(3.0)

        @jit
        def square(self, x):
            return self.w * x * x

    model = Model()
    assert model.square(2.0).data == 12.0
    model.w.data = 1.0
    assert model.square(2.0).data == 4.0


def test_a_long_recording_shows_progress(monkeypatch, capfd):
    pytest.importorskip("tqdm")
    monkeypatch.setattr("autograd.compiler.tape.REPORTED", 100)
    f = jit(lambda x: autograd.sum([autograd.sin(x + float(k)) for k in range(200)]))
    f(1.0)
    assert "recording: 800 operations" in capfd.readouterr().err


@pytest.mark.parametrize("lacks", ["stderr", "its writing", "threads", "tqdm"])
def test_a_recording_goes_on_where_no_progress_can_be_shown(monkeypatch, lacks):
    pytest.importorskip("tqdm")

    class Failing:
        encoding = "utf-8"

        def write(self, text):
            raise OSError("no space left")

        flush = write

    def start(*args, **options):
        raise RuntimeError("can't start new thread")

    if lacks == "threads":
        monkeypatch.setattr("threading.Thread.start", start)
    elif lacks == "tqdm":
        monkeypatch.setitem(sys.modules, "tqdm", None)
    else:
        monkeypatch.setattr(sys, "stderr", None if lacks == "stderr" else Failing())
    monkeypatch.setattr("autograd.compiler.tape.REPORTED", 100)
    f = jit(lambda x: autograd.sum([x * float(k) for k in range(200)]))
    assert f(2.0) == 39800.0


def test_numbers_alone_give_numbers():
    assert jit(lambda x, y: x * y + 1.0)(2, 3.0) == 7.0


def test_a_result_is_drawn_checked_and_explained_as_one_node():
    x = Value(2.0, "x")
    f = jit(lambda x: autograd.exp(x) * x)
    z = f(x)
    assert "jit" in autograd.draw(z).svg
    assert autograd.formula(z)
    autograd.check_gradients(f, 0.5)
    with autograd.detect_anomaly():
        f(x).backward()
    assert x.grad == pytest.approx(3.0 * math.exp(2.0), rel=1e-15)


def test_a_leaf_changed_after_the_call_is_noticed():
    x = Value(2.0)
    z = jit(lambda x: x * x)(x)
    x.data = 3.0
    with pytest.raises(autograd.errors.StaleValueError):
        z.backward()


def test_gradients_flow_through_a_derivative_by_a_number_as_by_a_value():
    """As in a loss that holds a net to a differential equation."""
    w = Value(0.5)

    def loss(x):
        return grad(lambda z: w * w * z * z)(x) * 3.0  # 6 w^2 x

    for f, x in ((loss, Value(2.0)), (jit(loss), Value(2.0)), (jit(loss), 2.0)):
        w.grad = 0.0
        found = f(x)
        found.backward()
        assert (found.data, w.grad) == (3.0, 12.0)
    assert type(loss(2.0)) is float


def test_no_grad_and_detach():
    x = Value(2.0)
    f = jit(lambda x: [x * x, x.detach() * x])
    with autograd.no_grad():
        assert [z.parents for z in f(x)] == [(), ()]
    f(x)[1].backward()
    assert x.grad == 2.0


def by_no_grad(x, w):
    with autograd.no_grad():
        y = autograd.tanh(x * w) + 1.0
    return [y * w, y * x + w]


def derived_through_no_grad(x, w):
    def f(u):
        with autograd.no_grad():
            y = u * u * w
        return y * u

    return [grad(f)(x), jvp(f, [x], [1.0])[1]]


def results_of_no_grad(x, w):
    with autograd.no_grad():
        ys = [x, w, w * x, 2.0 * x, x > 1.0]
    return [y * w for y in ys[:4]] + [where(ys[4], w, x)]


@pytest.mark.parametrize(
    "f",
    [by_no_grad, derived_through_no_grad, results_of_no_grad, autograd.no_grad()(by_no_grad)],
)
@pytest.mark.parametrize("given", [float, Value])
def test_no_grad_within_a_jitted_function_stops_gradients(f, given):
    found = []
    for g in (f, jit(f)):
        x, w = given(1.5), Value(3.0)
        results = g(x, w)
        for z in results:
            z.backward() if isinstance(z, Value) else None
        found.append(([data_of(z) for z in results], w.grad, getattr(x, "grad", 0.0)))
    assert found[0] == found[1]


@pytest.mark.parametrize("derive", [grad, lambda f: lambda x: jvp(f, [x], [1.0])])
def test_a_derivative_within_no_grad_is_refused_as_in_the_eager_run(derive):
    f = autograd.no_grad()(lambda x: derive(lambda u: u * u)(x))
    for g in (f, jit(f)):
        with pytest.raises(GraphError, match="within no_grad"):
            g(2.0)


@pytest.mark.parametrize("given", [float, Value, literal])
@pytest.mark.parametrize("tangent", [float, Value, literal])
def test_an_infinite_tangent_of_any_kind_stops_at_a_partial_of_0(given, tangent):
    """Also as an argument of a jitted function, which runs on literals where a number is nan."""

    def f(x, t):
        return jvp(lambda u: [autograd.expm1(u), autograd.minimum(u, 1.0) * 2.0], [x], [t])

    for x, t, slopes in [
        (-math.inf, -math.inf, [0.0, -math.inf]),
        (9.0, math.inf, [math.inf, 0.0]),
    ]:
        for g in (f, jit(f)):
            assert list(map(data_of, g(given(x), tangent(t))[1])) == slopes


def test_a_value_from_outside_that_is_returned_is_read_at_every_call():
    w = Value(2.0)
    interior = w * 3.0
    leaf, node, mixed = (
        jit(f) for f in (lambda x: w, lambda x: interior, lambda x: [x, w, 1.0, interior])
    )
    assert [leaf(1.0).data, node(1.0).data] == [2.0, 6.0]
    assert [z.data for z in mixed(5.0)] == [5.0, 2.0, 1.0, 6.0]
    node(1.0).backward()
    assert (w.grad, interior.grad) == (3.0, 1.0)
    assert [g.data for g in autograd.gradients(leaf(1.0), [w])] == [1.0]
    w.data = 7.0
    assert leaf(1.0).data == mixed(5.0)[1].data == 7.0
    assert node(1.0).data == interior.data == 6.0, "as the node itself, which is stale"
    for z in (node(1.0), interior):
        with pytest.raises(autograd.errors.StaleValueError):
            z.backward()


def test_a_module_may_return_its_parameter():
    class Constant(nn.Module):
        def __init__(self):
            self.w = Value(1.5)

        def forward(self, x):
            return self.w

    model = Constant()
    program = jit(model)
    assert program([1.0]).data == 1.5
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.25))
    assert step([[1.0]], [[2.5]]) == 1.0
    assert program([1.0]).data == model.w.data == 2.0


def test_captured_floats_are_burnt_in_and_inner_leaves_are_constants():
    rate = [2.0]
    f = jit(lambda x: Value(1.0) + x * rate[0])
    x = Value(3.0)
    assert f(x).data == 7.0
    assert f(x).parents == (x,)
    rate[0] = 10.0
    assert f(x).data == 7.0


def test_comparisons_and_indices_are_recorded():
    calls = []

    def f(values, i, x):
        calls.append(1)
        return autograd.take(values, i) + where(x <= 1.0, x, 0.0) + where(x > 1.0, 10.0, 0.0)

    g = jit(f)
    assert [g([1.0, 2.0, 3.0], i, x) for i, x in ((0, 1.0), (2, 3), (1, 0.5))] == [2.0, 13.0, 2.5]
    assert len(calls) == 1
    with pytest.raises(IndexDomainError):
        g([1.0, 2.0, 3.0], 3, 0.0)


def test_the_key_holds_structure_and_static_values():
    calls = []

    def f(xs, n, mode="a", flag=True):
        calls.append(1)
        return autograd.sum(xs) * n if mode == "a" and flag else xs[0] ** n

    g = jit(f, static=("n",))
    assert g([1.0, 2.0], 2) == 6.0
    assert g([3.0, 4.0], 2) == 14.0
    assert len(calls) == 1
    assert g([3.0, 4.0], 3) == 21.0
    assert g([3.0, 4.0, 5.0], 3) == 36.0
    assert g([3.0, 4.0], 3, mode="b") == 27.0
    assert g([3.0, 4.0], 3, flag=False) == 27.0
    assert g((3.0, 4.0), 3) == 21.0
    assert len(calls) == 6
    x = Value(2.0)
    h = jit(lambda x, y: x * y)
    h(x, Value(3.0)).backward()
    h(x, x).backward()
    assert (len(h.entries), x.grad) == (2, 7.0)


def test_many_recordings_warn():
    f = jit(lambda xs: autograd.sum(xs))
    for n in range(1, 32):
        f([1.0] * n)
    with pytest.warns(RecordingWarning, match="argument 0") as caught:
        f([1.0] * 32)
    assert caught[0].filename == __file__


@dataclasses.dataclass
class Point:
    x: float


REFUSED = {
    "bool": lambda x: x if x > 0 else -x,
    "and": lambda x: x and 1.0,
    "float": lambda x: float(x),
    "int": lambda x: [1.0, 2.0][int(x)],
    "a place": lambda x: [1.0, 2.0][x],
    "format": lambda x: f"{x:.2f}",
    "str": lambda x: x * float(len(str(x))),
    "print": lambda x: print(x),
    "repr": lambda x: x * float(len(repr(x))),
    "repr of a list": lambda x: x * float(len(f"{[x]}")),
    "==": lambda x: x if x == 2.0 else -x,
    "!= of itself": lambda x: x if x != x else -x,
    "== of results": lambda x: 1.0 if x * 2.0 == x + x else 2.0,
    "== in lists": lambda x: 1.0 if [x + 1.0] == [x + 1.0] else 2.0,
    "in": lambda x: 1.0 if x in [1.0, 2.0] else 2.0,
    "index": lambda x: float([x * 1.0, x].index(x)),
    "count": lambda x: float([x * 1.0, x].count(x)),
    "a key": lambda x: {2.0: 5.0}.get(x, 7.0),
    "a key of the result": lambda x: {x: 1.0},
    "a set": lambda x: float(len({x, 2.0})),
    "a counter": lambda x: float(len(Counter([x, x * 1.0]))),
    "a cache": lambda x: functools.lru_cache(abs)(x),
    "copy": lambda x: copy.copy(x) * 2.0,
    "deepcopy": lambda x: copy.deepcopy([x])[0] * 2.0,
    "pickle": lambda x: pickle.dumps(x),
    "grad": lambda x: x.grad,
    "setting grad": lambda x: setattr(x, "grad", 1.0),
    "setting data": lambda x: setattr(x, "data", 1.0),
    "setting a label": lambda x: setattr(x, "label", "x"),
    "a function of Python's own": lambda x: statistics.fmean([x, x]),
    "data": lambda x: x.data,
    "math": lambda x: math.exp(x),
    "round": lambda x: round(x),
    "backward": lambda x: (x * x).backward(),
    "a function that takes no Value": lambda x: json.dumps(x),
    "a dataclass's __eq__": lambda x: 1.0 if Point(x) == Point(2.0) else x,
    "a table of classes": lambda x: {float: 1.0}[type(x)],
    "None": lambda x: None,
    "text": lambda x: "x",
    "random": lambda x: x * random.random(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_line_and_remedy(name):
    program = jit(REFUSED[name])
    with pytest.raises(RecordingError) as caught:
        program(2.0)
    assert f"{__file__}:{REFUSED[name].__code__.co_firstlineno}" in str(caught.value)
    assert not program.entries
    assert not autograd.core.modes.active
    assert (Value(2.0) * 3.0).data == 6.0


@pytest.mark.parametrize("name", ["max", "sort", "argmax", "clip", "round", "isclose", "any"])
def test_what_numpy_cannot_do_names_the_line_that_calls_it(name):
    np = pytest.importorskip("numpy")
    function = getattr(np, name)

    def f(xs):
        return function(xs, *{"clip": (0.0, 1.0), "isclose": (1.0,)}.get(name, ()))

    with pytest.raises(
        RecordingError, match=f"{__file__}:{f.__code__.co_firstlineno + 1}, while jit records"
    ):
        jit(f)([3.0, 1.0])


def test_detect_anomaly_belongs_around_the_call():
    def f(x):
        with autograd.detect_anomaly():
            return x * 2.0

    with pytest.raises(RecordingError, match=r"put detect_anomaly\(\) around the call"):
        jit(f)(2.0)
    with autograd.detect_anomaly():
        assert jit(lambda x: x * 2.0)(2.0) == 4.0


def test_a_thread_that_the_function_starts_cannot_record():
    def f(x):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: x * 2.0).result()

    with pytest.raises(
        RecordingError, match=f"in a thread .* at {__file__}:{f.__code__.co_firstlineno + 2}"
    ):
        jit(f)(2.0)


def loops(x):
    while x < 10.0:
        x = x * 2.0
    return x


def loops_over_lines(x):
    while (
        x * 0.0  #
        < x - 1.0
    ):
        x = x / 2.0
    return x


def asserts(x):
    assert x > 0.0, "x is above 0"
    return x


def guards(x):
    match x:
        case y if y > 1.0:
            return y
    return x


@pytest.mark.parametrize(
    ("f", "what", "remedy"),
    [
        (loops, "while with a condition", "for k in range"),
        (loops_over_lines, "while with a condition", "for k in range"),
        (asserts, "assert with a condition", "check it outside"),
        (lambda x: autograd.sum([y for y in [x] if y > 0.0]), "a comprehension", "keep all"),
        (guards, "bool", "where"),
        (lambda x: 1.0 if x > 2.0 else x, "bool", "where"),
        (lambda x: x * (not x), "bool", "where"),
        (lambda x: builtins.max(x, 1.0), "bool", "maximum"),
        (eval("lambda x: x if x > 0.0 else -x"), "bool", "where"),
    ],
)
def test_a_condition_is_refused_in_the_words_of_its_statement(f, what, remedy):
    with pytest.raises(RecordingError, match=rf"^{what}.* known only at replay at .*{remedy}"):
        jit(f)(2.0)


def test_what_a_function_left_outside_says_so_where_it_is_used_later():
    kept = SimpleNamespace(z=None)
    w = Value(2.0)

    def f(x):
        kept.z = w * x
        return x * 3.0

    assert jit(f)(2.0).data == 6.0
    z = kept.z
    for use in (
        float,
        str,
        bool,
        lambda z: z.data,
        lambda z: z.grad,
        lambda z: z * 2.0,
        lambda z: z > 1.0,
        lambda z: z.backward(),
        lambda z: autograd.gradients(z, [w]),
        lambda z: autograd.sum([z, w]),
        lambda z: nn.mse([z], [1.0]),
        lambda z: jit(lambda y: y * 2.0)(z),
        jit(lambda y: z),
        jit(lambda y: y * z),
    ):
        with pytest.raises(RecordingError, match=rf"{__file__}:.* outside") as caught:
            use(z)
        assert "return it from the jitted function" in str(caught.value)
    assert copy.deepcopy(kept).z is copy.copy(z) is z


def test_a_plain_number_is_a_float_to_isinstance_as_in_the_eager_run():
    def by_kind(x):
        match x:
            case float():
                return x * 2.0
            case bool():
                return x * 3.0
            case list():
                return sum(map(by_kind, x))
        return x * 5.0

    w = Value(3.0)
    for f, args in [
        (by_kind, ([1.0, [2.0, 3.0]],)),
        (lambda x: by_kind(x * 2.0 + 1.0), (1.5,)),
        (lambda x: by_kind(x * w), (1.5,)),
        (lambda x: by_kind(x > 1.0), (1.5,)),
        (lambda x: x * 2.0 if isinstance(x, numbers.Real) else x, (1.5,)),
        (lambda x: x * 2.0 if isinstance(x, (int, float)) else x, (w,)),
        (lambda x: x * 2.0 if x.__class__ is float else x, (1.5,)),
        (lambda x: by_kind(sample(lambda: 2.0)) * x, (1.5,)),
        (grad(by_kind), (1.5,)),
    ]:
        found, expected = jit(f)(*args), f(*args)
        assert float(found) == float(expected)

    class Model(nn.Module):
        def __init__(self):
            self.layer = nn.Layer(1, 1, seed=0)

        def forward(self, x):
            return self.layer([by_kind(x[0])])

    models = Model(), Model()
    steps = [nn.train_step(m, nn.mse, nn.SGD(m.parameters(), lr=0.1)) for m in models]
    X, y = [[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]
    assert steps[0](X, y) == steps[1].eager(X, y)[0]
    assert [p.data for p in models[0].parameters()] == [p.data for p in models[1].parameters()]


def test_a_value_is_compared_and_kept_by_its_identity():
    """As in the eager run, where arguments that are plain numbers are compared as numbers."""

    def nodes(x):
        z, seen = x * x + x, set()
        left = [z]
        while left:
            v = left.pop()
            if v not in seen:
                seen.add(v)
                left += v.parents
        return z * float(len(seen))

    a, b = Value(1.0), Value(1.0)
    for f, args, expected in [
        (lambda x, y: 1.0 if x == y else 2.0, (a, b), 2.0),
        (lambda x, y: 1.0 if x == x else 2.0, (a, b), 1.0),
        (lambda x, y: {x: 1.0, y: 2.0}[y], (a, b), 2.0),
        (lambda x, y: float(len({x * y, x * y})), (a, b), 2.0),
        (lambda x: 1.0 if x is None or x == "a" else 2.0, (3.0,), 2.0),
        (nodes, (a,), 6.0),
    ]:
        for run in (f, jit(f)):
            z = run(*args)
            assert (z.data if isinstance(z, Value) else z) == expected
    with pytest.raises(RecordingError, match="hash of a number"):  # it met a node too many
        jit(grad(nodes))(2.0)


def test_a_value_that_is_passed_and_used_from_outside_keeps_its_whole_derivative():
    w, v = Value(3.0), Value(5.0)
    by_argument = jit(lambda a: autograd.gradients(a * w, [a])[0])
    by_outside = jit(lambda a: autograd.gradients(a * w, [w])[0])
    assert by_argument(v).data == 3.0
    assert by_outside(v).data == 5.0
    for f in (by_argument, by_outside, jit(by_argument.function), jit(by_outside.function)):
        with pytest.raises(RecordingError, match=r"Value\(data=3.0\) is an argument of .* lost"):
            f(w)  # the eager run gives 6
    model = nn.Layer(1, 1, seed=0)
    loss = lambda m, ps: autograd.gradients(nn.mse([m([2.0])], [1.0]), ps)  # noqa: E731
    for f, args in [
        (lambda ps: loss(model, ps), (model.parameters(),)),
        (loss, (model, model.parameters())),
    ]:
        with pytest.raises(RecordingError, match=r"take model.parameters\(\) in the function"):
            jit(f)(*args)
    expected = [g.data for g in loss(model, model.parameters())]
    for f, args in [
        (lambda m: loss(m, m.parameters()), (model,)),
        (lambda: loss(model, model.parameters()), ()),
    ]:
        assert [g.data for g in jit(f)(*args)] == expected
    alone = jit(lambda a: autograd.gradients(a * 2.0, [w])[0])
    assert alone(v).data == 0.0
    with pytest.raises(RecordingError, match=r"Value\(data=3.0\) is an argument of .* lost"):
        alone(w)  # the eager run gives 2
    # Where the derivative is taken outside, both are of the same node.
    jit(lambda a: a * w)(w).backward()
    assert w.grad == 6.0
    assert jit(lambda a: grad(lambda u: u * w)(a))(w).data == 3.0  # as in the eager run


def test_a_part_that_takes_the_place_of_one_that_is_gone_has_a_program_of_its_own():
    class Scale(nn.Module):
        def __init__(self, k):
            self.k = k

        def forward(self, x):
            return [self.k * xi for xi in x]

    model = nn.Sequential(nn.Layer(1, 1, seed=0), Scale(0.0))
    f = jit(lambda model, x: model(x)[0])
    for k in range(1, 20):  # the memory of the third is that of the first
        model.layers[1] = Scale(float(k))
        assert f(model, [1.0]).data == k * model.layers[0]([1.0])[0].data


def test_parts_and_parameters_that_stand_elsewhere_too_are_noticed():
    class Chain(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Layer(1, 1, seed=1), nn.Layer(1, 1, seed=2)
            self.order = [self.a, self.b]
            self.factors = [Value(2.0), Value(3.0)]
            self.last = self.factors[0]

        def forward(self, x):
            for part, factor in zip(self.order, [*self.factors, 5.0, 7.0], strict=False):
                x = [factor * xi for xi in part(x)]
            return x[0] * self.last

    model = Chain()
    f = jit(lambda model, x: model(x))
    for change in (
        lambda: None,
        lambda: model.order.reverse(),
        lambda: model.order.append(model.a),
        lambda: model.order.pop(0),
        lambda: setattr(model, "last", model.factors[1]),
        lambda: model.factors.append(model.last),
        lambda: setattr(model, "order", (model.b, model.b)),
    ):
        change()
        for _ in range(2):
            assert f(model, [0.5]).data == model([0.5]).data
    assert len(f.entries) == 7


def test_a_derivative_does_not_lose_what_leads_through_an_argument():
    """Of an argument a program does not know from what it was computed outside."""
    v, w = Value(1.5), Value(2.0)
    z = v * w
    by = autograd.gradients
    for f, args in [
        (lambda x, y: by(x * y, [x])[0], (v, z)),
        (lambda xs: by(xs[0] * xs[1], [xs[0]])[0], ([v, z * 2.0],)),
        (lambda x: by(x * z, [x])[0], (v,)),
        (lambda x: by(x * 2.0, [v])[0], (z,)),
        (lambda x: by(x * w, [w])[0], (z,)),
    ]:
        program = jit(f)
        with pytest.raises(RecordingError, match=rf"{__file__}:.* lost.*detach"):
            program(*args)
        leaves = [x.detach() if isinstance(x, Value) else [y.detach() for y in x] for x in args]
        if f.__code__.co_freevars != ("by", "z"):
            assert program(*leaves).data == f(*leaves).data
            with pytest.raises(RecordingError, match="lost"):
                program(*args)
    for f, x in [
        (lambda x, y: by(x * y, [y])[0], (v, z)),
        (lambda x: by(x * w, [x])[0], (z,)),
        (lambda x: by(x * z, [v])[0], (Value(3.0),)),
        (lambda x: grad(lambda t: t * w)(x), (z,)),
        (lambda x: x * w, (z,)),
    ]:
        assert jit(f)(*x).data == f(*x).data


def test_what_is_equal_and_not_the_same_has_a_program_of_its_own():
    told = lambda k, x: x * float(len(repr(k)))  # noqa: E731
    program = jit(told, static=["k"])
    for kinds in [(0.0, -0.0, 0, False), ((1,), (1.0,), (True,)), ((0.0, (1,)), (-0.0, (1,)))]:
        for k in [*kinds, *kinds, *[frozenset([x]) for x in kinds]]:
            assert program(k, 3.0) == told(k, 3.0)
    keys = lambda d: [x * float(len(repr(k))) for k, x in d.items()]  # noqa: E731
    program = jit(keys)
    for k in (0.0, -0.0, 0, False, 1, 1.0, True, (1,), (1.0,), "1"):
        assert program({k: 2.0, "x": 3.0}) == keys({k: 2.0, "x": 3.0})
    program = jit(lambda n, x: x * n, static=["n"])
    program(math.nan, 1.0)
    program(-math.nan, 1.0)
    assert len(program.entries) == 1


def test_keywords_keep_their_order():
    def f(**xs):
        return {name: x * float(k) for k, (name, x) in enumerate(xs.items(), 1)}

    program = jit(f)
    for xs in ({"b": 2.0, "a": 3.0}, {"a": 2.0, "b": 3.0}, {"b": 5.0, "a": 7.0}):
        assert list(program(**xs).items()) == list(f(**xs).items())
        p, x = program.numbers(**xs)
        names = {}
        exec(program.source(**xs), names)
        assert names["program"](p, x) == list(f(**xs).values())


CALLS = 1000


class Counts:
    def __init__(self):
        self.n = 0

    def __call__(self, x):
        self.n += 1
        return x * float(self.n)


def test_what_counts_the_calls_of_a_function_is_refused():
    count, numbered, flags = [0], itertools.count(), {}
    letters, squares = iter("aab"), (float(k * k) for k in range(9))
    queue, first = deque([1.0, 2.0, 3.0]), True

    def in_a_list(x):
        count[0] += 1
        return x * float(count[0])

    def in_a_global(x):
        global CALLS
        CALLS += 1
        return x * float(CALLS)

    def by_a_flag(x):
        nonlocal first
        x = x * 2.0 if first else x
        first = False
        return x

    def once(x):
        x = x if "done" in flags else x * 2.0
        flags["done"] = True
        return x

    for f, name in [
        (in_a_list, "element 0 of a list"),
        (in_a_global, "CALLS"),
        (by_a_flag, "first"),
        (once, "the element 'done' of a dict"),
        (Counts(), "n of a Counts"),
        (lambda x: x * queue.popleft(), "element 0 of a deque"),
        (lambda x: x * float(next(numbered)), "an iterator from outside"),
        (lambda x: x * next(squares), "an iterator from outside"),
    ]:
        with pytest.raises(RecordingError, match=f"^{name} was changed by .* as an argument"):
            jit(f)(1.0)
    assert (count, CALLS, first, flags, [*queue]) == ([0], 1000, True, {}, [1.0, 2.0, 3.0])

    def only_counts(x):
        count[0] += 1
        next(letters)
        return x * 2.0

    program = jit(only_counts)
    assert [program(x) for x in (1.0, 2.0)] == [2.0, 4.0]
    assert count == [1]


@pytest.mark.parametrize("after", [2, 3, 8])
def test_a_count_that_matters_after_some_calls_is_refused(after):
    keeps, seen = SimpleNamespace(n=0), [0]

    def in_an_attribute(x):
        keeps.n += 1
        return x * 2.0 if keeps.n % (after + 1) == 0 else x

    def in_a_list(x):
        seen[0] += 1
        return x if seen[0] <= after else x * 2.0

    for f in (in_an_attribute, in_a_list):
        with pytest.raises(RecordingError, match=r"was changed by .* next call"):
            jit(f)(1.0)
    assert (keeps.n, seen) == (0, [0])


class BuiltAtFirst(nn.Module):
    """A part of a model that makes its weights when it is first used."""

    w = None

    def forward(self, xs):
        if self.w is None:
            self.w = [Value(0.5 + k) for k in range(len(xs))]
        return autograd.dot(self.w, xs) * self.w[0] + 1.0


class BuiltByNeed(BuiltAtFirst):
    @functools.cached_property
    def w(self):
        return [Value(0.5), Value(1.5)]


class WithLayer(nn.Module):
    def __init__(self):
        self.layer = None

    def forward(self, xs):
        if self.layer is None:
            self.layer = nn.Layer(len(xs), 1, "tanh", seed=1)
        return self.layer(xs)[0]


class BuiltInSlots:
    __slots__ = ("w",)

    def __call__(self, xs):
        if not hasattr(self, "w"):
            self.w = [Value(0.5), Value(1.5)]
        return autograd.dot(self.w, xs)


@pytest.mark.parametrize("make", [BuiltAtFirst, BuiltByNeed, WithLayer, BuiltInSlots])
def test_a_part_that_is_built_at_the_first_call_is_kept(make):
    model, other = make(), make()
    for f in (jit(lambda xs: model(xs)), jit(lambda m, xs: m(xs), static=["m"])):
        given = (model,) if f.given else ()
        for xs in ([1.0, 2.0], [3.0, -1.0]):
            assert f(*given, xs).data == other(xs).data
            weights = [m.layer.parameters() if make is WithLayer else m.w for m in (model, other)]
            f(*given, xs).backward()
            other(xs).backward()
            assert [w.grad for w in weights[0]] == [w.grad for w in weights[1]]
            for ws in weights:
                ws[0].data += 0.25


def test_a_part_that_is_built_at_the_first_call_but_used_at_the_second_is_refused():
    kept = {}

    def f(x):
        if "w" not in kept:
            kept["w"] = Value(2.0)
            return x * 1.0
        return x * kept["w"]

    with pytest.raises(RecordingError, match="element 'w' of a dict was changed"):
        jit(f)(3.0)


class CalledAtLine:
    def __call__(self, x):
        return None


def test_an_object_that_is_called_is_named_by_the_line_of_its_call():
    line = CalledAtLine.__call__.__code__.co_firstlineno
    for f in (CalledAtLine(), functools.partial(CalledAtLine())):
        with pytest.raises(RecordingError, match=f"{__file__}:{line}"):
            jit(f)(1.0)


STATE = 0.0


class Remembers(nn.Module):
    """A recurrent part that keeps its state in itself."""

    def __init__(self, h):
        self.w, self.h = Value(0.5), h

    def forward(self, x):
        self.h = self.w * x[0] + self.h
        return [self.h]


class Begins(Remembers):
    """The same, which begins anew for every row."""

    def __init__(self):
        super().__init__(0.0)

    def forward(self, x):
        self.h = 0.0
        for a in x:
            z = super().forward([a])
        return z


def test_what_a_function_leaves_for_its_next_call_is_refused():
    rows, by_name, last = [], {}, deque([0.0, 0.0], maxlen=2)
    seen = SimpleNamespace(before=None)

    def appends(x):
        rows.append(x)
        return sum(rows)

    def inserts(x):
        last.appendleft(x)
        return last[0] + last[1]

    def adds_a_key(x):
        before = by_name.get("x", 0.0)
        by_name["x"] = x
        return x - before

    def sets_an_attribute(x):
        before = seen.before
        seen.before = x
        return x if before is None else x - before

    def adds_an_attribute(x):
        before = getattr(seen, "x", 0.0)
        seen.x = x
        return x - before

    def fills_its_default(x, rows=[]):  # noqa: B006
        rows.append(x)
        return rows[0] * x

    for f, name in [
        (appends, "element 0 of a list"),
        (inserts, "element 0 of a deque"),
        (adds_a_key, "the element 'x' of a dict"),
        (sets_an_attribute, "before of a SimpleNamespace"),
        (adds_an_attribute, "x of a SimpleNamespace"),
        (fills_its_default, "element 0 of a list"),
    ]:
        with pytest.raises(RecordingError, match=f"{name} was changed by"):
            jit(f)(1.0)
    assert (rows, by_name, [*last], vars(seen)) == ([], {}, [0.0, 0.0], {"before": None})
    assert fills_its_default.__defaults__ == ([],)

    def only_writes(x):
        written.append(x)
        return written[-1] * 2.0

    written = []
    program = jit(only_writes)
    assert [program(x) for x in (1.0, 2.0)] == [2.0, 4.0]
    assert len(written) == 1


def test_state_that_a_function_keeps_is_refused():
    """A replay would begin with the first state again."""
    state, by_name, h = [0.0], {"h": Value(0.0)}, 0.0

    def in_a_list(x):
        state[0] = state[0] * 0.5 + x
        return state[0]

    def in_a_dict(x):
        by_name["h"] = by_name["h"] * 0.5 + x
        return by_name["h"]

    def in_a_cell(x):
        nonlocal h
        h = h * 0.5 + x
        return h

    def in_a_global(x):
        global STATE
        STATE = STATE * 0.5 + x
        return STATE

    for f, name in [
        (in_a_list, "element 0 of a list"),
        (in_a_dict, "the element 'h' of a dict"),
        (in_a_cell, "h"),
        (in_a_global, "STATE"),
    ]:
        with pytest.raises(RecordingError, match=f"{name} was changed by"):
            jit(f)(1.0)
    for first in (0.0, Value(0.0)):
        model = Remembers(first)
        with pytest.raises(
            RecordingError, match=r"h of a Remembers was changed .* return the new one"
        ):
            jit(lambda model, x: model([x])[0])(model, 1.0)
        model = Remembers(first)
        step = nn.train_step(model, nn.mse, nn.SGD([model.w], lr=0.1))
        with pytest.raises(RecordingError, match="h of a Remembers was changed"):
            step([[1.0]], [0.0])
        assert model([1.0])[0].data == 0.5
    assert (state, type(by_name["h"]), in_a_cell(1.0), STATE) == ([0.0], Value, 1.0, 0.0)

    def refused_after_that(x):
        state[0] = state[0] + x
        return float(x)

    with pytest.raises(RecordingError, match="float"):
        jit(refused_after_that)(1.0)
    assert state == [0.0]


def echo():
    h = 0.0
    while True:
        h = h * 0.5 + (yield h)


PREVIOUS = None


def test_a_slot_that_a_property_hides_is_left_alone():
    shown, calls = Hides([]), []

    def f(x):
        calls.append(shown.name)
        return x * 2.0

    assert jit(f)(3.0) == 6.0


def test_state_is_found_wherever_it_is_kept():
    """In a tuple, list or dict of a part, a slot, a class, an array, a generator, a cache."""

    class Holds:
        __slots__ = ("h",)
        of_all = 0.0

    array = pytest.importorskip("numpy").zeros(1, object)
    part, slots, long, by_name, sent = SimpleNamespace(h=(0.0,)), Holds(), [0.0] * 200, {}, echo()
    slots.h, last = 0.0, None
    next(sent)

    def in_a_tuple(x):
        part.h = (part.h[0] * 0.5 + x,)
        return part.h[0]

    def in_a_list(x):
        part.h = [part.h[0] * 0.5 + x]
        return part.h[0]

    def in_a_list_of_a_dict(x):
        by_name.setdefault("h", []).append(x)
        return sum(by_name["h"])

    def in_a_slot(x):
        slots.h = slots.h * 0.5 + x
        return slots.h

    def in_a_class(x):
        Holds.of_all = Holds.of_all * 0.5 + x
        return Holds.of_all

    def in_an_array(x):
        array[0] = array[0] * 0.5 + x
        return array[0]

    def in_a_long_list(x):
        long[7] = long[7] * 0.5 + x
        return long[7]

    def in_itself(x):
        in_itself.h = getattr(in_itself, "h", 0.0) * 0.5 + x
        return in_itself.h

    def in_a_cell(x):
        nonlocal last
        before, last = last, x
        return x if before is None else x - before

    def in_a_global(x):
        global PREVIOUS
        before, PREVIOUS = PREVIOUS, x
        return x if before is None else x - before

    for f, named in [
        (in_a_tuple, "h of a SimpleNamespace was changed"),
        (in_a_list, "h of a SimpleNamespace was changed"),
        (in_a_list_of_a_dict, "the element 'h' of a dict was changed"),
        (in_a_slot, "h of a Holds was changed"),
        (in_a_class, "of_all of the class Holds was changed"),
        (in_an_array, "a cache, a slot, a class or the like was changed"),
        (in_a_long_list, "a cache, a slot, a class or the like was changed"),
        (sent.send, "an iterator from outside was changed"),
        (in_itself, "h of in_itself was changed"),
        (in_a_cell, "last was changed"),
        (in_a_global, "PREVIOUS was changed"),
    ]:
        with pytest.raises(RecordingError, match=named):
            jit(f)(1.0)
    assert (part.h, by_name, last, vars(in_itself)) == ((0.0,), {}, None, {})
    assert (PREVIOUS, slots.h, Holds.of_all) == (None, 0.0, 0.0)


class Numbered:
    """It counts calls wherever a class can."""

    __slots__ = ("n",)
    of_all = 0

    def __init__(self):
        self.n = 0

    def in_a_slot(self, x):
        self.n += 1
        return x * float(self.n)

    @classmethod
    def in_the_class(cls, x):
        cls.of_all += 1
        return x * float(cls.of_all)

    @staticmethod
    def by_its_name(x):
        Numbered.of_all += 1
        return x * float(Numbered.of_all)

    @property
    def next_one(self):
        Numbered.of_all += 1
        return float(Numbered.of_all)

    def of_the_module(self, x):
        global CALLS
        CALLS += 1
        return x * float(CALLS)


class CountsRows(nn.Module):
    """A part that counts in its class, and draws by a generator of the module."""

    n = 0

    def __init__(self, draws):
        self.w, self.draws = Value(2.0), draws

    def forward(self, x):
        CountsRows.n += not self.draws
        return [self.w * x[0] * (GENERATOR.random() if self.draws else float(self.n))]


@pytest.mark.parametrize("length", [1, 1200])
def test_a_count_that_involves_no_value_is_found_wherever_it_is_kept(length):
    """In programs of any length: in a slot, a class, a set, an array, what a method names."""
    numbered, one_of_a_set, numbers = Numbered(), {0}, array("d", [0.0])
    letters, mixed = bytearray(b"a"), [1.0, [0]]

    def in_a_set(x):
        one_of_a_set.add(len(one_of_a_set))
        return x * float(len(one_of_a_set))

    def in_an_array(x):
        numbers[0] += 1
        return x * numbers[0]

    def in_bytes(x):
        letters.append(1)
        return x * float(len(letters))

    def in_a_mixed_list(x):
        mixed[1][0] += 1
        return x * float(mixed[1][0])

    for f in (
        numbered.in_a_slot,
        lambda x: numbered.in_a_slot(x),
        Numbered.in_the_class,
        lambda x: Numbered.by_its_name(x),
        lambda x: numbered.of_the_module(x),
        lambda x: Numbered().of_the_module(x),
        lambda x: x * numbered.next_one,
        in_a_set,
        in_an_array,
        in_bytes,
        in_a_mixed_list,
    ):
        with pytest.raises(RecordingError, match="was changed by the function that begins at"):
            jit(lambda x, f=f: sum([f(x)] + [x * 1.0] * length), static=("f",))(1.0)
    for draws, what in ((False, "n of the class CountsRows"), (True, "a number from a generator")):
        model = CountsRows(draws)
        with pytest.raises(RecordingError, match=what):
            jit(lambda x, m=model: sum(m([x]) + [x * 1.0] * length), static=("m",))(1.0)
    assert (numbered.n, Numbered.of_all, CALLS, CountsRows.n) == (0, 0, 1000, 0)
    assert (one_of_a_set, numbers[0], letters, mixed) == ({0}, 0.0, b"a", [1.0, [0]])


CHANGES = {
    "os.urandom": lambda: os.urandom(8)[0] + 256.0 * os.urandom(8)[1],
    "secrets": lambda: secrets.randbelow(10**9),
    "a choice of secrets": lambda: secrets.choice([2.0, 3.0, 5.0]),
    "uuid": lambda: uuid.uuid4().int,
    "SystemRandom": lambda: random.SystemRandom().random(),
    "an unseeded Random": lambda: random.Random().random(),
    "a clock": lambda: time.perf_counter_ns() % 10**9,
    "the date": lambda: datetime.datetime.now().microsecond,
    "eval": lambda: eval("GENERATOR.random()"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_by_itself_is_refused_where_it_enters(name):
    source = CHANGES[name]

    def f(x):
        unused = source()
        y = x * 2.0
        return y * source() if unused else y

    with pytest.raises(
        RecordingError, match=rf"{__file__}:{f.__code__.co_firstlineno + 3}, .*sample\(time.time\)"
    ):
        jit(f)(1.0)
    assert jit(lambda x: x * 2.0 + 0.0 * len([source()]))(1.0) == 2.0  # it enters no number
    assert jit(lambda x: x * sample(lambda: 3.0))(1.0) == 3.0


def test_what_another_thread_leaves_meanwhile_is_kept():
    found, runs = [], contextvars.ContextVar("runs", default=0)

    def f(x):
        if runs.get() == 1:  # it is recorded for the second time
            thread = threading.Thread(target=lambda: found.append("by another thread"))
            thread.start()
            thread.join()
        runs.set(runs.get() + 1)
        return x * 2.0

    assert jit(f)(1.0) == 2.0
    assert (runs.get(), found) == (2, ["by another thread"])


def test_an_unseeded_generator_of_numpy_is_refused():
    numpy = pytest.importorskip("numpy")
    for f in (
        lambda x: x * numpy.random.default_rng().random(),
        lambda x: x * numpy.random.RandomState().random_sample(),
    ):
        with pytest.raises(RecordingError, match="computes something else when it runs again"):
            jit(f)(2.0)
    assert jit(lambda x: x * numpy.random.default_rng(0).random())(1.0) < 1.0
    assert jit(lambda x: x * random.Random(0).random())(1.0) == random.Random(0).random()


def test_state_that_every_call_begins_anew_is_allowed():
    state, part, counted, memo = {"h": 0.0}, SimpleNamespace(h=0.0, c=(0.0, 0.0)), Counter(), {}

    def f(xs):
        counted["calls"] += 1
        scales = memo.setdefault(len(xs), [0.5] * len(xs))
        state["h"] = part.h = 0.0
        part.c = 0.0, 0.0
        for x, scale in zip(xs, scales, strict=True):
            state["h"] = state["h"] * scale + x
            part.h = part.h + state["h"]
            part.c = part.c[1], part.h
        return part.c[0] + part.c[1]

    program = jit(f)
    for xs in ([1.0, 2.0], [3.0, 5.0], [4.0]):
        assert program(xs) == f(xs)
    step, eager = [
        nn.train_step(model, nn.mse, nn.SGD([model.w], lr=0.1)) for model in (Begins(), Begins())
    ]
    for _ in range(2):
        assert step([[1.0, 3.0]], [1.0]) == eager.eager([[1.0, 3.0]], [1.0])[0]
    assert "program" in step.source([[1.0, 3.0]], [1.0])


def reversed_in_place(xs):
    xs.reverse()
    return xs[0] * 1.0


def counted(d):
    d["n"] = d["n"] + 1.0
    return d["n"] * 1.0


def halved(rows):
    rows[0][0] = rows[0][0] / 2.0
    return rows[0][0]


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (reversed_in_place, [1.0, 2.0]),
        (lambda xs: xs.pop(), [1.0, 2.0]),
        (lambda xs: xs.append(1.0) or sum(xs), [1.0]),
        (counted, {"n": 1.0}),
        (lambda d: d.setdefault("m", d["n"]) * 1.0, {"n": 1.0}),
        (halved, [[1.0]]),
    ],
)
def test_a_function_that_changes_its_arguments_is_refused(f, x):
    """A replay would not change them, as the eager run does."""
    kept = copy.deepcopy(x)
    line = f.__code__.co_firstlineno
    with pytest.raises(RecordingError, match=rf"test_jit.py:{line} changed a list, a dict or"):
        jit(f)(x)
    assert x == kept
    assert jit(lambda x: f(copy.copy(x)) if f is not halved else x[0][0])(kept) is not None


def test_a_model_that_changes_its_row_is_refused():
    class Shifts(nn.Module):
        def __init__(self):
            self.layer = nn.Layer(1, 1, seed=0)

        def forward(self, x):
            x[0] = x[0] - 1.0
            return self.layer(x)

    model = Shifts()
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(RecordingError, match=r"^the model, the loss or the penalty changed .*new$"):
        step([[1.0]], [0.0])


def test_what_a_function_only_leaves_for_later_is_allowed():
    seen = SimpleNamespace(last=None, calls=0)

    def f(x):
        seen.last = x * 2.0
        return seen.last

    assert [jit(f)(x) for x in (1.0, 2.0)] == [2.0, 4.0]


@contextlib.contextmanager
def another_thread_that_draws():
    """Within it, another thread draws from the global generators."""
    over = threading.Event()

    def draw():
        while not over.wait(1e-5):
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def moves_the_generator(x, drawn):
    """x, and on the way another thread draws."""
    drawn()
    return x * 2.0


@pytest.mark.parametrize("names", [(), ("random",)])
def test_a_numpy_that_another_thread_is_importing_has_drawn_nothing(monkeypatch, names):
    numpy = types.ModuleType("numpy")  # as it stands in sys.modules while its parts are missing
    for name in names:
        setattr(numpy, name, types.ModuleType(f"numpy.{name}"))
    monkeypatch.setitem(sys.modules, "numpy", numpy)
    assert jit(lambda x: x * x)(3.0) == 9.0


def test_another_threads_draws_are_no_draws_of_the_function():
    with another_thread_that_draws():
        for k in range(20):
            # The state moves for certain: here in the function itself, in a
            # thread that it waits for.
            def elsewhere():
                thread = threading.Thread(target=random.random)
                thread.start()
                thread.join()

            assert jit(moves_the_generator, static=("drawn",))(float(k), elsewhere) == 2.0 * k


def test_a_draw_is_found_while_another_thread_draws():
    with another_thread_that_draws(), pytest.raises(RecordingError) as caught:
        jit(REFUSED["random"])(2.0)
    assert f"{__file__}:{REFUSED['random'].__code__.co_firstlineno}" in str(caught.value)


def test_a_line_that_draws_does_so_each_time():
    """What moves the generator once, as another thread may, is not the line."""
    runs = []

    def f():
        runs.append(1)
        if len(runs) == 1:
            random.random()
        return random.random()

    assert chance.line_that_draws(f) == f"{__file__}:{f.__code__.co_firstlineno + 4}"


def test_a_draw_that_changes_the_program_is_refused_whatever_it_changes():
    def constant(x):
        return x + random.random()

    def structure(x):
        for _ in range(random.getrandbits(64) % 1000):
            x = x * 2.0
        return x

    def captured(x):
        return x * weights[random.getrandbits(64) % 1000]

    weights = [Value(float(k)) for k in range(1000)]
    for f in (constant, structure, captured):
        with pytest.raises(RecordingError, match=rf"test_jit.py:{f.__code__.co_firstlineno + 1}"):
            jit(f)(2.0)


def test_a_coin_that_chooses_an_operation_is_refused():
    for k in range(20):
        random.seed(k)
        with pytest.raises(RecordingError, match="a number from a generator"):
            jit(lambda x: x * 2.0 if random.random() < 0.5 else x + 2.0)(2.0)


GENERATOR = random.Random(0)


class Noise(nn.Module):
    """A part of the user's that draws by its own generator."""

    def __init__(self, draw):
        self.layer, self.draw = nn.Layer(1, 1, seed=0), draw

    def forward(self, x):
        return self.layer([x[0] + self.draw()])


def test_a_draw_from_a_generator_of_one_s_own_is_refused():
    """In a closure, a global, a default, a method, a container, an attribute or a model."""
    rng = random.Random(1)
    draw, kept = rng.random, {"rng": [rng]}

    def nested(x):
        return (lambda: x * GENERATOR.random())()

    def default(x, rng=rng):
        return x * rng.random()

    functions = [
        lambda x: x * rng.random(),
        lambda x: x * GENERATOR.gauss(0.0, 1.0),
        lambda x: x * draw(),
        lambda x: x * kept["rng"][0].random(),
        lambda x: nn.Layer(1, 1, rng=rng)([x])[0],
        functools.partial(lambda r, x: x * r.random(), rng),
        nested,
        SimpleNamespace(rng=rng, f=lambda x: x * rng.random()).f,
    ]
    for f in functions:
        with pytest.raises(RecordingError, match=r"a generator of random or numpy, drawn at .*py:"):
            jit(f)(2.0)
    with pytest.raises(RecordingError, match=r"a generator of random or numpy"):
        jit(default, static=("rng",))(2.0)
    model = nn.Sequential(Noise(draw))
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(RecordingError, match=r"sample\(lambda: rng.random\(\)\)"):
        step([[1.0]], [0.0])


def test_a_draw_from_a_generator_of_numpy_is_refused():
    numpy = pytest.importorskip("numpy")
    rng, old = numpy.random.default_rng(0), numpy.random.RandomState(0)
    for f in (lambda x: x * rng.normal(), lambda x: x * old.normal()):
        with pytest.raises(RecordingError, match=r"a generator of random or numpy"):
            jit(f)(2.0)


def test_a_generator_that_is_not_drawn_from_or_sampled_is_no_matter():
    rng = random.Random(2)
    expected = random.Random(2)
    model = Noise(lambda: sample(rng.random))
    program = jit(lambda x: model([x])[0] + (0.0 if rng else 1.0))
    (w,) = model.layer.neurons[0].w
    for _ in range(3):
        assert program(1.0).data == w.data * (1.0 + expected.random())
    assert jit(lambda x: x * 2.0 + 0.0 * len([rng.random()]))(3.0) == 6.0  # it enters no number
    assert len(chance.Reach(lambda: (rng, model)).generators) == 1


def test_a_draw_that_the_program_does_not_contain_is_allowed():
    def f(x):
        random.seed(3)
        unused = random.random()
        return x * random.random() if unused else x

    expected = random.Random(3)
    expected.random()
    assert jit(f)(2.0) == 2.0 * expected.random()


def test_a_function_that_seeds_the_generator_is_recorded_twice():
    calls = []

    def f(x):
        calls.append(x)
        random.seed(3)
        return x * random.random()

    random.seed(4)
    jit(f)(2.0)
    assert len(calls) == 2


def test_a_file_beside_the_package_is_the_user_s():
    name = f"{os.path.dirname(autograd.__file__)}_lesson.py"
    names = {}
    exec(compile("\n\ndef f(x):\n    return x if x > 0 else -x", name, "exec"), names)
    with pytest.raises(RecordingError, match=re.escape(f"{name}:4, while jit records")):
        jit(names["f"])(1.0)


def test_a_jitted_function_says_what_it_is():
    program = jit(REFUSED["a place"], static=(0,))
    assert repr(program) == "<jit of <lambda>: 0 recorded>"
    program(1)
    assert repr(program) == "<jit of <lambda>: 1 recorded>"


@pytest.mark.parametrize("name", ["data", "float", "bool"])
def test_captured_values_are_refused_too(name):
    v = Value(2.0)
    with pytest.raises(RecordingError):
        jit(lambda x: x * REFUSED[name](v))(1.0)


def test_whole_numbers_beyond_the_floats_are_infinite():
    assert jit(lambda x: x)(10**400) == math.inf
    assert jit(autograd.sum)([1, -(10**400)]) == -math.inf
    assert jit(lambda rows: rows[1][0])([[1, 2], [10**400, 4]]) == math.inf


def test_a_function_that_raises_runs_once_more_on_the_numbers():
    seen = []

    def f(x):
        seen.append(x)
        raise LookupError("no place for", x)

    with pytest.raises(LookupError) as caught:
        jit(f)(2.0)
    assert caught.value.args == ("no place for", 2.0)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("f", "x", "message"),
    [
        (lambda x: (1 / x, [][0]), 0.0, r"div\(1\.0, 0\.0\)"),
        (lambda x: (1 / x, [][0]), 0, r"div\(1\.0, 0\.0\)"),
        (lambda x: (x**-2, {}[0]), 0, r"pow\(0\.0, -2\.0\)"),
        (lambda x: (7.0 % x, {}[0]), 0.0, r"mod\(7\.0, 0\.0\)"),
        (lambda x: "a" * x, 2, r"mul takes a real number, not 'a'"),
        (lambda x: [1.0] * x, 2.0, r"mul takes a real number, not \[1\.0\]"),
        (lambda x: "a" + x, 2.0, r"add takes a real number, not 'a'"),
        (lambda x: 1 // x, 0, r"a // b is not defined"),
        (lambda x: divmod(x, 0), 1, r"a // b is not defined"),
    ],
)
def test_a_function_that_cannot_be_recorded_fails_by_the_table_not_by_python(f, x, message):
    with pytest.raises(ChainruleError, match=message):
        jit(f)(x)


@pytest.mark.parametrize(
    ("f", "x", "what"),
    [
        (lambda n: autograd.sum([1.0] * n), 3, r"mul takes a real number, not \[1\.0\]"),
        (lambda n: len("a" * n), 3, r"mul takes a real number, not 'a'"),
        (lambda x: x // 2, 3.0, r"a // b is not defined"),
        (lambda x: x.real, 3.0, r"a Value has no real"),
    ],
)
def test_what_numbers_can_and_values_cannot_names_line_and_remedy(f, x, what):
    line = rf"{re.escape(__file__)}:{f.__code__.co_firstlineno}"
    with pytest.raises(RecordingError, match=rf"{what}.* at {line}, .*make the argument static"):
        jit(f)(x)
    assert jit(f, static=[0])(x) == f(x)


def test_arguments_refused():
    with pytest.raises(
        RecordingError,
        match=rf"argument 0 is .* of type object at {re.escape(__file__)}:\d+, "
        "while jit records: jit takes",
    ):
        jit(lambda x: 1.0)(object())
    with pytest.raises(DataTypeError, match="takes a function, not 3"):
        jit(3)
    with pytest.raises(RecordingError, match="static argument 0 is"):
        jit(lambda n: 1.0, static=("n",))([1])
    with pytest.raises(RecordingError, match="static names 'm'"):
        jit(lambda n: 1.0, static=("m",))


def test_a_value_that_escapes_is_refused():
    kept = []
    jit(lambda x: kept.append(x * 2.0) or x)(1.0)
    with pytest.raises(RecordingError):
        kept[0] + 1.0
    with pytest.raises(RecordingError):
        jit(lambda x: x + kept[0])(1.0)


def test_setting_data_while_recording_is_refused():
    p = Value(1.0)

    def f(x):
        z = x * p
        p.data = 2.0
        return z

    with pytest.raises(RecordingError, match="data of"):
        jit(f)(1.0)


@pytest.mark.parametrize(
    ("f", "bad", "good"),
    [
        (autograd.log, -1.0, 2.0),
        (lambda x: 1.0 / x, 0.0, 4.0),
        (lambda x: x**0.5, -4.0, 4.0),
        (lambda x: x * 1.0 if autograd.sqrt(x) is None else x, -1.0, 1.0),
    ],
)
def test_domain_errors_are_those_of_the_eager_run(f, bad, good):
    program = jit(f)
    assert program(Value(good)).data == f(Value(good)).data
    with pytest.raises(DomainError) as eager:
        f(Value(bad))
    with pytest.raises(DomainError) as replayed:
        program(Value(bad))
    assert str(eager.value) == str(replayed.value)
    assert program(Value(good)).data == f(Value(good)).data
    assert len(program.entries) == 1


@pytest.mark.parametrize(
    ("f", "bad"),
    [
        (lambda x: x**0.5, -1.0),  # a complex number in Python
        (lambda x: x**0.5, -1),
        (lambda x: 1 / x, 0),
        (lambda x: 1.0 / x, 0.0),
        (lambda x: 2.0 * x ** (x - 1.5), -1.0),
        (lambda x: [0.0, x / (x - x)], 1.0),
        (lambda x: x**-1, 0.0),
    ],
)
def test_numbers_meet_the_table_outside_a_domain(f, bad):
    program = jit(f)
    for x in (bad, float(bad)):
        with pytest.raises(DomainError) as replayed:
            program(x)
        with pytest.raises(DomainError) as eager:
            f(Value(bad))
        assert str(replayed.value) == str(eager.value)


def test_numpy_scalars_and_arrays_meet_the_table_outside_a_domain():
    np = pytest.importorskip("numpy")
    with pytest.raises(DomainError, match=r"pow\(-1.0, 0.5\)"):
        jit(lambda x: x**0.5)(np.float64(-1.0))
    with pytest.raises(DomainError, match=r"div\(1.0, 0.0\)"):
        jit(lambda xs: (1.0 / xs).sum())(np.array([1.0, 0.0]))


def test_a_run_outside_a_domain_that_succeeds_gives_floats():
    """As where the function, run again, takes another way."""
    ways = [lambda x: autograd.log(x), lambda x: x * 3.0]
    program = jit(lambda x: [ways[0](x), (x, {"a": 1.0})])
    program(1.0)
    ways.reverse()
    assert program(-1.0) == [-3.0, (-1.0, {"a": 1.0})]


def test_forward_mode_stops_where_a_tangent_is_zero_and_a_partial_infinite():
    """The program knows neither number: sqrt'(0) = inf and b = 0."""
    f = jit(lambda a, b: jvp(lambda u: autograd.sqrt(u) * b, [a], [1.0])[1])
    assert f(4.0, 1.0) == 0.25
    assert f(0.0, 0.0) == 0.0
    twice = jit(lambda a, b: jvp(lambda u: -(autograd.sqrt(u) * 2.0) * b, [a], [1.0])[1])
    assert twice(4.0, 1.0) == -0.5
    assert twice(0.0, 0.0) == 0.0
    given = jit(lambda a, b, t: jvp(lambda u: (u * 1.0) * b, [a], [t])[1])
    assert given(1.0, 2.0, 3.0) == 6.0
    assert given(1.0, 0.0, 3.0) == 0.0


def test_a_recorded_gradient_is_that_of_the_graph(monkeypatch):
    """The tape is asked, or else the graph: both give the same bits."""
    asked = []

    def with_gradients(seed, order):
        f = random_function(seed)

        def g(x, y, w):
            found = [f(x, y, w)]
            for _ in range(order):
                found = [z for z in found for z in autograd.gradients(z, [x, y, w])]
            return found

        return g

    def recorded(g):
        program = jit(g)
        points = [(0.5, -0.25, 1.5), (-1.0, 0.0, 2.0), (0.1, 0.2, 0.3)]
        return [list(map(float.hex, leaves(program(*point)))) for point in points]

    pull = gradient.pull

    def noted(*arguments):
        found = pull(*arguments)
        asked.append(found is not None)
        return found

    monkeypatch.setattr("autograd.compiler.record.pull", noted)
    cases = [with_gradients(seed, order) for seed in range(12) for order in (1, 2)]
    cases += [value_and_grad(random_function(seed), (0, 1, 2)) for seed in range(6)]
    cases += [hessian(random_function(seed)) for seed in range(3)]
    cases += [lambda x, y, w: hvp(random_function(9), [x, y, w], [1.0, y, x])]
    by_tape = list(map(recorded, cases))
    assert all(asked) == llvm.available()
    monkeypatch.setattr("autograd.compiler.record.pull", lambda *arguments: None)
    assert list(map(recorded, cases)) == by_tape


def test_operations_share_a_rule_where_the_same_partials_are_wanted():
    def f(a, b):
        return autograd.gradients(a / b + b / a + (a * b) / a, [a])

    for values in ((2.0, 4.0), (-0.5, 3.0)):
        assert_same(f, jit(f), *map(Value, values), alike=equal)
    assert jit(f)(Value(2.0), Value(4.0))[0].data == 0.25 - 1.0 + 2.0 - 2.0


def test_gradients_by_what_the_tape_does_not_tell():
    outside = Value(2.0)
    result = outside * 3.0

    def own_leaf(x):
        w = Value(0.5)
        return autograd.gradients(w * x * w, [w, x])

    def changed_leaf(x):
        w = Value(0.5)
        first = w * x
        w.data = 2.0
        return first + w * x

    def zero_leaf(x):
        """Its derivative by x is 0 times an infinite number, and no plain 0."""
        w = Value(0.0)
        return autograd.gradients(w * (x / w.exp() - x), [w, x])

    assert [z.data for z in jit(zero_leaf)(Value(3.0))] == [z.data for z in zero_leaf(Value(3.0))]

    def result_of_outside(x):
        return autograd.gradients(result * x, [outside, x])

    assert [z.data for z in jit(own_leaf)(Value(3.0))] == [3.0, 0.25]
    assert jit(changed_leaf)(Value(3.0)).data == 7.5
    assert [z.data for z in jit(result_of_outside)(Value(5.0))] == [15.0, 6.0]


def test_conditions_are_no_part_of_the_graph():
    """Else the order of additions would be another one."""

    def f(a, b, c, flag):
        t = autograd.tanh(a * b)
        u = autograd.sin(t + c)
        condition = u < t if flag else 1.0
        z = where(condition, u * t + a, t) + a * t + u * a + c * a
        return [z, *autograd.gradients(z, [a, b, c])]

    program = jit(f, static=("flag",))
    for xs in ((0.3, 0.7, -0.2), (0.1, 0.9, 0.4)):
        values = list(map(Value, xs))
        assert_same(f, program, *values, True, alike=equal)
        assert_same(f, program, *values, False, alike=equal)


def test_take_chooses_rows():
    rows = [[Value(10.0 * k + j) for j in range(3)] for k in range(4)]
    for f in (autograd.take, jit(autograd.take)):
        assert [z.data for z in f(rows, 2)] == [20.0, 21.0, 22.0]
    assert [z.data for z in jit(lambda i: autograd.take(rows, i))(1)] == [10.0, 11.0, 12.0]
    autograd.sum(autograd.take(rows, 3)).backward()
    assert [[x.grad for x in row] for row in rows] == [[0.0] * 3] * 3 + [[1.0] * 3]
    assert autograd.take([[[1.0], [2.0]], [[3.0], [4.0]]], 1) == [[3.0], [4.0]]
    with pytest.raises(LengthError, match=r"lengths \[2, 1\]"):
        autograd.take([[1.0, 2.0], [3.0]], 1)
    with pytest.raises(IndexError):
        jit(autograd.take)(rows, 4)


def test_a_zero_adjoint_stops():
    f = jit(grad(lambda x: where(x > 0.0, autograd.PRIMITIVES["sqrt"].total(x), 0.0)))
    assert f(0.0) == 0.0


def test_a_users_primitive_needs_nothing_more():
    if "cubed" not in PRIMITIVES:
        primitive("cubed", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    try:
        cubed = PRIMITIVES["cubed"].function
        assert jit(cubed)(2.0) == 8.0
        assert jit(grad(cubed))(2.0) == 12.0
        assert jit(lambda xs: [cubed(x) for x in xs])([1.0, 2.0, 3.0]) == [1.0, 8.0, 27.0]
    finally:
        del PRIMITIVES["cubed"]
        del Value.cubed


def test_a_rule_may_make_a_value_of_its_own():
    square = primitive("own_square", lambda x: x * x, lambda x, z: Value(2.0) * x)
    try:
        assert jit(grad(square))(3.0) == grad(square)(3.0) == 6.0
    finally:
        del PRIMITIVES["own_square"]
        del Value.own_square


def test_a_users_primitive_that_can_be_recorded_is_native():
    recorded = primitive(
        "recorded", lambda x, y: x * x * y - 2.0 / y, 1.0, 1.0, domain="x < 100 and y == y"
    )
    by_math = primitive("by_math", lambda x: math.exp(x) * 2.0, lambda x, z: z)
    chosen = primitive(
        "chosen", lambda xs: xs[0] if xs[0] > 0.0 else xs[-1], lambda xs, z: xs, listed=True
    )
    try:
        program = jit(lambda x, y: [recorded(x, y), recorded(y, x + 1.0)])
        assert program(3.0, 4.0) == [35.5, 63.5]
        native = llvm.available()
        assert program.stats(3.0, 4.0)["runs as"].startswith("native" if native else "Python")
        with pytest.raises(ZeroDivisionError):
            program(3.0, 0.0)
        with pytest.raises(DomainError, match="x < 100"):
            program(100.0, 2.0)
        for f in (by_math, lambda x: chosen([x, 5.0])):
            other = jit(f)
            assert other(0.0) == f(0.0)
            assert other.stats(0.0)["runs as"].startswith("Python: ")
    finally:
        for name in ("recorded", "by_math", "chosen"):
            del PRIMITIVES[name]
        del Value.by_math


@pytest.mark.parametrize("name", ["add_products", "add_9_products"])
def test_a_users_primitive_may_have_any_name_and_be_any_callable(name):
    power = primitive(name, functools.partial(math.pow, 2.0), lambda x, z: math.log(2.0) * z)
    try:
        assert jit(lambda xs: [power(x) for x in xs])([1.0, 3.0]) == [2.0, 8.0]
        X = batch(80, 9)
        found = jit(lambda X: [power(autograd.dot(x, x)) for x in X])(X)
        assert found == [math.pow(2.0, autograd.dot(x, x)) for x in X]
    finally:
        del PRIMITIVES[name]
        delattr(Value, name)


def test_arrays_are_structures():
    np = pytest.importorskip("numpy")
    f = jit(lambda X, w: (X * w).sum() + X[0, 1])
    assert f(np.array([[1.0, 2.0], [3.0, 4.0]]), 2.0) == 22.0
    assert f(np.array([[1, 2], [3, 4]]), np.float32(0.5)) == 7.0
    assert len(f.entries) == 1


Pair = namedtuple("Pair", "a b")


class Named(list):
    """A list with a name, which its constructor takes first."""

    def __init__(self, name, xs):
        super().__init__(xs)
        self.name = name


class NamedPair(Pair):
    def __new__(cls, name, a, b):
        made = super().__new__(cls, a, b)
        made.name = name
        return made


class Slotted(list):
    __slots__ = ("name",)


class Hides(Slotted):
    """Has a property in the place of a slot, as the paths of Python 3.13 have."""

    __slots__ = ()

    @property
    def name(self):
        return "".join(["made ", "anew"])


class Vector(list):
    """A list that adds as vectors do."""

    def __add__(self, other):
        return Vector([a + b for a, b in zip(self, other, strict=True)])

    __radd__ = __add__


class Lenient(dict):
    """A dict that looks elements up in its own way."""

    def __missing__(self, key):
        return 7.0

    def __getitem__(self, key):
        return super().__getitem__(key) * 2.0


def slotted(name, xs):
    made = Slotted(xs)
    made.name = name
    return made


CONTAINERS = {
    "a named tuple": (Pair(2.0, 3.0), lambda p: p.a - p._replace(a=5.0).a),
    "a tuple with a name": (NamedPair("no", 2.0, 3.0), lambda p: p.a * float(len(p.name))),
    "a list with a name": (Named("no", [2.0]), lambda xs: xs[0] * float(len(xs.name))),
    "a list with a slot": (slotted("no", [2.0]), lambda xs: xs[0] * float(len(xs.name))),
    "a vector": (Vector([2.0, 3.0]), lambda xs: (xs + xs)[1]),
    "outputs of a model": (
        nn.predict(nn.Layer(1, 2, seed=0), [[2.0]])[0],
        lambda xs: xs[0] - xs[1] * 2.0,
    ),
    "a defaultdict": (defaultdict(lambda: 5.0, a=2.0), lambda d: d["a"] * 3.0),
    "a Counter": (Counter(a=2), lambda d: d["a"] + d["b"] + d.most_common(1)[0][1]),
    "an OrderedDict": (OrderedDict(a=2.0, b=3.0), lambda d: d[next(reversed(d))] * 2.0),
    "a dict of its own": (Lenient(a=2.0), lambda d: d["a"] + d["x"]),
    "the time": (time.gmtime(0), lambda t: t.tm_year + t[1] * 2.0),
    "one in another": ({"a": [Pair(2.0, Named("x", [3.0]))]}, lambda d: d["a"][0].b[0] * 2.0),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_keeps_its_class_and_what_it_holds(name):
    container, f = CONTAINERS[name]
    program = jit(f)
    assert program(container) == program(container) == f(container)
    assert jit(lambda x: x * f(container))(1.0) == f(container)  # used from outside
    found = jit(lambda x: x)(container)
    assert found == container
    assert type(found) is type(container)
    assert jit(f)(found) == f(container)
    assert jit(lambda x: type(x).__name__.count("") * 1.0)(container) > 1.0
    assert vars(found) == vars(container) if hasattr(container, "__dict__") else True
    twice = rebuild(container, [x * 2.0 for x in leaves(container)])
    assert type(twice) is type(container)
    assert leaves(twice) == [x * 2.0 for x in leaves(container)]


def test_what_a_container_holds_beside_its_elements_chooses_the_program():
    program = jit(lambda xs: xs[0] * float(len(xs.name)))
    assert [program(Named(name, [2.0])) for name in ("a", "bb", "a")] == [2.0, 4.0, 2.0]
    assert [program(slotted(name, [2.0])) for name in ("a", "bb", "a")] == [2.0, 4.0, 2.0]
    assert [program(NamedPair(name, 2.0, 3.0)) for name in ("a", "bb")] == [2.0, 4.0]
    assert len(program.entries) == 6
    missing = jit(lambda d: dict(d).get("x", d.default_factory()) * 1.0)
    assert [missing(defaultdict(x, a=1.0)) for x in (float, lambda: 3.0)] == [0.0, 3.0]
    with pytest.raises(RecordingError, match=r"of type Named with the attribute name, \['a'\] at"):
        program(Named(["a"], [2.0]))
    for missing in (defaultdict(float, a=1.0), defaultdict(list, a=[1.0])):
        with pytest.raises(RecordingError, match="changed a list, a dict or an array"):
            jit(lambda d: d["x"] and d["a"])(missing)


def test_chance_is_drawn_at_every_call():
    rng = random.Random(0)
    f = jit(lambda x: x * autograd.sample(rng.random))
    expected = random.Random(0)
    assert [f(2.0) for _ in range(3)] == [2.0 * expected.random() for _ in range(3)]


def neuron(w, b, x):
    z = b
    for u, v in zip(w, x, strict=True):
        z = z + u * v
    return z.tanh()


def test_the_source_of_a_neuron():
    w, b = [Value(0.5), Value(-1.0)], Value(0.25)
    text = jit(neuron).source(w, b, [1.0, 2.0])
    assert text.splitlines()[-8:] == [
        "",
        "def program(p, x):",
        "    # p[0:2]: w",
        "    # p[2]: b",
        "    # x[0:2]: x",
        "    a1 = p[2] + p[0] * x[0] + p[1] * x[1]",
        "    a2 = tanh(a1)",
        "    return [a2]",
    ]
    names = {}
    exec(text, names)
    assert names["program"]([0.5, -1.0, 0.25], [1.0, 2.0]) == [neuron(w, b, [1.0, 2.0]).data]
    assert any(
        "def program" in "".join(lines)
        for _, _, lines, name in [
            linecache.cache[k] for k in linecache.cache if k.startswith("<chainrule")
        ]
    )


def repeated_unit(w, b):
    z = 0.5
    for _ in range(50):
        z = (w * z + b).tanh()
    return z, autograd.gradients(z, [w, b])


def one_unit(w, b):
    z = (w * 0.5 + b).tanh()
    return autograd.gradients(z * z, [w, b])


def product(w, b):
    z = (w * 0.5 + b) * w
    return z, autograd.gradients(z, [w, b])


@pytest.mark.parametrize(
    ("f", "headline"),
    [
        (one_unit, "# backward: d1 is the gradient at a1"),
        (repeated_unit, "# backward: d1 is the gradient at a1"),
        (product, "# backward"),
    ],
)
def test_the_headline_of_backward_names_a_gradient_of_the_source(f, headline):
    lines = [line.strip() for line in jit(f).source(0.5, 0.1).splitlines()]
    found = [line for line in lines if line.startswith("# backward")]
    assert found == [headline]
    for name in re.findall(r"\b[ad]\d+\b", headline):
        assert any(line.startswith(f"{name} = ") for line in lines), name


def test_the_names_of_gradients_are_introduced_where_backward_begins():
    lines = [line.strip() for line in jit(one_unit).source(0.5, 0.1).splitlines()]
    at = lines.index("# backward: d1 is the gradient at a1")
    assert lines[at + 1] == "# dx_0 is the gradient at x[0]"
    assert lines[at + 2].startswith("a")


def batch(rows, width, seed=0):
    rng = random.Random(seed)
    return [[rng.uniform(-1, 1) for _ in range(width)] for _ in range(rows)]


def layer(weights, x):
    return [neuron(w[:-1], w[-1], x) for w in weights]


def test_neurons_and_rows_become_lanes():
    weights = [[Value(u) for u in row] for row in batch(5, 4, 1)]

    def f(X):
        return [layer(weights, x) for x in X]

    program = jit(f)
    X = batch(6, 3)
    assert_same(f, program, X)
    stats = program.stats(X)
    assert (stats["blocks"], stats["widest"], stats["lanes"]) == (2, 30, 60)
    assert "for o in range(6) for i in range(5)" in program.source(X)


@pytest.mark.parametrize(
    ("n", "rows", "name"),
    [
        (9, 9, "add_9_products"),
        (32, 9, "add_32_products"),
        (33, 9, "add_products"),
        (9, 3, "add_products"),
    ],
)
def test_products_are_added_in_one_expression_if_they_are_few_and_lanes_many(n, rows, name):
    weights = [[Value(u) for u in row] for row in batch(8, n + 1, 1)]

    def f(X):
        outputs = [z for x in X for z in layer(weights, x)]
        return [*outputs, *autograd.gradients(autograd.sum([z * z for z in outputs]), weights[0])]

    X = batch(rows, n)
    program = jit(f)
    assert " = [add_products(" in program.source(X)  # which is to be read
    program(X)
    (entry,) = program.entries.values()
    text = Python(entry.short()).text
    assert f" = [{name}(" in text
    names = {}
    exec(text, names)
    p, expected = [u.data for u in entry.captured], outcome(f, X)
    assert names["program"](p, [u for x in X for u in x]) == expected
    assert outcome(program, X) == expected


def test_the_source_gives_the_same_bits():
    weights = [[Value(u) for u in row] for row in batch(5, 13, 1)]

    def f(X, y):
        z = 0.0
        for x, t in zip(X, y, strict=True):
            z = z + (autograd.sum(layer(weights, x)) - t) ** 2
        return [z, *autograd.gradients(z, [u for row in weights for u in row])]

    X, y = batch(7, 12), [0.5] * 7
    program = jit(f)
    names = {}
    exec(program.source(X, y), names)
    assert " = [add_products(" in program.source(X, y)
    expected = outcome(f, X, y)
    (entry,) = program.entries.values()
    assert (
        names["program"]([u.data for u in entry.captured], [u for x in X for u in x] + y)
        == expected
    )
    assert outcome(program, X, y) == expected


def test_stats_and_recursion_limit():
    def chain(x):
        for _ in range(5000):
            x = autograd.sin(x) + 1.0
        return x

    program = jit(value_and_grad(chain))
    assert program(0.5) == value_and_grad(chain)(0.5)
    stats = program.stats(0.5)
    assert stats["recorded"] > 15000
    assert set(stats["seconds"]) >= {"record", "simplify", "vectorise and emit"}
    assert sys.getrecursionlimit() < 5000


# Lanes.


def test_two_rows_on_the_same_lists_need_not_have_as_many_lanes():
    def f(rows):
        columns = [[[row[k][i] for k in range(2)] for i in range(4)] for row in rows]
        return [autograd.norm(c) for block in columns for c in block] + [
            autograd.mean(c) for block in columns for c in block[:2]
        ]

    rows = [
        [[float(100 * o + 10 * k + i + 1) for i in range(4)] for k in range(2)] for o in range(3)
    ]
    assert jit(f)(rows) == f(rows)
    assert f(rows)[12:] == [6.0, 7.0, 106.0, 107.0, 206.0, 207.0]


@pytest.mark.parametrize("seed", range(40))
def test_random_lanes(seed):
    """Rows on the lists, dots and products that lie along one axis of a block
    of numbers, for any part of the other two, one after the other.
    """
    rng = random.Random(seed)
    shape = [rng.randint(2, 5) for _ in range(3)]
    block = [
        [[rng.uniform(-2, 2) for _ in range(shape[2])] for _ in range(shape[1])]
        for _ in range(shape[0])
    ]
    functions = [
        autograd.sum,
        autograd.mean,
        autograd.norm,
        autograd.max,
        autograd.prod,
        lambda xs: autograd.dot(xs, xs),
        lambda xs: xs[0] * xs[-1],
    ]
    plan = [
        (
            rng.choice(functions),
            rng.randint(1, shape[0]),
            rng.randint(1, shape[2]),
            rng.choice([1, -1, 2]),
        )
        for _ in range(6)
    ]

    def f(block):
        lists = [[[row[i] for row in rows] for i in range(shape[2])] for rows in block]
        return [
            [function(xs) for xs in part[:n:step]]
            for function, m, n, step in plan
            for part in lists[:m]
        ]

    assert jit(f)(block) == f(block)


# What the eager run does that a program must do as well.


def test_a_zero_adjoint_stops_what_overflows():
    def f(x):
        return x + 1.0 / (1.0 + autograd.exp(-x))

    assert grad(f)(-1000.0) == jit(grad(f))(-1000.0) == 1.0
    v = Value(-1000.0)
    jit(f)(v).backward()
    assert v.grad == 1.0
    assert jit(hessian(lambda a: a[0] ** a[1]))([0.0, 2.0]) == [[2.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("power", [autograd.sqrt, autograd.cbrt, lambda y: y**0.5])
def test_an_infinite_adjoint_does_not_reach_what_a_comparison_has_not_chosen(power):
    """The root of the positive part has slope 0 below 0."""
    for choose in (
        lambda x: where(x > 0.0, x, 0.0),
        lambda x: where(x <= 0.0, 0.0, x),
        lambda x: where(x - 1.0 < x, where(x >= 0.0, x, 0.0), x),
    ):
        f = jit(lambda x, choose=choose: power(choose(x)))
        for x in (4.0, -1.0):
            v, u = Value(x), Value(x)
            f(v).backward()
            power(choose(u)).backward()
            assert v.grad == u.grad
            assert grad(f)(x) == u.grad
        assert v.grad == 0.0


def test_a_comparison_does_not_change_the_order_of_addition():
    def f(x):
        a = where(x < -0.9 * x, x, -0.9 * x)
        b = where(a < -0.4 * x, x, -0.4 * x)
        return (x + 0.2 * a) * b

    assert grad(f)(0.7) == jit(grad(f))(0.7) == 1.1480000000000001


def test_static_arguments_of_different_types_differ():
    def f(x, n):
        return x * 2 if n is True else x * 3 if isinstance(n, int) else x * 5

    program = jit(f, static=("n",))
    assert [program(1.0, n) for n in (True, 1, 1.0)] == [2.0, 3.0, 5.0]


def test_a_recorded_gradient_multiplies_by_no_1():
    """A sum has the partials 1 and -1: what flows back is itself, or its negative."""
    f = jit(lambda x, y: autograd.gradients((x + y) * (x - y), [x, y]))
    assert [g.data for g in f(Value(0.5), Value(0.25))] == [1.0, -0.5]
    assert "1.0 *" not in f.source(Value(0.5), Value(0.25))


def test_the_room_that_rules_need_by_hand():
    def f(made):
        x = made.input()
        return autograd.tanh(x) + autograd.sigmoid(x)

    made, _ = record(f)
    names = [made.tape.rows[code].name for code in made.tape.code]
    rules = gradient._Rules(made)
    active = array("B", [1] * len(names))
    assert rules.add(names.index("tanh"), active, 3)  # 4.0 * bell(2.0 * x)
    assert (rules.operations, rules.operands, rules.longest) == (3 * 3, 3 * 5, 3)
    assert rules.add(names.index("sigmoid"), active, 7)  # bell(x)
    assert (rules.operations, rules.operands, rules.longest) == (9 + 7, 15 + 7, 3)


def test_what_has_no_results_runs(backend):
    class Empty(nn.Module):
        def forward(self, x):
            return []

    w = Value(2.0)
    for f, args, expected in [
        (lambda xs: [2.0 * x for x in xs], ([],), []),
        (lambda x: {}, (2.0,), {}),
        (lambda d: d, ({},), {}),
        (lambda rows: [[2.0 * x for x in row] for row in rows], ([[]],), [[]]),
        (lambda: (), (), ()),
        (lambda x: [x / 2.0][:0], (w,), []),
        (lambda m: m([]), (Empty(),), []),
        (Empty(), ([],), []),
        (lambda x: (1.0, []), ({},), (1.0, [])),
        (lambda xs: autograd.sum(xs), ([],), 0.0),
    ]:
        for _ in range(3):
            assert jit(f)(*args) == expected
    assert jit(lambda x: [1.0 / x, []][1:])(2.0) == [[]]
