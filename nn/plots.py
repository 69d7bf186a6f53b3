"""Charts, one function each, drawn with matplotlib.

Every function takes `ax`, the Axes to draw on, by default those of a new
figure, and returns it. Titles, limits and further curves are added by
matplotlib's own calls. As the last line of a cell the chart shows itself,
sharp.

What is compared is given as a mapping from the words of the legend to the
numbers, which may be floats or Values. matplotlib and numpy are loaded when a
chart is drawn. Without matplotlib the functions raise MissingDependencyError.
What cannot be drawn is refused before anything is drawn: DataTypeError for
something of another kind, LengthError where numbers are missing, ArgumentError
for what else makes no sense.
"""

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from html import escape
from itertools import cycle
from os import PathLike
from typing import TYPE_CHECKING, Any

from autograd import Value, grad, no_grad
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import load, path_of, real_number, sizes_of, told, within, write_whole

from .arguments import check_function, names_checked
from .data.checks import is_sequence
from .diagnostics import Diagnosis
from .layers import resolved
from .module import check_model
from .tracing import trace
from .training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function = Callable[[Any], Any]
Functions = Mapping[str, Function]
Curves = Mapping[str, Sequence[float]]
Rows = Sequence[Sequence[float]]
Rectangle = tuple[float, float, float, float]  # left, lower, right and upper end

# Okabe and Ito's palette, which colour-blind readers can tell apart. Dashes and
# markers differ, too: colour never stands alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")
# 7 colours and 4 dashes have no common factor: the first 28 curves all differ.
STYLES: list[dict[str, Any]] = [
    {"color": c, "linestyle": d} for c, d in zip(COLOURS * 4, DASHES * 7, strict=True)
]
FIGURE = (6.4, 4.0)  # inches
LARGEST = 1e250  # beyond it the margins of an axis overflow, and numbers are drawn as infinite
SUFFIXES = (".svg", ".pdf", ".png")
SHOWN_DPI = 100  # pixels an inch in a notebook; the image has twice as many
WIDEST = 9.0  # inches
MOST_COLUMNS = 10  # of panels
GRID = 61  # points along each side of a plane
PANEL = 2.4  # inches
# The panels of heads: up to so many tokens, so many side by side, of so many inches,
# with so much room for title and labels.
TOKEN_PANELS = ((12, 4, PANEL, 0.28), (33, 2, 4.4, 0.16))
MOST_TOKENS = 33  # that are written out: a text that a small GPT reads
MOST_ZERO = 0.2  # a larger share of numbers that are exactly 0 is told, not drawn
CROWD = 24  # names in a map beyond which it is larger
MARKS = (".", "\\n")  # tokens that tell where a text begins and ends
SMALL = 9  # points: 12.5 px in a notebook, the smallest text of a chart
LISTED = 3  # places that are written out


