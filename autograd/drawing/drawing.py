"""draw: the picture of a computation graph, to look at in a notebook or to save."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataTypeError, DrawingError
from ..value import Value
from .dot import render, write_dot
from .picture import Picture, describe
from .svg import write_svg

if TYPE_CHECKING:
    import graphviz

LARGEST_SHOWN = 150  # nodes; a notebook shows a summary of what is larger
SUFFIXES = (".svg", ".dot", ".png", ".pdf")


def draw(*roots: Value, names: Mapping[str, Value] | None = None, engine: str | None = None) -> Drawing:
    """The computation graph of `roots`: data and gradient in every node, the local derivative on every edge.

    `names` gives nodes a label for this picture, {"w": w}; without one a Value's own label is shown. A gradient that no backward has
    reached is left blank. An operand used twice, as in x * x, has two edges. The layout is built in and gives the same bytes for the
    same graph; engine="dot" has Graphviz do it.

    Raises DataTypeError for a root or a named thing that is no Value, DrawingError for an unknown engine or no root at all.
    """
    if not roots:
        raise DrawingError("draw() was given nothing to draw: pass the result of a computation, draw(loss)")
    for root in roots:
        if not isinstance(root, Value):
            raise DataTypeError(f"draw() takes Values, not {root!r}; several of them as draw(a, b), not as a list")
    names = {} if names is None else names
    for name, value in names.items():
        if not isinstance(name, str) or not isinstance(value, Value):
            raise DataTypeError(f'names maps a label to a Value, as {{"w": w}}, not {name!r} to {value!r}')
    if engine not in (None, "dot"):
        raise DrawingError(f'engine is None (built in) or "dot" (Graphviz), not {engine!r}')
    return Drawing(describe(roots, names), engine)


class Drawing:
    """A picture of a computation graph, as `draw` makes it. A notebook shows it; `.svg` and `.dot` are its two forms."""

    def __init__(self, picture: Picture, engine: str | None) -> None:
        self._picture = picture
        self._engine = engine

    @cached_property
    def svg(self) -> str:
        """The picture as SVG. With engine="dot" it raises MissingDependencyError where there is no program `dot`."""
        return render(self._picture, "svg").decode() if self._engine == "dot" else write_svg(self._picture)

    @property
    def dot(self) -> graphviz.Digraph:
        """The picture as a graphviz.Digraph, every text escaped."""
        return write_dot(self._picture)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file: ".svg" or ".dot" anywhere, ".png" and ".pdf" through Graphviz.

        Raises DrawingError for another suffix, MissingDependencyError where Graphviz is needed and missing.
        """
        suffix = Path(path).suffix.lower()
        if suffix == ".svg":
            content = self.svg.encode()
        elif suffix == ".dot":
            content = self.dot.source.encode()
        elif suffix in SUFFIXES:
            content = render(self._picture, suffix[1:])
        else:
            raise DrawingError(f"{str(path)!r}: a drawing is saved as {', '.join(SUFFIXES)}; choose one of these suffixes")
        Path(path).write_bytes(content)

    def __repr__(self) -> str:
        return f"<Drawing: {self._picture.title}, {len(self._picture.boxes)} nodes>"

    def _repr_html_(self) -> str:
        """An image with its text alternative, which also an untrusted notebook shows."""
        picture = self._picture
        if len(picture.boxes) > LARGEST_SHOWN:
            return (
                f"<p>{escape(picture.title)}: {escape(picture.description)}</p><p>Over {LARGEST_SHOWN} nodes are not shown here: "
                "draw a part of the graph, or look at it with .save(&quot;graph.svg&quot;).</p>"
            )
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(f"{picture.title}. {picture.description}")}" src="data:image/svg+xml;base64,{data}">'
