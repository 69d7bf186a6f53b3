"""A picture as SVG text: one file that needs no other.

Marks are painted by presentation attributes. The one style sheet only turns the
picture dark where the reader prefers that: without it the picture is whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from html import escape

from .flow import Body, flow
from .marks import legend
from .nested import nested
from .palette import FONT, FONT_SIZE, dark_sheet, look
from .picture import Picture
from .shapes import CELL, LINE, SAMPLE, coordinate, rectangle, sample, text
from .text import cells

MARGIN = 16
NARROWEST = 360  # so that a legend has room under the smallest graph
WIDEST = 868  # and a picture with its margins fits a notebook: 900 px


def write_svg(picture: Picture) -> str:
    """Return the picture in a built-in layout, with its legend below."""
    body = nested(picture) if picture.layout == "nested" else flow(picture)
    return document(picture.title, picture.description, with_legend(picture, body))


def with_legend(picture: Picture, body: Body) -> Body:
    """Return the picture's body with its legend below."""
    width = max(body.width, NARROWEST)
    marks, bottom = write_legend(
        [*legend(picture), *body.marks], min(width, WIDEST), body.bottom + 1.5 * LINE
    )
    return Body([*body.elements, *marks], body.top, width, bottom, [])


def write_legend(
    entries: Sequence[tuple[str, str]], width: float, top: float
) -> tuple[list[str], float]:
    """Write a legend in lines of the given width.

    Args:
        entries: A mark, as `shapes.sample` knows it, and its meaning. A meaning
            longer than a line is broken between words.
        width: What a line may take.
        top: The height of the first line.

    Returns:
        The SVG elements, and how far down they reach.
    """
    x, y = 0.0, top
    out = []
    for mark, meaning in entries:
        lines = wrapped(meaning, int((width - SAMPLE) / CELL))
        room = SAMPLE + max(map(cells, lines)) * CELL
        if x and x + room > width:
            x, y = 0.0, y + LINE + 5
        texts = "".join(text(part, SAMPLE, 4 + i * LINE) for i, part in enumerate(lines))
        place = f"translate({coordinate(x)} {coordinate(y)})"
        out.append(f'<g transform="{place}">{sample(mark)}{texts}</g>')
        x += room + 22
        if len(lines) > 1:
            x, y = 0.0, y + len(lines) * LINE + 5
    return out, y + (8 if x else -LINE + 3)


def wrapped(content: str, most: int) -> list[str]:
    """Return the text in lines of at most `most` characters, broken between words."""
    lines = [""]
    for word in content.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cells(longer) > most:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def document(title: str, description: str, body: Body, style: str = "") -> str:
    """Return a whole SVG: `body` on paper, with a title and a description for screen readers.

    `style` is added to the style sheet, for what moves.
    """
    inside = "\n".join(body.elements)
    # The ids differ where pictures do, so that several can stand in one page.
    key = f"{zlib.crc32((title + inside).encode()):08x}"
    left, top = -MARGIN, body.top - MARGIN
    width, height = body.width + 2 * MARGIN, body.bottom - body.top + 2 * MARGIN
    size = f'width="{coordinate(width)}" height="{coordinate(height)}"'
    view = " ".join(map(coordinate, (left, top, width, height)))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="autograd" role="img" '
        f'aria-labelledby="t{key} d{key}" viewBox="{view}" {size}>\n'
        f'<title id="t{key}">{escape(title)}</title>\n'
        f'<desc id="d{key}">{escape(description)}</desc>\n'
        f"<style>{dark_sheet()}{style}</style>\n"
        f'<g font-family="{FONT}" font-size="{FONT_SIZE}"{look("text")}>\n'
        f"<rect{look('paper')}{rectangle(left, top, width, height)}/>\n{inside}\n</g></svg>\n"
    )
