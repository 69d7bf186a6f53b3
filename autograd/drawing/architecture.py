"""The parts of a model as a picture: what it consists of, and how many parameters each part has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ..analysis.notation import visible
from .drawing import Drawing
from .picture import Arrow, Box, Picture
from .text import shortened


class Part(NamedTuple):
    """A part of a model: its path, such as "layers.0", its kind, such as "Layer", its settings, and the number of its parameters."""

    path: str
    kind: str
    settings: Mapping[str, object]
    parameters: int


def draw_architecture(parts: Sequence[Part]) -> Drawing:
    """A box for every part: the whole, whose path is "" and which comes first in `parts`, at the right, what it consists of to the left.

    Neighbours that are alike and have no parts of their own share a box. Every path but "" lies below another one of `parts`.
    """
    whole = parts[0]
    known = {part.path for part in parts}
    outer = {part.path: _outer(part.path, known) for part in parts[1:]}
    inner = set(outer.values())
    runs: list[list[Part]] = [[whole]]
    for part in parts[1:]:
        before = runs[-1][-1]
        alike = part._replace(path="") == before._replace(path="") and outer[
            part.path
        ] == outer.get(before.path)
        if alike and part.path not in inner and before.path not in inner:
            runs[-1].append(part)
        else:
            runs.append([part])
    number_of = {part.path: len(runs) - 1 - i for i, run in enumerate(runs) for part in run}
    arrows = []
    for run in runs[1:]:
        path = outer[run[0].path]
        arrows.append(
            Arrow(
                number_of[run[0].path],
                number_of[path],
                "",
                f"part of {visible(path) or 'the model'}",
            )
        )
    arrows.sort(key=lambda arrow: arrow.target)
    title = f"Architecture of {visible(whole.kind)}: {whole.parameters:,} parameter{'' if whole.parameters == 1 else 's'}"
    description = f"{len(parts):,} parts in {len(runs):,} boxes: the whole at the right, what it consists of to the left of it."
    return Drawing(
        Picture(
            title,
            description,
            len(parts),
            tuple(_box(run) for run in reversed(runs)),
            tuple(arrows),
        )
    )


def _outer(path: str, known: Collection[str]) -> str:
    """The path of the part that a part lies in."""
    path = path.rpartition(".")[0]
    while path not in known:
        path = path.rpartition(".")[0]
    return path


def _box(members: Sequence[Part]) -> Box:
    first, last = members[0], members[-1]
    name = first.path if len(members) == 1 else f"{first.path} to {last.path.rpartition('.')[2]}"
    words = [
        (shortened(visible(word)), shortened(visible(str(getattr(value, "__name__", value)))))
        for word, value in first.settings.items()
    ]
    counts = (
        [("parameters", f"{first.parameters:,}")]
        if len(members) == 1
        else [
            ("parameters of each", f"{first.parameters:,}"),
            ("in all", f"{sum(member.parameters for member in members):,}"),
        ]
    )
    rows = (*words, *counts)
    tooltip = "\n".join(
        [
            f"{visible(name) or 'the model'}: {visible(first.kind)}",
            *(f"{word} {value}" for word, value in rows),
        ]
    )
    return Box("module", shortened(visible(name), 40), visible(first.kind), rows, tooltip)
