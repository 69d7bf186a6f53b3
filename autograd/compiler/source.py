"""source: a program as plain Python, with loops over lanes and over repetitions.

It runs where llvmlite is not installed, and `f.source()` shows it. The text is
a function `program(p, x)` of the Values' numbers p and the other numbers x. It
returns the results, or None where an operand lies outside a row's domain.

What is repeated stands in a function of its own, which the program calls in a
loop. A list that is needed later is kept by the number of the repetition: a7[t]
is the list a7 of repetition t.
"""

import linecache
import operator
import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate, count, islice, takewhile
from keyword import iskeyword
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from ..analysis.notation import derivative_texts
from ..core import ieee
from ..core.modes import current
from ..core.row import PRIMITIVES, Primitive
from ..errors import SourceSizeError
from .lanes import GATHER, Block, Layout, Run
from .legend import legend
from .letters import FURTHER, Letters
from .lists import Kth
from .loops import Item, Loop, fold, regrouped, vector
from .nested import LONG_CHAIN, UNROLLED, Comprehension, joined, product_added, summed
from .notes import LISTED, Notes, words
from .procedures import Procedures, natural
from .ragged import Listing, Ragged
from .record import uncollected
from .rules import written
from .tape import CHAIN, Guard, Row, Tape

LARGEST = 8_000_000  # characters; to compile one takes Python about 0.1 kB of memory and 0.3 us
SHORTEST = 20  # characters of a block, at least
SCALE = "# scale(d, s): d * s, and 0 where d is 0"
BACKWARDS = "# [::-1]: what comes from several uses is added from the last use to the first"
PARTS = "forward", "backward", "what becomes of the gradients"
CUT = (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)  # repetitions, first and last, tried in turn
SHORTEST_RHYTHM, LONGEST_RHYTHM = 5, 4  # runs saved by a loop over runs, and in its body
REACH = 2  # repetitions, up to which what an earlier one made is handed on
WIDE = 100  # characters of a line, beside which no comment is seen
# Terms of a chain, up to which a function of its own adds its products in one
# expression, in half the time of a loop; and lanes, from which on that pays.
UNPACKED, MANY = 32, 64
INFIX = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.neg: "-{0}",
}
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


def _reserved(name: str) -> bool:
    """Whether a name belongs to Python, or may stand for something else in a source."""
    return iskeyword(name) or name in RESERVED or re.fullmatch(OWN, name) is not None


def sum_of_products(n: int) -> str:
    """A function that adds n products, as `add_products` does."""
    xs, ys = [[f"{name}{k}" for k in range(n)] for name in "xy"]
    products = [f"{x} * {y}" for x, y in zip(xs, ys, strict=True)]
    return "\n    ".join(
        [
            f"def add_{n}_products(z, xs, ys):",
            f"{', '.join(xs)} = xs",
            f"{', '.join(ys)} = ys",
            f"return z + {' + '.join(products)}",
        ]
    )


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
        return self.name + _later(self.later)


class Steps:
    """What the repetitions of a loop make: a list of each kind for each of them.

    Repetition r is called first + direction * r. `parts` are those of the first.
    """

    def __init__(self, loop: Loop, parts: "list[Numbers | Steps]") -> None:
        self.loop, self.start, self.parts = loop, loop.start, parts
        self.frame: Frame | None = None  # the function that the loop stands in, if it is written
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
            if lag > REACH or self.frame is None:
                raise InexpressibleError
            self.frame.started(self, leaf, lag)
            self.frame.module.early[leaf.name, self.loop.size] = lag
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


def _only(variable: str, moves: Iterable[Move]) -> bool:
    """Whether there is no other variable."""
    return all(v == variable for v, _, _ in moves)


def _footprint(moves: Iterable[Move]) -> tuple[int, int]:
    """How far moves go, down and up."""
    ends = [d * (n - 1) for _, d, n in moves]
    return sum(min(end, 0) for end in ends), sum(max(end, 0) for end in ends)


