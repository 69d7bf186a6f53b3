"""The layered layout, by its geometry."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.drawing.placement import PORT, layered


@st.composite
def graphs(draw):
    """Sizes, arrows and stubs of a random graph, with repeated arrows, long
    arrows and parts of their own.
    """
    count = draw(st.integers(1, 14))
    arrows = []
    for target in range(1, count):
        arrows += [
            (source, target) for source in draw(st.lists(st.integers(0, target - 1), max_size=4))
        ]
    arriving = [sum(target == box for _, target in arrows) for box in range(count)]
    sizes = [
        (draw(st.integers(10, 150)), max(draw(st.integers(16, 70)), arriving[box] * PORT))
        for box in range(count)
    ]
    return sizes, arrows, [draw(st.integers(10, 60)) for _ in arrows]


def apart(one, other):
    """Whether two rectangles (left, top, right, bottom) have no inner point in common."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@given(graphs())
def test_boxes_do_not_overlap_and_lie_within_the_picture(graph):
    sizes, arrows, stubs = graph
    placed = layered(sizes, arrows, stubs)
    rectangles = [
        (x, y, x + width, y + height)
        for (x, y), (width, height) in zip(placed.corners, sizes, strict=True)
    ]
    assert all(apart(one, other) for one, other in combinations(rectangles, 2))
    for left, top, right, bottom in rectangles:
        assert left >= 0
        assert top >= -0.5  # heights are rounded
        assert right <= placed.width
        assert bottom <= placed.height + 0.5


@given(graphs())
def test_arrows_run_from_box_to_box_left_to_right_and_pass_no_box(graph):
    sizes, arrows, stubs = graph
    placed = layered(sizes, arrows, stubs)
    rectangles = [
        (x, y, x + width, y + height)
        for (x, y), (width, height) in zip(placed.corners, sizes, strict=True)
    ]
    for (source, target), route in zip(arrows, placed.routes, strict=True):
        left, top, right, bottom = rectangles[source]
        assert route[0][0] == right
        assert route[0][2] == (top + bottom) / 2
        left, top, right, bottom = rectangles[target]
        assert route[-1][1] == left
        assert top < route[-1][2] < bottom
        assert all(start <= end for start, end, _ in route)
        assert all(end < start for (_, end, _), (start, _, _) in pairwise(route))
        for start, end, y in route:
            assert all(apart((start, y, end, y), rectangle) for rectangle in rectangles)


@given(graphs())
def test_the_straight_ends_of_arrows_leave_room_for_their_texts(graph):
    sizes, arrows, stubs = graph
    placed = layered(sizes, arrows, stubs)
    ends = {}
    for (_, target), stub, route in zip(arrows, stubs, placed.routes, strict=True):
        start, end, y = route[-1]
        assert end - start >= stub
        ends.setdefault(target, []).append(y)
    for heights in ends.values():
        assert all(below - above >= PORT for above, below in pairwise(sorted(heights)))


@given(graphs())
def test_the_same_graph_gives_the_same_coordinates(graph):
    assert layered(*graph) == layered(*graph)


def columns(count, arrows):
    placed = layered([(20, 90)] * count, arrows, [10] * len(arrows))
    order = sorted(set(placed.columns))
    return [
        next(i for i, (left, right) in enumerate(order) if left <= x <= right)
        for x, _ in placed.corners
    ]


def test_each_box_stands_as_late_as_possible():
    # 0 -> 1 -> 3 <- 2: the leaf 2 stands next to 3, not at the far left
    assert columns(4, [(0, 1), (1, 3), (2, 3)]) == [0, 1, 1, 2]
    # two results end in the last column
    assert columns(3, [(0, 1)]) == [0, 1, 1]


def crossings(placed):
    """How often two turns cross, counted at their ends."""
    turns = [(one, other) for route in placed.routes for one, other in pairwise(route)]
    return sum(
        a[1][0] == b[1][0] and (a[0][2] - b[0][2]) * (a[1][2] - b[1][2]) < 0
        for a, b in combinations(turns, 2)
    )


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_tree_has_no_crossing(depth):
    count = (
        2 ** (depth + 1) - 1
    )  # the root is the last box, the operands of box i are 2i - count and 2i - count - 1
    arrows = [
        (operand, target)
        for target in range(count // 2 + 1, count)
        for operand in (2 * target - count - 1, 2 * target - count)
    ]
    placed = layered([(20, 40)] * count, arrows, [10] * len(arrows))
    assert len(arrows) == count - 1
    assert crossings(placed) == 0


def test_a_tangled_graph_that_can_be_drawn_without_a_crossing_is():
    # a ladder whose rungs are shuffled
    rungs = [3, 0, 4, 1, 2]
    arrows = [(i, 5 + rung) for i, rung in enumerate(rungs)] + [(5 + rung, 10) for rung in rungs]
    placed = layered([(20, 40)] * 11, arrows, [10] * 10)
    assert crossings(placed) == 0
    heights = [placed.corners[i][1] for i in range(5)]
    assert [placed.corners[5 + rung][1] for rung in rungs] == heights  # and the arrows are level


def test_a_long_arrow_is_level_where_there_is_room():
    # 0 -> 1 -> 2 -> 3 -> 4 with a second arrow 0 -> 4
    placed = layered([(20, 40)] * 5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)], [10] * 5)
    long = placed.routes[4]
    assert len({y for _, _, y in long[1:-1]}) == 1
    assert len({placed.corners[i][1] for i in (1, 2, 3)}) == 1


def test_arrows_arrive_in_the_order_of_where_they_come_from():
    placed = layered([(20, 60)] * 4, [(0, 3), (1, 3), (2, 3)], [10] * 3)
    starts = [route[0][2] for route in placed.routes]
    ends = [route[-1][2] for route in placed.routes]
    assert sorted(range(3), key=starts.__getitem__) == sorted(range(3), key=ends.__getitem__)


def test_nothing_gives_nothing():
    assert layered([], [], []).corners == []


def test_a_chain_of_two_thousand_boxes_needs_no_recursion():
    count = 2000
    placed = layered([(20, 20)] * count, [(i, i + 1) for i in range(count - 1)], [10] * (count - 1))
    assert len({y for _, y in placed.corners}) == 1
