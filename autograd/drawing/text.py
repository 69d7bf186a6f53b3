"""The room that a text takes in a picture."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable
from unicodedata import category, east_asian_width

LABEL_LENGTH = 24


def shortened(text: str, length: int = LABEL_LENGTH) -> str:
    """Return the text, or its two ends with an ellipsis between.

    The names of a model's parameters, layers.0.neurons.3.w[2], differ at both
    ends.
    """
    head = length // 2 + 1
    return text if len(text) <= length else f"{text[:head]}…{text[head + 1 - length :]}"


def shortened_apart(texts: Iterable[str], length: int = LABEL_LENGTH) -> dict[str, str]:
    """Return every text shortened, as long as it must be to differ from the others."""
    texts = dict.fromkeys(texts)
    short: dict[str, str] = {}
    waiting = list(texts)
    while waiting:
        users: dict[str, list[str]] = {}
        for text in waiting:
            users.setdefault(shortened(text, length), []).append(text)
        waiting = []
        for form, alike in users.items():
            if len(alike) == 1:
                short[alike[0]] = form
            else:
                waiting += alike
        length += 8
    return short


def cells(text: str) -> int:
    """Return the width of a text in a monospaced font, in characters.

    Wide East Asian ones count two, combining marks none.
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text
    )
