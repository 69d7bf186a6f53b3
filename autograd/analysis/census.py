"""summary: what a graph consists of, counted."""

import sys
from collections import Counter
from html import escape
from typing import NamedTuple

from ..core.graph import topological_order
from ..core.row import LEAF, LITERAL, NOT_COMPUTED
from ..core.value import Value
from ..errors import DataTypeError


class Summary(NamedTuple):
    """A graph in numbers, as `summary` counts them; a table as text and in a notebook.

    `nodes` counts leaves, literals and the results of operations, `depth` the operations on the longest way from a leaf to the result,
    `counts` the results by primitive, the most frequent first. `parameters` are the leaves that are no literals. `bytes` is the memory that
    the nodes take as they are. `units` are results of a primitive with one operand and a derivative that is not constant, such as relu;
    `dead` are those among them whose derivative is zero here, so that nothing below them learns from them.
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


def summary(value: Value) -> Summary:
    """Count the graph below a Value: nodes, depth, primitives, parameters, dead units, bytes. Raises DataTypeError if it is no Value."""
    if not isinstance(value, Value):
        raise DataTypeError(
            f"summary() takes a Value, not {value!r}: give it the result of a computation, such as the loss"
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
            if node.op.arity == 1 and callable(node.op.partials[0]):  # type: ignore[index]
                units += 1
                dead += node.local_derivatives() == (0.0,)
    ops = [node.op for node in order]
    ranked = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Summary(
        len(order), depth[value], ops.count(LEAF), ops.count(LITERAL), units, dead, size, ranked
    )


def _bytes(node: Value) -> int:
    """The node, its two numbers, and its list of operands if it has one."""
    held = [
        node,
        node._data,
        *([] if node.grad is NOT_COMPUTED else [node.grad]),
        *[x for x in (node._a, node._b) if x.__class__ is tuple],
    ]
    return sum(map(sys.getsizeof, held))
