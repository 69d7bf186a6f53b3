"""The room that a text takes in a picture."""

from __future__ import annotations

from unicodedata import category, east_asian_width

LABEL_LENGTH = 24


def shortened(text: str, length: int = LABEL_LENGTH) -> str:
    """The text, or its two ends, as the names of a model's parameters, layers.0.neurons.3.w.2, differ at both."""
    head = length // 2 + 1
    return text if len(text) <= length else f"{text[:head]}…{text[head + 1 - length :]}"


def cells(text: str) -> int:
    """The width of a text in a monospaced font, in characters: wide East Asian ones count two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text
    )
