"""Lessons 21 and 22 in full: long memory and names, trained by recorded
programs, which eager code would take minutes for.
"""

import random
import statistics
from importlib.util import find_spec

import pytest

import nn
from autograd import jit
from nn import data

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("llvmlite") is None, reason="takes minutes without llvmlite"),
]


def recall_accuracy(kind, **options):
    """Accuracies over 5 seeds at binary recall after a lag of 40, hidden size
    8, 500 updates on 8 sequences each.
    """

    def fresh(seed):
        return nn.Sequential(kind(2, 8, seed=seed, **options), nn.Last(), nn.Layer(8, 1, seed=seed))

    model = fresh(0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    start = optimizer.state_dict()
    step = nn.train_step(
        model, nn.binary_cross_entropy, optimizer, clip_norm=1.0
    )  # unclipped, one wild step undoes what was learned
    answer = jit(lambda x: model(x)[0])
    X, y = data.recall_at_lag(8 * 500, lag=40, seed=100)
    X_test, y_test = data.recall_at_lag(100, lag=40, seed=101)
    accuracies = []
    for seed in range(5):
        model.load_state_dict(fresh(seed).state_dict())
        optimizer.load_state_dict(start)
        step.run((X[at : at + 8], y[at : at + 8]) for at in range(0, len(X), 8))
        accuracies.append(nn.accuracy([answer(x).data for x in X_test], y_test))
    return accuracies


def test_an_lstm_recalls_over_forty_steps_and_a_plain_net_does_not():
    assert statistics.median(recall_accuracy(nn.RNN)) <= 0.6
    assert statistics.median(recall_accuracy(nn.LSTM, forget_bias=5.0)) >= 0.95


def test_a_character_model_of_names_beats_bigrams():
    tokenizer = data.Tokenizer([f".{name}." for name in data.names()])
    texts = [tokenizer.encode(f".{name}.") for name in data.names()]
    rng = random.Random(0)
    rng.shuffle(texts)
    held_out, train = texts[:200], texts[200:]
    n = len(tokenizer.tokens)
    model = nn.Sequential(
        nn.Each(nn.Embedding(n, 8, seed=0)), nn.RNN(8, 16, seed=0), nn.Each(nn.Layer(16, n, seed=0))
    )
    by_length = {}
    for text in train:
        by_length.setdefault(len(text), []).append(text)  # one program for each length
    pairs = [
        (several[i], several[i + 1])
        for several in by_length.values()
        for i in range(0, len(several) - 1, 2)
    ]
    decay = nn.schedules.linear(3 * len(pairs), low=0.1)
    step = nn.train_step(
        model, nn.cross_entropy, nn.Adam(model.parameters(), lr=0.01), schedule=decay
    )
    for _ in range(3):
        rng.shuffle(pairs)
        step.run(([text[:-1] for text in pair], [text[1:] for text in pair]) for pair in pairs)
    outputs = nn.predict(model, [text[:-1] for text in held_out])
    bigram = nn.metrics.ngram_bits(train, held_out, order=2)
    assert nn.metrics.bits_per_character(outputs, [text[1:] for text in held_out]) <= bigram - 0.2