@names_checked
def save(ax: "Axes", path: str | PathLike[str]) -> None:
    """Write the figure of `ax` to a file: the same bytes for the same chart.

    An SVG is one image to a screen reader, which is told what it shows.

    Args:
        ax: What a chart returned.
        path: Ends in ".svg", ".pdf" or ".png".

    Raises:
        ArgumentError: It ends in something else.
        DataTypeError: `ax` is no Axes, or `path` no path.
        OSError: The file cannot be written.
    """
    file = path_of(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise ArgumentError(f"a chart is saved as {', '.join(SUFFIXES)}, not as {str(file)!r}")
    if not hasattr(ax, "get_legend"):
        raise DataTypeError(f"ax is the Axes that a chart returned, not {told(ax)}")
    from matplotlib import rc_context

    date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
    with rc_context({"svg.hashsalt": "chainrule"}):
        figure = ax.figure.canvas.figure
        written = io.BytesIO()
        figure.savefig(written, format=suffix[1:], metadata=date, dpi=150)
    if suffix != ".svg":
        write_whole(file, written.getvalue())
        return
    legend = ax.get_legend()
    named = ", ".join(text.get_text() for text in legend.get_texts()) if legend else ""
    words = f"<title>{escape(_told(ax))}</title>"
    words += f"<desc>{escape(named)}</desc>" if named else ""
    begin, _, rest = written.getvalue().decode("utf-8").partition("<svg ")
    attributes, _, inside = rest.partition(">")
    svg = f'{begin}<svg role="img" {attributes}>{words}{inside}'
    write_whole(file, svg.encode("utf-8"))


@names_checked
def loss_curve(
    curves: Curves | History, ax: "Axes | None" = None, *, ylabel: str = "loss", log: bool = False
) -> "Axes":
    """Draw a quantity after every epoch, from 1.

    Args:
        curves: What `nn.fit` returned: its losses, in training and on held-out
            rows. Or curves by name, as in {"sgd": history["loss"]}.
        ax: Where to draw.
        ylabel: What the quantity is.
        log: Take a logarithmic axis.
    """
    if isinstance(curves, History):
        words = {"loss": "training", "val_loss": "validation"}
        curves = {word: curves.columns[k] for k, word in words.items() if k in curves.columns}
    within(locals(), log="True, False")
    scale = "log" if log else "linear"
    return _curves(ax, curves, first=1, xlabel="epoch", ylabel=ylabel, yscale=scale)


@names_checked
def weight_curve(
    curves: Curves, ax: "Axes | None" = None, *, ylabel: str = "weight", log: bool = False
) -> "Axes":
    """Draw what changes with every step, from step 0: the first entry is the start."""
    within(locals(), log="True, False")
    scale = "log" if log else "linear"
    return _curves(ax, curves, xlabel="step", ylabel=ylabel, yscale=scale)


@names_checked
def belief_curve(curves: Curves, ax: "Axes | None" = None) -> "Axes":
    """Draw the probability of a belief, 0 to 1, after every example seen.

    The first entry is the start. The dotted line is where belief turns, at 1/2.
    """
    ax = _curves(ax, curves, xlabel="examples seen", ylabel="belief", ylim=(-0.02, 1.02))
    ax.axhline(0.5, color="black", linestyle=":", linewidth=1)
    return ax


@names_checked
def rate_curve(
    schedules: Mapping[str, Callable[[int], float]], steps: int, ax: "Axes | None" = None
) -> "Axes":
    """Draw the factor that each schedule gives for the steps 0 to `steps` - 1."""
    [steps] = sizes_of(locals(), steps=1)
    return _curves(ax, schedules, range(steps), xlabel="step", ylabel="learning rate factor")


@names_checked
def gradient_norms(
    norms: Curves | Diagnosis | Mapping[str, Diagnosis],
    ax: "Axes | None" = None,
    *,
    by: str = "layer",
) -> "Axes":
    """Draw the norm of the gradient by layer, or by steps back in time; logarithmic.

    Args:
        norms: What `nn.diagnose` returned, or several by name, or curves by
            name.
        ax: Where to draw.
        by: "layer" or "lag". Both count from 0, as the paths of layers do.
    """
    if isinstance(norms, Diagnosis):
        norms = {"||dL/dZ||": norms}
    curves = {}
    paths: list[str] = []
    for name, given in _entries(norms):
        if isinstance(given, Diagnosis):
            paths = max(paths, [report.path for report in given.layers], key=len)
            given = [report.gradient_norm for report in given.layers]
        curves[name] = given
    ax = _curves(ax, curves, xlabel=by, ylabel="norm of the gradient", yscale="log")
    if paths:
        _name_places(ax, paths)
    return ax


@names_checked
def range_test(
    rates: Sequence[float], losses: Sequence[float], suggestion: float, ax: "Axes | None" = None
) -> "Axes":
    """Draw the learning-rate range test, as in range_test(*nn.lr_range_test(...)).

    Loss against rate; the suggested rate is marked. Source: Smith 2017.
    """
    xs, ys = _numbers(rates, "rates"), _numbers(losses, "losses")
    if len(xs) != len(ys):
        raise LengthError(f"{len(xs)} rates and {len(ys)} losses: every rate has one loss")
    within(locals(), suggestion=f"(0, {LARGEST}]")
    ax = _curves(ax, {"loss": ys}, xs, xlabel="learning rate", ylabel="loss", xscale="log")
    ax.axvline(suggestion, color=COLOURS[1], linestyle="--", label=f"suggested: {suggestion:.2g}")
    _legend(ax)
    return ax


@names_checked
def activation(
    f: Function | str, ax: "Axes | None" = None, *, low: float = -5.0, high: float = 5.0
) -> "Axes":
    """Draw a function of one number, or an activation, with its derivative."""
    function = resolved(f)[1]
    if function is None:
        raise ArgumentError("activation() draws a function, as in activation(tanh), not None")
    name = getattr(function, "__name__", "f")
    curves = {name: function, "derivative": grad(function)}
    return _curves(ax, curves, _span(low, high), xlabel="z", ylabel=f"{name}(z)")


@names_checked
def loss_shape(
    losses: Functions, ax: "Axes | None" = None, *, low: float = -3.0, high: float = 3.0
) -> "Axes":
    """Draw each loss of one row against its output, a prediction or a logit.

    Args:
        losses: As in {"MSE": lambda output: nn.mse([output], [1])}.
        ax: Where to draw.
        low: The smallest output.
        high: The largest output.
    """
    return _curves(ax, losses, _span(low, high), xlabel="prediction", ylabel="loss")


@names_checked
def error_gradient(
    losses: Functions, ax: "Axes | None" = None, *, low: float = -10.0, high: float = 10.0
) -> "Axes":
    """Draw |dL/dz|, the size of the gradient of each loss of one row at the logit z.

    It answers whether a larger error learns faster.
    """
    sizes = {name: lambda z, loss=loss: abs(grad(loss)(z)) for name, loss in _entries(losses)}
    return _curves(ax, sizes, _span(low, high), xlabel="logit z", ylabel="$|dL/dz|$")


@names_checked
def fit_curve(models: Functions, X: Rows, y: Sequence[float], ax: "Axes | None" = None) -> "Axes":
    """Draw rows of one feature with their targets as dots, and the curve of each model."""
    rows = _places(X, 1, "fit_curve")
    targets = _numbers(y, "y")
    _same_length(rows, targets)
    xs = [row[0] for row in rows]
    for name, model in _entries(models):
        check_function(repr(name), model, "a function of a row, such as an nn.MLP", 1)
    curves = {name: lambda x, model=model: _first(model([x])) for name, model in _entries(models)}
    with no_grad():
        ax = _curves(ax, curves, _grid(xs), xlabel="x", ylabel="y")
    ax.plot(xs, targets, "o", color="black", markersize=3, label="data")
    _legend(ax)
    return ax


@names_checked
def points(
    X: Rows, y: Sequence[int], ax: "Axes | None" = None, *, classes: Sequence[str] = ()
) -> "Axes":
    """Draw the points of two features by their class, as data looks before training.

    Args:
        X: Rows of two numbers.
        y: Their classes: whole numbers 0, 1, ...
        ax: Where to draw.
        classes: The names of the classes.
    """
    rows = _places(X, 2, "points")
    names = _names(classes)
    labels = _labels(y, rows, len(names) or None)
    ax = _axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    _scatter(ax, rows, labels, max(labels) + 1, names)
    _legend(ax)
    return ax


@names_checked
def decision_boundary(
    model: Function,
    X: Rows,
    y: Sequence[int],
    ax: "Axes | None" = None,
    *,
    classes: Sequence[str] = (),
) -> "Axes":
    """Draw points of two features, and where in their plane a model prefers each class.

    Args:
        model: A function of a row. One output is a logit: class 1 where it is
            positive. Of a probability p give p - 0.5. Of several outputs the
            largest tells the class.
        X: Rows of two numbers.
        y: Their classes: whole numbers 0, 1, ..., less than the number of
            outputs.
        ax: Where to draw. The black line is where two classes are level. The
            number or name of a class stands where it leads.
        classes: The names of the classes.
    """
    rows = _places(X, 2, "decision_boundary")
    xs, ys, logits = _plane(model, rows)
    labels = _labels(y, rows, len(logits[0][0]))
    names = _names(classes, len(logits[0][0]))
    ax = _axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    _regions(ax, xs, ys, logits, rows, names)
    _scatter(ax, rows, labels, len(logits[0][0]), names)
    _legend(ax)
    return ax


@names_checked
def filmstrip(
    model: Any,
    states: Sequence[tuple[int, Mapping[str, float]]],
    X: Rows,
    y: Sequence[int],
    ax: "Axes | None" = None,
    *,
    most: int = 6,
) -> "Axes":
    """Draw how the decision boundary moves during training, frame by frame.

    Args:
        model: The model, which is not changed.
        states: Its numbers after some epochs, as `nn.History.snapshots()` keeps
            them: pairs of the epoch and a state_dict.
        X: Rows of two numbers.
        y: Their classes: whole numbers 0, 1, ...
        ax: Where to draw.
        most: Of more states so many are drawn, evenly spread, with first and
            last.
    """
    rows = _places(X, 2, "filmstrip")
    check_model(model)
    if not is_sequence(states) or not all(map(_is_state, states)):
        raise DataTypeError(
            f"states are pairs of the epoch and a state_dict, not {told(states)}: give "
            "shots.states, of shots = nn.History.snapshots() as a callback of nn.fit"
        )
    if not len(states):
        raise LengthError("filmstrip() was given no states: nn.fit(..., callbacks=[snapshots])")
    within(locals(), most="1, 2, ...")
    count = min(most, len(states))
    chosen = [states[round(i * (len(states) - 1) / max(1, count - 1))] for i in range(count)]
    frame = deepcopy(model)
    frame.eval()
    planes = []
    for _, state in chosen:
        frame.load_state_dict(state)
        planes.append(_plane(frame, rows, 41))
    labels = _labels(y, rows, len(planes[0][2][0][0]))
    outer, panels = _panels(ax, count, min(count, 3))
    for panel, (epoch, _), (xs, ys, logits) in zip(panels, chosen, planes, strict=True):
        _regions(panel, xs, ys, logits, rows, ())
        _scatter(panel, rows, labels, len(logits[0][0]), (), size=14)
        panel.set_title(f"epoch {epoch}", fontsize=10)
        panel.set_xticks([])
        panel.set_yticks([])
    outer.set_label(f"decision boundary after the epochs {', '.join(str(e) for e, _ in chosen)}")
    _legend(outer, panels[0])
    return outer


def _is_state(state: Any) -> bool:
    """Return whether this is a pair of an epoch and the numbers of a model."""
    return is_sequence(state) and len(state) == 2 and isinstance(state[1], Mapping)


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
    walks = {name: _walk(path, name) for name, path in _entries(paths)}
    every = [w for walk in walks.values() for w in walk if math.isfinite(w)]
    if not every:
        raise LengthError("descent() was given no finite weight")
    check_function("cost", cost, "a function of one number", 1)
    _check_words(label=label)
    room = 0.15 * (max(every) - min(every) or 1.0)
    low = min(every) - room if low is None else low
    high = max(every) + room if high is None else high
    xs = _span(low, high)
    with no_grad():
        curve = [_float(cost(x)) for x in xs]
    ax = _axes(ax, xlabel="weight w", ylabel=label, xlim=(low, high))
    with no_grad():
        ax.plot(xs, curve, color="0.4", label=label)
        for style, marker, (name, walk) in zip(
            cycle(STYLES), cycle(MARKERS), walks.items(), strict=False
        ):
            heights = [_float(cost(w)) for w in walk]
            ax.plot(walk, heights, marker=marker, markersize=4, linewidth=1, label=name, **style)
            ax.plot(walk[0], heights[0], "o", color=style["color"], markerfacecolor="white")
    _legend(ax)
    return ax


def _walk(path: Any, name: str) -> list[float]:
    """Return the weights of a descent, also of points of one number each."""
    if is_sequence(path) and len(path) and is_sequence(path[0]):
        return [point[0] for point in _rows(path, 1, f"the path {name!r} of descent")]
    return _numbers(path, name)


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
    bounds = [_numbers(limits, "a bound") for limits in (x, y)]
    walks = {name: _rows(path, 2, "a path") for name, path in _entries(paths)}
    for limits in bounds:
        _finite(limits, "the bounds of a weight")
        if len(limits) < 2 or limits[0] == limits[-1]:
            raise LengthError(f"the bounds of a weight are two numbers, (low, high), not {limits}")
    xlim, ylim = [(limits[0], limits[-1]) for limits in bounds]
    xs, ys = (_grid(limits, GRID) for limits in bounds)
    with no_grad():
        costs = [[_float(cost(a, b)) for a in xs] for b in ys]
    heights = [[u if math.isfinite(u) else math.nan for u in line] for line in costs]
    ax = _axes(ax, xlabel="$w_1$", ylabel="$w_2$", xlim=xlim, ylim=ylim)
    ax.contourf(xs, ys, heights, levels=20, cmap="Greys", alpha=0.6)
    for style, marker, (name, walk) in zip(
        cycle(STYLES), cycle(MARKERS), walks.items(), strict=False
    ):
        last = [len(walk) - 1]
        ax.plot(*zip(*walk, strict=True), marker=marker, markevery=last, label=name, **style)
        ax.plot(*walk[0], "o", color="black", markerfacecolor="white")
    _legend(ax)
    return ax


@names_checked
def histograms(
    samples: Curves, ax: "Axes | None" = None, *, xlabel: str = "pre-activation z"
) -> "Axes":
    """Draw the distributions of samples on one scale, each of area 1.

    Where more than a fifth of a sample is exactly 0, as after ReLU, the legend
    says how much, and the histogram is of the others. It says, too, how much is
    infinite or nan.
    """
    named = {name: _numbers(values, name) for name, values in _entries(samples)}
    ax = _axes(ax, xlabel=xlabel, ylabel="density")
    for style, (name, values) in zip(cycle(STYLES), named.items(), strict=False):
        finite = [x for x in values if math.isfinite(x)]
        others = [x for x in finite if x != 0.0]
        zero = (len(finite) - len(others)) / len(values)
        label = name
        if len(finite) < len(values):
            label += f", {1 - len(finite) / len(values):.0%} not finite"
        values = finite
        if zero > MOST_ZERO:
            label, values = f"{label}, {zero:.0%} zero", others
        if values:
            shape: dict[str, Any] = {"histtype": "step", "linewidth": 1.5, "density": True}
            ax.hist(values, 40, label=label, **shape, **style)
        else:
            ax.fill([], [], fill=False, label=label, **style)
    _legend(ax)
    return ax


@names_checked
def layer_histograms(
    layers: Curves, ax: "Axes | None" = None, *, xlabel: str = "activation"
) -> "Axes":
    """Draw the distribution of each layer's numbers, the first on top.

    All have one scale and one height. Of numbers that are exactly 0, and of
    those that are infinite or nan, only the share is told.
    """
    named = {name: _numbers(values, name) for name, values in _entries(layers)}
    ax = _axes(ax, xlabel=xlabel, ylabel="layer")
    import numpy

    samples = [numpy.array(values) for values in named.values()]
    drawn = [values[numpy.isfinite(values) & (values != 0)] for values in samples]
    edges = numpy.histogram_bin_edges(numpy.concatenate(drawn), 40)
    for base, values in enumerate(reversed(drawn)):
        counts = numpy.histogram(values, edges)[0]
        heights = base + 0.9 * counts / max(1, counts.max())
        ax.stairs(heights, edges, baseline=base, fill=True, color=COLOURS[0])
    between = "\n" if len(named) <= 6 else ", "
    words = []
    for name, values in zip(named, samples, strict=True):
        zero, odd = (values == 0).mean(), 1 - numpy.isfinite(values).mean()
        shares = ((zero, "zero"), (odd, "not finite"))
        words.append(between.join([name, *(f"{u:.0%} {word}" for u, word in shares if u)]))
    ax.set_yticks([base + 0.4 for base in range(len(named))], words[::-1])
    return ax


@names_checked
def dead_units(shares: Mapping[str, float] | Diagnosis, ax: "Axes | None" = None) -> "Axes":
    """Draw the share of dead units, 0 to 1, by layer; `nn.diagnose` returns them."""
    if isinstance(shares, Diagnosis):
        shares = {report.path: report.dead for report in shares.layers}
    names, numbers = zip(*_entries(shares), strict=True)
    heights = _numbers(numbers, "shares")
    if not all(0.0 <= x <= 1.0 for x in heights):
        raise ArgumentError(f"a share of units lies from 0 to 1: {told(dict(shares))}")
    ax = _axes(ax, xlabel="layer", ylabel="dead units", ylim=(0, 1.1))
    ax.bar_label(ax.bar(range(len(names)), heights, color=COLOURS[1]), fmt="{:.0%}")
    _name_places(ax, names)
    ax.yaxis.set_major_formatter("{x:.0%}")
    return ax


@names_checked
def embedding_map(vectors: Curves, ax: "Axes | None" = None) -> "Axes":
    """Draw each key at its vector, projected on a plane.

    The plane has the two directions in which the vectors vary most: the
    principal components.

    Args:
        vectors: Two or more, of equal length, of at least 2 numbers.
        ax: Where to draw.
    """
    named = {name: _numbers(vector, name) for name, vector in _entries(vectors)}
    sizes = {len(vector) for vector in named.values()}
    if len(named) < 2 or len(sizes) > 1 or min(sizes) < 2:
        raise LengthError(
            "embedding_map() takes two or more vectors of equal length, of at least 2 numbers, "
            f"not {len(named)} of {', '.join(map(str, sorted(sizes)))}"
        )
    for name, vector in named.items():
        _finite(vector, f"the vector of {name!r}")
    words = {"xlabel": "first principal component", "ylabel": "second principal component"}
    ax = _axes(ax, size=FIGURE if len(named) <= CROWD else (WIDEST, 6.0), **words)
    import numpy

    table = numpy.array(list(named.values()))
    table = table - table.mean(axis=0)
    directions = numpy.linalg.svd(table)[2][:2]
    # The decomposition leaves the signs open.
    directions *= numpy.sign([row[abs(row).argmax()] for row in directions])[:, None]
    places = table @ directions.T
    ax.scatter(places[:, 0], places[:, 1], color=COLOURS[0], s=12)
    ax.margins(0.12)
    _label_points(ax, list(named), places.tolist())
    return ax


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
    large one a dash marks what is negative. A row
    may be shorter than the others, as in attention to what came before: the
    rest is blank.

    Args:
        matrix: Rows of numbers, from top to bottom.
        ax: Where to draw.
        rows: The names of the rows.
        columns: The names of the columns.
        xlabel: What the columns are.
        ylabel: What the rows are.
        label: What the colours are.
    """
    table = _table(matrix, "heat_map")
    width = max(map(len, table))
    rows, columns = _names(rows, len(table), "rows"), _names(columns, width, "columns")
    _check_words(label=label)
    ax = _axes(ax, xlabel=xlabel, ylabel=ylabel)
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
        _name_places(ax, columns)
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
    tokens = _names(tokens, None, "tokens")
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
        (f"head {h}" if depth == 3 else f"block {b}, head {h}", _table(head, "attention"))
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
    outer, panels = _panels(ax, len(heads), columns, room, inches)
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
    table = _table(weights, "weight_images")
    if not isinstance(shape, Sequence) or [type(n) for n in shape] != [int, int]:
        raise DataTypeError(f"shape is the height and width of an image, (8, 8), not {told(shape)}")
    height, width = shape
    if any(len(row) != height * width for row in table):
        raise LengthError(
            f"an image of {told(height)} x {told(width)} takes {told(height * width)} weights "
            "a unit"
        )
    titles = _names(titles, len(table), "units", "titles")
    most = max(abs(x) for row in table for x in row) or 1.0
    columns = min(MOST_COLUMNS, math.ceil(math.sqrt(len(table))))
    outer, panels = _panels(ax, len(table), columns)
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
    named = {name: _table(steps, name) for name, steps in _entries(values)}
    shapes = {(len(table), len(row)) for table in named.values() for row in table}
    if len(shapes) > 1:
        raise LengthError("every gate has as many steps, and every step as many units")
    ax = _axes(ax, xlabel="time step", ylabel="units of each gate")
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
    table = _table(matrix, "confusion")
    size = len(table)
    if any(len(row) != size for row in table):
        raise LengthError(f"a confusion matrix is square; rows of {[len(row) for row in table]}")
    names = _names(classes, size) or [str(i) for i in range(size)]
    for i, row in enumerate(table):
        if not all(count >= 0 and math.isfinite(count) for count in row):
            raise ArgumentError(f"a confusion matrix holds counts, 0, 1, ...; row {i} is {row}")
    ax = _axes(ax, xlabel="predicted", ylabel="true")
    shares = [[count / max(1, math.fsum(row)) for count in row] for row in table]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.grid(False)
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            ink = "white" if shares[i][j] > 0.5 else "black"
            ax.text(j, i, f"{count:g}", ha="center", va="center", color=ink)
    _name_places(ax, names)
    ax.set_yticks(range(size), names)
    return ax


def _axes(ax: "Axes | None", *, size: tuple[float, float] = FIGURE, **settings: Any) -> "Axes":
    """Return `ax`, or the Axes of a new figure, in the house style.

    There is a faint grid and no box; `settings` are those of Axes.set.
    """
    _check_words(**{word: settings[word] for word in ("xlabel", "ylabel") if word in settings})
    _check_axes(ax)
    if ax is None:
        pyplot = load("matplotlib.pyplot", "charts need")
        ax = pyplot.subplots(figsize=size, layout="constrained")[1]
    ax.set(**settings)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    vars(ax)["_repr_mimebundle_"] = partial(_shown, ax)
    return ax


def _check_axes(ax: Any) -> None:
    """Raise DataTypeError unless this is an Axes, or None."""
    if ax is not None and not hasattr(ax, "get_legend_handles_labels"):
        raise DataTypeError(f"ax is an Axes, such as pyplot.subplots()[1], not {told(ax)}")


def _check_words(**words: Any) -> None:
    """Raise DataTypeError unless these arguments are texts."""
    for name, text in words.items():
        if not isinstance(text, str):
            raise DataTypeError(f"{name} is a text, not {told(text)}")


def _shown(
    ax: "Axes", include: object = None, exclude: object = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a notebook shows of a chart: a PNG of twice the pixels, and a text.

    The figure is closed, or the notebook would show it once more below the
    cell. It can still be drawn on and saved.
    """
    figure = ax.figure.canvas.figure
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=2 * SHOWN_DPI, metadata={"Software": None})
    load("matplotlib.pyplot", "charts need").close(figure)
    width, height = (round(inches * SHOWN_DPI) for inches in figure.get_size_inches())
    png = base64.b64encode(written.getvalue()).decode()
    content = {"image/png": png, "text/plain": _told(ax)}
    return content, {"image/png": {"width": width, "height": height}}


