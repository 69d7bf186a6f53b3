"""diagnose: is a net healthy? One forward and backward pass, layer by layer."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import autograd
from autograd import Value, grad, norm
from autograd.extending import PRIMITIVES, Grid, assign_grads, differentiating

from .arguments import names_checked
from .data.checks import check_rows, not_finite
from .layers import Layer, Neuron, resolved
from .losses import Loss, check_loss
from .module import Module, check_model
from .optim import SGD, Optimizer, overflowed
from .outputs import cost_of
from .step import around, check_optimizer, misfit
from .tracing import trace


class LayerReport(NamedTuple):
    """The measurements of one Layer over all rows, as `diagnose` defines them.

    Attributes:
        path: Where the Layer stands in the model.
        mean: The mean of its activations.
        std: Their standard deviation, at least 0.
        dead: The share of its units that are dead, from 0 to 1.
        saturated: The share of its activations that are saturated, from 0 to 1.
        gradient_norm: The norm of dL/dZ, at least 0.
        update_ratio: The size of the next step beside that of the weights.
    """

    path: str
    mean: float
    std: float
    dead: float
    saturated: float
    gradient_norm: float
    update_ratio: float


class Diagnosis(NamedTuple):
    """What `diagnose` found; a table as text and in a notebook.

    Attributes:
        layers: A LayerReport for each Layer, in the order of the data's way.
        problems: What is wrong and what to try, in words.
    """

    layers: list[LayerReport]
    problems: list[str]

    def _grid(self) -> Grid:
        """Return the table."""
        head = ["layer", "mean A", "std A", "dead", "satur.", "|dL/dZ|", "update"]
        rows = [
            [
                r.path,
                f"{r.mean:.3g}",
                f"{r.std:.3g}",
                f"{r.dead:.0%}",
                f"{r.saturated:.0%}",
                f"{r.gradient_norm:.3g}",
                f"{r.update_ratio:.3g}",
            ]
            for r in self.layers
        ]
        return Grid("Health of the layers", head, rows, self.problems or ["nothing stands out"])

    def __str__(self) -> str:
        return str(self._grid())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return self._grid().html()


@names_checked
def diagnose(
    model: Module,
    X: Sequence[Any],
    y: Sequence[Any],
    loss: Loss,
    optimizer: Optimizer | None = None,
) -> Diagnosis:
    """Run one batch forward and backward, and report on every Layer called.

    A problem is named in these cases:

    - Half of the units of a layer are dead, in 4 or more rows. A unit is dead
      if its activation has slope 0 in every row.
    - More than half of the activations of a layer are saturated: their slope is
      below 0.01 in size, but not 0.
    - Two units have equal weights and gradients.
    - A number of the data is not finite. Then nothing else is named.
    - The loss or a measurement is not finite.
    - The loss is not 0, and yet the gradient is 0 at every Layer.
    - The optimizer keeps the infinite square of a gradient, and moves that
      parameter no more.
    - A loss that takes logits is given the outputs of sigmoid or softmax.
    - In 3 or more layers, the norm of dL/dZ changes by a factor below 0.5 or
      above 1.25 a layer.

    Activations A are measured before a softmax. Z is what an activation is
    applied to. The update ratio is the norm of the optimizer's next change of a
    layer's parameters divided by their norm; it is infinite for weights of 0.
    The pass changes nothing of the model or the optimizer, but Dropout draws.

    Args:
        model: The model, in training or eval mode.
        X: The rows of the batch.
        y: Their targets.
        loss: The loss of the training.
        optimizer: What is to take the next step; None is plain descent at rate
            1.

    Raises:
        DataTypeError: `model` is no Module, or another argument has the wrong
            type.
        Exception: What model and loss raise.
    """
    check_model(model)
    check_loss(loss)
    if optimizer is not None:
        check_optimizer(optimizer)
    check_rows("X", X)
    check_rows("y", y)
    mover = optimizer or SGD(model.parameters(), lr=1.0)
    changed = list(dict.fromkeys([*model.parameters(), *mover.params]))
    before = [p.grad for p in changed]

    def diagnosed() -> Diagnosis:
        model.zero_grad()
        with trace(model) as t, differentiating(()):  # as a training step is
            cost = cost_of(loss, [model(x) for x in X], y)
        cost.backward()
        change = {
            p: mover.rule(p.data, p.grad, s, mover.lr, mover.t + 1)[0] - p.data
            for p, s in zip(mover.params, mover.state, strict=True)
        }
        named = model.named_modules()
        layers = {path: module for path, module in named if isinstance(module, Layer)}
        sums = _sums(list(layers.values()), t)
        reports = [
            _report(path, layers[path], sums, change)
            for path in dict.fromkeys(c.path for c in t.calls if c.path in layers)
        ]
        if odd := [where for where in (not_finite("X", X), not_finite("y", y)) if where]:
            advice = "which training spreads to the weights: leave the row out or fill it in"
            rows = [where.split("]")[0] + "] has " + where.rsplit(" ", 1)[1] for where in odd]
            return Diagnosis(reports, [f"{x}, {advice}, and begin with a new model" for x in rows])
        problems = [] if math.isfinite(cost.data) else [_diverged(f"the loss is {cost.data}")]
        problems += filter(None, [overflowed(mover), _unmoved(cost.data, reports)])
        return Diagnosis(reports, problems + _problems(reports, layers, len(X), loss))

    return around(diagnosed, lambda: assign_grads(changed, before))


def _sums(layers: list[Layer], t: trace) -> dict[Neuron, list[Value]]:
    """Return the pre-activations Z of every neuron: w . x + b, or w . x."""
    dot = PRIMITIVES["dot"]
    marks: dict[Value, Neuron] = {}
    sums: dict[Neuron, list[Value]] = {}
    for layer in layers:
        for neuron in layer.neurons:
            sums[neuron] = []
            marks[neuron.w[0] if neuron.b is None else neuron.b] = neuron
    for value in t:
        for mark in marks.keys() & value.parents:
            if marks[mark].b is not None or value.op is dot:
                sums[marks[mark]].append(value)
    return sums


def _report(
    path: str, layer: Layer, sums: dict[Neuron, list[Value]], change: dict[Value, float]
) -> LayerReport:
    """Return the measurements of a layer from its sums Z and the optimizer's change."""
    function = resolved(layer.neurons[0].activation)[1] or (lambda z: z)
    slope = grad(function)
    units = [sums[neuron] for neuron in layer.neurons]
    slopes = [[abs(slope(z.data)) for z in unit] for unit in units]
    numbers = [float(function(z.data)) for unit in units for z in unit]
    mean = autograd.mean(numbers)
    dead = [not any(unit) for unit in slopes]
    saturated = [0 < s < 0.01 for unit in slopes for s in unit]
    weights = [p for p in layer.parameters() if p in change]
    size = norm([p.data for p in weights])
    if size:
        update_ratio = norm([change[p] for p in weights]) / size
    else:
        update_ratio = math.inf if weights else 0.0
    return LayerReport(
        path,
        mean,
        norm([a - mean for a in numbers]) / math.sqrt(len(numbers)),
        sum(dead) / len(dead),
        sum(saturated) / len(saturated),
        norm([z.grad for unit in units for z in unit]),
        update_ratio,
    )


