"""A computation on lists, as boxes that show the numbers of one run."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from typing import NamedTuple

from ..analysis.notation import visible
from .drawing import Drawing
from .picture import Arrow, Box, Picture

SHOWN = 3  # numbers of a list


class Step(NamedTuple):
    """A quantity of a computation on lists.

    Attributes:
        name: Its sign.
        word: What it is, "" for what is computed unit by unit.
        formula: How it is computed, "" for what is given.
        numbers: What it was in this run.
        operands: The names of what it is computed from.
    """

    name: str
    word: str
    formula: str
    numbers: Sequence[float]
    operands: Sequence[str] = ()


def draw_steps(title: str, steps: Sequence[Step]) -> Drawing:
    """Draw a box for every quantity, and an arrow from each of its operands.

    Args:
        title: What is shown.
        steps: The quantities; operands stand before what is computed from them.
            One without operands is given. Of the others one with a word is
            computed by a Layer.
    """
    place = {step.name: i for i, step in enumerate(steps)}
    boxes = []
    arrows = []
    for i, (name, word, formula, numbers, operands) in enumerate(steps):
        kind = "leaf" if not operands else "module" if word else "operation"
        rows = [(formula or word, "")] if formula or word else []
        rows += [(f"{x + 0.0:.3g}", "") for x in numbers[:SHOWN]]
        if numbers[SHOWN:]:
            rows.append((f"... ({len(numbers)})", ""))
        symbol = word if formula else ""
        tooltip = "\n".join([f"{name} = {formula}" if formula else name, *map(repr, numbers)])
        boxes.append(Box(kind, visible(name), symbol, tuple(rows), tooltip))
        for operand in operands:
            arrows.append(Arrow(place[operand], i, "", f"{operand} to {name}"))
    words = "; ".join(f"{step.name} = {step.formula}" for step in steps if step.formula)
    count = len(steps)
    meanings = (
        ("leaf", "what the step is given"),
        ("module", "a layer of the cell; a gate lets through a part, 0 to 1"),
        ("operation", "unit by unit"),
        ("none", "from operand to result"),
    )
    description = f"From left to right: {words}"
    return Drawing(
        Picture(title, description, count, tuple(boxes), tuple(arrows), meanings, "early")
    )
