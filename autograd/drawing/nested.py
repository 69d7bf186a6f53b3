"""The nested picture: a result is a box around its operands.

Between an inner box and the texts of the box around it stands the local
derivative of the outer by the inner. The product of these numbers, from the
outside in, is the chain rule along that path. The texts stand at the right of
the operands, or below them where the page has no more room. What is nested too
deeply for a page stands below as a box of its own.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import DrawingError
from .flow import Body
from .legend import WIDEST
from .marks import largest
from .palette import look
from .panels import called, reference
from .picture import Arrow, Box, Picture
from .placement import PORT
from .shapes import CELL, HEAD, PADDING, arrow_end, box_shape, box_size, coordinate
from .text import cells

GAP = 10.0  # between the operands of a box, and between them and its walls
LANE = 10.0  # between arrows that lead to texts below
# What is used twice is shown twice, so there can be more boxes than nodes.
MOST_BOXES = 150
LEVELS = (150, 24, 16, 12, 8, 5, 3)  # of boxes in boxes; the first that fits a page

NOWHERE = Arrow(-1, -1, "", "")


class _Place(NamedTuple):
    """One showing of a box: the arrow that leads out of it, and the places of its operands.

    From a result no arrow leads.
    """

    box: Box
    out: Arrow
    inside: list[int]


class _Sized(NamedTuple):
    """The size of a place, and that of its texts.

    `stub` is the room of the arrows before the texts, or at the left where
    these stand `below` the operands.
    """

    width: float
    height: float
    content: tuple[float, float]
    stub: float
    below: bool = False


def nested(picture: Picture) -> Body:
    """Place the results below each other, each around its operands.

    An operation that is used again is shown without its inside.

    Raises:
        DrawingError: There are more than 150 boxes.
    """
    for levels in LEVELS:
        places = _places(picture, levels)
        sized = _sizes(places)
        width = max((own.width for own in sized), default=0.0)
        if width <= WIDEST:
            break
    corners = [(0.0, 0.0)] * len(places)
    y = 0.0
    for i, (place, own) in enumerate(zip(places, sized, strict=True)):
        if place.out is NOWHERE:
            corners[i] = (0.0, y)
            y += own.height + 2 * GAP
        left, top = corners[i]
        right = left + own.width
        if own.below:
            top, right = top + GAP, right - GAP / 2
        else:
            height = sum(sized[k].height + GAP for k in place.inside) - GAP
            top, right = top + (own.height - height) / 2, right - own.content[0] - own.stub
        for k in place.inside:
            corners[k] = (right - sized[k].width, top)
            top += sized[k].height + GAP
    full = largest(picture)
    elements: list[str] = []
    for place, corner, own in zip(places, corners, sized, strict=True):
        size = (own.width, own.height)
        elements += box_shape(place.box, corner, size, own.content, full, low=own.below)
    for i, place in enumerate(places):
        if place.inside:
            elements += _arrows(places, i, corners, sized, full)
    marks = [("reference", "what stands in a box of its own")] if _cut(places) else []
    return Body(elements, 0.0, width, y - 2 * GAP, marks)


def _cut(places: list[_Place]) -> bool:
    return any(place.box.kind == "reference" for place in places)


def _sizes(places: list[_Place]) -> list[_Sized]:
    """Return the size of every place, as flat as the page has room for it."""
    room = [WIDEST] * len(places)
    for i, place in enumerate(places):
        for k in place.inside:
            room[k] = room[i] - _inset(place) - GAP / 2
    sized = [_Sized(*box_size(place.box), box_size(place.box), 0.0) for place in places]
    for i in reversed(range(len(places))):
        inside = places[i].inside
        if inside:
            width, height = sized[i].content
            height = max(height, len(inside) * PORT)
            broad = max(sized[k].width for k in inside)
            tall = sum(sized[k].height + GAP for k in inside) + GAP
            stub = max(cells(places[k].out.text) for k in inside) * CELL + HEAD + 2 * GAP
            if broad + GAP + stub + width <= room[i]:
                across = broad + GAP + stub + width
                sized[i] = _Sized(across, max(tall, height), (width, height), stub)
            else:
                inset = _inset(places[i])
                across = max(broad + inset + GAP / 2, inset + stub + width)
                sized[i] = _Sized(across, tall + height, (width, height), inset, True)
    return sized


def _inset(place: _Place) -> float:
    """Return the room at the left of the operands for arrows to texts below."""
    return GAP + LANE * len(place.inside)


def _arrows(
    places: list[_Place],
    i: int,
    corners: list[tuple[float, float]],
    sized: list[_Sized],
    full: float,
) -> Iterator[str]:
    """Yield the wall before the texts of a place, and the arrows to it from its operands."""
    (left, top), own, inside = corners[i], sized[i], places[i].inside
    end = left + own.width - own.content[0] + PADDING / 2
    bottom = top + own.height
    upper = bottom - own.content[1] if own.below else top + GAP
    wall = f"M{coordinate(end)} {coordinate(upper)}V{coordinate(bottom - GAP)}"
    yield f'<path{look("line")} d="{wall}"/>'
    for place, k in enumerate(inside):
        x, middle = corners[k][0], corners[k][1] + sized[k].height / 2
        if own.below:
            # The arrow of the uppermost operand goes outside of the others.
            lane = coordinate(left + GAP / 2 + LANE * (place + 0.5))
            level = upper + (len(inside) - place - 0.25) * PORT
            curve = f"M{coordinate(x)} {coordinate(middle)}H{lane}V{coordinate(level)}"
            middle = level
        else:
            curve = f"M{coordinate(x + sized[k].width)} {coordinate(middle)}"
        yield from arrow_end(places[k].out, f"{curve}H{coordinate(end)}", (end, middle), full)


def _places(picture: Picture, levels: int) -> list[_Place]:
    """Return all showings, each before those within it.

    Args:
        picture: What is shown.
        levels: How deeply boxes are nested; what lies deeper stands by itself.
    """
    arriving: list[list[Arrow]] = [[] for _ in picture.boxes]
    for arrow in picture.arrows:
        arriving[arrow.target].append(arrow)
    sources = {arrow.source for arrow in picture.arrows}
    names = called(picture)
    places: list[_Place] = []
    shown: set[int] = set()
    cut: list[int] = []
    waiting = [
        (box, NOWHERE, -1, 1) for box in reversed(range(len(picture.boxes))) if box not in sources
    ]
    while waiting or cut:
        if not waiting:
            waiting = [(cut.pop(0), NOWHERE, -1, 1)]
        number, out, outer, level = waiting.pop()
        if len(places) == MOST_BOXES:
            raise DrawingError(
                f'layout="nested" shows at most {MOST_BOXES} boxes: draw a part with '
                "around= or depth=, or choose another layout"
            )
        if outer >= 0:
            places[outer].inside.append(len(places))
        box = picture.boxes[number]
        if arriving[number] and level == levels and outer >= 0:
            if number not in shown and number not in cut:
                cut.append(number)
            box = reference(box, *names[number])
        elif number in shown and arriving[number]:
            box = box._replace(symbol=f"{box.symbol} again")
        else:
            if outer < 0 and number in names:
                box = box._replace(name=names[number][0], symbol=names[number][1])
            waiting += [
                (inner.source, inner, len(places), level + 1)
                for inner in reversed(arriving[number])
            ]
            shown.add(number)
        places.append(_Place(box, out, []))
    return places
