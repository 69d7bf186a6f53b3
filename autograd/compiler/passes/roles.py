"""roles: which lanes of a block are used alike.

The lanes of a block have the same structure below them. What becomes of them may
differ: a position of a text is looked back on by those after it, and each has
another place in their lists. Lanes of the same role, as those of the texts of a
batch, are read together, and had better lie side by side.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .codes import CONSTANT, INPUT, LARGEST, MIX, Columns, Members, Shorts, Table, slot


def roles_by_users(
    n: int, tape: Columns, kinds: Shorts, block_of: Shorts, roles: Shorts, found: Shorts
) -> int:
    """Tell the operations of a role apart by which blocks use them, how often, in which roles.

    Roles are numbers, at first 0. It makes no difference in which order a user takes
    its operands.
    """
    code, start, operands = tape
    for i in range(n):
        found[i] = 0
    i = n - 1
    while i >= 0:
        h = slot(((found[i] * MIX + roles[i]) * MIX + block_of[i] + 4) & LARGEST, LARGEST)
        roles[i] = h
        kind = kinds[code[i]]
        if kind != INPUT and kind != CONSTANT:
            for k in range(start[i], start[i + 1]):
                x = operands[k]
                found[x] = (found[x] + h) & LARGEST
        i -= 1
    return 0


def roles_by_operands(n: int, tape: Columns, kinds: Shorts, roles: Shorts) -> int:
    """Tell the operations of a role apart by the roles of their operands, in any order."""
    code, start, operands = tape
    for i in range(n):
        kind = kinds[code[i]]
        if kind != INPUT and kind != CONSTANT:
            h = 0
            for k in range(start[i], start[i + 1]):
                h = (h + roles[operands[k]]) & LARGEST
            roles[i] = slot((roles[i] * MIX + h) & LARGEST, LARGEST)
    return 0


def gather_roles(
    lanes: Members,
    other: Shorts,
    least: int,
    roles: Shorts,
    rank_of: Shorts,
    counts: Shorts,
    table: Table,
) -> int:
    """Put members of the same role side by side, in the order of the first of each.

    Returns:
        1 if that changes their order, 0 if it does not, or if a role has fewer than
        `least` members. The order stays as it is, then.
    """
    places, mask = table
    at, n, members = lanes
    count = 0
    changes = 0
    last = -1
    for k in range(n):
        role = roles[members[at + k]]
        place = slot(role, mask)
        r = places[place]
        searching = 1
        while searching == 1:
            searching = 0
            if r < 0:
                r = count
                places[place] = r
                other[r] = role
                counts[r] = 0
                count += 1
            elif other[r] != role:
                searching = 1
                place = (place + 1) & mask
                r = places[place]
        if r < last:
            changes = 1
        last = r
        rank_of[k] = r
        counts[r] += 1
    if changes == 0:
        return 0
    begin = 0
    for r in range(count):
        if counts[r] < least:
            return 0
        size = counts[r]
        counts[r] = begin
        begin += size
    for k in range(n):
        other[counts[rank_of[k]]] = members[at + k]
        counts[rank_of[k]] += 1
    for k in range(n):
        members[at + k] = other[k]
    return 1


def find_numbers(
    n: int, tape: Columns, kinds: Shorts, n_values: int, n_inputs: int, found: Shorts
) -> int:
    """Write to `found` which operations the inputs are that are numbers, in their order."""
    code, start, operands = tape
    for i in range(n):
        if kinds[code[i]] == INPUT:
            k = -1 - operands[start[i]]
            if k >= n_values and k < n_inputs:
                found[k - n_values] = i
    return 0
