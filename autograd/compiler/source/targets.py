"""targets: what the lists of gradients in a source are at, and their names after that."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from math import prod

from ..lanes import Block, Layout, consecutive
from ..notes import Notes
from .nested import summed
from .places import Located, Numbers, Steps
from .procedures import natural
from .ragged import Listing

FEW = 3  # stretches of numbers, up to which words say which they are


class Targets:
    """Where gradients lie, and where that lies which they are the gradients at.

    Args:
        layout: The layout of the program.
        notes: What the recording says.
        leaves: The lists p, x and c.
        find: What gives the list in which an operand of the program lies.
    """

    def __init__(
        self,
        layout: Layout,
        notes: Notes,
        leaves: "Sequence[Numbers | Steps]",
        find: Callable[[int], Located],
    ) -> None:
        self.layout, self.notes, self.leaves, self.find = layout, notes, leaves, find
        self.at_inputs: dict[int, int] = {}  # where gradients lie, and at which Value they are
        self.adjoints = self._gradients()

    def _gradients(self) -> dict[int, int]:
        """Where gradients lie, and where that lies which they are the gradients at."""
        notes, address = self.notes, self.layout.address
        found = {}
        if isinstance(self.layout, Listing):
            self.at_inputs = {address[i]: k for i, k in self.layout.at_inputs.items() if i >= 0}
        if notes.adjoints:
            for j, i in notes.origin.items():
                z = notes.image.get(notes.adjoints.get(i, -1), -1)
                if z >= 0:
                    found[address[j]] = address[z]
        return found

    def all_of_a_list(self, item: Block) -> str:
        """dp or dx, if what is gathered are the gradients at p or x from the first on, in order."""
        places = [
            run.refs[0].base + t * run.refs[0].term for run in item.runs for t in range(run.n)
        ]
        at = [self.at_inputs.get(place, -1) for place in places]
        name = f"d{self.find(at[0]).name}" if at[0] >= 0 else ""
        first = at[0] in (0, self.leaves[1].start)
        return name if first and at == [*range(at[0], at[0] + len(at))] else ""

    def gradient_at(self, address: int, repeated: bool) -> str:
        """The name of a gradient after what it is the gradient at; empty if that is no list."""
        at = self.adjoints.get(address, -1)
        if not 0 <= at < address:
            return ""
        found = self.find(at)
        if found.leaf in self.leaves[:2]:
            return f"d{found.name}_{found.offset}" if found.n > 1 else f"d{found.name}"
        if found.name[0] != "a":
            return ""
        step = "" if repeated or not found.names else f"_{found.names[-1]}"
        return f"d{found.leaf.name[1:]}{step}"

    def gradients_at(self, start: int, n: int) -> list[int]:
        """What the n gradients from there on are at; empty if not all of it lies before them."""
        at = [self.adjoints.get(start + k, -1) for k in range(n)]
        return at if all(0 <= x < start for x in at) else []

    def target(
        self, part: Numbers, further: int, extents: Sequence[int]
    ) -> tuple[Located, str] | None:
        """The list that gradients are at, and as an index which part, or None if it is no one list.

        `further` is how far from there the gradients of another repetition lie, and
        `extents` how often the loops of the line turn.
        """
        n = max(part.n, 1)
        at = self.gradients_at(part.start + further, n)
        if not at:
            return None
        found = self.find(at[0])
        if part.rows or found.leaf.rows:
            alike = part.rows == found.leaf.rows and at == [*range(at[0], at[0] + n)]
            return (found, "") if alike and at[0] == found.leaf.start else None
        at = [found.offset + x - at[0] for x in at]
        if found.name[0] != "a" or min(at) < 0 or max(at) >= max(found.n, 1):
            return None
        if at == list(range(found.n)):
            return found, ""
        if not part.n:
            return found, f"[{at[0]}]" if found.n else ""
        index = index_of(at, extents)
        told = in_words(at, found.n) if " for " in index else ""
        return (found, index + (told and f", {told}")) if index else None

    def several(self, part: Numbers, extents: Sequence[int]) -> str:
        """The lists that gradients are at parts of, in no order that an index says.

        For one list, which numbers of it. For p and x alone an index; empty where the
        name of the list says it.
        """
        at = self.gradients_at(part.start, max(part.n, 1))
        if not at:
            return ""
        found = [self.find(x) for x in at]
        names = dict.fromkeys([each.leaf.name for each in found])
        places = [each.offset for each in found]
        if list(names) not in (["p"], ["x"]):
            lists, n = {(each.name, each.path) for each in found}, found[0].n
            told = ""
            if len(lists) == 1 and not found[0].leaf.rows:
                told = "all" if len(set(places)) == n else in_words(places, n)
            if told:
                repetitions = "".join([f"[{k}]" for k, _ in found[0].path])
                return f"{told} of {found[0].name}{repetitions}, in another order"
            return f"parts of {', '.join(sorted(names, key=natural))}"
        if places == [*range(places[0], places[0] + len(places))]:
            return ""
        index = index_of(places, extents)
        return f"{found[0].leaf.name}{index}" if index else ""


def _levels(at: list[int]) -> list[tuple[int, int]]:
    """The loops within each other that count through places, the outermost first.

    Each is how often it turns, and how far apart its turns are: the places 0, 4,
    1, 5 are a loop of 2 turns, 1 apart, over one of 2 turns, 4 apart. Empty if
    the places are no such loops.
    """
    levels: list[tuple[int, int]] = []
    while len(at) > 1:
        n, step = len(at), at[1] - at[0]
        turns = next((k for k in range(n) if at[k] != at[0] + k * step), n)
        starts = at[::turns]
        if n % turns or at != [start + k * step for start in starts for k in range(turns)]:
            return []
        levels.insert(0, (turns, step))
        at = starts
    return levels


def index_of(at: list[int], extents: Sequence[int] = ()) -> str:
    """The index of several places of a list; empty if they are in no simple order.

    Loops that turn as often as the `extents` say are used, if they lead there.
    """
    levels = _levels(at)
    if len(levels) == 1 and (step := levels[0][1]) > 0:
        return f"[{at[0]}:{at[-1] + 1}{f':{step}' if step > 1 else ''}]"
    inner = [prod(extents[k + 1 :]) for k in range(len(extents))]
    if len(extents) > 1 and prod(extents) == len(at) and min(extents) > 1:
        steps = [at[k] - at[0] for k in inner]
        places = [at[0]]
        for n, step in zip(extents, steps, strict=True):
            places = [place + k * step for place in places for k in range(n)]
        if places == at:
            levels = [*zip(extents, steps, strict=True)]
    letters = {2: "oi", 3: "ghi"}.get(len(levels), "")
    if not letters:
        return ""
    index = summed(at[0], *[(step, c) for (_, step), c in zip(levels, letters, strict=True)])
    ranges = [f" for {c} in range({n})" for (n, _), c in zip(levels, letters, strict=True)]
    return f"[{index}]{''.join(ranges)}"


def in_words(at: Sequence[int], n: int) -> str:
    """Which of n numbers these are, if they are the same ones of every few; empty if not.

    The places 0, 2, 3, 5 of six are "numbers 0 and 2 of every 3".
    """
    places = sorted(set(at))
    for size in range(2, n):
        first = [k for k in places if k < size]
        turns = range(0, n, size) if n % size == 0 else []
        if len(places) < n and places == [turn + k for turn in turns for k in first]:
            told: list[str] = []
            for k, m in consecutive(first):
                told += [f"{k} to {k + m - 1}"] if m > 2 else map(str, range(k, k + m))
            one = "number" if len(first) == 1 else "numbers"
            return f"{one} {' and '.join(told)} of every {size}" if len(told) <= FEW else ""
    return ""
