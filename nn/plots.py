"""Charts: one function each, drawn with matplotlib, which is loaded when one is called.

Every function takes `ax`, the Axes to draw on (by default those of a new figure), and returns it, so that titles, limits and
further curves are added by matplotlib's own calls. `save(ax, path)` writes the figure. Series to compare are given as a mapping
from what the legend says to the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import no_grad
from autograd.errors import MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, which colour-blind readers can tell apart; dashes and markers differ too: colour never stands alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")


def save(ax: Axes, path: str | PathLike[str]) -> None:
    """Write the figure of `ax` as SVG, PDF or PNG, by the ending of `path`. The same chart gives the same bytes: no date, fixed ids."""
    from matplotlib import rc_context

    dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with rc_context({"svg.hashsalt": "chainrule"}):
        ax.figure.canvas.figure.savefig(path, metadata=dates.get(Path(path).suffix), dpi=150)


def loss_curve(curves: Mapping[str, Sequence[float]], ax: Axes | None = None, *, ylabel: str = "loss", log: bool = False) -> Axes:
    """A quantity after every epoch, say {"training": ..., "validation": ...}; `ylabel` names it, `log` takes a logarithmic axis."""
    ax = _lines(ax, curves, "epoch", ylabel)
    if log:
        ax.set_yscale("log")
    return ax


def decision_boundary(
    model: Callable[[list[float]], Any],
    X: Sequence[Sequence[float]],
    y: Sequence[int],
    ax: Axes | None = None,
    *,
    classes: Sequence[str] = (),
    resolution: int = 60,
) -> Axes:
    """The points of two features and the region of the plane where `model` prefers each class, on a grid of `resolution` by `resolution`.

    `model` gives one logit (class 1 where it is positive) or one per class; the black line is where two classes are level.
    """
    ax = _axes(ax, "$x_1$", "$x_2$")
    grid = [_grid([row[i] for row in X], resolution) for i in (0, 1)]
    with no_grad():
        margins = [[_margins(model([x1, x2])) for x1 in grid[0]] for x2 in grid[1]]
    for label in range(len(margins[0][0])):
        colour, marker = COLOURS[label % len(COLOURS)], MARKERS[label % len(MARKERS)]
        heights = [[margin[label] for margin in line] for line in margins]
        if max(map(max, heights)) > 0:
            ax.contourf(*grid, heights, levels=[0, float("inf")], colors=[colour], alpha=0.25)
        if max(map(max, heights)) > 0 > min(map(min, heights)):
            ax.contour(*grid, heights, levels=[0], colors="black", linewidths=1)
        points = [[row[i] for row, target in zip(X, y, strict=True) if target == label] for i in (0, 1)]
        name = classes[label] if classes else f"class {label}"
        ax.scatter(*points, color=colour, marker=marker, edgecolors="white", linewidths=0.5, label=name, zorder=3)
    ax.legend()
    return ax


def _grid(values: Sequence[float], n: int) -> list[float]:
    """`n` evenly spaced numbers that cover `values` and a margin of a tenth."""
    low, high = min(values), max(values)
    margin = (high - low or 1.0) / 10
    return [low - margin + (high - low + 2 * margin) * i / (n - 1) for i in range(n)]


def _margins(output: Any) -> list[float]:
    """By how much each class leads the best of the others."""
    logits = [float(z) for z in output] if isinstance(output, Sequence) else [float(output)]
    if len(logits) == 1:
        return [-logits[0], logits[0]]
    return [z - max(logits[:i] + logits[i + 1 :]) for i, z in enumerate(logits)]


def _lines(ax: Axes | None, series: Mapping[str, Sequence[float]], xlabel: str, ylabel: str, first: int = 1) -> Axes:
    """Each series against the count of its entries, which starts at `first`."""
    ax = _axes(ax, xlabel, ylabel)
    for i, (name, values) in enumerate(series.items()):
        ax.plot(range(first, first + len(values)), values, color=COLOURS[i % len(COLOURS)], linestyle=DASHES[i % len(DASHES)], label=name)
    ax.locator_params(axis="x", integer=True)
    ax.legend()
    return ax


def _axes(ax: Axes | None, xlabel: str, ylabel: str) -> Axes:
    """`ax`, or the Axes of a new figure, with the house style: labelled, a faint grid, no box."""
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise MissingDependencyError('charts need matplotlib, which is not installed: pip install "chainrule[plots]"') from error
        ax = pyplot.subplots(figsize=(6, 4), layout="constrained")[1]
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
