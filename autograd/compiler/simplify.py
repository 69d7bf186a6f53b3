"""From a recorded tape to a shorter one that gives the same bits.

What no result needs is dropped. Additions whose sum so far is used by the next one only become one CHAIN, z = z0 + x1 * y1 + x2 * y2 + ..., in
the order in which they were written: a neuron, a batch's loss, an adjoint's contributions. That leaves a quarter of a training step. What
depends on constants alone is computed, common subexpressions are shared, and operations are left out that return an operand unchanged, nan
and the sign of zero included.
"""

import operator
from array import array
from collections import defaultdict
from collections.abc import Sequence

from ..core import ieee
from ..core.row import Primitive
from .tape import CHAIN, CONSTANT, INPUT, Guard, Row, Tape

ADD, SUB, MUL, DOT = 1, 2, 3, 4
SUMS = (ADD, SUB, DOT)
KINDS = {
    operator.add: ADD,
    operator.sub: SUB,
    operator.mul: MUL,
    ieee.dot: DOT,
}  # by what the forward functions are

# The first and the second operand that leave the other one unchanged, as repr tells them. "0.0" is not among those of +: -0.0 + 0.0 is 0.0.
NEUTRAL = {
    operator.add: ("-0.0", "-0.0"),
    operator.sub: ("", "0.0"),
    operator.mul: ("1.0", "1.0"),
    ieee.div: ("", "1.0"),
}


class Short(Tape):
    """A tape that adds an instruction only where none of its own gives the same. Nothing is differentiated after this."""

    def __init__(self, n_values: int) -> None:
        super().__init__()
        self.n_values = n_values
        self.numbers: dict[int, float] = {}  # of the instructions that are constants
        self.known: defaultdict[Row, dict[bytes, int]] = defaultdict(dict)  # by row and operands

    def constant(self, x: float) -> int:
        i = super().constant(x)
        self.numbers[i] = x
        return i

    def add(self, row: Row, operands: Sequence[int]) -> int:
        if row is INPUT or row is CONSTANT:
            return super().add(row, operands)
        if isinstance(row, Primitive):
            if row.forward is operator.pos:  # stop_gradient
                return operands[0]
            if not self.numbers.keys().isdisjoint(operands):
                numbers = [self.numbers.get(i) for i in operands]
                if None not in numbers:
                    return self.constant(
                        row.forward(numbers) if row.arity is None else row.forward(*numbers)
                    )
                if row.forward in NEUTRAL:
                    left, right = NEUTRAL[row.forward]
                    if repr(numbers[0]) == left or repr(numbers[1]) == right:
                        return operands[0 if numbers[0] is None else 1]
        known = self.known[row]
        flat = array("i", operands)
        key = flat.tobytes()
        if key not in known:
            known[key] = super().add(row, flat)
        return known[key]


def simplify(tape: Tape, inputs: list[int], n_values: int) -> Tape:
    """The simplified tape. Its inputs are these instructions of the old one, in this order, the first n_values of them Values.

    Sums and products that one operand uses are held back, as a chain may take them in, until they are `placed` for something else. A sum that is
    held back is the list of the operands that its chain has so far, where a float is a constant.
    """
    new = Short(n_values)
    start, operands = tape.start, tape.operands
    kinds = [KINDS.get(row.forward, 0) if isinstance(row, Primitive) else 0 for row in tape.rows]
    uses = _uses(tape)
    held = bytes(
        [kinds[code] if n == 1 else 0 for code, n in zip(tape.code, uses, strict=True)]
    )  # the kinds of what is held back
    image = array("i", [-1]) * len(tape)
    sums: dict[int, list[int | float]] = {}

    def images(i: int) -> list[int]:
        return [image[j] for j in operands[start[i] : start[i + 1]]]

    def placed(i: int) -> int:
        if image[i] < 0:
            terms = sums.pop(i, None)
            if terms is None or (
                len(terms) == 3 and isinstance(terms[2], float)
            ):  # no sum, or a lone x + y or x - y
                image[i] = new.add(tape.rows[tape.code[i]], images(i))
            else:
                image[i] = new.add(
                    CHAIN, [new.constant(x) if isinstance(x, float) else x for x in terms]
                )
        return image[i]

    for i in inputs:
        image[i] = new.input()
    for i, code in enumerate(tape.code):
        if not uses[i] or image[i] >= 0:
            continue
        kind, first, end = kinds[code], start[i], start[i + 1]
        if tape.rows[code] is CONSTANT:
            image[i] = new.constant(tape.constants[~operands[first]])
        elif kind in (ADD, SUB):
            a, b = operands[first:end]
            if (
                kind == ADD
                and held[a] not in SUMS
                and (held[b] in SUMS or (held[a] == MUL and held[b] != MUL))
            ):
                a, b = b, a  # the sum so far comes first, a product last
            sums[i] = (
                sums.pop(a)
                if held[a] in SUMS
                else [-0.0, *images(a)]
                if held[a] == MUL
                else [image[a]]
            )  # -0.0 + x is x
            sums[i] += (
                images(b)
                if kind == ADD and held[b] == MUL
                else [placed(b), 1.0 if kind == ADD else -1.0]
            )
        else:
            for j in operands[first:end]:
                if image[j] < 0:
                    placed(j)
            if kind == DOT:
                found = images(i)
                sums[i] = [0.0] * (len(found) + 1)
                sums[i][1::2], sums[i][2::2] = found[: len(found) // 2], found[len(found) // 2 :]
        if not held[i]:
            placed(i)
    new.known.clear()  # it takes more memory than the tape
    new.outputs = [image[i] for i in tape.outputs]
    return new


def _uses(tape: Tape) -> bytearray:
    """How many operands of needed instructions name each one: 0, 1, or 2 for more, for results and for guards, which nothing names."""
    uses = bytearray([2 * isinstance(tape.rows[code], Guard) for code in tape.code])
    for i in tape.outputs:
        uses[i] = 2
    start, operands = tape.start, tape.operands
    for i in range(len(tape) - 1, -1, -1):
        if uses[i]:
            for j in operands[start[i] : start[i + 1]]:
                if j >= 0 and uses[j] < 2:
                    uses[j] += 1
    return uses
