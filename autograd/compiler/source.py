"""source: a program as plain Python, with loops over lanes. It is what runs where numba is not installed, and what `f.source()` shows.

The text is a function `program(p, x)` of the Values' numbers p and the other numbers x, which returns the results, or None where an operand
lies outside a row's domain.
"""

import linecache
import operator
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import SourceSizeError
from ..row import Primitive
from .lanes import GATHER, Block, Layout, Ref, Run, stretches
from .tape import CHAIN, Guard, Tape

LARGEST = 8_000_000  # characters; to compile one takes Python about 0.1 kB of memory and 0.3 us
UNROLLED = 8  # terms of a chain that are written out
INFIX = {operator.add: "{0} + {1}", operator.sub: "{0} - {1}", operator.mul: "{0} * {1}", operator.neg: "-{0}"}
RESERVED = {"p", "x", "u", "v", "w", "z", "c", "o", "i", "inf", "nan", "any", "range", "zip", "program"}


class Writer:
    """The source of a layout, and the names that it uses."""

    def __init__(self, layout: Layout) -> None:
        tape = layout.tape
        self.constants = tape.constants
        self.names: dict[str, Any] = {"inf": float("inf"), "nan": float("nan")}
        self.bases = [0, tape.n_values, tape.n_inputs]
        self.sections = ["p", "x", "c"]
        self.sizes = [tape.n_values, tape.n_inputs - tape.n_values, len(tape.constants)]
        self.tests: dict[str, str] = {}
        self.lines: list[str] = []
        self.characters = 0
        for block in layout.blocks():
            self.block(block)
        self.write("return [" + ", ".join(self.pieces(stretches(layout.outputs()))) + "]")

    def write(self, line: str, depth: int = 1) -> None:
        self.lines.append("    " * depth + line)
        self.characters += len(self.lines[-1])
        if self.characters > LARGEST:
            raise SourceSizeError(
                f"the program needs more than {LARGEST} characters of Python source, too many to compile in good time: install numba "
                '(pip install "chainrule[jit]"), which needs no source, or record a smaller step'
            )

    def text(self) -> str:
        imports: dict[str, list[str]] = {}
        for name, function in sorted(self.names.items()):
            if callable(function):
                known = getattr(__import__(function.__module__, fromlist=["*"]), function.__name__, None) if function.__module__ else None
                place = function.__module__ if known is function else None
                alias = function.__name__ if function.__name__ == name else f"{function.__name__} as {name}"
                imports.setdefault(place or "", []).append(alias if place else name)
        head = [f"from {place} import {', '.join(names)}" for place, names in sorted(imports.items()) if place]
        head += [f"# and, from the primitives: {', '.join(names)}" for place, names in imports.items() if not place]
        if self.tests or any(c - c != 0.0 for c in self.constants):
            head.append("from math import inf, nan")
        head += [f"c = {self.constants!r}"] if "c" in self.names else []
        return "\n".join([*head, *([""] if head else []), "", *sorted(self.tests.values()), "def program(p, x):", *self.lines, ""])

    # Operands.

    def section(self, address: int) -> int:
        """The section in which an address lies; an empty one never."""
        return bisect_right(self.bases, address) - 1

    def at(self, ref: Ref, o: str, i: str, t: str = "") -> str:
        """The operand as an expression in the loop variables."""
        k = self.section(ref.base)
        offset = ref.base - self.bases[k]
        if k == 2 and not (ref.outer or ref.inner or ref.term):
            return repr(self.constants[offset])
        if k > 2 and self.sizes[k] == 1:
            return self.sections[k]
        self.names.update({"c": None} if k == 2 else {})
        return f"{self.sections[k]}[{_sum(offset, (ref.outer, o), (ref.inner, i), (ref.term, t))}]"

    def stretch(self, ref: Ref, n: int, step: int, o: str = "", i: str = "") -> str:
        """n operands, step apart, as a list expression."""
        k = self.section(ref.base)
        offset = ref.base - self.bases[k]
        if k > 2 and self.sizes[k] == 1:
            return f"[{self.sections[k]}]"
        self.names.update({"c": None} if k == 2 else {})
        moving = _sum(0, (ref.outer, o), (ref.inner, i))
        if offset == 0 and step == 1 and n == self.sizes[k] and moving == "0":
            return self.sections[k]
        low, high = (offset, offset + step * (n - 1) + 1) if step > 0 else (offset + step * (n - 1), offset + 1)
        text = f"{self.sections[k]}[{_sum(low, (ref.outer, o), (ref.inner, i))}:{_sum(high, (ref.outer, o), (ref.inner, i))}"
        return f"{text}:{step}]" if step > 1 else f"{text}]" if step == 1 else f"{text}][::{step}]"

    def pieces(self, runs: Sequence[Run], o: str = "", i: str = "") -> list[str]:
        """The elements of a list row."""
        texts: list[str] = []
        for n, (ref,) in self.within(runs):
            texts.append(f"*{self.stretch(ref, n, ref.term, o, i)}" if n > 1 and ref.term else ", ".join([self.at(ref, o, i)] * n))
        return texts

    def within(self, runs: Sequence[Run]) -> list[Run]:
        """The runs, those whose terms lie in several sections term by term."""
        parts: list[Run] = []
        for run in runs:
            if all(self.section(ref.base) == self.section(ref.base + ref.term * (run.n - 1)) for ref in run.refs):
                parts.append(run)
            else:
                parts += [Run(1, tuple([Ref(r.base + r.term * t, r.outer, r.inner) for r in run.refs])) for t in range(run.n)]
        return parts

    def call(self, function: Callable[..., Any], name: str, operands: Sequence[str]) -> str:
        if function in INFIX:
            return INFIX[function].format(*operands)
        while name in RESERVED or re.fullmatch(r"a\d+", name):
            name += "_"
        self.names[name] = function
        return f"{name}({', '.join(operands)})"

    def outside(self, op: Primitive, operands: Sequence[str]) -> str:
        """The test of a row's domain, as a function that the source defines."""
        names = ["xs"] if op.arity is None else ["x", "y", "w"][: op.arity]
        known = "" if op.arity is None else "".join(f" and {x} == {x}" for x in names)
        self.tests[f"{op.name}_is_undefined"] = f"def {op.name}_is_undefined({', '.join(names)}):\n    return not ({op.domain}){known}\n\n"
        return f"{op.name}_is_undefined({', '.join(operands)})"

    # Blocks.

    def block(self, block: Block) -> None:
        name = f"a{len(self.sections) - 2}"
        row = block.row
        if isinstance(row, Guard):
            test = self.lanes(block, lambda operands: self.outside(row.op, operands))
            self.write(f"if {test}:" if block.lanes == 1 else f"if any({test}):")
            self.write("return None", 2)
            return
        if row is GATHER:
            self.write(f"{name} = [{', '.join(self.pieces(stretches(block.source)))}]")
        elif row is CHAIN and sum(run.n for run in block.runs) > UNROLLED:
            self.chain(block, name)
        else:
            self.write(f"{name} = {self.lanes(block, lambda operands: self.expression(row, operands))}")
        self.bases.append(block.address)
        self.sections.append(name)
        self.sizes.append(block.lanes)

    def expression(self, row: Primitive, operands: Sequence[str]) -> str:
        return operands[0] if row is CHAIN else self.call(row.forward, row.name, operands)

    def lanes(self, block: Block, expression: Callable[[Sequence[str]], str]) -> str:
        """All lanes of an expression: itself if there is one lane, else a list comprehension."""
        refs = block.refs
        elementwise = not block.runs and block.row is not CHAIN
        if block.lanes == 1:
            return expression(self.operands(block, "", ""))
        moving = list(dict.fromkeys(ref for ref in refs if ref.outer or ref.inner))
        flat = [self.flat(ref, block) for ref in moving]
        if elementwise and moving and all(flat):
            names = dict(zip(moving, "uvw", strict=False))
            text = expression([names[ref] if ref in names else self.at(ref, "", "") for ref in refs])
            lists = [self.stretch(ref._replace(outer=0, inner=0), block.lanes, step) for ref, step in zip(moving, flat, strict=True)]
            if len(lists) == 1:
                return f"[{text} for u in {lists[0]}]"
            return f"[{text} for {', '.join(names[ref] for ref in moving)} in zip({', '.join(lists)})]"
        loops = (f" for o in range({block.outer})" if block.outer > 1 else "") + (f" for i in range({block.inner})" if block.inner > 1 else "")
        return f"[{expression(self.operands(block, 'o', 'i'))}{loops}]"

    def flat(self, ref: Ref, block: Block) -> int:
        """The distance from lane to lane if it is the same all over the block, else 0."""
        step = ref.inner if block.inner > 1 else ref.outer
        return step if block.outer == 1 or ref.outer == step * block.inner else 0

    def operands(self, block: Block, o: str, i: str) -> list[str]:
        """The operands as expressions; of a chain, one expression; of a list row, one list."""
        operands = [self.at(ref, o, i) for ref in block.refs]
        if block.row is CHAIN:
            text = operands[0]
            for run in block.runs:
                for t in range(run.n):
                    x, y = [self.at(ref._replace(base=ref.base + ref.term * t, term=0), o, i) for ref in run.refs]
                    text += f" + {x}" if y == "1.0" else f" - {x}" if y == "-1.0" else f" + {x} * {y}"
            return [text.removeprefix("-0.0 + ")]
        row = block.row.op if isinstance(block.row, Guard) else block.row
        return [f"[{', '.join(self.pieces(block.runs, o, i))}]"] if row.arity is None else operands

    def chain(self, block: Block, name: str) -> None:
        """A chain of many terms, as a loop that adds."""
        depth = 1
        o, i = ("o" if block.outer > 1 else ""), ("i" if block.inner > 1 else "")
        if block.lanes > 1:
            self.write(f"{name} = []")
        for variable, extent in (("o", block.outer), ("i", block.inner)):
            if extent > 1:
                self.write(f"for {variable} in range({extent}):", depth)
                depth += 1
        z = "z" if block.lanes > 1 else name
        self.write(f"{z} = {self.at(block.refs[0], o, i)}", depth)
        for n, refs in self.within(block.runs):
            texts = [self.at(ref, o, i) for ref in refs]
            loose = [k for k, ref in enumerate(refs) if ref.term and n > 1]
            names = ["uv"[k] if k in loose else texts[k] for k in (0, 1)]
            term = f"{z} += {names[0]}" if names[1] == "1.0" else f"{z} -= {names[0]}" if names[1] == "-1.0" else f"{z} += {names[0]} * {names[1]}"
            if n == 1:
                self.write(term, depth)
                continue
            lists = [self.stretch(refs[k], n, refs[k].term, o, i) for k in loose]
            head = f"for {', '.join('uv'[k] for k in loose)} in " + (f"zip({', '.join(lists)})" if len(lists) > 1 else lists[0] if lists else "")
            self.write(f"{head}:" if lists else f"for _ in range({n}):", depth)
            self.write(term, depth + 1)
        if block.lanes > 1:
            self.write(f"{name}.append(z)", depth)


