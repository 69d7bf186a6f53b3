"""Charts: one function each, drawn with matplotlib, which is loaded, with the numpy that it needs, when one is called. Every function takes `ax`, the
Axes to draw on (by default those of a new figure), and returns it, so that titles, limits and further curves are added by matplotlib's own calls.
What is to be compared is given as a mapping from the words of the legend to the numbers, which may be floats or Values. Raises MissingDependencyError
where matplotlib is not installed, DataTypeError for what should be a mapping and is none, or is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import grad, no_grad
from autograd.errors import DataTypeError
from autograd.extending import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function = Callable[[Any], Any]
Functions = Mapping[str, Function]
Curves = Mapping[str, Sequence[float]]
Rows = Sequence[Sequence[float]]

# Okabe and Ito's palette, which colour-blind readers can tell apart; dashes and markers differ too: colour never stands alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
OUTSIDE: dict[str, Any] = {
    "bbox_to_anchor": (1.0, 1.0),
    "loc": "upper left",
}  # where a legend of more than 4 entries hides nothing
STYLES: list[dict[str, Any]] = [
    {"color": c, "linestyle": d} for c, d in zip(COLOURS, ("-", "--", "-.", ":") * 2, strict=False)
]


def save(ax: Axes, path: str | PathLike[str]) -> None:
    """Write the figure of `ax` as SVG, PDF or PNG, by the ending of `path`: the same bytes for the same chart, no date, fixed ids."""
    from matplotlib import rc_context

    date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(Path(path).suffix.lower())
    with rc_context({"svg.hashsalt": "chainrule"}):
        ax.figure.canvas.figure.savefig(path, metadata=date, dpi=150)


def loss_curve(
    curves: Curves, ax: Axes | None = None, *, ylabel: str = "loss", log: bool = False
) -> Axes:
    """A quantity after every epoch, from 1, say {"training": history["loss"]}; `ylabel` names it, `log` takes a logarithmic axis."""
    return _curves(
        ax, curves, first=1, xlabel="epoch", ylabel=ylabel, yscale="log" if log else "linear"
    )


def weight_curve(
    curves: Curves, ax: Axes | None = None, *, ylabel: str = "weight", log: bool = False
) -> Axes:
    """Weights, losses, or what else changes with training, against the step, from 0: the first entry is the start; `log` as in loss_curve."""
    return _curves(ax, curves, xlabel="step", ylabel=ylabel, yscale="log" if log else "linear")


def belief_curve(curves: Curves, ax: Axes | None = None) -> Axes:
    """The probability, 0 to 1, that a model gives to its belief after every example seen, with a line at 1/2; the first entry is the start."""
    ax = _curves(ax, curves, xlabel="examples seen", ylabel="belief", ylim=(-0.02, 1.02))
    ax.axhline(0.5, color="black", linestyle=":", linewidth=1)
    return ax


def rate_curve(
    schedules: Mapping[str, Callable[[int], float]], steps: int, ax: Axes | None = None
) -> Axes:
    """The factor that each schedule gives for the steps 0 to `steps` - 1, at least one."""
    return _curves(ax, schedules, range(steps), xlabel="step", ylabel="learning rate factor")


def gradient_norms(norms: Curves, ax: Axes | None = None, *, by: str = "layer") -> Axes:
    """The norm of the gradient, above 0, by layer, from 1, or, with by="lag", by the number of steps back in time, from 0; logarithmic."""
    return _curves(
        ax, norms, first=int(by == "layer"), xlabel=by, ylabel="norm of the gradient", yscale="log"
    )


def range_test(
    rates: Sequence[float], losses: Sequence[float], suggestion: float, ax: Axes | None = None
) -> Axes:
    """The learning-rate range test (Smith 2017), as in range_test(*nn.lr_range_test(...)): loss against rate, the suggested one marked."""
    ax = _curves(ax, {"loss": losses}, rates, xlabel="learning rate", ylabel="loss", xscale="log")
    ax.axvline(suggestion, color=COLOURS[1], linestyle="--", label=f"suggested: {suggestion:.2g}")
    ax.legend()
    return ax


def activation(
    f: Function, ax: Axes | None = None, *, low: float = -5.0, high: float = 5.0
) -> Axes:
    """A function of one number and its derivative for low <= z <= high."""
    return _curves(ax, {f.__name__: f, "derivative": grad(f)}, _grid([low, high]), xlabel="z")


def loss_shape(
    losses: Functions, ax: Axes | None = None, *, low: float = -3.0, high: float = 3.0
) -> Axes:
    """Each loss of one row, as {"MSE": lambda o: nn.mse([o], [1])}, against its output, a prediction or a logit, from low to high."""
    return _curves(ax, losses, _grid([low, high]), xlabel="prediction", ylabel="loss")


def error_gradient(
    losses: Functions, ax: Axes | None = None, *, low: float = -10.0, high: float = 10.0
) -> Axes:
    """|dL/dz|, the size of the gradient of each loss of one row at the logit z from low to high: does a larger error learn faster?"""
    sizes = {name: lambda z, loss=loss: abs(grad(loss)(z)) for name, loss in _entries(losses)}
    return _curves(ax, sizes, _grid([low, high]), xlabel="logit z", ylabel="$|dL/dz|$")


def fit_curve(models: Functions, X: Rows, y: Sequence[float], ax: Axes | None = None) -> Axes:
    """Rows of one feature and their targets as dots, and through them the curve of each model, from the smallest x to the largest."""
    xs = [row[0] for row in X]
    curves = {name: lambda x, model=model: float(model([x])[0]) for name, model in _entries(models)}
    with no_grad():
        ax = _curves(ax, curves, _grid(xs), xlabel="x", ylabel="y")
    ax.plot(xs, y, "o", color="black", markersize=3, label="data")
    ax.legend()
    return ax


def decision_boundary(
    model: Function,
    X: Rows,
    y: Sequence[int],
    ax: Axes | None = None,
    *,
    classes: Sequence[str] = (),
) -> Axes:
    """The points of two features, and the regions of the plane where `model`, any function of a row, prefers each class: class 1 where its one logit
    is positive (of a probability p give p - 0.5), or the class of its largest logit. The black line is where two classes are level."""
    ax = _axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    import numpy

    xs, ys = (_grid([row[i] for row in X], 61, margin=0.1) for i in (0, 1))
    with no_grad(), numpy.errstate(invalid="ignore"):  # of two infinite logits none leads
        logits = numpy.array([[model([a, b]) for a in xs] for b in ys], dtype=float).reshape(
            len(ys), len(xs), -1
        )
        if logits.shape[2] == 1:  # a single logit z stands for the two 0 and z
            logits = numpy.dstack([numpy.zeros_like(logits), logits])
        leads = [
            logits[:, :, i] - numpy.delete(logits, i, axis=2).max(axis=2)
            for i in range(logits.shape[2])
        ]  # over the best of the others
    for label, (lead, colour, marker) in enumerate(
        zip(leads, cycle(COLOURS), cycle(MARKERS), strict=False)
    ):
        if (lead > 0).any():
            ax.contourf(xs, ys, lead, levels=[0, float("inf")], colors=[colour], alpha=0.25)
        if (lead > 0).any() and (lead < 0).any():
            ax.contour(xs, ys, lead, levels=[0], colors="black", linewidths=1)
        points = [
            [row[i] for row, target in zip(X, y, strict=True) if target == label] for i in (0, 1)
        ]
        name = classes[label] if classes else f"class {label}"
        ax.scatter(
            *points,
            color=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.5,
            label=name,
            zorder=3,
        )
    ax.legend()
    return ax


def cost_surface(
    cost: Callable[..., Any],
    paths: Mapping[str, Rows],
    x: Sequence[float],
    y: Sequence[float],
    ax: Axes | None = None,
) -> Axes:
    """The cost of two weights within the bounds `x` and `y`, darker where higher, and paths of descents, lists of (w1, w2), hollow dot to marker."""
    ax = _axes(ax, xlabel="$w_1$", ylabel="$w_2$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    xs, ys = _grid(x, 61), _grid(y, 61)
    ax.contourf(
        xs, ys, [[float(cost(a, b)) for a in xs] for b in ys], levels=20, cmap="Greys", alpha=0.6
    )
    for style, marker, (name, path) in zip(
        cycle(STYLES), cycle(MARKERS), _entries(paths), strict=False
    ):
        ax.plot(
            *zip(*path, strict=True), marker=marker, markevery=[len(path) - 1], label=name, **style
        )
        ax.plot(*path[0], "o", color="black", markerfacecolor="white")
    ax.legend(**OUTSIDE if len(paths) > 4 else {})
    return ax


def histograms(
    samples: Curves, ax: Axes | None = None, *, xlabel: str = "pre-activation z"
) -> Axes:
    """The distributions of several samples on one scale, as densities: each histogram has the area 1."""
    ax = _axes(ax, xlabel=xlabel, ylabel="density")
    for style, (name, values) in zip(cycle(STYLES), _entries(samples), strict=False):
        ax.hist(
            [float(value) for value in values],
            40,
            density=True,
            histtype="step",
            linewidth=1.5,
            label=name,
            **style,
        )
    ax.legend()
    return ax


def layer_histograms(layers: Curves, ax: Axes | None = None, *, xlabel: str = "activation") -> Axes:
    """The distribution of each layer's numbers, one above the other, the first on top, on one scale, equally high; of zeros only the share."""
    ax = _axes(ax, xlabel=xlabel)
    import numpy

    samples = [numpy.array(values, dtype=float) for _, values in _entries(layers)]
    edges = numpy.histogram_bin_edges(numpy.concatenate(samples), 40)
    for base, values in enumerate(reversed(samples)):
        counts = numpy.histogram(values[values != 0], edges)[0]
        ax.stairs(
            base + 0.9 * counts / max(1, counts.max()),
            edges,
            baseline=base,
            fill=True,
            color=COLOURS[0],
        )
    shares = [
        f"{name}\n{(values == 0).mean():.0%} zero" if (values == 0).any() else name
        for name, values in zip(layers, samples, strict=True)
    ]
    ax.set_yticks([base + 0.4 for base in range(len(layers))], shares[::-1])
    return ax


