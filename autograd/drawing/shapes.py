"""The shapes of a picture in SVG: boxes, the bar of a gradient, the end of an arrow.

Shapes tell the kinds of boxes apart, as colours do: a leaf is round, an
operation square, a literal dotted, a group a stack. The head of an arrow and
the side of a bar tell the sign of a gradient.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterator
from html import escape

from .marks import sign, strength
from .palette import look
from .picture import Arrow, Box
from .text import cells

CELL = 7.3  # the width of a character at 12 px in the widest of the fonts
LINE = 16
PADDING = 8
BAR = 6  # the height that the bar of a gradient takes
HEAD = 8  # the length of an arrow head
SAMPLE = 36  # the width of a mark in the legend

# The radius of the corners.
_CORNERS = {
    "leaf": 12,
    "literal": 4,
    "operation": 2,
    "group": 2,
    "module": 6,
    "container": 8,
    "cut": 10,
    "reference": 10,
}


def box_size(box: Box) -> tuple[float, float]:
    """Return the width and height that the texts of a box need."""
    if not box.rows:
        return round(cells(box.symbol) * CELL + 2 * PADDING), LINE + 4
    title = cells(box.name) + cells(box.symbol) + (1 if box.name and box.symbol else 0)
    rows = max(
        cells(word) + (1 + max(cells(value), 6) if value or word == "grad" else 0)
        for word, value in box.rows
    )
    lines = len(box.rows) + (1 if title else 0)
    bar_height = BAR if box.gradient is not None else 0
    return round(max(title, rows) * CELL + 2 * PADDING), lines * LINE + PADDING + bar_height


def box_shape(
    box: Box,
    corner: tuple[float, float],
    size: tuple[float, float],
    content: tuple[float, float],
    full: float,
    late: str = "",
    low: bool = False,
) -> Iterator[str]:
    """Yield the SVG of a box.

    Args:
        box: What it shows.
        corner: Its top left corner.
        size: Its width and height.
        content: The part of `size` that the texts take, at the right, half way
            down.
        full: The gradient that fills half of the bar.
        late: In an animation the class of what shows the gradient.
        low: Whether the texts stand at the lower end instead.
    """
    (x, y), (width, height) = corner, size
    place = f"translate({coordinate(x)} {coordinate(y)})"
    yield f'<g class="{box.kind}" transform="{place}"><title>{escape(box.tooltip)}</title>'
    if box.highlighted:
        outside = rectangle(-4, -4, width + 8, height + 8, _CORNERS[box.kind] + 3)
        yield f"<rect{look('highlight')}{outside}/>"
    if box.kind == "group":
        down, across = coordinate(height), coordinate(width - 1)
        behind = f"M4 {down}v3h{across}v-{coordinate(height - 1)}h-3"
        yield f'<path{look("group")} d="{behind}"/>'
    yield f"<rect{look(box.kind)}{rectangle(0, 0, width, height, _CORNERS[box.kind])}/>"
    top = height - content[1] if low else (height - content[1]) / 2
    yield from _texts(box, width - content[0], top, content[0], full, late)
    yield "</g>"


def _texts(
    box: Box, left: float, top: float, width: float, full: float, late: str
) -> Iterator[str]:
    faint = "faint" if box.kind in ("literal", "cut") else "text"
    if not box.rows:
        yield text(box.symbol, left + width / 2, top + 14, role=faint, anchor="middle")
        return
    start, end = left + PADDING, left + width - PADDING
    baseline = top + PADDING / 2 + 12
    if box.name or box.symbol:
        bold = ' font-weight="bold"'
        parts = []
        if box.name:
            parts.append(f"<tspan{bold}>{escape(box.name)}</tspan>")
        if box.symbol:
            style = bold if box.kind == "operation" else look("faint")
            gap = f' dx="{CELL}"' if box.name else ""
            parts.append(f"<tspan{style}{gap}>{escape(box.symbol)}</tspan>")
        at = f'x="{coordinate(start)}" y="{coordinate(baseline)}"'
        yield f"<text {at}>{''.join(parts)}</text>"
        baseline += LINE
    for word, value in box.rows:
        yield text(word, start, baseline, role="faint")
        if value:
            shown = text(value, end, baseline, anchor="end")
            yield delayed(shown, late) if word == "grad" else shown
        baseline += LINE
    if box.gradient is not None:
        place = (left + PADDING, baseline - LINE + 5)
        yield delayed(bar(box.gradient, full, place, width - 2 * PADDING), late)


def delayed(element: str, late: str) -> str:
    """Return what an animation shows later, in a group of the class `late`; "" for at once."""
    return f'<g class="{late}">{element}</g>' if late else element


def text(
    content: str,
    x: float,
    y: float,
    *,
    role: str = "text",
    anchor: str = "",
    bold: bool = False,
) -> str:
    """Return a text; `anchor` is SVG's text-anchor, "" for the start."""
    marks = look(role) if role != "text" else ""
    marks += ' font-weight="bold"' if bold else ""
    marks += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text{marks} x="{coordinate(x)}" y="{coordinate(y)}">{escape(content)}</text>'


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """Return the attributes of a rectangle."""
    corner = "".join(f' {name}="{coordinate(at)}"' for name, at in (("x", x), ("y", y)) if at)
    size = f' width="{coordinate(width)}" height="{coordinate(height)}"'
    return corner + size + (f' rx="{coordinate(radius)}"' if radius else "")


