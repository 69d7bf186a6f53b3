"""A graph as text: Python source and LaTeX, from the templates of the rows.

A template is a format string such as "{x:1} + {y:2}", with the operands x, y and w, or for a row on a list xs, front and last (all but the
last one, the last one), left and right (its halves). The number after the colon says how tightly the place binds, as in Python: 1 for sums,
2 for products, 3 for signs, 4 for powers, 5 for what is one piece. An operand that binds less than its place is put in parentheses.
"""

import keyword
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.graph import check_not_stale, topological_order
from ..core.row import LEAF, LITERAL, PRIMITIVES, Primitive
from ..core.value import Value
from ..errors import DataTypeError, PrimitiveError

LONGEST = 60  # characters of an operation; in a longer one the longest operands are named
LONGEST_NAME = 32
SHOWN = 50  # lines of a formula that a notebook typesets
SUM, PRODUCT, SIGN, POWER, PIECE = 1, 2, 3, 4, 5


def visible(text: str) -> str:
    """The text with every unprintable character as its escape: a newline becomes a backslash and an n."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def number(value: float) -> str:
    """Four significant digits; a zero has no sign."""
    return f"{value + 0.0:.4g}"


class Term(NamedTuple):
    """A piece of text, how tightly its outermost operation binds, and the parentheses of its language."""

    text: str
    binding: int = PIECE
    parentheses: str = "({})"

    def __format__(self, place: str) -> str:
        return self.text if self.binding >= int(place or 0) else self.parentheses.format(self.text)


class Terms(NamedTuple):
    """A list of terms, separated by commas."""

    terms: Sequence[Term]

    def __format__(self, place: str) -> str:
        return ", ".join(term.text for term in self.terms)


def python_template(op: Primitive) -> str:
    """The row's own Python template, or an operator if it has a precedence, or a call."""
    if op.python:
        return op.python
    if op.precedence is None:
        return (
            f"{op.name}([{{xs}}])"
            if op.arity is None
            else f"{op.name}({', '.join(['{x}', '{y}', '{w}'][: op.arity])})"
        )
    if op.arity == 1:
        return f"{op.symbol}{{x:{op.precedence}}}"
    left, right = (
        (PIECE, POWER) if op.precedence == POWER else (op.precedence, op.precedence + 1)
    )  # only powers group from the right
    return f"{{x:{left}}} {op.symbol} {{y:{right}}}"


class Language(NamedTuple):
    """How to write operations: where the template of a row is, and what parentheses look like."""

    template: Callable[[Primitive], str]
    parentheses: str

    def operation(self, op: Primitive, operands: Sequence[Term]) -> Term:
        """The row's template with these operands. Raises PrimitiveError if the template names something else."""
        if op.arity is None:
            half = len(operands) // 2
            lists = {
                "xs": operands,
                "front": operands[:-1],
                "left": operands[:half],
                "right": operands[half:],
            }
            places: dict[str, Any] = {name: Terms(terms) for name, terms in lists.items()}
            places["last"] = operands[-1] if operands else ""
        else:
            places = dict(zip("xyw", operands, strict=False))
        template = self.template(op)
        try:
            return Term(template.format(**places), op.precedence or PIECE, self.parentheses)
        except (KeyError, IndexError, ValueError) as error:
            raise PrimitiveError(
                f"the template {template!r} of {op.name} cannot be filled: it may name {', '.join(places)}, as {{{next(iter(places))}:2}}, and "
                "every other brace is doubled"
            ) from error


def python_number(x: float) -> Term:
    text = repr(x) if math.isfinite(x) else f'float("{x!r}")'
    return Term(text, SIGN if text.startswith("-") else PIECE)


def latex_number(x: float) -> Term:
    """Four significant digits. A negative number is put in parentheses everywhere but in front, as mathematics does."""
    mantissa, _, exponent = number(x).partition("e")
    text = {"nan": r"\text{nan}", "inf": r"\infty", "-inf": r"-\infty"}.get(mantissa, mantissa)
    if exponent:
        text += rf" \cdot 10^{{{int(exponent)}}}"
    return Term(
        text, SUM if text.startswith("-") else PRODUCT if exponent else PIECE, LATEX_PARENTHESES
    )


