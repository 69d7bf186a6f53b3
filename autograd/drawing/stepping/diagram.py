"""The drawing of a walk as SVG: where boxes and arrows go, and their marks.

The page's script moves and repaints them. It is written as HTML: a value of one
word needs no quotes. Boxes have one size as far as their arrows allow, so that
closing a group leaves the others in their places. Coordinates are whole numbers
and paths relative, to be short: a page of a thousand nodes has thousands of
them.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from html import escape
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from ...analysis.notation import four_digits, visible
from ...core.row import LEAF, LITERAL
from ..palette import look
from ..placement import PORT, layered
from ..text import cells, shortened
from .walk import Walk

WIDTH, HEIGHT = 128, 56
LITERAL_HEIGHT = 20
TITLE_LENGTH = 15  # characters
CELL = 7.3  # the width of a character at 12 px
HEAD = 10
MARGIN = 16
DETAILED = 400  # arrows that bear their local derivative; more of them cannot be told apart
LEVEL = 3  # a difference in height over which a line still goes straight
ROUND = {"leaf": 12, "literal": 4}  # the radius of a box's corners, else SQUARE
SQUARE = 2
IDS = {"operation": "op", "leaf": "leaf", "later": "later"}  # of the boxes, short for a large page
WAYS = ("none", "zero", "positive", "negative", "nan")  # the sign of what flows along an arrow

Stretch: TypeAlias = tuple[float, float, float]  # of a route: from x to x, at the height y


class Diagram(NamedTuple):
    """The measures of a drawing, and the SVG of its arrows.

    `paths` stand in the order of results and operands; `numbers` are the texts
    at those that carry a derivative. A drawing of many arrows is not
    `detailed`: no number stands at them, and they run behind boxes.
    """

    width: int
    height: int
    corners: list[tuple[int, int]]
    sizes: list[tuple[int, int]]
    paths: list[str]
    numbers: list[str]
    detailed: bool


def shapes(drawn: Diagram) -> str:
    """Return the boxes and heads that a drawing refers to, by their roles.

    A literal's box is called after its width.
    """
    boxes = "".join(
        f'<rect id="{IDS[role]}" x="-8" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="{ROUND.get(role, SQUARE)}"{look(role)}/>'
        for role in IDS
    )
    boxes += "".join(
        f'<rect id="w{width}" x="-6" width="{width}" height="{LITERAL_HEIGHT}" '
        f'rx="{ROUND["literal"]}"{look("literal")}/>'
        for width in sorted({w for w, height in drawn.sizes if height == LITERAL_HEIGHT})
    )
    heads = "".join(
        f'<marker id="{way}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="10" '
        f'markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M1 1l8 4l-8 4z"{look(f"{way} head")}/></marker>'
        for way in WAYS
    )
    return f"<defs>{boxes}{heads}</defs>"


def diagram(walk: Walk) -> Diagram:
    """Lay out the boxes and arrows of a walk."""
    sizes = [_size(walk, i) for i in range(len(walk.order))]
    arrows = [(j, i) for i, operands in enumerate(walk.parents) for j in operands]
    texts = ["" if p is None else four_digits(p) for row in walk.local for p in row]
    detailed = len(arrows) <= DETAILED
    if not detailed:
        texts = [""] * len(arrows)
    placed = layered(sizes, arrows, [cells(text) * CELL + HEAD + 12 for text in texts])
    numbers = [
        f"<text x={round(route[-1][1]) - HEAD} y={round(route[-1][2]) - 3}>{text}</text>"
        for route, text in zip(placed.routes, texts, strict=True)
        if text
    ]
    corners = [(round(x), round(y)) for x, y in placed.corners]
    paths = [_path(_simplified(route, detailed)) for route in placed.routes]
    return Diagram(
        round(placed.width), round(placed.height), corners, sizes, paths, numbers, detailed
    )


def _size(walk: Walk, i: int) -> tuple[int, int]:
    if walk.order[i].op is LITERAL:
        return max(24, round(cells(four_digits(walk.order[i].data)) * CELL) + 12), LITERAL_HEIGHT
    return WIDTH, max(HEIGHT, round(len(walk.parents[i]) * PORT))


def _simplified(route: list[Stretch], detailed: bool) -> list[Stretch]:
    """Leave out turns that cannot be seen.

    If it need not be detailed, one level stretch takes the place of all bends.
    """
    first, *bends, last = route
    if bends and not detailed:
        bends = [(bends[0][0], bends[-1][1], bends[len(bends) // 2][2])]
    kept = [first]
    for start, end, y in bends:
        if abs(y - kept[-1][2]) <= LEVEL:
            kept[-1] = (kept[-1][0], end, kept[-1][2])
        else:
            kept.append((start, end, y))
    return [*kept, last]


def _path(route: list[Stretch]) -> str:
    """Write level stretches, M h, joined by turns, c: S-shaped curves."""
    stretches = [(round(start), round(end), round(y)) for start, end, y in route]
    start, end, y = stretches[0]
    path = f"M{start} {y}" + (f"h{end - start}" if end > start else "")
    for (_, end, y), (next_start, next_end, next_y) in pairwise(stretches):
        across, down = next_start - end, next_y - y
        path += f"c{across // 2} 0 {across // 2} {down} {across} {down}h{next_end - next_start}"
    return path.replace(" -", "-")


def arrows(drawn: Diagram) -> str:
    """Return the arrows and their numbers."""
    paths = "".join(f'<path d="{path}"/>' for path in drawn.paths)
    numbers = "".join(drawn.numbers)
    return (
        f'<g class="arrows" marker-end="url(#none)"{look("none line")}>{paths}</g>'
        f'<g class="numbers" text-anchor="end" paint-order="stroke"{look("halo")}>{numbers}</g>'
    )


def boxes(walk: Walk, drawn: Diagram) -> str:
    """Return one group of marks for each node: its frame, then title, data, gradient."""
    return "".join(_box(walk, drawn, i) for i in range(len(walk.order)))


def _box(walk: Walk, drawn: Diagram, i: int) -> str:
    (x, y), (width, height) = drawn.corners[i], drawn.sizes[i]
    value = walk.order[i]
    if value.op is LITERAL:
        marks = f'<use href="#w{width}"/><text y=14>{four_digits(value.data)}</text>'
        return f"<g class=literal transform=translate({x + 6},{y})>{marks}</g>"
    kind = "leaf" if value.op is LEAF else "operation"
    top = (height - HEIGHT) // 2
    if height == HEIGHT:
        frame = f'<use href="#{IDS[kind]}"/>'
    else:
        place = f"x=-8 y={-top} width={width} height={height} rx={SQUARE}"
        frame = f"<rect {place}{look(kind)}/>"
    title = walk.names[i] if kind == "leaf" else f"{walk.names[i]} {visible(value.op.symbol)}"
    lines = (
        f"<text y=15>{escape(shortened(title, TITLE_LENGTH))}</text>"
        f"<text y=30>data {four_digits(value.data)}</text>"
        f"<text y=45>{gradient_text(walk.gradients[i])}</text>"
    )
    return f"<g class={kind} transform=translate({x + 8},{y + top})>{frame}{lines}</g>"


def gradient_text(gradient: float | None) -> str:
    """Write a gradient; one that is not computed is not 0, and is said so."""
    return "grad not yet" if gradient is None else f"grad {four_digits(gradient)}"
