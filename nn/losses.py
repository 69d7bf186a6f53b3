"""Losses: `loss(outputs, targets, *, reduction="mean") -> Value` on a batch, where outputs = [model(x) for x in X]. An output is a list of n_out
Values (one Value counts as a list of one); a target is a number or 0/1 for n_out = 1, a list of n_out numbers, or, for cross_entropy, a class index.
For a sequence, output and target are the lists of those of its steps. "mean" is over all numbers (cross_entropy: over all rows or steps), "sum" adds.
One row is loss([output], [target]). Losses of classes take logits, before sigmoid or softmax: exact at +-1000. Raises for what does not pair."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import autograd
from autograd import Value, dot, log_sigmoid, log_softmax, logsumexp, relu, take, where
from autograd.errors import DataTypeError, IndexDomainError, LengthError

Loss = Callable[..., Any]


def mse(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean squared error, (o - t)^2."""
    return _reduced([(o - t) ** 2 for o, t in paired_numbers(outputs, targets)], reduction)


def mae(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """Mean absolute error, |o - t|."""
    return _reduced([abs(o - t) for o, t in paired_numbers(outputs, targets)], reduction)


def huber(outputs: Sequence[Any], targets: Sequence[Any], *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), for e = o - t and delta > 0: quadratic near 0, linear far out (Huber 1964)."""
    errors = [abs(o - t) for o, t in paired_numbers(outputs, targets)]
    return _reduced([where(e <= delta, 0.5 * e * e, delta * (e - 0.5 * delta)) for e in errors], reduction)


def hinge(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """relu(1 - s o), with s = -1 for target 0 and +1 for target 1: 0 once the output is beyond 1 on the right side."""
    pairs = list(paired_numbers(outputs, targets))
    if other := [t for _, t in pairs if not isinstance(t, Value) and t not in (0, 1)]:
        raise ValueError(f"hinge takes the targets 0 and 1 (it makes them -1 and +1), not {other[0]!r}")
    return _reduced([relu(1.0 - (2.0 * t - 1.0) * o) for o, t in pairs], reduction)


def binary_cross_entropy(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """-t log p - (1 - t) log(1 - p), with p = sigmoid(o): the surprise, in nats, at a target that was given the probability p."""
    pairs = list(paired_numbers(outputs, targets))
    if other := [t for _, t in pairs if not isinstance(t, Value) and not 0 <= t <= 1]:
        raise ValueError(f"binary_cross_entropy takes targets from 0 to 1, the probability of class 1, not {other[0]!r}")
    return _reduced([-t * log_sigmoid(o) - (1.0 - t) * log_sigmoid(-o) for o, t in pairs], reduction)


def cross_entropy(outputs: Sequence[Any], targets: Sequence[Any], *, reduction: str = "mean") -> Any:
    """-log softmax(o)[t] for a class index t; -sum_j t_j log softmax(o)[j] for a list of probabilities t."""
    rows = list(paired_rows(outputs, targets))
    for o, t in rows:
        if hasattr(t, "__len__"):
            if len(t) != len(o):
                raise LengthError(f"a target of {len(t)} probabilities does not fit an output of {len(o)} logits")
        elif not isinstance(t, Value) and t not in range(len(o)):
            raise IndexDomainError(f"an output of {len(o)} logits has the classes 0 to {len(o) - 1}, not {t!r}")
    return _reduced([-dot(t, log_softmax(o)) if hasattr(t, "__len__") else logsumexp(o) - take(o, t) for o, t in rows], reduction)


def l2(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * sum of p^2: large weights cost more than they help unless the data need them."""
    return strength * dot(parameters, parameters)


def l1(parameters: Sequence[Any], strength: float) -> Any:
    """The penalty strength * sum of |p|, which drives weights that do not help to 0."""
    return strength * autograd.sum([abs(p) for p in parameters])


def paired_rows(outputs: Sequence[Any], targets: Sequence[Any]) -> Iterator[tuple[Sequence[Any], Any]]:
    """Each row's output as a list, with its target; a sequence gives its steps one by one."""
    for rows in (outputs, targets):
        if not hasattr(rows, "__len__"):
            raise DataTypeError(f"a loss takes the lists of the outputs and targets of a batch, not {rows!r}: one row is loss([output], [target])")
    if len(outputs) != len(targets) or not len(outputs):
        raise LengthError(f"at least one output is needed and a target for each, but there are {len(outputs)} outputs and {len(targets)} targets")
    for output, target in zip(outputs, targets, strict=True):
        if isinstance(target, str):
            raise DataTypeError(f"the target {target!r} is text: give the index of its class, 0, 1, ...")
        row = output if isinstance(output, Sequence) else [output]
        if not row or not isinstance(row[0], Sequence):
            yield row, target
        elif hasattr(target, "__len__"):
            yield from paired_rows(row, target)
        else:
            raise LengthError(f"{len(row)} steps of output have one target, {target!r}: give one a step, or let the model end in Last()")


def paired_numbers(outputs: Sequence[Any], targets: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Each number of each output with that of its target."""
    for output, target in paired_rows(outputs, targets):
        expected = target if hasattr(target, "__len__") else [target]  # a list, tuple or array
        if len(expected) != len(output):
            raise LengthError(f"the target {target!r} has {len(expected)} numbers and its output {len(output)}")
        yield from zip(output, expected, strict=True)


def _reduced(terms: list[Any], reduction: str) -> Any:
    if reduction not in ("mean", "sum"):
        raise ValueError(f'reduction is "mean" or "sum", not {reduction!r}')
    return autograd.mean(terms) if reduction == "mean" else autograd.sum(terms)
