"""loops: what a program does again and again, as loops of repetitions.

A stretch of blocks that comes again is a loop if it does the same each time,
and every operand has moved on by a steady distance since the time before. That
is so for the steps of a sequence, forward and backward, and for the layers of a
deep net. A weight stays where it is, an input moves by one number, and a result
by the memory that one repetition takes. All of it is compared, and nothing is
declared, so a loop does what its blocks do.

A loop within a loop is found by looking once more at what has been found.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, NamedTuple, TypeAlias

from . import passes
from .lanes import Block, Ref, Run
from .llvm import pass_runner
from .simplify import hash_table, shorts
from .source.ragged import Ragged

SAVED = 6  # items, which a loop has to save
WINDOW = 4  # items, by which a repetition is recognized


class Loop(NamedTuple):
    """Items that are repeated `times` times.

    `body` is the first repetition, and `moves` by how much the numbers of each
    item grow from one to the next: where its result lies, then where its
    operands lie. A repetition takes `size` numbers of the memory, the first of
    them from `start` on.
    """

    times: int
    start: int
    size: int
    body: tuple["Item", ...]
    moves: tuple[tuple[int, ...], ...]

    def repetition(self, r: int) -> "list[Item]":
        """The items of one repetition."""
        return [
            moved(item, [r * x for x in move])
            for item, move in zip(self.body, self.moves, strict=True)
        ]


Item: TypeAlias = Block | Loop | Ragged


def vector(item: Item) -> list[int]:
    """The numbers of an item that may change: where its result lies, then its operands."""
    if isinstance(item, Loop):
        return [x for part in item.body for x in vector(part)]
    if isinstance(item, Ragged):
        return [item.address]
    found = [item.address, *[ref[0] for ref in item.refs]]
    if item.runs:
        found += [ref[0] for run in item.runs for ref in run.refs]
    return found


def moved(item: Item, moves: Sequence[int]) -> Item:
    """An item whose numbers have grown by so much."""
    if isinstance(item, Loop):
        at, body = 0, []
        for part in item.body:
            n = len(vector(part))
            body.append(moved(part, moves[at : at + n]))
            at += n
        return item._replace(start=item.start + moves[0], body=tuple(body))
    if isinstance(item, Ragged):
        return item
    steps = iter(moves[1:])
    return item._replace(
        address=item.address + moves[0],
        refs=tuple([ref._replace(base=ref.base + next(steps)) for ref in item.refs]),
        runs=tuple(
            [
                run._replace(
                    refs=tuple([ref._replace(base=ref.base + next(steps)) for ref in run.refs])
                )
                for run in item.runs
            ]
        ),
    )


class _Seen(NamedTuple):
    """An item, a number for what stays as it is, and the numbers that may change."""

    item: Item
    signature: int
    vector: list[int]


def _seen_block(block: Block | Ragged, signatures: dict[Any, int]) -> _Seen:
    """A block, with its runs regrouped. A Ragged is like no other, so it is not repeated."""
    if isinstance(block, Ragged):
        return _Seen(block, signatures.setdefault(id(block), len(signatures)), vector(block))
    row, address, outer, inner, refs, runs = block[:6]
    key: tuple[Any, ...] = (id(row), outer, inner, *[ref[1:] for ref in refs])
    numbers = [address, *[ref[0] for ref in refs]]
    if runs:
        found = regrouped(runs)
        if found is not runs:
            block = block._replace(runs=found)
        key += tuple([(run.n, *[ref[1:] for ref in run.refs]) for run in found])
        numbers += [ref[0] for run in found for ref in run.refs]
    return _Seen(block, signatures.setdefault(key, len(signatures)), numbers)


def _seen_loop(times: int, seen: Sequence[_Seen], signatures: dict[Any, int]) -> _Seen:
    """A loop of so many repetitions, the first two of which are given."""
    k = len(seen) // 2
    body = tuple([each.item for each in seen[:k]])
    moves = tuple([_moves(each, later) for each, later in zip(seen[:k], seen[k:], strict=True)])
    key = times, moves, tuple([each.signature for each in seen[:k]])
    numbers = [x for each in seen[:k] for x in each.vector]
    loop = Loop(times, numbers[0], moves[0][0], body, moves)
    return _Seen(loop, signatures.setdefault(key, len(signatures)), numbers)


def regrouped(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs of three terms at least, and lone terms.

    Two terms have a distance in any case. It changes from one repetition to the
    next if they have nothing to do with one another.
    """
    if 2 not in [n for n, _ in runs]:
        return runs
    terms = [
        tuple([Ref(ref.base + t * ref.term, ref.outer, ref.inner) for ref in run.refs])
        for run in runs
        for t in range(run.n)
    ]
    found: list[Run] = []
    at = 0
    while at < len(terms):
        n, first = 1, terms[at]
        following = terms[min(at + 1, len(terms) - 1)]
        steps = [y.base - x.base for x, y in zip(first, following, strict=True)]
        while at + n < len(terms) and all(
            y == (x.base + n * step, x.outer, x.inner, 0, 0)
            for x, y, step in zip(first, terms[at + n], steps, strict=True)
        ):
            n += 1
        if n > 2:
            first = tuple([x._replace(term=step) for x, step in zip(first, steps, strict=True)])
        else:
            n = 1
        found.append(Run(n, first))
        at += n
    return tuple(found)


