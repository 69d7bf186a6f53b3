"""A table of a text file as it stands: for every row, the text under each name.

Files differ in delimiter, decimal mark, header and what they write for a
missing value. `read_records` finds these out or says how to tell it, and
changes nothing in the fields but those that are said to be missing. What a text
means, `number` and `is_missing` say.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from os import PathLike
from string import whitespace
from typing import NamedTuple

from autograd.errors import DataTypeError
from autograd.extending import among, is_bool, load, told

from ..arguments import names_checked
from ..files import content_of
from .checks import DataError, check_texts

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "?", "null", "NULL")
DELIMITERS = (",", ";", "\t", "|", " ")
SAMPLE = 1000  # the lines that choose the delimiter
INDEX = "index"  # the name of a first column whose name is blank
MOST_MARKS = 3  # different texts among numbers that may all stand for no value
MOSTLY = 0.9  # the share of numbers that makes a column one of numbers

OTHER_FORMATS = {  # by how a file begins, and no name of a first column
    b"PK\x03\x04": "a zip archive or a spreadsheet such as .xlsx",
    b"\xd0\xcf\x11\xe0": "a spreadsheet such as .xls",
    b"PAR1\x15": "a Parquet file",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"%PDF-": "a PDF",
    b"SQLite format 3\0": "a database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
}

# No two repetitions of these patterns can take the same characters, so that the time
# that a field takes grows as its length.
_NUMBERS = {
    ".": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    ",": re.compile(r"[+-]?([0-9]+(,[0-9]+)?|,[0-9]+)([eE][+-]?[0-9]+)?"),
}
_BELOW_1000 = re.compile(r"[+-]?[0-9]{1,3}")
_IN_THOUSANDS = {
    mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}({re.escape(mark)}[0-9]{{3}})+") for mark in _NUMBERS
}
_EXCEL = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n)', re.I)  # tells the delimiter
_BETWEEN_BLANKS = re.compile(  # a field, also one whose quote a later line closes
    r'"[^"]*(?:""[^"]*)*(?:"[^ \t\r\n]*|\Z)|[^" \t\r\n][^ \t\r\n]*'
)


class Records(NamedTuple):
    """What `read_records` returns: rows as they stand, and how they were read.

    `columns` has the names in the file's order, `decimal` is "." or ",".
    `delimiter` is a blank for runs of blanks. Where there is no `header`, the
    columns are named "column 1", "column 2" and so on.
    """

    rows: list[dict[str, str]]
    columns: list[str]
    delimiter: str
    decimal: str
    header: bool


def is_missing(text: str) -> bool:
    """Whether the text stands for no value: blank, NA, N/A, NaN, ? or null."""
    return text in MISSING


def parsed_number(text: str, decimal: str = ".") -> float | None:
    """The number that the text spells, or None.

    A number is ASCII digits with an optional sign, decimal mark and exponent,
    such as 02208, .26 or -4e1. One that is too large for a float is none.
    """
    if not _NUMBERS[decimal].fullmatch(text):
        return None
    x = float(text.replace(",", "."))
    return x if abs(x) < float("inf") else None


def parsed_whole(text: str, decimal: str = ".") -> int | None:
    """The whole number that the text spells, with all its digits, or None.

    It may have a decimal mark and an exponent, as in 7.0 or 1e23.
    """
    x = parsed_number(text, decimal)
    if x is None or not x.is_integer():
        return None
    if len(text) < 300 and text.lstrip("+-").isdigit():
        return int(text)
    numbers = load("decimal", "whole numbers with a mark or an exponent need")
    try:
        exact = numbers.Decimal(text.replace(",", "."))
    except numbers.InvalidOperation:  # an exponent of many digits
        return None
    return int(exact) if exact == exact.to_integral_value() else None


def is_padded(text: str) -> bool:
    """Whether the text is a whole number with a leading zero, such as 007: a name."""
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits.isdigit()


def counts_rows(texts: Sequence[str]) -> bool:
    """Whether the texts count from 0 or 1 on."""
    return list(texts) in [[str(i + first) for i in range(len(texts))] for first in (0, 1)]


@names_checked
def read_records(
    path: str | PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    header: bool | None = None,
    missing: Sequence[str] = (),
) -> Records:
    """Read a table from a text file, or from one compressed by gzip.

    The text is UTF-8, fields may be quoted by ", and blanks around them are
    dropped, as are empty lines. Rows are counted from 1, after the header. A
    first line such as `sep=;`, which Excel writes, tells the delimiter.

    A file has one decimal mark. What divides thousands, as in a column of 1,250
    and 950, is none, and such fields are no numbers.

    Args:
        path: The file.
        columns: The names of the columns to keep, by default all.
        drop: The names of columns to leave out.
        delimiter: One of , ; | tab and blank, which stands for runs of blanks.
            By default the one that gives rows of equally many fields.
        header: Whether the first row names the columns. By default a column of
            numbers decides: its first field is a name or a number.
        missing: Further texts that stand for no value, such as "-". A field
            that is one of them is read as blank.

    Raises:
        DataError: The file is no text, has no rows or rows of different
            lengths, lacks a column or has two of its name, or does not tell
            whether its first row is a header.
        OSError: The file cannot be read.
    """
    for name, names in (("columns", columns), ("drop", drop), ("missing", missing)):
        if name != "columns" or names is not None:
            check_texts(name, names, "texts" if name == "missing" else "names")
    if header is not None and not is_bool(header):
        raise DataTypeError(
            f"header is True, False or None, not {told(header)}: True is that the first row "
            "names the columns, which pandas calls header=0"
        )
    return records_of(
        path,
        text_of(path),
        columns=columns,
        drop=drop,
        delimiter=delimiter,
        header=header,
        missing=missing,
    )


def records_of(
    path: str | PathLike[str],
    text: str,
    *,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    header: bool | None = None,
    missing: Sequence[str] = (),
) -> Records:
    """Return what `read_records` does, of a text that was read from a file."""
    if said := _EXCEL.match(text):
        text, delimiter = text[said.end() :], delimiter or said[1]
    if delimiter is None:
        delimiter = _chosen_delimiter(text)
    elif not among(delimiter, DELIMITERS):
        raise DataError(
            f"the delimiter {told(delimiter)} is none of {', '.join(map(repr, DELIMITERS))}"
        )
    lines = _all_lines(path, text, delimiter)
    if fits := _other_delimiter(lines):
        raise DataError(
            f"{path}: no row is divided by {delimiter!r}; delimiter={fits!r} would divide each, or "
            "leave delimiter out to have it found"
        )
    if not lines:
        raise DataError(f"{path}: empty; needed are a line of column names and at least one row")
    lines = [["" if field in missing else field for field in line] for line in lines]
    decimal = _decimal_mark(lines, delimiter)
    if header is None:
        header = _has_header(path, lines, decimal)
    names = _names(lines[0], header)
    rows = lines[1:] if header else lines
    if not rows:
        raise DataError(
            f"{path}: only a header; needed are a line of column names and at least one row"
        )
    for i, row in enumerate(rows, 1):
        if len(row) != len(names):
            than = "the header has" if header else "row 1 has"
            raise DataError(f"{path}, row {i}: {len(row)} fields, but {than} {len(names)}")
    kept = list(names if columns is None else columns)
    kept = [name for name in kept if name not in drop]
    counts = Counter(names)
    for name in (*kept, *(name for name in drop if name not in counts)):
        if counts[name] != 1:
            found = f"{counts[name]} columns are" if counts[name] else "no column is"
            raise DataError(
                f"{path}: {found} named {name!r}; the header is {shown(names)}"
                + alike(name, set(names).difference([name]))
                + ". If the first row is no header: header=False, or --no-header" * header
            )
    place_of = {name: i for i, name in enumerate(names)}
    places = [place_of[name] for name in kept]
    records = [dict(zip(kept, [row[i] for i in places], strict=True)) for row in rows]
    return Records(records, kept, delimiter, decimal, header)


def text_of(path: str | PathLike[str], what: str = "a table", form: str = "CSV UTF-8") -> str:
    """Return the text of a file, without the mark of UTF-8 at its beginning.

    Args:
        path: The file, which may be compressed by gzip.
        what: What it is to be, for a message.
        form: How it should be saved, for a message.

    Raises:
        DataError: It is not in UTF-8.
    """
    content, fault = content_of(path), f"{path} cannot be read as {what}"
    if content.startswith(b"\x1f\x8b"):
        content = _decompressed(fault, content)
    for beginning, kind in OTHER_FORMATS.items():
        if content.startswith(beginning):
            raise DataError(f"{fault}: it is {kind}; save it as {form}")
    advice = f"save it in UTF-8, in a spreadsheet or an editor as {form}"
    try:
        text = content.decode("utf-8").lstrip("\ufeff")  # some programs write several marks
    except UnicodeDecodeError as error:
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        kind = "UTF-16 or UTF-32" if wide else "another encoding, or no text"
        raise DataError(f"{fault} in UTF-8: it is in {kind} ({error}); {advice}") from error
    if "\0" in text:
        raise DataError(
            f"{fault} in UTF-8: it has bytes of 0, so it is in UTF-16, or no text; {advice}"
        )
    return text


def _decompressed(fault: str, content: bytes) -> bytes:
    """The content of a file compressed by gzip. Raises DataError if it is damaged."""
    gzip = load("gzip", "compressed files need")
    try:
        unpacked: bytes = gzip.decompress(content)
    except (EOFError, OSError, gzip.zlib.error) as error:
        raise DataError(
            f"{fault}: it is compressed by gzip, and damaged or cut off ({error}): copy it again"
        ) from error
    return unpacked


def _all_lines(path: str | PathLike[str], text: str, delimiter: str) -> list[list[str]]:
    """The fields of all lines. Raises DataError where quotes or a length are at fault."""
    lines: list[list[str]] = []
    try:
        for line in _lines(text, delimiter, strict=True):
            lines.append(line)
    except csv.Error as error:
        last = (
            f"after {shown([repr(field[:20]) for field in lines[-1]], 3)}"
            if lines
            else "in its first line"
        )
        what, advice = str(error), "a quote within quotes is written twice"
        if "limit" in what:
            what = f"a field has more than {csv.field_size_limit()} characters"
            advice = "is a closing quote missing?"
        elif "end of data" in what:
            what = "a quote is opened and not closed"
        raise DataError(f"{path} cannot be read as a table, {last}: {what}; {advice}") from error
    return lines


def _lines(text: str, delimiter: str, strict: bool = False) -> Iterable[list[str]]:
    """The fields of every line that is not blank, without the blanks around them.

    A line of "" is one field, whose value is missing.
    """
    blanks = whitespace.replace(delimiter, "")
    within = False  # a quoted field, in which all is kept as it stands

    def source() -> Iterator[str]:
        nonlocal within
        for line in io.StringIO(text, newline=""):
            kept = line
            if delimiter == " ":
                kept = _with_single_blanks(line, within)
            elif not within and not line.strip(blanks):
                kept = "\n"
            within = True  # until the reader has a whole row, without asking for more
            yield kept

    reader = csv.reader(source(), delimiter=delimiter, skipinitialspace=True, strict=strict)
    for fields in reader:
        within = False
        if fields:
            yield [field.strip() for field in fields]


def _with_single_blanks(line: str, within: bool) -> str:
    """The line with one blank for each run of blanks and tabs that is not in quotes.

    Args:
        line: The line, with its end.
        within: Whether it begins within quotes.
    """
    fields = _BETWEEN_BLANKS.findall('"' * within + line)
    kept = " ".join(fields)[within:]
    return kept if kept.endswith(("\r", "\n")) else kept + "\n"  # which a quoted field keeps


def _chosen_delimiter(text: str) -> str:
    """The delimiter that divides all rows into equally many fields.

    Of several, the one that gives most numbers is taken; of equals the first.
    Where none divides all rows, the one that divides most is taken, so that the
    others can be named. A file of one column has none, and is read with commas.
    """
    sample = "".join(islice(io.StringIO(text, newline=""), SAMPLE))
    best, highest = ",", (False, 0.0)
    for delimiter in DELIMITERS:
        try:
            rows = list(_lines(sample, delimiter))
        except csv.Error:
            continue
        [(width, count)] = Counter(map(len, rows)).most_common(1) or [(0, 0)]
        if width < 2:
            continue
        fields = [field for row in rows if len(row) == width for field in row]
        marks = "." if delimiter == "," else ".,"
        numbers = sum(
            any(parsed_number(field, mark) is not None for mark in marks) for field in fields
        )
        score = count == len(rows), count / len(rows) + numbers / len(fields)
        if score > highest:
            best, highest = delimiter, score
    return best


def _decimal_mark(lines: list[list[str]], delimiter: str) -> str:
    """A comma where numbers have one, none has a point, and the delimiter allows it.

    A mark that divides thousands is no decimal mark, and the other one is.
    """
    if delimiter == ",":
        return "."
    decimal, thousands = {",": False, ".": False}, {",": False, ".": False}
    columns: list[list[str]] = []  # of lines of any lengths
    for line in lines:
        columns += [[] for _ in line[len(columns) :]]
        for column, text in zip(columns, line, strict=False):
            column.append(text)
    for column in columns:
        for mark in decimal:
            marked = [text for text in column if mark in text]
            if marked and _divides_thousands(column, mark):
                thousands[mark] = True
            elif any(parsed_number(text, mark) is not None for text in marked):
                decimal[mark] = True
    return "," if (decimal[","] or thousands["."]) and not decimal["."] else "."


def _divides_thousands(column: Sequence[str], mark: str) -> bool:
    """Whether the mark stands before three digits in each number of 1000 or more, and only there.

    Numbers that all have it once could have three decimals as well: then it does not.
    """
    grouped = clear = False
    for text in column:
        if _IN_THOUSANDS[mark].fullmatch(text):
            grouped, clear = True, clear or text.count(mark) > 1
        elif parsed_number(text, mark) is not None:
            if not _BELOW_1000.fullmatch(text):
                return False
            clear = True
    return grouped and clear


def _has_header(path: str | PathLike[str], lines: list[list[str]], decimal: str) -> bool:
    """Whether the first line names the columns, by the columns of numbers.

    A column of numbers below a text has a header. One whose first field has a
    decimal mark has none. Whole numbers could be either, such as years, unless
    one occurs twice in the line, or a text of the line stands in its column
    again.

    Raises:
        DataError: No column decides.
    """
    first, rest = lines[0], [line for line in lines[1:] if len(line) == len(lines[0])]
    if len(lines) == 1:
        return True
    if not rest:
        raise DataError(
            f"{path}: the first line has {_counted(first)} ({shown(first)}), and no other line as "
            f"many, the next {_counted(lines[1])}: take out a title or a comment above the names, "
            "or delimiters at the end of lines"
        )
    names = numbers = either = repeats = False
    marks: list[str] = []
    for field, column in zip(first, zip(*rest, strict=True), strict=False):
        values = [text for text in column if not is_missing(text)]
        found = sum(parsed_number(text, decimal) is not None for text in values)
        if is_missing(field) or not values:
            continue
        if found < MOSTLY * len(values):
            repeats = repeats or field in values
            if found >= len(values) / 2:
                marks += [text for text in values if parsed_number(text, decimal) is None]
        elif parsed_number(field, decimal) is None:
            names = True
        elif field.isdigit():
            either = True
        else:
            numbers = True
    if names != numbers:
        return names
    if either and not names and (repeats or len(set(first)) < len(first)):
        return False
    why = "it could be names or values" if either or names else "no column of numbers decides"
    others = shown([repr(mark) for mark in sorted(set(marks))], MOST_MARKS)
    hint = (
        f". Numbers stand beside {others}: if that is no value, say missing= of read_records, "
        "on the command line --missing"
    )
    raise DataError(
        f"{path}: is the first row a header ({shown(first)})? In this table {why}: "
        "say header=True or header=False, on the command line --header or --no-header"
        + hint
        * bool(marks)
    )


def _other_delimiter(lines: list[list[str]]) -> str:
    """Return the delimiter that all lines of one field have equally often, or ""."""
    if any(len(line) != 1 for line in lines):
        return ""
    for delimiter in DELIMITERS:
        counts = {field.count(delimiter) for [field] in lines}
        if delimiter != " " and len(counts) == 1 and counts != {0}:
            return delimiter
    return ""


def _counted(line: list[str]) -> str:
    """How many fields a line has."""
    return f"{len(line)} field{'s' * (len(line) != 1)}"


def shown(names: Sequence[str], most: int = 12) -> str:
    """The names for a message, cut where they are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def alike(wanted: str, names: Iterable[str]) -> str:
    """Say which of the names looks as a wanted one, and is made of other characters."""
    for name in names:
        if unicodedata.normalize("NFKC", name).strip() == unicodedata.normalize("NFKC", wanted):
            return f"; {name!r} looks alike, but is {name!a} and not {wanted!a}: rename it"
    return ""


def _names(first: list[str], header: bool) -> list[str]:
    """The names of the columns. The blank name of a first column means an index."""
    if not header:
        return [f"column {i}" for i in range(1, len(first) + 1)]
    names = [name or f"column {i}" for i, name in enumerate(first, 1)]
    if not first[0] and INDEX not in first:
        names[0] = INDEX
    return names
