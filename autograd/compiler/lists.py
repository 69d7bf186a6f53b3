"""lists: softmax and its kin, in a source, as functions of a list.

What softmax does is recorded as sums over ever larger parts of its list: another
tree of additions for every length. `Notes` keeps where it was called. So each
number that comes out can be said to be the k-th of `softmax(xs)`, and each number
that the gradient passes on the k-th of `softmax_gradient(xs, ds)`. What lies in
between is no longer used then. Every operation keeps its bits.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from ..core import functions
from ..core.row import PRIMITIVES, Primitive
from ..functional import vjp
from .notes import Call, ListFunction, Notes
from .tape import CONSTANT, CUT, INPUT, OWN, Guard, Row, Tape

FORMULAS: dict[ListFunction, tuple[str, str]] = {  # of gradients: a sum, and each of them
    functions.softmax: ("sum([z * d for z, d in zip(zs, ds)])", "z * (d - m)"),
    functions.log_softmax: ("sum(ds)", "d - exp(z) * m"),
}


@dataclass(eq=False, slots=True)
class Kth(Primitive):
    """The row of the k-th number of what a function makes of a list.

    Attributes:
        called: The name of the function in a source.
        arguments: How the operands are its arguments: "xs" is all of them, "xs, ds"
            two lists of equal length, "xs, z" a list and a number.
        k: Which number.
        body: The lines of the function; empty if it is imported.
        uses: The functions that these lines call.
        slopes_of: The row whose slopes the function returns. The lines are the
            comments before that.
        function_of_rule: What the name stands for, if a source cannot say it.
    """

    called: str = ""
    arguments: str = "xs"
    k: int = 0
    body: tuple[str, ...] = ()
    uses: tuple[Callable[..., Any], ...] = ()
    slopes_of: Primitive | None = None
    function_of_rule: Callable[..., Any] | None = None

    def alike(self) -> tuple[str, str]:
        """What is equal for all numbers that one call makes."""
        return self.called, self.arguments

    def definition(self, *more: str) -> str:
        """The text of the function, whose last lines may be given."""
        return "\n    ".join([f"def {self.called}({self.arguments}):", *self.body, *more])


def _kth(f: ListFunction, gradient: bool, k: int) -> Kth:
    """The k-th of softmax(xs), or of what its gradient passes on."""
    name = f.__name__

    def forward(xs: Sequence[float]) -> float:
        z: float = f(xs)[k]
        return z

    def backward(xs: Sequence[float]) -> float:
        half = len(xs) // 2
        d: float = vjp(f, list(xs[:half]))[1](list(xs[half:]))[0][k]
        return d

    if not gradient:
        return Kth(name, None, forward, (), total=forward, called=name, k=k, uses=(f,))
    total, each = FORMULAS[f]
    body = (
        "# the same but for the last digits:",
        f"#     zs = {name}(xs)",
        f"#     m = {total}",
        f"#     return [{each} for z, d in zip(zs, ds)]",
        "# the call has the bits of a run without a program",
        f"return vjp({name}, xs)[1](ds)[0]",
    )
    called = f"{name}_gradient"
    return Kth(
        called,
        None,
        backward,
        (),
        total=backward,
        called=called,
        arguments="xs, ds",
        k=k,
        body=body,
        uses=(f, vjp),
    )


def _said(row: Primitive) -> str:
    """The partials of a row on a list in words, if at some numbers they are what is known."""
    xs = [0.5, -0.25, 1.0]
    slopes = row.partials_at(xs, row.forward(xs), [True] * len(xs))
    *others, last = functions.softmax(xs)
    known = {
        "softmax(xs)": [*others, last],
        "softmax minus one-hot: softmax(xs), and 1 less at the last": [*others, last - 1.0],
    }
    for text, numbers in known.items():
        if all(p is not None and isclose(p, z) for p, z in zip(slopes, numbers, strict=True)):
            return text
    return ""


def slopes(row: Primitive, n: int) -> list[Kth]:
    """The n partials of a row on a list, each as an operation on the list and its result."""

    def all_slopes(xs: Sequence[float], z: float) -> list[float]:
        return row.partials_at(xs, z, [True] * len(xs))

    known = PRIMITIVES.get(row.name) is row
    said = _said(row) if known else ""

    def slope(k: int) -> Kth:
        def forward(operands: Sequence[float]) -> float:
            p: float = row.partials_at(operands[:-1], operands[-1], [True] * n)[k] or 0.0
            return p

        called = f"{row.name}_slopes"
        at_first = f"; at the first: {row.derivatives[0]}" if row.derivatives else ""
        body = (
            *([f"# {said}"] if said else []),
            f"# the slope at each x{at_first}",
            f"# z is {row.formula}",
        )
        return Kth(
            called,
            None,
            forward,
            (),
            total=forward,
            called=called,
            arguments="xs, z",
            k=k,
            body=body if known else (),
            slopes_of=row if known else None,
            function_of_rule=None if known else all_slopes,
        )

    return [slope(k) for k in range(n)]


def _first_uses(tape: Tape, notes: Notes) -> list[int]:
    """Of every call, the first operation behind it that uses what lies within it."""
    inside: dict[int, int] = {}
    for c, call in enumerate(notes.lists):
        results = {*call.zs}
        for i in call.all:
            if i not in results and tape.rows[tape.code[i]] not in (INPUT, CONSTANT, OWN):
                inside[i] = c
    first = [len(tape)] * len(notes.lists)
    for at, j in enumerate(tape.operands):
        if j in inside:
            c, i = inside[j], bisect_right(tape.start, at) - 1
            if i not in notes.lists[c].all:
                first[c] = min(first[c], i)
    return first


def whole(tape: Tape, notes: Notes) -> Tape:
    """Return the tape with the calls in the notes as calls.

    The operations have the same numbers as before. The tests of domains within
    these calls are left out, because none can fail: the largest number of a list
    adds 1 to the sum.
    """
    if not notes.lists:
        return tape
    used = _first_uses(tape, notes)
    items: dict[tuple[ListFunction, bool, int], Kth] = {}
    replaced: dict[int, tuple[Row, Sequence[int]]] = {}

    def replace(call: Call, gradient: bool, at: Sequence[int], xs: Sequence[int]) -> None:
        for k, i in enumerate(at):
            key = call.function, gradient, k
            if key not in items:
                items[key] = _kth(*key)
            replaced[i] = items[key], xs

    for call, first_use in zip(notes.lists, used, strict=True):
        # x - top for every x: there the gradient leaves the call. Every such operation
        # takes an x and what is none.
        less_top: list[int] = []
        tops, given = set(), {*call.xs}
        for i in call.all:
            operands = tape.operands_of(i)
            if isinstance(tape.rows[tape.code[i]], Guard):
                replaced[i] = CUT, operands[:1]
            elif len(operands) == 2 and operands[0] in given and operands[1] not in given:
                less_top.append(i)
                tops.add(operands[1])
        if len(tops) > 1:  # other differences: the function is another one for so few numbers
            less_top = []
        replace(call, False, call.zs, call.xs)
        zero = tape.constants_known.get((0.0, 1.0), len(tape))
        for (begin, _), found in zip(notes.pulls, notes.found, strict=True):
            if first_use < begin:  # a gradient of gradients comes in by other ways as well
                continue
            ds = [found.get(z, zero) for z in call.zs]
            gs = [found.get(i, -1) for i in less_top]
            if len(gs) == len(ds) and len(set(gs)) == len(gs) and min(gs) > max(ds):
                replace(call, True, gs, [*call.xs, *ds])
    new = Tape()
    for row in tape.rows:
        new.code_of(row)
    new.constants, new.constants_known = list(tape.constants), dict(tape.constants_known)
    new.n_inputs, new.n_values, new.outputs = tape.n_inputs, tape.n_values, list(tape.outputs)
    at = 0
    for i in [*sorted(replaced), len(tape)]:  # what stays in between is copied
        low, far = tape.start[at], len(new.operands) - tape.start[at]
        new.code += tape.code[at:i]
        new.operands += tape.operands[low : tape.start[i]]
        new.start.extend([x + far for x in tape.start[at + 1 : i + 1]])
        if i in replaced:
            new.add(*replaced[i])
        at = i + 1
    return new
