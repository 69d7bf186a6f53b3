"""Losses and penalties: hand numbers, gradients, extreme logits, and what they refuse."""

import math
from decimal import Decimal
from fractions import Fraction
from math import inf, log

import pytest
from mpmath import mp, mpf

import nn
from autograd import (
    Value,
    check_gradients,
    grad,
    gradients,
    jit,
    jvp,
    log_softmax,
    softmax,
    value_and_grad,
)
from autograd.errors import ArgumentError, DataTypeError, LengthError

ALL = [nn.mse, nn.mae, nn.huber, nn.hinge, nn.binary_cross_entropy, nn.cross_entropy]


def test_hand_numbers():
    outputs = [[Value(1.0)], [Value(-2.0)]]
    assert nn.mse(outputs, [3.0, -1.0]).data == (4 + 1) / 2
    assert nn.mae(outputs, [3.0, -1.0]).data == (2 + 1) / 2
    assert nn.huber(outputs, [3.0, -1.5]).data == (1.5 + 0.125) / 2
    assert nn.huber(outputs, [3.0, -1.5], delta=4.0).data == (2.0 + 0.125) / 2
    assert nn.hinge(outputs, [1, 1]).data == (0 + 3) / 2
    assert nn.hinge(outputs, [0, 0]).data == (2 + 0) / 2
    expected = (math.log1p(math.exp(-1)) + math.log1p(math.exp(-2))) / 2
    assert nn.binary_cross_entropy(outputs, [1, 0]).data == pytest.approx(expected, rel=1e-15)
    logits = [[Value(1.0), Value(2.0), Value(0.5)]]
    total = math.exp(1) + math.exp(2) + math.exp(0.5)
    assert nn.cross_entropy(logits, [1]).data == pytest.approx(math.log(total) - 2, rel=1e-14)
    soft = 0.25 * (math.log(total) - 1) + 0.75 * (math.log(total) - 0.5)
    assert nn.cross_entropy(logits, [[0.25, 0.0, 0.75]]).data == pytest.approx(soft, rel=1e-14)


@pytest.mark.parametrize("n", [2, 3, 10, 27])
@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_every_gradient_of_cross_entropy_keeps_its_own_digits(n, scale):
    """Softmax, and at the target minus the sum of the others, also where it is tiny."""
    logits = [scale * math.sin(3.0 * i) for i in range(n)]
    for target in range(n):
        nodes = [Value(x) for x in logits]
        loss = nn.cross_entropy([nodes], [target])
        loss.backward()
        with mp.workdps(60):
            powers = [mp.exp(mpf(x) - mpf(logits[target])) for x in logits]
            total = mp.fsum(powers)
            others = mp.fsum(powers[:target] + powers[target + 1 :])
            assert abs(loss.data - mp.log1p(others)) <= 1e-15 * mp.log1p(others)
            for j, node in enumerate(nodes):
                exact = (-others if j == target else powers[j]) / total
                assert abs(node.grad - exact) <= 2e-15 * abs(exact) * max(1.0, scale / 4.0)


def test_mean_is_over_all_numbers_and_sum_adds_them():
    outputs = [[Value(1.0), Value(2.0)], [Value(3.0), Value(5.0)]]
    targets = [[0.0, 0.0], [0.0, 1.0]]
    assert nn.mse(outputs, targets).data == (1 + 4 + 9 + 16) / 4
    assert nn.mse(outputs, targets, reduction="sum").data == 30.0
    mean = nn.cross_entropy(outputs, [0, 0]).data
    assert nn.cross_entropy(outputs, [0, 0], reduction="sum").data == pytest.approx(
        2 * mean, rel=1e-15
    )


def test_sequences_average_over_all_steps_of_all_rows():
    long, short = [[Value(1.0)], [Value(2.0)], [Value(3.0)]], [[Value(5.0)]]
    assert nn.mse([long, short], [[0.0, 0.0, 0.0], [0.0]]).data == (1 + 4 + 9 + 25) / 4
    with pytest.raises(LengthError, match="1 outputs and 2 targets"):
        nn.mse([short], [[0.0, 0.0]])


def test_a_neuron_s_bare_value_counts_as_a_list_of_one():
    assert nn.mse([Value(3.0)], [1.0]).data == nn.mse([[Value(3.0)]], [[1.0]]).data == 4.0


