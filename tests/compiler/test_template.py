"""A function of many rows, recorded once for all of them."""

import math
import random
from types import FunctionType

import pytest

import autograd
import nn
from autograd import Value, dot, extending, gradients, jit, sample, sqrt, tanh, where
from autograd.compiler import record, template
from autograd.extending import in_columns, one_after_another, side_by_side


@pytest.fixture(autouse=True)
def recorded_once(monkeypatch):
    """What is brief is recorded twice, to see if it is the same: not here, where calls count."""
    monkeypatch.setattr(record, "BRIEF", 0)


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


def count_own(monkeypatch, cls, name):
    """Count the calls of a method of nn's own, by one that stands in the same module."""
    calls = []
    method = getattr(cls, name)
    g = counted(method, calls)
    variables = {"__name__": method.__module__}
    own = FunctionType(g.__code__, variables, name, None, g.__closure__)
    monkeypatch.setattr(cls, name, own)
    return calls


@pytest.mark.parametrize("n", [1, 7, 8, 9, 40])
def test_the_bits_are_those_of_each_row_by_itself(n):
    rows, rate = values(n), Value(0.3)
    program = jit(lambda: side_by_side(rule, rows, (rate,)))
    assert numbers(program()) == numbers([rule(*row, rate) for row in rows])


def test_a_result_may_be_an_operand_of_its_row():
    rows, shared = values(9), Value(0.3)
    found = jit(lambda: side_by_side(lambda a, b, c, s: (c, a * s, b, s), rows, (shared,)))()
    assert numbers(found) == numbers([(c, a.data * 0.3, b, shared) for a, b, c in rows])


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


def test_a_zero_and_its_negative_are_two_numbers():
    rows = [[Value(1.0), -0.0 if k == 4 else 0.0] for k in range(9)]
    found = numbers(jit(lambda: side_by_side(lambda a, b: autograd.atan2(b, -a), rows))())
    assert found == [-math.pi if k == 4 else math.pi for k in range(9)]


def test_a_result_may_be_a_number():
    rows = values(40)

    def f(a, b, c):
        return a * b, 2.5, -4.0

    found = jit(lambda: side_by_side(f, rows, ()))()
    assert numbers(found) == numbers([f(*row) for row in rows])


def test_what_is_no_function_of_its_row_is_recorded_row_by_row():
    """A captured Value may be another one, a count another number, a draw is each row's own."""
    rows, other, rng = values(20), Value(7.0), random.Random(0)
    for made in (
        lambda counts: lambda a, b, c: a * other,
        lambda counts: lambda a, b, c: a * sample(rng.random),
        lambda counts: lambda a, b, c: a * float(next(counts)),
    ):
        calls = []

        def f(made=made, calls=calls):
            return side_by_side(counted(made(iter(range(1000))), calls), rows, ())

        jit(f)()
        assert len(calls) >= 20


def test_a_gradient_through_the_rows():
    rows, rate = values(12), Value(0.3)

    def loss():
        total = autograd.sum([p for p, _ in side_by_side(rule, rows, (rate,))])
        return gradients(total, [v for row in rows for v in row])

    assert numbers(jit(loss)()) == numbers(loss())


@pytest.mark.parametrize("n", [1, 3, 40])
def test_columns_of_rows_are_those_of_each_row_by_itself(n):
    """Also where their elements are computed with, and where one is a number."""
    columns, rate, calls = list(zip(*values(n), strict=True)), Value(0.3), []

    def f(p, g, s, rate):
        p, (s, size) = rule(p, g, s, rate)
        return [p, s, size, 2.5, rate, g]

    def found(f):
        p, *others = in_columns(f, columns, (rate,))
        return [list(p), p[-1] * p[0], list(p[1:]), *map(list, others)]

    program = jit(lambda: found(counted(f, calls)))
    assert numbers(program()) == numbers(found(f))
    assert len(calls) == (2 if n == 40 else n)


def test_rows_within_rows_and_what_they_capture():
    """Each is recorded twice, and a Value from outside is one operand for all of them."""
    rows, own, inner = values(6), [Value(0.7), Value(-0.2)], []

    def outer(a, b, c):
        def each(x, y):
            inner.append(1)
            return [x * own[0] + y, y, 2.0 * own[1]]

        pairs = [(a, b), (b, c), (c, a), (a, a), (b, own[1])]
        found = side_by_side(each, pairs, used=None)
        return found, a * own[1], own[0]

    program = jit(lambda: side_by_side(outer, rows, used=None))
    found = numbers(program())
    assert len(inner) == 2 * 2
    assert found == numbers([outer(*row) for row in rows])

    def loss():
        found = autograd.functional.leaves(side_by_side(outer, rows, used=None))
        return gradients(dot(found, found), [*own, *[v for row in rows for v in row]])

    assert numbers(jit(loss)()) == numbers(loss())


