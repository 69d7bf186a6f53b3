"""summary: what a graph consists of, counted."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from collections import Counter
from html import escape
from typing import NamedTuple

from ..core.graph import topological_order
from ..core.row import LEAF, LITERAL, NOT_COMPUTED
from ..core.value import Value
from ..core.words import names_checked
from ..errors import DataTypeError


class Summary(NamedTuple):
    """A graph in numbers, shown as a table.

    `nodes` counts leaves, literals and results of operations. `depth` is the
    number of operations on the longest way from a leaf to the result. `counts`
    has the results by primitive, the most frequent first. `parameters` are the
    leaves. `bytes` is the memory of the nodes.

    `units` are results of a primitive such as relu: one operand, and a
    derivative that varies. A unit is `dead` if its derivative is 0 here; then
    nothing below it learns from it.
    """

    nodes: int
    depth: int
    parameters: int
    literals: int
    units: int
    dead: int
    bytes: int
    counts: dict[str, int]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: a name and its number as text."""
        numbers = {
            "nodes": self.nodes,
            "depth": self.depth,
            "parameters": self.parameters,
            "literals": self.literals,
            "units": self.units,
            "dead units": self.dead,
            "bytes": self.bytes,
            **self.counts,
        }
        return [(name, f"{number:,}") for name, number in numbers.items()]

    def __str__(self) -> str:
        names, numbers = (max(map(len, column)) for column in zip(*self.rows, strict=True))
        return "\n".join(f"{name:<{names}}  {number:>{numbers}}" for name, number in self.rows)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{number}</td></tr>'
            for name, number in self.rows
        )
        return f"<table><caption>Computation graph</caption>{rows}</table>"


@names_checked
def summary(value: Value) -> Summary:
    """Count what the graph of a Value consists of.

    Args:
        value: The result of a computation, such as a loss.

    Raises:
        DataTypeError: `value` is no Value.

    Examples:
        >>> from autograd import Value, summary
        >>> x = Value(2.0)
        >>> counted = summary(x * x + 1.0)
        >>> counted.nodes, counted.depth, counted.counts
        (4, 2, {'add': 1, 'mul': 1})
    """
    if not isinstance(value, Value):
        raise DataTypeError(
            f"summary() takes a Value, not {value!r}: give it the result of a computation, "
            "such as the loss"
        )
    order = topological_order(value)
    depth: dict[Value, int] = {}
    counts: Counter[str] = Counter()
    units = dead = size = 0
    for node in order:
        size += _bytes(node)
        depth[node] = max([depth[parent] + 1 for parent in node.parents], default=0)
        if depth[node]:
            counts[node.op.name] += 1
            if node.op.arity == 1 and not node.op.constants:  # as relu, unlike neg and floor
                units += 1
                dead += node.local_derivatives() == (0.0,)
    ops = [node.op for node in order]
    return Summary(
        nodes=len(order),
        depth=depth[value],
        parameters=ops.count(LEAF),
        literals=ops.count(LITERAL),
        units=units,
        dead=dead,
        bytes=size,
        counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )


def _bytes(node: Value) -> int:
    """Return the memory of a node: itself, its numbers, its list of operands."""
    own = [node, node.data]
    if node.grad is not NOT_COMPUTED:
        own.append(node.grad)
    if node.op.arity is None or node.op.arity > 2:
        own.append(node.parents)
    return sum(map(sys.getsizeof, own))
