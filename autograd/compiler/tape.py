"""Tape: a program in single assignment form, as flat arrays.

Instruction i has a row, the primitive that makes it, and operands, the numbers
of earlier instructions. Five rows exist only here. INPUT and CONSTANT have one
operand, ~k for the k-th input or constant, so below 0. OWN is a constant that
is a leaf of the graph. CUT gives its operand, but the graph ends there. CHAIN
is the sum of products that `simplify` makes of additions. A Guard stands for
the test of a row's domain. All of it lies in arrays, because a program can have
ten million instructions.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import operator
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import copysign
from typing import Any, NamedTuple, TypeAlias

from ..core.row import Primitive
from ..core.value import Value, data_of
from .passes.codes import Columns


class Guard(NamedTuple):
    """The instruction that tests whether operands lie in the domain of a row. It has no result."""

    op: Primitive

    def holds(self, n: int) -> bool:
        """Whether the domain asks for no more than the length of the list, which is n."""
        domain = ast.parse(self.op.domain, mode="eval")
        names = [node.id for node in ast.walk(domain) if isinstance(node, ast.Name)]
        violates = self.op.violates
        return names == ["len", "xs"] and violates is not None and not violates([0.0] * n)

    def can_fail(self, given: Sequence[float | None]) -> bool:
        """Whether operands can lie outside the domain, some of which are known numbers.

        It is known of domains that do no more with the others than compare them
        with 0: each sign is tried.
        """
        violates = self.op.violates
        if self.op.arity is None or violates is None:
            return True
        others = {name for name, x in zip(self.op.names, given, strict=True) if x is None}
        nodes = list(ast.walk(ast.parse(self.op.domain, mode="eval")))
        used = [node for node in nodes if isinstance(node, ast.Name) and node.id in others]
        signs = [
            node.left
            for node in nodes
            if isinstance(node, ast.Compare)
            and [getattr(x, "value", None) for x in node.comparators] == [0]
            and node.left in used
        ]
        if len(signs) < len(used):
            return True
        tried = [(-1.0, 0.0, 1.0) if x is None else (x,) for x in given]
        return any(violates(*operands) for operands in product(*tried))


Row: TypeAlias = Primitive | Guard
REPORTED = 1 << 20


def _chain(xs: Sequence[float]) -> float:
    z = xs[0]
    for x, y in zip(xs[1::2], xs[2::2], strict=True):
        z += x * y
    return z


INPUT = Primitive("input", 0, float, ())
CONSTANT = Primitive("constant", 0, float, ())
OWN = Primitive("own", 0, float, ())
CUT = Primitive("cut", 1, operator.pos, (0.0,), total=operator.pos)
CHAIN = Primitive(
    "chain",
    None,
    _chain,
    (),
    total=_chain,
    formula="xs[0] + xs[1] * xs[2] + xs[3] * xs[4] + ..., added from left to right",
)


class Tape:
    """Instructions, the numbers of the constants, and which instructions are the results.

    `first` is the number of its first instruction. Instructions of another tape
    may be operands, if their numbers are below it.
    """

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.rows: list[Row] = []
        self.code = array("i")  # of every instruction, its row
        self.start = array(
            "q", [0]
        )  # where its operands begin; the last entry is where the next one's would
        self.operands = array("i")
        self.constants: list[float] = []
        self.outputs: list[int] = []
        self.n_inputs = 0
        self.n_values = (
            0  # how many of the inputs, the first ones, are Values; the others are numbers
        )
        self.report: Callable[[int], object] | None = None  # told of every million instructions
        self._code: dict[Row, int] = {}
        self.constants_known: dict[tuple[float, float], int] = {}  # by number and sign

    def __len__(self) -> int:
        return len(self.code)

    def add(self, row: Row, operands: Sequence[int]) -> int:
        """Append an instruction and return its number."""
        code = self._code.get(row)
        if code is None:
            code = self.code_of(row)
        n = len(self.code)
        self.code.append(code)
        self.operands.fromlist(list(operands))
        self.start.append(len(self.operands))
        if not n % REPORTED and n and self.report is not None:
            self.report(REPORTED)
        return self.first + n

    def code_of(self, row: Row) -> int:
        """The number of a row in `rows`, where it is entered if it is new."""
        if row not in self._code:
            self._code[row] = len(self.rows)
            self.rows.append(row)
        return self._code[row]

    def input(self) -> int:
        """Add an input; return its instruction."""
        self.n_inputs += 1
        return self.add(INPUT, (-self.n_inputs,))

    def add_inputs(self, n: int) -> range:
        """Add n inputs; return their instructions."""
        first, at, k = self.first + len(self.code), len(self.operands), self.n_inputs
        self.code.extend(array("i", [self.code_of(INPUT)]) * n)
        self.operands.extend(array("i", range(-k - 1, -k - n - 1, -1)))
        self.start.extend(array("q", range(at + 1, at + n + 1)))
        self.n_inputs += n
        return range(first, first + n)

    def constant(self, x: float) -> int:
        """The instruction that gives x; one for all uses of the same bits."""
        key = (x, copysign(1.0, x))
        if key not in self.constants_known:
            self.constants_known[key] = self.add(CONSTANT, (~len(self.constants),))
            self.constants.append(x)
        return self.constants_known[key]

    def columns(self) -> Columns:
        """The arrays of the instructions, as passes take them."""
        return Columns(self.code, self.start, self.operands)

    def cut(self, n: int, n_operands: int) -> None:
        """Keep the first n instructions, and the memory that they need."""
        self.code = self.code[:n]
        self.start = self.start[: n + 1]
        self.operands = self.operands[:n_operands]

    def equals(self, other: "Tape") -> bool:
        """Whether both have the same instructions, constants and results."""
        return (
            (self.rows, self.code, self.start, self.operands, self.outputs)
            == (other.rows, other.code, other.start, other.operands, other.outputs)
        ) and array("d", self.constants).tobytes() == array("d", other.constants).tobytes()

    def known(self, i: int) -> float | None:
        """The number that an instruction gives, if it is a constant."""
        if self.row(i) is not CONSTANT:
            return None
        return self.constants[~self.operands[self.start[i - self.first]]]

    def row(self, i: int) -> Row:
        """The row of an instruction."""
        return self.rows[self.code[i - self.first]]

    def operands_of(self, i: int) -> "array[int]":
        """Return the operands of an instruction."""
        i -= self.first
        return self.operands[self.start[i] : self.start[i + 1]]

    def replay(self, inputs: Mapping[int, Any]) -> list[Any]:
        """Compute the results by the functions of the rows.

        Numbers give numbers, and Values give a graph. Guards are passed over.

        Args:
            inputs: What stands for each input, by its instruction.
        """
        values: list[Any] = []
        for i, code in enumerate(self.code):
            row = self.rows[code]
            operands = self.operands_of(i)
            if row is INPUT:
                values.append(inputs[i])
            elif row in (CONSTANT, OWN):
                values.append(self.constants[~operands[0]])
            elif row is CUT and type(condition := values[operands[0]]) is Value:
                values.append(data_of(condition))  # a plain number in the eager run, too
            elif isinstance(row, Primitive):
                found = [values[j] for j in operands]
                values.append(row.total(found) if row.arity is None else row.total(*found))
            else:
                values.append(None)
        return [values[i] for i in self.outputs]
