"""draw: the picture of a computation graph, to look at or to save."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..analysis.groups import Groups, check_groups
from ..core.arguments import among, path_of, told
from ..core.elsewhere import elsewhere_of_objects
from ..core.formulas import OF_PICTURES
from ..core.graph import check_not_stale, topological_order
from ..core.value import Value
from ..core.words import names_checked
from ..errors import DataTypeError, DrawingError
from ..saving import write_whole
from .dot import render, write_dot
from .folding import Fold, Opened, fold_values
from .picture import Picture, describe
from .raster import Bundle, bundle, png_of
from .selection import select
from .sketch import Sketch
from .svg import document, write_svg
from .tree import write_tree

if TYPE_CHECKING:
    import graphviz

NEIGHBOURHOOD = 2  # edges shown around something where no depth is given
SUFFIXES = (".svg", ".dot", ".png", ".pdf")


@names_checked
def draw(
    *roots: Value,
    names: Mapping[str, Value] | None = None,
    groups: Groups | None = None,
    fold: Fold = "auto",
    expand: Opened | Iterable[Opened] = (),
    around: Value | Iterable[Value] = (),
    depth: int | None = None,
    highlight: Value | Iterable[Value] = (),
    layout: str = "layers",
    engine: str | None = None,
) -> Drawing:
    """Draw the computation graph of `roots`.

    Every box shows data and gradient, every arrow the local derivative of its
    result by its operand. An operand used twice, as in x * x, has two arrows.
    The colour and thickness of an arrow tell sign and size of what flows back
    along it: the local derivative times the result's gradient. A gradient that
    no backward has reached is left blank. A legend explains the marks.

    The picture is at most 900 px wide. A long chain is broken into rows. Where
    many arrows would go on from row to row, it is dealt to panels: what comes
    from another panel stands there as a small box with its name.

    Args:
        roots: The results whose graph is drawn.
        names: A label for Values of this picture, as {"w": w}. Without one a
            parameter that `groups` knows shows its path, and another Value its
            own label.
        groups: Value -> (path, call index), as `nn.trace` records it. What
            belongs to one group can share a box.
        fold: What shares a box. "auto": a graph of up to 150 nodes is drawn as
            it is, a larger one is folded as little as can still be read. The
            innermost groups are folded first, then those around them, then what
            has no group. "none": nothing. A number: the groups of this depth, 1
            for the outermost. A function from Value to the name of its box,
            None for a box of its own.
        expand: Groups that stay open, one level: a path or (path, call index),
            or several.
        around: Draw only what is near these Values: at most `depth` edges
            before or after.
        depth: How far, by default 2. Without `around`, the edges before the
            roots.
        highlight: Values that get a frame.
        layout: "layers"; "time": a strip for every call index of the groups,
            for a recurrent net; "nested": each result a box around its
            operands, so that the chain rule multiplies from the outside in.
        engine: None for the built-in layout, the same bytes for the same graph
            anywhere; "dot" for Graphviz's.

    Returns:
        The picture. A notebook shows it; `save` writes it.

    Raises:
        DataTypeError: Something that should be a Value is none.
        DrawingError: Another argument makes no sense, or more than 2,000 boxes
            would be left.
        StaleValueError: A leaf was changed after an operation had used it. Its
            box would show the new number, and all others belong to the old one.

    Examples:
        >>> from autograd import Value, draw
        >>> x = Value(3.0, "x")
        >>> print(draw(x * 2.0))
        Computation graph of result = 6
        #2 *, data 6, grad (not computed)
        ├─ [2] #1 x, data 3, grad (not computed)
        └─ #0 2
    """
    if not roots:
        raise DrawingError(
            "draw() was given nothing to draw: pass the result of a computation, draw(loss)"
        )
    places = check_groups(groups)
    order = topological_order(*_checked_values(roots, "draw(a, b)"))
    check_not_stale(order)
    centres = _checked_values(around, "around=[a, b]", order)
    marked = _checked_values(highlight, "highlight=[a, b]", order)
    opened = _checked_paths(expand, places)
    _check_choices(fold, depth, layout, engine, places)
    selection = select(order, roots, centres, NEIGHBOURHOOD if depth is None and centres else depth)
    folding = fold_values(selection.values, places, fold, opened, layout == "time")
    picture = describe(roots, selection, folding, groups or {}, names, set(marked), layout)
    return Drawing(picture, engine)


def _checked_values(
    given: Value | Iterable[Value], form: str, among: Collection[Value] | None = None
) -> list[Value]:
    """Return one Value or several as a list.

    Args:
        given: What the caller passed.
        form: How it is passed, for the error.
        among: The Values of the graph, which must hold them all.
    """
    values = list(given) if isinstance(given, Iterable) else [given]
    graph = set(among or ())
    for value in values:
        if not isinstance(value, Value):
            hint = ""
            if isinstance(value, list):
                hint = ": for the Values of a list, draw(*values)"
            elif callable(getattr(value, "draw", None)):
                hint = ": its own method draws it, as in model.draw()"
            raise DataTypeError(f"{form} takes Values, not {value!r}{hint}")
        if among is not None and value not in graph:
            raise DrawingError(
                f"{form} takes Values of the graph that is drawn, and {value!r} is none: "
                "no root depends on it"
            )
    return values


def _checked_paths(given: Opened | Iterable[Opened], groups: Groups) -> list[Opened]:
    """Return one path or (path, call index), or several, as a list of known groups."""
    one = isinstance(given, str) or (
        isinstance(given, tuple) and [type(part) for part in given] == [str, int]
    )
    opened: list[Any] = [given] if one else list(given) if isinstance(given, Iterable) else [given]
    for wanted in opened:
        if not isinstance(wanted, str) and not (
            isinstance(wanted, tuple) and [type(part) for part in wanted] == [str, int]
        ):
            raise DataTypeError(
                "expand takes paths of groups, such as 'layers.0', or tuples of a path and the "
                f"index of a call, such as ('layers.0', 1), not {told(wanted)}"
            )
    paths = {path for path, _ in groups.values()} if opened else set()
    for wanted in opened:
        path = wanted if isinstance(wanted, str) else wanted[0]
        if not any(f"{known}.".startswith(f"{path}.") for known in paths):
            some = ", ".join(repr(known) for known in sorted(paths)[:6]) + (
                ", ..." if len(paths) > 6 else ""
            )
            raise DrawingError(f"expand={wanted!r} names no group; groups= has {some or 'none'}")
    return opened


def _check_choices(
    fold: Fold, depth: int | None, layout: str, engine: str | None, groups: Groups
) -> None:
    if not (callable(fold) or among(fold, ("auto", "none")) or (type(fold) is int and fold >= 1)):
        raise DrawingError(
            'fold is "auto", "none", a depth of 1 or more, or a function of a Value, '
            f"not {told(fold)}"
        )
    if type(fold) is int and not groups:
        raise DrawingError(
            f"fold={fold} folds groups: pass groups=, a mapping from Value to (path, call "
            "index), as nn.trace records it"
        )
    if depth is not None and not (type(depth) is int and depth >= 0):
        raise DrawingError(f"depth is a number of edges, 0 or more, not {depth!r}")
    if not among(layout, ("layers", "time", "nested")):
        raise DrawingError(f'layout is "layers", "time" or "nested", not {told(layout)}')
    if layout == "time" and not groups:
        raise DrawingError(
            'layout="time" makes a column of every call index: pass groups=, a mapping '
            "from Value to (path, call index)"
        )
    if layout == "nested" and engine is not None:
        raise DrawingError('layout="nested" has no counterpart in Graphviz: leave engine=None')
    if not among(engine, (None, "dot")):
        raise DrawingError(f'engine is None (built in) or "dot" (Graphviz), not {told(engine)}')


class Drawing:
    """A picture: notebooks show it, `save` writes it, print() tells it.

    Attributes:
        svg: The picture as SVG.
        dot: The picture of a graph as a `graphviz.Digraph`.
    """

    def __init__(self, picture: Picture | Sketch, engine: str | None = None) -> None:
        self._picture = picture
        self._engine = engine

    @cached_property
    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            MissingDependencyError: engine="dot", and there is no program `dot`.
        """
        picture = self._picture
        if isinstance(picture, Sketch):
            return document(picture.title, picture.words, picture.body)
        return render(picture, "svg").decode() if self._engine == "dot" else write_svg(picture)

    @property
    def dot(self) -> graphviz.Digraph:
        """The picture of a graph as a graphviz.Digraph, every text escaped.

        Raises:
            DrawingError: The picture is not that of a graph.
        """
        return write_dot(self._graph())

    def _graph(self) -> Picture:
        if isinstance(self._picture, Sketch):
            raise DrawingError(
                f'"{self._picture.title}" is no graph that Graphviz could draw: '
                "take .svg, or save it as .svg or .png"
            )
        return self._picture

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects(OF_PICTURES, "autograd.core.seldom OF_PICTURES")

    @names_checked
    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file, in the format that the suffix names.

        Args:
            path: ".svg" and ".dot" need nothing more, ".png" needs the package
                resvg-py, ".pdf" needs Graphviz. The picture of a net has no
                ".dot" and no ".pdf".

        Raises:
            DrawingError: Another suffix.
            MissingDependencyError: What the format needs is not installed.
            OSError: The file cannot be written. Then an old one is left as it was.
        """
        file = path_of(path)
        suffix = file.suffix.lower()
        if suffix not in SUFFIXES:
            raise DrawingError(
                f"{str(path)!r}: a drawing is saved as {', '.join(SUFFIXES)}; "
                "choose one of these suffixes"
            )
        if suffix == ".svg":
            content = self.svg.encode()
        elif suffix == ".dot":
            content = self.dot.source.encode()
        elif suffix == ".png" and self._engine is None:
            content = png_of(self.svg)
        else:
            content = render(self._graph(), suffix[1:])
        write_whole(file, content)

    def __repr__(self) -> str:
        picture = self._picture
        if isinstance(picture, Sketch):
            return f"{picture.title}\n{picture.words}"
        return write_tree(picture)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Return what a notebook shows, as `raster.bundle` describes it."""
        picture = self._picture
        words = picture.words if isinstance(picture, Sketch) else picture.description
        return bundle(self.svg, f"{picture.title}. {words}", repr(self))