def latex_name(identifier: str) -> str:
    """w is w, w1 and w_1 have an index, anything longer is upright."""
    stem = identifier.rstrip("0123456789")
    index, stem = identifier[len(stem) :], stem.rstrip("_")
    if not stem:
        stem, index = identifier, ""
    body = stem if len(stem) == 1 and stem.isalpha() else rf"\mathrm{{{stem}}}".replace("_", r"\_")
    return f"{body}_{{{index}}}" if index else body


LATEX_PARENTHESES = r"\left({}\right)"
PYTHON = Language(python_template, "({})")
LATEX = Language(lambda op: op.latex, LATEX_PARENTHESES)


def identifier(label: str) -> str:
    """The label as a Python identifier that is no keyword and no function of the table; "_" where nothing of it can stay."""
    normal = unicodedata.normalize("NFKC", label)
    words = "".join(c if f"a{c}".isidentifier() else " " for c in normal).split()
    name = "_".join(words)[:LONGEST_NAME]
    if not name.isidentifier():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in PRIMITIVES or name == "float" else name


def labelled(values: Iterable[Value], names: Mapping[str, Value] | None) -> dict[Value, str]:
    """The labels of those Values that have one: by `names`, label -> Value, several joined, or else their own. Raises DataTypeError if names is no
    such mapping.
    """
    names = {} if names is None else names
    if not (
        isinstance(names, Mapping)
        and all(isinstance(name, str) and isinstance(value, Value) for name, value in names.items())
    ):
        raise DataTypeError(f'names= maps labels to Values, as {{"w": w}}, not {names!r}')
    given: dict[Value, list[str]] = {}
    for name, value in names.items():
        given.setdefault(value, []).append(name)
    found = {value: ", ".join(given[value]) if value in given else value.label for value in values}
    return {value: label for value, label in found.items() if label is not None}


class Names(dict[Value, str]):
    """Identifiers for Values given in topological order, no two the same: of labels at once, t1, t2, ... for other results when first asked.

    Leaves without a label are x1, x2, ... from left to right: a topological order, which goes down the last operand first, ends with the first.
    """

    def __init__(self, order: Sequence[Value], names: Mapping[str, Value] | None = None) -> None:
        self.labels = labelled(order, names)
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        for value in reversed(order):
            if value in self.labels:
                stem = identifier(self.labels[value])
                self[value] = (
                    self._new(stem, f"{stem}_") if stem in self._taken else self._take(stem)
                )
        for value in reversed(order):
            if value.op is LEAF and value not in self.labels:
                self[value] = self._new("x", "x")

    def name_all(self, order: Sequence[Value]) -> list[str]:
        """The names in that order, "" for a literal."""
        return ["" if value.op is LITERAL else self[value] for value in order]

    def __missing__(self, value: Value) -> str:
        self[value] = name = self._new("t", "t")
        return name

    def _new(self, stem: str, prefix: str) -> str:
        """The prefix with the next number that makes a new name."""
        while True:
            self._counts[stem] = number = self._counts.get(stem, prefix != stem) + 1
            if f"{prefix}{number}" not in self._taken:
                return self._take(f"{prefix}{number}")

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name


class Line(NamedTuple):
    """One named expression: written with the names of its operands, with their numbers, and its own number.

    `symbolic` and `substituted` are Python, `latex` is name = symbolic = substituted = number.
    """

    name: str
    symbolic: str
    substituted: str
    result: float
    latex: str

    def __str__(self) -> str:
        return f"{self.name} = {self.symbolic} = {self.substituted} = {self.result!r}"


class Formula:
    """A Value written out, as `formula` makes it: leaves as (name, number), and lines. str() gives the lines one below the other."""

    def __init__(self, leaves: Sequence[tuple[str, float]], lines: Sequence[Line]) -> None:
        self.leaves = tuple(leaves)
        self.lines = tuple(lines)

    @property
    def python(self) -> str:
        """A program, one assignment a line, to run after `from autograd import *`: the last name it assigns has the bits of the Value."""
        assignments = [(name, python_number(data).text) for name, data in self.leaves]
        return "".join(
            f"{name} = {text}\n"
            for name, text in [*assignments, *((line.name, line.symbolic) for line in self.lines)]
        )

    @property
    def latex(self) -> str:
        """The lines, aligned, without delimiters of mathematics around them."""
        lines = [line.latex for line in self.lines] or [
            f"{latex_name(name)} &= {latex_number(data).text}" for name, data in self.leaves
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines)) or self.python.rstrip()

    __repr__ = __str__

    def _repr_latex_(self) -> str | None:
        return f"$\\displaystyle {self.latex}$" if len(self.lines) <= SHOWN else None


