"""Losses: `loss(outputs, targets, *, reduction="mean") -> Value` on a batch, where outputs = [model(x) for x in X]. An output is a list of n_out
Values (one Value counts as a list of one); a target is a number or 0/1 for n_out = 1, a list of n_out numbers, or, for cross_entropy, a class index.
For a sequence, output and target are the lists of those of its steps. "mean" is over all numbers (cross_entropy: over all rows or steps), "sum" adds;
formulas and gradients are stated for one of them. One row is loss([output], [target]). Losses of classes take logits, any real numbers, before
sigmoid or softmax: exact at +-1000. All raise LengthError for an empty batch and for outputs and targets that do not pair, DataTypeError for what is
no batch and for a target that is no real number, and ArgumentError for another reduction."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import autograd
from autograd import Value, dot, log_sigmoid, log_softmax, logsumexp, relu, sqrt, take, where
from autograd.errors import ArgumentError, DataTypeError, IndexDomainError, LengthError
from autograd.extending import real_number, within

Loss = Callable[..., Any]


def mse(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean squared error, (o - t)^2, for any numbers t: at least 0, 0 where o = t; its gradient 2 (o - t) grows with the error. See nn.losses."""
    return _reduced(
        [autograd.pow(o - t, 2) for o, t in paired_numbers(outputs, targets)], reduction
    )


