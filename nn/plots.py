"""Charts: one function each, drawn with matplotlib, which is loaded when one is called.

Every function takes `ax`, the Axes to draw on (by default those of a new figure), and returns it, so that titles, limits and further curves are added
by matplotlib's own calls. What is to be compared is given as a mapping from the words of the legend to the numbers, which may be floats or Values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import grad, no_grad

from .canvas import COLOURS, MARKERS, STYLES, house_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function = Callable[[Any], Any]
Functions = Mapping[str, Function]
Curves = Mapping[str, Sequence[float]]
Rows = Sequence[Sequence[float]]


def save(ax: Axes, path: str | PathLike[str]) -> None:
    """Write the figure of `ax` as SVG, PDF or PNG, by the ending of `path`. The same chart gives the same bytes: no date, fixed ids."""
    from matplotlib import rc_context

    dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with rc_context({"svg.hashsalt": "chainrule"}):
        ax.figure.canvas.figure.savefig(path, metadata=dates.get(Path(path).suffix), dpi=150)


def loss_curve(curves: Curves, ax: Axes | None = None, *, ylabel: str = "loss", log: bool = False) -> Axes:
    """A quantity after every epoch, say {"training": ..., "validation": ...}; `ylabel` names it, `log` takes a logarithmic axis."""
    return _counted(ax, curves, 1, xlabel="epoch", ylabel=ylabel, yscale="log" if log else "linear")


def weight_curve(curves: Curves, ax: Axes | None = None, *, ylabel: str = "weight") -> Axes:
    """Weights, or what else changes with training, against the step; the first entry is the start."""
    return _counted(ax, curves, 0, xlabel="step", ylabel=ylabel)


def belief_curve(curves: Curves, ax: Axes | None = None) -> Axes:
    """The probability that a model gives to its belief after every example seen, with a line at 1/2; the first entry is the start."""
    ax = _counted(ax, curves, 0, xlabel="examples seen", ylabel="belief", ylim=(-0.02, 1.02))
    ax.axhline(0.5, color="black", linestyle=":", linewidth=1)
    return ax


def rate_curve(schedules: Mapping[str, Callable[[int], float]], steps: int, ax: Axes | None = None) -> Axes:
    """The factor that each schedule gives for the steps 0 to `steps` - 1."""
    curves = {name: [f(t) for t in range(steps)] for name, f in schedules.items()}
    return _counted(ax, curves, 0, xlabel="step", ylabel="learning rate factor")


def gradient_norms(norms: Curves, ax: Axes | None = None, *, by: str = "layer") -> Axes:
    """The norm of the gradient by layer, from 1, or, with by="lag", by the number of steps back in time, from 0; logarithmic."""
    return _counted(ax, norms, int(by == "layer"), xlabel=by, ylabel="norm of the gradient", yscale="log")


def range_test(rates: Sequence[float], losses: Sequence[float], suggestion: float, ax: Axes | None = None) -> Axes:
    """The learning-rate range test (Smith 2017): loss against rate, with the suggested rate marked."""
    ax = house_axes(ax, xlabel="learning rate", ylabel="loss", xscale="log")
    ax.plot(rates, losses, color=COLOURS[0])
    ax.axvline(suggestion, color=COLOURS[1], linestyle="--", label=f"suggested: {suggestion:.2g}")
    ax.legend()
    return ax


def activation(f: Function, ax: Axes | None = None, *, low: float = -5.0, high: float = 5.0) -> Axes:
    """A function of one number and its derivative."""
    return _functions(ax, {f.__name__: f, "derivative": grad(f)}, [low, high], xlabel="z")


def loss_shape(losses: Functions, ax: Axes | None = None, *, low: float = -3.0, high: float = 3.0) -> Axes:
    """Each loss of one row as a function of the prediction; of the logit, for losses that take one."""
    return _functions(ax, losses, [low, high], xlabel="prediction", ylabel="loss")


def error_gradient(losses: Functions, ax: Axes | None = None, *, low: float = -10.0, high: float = 10.0) -> Axes:
    """The size of the gradient of each loss of one row at the logit: does a larger error learn faster?"""
    slopes = {name: grad(loss) for name, loss in losses.items()}
    sizes = {name: lambda z, slope=slope: abs(slope(z)) for name, slope in slopes.items()}
    return _functions(ax, sizes, [low, high], xlabel="logit z", ylabel="$|dL/dz|$")


def fit_curve(models: Functions, X: Rows, y: Sequence[float], ax: Axes | None = None) -> Axes:
    """Rows of one feature as dots, and the curve of each model through them."""
    xs = [row[0] for row in X]
    with no_grad():
        curves = {name: lambda x, model=model: float(model([x])[0]) for name, model in models.items()}
        ax = _functions(ax, curves, xs, xlabel="x", ylabel="y")
    ax.plot(xs, y, "o", color="black", markersize=3, label="data")
    ax.legend()
    return ax


def decision_boundary(model: Function, X: Rows, y: Sequence[int], ax: Axes | None = None, *, classes: Sequence[str] = ()) -> Axes:
    """The points of two features, and the regions of the plane where `model` prefers each class: class 1 where its one logit is positive, or the
    class of its largest logit. The black line is where two classes are level."""
    ax = house_axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    xs, ys = (_grid([row[i] for row in X], margin=0.1) for i in (0, 1))
    with no_grad():
        leads = [[_leads(model([a, b])) for a in xs] for b in ys]
    for label in range(len(leads[0][0])):
        colour = COLOURS[label % len(COLOURS)]
        lead = [[cell[label] for cell in line] for line in leads]
        if max(map(max, lead)) > 0:
            ax.contourf(xs, ys, lead, levels=[0, float("inf")], colors=[colour], alpha=0.25)
        if max(map(max, lead)) > 0 > min(map(min, lead)):
            ax.contour(xs, ys, lead, levels=[0], colors="black", linewidths=1)
        points = [[row[i] for row, target in zip(X, y, strict=True) if target == label] for i in (0, 1)]
        name = classes[label] if classes else f"class {label}"
        ax.scatter(*points, color=colour, marker=MARKERS[label % len(MARKERS)], edgecolors="white", linewidths=0.5, label=name, zorder=3)
    ax.legend()
    return ax


def cost_surface(cost: Callable[..., Any], paths: Mapping[str, Rows], x: Sequence[float], y: Sequence[float], ax: Axes | None = None) -> Axes:
    """The cost of two weights within the bounds `x` and `y`, darker where higher, and paths of descents, lists of (w1, w2), hollow dot to marker."""
    ax = house_axes(ax, xlabel="$w_1$", ylabel="$w_2$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    xs, ys = _grid(x), _grid(y)
    ax.contourf(xs, ys, [[float(cost(a, b)) for a in xs] for b in ys], levels=20, cmap="Greys", alpha=0.6)
    for style, marker, (name, path) in zip(cycle(STYLES), cycle(MARKERS), paths.items(), strict=False):
        ax.plot(*zip(*path, strict=True), marker=marker, markevery=[len(path) - 1], label=name, **style)
        ax.plot(*path[0], "o", color="black", markerfacecolor="white")
    ax.legend()
    return ax


def histograms(samples: Curves, ax: Axes | None = None, *, xlabel: str = "pre-activation z") -> Axes:
    """The distributions of several samples on one scale, as densities."""
    ax = house_axes(ax, xlabel=xlabel, ylabel="density")
    for style, (name, values) in zip(cycle(STYLES), samples.items(), strict=False):
        ax.hist([float(value) for value in values], 40, density=True, histtype="step", linewidth=1.5, label=name, **style)
    ax.legend()
    return ax


def layer_histograms(layers: Curves, ax: Axes | None = None, *, xlabel: str = "activation") -> Axes:
    """The distribution of each layer's numbers, one above the other, the first on top, on a common horizontal scale."""
    ax = house_axes(ax, xlabel=xlabel)
    import numpy  # a part of matplotlib's needs, so it is there now

    samples = [numpy.array(values, dtype=float) for values in layers.values()]
    edges = numpy.histogram_bin_edges(numpy.concatenate(samples), 40)
    for base, values in enumerate(reversed(samples)):
        counts = numpy.histogram(values, edges)[0]
        ax.stairs(base + 0.9 * counts / counts.max(), edges, baseline=base, fill=True, color=COLOURS[0])
    ax.set_yticks([base + 0.4 for base in range(len(layers))], list(reversed(list(layers))))
    return ax


