"""What a chart is drawn on: Axes in the house style, panels, a legend, named places."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd.errors import DataTypeError
from autograd.extending import load, told

from .checks import check_words
from .showing import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, which colour-blind readers can tell apart. Dashes and
# markers differ, too: colour never stands alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")
# 7 colours and 4 dashes have no common factor: the first 28 curves all differ.
STYLES: list[dict[str, Any]] = [
    {"color": c, "linestyle": d} for c, d in zip(COLOURS * 4, DASHES * 7, strict=True)
]
FIGURE = (6.4, 4.0)  # inches, of a chart
WIDEST = 9.0  # inches, of any chart
PANEL = 2.4  # inches, of one of many
SMALL = 9  # points: 12.5 px in a notebook, the smallest text of a chart


def styled_axes(
    ax: "Axes | None", *, size: tuple[float, float] = FIGURE, **settings: Any
) -> "Axes":
    """Return `ax`, or the Axes of a new figure, in the house style.

    There is a faint grid and no box; `settings` are those of Axes.set.
    """
    check_words(**{word: settings[word] for word in ("xlabel", "ylabel") if word in settings})
    _check_axes(ax)
    if ax is None:
        pyplot = load("matplotlib.pyplot", "charts need")
        ax = pyplot.subplots(figsize=size, layout="constrained")[1]
    ax.set(**settings)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    vars(ax)["_repr_mimebundle_"] = partial(shown, ax)
    return ax


def _check_axes(ax: Any) -> None:
    """Raise DataTypeError unless this is an Axes, or None."""
    if ax is not None and not hasattr(ax, "get_legend_handles_labels"):
        raise DataTypeError(f"ax is an Axes, such as pyplot.subplots()[1], not {told(ax)}")


def add_panels(
    ax: "Axes | None", count: int, columns: int, room: float = 0.14, inches: float = PANEL
) -> "tuple[Axes, list[Axes]]":
    """Return the outer Axes, which bears nothing, and `count` panels within it.

    `room` is the part of a panel's height that its title and labels take, `inches`
    how wide it is at most.
    """
    lines = math.ceil(count / columns)
    if ax is None:
        pyplot = load("matplotlib.pyplot", "charts need")
        width = min(inches * columns, WIDEST)
        size = (width, 1.05 * width / columns * lines)
        figure, ax = pyplot.subplots(figsize=size, layout="constrained")
        if inches > PANEL:  # the layout leaves too little room beside such panels
            figure.get_layout_engine().set(w_pad=0.1)
    outer = styled_axes(ax)
    outer.set_axis_off()
    panels = []
    for i in range(count):
        row, column = divmod(i, columns)
        left, bottom = column / columns, 1 - (row + 1 - room / 2) / lines
        place = (left + 0.04 / columns, bottom, 0.92 / columns, (1 - room) / lines)
        panels.append(outer.inset_axes(place))
    return outer, panels


def add_legend(ax: "Axes", of: "Axes | None" = None) -> None:
    """Name what is drawn, beside the chart, where the names cover no data.

    matplotlib leaves out names that begin with "_", unless they are set
    afterwards.

    Args:
        ax: The chart.
        of: Whose marks are named, by default the chart's own.
    """
    source = ax if of is None else of
    drawn = [*source.lines, *source.collections, *source.patches]
    named = [
        artist
        for artist in drawn
        if (label := str(artist.get_label())) and not label.startswith(("_child", "_nolegend"))
    ]
    if not named:
        return
    names = [str(artist.get_label()) for artist in named]
    places = [f"{i}" for i in range(len(named))]
    legend = ax.legend(
        named, places, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=SMALL
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
        text.set_parse_math(False)


def name_ticks(ax: "Axes", names: Sequence[str]) -> None:
    """Name the places 0, 1, ... of the x axis; slanted where they would overlap."""
    tight = sum(len(name) + 2 for name in names) > 64
    slant: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(names)), names, **(slant if tight else {}))
