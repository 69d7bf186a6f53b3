"""Every schedule against its formula, on floats and on Values."""

import math

import pytest
from mpmath import mp, mpf

import nn
from autograd import Value
from nn import schedules

CASES = {
    "time_based": (schedules.time_based(0.5), [1, 1 / 1.5, 1 / 2, 1 / 2.5, 1 / 3]),
    "exponential": (schedules.exponential(0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
    "step": (schedules.step(2, gamma=0.1), [1, 1, 0.1, 0.1, 0.01]),
    "cosine": (
        schedules.cosine(4),
        [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2, 0, 0, 0],
    ),
    "cosine to a floor": (schedules.cosine(2, low=0.2), [1, 0.6, 0.2, 0.2]),
    "linear": (schedules.linear(4, low=0.2), [1, 0.8, 0.6, 0.4, 0.2, 0.2]),
    "warm-up": (
        schedules.warmup(4, then=schedules.exponential(0.5)),
        [0.25, 0.5, 0.75, 1, 1, 0.5, 0.25],
    ),
    "warm-up then cosine": (schedules.warmup(2, then=schedules.cosine(2)), [0.5, 1, 1, 0.5, 0, 0]),
    "triangular": (schedules.cyclic(2, low=0.5), [0.5, 0.75, 1, 0.75, 0.5, 0.75, 1, 0.75, 0.5]),
    "triangular2": (
        schedules.cyclic(2, mode="triangular2"),
        [0, 0.5, 1, 0.5, 0, 0.25, 0.5, 0.25, 0, 0.125],
    ),
    "exp_range": (
        schedules.cyclic(2, mode="exp_range", gamma=0.5),
        [0, 0.25, 0.25, 0.0625, 0, 0.5 * 0.5**5],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_formula(name):
    schedule, expected = CASES[name]
    assert [schedule(i) for i in range(len(expected))] == pytest.approx(
        expected, rel=1e-14, abs=1e-15
    )
    assert all(isinstance(schedule(float(i)), float) for i in range(3))
    assert [
        Value(0.0).data + schedule(Value(float(i))).data for i in range(len(expected))
    ] == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="triangular, triangular2, exp_range"):
        schedules.cyclic(2, mode="square")


def test_reduce_on_plateau():
    plateau = nn.ReduceOnPlateau(gamma=0.1, patience=2)
    factors = []
    for metric in (5.0, 4.0, 4.0, 4.5, 4.2, 3.0, math.nan, 3.5, 3.1, 2.0):
        plateau.update(metric)
        factors.append(plateau(0))
    assert factors == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01])


def test_factors_too_large_for_a_float_are_inf_and_too_small_ones_0():
    large, small = schedules.exponential(1.1), schedules.exponential(0.5)
    assert (large(10_000), large(10**400), small(10**5)) == (math.inf, math.inf, 0.0)
    assert schedules.step(1, gamma=2.0)(5000) == math.inf
    cyclic = schedules.cyclic(2, mode="exp_range", gamma=2.0)
    assert (cyclic(5000), cyclic(5001)) == (0.0, math.inf)
    assert schedules.linear(3)(10**400) == schedules.cosine(3)(10**400) == 0.0
    assert schedules.time_based(1e308)(100) == 0.0
    p = Value(1.0)
    p.grad = 1.0
    optimizer = nn.SGD([p], lr=0.1)
    with pytest.raises(ValueError, match=r"in \[0, inf\), not lr \* factor = 0\.1 \* inf"):
        optimizer.step(large(10_000))
    assert (p.data, optimizer.t) == (1.0, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: schedules.time_based(0.0),
        lambda n: schedules.step(n),
        lambda n: schedules.cosine(n, low=0.25),
        lambda n: schedules.linear(n, low=0.25),
        lambda n: schedules.warmup(n, then=schedules.cosine(1)),
        lambda n: schedules.cyclic(n),
        lambda n: schedules.cyclic(n, mode="exp_range", gamma=2.0),
        lambda n: schedules.cyclic(n, mode="triangular2"),
    ],
)
@pytest.mark.parametrize("size", [1, 2**53, 2**1023, 10**308, 10**400])
def test_sizes_and_steps_beyond_the_floats_give_a_factor(make, size):
    for step in (0, 1, 10**6, 2**53, 1e308, 1.7e308, 10**309, math.inf):
        assert make(size)(step) >= 0.0, step  # which nan is not


@pytest.mark.parametrize("low", [0.0, 1e-9])
@pytest.mark.parametrize("total", [1, 3, 1000, 10**6, 10**9])
def test_a_factor_near_its_end_keeps_its_digits(total, low):
    """1 - step / total and 1 + cos lose half of them."""
    half = max(total // 2, 1)
    with mp.workdps(50):
        for left in {0, 1, min(2, total), half, total}:
            share = mpf(left) / total
            exact = mpf(low) + (1 - mpf(low)) * share
            assert abs(schedules.linear(total, low)(total - left) - exact) <= 4e-16 * exact
            exact = mpf(low) + (1 - mpf(low)) * mp.sin(mp.pi / 2 * share) ** 2
            assert abs(schedules.cosine(total, low)(total - left) - exact) <= 1e-15 * exact
        for step in (1, 2 * total - 1, 2 * total * 10**5 + 1, 2 * total * (10**5 + 1) - 1):
            exact = mpf(low) + (1 - mpf(low)) / total
            assert abs(schedules.cyclic(total, low)(step) - exact) <= 4e-16 * exact