@pytest.mark.parametrize("loss", ALL)
def test_gradients_equal_finite_differences(loss):
    targets = [1, 0, 2] if loss is nn.cross_entropy else [[1, 0, 1], [0, 0, 1], [1, 1, 1]]
    check_gradients(
        lambda outputs: loss(outputs, targets),
        [[0.3, -1.7, 0.4], [2.1, -0.6, 0.9], [0.25, 3.5, -0.75]],
    )


def test_an_overflow_is_infinite_on_floats_too():
    assert nn.mse([1e200], [0]) == nn.mse([Value(1e200)], [0]).data == math.inf


@pytest.mark.parametrize("loss", ALL)
def test_zero_without_a_gap_and_large_with_a_large_one(loss):
    good, bad = {
        nn.mse: ([1.0], [101.0]),
        nn.mae: ([1.0], [101.0]),
        nn.huber: ([1.0], [101.0]),
        nn.hinge: ([1.0], [-100.0]),
        nn.binary_cross_entropy: ([800.0], [-100.0]),
        nn.cross_entropy: ([-800.0, 0.0], [100.0, 0.0]),
    }[loss]
    assert float(loss([[Value(z) for z in good]], [1])) == 0.0
    assert float(loss([[Value(z) for z in bad]], [1])) >= 99.0


@pytest.mark.parametrize("z", [-1000.0, 1000.0])
@pytest.mark.parametrize("target", [0, 1])
def test_classification_losses_are_exact_at_extreme_logits(z, target):
    wrong = (z > 0) != (target == 1)
    sign = 1.0 if z > 0 else -1.0
    logit = Value(z)
    nn.binary_cross_entropy([[logit]], [target]).backward()
    assert (nn.binary_cross_entropy([[logit]], [target]).data, logit.grad) == (
        (1000.0, sign) if wrong else (0.0, 0.0)
    )
    pair = [Value(0.0), Value(z)]
    loss = nn.cross_entropy([pair], [target])
    loss.backward()
    assert loss.data == (1000.0 if wrong else 0.0)
    assert pair[1].grad == (sign if wrong else 0.0)


def test_matched_pairs_give_p_minus_y_at_the_logit():
    z = Value(0.7)
    p = 1 / (1 + math.exp(-0.7))
    for y in (0, 1):
        (slope,) = gradients(nn.binary_cross_entropy([[z]], [y]), [z])
        assert slope.data == pytest.approx(p - y, rel=1e-14)
        (slope,) = gradients(nn.mse([[z]], [y]), [z])
        assert slope.data == pytest.approx(2 * (0.7 - y), rel=1e-14)
    logits = [Value(v) for v in (0.1, -1.0, 2.0)]
    total = sum(math.exp(v.data) for v in logits)
    slopes = gradients(nn.cross_entropy([logits], [2]), logits)
    assert [s.data for s in slopes] == pytest.approx(
        [math.exp(v.data) / total - (i == 2) for i, v in enumerate(logits)], rel=1e-12
    )


def test_penalties():
    weights = [Value(1.0), Value(-2.0), Value(0.0)]
    assert nn.l2(weights, 0.5).data == 2.5
    assert nn.l1(weights, 0.5).data == 1.5
    assert [g.data for g in gradients(nn.l2(weights, 0.5), weights)] == [1.0, -2.0, 0.0]
    assert [g.data for g in gradients(nn.l1(weights, 0.5), weights)] == [0.5, -0.5, 0.0]


def test_what_does_not_fit_is_refused():
    one = [[Value(1.0)]]
    with pytest.raises(LengthError, match="1 outputs and 2 targets"):
        nn.mse(one, [1.0, 2.0])
    for outputs, targets in ((Value(0.5), 1.0), ([Value(0.5)], 1.0)):
        with pytest.raises(TypeError, match=r"one row is loss\(\[output\], \[target\]\)"):
            nn.mse(outputs, targets)
    with pytest.raises(LengthError, match="at least one output"):
        nn.mse([], [])
    with pytest.raises(LengthError, match="2 numbers and its output 1"):
        nn.mse(one, [[1.0, 2.0]])
    with pytest.raises(LengthError, match="3 probabilities does not fit an output of 1"):
        nn.cross_entropy(one, [[0.0, 1.0, 0.0]])
    with pytest.raises(LengthError, match=r"2 steps of output have one target, 1: .* Last\(\)"):
        nn.cross_entropy([[one[0], one[0]]], [1])
    for t in (2, -1, 0.5):
        with pytest.raises(IndexError, match=f"2 logits has the classes 0 to 1, not {t!r}"):
            nn.cross_entropy([[Value(1.0), Value(2.0)]], [t])
    with pytest.raises(
        IndexError, match="needs a logit for each class; one output for two classes takes"
    ):
        nn.cross_entropy([[Value(1.0)]], [1])
    for target in (-1, 2, 1.5):
        with pytest.raises(
            ValueError, match=f"binary_cross_entropy takes targets from 0 to 1, .* not {target}"
        ):
            nn.binary_cross_entropy([[1.0]], [target])
    with pytest.raises(ValueError, match="hinge takes the targets 0 and 1"):
        nn.hinge(one, [-1])
    with pytest.raises(ValueError, match=r'"mean" or "sum"'):
        nn.mse(one, [1.0], reduction="none")


