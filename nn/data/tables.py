"""Rows and targets: read from a file, scaled, divided, and dealt out in batches.

`X` is a list of rows and `y` a list of as many targets. All that is returned is
new; the arguments stay as they were. What takes both raises LengthError unless
they have the same number of rows, at least 1.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import random
import warnings
from collections.abc import Hashable, Iterator, Sequence
from math import floor, frexp, fsum, sqrt
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import floats_of, told, within

from ..arguments import check_generator, names_checked
from .checks import DataError, check_rows, check_table, check_texts
from .reading import (
    INDEX,
    alike,
    counts_rows,
    is_missing,
    is_padded,
    parsed_number,
    parsed_whole,
    read_records,
    shown,
)

Row = TypeVar("Row")
Target = TypeVar("Target")
Part = tuple[list[Row], list[Target]]
Parts = tuple[Part[Row, Target], Part[Row, Target]]


class Table(NamedTuple):
    """What `read_csv` returns: rows and targets as numbers, and what they are called.

    `columns` names the numbers of a row. `classes` names the targets where the
    file has classes as text, and is empty elsewhere.
    """

    X: list[list[float]]
    y: list[Any]
    columns: list[str]
    classes: list[str]


@names_checked
def read_csv(
    path: str | PathLike[str],
    target: str,
    columns: Sequence[str] | None = None,
    *,
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    header: bool | None = None,
) -> Table:
    """Read a table of numbers: `target` becomes y, the other columns X.

    A target column of whole numbers gives ints, with all their digits, one of
    other numbers floats. One of texts gives the index of each text in the sorted
    list `classes`, and so does one of whole numbers of which one has a leading
    zero: 007 and 7 are names. Texts and missing values in other columns are for
    `nn.Preparation`.

    A first column without a name that counts the rows from 0 or 1 on is left out
    with a UserWarning. It is called "index" in `columns` and `drop`. It is kept if it
    is all that there is to predict from.

    Args:
        path: The file, as for `read_records`.
        target: The name of the column to predict.
        columns: The names of the columns of X, by default all others.
        drop: The names of columns to leave out.
        delimiter: As in `read_records`.
        header: As in `read_records`.

    Returns:
        Four fields: `X, y, columns, classes = read_csv(path, target)`, or
        `table.X` and `table.y` of the whole.

    Raises:
        DataError: `read_records` raises it, a column is missing, a target is
            missing, a column is named twice, or a field of X is no number.
        OSError: The file cannot be read.
    """
    if not isinstance(target, str):
        raise DataTypeError(f"target is the name of a column, not {told(target)}")
    if columns is not None:
        check_texts("columns", columns)
    check_texts("drop", drop)
    if target in drop:
        raise DataError(f"drop leaves out {target!r}, the column to predict")
    wanted = None if columns is None else [target, *columns]
    table = read_records(path, columns=wanted, drop=drop, delimiter=delimiter, header=header)
    if target not in table.columns:
        raise DataError(
            f"{path}: no column is named {target!r}; the header is {shown(table.columns)}"
            + alike(target, table.columns)
        )
    others = [name for name in table.columns if name != target]
    first = [row[INDEX] for row in table.rows] if table.columns[0] == INDEX != target else []
    if columns is None and len(others) > 1 and first and counts_rows(first):
        others = others[1:]
        warnings.warn(
            f"{path}: the first column counts the rows, so it is left out: say "
            f"drop=[{INDEX!r}], or name it in columns=[...] to predict from it",
            stacklevel=3,
        )
    features = others if columns is None else [name for name in columns if name not in drop]
    if not features or target in features:
        raise DataError(
            f"{path}: {target!r} is predicted from at least one other column, and not "
            f"from itself: columns={features}"
        )
    if len(set(features)) < len(features):
        twice = next(name for name in features if features.count(name) > 1)
        raise DataError(f"{path}: columns names {twice!r} {features.count(twice)} times")
    y, classes = _targets(path, [row[target] for row in table.rows], target, table.decimal)
    X = []
    for i, row in enumerate(table.rows, 1):
        numbers = [parsed_number(row[name], table.decimal) for name in features]
        for name, x in zip(features, numbers, strict=True):
            if x is None:
                raise DataError(
                    f"{path}, row {i}: {name!r} is {row[name]!r}, no finite number; mend "
                    "it, name the columns to use in columns=[...], or take nn.Preparation"
                )
        X.append([x for x in numbers if x is not None])
    return Table(X, y, features, classes)


def _targets(
    path: str | PathLike[str], texts: list[str], name: str, decimal: str
) -> tuple[list[Any], list[str]]:
    """The targets as numbers, and the classes that they stand for, if any."""
    numbers = [parsed_number(text, decimal) for text in texts]
    words = [i for i, x in enumerate(numbers) if x is None]
    for i in words:
        if is_missing(texts[i]):
            raise DataError(
                f"{path}, row {i + 1}: {name!r} is {texts[i]!r}, a missing value: mend "
                "it, or leave the row out"
            )
    wholes = [parsed_whole(text, decimal) for text in texts]
    if len(words) == len(texts) or (None not in wholes and any(map(is_padded, texts))):
        classes = sorted(set(texts))
        index_of = {text: i for i, text in enumerate(classes)}
        return [index_of[text] for text in texts], classes
    if words:
        other = next(text for text, x in zip(texts, numbers, strict=True) if x is not None)
        raise DataError(
            f"{path}, row {words[0] + 1}: {name!r} is {texts[words[0]]!r} here and "
            f"{other!r} elsewhere: make the column all text or all numbers"
        )
    return numbers if None in wholes else wholes, []


@names_checked
def iris() -> tuple[list[list[float]], list[int]]:
    """Fisher's 150 irises: length and width of sepal and petal in cm.

    The classes are 0 setosa, 1 versicolor and 2 virginica, 50 rows each.
    Source: R. A. Fisher, Annals of Eugenics 7 (1936), 179-188; `SOURCES.md`
    beside the file says which copy.
    """
    return read_csv(Path(__file__).with_name("iris.csv"), target="species")[:2]


@names_checked
def standardize(X: list[list[float]], like: list[list[float]] | None = None) -> list[list[float]]:
    """Shift and scale each column to mean 0 and standard deviation 1.

    A constant column is only shifted. The deviation is that of the population:
    its squares are divided by n.

    Args:
        like: The rows whose means and deviations are taken, by default X
            itself. Rows that are held out take the training rows.

    Raises:
        LengthError: The rows have different numbers of columns, or `like` has
            no row.
        DataTypeError: They are no rows of numbers.
        DataError: A number is nan or infinite.
    """
    spreads = _spreads(X, like)
    return [[m.standardized(float(x)) for x, m in zip(row, spreads, strict=True)] for row in X]


@names_checked
def unstandardize(X: list[list[float]], like: list[list[float]]) -> list[list[float]]:
    """Undo `standardize`: scale and shift each column back to its own unit.

    Args:
        X: Rows in units of deviations, such as the predictions of a model.
        like: The rows whose means and deviations `standardize` took.

    Raises:
        LengthError: The rows have different numbers of columns.
    """
    if like is None:
        raise DataTypeError("like is the rows whose means and deviations were taken, not None")
    spreads = _spreads(X, like)
    return [[m.restored(float(x)) for x, m in zip(row, spreads, strict=True)] for row in X]


class Moments(NamedTuple):
    """The mean and the standard deviation of a column, and what rounding takes from the mean."""

    mean: float
    deviation: float
    rest: float = 0.0

    def standardized(self, x: float) -> float:
        """How many deviations x lies above the mean, by halves, because x - mean may overflow."""
        return ((x / 2 - self.mean / 2) - self.rest / 2) / self.deviation * 2

    def restored(self, z: float) -> float:
        """The number that lies z deviations above the mean, by halves as well."""
        return ((z * (self.deviation / 2) + self.rest / 2) + self.mean / 2) * 2


class Spread(NamedTuple):
    """Where the numbers of a column lie, in a unit that is a power of 2.

    The largest has a size of at most 2, so that squares neither overflow nor
    vanish. The mean is the sum of `mean` and `rest`, what rounding takes from
    it: it matters where numbers differ by little beside their size.
    """

    unit: float
    mean: float
    rest: float
    deviation: float

    def standardized(self, x: float) -> float:
        """How many deviations x lies above the mean."""
        return ((x / self.unit - self.mean) - self.rest) / self.deviation

    def restored(self, z: float) -> float:
        """The number that lies z deviations above the mean."""
        return ((z * self.deviation + self.rest) + self.mean) * self.unit


def spread_of(column: Sequence[float]) -> Spread:
    """Where the numbers of a column lie. The deviation is 1 where all are equal."""
    unit = 2.0 ** min(max(frexp(max(map(abs, column)))[1], -1000), 1023)
    scaled = [x / unit for x in column]
    n = len(column)
    mean = fsum(scaled) / n
    centred = [x - mean for x in scaled]
    rest = fsum(centred) / n
    deviation = sqrt(fsum([(x - rest) ** 2 for x in centred]) / n)
    varies = min(column) < max(column)
    return Spread(unit, mean, rest, deviation if varies else 1.0 / unit)


def moments_of(column: Sequence[float]) -> Moments:
    """The mean and the deviation of numbers, which is 1 where all are equal."""
    unit, mean, rest, deviation = spread_of(column)
    return Moments(mean * unit, deviation * unit or 1.0, rest * unit)


def _spreads(X: list[list[float]], like: list[list[float]] | None) -> list[Spread]:
    """Where the columns of `like` lie, by default those of X."""
    known = X if like is None else like
    for name, rows in (("X", X), ("like", known)):
        check_table(name, rows)
    if len(X) and not len(known):
        raise LengthError("like is an empty list: no mean and no deviation can be taken from it")
    if len({len(row) for row in (*X, *known)}) > 1:
        raise LengthError("to be standardized, all rows must have the same number of columns")
    return [spread_of([float(x) for x in column]) for column in zip(*known, strict=True)]


@names_checked
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
        X: The rows.
        y: The targets, one for each row.
        held_out: The share of the rows in the test part, in (0, 1); the number
            of rows is rounded.
        stratified: Hold out this share of every class, too. What is left by
            rounding down goes to the classes with the largest remainders.
        seed: The same one gives the same parts.

    Raises:
        ArgumentError: `held_out` is another number, or one part would be empty.
    """
    [held_out] = floats_of(locals(), held_out="(0, 1)")
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
            f"held_out={held_out} of {len(X)} rows gives parts of {len(X) - len(test)} "
            f"and {len(test)}; both need at least 1"
        )
    return _divide(X, y, test)


