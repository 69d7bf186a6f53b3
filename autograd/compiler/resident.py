"""Resident: Values whose numbers live in a memory between the runs of programs that change them, as parameters do in training.

Copying parameters out of Values and back costs more than a step on the machine. So after a step the Values are Held: whoever asks one for its
number finds the class Held, which first gives all of them their numbers back and makes them plain Values again; the next step then reads
them anew. While nobody asks, nothing is copied.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .. import engine, value
from ..value import Value, _Labelled
from .program import Compiled, Memory
from .record import Recording, record
from .structure import Arguments, builder, rebuilt


class Held(Value):
    """A leaf whose number is in a memory; `_a` is the Resident that knows which."""

    __slots__ = ()

    def _plain_again(self) -> Value:
        self._a.release()
        return self

    @property
    def _data(self) -> float:
        return self._plain_again()._data

    @_data.setter
    def _data(self, number: float) -> None:
        self._plain_again()._data = number

    @property
    def _epoch(self) -> int:
        return self._plain_again()._epoch

    @_epoch.setter
    def _epoch(self, epoch: int) -> None:
        self._plain_again()._epoch = epoch

    @property
    def parents(self) -> tuple[Value, ...]:
        return ()

    def _twin(self, a: Any, b: Any) -> Value:
        return self._plain_again()._twin(None, None)

    def __reduce__(self) -> Any:
        return self._plain_again().__reduce__()


class Packed(NamedTuple):
    """Arguments ready to be run on: their program and their numbers."""

    program: "Program"
    numbers: "array[float]"

    def result(self, numbers: list[float]) -> Any:
        """The numbers that a run gave, in the structure of the result."""
        result: Any = self.program.build(numbers)
        return result


class Program(NamedTuple):
    """A recorded program with what each run of it needs."""

    compiled: Compiled
    captured: list[Value]  # besides the resident ones
    sources: list[Callable[[], float]]
    build: Callable[[list[Any]], Any]


class Resident:
    """The function f(state, *args, *further) -> (result, new values, new state), run on `values`, leaf Values, and a state of numbers; `further`
    are n_further numbers that change from run to run.

    `read_state()` gives the state's numbers before they go to the memory, `write_state(numbers)` takes them back. A run that raises, or meets
    an operand outside a domain, changes nothing.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        values: Sequence[Value],
        n_further: int,
        read_state: Callable[[], list[float]],
        write_state: Callable[[list[float]], None],
    ) -> None:
        self.function = f
        self.n_further = n_further
        self.given = list(values)
        self.values = self.given  # in the order of the memory
        self.read_state, self.write_state = read_state, write_state
        self.n = len(self.values)
        self.memory = Memory()
        self.held = False
        self.epoch = 0
        self.programs: dict[Any, Program] = {}

    def release(self) -> None:
        """Give the Values and the state their numbers."""
        if not self.held:
            return
        self.held = False
        numbers = [float(x) for x in self.memory.array[: self.n]]
        for v, number in zip(self.values, numbers, strict=False):
            v.__class__ = Value
            v._a = None
            v._data = number
            v._epoch = self.epoch if v.label is None else _Labelled(self.epoch, v.label)
        self.write_state(numbers[len(self.values) :])

    def _hold(self) -> None:
        """Take the numbers of the Values and the state to the memory."""
        state = self.read_state()
        numbers = [*[engine.number(v) for v in self.values], *state]
        self.n = len(numbers)
        self.memory.array[: self.n] = numbers

    def packed(self, static: Any, args: Sequence[Any]) -> Packed:
        """The program for these arguments, recorded if need be, and their numbers. `static` is what else the program depends on."""
        arguments = Arguments()
        key = static, *[arguments.key(x, f"argument {i}") for i, x in enumerate(args)]
        program = self.programs.get(key)
        if program is None:
            self.release()
            program = self.programs[key] = self._record(args, arguments)
        arguments.numbers.extend([engine.number(v) for v in arguments.values])
        return Packed(program, arguments.numbers)

    def run(self, packed: Packed, *further: float) -> list[float] | None:
        """The numbers of the result for packed arguments; None if an operand lies outside a domain."""
        program = packed.program
        drawn = [*further, *[draw() for draw in program.sources]]
        if not self.held:
            self._hold()
        found = program.compiled.runner.advance(self.memory, self.n, [engine.number(v) for v in program.captured], packed.numbers, drawn)
        if found is None:
            return None
        value.epoch += 1
        self.epoch = value.epoch
        if not self.held:
            self.held = True
            for v in self.values:
                v._a = self
                v.__class__ = Held
        return found

    def _record(self, args: Sequence[Any], arguments: Arguments) -> Program:
        n_state = len(self.read_state())
        captured: list[Value] = []
        build: Callable[[list[Any]], Any] = builder(())

        def run(made: Recording) -> Any:
            nonlocal captured, build
            state = [made.input() for _ in range(n_state)]
            numbers = iter([made.input() for _ in arguments.numbers])
            values = {v: made.input() for v in arguments.values}
            further = [made.input() for _ in range(self.n_further)]
            result, new_values, new_state = self.function(state, *[rebuilt(x, lambda: next(numbers), values.__getitem__) for x in args], *further)
            captured, build = made.captured_by_use(), builder(result)
            new = dict(zip(self.given, new_values, strict=True))
            if not self.programs:  # the first program says in which order the numbers lie
                self.values = [*[v for v in captured if v in new], *[v for v in self.given if v not in made.captured]]
            return [new[v] for v in self.values], new_state, result

        made, _ = record(run)
        held = {v: made.index(v) for v in self.values}
        others = [v for v in captured if v not in held]
        inputs = [*held.values(), *made.inputs[:n_state], *[made.captured[v] for v in others], *made.inputs[n_state:]]
        return Program(Compiled(made, inputs, len(held) + n_state + len(others)), others, made.sources, build)