def fold(blocks: Iterable[Block | Ragged], begun: Container[int] = ()) -> list[Item]:
    """Return the blocks with loops in place of what is repeated.

    Args:
        blocks: The blocks, in order.
        begun: Where results lie with which a repetition had better begin.
    """
    signatures: dict[Any, int] = {}
    found = [_seen_block(block, signatures) for block in blocks]
    while True:
        shorter = _folded_once(found, signatures, begun)
        if len(shorter) == len(found):
            return [each.item for each in found]
        found = shorter


def _folded_once(
    items: list[_Seen], signatures: dict[Any, int], begun: Container[int]
) -> list[_Seen]:
    """The items with the innermost loops that can be found in them."""
    n = len(items)
    signature = array("i", [each.signature for each in items])
    if len(set(signature)) == n:
        return items
    run = pass_runner(n)
    following, table = shorts(n), hash_table(n)
    run(passes.repetition.next_windows, n, WINDOW, signature, following, table)
    start = array("q", accumulate([len(each.vector) for each in items], initial=0))
    vectors = array("q", chain.from_iterable([each.vector for each in items]))
    found = shorts(3 * n)
    reach = shorts(n + 1)
    count = run(
        passes.repetition.find_stretches, n, signature, following, start, vectors, reach, found, n
    )
    stretches = [tuple(found[k : k + 3]) for k in range(0, 3 * count, 3)]
    # The inner loops come first, and what comes only twice comes last.
    stretches.sort(key=lambda found: (found[2] < 3 * found[1], found[1], -found[2], found[0]))
    taken = bytearray(n)
    loops: dict[int, tuple[int, int]] = {}  # by the first item: the length of the body, the times
    for at, k, length in stretches:
        if not any(taken[at : at + length]):
            at, times = _turned(items, at, k, length, begun)
            if (times - 1) * k >= SAVED and _moves(items[at], items[at + k])[0] > 0:
                loops[at] = k, times
                taken[at : at + k * times] = b"\1" * (k * times)
    shorter: list[_Seen] = []
    i = 0
    for at, (k, times) in sorted(loops.items()):
        shorter += [*items[i:at], _seen_loop(times, items[at : at + 2 * k], signatures)]
        i = at + k * times
    return shorter + items[i:]


def _moves(each: _Seen, later: _Seen) -> tuple[int, ...]:
    return tuple([y - x for x, y in zip(each.vector, later.vector, strict=True)])


def _size(item: Item) -> int:
    """How many numbers an item makes, or a repetition of it."""
    return item.size if isinstance(item, Loop) else item.lanes


def _turned(
    items: Sequence[_Seen], at: int, k: int, length: int, begun: Container[int]
) -> tuple[int, int]:
    """Where to begin, of the places in the first repetition, and how often it comes from there.

    The body is best begun where least is carried from one repetition to the
    next: the state of a cell, and nothing within it.
    """
    starts = [each.vector[0] for each in items[at : at + 2 * k]]
    far = [0] * k  # of each item, up to how many items later its result is used
    for j in range(k, 2 * k):
        for base in items[at + j].vector[1:]:
            i = bisect_right(starts, base, hi=j) - 1
            if i >= 0:
                far[i % k] = max(far[i % k], j - i)
    sizes = [_size(each.item) for each in items[at : at + k]]
    change = [0] * (2 * k + 1)  # of how many numbers a beginning cuts off from their use
    for i, n in enumerate(far):
        change[i + 1] += sizes[i]
        change[i + 1 + min(n, k)] -= sizes[i]
    cut = list(accumulate(change))
    # A beginning that leaves a whole repetition outside of the loop has to be worth it.
    outside = max(sizes)
    first = min(
        range(k if length >= 3 * k else length % k + 1),
        key=lambda i: (
            cut[i] + cut[i + k] + outside * (i > length % k),
            starts[i] not in begun,
            i,
        ),
    )
    return at + first, (length - first) // k
