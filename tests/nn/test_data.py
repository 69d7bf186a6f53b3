"""Point clouds, tables and the tools that divide them."""

import json
import math
import random
from collections import Counter
from itertools import pairwise
from math import cos, dist, hypot, nan, pi, sin, sqrt

import pytest

import nn
from autograd.errors import ArgumentError, DataTypeError, LengthError
from nn import data


def test_moons_lie_on_two_half_circles():
    X, y = data.moons(40, noise=0)
    assert sorted(y) == [0] * 20 + [1] * 20
    assert all(
        hypot(a, b) == pytest.approx(1) and b >= -1e-15
        for (a, b), label in zip(X, y, strict=True)
        if label == 0
    )
    assert all(
        hypot(a - 1, b - 0.5) == pytest.approx(1) and b <= 0.5
        for (a, b), label in zip(X, y, strict=True)
        if label == 1
    )


def test_circles_and_spirals_without_noise_are_exact():
    X, y = data.circles(20, noise=0, inner=0.25)
    assert [hypot(*x) for x in X] == pytest.approx([0.25 if label else 1.0 for label in y])
    X, y = data.spirals(100, noise=0, turns=2)
    for (a, b), label in zip(X, y, strict=True):
        radius = hypot(a, b)
        sign = -1 if label else 1
        assert (a, b) == pytest.approx(
            (sign * radius * cos(4 * pi * radius), sign * radius * sin(4 * pi * radius)), abs=1e-12
        )
    assert max(hypot(*x) for x in X) == pytest.approx(
        0.99
    )  # the middle of the last of 50 equal parts


def test_xor_is_the_truth_table():
    rows = sorted(zip(*data.xor(), strict=True))
    assert rows == [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]


@pytest.mark.parametrize("make", [data.moons, data.circles, data.spirals, data.xor, data.blobs])
def test_the_order_of_points_is_shuffled_by_the_seed(make):
    X, y = make(60, noise=0, seed=0)
    X_other, y_other = make(60, noise=0, seed=1)
    assert y != y_other
    assert sorted(zip(X, y, strict=True)) == sorted(zip(X_other, y_other, strict=True))
    assert len(set(Counter(y).values())) == 1  # balanced
    for part in (y[:20], y[20:40], y[40:]):  # what folds without a shuffle of their own take
        assert set(part) == set(y)


EVEN = 1.224744871391589  # sqrt(3 / 2)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([0.0, 5e-324], [-1.0, 1.0]),
        ([0.0, 5e-324, 1e-323], [-EVEN, 0.0, EVEN]),
        ([1e16, 1e16 + 2], [-1.0, 1.0]),
        ([1e16, 1e16 + 2, 1e16 + 4], [-EVEN, 0.0, EVEN]),
        ([1.0, 1.0 + 2**-52], [-1.0, 1.0]),
        ([1e300, 1e300 * (1 + 2**-52)], [-1.0, 1.0]),
        ([-1.7e308, 1.7e308], [-1.0, 1.0]),
        ([0.1, 0.1, 0.1], [0.0, 0.0, 0.0]),
        ([5e-324, 5e-324], [0.0, 0.0]),
    ],
)
def test_a_column_of_any_size_and_any_spread_is_standardized(column, expected):
    rows = [[x] for x in column]
    found = data.standardize(rows)
    assert [z for (z,) in found] == pytest.approx(expected, rel=1e-15, abs=0.0)
    assert data.unstandardize(found, rows) == rows
    assert data.standardize([[column[0]]], like=rows) == [found[0]]


def test_a_table_without_rows_has_no_mean():
    assert data.standardize([]) == []
    with pytest.raises(LengthError, match="like is an empty list"):
        data.standardize([[1.0]], like=[])
    with pytest.raises(DataTypeError, match=r"like is the rows .* not None"):
        data.unstandardize([[1.0]], None)


@pytest.mark.parametrize("divide", [data.split, data.k_fold])
@pytest.mark.parametrize("target", [nan, None, [1], {"a": 1}])
def test_what_is_no_class_cannot_be_stratified(divide, target):
    with pytest.raises(DataTypeError, match=r"stratified takes classes, and y\[2\] is"):
        divide([[1.0]] * 4, [0, 1, target, 1], stratified=True)


