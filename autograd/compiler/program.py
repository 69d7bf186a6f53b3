"""Compiled: a tape that runs, and the nodes that its results are."""

import time
from array import array
from collections.abc import Sequence
from typing import Any, Protocol

from .. import engine, modes, value
from ..functional import gradients
from ..row import NOT_COMPUTED, Primitive
from ..value import Value, literal
from . import machine, source
from .lanes import Layout
from .record import Recording, record, recording, uncollected
from .simplify import simplify
from .tape import Tape


class Memory:
    """The numbers that stay where they are from one run to the next: the first ones of `array`. The rest belongs to the program that ran last."""

    def __init__(self) -> None:
        self.array: Any = []
        self.owner: object = None
        self.batch: object = None  # the arguments that the owner has copied there


class Runner(Protocol):
    """A program that can be run: as Python (`source`) or on numba (`machine`). Its layout has been used up but for the numbers about it."""

    layout: Layout

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """The results for the Values' numbers p and the numbers x; None if an operand lies outside a domain. May be called concurrently."""

    def advance(self, memory: Memory, n: int, p: Sequence[float], x: "array[float]", further: Sequence[float]) -> list[float] | None:
        """The same where the first n of the Values' numbers lie in a memory, and the first n results replace them; None leaves them. The numbers
        are x, which does not change while it is in use, and a few further ones."""


class Compiled:
    """A recorded tape and, made when first needed, what runs it and the programs of its derivatives."""

    def __init__(self, made: Recording, inputs: list[int], n_values: int) -> None:
        """Of a recording, with these instructions as inputs, the first n_values of them Values."""
        self.tape, self.inputs, self.n_values = made.tape, inputs, n_values
        self.simplified = 0
        self.seconds: dict[str, float] = {}
        self._runner: Runner | None = None
        self._derivatives: dict[int, Compiled] = {}

    def short(self) -> Tape:
        """The tape that is laid out: with chains, and simplified."""
        begun = time.perf_counter()
        with uncollected():
            tape = simplify(self.tape, self.inputs, self.n_values)
        self.seconds["simplify"] = time.perf_counter() - begun
        self.simplified = len(tape)
        return tape

    def replay(self, inputs: Sequence[Any]) -> list[Any]:
        """The results for these inputs, as Tape.replay gives them."""
        given = {~self.tape.operands_of(i)[0]: x for i, x in zip(self.inputs, inputs, strict=True)}
        return self.tape.replay([given[k] for k in range(self.tape.n_inputs)])

    @property
    def runner(self) -> Runner:
        if self._runner is None:
            tape = self.short()
            begun = time.perf_counter()
            with uncollected():
                self._runner = machine.Machine(tape) if machine.fits(tape) else source.Python(tape)
            self.seconds["vectorise and emit"] = time.perf_counter() - begun
        return self._runner

    def derivative(self, k: int) -> "Compiled":
        """The program of the derivatives of result k by every Value."""
        if k not in self._derivatives:

            def differentiate(made: Recording) -> list[Value]:
                inputs = [made.input() for _ in self.inputs]
                root = self.replay(inputs)[k]
                return gradients(root if isinstance(root, Value) else literal(root), inputs[: self.n_values])

            made, _ = record(differentiate)
            self._derivatives[k] = Compiled(made, made.inputs, self.n_values)
        return self._derivatives[k]

    def nodes(self, values: Sequence[Value | float], x: Sequence[float]) -> list[Any] | None:
        """The results as nodes whose parents are the Values; within a recording, what they do is recorded. None as in Runner.run."""
        if recording():
            return self.replay([*values, *x])
        results = self.runner.run([engine.number(v) for v in values], x)
        if results is None or not values:
            return results
        return [self._node(k, number, tuple(values), x) for k, number in enumerate(results)]

    def _node(self, k: int, number: float, values: tuple[Value | float, ...], x: Sequence[float]) -> Value:
        def partials(operands: Sequence[Any], z: Any) -> Any:
            if any(isinstance(v, Value) for v in operands):
                return self.derivative(k).nodes(operands, x)
            return self.derivative(k).runner.run(operands, x)

        op = Primitive("jit", None, lambda data: number, partials, formula="a program", symbol="jit", latex=r"\operatorname{{jit}}\left({xs}\right)")
        op.pull = engine.pull_list(op)
        interpreter = modes.current() if modes.active else None
        if interpreter is not None:
            return interpreter.apply(op, values, False)
        z: Value = Value.__new__(Value)
        z._data, z.grad, z._op, z._a, z._b, z._epoch = number, NOT_COMPUTED, op, values, None, value.epoch
        return z
