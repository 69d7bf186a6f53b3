"""Boxes and arrows from left to right, as SVG elements, in rows or panels that fit a page."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .legend import ASPECTS, WIDEST, misfit
from .marks import largest, legend
from .palette import look
from .panels import called, panel, panels
from .picture import Picture
from .placement import PORT, Placed, early_columns, grid_columns, layered
from .rows import Rows, Stretch, break_rows, column_at, turn_path
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

WIDTHS = (WIDEST, 640.0, 480.0)  # of rows that are tried; the narrower ones for what is flat
TALLEST = (800.0, 560.0, 400.0, 1200.0)  # heights of a column that is not dealt
SLACKS = (1.0, 0.0)  # how much room steep turns are given
MANY = 100  # boxes beyond which the first try must do
TIME_LANES = 8  # arrows that may go on where the calls stand side by side
FEW_LANES = 3  # arrows that may go on from row to row where the aspect is bad
LITTLE = 0.3  # by which the aspect of panels may be worse: they are easier to follow
FRAME = 8.0  # around a panel, and between panels


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


class _Arranged(NamedTuple):
    """Boxes that are placed and broken into rows.

    `spans` are the first and last columns of every call, in layout "time".
    """

    placed: Placed
    rows: Rows
    spans: dict[int, tuple[int, int]]
    sizes: list[tuple[float, float]]
    contents: list[tuple[float, float]]

    @property
    def width(self) -> float:
        """Return the width of all rows, with the arrows at their sides."""
        return self.rows.right + self.rows.left

    @property
    def height(self) -> float:
        """Return where the last row ends."""
        return max(self.rows.bottoms, default=0.0)


def flow(picture: Picture, motion: Motion = STILL) -> Body:
    """Draw the boxes in columns, and an arrow from every operand to its result.

    What is too wide for a page is broken into rows. Where many arrows would go
    on from row to row, it is dealt to panels.

    Args:
        picture: What is drawn.
        motion: What an animation shows later.
    """
    arranged, unfit = _arranged(picture)
    full = largest(picture)
    lanes = max(map(len, arranged.rows.lanes), default=0)
    if arranged.width > WIDEST or (unfit > 0 and lanes > FEW_LANES):
        whole = _panelled(picture, motion, full)
        aspect = misfit(legend(picture), whole.width, whole.bottom)
        if arranged.width > WIDEST or aspect < unfit + LITTLE:
            return whole
    return _drawn(picture, arranged, full, motion)


def _arranged(picture: Picture, paged: bool = True) -> tuple[_Arranged, float]:
    """Return the best arrangement that was tried, and how far it is from a good aspect.

    Args:
        picture: What is arranged.
        paged: Whether the aspect counts. In a panel only the width does, and
            turns are steep.
    """
    contents = [box_size(box) for box in picture.boxes]
    arriving = [0] * len(picture.boxes)
    for arrow in picture.arrows:
        arriving[arrow.target] += 1
    sizes = [
        (width, max(height, count * PORT))
        for (width, height), count in zip(contents, arriving, strict=True)
    ]
    stubs = [HEAD + (cells(a.text) * CELL + 12 if a.text else 4) for a in picture.arrows]
    ends = [(arrow.source, arrow.target) for arrow in picture.arrows]
    sources = [arrow.source for arrow in picture.arrows]
    marks = legend(picture)
    best: tuple[tuple[float, ...], _Arranged] | None = None
    slacks = SLACKS if paged else SLACKS[1:]
    for column_of, spans, slack in _tries(picture, sizes, ends, slacks):
        placed = layered(sizes, ends, stubs, column_of, slack)
        for widest in WIDTHS:
            room = (2 * LINE + 8, widest, TIME_LANES) if spans else (0.0, widest)
            rows = break_rows(placed, sources, *room)
            found = _Arranged(placed, rows, spans, sizes, contents)
            height = found.height + (2 * LINE if spans else 0)
            unfit = misfit(marks, found.width, height) if paged else 0.0
            excess = max(0.0, found.width - WIDEST)
            lanes = max(map(len, rows.lanes), default=0)
            order = (excess, unfit + 0.05 * lanes, len(rows.tops), -slack)
            if best is None or order < best[0]:
                best = (order, found)
            flat = found.width > found.height * ASPECTS[1]
            if not (unfit and flat) or len(rows.tops) == len(placed.columns):
                break
        assert best is not None
        if best[0][0] == 0.0 and best[0][1] == 0.0:
            break
    assert best is not None
    found = best[1]
    return found, misfit(marks, found.width, found.height)


def _tries(
    picture: Picture,
    sizes: Sequence[tuple[float, float]],
    ends: Sequence[tuple[int, int]],
    slacks: Sequence[float],
) -> Iterator[tuple[list[int], dict[int, tuple[int, int]], float]]:
    """Yield columns, the spans of calls in them, and the slack of turns, the roomiest first."""
    if picture.layout == "time":
        column_of, spans = columns(picture, periods(picture))
        for slack in slacks:
            yield column_of, spans, slack
    elif picture.layout == "early":
        for slack in slacks:
            yield early_columns(len(sizes), ends), {}, slack
    else:
        # Tall columns become a grid, unless only single columns fit the page.
        tried: list[list[int]] = []
        for tallest in TALLEST:
            column_of = grid_columns(sizes, ends, tallest)
            if column_of not in tried:
                tried.append(column_of)
                yield column_of, {}, slacks[0]
            if len(sizes) > MANY:
                return
        for slack in slacks[1:]:
            for column_of in tried:
                yield column_of, {}, slack


def _panelled(picture: Picture, motion: Motion, full: float) -> Body:
    """Draw the picture in panels. What comes from another panel is a reference."""
    names = called(picture)
    period = periods(picture) if picture.layout == "time" else [BEFORE] * len(picture.boxes)

    def fits(boxes: Sequence[int]) -> bool:
        found = _arranged(panel(picture, boxes, names).picture, False)[0]
        return found.width <= WIDEST - 2 * FRAME and len(found.rows.tops) == 1

    bodies = []
    for boxes in panels(picture, period, fits):
        part = panel(picture, boxes, names)
        own = Motion(
            {k: motion.boxes[i] for k, i in enumerate(part.boxes) if i in motion.boxes},
            {k: motion.arrows[i] for k, i in enumerate(part.arrows) if i in motion.arrows},
        )
        body = _drawn(part.picture, _arranged(part.picture, False)[0], full, own)
        bodies.append((body, period[boxes[0]]))
    return _shelves(bodies)


def _shelves(bodies: Sequence[tuple[Body, int]]) -> Body:
    """Put panels side by side, and below each other where a line is full.

    A panel of a call bears its number.
    """
    elements: list[str] = []
    marks: dict[tuple[str, str], None] = {}
    # Of the line: its top, where it ends so far; of its last stack of panels:
    # its left, right and lower ends.
    top = lower = left = right = below = widest = 0.0
    shown = set()
    for body, call in bodies:
        head = 0.0 if call == BEFORE else 1.5 * LINE
        width, height = body.width + 2 * FRAME, body.bottom - body.top + 2 * FRAME + head
        # A panel that is no wider than the stack before it stands below that.
        if right and left + width <= right and below + height <= lower:
            x, y = left, below
        elif right + FRAME + width <= WIDEST or not right:
            x, y = (right + FRAME if right else 0.0), top
        else:
            top = lower + FRAME
            x, y, right = 0.0, top, 0.0
        left, right, below = x, max(right, x + width), y + height + FRAME
        lower, widest = max(lower, y + height), max(widest, right)
        elements.append(f"<rect{look('band')}{rectangle(x, y, width, height, 6)}/>")
        if head:
            heading = f"call {call}" + (", continued" if call in shown else "")
            elements.append(text(heading, x + width / 2, y + LINE + 2, anchor="middle", bold=True))
        shown.add(call)
        place = f"translate({coordinate(x + FRAME)} {coordinate(y + FRAME + head - body.top)})"
        elements.append(f'<g transform="{place}">{"".join(body.elements)}</g>')
        marks.update(dict.fromkeys(body.marks))
    meaning = ("reference", "the result of another panel, by its name or its number")
    return Body(elements, 0.0, widest, lower, [*marks, meaning])


def _drawn(picture: Picture, arranged: _Arranged, full: float, motion: Motion) -> Body:
    """Draw boxes and arrows where they are; `full` is the largest gradient of all."""
    placed, rows, spans, sizes, contents = arranged
    sources = [arrow.source for arrow in picture.arrows]
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
    top = -2.0 * LINE if spans else 0.0
    return Body(elements, top, arranged.width, arranged.height, marks)


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
