"""schedule: the blocks of a layout as instructions, and those that share a loop.

Elementwise instructions of the same lanes become one Group, whose results stay
in registers; one that nobody reads from memory is never stored. An instruction
joins the first group of its shape that does not come before its operands. Of
calls of one lane, those that come again and again as a pair become one call.

The body of a loop is a schedule of its own, and the loop a call that repeats it.
What is read of its results is looked up by how they move on.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from ..core import texts
from ..core.row import Primitive
from .lanes import GATHER, WIDE, Block, Layout, Ref, Run
from .loops import Loop
from .picks import known_places
from .regions import Region, Regions
from .repeats import items
from .tape import CHAIN, Guard, Row
from .translate import UntranslatableError, picked

REUSED = 4  # outer lanes that share an operand, from which on it is worth laying it out anew
RUNS = 4  # of a list that is read where it lies, at most
SHORT = 2  # terms of a chain that is computed like an elementwise operation
OFTEN = 16  # times, from which on a pair of instructions of one lane has its own function
NARROW = 4  # lanes, below which instructions do not share a loop: their functions are few, then
MEMBERS = 64  # of a group at most: LLVM takes time that grows with their square


class Each(NamedTuple):
    """A row on lanes. A short chain has the operands (start, x, y, x, y, ...).

    The test of a domain of lists has those elements that it asks for.
    """

    row: Row
    z: Ref
    refs: tuple[Ref, ...]
    length: int = 0  # of the lists whose domain is tested


class Chain(NamedTuple):
    """start + x * y + ... for each lane (o, i), with the products in runs."""

    outer: int
    inner: int
    z: Ref
    start: Ref
    runs: tuple[Run, ...]

    def parts(self) -> "list[Chain]":
        """The same as chains of one run: each goes on where the one before ended."""
        starts = [self.start, *[self.z] * (len(self.runs) - 1)]
        return [
            self._replace(start=start, runs=(run,))
            for start, run in zip(starts, self.runs, strict=True)
        ]


class Move(NamedTuple):
    """Numbers copied from x to z, both at steps of their own."""

    outer: int
    inner: int
    terms: int
    z: Ref
    x: Ref


class Gather(NamedTuple):
    """Numbers that lie anywhere, copied side by side."""

    z: Ref
    runs: tuple[Run, ...]


class Listed(NamedTuple):
    """A row on lists of n numbers, which lie one after the other from `base`."""

    row: Row
    z: Ref
    lanes: int
    base: Ref
    n: int


class Pick(NamedTuple):
    """A row that picks an element of each list, for lanes (o, i), where the lists lie in runs."""

    row: Primitive
    outer: int
    inner: int
    z: Ref
    runs: tuple[Run, ...]


class Repeat(NamedTuple):
    """Calls that are repeated; the places of each grow by their moves."""

    times: int
    calls: list[Any]


class Group:
    """Elementwise instructions of the same lanes."""

    def __init__(self, outer: int, inner: int) -> None:
        self.outer, self.inner = outer, inner
        self.members: list[Each] = []
        self.made: dict[Ref, int] = {}  # the members by where their results lie
        self.stored: set[int] = set()  # where the results lie that are read from memory


class Schedule:
    """The instructions of a layout, in order, as `calls`: Groups and others."""

    def __init__(self, layout: Layout) -> None:
        self.begin(layout)
        for item in items(layout):
            if isinstance(item, Loop):
                self.loop(item)
            else:
                self.block(item)

    def begin(self, layout: Layout) -> None:
        """Have no calls."""
        self.layout = layout
        self.calls: list[Any] = []
        self.copies: dict[Any, int] = {}
        self.groups: dict[tuple[int, int], list[int]] = {}  # places of the groups of a shape
        # The memory in stretches: where each starts, which call writes it, and
        # the results of a group that may have to be stored.
        self.starts, self.home = [0], [-1]
        self.part_of: dict[int, int] = {}  # where the block of a stretch begins, if before it
        self.stored: dict[int, set[int]] = {}  # of the groups, what has to be stored
        self.regions = Regions()  # what loops write
        self.narrow = NARROW

    # -- where numbers come from

    def written_rows(self, z: Ref, outer: int, inner: int, call: int) -> None:
        """Note that a call writes lanes."""
        self.written(z.base, call)
        if outer > 1 and z.outer != inner:
            for address in range(z.base + z.outer, z.base + z.outer * outer, z.outer):
                self.part_of[address] = z.base
                self.written(address, call)

    def written(self, address: int, call: int) -> None:
        """Note that a call writes the stretch from this address on."""
        k = bisect_left(self.starts, address)
        if k < len(self.starts) and self.starts[k] == address:
            self.home[k] = call
        else:
            self.starts.insert(k, address)
            self.home.insert(k, call)

    def stretches(self, ref: Ref, outer: int, inner: int, terms: int = 1) -> tuple[int, int]:
        """The first of the stretches in which an operand lies, and the one after the last."""
        low, high = span(ref, outer, inner, terms)
        return bisect_right(self.starts, low) - 1, bisect_right(self.starts, high)

    def written_by(self, ref: Ref, outer: int, inner: int) -> int:
        """The last call that writes an operand, or may do so."""
        first, end = self.stretches(ref, outer, inner)
        last = max(self.home[first:end])
        if self.regions.chunks:
            steps = (ref.outer, outer), (ref.inner, inner)
            for region in self.regions.met(*span(ref, outer, inner, 1), steps):
                last = max(last, region.call)
        return last

    def read(self, ref: Ref, outer: int, inner: int, terms: int = 1, times: int = 1) -> None:
        """Note that an operand is read from memory, by so many repetitions."""
        first, end = self.stretches(ref, outer, inner, terms)
        if times > 1:
            low, high = span(ref, outer, inner, terms, times)
            first, end = bisect_right(self.starts, low) - 1, bisect_right(self.starts, high)
        places: Iterable[int] = range(first, end)
        if times == 1 and end - first > outer * inner * terms:
            # far apart, with others in between
            addresses = ref.addresses(outer, inner, terms)
            places = {bisect_right(self.starts, address) - 1 for address in addresses}
        for k in places:
            self.store(k)
        if self.regions.chunks:
            steps = (ref.outer, outer), (ref.inner, inner), (ref.term, terms), (ref.move, times)
            for region in self.regions.met(*span(ref, outer, inner, terms, times), steps):
                body = region.body
                body.store(bisect_right(body.starts, region.base) - 1)

    def store(self, k: int) -> None:
        """Note that the k-th stretch is read from memory."""
        call = self.home[k]
        if call in self.stored:
            self.stored[call].add(self.part_of.get(self.starts[k], self.starts[k]))

    # -- instructions

    def add(self, call: Any, z: int) -> None:
        """Append a call that writes from the address z on."""
        self.written(z, len(self.calls))
        self.calls.append(call)

    def block(self, block: Block) -> None:
        """Append what computes a block: one call or several."""
        row, z, outer, inner = block.row, block.address, block.outer, block.inner
        if row is GATHER:
            self.gather(block.z, block.runs)
        elif row is CHAIN:
            self.chains(block)
        elif isinstance(row, Guard) and row.op.arity is None and row.holds(block.terms):
            return
        elif isinstance(row, Guard) and row.op.arity is None and picked(row.op.outside):
            self.test(row, block)
        elif isinstance(row, Primitive) and row.arity is None and self.pick(block):
            return
        elif (row.op if isinstance(row, Guard) else row).arity is None:
            base, n = self.packed(block)
            self.read(base, 1, n * block.lanes)
            call = Listed(row, block.z, block.lanes, base, n)
            if isinstance(row, Guard):
                self.calls.append(call)
            else:
                self.add(call, z)
        else:
            refs = [self.beside(ref, outer, inner, 1) for ref in block.refs]
            self.each(row, *folded([block.z, *refs], block))

    def pick(self, block: Block) -> bool:
        """Append a row that picks elements of its lists where they lie, if it does no more."""
        assert isinstance(block.row, Primitive)
        kind, name = texts.name_of(block.row.forward)
        if kind != "text" or not 0 < len(block.runs) <= RUNS or known_places(name) is None:
            return False
        refs = [ref for _, (ref,) in block.runs]
        outer, inner, (z, *refs) = folded([block.z, *refs], block)
        runs = [Run(n, (ref,)) for (n, _), ref in zip(block.runs, refs, strict=True)]
        for n, (ref,) in runs:
            self.read(ref, outer, inner, n)
        self.written_rows(z, outer, inner, len(self.calls))
        self.calls.append(Pick(block.row, outer, inner, z, tuple(runs)))
        return True

    def test(self, row: Guard, block: Block) -> None:
        """Test a domain of lists by the elements that it asks for."""
        found = picked(row.op.outside)
        assert found is not None
        n = block.terms
        refs = [block.term(place % n) for place in found[1] if -n <= place < n]
        if len(refs) < len(found[1]):
            raise UntranslatableError(f"a place outside a list of {n}, in {row.op.domain}")
        outer, inner, places = folded([block.z, *refs], block)
        if not any(ref.inner for ref in refs):  # all inner lanes ask for the same
            inner = 1
        self.each(row, outer, inner, places, n)

    def each(
        self, row: Row, outer: int, inner: int, places: Sequence[Ref], length: int = 0
    ) -> None:
        """An elementwise instruction joins a group, or begins one."""
        z, *refs = [reduced(ref, outer, inner) for ref in places]
        shape = outer, inner
        groups = self.groups.setdefault(shape, []) if outer * inner >= self.narrow else []
        need = 0
        for ref in refs:
            last = self.written_by(ref, outer, inner)
            if last >= 0:
                call = self.calls[last]
                beside = isinstance(call, Group) and (call.outer, call.inner) == shape
                need = max(need, last if beside and ref in call.made else last + 1)
        k = bisect_left(groups, need)
        if k == len(groups):
            groups.append(len(self.calls))
            new = Group(outer, inner)
            self.stored[len(self.calls)] = new.stored
            self.calls.append(new)
        place = groups[k]
        group = self.calls[place]
        for ref in refs:
            if ref not in group.made:
                self.read(ref, outer, inner)
        group.members.append(Each(row, z, tuple(refs), length))
        if len(group.members) == MEMBERS and groups:
            del groups[k]
        if isinstance(row, Primitive):
            group.made[z] = len(group.members) - 1
            self.written_rows(z, outer, inner, place)

    def gather(self, z: Ref, runs: Sequence[Run]) -> None:
        """Copy numbers side by side, run by run if there are few."""
        lanes = sum(run.n for run in runs)
        for n, (ref,) in runs:
            self.read(ref, 1, 1, n)
        if len(runs) * 4 * WIDE > lanes:
            self.add(Gather(z, tuple(runs)), z.base)
            return
        self.written(z.base, len(self.calls) + len(runs) - 1)
        z = Ref(z.base, 0, 1, 0, z.move)
        for n, (ref,) in runs:
            x = Ref(ref.base, 0, ref.term, 0, ref.move)
            self.calls.append(Move(1, n, 1, z, x))
            z = z._replace(base=z.base + n)

    def move(self, z: Ref, x: Ref, outer: int, inner: int, terms: int) -> None:
        """Append a copy of x to z, after the calls that write x."""
        self.read(x, outer, inner, terms)
        self.add(Move(outer, inner, terms, z, x), z.base)

    def copied(self, ref: Ref, outer: int, inner: int, terms: int, steps: Ref) -> Ref:
        """An operand copied to where it has these steps from lane to lane and from term to term."""
        key = ref, outer, inner, terms, steps
        if key not in self.copies:
            self.copies[key] = self.layout.take(outer * inner * terms)
            self.move(steps._replace(base=self.copies[key]), ref, outer, inner, terms)
        return steps._replace(base=self.copies[key])

    def beside(self, ref: Ref, outer: int, inner: int, terms: int) -> Ref:
        """An operand with its inner lanes side by side, if that is worth a copy."""
        if ref.outer or ref.inner in (0, 1) or inner < WIDE or not self.reused(ref, outer):
            return ref
        return self.copied(ref, 1, inner, terms, Ref(0, 0, 1, inner if terms > 1 else 0))

    def reused(self, ref: Ref, outer: int) -> bool:
        """Whether many lanes share an operand."""
        return outer >= REUSED

    def chains(self, block: Block) -> None:
        """Append a chain."""
        (start,) = block.refs
        if block.terms <= SHORT:
            refs = [start]
            for n, pair in block.runs:
                for t in range(n):
                    refs += [
                        Ref(ref.base + t * ref.term, ref.outer, ref.inner, 0, ref.move)
                        for ref in pair
                    ]
            if all(ref.inner in (0, 1) for ref in refs):
                self.each(CHAIN, *folded([block.z, *refs], block))
                return
        if not (start.inner in (0, 1) or block.lanes == 1):
            start = self.copied(start, block.outer, block.inner, 1, Ref(0, block.inner, 1))
        refs = [block.z, start]
        for n, pair in block.runs:
            x, y = [self.beside(ref, block.outer, block.inner, n) for ref in pair]
            refs += (y, x) if y.inner == 0 else (x, y)  # what all inner lanes share comes first
        outer, inner, (z, first, *pairs) = folded(refs, block)
        lengths, factors = [run.n for run in block.runs], zip(pairs[::2], pairs[1::2], strict=True)
        runs = tuple([Run(*run) for run in zip(lengths, factors, strict=True)])
        self.read(first, outer, inner)
        for n, (x, y) in runs:
            self.read(x, outer, inner, n)
            self.read(y, outer, inner, n)
        self.written_rows(z, outer, inner, len(self.calls))
        self.calls.append(Chain(outer, inner, z, first, runs))

    def packed(self, block: Block) -> tuple[Ref, int]:
        """Where a block's lists lie, one after the other, and how long each is."""
        n = sum(run.n for run in block.runs)
        if len(block.runs) == 1:
            (ref,) = block.runs[0].refs
            if (ref.term == 1 or n == 1) and (
                block.lanes == 1 or (block.flat(ref) and ref.inner == n)
            ):
                return Ref(ref.base, 0, 1, 0, ref.move), n
        key = block.runs, block.outer, block.inner
        if key not in self.copies:
            base = self.copies[key] = self.layout.take(n * block.lanes)
            for run in block.runs:
                steps = Ref(base, n * block.inner, n, 1)
                self.read(run.refs[0], block.outer, block.inner, run.n)
                self.calls.append(Move(block.outer, block.inner, run.n, steps, run.refs[0]))
                base += run.n
            self.written(self.copies[key], len(self.calls) - 1)
        return Ref(self.copies[key], 0, 1), n

    def loop(self, loop: Loop) -> None:
        """Append a loop, as one call."""
        body = Body(self, loop)
        for block in body.blocks:
            body.block(block)
        call = len(self.calls)
        self.calls.append(Repeat(loop.times, body.calls))
        for z, n in body.written_lanes:
            low, high = span(z, 1, n, 1, loop.times)
            self.regions.add(Region(z.base, n, z.move, low, high, call, body))
        for ref, outer, inner, terms in body.reads:
            self.read(ref, outer, inner, terms, loop.times)


