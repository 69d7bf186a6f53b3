"""lanes: instructions of the same structure, side by side.

Two instructions are lanes of one Block if they have the same row and their operands come, place by place, from the same blocks: the rows of a
batch, the neurons of a layer, the weights in an optimizer's update. This is found in one pass, and lanes cannot depend on one another. The
numbers of a program lie in one memory: inputs, constants, then the lanes of each block in turn. Where the operands of the lanes lie at
regular distances, a Ref says so in a few numbers; where they do not, a block that gathers them comes first.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..row import Primitive
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
    """`outer` times `inner` lanes of a row; lane (o, i) is written to `address` + inner * o + i.

    `refs` are the operands; for a chain, where it begins, and `runs` its products; for a row on a list, `runs` are the elements. `source`
    lists what a GATHER copies, lane by lane.
    """

    row: Row
    address: int
    outer: int
    inner: int
    refs: tuple[Ref, ...] = ()
    runs: tuple[Run, ...] = ()
    source: Sequence[int] = ()

    @property
    def lanes(self) -> int:
        return self.outer * self.inner


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

    def outputs(self) -> list[int]:
        return [self.address[i] for i in self.tape.outputs]

    def blocks(self) -> Iterator[Block]:
        block_of, levels = self._group()
        starts = array("i", bytes(4 * len(levels) + 4))  # a counting sort of the instructions by block
        for b in block_of:
            if b >= 0:
                starts[b + 1] += 1
        for b in range(len(levels)):
            starts[b + 1] += starts[b]
        members = array("i", bytes(4 * starts[-1]))
        ends = starts[:]
        for i, b in enumerate(block_of):
            if b >= 0:
                members[ends[b]] = i
                ends[b] += 1
        del block_of, ends
        for b in array("i", sorted(range(len(levels)), key=levels.__getitem__)):
            yield from self._block(members[starts[b] : starts[b + 1]])

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
            key = array("i", [code, *parts]).tobytes()
            b = found.get(key)
            if b is None:
                b = found[key] = len(levels)
                levels.append(1 + max([levels[k] for k in parts if k >= 0], default=0))
            block_of[i] = b
        return block_of, levels

    def _block(self, members: Sequence[int]) -> Iterator[Block]:
        row = self.tape.rows[self.tape.code[members[0]]]
        n_operands = self.tape.start[members[0] + 1] - self.tape.start[members[0]]
        if len(members) == 1:
            yield self._made(row, members, 1, 1, [Ref(self.address[j]) for j in self.tape.operands_of(members[0])])
            return
        places = self._telling(row, n_operands, members[0])
        members, columns, (outer, inner) = self._ordered(members, n_operands, places)
        if inner < WIDE < outer and row is CHAIN:  # as for the weights of a layer with few inputs: see whether inner and outer can be exchanged
            for place in places[1:]:
                other = self._ordered(members, n_operands, [place, *places])
                if other[2][1] >= WIDE and other[2][0] > 1:
                    members, columns, (outer, inner) = other
                    break
        refs = []
        for column in columns:
            ref = _regular_ref(column, outer, inner)
            if ref is None:
                key = tuple(column)
                if key not in self.gathered:
                    self.gathered[key] = self.take(len(column))
                    yield Block(GATHER, self.gathered[key], outer, inner, source=array("q", column))
                ref = Ref(self.gathered[key], inner if outer > 1 else 0, 1 if inner > 1 else 0)
            refs.append(ref)
        yield self._made(row, members, outer, inner, refs)

    def _made(self, row: Row, members: Sequence[int], outer: int, inner: int, refs: list[Ref]) -> Block:
        runs: tuple[Run, ...] = ()
        if row is CHAIN:
            runs = _runs(list(zip(refs[1::2], refs[2::2], strict=True)))
            refs = refs[:1]
        elif (row if isinstance(row, Primitive) else row.op).arity is None:
            runs = _runs([(ref,) for ref in refs])
            refs = []
        base = self.take(len(members) if isinstance(row, Primitive) else 0)
        for k, i in enumerate(members):
            self.address[i] = base + k
        self.n_blocks, self.n_lanes, self.widest = self.n_blocks + 1, self.n_lanes + len(members), max(self.widest, len(members))
        return Block(row, base, outer, inner, tuple(refs), runs)

    def _ordered(self, members: Sequence[int], n_operands: int, places: list[int]) -> tuple[Sequence[int], list[list[int]], tuple[int, int]]:
        """The lanes in the order of the addresses of these operands, the addresses of all operands, and the shape."""
        address, operands, start = self.address, self.tape.operands, self.tape.start
        if len(members) > 1:
            members = sorted(members, key=lambda i: [address[operands[start[i] + place]] for place in places])
        starts = [start[i] for i in members]
        columns = [[address[operands[s + k]] for s in starts] for k in range(n_operands)]
        return members, columns, _shape(len(members), [columns[k] for k in places])

    def _telling(self, row: Row, n: int, i: int) -> list[int]:
        """The operands by which lanes are put in order and their shape is read: results of blocks first, then numbers, both of which vary with
        the batch, then Values; so rows lie outside and neurons inside."""
        # Of a product the second factor comes first: in a gradient that is the adjoint, and lanes then lie as the weights that it is of.
        places = [*[k for k in (2, 1, n - 1, n - 2) if 0 < k < n], 0] if row is CHAIN else [*range(min(n, 3)), *range(max(3, n - 1), n)]
        operands = self.tape.operands_of(i)
        ends = (self.tape.n_values, self.tape.n_inputs, self.leaves)
        return sorted(places, key=lambda place: (2, 1, 3, 0)[bisect_right(ends, self.address[operands[place]])])


def _regular_ref(column: list[int], outer: int, inner: int) -> Ref | None:
    """The addresses of an operand, lane by lane, as a Ref, if they are regular."""
    base = column[0]
    i = column[1] - base if inner > 1 else 0
    o = column[inner] - base if outer > 1 else 0
    return Ref(base, o, i) if column == _regular(base, outer, inner, o, i) else None


def _regular(base: int, outer: int, inner: int, o: int, i: int) -> list[int]:
    """The addresses base + o * k + i * j for k < outer, j < inner."""
    if inner == 1:
        return list(range(base, base + o * outer, o)) if o else [base] * outer
    if outer == 1 or o == i * inner:
        return list(range(base, base + i * inner * outer, i)) if i else [base] * (outer * inner)
    column: list[int] = []
    for start in range(base, base + o * outer, o) if o else [base] * outer:
        column += range(start, start + i * inner, i) if i else [start] * inner
    return column


def _shape(n: int, columns: list[list[int]]) -> tuple[int, int]:
    """The lanes as outer times inner: the inner extent is the shortest stretch in which a telling operand keeps its distance."""
    inner = n
    for column in columns:
        if n < 3:
            break
        step = column[1] - column[0]
        if column != _regular(column[0], 1, n, 0, step):
            inner = min(inner, next(k for k in range(2, n) if column[k] - column[k - 1] != step))
    return (n // inner, inner) if n % inner == 0 else (1, n)


def _runs(terms: list[tuple[Ref, ...]]) -> tuple[Run, ...]:
    """Consecutive terms whose operands move by equal distances, as runs."""
    runs: list[Run] = []
    for term in terms:
        if runs:
            n, first = runs[-1]
            gaps = [x.base - y.base for x, y in zip(term, first, strict=True)]
            alike = all(x.outer == y.outer and x.inner == y.inner for x, y in zip(term, first, strict=True))
            if alike and n == 1:
                runs[-1] = Run(2, tuple([ref._replace(term=gap) for ref, gap in zip(first, gaps, strict=True)]))
                continue
            if alike and gaps == [n * ref.term for ref in first]:
                runs[-1] = Run(n + 1, first)
                continue
        runs.append(Run(1, term))
    return tuple(runs)


def stretches(addresses: Sequence[int]) -> list[Run]:
    """A list of addresses as runs of equal steps."""
    runs: list[Run] = []
    k = 0
    while k < len(addresses):
        n = 1
        step = addresses[k + 1] - addresses[k] if k + 1 < len(addresses) else 0
        while k + n < len(addresses) and addresses[k + n] - addresses[k + n - 1] == step:
            n += 1
        runs.append(Run(n, (Ref(addresses[k], term=step if n > 1 else 0),)))
        k += n
    return runs
