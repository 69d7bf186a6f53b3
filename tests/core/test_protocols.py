"""A Value as a Python object: text, number, order, copies, pickles, and NumPy
where it is installed.
"""

import copy
import math
import operator
import pickle
import subprocess
import sys

import pytest

import autograd as ag
from autograd import LEAF, NOT_COMPUTED, PRIMITIVES, Value, topological_order
from autograd.errors import (
    ArgumentError,
    CutGraphError,
    DataTypeError,
    PrimitiveError,
    StaleValueError,
)
from autograd.extending import LITERAL


def test_text():
    x = Value(2, "speed")
    assert repr(x) == str(x) == f"{x}" == "Value(data=2.0, label='speed')"
    (x * x).backward()
    assert repr(x) == "Value(data=2.0, grad=4.0, label='speed')"
    assert f"{x:.2f}|{x:8.3e}|{x:>6}" == "2.00|2.000e+00|   2.0"
    assert repr(PRIMITIVES["mul"]) == "<primitive mul>"


@pytest.mark.parametrize("spec", ["d", "x", "s", "05d", "zz", "c"])
def test_a_format_of_no_float_is_told_one_that_is(spec):
    with pytest.raises(ArgumentError, match=rf"'{spec}' .* Value\(data=2\.0\): .* as \.4f"):
        format(Value(2.0), spec)


@pytest.mark.parametrize("digits", ["a", 1.5, [1]])
def test_a_number_is_rounded_to_a_whole_number_of_digits(digits):
    with pytest.raises(DataTypeError, match=r"digits, not .* for Value\(data=2\.0\)"):
        round(Value(2.0), digits)


def test_number():
    x = Value(2.5)
    assert (float(x), int(x), round(x), round(Value(2.567), 1)) == (2.5, 2, 2, 2.6)
    assert type(round(x)) is int
    assert math.exp(x) == math.exp(2.5)
    assert math.floor(Value(-0.5)) == -1
    assert bool(x)
    assert not Value(0.0)
    assert bool(Value(math.nan))
    assert (+x) is x
    assert (-x).data == -2.5
    assert abs(-x).data == 2.5
    for wrong in (
        lambda: x // 2,
        lambda: 2 // x,
        lambda: divmod(x, 2),
    ):
        with pytest.raises(DataTypeError, match="floor"):
            wrong()
    with pytest.raises(TypeError):
        [1, 2][x]
    with pytest.raises(TypeError):
        iter(x)


def test_operators_and_reflections():
    x, y = Value(3.0), Value(2.0)
    assert [z.data for z in (x + y, x - y, x * y, x / y, x**y)] == [5.0, 1.0, 6.0, 1.5, 9.0]
    assert [z.data for z in (x + 2, x - 2, x * 2, x / 2, x**2)] == [5.0, 1.0, 6.0, 1.5, 9.0]
    assert [z.data for z in (2 + x, 2 - x, 2 * x, 2 / x, 2**x)] == [5.0, -1.0, 6.0, 2 / 3, 8.0]
    found = []
    for f in (
        lambda x: 2 - x,
        lambda x: 2 / x,
        lambda x: 2**x,
        lambda x: x - 2,
        lambda x: x / 2,
        lambda x: x**2,
    ):
        found.append(ag.grad(f)(4.0))
    assert found == [-1.0, -0.125, 16.0 * math.log(2.0), 1.0, 0.5, 8.0]
    for wrong in ("2", None, [1.0], 1j):
        for operation in (
            lambda a, b: a + b,
            lambda a, b: a * b,
            lambda a, b: a / b,
            lambda a, b: a**b,
            lambda a, b: a - b,
        ):
            with pytest.raises(TypeError):
                operation(x, wrong)
            with pytest.raises(TypeError):
                operation(wrong, x)


def test_only_where_a_value_is_taken_a_value_gets_the_advice_to_detach():
    v = Value(2.0)
    with pytest.raises(DataTypeError, match=r"^Value\(data\) .*: use its \.data, or \.detach\(\)"):
        Value(v)
    for x in (v, v.detach()):
        for name, take in (
            ("backward", (v * 3).backward),
            ("Value.data", lambda x: setattr(v, "data", x)),
            ("Value.grad", lambda x: setattr(v, "grad", x)),
        ):
            with pytest.raises(DataTypeError, match=rf"^{name}.* of type Value: use its \.data$"):
                take(x)


