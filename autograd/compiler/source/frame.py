"""frame: the lines of a function of a source: the program, or what a loop repeats."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial

from ...core.row import Primitive
from ..lanes import GATHER, Block
from ..loops import Item, Loop, vector
from ..tape import Guard
from .nested import Comprehension, joined, summed
from .operands import Operands
from .places import (
    NONE,
    REACH,
    InexpressibleError,
    Line,
    Numbers,
    Place,
    Steps,
    has,
    later_name,
    leaves_of,
    line_of,
    start_of,
)
from .procedures import natural
from .ragged import Ragged
from .script import PARTS, Script

WIDE = 100  # characters of a line, beside which no comment is seen
CUT = (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)  # repetitions, first and last, tried in turn


class Frame(Operands):
    """The body of a function: the program, or what a loop repeats."""

    def __init__(self, script: Script, parent: "Frame | None", steps: Steps | None = None) -> None:
        super().__init__(script, parent, steps)
        self.lines: list[str] = []
        self.guarded = False

    def write(self, line: str, depth: int = 1) -> None:
        """Append a line. Raises SourceSizeError if the text becomes too long."""
        self.lines.append("    " * depth + line)
        self.script.wrote(len(self.lines[-1]))

    # -- items

    def item(self, item: Item, moves: Sequence[Sequence[int]], tested: Item | None = None) -> None:
        """Write an item of the program, or of the body of loops with these moves.

        Before the test of a domain stands the comment on the item that is `tested`.
        """
        if self.parent is None:
            self.headline(item, tested or item)
        if isinstance(item, Loop):
            self.loop(item, moves)
            return
        if isinstance(item, Ragged):
            self.ragged(item)
            return
        part = self.declared(item) if self.parent is None else None
        if part is not None:
            self.parts.append(part)
        self.block(line_of(item, moves))

    def headline(self, item: Item, labelled: Item) -> None:
        """Write a comment where another part of the program begins."""
        i = self.script.operation(vector(item)[0])
        part = self.script.notes.part(i) if i >= 0 else 0
        if part > self.script.part:  # what is needed late may come later than its part
            self.script.part, self.script.within = part, ""
            said = self.script.notes.update if part == 2 else []
            for line in said or [PARTS[part]]:
                self.write(f"# {line}")
        if part == self.script.part and i >= 0:
            self.label(labelled, part)

    def label(self, item: Item, part: int) -> None:
        """Write a comment where another function's operations begin, or gradients at them."""
        if isinstance(item, Loop):
            self.script.within = ""
        elif part < 2 and not isinstance(item.row, Guard):
            name = self.script.owners(item) if part else ""
            if not name:
                name = self.script.made_by(item, part == 1)
                name = f"the results of {name}" if name and part else name
            if name and name != self.script.within:
                self.script.within = name
                self.write(f"# gradients at {name}" if part else f"# {name}")

    def declared(self, item: Item, repeated: bool = False) -> "Numbers | Steps | None":
        """The place of what an item makes, under a new name; None for the test of a domain."""
        if isinstance(item, Loop):
            all_parts = [self.declared(part, True) for part in item.body]
            return Steps(item, [part for part in all_parts if part is not None])
        if isinstance(item.row, Guard):
            return None
        given = ""
        if isinstance(item, Block) and item.row is GATHER and not repeated:
            given = self.script.targets.all_of_a_list(item)
        name = self.script.new_name(item.address, repeated, given)
        rows = item.rows if isinstance(item, Ragged) else ()
        listed = item.lanes > 1 or (isinstance(item, Ragged) and item.lists)
        later = self.script.later.get(name, 0) if repeated else 0
        return Numbers(name, item.address, item.lanes if listed else 0, rows, later)

    def block(self, line: Line) -> None:
        """Write the line that computes a block, or tests a domain."""
        block = line.block
        if isinstance(block.row, Guard):
            if block.runs and block.row.holds(sum(run.n for run in block.runs)):
                return
            if not block.row.can_fail([self.known(place) for place in line.places]):
                return
            self.guarded = True
            test = self.lanes(line)
            self.write(f"if {test}:" if block.lanes == 1 else f"if any({test}):")
            self.write("return None", 2)
            return
        i, row = self.script.operation(block.address), block.row
        forward = i >= 0 and self.script.notes.part(i) == 0
        if forward and isinstance(row, Primitive) and row.arity == 1:
            self.script.forward[row.name] = row
        text = joined(self.elements(line.terms)) if row is GATHER else self.lanes(line)
        part = self.parts[bisect_right(self.parts, block.address, key=start_of) - 1]
        assert isinstance(part, Numbers)
        self.assign(part, text)

    def assign(self, part: Numbers, text: str) -> None:
        """Write what a list is, and what it is the gradient at."""
        text = f"{part.local} = {text}"
        loops = re.search(r"(?: for \w in range\(\d+\))+\]$", text)
        extents = tuple(map(int, re.findall(r"\((\d+)\)", loops[0]))) if loops else ()
        place = self.place_of_gradient(part, extents) if part.name[0] == "d" else ""
        told = f"at {place}" if place else self.script.results.get(part.start, "")
        if told and len(text) > WIDE:
            self.write(f"# {part.local}: {told}")
        self.write(f"{text}  # {told}" if told and len(text) <= WIDE else text)

    def place_of_gradient(self, part: Numbers, extents: tuple[int, ...]) -> str:
        """What a list is the gradient at; empty if its name says it, or it is no one list.

        The loops of its line turn as often as the `extents` say.
        """
        target = self.script.targets.target(part, 0, extents)
        if not target:
            return "" if self.steps else self.script.targets.several(part, extents)
        found, stretch = target
        if self.steps is None:
            return f"{self.script.list_of(found)}{stretch}" if stretch else ""
        steps, frame = [self.steps], self.parent
        while frame and frame.steps:
            steps.insert(0, frame.steps)
            frame = frame.parent
        target = self.script.targets.target(part, self.steps.loop.size, extents)
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
        self.script.later[part.name] = later
        return f"{found.name}{later_name(later)}{stretch}" if stretch else ""

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
        before, functions = len(self.lines), len(self.script.functions)
        parts, taken, number = list(self.parts), set(self.script.taken), self.script.number
        constants = len(self.script.constants.listed)
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
                del self.lines[before:], self.script.functions[functions:]
                self.parts[:] = parts
                self.script.constants.forget(constants)
                self.script.taken, self.script.number = set(taken), number
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
            steps = self.parts[bisect_right(self.parts, loop.start, key=start_of) - 1]
        assert isinstance(steps, Steps)
        if self.parent is None:
            self.number(steps, self.parts)
        for leaf in leaves_of(steps.parts):
            if (leaf.name, loop.size) in self.script.early:
                steps.lags[leaf] = self.script.early[leaf.name, loop.size]
        self.script.variables[self.variable()] = steps.first, steps.direction
        frame = Frame(self.script, self, steps)
        at = 0
        for item, move in zip(loop.body, loop.moves, strict=True):
            n = len(move)
            frame.item(item, [*[each[at : at + n] for each in moves], move])
            at += n
        kept = list(leaves_of(steps.parts))
        if self.script.kept is not None:
            kept = [leaf for leaf in kept if leaf.name in self.script.kept]
        function = steps.function = self.script.function(loop, steps.of)
        direct = [leaf for leaf in steps.parts if isinstance(leaf, Numbers)]
        returned = ", ".join([leaf.local if leaf in direct else leaf.name for leaf in kept]) or "()"
        passed = sorted(frame.arguments.items(), key=lambda names: natural(names[1]))
        definition = [f"def {function}({', '.join([name for _, name in passed])}):", *frame.lines]
        self.script.functions.append("\n".join([*definition, f"    return {returned}"]))
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
            steps.started = partial(self.start_early, steps)

    def start_early(self, steps: Steps, leaf: Numbers, lag: int) -> None:
        """See that a list is there before the first repetition, when this is written again."""
        self.started(steps, leaf, lag)
        self.script.early[leaf.name, steps.loop.size] = lag

    def started(self, steps: Steps, leaf: Numbers, lag: int) -> str:
        """What stands for a list that a repetition hands on, before the first one."""
        texts = []
        inner = next((part for part in steps.parts if part is not leaf and has(part, leaf)), None)
        for r in range(-lag, 0):
            start = leaf.start + r * steps.loop.size
            place = Place(start, moves=steps.moves.get(leaf, ()))
            whole = place._replace(term=1)
            text = self.stretch(whole, leaf.n) if leaf.n else self.at(place)
            if isinstance(inner, Steps):  # the lists of all its repetitions
                first, last = inner.first, inner.first + inner.direction * (inner.loop.times - 1)
                texts_of_ends = [
                    self.script.list_of(self.locate(place._replace(base=base)))
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
                part = parts[bisect_right(parts, base, key=start_of) - 1] if parts else None
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
