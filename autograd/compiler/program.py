"""Compiled: a tape that runs, and the nodes that its results are."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from ..core import chain_rule, modes, value
from ..core.arguments import told
from ..core.collector import uncollected
from ..core.graph import topological_order
from ..core.row import LEAF, NOT_COMPUTED, Primitive
from ..core.value import Value, literal
from ..errors import PrimitiveError, RecordingError
from ..functional import gradients
from . import lists, llvm, machine
from .chance import Draws
from .record import Recording, Traced, record, recording, written_out
from .record import drawn as drawing
from .refusal import line_of
from .runner import Runner
from .simplify import simplify
from .tape import Tape


def check_independent(values: Collection[Value], by: Set[Value]) -> None:
    """Raise RecordingError if one of these Values was computed of one that is derived by."""
    results = [v for v in values if v.op is not LEAF]
    if not results or not by:
        return
    for node in topological_order(*results):
        for v in node.parents:
            if v in by:
                raise RecordingError(
                    f"at {line_of(sys._getframe(1))} a jitted function takes derivatives with "
                    f"respect to {told(v)}, from which {told(node)} was computed outside: a "
                    "program does not know how, and a part of the derivative would be lost. "
                    "Compute it in the function, as in a model's forward(), or use its detach()"
                )


# The numbers of a run, and the states before of what they were drawn from, where it can fail.
Drawn: TypeAlias = tuple[list[float], Sequence[Any]]
# One call of a program: its Values, its numbers, and what makes the results without it, a
# function and its arguments.
_Call: TypeAlias = tuple[tuple[Value | float, ...], Sequence[float], tuple[Any, ...]]
_NOT_AGAIN: tuple[Any, ...] = (lambda: None,)


class Result(Primitive):
    """The primitive of one result of one call of a program."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        """Refuse to be pickled: no other process has the program.

        Raises:
            PrimitiveError: In any case.
        """
        raise PrimitiveError(
            "the graph of what a jitted function returns cannot be pickled: its program does not "
            "go along. Pickle y.detach(), which keeps the number, or pickle the arguments and "
            "call the function again where they are loaded"
        )


class Compiled:
    """A recording, what runs it, and the programs of its derivatives.

    The latter two are made when they are first needed. The inputs begin with
    the numbers of the Values `resident` and the first n inputs of the
    recording. Then come the numbers of the other Values, `captured`, and the
    other inputs. The last of these are drawn from `sources`. `build` makes the
    structure of the results from their numbers. The `captured` come in the order
    of those of `like`, another program of the same function.
    """

    def __init__(
        self,
        made: Recording,
        build: Callable[[Iterator[Any]], Any],
        n: int,
        resident: Sequence[Value] = (),
        like: "Compiled | None" = None,
    ) -> None:
        self.tape, self.build, self.sources = made.tape, build, made.sources
        self.notes = made.notes
        self.differentiates, self.by_arguments = made.differentiates, made.by_arguments
        self.by_outside = {v for v in made.by if type(v) is Value}
        by = {v.index for v in made.by if isinstance(v, Traced)}
        self.by_places = [k for k, i in enumerate(made.inputs[:n]) if i in by]
        placed = set(resident)
        others = made.captured.keys() - placed
        self.captured = made.captured_by_use(others) if others else []
        if like:
            order = {v: k for k, v in enumerate(like.captured)}
            self.captured.sort(key=lambda v: order.get(v, len(order)))
        self.outside = self.by_outside.union(self.captured)  # what no argument may be
        self.captured_results = [v for v in self.captured if v.op is not LEAF]
        first = [*made.indices(resident), *made.inputs[:n], *made.indices(self.captured)]
        self.inputs, self.n_values = [*first, *made.inputs[n:]], len(first)
        self.simplified = 0
        self.seconds: dict[str, float] = {}
        self.draws = Draws(self.sources, lambda: self.runner.can_fail())
        self._runner: Runner | None = None  # no cached_property: in a fork its lock may stay held
        self._derivatives: dict[int, Compiled] = {}

    def check_apart(self, values: Collection[Value]) -> None:
        """Raise RecordingError if a derivative would lose a part through an argument.

        A program keeps an argument and the same Value from outside apart, and does not
        know of what an argument was computed.
        """
        if not (values and (self.by_outside or self.by_places)):
            return
        given = list(values)
        by = [given[k] for k in self.by_places]
        check_independent(given, {*by, *self.by_outside})
        check_independent(self.captured_results, set(by))
        if twice := [v for v in given if v in self.outside]:
            raise RecordingError(
                f"{told(twice[0])} is an argument of a jitted function that also uses it from "
                "outside, and takes derivatives with respect to it: a program keeps the two "
                "apart, and a part of the derivative would be lost. Pass it, or use it from "
                "outside: of a model pass the model alone, and take model.parameters() in "
                "the function"
            )

    def short(self) -> Tape:
        """Simplify the tape."""
        begun = time.perf_counter()
        with uncollected():
            tape, inputs, notes = self.tape, self.inputs, self.notes
            if notes:  # a source shows rows as they are
                tape = lists.whole(tape, notes)
            elif llvm.available() and machine.untranslated(tape):
                tape, inputs = written_out(tape, inputs) or (tape, inputs)
            tape = simplify(tape, inputs, self.n_values, notes)
        self.seconds["simplify"] = time.perf_counter() - begun
        self.simplified = len(tape)
        return tape

    @property
    def runner(self) -> Runner:
        """What runs the program. Two threads that ask first at a time both make one."""
        if self._runner is None:
            tape = self.short()
            begun = time.perf_counter()
            with uncollected():
                self._runner = Runner(tape, self.differentiates)
            self.seconds["vectorise and emit"] = time.perf_counter() - begun
        return self._runner

    def drawing(self, drawn: Drawn) -> AbstractContextManager[Any]:
        """Within it, the function itself draws the numbers of a run that has failed."""
        numbers, before = drawn
        if not before:
            return drawing(numbers)
        self.draws.set_back(before)
        return drawing(numbers, self.draws.moves)

    def replay(self, inputs: Sequence[Any]) -> list[Any]:
        """Return the results as nodes of a graph, computed from these inputs."""
        return self.tape.replay(dict(zip(self.inputs, inputs, strict=True)))

    def derivative(self, k: int) -> "Compiled":
        """Return the program of the derivatives of result k by every Value."""
        if k not in self._derivatives:

            def differentiate(made: Recording) -> list[Value]:
                inputs = made.new_inputs(len(self.inputs))
                root = self.replay(inputs)[k]
                return gradients(
                    root if isinstance(root, Value) else literal(root), inputs[: self.n_values]
                )

            self._derivatives[k] = Compiled(*record(differentiate), self.n_values)
        return self._derivatives[k]

    def nodes(
        self,
        values: Sequence[Value | float],
        x: Sequence[float],
        again: tuple[Any, ...] = _NOT_AGAIN,
    ) -> list[Any] | None:
        """Return the results as nodes whose parents are the Values.

        Where a derivative of a result is nan, `again`, a function and its arguments, gives
        the graphs of all results, made without the program, or None.

        Within a recording, what the program does is recorded. The result is None
        as from the runner, which is wary where derivatives were taken: a graph sees
        that an adjoint is 0, and stops. A program multiplies it, by a factor that may
        be infinite, and gives nan for 0.
        """
        if recording():
            return self.replay([*values, *x])
        results = self.runner.run([value.data_of(v) for v in values], x)
        if results is None or not any(isinstance(v, Value) for v in values):
            return results
        of = tuple(values), x, again if self.differentiates else _NOT_AGAIN
        return [self._node(k, number, of) for k, number in enumerate(results)]

    def _slopes(self, k: int, operands: Sequence[Value | float], of: _Call) -> Sequence[Any]:
        """Return the derivatives of result k by the operands: nodes if these are Values."""
        found = self.derivative(k).nodes(operands, of[1], (self._by_graph, k, of))
        if found is None:
            found = [
                g if isinstance(v, Value) else g.data
                for g, v in zip(self._by_graph(k, of), operands, strict=True)
            ]
        return found

    def _by_graph(self, k: int, of: _Call) -> list[Any]:
        """Return the same as nodes, by the graph of the function itself, if it can be had."""
        values, x, (run, *given) = of
        nodes = [v if isinstance(v, Value) else Value(v) for v in values]
        root = (run(*given) or self.replay([*nodes, *x]))[k]
        return gradients(root if isinstance(root, Value) else literal(root), nodes)

    def _node(self, k: int, number: float, of: _Call) -> Value:
        values = of[0]
        op = Result(
            "jit",
            None,
            lambda data: number,
            lambda operands, z: self._slopes(k, operands, of),
            formula="a program",
            symbol="jit",
            latex=r"\operatorname{{jit}}\left({xs}\right)",
        )
        op.pull = chain_rule.pull_any
        interpreter = modes.current() if modes.active else None
        if interpreter is not None:
            z: Value = interpreter.apply(op, values, False)
            return z
        z = Value.__new__(Value)
        z._data, z.grad, z._primitive, z._a, z._b, z._born = (
            number,
            NOT_COMPUTED,
            op,
            values,
            None,
            next(value.clock),
        )
        return z
