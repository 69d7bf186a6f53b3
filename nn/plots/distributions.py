"""Charts of how numbers are distributed: histograms, and shares by layer."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError
from autograd.extending import told

from ..arguments import names_checked
from ..diagnostics import Diagnosis
from .axes import COLOURS, STYLES, add_legend, name_ticks, styled_axes
from .checks import Curves, entries_of, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ZERO = 0.2  # a larger share of numbers that are exactly 0 is told, not drawn


@names_checked
def histograms(
    samples: Curves, ax: "Axes | None" = None, *, xlabel: str = "pre-activation z"
) -> "Axes":
    """Draw the distributions of samples on one scale, each of area 1.

    Where more than a fifth of a sample is exactly 0, as after ReLU, the legend
    says how much, and the histogram is of the others. It says, too, how much is
    infinite or nan.
    """
    such_as = '{"weights": [0.1, -0.2, 0.3]}'
    named = {name: numbers_of(values, name) for name, values in entries_of(samples, such_as)}
    ax = styled_axes(ax, xlabel=xlabel, ylabel="density")
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
    add_legend(ax)
    return ax


@names_checked
def layer_histograms(
    layers: Curves, ax: "Axes | None" = None, *, xlabel: str = "activation"
) -> "Axes":
    """Draw the distribution of each layer's numbers, the first on top.

    All have one scale and one height. Of numbers that are exactly 0, and of
    those that are infinite or nan, only the share is told.
    """
    such_as = '{"layer 0": [0.0, 0.5, 1.2]}'
    named = {name: numbers_of(values, name) for name, values in entries_of(layers, such_as)}
    ax = styled_axes(ax, xlabel=xlabel, ylabel="layer")
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
    such_as = '{"layer 0": 0.25}, or what nn.diagnose(model, X, y, loss=nn.mse) gives'
    names, numbers = zip(*entries_of(shares, such_as), strict=True)
    heights = numbers_of(numbers, "shares")
    if not all(0.0 <= x <= 1.0 for x in heights):
        raise ArgumentError(f"a share of units lies from 0 to 1: {told(dict(shares))}")
    ax = styled_axes(ax, xlabel="layer", ylabel="dead units", ylim=(0, 1.1))
    ax.bar_label(ax.bar(range(len(names)), heights, color=COLOURS[1]), fmt="{:.0%}")
    name_ticks(ax, names)
    ax.yaxis.set_major_formatter("{x:.0%}")
    return ax