def formula(value: Value, names: Mapping[str, Value] | None = None) -> Formula:
    """The value as a formula in its leaves, in Python and in LaTeX: symbolic = substituted = number, in one line.

    What is used more than once, has a label, or is too long to be read in its place has a name and a line of its own, before its first use.
    A label, from names={"w": w} or else the Value's own, becomes an identifier; unlabelled leaves are x1, x2, ..., unlabelled results t1, t2, ...
    The Python text, run on floats, gives the same bits wherever Python's own arithmetic gives a number. Raises DataTypeError if value is no
    Value, StaleValueError if a leaf was changed since: the equations would not hold.
    """
    if not isinstance(value, Value):
        raise DataTypeError(
            f"formula() takes a Value, not {value!r}: only a Value remembers how it was computed"
        )
    order = topological_order(value)
    check_not_stale(order)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            uses[parent] += 1
    known = Names(order, names)
    lines: list[Line] = []
    written: dict[
        Value, tuple[Term, ...]
    ] = {}  # where a node is used: Python symbolic and substituted, LaTeX symbolic and substituted
    inline = set()  # the operations that stand where they are used

    def operation(node: Value) -> tuple[Term, ...]:
        operands = zip(*[written[parent] for parent in node.parents], strict=True)
        return tuple(
            language.operation(node.op, terms)
            for language, terms in zip((PYTHON, PYTHON, LATEX, LATEX), operands, strict=True)
        )

    def name(node: Value, texts: tuple[Term, ...]) -> None:
        latex = f"{latex_name(known[node])} &= {texts[2].text} = {texts[3].text} = {latex_number(node._data).text}"
        lines.append(Line(known[node], texts[0].text, texts[1].text, node._data, latex))
        inline.discard(node)
        written[node] = _named(known[node], node._data)

    for node in order:
        if not node.parents:
            python, latex = python_number(node._data), latex_number(node._data)
            literal = node.op is LITERAL and node is not value
            written[node] = (
                (python, python, latex, latex) if literal else _named(known[node], node._data)
            )
            continue
        texts = operation(node)
        excess = len(texts[0].text) - LONGEST
        if excess > 0:
            for parent in sorted(
                [x for x in node.parents if x in inline], key=lambda x: -len(written[x][0].text)
            ):
                if excess > 0:
                    excess -= len(written[parent][0].text) - len(known[parent])
                    name(parent, written[parent])
            texts = operation(node)
        if node is value or uses[node] > 1 or node in known.labels:
            name(node, texts)
        else:
            inline.add(node)
            written[node] = texts
    leaves = [
        (known[node], node._data)
        for node in reversed(order)
        if node.op is LEAF or (node.op is LITERAL and node is value)
    ]
    return Formula(leaves, lines)


def _named(name: str, data: float) -> tuple[Term, ...]:
    """What has a name, where it is used: the name, or its number."""
    return Term(name), python_number(data), Term(latex_name(name)), latex_number(data)


def derivative_texts(op: Primitive) -> dict[str, str]:
    """dz/dx as text for every operand x, from running the row's rules on Values; for a row on lists of two, by the first of their elements."""
    names = (
        ["x1", "x2", "y1", "y2"][: 4 if op.bilinear else 2]
        if op.arity is None
        else list("xyw")[: op.arity]
    )
    operands = [Value(0.5, name) for name in names]
    wanted = [op.arity is not None or name == "x1" for name in names]
    partials = op.partials_at(operands, Value(0.5, "z"), wanted)
    texts = {
        name: _program(p) for name, p, want in zip(names, partials, wanted, strict=True) if want
    }
    if isinstance(op.partials, tuple):
        for name, rule, p in zip(names, op.partials, partials, strict=True):
            if callable(rule) and not isinstance(
                p, Value
            ):  # the rule left the graph, as math.cos(x) does: this is one number of many
                texts[name] += " where every operand is 0.5"
    return texts


def _program(p: Value | float | None) -> str:
    """A Value as its expression, with what that shares after it; a number as itself; 0 where there is no derivative."""
    if not isinstance(p, Value):
        return number(p or 0.0)
    written = formula(p)
    if not written.lines:
        return written.leaves[0][0]
    *shared, last = written.lines
    text = last.symbolic + "".join(f", {line.name} = {line.symbolic}" for line in reversed(shared))
    return re.sub(r"\d+\.\d{6,}", lambda digits: f"{float(digits[0]):.6g}", text)
