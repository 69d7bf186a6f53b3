"""A picture that is no graph of Values: its SVG and its words."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from typing import NamedTuple

from .flow import Body
from .legend import legend_below


class Sketch(NamedTuple):
    """A picture that is no graph: a title, its words line by line, and its SVG elements."""

    title: str
    words: str
    body: Body


def sketch(title: str, words: str, body: Body, legend: Sequence[tuple[str, str]]) -> Sketch:
    """Return a sketch with its legend, entries of (mark, meaning), below."""
    width, marks, bottom = legend_below(legend, body.width, body.bottom)
    whole = Body([*body.elements, *marks], body.top, width, bottom, [])
    return Sketch(title, words, whole)
