"""Training: the loop over epochs and batches, what it reports, and its checkpoints."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import dropwhile, repeat
from operator import setitem
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import autograd
from autograd import Value, no_grad
from autograd import sum as exact_sum
from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import (
    Grid,
    among,
    assign,
    at_once,
    elsewhere,
    elsewhere_of_objects,
    ending_at_caller,
    floats_of,
    is_bool,
    leaves,
    path_of,
    real_number,
    sizes_of,
    told,
    within,
)

from . import files
from .arguments import Closed, check_function, digits_of, names_checked
from .data import batches
from .data.checks import check_finite, check_rows, is_sequence
from .layers import Dropout
from .losses import Loss, check_loss
from .metrics import accuracy, balanced_accuracy, bits_per_character, f1, precision, recall
from .module import Module, mode_setter, modes_of
from .optim import Optimizer, overflowed
from .outputs import as_floats, of_batch
from .schedules import ReduceOnPlateau, Schedule
from .step import (
    Penalty,
    Rows,
    around,
    attempted,
    in_eval_mode,
    last_layer,
    progress_bar,
    say,
    train_step,
    warn,
)

__all__ = [
    "Checkpoint",
    "DivergenceWarning",
    "History",
    "RangeTest",
    "Run",
    "evaluate",
    "fit",
    "lr_range_test",
    "predict",
]

Metric: TypeAlias = Callable[[Rows, Rows], float]


class DivergenceWarning(RuntimeWarning):
    """The mean loss of an epoch is infinite or nan, or the square of a gradient is.

    `fit` says the first once, and goes on. It says the second at its end.
    """


class History(Closed):
    """What `fit` measured: a number for each epoch.

    `history["loss"]` is the mean loss of the batches, weighted by their rows,
    without the penalty. A metric stands under its name. Both are taken from
    outputs computed before each update. `history["val_loss"]` and its like are taken at the
    end of the epoch. What is first measured in a training that is resumed is nan
    before, and what is measured no more keeps its numbers. len() is the number
    of epochs. A name that was not measured raises KeyError; `in` asks for it, and
    a loop goes through the names.

    Attributes:
        columns: The numbers by name.
        best_epoch: The epoch, from 0, of the lowest validation loss.
        best_state: The model's numbers then.
    """

    columns: dict[str, list[float]]
    best_epoch: int | None
    best_state: dict[str, float] | None
    _best_beyond: tuple[float, ...]  # what was trained outside the model, then

    def __init__(self) -> None:
        self.columns, self.best_epoch, self.best_state = {}, None, None
        self._best_beyond = ()

    def renewed(self, name: str, new: Any) -> Any:
        """Return what is kept for an attribute that is set again.

        Raises:
            DataTypeError: The columns are no lists of numbers by name.
        """
        if name != "columns":
            return super().renewed(name, new)
        if not (
            isinstance(new, Mapping)
            and all(isinstance(key, str) and is_sequence(new[key]) for key in new)
        ):
            raise DataTypeError(
                "the columns of a History are lists of numbers by name, "
                f"as in {{'loss': [0.5, 0.25]}}, not {told(new)}"
            )
        return {
            key: [real_number(x, f"the column {key!r}") for x in column]
            for key, column in new.items()
        }

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects(
            {
                "epoch": "range(len(history))",
                **dict.fromkeys(("loss", "losses", "loss_curve_"), 'history["loss"]'),
                "val_loss": 'history["val_loss"]',
                **dict.fromkeys(("keys", "items", "values", "get", "metrics"), "history.columns"),
                "history": 'history.columns, a dict of lists, and history["loss"] is one of them',
                **dict.fromkeys(("plot", "show"), "nn.plots.loss_curve(history)"),
            },
            "nn.seldom OF_HISTORIES",
        )

    def __getitem__(self, name: str) -> list[float]:
        if not among(name, self.columns):
            found = f"there are {', '.join(self.columns)}" if self.columns else "nothing was yet"
            raise ending_at_caller(KeyError(f"{told(name)} was not measured; {found}"))
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return among(name, self.columns)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns.get("loss", ()))

    def __repr__(self) -> str:
        columns = self._whole().items()
        last = ", ".join(f"{name}={column[-1]:.4g}" for name, column in columns if column)
        return f"<History of {len(self)} epochs: {last}>"

    def _repr_html_(self) -> str:
        """Return the numbers of up to 11 epochs as a table for a notebook."""
        n = len(self)
        columns = self._whole().values()
        rows = [[str(i), *[f"{column[i]:.4g}" for column in columns]] for i in _some(n)]
        best = [] if self.best_epoch is None else [f"best epoch: {self.best_epoch}"]
        return Grid(f"Training of {n} epochs", ["epoch", *self.columns], rows, best).html()

    def _whole(self) -> dict[str, list[float]]:
        """The columns in full length: what is measured no more is nan."""
        n = len(self)
        return {
            name: [*column, *repeat(math.nan, n - len(column))]
            for name, column in self.columns.items()
        }

    @staticmethod
    def snapshots(every: int = 1) -> Snapshots:
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

    def add(self, row: dict[str, float], model: Module, beyond: Sequence[Value] = ()) -> None:
        """Note the numbers of an epoch, and the model's state if it is the best so far.

        An interrupt leaves all as it was, or all noted.

        Args:
            row: The numbers by name.
            model: The model.
            beyond: What is trained outside it.
        """
        best: tuple[Any, ...] = self.best_epoch, self.best_state, self._best_beyond
        new = row.get("val_loss")
        if new is not None and (
            self.best_epoch is None or (new == new and not self["val_loss"][self.best_epoch] <= new)
        ):  # a nan is never lower
            best = len(self), model.state_dict(), tuple([p.data for p in beyond])
        columns = {name: self.columns.get(name, [math.nan] * len(self)) for name in row}
        at_once(
            map(list.append, columns.values(), row.values()),
            map(
                setitem,
                repeat(vars(self)),
                ("columns", "best_epoch", "best_state", "_best_beyond"),
                ({**self.columns, **columns}, *best),
            ),
        )


class Run(NamedTuple):
    """A training under way, as callbacks see it."""

    model: Module
    optimizer: Optimizer
    history: History


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    Run.__getattr__ = elsewhere_of_objects(
        {
            **dict.fromkeys(("epoch", "epochs", "current_epoch"), "len(run.history)"),
            **dict.fromkeys(("loss", "logs", "metrics"), 'run.history["loss"][-1]'),
            "val_loss": 'run.history["val_loss"][-1]',
            **dict.fromkeys(("lr", "learning_rate"), "run.optimizer.lr"),
            **dict.fromkeys(("stop", "stop_training"), "a callback that returns True"),
        },
        "nn.seldom OF_RUNS",
    )

    def _set(run: Run, name: str, new: object) -> None:
        """Refuse to set a field, and answer other names as where they are read."""
        if name not in Run._fields:
            Run.__getattr__(run, name)
        object.__setattr__(run, name, new)

    Run.__setattr__ = _set


class Snapshots(Closed):
    """A callback that keeps the model's numbers: what `History.snapshots` gives.

    Attributes:
        states: Pairs of the number of epochs, at first 0, and `state_dict()`.
    """

    states: list[tuple[int, dict[str, float]]]

    def __init__(self, every: int):
        within(locals(), every="1, 2, ...")
        self.every, self.states = int(every), []  # NumPy's whole numbers overflow

    def begin(self, run: Run) -> None:
        """Keep the numbers from before the first epoch."""
        self.states.append((len(run.history), run.model.state_dict()))

    def __call__(self, run: Run) -> None:
        """Keep the numbers after every `every` epochs."""
        if len(run.history) % self.every == 0:
            self.begin(run)


class Checkpoint(Closed):
    """A callback that writes the state of a training to a file.

    The file holds parameters, optimizer state and history. Parameters are also those that
    the optimizer trains outside the model, such as a scale within the loss. Where another
    callback ends the training, the file is written then, and notes it.

    Args:
        path: The file. What it is relative to is the working directory now, not
            that of a later epoch.
        every: After how many epochs it is written, at least 1.
        resume: Whether `fit` goes on from the file, to the same bits as a run
            that was never stopped, given the same arguments. Where there is no
            file yet, the training starts from the beginning and says so. The
            rate is the file's. A line on stderr says so if it is not the optimizer's,
            and which other options of the optimizer are not as before; a loss, a
            schedule or a penalty is not compared. A ReduceOnPlateau begins anew, and
            hears of the epochs in the file. Of a training that a callback had ended,
            the callbacks are asked again before an epoch follows.

    Raises:
        ArgumentError: `every` is below 1.
        FileNotFoundError: There is no folder for the file.
        IsADirectoryError: The path is a folder.
        OSError: The file cannot be written or read.
    """

    @names_checked
    def __init__(self, path: str | PathLike[str], every: int = 10, resume: bool = False):
        within(locals(), every="1, 2, ...", resume="True, False")
        self.path, self.resume = path_of(path).absolute(), bool(resume)
        self.every = int(every)

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects({}, "nn.seldom OF_CHECKPOINTS")

    def begin(self, run: Run) -> bool:
        """Take over what the file holds, before the first epoch.

        Returns:
            Whether it says that a callback ended the training.

        Raises:
            StateError: It does not fit, or is of an optimizer of another class. Then
                nothing has changed.
        """
        if not self.path.parent.is_dir():
            raise ending_at_caller(
                FileNotFoundError(f"there is no folder {self.path.parent} for {self.path.name}")
            )
        if self.path.is_dir():
            raise ending_at_caller(
                IsADirectoryError(f"{self.path} is a folder: give the name of a file in it")
            )
        if not self.resume:
            return False
        if not self.path.exists():
            say(f"{self.path} is not there yet: training starts from the beginning")
            return False
        saved = files.read(self.path, "checkpoint")
        with files.told_of(f"{self.path} is no checkpoint of this training"):
            parts = ("model", "optimizer", "columns", "best_epoch", "best_state")
            files.check_keys("the file", saved, parts)
            found = _measured(saved["columns"], saved["best_epoch"], saved["best_state"])
            if saved["best_state"] is not None:
                with files.told_of("best_state"):
                    _, best = run.model.placed(saved["best_state"])
                found["best_state"] = dict(zip(run.model.state_dict(), best, strict=True))
            with files.told_of("model"):
                parameters, weights = run.model.placed(saved["model"])
            with files.told_of("optimizer"):
                values, numbers = run.optimizer.placed(saved["optimizer"])
            beyond, theirs = _beyond(run.model, run.optimizer), []
            if "beyond" in saved:
                theirs = _numbers_of(saved, "beyond", len(beyond))
                if saved["best_state"] is not None:
                    found["_best_beyond"] = tuple(_numbers_of(saved, "best_beyond", len(beyond)))
        given, before = run.optimizer.lr, saved.get("options")
        vars(run.history).update(found)
        assign([*parameters, *values, *beyond[: len(theirs)]], [*weights, *numbers, *theirs])
        now = _plain_options(run.optimizer)
        notes = []
        if len(theirs) < len(beyond):
            notes.append(
                "it lacks the numbers that the optimizer trains outside the model, which go on "
                "from what they are"
            )
        if given != now["lr"]:
            notes.append(f"the rate is the file's, lr={now['lr']!r}, and not {given!r}")
        if isinstance(before, Mapping):
            notes += [
                f"{name} is {now[name]!r} from here on, and was {told(before[name])} before"
                for name in now
                if name != "lr" and name in before and before[name] != now[name]
            ]
        if notes:
            say(f"{self.path}: {'; '.join(notes)}")
        return saved.get("ended") is True

    def __call__(self, run: Run) -> None:
        """Write the file after an epoch, if it is the turn."""
        if len(run.history) % self.every == 0:
            _write(self.path, run)


def _write(path: Path, run: Run, ended: bool = False) -> None:
    """Write a checkpoint, which may note that a callback has ended the training."""
    history, beyond = run.history, _beyond(run.model, run.optimizer)
    state: dict[str, Any] = {
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "options": _plain_options(run.optimizer),
        "columns": history.columns,
        "best_epoch": history.best_epoch,
        "best_state": history.best_state,
    }
    if beyond:
        state |= {"beyond": [p.data for p in beyond], "best_beyond": history._best_beyond}
    files.write(path, "checkpoint", state | {"ended": True} if ended else state)


def _beyond(model: Module, optimizer: Optimizer) -> list[Value]:
    """What an optimizer trains outside a model, such as a scale within the loss."""
    own = set(model.parameters())
    return [p for p in optimizer.params if p not in own]


def _numbers_of(saved: Mapping[str, Any], key: str, n: int) -> list[float]:
    """The n numbers under a key of a checkpoint. Raises StateError for what cannot be."""
    numbers = saved.get(key)
    if not isinstance(numbers, list):
        raise files.StateError(f"{key} is {told(numbers)}, and no list")
    if len(numbers) != n:
        raise files.StateError(
            f"{key} is {told(numbers)}, what was trained outside the model, where the optimizer "
            f"trains {n} of its parameters"
        )
    return [files.checked_number(f"{key}.{i}", x) for i, x in enumerate(numbers)]


def _measured(columns: Any, best_epoch: Any, best_state: Any) -> dict[str, Any]:
    """The attributes of a History from a file. Raises StateError for what cannot be."""
    files.check_keys("columns", columns, ["loss"] if best_state is None else ["loss", "val_loss"])
    if odd := [name for name, column in columns.items() if not isinstance(column, list)]:
        raise files.StateError(f"columns.{odd[0]} is {told(columns[odd[0]])}, and no list")
    history, n = History(), len(columns["loss"])
    if odd := [name for name, column in columns.items() if len(column) > n]:
        raise files.StateError(
            f"columns.{odd[0]} has {len(columns[odd[0]])} numbers, and the loss only {n}"
        )
    history.columns = {
        name: [files.checked_number(f"columns.{name}.{i}", x) for i, x in enumerate(column)]
        for name, column in columns.items()
    }
    if best_state is None:
        return {"columns": history._whole(), "best_epoch": None, "best_state": None}
    if type(best_epoch) is not int or best_epoch not in range(n):
        raise files.StateError(f"best_epoch is {told(best_epoch)}, and there are {n} epochs")
    return {"columns": history._whole(), "best_epoch": best_epoch, "best_state": best_state}


def _plain_options(optimizer: Optimizer) -> dict[str, Any]:
    """The options of an optimizer that are JSON data, as JSON has them."""
    return {
        name: list(x) if isinstance(x, tuple) else x
        for name, x in optimizer.options().items()
        if all(isinstance(part, (int, float, str)) for part in leaves(x))
    }


@names_checked
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
    """Train a model and leave it in eval mode.

    The same arguments give the same bits. If a step raises or is interrupted,
    all parameters and the optimizer are as before that step, or as after it. Each
    part of the model then gets back the mode that it had before the training. The
    first epoch with a mean loss that is not finite gives a DivergenceWarning, and the
    training goes on. So does the end of a training whose optimizer keeps the
    infinite square of a gradient: it moves that parameter no more. A UserWarning says
    where a loss or a metric takes logits and the model ends in sigmoid or softmax.

    Args:
        model: The model to train.
        X: The rows of inputs.
        y: The targets, one for each row.
        loss: A function of (outputs, targets), such as `nn.mse`.
        optimizer: Made from the parameters to train.
        epochs: How often to go through all rows, at least 0.
        batch_size: How many rows a step takes; None takes all.
        validation: Rows that are held out, as (X, y). They are measured every
            epoch.
        metrics: Functions of (outputs, targets) of different names.
        schedule: The rate of a step is the optimizer's times schedule(steps so
            far).
        penalty: Added to the loss, such as `lambda params: nn.l2(params,
            1e-3)`.
        clip_norm: The length, above 0, to which the vector of all gradients is
            limited.
        callbacks: Called with a `Run` after every epoch. Return True to stop. A
            method `begin`, if any, is called before the first epoch.
        patience: Stop after this many epochs without a lower validation loss,
            and restore the weights of the best epoch, also those that the optimizer
            trains outside the model.
        seed: Draws the order of the rows and the masks of Dropout.
        progress: Whether to show a bar.
        jit: Record the step once per structure of batch, then replay it, many
            times faster. A replay sees new parameters, rates and options of the
            optimizer, but no other change of the model. If sequences vary in length,
            take batch_size=1.

    Returns:
        What was measured: `history["loss"]` has a number per epoch.

    Raises:
        ArgumentError: A number is outside its range, or patience has no
            validation.
        DataTypeError: The loss, the optimizer, the metrics or the validation has
            the wrong type.
        LengthError: X and y have not as many rows, or none.
        DataError: A number of X, y or the validation is nan or infinite.

    Examples:
        >>> import nn
        >>> X, y = nn.data.moons(40, seed=0)
        >>> model = nn.MLP(2, [8, 1], seed=0)
        >>> adam = nn.Adam(model.parameters(), lr=0.1)
        >>> history = nn.fit(model, X, y, loss=nn.hinge, optimizer=adam, progress=False)
        >>> history["loss"][-1] < 0.5 * history["loss"][0]
        True
    """
    within(
        locals(), epochs="0, 1, ...", batch_size="1, 2, ... or None", patience="1, 2, ... or None"
    )
    if patience is not None and validation is None:
        raise ArgumentError(
            "patience watches the validation loss: pass validation=(X, y) of rows that are held out"
        )
    within(locals(), seed="0, 1, ...", progress="True, False", jit="True, False")
    if not isinstance(callbacks, (list, tuple)):
        raise DataTypeError(f"callbacks is a list of functions of a Run, not {told(callbacks)}")
    for i, callback in enumerate(callbacks):
        check_function(f"callbacks[{i}]", callback, "a function of a Run", 1)
        if hasattr(callback, "begin"):
            check_function(f"callbacks[{i}].begin", callback.begin, "a function of a Run", 1)
    if not (validation is None or (isinstance(validation, Sequence) and len(validation) == 2)):
        raise DataTypeError(
            f"validation is (X, y), rows and targets that are held out, not {told(validation)}"
        )
    check_metrics(metrics, ("", "val_") if validation is not None else ("",))
    steps = train_step(
        model, loss, optimizer, schedule=schedule, penalty=penalty, clip_norm=clip_norm
    )
    _check_thresholds(model, metrics)
    batches(X, y, rng=random.Random(0))  # which checks their lengths
    check_finite(X, y)
    if validation:
        batches(*validation, rng=random.Random(0))
        check_finite(*validation, names=("validation[0]", "validation[1]"))
    run = Run(model, optimizer, History())
    step = steps.with_outputs if jit else steps.eager
    forward = autograd.jit(lambda rows: [model(x) for x in rows]) if jit else None

    def measured(epoch: int) -> dict[str, float]:
        # Each epoch has its own generator: a resumed run draws the same
        # numbers.
        rng = random.Random(f"{digits_of(seed)}, {epoch}")
        model.train()
        for _, module in model.named_modules():
            if isinstance(module, Dropout):
                module.source = rng
        costs, outputs, targets = [], [], []
        for rows, expected in batches(X, y, batch_size, rng=rng):
            cost, given = step(rows, expected)
            costs.append((cost, len(rows)))
            outputs += given
            targets += expected
        row = {"loss": _mean_cost(costs), **_scores(outputs, targets, metrics)}
        if validation:
            found = _scores(_answers(model, validation[0], forward), validation[1], metrics, loss)
            row |= {f"val_{name}": number for name, number in found.items()}
        return row

    def train() -> None:
        history = run.history
        checkpoints = [callback for callback in callbacks if isinstance(callback, Checkpoint)]
        ended = False
        for callback in callbacks:
            if hasattr(callback, "begin"):
                found = callback.begin(run)
                ended = ended or (isinstance(callback, Checkpoint) and found)
        beyond = _beyond(model, optimizer)
        watched = "val_loss" if validation else "loss"
        plateau = schedule if isinstance(schedule, ReduceOnPlateau) else ReduceOnPlateau()
        if history.columns:  # resumed: a schedule that has heard of these epochs hears again
            vars(plateau).update(factor=1.0, best=math.inf, bad_updates=0)
        for metric in dropwhile(math.isnan, history.columns.get(watched, ())):  # as measured
            plateau.update(metric)
        numbers = range(len(history), epochs)
        diverged = False
        others = [x for x in callbacks if not isinstance(x, (Checkpoint, Snapshots))]
        if ended and len(numbers) and _ends([callback(run) for callback in others]):
            numbers = range(0)
        bar = progress_bar(numbers, "epoch") if progress else None
        for epoch in bar or numbers:
            best = history.best_epoch
            if patience is not None and best is not None and epoch - 1 - best >= patience:
                break
            row = measured(epoch)
            history.add(row, model, beyond)
            plateau.update(row[watched])
            if not (diverged or math.isfinite(row["loss"])):
                diverged = True
                warn(
                    f"the training diverged: in epoch {epoch}, counted from 0, {_name(loss)} "
                    f"is {row['loss']}; try a lower lr than {optimizer.lr:g}, clip_norm=, or "
                    "inputs scaled by nn.data.standardize",
                    DivergenceWarning,
                )
            if bar is not None:
                shown = {name: f"{number:.4g}" for name, number in row.items()}
                bar.set_postfix(shown, refresh=False)
            if _ends([callback(run) for callback in callbacks]):
                for checkpoint in checkpoints:
                    _write(checkpoint.path, run, ended=True)
                break
        if not diverged and (stuck := overflowed(optimizer)):
            warn(stuck, DivergenceWarning)
        if patience is not None and history.best_state is not None:
            parameters, weights = model.placed(history.best_state)
            theirs = history._best_beyond  # none in a checkpoint that an older version wrote
            assign([*parameters, *beyond[: len(theirs)]], [*weights, *theirs])
        model.eval()

    attempted(train, mode_setter(*modes_of(model)))
    return run.history


def _ends(answers: Sequence[Any]) -> bool:
    """Whether one of the answers of callbacks ends the training."""
    return any(is_bool(answer) and answer for answer in answers)


@names_checked
def predict(model: Module, X: Rows) -> list[Any]:
    """Return [model(x) for x in X] as plain floats, in eval mode and without a graph.

    Afterwards each part of the model gets its former mode back, also after an error,
    Ctrl-C, or where no memory is left.
    """
    return _answers(model, X)


def _answers(
    model: Module, X: Rows, forward: Callable[[Rows], list[Any]] | None = None
) -> list[Any]:
    """What `predict` gives, by `forward` if that is given: all rows' outputs by a program."""
    check_rows("X", X)

    def ask() -> list[Any]:
        if forward:  # under no_grad a program would go through all parameters per output
            outputs = forward(X)
        else:
            with no_grad():
                outputs = [model(x) for x in X]
        return as_floats(outputs)

    return in_eval_mode(model, ask)