def test_series_keep_their_order():
    X, _ = data.noisy_sine(20)
    assert all(a < b for [a], [b] in pairwise(X))
    assert data.time_series(24, noise=0)[3] == pytest.approx(1 + sin(2 * pi * 3 / 31) / 2)


def test_blobs_surround_centres_on_a_circle():
    X, y = data.blobs(300, classes=3, noise=0.5, seed=1)
    for label in range(3):
        cloud = [x for x, target in zip(X, y, strict=True) if target == label]
        mean = [sum(x[i] for x in cloud) / 100 for i in (0, 1)]
        angle = 2 * pi * label / 3
        assert (
            dist(mean, [2 * cos(angle), 2 * sin(angle)]) < 0.2
        )  # the mean's own deviation is 0.05 a coordinate


def test_noisy_sine_has_exact_inputs_and_errors_of_the_given_deviation():
    X, y = data.noisy_sine(2000, noise=0.3, seed=2)
    errors = [t - sin(x) for (x,), t in zip(X, y, strict=True)]
    assert sqrt(sum(e * e for e in errors) / 2000) == pytest.approx(
        0.3, rel=0.06
    )  # its own relative deviation is 1/sqrt(4000)
    assert data.noisy_sine(2000, noise=0)[0] == X


@pytest.mark.parametrize(
    "make", [data.moons, data.circles, data.spirals, data.blobs, data.noisy_sine]
)
def test_the_seed_decides_and_nothing_else(make):
    state = random.getstate()
    assert make(30, seed=7) == make(30, seed=7) != make(30, seed=8)
    assert random.getstate() == state
    assert all(isinstance(number, float) for row in make(3)[0] for number in row)
    with pytest.raises(ArgumentError, match=r"n must be one of 1, 2, \.\.\., not 0"):
        make(0)
    with pytest.raises(ArgumentError, match=r"noise must be in \[0, inf\), not -0\.1"):
        make(5, noise=-0.1)


def test_iris_is_the_corrected_table():
    X, y = data.iris()
    assert len(X) == 150
    assert y == [0] * 50 + [1] * 50 + [2] * 50
    assert X[34] == [4.9, 3.1, 1.5, 0.2]
    assert X[37] == [4.9, 3.6, 1.4, 0.1]
    # the class means of Fisher's table III
    means = [
        [round(sum(x[i] for x in X[k : k + 50]) / 50, 3) for i in range(4)] for k in (0, 50, 100)
    ]
    assert means == [
        [5.006, 3.428, 1.462, 0.246],
        [5.936, 2.770, 4.260, 1.326],
        [6.588, 2.974, 5.552, 2.026],
    ]


def csv_file(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_read_csv_reads_numbers_and_classes(tmp_path):
    table = data.read_csv(
        csv_file(tmp_path, "\ufeffa, b,kind\n1,2.5,no\n\n3,-4e1,yes\n5,6,no\n"), target="kind"
    )
    assert table == ([[1, 2.5], [3, -40], [5, 6]], [0, 1, 0], ["a", "b"], ["no", "yes"])


@pytest.mark.parametrize(
    ("column", "expected"), [("0,1,1", [0, 1, 1]), ("0.5,1,2", [0.5, 1.0, 2.0])]
)
def test_read_csv_tells_whole_targets_from_measured_ones(tmp_path, column, expected):
    rows = "".join(f"{i},{t}\n" for i, t in enumerate(column.split(",")))
    table = data.read_csv(csv_file(tmp_path, "x,t\n" + rows), target="t")
    assert (table.y, table.classes) == (expected, [])
    assert {type(t) for t in table.y} == {type(expected[0])}


def test_read_csv_takes_the_columns_that_are_asked_for(tmp_path):
    path = csv_file(tmp_path, "id,a,b,t\nx1,1,2,0\nx2,3,4,1\n")
    assert data.read_csv(path, target="t", columns=["b", "a"]).X == [[2, 1], [4, 3]]
    with pytest.raises(data.DataError, match=r"row 1: 'id' is 'x1', no finite number; .* columns="):
        data.read_csv(path, target="t")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a,t\n", "only a header"),
        ("a,b\n1,2\n", "no column is named 't'; the header is a, b"),
        ("a,a,t\n1,2,3\n", "2 columns are named 'a'"),
        ("t\n1\n", r"from at least one other column, and not from itself: columns=\[\]"),
        ("a,t\n1,2\n1,2,3\n", "row 2: 3 fields, but the header has 2"),
        ("a,t\n1,2\n,3\n", "row 2: 'a' is ''"),
        ("a,t\n1,2\nnan,3\n", "row 2: 'a' is 'nan'"),
        ("a,t\n1,2\n1,\n", "row 2: 't' is ''"),
        ("a,t\n1,2.5\n1,x\n", "row 2: 't' is 'x' here and '2.5' elsewhere"),
        ("a,t\n1,yes\n1,\n1,no\n", "row 2: 't' is '', a missing value"),
    ],
)
def test_read_csv_names_what_is_wrong(tmp_path, text, message):
    with pytest.raises(data.DataError, match=message):
        data.read_csv(csv_file(tmp_path, text), target="t")