def _told(ax: "Axes") -> str:
    """Return what a chart shows in words: its title and its axes."""
    axes = " against ".join(word for word in (ax.get_ylabel(), ax.get_xlabel()) if word)
    own = str(ax.get_label())  # what a chart of panels says of itself
    words = [ax.get_title(), axes or (own if not own.startswith("_") else "")]
    return ": ".join(["chart", *(word.replace("$", "") for word in words if word)])


def _panels(
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
    outer = _axes(ax)
    outer.set_axis_off()
    panels = []
    for i in range(count):
        row, column = divmod(i, columns)
        left, bottom = column / columns, 1 - (row + 1 - room / 2) / lines
        place = (left + 0.04 / columns, bottom, 0.92 / columns, (1 - room) / lines)
        panels.append(outer.inset_axes(place))
    return outer, panels


def _curves(
    ax: "Axes | None",
    curves: Mapping[str, Any],
    xs: Sequence[float] | None = None,
    first: int = 0,
    **settings: Any,
) -> "Axes":
    """Draw each curve, a function or a list of numbers, against `xs`.

    By default a list is drawn against the count of its entries, from `first`.
    """
    drawn = []
    for name, curve in _entries(curves):
        if callable(curve) and xs is None:
            raise DataTypeError(f"{name!r} is a list of numbers, not {told(curve)}")
        if callable(curve):
            at = list(xs or ())
            drawn.append((name, at, [_float(curve(x)) for x in at]))
        else:
            numbers = _numbers(curve, name)
            at = list(range(first, first + len(numbers))) if xs is None else list(xs)
            if len(at) != len(numbers):
                raise LengthError(f"{name!r} is {len(numbers)} numbers for {len(at)} places")
            drawn.append((name, at, numbers))
    ax = _axes(ax, **settings)
    counted = xs is None or isinstance(xs, range)
    for style, (name, at, numbers) in zip(cycle(STYLES), drawn, strict=False):
        if settings.get("yscale") == "log":
            name, numbers = _positive(name, at, numbers)
        ax.plot(at, numbers, label=name, marker="." if len(at) <= 30 else None, **style)
        ax.update_datalim([(x, 1.0) for x in (at[0], at[-1])], updatey=False)
    if counted and max(len(at) for _, at, _ in drawn) == 1:
        ax.set_xticks([drawn[0][1][0]])
    elif counted:
        ax.locator_params(axis="x", integer=True)
    _legend(ax)
    return ax


def _positive(name: str, at: Sequence[float], numbers: Sequence[float]) -> tuple[str, list[float]]:
    """Return what a logarithmic axis can show, and a name that tells what it cannot.

    A number that is 0 or negative leaves a gap.
    """
    left_out = [x for x, y in zip(at, numbers, strict=False) if y <= 0]
    if left_out:
        listed = ", ".join(f"{x:g}" for x in left_out[:LISTED])
        more = ", ..." if left_out[LISTED:] else ""
        name = f"{name}; 0 or less at {listed}{more}"
    return name, [math.nan if y <= 0 else y for y in numbers]


def _name_places(ax: "Axes", names: Sequence[str]) -> None:
    """Name the places 0, 1, ... of the x axis; slanted where they would overlap."""
    tight = sum(len(name) + 2 for name in names) > 64
    slant: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(names)), names, **(slant if tight else {}))