def dead_units(shares: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """The share of dead units, 0 to 1, by layer."""
    ax = _axes(ax, ylabel="dead units", ylim=(0, 1.1))
    ax.bar_label(ax.bar(*zip(*_entries(shares), strict=True), color=COLOURS[1]), fmt="{:.0%}")
    ax.yaxis.set_major_formatter("{x:.0%}")
    return ax


def embedding_map(vectors: Curves, ax: Axes | None = None) -> Axes:
    """Each key at its vector, projected on the two directions in which the vectors vary most (principal components): of 2 or more numbers."""
    ax = _axes(ax, xlabel="first principal component", ylabel="second principal component")
    import numpy

    table = numpy.array([vector for _, vector in _entries(vectors)], dtype=float)
    table = table - table.mean(axis=0)
    directions = numpy.linalg.svd(table)[2][:2]
    directions *= numpy.sign([row[abs(row).argmax()] for row in directions])[
        :, None
    ]  # the decomposition leaves the signs open
    points = table @ directions.T
    ax.scatter(points[:, 0], points[:, 1], color=COLOURS[0], s=12)
    for key, point in zip(vectors, points, strict=True):
        others = points[(points != point).any(axis=1)]
        right, up = point >= min(
            others, key=lambda other: numpy.linalg.norm(other - point), default=point
        )  # labels flee the nearest point
        sides: dict[str, Any] = {
            "ha": "left" if right else "right",
            "va": "bottom" if up else "top",
        }
        ax.annotate(
            key,
            point,
            xytext=(4 if right else -4, 0),
            textcoords="offset points",
            fontsize=8,
            **sides,
        )
    ax.margins(0.1)
    return ax


def gates(values: Mapping[str, Rows], ax: Axes | None = None) -> Axes:
    """How open each gate was, 0 to 1: for every gate a list over time of one number per unit, as nn.trace has them in its calls (of an LSTM, of the
    paths "cell.write", "cell.forget" and "cell.read"). A row is a unit."""
    ax = _axes(ax, xlabel="time step")
    units = [
        [float(number) for number in unit]
        for _, steps in _entries(values)
        for unit in zip(*steps, strict=True)
    ]
    size = len(units) / len(values)
    image = ax.imshow(units, aspect="auto", vmin=0, vmax=1, cmap="cividis", interpolation="nearest")
    ax.grid(False)
    ax.locator_params(axis="x", integer=True)
    ax.set_yticks([size * (i + 0.5) - 0.5 for i in range(len(values))], list(values))
    for i in range(1, len(values)):
        ax.axhline(size * i - 0.5, color="white", linewidth=3)
    ax.figure.colorbar(image, ax=ax, label="0 shut, 1 open")
    return ax


def confusion(
    matrix: Sequence[Sequence[int]], ax: Axes | None = None, *, classes: Sequence[str] = ()
) -> Axes:
    """A confusion matrix: a row for each true class, a column for each predicted one; counts, shaded by their share of the row."""
    ax = _axes(ax, xlabel="predicted", ylabel="true")
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.grid(False)
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            ax.text(
                j,
                i,
                str(count),
                ha="center",
                va="center",
                color="white" if shares[i][j] > 0.5 else "black",
            )
    ax.set_xticks(range(len(matrix)), classes or None)
    ax.set_yticks(range(len(matrix)), classes or None)
    return ax


def _axes(ax: Axes | None, **settings: Any) -> Axes:
    """`ax`, or the Axes of a new figure, in the house style, a faint grid and no box, with `settings` such as xlabel."""
    if ax is None:
        ax = load("matplotlib.pyplot", "charts need").subplots(
            figsize=(6, 4), layout="constrained"
        )[1]
    ax.set(**settings)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _curves(
    ax: Axes | None,
    curves: Mapping[str, Any],
    xs: Sequence[float] | None = None,
    first: int = 0,
    **settings: Any,
) -> Axes:
    """Each curve, a function or a list of numbers, against `xs`; by default against the count of the list's entries, which starts at `first`."""
    ax = _axes(ax, **settings)
    for style, (name, curve) in zip(cycle(STYLES), _entries(curves), strict=False):
        at = range(first, first + len(curve)) if xs is None else xs
        ax.plot(
            at,
            [curve(x) for x in at] if callable(curve) else curve,
            label=name,
            marker="." if len(at) <= 30 else None,
            **style,
        )
    if xs is None or isinstance(xs, range):
        ax.locator_params(axis="x", integer=True)
    ax.legend(**OUTSIDE if len(curves) > 4 else {})
    return ax


def _entries(named: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The names and what they name."""
    if not isinstance(named, Mapping) or not named:
        raise DataTypeError(
            f'a chart takes a mapping from the words of its legend, as {{"training": history["loss"]}}, not {named!r}'
        )
    return list(named.items())


def _grid(bounds: Sequence[float], n: int = 401, margin: float = 0.0) -> list[float]:
    """`n` evenly spaced numbers over the range of `bounds` and `margin` times it on either side; of an odd n one is the middle, where kinks are."""
    low, high = min(bounds), max(bounds)
    return [low + (high - low or 1.0) * ((1 + 2 * margin) * i / (n - 1) - margin) for i in range(n)]
