"""The paths by which a gradient reaches a Value: how many, how much each brings, and which bring most, without walking them one by one.

A path goes from the root down through operands; it brings the product of the local derivatives on it, and the gradient is the sum over all
paths. There may be exponentially many, so everything here is found by one sweep over the nodes, each from its uses: the number of paths, the
sum of their sizes, and the k best, which can only continue one of the k best to some use.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple, Optional

from ..core.graph import check_not_stale, topological_order
from ..core.row import LITERAL
from ..core.value import Value


class Edge(NamedTuple):
    """From the result of an operation down to one of its operands, with the local derivative."""

    result: Value
    operand: Value
    local: float


class Path(NamedTuple):
    """The path from the root to the operand of `edge`; `before` is it without its last edge, None at the root.

    `rank` orders paths by size, the largest first: nan, then by the number of zeros on it, then by -log |product|. It does not overflow.
    """

    rank: tuple[int, int, float]
    order: tuple[int, ...]
    contribution: float
    edge: Edge | None
    before: Optional["Path"]

    @property
    def edges(self) -> list[Edge]:
        """From the root down."""
        edges = []
        path: Path | None = self
        while path is not None and path.edge is not None:
            edges.append(path.edge)
            path = path.before
        return edges[::-1]


@dataclass(frozen=True)
class Flow:
    """What flows from `root` to `wrt`: the edges in the order in which backward uses them, and for every node that lies between its gradient.

    `count` is the number of paths, `size` the sum of the absolute values of what they bring, `best` the k largest.
    """

    root: Value
    wrt: Value
    edges: list[Edge]
    gradients: dict[Value, float]
    count: int
    size: float
    best: list[Path]

    @property
    def gradient(self) -> float:
        return self.gradients.get(self.wrt, 0.0)


def flow(root: Value, wrt: Value, k: int) -> Flow:
    """Raises StaleValueError if a leaf was changed since the graph was made."""
    order = topological_order(root)
    check_not_stale(order)
    edges = _edges(order, wrt)
    gradients: dict[Value, float] = {root: 1.0}
    counts = {root: 1}
    sizes = {root: 1.0}
    best = {root: [Path((0, 0, 0.0), (), 1.0, None, None)]}
    arriving: dict[Value, list[Path]] = {}
    for number, edge in enumerate(edges):
        z, x, p = edge
        if z not in best:  # all its uses have passed: what arrived is complete
            best[z] = nsmallest(k, arriving.pop(z), key=_rank)
        arriving.setdefault(x, []).extend(
            _longer(path, edge, (number, i)) for i, path in enumerate(best[z])
        )
        counts[x] = counts.get(x, 0) + counts[z]
        sizes[x] = sizes.get(x, 0.0) + (abs(p) * sizes[z] if sizes[z] else 0.0)
        gradients[x] = gradients.get(x, 0.0) + (p * gradients[z] if gradients[z] else 0.0)
    if wrt is not root:
        best[wrt] = nsmallest(k, arriving.get(wrt, []), key=_rank)
    return Flow(root, wrt, edges, gradients, counts.get(wrt, 0), sizes.get(wrt, 0.0), best[wrt])


def derivatives(node: Value) -> list[float | None]:
    """dz/dparent for every parent in order; None where backward does not go: to a literal, or to what acts by steps alone, as a condition."""
    return (
        node.op.partials_at(
            [x._data for x in node.parents], node._data, [x.op is not LITERAL for x in node.parents]
        )
        if node.parents
        else []
    )


def _edges(order: Sequence[Value], wrt: Value) -> list[Edge]:
    """The edges of all paths from the last of the order to wrt."""
    between = {wrt}
    for node in order:
        if not between.isdisjoint(node.parents):
            between.add(node)
    edges = []
    for node in reversed(order):
        if node in between and node is not wrt:
            local = derivatives(node)
            for i in node.op.sweep_order(len(local)):
                parent, p = node.parents[i], local[i]
                if parent in between and p is not None:
                    edges.append(Edge(node, parent, p))
    return edges


def _rank(path: Path) -> tuple[tuple[int, int, float], tuple[int, ...]]:
    return path.rank, path.order


def _longer(path: Path, edge: Edge, order: tuple[int, ...]) -> Path:
    nans, zeros, cost = path.rank
    p = edge.local
    if p == 0.0:
        zeros += 1
    elif p != p:
        nans -= 1
    else:
        cost -= math.log(abs(p))
    contribution = p * path.contribution if path.contribution else 0.0
    return Path((nans, zeros, cost), order, contribution, edge, path)
