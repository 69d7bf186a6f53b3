"""places: where operands of a source lie, and the lists that its lines make."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from ..lanes import Block, Run
from ..loops import Loop

REACH = 2  # repetitions, up to which what an earlier one made is handed on


class Place(NamedTuple):
    """Where an operand lies, as a Ref.

    `moves` are the distances from one repetition to the next, of each loop that
    it is in, the outermost first.
    """

    base: int
    outer: int = 0
    inner: int = 0
    term: int = 0
    moves: tuple[int, ...] = ()


Move: TypeAlias = tuple[str, int, int]  # a variable, the distance that it goes, and its range
NONE: Move = ("", 0, 0)


class Terms(NamedTuple):
    """Consecutive terms of a list or a chain, as a Run."""

    n: int
    places: tuple[Place, ...]


class Line(NamedTuple):
    """A block, with Places as operands."""

    block: Block
    places: tuple[Place, ...]
    terms: tuple[Terms, ...]

    def flat(self, place: Place) -> bool:
        """Whether the distance of an operand from lane to lane is the same all over the block."""
        return self.block.outer == 1 or place.outer == place.inner * self.block.inner


class Numbers:
    """A list in the memory, under a name; or one number, if n is 0.

    It is a list of lists if there are `rows`, their lengths. What a repetition
    makes may belong to one so much `later`, as a gradient does at what an earlier
    repetition has made. It is kept by the number of that one.
    """

    def __init__(
        self, name: str, start: int, n: int, rows: tuple[int, ...] = (), later: int = 0
    ) -> None:
        self.name, self.start, self.n, self.rows, self.later = name, start, n, rows, later
        self.begins = list(accumulate(rows, initial=0))

    @property
    def local(self) -> str:
        """The name within the repetition."""
        return self.name + later_name(self.later)


class Steps:
    """What the repetitions of a loop make: a list of each kind for each of them.

    Repetition r is called first + direction * r. `parts` are those of the first.
    """

    def __init__(self, loop: Loop, parts: "list[Numbers | Steps]") -> None:
        self.loop, self.start, self.parts = loop, loop.start, parts
        # What has a list there before the first repetition, if the loop is written.
        self.started: Callable[[Numbers, int], None] | None = None
        self.first, self.direction = 0, 1
        self.function = self.of = (
            ""  # the name of its function, and that of which it is the gradient
        )
        self.lag = 0  # up to how many repetitions back a repetition looks
        # The lists that are there before the first repetition: how long before, and
        # the distances that they move in the loops further out.
        self.lags: dict[Numbers, int] = {}
        self.moves: dict[Numbers, tuple[int, ...]] = {}

    def begins(self, leaf: Numbers, lag: int) -> None:
        """See that a list is there so many repetitions before the first one.

        Raises:
            InexpressibleError: What stands there in the memory is no list.
        """
        if lag > self.lags.get(leaf, 0):
            if lag > REACH or self.started is None:
                raise InexpressibleError
            self.started(leaf, lag)
            self.lags[leaf] = lag

    def range(self) -> str:
        """The names of all repetitions."""
        last = self.first + self.direction * self.loop.times
        step = ", -1" if self.direction < 0 else ""
        first = f"{self.first}, " if self.first or step else ""
        return f"range({first}{last}{step})"


class Located(NamedTuple):
    """An operand: a list, and what of it.

    `path` are the names of the repetitions that the list is from, as sums, like
    `moves` for the place in the list. `names` are these names at the first of
    all moves.
    """

    name: str
    path: tuple[tuple[int, tuple[Move, ...]], ...]
    n: int  # the length of the list, 0 if it is a number
    offset: int
    moves: tuple[Move, ...]
    leaf: Numbers
    names: tuple[int, ...]


class InexpressibleError(Exception):
    """An operand of a loop is no list, and no part of one."""


def only(variable: str, moves: Iterable[Move]) -> bool:
    """Whether there is no other variable."""
    return all(v == variable for v, _, _ in moves)


def footprint(moves: Iterable[Move]) -> tuple[int, int]:
    """How far moves go, down and up."""
    ends = [d * (n - 1) for _, d, n in moves]
    return sum(min(end, 0) for end in ends), sum(max(end, 0) for end in ends)


def line_of(block: Block, moves: Sequence[Sequence[int]]) -> Line:
    """A block in the body of loops, by whose distances its numbers move."""
    each = iter(list(zip(*moves, strict=True))[1:])
    places = tuple([Place(*ref[:4], next(each, ())) for ref in block.refs])
    return Line(block, places, terms_of(block.runs, each))


def terms_of(runs: Iterable[Run], each: Iterator[tuple[int, ...]]) -> tuple[Terms, ...]:
    """Runs with Places as operands."""
    return tuple(
        [Terms(run.n, tuple([Place(*ref[:4], next(each, ())) for ref in run.refs])) for run in runs]
    )


def start_of(part: "Numbers | Steps") -> int:
    """Where a part begins in the memory."""
    return part.start


def leaves_of(parts: "Iterable[Numbers | Steps]") -> Iterator[Numbers]:
    """The lists in parts."""
    for part in parts:
        if isinstance(part, Steps):
            yield from leaves_of(part.parts)
        else:
            yield part


def has(part: "Numbers | Steps", leaf: Numbers) -> bool:
    """Whether a list is, or lies in, a part."""
    return leaf in leaves_of([part])


def later_name(n: int) -> str:
    """What the name of a list ends with that is from n repetitions later."""
    far = abs(n) if abs(n) > 1 else ""
    return f"_after{far}" if n > 0 else f"_before{far}" if n else ""
