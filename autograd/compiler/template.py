"""template: a function of rows, such as a model or an optimizer's rule, recorded once for all.

It is recorded on inputs of its own, and these operations are then written for
each row, natively, on the row's operands. Rows with the same plain numbers in
the same places share a recording. What is recorded has to be a function of the
row, so it is recorded twice, of the first row and of the last one. Where the two
differ, or where a Value is used that is neither an operand nor one of those that
are said to be used, every row is recorded by itself.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain, groupby
from typing import Any, TypeGuard

from ..core import modes
from ..core.engine import RECORDER
from ..core.value import Value
from ..functional import leaves, rebuild
from . import passes
from .llvm import pass_runner
from .passes import codes
from .record import Column, Recording
from .simplify import lengthen, shorts
from .structure import builder
from .tape import CONSTANT, INPUT, Tape

OUTSIDE = 1 << 29  # the first operation of a row: all others have lower numbers
FEW = 4  # rows, below which each is recorded by itself


def side_by_side(
    f: Callable[..., Any],
    rows: Sequence[Sequence[Any]],
    shared: Sequence[Any],
    used: Set[Value] | None,
) -> list[Any]:
    """Return [f(*row, *shared) for row in rows], as the current recording has it.

    Operations come in the order of the rows: the order of age decides in which
    order gradients are added.
    """
    recording = modes.current()
    if not _records_templates(recording):
        return [f(*row, *shared) for row in rows]
    keys = _keys(rows)
    alike: dict[Any, list[int]] = {}
    for i, key in enumerate(keys):
        alike.setdefault(key, []).append(i)
    templates: dict[Any, _Template | None] = {}
    found: list[Any] = []
    for key, group in groupby(range(len(rows)), keys.__getitem__):
        places = list(group)
        if key not in templates:
            first, last = alike[key][0], alike[key][-1]
            enough = len(alike[key]) >= FEW
            ends = rows[first], rows[last]
            templates[key] = _template(recording, f, *ends, shared, used) if enough else None
        template = templates[key]
        if template is None:
            found += [f(*rows[i], *shared) for i in places]
        else:
            found += template.write([rows[i] for i in places])
    return found


def in_columns(
    f: Callable[..., Sequence[Any]], columns: Sequence[Sequence[Any]], shared: Sequence[Any]
) -> list[Sequence[Any]]:
    """Return the columns of [f(*row, *shared) for row in zip(*columns)].

    Other than in `side_by_side`, all operands are Values.
    """
    recording = modes.current()
    if _records_templates(recording) and len(columns[0]) >= FEW:
        first, last = [[column[k] for column in columns] for k in (0, -1)]
        template = _template(recording, f, first, last, shared, frozenset())
        if template is not None:
            return template.write_columns(columns)
    rows = zip(*columns, strict=True)
    return list(zip(*[f(*row, *shared) for row in rows], strict=True))


def _records_templates(interpreter: modes.Interpreter | None) -> TypeGuard[Recording]:
    """Whether operations are recorded, and nothing has to be known about each."""
    return isinstance(interpreter, Recording) and not (
        interpreter.notes and not interpreter.notes.pulls
    )


def _keys(rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Of each row, its plain numbers and their places, by which rows are told apart."""
    classes = set(map(type, chain.from_iterable(rows)))
    if all(issubclass(cls, Value) for cls in classes) and len(set(map(len, rows))) == 1:
        return [None] * len(rows)
    return [
        tuple([None if isinstance(x, Value) else (x.__class__, repr(x)) for x in row])
        for row in rows
    ]


def one_after_another(
    f: Callable[[Any, Any], Any], state: Any, xs: Sequence[Any], used: Set[Value] | None
) -> list[Any]:
    """Return the states after each step, f(state, x), as the current recording has it."""
    recording = modes.current()
    found: list[Any] = []
    lists = all(isinstance(x, list | tuple) for x in xs)
    if isinstance(recording, Recording) and not recording.notes and lists and len(xs) > FEW:
        found.append(f(state, xs[0]))  # it may begin with plain numbers
        state, rows = found[0], list(map(list, xs[1:]))
        given = leaves(state)
        m = len(given)

        def step(*numbers: Any) -> Any:
            return f(rebuild(state, numbers[:m]), list(numbers[m:]))

        if len(set(map(len, rows))) == 1 and all(
            isinstance(x, Value) for row in [given, *rows] for x in row
        ):
            ends = [*given, *rows[0]], [*given, *rows[-1]]
            template = _template(recording, step, *ends, (), used)
            if template and template.hands_on(m):
                return found + template.write_steps(given, rows)
    for x in xs[len(found) :]:
        state = f(state, x)
        found.append(state)
    return found


class _Row(Recording):
    """The recording of one row.

    Its tape begins at OUTSIDE, and what it captures are operations of the
    outermost recording.
    """

    def __init__(self, around: Recording) -> None:
        super().__init__()
        self.tape = Tape(OUTSIDE)
        self.root: Recording = around.root if isinstance(around, _Row) else around
        self.captured, self.born = self.root.captured, self.root.born

    def capture(self, xs: Sequence[Value]) -> Sequence[int]:
        """Let Values become operands."""
        return self.root.capture(xs)

    def tells_all(self) -> bool:
        """Whether the tape is the whole graph: a part of it is outside."""
        return False

    def node(self, index: int) -> Value:
        """The Value that an operation gives."""
        return super().node(index) if index >= OUTSIDE else self.root.node(index)

    def nodes(self, indices: Sequence[int]) -> list[Value]:
        """The Values that operations give."""
        return list(map(self.node, indices))

    def uses(self) -> set[Value]:
        """The Values that it has captured."""
        return {self.node(i) for i in set(self.tape.operands) if 0 <= i < OUTSIDE}


