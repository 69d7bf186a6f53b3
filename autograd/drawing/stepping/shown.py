"""step_through: a graph's forward and backward pass, one step at a time, as a page or as an animation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path

from ...analysis.groups import Groups, check_groups
from ...core.value import Value
from ...errors import DrawingError
from .animation import write_animation
from .diagram import diagram
from .page import write_page
from .walk import Walk, walk

EMBEDDED = 2_000_000  # bytes of a page that a notebook still holds


def step_through(
    root: Value, groups: Groups | None = None, names: Mapping[str, Value] | None = None
) -> StepThrough:
    """The forward pass below root and its backward pass, to be stepped through; .save("backprop.html") or .save("backprop.svg").

    Each step computes one result, or adds one contribution: w.grad += local x upstream. It is computed afresh: whether backward has run, and
    what the gradients are, plays no part and is not changed. With groups, Value -> (path, call index) as `nn.trace` records them, parts
    of the picture can be closed and opened. With names, {"w": w}, Values are called so, else by their own labels. The same graph gives the same
    bytes.

    Raises DataTypeError for what should be a Value and is not, DrawingError over 2,000 nodes, StaleValueError if a leaf was changed since.
    """
    return StepThrough(walk(root, check_groups(groups), names))


class StepThrough:
    """A backward pass to look at, as `step_through` makes it: `.html` is a page that steps, `.svg` an animation that plays once."""

    def __init__(self, walked: Walk) -> None:
        self._walk = walked

    @cached_property
    def html(self) -> str:
        """A self-contained page."""
        return write_page(self._walk, diagram(self._walk))

    @cached_property
    def svg(self) -> str:
        """The gradient flowing back within five seconds, then the finished picture, which is also what is shown where motion is not wanted.

        Raises DrawingError for a graph too large to be followed.
        """
        return write_animation(self._walk)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file ".html" or the animation to a file ".svg". Raises DrawingError for another suffix."""
        suffix = Path(path).suffix.lower()
        if suffix not in (".html", ".svg"):
            raise DrawingError(
                f"{str(path)!r}: what steps is saved as .html, an animation as .svg; for other formats draw(loss).save(...)"
            )
        Path(path).write_bytes((self.html if suffix == ".html" else self.svg).encode())

    def __repr__(self) -> str:
        return f"<backward through {self._walk.names[-1]}, {len(self._walk.order)} nodes: .save('backprop.html')>"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, which may run its script and nothing else."""
        if len(self.html.encode()) > EMBEDDED:
            return f"<p>{escape(repr(self))} is too large for a notebook: save it and open the file.</p>"
        return (
            f'<iframe title="Backward, step by step" sandbox="allow-scripts" width="100%" height="720" '
            f'srcdoc="{escape(self.html)}"></iframe>'
        )
