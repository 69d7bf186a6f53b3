"""The colours of a picture, light and dark, and the style sheet that applies them.

Text has a contrast of at least 4.5 : 1 with what is behind it and a mark of at least 3 : 1, in both palettes (WCAG 2.2, level AA).
"""

from __future__ import annotations

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"

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


def style_sheet() -> str:
    """Rules for elements within class "autograd", dark where the reader prefers that."""
    return f"{_rules(LIGHT)}\n@media (prefers-color-scheme: dark) {{\n{_rules(DARK)}\n}}"


def _rules(colour: dict[str, str]) -> str:
    rules = {
        ".paper": f"fill:{colour['paper']}",
        ".band": f"fill:{colour['band']}",
        "text": f"font:12px {FONT};fill:{colour['text']}",
        ".word,.literal text,.cut text,.symbol": f"fill:{colour['faint']}",
        ".name,.operation .symbol,.heading": f"font-weight:bold;fill:{colour['text']}",
        ".small": "font-size:11px",
        ".frame,.stack": f"fill:{colour['operation']};stroke:{colour['line']}",
        ".leaf .frame": f"fill:{colour['leaf']};stroke:{colour['leaf-line']}",
        ".group .frame,.group .stack,.module .frame": f"fill:{colour['group']};stroke:{colour['group-line']}",
        ".literal .frame,.cut .frame": f"fill:{colour['paper']};stroke:{colour['line']};stroke-dasharray:2 3",
        ".highlight": f"fill:none;stroke:{colour['highlight']};stroke-width:3",
        ".line,.scale": f"fill:none;stroke:{colour['line']}",
        ".plain": "stroke-dasharray:2 3",
        ".head": f"fill:{colour['line']};stroke:{colour['line']}",
        **{f".line.{name}": f"stroke:{colour[name]}" for name in ("positive", "negative", "nan")},
        **{
            f"rect.{name},.head.{name}": f"fill:{colour[name]};stroke:{colour[name]}"
            for name in ("positive", "negative", "nan")
        },
        ".head.negative,.head.zero": f"fill:{colour['paper']}",
        ".line.zero": "stroke-dasharray:6 4",
    }
    return "\n".join(
        ",".join(f".autograd {part}" for part in selector.split(",")) + f"{{{rule}}}"
        for selector, rule in rules.items()
    )
