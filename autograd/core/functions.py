"""The functions that are more than their row.

They have a default, take a bool or two lists, or are composed of several rows.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from ..errors import DataTypeError, DomainError, IndexDomainError, LengthError
from . import modes
from . import primitives as rows
from .arguments import NOTHING, check_order, real_number, shown_as, told
from .engine import make_paired, make_ternary
from .value import Operand, Value, data_of
from .words import names_checked, refuse


@names_checked
def where(condition: "Operand | bool", a: Operand, b: Operand) -> Any:
    """Return a if the condition is true, else b.

    Only the chosen side receives a gradient, 1. The condition receives 0.

    Args:
        condition: A bool, a number or a Value. It is true if it is not 0.
        a: The number if it is true.
        b: The number if it is false.

    Examples:
        >>> from autograd import Value, where
        >>> x = Value(-2.0)
        >>> where(x > 0.0, x, 0.1 * x).data
        -0.2
    """
    is_bool = condition.__class__.__name__ in ("bool", "bool_")
    return _where(float(condition) if is_bool else condition, a, b)


@names_checked
def clip(x: Operand, low: float, high: float) -> Any:
    """Return the number from low to high that is nearest to x.

    The derivative with respect to x is 1 from low to high, both included, and 0 elsewhere.

    Raises:
        DomainError: low is greater than high.
    """
    return _clip(x, low, high)


@names_checked
def take(values: Sequence[Any], index: Operand) -> Any:
    """Return values[index], where index may be a Value.

    The values are numbers, or rows of numbers: lists of the same length. Then
    the result is a row.

    Raises:
        IndexDomainError: index is none of 0, 1, ..., len(values) - 1. It is an
            IndexError.
        LengthError: Rows differ in length.
    """
    check_order("take takes a list of numbers and an index", values)
    if not hasattr(values, "__getitem__") or getattr(values, "shape", None) == ():
        raise DataTypeError(f"take takes a list of numbers and an index, not {told(values)}")
    if len(values) and isinstance(next(iter(values)), (list, tuple)):
        lengths = {len(row) if isinstance(row, (list, tuple)) else None for row in values}
        if len(lengths) > 1:
            raise LengthError(
                "take(rows, index) chooses one of several rows of the same length, "
                f"not of the lengths {[len(r) if hasattr(r, '__len__') else r for r in values]}"
            )
        return [take(column, index) for column in zip(*values, strict=True)]
    try:
        return rows.take([*values, index])
    except IndexDomainError:
        raise IndexDomainError(
            f"take: the index {told(data_of(index))} is none of a list of {len(values)}: "
            "count from 0, in whole numbers"
        ) from None


@names_checked
def sample(source: Callable[[], float]) -> Any:
    """Return a random number, source().

    In a jitted function it is drawn anew at every call. The number of source()
    alone would be burnt in.
    """
    if not callable(source):
        raise DataTypeError(
            f"sample takes a function that draws, as lambda: rng.random(), not {source!r}"
        )
    interpreter = modes.current() if modes.active else None
    drawn = source() if interpreter is None else interpreter.draw(source)
    if drawn.__class__ is not float and not isinstance(drawn, Value):
        real_number(drawn, "sample: what source() gives")
    return drawn


@shown_as(lambda x, slope=0.01: None)
def leaky_relu(
    x: Operand = NOTHING, slope: Operand = 0.01, *others: object, **options: object
) -> Any:
    """Return x if x > 0, else slope * x.

    The derivative with respect to x is 1 for x > 0, else slope. At x = 0 it is
    slope. Source: Maas et al. 2013.
    """
    if others or options or x is NOTHING:
        refuse(leaky_relu, (x, slope, *others), options)
    return _leaky_relu(x, slope)


@shown_as(lambda x, alpha=1.0: None)
def elu(x: Operand = NOTHING, alpha: Operand = 1.0, *others: object, **options: object) -> Any:
    """Return x if x > 0, else alpha * (exp(x) - 1).

    The derivative with respect to x is 1 for x > 0, else alpha * exp(x). At x = 0
    it is alpha. Source: Clevert et al. 2016.
    """
    if others or options or x is NOTHING:
        refuse(elu, (x, alpha, *others), options)
    return _elu(x, alpha)


@names_checked
def _dot(xs: Sequence[Operand], ys: Sequence[Operand]) -> Any:
    """Return x1*y1 + x2*y2 + ..., added from left to right.

    The derivative with respect to x1 is y1, and the other way round.

    Raises:
        LengthError: The lists differ in length.

    Examples:
        >>> from autograd import dot
        >>> dot([1.0, 2.0], [3.0, 4.0])
        11.0
    """
    for zs in (xs, ys):
        check_order("dot takes two lists of numbers", zs)
        if not hasattr(zs, "__len__") or getattr(zs, "shape", None) == ():
            raise DataTypeError(f"dot takes two lists of numbers, not {told(xs)} and {told(ys)}")
    if len(xs) != len(ys):
        raise LengthError(
            f"dot of lists of length {len(xs)} and {len(ys)}: "
            "it pairs their elements, so both must have the same length"
        )
    return rows.dot((*xs, *ys))


@shown_as(lambda xs: None)
def softmax(xs: Sequence[Any] = NOTHING, *others: object, **options: object) -> list[Any]:
    """Return exp(x) / (exp(x1) + exp(x2) + ...) for every x.

    The results are at least 0 and sum to 1. Where one x is inf, it has 1 and all others
    0, which is the limit. Where several are inf, or all are -inf, these have nan. The
    results are computed from x - max(xs), so that nothing overflows. The denominator is
    exp(x) plus the sum of all others. So the derivatives keep their digits where a result
    is near 1.
    With z = softmax(xs), the derivative of z1 with respect to x1 is z1 * (1 - z1),
    and with respect to x2 it is -z1 * z2.

    Examples:
        >>> from autograd import softmax
        >>> softmax([0.0, 0.0])
        [0.5, 0.5]
    """
    if others or options or xs is NOTHING:
        refuse(softmax, (xs, *others), options)
    xs = _listed("softmax", xs)
    # A top of inf would turn the infinity less itself to nan, and all results with it.
    top = rows.stop_gradient(rows.minimum(rows.max(xs), sys.float_info.max))
    powers = [rows.exp(x - top) for x in xs]
    return [rows.fraction(*pair) for pair in zip(powers, rows.sums_of_others(powers), strict=True)]


def _listed(name: str, xs: Any) -> list[Any]:
    """Return the operands as a list, or say that there is none."""
    check_order(f"{name} takes one list of numbers", xs)
    try:
        operands = [*xs]
    except TypeError:
        raise DataTypeError(f"{name} takes one list of numbers, not {told(xs)}") from None
    if not operands:
        raise DomainError(f"{name}(): it is defined for a list that is not empty")
    return [x if isinstance(x, Value) else real_number(x, name) for x in operands]


@shown_as(lambda xs: None)
def log_softmax(xs: Sequence[Any] = NOTHING, *others: object, **options: object) -> list[Any]:
    """Return x - log(exp(x1) + exp(x2) + ...) for every x.

    These are the logarithms of softmax(xs). They are finite where softmax itself
    would vanish. Where one x is inf, it has 0 and all others -inf. Where several are
    inf, or all of several are -inf, all results are nan. With z = log_softmax(xs), the
    derivative of z1 with respect to x1 is 1 - exp(z1), and with respect to x2 it is
    -exp(z2). It keeps its digits where exp(z1) is near 1.
    """
    if others or options or xs is NOTHING:
        refuse(log_softmax, (xs, *others), options)
    xs = _listed("log_softmax", xs)
    if len(xs) == 2:
        x, y = xs
        return [rows.log_sigmoid(x - y), rows.log_sigmoid(y - x)]
    top = rows.stop_gradient(rows.max(xs))
    rest = [rows.gap(x, top) for x in xs]
    total = rows.logsumexp(rest)
    one_leads = total < _LOG_2
    # Where several are infinite and the largest, no limit exists: top - top is nan.
    shared = total * (top - top + 1.0)
    if one_leads is False:
        return [x - shared for x in rest]
    return _logs_beside_a_leader(rest, shared, one_leads)


_LOG_2 = math.log(2.0)


def _logs_beside_a_leader(rest: list[Any], shared: Any, one_leads: Any) -> list[Any]:
    """Return log_softmax of numbers whose largest is 0, if one_leads, else x - shared.

    One leads where its part is above 1/2. Its derivative, 1 less the part, would
    lose its digits in x - shared: the surprise at it does not take anything from 1.
    The total then is the surprise plus the leader, so that all others need no
    second pass through the list. The program of jit, which does not know whether
    and where one leads, has both forms.
    """
    if one_leads is True:
        k = [*map(data_of, rest)].index(0.0)
        leader = rest.pop(k)
        surprise = rows.surprise([*rest, leader])
        total = surprise + leader
        logs = [x - total for x in rest]
        logs.insert(k, -surprise)
        return logs
    bound = rows.where(one_leads, 0.0, math.inf)
    leads = [x >= bound for x in rest]
    place = rows.dot([*leads, *map(float, range(len(rest)))])
    leader = rows.max(rest)
    others = [
        rows.where(rows.greater(place, float(i)), *pair) for i, pair in enumerate(pairwise(rest))
    ]
    surprise = rows.surprise([*others, leader])
    total = rows.where(one_leads, surprise + leader, shared)
    return [rows.where(x, -surprise, y - total) for x, y in zip(leads, rest, strict=True)]


_where, _clip = (make_ternary(f.primitive, checked=True) for f in (rows.where, rows.clip))
_leaky_relu, _elu = rows.leaky_relu.primitive.total, rows.elu.primitive.total
dot: Callable[[Sequence[Operand], Sequence[Operand]], Any] = make_paired(rows.dot.primitive, _dot)
Value.clip = clip  # type: ignore[method-assign, assignment]
