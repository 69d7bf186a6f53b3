"""Texts, sequences and the tokenizer."""

from collections import Counter
from math import sin

import pytest

from autograd.errors import ArgumentError
from nn import data


def test_names_are_the_census_names():
    names = data.names()
    assert len(names) == 1921
    assert names == sorted(set(names))
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")
    assert {"james", "ahmed", "mary", "celina"} <= set(
        names
    )  # the first and the thousandth of either sex
    assert not {"stanford", "octavia"} & set(names)  # later ones


def test_tokenizer_numbers_characters_and_words():
    characters = data.Tokenizer([".anna.", ".bo."])
    assert characters.tokens == [".", "a", "b", "n", "o"]
    assert characters.encode(".nob.") == [0, 3, 4, 2, 0]
    assert "".join(characters.decode([1, 3, 3, 1])) == "anna"
    words = data.Tokenizer([["b", "a"], ["aa"]])
    assert words.encode(["aa", "b"]) == [1, 2]
    with pytest.raises(data.DataError, match=r"'abc' has 'c', and the texts .* have 5 "):
        characters.encode("abc")


def test_corpora_hold_together():
    assert len(data.sentences()) == 84
    assert all(len(words) >= 2 and "the" not in words for words in data.sentences())
    X, y = data.sentiment()
    assert y == [1, 0] * 30
    assert len({tuple(words) for words in X}) == 60
    titles = Counter(title for books in data.readers() for title in books)
    assert len(titles) == 16
    assert min(titles.values()) >= 4


def test_contexts_count_what_stands_beside():
    tokenizer = data.Tokenizer([["a", "b", "c"]])
    X, y = data.contexts([["a", "b"], ["b", "c", "b"]], tokenizer)
    assert X == [0, 1, 2]
    assert y == [
        [0, 1, 0],
        [0.2, 0.4, 0.4],
        [0, 1, 0],
    ]  # b stands beside a once, beside c twice, beside the other b twice
    with pytest.raises(data.DataError, match="'c' stands alone"):
        data.contexts([["a", "b"], ["c"]], tokenizer)


def test_recall_asks_for_the_marked_first_item():
    X, y = data.recall_at_lag(200, lag=5, seed=1)
    assert {len(steps) for steps in X} == {6}
    assert all([mark for _, mark in steps] == [1, 0, 0, 0, 0, 0] for steps in X)
    assert all((steps[0][0] == 1.0) == bool(answer) for steps, answer in zip(X, y, strict=True))
    assert {item for steps in X for item, _ in steps} == {-1.0, 1.0}
    assert 70 < sum(y) < 130  # 4.2 standard deviations from 100


def test_counting_sentences_count_right_and_order_decides():
    X, y = data.counting_sentences()
    answers = {" ".join(words): answer for words, answer in zip(X, y, strict=True)}
    assert len(answers) == 54
    assert answers["there were 4 cans , broke 3 , came 1"] == 2
    assert answers["there were 4 cans , came 3 , broke 1"] == 6
    bags = Counter(tuple(sorted(words)) for words in X)
    assert max(bags.values()) > 1
    assert data.counting_sentences(60)[0][:54] == X


def test_time_series_and_its_windows():
    series = data.time_series(50, noise=0)
    assert series[3] == pytest.approx(1 + sin(6 * 3.141592653589793 / 31) / 2)
    X, y = data.windows(series, 4)
    assert (len(X), X[0], y[0]) == (46, [[x] for x in series[:4]], series[4])
    assert y[-1] == series[-1]
    with pytest.raises(ArgumentError, match=r"width must be one of 1, ..., 49, not 50"):
        data.windows(series, 50)


def test_a_text_as_one_hot_lists():
    assert data.Tokenizer(["abc"]).one_hot("ca") == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    with pytest.raises(data.DataError, match="'x'"):
        data.Tokenizer(["abc"]).one_hot("ax")


def test_a_tokenizer_says_how_it_is_used():
    tokenizer = data.Tokenizer(["ab"])
    assert len(tokenizer) == 2
    assert repr(tokenizer) == "<Tokenizer of 2 tokens: 'a', 'b'>"
    with pytest.raises(TypeError, match=r"tokenizer\.encode\(text\)"):
        tokenizer("ab")
    with pytest.raises(TypeError, match=r"not the text 'ab': tokenizer\.encode\(text\) gives"):
        tokenizer.decode("ab")
    tokenizer.tokens.append("z")  # changes what is shown, and no number
    with pytest.raises(data.DataError, match=r"have 2 other tokens: 'a', 'b'$"):
        tokenizer.encode("z")
