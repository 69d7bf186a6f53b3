"""What is worth a remark about a gradient: where it turns nan, dies, fades, explodes, changes its sign, or cancels itself."""

import math
from collections.abc import Callable
from typing import NamedTuple

from ..core.value import Value
from .notation import number
from .paths import Edge, Flow

FADES, EXPLODES = 0.01, 100.0  # a local derivative below or above is worth a remark
FADED, GROWN = 1e-3, 1e3  # the same for the product along a path
CANCELLED = 0.1  # of what flows is left
REMARKS = 5  # of a kind that are written out


class Finding(NamedTuple):
    """A remark: `kind` is "nan", "dies", "fades", "explodes", "flips" or "cancels", `edge` its place, None if that is no single one."""

    kind: str
    edge: Edge | None
    text: str


def findings(flow: Flow, place: Callable[[Value], str]) -> list[Finding]:
    """The remarks on a flow, in the order above, of a kind those with the largest gradient first. `place` names a node and its group in a text."""
    kinds: dict[str, list[Finding]] = {
        "nan": [],
        "dies": [],
        "fades": [],
        "explodes": [],
        "flips": [],
        "cancels": [],
    }

    def note(kind: str, edge: Edge, what: str) -> None:
        kinds[kind].append(
            Finding(
                kind, edge, f"{what} at {place(edge.result)}: local derivative {number(edge.local)}"
            )
        )

    def size_of(edge: Edge) -> float:
        g = abs(flow.gradients[edge.result])
        return g if g == g else math.inf

    for edge in sorted(flow.edges, key=size_of, reverse=True):
        upstream, size = flow.gradients[edge.result], abs(edge.local)
        if not upstream:
            continue
        if math.isfinite(upstream) and not math.isfinite(edge.local * upstream):
            note("nan", edge, f"turns {number(edge.local * upstream)}")
        elif size == 0.0:
            note("dies", edge, "dies")
        elif (
            size <= FADES and edge.result.op.arity is not None
        ):  # in a list a small factor is a small weight, or one of many
            note("fades", edge, "fades")
        elif size >= EXPLODES:
            note("explodes", edge, "explodes")
    for path in flow.best[:1]:
        for edge in path.edges:
            if edge.local < 0.0:
                note("flips", edge, "path 1 changes its sign")
        length, product = len(path.edges), abs(path.contribution)
        for kind, extreme in (
            ("fades", 0.0 < product <= FADED),
            ("explodes", GROWN <= product < math.inf),
        ):
            if extreme and not kinds[kind]:
                mean = number(product ** (1.0 / length))
                text = f"{kind} little by little: {length:,} factors on path 1, {mean} each in geometric mean, give {number(product)}"
                kinds[kind].append(Finding(kind, None, text))
    if flow.count > 1 and abs(flow.gradient) < CANCELLED * flow.size:
        text = f"cancels: paths of opposite sign leave {number(flow.gradient)} of {number(flow.size)} that flows"
        kinds["cancels"].append(Finding("cancels", None, text))
    found = []
    for kind, remarks in kinds.items():
        found += remarks[:REMARKS]
        if len(remarks) > REMARKS:
            found.append(
                Finding(kind, None, f"and {len(remarks) - REMARKS:,} more such places ({kind})")
            )
    return found