def bar(gradient: float, full: float, start: tuple[float, float], width: float) -> str:
    """Return the bar of a gradient: from the middle, to the right if positive."""
    x, y = start
    middle = x + width / 2
    across = f"M{coordinate(x)} {coordinate(y + 2)}h{coordinate(width)}"
    mark = f"M{coordinate(middle)} {coordinate(y - 1)}v6"
    scale = f'<path{look("line")} d="{across}{mark}"/>'
    length = strength(gradient, full) * width / 2
    if not length:
        return scale
    way = sign(gradient)
    left = middle - length if way == "negative" else middle
    return f"{scale}<rect{look(f'{way} bar')}{rectangle(left, y, length, 4)}/>"


def arrow_end(
    arrow: Arrow, curve: str, end: tuple[float, float], full: float, late: str = ""
) -> Iterator[str]:
    """Yield the last turn of an arrow, its head and its text.

    Colour and thickness are those of what flows back along the arrow; in an
    animation they are shown later, in a group of the class `late`.
    """
    x, y = end
    yield f'<g class="arrow"><title>{escape(arrow.tooltip)}</title>'
    if arrow.plain:
        yield f'<path{look("plain line")} d="{curve}"/>'
    else:
        coloured = line(way_of(arrow), 1 + 2.5 * strength(arrow.flow, full), curve, end)
        yield (line("none", 1, curve, end) if late else "") + delayed(coloured, late)
    if arrow.text:
        yield text(arrow.text, x - HEAD - 3, y - 3, anchor="end")
    yield "</g>"


def way_of(arrow: Arrow) -> str:
    """Return the sign of what flows back; of a bundle with both signs it is "none"."""
    return "none" if arrow.mixed else sign(arrow.flow)


def line(way: str, width: float, curve: str, end: tuple[float, float]) -> str:
    """Return an arrow: the path `curve` and a head that points to the right at `end`.

    `way` is the sign of what flows back, as `marks.sign` names it.
    """
    head = f"M{coordinate(end[0])} {coordinate(end[1])}l-{HEAD} -4v8z"
    stroke = f'<path{look(f"{way} line")} stroke-width="{coordinate(width)}" d="{curve}"/>'
    return f'{stroke}<path{look(f"{way} head")} d="{head}"/>'


def dots(x: float, y: float, step: float) -> str:
    """Return three dots, one above the other: what is not shown."""
    return "".join(
        f'<circle{look("text")} cx="{coordinate(x)}" cy="{coordinate(y + step * i)}" r="1.6"/>'
        for i in (-1, 0, 1)
    )


def sample(mark: str) -> str:
    """Return a mark as the legend shows it, around height 0."""
    if mark in _CORNERS:
        stack = f'<path{look("group")} d="M8 6v3h23v-11h-3"/>' if mark == "group" else ""
        return f"{stack}<rect{look(mark)}{rectangle(4, -6, 24, 12, min(_CORNERS[mark], 6))}/>"
    if mark in ("highlight", "now", "later"):
        return f"<rect{look(mark)}{rectangle(4, -6, 24, 12, 4)}/>"
    if mark == "number":
        return line("none", 1, "M0 4h22", (30, 4)) + text("0.5", 22, 0, anchor="end")
    if mark == "shared":
        return f'<path{look("line")} d="M0 0h12c6 0 6 -4 12 -4h6M12 0c6 0 6 4 12 4h6"/>'
    if mark == "dots":
        return dots(16, 0, 5)
    if mark == "unit":
        return f'<circle{look("unit")} cx="16" cy="0" r="7"/>'
    if mark.endswith(" weight"):
        return f'<path{look(mark)} stroke-width="3" d="M2 0h28"/>'
    if not mark:
        return ""
    if mark == "bar":
        return bar(1.0, 100.0, (0, -2), 30)
    return line(mark, 2.5, "M0 0h22", (30, 0))


def coordinate(value: float) -> str:
    """Return a number with at most one decimal, no trailing zero, no negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
