"""blocks: operations of the same structure, and blocks that are alike.

The operations of a block have the same row, and operands of the same blocks. So
they are lanes: they can be computed side by side.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import NamedTuple

from .codes import CONSTANT, INPUT, LARGEST, MIX, Columns, Shorts, Table, Wholes, slot


class Blocks(NamedTuple):
    """The block of every operation, the first operation of every block, and its size."""

    block_of: Shorts
    sample: Shorts
    sizes: Shorts


def group(
    n: int,
    tape: Columns,
    kinds: Shorts,
    n_values: int,
    n_inputs: int,
    ranks: Shorts,
    address: Wholes,
    blocks: Blocks,
    levels: Shorts,
    table: Table,
) -> int:
    """Find the block of every operation: the same row, and operands of the same blocks.

    The blocks of Values, numbers and constants are -1, -2 and -3; these have
    their addresses now. `ranks` says in which order the constants lie. `sample` is
    the first operation of a block, `sizes` its number of operations, and its level
    is one more than the highest of its operands.

    Returns:
        The number of blocks.
    """
    code, start, operands = tape
    block_of, sample, sizes = blocks
    places, mask = table
    count = 0
    for i in range(n):
        row = code[i]
        kind = kinds[row]
        first = start[i]
        if kind in (INPUT, CONSTANT):
            k = -1 - operands[first]
            if kind == CONSTANT:
                block_of[i] = -3
                address[i] = n_inputs + ranks[k]
            else:
                block_of[i] = -2
                if k < n_values:
                    block_of[i] = -1
                address[i] = k
        else:
            m = start[i + 1] - first
            h = row
            for k in range(m):
                h = (h * MIX + block_of[operands[first + k]] + 4) & LARGEST
            place = slot(h, mask)
            b = places[place]
            searching = 1
            while searching == 1:
                if b < 0:
                    searching = 0
                    b = count
                    places[place] = b
                    count += 1
                    sample[b] = i
                    sizes[b] = 0
                    level = 0
                    for k in range(m):
                        c = block_of[operands[first + k]]
                        if c >= 0 and levels[c] > level:
                            level = levels[c]
                    levels[b] = level + 1
                else:
                    j = sample[b]
                    other = start[j]
                    searching = 0
                    if code[j] != row or start[j + 1] - other != m:
                        searching = 1
                    else:
                        k = 0
                        while k < m:
                            if block_of[operands[first + k]] != block_of[operands[other + k]]:
                                searching = 1
                                k = m
                            k += 1
                    if searching == 1:
                        place = (place + 1) & mask
                        b = places[place]
            block_of[i] = b
            sizes[b] += 1
    return count


def place_of_key(k: int, m: int) -> int:
    """The k-th of the five operands by which `find_keys` tells blocks: three first, two last."""
    if k < 3:
        return k
    return m - 5 + k


def key_part(b: int, place: int, tape: Columns, blocks: Blocks) -> int:
    """The row that gives an operand of a block, or what kind of number it is."""
    code, start, operands = tape
    block_of, sample = blocks.block_of, blocks.sample
    c = block_of[operands[start[sample[b]] + place]]
    if c < 0:
        return c
    return code[sample[c]]


def find_keys(
    n_blocks: int,
    widest: int,
    tape: Columns,
    blocks: Blocks,
    key_of: Shorts,
    first: Shorts,
    table: Table,
) -> int:
    """Number the blocks that may be lanes of one: the same row, and operands from the same rows.

    Blocks of more than `widest` lanes stay for themselves. `first` is a block of each
    number.

    Returns:
        How many numbers there are.
    """
    code, start = tape.code, tape.start
    sample, sizes = blocks.sample, blocks.sizes
    places, mask = table
    keys = 0
    for b in range(n_blocks):
        i = sample[b]
        row = code[i]
        m = start[i + 1] - start[i]
        told = m
        if told > 5:
            told = 5
        h = row * 31 + m
        for k in range(told):
            x = key_part(b, place_of_key(k, m), tape, blocks)
            h = (h * MIX + x + 4) & LARGEST
        if sizes[b] > widest:
            h = (h * MIX + b) & LARGEST
        place = slot(h, mask)
        key = places[place]
        searching = 1
        while searching == 1:
            searching = 0
            if key < 0:
                key = keys
                places[place] = key
                first[key] = b
                keys += 1
            else:
                c = first[key]
                j = sample[c]
                if sizes[b] > widest or sizes[c] > widest or code[j] != row:
                    searching = 1
                if start[j + 1] - start[j] != m:
                    searching = 1
                if searching == 0:
                    k = 0
                    while k < told:
                        p = place_of_key(k, m)
                        x = key_part(b, p, tape, blocks)
                        y = key_part(c, p, tape, blocks)
                        if x != y:
                            searching = 1
                            k = told
                        k += 1
                if searching == 1:
                    place = (place + 1) & mask
                    key = places[place]
        key_of[b] = key
    return keys


def find_siblings(
    n_blocks: int, tape: Columns, blocks: Blocks, siblings: Shorts, table: Table
) -> int:
    """Link the blocks of the same size that read the same blocks: each to the next, in rings."""
    start, operands = tape.start, tape.operands
    block_of, sample, sizes = blocks
    places, mask = table
    for b in range(n_blocks):
        i = sample[b]
        m = start[i + 1] - start[i]
        h = sizes[b]
        for k in range(m):
            h = (h * MIX + block_of[operands[start[i] + k]] + 4) & LARGEST
        place = slot(h, mask)
        c = places[place]
        searching = 1
        while searching == 1:
            searching = 0
            if c >= 0:
                j = sample[c]
                if sizes[c] != sizes[b] or start[j + 1] - start[j] != m:
                    searching = 1
                k = 0
                while searching == 0 and k < m:
                    if block_of[operands[start[i] + k]] != block_of[operands[start[j] + k]]:
                        searching = 1
                    k += 1
                if searching == 1:
                    place = (place + 1) & mask
                    c = places[place]
        if c < 0:
            places[place] = b
            siblings[b] = b
        else:
            siblings[b] = siblings[c]
            siblings[c] = b
    return 0


def gather_members(n: int, block_of: Shorts, offsets: Wholes, members: Shorts) -> int:
    """Put the operations of each block side by side, from its offset on."""
    for i in range(n):
        b = block_of[i]
        if b >= 0:
            members[offsets[b]] = i
            offsets[b] += 1
    return 0
