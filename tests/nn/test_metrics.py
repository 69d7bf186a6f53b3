"""Metrics against numbers worked out by hand."""

import operator
from math import inf, isnan, log, log2, nan

import numpy
import pytest

import nn
from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, DomainError, LengthError
from nn import metrics

LOGITS = [[2.0], [-1.0], [0.5], [-3.0], [1.0]]
TARGETS = [1, 1, 0, 0, 1]  # TP 2, FN 1, FP 1, TN 1


@pytest.mark.parametrize("call", [metrics.predicted_classes, metrics.bits_per_character])
def test_outputs_of_one_model_have_one_width(call):
    targets = () if call is metrics.predicted_classes else ([0, 1],)
    with pytest.raises(LengthError, match=r"outputs have as many numbers each, not \[2, 3\]"):
        call([[1.0, 2.0], [1.0, 2.0, 3.0]], *targets)


@pytest.mark.parametrize("pseudo_count", [1e308, 1e300, 5e-324, 1e-300])
def test_a_pseudo_count_may_have_any_size(pseudo_count):
    """An infinite one makes all 3 tokens equally likely; a tiny one leaves what was not seen
    the odds of 1 count against it.
    """
    bits = metrics.ngram_bits(["ab"], ["ac"], 2, pseudo_count)
    expected = log2(3) if pseudo_count > 1 else -log2(pseudo_count)
    assert bits == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("threshold", [None, "0.5", nan, [0.5]])
def test_a_threshold_is_a_number(threshold):
    for call in (metrics.predicted_classes, lambda o, t: metrics.accuracy(o, [0, 1], t)):
        for outputs in ([1.0, 2.0], [[1.0, 2.0]] * 2):
            with pytest.raises((DataTypeError, ArgumentError), match="threshold must be in"):
                call(outputs, threshold)


def test_binary_metrics():
    assert metrics.predicted_classes(LOGITS) == [1, 0, 1, 0, 1]
    assert metrics.confusion_matrix(LOGITS, TARGETS) == [[1, 1], [1, 2]]
    assert metrics.accuracy(LOGITS, TARGETS) == 3 / 5
    assert metrics.balanced_accuracy(LOGITS, TARGETS) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert metrics.precision(LOGITS, TARGETS) == 2 / 3
    assert metrics.recall(LOGITS, TARGETS) == 2 / 3
    assert metrics.f1(LOGITS, TARGETS) == 2 / 3
    assert metrics.recall(LOGITS, TARGETS, positive=0) == 1 / 2


def test_a_threshold_makes_classes_of_probabilities():
    outputs = [[0.9], [0.4], [0.6], [0.1], [0.7]]
    assert metrics.predicted_classes(outputs, 0.5) == [1, 0, 1, 0, 1]
    for metric in (
        metrics.accuracy,
        metrics.precision,
        metrics.recall,
        metrics.f1,
        metrics.balanced_accuracy,
        metrics.confusion_matrix,
    ):
        assert metric(outputs, TARGETS, threshold=0.5) == metric(LOGITS, TARGETS)


def test_bare_logits_and_values_count_as_lists_of_floats_do():
    assert metrics.accuracy([2.0, -1.0], [1, 1]) == 0.5
    assert (
        metrics.accuracy([Value(2.0), [Value(0.0)]], [1, 1]) == 0.5
    )  # a logit of exactly 0 is class 0
    assert metrics.accuracy([[Value(1.0), Value(3.0), Value(2.0)]], [1]) == 1.0


def test_targets_may_be_an_array():
    targets = numpy.array(TARGETS)
    for metric in (
        metrics.accuracy,
        metrics.balanced_accuracy,
        metrics.precision,
        metrics.recall,
        metrics.f1,
        metrics.confusion_matrix,
    ):
        assert metric(LOGITS, targets) == metric(LOGITS, TARGETS)


@pytest.mark.parametrize(
    "targets", [["cat"] * 5, [-1, 1, 1, -1, 1], [[0, 1]] * 5, [0, 1, 2, 1, 0], [0.5] * 5]
)
def test_targets_that_are_no_class_are_refused(targets):
    with pytest.raises((IndexError, TypeError)):
        metrics.accuracy(LOGITS, targets)


