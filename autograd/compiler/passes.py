"""passes: the loops that go through all operations of a program.

A program can have millions of operations, and each pass looks at every one. So
these functions use only whole numbers and flat arrays, and `translate` can make
native code of them: some hundred times faster. Where llvmlite is missing, and
for small programs, Python runs them as they stand.

Arrays are changed in place. A function returns a whole number.
"""

from array import array
from typing import TypeAlias

Wholes: TypeAlias = "array[int]"  # of 64 bits
Shorts: TypeAlias = "array[int]"  # of 32 bits
Bytes: TypeAlias = "array[int]"  # of 8 bits
Reals: TypeAlias = "array[float]"

# What `simplify` knows about a row.
OTHER, ADD, SUB, MUL, DOT, DIV, SAME, CONSTANT, INPUT, GUARD = range(10)

# Constants in the list of a sum. `special` has their operations at 2 to 5, and from
# 6 on which of them were added, in order. PRODUCTS_OF - i stands for all products of
# the dot product i, which are not listed one by one.
MINUS_ZERO, ZERO, ONE, MINUS_ONE = -2, -3, -4, -5
PRODUCTS_OF = -6

# Places in `state`: how much of the new arrays is filled.
N_CODE, N_OPERANDS, N_TERMS, N_CONSTANTS, N_ADDED = range(5)

# What the gradient of a tape knows about a row, and places of the rows that it needs.
STOP, FIXED, PRODUCT, PRODUCTS, BY_RULE = range(5)
CONSTANT_ROW, ADD_ROW, MUL_ROW, NEG_ROW, SCALE_ROW, DOT_ROW = range(6)

# A rule names operands by their places, the result by their number, constants by
# ~operation, and its own operations from RESULT on.
NO_PARTIAL = -1073741824  # of an operand on which the result depends by steps alone
RESULT = 16777216


def count_uses(
    n: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    n_outputs: int,
    outputs: Wholes,
    uses: Bytes,
) -> int:
    """How many operands of needed operations name each one: 0, 1, or 2 for more.

    Results and guards, which nothing names, have 2.

    Returns:
        How many operations are sums.
    """
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
    n: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    uses: Bytes,
    constant: Bytes,
    found: Shorts,
) -> int:
    """List the needed operations that depend on constants alone; return how many."""
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


def slot(h: int, mask: int) -> int:
    """A place in a table for the hash h, whose bits are mixed."""
    h = ((h ^ (h >> 16)) * 73244475) & 2147483647
    h = ((h ^ (h >> 16)) * 73244475) & 2147483647
    return (h ^ (h >> 16)) & mask


