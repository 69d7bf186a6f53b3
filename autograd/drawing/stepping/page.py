"""The page: a walk as one HTML file that needs no other, no server and no network.

Without its script it shows the state after backward, as a picture and as a
table. With it, it steps, follows an edit, and descends.

A Content-Security-Policy, first in the head, lets nothing run but the one
script and nothing style but the one style sheet, both known by their hashes.
The data cannot end its element, since < is written as an escape. A label is
text in every place. The script holds no text of a user's.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ...analysis.notation import (
    derivative_texts,
    four_digits,
    is_weighted_sum,
    text_template,
    visible,
)
from ...core.row import LEAF, LITERAL, Primitive
from ...core.value import Value
from ..palette import FONT, FONT_SIZE, LIGHT, LOOKS, dark_sheet, look
from ..shapes import sample
from ..sources import colours, packed_script, packed_style, text_of
from ..text import shortened
from .diagram import HEAD, HEIGHT, MARGIN, WAYS, WIDTH, Diagram, arrows, boxes, shapes
from .live import Rows, live_rows
from .training import Training
from .walk import Walk

CELL_LENGTH = 60  # characters of an operation in the table

# A mark, as `shapes.sample` knows it, and its meaning.
LEGEND = (
    ("leaf", "leaf: a parameter or an input"),
    ("operation", "result of an operation"),
    ("later", "not computed yet, which is not 0"),
    ("literal", "literal: a plain number, without gradient"),
    ("now", "where this step happens"),
    ("number", "at an arrow: the local derivative of result by operand"),
    ("positive", "positive gradient has flowed back; the thicker, the larger"),
    ("negative", "negative gradient: hollow head"),
    ("zero", "zero has flowed back"),
    ("bar", "gradient of a box, by its logarithm: negative to the left"),
)
BUTTONS = (
    ("first", "First"),
    ("back", "Back"),
    ("play", "Play"),
    ("next", "Next"),
    ("last", "Last"),
)
STEPPING = """<section class="controls" id="controls" aria-label="Steps" hidden>
<div class="row">{buttons}<label><input type="checkbox" id="skip"> skip zeros</label>
<label>speed <select id="speed"><option value="2000">slow</option>
<option value="900" selected>normal</option><option value="200">fast</option></select></label>
<button id="smaller" aria-label="Smaller">-</button>
<button id="larger" aria-label="Larger">+</button>
<button id="fit">Fit</button><span id="count"></span></div>
<input type="range" id="scrub" min="0" max="1" value="0" aria-label="Step">
<div class="caption" id="caption" aria-live="polite"><p><b id="line"></b></p>
<p id="remark"></p></div></section>"""
DESCENT = """<section class="panel" id="descent" aria-labelledby="descent-title" hidden>
<h2 id="descent-title">Take a step</h2><p class="note" id="rule"></p><div class="row">
<button id="descend">1 step</button>
<button id="descend-ten">10 steps</button>
<button id="undo">Undo</button><button id="reset">Reset</button></div>
<label class="wide">rate <input type="range" id="rate" min="-4" max="1" step="0.1" value="-1">
<output id="rate-text"></output></label>
<svg class="autograd curve" id="curve" viewBox="0 0 280 132" role="img"
 aria-labelledby="losses"></svg>
<p class="note" id="losses" aria-live="polite"></p></section>"""
NODE = """<section class="panel" id="node" aria-labelledby="chosen" hidden>
<h2 id="chosen" tabindex="-1"></h2><div class="row" id="edit" hidden>
<label>data <input type="number" id="value" step="any"></label>
<label><input type="checkbox" id="learns"> learns</label></div>
<p class="note" id="why"></p><dl id="facts"></dl>{close}</section>"""
CLOSE = '<button id="close-group" hidden></button>'
TRAINING = """<section class="panel" id="training" aria-labelledby="training-title" hidden>
<h2 id="training-title">Train on all rows</h2><div class="row">
<button id="train">Train</button><button id="epoch">1 epoch</button>
<button id="epochs">20 epochs</button></div>
<label class="wide">row <select id="row"></select></label>
<svg class="autograd" id="map" viewBox="0 0 280 280" width="280" height="280" role="img"
 aria-labelledby="map-text"></svg>
<svg class="autograd curve" id="epoch-curve" viewBox="0 0 280 132" role="img"
 aria-labelledby="map-text"></svg>