def test_many_classes():
    outputs = [[3.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0]]
    assert metrics.predicted_classes(outputs) == [0, 1, 2]  # the first of equals
    assert metrics.confusion_matrix(outputs, [0, 2, 2]) == [[1, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert metrics.balanced_accuracy(outputs, [0, 2, 2]) == 0.75


def test_balanced_accuracy_sees_through_always_no():
    outputs, targets = [[-1.0]] * 100, [1] * 7 + [0] * 93
    assert metrics.accuracy(outputs, targets) == 0.93
    assert metrics.balanced_accuracy(outputs, targets) == 0.5
    assert isnan(metrics.precision(outputs, targets))
    assert metrics.recall(outputs, targets) == 0.0
    assert metrics.f1(outputs, targets) == 0.0


def test_r2():
    assert metrics.r2([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]) == 1.0
    assert metrics.r2([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]) == 0.0
    assert metrics.r2([3.0, 2.0, 1.0], [[1.0], [2.0], [3.0]]) == -3.0
    assert isnan(metrics.r2([1.0, 1.0], [2.0, 2.0]))
    assert isnan(metrics.r2([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])), "the mean of three 0.1 is not 0.1"
    assert metrics.r2([1e200, 0.0], [0.0, 1.0]) == -inf
    assert metrics.r2([3e19, -5e307], [-5e-324, 0.0]) == -inf
    assert isnan(metrics.r2([nan, -5e307], [-5e-324, 0.0]))


def test_r2_is_right_where_squares_overflow_or_vanish():
    # The squares add up to 3.38e308, their half is a float.
    assert metrics.r2([1.3e154, 1.3e154, 0.0], [0.0, 1.0, 2.0]) == pytest.approx(-1.69e308)
    for size in (1e-300, 1e-200, 1.0, 1e200, 8e307):
        targets = [-size, 0.0, 2.0 * size]  # the mean is size / 3, the spread 14/3 size^2
        found = metrics.r2([size, 0.0, size], targets)  # errors of 2 size, 0 and size
        assert found == pytest.approx(1 - 5 / (14 / 3), rel=1e-14)
    assert metrics.r2([1.7e308, -1.7e308], [-1.7e308, 1.7e308]) == -3.0
    assert metrics.r2([inf, 0.0], [0.0, 1.0]) == -inf
    assert isnan(metrics.r2([nan, 0.0], [0.0, 1.0]))
    assert isnan(metrics.r2([0.0, 0.0], [inf, 1.0]))


@pytest.mark.parametrize("n", [2, 3, 4, 11])
def test_r2_is_right_where_the_mean_is_rounded(n):
    """As of points of time: they differ by little beside their size."""
    times = [1_700_000_000_000_000_000 // 256 * 256 + 256 * i for i in range(n)]
    first = [times[0]] * n
    errors = sum(i * i for i in range(n))
    spread = sum((i - (n - 1) / 2) ** 2 for i in range(n))
    assert metrics.r2(first, times) == pytest.approx(1 - errors / spread, rel=1e-14)
    assert metrics.r2(times, times) == 1.0


def test_every_step_of_a_sequence_counts():
    outputs = [[[2.0, 1.0], [0.0, 1.0]], [[3.0, 0.0]]]
    assert metrics.accuracy(outputs, [[0, 0], [0]]) == pytest.approx(2 / 3)
    assert metrics.r2([[[1.0], [2.0]], [[3.0]]], [[1.0, 2.0], [3.0]]) == 1.0


def test_lengths_are_checked():
    for metric in (metrics.accuracy, metrics.r2, metrics.f1, metrics.confusion_matrix):
        with pytest.raises(LengthError, match="2 outputs and 1 targets"):
            metric([[1.0], [2.0]], [1])
        with pytest.raises(LengthError, match="at least one output"):
            metric([], [])


def test_bits_per_character():
    assert metrics.bits_per_character([[0.0] * 8, [5.0] * 8], [3, 7]) == pytest.approx(3)
    steps = [[0.0, log(3)], [0.0, 0.0]]  # P = 1/4 for class 0, then 1/2
    assert metrics.bits_per_character([steps], [[0, 1]]) == pytest.approx(1.5)


def test_ngram_bits_by_hand():
    train, held_out = ["ab", "ac", "ab"], ["ab", "ca"]
    # P(b | a) = (2 + 1)/(3 + 3), P(a | c) = (0 + 1)/(0 + 3)
    assert metrics.ngram_bits(train, held_out, order=2, pseudo_count=1) == pytest.approx(
        (1 + log2(3)) / 2
    )
    # order 1 ignores what came before: P(b) = 3/6, P(a) = 1/6
    assert metrics.ngram_bits(train, held_out, order=1, pseudo_count=1) == pytest.approx(
        (1 + log2(6)) / 2
    )
    with pytest.raises(LengthError, match="nothing to predict"):
        metrics.ngram_bits(train, ["a"])


def test_cosine_similarity_and_nearest():
    assert metrics.cosine_similarity([1, 0], [3, 3]) == pytest.approx(0.5**0.5)
    assert metrics.cosine_similarity([1, 2], [-2, -4]) == pytest.approx(-1)
    assert isnan(metrics.cosine_similarity([0, 0], [1, 1]))
    for size in (1e-150, 1e80, 1e150):
        assert metrics.cosine_similarity([size, 0], [size, size]) == pytest.approx(0.5**0.5)
    assert metrics.cosine_similarity([6.5, 1.8, 3.7], [0.4 * x for x in (6.5, 1.8, 3.7)]) == 1.0, (
        "not the next float"
    )
    vectors = {"up": [0.0, 1.0], "right": [1.0, 0.1], "down": [0.0, -1.0]}
    assert metrics.nearest([2.0, 1.0], vectors) == ["right", "up", "down"]
    assert metrics.nearest([2.0, 1.0], vectors, excluding=["right"]) == ["up", "down"]
    assert metrics.nearest([2.0, 1.0], {**vectors, "r": [1.0, 1.0]}, excluding="right")[0] == "r"
    assert metrics.nearest([1, 0], {"b": [0, 1], "zero": [0, 0], "c": [1, 0]}) == ["c", "b", "zero"]


def test_a_confusion_matrix_has_all_classes_of_the_outputs():
    three = [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    assert metrics.confusion_matrix(three, [0, 0]) == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert metrics.confusion_matrix([-1.0, [-2.0]], [0, 0]) == [[2, 0], [0, 0]]


SCORES = [
    metrics.accuracy,
    metrics.balanced_accuracy,
    metrics.precision,
    metrics.recall,
    metrics.f1,
]


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ([nan, nan], [0, 0]),
        ([[nan], [1.0]], [0, 1]),
        ([[1.0, nan], [nan, 2.0]], [0, 1]),
        ([Value(1.0), Value(nan)], [1, 0]),
        ([[[0.0, 1.0], [nan, 0.0]]], [[1, 0]]),
    ],
)
def test_nan_is_no_class_and_no_score(outputs, targets):
    for metric in SCORES:
        assert isnan(metric(outputs, targets))
    with pytest.raises(DomainError, match=r"output \d is \[.*nan.*\], and nan stands for no class"):
        metrics.confusion_matrix(outputs, targets)
    assert isnan(metrics.r2([nan, 1.0], [0.0, 1.0]))
    assert isnan(metrics.bits_per_character([[nan, 0.0]], [1]))


def test_predicted_classes_names_the_row_that_is_nan():
    with pytest.raises(ValueError, match=r"output 1 is \[nan, 2.0\], and nan stands for no class"):
        metrics.predicted_classes([[1.0, 0.0], [nan, 2.0]])
    assert metrics.predicted_classes([[inf, 0.0], [-inf, inf]]) == [0, 1]
    assert metrics.predicted_classes([[-inf], inf]) == [0, 1]


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ([[inf, inf]], [0]),
        ([[-inf, -inf], [0.0, 1.0]], [0, 1]),
        ([[1.0, 0.0, -inf], [inf, 0.0, inf]], [0, 2]),
        ([[Value(inf), Value(inf)]], [1]),
        (numpy.array([[inf, inf]]), numpy.array([0])),
    ],
)
def test_several_infinite_logits_are_no_class_and_no_score(outputs, targets):
    for metric in SCORES:
        assert isnan(metric(outputs, targets))
    for call in (metrics.confusion_matrix, lambda o, t: metrics.predicted_classes(o)):
        with pytest.raises(DomainError, match=r"output \d is .*inf.* infinite logits stand for no"):
            call(outputs, targets)
    assert isnan(nn.cross_entropy(outputs, targets))
    assert metrics.predicted_classes([[0.0, -inf, -inf], [1.0, 1.0, -inf]]) == [0, 0]
    assert metrics.predicted_classes([[10**400, 1], [0, 10**400]]) == [0, 1]


