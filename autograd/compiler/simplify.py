"""simplify: a tape to a shorter tape that gives the same bits.

`simplify` drops what no result needs, computes what depends on constants alone, shares common subexpressions, and removes operations that
return an operand unchanged, nan and the sign of zero included. `fuse` then makes one CHAIN, z = z0 + x1 * y1 + x2 * y2 + ..., of additions whose
sum so far is used by the next one only, in the order in which they were written: a neuron, a batch's loss, an adjoint's contributions.
"""

import math
import operator
from array import array

from .. import ieee
from ..row import Primitive
from .tape import CHAIN, CONSTANT, INPUT, Tape

# By what the forward functions are: the first and the second operand that leave the other one unchanged. x + 0.0 is not here: -0.0 + 0.0 is 0.0.
NEUTRAL = {operator.add: (-0.0, -0.0), operator.sub: (None, 0.0), operator.mul: (1.0, 1.0), ieee.div: (None, 1.0)}


def _same(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and x == y and math.copysign(1.0, x) == math.copysign(1.0, y)


def needed(tape: Tape) -> bytearray:
    """1 for every instruction that a result or a guard depends on."""
    live = bytearray(len(tape))
    guards = {code for code, row in enumerate(tape.rows) if not isinstance(row, Primitive)}
    leaves = tape.codes_where(lambda row: row.arity == 0)
    for i in tape.outputs:
        live[i] = 1
    for i in range(len(tape) - 1, -1, -1):
        code = tape.code[i]
        if code in guards:
            live[i] = 1
        if live[i] and code not in leaves:
            for j in tape.operands_of(i):
                live[j] = 1
    return live


def simplify(tape: Tape, inputs: list[int], n_values: int) -> Tape:
    """The simplified tape. Its inputs are these instructions of the old one, in this order, the first n_values of them Values."""
    new = Tape()
    new.n_values = n_values
    image = array("i", bytes(4 * len(tape)))
    for i in inputs:
        image[i] = new.input()
    constants: dict[int, float] = {}
    made: dict[tuple[int, ...], int] = {}
    live = needed(tape)
    for i, code in enumerate(tape.code):
        if not live[i]:
            continue
        row = tape.rows[code]
        if row is INPUT:
            continue
        operands = tape.operands_of(i)
        if row is CONSTANT:
            image[i] = new.constant(tape.constants[operands[0]])
            constants[image[i]] = tape.constants[operands[0]]
            continue
        found = [image[j] for j in operands]
        if isinstance(row, Primitive):
            if row.forward is operator.pos and row.partials == (1.0,):
                image[i] = found[0]
                continue
            numbers = [constants.get(j) for j in found]
            if None not in numbers:
                folded = row.forward(numbers) if row.arity is None else row.forward(*numbers)
                image[i] = new.constant(folded)
                constants[image[i]] = folded
                continue
            if row.forward in NEUTRAL:
                left, right = NEUTRAL[row.forward]
                if _same(numbers[0], left):
                    image[i] = found[1]
                    continue
                if _same(numbers[1], right):
                    image[i] = found[0]
                    continue
        key = (code, *found)
        if key not in made:
            made[key] = new.add(row, found)
        image[i] = made[key]
    new.outputs = [image[i] for i in tape.outputs]
    return new


class _Fuser:
    """Which instructions of a tape go into which chain."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.chains: dict[int, list[int | float]] = {}  # of a chain's last addition, the operands of the chain; a float is a constant
        self.absorbed = bytearray(len(tape))
        self.once = _used_once(tape)
        self.adds = tape.codes_where(lambda row: row.forward is operator.add)
        self.subs = tape.codes_where(lambda row: row.forward is operator.sub)
        self.products = tape.codes_where(lambda row: row.forward is operator.mul)
        self.dots = tape.codes_where(lambda row: row.forward is ieee.dot)
        for i in range(len(tape) - 1, -1, -1):
            if self.is_sum(i) and not self.absorbed[i]:
                self.chain(i)

    def is_sum(self, i: int) -> bool:
        code = self.tape.code[i]
        return code in self.adds or code in self.subs or code in self.dots

    def is_partial_sum(self, i: int) -> bool:
        return bool(self.once[i]) and self.is_sum(i)

    def is_factor(self, i: int) -> bool:
        return bool(self.once[i]) and self.tape.code[i] in self.products

    def chain(self, last: int) -> None:
        """Follow the sum so far from its last addition to where it begins."""
        tape = self.tape
        terms: list[tuple[int, int | float]] = []  # the last one first
        node, alone = last, last
        while tape.code[node] not in self.dots:
            a, b = tape.operands_of(node)
            swap = self.is_partial_sum(b) or (self.is_factor(a) and not self.is_factor(b))
            if tape.code[node] in self.adds and not self.is_partial_sum(a) and swap:
                a, b = b, a  # the sum so far comes first, a product last
            if tape.code[node] in self.subs:
                terms.append((b, -1.0))
            elif self.is_factor(b):
                terms.append((tape.operands_of(b)[0], tape.operands_of(b)[1]))
                self.absorbed[b] = 1
            else:
                terms.append((b, 1.0))
            node, alone = a, node
            if not self.is_partial_sum(a):
                break
            self.absorbed[a] = 1
        if tape.code[node] in self.dots and (node == last or self.absorbed[node]):
            found = tape.operands_of(node)
            half = len(found) // 2
            terms += zip(reversed(found[:half]), reversed(found[half:]), strict=True)
            begin: list[int | float] = [0.0]
        elif self.is_factor(node):
            begin = [-0.0, *tape.operands_of(node)]  # -0.0 + x is x
            self.absorbed[node] = 1
        elif alone == last and isinstance(terms[0][1], float):
            return  # a lone x + y or x - y
        else:
            begin = [node]
        self.chains[last] = [*begin, *[x for term in reversed(terms) for x in term]]


def fuse(tape: Tape) -> Tape:
    """The tape with chains. Nothing is differentiated after this, so stop_gradient goes as well."""
    found = _Fuser(tape)
    new = Tape()
    new.n_values = tape.n_values
    image = array("i", bytes(4 * len(tape)))
    for i, code in enumerate(tape.code):
        if found.absorbed[i]:
            continue
        row = tape.rows[code]
        operands = tape.operands_of(i)
        if row is INPUT:
            image[i] = new.input()
        elif row is CONSTANT:
            image[i] = new.constant(tape.constants[operands[0]])
        elif i in found.chains:
            image[i] = new.add(CHAIN, [new.constant(x) if isinstance(x, float) else image[x] for x in found.chains.pop(i)])
        elif isinstance(row, Primitive) and row.forward is operator.pos:
            image[i] = image[operands[0]]
        else:
            image[i] = new.add(row, [image[j] for j in operands])
    new.outputs = [image[i] for i in tape.outputs]
    return new


def _used_once(tape: Tape) -> bytearray:
    """1 for every instruction that exactly one operand names, and no result."""
    uses = bytearray(len(tape))
    leaves = tape.codes_where(lambda row: row.arity == 0)
    for i, code in enumerate(tape.code):
        if code not in leaves:
            for j in tape.operands_of(i):
                uses[j] = min(2, uses[j] + 1)
    for i in tape.outputs:
        uses[i] = 2
    return bytearray([n == 1 for n in uses])
