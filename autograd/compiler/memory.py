"""memory: the numbers of a program in native code.

They begin where a line of the processor's cache does. What fills a register and
lies across two lines takes twice as long to read.
"""

from array import array

BYTES = 8  # of a number
LINE = 8  # numbers of a line


class Memory:
    """An array of numbers, from `place` in the memory of this process on."""

    def __init__(self, numbers: "array[float]") -> None:
        self.room, self.n = array("d", bytes(BYTES * (len(numbers) + LINE))), len(numbers)
        self.fixed = memoryview(self.room)  # what is written through it stays as long as it is
        place = self.room.buffer_info()[0]
        self.first = -place // BYTES % LINE  # of the array
        self.place = place + BYTES * self.first
        self[: self.n] = numbers

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, at: slice) -> "array[float]":
        return self.room[self.first + (at.start or 0) : self.first + at.stop]

    def __setitem__(self, at: slice, numbers: "array[float]") -> None:
        self.fixed[self.first + (at.start or 0) : self.first + at.stop] = numbers

    def number(self, k: int) -> float:
        """The k-th number."""
        return self.room[self.first + k]