class Module:
    """The source of a layout, and the functions that it uses by their names in it."""

    def __init__(self, layout: Layout, notes: Notes | None = None) -> None:
        tape = layout.tape
        self.layout, self.notes = layout, notes or Notes()
        self.shown = notes is not None  # to a reader
        self.constants = tape.constants
        blocks = list(islice(layout.blocks(), LARGEST // SHORTEST))
        if len(blocks) == LARGEST // SHORTEST:
            self.refuse()
        self.items = fold(blocks, self.begun())
        self.results = regrouped(layout.outputs())
        self.leaves: list[Numbers | Steps] = [
            Numbers("p", 0, tape.n_values),
            Numbers("x", tape.n_values, tape.n_inputs - tape.n_values),
            Numbers("c", tape.n_inputs, len(tape.constants)),
        ]
        self.at_inputs: dict[int, int] = {}  # where gradients lie, and at which Value they are
        self.early: dict[tuple[str, int], int] = {}  # lags of lists, in loops of a size
        self.later: dict[str, int] = {}  # of lists: see Numbers
        self.adjoints = self.gradients()
        self.kept: set[str] | None = None  # the lists that are used after their repetition
        self.used: set[str] = set()
        self.write()
        if self.used or any(isinstance(item, Loop) for item in self.items):
            self.kept = self.used
            self.write()

    def write(self) -> None:
        """Write the program. What has to be kept is known only afterwards."""
        self.names: dict[str, Callable[..., Any]] = {}
        self.forward: dict[str, Primitive] = {}  # rows on one operand, of the forward part
        self.definitions: dict[str, str] = {}
        self.functions: list[str] = []
        self.used = set()
        self.variables: dict[str, tuple[int, int]] = {}  # of loops: where they begin, and their way
        self.characters = 0
        self.taken = {"program"}  # names
        self.number = 0  # of the last list
        self.part = 0
        begun = [self.operation(address) for address in self.layout.first]
        self.first_operation = min([i for i in begun if i >= 0], default=0)
        self.within = ""  # whose operations are written, as the last comment says
        self.frame = frame = Frame(self, None)
        frame.parts = list(self.leaves)
        for item in self.items:
            frame.item(item, [])
        results = _terms(self.results, iter(()))
        frame.write(f"return [{', '.join(frame.elements(results))}]")
        if self.shown:
            procedures = Procedures(frame.lines, self.functions, self.procedure_name)
            frame.lines, self.functions = procedures.lines(), procedures.functions
        _name_gradient(frame.lines)
        told = [*legend("p", self.notes.values), *legend("x", self.notes.numbers)]
        told += self.notes.remarks
        head = [f"    # {line}" for line in told]
        self.program = "\n".join(["def program(p, x):", *head, *frame.lines, ""])
        if self.shown:
            *self.functions, self.program = Letters([*self.functions, self.program]).texts()

    def find(
        self, parts: "Sequence[Numbers | Steps]", base: int, moves: Sequence[Move] = ()
    ) -> Located:
        """The list in which an operand lies, among those of one function."""
        part = parts[bisect_right(parts, base, key=_start) - 1]
        if isinstance(part, Numbers):
            offset = base - part.start
            low, high = _footprint(moves)
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
        low, high = _footprint(across)
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
        places = [bisect_left(operations, begun) for _, begun, _ in self.notes.calls]
        return {pairs[k][1] for k in places if k < len(pairs)}

    def operation(self, address: int) -> int:
        """The first recorded operation that a block stands for; -1 if there are no notes."""
        return self.notes.origin.get(self.layout.first.get(address, -1), -1)

    def new_name(self, address: int, repeated: bool) -> str:
        """A name for what a block makes: d and a number for a gradient, or else a."""
        name = self.gradient_at(address, repeated)
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

    def gradients_at_values(self, item: Item) -> str:
        """dp or dx, if what is gathered are the gradients at p or x from the first on, in order."""
        assert isinstance(item, Block)
        places = [
            run.refs[0].base + t * run.refs[0].term for run in item.runs for t in range(run.n)
        ]
        at = [self.at_inputs.get(place, -1) for place in places]
        name = f"d{self.find(self.leaves, at[0]).name}" if at[0] >= 0 else ""
        first = at[0] in (0, self.layout.tape.n_values)
        if not first or at != [*range(at[0], at[0] + len(at))] or name in self.taken:
            return ""
        self.taken.add(name)
        return name

    def gradient_at(self, address: int, repeated: bool) -> str:
        """The name of a gradient after what it is the gradient at; empty if that is no list."""
        at = self.adjoints.get(address, -1)
        if not 0 <= at < address:
            return ""
        found = self.find(self.frame.parts, at)
        if found.leaf in self.leaves[:2]:
            return f"d{found.name}_{found.offset}" if found.n > 1 else f"d{found.name}"
        if found.name[0] != "a":
            return ""
        step = "" if repeated or not found.names else f"_{found.names[-1]}"
        return f"d{found.leaf.name[1:]}{step}"

    def gradients(self) -> dict[int, int]:
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

    def target(self, part: Numbers, further: int = 0) -> tuple[Located, str] | None:
        """The list that gradients are at, and as an index which part, or None if it is no one list.

        `further` is how far from there the gradients of another repetition lie.
        """
        n, start = max(part.n, 1), part.start + further
        at = [self.adjoints.get(start + k, -1) for k in range(n)]
        if min(at) < 0:
            return None
        found = self.find(self.frame.parts, at[0])
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
        index = _index(at)
        return (found, index) if index else None

    def several(self, part: Numbers) -> str:
        """The lists that gradients are at parts of, in no order that an index says.

        For p and x alone an index; empty where the name of the list says it.
        """
        at = [self.adjoints.get(part.start + k, -1) for k in range(max(part.n, 1))]
        if min(at) < 0:
            return ""
        found = [self.find(self.frame.parts, x) for x in at]
        names = dict.fromkeys([each.leaf.name for each in found])
        if list(names) not in (["p"], ["x"]):
            return f"parts of {', '.join(sorted(names, key=natural))}"
        places = [each.offset for each in found]
        if places == [*range(places[0], places[0] + len(places))]:
            return ""
        index = _index(places)
        return f"{found[0].leaf.name}{index}" if index else ""

    def function(self, loop: Loop, of: str) -> str:
        """A name for the function of a loop, the gradient `of` another one's, if it is one."""
        name = f"{of}_gradient" if of else ""
        operations = [
            [i for i in map(self.operation, _addresses(loop, r)) if i >= 0] for r in (0, 1)
        ]
        if not name and all(operations):
            first, second = operations
            name = self.notes.maker(min(first), max(first), max(second))
            name += "_step" if _reserved(name) else ""
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
        made = re.fullmatch(r"# (?:(gradients at what) )?(\w+?)(?: made)?", label)
        if not made or made[2] in PARTS:
            return self.free_name("part")
        return self.free_name(words(made[2]) + ("_gradient" if made[1] else ""))

    def free_name(self, name: str) -> str:
        """A name for a function that nothing else has."""
        given = name = f"{name}_step" if _reserved(name) or name in PRIMITIVES else name
        for k in count(2):
            if name not in self.taken and name not in self.names:
                break
            name = f"{given}_{k}"
        self.taken.add(name)
        return name

    def name_of_row(self, row: Primitive) -> str:
        """The name of a row's function of floats, which the source imports."""
        name = row.name
        while _reserved(name) or name in self.taken:
            name += "_"
        self.names[name] = row.forward
        return name

    def constant_text(self, offset: int, moves: Sequence[Move]) -> str:
        """Constants as text: one, or consecutive whole numbers; empty if they are others."""
        first = self.constants[offset]
        if not moves:
            return repr(first)
        low, high = [offset + far for far in _footprint(moves)]
        if any(self.constants[k] != first + k - offset for k in range(low, high + 1)):
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

    def refuse(self) -> None:
        """Raise SourceSizeError."""
        raise SourceSizeError(
            f"the program needs more than {LARGEST} characters of Python source, "
            "too many to compile in good time: install llvmlite (pip install llvmlite), "
            "which needs no source, or record a smaller step"
        )

    def text(self) -> str:
        """Return the whole module: imports, definitions and the program."""
        imports: dict[str, list[str]] = {}
        unknown = []
        for name, function in sorted(self.names.items()):
            module, known_as = function.__module__, getattr(function, "__name__", "")
            if getattr(sys.modules.get(module), known_as, None) is function:
                imports.setdefault(module, []).append(
                    name if name == known_as else f"{known_as} as {name}"
                )
            else:
                unknown.append(name)
        body = "\n\n\n".join([*sorted(self.definitions.values()), *self.functions, self.program])
        head = [
            f"from {module} import {', '.join(names)}" for module, names in sorted(imports.items())
        ]
        head += [f"# and, from the primitives: {', '.join(unknown)}"] if unknown else []
        if "PRIMITIVES[" in body:
            head.insert(0, "from autograd.core.row import PRIMITIVES")
        head += self.slopes()
        if self.adjoints and not current():
            head += [SCALE] if self.names.get("scale") is ieee.scale else []
            head += [BACKWARDS] if "[::-1]" in body else []
        head += [f"c = {self.constants!r}"] if re.search(r"\bc\b", body) else []
        head[:0] = (
            ["from math import inf, nan"] if re.search(r"\b(inf|nan)\b", f"{head} {body}") else []
        )
        return "\n".join([*head, "", "", body]) if head else body

    def slopes(self) -> list[str]:
        """Comments: the slopes of rows that the gradients compute with functions.

        There are none within a mode, such as no_grad: it would get the operations.
        """
        lines = []
        for name, row in sorted(self.forward.items()) if self.adjoints and not current() else ():
            try:
                text = derivative_texts(row)["x"]
            except (ArithmeticError, ValueError):  # a user's rule, undefined at 0.5
                continue
            if self.names.keys() & set(re.findall(r"(\w+)\(", text)):
                result = f", where z = {name}(x)" if re.search(r"\bz\b", text) else ""
                lines.append(f"# the slope of {name} at x: {text}{result}")
        return lines


class Frame:
    """The body of a function: the program, or what a loop repeats."""

    def __init__(self, module: Module, parent: "Frame | None", steps: Steps | None = None) -> None:
        self.module, self.parent, self.steps = module, parent, steps
        self.parts: list[Numbers | Steps] = steps.parts if steps else []
        self.lines: list[str] = []
        self.arguments: dict[str, str] = {}  # what is passed to the function, and its names there
        self.guarded = False

    def write(self, line: str, depth: int = 1) -> None:
        """Append a line. Raises SourceSizeError if the text becomes too long."""
        self.lines.append("    " * depth + line)
        self.module.characters += len(self.lines[-1])
        if self.module.characters > LARGEST:
            self.module.refuse()

    # -- where operands lie

    def locate(self, place: Place, moves: Sequence[Move] = ()) -> Located:
        """The list in which an operand lies, and what of it."""
        moves = [move for move in moves if move[0] and move[1] and move[2] > 1]
        if self.parent is None or self.steps is None:
            return self.module.find(self.parts, place.base, moves)
        loop, base = self.steps.loop, place.base
        own = place.moves[-1] == loop.size
        if own and loop.start <= base < loop.start + loop.size:
            found = self.module.find(self.parts, base, moves)
            return found if found.path else found._replace(name=found.leaf.local)
        if own and loop.start - self.steps.lag * loop.size <= base < loop.start:
            return self.handed_on(place, moves)
        return self.argument(place, moves)

    def argument(self, place: Place, moves: Sequence[Move]) -> Located:
        """An operand from outside of the repetition, which is passed to the function."""
        assert self.parent is not None
        assert self.steps is not None
        times, variable = self.steps.loop.times, self.parent.variable()
        low, high = _footprint(moves)
        outside = place._replace(moves=place.moves[:-1])
        all_moves = [*moves, (variable, place.moves[-1], times)]
        found = self.parent.locate(outside, all_moves)
        if found.name == "c" and not any(v == variable for v, _, _ in found.moves):
            return found
        path = list(takewhile(lambda index: _only(variable, index[1]), found.path))
        if any(v == variable for index in found.path[len(path) :] for v, _, _ in index[1]):
            raise InexpressibleError
        passed = found._replace(path=tuple(path))
        local = found.path[len(path) :]
        step = [move for move in found.moves if move[0] == variable]
        if not step:
            return found._replace(name=self.named(self.module.list_of(passed), found), path=local)
        if local:
            raise InexpressibleError
        text, at = self.module.list_of(passed), self.module.sum(found.offset + low, step)
        if low == high:
            text = f"{text}[{at}]"
            return found._replace(name=self.named(text, found), path=(), n=0, moves=())
        end = self.module.sum(found.offset + high + 1, step)
        text = f"{text}[{at}:{end}]"
        inside = tuple([move for move in found.moves if move[0] != variable])
        return found._replace(
            name=self.named(text, found), path=(), n=high - low + 1, offset=-low, moves=inside
        )

    def handed_on(self, place: Place, moves: Sequence[Move]) -> Located:
        """An operand that an earlier repetition has made."""
        assert self.parent is not None
        assert self.steps is not None
        steps, loop = self.steps, self.steps.loop
        lag = -((place.base - loop.start) // loop.size)
        found = self.module.find(self.parts, place.base + lag * loop.size, moves)
        steps.moves[found.leaf] = place.moves[:-1]
        self.module.used.add(found.leaf.name)
        steps.lags[found.leaf] = max(lag, steps.lags.get(found.leaf, 0))
        variable = self.parent.variable()
        first = steps.first - steps.direction * lag + (0 if found.path else found.leaf.later)
        index = first, ((variable, steps.direction, loop.times),)
        passed = found._replace(path=(index,))
        return found._replace(name=self.named(self.module.list_of(passed), found))

    def variable(self) -> str:
        """The variable of the loops in this function: in each depth another one."""
        depth = self.depth()
        return "tsq"[depth] if depth < 3 else f"t_{depth}"

    def depth(self) -> int:
        """In how many loops this function is."""
        return 0 if self.parent is None else 1 + self.parent.depth()

    def named(self, text: str, found: Located) -> str:
        """The name of an argument within the function."""
        if text not in self.arguments:
            name = found.leaf.name
            if not text.isidentifier():
                index = re.match(r"\w+\[(?:[tsq]|t_\d+)(?: ([+-]) (\d+))?\]", text)
                if index:
                    name += _later(int(f"{index[1]}{index[2]}") if index[2] else 0)
                elif found.leaf in self.module.leaves:
                    name += "_part"
            names = {"c", *self.arguments.values(), *[part.local for part in _leaves(self.parts)]}
            given = name
            for k in count(1):
                if name not in names:
                    break
                name = f"{given}_{k}"
            self.arguments[text] = name
        return self.arguments[text]

    # -- operands as text

    def at(self, place: Place, o: Move = NONE, i: Move = NONE, more: Sequence[Move] = ()) -> str:
        """The operand as an expression in the loop variables."""
        found = self.locate(place, [(o[0], place.outer, o[2]), (i[0], place.inner, i[2]), *more])
        if found.name == "c":
            text = self.module.constant_text(found.offset, found.moves)
            if text:
                return text
        if not found.n:
            return self.module.list_of(found)
        return f"{self.module.list_of(found)}[{self.module.sum(found.offset, found.moves)}]"

    def stretch(
        self, place: Place, n: int, o: Move = NONE, i: Move = NONE, more: Sequence[Move] = ()
    ) -> str:
        """n terms of an operand as a list expression."""
        lanes = [(o[0], place.outer, o[2]), (i[0], place.inner, i[2]), *more]
        found = self.locate(place, [*lanes, ("k", place.term, n)])
        step = place.term
        low, high = sorted((found.offset, found.offset + step * (n - 1)))
        moves = [move for move in found.moves if move[0] != "k"]
        first, end = [self.module.sum(k, moves) for k in (low, high + 1)]
        if (first, end, step) == ("0", str(found.n), 1):
            return self.module.list_of(found)
        stride = f":{abs(step)}" if abs(step) > 1 else ""
        turned = "[::-1]" if step < 0 else ""
        return f"{self.module.list_of(found)}[{first}:{end}{stride}]{turned}"

    def elements(
        self,
        runs: Sequence[Terms],
        o: Move = NONE,
        i: Move = NONE,
        k: int = 0,
    ) -> list[str]:
        """The k-th operands of runs, as the elements of a list."""
        texts: list[str] = []
        at = 0
        while at < len(runs):
            n, times = _rhythm(runs, at, k)
            text = ""
            while times > 1 and not text:
                text = self.in_turn(runs[at : at + 2 * n], times, o, i, k)
                times -= not text
            if text:
                texts.append(text)
                at += n * times
            else:
                texts += self.run(runs[at].n, runs[at].places[k], o, i)
                at += 1
        return texts

    def in_turn(self, runs: Sequence[Terms], times: int, o: Move, i: Move, k: int) -> str:
        """Runs that come again and again, each time so much further on; empty if they cannot.

        `runs` are those of the first two times.
        """
        n = len(runs) // 2
        texts = []
        for run, later in zip(runs[:n], runs[n:], strict=True):
            place = run.places[k]
            more = (("r", later.places[k].base - place.base, times),)
            try:
                if run.n == 1 or not place.term:
                    text = self.at(place, o, i, more)
                    texts.append(text if run.n == 1 else f"*[{text}] * {run.n}")
                else:
                    texts.append(f"*{self.stretch(place, run.n, o, i, more)}")
            except InexpressibleError:
                return ""
        return f"*[u for r in range({times}) for u in {joined(texts)}]"

    def run(self, n: int, place: Place, o: Move, i: Move) -> list[str]:
        """A run of terms, as elements of a list."""
        if n == 1 or not place.term:
            text = self.at(place, o, i)
            return [text if n == 1 else f"*[{text}] * {n}"]
        texts = []
        at = 0
        while at < n:
            first = place._replace(base=place.base + at * place.term)
            alike, text = self.terms(first, n - at, o, i)
            texts.append(text)
            at += alike
        return texts

    def terms(self, place: Place, n: int, o: Move, i: Move) -> tuple[int, str]:
        """The first of n terms of an operand: how many are like one another, and their text."""
        if n == 1:
            return 1, self.at(place, o, i)
        try:
            return n, f"*{self.stretch(place, n, o, i)}"
        except InexpressibleError:
            pass
        if self.parent is not None:
            return 1, self.at(place, o, i)
        found = [self.module.find(self.parts, place.base + t * place.term) for t in range(n)]
        name, offset, names = found[0].name, found[0].offset, found[0].names
        alike = 1
        while alike < n and (found[alike].name, found[alike].names) == (name, names):
            alike += 1
        if alike > 1:
            return alike, f"*{self.stretch(place, alike, o, i)}"
        if not names:
            return 1, self.at(place, o, i)
        step = found[1].names[0] - names[0] if found[1].names else 0
        while alike < n and (
            (found[alike].name, found[alike].offset, found[alike].names)
            == (name, offset, (names[0] + alike * step, *names[1:]))
        ):
            alike += 1
        if alike < 3:
            return 1, self.at(place, o, i)
        first = self.at(place, o, i)
        end = names[0] + alike * step
        steps = f", {step}" if step != 1 else ""
        text = first.replace(f"[{names[0]}]", "[k]", 1)
        return alike, f"*[{text} for k in range({names[0]}, {end}{steps})]"

    def operands(self, line: Line, o: Move, i: Move) -> list[str]:
        """The operands as expressions; of a row on a list, one list; of a chain, what it is."""
        row = line.block.row
        if row is CHAIN:
            return [self.chain(line, o, i)]
        if (row.op if isinstance(row, Guard) else row).arity is None:
            return [joined(self.elements(line.terms, o, i))]
        return [self.at(place, o, i) for place in line.places]

    def chain(self, line: Line, o: Move, i: Move) -> str:
        """A sum of products: few terms written out, many as lists.

        A few that follow one long run stay apart.
        """
        text, runs = self.at(line.places[0], o, i), line.terms
        if sum(run.n for run in runs) > UNROLLED:
            n = 1 if sum(run.n for run in runs[1:]) <= UNROLLED < runs[0].n else len(runs)
            xs, ys = [joined(self.elements(runs[:n], o, i, k)) for k in (0, 1)]
            add = self.adder(sum(run.n for run in runs[:n]), line.block.lanes, xs + ys)
            text, runs = f"{add}({text}, {xs}, {ys})", runs[n:]
        for run in runs:
            for t in range(run.n):
                x, y = [
                    self.at(place._replace(base=place.base + place.term * t), o, i)
                    for place in run.places
                ]
                text += product_added(x, y)
        return text.removeprefix("-0.0 + ")

    def adder(self, n: int, lanes: int, lists: str) -> str:
        """The name of a function that adds n products of these lists, for so many lanes.

        A sum over repetitions is as long as there are any, and stays a loop.
        """
        quick = not self.module.shown and n <= UNPACKED and lanes >= MANY
        if quick and " for " not in lists:
            self.module.definitions[f"add_{n}_products"] = sum_of_products(n)
            return f"add_{n}_products"
        self.long_chain()
        return "add_products"

    def expression(self, row: Row, operands: Sequence[str]) -> str:
        """What a row makes of its operands.

        The test of a domain is a function that the source defines.
        """
        if row is CHAIN:
            return operands[0]
        if isinstance(row, Guard):
            name = f"{row.op.name}_is_undefined"
            self.module.definitions[name] = (
                f"def {name}({', '.join(row.op.names)}):\n    return {row.op.outside}"
            )
        elif isinstance(row, Kth):
            name = self.call_of(row)
            if row.arguments != "xs":
                parts = (
                    "xs[:-1], xs[-1]"
                    if row.arguments == "xs, z"
                    else ("xs[: len(xs) // 2], xs[len(xs) // 2 :]")
                )
                name = f"{row.called}_of"
                self.module.definitions[name] = f"def {name}(xs):\n    return {row.called}({parts})"
            return f"{name}({', '.join(operands)})[{row.k}]"
        elif row.forward in INFIX:
            return INFIX[row.forward].format(*operands)
        else:
            name = self.module.name_of_row(row)
        return f"{name}({', '.join(operands)})"

    def long_chain(self) -> None:
        """Define the function that adds many products."""
        self.module.definitions["add_products"] = LONG_CHAIN

    def list_at(self, address: int) -> tuple[str, int, int]:
        """The name of a list, the place of a number in it, and its length; 0 for a number."""
        found = self.module.find(self.parts, address)
        return self.module.list_of(found), found.offset, found.n

    def rows_at(self, address: int) -> tuple[str, tuple[int, ...]]:
        """The name of a list of lists, and their lengths."""
        part = self.parts[bisect_right(self.parts, address, key=_start) - 1]
        assert isinstance(part, Numbers)
        return part.name, part.rows

    def constant(self, k: int) -> float:
        """A constant of the program."""
        return self.module.constants[k]

    def call_of(self, row: Kth) -> str:
        """The name of a function of a list, which the source imports or defines."""
        module = self.module
        module.names.update({f.__name__: f for f in row.uses})
        if row.slopes_of:
            texts = written(row.slopes_of, module.name_of_row)
            asked = f'PRIMITIVES["{row.slopes_of.name}"].partials_at(xs, z, [True] * len(xs))'
            module.definitions[row.called] = row.definition(f"return {texts.pop('', asked)}")
            module.definitions.update(texts)
        elif row.body:
            module.definitions[row.called] = row.definition()
        elif row.function_of_rule:
            module.names[row.called] = row.function_of_rule
        return row.called

    # -- items

    def item(self, item: Item, moves: Sequence[Sequence[int]]) -> None:
        """Write an item of the program, or of the body of loops with these moves."""
        if self.parent is None:
            self.headline(item)
        if isinstance(item, Loop):
            self.loop(item, moves)
            return
        if isinstance(item, Ragged):
            self.ragged(item)
            return
        part = self.declared(item) if self.parent is None else None
        if part is not None:
            self.parts.append(part)
        self.block(_line(item, moves))

    def headline(self, item: Item) -> None:
        """Write a comment where another part of the program begins."""
        i = self.module.operation(vector(item)[0])
        part = self.module.notes.part(i) if i >= 0 else 0
        if part > self.module.part:  # what is needed late may come later than its part
            self.module.part, self.module.within = part, ""
            if part:
                self.write(f"# {PARTS[part]}")
        if part == self.module.part and i >= 0:
            self.label(item, i, part)

    def label(self, item: Item, i: int, part: int) -> None:
        """Write a comment where another function's operations begin, or gradients at them."""
        z = self.module.notes.adjoints.get(i, -1) if part == 1 else i
        first = self.module.first_operation
        name = self.module.notes.within(z, first) if part < 2 and z >= 0 else ""
        if isinstance(item, Loop):
            self.module.within = ""
        elif name and name != self.module.within:
            self.module.within = name
            self.write(f"# gradients at what {name} made" if part else f"# {name}")

    def declared(self, item: Item, repeated: bool = False) -> "Numbers | Steps | None":
        """The place of what an item makes, under a new name; None for the test of a domain."""
        if isinstance(item, Loop):
            all_parts = [self.declared(part, True) for part in item.body]
            return Steps(item, [part for part in all_parts if part is not None])
        if isinstance(item.row, Guard):
            return None
        gathered = isinstance(item, Block) and item.row is GATHER and not repeated
        name = self.module.gradients_at_values(item) if gathered else ""
        name = name or self.module.new_name(item.address, repeated)
        rows = item.rows if isinstance(item, Ragged) else ()
        listed = item.lanes > 1 or (isinstance(item, Ragged) and item.lists)
        later = self.module.later.get(name, 0) if repeated else 0
        return Numbers(name, item.address, item.lanes if listed else 0, rows, later)

    def block(self, line: Line) -> None:
        """Write the line that computes a block, or tests a domain."""
        block = line.block
        if isinstance(block.row, Guard):
            if block.runs and block.row.holds(sum(run.n for run in block.runs)):
                return
            self.guarded = True
            test = self.lanes(line)
            self.write(f"if {test}:" if block.lanes == 1 else f"if any({test}):")
            self.write("return None", 2)
            return
        i, row = self.module.operation(block.address), block.row
        forward = i >= 0 and self.module.notes.part(i) == 0
        if forward and isinstance(row, Primitive) and row.arity == 1:
            self.module.forward[row.name] = row
        text = joined(self.elements(line.terms)) if row is GATHER else self.lanes(line)
        part = self.parts[bisect_right(self.parts, block.address, key=_start) - 1]
        assert isinstance(part, Numbers)
        self.assign(part, text)

    def assign(self, part: Numbers, text: str) -> None:
        """Write what a list is, and what it is the gradient at."""
        text = f"{part.local} = {text}"
        place = self.place_of_gradient(part) if part.name[0] == "d" else ""
        if place and len(text) > WIDE:
            self.write(f"# {part.local}: at {place}")
        self.write(f"{text}  # at {place}" if place and len(text) <= WIDE else text)

    def place_of_gradient(self, part: Numbers) -> str:
        """What a list is the gradient at; empty if its name says it, or it is no one list."""
        target = self.module.target(part)
        if not target:
            return "" if self.steps else self.module.several(part)
        found, stretch = target
        if self.steps is None:
            return f"{self.module.list_of(found)}{stretch}" if stretch else ""
        steps, frame = [self.steps], self.parent
        while frame and frame.steps:
            steps.insert(0, frame.steps)
            frame = frame.parent
        target = self.module.target(part, self.steps.loop.size)
        firsts = tuple([each.first for each in steps])
        if not target:
            return ""
        following = target[0]
        if (
            (following.leaf, target[1]) != (found.leaf, stretch)
            or len(found.names) != len(firsts)
            or found.names[:-1] != firsts[:-1]
            or following.names != (*firsts[:-1], found.names[-1] + self.steps.direction)
        ):
            return ""
        later = found.names[-1] - firsts[-1]
        self.module.later[part.name] = later
        return f"{found.name}{_later(later)}{stretch}" if stretch else ""

    def lanes(self, line: Line) -> str:
        """All lanes of a block: an expression if there is one lane, else a list comprehension."""
        block = line.block
        if block.lanes == 1:
            return self.expression(block.row, self.operands(line, NONE, NONE))
        moving = list(dict.fromkeys(place for place in line.places if place.outer or place.inner))
        if moving and not block.runs and all(map(line.flat, moving)):
            names = dict(zip(moving, "uvw", strict=False))
            text = self.expression(
                block.row, [names.get(place) or self.at(place) for place in line.places]
            )
            lists = ", ".join(
                [
                    self.stretch(place._replace(outer=0, inner=0, term=place.inner), block.lanes)
                    for place in moving
                ]
            )
            return (
                f"[{text} for u in {lists}]"
                if len(moving) == 1
                else f"[{text} for {', '.join(names.values())} in zip({lists})]"
            )
        o, i = ("o", 0, block.outer), ("i", 0, block.inner)
        text = self.expression(block.row, self.operands(line, o, i))
        outer = f" for o in range({block.outer})" if block.outer > 1 else ""
        return f"[{text}{outer} for i in range({block.inner})]"

    # -- lists of lists

    def ragged(self, item: Ragged) -> None:
        """Write the line that computes a Ragged."""
        text = Comprehension(self, item).text()
        if isinstance(item.row, Guard):
            self.guarded = True
            self.write(f"if any({text}):" if item.extents else f"if {text}:")
            self.write("return None", 2)
            return
        part = self.declared(item)
        assert isinstance(part, Numbers)
        self.parts.append(part)
        self.assign(part, text)

    # -- loops

    def loop(self, loop: Loop, moves: Sequence[Sequence[int]]) -> None:
        """Write a loop, and the function of its body.

        Where an operand is no list and no part of one, the first or the last
        repetitions, or all of them, are written one after the other.
        """
        if self.parent is not None:
            self._loop(loop, moves)
            return
        before, functions = len(self.lines), len(self.module.functions)
        parts, taken, number = list(self.parts), set(self.module.taken), self.module.number
        for first, last in CUT:
            times = loop.times - first - last
            if times < 2:
                continue
            try:
                self.repetitions(loop, range(first))
                body = tuple(loop.repetition(first))
                start = loop.start + first * loop.size
                self._loop(loop._replace(times=times, start=start, body=body), moves)
            except InexpressibleError:
                del self.lines[before:], self.module.functions[functions:]
                self.parts = list(parts)
                self.module.taken, self.module.number = set(taken), number
                continue
            self.repetitions(loop, range(first + times, loop.times))
            return
        self.repetitions(loop, range(loop.times))

    def repetitions(self, loop: Loop, which: Iterable[int]) -> None:
        """Write repetitions of a loop one after the other."""
        for r in which:
            for item in loop.repetition(r):
                self.item(item, [])

    def _loop(self, loop: Loop, moves: Sequence[Sequence[int]]) -> None:
        """Write a loop; raises InexpressibleError."""
        if self.parent is None:
            steps = self.declared(loop)
        else:
            steps = self.parts[bisect_right(self.parts, loop.start, key=_start) - 1]
        assert isinstance(steps, Steps)
        if self.parent is None:
            self.number(steps, self.parts)
        for leaf in _leaves(steps.parts):
            if (leaf.name, loop.size) in self.module.early:
                steps.lags[leaf] = self.module.early[leaf.name, loop.size]
        self.module.variables[self.variable()] = steps.first, steps.direction
        frame = Frame(self.module, self, steps)
        at = 0
        for item, move in zip(loop.body, loop.moves, strict=True):
            n = len(move)
            frame.item(item, [*[each[at : at + n] for each in moves], move])
            at += n
        kept = list(_leaves(steps.parts))
        if self.module.kept is not None:
            kept = [leaf for leaf in kept if leaf.name in self.module.kept]
        function = steps.function = self.module.function(loop, steps.of)
        direct = [leaf for leaf in steps.parts if isinstance(leaf, Numbers)]
        returned = ", ".join([leaf.local if leaf in direct else leaf.name for leaf in kept]) or "()"
        passed = sorted(frame.arguments.items(), key=lambda names: natural(names[1]))
        definition = [f"def {function}({', '.join([name for _, name in passed])}):", *frame.lines]
        self.module.functions.append("\n".join([*definition, f"    return {returned}"]))
        variable = self.variable()
        started = {leaf.name: self.started(steps, leaf, lag) for leaf, lag in steps.lags.items()}
        for name, text in started.items():
            self.write(f"{name} = {{{text}}}")
        empty = [leaf.name for leaf in kept if leaf.name not in started]
        if empty:
            dicts = ", ".join(["{}"] * len(empty))
            self.write(f"{', '.join(empty)} = {dicts}")
        self.write(f"for {variable} in {steps.range()}:")
        call = f"{function}({', '.join([text for text, _ in passed])})"
        later = [leaf.later if leaf in direct else 0 for leaf in kept]
        targets = ", ".join(
            [
                f"{leaf.name}[{summed(far, (1, variable))}]"
                for leaf, far in zip(kept, later, strict=True)
            ]
        )
        if frame.guarded:
            self.guarded = True
            self.write(f"found = {call}", 2)
            self.write("if found is None:", 2)
            self.write("return None", 3)
            call = "found"
        if kept or not frame.guarded:
            self.write(f"{targets} = {call}" if targets else call, 2)
        if self.parent is None:
            self.parts.append(steps)
            steps.frame = self

    def started(self, steps: Steps, leaf: Numbers, lag: int) -> str:
        """What stands for a list that a repetition hands on, before the first one."""
        texts = []
        inner = next((part for part in steps.parts if part is not leaf and _has(part, leaf)), None)
        for r in range(-lag, 0):
            start = leaf.start + r * steps.loop.size
            place = Place(start, moves=steps.moves.get(leaf, ()))
            whole = place._replace(term=1)
            text = self.stretch(whole, leaf.n) if leaf.n else self.at(place)
            if isinstance(inner, Steps):  # the lists of all its repetitions
                first, last = inner.first, inner.first + inner.direction * (inner.loop.times - 1)
                texts_of_ends = [
                    self.module.list_of(self.locate(place._replace(base=base)))
                    for base in (start, start + (inner.loop.times - 1) * inner.loop.size)
                ]
                first, last = first + leaf.later, last + leaf.later
                text = text.removesuffix(f"[{first}]")
                if leaf not in inner.parts or texts_of_ends != [
                    f"{text}[{name}]" for name in (first, last)
                ]:
                    raise InexpressibleError
            later = leaf.later if inner is None else 0
            texts.append(f"{steps.first + steps.direction * r + later}: {text}")
        return ", ".join(texts)

    def number(self, steps: Steps, parts: "Sequence[Numbers | Steps]") -> None:
        """Choose the numbers of the repetitions, of the loops within it as well.

        They are those of an earlier loop whose repetitions are gone through, or
        else begin at 0, or as many later as a repetition looks back.
        """
        loop, found = steps.loop, []
        for item, move in zip(loop.body, loop.moves, strict=True):
            for base, distance in zip(vector(item)[1:], move[1:], strict=True):
                if distance == loop.size and loop.start - REACH * loop.size <= base < loop.start:
                    lag = -((base - loop.start) // loop.size)
                    steps.lag = max(steps.lag, lag)
                    continue
                part = parts[bisect_right(parts, base, key=_start) - 1] if parts else None
                if (
                    isinstance(part, Steps)
                    and part is not steps
                    and abs(distance) == part.loop.size
                    and 0 <= base - part.start < part.loop.size * part.loop.times
                ):
                    r = (base - part.start) // part.loop.size
                    direction = part.direction * (1 if distance > 0 else -1)
                    found.append((part.first + part.direction * r, direction, part.function))
        steps.first = steps.lag
        if found:
            steps.first, steps.direction, of = max(found)
            steps.of = of if steps.direction < 0 else ""
        for part in steps.parts:
            if isinstance(part, Steps):
                self.number(part, steps.parts)


def _line(block: Block, moves: Sequence[Sequence[int]]) -> Line:
    """A block in the body of loops, by whose distances its numbers move."""
    each = iter(list(zip(*moves, strict=True))[1:])
    places = tuple([Place(*ref[:4], next(each, ())) for ref in block.refs])
    return Line(block, places, _terms(block.runs, each))


def _terms(runs: Iterable[Run], each: Iterator[tuple[int, ...]]) -> tuple[Terms, ...]:
    """Runs with Places as operands."""
    return tuple(
        [Terms(run.n, tuple([Place(*ref[:4], next(each, ())) for ref in run.refs])) for run in runs]
    )


def _rhythm(runs: Sequence[Terms], at: int, k: int) -> tuple[int, int]:
    """How many runs from this one on come again and again, and how often."""
    best, saved = (1, 1), SHORTEST_RHYTHM
    for n in range(1, LONGEST_RHYTHM + 1):
        times = 1
        while at + (times + 1) * n <= len(runs) and all(
            _goes_on([run.places[k] for run in runs[j : j + times * n + 1 : n]])
            and runs[j].n == runs[j + times * n].n
            for j in range(at, at + n)
        ):
            times += 1
        if (times - 1) * n > saved:
            best, saved = (n, times), (times - 1) * n
    return best


def _goes_on(places: Sequence[Place]) -> bool:
    """Whether the last of the places is where the first two would lead to."""
    first, second, last = places[0], places[1], places[-1]
    step = second.base - first.base
    return last == first._replace(base=first.base + step * (len(places) - 1))


def _addresses(loop: Loop, r: int) -> Iterator[int]:
    """Where the results of a repetition lie."""
    for item in loop.repetition(r):
        if isinstance(item, Loop):
            for each in range(item.times):
                yield from _addresses(item, each)
        else:
            yield item.address


def _start(part: "Numbers | Steps") -> int:
    return part.start


def _leaves(parts: "Iterable[Numbers | Steps]") -> Iterator[Numbers]:
    """The lists in parts."""
    for part in parts:
        if isinstance(part, Steps):
            yield from _leaves(part.parts)
        else:
            yield part


def _has(part: "Numbers | Steps", leaf: Numbers) -> bool:
    """Whether a list is, or lies in, a part."""
    return leaf in _leaves([part])


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


def _index(at: list[int]) -> str:
    """The index of several places of a list; empty if they are in no simple order."""
    levels = _levels(at)
    if len(levels) == 1 and (step := levels[0][1]) > 0:
        return f"[{at[0]}:{at[-1] + 1}{f':{step}' if step > 1 else ''}]"
    letters = {2: "oi", 3: "ghi"}.get(len(levels), "")
    if not letters:
        return ""
    index = summed(at[0], *[(step, c) for (_, step), c in zip(levels, letters, strict=True)])
    ranges = [f" for {c} in range({n})" for (n, _), c in zip(levels, letters, strict=True)]
    return f"[{index}]{''.join(ranges)}"


def _later(n: int) -> str:
    """What the name of a list ends with that is from n repetitions later."""
    far = abs(n) if abs(n) > 1 else ""
    return f"_after{far}" if n > 0 else f"_before{far}" if n else ""


def _name_gradient(lines: list[str]) -> None:
    """Say at the head of backward how gradients are named, by one that it makes."""
    headline = f"    # {PARTS[1]}"
    if headline not in lines:
        return
    at = lines.index(headline)
    plain = [line for line in lines[at:] if " = " in line and "  # at " not in line]
    targets = " ".join([line.partition(" = ")[0] for line in plain])
    elsewhere = re.findall(r"^    # d(\d+): at ", "\n".join(lines), flags=re.M)
    found = set(re.findall(r"\bd(\d+)\b", targets)).difference(elsewhere)
    if found:
        n = min(found, key=int)
        lines[at] += f": d{n} is the gradient at a{n}"


class Python:
    """A program as source: its text, and its function, which a debugger can step through.

    `run(p, x)` gives the results for the Values' numbers p and the numbers x,
    or None if an operand lies outside a domain. It may be called concurrently.
    The layout has been used up but for the numbers about it.

    Raises:
        SourceSizeError: The text would be too long.
    """

    def __init__(self, tape: Tape, notes: Notes | None = None) -> None:
        with uncollected():
            self.layout = Listing(tape, notes) if notes else Layout(tape, by_age=True)
            module = Module(self.layout, notes)
            self.text = module.text()
        name = f"<chainrule {sha256(self.text.encode()).hexdigest()[:16]}>"
        linecache.cache[name] = (len(self.text), None, self.text.splitlines(keepends=True), name)
        names = dict(module.names)
        exec(compile(self.text, name, "exec"), names)
        self.run: Callable[[Sequence[float], Sequence[float]], list[float] | None] = names[
            "program"
        ]

    def advance(
        self, memory: Any, p: Sequence[float], x: Sequence[float], further: Sequence[float]
    ) -> list[float] | None:
        """As `Runner` says."""
        if not all(map(isfinite, x)):
            return None
        n = memory.n
        found = self.run([*map(float, memory.array[:n]), *p], [*x, *further])
        if found is None:
            return None
        memory.array[:n] = array("d", found[:n])
        return found[n:]