def test_a_gradient_within_a_row():
    rows, own = values(7), Value(0.7)

    def slopes(a, b, c):
        return gradients(tanh(a * own + b * b) * c, [a, b, own])

    program = jit(lambda: side_by_side(slopes, rows, used=None))
    assert numbers(program()) == numbers([slopes(*row) for row in rows])


def test_steps_within_rows():
    rows, own = values(6), Value(0.7)

    def last(a, b, c):
        xs = [[a], [b], [c], [a], [b], [c], [a]]
        return one_after_another(lambda h, x: [tanh(h[0] * own + x[0])], [a], xs, None)[-1]

    program = jit(lambda: side_by_side(last, rows, used=None))
    assert numbers(program()) == numbers([last(*row) for row in rows])


def test_outside_of_a_domain_the_error_is_that_of_the_function():
    rows = values(10)
    program = jit(lambda: side_by_side(lambda a, b, c: sqrt(a), rows, ()))
    program()
    rows[4][0].data = -1.0
    with pytest.raises(autograd.errors.DomainError):
        program()


def test_an_optimizers_rule_is_recorded_twice_for_any_number_of_parameters(monkeypatch):
    calls = count_own(monkeypatch, nn.Adam, "rule")
    model = nn.MLP(2, [16, 1], seed=0)
    step = nn.train_step(model, nn.mse, nn.Adam(model.parameters()))
    step([[0.1, 0.2]], [[1.0]])
    assert len(calls) == 2 < len(model.parameters())


def test_a_rule_of_the_users_is_recorded_for_every_parameter():
    calls, model = [], nn.MLP(2, [16, 1], seed=0)
    n = len(model.parameters())

    class Own(nn.Optimizer):
        def rule(self, p, g, state, lr, t):
            calls.append(1)
            return p - lr * g * float(len(calls) % n), state

    step = nn.train_step(model, nn.mse, Own(model.parameters(), lr=0.1))
    step([[0.1, 0.2]], [[1.0]])
    assert len(calls) == n


def test_the_program_is_the_one_of_rows_by_themselves(monkeypatch):
    def tape(few):
        monkeypatch.setattr(template, "FEW", few)
        rows = values(10)
        made, _ = record.record(lambda _: side_by_side(rule, rows, (Value(0.3),)))
        kinds = [made.tape.rows[code] for code in made.tape.code]
        return [str(getattr(row, "name", row)) for row in kinds if getattr(row, "arity", 1) != 0]

    assert tape(8) == tape(1000)


def step_of(model, rows=9, **options):
    X = [[0.1 * k, -0.2 * k] for k in range(rows)]
    y = [[0.3 * k] for k in range(rows)]
    return nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1), **options), X, y


def calls_of(model, monkeypatch, rows=9):
    """How often a step that is recorded calls the model."""
    step, X, y = step_of(model, rows)
    calls = []
    forward = type(model).__call__
    monkeypatch.setattr(
        nn.Module,
        "__call__",
        lambda self, *inputs: (calls.append(1) if self is model else 0, forward(self, *inputs))[1],
    )
    step(X, y)
    return len(calls)


def test_a_model_of_nns_parts_is_recorded_once_for_all_rows(monkeypatch):
    assert calls_of(nn.MLP(2, [4, 1], seed=0), monkeypatch) == 2


def test_a_model_of_the_users_is_recorded_for_every_row(monkeypatch):
    class Own(nn.Module):
        def __init__(self):
            self.inner = nn.MLP(2, [4, 1], seed=0)

        def forward(self, x):
            return self.inner(x)

    assert calls_of(Own(), monkeypatch) == 9


def test_a_replaced_forward_or_activation_is_called_for_every_row(monkeypatch):
    replaced = nn.MLP(2, [4, 1], seed=0)
    plain = replaced.layers[0].forward
    replaced.layers[0].forward = lambda x: plain(x)
    assert calls_of(replaced, monkeypatch) == 9


def test_an_activation_of_the_users_is_called_for_every_row(monkeypatch):
    assert calls_of(nn.MLP(2, [4, 1], activation=lambda z: z * z, seed=0), monkeypatch) == 9