def _legend(ax: "Axes", of: "Axes | None" = None) -> None:
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


def _plane(
    model: Function, rows: list[list[float]], n: int = GRID
) -> tuple[list[float], list[float], list[list[list[float]]]]:
    """Return the model's logits over the plane of two features: logits[j][i][class].

    A single logit z stands for the two 0 and z.
    """
    check_function("model", model, "a function of a row, such as an nn.MLP", 1)
    xs, ys = (_grid([row[i] for row in rows], n, margin=0.1) for i in (0, 1))
    logits = []
    widths: set[int] = set()
    with no_grad():
        for b in ys:
            line = []
            for a in xs:
                out = model([a, b])
                numbers = [_float(u) for u in out] if is_sequence(out) else [_float(out)]
                widths.add(len(numbers))
                if len(widths) > 1 or not numbers:
                    raise LengthError(
                        f"model gives as many numbers for every row, at least 1, not {told(out)}"
                    )
                line.append([0.0, *numbers] if len(numbers) == 1 else numbers)
            logits.append(line)
    return xs, ys, logits


def _regions(
    ax: "Axes",
    xs: list[float],
    ys: list[float],
    logits: Any,
    rows: list[list[float]],
    classes: Sequence[str],
) -> None:
    """Colour where each class leads, name it there, and draw a line where two are level.

    The name stands in the region's middle, away from the points `rows`.
    """
    import numpy

    table = numpy.array(logits)
    with numpy.errstate(invalid="ignore"):  # of two infinite logits none leads
        leads = [
            table[:, :, i] - numpy.delete(table, i, axis=2).max(axis=2)
            for i in range(table.shape[2])
        ]
    points = numpy.array(rows)
    spans = (xs[-1] - xs[0], ys[-1] - ys[0])
    for k, (lead, colour) in enumerate(zip(leads, cycle(COLOURS), strict=False)):
        if (lead > 0).any():
            ax.contourf(xs, ys, lead, levels=[0, float("inf")], colors=[colour], alpha=0.25)
            across, up = numpy.meshgrid(xs, ys)
            free = _distances(across, up, points, spans)
            inside = lead > 0
            if not inside.all():
                free = numpy.minimum(
                    free, _distances(across, up, numpy.c_[across[~inside], up[~inside]], spans)
                )
            edge = numpy.minimum(across - xs[0], xs[-1] - across) / spans[0]
            edge = numpy.minimum(edge, numpy.minimum(up - ys[0], ys[-1] - up) / spans[1])
            best = numpy.argmax(numpy.where(inside, numpy.minimum(free, edge), -1.0))
            name = classes[k] if classes else str(k)
            place = (across.flat[best], up.flat[best])
            ax.annotate(name, place, color="0.25", fontsize=SMALL, ha="center", va="center")
        if (lead > 0).any() and (lead < 0).any():
            ax.contour(xs, ys, lead, levels=[0], colors="black", linewidths=1)


