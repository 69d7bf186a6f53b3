"""script: what all functions of a source share: its lists, its names, its functions."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count
from keyword import iskeyword
from typing import Any, NoReturn

from ...core.row import PRIMITIVES, Primitive
from ...errors import SourceSizeError
from ..lanes import Block, Layout
from ..loops import Loop
from ..notes import LISTED, Notes, words
from .constants import Constants
from .letters import FURTHER
from .nested import summed
from .places import InexpressibleError, Located, Move, Numbers, Steps, footprint, start_of
from .ragged import Ragged
from .targets import Targets

LARGEST = 8_000_000  # characters; to compile one takes Python about 0.1 kB of memory and 0.3 us
PARTS = "forward", "backward", "after backward"
RESERVED = {
    *"pxuvwcoikrstqghjl",
    *FURTHER,
    *("us", "vs", "ws", "xs", "ys", "zs", "ds"),
    "found",
    "inf",
    "nan",
    "any",
    "range",
    "zip",
    "len",
    "float",
    "add_products",
    "program",
    "PRIMITIVES",
    "vjp",
    *[f.__name__ for f in LISTED.values()],
    *[f"{f.__name__}_gradient" for f in LISTED.values()],
}
OWN = (  # names of results, gradients, variables and functions
    r"[ad]\d+\w*|d[px](_\d+)?[a-z]?|[pxc]_(part|before|after|\d)\w*|t_\d+|step_\d+"
    r"|add_\d+_products|\w+_(slopes|is_undefined|gradient_of|slopes_of)"
)


def reserved(name: str) -> bool:
    """Whether a name belongs to Python, or may stand for something else in a source."""
    return iskeyword(name) or name in RESERVED or re.fullmatch(OWN, name) is not None


class Script:
    """The source of a layout, and the functions that it uses by their names in it.

    Args:
        layout: The layout of the program, whose blocks have been taken.
        notes: What the recording says.
        shown: Whether the source is for a reader.
    """

    def __init__(self, layout: Layout, notes: Notes, shown: bool) -> None:
        tape = layout.tape
        self.layout, self.notes, self.shown = layout, notes, shown
        self.given = tape.constants
        self.leaves: list[Numbers | Steps] = [
            Numbers("p", 0, tape.n_values),
            Numbers("x", tape.n_values, tape.n_inputs - tape.n_values),
            Numbers("c", tape.n_inputs, len(tape.constants)),
        ]
        self.early: dict[tuple[str, int], int] = {}  # lags of lists, in loops of a size
        self.later: dict[str, int] = {}  # of lists: see Numbers
        self.kept: set[str] | None = None  # the lists that are used after their repetition
        self.used: set[str] = set()
        self.targets = Targets(layout, self.notes, self.leaves, lambda x: self.find(self.parts, x))
        addresses = layout.address if shown else ()
        self.operations = {address: j for j, address in enumerate(addresses)}
        begun = [self.operation(address) for address in layout.first]
        self.first_operation = min([i for i in begun if i >= 0], default=0)
        image = self.notes.image
        self.results = {  # where sections' results lie, and what these are
            addresses[image[i]]: f"the {section}"
            for i, section in self.notes.results.items()
            if shown and image.get(i, -1) >= 0
        }
        self.begin()

    def begin(self) -> None:
        """Forget what has been written. What has to be kept is known only afterwards."""
        self.parts = list(self.leaves)  # of the program
        self.names: dict[str, Callable[..., Any]] = {}
        self.rows: dict[str, Primitive] = {}  # by the names of their functions
        self.forward: dict[str, Primitive] = {}  # rows on one operand, of the forward part
        self.constants = Constants(self.given)
        self.definitions: dict[str, str] = {}
        self.functions: list[str] = []
        self.used = set()
        self.variables: dict[str, tuple[int, int]] = {}  # of loops: where they begin, and their way
        self.characters = 0
        self.taken = {"program"}  # names
        self.number = 0  # of the last list
        self.part = -1 if self.notes.pulls else 0
        self.within = ""  # whose operations are written, as the last comment says

    def wrote(self, characters: int) -> None:
        """Count what is written. Raises SourceSizeError if the text becomes too long."""
        self.characters += characters
        if self.characters > LARGEST:
            refuse_size()

    def find(
        self, parts: "Sequence[Numbers | Steps]", base: int, moves: Sequence[Move] = ()
    ) -> Located:
        """The list in which an operand lies, among those of one function."""
        part = parts[bisect_right(parts, base, key=start_of) - 1]
        if isinstance(part, Numbers):
            offset = base - part.start
            low, high = footprint(moves)
            if not 0 <= offset + low <= offset + high < max(part.n, 1):
                raise InexpressibleError
            if part.rows:
                row = bisect_right(part.begins, offset) - 1
                n, offset = part.rows[row], offset - part.begins[row]
                if not 0 <= offset + low <= offset + high < n:
                    raise InexpressibleError
                return Located(f"{part.name}[{row}]", (), n, offset, tuple(moves), part, ())
            return Located(part.name, (), part.n, offset, tuple(moves), part, ())
        r, rest = divmod(base - part.start, part.loop.size)
        across = [(v, d // part.loop.size, n) for v, d, n in moves if not d % part.loop.size]
        inside = [move for move in moves if move[1] % part.loop.size]
        low, high = footprint(across)
        found = self.find(part.parts, part.start + rest, inside)
        if r + high >= part.loop.times or any(v == "k" for v, _, _ in across):
            raise InexpressibleError
        part.begins(found.leaf, -(r + low))
        self.used.add(found.leaf.name)
        name = part.first + part.direction * r + (0 if found.path else found.leaf.later)
        index = name, tuple([(v, part.direction * d, n) for v, d, n in across])
        return found._replace(path=(index, *found.path), names=(name, *found.names))

    def begun(self) -> set[int]:
        """Where the blocks lie with which a function began."""
        first = self.layout.first
        pairs = sorted([(self.operation(address), address) for address in first])
        operations = [i for i, _ in pairs]
        places = [bisect_left(operations, made.begun) for made in self.notes.calls]
        return {pairs[k][1] for k in places if k < len(pairs)}

    def operation(self, address: int) -> int:
        """The first recorded operation that a block stands for; -1 if there are no notes."""
        return self.notes.origin.get(self.layout.first.get(address, -1), -1)

    def made_by(self, item: Block | Ragged, gradients: bool) -> str:
        """The functions that made what an item does, or those at whose work its gradients are."""
        notes, addresses = self.notes, range(item.address, item.address + item.lanes)
        simplified = [self.operations[x] for x in addresses if x in self.operations]
        found = [notes.origin[j] for j in simplified if j in notes.origin]
        if gradients:
            found = [notes.adjoints[i] for i in found if i in notes.adjoints]
        else:
            found += chain.from_iterable([notes.taken_in.get(j, ()) for j in simplified])
        return notes.made_by(sorted(found), self.first_operation)

    def owners(self, item: Block | Ragged) -> str:
        """Whose parameters an item has the gradients at; empty if it has others."""
        notes, n = self.notes, self.layout.tape.n_values
        at = [self.targets.adjoints.get(item.address + k, -1) for k in range(item.lanes)]
        if min(at) < 0 or max(at) >= self.layout.tape.n_inputs:
            return ""
        names = [*notes.values, *[""] * (n - len(notes.values)), *notes.numbers]
        told = [names[k] if k < len(names) else "" for k in at]
        return notes.owners_of(told) if all(told) else ""

    def new_name(self, address: int, repeated: bool, given: str = "") -> str:
        """A name for what a block makes: d and a number for a gradient, or else a."""
        if given and given not in self.taken:
            self.taken.add(given)
            return given
        name = self.targets.gradient_at(address, repeated)
        if name:
            taken, letters = name, iter("bcdefghijklmnopqrstuvwxyz")
            while taken in self.taken:
                taken = name + next(letters, "")
                if taken == name:
                    break
            if taken not in self.taken:
                self.taken.add(taken)
                return taken
        self.number += 1
        return f"a{self.number}"

    def function(self, loop: Loop, of: str) -> str:
        """A name for the function of a loop, the gradient `of` another one's, if it is one."""
        name = f"{of}_gradient" if of else ""
        operations = [
            [i for i in map(self.operation, _addresses(loop, r)) if i >= 0] for r in (0, 1)
        ]
        if not name and all(operations):
            first, second = operations
            name = self.notes.maker(min(first), max(first), max(second))
            name += "_step" if reserved(name) else ""
            if not name and self.notes.part(max(first)) == 2:
                name = "update"
        given = name or "step"
        name = name or "step_1"
        for k in count(2):
            if name not in self.taken:
                break
            name = f"{given}_{k}"
        self.taken.add(name)
        return name

    def procedure_name(self, label: str) -> str:
        """A name for a function after a comment that stands before its lines."""
        plain = re.sub(r" \([^()]*\)", "", label)  # without paths
        made = re.fullmatch(r"# (gradients at the results of )?(?:\w+, )*(\w+)", plain)
        if not made or made[2] in PARTS:
            return self.free_name("part")
        return self.free_name(words(made[2]) + ("_gradient" if made[1] else ""))

    def free_name(self, name: str) -> str:
        """A name for a function that nothing else has."""
        given = name = f"{name}_step" if reserved(name) or name in PRIMITIVES else name
        for k in count(2):
            if name not in self.taken and name not in self.names:
                break
            name = f"{given}_{k}"
        self.taken.add(name)
        return name

    def name_of_row(self, row: Primitive) -> str:
        """The name of a row's function of floats, which the source imports."""
        name = row.name
        while reserved(name) or name in self.taken:
            name += "_"
        self.names[name], self.rows[name] = row.forward, row
        return name

    def constant_text(self, offset: int, moves: Sequence[Move]) -> str:
        """Constants as text: one, or consecutive whole numbers; empty if they are others."""
        first = self.given[offset]
        if not moves:
            return repr(first)
        low, high = [offset + far for far in footprint(moves)]
        if any(self.given[k] != first + k - offset for k in range(low, high + 1)):
            return ""
        return f"float({self.sum(int(first), moves)})" if first % 1 == 0 else ""

    def list_of(self, found: Located) -> str:
        """The list in which an operand lies."""
        return found.name + "".join([f"[{self.sum(*index)}]" for index in found.path])

    def sum(self, offset: int, moves: Iterable[Move]) -> str:
        """An index: offset + distance * variable + ...

        A loop counts its repetitions by their names.
        """
        products = []
        for variable, distance, _ in moves:
            first, direction = self.variables.get(variable, (0, 1))
            offset -= distance * direction * first
            products.append((distance * direction, variable))
        return summed(offset, *products)


def _addresses(loop: Loop, r: int) -> Iterator[int]:
    """Where the results of a repetition lie."""
    for item in loop.repetition(r):
        if isinstance(item, Loop):
            for each in range(item.times):
                yield from _addresses(item, each)
        else:
            yield item.address


def refuse_size() -> NoReturn:
    """Raise SourceSizeError."""
    raise SourceSizeError(
        f"the program needs more than {LARGEST} characters of Python source, "
        "too many to compile in good time: install llvmlite (pip install llvmlite), "
        "which needs no source, or record a smaller step"
    )
