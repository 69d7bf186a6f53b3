"""Lessons 1 to 5: the neuron, the detector, activations, why they are needed, and how they die."""

import itertools
import math
import random

import pytest

import autograd
import nn
from autograd import Value, check_gradients, dot
from nn import data


def hand_set(module, numbers):
    """Give the parameters these numbers, in order."""
    module.load_state_dict(dict(zip(module.state_dict(), map(float, numbers), strict=True)))
    return module


# 1. The neuron.


@pytest.mark.parametrize(
    ("weights", "truth"),
    [([1, 1, -1.5], [0, 0, 0, 1]), ([1, 1, -0.5], [0, 1, 1, 1]), ([-1, -1, 1.5], [1, 1, 1, 0])],
    ids=["and", "or", "nand"],
)
def test_one_neuron_is_and_or_nand(weights, truth):
    neuron = hand_set(nn.Neuron(2, "step"), weights)
    assert [neuron([a, b]).data for a, b in itertools.product((0, 1), repeat=2)] == truth


def test_every_weight_of_a_neuron_has_its_gradient():
    def neuron(w, b, x):
        return autograd.tanh(dot(w, x) + b)

    check_gradients(neuron, [0.5, -1.0, 0.25], 0.1, [1.0, 2.0, -0.5])
    unit = hand_set(nn.Neuron(3, "tanh"), [0.5, -1.0, 0.25, 0.1])
    unit([1.0, 2.0, -0.5]).backward()
    slope = 1 - math.tanh(0.5 - 2.0 - 0.125 + 0.1) ** 2
    assert [p.grad for p in unit.parameters()] == pytest.approx(
        [slope, 2 * slope, -0.5 * slope, slope], rel=1e-13
    )


def test_a_neuron_s_inputs_may_be_other_neurons():
    """XOR is AND of OR and NAND: no neuron of its own is."""
    either, not_both, both = (
        hand_set(nn.Neuron(2, "step"), w) for w in ([1, 1, -0.5], [-1, -1, 1.5], [1, 1, -1.5])
    )
    assert [
        both([either([a, b]), not_both([a, b])]).data
        for a, b in itertools.product((0, 1), repeat=2)
    ] == [0, 1, 1, 0]


# 2. The neuron as a detector.

GRID = [
    [x1, i / 2, j / 2] for x1 in (-10.0, 0.0, 10.0) for i in range(-20, 21) for j in range(-20, 21)
]


def inside(x):
    return int(-1 <= x[1] <= 5 and -8 <= x[2] <= -4)


def test_four_steps_and_an_and_detect_the_region_exactly():
    edges = [[0, 1, 0, 1 + 1e-9], [0, -1, 0, 5 + 1e-9], [0, 0, 1, 8 + 1e-9], [0, 0, -1, -4 + 1e-9]]
    net = hand_set(nn.MLP(3, [4, 1], "step", "step"), [*itertools.chain(*edges), 1, 1, 1, 1, -3.5])
    assert [int(output[0]) for output in nn.predict(net, GRID)] == [inside(x) for x in GRID]


def detector(sizes, epochs):
    """A net trained on 400 rows, half of them inside, a quarter just around;
    its balanced accuracy on the grid.
    """
    rng = random.Random(0)
    rows = [[rng.uniform(-10, 10), rng.uniform(-1, 5), rng.uniform(-8, -4)] for _ in range(200)]
    while len(rows) < 400:
        near = [rng.uniform(-10, 10), rng.uniform(-4, 8), rng.uniform(-11, -1)]
        x = near if len(rows) % 2 else [rng.uniform(-10, 10) for _ in range(3)]
        rows += [] if inside(x) else [x]
    y = [inside(x) for x in rows]
    model = nn.MLP(3, sizes, "tanh")
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    X, grid = ([[u / 5 for u in x] for x in part] for part in (rows, GRID))
    steps = epochs * len(X) // 50
    nn.fit(
        model,
        X,
        y,
        loss=nn.binary_cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=50,
        schedule=nn.schedules.cosine(steps),
        progress=False,
        jit=True,
    )
    return nn.balanced_accuracy(nn.predict(model, grid), [inside(x) for x in GRID])


def test_always_no_is_accurate_and_worthless_and_one_neuron_cannot():
    truth = [inside(x) for x in GRID]
    assert nn.accuracy([-1.0] * len(GRID), truth) > 0.93
    assert nn.balanced_accuracy([-1.0] * len(GRID), truth) == 0.5
    assert detector([1], epochs=10) < 0.9


def test_a_trained_net_detects_the_region():
    assert detector([12, 6, 1], epochs=80) >= 0.97


# 3. Activations.


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (autograd.sigmoid, 0.0, 1.0),
        (autograd.tanh, -1.0, 1.0),
        (autograd.relu, 0.0, 1000.0),
        (autograd.leaky_relu, -10.0, 1000.0),
        (autograd.elu, -1.0, 1000.0),
        (autograd.softplus, 0.0, 1000.0),
        (autograd.gelu, -0.1700, 1000.0),
        (autograd.silu, -0.2784, 1000.0),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_ranges_of_the_activations(f, low, high):
    values = [f(z / 8) for z in range(-8000, 8001)]
    assert min(values) == pytest.approx(low, abs=5e-5)
    assert max(values) == high  # in floats also sigmoid and tanh reach their bounds
    assert all(map(math.isfinite, values))


