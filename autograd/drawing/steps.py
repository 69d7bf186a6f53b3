"""A computation on lists, as boxes that show the numbers of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ..analysis.notation import visible
from .drawing import Drawing
from .picture import Arrow, Box, Picture

SHOWN = 3  # numbers of a list

# Of a quantity: its name, what it is, its formula, its numbers, the names of
# its operands.
Step: TypeAlias = tuple[str, str, str, Sequence[float], Sequence[str]]


def draw_steps(title: str, steps: Sequence[Step]) -> Drawing:
    """Draw a box for every quantity, and an arrow from each of its operands.

    Args:
        title: What is shown.
        steps: The quantities; operands stand before what is computed from them.
            One without operands is given, one with a word that begins with
            "gate" is computed by a Layer.
    """
    place = {name: i for i, (name, *_) in enumerate(steps)}
    boxes = []
    arrows = []
    for i, (name, word, formula, numbers, operands) in enumerate(steps):
        kind = "operation" if operands else "leaf"
        if word.startswith("gate"):
            kind = "module"
        listed = ", ".join(f"{x + 0.0:.3g}" for x in numbers[:SHOWN]) + (
            ", ..." if numbers[SHOWN:] else ""
        )
        rows = [(formula or word, "")] if formula or word else []
        rows.append((listed, ""))
        symbol = word if formula and word.startswith("gate") else ""
        tooltip = "\n".join([f"{name} = {formula}" if formula else name, *map(repr, numbers)])
        boxes.append(Box(kind, visible(name), symbol, tuple(rows), tooltip))
        for operand in operands:
            arrows.append(Arrow(place[operand], i, "", f"{operand} to {name}"))
    words = "; ".join(f"{name} = {formula}" for name, _, formula, _, _ in steps if formula)
    count = len(steps)
    meanings = (
        ("leaf", "what the step is given"),
        ("module", "gate: a layer of the cell"),
        ("operation", "unit by unit"),
        ("none", "from operand to result"),
    )
    description = f"From left to right: {words}"
    return Drawing(
        Picture(title, description, count, tuple(boxes), tuple(arrows), meanings, "early")
    )
