"""machine: a program as a table of calls of native functions, and the memory that they work on."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..core import texts
from ..core.row import Primitive
from . import llvm, native
from .lanes import Layout, Ref
from .schedule import Gather, Listed, Schedule
from .tape import Guard, Tape
from .translate import domain_of, is_straight, needed, table

MANY = 1000  # numbers, from which on native code copies them sooner than Python


def untranslated(tape: Tape) -> str:
    """Why a program has no native code: a row of its without a text. Else empty."""
    for row in tape.rows:
        if not native.is_translated(row):
            name = row.op.name if isinstance(row, Guard) else row.name
            return f"the row {name} has no text that could be translated"
    return ""


class Machine:
    """A program in native code.

    Its memory holds the numbers of the layout, the results side by side, the
    flag that tells of an operand outside a domain, and room for lists. `image`
    is the memory before a run.
    """

    def __init__(self, tape: Tape) -> None:
        self.engine = llvm.engine()
        self.layout = Layout(tape, together=True)
        schedule = Schedule(self.layout)
        first, n = self.layout.results, len(tape.outputs)
        self.results = slice(first, first + n)
        for z, runs in self.layout.elsewhere():
            schedule.gather(z, runs)
        if n:
            schedule.read(Ref(first, 0, 1), 1, n)
        self.split, self.n_inputs = tape.n_values, tape.n_inputs
        self.constants = slice(tape.n_inputs, self.layout.leaves)
        self.lists = 0  # numbers that lists take at most
        self.code = array("q")
        self.encode(schedule.calls)
        self.image = array("d", bytes(8 * (self.layout.size + 1 + self.lists)))
        self.image[self.constants] = array("d", tape.constants)
        del self.layout.tape, self.layout.address, self.layout.result_of
        self.memories: list[array[float]] = []  # of calls that are over

    def encode(self, calls: Sequence[Any]) -> None:
        """The calls as integers: function, how many integers, arguments."""
        shapes: dict[native.Shape, int] = {}
        encoded: list[tuple[int | str, list[int]]] = []
        for call in calls:
            if isinstance(call, Gather):
                encoded.append(("gather", [call.z, len(call.addresses), *call.addresses]))
            elif isinstance(call, Listed):
                encoded.append(self.listed(call))
            else:
                shape, places = native.shape_of(call)
                encoded.append((shapes.setdefault(shape, len(shapes)), places))
                for member in shape.parts if shape.kind == "each" else ():
                    self.reserve(member.row, 0)
        addresses = native.functions_of(self.engine, list(shapes))
        for kind, arguments in encoded:
            function = self.engine.functions[kind] if isinstance(kind, str) else addresses[kind]
            self.code.extend((function, 2 + len(arguments), *arguments))

    def listed(self, call: Listed) -> tuple[str, list[int]]:
        """Return the function and the arguments of a call for a row on a list."""
        numbers = [call.lanes, call.base, call.n]
        if isinstance(call.row, Guard):
            return "tested", [0, table()[domain_of(call.row.op)], *numbers]
        self.reserve(call.row, call.n)
        name = texts.name_of(call.row.forward)[1]
        return "listed", [call.z, table()[f"f_{name}"], *numbers]

    def reserve(self, row: Primitive | Guard, n: int) -> None:
        """Have room for the lists that a row makes on n numbers."""
        kind, name = texts.name_of(row.forward) if isinstance(row, Primitive) else ("", "")
        if kind == "text" and not is_straight(name):
            self.lists = max(self.lists, needed(name).of(n))

    def execute(self, v: "array[float]") -> bool:
        """Run on a memory; whether an operand lies outside a domain."""
        place = v.buffer_info()[0]
        return bool(
            self.engine.run(
                place,
                self.code.buffer_info()[0],
                len(self.code),
                self.engine.table.buffer_info()[0],
                place + 8 * (self.layout.size + 1),
            )
        )

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """As `source.Python` says."""
        v = self.memories.pop() if self.memories else self.image[:]
        v[: self.n_inputs] = array("d", p) + array("d", x)
        outside = self.execute(v)
        found: list[float] | None = None if outside else v[self.results].tolist()
        self.memories.append(v)
        return found

    def advance(
        self, memory: Any, p: Sequence[float], x: "array[float]", further: Sequence[float]
    ) -> "tuple[array[float] | None, list[float]] | None":
        """As `source.Python` says, but many new numbers are put into the array at once."""
        v, n = self.prepared(memory), memory.n
        if p:
            v[n : self.split] = array("d", p)
        if n < MANY:
            end = self.n_inputs - len(further)
            v[self.split : end] = x
            v[end : self.n_inputs] = array("d", further)
            if self.execute(v):
                return None
            middle = self.results.start + n
            return v[self.results.start : middle], v[middle : self.results.stop].tolist()
        batches = array("q", (x.buffer_info()[0],))
        numbers = array("d", further)
        done, out = self.steps(v, n, batches, numbers, len(numbers))
        return (None, out.tolist()) if done else None

    def advance_many(
        self,
        memory: Any,
        p: Sequence[float],
        xs: "Sequence[array[float]]",
        further: Sequence[Sequence[float]],
    ) -> list[list[float]]:
        """Advance once for each x, without Python in between.

        Each step changes the first numbers of the memory as a whole.

        Returns:
            The other results of each step, fewer than asked if an operand of
            the next step lies outside a domain.
        """
        v, n, n_further = self.prepared(memory), memory.n, len(further[0])
        if p:
            v[n : self.split] = array("d", p)
        batches = array("q", [x.buffer_info()[0] for x in xs])
        numbers = array("d", chain.from_iterable(further))
        done, out = self.steps(v, n, batches, numbers, n_further)
        given = self.results.stop - self.results.start - n
        found = out.tolist()
        return [found[k : k + given] for k in range(0, given * done, given)]

    def steps(
        self,
        v: "array[float]",
        n: int,
        batches: "array[int]",
        numbers: "array[float]",
        n_further: int,
    ) -> "tuple[int, array[float]]":
        """Run on each of the batches, which are places; how many have run, and the results."""
        given = self.results.stop - self.results.start - n
        out = array("d", bytes(8 * given * len(batches)))
        place = v.buffer_info()[0]
        done = self.engine.steps(
            place,
            self.code.buffer_info()[0],
            len(self.code),
            self.engine.table.buffer_info()[0],
            place + 8 * (self.layout.size + 1),
            len(batches),
            batches.buffer_info()[0],
            self.split,
            self.n_inputs - self.split - n_further,
            numbers.buffer_info()[0],
            self.n_inputs - n_further,
            n_further,
            self.results.start,
            n,
            out.buffer_info()[0],
            given,
        )
        return done, out

    def prepared(self, memory: Any) -> "array[float]":
        """The array of a `Resident`, large enough and with this program's constants."""
        v: array[float] = memory.array
        n = memory.n
        if memory.owner is not self:
            if len(v) < len(self.image):
                larger = self.image[:]
                larger[:n] = v[:n]
                memory.array = v = larger
            # An interruption here must not leave another program's name on
            # these constants.
            memory.owner = None
            v[self.constants] = self.image[self.constants]
            memory.owner = self
        return v
