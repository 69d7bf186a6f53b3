"""A computation graph as a picture in data: boxes, arrows and their texts.

How to place it and how to write it is not known here.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple, TypeAlias

from ..analysis.groups import Groups
from ..analysis.notation import Names, four_digits, labelled, readable, visible
from ..core import ieee
from ..core.chain_rule import passed_on
from ..core.graph import age_of, topological_order
from ..core.row import LEAF, LITERAL, NOT_COMPUTED
from ..core.value import Value
from ..functional import leaves
from .folding import Folded, Key
from .selection import Selection
from .text import shortened_apart


class Box(NamedTuple):
    """What is drawn as one: a Value, or several folded together.

    Attributes:
        kind: "leaf", "literal", "operation", "group" (several Values), "cut"
            (what is not shown), "module" (a part of a model, not a Value) or
            "reference" (a box that stands in another panel).
        name: The label.
        symbol: The operation's sign.
        rows: (word, number), from top to bottom.
        tooltip: What a pointer is told.
        gradient: The gradient of the bar, None where none was computed.
        call: The call index of the group, None outside of any.
        highlighted: Whether it has a frame.
        known_as: What page and explanation call it, "" for what is no result.
    """

    kind: str
    name: str
    symbol: str
    rows: tuple[tuple[str, str], ...]
    tooltip: str
    gradient: float | None = None
    call: int | None = None
    highlighted: bool = False
    known_as: str = ""


class Arrow(NamedTuple):
    """An arrow from operand to result.

    Attributes:
        source: The number of the operand's box.
        target: The number of the result's box.
        text: The local derivative, or how many edges were folded into this
            arrow.
        tooltip: What a pointer is told.
        flow: What it brings to the operand's gradient: local derivative times
            the result's gradient. None where none was computed or the operand
            has none.
        plain: Whether no derivative is taken along it.
        edges: How many edges it stands for.
        mixed: Whether some of them bring a positive and some a negative
            gradient.
    """

    source: int
    target: int
    text: str
    tooltip: str
    flow: float | None = None
    plain: bool = False
    edges: int = 1
    mixed: bool = False


class Picture(NamedTuple):
    """A picture: boxes and arrows, and how to place them.

    Attributes:
        title: What it shows.
        description: The same in words, for a screen reader.
        nodes: How many Values the boxes stand for.
        boxes: In topological order: every arrow goes from a lower number to a
            higher one.
        arrows: In the order of their targets.
        meanings: A legend of its own, as (mark, meaning).
        layout: "layers"; "early": the same, results as early as possible;
            "time": a strip for every call index; "nested": results around their
            operands.
    """

    title: str
    description: str
    nodes: int  # how many Values, or parts of a model, the boxes stand for
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    meanings: tuple[tuple[str, str], ...] | None = None  # a legend of its own
    # "time": boxes of one call index in one column; "nested": results around
    # their operands.
    layout: str = "layers"


LISTED = 3  # numbers that are written out

GradientOf: TypeAlias = Callable[[Value], float | None]


def recorded(value: Value) -> float | None:
    """Return the gradient that backward has left, None where it left none."""
    return None if value.grad is NOT_COMPUTED else value.grad + 0.0


def describe(
    roots: Sequence[Value],
    selection: Selection,
    folding: Sequence[Folded],
    groups: Groups,
    names: Mapping[str, Value] | None,
    highlight: Set[Value],
    layout: str,
    gradient_of: GradientOf = recorded,
) -> Picture:
    """Describe `selection` of the graph of `roots`, folded into the boxes of `folding`.

    Args:
        roots: The results.
        selection: The Values that are drawn.
        folding: Which of them share a box.
        groups: Value -> (path, call index), perhaps a trace, which knows more.
        names: Label -> Value. They go before paths and a Value's own label.
        highlight: The Values that get a frame.
        layout: As `Picture` has it.
        gradient_of: Where the gradient of a Value comes from.

    Raises:
        DataTypeError: `names` is no mapping from labels to Values.
    """
    shown = (*selection.values, *roots)
    labels = {
        **dict.fromkeys(shown, ""),
        **{value: visible(label) for value, label in labelled(shown, names, groups).items()},
    }
    # A name is shortened, but never to the same text as another.
    short = shortened_apart(
        [*labels.values(), *(visible(key.name) for key, _ in folding if key is not None)]
    )
    order = topological_order(*roots)
    known = Names(order, names, groups, readable)
    known.name_all(sorted((value for value in order if value.parents), key=age_of))
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    number_of: dict[Value, int] = {}
    leaving = _leaving(selection.values, folding, roots)
    for key, members in folding:
        left_out = sum(selection.hidden_operands[member] for member in members)
        if left_out:
            boxes.append(_cut(left_out, "operand"))
            arrows.append(
                Arrow(len(boxes) - 1, len(boxes), "", "operands that are not shown", plain=True)
            )
        values = [selection.values[member] for member in members]
        number_of.update(dict.fromkeys(values, len(boxes)))
        outputs = [value for value in values if value in leaving] if key else []
        calls = [groups[value][1] for value in values if value.op is not LEAF and value in groups]
        marked = not highlight.isdisjoint(values)
        boxes.append(
            _folded(
                key,
                values,
                outputs,
                max(calls, default=None),
                _facts(key, outputs, groups, layout == "time"),
                short,
                marked,
                gradient_of,
            )
            if key
            else _single(values[0], labels[values[0]], known, short, groups, marked, gradient_of)
        )
    arrows += _arrows(selection.values, number_of, boxes, labels, gradient_of)
    for value, left_out in zip(selection.values, selection.hidden_uses, strict=True):
        if left_out:
            arrows.append(
                Arrow(number_of[value], len(boxes), "", "uses that are not shown", plain=True)
            )
            boxes.append(_cut(left_out, "use"))
    arrows.sort(key=lambda arrow: arrow.target)
    return Picture(
        _title(roots, labels),
        _description(selection, boxes),
        len(selection.values),
        tuple(boxes),
        tuple(arrows),
        layout=layout,
    )


def _leaving(
    values: Sequence[Value], folding: Sequence[Folded], roots: Sequence[Value]
) -> set[Value]:
    """Return the Values that are used outside of their own box, or are results."""
    box_of = {values[i]: box for box, (_, members) in enumerate(folding) for i in members}
    used = {
        parent
        for value in values
        for parent in value.parents
        if box_of.get(parent, -1) != box_of[value]
    }
    return {*used, *roots}


def _title(roots: Sequence[Value], labels: Mapping[Value, str]) -> str:
    results = [f"{labels[root] or 'result'} = {four_digits(root.data)}" for root in roots[:3]]
    more = [f"{len(roots) - 3} more"] if len(roots) > 3 else []
    return f"Computation graph of {', '.join([*results, *more])}"


def _description(selection: Selection, boxes: Sequence[Box]) -> str:
    ops = [value.op for value in selection.values]
    leaves, literals = ops.count(LEAF), ops.count(LITERAL)
    counts = [(len(ops) - leaves - literals, "operation"), (leaves, "leaf"), (literals, "literal")]
    plural = {"operation": "operations", "leaf": "leaves", "literal": "literals"}
    listed = ", ".join(
        f"{count:,} {word if count == 1 else plural[word]}" for count, word in counts
    )
    folded = (
        f", folded into {len(boxes)} boxes" if any(box.kind == "group" for box in boxes) else ""
    )
    return (
        f"{listed}{folded}, from left to right. Boxes show data and gradient, "
        "arrows the local derivative of result by operand."
    )


def _single(
    value: Value,
    label: str,
    known: Names,
    short: Mapping[str, str],
    groups: Groups,
    highlighted: bool,
    gradient_of: GradientOf,
) -> Box:
    data = four_digits(value.data)
    if value.op is LITERAL:
        return Box("literal", "", data, (), f"literal {value.data!r}", highlighted=highlighted)
    gradient = gradient_of(value)
    rows = (("data", data), ("grad", "" if gradient is None else four_digits(gradient)))
    kind, symbol, rule = (
        ("leaf", "", "")
        if value.op is LEAF
        else ("operation", visible(value.op.symbol), visible(value.op.formula))
    )
    known_as = known[value] if rule else ""
    title = " = ".join(part for part in (label or known_as, rule) if part)
    lines = [title or "leaf", f"data {value.data!r}"]
    lines.append(f"grad {'not computed' if gradient is None else gradient}")
    place = groups.get(value)
    if place:
        lines.append(f"in {visible(place[0]) or 'the model'}, call {place[1]}")
    call = place[1] if place and value.op is not LEAF else None
    return Box(
        kind, short[label], symbol, rows, "\n".join(lines), gradient, call, highlighted, known_as
    )


def _folded(
    key: Key,
    values: Sequence[Value],
    outputs: Sequence[Value],
    call: int | None,
    facts: Sequence[tuple[str, str]],
    short: Mapping[str, str],
    highlighted: bool,
    gradient_of: GradientOf,
) -> Box:
    """Return the box of several Values.

    Its gradient is the Euclidean norm over its outputs: what is used outside of
    it.
    """
    known = [g for g in map(gradient_of, outputs) if g is not None]
    gradient = ieee.norm(known) if known else None
    rows = [*facts, ("nodes", f"{len(values):,}")]
    rows.append(("|grad|", "" if gradient is None else four_digits(gradient)))
    name, part = visible(key.name), visible(key.part)
    counts = Counter(value.op.name for value in values)
    norm = "not computed" if gradient is None else repr(gradient)
    lines = [
        f"{name} {part}".strip(),
        *(f"{count:,} {visible(op)}" for op, count in counts.most_common(8)),
        f"norm of the gradient at its {len(outputs):,} outputs {norm}",
    ]
    tooltip = "\n".join(lines)
    return Box("group", short[name], part, tuple(rows), tooltip, gradient, call, highlighted)


def _facts(
    key: Key, outputs: Sequence[Value], groups: Groups, timed: bool
) -> list[tuple[str, str]]:
    """Return what a folded call of a part computes, from which numbers and to which.

    A trace knows; other groups know no more than the outputs.
    """
    path, call = "", None
    if key.part == "parameters":
        return []
    if isinstance(key.identity, tuple) and isinstance(key.identity[0], tuple):
        path, call = ".".join(key.identity[0]), key.identity[1]
    described = getattr(groups, "computed", {}).get(path) if path else None
    facts = [(visible(described.formula), "")] if described else []
    index = f"_{call}" if timed and call is not None else ""
    given: list[Any] = list(reversed(outputs))  # from left to right
    if described:
        for made in getattr(groups, "calls", ()):
            if (made.path, made.call_index) == (path, call):
                for word, operands in zip(described.inputs, made.inputs, strict=False):
                    facts.append((visible(word) + index, listed(leaves(operands))))
                # Of a state, (h, c), the first part is what is seen.
                seen = made.outputs[0] if isinstance(made.outputs, tuple) else made.outputs
                given = list(leaves(seen))
    if given and (call is not None or len(given) <= LISTED):
        word = described.output if described else "out"
        facts.append((visible(word) + index, listed(given)))
    return facts


def listed(values: Iterable[Any]) -> str:
    """Return the first of several numbers, and how many there are."""
    numbers = [float(value.data) if isinstance(value, Value) else value for value in values]
    shown = ", ".join(f"{x + 0.0:.3g}" for x in numbers[:LISTED] if isinstance(x, (int, float)))
    return shown if len(numbers) <= LISTED else f"{shown}, ... ({len(numbers)})"


def _cut(count: int, word: str) -> Box:
    text = f"{count:,} more {word}{'' if count == 1 else 's'}"
    return Box("cut", "", text, (), f"{text}, not shown")


def _arrows(
    values: Sequence[Value],
    number_of: Mapping[Value, int],
    boxes: Sequence[Box],
    labels: Mapping[Value, str],
    gradient_of: GradientOf,
) -> list[Arrow]:
    """Return every edge between two boxes, in the order of results and operands.

    Those from or to a folded box are put together.
    """
    arrows: list[Arrow] = []
    bundles: dict[tuple[int, int], list[_Edge]] = {}
    for value in reversed(values):  # the graph's order has the last operand's part first
        target = number_of[value]
        parents = value.parents
        sources = [number_of.get(parent, target) for parent in parents]
        if any(source != target for source in sources):
            for i, (source, p) in enumerate(zip(sources, value.partials(), strict=True)):
                if source != target:
                    edge = _Edge(parents[i], value, i, p, gradient_of(value))
                    if boxes[source].kind == "group" or boxes[target].kind == "group":
                        bundles.setdefault((source, target), []).append(edge)
                    else:
                        arrows.append(_arrow(source, target, edge, labels))
    for (source, target), edges in bundles.items():
        arrows.append(
            _arrow(source, target, edges[0], labels)
            if len(edges) == 1
            else _bundle(source, target, edges)
        )
    return arrows


class _Edge(NamedTuple):
    operand: Value
    result: Value
    position: int  # of the operand
    partial: float | None
    gradient: float | None  # of the result

    def derivative(self) -> float | None:
        """Return the local derivative, None for a literal."""
        if self.operand.op is LITERAL:
            return None
        return 0.0 if self.partial is None else self.partial

    def flow(self) -> float | None:
        """Return what goes back along the edge, None where that is not known."""
        if self.operand.op is LITERAL or self.gradient is None:
            return None
        return passed_on(self.result, self.position, self.partial, self.gradient)


def _arrow(source: int, target: int, edge: _Edge, labels: Mapping[Value, str]) -> Arrow:
    derivative = edge.derivative()
    if derivative is None:
        return Arrow(source, target, "", "a literal: no derivative is taken", plain=True)
    flow = edge.flow()
    tooltip = f"local derivative {derivative!r}"
    if flow is not None:
        operand = labels[edge.operand] or "the operand"
        tooltip += f" times gradient {edge.gradient!r} gives {operand} {flow!r}"
    return Arrow(source, target, four_digits(derivative), tooltip, flow)


def _bundle(source: int, target: int, edges: Sequence[_Edge]) -> Arrow:
    """Return the arrow of several edges; its flow is the norm of theirs.

    It has their sign where all have the same, and is `mixed` where they have
    not.
    """
    flows = [flow for flow in map(_Edge.flow, edges) if flow is not None]
    signs = {math.copysign(1.0, flow) for flow in flows if flow}
    text = f"{len(edges):,} edges"
    plain = all(edge.operand.op is LITERAL for edge in edges)
    if not flows:
        return Arrow(source, target, text, text, None, plain, len(edges))
    size = ieee.norm(flows)
    flow = -size if signs == {-1.0} else size
    tooltip = f"{text}; the norm of what they bring is {size!r}"
    return Arrow(source, target, text, tooltip, flow, plain, len(edges), len(signs) > 1)
