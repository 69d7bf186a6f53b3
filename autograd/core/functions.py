"""The functions that are more than their row: a default, a bool, two lists, or a composition of rows."""

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import LengthError
from . import modes
from . import primitives as rows
from .engine import make_paired
from .value import Operand, Value


def where(condition: "Operand | bool", a: Operand, b: Operand) -> Any:
    """a if condition else b. The condition is a bool, a number or a Value, true if not 0; only the chosen side receives a gradient."""
    return rows.where(
        float(condition) if condition.__class__.__name__ in ("bool", "bool_") else condition, a, b
    )


def clip(x: Operand, low: float, high: float) -> Any:
    """min(max(x, low), high), for low <= high. Its derivative is 1 from low to high, both edges included, and 0 elsewhere."""
    return rows.clip(x, low, high)


def take(values: Sequence[Any], index: Operand) -> Any:
    """Return values[index], where index may be a Value.

    The values are numbers, or rows of numbers: lists of the same length. Then
    the result is a row.

    Raises:
        IndexDomainError: index is none of 0, 1, ..., len(values) - 1. It is an
            IndexError.
        LengthError: Rows differ in length.
    """
    if len(values) and isinstance(values[0], (list, tuple)):
        lengths = {len(row) if isinstance(row, (list, tuple)) else None for row in values}
        if len(lengths) > 1:
            raise LengthError(
                "take(rows, index) chooses one of several rows of the same length, "
                f"not of the lengths {[len(r) if hasattr(r, '__len__') else r for r in values]}"
            )
        return [take(column, index) for column in zip(*values, strict=True)]
    return rows.take([*values, index])


def sample(source: Callable[[], float]) -> Any:
    """source(), a random number. In a jitted function it is drawn anew at every call, where source() alone would be burnt in."""
    interpreter = modes.current() if modes.active else None
    return source() if interpreter is None else interpreter.draw(source)


def leaky_relu(x: Operand, slope: Operand = 0.01) -> Any:
    """x if x > 0 else slope * x (Maas et al. 2013); the derivative at 0 is slope."""
    return rows.leaky_relu(x, slope)


def elu(x: Operand, alpha: Operand = 1.0) -> Any:
    """x if x > 0 else alpha * (exp(x) - 1) (Clevert et al. 2016); the derivative at 0 is alpha."""
    return rows.elu(x, alpha)


def dot(xs: Sequence[Operand], ys: Sequence[Operand]) -> Any:
    """x1*y1 + x2*y2 + ..., added from left to right. Raises LengthError if the lists differ in length."""
    if len(xs) != len(ys):
        raise LengthError(
            f"dot of lists of length {len(xs)} and {len(ys)}: it pairs their elements, so both must have the same length"
        )
    return _dot(xs, ys)


def softmax(xs: Sequence[Any]) -> list[Any]:
    """exp(x) / (exp(x1) + exp(x2) + ...) for every x: positive numbers that sum to 1. Computed on x - max(xs), so that nothing overflows."""
    xs = [*xs]
    top = rows.stop_gradient(rows.max(xs))
    powers = [rows.exp(x - top) for x in xs]
    total = rows.sum(powers)
    return [power / total for power in powers]


def log_softmax(xs: Sequence[Any]) -> list[Any]:
    """x - log(exp(x1) + exp(x2) + ...) for every x: the logarithms of softmax(xs), finite where softmax itself would vanish."""
    xs = [*xs]
    top = rows.stop_gradient(rows.max(xs))
    rest = [x - top for x in xs]
    total = rows.logsumexp(rest)
    return [x - total for x in rest]


_dot = make_paired(rows.dot.primitive)
Value.clip = clip  # type: ignore[method-assign, assignment]
