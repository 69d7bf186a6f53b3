"""A net as everybody draws it: units as circles in columns, weights as lines between.

Colour, dashes and thickness of a line tell sign and size of its weight. Of a
wide column the first and the last units are shown.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from ..analysis.notation import four_digits, visible
from .drawing import Drawing
from .flow import Body
from .legend import WIDEST
from .marks import sign
from .palette import look
from .shapes import CELL, LINE, coordinate, dots, rectangle, text
from .sketch import sketch
from .text import cells, shortened, shortened_apart

MOST_UNITS = 7  # of a column that are shown one by one
FIRST_UNITS, LAST_UNITS = 4, 2  # of a wider column
NAME_GAP = 8.0  # between the name of an input, its circle and the margin
NARROWEST_PITCH, WIDEST_PITCH = 112, 210  # between two columns
LABEL = 17.0  # from the number of a line to that below it
# Between columns whose lines bear their numbers: units of the smaller one, and
# lines.
NUMBERED_UNITS, NUMBERED_LINES = 4, 16
HEADING = 3.2 * LINE  # above a row


class Unit(NamedTuple):
    """A circle: the lines of text in it, a line below it, and what a pointer is told.

    In the first column the line stands at the left of the circle.
    """

    lines: tuple[str, ...]
    below: str = ""
    tooltip: str = ""


class Column(NamedTuple):
    """What stands side by side in a net: its name, what it computes, its units.

    `weights[j][i]` belongs to the line from unit i of the column before to unit
    j of this one; None where the lines have no weights, or there is no column
    before.
    """

    name: str
    note: str
    units: Sequence[Unit]
    weights: Sequence[Sequence[float]] | None = None


class _Spot(NamedTuple):
    """A unit that is shown: its number, -1 for the dots, and the middle of its circle."""

    unit: int
    x: float
    y: float


def draw_network(title: str, columns: Sequence[Column], word: str) -> Drawing:
    """Return the picture of a net.

    Args:
        title: What it shows.
        columns: From left to right, at least two.
        word: What the numbers of the lines are: "weight". A net of many columns
            has several rows; each begins with the last column of the one
            before.
    """
    lines = max(len(unit.lines) for column in columns for unit in column.units)
    longest = max(
        [cells(line) for column in columns for unit in column.units for line in unit.lines] or [0]
    )
    radius = max(16.0, math.hypot(longest * CELL / 2, lines * LINE / 2) + 3)
    names = shortened_apart(visible(unit.below) for unit in columns[0].units)
    beside = max(map(cells, names.values())) * CELL + NAME_GAP if any(names) else 0.0
    count = 0
    pitch = 0.0
    while pitch < NARROWEST_PITCH and count < len(columns) - 1:
        count += 1
        steps = math.ceil((len(columns) - 1) / count)  # from column to column, in a row
        rows = [columns[at : at + steps + 1] for at in range(0, len(columns) - 1, steps)]
        # A heading may be wider than the circles below it.
        left, right = (
            max(0.0, *(_overhang(c, radius) for c in ends))
            for ends in ([row[0] for row in rows], [row[-1] for row in rows])
        )
        left = max(left, beside)
        pitch = min(WIDEST_PITCH, (WIDEST - 2 * radius - left - right) / steps)
    weights = [abs(w) for c in columns for row in c.weights or () for w in row if math.isfinite(w)]
    full = max(weights, default=0.0)
    elements: list[str] = []
    bottom = -HEADING
    for row in rows:
        top = bottom + HEADING if row is rows[0] else bottom + HEADING + LINE
        elements += _headings(row, radius + left, pitch, top)
        spots = _spots(row, radius, pitch, left, top)
        for before, after, column in zip(spots, spots[1:], row[1:], strict=False):
            elements += _lines(before, after, column.weights, full, radius)
        for places, column in zip(spots, row, strict=True):
            elements += _circles(places, column, radius, names if column is columns[0] else {})
        bottom = max(y for places in spots for _, _, y in places) + radius + LINE
    legend = [("unit", _unit_meaning(columns))]
    if any(w > 0 for c in columns for row in c.weights or () for w in row):
        legend.append(("positive weight", f"positive {word}; thickest at {four_digits(full)}"))
    if any(w < 0 for c in columns for row in c.weights or () for w in row):
        legend.append(("negative weight", f"negative {word}: dashed"))
    hidden = [column for column in columns if len(column.units) > MOST_UNITS]
    if hidden:
        legend.append(("dots", "units that are not shown"))
    width = steps * pitch + 2 * radius + left + right
    body = Body(elements, -HEADING, width, bottom, [])
    return Drawing(sketch(title, _words(columns, word), body, legend))


def _overhang(column: Column, radius: float) -> float:
    """Return how far heading and labels of a column reach beyond its circles, at most."""
    room = int(WIDEST_PITCH / CELL) - 1
    longest = max(min(room, max(cells(column.name), cells(column.note))), 0)
    if column.name != "X":  # whose labels stand beside the circles
        longest = max(longest, *(cells(unit.below) for unit in column.units))
    return longest * CELL / 2 - radius


def _unit_meaning(columns: Sequence[Column]) -> str:
    words = [line.split(" ")[0] for c in columns[1:] for u in c.units[:1] for line in u.lines]
    meanings = {
        "z": "z, the weighted sum plus the bias b",
        "a": "a, its activation",
        "dz": "dz, the gradient dL/dz",
    }
    known = [meanings[word] for word in dict.fromkeys(words) if word in meanings]
    return "unit" + (f": {'; '.join(known)}" if known else "")


def _spots(
    columns: Sequence[Column], radius: float, pitch: float, left: float, top: float
) -> list[list[_Spot]]:
    """Return where the units of a row that are shown go, each column centred."""
    below = any(u.below for c in columns if c.weights is not None for u in c.units)
    step = 2 * radius + (LINE + 6 if below else 10)
    for before, column in pairwise(columns):
        if column.weights is not None and _numbered(len(before.units), len(column.units)):
            step = max(step, LABEL * (min(len(before.units), len(column.units)) + 1))
    shown = []
    for column in columns:
        count = len(column.units)
        if count <= MOST_UNITS:
            shown.append(list(range(count)))
        else:
            shown.append([*range(FIRST_UNITS), -1, *range(count - LAST_UNITS, count)])
    tallest = max(map(len, shown))
    return [
        [
            _Spot(
                unit,
                left + radius + k * pitch,
                top + radius + step * (i + (tallest - len(units)) / 2),
            )
            for i, unit in enumerate(units)
        ]
        for k, units in enumerate(shown)
    ]


def _numbered(sources: int, targets: int) -> bool:
    """Whether the lines between two columns bear their numbers."""
    return min(sources, targets) <= NUMBERED_UNITS and sources * targets <= NUMBERED_LINES


def _headings(columns: Sequence[Column], first: float, pitch: float, top: float) -> Iterator[str]:
    """Yield the names of the columns of a row above `top`, the first at x = `first`."""
    room = int(pitch / CELL) - 1
    for k, column in enumerate(columns):
        x = first + k * pitch
        name = shortened(visible(column.name), room)
        yield text(name, x, top - 1.9 * LINE, anchor="middle", bold=True)
        note = shortened(visible(column.note), room)
        yield text(note, x, top - LINE, role="faint", anchor="middle")


def _lines(
    before: Sequence[_Spot],
    after: Sequence[_Spot],
    weights: Sequence[Sequence[float]] | None,
    full: float,
    radius: float,
) -> Iterator[str]:
    """Yield the lines between two columns, the thinnest first, and their numbers."""
    sources = [spot for spot in before if spot.unit >= 0]
    targets = [spot for spot in after if spot.unit >= 0]
    found = []
    for target in targets:
        for source in sources:
            w = weights[target.unit][source.unit] if weights is not None else None
            found.append((w, source, target))
    found.sort(key=lambda line: abs(line[0] or 0.0))
    for w, source, target in found:
        role = "none line" if w is None else f"{sign(w)} weight"
        share = abs(w) / full if w is not None and full and math.isfinite(w) else 0.0
        thickness = coordinate(0.6 + 4.4 * share)
        across, down = target.x - source.x, target.y - source.y
        length = math.hypot(across, down)
        right, lower = across / length * radius, down / length * radius
        start = f"M{coordinate(source.x + right)} {coordinate(source.y + lower)}"
        end = f"L{coordinate(target.x - right)} {coordinate(target.y - lower)}"
        path = f'<path{look(role)} stroke-width="{thickness}" d="{start}{end}"/>'
        tooltip = "" if w is None else f"<title>{escape(four_digits(w))}</title>"
        yield f"<g>{tooltip}{path}</g>"
    complete = len(before) == len(sources) and len(after) == len(targets)
    if weights is not None and complete and _numbered(len(sources), len(targets)):
        # Where all lines are cut at this share of the way, no two are nearer
        # than LABEL.
        n, m = len(sources), len(targets)
        at = n / (n + 1) if n <= m else 1 / (m + 1)
        for w, source, target in found:
            label = four_digits(w or 0.0)
            x = source.x + at * (target.x - source.x)
            y = source.y + at * (target.y - source.y)
            room = cells(label) * CELL + 4
            yield f"<rect{look('paper')}{rectangle(x - room / 2, y - 7, room, 14, 3)}/>"
            yield text(label, x, y + 4, anchor="middle")


def _circles(
    places: Sequence[_Spot], column: Column, radius: float, names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the circles of a column; `names` has the labels that stand at their left."""
    for unit, x, y in places:
        if unit < 0:
            more = len(column.units) - FIRST_UNITS - LAST_UNITS
            yield dots(x, y - 8, 7)
            yield text(f"{more} more", x, y + LINE, role="faint", anchor="middle")
            continue
        shown = column.units[unit]
        role = "leaf" if column.weights is None and unit >= 0 and column.name == "X" else "unit"
        tooltip = f"<title>{escape(visible(shown.tooltip))}</title>" if shown.tooltip else ""
        at = f'cx="{coordinate(x)}" cy="{coordinate(y)}" r="{coordinate(radius)}"'
        yield f"<g>{tooltip}<circle{look(role)} {at}/>"
        top = y + 4 - (len(shown.lines) - 1) * LINE / 2
        for i, line in enumerate(shown.lines):
            bold = i == 0 and len(line.split()) == 1
            yield text(visible(line), x, top + i * LINE, anchor="middle", bold=bold)
        below = visible(shown.below)
        if names.get(below):
            yield text(names[below], x - radius - NAME_GAP / 2, y + 4, role="faint", anchor="end")
        elif below:
            room = cells(below) * CELL
            place = rectangle(x - room / 2, y + radius + 1, room, 13)
            yield f"<rect{look('paper')}{place}/>"
            yield text(below, x, y + radius + 12, role="faint", anchor="middle")
        yield "</g>"


def _words(columns: Sequence[Column], word: str) -> str:
    """Return the net in words: every column, its units and the numbers in them."""
    out = []
    for before, column in pairwise([None, *columns]):
        assert column is not None
        out.append(f"{visible(column.name)} ({visible(column.note)})")
        for j, unit in enumerate(column.units):
            weights = ""
            if before is not None and column.weights is not None:
                listed = ", ".join(map(four_digits, column.weights[j][:8]))
                more = ", ..." if len(column.weights[j]) > 8 else ""
                weights = f"; {word}s {listed}{more}"
            below = f"; {visible(unit.below)}" if unit.below else ""
            out.append(f"  {', '.join(map(visible, unit.lines)) or 'unit'}{below}{weights}")
    return "\n".join(out)
