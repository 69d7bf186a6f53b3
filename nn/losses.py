"""Losses: `loss(outputs, targets, *, reduction="mean")`, a Value, for a batch.

`outputs` is [model(x) for x in X]. An output is a list of n_out Values; one
Value counts as a list of one. A target is a number where n_out is 1, else a
list of n_out numbers. For `cross_entropy` it is a class index or a list of
n_out probabilities. For a sequence, output and target are the lists of those of
its steps. One row is loss([output], [target]).

The reduction "mean" is over all numbers, for `cross_entropy` over all rows or
steps; "sum" adds. Formulas and gradients are stated for one of them. Losses of
classes take logits, which may be any real numbers, before sigmoid or softmax.

All raise LengthError for an empty batch, and for outputs and targets that do
not pair. They raise DataTypeError for what is no batch and for a target that is
no real number, and ArgumentError for another reduction.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from math import frexp, ldexp
from typing import TYPE_CHECKING, Any

import autograd
from autograd import (
    Value,
    dot,
    equal,
    greater,
    log_sigmoid,
    log_softmax,
    relu,
    scale,
    sqrt,
    surprise,
    take,
    where,
)
from autograd.errors import ArgumentError, DataTypeError, IndexDomainError, LengthError
from autograd.extending import (
    LITERAL,
    UNORDERED,
    among,
    elsewhere,
    floats_of,
    is_bool,
    real_number,
    told,
    within,
)

from .arguments import check_function, names_checked
from .data.checks import check_rows, is_sequence
from .outputs import Outputs

__all__ = ["binary_cross_entropy", "cross_entropy", "hinge", "huber", "l1", "l2", "mae", "mse"]

Loss = Callable[..., Any]
ORDER = "outputs come first, then targets, as in nn.mse(outputs, targets)"


@names_checked
def mse(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean squared error: (o - t)^2.

    At least 0, and 0 where o = t. The gradient 2 (o - t) grows with the error.
    See nn.losses for outputs, targets and reduction.
    """
    pairs = paired_numbers(outputs, targets)
    return _reduced_over_rows([autograd.pow(o - t, 2) for o, t in pairs], reduction)


