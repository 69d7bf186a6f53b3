"""arrangement: the order of lanes in which their operands lie at regular distances.

An address tells where a number lies in the memory of a program.
"""

from .codes import Shorts, Wholes

# What lies at an address, in the order in which operands sort lanes.
A_RESULT, A_NUMBER, A_VALUE, A_CONSTANT = range(4)
MOST_TELLING = 5  # operands of an operation


def compare(
    i: int,
    j: int,
    n_places: int,
    places: Shorts,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
) -> int:
    """Compare two operations by the addresses of these operands: -1 if i comes before j, 0 or 1."""
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
    at: int,
    n: int,
    members: Shorts,
    other: Shorts,
    n_places: int,
    places: Shorts,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
) -> int:
    """Sort n members by the addresses of these operands; equal ones keep their order.

    Sorted stretches of `width` members are merged, two by two, in `other`.
    """
    sorted_already = 1  # as they often are
    k = 1
    while k < n and sorted_already == 1:
        c = compare(
            members[at + k - 1], members[at + k], n_places, places, start, operands, address
        )
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
                        c = compare(
                            members[at + i],
                            members[at + j],
                            n_places,
                            places,
                            start,
                            operands,
                            address,
                        )
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


def inner_extent(
    at: int,
    n: int,
    members: Shorts,
    n_places: int,
    places: Shorts,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
) -> int:
    """The shortest stretch in which one of these operands keeps its distance from lane to lane.

    It is n where stretches of that length do not fill n members.
    """
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


def arrange(
    at: int,
    n: int,
    members: Shorts,
    other: Shorts,
    n_places: int,
    places: Shorts,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
) -> int:
    """Sort n members by the addresses of these operands; return the inner extent."""
    sort_lanes(at, n, members, other, n_places, places, start, operands, address)
    return inner_extent(at, n, members, n_places, places, start, operands, address)


def measure(
    at: int,
    n: int,
    inner: int,
    members: Shorts,
    n_places: int,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
    refs: Wholes,
) -> int:
    """Write four numbers for each operand to `refs`: base, outer step, inner step, regular.

    The lane k, of rows of `inner` lanes, has its operand at base + k // inner * outer
    step + k % inner * inner step. `regular` is 1 if that holds for all lanes.
    """
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


def reorder(at: int, n: int, members: Shorts, order: Shorts) -> int:
    """Bring n members into an order that they had."""
    for k in range(n):
        members[at + k] = order[k]
    return 0


def number(at: int, n: int, members: Shorts, base: int, address: Wholes) -> int:
    """Give the results of n members places side by side."""
    for k in range(n):
        address[members[at + k]] = base + k
    return 0


def neighbours(at: int, n: int, members: Shorts, address: Wholes) -> int:
    """How many of n members follow the one that `number` has counted before them."""
    found = 0
    for k in range(at, at + n - 1):
        if address[members[k + 1]] == address[members[k]] + 1:
            found += 1
    return found


def arrange_best(
    at: int,
    n: int,
    members: Shorts,
    other: Shorts,
    before: Shorts,
    chain: int,
    together: int,
    wide: int,
    n_values: int,
    n_inputs: int,
    n_leaves: int,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
    places: Shorts,
    tried: Shorts,
) -> int:
    """Sort n members by the addresses of their telling operands; return the inner extent.

    Results of blocks come first, then numbers, both of which vary with the batch,
    then Values. So rows lie outside and neurons inside. `chain` tells that the
    members are chains, `together` that results should lie side by side. An extent
    is large enough from `wide` on. There is room for n members in `other` and
    `before`, and for one place more than MOST_TELLING in `places` and `tried`.
    """
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
        number(at, n, members, 0, address)
    inner = arrange(at, n, members, other, count, places, start, operands, address)
    for k in range(n):
        before[k] = members[at + k]
    if chain == 1 and together == 1 and n_results > 1:
        # Of two results, that comes first which keeps the order of recording:
        # those that a list or a sum reads one after the other lie so, then.
        kept = neighbours(at, n, members, address)
        for k in range(count):
            tried[k] = places[k]
        tried[0] = places[1]
        tried[1] = places[0]
        exchanged = arrange(at, n, members, other, count, tried, start, operands, address)
        if neighbours(at, n, members, address) > kept:
            return exchanged
        reorder(at, n, members, before)
    if chain == 1 and inner < wide and n // inner > wide:
        # As for the weights of a layer with few inputs: see whether to exchange
        # the two.
        for k in range(count):
            tried[k + 1] = places[k]
        for k in range(1, count):
            tried[0] = places[k]
            extent = arrange(at, n, members, other, count + 1, tried, start, operands, address)
            if extent >= wide and extent < n:
                return extent
            reorder(at, n, members, before)
    return inner


def plan(
    at: int,
    n: int,
    members: Shorts,
    other: Shorts,
    before: Shorts,
    chain: int,
    together: int,
    wide: int,
    n_values: int,
    n_inputs: int,
    n_leaves: int,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
    places: Shorts,
    tried: Shorts,
    refs: Wholes,
) -> int:
    """Arrange n members as `arrange_best` does, and `measure` their operands."""
    inner = 1
    if n > 1:
        inner = arrange_best(
            at,
            n,
            members,
            other,
            before,
            chain,
            together,
            wide,
            n_values,
            n_inputs,
            n_leaves,
            start,
            operands,
            address,
            places,
            tried,
        )
    n_places = start[members[at] + 1] - start[members[at]]
    measure(at, n, inner, members, n_places, start, operands, address, refs)
    return inner
