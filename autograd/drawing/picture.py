"""A computation graph as a picture in data: boxes, arrows and their texts. How to lay it out and how to write it is not known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..graph import topological_order
from ..row import LEAF, LITERAL, NOT_COMPUTED
from ..value import Value
from .text import number, shortened, visible


@dataclass(frozen=True, slots=True)
class Box:
    """A node: `kind` is "leaf", "literal" or "operation"; `name` the label, `symbol` the operation's; `rows` are (word, number)."""

    kind: str
    name: str
    symbol: str
    rows: tuple[tuple[str, str], ...]
    tooltip: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """From operand to result, boxes by number; `text` is the local derivative, empty where the operand is a literal."""

    source: int
    target: int
    text: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes in topological order: every arrow goes from a lower number to a higher one."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def describe(roots: Sequence[Value], names: Mapping[str, Value]) -> Picture:
    """The graph of `roots`, with data and gradient in every box and the local derivative on every arrow.

    `names` (label -> Value) goes before a Value's own label; a Value with several names bears them all.
    """
    order = topological_order(*roots)
    labels = _labels(order, names)
    number_of = {id(value): i for i, value in enumerate(order)}
    boxes = tuple(_box(value, label) for value, label in zip(order, labels, strict=True))
    arrows = []
    for target, value in enumerate(order):
        derivatives = value.local_derivatives()
        for parent, derivative in zip(value.parents, derivatives, strict=True):
            arrows.append(_arrow(number_of[id(parent)], target, boxes, derivative))
    counts = {kind: sum(box.kind == kind for box in boxes) for kind in ("leaf", "literal", "operation")}
    results = [f"{labels[number_of[id(root)]] or 'result'} = {number(root.data)}" for root in roots]
    title = f"Computation graph of {', '.join(results)}"
    description = (
        f"{len(boxes)} nodes: {counts['leaf']} leaves, {counts['literal']} literals, {counts['operation']} operations, read from "
        "left to right. Each box shows data and gradient, each arrow the local derivative of the result by the operand."
    )
    return Picture(title, description, boxes, tuple(arrows))


def _labels(order: Sequence[Value], names: Mapping[str, Value]) -> list[str]:
    given: dict[int, list[str]] = {}
    for name, value in names.items():
        given.setdefault(id(value), []).append(name)
    return [visible(", ".join(given[id(value)]) if id(value) in given else value.label or "") for value in order]


def _box(value: Value, label: str) -> Box:
    data = number(value.data)
    if value.op is LITERAL:
        return Box("literal", "", data, (), f"literal {value.data!r}")
    computed = value.grad is not NOT_COMPUTED
    rows = (("data", data), ("grad", number(value.grad) if computed else ""))
    full = f"data {value.data!r}\ngrad {value.grad!r}" if computed else f"data {value.data!r}\ngrad not computed"
    if value.op is LEAF:
        return Box("leaf", shortened(label), "", rows, f"{label or 'leaf'}\n{full}")
    return Box("operation", shortened(label), visible(value.op.symbol), rows, f"{label or 'result'} = {visible(value.op.name)}\n{full}")


def _arrow(source: int, target: int, boxes: Sequence[Box], derivative: float | None) -> Arrow:
    if derivative is None:
        return Arrow(source, target, "", "a literal: no derivative is taken")
    return Arrow(source, target, number(derivative), f"local derivative {derivative!r}")
