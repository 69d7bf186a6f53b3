"""The commands: train a net, answer for rows, describe a table."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import inf, isfinite, log
from pathlib import Path
from shlex import quote
from statistics import fmean
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from autograd import Drawing, Value, draw
from autograd.errors import MissingDependencyError
from autograd.extending import load as load_package
from autograd.extending import within

from . import data, plots
from .answering import answer
from .data.reading import (
    INDEX,
    MOST_MARKS,
    Records,
    alike,
    counts_rows,
    is_missing,
    parsed_number,
    read_records,
    records_of,
    shown,
    text_of,
)
from .layers import MLP
from .losses import binary_cross_entropy, cross_entropy, l2, mae, mse
from .metrics import accuracy, r2
from .module import Module, load
from .optim import Adam
from .preparation import Category, Classes, Number, Preparation, Quantity, RawRow
from .tracing import trace
from .training import DivergenceWarning, History, Run, evaluate, fit
from .training import predict as outputs_of

SHAPES: dict[str, Callable[..., Any]] = {
    "moons": data.moons,
    "circles": data.circles,
    "spirals": data.spirals,
    "xor": partial(data.xor, noise=0.1),
}
TABLE_OPTIONS = (
    *("target", "task", "columns", "drop", "delimiter", "header", "missing"),
    *("held_out", "patience"),
)
MOST_DRAWN = 6  # layers of a net that fit the picture of a net
MODEL = "model.json"
PICTURES = ("attention.svg", "boundary.svg", "loss.svg", "net.svg", "neuron.svg")
IRIS = Path(data.__file__).with_name("iris.csv")
RATES = {True: 0.01, False: 0.05}  # of Adam, for a table and for a point cloud
PENALTIES = {True: 1e-3, False: 1e-4}  # the strength of l2
LARGEST_BATCH = 50  # rows a step, for a table
PATIENCE = 20  # epochs without a better one that end the training, for a table
VALIDATION = 0.2  # the share of a table's training rows that chooses the epoch
MOST_VALIDATED = 1000  # rows that choose, at most
FEWEST_VALIDATED = 40  # of fewer training rows none chooses
FEWEST_STEPS = 8  # an epoch, for a table
STOPPED = 130  # the exit status of what Ctrl-C ended
WIDEST_NEURON = 20  # inputs; the picture of a neuron of more cannot be read
FEWEST = 10  # of fewer rows none is held out
MANY = 20  # of fewer rows nothing is said about ids and columns that fix the target


class Task(NamedTuple):
    """What a net is to learn, and the rows that measure it."""

    train: data.Table
    test: data.Table | None
    preparation: Preparation | None
    n_features: int
    n_rows: int


class Fitted(NamedTuple):
    """How a training went.

    `kept` is the epoch, from 1, whose weights are kept; 0 is the start, and
    None the last.
    """

    history: History
    stopped: bool
    kept: int | None
    n_validation: int


def program_name() -> str:
    """How these commands are called, for lines that can be pasted."""
    return "chainrule" if Path(sys.argv[0]).stem == "chainrule" else "python -m nn"


def train(options: argparse.Namespace) -> int:
    """Train a net, say how good it is, and write it with its pictures.

    Returns:
        The exit status: 1 where the training diverged, 130 where Ctrl-C ended
        it.
    """
    held_out = 0.2 if options.held_out is None else options.held_out
    sizes = {"epochs": options.epochs, "hidden": min(options.hidden, default=1)}
    patience = PATIENCE if options.patience is None else options.patience
    within(
        {**sizes, "held_out": held_out, "patience": patience},
        epochs="1, 2, ...",
        hidden="1, 2, ...",
        held_out="[0, 1)",
        patience="0, 1, ...",
    )
    task = _shape(options) if options.data in SHAPES else _table(options, held_out)
    X, y, _, classes = task.train
    n_out = len(classes) if len(classes) > 2 else 1
    loss, metric = (
        (cross_entropy if n_out > 1 else binary_cross_entropy, accuracy) if classes else (mse, r2)
    )
    model = MLP(len(X[0]), [*options.hidden, n_out], seed=options.seed)
    print(
        f"{options.data}: {task.n_rows} rows of {task.n_features} features, "
        f"{len(classes) or 'no'} classes; {model!r}"
    )
    model.preparation = task.preparation
    with folder_for(options.out):
        fitted = _fitted(model, task, loss, metric, patience, options)
        history, stopped = fitted.history, fitted.stopped
        if not isfinite(history["loss"][-1]):
            print(
                f"the training diverged, its loss is {history['loss'][-1]} after epoch "
                f"{len(history)}, and nothing was written: try a lower --lr than "
                f"{_rate(options, task)}"
            )
            return 1
        if stopped:
            print(f"stopped in epoch {len(history) + 1}: what was trained until then is kept")
        if fitted.kept is not None:
            print(_choice(task, fitted))
        outputs = outputs_of(model, X)
        _report(task, model, outputs)
        worst = max(range(len(X)), key=lambda i: float(loss([outputs[i]], [y[i]])))
        whole = write_out(model, options.out, lambda: _pictures(task, model, worst, loss, history))
    if whole:
        print(_row_shown(task, model, worst))
    if task.preparation:
        print(
            f"ask it for rows like these: {program_name()} predict "
            f"{quote(str(options.out / 'model.json'))} ROWS, or nn.answer(nn.load(...), row)"
        )
    return 0 if whole and not stopped else STOPPED


def write_out(
    model: Module, folder: Path, pictures: Callable[[], Mapping[str, Callable[[Path], Any]]]
) -> bool:
    """Write a model and its pictures to a folder, in place of all such files there.

    Args:
        model: The model, for `model.json`.
        folder: Where to write to.
        pictures: Makes them: what saves each, by the name of its file.

    Returns:
        Whether all was written: False where Ctrl-C came while pictures were
        drawn.
    """
    written, whole = [MODEL], True
    model.save(folder / MODEL)
    for name in PICTURES:
        (folder / name).unlink(missing_ok=True)
    try:
        for name, save in pictures().items():
            save(folder / name)
            written.append(name)
    except KeyboardInterrupt:
        whole = False
        print("stopped before all pictures were drawn")
    finally:  # also where the disk is full
        print(f"wrote {', '.join(written)} to {folder}")
    return whole


def predict(options: argparse.Namespace) -> int:
    """Write the rows of a table, each with a prediction and its probability.

    All rows are answered before the first is written: who sends them to a file
    finds no part of a table.
    """
    model = load(options.model)
    preparation = model.preparation
    if preparation is None:
        raise data.DataError(
            f"{options.model} was not trained from a table, so it does not know its columns"
        )
    needed = [column.name for column in preparation.columns]
    header = options.header
    if header is None:
        header = not all(name.startswith("column ") for name in needed)
    table = read_records(options.rows, delimiter=options.delimiter, header=header)
    if lacking := [name for name in needed if name not in table.columns]:
        raise data.DataError(
            f"{options.rows} lacks {shown([*map(repr, lacking)])}; it has {shown(table.columns)}"
            + alike(lacking[0], table.columns)
        )
    added = ["prediction", "probability"][: 2 if isinstance(preparation.target, Classes) else 1]
    if taken := [name for name in added if name in table.columns]:
        raise data.DataError(f"{options.rows} has a column {taken[0]!r} already: rename it")
    writer = csv.writer(sys.stdout, delimiter=table.delimiter, lineterminator="\n")
    notes: Counter[str] = Counter()
    lines = [[*table.columns, *added]] if table.header else []
    for i, row in enumerate(table.rows, 1):
        try:
            found = answer(model, _pointed(row, table, preparation))
        except data.DataError as error:
            raise data.DataError(f"{options.rows}, row {i}: {error}") from error
        notes.update(found.notes)
        answers = [x for x in (found.prediction, found.probability) if x is not None]
        texts = [x if isinstance(x, str) else f"{x:.6g}" for x in answers]
        if table.decimal == ",":
            texts[-1] = texts[-1].replace(".", ",")
        lines.append([*row.values(), *texts])
    writer.writerows(lines)
    for note, count in notes.items() if sys.stderr else ():
        print(f"{count} row{'s' * (count > 1)}: {note}", file=sys.stderr)
    return 0


def describe(options: argparse.Namespace) -> int:
    """Say what is in a table, what a training would do with it, and what is odd."""
    table, target = _read(options.table, options)
    rows = [row for row in table.rows if not is_missing(row[target])]
    between = {"\t": "tabs", " ": "blanks"}.get(table.delimiter, repr(table.delimiter))
    print(
        f"{options.table}: {_counted(table.rows, 'row')} of {_counted(table.columns, 'column')}, "
        f"divided by {between}, "
        f"{'with a' if table.header else 'without'} header"
        + f", {len(table.rows) - len(rows)} without a target"
        * (len(rows) < len(table.rows))
    )
    plan, refusal = {target: "the target"}, None
    try:
        preparation = Preparation.fit(
            table.rows, target, decimal=table.decimal, missing=options.missing
        )
    except data.DataError as error:
        refusal = error
    else:
        plan = {column.name: _plan(column) for column in preparation.columns}
        plan |= {name: f"left out: {why}" for name, why in preparation.left_out.items()}
        plan[target] = f"the target: {_plan(preparation.target)}"
    lines = [("column", "values", "missing", "what train does")]
    for name in table.columns:
        texts = [row[name] for row in table.rows]
        missing = sum(map(is_missing, texts))
        lines.append((name, _contents(texts, table.decimal), str(missing), plan.get(name, "")))
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    for line in lines:
        padded = [text.ljust(width) for text, width in zip(line, widths, strict=False)]
        print("  ".join([*padded, line[3]]).rstrip())
    for warning in (*_unsaid(rows, table.decimal), *_oddities(rows, target, table.decimal)):
        print(f"note: {warning}")
    if refusal:
        print(f"train cannot learn from it: {refusal}")
    return 0


@contextmanager
def folder_for(path: Path) -> Iterator[None]:
    """Make a folder, and take it away again where nothing was written to it.

    What a training will replace in it is said before the training begins.
    """
    new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise data.DataError(f"--out {path} is no folder, and files go to one") from error
    earlier = [name for name in (MODEL, *PICTURES) if (path / name).exists()]
    if folders := [str(path / name) for name in earlier if (path / name).is_dir()]:
        raise data.DataError(f"{folders[0]} is a folder, where a file is to be written: rename it")
    if earlier:
        print(
            f"{path} has {', '.join(earlier)} already: this training replaces or removes "
            "files of these names"
        )
    try:
        yield
    finally:
        if new and not any(path.iterdir()):
            path.rmdir()


def _rate(options: argparse.Namespace, task: Task) -> float:
    """The learning rate that was asked for, or the one for such data."""
    rate: float = RATES[task.preparation is not None] if options.lr is None else options.lr
    return rate


def _fitted(
    model: MLP,
    task: Task,
    loss: Callable[..., Any],
    metric: Callable[..., float],
    patience: int,
    options: argparse.Namespace,
) -> Fitted:
    """Train until the end, a divergence or Ctrl-C.

    Where a table has rows enough, the net starts as the baseline, and a part of
    the training rows chooses the epoch whose weights are kept. The start is one
    to choose, too.

    Raises:
        KeyboardInterrupt: Ctrl-C came in the first epoch.
    """
    X, y = task.train[:2]
    validation = None
    tabular = task.preparation is not None
    if tabular and patience and len(X) >= FEWEST_VALIDATED:
        _start_as_baseline(model, task)
        share = min(VALIDATION, MOST_VALIDATED / len(X))
        classes = bool(task.train.classes)
        (X, y), validation = data.split(X, y, share, stratified=classes, seed=options.seed)
    start = model.state_dict()
    at_start = evaluate(model, *validation, loss=loss)["loss"] if validation else inf
    watch = _Watch()
    stopped = False
    try:
        with catch_warnings():
            simplefilter("ignore", DivergenceWarning)  # `train` says it, with its own options
            fit(
                model,
                X,
                y,
                loss=loss,
                optimizer=Adam(model.parameters(), lr=_rate(options, task)),
                epochs=options.epochs,
                batch_size=min(LARGEST_BATCH, max(1, len(X) // FEWEST_STEPS)) if tabular else None,
                validation=validation,
                metrics=[metric],
                penalty=partial(l2, strength=PENALTIES[tabular]),
                callbacks=[watch],
                patience=patience if validation else None,
                seed=options.seed,
                jit=options.jit,
            )
    except KeyboardInterrupt:
        if not len(watch.history):
            raise
        stopped = True
        model.eval()
    history, kept = watch.history, None
    if validation and history.best_epoch is not None and history.best_state is not None:
        better = history["val_loss"][history.best_epoch] < at_start
        model.load_state_dict(history.best_state if better else start)
        kept = history.best_epoch + 1 if better else 0
    return Fitted(history, stopped, kept, len(validation[0]) if validation else 0)


def _start_as_baseline(model: MLP, task: Task) -> None:
    """Let a net answer every row by the shares of the classes, or by the mean.

    The last layer looks at nothing yet, and its biases are the answer. From
    there it learns what the columns add.
    """
    y = task.train.y
    shares = [y.count(i) / len(y) for i in range(len(task.train.classes))]
    neurons = model.layers[-1].neurons
    if not shares:
        biases = [0.0]  # a quantity is standardized, so its mean is 0
    elif len(shares) == 2:
        biases = [log(shares[1] / shares[0])]
    else:
        biases = [log(share) for share in shares]
    for neuron, bias in zip(neurons, biases, strict=True):
        neuron.b.data = bias
        for w in neuron.w:
            w.data = 0.0


def _choice(task: Task, fitted: Fitted) -> str:
    """Which epoch is kept, in words."""
    rows = f"{fitted.n_validation} of the {len(task.train.y)} training rows"
    if fitted.kept:
        return (
            f"kept: epoch {fitted.kept} of {len(fitted.history)}, the best for {rows}, "
            "which only choose it"
        )
    return (
        f"no epoch of {len(fitted.history)} was better for {rows}, which only choose it, than "
        f"always saying {_baseline(task)}: the net says that"
    )


def _baseline(task: Task) -> str:
    """What needs no column to be said."""
    if not task.train.classes:
        return "the mean"
    [(most, _)] = Counter(task.train.y).most_common(1)
    return repr(task.train.classes[most])


class _Watch:
    """A callback that keeps the history, and ends a training that diverges."""

    def __init__(self) -> None:
        self.history = History()

    def begin(self, run: Run) -> None:
        """Keep the history, which the training goes on to fill."""
        self.history = run.history

    def __call__(self, run: Run) -> bool:
        """Whether to stop."""
        return not isfinite(run.history["loss"][-1])


def _shape(options: argparse.Namespace) -> Task:
    """A point cloud. Raises DataError for an option that is about a table."""
    for name in TABLE_OPTIONS:
        if getattr(options, name) not in (None, []):
            option = f"--{name.replace('_', '-')}"
            raise data.DataError(f"{option} is about a table, and --data {options.data} is none")
    X, y = SHAPES[options.data](100, seed=options.seed)
    table = data.Table(X, y, ["x1", "x2"], ["class 0", "class 1"])
    return Task(table, None, None, n_features=2, n_rows=len(X))


def _table(options: argparse.Namespace, held_out: float) -> Task:
    """A table from a file, divided and prepared; what is done with it is printed."""
    path = IRIS if options.data == "iris" else Path(options.data)
    if not path.exists():
        raise data.DataError(
            f"--data {options.data}: there is no such file; the data sets that have a "
            f"name are {', '.join(SHAPES)}, iris"
        )
    table, target = _read(path, options)
    if options.target is None:
        print(f"no --target: the last column, {target!r}, is predicted")
    rows = [row for row in table.rows if not is_missing(row[target])]
    if dropped := len(table.rows) - len(rows):
        print(f"dropped: {dropped} of {len(table.rows)} rows, which have no {target!r}")
    for warning in (*_unsaid(rows, table.decimal), *_oddities(rows, target, table.decimal)):
        print(f"note: {warning}")
    numbered = {i: row for i, row in enumerate(table.rows, 1) if not is_missing(row[target])}
    fitted = partial(Preparation.fit, target=target, decimal=table.decimal, missing=options.missing)
    whole = fitted(table.rows, task=options.task)
    learn, measure = _divided(numbered, whole.target, held_out, options.seed)
    kind = "classes" if isinstance(whole.target, Classes) else "quantity"
    preparation = fitted([numbered[i] for i in learn], task=kind) if measure else whole
    for name, why in preparation.left_out.items():
        print(f"left out: {name!r}, {why}")
    train, test = [preparation.table({i: numbered[i] for i in part}) for part in (learn, measure)]
    return Task(
        train, test if measure else None, preparation, len(preparation.columns), len(numbered)
    )


def _read(path: Path, options: argparse.Namespace) -> tuple[Records, str]:
    """The table of a file with the wanted columns, and the name of its target."""
    read = partial(
        records_of,
        path,
        text_of(path),  # once: a pipe is empty the second time
        delimiter=options.delimiter,
        header=options.header,
        missing=options.missing,
    )
    target = options.target
    if target is None:
        columns = read(drop=options.drop).columns
        if not columns:
            raise data.DataError(f"{path}: --drop leaves no column out of {shown(options.drop)}")
        target = columns[-1]
    if target in (*options.drop, *(options.columns or ())):
        raise data.DataError(f"{path}: {target!r} is the target, so it is not predicted from")
    if options.columns is not None:
        return read(columns=[*options.columns, target], drop=options.drop), target
    table = read(drop=options.drop)
    if target not in table.columns:
        raise data.DataError(
            f"{path}: no column is named {target!r}; the header is {shown(table.columns)}"
            + alike(target, table.columns)
        )
    if table.columns[0] == INDEX != target and counts_rows([row[INDEX] for row in table.rows]):
        print(f"left out: {INDEX!r}, which counts the rows")
        return read(drop=[*options.drop, INDEX]), target
    return table, target


def _divided(
    rows: Mapping[int, RawRow], target: Classes | Quantity, held_out: float, seed: int
) -> tuple[list[int], list[int]]:
    """The numbers of the rows to learn from, and of those to measure by.

    A class of which no row would be left to learn from is not held out.
    """
    if not held_out or len(rows) < FEWEST:
        if held_out:
            print(f"of so few rows, {len(rows)}, none is held out")
        return list(rows), []
    labels = [row[target.name] for row in rows.values()]
    stratified = isinstance(target, Classes)
    (learn, seen), (measure, _) = data.split(
        list(rows), labels, held_out, stratified=stratified, seed=seed
    )
    unseen = [i for i in measure if stratified and rows[i][target.name] not in set(seen)]
    return sorted([*learn, *unseen]), [i for i in measure if i not in unseen]


def _unsaid(rows: Sequence[RawRow], decimal: str) -> list[str]:
    """Texts among numbers that may stand for no value, one sentence a column."""
    found = []
    for name in rows[0] if rows else ():
        texts = [row[name] for row in rows if not is_missing(row[name])]
        others = [text for text in texts if parsed_number(text, decimal) is None]
        different = sorted(set(others))
        if 0 < len(others) <= len(texts) / 2 and len(different) <= MOST_MARKS:
            shown_marks = " or ".join(map(repr, different))
            advice = f"say {' '.join(['--missing', *map(quote, different)])}"
            if any(text.startswith("-") and text != "-" for text in different):  # as an option
                advice = f"say {' '.join(f'--missing={quote(text)}' for text in different)}"
            if "--" in different:  # which argparse takes for the end of the options
                advice = "leave those fields blank"
            found.append(
                f"{name!r} is {shown_marks} in {len(others)} of {len(texts)} rows and a number "
                f"in the others: if that stands for no value, {advice}"
            )
    return found


def _oddities(rows: Sequence[RawRow], target: str, decimal: str) -> list[str]:
    """What may mislead a training, one sentence a column."""
    found = []
    for name in rows[0] if len(rows) >= MANY else ():
        if name == target:
            continue
        texts = [row[name] for row in rows]
        numbers = [parsed_number(text, decimal) for text in texts]
        whole = all(x is not None and x.is_integer() for x in numbers)
        pairs = {(row[name], row[target]) for row in rows}
        different = len(set(texts))
        if different > 0.9 * len(rows) and whole:
            found.append(f"{name!r} is another whole number in nearly every row: an id? --drop it")
        elif 1 < different == len(pairs) <= len(rows) / 2 and len({b for _, b in pairs}) > 1:
            found.append(
                f"{name!r} alone fixes {target!r}: if it is known only with the target, --drop it"
            )
    return found


def _contents(texts: Sequence[str], decimal: str) -> str:
    """What the texts of a column are, in words."""
    known = [text for text in texts if not is_missing(text)]
    different = sorted(set(known))
    numbers = [x for x in (parsed_number(text, decimal) for text in known) if x is not None]
    if known and len(numbers) == len(known):
        kind = "whole numbers" if all(x.is_integer() for x in numbers) else "numbers"
        return f"{kind} from {min(numbers):g} to {max(numbers):g}, {len(different)} different"
    if not known:
        return "none"
    if len(different) == len(known):
        return f"{len(different)} texts, all different"
    return f"{len(different)} texts: {shown([text[:20] for text in different], 4)}"


def _plan(column: Number | Category | Classes | Quantity) -> str:
    """What a training does with a column."""
    if isinstance(column, Number):
        missing = "; a missing one takes the mean, and a second input is 1 for it"
        return f"standardized{missing if column.flag else ''}"
    if isinstance(column, Category):
        return f"one-hot, {len(column.inputs)} inputs"
    return f"{len(column.values)} classes" if isinstance(column, Classes) else "a quantity"


def _pointed(row: Mapping[str, str], table: Records, preparation: Preparation) -> dict[str, str]:
    """The row, its numbers written with the decimal mark of the preparation."""
    changed = dict(row)
    if table.decimal != preparation.decimal:
        for column in preparation.columns:
            text = row[column.name]
            if isinstance(column, Number) and parsed_number(text, table.decimal) is not None:
                changed[column.name] = text.replace(table.decimal, preparation.decimal)
    return changed


def _report(task: Task, model: MLP, outputs: Sequence[Any]) -> None:
    """Print the score of the training rows, and of the held-out ones by a baseline."""
    print(f"training {_score(task, outputs, task.train.y)}")
    if task.test is None:
        return
    y = task.test.y
    found = outputs_of(model, task.test.X)
    print(f"held-out {_score(task, found, y)}, of {len(y)} rows")
    if task.train.classes:
        [(most, _)] = Counter(task.train.y).most_common(1)
        right = fmean(target == most for target in y)
        print(f"always saying {_baseline(task)}: accuracy {right:.1%}")
        worse = accuracy(found, y) < right
    else:
        mean = [[0.0]] * len(y)
        print(f"always saying the mean: {_score(task, mean, y)}")
        worse = float(mse(found, y)) > float(mse(mean, y))
    if worse:
        print(
            "the net does worse than that on rows that it has not seen: "
            "try fewer --epochs, fewer --hidden units or more rows"
        )


def _counted(things: Sequence[Any], word: str) -> str:
    """How many there are, such as 1 row or 2 rows."""
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"


def _score(task: Task, outputs: Sequence[Any], y: Sequence[Any]) -> str:
    """The accuracy, or R2 and the mean error in the unit of the target."""
    if task.train.classes:
        return f"accuracy {accuracy(outputs, y):.1%}"
    target = task.preparation.target if task.preparation else None
    unit = target.deviation if isinstance(target, Quantity) else 1.0
    return f"R2 {r2(outputs, y):.4f} (mean error {float(mae(outputs, y)) * unit:.4g})"


def _row_shown(task: Task, model: MLP, worst: int) -> str:
    """What net.svg and neuron.svg show, and for which row."""
    X, y, _, classes = task.train
    target = f" (target {classes[y[worst]]!r})" if classes else ""
    path, _ = _firing(model, X[worst])
    neuron = f", neuron.svg {path} alone for that row" * (len(X[0]) <= WIDEST_NEURON)
    return f"net.svg shows it with the training row whose loss is largest{target}{neuron}"


def _pictures(
    task: Task, model: MLP, worst: int, loss: Callable[..., Any], history: History
) -> dict[str, Callable[[Path], Any]]:
    """The pictures of a training by the names of their files, as what saves them."""
    X, y, features, classes = task.train
    if task.preparation:
        scaled = {column.name for column in task.preparation.columns if isinstance(column, Number)}
        features = [f"{name}, standardized" if name in scaled else name for name in features]
    neuron, net = _graphs(model, dict(zip(features, X[worst], strict=True)), y[worst], loss)
    pictures: dict[str, Callable[[Path], Any]] = {"net.svg": net.save}
    if len(features) <= WIDEST_NEURON:
        pictures = {"neuron.svg": neuron.save, **pictures}
    try:
        pictures["loss.svg"] = partial(save_chart, plots.loss_curve(history))
        if classes and len(features) == 2:
            ax = plots.decision_boundary(model, X, y, classes=classes)
            for axis, feature in zip((ax.xaxis, ax.yaxis), features, strict=True):
                axis.set_label_text(feature, parse_math=False)
            pictures["boundary.svg"] = partial(save_chart, ax)
    except MissingDependencyError as error:
        print(f"no charts: {error}")
    return pictures


def save_chart(ax: Any, path: Path) -> None:
    """Write a chart, and close its figure. Letters that it could not show are told."""
    with catch_warnings(record=True) as caught:
        simplefilter("always")
        plots.save(ax, path)
    load_package("matplotlib.pyplot", "charts need").close(ax.figure)
    told = {str(warning.message) for warning in caught}
    if lost := [text for text in told if "missing from" in text]:
        told = told.difference(lost)
        print(f"note: {path.name} has boxes for letters that its font lacks, {len(lost)} of them")
    for text in sorted(told):
        print(f"note: {path.name}: {text}")


def _graphs(
    model: MLP, x: dict[str, float], target: Any, loss: Callable[..., Any]
) -> tuple[Drawing, Drawing]:
    """A neuron alone, with the gradients of its own output, and the net with the row's loss.

    A net of too many layers for that is drawn as the graph of the loss, folded.
    """
    inputs = [Value(number, feature) for feature, number in x.items()]
    if len(model.layers) <= MOST_DRAWN:
        net = model.draw("net", x=inputs, y=target, loss=loss)
    else:
        model.zero_grad()
        with trace(model) as t:
            cost = loss([model(inputs)], [target])
        cost.backward()
        net = draw(cost, groups=t)
    path, neuron = _firing(model, list(x.values()))
    model.zero_grad()
    alone = neuron([Value(number, feature) for feature, number in x.items()])
    alone.backward()
    return draw(alone, names={**dict(neuron.named_parameters()), path: alone}), net


def _firing(model: MLP, row: Sequence[float]) -> tuple[str, Module]:
    """The first neuron of the first layer that a row makes fire, else its first, by its path."""
    named = {id(part): path for path, part in model.named_modules()}
    neurons = model.layers[0].neurons
    fires = next((neuron for neuron in neurons if neuron(row).data), neurons[0])
    return named[id(fires)], fires
