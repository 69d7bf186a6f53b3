"""arrangement: the order of lanes in which their operands lie at regular distances.

An address tells where a number lies in the memory of a program.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import NamedTuple

from .codes import Members, Shorts, Wholes

# What lies at an address, in the order in which operands sort lanes.
A_RESULT, A_NUMBER, A_VALUE, A_CONSTANT = range(4)
MOST_TELLING = 5  # operands of an operation


class Operands(NamedTuple):
    """Where the operands of an operation are listed, and where every result lies."""

    start: Wholes
    operands: Shorts
    address: Wholes


class Settings(NamedTuple):
    """What is asked of an arrangement, and what lies where.

    Results should lie side by side if `together` is 1. An extent is large enough
    from `wide` on. Values lie first, up to n_values, then numbers, up to n_inputs,
    then constants, up to n_leaves.
    """

    together: int
    wide: int
    n_values: int
    n_inputs: int
    n_leaves: int


class Room(NamedTuple):
    """Room for as many members as there are, twice, and for MOST_TELLING + 1 places, twice."""

    other: Shorts
    before: Shorts
    places: Shorts
    tried: Shorts


def compare(i: int, j: int, n_places: int, places: Shorts, reads: Operands) -> int:
    """Compare two operations by the addresses of these operands: -1 if i comes before j, 0 or 1."""
    start, operands, address = reads
    found = 0
    k = 0
    while k < n_places:
        x = address[operands[start[i] + places[k]]]
        y = address[operands[start[j] + places[k]]]
        if x != y:
            found = 1
            if x < y:
                found = -1
            k = n_places
        k += 1
    return found


def sort_lanes(
    lanes: Members, other: Shorts, n_places: int, places: Shorts, reads: Operands
) -> int:
    """Sort n members by the addresses of these operands; equal ones keep their order.

    Sorted stretches of `width` members are merged, two by two, in `other`.
    """
    at, n, members = lanes
    sorted_already = 1  # as they often are
    k = 1
    while k < n and sorted_already == 1:
        c = compare(members[at + k - 1], members[at + k], n_places, places, reads)
        if c > 0:
            sorted_already = 0
        k += 1
    if sorted_already == 1:
        return 0
    width = 1
    while width < n:
        low = 0
        while low < n:
            middle = low + width
            if middle > n:
                middle = n
            high = middle + width
            if high > n:
                high = n
            i = low
            j = middle
            for k in range(low, high):
                left = 0
                if i < middle:
                    left = 1
                    if j < high:
                        c = compare(members[at + i], members[at + j], n_places, places, reads)
                        if c > 0:
                            left = 0
                if left == 1:
                    other[k] = members[at + i]
                    i += 1
                else:
                    other[k] = members[at + j]
                    j += 1
            low = high
        for k in range(n):
            members[at + k] = other[k]
        width = width * 2
    return 0


def inner_extent(lanes: Members, n_places: int, places: Shorts, reads: Operands) -> int:
    """The shortest stretch in which one of these operands keeps its distance from lane to lane.

    It is n where stretches of that length do not fill n members.
    """
    start, operands, address = reads
    at, n, members = lanes
    inner = n
    for p in range(n_places):
        place = places[p]
        first = address[operands[start[members[at]] + place]]
        last = address[operands[start[members[at + 1]] + place]]
        step = last - first
        k = 2
        while k < inner:
            x = address[operands[start[members[at + k]] + place]]
            if x - last != step:
                inner = k
            last = x
            k += 1
    if n % inner != 0:
        return n
    return inner


def arrange(lanes: Members, other: Shorts, n_places: int, places: Shorts, reads: Operands) -> int:
    """Sort n members by the addresses of these operands; return the inner extent."""
    sort_lanes(lanes, other, n_places, places, reads)
    return inner_extent(lanes, n_places, places, reads)


def measure(lanes: Members, inner: int, n_places: int, reads: Operands, refs: Wholes) -> int:
    """Write four numbers for each operand to `refs`: base, outer step, inner step, regular.

    The lane k, of rows of `inner` lanes, has its operand at base + k // inner * outer
    step + k % inner * inner step. `regular` is 1 if that holds for all lanes.
    """
    start, operands, address = reads
    at, n, members = lanes
    for place in range(n_places):
        base = address[operands[start[members[at]] + place]]
        outer_step = 0
        inner_step = 0
        if inner < n:
            outer_step = address[operands[start[members[at + inner]] + place]] - base
        if inner > 1:
            inner_step = address[operands[start[members[at + 1]] + place]] - base
        regular = 1
        row = 0
        k = 0
        while k < n:
            expected = base + row * outer_step
            i = 0
            while i < inner:
                if address[operands[start[members[at + k + i]] + place]] != expected:
                    regular = 0
                    i = inner
                    k = n
                expected += inner_step
                i += 1
            row += 1
            k += inner
        refs[4 * place] = base
        refs[4 * place + 1] = outer_step
        refs[4 * place + 2] = inner_step
        refs[4 * place + 3] = regular
    return 0


def telling_place(k: int, m: int, chain: int) -> int:
    """The k-th of up to five of m operands that tell how to sort lanes; -1 for none.

    They are the first three and the last. A chain z0 + x1 * y1 + ... has those of
    its first product, of its last one, and z0. Of a product the second factor comes
    first. In a gradient it is the adjoint, and lanes then lie as the weights that it
    is of.
    """
    if chain == 0:
        if k < 3 and k < m:
            return k
        if k == 3 and m > 3:
            return m - 1
        return -1
    if k == 4:
        return 0
    place = 2 - k  # 2, 1
    if k > 1:
        place = m + 1 - k  # m - 1, m - 2
    if place < 1 or place >= m:
        return -1
    return place


def kind_of_place(address: int, n_values: int, n_inputs: int, n_leaves: int) -> int:
    """What lies at an address. Values come first, then numbers, constants and results."""
    if address >= n_leaves:
        return A_RESULT
    if address >= n_inputs:
        return A_CONSTANT
    if address >= n_values:
        return A_NUMBER
    return A_VALUE


def reorder(lanes: Members, order: Shorts) -> int:
    """Bring n members into an order that they had."""
    at, n, members = lanes
    for k in range(n):
        members[at + k] = order[k]
    return 0


def number(lanes: Members, base: int, address: Wholes) -> int:
    """Give the results of n members places side by side."""
    at, n, members = lanes
    for k in range(n):
        address[members[at + k]] = base + k
    return 0


def neighbours(lanes: Members, address: Wholes) -> int:
    """How many of n members follow the one that `number` has counted before them."""
    at, n, members = lanes
    found = 0
    for k in range(at, at + n - 1):
        if address[members[k + 1]] == address[members[k]] + 1:
            found += 1
    return found


def arrange_best(
    lanes: Members, room: Room, chain: int, settings: Settings, reads: Operands
) -> int:
    """Sort n members by the addresses of their telling operands; return the inner extent.

    Results of blocks come first, then numbers, both of which vary with the batch,
    then Values. So rows lie outside and neurons inside. `chain` tells that the
    members are chains, `together` that results should lie side by side. An extent
    is large enough from `wide` on. There is room for n members in `other` and
    `before`, and for one place more than MOST_TELLING in `places` and `tried`.
    """
    start, operands, address = reads
    at, n, members = lanes
    together, wide, n_values, n_inputs, n_leaves = settings
    other, before, places, tried = room
    i = members[at]
    m = start[i + 1] - start[i]
    count = 0
    n_results = 0
    for kind in range(A_CONSTANT + 1):
        for k in range(MOST_TELLING):
            place = telling_place(k, m, chain)
            if place >= 0:
                x = address[operands[start[i] + place]]
                if kind_of_place(x, n_values, n_inputs, n_leaves) == kind:
                    places[count] = place
                    count += 1
        if kind == A_RESULT:
            n_results = count
    if chain == 1 and together == 1 and n_results > 1:
        number(lanes, 0, address)
    inner = arrange(lanes, other, count, places, reads)
    for k in range(n):
        before[k] = members[at + k]
    if chain == 1 and together == 1 and n_results > 1:
        # Of two results, that comes first which keeps the order of recording:
        # those that a list or a sum reads one after the other lie so, then.
        kept = neighbours(lanes, address)
        for k in range(count):
            tried[k] = places[k]
        tried[0] = places[1]
        tried[1] = places[0]
        exchanged = arrange(lanes, other, count, tried, reads)
        if neighbours(lanes, address) > kept:
            return exchanged
        reorder(lanes, before)
    if chain == 1 and inner < wide and n // inner > wide:
        # As for the weights of a layer with few inputs: see whether to exchange
        # the two.
        for k in range(count):
            tried[k + 1] = places[k]
        for k in range(1, count):
            tried[0] = places[k]
            extent = arrange(lanes, other, count + 1, tried, reads)
            if extent >= wide and extent < n:
                return extent
            reorder(lanes, before)
    return inner


def plan(
    lanes: Members, room: Room, chain: int, settings: Settings, reads: Operands, refs: Wholes
) -> int:
    """Arrange n members as `arrange_best` does, and `measure` their operands."""
    start = reads.start
    at, n, members = lanes
    inner = 1
    if n > 1:
        inner = arrange_best(lanes, room, chain, settings, reads)
    n_places = start[members[at] + 1] - start[members[at]]
    measure(lanes, inner, n_places, reads, refs)
    return inner
