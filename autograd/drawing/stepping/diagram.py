"""The drawing of a walk as SVG: where boxes and arrows go, and their marks. The page moves it, the animation plays it.

Boxes have one size as far as their arrows allow, so that closing a group on the page leaves the others in their places. The coordinates are
whole numbers and the paths relative, to be short: a page of a thousand nodes has thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from ...analysis.notation import number, visible
from ...core.row import LEAF, LITERAL
from ..layout import PORT, layered
from ..text import cells, shortened
from .walk import Walk

WIDTH, HEIGHT = 128, 56
LETTERS = 15  # in a box's title
CELL = 6.7  # the width of a character at 11 px, of the numbers at the arrows
HEAD = 10
MARGIN = 16
DETAILED = 400  # arrows that bear their local derivative and go round every box; more of them cannot be told apart and make a page heavy
LEVEL = 3  # a difference in height over which a line still goes straight

Stretch: TypeAlias = tuple[float, float, float]  # of a route: from x to x, at the height y

SHAPES = (
    f'<defs><rect id="box" x="-8" width="{WIDTH}" height="{HEIGHT}" rx="3"/><rect id="round" x="-8" width="{WIDTH}" height="{HEIGHT}" rx="14"/>'
    + "".join(
        f'<marker id="{name}" class="{name}" viewBox="0 0 8 8" refX="{at}" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse"><path d="{shape}"/></marker>'
        for name, at, shape in (
            ("on", 7, "M0 0L8 4L0 8z"),
            ("positive", 1, "M8 0L0 4L8 8z"),
            ("negative", 1, "M7 1L1 4L7 7z"),
        )
    )
    + "</defs>"
)


class Diagram(NamedTuple):
    """The measures of a drawing, the paths of its arrows in the order of results and operands, and where their numbers stand.

    A drawing of many arrows is not `detailed`: no number stands at them, they run behind boxes, and are not dashed, for a browser needs seconds
    for a thousand long dashed lines.
    """

    width: int
    height: int
    corners: list[tuple[int, int]]
    sizes: list[tuple[int, int]]
    paths: list[str]
    numbers: list[str]
    detailed: bool


def diagram(walk: Walk) -> Diagram:
    sizes = [_size(walk, i) for i in range(len(walk.order))]
    arrows = [(j, i) for i, operands in enumerate(walk.parents) for j in operands]
    texts = ["" if p is None else number(p) for row in walk.local for p in row]
    detailed = len(arrows) <= DETAILED
    if not detailed:
        texts = [""] * len(arrows)
    placed = layered(sizes, arrows, [cells(text) * CELL + HEAD + 12 for text in texts])
    numbers = [
        f'<text x="{round(route[-1][1]) - HEAD}" y="{round(route[-1][2]) - 3}">{text}</text>'
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
        return max(24, round(cells(number(walk.order[i].data)) * 7.3) + 12), 20
    return WIDTH, max(HEIGHT, round(len(walk.parents[i]) * PORT))


def _simplified(route: list[Stretch], detailed: bool) -> list[Stretch]:
    """Without turns that cannot be seen; if it need not be detailed, with one level stretch in place of all bends."""
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
    """Level stretches, M h, joined by turns, c: an S-shaped curve from one height to the next."""
    stretches = [(round(start), round(end), round(y)) for start, end, y in route]
    start, end, y = stretches[0]
    path = f"M{start} {y}h{end - start}"
    for (_, end, y), (next_start, next_end, next_y) in pairwise(stretches):
        across, down = next_start - end, next_y - y
        path += f"c{across // 2} 0 {across // 2} {down} {across} {down}h{next_end - next_start}"
    return path


def boxes(walk: Walk, drawn: Diagram, gradient: Callable[[int], str]) -> list[str]:
    """One group of marks for each node: its frame, then its title and data, and `gradient` of its number."""
    out = []
    for i, ((x, y), (width, height)) in enumerate(zip(drawn.corners, drawn.sizes, strict=True)):
        value = walk.order[i]
        if value.op is LITERAL:
            frame = f'<rect x="-6" width="{width}" height="{height}" rx="4"/>'
            out.append(
                f'<g class="literal" transform="translate({x + 6} {y})">{frame}<text y="14">{number(value.data)}</text></g>'
            )
            continue
        kind, shape = ("leaf", "round") if value.op is LEAF else ("operation", "box")
        top = (height - HEIGHT) // 2
        frame = (
            f'<use href="#{shape}"/>'
            if height == HEIGHT
            else f'<rect x="-8" y="{-top}" width="{width}" height="{height}" rx="3"/>'
        )
        title = walk.names[i] if value.op is LEAF else f"{walk.names[i]} {visible(value.op.symbol)}"
        texts = f'<text y="15">{escape(shortened(title, LETTERS))}</text><text y="30">data {number(value.data)}</text>{gradient(i)}'
        out.append(f'<g class="{kind}" transform="translate({x + 8} {y + top})">{frame}{texts}</g>')
    return out


def gradient_text(gradient: float | None) -> str:
    """What is not computed is said so: it is not zero."""
    return "grad not yet" if gradient is None else f"grad {number(gradient)}"
