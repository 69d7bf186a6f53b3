"""Lessons 20 and 21: recurrent nets on sentences and a time series, and long memory."""

import math
import random
from itertools import permutations

import pytest

import autograd
import nn
from autograd import Value
from nn import data

# 20. Order matters.


def sentences():
    words, answers = data.counting_sentences(54)
    tokenizer = data.Tokenizer(words)
    return tokenizer, [tokenizer.encode(sentence) for sentence in words], answers


def train(model, X, y, epochs):
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    nn.fit(
        model,
        X,
        y,
        loss=nn.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=9,
        metrics=[nn.accuracy],
        callbacks=[lambda run: run.history["accuracy"][-1] == 1.0],
        progress=False,
    )
    return model


def test_who_sees_one_word_or_a_bag_of_words_cannot_count():
    tokenizer, X, y = sentences()
    n, commonest = len(tokenizer.tokens), max(map(y.count, y)) / len(y)
    last_word = train(nn.Sequential(nn.Last(), nn.Embedding(n, 8), nn.Layer(8, 8)), X, y, epochs=30)
    assert nn.accuracy(nn.predict(last_word, X), y) <= commonest + 0.15
    answers = {}
    for x, t in zip(X, y, strict=True):
        answers.setdefault(tuple(nn.bag_of_words(x, n)), []).append(t)
    assert (
        sum(max(map(several.count, several)) for several in answers.values()) / len(y) == 2 / 3
    )  # the best that any function of the bag can do


def test_a_recurrent_net_counts_and_permuted_words_give_another_answer():
    tokenizer, X, y = sentences()
    train_rows, test_rows = data.split(X, y, 1 / 3)
    rng = random.Random(0)
    words = nn.Embedding(len(tokenizer.tokens), 3, rng=rng)
    model = nn.Sequential(
        nn.Each(words), nn.GRU(3, 4, rng=rng), nn.Last(), nn.Layer(4, 1, bias=4.0, rng=rng)
    )
    schedule, optimizer = nn.schedules.cosine(360), nn.Adam(model.parameters(), lr=0.06)
    nn.fit(
        model,
        *train_rows,
        loss=nn.mse,
        optimizer=optimizer,
        schedule=schedule,
        epochs=40,
        batch_size=4,
        progress=False,
    )

    def counted_right(X, y):
        return sum(
            round(answer) == t for (answer,), t in zip(nn.predict(model, X), y, strict=True)
        ) / len(y)

    assert counted_right(*train_rows) >= 0.95
    assert counted_right(*test_rows) >= 0.75  # sentences that it has never seen
    (fewer,), (more,) = nn.predict(
        model,
        [
            tokenizer.encode(f"there were 4 cans , {words}".split())
            for words in ("broke 3 , came 1", "came 3 , broke 1")
        ],
    )
    assert (fewer, more) == pytest.approx((2, 6), abs=0.6)


def test_every_order_of_the_steps_gives_another_output():
    net = nn.Sequential(nn.RNN(1, 3), nn.Last())
    outputs = {
        tuple(nn.predict(net, [[[x] for x in order]])[0])
        for order in permutations((0.1, 0.5, -0.3))
    }
    assert len(outputs) == 6


def test_a_small_net_beats_persistence_on_a_time_series():
    X, y = data.windows(data.time_series(140), 8)
    (X_train, y_train), (X_test, y_test) = (X[:90], y[:90]), (X[90:], y[90:])
    model = nn.Sequential(nn.RNN(1, 6), nn.Last(), nn.Layer(6, 1))
    nn.fit(
        model,
        X_train,
        y_train,
        loss=nn.mse,
        optimizer=nn.Adam(model.parameters(), lr=0.03),
        epochs=15,
        batch_size=10,
        progress=False,
    )
    persistence = nn.mse([Value(x[-1][0]) for x in X_test], y_test).data
    assert nn.evaluate(model, X_test, y_test, loss=nn.mse)["loss"] < persistence / 3


def test_a_trained_encoder_decoder_turns_a_sequence_into_a_shorter_one():
    """Of three numbers, the first and the sum."""
    X = [[[a], [b], [c]] for a in (-0.4, 0.4) for b in (-0.3, 0.3) for c in (-0.2, 0.2)]
    y = [[[x[0][0]], [math.fsum(u for (u,) in x)]] for x in X]
    model = nn.EncoderDecoder(1, 6, 1, steps=2)
    before = nn.evaluate(model, X, y, loss=nn.mse)["loss"]
    nn.fit(
        model,
        X,
        y,
        loss=nn.mse,
        optimizer=nn.Adam(model.parameters(), lr=0.03),
        epochs=60,
        batch_size=2,
        progress=False,
    )
    assert nn.evaluate(model, X, y, loss=nn.mse)["loss"] < before / 20


# 21. Long memory.


def gradient_by_lag(kind, seed, lag=40, **options):
    """The norm of d(last output)/d(step), for the steps from the last back to the first."""
    (steps,), _ = data.recall_at_lag(1, lag, seed)
    inputs = [[Value(x) for x in step] for step in steps]
    autograd.sum(kind(2, 8, seed=seed, **options)(inputs)[-1]).backward()
    return [math.hypot(*(x.grad for x in step)) for step in reversed(inputs)]


@pytest.mark.parametrize("seed", range(3))
def test_gradient_against_lag(seed):
    def kept(kind, **options):
        norms = gradient_by_lag(kind, seed, **options)
        return norms[40] / norms[0]

    assert kept(nn.RNN) < 1e-6
    assert kept(nn.LSTM, forget_bias=5.0) > 0.01
    assert kept(nn.LSTM, forget_bias=0.0) < 1e-5  # gates that start half shut forget as fast
    assert (
        kept(nn.RNN, recurrent_init="orthogonal") > 1e-3
    )  # lengths are kept, but for the slope of tanh


def test_gates_write_read_and_erase():
    def lstm(write, forget, read):
        cell = nn.LSTMCell(1, 1, init="zeros", recurrent_init="zeros")
        for gate, bias in (
            (cell.write, write),
            (cell.forget, forget),
            (cell.read, read),
            (cell.candidate, 100.0),
        ):
            gate.neurons[0].b.data = bias
        return cell

    def state_after(cell, h, c):
        (h,), (c,) = cell([0.0], ([h], [c]))
        return h.data, c.data

    assert state_after(lstm(write=-100, forget=100, read=100), 0.0, 0.7) == pytest.approx(
        (math.tanh(0.7), 0.7)
    )  # keep and show
    assert state_after(lstm(write=100, forget=-100, read=100), 0.0, 0.7) == pytest.approx(
        (math.tanh(1.0), 1.0)
    )  # erase and write 1
    assert state_after(lstm(write=-100, forget=-100, read=100), 0.0, 0.7) == pytest.approx(
        (0.0, 0.0), abs=1e-40
    )  # erase
    assert state_after(lstm(write=-100, forget=100, read=-100), 0.0, 0.7) == pytest.approx(
        (0.0, 0.7), abs=1e-40
    )  # keep and hide
