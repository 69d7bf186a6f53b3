"""Training steps as programs: the bits of the eager step, parameters that read
true, and nothing changed by a step that fails.
"""

import copy
import gc
import math
import pickle
import random
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interruption import Script

import autograd
import nn
from autograd import Value, detect_anomaly, dot, jit, log, no_grad, sample
from autograd.compiler import flat, llvm, resident, runner, structure
from autograd.core import bulk, value
from autograd.errors import (
    AnomalyError,
    ChainruleError,
    DataTypeError,
    DomainError,
    GraphError,
    LengthError,
    RecordingError,
    RecordingWarning,
    StaleValueError,
)
from nn.data import DataError

pytestmark = pytest.mark.usefixtures("backend")


def problem(seed=0, rows=12):
    rng = random.Random(seed)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return X, [int(a > b) for a, b in X]


OPTIMIZERS = {
    "SGD": lambda params: nn.SGD(params, lr=0.1),
    "momentum": lambda params: nn.SGD(
        params, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01
    ),
    "Adagrad": nn.Adagrad,
    "RMSprop": nn.RMSprop,
    "Adam": nn.Adam,
    "AdamW": nn.AdamW,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fit_gives_the_bits_of_the_eager_run(name):
    X, y = problem()

    def run(jit):
        model = nn.Sequential(
            nn.Layer(2, 5, "tanh", seed=1), nn.Dropout(0.25), nn.Layer(5, 1, seed=2)
        )
        optimizer = OPTIMIZERS[name](model.parameters())
        history = nn.fit(
            model,
            X,
            y,
            loss=nn.binary_cross_entropy,
            optimizer=optimizer,
            epochs=3,
            batch_size=5,
            schedule=nn.schedules.cosine(9),
            clip_norm=0.5,
            penalty=lambda params: nn.l2(params, 1e-3),
            metrics=[nn.accuracy],
            validation=(X, y),
            progress=False,
            jit=jit,
        )
        return history.columns, model.state_dict(), optimizer.state_dict()

    assert run(True) == run(False)


def made(**parts):
    model = nn.MLP(2, [4, 1], "tanh", seed=3)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    return model, optimizer, nn.train_step(model, nn.hinge, optimizer, **parts)


def eager(steps, change=lambda model, optimizer: None):
    X, y = problem()
    model = nn.MLP(2, [4, 1], "tanh", seed=3)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    step = nn.train_step(model, nn.hinge, optimizer).eager
    for k in range(steps):
        if k == 2:
            change(model, optimizer)
        step(X, y)
    return model.state_dict(), optimizer.state_dict()


def test_parameters_and_state_read_true_at_any_time():
    X, y = problem()
    model, optimizer, step = made()
    for k in range(1, 4):
        step(X, y)
        assert (model.state_dict(), optimizer.state_dict()) == eager(k)


@pytest.mark.parametrize(
    "change",
    [
        lambda model, optimizer: setattr(model.parameters()[3], "data", 0.5),
        lambda model, optimizer: setattr(optimizer, "lr", 0.5),
        lambda model, optimizer: setattr(optimizer, "state", [(0.0, 1.0)] * len(optimizer.params)),
        lambda model, optimizer: optimizer.load_state_dict({**optimizer.state_dict(), "t": 7}),
        lambda model, optimizer: model.load_state_dict(dict.fromkeys(model.state_dict(), 0.25)),
    ],
)
def test_a_change_from_outside_is_noticed(change):
    X, y = problem()
    model, optimizer, step = made()
    step(X, y)
    step(X, y)
    change(model, optimizer)
    step(X, y)
    assert (model.state_dict(), optimizer.state_dict()) == eager(3, change)


def test_a_state_set_from_outside_is_not_overwritten_when_the_parameters_are_looked_at():
    model, optimizer, step = made()
    step(*problem())
    optimizer.state = given = [(0.0, 1.0)] * len(optimizer.params)
    assert model.parameters()[0].data == eager(1)[0]["layers.0.neurons.0.w.0"]
    assert list(optimizer.state) == given


def test_run_is_many_steps():
    X, y = problem()
    batches = [(X[:5], y[:5]), (X[5:], y[5:])] * 3
    model, optimizer, step = made()
    other, _, one = made()
    assert step.run(batches) == [one(*batch) for batch in batches]
    assert model.state_dict() == other.state_dict()
    assert optimizer.t == 6


def test_an_interruption_leaves_the_last_whole_step():
    X, y = problem()

    def batches():
        yield X, y
        yield X, y
        raise KeyboardInterrupt

    model, optimizer, step = made()
    with pytest.raises(KeyboardInterrupt):
        step.run(batches())
    assert (model.state_dict(), optimizer.state_dict()) == eager(2)


def left_by(batches, run, schedule=None, penalty=None):
    """What the steps leave: losses, parameters, the state of the optimizer."""
    model = nn.MLP(2, [4, 1], "tanh", seed=3)
    optimizer = nn.Adam(model.parameters(), lr=0.02)
    step = nn.train_step(
        model, nn.binary_cross_entropy, optimizer, schedule=schedule, penalty=penalty
    )
    losses = run(step, batches)
    return losses, model.state_dict(), optimizer.state_dict()


@pytest.mark.parametrize("schedule", [None, nn.schedules.cosine(30), lambda t: 1.0 / (1.0 + t)])
def test_a_list_of_batches_gives_the_bits_of_single_steps(schedule):
    X, y = problem(rows=40)
    parts = [(X[k : k + 8], y[k : k + 8]) for k in (0, 8, 16, 24)]
    batches = [parts[k % 4] for k in range(23)] + [(X[:5], y[:5])] + parts * 2
    by_list = left_by(batches, lambda step, batches: step.run(batches), schedule)
    singly = left_by(batches, lambda step, batches: [step(*b) for b in batches], schedule)
    streamed = left_by(batches, lambda step, batches: step.run(iter(batches)), schedule)
    eagerly = left_by(batches, lambda step, batches: [step.eager(*b)[0] for b in batches], schedule)
    assert by_list == singly == streamed == eagerly


def test_a_list_of_batches_of_one_structure_gives_the_bits_of_single_steps():
    X, y = problem(rows=40)
    batches = [(X[k : k + 8], y[k : k + 8]) for k in range(0, 40, 8)]
    by_list = left_by(batches, lambda step, batches: step.run(batches))
    assert by_list == left_by(batches, lambda step, batches: [step(*b) for b in batches])


def test_a_list_ends_at_the_batch_that_fails_as_single_steps_do():
    X, y = problem(rows=8)
    bad = [([[0.5], X[0]], y[:2]), (X[:4], ["a", *y[1:4]])]

    def run(step, batches):
        with pytest.raises(ChainruleError):
            step.run(batches)
        return step.optimizer.t

    for wrong in bad:
        batches = [(X, y)] * 7 + [wrong] + [(X, y)] * 3
        taken, *left = left_by(batches, run)
        assert taken == 7
        _, *expected = left_by(
            batches[:7], lambda step, batches: [step.eager(*b)[0] for b in batches]
        )
        assert left == expected


def test_a_list_ends_at_the_step_that_leaves_a_domain():
    w = Value(1.0)
    model = nn.Layer(1, 1, seed=0)
    optimizer = nn.SGD([w], lr=1.0)
    step = nn.train_step(model, lambda outputs, y: log(w) + 0.0 * y[0], optimizer)
    with pytest.raises(DomainError, match=r"log\(0.0\)"):
        step.run([([[1.0]], [1.0])] * 50)
    # w - 1 / w from 1.0 on: 0.0, where log is not defined.
    assert (w.data, optimizer.t) == (0.0, 1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_a_list_can_be_interrupted_between_whole_steps():
    X, y = problem()
    batches = [(X, y)] * 2_000_000  # more than a processor does until the signal comes

    def run(step, batches):
        def stop(*_):
            raise KeyboardInterrupt

        step.run(batches[:50])  # it is compiled by now
        before = signal.signal(signal.SIGALRM, stop)
        # Hypothesis times the collector in a callback, which would swallow the interrupt.
        callbacks, gc.callbacks[:] = gc.callbacks[:], []
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.12)
            with pytest.raises(KeyboardInterrupt):
                step.run(batches)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
            gc.callbacks[:] = callbacks
        return step.optimizer.t

    taken, *left = left_by(batches, run)
    assert 50 <= taken < 2_000_050
    _, *expected = left_by(batches[:taken], lambda step, batches: step.run(batches))
    assert left == expected


def test_a_failing_step_changes_nothing():
    model, optimizer = nn.MLP(2, [3, 1], seed=0), None
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    step = nn.train_step(
        model,
        lambda outputs, y: autograd.mean(
            [autograd.log(t) * o[0] for o, t in zip(outputs, y, strict=True)]
        ),
        optimizer,
    )
    step([[1.0, 2.0]], [2.0])
    before = model.state_dict()
    with pytest.raises(DomainError, match=r"log\(-1.0\)"):
        step([[1.0, 2.0]], [-1.0])
    assert (model.state_dict(), optimizer.t) == (before, 1)
    step([[1.0, 2.0]], [2.0])
    assert model.state_dict() != before


def test_held_parameters_behave_as_values():
    X, y = problem()
    for look in (
        lambda p: p.data,
        lambda p: repr(p),
        lambda p: (p * 2.0).data,
        lambda p: dot([p, p], [1.0, 2.0]).data,
        lambda p: copy.deepcopy(p).data,
        lambda p: copy.copy(p).data,
        lambda p: pickle.loads(pickle.dumps(p)).data,
        lambda p: p.label,
        lambda p: p > 0.0,
        lambda p: p.detach().data,
        lambda p: (p.parents, p.op.name),
    ):
        results = []
        for step in (made()[2], None):
            if step is None:
                model = nn.MLP(2, [4, 1], "tanh", seed=3)
                model.load_state_dict(eager(2)[0])
            else:
                step.model.parameters()[0].label = "w"
                step(X, y)
                step(X, y)
                model = step.model
            model.parameters()[0].label = "w"
            results.append(look(model.parameters()[0]))
        assert results[0] == results[1]


def test_a_step_counts_where_another_thread_reads_the_parameters_meanwhile(monkeypatch):
    X, y = problem()
    model, optimizer, step = made()
    step(X, y)
    clock = value.clock

    class Read:
        """A clock: it is looked at just before a program runs."""

        def __next__(self):
            for p in model.parameters():
                assert type(p.data) is float
            return next(clock)

    monkeypatch.setattr(value, "clock", Read())
    for _ in range(3):
        step(X, y)
    step.run([(X, y)] * 6)
    assert (model.state_dict(), optimizer.state_dict()) == eager(10)


def test_numbers_that_are_read_while_another_thread_takes_a_step_are_whole(monkeypatch):
    X, y = problem()
    model, optimizer, step = made()
    step(X, y)
    left = [(X, y)]

    def after_a_step(*passes):
        while left:
            step(*left.pop())
        bulk.at_once(*passes)

    monkeypatch.setattr(resident, "at_once", after_a_step)
    assert (model.state_dict(), optimizer.state_dict()) == eager(2)
    step(X, y)
    assert (model.state_dict(), optimizer.state_dict()) == eager(3)


def test_a_model_trains_on_what_another_has_made():
    """As the one that judges does in a pair of rivals."""
    X, y = problem()
    rows = nn.predict(nn.Layer(2, 2, "tanh", seed=1), X)
    found = []
    for recorded in (False, True):
        model, _, step = made()
        for batch in ((X + rows, y + y), (rows, y)):
            step(*batch) if recorded else step.eager(*batch)
        found.append(model.state_dict())
    assert found[0] == found[1]


def test_a_graph_from_before_a_step_is_stale():
    X, y = problem()
    model, _, step = made()
    step(X, y)
    loss = nn.hinge([model(x) for x in X], y)
    step(X, y)
    with pytest.raises(StaleValueError):
        loss.backward()
    with pytest.raises(StaleValueError):
        autograd.gradients(loss, model.parameters())


def test_gradients_after_a_step_are_those_of_the_new_parameters():
    X, y = problem()
    model, _, step = made()
    step(X, y)
    nn.hinge([model(x) for x in X], y).backward()
    other = nn.MLP(2, [4, 1], "tanh", seed=3)
    other.load_state_dict(eager(1)[0])
    nn.hinge([other(x) for x in X], y).backward()
    assert [p.grad for p in model.parameters()] == [p.grad for p in other.parameters()]


def test_two_steps_share_a_model():
    X, y = problem()
    model, _, step = made()
    second = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    other, _, third = made()
    fourth = nn.train_step(other, nn.mse, nn.SGD(other.parameters(), lr=0.1))
    for _ in range(3):
        step(X, y)
        second(X, y)
        third(X, y)
        other.state_dict()
        fourth(X, y)
        other.state_dict()
    assert model.state_dict() == other.state_dict()


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("length", [1, 4, 8])
def test_two_steps_share_a_recurrent_model(cell, length):
    """The second is recorded while the first one holds the parameters."""
    X = [[[0.1 * k, -0.2] for k in range(length)]] * 2
    y = [[[0.5] for _ in x] for x in X]
    losses = []
    for eager in (True, False):
        model = nn.Sequential(cell(2, 2, seed=1), nn.Each(nn.Layer(2, 1, seed=1)))
        steps = [nn.train_step(model, nn.mse, o(model.parameters())) for o in OPTIMIZERS.values()]
        losses.append([step.eager(X, y)[0] if eager else step(X, y) for step in steps * 2])
    assert losses[0] == losses[1]


def test_frozen_parameters_are_read_at_every_step():
    X, y = problem()
    model = nn.MLP(2, [4, 1], "tanh", seed=3)
    frozen, trained = model.layers[0].parameters(), model.layers[1].parameters()
    step = nn.train_step(model, nn.hinge, nn.SGD(trained, lr=0.1))
    first = step(X, y)
    before = [p.data for p in frozen]
    for p in frozen:
        p.data = p.data + 0.5
    assert step(X, y) != first
    assert [p.data - 0.5 for p in frozen] == pytest.approx(before)


def test_sequences_of_different_lengths_share_the_parameters():
    model = nn.Sequential(nn.LSTM(1, 3, seed=0), nn.Last(), nn.Layer(3, 1, seed=1))
    other = nn.Sequential(nn.LSTM(1, 3, seed=0), nn.Last(), nn.Layer(3, 1, seed=1))
    step = nn.train_step(model, nn.mse, nn.Adam(model.parameters()), clip_norm=1.0)
    same = nn.train_step(other, nn.mse, nn.Adam(other.parameters()), clip_norm=1.0).eager
    for n in (3, 5, 3, 7):
        X, y = [[[0.1 * k] for k in range(n)]], [0.3]
        assert step(X, y) == same(X, y)[0]
    assert model.state_dict() == other.state_dict()


def test_embeddings_and_classes_are_indices():
    calls = []

    class Model(nn.Module):
        def __init__(self):
            self.table = nn.Embedding(5, 3, seed=0)
            self.layer = nn.Layer(3, 5, seed=1)

        def forward(self, i):
            calls.append(1)
            return self.layer(self.table(i))

    model, other = Model(), Model()
    step = nn.train_step(model, nn.cross_entropy, nn.SGD(model.parameters(), lr=0.5))
    same = nn.train_step(other, nn.cross_entropy, nn.SGD(other.parameters(), lr=0.5)).eager
    for X, y in (([0, 1], [4, 3]), ([2, 2], [0, 1]), ([4, 3], [2, 2])):
        calls.clear()
        assert step(X, y) == pytest.approx(same(X, y)[0], rel=1e-12)
    assert len(calls) == 2  # those of the eager step
    assert list(model.state_dict().values()) == pytest.approx(
        list(other.state_dict().values()), rel=1e-12
    )


def test_values_as_rows():
    model, _, step = made()
    other, _, one = made()
    assert step([[Value(0.5), 1.0]], [Value(1.0)]) == one([[0.5, 1.0]], [1.0])
    assert step([[Value(0.25), 1.0]], [Value(1.0)]) == one([[0.25, 1.0]], [1.0])
    assert model.state_dict() == other.state_dict()


def test_a_step_refuses_rows_that_are_trained_or_made_of_what_is():
    """The eager step trains them; a program would lose what leads through its batch."""
    coder, codes = nn.Layer(1, 1, seed=1), [Value(0.5), Value(0.25)]
    for further, rows, said in (
        (codes, lambda: [[1.0, code] for code in codes], "0.5.* as the index of an nn.Embedding"),
        (codes, lambda: [[1.0, code * 2.0] for code in codes], r"from which Value\(data=1.0\) was"),
        (coder.parameters(), lambda: [[1.0, coder([x])] for x in (1.0, 2.0)], "a model's forward"),
    ):
        model = nn.MLP(2, [3, 1], "tanh", seed=0)
        for params in (model.parameters() + further, further):
            step = nn.train_step(model, nn.mse, nn.SGD(params, lr=0.1))
            before = [p.data for p in params]
            for _ in range(2):
                with pytest.raises(RecordingError, match=said):
                    step(rows(), [1.0, 0.0])
            assert [p.data for p in params] == before


def test_a_step_refuses_what_was_computed_of_its_parameters_before():
    """It would stay the number that it was: the eager step says at the second that it is stale."""
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    before = autograd.sum([p * p for p in model.parameters()])
    step = nn.train_step(
        model, lambda o, t: nn.mse(o, t) + before, nn.SGD(model.parameters(), lr=0.1)
    )
    for _ in range(2):
        with pytest.raises(RecordingError, match="was computed outside"):
            step([[1.0, 2.0]], [1.0])
    assert step.optimizer.t == 0


# The optimizer's state, while its numbers are in the program's memory, is what
# it is in the eager run.


def trained(steps=1):
    model = nn.MLP(2, [4, 1], seed=0)
    step = nn.train_step(model, nn.hinge, nn.Adam(model.parameters(), lr=0.1))
    for _ in range(steps):
        step(*BATCH)
    return step


def numbers(step):
    return step.model.state_dict(), step.optimizer.state, step.optimizer.t


BATCH = nn.data.moons(20)


def test_a_state_taken_between_steps_is_a_snapshot():
    step, eager = trained(), trained()
    for advance, optimizer in ((step, step.optimizer), (eager.eager, eager.optimizer)):
        saved = optimizer.state
        advance(*BATCH)
        optimizer.state = saved
        advance(*BATCH)
    assert numbers(step) == numbers(eager)
    step.optimizer.state = [(0.0, 0.0), *step.optimizer.state[1:]]
    assert step.optimizer.state_dict()["state"][0] == [0.0, 0.0]


def test_copies_of_an_optimizer_and_of_a_step_stand_alone():
    step = trained(steps=2)
    for made in (
        copy.copy(step.optimizer),
        copy.deepcopy(step.optimizer),
        pickle.loads(pickle.dumps(step.optimizer)),
    ):
        assert (made.state, made.t) == (step.optimizer.state, 2)
    alone = copy.copy(step.optimizer)
    twin = copy.deepcopy(step)
    step(*BATCH)
    assert alone.t == 2
    assert alone.state != step.optimizer.state
    twin(*BATCH)
    assert numbers(twin) == numbers(step)
    assert pickle.loads(pickle.dumps(step))(*BATCH) == step(*BATCH)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("look", [False, True])
def test_an_interruption_while_numbers_are_put_in_place_leaves_whole_steps(look, held):
    alike = [numbers(trained(steps=n)) for n in (1, 2, 3)]
    step = trained(steps=1)
    before = step.model.state_dict(), step.optimizer.state_dict()

    def prepare():
        step.model.load_state_dict(before[0])
        step.optimizer.load_state_dict(before[1])
        step(*BATCH)
        if not held:
            numbers(step)

    prepare()
    script = Script(
        lambda: numbers(step) if look else step(*BATCH),
        within=(resident.__file__, bulk.__file__),
    )
    assert len(script.places) > 20 or (look and not held)
    for place in script.places:
        prepare()
        assert script.interrupt(place)
        assert numbers(step) in (alike[1:2] if look else alike[1:])


def test_a_generator_s_batches_are_not_kept():
    alive = []

    class Batch(tuple):
        def __del__(self):
            alive.remove(id(self))

    def batches():
        for _ in range(5):
            batch = Batch(BATCH)
            alive.append(id(batch))
            assert len(alive) <= 2
            yield batch

    assert len(trained().run(batches())) == 5


def test_many_structures_of_batches_warn():
    step = trained()
    for n in range(1, 32):
        step([BATCH[0][0]] * n, [BATCH[1][0]] * n)
    with pytest.warns(
        RecordingWarning, match=r"train_step\._program has been recorded 32 times: .* argument X, y"
    ) as caught:
        step([BATCH[0][0]] * 32, [BATCH[1][0]] * 32)
    assert caught[0].filename == __file__


def pair(make, loss, optimizer=lambda params: nn.SGD(params, lr=0.5), **parts):
    """Two steps that are alike: one to be recorded, one to run eagerly."""
    models = make(), make()
    return [nn.train_step(model, loss, optimizer(model.parameters()), **parts) for model in models]


def test_an_embedding_s_gradients_add_up_in_one_order():
    recorded, eager = pair(
        lambda: nn.Sequential(nn.Embedding(3, 2, seed=0), nn.Layer(2, 3, "tanh", seed=1)),
        nn.cross_entropy,
    )
    for _ in range(20):
        assert recorded([0, 1, 0, 2], [0, 1, 2, 1]) == eager.eager([0, 1, 0, 2], [0, 1, 2, 1])[0]
    assert numbers(recorded) == numbers(eager)


def test_outputs_that_are_parameters_are_those_from_before_the_update():
    recorded, eager = pair(lambda: nn.Embedding(3, 1, seed=0), nn.mse)
    assert recorded.with_outputs([0, 1], [0.0, 0.0]) == eager.eager([0, 1], [0.0, 0.0])


@pytest.mark.parametrize("loss", [nn.hinge, nn.binary_cross_entropy])
def test_nan_is_no_target(loss):
    recorded, eager = pair(lambda: nn.MLP(2, [1], seed=0), loss)
    recorded([[1.0, 2.0]], [1.0])
    before = recorded.model.state_dict()
    for step in (recorded, eager.eager):
        with pytest.raises(DataError, match=r"y\[0\] is nan"):
            step([[1.0, 2.0]], [float("nan")])
    assert recorded.model.state_dict() == before


def test_a_step_that_must_run_eagerly_draws_the_same_masks():
    """With one unit left the norm of the two is 0, and dividing by it raises:
    whether it does must not depend on a second throw of the dice.
    """
    for seed in range(12):
        parts = [
            nn.Layer(1, 2, "tanh", seed=0),
            nn.Dropout(0.5, seed=seed),
            nn.RMSNorm(2, eps=0),
            nn.Layer(2, 1, seed=1),
        ]
        recorded, eager = pair(lambda parts=parts: copy.deepcopy(nn.Sequential(*parts)), nn.mse)
        found = []
        for step in (recorded, eager.eager):
            try:
                found.append(step([[1.0], [0.5]], [1.0, 0.0]))
            except DomainError as error:
                found.append(str(error))
        assert found[0] == (found[1] if isinstance(found[1], str) else found[1][0])


@pytest.mark.parametrize("x", [math.nan, -math.inf])
def test_a_batch_that_is_refused_draws_no_masks(x):
    X, y = [[1.0], [0.5]], [1.0, 0.0]
    for bad in (([[1.0], [x]], y), (X, [1.0, x]), (X, [1.0, Value(x)])):
        recorded, eager = pair(
            lambda: nn.Sequential(
                nn.Layer(1, 4, seed=0), nn.Dropout(seed=1), nn.Layer(4, 1, seed=2)
            ),
            nn.mse,
        )
        costs = []
        for step in (recorded, eager.eager):
            step(X, y)
            for _ in range(2):
                with pytest.raises(DataError):
                    step(*bad)
            costs.append(step(X, y))
        assert costs[0] == costs[1][0]


def test_a_function_that_must_run_itself_draws_once_also_within_another():
    drawn = []
    inner = jit(lambda x: log(x - sample(lambda: drawn.append(0.75) or drawn[-1])))
    outer = jit(lambda x: inner(x) + 0.0)
    with pytest.raises(DomainError, match=r"log\(-0\.25\)"):
        outer(0.5)
    assert len(drawn) == 1


class OddState(nn.Optimizer):
    """Keeps one number more than it has room for."""

    def rule(self, p, g, state, lr, t):
        return p - lr * g, (*state, g)


def test_a_rule_that_does_not_fit_changes_nothing():
    class Root(nn.Optimizer):
        def rule(self, p, g, state, lr, t):
            return p - lr * g**0.5 if isinstance(g, Value) else (p - lr * complex(g) ** 0.5), state

    for kind, error in ((OddState, LengthError), (Root, DataTypeError)):
        recorded, eager = pair(
            lambda: nn.Layer(2, 1, seed=0), nn.mse, lambda params, kind=kind: kind(params, lr=0.1)
        )
        before = numbers(recorded)
        for step in (recorded, eager.eager) if kind is OddState else (eager.eager,):
            with pytest.raises(error):
                step([[1.0, -2.0]], [5.0])
        assert numbers(recorded) == numbers(eager) == before


def test_a_gradient_that_is_0_everywhere_is_not_one_that_reached_nothing():
    recorded, eager = pair(
        lambda: nn.Layer(2, 1, "step", seed=0),
        nn.mse,
        lambda params: nn.SGD(params, lr=0.1, weight_decay=0.1),
    )
    assert recorded([[1.0, 2.0]], [1.0]) == eager.eager([[1.0, 2.0]], [1.0])[0]
    assert (
        numbers(recorded)
        == numbers(eager)
        != numbers(nn.train_step(nn.Layer(2, 1, seed=0), nn.mse, eager.optimizer))
    )


@pytest.mark.parametrize(
    ("make", "loss", "X", "y"),
    [
        (lambda: nn.MLP(2, [2, 1]), nn.mse, [[1.0, 2.0]], [[1.0, 2.0]]),
        (lambda: nn.MLP(2, [2, 1]), nn.mse, [[1.0]], [1.0]),
        (lambda: nn.MLP(2, [2, 1]), nn.mse, [[1.0, 2.0]], [None]),
        (lambda: nn.MLP(2, [2, 1]), nn.hinge, [[1.0, 2.0]], [True]),
        (lambda: nn.MLP(2, [2, 3]), nn.cross_entropy, [[1.0, 2.0]], [[0.5, 0.5]]),
        (lambda: nn.Embedding(3, 1), nn.mse, [[1, 2]], [1.0]),
        (
            lambda: nn.Sequential(nn.RNN(1, 2, seed=0), nn.Layer(2, 1, seed=0)),
            nn.mse,
            [[[1.0], [2.0]]],
            [1.0],
        ),
        (lambda: nn.MLP(2, [2, 1]), lambda outputs, targets: 1.0, [[1.0, 2.0]], [1.0]),
        (lambda: nn.MLP(2, [2, 1]), lambda outputs, targets: None, [[1.0, 2.0]], [1.0]),
    ],
)
def test_what_the_eager_step_refuses_the_recorded_one_refuses_in_the_same_words(make, loss, X, y):
    said = []
    recorded, eager = pair(make, loss)
    for step in (recorded, eager.eager):
        with pytest.raises(ChainruleError) as caught:
            step(X, y)
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("forward", "loss", "X", "y", "message"),
    [
        (lambda w, x: w * x[0] ** 0.5, nn.mse, [[-1.0]], [1.0], r"pow\(-1\.0, 0\.5\)"),
        (lambda w, x: w * abs(x[0] ** 0.5), nn.mse, [[-4]], [1.0], r"pow\(-4\.0, 0\.5\)"),
        (lambda w, x: w * (1 / x[0]), nn.mse, [[0.0]], [1.0], r"div\(1\.0, 0\.0\)"),
        (lambda w, x: w * (1 % x[0]), nn.mse, [[0]], [1.0], r"mod\(1\.0, 0\.0\)"),
        (lambda w, x: w * x[0], lambda o, y: (o[0] - 1 / y[0]) ** 2, [[1.0]], [0.0], r"div\(1"),
        (lambda w, x: w * x[0], lambda o, y: (o[0] - y[0] ** 0.5) ** 2, [[1.0]], [-9], r"pow\(-9"),
        (lambda w, x: w * x[0] * x[1], nn.mse, [["a", 1.0]], [1.0], "not 'a' of type str"),
    ],
)
@pytest.mark.parametrize("batches_before", [0, 1])
def test_a_step_outside_a_domain_fails_by_the_table_not_by_python(
    forward, loss, X, y, message, batches_before
):
    class Own(nn.Module):
        def __init__(self):
            self.w = Value(0.5)

        def forward(self, x):
            return forward(self.w, x)

    model = Own()
    step = nn.train_step(model, loss, nn.SGD([model.w], lr=0.1))
    for _ in range(batches_before):
        step([[1.0] * len(X[0])], [1.0])
    before = model.w.data, step.optimizer.t
    for run in (step, step.with_outputs, lambda X, y: step.run([(X, y)] * 3)):
        with pytest.raises(ChainruleError, match=message):
            run(X, y)
        assert (model.w.data, step.optimizer.t) == before


