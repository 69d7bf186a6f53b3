"""Charts of the plane of two features: points, and where a model prefers each class."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import cycle
from typing import TYPE_CHECKING, Any

from autograd import no_grad
from autograd.errors import DataTypeError, LengthError
from autograd.extending import told, within

from ..arguments import check_function, names_checked
from ..data.checks import is_sequence
from ..module import check_model
from ..step import class_1_above
from .axes import COLOURS, MARKERS, SMALL, add_legend, add_panels, styled_axes
from .checks import Function, Rows, labels_of, names_of, number_of, places_of
from .ranges import GRID, evenly_spaced

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    rows = places_of(X, 2, "points")
    names = names_of(classes)
    labels = labels_of(y, rows, len(names) or None)
    ax = styled_axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    _scatter(ax, rows, labels, max(labels) + 1, names)
    add_legend(ax)
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
            positive. A model whose last layer has sigmoid gives a probability:
            class 1 where it is above 0.5; of another probability p give p - 0.5.
            Of several outputs the largest tells the class.
        X: Rows of two numbers.
        y: Their classes: whole numbers 0, 1, ..., less than the number of
            outputs.
        ax: Where to draw. The black line is where two classes are level. The
            number or name of a class stands where it leads.
        classes: The names of the classes.
    """
    check_function("model", model, "a model or a function of a row")
    rows = places_of(X, 2, "decision_boundary")
    xs, ys, logits = _plane(model, rows)
    labels = labels_of(y, rows, len(logits[0][0]))
    names = names_of(classes, len(logits[0][0]))
    ax = styled_axes(ax, xlabel="$x_1$", ylabel="$x_2$")
    _regions(ax, xs, ys, logits, rows, names)
    _scatter(ax, rows, labels, len(logits[0][0]), names)
    add_legend(ax)
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
    rows = places_of(X, 2, "filmstrip")
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
    labels = labels_of(y, rows, len(planes[0][2][0][0]))
    outer, panels = add_panels(ax, count, min(count, 3))
    for panel, (epoch, _), (xs, ys, logits) in zip(panels, chosen, planes, strict=True):
        _regions(panel, xs, ys, logits, rows, ())
        _scatter(panel, rows, labels, len(logits[0][0]), (), size=14)
        panel.set_title(f"epoch {epoch}", fontsize=10)
        panel.set_xticks([])
        panel.set_yticks([])
    outer.set_label(f"decision boundary after the epochs {', '.join(str(e) for e, _ in chosen)}")
    add_legend(outer, panels[0])
    return outer


def _is_state(state: Any) -> bool:
    """Return whether this is a pair of an epoch and the numbers of a model."""
    return is_sequence(state) and len(state) == 2 and isinstance(state[1], Mapping)


def _plane(
    model: Function, rows: list[list[float]], n: int = GRID
) -> tuple[list[float], list[float], list[list[list[float]]]]:
    """Return the model's logits over the plane of two features: logits[j][i][class].

    A single logit z stands for the two 0 and z, a probability p for 0.5 and p.
    """
    check_function("model", model, "a function of a row, such as an nn.MLP", 1)
    xs, ys = (evenly_spaced([row[i] for row in rows], n, margin=0.1) for i in (0, 1))
    level = class_1_above(model)
    logits = []
    widths: set[int] = set()
    with no_grad():
        for b in ys:
            line = []
            for a in xs:
                out = model([a, b])
                numbers = [number_of(u) for u in out] if is_sequence(out) else [number_of(out)]
                widths.add(len(numbers))
                if len(widths) > 1 or not numbers:
                    raise LengthError(
                        f"model gives as many numbers for every row, at least 1, not {told(out)}"
                    )
                line.append([level, *numbers] if len(numbers) == 1 else numbers)
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
