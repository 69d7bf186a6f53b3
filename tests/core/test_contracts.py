"""What the engine promises, one test each; the numbers are computed by hand."""

import ast
import math
import operator
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import autograd as ag
from autograd import (
    LEAF,
    NOT_COMPUTED,
    PRIMITIVES,
    Value,
    gradients,
    no_grad,
    topological_order,
)
from autograd.errors import (
    CutGraphError,
    DataTypeError,
    DomainError,
    GraphError,
    IndexDomainError,
    LengthError,
    StaleValueError,
)
from autograd.extending import LITERAL

inf, nan = math.inf, math.nan


def test_hand_numbers():
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + ag.relu(b + a)
    d += 3 * d + ag.relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0 + 10.0 / f
    g.backward()
    assert (round(g.data, 4), round(a.grad, 4), round(b.grad, 4)) == (24.7041, 138.8338, 645.5773)
    assert [x.data for x in gradients(g, [a, b])] == [a.grad, b.grad]


# backward.


def test_backward_adds_to_leaves_and_resets_what_lies_between():
    x = Value(3.0)
    y = x * x * x
    y.backward()
    assert x.grad == 27.0
    y.backward()
    assert x.grad == 54.0, "a second backward adds the same again, no more"
    for _ in range(3):
        x.grad = 0.0
        y.backward()
        assert (x.grad, y.grad, y.parents[0].grad) == (27.0, 1.0, 3.0)


def test_two_results_that_share_nodes_add_up():
    x = Value(2.0)
    h = x * x
    a, b = h * 3.0, h * 5.0
    a.backward()
    b.backward()
    assert x.grad == 32.0


def test_a_node_used_twice_has_two_edges():
    x = Value(3.0)
    y = x * x
    assert y.parents == (x, x)
    assert y.local_derivatives() == (3.0, 3.0)
    y.backward()
    assert x.grad == 6.0
    assert ag.dot([x, x], [x, x]).parents == (x, x, x, x)


@pytest.mark.parametrize("graph", ["no", None, 2, 0.0, []])
def test_partials_takes_no_other_thing_for_a_flag(graph):
    y = Value(3.0) * 2.0
    with pytest.raises(DataTypeError, match=r"^graph must be one of True, False, not "):
        y.partials(graph)
    assert y.partials(graph=1) == y.partials(0) == [2.0, None]


def test_a_diamond_waits_for_all_children():
    x = Value(2.0)
    y = x * 3.0
    z = y * y + y * x + ag.exp(y - 6.0)  # 9x^2 + 3x^2 + exp(3x - 6)
    z.backward()
    assert x.grad == 24.0 * 2.0 + 3.0


def test_the_gradient_that_backward_starts_with_scales():
    x = Value(3.0)
    y = x * x
    y.backward(0.5)
    assert (x.grad, y.grad) == (3.0, 0.5)
    y.backward(gradient=-1)
    assert x.grad == -3.0
    for wrong in ("1", None, True, Value(1.0)):
        with pytest.raises(DataTypeError, match="gradient"):
            y.backward(wrong)
    assert x.grad == -3.0


def test_backward_of_a_leaf_and_of_a_detached_value():
    x = Value(3.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3.0
    y = (x * x).detach()
    assert (y.data, y.op, y.parents) == (9.0, LEAF, ())
    (y * x).backward()
    assert (x.grad, y.grad) == (12.0, 3.0)


def test_literals_have_no_gradient():
    x = Value(3.0)
    y = 2.0 * x + 1
    literals = [z for z in topological_order(y) if z.op is LITERAL]
    assert sorted(z.data for z in literals) == [1.0, 2.0]
    y.backward()
    assert all(z.grad is NOT_COMPUTED for z in literals)
    assert [type(z.data) for z in literals] == [float, float]


def test_direct_rules_make_few_nodes():
    x = Value(2.0)
    assert [len(topological_order(y)) for y in (1 - x, 2 / x, x - 1, ag.sum([x]), x * x, -x)] == [
        3,
        3,
        3,
        2,
        2,
        2,
    ]


def test_order_is_parents_first_each_once_and_the_same_every_time():
    x, y = Value(1.0), Value(2.0)
    z = (x + y) * (y + x) + x
    order = topological_order(z)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) == 6
    assert all(place[parent] < place[node] for node in order for parent in node.parents)
    assert order == topological_order(z)
    assert set(topological_order(z, x * 2.0)) > set(order)
    assert topological_order(x, x) == [x]
    assert topological_order() == []


