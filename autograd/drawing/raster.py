"""A picture as PNG, and as what a notebook is given to show.

A PNG is the one form that every place shows: a trusted notebook and an
untrusted one, an export to HTML or PDF, an editor, a repository's web page.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import base64
import math
import re
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import MissingDependencyError
from ..optional import load

SCALE = 2.0  # pixels for each px of the picture, for sharp text on a fine screen
MOST_PIXELS = 4_000_000
MOST_BYTES = 1_000_000  # of a picture that is embedded as SVG
FONTS = sorted(str(path) for path in (Path(__file__).parent / "fonts").glob("*.ttf"))

Bundle: TypeAlias = tuple[dict[str, Any], dict[str, Any]]  # contents by media type, metadata


def svg_size(svg: str) -> tuple[float, float]:
    """Return the natural width and height of a picture that this package wrote, in px."""
    found = re.search(r'<svg [^>]*?width="([\d.]+)(?:pt)?" height="([\d.]+)', svg)
    if found is None:
        raise ValueError("the SVG does not say its width and height")
    return float(found[1]), float(found[2])


def png_of(svg: str) -> bytes:
    """Return a picture as PNG: 2 pixels for each px, at most 4 million in all.

    The fonts are those of the package, so the same picture gives the same
    pixels.

    Raises:
        MissingDependencyError: The package resvg-py is not installed.
    """
    resvg = load("resvg_py", "PNG, but not SVG, needs the package")
    width, height = svg_size(svg)
    scale = min(SCALE, math.sqrt(MOST_PIXELS / (width * height)))
    # The picture is light without its sheet, whose rules would only be matched
    # in vain.
    bare = re.sub("<style>.*?</style>", "", svg, flags=re.DOTALL)
    return bytes(
        resvg.svg_to_bytes(
            svg_string=bare,
            width=max(1, math.floor(width * scale)),
            skip_system_fonts=True,
            font_files=FONTS,
            monospace_family="DejaVu Sans Mono",
        )
    )


def bundle(svg: str, alternative: str, text: str) -> Bundle:
    """Return what a notebook shows: {image/png, text/plain}.

    Without resvg-py it is {text/html, text/plain}, with the SVG as an image; a
    picture too large for that is text alone.

    Args:
        svg: The picture.
        alternative: What it shows in words, for a screen reader.
        text: What a terminal shows.

    Returns:
        The contents by media type and their metadata, as `_repr_mimebundle_`
        gives them.
    """
    width, height = map(round, svg_size(svg))
    try:
        png = png_of(svg)
    except MissingDependencyError:
        html = image_tag(svg, alternative)
        return ({"text/html": html} if html else {}) | {"text/plain": text}, {}
    size = {"width": width, "height": height}
    content = {"image/png": base64.b64encode(png).decode(), "text/plain": text}
    return content, {"image/png": size}


def image_tag(svg: str, alternative: str) -> str:
    """Return an <img> that holds the SVG, "" for a picture too large to embed."""
    content = svg.encode()
    if len(content) > MOST_BYTES:
        return ""
    data = base64.b64encode(content).decode()
    return (
        f'<img alt="{escape(alternative)}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
