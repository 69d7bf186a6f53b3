"""audit: a graph again with more digits."""

import math
from fractions import Fraction

import pytest
from mpmath import mp, mpf

import autograd
from autograd import PRIMITIVES, Value, audit, exp, expm1, log, primitive, where
from autograd.errors import ArgumentError, DataTypeError, MissingDependencyError, StaleValueError

FOUR = {"acosh": [1.5], "clip": [0.3, 0.2, 0.7], "take": [0.3, 0.7, 0.2, 1.0]}


def operands(op):
    return FOUR.get(op.name) or [0.3, 0.7, 0.2, 0.9][: op.arity or 4]


@pytest.mark.parametrize(
    "op",
    [op for op in PRIMITIVES.values() if op.name != "sinc_slope"],
    ids=lambda op: op.name,
)
def test_the_function_of_a_row_in_more_digits_is_that_of_the_row(op):
    xs = [Value(x) for x in operands(op)]
    (node,) = audit(op.function(xs) if op.arity is None else op.function(*xs)).nodes
    assert node.known
    assert node.error <= 2.0
    assert node.lost < 0.7


def test_what_no_formula_gives_is_said():
    found = audit(autograd.sinc(Value(0.3)).sinc() + autograd.sinc_slope(Value(0.3), 1.0))
    assert [node.node.op.name for node in found.nodes if not node.known] == ["sinc_slope"]
    assert "No formula gives them with more digits" in str(found)


def test_a_difference_of_nearly_equal_numbers_loses_its_digits():
    x = Value(1e-9, "x")
    found = audit((exp(x) - 1.0) / x)
    with mp.workdps(60):
        exact = mp.expm1(mpf(1e-9))
        error = (mpf(math.exp(1e-9) - 1.0) - exact) / mpf(math.ulp(1e-9))
        digits = mp.log10(error * mpf(math.ulp(1e-9)) / exact / mpf(2) ** -53)
    (worst,) = found.worst
    assert worst.name == "#3 -"
    assert worst.error == pytest.approx(float(error), rel=1e-12)
    assert worst.own == 0.0  # the difference itself is exact
    assert worst.lost == pytest.approx(float(digits), rel=1e-12)
    assert str(found).endswith("#3 - lost 8.9 digits: its operands are 1.000000001, 1.0.")
    assert "<caption>Where digits were lost</caption>" in found._repr_html_()
    assert "8.9 digits lost at #3" in str(found.draw())


def test_the_remedy_is_seen_to_help():
    x = Value(1e-9)
    found = audit(expm1(x) / x)
    assert found.worst == []
    assert found.nodes[-1].error < 1.0
    assert str(found).endswith("No node lost a digit.")


def test_a_sum_that_cancels_to_nothing_has_no_right_digit():
    x = Value(0.1)
    found = audit(x + 0.2 - 0.3)
    exact = 0.1 + 0.2 - 0.3
    assert found.nodes[-1].node.data == exact == 5.551115123125783e-17
    assert found.nodes[-1].exact == 2.7755575615628914e-17
    assert found.nodes[-1].lost == pytest.approx(-math.log10(2.0**-53) + math.log10(1.0), abs=0.1)


def test_sums_products_quotients_and_choices_are_exact_fractions():
    x, y = Value(0.1), Value(0.3)
    root = autograd.maximum(x * y, x / y) - autograd.dot([x, 2.0], [y, x]) + (y**3).relu()
    (*_, last) = audit(root).nodes
    a, b = Fraction(0.1), Fraction(0.3)
    exact = a / b - (a * b + 2 * a) + b**3
    assert last.fraction
    assert last.exact == float(exact)
    assert last.error == float(abs(exact - Fraction(root.data)) / Fraction(math.ulp(float(exact))))
    assert str(audit(root)).endswith("The result is an exact fraction, rounded once.")
    assert not audit(exp(x) * y).nodes[-1].fraction


def test_a_cancellation_of_which_no_digits_would_be_enough_is_exact():
    x, y = Value(1e300), Value(1e-300)
    node = audit((x + y) - x).nodes[-1]
    assert (node.node.data, node.exact, node.lost) == (0.0, 1e-300, pytest.approx(15.95, abs=0.01))