# What does not contribute cannot poison. All modes: test_rows.py.


@pytest.mark.parametrize(
    "f",
    [lambda x: ag.where(x > 0, ag.sqrt(x), 0), lambda x: ag.where(ag.greater(x, 0), ag.sqrt(x), 0)],
)
def test_where_guards_a_singular_point(f):
    x = Value(0.0)
    y = f(x)
    y.backward()
    assert x.grad == 0.0
    assert gradients(f(x), [x])[0].data == 0.0
    assert ag.jvp(f, [0.0], [1.0]) == (0.0, 0.0)
    assert ag.grad(f)(0.0) == 0.0
    assert ag.hessian(f)(0.0) == 0.0


def test_a_zero_adjoint_stops_at_once():
    x, y = Value(0.0), Value(nan)
    (0.0 * ag.cbrt(x) + 0.0 * y).backward()
    assert x.grad == 0.0
    z = Value(4.0)
    ag.where(True, z, ag.log(z - 3.0)).backward()
    assert z.grad == 1.0


# Not computed is not zero.


def test_not_computed_is_told_from_zero():
    x, y = Value(2.0), Value(3.0)
    assert x.grad is NOT_COMPUTED
    assert x.grad == 0.0
    assert repr(x) == "Value(data=2.0)"
    z = 0.0 * x + y * y
    z.backward()
    assert x.grad is not NOT_COMPUTED
    assert x.grad == 0.0
    assert repr(x) == "Value(data=2.0, grad=0.0)"
    x.grad = NOT_COMPUTED
    assert repr(x) == "Value(data=2.0)"
    dead = y * 4.0
    ag.where(False, dead, y).backward()
    assert repr(dead) == "Value(data=12.0, grad=0.0)"


# Nothing silent.


@pytest.mark.parametrize(
    "wrong",
    ["ab", None, True, [1, 2], 1 + 2j, (1.0,), b"1", {}, object(), Value(2.0)],
    ids=lambda x: type(x).__name__,
)
def test_data_that_is_no_real_number_is_refused(wrong):
    x = Value(1.0)
    with pytest.raises(DataTypeError, match="real number") as caught:
        Value(wrong)
    assert isinstance(caught.value, TypeError)
    with pytest.raises(DataTypeError):
        x.data = wrong
    assert x.data == 1.0
    if not isinstance(wrong, Value):
        for operation in (
            lambda: x + wrong,
            lambda: wrong * x,
            lambda: ag.exp(wrong),
            lambda: ag.sum([x, wrong]),
            lambda: ag.where(x, x, wrong),
        ):
            with pytest.raises(TypeError):
                operation()


def test_numbers_of_other_types_become_floats():
    from decimal import Decimal
    from fractions import Fraction

    for number in (2, Fraction(1, 2), 10**400, -(10**400)):
        assert type(Value(number).data) is float
    assert Value(10**400).data == inf
    assert (Value(1.0) * 3).data == 3.0
    assert (Fraction(1, 2) * Value(3.0)).data == 1.5
    with pytest.raises(DataTypeError):
        Value(Decimal("1.5"))


def test_only_leaves_can_be_changed():
    x = Value(2.0, "x")
    y = x * 3.0
    with pytest.raises(GraphError, match="mul"):
        y.data = 1.0
    (literal,) = [z for z in topological_order(y) if z.op is LITERAL]
    with pytest.raises(GraphError):
        literal.data = 4.0
    for name in ("op", "parents"):
        with pytest.raises(AttributeError):
            setattr(y, name, ())
    with pytest.raises(AttributeError):
        x.gard = 0.0
    with pytest.raises(DataTypeError, match="label"):
        x.label = 3
    assert (x.data, y.data, x.label) == (2.0, 6.0, "x")


