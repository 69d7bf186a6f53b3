"""Training: the loop over epochs and batches, what it reports, and its checkpoints."""

import math
import random
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import autograd
from autograd import no_grad
from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import Grid, leaves, rebuild, within

from . import files
from .data import batches
from .layers import Dropout
from .losses import Loss
from .module import Module
from .optim import Optimizer
from .schedules import ReduceOnPlateau, Schedule
from .step import Penalty, Rows, progress_bar, train_step

Metric = Callable[[Rows, Rows], float]


class History:
    """What `fit` measured, a number for each epoch: `history["loss"]`, and a metric by its name, of the outputs from before each update, without the
    penalty; `history["val_loss"]`, and so on, at the end of the epoch. The loss is the batches' mean, weighted by their rows. `best_epoch`, counted
    from 0, has the lowest validation loss. len() is the number of epochs; a name that was not measured raises KeyError."""

    def __init__(self) -> None:
        self.columns: dict[str, list[float]] = {}
        self.best_epoch: int | None = None
        self.best_state: dict[str, float] | None = None

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"{name!r} was not measured; there are {', '.join(self.columns)}")
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns.get("loss", ()))

    def __repr__(self) -> str:
        last = ", ".join(f"{name}={column[-1]:.4g}" for name, column in self.columns.items())
        return f"<History of {len(self)} epochs: {last}>"

    def _repr_html_(self) -> str:
        """Return the numbers of up to 11 epochs as a table for a notebook."""
        n = len(self)
        columns = self.columns.values()
        rows = [[str(i), *[f"{column[i]:.4g}" for column in columns]] for i in _some(n)]
        best = [] if self.best_epoch is None else [f"best epoch: {self.best_epoch}"]
        return Grid(f"Training of {n} epochs", ["epoch", *self.columns], rows, best).html()

    @staticmethod
    def snapshots(every: int = 1) -> "Snapshots":
        """Return a callback for `fit` that keeps the model's numbers as they change.

        Args:
            every: After how many epochs to keep them, at least 1.

        Examples:
            >>> import nn
            >>> shots = nn.History.snapshots(every=5)
            >>> model = nn.MLP(1, [1], seed=0)
            >>> sgd = nn.SGD(model.parameters(), lr=0.1)
            >>> options = {"loss": nn.mse, "optimizer": sgd, "progress": False}
            >>> history = nn.fit(model, [[1.0]], [0.0], epochs=10, callbacks=[shots], **options)
            >>> [epochs for epochs, state in shots.states]
            [0, 5, 10]
            >>> model.load_state_dict(shots.states[0][1])  # as it was at first
        """
        return Snapshots(every)

    def add(self, row: dict[str, float], model: Module) -> None:
        """Note the numbers of an epoch, and the model's state if its validation loss is the lowest so far."""
        for name, number in row.items():
            self.columns.setdefault(name, []).append(number)
        new = row.get("val_loss")
        if new is not None and (
            self.best_epoch is None or (new == new and not self["val_loss"][self.best_epoch] <= new)
        ):  # a nan is never lower
            self.best_epoch, self.best_state = len(self) - 1, model.state_dict()


class Run(NamedTuple):
    """A training under way, as callbacks see it: what is trained, by what, and what has been measured up to now."""

    model: Module
    optimizer: Optimizer
    history: History


class Snapshots:
    """A callback that keeps the model's numbers: what `History.snapshots` gives.

    Attributes:
        states: Pairs of the number of epochs, at first 0, and `state_dict()`.
    """

    def __init__(self, every: int):
        within(locals(), every="1, 2, ...")
        self.every = every
        self.states: list[tuple[int, dict[str, float]]] = []

    def begin(self, run: Run) -> None:
        """Keep the numbers from before the first epoch."""
        self.states.append((len(run.history), run.model.state_dict()))

    def __call__(self, run: Run) -> None:
        """Keep the numbers after an epoch, if it is the turn."""
        if len(run.history) % self.every == 0:
            self.begin(run)


