"""lanes: instructions of the same structure, side by side.

Two instructions are lanes of one Block if they have the same row and their
operands come, place by place, from the same blocks. So the rows of a batch are
lanes, the neurons of a layer, and the weights in an optimizer's update. One
pass finds them. Lanes cannot depend on one another.

The numbers of a program lie in one memory: inputs, constants, then the lanes of
each block in turn. Where the operands of the lanes lie at regular distances, a
Ref says so in a few numbers. Where they do not, a block that gathers them comes
first.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ..core.row import Primitive
from . import passes
from .llvm import pass_runner
from .simplify import hash_table, kind_of, shorts
from .tape import CHAIN, Row, Tape

WIDE = 8  # lanes side by side that fill a register
GATHER = Primitive("gather", 1, float, (), formula="copies of numbers that lie anywhere")


class Ref(NamedTuple):
    """Where an operand lies.

    For term t of lane (o, i) that is base + outer * o + inner * i + term * t.
    """

    base: int
    outer: int = 0
    inner: int = 0
    term: int = 0

    def addresses(self, outer: int, inner: int, terms: int) -> list[int]:
        """The addresses for so many lanes and terms."""
        return [
            self.base + o * self.outer + i * self.inner + t * self.term
            for o in range(outer)
            for i in range(inner)
            for t in range(terms)
        ]


class Run(NamedTuple):
    """Consecutive terms of a list or a chain at regular distances: their number and operands."""

    n: int
    refs: tuple[Ref, ...]


class Block(NamedTuple):
    """`outer` times `inner` lanes of a row; inner is 1 for a single lane only.

    Lane (o, i) is written to `address` + inner * o + i. `refs` are the
    operands. A chain has where it begins in `refs`, and its products in `runs`.
    A row on a list has the elements in `runs`, and a GATHER what it copies,
    lane by lane.
    """

    row: Row
    address: int
    outer: int
    inner: int
    refs: tuple[Ref, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def lanes(self) -> int:
        """The number of lanes."""
        return self.outer * self.inner

    def flat(self, ref: Ref) -> bool:
        """Whether the distance of an operand from lane to lane is the same all over the block."""
        return self.outer == 1 or ref.outer == ref.inner * self.inner


class Layout:
    """The blocks of a tape over one memory.

    `blocks()` yields them once, in an order in which each finds its operands
    ready. None is kept, as there may be millions. `size` is how many numbers
    the memory has so far. Whoever takes the blocks may `take` room in between.
    Afterwards `address` says where the result of every instruction lies.

    Args:
        tape: The program.
        by_age: Whether the blocks come in the order in which they began, as
            they are read best, instead of by the steps that lie below them.
    """

    def __init__(self, tape: Tape, by_age: bool = False) -> None:
        self.tape, self.by_age = tape, by_age
        self.leaves = self.size = tape.n_inputs + len(tape.constants)
        self.address = array("q", bytes(8 * len(tape)))
        self.gathered: dict[tuple[int, ...], int] = {}
        self.first: dict[int, int] = {}  # by age: the first operation of the block at an address
        self.n_blocks = self.n_lanes = self.widest = 0

    def take(self, n: int) -> int:
        """The address of n numbers more."""
        self.size += n
        return self.size - n

    def outputs(self) -> tuple[Run, ...]:
        """Where the results lie."""
        return stretches([self.address[i] for i in self.tape.outputs])

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks once, each after those that its operands lie in."""
        tape = self.tape
        n, run = len(tape), pass_runner(len(tape))
        kinds = array("i", map(kind_of, tape.rows))
        block_of, levels, sample, sizes = shorts(n), shorts(n), shorts(n), shorts(n)
        table = hash_table(n)
        n_blocks = run(
            passes.group,
            n,
            tape.code,
            tape.start,
            tape.operands,
            kinds,
            tape.n_values,
            tape.n_inputs,
            self.address,
            block_of,
            levels,
            sample,
            sizes,
            table,
            len(table) - 1,
        )
        order: Sequence[int] = range(n_blocks)
        if not self.by_age:
            order = sorted(order, key=levels.__getitem__)
        offsets, firsts, at = array("q", bytes(8 * n_blocks)), [], 0
        for b in order:
            offsets[b] = at
            firsts.append((at, sizes[b]))
            at += sizes[b]
        members = shorts(at)
        run(passes.gather_members, n, block_of, offsets, members)
        del block_of, levels, sample, table, offsets
        other = shorts(max(sizes[:n_blocks], default=0))
        del sizes
        for at, n_lanes in firsts:
            yield from self._block(_Lanes(run, tape, self.address, members, other, at, n_lanes))

    def _block(self, lanes: "_Lanes") -> Iterator[Block]:
        first = lanes.first()
        row = self.tape.rows[self.tape.code[first]]
        inner = self._arranged(row, lanes) if lanes.n > 1 else 1
        outer = lanes.n // inner
        refs = []
        for place, (ref, regular) in enumerate(lanes.refs(inner)):
            if not regular:
                column = lanes.column(place)
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
        address = self.take(lanes.n if isinstance(row, Primitive) else 0)
        lanes.number(address)
        if self.by_age:
            self.first[address] = first
        self.n_blocks += 1
        self.n_lanes += lanes.n
        self.widest = max(self.widest, lanes.n)
        yield Block(row, address, outer, inner, tuple(refs), runs_of(terms))

    def _arranged(self, row: Row, lanes: "_Lanes") -> int:
        """Sort the lanes by the addresses of their telling operands; return the inner extent.

        Results of blocks come first, then numbers, both of which vary with the
        batch, then Values. So rows lie outside and neurons inside.
        """
        operands = self.tape.operands_of(lanes.first())
        n = len(operands)
        # Of a product the second factor comes first. In a gradient it is the
        # adjoint, and lanes then lie as the weights that it is of.
        places = (
            [*[k for k in (2, 1, n - 1, n - 2) if 0 < k < n], 0]
            if row is CHAIN
            else [*range(min(n, 3)), *range(max(3, n - 1), n)]
        )
        ends = (self.tape.n_values, self.tape.n_inputs, self.leaves)
        places.sort(
            key=lambda place: (2, 1, 3, 0)[bisect_right(ends, self.address[operands[place]])]
        )
        inner = lanes.arrange(places)
        if inner < WIDE < lanes.n // inner and row is CHAIN:
            # As for the weights of a layer with few inputs: see whether to
            # exchange the two.
            before = lanes.members[lanes.at : lanes.at + lanes.n]
            for place in places[1:]:
                other = lanes.arrange([place, *places])
                if WIDE <= other < lanes.n:
                    return other
                lanes.members[lanes.at : lanes.at + lanes.n] = before
        return inner


