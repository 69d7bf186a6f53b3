"""Text files of tables, as people have them."""

import gzip
import re
import sys
import time
from itertools import product

import pytest

import nn
from autograd.analysis.notation import readable
from autograd.errors import DataTypeError
from nn import data
from nn.__main__ import main
from nn.data.reading import is_missing, parsed_number
from nn.preparation import Preparation

ROWS = [["5.1", "3.5", "setosa"], ["4.9", "3.0", "virginica"], ["6.2", "2.9", "setosa"]]
HEADER = ["length", "width", "species"]


def file_of(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def joined(lines, delimiter):
    return "".join(delimiter.join(line) + "\n" for line in lines)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", "   ", ", "])
@pytest.mark.parametrize("header", [True, False])
def test_delimiter_and_header_are_found(tmp_path, delimiter, header):
    text = joined([HEADER, *ROWS] if header else ROWS, delimiter)
    table = data.read_records(file_of(tmp_path, text))
    names = HEADER if header else ["column 1", "column 2", "column 3"]
    assert table.rows == [dict(zip(names, row, strict=True)) for row in ROWS]
    assert (table.columns, table.header, table.decimal) == (names, header, ".")
    assert table.delimiter == (" " if delimiter.isspace() and delimiter != "\t" else delimiter[0])


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_a_decimal_comma_is_found_where_the_delimiter_allows_it(tmp_path, delimiter):
    """A comma divides "1,5;2,25" into three fields a row, too, but into fewer numbers."""
    text = joined([["1,5", "2,25"], ["3", "-0,5"]], delimiter)
    table = data.read_records(file_of(tmp_path, text), header=False)
    assert (table.delimiter, table.decimal) == (delimiter, ",")
    assert table.rows[0] == {"column 1": "1,5", "column 2": "2,25"}  # as it stands
    assert data.read_csv(file_of(tmp_path, text), "column 2", header=False).X == [[1.5], [3]]


def test_a_table_with_points_has_no_decimal_comma(tmp_path):
    table = data.read_records(file_of(tmp_path, "a;b\n1.5;1,234\n2.5;1,234\n"))
    assert table.decimal == "."


@pytest.mark.parametrize(
    ("column", "decimal"),
    [
        ("950 1,250 -3,125", "."),
        ("1,250,000 2,500", "."),
        ("950 1.250 3.125", ","),
        ("1.250.000 2.500", ","),
        ("1,250 2,125", ","),  # thousands or decimals
        ("1.250 2.125", "."),
        ("0,950 1,250 2", ","),
        ("950 1,250 1,5", ","),
        ("1950 1.250", "."),
    ],
)
def test_what_divides_thousands_is_no_decimal_mark(tmp_path, column, decimal):
    """As 1.25 beside 950 the number would be wrong, and nothing said so."""
    rows = "".join(f"{number};a\n" for number in column.split())
    table = data.read_records(file_of(tmp_path, f"size;kind\n{rows}"), header=True)
    assert table.decimal == decimal
    grouped = [x["size"] for x in table.rows if len(re.findall("[.,][0-9]{3}", x["size"]))]
    thousands = decimal not in column
    assert all((parsed_number(x, decimal) is None) == thousands for x in grouped)


def test_a_blank_in_quotes_is_a_row_and_a_blank_line_is_none(tmp_path):
    """So a table of one column is written where a value is missing."""
    table = data.read_records(file_of(tmp_path, 'size\n1\n""\n\n  \n2\n\t\n'), header=True)
    assert [row["size"] for row in table.rows] == ["1", "", "2"]
    table = data.read_records(file_of(tmp_path, 'a,b\n1,"x\n\ny"\n \t\n2,z\n'))
    assert [row["b"] for row in table.rows] == ["x\n\ny", "z"]
    tabs = file_of(tmp_path, "a\tb\n1\tx\n\t\n \n2\tz\n")
    table = data.read_records(tabs, delimiter="\t")
    assert [row["b"] for row in table.rows] == ["x", "", "z"]


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\n', "\ufeffSEP=;\n"])
def test_a_first_line_that_tells_the_delimiter_is_no_row(tmp_path, first):
    path = file_of(tmp_path, f"{first}size;price\n1,5;10\n2;20,5\n")
    assert data.read_csv(path, "price")[:3] == ([[1.5], [2]], [10, 20.5], ["size"])
    assert data.read_records(file_of(tmp_path, "sep=|\na,b|c\n1,2|3\n")).columns == ["a,b", "c"]


@pytest.mark.parametrize(
    "first",
    ["6,148,72,35,0,33.6", "2,1,530101,38.50,66,28", "14,1,1,14,127,280", ".28,1,2,3,4,5"],
)
def test_a_first_row_of_numbers_is_no_header(tmp_path, first):
    rows = "1,85,66,29,0,26.6\n8,183,64,?,0,23.3\n"
    table = data.read_records(file_of(tmp_path, f"{first}\n{rows}"))
    assert len(table.rows) == 3
    assert list(table.rows[0].values()) == first.split(",")


def test_a_text_that_stands_in_its_column_again_is_no_name(tmp_path):
    table = data.read_records(file_of(tmp_path, "39,State-gov\n50,Private\n38,State-gov\n"))
    assert len(table.rows) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1990,1991\n2.5,2.75\n2.6,2.8\n", r"a header \(1990, 1991\)\? .* names or values"),
        ("colour,size\nred,big\nblue,small\n", "no column of numbers decides"),
        ("name,1.5\n1,2\n3,4\n", "names or values"),
    ],
)
def test_where_the_header_cannot_be_told_one_is_asked(tmp_path, text, message):
    path = file_of(tmp_path, text)
    with pytest.raises(data.DataError, match=message) as caught:
        data.read_records(path)
    assert "header=True or header=False, on the command line --header or --no-header" in str(
        caught.value
    )
    assert len(data.read_records(path, header=True).rows) == 2
    assert len(data.read_records(path, header=False).rows) == 3


