"""What lies between a row as it stands in a table and the numbers of a model.

A `Preparation` is fitted on the training rows. It turns a row into the inputs
of a model and the outputs of the model into an answer. A model carries it as
`model.preparation`: `save` writes it and `load` reads it, so that a saved model
can be asked for a raw row, by `nn.answer`, without the table.

Preparing comes before the model and is no part of its graph: a program that is
recorded from the model serves all rows.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from inspect import signature
from math import isfinite
from numbers import Real
from sys import float_info
from typing import TYPE_CHECKING, Any, NamedTuple

import autograd
from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import among, elsewhere_of_objects, real_number, told, within

from .arguments import names_checked
from .data import DataError, Table
from .data.checks import check_rows, check_texts, is_sequence
from .data.reading import MOSTLY, alike, is_missing, parsed_number, parsed_whole, shown
from .data.tables import Moments, moments_of
from .files import StateError

MOST_CLASSES = 20  # a target of more different whole numbers is a quantity
MOST_TEXTS = 20  # a column of more different texts is left out
LEARNT = "a Preparation is learnt from rows: nn.Preparation.fit(rows, target=...)"
ANOTHER_TARGET = "name another target, on the command line --target"
HOW_MISSING = (
    "A text that stands for no value is said by missing=[...], on the command line by --missing"
)

# A number with what makes it a text: $5, 5 %, 1,000 or 3 months.
# No two repetitions can take the same characters: the time grows as the length.
_ADORNED = re.compile(r"[^\w.,]*[.,]?[0-9][0-9.,'_ \xa0\u202f]*(?:[^0-9.,'_ \xa0\u202f][^0-9]*)?")

RawRow = Mapping[str, Any]


class Answer(NamedTuple):
    """What a model says about a raw row.

    `prediction` is the name of a class, with its `probability`, or a number in
    the unit of the target. `notes` tell what the training rows did not prepare
    for: a value that is missing, or one that is new.
    """

    prediction: str | float
    probability: float | None
    notes: tuple[str, ...]


class Number(NamedTuple):
    """A column of numbers: (x - mean) / deviation.

    The mean is the sum of `mean` and `rest`, what rounding takes from it: it matters where
    numbers differ by little beside their size, as points of time.

    A missing value becomes the mean. With `flag`, a second input says so: 1
    where the value is missing, else 0.
    """

    name: str
    mean: float
    deviation: float
    flag: bool
    rest: float = 0.0

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs."""
        return [self.name, f"{self.name} is missing"] if self.flag else [self.name]

    def prepared(self, value: Any, decimal: str) -> list[float]:
        """The inputs for a value. Raises DataError for one that is no number."""
        x = _number(value, decimal)
        if x is None:
            raise DataError(
                f"{self.name!r} is {told(value)}, and the model takes a number there"
                f"{_plainly([_text(value)], decimal)}; an unknown one is blank or None"
            )
        missing = not isfinite(x)
        scaled = 0.0 if missing else _moments(self).standardized(x)
        return [scaled, float(missing)] if self.flag else [scaled]

    def note(self, value: Any, decimal: str) -> str:
        """What to know about a value, or nothing."""
        x = _number(value, decimal)
        unexpected = not self.flag and x is not None and not isfinite(x)
        return f"{self.name!r} is missing: {self.mean:.6g}, the mean, is taken" * unexpected