def _distances(across: Any, up: Any, points: Any, spans: tuple[float, float]) -> Any:
    """Return for every place of a plane how far the nearest point is, in parts of the plane."""
    import numpy

    nearest = numpy.full(across.shape, numpy.inf)
    for a, b in points:
        numpy.minimum(
            nearest, numpy.hypot((across - a) / spans[0], (up - b) / spans[1]), out=nearest
        )
    return nearest


def _scatter(
    ax: "Axes",
    rows: list[list[float]],
    labels: list[int],
    count: int,
    classes: Sequence[str],
    size: float = 30,
) -> None:
    """Draw the points of every class with a colour and a marker of its own."""
    for label, colour, marker in zip(range(count), cycle(COLOURS), cycle(MARKERS), strict=False):
        own = [row for row, other in zip(rows, labels, strict=True) if other == label]
        name = classes[label] if classes else f"class {label}"
        xs, ys = [row[0] for row in own], [row[1] for row in own]
        ax.scatter(
            xs,
            ys,
            s=size,
            color=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.5,
            label=name,
            zorder=3,
        )


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


def _label_points(ax: "Axes", names: list[str], places: list[list[float]]) -> None:
    """Write each name beside its point, within the chart, where it meets nothing.

    A name that stands far from its point is joined to it by a line, which
    should meet nothing either.
    """
    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    scale = figure.dpi / 72.0
    spots = [tuple(float(u) for u in ax.transData.transform(place)) for place in places]
    height = SMALL * scale * 1.2
    apart = 2 * scale  # between names side by side
    low_x, low_y, high_x, high_y = map(float, ax.get_window_extent().extents)
    frame = (low_x, low_y, high_x, high_y)
    taken: list[Rectangle] = [
        (x - 3 * scale, y - 3 * scale, x + 3 * scale, y + 3 * scale) for x, y in spots
    ]
    for k, (name, place, (x, y)) in enumerate(zip(names, places, spots, strict=True)):
        width = len(name) * SMALL * scale * 0.68
        best: tuple[float, float, float, list[Rectangle]] | None = None
        for ring in range(1, 16):
            far = (3 + 5 * ring) * scale
            for across, up in SIDES:
                left = x + across * far - (width if across < 0 else width / 2 if not across else 0)
                bottom = y + up * far - height / 2
                box = (left - apart, bottom, left + width + apart, bottom + height)
                covered = [box, *(_dots((x, y), box, scale) if ring > NEAR else [])]
                clash = 2 * ((box[2] - box[0]) * height - _common(box, frame))
                for one in covered:
                    clash += sum(_common(one, other) for other in taken[:k] + taken[k + 1 :])
                if best is None or clash < best[0]:
                    best = (clash, left, bottom, covered)
            if best is not None and best[0] == 0.0:
                break
        assert best is not None
        _, left, bottom, covered = best
        taken += covered
        ax.annotate(
            name,
            (place[0], place[1]),
            xytext=((left - x) / scale, (bottom - y) / scale),
            textcoords="offset points",
            fontsize=SMALL,
            ha="left",
            va="bottom",
            arrowprops={"arrowstyle": "-", "color": "0.6", "lw": 0.6} if covered[1:] else None,
        )


