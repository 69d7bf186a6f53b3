"""What the marks of a picture mean, and the legend that says so."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math

from ..analysis.notation import four_digits
from .picture import Picture

DECADES = 4  # from the largest gradient down to what is drawn as faint as can be


def sign(gradient: float | None) -> str:
    """Return "none" where no gradient was computed, else its sign.

    The signs are "zero", "positive", "negative" and "nan".
    """
    if gradient is None:
        return "none"
    if math.isnan(gradient):
        return "nan"
    return "zero" if gradient == 0 else "positive" if gradient > 0 else "negative"


def largest(picture: Picture) -> float:
    """Return the largest finite size of a gradient in the picture, 0.0 if there is none.

    It is the full end of the scale.
    """
    gradients = [box.gradient for box in picture.boxes] + [arrow.flow for arrow in picture.arrows]
    return max(
        (
            abs(gradient)
            for gradient in gradients
            if gradient is not None and math.isfinite(gradient)
        ),
        default=0.0,
    )


def strength(gradient: float | None, full: float) -> float:
    """Return the size of a gradient between 0 and 1, by its logarithm.

    The smallest that is not zero has 0.05.
    """
    if gradient is None or gradient == 0:
        return 0.0
    if not math.isfinite(gradient):
        return 1.0
    return min(1.0, max(0.05, 1 + (math.log10(abs(gradient)) - math.log10(full)) / DECADES))


def legend(picture: Picture) -> list[tuple[str, str]]:
    """Return (mark, meaning) for every mark that the picture bears."""
    if picture.meanings is not None:
        return list(picture.meanings)
    kinds = {box.kind for box in picture.boxes}
    flows = {sign(arrow.flow) for arrow in picture.arrows if not arrow.mixed}
    mixed = any(arrow.mixed for arrow in picture.arrows)
    numbered = any(arrow.text and arrow.edges == 1 for arrow in picture.arrows)
    full = largest(picture)
    entries = [
        ("leaf", "leaf: a parameter or an input", "leaf" in kinds),
        ("operation", "operation and its result", "operation" in kinds),
        ("literal", "literal: a plain number, without gradient", "literal" in kinds),
        (
            "group",
            f"{picture.nodes:,} nodes folded into {len(picture.boxes):,} boxes; |grad|: "
            "the norm at the outputs",
            "group" in kinds,
        ),
        ("cut", "the graph goes on, not shown here", "cut" in kinds),
        ("highlight", "highlighted", any(box.highlighted for box in picture.boxes)),
        ("number", "number at an arrow: local derivative of the result by the operand", numbered),
        ("positive", "gradient flowing back along the arrow is positive", "positive" in flows),
        ("negative", "negative: hollow head", "negative" in flows),
        ("none", "folded edges of both signs", mixed),
        ("zero", "zero: nothing flows back", "zero" in flows),
        ("nan", "not a number", "nan" in flows),
        (
            "bar",
            "gradient of the box: right if positive, left if negative; full at "
            f"{four_digits(full)}, a quarter less for each factor of 10",
            full > 0,
        ),
    ]
    return [(mark, meaning) for mark, meaning, present in entries if present]
