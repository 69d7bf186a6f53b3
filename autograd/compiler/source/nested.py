"""nested: a Ragged as text.

It is a list with loops in it, a list of lists, or a loop over lists of lists that
are read row by row.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections.abc import Sequence
from typing import Protocol

from ...core.row import Primitive
from ..lists import Kth
from ..tape import Row
from .ragged import Affine, Operand, Ragged

UNROLLED = 8  # terms of a chain that are written out
LONG_CHAIN = """def add_products(z, xs, ys):
    for x, y in zip(xs, ys):
        z += x * y
    return z"""


class Scope(Protocol):
    """What the text needs of the function that it stands in."""

    def list_at(self, address: int) -> tuple[str, int, int]:
        """The name of a list, the place of a number in it, and its length; 0 for a number."""

    def rows_at(self, address: int) -> tuple[str, tuple[int, ...]]:
        """The name of a list of lists, and their lengths."""

    def constant(self, k: int) -> float:
        """A constant of the program."""

    def constants_between(self, low: int, high: int) -> int:
        """Where the list c of the source has the constants of the program from low to high."""

    def expression(self, row: Row, operands: Sequence[str]) -> str:
        """What a row makes of its operands."""

    def call_of(self, row: Kth) -> str:
        """The name of a function of a list."""

    def long_chain(self) -> None:
        """Define the function that adds many products."""


class Comprehension:
    """A Ragged as a list in Python.

    Args:
        scope: The function that it stands in.
        item: The Ragged.
    """

    def __init__(self, scope: Scope, item: Ragged) -> None:
        self.scope, self.item = scope, item
        n = len(item.extents)
        self.around = "ghi"[3 - n :] if n < 4 else "ghil"
        self.names = [*self.around, *["j"] * (item.length is not None and not item.lists), "k"]
        self.rows: dict[Operand, str] = {}  # whole rows of lists, by their names in a loop

    def text(self) -> str:
        """The whole expression."""
        item = self.item
        loops = " ".join(
            [f"for {v} in range({n})" for v, n in zip(self.around, item.extents, strict=True)]
        )
        over_rows = self.over_rows() if loops and item.length is not None else ""
        inner = self.inner()
        if over_rows and not re.search(rf"\b[{self.around}]\b", inner):
            loops = over_rows
        elif over_rows:
            self.rows = {}
            inner = self.inner()
        if not loops:
            return inner
        if item.length is None or item.rows:
            return f"[{inner} {loops}]"
        return f"[z {loops} for z in {inner}]"

    def inner(self) -> str:
        """What the loops around make again and again."""
        if self.item.lists:
            return self.call()
        return self.lane() if self.item.length is None else self.row()

    def over_rows(self) -> str:
        """A loop over the rows of lists of lists, if nothing else moves with the loops."""
        n = len(self.around)
        operands: list[Operand] = []
        for stretch in self.item.terms:
            operands += stretch.operands
        if self.item.begin:
            operands.append(self.item.begin)
        for x in operands:
            if any(x.at.steps[:n]) or (x.row and any(x.row.steps[n:])):
                return ""
        lists = list(dict.fromkeys([x for x in operands if x.row and any(x.row.steps)]))
        if not lists or len(lists) > 3:
            return ""
        for x in lists:
            rows = [x.row.at(point) for point in self.item.points()] if x.row else []
            if rows != [*range(len(self.lengths(x)))]:
                return ""
        self.rows = dict(zip(lists, ("us", "vs", "ws"), strict=False))
        parts = ", ".join([self.scope.rows_at(x.start)[0] for x in lists])
        each = parts if len(lists) == 1 else f"zip({parts})"
        return f"for {', '.join(self.rows.values())} in {each}"

    def call(self) -> str:
        """What a function makes of lists."""
        row, item = self.item.row, self.item
        assert isinstance(row, Kth)
        lists = [self.list_of(0)]
        if row.arguments == "xs, z":
            lists.append(self.element(item.terms[0].operands[1]))
        elif row.arguments == "xs, ds":
            lists.append(self.list_of(1))
        self.scope.call_of(row)
        size = sum([s.n.base for s in item.terms])
        shorter = item.length is not None and not item.rows and item.length.base < size
        end = f"[:{item.length.base}]" if shorter and item.length else ""
        return f"{row.called}({', '.join(lists)}){end}"

    def row(self) -> str:
        """A row of lanes."""
        item = self.item
        assert item.length is not None
        if item.begin is None and self.single():
            operands = item.terms[0].operands
            moving = [x for x in dict.fromkeys(operands) if self.moves(x, "j")]
            if 0 < len(moving) <= 3 and all(map(self.sliced, moving)):
                names = dict(zip(moving, "uvw", strict=False))
                text = self.scope.expression(
                    item.row, [names.get(x) or self.element(x) for x in operands]
                )
                lists = ", ".join([self.stretch(x, item.length, "j") for x in moving])
                each = lists if len(moving) == 1 else f"zip({lists})"
                return f"[{text} for {', '.join(names.values())} in {each}]"
        return f"[{self.lane()} for j in range({self.sum(item.length)})]"

    def single(self) -> bool:
        """Whether a row takes numbers, and no list."""
        row = self.item.row
        return (row if isinstance(row, Primitive) else row.op).arity is not None

    def lane(self) -> str:
        """One lane."""
        item = self.item
        if item.begin is None and self.single():
            operands = [self.element(x) for x in item.terms[0].operands]
            return self.scope.expression(item.row, operands)
        lists = [self.list_of(k) for k in range(len(item.terms[0].operands))]
        if item.begin is None:
            return self.scope.expression(item.row, lists)
        text = self.element(item.begin)
        if (
            any(any(s.n.steps) for s in item.terms)
            or sum([s.n.base for s in item.terms]) > UNROLLED
        ):
            self.scope.long_chain()
            return f"add_products({text}, {', '.join(lists)})"
        for s in item.terms:
            for k in range(s.n.base):
                x, y = [self.element(operand, k) for operand in s.operands]
                text += product_added(x, y)
        return text.removeprefix("-0.0 + ")

    def list_of(self, k: int) -> str:
        """The k-th operands of all terms."""
        texts = []
        for s in self.item.terms:
            lone = s.n.base == 1 and not any(s.n.steps)
            x = s.operands[k]
            texts.append(self.element(x, 0) if lone else f"*{self.stretch(x, s.n)}")
        return joined(texts)

    def moves(self, x: Operand, variable: str) -> bool:
        """Whether an operand moves with a variable."""
        k = self.names.index(variable)
        return any(x.at.steps[k : k + 1]) or bool(x.row and any(x.row.steps[k : k + 1]))

    def sliced(self, x: Operand) -> bool:
        """Whether what a row takes of an operand is a slice."""
        k = self.names.index("j")
        return x.at.steps[k] > 0 and not (x.row and x.row.steps[k])

    def sum(self, x: Affine, without: str = "", more: int = 0) -> str:
        """An Affine as text, without one of the variables."""
        steps = zip(self.names, x.steps, strict=False)
        return summed(x.base + more, *[(d, v) for v, d in steps if v != without])

    def lengths(self, x: Operand) -> tuple[int, ...]:
        """The lengths of the lists that an operand is in."""
        return self.scope.rows_at(x.start)[1]

    def located(self, x: Operand, without: str = "") -> tuple[str, Affine, int]:
        """The list in which an operand lies, where in it, and how long it is."""
        if x in self.rows:
            return self.rows[x], x.at, -1
        if x.row is not None:
            return f"{self.scope.rows_at(x.start)[0]}[{self.sum(x.row, without)}]", x.at, -1
        name, offset, n = self.scope.list_at(x.at.base)
        if name == "c":
            low, high = self.bounds(x.at._replace(base=offset))
            offset, n = offset - low + self.scope.constants_between(low, high), -1
        return name, x.at._replace(base=offset), n

    def bounds(self, x: Affine) -> tuple[int, int]:
        """The least and the largest number that an Affine is in the loops."""
        found: list[int] = []
        length = None if self.item.lists else self.item.length
        for point in self.item.points():
            row = [point] if length is None else [(*point, j) for j in range(length.at(point))]
            for inner in row:
                for s in self.item.terms:
                    found += [x.at((*inner, k)) for k in (0, s.n.at(inner) - 1)]
        return min(found), max(found)

    def element(self, x: Operand, k: int = -1) -> str:
        """An operand as a number; at a term, if its number is given."""
        if k >= 0:
            x = x._replace(at=_fixed(x.at, len(self.names) - 1, k))
            x = x._replace(row=x.row and _fixed(x.row, len(self.names) - 1, k))
        if x.row is None and not any(x.at.steps):
            name, k, _ = self.scope.list_at(x.at.base)
            if name == "c":
                return repr(self.scope.constant(k))
        name, at, n = self.located(x)
        return f"{name}[{self.sum(at)}]" if n else name

    def stretch(self, x: Operand, n: Affine, variable: str = "k") -> str:
        """An operand as a list over a variable that counts up to n."""
        place = self.names.index(variable)
        step = x.at.steps[place]
        if x.row and x.row.steps[place]:
            return f"[{self.element(x)} for {variable} in range({self.sum(n)})]"
        if not step:
            times = self.sum(n)
            return f"[{self.element(x)}] * {times if times.isalnum() else f'({times})'}"
        name, at, size = self.located(x, variable)
        begin = _fixed(at, place, 0)
        counts = [*n.steps, *[0] * (len(at.steps) - len(n.steps))]
        far = Affine(
            begin.base + step * (n.base - 1),
            tuple([a + step * b for a, b in zip(begin.steps, counts, strict=True)]),
        )
        low, high = (begin, far) if step > 0 else (far, begin)
        turned = "[::-1]" if step < 0 else ""
        if abs(step) == 1 and not low.base and not any(low.steps) and self.whole(x, n, size):
            return f"{name}{turned}"
        stride = f":{abs(step)}" if abs(step) > 1 else ""
        first = self.sum(low)
        return f"{name}[{first if first != '0' else ''}:{self.sum(high, more=1)}{stride}]{turned}"

    def whole(self, x: Operand, n: Affine, size: int) -> bool:
        """Whether n numbers are all of the list, or all of every row."""
        if x.row is None:
            return n.base == size and not any(n.steps)
        rows = self.lengths(x)
        return all(rows[x.row.at(p)] == n.at(p) for p in self.item.points())


def _fixed(x: Affine, place: int, k: int) -> Affine:
    """An Affine where one variable is k."""
    steps = list(x.steps)
    base = x.base + steps[place] * k if place < len(steps) else x.base
    if place < len(steps):
        steps[place] = 0
    return Affine(base, tuple(steps))


def joined(texts: Sequence[str]) -> str:
    """Elements as a list; a lone *list is a list."""
    if len(texts) == 1 and texts[0].startswith("*"):
        return texts[0][1:]
    return f"[{', '.join(texts)}]"


def product_added(x: str, y: str) -> str:
    """+ x * y, as short as can be."""
    for a, b in ((x, y), (y, x)):
        if a in ("1.0", "-1.0"):
            return f" + {b}" if a == "1.0" else f" - {b}"
    return f" + {x} * {y}"


def summed(offset: int, *products: tuple[int, str]) -> str:
    """offset + factor * variable + ..., as short as can be."""
    parts = [(factor, variable) for factor, variable in products if factor and variable]
    texts = [
        ("- " if f < 0 else "+ ") + (variable if abs(f) == 1 else f"{abs(f)} * {variable}")
        for f, variable in parts
    ]
    if offset or not texts:
        number = f"{'-' if offset < 0 else '+'} {abs(offset)}"
        texts.insert(0 if parts and parts[0][0] < 0 < offset else len(texts), number)
    text = " ".join(texts)
    return text[2:] if text[0] == "+" else f"-{text[2:]}"
