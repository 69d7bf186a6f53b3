"""training_page: a small net that trains in a page, beside its graph."""

from collections.abc import Sequence
from typing import Any

from autograd import StepThrough, Value, step_through
from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import LITERAL, Training, within

from .losses import Loss, binary_cross_entropy, hinge
from .module import Module
from .tracing import trace


def training_page(
    model: Module,
    X: Sequence[Sequence[float]],
    y: Sequence[float],
    *,
    loss: Loss,
    row: int = 0,
) -> StepThrough:
    """Show the graph of one row, and train on all rows in the page.

    The page descends the mean loss of all rows, as `fit` does with SGD and one
    batch. It draws what the model says over the first two features. Nothing in
    Python changes.

    Args:
        model: A small net with one output, such as `MLP(2, [8, 8, 1])`.
        X: At most 100 rows of numbers.
        y: A number for each row.
        loss: A loss of nn's on one output, such as `nn.hinge`.
        row: The row whose graph is shown at first.

    Raises:
        ArgumentError: There is no such row, the model has several outputs, or
            the loss chooses by a comparison, as `nn.huber` does.
        DrawingError: Too many rows, or a graph of more than 2,000 nodes.
        DataTypeError: A row or a target holds something else than numbers.

    Examples:
        >>> import nn
        >>> X, y = nn.data.moons(20, seed=1)
        >>> model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
        >>> nn.training_page(model, X, y, loss=nn.hinge)
        <backward through loss, 43 nodes: .save('backprop.html')>
    """
    within(locals(), row="0, 1, ...")
    if row >= len(X) or len(X) != len(y):
        raise ArgumentError(
            f"row={row} is none of {len(X)} rows with {len(y)} targets: give each row a target"
        )
    try:
        rows = [[float(number) for number in values] for values in X]
        targets = [float(target) for target in y]
    except (TypeError, ValueError) as error:
        raise DataTypeError("X holds rows of numbers, and y a number for each row") from error
    x = [Value(number, f"x{i + 1}") for i, number in enumerate(rows[row])]
    target = Value(targets[row], "y")
    with trace(model) as traced:
        outputs: Any = model(x)
        result = loss([outputs], [[target]])
    if _chooses_in_python(result):
        raise ArgumentError(
            f"{getattr(loss, '__name__', loss)} chooses by a comparison that Python has made for "
            "this row alone, as nn.huber does: take a loss without one, such as nn.mse"
        )
    outputs = outputs if isinstance(outputs, list) else [outputs]
    if len(outputs) != 1:
        raise ArgumentError(f"a page trains a model with one output, not {len(outputs)}")
    [output] = outputs
    output.label, result.label = "output", "loss"
    logits = loss in (hinge, binary_cross_entropy)
    threshold = 0.0 if logits else (min(targets) + max(targets)) / 2
    training = Training(x, target, output, rows, targets, threshold)
    return step_through(result, traced, training=training)


def _chooses_in_python(result: Value) -> bool:
    """Whether a condition in the graph is a plain number: it holds for this row alone."""
    seen: set[Value] = set()
    stack = [result]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        parents = node.parents
        stack += parents
        rules = node.op.partials
        if isinstance(rules, tuple) and any(map(callable, rules)):
            for x, rule in zip(parents, rules, strict=True):
                if rule == 0.0 and x.op is LITERAL:
                    return True
    return False
