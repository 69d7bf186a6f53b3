"""Where the boxes of a picture go: columns from left to right, in plain Python.

The steps are those of Sugiyama, Tagawa and Toda (1981), as refined by Gansner,
Koutsofios, North and Vo ("A technique for drawing directed graphs", 1993). One
change suits computation graphs: every arrow ends in a straight stub of its own
in front of the box. So the text on it, the local derivative, can touch neither
another text nor another arrow.

1. Columns: each box stands as late as possible, so a parameter stands next to
   the operation that uses it.
2. Bends: an arrow over several columns becomes a chain of bends, one in each
   column between. Arrows from one box share it.
3. Order within a column: sweeps by the median and the mean of the neighbours,
   and swaps of adjacent vertices, leave few crossings.
4. Heights: each vertex wants the mean height of its neighbours. Isotonic
   regression (pool adjacent violators) grants the wishes of a column with the
   least sum of squares that keeps its order and its gaps.
5. Last, what a single arrow arrives at moves level with where that comes from,
   if there is room.

Everything is a function of its arguments alone: the same graph gives the same
coordinates, to the bit.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import fsum
from typing import NamedTuple, TypeAlias

SWEEPS = 16  # at most; sweeping ends earlier when PATIENCE sweeps in a row have not helped
PATIENCE = 4
LARGE = 1000  # vertices; with more of them arrows cross by the thousand, and patience is halved
ROUNDS = 6  # of wishes granted, forward and backward
BOX_GAP = 14.0  # between boxes of a column
BEND_GAP = 8.0  # between an arrow that passes and what is next to it
PORT = 15.0  # between arrows that arrive at one box: a line of text
CHANNEL = 26.0  # the distance between two columns, where the arrows turn
NARROW = 18.0  # the least such distance
# How much an arrow wants to be level: between boxes, a box and a bend, two
# bends.
STIFFNESS = (1.0, 3.0, 6.0)
TALLEST = 800.0  # of a column whose boxes stay in one
MOST_PARTS = 4  # into which a column is dealt
INERTIA = 0.1  # how much a vertex that nothing pulls wants to stay

_Pull: TypeAlias = tuple[int, float, float]  # neighbour, offset from its middle, weight


class Placed(NamedTuple):
    """Where the boxes and arrows of a picture are.

    Attributes:
        width: The width of all.
        height: The height of all.
        corners: The top left corner of every box.
        routes: Every arrow as level stretches, (x_from, x_to, y). A smooth turn
            joins each to the next.
        columns: The (left, right) of every column.
        heights: The height of every box.
    """

    width: float
    height: float
    corners: list[tuple[float, float]]
    routes: list[list[tuple[float, float, float]]]
    columns: list[tuple[float, float]]
    heights: list[float]


class _Layers(NamedTuple):
    """The graph with its bends.

    Vertices 0 to boxes - 1 are the boxes; the others are the bends, which have
    no size.
    """

    boxes: int
    sizes: list[tuple[float, float]]
    columns: list[list[int]]
    column_of: list[int]
    # Neighbours in the columns on both sides, in the order of the arrows. Those
    # of parallel arrows are repeated.
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]  # for every arrow its vertices from source to target


def layered(
    sizes: Sequence[tuple[float, float]],
    arrows: Sequence[tuple[int, int]],
    stubs: Sequence[float],
    columns: Sequence[int] | None = None,
    slack: float = 1.0,
) -> Placed:
    """Place boxes that are joined by arrows.

    Args:
        sizes: The (width, height) of every box. A box is at least `PORT` high
            for each arrow that arrives.
        arrows: The (source, target) of every arrow. Boxes are numbered so that
            every arrow goes from a lower number to a higher one.
        stubs: The length of the straight end of every arrow, where its text
            stands.
        columns: The column of every box, by default as late as possible.
        slack: How much room steep turns are given, from 0 to 1.
    """
    column_of = late_columns(len(sizes), arrows) if columns is None else list(columns)
    graph = _insert_bends(sizes, arrows, column_of)
    _untangle(graph)
    ports = _ports(graph)
    middle = _heights(graph, ports)
    _straighten(graph, middle)
    return _place(graph, stubs, ports, _from_top(graph, middle), slack)


def late_columns(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Return the column of every box: the longest way to a sink, counted from the right."""
    from_right = [0] * count
    for source, target in sorted(arrows, key=lambda arrow: -arrow[1]):
        from_right[source] = max(from_right[source], from_right[target] + 1)
    last = max(from_right, default=0)
    return [last - distance for distance in from_right]