def mae(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean absolute error, |o - t|, for any numbers t: at least 0, 0 where o = t; its gradient is the error's sign, at o = t 0. See nn.losses."""
    return _reduced([abs(o - t) for o, t in paired_numbers(outputs, targets)], reduction)


def huber(
    outputs: Sequence[Any], targets: Sequence[Any], *, delta: float = 1.0, reduction: str = "mean"
) -> Any:
    """e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), for e = o - t: quadratic near 0, linear far out (Huber 1964). At least 0, for any
    numbers t. Raises ArgumentError unless delta > 0."""
    within(locals(), delta="(0, inf)")
    errors = [abs(o - t) for o, t in paired_numbers(outputs, targets)]
    return _reduced(
        [where(e <= delta, 0.5 * e * e, delta * (e - 0.5 * delta)) for e in errors], reduction
    )


def hinge(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """relu(1 - s o), with s = -1 for target 0 and +1 for target 1: at least 0, and 0 once the output is beyond 1 on the right side (Cortes and Vapnik
    1995). Raises ArgumentError for a target that is not 0 or 1."""
    pairs = _checked(
        outputs,
        targets,
        "hinge takes the targets 0 and 1 (it makes them -1 and +1)",
        lambda t: -abs(t * (1.0 - t)),
    )
    return _reduced([relu(1.0 - (2.0 * t - 1.0) * o) for o, t in pairs], reduction)


def binary_cross_entropy(
    outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean"
) -> Any:
    """-t log p - (1 - t) log(1 - p), with p = sigmoid(o): the surprise, in nats, at a target t that was given the probability p. At least 0; the
    gradient at the logit o is p - t. Raises ArgumentError unless 0 <= t <= 1."""
    allowed = "binary_cross_entropy takes targets from 0 to 1, the probability of class 1"
    pairs = _checked(outputs, targets, allowed, lambda t: t * (1.0 - t))
    return _reduced(
        [-t * log_sigmoid(o) - (1.0 - t) * log_sigmoid(-o) for o, t in pairs], reduction
    )


def cross_entropy(
    outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean"
) -> Any:
    """-log softmax(o)[t] for a class index t, 0 <= t < n_out; -sum_j t_j log softmax(o)[j] for a list t of n_out probabilities, at least 0 and adding
    to 1 (not checked). At least 0, in nats; the gradient at the logits o is softmax(o) - t. Raises IndexDomainError for an index that is no class."""
    rows = list(paired_rows(outputs, targets))
    for o, t in rows:
        if hasattr(t, "__len__"):
            if len(t) != len(o):
                raise LengthError(
                    f"a target of {len(t)} probabilities does not fit an output of {len(o)} logits"
                )
        elif not isinstance(t, Value) and t not in range(len(o)):
            classes = (
                f"the classes 0 to {len(o) - 1}"
                if len(o) > 1
                else "one class (two take binary_cross_entropy)"
            )
            raise IndexDomainError(f"an output of {len(o)} logits has {classes}, not {t!r}")
    return _reduced(
        [
            -dot(list(t), log_softmax(o)) if hasattr(t, "__len__") else logsumexp(o) - take(o, t)
            for o, t in rows
        ],
        reduction,
    )


def l2(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * sum of p^2: large weights cost more than they help unless the data need them. Raises ArgumentError for strength < 0."""
    within(locals(), strength="[0, inf)")
    return strength * dot(parameters, parameters)


def l1(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * sum of |p|, which drives weights that do not help to 0. Raises ArgumentError for strength < 0."""
    within(locals(), strength="[0, inf)")
    return strength * autograd.sum([abs(p) for p in parameters])


def paired_rows(
    outputs: Sequence[Any], targets: Sequence[Any]
) -> Iterator[tuple[Sequence[Any], Any]]:
    """Each row's output as a list, with its target; a sequence gives its steps one by one. Raises LengthError and DataTypeError as the losses do."""
    for rows in (outputs, targets):
        if not hasattr(rows, "__len__"):
            raise DataTypeError(
                f"a loss takes the lists of the outputs and targets of a batch, not {rows!r}: one row is loss([output], [target])"
            )
    if len(outputs) != len(targets) or not len(outputs):
        raise LengthError(
            f"at least one output is needed and a target for each, but there are {len(outputs)} outputs and {len(targets)} targets"
        )
    for output, target in zip(outputs, targets, strict=True):
        for t in target if hasattr(target, "__len__") else [target]:
            if t is None or isinstance(t, (str, complex)):
                raise DataTypeError(
                    f"the target {target!r} is no real number: for a class give its index, 0, 1, ..."
                )
        if output is None:
            raise DataTypeError("an output is None: the model's forward returns nothing")
        row = output if isinstance(output, Sequence) else [output]
        if not row or not isinstance(row[0], Sequence):
            yield row, target
        elif hasattr(target, "__len__"):
            yield from paired_rows(row, target)
        else:
            raise LengthError(
                f"{len(row)} steps of output have one target, {target!r}: give one a step, or let the model end in Last()"
            )


def paired_numbers(outputs: Sequence[Any], targets: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Each number of each output with that of its target. Raises LengthError and DataTypeError as the losses do."""
    for output, target in paired_rows(outputs, targets):
        expected = target if hasattr(target, "__len__") else [target]  # a list, tuple or array
        if len(expected) != len(output):
            raise LengthError(
                f"the target {target!r} has {len(expected)} numbers and its output {len(output)}"
            )
        yield from zip(
            output,
            [t if isinstance(t, Value) else real_number(t, "a target") for t in expected],
            strict=True,
        )


def _checked(
    outputs: Sequence[Any], targets: Sequence[Any], allowed: str, room: Callable[[Any], Any]
) -> list[tuple[Any, Any]]:
    """The paired numbers, all targets t with room(t) >= 0. Raises ArgumentError, which says what is `allowed`, for another."""
    pairs = list(paired_numbers(outputs, targets))
    for _, t in pairs:
        inside = room(t) >= 0.0
        if isinstance(
            inside, Value
        ):  # a recorded program, in which no number can be looked at, keeps the domain of this as its check
            sqrt(where(inside, 0.0, -1.0))
        elif not inside:
            raise ArgumentError(f"{allowed}, not {t!r}")
    return pairs


def _reduced(terms: list[Any], reduction: str) -> Any:
    """The mean or the sum of the terms."""
    if reduction not in ("mean", "sum"):
        raise ArgumentError(f'reduction is "mean" or "sum", not {reduction!r}')
    return autograd.mean(terms) if reduction == "mean" else autograd.sum(terms)
