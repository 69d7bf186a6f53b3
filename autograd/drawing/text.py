"""What may be written into a picture: labels made harmless (`visible`) and short, numbers (`number`), and the room that a text takes.

A label is the user's own text. Markup, DOT escapes and the like are escaped by each writer in its own language; here go the
characters that no writer should pass on: controls, direction overrides, lone surrogates.
"""

from __future__ import annotations

from unicodedata import category, east_asian_width

from ..notation import number as number
from ..notation import visible as visible

LABEL_LENGTH = 24


def shortened(text: str, length: int = LABEL_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def cells(text: str) -> int:
    """The width of a text in a monospaced font, in characters: wide East Asian ones count two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)
