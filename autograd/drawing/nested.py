"""The nested picture: a result is a box around its operands.

Between an inner box and the texts of the box around it stands the local
derivative of the outer by the inner. The product of these numbers, from the
outside in, is the chain rule along that path.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DrawingError
from .flow import Body
from .marks import largest
from .palette import look
from .picture import Arrow, Box, Picture
from .shapes import CELL, HEAD, PADDING, arrow_end, box_shape, box_size, coordinate
from .text import cells

GAP = 10.0  # between the operands of a box, and between them and its walls
# What is used twice is shown twice, so there can be more boxes than nodes.
MOST_BOXES = 150

NOWHERE = Arrow(-1, -1, "", "")


class _Place(NamedTuple):
    """One showing of a box: the arrow that leads out of it, and the places of its operands.

    From a result no arrow leads.
    """

    box: Box
    out: Arrow
    inside: list[int]


def nested(picture: Picture) -> Body:
    """Place the results below each other, each around its operands.

    An operation that is used again is shown without its inside.

    Raises:
        DrawingError: There are more than 150 boxes.
    """
    places = _places(picture)
    contents = [box_size(place.box) for place in places]
    sizes = list(contents)
    stubs = [0.0] * len(places)
    for i in reversed(range(len(places))):
        inside = places[i].inside
        if inside:
            stubs[i] = max(cells(places[k].out.text) for k in inside) * CELL + HEAD + 2 * GAP
            width = max(sizes[k][0] for k in inside) + GAP + stubs[i] + contents[i][0]
            sizes[i] = (width, max(sum(sizes[k][1] + GAP for k in inside) + GAP, contents[i][1]))
    corners = [(0.0, 0.0)] * len(places)
    y = 0.0
    for i, place in enumerate(places):
        if place.out is NOWHERE:
            corners[i] = (0.0, y)
            y += sizes[i][1] + 2 * GAP
        height = sum(sizes[k][1] + GAP for k in place.inside) - GAP
        top = corners[i][1] + (sizes[i][1] - height) / 2
        right = corners[i][0] + sizes[i][0] - contents[i][0] - stubs[i]
        for k in place.inside:
            corners[k] = (right - sizes[k][0], top)
            top += sizes[k][1] + GAP
    full = largest(picture)
    elements: list[str] = []
    for place, corner, size, content in zip(places, corners, sizes, contents, strict=True):
        elements += box_shape(place.box, corner, size, content, full)
    for place, corner, size, content in zip(places, corners, sizes, contents, strict=True):
        end = corner[0] + size[0] - content[0] + PADDING / 2
        if place.inside:
            wall = (
                f"M{coordinate(end)} {coordinate(corner[1] + GAP)}v{coordinate(size[1] - 2 * GAP)}"
            )
            elements.append(f'<path{look("line")} d="{wall}"/>')
        for k in place.inside:
            middle = corners[k][1] + sizes[k][1] / 2
            curve = (
                f"M{coordinate(corners[k][0] + sizes[k][0])} {coordinate(middle)}H{coordinate(end)}"
            )
            elements += arrow_end(places[k].out, curve, (end, middle), full)
    return Body(elements, 0.0, max((size[0] for size in sizes), default=0.0), y - 2 * GAP, [])


def _places(picture: Picture) -> list[_Place]:
    """Return all showings, each before those within it."""
    arriving: list[list[Arrow]] = [[] for _ in picture.boxes]
    for arrow in picture.arrows:
        arriving[arrow.target].append(arrow)
    sources = {arrow.source for arrow in picture.arrows}
    places: list[_Place] = []
    shown: set[int] = set()
    waiting = [
        (box, NOWHERE, -1) for box in reversed(range(len(picture.boxes))) if box not in sources
    ]
    while waiting:
        number, out, outer = waiting.pop()
        if len(places) == MOST_BOXES:
            raise DrawingError(
                f'layout="nested" shows at most {MOST_BOXES} boxes: draw a part with '
                "around= or depth=, or choose another layout"
            )
        if outer >= 0:
            places[outer].inside.append(len(places))
        box = picture.boxes[number]
        if number in shown and arriving[number]:
            box = box._replace(symbol=f"{box.symbol} again")
        else:
            waiting += [(inner.source, inner, len(places)) for inner in reversed(arriving[number])]
        shown.add(number)
        places.append(_Place(box, out, []))
    return places