def _diverged(what: str) -> str:
    """Return the problem of a number that is not finite, in words."""
    return f"{what}: not finite, the training diverged; try a lower rate, clip_norm"


def _unmoved(cost: float, reports: list[LayerReport]) -> str:
    """Return in words that no layer has a gradient, or nothing."""
    if not cost or not reports or any(r.gradient_norm for r in reports):
        return ""
    return (
        f"the gradient is 0 at every layer, and the loss is {cost:.3g}: nothing is learnt. Are the "
        "outputs constant, as softmax of one output or a plain number is? Are the units dead?"
    )


def _problems(
    reports: list[LayerReport], layers: dict[str, Layer], n_rows: int, loss: Loss
) -> list[str]:
    """Return what is wrong and what to try, in words."""
    problems = []
    for r in reports:
        units = [
            tuple((p.data, p.grad) for p in neuron.parameters())
            for neuron in layers[r.path].neurons
        ]
        if not math.isfinite(r.mean + r.std + r.gradient_norm) or math.isnan(r.update_ratio):
            problems.append(_diverged(r.path))
        if n_rows > 3 and r.dead >= 0.5:
            problems.append(
                f"{r.path}: {r.dead:.0%} of the units are dead, no row moves them; "
                "try leaky_relu, bias 0"
            )
        if r.saturated > 0.5:
            problems.append(
                f"{r.path}: {r.saturated:.0%} of the activations are saturated; "
                "try smaller weights, standardized X"
            )
        if len(set(units)) < len(units):
            problems.append(
                f"{r.path}: symmetric, units have equal weights and gradients and stay equal; "
                "try random weights"
            )
    if not reports:
        return problems
    last = reports[-1]
    if fault := misfit(layers[last.path].activation, loss):
        problems.append(f"{last.path}: {fault}")
    if len(reports) > 2 and last.gradient_norm:
        ratio = (reports[0].gradient_norm / last.gradient_norm) ** (1 / (len(reports) - 1))
        if ratio < 0.5:
            problems.append(
                "vanishing: towards the input, ||dL/dZ|| shrinks to "
                f"{ratio:.2g} of itself per layer; try bias 0, He weights and relu"
            )
        if ratio > 1.25:
            problems.append(
                "exploding: towards the input, ||dL/dZ|| grows "
                f"{ratio:.3g} times per layer; try smaller weights, clip_norm"
            )
    return problems
