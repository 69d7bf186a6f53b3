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
from itertools import count, islice, takewhile
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from ..analysis.notation import derivative_texts
from ..core.modes import current
from ..core.row import Primitive
from ..errors import SourceSizeError
from .lanes import GATHER, Block, Layout, Run
from .loops import Item, Loop, fold, regrouped, vector
from .notes import Notes
from .tape import CHAIN, Guard, Row, Tape

LARGEST = 8_000_000  # characters; to compile one takes Python about 0.1 kB of memory and 0.3 us
SHORTEST = 20  # characters of a block, at least
PARTS = "forward", "backward", "what becomes of the gradients"
CUT = (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)  # repetitions, first and last, tried in turn
SHORTEST_RHYTHM, LONGEST_RHYTHM = 5, 4  # runs saved by a loop over runs, and in its body
REACH = 2  # repetitions, up to which what an earlier one made is handed on
WIDE = 100  # characters of a line, beside which no comment is seen
UNROLLED = 8  # terms of a chain that are written out
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
    *"pxuvwcoikrstq",
    "found",
    "inf",
    "nan",
    "any",
    "range",
    "zip",
    "add_products",
    "program",
}
LONG_CHAIN = """def add_products(z, xs, ys):
    for x, y in zip(xs, ys):
        z += x * y
    return z"""


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
    """A list in the memory, under a name; or one number, if n is 0."""

    def __init__(self, name: str, start: int, n: int) -> None:
        self.name, self.start, self.n = name, start, n


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
        self.early: dict[tuple[str, int], int] = {}  # lags of lists, in loops of a size
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
        self.frame = frame = Frame(self, None)
        frame.parts = list(self.leaves)
        for item in self.items:
            frame.item(item, [])
        results = _terms(self.results, iter(()))
        frame.write(f"return [{', '.join(frame.elements(results))}]")
        _name_gradient(frame.lines)
        head = [f"    # {line}" for line in self.notes.legend()]
        self.program = "\n".join(["def program(p, x):", *head, *frame.lines, ""])

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
        name = part.first + part.direction * r
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

    def gradient_at(self, address: int, repeated: bool) -> str:
        """The name of a gradient after what it is the gradient at; empty if that is no list."""
        z = self.notes.adjoints.get(self.operation(address), -1)
        i = self.notes.image.get(z, -1)
        if i < 0 or self.layout.address[i] >= address:
            return ""
        found = self.find(self.frame.parts, self.layout.address[i])
        if found.leaf in self.leaves[:2]:
            return f"d{found.name}_{found.offset}" if found.n > 1 else f"d{found.name}"
        if found.name[0] != "a":
            return ""
        step = "" if repeated or not found.names else f"_{found.names[-1]}"
        return f"d{found.name[1:]}{step}"

    def gradients(self) -> dict[int, int]:
        """Where gradients lie, and where that lies which they are the gradients at."""
        notes, address = self.notes, self.layout.address
        found = {}
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
        at = [found.offset + x - at[0] for x in at]
        if found.name[0] != "a" or min(at) < 0 or max(at) >= max(found.n, 1):
            return None
        if at == list(range(found.n)):
            return found, ""
        if not part.n:
            return found, f"[{at[0]}]" if found.n else ""
        step = at[1] - at[0]
        inner = next((k for k in range(n) if at[k] != at[0] + k * step), n)
        if inner == n and step > 0:
            return found, f"[{at[0]}:{at[-1] + 1}{f':{step}' if step > 1 else ''}]"
        outer, rest = divmod(n, inner)
        jump = at[inner] - at[0] if inner < n else 0
        lanes = [at[0] + o * jump + i * step for o in range(outer) for i in range(inner)]
        if rest or at != lanes or outer < 2:
            return None
        index = _sum(at[0], (jump, "o"), (step, "i"))
        return found, f"[{index}] for o in range({outer}) for i in range({inner})"

    def function(self, loop: Loop, of: str) -> str:
        """A name for the function of a loop, the gradient `of` another one's, if it is one."""
        name = f"{of}_gradient" if of else ""
        operations = [
            [i for i in map(self.operation, _addresses(loop, r)) if i >= 0] for r in (0, 1)
        ]
        if not name and all(operations):
            first, second = operations
            name = self.notes.maker(min(first), max(first), max(second))
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
        return _sum(offset, *products)

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
        head += self.slopes()
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
        # Of gradients at what another repetition made: the list's name, how many
        # repetitions later it is from. Of arguments: a list, how much later it is from.
        self.shifted: dict[Numbers, tuple[str, int]] = {}
        self.handed: dict[str, tuple[Numbers, int]] = {}
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
            return self.module.find(self.parts, base, moves)
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
        index = steps.first - steps.direction * lag, ((variable, steps.direction, loop.times),)
        passed = found._replace(path=(index,))
        name = self.named(self.module.list_of(passed), found)
        self.handed[name] = found.leaf, -steps.direction * lag
        return found._replace(name=name)

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
                index = re.match(r"\w+\[[tsq](?: ([+-]) (\d+))?\]", text)
                if index:
                    name += _later(int(f"{index[1]}{index[2]}") if index[2] else 0)
                elif found.leaf in self.module.leaves:
                    name += "_part"
            names = {*self.arguments.values(), *[part.name for part in _leaves(self.parts)]}
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
        if found.name == "c" and not found.moves:
            return repr(self.module.constants[found.offset])
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
        return f"*[u for r in range({times}) for u in {_joined(texts)}]"

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
        leaf, offset, names = found[0].leaf, found[0].offset, found[0].names
        alike = 1
        while alike < n and (found[alike].leaf, found[alike].names) == (leaf, names):
            alike += 1
        if alike > 1:
            return alike, f"*{self.stretch(place, alike, o, i)}"
        if not names:
            return 1, self.at(place, o, i)
        step = found[1].names[0] - names[0] if found[1].names else 0
        while alike < n and (
            (found[alike].leaf, found[alike].offset, found[alike].names)
            == (leaf, offset, (names[0] + alike * step, *names[1:]))
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
            return [_joined(self.elements(line.terms, o, i))]
        return [self.at(place, o, i) for place in line.places]

    def chain(self, line: Line, o: Move, i: Move) -> str:
        """A sum of products: few terms written out, many as lists.

        A few that follow one long run stay apart.
        """
        text, runs = self.at(line.places[0], o, i), line.terms
        if sum(run.n for run in runs) > UNROLLED:
            n = 1 if sum(run.n for run in runs[1:]) <= UNROLLED < runs[0].n else len(runs)
            xs, ys = [_joined(self.elements(runs[:n], o, i, k)) for k in (0, 1)]
            add = self.adder(sum(run.n for run in runs[:n]), line.block.lanes, xs + ys)
            text, runs = f"{add}({text}, {xs}, {ys})", runs[n:]
        for run in runs:
            for t in range(run.n):
                x, y = [
                    self.at(place._replace(base=place.base + place.term * t), o, i)
                    for place in run.places
                ]
                text += f" + {x}" if y == "1.0" else f" - {x}" if y == "-1.0" else f" + {x} * {y}"
        return text.removeprefix("-0.0 + ")

    def adder(self, n: int, lanes: int, lists: str) -> str:
        """The name of a function that adds n products of these lists, for so many lanes.

        A sum over repetitions is as long as there are any, and stays a loop.
        """
        if n <= UNPACKED and lanes >= MANY and " for " not in lists:
            self.module.definitions[f"add_{n}_products"] = sum_of_products(n)
            return f"add_{n}_products"
        self.module.definitions["add_products"] = LONG_CHAIN
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
        elif row.forward in INFIX:
            return INFIX[row.forward].format(*operands)
        else:
            name = row.name
            while (
                name in RESERVED
                or name in self.module.taken
                or re.fullmatch(r"[ad]\d+\w*|t_\d+|step_\d+|add_\d+_products", name)
            ):
                name += "_"
            self.module.names[name] = row.forward
        return f"{name}({', '.join(operands)})"

    # -- items

    def item(self, item: Item, moves: Sequence[Sequence[int]]) -> None:
        """Write an item of the program, or of the body of loops with these moves."""
        if self.parent is None:
            self.headline(item)
        if isinstance(item, Loop):
            self.loop(item, moves)
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
            self.module.part = part
            if part:
                self.write(f"# {PARTS[part]}")

    def declared(self, item: Item, repeated: bool = False) -> "Numbers | Steps | None":
        """The place of what an item makes, under a new name; None for the test of a domain."""
        if isinstance(item, Loop):
            all_parts = [self.declared(part, True) for part in item.body]
            return Steps(item, [part for part in all_parts if part is not None])
        if isinstance(item.row, Guard):
            return None
        name = self.module.new_name(item.address, repeated)
        return Numbers(name, item.address, item.lanes if item.lanes > 1 else 0)

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
        text = _joined(self.elements(line.terms)) if row is GATHER else self.lanes(line)
        part = self.parts[bisect_right(self.parts, block.address, key=_start) - 1]
        assert isinstance(part, Numbers)
        text = f"{part.name} = {text}"
        place = self.place_of_gradient(part) if part.name[0] == "d" else ""
        if place and len(text) > WIDE:
            self.write(f"# {part.name}: at {place}")
        self.write(f"{text}  # at {place}" if place and len(text) <= WIDE else text)

    def place_of_gradient(self, part: Numbers) -> str:
        """What a list is the gradient at; empty if its name says it, or it is no one list."""
        target = self.module.target(part)
        if not target:
            return ""
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
        if later:
            self.shifted[part] = found.name, later
        return f"{found.name}{_later(later)}{stretch}" if later or stretch else ""

    def gradients_handed_on(self) -> str:
        """A comment: what arguments are the gradients at, where their names do not say it."""
        texts = []
        for name in sorted(self.handed, key=_natural):
            leaf, later = self.handed[name]
            if leaf in self.shifted:
                at, more = self.shifted[leaf]
                texts.append(f"{name} at {at}{_later(later + more)}")
        return f"# gradients: {', '.join(texts)}" if texts else ""

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
        comment = frame.gradients_handed_on()
        if comment:
            frame.lines.insert(0, f"    {comment}")
        kept = [leaf.name for leaf in _leaves(steps.parts)]
        if self.module.kept is not None:
            kept = [name for name in kept if name in self.module.kept]
        function = steps.function = self.module.function(loop, steps.of)
        returned = ", ".join(kept) if kept else "()"
        passed = sorted(frame.arguments.items(), key=lambda names: _natural(names[1]))
        definition = [f"def {function}({', '.join([name for _, name in passed])}):", *frame.lines]
        self.module.functions.append("\n".join([*definition, f"    return {returned}"]))
        variable = self.variable()
        started = {leaf.name: self.started(steps, leaf, lag) for leaf, lag in steps.lags.items()}
        for name, text in started.items():
            self.write(f"{name} = {{{text}}}")
        empty = [name for name in kept if name not in started]
        if empty:
            dicts = ", ".join(["{}"] * len(empty))
            self.write(f"{', '.join(empty)} = {dicts}")
        self.write(f"for {variable} in {steps.range()}:")
        call = f"{function}({', '.join([text for text, _ in passed])})"
        targets = ", ".join([f"{name}[{variable}]" for name in kept])
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
                text = text.removesuffix(f"[{first}]")
                if leaf not in inner.parts or texts_of_ends != [
                    f"{text}[{name}]" for name in (first, last)
                ]:
                    raise InexpressibleError
            texts.append(f"{steps.first + steps.direction * r}: {text}")
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
    places = tuple([Place(*ref, next(each, ())) for ref in block.refs])
    return Line(block, places, _terms(block.runs, each))


def _terms(runs: Iterable[Run], each: Iterator[tuple[int, ...]]) -> tuple[Terms, ...]:
    """Runs with Places as operands."""
    return tuple(
        [Terms(run.n, tuple([Place(*ref, next(each, ())) for ref in run.refs])) for run in runs]
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


def _natural(name: str) -> list[Any]:
    """A key to sort names by: p and x first, then by the numbers in them."""
    return [name[0] not in "px", *[int(x) if x.isdigit() else 0 for x in re.split(r"(\d+)", name)]]


def _joined(texts: Sequence[str]) -> str:
    """Elements as a list; a lone *list is a list."""
    if len(texts) == 1 and texts[0].startswith("*"):
        return texts[0][1:]
    return f"[{', '.join(texts)}]"


def _sum(offset: int, *products: tuple[int, str]) -> str:
    """offset + factor * variable + ..., as short as can be."""
    parts = [
        variable if factor == 1 else f"{factor} * {variable}"
        for factor, variable in products
        if factor and variable
    ]
    text = " + ".join(parts)
    return (
        (f"{text} + {offset}" if offset > 0 else f"{text} - {-offset}" if offset else text)
        if text
        else str(offset)
    )


class Python:
    """A program as source: its text, and its function, which a debugger can step through.

    `run(p, x)` gives the results for the Values' numbers p and the numbers x,
    or None if an operand lies outside a domain. It may be called concurrently.
    The layout has been used up but for the numbers about it.

    Raises:
        SourceSizeError: The text would be too long.
    """

    def __init__(self, tape: Tape, notes: Notes | None = None) -> None:
        self.layout = Layout(tape, by_age=True)
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