class Category(NamedTuple):
    """A column of texts: one input a text, and a last one for all others.

    The input of the text is 1, and the rest are 0. A missing value is one of
    the others.
    """

    name: str
    values: tuple[str, ...]

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs."""
        return [f"{self.name} = {value}" for value in self.values] + [f"{self.name} is other"]

    def prepared(self, value: Any, decimal: str) -> list[float]:
        """The inputs for a value."""
        text = _text(value)
        return [float(text == v) for v in self.values] + [float(text not in self.values)]

    def note(self, value: Any, decimal: str) -> str:
        """What to know about a value, or nothing."""
        text = _text(value)
        new = text not in self.values and not is_missing(text)
        return f"{self.name!r} is {text!r}, which no training row has" * new


class Classes(NamedTuple):
    """A target of classes, named by the texts of the table. A model gives logits."""

    name: str
    values: tuple[str, ...]

    def prepared(self, value: Any, decimal: str) -> int:
        """The index of a class. Raises DataError for another text."""
        text = _text(value)
        if text not in self.values:
            raise DataError(f"{self.name!r} is {text!r}, none of {shown(self.values)}")
        return self.values.index(text)

    def answer(self, logits: Sequence[float], probabilities: bool = False) -> tuple[str, float]:
        """The most probable class, and its probability. Raises DataError if none is."""
        shares: list[float]
        if probabilities:
            if odd := [p for p in logits if not 0 <= p <= 1]:
                raise DataError(f"an output is {odd[0]!r}, and no probability, 0 to 1")
            shares = [1.0 - logits[0], logits[0]] if len(logits) == 1 else list(logits)
        elif len(logits) == 1:
            second = autograd.sigmoid(logits[0])
            shares = [autograd.sigmoid(-logits[0]), second]
        else:
            shares = autograd.softmax(list(logits))
        if any(p != p for p in shares):
            raise DataError(
                "several of the model's logits are the largest and infinite, so no class is the "
                "most probable: its training diverged, so train it anew"
            )
        best = max(range(len(shares)), key=shares.__getitem__)
        return self.values[best], shares[best]

    @property
    def n_out(self) -> int:
        """The number of logits: one for two classes, else one a class."""
        return 1 if len(self.values) == 2 else len(self.values)


class Quantity(NamedTuple):
    """A target that is a number. A model gives it in deviations from the mean.

    For `rest` see `Number`.
    """

    name: str
    mean: float
    deviation: float
    rest: float = 0.0

    def prepared(self, value: Any, decimal: str) -> float:
        """The number, standardized. Raises DataError for what is none."""
        x = _number(value, decimal)
        if x is None or not isfinite(x):
            raise DataError(
                f"{self.name!r} is {told(value)}, no number{_plainly([_text(value)], decimal)}"
            )
        return _moments(self).standardized(x)

    def answer(self, outputs: Sequence[float], probabilities: bool = False) -> tuple[float, None]:
        """The number in its own unit."""
        return _moments(self).restored(outputs[0]), None

    @property
    def n_out(self) -> int:
        """The number of outputs of a model."""
        return 1


@dataclass(frozen=True, repr=False)
class Preparation:
    """Turns raw rows into the inputs of a model, and its outputs into answers.

    A raw row maps the names of a table's columns to texts, as
    `nn.data.read_records` gives them, or to numbers; None and nan are missing,
    too.

    Examples:
        >>> from nn import Preparation
        >>> rows = [{"size": "1", "colour": "red", "price": "10"},
        ...         {"size": "3", "colour": "red", "price": "30.5"}]
        >>> preparation = Preparation.fit(rows, target="price")
        >>> preparation
        <Preparation of a quantity, 'price', from 1 input: 'size'>
        >>> preparation.left_out
        {'colour': 'the same in every row'}
        >>> preparation.inputs({"size": "2"})
        [0.0]
    """

    columns: tuple[Number | Category, ...]
    target: Classes | Quantity
    decimal: str = "."
    missing: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict, compare=False)

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects({}, "nn.seldom OF_PREPARATIONS")

    def __post_init__(self) -> None:
        kinds = [isinstance(c, (Number, Category)) for c in _listed(self.columns)]
        if not all(kinds) or not isinstance(self.target, (Classes, Quantity)):
            raise DataTypeError(LEARNT)

    @classmethod
    @names_checked
    def fit(
        cls,
        rows: Sequence[RawRow],
        target: str,
        *,
        task: str | None = None,
        decimal: str = ".",
        missing: Sequence[str] = (),
    ) -> "Preparation":
        """Learn from training rows what a model will see of a row.

        Numbers are standardized. Texts become one-hot inputs; a column of more
        than 20 different texts, or of more than half as many as there are rows,
        is left out, and so is one that does not vary. Rows without a target are
        not looked at. What was left out, and why, stands in `left_out`.

        Args:
            rows: The raw rows, which have the same names.
            target: The name of the column to predict.
            task: "classes" or "quantity". By default texts and up to 20
                different whole numbers are classes, other numbers a quantity.
            decimal: The decimal mark in texts, "." or ",".
            missing: Further texts that stand for no value, such as "-".

        Raises:
            DataError: There is nothing to learn, or nothing to learn from.
            ArgumentError: `task` is another text.
            DataTypeError: `missing` is no list of texts, `target` or the name of
                a column no text, or a row no mapping.
        """
        check_texts("missing", missing, "texts")
        _check_rows(rows)
        if odd := [name for name in (rows[0] if len(rows) else ()) if not isinstance(name, str)]:
            raise DataTypeError(
                f"the names of columns are texts, not {told(odd[0])}: give each row as "
                "{str(name): value for name, value in row.items()}"
            )
        if len(missing):
            rows = [{name: _known(value, missing) for name, value in row.items()} for row in rows]
        if not among(task, (None, "classes", "quantity")):
            raise ArgumentError(f"task is 'classes' or 'quantity', not {told(task)}")
        if not among(decimal, (".", ",")):
            raise ArgumentError(f"decimal is '.' or ',', not {told(decimal)}")
        if not isinstance(target, str):
            raise DataTypeError(f"target is the name of a column, not {told(target)}")
        if not len(rows) or target not in rows[0]:
            names = shown(list(map(str, rows[0]))) if len(rows) else "none, for there is no row"
            other = alike(target, map(str, rows[0])) if len(rows) else ""
            raise DataError(f"no column is named {target!r}; the columns are {names}{other}")
        known = [row for row in rows if not is_missing(_text(_value(row, target)))]
        if not known:
            raise DataError(
                f"{target!r} is missing in every row, so there is nothing to learn: "
                f"{ANOTHER_TARGET}"
            )
        aim = _target(target, [row[target] for row in known], task, decimal)
        columns: list[Number | Category] = []
        left_out = {}
        for name in rows[0]:
            if name != target:
                found = _column(name, [_value(row, name) for row in known], decimal)
                if isinstance(found, str):
                    left_out[name] = found
                else:
                    columns.append(found)
        if not columns:
            reasons = "; ".join(f"{name!r} is {why}" for name, why in left_out.items())
            mixed = any("and others" in why for why in left_out.values())
            raise DataError(
                f"no column is left to predict {target!r} from{': ' * bool(reasons)}{reasons}. "
                + f"{HOW_MISSING}. " * mixed
                + "The next number of a series is learnt from nn.data.windows"
            )
        return cls(tuple(columns), aim, decimal, tuple(missing), left_out)

    @property
    def n_in(self) -> int:
        """The number of inputs of a model."""
        return len(self.input_names)

    @property
    def n_out(self) -> int:
        """The number of outputs of a model: one, or one a class from three on."""
        return self.target.n_out

    @property
    def input_names(self) -> list[str]:
        """What the inputs of a model mean, one by one."""
        return [name for column in self.columns for name in column.inputs]

    @names_checked
    def inputs(self, row: RawRow) -> list[float]:
        """The numbers that a model takes for a row.

        Raises:
            DataError: A column is missing, or a text stands where a number
                belongs.
        """
        return [
            x
            for column in self.columns
            for x in column.prepared(self._of(row, column.name), self.decimal)
        ]

    @names_checked
    def table(self, rows: Sequence[RawRow] | Mapping[int, RawRow]) -> Table:
        """Inputs and targets of the rows that have a target, to train and to measure.

        Args:
            rows: The raw rows, in a list, or by the numbers that errors give
                them.

        Raises:
            DataError: As `inputs`, or a target is unknown; it names the row.
        """
        X, y = [], []
        if not isinstance(rows, Mapping):
            _check_rows(rows)
        numbered = rows if isinstance(rows, Mapping) else dict(enumerate(rows, 1))
        for i, row in numbered.items():
            try:
                if not is_missing(_text(self._of(row, self.target.name))):
                    y.append(self.target.prepared(self._of(row, self.target.name), self.decimal))
                    X.append(self.inputs(row))
            except DataError as error:
                raise DataError(f"row {i}: {error}") from error
        classes = list(self.target.values) if isinstance(self.target, Classes) else []
        return Table(X, y, self.input_names, classes)

    @names_checked
    def answer(
        self, outputs: Sequence[float] | float, row: RawRow, *, probabilities: bool = False
    ) -> Answer:
        """What the outputs of a model for a row mean.

        Args:
            outputs: What the model gives for the row.
            row: The raw row.
            probabilities: Whether outputs for classes are probabilities, as those of
                sigmoid and softmax are, and not logits. `nn.answer` knows it.

        Raises:
            LengthError: There are not `n_out` outputs.
            DataError: An output is nan, or several logits are the largest and infinite,
                as of a model whose training diverged; or it is no probability.
        """
        within(locals(), probabilities="True, False")
        given = [
            x.data if isinstance(x, Value) else real_number(x, "an output")
            for x in (outputs if isinstance(outputs, Sequence) else _listed(outputs))
        ]
        if len(given) != self.n_out:
            raise LengthError(
                f"the model gives {len(given)} outputs, but {self!r} needs {self.n_out}"
            )
        if any(x != x for x in given):
            raise DataError("the model answers nan: its training diverged, so train it anew")
        notes = [column.note(self._of(row, column.name), self.decimal) for column in self.columns]
        prediction, probability = self.target.answer(given, probabilities)
        return Answer(prediction, probability, tuple(note for note in notes if note))

    def _of(self, row: RawRow, name: str) -> Any:
        """The value of a row under a name. Raises DataError where there is none."""
        _check_row(row)
        if name not in row:
            lacking = [column.name for column in self.columns if column.name not in row]
            raise DataError(
                f"the row lacks {shown([repr(n) for n in lacking or [name]])}"
                f"{alike(name, map(str, row))}"
            )
        return _known(row[name], self.missing)

    def summary(self) -> dict[str, str]:
        """What is prepared, in words, for a picture of the model."""
        numbers = sum(isinstance(column, Number) for column in self.columns)
        return {
            "numbers": str(numbers),
            "categories": str(len(self.columns) - numbers),
            "inputs": str(self.n_in),
            "target": self.target.name,
        }

    def content(self) -> dict[str, Any]:
        """The preparation as JSON data; `from_content` is the inverse."""
        kinds = {Number: "number", Category: "category", Classes: "classes", Quantity: "quantity"}
        described = [
            {"kind": kinds[type(c)], **{n: x for n, x in c._asdict().items() if (n, x) != _NO_REST}}
            for c in (*self.columns, self.target)
        ]
        *columns, target = described
        content = {"decimal": self.decimal, "columns": columns, "target": target}
        return {**content, "missing": list(self.missing)} if self.missing else content

    @classmethod
    def from_content(cls, content: Any) -> "Preparation":
        """The preparation that `content` describes.

        Raises:
            StateError: It describes none: what stands where, and what belongs
                there.
        """
        where = "preparation"
        optional = {"missing"} & set(content) if isinstance(content, dict) else set()
        _keys(where, content, {"decimal", "columns", "target", *optional})
        if not among(content["decimal"], (".", ",")):
            raise StateError(f"{where}.decimal is {told(content['decimal'])}, not '.' or ','")
        if not isinstance(content["columns"], list) or not content["columns"]:
            raise StateError(f"{where}.columns is {told(content['columns'])}, no list of columns")
        columns = tuple(
            _part(f"{where}.columns.{i}", part, {"number": Number, "category": Category})
            for i, part in enumerate(content["columns"])
        )
        target = _part(
            f"{where}.target", content["target"], {"classes": Classes, "quantity": Quantity}
        )
        missing = content.get("missing", [])
        if not isinstance(missing, list) or not all(isinstance(text, str) for text in missing):
            raise StateError(f"{where}.missing is {told(missing)}, no list of texts")
        names = [part.name for part in (*columns, target)]
        if len(set(names)) < len(names):
            raise StateError(f"{where} has two columns of the same name among {shown(names)}")
        return cls(columns, target, content["decimal"], tuple(missing))

    def __repr__(self) -> str:
        what = (
            f"{len(self.target.values)} classes"
            if isinstance(self.target, Classes)
            else "a quantity"
        )
        names = shown([repr(column.name) for column in self.columns])
        inputs = f"{self.n_in} input{'s' * (self.n_in != 1)}"
        return f"<Preparation of {what}, {self.target.name!r}, from {inputs}: {names}>"


_NO_REST = ("rest", 0.0)  # not written: files from before there was a rest load as they were


def _moments(part: Number | Quantity) -> Moments:
    """The moments of a column of numbers, or of such a target."""
    return Moments(part.mean, part.deviation, part.rest)


def _known(value: Any, missing: Sequence[str]) -> Any:
    """The value, or a blank for a text that stands for none."""
    return "" if _text(value) in missing else value


def _told_how(init: Callable[..., None]) -> Callable[..., None]:
    """Return an `__init__` that says how a Preparation is made to whoever lacks its columns."""
    taken = signature(init)

    @wraps(init)
    def told_how(self: Preparation, *inputs: Any, **options: Any) -> None:
        try:
            taken.bind(self, *inputs, **options)
        except TypeError:
            raise DataTypeError(LEARNT) from None
        init(self, *inputs, **options)

    return told_how


Preparation.__init__ = _told_how(Preparation.__init__)  # type: ignore[method-assign]


def _listed(outputs: Any) -> Sequence[Any]:
    """Return an array, or a number in a list."""
    return outputs if is_sequence(outputs) else [outputs]


def _check_row(row: Any) -> None:
    """Raise DataTypeError unless this is a raw row."""
    if not isinstance(row, Mapping):
        found = told(row)
        if hasattr(row, "iloc"):  # of a table with labels
            remedy = "row.to_dict()" if row.ndim == 1 else 'one of row.to_dict("records")'
            found = f"a {type(row).__name__}: give {remedy}"
        raise DataTypeError(
            f"a row is a mapping from column names to texts, as read_records gives, not {found}"
        )


def _check_rows(rows: Any) -> None:
    """Raise DataTypeError unless this is a list of raw rows."""
    if hasattr(rows, "iloc"):
        raise DataTypeError(
            "rows is a list of mappings from column names to texts, not a "
            f'{type(rows).__name__}: give rows.to_dict("records")'
        )
    check_rows("rows", rows)
    for row in rows:
        _check_row(row)


def _text(value: Any) -> str:
    """A value as the text of a file; blank where it is missing.

    Raises:
        DataTypeError: It is a collection.
    """
    if not isinstance(value, str) and (hasattr(value, "__iter__") or isinstance(value, Value)):
        raise DataTypeError(f"a field of a row is a text or a number, not {told(value)}")
    is_blank = value is None or type(value).__name__ == "NAType" or value != value
    try:
        return "" if is_blank else str(value).strip()
    except Exception:  # a whole number of too many digits, or another without a text
        return told(value)


def _number(value: Any, decimal: str) -> float | None:
    """A value as a number: nan where it is missing, None where it is no number."""
    text = _text(value)
    if is_missing(text):
        return float("nan")
    if isinstance(value, Real) and not isinstance(value, bool):
        x = real_number(value, "a field")
        return x if isfinite(x) else None
    return parsed_number(text, decimal)


def _value(row: RawRow, name: str) -> Any:
    """The value under a name. Raises DataError for a row of other names."""
    if name not in row:
        raise DataError(f"the rows have different columns: one lacks {name!r}")
    return row[name]


def _column(name: str, values: list[Any], decimal: str) -> Number | Category | str:
    """How a column is prepared, or why it is left out."""
    texts = [text for text in map(_text, values) if not is_missing(text)]
    different = sorted(set(texts))
    if not different:
        return "missing in every row"
    if len(different) == 1 and len(texts) == len(values):
        return "the same in every row"
    numbers = [x for x in (_number(value, decimal) for value in values) if x is not None]
    if len(numbers) == len(values):
        found = [x for x in numbers if isfinite(x)]
        return Number(name, **moments_of(found)._asdict(), flag=len(found) < len(values))
    if len(different) > MOST_TEXTS or len(different) > len(values) / 2:
        other = next(text for text in texts if parsed_number(text, decimal) is None)
        those = len(numbers) - len(values) + len(texts)
        mixed = f", {those} rows with numbers and others with such as {other!r}" * (those > 0)
        return f"of {len(different)} different texts{mixed}{_plainly(texts, decimal)}"
    return Category(name, tuple(different))


def _plainly(texts: Sequence[str], decimal: str) -> str:
    """How to write numbers that are texts only for what stands beside their digits, if any is."""
    others = [text for text in texts if parsed_number(text, decimal) is None]
    adorned = [
        text
        for text in others
        if _ADORNED.fullmatch(text) and not text.lstrip("+-").isdigit()  # too large for a float
    ]
    if not adorned or len(adorned) < MOSTLY * len(others):
        return ""
    plain = f"-1234{decimal}5"
    return f"; to make numbers of texts such as {adorned[0]!r}, write them plainly, as in {plain}"


def _target(name: str, values: list[Any], task: str | None, decimal: str) -> Classes | Quantity:
    """What the known values of a target are, by the task or by themselves."""
    texts = [_text(value) for value in values]
    different = set(texts)
    numbers = [_number(value, decimal) for value in values]
    if len(different) == 1:
        raise DataError(
            f"{name!r} is the same in every row, so there is nothing to learn: {ANOTHER_TARGET}"
        )
    words = [text for text, x in zip(texts, numbers, strict=True) if x is None]
    whole = not words and all(
        (isinstance(value, Real) and x is not None and x.is_integer())
        or parsed_whole(text, decimal) is not None
        for value, text, x in zip(values, texts, numbers, strict=True)
    )
    if task == "classes" or (
        task is None and (words or (whole and len(different) <= MOST_CLASSES))
    ):
        if len(different) > MOST_CLASSES and len(different) > len(values) / 2:
            raise DataError(
                f"{name!r} has {len(different)} different values in {len(values)} rows, "
                f"too many for classes: {ANOTHER_TARGET}{_plainly(texts, decimal)}"
            )
        return Classes(name, tuple(sorted(different, key=lambda text: _order(text, decimal))))
    if words:
        raise DataError(
            f"{name!r} is {words[0]!r}, no number, so that it is no quantity: take classes. "
            f"{HOW_MISSING}{_plainly(words, decimal)}"
        )
    return Quantity(name, *moments_of([x for x in numbers if x is not None]))


def _order(text: str, decimal: str) -> tuple[bool, float, str]:
    """The order of classes: numbers by size, then texts."""
    x = parsed_number(text, decimal)
    whole = parsed_whole(text, decimal)
    return x is None, (x or 0.0) if whole is None else whole, text


def _keys(where: str, content: Any, keys: set[str]) -> None:
    """Check that `content` is a mapping with these keys. Raises StateError."""
    if not isinstance(content, dict) or set(content) != keys:
        raise StateError(f"{where} must have {', '.join(sorted(keys))}, but is {told(content)}")


def _part(where: str, content: Any, kinds: dict[str, Any]) -> Any:
    """The column or target that `content` describes. Raises StateError."""
    kind = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise StateError(f"{where}.kind is {told(kind)}, none of {', '.join(kinds)}")
    made = kinds[kind]
    types = made.__annotations__
    left_out = set(made._field_defaults) - set(content)
    _keys(where, content, {"kind", *types} - left_out)
    known = {n: t for n, t in types.items() if n not in left_out}
    return made(**{n: _checked(f"{where}.{n}", content[n], t) for n, t in known.items()})


def _checked(where: str, data: Any, kind: Any) -> Any:
    """`data` as a field of this type. Raises StateError for what is none."""
    if kind is float:
        real = isinstance(data, (int, float)) and not isinstance(data, bool)
        if real and abs(data) <= float_info.max and (data > 0 or not where.endswith("deviation")):
            return float(data)
    elif kind in (str, bool):
        if isinstance(data, kind):
            return data
    elif isinstance(data, list) and all(isinstance(text, str) for text in data):
        least = 2 if ".target." in where else 1
        if len(set(data)) == len(data) >= least:
            return tuple(data)
    raise StateError(f"{where} is {told(data)}, which cannot be")
