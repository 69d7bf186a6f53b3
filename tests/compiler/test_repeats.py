"""What a program repeats is planned once and stands in its calls as a loop, with the same bits."""

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, dot, gradients, log, sigmoid, tanh
from autograd.compiler import llvm, machine, native, repeats, schedule
from autograd.compiler.lanes import Block, Layout, Ref, Run
from autograd.compiler.loops import Loop
from autograd.compiler.passes import codes, repetition
from autograd.compiler.program import Compiled
from autograd.compiler.record import record
from autograd.compiler.regions import Region, Regions
from autograd.compiler.schedule import Chain, Repeat, Schedule, paired
from autograd.compiler.source.text import Python
from autograd.compiler.tape import CHAIN

needs_llvm = pytest.mark.skipif(
    not llvm.available(), reason="llvmlite is not installed: native code is not tested"
)


@pytest.fixture(autouse=True, scope="module")
def few():
    """Three repetitions of few waves are loops, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "OFTEN", 3)
        patch.setattr(repeats, "MANY", 0)
        yield


def tape_of(f, n):
    """The tape of f on n inputs, simplified and with chains."""
    return Compiled(*record(lambda made: f(*[made.input() for _ in range(n)])), n).short()


def loops_of(tape):
    """How often each loop repeats how many blocks."""
    items = repeats.items(Layout(tape, together=True))
    return [(item.times, len(item.body)) for item in items if isinstance(item, Loop)]


def same_bits(tape, numbers):
    """The results in native code; they must be those of the source, to the bit."""
    found, expected = machine.Machine(tape).run(numbers, []), Python(tape).run(numbers, [])
    assert (found is None) == (expected is None)
    assert found is None or array("d", found) == array("d", expected)
    return found


def net(n, length, change=lambda t: 1.0):
    """A recurrent net with n units, its loss at every step, and the gradients."""

    def f(*p):
        weights, b, h, xs = p[: n * n], p[n * n : n * n + n], p[n * n + n :][:n], p[-length:]
        loss = 0.0
        for t in range(length):
            sums = [dot(weights[i * n : i * n + n], h) + b[i] * xs[t] for i in range(n)]
            h = [tanh(u) for u in sums]
            if change(t) != 1.0:
                h = [u * change(t) for u in h]
            loss = loss + h[0] * h[-1]
        return [loss, *h, *gradients(loss, list(p))]

    rng = random.Random(length)
    return f, [rng.uniform(-1, 1) for _ in range(n * n + 2 * n + length)]


@needs_llvm
@pytest.mark.parametrize(
    ("n", "lengths"),
    [(1, range(1, 41, 13)), (3, range(1, 21)), (3, range(21, 41, 3))],
)
def test_lengths_of_a_recurrent_net(n, lengths):
    for length in lengths:
        f, numbers = net(n, length)
        tape = tape_of(f, len(numbers))
        assert len(loops_of(tape)) >= 2 or length < 8  # forward and backward
        same_bits(tape, numbers)


@needs_llvm
def test_the_table_of_a_long_sequence_is_no_longer_than_that_of_a_short_one():
    (f, few), (g, many) = net(3, 40), net(3, 500)
    short, long = tape_of(f, len(few)), tape_of(g, len(many))
    assert len(machine.Machine(long).code) <= len(machine.Machine(short).code)
    same_bits(long, many)


class Steps(nn.Module):
    """A cell over the numbers of a row, with dropout in every step."""

    def __init__(self, cell):
        self.cell, self.dropout, self.last = cell, nn.Dropout(0.3, seed=1), nn.Layer(3, 1, seed=2)

    def forward(self, row):
        state = [0.0] * 3
        for x in row:
            state = self.dropout(self.cell([x], state))
        return self.last(state)


def trained(model, X, take):
    """The losses and the parameters after two steps, taken by a program or eagerly."""
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    y = [[0.5]] * len(X)
    losses = [step(X, y) if take == "program" else step.eager(X, y)[0] for _ in range(2)]
    return [float(loss) for loss in losses], [p.data for p in model.parameters()]


@needs_llvm
@pytest.mark.parametrize("make", [nn.RNN, nn.GRU, nn.LSTM])
def test_layers_over_many_steps_train_as_they_do_eagerly(make):
    rng = random.Random(0)
    X = [[[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(40)] for _ in range(2)]
    found = []
    for take in ("program", "eagerly"):
        layers = make(2, 3, layers=2, seed=0), nn.Last(), nn.Layer(3, 1, seed=0)
        found.append(trained(nn.Sequential(*layers), X, take))
    assert found[0] == found[1]


@needs_llvm
def test_what_every_repetition_draws_is_its_own():
    X = [[0.1 * t for t in range(40)]]
    found = [trained(Steps(nn.RNNCell(1, 3, seed=0)), X, take) for take in ("program", "eagerly")]
    assert found[0] == found[1]


@needs_llvm
def test_a_repetition_that_differs_ends_a_loop():
    f, numbers = net(2, 40, lambda t: 0.5 if t == 20 else 1.0)
    tape = tape_of(f, len(numbers))
    assert max(times for times, _ in loops_of(tape)) < 25
    same_bits(tape, numbers)


@needs_llvm
def test_weights_in_no_steady_order_are_no_loop():
    order = random.Random(0).choices(range(6), k=80)

    def f(*w):
        z = w[0]
        for k in order:
            z = tanh(z * w[k] + 0.5)
        return [z]

    tape = tape_of(f, 6)
    assert max(times for times, _ in loops_of(tape)) < 6  # by chance
    same_bits(tape, [0.5, 0.4, 0.3, 0.2, 0.1, 0.7])


@needs_llvm
@pytest.mark.parametrize("times", [39, 40])
def test_a_domain_is_tested_in_every_repetition(times):
    """The logarithm is taken of z, z - 1, z - 2, ..."""

    def f(z):
        total = 0.0
        for _ in range(times):
            total = total + sigmoid(log(z) * total)
            z = z - 1.0
        return [total, *gradients(total, [z])]

    tape = tape_of(f, 1)
    assert len(loops_of(tape)) >= 1
    assert (same_bits(tape, [38.5]) is None) == (times > 39)


@needs_llvm
def test_states_that_are_results_lie_where_they_belong():
    def f(*w):
        a, b, found = list(w[:4]), w[4:8], []
        for _ in range(40):
            a = [tanh(u * v + 0.1) for u, v in zip(a, b, strict=True)]
            found += a
        return found

    numbers = [0.1 * k - 0.3 for k in range(8)]
    tape = tape_of(f, 8)
    assert max(loops_of(tape)) >= (38, 2)
    assert same_bits(tape, numbers) == [z.data for z in f(*map(Value, numbers))]


@needs_llvm
def test_weights_are_laid_out_once_for_all_repetitions():
    f, numbers = net(8, 40)
    tape = tape_of(f, len(numbers))
    calls = Schedule(Layout(tape, together=True)).calls
    bodies = [call.calls for call in calls if isinstance(call, Repeat)]
    assert not any(type(call).__name__ == "Move" for body in bodies for call in body)
    same_bits(tape, numbers)


@needs_llvm
@pytest.mark.parametrize("lanes", [1, 3, 9])
def test_a_loop_of_elementwise_operations_is_one_call(lanes):
    def f(*p):
        w, z = p[:lanes], p[lanes:]
        for _ in range(30):
            z = [tanh(u * v + 0.5) * sigmoid(u) for u, v in zip(w, z, strict=True)]
        return z

    numbers = [0.3 * k - 0.7 for k in range(2 * lanes)]
    tape = tape_of(f, 2 * lanes)
    calls = paired(Schedule(Layout(tape, together=True)).calls)
    assert 30 - 2 <= max(call.outer for call in calls) <= 30
    assert len(calls) < 10  # the sigmoids, and the first and the last repetition
    assert same_bits(tape, numbers) == [z.data for z in f(*map(Value, numbers))]


@needs_llvm
@pytest.mark.parametrize("lanes", [1, 3, 5, 9])
@pytest.mark.parametrize("inside", [False, True])
def test_a_chain_of_several_runs_is_one_call_where_it_comes_often(lanes, inside):
    """The runs of nine chains have 1, 2 and 10 products at regular distances."""

    def f(*p):
        weights, xs, z = p[:40], p[40:80], list(p[80:])
        found = []
        for k in range(native.SEVERAL + 1):
            sums = []
            for u in z:
                pairs = [(weights[30], xs[k]), (weights[20], u), (weights[22], u)]
                pairs += [(weights[t], xs[t + k]) for t in range(10)]
                sums.append(dot(*map(list, zip(*pairs, strict=True))))
            z = [tanh(u) for u in sums] if inside else z
            found += sums
        return found

    numbers = [0.1 * (k % 17) - 0.7 for k in range(80 + lanes)]
    tape = tape_of(f, len(numbers))
    calls = native.with_common_runs(Schedule(Layout(tape, together=True)).calls)
    calls += [each for call in calls if isinstance(call, Repeat) for each in call.calls]
    lengths = [[run.n for run in call.runs] for call in calls if isinstance(call, Chain)]
    # Where none waits for another, they are lanes of one chain, whose runs are for themselves.
    assert max(map(len, lengths)) == (3 if inside else 1)
    assert same_bits(tape, numbers) == [z.data for z in f(*map(Value, numbers))]


def test_pieces_at_equal_distances_are_a_loop():
    blocks = [
        Block(CHAIN, 100 + 16 * k, 1, 4, (Ref(7, 0, 1),), (Run(3, (Ref(3 * k), Ref(k, 0, 1))),))
        for k in range(9)
    ]
    blocks[5] = blocks[5]._replace(address=999)
    found = list(repeats._in_rows(blocks))
    assert [item.times if isinstance(item, Loop) else 1 for item in found] == [5, 1, 3]
    assert found[0].moves == ((16, 0, 3, 1),)
    assert found[0].repetition(4) == [blocks[4]]


@needs_llvm
@pytest.mark.parametrize("k", range(6))
def test_a_wrong_move_is_noticed(k, monkeypatch):
    """Mutants of a kind: the k-th number that moves stays where it is."""
    f, numbers = net(2, 40)
    tape, left = tape_of(f, len(numbers)), [k]
    expected, right = Python(tape).run(numbers, []), schedule.moving

    def wrong(block, moves):
        moves = list(moves)
        for place, move in enumerate(moves):
            if place and move:
                moves[place] = 0 if left[0] == 0 else move
                left[0] -= 1
        return right(block, moves)

    monkeypatch.setattr(schedule, "moving", wrong)
    assert machine.Machine(tape).run(numbers, []) != expected
    assert left[0] < 0


def test_repetitions_are_followed_by_hand():
    """Two members a repetition: each reads one before it, the second in turn of another row."""
    code = [9, 9, 0, 1, 0, 1, 0, 1, 0, 1]
    operands = [0, 0, 0, 2, 1, 4, 1, 6, 1, 8]
    n = len(code)
    members, address = list(range(2, n)), [50, 60, 100, 101, 110, 111, 0, 0, 0, 0]

    def followed(operands, address):
        lanes = codes.Members(4, 2, list(members))
        tape, moved = codes.Columns(code, list(range(n + 1)), operands), list(address)
        times = repetition.follow(lanes, 2, [0, 1], [0, 0], tape, [-1] * n, 0, 0, moved)
        return times, moved[6:]

    # The first operand of a repetition lies at 50, 60 and then once more at 60.
    assert followed(operands, address)[0] == 0
    steady = [0, 0, 0, 2, 0, 4, 0, 6, 0, 8]
    assert followed(steady, address) == (2, [120, 121, 130, 131])
    assert followed([*steady[:8], 1, 8], address)[0] == 1
    # What lies among the results, from 100 on, must be these results.
    lanes, tape = codes.Members(4, 2, members), codes.Columns(code, list(range(n + 1)), steady)
    results = [0, 0, *range(n - 2)], 100, 40, list(address)
    found = repetition.follow(lanes, 2, [0, 1], [0, 0], tape, *results)
    assert found == 0


@needs_llvm
@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10**6), st.integers(2, 25), st.integers(1, 5), st.integers(1, 17))
def test_random_programs_that_repeat(seed, times, kinds, lanes):
    """Random bodies over lists, whose operands are weights, earlier lists and what is carried."""

    def f(*p):
        rng = random.Random(seed)
        state, weights, xs = [p[:lanes], p[lanes:][:lanes]], p[2 * lanes :][:lanes], p[-times:]
        rows = [
            lambda a, b, x: a * b,
            lambda a, b, x: a + b * x,
            lambda a, b, x: tanh(a - b),
            lambda a, b, x: sigmoid(a) * b + x,
            lambda a, b, x: log(1.5 + tanh(a * b)),
        ]
        body = [
            (rng.randrange(7), rng.random(), rng.random(), rng.random() < 0.2) for _ in range(kinds)
        ]
        odd, history = rng.randrange(3 * times), [state[0]]
        for t in range(times):
            made = []
            for kind, left, right, turned in body:
                pool = [*made, *state, weights, history[-1], history[max(0, len(history) - 3)]]
                a, b = pool[int(left * len(pool))], pool[int(right * len(pool))]
                b = b[::-1] if turned else b
                if kind < len(rows):
                    made.append([rows[kind](u, v, xs[t]) for u, v in zip(a, b, strict=True)])
                else:
                    total = dot(a, b)
                    made.append([tanh(total + u) for u in b])
            made[-1] = [u * 0.5 for u in made[-1]] if t == odd else made[-1]
            state = [*made, *state][: len(state)]
            history.append(made[-1])
        total = autograd.sum([u * u for row in history for u in row[:1]])
        found = [total, *history[-1], *[row[0] for row in history[::2]]]
        return [*found, *gradients(total, list(p))]

    rng = random.Random(seed + 1)
    numbers = [rng.uniform(-1, 1) for _ in range(3 * lanes + times)]
    same_bits(tape_of(f, len(numbers)), numbers)


def test_the_regions_that_a_read_may_meet_by_hand():
    """A loop writes 3 lanes each of 10 numbers, from 100 on, and 2 more behind them."""
    first, second = Region(100, 3, 10, 100, 192, 0, None), Region(103, 2, 10, 103, 194, 0, None)
    far, still = Region(500, 4, -4, 400, 503, 1, None), Region(60, 2, 0, 60, 61, 2, None)
    regions = Regions()
    for region in (far, second, still, first):
        regions.add(region)
    assert (regions.lows, regions.highs) == ([60, 100, 400], [61, 194, 503])

    def met(*read):
        return set(regions.met(*read))

    assert met(120, 120, ()) == {first}
    assert met(103, 193, ((10, 10),)) == {second}  # the same number of every repetition
    assert met(105, 195, ((10, 10),)) == set()
    assert met(108, 110, ((1, 3),)) == {first}
    assert met(108, 113, ((1, 6),)) == {first, second}
    assert met(124, 128, ((1, 5),)) == {second}
    assert met(62, 99, ((1, 38),)) == met(195, 399, ((1, 205),)) == set()
    assert met(61, 400, ((1, 340),)) == {still, first, second, far}
