"""ragged: the blocks of a program that is to be read, with lists of lists among them.

Lanes of native code do exactly the same. A reader also takes those together
that differ in a length: the positions of a text, each of which looks back on one
more than the one before. So a block here may have sums of as many terms as a
lane needs, and its lanes may be rows of different lengths. A Ragged says by
numbers that are affine in the loop variables how long lists are and where
operands lie.

What an optimizer does to its parameters is one block too: there, all gradients
are taken to be of the same kind.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, groupby, pairwise, product, repeat
from math import copysign
from operator import add, mul
from typing import Any, NamedTuple

from ...core.row import Primitive
from ..lanes import GATHER, Block, Lanes, Layout, Plan, room_for
from ..lists import Kth
from ..llvm import pass_runner
from ..notes import Notes
from ..passes import codes
from ..passes.arrangement import Settings
from ..simplify import kind_of, shorts
from ..tape import CHAIN, CONSTANT, INPUT, Guard, Row, Tape

DEEPEST = 4  # loops around a lane
FEW = 4  # parts of what would be one block


class Affine(NamedTuple):
    """base + steps[0] * first variable + steps[1] * second variable + ..."""

    base: int
    steps: tuple[int, ...]

    def at(self, point: Sequence[int]) -> int:
        """Its value."""
        return self.base + sum([d * v for d, v in zip(self.steps, point, strict=False)])


class Operand(NamedTuple):
    """Where an operand lies: `at` in the memory; or in a row, if `row` says which of the list."""

    start: int  # of the list of rows, or of the list, in the memory
    at: Affine
    row: Affine | None = None


class Stretch(NamedTuple):
    """Consecutive terms: how many, by all that is around them, and their operands."""

    n: Affine
    operands: tuple[Operand, ...]


class Ragged(NamedTuple):
    """A block whose lanes need not lie regularly in the memory, nor have equal lengths.

    The variables are one for each of `extents`, then the place in a row if there
    is a `length`, then the number of a term.

    Attributes:
        address: Where the results lie, one after the other.
        extents: Of the loops around the rows, or around the lanes without rows.
        rows: The lengths of the rows; empty if there are none.
        length: The length of a row, by the loops around it; None without rows.
        begin: Where a chain begins.
        terms: The elements of a list or the factors of a chain's products. Other
            rows have one term.
    """

    row: Row
    address: int
    lanes: int
    extents: tuple[int, ...]
    rows: tuple[int, ...]
    length: Affine | None
    begin: Operand | None
    terms: tuple[Stretch, ...]

    @property
    def lists(self) -> bool:
        """Whether what one call returns are the results of a row."""
        return isinstance(self.row, Kth)

    def points(self) -> Iterator[tuple[int, ...]]:
        """The values of the variables of `extents`, in order."""
        return product(*map(range, self.extents))


class Listing(Layout):
    """The blocks of a tape in the order in which they began, for a source with notes."""

    def __init__(self, tape: Tape, notes: Notes) -> None:
        in_order(tape)
        super().__init__(tape, by_age=True)
        self.zero = tape.n_inputs + list(map(repr, tape.constants)).index("0.0")
        self.notes = notes
        self.run = pass_runner(len(tape))
        self.wide = 0  # no list is turned for the sake of registers
        ends = (0, tape.n_values, tape.n_inputs)
        self.starts = [*ends, self.leaves]  # of lists in the memory, in order
        self.rows_of: dict[int, list[int]] = {}  # where the rows of lists of lists begin
        # A number stays where it lies, and is asked for again and again.
        self.leaf, self.place = cache(self._leaf), cache(self._place)
        self.at_inputs = self._gradients_at_inputs()

    def blocks(self) -> Iterator[Any]:
        """Yield Blocks and Raggeds, each after those that its operands lie in."""
        tape = self.tape
        for i, code in enumerate(tape.code):
            if tape.rows[code] is INPUT:
                self.address[i] = ~tape.operands_of(i)[0]
            elif tape.rows[code] is CONSTANT:
                self.address[i] = tape.n_inputs + ~tape.operands_of(i)[0]
        for members in grouped(tape, self.notes):
            if self._part(members[0]) == 2 and len(members) > 1:
                members.sort(key=self._changed)
            yield from self._listed(members)

    def _gradients_at_inputs(self) -> dict[int, int]:
        """Of operations that are gradients at a Value or a number, which one."""
        found: dict[int, int] = {}
        for gradients in self.notes.found:
            for z, g in gradients.items():
                i, j = self.notes.image.get(g, -1), self.notes.image.get(z, -1)
                if j >= 0 and self._row(j) is INPUT:
                    found.setdefault(i, ~self.tape.operands_of(j)[0])
        return found

    def _part(self, i: int) -> int:
        return self.notes.part(self.notes.origin.get(i, -1))

    def _changed(self, i: int) -> tuple[int, int]:
        """A key to sort operations on gradients: which Value each is the gradient at."""
        operands = self.tape.operands_of(i)
        return min([self.at_inputs.get(j, self.leaves) for j in operands], default=0), i

    # -- a block

    def _listed(self, members: list[int]) -> Iterator[Any]:
        """The block of these operations, as regular as it can be."""
        kinds: dict[Any, list[int]] = {}
        start = self.tape.start
        for i in members:
            kinds.setdefault((self.tape.code[i], start[i + 1] - start[i]), []).append(i)
        plain = len(kinds) == 1 and not isinstance(self._row(members[0]), Kth)
        if plain and not self._reads_rows(members):
            lanes = self._lanes(members)
            plan = self._in_one_list(lanes)
            if not _gathers(plan):
                yield from self._placed(lanes, plan)
                return
        for parts in self._partings(members, kinds):
            if len(parts) <= FEW:
                found = [self._fit(part) for part in parts]
                if None not in found:
                    for each in found:
                        if each is not None:
                            yield self._written(*each)
                    return
        for part in kinds.values():
            lanes = self._lanes(part)
            yield from self._placed(lanes, self._in_one_list(lanes))

    def _in_one_list(self, lanes: Lanes) -> Plan:
        """How lanes are read, of whose operands each lies in one list or is gathered.

        They stay as they were recorded, if fewer are gathered then.
        """
        recorded = lanes.order()
        plan = self._checked(lanes, self._plan(lanes))
        if _gathers(plan):
            arranged = lanes.order()
            lanes.reorder(recorded)
            flat = Plan(0, [(0, lanes.n, lanes.n)], lanes.measured(lanes.n))
            other = self._checked(lanes, flat)
            if _gathers(other) <= _gathers(plan):
                return other
            lanes.reorder(arranged)
        return plan

    def _checked(self, lanes: Lanes, plan: Plan) -> Plan:
        """The plan, but what lies in several lists is gathered."""
        assert plan.refs is not None
        for k in range(lanes.n_operands()):
            column = lanes.column(k)
            leaves = set(map(self.leaf, column))
            if len(leaves) > 1 or (
                not leaves.isdisjoint(self.rows_of)
                and len({self.place(address)[1] for address in column}) > 1
            ):
                plan.refs[4 * k + 3] = 0
        return plan

    def _partings(
        self, members: list[int], kinds: dict[Any, list[int]]
    ) -> Iterator[list[list[int]]]:
        """Ways to part operations into blocks, the one with the fewest first."""
        yield [members]
        yield self._by_steps(members)
        yield list(kinds.values())

    def _by_steps(self, members: list[int]) -> list[list[int]]:
        """The operations in parts whose terms go on by the same steps.

        So the keys that queries read are told from the queries that keys read. A
        single term lies where the targets of a part go on.
        """
        parts: dict[Any, list[int]] = {}
        for i in members:
            terms = [[self.place(self.address[j]) for j in each[:2]] for each in self._columns(i)]
            leaves = tuple([places[0][0] for places in terms])
            steps = [b - a for places in terms for a, b in zip(places[0], places[-1], strict=True)]
            several = len(terms[0]) > 1
            parts.setdefault((leaves, tuple(steps) if several else None), []).append(i)
        alone = [i for key in [*parts] if key[1] is None for i in parts.pop(key)]
        if not parts or (alone and min(map(self._target, members)) < 0):
            return [members]
        for part in parts.values():
            targets = set(map(self._target, part))
            step, n = self._outer_step(sorted(targets)), 0
            while n < len(part):
                n = len(part)
                near = [
                    i for i in alone if {self._target(i) - step, self._target(i) + step} & targets
                ]
                targets.update(map(self._target, near))
                part += near
                alone = [i for i in alone if i not in near]
        return [sorted(part) for part in (*parts.values(), alone) if part]

    def _outer_step(self, targets: list[int]) -> int:
        """How far the outermost loop moves."""
        extents = nest([(t,) for t in targets]) or (1,)
        return targets[len(targets) // extents[0]] - targets[0] if extents[0] > 1 else 0

    def _placed(self, lanes: Lanes, plan: Plan) -> Iterator[Block]:
        for block in self._block(lanes, plan):
            if isinstance(block.row, Primitive):
                self.starts.append(block.address)
            if block.row is GATHER and self._part(lanes.first()) == 2:
                self.first[block.address] = lanes.first()
            yield block

    def _lanes(self, members: list[int]) -> Lanes:
        n = len(members)
        column = array("i", members)
        room = room_for(n)
        settings = Settings(0, self.wide, self.tape.n_values, self.tape.n_inputs, self.leaves)
        return Lanes(self.run, self.tape, self.address, shorts(0), column, room, settings, 0, n)

    def _row(self, i: int) -> Row:
        return self.tape.rows[self.tape.code[i]]

    def _reads_rows(self, members: Iterable[int]) -> bool:
        """Whether operands lie in lists of lists."""
        if not self.rows_of:
            return False
        addresses = {self.address[j] for i in members for j in self.tape.operands_of(i)}
        return not self.rows_of.keys().isdisjoint(map(self.leaf, addresses))

    def _leaf(self, address: int) -> int:
        """Where the list begins that a number lies in."""
        return self.starts[bisect_right(self.starts, address) - 1]

    def _place(self, address: int) -> tuple[int, int, int]:
        """The list that a number lies in, the row of it, and the place in the row or the memory."""
        leaf = self.leaf(address)
        if leaf not in self.rows_of:
            return leaf, -1, address
        begins = self.rows_of[leaf]
        row = bisect_right(begins, address) - 1
        return leaf, row, address - begins[row]

    # -- a ragged block

    def _fit(self, members: list[int]) -> tuple[list[int], Ragged] | None:
        """The operations as a Ragged, and in what order; None if they are none."""
        for order, segments in self._shapes(members):
            found = self._fitted(segments)
            if found is not None:
                return order, found
        return None

    def _written(self, order: list[int], found: Ragged) -> Ragged:
        """Give a Ragged and its results their addresses."""
        found = found._replace(address=self.size)
        self.first[found.address] = min(order)
        if isinstance(found.row, Guard):
            return found
        self.take(len(order))
        self.starts.append(found.address)
        for k, i in enumerate(order):
            self.address[i] = found.address + k
        if found.rows:
            at, begins = found.address, []
            for n in found.rows:
                begins.append(at)
                at += n
            self.rows_of[found.address] = begins
        return found

    def _shapes(self, members: list[int]) -> Iterator[tuple[list[int], list[list[int]]]]:
        """Orders of the operations that may be regular, and rows of them."""
        if isinstance(self._row(members[0]), Kth):
            calls: dict[tuple[int, ...], list[int]] = {}
            for i in members:
                calls.setdefault(tuple(self.tape.operands_of(i)), []).append(i)
            parts = [sorted(call, key=self._item) for call in calls.values()]
            if min([self._target(part[0]) for part in parts]) >= 0:
                parts.sort(key=lambda part: self._target(part[0]))
            else:
                parts.sort(
                    key=lambda part: [self.address[j] for j in self.tape.operands_of(part[0])]
                )
            if all([*map(self._item, part)] == [*range(len(part))] for part in parts):
                yield [i for part in parts for i in part], parts
            return
        order = members
        targets = list(map(self._target, members))
        if min(targets) >= 0 and len({self.leaf(x) for x in targets}) == 1:
            order = [i for _, i in sorted(zip(targets, members, strict=True))]
            if self.leaf(targets[0]) in self.rows_of:
                yield order, self._segments(order, lambda i: self.place(self._target(i))[:2])
        yield order, [[i] for i in order]
        firsts = {i: self._head(i)[1] for i in order}
        for k, j in enumerate(firsts[order[0]]):
            if self.leaf(self.address[j]) in self.rows_of:
                yield (
                    order,
                    self._segments(
                        order, lambda i, k=k: self.place(self.address[firsts[i][k]])[:2]
                    ),
                )
        for k in range(len(firsts[order[0]])):
            yield order, self._segments(order, lambda i, k=k: firsts[i][k])

    def _segments(self, order: list[int], key: Any) -> list[list[int]]:
        return [list(part) for _, part in groupby(order, key)]

    def _item(self, i: int) -> int:
        row = self._row(i)
        assert isinstance(row, Kth)
        return row.k

    def _target(self, i: int) -> int:
        """Where that lies which an operation is the gradient at, or -1."""
        notes = self.notes
        z = notes.image.get(notes.adjoints.get(notes.origin.get(i, -1), -1), -1)
        return self.address[z] if z >= 0 else -1

    def _columns(self, i: int) -> list[Sequence[int]]:
        """The operands of an operation, of all terms: those of a chain are its factors."""
        operands, row = self.tape.operands_of(i), self._row(i)
        if row is CHAIN:
            return [operands[1::2], operands[2::2]]
        if isinstance(row, Kth):
            half = len(operands) // 2
            if row.arguments == "xs, ds":
                return [operands[:half], operands[half:]]
            if row.arguments == "xs, z":
                return [operands[:-1], operands[-1:] * (len(operands) - 1)]
            return [operands]
        if (row if isinstance(row, Primitive) else row.op).arity is None:
            return [operands]
        return [operands[k : k + 1] for k in range(len(operands))]

    def _head(self, i: int) -> tuple[int, Sequence[int]]:
        """How many terms an operation has, and the operands of the first one: see `_columns`."""
        row, operands = self._row(i), self.tape.operands
        low, end = self.tape.start[i], self.tape.start[i + 1]
        n = end - low
        if row is CHAIN:
            return n // 2, operands[low + 1 : low + 3]
        if isinstance(row, Kth) and row.arguments == "xs, ds":
            return n // 2, (operands[low], operands[low + n // 2])
        if isinstance(row, Kth) and row.arguments == "xs, z":
            return n - 1, (operands[low], operands[end - 1])
        if (row if isinstance(row, Primitive) else row.op).arity is None:
            return n, operands[low : low + 1]
        return 1, operands[low:end]

    def _fitted(self, segments: list[list[int]]) -> Ragged | None:
        """These rows as a Ragged, if all that changes is affine."""
        row = self._row(segments[0][0])
        codes = {self.tape.code[i] for part in segments for i in part}
        chained = any(self.tape.rows[code] is CHAIN for code in codes)
        lists = isinstance(row, Kth)
        sizes = tuple(map(len, segments))
        rowed = lists or max(sizes) > 1
        heads = [self._head(part[0]) for part in segments]
        features = [
            (n, m, *[x for j in first for x in self.place(self.address[j])])
            for n, (m, first) in zip(sizes, heads, strict=True)
        ]
        extents = nest(features)
        if extents is None or len(extents) > DEEPEST or (rowed and isinstance(row, Guard)):
            return None
        points = Points.within(extents)
        length = affine(points, sizes) if rowed else None
        if rowed and length is None:
            return None
        if rowed and not lists:
            points = points.deeper(sizes)
            members = list(chain.from_iterable(segments))
        else:
            members = [part[0] for part in segments]
        begin = None
        if chained:
            begin = self._operand(points, list(map(self._begin, members)))
            if begin is None:
                return None
        terms = self._stretches(points, members)
        if terms is None:
            return None
        rows = sizes if rowed and len(set(sizes)) > 1 else ()
        kind = CHAIN if chained else row
        return Ragged(kind, self.size, sum(sizes), extents, rows, length, begin, terms)

    def _stretches(self, points: "Points", members: list[int]) -> tuple[Stretch, ...] | None:
        """The terms of lanes at points, with new stretches where they go on in other lists."""
        split = [
            self._parts([list(map(self.address.__getitem__, each)) for each in self._columns(i)])
            for i in members
        ]
        if len(set(map(len, split))) > 1:
            return None
        found = []
        for each in zip(*split, strict=True):
            counts = [len(part[0]) for part in each]
            n = affine(points, counts)
            if n is None:
                return None
            inner = points.deeper(counts)
            operands = []
            for parts in zip(*each, strict=True):
                operand = self._operand(inner, list(chain.from_iterable(parts)))
                if operand is None:
                    return None
                operands.append(operand)
            found.append(Stretch(n, tuple(operands)))
        return tuple(found)

    def _parts(self, columns: list[list[int]]) -> list[list[list[int]]]:
        """The addresses of the terms of a lane, parted where an operand lies in another list."""
        leaves = [list(map(self.leaf, each)) for each in columns]
        if all(each.count(each[0]) == len(each) for each in leaves):
            return [columns]
        terms = list(zip(*leaves, strict=True))
        cuts = [k for k in range(1, len(terms)) if terms[k] != terms[k - 1]]
        limits = list(pairwise([0, *cuts, len(terms)]))
        return [[each[low:high] for each in columns] for low, high in limits]

    def _begin(self, i: int) -> int:
        """Where a sum begins. A zero may have either sign in a gradient."""
        if self._row(i) is not CHAIN:
            return self.zero
        begin = self.tape.operands_of(i)[0]
        return self.zero if self.tape.known(begin) == 0.0 else self.address[begin]

    def _operand(self, points: "Points", addresses: Sequence[int]) -> Operand | None:
        """Where an operand lies at the points, if that is affine."""
        leaf = self.leaf(addresses[0])
        if len(set(map(self.leaf, addresses))) > 1:
            return None
        if leaf not in self.rows_of:
            at = affine(points, addresses)
            return at and Operand(leaf, at)
        places = list(map(self.place, addresses))
        at, row = [affine(points, [place[k] for place in places]) for k in (2, 1)]
        return at and row and Operand(leaf, at, row)


def _gathers(plan: Plan) -> int:
    """How many operands are gathered."""
    return list(plan.refs or ())[3::4].count(0)


def in_order(tape: Tape) -> None:
    """Put the constants of a tape in order, whole numbers first, and 0 among them."""
    numbers = list(tape.constants)
    if "0.0" not in map(repr, numbers):
        numbers.append(0.0)
    order = sorted(
        range(len(numbers)),
        key=lambda k: (numbers[k] % 1 != 0, numbers[k], copysign(1.0, numbers[k])),
    )
    place = {k: at for at, k in enumerate(order)}
    for i, code in enumerate(tape.code):
        if tape.rows[code] is CONSTANT:
            tape.operands[tape.start[i]] = ~place[~tape.operands[tape.start[i]]]
    tape.constants = [numbers[k] for k in order]


class Points:
    """Values of variables, in order: each counts from 0 on, anew for those before it.

    `columns` are the values of each variable at all points.
    """

    def __init__(self, n: int, columns: Sequence[Sequence[int]]) -> None:
        self.n, self.columns = n, columns
        # Of each variable, the first point where it is 1: those after it are 0 there.
        self.ones = [each.index(1) if 1 in each else -1 for each in columns]

    @classmethod
    def within(cls, extents: Iterable[int]) -> "Points":
        """The points of loops within each other."""
        points = cls(1, [])
        for n in extents:
            points = points.deeper([n] * points.n)
        return points

    def deeper(self, counts: Sequence[int]) -> "Points":
        """Points with one variable more, which counts up to a number at each of these points."""
        repeated = [list(chain.from_iterable(map(repeat, each, counts))) for each in self.columns]
        last = list(chain.from_iterable(map(range, counts)))
        return Points(len(last), [*repeated, last])


def affine(points: Points, values: Sequence[int]) -> Affine | None:
    """Values at the points as an Affine; None if they are none."""
    base, steps = values[0], [0] * len(points.columns)
    found = [base] * points.n
    for k, (one, column) in enumerate(zip(points.ones, points.columns, strict=True)):
        if one >= 0 and values[one] != found[one]:
            steps[k] = values[one] - found[one]
            found = list(map(add, found, map(mul, column, repeat(steps[k]))))
    return Affine(base, tuple(steps)) if found == list(values) else None


def nest(vectors: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The extents of loops in which vectors change by steady distances; None if there are none."""
    n = len(vectors)
    if n == 1:
        return ()
    step = [y - x for x, y in zip(vectors[0], vectors[1], strict=True)]
    inner = 2
    while inner < n and all(
        y - x == d for x, y, d in zip(vectors[inner - 1], vectors[inner], step, strict=True)
    ):
        inner += 1
    if n % inner:
        return None
    if inner == n:
        return (n,)
    outer = nest(vectors[::inner])
    return None if outer is None else (*outer, inner)