def _traced(made: _Row, f: Callable[..., Any], row: Sequence[Any], shared: Sequence[Any]) -> Any:
    """Record f on inputs in the places of the Values; return its result."""
    with modes.interpreting(made, RECORDER):
        operands = [*row, *shared]
        inputs = iter(made.new_inputs(sum([isinstance(x, Value) for x in operands])))
        result = f(*[next(inputs) if isinstance(x, Value) else x for x in operands])
        made.tape.outputs = made.indices(leaves(result))
    return result


def _template(
    recording: Recording,
    f: Callable[..., Any],
    first: Sequence[Any],
    last: Sequence[Any],
    shared: Sequence[Any],
    used: Set[Value] | None,
) -> "_Template | None":
    """The template of rows that begin and end with these; None where there can be none."""
    made, again = _Row(recording), _Row(recording)
    result = _traced(made, f, first, shared)
    if made.own or made.sources or not (used is None or made.uses() <= used):
        return None
    _traced(again, f, last, shared)
    if not made.tape.equals(again.tape):
        return None
    return _Template(recording, made, builder(result), shared)


class _Template:
    """What a function does, as operations on operands by their places in a row.

    An operand is named as in a rule of `gradient`.
    """

    def __init__(
        self,
        recording: Recording,
        made: _Row,
        build: Callable[[Iterator[Any]], Any],
        shared: Sequence[Any],
    ) -> None:
        self.recording, self.build = recording, build
        self.shared = [recording.index(x) for x in shared if isinstance(x, Value)]
        tape, inner = recording.tape, made.tape
        names: list[int] = [0] * len(inner)
        for k, i in enumerate(made.inputs):
            names[i - OUTSIDE] = k

        def named(operands: Iterable[int]) -> list[int]:
            return [names[i - OUTSIDE] if i >= OUTSIDE else ~i for i in operands]

        self.code, self.start, self.operands = shorts(0), array("q", [0]), shorts(0)
        for i, code in enumerate(inner.code):
            row, operands = inner.rows[code], inner.operands_of(OUTSIDE + i)
            if row is CONSTANT:
                names[i] = ~tape.constant(inner.constants[~operands[0]])
            elif row is not INPUT:
                names[i] = codes.RESULT + len(self.code)
                self.code.append(tape.code_of(row))
                self.operands.fromlist(named(operands))
                self.start.append(len(self.operands))
        self.wanted = shorts(0)
        self.wanted.fromlist(named(inner.outputs))

    def write(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Write the operations of these rows on the tape; return the results."""
        columns = [column for column in zip(*rows, strict=True) if isinstance(column[0], Value)]
        return self._built(self._written(self._given(columns, len(rows)), len(rows)))

    def write_columns(self, columns: Sequence[Sequence[Value]]) -> list[Sequence[Any]]:
        """Write the operations of the rows that these columns make; return those of the results."""
        times, width = len(columns[0]), len(self.wanted)
        results = self._written(self._given(columns, times), times)
        return [Column(self.recording, results[k::width]) for k in range(width)]

    def _given(self, columns: Sequence[Sequence[Value]], times: int) -> list[int]:
        """The operands of all rows, column by column."""
        given: list[int] = []
        for column in columns:
            given += self.recording.indices(column)
        for i in self.shared:
            given += [i] * times
        return given

    def hands_on(self, n: int) -> bool:
        """Whether there are n results, all made by operations of its own."""
        return len(self.wanted) == n and all(i >= codes.RESULT for i in self.wanted)

    def write_steps(self, state: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Write the operations of rows, each of which begins with the results of the one before."""
        columns = list(zip(*rows, strict=True))
        given = self.recording.indices(list(chain.from_iterable(columns)))
        first = list(map(self.recording.index, state))
        tape = self.recording.tape
        begin, n, times = tape.first + len(tape), len(self.code), len(rows)
        handed_on: list[int] = []
        for i, k in zip(first, self.wanted, strict=True):
            made = begin + k - codes.RESULT
            handed_on += [i, *range(made, made + (times - 1) * n, n)]
        return self._built(self._written(handed_on + given, times))

    def _built(self, results: Sequence[int]) -> list[Any]:
        """The results of every row in their structure."""
        values = iter(self.recording.nodes(results))
        return [self.build(values) for _ in range(len(results) // max(1, len(self.wanted)))]

    def _written(self, columns: Sequence[int], times: int) -> "array[int]":
        """Write the operations on these operands, column by column; return the results."""
        tape = self.recording.tape
        given, width = shorts(len(columns)), len(columns) // times
        for k in range(width):
            given[k::width] = array("i", columns[k * times : (k + 1) * times])
        results = shorts(times * len(self.wanted))
        new = times * len(self.code)
        state = array("q", [len(tape), len(tape.operands)])
        lengthen(tape.code, new)
        lengthen(tape.start, new)
        lengthen(tape.operands, times * len(self.operands))
        pass_runner(len(tape))(
            passes.rows.write_rows,
            times,
            tape.first,
            width,
            given,
            len(self.code),
            codes.Columns(self.code, self.start, self.operands),
            shorts(len(self.code) + 1),
            len(self.wanted),
            self.wanted,
            results,
            tape.columns(),
            state,
        )
        return results