def test_labels_of_any_numpy_type_are_numbers():
    numpy = pytest.importorskip("numpy")
    outputs = [[Value(0.3)], [Value(-0.2)]]
    for dtype in ("uint8", "int8", "uint64", "float32"):
        for loss in (nn.mse, nn.mae, nn.huber, nn.hinge, nn.binary_cross_entropy):
            assert loss(outputs, numpy.array([1, 0], dtype)).data == loss(outputs, [1, 0]).data
    rows = numpy.array([[0.25, 0.75]])
    assert (
        nn.cross_entropy([[Value(0.3), Value(0.1)]], rows).data
        == nn.cross_entropy([[Value(0.3), Value(0.1)]], rows.tolist()).data
    )
    for norm in (nn.RMSNorm(2), nn.LayerNorm(2)):
        assert [v.data for v in norm(numpy.array([100, 20], "uint8"))] == [
            v.data for v in norm([100, 20])
        ]


def test_cross_entropy_keeps_its_digits_where_it_is_tiny():
    # By hand: log(1 + e) = e - e^2/2 for e = exp(-40); and log1p(exp(-3)).
    for target in (0, [1.0, 0.0]):
        tiny = nn.cross_entropy([[40.0, 0.0]], [target])
        assert tiny == pytest.approx(4.248354255291589e-18, rel=1e-15)
    for logits in ([1e9, 1e9 - 3], [3.0, 0.0]):
        assert nn.cross_entropy([logits], [0]) == pytest.approx(0.04858735157374206, rel=4e-16)


def test_cross_entropy_s_gradient_keeps_its_digits():
    mpmath = pytest.importorskip("mpmath")
    mpmath.mp.dps = 50
    for numbers in ([40.0, 0.0], [40.0, 39.0, -700.0], [0.3, -1.7, 2.5, 0.0]):
        logits = [Value(z) for z in numbers]
        nn.cross_entropy([logits], [0]).backward()
        powers = [mpmath.exp(mpmath.mpf(z)) for z in numbers]
        total = sum(powers)
        exact = [-sum(powers[1:]) / total, *[p / total for p in powers[1:]]]
        for logit, slope in zip(logits, exact, strict=True):
            assert logit.grad == pytest.approx(float(slope), rel=2e-15)


@pytest.mark.parametrize("size", [1e308, 1e300, 1e-300, 5e-324])
@pytest.mark.parametrize("targets", [[1, 2], [[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]]])
def test_a_weighted_mean_does_not_know_the_size_of_the_weights(size, targets):
    outputs = [[0.1, 2.0, 1.0], [3.0, 1.0, 0.0]]
    expected = nn.cross_entropy(outputs, targets, weight=[1.0, 1.0, 1.0])
    found = nn.cross_entropy(outputs, targets, weight=[size] * 3)
    assert found == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("logit", "target"), [(-inf, 0), (inf, 1)])
def test_an_infinite_logit_on_the_right_side_costs_nothing(logit, target):
    o = Value(logit)
    loss = nn.binary_cross_entropy([o, [1.0]], [target, 0.5], reduction="sum")
    assert loss.data == nn.binary_cross_entropy([1.0], [0.5])
    loss.backward()
    assert o.grad == 0.0
    recorded = jit(lambda o, t: nn.binary_cross_entropy([o], [t]))
    assert recorded(logit, float(target)) == 0.0
    assert recorded(logit, 1.0 - target) == inf