def test_a_changed_leaf_is_noticed():
    x, w = Value(2.0, "x"), Value(5.0)
    y = x * x + w
    x.data = 10.0
    for ask in (y.backward, lambda: gradients(y, [x]), lambda: ag.gradients(y, [w])):
        with pytest.raises(StaleValueError, match="label='x'"):
            ask()
    assert x.grad is NOT_COMPUTED, "nothing was added before the refusal"
    assert y.grad is y.parents[0].grad is NOT_COMPUTED, "a mark is no gradient"
    z = x * x + w
    z.backward()
    assert (z.data, x.grad, w.grad) == (105.0, 20.0, 1.0)
    other = Value(1.0) * 2.0
    x.data = 11.0
    other.backward()  # a graph without x
    w.grad = 7.0  # a gradient is no number of the forward pass
    x.data = 12.0
    y = x * w
    y.backward()
    assert x.grad == 25.0


def test_changing_a_label_is_not_changing_a_leaf():
    x = Value(2.0)
    y = x * x
    x.label = "x"
    y.label = "y"
    y.backward()
    assert (x.grad, x.label, y.label) == (4.0, "x", "y")
    x.label = None
    assert x.label is None
    y.backward()
    x.data = 3.0
    with pytest.raises(StaleValueError):
        y.backward()


def test_a_changed_leaf_keeps_its_label():
    x = Value(2.0, "x")
    x.data = 3.0
    assert (x.data, x.label) == (3.0, "x")


def test_a_subclass_is_refused():
    with pytest.raises(DataTypeError, match="Mine"):

        class Mine(Value):
            pass


def test_a_sample_is_a_plain_number():
    draws = iter([0.25, 0.5])
    assert ag.sample(lambda: next(draws)) == 0.25
    with no_grad():
        assert ag.sample(lambda: next(draws)) == 0.5


def test_nan_goes_through_relu():
    x = Value(nan)
    y = ag.relu(x)
    y.backward()
    assert math.isnan(y.data)
    assert math.isnan(x.grad)
    assert math.isnan((Value(inf) - inf).relu().data)


def test_equality_is_identity_and_a_number_is_refused():
    x, y = Value(1.0), Value(1.0)
    assert x == x
    assert x != y
    assert x in [y, x]
    assert len({x, y, x}) == 2
    for compare in (
        lambda: x == 1.0,
        lambda: operator.eq(1, x),
        lambda: x != 1.0,
        lambda: x in [1.0, 2.0],
    ):
        with pytest.raises(DataTypeError, match=r"\.data"):
            compare()
    assert (x == "1") is False
    assert x != None  # noqa: E711


def test_wrong_lengths_are_errors():
    x = Value(1.0)
    with pytest.raises(LengthError, match="2 and 1"):
        ag.dot([x, x], [x])
    with pytest.raises(DomainError, match="len"):
        ag.max([])
    with pytest.raises(DomainError):
        ag.mean([])
    with pytest.raises(IndexDomainError) as caught:
        ag.take([x, x], 2)
    assert isinstance(caught.value, IndexError)
    assert (ag.sum([]), ag.prod([]), ag.norm([]), ag.dot([], [])) == (0.0, 1.0, 0.0, 0.0)


def test_python_numbers_of_a_differentiated_argument_are_refused():
    def through(how):
        return lambda x: x * how(x * 2.0)

    for how in (float, int, round, math.exp, lambda v: math.floor(float(v))):
        with pytest.raises(CutGraphError, match="cuts the graph") as caught:
            ag.grad(through(how))(1.0)
        assert isinstance(caught.value, TypeError)
        with pytest.raises(CutGraphError):
            ag.jvp(through(how), [1.0], [1.0])
    assert ag.grad(lambda x: x * x.data)(3.0) == 3.0, ".data reads it, and the loss is meant"
    k = Value(5.0)
    assert ag.grad(lambda x: x * float(k))(1.0) == 5.0, "what does not depend on x can be read"
    assert float(k * 2.0) == 10.0


