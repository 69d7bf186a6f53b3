"""Boxes and arrows from left to right, as SVG elements; by call, if the picture is to be unrolled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from .layout import PORT, Placed, layered
from .marks import largest, sign
from .palette import look
from .picture import Picture
from .shapes import CELL, HEAD, LINE, arrow_end, box_shape, box_size, coordinate, rectangle, text
from .text import cells
from .timeline import columns, periods


class Motion(NamedTuple):
    """What an animation shows later: the classes of boxes and of arrows, by number."""

    boxes: Mapping[int, str]
    arrows: Mapping[int, str]


STILL = Motion({}, {})


class Body(NamedTuple):
    """SVG elements, and from where to where they reach, beginning at the left at 0; and marks that only this layout has, with their meanings."""

    elements: list[str]
    top: float
    width: float
    bottom: float
    marks: list[tuple[str, str]]


def flow(picture: Picture, motion: Motion = STILL) -> Body:
    """Boxes in layers, each as late as possible, and an arrow from every operand to its result."""
    contents = [box_size(box) for box in picture.boxes]
    arriving = [0] * len(picture.boxes)
    for arrow in picture.arrows:
        arriving[arrow.target] += 1
    sizes = [
        (width, max(height, count * PORT))
        for (width, height), count in zip(contents, arriving, strict=True)
    ]
    stubs = [cells(arrow.text) * CELL + HEAD + 12 for arrow in picture.arrows]
    column_of, spans = (
        columns(picture, periods(picture)) if picture.layout == "time" else (None, {})
    )
    placed = layered(
        sizes, [(arrow.source, arrow.target) for arrow in picture.arrows], stubs, column_of
    )
    full = largest(picture)
    curves = [_curves(route) for route in placed.routes]
    # Arrows from one box run together until they part: how many take its every turn.
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
    elements = list(_bands(placed, spans))
    drawn = set()
    for i, (arrow, route, own) in enumerate(
        zip(picture.arrows, placed.routes, curves, strict=True)
    ):
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
                f'<path class="{pulse}"{look(f"{sign(arrow.flow)} line")} d="{"".join(own)}"/>'
            )
    for i, (box, corner, size, content) in enumerate(
        zip(picture.boxes, placed.corners, sizes, contents, strict=True)
    ):
        elements += box_shape(box, corner, size, content, full, motion.boxes.get(i, ""))
    return Body(elements, -2 * LINE if spans else 0, placed.width, placed.height, marks)


def _bands(placed: Placed, spans: dict[int, tuple[int, int]]) -> Iterator[str]:
    """A strip behind the columns of every call, and its heading."""
    for call, (first, last) in spans.items():
        left, right = placed.columns[first][0] - 6, placed.columns[last][1] + 6
        extent = rectangle(left, -2 * LINE, right - left, placed.height + 2 * LINE + 6, 6)
        yield f"<rect{look('band')}{extent}/>"
        yield text(f"call {call}", (left + right) / 2, -14, anchor="middle", bold=True)


def _curves(route: list[tuple[float, float, float]]) -> list[str]:
    """One path for every turn of a route, with the level stretch after it, and for the first also the one before it."""
    paths = []
    start = route[0][0]
    for (_, end, y), (next_start, next_end, next_y) in pairwise(route):
        half, from_y, to_y = coordinate((end + next_start) / 2), coordinate(y), coordinate(next_y)
        turn = (
            f"H{coordinate(end)}C{half} {from_y} {half} {to_y} {coordinate(next_start)} {to_y}"
            if next_y != y
            else ""
        )
        paths.append(f"M{coordinate(start)} {from_y}{turn}H{coordinate(next_end)}")
        start = next_end
    return paths
