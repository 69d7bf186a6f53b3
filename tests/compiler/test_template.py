"""A function of many rows, recorded once for all of them."""

import random

import pytest

import autograd
import nn
from autograd import Value, gradients, jit, sample, sqrt, where
from autograd.compiler import record, template
from autograd.extending import side_by_side


def rule(p, g, s, rate):
    s = 0.9 * s + g * g
    return p - rate * g / sqrt(s), (s, where(g > 0.0, g, -g))


def values(n, seed=0):
    rng = random.Random(seed)
    return [[Value(rng.uniform(0.1, 1.0)) for _ in range(3)] for _ in range(n)]


def numbers(found):
    return [z.data if isinstance(z, Value) else z for z in autograd.functional.leaves(found)]


def counted(f, calls):
    def g(*operands):
        calls.append(1)
        return f(*operands)

    return g


@pytest.mark.parametrize("n", [1, 7, 8, 9, 40])
def test_the_bits_are_those_of_each_row_by_itself(n):
    rows, rate = values(n), Value(0.3)
    program = jit(lambda: side_by_side(rule, rows, (rate,)))
    assert numbers(program()) == numbers([rule(*row, rate) for row in rows])


def test_many_rows_are_recorded_once_and_compared_once():
    rows, calls = values(40), []
    jit(lambda: side_by_side(counted(rule, calls), rows, (Value(0.3),)))()
    assert len(calls) == 2


def test_plain_numbers_in_a_row_choose_its_recording():
    rows = [[Value(1.0 + k), 0.0 if k % 2 else Value(2.0), 3.0] for k in range(30)]
    calls = []

    def f(a, b, c, shared):
        calls.append((b.__class__, c))
        return a * b + c * shared

    shared = Value(5.0)
    program = jit(lambda: side_by_side(f, rows, (shared,)))
    found = numbers(program())
    assert len(calls) == 4
    assert found == [(1.0 + k) * (0.0 if k % 2 else 2.0) + 15.0 for k in range(30)]


def test_what_is_no_function_of_its_row_is_recorded_row_by_row():
    """A captured Value may be another one, a count another number, a draw is each row's own."""
    rows, other, rng = values(20), Value(7.0), random.Random(0)
    counts = iter(range(1000))
    for f in (
        lambda a, b, c: a * other,
        lambda a, b, c: a * sample(rng.random),
        lambda a, b, c: a * float(next(counts)),
    ):
        calls = []
        jit(lambda f=f, calls=calls: side_by_side(counted(f, calls), rows, ()))()
        assert len(calls) >= 20


def test_a_gradient_through_the_rows():
    rows, rate = values(12), Value(0.3)

    def loss():
        total = autograd.sum([p for p, _ in side_by_side(rule, rows, (rate,))])
        return gradients(total, [v for row in rows for v in row])

    assert numbers(jit(loss)()) == numbers(loss())


def test_outside_of_a_domain_the_error_is_that_of_the_function():
    rows = values(10)
    program = jit(lambda: side_by_side(lambda a, b, c: sqrt(a), rows, ()))
    program()
    rows[4][0].data = -1.0
    with pytest.raises(autograd.errors.DomainError):
        program()


def test_an_optimizers_rule_is_recorded_twice_for_any_number_of_parameters(monkeypatch):
    calls = []
    plain = nn.Adam.rule
    monkeypatch.setattr(
        nn.Adam, "rule", lambda self, *operands: calls.append(1) or plain(self, *operands)
    )
    monkeypatch.setattr(nn.Adam.rule, "__module__", plain.__module__)
    model = nn.MLP(2, [16, 1], seed=0)
    step = nn.train_step(model, nn.mse, nn.Adam(model.parameters()))
    step([[0.1, 0.2]], [[1.0]])
    assert len(calls) == 2 < len(model.parameters())


def test_a_rule_of_the_users_is_recorded_for_every_parameter():
    calls = []

    class Own(nn.Optimizer):
        def rule(self, p, g, state, lr, t):
            calls.append(1)
            return p - lr * g * float(len(calls)), state

    model = nn.MLP(2, [16, 1], seed=0)
    step = nn.train_step(model, nn.mse, Own(model.parameters(), lr=0.1))
    step([[0.1, 0.2]], [[1.0]])
    assert len(calls) == len(model.parameters())


def test_the_program_is_the_one_of_rows_by_themselves(monkeypatch):
    def tape(few):
        monkeypatch.setattr(template, "FEW", few)
        rows = values(10)
        made, _ = record.record(lambda _: side_by_side(rule, rows, (Value(0.3),)))
        kinds = [made.tape.rows[code] for code in made.tape.code]
        return [str(getattr(row, "name", row)) for row in kinds if getattr(row, "arity", 1) != 0]

    assert tape(8) == tape(1000)
