"""Sequences whose order matters: one list of numbers a step, or one word."""

import random
from collections.abc import Sequence
from math import pi, sin

from .tables import DataError


def recall_at_lag(n: int = 100, lag: int = 40, seed: int = 0) -> tuple[list[list[list[float]]], list[int]]:
    """Binary recall: the marked first item is the answer, `lag` random items of the same alphabet follow, so that only memory helps. A step is
    [item, mark] with the item -1 or 1 and the mark 1 for the first step, else 0; the target is 1 where the first item is 1."""
    rng = random.Random(seed)
    X = [[[rng.choice((-1.0, 1.0)), float(step == 0)] for step in range(lag + 1)] for _ in range(n)]
    return X, [int(steps[0][0] > 0) for steps in X]


def counting_sentences(n: int = 54, seed: int = 0) -> tuple[list[list[str]], list[int]]:
    """Sentences to count by, such as "there were 4 cans , broke 3 , came 1", and how many cans there are at the end (here 2). Of 3 to 5 cans, 1 to 3
    break before or after 1 to 3 come: 54 sentences in random order, anew after every 54. "broke" and "came" exchanged change only the answer."""
    rng = random.Random(seed)
    every = [
        (f"there were {start} cans , {first} {a} , {second} {b}".split(), start + sign * (b - a))
        for start in (3, 4, 5)
        for first, second, sign in (("broke", "came", 1), ("came", "broke", -1))
        for a in (1, 2, 3)
        for b in (1, 2, 3)
    ]
    drawn = [sentence for _ in range(0, n, len(every)) for sentence in rng.sample(every, len(every))][:n]
    return [words for words, _ in drawn], [answer for _, answer in drawn]


def time_series(n: int = 200, noise: float = 0.05, seed: int = 0) -> list[float]:
    """A yearly and a slower wave, sampled every month: sin(2 pi t / 12) + sin(2 pi t / 31) / 2, with normal noise."""
    rng = random.Random(seed)
    return [sin(2 * pi * t / 12) + sin(2 * pi * t / 31) / 2 + rng.gauss(0, noise) for t in range(n)]


def windows(series: Sequence[float], width: int) -> tuple[list[list[list[float]]], list[float]]:
    """Every `width` successive numbers, one to a step, and the number that follows them."""
    if not 1 <= width < len(series):
        raise DataError(f"a window of a series of {len(series)} has 1 to {len(series) - 1} steps, not {width}")
    starts = range(len(series) - width)
    return [[[x] for x in series[i : i + width]] for i in starts], [series[i + width] for i in starts]
