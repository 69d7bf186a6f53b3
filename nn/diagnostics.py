"""diagnose: is a net healthy? One forward and backward pass, measured layer by layer."""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

from autograd import Value, grad, norm

from .layers import Layer, resolved
from .losses import Loss, binary_cross_entropy, cross_entropy, hinge
from .module import Module
from .optim import SGD, Optimizer
from .tracing import trace


class LayerReport(NamedTuple):
    """The measurements of one Layer over all rows, as `diagnose` defines them: `dead` and `saturated` from 0 to 1, the last two at least 0."""

    path: str
    mean: float
    std: float
    dead: float
    saturated: float
    gradient_norm: float
    update_ratio: float


class Diagnosis(NamedTuple):
    """`layers`, a LayerReport for each Layer in the order of the data's way, and `problems`, what is wrong in words; str() is both."""

    layers: list[LayerReport]
    problems: list[str]

    def __str__(self) -> str:
        head = f"{'layer':<16} {'mean A':>9} {'std A':>9} {'dead':>6} {'satur.':>6} {'|dL/dZ|':>9} {'update':>9}"
        rows = [
            "{:<16} {:>9.3g} {:>9.3g} {:>6.0%} {:>6.0%} {:>9.3g} {:>9.3g}".format(*report)
            for report in self.layers
        ]
        return "\n".join([head, *rows, *(self.problems or ["nothing stands out"])])


def diagnose(
    model: Module,
    X: Sequence[Any],
    y: Sequence[Any],
    loss: Loss,
    optimizer: Optimizer | None = None,
) -> Diagnosis:
    """Run one batch forward and backward and report, for every Layer called: `mean` and `std` of its activations A, before a softmax; `dead`, the
    share of its units whose activation has slope 0 in every row; `saturated`, the share of activations with |slope| below 0.01 but not 0;
    `gradient_norm`, ||dL/dZ|| over units and rows; `update_ratio`, ||change|| / ||weights|| of the optimizer's next step (by default plain descent at
    rate 1; infinite for weights of 0). Problems are named where half of the units are dead in 4 or more rows, more than half of the activations
    saturated, two units equal, a number not finite, a loss that takes logits given the outputs of sigmoid or softmax, or, in 3 or more layers,
    ||dL/dZ|| changes by a factor below 0.5 or above 1.25 a layer. Nothing of the model or the optimizer is changed, but Dropout draws. Raises what
    model and loss raise."""
    optimizer = optimizer or SGD(model.parameters(), lr=1.0)
    before = {p: p.grad for p in model.parameters()}
    model.zero_grad()
    try:
        with trace(model) as t:
            cost = loss([model(x) for x in X], y)
        cost.backward()
        steps = zip(optimizer.params, optimizer.state, strict=True)
        change = {
            p: optimizer.rule(p.data, p.grad, s, optimizer.lr, optimizer.t + 1)[0] - p.data
            for p, s in steps
        }
        layers = {
            path: module for path, module in model.named_modules() if isinstance(module, Layer)
        }
        sums: dict[Value, list[Value]] = {
            neuron.b: [] for layer in layers.values() for neuron in layer.neurons
        }
        for value in t:
            for b in sums.keys() & value.parents:
                sums[b].append(value)
        reports = [
            _report(path, layers[path], sums, change)
            for path in dict.fromkeys(c.path for c in t.calls if c.path in layers)
        ]
        return Diagnosis(reports, _problems(reports, layers, len(X), loss))
    finally:
        for p, g in before.items():
            p.grad = g


def _report(
    path: str, layer: Layer, sums: dict[Value, list[Value]], change: dict[Value, float]
) -> LayerReport:
    """The measurements of a layer from the pre-activations Z of each bias and the optimizer's change of each parameter."""
    function = resolved(layer.neurons[0].activation)[1] or (lambda z: z)
    slope = grad(function)
    units = [sums[neuron.b] for neuron in layer.neurons]
    slopes = [[abs(slope(z.data)) for z in unit] for unit in units]
    numbers = [function(z.data) for unit in units for z in unit]
    mean = fmean(numbers)
    std = math.sqrt(fmean([(a - mean) * (a - mean) for a in numbers]))
    dead, saturated = (
        fmean([not any(unit) for unit in slopes]),
        fmean([0 < s < 0.01 for unit in slopes for s in unit]),
    )
    weights = [p for p in layer.parameters() if p in change]
    size = norm([p.data for p in weights])
    update_ratio = (
        norm([change[p] for p in weights]) / size if size else math.inf if weights else 0.0
    )
    return LayerReport(
        path,
        mean,
        std,
        dead,
        saturated,
        norm([z.grad for unit in units for z in unit]),
        update_ratio,
    )


def _problems(
    reports: list[LayerReport], layers: dict[str, Layer], n_rows: int, loss: Loss
) -> list[str]:
    """What is wrong and what to try, in words."""
    checks = []
    for r in reports:
        units = [
            tuple((p.data, p.grad) for p in neuron.parameters())
            for neuron in layers[r.path].neurons
        ]
        checks += [
            (
                not math.isfinite(r.mean + r.gradient_norm),
                f"{r.path}: not finite, the training diverged; try a lower rate, clip_norm",
            ),
            (
                n_rows > 3 and r.dead >= 0.5,
                f"{r.path}: {r.dead:.0%} of the units are dead, no row moves them; try leaky_relu, bias 0",
            ),
            (
                r.saturated > 0.5,
                f"{r.path}: {r.saturated:.0%} of the activations are saturated; try smaller weights, standardized X",
            ),
            (
                len(set(units)) < len(units),
                f"{r.path}: symmetric, units have equal weights and gradients and stay equal; try random weights",
            ),
        ]
    if (
        reports
        and layers[reports[-1].path].activation in ("sigmoid", "softmax")
        and loss in (binary_cross_entropy, cross_entropy, hinge)
    ):
        checks.append(
            (
                True,
                f"{reports[-1].path}: {loss.__name__} takes logits; leave out the activation of the last layer",
            )
        )
    if len(reports) > 2 and reports[-1].gradient_norm:
        ratio = (reports[0].gradient_norm / reports[-1].gradient_norm) ** (1 / (len(reports) - 1))
        checks += [
            (
                ratio < 0.5,
                f"vanishing: towards the input, ||dL/dZ|| shrinks to {ratio:.2g} of itself per layer; try bias 0, He weights and relu",
            ),
            (
                ratio > 1.25,
                f"exploding: towards the input, ||dL/dZ|| grows {ratio:.3g} times per layer; try smaller weights, clip_norm",
            ),
        ]
    return [words for wrong, words in checks if wrong]
