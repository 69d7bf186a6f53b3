"""training_page: a small net that trains in a page, beside its graph."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from typing import Any

from autograd import StepThrough, Value, step_through, topological_order
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import LITERAL, Training, real_number, told, within

from .arguments import names_checked
from .data.checks import check_rows
from .layers import Dropout
from .losses import Loss, binary_cross_entropy, check_loss, hinge
from .module import Module, check_model
from .outputs import cost_of
from .step import class_1_above
from .tracing import trace

LOSS = "loss"  # the group of what computes it


@names_checked
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
        model: A small net, such as `MLP(2, [8, 8, 1])`. It has one output, or one
            for each of at most 6 classes.
        X: At most 100 rows of numbers.
        y: A number for each row; with several outputs the number of a class.
        loss: A loss of nn's, such as `nn.hinge`, or `nn.cross_entropy` for
            several outputs.
        row: The row whose graph is shown at first.

    Raises:
        ArgumentError: There is no such row, a target is no class, the model
            drops numbers, or the loss takes several targets or, a user's own,
            chooses by a comparison.
        DrawingError: Too many rows or outputs, or a graph of more than 2,000
            nodes.
        DataTypeError: A row or a target holds something else than numbers.

    Examples:
        >>> import nn
        >>> X, y = nn.data.moons(20, seed=1)
        >>> model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
        >>> nn.training_page(model, X, y, loss=nn.hinge)
        <backward through loss, 43 nodes: .save('backprop.html')>
    """
    within(locals(), row="0, 1, ...")
    check_model(model)
    check_loss(loss)
    check_rows("X", X)
    check_rows("y", y)
    if row >= len(X) or len(X) != len(y):
        raise ArgumentError(
            f"row={told(row)} is none of {len(X)} rows with {len(y)} targets: "
            "give each row a target"
        )
    try:
        rows = [[real_number(number, "a row") for number in values] for values in X]
        targets = [real_number(target, "a target") for target in y]
    except TypeError as error:
        raise DataTypeError(
            f"X holds rows of numbers, and y a number for each row: {error}"
        ) from error
    parts = [part for _, part in model.named_modules()]
    if any(isinstance(part, Dropout) and part.training and part.p for part in parts):
        raise ArgumentError(
            "the model drops numbers in training, and a page cannot draw anew for each row: "
            "call model.eval() first, or take one without Dropout"
        )
    x = [Value(number, f"x{i + 1}") for i, number in enumerate(rows[row])]
    target = Value(targets[row], "y")
    with trace(model) as traced:
        made: Any = model(x)
        outputs = made if isinstance(made, list) else [made]
        if len(outputs) > 1:
            _check_classes(targets, len(outputs))
        try:
            result = cost_of(loss, [made], [target])
        except LengthError as error:
            raise ArgumentError(
                f"{getattr(loss, '__name__', loss)} wants a target for each of {len(outputs)} "
                "outputs, and a page trains several outputs on a class: take nn.cross_entropy, or "
                "a model with one output"
            ) from error
    if _chooses_in_python(result):
        raise ArgumentError(
            f"{getattr(loss, '__name__', loss)} chooses by a comparison that Python has made for "
            "this row alone: write it with where and greater, or take one of nn's, as nn.huber"
        )
    for i, output in enumerate(outputs):
        output.label = "output" if len(outputs) == 1 else f"output.{i}"
    result.label = "loss"
    for node in topological_order(result):
        if node.parents and node not in traced:
            traced[node] = (LOSS, 0)
    logits = loss in (hinge, binary_cross_entropy)
    threshold = class_1_above(model)
    if not threshold and not logits:
        threshold = (min(targets) + max(targets)) / 2
    training = Training(x, target, outputs, rows, targets, threshold, [LOSS])
    return step_through(result, traced, training=training)


def _check_classes(targets: Sequence[float], count: int) -> None:
    """Refuse a target that is no class, before a loss takes it for an index."""
    for target in targets:
        if target not in range(count):
            raise ArgumentError(
                f"the target {told(target)} is no class of {count} outputs: with several outputs a "
                f"target is the number of a class, 0 to {count - 1}"
            )


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
