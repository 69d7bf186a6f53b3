"""Which Values of a graph share a box.

A folding gives every Value the key of its box, or None for a box of its own.
Edges within a box are not drawn. A folding is good if the boxes, joined by the
edges between them, form a graph without a cycle again.

Foldings are tried from the finest to the coarsest, and the first good one that
can be read is taken. The graph as it is can be read up to 150 boxes, a folded
one up to 150 boxes and arrows together. One in which the calls of a group stay
apart repeats itself, so it can be read up to 75.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from ..analysis.groups import Calls, Groups, levels
from ..analysis.notation import visible
from ..core.row import LEAF, LITERAL
from ..core.value import Value
from ..errors import DrawingError

Fold: TypeAlias = str | int | Callable[[Value], str | None]
Opened: TypeAlias = str | tuple[str, int]  # a path, or one call of it

READABLE = 150  # boxes, or boxes and arrows, that a reader can follow
REPEATED = 75  # boxes and arrows where calls stay apart
MOST_BOXES = 2000  # that are still drawn where nothing smaller can be had
SLICES = 16  # into which what has no group is cut in the end


class Key(NamedTuple):
    """What the Values of one box have in common.

    `name` and `part` are the title; `identity` tells boxes of the same title
    apart.
    """

    name: str
    part: str
    identity: Hashable = None


Keys: TypeAlias = list[Key | None]  # of all Values, None for one with a box of its own
ByPlace: TypeAlias = dict[tuple[str, int] | None, Key | None]


class Folded(NamedTuple):
    """A box: its key, None if it is of one Value, and its Values by number."""

    key: Key | None
    members: list[int]


def fold_values(
    values: Sequence[Value], groups: Groups, fold: Fold, expand: Sequence[Opened], by_call: bool
) -> list[Folded]:
    """Return the boxes of `values`, in topological order.

    Args:
        values: The Values that are drawn, parents before children.
        groups: Value -> (path, call index).
        fold: As `draw` takes it.
        expand: The groups that stay open.
        by_call: Keep the calls of a group apart, and fold the outermost groups
            first.

    Raises:
        DrawingError: No folding of the kind asked for is free of cycles and
            small enough.
    """
    graph = _Graph(values, groups, expand)
    cyclic = False
    for limit, ease in ((READABLE, 1.0), (READABLE, math.inf), (MOST_BOXES, math.inf)):
        for keys, marks in graph.foldings(fold, by_call, limit):
            boxes = graph.boxes(keys)
            if len(boxes) <= limit:
                before = graph.before(boxes)
                if len(boxes) + sum(map(len, before)) <= marks * ease:
                    ordered = _ordered(boxes, before)
                    if ordered is not None:
                        return ordered
                    cyclic = True
    asked = "the function fold=" if callable(fold) else f"fold={fold!r}"
    instead = "" if fold == "auto" else 'choose fold="auto", or '
    if cyclic:
        raise DrawingError(
            f"{asked} makes boxes that feed each other in a circle: {instead}fold less"
        )
    raise DrawingError(
        f"{asked} leaves more than {MOST_BOXES:,} boxes of {len(values):,} nodes, too many to "
        f"read: {instead}take a smaller depth such as fold=1 with groups=, or draw a smaller part "
        "with around= or depth="
    )


class _Graph:
    """The Values to be folded, by number, and what every folding needs to know."""

    def __init__(self, values: Sequence[Value], groups: Groups, expand: Sequence[Opened]) -> None:
        number_of = {value: i for i, value in enumerate(values)}
        self.values = values
        self.literal = [value.op is LITERAL for value in values]
        self.operation = [value.op is not LEAF and value.op is not LITERAL for value in values]
        self.parents = [
            [number_of[parent] for parent in value.parents if parent in number_of]
            for value in values
        ]
        self.children: list[list[int]] = [[] for _ in values]
        for child, parents in enumerate(self.parents):
            for parent in parents:
                self.children[parent].append(child)
        # A result keeps a box of its own.
        self.interior = [
            i for i, operation in enumerate(self.operation) if operation and self.children[i]
        ]
        self.places = [groups.get(value) for value in values]
        places = {place for place in self.places if place}
        self.modules = {path: levels(path) for path, _ in places}
        self.calls = Calls(groups)
        self.opened = [
            (levels(one), None) if isinstance(one, str) else (levels(one[0]), one[1])
            for one in expand
        ]
        self.level = self._levels()
        self.slice_size = max((steps for _, steps in self.level), default=0) // SLICES + 1

    def _levels(self) -> list[tuple[int, int]]:
        """Return where an operation outside of any group is.

        The first number counts how often the way to it enters a group; the
        second, how many operations ago it left the last one.
        """
        level = [(0, 0)] * len(self.values)
        grouped = [self._grouped(i) for i in range(len(self.values))]
        for child, parents in enumerate(self.parents):
            for parent in parents:
                entered, steps = level[parent]
                enters = grouped[child] and not grouped[parent] and self.parents[parent] != []
                level[child] = max(
                    level[child], (entered + enters, 0 if grouped[child] else steps + 1)
                )
        return level

    def foldings(self, fold: Fold, by_call: bool, limit: int) -> Iterator[tuple[Keys, float]]:
        """Yield the candidates, the finest first.

        With each comes how many boxes and arrows a reader can follow in such a
        picture.
        """
        nothing: Keys = [None] * len(self.values)
        parts = any(self.modules.values())  # what could be folded by call
        if len(nothing) <= limit and (
            fold == "none" or (fold == "auto" and not (by_call and parts))
        ):
            yield nothing, math.inf
        if callable(fold):
            names = [fold(value) for value in self.values]
            yield (
                self._with_operands(
                    [None if name is None else Key(str(name), "") for name in names], {}
                ),
                math.inf,
            )
        elif fold != "none":
            depths = range(1, max(map(len, self.modules.values()), default=0) + 1)
            if fold != "auto":
                depths = range(int(fold), int(fold) + 1)
            for depth in depths if by_call else reversed(depths):
                merged, apart = (
                    self._group_keys(depth, merged=True),
                    self._group_keys(depth, merged=False),
                )
                for by_place, marks in (
                    ((apart, REPEATED),) if by_call else ((apart, REPEATED), (merged, READABLE))
                ):
                    if len(set(by_place.values())) <= limit:
                        keys = list(nothing)
                        for i in self.interior:
                            keys[i] = by_place.get(self.places[i])
                        yield self._with_operands(keys, merged), marks
                        if not by_call:
                            yield from ((keys, marks) for keys in self._with_rest(keys, merged))
            if fold == "auto" and not by_call:
                yield from (
                    (keys, READABLE) for keys in _Graph(self.values, {}, ())._with_rest(nothing, {})
                )

    def _with_rest(self, keys: Keys, owners: ByPlace) -> Iterator[Keys]:
        """Yield `keys` with what belongs to no group folded by level and operation.

        Then in slices of the levels.
        """
        loose = [i for i in self.interior if keys[i] is None and not self._grouped(i)]
        for rest in (self._by_level, self._by_slice):
            keys = list(keys)
            for i in loose:
                keys[i] = rest(i)
            yield self._with_operands(keys, owners, inputs=True)

    def _grouped(self, i: int) -> bool:
        place = self.places[i]
        return place is not None and self.modules[place[0]] != ()

    def _group_keys(self, depth: int, *, merged: bool) -> ByPlace:
        return {place: self._group_key(place, depth, merged) for place in set(self.places) if place}

    def _group_key(self, place: tuple[str, int], depth: int, merged: bool) -> Key | None:
        """Return the key of the module at `depth` that a place lies in.

        It is deeper within what was asked to be opened, and None where nothing
        is so deep.
        """
        modules, call = self.modules[place[0]], place[1]
        for opened, opened_call in self.opened:
            if modules[: len(opened)] == opened and opened_call in (None, call):
                if len(modules) == len(opened):
                    return None
                depth = max(depth, len(opened) + 1)
                merged = merged and opened_call is None
        prefix = modules[:depth] if merged else self.calls.part(modules, depth)
        if not prefix:
            return None
        calls = self.calls.of(prefix)
        if merged:
            return Key(".".join(prefix), f"{calls} calls" if calls > 1 else "", (prefix, None))
        return Key(".".join(prefix), f"call {call}" if calls > 1 else "", (prefix, call))

    def _by_level(self, i: int) -> Key:
        return Key(visible(self.values[i].op.symbol), "", self.level[i])

    def _by_slice(self, i: int) -> Key:
        entered, steps = self.level[i]
        first = steps // self.slice_size * self.slice_size
        return Key("levels", f"{first} to {first + self.slice_size - 1}", entered)

    def _with_operands(self, keys: Keys, owners: ByPlace, inputs: bool = False) -> Keys:
        """Return `keys`, and those of literals and leaves.

        A literal or a leaf goes with what uses it, if that is one box, else
        with the other parameters of its group. A leaf that belongs to no group
        keeps its own box, unless `inputs` are to be folded, too.
        """
        keys = list(keys)
        for i, operation in enumerate(self.operation):
            if keys[i] is None and not operation:
                users = {keys[child] or child for child in self.children[i]}
                if any(isinstance(user, Key) for user in users):
                    owner = owners.get(self.places[i])
                    if len(users) == 1 and (inputs or owner or self.literal[i]):
                        keys[i] = keys[self.children[i][0]]
                    elif owner:
                        keys[i] = Key(owner.name, "parameters", (owner.identity, "parameters"))
                    elif inputs:
                        keys[i] = Key("inputs", "", frozenset(users))
        return keys

    def boxes(self, keys: Keys) -> list[Folded]:
        """Return the boxes that keys make, in the order of their first members.

        A box of one Value is that Value's own.
        """
        shared: dict[Key, list[int]] = {}
        boxes = []
        for i, key in enumerate(keys):
            if key is None:
                boxes.append(Folded(None, [i]))
            elif key in shared:
                shared[key].append(i)
            else:
                shared[key] = [i]
                boxes.append(Folded(key, shared[key]))
        return [
            Folded(None, members) if len(members) == 1 else Folded(key, members)
            for key, members in boxes
        ]

    def before(self, boxes: list[Folded]) -> list[set[int]]:
        """Return for every box the boxes, by number, from which an edge leads to it."""
        box_of = [0] * len(self.values)
        for number, box in enumerate(boxes):
            for member in box.members:
                box_of[member] = number
        return [
            {box_of[parent] for member in box.members for parent in self.parents[member]} - {i}
            for i, box in enumerate(boxes)
        ]


def _ordered(boxes: list[Folded], before: list[set[int]]) -> list[Folded] | None:
    """Return the boxes so that every edge goes from an earlier one to a later one.

    Else they are in the order of their first members. None if there is a cycle.
    """
    after: list[list[int]] = [[] for _ in boxes]
    for number, earlier in enumerate(before):
        for other in earlier:
            after[other].append(number)
    missing = [len(earlier) for earlier in before]
    ready = [number for number, count in enumerate(missing) if count == 0]
    ordered = []
    while ready:
        number = heappop(ready)
        ordered.append(boxes[number])
        for other in after[number]:
            missing[other] -= 1
            if missing[other] == 0:
                heappush(ready, other)
    return ordered if len(ordered) == len(boxes) else None