def test_read_csv_refuses_what_is_no_text(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"a,t\n1,\xff\xd8\n")
    with pytest.raises(data.DataError, match=r"picture\.csv cannot be read as a table in UTF-8"):
        data.read_csv(path, target="t")


def test_standardize_by_hand():
    assert data.standardize([[1, 0.1], [3, 0.1]]) == [[-1, 0], [1, 0]]
    assert data.standardize([[5, 1.1]], like=[[1, 0.1], [3, 0.1]]) == [[3, 1]]


@pytest.mark.parametrize("unit", [1.0, 1e200, 1e-200, 4.5e307, 1e-310])
def test_standardize_knows_no_overflow(unit):
    """The deviation of 1, 2, 3 is sqrt(2/3); 4.5e307 has squares, and 3 *
    4.5e307 a sum, beyond the floats.
    """
    scaled = [x for [x] in data.standardize([[unit], [2 * unit], [3 * unit]])]
    assert scaled == pytest.approx([-sqrt(1.5), 0, sqrt(1.5)], rel=1e-9)


def test_standardize_takes_the_ends_of_the_floats():
    assert data.standardize([[1.7e308], [-1.7e308]]) == [[1], [-1]]
    far = data.standardize([[1.7e308], [1.7e308], [-1.7e308]])  # -1.7e308 - mean is too large
    assert [x for [x] in far] == pytest.approx([sqrt(0.5), sqrt(0.5), -sqrt(2)])


def test_unstandardize_undoes_standardize():
    prices = [[50000.0, 3.0], [70000.0, 3.0], [90000.0, 3.0]]
    scaled = data.standardize(prices)
    assert data.unstandardize(scaled, like=prices) == prices
    assert data.unstandardize([[1.0, 2.0]], like=[[1.0, 5.0], [3.0, 5.0]]) == [[3.0, 7.0]]
    with pytest.raises(LengthError, match="same number of columns"):
        data.unstandardize([[1.0]], like=prices)


@pytest.mark.parametrize(
    ("y", "share", "held_out"),
    [
        (list(range(33)) * 3, 0.5, 50),  # 49.5 rows; each class alone would round 1.5 to 2
        (list(range(50)) * 2, 0.25, 25),  # 25 rows; each class alone would round 0.5 to 0
        ([0] * 90 + [1] * 9 + [2], 0.2, 20),  # 18, 1.8 and 0.2
    ],
)
def test_a_stratified_split_holds_out_its_share(y, share, held_out):
    (_, y_train), (_, y_test) = data.split(y, y, share, stratified=True)
    assert len(y_test) == held_out
    for label, count in Counter(y).items():
        assert abs(y_test.count(label) - share * count) < 1
    assert sorted(y_train + y_test) == sorted(y)


def test_split_divides_and_keeps_rows_with_their_targets():
    X = [[float(i)] for i in range(10)]
    (X_train, y_train), (X_test, y_test) = data.split(X, list(range(10)), 0.3, seed=3)
    assert (len(X_train), len(X_test)) == (7, 3)
    assert sorted(y_train + y_test) == list(range(10))
    assert [[float(t)] for t in y_train + y_test] == X_train + X_test
    assert y_test != data.split(X, list(range(10)), 0.3, seed=4)[1][1]


def test_stratified_parts_have_the_classes_in_proportion():
    y = [0] * 40 + [1] * 8
    (_, y_train), (_, y_test) = data.split(y, y, 0.25, stratified=True)
    assert (Counter(y_train), Counter(y_test)) == ({0: 30, 1: 6}, {0: 10, 1: 2})
    for (_, y_train), (_, y_test) in data.k_fold(y, y, 4, stratified=True):
        assert (Counter(y_train), Counter(y_test)) == ({0: 30, 1: 6}, {0: 10, 1: 2})


