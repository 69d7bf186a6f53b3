"""A picture that is too wide, broken into rows one below the other.

A row is a range of columns. It ends where few arrows go on. An arrow that goes
on leaves its row at the right, and comes into the next row from the left.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from .legend import WIDEST
from .placement import Placed
from .shapes import coordinate

LANE = 7.0  # between arrows that go on to the next row
EDGE = 12.0  # between a row and the first such arrow
MOST_LANES = 5
FULLEST = 0.55  # the part of a row that is used at least, for the sake of few lanes

Stretch = tuple[float, float, float]


class Rows(NamedTuple):
    """For every column its row and how far it moves; of every row its extent.

    `lanes[row]` numbers the vertices, (source, turn), whose arrow goes on from
    it.
    """

    row_of: list[int]
    moves: list[tuple[float, float]]
    tops: list[float]
    bottoms: list[float]
    left: float
    right: float
    lanes: list[dict[tuple[int, int], int]]


def column_at(placed: Placed, x: float) -> int:
    """Return the column in which x lies."""
    return max(0, bisect_right(placed.columns, (x, float("inf"))) - 1)


def break_rows(
    placed: Placed,
    sources: Sequence[int],
    headroom: float,
    widest: float = WIDEST,
    most_lanes: int = MOST_LANES,
) -> Rows:
    """Return the rows of a picture, one row where it is narrow enough.

    Args:
        placed: The picture as one row.
        sources: The source of every route.
        headroom: What a row needs above its boxes.
        widest: The width of a row.
        most_lanes: How many arrows may go on from a row; with more it stays
            one.
    """
    count = len(placed.columns)
    crossing: list[dict[tuple[int, int], float]] = [{} for _ in range(count + 1)]
    for source, route in zip(sources, placed.routes, strict=True):
        first = column_at(placed, route[0][0])
        for turn, (_, _, y) in enumerate(route[:-1]):
            crossing[first + turn + 1].setdefault((source, turn), y)
    starts, most = [0], 0
    if placed.width > widest:
        for assumed in (2, 4, most_lanes):
            starts = _balanced(placed, crossing, widest - 2 * (EDGE + LANE * assumed))
            most = max((len(crossing[start]) for start in starts[1:]), default=0)
            if most <= assumed:
                break
    lanes = [_numbered(crossing[start]) for start in starts[1:]]
    if most > most_lanes:
        starts, lanes, most = [0], [], 0
    side = EDGE + LANE * most if lanes else 0.0
    ends = [*starts[1:], count]
    row_of = [row for row, (a, b) in enumerate(zip(starts, ends, strict=True)) for _ in range(a, b)]
    tops = [float("inf")] * len(starts)
    bottoms = [float("-inf")] * len(starts)
    spots = [(x, y, y + h) for (x, y), h in zip(placed.corners, placed.heights, strict=True)]
    for route in placed.routes:
        first = column_at(placed, route[0][0])
        spots += [(placed.columns[first + k][0], y, y) for k, (_, _, y) in enumerate(route)]
    for x, top, bottom in spots:
        row = row_of[column_at(placed, x)]
        tops[row], bottoms[row] = min(tops[row], top), max(bottoms[row], bottom)
    moves = []
    down = 0.0
    shifts = []
    for row in range(len(starts)):
        shifts.append(down - tops[row])
        room = EDGE * 2 + LANE * len(lanes[row]) if row < len(lanes) else 0.0
        down = bottoms[row] + shifts[row] + room + headroom
    for row, (a, b) in enumerate(zip(starts, ends, strict=True)):
        across = side - placed.columns[a][0] if placed.columns else 0.0
        moves += [(across, shifts[row])] * (b - a)
    right = (
        max(
            (
                placed.columns[b - 1][1] - placed.columns[a][0]
                for a, b in zip(starts, ends, strict=True)
            ),
            default=0.0,
        )
        if placed.columns
        else 0.0
    )
    return Rows(
        row_of,
        moves,
        [top + shift for top, shift in zip(tops, shifts, strict=True)],
        [bottom + shift for bottom, shift in zip(bottoms, shifts, strict=True)],
        side,
        side + right,
        lanes,
    )


def _balanced(
    placed: Placed, crossing: Sequence[dict[tuple[int, int], float]], room: float
) -> list[int]:
    """Return the first columns of as few rows as fit `room`, as narrow as can be.

    For narrower rows at most one arrow more goes on from each.
    """
    best = _starts(placed, crossing, room)
    lanes = sum(len(crossing[start]) for start in best[1:])
    for share in (0.9, 0.8, 0.7, 0.6):
        narrower = _starts(placed, crossing, share * room)
        more = sum(len(crossing[start]) for start in narrower[1:]) - lanes
        if len(narrower) > len(best):
            break
        if more < len(best):
            best = narrower
    return best


def _starts(
    placed: Placed, crossing: Sequence[dict[tuple[int, int], float]], room: float
) -> list[int]:
    """Return the first column of every row that is at most `room` wide."""
    starts = [0]
    count = len(placed.columns)
    while placed.columns[-1][1] - placed.columns[starts[-1]][0] > room:
        begin = placed.columns[starts[-1]][0]
        fitting = [
            k for k in range(starts[-1] + 1, count) if placed.columns[k - 1][1] - begin <= room
        ] or [starts[-1] + 1]
        full = [
            k for k in fitting if placed.columns[k - 1][1] - begin >= FULLEST * room
        ] or fitting[-1:]
        start = min(full, key=lambda k: (len(crossing[k]), -k))
        if start >= count:
            break
        starts.append(start)
    return starts


def _numbered(crossing: dict[tuple[int, int], float]) -> dict[tuple[int, int], int]:
    """Return the lanes: the lowest arrow takes the one nearest to the row."""
    ordered = sorted(crossing, key=lambda key: -crossing[key])
    return {key: lane for lane, key in enumerate(ordered)}


def turn_path(rows: Rows, row: int, key: tuple[int, int], end: Stretch) -> str:
    """Return the path from a stretch of one row to a stretch of the next."""
    lane = EDGE + LANE * rows.lanes[row][key]
    down = f"H{coordinate(rows.right + lane)}V{coordinate(rows.bottoms[row] + lane)}"
    back = f"H{coordinate(rows.left - lane)}V{coordinate(end[2])}H{coordinate(end[0])}"
    return down + back
