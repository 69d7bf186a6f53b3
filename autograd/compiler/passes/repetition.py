"""repetition: what comes again and again, and moves along by equal distances."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .codes import LARGEST, MIX, Columns, Members, Shorts, Table, Wholes, slot


def next_windows(n: int, width: int, signature: Shorts, following: Shorts, table: Table) -> int:
    """Find, for each item, the next one from which on the same `width` signatures come.

    `following` is -1 where there is none.
    """
    places, mask = table
    for i in range(n):
        following[i] = -1
    i = n - width
    while i >= 0:
        h = 0
        for k in range(width):
            h = (h * MIX + signature[i + k] + 1) & LARGEST
        place = slot(h, mask)
        j = places[place]
        searching = 1
        while searching == 1:
            searching = 0
            if j >= 0:
                for k in range(width):
                    if signature[j + k] != signature[i + k]:
                        searching = 1
                if searching == 1:
                    place = (place + 1) & mask
                    j = places[place]
        following[i] = j
        places[place] = i
        i -= 1
    return 0


TRIES = 64  # comparisons for each item, at most, in a search for stretches


def find_stretches(
    n: int,
    signature: Shorts,
    following: Shorts,
    start: Wholes,
    vector: Wholes,
    reach: Shorts,
    found: Shorts,
    room: int,
) -> int:
    """Find stretches of items that come again and again, and move along steadily.

    At the distance k, an item is like the one k places on if both have the same
    signature. Every number of its vector must then change by as much as from
    the item k places before to it. The vector of item i is vector[start[i]] to
    vector[start[i + 1] - 1]. `following` is for each item a later one
    that may be its next repetition: these distances are tried. `reach` is, for
    each distance, the first place that has not been looked at. `found` gets
    place, distance and number of items of every stretch that comes at least
    twice.

    Returns:
        How many stretches there are, at most `room`.
    """
    count = 0
    left = TRIES * n
    for begin in range(n):
        k = following[begin] - begin
        if k > 0 and reach[k] <= begin and left > 0 and count + 1 < room:
            i = begin
            alike = 1
            while alike == 1:
                alike = 0
                if i > 0 and reach[k] < i:
                    alike = 1
                    if signature[i - 1 + k] != signature[i - 1]:
                        alike = 0
                i -= alike
                left -= 1
            j = i
            alike = 1
            while alike == 1:
                alike = 0
                if j + k < n:
                    alike = 1
                    if signature[j + k] != signature[j]:
                        alike = 0
                steady = alike
                if alike == 1 and j >= i + k:
                    last = start[j]
                    this = start[j + k]
                    before = start[j - k]
                    v = start[j + 1] - last
                    left -= v
                    while v > 0:
                        v -= 1
                        x = vector[last + v]
                        if vector[this + v] - x != x - vector[before + v]:
                            steady = 0
                            v = 0
                if steady == 0:
                    if j - i >= k and count < room:
                        found[3 * count] = i
                        found[3 * count + 1] = k
                        found[3 * count + 2] = j - i + k
                        count += 1
                    i = j - k + 1
                j += 1
                left -= 1
            reach[k] = j
    return count


def follow(
    lanes: Members,
    times: int,
    order: Shorts,
    other: Shorts,
    tape: Columns,
    result_of: Shorts,
    results: int,
    n_results: int,
    address: Wholes,
) -> int:
    """Arrange and place repetitions of n members each, as the two that lie before `at` are.

    `order` is how the last of these was arranged. From one repetition to the next,
    each operand must move by as much as it did from the one before. So do the
    results. Where those lie among the results of the program, they must be these.
    There is room for n members in `other`.

    Returns:
        How many of `times` repetitions go on so.
    """
    code, start, operands = tape
    at, n, members = lanes
    for r in range(times):
        here = at + r * n
        k = 0
        while k < n:
            i = members[here + order[k]]
            j = members[here - n + k]
            h = members[here - 2 * n + k]
            other[k] = i
            steady = 0
            if code[i] == code[j] and start[i + 1] - start[i] == start[j + 1] - start[j]:
                steady = 1
            if steady == 1:
                for p in range(start[i + 1] - start[i]):
                    x = address[operands[start[h] + p]]
                    y = address[operands[start[j] + p]]
                    z = address[operands[start[i] + p]]
                    if z - y != y - x:
                        steady = 0
            z = 2 * address[j] - address[h]
            address[i] = z
            if address[j] >= results and address[j] < results + n_results:
                z -= results + result_of[i]
                if result_of[i] < 0 or z != 0:
                    steady = 0
            if steady == 0:
                return r
            k += 1
        for k in range(n):
            members[here + k] = other[k]
    return times