class _Lanes(NamedTuple):
    """The lanes of a block: n of the members, from `at` on."""

    run: Callable[..., int]
    tape: Tape
    address: "array[int]"
    members: "array[int]"
    other: "array[int]"
    at: int
    n: int

    def first(self) -> int:
        return self.members[self.at]

    def arrange(self, places: list[int]) -> int:
        """Sort the lanes by the addresses of these operands; return the inner extent."""
        where = array("i", places)
        return self.run(
            passes.arrange,
            self.at,
            self.n,
            self.members,
            self.other,
            len(places),
            where,
            self.tape.start,
            self.tape.operands,
            self.address,
        )

    def refs(self, inner: int) -> Iterator[tuple[Ref, bool]]:
        """Where each operand lies, and whether that holds for all lanes."""
        n = len(self.tape.operands_of(self.first()))
        found = array("q", bytes(32 * n))
        self.run(
            passes.measure,
            self.at,
            self.n,
            inner,
            self.members,
            n,
            self.tape.start,
            self.tape.operands,
            self.address,
            found,
        )
        for k in range(0, 4 * n, 4):
            yield Ref(*found[k : k + 3]), found[k + 3] == 1

    def column(self, place: int) -> list[int]:
        """The addresses of an operand, lane by lane."""
        start, operands, address = self.tape.start, self.tape.operands, self.address
        members = self.members[self.at : self.at + self.n]
        return [address[operands[start[i] + place]] for i in members]

    def number(self, base: int) -> None:
        """Give the results their addresses."""
        self.run(passes.number, self.at, self.n, self.members, base, self.address)


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