def _dots(start: tuple[float, ...], box: Rectangle, scale: float) -> list[Rectangle]:
    """Return small boxes along the line from a point to a box."""
    x, y = start
    end = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
    found = []
    for k in range(2, 12):
        a, b = x + (end[0] - x) * k / 12, y + (end[1] - y) * k / 12
        found.append((a - scale, b - scale, a + scale, b + scale))
    return found


def _common(one: Rectangle, other: Rectangle) -> float:
    """Return the area that two rectangles have in common."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return across * up if across > 0 and up > 0 else 0.0


NEAR = 3  # rings around a point in which a name needs no line
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))


def _entries(named: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the names and what they name."""
    if not isinstance(named, Mapping) or not named:
        raise DataTypeError(
            'a chart takes a mapping from the words of its legend, as {"training": '
            f'history["loss"]}}, not {told(named)}'
        )
    return [(str(name), given) for name, given in named.items()]


def _float(x: Any) -> float:
    """Return a number or the data of a Value. What is too large to be drawn is infinite."""
    number = x.data if isinstance(x, Value) else real_number(x, "a chart")
    return number if not abs(number) > LARGEST else math.copysign(math.inf, number)


def _first(outputs: Any) -> float:
    """Return the first output of a model for a row."""
    if not is_sequence(outputs) or not len(outputs):
        raise DataTypeError(f"a model gives a list of outputs for a row, not {told(outputs)}")
    return _float(outputs[0])


