"""The animation: a picture in which the gradient flows back, for a README.

It plays once, within five seconds, and then stands still. What is at rest is
the finished picture: the animations only start from something else. Where
motion is not wanted, or not understood, the finished picture is all there is.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from ...analysis.notation import four_digits
from ...core.row import LEAF
from ...errors import DrawingError
from ..flow import Motion, flow
from ..folding import READABLE, Folded
from ..picture import describe
from ..selection import Selection
from ..svg import document, with_legend
from .walk import Walk

# Seconds: the first gradient flows at START, the last has arrived at LENGTH.
START, LENGTH = 0.4, 4.6
PULSE = 0.6  # seconds that one contribution takes

MOTION = (
    f".flow{{fill:none;opacity:0;animation:flow {PULSE}s backwards}}"
    "@keyframes flow{from{opacity:0}50%{opacity:1;stroke-width:8px}}"
    ".after{animation:after .2s backwards}@keyframes after{from{opacity:0}}"
    "@media (prefers-reduced-motion:reduce){*{animation:none!important}}"
)


def write_animation(walk: Walk) -> str:
    """Return the animation of a walk as SVG.

    Raises:
        DrawingError: The graph has more nodes than a reader can follow.
    """
    count = len(walk.order)
    if count > READABLE:
        raise DrawingError(
            f"{count} nodes are too many to follow in an animation, the limit is {READABLE}: save "
            "a page instead, .save('backprop.html'), or animate a smaller computation"
        )
    nothing = [0] * count
    labels = {
        walk.labels.get(i, walk.names[i]): value
        for i, value in enumerate(walk.order)
        if value.op is LEAF or value.label
    }
    gradients = dict(zip(walk.order, walk.gradients, strict=True))
    picture = describe(
        [walk.order[-1]],
        Selection(walk.order, nothing, nothing),
        [Folded(None, [i]) for i in range(count)],
        {},
        labels,
        set(),
        "layers",
        gradients.__getitem__,
    )
    when = _times(walk)
    arrived = _arrivals(walk, when)
    body = flow(
        picture,
        Motion(
            {i: f"after d{_name(at)}" for i, at in arrived.items()},
            {
                k: f"after d{_name(when[arrow.target])}"
                for k, arrow in enumerate(picture.arrows)
                if arrow.target in when and not arrow.plain
            },
        ),
    )
    delays = "".join(
        f".d{_name(t)}{{animation-delay:{t:.2f}s}}"
        for t in sorted({*when.values(), *arrived.values()})
    )
    return document(
        f"The gradient of {walk.names[-1]} flowing back",
        _description(walk),
        with_legend(picture, body),
        MOTION + delays,
    )


def _description(walk: Walk) -> str:
    leaves = [
        f"{name}.grad = {four_digits(g)}"
        for name, value, g in zip(walk.names, walk.order, walk.gradients, strict=True)
        if value.op is LEAF and g is not None
    ]
    return f"From right to left; at the end {', '.join(leaves)}"


def _times(walk: Walk) -> dict[int, float]:
    """Return when each result passes its gradient on, in the order of backward, evenly spread."""
    results = [i for i in reversed(range(len(walk.order))) if walk.parents[i] and walk.gradients[i]]
    return {
        i: START + (LENGTH - START - PULSE) * k / max(1, len(results) - 1)
        for k, i in enumerate(results)
    }


def _arrivals(walk: Walk, when: dict[int, float]) -> dict[int, float]:
    """Return when the gradient of each node is complete. What nothing reaches is 0 in the end."""
    arrived = {i: LENGTH for i, g in enumerate(walk.gradients) if g == 0.0}
    arrived[len(walk.order) - 1] = START
    for i, at in when.items():
        for j, p in zip(walk.parents[i], walk.local[i], strict=True):
            if p is not None:
                arrived[j] = max(arrived.get(j, START), at + PULSE / 2)
    return arrived


def _name(seconds: float) -> str:
    return str(round(seconds * 100))
