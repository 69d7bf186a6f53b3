"""The paths by which one Value acts on another.

A path leads from the root down through operands. It contributes the product of
the local derivatives on it. The gradient is the sum over all paths::

    d(root)/d(wrt) = sum over paths of (product of dz/dx over the path's edges)

There can be exponentially many paths. One sweep over the edges finds their
number, the sum of their sizes and the k largest: a large path to a node goes on
as one of the k largest paths to an operand. The sweep takes time in proportion
to k and the number of edges.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter
from typing import NamedTuple, Optional, TypeAlias

from ..core.chain_rule import passed_on
from ..core.graph import age_of
from ..core.row import LITERAL
from ..core.sweeps import partials_of
from ..core.value import Value

MANY = 100  # paths that may wait at a node before the largest are sought


class Edge(NamedTuple):
    """From the result of an operation to one of its operands.

    `local` is the local derivative d(result)/d(operand), and `position` the
    place of the operand among the operands.
    """

    result: Value
    operand: Value
    local: float
    position: int

    def passed_on(self, g: float) -> float:
        """Return what the operand gets where the gradient of the result is g."""
        return passed_on(self.result, self.position, self.local, g)


class Link(NamedTuple):
    """The last edge of a path, and the path without it."""

    edge: Edge
    before: Optional["Link"]


class Path(NamedTuple):
    """A path from the root to the operand of its last edge.

    `rank` orders paths by size, the largest first: paths with nan, then paths
    with fewer zeros, then by -log|product|. A rank cannot overflow. Paths of
    equal rank keep the order in which backward reaches them, `position`.
    """

    rank: tuple[int, int, float]
    position: tuple[int, int]
    contribution: float
    last: Link | None

    @property
    def edges(self) -> list[Edge]:
        """From the root down."""
        edges = []
        link = self.last
        while link is not None:
            edges.append(link.edge)
            link = link.before
        return edges[::-1]

    @property
    def zeros(self) -> int:
        """How many factors are 0."""
        return self.rank[1]


@dataclass(frozen=True)
class Flow:
    """What flows from `root` to `wrt`.

    `edges` lie on paths; they stand in the order in which backward uses them.
    `gradients` has d(root)/d(node) for every node on a path. `count` is the
    number of paths, `size` the sum of their absolute contributions, `best` the
    k largest paths. `cancelled` are nodes whose gradient is 0 though what the
    paths bring there is not.
    """

    root: Value
    wrt: Value
    edges: list[Edge]
    gradients: dict[Value, float]
    count: int
    size: float
    best: list[Path]
    cancelled: set[Value]

    @property
    def gradient(self) -> float:
        """The derivative d(root)/d(wrt), 0 where nothing flows."""
        return self.gradients.get(self.wrt, 0.0)


def flow(order: Iterable[Value], root: Value, wrt: Value, k: int) -> Flow:
    """Find what flows from root to wrt, with the k largest paths.

    Args:
        order: A topological order that holds both. No leaf in it was changed
            after an operation had used it.
        root: Where the paths begin.
        wrt: Where they end.
        k: How many of the largest paths are kept.
    """
    edges = _edges(order, root, wrt)
    gradients = {root: 1.0}
    ages = [*map(age_of, map(itemgetter(0), edges))]
    for number in sorted(range(len(edges)), key=ages.__getitem__, reverse=True):  # as backward adds
        z, x, p, i = edges[number]
        gradients[x] = gradients.get(x, 0.0) + passed_on(z, i, p, gradients[z])
    # What has arrived at nodes that the sweep has not yet gone through.
    counts, sizes = {root: 1}, {root: 1.0}
    arrived: dict[Value, list[_Path]] = {root: [(0, 0, 0.0, 0, 0, 1.0, None)]}
    node, count, size, best = root, 0, 0.0, arrived[root]
    cancelled = set()
    for number, edge in enumerate(edges):
        z, x, p, i = edge
        if z is not node or number == 0:  # all uses of z have passed
            node, count, size = z, counts.pop(z), sizes.pop(z)
            best = _largest(k, arrived.pop(z))
            if size and not gradients[z]:
                cancelled.add(z)
        counts[x] = counts.get(x, 0) + count
        sizes[x] = sizes.get(x, 0.0) + abs(passed_on(z, i, p, size))
        waiting = arrived.get(x)
        if waiting is None:
            waiting = arrived[x] = []
        elif len(waiting) > k + MANY:
            waiting = arrived[x] = _largest(k, waiting)
        cost = math.log(abs(p)) if p and p == p else 0.0
        for place, (_, zeros, before, _, _, product, last) in enumerate(best):
            contribution = passed_on(z, i, p, product)
            rank = (-(contribution != contribution), zeros + (p == 0.0), before - cost)
            waiting.append((*rank, number, place, contribution, Link(edge, last)))
    found = _largest(k, arrived.get(wrt, []))
    return Flow(
        root,
        wrt,
        edges,
        gradients,
        counts.get(wrt, 0),
        sizes.get(wrt, 0.0),
        [Path(path[:3], path[3:5], *path[5:]) for path in found],
        cancelled,
    )


# A path on its way, in one tuple: the rank of `Path`, its position, its
# contribution and its last link. So the order of these tuples is that of paths.
_Path: TypeAlias = tuple[int, int, float, int, int, float, Link | None]


def _largest(k: int, paths: list[_Path]) -> list[_Path]:
    return paths if len(paths) == 1 else nsmallest(k, paths)


def _edges(order: Iterable[Value], root: Value, wrt: Value) -> list[Edge]:
    """Return the edges on paths from root to wrt, in the order of backward.

    Both ends count: from the edge's result the root must be reached, and from
    its operand wrt, by edges that carry a derivative.
    """
    above = set() if wrt.op is LITERAL else {wrt}  # nodes that reach wrt
    found: list[Edge] = []  # in the reverse of backward's order
    for node in order:
        parents = node.parents
        wanted = [x in above for x in parents]
        if True not in wanted or node is wrt:
            continue
        op = node.op
        local = op.constants or partials_of(node, parents, wanted)
        before = len(found)
        for i in reversed(op.sweep_order(len(parents))):
            if wanted[i] and (p := local[i]) is not None:
                found.append(Edge(node, parents[i], p, i))
        if len(found) > before:
            above.add(node)
    below = {root}  # nodes that the root reaches
    edges = []
    for edge in reversed(found):
        if edge.result in below:
            below.add(edge.operand)
            edges.append(edge)
    return edges
