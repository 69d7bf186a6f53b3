"""A finished chart: in a notebook, in a file and in words."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import base64
import io
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import load, path_of, told, write_whole

from ..arguments import names_checked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".svg", ".pdf", ".png")
SHOWN_DPI = 100  # pixels an inch in a notebook; the image has twice as many


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


def shown(
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