class Body(Schedule):
    """The instructions of a loop's body, whose refs have moves.

    `written_lanes` are the lanes that its blocks write, side by side, and `reads`
    what it reads from memory: as `read` is told, and perhaps of an earlier
    repetition.
    """

    def __init__(self, outside: Schedule, loop: Loop) -> None:
        self.begin(outside.layout)
        self.outside, self.times = outside, loop.times
        self.narrow = 1  # a function is used by all repetitions
        self.reads: list[tuple[Ref, int, int, int]] = []
        self.written_lanes: list[tuple[Ref, int]] = []
        self.blocks = [
            moving(block, moves)
            for block, moves in zip(loop.body, loop.moves, strict=True)
            if isinstance(block, Block)
        ]
        for block in self.blocks:
            if isinstance(block.row, Primitive):
                z, apart = Ref(block.address, 0, 1, 0, block.move), block.apart
                rows, n = (block.outer, block.inner) if apart else (1, block.lanes)
                for o in range(rows):
                    self.written_lanes.append((z._replace(base=z.base + o * apart), n))
        spans = [span(z, 1, n, 1, loop.times) for z, n in self.written_lanes]
        self.low = min([low for low, _ in spans], default=0)
        self.high = max([high for _, high in spans], default=-1)
        # Where none of them lies, nothing is written yet.
        self.starts = [0, *sorted({z.base + n for z, n in self.written_lanes} - {0})]
        self.home = [-1] * len(self.starts)

    def is_own(self, ref: Ref, outer: int, inner: int, terms: int = 1) -> bool:
        """Whether an operand may be of this loop's results, those of other repetitions too."""
        low, high = span(ref, outer, inner, terms, self.times)
        return low <= self.high and self.low <= high

    def written_by(self, ref: Ref, outer: int, inner: int) -> int:
        """The last call that writes an operand in the same repetition, or may write it there."""
        last = super().written_by(ref, outer, inner)
        if self.is_own(ref, outer, inner):
            low, high = span(ref, outer, inner, 1, self.times)
            for z, n in self.written_lanes:
                if z.move != ref.move:
                    first, end = span(z, 1, n, 1, self.times)
                    if low <= end and first <= high:
                        call = self.home[bisect_right(self.starts, z.base) - 1]
                        last = max(last, call)
        return last

    def read(self, ref: Ref, outer: int, inner: int, terms: int = 1, times: int = 1) -> None:
        """Note that an operand is read from memory."""
        super().read(ref, outer, inner, terms)
        self.reads.append((ref, outer, inner, terms))

    def copied(self, ref: Ref, outer: int, inner: int, terms: int, steps: Ref) -> Ref:
        """As for a Schedule. What stays the same is copied before the loop."""
        if ref.move or self.is_own(ref, outer, inner, terms):
            return super().copied(ref, outer, inner, terms, steps)
        return self.outside.copied(ref, outer, inner, terms, steps)

    def reused(self, ref: Ref, outer: int) -> bool:
        """Whether many lanes, or all repetitions, share an operand."""
        return outer >= REUSED or not (ref.move or self.is_own(ref, outer, 1))

    def packed(self, block: Block) -> tuple[Ref, int]:
        """As for a Schedule. What stays the same is packed before the loop."""
        for n, (ref,) in block.runs:
            if ref.move or self.is_own(ref, block.outer, block.inner, n):
                return super().packed(block)
        return self.outside.packed(block)


