"""Charts of curves: numbers in their order, and functions of one number."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from autograd import grad, no_grad
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import sizes_of, told, within

from ..arguments import check_function, names_checked
from ..data.checks import is_sequence
from ..diagnostics import Diagnosis
from ..layers import resolved
from ..training import History
from .axes import COLOURS, STYLES, add_legend, name_ticks, styled_axes
from .checks import (
    LARGEST,
    Curves,
    Function,
    Functions,
    Rows,
    check_targets,
    entries_of,
    number_of,
    numbers_of,
    places_of,
)
from .ranges import evenly_spaced, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LISTED = 3  # places that are written out
LOSSES = '{"MSE": lambda output: nn.mse([output], [1])}'


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
    such_as = '{"training": history["loss"]}'
    return _curves(ax, curves, such_as, first=1, xlabel="epoch", ylabel=ylabel, yscale=scale)


@names_checked
def weight_curve(
    curves: Curves, ax: "Axes | None" = None, *, ylabel: str = "weight", log: bool = False
) -> "Axes":
    """Draw what changes with every step, from step 0: the first entry is the start."""
    within(locals(), log="True, False")
    scale = "log" if log else "linear"
    such_as = '{"w": [0.5, 0.4, 0.3]}'
    return _curves(ax, curves, such_as, xlabel="step", ylabel=ylabel, yscale=scale)


@names_checked
def belief_curve(curves: Curves, ax: "Axes | None" = None) -> "Axes":
    """Draw the probability of a belief, 0 to 1, after every example seen.

    The first entry is the start. The dotted line is where belief turns, at 1/2.
    """
    such_as = '{"it rains": [0.5, 0.75, 0.9]}'
    ax = _curves(ax, curves, such_as, xlabel="examples seen", ylabel="belief", ylim=(-0.02, 1.02))
    ax.axhline(0.5, color="black", linestyle=":", linewidth=1)
    return ax


@names_checked
def rate_curve(
    schedules: Mapping[str, Callable[[int], float]], steps: int, ax: "Axes | None" = None
) -> "Axes":
    """Draw the factor that each schedule gives for the steps 0 to `steps` - 1."""
    [steps] = sizes_of(locals(), steps=1)
    such_as = '{"cosine": nn.schedules.cosine(100)}'
    return _curves(
        ax, schedules, such_as, range(steps), xlabel="step", ylabel="learning rate factor"
    )


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
    such_as = '{"net": nn.diagnose(model, X, y, loss=nn.mse)}'
    for name, given in entries_of(norms, such_as):
        if isinstance(given, Diagnosis):
            paths = max(paths, [report.path for report in given.layers], key=len)
            given = [report.gradient_norm for report in given.layers]
        curves[name] = given
    ax = _curves(ax, curves, such_as, xlabel=by, ylabel="norm of the gradient", yscale="log")
    if paths:
        name_ticks(ax, paths)
    return ax


@names_checked
def range_test(
    rates: Sequence[float], losses: Sequence[float], suggestion: float, ax: "Axes | None" = None
) -> "Axes":
    """Draw the learning-rate range test, as in range_test(*nn.lr_range_test(...)).

    Loss against rate; the suggested rate is marked. Source: Smith 2017.
    """
    xs, ys = numbers_of(rates, "rates"), numbers_of(losses, "losses")
    if len(xs) != len(ys):
        raise LengthError(f"{len(xs)} rates and {len(ys)} losses: every rate has one loss")
    within(locals(), suggestion=f"(0, {LARGEST}]")
    ax = _curves(ax, {"loss": ys}, "", xs, xlabel="learning rate", ylabel="loss", xscale="log")
    ax.axvline(suggestion, color=COLOURS[1], linestyle="--", label=f"suggested: {suggestion:.2g}")
    add_legend(ax)
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
    return _curves(ax, curves, "", span(low, high), xlabel="z", ylabel=f"{name}(z)")


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
    return _curves(ax, losses, LOSSES, span(low, high), xlabel="prediction", ylabel="loss")


@names_checked
def error_gradient(
    losses: Functions, ax: "Axes | None" = None, *, low: float = -10.0, high: float = 10.0
) -> "Axes":
    """Draw |dL/dz|, the size of the gradient of each loss of one row at the logit z.

    It answers whether a larger error learns faster.
    """
    named = entries_of(losses, LOSSES)
    sizes = {name: lambda z, loss=loss: abs(grad(loss)(z)) for name, loss in named}
    return _curves(ax, sizes, LOSSES, span(low, high), xlabel="logit z", ylabel="$|dL/dz|$")


@names_checked
def fit_curve(models: Functions, X: Rows, y: Sequence[float], ax: "Axes | None" = None) -> "Axes":
    """Draw rows of one feature with their targets as dots, and the curve of each model."""
    rows = places_of(X, 1, "fit_curve")
    targets = numbers_of(y, "y")
    check_targets(rows, targets)
    xs = [row[0] for row in rows]
    such_as = '{"net": model}'
    named = entries_of(models, such_as)
    for name, model in named:
        check_function(repr(name), model, "a function of a row, such as an nn.MLP", 1)
    curves = {name: lambda x, model=model: _first(model([x])) for name, model in named}
    with no_grad():
        ax = _curves(ax, curves, such_as, evenly_spaced(xs), xlabel="x", ylabel="y")
    ax.plot(xs, targets, "o", color="black", markersize=3, label="data")
    add_legend(ax)
    return ax


def _curves(
    ax: "Axes | None",
    curves: Mapping[str, Any],
    such_as: str,
    xs: Sequence[float] | None = None,
    first: int = 0,
    **settings: Any,
) -> "Axes":
    """Draw each curve, a function or a list of numbers, against `xs`.

    By default a list is drawn against the count of its entries, from `first`.
    `such_as` is an example of `curves`, for a message.
    """
    drawn = []
    for name, curve in entries_of(curves, such_as):
        if callable(curve) and xs is None:
            raise DataTypeError(f"{name!r} is a list of numbers, not {told(curve)}")
        if callable(curve):
            at = list(xs or ())
            drawn.append((name, at, [number_of(curve(x)) for x in at]))
        else:
            numbers = numbers_of(curve, name)
            at = list(range(first, first + len(numbers))) if xs is None else list(xs)
            if len(at) != len(numbers):
                raise LengthError(f"{name!r} is {len(numbers)} numbers for {len(at)} places")
            drawn.append((name, at, numbers))
    ax = styled_axes(ax, **settings)
    counted = xs is None or isinstance(xs, range)
    for style, (name, at, numbers) in zip(cycle(STYLES), drawn, strict=False):
        if settings.get("yscale") == "log":
            name, numbers = _positive(name, at, numbers)
        # On a level line the marks would tell nothing, and hide its dashes.
        few = len(at) == 1 or (len(at) <= 30 and len(set(numbers)) > 1)
        ax.plot(at, numbers, label=name, marker="." if few else None, **style)
        ax.update_datalim([(x, 1.0) for x in (at[0], at[-1])], updatey=False)
    if counted and max(len(at) for _, at, _ in drawn) == 1:
        ax.set_xticks([drawn[0][1][0]])
    elif counted:
        ax.locator_params(axis="x", integer=True)
    add_legend(ax)
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


def _first(outputs: Any) -> float:
    """Return the first output of a model for a row."""
    if not is_sequence(outputs) or not len(outputs):
        raise DataTypeError(f"a model gives a list of outputs for a row, not {told(outputs)}")
    return number_of(outputs[0])
