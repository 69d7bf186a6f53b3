"""The rows of a graph in JavaScript, so that a page can compute it again.

A row's forward function is the text of `ieee.py`, or of `forms.py` where
Python's exceptions are in the way, translated. Its partials are the row's
rules, recorded and printed. Only what Math lacks is written by hand, in
`rows.js`.

A user's forward function is recorded too, or else the row's composition. If
neither can be, the row is frozen: a page keeps its number. No text of a user's
enters the script.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from ...compiler.record import record
from ...core import texts
from ...core.graph import topological_order
from ...core.row import LEAF, LITERAL, Primitive
from ...core.value import Value, data_of
from ...errors import ChainruleError
from ..sources import text_of
from .translate import NATIVE, NotTranslatable, Translator, javascript_number

FROZEN_LENGTH = 20_000  # characters of a row
INLINE = 120  # characters of an expression that stands where it is used
ALIKE = 4  # neighbours in a list that are worth a loop
INFIX = {operator.add: "({} + {})", operator.sub: "({} - {})", operator.mul: "({} * {})"}
PREFIX = {operator.neg: "(-{})", operator.pos: "(+{})", operator.abs: "Math.abs({})", float: "{}"}

PYTHON_FORWARD = (
    "its forward function is Python of its own: write it with the functions of autograd, "
    "or give the row a composition"
)
PYTHON_RULE = "its derivative is Python of its own: write it with the functions of autograd"
TOO_LONG = "it has too many operands for a page"


class Definition(NamedTuple):
    """A JavaScript expression, and the names of the library that it needs."""

    text: str
    needs: frozenset[str]


class Rows(NamedTuple):
    """The rows of a page: a JavaScript expression whose value is their list.

    A frozen row is null there. `reasons` says why, "" for a row that is live.
    """

    script: str
    reasons: list[str]


def live_rows(used: Iterable[tuple[Primitive, int]], node_of: dict[Any, Value]) -> Rows:
    """Write the rows that a page uses.

    Args:
        used: Each row with its number of operands.
        node_of: For each of them a node of the graph. What is recorded from a
            user's forward function must give the node's number.
    """
    known = library()
    rows, reasons = [], []
    needed: set[str] = set()
    for pair in used:
        try:
            found = _row(*pair)
            if texts.name_of(pair[0].forward) == ("", ""):
                _check(*pair, node_of[pair])
            missing = found.needs - known.keys()
            if missing:
                raise NotTranslatable(PYTHON_FORWARD)
        except NotTranslatable as reason:
            rows.append("null")
            reasons.append(str(reason))
            continue
        rows.append(found.text)
        reasons.append("")
        needed |= found.needs
    waiting = list(needed)
    while waiting:
        further = known[waiting.pop()].needs - needed
        needed |= further
        waiting += further
    definitions = [f"const {name} = {known[name].text};" for name in known if name in needed]
    body = "\n".join([*definitions, f"return [{','.join(rows)}];"])
    return Rows(f"(() => {{\n{body}\n}})()", reasons)


@cache
def library() -> dict[str, Definition]:
    """Return every function that rows may need, by its name in the script."""
    found = {
        name: Definition(javascript_number(x), frozenset()) for name, x in texts.constants().items()
    }
    for name, node in texts.definitions().items():
        translator = Translator()
        try:
            found[name] = Definition(translator.function(node), frozenset(translator.needs))
        except NotTranslatable:  # no row needs it, or the test of all rows fails
            continue
    for name, text in re.findall(
        r"^const (\w+) = (.*?);\n(?=\nconst |\Z)", text_of("stepping/rows.js"), re.M | re.S
    ):
        names = set(re.findall(r"\b(?:math_\w+|bits|polynomial)\b", text))
        found[name] = Definition(text, frozenset(names))
    return found


@cache
def _row(op: Primitive, n: int) -> Definition:
    """Write a row on n operands as an object.

    `f` gives the number of a list of operands, `p` the partials of
    [...operands, z]. `skip` are the positions without a derivative, `bad` is
    true outside the domain.

    Raises:
        NotTranslatable: The row is frozen.
    """
    needs: set[str] = set()
    fields = [f"f: {_forward(op, n, needs)}"]
    skipped: list[int] = []

    def rules(*operands: Any) -> list[Any]:
        *xs, z = operands
        found = op.partials_at(xs, z, [True] * n)
        skipped[:] = [k for k, p in enumerate(found) if p is None]
        return [p for p in found if p is not None]

    try:
        program = _recorded(rules, n + 1)
    except (ChainruleError, TypeError, ValueError) as error:
        raise NotTranslatable(PYTHON_RULE) from error
    fields.append(f"p: {program.printed(needs)}")
    if skipped:
        fields.append(f"skip: {skipped}")
    if op.domain:
        domain = Translator(op.names)
        parameters = ", ".join(op.names) if op.arity is not None else "...xs"
        fields.append(f"bad: ({parameters}) => {domain.expression(op.outside)}")
        needs |= domain.needs
    text = f"{{{', '.join(fields)}}}"
    if len(text) > FROZEN_LENGTH:
        raise NotTranslatable(TOO_LONG)
    return Definition(text, frozenset(needs))


def _forward(op: Primitive, n: int, needs: set[str]) -> str:
    """Write a row's forward function as a function of a list."""
    if op.forward in INFIX:
        return f"([x, y]) => {INFIX[op.forward].format('x', 'y')}"
    if op.forward in PREFIX:
        return f"([x]) => {PREFIX[op.forward].format('x')}"
    name = _name(op.forward)
    if name is not None:
        needs |= {name} - {f"Math.{native}" for native in NATIVE}
        return f"(xs) => {name}({'' if op.arity is None else '...'}xs)"
    return f"(xs) => ({_recorded_forward(op, n).printed(needs)})(xs)[0]"


