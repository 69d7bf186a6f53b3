"""The whole outside in a few seconds: `pytest -m tiny`, for every commit."""

import pickle

import pytest

import autograd as ag
import nn
from autograd import Value

pytestmark = pytest.mark.tiny


def test_a_neuron_has_the_gradients_of_the_textbook():
    x1, x2 = Value(2.0), Value(0.0)
    w1, w2, b = Value(-3.0), Value(1.0), Value(6.8813735870195432)
    out = (x1 * w1 + x2 * w2 + b).tanh()
    out.backward()
    assert out.data == pytest.approx(0.7071067811865476, rel=1e-14)
    assert [v.grad for v in (x1, w1, x2, w2)] == pytest.approx([-1.5, 1.0, 0.5, 0.0], rel=1e-14)


def test_a_value_used_twice_adds_both_contributions():
    a = Value(3.0)
    b = a * a
    c = b + b
    c.backward()
    assert a.grad == 12.0


def test_derivatives_nest_and_agree_with_differences():
    assert ag.grad(ag.grad(lambda x: x**3))(2.0) == 12.0
    assert ag.jvp(lambda x: x**3, [2.0], [1.0]) == (8.0, 12.0)
    ag.check_gradients(lambda x, y: ag.sin(x * y) + ag.exp(x), 0.3, 0.7)


def test_a_recorded_function_gives_the_bits_of_the_eager_one():
    def f(x):
        return ag.tanh(x * 3.0) * x

    assert ag.jit(f)(0.7) == f(0.7)


def test_a_graph_is_drawn_explained_and_pickled():
    w = Value(2.0, label="w")
    loss = (w * 3.0 - 1.0) ** 2
    loss.backward()
    assert ag.draw(loss).svg.lstrip().startswith("<svg")
    assert "w" in str(ag.explain(loss, w))
    assert pickle.loads(pickle.dumps(loss)).data == loss.data


def test_a_net_learns_and_is_saved(tmp_path):
    X, y = nn.data.xor()
    model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    history = nn.fit(
        model,
        X,
        y,
        loss=nn.binary_cross_entropy,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=30,
        progress=False,
    )
    assert history["loss"][-1] < history["loss"][0]
    model.save(tmp_path / "model.json")
    again = nn.load(tmp_path / "model.json")
    assert [p.data for p in again.parameters()] == [p.data for p in model.parameters()]
