"""step_through: a graph's forward and backward pass, one step at a time.

It is a page, or an animation.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import json
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING

from ...analysis.groups import Groups, check_groups
from ...core.arguments import path_of
from ...core.elsewhere import elsewhere_of_objects
from ...core.formulas import OF_PICTURES
from ...core.graph import check_not_stale
from ...core.value import Value
from ...core.words import names_checked
from ...errors import DataTypeError, DrawingError
from ...saving import write_whole
from ..drawing import draw
from ..folding import READABLE
from ..raster import Bundle, bundle, image_tag
from .animation import write_animation
from .diagram import diagram
from .training import Training
from .walk import Walk, walk

MOST_EMBEDDED = 1_000_000  # bytes of a page that a notebook is given to keep

# The page takes the place of the image. JupyterLab and the site say their theme
# on the body, and the page is told when it changes.
UPGRADE = """<script>{{const frame = document.createElement("iframe");
const attributes = {attributes};
const theme = () => {{
const {{jpThemeLight, theme}} = document.body?.dataset ?? {{}};
return {{true: "light", false: "dark"}}[jpThemeLight] ?? theme ?? "";
}};
attributes.srcdoc = attributes.srcdoc.replace('lang="en"', `lang="en" data-theme="${{theme()}}"`);
for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
document.currentScript?.parentNode.replaceChildren(frame);
if (theme()) new MutationObserver((changes, observer) => {{
if (frame.isConnected) frame.contentWindow.postMessage({{theme: theme()}}, "*");
else observer.disconnect();
}}).observe(document.body, {{attributeFilter: ["data-jp-theme-light", "data-theme"]}});
}}</script>"""


@names_checked
def step_through(
    root: Value,
    groups: Groups | None = None,
    names: Mapping[str, Value] | None = None,
    training: Training | None = None,
) -> StepThrough:
    """Show the forward pass below `root` and its backward pass, step by step.

    Each step computes one result, or adds one contribution::

        w.grad += local * upstream

    The page opens with the finished picture, after the last step; First goes to the
    beginning. On the page a number can be changed, and everything follows. It can
    take steps of descent. What it shows is computed afresh: whether backward has run
    plays no part, and no grad is changed. The same graph gives the same bytes.

    Args:
        root: The result of a computation, such as a loss.
        groups: Value -> (path, call index), as `nn.trace` records it. Parts of
            the picture can be closed and opened; parameters have names.
        names: Label -> Value, such as {"w": w}. What learns are the leaves of
            the groups, else those with names, else all.
        training: Rows on which the page trains, for a small net.

    Raises:
        DataTypeError: `root` is no Value, or an argument is of another type.
        DrawingError: More than 2,000 nodes, or rows that do not fit.
        StaleValueError: A leaf was changed after an operation had used it.

    Examples:
        >>> from autograd import Value, step_through
        >>> w, x = Value(2.0, "w"), Value(-3.0, "x")
        >>> step_through((w * x).tanh())
        <backward through t2, 4 nodes: .save('backprop.html')>
    """
    walked = walk(root, check_groups(groups), names)
    if training is not None:
        if not isinstance(training, Training):
            raise DataTypeError(f"training= takes a Training of rows, not {training!r}")
        training.check(walked.order)
        walked = walked.closing(training.closed)
    return StepThrough(walked, training)


class StepThrough:
    """A backward pass to look at, as `step_through` makes it.

    A notebook shows the page, an untrusted one the picture.

    Attributes:
        html: The page that steps, one file.
        svg: An animation that plays once.
    """

    def __init__(self, walked: Walk, training: Training | None = None) -> None:
        self._walk = walked
        self._training = training

    @cached_property
    def html(self) -> str:
        """A page that needs no other file and no network.

        Raises:
            StaleValueError: A leaf was changed after an operation had used it.
        """
        check_not_stale(self._walk.order)
        page = import_module(".page", __package__)  # it needs the compiler, which loads when used
        return str(page.write_page(self._walk, diagram(self._walk), self._training))

    @cached_property
    def svg(self) -> str:
        """The gradient flowing back within five seconds, then the finished picture.

        Where motion is not wanted it is the finished picture at once.

        Raises:
            DrawingError: The graph is too large to be followed.
            StaleValueError: A leaf was changed after an operation had used it.
        """
        check_not_stale(self._walk.order)
        return write_animation(self._walk)

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects(OF_PICTURES, "autograd.core.seldom OF_PICTURES")

    @names_checked
    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file ".html", or the animation to a file ".svg".

        Raises:
            DrawingError: Another suffix.
            StaleValueError: A leaf was changed after an operation had used it.
            OSError: The file cannot be written. Then an old one is left as it was.
        """
        file = path_of(path)
        suffix = file.suffix.lower()
        if suffix not in (".html", ".svg"):
            raise DrawingError(
                f"{str(path)!r}: what steps is saved as .html, an animation as .svg; for other "
                "formats draw(loss).save(...)"
            )
        write_whole(file, (self.html if suffix == ".html" else self.svg).encode())

    def __repr__(self) -> str:
        name, nodes = self._walk.names[-1], len(self._walk.order)
        return f"<backward through {name}, {nodes} nodes: .save('backprop.html')>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Return what a notebook shows.

        text/html is an image of the graph, for an untrusted notebook. A trusted
        one runs a script that puts the page in its place, in a frame that may
        run its script and nothing else. A page too large to embed is left out.
        image/png and text/plain are those of the picture.
        """
        picture = self._picture()
        content, metadata = bundle(picture, self._title(), repr(self))
        image = image_tag(picture, self._title())
        if len(self.html.encode()) > MOST_EMBEDDED or not image:
            return content, metadata
        attributes = {
            "title": self._title(),
            "sandbox": "allow-scripts",
            "width": "100%",
            "height": "760",
            "style": "border:0",
            "srcdoc": self.html,
        }
        escaped = json.dumps(attributes).replace("<", "\\u003c")
        html = f"<div>{image}{UPGRADE.format(attributes=escaped)}</div>"
        return {"text/html": html, **content}, metadata

    def _title(self) -> str:
        return f"Backward through {self._walk.names[-1]}"

    def _picture(self) -> str:
        """Return the graph as a still picture, with the gradients if it is small."""
        if len(self._walk.order) <= READABLE:
            return self.svg
        return draw(self._walk.order[-1], groups=self._walk.given_groups).svg