def _name(function: Callable[..., Any]) -> str | None:
    """Return what a forward function is called in the script, None for a user's own."""
    where, name = texts.name_of(function)
    if where == "math":
        return f"Math.{name}" if name in NATIVE else f"math_{name}"
    return name if where == "text" else None


def _recorded_forward(op: Primitive, n: int) -> Program:
    f = op.composition or op.forward

    def forward(*xs: Any) -> list[Any]:
        z = f(list(xs)) if op.arity is None else f(*xs)
        if not isinstance(z, Value):
            raise NotTranslatable(PYTHON_FORWARD)
        return [z]

    try:
        return _recorded(forward, n)
    except NotTranslatable:
        raise
    except Exception as error:  # a user's function may raise anything when it meets a Value
        raise NotTranslatable(PYTHON_FORWARD) from error


def _check(op: Primitive, n: int, node: Value) -> None:
    """Hold what was recorded of a user's forward function against a node's number."""
    [found] = _recorded_forward(op, n).run([x.data for x in node.parents])
    if not (found == node.data or (found != found and node.data != node.data)):
        raise NotTranslatable("its forward function does not give the same number again")


def _recorded(f: Callable[..., list[Any]], n: int) -> Program:
    """Run f on n traced Values and keep the graph that it makes."""
    kept: list[Program] = []

    def run(recording: Any) -> Any:
        inputs = [recording.input() for _ in range(n)]
        outputs = f(*inputs)
        kept.append(Program(inputs, outputs))
        return outputs[:1] or inputs[:1]

    record(run)
    return kept[0]


class Program:
    """A recorded graph as a function of a list of numbers."""

    def __init__(self, inputs: Sequence[Value], outputs: Sequence[Any]) -> None:
        self.inputs = {x: k for k, x in enumerate(inputs)}
        self.outputs = outputs
        self.order = topological_order(*[z for z in outputs if isinstance(z, Value)])
        for node in self.order:
            if not node.parents and node.op is LEAF and node not in self.inputs:
                raise NotTranslatable("it uses a Value that is no operand")

    def run(self, numbers: Sequence[float]) -> list[float]:
        """Compute the outputs in Python."""
        data: dict[Value, float] = {}
        for node in self.order:
            xs = [data[x] for x in node.parents]
            if node in self.inputs:
                data[node] = numbers[self.inputs[node]]
            elif node.op is LITERAL:
                data[node] = data_of(node)
            else:
                data[node] = node.op.forward(xs) if node.op.arity is None else node.op.forward(*xs)
        return [data[z] if isinstance(z, Value) else float(z) for z in self.outputs]

    def printed(self, needs: set[str]) -> str:
        """Write it as a JavaScript function of the list x."""
        uses = dict.fromkeys(self.order, 0)
        for node in self.order:
            for x in node.parents:
                uses[x] += 1
        texts: dict[Value, str] = {}
        lines: list[str] = []
        length = 0
        for node in self.order:
            texts[node] = self._expression(node, texts, needs)
            if node.parents and (uses[node] > 1 or len(texts[node]) > INLINE):
                lines.append(f"const t{len(lines)} = {texts[node]};")
                length += len(lines[-1])
                texts[node] = f"t{len(lines) - 1}"
            if length > FROZEN_LENGTH:
                raise NotTranslatable(TOO_LONG)
        outputs = [texts[z] if isinstance(z, Value) else _number(float(z)) for z in self.outputs]
        result = f"[{_looped(outputs)}]"
        return f"(x) => {{\n{''.join(lines)}return {result};\n}}" if lines else f"(x) => {result}"

    def _expression(self, node: Value, texts: dict[Value, str], needs: set[str]) -> str:
        if node in self.inputs:
            return f"x[{self.inputs[node]}]"
        if node.op is LITERAL:
            return _number(data_of(node))
        op, operands = node.op, [texts[x] for x in node.parents]
        template = INFIX.get(op.forward) or PREFIX.get(op.forward)
        if template:
            return template.format(*operands)
        name = _name(op.forward)
        if name is None:
            raise NotTranslatable(PYTHON_FORWARD)
        needs |= {name} - {f"Math.{native}" for native in NATIVE}
        arguments = f"[{_looped(operands)}]" if op.arity is None else ", ".join(operands)
        return f"{name}({arguments})"


def _number(x: float) -> str:
    text = javascript_number(x)
    return f"({text})" if text.startswith("-") else text


def _looped(texts: Sequence[str]) -> str:
    """Join the elements of a list, neighbours that differ by 1 in their indices as a loop."""
    split = [re.split(r"\bx\[(\d+)\]", text) for text in texts]
    parts = []
    at = 0
    while at < len(texts):
        first = split[at]
        steps: list[int] | None = None
        end = at + 1
        while end < len(texts):
            words, last = split[end], split[end - 1]
            if words[::2] != first[::2]:
                break
            moved = [int(b) - int(a) for a, b in zip(last[1::2], words[1::2], strict=True)]
            if steps not in (None, moved) or not set(moved) <= {0, 1}:
                break
            steps = moved
            end += 1
        if end - at < ALIKE:
            end = at + 1
            parts.append(texts[at])
        else:
            text = first[0]
            for index, step, word in zip(first[1::2], steps or [], first[2::2], strict=True):
                text += f"x[{index} + k]" if step else f"x[{index}]"
                text += word
            parts.append(f"...Array.from({{length: {end - at}}}, (_, k) => {text})")
        at = end
    return ", ".join(parts)