@names_checked
def k_fold(
    X: Sequence[Row], y: Sequence[Target], k: int = 5, *, stratified: bool = False, seed: int = 0
) -> list[Parts[Row, Target]]:
    """Shuffle and divide k times into `(X_train, y_train), (X_test, y_test)`.

    Every row is in exactly one of the k test parts, whose sizes differ by at
    most one row.

    Args:
        X: The rows.
        y: The targets, one for each row.
        k: The number of parts, from 2 to len(X).
        stratified: Deal out every class by turns, so that each class differs by
            at most one row between the parts, too.
        seed: The same one gives the same parts.

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
    within(locals(), stratified="True, False", seed="0, 1, ...")
    groups: dict[Any, list[int]] = {}
    for i in _row_numbers(X, y):
        if stratified and not _is_class(y[i]):
            raise DataTypeError(f"stratified takes classes, and y[{i}] is {told(y[i])}, none")
        groups.setdefault(y[i] if stratified else None, []).append(i)
    rng = random.Random(int(seed))
    for group in groups.values():
        rng.shuffle(group)
    return list(groups.values())


def _is_class(target: Any) -> bool:
    """Whether a target can be the name or the index of a class."""
    return target is not None and isinstance(target, Hashable) and bool(target == target)


def _divide(X: Sequence[Row], y: Sequence[Target], test: set[int]) -> Parts[Row, Target]:
    """The rows outside and inside `test`, each in the order of X."""
    return _part(X, y, [i for i in range(len(X)) if i not in test]), _part(X, y, sorted(test))


def _part(X: Sequence[Row], y: Sequence[Target], indices: list[int]) -> Part[Row, Target]:
    """The rows of these numbers with their targets."""
    return [X[i] for i in indices], [y[i] for i in indices]


@names_checked
def batches(
    X: Sequence[Row], y: Sequence[Target], size: int | None = None, *, rng: random.Random
) -> Iterator[Part[Row, Target]]:
    """Deal out every row once, in batches of `size`.

    Args:
        X: The rows.
        y: The targets, one for each row.
        size: At least 1; the last batch may be shorter. By default there is one
            batch, in the order of X.
        rng: Shuffles the rows. Pass the same one for every epoch, and each
            epoch has an order of its own.

    Raises:
        ArgumentError: `size` is another number.
    """
    if size is not None:
        within(locals(), size="1, 2, ...")
        size = int(size)  # NumPy's whole numbers overflow
    check_generator(rng)
    order = _row_numbers(X, y)
    if size is None:
        return iter([_part(X, y, order)])
    rng.shuffle(order)
    return (_part(X, y, order[at : at + size]) for at in range(0, len(X), size))


def _row_numbers(X: Sequence[Row], y: Sequence[Target]) -> list[int]:
    """0, 1, ... for the rows.

    Raises:
        LengthError: There are no rows, or not as many targets.
        DataTypeError: They are no lists.
    """
    check_rows("X", X)
    check_rows("y", y)
    if len(X) != len(y) or not len(X):
        raise LengthError(
            f"X and y need the same number of rows, at least 1, not {len(X)} and {len(y)}"
        )
    return list(range(len(X)))
