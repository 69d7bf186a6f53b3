"""constants: those of a program that its source reads by an index, as a list of their own.

Most constants of a program stand as numbers in its lines, or are not needed. The
list c has the others, in the order in which the lines come to them.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from itertools import product
from math import prod

from .places import Located, footprint


class Constants:
    """The list c of a source.

    Args:
        given: The constants of the program, in which operands lie.
    """

    def __init__(self, given: Sequence[float]) -> None:
        self.given = given
        self.listed: list[float] = []
        # What is listed: the places of constants that lie side by side, from the first
        # to the last, and of others.
        self.stretches: dict[int, tuple[int, int]] = {}
        self.scattered: dict[tuple[str, ...], int] = {}

    def placed(self, found: Located, outermost: str = "") -> Located:
        """Return an operand of the program's constants as one of the list c, which gets them.

        They are all from the first to the last, or only those that the loops come to, the
        innermost fastest, if these are fewer.

        Args:
            found: The operand. Of its loops the outermost one comes first.
            outermost: The variable of another loop that is to be the outermost.
        """
        moves = sorted(found.moves, key=lambda move: move[0] != outermost)
        low, high = footprint(moves)
        if prod([n for _, _, n in moves]) > high - low:
            at = self.stretch(found.offset + low, found.offset + high) - low
            return found._replace(offset=at, n=-1)
        points = product(*[range(n) for _, _, n in moves])
        far = [sum([d * k for (_, d, _), k in zip(moves, point, strict=True)]) for point in points]
        numbers = [self.given[found.offset + k] for k in far]
        at = self.scattered.setdefault(tuple(map(repr, numbers)), len(self.listed))
        if at == len(self.listed):
            self.listed += numbers
        steps = [prod([n for _, _, n in moves[k + 1 :]]) for k in range(len(moves))]
        placed = [(v, step, n) for (v, _, n), step in zip(moves, steps, strict=True)]
        return found._replace(offset=at, moves=tuple(placed), n=-1)

    def stretch(self, low: int, high: int) -> int:
        """Where the list has the constants from the first to the last of these."""
        for at, (first, last) in self.stretches.items():
            if first <= low <= last + 1:
                ends = at + last - first + 1 == len(self.listed)
                if high <= last or ends:
                    self.listed += self.given[last + 1 : high + 1]
                    self.stretches[at] = first, max(last, high)
                    return at + low - first
        at = len(self.listed)
        self.listed += self.given[low : high + 1]
        self.stretches[at] = low, high
        return at

    def forget(self, n: int) -> None:
        """Keep no more than the first n: lines that read others are left out."""
        del self.listed[n:]
        self.scattered = {key: at for key, at in self.scattered.items() if at + len(key) <= n}
        self.stretches = {
            at: (first, min(last, first + n - at - 1))
            for at, (first, last) in self.stretches.items()
            if at < n
        }
