"""The legend below a picture, and the page that both must fit."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence

from .shapes import CELL, LINE, SAMPLE, coordinate, sample, text
from .text import cells

MARGIN = 16
NARROWEST = 360.0  # so that a legend has room under the smallest graph
WIDEST = 868.0  # so that a picture with its margins fits a notebook: 900 px
ASPECTS = (0.5, 2.5)  # width over height of a picture that is easy to look at


def legend_below(
    entries: Sequence[tuple[str, str]], width: float, bottom: float
) -> tuple[float, list[str], float]:
    """Write the legend of a body.

    Args:
        entries: As `write_legend` takes them.
        width: The width of the body.
        bottom: Where the body ends.

    Returns:
        The width of both, the SVG elements, and where they end.
    """
    width = max(width, NARROWEST)
    return width, *write_legend(entries, min(width, WIDEST), bottom + 1.5 * LINE)


def misfit(entries: Sequence[tuple[str, str]], width: float, height: float) -> float:
    """Return how far a body with its legend is from the aspects of a page, as a logarithm.

    It is 0 where the aspect is good.
    """
    width, _, bottom = legend_below(entries, width, height)
    aspect = (width + 2 * MARGIN) / (bottom + 2 * MARGIN)
    return max(0.0, math.log(ASPECTS[0] / aspect), math.log(aspect / ASPECTS[1]))


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