def put(
    row: int,
    m: int,
    kinds: Shorts,
    special: Shorts,
    state: Wholes,
    new_code: Shorts,
    new_start: Wholes,
    new_operands: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Add an operation, unless one gives the same; return its number.

    Its m operands lie behind those of the other operations already. It is first
    looked for at the sum of their numbers. That place is near the one of the
    operation before, and so in the processor's cache. Further places are spread
    over the table.
    """
    kind = kinds[row]
    at = state[N_OPERANDS]
    x = new_operands[at]
    if kind == SAME:
        return x
    if kind in (ADD, SUB, MUL, DIV):
        y = new_operands[at + 1]
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
        h = (h * 69069 + new_operands[at + k] + 1) & 2147483647
        total += new_operands[at + k]
    place = total & mask
    i = table[place]
    step = 0
    while i >= 0:
        equal = 0
        if new_code[i] == row and new_start[i + 1] - new_start[i] == m:
            equal = 1
            first = new_start[i]
            k = 0
            while k < m:
                if new_operands[first + k] != new_operands[at + k]:
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
        i = table[place]
    new = state[N_CODE]
    table[place] = new
    new_code[new] = row
    state[N_OPERANDS] = at + m
    new_start[new + 1] = at + m
    state[N_CODE] = new + 1
    return new


def special_constant(
    x: int,
    constant_row: int,
    special: Shorts,
    state: Wholes,
    new_code: Shorts,
    new_start: Wholes,
    new_operands: Shorts,
) -> int:
    """The operation that gives one of the four special constants, added if there is none."""
    i = special[-x]
    if i < 0:
        i = state[N_CODE]
        special[-x] = i
        new_code[i] = constant_row
        first = state[N_OPERANDS]
        new_operands[first] = -1 - state[N_CONSTANTS]
        state[N_OPERANDS] = first + 1
        new_start[i + 1] = first + 1
        state[N_CODE] = i + 1
        special[6 + state[N_ADDED]] = x
        state[N_ADDED] += 1
        state[N_CONSTANTS] += 1
    return i


def append_term(
    i: int,
    x: int,
    head: Shorts,
    tail: Shorts,
    count: Shorts,
    terms: Shorts,
    following: Shorts,
    state: Wholes,
) -> int:
    """Append x to the list of the sum i."""
    k = state[N_TERMS]
    terms[k] = x
    following[k] = -1
    if head[i] < 0:
        head[i] = k
        count[i] = 0
    else:
        following[tail[i]] = k
    tail[i] = k
    count[i] += 1
    state[N_TERMS] = k + 1
    return 0


def place_operation(
    i: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    image: Shorts,
    head: Shorts,
    tail: Shorts,
    count: Shorts,
    terms: Shorts,
    following: Shorts,
    chain_row: int,
    constant_row: int,
    special: Shorts,
    state: Wholes,
    new_code: Shorts,
    new_start: Wholes,
    new_operands: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Add the operation i that was held back: a sum as a chain, others as they are."""
    if image[i] >= 0:
        return image[i]
    row = code[i]
    lone = 1  # no sum, or a lone x + y or x - y
    if head[i] >= 0:
        lone = 0
        if count[i] == 3 and terms[tail[i]] < -1 and terms[tail[i]] > PRODUCTS_OF:
            lone = 1
    m = 0
    if lone == 1:
        at = state[N_OPERANDS]
        for k in range(start[i], start[i + 1]):
            new_operands[at + m] = image[operands[k]]
            m += 1
    else:
        row = chain_row
        k = head[i]
        while k >= 0:
            if terms[k] < -1 and terms[k] > PRODUCTS_OF:
                terms[k] = special_constant(
                    terms[k], constant_row, special, state, new_code, new_start, new_operands
                )
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
    image[i] = put(row, m, kinds, special, state, new_code, new_start, new_operands, table, mask)
    return image[i]


def shorten(
    n: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    uses: Bytes,
    held: Bytes,
    image: Shorts,
    head: Shorts,
    tail: Shorts,
    count: Shorts,
    terms: Shorts,
    following: Shorts,
    chain_row: int,
    constant_row: int,
    special: Shorts,
    state: Wholes,
    new_code: Shorts,
    new_start: Wholes,
    new_operands: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Add the needed operations to the new tape; `image` tells which became which.

    Sums and products that one operand uses are `held` back, as a chain may take
    them in, until something else needs them. A sum that is held back is the list
    of the operands that its chain has so far.
    """
    for i in range(n):
        held[i] = 0
        kind = kinds[code[i]]
        if uses[i] == 1 and kind >= ADD and kind <= DOT:
            held[i] = kind
    for i in range(n):
        if uses[i] > 0 and image[i] < 0:
            kind = kinds[code[i]]
            first = start[i]
            end = start[i + 1]
            if kind in (ADD, SUB):
                a = operands[first]
                b = operands[first + 1]
                if kind == ADD and held[a] != ADD and held[a] != SUB and held[a] != DOT:
                    swap = 0
                    if held[b] == ADD or held[b] == SUB or held[b] == DOT:
                        swap = 1
                    if held[a] == MUL and held[b] != MUL:
                        swap = 1
                    if swap == 1:  # the sum so far comes first, a product last
                        a = operands[first + 1]
                        b = operands[first]
                if held[a] == ADD or held[a] == SUB or held[a] == DOT:
                    head[i] = head[a]
                    tail[i] = tail[a]
                    count[i] = count[a]
                    head[a] = -1
                elif held[a] == MUL:  # -0.0 + x is x
                    append_term(i, MINUS_ZERO, head, tail, count, terms, following, state)
                    for k in range(start[a], start[a + 1]):
                        append_term(
                            i, image[operands[k]], head, tail, count, terms, following, state
                        )
                else:
                    append_term(i, image[a], head, tail, count, terms, following, state)
                if kind == ADD and held[b] == MUL:
                    for k in range(start[b], start[b + 1]):
                        append_term(
                            i, image[operands[k]], head, tail, count, terms, following, state
                        )
                else:
                    x = place_operation(
                        b,
                        code,
                        start,
                        operands,
                        kinds,
                        image,
                        head,
                        tail,
                        count,
                        terms,
                        following,
                        chain_row,
                        constant_row,
                        special,
                        state,
                        new_code,
                        new_start,
                        new_operands,
                        table,
                        mask,
                    )
                    append_term(i, x, head, tail, count, terms, following, state)
                    x = ONE
                    if kind == SUB:
                        x = MINUS_ONE
                    append_term(i, x, head, tail, count, terms, following, state)
            else:
                for k in range(first, end):
                    if image[operands[k]] < 0:
                        place_operation(
                            operands[k],
                            code,
                            start,
                            operands,
                            kinds,
                            image,
                            head,
                            tail,
                            count,
                            terms,
                            following,
                            chain_row,
                            constant_row,
                            special,
                            state,
                            new_code,
                            new_start,
                            new_operands,
                            table,
                            mask,
                        )
                if kind == DOT:
                    append_term(i, ZERO, head, tail, count, terms, following, state)
                    append_term(i, PRODUCTS_OF - i, head, tail, count, terms, following, state)
            if held[i] == 0:
                place_operation(
                    i,
                    code,
                    start,
                    operands,
                    kinds,
                    image,
                    head,
                    tail,
                    count,
                    terms,
                    following,
                    chain_row,
                    constant_row,
                    special,
                    state,
                    new_code,
                    new_start,
                    new_operands,
                    table,
                    mask,
                )
    return 0


def group(
    n: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    n_values: int,
    n_inputs: int,
    ranks: Shorts,
    address: Wholes,
    block_of: Shorts,
    levels: Shorts,
    sample: Shorts,
    sizes: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Find the block of every operation: the same row, and operands of the same blocks.

    The blocks of Values, numbers and constants are -1, -2 and -3; these have
    their addresses now. `ranks` says in which order the constants lie. `sample` is
    the first operation of a block, `sizes` its number of operations, and its level
    is one more than the highest of its operands.

    Returns:
        The number of blocks.
    """
    blocks = 0
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
                h = (h * 69069 + block_of[operands[first + k]] + 4) & 2147483647
            place = slot(h, mask)
            b = table[place]
            searching = 1
            while searching == 1:
                if b < 0:
                    searching = 0
                    b = blocks
                    table[place] = b
                    blocks += 1
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
                        b = table[place]
            block_of[i] = b
            sizes[b] += 1
    return blocks


def heap_push(heap: Wholes, n: int, x: int) -> int:
    """Add x to a heap of n numbers, the least of which lies at 0; return n + 1."""
    k = n
    while k > 0:
        above = (k - 1) // 2
        if heap[above] > x:
            heap[k] = heap[above]
            k = above
        else:
            heap[k] = x
            return n + 1
    heap[0] = x
    return n + 1


def heap_pop(heap: Wholes, n: int) -> int:
    """Remove the least of the n numbers of a heap; return n - 1."""
    last = n - 1
    x = heap[last]
    k = 0
    below = 1
    while below < last:
        if below + 1 < last and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] < x:
            heap[k] = heap[below]
            k = below
            below = 2 * k + 1
        else:
            below = last
    heap[k] = x
    return last


def place_of_key(k: int, m: int) -> int:
    """The k-th of the operands by which `find_keys` tells blocks: three first, two last."""
    if k < 3:
        return k
    return m - 5 + k


def key_part(
    b: int,
    place: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    block_of: Shorts,
    sample: Shorts,
) -> int:
    """The row that gives an operand of a block, or what kind of number it is."""
    c = block_of[operands[start[sample[b]] + place]]
    if c < 0:
        return c
    return code[sample[c]]


def find_keys(
    n_blocks: int,
    widest: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    block_of: Shorts,
    sample: Shorts,
    sizes: Shorts,
    key_of: Shorts,
    first: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Number the blocks that may be lanes of one: the same row, and operands from the same rows.

    Blocks of more than `widest` lanes stay for themselves. `first` is a block of each
    number.

    Returns:
        How many numbers there are.
    """
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
            x = key_part(b, place_of_key(k, m), code, start, operands, block_of, sample)
            h = (h * 69069 + x + 4) & 2147483647
        if sizes[b] > widest:
            h = (h * 69069 + b) & 2147483647
        place = slot(h, mask)
        key = table[place]
        searching = 1
        while searching == 1:
            searching = 0
            if key < 0:
                key = keys
                table[place] = key
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
                        x = key_part(b, p, code, start, operands, block_of, sample)
                        y = key_part(c, p, code, start, operands, block_of, sample)
                        if x != y:
                            searching = 1
                            k = told
                        k += 1
                if searching == 1:
                    place = (place + 1) & mask
                    key = table[place]
        key_of[b] = key
    return keys


def find_siblings(
    n_blocks: int,
    start: Wholes,
    operands: Shorts,
    block_of: Shorts,
    sample: Shorts,
    sizes: Shorts,
    siblings: Shorts,
    table: Shorts,
    mask: int,
) -> int:
    """Link the blocks of the same size that read the same blocks: each to the next, in rings."""
    for b in range(n_blocks):
        i = sample[b]
        m = start[i + 1] - start[i]
        h = sizes[b]
        for k in range(m):
            h = (h * 69069 + block_of[operands[start[i] + k]] + 4) & 2147483647
        place = slot(h, mask)
        c = table[place]
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
                    c = table[place]
        if c < 0:
            table[place] = b
            siblings[b] = b
        else:
            siblings[b] = siblings[c]
            siblings[c] = b
    return 0


def count_consumers(
    n_blocks: int,
    start: Wholes,
    operands: Shorts,
    block_of: Shorts,
    sample: Shorts,
    seen: Shorts,
    needed: Shorts,
    ends: Wholes,
) -> int:
    """Count the blocks that each block `needed`, and where its consumers end if all are listed.

    Returns:
        How many pairs of a block and a consumer there are.
    """
    for b in range(n_blocks):
        seen[b] = -1
        ends[b] = 0
    for b in range(n_blocks):
        needed[b] = 0
        for k in range(start[sample[b]], start[sample[b] + 1]):
            c = block_of[operands[k]]
            if c >= 0 and seen[c] != b:
                seen[c] = b
                needed[b] += 1
                ends[c] += 1
    total = 0
    for b in range(n_blocks):
        total += ends[b]
        ends[b] = total
    return total


def list_consumers(
    n_blocks: int,
    start: Wholes,
    operands: Shorts,
    block_of: Shorts,
    sample: Shorts,
    seen: Shorts,
    ends: Wholes,
    consumers: Shorts,
    heights: Shorts,
) -> int:
    """List the consumers of every block, and how long the longest way from it on is.

    `ends` says where each list ends and afterwards where it begins.
    """
    for b in range(n_blocks):
        seen[b] = -1
        heights[b] = 0
    b = n_blocks - 1
    while b >= 0:  # operands come before what needs them
        for k in range(start[sample[b]], start[sample[b] + 1]):
            c = block_of[operands[k]]
            if c >= 0 and seen[c] != b:
                seen[c] = b
                ends[c] -= 1
                consumers[ends[c]] = b
                if heights[c] <= heights[b]:
                    heights[c] = heights[b] + 1
        b -= 1
    return 0


def find_waves(
    n_blocks: int,
    n_keys: int,
    key_of: Shorts,
    by_level: Shorts,
    levels: Shorts,
    heights: Shorts,
    needed: Shorts,
    begins: Wholes,
    n_consumers: int,
    consumers: Shorts,
    siblings: Shorts,
    slack: int,
    first: Shorts,
    following: Shorts,
    ready: Shorts,
    after: Shorts,
    highest: Shorts,
    heap: Wholes,
    later: Wholes,
    done: Bytes,
    waves: Shorts,
    ends: Shorts,
) -> int:
    """List the blocks in an order in which each finds its operands ready, in waves.

    A wave has all blocks of one key that are ready. The block from which the longest
    way leads on comes first. But a key waits as long as something else can go on, if
    more of its blocks may become ready soon: those of at most `slack` levels more.
    What reads the same as a wave follows it, as waves of the same kind. `ends` is
    where each wave ends.

    Returns:
        How many waves there are.
    """
    for k in range(n_keys):
        first[k] = -1  # the blocks of a key by level, as a list
        ready[k] = -1  # those that are ready
        highest[k] = 0  # their highest level
    for n in range(n_blocks):
        b = by_level[n_blocks - 1 - n]
        following[b] = first[key_of[b]]
        first[key_of[b]] = b
        done[b] = 0  # 1: ready, 2: listed
    shift = 4294967296
    n_heap = 0
    n_later = 0
    for b in range(n_blocks):
        if needed[b] == 0:
            done[b] = 1
            after[b] = ready[key_of[b]]
            ready[key_of[b]] = b
            if levels[b] > highest[key_of[b]]:
                highest[key_of[b]] = levels[b]
            n_heap = heap_push(heap, n_heap, b - heights[b] * shift)
    count = 0
    n_waves = 0
    while n_heap + n_later > 0:
        forced = 0
        x = 0
        if n_heap > 0:
            x = heap[0]
            n_heap = heap_pop(heap, n_heap)
        else:
            forced = 1
            x = later[0]
            n_later = heap_pop(later, n_later)
        b = x & 4294967295
        key = key_of[b]
        if done[b] == 1:
            c = first[key]
            while c >= 0 and done[c] > 0:
                c = following[c]
            first[key] = c
            if c >= 0 and levels[c] <= highest[key] + slack and forced == 0:
                n_later = heap_push(later, n_later, x)
            else:
                begun = count
                c = ready[key]
                while c >= 0:
                    if done[c] == 1:
                        waves[count] = c
                        count += 1
                        done[c] = 2
                    c = after[c]
                ready[key] = -1
                highest[key] = 0
                ends[n_waves] = count
                n_waves += 1
                length = count - begun
                sibling = siblings[waves[begun]]
                while sibling != waves[begun]:
                    if done[sibling] == 1:
                        for k in range(begun, begun + length):
                            c = siblings[waves[k]]
                            while c != waves[k]:
                                if done[c] == 1 and key_of[c] == key_of[sibling]:
                                    waves[count] = c
                                    count += 1
                                    done[c] = 2
                                c = siblings[c]
                        ends[n_waves] = count
                        n_waves += 1
                    sibling = siblings[sibling]
                for k in range(begun, count):
                    c = waves[k]
                    end = n_consumers
                    if c + 1 < n_blocks:
                        end = begins[c + 1]
                    for j in range(begins[c], end):
                        d = consumers[j]
                        needed[d] -= 1
                        if needed[d] == 0:
                            done[d] = 1
                            after[d] = ready[key_of[d]]
                            ready[key_of[d]] = d
                            if levels[d] > highest[key_of[d]]:
                                highest[key_of[d]] = levels[d]
                            n_heap = heap_push(heap, n_heap, d - heights[d] * shift)
    return n_waves


def gather_members(n: int, block_of: Shorts, offsets: Wholes, members: Shorts) -> int:
    """Put the operations of each block side by side, from its offset on."""
    for i in range(n):
        b = block_of[i]
        if b >= 0:
            members[offsets[b]] = i
            offsets[b] += 1
    return 0


def compare(
    i: int,
    j: int,
    n_places: int,
    places: Shorts,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
) -> int:
    """Whether operation i comes before j by the addresses of these operands: -1, 0 or 1."""
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
    """Sort n members by the addresses of these operands, and find the inner extent.

    That is the shortest stretch in which one of the operands keeps its distance
    from lane to lane.
    """
    width = 1
    k = 1
    while k < n:  # often the lanes are in order already
        c = compare(
            members[at + k - 1], members[at + k], n_places, places, start, operands, address
        )
        if c > 0:
            k = 2 * n
        k += 1
    if k == n:
        width = n
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
    """Base, outer step and inner step of every operand, and whether they hold for all lanes."""
    for place in range(n_places):
        base = address[operands[start[members[at]] + place]]
        outer_step = 0
        inner_step = 0
        if inner < n:
            outer_step = address[operands[start[members[at + inner]] + place]] - base
        if inner > 1:
            inner_step = address[operands[start[members[at + 1]] + place]] - base
        regular = 1
        o = 0
        k = 0
        while k < n:
            expected = base + o * outer_step
            i = 0
            while i < inner:
                if address[operands[start[members[at + k + i]] + place]] != expected:
                    regular = 0
                    i = inner
                    k = n
                expected += inner_step
                i += 1
            o += 1
            k += inner
        refs[4 * place] = base
        refs[4 * place + 1] = outer_step
        refs[4 * place + 2] = inner_step
        refs[4 * place + 3] = regular
    return 0


def telling_place(k: int, m: int, chain: int) -> int:
    """The k-th of up to five of m operands that tell how to sort lanes; -1 for none.

    Of a product the second factor comes first. In a gradient it is the adjoint,
    and lanes then lie as the weights that it is of.
    """
    if chain == 0:
        if k < 3 and k < m:
            return k
        if k == 3 and m > 3:
            return m - 1
        return -1
    if k == 4:
        return 0
    place = 2 - k
    if k > 1:
        place = m + 1 - k
    if place < 1 or place >= m:
        return -1
    return place


def kind_of_place(address: int, n_values: int, n_inputs: int, n_leaves: int) -> int:
    """What lies at an address: 0 a result, 1 a number, 2 a Value, 3 a constant."""
    if address >= n_leaves:
        return 0
    if address >= n_inputs:
        return 3
    if address >= n_values:
        return 1
    return 2


def reorder(at: int, n: int, members: Shorts, order: Shorts) -> int:
    """Bring n members into an order that they had."""
    for k in range(n):
        members[at + k] = order[k]
    return 0


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
    then Values. So rows lie outside and neurons inside. There is room for n
    members in `other` and `before`, and for six places in `places` and `tried`.
    """
    i = members[at]
    m = start[i + 1] - start[i]
    count = 0
    n_results = 0
    for kind in range(4):
        for k in range(5):
            place = telling_place(k, m, chain)
            if place >= 0:
                x = address[operands[start[i] + place]]
                if kind_of_place(x, n_values, n_inputs, n_leaves) == kind:
                    places[count] = place
                    count += 1
        if kind == 0:
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


def find_runs(n: int, m: int, first: int, refs: Wholes, begins: Shorts) -> int:
    """Cut n terms of m operands each into runs that move by equal distances.

    `refs` is as `measure` has it, with the terms from the operand `first` on.
    `begins` gets the first term of each run.

    Returns:
        How many runs there are.
    """
    count = 0
    k = 0
    while k < n:
        begins[count] = k
        count += 1
        begun = 4 * (first + k * m)
        k += 1
        going = 1
        while going == 1 and k < n:
            here = 4 * (first + k * m)
            for p in range(m):
                x = here + 4 * p
                y = x - 4 * m
                step = refs[begun + 4 * (m + p)] - refs[begun + 4 * p]
                if refs[x] - refs[y] != step:
                    going = 0
                if refs[x + 1] != refs[y + 1] or refs[x + 2] != refs[y + 2]:
                    going = 0
            k += going
    return count


def next_windows(
    n: int, width: int, signature: Shorts, following: Shorts, table: Shorts, mask: int
) -> int:
    """Find, for each item, the next one from which on the same `width` signatures come.

    `following` is -1 where there is none.
    """
    for i in range(n):
        following[i] = -1
    i = n - width
    while i >= 0:
        h = 0
        for k in range(width):
            h = (h * 69069 + signature[i + k] + 1) & 2147483647
        place = slot(h, mask)
        j = table[place]
        searching = 1
        while searching == 1:
            searching = 0
            if j >= 0:
                for k in range(width):
                    if signature[j + k] != signature[i + k]:
                        searching = 1
                if searching == 1:
                    place = (place + 1) & mask
                    j = table[place]
        following[i] = j
        table[place] = i
        i -= 1
    return 0


def repeats(
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
    the item k places before to it. `following` is for each item a later one
    that may be its next repetition: these distances are tried. `reach` is, for
    each distance, the first place that has not been looked at. `found` gets
    place, distance and number of items of every stretch that comes at least
    twice.

    Returns:
        How many stretches there are, at most `room`.
    """
    count = 0
    left = 64 * n
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


def results_row(at: int, n: int, members: Shorts, result_of: Shorts) -> int:
    """How many of n members are results one after the other, from the first on."""
    k = 1
    while k < n and result_of[members[at + k]] == result_of[members[at]] + k:
        k += 1
    return k


def results_step(at: int, n: int, inner: int, members: Shorts, result_of: Shorts) -> int:
    """How far apart the rows of n members lie among the results; -1 if not at equal distances.

    A row has `inner` members, which must be results one after the other.
    """
    first = result_of[members[at]]
    step = inner
    if inner < n:
        step = result_of[members[at + inner]] - first
    if first < 0 or step < inner:
        return -1
    for k in range(n):
        if result_of[members[at + k]] != first + k // inner * step + k % inner:
            return -1
    return step


def place_results(
    at: int, n: int, members: Shorts, result_of: Shorts, base: int, address: Wholes
) -> int:
    """Give members their places among the results, which lie from `base` on."""
    for k in range(at, at + n):
        address[members[k]] = base + result_of[members[k]]
    return 0


def neighbours(at: int, n: int, members: Shorts, address: Wholes) -> int:
    """How many of n members follow the one that `number` has counted before them."""
    found = 0
    for k in range(at, at + n - 1):
        if address[members[k + 1]] == address[members[k]] + 1:
            found += 1
    return found


def find_pieces(
    at: int,
    n: int,
    members: Shorts,
    n_places: int,
    start: Wholes,
    operands: Shorts,
    address: Wholes,
    steps: Wholes,
    rows: Wholes,
    begins: Shorts,
    inners: Shorts,
) -> int:
    """Cut lanes into pieces in which every operand lies at regular distances.

    A piece is a number of rows of the same length. `begins` and `inners` say where
    it begins and how long a row is. `steps` and `rows` have room for each place.

    Returns:
        How many pieces there are.
    """
    count = 0
    k = 0
    while k < n:
        inner = 1
        if k + 1 < n:
            for p in range(n_places):
                x = address[operands[start[members[at + k]] + p]]
                steps[p] = address[operands[start[members[at + k + 1]] + p]] - x
            going = 1
            while going == 1 and k + inner < n:
                for p in range(n_places):
                    x = address[operands[start[members[at + k + inner - 1]] + p]]
                    y = address[operands[start[members[at + k + inner]] + p]]
                    if y - x != steps[p]:
                        going = 0
                inner += going
        lanes = inner
        if k + 2 * inner <= n:
            for p in range(n_places):
                x = address[operands[start[members[at + k]] + p]]
                rows[p] = address[operands[start[members[at + k + inner]] + p]] - x
            going = 1
            while going == 1 and k + lanes + inner <= n:
                i = 0
                while i < inner:
                    for p in range(n_places):
                        x = address[operands[start[members[at + k + lanes + i - inner]] + p]]
                        y = address[operands[start[members[at + k + lanes + i]] + p]]
                        if y - x != rows[p]:
                            going = 0
                    i += 1
                    if going == 0:
                        i = inner
                if going == 1 and k + lanes + inner < n:  # does the row end where the first does?
                    going = 0
                    for p in range(n_places):
                        x = address[operands[start[members[at + k + lanes + inner - 1]] + p]]
                        y = address[operands[start[members[at + k + lanes + inner]] + p]]
                        if y - x != steps[p]:
                            going = 1
                if going == 1:
                    lanes += inner
        begins[count] = k
        inners[count] = inner
        count += 1
        k += lanes
    return count


def number(at: int, n: int, members: Shorts, base: int, address: Wholes) -> int:
    """Give the results of n members places side by side."""
    for k in range(n):
        address[members[at + k]] = base + k
    return 0


def follow(
    at: int,
    n: int,
    times: int,
    order: Shorts,
    members: Shorts,
    other: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
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


def spread(
    n: int,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
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
    for k in range(2):
        counts[k] = 0
    for i in range(n):
        edges = 0
        scaled = 0
        if pulls[code[i]] != STOP:
            if pulls[code[i]] == BY_RULE or singular[code[i]] == 1:
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
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    pulls: Shorts,
    active: Bytes,
    seen: Bytes,
    order: Shorts,
) -> int:
    """List the active operations below the roots, oldest first: a tape has the order of age.

    Returns:
        How many there are.
    """
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
    code: Shorts,
    start: Wholes,
    operands: Shorts,
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
        return -1
    return -2


def find_rules(
    n_order: int,
    order: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    pulls: Shorts,
    active: Bytes,
    rule_of: Shorts,
    sample: Shorts,
    uses: Wholes,
    table: Shorts,
    mask: int,
) -> int:
    """Number the different rules that operations need; return how many there are.

    Two operations share one if they have the same row, and operands in the same
    states. `sample` is an operation with that rule, `uses` how many have it. The
    result is -1 where the table is too small.
    """
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
                h = (h * 69069 + x + 3) & 2147483647
            place = slot(h, mask)
            r = table[place]
            searching = 1
            while searching == 1:
                searching = 0
                if r < 0:
                    if 2 * rules > mask:
                        return -1
                    r = rules
                    table[place] = r
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
                        r = table[place]
            rule_of[i] = r
            uses[r] += 1
    return rules


def emit(
    row: int, m: int, x: int, y: int, code: Shorts, start: Wholes, operands: Shorts, state: Wholes
) -> int:
    """Append an operation on one or two operands; return its number."""
    i = state[N_CODE]
    first = state[N_OPERANDS]
    code[i] = row
    operands[first] = x
    if m == 2:
        operands[first + 1] = y
    state[N_OPERANDS] = first + m
    start[i + 1] = first + m
    state[N_CODE] = i + 1
    return i


def emit_number(
    x: float,
    rows: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    numbers: Reals,
    state: Wholes,
) -> int:
    """Append a constant; return the number of its operation."""
    k = state[N_CONSTANTS]
    numbers[k] = x
    state[N_CONSTANTS] = k + 1
    return emit(rows[CONSTANT_ROW], 1, -1 - k, 0, code, start, operands, state)


def known_number(i: int, code: Shorts, start: Wholes, operands: Shorts, kinds: Shorts) -> int:
    """Where `numbers` has the constant that an operation gives; -1 for other operations."""
    if kinds[code[i]] == CONSTANT:
        return -1 - operands[start[i]]
    return -1


def multiply(
    p: int,
    g: int,
    rows: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    numbers: Reals,
    state: Wholes,
) -> int:
    """p * g, but no operation for a factor p of 1 or -1, or for two constants."""
    a = known_number(p, code, start, operands, kinds)
    b = known_number(g, code, start, operands, kinds)
    if a >= 0:
        if numbers[a] == 1.0:
            return g
        if numbers[a] == -1.0:
            if b >= 0:
                return emit_number(-numbers[b], rows, code, start, operands, numbers, state)
            return emit(rows[NEG_ROW], 1, g, 0, code, start, operands, state)
        if b >= 0:
            return emit_number(numbers[a] * numbers[b], rows, code, start, operands, numbers, state)
    return emit(rows[MUL_ROW], 2, p, g, code, start, operands, state)


def total_of(
    z: int,
    begins: Shorts,
    count: Shorts,
    term_p: Shorts,
    term_g: Shorts,
    rows: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    numbers: Reals,
    state: Wholes,
) -> int:
    """The sum of the products that have reached z, as `sweeps._total` has it."""
    k = begins[z]
    if count[z] <= 2:
        x = multiply(term_p[k], term_g[k], rows, code, start, operands, kinds, numbers, state)
        if count[z] == 1:
            return x
        k += 1
        y = multiply(term_p[k], term_g[k], rows, code, start, operands, kinds, numbers, state)
        a = known_number(x, code, start, operands, kinds)
        b = known_number(y, code, start, operands, kinds)
        if a >= 0 and b >= 0:
            return emit_number(numbers[a] + numbers[b], rows, code, start, operands, numbers, state)
        return emit(rows[ADD_ROW], 2, x, y, code, start, operands, state)
    known = 1
    sum_so_far = 0.0
    i = state[N_CODE]
    first = state[N_OPERANDS]
    n = count[z]
    for place in range(first, first + n):
        a = known_number(term_p[k], code, start, operands, kinds)
        b = known_number(term_g[k], code, start, operands, kinds)
        if a >= 0 and b >= 0:
            sum_so_far += numbers[a] * numbers[b]
        else:
            known = 0
        operands[place] = term_p[k]
        operands[place + n] = term_g[k]
        k += 1
    if known == 1:
        return emit_number(sum_so_far, rows, code, start, operands, numbers, state)
    code[i] = rows[DOT_ROW]
    state[N_OPERANDS] = first + 2 * n
    start[i + 1] = first + 2 * n
    state[N_CODE] = i + 1
    return i


def pass_on(
    z: int,
    place: int,
    p: int,
    g: int,
    one: int,
    singular: Shorts,
    active: Bytes,
    begins: Shorts,
    count: Shorts,
    term_p: Shorts,
    term_g: Shorts,
    rows: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    numbers: Reals,
    state: Wholes,
) -> int:
    """Let z pass p * g on to one of its operands."""
    x = operands[start[z] + place]
    if active[x] == 0 or p == NO_PARTIAL:
        return 0
    scaled = singular[code[z]]
    a = known_number(p, code, start, operands, kinds)
    if a >= 0:
        if numbers[a] == 0.0:
            for k in range(start[z], start[z + 1]):
                if kinds[code[operands[k]]] == CONSTANT:
                    return 0
        if numbers[a] - numbers[a] != 0.0:
            scaled = 1
    if scaled == 1:  # a zero adjoint stops even an infinite partial
        b = known_number(g, code, start, operands, kinds)
        s = 0
        if a >= 0 and b >= 0:
            if numbers[b] == 0.0:
                s = emit_number(0.0, rows, code, start, operands, numbers, state)
            else:
                s = emit_number(
                    numbers[b] * numbers[a], rows, code, start, operands, numbers, state
                )
        else:
            s = emit(rows[SCALE_ROW], 2, g, p, code, start, operands, state)
        g = s
        p = one
    k = begins[x] + count[x]
    term_p[k] = p
    term_g[k] = g
    count[x] += 1
    return 0


def resolve(x: int, z: int, m: int, results: Shorts, start: Wholes, operands: Shorts) -> int:
    """The operation that an operand of a rule stands for, at the operation z."""
    if x >= RESULT:
        return results[x - RESULT]
    if x < 0:
        return -1 - x
    if x == m:
        return z
    return operands[start[z] + x]


def sweep(
    n_order: int,
    order: Shorts,
    pulls: Shorts,
    fixed: Shorts,
    rule_of: Shorts,
    rule_start: Wholes,
    rule_code: Shorts,
    rule_operand_start: Wholes,
    rule_operands: Shorts,
    partial_start: Wholes,
    partials: Shorts,
    results: Shorts,
    found: Shorts,
    one: int,
    singular: Shorts,
    active: Bytes,
    begins: Shorts,
    count: Shorts,
    term_p: Shorts,
    term_g: Shorts,
    rows: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    kinds: Shorts,
    numbers: Reals,
    state: Wholes,
) -> int:
    """Reverse mode: append the adjoints of all operations in `order`, children first.

    What has reached an operation are pairs (partial, adjoint), as `place_terms` has
    them. `found` is its adjoint, or -1.
    """
    n = n_order - 1
    while n >= 0:
        z = order[n]
        n -= 1
        if count[z] > 0:
            g = total_of(
                z,
                begins,
                count,
                term_p,
                term_g,
                rows,
                code,
                start,
                operands,
                kinds,
                numbers,
                state,
            )
            found[z] = g
            kind = pulls[code[z]]
            known = known_number(g, code, start, operands, kinds)
            if known >= 0 and numbers[known] == 0.0:
                kind = STOP
            first = start[z]
            m = start[z + 1] - first
            if kind == BY_RULE:
                r = rule_of[z]
                base = rule_start[r]
                for k in range(base, rule_start[r + 1]):
                    new = state[N_CODE]
                    at = state[N_OPERANDS]
                    code[new] = rule_code[k]
                    for j in range(rule_operand_start[k], rule_operand_start[k + 1]):
                        operands[at] = resolve(rule_operands[j], z, m, results, start, operands)
                        at += 1
                    state[N_OPERANDS] = at
                    start[new + 1] = at
                    state[N_CODE] = new + 1
                    results[k - base] = new
            half = m // 2
            for k in range(m):
                place = k
                p = NO_PARTIAL
                if kind == FIXED:
                    p = fixed[3 * code[z] + k]
                if kind == PRODUCT:
                    p = operands[first + 1 - k]
                if kind == PRODUCTS:
                    place = k // 2
                    p = operands[first + half + place]
                    if k % 2 == 1:
                        p = operands[first + place]
                        place = half + place
                if kind == BY_RULE:
                    p = partials[partial_start[rule_of[z]] + k]
                    if p != NO_PARTIAL:
                        p = resolve(p, z, m, results, start, operands)
                if kind != STOP:
                    pass_on(
                        z,
                        place,
                        p,
                        g,
                        one,
                        singular,
                        active,
                        begins,
                        count,
                        term_p,
                        term_g,
                        rows,
                        code,
                        start,
                        operands,
                        kinds,
                        numbers,
                        state,
                    )
    return 0


def first_users(n: int, code: Shorts, start: Wholes, operands: Shorts, rows: Shorts) -> int:
    """Of every operation that another one uses, the row of the first one that does."""
    i = n - 1
    while i >= 0:
        for k in range(start[i], start[i + 1]):
            if operands[k] >= 0:
                rows[operands[k]] = code[i]
        i -= 1
    return 0


def write_rows(
    n_rows: int,
    first_number: int,
    n_given: int,
    given: Shorts,
    n: int,
    row_code: Shorts,
    row_start: Wholes,
    row_operands: Shorts,
    made: Shorts,
    n_wanted: int,
    wanted: Shorts,
    results: Shorts,
    code: Shorts,
    start: Wholes,
    operands: Shorts,
    state: Wholes,
) -> int:
    """Append the same n operations for each row, on the row's `n_given` operands.

    `first_number` is the number of the first operation of the tape. Operations
    name operands as rules do. `results` gets the `wanted` ones of every row.
    """
    new = state[N_CODE]
    at = state[N_OPERANDS]
    for r in range(n_rows):
        first = r * n_given
        for k in range(n):
            code[new] = row_code[k]
            for j in range(row_start[k], row_start[k + 1]):
                x = row_operands[j]
                if x >= RESULT:
                    operands[at] = made[x - RESULT]
                elif x < 0:
                    operands[at] = -1 - x
                else:
                    operands[at] = given[first + x]
                at += 1
            start[new + 1] = at
            made[k] = first_number + new
            new += 1
        for k in range(n_wanted):
            x = wanted[k]
            if x >= RESULT:
                results[r * n_wanted + k] = made[x - RESULT]
            elif x < 0:
                results[r * n_wanted + k] = -1 - x
            else:
                results[r * n_wanted + k] = given[first + x]
    state[N_CODE] = new
    state[N_OPERANDS] = at
    return 0
