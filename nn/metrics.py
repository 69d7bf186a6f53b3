"""How good the outputs are: numbers to report, not to differentiate.

A metric of outputs takes `(outputs, targets)` as the losses do, where outputs
is [model(x) for x in X]. For a sequence they are the lists of those of its
steps, and each step counts as a row.

For a metric of classification a target is a class index. An output is one
logit, bare or in a list, or a list of one logit per class. One logit is class 1
where it is above `threshold`: 0 for a logit, 0.5 for a probability. Of several
logits the largest wins, the first of equals.

An output stands for no class where a number is nan, or where several logits are
the largest and infinite. A score of such outputs is nan, and what lists or
counts classes raises DomainError. All raise IndexDomainError for
a target that is no class, and LengthError and DataTypeError as the losses do.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from math import frexp, inf, isfinite, ldexp, log, log2, nan
from numbers import Integral
from typing import TYPE_CHECKING, Any

import autograd
from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, DomainError, IndexDomainError, LengthError
from autograd.extending import UNORDERED, elsewhere, floats_of, real_number, told, within

from .arguments import names_checked
from .data.checks import check_rows, is_sequence, is_text
from .losses import ORDER, check_output, cross_entropy, paired_numbers, paired_rows

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "bits_per_character",
    "confusion_matrix",
    "cosine_similarity",
    "f1",
    "nearest",
    "ngram_bits",
    "precision",
    "predicted_classes",
    "r2",
    "recall",
]

Pairs = list[tuple[int, int]]


@names_checked
def predicted_classes(outputs: Sequence[Any], threshold: float = 0.0) -> list[int]:
    """Return the class that each output stands for.

    Raises:
        DomainError: An output stands for no class. The error names the row.
        LengthError: The outputs have not as many numbers each.

    Examples:
        >>> from nn import metrics
        >>> metrics.predicted_classes([2.0, [-1.0]]), metrics.predicted_classes([[0.5, 3.0, 1.0]])
        ([1, 0], [1])
    """
    if not is_sequence(outputs):
        raise DataTypeError(
            f"outputs must be a list, as [model(x) for x in X], not {told(outputs)}"
        )
    threshold = _checked_threshold(threshold)
    rows = [output if is_sequence(output) else [output] for output in outputs]
    for i, row in enumerate(rows):
        check_output(row)
        if any(map(is_sequence, row)):
            raise DataTypeError(
                f"output {i} is a list of lists: give the outputs of the steps of one sequence, "
                f"not {told(row)}"
            )
    _check_widths(rows)
    numbers = [_numbers(row) for row in rows]
    for i, logits in enumerate(numbers):
        if _undecided(logits):
            why = "nan stands" if any(x != x for x in logits) else "several infinite logits stand"
            raise DomainError(
                f"output {i} is {told(logits)}, and {why} for no class: "
                "the training may have diverged; try a lower rate, or clip_norm"
            )
    return [_class(logits, threshold) for logits in numbers]


@names_checked
def accuracy(outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0) -> float:
    """Return the share of rows whose predicted class is right, 0 to 1.

    It is nan if an output stands for no class.

    Examples:
        >>> import nn
        >>> nn.accuracy([2.0, -1.0, 0.5, -3.0], [1, 1, 1, 0])
        0.75
    """
    pairs = _classes(outputs, targets, threshold)
    return nan if pairs is None else _share([guess == true for guess, true in pairs])


@names_checked
def balanced_accuracy(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0
) -> float:
    """Return the mean of the classes' recalls, over the classes that occur.

    It is from 0 to 1, and nan if an output stands for no class. Always
    answering one of k classes gives 1/k.
    """
    pairs = _classes(outputs, targets, threshold)
    if pairs is None:
        return nan
    recalls = [
        _share([guess == true for guess, true in pairs if true == i])
        for i in {true for _, true in pairs}
    ]
    return float(autograd.mean(recalls))


@names_checked
def precision(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """Return TP / (TP + FP): of the rows predicted `positive`, the share that is.

    It is from 0 to 1, and nan if there is no such row or an output stands for
    no class.

    Raises:
        ArgumentError: `positive` is no class of these outputs.
    """
    pairs = _classes(outputs, targets, threshold, positive)
    if pairs is None:
        return nan
    return _share([true == positive for guess, true in pairs if guess == positive])


@names_checked
def recall(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """Return TP / (TP + FN): of the rows that are `positive`, the share predicted so.

    It is from 0 to 1, and nan if there is no such row or an output stands for
    no class.

    Raises:
        ArgumentError: `positive` is no class of these outputs.
    """
    pairs = _classes(outputs, targets, threshold, positive)
    if pairs is None:
        return nan
    return _share([guess == positive for guess, true in pairs if true == positive])


@names_checked
def f1(
    outputs: Sequence[Any], targets: Sequence[int], positive: int = 1, threshold: float = 0.0
) -> float:
    """Return 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall.

    It is from 0 to 1. It is nan if no row is `positive` or predicted so, or if
    an output stands for no class.

    Raises:
        ArgumentError: `positive` is no class of these outputs.
    """
    pairs = _classes(outputs, targets, threshold, positive)
    if pairs is None:
        return nan
    named = sum(pair.count(positive) for pair in pairs)  # 2 for TP, 1 for FP and FN
    return 2 * pairs.count((positive, positive)) / named if named else nan


@names_checked
def confusion_matrix(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float = 0.0
) -> list[list[int]]:
    """Count the rows of class i that were predicted as class j, in matrix[i][j].

    The matrix has a row and a column for every class: as many as an output has
    logits, 2 for one logit.

    Raises:
        DomainError: An output stands for no class. The error names the row.
    """
    rows, true, n = _checked_rows(outputs, targets)
    counts = Counter(zip(predicted_classes(rows, threshold), true, strict=True))
    return [[counts[guess, true] for guess in range(n)] for true in range(n)]


@names_checked
def r2(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return 1 - (sum of (t - o)^2) / (sum of (t - mean t)^2), over all numbers.

    1 is exact, 0 is no better than the mean, below 0 is worse. It is nan if all
    t are equal or a number is nan.
    """
    pairs = [(float(o), float(t)) for o, t in paired_numbers(outputs, targets)]
    if len({t for _, t in pairs}) == 1 or not all(isfinite(t) for _, t in pairs):
        return nan
    # Halves of large numbers have differences that are still finite.
    half = 0.5 if any(abs(x) > 1e307 for pair in pairs for x in pair) else 1.0
    pairs = [(half * o, half * t) for o, t in pairs]
    mean = autograd.mean([t for _, t in pairs])
    rest = autograd.mean([t - mean for _, t in pairs])  # what rounding took from the mean
    errors, error_exponent = _scaled([t - o for o, t in pairs])
    spread, spread_exponent = _scaled([(t - mean) - rest for _, t in pairs])
    squared, squares = autograd.dot(errors, errors), autograd.dot(spread, spread)
    ratio = squared / squares if squares else inf * squared  # the half of a t may vanish
    # Two factors, each of which can be represented.
    factor = 2.0 ** max(min(error_exponent - spread_exponent, 1000), -1000)
    return float(1.0 - ratio * factor * factor)


