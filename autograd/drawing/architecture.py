"""The parts of a model as boxes in boxes, and the way of the data through them."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from ..analysis.notation import visible
from .drawing import Drawing
from .flow import Body
from .legend import WIDEST, misfit, wrapped
from .palette import look
from .picture import Box
from .shapes import CELL, HEAD, LINE, PADDING, box_shape, box_size, coordinate, line, rectangle
from .sketch import sketch
from .text import cells, shortened

INSET = 18.0  # between a box and what lies in it
BETWEEN = 34.0  # between neighbours that an arrow joins
APART = 14.0  # between other neighbours, and between rows
NARROWEST_ROW = 220.0  # that is still filled before a new one begins
WIDTHS = (WIDEST, 640.0, 480.0)  # of the whole, the first that has a good aspect


class Part(NamedTuple):
    """A part of a model.

    Attributes:
        path: Where it lies, such as "layers.0"; "" for the whole.
        kind: Its class, such as "Layer".
        settings: What it was made with.
        parameters: How many parameters it has.
        chained: Whether the data goes from each part in it to the next.
    """

    path: str
    kind: str
    settings: Mapping[str, object]
    parameters: int
    chained: bool = False


class _Piece(NamedTuple):
    """A box: one part, or several alike; the pieces within it."""

    members: list[Part]
    inside: list[_Piece]


class _Laid(NamedTuple):
    """A piece with its size, the lines of its heading, and its pieces with their corners."""

    piece: _Piece
    around: Part | None
    width: float
    height: float
    heading: list[str]
    inside: list[tuple[float, float, _Laid]]


def draw_architecture(parts: Sequence[Part]) -> Drawing:
    """Draw a box for every part, within the box of the part that it belongs to.

    Neighbours that are alike and hold no parts share a box, and in a picture
    that would be too tall those that do, too. Arrows lead from part to part
    where the part around them is chained.

    Args:
        parts: The whole, whose path is "", then its parts, each after what it
            lies in.
    """
    whole = _pieces(parts)
    count = parts[0].parameters
    title = (
        f"Architecture of {visible(parts[0].kind)}: {count:,} parameter{'' if count == 1 else 's'}"
    )
    legend = [("module", "part of the model")]
    if whole.inside:
        legend.insert(0, ("container", "part that consists of those within it"))
    if any(part.chained for part in parts):
        legend.append(("none", "the way of the data"))
    tries = [_lay_out(piece, width) for piece in (whole, _shared(whole)) for width in WIDTHS]
    laid = min(tries, key=lambda found: misfit(legend, found.width, found.height))
    body = Body(list(_draw(laid, 0.0, 0.0)), 0.0, laid.width, laid.height, [])
    return Drawing(sketch(title, "\n".join(_words(whole, "")), body, legend))


def _pieces(parts: Sequence[Part]) -> _Piece:
    """Return the whole as nested pieces."""
    known = {part.path for part in parts}
    whole = _Piece([parts[0]], [])
    piece_of = {parts[0].path: whole}
    outer = {part.path: _outer(part.path, known) for part in parts[1:]}
    holders = set(outer.values())
    for part in parts[1:]:
        siblings = piece_of[outer[part.path]].inside
        before = siblings[-1].members[-1] if siblings else None
        alike = before is not None and part._replace(path="") == before._replace(path="")
        if alike and part.path not in holders and before and before.path not in holders:
            siblings[-1].members.append(part)
        else:
            siblings.append(_Piece([part], []))
            piece_of[part.path] = siblings[-1]
    return whole


def _shared(piece: _Piece) -> _Piece:
    """Return the piece with neighbours in it that are alike, with all their parts, as one."""
    inside: list[_Piece] = []
    for part in map(_shared, piece.inside):
        numbered = all(one.path.rpartition(".")[2].isdigit() for one in part.members)
        if inside and numbered and _form(part) == _form(inside[-1]):
            inside[-1].members.extend(part.members)
        else:
            inside.append(_Piece(list(part.members), part.inside))
    return _Piece(piece.members, inside)


def _form(piece: _Piece) -> object:
    """Return all that a box shows of a piece but its path and number; names within count."""
    first = piece.members[0]
    names = [(len(p.members), p.members[0].path.removeprefix(first.path)) for p in piece.inside]
    return first._replace(path=""), names, [_form(part) for part in piece.inside]


def _outer(path: str, known: Collection[str]) -> str:
    """Return the path of the part that a part lies in."""
    path = path.rpartition(".")[0]
    while path not in known:
        path = path.rpartition(".")[0]
    return path


def _title(piece: _Piece, around: Part | None = None) -> str:
    """Return the path, without that of the part around it."""
    first, last = piece.members[0], piece.members[-1]
    path = first.path
    if around is not None and around.path:
        path = path.removeprefix(f"{around.path}.")
    if len(piece.members) == 1:
        return visible(path)
    return visible(f"{path} to {last.path.rpartition('.')[2]}")


def _facts(piece: _Piece, around: Part | None = None) -> list[tuple[str, str]]:
    """Return (word, value) for the settings and the number of parameters.

    What the part around it says already is left out.
    """
    first = piece.members[0]
    said = {} if around is None else around.settings
    facts = [
        (shortened(visible(word)), shortened(visible(str(getattr(value, "__name__", value)))))
        for word, value in first.settings.items()
        if value is not None and not (word in said and said[word] == value)
    ]
    if not first.parameters:
        return facts
    if len(piece.members) == 1:
        return [*facts, ("parameters", f"{first.parameters:,}")]
    total = sum(member.parameters for member in piece.members)
    return [*facts, ("parameters of each", f"{first.parameters:,}"), ("in all", f"{total:,}")]


def _box(piece: _Piece, around: Part | None) -> Box:
    kind = visible(piece.members[0].kind)
    name, facts = _title(piece, around), _facts(piece, around)
    if len(piece.members) > 1:
        kind = f"{len(piece.members)} × {kind}"
    lines = [f"{name or 'the model'}: {kind}", *(f"{word} {value}" for word, value in facts)]
    rows = tuple(facts) or (("no parameters", ""),)
    return Box("module", shortened(name, 40), kind, rows, "\n".join(lines))


def _lay_out(piece: _Piece, room: float, around: Part | None = None) -> _Laid:
    """Return the piece with its parts in rows that are at most `room` wide."""
    if not piece.inside:
        width, height = box_size(_box(piece, around))
        return _Laid(piece, around, width, height, [], [])
    chained = piece.members[0].chained
    gap = BETWEEN if chained else APART
    inner = max(NARROWEST_ROW, room - 2 * INSET)
    laid = [_lay_out(child, inner, piece.members[0]) for child in piece.inside]
    rows: list[list[_Laid]] = [[]]
    used = 0.0
    for child in laid:
        if rows[-1] and used + gap + child.width > inner:
            rows.append([])
        used = child.width + (used + gap if rows[-1] else 0.0)
        rows[-1].append(child)
    widths = [sum(child.width for child in row) + gap * (len(row) - 1) for row in rows]
    width = max(widths)
    facts = ", ".join(f"{word}\xa0{value}" for word, value in _facts(piece, around))
    count = f"{len(piece.members)} × " if len(piece.members) > 1 else ""
    title = f"{_title(piece, around)} {count}{visible(piece.members[0].kind)}".strip()
    width = max(width, cells(title) * CELL)
    lines = wrapped(facts, int(max(width, NARROWEST_ROW) / CELL))
    heading = [title, *(line.replace("\xa0", " ") for line in lines)]
    width = max(width, *(cells(words) * CELL for words in heading))
    y = PADDING / 2 + len(heading) * LINE + PADDING
    inside = []
    for row in rows:
        height = max(child.height for child in row)
        x = INSET
        for child in row:
            inside.append((x, y + (height - child.height) / 2, child))
            x += child.width + gap
        y += height + (BETWEEN if chained else APART)
    y += INSET - (BETWEEN if chained else APART)
    return _Laid(piece, around, width + 2 * INSET, y, heading, inside)


def _draw(laid: _Laid, x: float, y: float) -> Iterator[str]:
    if not laid.inside:
        size = (laid.width, laid.height)
        yield from box_shape(_box(laid.piece, laid.around), (x, y), size, size, 0.0)
        return
    place = f"translate({coordinate(x)} {coordinate(y)})"
    yield f'<g class="container" transform="{place}"><title>{escape(laid.heading[0])}</title>'
    yield f"<rect{look('container')}{rectangle(0, 0, laid.width, laid.height, 8)}/>"
    for i, words in enumerate(laid.heading):
        style = ' font-weight="bold"' if i == 0 else look("faint")
        baseline = coordinate(PADDING / 2 + 12 + i * LINE)
        yield f'<text{style} x="{coordinate(INSET)}" y="{baseline}">{escape(words)}</text>'
    yield "</g>"
    before = None
    bottom = 0.0  # of the row
    for left, top, child in laid.inside:
        yield from _draw(child, x + left, y + top)
        middle = y + top + child.height / 2
        if before is not None and laid.piece.members[0].chained:
            yield _arrow(before, (x + left, middle), bottom + BETWEEN / 2)
        if before is None or x + left < before[0]:
            bottom = 0.0
        before = (x + left + child.width, middle)
        bottom = max(bottom, y + top + child.height)


def _arrow(start: tuple[float, float], end: tuple[float, float], gutter: float) -> str:
    """Return the arrow from one part to the next, through the gutter to a new row."""
    (x, y), (next_x, next_y) = start, end
    tip = coordinate(next_x - HEAD)
    if next_x > x:
        half = coordinate((x + next_x) / 2)
        curve = (
            f"M{coordinate(x)} {coordinate(y)}C{half} {coordinate(y)} {half} "
            f"{coordinate(next_y)} {tip} {coordinate(next_y)}"
        )
    else:
        between = coordinate(gutter)
        curve = (
            f"M{coordinate(x)} {coordinate(y)}h7V{between}H{coordinate(next_x - 12)}"
            f"V{coordinate(next_y)}H{tip}"
        )
    return line("none", 1.5, curve, end)


def _words(piece: _Piece, indent: str) -> Iterator[str]:
    """Yield the parts as an indented text."""
    kind = visible(piece.members[0].kind)
    title = f"{_title(piece)} {kind}".strip()
    yield indent + ", ".join([title, *(f"{word} {value}" for word, value in _facts(piece))])
    for child in piece.inside:
        yield from _words(child, indent + "  ")
