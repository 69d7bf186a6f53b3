"""Padding: by hand, and one program that serves all lengths with the same numbers."""

import random

import pytest

import nn
from autograd import jit
from autograd.errors import DataTypeError, LengthError
from nn import data


def test_padding_by_hand():
    assert data.pad([[1, 2], [3]], value=-1) == ([[1, 2], [3, -1]], [[1.0, 1.0], [1.0, 0.0]])
    assert data.pad([[[1.0, 2.0]]], length=3)[0] == [[[1.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]
    assert data.pad([]) == ([], [])
    assert data.pad([(1,)], length=1) == ([[1]], [[1.0]])
    with pytest.raises(LengthError, match="sequence 1 has 3 steps, more than length = 2"):
        data.pad([[1], [1, 2, 3]], length=2)


def test_one_program_serves_all_lengths_to_the_numbers_without_padding():
    rng = random.Random(0)
    texts = [[rng.randrange(5) for _ in range(n)] for n in (2, 4, 3, 5)]
    inputs, targets = [t[:-1] for t in texts], [t[1:] for t in texts]
    parts = [nn.Embedding(5, 3, seed=0), nn.GRU(3, 4, layers=2, seed=1), nn.Layer(4, 5, seed=2)]
    model = nn.Sequential(nn.Each(parts[0]), parts[1], nn.Each(parts[2]))
    padded, wanted = data.pad(inputs)[0], data.pad(targets, value=-1)[0]
    recorded = jit(
        lambda X, y: nn.cross_entropy([model(x) for x in X], y, ignore_index=-1, reduction="sum")
    )
    for x, y, long_x, long_y in zip(inputs, targets, padded, wanted, strict=True):
        plain = nn.cross_entropy([model(x)], [y], reduction="sum").data
        assert recorded([long_x], [long_y]).data == pytest.approx(plain, rel=1e-14)
    assert repr(recorded).endswith("1 recorded>")


def test_the_last_real_step_of_a_padded_sequence():
    rnn, last = nn.LSTM(1, 2, seed=0), nn.Last()
    sequence = [[0.5], [-1.0]]
    padded, masks = data.pad([sequence], length=4)
    assert [v.data for v in last(rnn(padded[0]), masks[0])] == [v.data for v in rnn(sequence)[-1]]


def test_what_is_no_list_of_sequences_is_refused():
    for wrong in (None, 3.0, "ab", {1: [2]}, [1.0, 2.0], [[1], None]):
        with pytest.raises(DataTypeError, match=r"is a list of (rows|steps), not"):
            data.pad(wrong)
