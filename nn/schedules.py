"""Learning-rate schedules: functions step -> factor, where the rate of a step is `optimizer.lr * factor` and steps count from 0. `fit` and
`optimizer.step(factor)` take them. They are arithmetic valid for a float and for a Value alike: pieces are chosen with `where` and `minimum`, never
with `if`. Factors lie from 0 to 1, but for a gamma above 1. Raises ArgumentError for settings outside their ranges."""

from collections.abc import Callable
from math import inf, pi
from typing import Any

from autograd import cos, floor, maximum, minimum, where
from autograd.errors import ArgumentError
from autograd.extending import within

Schedule = Callable[[Any], Any]


def time_based(decay: float) -> Schedule:
    """1 / (1 + decay step), with decay >= 0."""
    within(locals(), decay="[0, inf)")
    return lambda step: 1.0 / (1.0 + decay * step)


def exponential(gamma: float) -> Schedule:
    """gamma ** step, with gamma > 0: below 1 the rate falls, above, as for a range test, it grows."""
    within(locals(), gamma="(0, inf)")
    return lambda step: gamma**step


def step(size: int, gamma: float = 0.5) -> Schedule:
    """gamma ** floor(step / size), with gamma > 0: the rate drops every `size` >= 1 steps."""
    within(locals(), size="1, 2, ...", gamma="(0, inf)")
    return lambda step: gamma ** floor(step / size)


def cosine(total: int, low: float = 0.0) -> Schedule:
    """low + (1 - low) (1 + cos(pi step / total)) / 2: from 1 to low in [0, 1] in `total` >= 1 steps, then low (Loshchilov and Hutter 2017, eq. 5)."""
    within(locals(), total="1, 2, ...", low="[0, 1]")
    return lambda step: low + (1.0 - low) * 0.5 * (1.0 + cos(pi * minimum(step / total, 1.0)))


def linear(total: int, low: float = 0.0) -> Schedule:
    """1 + (low - 1) step / total: from 1 to low in `total` >= 1 steps, then low, 0 <= low <= 1."""
    within(locals(), total="1, 2, ...", low="[0, 1]")
    return lambda step: 1.0 + (low - 1.0) * minimum(step / total, 1.0)


def warmup(steps: int, then: Schedule) -> Schedule:
    """(step + 1) / steps for the first `steps` >= 1 steps, after which `then` begins at its own step 0: `warmup(10, then=cosine(90))`
    (Goyal et al. 2017, section 2.2). A ReduceOnPlateau as `then` takes its `update` from the caller, in `fit` from a callback."""
    within(locals(), steps="1, 2, ...")
    return lambda step: where(step < steps, (step + 1.0) / steps, then(maximum(step - steps, 0.0)))


def cyclic(half: int, low: float = 0.0, mode: str = "triangular", gamma: float = 1.0) -> Schedule:
    """Up from low to 1 in `half` >= 1 steps, down again in `half`, for ever (Smith 2017); `optimizer.lr` is the highest rate:
    low + (1 - low) max(0, 1 - |step / half - 2 cycle + 1|) s, with cycle = floor(1 + step / (2 half)) and s = 1 for "triangular",
    1 / 2 ** (cycle - 1) for "triangular2", gamma ** step for "exp_range"; 0 <= low <= 1, gamma > 0. Raises ArgumentError for another mode."""
    within(locals(), half="1, 2, ...", low="[0, 1]", gamma="(0, inf)")
    scales: dict[str, Any] = {
        "triangular": lambda t, n: 1.0,
        "triangular2": lambda t, n: 0.5 ** (n - 1.0),
        "exp_range": lambda t, n: gamma**t,
    }
    if mode not in scales:
        raise ArgumentError(f"cyclic has the modes {', '.join(scales)}, not {mode!r}")

    def factor(step: Any) -> Any:
        cycle = floor(1.0 + step / (2 * half))
        return low + (1.0 - low) * maximum(
            0.0, 1.0 - abs(step / half - 2.0 * cycle + 1.0)
        ) * scales[mode](step, cycle)

    return factor


class ReduceOnPlateau:
    """A schedule whose factor, at first 1, is multiplied by `gamma`, 0 < gamma < 1, when the metric has not fallen below its best for more than
    `patience` >= 0 updates in a row, counted anew after each cut. `fit` calls `update` with the validation loss (without validation data, the
    training loss) after every epoch."""

    def __init__(self, gamma: float = 0.1, patience: int = 10):
        within(locals(), gamma="(0, 1)", patience="0, 1, ...")
        self.gamma, self.patience = gamma, patience
        self.factor, self.best, self.bad_updates = 1.0, inf, 0

    def __call__(self, step: Any) -> float:
        return self.factor

    def update(self, metric: float) -> None:
        """Take note of a metric, of which lower is better; a nan counts as no better."""
        self.best, self.bad_updates = (
            (metric, 0) if metric < self.best else (self.best, self.bad_updates + 1)
        )
        if self.bad_updates > self.patience:
            self.factor, self.bad_updates = self.factor * self.gamma, 0
