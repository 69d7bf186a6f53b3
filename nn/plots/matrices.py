"""Charts of matrices: numbers as colours, in rows and columns."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import told

from ..arguments import names_checked
from ..data.checks import is_sequence
from ..tracing import trace
from .axes import PANEL, SMALL, add_panels, name_ticks, styled_axes
from .checks import Rows, check_words, entries_of, names_of, table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_COLUMNS = 10  # of panels
# The panels of heads: up to so many tokens, so many side by side, of so many inches,
# with so much room for title and labels.
TOKEN_PANELS = ((12, 4, PANEL, 0.28), (33, 2, 4.4, 0.16))
MOST_TOKENS = 33  # that are written out: a text that a small GPT reads
MARKS = (".", "\\n")  # tokens that tell where a text begins and ends


@names_checked
def heat_map(
    matrix: Rows,
    ax: "Axes | None" = None,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    xlabel: str = "",
    ylabel: str = "",
    label: str = "",
) -> "Axes":
    """Draw a matrix as colours: attention, or the weights of a layer.

    Numbers of one sign go from light to dark. With both signs white is 0,
    purple positive and orange negative. A small matrix bears its numbers, in a
    large one a dash marks what is negative. A row may be shorter than the
    others, as in attention to what came before: the rest is blank.

    Args:
        matrix: Rows of numbers, from top to bottom.
        ax: Where to draw.
        rows: The names of the rows.
        columns: The names of the columns.
        xlabel: What the columns are.
        ylabel: What the rows are.
        label: What the colours are.
    """
    table = table_of(matrix, "heat_map")
    width = max(map(len, table))
    rows, columns = names_of(rows, len(table), "rows"), names_of(columns, width, "columns")
    check_words(label=label)
    ax = styled_axes(ax, xlabel=xlabel, ylabel=ylabel)
    small = len(table) <= 8 and width <= 8
    image = _image(ax, table, dashes=not small)
    if small:
        low, high = image.get_clim()
        for i, row in enumerate(table):
            for j, x in enumerate(row):
                dark = abs(x) > 0.6 * high if low < 0 else (x - low) > 0.6 * (high - low or 1)
                ink = "white" if dark else "black"
                ax.text(j, i, f"{x + 0.0:.2g}", ha="center", va="center", color=ink, fontsize=SMALL)
    if columns:
        name_ticks(ax, columns)
    if rows:
        ax.set_yticks(range(len(table)), rows)
    if not (rows or columns):
        ax.locator_params(integer=True)
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


@names_checked
def attention(weights: Any, ax: "Axes | None" = None, *, tokens: Sequence[str] = ()) -> "Axes":
    """Draw how much each position reads from each: a row for the reader.

    Args:
        weights: One head, [reader][read], each row of sum 1. Or several heads,
            or blocks of heads, as `GPT.attention_weights` returns them: a panel
            for each.
        ax: Where to draw.
        tokens: What stands at the positions. A text that begins with "." or the
            sign for a new line is one of a model to which this mark tells
            beginning and end: the chart says so.
    """
    depth, inner = 0, weights
    while is_sequence(inner) and len(inner):
        depth, inner = depth + 1, inner[0]
    if depth not in (2, 3, 4):
        raise DataTypeError(
            f"attention() takes a matrix [reader][read], or heads, not {told(weights)}"
        )
    tokens = names_of(tokens, None, "tokens")
    read = "read"
    if len(tokens) and tokens[0] in MARKS:
        read = f'read; "{tokens[0]}" is the beginning or the end'
    if depth == 2:
        names = list(tokens)
        return heat_map(
            weights,
            ax,
            rows=names,
            columns=names,
            xlabel=read,
            ylabel="reader",
            label="attention",
        )
    blocks = [weights] if depth == 3 else weights
    heads = [
        (f"head {h}" if depth == 3 else f"block {b}, head {h}", table_of(head, "attention"))
        for b, block in enumerate(blocks)
        for h, head in enumerate(block)
    ]
    longest = max(len(table) for _, table in heads)
    if len(tokens) and len(tokens) != longest:
        raise LengthError(f"{len(tokens)} tokens for {longest} positions")
    named = 0 < len(tokens) <= MOST_TOKENS
    _, beside, inches, room = next(
        panel for panel in TOKEN_PANELS if not named or len(tokens) <= panel[0]
    )
    if len(heads) == 1:  # a small one would leave no room for its scale
        inches = TOKEN_PANELS[-1][2]
    columns = min(beside, max(map(len, blocks)))
    outer, panels = add_panels(ax, len(heads), columns, room, inches)
    outer.set_label("attention of " + "; ".join(name for name, _ in heads))
    for i, (panel, (name, table)) in enumerate(zip(panels, heads, strict=True)):
        image = _image(panel, table, (0.0, 1.0))
        panel.set_title(name, fontsize=10)
        # Of more positions than have room, the places are counted.
        every = named or len(table) <= TOKEN_PANELS[0][0]
        places = list(range(len(table)))[:: 1 if every else len(table) // 5]
        words = [str(tokens[k]) if named else str(k) for k in places]
        panel.set_xticks(places, words, fontsize=SMALL)
        panel.set_yticks(places, words, fontsize=SMALL)
        if i % columns == 0:
            panel.set_ylabel("reader", fontsize=SMALL)
    # Above several lines of panels, or wide ones: beside them the scale would take their room.
    above = len(heads) > columns or inches > PANEL
    place = {"location": "top", "shrink": 0.5, "aspect": 30} if above else {"shrink": 0.8}
    outer.figure.colorbar(image, ax=outer, label="attention", **place)
    outer.text(0.5, -0.02, read, ha="center", va="top", transform=outer.transAxes)
    return outer


@names_checked
def weight_images(
    weights: Rows, shape: tuple[int, int], ax: "Axes | None" = None, *, titles: Sequence[str] = ()
) -> "Axes":
    """Draw the weights of each unit as an image: purple positive, orange negative.

    A dash marks what is negative, too.

    Args:
        weights: A row for each unit, as in [neuron.w for neuron in
            layer.neurons].
        shape: The height and width of an image.
        ax: Where to draw.
        titles: A name for each unit.
    """
    table = table_of(weights, "weight_images")
    if not isinstance(shape, Sequence) or [type(n) for n in shape] != [int, int]:
        raise DataTypeError(f"shape is the height and width of an image, (8, 8), not {told(shape)}")
    height, width = shape
    if any(len(row) != height * width for row in table):
        raise LengthError(
            f"an image of {told(height)} x {told(width)} takes {told(height * width)} weights "
            "a unit"
        )
    titles = names_of(titles, len(table), "units", "titles")
    most = max(abs(x) for row in table for x in row) or 1.0
    columns = min(MOST_COLUMNS, math.ceil(math.sqrt(len(table))))
    outer, panels = add_panels(ax, len(table), columns)
    outer.set_label(f"weights of {len(table)} units as images of {height} x {width}")
    for i, (panel, row) in enumerate(zip(panels, table, strict=True)):
        lines = [row[k * width : (k + 1) * width] for k in range(height)]
        image = _image(panel, lines, (-most, most))
        panel.set_title(titles[i] if titles else f"unit {i}", fontsize=SMALL)
        panel.set_xticks([])
        panel.set_yticks([])
    outer.figure.colorbar(image, ax=outer, label="weight", shrink=0.8)
    return outer


@names_checked
def gates(values: Mapping[str, Rows] | trace, ax: "Axes | None" = None) -> "Axes":
    """Draw how open each gate was, 0 to 1, over the steps of a sequence. A row is a unit.

    Args:
        values: The `nn.trace` of a net with a GRU or LSTM, or for every gate a
            list over time of one number for each unit.
        ax: Where to draw.
    """
    if isinstance(values, trace):
        opened: dict[str, list[Any]] = {path: [] for path in values.gates}
        for call in values.calls:
            if call.path in opened:
                opened[call.path].append(call.outputs)
        values = {path: steps for path, steps in opened.items() if steps}
        if not values:
            raise ArgumentError("the trace has no gate: trace a net with a GRU or an LSTM")
    such_as = '{"input": [[0.1, 0.9], [0.2, 0.8]]}, or an nn.trace of an LSTM or a GRU'
    named = {name: table_of(steps, name) for name, steps in entries_of(values, such_as)}
    shapes = {(len(table), len(row)) for table in named.values() for row in table}
    if len(shapes) > 1:
        raise LengthError("every gate has as many steps, and every step as many units")
    ax = styled_axes(ax, xlabel="time step", ylabel="units of each gate")
    units = [list(unit) for table in named.values() for unit in zip(*table, strict=True)]
    size = len(units) / len(named)
    image = ax.imshow(units, aspect="auto", vmin=0, vmax=1, cmap="cividis", interpolation="nearest")
    ax.grid(False)
    ax.locator_params(axis="x", integer=True)
    ax.set_yticks([size * (i + 0.5) - 0.5 for i in range(len(named))], list(named))
    for i in range(1, len(named)):
        ax.axhline(size * i - 0.5, color="white", linewidth=3)
    ax.figure.colorbar(image, ax=ax, label="0 shut, 1 open")
    return ax


@names_checked
def confusion(
    matrix: Sequence[Sequence[int]], ax: "Axes | None" = None, *, classes: Sequence[str] = ()
) -> "Axes":
    """Draw a confusion matrix: true classes are rows, predicted ones columns.

    It shows counts, shaded by their share of the row.
    """
    table = table_of(matrix, "confusion")
    size = len(table)
    if any(len(row) != size for row in table):
        raise LengthError(
            "a confusion matrix is square, as nn.confusion_matrix(outputs, targets) gives it, "
            f"not {told(matrix)}"
        )
    names = names_of(classes, size) or [str(i) for i in range(size)]
    for i, row in enumerate(table):
        if not all(count >= 0 and math.isfinite(count) for count in row):
            raise ArgumentError(f"a confusion matrix holds counts, 0, 1, ...; row {i} is {row}")
    ax = styled_axes(ax, xlabel="predicted", ylabel="true")
    shares = [[count / max(1, math.fsum(row)) for count in row] for row in table]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.grid(False)
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            ink = "white" if shares[i][j] > 0.5 else "black"
            ax.text(j, i, f"{count:g}", ha="center", va="center", color=ink)
    name_ticks(ax, names)
    ax.set_yticks(range(size), names)
    return ax


def _image(
    ax: "Axes",
    table: list[list[float]],
    limits: tuple[float, float] | None = None,
    dashes: bool = True,
) -> Any:
    """Draw a table as an image. White is 0 where there are both signs.

    A dash marks what is negative, for eyes and printers that see no colours.
    """
    numbers = [x for row in table for x in row if math.isfinite(x)]
    low, high = limits or (min(numbers, default=0.0), max(numbers, default=1.0))
    if low < 0:
        high = max(-low, high)
        low = -high
    width = max(map(len, table))
    filled = [[*row, *[math.nan] * (width - len(row))] for row in table]
    colours = "PuOr" if low < 0 else "Blues"
    ax.grid(False)
    negative = [
        (j, i, x) for i, row in enumerate(table) for j, x in enumerate(row) if x < 0.05 * low
    ]
    if negative and dashes:
        box = ax.get_window_extent()
        cell = min(box.width / width, box.height / len(table)) * 72 / ax.figure.dpi
        across, down, sizes = zip(*negative, strict=True)
        inks = ["white" if x < 0.6 * low else "black" for x in sizes]
        area = (0.4 * cell) ** 2
        ax.scatter(across, down, s=area, c=inks, marker="_", linewidths=min(1.0, cell / 12))
    return ax.imshow(filled, cmap=colours, vmin=min(low, 0.0), vmax=high, interpolation="nearest")
