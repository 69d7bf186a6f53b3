"""shortening: the passes of `simplify`.

They count how often each operation is used, find what depends on constants
alone, and write the tape anew: sums as chains, and what is the same once.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import NamedTuple

from .codes import (
    ADD,
    CONSTANT,
    DIV,
    DOT,
    GUARD,
    INPUT,
    LARGEST,
    MIX,
    MUL,
    N_ADDED,
    N_CODE,
    N_CONSTANTS,
    N_OPERANDS,
    N_TERMS,
    SAME,
    SUB,
    Bytes,
    Columns,
    Shorts,
    Table,
    Wholes,
    slot,
)

# Constants in the list of a sum. `special` has their operations at 2 to 5, and from
# ADDED on which of them were added, in order. PRODUCTS_OF - i stands for all products of
# the dot product i, which are not listed one by one.
MINUS_ZERO, ZERO, ONE, MINUS_ONE = -2, -3, -4, -5
PRODUCTS_OF = -6
ADDED = 6  # the place in `special` of the first one that was added


class Shorter(NamedTuple):
    """The new tape, and what adding to it takes."""

    code: Shorts
    start: Wholes
    operands: Shorts
    state: Wholes  # how much of it there is
    kinds: Shorts  # of its rows
    chain_row: int
    constant_row: int
    special: Shorts  # the operations that give special constants


class Sums(NamedTuple):
    """The operands that the chains of sums have so far, as lists of links.

    The list of the operation i leads from the link head[i] to tail[i]; there are
    counts[i] of them. A link has its term, and the `following` link.
    """

    head: Shorts
    tail: Shorts
    counts: Shorts
    terms: Shorts
    following: Shorts


def count_uses(
    n: int, tape: Columns, kinds: Shorts, n_outputs: int, outputs: Wholes, uses: Bytes
) -> int:
    """How many operands of needed operations name each one: 0, 1, or 2 for more.

    Results and guards, which nothing names, have 2.

    Returns:
        How many operations are sums.
    """
    code, start, operands = tape
    sums = 0
    for i in range(n):
        uses[i] = 0
        kind = kinds[code[i]]
        if kind == GUARD:
            uses[i] = 2
        if kind in (ADD, SUB, DOT):
            sums += 1
    for k in range(n_outputs):
        uses[outputs[k]] = 2
    i = n - 1
    while i >= 0:
        if uses[i] > 0:
            for k in range(start[i], start[i + 1]):
                j = operands[k]
                if j >= 0 and uses[j] < 2:
                    uses[j] += 1
        i -= 1
    return sums


def find_constants(
    n: int, tape: Columns, kinds: Shorts, uses: Bytes, constant: Bytes, found: Shorts
) -> int:
    """List the needed operations that depend on constants alone; return how many."""
    code, start, operands = tape
    count = 0
    for i in range(n):
        kind = kinds[code[i]]
        constant[i] = 0
        if kind == CONSTANT:
            constant[i] = 1
        elif kind != INPUT and kind != GUARD and start[i] < start[i + 1]:
            constant[i] = 1
            for k in range(start[i], start[i + 1]):
                if constant[operands[k]] == 0:
                    constant[i] = 0
        if constant[i] == 1 and uses[i] > 0:
            found[count] = i
            count += 1
    return count


def add_operation(row: int, m: int, new: Shorter, table: Table) -> int:
    """Add an operation, unless one gives the same; return its number.

    Its m operands lie behind those of the other operations already. It is first
    looked for at the sum of their numbers. That place is near the one of the
    operation before, and so in the processor's cache. Further places are spread
    over the table.
    """
    code, start, operands = new.code, new.start, new.operands
    state, special = new.state, new.special
    places, mask = table
    kind = new.kinds[row]
    at = state[N_OPERANDS]
    x = operands[at]
    if kind == SAME:
        return x
    if kind in (ADD, SUB, MUL, DIV):
        y = operands[at + 1]
        left = -1  # the operand on the left that leaves the right one unchanged
        right = -1
        if kind == ADD:
            left = special[-MINUS_ZERO]
            right = left
        if kind == SUB:
            right = special[-ZERO]
        if kind == MUL:
            left = special[-ONE]
            right = left
        if kind == DIV:
            right = special[-ONE]
        if y == right:
            return x
        if x == left:
            return y
    h = row
    total = row
    for k in range(m):
        h = (h * MIX + operands[at + k] + 1) & LARGEST
        total += operands[at + k]
    place = total & mask
    i = places[place]
    step = 0
    while i >= 0:
        equal = 0
        if code[i] == row and start[i + 1] - start[i] == m:
            equal = 1
            first = start[i]
            k = 0
            while k < m:
                if operands[first + k] != operands[at + k]:
                    equal = 0
                    k = m
                k += 1
        if equal == 1:
            return i
        if step == 0:
            place = slot(h, mask)
            step = 2 * place + 1  # odd, so that it comes to every place
        else:
            place = (place + step) & mask
        i = places[place]
    places[place] = state[N_CODE]
    return append(row, m, new)


def append(row: int, m: int, new: Shorter) -> int:
    """Append an operation, whose m operands lie there already; return its number."""
    state = new.state
    i = state[N_CODE]
    new.code[i] = row
    state[N_OPERANDS] += m
    new.start[i + 1] = state[N_OPERANDS]
    state[N_CODE] = i + 1
    return i


def special_constant(x: int, new: Shorter) -> int:
    """The operation that gives one of the four special constants, added if there is none."""
    special, state = new.special, new.state
    if special[-x] < 0:
        new.operands[state[N_OPERANDS]] = -1 - state[N_CONSTANTS]
        special[-x] = append(new.constant_row, 1, new)
        special[ADDED + state[N_ADDED]] = x
        state[N_ADDED] += 1
        state[N_CONSTANTS] += 1
    return special[-x]


def append_term(i: int, x: int, sums: Sums, state: Wholes) -> int:
    """Append x to the list of the sum i: an operation, or one of the constants above."""
    head, tail, counts, terms, following = sums
    k = state[N_TERMS]
    terms[k] = x
    following[k] = -1
    if head[i] < 0:
        head[i] = k
        counts[i] = 0
    else:
        following[tail[i]] = k
    tail[i] = k
    counts[i] += 1
    state[N_TERMS] = k + 1
    return 0


def release(i: int, tape: Columns, image: Shorts, sums: Sums, new: Shorter, table: Table) -> int:
    """Add the operation i that was held back: a sum as a chain, others as they are."""
    if image[i] >= 0:
        return image[i]
    code, start, operands = tape
    head, tail, counts, terms, following = sums
    new_operands, state = new.operands, new.state
    row = code[i]
    lone = 1  # no sum, or a lone x + y or x - y: as three terms x, y and 1 or -1
    if head[i] >= 0:
        lone = 0
        if counts[i] == 3 and terms[tail[i]] < -1 and terms[tail[i]] > PRODUCTS_OF:
            lone = 1
    m = 0
    if lone == 1:
        at = state[N_OPERANDS]
        for k in range(start[i], start[i + 1]):
            new_operands[at + m] = image[operands[k]]
            m += 1
    else:
        row = new.chain_row
        k = head[i]
        while k >= 0:
            if terms[k] < -1 and terms[k] > PRODUCTS_OF:
                terms[k] = special_constant(terms[k], new)
            k = following[k]
        at = state[N_OPERANDS]
        k = head[i]
        while k >= 0:
            if terms[k] > PRODUCTS_OF:
                new_operands[at + m] = terms[k]
                m += 1
            else:
                j = PRODUCTS_OF - terms[k]
                half = (start[j + 1] - start[j]) // 2
                for p in range(start[j], start[j] + half):
                    new_operands[at + m] = image[operands[p]]
                    new_operands[at + m + 1] = image[operands[p + half]]
                    m += 2
            k = following[k]
    image[i] = add_operation(row, m, new, table)
    return image[i]


def shorten(
    n: int,
    tape: Columns,
    uses: Bytes,
    held: Bytes,
    image: Shorts,
    sums: Sums,
    new: Shorter,
    table: Table,
) -> int:
    """Add the needed operations to the new tape; `image` tells which became which.

    Sums and products that one operand uses are `held` back, as a chain may take
    them in, until something else needs them. A sum that is held back is the list
    of the operands that its chain has so far.
    """
    code, start, operands = tape
    head, tail, counts = sums.head, sums.tail, sums.counts
    kinds, state = new.kinds, new.state
    for i in range(n):
        held[i] = 0
        kind = kinds[code[i]]
        if uses[i] == 1 and kind in (ADD, SUB, MUL, DOT):
            held[i] = kind
    for i in range(n):
        if uses[i] > 0 and image[i] < 0:
            kind = kinds[code[i]]
            first = start[i]
            end = start[i + 1]
            if kind in (ADD, SUB):
                a = operands[first]
                b = operands[first + 1]
                if kind == ADD and held[a] not in (ADD, SUB, DOT):
                    swap = 0
                    if held[b] in (ADD, SUB, DOT):
                        swap = 1
                    if held[a] == MUL and held[b] != MUL:
                        swap = 1
                    if swap == 1:  # the sum so far comes first, a product last
                        a = operands[first + 1]
                        b = operands[first]
                if held[a] in (ADD, SUB, DOT):
                    head[i] = head[a]
                    tail[i] = tail[a]
                    counts[i] = counts[a]
                    head[a] = -1
                elif held[a] == MUL:  # -0.0 + x is x
                    append_term(i, MINUS_ZERO, sums, state)
                    for k in range(start[a], start[a + 1]):
                        append_term(i, image[operands[k]], sums, state)
                else:
                    append_term(i, image[a], sums, state)
                if kind == ADD and held[b] == MUL:
                    for k in range(start[b], start[b + 1]):
                        append_term(i, image[operands[k]], sums, state)
                else:
                    append_term(i, release(b, tape, image, sums, new, table), sums, state)
                    sign = ONE
                    if kind == SUB:
                        sign = MINUS_ONE
                    append_term(i, sign, sums, state)
            else:
                for k in range(first, end):
                    if image[operands[k]] < 0:
                        release(operands[k], tape, image, sums, new, table)
                if kind == DOT:
                    append_term(i, ZERO, sums, state)
                    append_term(i, PRODUCTS_OF - i, sums, state)
            if held[i] == 0:
                release(i, tape, image, sums, new, table)
    return 0
