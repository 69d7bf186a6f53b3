"""The shapes of a picture in SVG: boxes, the bar of a gradient, the end of an arrow.

Shapes tell the kinds of boxes apart as colours do: a leaf is round, an operation square, a literal dotted, a group a stack; the head of an
arrow and the side of a bar tell the sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .marks import sign, strength
from .picture import Arrow, Box
from .text import cells

CELL = 7.3  # the width of a character at 12 px in the widest of the fonts
LINE = 16
PADDING = 8
BAR = 6  # the height that the bar of a gradient takes
HEAD = 8  # the length of an arrow head
SAMPLE = 36  # the width of a mark in the legend

_CORNERS = {
    "leaf": 12,
    "literal": 4,
    "operation": 2,
    "group": 2,
    "module": 6,
    "cut": 10,
}  # their radius


def box_size(box: Box) -> tuple[float, float]:
    """The width and height that the texts of a box need."""
    if not box.rows:
        return round(cells(box.symbol) * CELL + 2 * PADDING), LINE + 4
    title = cells(box.name) + cells(box.symbol) + (1 if box.name and box.symbol else 0)
    rows = max(cells(word) + 1 + max(cells(value), 6) for word, value in box.rows)
    lines = len(box.rows) + (1 if title else 0)
    return round(max(title, rows) * CELL + 2 * PADDING), lines * LINE + PADDING + (
        BAR if box.gradient is not None else 0
    )


def box_shape(
    box: Box,
    corner: tuple[float, float],
    size: tuple[float, float],
    content: tuple[float, float],
    full: float,
) -> Iterator[str]:
    """A box at `corner`; its texts take the part `content` of its `size`, at the right, half way down. `full` is the scale of the bar."""
    (x, y), (width, height) = corner, size
    yield f'<g class="{box.kind}" transform="translate({coordinate(x)} {coordinate(y)})"><title>{escape(box.tooltip)}</title>'
    if box.highlighted:
        frame = f'width="{coordinate(width + 8)}" height="{coordinate(height + 8)}" rx="{_CORNERS[box.kind] + 3}"'
        yield f'<rect class="highlight" x="-4" y="-4" {frame}/>'
    if box.kind == "group":
        yield f'<path class="stack" d="M4 {coordinate(height)}v3h{coordinate(width - 1)}v-{coordinate(height - 1)}h-3"/>'
    yield f'<rect class="frame" width="{coordinate(width)}" height="{coordinate(height)}" rx="{_CORNERS[box.kind]}"/>'
    yield from _texts(box, width - content[0], (height - content[1]) / 2, content[0], full)
    yield "</g>"


def _texts(box: Box, left: float, top: float, width: float, full: float) -> Iterator[str]:
    if not box.rows:
        yield f'<text x="{coordinate(left + width / 2)}" y="{coordinate(top + 14)}" text-anchor="middle">{escape(box.symbol)}</text>'
        return
    start, end = coordinate(left + PADDING), coordinate(left + width - PADDING)
    baseline = top + PADDING / 2 + 12
    if box.name or box.symbol:
        gap = f' dx="{CELL}"' if box.name else ""
        name = f'<tspan class="name">{escape(box.name)}</tspan>' if box.name else ""
        symbol = f'<tspan class="symbol"{gap}>{escape(box.symbol)}</tspan>' if box.symbol else ""
        yield f'<text x="{start}" y="{coordinate(baseline)}">{name}{symbol}</text>'
        baseline += LINE
    for word, value in box.rows:
        yield f'<text class="word" x="{start}" y="{coordinate(baseline)}">{escape(word)}</text>'
        if value:
            yield f'<text x="{end}" y="{coordinate(baseline)}" text-anchor="end">{escape(value)}</text>'
        baseline += LINE
    if box.gradient is not None:
        yield bar(box.gradient, full, (left + PADDING, baseline - LINE + 5), width - 2 * PADDING)


def bar(gradient: float, full: float, start: tuple[float, float], width: float) -> str:
    """From the middle to the right for a positive gradient, to the left for a negative one."""
    x, y = start
    length = strength(gradient, full) * width / 2
    middle = x + width / 2
    left = middle - length if sign(gradient) == "negative" else middle
    filled = f'<rect class="{sign(gradient)}" x="{coordinate(left)}" y="{coordinate(y)}" width="{coordinate(length)}" height="4"/>'
    scale = f'<path class="scale" d="M{coordinate(x)} {coordinate(y + 2)}h{coordinate(width)}M{coordinate(middle)} {coordinate(y - 1)}v6"/>'
    return scale + (filled if length else "")


def arrow_end(arrow: Arrow, curve: str, end: tuple[float, float], full: float) -> Iterator[str]:
    """The last turn of an arrow, its head and its text, in the colour and thickness of what flows back along it."""
    x, y = end
    way = sign(arrow.flow)
    width = 1 + 2.5 * strength(arrow.flow, full)
    yield f'<g class="arrow"><title>{escape(arrow.tooltip)}</title>'
    if arrow.plain:
        yield f'<path class="line plain" d="{curve}"/>'
    else:
        yield f'<path class="line {way}" stroke-width="{coordinate(width)}" d="{curve}"/>'
        yield f'<path class="head {way}" d="M{coordinate(x)} {coordinate(y)}l-{HEAD} -4v8z"/>'
    if arrow.text:
        place = f'x="{coordinate(x - HEAD - 3)}" y="{coordinate(y - 3)}"'
        yield f'<text class="small" {place} text-anchor="end">{escape(arrow.text)}</text>'
    yield "</g>"


def sample(mark: str) -> str:
    """A mark as the legend shows it, around height 0."""
    if mark in _CORNERS:
        stack = '<path class="stack" d="M8 6v3h23v-11h-3"/>' if mark == "group" else ""
        return f'<g class="{mark}">{stack}<rect class="frame" x="4" y="-6" width="24" height="12" rx="{min(_CORNERS[mark], 6)}"/></g>'
    if mark == "highlight":
        return '<rect class="highlight" x="4" y="-6" width="24" height="12" rx="4"/>'
    if mark == "number":
        text = '<text class="small" x="20" y="0" text-anchor="end">0.5</text>'
        return f'<path class="line" d="M0 4h22"/><path class="head none" d="M30 4l-8 -4v8z"/>{text}'
    if mark == "shared":
        return '<path class="line" d="M0 0h12c6 0 6 -4 12 -4h6M12 0c6 0 6 4 12 4h6"/>'
    if mark == "bar":
        return bar(1.0, 100.0, (0, -2), 30)
    return f'<path class="line {mark}" stroke-width="2.5" d="M0 0h22"/><path class="head {mark}" d="M30 0l-8 -4v8z"/>'


def coordinate(value: float) -> str:
    """At most one decimal, no trailing zero, no negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
