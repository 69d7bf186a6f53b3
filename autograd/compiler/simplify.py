"""From a recorded tape to a shorter one that gives the same bits.

`fuse` drops what no result needs and makes one CHAIN, z = z0 + x1 * y1 + x2 * y2 + ..., of additions whose sum so far is used by the next one
only, in the order in which they were written: a neuron, a batch's loss, an adjoint's contributions. That leaves a tenth of a training step.
`simplify` then computes what depends on constants alone, shares common subexpressions, and removes operations that return an operand
unchanged, nan and the sign of zero included.
"""

import math
import operator
from array import array
from collections.abc import Sequence
from itertools import chain

from .. import ieee
from ..row import Primitive
from .tape import CHAIN, CONSTANT, INPUT, Guard, Tape

# By what the forward functions are: the first and the second operand that leave the other one unchanged. x + 0.0 is not here: -0.0 + 0.0 is 0.0.
NEUTRAL = {operator.add: (-0.0, -0.0), operator.sub: (None, 0.0), operator.mul: (1.0, 1.0), ieee.div: (None, 1.0)}


def _same(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and x == y and math.copysign(1.0, x) == math.copysign(1.0, y)


def simplify(tape: Tape) -> Tape:
    """The simplified tape, with the same inputs. Nothing is differentiated after this, so stop_gradient goes as well."""
    new = Tape()
    new.n_values = tape.n_values
    image = array("i", bytes(4 * len(tape)))
    constants: dict[int, float] = {}
    made: dict[int | bytes, int] = {}  # keys without parts: a tuple would keep an object for every number
    rows, start, operands = tape.rows, tape.start, tape.operands
    for i, code in enumerate(tape.code):
        row = rows[code]
        if row is INPUT:
            image[i] = new.input()
            continue
        first, end = start[i], start[i + 1]
        if row is CONSTANT:
            number = tape.constants[~operands[first]]
            image[i] = new.constant(number)
            constants[image[i]] = number
            continue
        found: Sequence[int]
        if end - first == 2:  # most are
            a, b = found = image[operands[first]], image[operands[first + 1]]
            key: int | bytes = (a << 31 | b) << 16 | code
            constant = a in constants or b in constants
        else:
            found = array("i", [image[j] for j in operands[first:end]])
            key = found.tobytes() + code.to_bytes(2, "little")
            constant = not constants.keys().isdisjoint(found)
        if constant and isinstance(row, Primitive):
            numbers = [constants.get(j) for j in found]
            if None not in numbers:
                folded = row.forward(numbers) if row.arity is None else row.forward(*numbers)
                image[i] = new.constant(folded)
                constants[image[i]] = folded
                continue
            left, right = NEUTRAL.get(row.forward, (None, None))
            if _same(numbers[0], left) or (right is not None and _same(numbers[1], right)):
                image[i] = found[0 if numbers[0] is None else 1]
                continue
        known = made.get(key)
        if known is None:
            alias = isinstance(row, Primitive) and row.forward is operator.pos
            known = made[key] = found[0] if alias else new.add(row, found)
        image[i] = known
    new.outputs = [image[i] for i in tape.outputs]
    return new


ADD, SUB, DOT, PRODUCT = 1, 2, 3, 4
SUMS = (ADD, SUB, DOT)


class _Fuser:
    """Which instructions of a tape go into which chain."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.ends = bytearray(len(tape))  # 1 for the last addition of a chain
        self.absorbed = bytearray(len(tape))  # 1 for what has become part of one
        kinds = {operator.add: ADD, operator.sub: SUB, operator.mul: PRODUCT, ieee.dot: DOT}
        kind_of = [kinds.get(row.forward, 0) if isinstance(row, Primitive) else 0 for row in tape.rows]
        self.kind = bytearray(map(kind_of.__getitem__, tape.code))
        self.uses = _uses(tape)
        self.inside = bytes([kind if uses == 1 else 0 for kind, uses in zip(self.kind, self.uses, strict=True)])  # the kinds of what one operand uses
        kind, absorbed, uses = self.kind, self.absorbed, self.uses
        for i in range(len(tape) - 1, -1, -1):
            if kind[i] in SUMS and uses[i] and not absorbed[i]:
                self.ends[i] = bool(self.chain(i))

    def chain(self, last: int) -> list[int | float]:
        """Follow the sum so far from its last addition to where it begins, and return the operands of the chain; a float is a constant. Asked
        again, it says the same: to keep the answers would take more memory than the tape.
        """
        kind, inside, absorbed, start, operands = self.kind, self.inside, self.absorbed, self.tape.start, self.tape.operands
        terms: list[tuple[int, int | float]] = []  # the last one first
        node = last
        while kind[node] != DOT:
            a, b = operands[start[node]], operands[start[node] + 1]
            if kind[node] == ADD and inside[a] not in SUMS and (inside[b] in SUMS or (inside[a] == PRODUCT and inside[b] != PRODUCT)):
                a, b = b, a  # the sum so far comes first, a product last
            if kind[node] == SUB:
                terms.append((b, -1.0))
            elif inside[b] == PRODUCT:
                terms.append((operands[start[b]], operands[start[b] + 1]))
                absorbed[b] = 1
            else:
                terms.append((b, 1.0))
            node = a
            if inside[node] not in SUMS:
                break
            absorbed[node] = 1
        if kind[node] == DOT and (node == last or absorbed[node]):
            middle = (start[node] + start[node + 1]) // 2
            terms += zip(operands[start[node] : middle][::-1], operands[middle : start[node + 1]][::-1], strict=True)
            begin: list[int | float] = [0.0]
        elif inside[node] == PRODUCT:
            begin = [-0.0, *self.tape.operands_of(node)]  # -0.0 + x is x
            absorbed[node] = 1
        elif len(terms) == 1 and isinstance(terms[0][1], float):
            return []  # a lone x + y or x - y
        else:
            begin = [node]
        terms.reverse()
        return [*begin, *chain.from_iterable(terms)]


def fuse(tape: Tape, inputs: list[int], n_values: int) -> Tape:
    """The tape with chains. Its inputs are these instructions of the old one, in this order, the first n_values of them Values."""
    found = _Fuser(tape)
    new = Tape()
    new.n_values = n_values
    image = array("i", bytes(4 * len(tape)))
    for i in inputs:
        image[i] = new.input()
    for i, code in enumerate(tape.code):
        if found.absorbed[i] or not found.uses[i]:
            continue
        row = tape.rows[code]
        if row is INPUT:
            continue
        operands = tape.operands_of(i)
        if row is CONSTANT:
            image[i] = new.constant(tape.constants[~operands[0]])
        elif found.ends[i]:
            image[i] = new.add(CHAIN, [new.constant(x) if x.__class__ is float else image[x] for x in found.chain(i)])  # type: ignore[index]
        else:
            image[i] = new.add(row, [image[j] for j in operands])
    new.outputs = [image[i] for i in tape.outputs]
    return new


def _uses(tape: Tape) -> bytearray:
    """How many operands of needed instructions name each one: 0, 1, or 2 for more, for results and for guards, which nothing names."""
    uses = bytearray(map({code: 2 * isinstance(row, Guard) for code, row in enumerate(tape.rows)}.__getitem__, tape.code))
    for i in tape.outputs:
        uses[i] = 2
    start, operands = tape.start, tape.operands
    for i in range(len(tape) - 1, -1, -1):
        if uses[i]:
            for j in operands[start[i] : start[i + 1]]:
                if j >= 0 and uses[j] < 2:
                    uses[j] += 1
    return uses
