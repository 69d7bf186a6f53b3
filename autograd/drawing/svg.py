"""A picture as SVG text: one file that needs no other, light and dark.

Shapes tell the kinds of boxes apart as colours do: a leaf is round, an operation square, a literal has no frame. Each text has
a contrast of at least 4.5 : 1 with what is behind it and each mark of at least 3 : 1, in both palettes (WCAG 2.2, level AA).
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from xml.sax.saxutils import escape

from .layout import PORT, Placed, layered
from .picture import Box, Picture
from .text import cells

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
CELL = 7.3  # the width of a character at 12 px in the widest of these fonts
LINE = 16
PADDING = 8
HEAD = 7  # the length of an arrow head
MARGIN = 16

LIGHT = {"paper": "#ffffff", "text": "#1c2128", "faint": "#57606a", "line": "#6e7781", "box": "#f6f8fa", "leaf": "#e3effc",
         "leaf-line": "#1f6feb"}
DARK = {"paper": "#0d1117", "text": "#e6edf3", "faint": "#9ea7b3", "line": "#8b949e", "box": "#1c232c", "leaf": "#12294a",
        "leaf-line": "#58a6ff"}


def write_svg(picture: Picture) -> str:
    """The picture in the built-in layout."""
    sizes = [_size(box, arriving) for box, arriving in zip(picture.boxes, _arriving(picture), strict=True)]
    stubs = [cells(arrow.text) * CELL + HEAD + 12 for arrow in picture.arrows]
    placed = layered(sizes, [(arrow.source, arrow.target) for arrow in picture.arrows], stubs)
    body = [*_arrows(picture, placed), *_boxes(picture, placed, sizes)]
    return _document(picture, placed.width + 2 * MARGIN, placed.height + 2 * MARGIN, body)


def _arriving(picture: Picture) -> list[int]:
    counts = [0] * len(picture.boxes)
    for arrow in picture.arrows:
        counts[arrow.target] += 1
    return counts


def _size(box: Box, arriving: int) -> tuple[float, float]:
    if box.kind == "literal":
        return cells(box.symbol) * CELL + 2 * PADDING, LINE + 4
    title = cells(box.name) + cells(box.symbol) + (2 if box.name and box.symbol else 0)
    rows = max((cells(word) + 1 + max(cells(value), 6) for word, value in box.rows), default=0)
    lines = len(box.rows) + (1 if title else 0)
    return round(max(title, rows) * CELL + 2 * PADDING), max(lines * LINE + PADDING, arriving * PORT)


def _boxes(picture: Picture, placed: Placed, sizes: list[tuple[float, float]]) -> list[str]:
    out = []
    for box, (x, y), (width, height) in zip(picture.boxes, placed.corners, sizes, strict=True):
        shape = {"leaf": ' rx="12"', "literal": ' rx="4"', "operation": ' rx="2"'}[box.kind]
        out.append(f'<g class="{box.kind}" transform="translate({_n(x)} {_n(y)})"><title>{escape(box.tooltip)}</title>')
        out.append(f'<rect width="{_n(width)}" height="{_n(height)}"{shape}/>')
        if box.kind == "literal":
            out.append(f'<text x="{_n(width / 2)}" y="14" text-anchor="middle">{escape(box.symbol)}</text></g>')
            continue
        titled = bool(box.name or box.symbol)
        baseline = (height - (len(box.rows) + titled) * LINE) / 2 + 12
        if titled:
            name = f'<tspan class="name">{escape(box.name)}</tspan>' if box.name else ""
            symbol = f'<tspan class="symbol">{escape(box.symbol)}</tspan>' if box.symbol else ""
            out.append(f'<text x="{PADDING}" y="{_n(baseline)}">{name}{"  " if name and symbol else ""}{symbol}</text>')
            baseline += LINE
        for word, value in box.rows:
            out.append(f'<text class="word" x="{PADDING}" y="{_n(baseline)}">{word}</text>')
            if value:
                out.append(f'<text x="{_n(width - PADDING)}" y="{_n(baseline)}" text-anchor="end">{escape(value)}</text>')
            baseline += LINE
        out.append("</g>")
    return out


def _arrows(picture: Picture, placed: Placed) -> list[str]:
    out = []
    shared = set()  # arrows from one box run together up to their last turn; that part is drawn once
    for arrow, route in zip(picture.arrows, placed.routes, strict=True):
        dashed = ' stroke-dasharray="2 3"' if picture.boxes[arrow.source].kind == "literal" else ""
        curves = _curves(route)
        for i, curve in enumerate(curves[:-1]):
            if (arrow.source, i) not in shared:
                shared.add((arrow.source, i))
                out.append(f'<path class="line"{dashed} d="{curve}"/>')
        out.append(f'<g class="arrow"><title>{escape(arrow.tooltip)}</title><path class="line"{dashed} d="{curves[-1]}"/>')
        _, end, y = route[-1]
        if arrow.text:
            out.append(f'<path class="head" d="M{_n(end)} {_n(y)}l-{HEAD} -3.5v7z"/>')
            out.append(f'<text x="{_n(end - HEAD - 2)}" y="{_n(y - 3)}" text-anchor="end">{escape(arrow.text)}</text>')
        out.append("</g>")
    return out


def _curves(route: list[tuple[float, float, float]]) -> list[str]:
    """One path for every turn of a route, with the level stretch after it, and for the first also the one before it."""
    paths = []
    start = route[0][0]
    for (_, end, y), (next_start, next_end, next_y) in pairwise(route):
        half = _n((end + next_start) / 2)
        turn = f"H{_n(end)}C{half} {_n(y)} {half} {_n(next_y)} {_n(next_start)} {_n(next_y)}" if next_y != y else ""
        paths.append(f"M{_n(start)} {_n(y)}{turn}H{_n(next_end)}")
        start = next_end
    return paths


def _document(picture: Picture, width: float, height: float, body: list[str]) -> str:
    inside = "\n".join(body)
    key = f"{zlib.crc32((picture.title + inside).encode()):08x}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="{-MARGIN} {-MARGIN} {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}">\n'
        f'<title id="t{key}">{escape(picture.title)}</title>\n<desc id="d{key}">{escape(picture.description)}</desc>\n'
        f"<style>{_style(LIGHT)}\n@media (prefers-color-scheme: dark) {{{_style(DARK)}}}</style>\n"
        f'<rect class="paper" x="{-MARGIN}" y="{-MARGIN}" width="{_n(width)}" height="{_n(height)}"/>\n{inside}\n</svg>\n'
    )


def _style(colour: dict[str, str]) -> str:
    rules = {
        ".paper": f"fill:{colour['paper']}",
        "text": f"font:12px {FONT};fill:{colour['text']};white-space:pre",
        ".word,.literal text": f"fill:{colour['faint']}",
        ".name,.operation .symbol": "font-weight:bold",
        ".operation rect": f"fill:{colour['box']};stroke:{colour['line']}",
        ".leaf rect": f"fill:{colour['leaf']};stroke:{colour['leaf-line']}",
        ".literal rect": f"fill:none;stroke:{colour['line']};stroke-dasharray:2 3",
        ".line": f"fill:none;stroke:{colour['line']}",
        ".head": f"fill:{colour['line']}",
        ".arrow text": f"fill:{colour['text']};font-size:11px",
    }
    return "\n".join(f"{_scoped(selector)}{{{rule}}}" for selector, rule in rules.items())


def _scoped(selector: str) -> str:
    return ",".join(f".autograd {part}" for part in selector.split(","))


def _n(value: float) -> str:
    """A coordinate: at most one decimal, no trailing zero, no negative zero."""
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else str(round(value))