def test_order():
    x, y = Value(1.0), Value(2.0)
    assert x < y
    assert x <= y
    assert not x > y
    assert y >= x
    assert x < 1.5
    assert operator.gt(1.5, x)
    assert operator.ge(1, x)
    assert max([x, y, Value(0.0)]) is y
    assert sorted([y, x]) == [x, y]
    assert not Value(math.nan) < 1.0
    for wrong in ("1", None, True):
        with pytest.raises(TypeError):
            x < wrong  # noqa: B015


def test_methods_are_the_functions_of_one_operand():
    x = Value(0.3)
    for op in PRIMITIVES.values():
        if op.arity == 1 and op.name != "acosh":
            assert getattr(x, op.name)().data == op.function(x).data
            assert op.function(x).op is op
    assert x.clip(0.0, 0.2).data == 0.2
    assert ag.exp.primitive is PRIMITIVES["exp"]
    assert ag.exp.__doc__


# Copies.


def graph():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    h = x * w
    return x, w, ag.sum([h * h, h, 1.0, x]) + 2.0


def test_deepcopy_keeps_identity_and_computes_alone():
    x, w, y = graph()
    y.label = "y"
    y.backward()
    twins = copy.deepcopy({"result": y, "leaf": x, "again": [x, w]})
    leaf, result = twins["leaf"], twins["result"]
    assert leaf is twins["again"][0]
    assert leaf is not x
    assert leaf in topological_order(result)
    assert (result.label, leaf.label, leaf.grad, result.data) == ("y", "x", x.grad, y.data)
    assert [z.op for z in topological_order(result)] == [z.op for z in topological_order(y)]
    before = x.grad
    result.backward()
    assert (leaf.grad, x.grad) == (2.0 * before, before)
    leaf.data = 5.0
    with pytest.raises(StaleValueError):
        result.backward()
    y.backward()


def test_deepcopy_keeps_what_is_not_computed():
    x = copy.deepcopy(Value(2.0))
    assert x.grad is NOT_COMPUTED
    assert repr(x) == "Value(data=2.0)"


def test_a_computed_grad_of_0_stays_computed_in_a_copy():
    x = Value(0.0)
    y = x * x
    y.backward()
    twins = [copy.deepcopy(y), copy.copy(y), pickle.loads(pickle.dumps(y))]
    for twin in twins:
        for leaf in twin.parents:
            assert leaf.grad == 0.0
            assert leaf.grad is not NOT_COMPUTED
            assert repr(leaf) == "Value(data=0.0, grad=0.0)"


def test_copy_shares_the_operands():
    x, _w, y = graph()
    twin = copy.copy(y)
    assert twin is not y
    twin.backward()
    once = x.grad
    y.backward()
    assert x.grad == 2.0 * once


def test_pickle_keeps_leaves_and_root():
    x, w, y = graph()
    y.backward()
    x.grad = NOT_COMPUTED
    (root, leaf, same), z = pickle.loads(pickle.dumps(((y, x, x), w)))
    assert leaf is same
    assert leaf is next(n for n in topological_order(root) if n.label == "x")
    assert z is next(n for n in topological_order(root) if n.label == "w")
    assert leaf.grad is NOT_COMPUTED
    assert z.grad == w.grad
    assert [(n.op, n.data) for n in topological_order(root)] == [
        (n.op, n.data) for n in topological_order(y)
    ]
    root.backward()
    y.backward()
    assert leaf.grad == x.grad
    leaf.data = 7.0
    with pytest.raises(StaleValueError):
        root.backward()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol):
    _x, _w, y = graph()
    assert pickle.loads(pickle.dumps(y, protocol)).data == y.data


def test_every_row_is_copied():
    for op in PRIMITIVES.values():
        xs = [Value(0.3)] * (op.arity or 2)
        if op.arity is None or op.name == "sinc_slope":
            xs = [Value(0.3), Value(0.0)]
        if op.name == "acosh":
            xs = [Value(2.0)]
        z = op.function(xs) if op.arity is None else op.function(*xs)
        twins = [copy.deepcopy(z), pickle.loads(pickle.dumps(z))]
        z.backward()
        for twin in twins:
            assert twin.op is op
            assert twin.data == z.data
            assert twin.local_derivatives() == z.local_derivatives()
            twin.backward()
            assert [p.grad for p in twin.parents] == [p.grad for p in z.parents]


def test_literals_are_copied_as_literals():
    y = Value(2.0) * 3.0
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert [p.op for p in twin.parents] == [LEAF, LITERAL]
        twin.backward()
        assert [p.grad for p in twin.parents] == [3.0, 0.0]


def test_a_stale_graph_is_not_pickled():
    x = Value(2.0)
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleValueError, match="copying"):
        pickle.dumps(y)