def moving(block: Block, moves: Sequence[int]) -> Block:
    """A block with its moves from one repetition to the next, in the order of its `vector`."""
    each = iter(moves[1:])
    return block._replace(
        refs=tuple([ref._replace(move=next(each)) for ref in block.refs]),
        runs=tuple(
            [
                run._replace(refs=tuple([ref._replace(move=next(each)) for ref in run.refs]))
                for run in block.runs
            ]
        ),
        move=moves[0],
    )


def span(ref: Ref, outer: int, inner: int, terms: int, times: int = 1) -> tuple[int, int]:
    """The first and the last address at which an operand of so many lanes and terms lies."""
    low = high = ref.base
    for way in (
        ref.outer * (outer - 1),
        ref.inner * (inner - 1),
        ref.term * (terms - 1),
        ref.move * (times - 1),
    ):
        if way > 0:
            high += way
        else:
            low += way
    return low, high


def reduced(ref: Ref, outer: int, inner: int) -> Ref:
    """A place, without the steps that so many lanes do not make."""
    return Ref(ref.base, ref.outer if outer > 1 else 0, ref.inner if inner > 1 else 0, 0, ref.move)


def paired(calls: Sequence[Any]) -> list[Any]:
    """The calls, with those of one lane in pairs where the second reads what the first makes.

    A pair gets a function of its own if it comes often. A loop of a single group
    becomes the rows of one.
    """
    kinds = [_kind_of_pair(*pair) for pair in pairwise(calls)]
    often = {kind for kind, n in Counter(kinds).items() if kind and n >= OFTEN}
    found: list[Any] = []
    second = False  # whether the call has become the second of a pair
    for call, following, kind in zip_longest(calls, calls[1:], kinds):
        if second:
            second = False
            continue
        if kind in often:
            second = True
            call.made.update(dict.fromkeys(following.made, 1))
            call.members += following.members
            call.stored |= following.stored
        found.append(_rows(call) if isinstance(call, Repeat) else call)
    return found