def grouped(tape: Tape, notes: Notes) -> list[list[int]]:
    """The operations of every block, in the order in which the blocks begin."""
    found = _grouped(tape, notes, True)
    return _grouped(tape, notes, False) or [] if found is None else found


def _grouped(tape: Tape, notes: Notes, by_part: bool) -> list[list[int]] | None:
    """See `grouped`. None if a block would need one that begins later.

    Args:
        tape: The tape.
        notes: What tells the parts of the program.
        by_part: Whether what comes after the gradients takes all that comes from
            before as one kind.
    """
    n = len(tape)
    block_of = [-3] * n
    known: dict[Any, int] = {}
    blocks: list[list[int]] = []
    parts = [notes.part(notes.origin.get(i, -1)) for i in range(n)]
    for i, code in enumerate(tape.code):
        row, operands = tape.rows[code], tape.operands_of(i)
        if row is INPUT:
            block_of[i] = -1 if ~operands[0] < tape.n_values else -2
            continue
        if row is CONSTANT:
            continue
        part = parts[i]
        of: list[Any] = list(map(block_of.__getitem__, operands))
        if by_part and part == 2:
            of = [-4 if b >= 0 and parts[j] < 2 else b for b, j in zip(of, operands, strict=True)]
        key: Any = row
        if row is CHAIN:
            begin = tape.known(operands[0]) if part == 1 else None
            key = CHAIN, -3 if begin == 0.0 else (of[0], begin)
            xs, ys = of[1::2], of[2::2]
            same = xs.count(xs[0]) == len(xs) and ys.count(ys[0]) == len(ys)
            of = [(xs[0], ys[0])] if same else _runs(zip(xs, ys, strict=True))
        elif part == 1 and kind_of(row) == codes.MUL:
            key, of = (CHAIN, -3), [tuple(of)]
        elif isinstance(row, Kth):
            key, of = row.alike(), _runs(of)
        elif (row if isinstance(row, Primitive) else row.op).arity is None:
            of = _runs(of)
        key = part, key, tuple(of)
        b = block_of[i] = known.setdefault(key, len(known))
        if b == len(blocks):
            blocks.append([])
        blocks[b].append(i)
    order = sorted(range(len(blocks)), key=lambda b: (parts[blocks[b][0]] == 2, b))
    place = {b: k for k, b in enumerate(order)}
    places = [place.get(b, -1) for b in block_of]
    for i, k in enumerate(places):
        if k >= 0 and max(map(places.__getitem__, tape.operands_of(i)), default=-1) >= k:
            return None
    return [blocks[b] for b in order]


def _runs(blocks: Iterable[Any]) -> list[Any]:
    """Blocks without those that repeat the one before."""
    return [b for b, _ in groupby(blocks)]
