"""check_primitive: every row of the table passes, and a wrong row is caught in each mode."""

import math

import pytest

import autograd
from autograd import PRIMITIVES, Value, check_primitive, primitive
from autograd.core import primitives as table
from autograd.errors import ArgumentError, DataTypeError, GradientError

REFERRED = [op for op in PRIMITIVES.values() if op.name != "stop_gradient"]


@pytest.fixture
def row():
    """Make rows that leave the table with the test."""
    made = []

    def make(forward, *partials, name="row_under_test", **facts):
        made.append(name)
        return primitive(name, forward, *partials, **facts)

    yield make
    for name in made:
        PRIMITIVES.pop(name, None)
        if name in vars(Value):
            delattr(Value, name)


@pytest.mark.parametrize("op", REFERRED, ids=lambda op: op.name)
def test_every_row_of_the_table_passes(op):
    compared = check_primitive(op.function).compared
    assert compared["value"] >= 1
    assert compared["jit"] >= 1
    assert bool(op.domain) == (compared["domain"] > 0) or op.arity is None


def caught(f, mode, **more):
    with pytest.raises(GradientError, match=rf"^{mode}: row_under_test\("):
        check_primitive(f, **more)


def square(x):
    return x * x


def test_a_right_row_of_one_s_own_passes(row):
    f = row(square, lambda x, z: 2.0 * x)
    report = check_primitive(f, reference=lambda x: x**2)
    assert report.compared == {
        "value": 26,
        "reverse": 39,
        "forward": 13,
        "nested": 39,
        "jit": 26,
        "domain": 0,
        "kinks": 0,
    }


def test_a_wrong_value_is_caught(row):
    f = row(square, lambda x, z: 2.0 * x)
    caught(f, "value", reference=lambda x: x * x + 1e-5)


def test_a_forward_that_raises_is_caught(row):
    caught(row(lambda x: 1.0 / x, lambda x, z: -z * z), "value")


def test_a_value_that_depends_on_the_call_is_caught(row):
    numbers = iter(range(1000))
    caught(row(lambda x: float(next(numbers)), 0.0), "value")


@pytest.mark.parametrize("factor", [-1.0, 1.001, 0.0])
def test_a_wrong_partial_is_caught(row, factor):
    caught(row(square, lambda x, z: factor * 2.0 * x), "reverse")


def test_swapped_partials_are_caught(row):
    caught(row(lambda x, y: x * x + y, 1.0, lambda x, y, z: 2.0 * x), "reverse")


def test_a_rule_that_differs_for_floats_and_values_is_caught(row):
    caught(row(square, lambda x, z: 2.0 * x + isinstance(x, Value)), "reverse")


def test_partners_that_are_no_partners_are_caught(row):
    """`bilinear` says so of a row whose partials are others."""
    f = row(lambda x, y: x * y * y, lambda x, y, z: y * y, lambda x, y, z: 2.0 * x * y)
    check_primitive(f)
    PRIMITIVES["row_under_test"].partials = (1.0, 1.0)
    caught(f, "reverse")


def test_a_partial_that_forward_mode_alone_sees_wrong_is_caught(row):
    """The rule gives another number the third time that it is asked at a point."""
    asked = {}

    def rule(x, z):
        x = x.data if isinstance(x, Value) else x
        asked[x] = asked.get(x, 0) + 1
        return 2.0 * x + (asked[x] > 3)

    caught(row(square, rule), "forward")


def test_a_rule_that_loses_the_second_derivative_is_caught(row):
    def rule(x, z):
        return 2.0 * (x.data if isinstance(x, Value) else x)

    caught(row(square, rule), "nested")


def test_a_rule_with_a_wrong_second_derivative_is_caught(row):
    detached = autograd.stop_gradient
    caught(row(lambda x: x**3, lambda x, z: 3.0 * x * detached(x)), "nested")


def test_a_rule_that_no_program_can_follow_is_caught(row):
    def rule(x, z):
        return 2.0 * x if x > 0.1 else x + x

    caught(row(square, rule), "jit")


def test_a_domain_that_is_too_wide_is_caught(row):
    def root(x):
        return math.sqrt(x) if x >= 0.0 else math.nan

    def slope(x, z):
        return table._div(0.5, z)

    caught(row(root, slope, domain="x > -1", singular=True), "domain")


def test_a_domain_that_is_too_narrow_for_every_point_is_said(row):
    f = row(square, lambda x, z: 2.0 * x, domain="x > 1000")
    with pytest.raises(GradientError, match=r"^row_under_test, domain: none of the points"):
        check_primitive(f)
    assert check_primitive(f, points=[2000.0]).compared["domain"] == 42


def test_a_rule_that_raises_outside_the_domain_is_caught(row):
    caught(row(table.ieee.log, lambda x, z: 1.0 / x, domain="x > 0"), "domain")


def test_a_kink_that_the_row_does_not_name_is_caught(row):
    caught(row(abs, lambda x, z: autograd.sign(x)), "kinks")


@pytest.mark.parametrize("at", [0.0, (0.0,)])
def test_another_choice_at_a_kink_is_caught(row, at):
    f = row(abs, lambda x, z: autograd.sign(x), kinks="dz/dx = 0 at x = 0")
    assert check_primitive(f, kinks={at: 0.0}).compared["kinks"] == 1
    caught(f, "kinks", kinks={at: 1.0})


def test_what_is_no_row_is_refused():
    with pytest.raises(DataTypeError, match="what primitive"):
        check_primitive(math.sin)
    with pytest.raises(ArgumentError, match="takes 1 operands"):
        check_primitive(autograd.sin, points=[(1.0, 2.0)])
    with pytest.raises(ArgumentError, match="one each is needed"):
        check_primitive(autograd.maximum, kinks={(1.0, 1.0): 0.5})


def test_the_report_is_a_table():
    report = check_primitive(autograd.exp)
    assert str(report).splitlines()[1].split() == ["value", "13"]
    assert "<caption>The row exp</caption>" in report._repr_html_()