def _numbers(values: Any, name: str) -> list[float]:
    """Return a list of numbers, at least one."""
    if not is_sequence(values):
        raise DataTypeError(f"{name!r} is a list of numbers, not {told(values)}")
    if not len(values):
        raise LengthError(f"{name!r} is an empty list: there is nothing to draw")
    try:
        return [_float(x) for x in values]
    except (TypeError, ValueError) as error:
        raise DataTypeError(f"{name!r} is a list of numbers: {error}") from error


def _table(rows: Any, name: str) -> list[list[float]]:
    """Return rows of numbers, at least one."""
    if not is_sequence(rows):
        raise DataTypeError(f"{name} takes rows of numbers, not {told(rows)}")
    if not len(rows):
        raise LengthError(f"{name} was given no row: there is nothing to draw")
    return [_numbers(row, f"row {i} of {name}") for i, row in enumerate(rows)]


def _finite(numbers: Sequence[float], name: str) -> None:
    """Raise ArgumentError for a number that has no place in a plane."""
    for x in numbers:
        if not math.isfinite(x):
            raise ArgumentError(f"{name} has {x}, which has no place: leave it out")


def _rows(X: Any, n: int, name: str) -> list[list[float]]:
    """Return rows of `n` features."""
    table = _table(X, name)
    for i, row in enumerate(table):
        if len(row) != n:
            remedy = ": choose two columns" if n == 2 and len(row) > 2 else ""
            numbers = "1 number" if n == 1 else f"{n} numbers"
            raise LengthError(f"{name} takes rows of {numbers}; row {i} has {len(row)}{remedy}")
    return table