@pytest.mark.parametrize("header", [0, 1, "infer", [0]])
def test_a_header_of_another_library_is_refused(tmp_path, header):
    """pandas says header=0 where the first row names the columns."""
    with pytest.raises(DataTypeError, match="True is that the first row names the columns"):
        data.read_records(file_of(tmp_path, "a,b\n1,2\n"), header=header)


@pytest.mark.parametrize(
    ("text", "first", "others"),
    [
        ("# a title\na,b\n1,2\n", r"1 field \(# a title\)", "2 fields"),
        ("a,b\n1,2,\n3,4,\n", r"2 fields \(a, b\)", "3 fields"),
        ("a,b,\n1,2\n3,4\n", r"3 fields \(a, b, \)", "2 fields"),
    ],
)
def test_a_first_line_of_another_length_than_all_others_is_named(tmp_path, text, first, others):
    message = f"the first line has {first}.* no other line as many, the next {others}: take out"
    with pytest.raises(data.DataError, match=message):
        data.read_records(file_of(tmp_path, text))


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ('"x', "a quote is opened and not closed; a quote within quotes is written twice"),
        ('"x"y', "expected after .*; a quote within quotes is written twice"),
        ("x" * 140_000, "a field has more than 131072 characters; is a closing quote missing"),
    ],
)
def test_a_fault_of_quotes_is_named_with_the_line_before_it(tmp_path, field, message):
    path = file_of(tmp_path, f"a,b\n1,2\n{field},4\n")
    with pytest.raises(data.DataError, match=rf"as a table, after '1', '2': .*{message}"):
        data.read_records(path)
    path = file_of(tmp_path, f"{field},4\n")
    with pytest.raises(data.DataError, match=rf"as a table, in its first line: .*{message}"):
        data.read_records(path)


def test_a_column_of_numbers_may_have_a_tenth_of_other_texts(tmp_path):
    rows = "".join(f"{i}.5,x{i}\n" for i in range(9))
    assert data.read_records(file_of(tmp_path, f"a,b\n{rows}unknown,y\n")).header
    with pytest.raises(data.DataError, match="no column of numbers decides"):
        data.read_records(file_of(tmp_path, f"a,b\n{rows}unknown,y\nnone,z\n"))


def test_quotes_after_a_blank_blank_lines_and_a_byte_order_mark(tmp_path):
    text = '\ufeff"y", "a b", "c"\r\n1, 2.5, "x, y"\r\n\r\n 3 ,4,"a ""word"""\r\n'
    table = data.read_records(file_of(tmp_path, text))
    assert table.columns == ["y", "a b", "c"]
    assert table.rows[0] == {"y": "1", "a b": "2.5", "c": "x, y"}
    assert table.rows[1] == {"y": "3", "a b": "4", "c": 'a "word"'}


