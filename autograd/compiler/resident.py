"""Resident: Values whose numbers stay in a program's memory between its runs.

In training, copying the parameters out of Values and back costs more than the
step itself. So after a step the Values are Held: their numbers are in the
memory, and nothing is copied. Whoever asks a Held Value for anything meets its
class first. It gives all of them their numbers back and makes them plain Values
again. The next step then reads them anew.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import time
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from inspect import signature
from itertools import repeat
from math import isfinite
from types import CodeType
from typing import Any, NamedTuple

from ..core import modes, value
from ..core.arguments import told
from ..core.bulk import at_once
from ..core.value import Value, _Labelled
from ..errors import DataTypeError, RecordingError
from .flat import Plan, Plans, UnplannableError
from .memory import BYTES, Memory
from .notes import Notes
from .program import Compiled, Drawn, check_independent
from .record import Recording, record, results_of
from .refusal import as_eager, by_the_table, warn_of_many
from .source.text import Python
from .structure import Arguments, builder, check_unchanged, contents

MOST = 100  # structures of arguments that native code may look for
TURN = 0.05  # seconds in native code, after which Python looks for interrupts


class Held(Value):
    """A leaf whose number is in a memory; `_a` is the Resident that knows which."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if resident := object.__getattribute__(self, "_a"):  # else another thread was first
            resident.release()
        return getattr(self, name)


class Packed(NamedTuple):
    """Arguments ready to be run on, and their program."""

    program: Compiled
    arguments: Arguments

    def result(self, numbers: list[float]) -> Any:
        """The numbers that a run gave, in the structure of the result."""
        return self.program.build(iter(numbers))


