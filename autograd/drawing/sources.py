"""The script and the style sheets that lie beside this file, as a page takes them: without comments, indentation and needless blanks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .palette import DARK, LIGHT

# Of JavaScript a string, a template without another inside, or a regular expression, which stay; or the blanks around a mark, which go.
JAVASCRIPT = (
    r'("(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|/(?:\\.|[^/\\\n ])+/)|\s*(=>|[{}()\[\];,:?<>=+*&|])\s*'
)
CSS = r"()\s*([{};:,>])\s*"


@cache
def source(name: str) -> str:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    lines = (re.sub(r"(^|\s)// .*", "", line).strip() for line in text.splitlines())
    pattern = JAVASCRIPT if name.endswith(".js") else CSS
    return (
        re.sub(
            pattern, lambda match: match[1] or match[2], "\n".join(line for line in lines if line)
        )
        + "\n"
    )


def graph_style() -> str:
    """The colours, light and dark, and the looks of the marks of a graph."""
    light, dark = (
        ";".join(f"--{name}:{colour}" for name, colour in colours.items())
        for colours in (LIGHT, DARK)
    )
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{source('graph.css')}"
