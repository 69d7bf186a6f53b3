"""lanes: instructions of the same structure, side by side.

Two instructions are lanes of one Block if they have the same row and their operands come, place by place, from the same blocks: the rows of a
batch, the neurons of a layer, the weights in an optimizer's update. This is found in one pass, and lanes cannot depend on one another. The
numbers of a program lie in one memory: inputs, constants, then the lanes of each block in turn. Where the operands of the lanes lie at
regular distances, a Ref says so in a few numbers; where they do not, a block that gathers them comes first.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
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


class Layout(NamedTuple):
    """A program as blocks over one memory of `size` numbers: `n_inputs` inputs, the first `n_values` of them Values, then `constants`, then
    the results of the blocks."""

    blocks: list[Block]
    n_values: int
    n_inputs: int
    constants: list[float]
    outputs: list[int]
    size: int


def layout(tape: Tape) -> Layout:
    """The blocks of a tape, in an order in which each finds its operands ready."""
    members, levels = _group(tape)
    address = array("q", bytes(8 * len(tape)))
    constant_base = tape.n_inputs
    size = constant_base + len(tape.constants)
    for i, code in enumerate(tape.code):
        if tape.rows[code] is INPUT:
            address[i] = ~tape.operands[tape.start[i]]
        elif tape.rows[code] is CONSTANT:
            address[i] = constant_base + ~tape.operands[tape.start[i]]
    build = _Builder(tape, address, size)
    for b in sorted(range(len(members)), key=levels.__getitem__):
        build.block(members[b])
        members[b] = ()
    return Layout(build.blocks, tape.n_values, tape.n_inputs, tape.constants, [address[i] for i in tape.outputs], build.size)


def _group(tape: Tape) -> tuple[list[Sequence[int]], list[int]]:
    """The instructions of every block, and its level: one more than the highest of its operands."""
    block_of = array("i", bytes(4 * len(tape)))  # below 0 for Values, numbers and constants
    found: dict[tuple[int, ...], int] = {}
    members: list[Sequence[int]] = []
    levels: list[int] = []
    for i, code in enumerate(tape.code):
        row = tape.rows[code]
        if row is INPUT or row is CONSTANT:
            block_of[i] = -3 if row is CONSTANT else -1 if ~tape.operands[tape.start[i]] < tape.n_values else -2
            continue
        key = (code, *[block_of[j] for j in tape.operands_of(i)])
        b = found.get(key)
        if b is None:
            b = found[key] = len(members)
            members.append(array("i"))
            levels.append(1 + max((levels[k] for k in set(key[1:]) if k >= 0), default=0))
        members[b].append(i)  # type: ignore[attr-defined]
        block_of[i] = b
    return members, levels


class _Builder:
    def __init__(self, tape: Tape, address: "array[int]", size: int) -> None:
        self.tape, self.address, self.size = tape, address, size
        self.leaves = size
        self.blocks: list[Block] = []
        self.gathered: dict[tuple[int, ...], int] = {}

    def take(self, n: int) -> int:
        self.size += n
        return self.size - n

    def block(self, members: Sequence[int]) -> None:
        row = self.tape.rows[self.tape.code[members[0]]]
        n_operands = len(self.tape.operands_of(members[0]))
        places = self._telling(row, n_operands, members[0])
        members, columns, (outer, inner) = self._ordered(members, n_operands, places)
        if inner < WIDE < outer and row is CHAIN:  # as for the weights of a layer with few inputs: see whether inner and outer can be exchanged
            for place in places[1:]:
                other = self._ordered(members, n_operands, [place, *places])
                if other[2][1] >= WIDE and other[2][0] > 1:
                    members, columns, (outer, inner) = other
                    break
        refs = [self.ref(column, outer, inner) for column in columns]
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
        self.blocks.append(Block(row, base, outer, inner, tuple(refs), runs))

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

    def ref(self, column: list[int], outer: int, inner: int) -> Ref:
        base = column[0]
        i = column[1] - base if inner > 1 else 0
        o = column[inner] - base if outer > 1 else 0
        if column == _regular(base, outer, inner, o, i):
            return Ref(base, o, i)
        key = tuple(column)
        if key not in self.gathered:
            self.gathered[key] = self.take(len(column))
            self.blocks.append(Block(GATHER, self.gathered[key], outer, inner, source=array("q", column)))
        return Ref(self.gathered[key], inner if outer > 1 else 0, 1 if inner > 1 else 0)


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
