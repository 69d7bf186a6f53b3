"""Boxes and arrows from left to right, as SVG elements, in rows that fit a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from .marks import largest
from .palette import look
from .picture import Picture
from .placement import PORT, Placed, early_columns, grid_columns, late_columns, layered
from .rows import WIDEST, Rows, Stretch, break_rows, column_at, turn_path
from .shapes import (
    CELL,
    HEAD,
    LINE,
    arrow_end,
    box_shape,
    box_size,
    coordinate,
    rectangle,
    text,
    way_of,
)
from .text import cells
from .timeline import BEFORE, columns, periods


class Motion(NamedTuple):
    """What an animation shows later: the classes of boxes and of arrows, by number."""

    boxes: Mapping[int, str]
    arrows: Mapping[int, str]


STILL = Motion({}, {})


class Body(NamedTuple):
    """SVG elements, and how far they reach.

    They begin at x = 0. `marks` are those of a legend that only this layout
    has, with their meanings.
    """

    elements: list[str]
    top: float
    width: float
    bottom: float
    marks: list[tuple[str, str]]


def flow(picture: Picture, motion: Motion = STILL) -> Body:
    """Draw the boxes in columns, and an arrow from every operand to its result.

    Args:
        picture: What is drawn.
        motion: What an animation shows later.
    """
    contents = [box_size(box) for box in picture.boxes]
    arriving = [0] * len(picture.boxes)
    for arrow in picture.arrows:
        arriving[arrow.target] += 1
    sizes = [
        (width, max(height, count * PORT))
        for (width, height), count in zip(contents, arriving, strict=True)
    ]
    stubs = [cells(arrow.text) * CELL + HEAD + 12 for arrow in picture.arrows]
    ends = [(arrow.source, arrow.target) for arrow in picture.arrows]
    sources = [arrow.source for arrow in picture.arrows]
    spans: dict[int, tuple[int, int]] = {}
    if picture.layout == "time":
        column_of, spans = columns(picture, periods(picture))
        placed = layered(sizes, ends, stubs, column_of)
        rows = break_rows(placed, sources, 2 * LINE + 8)
    elif picture.layout == "early":
        placed = layered(sizes, ends, stubs, early_columns(len(sizes), ends))
        rows = break_rows(placed, sources, 0.0)
    else:
        # Tall columns become a grid, unless only single columns fit the page.
        dealt, single = grid_columns(sizes, ends), late_columns(len(sizes), ends)
        placed = layered(sizes, ends, stubs, dealt)
        rows = break_rows(placed, sources, 0.0)
        if rows.left + rows.right > WIDEST and dealt != single:
            other = layered(sizes, ends, stubs, single)
            other_rows = break_rows(other, sources, 0.0)
            if other_rows.left + other_rows.right < rows.left + rows.right:
                placed, rows = other, other_rows
    full = largest(picture)
    routes = [_moved(placed, rows, route) for route in placed.routes]
    curves = [
        _curves(placed, rows, source, own, route)
        for source, own, route in zip(sources, placed.routes, routes, strict=True)
    ]
    # Arrows from one box run together until they part: how many take its every
    # turn.
    users = Counter(
        (arrow.source, turn)
        for arrow, own in zip(picture.arrows, curves, strict=True)
        for turn in range(len(own) - 1)
    )
    marks = (
        [("shared", "arrows from one box run together")]
        if max(users.values(), default=1) > 1
        else []
    )
    elements = list(_bands(placed, rows, spans))
    drawn = set()
    for i, (arrow, route, own) in enumerate(zip(picture.arrows, routes, curves, strict=True)):
        shared = sum(users[arrow.source, turn] > 1 for turn in range(len(own) - 1))
        for turn, curve in enumerate(own[:shared]):
            if (arrow.source, turn) not in drawn:
                drawn.add((arrow.source, turn))
                role = "plain line" if arrow.plain else "line"
                elements.append(f'<path{look(role)} d="{curve}"/>')
        late = motion.arrows.get(i, "")
        elements += arrow_end(arrow, "".join(own[shared:]), route[-1][1:], full, late)
        if late:
            pulse = late.replace("after", "flow")
            elements.append(
                f'<path class="{pulse}"{look(f"{way_of(arrow)} line")} d="{"".join(own)}"/>'
            )
    corners = []
    for x, y in placed.corners:
        across, down = rows.moves[column_at(placed, x)]
        corners.append((x + across, y + down))
    for i, (box, corner, size, content) in enumerate(
        zip(picture.boxes, corners, sizes, contents, strict=True)
    ):
        elements += box_shape(box, corner, size, content, full, motion.boxes.get(i, ""))
    bottom = max(rows.bottoms, default=0.0)
    return Body(elements, -2 * LINE if spans else 0, rows.right + rows.left, bottom, marks)


def _bands(placed: Placed, rows: Rows, spans: dict[int, tuple[int, int]]) -> Iterator[str]:
    """Yield a strip behind the columns of every call, and its heading.

    A call that is broken into rows has a strip in each.
    """
    for call, (first, last) in spans.items():
        if call == BEFORE:
            continue
        for row in sorted(set(rows.row_of[first : last + 1])):
            own = [k for k in range(first, last + 1) if rows.row_of[k] == row]
            across = rows.moves[own[0]][0]
            left = placed.columns[own[0]][0] + across - 6
            right = placed.columns[own[-1]][1] + across + 6
            top, bottom = rows.tops[row] - 2 * LINE, rows.bottoms[row] + 6
            yield f"<rect{look('band')}{rectangle(left, top, right - left, bottom - top, 6)}/>"
            heading = f"call {call}" + (", continued" if own[0] > first else "")
            yield text(heading, (left + right) / 2, top + 18, anchor="middle", bold=True)


def _moved(placed: Placed, rows: Rows, route: list[Stretch]) -> list[Stretch]:
    """Return the stretches of a route where their rows are."""
    first = column_at(placed, route[0][0])
    moved = []
    for k, (start, end, y) in enumerate(route):
        across, down = rows.moves[first + k]
        moved.append((start + across, end + across, y + down))
    return moved


def _curves(
    placed: Placed, rows: Rows, source: int, route: list[Stretch], moved: list[Stretch]
) -> list[str]:
    """Return a path for every turn of a route, with the level stretch after it.

    The first has the level stretch before it, too.
    """
    first = column_at(placed, route[0][0])
    paths = []
    start = moved[0][0]
    for turn, ((_, end, y), after) in enumerate(pairwise(moved)):
        next_start, next_end, next_y = after
        row = rows.row_of[first + turn]
        begin = f"M{coordinate(start)} {coordinate(y)}"
        if rows.row_of[first + turn + 1] != row:
            bend = turn_path(rows, row, (source, turn), after)
        elif next_y != y:
            half, from_y, to_y = (
                coordinate((end + next_start) / 2),
                coordinate(y),
                coordinate(next_y),
            )
            curve = f"C{half} {from_y} {half} {to_y} {coordinate(next_start)} {to_y}"
            bend = f"H{coordinate(end)}{curve}"
        else:
            bend = ""
        paths.append(f"{begin}{bend}H{coordinate(next_end)}")
        start = next_end
    return paths
