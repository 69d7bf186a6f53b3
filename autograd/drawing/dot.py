"""A picture as a graphviz.Digraph, and its rendering by the program `dot`.

Every text in it is escaped.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from types import ModuleType
from typing import TYPE_CHECKING

from ..core.arguments import told
from ..errors import DrawingError, MissingDependencyError
from ..optional import load
from .marks import largest, legend, sign, strength
from .palette import LIGHT
from .picture import Arrow, Box, Picture
from .timeline import BEFORE, periods

if TYPE_CHECKING:
    import graphviz

STYLES = {
    "leaf": {"style": "rounded,filled", "fillcolor": LIGHT["leaf"], "color": LIGHT["leaf-line"]},
    "literal": {
        "style": "rounded,dashed",
        "color": LIGHT["line"],
        "fontcolor": LIGHT["faint"],
        "height": "0.2",
    },
    "operation": {"style": "filled", "fillcolor": LIGHT["operation"], "color": LIGHT["line"]},
    "group": {
        "style": "filled",
        "fillcolor": LIGHT["group"],
        "color": LIGHT["group-line"],
        "peripheries": "2",
    },
    "module": {
        "style": "rounded,filled",
        "fillcolor": LIGHT["group"],
        "color": LIGHT["group-line"],
    },
    "cut": {
        "style": "rounded,dotted",
        "color": LIGHT["line"],
        "fontcolor": LIGHT["faint"],
        "height": "0.2",
    },
}
MARKS = {  # what the legend calls them
    "leaf": "round box",
    "operation": "square box",
    "literal": "dashed box",
    "group": "double frame",
    "module": "round box",
    "container": "",
    "cut": "dotted box",
    "highlight": "thick frame",
    "number": "",
    "none": "arrow",
    "positive": "blue arrow",
    "negative": "orange arrow",
    "zero": "dashed grey arrow, hollow head",
    "nan": "red arrow",
}


def write_dot(picture: Picture) -> graphviz.Digraph:
    """Return the picture as a graph in DOT; its nodes are n0, n1, ... in topological order.

    Raises:
        MissingDependencyError: The Python package graphviz is not installed.
    """
    meanings = "".join(
        _text(f"{MARKS[mark]}: {meaning}" if MARKS[mark] else meaning) + r"\l"
        for mark, meaning in legend(picture)
        if mark in MARKS
    )
    graph = _package().Digraph(
        graph_attr={
            "rankdir": "LR",
            "bgcolor": LIGHT["paper"],
            "tooltip": _text(picture.title),
            "label": meanings,
            "fontname": "monospace",
            "fontsize": "9",
            "labeljust": "l",
        },
        node_attr={
            "shape": "box",
            "fontname": "monospace",
            "fontsize": "10",
            "margin": "0.08,0.04",
        },
        edge_attr={
            "fontname": "monospace",
            "fontsize": "9",
            "color": LIGHT["line"],
            "arrowsize": "0.9",
        },
    )
    clusters: dict[int, list[int]] = {}
    for number, period in enumerate(periods(picture) if picture.layout == "time" else []):
        clusters.setdefault(period, []).append(number)
    clusters.pop(BEFORE, None)
    for period, members in sorted(clusters.items()):
        with graph.subgraph(
            name=f"cluster_{period}", graph_attr={"label": f"call {period}", "color": LIGHT["line"]}
        ) as cluster:
            for member in members:
                cluster.node(f"n{member}")
    for number, box in enumerate(picture.boxes):
        thick = {"penwidth": "3", "color": LIGHT["highlight"]} if box.highlighted else {}
        graph.node(
            f"n{number}",
            label=_label(box),
            tooltip=_text(box.tooltip),
            **{**STYLES[box.kind], **thick},
        )
    full = largest(picture)
    for arrow in picture.arrows:
        marks = {"style": "dashed", "arrowhead": "none"} if arrow.plain else _flow(arrow, full)
        graph.edge(
            f"n{arrow.source}",
            f"n{arrow.target}",
            label=_text(arrow.text),
            tooltip=_text(arrow.tooltip),
            **marks,
        )
    return graph


def render(picture: Picture, file_format: str) -> bytes:
    """Return the picture in a format of Graphviz's, such as "pdf".

    Raises:
        MissingDependencyError: There is no program `dot`.
        DrawingError: It fails.
    """
    graph = write_dot(picture)
    try:
        return bytes(graph.pipe(format=file_format))
    except _package().ExecutableNotFound as error:
        raise MissingDependencyError(
            "Graphviz's program `dot` is not on the PATH. Install Graphviz "
            "(https://graphviz.org/download), or use the built-in "
            'engine and save as ".svg", which needs nothing.'
        ) from error
    except _package().CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip()
        raise DrawingError(
            f"Graphviz's program `dot` cannot write this graph as {file_format}, and says "
            f"{told(said)}: install a whole Graphviz, or use the built-in engine"
        ) from error


def _package() -> ModuleType:
    return load("graphviz", "DOT, but not `.svg`, needs the Python package")


def _flow(arrow: Arrow, full: float) -> dict[str, str]:
    way = "none" if arrow.mixed else sign(arrow.flow)
    marks = {"penwidth": f"{1 + 1.2 * strength(arrow.flow, full):.1f}"}
    if way in ("positive", "negative", "nan"):
        marks["color"] = LIGHT[way]
    if way in ("negative", "zero"):
        marks["arrowhead"] = "empty"
    if way == "zero":
        marks["style"] = "dashed"
    return marks


def _label(box: Box) -> str:
    """Return the text of a box: lines, each with DOT's mark for "left-aligned".

    A box of one line has it in the middle.
    """
    if not box.rows:
        return _text(box.symbol)
    title = "  ".join(part for part in (box.name, box.symbol) if part)
    lines = [*([title] if title else []), *(f"{word} {value}" for word, value in box.rows)]
    label: str = _package().nohtml("".join(_text(line) + r"\l" for line in lines))
    return label


def _text(text: str) -> str:
    """Return a text so that DOT shows it as it is: no escape, no HTML-like label, no entity."""
    escaped: str = _package().escape(text.replace("&", "&amp;"))
    return escaped
