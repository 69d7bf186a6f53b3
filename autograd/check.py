"""Two ways to find a wrong or broken derivative: comparison with finite differences, and the first nan or infinity with its place."""

import math
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import modes
from .engine import RECORDER, no_grad, number
from .errors import AnomalyError, GradientError
from .functional import grad, leaves, rebuild
from .row import NOT_COMPUTED, Primitive
from .value import Operand, Value

_EPS = sys.float_info.epsilon


@dataclass(frozen=True)
class GradientReport:
    """What check_gradients found: how many entries it compared and the worst of them, its error as a multiple of the bound."""

    entries: int
    worst: str
    derivative: float
    difference: float
    error: float

    def __str__(self) -> str:
        return (
            f"{self.entries} derivatives compared; the worst, {self.worst}: {self.derivative!r} by the chain rule, {self.difference!r} by finite "
            f"differences, {self.error:.3g} of the bound apart"
        )


def check_gradients(f: Callable[..., Any], *args: Any, order: int = 2) -> GradientReport:
    """Compare the derivatives of f at args, up to the given order, with finite differences; f returns one number.

    A first derivative is compared with the central difference (f(x + h) - f(x - h)) / 2h, extrapolated from h and h/2 (Richardson) so that its
    error is of order h^4; a second derivative with the same difference of the first. With the step h = max(1, |x|) eps^(1/5) truncation and
    rounding balance near eps^(4/5); the bound is the difference between the two extrapolations' inputs, which estimates the truncation, plus
    the rounding of f. Returns a report; raises GradientError that names the worst entry if one lies beyond its bound.
    """
    if order not in (1, 2):
        raise GradientError(f"order is 1 or 2, not {order!r}")
    positions = range(len(args))
    flat = [float(number(x)) for x in leaves(list(args))]

    def at(function: Callable[..., Any]) -> Callable[[list[float]], list[float]]:
        def numbers(xs: list[float]) -> list[float]:
            return [float(number(z)) for z in leaves(function(*rebuild(list(args), xs)))]

        return numbers

    first = grad(f, positions)
    worst: GradientReport | None = None
    entries = 0
    stages: list[tuple[str, Callable[[list[float]], list[float]], Callable[[list[float]], list[list[float]]]]] = []
    with no_grad():
        value = at(f)
    stages.append(("df/dx[{j}]", value, lambda xs: [at(first)(xs)]))
    if order == 2:
        def second(i: int) -> Callable[..., Any]:
            return grad(lambda *xs: leaves(first(*xs))[i], positions)

        stages.append(("d2f/dx[{i}]dx[{j}]", at(first), lambda xs: [at(second(i))(xs) for i in range(len(xs))]))
    for name, function, derivative in stages:
        exact = derivative(flat)
        for j, x in enumerate(flat):
            differences = _central(function, flat, j, x)
            for i, (difference, bound) in enumerate(differences):
                entries += 1
                error = abs(exact[i][j] - difference)
                ratio = 0.0 if error == 0.0 else error / bound if bound > 0.0 else math.inf
                if worst is None or not ratio <= worst.error:
                    worst = GradientReport(0, name.format(i=i, j=j), exact[i][j], difference, ratio)
    if worst is None:
        raise GradientError("there is nothing to check: f has no arguments")
    report = GradientReport(entries, worst.worst, worst.derivative, worst.difference, worst.error)
    if not report.error <= 1.0:
        raise GradientError(f"{report}. Look at the partials of the primitives on the way, or whether the point lies on a kink.")
    return report


def _central(function: Callable[[list[float]], list[float]], xs: list[float], j: int, x: float) -> list[tuple[float, float]]:
    """For every result of function, its derivative by xs[j] and a bound on the error of that estimate."""

    def slopes(h: float) -> tuple[list[float], list[float]]:
        up, down = x + h, x - h
        above, below = function([*xs[:j], up, *xs[j + 1 :]]), function([*xs[:j], down, *xs[j + 1 :]])
        noise = [_EPS * (abs(a) + abs(b)) / (up - down) for a, b in zip(above, below, strict=True)]
        return [(a - b) / (up - down) for a, b in zip(above, below, strict=True)], noise

    h = max(1.0, abs(x)) * _EPS**0.2
    (coarse, _), (fine, noise) = slopes(h), slopes(h / 2.0)
    return [((4.0 * b - a) / 3.0, abs(b - a) / 8.0 + 64.0 * n + _EPS * abs(b)) for a, b, n in zip(coarse, fine, noise, strict=True)]


_HERE = str(Path(__file__).parent)


class _Anomalies(modes.Interpreter):
    def __init__(self) -> None:
        self.places: dict[Value, str] = {}

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        z = super().apply(op, operands, checked)
        frame = sys._getframe()
        while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
            frame = frame.f_back
        self.places[z] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        if not math.isfinite(z._data):
            raise AnomalyError(f"forward: {_call(z)} gave {z._data!r} at {self.places[z]}. The inputs are what to look at, or the function's range.")
        return z

    def pulled(self, node: Value) -> None:
        for parent, p in zip(node.parents, node.local_derivatives(), strict=True):
            if parent.grad is not NOT_COMPUTED and not math.isfinite(parent.grad):
                raise AnomalyError(
                    f"backward: {_call(node)}, made at {self.places.get(node, 'a line before detect_anomaly')}, passed {parent.grad!r} to "
                    f"{parent!r}: local derivative {p!r} times upstream gradient {node.grad!r}. Keep its input away from that point."
                )


def _call(node: Value) -> str:
    return f"{node.op.name}({', '.join(repr(parent._data) for parent in node.parents)})"


def detect_anomaly() -> AbstractContextManager[None]:
    """Within `with detect_anomaly():` the first nan or infinity that an operation of this thread gives, forward or backward, raises AnomalyError,
    which names the primitive, its inputs and the source line that made the node. Several times slower than without.
    """
    return modes.interpreting(_Anomalies(), RECORDER)