def test_an_unregistered_primitive_is_a_clear_error(monkeypatch):
    op = ag.Primitive("not_in_the_table", 1, math.sin, (math.cos,))
    monkeypatch.setitem(PRIMITIVES, op.name, op)
    z = Value(1.0) * 2.0
    z._primitive = op
    z._b = None
    data = pickle.dumps(z)
    monkeypatch.delitem(PRIMITIVES, op.name)
    with pytest.raises(PrimitiveError, match=r"'not_in_the_table'.*before"):
        pickle.loads(data)
    with pytest.raises(PrimitiveError, match="not_in_the_table"):
        pickle.dumps(z)


def test_pickles_cross_processes():
    _x, _w, y = graph()
    program = (
        "import pickle, sys; y = pickle.load(sys.stdin.buffer); y.backward(); "
        "print(sorted(p.label or '' for p in y.parents), y.data)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(y), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == ["['',", "'']", repr(y.data)]


# NumPy.


@pytest.fixture(scope="module")
def np():
    return pytest.importorskip(
        "numpy", reason="NumPy is not installed: its numbers and arrays are not tried"
    )


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "int8", "uint8", "float16"])
def test_numpy_scalars_are_numbers(np, kind):
    two = getattr(np, kind)(2)
    x = Value(3.0)
    results = [
        x + two,
        two + x,
        x - two,
        two - x,
        x * two,
        two * x,
        x / two,
        two / x,
        x**two,
        two**x,
    ]
    assert [z.data for z in results] == [5.0, 5.0, 1.0, -1.0, 6.0, 6.0, 1.5, 2 / 3, 9.0, 8.0]
    assert {type(z) for z in results} == {Value}
    assert {type(z.data) for z in results} == {float}
    for z in results:
        z.backward()
    assert type(x.grad) is float
    assert type(Value(two).data) is float
    assert type(ag.exp(two)) is float
    assert ag.sum([x, two]).data == 5.0
    assert x > two
    assert two < x
    assert bool(two <= x)
    x.data = two
    assert type(x.data) is float
    assert ag.grad(lambda x: x * x)(two) == 4.0


def test_numpy_bools_and_arrays_are_no_numbers(np):
    for wrong in (np.bool_(True), np.array([1.0, 2.0]), np.complex128(1j)):
        with pytest.raises(DataTypeError):
            Value(wrong)
    assert ag.where(np.bool_(True), Value(1.0), Value(2.0)).data == 1.0


def test_arrays_of_values_work_elementwise(np):
    x = Value(3.0)
    numbers = np.array([1.0, 2.0])
    cases = [
        (x * numbers, [3.0, 6.0]),
        (numbers * x, [3.0, 6.0]),
        (numbers - x, [-2.0, -1.0]),
        (x / numbers, [3.0, 1.5]),
        (x**numbers, [3.0, 9.0]),
    ]
    for result, expected in cases:
        assert result.dtype == object
        assert [z.data for z in result] == expected
        assert {type(z.data) for z in result} == {float}
    values = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    weights = np.array([[0.5, 1.0], [2.0, -1.0]])
    total = (values * weights).sum()
    assert isinstance(total, Value)
    total.backward()
    assert [[v.grad for v in row] for row in values] == weights.tolist()
    product = values @ np.array([Value(1.0), Value(-1.0)])
    assert [z.data for z in product] == [-1.0, -1.0]
    assert [z.data for z in np.exp(values[0])] == [math.exp(1.0), math.exp(2.0)]
    assert (values[0] > 1.5).tolist() == [False, True]


def test_float_arrays_of_a_differentiated_argument_are_refused(np):
    with pytest.raises(CutGraphError):
        ag.grad(lambda x: x * np.array([x * 2.0], dtype=float)[0])(1.0)
    assert np.array([Value(1.0), Value(2.0)], dtype=float).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("other", [pytest.approx(1.0), [pytest.approx(1.0)]], ids=repr)
def test_a_value_beside_what_compares_numbers_is_an_error(other):
    x = Value(1.0) if not isinstance(other, list) else [Value(1.0)]
    for compare in (lambda: x == other, lambda: other == x, lambda: x != other):
        with pytest.raises(DataTypeError, match=r"equals only itself.*v\.data == 1\.0"):
            compare()


def test_a_value_equals_itself_alone_and_differs_from_what_is_no_number():
    x = Value(1.0)
    assert x == x
    assert (x != x) is False
    for other in (Value(1.0), None, "x", [1.0], (), x + 0.0):
        assert x != other
        assert other != x
