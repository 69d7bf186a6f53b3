"""How good are the outputs: numbers to report, not to differentiate.

Every metric takes `(outputs, targets)` as the losses do: outputs = [model(x) for x in X]. For a metric of classification
a target is a class index and an output is one logit, bare or in a list (class 1 where it is positive, else class 0), or a
list of one logit per class (the largest wins, the first of equals).
"""

from collections.abc import Sequence
from math import fsum, nan
from typing import Any

from autograd.errors import LengthError


def predicted_classes(outputs: Sequence[Any]) -> list[int]:
    """The class that each output stands for."""
    return [_predicted_class(output if isinstance(output, Sequence) else [output]) for output in outputs]


def accuracy(outputs: Sequence[Any], targets: Sequence[int]) -> float:
    """The share of rows whose predicted class is the target."""
    matrix = confusion_matrix(outputs, targets)
    return sum(row[i] for i, row in enumerate(matrix)) / len(targets)


def balanced_accuracy(outputs: Sequence[Any], targets: Sequence[int]) -> float:
    """The mean over the classes of each one's recall: always answering one of k classes gives 1/k, however frequent it is."""
    recalls = [row[i] / sum(row) for i, row in enumerate(confusion_matrix(outputs, targets)) if any(row)]
    return fsum(recalls) / len(recalls)


def precision(outputs: Sequence[Any], targets: Sequence[int], positive: int = 1) -> float:
    """Of the rows predicted `positive`, the share that is: TP / (TP + FP); nan if there is none."""
    hits, false_alarms, _ = _counts(outputs, targets, positive)
    return _share(hits, hits + false_alarms)


def recall(outputs: Sequence[Any], targets: Sequence[int], positive: int = 1) -> float:
    """Of the rows that are `positive`, the share predicted so: TP / (TP + FN); nan if there is none."""
    hits, _, misses = _counts(outputs, targets, positive)
    return _share(hits, hits + misses)


def f1(outputs: Sequence[Any], targets: Sequence[int], positive: int = 1) -> float:
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN); nan if no row is or is predicted `positive`."""
    hits, false_alarms, misses = _counts(outputs, targets, positive)
    return _share(2 * hits, 2 * hits + false_alarms + misses)


def confusion_matrix(outputs: Sequence[Any], targets: Sequence[int]) -> list[list[int]]:
    """matrix[i][j] is the number of rows of class i that were predicted as class j; square, up to the largest class of either."""
    predicted = predicted_classes(outputs)
    _check(predicted, targets)
    n = max(*predicted, *targets) + 1
    matrix = [[0] * n for _ in range(n)]
    for target, guess in zip(targets, predicted, strict=True):
        matrix[target][guess] += 1
    return matrix


def r2(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The share of the targets' variance that the outputs explain: 1 - sum (t - o)^2 / sum (t - mean t)^2.

    Outputs and targets are numbers or lists of one number. 1 is exact, 0 no better than always answering the mean,
    below 0 worse; nan if the targets are all equal.
    """
    _check(outputs, targets)
    os, ts = ([float(row[0] if isinstance(row, Sequence) else row) for row in rows] for rows in (outputs, targets))
    mean = fsum(ts) / len(ts)
    spread = fsum((t - mean) ** 2 for t in ts)
    return 1 - fsum((t - o) ** 2 for o, t in zip(os, ts, strict=True)) / spread if spread else nan


def _predicted_class(logits: Sequence[Any]) -> int:
    return int(logits[0] > 0) if len(logits) == 1 else max(range(len(logits)), key=logits.__getitem__)


def _counts(outputs: Sequence[Any], targets: Sequence[int], positive: int) -> tuple[int, int, int]:
    """True positives, false positives, false negatives."""
    _check(outputs, targets)
    pairs = list(zip(predicted_classes(outputs), targets, strict=True))
    return (
        sum(guess == positive == target for guess, target in pairs),
        sum(guess == positive != target for guess, target in pairs),
        sum(guess != positive == target for guess, target in pairs),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan


def _check(outputs: Sequence[Any], targets: Sequence[Any]) -> None:
    if len(outputs) != len(targets) or not targets:
        raise LengthError(f"a metric needs as many targets as outputs, at least 1, not {len(targets)} for {len(outputs)}")
