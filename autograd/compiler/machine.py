"""machine: a program as a table of calls of native functions, and the memory that they work on."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ctypes
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..core import texts
from ..core.row import Primitive
from . import abreast, library, llvm, native
from .flat import Plan
from .lanes import Layout, Ref
from .memory import BYTES, LINE, Memory
from .schedule import Gather, Listed, Repeat, Schedule, paired
from .tape import Guard, Tape
from .translate import domain_of, is_straight, needed, table

PARTS = 8  # integers that a loop changes at a time


class Request(ctypes.Structure):
    """What native code is asked for: to take steps. `library.STEPS` says what each field is."""

    _fields_ = tuple((name, ctypes.c_int64) for name in library.FIELDS)


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
    is the memory before a run. A `wary` program gives no results if one is nan.
    """

    def __init__(self, tape: Tape, wary: bool = False) -> None:
        self.engine = llvm.engine()
        self.layout = Layout(tape, together=True)
        schedule = Schedule(self.layout)
        first, n = self.layout.results, len(tape.outputs)
        self.results = slice(first, first + n)
        self.looked_at = array("q", [first, n])  # results of which none may be nan, if wary
        self.wary = self.looked_at.buffer_info()[0] if wary else 0
        for z, runs in self.layout.elsewhere():
            schedule.gather(Ref(z), runs)
        if n:
            schedule.read(Ref(first, 0, 1), 1, n)
        self.split, self.n_inputs = tape.n_values, tape.n_inputs
        self.constants = slice(tape.n_inputs, self.layout.leaves)
        self.lists = 0  # numbers that lists take at most
        self.code = array("q")
        self.encode(native.with_common_runs(paired(schedule.calls)))
        self.scratch = self.layout.size + 1  # where the room for lists begins, behind the flag
        self.scratch += -self.scratch % LINE
        self.image = array("d", bytes(BYTES * (self.scratch + self.lists)))
        self.image[self.constants] = array("d", self.layout.constants)
        del self.layout.tape, self.layout.address, self.layout.result_of
        self.memories: list[Memory] = []  # of calls that are over
        self.plan: Plan | None = None  # of the structure of arguments
        # What is asked for, of the memory of the last run, and what it points to.
        self.request, self.batches = Request(), array("q", [0])
        self.further, self.out = array("d"), array("d")

    def encode(self, calls: Sequence[Any]) -> None:
        """The calls as integers: function, how many integers, arguments."""
        shapes: dict[native.Shape, int] = {}
        encoded = self.encoded(calls, shapes)
        self.addresses = native.functions_of(self.engine, list(shapes))
        self.code = self.words(encoded)[0]

    def encoded(
        self, calls: Sequence[Any], shapes: dict[native.Shape, int]
    ) -> list[tuple[int | str, Any]]:
        """The function of each call and its arguments; of a loop, how often, and its calls."""
        found: list[tuple[int | str, Any]] = []
        for call in calls:
            if isinstance(call, Repeat):
                found.append(("loop", (call.times, self.encoded(call.calls, shapes))))
            elif isinstance(call, Gather):
                z, addresses = call.z, list[native.Argument]()
                for n, (ref,) in call.runs:
                    addresses += [(ref.base + t * ref.term, ref.move) for t in range(n)]
                found.append(("gather", [(z.base, z.move), (len(addresses), 0), *addresses]))
            elif isinstance(call, Listed):
                found.append(self.listed(call))
            else:
                shape, places = native.shape_of(call)
                found.append((shapes.setdefault(shape, len(shapes)), places))
                for member in shape.parts if shape.kind == "each" else ():
                    self.reserve(member.row, 0)
        return found

    def words(self, encoded: Sequence[tuple[int | str, Any]]) -> "tuple[array[int], array[int]]":
        """The integers of calls, and by how much each grows from one repetition to the next."""
        code, moves = array("q"), array("q")
        for kind, places in encoded:
            if kind == "loop":
                times, body = places
                within, growing = self.words(body)
                n = len(within)
                empty = array("q", bytes(BYTES * (-n % PARTS)))
                room = self.layout.take(n + len(empty))
                arguments = array("q", [times, n, n + len(empty), room])
                arguments += within + empty + growing + empty
                grow = array("q", bytes(BYTES * len(arguments)))
            else:
                arguments = array("q", [place for place, _ in places])
                grow = array("q", [move for _, move in places])
            by_name, by_shape = self.engine.functions, self.addresses
            function = by_name[kind] if isinstance(kind, str) else by_shape[kind]
            code.extend((function, 2 + len(arguments)))
            code += arguments
            moves.extend((0, 0))
            moves += grow
        return code, moves

    def listed(self, call: Listed) -> tuple[str, list[native.Argument]]:
        """Return the function and the arguments of a call for a row on a list."""
        z, base = (call.z.base, call.z.move), (call.base.base, call.base.move)

        def arguments(function: str) -> list[native.Argument]:
            return [z, (table()[function], 0), (call.lanes, 0), base, (call.n, 0)]

        if isinstance(call.row, Guard):
            return "tested", arguments(domain_of(call.row.op))
        self.reserve(call.row, call.n)
        name, n = texts.name_of(call.row.forward)[1], call.n
        width = self.engine.width
        found = None
        if 1 < width <= call.lanes and n <= abreast.LONGEST:
            found = abreast.compiled(self.engine, name)
        if found is None:
            return "listed", arguments(f"f_{name}")
        place, size = found
        self.lists = max(self.lists, width * (n + size.of(n)))
        return "abreast", [*arguments(f"f_{name}"), (place, 0)]

    def reserve(self, row: Primitive | Guard, n: int) -> None:
        """Have room for the lists that a row makes on n numbers."""
        kind, name = texts.name_of(row.forward) if isinstance(row, Primitive) else ("", "")
        if kind == "text" and not is_straight(name):
            self.lists = max(self.lists, needed(name).of(n))

    def execute(self, v: Memory) -> bool:
        """Run on a memory; whether an operand lies outside a domain.

        Where the program is wary, also whether a result is nan.
        """
        return bool(
            self.engine.run(
                v.place,
                self.code.buffer_info()[0],
                len(self.code),
                self.engine.table.buffer_info()[0],
                v.place + BYTES * self.scratch,
                self.wary,
            )
        )

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """As `source.text.Python` says."""
        v = self.memories.pop() if self.memories else Memory(self.image)
        v.view[: self.n_inputs] = array("d", p) + array("d", x)
        outside = self.execute(v)
        found: list[float] | None = None if outside else v.view[self.results].tolist()
        self.memories.append(v)
        return found

    def advance(
        self, memory: Any, p: Sequence[float], x: "array[float]", further: Sequence[float]
    ) -> list[float] | None:
        """As `Runner` says."""
        self.prepare(memory, p, len(further))
        self.batches[0] = x.buffer_info()[0]
        self.further[:] = array("d", further)
        done = self.engine.steps(ctypes.addressof(self.request))
        return self.out.tolist() if done else None

    def advance_on(self, args: tuple[Any, ...], further: Sequence[float]) -> list[float] | None:
        """Advance in the memory of the last run, on arguments that are as planned.

        Returns:
            What `advance` returns. None also where they are not as planned.
        """
        assert self.plan is not None
        self.batches[0] = 0  # x is in the memory by then
        self.further[:] = array("d", further)
        request = ctypes.addressof(self.request)
        done = self.engine.step_on(args, self.plan.place, self.engine.place_of_python, request)
        return self.out.tolist() if done else None

    def advance_many(
        self,
        memory: Any,
        p: Sequence[float],
        xs: "Sequence[array[float]]",
        further: Sequence[Sequence[float]],
    ) -> list[list[float]]:
        """Advance once for each x, without Python in between.

        Returns:
            What `advance` returns for each, up to the first that would be None.
        """
        self.prepare(memory, p, len(further[0]))
        request, given = Request.from_buffer_copy(self.request), len(self.out)
        batches = array("q", [x.buffer_info()[0] for x in xs])
        numbers = array("d", chain.from_iterable(further))
        out = array("d", bytes(BYTES * given * len(xs)))
        request.batches, request.steps = batches.buffer_info()
        request.further, request.out = numbers.buffer_info()[0], out.buffer_info()[0]
        found = out[: given * self.engine.steps(ctypes.addressof(request))].tolist()
        return [found[k : k + given] for k in range(0, len(found), given)]

    def prepare(self, memory: Any, p: Sequence[float], n_further: int) -> None:
        """Have a `Resident`'s array large enough, with this program's constants and p."""
        v: Memory = memory.array
        n = memory.n
        if memory.owner is not self:
            if len(v.view) < len(self.image):
                larger = Memory(self.image)
                larger.view[:n] = v.view[:n]
                memory.array = v = larger
            # An interruption here must not leave another program's name on
            # these constants.
            memory.owner = None
            v.view[self.constants] = self.image[self.constants]
            self.demand(v.place, n, n_further)
            memory.owner = self
        if p:
            v.view[n : self.split] = array("d", p)

    def demand(self, memory: int, n: int, n_further: int) -> None:
        """Fill in the request to take a step in this memory."""
        results, end = self.results.start, self.n_inputs - n_further
        self.further = array("d", bytes(BYTES * n_further))
        self.out = array("d", bytes(BYTES * (self.results.stop - results - n)))
        self.request = Request(
            memory=memory,
            calls=self.code.buffer_info()[0],
            length=len(self.code),
            table=self.engine.table.buffer_info()[0],
            scratch=memory + BYTES * self.scratch,
            steps=1,
            batches=self.batches.buffer_info()[0],
            x=memory + BYTES * self.split,
            nx=end - self.split,
            further=self.further.buffer_info()[0],
            y=memory + BYTES * end,
            ny=n_further,
            z=memory + BYTES * results,
            kept=n,
            out=self.out.buffer_info()[0],
            given=len(self.out),
        )
