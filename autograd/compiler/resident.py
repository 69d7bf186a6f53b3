"""Resident: Values whose numbers live in a memory between the runs of programs that change them, as parameters do in training.

Copying parameters out of Values and back costs more than a step on the machine. So after a step the Values are Held: whoever asks one for
anything finds the class Held, which first gives all of them their numbers back and makes them plain Values again; the next step then reads
them anew. While nobody asks, nothing is copied.
"""

from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from inspect import signature
from typing import Any, NamedTuple

from ..core import modes, value
from ..core.value import Value, _Labelled
from ..errors import LengthError
from .program import Compiled
from .record import Recording, drawn, record
from .refusal import as_eager, warn_of_many
from .structure import Arguments, builder


class Held(Value):
    """A leaf whose number is in a memory; `_a` is the Resident that knows which."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        object.__getattribute__(self, "_a").release()
        return getattr(self, name)


class Packed(NamedTuple):
    """Arguments ready to be run on, and their program."""

    program: Compiled
    arguments: Arguments

    def result(self, numbers: list[float]) -> Any:
        """The numbers that a run gave, in the structure of the result."""
        return self.program.build(iter(numbers))


class Resident:
    """The function f(state, *args, *further) -> (result, new values, new state), run on `values`, leaf Values, and a state of numbers; `further`
    are n_further numbers that change from run to run.

    `read_state()` gives the state's numbers before they go to the memory, `write_state(numbers)` takes them back, `taken()` hears that a run has
    changed them. A run that raises or is interrupted, or meets an operand outside a domain, changes nothing, or else everything: what brings the
    numbers to their places is done again if it was interrupted, and does the same then.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        values: Sequence[Value],
        n_further: int,
        read_state: Callable[[], list[float]],
        write_state: Callable[[list[float]], None],
        taken: Callable[[], None],
    ) -> None:
        self.function, self.n_further = f, n_further
        self.names = list(signature(f).parameters)[1:]
        self.given = self.values = list(values)  # as given, and in the order of the memory
        self.read_state, self.write_state, self.taken = read_state, write_state, taken
        self.array = array(
            "d"
        )  # the memory, of which the first n numbers stay where they are from one run to the next
        self.n = 0
        self.owner: object = None  # the program that ran last, to which the rest of it belongs
        self.batch: object = None  # the arguments that it has copied there
        self.held = False
        self.epoch = 0
        self.programs: dict[Any, Compiled] = {}
        self.drawn: list[float] = []  # by the last run

    def release(self) -> None:
        """Give the Values and the state their numbers."""
        if self.held:
            try:
                self._give_back()
            except BaseException:
                self._give_back()
                raise

    def _give_back(self) -> None:
        numbers = list(map(float, self.array[: self.n]))
        for v, number in zip(self.values, numbers, strict=False):
            label = getattr(object.__getattribute__(v, "_epoch"), "label", None)
            v._data, v._epoch = (
                number,
                self.epoch if label is None else _Labelled(self.epoch, label),
            )
            v.__class__ = Value
            v._a = None
        self.write_state(numbers[len(self.values) :])
        self.held = False

    def packed(self, static: Any, args: Sequence[Any]) -> Packed:
        """The program for these arguments, recorded if need be, and their numbers. `static` is what else the program depends on."""
        arguments = Arguments()
        key = (
            ("mode", static),
            *[
                (name, arguments.key(x, f"argument {name}"))
                for name, x in zip(self.names, args, strict=False)
            ],
        )
        if key not in self.programs:
            self.release()
            on_numbers = partial(self.function, self.read_state(), *args, *[1.0] * self.n_further)
            made = as_eager(lambda: self._record(args, arguments), on_numbers)
            warn_of_many(self.function, self.programs, key, stacklevel=5)
            self.programs[key] = made
        return Packed(self.programs[key], arguments)

    def run(self, packed: Packed, *further: float) -> list[float] | None:
        """The numbers of the result for packed arguments; None if the function itself is to run, `again`: an operand lies outside a domain, or
        operations of this thread are not just recorded."""
        program, arguments = packed
        self.drawn = []
        if modes.current() is not None:
            return None
        p = [value.data_of(v) for v in (*arguments.values, *program.captured)]
        self.drawn = [draw() for draw in program.sources]
        if not self.held:
            numbers = [*map(value.data_of, self.values), *self.read_state()]
            self.n = len(numbers)
            self.array[: self.n] = array("d", numbers)
        found = None
        try:
            found = program.runner.advance(self, p, arguments.numbers, [*further, *self.drawn])
            if found is None:
                return None
            self._take(found[0])
        except BaseException:
            if found is not None:
                self._take(found[0])
            raise
        return found[1]

    def again(self) -> AbstractContextManager[Any]:
        """Within it, the numbers that the last run drew are drawn again."""
        return drawn(self.drawn)

    def _take(self, numbers: Any) -> None:
        self.array[: self.n] = array("d", numbers)
        self.epoch = value.epoch = value.epoch + 1
        self.taken()
        if not self.held:
            for v in self.values:
                v._a, v.__class__ = self, Held
            self.held = True

    def _record(self, args: Sequence[Any], arguments: Arguments) -> Compiled:
        n_state = len(self.read_state())
        build: Any = None

        def run(made: Recording) -> Any:
            nonlocal build
            state = [made.input() for _ in range(n_state)]
            traced = arguments.traced(made.input)
            result, new_values, new_state = self.function(
                state, *map(traced, args), *[made.input() for _ in range(self.n_further)]
            )
            if len(new_state) != n_state:
                raise LengthError(
                    f"the new state has {len(new_state)} numbers, and the state {n_state}"
                )
            build = builder(result)
            new = dict(zip(self.given, new_values, strict=True))
            if not self.programs:  # the first program says in which order the numbers lie
                self.values = list(
                    dict.fromkeys([*[v for v in made.captured_by_use() if v in new], *self.given])
                )
            return [new[v] for v in self.values], new_state, result

        made, _ = record(run)
        return Compiled(made, build, n_state + len(arguments.values), self.values)