# Errors or infinities. Every domain: test_rows.py.


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: ag.log(0.0 * x),
        lambda x: ag.log(-x),
        lambda x: ag.sqrt(-x),
        lambda x: ag.asin(2.0 * x),
        lambda x: 1.0 / (x - 1.0),
        lambda x: x / 0.0,
        lambda x: (-8.0 * x) ** (1 / 3),
        lambda x: (0.0 * x) ** -1.0,
        lambda x: ag.atanh(x),
        lambda x: ag.acosh(0.5 * x),
    ],
)
def test_invalid_operations_raise(wrong):
    for kind in (DomainError, ValueError, ZeroDivisionError):
        with pytest.raises(kind, match="is defined for"):
            wrong(Value(1.0))


def test_a_domain_is_told_in_the_letters_of_the_formula():
    with pytest.raises(
        DomainError,
        match=r"clip\(5\.0, 3\.0, 1\.0\): the number nearest to x .* is defined for y <= w\. Give",
    ):
        ag.clip(5.0, 3.0, 1.0)
    with pytest.raises(
        DomainError,
        match=r"max\(\): the largest is defined for len\(xs\) > 0\. "
        "Give it a list that is not empty",
    ):
        ag.max([])


def test_literal_data_is_checked_before_anything_is_made():
    x = Value(0.0)
    with pytest.raises(DomainError, match=r"log\(0\.0\).*x > 0"):
        x.log()
    assert x.grad is NOT_COMPUTED


# Kinks and ties. Every row: test_rows.py.


def test_kinks_of_composed_functions():
    x = Value(0.0)
    ag.clip(x, 0.0, 1.0).backward()
    assert x.grad == 1.0
    a, b, c = Value(2.0), Value(2.0), Value(1.0)
    (ag.max([a, b, c]) + ag.maximum(a, b)).backward()
    assert (a.grad, b.grad, c.grad) == (1.0, 1.0, 0.0)
    y = Value(3.0)
    z = Value(-2.0) ** y
    z.backward()
    assert z.data == -8.0
    assert math.isnan(y.grad)
    for n, slope in ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (0.5, inf)):
        x = Value(0.0)
        (x**n).backward()
        assert x.grad == slope


def test_softmax_and_cross_entropy_of_large_logits():
    logits = [Value(1000.0), Value(900.0)]
    loss = -ag.log_softmax(logits)[1]
    loss.backward()
    assert (loss.data, [x.grad for x in logits]) == (100.0, [1.0, -1.0])
    assert ag.softmax([1000.0, 0.0]) == [1.0, 0.0]
    assert ag.log_softmax([0.0, -800.0])[1] == -800.0
    assert ag.softmax(x for x in (0.0, 0.0)) == [0.5, 0.5], (
        "any iterable, also one that can be run through only once"
    )
    assert ag.log_softmax(iter([0.0])) == [0.0]
    assert ag.sum(x for x in logits).data == 1900.0


def test_sums_are_rounded_once():
    xs = [Value(1e16), Value(1.0), Value(-1e16)]
    total = ag.sum(xs)
    total.backward()
    assert (total.data, [x.grad for x in xs]) == (1.0, [1.0, 1.0, 1.0])
    assert ag.mean([0.1] * 10) == 0.1
    assert sum(xs).data == 0.0, "Python's sum adds from left to right"


# Determinism.

PROGRAM = """
import autograd as ag
from autograd import Value, gradients
pad = [bytearray(37 * i % 4000) for i in range({pad})]
xs = [Value(0.1 * i + 0.07) for i in range(1, 9)]
ys = [x * ys for x in xs for ys in xs[:3]]
z = ag.sum([ag.tanh(y) for y in ys]) + ag.dot(xs, xs[::-1]) / ag.logsumexp(ys)
for y in ys:
    z = (z + y * y).relu() * 1.1
z.backward()
print([x.grad.hex() for x in xs], [g.data.hex() for g in gradients(z, xs)], z.data.hex(), z.label)
"""


def test_the_same_bits_in_any_process():
    outputs = set()
    for pad, seed in ((0, "0"), (100, "1"), (333, "random")):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(pad=pad)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    backward, graph = outputs.pop().split("] [")
    assert backward.split("[")[1] == graph.split("]")[0]


