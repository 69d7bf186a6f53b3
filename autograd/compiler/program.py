"""Compiled: a tape that runs, and the nodes that its results are."""

import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from .. import engine, modes, value
from ..functional import gradients
from ..row import NOT_COMPUTED, Primitive
from ..value import Value, literal
from . import machine, source
from .lanes import Layout, layout
from .record import record, recording
from .simplify import fuse, simplify
from .tape import INPUT, Tape

Runner = Callable[[Sequence[float], Sequence[float]], list[float] | None]


class Compiled:
    """A simplified tape and, made when first needed, its layout, the function that runs it, and the programs of its derivatives."""

    def __init__(self, tape: Tape, recorded: int) -> None:
        self.tape = tape
        self.recorded = recorded
        self.seconds: dict[str, float] = {}
        self._layout: Layout | None = None
        self._run: Runner | None = None
        self._derivatives: dict[int, Compiled] = {}

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            begun = time.perf_counter()
            fused = fuse(self.tape)
            middle = time.perf_counter()
            self._layout = layout(fused)
            self.seconds["fuse"], self.seconds["vectorise"] = middle - begun, time.perf_counter() - middle
        return self._layout

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """The results for the Values' numbers p and the numbers x; None if an operand lies outside a domain. May be called concurrently."""
        if self._run is None:
            made = self.layout
            begun = time.perf_counter()
            self._run = machine.compiled(made) if machine.fits(made) else source.compiled(made)[1]
            self.seconds["emit"] = time.perf_counter() - begun
        return self._run(p, x)

    def derivative(self, k: int) -> "Compiled":
        """The program of the derivatives of result k by every Value."""
        if k not in self._derivatives:

            def differentiate(made: Any) -> list[Value]:
                inputs = [made.input() for _ in range(self.tape.n_inputs)]
                root = self.tape.replay(inputs)[k]
                return gradients(root if isinstance(root, Value) else literal(root), inputs[: self.tape.n_values])

            self._derivatives[k] = finished(*record(differentiate), self.tape.n_values)[0]
        return self._derivatives[k]

    def nodes(self, values: Sequence[Value | float], x: Sequence[float]) -> list[Any] | None:
        """The results as nodes whose parents are the Values; within a recording, what they do is recorded. None as in run."""
        if recording():
            return self.tape.replay([*values, *x])
        results = self.run([engine.number(v) for v in values], x)
        if results is None or not values:
            return results
        return [self._node(k, number, tuple(values), x) for k, number in enumerate(results)]

    def _node(self, k: int, number: float, values: tuple[Value | float, ...], x: Sequence[float]) -> Value:
        def partials(operands: Sequence[Any], z: Any) -> Any:
            if any(isinstance(v, Value) for v in operands):
                return self.derivative(k).nodes(operands, x)
            return self.derivative(k).run(operands, x)

        op = Primitive("jit", None, lambda data: number, partials, formula="a program")
        op.pull = engine.pull_list(op)
        interpreter = modes.current() if modes.active else None
        if interpreter is not None:
            return interpreter.apply(op, values, False)
        z: Value = Value.__new__(Value)
        z._data, z.grad, z._op, z._a, z._b, z._epoch = number, NOT_COMPUTED, op, values, None, value.epoch
        return z


def finished(made: Any, outputs: Sequence[Any], n_arguments: int) -> tuple[Compiled, list[Value]]:
    """The program of a recording, and the Values that it captured. Its inputs are the first n_arguments of the recording, which are Values,
    the captured ones, and all others."""
    begun = time.perf_counter()
    made.tape.outputs = [made.index(z) for z in outputs]
    uses = [*made.uses, *[-1] * (len(made.captured) - len(made.uses))]
    captured = [v for _, v in sorted(zip(uses, made.captured, strict=True), key=itemgetter(0))]  # weights apart from biases: better lanes
    inner = set(made.captured.values())
    others = [i for i, code in enumerate(made.tape.code) if made.tape.rows[code] is INPUT and i not in inner]
    order = [*others[:n_arguments], *map(made.captured.__getitem__, captured), *others[n_arguments:]]
    tape = simplify(made.tape, order, n_arguments + len(captured))
    compiled = Compiled(tape, len(made.tape))
    compiled.seconds["simplify"] = time.perf_counter() - begun
    return compiled, captured