TWICE = {
    "mse": lambda o: nn.mse([o], [0.0]),
    "huber": lambda o: nn.huber([o], [0.0]),
    "huber, narrow": lambda o: nn.huber([o], [0.0], delta=0.1),
    "binary cross entropy": lambda o: nn.binary_cross_entropy([o], [0.3]),
    "cross entropy": lambda o: nn.cross_entropy([[o, 0.0, -o]], [2]),
    "cross entropy of shares": lambda o: nn.cross_entropy([[o, 0.0]], [[0.2, 0.8]]),
    "l2": lambda o: nn.l2([o], 0.5),
}


@pytest.mark.parametrize("f", TWICE.values(), ids=TWICE)
def test_second_derivatives_of_smooth_losses_where_the_error_is_0(f):
    """No kink of abs or where is on their way."""
    beside, at = (grad(grad(f))(x) for x in (1e-9, 0.0))
    assert at == pytest.approx(beside, rel=1e-8) != 0.0
    assert jit(grad(grad(f)))(0.0) == jvp(grad(f), [0.0], [1.0])[1] == at
    check_gradients(f, 0.0)


@pytest.mark.parametrize("odd", [{1.0, 2.0}, {0: 1.0, 1: 2.0}])
@pytest.mark.parametrize("loss", [nn.mse, nn.mae, nn.huber])
def test_what_has_no_order_is_no_output_and_no_target(loss, odd):
    with pytest.raises(DataTypeError):
        loss([[1.0, 2.0]], [odd])
    with pytest.raises(DataTypeError):
        loss([odd], [[1.0, 2.0]])


@pytest.mark.parametrize("index", ["a", 0.5, True, [1], math.nan])
def test_an_ignored_target_is_a_whole_number(index):
    with pytest.raises(DataTypeError, match="ignore_index must be one of"):
        nn.cross_entropy([[1.0, 2.0]], [0], ignore_index=index)
    assert nn.cross_entropy([[0.0, 0.0], [9.0, 0.0]], [1, -100], ignore_index=-100) == log(2)


def test_a_masked_logit_is_a_class_of_probability_0():
    expected = math.log1p(math.exp(-1))
    for target in (0, [1.0, 0.0, 0.0], Value(0.0), [Value(1.0), Value(0.0), 0.0]):
        logits = [Value(1.0), Value(0.0), Value(-math.inf)]
        loss = nn.cross_entropy([logits], [target])
        loss.backward()
        assert loss.data == pytest.approx(expected, rel=1e-15)
        assert [z.grad for z in logits] == pytest.approx(
            [-1 / (1 + math.e), 1 / (1 + math.e), 0.0], rel=1e-15
        )
    assert float(nn.cross_entropy([[1.0, -math.inf]], [1])) == math.inf
    assert math.isnan(nn.cross_entropy([[1.0, math.nan]], [0]))


@pytest.mark.parametrize("logits", [[-math.inf] * 2, [math.inf] * 2, [math.inf, 2.0, math.inf]])
def test_logits_that_are_the_largest_and_infinite_have_no_softmax(logits):
    """Their shares could be any. It is so for every form of a target, and in a program."""
    n = len(logits)
    one_hot = [1.0] + [0.0] * (n - 1)
    assert all(map(math.isnan, log_softmax(logits)))
    for x, z in zip(logits, softmax(logits), strict=True):
        assert math.isnan(z) if math.isinf(x) else z == 0.0
    for target in (0, one_hot, [1.0 / n] * n, Value(0.0)):
        for f in (nn.cross_entropy, jit(nn.cross_entropy)):
            assert math.isnan(f([logits], [target]))
            nodes = list(map(Value, logits))
            loss = f([nodes], [target])
            loss.backward()
            assert all(math.isnan(v) for v in (loss.data, *[z.grad for z in nodes]))


def test_a_logit_that_is_infinite_alone_has_the_limit():
    loss = nn.cross_entropy
    assert loss([[math.inf, 1.0]], [0]) == loss([[-math.inf, 1.0]], [1]) == 0.0
    assert loss([[math.inf, 1.0]], [1]) == loss([[-math.inf, 1.0]], [0]) == math.inf
    assert loss([[-math.inf, -math.inf, 1.0]], [2]) == 0.0
    assert loss([[-math.inf, -math.inf, 1.0]], [0]) == math.inf


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_an_index_and_a_list_agree_where_one_logit_is_infinite(n):
    for k in range(n):
        logits = [Value(math.inf if i == k else 0.5 * i) for i in range(n)]
        for i in range(n):
            one_hot = [float(i == j) for j in range(n)]
            for target in (i, one_hot):
                loss = nn.cross_entropy([logits], [target])
                assert loss.data == (0.0 if i == k else math.inf)
                slopes = [g.data for g in gradients(loss, logits)]
                assert slopes == [float(j == k) - t for j, t in enumerate(one_hot)]