class Resident:
    """A function that changes Values, as programs in whose memory the Values stay.

    A run changes all Values or, where it raises or is interrupted, none.

    Args:
        f: `f(*args, *further)` returns (result, columns of new numbers).
        columns: The leaf Values that it changes. Lists as long as the first lie in
            the memory in its order, one after the other.
        n_further: How many `further` numbers there are. They change from run to
            run, and are no part of the arguments' structure.
    """

    def __init__(
        self, f: Callable[..., Any], columns: Sequence[Sequence[Value]], n_further: int
    ) -> None:
        self.function, self.n_further = f, n_further
        self.names = list(signature(f).parameters)
        self.columns = columns
        self.given = [v for column in columns for v in column]
        self.place: dict[Value, int] = {v: i for i, v in enumerate(self.given)}  # in the memory
        self.n = len(self.place)
        self.order = list(range(self.n))  # of the Values, as they lie in the memory
        self.array = Memory(array("d", bytes(BYTES * self.n)))  # the first n are the Values'
        self.owner: Any = None  # the program that ran last, to which the rest of it belongs
        self.held = False
        self.changed = 0
        self.programs: dict[Any, Compiled] = {}
        self.drawn: Drawn = [], []  # by the last run
        # By the `static` of programs: the structures of arguments that native code
        # recognizes, and the program for each.
        self.known: dict[Any, tuple[Plans, list[Compiled]]] = {}
        self.steady: dict[Any, Any] = {}  # the `static` of code that takes nothing but arguments
        self.planned: set[Any] = set()  # the keys of programs that have been looked at for that

    def number_of(self, v: Value) -> float:
        """The number of one of the Values; the others stay in the memory."""
        return float(self.array.view[self.place[v]]) if self.held else value.data_of(v)

    def release(self) -> None:
        """Give the Values their numbers, and make them plain Values again.

        Another thread may take a step meanwhile. So the numbers are read from the
        memory in the same call of C that gives them to the Values.
        """
        if not self.held:
            return
        values = list(self.place)
        numbers = self.array.view[: self.n]
        old = list(map(object.__getattribute__, values, repeat("_born")))
        labels = [getattr(age, "label", None) for age in old]
        now = self.changed
        at_once(
            map(setattr, values, repeat("_data"), numbers),
            map(
                setattr,
                values,
                repeat("_born"),
                [now if label is None else _Labelled(now, label) for label in labels],
            ),
            map(setattr, values, repeat("__class__"), repeat(Value)),
            map(setattr, values, repeat("_a"), repeat(None)),
            map(setattr, [self], ["held"], [False]),
        )

    def packed(self, static: Any, args: tuple[Any, ...]) -> Packed:
        """The program for these arguments, recorded if need be, and their numbers.

        Args:
            static: What else the program depends on.
            args: The arguments of the function, without the further numbers.
        """
        if known := self.known.get(static):
            plans, programs = known
            if found := plans.numbers(args):
                k, numbers = found
                return Packed(programs[k], Arguments(numbers))
        before = len(self.programs)
        key, packed = self._entry(static, args, stacklevel=6)
        if len(self.programs) > before:
            return packed
        if key not in self.planned and packed.program.runner.machine() is not None:
            self.planned.add(key)
            self._plan(static, key, packed.program)
        return packed

    def _entry(self, static: Any, args: tuple[Any, ...], stacklevel: int = 5) -> tuple[Any, Packed]:
        """The key of the program for these arguments, and what `packed` returns."""
        arguments = Arguments()
        named = zip(self.names, args, strict=False)
        keys = [(name, arguments.key(x, f"argument {name}")) for name, x in named]
        key = (("mode", static), *keys)
        if arguments.values:
            self._check_apart(arguments.values)
        if key not in self.programs:
            self.release()
            program = as_eager(
                partial(self._record, args, arguments),
                partial(self._on_first, *args),
                lambda: self._on_first(*map(arguments.eager(), args)),
            )
            check_independent(program.captured_results, self.place.keys())
            warn_of_many(self.function, self.programs, key, stacklevel)
            self.programs[key] = program
        return key, Packed(self.programs[key], arguments)

    def _check_apart(self, values: Collection[Value]) -> None:
        """Raise RecordingError if one of the arguments' Values is changed, or made of one that is.

        A program knows nothing of it, and would lose a part of the derivative.
        """
        if twice := [v for v in values if v in self.place]:
            raise RecordingError(
                f"{told(twice[0])} is a number of a batch, and one that the step changes: a "
                "program keeps the two apart, and a part of the derivative would be lost. Keep it "
                "in the model, and pass where it lies there, as the index of an nn.Embedding"
            )
        check_independent(values, self.place.keys())

    def _plan(self, static: Any, key: Any, program: Compiled) -> None:
        """Have native code recognize arguments of this structure from now on, if it can."""
        _, *named = key
        with suppress(UnplannableError):
            plan = Plan((tuple, tuple([each for _, each in named])))
            plans, programs = self.known.setdefault(static, (Plans(), []))
            if len(programs) < MOST:
                plans.add(plan)
                programs.append(program)
            code = program.runner.machine()
            if code and not (program.captured or program.sources):
                code.plan = plan
                self.steady[code] = static

    def packed_alike(self, static: Any, several: Sequence[tuple[Any, ...]]) -> list[Packed]:
        """As `packed`, for several arguments, up to the first that native code does not know."""
        if static not in self.known and several:
            self.packed(static, several[0])
        found: list[Packed] = []
        if known := self.known.get(static):
            plans, programs = known
            for args in several:
                recognized = plans.numbers(args)
                if recognized is None:
                    break
                k, numbers = recognized
                found.append(Packed(programs[k], Arguments(numbers)))
        return found

    def repeat(self, static: Any, args: tuple[Any, ...], *further: float) -> list[float] | None:
        """Run the program that ran last on other arguments, without Python in between.

        Returns:
            What `run` returns. None, with nothing changed, also where another
            program may be needed, or other Values count: see `packed` and `run`.
        """
        code = self.owner
        if code not in self.steady or self.steady[code] != static:
            return None
        if modes.active or not self.held:
            return None
        before = self.changed
        self.changed = value.changed = next(value.clock)
        found: list[float] | None = code.advance_on(args, further)
        if found is None:
            self.changed = before
        elif not self.held:  # any more: another thread has asked for a number
            self._hold()
        return found

    def run(self, packed: Packed, *further: float) -> list[float] | None:
        """Run the program.

        Returns:
            The numbers of the result. None, with nothing changed, if the function
            itself is to run, `again`: an operand lies outside a domain, an argument
            is not finite, or operations of this thread are not just recorded.
        """
        program, arguments = packed
        self.drawn = [], []
        if modes.active and modes.current() is not None:
            return None
        p = [value.data_of(v) for v in (*arguments.values, *program.captured)]
        if arguments.values and not all(map(isfinite, p[: len(arguments.values)])):
            return None
        if program.sources:
            if not all(map(isfinite, arguments.numbers)):  # nothing is drawn then
                return None
            self.drawn = program.draws.draw()
        if not self.held:
            self.array.view[: self.n] = array("d", [value.data_of(v) for v in self.place])
        before = self.changed
        self.changed = value.changed = next(value.clock)
        found = program.runner.advance(self, p, arguments.numbers, [*further, *self.drawn[0]])
        if found is None:
            self.changed = before
        elif not self.held:
            self._hold()
        return found

    def run_many(
        self, packed: Sequence[Packed], further: Sequence[Sequence[float]]
    ) -> list[list[float]]:
        """Run a program several times in native code, which needs no Python in between.

        Python looks for interrupts every TURN seconds. Each run is a whole: after
        an interrupt the Values have the numbers of the last one.

        Args:
            packed: Arguments that the same program takes, one for each run.
            further: The further numbers of each run.

        Returns:
            The numbers of the results, of fewer runs than asked if `run` has to
            make the next one.
        """
        different = list({id(each): each for each in packed}.values())
        program = packed[0].program if packed else None
        code = program.runner.machine() if program else None
        if program is None or code is None:
            return []
        if any(each.program is not program or not self.loops(each) for each in different):
            return []
        p = [value.data_of(v) for v in program.captured]
        xs = [each.arguments.numbers for each in packed]
        found: list[list[float]] = []
        turn = 1
        while len(found) < len(xs):
            at = slice(len(found), len(found) + turn)
            begun = time.perf_counter()
            self.changed = value.changed = next(value.clock)
            new = code.advance_many(self, p, xs[at], further[at])
            found += new
            if new and not self.held:
                self._hold()
            if len(new) < len(xs[at]):
                break
            took = (time.perf_counter() - begun) / turn
            turn = max(1, min(2 * turn, int(TURN / max(took, 1e-9))))
        return found

    def source(
        self,
        static: Any,
        args: tuple[Any, ...],
        names: dict[Value, str],
        parts: Mapping[int, str],
        sections: Mapping[CodeType, str],
        remarks: Sequence[str],
        update: Sequence[str],
    ) -> str:
        """The program for these arguments as plain Python.

        It has the names of the Values, the paths of Modules, by the ids of these, and
        remarks for its reader at the head. `sections` and `update` are as in Notes.
        """
        recorded = self._entry(static, args)[1].program
        arguments = Arguments()
        inputs: list[str] = []
        for name, x in zip(self.names, args, strict=False):
            arguments.key(x, name)
            inputs += [name] * (len(arguments.numbers) - len(inputs))
        program = self._record(args, arguments, notes := Notes(True, parts, sections), recorded)
        values = *self.place, *arguments.values, *program.captured
        notes.values = [names.get(v, "") for v in values]
        notes.remarks, notes.update = list(remarks), list(update)
        known = set(values)
        if [v for v in values if v in names] != [v for v in names if v in known]:
            notes.remarks.insert(0, "p is in another order than the model's parameters()")
        notes.numbers = [*inputs, *self.names[len(self.names) - self.n_further :]]
        return Python(program.short(), notes).text

    def numbers(
        self, static: Any, args: tuple[Any, ...], *further: float
    ) -> tuple[list[float], list[float]]:
        """The numbers p and x, with which the text of `source` runs for these arguments."""
        program, arguments = self._entry(static, args)[1]
        others = [value.data_of(v) for v in (*arguments.values, *program.captured)]
        drawn = [draw() for draw in program.sources]
        p = [*map(self.number_of, self.place), *others]
        return p, [*arguments.numbers, *further, *drawn]

    def loops(self, packed: Packed) -> bool:
        """Whether `run_many` can run: in native code, where nothing but numbers changes."""
        program, arguments = packed
        return (
            self.held
            and modes.current() is None
            and not (program.sources or arguments.values)
            and program.runner.machine() is not None
        )

    def again(
        self,
        packed: Packed,
        args: Sequence[Any],
        f: Callable[..., Any],
        speaking: Callable[..., Any],
    ) -> Any:
        """Return f(*args), computed by the rows of the table.

        The numbers that the last run drew are drawn again. If f raises, the words
        are those of `speaking`, which changes nothing and is run on the numbers.
        """

        def run(f: Callable[..., Any], *args: Any) -> Any:
            with packed.program.drawing(self.drawn):
                return f(*args)

        on_literals = partial(run, f, *map(packed.arguments.eager(), args))
        try:
            return by_the_table(on_literals, partial(run, speaking, *args))
        except DataTypeError:  # of a bool, which is a number to the arithmetic of plain numbers
            pass
        return run(f, *args)

    def _on_first(self, *args: Any) -> Any:
        """Run the function itself, with some further numbers."""
        return self.function(*args, *[1.0] * self.n_further)

    def _hold(self) -> None:
        """Leave the numbers of the Values to the memory.

        An interrupt before that leaves them as they were before the run.
        """
        at_once(
            map(setattr, self.place, repeat("_a"), repeat(self)),
            map(setattr, self.place, repeat("__class__"), repeat(Held)),
            map(setattr, [self], ["held"], [True]),
        )

    def _record(
        self,
        args: Sequence[Any],
        arguments: Arguments,
        notes: Notes | None = None,
        like: Compiled | None = None,
    ) -> Compiled:
        build: Any = None

        def run(made: Recording) -> Any:
            nonlocal build
            traced = arguments.traced(made.new_inputs, made.new_numbers)
            further = made.new_numbers(self.n_further)
            given = list(map(traced, args))
            before = contents(given)
            result, columns = self.function(*given, *further)
            check_unchanged(before, given, self.function)
            build = builder(result)
            new = [i for column in columns for i in results_of(made, column, self.function)]
            if not self.programs:  # the first program says in which order the numbers lie
                self.order = self._ordered(made)
                ordered = map(self.given.__getitem__, self.order)
                self.place = dict(zip(ordered, range(self.n), strict=True))
            made.changes = list(map(new.__getitem__, self.order))
            return result

        made, _ = record(run, notes, self.function)
        return Compiled(made, build, len(arguments.values), list(self.place), like)

    def _ordered(self, made: Recording) -> list[int]:
        """The places of the Values as they lie best: by the row that uses them, by column."""
        first = self.columns[0]
        places = {v: i for i, v in enumerate(first)}
        used = made.captured_by_use(places.keys())
        order = list(dict.fromkeys([*map(places.__getitem__, used), *range(len(first))]))
        found: list[int] = []
        for column in self.columns:
            begin = len(found)
            same = len(column) == len(first)
            found += [begin + i for i in (order if same else range(len(column)))]
        return found