def test_a_fraction_that_grows_too_long_goes_on_in_digits():
    x = Value(1.0000001)
    for _ in range(30):
        x = x * x - 0.5
    nodes = audit(x).nodes
    assert [node.fraction for node in nodes[:4]] == [True] * 4
    assert not nodes[-1].fraction
    assert nodes[-1].error < 2.0


def test_a_steep_or_broken_power_is_no_fraction():
    x = Value(1.5)
    assert [audit(x**y).nodes[-1].fraction for y in (64.0, 65.0, 0.5)] == [True, False, False]
    assert audit(x**1e300).nodes[-1].error == 0.0  # infinite in either


def test_a_gradient_is_audited_as_the_graph_that_it_is():
    x = Value(1e-9)
    (slope,) = autograd.gradients((exp(x) - 1.0) / x, [x])
    found = audit(slope)
    assert found.nodes[-1].exact == pytest.approx(0.5, rel=1e-8)
    assert found.worst[0].lost == pytest.approx(8.9, abs=0.1)


def test_a_label_commands_no_terminal():
    y = Value(1e-9) + 1.0
    y.label = "\x1b[31m\n"
    assert str(audit(y)).splitlines()[1].startswith("#2 \\x1b[31m\\n ")


def test_leaves_are_exact_so_their_difference_is_right():
    assert audit(Value(1.0 + 2.0**-52) - 1.0).nodes[-1].error == 0.0


def test_a_condition_that_is_decided_otherwise_is_found():
    x = Value(0.1)
    root = where(autograd.greater(x + 0.2, 0.3), 1.0, x)  # of the floats alone: 0.1 + 0.2 > 0.3
    assert root.data == 1.0
    assert audit(root).nodes[-1].exact == 1.0  # and of their exact sum, too
    y = Value(1.0)
    root = where(autograd.equal(y + 1e-20, 1.0), 1.0, y * 5.0)
    assert (root.data, audit(root).nodes[-1].exact) == (1.0, 5.0)


def test_overflow_is_an_infinite_error_only_where_a_float_could_hold_the_number():
    x = Value(1000.0)
    nodes = audit(log(exp(x))).nodes
    assert [node.error for node in nodes] == [0.0, math.inf]
    assert nodes[1].exact == 1000.0


def test_more_digits_are_taken_where_fifty_do_not_settle_it():
    x = Value(300.0)
    assert audit((exp(x) + 1.0) - exp(x)).nodes[-1].exact == 1.0
    assert audit((exp(-x) + 1.0) - 1.0).nodes[-1].exact == math.exp(-300.0)


def test_a_row_of_one_s_own_is_computed_by_its_formula():
    try:
        f = primitive("cubed", lambda x: x**3, lambda x, z: 3.0 * x * x, formula="x**3")
        assert audit(f(Value(0.3))).nodes[0].known
    finally:
        del PRIMITIVES["cubed"], Value.cubed


def test_what_cannot_be_audited_is_refused(monkeypatch):
    x = Value(2.0)
    with pytest.raises(DataTypeError, match="the result of an operation"):
        audit(x)
    with pytest.raises(ArgumentError, match="has 3 nodes, more than at_most=2"):
        audit(x * 3.0, at_most=2)
    y = x * 3.0
    x.data = 5.0
    with pytest.raises(StaleValueError):
        audit(y)
    monkeypatch.setitem(__import__("sys").modules, "mpmath", None)
    with pytest.raises(MissingDependencyError, match="audit needs mpmath"):
        audit(x * 2.0)


@pytest.mark.parametrize(
    "formulas",
    [
        ("", ""),
        ("odd_1(x) + 0", "odd_2(x)"),
        ("odd_2(x)", "odd_1(x)"),
        ("unheard_of(x)", "in words"),
    ],
)
def test_rows_whose_formulas_cannot_be_computed_are_said_to_be_unknown(formulas):
    try:
        f, g = (
            primitive(f"odd_{i}", lambda x: 2.0 * x, lambda x, z: 2.0, formula=formula)
            for i, formula in enumerate(formulas, 1)
        )
        found = audit(g(f(Value(0.3))) * 3.0)
        known = {node.node.op.name: node.known for node in found.nodes}
        assert known == {"odd_1": False, "odd_2": False, "mul": True}
    finally:
        for name in ("odd_1", "odd_2"):
            del PRIMITIVES[name]
            delattr(Value, name)
