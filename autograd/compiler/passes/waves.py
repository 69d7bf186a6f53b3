"""waves: in which order blocks are computed, and which of them together.

What is ready waits in a heap: an array in which the least number comes first.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import NamedTuple

from .blocks import Blocks
from .codes import Bytes, Columns, Shorts, Wholes

WAITING, READY, LISTED = range(3)  # what a block is
SHIFT = 4294967296  # times this, a number stands above 32 bits


class Waiting(NamedTuple):
    """What becomes of blocks until they are listed.

    `ready` and `after` are linked lists of the ready blocks of a key, `highest` is the
    highest level of these. `heap` has a block for each that became ready.
    """

    key_of: Shorts
    levels: Shorts
    heights: Shorts
    ready: Shorts
    after: Shorts
    highest: Shorts
    heap: Wholes
    stage: Bytes


class Consumers(NamedTuple):
    """How many blocks each block still needs, and where its consumers begin in a list of all."""

    needed: Shorts
    begins: Wholes
    n_consumers: int
    consumers: Shorts


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


def count_consumers(
    n_blocks: int, tape: Columns, blocks: Blocks, seen: Shorts, needed: Shorts, ends: Wholes
) -> int:
    """Count the blocks that each block needs, and say where its consumers end if all are listed.

    Returns:
        How many pairs of a block and a consumer there are.
    """
    start, operands = tape.start, tape.operands
    block_of, sample = blocks.block_of, blocks.sample
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
    tape: Columns,
    blocks: Blocks,
    seen: Shorts,
    ends: Wholes,
    consumers: Shorts,
    heights: Shorts,
) -> int:
    """List the consumers of every block; `heights` is how long the longest way from it on is.

    `ends` says where each list ends and afterwards where it begins.
    """
    start, operands = tape.start, tape.operands
    block_of, sample = blocks.block_of, blocks.sample
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


def make_ready(b: int, waiting: Waiting, n_heap: int) -> int:
    """List a block among the ready ones of its key, and in the heap; return the heap's length.

    Its number in the heap is the less, the longer the way is that leads on from it.
    The low 32 bits are the block.
    """
    key_of, levels, heights, ready, after, highest, heap, stage = waiting
    key = key_of[b]
    stage[b] = READY
    after[b] = ready[key]
    ready[key] = b
    if levels[b] > highest[key]:
        highest[key] = levels[b]
    return heap_push(heap, n_heap, b - heights[b] * SHIFT)


def find_waves(
    n_blocks: int,
    n_keys: int,
    waiting: Waiting,
    by_level: Shorts,
    graph: Consumers,
    siblings: Shorts,
    slack: int,
    first: Shorts,
    following: Shorts,
    later: Wholes,
    waves: Shorts,
    ends: Shorts,
) -> int:
    """List the blocks in an order in which each finds its operands ready, in waves.

    A wave has all blocks of one key that are ready. The block from which the longest
    way leads on comes first. But a key waits as long as something else can go on, if
    more of its blocks may become ready soon: those of at most `slack` levels more.
    What reads the same as a wave follows it, as waves of the same kind. `ends` is
    where each wave ends.

    Lists are linked: `first` and `following` are those of all blocks of a key by
    level, `ready` and `after` those of the ready ones. `highest` is the highest level
    of the ready ones. `heap` has a block for each that became ready, `later` those
    that wait for others of their key.

    Returns:
        How many waves there are.
    """
    key_of, levels, ready = waiting.key_of, waiting.levels, waiting.ready
    after, highest, heap = waiting.after, waiting.highest, waiting.heap
    stage = waiting.stage
    needed, begins, n_consumers, consumers = graph
    for k in range(n_keys):
        first[k] = -1
        ready[k] = -1
        highest[k] = 0
    for n in range(n_blocks):
        b = by_level[n_blocks - 1 - n]
        following[b] = first[key_of[b]]
        first[key_of[b]] = b
        stage[b] = WAITING
    n_heap = 0
    n_later = 0
    for b in range(n_blocks):
        if needed[b] == 0:
            n_heap = make_ready(b, waiting, n_heap)
    count = 0
    n_waves = 0
    while n_heap + n_later > 0:
        forced = 0  # nothing else can go on
        x = 0
        if n_heap > 0:
            x = heap[0]
            n_heap = heap_pop(heap, n_heap)
        else:
            forced = 1
            x = later[0]
            n_later = heap_pop(later, n_later)
        b = x & (SHIFT - 1)
        key = key_of[b]
        if stage[b] == READY:
            c = first[key]
            while c >= 0 and stage[c] != WAITING:
                c = following[c]
            first[key] = c
            if c >= 0 and levels[c] <= highest[key] + slack and forced == 0:
                n_later = heap_push(later, n_later, x)
            else:
                begun = count
                c = ready[key]
                while c >= 0:
                    if stage[c] == READY:
                        waves[count] = c
                        count += 1
                        stage[c] = LISTED
                    c = after[c]
                ready[key] = -1
                highest[key] = 0
                ends[n_waves] = count
                n_waves += 1
                length = count - begun
                sibling = siblings[waves[begun]]
                while sibling != waves[begun]:
                    if stage[sibling] == READY:
                        for k in range(begun, begun + length):
                            c = siblings[waves[k]]
                            while c != waves[k]:
                                if stage[c] == READY and key_of[c] == key_of[sibling]:
                                    waves[count] = c
                                    count += 1
                                    stage[c] = LISTED
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
                            n_heap = make_ready(d, waiting, n_heap)
    return n_waves
