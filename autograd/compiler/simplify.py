"""From a recorded tape to a shorter one that gives the same bits.

What no result needs is dropped. Additions become one CHAIN if each sum so far
is used by the next addition only. Then z = z0 + x1 * y1 + x2 * y2 + ..., in the
order in which they were written. A neuron, a batch's loss and an adjoint's
contributions are chains. That leaves a quarter of a training step.

What depends on constants alone is computed. Common subexpressions are shared.
Operations are left out that return an operand unchanged, nan and the sign of
zero included.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import operator
from array import array
from math import copysign
from typing import Any

from ..core import ieee
from ..core.row import Primitive
from . import passes
from .llvm import pass_runner
from .notes import Notes
from .passes import codes
from .tape import CHAIN, CONSTANT, INPUT, OWN, Guard, Row, Tape

KINDS = {  # by what the forward functions are
    operator.add: codes.ADD,
    operator.sub: codes.SUB,
    operator.mul: codes.MUL,
    ieee.dot: codes.DOT,
    ieee.div: codes.DIV,
    operator.pos: codes.SAME,
}
PART = 1 << 16  # numbers that are appended at a time
MOST_TERMS = 5  # that a sum adds to a list: -0.0 and two products
SPECIAL = {
    passes.shortening.MINUS_ZERO: -0.0,
    passes.shortening.ZERO: 0.0,
    passes.shortening.ONE: 1.0,
    passes.shortening.MINUS_ONE: -1.0,
}


def kind_of(row: Row) -> int:
    """What the passes know about a row."""
    if isinstance(row, Guard):
        return codes.GUARD
    if row is INPUT:
        return codes.INPUT
    return codes.CONSTANT if row in (CONSTANT, OWN) else KINDS.get(row.forward, codes.OTHER)


def shorts(n: int, x: int = 0) -> "array[int]":
    """Return n whole numbers of 32 bits, all equal to x."""
    return array("i", [x]) * n


def lengthen(xs: "array[Any]", n: int) -> None:
    """Append n zeros, without another array that is as long."""
    part = array(xs.typecode, bytes(xs.itemsize * min(n, PART)))
    for _ in range(n // PART):
        xs.extend(part)
    xs.extend(part[: n % PART])


def hash_table(n: int) -> codes.Table:
    """An empty table for n entries; its length is a power of two."""
    size = 1 << (n + n // 2 + 8).bit_length()
    return codes.Table(shorts(size, -1), size - 1)


def simplify(tape: Tape, inputs: list[int], n_values: int, notes: Notes | None = None) -> Tape:
    """Simplify a tape.

    Args:
        tape: The recorded tape.
        inputs: The operations that are the inputs of the new tape, in order.
        n_values: How many of them, the first ones, are Values.
        notes: What keeps which operation became which.
    """
    n = len(tape)
    run = pass_runner(n)
    new = Tape()
    for row in dict.fromkeys((*tape.rows, CHAIN, CONSTANT, INPUT)):
        new.code_of(row)
    kinds = array("i", map(kind_of, new.rows))
    uses, marks = array("B", bytes(n)), array("B", bytes(n))
    old = tape.columns()
    outputs = array("q", tape.outputs)
    n_sums = run(passes.shortening.count_uses, n, old, kinds, len(outputs), outputs, uses)

    image = shorts(n, -1)
    for i, j in zip(inputs, new.add_inputs(len(inputs)), strict=True):
        image[i] = j
    new.n_values = n_values
    found = shorts(n)
    count = run(passes.shortening.find_constants, n, old, kinds, uses, marks, found)
    numbers: dict[int, float] = {}
    for i in found[:count]:
        numbers[i] = _number(tape, i, numbers)
        image[i] = new.constant(numbers[i])

    special = shorts(passes.shortening.ADDED + len(SPECIAL), -1)
    for k, x in SPECIAL.items():
        special[-k] = new.constants_known.get((x, copysign(1.0, x)), -1)
    room, room_for_operands = len(new) + n + 4, len(new.operands) + len(tape.operands) + n + 4
    state = array("q", [len(new), len(new.operands), 0, len(new.constants), 0])
    lengthen(new.code, room - len(new.code))
    lengthen(new.start, room + 1 - len(new.start))
    lengthen(new.operands, room_for_operands - len(new.operands))
    del found, numbers
    rows = (new.code_of(CHAIN), new.code_of(CONSTANT))
    shorter = passes.shortening.Shorter(*new.columns(), state, kinds, *rows, special)
    sums = passes.shortening.Sums(
        *[shorts(n, -1) for _ in range(3)], *[shorts(MOST_TERMS * n_sums) for _ in range(2)]
    )
    run(passes.shortening.shorten, n, old, uses, marks, image, sums, shorter, hash_table(room))
    new.cut(state[codes.N_CODE], state[codes.N_OPERANDS])
    added = special[passes.shortening.ADDED :][: state[codes.N_ADDED]]
    new.constants += [SPECIAL[x] for x in added]
    new.outputs = list(map(image.__getitem__, tape.outputs))
    if notes:
        notes.simplified(image, tape)
    return new


def _number(tape: Tape, i: int, numbers: dict[int, float]) -> float:
    """The result of an operation on constants."""
    row = tape.rows[tape.code[i]]
    operands = tape.operands_of(i)
    if row in (CONSTANT, OWN):
        return tape.constants[~operands[0]]
    assert isinstance(row, Primitive)
    xs = [numbers[j] for j in operands]
    return row.forward(xs) if row.arity is None else row.forward(*xs)
