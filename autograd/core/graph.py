"""The graph below a node: its order, and whether its leaves were changed.

This file stands below `value.py`: it knows of a node only what `Node` says.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from ..errors import StaleValueError
from .row import Primitive


class Node(Protocol):
    """What the order of a graph needs of a node."""

    _epoch: int

    @property
    def op(self) -> Primitive:
        """The primitive that made the node."""

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands."""


NodeType = TypeVar("NodeType", bound=Node)


def topological_order(*roots: NodeType) -> list[NodeType]:
    """Return the roots and every node that they depend on, parents first.

    Each node occurs once. The same graph gives the same order.
    """
    order: list[NodeType] = []
    seen: set[NodeType] = set()
    stack: list[Any] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None:  # the parents of the next node are all in the order
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            stack += [parent for parent in node.parents if parent not in seen]
    return order


def check_not_stale(nodes: Iterable[Node]) -> None:
    """Raise StaleValueError if a leaf was changed after a node had used it."""
    for node in nodes:
        for parent in node.parents:
            if parent._epoch > node._epoch:
                raise StaleValueError(
                    f"{parent!r} was changed after {node.op.name} had used it: "
                    "the graph belongs to its old number. "
                    "Run the forward pass again before asking for gradients or copying the graph."
                )
