"""diagnose: is a net healthy? One forward and backward pass, measured layer by layer."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Value, grad

from .activations import resolved
from .layers import Layer
from .losses import Loss
from .module import Module
from .optim import SGD, Optimizer
from .tracing import trace


class LayerReport(NamedTuple):
    """The measurements of one Layer, over all rows: `diagnose` says which."""

    path: str
    mean: float
    std: float
    dead: float
    saturated: float
    gradient_norm: float
    update_ratio: float


class Diagnosis(NamedTuple):
    """A report for each Layer, in the order of the data's way, and what is wrong in words. str() is the table and the words."""

    layers: list[LayerReport]
    problems: list[str]

    def __str__(self) -> str:
        head = f"{'layer':<16} {'mean A':>9} {'std A':>9} {'dead':>6} {'satur.':>6} {'|dL/dZ|':>9} {'update':>9}"
        rows = [
            f"{r.path:<16} {r.mean:>9.3g} {r.std:>9.3g} {r.dead:>6.0%} {r.saturated:>6.0%} {r.gradient_norm:>9.3g} {r.update_ratio:>9.3g}"
            for r in self.layers
        ]
        return "\n".join([head, *rows, *(self.problems or ["nothing stands out"])])


def diagnose(model: Module, X: Sequence[Any], y: Sequence[Any], loss: Loss, optimizer: Optimizer | None = None) -> Diagnosis:
    """Run one batch forward and backward and report, for every Layer called:

    `mean` and `std` of its activations A; `dead`, the share of its units whose activation has slope 0 in every row; `saturated`, the share of
    activations with a slope below 0.01 but not 0; `gradient_norm`, ||dL/dZ|| over units and rows; `update_ratio`, ||change|| / ||weights|| of the
    optimizer's next step (by default plain descent at rate 1). Nothing of the model or the optimizer is changed."""
    optimizer = optimizer or SGD(model.parameters(), lr=1.0)
    params = model.parameters()
    before = [p.grad for p in params]
    model.zero_grad()
    try:
        with trace(model) as t:
            cost = loss([model(x) for x in X], y)
        cost.backward()
        steps = zip(optimizer.params, optimizer.state, strict=True)
        change = {p: optimizer.rule(p.data, p.grad, s, optimizer.lr, optimizer.t + 1)[0] - p.data for p, s in steps}
        layers = {path: module for path, module in model.named_modules() if isinstance(module, Layer)}
        biases = {neuron.b: (path, unit) for path, layer in layers.items() for unit, neuron in enumerate(layer.neurons)}
        sums: dict[str, list[list[Value]]] = {path: [[] for _ in layer.neurons] for path, layer in layers.items()}
        for value in t:
            for path, unit in {biases[p] for p in value.parents if p in biases}:
                sums[path][unit].append(value)
        reports = [_report(path, layers[path], sums[path], change) for path in dict.fromkeys(c.path for c in t.calls if c.path in layers)]
        return Diagnosis(reports, _problems(reports, layers))
    finally:
        for p, g in zip(params, before, strict=True):
            p.grad = g


def _report(path: str, layer: Layer, sums: list[list[Value]], change: dict[Value, float]) -> LayerReport:
    function = resolved(layer.neurons[0].activation)[1]
    slope = grad(function) if function else lambda z: 1.0
    slopes = [[slope(z.data) for z in unit] for unit in sums]
    numbers = [function(z.data) if function else z.data for unit in sums for z in unit]
    flat = [abs(s) for unit in slopes for s in unit]
    mean = math.fsum(numbers) / len(numbers)
    weights = [p for p in layer.parameters() if p in change]
    size = _norm([p.data for p in weights])
    std = math.sqrt(math.fsum((a - mean) ** 2 for a in numbers) / len(numbers))
    dead, saturated = sum(not any(unit) for unit in slopes) / len(slopes), sum(0 < s < 0.01 for s in flat) / len(flat)
    update_ratio = _norm([change[p] for p in weights]) / size if size else math.inf
    return LayerReport(path, mean, std, dead, saturated, _norm([z.grad for unit in sums for z in unit]), update_ratio)


def _problems(reports: list[LayerReport], layers: dict[str, Layer]) -> list[str]:
    checks = []
    for r in reports:
        units = [tuple((p.data, p.grad) for p in neuron.parameters()) for neuron in layers[r.path].neurons]
        checks += [
            (r.dead >= 0.5, f"{r.path}: {r.dead:.0%} of the units are dead, no row moves them; try leaky_relu, bias 0, a lower rate"),
            (r.saturated > 0.5, f"{r.path}: {r.saturated:.0%} of the activations are saturated; try smaller weights, standardized X"),
            (len(set(units)) < len(units), f"{r.path}: symmetric, units have equal weights and gradients and stay equal; try random weights"),
        ]
    if len(reports) > 2 and reports[-1].gradient_norm:
        ratio = (reports[0].gradient_norm / reports[-1].gradient_norm) ** (1 / (len(reports) - 1))
        checks += [
            (ratio < 0.5, f"vanishing: towards the input, ||dL/dZ|| shrinks to {ratio:.2g} of itself per layer; try He weights and relu"),
            (ratio > 1.25, f"exploding: towards the input, ||dL/dZ|| grows {ratio:.3g} times per layer; try smaller weights, clip_norm"),
        ]
    return [words for wrong, words in checks if wrong]


def _norm(numbers: Sequence[float]) -> float:
    return math.sqrt(math.fsum(x * x for x in numbers))