def test_a_compressed_file_is_read(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(joined([HEADER, *ROWS], ",").encode()))
    assert len(data.read_records(tmp_path / "t.csv.gz").rows) == 3
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-6])
    with pytest.raises(data.DataError, match="cannot be read as a table: it is compressed by gzip"):
        data.read_records(tmp_path / "broken.gz")
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00" + b"x" * 40)
    with pytest.raises(data.DataError, match="copy it again") as caught:
        data.read_records(tmp_path / "broken.gz")
    assert "UTF-8" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04 and more", "a zip archive or a spreadsheet such as .xlsx"),
        (b"PAR1\x15\x00 and more", "a Parquet file"),
        (b"BZh91AY", "compressed by bzip2"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), "UTF-32"),
        (b"a,b\n1\x00,2\n", "no text"),
        (b"\x89PNG\r\n", "no text"),
        ("ä,b\n1,2\n".encode("latin-1"), "in another encoding"),
    ],
)
def test_a_file_that_is_no_text_is_named_for_what_it_is(tmp_path, content, kind):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(data.DataError, match=rf"t\.csv cannot be read as a table.*{kind}"):
        data.read_records(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["PAR1", "SQLite", "%PDF", "Rar!"])
def test_a_first_column_may_be_called_as_other_files_begin(tmp_path, name):
    (tmp_path / "t.csv").write_text(f"{name},b\n1,2\n")
    assert data.read_records(tmp_path / "t.csv").columns == [name, "b"]


