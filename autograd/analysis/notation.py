"""A graph as text: Python source, LaTeX, and what people read.

Each row of the table has a template, a format string such as "{x:1} + {y:2}".
The places of a row with one to three operands are x, y and w. The places of a
row on a list are

    xs              all operands
    front, last     all but the last one, and the last one
    left, right     the two halves
    products        the halves multiplied pair by pair: x1 * y1 + x2 * y2

The number after a colon says how tightly the place binds, as in Python: 1 for
sums, 2 for products, 3 for signs, 4 for powers, 5 for what is one piece. An
operand that binds less tightly than its place is put in parentheses.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import keyword
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.graph import check_not_stale, oldest_first, topological_order
from ..core.row import LEAF, LITERAL, PRIMITIVES, Primitive
from ..core.value import Value
from ..core.words import names_checked
from ..errors import DataTypeError, PrimitiveError
from .groups import Groups, parameter_names

LINE_LENGTH = 60  # characters of an operation; in a longer one the longest operands are named
NAME_LENGTH = 32
NOT_NAMES = ("float", "inf", "nan")  # identifiers that stand for numbers in a text
TYPESET_LINES = 50  # lines of a formula that a notebook typesets
READ_OPERANDS = 8  # of a longer list people read the first four and the last two
SUM, PRODUCT, SIGN, POWER, PIECE = 1, 2, 3, 4, 5


def visible(text: str) -> str:
    r"""Write every unprintable character as its escape, such as \n."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def four_digits(value: float) -> str:
    """Write four significant digits. A zero has no sign."""
    return f"{value + 0.0:.4g}"


class Term(NamedTuple):
    """A piece of text, and how tightly its outermost operation binds."""

    text: str
    binding: int = PIECE
    parentheses: str = "({})"

    def __format__(self, place: str) -> str:
        return self.text if self.binding >= int(place or 0) else self.parentheses.format(self.text)


class Terms(NamedTuple):
    """Several terms, and what stands between them."""

    terms: Sequence[Term]
    separator: str = ", "

    def __format__(self, place: str) -> str:
        return self.separator.join(term.text for term in self.terms)


OMITTED = Term("...")


def _unchanged(term: Term) -> Term:
    return term


def python_template(op: Primitive) -> str:
    """Return the row's own Python template, or that of an operator or a call."""
    if op.python:
        return op.python
    if op.precedence is None:
        places = "[{xs}]" if op.arity is None else ", ".join(["{x}", "{y}", "{w}"][: op.arity])
        return f"{op.name}({places})"
    if op.arity == 1:
        return f"{op.symbol}{{x:{op.precedence}}}"
    # Only powers group from the right.
    power = op.precedence == POWER
    left, right = (PIECE, POWER) if power else (op.precedence, op.precedence + 1)
    return f"{{x:{left}}} {op.symbol} {{y:{right}}}"


def text_template(op: Primitive) -> str:
    """Return the Python template, but a weighted sum as a sum of products."""
    return "{products}" if is_weighted_sum(op) else python_template(op)


def is_weighted_sum(op: Primitive) -> bool:
    """Whether the row multiplies two halves of a list, as dot does."""
    return op.bilinear and op.arity is None


