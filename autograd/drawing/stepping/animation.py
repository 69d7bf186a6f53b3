"""The animation: an SVG in which the gradient flows back, for a README. It plays once, within five seconds, and then stands still.

What is at rest is the finished picture; the animations only start from something else. Where motion is not wanted, or not understood, the
finished picture is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from ...analysis.notation import number
from ...core.row import LEAF
from ...errors import DrawingError
from ..folding import READABLE
from ..marks import sign, strength
from ..sources import graph_style
from .diagram import HEIGHT, MARGIN, SHAPES, WIDTH, Diagram, boxes, diagram, gradient_text
from .walk import Walk

START, LENGTH = (
    0.4,
    4.6,
)  # seconds: the first gradient flows at START, the last has arrived at LENGTH
PULSE = 0.6  # seconds that one contribution takes
LEGEND, NARROWEST = 28, 560  # the height of the line below, and the width that it takes

MOTION = (
    f".flow{{fill:none;animation:flow {PULSE}s backwards}}"
    "@keyframes flow{from{opacity:0}50%{opacity:1;stroke-width:8px}}"
    ".after{animation:after .2s backwards}@keyframes after{from{opacity:0}}"
    ".before{opacity:0}@keyframes before{from,to{opacity:1}}"
    "@media (prefers-reduced-motion:reduce){*{animation:none!important}}"
)


def write_animation(walk: Walk) -> str:
    """Raises DrawingError for a graph of more nodes than a reader can follow."""
    if len(walk.order) > READABLE:
        raise DrawingError(
            f"{len(walk.order)} nodes are too many to follow in an animation, the limit is {READABLE}: save a page instead, .save('backprop.html'), "
            "or animate a smaller computation"
        )
    drawn = diagram(walk)
    full = max((abs(g) for g in walk.gradients if g is not None and math.isfinite(g)), default=0.0)
    when = _times(walk)
    arrived = _arrivals(walk, when)
    inside = boxes(walk, drawn, lambda i: _gradient(walk.gradients[i], arrived.get(i), full))
    delays = [
        f".d{_name(t)}{{animation-delay:{t:.2f}s}}"
        for t in sorted({*when.values(), *arrived.values()})
    ]
    waits = [f".b{_name(t)}{{animation:before {t:.2f}s}}" for t in sorted(set(arrived.values()))]
    width, height = max(drawn.width, NARROWEST) + 2 * MARGIN, drawn.height + 2 * MARGIN + LEGEND
    title = f"The gradient of {walk.names[-1]} flowing back"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-labelledby="title description" '
            f'viewBox="{-MARGIN} {-MARGIN} {width} {height}" width="{width}" height="{height}">',
            f'<title id="title">{escape(title)}</title><desc id="description">{escape(_description(walk))}</desc>',
            f"<style>{graph_style()}{MOTION}{''.join(delays)}{''.join(waits)}</style>{SHAPES}",
            f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}" fill="var(--paper)"/>',
            '<g class="arrows">',
            *[f'<path d="{path}"/>' for path in drawn.paths],
            *_flows(walk, drawn, when, full),
            "</g>",
            f'<g class="numbers">{"".join(drawn.numbers)}</g><g class="boxes">{"".join(inside)}</g>{_legend(drawn.height + LEGEND)}</svg>\n',
        ]
    )


def _description(walk: Walk) -> str:
    leaves = [
        f"{name}.grad = {number(g)}"
        for name, value, g in zip(walk.names, walk.order, walk.gradients, strict=True)
        if value.op is LEAF and g is not None
    ]
    return f"From right to left; at the end {', '.join(leaves)}"


def _times(walk: Walk) -> dict[int, float]:
    """When each result passes its gradient on, one after the other in the order of backward, evenly spread."""
    results = [i for i in reversed(range(len(walk.order))) if walk.parents[i] and walk.gradients[i]]
    return {
        i: START + (LENGTH - START - PULSE) * k / max(1, len(results) - 1)
        for k, i in enumerate(results)
    }


def _arrivals(walk: Walk, when: dict[int, float]) -> dict[int, float]:
    """When the gradient of each node is complete; one that nothing reaches is 0 in the end."""
    arrived = {i: LENGTH for i, g in enumerate(walk.gradients) if g == 0.0}
    arrived[len(walk.order) - 1] = START
    for i, at in when.items():
        for j, p in zip(walk.parents[i], walk.local[i], strict=True):
            if p is not None:
                arrived[j] = max(arrived.get(j, START), at + PULSE / 2)
    return arrived


def _flows(walk: Walk, drawn: Diagram, when: dict[int, float], full: float) -> Iterator[str]:
    """What flows back, over the arrows."""
    paths = iter(drawn.paths)
    for i, derivatives in enumerate(walk.local):
        for p, path in zip(derivatives, paths, strict=False):
            if p is not None and i in when:
                flow = p * (walk.gradients[i] or 0.0)
                size = 1 + min(3, int(strength(flow, full) * 4))
                yield f'<path class="flow {sign(flow)} s{size} d{_name(when[i])}" d="{path}"/>'


def _gradient(g: float | None, at: float | None, full: float) -> str:
    """A gradient as it is before and after it is complete, with its bar."""
    if at is None:
        return f'<text y="45">{gradient_text(g)}</text>'
    length = round((WIDTH / 2 - 6) * strength(g, full))
    x = WIDTH // 2 - 8 - (length if sign(g) == "negative" else 0)
    return (
        f'<text class="before b{_name(at)}" y="45">{gradient_text(None)}</text>'
        f'<g class="after d{_name(at)}"><text y="45">{gradient_text(g)}</text>'
        f'<rect class="bar {sign(g)}" x="{x}" y="{HEIGHT - 6}" width="{length}" height="4"/></g>'
    )


def _legend(y: int) -> str:
    return (
        f'<g class="arrows"><path class="positive s3" d="M4 {y - 4}h28"/><path class="negative s3" d="M152 {y - 4}h28"/></g>'
        f'<text x="40" y="{y}">positive</text><text x="188" y="{y}">negative</text><text x="300" y="{y}">the thicker, the larger</text>'
    )


def _name(seconds: float) -> str:
    return str(round(seconds * 100))
