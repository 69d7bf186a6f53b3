"""The graph below a node: its orders, and whether its leaves were changed.

This file stands below `value.py`: it knows of a node only what `Node` says.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable
from math import inf
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from ..errors import DataTypeError, StaleValueError
from .row import LEAF, Primitive


class Node(Protocol):
    """What the order of a graph needs of a node."""

    _born: int

    @property
    def op(self) -> Primitive:
        """The primitive that made the node."""

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands."""

    def _operands(self) -> tuple[Any, ...]: ...  # where a plain number stays a float


NodeType = TypeVar("NodeType", bound=Node)

age_of = attrgetter("_born")  # a younger node has a greater one
ETERNAL = -(1 << 200)  # the age of a Literal, which is older than any node
FIRST = ETERNAL + 1  # no node is older: one from a pickle has a negative age


def topological_order(*roots: NodeType) -> list[NodeType]:
    """Return the roots and every node that they depend on, parents first.

    Each node occurs once. The same graph gives the same order, whenever its
    nodes were made: what a node depends on stands close before it.
    """
    for root in roots:
        if not hasattr(root, "parents"):
            raise DataTypeError(
                f"topological_order takes Values, as in topological_order(y), not {root!r}"
            )
    order: list[NodeType] = []
    seen: set[NodeType] = set()
    stack: list[Any] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None:  # the parents of the next node are all in the order
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            parents = node.parents
            if parents:
                stack += (node, None)
                stack += [parent for parent in parents if parent not in seen]
            else:
                order.append(node)
    return order


def oldest_first(*roots: NodeType, since: float = -inf) -> list[NodeType]:
    """Return the roots and every node that they depend on, in the order of age.

    Leaves come first. Each node occurs once. Reversed, this is the order of
    `backward`.

    Args:
        since: Nodes that are older are left out, as are plain numbers that are
            no node yet. What depends on a node of this age is younger.

    Raises:
        StaleValueError: A leaf was changed after an operation had used it.
    """
    leaves: list[NodeType] = []
    order: list[NodeType] = []
    stack = [node for node in dict.fromkeys(roots) if node._born >= since]
    seen = set(stack)
    while stack:
        node = stack.pop()
        operands = node.parents if since == -inf else node._operands()
        (order if operands else leaves).append(node)
        for x in operands:
            if type(x) is not float and x._born >= since:
                if x._born > node._born:
                    check_not_stale([node])
                if x not in seen:
                    seen.add(x)
                    stack.append(x)
    order.sort(key=age_of)
    if since > FIRST:  # a derivative by numbers has the order, and the bits, of one by Values
        leaves.sort(key=age_of)
    return leaves + order


def check_not_stale(nodes: Iterable[Node]) -> None:
    """Raise StaleValueError if a leaf was changed after a node had used it.

    It is younger than the node then.
    """
    for node in nodes:
        for parent in node.parents:
            if parent._born > node._born and parent.op is LEAF:
                raise StaleValueError(
                    f"{parent!r} was changed after {node.op.name} had used it: "
                    "the graph belongs to its old number. "
                    "Run the forward pass again before asking for gradients, or copying or "
                    "drawing the graph."
                )
