"""The step of training, forward pass, gradients, clipping and the optimizer's update: eagerly, and as a program by `autograd.jit`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value, gradients, topological_order
from autograd.errors import DataTypeError, GraphError
from autograd.extending import LITERAL, in_place, leaves, load, rebuild, within

from .losses import Loss
from .module import Module
from .optim import UNREACHED, Optimizer, clip_grad_norm, clip_norm
from .schedules import Schedule

Penalty = Callable[[list[Value]], Any]
Rows = Sequence[Any]


class train_step:
    """The step of `fit` as one program: loss + penalty(parameters), its gradient clipped at `clip_norm`, and the optimizer's update at its rate times
    schedule(steps so far). `step(X, y)` trains on one batch and returns the loss from before the update, `step.run(batches)` on many; the bits are
    those of `step.eager`, but for nan of 0 times an infinite number. The first batch of each structure is recorded, the others are replayed.
    Parameters and the optimizer's state stay in the program's memory between steps and come back when they are looked at; a change of them, of the
    rate and of train() or eval() is noticed, and no other. A step that raises changes nothing. Raises DataTypeError for what is no loss or optimizer,
    ArgumentError unless clip_norm > 0, RecordingError for what cannot be recorded, GraphError where the loss reaches no parameter, and what model and
    loss raise."""

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        schedule: Schedule | None = None,
        penalty: Penalty | None = None,
        clip_norm: float | None = None,
    ):
        if not callable(loss):
            raise DataTypeError(
                f"loss is a function of (outputs, targets), such as nn.mse, not {loss!r}"
            )
        if not isinstance(optimizer, Optimizer):
            raise DataTypeError(
                f"optimizer is an Optimizer, such as nn.SGD(model.parameters(), lr=0.1), not {optimizer!r}"
            )
        within(locals(), clip_norm="(0, inf] or None")
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.schedule, self.penalty, self.clip_norm = schedule, penalty, clip_norm
        self._structure, self._t = list(optimizer.state), optimizer.t
        self._modules = [module for _, module in model.named_modules()]
        self._resident = in_place(
            self._program,
            optimizer.params,
            2,
            lambda: leaves(optimizer.state),
            self._write_state,
            self._taken,
        )

    def __getstate__(self) -> dict[str, Any]:  # a copy records its own programs
        return {
            name: getattr(self, name)
            for name in ("model", "loss", "optimizer", "schedule", "penalty", "clip_norm")
        }

    def __setstate__(self, parts: dict[str, Any]) -> None:
        train_step.__init__(self, **parts)

    def __repr__(self) -> str:
        return f"<train_step of {self.model!r} with {self.optimizer!r}>"

    def __call__(self, X: Rows, y: Rows) -> float:
        return self._advance(self._packed(X, y, None), X, y)[0]

    def with_outputs(self, X: Rows, y: Rows) -> tuple[float, list[Any]]:
        """A step; the loss and the outputs, as floats, from before the update."""
        return self._advance(self._packed(X, y, "outputs"), X, y)

    def eager(self, X: Rows, y: Rows) -> tuple[float, list[Any]]:
        """As `with_outputs`, but without a program: forward, backward, which leaves its gradients in the parameters, and update."""
        optimizer = self.optimizer
        optimizer.zero_grad()
        outputs, cost, total = self._forward(X, y)
        total.backward()
        found = cost.data, rebuild(outputs, map(float, leaves(outputs)))
        if self.clip_norm is not None:
            clip_grad_norm(optimizer.params, self.clip_norm)
        optimizer.step(self.schedule(optimizer.t) if self.schedule else 1.0)
        return found

    def run(self, batches: Iterable[tuple[Rows, Rows]], progress: bool = False) -> list[float]:
        """A step for every batch (X, y); returns the losses. What stands in a list of batches several times is read only once, so leave it as it is.
        An interruption leaves the last whole step. `progress` shows a bar."""
        packed: dict[int, Any] = {}
        costs = []
        for batch in progress_bar(batches, "step", progress) if progress else batches:
            X, y = batch
            ready = packed.get(id(batch)) or self._packed(X, y, None)
            if isinstance(batches, list):  # which keeps them alive, so that an id stays its own
                packed[id(batch)] = ready
            costs.append(self._advance(ready, X, y)[0])
        return costs

    def _packed(self, X: Rows, y: Rows, wanted: str | None) -> Any:
        """A batch as the program takes it, and the program for batches of its structure."""
        return self._resident.packed(
            tuple([module.training for module in self._modules]), (X, y, wanted)
        )

    def _advance(self, packed: Any, X: Rows, y: Rows) -> tuple[float, list[Any]]:
        """One step by the program; the loss, and the outputs if they are wanted."""
        optimizer = self.optimizer
        rate = optimizer.rate(self.schedule(optimizer.t) if self.schedule else 1.0)
        self._t = optimizer.t + 1
        found = self._resident.run(packed, rate, self._t)
        if (
            found is None
        ):  # an operand lies outside a domain, and the error is that of the eager step; or operations are looked at
            with self._resident.again():
                return self.eager(X, y)
        return packed.result(found) if len(found) > 1 else (found[0], [])

    def _forward(self, X: Rows, y: Rows) -> tuple[list[Any], Any, Any]:
        """The outputs, their loss, and the loss with the penalty. Raises DataTypeError for a loss that is no Value."""
        outputs = [self.model(x) for x in X]
        cost = self.loss(outputs, y)
        if not isinstance(cost, Value):
            raise DataTypeError(f"a loss is a Value computed from the outputs, not {cost!r}")
        return outputs, cost, cost + self.penalty(self.optimizer.params) if self.penalty else cost

    def _program(
        self, state: list[Any], X: Rows, y: Rows, wanted: str | None, rate: Any, t: Any
    ) -> Any:
        """What is recorded: from a batch and the state to the loss, the outputs, the new parameters and the new state."""
        params = self.optimizer.params
        outputs, cost, total = self._forward(X, y)
        grads: list[Any] = gradients(total, params)
        if all(g.op is LITERAL and not g.data for g in grads) and set(params).isdisjoint(
            topological_order(total)
        ):
            raise GraphError(UNREACHED)
        if self.clip_norm is not None:
            grads = clip_norm(grads, self.clip_norm)
        updates = [
            self.optimizer.rule(p, g, s, rate, t)
            for p, g, s in zip(params, grads, rebuild(self._structure, state), strict=True)
        ]
        return (
            (cost, outputs if wanted else []),
            [p for p, _ in updates],
            leaves([s for _, s in updates]),
        )

    def _write_state(self, numbers: list[float]) -> None:
        """Give the optimizer its state back."""
        self.optimizer._state, self.optimizer.lender = rebuild(self._structure, numbers), None

    def _taken(self) -> None:
        """Note that a step was taken, whose state the program holds."""
        self.optimizer.t, self.optimizer.lender = self._t, self._resident


def progress_bar(items: Iterable[Any], unit: str, shown: bool) -> Any:
    """The items, with a bar on the terminal if shown. Raises MissingDependencyError where tqdm is not installed."""
    return load("tqdm", "progress is shown with").tqdm(items, unit=unit, disable=not shown)
