"""memory: the numbers of a program in native code.

They begin where a line of the processor's cache does. What fills a register and
lies across two lines takes twice as long to read.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from typing import Any

BYTES = 8  # of a number
LINE = 8  # numbers of a line


class Memory:
    """A copy of numbers as a `view`, from `place` in the memory of this process on."""

    def __init__(self, numbers: "array[float]") -> None:
        room = array("d", bytes(BYTES * (len(numbers) + LINE)))
        place = room.buffer_info()[0]
        first = -place // BYTES % LINE
        self.place = place + BYTES * first
        self.view: Any = memoryview(room)[first : first + len(numbers)]
        self.view[:] = numbers