def test_a_positive_class_is_a_class():
    for metric in (metrics.precision, metrics.recall, metrics.f1):
        for positive in ("yes", 2, -1, None):
            with pytest.raises(ArgumentError, match=f"classes 0 to 1, not {positive!r}"):
                metric(LOGITS, TARGETS, positive=positive)


def test_a_metric_of_a_model_says_what_it_takes():
    with pytest.raises(DataTypeError, match=r"outputs must be a list, .* not <MLP.*model\(x\) for"):
        metrics.accuracy(nn.MLP(2, [1], seed=0), [[1.0, 2.0]])
    with pytest.raises(DataTypeError, match=r"targets must be a list, .* not 1"):
        metrics.accuracy([1.0], 1)


def test_cosines_do_not_overflow_or_vanish():
    for size in (1e-300, 1e300):
        assert metrics.cosine_similarity([size, 0.0], [size, size]) == pytest.approx(0.5**0.5)
        assert metrics.cosine_similarity([size], [-1.0]) == -1.0
    assert isnan(metrics.cosine_similarity([inf, 1.0], [1.0, 1.0]))
    assert isnan(metrics.cosine_similarity([nan, 1.0], [1.0, 1.0]))


def test_outputs_may_be_an_array():
    table = numpy.array([[1.0, 3.0], [2.0, 0.0], [0.0, 1.0]])
    targets = numpy.array([1, 0, 0])
    assert metrics.predicted_classes(table) == [1, 0, 1]
    for metric in (*SCORES, metrics.confusion_matrix, nn.cross_entropy):
        assert metric(table, targets) == metric(table.tolist(), targets.tolist())
    assert repr(metrics.accuracy(table, targets)) == repr(2 / 3)
    one = numpy.array([2.0, -1.0])
    assert metrics.accuracy(one, [1, 1]) == metrics.accuracy(one[:, None], [1, 1]) == 0.5
    with pytest.raises(DomainError, match=r"output 0 is \[nan, 1.0\]"):
        metrics.predicted_classes(numpy.array([[nan, 1.0]]))


