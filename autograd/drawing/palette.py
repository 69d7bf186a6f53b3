"""How the marks of a picture look: one table by role, in a light and in a dark palette.

Text has a contrast of at least 4.5 : 1 with what is behind it, and a mark of at
least 3 : 1, in both palettes (WCAG 2.2, level AA).
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from functools import cache
from typing import NamedTuple

FONT = "DejaVu Sans Mono,Menlo,Consolas,monospace"
FONT_SIZE = 12  # of all text, in px

LIGHT = {
    "paper": "#ffffff",
    "text": "#1c2128",
    "faint": "#57606a",
    "line": "#6e7781",
    "operation": "#f6f8fa",
    "leaf": "#e6f4ea",
    "leaf-line": "#2f7d4f",
    "group": "#f3effc",
    "group-line": "#7a4fc4",
    "band": "#eef1f4",
    "positive": "#0550ae",
    "negative": "#bc4c00",
    "nan": "#a40e5f",
    "highlight": "#bf3989",
}
DARK = {
    "paper": "#0d1117",
    "text": "#e6edf3",
    "faint": "#9ea7b3",
    "line": "#8b949e",
    "operation": "#1c232c",
    "leaf": "#12301f",
    "leaf-line": "#56b97f",
    "group": "#271d3d",
    "group-line": "#a98be8",
    "band": "#161c24",
    "positive": "#6cb6ff",
    "negative": "#f0883e",
    "nan": "#ff7ab8",
    "highlight": "#f778ba",
}


class Look(NamedTuple):
    """How a mark is painted: colours by their names in the palettes, "" for none.

    `width` is that of the stroke, None where the mark itself says it; `dashes`
    are the lengths of dash and gap.
    """

    fill: str
    stroke: str = ""
    dashes: str = ""
    width: float | None = None


# Every mark of a picture, by its role. A picture, a page and an animation use
# no others.
LOOKS = {
    "paper": Look("paper"),
    "band": Look("band"),
    "text": Look("text"),
    "faint": Look("faint"),
    "halo": Look("faint", "paper", width=3),
    "operation": Look("operation", "line"),
    "leaf": Look("leaf", "leaf-line"),
    "literal": Look("paper", "line", "2 3"),
    "cut": Look("paper", "line", "2 3"),
    "reference": Look("paper", "line"),
    "group": Look("group", "group-line"),
    "module": Look("group", "group-line"),
    "container": Look("paper", "group-line"),
    "unit": Look("operation", "line"),
    "positive weight": Look("none", "positive"),
    "negative weight": Look("none", "negative", "7 3"),
    "zero weight": Look("none", "line", "1 4"),
    "nan weight": Look("none", "nan"),
    "highlight": Look("none", "highlight", width=3),
    "later": Look("paper", "line", "5 3"),
    "now": Look("none", "highlight", width=4),
    "chosen": Look("none", "text", width=3),
    "line": Look("none", "line"),
    "plain line": Look("none", "line", "2 3"),
    "none line": Look("none", "line"),
    "zero line": Look("none", "line", "6 4"),
    "positive line": Look("none", "positive"),
    "negative line": Look("none", "negative"),
    "nan line": Look("none", "nan"),
    "none head": Look("line", "line"),
    "zero head": Look("paper", "line"),
    "positive head": Look("positive", "positive"),
    "negative head": Look("paper", "negative"),
    "nan head": Look("nan", "nan"),
    "positive bar": Look("positive"),
    "negative bar": Look("negative"),
    "nan bar": Look("nan"),
}


@cache
def look(role: str) -> str:
    """Return the SVG attributes of a mark, in the light palette.

    Attributes need no style sheet, which some viewers drop and others cannot
    read.
    """
    fill, stroke, dashes, width = LOOKS[role]
    given = {
        "fill": LIGHT.get(fill, fill),
        "stroke": LIGHT.get(stroke),
        "stroke-dasharray": dashes,
        "stroke-width": width,
    }
    return "".join(f' {name}="{value}"' for name, value in given.items() if value)


@cache
def dark_sheet(within: str = ".autograd ") -> str:
    """Return the style sheet that makes a picture dark where the reader prefers that.

    A rule puts the dark colour in the place of a light one: a rule is stronger
    than an attribute. Where the sheet is dropped the picture is light.

    Args:
        within: The selector of what is made dark. A page, which has nothing
            else, gives none: what `<use>` repeats has no ancestors in a
            selector.
    """
    rules = "".join(
        f'{within}[{attribute}="{light}"]{{{attribute}:{DARK[name]}}}'
        for attribute in ("fill", "stroke")
        for name, light in LIGHT.items()
        if any(name == getattr(entry, attribute) for entry in LOOKS.values())
    )
    return f"@media screen and (prefers-color-scheme:dark){{{rules}}}"