def test_a_class_of_weight_0_adds_nothing_even_if_it_is_excluded():
    logits, weight = [[-math.inf, 0.0, 0.0], [0.0, 0.0, 0.0]], [0.0, 1.0, 1.0]
    for targets in ([0, 1], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [Value(0.0), Value(1.0)]):
        for reduction in ("sum", "mean"):
            nodes = [[Value(o) for o in row] for row in logits]
            for f in (nn.cross_entropy, jit(nn.cross_entropy)):
                loss = f(nodes, targets, weight=weight, reduction=reduction)
                assert loss.data == pytest.approx(log(3.0), rel=1e-15)
            loss.backward()
            assert [z.grad for z in nodes[0]] == [0.0] * 3


def test_ignored_targets_count_for_nothing():
    rows = [[Value(0.3), Value(-1.0)], [Value(2.0), Value(0.5)], [Value(math.inf), Value(0.0)]]
    loss = nn.cross_entropy(rows, [1, 0, -1], ignore_index=-1)
    assert loss.data == pytest.approx(nn.cross_entropy(rows[:2], [1, 0]).data, rel=1e-15)
    loss.backward()
    assert rows[2][0].grad == rows[2][1].grad == 0.0
    kept = nn.cross_entropy(rows, [1, 0, -1], ignore_index=-1, reduction="sum")
    assert kept.data == pytest.approx(2 * loss.data, rel=1e-15)
    with pytest.raises(ArgumentError, match="no row is left for the mean: all targets are ignored"):
        nn.cross_entropy([[1.0, 2.0]], [-1], ignore_index=-1)
    with pytest.raises(IndexError, match="classes 0 to 1, not -2"):
        nn.cross_entropy([[1.0, 2.0]], [-2], ignore_index=-1)


@pytest.mark.parametrize("outputs", [[[1.0, 2.0]] * 2, [[Value(1.0), Value(2.0)]] * 2])
@pytest.mark.parametrize("targets", [[-1, -1], [Value(-1.0), Value(-1.0)]])
@pytest.mark.parametrize("weight", [None, [1.0, 3.0]])
def test_a_mean_of_no_rows_is_one_error(outputs, targets, weight):
    def loss(outputs, targets):
        return nn.cross_entropy(outputs, targets, weight=weight, ignore_index=-1)

    recorded = jit(loss)
    recorded(outputs, [-1, 0] if isinstance(targets[0], int) else [Value(-1.0), Value(0.0)])
    for f in (loss, recorded):
        with pytest.raises(
            ArgumentError, match="no row is left for the mean: all targets are ignored"
        ):
            f(outputs, targets)


def test_weights_multiply_the_terms_of_their_classes():
    rows, log2 = [[0.0, 0.0], [0.0, math.log(3)]], math.log(2)  # terms log 2 and log 4/3
    assert nn.cross_entropy(rows, [0, 1], weight=[3.0, 1.0], reduction="sum") == pytest.approx(
        3 * log2 + math.log(4 / 3)
    )
    mean = nn.cross_entropy(rows, [0, 1], weight=[3.0, 1.0])
    assert mean == pytest.approx((3 * log2 + math.log(4 / 3)) / 4)
    assert nn.cross_entropy(rows, [[1, 0], [0, 1]], weight=[3.0, 1.0]) == pytest.approx(mean)
    assert nn.cross_entropy(rows, [0, 1], weight=[1.0, 1.0]) == pytest.approx(
        nn.cross_entropy(rows, [0, 1])
    )
    numpy = pytest.importorskip("numpy")
    assert nn.cross_entropy(rows, numpy.array([0, 1]), weight=numpy.array([3.0, 1.0])) == mean
    assert nn.cross_entropy(rows, [Decimal(0), Fraction(1)], weight=[3.0, 1.0]) == mean
    with pytest.raises(LengthError, match="3 weights do not fit an output of 2 logits"):
        nn.cross_entropy(rows, [0, 1], weight=[1.0, 1.0, 1.0])
    with pytest.raises(ArgumentError, match=r"weight must be in \[0, inf\), not -1"):
        nn.cross_entropy(rows, [0, 1], weight=[1.0, -1.0])


