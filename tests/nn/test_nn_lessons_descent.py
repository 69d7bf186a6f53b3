"""Lessons 7 to 14: gradients, the chain rule, descent, batches, rates,
schedules, optimizers, beliefs.
"""

import math
import random
from functools import partial
from itertools import pairwise

import pytest

import autograd
import nn
from autograd import Value, gradients, sigmoid
from nn import data


def slope(loss, z):
    z = Value(z)
    return gradients(loss(z), [z])[0].data


# 7. The higher the error, the higher the gradient: only if output and loss
# belong together.


def test_mse_through_a_sigmoid_is_flat_where_it_is_most_wrong():
    assert slope(lambda z: nn.mse([[sigmoid(z)]], [1]), -10.0) == pytest.approx(-9.08e-5, rel=1e-3)
    assert slope(lambda z: nn.binary_cross_entropy([[z]], [1]), -10.0) == pytest.approx(
        -0.99995, rel=1e-5
    )
    errors = [abs(slope(lambda z: nn.binary_cross_entropy([[z]], [1]), z)) for z in range(-10, 11)]
    assert errors == sorted(errors, reverse=True)
    errors = [abs(slope(lambda z: nn.mse([[sigmoid(z)]], [1]), z)) for z in range(-10, 11)]
    assert errors != sorted(errors, reverse=True)


# 8. The chain rule.


def test_with_one_unit_per_layer_the_gradient_is_the_shown_product():
    net = nn.MLP(1, [1, 1, 1], "tanh", "sigmoid", seed=4)
    with nn.trace(net) as t:
        (output,) = net([0.7])
    output.backward()
    product = 1.0
    value = output
    while value.parents:
        if value.op.name == "add":  # z = w a + b: the way on leads through a, except at the end
            value = value.parents[0]
            continue
        derivative = value.local_derivatives()[0]
        if value.op.name == "dot":
            last = t[value][0] == "layers.0.neurons.0"
            assert value.parents[0] is net.layers[int(t[value][0][7])].neurons[0].w[0]
            product *= value.local_derivatives()[0 if last else 1]
            value = value.parents[0 if last else 1]
        else:
            product *= derivative
            value = value.parents[0]
    assert value is net.layers[0].neurons[0].w[0]
    assert product == pytest.approx(value.grad, rel=1e-14)


def test_with_width_the_sum_over_paths_is_the_product_of_jacobians_is_backward():
    net = nn.MLP(2, [3, 3, 1], "tanh", seed=2)
    x = [Value(0.3), Value(-0.8)]
    net(x)[0].backward()
    weights = [[[w.data for w in neuron.w] for neuron in layer.neurons] for layer in net.layers]
    a, slopes = [v.data for v in x], []
    for layer, rows in zip(net.layers, weights, strict=True):
        z = [
            math.fsum([neuron.b.data, *(w * u for w, u in zip(row, a, strict=True))])
            for neuron, row in zip(layer.neurons, rows, strict=True)
        ]
        a = [math.tanh(v) for v in z] if layer.activation else z
        slopes.append([1 - v * v for v in a] if layer.activation else [1.0] * len(a))
    for start in (0, 1):
        paths = [
            slopes[0][i] * weights[0][i][start] * slopes[1][j] * weights[1][j][i] * weights[2][0][j]
            for i in range(3)
            for j in range(3)
        ]
        assert math.fsum(paths) == pytest.approx(x[start].grad, rel=1e-13)
    row = [1.0]  # dL/dA of the output, carried back through W^T diag(slopes)
    for rows, s in zip(reversed(weights), reversed(slopes), strict=True):
        row = [
            math.fsum(g * d * w[i] for g, d, w in zip(row, s, rows, strict=True))
            for i in range(len(rows[0]))
        ]
    assert row == pytest.approx([v.grad for v in x], rel=1e-13)


# 9. Gradients and descent.


def test_halving_the_step_quarters_the_error_of_the_linear_prediction():
    model = nn.MLP(2, [3, 1], "tanh")
    X, y = data.moons(8)
    params = model.parameters()

    def cost():
        return nn.mse([model(x) for x in X], y)

    loss = cost()
    loss.backward()
    start, grads = [p.data for p in params], [p.grad for p in params]
    errors = []
    for step in (0.02, 0.01, 0.005):
        for p, s, g in zip(params, start, grads, strict=True):
            p.data = s - step * g
        errors.append(cost().data - (loss.data - step * math.fsum(g * g for g in grads)))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.05)


def test_partial_derivatives_ignore_the_cross_term():
    w1, w2 = Value(3.0), Value(5.0)
    (w1 * w2).backward()
    d1, d2 = 0.5, -0.25
    prediction = w1.grad * d1 + w2.grad * d2
    assert (3.0 + d1) * (5.0 + d2) - 15.0 == prediction + d1 * d2


# 10. Batch and stochastic descent on a cost with two minima.


class Valley(nn.Module):
    """A model that is one weight: each row tilts the double well (w^2 - 1)^2 by its own amount."""

    def __init__(self, w):
        self.w = Value(w)

    def forward(self, tilt):
        return (self.w * self.w - 1.0) ** 2 + 0.3 * self.w + tilt * self.w


def descend(batch_size, seed=0):
    rng = random.Random(1)
    tilts = [rng.gauss(0, 2.0) for _ in range(40)]
    mean = math.fsum(tilts) / len(tilts)
    model = Valley(1.2)
    nn.fit(
        model,
        [t - mean for t in tilts],
        [0.0] * 40,
        loss=lambda outputs, _: autograd.mean(outputs),
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=20,
        batch_size=batch_size,
        seed=seed,
        progress=False,
    )
    return model.w.data


