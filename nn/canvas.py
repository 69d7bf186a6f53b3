"""What every chart of `plots.py` is drawn on and with. matplotlib is loaded when a chart is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.errors import MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, which colour-blind readers can tell apart; dashes and markers differ too: colour never stands alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
STYLES: list[dict[str, Any]] = [{"color": c, "linestyle": d} for c, d in zip(COLOURS, ("-", "--", "-.", ":") * 2, strict=False)]


def house_axes(ax: Axes | None, **settings: Any) -> Axes:
    """`ax`, or the Axes of a new figure, in the house style, a faint grid and no box, with `settings` such as xlabel."""
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise MissingDependencyError('charts need matplotlib, which is not installed: pip install "chainrule[plots]"') from error
        ax = pyplot.subplots(figsize=(6, 4), layout="constrained")[1]
    ax.set(**settings)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
