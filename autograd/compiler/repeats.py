"""repeats: waves of a layout that come again and again are planned once.

So are the steps of a sequence, forward and backward. Two repetitions are planned
one after the other, and their blocks compared. If nothing differs but where these
lie, a pass follows the further ones, lane by lane. Each operand must have moved
since the repetition before by as much as it did then. So a loop does what its
blocks would do, and where something differs it ends.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from collections.abc import Iterator
from itertools import pairwise

from . import passes
from .lanes import Block, Layout, Waves
from .loops import WINDOW, Loop, regrouped, vector
from .simplify import hash_table, shorts
from .tape import CHAIN, Guard

OFTEN = 8  # repetitions, from which on they are a loop
MANY = 64  # waves that these have together
TRIES = 4  # pairs of repetitions that are compared before a stretch is given up
TOLD = 3  # numbers by which the waves of a repetition are told from those of others


def items(layout: Layout) -> Iterator[Block | Loop]:
    """Yield the blocks of a layout once, with loops in place of what is repeated."""
    waves = layout.waves()
    yield from layout.turned
    found = _stretches(waves)
    k = 0
    while k < len(waves.waves):
        period, times = found.get(k, (1, 1))
        if times == 1:
            yield from _in_rows(list(waves.blocks(k)))
        else:
            yield from _repeated(waves, k, period, times)
        k += period * times


def _in_rows(blocks: list[Block]) -> Iterator[Block | Loop]:
    """Yield the blocks of a wave, as loops where many that are alike lie at equal distances."""
    at, least = 0, max(MANY, OFTEN)
    while len(blocks) - at >= least:
        first, end = blocks[at], at + 1
        moves = _moves(first, blocks[end]) if _kind(first) == _kind(blocks[end]) else ()
        while moves and end < len(blocks) and _kind(blocks[end]) == _kind(first):
            if _moves(blocks[end - 1], blocks[end]) != moves:
                break
            end += 1
        if end - at >= least:
            yield Loop(end - at, first.address, moves[0], (first,), (moves,))
        else:
            end = at + 1
            yield first
        at = end
    yield from blocks[at:]


def _moves(x: Block, y: Block) -> tuple[int, ...]:
    """By how much y has moved from where x lies."""
    return tuple([b - a for a, b in zip(vector(x), vector(y), strict=True)])


def _stretches(waves: Waves) -> dict[int, tuple[int, int]]:
    """Waves that seem to be repeated: by the first one, how many are, and how often."""
    tape, n = waves.layout.tape, len(waves.waves)
    if n < max(MANY, OFTEN):
        return {}
    kinds: dict[tuple[int, ...], int] = {}
    signature, vectors = shorts(0), array("q")
    for wave, (low, high) in zip(waves.waves, pairwise(waves.begins), strict=True):
        i = waves.members[low]
        operands = tape.operands_of(i)
        key = waves.kinds[wave[0]], high - low, len(wave)
        signature.append(kinds.setdefault(key, len(kinds)))
        vectors.extend((i, operands[0], operands[-1]) if operands else (i, 0, 0))
    following, table, found = shorts(n), hash_table(n), shorts(3 * n)
    waves.run(passes.repetition.next_windows, n, WINDOW, signature, following, table)
    start = array("q", range(0, TOLD * n + 1, TOLD))
    columns = signature, following, start, vectors, shorts(n + 1), found
    count = waves.run(passes.repetition.find_stretches, n, *columns, n)
    stretches = [tuple(found[k : k + 3]) for k in range(0, 3 * count, 3)]
    taken = bytearray(n)
    chosen = {}
    for at, k, length in sorted(stretches, key=lambda found: (found[1], -found[2], found[0])):
        first = _turned(waves, at, k, length)
        times = (at + length - first) // k
        if times >= OFTEN and times * k >= MANY and not any(taken[first : first + k * times]):
            chosen[first] = k, times
            taken[first : first + k * times] = b"\1" * (k * times)
    return chosen


def _turned(waves: Waves, at: int, k: int, length: int) -> int:
    """Where to begin of the first k waves: with the longest sum of products.

    It shares no loop with others, so none of these is cut in two.
    """
    tape = waves.layout.tape

    def products(j: int) -> int:
        i = waves.members[waves.begins[j]]
        return len(tape.operands_of(i)) if tape.rows[tape.code[i]] is CHAIN else 0

    return max(range(at, at + min(k, length - k)), key=lambda j: (products(j), -j))


class _Repetition:
    """The blocks of k waves, planned as they are."""

    def __init__(self, waves: Waves, at: int, k: int) -> None:
        self.at, self.start = at, waves.layout.size
        members = slice(waves.begins[at], waves.begins[at + k])
        before = waves.members[members]
        self.blocks = [block for j in range(at, at + k) for block in waves.blocks(j)]
        self.size = waves.layout.size - self.start
        place = {i: n for n, i in enumerate(before)}
        self.order = array("i", [place[i] for i in waves.members[members]])

    def loop(self, later: "_Repetition") -> Loop | None:
        """The loop of this repetition and the later one, if they differ by moves alone."""
        if len(self.blocks) != len(later.blocks) or self.size != later.size:
            return None
        body, found = [], []
        for x, y in zip(self.blocks, later.blocks, strict=True):
            if _kind(x) != _kind(y):
                x, y = [each._replace(runs=regrouped(each.runs)) for each in (x, y)]
                if _kind(x) != _kind(y):
                    return None
            moves = _moves(x, y)
            own = self.start <= x.address < self.start + self.size
            if own and moves[0] != self.size and not isinstance(x.row, Guard):
                return None
            body.append(x)
            found.append(moves)
        return Loop(2, self.start, self.size, tuple(body), tuple(found))


def _kind(block: Block) -> tuple[object, ...]:
    """What a block is but for where it lies."""
    steps = [ref[1:] for ref in block.refs]
    runs = [(run.n, *[ref[1:] for ref in run.refs]) for run in block.runs]
    return id(block.row), block.outer, block.inner, block.apart, steps, runs


def _repeated(waves: Waves, at: int, k: int, times: int) -> Iterator[Block | Loop]:
    """Yield what `times` repetitions of k waves are: loops, and single ones.

    Nothing is yielded as long as repetitions are compared, as who takes the blocks
    may take memory.
    """
    layout, found = waves.layout, list[Block | Loop]()
    r, tries = 0, 0
    before: _Repetition | None = None
    while r < times and tries < TRIES:
        this = _Repetition(waves, at + r * k, k)
        loop = before.loop(this) if before else None
        r += 1
        if before:
            tries += 1
            further = _further(waves, before, this, k, times - r) if loop else 0
            if loop and further + 2 >= OFTEN:
                found.append(loop._replace(times=further + 2))
                layout.take(further * before.size)
                layout.n_blocks += further * len(loop.body)
                layout.n_lanes += further * len(this.order)
                r += further
                before = None
                continue
            found += before.blocks
        before = this
    if before:
        found += before.blocks
    yield from found
    for j in range(at + r * k, at + times * k):
        yield from waves.blocks(j)


def _further(waves: Waves, before: _Repetition, this: _Repetition, k: int, most: int) -> int:
    """Place the repetitions after `this` as far as they go on as the two do; return how many."""
    layout = waves.layout
    for j in range(k):
        most = _reserved(waves, before, this, j, k, most)
    n = len(this.order)
    return waves.run(
        passes.repetition.follow,
        passes.codes.Members(waves.begins[this.at + k], n, waves.members),
        most,
        this.order,
        shorts(n),
        layout.tape.columns(),
        layout.result_of,
        layout.results,
        len(layout.tape.outputs) if layout.together else 0,
        layout.address,
    )


def _reserved(
    waves: Waves, before: _Repetition, this: _Repetition, j: int, k: int, most: int
) -> int:
    """For how many further repetitions wave j can lie where it moves on to.

    It cannot where another place is reserved for it, nor outside of the memory of
    its own repetition where none is.
    """
    reserved, address = waves.layout.reserved, waves.layout.address
    y = waves.waves[this.at + j][0]
    first, place = [address[waves.members[waves.begins[each.at + j]]] for each in (before, this)]
    apart = y in reserved and not this.start <= place < this.start + this.size
    for r in range(1, most + 1):
        there = place + r * (place - first)
        found = reserved.get(waves.waves[this.at + r * k + j][0], None if apart else there)
        if found != there:
            return r - 1
    return most