def test_batch_descent_stays_in_the_poor_minimum_and_a_stochastic_run_leaves_it():
    assert descend(None) == pytest.approx(0.96, abs=0.01)
    assert (
        descend(1) < -0.5
    )  # near the deep minimum at -1.035, which the noise of single rows keeps it circling


# 11. The learning rate, for f = c w^2 / 2.


def path(rate, c=4.0, steps=40):
    w = Value(1.0)
    optimizer = nn.SGD([w], lr=rate)
    places = [w.data]
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * c * w * w).backward()
        optimizer.step()
        places.append(w.data)
    return places


def test_the_five_kinds_of_learning_rate():
    c = 4.0
    slow = path(0.5 / c)
    assert all(0 < b < a for a, b in pairwise(slow))
    assert path(1 / c)[1:] == [0.0] * 40
    swinging = path(1.5 / c)
    assert all(a * b < 0 and abs(b) < abs(a) for a, b in pairwise(swinging))
    assert path(2 / c) == [(-1.0) ** i for i in range(41)]
    assert abs(path(2.1 / c)[-1]) > 40


@pytest.mark.parametrize("r", [0.25, 0.5, 0.75])
def test_rates_on_both_sides_of_the_best_give_the_same_losses(r):
    assert [w * w for w in path(r / 4)] == pytest.approx(
        [w * w for w in path((2 - r) / 4)], rel=1e-12
    )


def test_the_loss_falls_for_every_rate_below_two_over_c():
    for rate in (0.01, 0.2, 0.3, 0.49):
        losses = [w * w for w in path(rate)]
        assert all(b < a for a, b in pairwise(losses))


def test_the_steepest_direction_of_a_bowl_sets_the_limit():
    def bowl(rate):
        w = [Value(1.0), Value(1.0)]
        optimizer = nn.SGD(w, lr=rate)
        for _ in range(100):
            optimizer.zero_grad()
            (0.5 * 0.1 * w[0] ** 2 + 0.5 * 10.0 * w[1] ** 2).backward()
            optimizer.step()
        return [v.data for v in w]

    flat, steep = bowl(0.19)  # just below 2 / 10
    assert abs(steep) < 1e-4 < 0.1 < flat
    assert abs(bowl(0.21)[1]) > 1e3


# 12. Schedules: decay beats a constant rate under gradient noise.


def noisy_descent(schedule):
    """The mean distance from the minimum of w^2 / 2, at the end of 30 seeded
    runs with unit noise on the gradient.
    """
    distances = []
    for seed in range(30):
        rng = random.Random(seed)
        w = Value(5.0)
        optimizer = nn.SGD([w], lr=0.5)
        for step in range(200):
            w.grad = w.data + rng.gauss(0, 1)
            optimizer.step(schedule(step))
        distances.append(abs(w.data))
    return math.fsum(distances) / 30


def test_decay_beats_a_constant_rate_under_noise():
    constant = noisy_descent(lambda step: 1.0)
    decayed = (
        nn.schedules.time_based(0.1),
        nn.schedules.exponential(0.98),
        nn.schedules.cosine(200),
        nn.schedules.step(40),
    )
    assert all(noisy_descent(schedule) < constant / 2 for schedule in decayed)


# 13. Optimizers on one surface. (Their steps are compared with PyTorch's in
# test_nn_optim.py.)


def test_adaptive_rates_cross_a_long_valley_that_plain_descent_crawls_along():
    def flat_weight(make):
        w = [Value(-1.0), Value(1.0)]
        optimizer = make(w)
        for _ in range(60):
            optimizer.zero_grad()
            (0.005 * w[0] ** 2 + 5.0 * w[1] ** 2).backward()
            optimizer.step()
        assert abs(w[1].data) < 0.2
        return abs(w[0].data)

    plain = flat_weight(partial(nn.SGD, lr=0.15))
    assert plain > 0.9
    assert flat_weight(partial(nn.SGD, lr=0.1, momentum=0.9)) < 0.7
    for make in (
        partial(nn.Adagrad, lr=0.3),
        partial(nn.RMSprop, lr=0.03),
        partial(nn.Adam, lr=0.05),
    ):
        assert flat_weight(make) < 0.2


# 14. Old beliefs, new beliefs.


def beliefs(rate, black):
    """The child has one weight for "is a cat orange?": ten orange cats, then
    black ones. Its belief after each.
    """
    w = Value(0.0)
    optimizer = nn.SGD([w], lr=rate)
    course = []
    for target in [1] * 10 + [0] * black:
        optimizer.zero_grad()
        nn.binary_cross_entropy([[w * 1.0]], [target]).backward()
        optimizer.step()
        course.append(float(sigmoid(w.data)))
    return course


def test_the_higher_the_rate_the_fewer_black_cats_are_needed():
    needed = []
    for rate in (0.1, 0.3, 1.0, 3.0, 10.0, 30.0):
        course = beliefs(rate, black=40)
        assert course[9] > 0.5
        needed.append(next(i for i, p in enumerate(course[10:], 1) if p < 0.5))
    assert needed == sorted(needed, reverse=True)
    assert needed[0] >= 5
    assert needed[-1] == 1  # one black cat outweighs ten orange ones
