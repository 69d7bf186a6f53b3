"""How good are the outputs: numbers to report, not to differentiate. A metric of outputs takes `(outputs, targets)` as the losses do: outputs =
[model(x) for x in X], and for a sequence the lists of those of its steps, each of which counts as a row. For a metric of classification a target is a
class index and an output is one logit, bare or in a list (class 1 where it is above `threshold`: 0 for a logit, 0.5 for a probability), or a list of
one logit per class (the largest wins, the first of equals). Raises IndexDomainError for a target that is no class, LengthError and DataTypeError as
the losses do."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from math import log, log2, nan
from statistics import fmean
from typing import Any

import autograd
from autograd.errors import IndexDomainError, LengthError
from autograd.extending import within

from .losses import cross_entropy, paired_numbers, paired_rows


def predicted_classes(outputs: Sequence[Any], threshold: float = 0.0) -> list[int]:
    """The class that each output stands for: 0 or 1 for one logit, else the index of the largest."""
    rows = [output if isinstance(output, Sequence) else [output] for output in outputs]
    return [
        int(logits[0] > threshold)
        if len(logits) == 1
        else max(range(len(logits)), key=logits.__getitem__)
        for logits in rows
    ]


def accuracy(outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0) -> float:
    """The share of rows whose predicted class is the target, from 0 to 1."""
    return fmean(guess == true for guess, true in _classes(outputs, targets, threshold))


def balanced_accuracy(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0
) -> float:
    """The mean over the classes that occur of each one's recall: from 0 to 1; always answering one of k classes gives 1/k."""
    return fmean(
        row[i] / sum(row)
        for i, row in enumerate(confusion_matrix(outputs, targets, threshold))
        if any(row)
    )


def precision(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """Of the rows predicted `positive`, the share that is: TP / (TP + FP), from 0 to 1; nan if there is none."""
    right = [
        true == positive
        for guess, true in _classes(outputs, targets, threshold)
        if guess == positive
    ]
    return fmean(right) if right else nan


def recall(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """Of the rows that are `positive`, the share predicted so: TP / (TP + FN), from 0 to 1; nan if there is none."""
    found = [
        guess == positive
        for guess, true in _classes(outputs, targets, threshold)
        if true == positive
    ]
    return fmean(found) if found else nan


def f1(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), from 0 to 1; nan if no row is or is called `positive`."""
    pairs = _classes(outputs, targets, threshold)
    named = sum(pair.count(positive) for pair in pairs)  # 2 for TP, 1 for FP and FN
    return 2 * pairs.count((positive, positive)) / named if named else nan


def confusion_matrix(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0
) -> list[list[int]]:
    """matrix[i][j] is the number of rows of class i that were predicted as class j.

    It has a row and a column for every class of the outputs, also for those that
    do not occur: two for one logit, else as many as there are logits.
    """
    rows, _ = zip(*paired_rows(outputs, targets), strict=True)
    counts = Counter(_classes(outputs, targets, threshold))
    classes = range(max(2, *map(len, rows)))
    return [[counts[guess, true] for guess in classes] for true in classes]


def r2(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """1 - sum (t - o)^2 / sum (t - mean t)^2, over all numbers: 1 is exact, 0 no better than the mean, below 0 worse; nan if the t are equal."""
    pairs = [(float(o), float(t)) for o, t in paired_numbers(outputs, targets)]
    mean = fmean(t for _, t in pairs)
    spread = (
        autograd.sum([(t - mean) * (t - mean) for _, t in pairs])
        if len({t for _, t in pairs}) > 1
        else 0.0
    )
    return (
        float(1 - autograd.sum([(t - o) * (t - o) for o, t in pairs]) / spread) if spread else nan
    )


def bits_per_character(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The mean of -log2 softmax(logits)[target] over all characters: cross-entropy in bits, at least 0. log2(n) is guessing among n evenly."""
    return float(cross_entropy(outputs, targets)) / log(2)


def ngram_bits(
    train: Sequence[Sequence[Any]],
    held_out: Sequence[Sequence[Any]],
    order: int = 2,
    pseudo_count: float = 0.1,
) -> float:
    """The bits per token that counting needs for `held_out`: the mean of -log2 P(token | the order - 1 tokens before it, or all there are). P =
    (count in `train` + pseudo_count) / (count of what came before + pseudo_count * number of different tokens in both). Order 2 is the bigram model,
    what a network that reads names must beat. A text is predicted from its second token on. Raises ArgumentError unless order >= 1 and pseudo_count >
    0, LengthError where no text of `held_out` has a second token."""
    within(locals(), order="1, 2, ...", pseudo_count="(0, inf)")

    def ngrams(texts: Sequence[Sequence[Any]]) -> list[tuple[tuple[Any, ...], Any]]:
        return [
            (tuple(text[max(0, i - order + 1) : i]), text[i])
            for text in texts
            for i in range(1, len(text))
        ]

    n_tokens = len({token for text in (*train, *held_out) for token in text})
    pairs, starts = Counter(ngrams(train)), Counter(before for before, _ in ngrams(train))
    bits = [
        log2((starts[pair[0]] + pseudo_count * n_tokens) / (pairs[pair] + pseudo_count))
        for pair in ngrams(held_out)
    ]
    if not bits:
        raise LengthError(
            "held_out holds no text of two or more tokens, so there is nothing to predict"
        )
    return fmean(bits)


def cosine_similarity(u: Sequence[float], v: Sequence[float]) -> float:
    """The cosine of the angle between two vectors: u v / (|u| |v|), from -1 to 1; nan if one is zero. Raises LengthError for two lengths."""
    if len(u) != len(v):
        raise LengthError(
            f"an angle is between two vectors of equal length, not {len(u)} and {len(v)}"
        )
    lengths = float(autograd.norm(u) * autograd.norm(v))
    return max(min(float(autograd.dot(u, v)) / lengths, 1.0), -1.0) if lengths else nan


def nearest(
    vector: Sequence[float], vectors: Mapping[str, Sequence[float]], excluding: Container[str] = ()
) -> list[str]:
    """The keys of `vectors` but those in `excluding`, one key or several, the most similar to `vector` (by cosine) first, zero vectors last.
    Raises LengthError as `cosine_similarity`."""
    left_out = [excluding] if isinstance(excluding, str) else excluding
    keys = [key for key in vectors if key not in left_out]
    return sorted(
        keys, key=lambda key: max(-2.0, cosine_similarity(vector, vectors[key])), reverse=True
    )


def _classes(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float
) -> list[tuple[int, int]]:
    """For every row, the predicted class and the true one."""
    rows, true = zip(*paired_rows(outputs, targets), strict=True)
    n = max(2, *[len(row) for row in rows])
    if other := [t for t in true if hasattr(t, "__len__") or t not in range(n)]:
        raise IndexDomainError(
            f"outputs of {n} classes have targets from 0 to {n - 1}, the indices of the classes, not {other[0]!r}"
        )
    return list(zip(predicted_classes(rows, threshold), true, strict=True))