def test_a_trace_hears_every_row():
    model = nn.MLP(2, [4, 1], seed=0)
    step, X, y = step_of(model)
    with nn.trace(model) as t:
        step(X, y)
    assert [call.path for call in t.calls].count("") in (9, 18)  # in each recording


def test_dropout_draws_for_every_row():
    def losses(take):
        model = nn.Sequential(
            nn.Layer(2, 8, "tanh", seed=0), nn.Dropout(0.5, seed=1), nn.Layer(8, 1, seed=2)
        )
        step, X, y = step_of(model)
        return [take(step)(X, y) for _ in range(3)]

    assert losses(lambda step: step) == [loss for loss, _ in losses(lambda step: step.eager)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MLP(2, [5, 3, 1], "tanh", seed=0),
        lambda: nn.Sequential(nn.Layer(2, 4, "softmax", seed=0), nn.Layer(4, 1, seed=1)),
        lambda: nn.Sequential(nn.Layer(2, 4, seed=0), nn.LayerNorm(4), nn.Layer(4, 1, seed=1)),
    ],
)
@pytest.mark.parametrize("rows", [1, 3, 4, 13])
def test_the_bits_of_training_are_those_of_eager(make, rows):
    numbers = []
    for eager in (False, True):
        model = make()
        step, X, y = step_of(model, rows)
        losses = [(step.eager(X, y)[0] if eager else step(X, y)) for _ in range(4)]
        numbers.append([*losses, *[p.data for p in model.parameters()]])
    assert numbers[0] == numbers[1]


def test_sequences_of_several_lengths_share_a_recording_by_length():
    rng = random.Random(0)
    X = [[[rng.uniform(-1, 1)] for _ in range(2 + k % 2)] for k in range(10)]
    y = [[0.1 * k] for k in range(10)]
    numbers = []
    for eager in (False, True):
        model = nn.Sequential(nn.GRU(1, 3, seed=0), nn.Last(), nn.Layer(3, 1, seed=1))
        step = nn.train_step(model, nn.mse, nn.Adam(model.parameters()))
        losses = [(step.eager(X, y)[0] if eager else step(X, y)) for _ in range(3)]
        numbers.append([*losses, *[p.data for p in model.parameters()]])
    assert numbers[0] == numbers[1]


def test_tokens_of_an_embedding():
    X = [[k % 3, (k + 1) % 3] for k in range(8)]
    y = [k % 3 for k in range(8)]
    numbers = []
    for eager in (False, True):
        model = nn.Sequential(
            nn.Each(nn.Embedding(3, 2, seed=0)), nn.Last(), nn.Layer(2, 3, seed=1)
        )
        step = nn.train_step(model, nn.cross_entropy, nn.SGD(model.parameters(), lr=0.1))
        numbers.append([(step.eager(X, y)[0] if eager else step(X, y)) for _ in range(3)])
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("make", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize(("layers", "rows", "length"), [(1, 1, 9), (2, 1, 6), (2, 5, 7), (1, 2, 4)])
def test_the_steps_of_a_sequence_give_the_bits_of_eager(make, layers, rows, length):
    rng = random.Random(0)
    X = [[[rng.uniform(-1, 1)] for _ in range(length)] for _ in range(rows)]
    y = [[0.1 * k] for k in range(rows)]
    numbers = []
    for eager in (False, True):
        model = nn.Sequential(make(1, 3, layers=layers, seed=0), nn.Last(), nn.Layer(3, 1, seed=1))
        step = nn.train_step(model, nn.mse, nn.Adam(model.parameters()))
        losses = [(step.eager(X, y)[0] if eager else step(X, y)) for _ in range(3)]
        numbers.append([*losses, *[p.data for p in model.parameters()]])
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("length", [5, 50])
def test_a_cell_is_recorded_three_times_for_any_number_of_steps(monkeypatch, length):
    calls = count_own(monkeypatch, nn.GRUCell, "forward")
    model = nn.Sequential(nn.GRU(1, 3, seed=0), nn.Last(), nn.Layer(3, 1, seed=1))
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    step([[[0.1 * t] for t in range(length)]], [[0.5]])
    assert len(calls) == 3  # the first step, which begins with zeros, another one, and the last


def test_a_step_that_returns_what_it_was_given_is_recorded_step_by_step():
    w = Value(0.5)

    def f(state, x):
        a, b = state
        return [b, a * w + x[0]]

    def run():
        xs = [[Value(0.1 * t)] for t in range(9)]
        return extending.one_after_another(f, [Value(1.0), Value(2.0)], xs, {w})

    assert numbers(jit(run)()[-1]) == numbers(run()[-1])