class Language(NamedTuple):
    """How to write operations.

    `template` finds the template of a row. In `parentheses` and `product`, "{}"
    stand for what is put there. A list of more than `most` operands is
    shortened to its ends.
    """

    template: Callable[[Primitive], str]
    parentheses: str
    product: str
    most: float = math.inf

    def operation(
        self, op: Primitive, operands: Sequence[Any], term: Callable[[Any], Term] = _unchanged
    ) -> Term:
        """Fill the row's template.

        Args:
            op: The row.
            operands: The operands, as terms.
            term: Makes a term of an operand, where they are none yet. It is asked for
                those that are shown.

        Raises:
            PrimitiveError: The template names something else than operands.
        """
        template = self.template(op)
        binding = op.precedence or PIECE
        if op.arity is None:
            places = self._of_list(operands, term)
            if "{products}" in template and operands:
                binding = SUM
        else:
            places = dict(zip("xyw", map(term, operands), strict=False))
        try:
            return Term(template.format(**places), binding, self.parentheses)
        except (KeyError, IndexError, ValueError) as error:
            raise PrimitiveError(
                f"the template {template!r} of {op.name} cannot be filled: it may name "
                f"{', '.join(places)}, as {{{next(iter(places))}:2}}, and every other brace is "
                "doubled"
            ) from error

    def _of_list(self, operands: Sequence[Any], term: Callable[[Any], Term]) -> dict[str, Any]:
        half = len(operands) // 2
        left, right = self._ends(operands[:half], term), self._ends(operands[half:], term)
        products = [
            x if x is OMITTED else Term(self.product.format(f"{x:2}", f"{y:3}"))
            for x, y in zip(left, right, strict=False)
        ]
        return {
            "xs": Terms(self._ends(operands, term)),
            "front": Terms(self._ends(operands[:-1], term)),
            "left": Terms(left),
            "right": Terms(right),
            "products": Terms(products, " + ") if products else "0",
            "last": term(operands[-1]) if operands else "",
        }

    def _ends(self, operands: Sequence[Any], term: Callable[[Any], Term]) -> list[Term]:
        if len(operands) <= self.most:
            return [*map(term, operands)]
        return [*map(term, operands[:4]), OMITTED, *map(term, operands[-2:])]


def python_number(x: float) -> Term:
    """Write a number so that Python reads the same bits."""
    text = repr(x) if math.isfinite(x) else f'float("{x!r}")'
    return Term(text, SIGN if text.startswith("-") else PIECE)


# A number as repr writes it, within a text of Python.
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")


def rounded(text: str) -> str:
    """Write the floats of a Python text with at most six digits, to be read."""
    return _NUMBER.sub(lambda digits: _six_digits(digits[0]), text)


def _six_digits(number: str) -> str:
    if number.isdigit():
        return number
    text = f"{float(number):.6g}"
    return f"{text}.0" if text.isdigit() else text


def shown_number(x: float) -> Term:
    """Write a number with at most six digits."""
    text = rounded(repr(x))
    return Term(text, SIGN if text.startswith("-") else PIECE)


def latex_number(x: float) -> Term:
    """Write four significant digits.

    A negative number binds like a sum, so that it stands in parentheses
    everywhere but in front, as in mathematics.
    """
    mantissa, _, exponent = four_digits(x).partition("e")
    text = {"nan": r"\text{nan}", "inf": r"\infty", "-inf": r"-\infty"}.get(mantissa, mantissa)
    if exponent:
        text += rf" \cdot 10^{{{int(exponent)}}}"
    binding = SUM if text.startswith("-") else PRODUCT if exponent else PIECE
    return Term(text, binding, LATEX_PARENTHESES)


def latex_name(identifier: str) -> str:
    """Write w as w, w1 and w_1 with an index, anything longer upright."""
    stem = identifier.rstrip("0123456789")
    index, stem = identifier[len(stem) :], stem.rstrip("_")
    if not stem:
        stem, index = identifier, ""
    body = stem if len(stem) == 1 and stem.isalpha() else rf"\mathrm{{{stem}}}".replace("_", r"\_")
    return f"{body}_{{{index}}}" if index else body


LATEX_PARENTHESES = r"\left({}\right)"
PYTHON = Language(python_template, "({})", "{} * {}")
LATEX = Language(lambda op: op.latex, LATEX_PARENTHESES, r"{} \cdot {}")
TEXT = Language(text_template, "({})", "{} * {}", READ_OPERANDS)  # to be read, not run


def identifier(label: str, length: int | None = NAME_LENGTH) -> str:
    """Turn a label into a Python identifier.

    It is no keyword, no function of the table, and no number. It is "_" where nothing of
    the label can stay. A long one loses words, or letters, in the middle.

    Args:
        label: Any text.
        length: The most characters, or None for any number.

    Examples:
        >>> identifier("layers.0.w.1")
        'layers_0_w_1'
        >>> identifier("encoder.blocks.3.attention.heads.0.w.1")
        'encoder__3_attention_heads_0_w_1'
    """
    normal = unicodedata.normalize("NFKC", label)
    words = "".join(c if f"a{c}".isidentifier() else " " for c in normal).split()
    name = "_".join(words)
    if length is not None:
        name = _shortened(name, length)
    if not name.isidentifier():
        name = f"_{name}"
    taken = keyword.iskeyword(name) or name in PRIMITIVES or name in NOT_NAMES
    return f"{name}_" if taken else name


