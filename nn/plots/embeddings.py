"""A chart of vectors: a map on which every name stands where it meets nothing."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import TYPE_CHECKING

from autograd.errors import LengthError

from ..arguments import names_checked
from .axes import COLOURS, FIGURE, SMALL, WIDEST, styled_axes
from .checks import Curves, check_drawable, entries_of, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rectangle = tuple[float, float, float, float]  # left, lower, right and upper end
CROWD = 24  # names in a map beyond which it is larger
NEAR = 3  # rings around a point in which a name needs no line
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))


@names_checked
def embedding_map(vectors: Curves, ax: "Axes | None" = None) -> "Axes":
    """Draw each key at its vector, projected on a plane.

    The plane has the two directions in which the vectors vary most: the
    principal components.

    Args:
        vectors: Two or more, of equal length, of at least 2 numbers.
        ax: Where to draw.
    """
    such_as = '{"king": [0.1, 0.9], "queen": [0.2, 0.8]}'
    named = {name: numbers_of(vector, name) for name, vector in entries_of(vectors, such_as)}
    sizes = {len(vector) for vector in named.values()}
    if len(named) < 2 or len(sizes) > 1 or min(sizes) < 2:
        raise LengthError(
            "embedding_map() takes two or more vectors of equal length, of at least 2 numbers, "
            f"not {len(named)} of {', '.join(map(str, sorted(sizes)))}"
        )
    for name, vector in named.items():
        check_drawable(vector, f"the vector of {name!r}")
    words = {"xlabel": "first principal component", "ylabel": "second principal component"}
    ax = styled_axes(ax, size=FIGURE if len(named) <= CROWD else (WIDEST, 6.0), **words)
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
