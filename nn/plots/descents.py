"""Charts of descents: steps along the cost of one weight or of two."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from autograd import no_grad
from autograd.errors import LengthError

from ..arguments import check_function, names_checked
from ..data.checks import is_sequence
from .axes import MARKERS, STYLES, add_legend, styled_axes
from .checks import (
    Function,
    Rows,
    check_drawable,
    check_words,
    entries_of,
    number_of,
    numbers_of,
    rows_of,
)
from .ranges import GRID, evenly_spaced, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@names_checked
def descent(
    cost: Function,
    paths: Mapping[str, Sequence[Any]],
    ax: "Axes | None" = None,
    *,
    low: float | None = None,
    high: float | None = None,
    label: str = "cost",
) -> "Axes":
    """Draw the cost of one weight as a curve, and descents as steps along it.

    Args:
        cost: A function of one number.
        paths: The weights of each descent, from its start: numbers, or points
            of one number as `nn.descend` returns them.
        ax: Where to draw. A hollow dot is a start.
        low: Where the curve begins; by default the paths say.
        high: Where it ends.
        label: What the curve is called.

    Examples:
        >>> import nn
        >>> path = nn.descend(lambda w: w**2, [3.0], lambda ps: nn.SGD(ps, lr=0.2), steps=8)
        >>> ax = nn.plots.descent(lambda w: w**2, {"rate 0.2": path})
        >>> ax.get_xlabel()
        'weight w'
    """
    such_as = '{"rate 0.2": [3.0, 1.8, 1.08]}'
    walks = {name: _walk(path, name) for name, path in entries_of(paths, such_as)}
    every = [w for walk in walks.values() for w in walk if math.isfinite(w)]
    if not every:
        raise LengthError("descent() was given no finite weight")
    check_function("cost", cost, "a function of one number", 1)
    check_words(label=label)
    room = 0.15 * (max(every) - min(every) or 1.0)
    low = min(every) - room if low is None else low
    high = max(every) + room if high is None else high
    xs = span(low, high)
    with no_grad():
        curve = [number_of(cost(x)) for x in xs]
    ax = styled_axes(ax, xlabel="weight w", ylabel=label, xlim=(low, high))
    with no_grad():
        ax.plot(xs, curve, color="0.4", label=label)
        for style, marker, (name, walk) in zip(
            cycle(STYLES), cycle(MARKERS), walks.items(), strict=False
        ):
            heights = [number_of(cost(w)) for w in walk]
            ax.plot(walk, heights, marker=marker, markersize=4, linewidth=1, label=name, **style)
            ax.plot(walk[0], heights[0], "o", color=style["color"], markerfacecolor="white")
    add_legend(ax)
    return ax


@names_checked
def cost_surface(
    cost: Callable[..., Any],
    paths: Mapping[str, Rows],
    x: Sequence[float],
    y: Sequence[float],
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the cost of two weights, darker where higher, and the paths of descents.

    Args:
        cost: A function of two numbers.
        paths: Of each descent its points (w1, w2), from the start, a hollow
            dot.
        x: The bounds of w1.
        y: The bounds of w2.
        ax: Where to draw.
    """
    check_function("cost", cost, "a function of two numbers", 2)
    bounds = [numbers_of(limits, "a bound") for limits in (x, y)]
    such_as = '{"rate 0.2": [[3.0, 1.0], [1.8, 0.6]]}'
    walks = {name: rows_of(path, 2, "a path") for name, path in entries_of(paths, such_as)}
    for limits in bounds:
        check_drawable(limits, "the bounds of a weight")
        if len(limits) < 2 or limits[0] == limits[-1]:
            raise LengthError(f"the bounds of a weight are two numbers, (low, high), not {limits}")
    xlim, ylim = [(limits[0], limits[-1]) for limits in bounds]
    xs, ys = (evenly_spaced(limits, GRID) for limits in bounds)
    with no_grad():
        costs = [[number_of(cost(a, b)) for a in xs] for b in ys]
    heights = [[u if math.isfinite(u) else math.nan for u in line] for line in costs]
    ax = styled_axes(ax, xlabel="$w_1$", ylabel="$w_2$", xlim=xlim, ylim=ylim)
    ax.contourf(xs, ys, heights, levels=20, cmap="Greys", alpha=0.6)
    for style, marker, (name, walk) in zip(
        cycle(STYLES), cycle(MARKERS), walks.items(), strict=False
    ):
        last = [len(walk) - 1]
        ax.plot(*zip(*walk, strict=True), marker=marker, markevery=last, label=name, **style)
        ax.plot(*walk[0], "o", color="black", markerfacecolor="white")
    add_legend(ax)
    return ax


def _walk(path: Any, name: str) -> list[float]:
    """Return the weights of a descent, also of points of one number each."""
    if is_sequence(path) and len(path) and is_sequence(path[0]):
        return [point[0] for point in rows_of(path, 1, f"the path {name!r} of descent")]
    return numbers_of(path, name)