@names_checked
def mae(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean absolute error: abs(o - t).

    At least 0, and 0 where o = t. The gradient is the sign of the error, 0 at
    o = t. See nn.losses for outputs, targets and reduction.
    """
    return _reduced_over_rows([abs(o - t) for o, t in paired_numbers(outputs, targets)], reduction)


@names_checked
def huber(
    outputs: Sequence[Any], targets: Sequence[Any], *, delta: float = 1.0, reduction: str = "mean"
) -> Any:
    """Quadratic for small errors e = o - t, linear for large ones (Huber 1964).

    e^2 / 2 where abs(e) <= delta, else delta (abs(e) - delta / 2). At least 0.

    Args:
        outputs: See nn.losses.
        targets: See nn.losses.
        delta: Where the line begins, above 0.
        reduction: "mean" or "sum".

    Raises:
        ArgumentError: delta is not above 0.
    """
    [delta] = floats_of(locals(), delta="(0, inf)")
    terms = []
    for o, t in paired_numbers(outputs, targets):
        d = o - t
        e = abs(d)
        quadratic = 0.5 * d * d  # of d: the slope of abs at 0 would make its curvature 0
        linear = delta * (e - 0.5 * delta)
        terms.append(where(greater(e, delta), linear, quadratic))
    return _reduced_over_rows(terms, reduction)


@names_checked
def hinge(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """relu(1 - s o), where s is -1 for target 0 and +1 for target 1.

    At least 0, and 0 once the output lies beyond 1 on the right side (Cortes
    and Vapnik 1995). See nn.losses for outputs, targets and reduction.

    Raises:
        ArgumentError: A target is not 0 or 1.
    """
    allowed = "hinge takes the targets 0 and 1 (it makes them -1 and +1)"
    pairs = _checked_targets(outputs, targets, allowed, lambda t: -abs(t * (1.0 - t)))
    return _reduced_over_rows([relu(1.0 - (2.0 * t - 1.0) * o) for o, t in pairs], reduction)


@names_checked
def binary_cross_entropy(
    outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean"
) -> Any:
    """-t log p - (1 - t) log(1 - p), with p = sigmoid(o).

    This is the surprise, in nats, at a target t that was given the probability
    p. At least 0. The gradient at the logit o is p - t. See nn.losses for
    outputs, targets and reduction.

    Raises:
        ArgumentError: A target is not from 0 to 1.
    """
    allowed = "binary_cross_entropy takes targets from 0 to 1, the probability of class 1"
    pairs = _checked_targets(outputs, targets, allowed, lambda t: t * (1.0 - t))
    terms = [-_part(t, log_sigmoid(o)) - _part(1.0 - t, log_sigmoid(-o)) for o, t in pairs]
    return _reduced_over_rows(terms, reduction)


def _part(t: Any, u: Any) -> Any:
    """Return t * u: 0 where t is 0, even if u is infinite."""
    return scale(t, u) if isinstance(t, Value) else t * u if t else 0.0


@names_checked
def cross_entropy(
    outputs: Sequence[Any],
    targets: Sequence[Any],
    *,
    reduction: str = "mean",
    ignore_index: int | None = None,
    weight: Sequence[float] | None = None,
) -> Any:
    """-log softmax(o)[t], the surprise in nats at class t.

    For a list t of n_out probabilities, which are not checked, it is
    -sum_j t_j log softmax(o)[j]. At least 0. The gradient at the logits o is
    softmax(o) - t.

    Args:
        outputs: For each row, or each step of a sequence, n_out logits. The
            logit -inf excludes a class. Where several are the largest and infinite,
            such as -inf at all classes, the result is nan.
        targets: For each row or step, a class index, 0 <= t < n_out, or a list
            of n_out probabilities.
        reduction: "mean" or "sum". With weights the mean is a weighted one: the
            sum of the weighted terms divided by the sum of the weights.
        ignore_index: A target that leaves its row out, such as -1 for padding.
        weight: For each class a number, at least 0, that multiplies its terms. In a
            mean, one more than 1e290 times smaller than the largest may count as 0.

    Raises:
        IndexDomainError: A target is no class.
        LengthError: A list of probabilities or the weights are not n_out.
        ArgumentError: A weight is negative, or no row is left for the mean.

    Examples:
        >>> import nn
        >>> nn.cross_entropy([[0.0, 0.0], [0.0, 9.0]], [1, -1], ignore_index=-1)
        0.6931471805599453
    """
    within(locals(), ignore_index="..., 0, 1, ... or None")
    _check_reduction(reduction)
    rows = list(paired_rows(outputs, targets))
    if weight is None and ignore_index is None:
        return _reduced_over_rows([_surprise(o, t) for o, t in rows], reduction)
    if weight is not None and not is_sequence(weight):
        raise DataTypeError(f"weight is a list, a number for each class, not {told(weight)}")
    if weight is not None:
        weight = [floats_of({"weight": w}, weight="[0, inf)")[0] for w in weight]
    if weight is not None and reduction == "mean" and not any(isinstance(w, Value) for w in weight):
        exponent = frexp(max(weight, default=0.0))[1]
        weight = [ldexp(w, -exponent) for w in weight]  # at most 1: no term overflows
    weighted = [_weighted_surprise(o, t, ignore_index, weight) for o, t in rows]
    if reduction != "mean":
        return _reduced_over_rows([term for term, _ in weighted], reduction)
    total, divisor = (autograd.mean(terms) for terms in zip(*weighted, strict=True))
    try:
        return total / divisor  # of means, for sums may overflow
    except ZeroDivisionError:
        raise ArgumentError(
            "no row is left for the mean: all targets are ignored or have weight 0"
        ) from None


@names_checked
def l2(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * (sum of p^2).

    Large weights then cost more than they help, unless the data need them.

    Raises:
        ArgumentError: strength is below 0.
    """
    [strength] = floats_of(locals(), strength="[0, inf)")
    check_rows("parameters", parameters, "Values, as model.parameters() gives")
    return strength * dot(parameters, parameters)


@names_checked
def l1(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * (sum of abs(p)).

    It drives weights that do not help to 0.

    Raises:
        ArgumentError: strength is below 0.
    """
    [strength] = floats_of(locals(), strength="[0, inf)")
    check_rows("parameters", parameters, "Values, as model.parameters() gives")
    return strength * autograd.sum([autograd.abs(p) for p in parameters])


def check_loss(loss: Any, trained: bool = True) -> None:
    """Raise DataTypeError unless this is a function that may be a loss.

    Args:
        loss: What was given.
        trained: Whether it is to be descended, which no metric can be.
    """
    what = "a function of (outputs, targets), such as nn.mse"
    check_function("loss", loss, what, 2)
    if fault := _other_than_loss(loss, trained):
        raise DataTypeError(f"loss is {what}, and {fault}")


def _other_than_loss(function: Any, trained: bool) -> str:
    """Return what a function of the project is that is no loss, in words; "" of others.

    Args:
        function: The function, also in a functools.partial.
        trained: Whether it is to be descended, which no metric can be.
    """
    function = getattr(function, "func", function)
    name, place = getattr(function, "__name__", ""), getattr(function, "__module__", "")
    package, _, module = str(place).partition(".")
    modules = accumulate(str(place).split("."), "{}.{}".format)
    places = [x for x in modules if getattr(sys.modules.get(x), name, None) is function]
    if package not in ("nn", "autograd") or not places:
        return ""
    called = f"{places[0]}.{name}"
    if module == "losses" and name in __all__ and name not in ("l1", "l2"):
        return ""
    if module == "losses" and name in ("l1", "l2"):
        loss = {"l1": "mae", "l2": "mse"}[name]
        return (
            f"{called} is a penalty of parameters: the loss is loss=nn.{loss}, and beside it may "
            f"stand penalty=lambda params: {called}(params, 1e-3)"
        )
    if module == "metrics":
        return trained * (
            f"{called} is a metric, which has no gradient: its place is metrics=, beside a loss "
            "such as nn.mse of numbers or nn.cross_entropy of classes"
        )
    if name.startswith("clip_"):
        return f"{called} clips gradients: write clip_norm=1.0, beside a loss"
    return f"{called} is none"


def paired_rows(
    outputs: Sequence[Any], targets: Sequence[Any]
) -> Iterator[tuple[Sequence[Any], Any]]:
    """Yield each row's output as a list, with its target, and a sequence's steps.

    Raises:
        LengthError: Outputs and targets do not pair, or there are none.
        DataTypeError: They are no lists, or a target is no real number.
    """
    for name, rows in (("outputs", outputs), ("targets", targets)):
        if not is_sequence(rows):
            raise DataTypeError(
                f"{name} must be a list, an element for each row of a batch, not {told(rows)}: "
                "for many rows pass ([model(x) for x in X], y), one row is loss([output], [target])"
            )
    if len(outputs) != len(targets) or not len(outputs):
        raise LengthError(
            "at least one output is needed and a target for each, "
            f"but there are {len(outputs)} outputs and {len(targets)} targets"
            f"{': one row is loss([output], [target])' * (len(targets) == 1)}"
        )
    for output, given in zip(outputs, targets, strict=True):
        target = _plain(given)
        several = is_sequence(target)
        if several and isinstance(given, Outputs) and _is_plain(output):
            raise DataTypeError(
                f"the target {told(target)} is what a model gives, "
                f"and its output {told(output)} is not: {ORDER}"
            )
        for t in target if several else [target]:
            if t is None or isinstance(t, (str, bytes, complex, *UNORDERED)):
                raise DataTypeError(
                    f"the target {told(target)} is no real number: for a class give its "
                    "index, 0, 1, ..."
                )
        if output is None:
            raise DataTypeError("an output is None: the model's forward returns nothing")
        check_output(output)
        row = list(output) if is_sequence(output) else [output]  # without the labels of a Series
        if not is_sequence(row[0]):
            yield row, target
        elif several:
            yield from paired_rows(row, target)
        else:
            raise LengthError(
                f"{len(row)} steps of output have one target, {told(target)}: "
                "give one a step, or let the model end in Last()"
            )


def check_output(output: Any) -> None:
    """Raise DataTypeError for what is no number and no list of them, LengthError for []."""
    several = is_sequence(output)
    numbers = output if several else [output]
    if not len(numbers):
        raise LengthError("an output is an empty list: the model's forward returns no number")
    for o in numbers:
        if not (isinstance(o, (Value, float)) or (several and is_sequence(o))):
            real_number(o, "an output")


def _is_plain(output: Any) -> bool:
    """Whether an output is made of numbers that no model has given."""
    row = output if is_sequence(output) else [output]
    return not isinstance(output, Outputs) and not any(isinstance(o, Value) for o in row)


def _plain(target: Any) -> Any:
    """A target with numbers in the place of literals."""
    if isinstance(target, Value):
        return target.data if target.op is LITERAL else target
    if isinstance(target, (list, tuple)) and any(isinstance(t, Value) for t in target):
        return [_plain(t) for t in target]
    return target


def paired_numbers(outputs: Sequence[Any], targets: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each number of each output with that of its target.

    Raises:
        LengthError: Outputs and targets do not pair, or there are none.
        DataTypeError: They are no lists, or a target is no real number.
    """
    for output, target in paired_rows(outputs, targets):
        expected = target if is_sequence(target) else [target]
        if len(expected) != len(output):
            raise LengthError(
                f"the target {told(target)} has {len(expected)} numbers "
                f"and its output {len(output)}"
            )
        for o, t in zip(output, expected, strict=True):
            yield (
                o if isinstance(o, Value) else real_number(o, "an output"),
                t if isinstance(t, Value) else real_number(t, "a target"),
            )


def _surprise(logits: Sequence[Any], target: Any) -> Any:
    """Return -log softmax(logits)[target], or its sum over a list of probabilities.

    `surprise` takes the logits of the other classes first, and that of the target
    last. It is right to the last digits, also where it is tiny.
    """
    n = len(logits)
    if is_sequence(target):
        _check_probabilities(target, n)
        return _expected(target, log_softmax(logits))
    index = None if isinstance(target, Value) else target
    if is_bool(index):
        raise DataTypeError(f"the target {index} is no class: give its index, as int({index})")
    if index is not None and index not in range(n):
        if n == 1:
            raise IndexDomainError(
                f"the target is {told(target)}, and the output has one logit: cross_entropy needs "
                "a logit for each class; one output for two classes takes binary_cross_entropy"
            )
        raise IndexDomainError(
            f"an output of {n} logits has the classes 0 to {n - 1}, not {told(target)}"
        )
    if index is None:
        others = [where(greater(target, j), *pair) for j, pair in enumerate(pairwise(logits))]
        return surprise([*others, take(logits, target)])
    i = int(index)
    return surprise([*logits[:i], *logits[i + 1 :], logits[i]])


def _check_probabilities(target: Sequence[Any], n: int) -> None:
    """Raise LengthError unless these are n, DataTypeError unless they are numbers or Values."""
    if len(target) != n:
        raise LengthError(
            f"a target of {len(target)} probabilities does not fit an output of {n} logits: "
            f"{ORDER if n == 1 else 'a class is its index alone, as 0 or 1'}"
        )
    for t in target:
        if not isinstance(t, Value):
            real_number(t, "a target's probability")


def _expected(probabilities: Sequence[Any], logs: Sequence[Any]) -> Any:
    """Return minus the sum of the products. A class of probability 0 adds nothing to it."""
    # Even if its logit is -inf.
    known = [
        where(equal(t, 0.0), 0.0, u) if isinstance(t, Value) else u if t else 0.0
        for t, u in zip(probabilities, logs, strict=True)
    ]
    return -dot(list(probabilities), known)


def _weighted_surprise(
    logits: Sequence[Any], target: Any, ignored: int | None, weight: Sequence[Any] | None
) -> tuple[Any, Any]:
    """Return the surprise at the target times its weight, and the weight."""
    if weight is not None and len(weight) != len(logits):
        raise LengthError(
            f"{len(weight)} weights do not fit an output of {len(logits)} logits: give one a class"
        )
    weights = [1.0] * len(logits) if weight is None else list(weight)
    if is_sequence(target):
        _check_probabilities(target, len(logits))
        floats = [t if isinstance(t, Value) else real_number(t, "a target") for t in target]
        scaled = [t * w for t, w in zip(floats, weights, strict=True)]
        return _surprise(logits, scaled), autograd.sum(scaled)
    if ignored is None or not isinstance(target, Value):
        if target == ignored and not is_bool(target):
            return 0.0, 0.0
        surprise = _surprise(logits, target)
        w = take(weights, target if isinstance(target, Value) else int(target))
        return _part(w, surprise), w
    kept = 1.0 - equal(target, ignored)
    known = where(kept, target, 0.0)
    w = kept * take(weights, known)
    return _part(w, where(kept, _surprise(logits, known), 0.0)), w


def _checked_targets(
    outputs: Sequence[Any], targets: Sequence[Any], allowed: str, room: Callable[[Any], Any]
) -> list[tuple[Any, Any]]:
    """Return the paired numbers, if room(t) >= 0 for all targets t.

    Raises:
        ArgumentError: A target has no room. It says what is `allowed`.
    """
    pairs = list(paired_numbers(outputs, targets))
    for _, t in pairs:
        inside = room(t) >= 0.0
        if isinstance(inside, Value):
            # A program cannot look at a number while it is recorded. The domain
            # of this node keeps the check for when it runs.
            sqrt(where(inside, 0.0, -1.0))
        elif not inside:
            raise ArgumentError(f"{allowed}, not {t!r}{f': {ORDER}' * isinstance(t, Value)}")
    return pairs


def _check_reduction(reduction: Any) -> None:
    """Raise ArgumentError unless this is a reduction."""
    if not among(reduction, ("mean", "sum")):
        raise ArgumentError(f'reduction is "mean" or "sum", not {told(reduction)}')


def _reduced_over_rows(terms: list[Any], reduction: str) -> Any:
    """Return the mean or the sum of the terms."""
    _check_reduction(reduction)
    return autograd.mean(terms) if reduction == "mean" else autograd.sum(terms)


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.losses", "nn.foreign")