@names_checked
def evaluate(
    model: Module, X: Rows, y: Rows, *, loss: Loss, metrics: Sequence[Metric] = ()
) -> dict[str, float]:
    """Return the loss and the metrics of the model's predictions in eval mode.

    Returns:
        The loss under "loss", and each metric under its function's name.

    Raises:
        DataTypeError: `model` is no Module, or another argument has the wrong
            type.
    """
    check_loss(loss, trained=False)
    check_metrics(metrics)
    _check_thresholds(model, metrics)
    return _scores(predict(model, X), y, metrics, loss)


def _check_thresholds(model: Module, metrics: Sequence[Metric]) -> None:
    """Warn of metrics that would misread the outputs of a last activation."""
    layer = last_layer(model)
    if layer is None or not isinstance(layer.activation, str):
        return
    if layer.n_out == 1 and layer.activation in ("sigmoid", "log_sigmoid"):
        side = {"sigmoid": "above", "log_sigmoid": "below"}[layer.activation]
        threshold = {"sigmoid": "0.5", "log_sigmoid": "math.log(0.5)"}[layer.activation]
        for metric in metrics:
            if metric in (accuracy, balanced_accuracy, f1, precision, recall):
                name = metric.__name__
                warn(
                    f"{name} counts outputs above 0 as class 1, and those of {layer.activation} "
                    f"are all {side} 0: leave out this activation, or give "
                    f"functools.partial(nn.{name}, threshold={threshold})"
                )
    if layer.activation == "softmax" and bits_per_character in metrics:
        warn(
            "bits_per_character takes logits: leave out softmax, the activation of the last layer "
            f"of {model!r}"
        )