def early_columns(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Return the column of every box, results as early as possible.

    What nothing arrives at stands before its first use.
    """
    from_left = [0] * count
    arriving = {target for _, target in arrows}
    for source, target in sorted(arrows, key=lambda arrow: arrow[1]):
        from_left[target] = max(from_left[target], from_left[source] + 1)
    first_use: dict[int, int] = {}
    for source, target in arrows:
        if source not in arriving:
            first_use[source] = min(first_use.get(source, count), from_left[target] - 1)
    return [first_use.get(box, column) for box, column in enumerate(from_left)]


def grid_columns(
    sizes: Sequence[tuple[float, float]],
    arrows: Sequence[tuple[int, int]],
    tallest: float = TALLEST,
) -> list[int]:
    """Return the column of every box; the boxes of a tall column are dealt to several.

    No arrow joins boxes of one column, so columns between it and the one before
    are free.

    Args:
        sizes: The (width, height) of every box.
        arrows: The (source, target) of every arrow.
        tallest: The height of a column that is not dealt.
    """
    count = len(sizes)
    column_of = late_columns(count, arrows)
    before: list[list[int]] = [[] for _ in sizes]
    after: list[list[int]] = [[] for _ in sizes]
    for source, target in arrows:
        before[target].append(source)
        after[source].append(target)
    members: list[list[int]] = [[] for _ in range(max(column_of, default=-1) + 1)]
    for box in _depth_first(count, before, after):
        members[column_of[box]].append(box)
    start = 0
    for column in members:
        height = fsum(sizes[box][1] + BOX_GAP for box in column)
        parts = max(1, min(MOST_PARTS, round(height / tallest), len(column)))
        for place, box in enumerate(column):
            column_of[box] = start + place % parts
        start += parts
    return column_of


def _insert_bends(
    sizes: Sequence[tuple[float, float]], arrows: Sequence[tuple[int, int]], column_of: list[int]
) -> _Layers:
    count = len(sizes)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    bends: list[list[int]] = [[] for _ in range(count)]  # of every source, column by column
    chains = []
    for source, target in arrows:
        trunk = bends[source]
        length = column_of[target] - column_of[source] - 1
        while len(trunk) < length:
            previous = trunk[-1] if trunk else source
            bend = len(column_of)
            column_of.append(column_of[previous] + 1)
            before.append([previous])
            after.append([])
            after[previous].append(bend)
            trunk.append(bend)
        chain = [source, *trunk[:length], target]
        before[target].append(chain[-2])
        after[chain[-2]].append(target)
        chains.append(chain)
    columns: list[list[int]] = [[] for _ in range(max(column_of, default=-1) + 1)]
    for vertex in _depth_first(count, before, after):
        columns[column_of[vertex]].append(vertex)
    bend_sizes = [(0.0, 0.0)] * (len(column_of) - count)
    return _Layers(count, [*sizes, *bend_sizes], columns, column_of, before, after, chains)


def _depth_first(count: int, before: list[list[int]], after: list[list[int]]) -> Iterable[int]:
    """Yield all vertices from the sinks backward, operand by operand.

    A tree comes out without a crossing.
    """
    waiting = [vertex for vertex in reversed(range(count)) if not after[vertex]]
    seen = set()
    while waiting:
        vertex = waiting.pop()
        if vertex not in seen:
            seen.add(vertex)
            yield vertex
            waiting.extend(reversed(before[vertex]))


def _untangle(graph: _Layers) -> None:
    """Reorder the columns so that few arrows cross. The best order seen is kept."""
    best, fewest, idle = [list(column) for column in graph.columns], _crossings(graph), 0
    patience = PATIENCE if len(graph.sizes) <= LARGE else PATIENCE // 2
    for sweep in range(SWEEPS):
        if fewest == 0 or idle == patience:
            break
        _sweep(graph, forward=sweep % 2 == 0, by_median=sweep % 4 < 2)
        _swap(graph)
        crossings = _crossings(graph)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = [list(column) for column in graph.columns], crossings, 0
    graph.columns[:] = best


def _places(column: list[int]) -> dict[int, int]:
    return {vertex: place for place, vertex in enumerate(column)}


def _places_of(vertices: list[int], place: dict[int, int]) -> list[int]:
    """Return the places of vertices, sorted. Most lists hold one vertex."""
    if len(vertices) == 1:
        return [place[vertices[0]]]
    return sorted([place[vertex] for vertex in vertices])


def _crossings(graph: _Layers) -> int:
    total = 0
    for left, right in pairwise(graph.columns):
        place = _places(left)
        passed = [-1]
        for vertex in right:
            starts = _places_of(graph.before[vertex], place)
            for start in starts:
                if start < passed[-1]:
                    total += len(passed) - bisect_right(passed, start)
            for start in starts:
                if start < passed[-1]:
                    insort(passed, start)
                else:
                    passed.append(start)
    return total


def _sweep(graph: _Layers, *, forward: bool, by_median: bool) -> None:
    """Sort every column by where its neighbours in the column before it stand.

    A vertex without neighbours there keeps its place.
    """
    columns = graph.columns if forward else graph.columns[::-1]
    neighbours = graph.before if forward else graph.after
    for fixed, moving in pairwise(columns):
        place = _places(fixed)
        wish = {}
        for vertex in moving:
            if neighbours[vertex]:
                at = _places_of(neighbours[vertex], place)
                wish[vertex] = (
                    (at[(len(at) - 1) // 2] + at[len(at) // 2]) / 2
                    if by_median
                    else sum(at) / len(at)
                )
        ordered = iter(sorted(wish, key=wish.__getitem__))
        moving[:] = [next(ordered) if vertex in wish else vertex for vertex in moving]


def _swap(graph: _Layers) -> None:
    """Exchange neighbours in a column where that removes crossings."""
    for index, column in enumerate(graph.columns):
        sides = []
        for other, neighbours in ((index - 1, graph.before), (index + 1, graph.after)):
            if 0 <= other < len(graph.columns):
                place = _places(graph.columns[other])
                sides.append({vertex: _places_of(neighbours[vertex], place) for vertex in column})
        for i in range(len(column) - 1):
            upper, lower = column[i], column[i + 1]
            gain = sum([_gain(at[upper], at[lower]) for at in sides])
            if gain > 0:
                column[i], column[i + 1] = lower, upper


def _gain(upper: list[int], lower: list[int]) -> int:
    """Return how many crossings an exchange of two vertices removes on one side.

    Args:
        upper: The places of the neighbours of the upper one, sorted.
        lower: Those of the lower one.
    """
    if not upper or not lower:
        return 0
    if upper[-1] < lower[0]:
        return -len(upper) * len(lower)
    return sum([len(upper) - bisect_right(upper, at) - bisect_left(upper, at) for at in lower])


def _ports(graph: _Layers) -> list[float]:
    """Return how far below the middle of its target every arrow arrives.

    Arrows arrive in the order of where they come from.
    """
    arriving: list[list[int]] = [[] for _ in range(graph.boxes)]
    for arrow, chain in enumerate(graph.chains):
        arriving[chain[-1]].append(arrow)
    place = {vertex: i for column in graph.columns for i, vertex in enumerate(column)}
    ports = [0.0] * len(graph.chains)
    for arrows in arriving:
        arrows.sort(key=lambda arrow: place[graph.chains[arrow][-2]])
        for i, arrow in enumerate(arrows):
            ports[arrow] = (i - (len(arrows) - 1) / 2) * PORT
    return ports


def _heights(graph: _Layers, ports: list[float]) -> list[float]:
    """The height of the middle of every vertex."""
    from_left, from_right = _pulls(graph, ports)
    from_both = [left + right for left, right in zip(from_left, from_right, strict=True)]
    columns = [(column, _offsets(graph, column)) for column in graph.columns]
    middle = [0.0] * len(graph.sizes)
    for column, offsets in columns:
        _settle(column, offsets, middle, [(0.0, 1.0)] * len(column))
    for final in [False] * ROUNDS + [True]:
        for order, pulls in ((columns, from_left), (columns[::-1], from_right)):
            for column, offsets in order:
                felt = from_both if final else pulls
                wanted = [_wish(felt[vertex], middle, vertex) for vertex in column]
                _settle(column, offsets, middle, wanted)
    return middle


def _wish(felt: list[_Pull], middle: list[float], vertex: int) -> tuple[float, float]:
    """Return the height that a vertex wants, and with what weight."""
    if not felt:
        return middle[vertex], INERTIA
    height = weight = 0.0
    for other, offset, pull in felt:
        height += (middle[other] + offset) * pull
        weight += pull
    return height / weight, weight


def _pulls(graph: _Layers, ports: list[float]) -> tuple[list[list[_Pull]], list[list[_Pull]]]:
    """Return for every vertex what pulls it from the left and from the right."""
    left_of: list[list[_Pull]] = [[] for _ in graph.sizes]
    right_of: list[list[_Pull]] = [[] for _ in graph.sizes]
    for chain, port in zip(graph.chains, ports, strict=True):
        for left, right in pairwise(chain):
            if right < graph.boxes or not left_of[right]:  # what arrows share pulls once
                bends = (left >= graph.boxes) + (right >= graph.boxes)
                offset = port if right < graph.boxes else 0.0
                left_of[right].append((left, -offset, STIFFNESS[bends]))
                right_of[left].append((right, offset, STIFFNESS[bends]))
    return left_of, right_of


def _offsets(graph: _Layers, column: list[int]) -> list[float]:
    """Return how far below the first vertex of a column each may stand at least."""
    distances = [_distance(graph, upper, lower) for upper, lower in pairwise(column)]
    return list(accumulate(distances, initial=0.0))


def _settle(
    column: list[int],
    offsets: list[float],
    middle: list[float],
    wanted: list[tuple[float, float]],
) -> None:
    """Give the vertices of a column the heights nearest to the wanted ones.

    A wish is (height, weight). Order and gaps are kept: with the gaps taken
    off, the heights must not decrease. That is isotonic regression, done by
    pooling adjacent violators.
    """
    pools: list[tuple[float, float, int]] = []  # (mean, weight, members)
    for (height, weight), offset in zip(wanted, offsets, strict=True):
        mean, members = height - offset, 1
        while pools and pools[-1][0] >= mean:
            mean_above, weight_above, members_above = pools.pop()
            both = weight_above + weight
            mean = (mean_above * weight_above + mean * weight) / both
            weight = both
            members += members_above
        pools.append((mean, weight, members))
    first = 0
    for mean, _, members in pools:
        for place in range(first, first + members):
            middle[column[place]] = mean + offsets[place]
        first += members


def _distance(graph: _Layers, upper: int, lower: int) -> float:
    """The least distance between the middles of neighbours in a column."""
    gap = BOX_GAP if upper < graph.boxes and lower < graph.boxes else BEND_GAP
    return (graph.sizes[upper][1] + graph.sizes[lower][1]) / 2 + gap


def _straighten(graph: _Layers, middle: list[float]) -> None:
    """Put what a single arrow arrives at level with where that comes from, if there is room."""
    for column in graph.columns:
        for i, vertex in enumerate(column):
            if len(graph.before[vertex]) == 1:
                level = middle[graph.before[vertex][0]]
                above = (
                    middle[column[i - 1]] + _distance(graph, column[i - 1], vertex) if i else level
                )
                below = (
                    middle[column[i + 1]] - _distance(graph, vertex, column[i + 1])
                    if i + 1 < len(column)
                    else level
                )
                if above <= level <= below:
                    middle[vertex] = level


def _from_top(graph: _Layers, middle: list[float]) -> list[float]:
    """Heights as whole numbers, so that the highest vertex reaches up to 0."""
    top = min(
        (height - size[1] / 2 for height, size in zip(middle, graph.sizes, strict=True)),
        default=0.0,
    )
    return [float(round(height - top)) for height in middle]


def _place(
    graph: _Layers,
    stubs: Sequence[float],
    ports: list[float],
    middle: list[float],
    slack: float,
) -> Placed:
    """Return the coordinates for columns and heights.

    A column is as wide as its longest stub and its widest box.
    """
    spans = _spans(graph, stubs, ports, middle, slack)
    boxes = range(graph.boxes)
    lefts = []  # boxes stand at their stubs, those where nothing arrives near what they lead to
    for box in boxes:
        _, front, end = spans[graph.column_of[box]]
        lefts.append(front if graph.before[box] else end - graph.sizes[box][0])
    routes = []
    for port, (source, *bends, target) in zip(ports, graph.chains, strict=True):
        route = [
            (
                lefts[source] + graph.sizes[source][0],
                spans[graph.column_of[source]][2],
                middle[source],
            )
        ]
        route += [
            (spans[graph.column_of[bend]][0], spans[graph.column_of[bend]][2], middle[bend])
            for bend in bends
        ]
        route.append((spans[graph.column_of[target]][0], lefts[target], middle[target] + port))
        routes.append(route)
    corners = [(lefts[box], middle[box] - graph.sizes[box][1] / 2) for box in boxes]
    bottom = max(
        (height + size[1] / 2 for height, size in zip(middle, graph.sizes, strict=True)),
        default=0.0,
    )
    return Placed(
        spans[-1][2] if spans else 0.0,
        bottom,
        corners,
        routes,
        [(start, end) for start, _, end in spans],
        [graph.sizes[box][1] for box in boxes],
    )


def _spans(
    graph: _Layers,
    stubs: Sequence[float],
    ports: list[float],
    middle: list[float],
    slack: float,
) -> list[tuple[float, float, float]]:
    """Return of every column where its stubs begin, where its boxes begin, where it ends.

    Steeper turns before it take more room, by `slack`.
    """
    stub = [0.0] * len(graph.columns)
    climb = [0.0] * len(graph.columns)
    for length, port, chain in zip(stubs, ports, graph.chains, strict=True):
        last = graph.column_of[chain[-1]]
        stub[last] = max(stub[last], length)
        for left, right in pairwise(chain):
            offset = port if right < graph.boxes else 0.0
            climb[graph.column_of[right]] = max(
                climb[graph.column_of[right]], abs(middle[right] + offset - middle[left])
            )
    spans: list[tuple[float, float, float]] = []
    start = 0.0
    for index, column in enumerate(graph.columns):
        if index:
            more = CHANNEL - NARROW + min(climb[index] / 4, 4 * CHANNEL)
            start = spans[-1][2] + NARROW + slack * more
        front = start + stub[index]
        spans.append((start, front, front + max(graph.sizes[vertex][0] for vertex in column)))
    return spans
