"""A picture as a graphviz.Digraph, every text in it escaped, and its rendering by Graphviz's program `dot`."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import MissingDependencyError
from .picture import Box, Picture

if TYPE_CHECKING:
    import graphviz

STYLES = {
    "leaf": {"style": "rounded,filled", "fillcolor": "#e3effc", "color": "#1f6feb"},
    "literal": {"style": "rounded,dashed", "color": "#6e7781", "fontcolor": "#57606a", "height": "0.2"},
    "operation": {"style": "filled", "fillcolor": "#f6f8fa", "color": "#6e7781"},
}


def write_dot(picture: Picture) -> graphviz.Digraph:
    """Nodes are named n0, n1, ... in topological order. Raises MissingDependencyError without the Python package graphviz."""
    graphviz = _package()
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "bgcolor": "#ffffff", "tooltip": _text(picture.title)},
        node_attr={"shape": "box", "fontname": "monospace", "fontsize": "10", "margin": "0.08,0.04"},
        edge_attr={"fontname": "monospace", "fontsize": "9", "color": "#6e7781", "arrowsize": "0.6"},
    )
    for i, box in enumerate(picture.boxes):
        graph.node(f"n{i}", label=_label(box), tooltip=_text(box.tooltip), **STYLES[box.kind])
    for arrow in picture.arrows:
        literal = picture.boxes[arrow.source].kind == "literal"
        attributes = {"style": "dashed", "arrowhead": "none"} if literal else {"label": _text(arrow.text)}
        graph.edge(f"n{arrow.source}", f"n{arrow.target}", tooltip=_text(arrow.tooltip), **attributes)
    return graph


def render(picture: Picture, file_format: str) -> bytes:
    """The picture in a format of Graphviz's, such as "pdf". Raises MissingDependencyError where there is no program `dot`."""
    graph = write_dot(picture)
    try:
        return bytes(graph.pipe(format=file_format))
    except _package().ExecutableNotFound as error:
        raise MissingDependencyError(
            "Graphviz's program `dot` is not on the PATH. Install Graphviz (https://graphviz.org/download), or use the built-in "
            'engine and save as ".svg", which needs nothing.'
        ) from error


def _package() -> ModuleType:
    try:
        return import_module("graphviz")
    except ImportError as error:
        raise MissingDependencyError("DOT needs the Python package graphviz, `.svg` does not: pip install graphviz") from error


def _label(box: Box) -> str:
    """Lines, each ended by DOT's escape for "left-aligned"."""
    if box.kind == "literal":
        return _text(box.symbol)
    title = "  ".join(part for part in (box.name, box.symbol) if part)
    lines = [*([title] if title else []), *(f"{word} {value}" for word, value in box.rows)]
    label: str = _package().nohtml("".join(_text(line) + r"\l" for line in lines))
    return label


def _text(text: str) -> str:
    """The text itself: no escape sequence, no HTML-like label, no character entity."""
    escaped: str = _package().escape(text.replace("&", "&amp;"))
    return escaped
