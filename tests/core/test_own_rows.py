"""Rows of one's own: what their functions return is a number, or an error that names the row."""

import math
from fractions import Fraction

import pytest

from autograd import PRIMITIVES, Value, grad, gradients, jit, jvp, primitive
from autograd.errors import DataTypeError, LengthError

ODD = [None, "a", [1.0], {}, 1j, True, object()]


@pytest.fixture
def row():
    """Make rows that leave the table with the test."""

    def make(forward, *partials, **facts):
        forget()
        return primitive("odd_row", forward, *partials, **facts)

    def forget():
        PRIMITIVES.pop("odd_row", None)
        if "odd_row" in vars(Value):
            delattr(Value, "odd_row")

    yield make
    forget()


def all_modes(f, *xs):
    """Every way to the partials of f."""
    values = [Value(x) for x in xs]
    derivative = grad(f, tuple(range(len(xs))))
    return [
        lambda: f(*values).backward(),
        lambda: gradients(f(*values), values),
        lambda: derivative(*xs),
        lambda: jvp(f, list(xs), [1.0] * len(xs)),
        lambda: jit(derivative)(*xs),
    ]


@pytest.mark.parametrize("odd", [*ODD, Value(2.0)], ids=lambda odd: type(odd).__name__)
def test_a_forward_function_gives_a_number(row, odd):
    f = row(lambda x: odd, 1.0)
    for call in (lambda: f(1.0), lambda: f(Value(1.0)), lambda: f(1)):
        with pytest.raises(DataTypeError, match=r"^forward of odd_row gave .*, not a number, for"):
            call()
    if not isinstance(odd, Value):  # a program computes with Values
        with pytest.raises(DataTypeError, match=r"^forward of odd_row gave"):
            jit(f)(1.0)
    f = row(lambda xs: odd, lambda xs, z: xs, listed=True)
    with pytest.raises(DataTypeError, match=r"^forward of odd_row gave .* for \(\[1.0, 2.0\]\)"):
        f([Value(1.0), 2.0])


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_a_partial_gives_a_number(row, odd):
    said = r"^the partial of odd_row gave .*, not a number, for"
    f = row(lambda x: 2.0 * x, lambda x, z: odd)
    for call in all_modes(f, 1.0):
        with pytest.raises(DataTypeError, match=said):
            call()
    g = row(lambda x, y: x * y, lambda x, y, z: y, lambda x, y, z: odd)
    for call in all_modes(g, 1.0, 2.0):
        with pytest.raises(DataTypeError, match=said):
            call()
    if odd is not None:  # in a list it stands for: no gradient flows
        h = row(lambda xs: 2.0, lambda xs, z: [odd, 1.0], listed=True)
        for call in all_modes(lambda x, y: h([x, y]), 1.0, 2.0):
            with pytest.raises(DataTypeError, match=said):
                call()


@pytest.mark.parametrize("odd", [None, 1.0, "ab", {1.0, 2.0}, {1.0: 2.0}, Value(1.0)])
def test_the_rule_of_a_list_gives_a_list(row, odd):
    f = row(lambda xs: 2.0, lambda xs, z: odd, listed=True)
    for call in all_modes(lambda x, y: f([x, y]), 1.0, 2.0):
        with pytest.raises(DataTypeError, match=r"^the rule of odd_row gives a list"):
            call()


def test_the_rule_of_a_list_gives_one_partial_for_each_operand(row):
    f = row(lambda xs: 2.0, lambda xs, z: xs[1:], listed=True)
    for call in all_modes(lambda x, y: f([x, y]), 1.0, 2.0):
        with pytest.raises(LengthError, match="odd_row gave 1 partials for 2 operands"):
            call()


@pytest.mark.parametrize("number", [3, Fraction(1, 2), math.nan, math.inf, 10**400])
def test_numbers_of_every_type_become_floats(row, number):
    f = row(lambda x: number, lambda x, z: number)
    expected = math.inf if number == 10**400 else float(number)
    x = Value(1.0)
    z = f(x)
    z.backward()
    for found in (z.data, x.grad, f(1.0), grad(f)(1.0), jit(f)(1.0), jit(grad(f))(1.0)):
        assert type(found) is float
        assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_functions_of_math_that_give_no_float_are_looked_at(row):
    f = row(math.floor, 0.0)
    assert type(f(2.5)) is type(f(Value(2.5)).data) is float
    with pytest.raises(DataTypeError, match="forward of odd_row gave False of type bool"):
        row(math.isnan, 0.0)(2.5)


def test_a_partial_that_reads_a_value_counts_with_its_number(row):
    w, x = Value(3.0), Value(2.0)
    f = row(lambda x: 3.0 * x, lambda x, z: w * 1.0)
    f(x).backward()
    assert (x.grad, type(x.grad)) == (3.0, float)
