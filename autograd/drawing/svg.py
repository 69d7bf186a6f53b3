"""A picture as SVG text: one file that needs no other, light and dark.

Shapes tell the kinds of boxes apart as colours do: a leaf is round, an operation square, a literal dotted, a group a stack; the head of an
arrow and the side of a bar tell the sign. Text has a contrast of at least 4.5 : 1 with what is behind it and a mark of at least
3 : 1, in both palettes (WCAG 2.2, level AA).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from .layout import PORT, Placed, layered
from .marks import largest, legend, sign, strength
from .picture import Arrow, Box, Picture
from .text import cells
from .timeline import columns, periods

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
CELL = 7.3  # the width of a character at 12 px in the widest of these fonts
LINE = 16
PADDING = 8
BAR = 6  # the height that the bar of a gradient takes
HEAD = 8  # the length of an arrow head
MARGIN = 16
NARROWEST = 360  # so that a legend has room under the smallest graph
SAMPLE = 36  # the room of a mark in the legend

LIGHT = {
    "paper": "#ffffff", "text": "#1c2128", "faint": "#57606a", "line": "#6e7781", "operation": "#f6f8fa", "leaf": "#e6f4ea",
    "leaf-line": "#2f7d4f", "group": "#f3effc", "group-line": "#7a4fc4", "band": "#eef1f4", "positive": "#0550ae", "negative": "#bc4c00",
    "nan": "#a40e5f", "highlight": "#bf3989",
}
DARK = {
    "paper": "#0d1117", "text": "#e6edf3", "faint": "#9ea7b3", "line": "#8b949e", "operation": "#1c232c", "leaf": "#12301f",
    "leaf-line": "#56b97f", "group": "#271d3d", "group-line": "#a98be8", "band": "#161c24", "positive": "#6cb6ff", "negative": "#f0883e",
    "nan": "#ff7ab8", "highlight": "#f778ba",
}

_SHAPES = {"leaf": 12, "literal": 4, "operation": 2, "group": 2, "cut": 10}  # the radius of the corners


def write_svg(picture: Picture) -> str:
    """The picture in the built-in layout, with its legend below."""
    arriving = [0] * len(picture.boxes)
    for arrow in picture.arrows:
        arriving[arrow.target] += 1
    sizes = [_size(box, count) for box, count in zip(picture.boxes, arriving, strict=True)]
    stubs = [cells(arrow.text) * CELL + HEAD + 12 for arrow in picture.arrows]
    period = periods(picture) if picture.by_call else []
    column_of, spans = columns(picture, period) if picture.by_call else (None, {})
    placed = layered(sizes, [(arrow.source, arrow.target) for arrow in picture.arrows], stubs, column_of)
    full = largest(picture)
    body: list[str] = []
    top = -MARGIN
    if picture.by_call:
        top -= 2 * LINE
        body += _bands(placed, spans)
    body += _arrows(picture, placed, full)
    for box, corner, size in zip(picture.boxes, placed.corners, sizes, strict=True):
        body += _box(box, corner, size, full)
    entries = [(mark, meaning, SAMPLE + cells(meaning) * CELL * 11 / 12) for mark, meaning in legend(picture)]
    width = max([placed.width, NARROWEST, *(room for _, _, room in entries)])
    marks, bottom = _legend(entries, width, placed.height + 1.5 * LINE)
    return _document(picture, (-MARGIN, top, width + 2 * MARGIN, bottom + MARGIN - top), [*body, *marks])


def _size(box: Box, arriving: int) -> tuple[float, float]:
    if not box.rows:
        return round(cells(box.symbol) * CELL + 2 * PADDING), LINE + 4
    title = cells(box.name) + cells(box.symbol) + (1 if box.name and box.symbol else 0)
    rows = max(cells(word) + 1 + max(cells(value), 6) for word, value in box.rows)
    lines = len(box.rows) + (1 if title else 0)
    height = lines * LINE + PADDING + (BAR if box.gradient is not None else 0)
    return round(max(title, rows) * CELL + 2 * PADDING), max(height, arriving * PORT)


def _box(box: Box, corner: tuple[float, float], size: tuple[float, float], full: float) -> Iterator[str]:
    (x, y), (width, height) = corner, size
    yield f'<g class="{box.kind}" transform="translate({_n(x)} {_n(y)})"><title>{escape(box.tooltip)}</title>'
    if box.highlighted:
        yield f'<rect class="highlight" x="-4" y="-4" width="{_n(width + 8)}" height="{_n(height + 8)}" rx="{_SHAPES[box.kind] + 3}"/>'
    if box.kind == "group":
        yield f'<path class="stack" d="M4 {_n(height)}v3h{_n(width - 1)}v-{_n(height - 1)}h-3"/>'
    yield f'<rect class="frame" width="{_n(width)}" height="{_n(height)}" rx="{_SHAPES[box.kind]}"/>'
    if not box.rows:
        yield f'<text x="{_n(width / 2)}" y="14" text-anchor="middle">{escape(box.symbol)}</text></g>'
        return
    titled = bool(box.name or box.symbol)
    bar = BAR if box.gradient is not None else 0
    baseline = (height - bar - (len(box.rows) + titled) * LINE) / 2 + 12
    if titled:
        gap = f' dx="{CELL}"' if box.name else ""
        name = f'<tspan class="name">{escape(box.name)}</tspan>' if box.name else ""
        symbol = f'<tspan class="symbol"{gap}>{escape(box.symbol)}</tspan>' if box.symbol else ""
        yield f'<text x="{PADDING}" y="{_n(baseline)}">{name}{symbol}</text>'
        baseline += LINE
    for word, value in box.rows:
        yield f'<text class="word" x="{PADDING}" y="{_n(baseline)}">{word}</text>'
        if value:
            yield f'<text x="{_n(width - PADDING)}" y="{_n(baseline)}" text-anchor="end">{escape(value)}</text>'
        baseline += LINE
    if bar:
        yield _bar(box.gradient, full, PADDING, baseline - LINE + 5, width - 2 * PADDING)
    yield "</g>"


def _bar(gradient: float | None, full: float, x: float, y: float, width: float) -> str:
    """From the middle to the right for a positive gradient, to the left for a negative one."""
    length = strength(gradient, full) * width / 2
    middle = x + width / 2
    start = middle - length if sign(gradient) == "negative" else middle
    bar = f'<rect class="{sign(gradient)}" x="{_n(start)}" y="{_n(y)}" width="{_n(length)}" height="4"/>' if length else ""
    return f'<path class="scale" d="M{_n(x)} {_n(y + 2)}h{_n(width)}M{_n(middle)} {_n(y - 1)}v6"/>{bar}'


def _arrows(picture: Picture, placed: Placed, full: float) -> Iterator[str]:
    shared = set()  # arrows from one box run together up to their last turn; that part is drawn once
    for arrow, route in zip(picture.arrows, placed.routes, strict=True):
        plain = picture.boxes[arrow.source].kind in ("literal", "cut") or picture.boxes[arrow.target].kind == "cut"
        curves = _curves(route)
        for i, curve in enumerate(curves[:-1]):
            if (arrow.source, i) not in shared:
                shared.add((arrow.source, i))
                yield f'<path class="line{" plain" if plain else ""}" d="{curve}"/>'
        yield f'<g class="arrow"><title>{escape(arrow.tooltip)}</title>'
        if plain:
            yield f'<path class="line plain" d="{curves[-1]}"/>'
        else:
            yield from _flow(arrow, curves[-1], route[-1][1], route[-1][2], full)
        if arrow.text:
            yield f'<text x="{_n(route[-1][1] - HEAD - 3)}" y="{_n(route[-1][2] - 3)}" text-anchor="end">{escape(arrow.text)}</text>'
        yield "</g>"


def _flow(arrow: Arrow, curve: str, x: float, y: float, full: float) -> Iterator[str]:
    """The last turn of an arrow and its head, in the colour and thickness of what flows back along it."""
    width = 1 + 2.5 * strength(arrow.flow, full)
    yield f'<path class="line {sign(arrow.flow)}" stroke-width="{_n(width)}" d="{curve}"/>'
    yield f'<path class="head {sign(arrow.flow)}" d="M{_n(x)} {_n(y)}l-{HEAD} -4v8z"/>'


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


def _bands(placed: Placed, spans: dict[int, tuple[int, int]]) -> Iterator[str]:
    """A strip behind the columns of every call, and its heading."""
    for call, (first, last) in spans.items():
        left, right = placed.columns[first][0] - 6, placed.columns[last][1] + 6
        height = placed.height + 2 * LINE
        yield f'<rect class="band" x="{_n(left)}" y="{-2 * LINE}" width="{_n(right - left)}" height="{_n(height + 6)}" rx="6"/>'
        yield f'<text class="heading" x="{_n((left + right) / 2)}" y="-14" text-anchor="middle">call {call}</text>'


def _legend(entries: list[tuple[str, str, float]], width: float, top: float) -> tuple[list[str], float]:
    """Marks, their meanings and the room they take, in lines of the given width; and how far down they reach."""
    x, y = 0.0, top
    out = []
    for mark, meaning, room in entries:
        if x and x + room > width:
            x, y = 0.0, y + LINE + 5
        out.append(f'<g transform="translate({_n(x)} {_n(y)})">{_sample(mark)}<text class="meaning" x="{SAMPLE}" y="4">{escape(meaning)}</text></g>')
        x += room + 22
    return out, y + 8


def _sample(mark: str) -> str:
    if mark in _SHAPES:
        stack = '<path class="stack" d="M8 6v3h23v-11h-3"/>' if mark == "group" else ""
        return f'<g class="{mark}">{stack}<rect class="frame" x="4" y="-6" width="24" height="12" rx="{min(_SHAPES[mark], 6)}"/></g>'
    if mark == "highlight":
        return '<rect class="highlight" x="4" y="-6" width="24" height="12" rx="4"/>'
    if mark == "number":
        return '<path class="line" d="M0 4h22"/><path class="head none" d="M30 4l-8 -4v8z"/><text x="20" y="0" text-anchor="end">0.5</text>'
    if mark == "bar":
        return f'{_bar(1.0, 100.0, 0, -2, 30)}'
    return f'<path class="line {mark}" stroke-width="2.5" d="M0 0h22"/><path class="head {mark}" d="M30 0l-8 -4v8z"/>'


def _document(picture: Picture, view: tuple[float, float, float, float], body: list[str]) -> str:
    inside = "\n".join(body)
    key = f"{zlib.crc32((picture.title + inside).encode()):08x}"
    x, y, width, height = map(_n, view)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="{x} {y} {width} {height}" width="{width}" height="{height}">\n'
        f'<title id="t{key}">{escape(picture.title)}</title>\n<desc id="d{key}">{escape(picture.description)}</desc>\n'
        f"<style>{_style(LIGHT)}\n@media (prefers-color-scheme: dark) {{\n{_style(DARK)}\n}}</style>\n"
        f'<rect class="paper" x="{x}" y="{y}" width="{width}" height="{height}"/>\n{inside}\n</svg>\n'
    )


def _style(colour: dict[str, str]) -> str:
    rules = {
        ".paper": f"fill:{colour['paper']}",
        ".band": f"fill:{colour['band']}",
        "text": f"font:12px {FONT};fill:{colour['text']}",
        ".word,.literal text,.cut text,.symbol": f"fill:{colour['faint']}",
        ".name,.operation .symbol,.heading": f"font-weight:bold;fill:{colour['text']}",
        ".arrow text,.meaning": "font-size:11px",
        ".frame,.stack": f"fill:{colour['operation']};stroke:{colour['line']}",
        ".leaf .frame": f"fill:{colour['leaf']};stroke:{colour['leaf-line']}",
        ".group .frame,.group .stack": f"fill:{colour['group']};stroke:{colour['group-line']}",
        ".literal .frame,.cut .frame": f"fill:{colour['paper']};stroke:{colour['line']};stroke-dasharray:2 3",
        ".highlight": f"fill:none;stroke:{colour['highlight']};stroke-width:3",
        ".line,.scale": f"fill:none;stroke:{colour['line']}",
        ".plain": "stroke-dasharray:2 3",
        ".head": f"fill:{colour['line']};stroke:{colour['line']}",
        **{f".line.{name}": f"stroke:{colour[name]}" for name in ("positive", "negative", "nan")},
        **{f"rect.{name},.head.{name}": f"fill:{colour[name]};stroke:{colour[name]}" for name in ("positive", "negative", "nan")},
        ".head.negative,.head.zero": f"fill:{colour['paper']}",
        ".line.zero": "stroke-dasharray:6 4",
    }
    return "\n".join(",".join(f".autograd {part}" for part in selector.split(",")) + f"{{{rule}}}" for selector, rule in rules.items())


def _n(value: float) -> str:
    """A coordinate: at most one decimal, no trailing zero, no negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
