"""Which part of a graph is drawn: all of it, or what is near something."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..core.row import LITERAL
from ..core.value import Value


class Selection(NamedTuple):
    """The Values that are drawn, parents before children.

    `hidden_operands` and `hidden_uses` count what is left out around each.
    """

    values: list[Value]
    hidden_operands: list[int]
    hidden_uses: list[int]


def select(
    order: list[Value], roots: Sequence[Value], around: Sequence[Value], depth: int | None
) -> Selection:
    """Select what lies near something.

    Args:
        order: The graph in topological order.
        roots: Its results.
        around: The Values whose surroundings are wanted, before and after.
            Without them, what lies before a root.
        depth: How many edges away; None selects all.

    Returns:
        The selection. An operation has its literals with it.
    """
    if depth is None:
        return Selection(order, [0] * len(order), [0] * len(order))
    number_of = {value: i for i, value in enumerate(order)}
    parents = [[number_of[parent] for parent in value.parents] for value in order]
    children: list[list[int]] = [[] for _ in order]
    for child, operands in enumerate(parents):
        for parent in operands:
            children[parent].append(child)
    starts = [number_of[value] for value in around or roots]
    shown = _within(starts, parents, depth) | (
        _within(starts, children, depth) if around else set()
    )
    shown |= {parent for i in shown for parent in parents[i] if order[parent].op is LITERAL}
    chosen = sorted(shown)
    return Selection(
        [order[i] for i in chosen],
        [sum(parent not in shown for parent in parents[i]) for i in chosen],
        [sum(child not in shown for child in children[i]) for i in chosen],
    )


def _within(starts: Iterable[int], neighbours: Sequence[Sequence[int]], depth: int) -> set[int]:
    reached = set(starts)
    frontier = reached
    for _ in range(min(depth, len(neighbours))):
        frontier = {other for one in frontier for other in neighbours[one]} - reached
        reached = reached | frontier
    return reached