def _rows(loop: Repeat) -> Any:
    """A loop of a single group as one whose rows are the repetitions, one after the other."""
    group = loop.calls[0]
    if len(loop.calls) > 1 or group.__class__ is not Group or group.outer > 1:
        return loop

    def row(ref: Ref) -> Ref:
        return Ref(ref.base, ref.move, ref.inner)

    found = Group(loop.times, group.inner)
    found.members = [
        each._replace(z=row(each.z), refs=tuple(map(row, each.refs))) for each in group.members
    ]
    found.made = {row(z): k for z, k in group.made.items()}
    found.stored = group.stored
    return found


def _kind_of_pair(first: Any, second: Any) -> Any:
    """The rows of two calls of one lane, and what the second reads of the first; None if none."""
    for call in (first, second):
        if call.__class__ is not Group or call.outer * call.inner > 1 or len(call.members) > 1:
            return None
    (x,), (y,) = first.members, second.members
    if not any(ref in first.made for ref in y.refs):
        return None
    return id(x.row), id(y.row), tuple([ref in first.made for ref in y.refs])


def folded(refs: Sequence[Ref], block: Block) -> tuple[int, int, list[Ref]]:
    """The outer and inner extents and the places, as one row of lanes where that is possible."""
    if all(map(block.flat, refs)):
        return 1, block.lanes, [Ref(ref.base, 0, *ref[2:]) for ref in refs]
    return block.outer, block.inner, list(refs)