def test_every_row_is_held_out_once_in_k_folds():
    X, y = data.iris()
    numbers = list(range(150))
    folds = data.k_fold(numbers, y, 7, seed=1)
    assert sorted(i for _, (test, _) in folds for i in test) == numbers
    assert all(sorted(train + test) == numbers for (train, _), (test, _) in folds)
    assert {len(test) for _, (test, _) in folds} == {21, 22}
    assert (
        len({tuple(test) for _, (test, _) in data.k_fold(X, y, 150) for test in test}) == 149
    )  # two rows of iris are the same


def test_batches_deal_every_row_once_in_an_order_of_their_own():
    X, y = [[float(i)] for i in range(10)], list(range(10))
    rng = random.Random(0)
    epochs = [list(data.batches(X, y, 4, rng=rng)) for _ in range(2)]
    for epoch in epochs:
        assert [len(rows) for rows, _ in epoch] == [4, 4, 2]
        assert sorted(t for _, targets in epoch for t in targets) == y
        assert all(
            row == [float(t)]
            for rows, targets in epoch
            for row, t in zip(rows, targets, strict=True)
        )
    assert epochs[0] != epochs[1]
    assert epochs[0] == list(data.batches(X, y, 4, rng=random.Random(0)))
    assert list(data.batches(X, y, rng=rng)) == [(X, y)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.split([1, 2], [1, 2], 1.5), r"held_out must be in \(0, 1\), not 1.5"),
        (lambda: data.split([1, 2], [1, 2], 0.1), "gives parts of 2 and 0"),
        (lambda: data.k_fold([1, 2], [1, 2], 3), r"k must be one of 2, ..., 2, not 3"),
        (lambda: data.batches([1, 2], [1], 1, rng=random.Random(0)), "not 2 and 1"),
        (lambda: data.batches([], [], 1, rng=random.Random(0)), "not 0 and 0"),
        (
            lambda: data.batches([1], [1], 0, rng=random.Random(0)),
            "size must be one of 1, 2, ..., not 0",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises((ArgumentError, LengthError), match=message):
        call()


def test_a_deviation_is_right_where_the_mean_is_rounded():
    [[low], [high]] = data.standardize([[1e16], [1e16 + 2.0]])
    assert high - low == 2.0, "their deviation is 1"
    columns = data.standardize([[1e12], [1e12 + 2.0**-12], [1e12 + 2.0**-11]])
    assert columns[2][0] - columns[0][0] == pytest.approx(6**0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("X", "expected", "message"),
    [
        ([[1.0], [math.nan]], data.DataError, r"X\[1\]\[0\] is nan"),
        ([[math.inf]], data.DataError, r"X\[0\]\[0\] is inf"),
        ([[10**400]], data.DataError, r"X\[0\]\[0\] is 1000"),
        ([["a"]], DataTypeError, r"X\[0\]\[0\] takes a real number, not 'a'"),
        ([[None]], DataTypeError, r"X\[0\]\[0\] takes"),
        ([[True]], DataTypeError, r"X\[0\]\[0\] takes"),
        ([1.0, 2.0], DataTypeError, r"X\[0\] is a list of numbers, not 1\.0"),
        ("ab", DataTypeError, "X is a list of rows"),
        (None, DataTypeError, "X is a list of rows"),
        ({0: [1.0]}, DataTypeError, "X is a list of rows"),
        ([{1.0, 2.0}], DataTypeError, r"X\[0\] is a list of numbers"),
    ],
)
def test_what_cannot_be_standardized_is_named_by_its_place(X, expected, message):
    with pytest.raises(expected, match=message):
        data.standardize(X)
    if X is not None:
        with pytest.raises(expected, match=message.replace("X", "like", 1)):
            data.unstandardize([[1.0]], like=X)


def test_a_seed_is_a_whole_number():
    for seed in ("ab", 3.5, [1], None):
        for draw in (data.moons, data.xor, data.noisy_sine, data.time_series):
            with pytest.raises(DataTypeError, match="seed must be one of 0, 1"):
                draw(seed=seed)
        with pytest.raises(DataTypeError, match="seed must be one of 0, 1"):
            data.split([[1.0], [2.0]], [0, 1], seed=seed)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["9007199254740993.0", "1"], [9007199254740993, 1]),
        (["1e23", "-1E23"], [10**23, -(10**23)]),
        (["+9007199254740993", "9007199254740992"], [9007199254740993, 9007199254740992]),
        (["900719925474099.3e1", "7."], [9007199254740993, 7]),
        (["0e999999999999999999999", "1e-400"], [0.0, 0.0]),
        (["9007199254740993.5", "1"], [9007199254740994.0, 1.0]),
        (["3.00000000000000000001", "1"], [3.0, 1.0]),
        (["0." + "0" * 400, "1e00"], [0, 1]),
    ],
)
def test_whole_targets_keep_all_digits(tmp_path, fields, expected):
    path = csv_file(tmp_path, "x,t\n" + "".join(f"{i}.5,{t}\n" for i, t in enumerate(fields)))
    found = data.read_csv(path, target="t")
    assert (found.y, found.classes) == (expected, [])
    assert list(map(type, found.y)) == list(map(type, expected))
    rows = data.read_records(path).rows
    kind = "class" if type(expected[0]) is int else "quantity"
    prepared = nn.Preparation.fit(rows, "t").target
    if len(set(expected)) == 2:
        assert kind in type(prepared).__name__.lower()
    if kind == "class":
        ordered = [text for _, text in sorted(zip(expected, fields, strict=True))]
        content = json.loads(json.dumps(nn.Preparation.fit(rows, "t").content()))
        assert nn.Preparation.from_content(content).target.values == tuple(ordered)