def test_softmax_is_a_distribution_and_ignores_a_common_shift():
    for shift in (0.0, 1000.0, -1000.0):
        p = autograd.softmax([1.0 + shift, 2.0 + shift, -1.0 + shift])
        assert math.fsum(p) == pytest.approx(1, rel=1e-15)
        assert p == pytest.approx(autograd.softmax([1.0, 2.0, -1.0]), rel=1e-12)
    assert autograd.softmax([1000.0, -1000.0]) == [1.0, 0.0]


# 4. Why an activation.


def test_a_deep_linear_net_is_one_affine_map():
    net = nn.MLP(3, [5, 4, 5, 2], activation=None)
    b = nn.predict(net, [[0.0, 0.0, 0.0]])[0]
    columns = [
        [o - o0 for o, o0 in zip(nn.predict(net, [unit])[0], b, strict=True)]
        for unit in ([1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0])
    ]
    x = [0.3, -2.0, 1.7]
    affine = [b[k] + math.fsum(columns[i][k] * x[i] for i in range(3)) for k in (0, 1)]
    assert nn.predict(net, [x])[0] == pytest.approx(affine, rel=1e-12)


def xor_net(activation):
    X, y = data.xor()
    model = nn.MLP(2, [4, 1], activation)
    nn.fit(
        model,
        X,
        y,
        loss=nn.mse,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=200,
        progress=False,
    )
    outputs = [o - 0.5 for (o,) in nn.predict(model, X)]
    return outputs, nn.accuracy(outputs, y), nn.evaluate(model, X, y, loss=nn.mse)["loss"]


def test_on_xor_a_linear_net_says_one_half_and_a_tanh_net_learns_it():
    outputs, _, loss = xor_net(None)
    assert outputs == pytest.approx([0.0] * 4, abs=1e-4)
    assert loss == pytest.approx(0.25, abs=1e-9)
    _, accuracy, loss = xor_net("tanh")
    assert accuracy == 1.0
    assert loss < 0.01


def test_no_linear_unit_gets_more_than_three_of_xor_and_none_a_loss_below_a_quarter():
    X, y = data.xor()
    steps = [k / 4 for k in range(-6, 7)]
    units = [
        hand_set(nn.Neuron(2), weights)
        for weights in itertools.product(steps[::2], steps[::2], steps)
    ]
    outputs = [
        [unit.b.data + unit.w[0].data * a + unit.w[1].data * b for a, b in X] for unit in units
    ]
    assert max(nn.accuracy([o - 0.5 for o in row], y) for row in outputs) == 0.75
    assert (
        min(math.fsum((o - t) ** 2 for o, t in zip(row, y, strict=True)) / 4 for row in outputs)
        == 0.25
    )


def test_more_hidden_units_come_closer_to_a_sine():
    X, y = data.noisy_sine(25, noise=0.0)

    def error(n):
        model = nn.MLP(1, [n, 1], "tanh")
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        decay = nn.schedules.cosine(600)
        nn.fit(
            model,
            X,
            y,
            loss=nn.mse,
            optimizer=optimizer,
            epochs=120,
            batch_size=5,
            schedule=decay,
            progress=False,
            jit=True,
        )
        return nn.evaluate(model, X, y, loss=nn.mse)["loss"]

    errors = [error(n) for n in (2, 4, 8, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < errors[0] / 8


# 5. Dead neurons.


def test_a_layer_with_bias_minus_100_is_reported_entirely_dead():
    X, y = data.moons(20)
    model = nn.MLP(2, [8, 1])
    for neuron in model.layers[0].neurons:
        neuron.b.data = -100.0
    diagnosis = nn.diagnose(model, X, y, nn.binary_cross_entropy)
    assert [layer.dead for layer in diagnosis.layers] == [1.0, 0.0]
    assert "layers.0: 100% of the units are dead" in str(diagnosis)


@pytest.mark.parametrize(("activation", "accuracy"), [("relu", 0.5), ("leaky_relu", 1.0)])
def test_dead_relus_stay_dead_and_leaky_ones_recover(activation, accuracy):
    X, y = data.moons(100)
    model = nn.MLP(2, [16, 1], activation, seed=0)
    for neuron in model.layers[0].neurons:
        neuron.b.data = -5.0
    before = model.layers[0].state_dict()
    nn.fit(
        model,
        X,
        y,
        loss=nn.binary_cross_entropy,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=40,
        batch_size=20,
        metrics=[nn.accuracy],
        callbacks=[lambda run: run.history["accuracy"][-1] == 1.0],
        progress=False,
    )
    assert nn.accuracy(nn.predict(model, X), y) == accuracy
    assert (model.layers[0].state_dict() == before) == (activation == "relu")


def test_gradients_through_a_hand_made_net_reach_the_inputs():
    x = [Value(1.0), Value(-2.0)]
    net = hand_set(nn.MLP(2, [2, 1]), [1, 0, 0.5, 0, 1, 0.5, 2, 3, 0])  # relu(1.5) and relu(-1.5)
    net(x)[0].backward()
    assert [v.grad for v in x] == [2.0, 0.0]
