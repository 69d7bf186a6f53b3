"""A picture as SVG text: one file that needs no other."""

from __future__ import annotations

import zlib
from html import escape

from .flow import Body, flow
from .marks import legend
from .nested import nested
from .palette import style_sheet
from .picture import Picture
from .shapes import CELL, LINE, SAMPLE, coordinate, sample
from .text import cells

MARGIN = 16
NARROWEST = 360  # so that a legend has room under the smallest graph


def write_svg(picture: Picture) -> str:
    """The picture in a built-in layout, with its legend below."""
    body = nested(picture) if picture.layout == "nested" else flow(picture)
    entries = [
        (mark, meaning, SAMPLE + cells(meaning) * CELL * 11 / 12)
        for mark, meaning in [*legend(picture), *body.marks]
    ]
    width = max([body.width, NARROWEST, *(room for _, _, room in entries)])
    marks, bottom = _legend(entries, width, body.bottom + 1.5 * LINE)
    return _document(picture, Body([*body.elements, *marks], body.top, width, bottom, []))


def _legend(
    entries: list[tuple[str, str, float]], width: float, top: float
) -> tuple[list[str], float]:
    """Marks, their meanings and the room they take, in lines of the given width; and how far down they reach."""
    x, y = 0.0, top
    out = []
    for mark, meaning, room in entries:
        if x and x + room > width:
            x, y = 0.0, y + LINE + 5
        text = f'<text class="small" x="{SAMPLE}" y="4">{escape(meaning)}</text>'
        out.append(
            f'<g transform="translate({coordinate(x)} {coordinate(y)})">{sample(mark)}{text}</g>'
        )
        x += room + 22
    return out, y + 8


def _document(picture: Picture, body: Body) -> str:
    inside = "\n".join(body.elements)
    key = f"{zlib.crc32((picture.title + inside).encode()):08x}"  # ids differ where pictures do, so that they can share a page
    x, y = coordinate(-MARGIN), coordinate(body.top - MARGIN)
    width, height = (
        coordinate(body.width + 2 * MARGIN),
        coordinate(body.bottom - body.top + 2 * MARGIN),
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="{x} {y} {width} {height}" width="{width}" height="{height}">\n'
        f'<title id="t{key}">{escape(picture.title)}</title>\n<desc id="d{key}">{escape(picture.description)}</desc>\n'
        f"<style>{style_sheet()}</style>\n"
        f'<rect class="paper" x="{x}" y="{y}" width="{width}" height="{height}"/>\n{inside}\n</svg>\n'
    )
