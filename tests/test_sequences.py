"""Sequences: order matters, a state carries it, and gates carry it further."""

import random
from statistics import median

import pytest

import autograd
import nn
from autograd import Value
from nn import data
from nn.recurrent import GRU, LSTM, RNN, Each, Last


@pytest.fixture(scope="module")
def counting():
    """Sentences to count by, as word numbers, their tokenizer, and a GRU that was trained on two thirds of them."""
    X, y = data.counting_sentences()
    tokenizer = data.Tokenizer(X)
    train, test = data.split([tokenizer.encode(x) for x in X], y, 1 / 3, seed=0)
    rng = random.Random(0)
    words = nn.Embedding(len(tokenizer.tokens), 3, rng=rng)
    model = nn.Sequential(Each(words), GRU(3, 4, rng=rng), Last(), nn.Layer(4, 1, bias=4.0, rng=rng))
    schedule, optimizer = nn.schedules.cosine(360), nn.Adam(model.parameters(), lr=0.06)
    nn.fit(model, *train, loss=nn.mse, optimizer=optimizer, schedule=schedule, epochs=40, batch_size=4, progress=False)
    return model, tokenizer, train, test


def share_counted_right(model, X, y):
    return sum(round(answer) == t for (answer,), t in zip(nn.predict(model, X), y, strict=True)) / len(y)


def test_a_state_counts_what_one_word_cannot_tell(counting):
    model, tokenizer, train, test = counting
    assert share_counted_right(model, *train) >= 0.95
    assert share_counted_right(model, *test) >= 0.75
    # the best that any net can do which sees only the last word, of which there are three: the likeliest answer for each
    last_words = {}
    for x, t in zip(*(a + b for a, b in zip(train, test, strict=True)), strict=True):
        last_words.setdefault(x[-1], []).append(t)
    assert sum(max(map(answers.count, answers)) for answers in last_words.values()) / 54 < 0.3
    current = nn.Sequential(Last(), nn.Embedding(len(tokenizer.tokens), 4), nn.Layer(4, 1))
    nn.fit(current, *train, loss=nn.mse, optimizer=nn.Adam(current.parameters(), lr=0.05), epochs=100, progress=False)
    assert share_counted_right(current, *train) < 0.45


def test_the_same_words_in_another_order_are_another_answer(counting):
    model, tokenizer, _, _ = counting
    sentences = ["there were 4 cans , broke 3 , came 1", "there were 4 cans , came 3 , broke 1"]
    ids = [tokenizer.encode(sentence.split()) for sentence in sentences]
    assert nn.bag_of_words(ids[0], len(tokenizer.tokens)) == nn.bag_of_words(ids[1], len(tokenizer.tokens))
    (fewer,), (more,) = nn.predict(model, ids)
    assert (fewer, more) == pytest.approx((2, 6), abs=0.6)


def test_a_time_series_is_forecast_better_than_by_persistence():
    X, y = data.windows(data.time_series(160), 8)
    model = nn.Sequential(RNN(1, 6, seed=0), Last(), nn.Layer(6, 1, seed=1))
    optimizer = nn.Adam(model.parameters(), lr=0.03)
    nn.fit(model, X[:110], y[:110], loss=nn.mse, optimizer=optimizer, epochs=10, batch_size=10, progress=False)
    later = X[110:], y[110:]
    persistence = nn.mse([steps[-1] for steps in later[0]], later[1])
    assert nn.evaluate(model, *later, loss=nn.mse)["loss"] < persistence / 4


def gradient_by_lag(net, lag=40):
    """The norm of the gradient of the last output's sum with respect to the input 0, 1, ... `lag` steps before."""
    xs = [[Value(x) for x in step] for step in data.recall_at_lag(1, lag, seed=1)[0][0]]
    autograd.sum(net(xs)[-1]).backward()
    return [autograd.norm([x.grad for x in step]) for step in reversed(xs)]


def test_the_gradient_vanishes_with_the_lag_unless_a_gate_is_held_open():
    nets = {
        "RNN": lambda seed: RNN(2, 8, seed=seed),
        "RNN, orthogonal": lambda seed: RNN(2, 8, recurrent_init="orthogonal", seed=seed),
        "LSTM, forget bias 0": lambda seed: LSTM(2, 8, forget_bias=0.0, seed=seed),
        "LSTM, forget bias 5": lambda seed: LSTM(2, 8, forget_bias=5.0, seed=seed),
        "GRU, gate biases 3": lambda seed: GRU(2, 8, bias=3.0, seed=seed),
    }
    left = {}
    for name, net in nets.items():
        profiles = [gradient_by_lag(net(seed)) for seed in range(5)]
        left[name] = median(norms[40] / norms[0] for norms in profiles)
    assert left["RNN"] < 1e-6
    assert left["LSTM, forget bias 0"] < 1e-6  # sigmoid(0)^40 is 9e-13: gates alone do not help
    assert left["RNN, orthogonal"] > 1e-3
    assert left["GRU, gate biases 3"] > 0.1  # sigmoid(3)^40 is 0.14
    assert left["LSTM, forget bias 5"] > 0.5  # sigmoid(5)^40 is 0.76


def test_the_forget_gate_holds_the_state_as_long_as_its_power():
    """With weights 0 the cell is c' = f c: after n steps a cell that starts at 1 holds f^n."""
    net = LSTM(1, 1, init="zeros", recurrent_init="zeros", forget_bias=3.0)
    _, (_, (c,)) = net.run([[0.0]] * 20, ([0.0], [1.0]))
    assert c.data == pytest.approx(autograd.sigmoid(3.0) ** 20)