def _places(X: Any, n: int, name: str) -> list[list[float]]:
    """Return rows of `n` features that all have a place in a chart."""
    rows = _rows(X, n, name)
    for i, row in enumerate(rows):
        _finite(row, f"row {i} of {name}")
    return rows


def _same_length(rows: list[list[float]], targets: Sequence[Any]) -> None:
    """Raise LengthError unless every row has a target."""
    if len(rows) != len(targets):
        raise LengthError(f"{len(rows)} rows and {len(targets)} targets: every row has one target")


def _labels(y: Any, rows: list[list[float]], count: int | None) -> list[int]:
    """Return the classes of the rows: whole numbers below `count`."""
    labels = _numbers(y, "y")
    _same_length(rows, labels)
    most = math.inf if count is None else count
    for i, label in enumerate(labels):
        if not (label >= 0 and label.is_integer() and label < most):
            there = "" if count is None else f"; there are {count} classes"
            raise ArgumentError(
                f"y[{i}] is {label:g}, and a class is one of the whole numbers 0, 1, ...{there}"
            )
    return [int(label) for label in labels]


def _names(
    names: Any, count: int | None = None, what: str = "classes", argument: str = ""
) -> list[str]:
    """Return the names of classes or their like, none or `count` if that is given."""
    argument = argument or what
    if not is_sequence(names):
        raise DataTypeError(f"{argument} is a list of names, not {told(names)}")
    if count is not None and len(names) not in (0, count):
        word = "titles" if argument == "titles" else "names"
        raise LengthError(f"{len(names)} {word} for {count} {what}")
    return [name if isinstance(name, str) else told(name) for name in names]


def _span(low: float, high: float) -> list[float]:
    """Return 401 numbers from `low` to `high`."""
    low, high = real_number(low, "low"), real_number(high, "high")
    if not -LARGEST <= low < high <= LARGEST:
        raise ArgumentError(f"a curve is drawn from low to high, finite, not from {low} to {high}")
    return _grid([low, high])


def _grid(bounds: Sequence[float], n: int = 401, margin: float = 0.0) -> list[float]:
    """Return `n` evenly spaced numbers over the range of `bounds`.

    The range is wider by `margin` times itself on either side. Of an odd n one
    is the middle, where kinks are.
    """
    low, high = min(bounds), max(bounds)
    return [low + (high - low or 1.0) * ((1 + 2 * margin) * i / (n - 1) - margin) for i in range(n)]