@pytest.mark.parametrize("decimal", [".", ","])
def test_whole_targets_with_a_decimal_comma_keep_all_digits(tmp_path, decimal):
    text = f"x;t\n1{decimal}5;9007199254740993{decimal}0\n2{decimal}5;1\n"
    assert data.read_csv(csv_file(tmp_path, text), target="t").y == [9007199254740993, 1]


@pytest.mark.parametrize(
    ("fields", "classes"),
    [
        (["007", "7"], ["007", "7"]),
        (["02138", "10001"], ["02138", "10001"]),
        (["-01", "1"], ["-01", "1"]),
        (["0", "7"], []),
        (["0.5", "00.5"], []),
    ],
)
def test_whole_targets_with_a_leading_zero_are_names(tmp_path, fields, classes):
    path = csv_file(tmp_path, "x,t\n" + "".join(f"{i}.5,{t}\n" for i, t in enumerate(fields)))
    found = data.read_csv(path, target="t")
    assert found.classes == classes
    if classes:
        assert [found.classes[i] for i in found.y] == fields


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["", "index"])
def test_read_csv_leaves_out_an_index_and_says_so(tmp_path, first, name):
    rows = "".join(f"{i + first},{i}.5,{i}.25\n" for i in range(3))
    path = csv_file(tmp_path, f"{name},a,t\n" + rows)
    with pytest.warns(UserWarning, match="the first column counts the rows") as caught:
        table = data.read_csv(path, target="t")
    assert (table.columns, table.X) == (["a"], [[0.5], [1.5], [2.5]])
    assert caught[0].filename == __file__
    assert data.read_csv(path, target="t", drop=["index"]) == table
    kept = data.read_csv(path, target="t", columns=["index", "a"])
    assert [row[0] for row in kept.X] == [first, first + 1, first + 2]
    assert data.read_csv(path, target="index").columns == ["a", "t"]


def test_read_csv_keeps_an_index_that_is_all_there_is_to_predict_from(tmp_path):
    path = csv_file(tmp_path, "index,t\n1,0.5\n2,1.5\n")
    assert data.read_csv(path, target="t").X == [[1], [2]]


def test_read_csv_keeps_a_first_column_that_counts_nothing(tmp_path):
    path = csv_file(tmp_path, ",a,t\n5,0.5,1\n6,1.5,2\n")
    assert data.read_csv(path, target="t").columns == ["index", "a"]


def test_read_csv_refuses_a_column_that_is_named_twice(tmp_path):
    path = csv_file(tmp_path, "a,b,t\n1.5,2,3\n")
    with pytest.raises(data.DataError, match="columns names 'a' 2 times"):
        data.read_csv(path, target="t", columns=["a", "b", "a"])
    with pytest.raises(data.DataError, match="not from itself"):
        data.read_csv(path, target="t", columns=["a", "t", "a"])
