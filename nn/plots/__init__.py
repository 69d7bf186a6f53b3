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

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

# The rooms. The first four serve the others, which hold the charts. Each imports
# from those above it alone.
#
#     checks         what a chart is given: names and numbers, checked
#     ranges         where a function is drawn: evenly spaced numbers
#     showing        a finished chart in a notebook, in a file and in words
#     axes           what a chart is drawn on: house style, panels, legend
#     curves         numbers in their order, and functions of one number
#     distributions  how numbers are distributed
#     planes         the plane of two features, and where a model prefers each class
#     descents       steps along the cost of one weight or of two
#     embeddings     a map of vectors, with their names
#     matrices       numbers as colours, in rows and columns

from typing import TYPE_CHECKING

from autograd.extending import elsewhere

from .curves import (
    activation,
    belief_curve,
    error_gradient,
    fit_curve,
    gradient_norms,
    loss_curve,
    loss_shape,
    range_test,
    rate_curve,
    weight_curve,
)
from .descents import cost_surface, descent
from .distributions import dead_units, histograms, layer_histograms
from .embeddings import embedding_map
from .matrices import attention, confusion, gates, heat_map, weight_images
from .planes import decision_boundary, filmstrip, points
from .showing import save

__all__ = [
    "activation",
    "attention",
    "belief_curve",
    "confusion",
    "cost_surface",
    "dead_units",
    "decision_boundary",
    "descent",
    "embedding_map",
    "error_gradient",
    "filmstrip",
    "fit_curve",
    "gates",
    "gradient_norms",
    "heat_map",
    "histograms",
    "layer_histograms",
    "loss_curve",
    "loss_shape",
    "points",
    "range_test",
    "rate_curve",
    "save",
    "weight_curve",
    "weight_images",
]

# What matplotlib calls its charts.
_CHARTS = {
    "show": "the chart itself as the last line of a cell, or nn.plots.save(ax, path)",
    "savefig": "nn.plots.save(ax, path)",
    "plot": "nn.plots.loss_curve({name: numbers}), or matplotlib's own ax.plot",
    "plot_loss": "nn.plots.loss_curve(history)",
    "history": "nn.plots.loss_curve(history)",
    "learning_curves": "nn.plots.loss_curve(history)",
    "loss": "nn.plots.loss_curve(history)",
    "plot_history": "nn.plots.loss_curve(history)",
    "plot_decision_boundary": "nn.plots.decision_boundary(model, X, y)",
    "plot_confusion_matrix": "nn.plots.confusion(matrix)",
    "scatter": "nn.plots.points(X, y)",
    "imshow": "nn.plots.heat_map(rows)",
    "heatmap": "nn.plots.heat_map(rows)",
    "hist": "nn.plots.histograms({name: numbers})",
}


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.plots", "nn.foreign", _CHARTS)