def readable(label: str, length: int | None = NAME_LENGTH) -> str:
    """Return a label as people read it in an equation.

    A word or a path stays as it is; a long one loses characters in the middle.
    Anything else becomes an identifier, as does a number: `2 * x` would be read
    as one.

    Args:
        label: Any text.
        length: The most characters, or None for any number.

    Examples:
        >>> readable("layers.0.neurons.0.w.1")
        'layers.0.neurons.0.w.1'
        >>> readable("encoder.blocks.3.attention.heads.0.w.1")
        'encoder.blocks.…tion.heads.0.w.1'
    """
    if not re.fullmatch(r"[\w.\[\]]+", label) or re.fullmatch(
        r"[._]*\d[\d._]*(e\d+)?|inf|nan", label, re.IGNORECASE
    ):
        return identifier(label, length)
    if length is None or len(label) <= length:
        return label
    return f"{label[: length // 2 - 1]}…{label[length // 2 - length :]}"


def _shortened(name: str, length: int) -> str:
    """Leave words out of the middle, marked by "__"; letters, if there is one word."""
    if len(name) <= length:
        return name
    first, *rest = name.split("_")
    while rest and len(first) + 2 + len("_".join(rest)) > length:
        del rest[0]
    if rest:
        return f"{first}__{'_'.join(rest)}"
    return name[: length // 2] + name[-(length - length // 2) :]


def labelled(
    values: Iterable[Value],
    names: Mapping[str, Value] | None,
    groups: Groups | None = None,
) -> dict[Value, str]:
    """Return the labels of those Values that have one.

    Args:
        values: The Values.
        names: Label -> Value. Several labels of one Value are joined.
        groups: The paths of the parameters that these know come next, then the
            Values' own labels.

    Raises:
        DataTypeError: `names` is no such mapping.
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
    paths = {value: path for path, value in parameter_names(groups).items()}
    found = {
        value: ", ".join(given[value]) if value in given else paths.get(value, value.label)
        for value in values
    }
    return {value: label for value, label in found.items() if label is not None}


class Names(dict[Value, str]):
    """Names for Values, no two the same.

    Labels become names at once. Leaves without a label are x1, x2, ... from
    left to right: a topological order goes down the last operand first, so it
    ends with the first leaf. Other results are t1, t2, ... when first asked
    for.

    Args:
        order: The Values, in topological order.
        names: Label -> Value.
        groups: As `nn.trace` records them.
        spelled: How a label is spelled: as an `identifier`, or `readable`.
    """

    def __init__(
        self,
        order: Sequence[Value],
        names: Mapping[str, Value] | None = None,
        groups: Groups | None = None,
        spelled: Callable[[str, int | None], str] = identifier,
    ) -> None:
        self.labels = labelled(order, names, groups)
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        again = []
        for value in reversed(order):
            if value in self.labels:
                label = self.labels[value]
                short, whole = spelled(label, NAME_LENGTH), spelled(label, None)
                name = whole if short in self._taken else short
                if name in self._taken:
                    again.append(value)
                else:
                    self[value] = self._take(name)
        # Only now are the names of all other labels taken: "w" twice is not
        # "w.2".
        for value in again:
            stem = spelled(self.labels[value], NAME_LENGTH)
            self[value] = next(self._new(stem, f"{stem}__" if stem[-1].isdigit() else f"{stem}_"))
        for value in reversed(order):
            if value.op is LEAF and value not in self.labels:
                self[value] = next(self._new("x", "x"))

    def name_all(self, order: Sequence[Value]) -> list[str]:
        """Return the names in that order, "" for a literal."""
        new = [value for value in order if value not in self and value.op is not LITERAL]
        self.update(zip(new, self._new("t", "t"), strict=False))
        return ["" if value.op is LITERAL else self[value] for value in order]

    def __missing__(self, value: Value) -> str:
        self[value] = name = next(self._new("t", "t"))
        return name

    def _new(self, stem: str, prefix: str) -> Iterator[str]:
        """Give the prefix with one count after the other, where that is a new name."""
        while True:
            self._counts[stem] = count = self._counts.get(stem, prefix != stem) + 1
            if (name := f"{prefix}{count}") not in self._taken:
                yield self._take(name)

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name


class Line(NamedTuple):
    """One named expression.

    `symbolic` has the names of its operands, `substituted` their numbers; both
    are Python. `latex` is name = symbolic = substituted = number. So is str(),
    with at most six digits.
    """

    name: str
    symbolic: str
    substituted: str
    result: float
    latex: str

    @property
    def readable(self) -> str:
        """`symbolic`, with numbers of at most six digits."""
        return rounded(self.symbolic)

    def __str__(self) -> str:
        return rounded(f"{self.name} = {self.symbolic} = {self.substituted} = {self.result!r}")


class Formula:
    """A Value written out, as `formula` makes it.

    `leaves` holds (name, number), and `lines` the expressions. str() gives the
    lines one below the other, with numbers of at most six digits; `python` has
    them all.
    """

    def __init__(self, leaves: Sequence[tuple[str, float]], lines: Sequence[Line]) -> None:
        self.leaves = tuple(leaves)
        self.lines = tuple(lines)

    @property
    def python(self) -> str:
        """A program, to run after `from autograd import *`.

        It has one assignment a line. The last name it assigns has the bits of
        the Value.
        """
        assignments = [(name, python_number(data).text) for name, data in self.leaves]
        assignments += [(line.name, line.symbolic) for line in self.lines]
        return "".join(f"{name} = {text}\n" for name, text in assignments)

    @property
    def latex(self) -> str:
        """The lines, aligned, to stand where mathematics is written."""
        lines = [line.latex for line in self.lines] or [
            f"{latex_name(name)} &= {latex_number(data).text}" for name, data in self.leaves
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines)) or rounded(self.python.rstrip())

    __repr__ = __str__

    def _repr_latex_(self) -> str | None:
        return f"$\\displaystyle {self.latex}$" if len(self.lines) <= TYPESET_LINES else None


class _Written(NamedTuple):
    """How a node is written where it is used, in each language."""

    symbolic: Term
    substituted: Term
    latex_symbolic: Term
    latex_substituted: Term


LANGUAGES = (PYTHON, PYTHON, LATEX, LATEX)  # of the fields of _Written


@names_checked
def formula(
    value: Value, names: Mapping[str, Value] | None = None, groups: Groups | None = None
) -> Formula:
    """Write a Value as a formula in its leaves: symbolic = substituted = number.

    A node has a line of its own, before its first use, if it is used more than
    once, has a label, or is too long to be read in its place. Names are those of
    `explain` and `draw`. `formula(...).python`, run on floats, gives the same
    bits wherever Python's own arithmetic gives a number.

    Args:
        value: The result of a computation.
        names: Label -> Value, such as {"w": w}. A label becomes an identifier.
            Unlabelled leaves are x1, x2, ..., unlabelled results t1, t2, ... in
            the order in which they were made.
        groups: As `nn.trace` records them: parameters are called by their
            paths.

    Raises:
        DataTypeError: `value` is no Value, or `names` no such mapping.
        StaleValueError: A leaf was changed since. The equations would not hold.

    Examples:
        >>> from autograd import Value, formula
        >>> w, x = Value(2.0, "w"), Value(-3.0, "x")
        >>> print(formula(w * x + 1.0))
        t2 = w * x + 1.0 = 2.0 * -3.0 + 1.0 = -5.0
    """
    if not isinstance(value, Value):
        raise DataTypeError(
            f"formula() takes a Value, not {value!r}: only a Value remembers how it was computed"
        )
    order = topological_order(value)
    check_not_stale(order)
    known = Names(order, names, groups)
    made = oldest_first(value)
    known.name_all(made)
    leaves = [node for node in reversed(order) if node.op is LEAF] or [value]
    return _Writer(value, made, known).write(leaves)


def lines_of(value: Value) -> tuple[Line, ...]:
    """Return the lines of a formula in which t1, t2, ... are counted in the lines alone."""
    return _Writer(value, oldest_first(value), Names(topological_order(value))).write().lines


class _Writer:
    """Writes the nodes of a graph one after the other, parents first."""

    def __init__(self, value: Value, order: Sequence[Value], names: Names) -> None:
        self.value = value
        self.order = order
        self.names = names
        self.lines: list[Line] = []
        self.written: dict[Value, _Written] = {}
        self.inline: set[Value] = set()  # operations that stand where they are used

    def write(self, leaves: Iterable[Value] = ()) -> Formula:
        uses = dict.fromkeys(self.order, 0)
        for node in self.order:
            for parent in node.parents:
                uses[parent] += 1
        for node in self.order:
            if not node.parents:
                literal = node.op is LITERAL and node is not self.value
                self.written[node] = _number(node) if literal else self._named(node)
                continue
            self._name_long_operands(node)
            self.written[node] = self._operation(node)
            if node is self.value or uses[node] > 1 or node in self.names.labels:
                self._name(node)
            else:
                self.inline.add(node)
        return Formula([(self.names[leaf], leaf.data) for leaf in leaves], self.lines)

    def _operation(self, node: Value) -> _Written:
        operands = zip(*[self.written[parent] for parent in node.parents], strict=True)
        return _Written(
            *[
                language.operation(node.op, terms)
                for language, terms in zip(LANGUAGES, operands, strict=True)
            ]
        )

    def _name_long_operands(self, node: Value) -> None:
        """Name the longest operands until the operation fits in a line."""
        excess = len(self._operation(node).symbolic.text) - LINE_LENGTH
        if excess <= 0:
            return
        operands = [x for x in node.parents if x in self.inline]
        for x in sorted(operands, key=lambda x: -len(self.written[x].symbolic.text)):
            if excess > 0:
                excess -= len(self.written[x].symbolic.text) - len(self.names[x])
                self._name(x)

    def _name(self, node: Value) -> None:
        """Give a node a line of its own; where it is used stands its name."""
        texts = self.written[node]
        name, result = self.names[node], node.data
        latex = (
            f"{latex_name(name)} &= {texts.latex_symbolic.text} = {texts.latex_substituted.text}"
            f" = {latex_number(result).text}"
        )
        self.lines.append(Line(name, texts.symbolic.text, texts.substituted.text, result, latex))
        self.inline.discard(node)
        self.written[node] = self._named(node)

    def _named(self, node: Value) -> _Written:
        name = self.names[node]
        return _Written(
            Term(name), python_number(node.data), Term(latex_name(name)), latex_number(node.data)
        )


def _number(node: Value) -> _Written:
    python, latex = python_number(node.data), latex_number(node.data)
    return _Written(python, python, latex, latex)


def derivative_texts(op: Primitive) -> dict[str, str]:
    """Return dz/dx as text for every operand x of a row, by running its rules.

    A row on two lists is shown on lists of two, by its first element.
    """
    if op.arity is None:
        names = ["x1", "x2", "y1", "y2"] if op.bilinear else ["x1", "x2"]
    else:
        names = list("xyw")[: op.arity]
    operands = [Value(0.5, name) for name in names]
    wanted = [op.arity is not None or name == "x1" for name in names]
    partials = op.partials_at(operands, Value(0.5, "z"), wanted)
    texts = {
        name: _program(p) for name, p, want in zip(names, partials, wanted, strict=True) if want
    }
    if isinstance(op.partials, tuple):
        for name, rule, p in zip(names, op.partials, partials, strict=True):
            # The rule left the graph, as math.cos(x) does: one number of many.
            if callable(rule) and not isinstance(p, Value):
                texts[name] += " where every operand is 0.5"
    return texts


def _program(p: Value | float | None) -> str:
    """Write a Value as its expression, followed by what that shares.

    A number is itself; 0 where there is no derivative.
    """
    if not isinstance(p, Value):
        return four_digits(p or 0.0)
    order = topological_order(p)
    if len(order) == 1:
        return order[0].label or ""
    written = _Writer(p, order, Names(order)).write()  # t1, t2, ... for its lines alone
    *shared, last = written.lines
    text = last.symbolic + "".join(f", {line.name} = {line.symbolic}" for line in reversed(shared))
    return re.sub(r"\d+\.\d{6,}", lambda digits: f"{float(digits[0]):.6g}", text)