def check_metrics(metrics: Any, prefixes: Sequence[str] = ("",)) -> None:
    """Raise DataTypeError unless these are functions of (outputs, targets) of different names.

    Each stands under its name with each of the prefixes.
    """
    if not is_sequence(metrics):
        raise DataTypeError(
            f"metrics is a list of functions, such as [nn.accuracy], not {told(metrics)}"
        )
    for i, metric in enumerate(metrics):
        check_function(
            f"metrics[{i}]", metric, "a function of (outputs, targets), such as nn.accuracy", 2
        )
    names = [_name(metric) for metric in metrics]
    columns = [prefix + name for prefix in prefixes for name in ("loss", *names)]
    if len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise DataTypeError(
            f"metrics is a list of functions of different names, not {names}: "
            f"two numbers would stand under {twice!r}"
        )


def _name(metric: Any) -> str:
    """What a metric is called: a function, a partial of one, or an object by its class."""
    function = getattr(metric, "func", metric)
    return str(getattr(function, "__name__", type(function).__name__))


def _scores(
    outputs: Rows, y: Rows, metrics: Sequence[Metric], loss: Loss | None = None
) -> dict[str, float]:
    """The loss, if given, and the metrics, by name."""
    found = {
        _name(metric): real_number(of_batch(metric, outputs, y), f"the metric {_name(metric)}")
        for metric in metrics
    }
    return found if loss is None else {"loss": _cost(loss, outputs, y), **found}


