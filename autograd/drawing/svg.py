"""A picture as SVG text: one file that needs no other.

Marks are painted by presentation attributes. The one style sheet only turns the
picture dark where the reader prefers that: without it the picture is whole.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import zlib
from html import escape

from .flow import Body, flow
from .legend import MARGIN, legend_below
from .marks import legend
from .nested import nested
from .palette import FONT, FONT_SIZE, dark_sheet, look
from .picture import Picture
from .shapes import coordinate, rectangle


def write_svg(picture: Picture) -> str:
    """Return the picture in a built-in layout, with its legend below."""
    body = nested(picture) if picture.layout == "nested" else flow(picture)
    return document(picture.title, picture.description, with_legend(picture, body))


def with_legend(picture: Picture, body: Body) -> Body:
    """Return the picture's body with its legend below."""
    width, marks, bottom = legend_below([*legend(picture), *body.marks], body.width, body.bottom)
    return Body([*body.elements, *marks], body.top, width, bottom, [])


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