class Checkpoint:
    """A callback that writes parameters, optimizer state and history to a file after every `every` >= 1 epochs. With `resume=True`, `fit` starts from
    the file and goes on to the same bits as a run that was never stopped, given the same arguments. Raises ArgumentError for `every` below 1, OSError
    where the file cannot be written or read."""

    def __init__(self, path: str | PathLike[str], every: int = 10, resume: bool = False):
        within(locals(), every="1, 2, ...")
        self.path, self.every, self.resume = Path(path), every, resume

    def begin(self, run: Run) -> None:
        """Before the first epoch: take over what the file holds, or, if it does not fit, raise StateError and change nothing."""
        if not self.resume:
            return
        saved = files.read(self.path, "checkpoint")
        before = run.model.state_dict()
        try:
            columns = {
                name: [files.number(name, x) for x in column]
                for name, column in saved["columns"].items()
            }
            best_epoch, best_state = None, saved["best_state"]
            list(
                zip(columns["loss"], *columns.values(), strict=True)
            )  # raises unless they are of one length
            if best_state is not None:
                best_epoch = range(len(columns["val_loss"])).index(saved["best_epoch"])
                run.model.load_state_dict(best_state)
            run.model.load_state_dict(saved["model"])
            run.optimizer.load_state_dict(saved["optimizer"])
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            run.model.load_state_dict(before)
            raise files.StateError(
                f"{self.path} is no checkpoint of this training: {error}"
            ) from error
        run.history.columns, run.history.best_epoch, run.history.best_state = (
            columns,
            best_epoch,
            best_state,
        )

    def __call__(self, run: Run) -> None:
        """After an epoch: write the file, if it is the turn."""
        if len(run.history) % self.every == 0:
            state = {
                "model": run.model.state_dict(),
                "optimizer": run.optimizer.state_dict(),
                **vars(run.history),
            }
            files.write(self.path, "checkpoint", state)


def fit(
    model: Module,
    X: Rows,
    y: Rows,
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int = 100,
    batch_size: int | None = None,
    validation: tuple[Rows, Rows] | None = None,
    metrics: Sequence[Metric] = (),
    schedule: Schedule | None = None,
    penalty: Penalty | None = None,
    clip_norm: float | None = None,
    callbacks: Sequence[Callable[[Run], Any]] = (),
    patience: int | None = None,
    seed: int = 0,
    progress: bool = True,
    jit: bool = False,
) -> History:
    """Train `model` for `epochs` passes over X and y, and leave it in eval mode. A step takes `batch_size` rows in an order drawn from `seed` (by
    default all rows), descends loss + penalty(parameters), say lambda ps: nn.l2(ps, 1e-3), clips the gradient's norm at `clip_norm`, and moves at the
    optimizer's rate times schedule(number of steps so far). `patience`: stop when that many epochs have passed without a new lowest loss on
    `validation`, and restore the weights of the best one. `callbacks` are called with the Run after every epoch and end the training by returning
    True; one with a method `begin` has it called first. The same arguments give the same bits: `seed` also draws the masks of Dropout. With `jit`,
    step and validation are recorded once for each structure of batch, its size and the lengths of its sequences (where those vary, take
    batch_size=1), and replayed, many times faster, to the bits that `train_step` states; they see changed parameters and rates, no other change of
    the model. Without `progress` there is no bar. Raises ArgumentError unless epochs >= 0, batch_size, patience >= 1 and clip_norm > 0, and for
    patience without validation, DataTypeError for a loss, optimizer, list of metrics or validation that is none, LengthError unless X and y have as
    many rows, at least 1, and what model, loss and callbacks raise; a step that raises leaves parameters and optimizer as they were before it."""
    within(
        locals(), epochs="0, 1, ...", batch_size="1, 2, ... or None", patience="1, 2, ... or None"
    )
    if patience is not None and validation is None:
        raise ArgumentError(
            "patience watches the validation loss: pass validation=(X, y) of rows that are held out"
        )
    paired = validation is None or (isinstance(validation, Sequence) and len(validation) == 2)
    names = (
        []
        if callable(metrics)
        else [getattr(getattr(metric, "func", metric), "__name__", "loss") for metric in metrics]
    )
    if callable(metrics) or len({"loss", *names}) <= len(names) or not paired:
        raise DataTypeError(
            f"metrics is a list of functions of different names, validation is (X, y), not {metrics!r} and {validation!r}"
        )
    steps = train_step(
        model, loss, optimizer, schedule=schedule, penalty=penalty, clip_norm=clip_norm
    )
    for rows, expected in ((X, y), validation or (X, y)):
        batches(rows, expected, rng=random.Random(0))  # which checks their lengths
    run = Run(model, optimizer, history := History())
    for callback in callbacks:
        if hasattr(callback, "begin"):
            callback.begin(run)
    watched = "val_loss" if validation else "loss"
    plateau = schedule if isinstance(schedule, ReduceOnPlateau) else ReduceOnPlateau()
    for metric in history.columns.get(watched, ()):
        plateau.update(metric)
    step = steps.with_outputs if jit else steps.eager
    forward = autograd.jit(lambda rows: [model(x) for x in rows]) if jit else None
    numbers = range(len(history), epochs)
    bar = progress_bar(numbers, "epoch") if progress else None
    for epoch in bar or numbers:
        if (
            patience is not None
            and history.best_epoch is not None
            and epoch - 1 - history.best_epoch >= patience
        ):
            break
        rng = random.Random(
            f"{seed}, {epoch}"
        )  # each epoch its own, so that a resumed run draws the same numbers
        model.train()
        for _, module in model.named_modules():
            if isinstance(module, Dropout):
                module.source = rng
        costs, outputs, targets = [], [], []
        for rows, expected in batches(X, y, batch_size, rng=rng):
            cost, given = step(rows, expected)
            costs.append(cost * len(rows))
            outputs += given
            targets += expected
        row = {"loss": math.fsum(costs) / len(X), **_scores(outputs, targets, metrics)}
        if validation:
            found = _scores(_answers(model, validation[0], forward), validation[1], metrics, loss)
            row |= {f"val_{name}": number for name, number in found.items()}
        history.add(row, model)
        plateau.update(row[watched])
        if bar is not None:
            bar.set_postfix({name: f"{number:.4g}" for name, number in row.items()}, refresh=False)
        if [callback for callback in callbacks if callback(run) is True]:
            break
    if patience is not None and history.best_state is not None:
        model.load_state_dict(history.best_state)
    model.eval()
    return history


