"""Rows of one's own: what their functions return is a number, or an error that names the row."""

import math
from fractions import Fraction

import pytest

from autograd import PRIMITIVES, Value, grad, gradients, jit, jvp, primitive, sample
from autograd.errors import DataTypeError, DomainError, LengthError, PrimitiveError

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


WRONG_FACTS = [
    ({"domain": "x >"}, PrimitiveError, "the domain 'x >' of odd_row is no Python expression"),
    ({"domain": "import os"}, PrimitiveError, "is no Python expression"),
    ({"domain": "q > 0"}, PrimitiveError, "names q, and it can name x and inf"),
    ({"domain": "sqrt(x) > 0"}, PrimitiveError, "names sqrt"),
    ({"domain": "x.real > 0"}, PrimitiveError, "names real"),
    ({"domain": "y > 0"}, PrimitiveError, "names y"),
    ({"error": 3}, DataTypeError, "error of odd_row is DomainError or a subclass"),
    ({"error": KeyError}, DataTypeError, "error of odd_row is DomainError or a subclass"),
    ({"derivatives": 3}, DataTypeError, "derivatives of odd_row is a list of texts"),
    ({"derivatives": "1"}, DataTypeError, "derivatives of odd_row is a list of texts"),
    ({"derivatives": [3]}, DataTypeError, "derivatives of odd_row is a list of texts"),
    ({"precedence": "a"}, DataTypeError, "precedence of odd_row is 1 to 4 or None"),
    ({"composition": 3}, DataTypeError, "composition of odd_row is a function"),
    ({"bilinear": True}, PrimitiveError, "odd_row is bilinear only with two operands"),
    *[
        ({fact: 3}, DataTypeError, f"{fact} of odd_row is a text, not 3")
        for fact in ("domain", "kinks", "limits", "summary", "formula", "source", "symbol", "latex")
    ],
]


@pytest.mark.parametrize(("facts", "error", "said"), WRONG_FACTS)
def test_what_a_row_says_of_itself_is_checked_before_it_joins_the_table(row, facts, error, said):
    with pytest.raises(error, match=said):
        row(math.sin, 1.0, **facts)
    assert "odd_row" not in PRIMITIVES


def test_a_domain_may_use_the_functions_of_python(row):
    f = row(math.fsum, lambda xs, z: [1.0] * len(xs), listed=True, domain="all(x > 0 for x in xs)")
    assert f([1.0, 2.0]) == 3.0
    with pytest.raises(DomainError):
        f([1.0, -2.0])


@pytest.mark.parametrize(
    ("forward", "partials", "facts"),
    [
        (lambda: 1.0, [1.0], {}),
        (lambda x: x, [1.0, 1.0], {}),
        (lambda x, y: x, [1.0], {}),
        (lambda x: x, [lambda x: 1.0], {}),
        (lambda x: x, [lambda x, y, z: 1.0], {}),
        (lambda xs: 1.0, [lambda xs: xs], {"listed": True}),
    ],
)
def test_functions_of_a_row_take_as_many_operands_as_it_has(row, forward, partials, facts):
    with pytest.raises(PrimitiveError, match=r"of odd_row is called with [1-3] argument"):
        row(forward, *partials, **facts)


def test_a_source_of_random_numbers_gives_numbers():
    assert sample(lambda: 3) == 3
    for odd in (None, "a", [1.0], 1j):
        with pytest.raises(DataTypeError, match="sample: what source"):
            sample(lambda odd=odd: odd)
