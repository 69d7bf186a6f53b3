"""The unrolled picture of a recurrent computation.

What belongs to one call stands together, the calls from left to right.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from itertools import accumulate

from .picture import Picture

BEFORE = -1  # the period of what several calls use


def periods(picture: Picture) -> list[int]:
    """Return for every box the call index under which it stands.

    It is the box's own, but never before what the box is computed from. Outside
    of any group a result stands with the latest of its operands, a leaf with
    the result that uses it. What several calls use, such as the parameters, is
    of no call: it stands BEFORE them.
    """
    period = [box.call or 0 for box in picture.boxes]
    arriving = {arrow.target for arrow in picture.arrows}
    users: dict[int, set[int]] = {}  # the periods of what uses a leaf
    # In the order of targets: what arrives at a box is settled before what
    # leaves it.
    for arrow in picture.arrows:
        if arrow.source in arriving or picture.boxes[arrow.source].call is not None:
            period[arrow.target] = max(period[arrow.target], period[arrow.source])
    for arrow in picture.arrows:
        if arrow.source not in arriving and picture.boxes[arrow.source].call is None:
            users.setdefault(arrow.source, set()).add(period[arrow.target])
    return [
        own if box not in users else BEFORE if len(users[box]) > 1 else min(users[box])
        for box, own in enumerate(period)
    ]


def columns(
    picture: Picture, period: Sequence[int]
) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Return the column of every box, and of every period its first and last column.

    Within a period results stand right of their operands.
    """
    within = [arrow for arrow in picture.arrows if period[arrow.source] == period[arrow.target]]
    level = [0] * len(picture.boxes)
    for arrow in within:
        level[arrow.target] = max(level[arrow.target], level[arrow.source] + 1)
    arriving = {arrow.target for arrow in within}
    latest: dict[int, int] = {}  # of what nothing arrives at: just before its first use
    for arrow in within:
        if arrow.source not in arriving:
            latest[arrow.source] = min(
                latest.get(arrow.source, level[arrow.target] - 1), level[arrow.target] - 1
            )
    level = [latest.get(box, own) for box, own in enumerate(level)]
    widths = dict.fromkeys(sorted(set(period)), 1)
    for number, deep in zip(period, level, strict=True):
        widths[number] = max(widths[number], deep + 1)
    ends = accumulate(widths.values())
    spans = {
        number: (end - width, end - 1)
        for (number, width), end in zip(widths.items(), ends, strict=True)
    }
    return [spans[number][0] + deep for number, deep in zip(period, level, strict=True)], spans