def _mean_cost(costs: Sequence[tuple[float, int]]) -> float:
    """The mean over all rows of the mean costs of batches, given with their numbers of rows."""
    if len(costs) == 1:
        return costs[0][0]
    found = exact_sum([cost * n for cost, n in costs]) / sum(n for _, n in costs)
    if math.isfinite(found) or not all(math.isfinite(cost) for cost, _ in costs):
        return found
    return float(autograd.mean([cost for cost, n in costs for _ in range(n)]))  # a sum overflowed


def _cost(loss: Loss, outputs: Rows, y: Rows) -> float:
    """The loss of a batch, which may be a Value or a plain number."""
    cost = of_batch(loss, outputs, y)
    return cost.data if isinstance(cost, Value) else real_number(cost, "what a loss returns")


class RangeTest(NamedTuple):
    """The rates that `lr_range_test` tried, the loss before each step, the suggested rate."""

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


@names_checked
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
    """Try learning rates from low to high, and suggest one.

    Each rate is that of the step before times a fixed factor. A step takes all
    rows. The test ends when the loss is 4 times its lowest, or not finite. It
    suggests a tenth of the rate of the lowest loss, or nan if no loss is
    finite. Model and optimizer are restored and gradients cleared; the
    generators of Dropout have moved on.
    Source: Smith 2017, section 3.3, whose rates grow linearly.

    Args:
        model: The model.
        X: The rows of inputs.
        y: The targets, one for each row.
        loss: A function of (outputs, targets) that is above 0.
        optimizer: Made from the parameters to train.
        low: The first rate, above 0.
        high: The last rate, above low.
        steps: How many rates to try, at least 2.

    Raises:
        ArgumentError: A number is outside its range.
        DataTypeError: A number, the loss or the optimizer has the wrong type.
        DataError: A number of X or y is nan or infinite.
    """
    [steps] = sizes_of(locals(), steps=2)
    within(locals(), low="(0, inf)")
    low, high = (x.data if isinstance(x, Value) else x for x in (low, high))
    low, high = floats_of(locals(), low="(0, inf)", high=f"({low}, inf)")
    batches(X, y, rng=random.Random(0))  # which checks their lengths
    check_finite(X, y)
    step = train_step(model, loss, optimizer).eager
    parameters, weights = model.placed(model.state_dict())
    values, numbers = optimizer.placed(optimizer.state_dict())
    beyond = _beyond(model, optimizer)
    values, numbers = [*values, *beyond], [*numbers, *[p.data for p in beyond]]
    shares = [i / (steps - 1) for i in range(steps)]
    rates = [low ** (1.0 - share) * high**share for share in shares]  # high / low may overflow
    losses: list[float] = []

    def descend() -> None:
        for rate in rates:
            optimizer.lr = rate
            losses.append(step(X, y)[0])
            if not math.isfinite(losses[-1]) or losses[-1] > 4 * min(losses):
                break

    def restore() -> None:
        assign([*parameters, *values], [*weights, *numbers])
        optimizer.zero_grad()

    around(descend, restore)
    finite = [x for x in losses if math.isfinite(x)]
    suggestion = rates[losses.index(min(finite))] / 10 if finite else math.nan
    return RangeTest(rates[: len(losses)], losses, suggestion)


def _some(n: int) -> list[int]:
    """Return up to 11 of the numbers 0 to n - 1, at even distances."""
    return sorted({round(i * (n - 1) / 10) for i in range(11)}) if n > 11 else list(range(n))


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.training", "nn.foreign")
