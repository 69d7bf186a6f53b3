"""A picture dealt to panels, each small enough for a page.

Many arrows between two rows would be a thicket. A panel holds what belongs
together instead: operations that lead to one result, with their own operands.
What it uses from another panel is a reference there, a small box with the name
or the number of the other.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .picture import Box, Picture
from .placement import BOX_GAP
from .shapes import box_size

ROOM = 300_000.0  # of a panel, in square px
UNEVEN = 3.0  # arrows that a cut may cross for the sake of halves of like size
AROUND = 60.0  # what a box needs at its sides, for arrows and their numbers


class Panel(NamedTuple):
    """A part of a picture.

    Attributes:
        picture: The part, with references.
        boxes: The number of each box in the whole, -1 for a reference.
        arrows: The number of each arrow in the whole.
    """

    picture: Picture
    boxes: list[int]
    arrows: list[int]


def panel(picture: Picture, boxes: Sequence[int], known: Mapping[int, tuple[str, str]]) -> Panel:
    """Return the panel of these boxes, with a reference to each other box that it uses.

    `known` is what `called` says of the picture.
    """
    own = set(boxes)
    arriving = [k for k, arrow in enumerate(picture.arrows) if arrow.target in own]
    outside = {picture.arrows[k].source for k in arriving} - own
    numbers: list[int] = []
    shown: list[Box] = []
    place: dict[int, int] = {}
    for i in sorted(own | outside):
        box = picture.boxes[i]
        place[i] = len(shown)
        if i in own or box.kind == "literal":
            name, symbol = known.get(i, (box.name, box.symbol))
            shown.append(box._replace(name=name, symbol=symbol))
            numbers.append(i if i in own else -1)
        else:
            shown.append(reference(box, *known[i]))
            numbers.append(-1)
    arrows = [
        arrow._replace(source=place[arrow.source], target=place[arrow.target])
        for arrow in (picture.arrows[k] for k in arriving)
    ]
    part = picture._replace(boxes=tuple(shown), arrows=tuple(arrows), layout="layers")
    return Panel(part, numbers, arriving)


def reference(box: Box, name: str, symbol: str) -> Box:
    """Return the small box that stands for another, which bears this name and symbol.

    One without a name shows its data.
    """
    data = dict(box.rows).get("data", "")
    title = " ".join(part for part in (name, symbol, "" if name else data) if part)
    return Box("reference", "", title, (), f"{name or symbol} {data}, shown elsewhere")


def called(picture: Picture) -> dict[int, tuple[str, str]]:
    """Return name and symbol of every box that has users; no two are alike.

    A result without a label has the name that page and explanation give it.
    What still has no name of its own is called by its number.
    """
    names = [box.name or box.known_as for box in picture.boxes]
    counts = Counter(zip(names, [box.symbol for box in picture.boxes], strict=True))
    named = {}
    for i in {arrow.source for arrow in picture.arrows}:
        name, box = names[i], picture.boxes[i]
        alone = name and counts[name, box.symbol] == 1
        symbol = box.symbol if alone else f"{box.symbol} #{i}".strip()
        if box.kind != "literal":
            named[i] = (name, symbol)
    return named


def panels(
    picture: Picture, period: Sequence[int], fits: Callable[[Sequence[int]], bool]
) -> Iterator[list[int]]:
    """Yield the boxes of every panel, operands before results.

    Args:
        picture: What is dealt.
        period: The call under which each box stands. A panel is of one call.
        fits: Whether boxes fit one panel.
    """
    graph = _Graph(picture)
    waiting: list[list[int]] = []
    for unit in graph.units(period):
        joint = [i for one in (*waiting, unit) for i in one]
        if waiting and period[joint[0]] == period[unit[0]] and graph.room(joint) <= ROOM:
            waiting.append(unit)
            continue
        yield from _halved(waiting, fits, graph)
        waiting = [unit]
    yield from _halved(waiting, fits, graph)


def _halved(
    units: list[list[int]],
    fits: Callable[[Sequence[int]], bool],
    graph: _Graph,
) -> Iterator[list[int]]:
    """Yield one panel of these units, or several, where one does not fit."""
    waiting = [units] if units else []
    while waiting:
        units = waiting.pop()
        boxes = [i for unit in units for i in unit]
        if len(boxes) > 1 and not (graph.room(boxes) <= ROOM and fits(boxes)):
            if len(units) == 1:
                units = graph.atoms_of(boxes)
            if len(units) > 1:
                cut = graph.thinnest(units)
                waiting += [units[cut:], units[:cut]]
                continue
        yield boxes


class _Graph:
    """What is used where, and what belongs together.

    An atom is an operation with the leaves that it alone uses. A cone is a
    result that several use, with all that leads to it alone.
    """

    def __init__(self, picture: Picture) -> None:
        boxes, arrows = picture.boxes, picture.arrows
        self.sizes = [box_size(box) for box in boxes]
        self.before: list[list[int]] = [[] for _ in boxes]
        self.after: list[list[int]] = [[] for _ in boxes]
        for arrow in arrows:
            if arrow.source not in self.before[arrow.target]:
                self.before[arrow.target].append(arrow.source)
                self.after[arrow.source].append(arrow.target)
        self.inner = [bool(operands) for operands in self.before]

    def room(self, boxes: Sequence[int]) -> float:
        """Return about how many square px boxes and the references to others need."""
        own = set(boxes)
        outside = {j for i in boxes for j in self.before[i]} - own
        return sum(
            (self.sizes[i][0] + AROUND) * (height + BOX_GAP)
            for i in (*own, *outside)
            for height in (self.sizes[i][1] if i in own else 20.0,)
        )

    def thinnest(self, units: Sequence[Sequence[int]]) -> int:
        """Return where to cut units in two: few arrows cross, and the parts are of like size.

        The arrows of leaves do not count: what several use is a reference in any case.
        """
        place = {i: k for k, unit in enumerate(units) for i in unit}
        total = len(place)
        crossing = [0] * (len(units) + 1)  # before every unit: what goes on from those before it
        for i, k in place.items():
            if not self.inner[i]:
                continue
            last = max((place.get(j, k) for j in self.after[i]), default=k)
            for cut in range(k + 1, last + 1):
                crossing[cut] += 1
        size = 0
        best = (math.inf, 1)
        for cut in range(1, len(units)):
            size += len(units[cut - 1])
            best = min(best, (crossing[cut] + UNEVEN * abs(2 * size / total - 1), cut))
        return best[1]

    def units(self, period: Sequence[int]) -> list[list[int]]:
        """Return boxes that belong together, operands before results."""
        cone = list(range(len(self.before)))
        for i in reversed(range(len(cone))):
            users = {cone[j] for j in self.after[i]}
            if len(users) == 1 and self.inner[i] and period[i] == period[min(users)]:
                cone[i] = users.pop()
        order = self._operands_first()
        members: dict[int, list[int]] = {}
        for i in order:
            if self.inner[i] or not self.after[i]:
                members.setdefault(cone[i], []).append(i)
        # A cone stands where its result does, a leaf where it is used first.
        seen: set[int] = set()
        units = []
        for root in sorted(members, key=lambda root: period[root]):
            units.append([j for i in members[root] for j in self._atom(i, period, seen)])
        # What no operation of its own call uses, such as the parameters of all.
        rest = [i for i in order if i not in seen]
        for call in sorted({period[i] for i in rest}, reverse=True):
            units.insert(0, [i for i in rest if period[i] == call])
        return units

    def _atom(self, i: int, period: Sequence[int], seen: set[int]) -> list[int]:
        """Return an operation with the leaves that stand in no panel yet."""
        leaves = [
            j
            for j in self.before[i]
            if not self.inner[j] and j not in seen and period[j] == period[i]
        ]
        seen.update((*leaves, i))
        return [*leaves, i]

    def atoms_of(self, boxes: Sequence[int]) -> list[list[int]]:
        """Return the atoms of which boxes consist, in their order."""
        atoms: list[list[int]] = []
        unit: list[int] = []
        for i in boxes:
            unit.append(i)
            if self.inner[i]:
                atoms.append(unit)
                unit = []
        return [*atoms, unit] if unit else atoms

    def _operands_first(self) -> list[int]:
        """Return all boxes, each after its operands."""
        order: list[int] = []
        opened: set[int] = set()
        placed: set[int] = set()
        waiting = [i for i in reversed(range(len(self.after))) if not self.after[i]]
        while waiting:
            i = waiting[-1]
            if i not in opened:
                opened.add(i)
                waiting.extend(j for j in reversed(self.before[i]) if j not in opened)
            elif waiting.pop() not in placed:
                placed.add(i)
                order.append(i)
        return order
