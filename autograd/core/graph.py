"""The graph below a Value: its topological order, and whether its leaves are still what it was made from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from ..errors import StaleValueError
from .row import LEAF, NOT_COMPUTED

if TYPE_CHECKING:
    from .value import Value


def topological_order(*roots: "Value") -> "list[Value]":
    """The roots and every node that they depend on, each once, parents before children; the same graph gives the same order."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None:  # all parents of the node below it are in the order
            order.append(cast("Value", stack.pop()))
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            stack += [parent for parent in node.parents if parent not in seen]
    return order


def check_not_stale(nodes: "Iterable[Value]") -> None:
    """Raise StaleValueError if a leaf was changed after a node was made from it."""
    for node in nodes:
        for parent in node.parents:
            if parent._epoch > node._epoch:
                raise StaleValueError(
                    f"{parent!r} was changed after {node.op.name} had used it: the graph belongs to its old number. "
                    "Run the forward pass again before asking for gradients or copying the graph."
                )


def check_marked(nodes: "Iterable[Value]") -> None:
    """check_not_stale for nodes whose grads backward has taken for its marks: an error leaves them not computed, not with a number that is none."""
    try:
        check_not_stale(nodes)
    except StaleValueError:
        for node in nodes:
            node._grad = NOT_COMPUTED
        raise


def mark_reached(nodes: "Iterable[Value]") -> None:
    """Set the grad of leaves that backward reached with nothing to pass on, the parents of a node whose gradient is 0, from not computed to 0."""
    seen = set()  # lists of operands, which nodes may share
    for node in nodes:
        if not node._grad:
            for x in (node._a, node._b):
                if id(x) not in seen:
                    seen.add(id(x))
                    for y in x if x.__class__ is tuple else (x,):
                        if (
                            y.__class__ is not float
                            and y is not None
                            and y._grad is NOT_COMPUTED
                            and y.op is LEAF
                        ):
                            y._grad = 0.0
