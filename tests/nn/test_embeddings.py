"""Embeddings: from one-hot vectors to a dense table in which nearness is
likeness, for words, for opinions and for books.
"""

import random
from collections import Counter
from itertools import combinations
from math import dist

import pytest

import autograd
import nn
from nn import data, metrics

RELATED = [
    ("king", "queen"),
    ("man", "woman"),
    ("boy", "girl"),
    ("prince", "princess"),
    ("dog", "puppy"),
    ("cat", "kitten"),
    ("table", "chair"),
    ("cup", "plate"),
]
ANALOGIES = [  # what is added, what is taken away, what comes out
    (["king", "woman"], ["man"], "queen"),
    (["prince", "girl"], ["boy"], "princess"),
    (["ruler", "man"], [], "king"),
    (["ruler", "woman"], [], "queen"),
    (["puppy", "cat"], ["dog"], "kitten"),
]


def learn_vectors(texts, dim, penalty, epochs, seed):
    """A vector for every token, trained to predict the tokens beside it; small
    weights, because what is rare is not impossible.
    """
    tokenizer = data.Tokenizer(texts)
    n, rng = len(tokenizer.tokens), random.Random(seed)
    model = nn.Sequential(nn.Embedding(n, dim, rng=rng), nn.Layer(dim, n, rng=rng))
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    X, y = data.contexts(texts, tokenizer)
    nn.fit(
        model,
        X,
        y,
        loss=nn.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        penalty=lambda p: nn.l2(p, penalty),
        progress=False,
    )
    return dict(zip(tokenizer.tokens, nn.predict(model.layers[0], X), strict=True))


# The notebook on embeddings, which is compared with what is committed, learns with 0, 1 and 2.
@pytest.fixture(scope="module", params=[0, 3])
def words(request):
    return learn_vectors(data.sentences(), dim=8, penalty=3e-4, epochs=60, seed=request.param)


def combine(vectors, added, taken=()):
    signed = [vectors[word] for word in added] + [[-x for x in vectors[word]] for word in taken]
    return [sum(column) for column in zip(*signed, strict=True)]


def test_one_hot_vectors_are_sparse_and_equally_far_apart():
    vectors = [nn.one_hot(i, 50) for i in range(50)]
    assert all(sorted(vector) == [0.0] * 49 + [1.0] for vector in vectors)
    assert {dist(u, v) for u, v in combinations(vectors, 2)} == {2**0.5}


def test_a_bag_of_words_forgets_their_order():
    tokenizer = data.Tokenizer([["dog", "bites", "man"]])
    bags = [
        nn.bag_of_words(tokenizer.encode(text.split()), 3)
        for text in ("dog bites man", "man bites dog", "man bites man")
    ]
    assert bags[0] == bags[1] == [1, 1, 1]
    assert bags[2] == [1, 0, 2]


def test_related_words_are_closer_than_unrelated_ones(words):
    closeness = [
        [metrics.cosine_similarity(words[a], words[b]) for _, b in RELATED] for a, _ in RELATED
    ]
    related = [row[i] for i, row in enumerate(closeness)]
    unrelated = [c for i, row in enumerate(closeness) for j, c in enumerate(row) if i != j]
    assert min(related) > 0.45
    assert sum(unrelated) / len(unrelated) < 0.15


def test_living_and_lifeless_things_lie_on_two_sides_of_an_axis(words):
    living, lifeless = (
        combine(words, group) for group in (["man", "queen", "girl", "dog"], ["table", "cup"])
    )
    axis = [a / 4 - b / 2 for a, b in zip(living, lifeless, strict=True)]
    middle = [a / 8 + b / 4 for a, b in zip(living, lifeless, strict=True)]

    def side(word):
        return sum(a * (x - m) for a, x, m in zip(axis, words[word], middle, strict=True))

    others = ["woman", "boy", "king", "prince", "princess", "ruler", "puppy", "cat", "kitten"]
    assert all(side(word) > 0 for word in others)
    assert all(side(word) < 0 for word in ["chair", "plate"])


def test_analogies(words):
    answers = [
        metrics.nearest(combine(words, added, taken), words, [*added, *taken])[0]
        for added, taken, _ in ANALOGIES
    ]
    assert (
        sum(answer == expected for answer, (_, _, expected) in zip(answers, ANALOGIES, strict=True))
        >= 4
    )


class Opinion(nn.Module):
    """The mean of the words' vectors, judged by one neuron."""

    def __init__(self, n, dim, seed):
        rng = random.Random(seed)
        self.words = nn.Embedding(n, dim, rng=rng)
        self.judge = nn.Neuron(dim, rng=rng)

    def forward(self, ids):
        return [
            self.judge(
                [
                    autograd.mean(column)
                    for column in zip(*[self.words(i) for i in ids], strict=True)
                ]
            )
        ]


def test_sentiment_is_read_from_sentences_never_seen():
    X, y = data.sentiment()
    tokenizer = data.Tokenizer(X)
    held_out_accuracy = []
    for seed in range(3):
        (X_train, y_train), (X_test, y_test) = data.split(
            [tokenizer.encode(x) for x in X], y, 1 / 3, stratified=True, seed=seed
        )
        model = Opinion(len(tokenizer.tokens), 2, seed)
        optimizer = nn.Adam(model.parameters(), lr=0.1)
        nn.fit(
            model,
            X_train,
            y_train,
            loss=nn.binary_cross_entropy,
            optimizer=optimizer,
            epochs=50,
            progress=False,
        )
        held_out_accuracy.append(nn.accuracy(nn.predict(model, X_test), y_test))
    assert min(held_out_accuracy) >= 0.95
    judged = {
        word: nn.predict(model, [tokenizer.encode([word])])[0][0]
        for word in ("brilliant", "film", "awful")
    }
    assert judged["brilliant"] > judged["film"] > judged["awful"]


SHELVES = [
    {"Treasure Island", "Robinson Crusoe", "Kidnapped", "Moby-Dick"},
    {"The Moonstone", "A Study in Scarlet", "The Woman in White", "The Hound of the Baskervilles"},
    {"Pride and Prejudice", "Emma", "Jane Eyre", "Wuthering Heights"},
    {"The Time Machine", "The War of the Worlds", "Frankenstein", "The Invisible Man"},
]


@pytest.mark.parametrize("seed", range(3))
def test_books_that_the_same_readers_like_are_near_and_are_recommended(seed):
    readers = data.readers()
    books = learn_vectors(readers, dim=4, penalty=1e-2, epochs=100, seed=seed)
    shelf = {book: i for i, shelf in enumerate(SHELVES) for book in shelf}
    assert shelf.keys() == books.keys()
    assert (
        sum(shelf[metrics.nearest(books[book], books, [book])[0]] == shelf[book] for book in books)
        >= 15
    )
    hits = []
    for liked in readers:
        ((favourite, read),) = Counter(shelf[book] for book in liked).most_common(1)
        if read < 4:  # something of the favourite shelf is left to recommend
            hits.append(shelf[metrics.nearest(combine(books, liked), books, liked)[0]] == favourite)
    assert len(hits) == 20
    assert sum(hits) >= 18
