"""Learning-rate schedules: functions from the count of steps to a factor.

The rate of a step is `optimizer.lr * factor`; steps count from 0. `fit`,
`train_step` and `optimizer.step(factor)` take schedules. They work on floats
and on Values alike: pieces are chosen with `where` and `minimum`, never with
`if`. Factors lie from 0 to 1, but for a gamma above 1. Where a factor is too
large for a float it is inf, where it is too small it is 0.

A setting outside its range raises ArgumentError.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable
from math import inf, pi
from sys import float_info
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd import Value, floor, maximum, pow, scale, sin, where
from autograd.errors import ArgumentError
from autograd.extending import (
    among,
    elsewhere,
    ending_at_caller,
    floats_of,
    name_elsewhere,
    real_number,
    told,
    within,
)

from .arguments import Closed, check_function, names_checked
from .foreign_objects import OF_PLATEAUS

__all__ = [
    "ReduceOnPlateau",
    "cosine",
    "cyclic",
    "exponential",
    "linear",
    "step",
    "time_based",
    "warmup",
]

Schedule: TypeAlias = Callable[[Any], Any]


@names_checked
def time_based(decay: float) -> Schedule:
    """Fall as 1 / (1 + decay * step).

    Args:
        decay: At least 0.
    """
    [decay] = floats_of(locals(), decay="[0, inf)")
    return lambda step: 1.0 / (1.0 + scale(decay, _count(step)))


@names_checked
def exponential(gamma: float) -> Schedule:
    """Change by the same factor at every step: gamma ** step.

    Args:
        gamma: Above 0. Below 1 the rate falls; above 1 it grows, as for a range
            test.
    """
    [gamma] = floats_of(locals(), gamma="(0, inf)")
    return lambda step: pow(gamma, _count(step))


@names_checked
def step(size: int, gamma: float = 0.5) -> Schedule:
    """Drop every `size` steps: gamma ** floor(step / size).

    Args:
        size: At least 1.
        gamma: Above 0.
    """
    within(locals(), size="1, 2, ...")
    [gamma] = floats_of(locals(), gamma="(0, inf)")
    width = _size(size)
    return lambda step: pow(gamma, floor(_count(step) / width))


@names_checked
def cosine(total: int, low: float = 0.0) -> Schedule:
    """Fall from 1 to low along half a cosine, then stay.

    The factor is low + (1 - low) * (1 + cos(pi * step / total)) / 2.
    Source: Loshchilov and Hutter 2017, equation 5.

    Args:
        total: After how many steps low is reached, at least 1.
        low: In [0, 1].
    """
    within(locals(), total="1, 2, ...")
    [low] = floats_of(locals(), low="[0, 1]")
    whole = _size(total)

    def factor(step: Any) -> Any:
        root = sin(0.5 * pi * _left(step, whole))  # 1 + cos would cancel near the end
        return low + (1.0 - low) * (root * root)

    return factor


@names_checked
def linear(total: int, low: float = 0.0) -> Schedule:
    """Fall from 1 to low along a straight line, then stay.

    Args:
        total: After how many steps low is reached, at least 1.
        low: In [0, 1].
    """
    within(locals(), total="1, 2, ...")
    [low] = floats_of(locals(), low="[0, 1]")
    whole = _size(total)
    return lambda step: low + (1.0 - low) * _left(step, whole)


@names_checked
def warmup(steps: int, then: Schedule) -> Schedule:
    """Rise to 1 along a straight line, then follow another schedule from its step 0.

    The factor is (step + 1) / steps for the first steps. A ReduceOnPlateau as
    `then` takes its `update` from the caller, in `fit` from a callback.
    Source: Goyal et al. 2017, section 2.2.

    Args:
        steps: How many steps the rise takes, at least 1.
        then: As in `warmup(10, then=cosine(90))`.
    """
    within(locals(), steps="1, 2, ...")
    check_function("then", then, "a schedule, as cosine(90)", 1)
    rise = _size(steps)

    def factor(step: Any) -> Any:
        step = _count(step)
        try:
            following = then(maximum(step - rise, 0.0))
        except Exception as error:
            ending_at_caller(error)
            raise
        return where(step < rise, (step + 1.0) / rise, following)

    return factor


@names_checked
def cyclic(half: int, low: float = 0.0, mode: str = "triangular", gamma: float = 1.0) -> Schedule:
    """Rise from low to 1 and fall again, for ever; `optimizer.lr` is the highest rate.

    With cycle = floor(1 + step / (2 * half)) the factor is::

        low + (1 - low) * max(0, 1 - abs(step / half - 2 * cycle + 1)) * scale

    Source: Smith 2017.

    Args:
        half: The steps of a rise, at least 1; a fall takes as many.
        low: In [0, 1].
        mode: "triangular": the scale is 1. "triangular2": 1 / 2 ** (cycle - 1).
            "exp_range": gamma ** step.
        gamma: Above 0.

    Raises:
        ArgumentError: There is no such mode, or a number is outside its range.
    """
    within(locals(), half="1, 2, ...")
    low, gamma = floats_of(locals(), low="[0, 1]", gamma="(0, inf)")
    scales: dict[str, Any] = {
        "triangular": lambda t, before: 1.0,
        "triangular2": lambda t, before: pow(0.5, before),
        "exp_range": lambda t, before: pow(gamma, t),
    }
    if not among(mode, scales):
        raise ArgumentError(f"cyclic has the modes {', '.join(scales)}, not {told(mode)}")
    rise = _size(half)

    def factor(step: Any) -> Any:
        step = _count(step)
        before = floor(step / (2.0 * rise))  # how many cycles; the step in this one is exact
        height = maximum(0.0, rise - abs(step - 2.0 * rise * before - rise)) / rise
        scaled = where(height > 0.0, height * scales[mode](step, before), 0.0)  # not 0 * inf
        return low + (1.0 - low) * scaled

    return factor


def _count(step: Any) -> Any:
    """A count of steps as a float, inf if it is too large for one; a Value as it is."""
    return step if isinstance(step, Value) else real_number(step, "a schedule")


def _left(step: Any, whole: float) -> Any:
    """The share of the steps that are left. No digits are lost near the end."""
    return maximum(whole - _count(step), 0.0) / whole


def _size(steps: int) -> float:
    """A number of steps as a float, the largest one if it is too large for one."""
    return min(real_number(steps, "a schedule"), float_info.max)


class ReduceOnPlateau(Closed):
    """A schedule that cuts the rate when a metric no longer falls.

    The factor is 1 at first. It is multiplied by gamma when the metric has not
    fallen below its best for more than `patience` updates in a row, counted
    anew after each cut. `fit` calls `update` after every epoch, with the
    validation loss or, without validation rows, the training loss.

    Args:
        gamma: In (0, 1).
        patience: At least 0.
    """

    factor: float
    best: float
    bad_updates: int

    @names_checked
    def __init__(self, gamma: float = 0.1, patience: int = 10):
        within(locals(), patience="0, 1, ...")
        [self.gamma] = floats_of(locals(), gamma="(0, 1)")
        self.patience = int(patience)
        self.factor, self.best, self.bad_updates = 1.0, inf, 0

    def renewed(self, name: str, new: Any) -> Any:
        """Return what is kept for an attribute that is set again, a whole number as an int.

        Raises:
            ArgumentError: It is outside its range.
            DataTypeError: It is no number.
        """
        if name == "bad_updates":
            within({name: new}, bad_updates="0, 1, ...")
            return int(new)
        if name == "best":
            return real_number(new, name)
        if name == "factor":
            return floats_of({name: new}, factor="[0, inf)")[0]
        return super().renewed(name, new)

    def __call__(self, step: Any) -> float:
        return self.factor

    @names_checked
    def update(self, metric: float) -> None:
        """Take note of a metric, of which lower is better; nan counts as no better.

        Raises:
            DataTypeError: It is no number.
        """
        metric = real_number(metric, "update")
        better = metric < self.best
        best = metric if better else self.best
        factor, bad_updates = self.factor, 0 if better else self.bad_updates + 1
        if bad_updates > self.patience:
            factor, bad_updates = factor * self.gamma, 0
        vars(self).update(factor=factor, best=best, bad_updates=bad_updates)  # all or none


name_elsewhere(
    ReduceOnPlateau,
    OF_PLATEAUS
    | {
        "step": "plateau.update(metric), which nn.fit calls after every epoch",
        "get_last_lr": "optimizer.lr * plateau.factor",
        "num_bad_epochs": "plateau.bad_updates",
    },
)


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.schedules", "nn.foreign")