def predict(model: Module, X: Rows) -> list[Any]:
    """[model(x) for x in X] as plain floats, without a graph, in eval mode, after which each part has its own mode again."""
    return _answers(model, X)


def _answers(
    model: Module, X: Rows, forward: Callable[[Rows], list[Any]] | None = None
) -> list[Any]:
    """What `predict` gives, by `forward` if that is given: all rows' outputs by a program."""
    training = [module for _, module in model.named_modules() if module.training]
    model.eval()
    try:
        with no_grad():
            outputs = forward(X) if forward else [model(x) for x in X]
            return list(rebuild(outputs, map(float, leaves(outputs))))
    finally:
        for module in training:
            module.training = True


def evaluate(
    model: Module, X: Rows, y: Rows, *, loss: Loss, metrics: Sequence[Metric] = ()
) -> dict[str, float]:
    """The loss, under "loss", and each metric, under its function's name, of the model's predictions in eval mode."""
    return _scores(predict(model, X), y, metrics, loss)


def _scores(
    outputs: Rows, y: Rows, metrics: Sequence[Metric], loss: Loss | None = None
) -> dict[str, float]:
    """The loss, if given, and the metrics, functions or partials of them, by name."""
    found = {getattr(metric, "func", metric).__name__: metric(outputs, y) for metric in metrics}
    return found if loss is None else {"loss": float(loss(outputs, y)), **found}


class RangeTest(NamedTuple):
    """The result of `lr_range_test`: the rates tried, the loss met at each, before its step, and the suggested rate."""

    rates: list[float]
    losses: list[float]
    suggestion: float

    def _grid(self) -> Grid:
        """Return a table of up to 11 of the rates."""
        chosen = _some(len(self.rates))
        rows = [[f"{self.rates[i]:.3g}", f"{self.losses[i]:.4g}"] for i in chosen]
        advice = [f"suggested rate: {self.suggestion:.2g}"]
        return Grid("Loss by learning rate", ["rate", "loss"], rows, advice)

    def __str__(self) -> str:
        return str(self._grid())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return self._grid().html()


def lr_range_test(
    model: Module,
    X: Rows,
    y: Rows,
    *,
    loss: Loss,
    optimizer: Optimizer,
    low: float = 1e-4,
    high: float = 10.0,
    steps: int = 60,
) -> RangeTest:
    """For losses above 0: `steps` >= 2 full-batch steps at rates growing from `low` to `high`, 0 < low < high < inf, by a fixed factor, until the
    loss is 4 times its lowest or not finite (after Smith 2017, section 3.3, whose rates grow linearly). Suggests a tenth of the rate of the lowest
    loss. Model and optimizer are left as they were, without gradients, but Dropout draws. ArgumentError or DataTypeError for others."""
    within(locals(), steps="2, 3, ...", low="(0, inf)", high=f"({low}, inf)")
    step, weights, state = (
        train_step(model, loss, optimizer).eager,
        model.state_dict(),
        optimizer.state_dict(),
    )
    rates = [low * (high / low) ** (i / (steps - 1)) for i in range(steps)]
    losses: list[float] = []
    try:
        for rate in rates:
            optimizer.lr = rate
            losses.append(step(X, y)[0])
            if not losses[-1] <= 4 * min(losses):
                break
    finally:
        model.load_state_dict(weights)
        optimizer.load_state_dict(state)
        optimizer.zero_grad()
    return RangeTest(rates[: len(losses)], losses, rates[losses.index(min(losses))] / 10)


def _some(n: int) -> list[int]:
    """Return up to 11 of the numbers 0 to n - 1, at even distances."""
    return sorted({round(i * (n - 1) / 10) for i in range(11)}) if n > 11 else list(range(n))
