"""source: a program as plain Python, with loops over lanes and over repetitions.

It runs where llvmlite is not installed, and `f.source()` shows it. The text is
a function `program(p, x)` of the Values' numbers p and the other numbers x. It
returns the results, or None where an operand lies outside a row's domain.

What is repeated stands in a function of its own, which the program calls in a
loop. A list that is needed later is kept by the number of the repetition: a7[t]
is the list a7 of repetition t.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import linecache
import re
import sys
from array import array
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import islice
from math import isfinite
from typing import Any

from ...analysis.notation import derivative_texts
from ...core.collector import uncollected
from ...core.modes import current
from ..lanes import Layout
from ..loops import Item, Loop, fold, regrouped
from ..notes import Notes
from ..tape import Guard, Tape
from .frame import Frame
from .legend import legend, names_of_gradients
from .letters import Letters
from .places import terms_of
from .procedures import Procedures
from .ragged import Listing
from .script import LARGEST, PARTS, Script, refuse_size

SHORTEST = 20  # characters of a block, at least
ZERO = "# 0.0 + ...: a sum begins at 0.0, for the bits of a run without a program"
BACKWARDS = (
    "# [::-1]: several uses are added from the last to the first, for the bits of backward()"
)


class Source:
    """The text of a layout, and the functions that it uses by their names in it."""

    def __init__(self, layout: Layout, notes: Notes | None = None) -> None:
        blocks = list(islice(layout.blocks(), LARGEST // SHORTEST))
        if len(blocks) == LARGEST // SHORTEST:
            refuse_size()
        self.script = script = Script(layout, notes or Notes(), notes is not None)
        self.notes = script.notes
        self.items = fold(blocks, script.begun())
        self.results = regrouped(layout.outputs())
        self.write()
        if script.used or any(isinstance(item, Loop) for item in self.items):
            script.kept = script.used
            script.begin()
            self.write()

    def write(self) -> None:
        """Write the program."""
        script, frame = self.script, Frame(self.script, None)
        behind: Item | None = None
        tested: list[Item | None] = []
        for item in reversed(self.items):
            if isinstance(item, Loop) or not isinstance(item.row, Guard):
                behind = item
            tested.append(behind)
        for item in self.items:
            frame.item(item, [], tested.pop())
        results = terms_of(self.results, iter(()))
        frame.write(f"return [{', '.join(frame.elements(results))}]")
        self.functions = script.functions
        if script.shown:
            procedures = Procedures(frame.lines, script.functions, script.procedure_name)
            frame.lines, self.functions = procedures.lines(), procedures.functions
        headline = f"    # {PARTS[1]}"
        if headline in frame.lines:
            at = frame.lines.index(headline)
            first, *others = names_of_gradients(frame.lines[at:], self.functions)
            frame.lines[at] += first and f": {first}"
            frame.lines[at + 1 : at + 1] = [f"    # {line}" for line in others]
        told = [*legend("p", self.notes.values), *legend("x", self.notes.numbers)]
        told += self.notes.remarks
        head = [f"    # {line}" for line in told]
        self.program = "\n".join(["def program(p, x):", *head, *frame.lines, ""])
        if script.shown:
            *self.functions, self.program = Letters([*self.functions, self.program]).texts()

    def text(self) -> str:
        """Return the whole module: imports, definitions and the program."""
        made = self.script
        imports: dict[str, list[str]] = {}
        unknown = []
        for name, function in sorted(made.names.items()):
            module, known_as = function.__module__, getattr(function, "__name__", "")
            if getattr(sys.modules.get(module), known_as, None) is function:
                imports.setdefault(module, []).append(
                    name if name == known_as else f"{known_as} as {name}"
                )
            else:
                unknown.append(name)
        definitions = sorted(made.definitions.values())
        body = "\n\n\n".join([*definitions, *self.functions, self.program])
        head = [
            f"from {module} import {', '.join(names)}" for module, names in sorted(imports.items())
        ]
        head += [f"# and, from the primitives: {', '.join(unknown)}"] if unknown else []
        if "PRIMITIVES[" in body:
            head.insert(0, "from autograd.core.row import PRIMITIVES")
        head += self.formulas() if made.shown else []
        if made.targets.adjoints and not current():
            head += self.slopes()
            head += [ZERO] if re.search(r"= \[*0\.0 \+ |\(0\.0, ", body) else []
            head += [BACKWARDS] if "[::-1]" in body else []
        head += [f"c = {made.constants.listed!r}"] if made.constants.listed else []
        head[:0] = (
            ["from math import inf, nan"]
            if re.search(r"\b(inf|nan)\b", re.sub(r"#.*", "", "\n".join([*head, body])))
            else []
        )
        return "\n".join([*head, "", "", body]) if head else body

    def formulas(self) -> list[str]:
        """Comments: what the functions of rows are that Python does not have itself."""
        lines = []
        for name, row in sorted(self.script.rows.items()):
            known = getattr(row.forward, "__module__", "") in ("math", "_operator")
            call = f"{name}({', '.join(row.names)})"
            if row.formula and not known and row.formula != call:
                lines.append(f"# {call}: {row.formula}")
        return lines

    def slopes(self) -> list[str]:
        """Comments: the slopes of rows that the gradients compute with functions.

        They are left out within a mode, such as no_grad: it would get the operations.
        """
        lines = []
        for name, row in sorted(self.script.forward.items()):
            try:
                text = derivative_texts(row)["x"]
            except (ArithmeticError, ValueError):  # a user's rule, undefined at 0.5
                continue
            if self.script.names.keys() & set(re.findall(r"(\w+)\(", text)):
                result = f", where z = {name}(x)" if re.search(r"\bz\b", text) else ""
                lines.append(f"# the slope of {name} at x: {text}{result}")
        return lines


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
            made = Source(self.layout, notes)
            self.text = made.text()
        name = f"<chainrule {sha256(self.text.encode()).hexdigest()[:16]}>"
        linecache.cache[name] = (len(self.text), None, self.text.splitlines(keepends=True), name)
        names = dict(made.script.names)
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
        found = self.run([*memory.array.view[:n], *p], [*x, *further])
        if found is None:
            return None
        memory.array.view[:n] = array("d", found[:n])
        return found[n:]