@names_checked
def bits_per_character(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the mean of -log2 softmax(logits)[target] over all characters.

    This is cross-entropy in bits, at least 0. Guessing evenly among n
    characters needs log2(n) bits.

    Raises:
        LengthError: The outputs have not as many numbers each.
    """
    _check_widths([row for row, _ in paired_rows(outputs, targets)])
    return float(cross_entropy(outputs, targets)) / log(2)


@names_checked
def ngram_bits(
    train: Sequence[Sequence[Any]],
    held_out: Sequence[Sequence[Any]],
    order: int = 2,
    pseudo_count: float = 0.1,
) -> float:
    """Return the bits per token that counting needs to predict `held_out`.

    The mean of -log2 P(token | the order - 1 tokens before it, or all there
    are). P is (count in `train` + pseudo_count) / (count of what came before +
    pseudo_count * number of different tokens in both). A text is predicted from
    its second token on. Order 2 is the bigram model, which a network that reads
    names must beat.

    Args:
        train: The texts in which n-grams are counted.
        held_out: The texts that are predicted.
        order: The length n of an n-gram, at least 1.
        pseudo_count: What is added to every count, above 0.

    Raises:
        ArgumentError: order or pseudo_count is outside its range.
        LengthError: No text of `held_out` has a second token.
    """
    within(locals(), order="1, 2, ...")
    order = int(order)  # NumPy's whole numbers overflow
    [pseudo_count] = floats_of(locals(), pseudo_count="(0, inf)")
    for name, texts in (("train", train), ("held_out", held_out)):
        check_rows(name, texts, "texts")
        if other := [text for text in texts if not is_text(text)]:
            raise DataTypeError(f"{name} is a list of texts, not of {told(other[0])}")
    n_tokens = len({token for text in (*train, *held_out) for token in text})
    seen = Counter(_ngrams(train, order))
    starts = Counter(before for before, _ in _ngrams(train, order))
    # In units of 2^100, a sum of pseudo counts does not overflow.
    unit = 2.0**100 if pseudo_count > 1e270 else 1.0
    added = pseudo_count / unit
    counts = [
        (starts[before] / unit + added * n_tokens, seen[before, token] / unit + added)
        for before, token in _ngrams(held_out, order)
    ]
    bits = [
        log2(all_ / own) if all_ / own < inf else log2(all_) - log2(own) for all_, own in counts
    ]
    if not bits:
        raise LengthError(
            "held_out holds no text of two or more tokens, so there is nothing to predict"
        )
    return float(autograd.mean(bits))


@names_checked
def cosine_similarity(u: Sequence[float], v: Sequence[float]) -> float:
    """Return the cosine of the angle between two vectors: u v / (|u| |v|).

    It is from -1 to 1, and nan if a vector is zero or not finite.

    Raises:
        LengthError: The vectors differ in length.
    """
    check_rows("u", u, "numbers")
    check_rows("v", v, "numbers")
    if len(u) != len(v):
        raise LengthError(
            f"an angle is between two vectors of equal length, not {len(u)} and {len(v)}"
        )
    u, v = _scaled(u)[0], _scaled(v)[0]
    lengths = float(autograd.norm(u) * autograd.norm(v))
    return max(min(float(autograd.dot(u, v)) / lengths, 1.0), -1.0) if lengths else nan


@names_checked
def nearest(
    vector: Sequence[float], vectors: Mapping[str, Sequence[float]], excluding: Collection[str] = ()
) -> list[str]:
    """Return the keys of `vectors`, the most similar to `vector` first.

    Similar is by cosine. Vectors without a direction come last.

    Args:
        vector: What the vectors are compared with.
        vectors: A vector for each key.
        excluding: One key or several that are left out.

    Raises:
        LengthError: A vector has another length.
    """
    if not isinstance(vectors, Mapping):
        raise DataTypeError(f"vectors is a mapping from keys to lists, not {told(vectors)}")
    left_out = [excluding] if isinstance(excluding, str) else excluding
    if not (is_sequence(left_out) or isinstance(left_out, UNORDERED)):
        raise DataTypeError(f"excluding is a key or a list of keys, not {told(excluding)}")
    left_out = {key for key in left_out if isinstance(key, Hashable)}
    keys = [key for key in vectors if key not in left_out]

    def similarity(key: str) -> float:
        return max(-2.0, cosine_similarity(vector, vectors[key]))  # -2 for nan

    return sorted(keys, key=similarity, reverse=True)


def _class(logits: Sequence[float], threshold: float) -> int:
    """Return the class that the logits of one row stand for."""
    if len(logits) == 1:
        return int(logits[0] > threshold)
    return max(range(len(logits)), key=logits.__getitem__)


def _checked_threshold(threshold: Any) -> float:
    """Return it as a float. Raises an error unless outputs can be compared with it."""
    number: float
    [number] = floats_of(locals(), threshold="[-inf, inf]")
    return number


def _check_widths(rows: Sequence[Sequence[Any]]) -> None:
    """Raise LengthError if the outputs of one model differ in length."""
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise LengthError(f"outputs have as many numbers each, not {sorted(widths)}")


def _checked_rows(
    outputs: Sequence[Any], targets: Sequence[Any]
) -> tuple[Sequence[Any], Sequence[int], int]:
    """Return the logits of each row, its class, and the number of classes."""
    rows, true = zip(*paired_rows(outputs, targets), strict=True)
    _check_widths(rows)
    n = max(2, len(rows[0]))
    single = [row[0] for row in rows] if len(rows[0]) == 1 else []
    whole = bool(single) and all(isinstance(x, Integral) for x in single)
    other = [t for t in true if not isinstance(t, Hashable) or t not in range(n)]
    further = any(isinstance(t, Integral) and int(t) > 1 for t in other)
    if whole and min(single) >= 0 and (max(single) > 1 or further):
        raise DataTypeError(
            "outputs are what a model gives, as [model(x) for x in X], and these are whole "
            f"numbers up to {max(single)}, as classes are: write a single logit as a float"
        )
    if other:
        raise IndexDomainError(
            f"outputs of {n} classes have targets from 0 to {n - 1}, "
            f"the indices of the classes, not {told(other[0])}"
            f"{': a class is its index alone, as 0 or 1' * is_sequence(other[0])}"
            f"{f': {ORDER}' * all(isinstance(row[0], Integral) for row in rows)}"
        )
    return rows, true, n


def _classes(
    outputs: Sequence[Any], targets: Sequence[int], threshold: float, positive: int = 0
) -> Pairs | None:
    """Return the predicted class and the true one of each row; None if a row has no class."""
    rows, true, n = _checked_rows(outputs, targets)
    threshold = _checked_threshold(threshold)
    if not isinstance(positive, Hashable) or positive not in range(n):
        raise ArgumentError(f"positive is one of the classes 0 to {n - 1}, not {told(positive)}")
    numbers = [_numbers(row) for row in rows]
    if any(map(_undecided, numbers)):
        return None
    return [(_class(row, threshold), t) for row, t in zip(numbers, true, strict=True)]


def _undecided(logits: list[float]) -> bool:
    """Return whether a number is nan, or several are the largest and infinite."""
    if any(x != x for x in logits):
        return True
    largest = max(logits)
    return abs(largest) == inf and logits.count(largest) > 1


def _numbers(logits: Sequence[Any]) -> list[float]:
    """Return the numbers of Values, and others as Python's: NumPy compares in few digits."""
    return [
        z.data
        if isinstance(z, Value)
        else z
        if z.__class__ is float or z.__class__ is int
        else real_number(z, "an output")
        for z in logits
    ]


def _share(found: list[bool]) -> float:
    """Return the share that is true; nan of nothing."""
    return float(sum(found) / len(found)) if found else nan


def _scaled(xs: Sequence[float]) -> tuple[list[float], int]:
    """Return xs / 2^e with sizes of at most 1, and e.

    Squares of such numbers do not overflow, and those that matter do not
    vanish.
    """
    numbers = [x.data if isinstance(x, Value) else real_number(x, "a vector") for x in xs]
    exponent = frexp(max(map(abs, numbers), default=0.0))[1]
    return [ldexp(x, -exponent) for x in numbers], exponent


def _ngrams(texts: Sequence[Sequence[Any]], n: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each token from the second of a text on, with what came before it."""
    for text in texts:
        for i in range(1, len(text)):
            yield tuple(text[max(0, i - n + 1) : i]), text[i]


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.metrics", "nn.foreign")
