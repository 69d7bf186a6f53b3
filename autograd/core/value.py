"""Value: a number that remembers how it was computed.

An operation on Values makes a new Value, a node, that holds its result (`data`), the row of the table of primitives that made it (`op`)
and what it was made from (`parents`). The nodes form a graph, acyclic by construction: a parent is always older than its child. `backward`
walks that graph once, from the result to the leaves, and applies the chain rule:

    parent.grad += dz/dparent * z.grad        for every parent of every node z, children first

The local derivatives dz/dparent are the business of the rows, in `primitives.py`, the next file to read. How a row becomes the functions that
make nodes, and the line above in the shape that is fastest for each kind of row, stands in `engine.py`.
"""

from typing import Any, TypeAlias

from ..errors import DataTypeError, GraphError
from . import modes
from .graph import check_marked, mark_reached
from .protocols import Protocols, real_number
from .row import LEAF, LITERAL, NOT_COMPUTED, Primitive

Operand: TypeAlias = "Value | float"

epoch = 0  # how many times any leaf was changed; a node remembers the epoch in which it was made


class Value(Protocols):
    """A real number in a computation graph: `Value(data, label=None)` is a leaf, an operation on Values gives an interior node.

    `data` is the number, `grad` the derivative of what `backward` was called on with respect to it, `parents` the operands in order, `op` the
    primitive, and `label` a name for pictures and messages. Raises DataTypeError if data is not a real number.
    """

    # The operands of a unary or binary node lie in _a and _b, a list in a tuple in _a, two lists in _a and _b; a number is a bare float. The
    # fewer containers a node has, the less the cyclic garbage collector has to walk, and that walk is most of an eager engine's time.
    __slots__ = ("_a", "_b", "_data", "_epoch", "_grad", "_primitive")
    _data: float
    _grad: float
    _primitive: Primitive
    _a: Any
    _b: Any
    _epoch: int

    def __init__(self, data: float, label: str | None = None) -> None:
        self._data = data if data.__class__ is float else real_number(data, "Value(data)")
        self._grad = NOT_COMPUTED
        self._primitive = LEAF
        self._a = self._b = None
        self._epoch = epoch
        if label is not None:
            self.label = label

    @property
    def data(self) -> float:
        """The number. Only a leaf's can be set; a graph made from its old number then refuses to run backward."""
        interpreter = modes.current() if modes.active else None
        return self._data if interpreter is None else interpreter.read(self)

    @data.setter
    def data(self, number: float) -> None:
        global epoch
        if self._primitive is not LEAF:
            raise GraphError(
                f"the data of {self!r} is the result of {self._primitive.name}: change the leaves and compute it again"
            )
        self._data = number if number.__class__ is float else real_number(number, "Value.data")
        epoch += 1
        self._epoch = _Labelled(epoch, self.label) if self.label is not None else epoch

    @property
    def op(self) -> Primitive:
        """The primitive that made this node; LEAF for a leaf, LITERAL for a plain number among the operands."""
        return self._primitive

    @property
    def parents(self) -> tuple["Value", ...]:
        """The operands, in order, as often as used: x * x has the parents (x, x). A number among them becomes a literal now."""
        operands = tuple(
            [literal(x) if x.__class__ is float else x for x in self._operands() if x is not None]
        )
        if float in map(type, self._operands()):
            self._a, self._b = (
                (operands, None) if self._a.__class__ is tuple else (*operands, None)[:2]
            )
        return operands

    def _operands(self) -> tuple[Any, ...]:
        """The operands as they lie, a number as a float; where there are none or one, None for each that is missing."""
        a, b = self._a, self._b
        return (a, b) if a.__class__ is not tuple else a if b is None else a + b

    @property
    def label(self) -> str | None:
        return getattr(self._epoch, "label", None)

    @label.setter
    def label(self, label: str | None) -> None:
        if label is not None and not isinstance(label, str):
            raise DataTypeError(f"a label is a str or None, not {label!r}")
        self._epoch = int(self._epoch) if label is None else _Labelled(self._epoch, label)

    def local_derivatives(self) -> tuple[float | None, ...]:
        """dz/dparent at the recorded numbers, for every parent in order; None for a literal, which has no derivative."""
        wanted = [parent._primitive is not LITERAL for parent in self.parents]
        found = self._primitive.partials_at(
            [parent._data for parent in self.parents], self._data, wanted
        )
        return tuple(
            [0.0 if want and p is None else p for p, want in zip(found, wanted, strict=True)]
        )

    def detach(self) -> "Value":
        """A new leaf with the same data: no gradient flows through it."""
        return Value(self.data, self.label)

    def backward(self, seed: float = 1.0) -> None:
        """Add seed * d(self)/d(leaf) to the grad of every leaf below, and set the grad of every interior node below to seed * d(self)/d(node).

        Twice gives twice the leaves' gradients. A node whose gradient is zero passes nothing on. Raises StaleValueError if a leaf was changed
        since it was used, DataTypeError if seed is not a number.
        """
        seed = real_number(seed, "backward(seed)")
        order, leaves = _interior_order(self)
        self._grad = seed if order else self._grad + seed
        interpreter = modes.current() if modes.active else None
        for node in reversed(order):
            g = node._grad
            if g:  # nan is true
                if interpreter is not None:
                    interpreter.pulls(node, g)
                node._primitive.pull(node, g)
        if any(leaf._grad is NOT_COMPUTED for leaf in leaves):
            mark_reached(order)


def data_of(x: Operand) -> float:
    """The number of a Value, whatever interpreter is active; a number is its own."""
    return x._data if isinstance(x, Value) else x


class Literal(Value):
    """A plain number among the operands of a node. It has no gradient."""

    __slots__ = ()


class _Labelled(int):
    """An epoch that carries a label, so that a node without one pays nothing for it."""

    label: str

    def __new__(cls, epoch: int, label: str) -> "_Labelled":
        self = super().__new__(cls, epoch)
        self.label = label
        return self


def literal(x: float) -> Literal:
    value = Literal(x)
    value._primitive, value._epoch = LITERAL, 0  # older than any node
    return value


def _interior_order(root: Value) -> tuple[list[Value], set[Value]]:
    """The interior nodes of topological_order(root), marked as seen by a zero of this call's own in their grad, which so is reset; and the leaves
    among their parents whose grad is not computed.

    Why an order, and not recursion: a node may pass its gradient on only when all its children have given theirs. The mark is negative because
    -0.0 + c is c for every c.
    """
    mark, now, current = float("-0"), epoch, True
    order: list[Value] = []
    untouched: set[Value] = set()
    finished: set[int] = (
        set()
    )  # the lists of operands, which nodes may share, that have been gone through
    stack: list[Any] = (
        [root] if root._primitive is not LEAF and root._primitive is not LITERAL else []
    )
    push, pop, done = stack.append, stack.pop, order.append
    while stack:
        node = pop()
        if node is None:
            done(node := pop())
            if node._a.__class__ is tuple:
                finished |= {id(node._a), id(node._b)}
        elif node._grad is not mark:
            node._grad = mark
            if node._epoch is not now:
                current = False
            stack += (node, None)
            operands: Any = (node._a, node._b)
            if node._a.__class__ is tuple:
                operands = [
                    x for xs in operands if xs is not None and id(xs) not in finished for x in xs
                ]
            for x in operands:
                if x.__class__ is Value:
                    if x._primitive is LEAF:
                        if x._grad is NOT_COMPUTED:
                            untouched.add(x)
                    elif x._grad is not mark:
                        push(x)
    if not current:
        check_marked(order)
    return order, untouched
