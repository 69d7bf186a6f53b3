"""The page: a walk as one HTML file that needs no other, no server and no network.

Without its script it shows the state after backward, as a picture and as a table. A Content-Security-Policy, first in the head, lets nothing
run but the one script and nothing style but the one style sheet, both known by their hashes; the data cannot end its element, since < is
written as an escape. A label is text in every place.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from ...analysis.notation import derivative_texts, number, python_template, visible
from ...core.row import LEAF, LITERAL, Primitive
from ..sources import graph_style, source
from ..text import shortened
from .diagram import HEAD, HEIGHT, MARGIN, SHAPES, WIDTH, Diagram, boxes, gradient_text
from .walk import Walk

LONGEST = 60  # characters of an operation in the table

GROUP = ('<rect class="group" x="2" y="2" width="30" height="16" rx="2"/>', "closed group of nodes")
LEGEND = (
    (
        '<rect class="leaf" x="2" y="2" width="30" height="16" rx="8"/>',
        "leaf: a parameter or an input",
    ),
    (
        '<rect class="operation" x="2" y="2" width="30" height="16" rx="2"/>',
        "result of an operation",
    ),
    (
        '<rect class="operation later" x="2" y="2" width="30" height="16" rx="2"/>',
        "not computed yet, which is not 0",
    ),
    (
        '<rect class="literal" x="6" y="3" width="22" height="14" rx="4"/>',
        "literal: a plain number, without gradient",
    ),
    (
        '<rect class="operation now" x="3" y="3" width="28" height="14" rx="2"/>',
        "where this step happens",
    ),
    (
        '<g class="arrows"><path d="M2 10H32"/></g>',
        "operand to result; its number: the local derivative",
    ),
    (
        '<g class="arrows"><path class="positive s3" d="M4 10H32"/></g>',
        "positive gradient has flowed back; the thicker, the larger",
    ),
    (
        '<g class="arrows"><path class="negative s3" d="M4 10H32"/></g>',
        "negative gradient: hollow head",
    ),
    ('<g class="arrows"><path class="zero" d="M2 10H32"/></g>', "zero has flowed back"),
    (
        '<rect class="bar positive" x="17" y="8" width="14" height="4"/><path class="operation" d="M17 3v14"/>',
        "gradient of a box: positive to the right",
    ),
    (
        '<rect class="bar negative" x="3" y="8" width="14" height="4"/><path class="operation" d="M17 3v14"/>',
        "negative to the left, by its logarithm",
    ),
)

BUTTONS = (
    ("first", "First"),
    ("back", "Back"),
    ("play", "Play"),
    ("next", "Next"),
    ("last", "Last"),
)


def write_page(walk: Walk, drawn: Diagram) -> str:
    root = walk.order[-1]
    title = f"Backward through {walk.names[-1]}, step by step"
    results = sum(map(bool, walk.parents))
    description = (
        f"Computation graph of {walk.names[-1]} = {number(root.data)}: {results} results of operations from {sum(v.op is LEAF for v in walk.order)} "
        "leaves, from left to right. The table below has the same in words."
    )
    script, style = source("stepping/page.js"), graph_style() + source("stepping/page.css")
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    data = json.dumps(
        _data(walk), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).replace("<", "\\u003c")
    view = f"{-MARGIN} {-MARGIN} {drawn.width + 2 * MARGIN} {drawn.height + 2 * MARGIN}"
    buttons = "".join(
        f'<button type="button" id="{name}">{text}</button>' for name, text in BUTTONS
    )
    legend = "".join(
        f'<li><svg class="graph" width="34" height="20" aria-hidden="true">{mark}</svg>{escape(meaning)}</li>'
        for mark, meaning in (*LEGEND, *([GROUP] if walk.groups else []))
    )

    def gradient(i: int) -> str:
        return f'<text y="45">{gradient_text(walk.gradients[i])}</text>'

    paths = "".join(f'<path d="{path}"/>' for path in drawn.paths)
    body = "\n".join(
        [
            f"<body><main><h1>{escape(title)}</h1>",
            "<noscript><p>Scripts are off: this is the state after backward, as a picture and as a table.</p></noscript>",
            '<section class="controls" id="controls" aria-label="Steps" hidden>',
            f'<div class="row">{buttons}<label><input type="checkbox" id="skip"> skip zeros</label>',
            '<label>speed <select id="speed"><option value="2000">slow</option><option value="900" selected>normal</option>'
            '<option value="200">fast</option></select></label>',
            '<button type="button" id="smaller" aria-label="Smaller">-</button><button type="button" id="larger" aria-label="Larger">+</button>',
            '<button type="button" id="fit">Fit</button><span id="count"></span></div>',
            '<input type="range" id="scrub" min="0" max="1" value="0" aria-label="Step">',
            '<div class="caption" id="caption" aria-live="polite"><p><b id="line"></b></p><p id="remark"></p></div></section>',
            '<div class="scroll" id="scroll" tabindex="0" role="region" aria-label="Picture, scrollable">',
            f'<svg class="graph{"" if drawn.detailed else " large"}" id="graph" role="img" '
            f'aria-labelledby="graph-title graph-description" viewBox="{view}" '
            f'width="{drawn.width + 2 * MARGIN}" height="{drawn.height + 2 * MARGIN}">',
            f'<title id="graph-title">{escape(title)}</title><desc id="graph-description">{escape(description)}</desc>{SHAPES}',
            f'<g class="arrows">{paths}</g><g class="numbers">{"".join(drawn.numbers)}</g>',
            f'<g class="boxes">{"".join(boxes(walk, drawn, gradient))}</g></svg></div>',
            f'<ul class="legend" aria-label="Legend">{legend}</ul>',
            '<section class="panel" id="node" aria-labelledby="chosen" hidden><h2 id="chosen" tabindex="-1"></h2><dl id="facts"></dl>'
            '<button type="button" id="close-group" hidden></button></section>',
            '<details class="groups" id="groups" hidden><summary>Groups: a tick closes one</summary>'
            '<div class="row"><button type="button" id="open-all">Open all</button>'
            '<button type="button" id="close-all">Close all</button></div><ul id="group-list"></ul></details>',
            '<h2 id="table">The graph as a table, in the order of backward</h2><div class="table" role="region" aria-labelledby="table" tabindex="0">'
            '<table><thead><tr><th scope="col">value<th scope="col">operation<th scope="col">data'
            '<th scope="col">gradient after backward<th scope="col">group</thead><tbody>',
            *_rows(walk),
            "</tbody></table></div></main>",
        ]
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"><head><meta http-equiv="Content-Security-Policy" content="{policy}">',
            f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>',
            f"<style>{style}</style></head>",
            re.sub(
                r'="([\w.-]+)"(?!/)', r"=\1", body
            ),  # HTML needs no quotes around one word; a quote in a text is escaped
            f'<script type="application/json" id="graph-data">{data}</script>',
            f"<script>{script}</script></body></html>\n",
        ]
    )


def _hash(text: str) -> str:
    import hashlib

    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _rows(walk: Walk) -> Iterable[str]:
    for i in reversed(range(len(walk.order))):
        value = walk.order[i]
        if value.op is not LITERAL:
            group, g = walk.group_of[i], walk.gradients[i]
            place = "" if group is None else walk.groups[group].title
            gradient = "not computed" if g is None else number(g)
            cells = (
                shortened(walk.texts[i], LONGEST) or "leaf",
                number(value.data),
                gradient,
                visible(place),
            )
            yield f'<tr><th scope="row">{escape(walk.names[i])}{"".join(f"<td>{escape(cell)}" for cell in cells)}'


def _data(walk: Walk) -> dict[str, Any]:
    """What the script needs, by number."""
    ops = list(
        dict.fromkeys(
            value.op for value in walk.order if value.op is not LEAF and value.op is not LITERAL
        )
    )
    return {
        "names": walk.names,
        "labels": {i: visible(label) for i, label in walk.labels.items()},
        "data": [_real(value.data) for value in walk.order],
        "parents": walk.parents,
        "local": [_reals(row) for row in walk.local],
        "paired": [
            i for i, value in enumerate(walk.order) if value.op.bilinear and value.op.arity is None
        ],
        "differences": _reals([None if x is None else float(f"{x:.6g}") for x in walk.differences]),
        "op": [
            ops.index(value.op) if operands else -1
            for value, operands in zip(walk.order, walk.parents, strict=True)
        ],
        "ops": [_op(op) for op in ops],
        "groups": [[visible(title), within] for title, within in walk.groups],
        "groupOf": walk.group_of,
        "folded": walk.folded,
        "measures": {"width": WIDTH, "height": HEIGHT, "margin": MARGIN, "head": HEAD},
    }


def _op(op: Primitive) -> dict[str, str]:
    partials = "; ".join(f"dz/d{name} = {text}" for name, text in derivative_texts(op).items())
    return {
        "name": op.name,
        "template": python_template(op),
        "formula": op.formula,
        "domain": op.domain,
        "kinks": op.kinks,
        "partials": f"of two: {partials}" if op.arity is None else partials,
    }


def _real(x: float | None) -> float | str | None:
    """JSON has no nan and no infinity."""
    return x if x is None or math.isfinite(x) else repr(x)


def _reals(xs: Sequence[float | None]) -> list[float | str | None]:
    return [_real(x) for x in xs]
