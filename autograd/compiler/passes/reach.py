"""reach: what a gradient reaches, how much room that needs, and by which rules."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .codes import (
    BY_RULE,
    CONSTANT,
    LARGEST,
    MIX,
    STOP,
    Bytes,
    Columns,
    Shorts,
    Table,
    Wholes,
    slot,
)

WANTED, UNWANTED = -1, -2  # a partial, with respect to an operand that is no constant


def spread(
    n: int,
    tape: Columns,
    kinds: Shorts,
    pulls: Shorts,
    singular: Shorts,
    active: Bytes,
    counts: Wholes,
) -> int:
    """Mark what depends on the operations marked already.

    `counts` are the active operations, and the active operands among theirs whose
    partial may be infinite.
    """
    code, start, operands = tape
    for k in range(2):
        counts[k] = 0
    for i in range(n):
        edges = 0
        scaled = 0
        if pulls[code[i]] != STOP:
            if pulls[code[i]] == BY_RULE or singular[code[i]] > 0:
                scaled = 1
            for k in range(start[i], start[i + 1]):
                if active[operands[k]] == 1:
                    active[i] = 1
                    edges += 1
                if kinds[code[operands[k]]] == CONSTANT:
                    scaled = 1
        if active[i] == 1:
            counts[0] += 1
            if scaled == 1:
                counts[1] += edges
    return 0


def order_below(
    n: int,
    n_roots: int,
    roots: Wholes,
    tape: Columns,
    pulls: Shorts,
    active: Bytes,
    seen: Bytes,
    order: Shorts,
) -> int:
    """List the active operations below the roots, oldest first: a tape has the order of age.

    Returns:
        How many there are.
    """
    code, start, operands = tape
    for k in range(n_roots):
        seen[roots[k]] = 1
    i = n - 1
    while i >= 0:
        if active[i] == 0:
            seen[i] = 0
        if seen[i] == 1 and pulls[code[i]] != STOP:
            for k in range(start[i], start[i + 1]):
                seen[operands[k]] = 1
        i -= 1
    count = 0
    for i in range(n):
        if seen[i] == 1:
            order[count] = i
            count += 1
    return count


def place_terms(
    n_order: int,
    order: Shorts,
    n_roots: int,
    roots: Wholes,
    tape: Columns,
    pulls: Shorts,
    active: Bytes,
    begins: Shorts,
    count: Shorts,
    limits: Wholes,
) -> int:
    """Give the terms that may reach each operation a place of their own.

    Those of an operation lie side by side, from `begins` on. `count`, which is how
    many there are so far, becomes 0. `limits` are how many operations the sums of
    all terms take at most, and how many operands.

    Returns:
        How many terms there are at most.
    """
    code, start, operands = tape
    for n in range(n_order):
        z = order[n]
        if pulls[code[z]] != STOP:
            for k in range(start[z], start[z + 1]):
                if active[operands[k]] == 1:
                    count[operands[k]] += 1
    for n in range(n_roots):
        count[roots[n]] += 1
    total = 0
    limits[0] = 0
    limits[1] = 0
    for n in range(n_order):
        z = order[n]
        begins[z] = total
        total += count[z]
        limits[0] += 1
        limits[1] += 2 * count[z]
        if count[z] > 1:  # two terms are two products and an addition
            limits[0] += 2
        if count[z] == 2:
            limits[1] += 2
        count[z] = 0
    return total


def state_of(i: int, code: Shorts, kinds: Shorts, active: Bytes) -> int:
    """What a rule sees of an operand: which constant, or whether its partial is wanted."""
    if kinds[code[i]] == CONSTANT:
        return i
    if active[i] == 1:
        return WANTED
    return UNWANTED


def find_rules(
    n_order: int,
    order: Shorts,
    tape: Columns,
    kinds: Shorts,
    pulls: Shorts,
    active: Bytes,
    rule_of: Shorts,
    sample: Shorts,
    uses: Wholes,
    table: Table,
) -> int:
    """Number the different rules that operations need; return how many there are.

    Two operations share one if they have the same row, and operands in the same
    states. `sample` is an operation with that rule, `uses` how many have it. The
    result is -1 where the table is too small.
    """
    code, start, operands = tape
    places, mask = table
    rules = 0
    for n in range(n_order):
        i = order[n]
        row = code[i]
        if pulls[row] == BY_RULE:
            first = start[i]
            m = start[i + 1] - first
            h = row
            for k in range(m):
                x = state_of(operands[first + k], code, kinds, active)
                h = (h * MIX + x + 3) & LARGEST
            place = slot(h, mask)
            r = places[place]
            searching = 1
            while searching == 1:
                searching = 0
                if r < 0:
                    if 2 * rules > mask:
                        return -1
                    r = rules
                    places[place] = r
                    rules += 1
                    sample[r] = i
                    uses[r] = 0
                else:
                    j = sample[r]
                    other = start[j]
                    if code[j] != row or start[j + 1] - other != m:
                        searching = 1
                    else:
                        k = 0
                        while k < m:
                            x = state_of(operands[first + k], code, kinds, active)
                            y = state_of(operands[other + k], code, kinds, active)
                            if x != y:
                                searching = 1
                                k = m
                            k += 1
                    if searching == 1:
                        place = (place + 1) & mask
                        r = places[place]
            rule_of[i] = r
            uses[r] += 1
    return rules
