"""operands: where the operands of a line lie, and what stands for them in it."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import operator
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import count, takewhile

from ..lists import Kth
from ..tape import CHAIN, Guard, Row
from .nested import LONG_CHAIN, UNROLLED, joined, product_added
from .places import (
    NONE,
    InexpressibleError,
    Line,
    Located,
    Move,
    Numbers,
    Place,
    Steps,
    Terms,
    footprint,
    later_name,
    leaves_of,
    only,
    start_of,
)
from .rules import written
from .script import Script

SHORTEST_RHYTHM, LONGEST_RHYTHM = 5, 4  # runs saved by a loop over runs, and in its body
# Terms of a chain, up to which a function of its own adds its products in one
# expression, in half the time of a loop; and lanes, from which on that pays.
UNPACKED, MANY = 32, 64
INFIX = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.neg: "-{0}",
}


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


class Operands:
    """The operands of the lines of a function: the program, or what a loop repeats."""

    def __init__(
        self, script: Script, parent: "Operands | None", steps: Steps | None = None
    ) -> None:
        self.script, self.parent, self.steps = script, parent, steps
        self.parts: list[Numbers | Steps] = steps.parts if steps else script.parts
        self.arguments: dict[str, str] = {}  # what is passed to the function, and its names there

    # -- where operands lie

    def locate(self, place: Place, moves: Sequence[Move] = ()) -> Located:
        """The list in which an operand lies, and what of it."""
        moves = [move for move in moves if move[0] and move[1] and move[2] > 1]
        if self.parent is None or self.steps is None:
            return self.script.find(self.parts, place.base, moves)
        loop, base = self.steps.loop, place.base
        own = place.moves[-1] == loop.size
        if own and loop.start <= base < loop.start + loop.size:
            found = self.script.find(self.parts, base, moves)
            return found if found.path else found._replace(name=found.leaf.local)
        if own and loop.start - self.steps.lag * loop.size <= base < loop.start:
            return self.handed_on(place, moves)
        return self.argument(place, moves)

    def argument(self, place: Place, moves: Sequence[Move]) -> Located:
        """An operand from outside of the repetition, which is passed to the function."""
        assert self.parent is not None
        assert self.steps is not None
        times, variable = self.steps.loop.times, self.parent.variable()
        low, high = footprint(moves)
        outside = place._replace(moves=place.moves[:-1])
        all_moves = [*moves, (variable, place.moves[-1], times)]
        found = self.parent.locate(outside, all_moves)
        if found.name == "c" and not any(v == variable for v, _, _ in found.moves):
            return found
        path = list(takewhile(lambda index: only(variable, index[1]), found.path))
        if any(v == variable for index in found.path[len(path) :] for v, _, _ in index[1]):
            raise InexpressibleError
        passed = found._replace(path=tuple(path))
        local = found.path[len(path) :]
        step = [move for move in found.moves if move[0] == variable]
        if not step:
            return found._replace(name=self.named(self.script.list_of(passed), found), path=local)
        if local:
            raise InexpressibleError
        if found.name == "c":
            found = self.script.constants.placed(found, variable)
            low, high = footprint([move for move in found.moves if move[0] != variable])
            step = [move for move in found.moves if move[0] == variable]
            passed = found
        text, at = self.script.list_of(passed), self.script.sum(found.offset + low, step)
        if low == high:
            text = f"{text}[{at}]"
            return found._replace(name=self.named(text, found), path=(), n=0, moves=())
        end = self.script.sum(found.offset + high + 1, step)
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
        found = self.script.find(self.parts, place.base + lag * loop.size, moves)
        steps.moves[found.leaf] = place.moves[:-1]
        self.script.used.add(found.leaf.name)
        steps.lags[found.leaf] = max(lag, steps.lags.get(found.leaf, 0))
        variable = self.parent.variable()
        first = steps.first - steps.direction * lag + (0 if found.path else found.leaf.later)
        index = first, ((variable, steps.direction, loop.times),)
        passed = found._replace(path=(index,))
        return found._replace(name=self.named(self.script.list_of(passed), found))

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
                    name += later_name(int(f"{index[1]}{index[2]}") if index[2] else 0)
                elif found.leaf in self.script.leaves:
                    name += "_part"
            names = {"c", *self.arguments.values(), *[part.local for part in leaves_of(self.parts)]}
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
            text = self.script.constant_text(found.offset, found.moves)
            if text:
                return text
            found = self.script.constants.placed(found)
        if not found.n:
            return self.script.list_of(found)
        return f"{self.script.list_of(found)}[{self.script.sum(found.offset, found.moves)}]"

    def stretch(
        self, place: Place, n: int, o: Move = NONE, i: Move = NONE, more: Sequence[Move] = ()
    ) -> str:
        """n terms of an operand as a list expression."""
        lanes = [(o[0], place.outer, o[2]), (i[0], place.inner, i[2]), *more]
        found = self.locate(place, [*lanes, ("k", place.term, n)])
        step = place.term
        if found.name == "c":
            found = self.script.constants.placed(found)
            step = next((d for v, d, _ in found.moves if v == "k"), step)
        low, high = sorted((found.offset, found.offset + step * (n - 1)))
        moves = [move for move in found.moves if move[0] != "k"]
        first, end = [self.script.sum(k, moves) for k in (low, high + 1)]
        if (first, end, step) == ("0", str(found.n), 1):
            return self.script.list_of(found)
        stride = f":{abs(step)}" if abs(step) > 1 else ""
        turned = "[::-1]" if step < 0 else ""
        return f"{self.script.list_of(found)}[{first}:{end}{stride}]{turned}"

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
                several, terms, place = self.touching(runs[at:], o, i, k)
                texts += self.run(terms, place, o, i)
                at += several
        return texts

    def touching(self, runs: Sequence[Terms], o: Move, i: Move, k: int) -> tuple[int, int, Place]:
        """How many of the first runs are one stretch of a list, how long it is, and its place."""
        n, place = runs[0].n, runs[0].places[k]
        constants = self.script.leaves[2].start
        found, total, whole = 1, n, place
        for run in runs[1:]:
            behind = run.places[k]
            step = whole.term if total > 1 else behind.base - place.base
            follows = whole._replace(base=place.base + step * total, term=behind.term) == behind
            steady = step == behind.term if run.n > 1 else total > 1 or step == 1
            if not (step and follows and steady):
                break
            found, total, whole = found + 1, total + run.n, place._replace(term=step)
        given = constants <= place.base < constants + len(self.script.given)
        if found > 1 and not given and self.together(whole, total, o, i):
            return found, total, whole
        return 1, n, place

    def together(self, place: Place, n: int, o: Move, i: Move) -> bool:
        """Whether n terms of an operand lie in one list."""
        frames: list[Operands] = [self]
        while frames[-1].parent:
            frames.append(frames[-1].parent)
        before = [dict(frame.arguments) for frame in frames]
        try:
            self.stretch(place, n, o, i)
        except InexpressibleError:
            for frame, arguments in zip(frames, before, strict=True):
                frame.arguments = arguments
            return False
        return True

    def in_turn(self, runs: Sequence[Terms], times: int, o: Move, i: Move, k: int) -> str:
        """Runs that come again and again, each time so much further on; empty if they cannot.

        `runs` are those of the first two times.
        """
        n, constants = len(runs) // 2, len(self.script.constants.listed)
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
                self.script.constants.forget(constants)
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
        found = [self.script.find(self.parts, place.base + t * place.term) for t in range(n)]
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
        quick = not self.script.shown and n <= UNPACKED and lanes >= MANY
        if quick and " for " not in lists:
            self.script.definitions[f"add_{n}_products"] = sum_of_products(n)
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
            self.script.definitions[name] = (
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
                self.script.definitions[name] = f"def {name}(xs):\n    return {row.called}({parts})"
            return f"{name}({', '.join(operands)})[{row.k}]"
        elif row.forward in INFIX:
            return INFIX[row.forward].format(*operands)
        else:
            name = self.script.name_of_row(row)
        return f"{name}({', '.join(operands)})"

    def known(self, place: Place) -> float | None:
        """The constant that an operand is in all lanes and repetitions, if it is one."""
        at, given = place.base - self.script.leaves[2].start, self.script.given
        steady = not (place.outer or place.inner or any(place.moves))
        return given[at] if steady and 0 <= at < len(given) else None

    def long_chain(self) -> None:
        """Define the function that adds many products."""
        self.script.definitions["add_products"] = LONG_CHAIN

    def list_at(self, address: int) -> tuple[str, int, int]:
        """The name of a list, the place of a number in it, and its length; 0 for a number."""
        found = self.script.find(self.parts, address)
        return self.script.list_of(found), found.offset, found.n

    def rows_at(self, address: int) -> tuple[str, tuple[int, ...]]:
        """The name of a list of lists, and their lengths."""
        part = self.parts[bisect_right(self.parts, address, key=start_of) - 1]
        assert isinstance(part, Numbers)
        return part.name, part.rows

    def constant(self, k: int) -> float:
        """A constant of the program."""
        return self.script.given[k]

    def constants_between(self, low: int, high: int) -> int:
        """Where the list c of the source has the constants of the program from low to high."""
        return self.script.constants.stretch(low, high)

    def call_of(self, row: Kth) -> str:
        """The name of a function of a list, which the source imports or defines."""
        script = self.script
        script.names.update({f.__name__: f for f in row.uses})
        if row.slopes_of:
            texts = written(row.slopes_of, script.name_of_row)
            asked = f'PRIMITIVES["{row.slopes_of.name}"].partials_at(xs, z, [True] * len(xs))'
            script.definitions[row.called] = row.definition(f"return {texts.pop('', asked)}")
            script.definitions.update(texts)
        elif row.body:
            script.definitions[row.called] = row.definition()
        elif row.function_of_rule:
            script.names[row.called] = row.function_of_rule
        return row.called


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