def dead_units(shares: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """The share of dead units by layer."""
    ax = house_axes(ax, ylabel="dead units", ylim=(0, 1.1))
    bars = ax.bar(list(shares), list(shares.values()), color=COLOURS[1])
    ax.bar_label(bars, [f"{share:.0%}" for share in shares.values()])
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    return ax


def embedding_map(vectors: Curves, ax: Axes | None = None) -> Axes:
    """Each key at its vector, projected on the two directions in which the vectors vary most (principal components)."""
    ax = house_axes(ax, xlabel="first principal component", ylabel="second principal component")
    import numpy  # a part of matplotlib's needs, so it is there now

    table = numpy.array(list(vectors.values()), dtype=float)
    table = table - table.mean(axis=0)
    directions = numpy.linalg.svd(table)[2][:2]
    directions *= numpy.sign([row[abs(row).argmax()] for row in directions])[:, None]  # the decomposition leaves the signs open
    points = table @ directions.T
    ax.scatter(points[:, 0], points[:, 1], color=COLOURS[0], s=12)
    for key, point in zip(vectors, points, strict=True):
        others = points[(points != point).any(axis=1)]
        right, up = point >= min(others, key=lambda other: numpy.linalg.norm(other - point), default=point)  # labels flee the nearest point
        sides: dict[str, Any] = {"ha": "left" if right else "right", "va": "bottom" if up else "top"}
        ax.annotate(key, point, xytext=(4 if right else -4, 0), textcoords="offset points", fontsize=8, **sides)
    ax.margins(0.1)
    return ax


def gates(values: Mapping[str, Rows], ax: Axes | None = None) -> Axes:
    """How open each gate was, from 0 to 1: for every gate a list over time of one number per unit. A row is a unit."""
    ax = house_axes(ax, xlabel="time step")
    units = [[float(number) for number in unit] for steps in values.values() for unit in zip(*steps, strict=True)]
    size = len(units) / len(values)
    image = ax.imshow(units, aspect="auto", vmin=0, vmax=1, cmap="cividis", interpolation="nearest")
    ax.grid(False)
    ax.set_yticks([size * (i + 0.5) - 0.5 for i in range(len(values))], list(values))
    for i in range(1, len(values)):
        ax.axhline(size * i - 0.5, color="white", linewidth=3)
    ax.figure.colorbar(image, ax=ax, label="0 shut, 1 open")
    return ax


def confusion(matrix: Sequence[Sequence[int]], ax: Axes | None = None, *, classes: Sequence[str] = ()) -> Axes:
    """A confusion matrix: a row for each true class, a column for each predicted one; counts, shaded by their share of the row."""
    ax = house_axes(ax, xlabel="predicted", ylabel="true")
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.grid(False)
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            ax.text(j, i, str(count), ha="center", va="center", color="white" if shares[i][j] > 0.5 else "black")
    ax.set_xticks(range(len(matrix)), classes or None)
    ax.set_yticks(range(len(matrix)), classes or None)
    return ax


def _counted(ax: Axes | None, curves: Curves, first: int, **settings: Any) -> Axes:
    """Each curve against the count of its entries, which starts at `first`."""
    ax = _lines(ax, {name: (range(first, first + len(values)), values) for name, values in curves.items()}, **settings)
    ax.locator_params(axis="x", integer=True)
    return ax


def _functions(ax: Axes | None, functions: Functions, bounds: Sequence[float], **settings: Any) -> Axes:
    """Each function of one number over the range of `bounds`."""
    xs = _grid(bounds, 401)  # odd: the middle, where many kinks are, is a point
    return _lines(ax, {name: (xs, [f(x) for x in xs]) for name, f in functions.items()}, **settings)


def _lines(ax: Axes | None, lines: Mapping[str, Rows], **settings: Any) -> Axes:
    ax = house_axes(ax, **settings)
    for style, (name, (xs, ys)) in zip(cycle(STYLES), lines.items(), strict=False):
        ax.plot(xs, ys, label=name, marker="." if len(xs) <= 30 else None, **style)
    ax.legend()
    return ax


def _grid(bounds: Sequence[float], n: int = 61, margin: float = 0.0) -> list[float]:
    """`n` evenly spaced numbers that cover the range of `bounds`, and `margin` times it on either side."""
    low, high = min(bounds), max(bounds)
    return [low + (high - low or 1.0) * ((1 + 2 * margin) * i / (n - 1) - margin) for i in range(n)]


def _leads(output: Any) -> list[float]:
    """By how much the logit of each class leads the best of the others; a single logit z stands for the two 0 and z."""
    logits = [float(z) for z in (output if isinstance(output, Sequence) else [output])]
    logits = [0.0, *logits] if len(logits) == 1 else logits
    return [z - max(logits[:i] + logits[i + 1 :]) for i, z in enumerate(logits)]