def _sum(offset: int, *products: tuple[int, str]) -> str:
    """offset + factor * variable + ..., as short as can be."""
    parts = [variable if factor == 1 else f"{factor} * {variable}" for factor, variable in products if factor and variable]
    text = " + ".join(parts)
    return (f"{text} + {offset}" if offset > 0 else f"{text} - {-offset}" if offset else text) if text else str(offset)


class Python:
    """A program as source: its text, and its function, which a debugger can step through. Raises SourceSizeError.

    `run(p, x)` gives the results for the Values' numbers p and the numbers x; None if an operand lies outside a domain. It may be called
    concurrently. The layout has been used up but for the numbers about it.
    """

    def __init__(self, tape: Tape) -> None:
        from hashlib import sha256

        self.layout = Layout(tape)
        writer = Writer(self.layout)
        self.text = writer.text()
        name = f"<chainrule {sha256(self.text.encode()).hexdigest()[:16]}>"
        linecache.cache[name] = (len(self.text), None, self.text.splitlines(keepends=True), name)
        names = dict(writer.names)
        exec(compile(self.text, name, "exec"), names)
        self.run: Callable[[Sequence[float], Sequence[float]], list[float] | None] = names["program"]

    def advance(self, memory: Any, p: Sequence[float], x: Sequence[float], further: Sequence[float]) -> list[float] | None:
        """The same where the first of the Values' numbers lie in a `resident.Memory`, and the first results replace them; None leaves them. The
        numbers are x, which does not change while it is in use, and a few further ones."""
        n = memory.n
        found = self.run([*map(float, memory.array[:n]), *p], [*x, *further])
        if found is None:
            return None
        memory.array[:n] = found[:n]
        return found[n:]
