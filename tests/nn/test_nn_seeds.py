"""Unseeded parts differ, and a program that makes the same parts gets the same numbers."""

import copy
import pickle
import random
import subprocess
import sys

import pytest

import nn
from autograd import Value, jit
from autograd.errors import ArgumentError, DataTypeError, RecordingError


def numbers(part):
    return list(part.state_dict().values())


WRITER = nn.Sequential(nn.Each(nn.Embedding(3, 3, seed=0)))
PARTS = {
    "Neuron": lambda **how: nn.Neuron(2, **how),
    "Layer": lambda **how: nn.Layer(2, 3, **how),
    "MLP": lambda **how: nn.MLP(2, [3, 1], **how),
    "Embedding": lambda **how: nn.Embedding(3, 2, **how),
    "RNNCell": lambda **how: nn.RNNCell(2, 3, **how),
    "GRU": lambda **how: nn.GRU(2, 3, **how),
    "LSTM": lambda **how: nn.LSTM(2, 3, **how),
    "MultiHeadAttention": lambda **how: nn.MultiHeadAttention(4, n_head=2, **how),
    "EncoderDecoder": lambda **how: nn.EncoderDecoder(2, 3, 1, 4, **how),
}


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_unseeded_parts_differ_from_each_other_and_from_every_seed(make):
    made = [numbers(make()) for _ in range(5)] + [numbers(make(seed=n)) for n in range(5)]
    assert len({tuple(part) for part in made}) == 10


@pytest.mark.parametrize(
    "make",
    [
        *PARTS.values(),
        nn.Dropout,
        lambda **how: nn.GPT(3, 4, 1, 1, 4, **how),
        lambda **how: nn.Block(4, 2, **how),
        lambda **how: nn.GPT(3, 4, 1, 1, 4).generate([0], **how),
        lambda **how: nn.generate(WRITER, nn.data.Tokenizer([".ab"]), **how),
    ],
)
def test_a_seed_and_a_generator_are_not_both_taken(make):
    for seed in (0, 1):
        with pytest.raises(ArgumentError, match=r"seed= and rng= both say where .* give one"):
            make(seed=seed, rng=random.Random(1))


def test_a_text_is_drawn_from_seed_0_where_nothing_else_is_said():
    tokenizer, gpt = nn.data.Tokenizer([".ab"]), nn.GPT(3, 4, 1, 1, 8, seed=0)
    drawn = nn.generate(WRITER, tokenizer, limit=5)
    assert drawn == nn.generate(WRITER, tokenizer, limit=5, seed=0)
    assert drawn == nn.generate(WRITER, tokenizer, limit=5, rng=random.Random(0))
    assert gpt.generate([0]) == gpt.generate([0], seed=0)


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_manual_seed_begins_the_count_again(make):
    nn.manual_seed(3)
    first = [numbers(make()) for _ in range(2)]
    nn.manual_seed(4)
    assert [numbers(make()) for _ in range(2)] != first
    nn.manual_seed(3)
    assert [numbers(make()) for _ in range(2)] == first


def test_unseeded_dropouts_draw_different_masks():
    one, other = nn.Dropout(0.5), nn.Dropout(0.5)
    assert [one.source.random() for _ in range(3)] != [other.source.random() for _ in range(3)]


def test_a_process_begins_with_manual_seed_0():
    code = "import nn; print(nn.Neuron(2).state_dict())"
    found = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        for code in (code, code, code.replace("print", "nn.manual_seed(0); print"))
    ]
    assert found[0] == found[1] == found[2]


def test_what_has_a_seed_or_is_copied_saved_or_loaded_takes_no_number(tmp_path):
    nn.manual_seed(0)
    nn.Layer(2, 3)
    expected = numbers(nn.Layer(2, 3))
    nn.manual_seed(0)
    model = nn.Layer(2, 3)
    nn.MLP(2, [3, 1], seed=5)
    nn.Layer(2, 3, rng=random.Random(0))
    copy.deepcopy(model)
    pickle.loads(pickle.dumps(model))
    model.save(tmp_path / "model.json")
    assert numbers(nn.load(tmp_path / "model.json")) == numbers(model)
    assert numbers(nn.Layer(2, 3)) == expected


def test_a_part_made_while_jit_records_must_be_seeded():
    with pytest.raises(
        RecordingError, match=r"without a seed at .*test_nn_seeds\.py:\d+, .* seed=0"
    ):
        jit(lambda x: nn.Neuron(1)([x]))(1.0)
    expected = nn.Layer(1, 1, seed=0)([2.0])[0].data
    assert jit(lambda x: nn.Layer(1, 1, seed=0)([x])[0] * Value(1.0))(2.0) == expected


def test_a_seed_is_a_whole_number():
    numpy = pytest.importorskip("numpy")
    assert numbers(nn.Layer(2, 3, seed=numpy.int64(3))) == numbers(nn.Layer(2, 3, seed=3))
    for wrong in ("3", 3.0, True, [3]):
        with pytest.raises(DataTypeError, match=r"seed must be one of 0, 1, \.\.\. or None"):
            nn.Layer(2, 3, seed=wrong)
    with pytest.raises(ArgumentError, match="not -1"):
        nn.Layer(2, 3, seed=-1)
    with pytest.raises(ArgumentError, match="n must be"):
        nn.manual_seed(-1)