def test_numpy_scalars_are_what_they_hold():
    numpy = pytest.importorskip("numpy")
    recorded, eager = pair(
        lambda: nn.Sequential(nn.Embedding(3, 2, seed=0), nn.Layer(2, 1, seed=0)), nn.mse
    )
    assert (
        recorded([numpy.array(1)], [numpy.float32(0.5)])
        == eager.eager([numpy.array(1)], [numpy.float32(0.5)])[0]
    )
    for step in pair(lambda: nn.MLP(1, [1]), nn.hinge):
        for run in (step, step.eager):
            with pytest.raises(DataTypeError, match="a target takes a real number, not "):
                run([[1.0]], numpy.array([True]))


def test_a_state_of_another_length_is_refused():
    step = trained()
    before = numbers(step)
    for state in ([], [(0.0,)], [()] * (len(step.optimizer.params) + 1)):
        with pytest.raises(LengthError, match="a tuple of as many numbers as its rule keeps"):
            step.optimizer.state = state
    assert numbers(step) == before


def test_modes_that_look_at_operations_run_the_step_itself():
    for step in pair(lambda: nn.MLP(2, [2, 1]), nn.mse):
        with pytest.raises(GraphError, match="no parameter has a gradient"), no_grad():
            step([[1.0, 2.0]], [1.0])
        with pytest.raises(AnomalyError, match="forward"), detect_anomaly():
            step([[1e308, 1e308]], [-1e308])
    twice = jit(lambda x: (x * 1e200) * 1e200)
    assert twice(1.0) == float("inf")
    with pytest.raises(AnomalyError), detect_anomaly():
        twice(Value(1.0))
    with pytest.raises(AnomalyError), detect_anomaly(), no_grad():
        twice(Value(1.0))


