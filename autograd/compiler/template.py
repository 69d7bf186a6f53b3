"""template: a function of rows, such as an optimizer's rule, recorded once for all of them.

It is recorded on inputs of its own, and these operations are then written for
each row, natively, on the row's operands. Rows with the same plain numbers in
the same places share a recording. What is recorded has to be a function of the
row, so it is recorded twice, and where the two differ, or something other than
the operands is used, every row is recorded by itself.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from ..core import modes
from ..core.engine import RECORDER
from ..core.value import Value
from ..functional import leaves
from . import passes
from .llvm import pass_runner
from .record import Recording
from .simplify import shorts
from .structure import builder
from .tape import CONSTANT

FEW = 8  # rows, below which each is recorded by itself


def side_by_side(
    f: Callable[..., Any], rows: Sequence[Sequence[Any]], shared: Sequence[Any]
) -> list[Any]:
    """Return [f(*row, *shared) for row in rows], as the current recording has it."""
    recording = modes.current()
    alike: dict[Any, list[int]] = {}
    for i, row in enumerate(rows):
        key = tuple([None if isinstance(x, Value) else (x.__class__, x) for x in row])
        alike.setdefault(key, []).append(i)
    found: list[Any] = [None] * len(rows)
    for places in alike.values():
        these = [rows[i] for i in places]
        results: Any = None
        if len(these) >= FEW and recording.__class__ is Recording:
            results = _written(recording, f, these, shared)
        if results is None:
            results = [f(*row, *shared) for row in these]
        for i, result in zip(places, results, strict=True):
            found[i] = result
    return found


def _traced(
    f: Callable[..., Any], row: Sequence[Any], shared: Sequence[Any]
) -> tuple[Recording, Any]:
    """Record f on inputs in the places of the Values."""
    made = Recording()
    with modes.interpreting(made, RECORDER):
        given = [made.input() if isinstance(x, Value) else x for x in (*row, *shared)]
        result = f(*given)
        made.tape.outputs = list(map(made.index, leaves(result)))
    return made, result


def _written(
    recording: Recording,
    f: Callable[..., Any],
    rows: Sequence[Sequence[Any]],
    shared: Sequence[Any],
) -> list[Any] | None:
    """The results of all rows, whose operations are now on the tape; None if that cannot be."""
    made, result = _traced(f, rows[0], shared)
    again, _ = _traced(f, rows[-1], shared)
    if made.captured or made.own or made.sources or not made.equals(again):
        return None
    tape = recording.tape
    inner = made.tape
    columns = [list(map(recording.index, column)) for column in zip(*rows, strict=True)]
    columns = [column for column, x in zip(columns, rows[0], strict=True) if isinstance(x, Value)]
    common = [recording.index(x) for x in shared if isinstance(x, Value)]
    n_given = len(columns) + len(common)
    every = [*columns, *[[i] * len(rows) for i in common]]
    given = array("i", chain.from_iterable(zip(*every, strict=True)))
    names: dict[int, int] = {i: k for k, i in enumerate(made.inputs)}
    code, starts, operands = shorts(0), array("q", [0]), shorts(0)
    for i, row_code in enumerate(inner.code):
        row = inner.rows[row_code]
        if i in names:
            continue
        if row is CONSTANT:
            names[i] = ~tape.constant(inner.constants[~inner.operands_of(i)[0]])
            continue
        names[i] = passes.RESULT + len(code)
        code.append(tape.code_of(row))
        operands.extend([names[j] for j in inner.operands_of(i)])
        starts.append(len(operands))
    wanted = shorts(0)
    wanted.extend([names[i] for i in inner.outputs])
    results = shorts(len(rows) * len(wanted))
    new = len(rows) * len(code)
    state = array("q", [len(tape), len(tape.operands)])
    tape.code.extend(shorts(new))
    tape.start.extend(array("q", bytes(8 * new)))
    tape.operands.extend(shorts(len(rows) * len(operands)))
    pass_runner(new)(
        passes.write_rows,
        len(rows),
        n_given,
        given,
        len(code),
        code,
        starts,
        operands,
        shorts(len(code) + 1),
        len(wanted),
        wanted,
        results,
        tape.code,
        tape.start,
        tape.operands,
        state,
    )
    build = builder(result)
    values: Iterator[Any] = map(recording.node, results)
    return [build(values) for _ in rows]