<p class="note" id="map-text" aria-live="polite"></p></section>"""
GROUPS = """<details class="groups" id="groups" hidden><summary>Groups: a tick closes one</summary>
<div class="row"><button id="open-all">Open all</button>
<button id="close-all">Close all</button></div><ul id="group-list"></ul></details>"""
TABLE = """<h2 id="table">The graph as a table, in the order of backward</h2>
<div class="table" role="region" aria-labelledby="table" tabindex="0"><table><thead><tr>
<th scope="col">value<th scope="col">operation<th scope="col">data
<th scope="col">gradient after backward{group}</thead><tbody>"""


def write_page(walk: Walk, drawn: Diagram, training: Training | None = None) -> str:
    """Return the page of a walk."""
    title = f"Backward through {walk.names[-1]}"
    used = rows_of(walk)
    live = live_rows(used, used)
    parts = ["engine", "picture", "editing"]
    parts += [*(["training"] if training else []), *(["folding"] if walk.groups else []), "start"]
    scripts = "".join(text_of(f"stepping/{part}.js") for part in parts)
    # Apart from the rows it is the same for every graph, and is packed once.
    program = packed_script(f'"use strict";((rows) => {{\n{scripts}}})').rstrip()
    script = f"{program}({packed_script(live.script).rstrip()});\n"
    sheets = ["page", *(["training"] if training else [])]
    rules = "".join(text_of(f"stepping/{sheet}.css") for sheet in sheets)
    style = colours() + dark_sheet("") + packed_style(rules)
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    data = json.dumps(
        graph_data(walk, list(used), live, training),
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).replace("<", "\\u003c")
    body = "\n".join(_body(walk, drawn, title, training is not None))
    # HTML needs no quotes around one word; a quote in a text is escaped.
    body = re.sub(r'="([\w.-]+)"(?!/)', r"=\1", body)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style></head>",
            body,
            f'<script type="application/json" id="graph-data">{data}</script>',
            f"<script>{script}</script></body></html>\n",
        ]
    )


def rows_of(walk: Walk) -> dict[tuple[Primitive, int], Value]:
    """Return each row with its number of operands, and a node that it has made."""
    return {
        (value.op, len(operands)): value
        for value, operands in zip(walk.order, walk.parents, strict=True)
        if operands
    }


def _body(walk: Walk, drawn: Diagram, title: str, trains: bool) -> Iterable[str]:
    buttons = "".join(f'<button id="{name}">{text}</button>' for name, text in BUTTONS)
    yield f"<body><main><h1>{escape(title)}</h1>"
    yield (
        "<noscript><p>Scripts are off: this is the state after backward, as a picture and as a "
        "table.</p></noscript>"
    )
    yield STEPPING.format(buttons=buttons)
    yield '<div class="work"><div class="main">'
    yield '<div class="scroll" id="scroll" tabindex="0" role="region" aria-label="Picture">'
    yield from _picture(walk, drawn, title)
    yield f"</div>{NODE.format(close=CLOSE if walk.groups else '')}</div>"
    yield f'<div class="side">{TRAINING if trains else ""}{DESCENT}</div>'
    yield f"{_legend(bool(walk.groups))}</div>{GROUPS if walk.groups else ''}"
    yield TABLE.format(group='<th scope="col">group' if walk.groups else "")
    yield from _rows(walk)
    yield "</tbody></table></div></main>"


def _picture(walk: Walk, drawn: Diagram, title: str) -> Iterable[str]:
    results = sum(map(bool, walk.parents))
    leaves = sum(value.op is LEAF for value in walk.order)
    root = walk.order[-1]
    description = (
        f"Computation graph of {walk.names[-1]} = {four_digits(root.data)}: {results} results of "
        f"operations from {leaves} leaves, from left to right. The table below has the same in "
        "words."
    )
    width, height = drawn.width + 2 * MARGIN, drawn.height + 2 * MARGIN
    yield (
        '<svg class="autograd" id="graph" role="img" '
        'aria-labelledby="graph-title graph-description" '
        f'viewBox="{-MARGIN} {-MARGIN} {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="{FONT_SIZE}"{look("text")}>'
        f'<title id="graph-title">{escape(title)}</title>'
        f'<desc id="graph-description">{escape(description)}</desc>{shapes(drawn)}'
    )
    yield arrows(drawn)
    frames = "".join(
        f'<rect id="{role}-frame" rx="4" visibility="hidden"{look(role)}/>'
        for role in ("now", "chosen")
    )
    yield f'<g class="boxes">{boxes(walk, drawn)}</g>{frames}</svg>'


def _legend(grouped: bool) -> str:
    marks = [*LEGEND, *([("group", "closed group of nodes")] if grouped else [])]
    items = "".join(
        '<li><svg class="autograd" viewBox="-2 -9 38 18" '
        f'aria-hidden="true">{sample(mark)}</svg>{escape(meaning)}</li>'
        for mark, meaning in marks
    )
    return f'<ul class="legend" aria-label="Legend">{items}</ul>'


def _hash(text: str) -> str:
    import hashlib

    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _rows(walk: Walk) -> Iterable[str]:
    for i in reversed(range(len(walk.order))):
        value = walk.order[i]
        if value.op is not LITERAL:
            group, g = walk.group_of[i], walk.gradients[i]
            place = "" if group is None else walk.groups[group].title
            cells = [
                shortened(walk.texts[i], CELL_LENGTH) or "leaf",
                four_digits(value.data),
                "not computed" if g is None else four_digits(g),
                *([visible(place)] if walk.groups else []),
            ]
            texts = "".join(f"<td>{escape(cell)}" for cell in cells)
            yield f"<tr><th scope=row>{escape(walk.names[i])}{texts}"


def graph_data(
    walk: Walk, used: Sequence[tuple[Primitive, int]], live: Rows, training: Training | None
) -> dict[str, Any]:
    """Return what the script needs, by number.

    `row` is for each node the position of its row in `used`, `op` for each row
    that of its primitive in `ops`.
    """
    position = {pair: k for k, pair in enumerate(used)}
    ops = list(dict.fromkeys(op for op, _ in used))
    data = {
        "names": walk.names,
        "labels": {i: visible(label) for i, label in walk.labels.items()},
        "data": _reals([value.data for value in walk.order]),
        "parents": walk.parents,
        "local": [
            0 if _exact(value.op) else _reals(row)
            for value, row in zip(walk.order, walk.local, strict=True)
        ],
        "row": [
            position[value.op, len(operands)] if operands else -1
            for value, operands in zip(walk.order, walk.parents, strict=True)
        ],
        "op": [ops.index(op) for op, _ in used],
        "ops": [_op(op) for op in ops],
        "reasons": {k: reason for k, reason in enumerate(live.reasons) if reason},
        "learning": walk.learning,
        "measures": {"width": WIDTH, "height": HEIGHT, "margin": MARGIN, "head": HEAD},
        "looks": _looks(),
    }
    if plain := _plain(walk):
        data["plain"] = plain
    if walk.groups:
        data["groups"] = [[visible(title), within] for title, within in walk.groups]
        data["groupOf"] = walk.group_of
        data["folded"] = walk.folded
    if training:
        data["training"] = training.by_number(walk.order)
    return data


def _plain(walk: Walk) -> list[int]:
    """Return the edges, by number, whose partial passes nothing on where it is 0.

    Edges count in the order of results and operands. On others 0 times an
    infinite gradient is nan.
    """
    edges = [
        (value, k, p)
        for value, row in zip(walk.order, walk.local, strict=True)
        for k, p in enumerate(row)
    ]
    return [
        number
        for number, (value, k, p) in enumerate(edges)
        if k in value.op.masked or (p == 0.0 and value.gives_plain_zero(k))
    ]


def _exact(op: Primitive) -> bool:
    """Whether the partials are operands or constants, which the page has with the same bits."""
    return op.bilinear or bool(op.constants)


def _looks() -> Mapping[str, Sequence[str]]:
    """Return fill, stroke and dashes of the marks that the script repaints."""
    roles = [*(f"{way} line" for way in WAYS), *(f"{way} bar" for way in WAYS[2:])]
    roles += ["later", "operation", "group", "now", "text", "faint", "line"]
    return {
        role: [
            LIGHT.get(LOOKS[role].fill, LOOKS[role].fill),
            LIGHT.get(LOOKS[role].stroke, ""),
            LOOKS[role].dashes,
        ]
        for role in roles
    }


def _op(op: Primitive) -> dict[str, Any]:
    partials = "; ".join(f"dz/d{name} = {text}" for name, text in derivative_texts(op).items())
    return {
        "name": op.name,
        "template": text_template(op),
        "formula": op.formula,
        **({"domain": op.domain} if op.domain else {}),
        **({"kinks": op.kinks} if op.kinks else {}),
        "partials": f"of two: {partials}" if op.arity is None else partials,
        **({"paired": 1} if is_weighted_sum(op) else {}),
    }


def _real(x: float | None) -> float | str | None:
    """JSON has no nan and no infinity; they are texts there."""
    return x if x is None or math.isfinite(x) else repr(x)


def _reals(xs: Sequence[float | None]) -> list[float | str | None]:
    return [_real(x) for x in xs]
