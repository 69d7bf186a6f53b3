"""regions: what loops write, found by where it lies.

A loop writes the same lanes at every repetition, some distance further on. So
where a read meets them is told by what remains of the addresses after division
by that distance. The answer may be yes where it is no, but not the reverse.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple


class Region(NamedTuple):
    """`n` lanes that a loop writes, from `base` on, `move` later at every repetition."""

    base: int
    n: int
    move: int
    low: int  # the first address of all repetitions
    high: int  # and the last one
    call: int  # the place of the loop among the calls
    body: Any  # its schedule

    def meets(self, low: int, high: int, steps: Sequence[tuple[int, int]]) -> bool:
        """Whether a read may meet the lanes.

        Args:
            low: The first address that is read.
            high: The last one.
            steps: The distances of the numbers that are read, and how many each has.
        """
        if high < self.low or self.high < low:
            return False
        if not self.move:
            return True
        distance = abs(self.move)
        wide = sum([abs(step) * (times - 1) for step, times in steps if step % distance])
        first = (low - self.base) % distance
        return first < self.n or first + wide >= distance


class Regions:
    """The regions of a program, in chunks of memory that do not overlap."""

    def __init__(self) -> None:
        self.lows: list[int] = []
        self.highs: list[int] = []
        self.chunks: list[list[Region]] = []

    def add(self, region: Region) -> None:
        """Add a region. Chunks that it overlaps become one."""
        first, end = bisect_left(self.highs, region.low), bisect_right(self.lows, region.high)
        together = [region, *[each for chunk in self.chunks[first:end] for each in chunk]]
        self.lows[first:end] = [min([each.low for each in together])]
        self.highs[first:end] = [max([each.high for each in together])]
        self.chunks[first:end] = [together]

    def met(self, low: int, high: int, steps: Sequence[tuple[int, int]]) -> Iterator[Region]:
        """The regions that a read may meet: as `Region.meets` says."""
        first, end = bisect_left(self.highs, low), bisect_right(self.lows, high)
        for chunk in self.chunks[first:end]:
            for region in chunk:
                if region.meets(low, high, steps):
                    yield region
