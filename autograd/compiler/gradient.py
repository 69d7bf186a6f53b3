"""gradient: reverse mode on a tape, as `functional.gradients` does it on a graph.

The operations that it appends are those that the graph would give, in the same
order, so the bits are the same. What a row's rule does is recorded once for all
operations with the same row and the same constants among their operands, and
then written for each of them by `passes.adjoints.sweep`.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..core import modes
from ..core import primitives as rows
from ..core.engine import RECORDER
from ..core.row import Primitive
from ..core.value import Value
from . import passes
from .lists import Kth, slopes
from .llvm import pass_runner, runs_natively
from .notes import DifferentiatedAgain, Notes
from .passes import codes
from .simplify import hash_table, kind_of, lengthen, shorts
from .tape import CONSTANT, CUT, INPUT, OWN, Guard, Row, Tape

RULES = 2000  # that a table has room for, before it is made as large as the tape


class Recorded(Protocol):
    """What the gradient needs of a recording."""

    tape: Tape
    captured: dict[Value, int]
    own: dict[Value, tuple[int, int]]
    sources: list[Callable[[], float]]
    notes: Notes | None

    def tells_all(self) -> bool:
        """Whether the tape is the whole graph."""

    def place(self, v: Value) -> int | None:
        """The operation that gives a Value."""

    def places(self, values: Sequence[Value]) -> list[int | None]:
        """The operations that give several Values."""

    def index(self, x: Any) -> int:
        """The operation that gives an operand."""

    def nodes(self, indices: Sequence[int]) -> list[Value]:
        """The Values that operations give."""

    def node(self, index: int) -> Value:
        """The Value that an operation gives."""


def pull(
    recording: Recorded, cotangents: Sequence[tuple[Any, Any]], wrt: Sequence[Value]
) -> list[Any] | None:
    """Record the sum over cotangents (z, g) of g * dz/dv, for every v of wrt.

    Returns:
        Traced Values, and floats for what is a constant. None where the graph
        has to be asked: for small tapes, and where the tape does not tell all.
    """
    n = len(recording.tape)
    if not (runs_natively(n) or recording.notes) or not recording.tells_all():
        return None
    places = recording.places(wrt)
    if None in places:
        return None
    roots = [(z, g) for z, g in cotangents if isinstance(z, Value)]
    if any(recording.place(z) is None for z, _ in roots):
        return None
    return _Pull(recording, pass_runner(n)).found(
        [(recording.index(z), recording.index(g)) for z, g in roots],
        [-1 if place is None else place for place in places],
    )


def pull_of(row: Row) -> int:
    """What the passes know about the derivative of a row."""
    if row in (INPUT, CONSTANT, OWN, CUT) or isinstance(row, Guard):
        return codes.STOP
    if row.bilinear:
        return codes.PRODUCTS if row.arity is None else codes.PRODUCT
    return codes.FIXED if row.constants else codes.BY_RULE


def known_kind(row: Row) -> int:
    """What the passes know about a row, but that a leaf of the graph is no plain number."""
    return codes.OTHER if row is OWN else kind_of(row)


class _Pull:
    """One run of reverse mode."""

    def __init__(self, recording: Recorded, run: Callable[..., int]) -> None:
        self.recording, self.run = recording, run
        self.tape = tape = recording.tape
        self.one = tape.constant(1.0)
        functions: list[Any] = [rows.add, rows.mul, rows.neg, rows.scale, rows.dot, rows.both]
        needed = [CONSTANT, *[function.primitive for function in functions]]
        self.needed = array("i", map(tape.code_of, needed))

    def found(self, roots: list[tuple[int, int]], wrt: list[int]) -> list[Any] | None:
        tape, run = self.tape, self.run
        fixed = self.fixed_partials()
        n = len(tape)
        kinds = array("i", map(known_kind, tape.rows))
        pulls = array("i", map(pull_of, tape.rows))
        active = array("B", bytes(n))
        for i in wrt:
            if i >= 0:
                active[i] = 1
        graph = tape.columns()
        counts = array("q", [0, 0])
        run(passes.reach.spread, n, graph, kinds, pulls, self.singular(), active, counts)
        n_active, scaled = counts
        order = shorts(n_active)
        where = array("q", dict.fromkeys(z for z, _ in roots))
        seen = array("B", bytes(n))
        n_order = run(
            passes.reach.order_below, n, len(where), where, graph, pulls, active, seen, order
        )
        del seen
        rule_of = shorts(n)
        n_rules = -1
        for most in (RULES, n_order):  # few are enough, if operands are no constants
            if n_rules < 0:
                table = hash_table(most)
                room = len(table.places) // 2 + 2
                sample, uses = shorts(room), array("q", bytes(8 * room))
                n_rules = run(
                    passes.reach.find_rules,
                    n_order,
                    order,
                    graph,
                    kinds,
                    pulls,
                    active,
                    rule_of,
                    sample,
                    uses,
                    table,
                )
        rules = _Rules(self.recording)
        for r in range(n_rules):
            if not rules.add(sample[r], active, uses[r]):
                return None
        kinds = array("i", map(known_kind, tape.rows))
        pulls = array("i", map(pull_of, tape.rows))
        singular = self.singular()
        fixed.extend(shorts(3 * len(tape.rows) - len(fixed), passes.adjoints.NO_PARTIAL))

        found, begins, count = shorts(n, -1), shorts(n), shorts(n)
        limits, cotangents = array("q", [0, 0]), [(z, g) for z, g in roots if active[z]]
        ends = array("q", [z for z, _ in cotangents])
        places = (n_order, order, len(ends), ends)
        columns = (graph, pulls, active)
        room = run(passes.reach.place_terms, *places, *columns, begins, count, limits)
        term_p, term_g = shorts(room), shorts(room)
        for z, g in cotangents:
            k = begins[z] + count[z]
            term_p[k], term_g[k] = self.one, g
            count[z] += 1
        new, numbers = rules.operations + scaled + limits[0], array("d", tape.constants)
        state = array("q", [len(tape), len(tape.operands), 0, len(tape.constants), 0])
        lengthen(numbers, scaled + limits[0])
        lengthen(tape.code, new)
        lengthen(tape.start, new)
        lengthen(tape.operands, rules.operands + 2 * scaled + limits[1])
        run(
            passes.adjoints.sweep,
            n_order,
            order,
            pulls,
            fixed,
            rules.as_given(rule_of),
            shorts(rules.longest),
            found,
            self.one,
            singular,
            active,
            passes.adjoints.Reached(begins, count, term_p, term_g),
            passes.adjoints.Growing(*tape.columns(), state, numbers, kinds, self.needed),
        )
        del begins, count, term_p, term_g, rule_of, rules, graph, columns
        tape.cut(state[codes.N_CODE], state[codes.N_OPERANDS])
        tape.constants += numbers[len(tape.constants) : state[codes.N_CONSTANTS]].tolist()
        if self.recording.notes:
            self.recording.notes.pulls.append((n, len(tape)))
            self.recording.notes.found.append({z: found[z] for z in order if found[z] >= 0})
            for z in reversed(order[:n_order]):
                if found[z] >= 0 and tape.known(found[z]) is None:
                    self.recording.notes.adjoints.setdefault(found[z], z)
        return self.results([found[i] if i >= 0 else -1 for i in wrt])

    def singular(self) -> "array[int]":
        """Of each row, whether a partial can be infinite, and which operands are masked."""
        found = array("i", [0]) * len(self.tape.rows)
        for k, row in enumerate(self.tape.rows):
            if isinstance(row, Primitive):
                masks = sum([codes.MASKED * (place + 1) for place in row.masked])
                found[k] = (codes.INFINITE if row.singular else 0) + masks
        return found

    def fixed_partials(self) -> "array[int]":
        """The constant partials of rows, three for each, as operations."""
        fixed = array("i")
        for row in list(self.tape.rows):
            constants: Sequence[float | None] = ()
            if isinstance(row, Primitive) and pull_of(row) == codes.FIXED:
                constants = row.constants
            given = [
                passes.adjoints.NO_PARTIAL if p is None else self.tape.constant(float(p))
                for p in constants
            ]
            fixed.extend((given + [passes.adjoints.NO_PARTIAL] * 3)[:3])
        return fixed

    def results(self, indices: list[int]) -> list[Any]:
        """What operations give: a float where it is a constant, 0.0 where there is none."""
        code, constant = self.tape.code, self.tape.code_of(CONSTANT)
        if constant not in [code[i] if i >= 0 else constant for i in indices]:
            return list(self.recording.nodes(indices))
        known = [self.tape.known(i) if i >= 0 else 0.0 for i in indices]
        nodes = iter(
            self.recording.nodes([i for i, x in zip(indices, known, strict=True) if x is None])
        )
        return [next(nodes) if x is None else x for x in known]


class _Rules:
    """The rules that a tape needs, as operations on operands by their places."""

    def __init__(self, recording: Recorded) -> None:
        self.recording = recording
        self.start, self.operand_start, self.partial_start = (array("q", [0]) for _ in range(3))
        self.code, self.given, self.partials = shorts(0), shorts(0), shorts(0)
        self.operations = self.operands = 0  # that all uses of all rules make
        self.longest = 1

    def as_given(self, rule_of: "array[int]") -> passes.adjoints.Rules:
        """The rules as the sweep takes them, with the rule of each operation."""
        return passes.adjoints.Rules(
            rule_of,
            self.start,
            self.code,
            self.operand_start,
            self.given,
            self.partial_start,
            self.partials,
        )

    def add(self, sample: int, active: "array[int]", uses: int) -> bool:
        """Record the rule of one operation, which `uses` operations share.

        Returns:
            Whether it depends on nothing but operands and result.
        """
        tape = self.recording.tape
        row, operands = tape.rows[tape.code[sample]], tape.operands_of(sample)
        assert isinstance(row, Primitive)
        if isinstance(row, Kth):
            raise DifferentiatedAgain
        made: Any = self.recording.__class__()
        numbers = [tape.known(i) for i in operands]
        with modes.interpreting(made, RECORDER):
            xs = [made.input() if number is None else number for number in numbers]
            z = made.input()
            wanted = [
                number is None and bool(active[i])
                for number, i in zip(numbers, operands, strict=True)
            ]
            partials = row.partials_at(xs, z, wanted)
            notes = self.recording.notes
            if notes and notes.once and row.arity is None and len(made.tape) > 2 * len(xs) + 1:
                partials = _as_slopes(made, row, xs, z, partials)
            found = [
                passes.adjoints.NO_PARTIAL
                if p is None
                else made.index(p if isinstance(p, Value) else float(p))
                for p in partials
            ]
        if made.captured or made.own or made.sources:
            return False
        names: dict[int, int] = {}  # what the rule's operations are called
        for k, x in enumerate([*xs, z]):
            if isinstance(x, Value):
                names[made.index(x)] = k
        first = len(self.code)
        for i, code in enumerate(made.tape.code):
            of = made.tape.rows[code]
            if i in names:
                continue
            if of is CONSTANT:
                names[i] = ~tape.constant(made.tape.constants[~made.tape.operands_of(i)[0]])
                continue
            names[i] = codes.RESULT + len(self.code) - first
            self.code.append(tape.code_of(of))
            self.given.extend([names[j] for j in made.tape.operands_of(i)])
            self.operand_start.append(len(self.given))
        self.start.append(len(self.code))
        self.partials.extend([names.get(i, i) for i in found])
        self.partial_start.append(len(self.partials))
        size = len(self.code) - first
        self.longest = max(self.longest, size)
        self.operations += uses * size
        self.operands += uses * (self.operand_start[-1] - self.operand_start[first])
        return True


def _as_slopes(
    made: Any, row: Primitive, xs: Sequence[Any], z: Any, partials: Sequence[Any]
) -> list[Any]:
    """Record the partials that are no numbers as what one function makes of the list."""
    operands = [made.index(x) for x in (*xs, z)]
    return [
        made.node(made.tape.add(item, operands)) if isinstance(p, Value) else p
        for p, item in zip(partials, slopes(row, len(xs)), strict=True)
    ]