@pytest.mark.parametrize("options", [{}, {"ignore_index": 9}, {"weight": [0.5, 2.0, 0.0]}])
def test_one_program_serves_every_target(options):
    check_gradients(
        lambda outputs: nn.cross_entropy(outputs, [0, 1, 2], **options),
        [[0.3, -1.7, 0.4], [2.1, -0.6, 0.9], [0.25, 3.5, -0.75]],
    )
    rows = [[0.3, -1.7, 0.4], [2.1, -0.6, 0.9], [0.25, 3.5, -0.75]]

    def slopes(targets):
        return value_and_grad(lambda rows: nn.cross_entropy(rows, targets, **options))(rows)

    recorded = jit(slopes)
    ignored = options.get("ignore_index", 0)
    for targets in ([0, 1, 2], [2, 2, 1], [ignored, 1, 0]):
        assert recorded(targets) == slopes(targets)


EXTREMES = [1e140, 1.0, 1e-140, 0.0]


def exact_mean(rows, targets, weight):
    """The weighted mean of surprises, with 700 digits."""
    total = divisor = mpf(0)
    for row, target in zip(rows, targets, strict=True):
        one_hot = [float(j == target) for j in range(len(row))]
        shares = target if isinstance(target, list) else one_hot
        largest = max(row)
        others = mp.log(mp.fsum(mp.exp(mpf(z) - mpf(largest)) for z in row if z > -inf))
        for t, z, w in zip(shares, row, weight, strict=True):
            if t and w:
                total += mpf(t) * mpf(w) * (others + mpf(largest) - mpf(z))
                divisor += mpf(t) * mpf(w)
    return total / divisor if divisor else None


@pytest.mark.parametrize("last", [[1e300, 0.0, 0.5], [0.0, 30.0, 0.0], [2.0, -inf, 0.0]])
@pytest.mark.parametrize("targets", [[0, 1, 1], [1, 2, 1], [2, 2, 0], [[0.5, 0.5, 0.0], 2, 1]])
@pytest.mark.parametrize("first", EXTREMES)
@pytest.mark.parametrize("second", EXTREMES)
def test_a_weighted_mean_holds_for_weights_far_apart(first, second, targets, last):
    rows, weight = [[0.1, 2.0, 1.0], [3.0, 1.0, 0.0], last], [first, second, 2.0]
    with mp.workdps(700):
        exact = exact_mean(rows, targets, weight)
        if exact is None:
            with pytest.raises(ArgumentError, match="no row is left"):
                nn.cross_entropy(rows, targets, weight=weight)
            return
        found = nn.cross_entropy(rows, targets, weight=weight)
        assert found == inf == exact or abs(found - exact) <= 1e-15 * exact
    if not any(isinstance(target, list) for target in targets):
        of_values = [Value(float(t)) for t in targets]
        assert nn.cross_entropy(rows, of_values, weight=weight).data == found
        recorded = jit(lambda rows, ts: nn.cross_entropy(rows, ts, weight=weight, ignore_index=-1))
        assert recorded(rows, [float(t) for t in targets]) == found


@pytest.mark.parametrize(
    "options", [{}, {"ignore_index": 9}, {"weight": [3.0, 5.0]}, {"weight": [1e20, 1e20]}]
)
def test_a_mean_of_large_surprises_is_finite(options):
    rows = [[0.0, 1.5e308]] * 3
    for target in (0, Value(0.0), [1.0, 0.0]):
        loss = nn.cross_entropy(rows, [target] * 3, **options)
        assert float(getattr(loss, "data", loss)) == pytest.approx(1.5e308, rel=1e-15)


@pytest.mark.parametrize("ignored", [None, 0, 1])
@pytest.mark.parametrize("weight", [None, [1.0, 2.0]])
def test_a_bool_is_no_class_whatever_is_ignored(ignored, weight):
    numpy = pytest.importorskip("numpy")
    for target in (True, False, numpy.True_, numpy.False_):
        with pytest.raises(DataTypeError, match=f"the target {target} is no class"):
            nn.cross_entropy([[0.0, 1.0]], [target], ignore_index=ignored, weight=weight)
