"""source: a program as plain Python, with loops over lanes.

It runs where llvmlite is not installed, and `f.source()` shows it. The text is
a function `program(p, x)` of the Values' numbers p and the other numbers x. It
returns the results, or None where an operand lies outside a row's domain.
"""

import linecache
import operator
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

from ..errors import SourceSizeError
from .lanes import GATHER, Block, Layout, Ref, Run
from .tape import CHAIN, Guard, Row, Tape

LARGEST = 8_000_000  # characters; to compile one takes Python about 0.1 kB of memory and 0.3 us
UNROLLED = 8  # terms of a chain that are written out
INFIX = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.neg: "-{0}",
}
RESERVED = {
    "p",
    "x",
    "u",
    "v",
    "w",
    "c",
    "o",
    "i",
    "inf",
    "nan",
    "any",
    "range",
    "zip",
    "chain",
    "program",
}
LONG_CHAIN = """def chain(z, xs, ys):
    for x, y in zip(xs, ys):
        z += x * y
    return z"""


class Writer:
    """The source of a layout, and the functions that it uses by their names in it."""

    def __init__(self, layout: Layout) -> None:
        tape = layout.tape
        self.constants = tape.constants
        self.names: dict[str, Callable[..., Any]] = {}
        self.bases = [
            0,
            tape.n_values,
            tape.n_inputs,
        ]  # where the sections of the memory begin, and what they are: a list and its length,
        self.sections = [
            ("p", tape.n_values),
            ("x", tape.n_inputs - tape.n_values),
            ("c", len(tape.constants)),
        ]  # or a number and 0
        self.definitions: dict[str, str] = {}
        self.lines: list[str] = []
        self.characters = 0
        for block in layout.blocks():
            self.block(block)
        self.write(f"return [{', '.join(self.elements(layout.outputs()))}]")

    def write(self, line: str, depth: int = 1) -> None:
        """Append a line. Raises SourceSizeError if the text becomes too long."""
        self.lines.append("    " * depth + line)
        self.characters += len(self.lines[-1])
        if self.characters > LARGEST:
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
        body = "\n\n\n".join(
            [*sorted(self.definitions.values()), "\n".join(["def program(p, x):", *self.lines, ""])]
        )
        head = [
            f"from {module} import {', '.join(names)}" for module, names in sorted(imports.items())
        ]
        head += [f"# and, from the primitives: {', '.join(unknown)}"] if unknown else []
        head += [f"c = {self.constants!r}"] if re.search(r"\bc\b", body) else []
        head[:0] = (
            ["from math import inf, nan"] if re.search(r"\b(inf|nan)\b", f"{head} {body}") else []
        )
        return "\n".join([*head, "", "", body]) if head else body

    def place(self, address: int) -> tuple[str, int, int]:
        """The name and the length of the section in which an address lies, and where in it."""
        k = bisect_right(self.bases, address) - 1
        return *self.sections[k], address - self.bases[k]

    def at(self, ref: Ref, o: str = "", i: str = "") -> str:
        """The operand as an expression in the loop variables."""
        name, n, offset = self.place(ref.base)
        if name == "c" and not (ref.outer or ref.inner):
            return repr(self.constants[offset])
        return f"{name}[{_sum(offset, (ref.outer, o), (ref.inner, i))}]" if n else name

    def stretch(self, ref: Ref, n: int, o: str = "", i: str = "") -> str:
        """n terms of an operand as a list expression."""
        (name, length, offset), step = self.place(ref.base), ref.term
        low, high = sorted((offset, offset + step * (n - 1)))
        first, end = [_sum(k, (ref.outer, o), (ref.inner, i)) for k in (low, high + 1)]
        if (first, end, step) == ("0", str(length), 1):
            return name
        stride = f":{step}" if step > 1 else ""
        turned = f"[::{step}]" if step < 0 else ""
        return f"{name}[{first}:{end}{stride}]{turned}"

    def elements(self, runs: Iterable[Run], o: str = "", i: str = "", k: int = 0) -> list[str]:
        """The k-th operands of runs, as the elements of a list."""
        texts: list[str] = []
        for n, refs in runs:
            ref = refs[k]
            if n == 1 or not ref.term:
                texts.append(self.at(ref, o, i) if n == 1 else f"*[{self.at(ref, o, i)}] * {n}")
            elif self.place(ref.base)[0] == self.place(ref.base + ref.term * (n - 1))[0]:
                texts.append(f"*{self.stretch(ref, n, o, i)}")
            else:
                texts += [
                    self.at(ref._replace(base=ref.base + ref.term * t), o, i) for t in range(n)
                ]
        return texts

    def operands(self, block: Block, o: str, i: str) -> list[str]:
        """The operands as expressions; of a row on a list, one list; of a chain, what it is."""
        if block.row is CHAIN:
            return [self.chain(block, o, i)]
        if (block.row.op if isinstance(block.row, Guard) else block.row).arity is None:
            return [f"[{', '.join(self.elements(block.runs, o, i))}]"]
        return [self.at(ref, o, i) for ref in block.refs]

    def chain(self, block: Block, o: str, i: str) -> str:
        """A sum of products: few terms written out, many as lists.

        A few that follow one long run stay apart.
        """
        text, runs = self.at(block.refs[0], o, i), block.runs
        if sum(run.n for run in runs) > UNROLLED:
            self.definitions["chain"] = LONG_CHAIN
            n = 1 if sum(run.n for run in runs[1:]) <= UNROLLED < runs[0].n else len(runs)
            factors = [self.elements(runs[:n], o, i, k) for k in (0, 1)]
            xs, ys = [
                texts[0][1:] if len(texts) == 1 else f"[{', '.join(texts)}]" for texts in factors
            ]  # a lone *list is a list
            text, runs = f"chain({text}, {xs}, {ys})", runs[n:]
        for run in runs:
            for t in range(run.n):
                x, y = [
                    self.at(ref._replace(base=ref.base + ref.term * t), o, i) for ref in run.refs
                ]
                text += f" + {x}" if y == "1.0" else f" - {x}" if y == "-1.0" else f" + {x} * {y}"
        return text.removeprefix("-0.0 + ")

    def expression(self, row: Row, operands: Sequence[str]) -> str:
        """What a row makes of its operands.

        The test of a domain is a function that the source defines.
        """
        if row is CHAIN:
            return operands[0]
        if isinstance(row, Guard):
            name = f"{row.op.name}_is_undefined"
            self.definitions[name] = (
                f"def {name}({', '.join(row.op.names)}):\n    return {row.op.outside}"
            )
        elif row.forward in INFIX:
            return INFIX[row.forward].format(*operands)
        else:
            name = row.name
            while name in RESERVED or re.fullmatch(r"a\d+", name):
                name += "_"
            self.names[name] = row.forward
        return f"{name}({', '.join(operands)})"

    def block(self, block: Block) -> None:
        """Write the line that computes a block, or tests a domain."""
        if isinstance(block.row, Guard):
            self.write(
                f"if {self.lanes(block)}:" if block.lanes == 1 else f"if any({self.lanes(block)}):"
            )
            self.write("return None", 2)
            return
        name = f"a{len(self.sections) - 2}"
        text = (
            f"[{', '.join(self.elements(block.runs))}]"
            if block.row is GATHER
            else self.lanes(block)
        )
        self.write(f"{name} = {text}")
        self.bases.append(block.address)
        self.sections.append((name, block.lanes if block.lanes > 1 else 0))

    def lanes(self, block: Block) -> str:
        """All lanes of a block: an expression if there is one lane, else a list comprehension."""
        if block.lanes == 1:
            return self.expression(block.row, self.operands(block, "", ""))
        moving = list(dict.fromkeys(ref for ref in block.refs if ref.outer or ref.inner))
        if moving and not block.runs and all(map(block.flat, moving)):
            names = dict(zip(moving, "uvw", strict=False))
            text = self.expression(
                block.row, [names.get(ref) or self.at(ref) for ref in block.refs]
            )
            lists = ", ".join(
                [self.stretch(Ref(ref.base, term=ref.inner), block.lanes) for ref in moving]
            )
            return (
                f"[{text} for u in {lists}]"
                if len(moving) == 1
                else f"[{text} for {', '.join(names.values())} in zip({lists})]"
            )
        text = self.expression(block.row, self.operands(block, "o", "i"))
        outer = f" for o in range({block.outer})" if block.outer > 1 else ""
        return f"[{text}{outer} for i in range({block.inner})]"


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

    def __init__(self, tape: Tape) -> None:
        self.layout = Layout(tape)
        writer = Writer(self.layout)
        self.text = writer.text()
        name = f"<chainrule {sha256(self.text.encode()).hexdigest()[:16]}>"
        linecache.cache[name] = (len(self.text), None, self.text.splitlines(keepends=True), name)
        names = dict(writer.names)
        exec(compile(self.text, name, "exec"), names)
        self.run: Callable[[Sequence[float], Sequence[float]], list[float] | None] = names[
            "program"
        ]

    def advance(
        self, memory: Any, p: Sequence[float], x: Sequence[float], further: Sequence[float]
    ) -> tuple[list[float], list[float]] | None:
        """Run where the first of the Values' numbers lie in the array of a `Resident`.

        Args:
            memory: The Resident.
            p: The numbers of the other Values.
            x: Numbers that do not change while they are in use.
            further: The last few numbers, which do.

        Returns:
            The results that are to replace the Values' numbers, and the others.
        """
        found = self.run([*map(float, memory.array[: memory.n]), *p], [*x, *further])
        return None if found is None else (found[: memory.n], found[memory.n :])
