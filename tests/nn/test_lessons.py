"""What lessons make again and again: a path of descent, and how far gradients reach."""

import math

import pytest

import nn
from autograd.errors import ArgumentError, DataTypeError, LengthError


def test_the_path_of_plain_descent_by_hand():
    # x' = x - 0.1 * 2x and y' = y - 0.1 * 8y.
    path = nn.descend(
        lambda x, y: x**2 + 4 * y**2, [1.0, 1.0], lambda ps: nn.SGD(ps, lr=0.1), steps=2
    )
    assert path[0] == [1.0, 1.0]
    assert [x for point in path[1:] for x in point] == pytest.approx([0.8, 0.2, 0.64, 0.04])


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam, nn.RMSprop, nn.Adagrad, nn.AdamW])
def test_every_optimizer_can_descend(optimizer):
    path = nn.descend(lambda x: (x - 2) ** 2, [0.0], lambda ps: optimizer(ps, lr=0.05), steps=50)
    assert len(path) == 51
    assert abs(path[-1][0] - 2) < abs(path[0][0] - 2)


def test_what_cannot_descend():
    def sgd(ps):
        return nn.SGD(ps, lr=0.1)

    with pytest.raises(DataTypeError, match=r"f returns a Value .* not 3"):
        nn.descend(lambda x: 3, [1.0], sgd, steps=1)
    with pytest.raises(DataTypeError, match="optimizer is a function from parameters"):
        nn.descend(lambda x: x, [1.0], lambda ps: 0.1, steps=1)
    with pytest.raises(ArgumentError, match="steps"):
        nn.descend(lambda x: x, [1.0], sgd, steps=-1)
    assert nn.descend(lambda x: x, [1.0], sgd, steps=0) == [[1.0]]


def test_gradients_by_lag_by_hand():
    # h' = tanh(w x + u h): at 0 the slope of tanh is 1, so lag k gives w u^k.
    rnn = nn.RNN(1, 1, seed=0)
    weights = rnn.cell.update.neurons[0].w
    weights[0].data, weights[1].data = 2.0, 0.5
    assert nn.gradient_by_lag(rnn, [[0.0]] * 4) == [2.0, 1.0, 0.5, 0.25]
    two = nn.Sequential(nn.RNN(2, 1, seed=0), nn.Last())
    weights = two.layers[0].cell.update.neurons[0].w
    for w, number in zip(weights, (3.0, 4.0, 0.5), strict=True):
        w.data = number
    assert nn.gradient_by_lag(two, [[0.0, 0.0]] * 3) == [5.0, 2.5, 1.25]
    assert all(math.copysign(1.0, p.grad) == 1.0 for p in two.parameters())
    with pytest.raises(LengthError, match="at least one step"):
        nn.gradient_by_lag(rnn, [])
