"""lanes: instructions of the same structure, side by side.

Two instructions are lanes of one Block if they have the same row and their operands come, place by place, from the same blocks: the rows of a
batch, the neurons of a layer, the weights in an optimizer's update. This is found in one pass, and lanes cannot depend on one another. The
numbers of a program lie in one memory: inputs, constants, then the lanes of each block in turn. Where the operands of the lanes lie at
regular distances, a Ref says so in a few numbers; where they do not, a block that gathers them comes first.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from ..core.row import Primitive
from .tape import CHAIN, CONSTANT, INPUT, Row, Tape

WIDE = 8  # lanes side by side that fill a register
GATHER = Primitive("gather", 1, float, (), formula="copies of numbers that lie anywhere")


class Ref(NamedTuple):
    """Where an operand lies for term t of lane (o, i): at base + outer * o + inner * i + term * t."""

    base: int
    outer: int = 0
    inner: int = 0
    term: int = 0


class Run(NamedTuple):
    """Consecutive terms of a list or a chain: their number, and the operand, or the two factors, at regular distances."""

    n: int
    refs: tuple[Ref, ...]


class Block(NamedTuple):
    """`outer` times `inner` lanes of a row, inner being 1 for a single lane only; lane (o, i) is written to `address` + inner * o + i.

    `refs` are the operands; for a chain, where it begins, and `runs` its products; for a row on a list, `runs` are the elements, and for a
    GATHER what it copies, lane by lane.
    """

    row: Row
    address: int
    outer: int
    inner: int
    refs: tuple[Ref, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def lanes(self) -> int:
        return self.outer * self.inner

    def flat(self, ref: Ref) -> bool:
        """Whether the distance of an operand from lane to lane is the same all over the block."""
        return self.outer == 1 or ref.outer == ref.inner * self.inner


class Layout:
    """The blocks of a tape over one memory, made one after the other, each handed over before the next: of ten million none is kept.

    `blocks()` yields them, once, in an order in which each finds its operands ready. `size` is how many numbers the memory has so far; whoever
    takes the blocks may `take` room of its own in between. Afterwards `address` says where the result of every instruction lies.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.leaves = self.size = tape.n_inputs + len(tape.constants)
        self.address = array("q", bytes(8 * len(tape)))
        self.gathered: dict[tuple[int, ...], int] = {}
        self.n_blocks = self.n_lanes = self.widest = 0

    def take(self, n: int) -> int:
        """The address of n numbers more."""
        self.size += n
        return self.size - n

    def outputs(self) -> tuple[Run, ...]:
        """Where the results lie."""
        return stretches([self.address[i] for i in self.tape.outputs])

    def blocks(self) -> Iterator[Block]:
        block_of, levels = self._group()
        order = sorted([i for i, b in enumerate(block_of) if b >= 0], key=block_of.__getitem__)
        order.sort(
            key=lambda i: levels[block_of[i]]
        )  # the blocks stay together, as sorting is stable
        for _, members in groupby(order, block_of.__getitem__):
            yield from self._block(list(members))

    def _group(self) -> "tuple[array[int], array[int]]":
        """The block of every instruction, below 0 for Values, numbers and constants; the level of every block: one more than the highest of its
        operands."""
        tape = self.tape
        rows, start, operands = tape.rows, tape.start, tape.operands
        block_of = array("i", bytes(4 * len(tape)))
        found: dict[bytes, int] = {}
        levels = array("i")
        for i, code in enumerate(tape.code):
            row = rows[code]
            if row is INPUT or row is CONSTANT:
                k = ~operands[start[i]]
                self.address[i] = k if row is INPUT else tape.n_inputs + k
                block_of[i] = -3 if row is CONSTANT else -1 if k < tape.n_values else -2
                continue
            parts = [block_of[j] for j in operands[start[i] : start[i + 1]]]
            b = block_of[i] = found.setdefault(array("i", [code, *parts]).tobytes(), len(levels))
            if b == len(levels):
                levels.append(1 + max([levels[k] for k in parts if k >= 0], default=0))
        return block_of, levels

    def _block(self, members: list[int]) -> Iterator[Block]:
        row = self.tape.rows[self.tape.code[members[0]]]
        columns, inner = [[self.address[j]] for j in self.tape.operands_of(members[0])], 1
        if len(members) > 1:
            members, columns, inner = self._arranged(row, members)
        outer = len(members) // inner
        refs = []
        for column in columns:
            base = column[0]
            ref = Ref(
                base, column[inner] - base if outer > 1 else 0, column[1] - base if inner > 1 else 0
            )
            if column != _regular(ref, outer, inner):
                key = tuple(column)
                if key not in self.gathered:
                    self.gathered[key] = self.take(len(column))
                    yield Block(GATHER, self.gathered[key], outer, inner, runs=stretches(column))
                ref = Ref(self.gathered[key], inner if outer > 1 else 0, 1)
            refs.append(ref)
        terms: list[tuple[Ref, ...]] = []
        if row is CHAIN:
            terms, refs = list(zip(refs[1::2], refs[2::2], strict=True)), refs[:1]
        elif (row if isinstance(row, Primitive) else row.op).arity is None:
            terms, refs = [(ref,) for ref in refs], []
        address = self.take(len(members) if isinstance(row, Primitive) else 0)
        for k, i in enumerate(members, address):
            self.address[i] = k
        self.n_blocks, self.n_lanes, self.widest = (
            self.n_blocks + 1,
            self.n_lanes + len(members),
            max(self.widest, len(members)),
        )
        yield Block(row, address, outer, inner, tuple(refs), runs_of(terms))

    def _arranged(self, row: Row, members: list[int]) -> tuple[list[int], list[list[int]], int]:
        """The lanes by the addresses of their telling operands: results of blocks first, then numbers, both of which vary with the batch, then
        Values; so rows lie outside and neurons inside."""
        operands = self.tape.operands_of(members[0])
        n = len(operands)
        # Of a product the second factor comes first: in a gradient that is the adjoint, and lanes then lie as the weights that it is of.
        places = (
            [*[k for k in (2, 1, n - 1, n - 2) if 0 < k < n], 0]
            if row is CHAIN
            else [*range(min(n, 3)), *range(max(3, n - 1), n)]
        )
        ends = (self.tape.n_values, self.tape.n_inputs, self.leaves)
        places.sort(
            key=lambda place: (2, 1, 3, 0)[bisect_right(ends, self.address[operands[place]])]
        )
        found = self._ordered(members, places)
        inner = found[2]
        if (
            inner < WIDE < len(members) // inner and row is CHAIN
        ):  # as for the weights of a layer with few inputs: see whether to exchange the two
            others = (self._ordered(members, [place, *places]) for place in places[1:])
            return next((other for other in others if WIDE <= other[2] < len(members)), found)
        return found

    def _ordered(
        self, members: list[int], places: list[int]
    ) -> tuple[list[int], list[list[int]], int]:
        """The lanes in the order of the addresses of these operands, the addresses of all operands, and the inner extent: the shortest stretch in
        which one of these keeps its distance."""
        address, operands, start = self.address, self.tape.operands, self.tape.start
        members = sorted(
            members, key=lambda i: [address[operands[start[i] + place]] for place in places]
        )
        starts = [start[i] for i in members]
        columns = [
            [address[operands[s + k]] for s in starts]
            for k in range(start[members[0] + 1] - starts[0])
        ]
        inner = n = len(members)
        for column in [columns[k] for k in places]:
            inner = next(
                (k for k in range(2, inner) if column[k] - column[k - 1] != column[1] - column[0]),
                inner,
            )
        return members, columns, inner if n % inner == 0 else n


def _regular(ref: Ref, outer: int, inner: int) -> list[int]:
    """The addresses of an operand, lane by lane."""
    base, o, i, _ = ref
    column: list[int] = []
    for first in range(base, base + o * outer, o) if o else [base] * outer:
        column += range(first, first + i * inner, i) if i else [first] * inner
    return column


def runs_of(terms: Iterable[tuple[Ref, ...]]) -> tuple[Run, ...]:
    """Consecutive terms whose operands move by equal distances, as runs."""
    runs: list[Run] = []
    for term in terms:
        if runs:
            n, first = runs[-1]
            if n == 1:
                first = tuple(
                    [x._replace(term=y.base - x.base) for x, y in zip(first, term, strict=True)]
                )
            if all(
                (x.base + n * x.term, x.outer, x.inner) == y[:3]
                for x, y in zip(first, term, strict=True)
            ):
                runs[-1] = Run(n + 1, first)
                continue
        runs.append(Run(1, term))
    return tuple(runs)


def stretches(addresses: Iterable[int]) -> tuple[Run, ...]:
    """Addresses as runs."""
    return runs_of([(Ref(address),) for address in addresses])