def test_the_same_bits_whatever_the_addresses():
    def run():
        x = Value(1.0)
        terms = [x * (0.1 * i + 0.07) for i in range(1, 9)]
        y = terms[0]
        for k in terms[1:]:
            y = (y + k * k).relu() * 1.1
        y.backward()
        return x.grad

    pad = []
    found = set()
    for s in range(100):
        pad.append(bytearray(37 * s % 4000))
        found.add(run())
    assert len(found) == 1


# Modes and threads.


def test_no_grad_records_nothing():
    x = Value(3.0)
    with no_grad():
        y = x * x
        z = ag.sum([x, y, 1.0])
        with no_grad():
            x * y
        w = ag.exp(x)
        assert x < y > 8.5
        assert not x >= 4
        assert (float(y), f"{y:.1f}", y.data) == (9.0, "9.0", 9.0)
        x.data = 4.0
        x.data = 3.0
    assert (y.data, z.data) == (9.0, 13.0)
    assert all(v.op is LEAF and v.parents == () for v in (y, z, w))
    assert (x * x).op is not LEAF
    with pytest.raises(DomainError), no_grad():
        ag.log(-x)
    assert (x * x).op is PRIMITIVES["mul"], "an error leaves the mode"


def test_no_grad_holds_in_its_own_thread_only():
    x = Value(3.0)
    found = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(x * x))
        thread.start()
        thread.join()
        inside = x * x
    assert found[0].op is PRIMITIVES["mul"]
    assert inside.op is LEAF


def test_a_derivative_within_no_grad_is_refused():
    with no_grad(), pytest.raises(GraphError, match="no_grad"):
        ag.grad(lambda x: x * x)(2.0)

    def half(x):
        with no_grad():
            k = x * x
        return k * x

    assert ag.grad(half)(3.0) == 9.0


def test_threads_with_separate_graphs():
    expected = {}
    found = {}

    def work(k):
        x = Value(0.1 * k)
        y = x
        for _ in range(300):
            y = ag.sin(y) + x * 0.5
        y.backward()
        found[k] = (x.grad, ag.hessian(lambda x: ag.sin(x) * x)(0.1 * k))

    for k in range(4):
        work(k)
    expected.update(found)
    found.clear()
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


# Leaves of an optimizer's life.


def test_python_sums_and_in_place_operators_make_new_nodes():
    w = Value(1.0)
    before = w
    w -= 0.1 * 2.0
    assert w is not before
    assert before.data == 1.0
    total = sum([Value(1.0), Value(2.0)])
    assert total.data == 3.0
    with pytest.raises(DataTypeError):
        before.data -= Value(0.1) * 0.5


# The engine as a text.


def sources(*skipped):
    root = Path(ag.__file__).parent
    return {
        path: path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
        if path.name not in skipped
    }


def test_no_transformation_asks_for_a_primitive_by_name():
    found = []
    for path, text in sources("primitives.py").items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                named = any(
                    isinstance(side, ast.Attribute) and side.attr == "name" for side in sides
                )
                if named and any(
                    isinstance(part, ast.Constant) and part.value in PRIMITIVES
                    for side in sides
                    for part in ast.walk(side)
                ):
                    found.append((path.name, ast.unparse(node)))
            if (
                isinstance(node, ast.Subscript)
                and ast.unparse(node.value) == "PRIMITIVES"
                and isinstance(node.slice, ast.Constant)
            ):
                found.append((path.name, ast.unparse(node)))
    assert found == []


@pytest.mark.parametrize("grad", [None, "x", True, [1.0], 1j])
def test_a_grad_is_a_number(grad):
    x = Value(2.0)
    x.grad = 1
    assert type(x.grad) is float
    with pytest.raises(
        TypeError, match=r"NOT_COMPUTED" if grad is None else r"Value\.grad takes a real number"
    ):
        x.grad = grad
    assert x.grad == 1.0


def test_the_old_name_of_heaviside_is_answered_with_the_new_one():
    for ask in (lambda: ag.step, lambda: Value.step, lambda: Value(1.0).step()):
        with pytest.raises(AttributeError, match="heaviside"):
            ask()
    assert not hasattr(ag, "step")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ag.nothing  # noqa: B018
