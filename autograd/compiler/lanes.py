"""lanes: instructions of the same structure, side by side.

Two instructions are lanes of one block if they have the same row and their
operands come, place by place, from the same blocks. So the rows of a batch are
lanes, the neurons of a layer, and the weights in an optimizer's update. One
pass finds them. Lanes cannot depend on one another.

Such blocks may be narrow, as for the positions of a text, of which each looks
back on more. For native code, narrow blocks of the same row become one, if
their operands lie at regular distances. They are put in an order in which many
are ready at a time, in waves, and what a wave reads lies side by side.

The lanes of a block may be used differently, as those positions are. Where it costs
no further call, those of one role lie side by side, as the texts of a batch.

The numbers of a program lie in one memory: inputs, constants, then the lanes of
each block in turn. Where the operands of the lanes lie at regular distances, a
Ref says so in a few numbers. Where they do not, a block that gathers them comes
first.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from math import copysign
from typing import NamedTuple

from ..core.row import Primitive
from . import passes
from .llvm import pass_runner
from .memory import LINE
from .simplify import hash_table, kind_of, shorts
from .tape import CHAIN, Row, Tape

WIDE = 8  # lanes side by side that fill a register
NARROW = 512  # lanes, up to which blocks may become one
LARGEST = (1 << 31) - 1  # lanes of a block
SLACK = 8  # levels, by which blocks of one wave may differ
MANY = 256  # blocks, from which on some may be of lanes with several roles
CALL = 16  # numbers that are gathered in the time that a call takes
GATHER = Primitive("gather", 1, float, (), formula="copies of numbers that lie anywhere")


class Ref(NamedTuple):
    """Where an operand lies.

    For term t of lane (o, i) that is base + outer * o + inner * i + term * t. In a
    loop it moves on by `move` from one repetition to the next.
    """

    base: int
    outer: int = 0
    inner: int = 0
    term: int = 0
    move: int = 0

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

    Lane (o, i) is written to `address` + step * o + i, where the step is `inner`,
    but for results that lie among others. `refs` are the operands. A chain has
    where it begins in `refs`, and its products in `runs`. A row on a list has
    the elements in `runs`, and a GATHER what it copies, lane by lane. In a loop its
    lanes move on by `move` from one repetition to the next.
    """

    row: Row
    address: int
    outer: int
    inner: int
    refs: tuple[Ref, ...] = ()
    runs: tuple[Run, ...] = ()
    apart: int = 0  # the step, where it is not `inner`
    move: int = 0

    @property
    def z(self) -> Ref:
        """Where the lanes are written."""
        return Ref(self.address, self.apart or self.inner, 1, 0, self.move)

    @property
    def terms(self) -> int:
        """The number of elements of a list, or of products of a chain."""
        return sum(run.n for run in self.runs)

    def term(self, k: int) -> Ref:
        """The k-th element of a list."""
        for n, (ref, *_) in self.runs:
            if k < n:
                return ref._replace(base=ref.base + k * ref.term, term=0)
            k -= n
        raise IndexError(k)

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
        together: Whether narrow blocks of the same row become one where that is
            quicker, and then come in waves. The results of the program lie side
            by side, from `results` on, as far as whole blocks are results.
            Whole constants come in order, as lanes that count compare with them.
    """

    def __init__(self, tape: Tape, by_age: bool = False, together: bool = False) -> None:
        self.tape, self.by_age, self.together = tape, by_age, together
        self.wide = WIDE
        order = by_number(tape.constants) if together else range(len(tape.constants))
        self.constants = [tape.constants[k] for k in order]
        self.ranks = shorts(len(order))  # of the tape's constants among these
        for rank, k in enumerate(order):
            self.ranks[k] = rank
        self.leaves = self.size = tape.n_inputs + len(tape.constants)
        self.address = array("q", bytes(8 * len(tape)))
        self.roles = shorts(0)  # of the operations, as `passes.roles` has them; none of few
        self.turned: list[Block] = []  # what copies numbers to where their roles lie together
        self.gathered: dict[tuple[int, ...], int] = {}
        self.first: dict[int, int] = {}  # by age: the first operation of the block at an address
        self.reserved: dict[int, int] = {}  # the addresses of blocks that are to come
        self.results = self.take(len(tape.outputs)) if together else 0
        self.result_of = shorts(len(tape) if together else 0, -1)
        self.n_blocks = self.n_lanes = self.widest = 0

    def take(self, n: int) -> int:
        """The address of n numbers more: of a LINE, if they fill one."""
        if self.together and n >= LINE:
            self.size += -self.size % LINE
        self.size += n
        return self.size - n

    def elsewhere(self) -> Iterator[tuple[int, tuple[Run, ...]]]:
        """Stretches of the results that lie elsewhere: where each belongs, and where it lies."""
        found = [self.address[i] for i in self.tape.outputs]
        wrong = [k for k, address in enumerate(found) if address != self.results + k]
        for first, n in consecutive(wrong):
            yield self.results + first, stretches(found[first : first + n])

    def outputs(self) -> tuple[Run, ...]:
        """Where the results lie."""
        return stretches([self.address[i] for i in self.tape.outputs])

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks once, each after those that its operands lie in."""
        waves = self.waves()
        yield from self.turned
        for k in range(len(waves.waves)):
            yield from waves.blocks(k)

    def waves(self) -> "Waves":
        """Find the blocks, and the order in which they are computed."""
        tape = self.tape
        n, run = len(tape), pass_runner(len(tape))
        kinds = array("i", map(kind_of, tape.rows))
        if self.together:
            for k, i in enumerate(tape.outputs):
                self.result_of[i] = k
        blocks, levels = passes.blocks.Blocks(shorts(n), shorts(n), shorts(n)), shorts(n)
        n_blocks = run(
            passes.blocks.group,
            n,
            tape.columns(),
            kinds,
            tape.n_values,
            tape.n_inputs,
            self.ranks,
            self.address,
            blocks,
            levels,
            hash_table(n),
        )
        if self.together and n_blocks > MANY:
            self._find_roles(kinds, blocks.block_of)
        by_level = sorted(range(n_blocks), key=levels.__getitem__)
        graph = _Blocks(run, tape, blocks, n_blocks)
        if self.together:
            return Waves(self, graph, graph.waves(by_level, levels))
        return Waves(self, graph, [[b] for b in (range(n_blocks) if self.by_age else by_level)])

    def _find_roles(self, kinds: "array[int]", block_of: "array[int]") -> None:
        """Find the roles of all operations, if numbers of one role lie apart, and copy these.

        They do in a batch of texts, which lies text by text, where each position
        has a role. Other programs have no use for roles.
        """
        tape, n = self.tape, len(self.tape)
        run, roles, room = pass_runner(n), shorts(n), shorts(n)
        columns = tape.columns(), kinds
        numbers = shorts(tape.n_inputs - tape.n_values)
        run(passes.roles.find_numbers, n, *columns, tape.n_values, tape.n_inputs, numbers)
        run(passes.roles.roles_by_users, n, *columns, block_of, roles, room)
        if not _apart(numbers, roles):
            return
        run(passes.roles.roles_by_operands, n, *columns, roles)
        run(passes.roles.roles_by_users, n, *columns, block_of, roles, room)
        self.roles = roles
        order = _apart(numbers, roles)
        base = self.take(len(order))
        for k, number in enumerate(order):
            self.address[numbers[number]] = base + k
        runs = stretches([tape.n_values + k for k in order])
        self.turned.append(Block(GATHER, base, 1, len(order), runs=runs))

    def wave(
        self,
        whole: "Lanes",
        wave: list[int],
        sizes: "array[int]",
        clusters: dict[int, list[int]],
    ) -> Iterator[Block]:
        """Yield the blocks of a wave: as one, or each for itself if that is quicker."""
        cost = 0
        if len(wave) > 1:
            before = whole.order()
            plan = self._plan(whole)
            if plan.cost == CALL:
                yield from self._block(whole, plan)
                return
            cost, together = plan.cost, whole.order()
            whole.reorder(before)
        each, at = [], 0
        for b in wave:
            lanes = whole.part(at, sizes[b])
            each.append((lanes, self._plan(lanes)))
            at += sizes[b]
        if len(wave) > 1 and cost < sum([plan.cost for _, plan in each]):
            whole.reorder(together)
            yield from self._block(whole, plan)
            return
        for b, (lanes, plan) in zip(wave, each, strict=True):
            for c in clusters.get(b, ()):
                if c not in self.reserved:
                    self.reserved[c] = self.take(sizes[c])
            yield from self._block(lanes, plan, self.reserved.get(b))

    def _plan(self, lanes: "Lanes") -> "Plan":
        """Arrange lanes, and see how they are read at the least cost."""
        plan = self._plan_by_address(lanes)
        if self.roles and lanes.n > WIDE:
            order = lanes.order()
            if lanes.gather_roles():
                pieces = lanes.pieces()
                found = Plan(len(pieces) * CALL, pieces, None)
                if (found.cost, found.rows()) < (plan.cost, plan.rows()):
                    return found
                lanes.reorder(order)
        return plan

    def _plan_by_address(self, lanes: "Lanes") -> "Plan":
        """Arrange lanes by the addresses of their operands."""
        inner, refs = lanes.plan()
        irregular = refs[3::4].count(0)
        cost = CALL + irregular * (CALL + lanes.n)
        if self.together and irregular:
            pieces = lanes.pieces()
            if len(pieces) * CALL < cost:
                return Plan(len(pieces) * CALL, pieces, None)
        return Plan(cost, [(0, lanes.n, inner)], refs)

    def _block(self, lanes: "Lanes", plan: "Plan", address: int | None = None) -> Iterator[Block]:
        """Yield a block as planned, with what it has to gather, or its pieces."""
        row = lanes.row()
        for at, n, inner in plan.pieces:
            outer = n // inner
            part = lanes if n == lanes.n else lanes.part(at, n)
            found = plan.refs or part.measured(inner)
            for place in range(0, len(found), 4):
                if not found[place + 3]:
                    column = lanes.column(place // 4)
                    key = tuple(column)
                    if key not in self.gathered:
                        self.gathered[key] = self.take(len(column))
                        runs = stretches(column)
                        yield Block(GATHER, self.gathered[key], outer, inner, runs=runs)
                    steps = [inner if outer > 1 else 0, 1]
                    found[place : place + 3] = array("q", [self.gathered[key], *steps])
            step = -1
            if self.together and isinstance(row, Primitive) and part.is_result(self.result_of):
                row_of_results = part.results_row(self.result_of)
                if outer == 1 and WIDE <= row_of_results < n and n % row_of_results == 0:
                    outer, inner = n // row_of_results, row_of_results
                    found[1::4] = array("q", [inner * x for x in found[2::4]])
                step = part.results_step(inner, self.result_of)
                if row is not CHAIN and row.arity is None and step != inner:
                    step = -1  # lists have their results side by side
            refs, runs = part.operands_in(found)
            if step >= 0:
                self._place_results(part)
                z = self.address[part.first()]
                yield Block(row, z, outer, inner, refs, runs, 0 if step == inner else step)
                continue
            if address is None:
                address = self.take(lanes.n if isinstance(row, Primitive) else 0)
            part.number(address + at)
            if self.by_age:
                self.first[address] = min(lanes.order())
            yield Block(row, address + at, outer, inner, refs, runs)
        self.n_blocks += len(plan.pieces)
        self.n_lanes += lanes.n
        self.widest = max(self.widest, lanes.n)

    def _place_results(self, lanes: "Lanes") -> None:
        """Give results their addresses."""
        places = self.result_of, self.results, self.address
        lanes.run(passes.pieces.place_results, lanes.these(), *places)


class Waves:
    """The blocks of a layout in waves, in the order in which they are computed.

    `members` are the operations of the blocks, wave by wave: those of wave k begin
    at `begins[k]`. `kinds` are numbers of the blocks, as `passes.blocks.find_keys` gives
    them.
    """

    def __init__(self, layout: Layout, graph: "_Blocks", waves: list[list[int]]) -> None:
        self.layout, self.run, self.waves = layout, graph.run, waves
        self.sizes = graph.blocks.sizes
        self.clusters = graph.clusters(waves) if layout.together else {}
        self.kinds = graph.keys(LARGEST)[0]
        offsets, at = array("q", bytes(8 * graph.n)), 0
        for b in chain.from_iterable(waves):
            offsets[b] = at
            at += self.sizes[b]
        self.members = shorts(at)
        block_of = graph.blocks.block_of
        self.run(passes.blocks.gather_members, len(block_of), block_of, offsets, self.members)
        widths = [sum([self.sizes[b] for b in wave]) for wave in waves]
        self.begins = list(accumulate(widths, initial=0))
        most = max(widths, default=0)
        self.room = room_for(most)
        tape = layout.tape
        self.settings = passes.arrangement.Settings(
            int(layout.together), layout.wide, tape.n_values, tape.n_inputs, layout.leaves
        )

    def lanes(self, k: int) -> "Lanes":
        """The lanes of a wave."""
        layout, at = self.layout, self.begins[k]
        tape, address, roles = layout.tape, layout.address, layout.roles
        columns = tape, address, roles, self.members, self.room, self.settings
        return Lanes(self.run, *columns, at, self.begins[k + 1] - at)

    def blocks(self, k: int) -> Iterator[Block]:
        """Yield the blocks of a wave; those of the waves before it have their addresses."""
        return self.layout.wave(self.lanes(k), self.waves[k], self.sizes, self.clusters)


class _Blocks(NamedTuple):
    """The blocks that `passes.blocks.group` has found, as a graph."""

    run: Callable[..., int]
    tape: Tape
    blocks: passes.blocks.Blocks
    n: int

    def keys(self, widest: int) -> tuple["array[int]", int]:
        """Numbers of the blocks by what they are: see `find_keys`. And how many numbers."""
        n, key_of = self.n, shorts(self.n)
        graph = self.tape.columns(), self.blocks
        f, rest = passes.blocks.find_keys, (key_of, shorts(n), hash_table(n))
        return key_of, self.run(f, n, widest, *graph, *rest)

    def waves(self, by_level: list[int], levels: "array[int]") -> list[list[int]]:
        """The blocks in an order in which they can be computed, in waves: see `passes`."""
        run, n = self.run, self.n
        columns = self.tape.columns(), self.blocks
        key_of, n_keys = self.keys(NARROW)
        first, needed, seen = shorts(n), shorts(n), shorts(n)
        ends = array("q", bytes(8 * n))
        n_consumers = run(passes.waves.count_consumers, n, *columns, seen, needed, ends)
        consumers, heights = shorts(n_consumers), shorts(n)
        run(passes.waves.list_consumers, n, *columns, seen, ends, consumers, heights)
        siblings = shorts(n)
        run(passes.blocks.find_siblings, n, *columns, siblings, hash_table(n))
        following, ready, after, highest = [shorts(n) for _ in range(4)]
        heap, later = [array("q", bytes(8 * n)) for _ in range(2)]
        waiting = passes.waves.Waiting(
            key_of, levels, heights, ready, after, highest, heap, array("B", bytes(n))
        )
        order, wave_ends = shorts(n), shorts(n)
        count = run(
            passes.waves.find_waves,
            n,
            n_keys,
            waiting,
            array("i", by_level),
            passes.waves.Consumers(needed, ends, n_consumers, consumers),
            siblings,
            SLACK,
            first,
            following,
            later,
            order,
            wave_ends,
        )
        limits = [0, *wave_ends[:count]]
        return [sorted(order[low:high]) for low, high in pairwise(limits)]

    def clusters(self, waves: list[list[int]]) -> dict[int, list[int]]:
        """The blocks that lie best beside others, as the same wave reads them: with all these.

        They are as many as the blocks of that wave, of the same size, and alone in
        their own waves.
        """
        alone = {wave[0] for wave in waves if len(wave) == 1}
        found: dict[int, list[int]] = {}
        for wave in waves:
            if len(wave) == 1:
                continue
            operands = [self.tape.operands_of(self.blocks.sample[b]) for b in wave]
            m = len(operands[0])
            for place in dict.fromkeys((*range(min(m, 3)), *range(max(m - 2, 0), m))):
                given = [self.blocks.block_of[each[place]] for each in operands]
                if (
                    alone.issuperset(given)
                    and len({self.blocks.sizes[c] for c in given}) == 1
                    and len(set(given)) == len(given)
                    and found.keys().isdisjoint(given)
                ):
                    found.update(dict.fromkeys(given, given))
        return found


class Plan(NamedTuple):
    """How lanes are read: pieces (begin, lanes, inner extent), and what that costs.

    `refs` are the operands of a single piece, as `passes.arrangement.measure` has
    them. Those that do not lie regularly are gathered. The operands of several
    pieces all lie regularly.
    """

    cost: int
    pieces: list[tuple[int, int, int]]
    refs: "array[int] | None"

    def rows(self) -> int:
        """How many rows of lanes the pieces have."""
        return sum([n // inner for _, n, inner in self.pieces])


class Lanes(NamedTuple):
    """The lanes of a block: n of the members, from `at` on.

    `room` and `settings` are what `passes.arrangement.plan` needs besides.
    """

    run: Callable[..., int]
    tape: Tape
    address: "array[int]"
    roles: "array[int]"
    members: "array[int]"
    room: passes.arrangement.Room
    settings: passes.arrangement.Settings
    at: int
    n: int

    def part(self, at: int, n: int) -> "Lanes":
        """Return n of these lanes, from `at` on."""
        return Lanes(*self[:7], self.at + at, n)

    def these(self) -> passes.codes.Members:
        """The lanes as passes take them."""
        return passes.codes.Members(self.at, self.n, self.members)

    def reads(self) -> passes.arrangement.Operands:
        """Where the operands of operations lie."""
        return passes.arrangement.Operands(self.tape.start, self.tape.operands, self.address)

    def first(self) -> int:
        """The operation of the first lane."""
        return self.members[self.at]

    def row(self) -> Row:
        """The row of all lanes."""
        return self.tape.rows[self.tape.code[self.first()]]

    def n_operands(self) -> int:
        """The number of operands of every lane."""
        i = self.first()
        return self.tape.start[i + 1] - self.tape.start[i]

    def order(self) -> "array[int]":
        """The lanes as they are arranged now."""
        return self.members[self.at : self.at + self.n]

    def reorder(self, order: "array[int]") -> None:
        """Bring back an arrangement."""
        self.members[self.at : self.at + self.n] = order

    def gather_roles(self) -> bool:
        """Put lanes of the same role side by side, if that is new and fills registers."""
        n, f = self.n, passes.roles.gather_roles
        room = shorts(n), shorts(n), hash_table(n)
        return bool(self.run(f, self.these(), self.room.other, WIDE, self.roles, *room))

    def pieces(self) -> list[tuple[int, int, int]]:
        """Pieces in which all operands lie regularly: begin, number of lanes, inner extent."""
        m = self.n_operands()
        begins, inners = shorts(self.n), shorts(self.n)
        count = self.run(
            passes.pieces.find_pieces,
            self.these(),
            m,
            self.reads(),
            *[array("q", bytes(8 * m)) for _ in range(2)],
            begins,
            inners,
        )
        limits = pairwise([*begins[:count], self.n])
        return [(low, high - low, inners[k]) for k, (low, high) in enumerate(limits)]

    def plan(self) -> tuple[int, "array[int]"]:
        """Arrange the lanes as they are read best: the inner extent, and the operands."""
        refs = array("q", bytes(32 * self.n_operands()))
        chain = int(self.row() is CHAIN)
        given = self.these(), self.room, chain, self.settings, self.reads()
        return self.run(passes.arrangement.plan, *given, refs), refs

    def measured(self, inner: int) -> "array[int]":
        """Where each operand lies: base, outer and inner step, and whether all lanes keep them."""
        m = self.n_operands()
        refs = array("q", bytes(32 * m))
        self.run(passes.arrangement.measure, self.these(), inner, m, self.reads(), refs)
        return refs

    def operands_in(self, refs: "array[int]") -> tuple[tuple[Ref, ...], tuple[Run, ...]]:
        """The operands of a block, as a Block has them."""
        row = self.row()
        first = m = 1
        if row is CHAIN:
            m = 2
        elif (row if isinstance(row, Primitive) else row.op).arity is None:
            first = 0
        else:
            return tuple([Ref(*refs[k : k + 3]) for k in range(0, len(refs), 4)]), ()
        n = (len(refs) // 4 - first) // m
        begins = shorts(n)
        count = self.run(passes.pieces.find_runs, n, m, first, refs, begins)
        runs = []
        for low, high in pairwise([*begins[:count], n]):
            at = 4 * (first + low * m)
            operands = []
            for k in range(at, at + 4 * m, 4):
                step = refs[k + 4 * m] - refs[k] if high - low > 1 else 0
                operands.append(Ref(refs[k], refs[k + 1], refs[k + 2], step))
            runs.append(Run(high - low, tuple(operands)))
        return (Ref(*refs[:3]),) if first else (), tuple(runs)

    def column(self, place: int) -> list[int]:
        """The addresses of an operand, lane by lane."""
        start, operands, address = self.tape.start, self.tape.operands, self.address
        members = self.members[self.at : self.at + self.n]
        return [address[operands[start[i] + place]] for i in members]

    def is_result(self, result_of: "array[int]") -> bool:
        """Whether the first lane is a result."""
        return result_of[self.first()] >= 0

    def results_row(self, result_of: "array[int]") -> int:
        """How many lanes are results one after the other, from the first on."""
        return self.run(passes.pieces.results_row, self.these(), result_of)

    def results_step(self, inner: int, result_of: "array[int]") -> int:
        """How far apart the rows of lanes lie among the results; -1 if that differs."""
        return self.run(passes.pieces.results_step, self.these(), inner, result_of)

    def number(self, base: int) -> None:
        """Give the results their addresses."""
        self.run(passes.arrangement.number, self.these(), base, self.address)


def _apart(numbers: Sequence[int], roles: "array[int]") -> list[int]:
    """The places of numbers of the same role that do not lie side by side, role by role.

    There are none if a role has fewer than fill a register.
    """
    by_role: dict[int, list[int]] = {}
    for k, i in enumerate(numbers):
        by_role.setdefault(roles[i], []).append(k)
    apart = [each for each in by_role.values() if each[-1] - each[0] >= len(each)]
    few = any(len(each) < WIDE for each in apart)
    return [] if few else list(chain.from_iterable(apart))


def room_for(n: int) -> passes.arrangement.Room:
    """Room to arrange up to n lanes."""
    places = passes.arrangement.MOST_TELLING + 1
    return passes.arrangement.Room(shorts(n), shorts(n), shorts(places), shorts(places))


def by_number(constants: Sequence[float]) -> list[int]:
    """The places of constants: whole numbers in order, then the others as they come."""
    whole = [k for k, x in enumerate(constants) if x % 1 == 0]
    others = [k for k, x in enumerate(constants) if x % 1 != 0]
    return [*sorted(whole, key=lambda k: (constants[k], copysign(1.0, constants[k]))), *others]


def consecutive(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of numbers that count up by one: the first of each, and how many."""
    runs: list[tuple[int, int]] = []
    for k in numbers:
        if runs and sum(runs[-1]) == k:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((k, 1))
    return runs


def stretches(addresses: Sequence[int]) -> tuple[Run, ...]:
    """Addresses as runs, each at regular distances."""
    runs = []
    k, n = 0, len(addresses)
    while k < n:
        base, end = addresses[k], k + 1
        step = addresses[end] - base if end < n else 0
        while end < n and addresses[end] - addresses[end - 1] == step:
            end += 1
        runs.append(Run(end - k, (Ref(base, 0, 0, step),)))
        k = end
    return tuple(runs)
