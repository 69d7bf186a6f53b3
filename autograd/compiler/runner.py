"""runner: a program runs as Python or in native code, whichever takes less time in all.

Native code is up to a thousand times faster, but LLVM takes time before the
first run. A small program therefore begins as Python, and is compiled once it
has spent as much time there as a compilation takes. Both give the same bits.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import time
import warnings
from array import array
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite, isnan
from typing import Any

from . import llvm, machine
from .source.text import Python
from .tape import Guard, Tape
from .translate import UntranslatableError

SMALL = 1000  # instructions, up to which a program begins as Python
PATIENCE = 0.05  # seconds that it may spend there


class Runner:
    """What runs a program, and its layout.

    `run(p, x)` gives the results for the Values' numbers p and the numbers x,
    or None if an operand lies outside a domain. A wary one gives None also if a
    result is nan.
    """

    def __init__(self, tape: Tape, wary: bool = False) -> None:
        self.tape, self.wary = tape, wary
        self.spent = 0.0
        self.why = self._python_only()
        self.code: machine.Machine | Python | None = None
        if not self.why and len(tape) > SMALL:
            self._compile()
        if self.code is None:
            self.code = Python(tape)

    def _python_only(self) -> str:
        """Why the program cannot be native; empty if it can."""
        if not llvm.available():
            return "llvmlite is not installed"
        return machine.untranslated(self.tape)

    def _compile(self) -> None:
        try:
            self.code = machine.Machine(self.tape, self.wary)
        except UntranslatableError as error:  # in the domain of a user's row
            self.why = f"{error} has no translation"
        except llvm.UnavailableError as error:
            self.why = str(error)
            with suppress(OSError, ValueError):  # a stderr that is closed
                warnings.warn(
                    f"jit runs programs as Python, as {error}", RuntimeWarning, stacklevel=2
                )

    @property
    def layout(self) -> Any:
        """Where the numbers lie, as blocks of lanes."""
        assert self.code is not None
        return self.code.layout

    def can_fail(self) -> bool:
        """Whether operands may lie outside a domain."""
        return any(isinstance(self.tape.rows[code], Guard) for code in set(self.tape.code))

    def describe(self) -> str:
        """Which of the two it is, and why."""
        if isinstance(self.code, machine.Machine):
            return "native code"
        return f"Python: {self.why or f'it has not yet taken {PATIENCE} s'}"

    def _waits(self) -> bool:
        """Whether the program is still Python, and may become native."""
        return not self.why and self.code.__class__ is Python

    def _spend(self, begun: float) -> None:
        self.spent += time.perf_counter() - begun
        if self.spent > PATIENCE:
            self._compile()

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """Return the results; None where an operand lies outside a domain."""
        assert self.code is not None
        if isinstance(self.code, machine.Machine):
            return self.code.run(p, x)
        begun = time.perf_counter()
        found = self.code.run(p, x)
        if self._waits():
            self._spend(begun)
        # The sum of all is the quickest way to see that none is nan.
        if self.wary and found and not isfinite(sum(found)) and any(map(isnan, found)):
            return None
        return found

    def advance(
        self, memory: Any, p: Sequence[float], x: "array[float]", further: Sequence[float]
    ) -> list[float] | None:
        """Run on the array of a `Resident`, whose first numbers are those of Values, and change it.

        Args:
            memory: The Resident.
            p: The numbers of the other Values.
            x: Numbers that do not change while they are in use.
            further: The last few numbers, which do.

        Returns:
            The results but for the Values' new numbers. None, with those numbers
            unchanged, where an operand lies outside a domain, or a number of x is
            not finite.
        """
        assert self.code is not None
        if not self._waits():
            return self.code.advance(memory, p, x, further)
        begun = time.perf_counter()
        found = self.code.advance(memory, p, x, further)
        self._spend(begun)
        return found

    def machine(self) -> machine.Machine | None:
        """The native code, if the program has become that."""
        return self.code if isinstance(self.code, machine.Machine) else None