def test_a_list_of_batches_of_several_structures_trains_as_one_by_one():
    def trained(train):
        model = nn.MLP(2, [3, 1], seed=0)
        step = nn.train_step(model, nn.mse, nn.Adam(model.parameters(), lr=0.1))
        rows = [([[x, 1 - x], (x, 2)], [0.5, x]) for x in (0.1, 0.2, -0.0)]
        batches = [*rows, ([[1, 2]], [3]), *rows[:2], ([[0.25, 2.0]], [-1.0])]
        return train(step, batches), [p.data for p in model.parameters()]

    at_once = trained(lambda step, batches: step.run(batches))
    assert at_once == trained(lambda step, batches: [step(X, y) for X, y in batches])


needs_llvm = pytest.mark.skipif(not llvm.available(), reason="llvmlite is not installed")
plain_numbers = st.one_of(st.floats(), st.integers(-(2**31), 2**31 - 1))
nested = st.recursive(
    st.one_of(plain_numbers, st.none(), st.booleans(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.lists(inner, max_size=4).map(tuple)),
)


def flattened(args):
    arguments = structure.Arguments()
    keys = [arguments.key(x, "x") for x in args]
    return (tuple, tuple(keys)), list(map(repr, arguments.numbers))


def recognized(plans, args):
    found = plans.numbers(args)
    return found and (found[0], list(map(repr, found[1])))


@needs_llvm
@given(*[st.lists(nested, min_size=1, max_size=3).map(tuple)] * 2)
def test_native_code_flattens_as_python_does(args, others):
    plans = flat.Plans()
    for each in (args, others):
        plans.add(flat.Plan(flattened(each)[0]))
    key, numbers = flattened(args)
    assert recognized(plans, args) == (0, numbers)
    k, found = recognized(plans, others)
    assert (k == 0) == (flattened(others)[0] == key)
    assert found == flattened(others)[1]


@needs_llvm
@pytest.mark.parametrize(
    ("other", "numbers"),
    [
        (([[-0.0, 3.0]], None), [-0.0, 3.0]),
        (([[1.0, 2]], None), [1.0, 2.0]),
        (([[-1, 2**70]], None), [-1.0, 2.0**70]),
        (([[1.0, 10**400]], None), None),
        (([[1.0, True]], None), None),
        (([(1.0, 2.0)], None), None),
        (([[1.0], [2.0]], None), None),
        (([[1.0, 2.0, 3.0]], None), None),
        (([[1.0, 2.0]], False), None),
        (([[1.0, "2"]], None), None),
        (([[1.0, Value(2.0)]], None), None),
        (([[1.0, [2.0]]], None), None),
        (([1.0], None), None),
        ((None, None), None),
        (([[1.0, 2.0]],), None),
    ],
)
def test_another_structure_is_seen_by_native_code(other, numbers):
    plans = flat.Plans()
    plans.add(flat.Plan(flattened(([[1.0, 2.0]], None))[0]))
    found = recognized(plans, other)
    assert found == (numbers and (0, list(map(repr, numbers))))


@needs_llvm
@pytest.mark.parametrize("part", [{"a": 1.0}, Value(1.0), [1.0, {"a": 1.0}], nn.Layer(1, 1)])
def test_what_is_no_list_of_numbers_is_not_planned(part):
    with pytest.raises(flat.UnplannableError):
        flat.Plan(flattened(([1.0, part],))[0])


@needs_llvm
def test_a_list_that_changes_between_steps_is_seen(monkeypatch):
    """Each time native code takes the numbers out, or another program has to."""
    monkeypatch.setattr(runner, "SMALL", 0)
    changes = [
        lambda X, y: None,
        lambda X, y: X[1].__setitem__(0, 0.75),
        lambda X, y: y.__setitem__(0, 1),
        lambda X, y: y.__setitem__(0, -1),
        lambda X, y: X.__setitem__(0, [-0.5, 3]),
        lambda X, y: X.__setitem__(0, (-0.5, 2.0)),
        lambda X, y: (X.append([1.0, 1.0]), y.append(0.5)),
        lambda X, y: (X.pop(), y.pop()),
        lambda X, y: X[0].__class__ is tuple and X.__setitem__(0, list(X[0])),
        lambda X, y: y.__setitem__(1, 10**400),
        lambda X, y: y.__setitem__(1, 1.0),
        lambda X, y: X[1].append(1.0),
        lambda X, y: X[1].pop(),
        lambda X, y: X[1].__setitem__(1, float("nan")),
    ]

    def trained(take):
        model = nn.MLP(2, [3, 1], seed=0)
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        X, y, found = [[0.5, 1.0], [0.25, -0.0]], [0.0, 1.0], []
        for change in changes:
            change(X, y)
            for _ in range(2):
                try:
                    found.append(take(step)(X, y))
                except ChainruleError as error:
                    found.append(str(error))
        return found, model.state_dict()

    assert trained(lambda step: step) == trained(lambda step: lambda *rows: step.eager(*rows)[0])


@needs_llvm
def test_many_batches_are_packed_as_each_is_up_to_the_first_of_another_structure(monkeypatch):
    monkeypatch.setattr(runner, "SMALL", 0)
    model = nn.MLP(2, [3, 1], seed=0)
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    alike = [([[1.0, 2], [-0.0, 3.0]], [1, 0.5], None), ([[0, 1], [2**70, 3.0]], [-1.0, 2], None)]
    step(*alike[0][:2])
    resident, modes = step._resident, step._settings()
    found = resident.packed_alike(modes, alike)
    expected = alike if llvm.available() else []
    assert [program for program, _ in found] == [*resident.programs.values()] * len(expected)
    numbers = [list(map(repr, arguments.numbers)) for _, arguments in found]
    assert numbers == [flattened(args)[1] for args in expected]
    for X, y in [
        ([[1.0, 2.0]], [1.0]),
        (([1.0, 2.0], [0.0, 3.0]), [1.0, 0.5]),
        ([[1.0, 2.0], [0.0, True]], [1.0, 0.5]),
        ([[1.0, 2.0], [0.0, 10**400]], [1.0, 0.5]),
        ([[1.0, 2.0], [0.0, Value(3.0)]], [1.0, 0.5]),
    ]:
        found = resident.packed_alike(modes, [*alike, (X, y, None), *alike])
        assert len(found) == len(expected)


@needs_llvm
@pytest.mark.parametrize("mode", ["train", "part"])
def test_a_mode_that_changes_between_steps_is_seen(monkeypatch, mode):
    monkeypatch.setattr(runner, "SMALL", 0)

    def trained(take):
        model = nn.Sequential(nn.Layer(2, 6, seed=0), nn.Dropout(0.5, seed=1), nn.Layer(6, 1))
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        nn.manual_seed(0)
        losses = []
        for training in (False, True, False, False, True):
            if mode == "train":
                model.train(training)
            else:
                model.layers[1].training = training
            losses += [take(step)([[0.5, 1.0]], [1.0]) for _ in range(3)]
        return losses

    nn.manual_seed(0)
    recorded = trained(lambda step: step)
    nn.manual_seed(0)
    assert recorded == trained(lambda step: lambda *rows: step.eager(*rows)[0])


class Slow(nn.Optimizer):
    shift = 0.0  # of the class

    def __init__(self, params, lr, share=0.5):
        super().__init__(params, lr)
        self.share = share
        self.speed = 1.0  # no argument

    def rule(self, p, g, state, lr, t):
        return p - self.share * self.speed * lr * (g + self.shift), state


@pytest.mark.parametrize(
    ("kind", "option", "new"),
    [
        (nn.SGD, "momentum", 0.5),
        (nn.SGD, "nesterov", True),
        (nn.SGD, "weight_decay", 0.1),
        (nn.Adam, "betas", (0.5, 0.9)),
        (nn.AdamW, "eps", 1e-2),
        (Slow, "share", 0.25),
        (Slow, "speed", 0.25),
        (Slow, "shift", 0.25),
        (Slow, "rule", lambda p, g, state, lr, t: (p - g, state)),
    ],
)
def test_an_option_of_the_optimizer_that_changes_between_steps_is_seen(
    monkeypatch, kind, option, new
):
    monkeypatch.setattr(runner, "SMALL", 0)
    momentum = {"momentum": 0.9} if kind is nn.SGD else {}
    recorded, eager = pair(
        lambda: nn.MLP(2, [3, 1], seed=0), nn.mse, lambda ps: kind(ps, lr=0.1, **momentum)
    )
    rows = [[0.5, 1.0], [0.25, -1.0]], [1.0, 0.0]
    old = getattr(recorded.optimizer, option)
    for x in (old, new, old):
        for step in (recorded, eager):
            setattr(step.optimizer, option, x)
        costs = [recorded(*rows), *recorded.run([rows] * 3)]
        assert costs == [eager.eager(*rows)[0] for _ in range(4)]
    assert numbers(recorded) == numbers(eager)
    assert len(recorded._resident.programs) == 2


def test_what_a_rule_counts_is_no_option():
    class Counting(nn.Optimizer):
        calls = 0

        def rule(self, p, g, state, lr, t):
            self.calls += 1
            return p - lr * g, state

    recorded, _ = pair(lambda: nn.Layer(1, 1, seed=0), nn.mse, lambda ps: Counting(ps, 0.1))
    for _ in range(3):
        recorded([[0.5]], [1.0])
    assert recorded.optimizer.calls
    assert len(recorded._resident.programs) == 1


def test_a_function_that_an_optimizer_keeps_is_not_taken_for_one_that_is_gone():
    class Bent(nn.Optimizer):
        def __init__(self, params, lr, bend):
            super().__init__(params, lr)
            self.bend = bend

        def rule(self, p, g, state, lr, t):
            return p - lr * self.bend(g), state

    def times(k):
        return lambda g: k * g

    recorded, eager = pair(
        lambda: nn.MLP(2, [3, 1], seed=0), nn.mse, lambda ps: Bent(ps, 0.1, autograd.tanh)
    )
    rows = [[0.5, 1.0], [0.25, -1.0]], [1.0, 0.0]
    for k in range(20):  # a new function may lie where an old one lay
        for step in (recorded, eager):
            step.optimizer.bend = times(k / 8)
        assert recorded(*rows) == eager.eager(*rows)[0]
    assert numbers(recorded) == numbers(eager)


@needs_llvm
def test_steps_on_lists_of_changing_structure_are_those_of_run(monkeypatch):
    monkeypatch.setattr(runner, "SMALL", 0)
    rows = [[[0.5, 1]], [[0.5, 1.0], (0.25, 0.0)], [[-0.0, 2.0]], [[1, 2]], [[0.5, 1.0]]] * 4

    def trained(taken):
        model = nn.MLP(2, [3, 1], seed=0)
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        batches = [(X, [0.5] * len(X)) for X in rows]
        losses = taken(step, batches)
        known = [len(programs) for _, programs in step._resident.known.values()]
        return losses, [p.data for p in model.parameters()], known

    losses, parameters, known = trained(lambda step, batches: [step(X, y) for X, y in batches])
    assert known == ([2] if llvm.available() else [])
    assert (losses, parameters) == trained(lambda step, batches: step.run(batches))[:2]