@pytest.mark.parametrize(
    "name",
    [
        *("mse", "mae", "huber", "hinge", "binary_cross_entropy", "cross_entropy", "r2", "f1"),
        *("accuracy", "balanced_accuracy", "precision", "recall", "confusion_matrix"),
        *("metrics.predicted_classes", "metrics.bits_per_character"),
    ],
)
def test_a_loss_or_a_metric_of_a_model_is_told_to_take_its_outputs(name):
    function = operator.attrgetter(name)(nn)
    model, X, y = nn.MLP(2, [1]), [[1.0, 2.0], [3.0, 4.0]], [0, 1]
    for given in ((model, X, y), (model, X), (model,), (model, y), (model, X[0], 1)):
        with pytest.raises(DataTypeError, match=r"\[model\(x\) for x in X\]"):
            function(*given)


@pytest.mark.parametrize(
    "metric",
    [nn.accuracy, nn.balanced_accuracy, nn.precision, nn.recall, nn.f1, nn.confusion_matrix],
)
def test_classes_are_no_outputs(metric):
    outputs = [[3.0, 1.0, 2.0], [0.0, 1.0, 2.0], [1.0, 5.0, 0.0]]
    classes = nn.metrics.predicted_classes(outputs)
    assert classes == [0, 2, 1]
    for given in (classes, [[c] for c in classes], numpy.argmax(outputs, axis=1)):
        with pytest.raises(DataTypeError, match="whole numbers up to 2, as classes are"):
            metric(given, [0, 1, 1])
    with pytest.raises(DataTypeError, match="whole numbers up to 1, as classes are"):
        metric([0, 1, 0], [0, 1, 2])
    assert (
        metric([0, 1, 1], [0, 1, 1])
        == metric([-2, 3, 1], [0, 1, 1])
        == metric([0.0, 2.0, 1.0], [0, 1, 1])
    )
