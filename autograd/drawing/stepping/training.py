"""What a page needs to train: rows of data, and where they enter the graph."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...core.row import LEAF
from ...core.value import Value
from ...errors import DataTypeError, DrawingError

MOST_ROWS = 100
MOST_CLASSES = 6


class Training(NamedTuple):
    """Rows on which a page trains the leaves that learn.

    The graph is that of one row: its numbers stand in the leaves `inputs`, its
    target in the leaf `target`. An epoch computes the graph for every row and
    descends the mean of the results.

    Attributes:
        inputs: The leaves that hold a row.
        target: The leaf that holds its target.
        outputs: What the model says of a row; the map shows it over two inputs.
            If there are several, one for each class, the greatest has the say,
            and the target is the number of a class.
        X: The rows, as long as `inputs`.
        y: Their targets.
        threshold: The map has another colour where a single output is above it.
        closed: Paths of groups that are closed at first.
    """

    inputs: Sequence[Value]
    target: Value
    outputs: Sequence[Value]
    X: Sequence[Sequence[float]]
    y: Sequence[float]
    threshold: float = 0.0
    closed: Sequence[str] = ()

    def check(self, order: Sequence[Value]) -> None:
        """Refuse what a page cannot train on.

        Raises:
            DataTypeError: A row or target holds something else than numbers.
            DrawingError: Values that are not of the graph, too many rows, or
                rows of another length.
        """
        known = set(order)
        for value in (*self.inputs, self.target):
            if value not in known or value.op is not LEAF:
                raise DrawingError(f"training takes leaves of the graph, and {value!r} is none")
        for output in self.outputs:
            if output not in known:
                raise DrawingError(f"training: the output {output!r} is no Value of the graph")
        if not 1 <= len(self.outputs) <= MOST_CLASSES:
            raise DrawingError(
                f"a page trains a model with 1 to {MOST_CLASSES} outputs, as many as a map has "
                f"colours, not {len(self.outputs)}"
            )
        if not 1 <= len(self.X) <= MOST_ROWS or len(self.X) != len(self.y):
            raise DrawingError(
                f"a page trains on 1 to {MOST_ROWS} rows with a target each, not on "
                f"{len(self.X)} rows and {len(self.y)} targets"
            )
        for row in self.X:
            if len(row) != len(self.inputs):
                raise DrawingError(f"a row has {len(self.inputs)} numbers here, not {row!r}")
        for x in (x for row in (*self.X, self.y) for x in row):
            if type(x) not in (int, float) or not math.isfinite(x):
                raise DataTypeError(f"a row holds finite numbers, not {x!r}")

    def by_number(self, order: Sequence[Value]) -> dict[str, Any]:
        """Return it for the script, nodes by number."""
        number_of = {value: i for i, value in enumerate(order)}
        return {
            "inputs": [number_of[x] for x in self.inputs],
            "target": number_of[self.target],
            "outputs": [number_of[output] for output in self.outputs],
            "threshold": self.threshold,
            "rows": [[*row, y] for row, y in zip(self.X, self.y, strict=True)],
        }
