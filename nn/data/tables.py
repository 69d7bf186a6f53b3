"""Rows and targets, read from a file, scaled, divided, and dealt out in batches: `X` is a list of rows, `y` a list of as many targets; everything
returned is new, the arguments stay as they were. What takes both raises LengthError unless they have the same number of rows, at least 1."""

import csv
import random
from collections.abc import Iterator, Sequence
from math import floor, frexp, isfinite, nan, sqrt
from os import PathLike
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple, TypeVar

from autograd.errors import ArgumentError, ChainruleError, LengthError
from autograd.extending import within

Row = TypeVar("Row")
Target = TypeVar("Target")
Part = tuple[list[Row], list[Target]]
Parts = tuple[Part[Row, Target], Part[Row, Target]]


class DataError(ChainruleError, ValueError):
    """A file, or what is in it, from which no data set can be made."""


class Table(NamedTuple):
    """What `read_csv` returns: rows, targets, the columns' names, and the class names, else [], if the targets are classes written as text."""

    X: list[list[float]]
    y: list[Any]
    columns: list[str]
    classes: list[str]


def read_csv(path: str | PathLike[str], target: str, columns: Sequence[str] | None = None) -> Table:
    """Read a CSV file whose first line names the columns: `target` becomes y, `columns` (default: all others) become X. A target column of whole
    numbers gives ints, of other numbers floats; all of text, the index of each word in the sorted list `classes`. Raises DataError for a file that is
    no text or has no rows, a missing or repeated column, a row of another length, a field that is no finite number; OSError for no file."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = [[field.strip() for field in fields] for fields in csv.reader(file) if fields]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table in UTF-8: {error}") from error
    if len(lines) < 2:
        raise DataError(
            f"{path}: {'only a header' if lines else 'empty'}; needed are a line of column names and at least one row"
        )
    header, *rows = lines
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise DataError(
                f"{path}, row {number}: {len(row)} fields, but the header has {len(header)}"
            )
    features = [name for name in header if name != target] if columns is None else list(columns)
    if not features or target in features:
        raise DataError(
            f"{path}: {target!r} is predicted from at least one other column, and not from itself: columns={features}"
        )
    for name in [target, *features]:
        if header.count(name) != 1:
            found = f"{header.count(name)} columns are" if name in header else "no column is"
            raise DataError(f"{path}: {found} named {name!r}; the header is {', '.join(header)}")
    texts = dict(zip(header, zip(*rows, strict=True), strict=True))
    classes = sorted(set(texts[target]))
    words = [word for word in classes if word and not isfinite(_number(word))]
    named = words == classes
    if words and not named:
        number, word = next((n, text) for n, text in enumerate(texts[target], 1) if text in words)
        other = next(text for text in texts[target] if text not in words)
        raise DataError(
            f"{path}, row {number}: {target!r} is {word!r}, and elsewhere no text but {other!r}: make all of it text, or numbers"
        )
    for name in features if named else [target, *features]:
        for number, text in enumerate(texts[name], 1):
            if not isfinite(_number(text)):
                raise DataError(
                    f"{path}, row {number}: {name!r} is {text!r}, no finite number; mend it, or name the columns to use in columns=[...]"
                )
    X = [list(row) for row in zip(*[map(float, texts[name]) for name in features], strict=True)]
    y = [classes.index(text) if named else float(text) for text in texts[target]]
    return Table(
        X,
        [int(t) for t in y] if all(float(t).is_integer() for t in y) else y,
        features,
        classes if named else [],
    )


def _number(text: str) -> float:
    """The number that `text` spells; nan if it spells none."""
    try:
        return float(text)
    except ValueError:
        return nan


def iris() -> tuple[list[list[float]], list[int]]:
    """Fisher's 150 irises: length and width of sepal and petal in cm; classes 0 setosa, 1 versicolor, 2 virginica, 50 rows each. Source: R. A.
    Fisher, Annals of Eugenics 7 (1936), 179-188; `SOURCES.md` beside the file says which copy."""
    return read_csv(Path(__file__).with_name("iris.csv"), target="species")[:2]


def standardize(X: list[list[float]], like: list[list[float]] | None = None) -> list[list[float]]:
    """Shift and scale each column to mean 0 and standard deviation 1.

    A constant column is only shifted. The deviation is that of the population:
    its squares are divided by n.

    Args:
        like: The rows whose means and deviations are taken, by default X itself.
            Rows that are held out take the training rows.

    Raises:
        LengthError: The rows have different numbers of columns.
    """
    moments = _moments(X, like)
    return [
        [(x / 2 - m.mean / 2) / m.deviation * 2 for x, m in zip(row, moments, strict=True)]
        for row in X  # halves, because x - mean may be too large for a float
    ]


def unstandardize(X: list[list[float]], like: list[list[float]]) -> list[list[float]]:
    """Undo `standardize`: scale and shift each column back to its own unit.

    Args:
        X: Rows in units of deviations, such as the predictions of a model.
        like: The rows whose means and deviations `standardize` took.

    Raises:
        LengthError: The rows have different numbers of columns.
    """
    moments = _moments(X, like)
    return [[x * m.deviation + m.mean for x, m in zip(row, moments, strict=True)] for row in X]


class Moments(NamedTuple):
    """The mean and the standard deviation of a column."""

    mean: float
    deviation: float


def moments_of(column: Sequence[float]) -> Moments:
    """The mean and the deviation of numbers, which is 1 where all are equal.

    The column is first scaled by a power of 2, which is exact, so that squares
    neither overflow nor vanish.
    """
    largest = max(map(abs, column))
    scale = 2.0 ** -max(frexp(largest)[1], -1000)
    scaled = [x * scale for x in column]
    mean = fmean(scaled)
    deviation = sqrt(fmean([(x - mean) ** 2 for x in scaled])) / scale
    varies = min(column) < max(column)
    return Moments(mean / scale, deviation if varies and deviation else 1.0)


def _moments(X: list[list[float]], like: list[list[float]] | None) -> list[Moments]:
    """The moments of every column of `like`, by default of X."""
    if len({len(row) for row in (*X, *(like or ()))}) > 1:
        raise LengthError("to be standardized, all rows must have the same number of columns")
    return [moments_of(column) for column in zip(*(X if like is None else like), strict=True)]


def split(
    X: Sequence[Row],
    y: Sequence[Target],
    held_out: float = 0.25,
    *,
    stratified: bool = False,
    seed: int = 0,
) -> Parts[Row, Target]:
    """Shuffle and divide into `(X_train, y_train), (X_test, y_test)`.

    Args:
        held_out: The share of the rows in the test part, in (0, 1); the number of
            rows is rounded.
        stratified: Hold out this share of every class, too. What is left by
            rounding down goes to the classes with the largest remainders.

    Raises:
        ArgumentError: `held_out` is another number, or one part would be empty.
    """
    within(locals(), held_out="(0, 1)")
    groups = _shuffled(X, y, stratified, seed)
    total = round(held_out * len(X))
    counts = [floor(held_out * len(group)) for group in groups]
    by_remainder = sorted(
        range(len(groups)), key=lambda i: counts[i] - held_out * len(groups[i])
    )  # the largest first; equal ones in the order of their first rows
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    test = {i for group, count in zip(groups, counts, strict=True) for i in group[:count]}
    if len(test) in (0, len(X)):
        raise ArgumentError(
            f"held_out={held_out} of {len(X)} rows gives parts of {len(X) - len(test)} and {len(test)}; both need at least 1"
        )
    return _divide(X, y, test)


def k_fold(
    X: Sequence[Row], y: Sequence[Target], k: int = 5, *, stratified: bool = False, seed: int = 0
) -> list[Parts[Row, Target]]:
    """Shuffle and divide k times into `(X_train, y_train), (X_test, y_test)`.

    Every row is in exactly one of the k test parts, whose sizes differ by at most
    one row.

    Args:
        k: The number of parts, from 2 to len(X).
        stratified: Deal out every class by turns, so that each class differs by at
            most one row between the parts, too.

    Raises:
        ArgumentError: `k` is another number.
    """
    dealt = [i for group in _shuffled(X, y, stratified, seed) for i in group]
    within(locals(), k=f"2, ..., {len(dealt)}")
    return [_divide(X, y, set(dealt[part::k])) for part in range(k)]


def _shuffled(
    X: Sequence[Row], y: Sequence[Target], stratified: bool, seed: int
) -> list[list[int]]:
    """The row numbers in random order: one group, or one for each class."""
    groups: dict[Any, list[int]] = {}
    for i in _row_numbers(X, y):
        groups.setdefault(y[i] if stratified else None, []).append(i)
    rng = random.Random(seed)
    for group in groups.values():
        rng.shuffle(group)
    return list(groups.values())


def _divide(X: Sequence[Row], y: Sequence[Target], test: set[int]) -> Parts[Row, Target]:
    """The rows outside and inside `test`, each in the order of X."""
    return _part(X, y, [i for i in range(len(X)) if i not in test]), _part(X, y, sorted(test))


def _part(X: Sequence[Row], y: Sequence[Target], indices: list[int]) -> Part[Row, Target]:
    """The rows of these numbers with their targets."""
    return [X[i] for i in indices], [y[i] for i in indices]


def batches(
    X: Sequence[Row], y: Sequence[Target], size: int | None = None, *, rng: random.Random
) -> Iterator[Part[Row, Target]]:
    """Every row once, shuffled by `rng`, `size` >= 1 at a time (the last batch may be shorter); without `size` all at once, in order. Pass the same
    `rng` for every epoch, and each epoch has an order of its own. Raises ArgumentError for another size."""
    order = _row_numbers(X, y)
    if size is None:
        return iter([_part(X, y, order)])
    within(locals(), size="1, 2, ...")
    rng.shuffle(order)
    return (_part(X, y, order[at : at + size]) for at in range(0, len(X), size))


def _row_numbers(X: Sequence[Row], y: Sequence[Target]) -> list[int]:
    """0, 1, ... for the rows. Raises LengthError unless there are as many targets, and at least 1."""
    if len(X) != len(y) or not len(X):
        raise LengthError(
            f"X and y need the same number of rows, at least 1, not {len(X)} and {len(y)}"
        )
    return list(range(len(X)))
