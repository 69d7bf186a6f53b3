"""Drawing tokens: by hand, by frequency, and what is refused."""

import math
import random
from collections import Counter

import pytest

import nn
from autograd.errors import ArgumentError, DataTypeError, DomainError, LengthError
from nn import data
from nn.sampling import draw_token

LOGITS = [math.log(1.0), math.log(6.0), math.log(3.0)]


def frequencies(n=20_000, **options):
    rng = random.Random(0)
    counts = Counter(draw_token(LOGITS, rng, **options) for _ in range(n))
    return [counts[i] / n for i in range(3)]


def test_tokens_come_as_often_as_their_probabilities_say():
    # Standard errors are at most 0.0035.
    assert frequencies() == pytest.approx([0.1, 0.6, 0.3], abs=0.012)
    assert frequencies(top_k=2) == pytest.approx([0.0, 2 / 3, 1 / 3], abs=0.012)
    # At temperature 1/2 probabilities are squared: 1, 36 and 9 of 46.
    assert frequencies(temperature=0.5) == pytest.approx([1 / 46, 36 / 46, 9 / 46], abs=0.012)
    assert frequencies(temperature=0) == frequencies(top_k=1) == [0.0, 1.0, 0.0]


def test_extreme_temperatures_and_logits():
    rng = random.Random(0)
    assert draw_token([1.0, 2.0], rng, temperature=5e-324) == 1
    assert draw_token([-math.inf, 0.0], rng) == 1
    assert draw_token([3.0, 3.0], rng, temperature=0) == 0, "the first of equals"
    drawn = [draw_token([1e308, -1e308], rng, temperature=1e308) for _ in range(200)]
    assert 10 <= sum(drawn) <= 45, "the probability of 1 is sigmoid(-2), 0.12"
    with pytest.raises(DataTypeError, match="a list of logits"):
        draw_token([], rng)
    with pytest.raises(DomainError, match="a logit is nan"):
        draw_token([math.nan, 1.0], rng)
    with pytest.raises(ArgumentError, match="temperature"):
        draw_token([1.0], rng, temperature=-1)
    with pytest.raises(ArgumentError, match="top_k"):
        draw_token([1.0], rng, top_k=0)


def writer():
    """A model that goes through ".abc." for ever."""
    tokenizer = data.Tokenizer([".abc."])
    model = nn.Sequential(nn.Each(nn.Embedding(4, 4, init="zeros")))
    for i, row in enumerate(model.layers[0].layer.rows):
        row[(i + 1) % 4].data = 50.0
    return model, tokenizer


def test_a_model_writes_until_it_stops():
    model, tokenizer = writer()
    assert nn.generate(model, tokenizer) == ["a", "b", "c"]
    assert nn.generate(model, tokenizer, "ab") == ["c"]
    assert nn.generate(model, tokenizer, limit=2) == ["a", "b"]
    assert nn.generate(model, tokenizer, limit=0) == []
    assert "".join(nn.generate(model, tokenizer, stop=None, limit=9)) == "abc.abc.a"
    with pytest.raises(LengthError, match="a prompt has at least one token"):
        nn.generate(model, tokenizer, "")
    with pytest.raises(ValueError, match="'x' has 'x'"):
        nn.generate(model, tokenizer, "x")


def test_the_same_seed_writes_the_same_text():
    tokenizer = data.Tokenizer(["abcdefgh."])
    model = nn.Sequential(nn.Each(nn.Embedding(9, 9, seed=0)))
    texts = ["".join(nn.generate(model, tokenizer, seed=seed)) for seed in range(20)]
    assert texts == ["".join(nn.generate(model, tokenizer, seed=seed)) for seed in range(20)]
    assert len(set(texts)) > 10
    rng = random.Random(3)
    assert nn.generate(model, tokenizer, rng=rng) == list(texts[3])


def test_a_model_in_training_writes_as_a_finished_one_and_goes_on_training():
    tokenizer = data.Tokenizer(["ab."])
    model = nn.Sequential(nn.Each(nn.Sequential(nn.Embedding(3, 3, seed=0), nn.Dropout(0.9))))
    first = nn.generate(model, tokenizer, seed=1)
    assert first == nn.generate(model, tokenizer, seed=1)
    assert all(part.training for _, part in model.named_modules())


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_each_part_of_a_model_that_writes_gets_its_mode_back_also_after_an_error(error):
    tokenizer = data.Tokenizer(["ab."])
    model = nn.Sequential(nn.Each(nn.Sequential(nn.Embedding(3, 3, seed=0), nn.Dropout(0.9))))
    parts = [part for _, part in model.named_modules()]
    parts[1].eval()
    modes = [part.training for part in parts]
    assert set(modes) == {True, False}

    class Failing(random.Random):
        def random(self):
            assert not any(part.training for part in parts)
            raise error

    with pytest.raises(error):
        nn.generate(model, tokenizer, rng=Failing())
    assert [part.training for part in parts] == modes
    nn.generate(model, tokenizer, seed=0)
    assert [part.training for part in parts] == modes


@pytest.mark.parametrize("logits", [[math.inf] * 2, [-math.inf] * 3, [0.0, math.inf, math.inf]])
def test_logits_without_shares_are_no_silent_first_token(logits):
    with pytest.raises(DomainError, match="have no shares"):
        draw_token(logits, random.Random(0))
    assert logits[draw_token(logits, random.Random(0), temperature=0)] == max(logits)
    assert logits[draw_token(logits, random.Random(0), top_k=1)] == max(logits)


@pytest.mark.parametrize("activation", ["softmax", "log_softmax"])
def test_a_model_that_ends_in_softmax_writes_as_that_of_its_logits(activation):
    tokenizer = data.Tokenizer([".abc."])
    logits = nn.Sequential(nn.Each(nn.Embedding(4, 3, seed=2)), nn.Each(nn.Layer(3, 4, seed=5)))
    layer = nn.Layer(3, 4, activation)
    model = nn.Sequential(logits.layers[0], nn.Each(layer))
    layer.load_state_dict(logits.layers[1].layer.state_dict())
    for parameter in layer.parameters():
        parameter.data *= 5.0  # so that softmax of a softmax would write something else
    for temperature in (0.0, 0.5, 1.0, 2.0):
        options = {"stop": None, "limit": 60, "temperature": temperature}
        found = nn.generate(model, tokenizer, **options)
        logits.layers[1].layer.load_state_dict(layer.state_dict())
        assert found == nn.generate(logits, tokenizer, **options)
