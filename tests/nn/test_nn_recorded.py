"""Layers and losses as recorded programs: `jit` gives what eager code gives,
with indices, targets and masks as inputs.
"""

import random

import pytest

import nn
from autograd import RecordingError, jit

RNG = random.Random(0)
ROWS = [[RNG.gauss(0, 1) for _ in range(2)] for _ in range(3)]
SEQUENCES = [[[RNG.gauss(0, 1) for _ in range(2)] for _ in range(4)] for _ in range(3)]
TEXTS = [[RNG.randrange(5) for _ in range(4)] for _ in range(3)]
CASES = [
    (nn.hinge, nn.MLP(2, [4, 1]), ROWS, [0, 1, 1]),
    (nn.binary_cross_entropy, nn.MLP(2, [4, 1], "gelu"), ROWS, [0, 1, 1]),
    (nn.cross_entropy, nn.MLP(2, [4, 3], "tanh"), ROWS, [0, 2, 1]),
    (nn.cross_entropy, nn.MLP(2, [4, 3], "silu"), ROWS, [[0.2, 0.3, 0.5]] * 3),
    (
        nn.huber,
        nn.Sequential(nn.Layer(2, 4, "softmax"), nn.LayerNorm(4), nn.RMSNorm(4), nn.Layer(4, 1)),
        ROWS,
        [0.1, -2.0, 0.4],
    ),
    (
        nn.cross_entropy,
        nn.Sequential(nn.Each(nn.Embedding(5, 3)), nn.LSTM(3, 4), nn.Each(nn.Layer(4, 5))),
        TEXTS,
        TEXTS,
    ),
    (nn.mae, nn.Sequential(nn.GRU(2, 4), nn.Last(), nn.Layer(4, 1)), SEQUENCES, [0.1, 0.2, 0.3]),
    (nn.mse, nn.EncoderDecoder(2, 3, 1, steps=2), SEQUENCES, [[[0.1], [0.2]]] * 3),
]


@pytest.mark.parametrize(
    ("loss", "model", "X", "y"),
    CASES,
    ids=[f"{loss.__name__} {type(model).__name__}" for loss, model, _, _ in CASES],
)
def test_a_recorded_cost_has_the_eager_value_and_gradients(loss, model, X, y):
    def cost(X, y):
        return (
            loss([model(x) for x in X], y)
            + nn.l2(model.parameters(), 0.01)
            + nn.l1(model.parameters(), 0.01)
        )

    def run(f, X, y):
        model.zero_grad()
        result = f(X, y)
        result.backward()
        return result.data, [p.grad for p in model.parameters()]

    recorded = jit(cost)
    for rows, targets in (
        (X, y),
        (X[::-1], y[1:] + y[:1]),
    ):  # the second time other inputs, targets and indices run the same program
        value, gradients = run(recorded, rows, targets)
        expected, eager_gradients = run(cost, rows, targets)
        assert value == pytest.approx(expected, rel=1e-12)
        assert gradients == pytest.approx(eager_gradients, rel=1e-12, abs=1e-14)
    assert len(recorded.entries) == 1


def test_a_recorded_dropout_draws_a_new_mask_at_every_call():
    model = nn.Sequential(nn.Layer(2, 50), nn.Dropout(0.5))
    recorded = jit(lambda x: model(x))
    masks = [tuple(v.data == 0.0 for v in recorded([1.0, 2.0])) for _ in range(4)]
    assert len(set(masks)) == 4
    assert all(10 < sum(mask) < 40 for mask in masks)
    model.eval()
    assert not any(v.data == 0.0 for v in jit(lambda x: model(x))([1.0, 2.0]))


def test_recorded_indices():
    one_hot, bag = jit(lambda i: nn.one_hot(i, 4)), jit(lambda words: nn.bag_of_words(words, 4))
    assert [list(map(float, one_hot(i))) for i in (2, 3)] == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert list(map(float, bag([1, 1, 3]))) == [0, 2, 0, 1]


def test_a_source_says_what_it_returns_and_that_the_penalty_is_in_the_gradients():
    X, y = [[1.0, 2.0], [0.5, -1.0]], [1, 0]
    for penalty in (None, lambda ps: nn.l2(ps, 0.1)):
        model = nn.MLP(2, [2, 1], seed=0)
        step = nn.train_step(model, nn.hinge, nn.SGD(model.parameters(), lr=0.1), penalty=penalty)
        text = step.source(X, y)
        assert "# returned: p after the step, then the loss; None outside a domain" in text
        assert ("without the penalty" in text) == (penalty is not None)
        names = {}
        exec(text, names)
        *new, loss = names["program"](*step.numbers(X, y))
        assert loss == float(nn.hinge(list(map(model, X)), y))
        step(X, y)
        assert new == step.numbers(X, y)[0]
        refused = [1.0, 2.0, 0.5, -1.0, 0.5, 1.0, 0.1]  # 0.5 is no target
        assert names["program"](step.numbers(X, y)[0], refused) is None


class Halves(nn.SGD):
    def step(self, factor=1.0):
        for p in self.params:
            p.data *= 0.5
        super().step(factor)


class Keeps(nn.SGD):
    def zero_grad(self):
        """Let gradients add up."""


@pytest.mark.parametrize(("kind", "name"), [(Halves, "step"), (Keeps, "zero_grad")])
def test_a_step_of_the_user_s_own_is_not_left_out(kind, name):
    X, y = nn.data.moons(8, seed=0)
    net = nn.MLP(2, [2, 1], seed=0)
    sgd = kind(net.parameters(), lr=0.1)
    step = nn.train_step(net, nn.hinge, sgd)
    step.eager(X, y)
    before = net.state_dict()
    message = f"{kind.__name__} has a method {name} of its own"
    for use in (step, step.source, lambda X, y: step.run([(X, y)])):
        with pytest.raises(RecordingError, match=message):
            use(X, y)
    with pytest.raises(RecordingError, match=message):
        nn.fit(net, X, y, loss=nn.hinge, optimizer=sgd, progress=False, jit=True)
    assert net.state_dict() == before


def test_a_step_that_is_replaced_later_is_not_left_out():
    X, y = nn.data.moons(8, seed=0)
    net = nn.MLP(2, [2, 1], seed=0)
    sgd = nn.SGD(net.parameters(), lr=0.1)
    step = nn.train_step(net, nn.hinge, sgd)
    step(X, y)
    sgd.step = lambda factor=1.0: None
    with pytest.raises(RecordingError, match="SGD has a method step of its own"):
        step(X, y)