def test_a_file_that_is_not_there_is_named_with_its_folder_and_its_kin(tmp_path):
    (tmp_path / "houses.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FileNotFoundError) as caught:
        data.read_csv(tmp_path / "house.csv", target="a")
    assert str(caught.value) == f"there is no file house.csv in {tmp_path}; there is houses.csv"
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere$"):
        data.read_csv(tmp_path / "nowhere" / "houses.csv", target="a")
    with pytest.raises(IsADirectoryError, match=r"is a folder, not a file, and holds houses\.csv$"):
        data.read_csv(tmp_path, target="a")
    with pytest.raises(FileNotFoundError, match=rf"there is no file model\.json in {tmp_path}$"):
        nn.load(tmp_path / "model.json")


def test_a_blank_first_name_is_an_index(tmp_path):
    assert data.read_records(file_of(tmp_path, ",a\n0,1.5\n1,2.5\n")).columns == ["index", "a"]


def test_columns_are_chosen_and_dropped_by_name(tmp_path):
    path = file_of(tmp_path, "a,b,b,c\n1,2,3,4\n")
    assert data.read_records(path, columns=["c", "a"]).rows == [{"c": "4", "a": "1"}]
    assert data.read_records(path, drop=["b"]).rows == [{"a": "1", "c": "4"}]
    with pytest.raises(data.DataError, match=r"2 columns are named 'b'.*--no-header"):
        data.read_records(path)
    with pytest.raises(data.DataError, match="no column is named 'd'; the header is a, b, b, c"):
        data.read_records(path, drop=["b", "d"])
    with pytest.raises(DataTypeError, match=r"columns is a list of names, not 'ab': .*\['ab'\]"):
        data.read_records(path, columns="ab")


def test_a_table_may_have_as_many_columns_and_classes_as_there_are_genes(tmp_path):
    n = 20_000
    names = ",".join(f"gene {i}" for i in range(n))
    (tmp_path / "wide.csv").write_text(f"{names}\n{'1,' * (n - 1)}1\n{'2,' * (n - 1)}2\n")
    (tmp_path / "long.csv").write_text("x,gene\n" + "".join(f"{i},g{i}\n" for i in range(n)))
    start = time.process_time()
    assert len(data.read_csv(tmp_path / "wide.csv", "gene 0").X[0]) == n - 1
    assert len(data.read_csv(tmp_path / "long.csv", "gene").classes) == n
    assert time.process_time() - start < 3  # each took as long when every name was searched for


def test_what_cannot_be_divided_is_named(tmp_path):
    with pytest.raises(data.DataError, match="the delimiter '/' is none of ','"):
        data.read_records(file_of(tmp_path, "a,b\n1,2\n"), delimiter="/")
    with pytest.raises(data.DataError, match="a quote is opened and not closed"):
        data.read_records(file_of(tmp_path, 'a,b\n1,"2\n'))
    with pytest.raises(data.DataError, match="row 3: 3 fields, but row 1 has 2"):
        data.read_records(file_of(tmp_path, "1.5,2\n3,4\n5,6,7\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".26", 0.26),
        ("02208", 2208),
        ("+5.", 5),
        ("-4e1", -40),
        ("1E-3", 0.001),
        ("20_29", None),
        ("\u0661\u0662", None),  # Arabic digits
        ("1,5", None),
        ("1e999", None),
        ("inf", None),
        ("nan", None),
        ("0x10", None),
        ("", None),
    ],
)
def test_a_number_is_ascii_digits_with_sign_point_and_exponent(text, expected):
    assert parsed_number(text) == expected


def test_the_time_of_a_pattern_grows_as_the_length_of_a_field():
    names = [name for name in sys.modules if re.match(r"(nn|autograd\.analysis)\b", name)]
    held = [x for name in names for x in vars(sys.modules[name]).values()]
    held += [part for x in held if isinstance(x, dict) for part in x.values()]
    patterns = {x for x in held if isinstance(x, re.Pattern)}
    assert len(patterns) >= 7
    n = 300_000  # at which the square of the length is many minutes
    for pattern in patterns:
        if not isinstance(pattern.pattern, str):
            continue
        for first, many, last in product(
            ("", "1", '"', "$"), ("1", " ", ".", ",", "'", '""', "x", "1,", ",111"), ("x1", '"x')
        ):
            pattern.fullmatch(first + many * n + last)
            pattern.match(first + many * n + last)
    assert readable("1" * n + "x", None) == "1" * n + "x"


def test_a_long_field_is_read_and_explained_at_once(tmp_path):
    for long in ("1" * 100_000 + "x", "1" + " " * 100_000 + "x1", "$" * 100_000, "1." * 50_000):
        for delimiter in ",;\t| ":
            text = delimiter.join(("a", "t\n")) + delimiter.join((f'"{long}"', "1\n2", "2\n"))
            table = data.read_records(file_of(tmp_path, text), delimiter=delimiter, header=True)
            assert [row["a"] for row in table.rows] == [long, "2"]
        rows = [{"a": long, "t": "x"}, {"a": long + "y", "t": "y"}]
        with pytest.raises(data.DataError, match="no column is left"):
            Preparation.fit(rows, target="t")


def test_a_line_of_many_fields_among_many_lines_is_read_at_once(tmp_path):
    text = "a;b\n" + "1,5;2\n" * 30_000 + ";" * 30_000 + "\n"
    with pytest.raises(data.DataError, match="row 30001: 30001 fields, but the header has 2"):
        data.read_records(file_of(tmp_path, text), delimiter=";", header=True)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize(
    "field",
    [
        "x\n   \ny",
        "x\n\ny",
        "x\r\n \t \r\ny",
        "x\ty",
        "x  y",
        "x \n y",
        "x\t\ny",
        'x ""\t"" y',
        '""x""\n ""',
        "x,;| y",
    ],
)
def test_what_is_in_quotes_is_kept_as_it_stands(tmp_path, delimiter, field):
    quoted = f'"{field}"'
    lines = [["a", "t", "b"], ["1", quoted, quoted], ["2", '"x y"', "3"], ["4", quoted, "5"]]
    ends = [" \t\n", "\n", "\r\n \n", ""] if delimiter == " " else ["\n"] * 4
    text = "".join(delimiter.join(line) + end for line, end in zip(lines, ends, strict=True))
    table = data.read_records(file_of(tmp_path, text), delimiter=delimiter, header=True)
    kept = field.replace('""', '"')
    assert [(row["t"], row["b"]) for row in table.rows] == [(kept, kept), ("x y", "3"), (kept, "5")]


def test_runs_of_blanks_and_tabs_divide_outside_of_quotes_alone(tmp_path):
    text = ' a \t t\t\n\t1 5" \n 2\t \t"p\tq"\t \n3 ab"c\n'
    table = data.read_records(file_of(tmp_path, text), delimiter=" ", header=True)
    assert table.rows == [{"a": "1", "t": '5"'}, {"a": "2", "t": "p\tq"}, {"a": "3", "t": 'ab"c'}]


@pytest.mark.parametrize("marks", [1, 2, 3])
def test_byte_order_marks_are_no_part_of_a_name(tmp_path, marks):
    table = data.read_records(file_of(tmp_path, "\ufeff" * marks + "a,t\n1,x\n2,y\n"))
    assert table.columns == ["a", "t"]


def test_missing_values_are_a_stated_list():
    assert all(map(is_missing, ["", "NA", "N/A", "n/a", "NaN", "?", "null"]))
    assert not any(map(is_missing, ["Na", "none", "0", "-", "missing"]))


def test_texts_that_stand_for_no_value_can_be_said(tmp_path):
    """With "-" in two of five fields, no column would be one of numbers."""
    path = file_of(tmp_path, "a,b\n-,x\n1.5,-\n2.5,y\n-,x\n3.5,x\n")
    hint = r"--no-header\. Numbers stand beside '-': if that is no value, say missing= of "
    with pytest.raises(data.DataError, match=hint):
        data.read_records(path)
    table = data.read_records(path, missing=["-"])
    assert table.header
    assert [row["a"] for row in table.rows] == ["", "1.5", "2.5", "", "3.5"]
    assert table.rows[1]["b"] == ""
    with pytest.raises(TypeError, match=r"missing is a list of texts, not '-': write \['-'\]"):
        data.read_records(path, missing="-")


def test_classes_that_look_like_numbers_to_python_are_text(tmp_path):
    path = file_of(tmp_path, "a,age\n1,20_29\n2,30_39\n3,20_29\n")
    table = data.read_csv(path, "age")
    assert (table.y, table.classes) == ([0, 1, 0], ["20_29", "30_39"])


def test_whole_targets_keep_all_digits(tmp_path):
    table = data.read_csv(file_of(tmp_path, "a,t\n1,9007199254740993\n2,1e3\n"), "t")
    assert table.y == [9007199254740993, 1000]
    assert {type(t) for t in table.y} == {int}


@pytest.mark.parametrize("there", ["e\u0301t\u00e9", "\u00e9te\u0301", "\uff45\u0301te\u0301"])
def test_a_name_of_other_characters_that_looks_alike_is_pointed_out(tmp_path, there):
    wanted = "\u00e9t\u00e9"
    path = file_of(tmp_path, f'"{there}",y\n' + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(8)))
    said = re.escape(f"{there!r} looks alike, but is {there!a} and not {wanted!a}: ")
    rows = [{wanted: str(i), "y": "pq"[i % 2]} for i in range(8)]
    preparation = Preparation.fit(rows, "y")
    model = nn.MLP(1, [1], seed=0)
    model.preparation = preparation
    model.save(tmp_path / "m.json")
    for act in (
        lambda: data.read_records(path, columns=[wanted]),
        lambda: nn.data.read_csv(path, wanted),
        lambda: nn.answer(model, {there: "1"}),
        lambda: Preparation.fit([{there: "1", "y": "p"}], wanted),
    ):
        with pytest.raises(data.DataError, match=said):
            act()
    with pytest.raises(SystemExit):
        main(["predict", str(tmp_path / "m.json"), str(path)])


@pytest.mark.parametrize("header", [None, True, False])
@pytest.mark.parametrize(("given", "fits"), [(";", ","), (",", ";"), ("|", "\t")])
def test_a_delimiter_that_divides_no_row_is_told(tmp_path, given, fits, header):
    path = tmp_path / "table.csv"
    path.write_text("a,b,y\n1,2,0\n3,4,1\n".replace(",", fits))
    with pytest.raises(data.DataError, match=re.escape(f"by {given!r}; delimiter={fits!r}")):
        data.read_csv(path, "y", delimiter=given, header=header)
    path.write_text("text\nwell: yes\nno\n")  # one column of texts
    assert len(data.read_records(path, delimiter=given, header=True).rows) == 2


def test_the_target_is_not_left_out(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,y\n1,0\n3,1\n")
    with pytest.raises(data.DataError, match=r"^drop leaves out 'y', the column to predict$"):
        data.read_csv(path, "y", drop=["y"])
