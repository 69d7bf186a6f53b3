"""The rows on lists keep their bounds however long a list is, as docs/primitives.md states them."""

import math
import random

import pytest
from mpmath import mp, mpf

import autograd
from autograd import PRIMITIVES, Value, gradients

LENGTHS = pytest.mark.parametrize("n", [2, 3, 5, 10, 30, 60, 300, 1000, 10_000])
SHORT = pytest.mark.parametrize("n", [2, 3, 10, 60, 300, 1000])


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(40):
        yield


def growth(n):
    """What length adds to the bounds of partials of logsumexp and surprise."""
    return max(0.0, math.log2(n / 4.0))


def error(found, exact, condition=1.0):
    """The error in units in the last place, times max(1, condition)."""
    unit = mpf(math.ulp(float(exact))) * max(1, condition)
    return float(abs(mpf(found) - exact) / unit)


def spread(n):
    """Lists of n numbers: nearly equal ones, grids, any, and some with one far above."""
    rng = random.Random(n)
    yield [rng.uniform(-0.01, 0.01) for _ in range(n)]
    yield [4.1, *[0.3 + rng.uniform(-1e-3, 1e-3) for _ in range(n - 1)]]
    if n > 1000:
        return
    yield [i / 100 for i in range(n)]
    yield [-i / 1000 for i in range(n)]
    yield [0.1] * n
    yield [rng.gauss(0, 1) for _ in range(n)]
    for top in (2.05, 4.1, math.log(n) - 2.5):
        yield [top, *[rng.uniform(-0.01, 0.01) for _ in range(n - 1)]]


def shares(xs):
    """The softmax of xs, the sum of its sizes times those of xs, and log of the sum."""
    powers = [mp.exp(mpf(x)) for x in xs]
    total = mp.fsum(powers)
    parts = [e / total for e in powers]
    return parts, mp.fsum([abs(mpf(x)) * p for x, p in zip(xs, parts, strict=True)]), mp.log(total)


def share_condition(xs, parts, mean_size, i):
    """The condition number of a part: the sum of the sizes of x (i == j) - p, over all x."""
    return abs(mpf(xs[i])) * (1 - 2 * parts[i]) + mean_size


def places(n, rng):
    return [0, n - 1, *[rng.randrange(n) for _ in range(200)]]


@LENGTHS
def test_dot_adds_from_left_to_right(n):
    bound = PRIMITIVES["dot"].ulp[0] + (n - 2) / 2.0
    for xs in spread(n):
        for y in (1.0, 0.1, -0.7):
            terms = [mpf(x) * mpf(y) for x in xs]
            exact = mp.fsum(terms)
            condition = mp.fsum(map(abs, terms)) / abs(exact)
            assert error(autograd.dot(xs, [y] * n), exact, condition) <= bound


def test_the_sum_of_a_thousand_equal_products_is_off_as_its_row_says():
    found = error(autograd.dot([0.1] * 1000, [1.0] * 1000), mpf(0.1) * 1000)
    assert 90.0 < found < 2.0 + 998 / 2.0
    assert "each one more adds 1/2" in PRIMITIVES["dot"].limits


@LENGTHS
def test_values_of_lists(n):
    rng = random.Random(n)
    for xs in spread(n):
        exact = mp.fsum(map(mpf, xs))
        assert autograd.sum(xs) == float(exact)
        assert autograd.mean(xs) == float(exact / n)
        assert autograd.max(xs) == -autograd.min([-x for x in xs]) == sorted(xs)[-1]
        exact = mp.sqrt(mp.fsum([mpf(x) ** 2 for x in xs]))
        assert error(autograd.norm(xs), exact) <= PRIMITIVES["norm"].ulp[0]
        factors = [1.0 + rng.uniform(-1e-2, 1e-2) for _ in xs]
        exact = mp.fprod(map(mpf, factors))
        assert error(autograd.prod(factors), exact, n) <= PRIMITIVES["prod"].ulp[0]
        parts, size, total = shares(xs)
        assert error(autograd.logsumexp(xs), total, size / abs(total)) <= 2.0
        own = total - mpf(xs[-1])
        condition = (size + abs(mpf(xs[-1])) * (1 - 2 * parts[-1])) / own
        assert error(autograd.surprise(xs), own, condition) <= 2.0
        logs = autograd.log_softmax(xs)
        for i in places(n, rng):
            condition = share_condition(xs, parts, size, i)
            exact = mpf(xs[i]) - total
            assert error(logs[i], exact, condition / abs(exact)) <= 2.0


@LENGTHS
def test_partials_of_lists(n):
    rng = random.Random(n)
    for xs in spread(n):
        z = mp.sqrt(mp.fsum([mpf(x) ** 2 for x in xs]))
        slopes = autograd.grad(autograd.norm)(xs)
        for i in places(n, rng):
            condition = 2 * (1 - (mpf(xs[i]) / z) ** 2)
            assert error(slopes[i], mpf(xs[i]) / z, condition) <= PRIMITIVES["norm"].ulp[1]
        factors = [1.0 + rng.uniform(-1e-2, 1e-2) for _ in xs]
        product, slopes = mp.fprod(map(mpf, factors)), autograd.grad(autograd.prod)(factors)
        for i in places(n, rng):
            exact = product / mpf(factors[i])
            assert error(slopes[i], exact, n - 1) <= PRIMITIVES["prod"].ulp[1]
        parts, size, _ = shares(xs)
        found = {
            "logsumexp": autograd.grad(autograd.logsumexp)(xs),
            "surprise": autograd.grad(autograd.surprise)(xs),
            "softmax": autograd.softmax(xs),
        }
        bounds = {
            "logsumexp": PRIMITIVES["logsumexp"].ulp[1] + growth(n),
            "surprise": PRIMITIVES["surprise"].ulp[1] + growth(n),
            "softmax": 2.0 + math.log2(n),
        }
        for name, slopes in found.items():
            for i in places(n, rng):
                if name != "surprise" or i < n - 1:
                    condition = share_condition(xs, parts, size, i)
                    assert error(slopes[i], parts[i], condition) <= bounds[name], (name, i)
    assert set(autograd.grad(autograd.max)([0.5] * n)) == {1.0 / n}
    assert set(autograd.grad(autograd.mean)([0.5] * n)) == {1.0 / n}


@SHORT
def test_second_derivatives_of_lists(n):
    rng = random.Random(n)
    for xs in spread(n):
        i = rng.randrange(n)
        js = [j for j in {0, n - 1, *[rng.randrange(n) for _ in range(20)]} if j != i]
        nodes = [Value(x) for x in xs]
        z = mp.sqrt(mp.fsum([mpf(x) ** 2 for x in xs]))
        second = gradients(gradients(autograd.norm(nodes), nodes)[i], [nodes[j] for j in js])
        for j, found in zip(js, second, strict=True):
            assert error(found.data, -mpf(xs[i]) * mpf(xs[j]) / z**3, 1.0) <= 16.0
        parts, _, _ = shares(xs)
        for row in (autograd.logsumexp, autograd.surprise):
            second = gradients(gradients(row(nodes), nodes)[i], [nodes[j] for j in js])
            for j, found in zip(js, second, strict=True):
                bound = row.primitive.ulp[2] + 2.0 * growth(n)
                assert error(found.data, -parts[i] * parts[j]) <= bound
