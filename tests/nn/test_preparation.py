"""A model that carries its preparation takes a raw row and answers in its words."""

import inspect
import json
import re
import subprocess
import sys
from dataclasses import replace
from math import exp, inf, nan, sqrt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.errors import ArgumentError, DataTypeError, LengthError
from nn.data import DataError
from nn.files import StateError
from nn.preparation import Category, Classes, Number, Preparation, Quantity

ROWS = [
    {"id": "a1", "age": "20", "sex": "male", "fare": "7.5", "alive": "no"},
    {"id": "a2", "age": "", "sex": "female", "fare": "8.5", "alive": "yes"},
    {"id": "a3", "age": "40", "sex": "male", "fare": "9.5", "alive": "no"},
    {"id": "a4", "age": "60", "sex": "female", "fare": "8.5", "alive": "yes"},
    {"id": "a5", "age": "99", "sex": "?", "fare": "99", "alive": "NA"},
]


def test_numbers_texts_and_missing_values_become_inputs():
    """The ages 20, 40, 60 have mean 40 and deviation sqrt(800/3), the fares sqrt(1/2)."""
    p = Preparation.fit(ROWS, "alive")
    assert p.columns == (
        Number("age", 40.0, pytest.approx(sqrt(800 / 3)), flag=True),
        Category("sex", ("female", "male")),
        Number("fare", 8.5, pytest.approx(sqrt(0.5)), flag=False),
    )
    assert p.target == Classes("alive", ("no", "yes"))
    assert p.left_out == {"id": "of 4 different texts"}
    names = ["age", "age is missing", "sex = female", "sex = male", "sex is other", "fare"]
    assert p.input_names == names
    assert (p.n_in, p.n_out) == (6, 1)
    row = p.inputs({"age": " 60", "sex": "male", "fare": "8.5"})
    assert row == pytest.approx([sqrt(1.5), 0, 0, 1, 0, 0])
    assert p.inputs({"age": "NA", "sex": "x", "fare": "?"}) == [0, 1, 0, 0, 1, 0]


def test_the_rows_of_a_data_frame_are_prepared_alike():
    rows = [
        {"a": 1.0, "b": "x", "t": True},
        {"a": nan, "b": None, "t": False},
        {"a": 3, "b": "x", "t": False},
    ]
    p = Preparation.fit(rows, "t")
    assert p.columns == (Number("a", 2.0, 1.0, flag=True), Category("b", ("x",)))
    assert p.target == Classes("t", ("False", "True"))
    assert p.inputs({"a": 3, "b": nan}) == [1, 0, 0, 1]


@pytest.mark.parametrize("step", [1.0, 2.0**-29, 2.0**40])
@pytest.mark.parametrize("n", [2, 3, 4, 11])
def test_points_of_time_are_prepared_as_they_are_standardized(step, n):
    """They differ by little beside their size, so that the mean itself is rounded."""
    times = [(2**52 + 2**51 + 1 + i) * step for i in range(n)]
    by_hand = sqrt((n * n - 1) / 12)
    rows = [{"a": t, "y": t} for t in times]
    p = Preparation.fit(rows, "y", task="quantity")
    for i, row in enumerate(rows):
        expected = pytest.approx((i - (n - 1) / 2) / by_hand, rel=1e-14, abs=1e-15)
        assert p.inputs(row) == [expected]
        assert p.target.prepared(row["y"], ".") == expected
        assert p.answer([p.target.prepared(row["y"], ".")], row).prediction == row["y"]
    [scaled] = zip(*nn.data.standardize([[t] for t in times]), strict=True)
    assert [p.inputs(row)[0] for row in rows] == pytest.approx(list(scaled), rel=1e-15)


def test_a_preparation_from_before_there_was_a_rest_loads_as_it_was():
    p = Preparation.fit([{"a": t, "y": t} for t in (2**60, 2**60 + 256)], "y", task="quantity")
    content = p.content()
    assert (content["columns"][0].pop("rest"), content["target"].pop("rest")) == (128.0, 128.0)
    old = Preparation.from_content(content)
    assert old.inputs({"a": 2**60 + 256}) == [2.0]
    assert old.content() == content
    content["target"]["rest"] = nan
    with pytest.raises(StateError, match=r"preparation\.target\.rest is nan"):
        Preparation.from_content(content)


def test_a_table_has_the_rows_with_a_target():
    X, y, columns, classes = Preparation.fit(ROWS, "alive").table(ROWS)
    assert y == [0, 1, 0, 1]
    assert (len(X), len(columns), classes) == (4, 6, ["no", "yes"])


@pytest.mark.parametrize(
    ("values", "task", "target"),
    [
        (["3", "10", "3"], None, Classes("t", ("3", "10"))),
        (
            ["3", "10", "3"],
            "quantity",
            Quantity(
                "t", pytest.approx(16 / 3), pytest.approx(3.29983), pytest.approx(0, abs=1e-15)
            ),
        ),
        (["1.5", "2.5"], None, Quantity("t", 2.0, 0.5)),
        (["1.5", "2.5"], "classes", Classes("t", ("1.5", "2.5"))),
        (["a", "2.5"], None, Classes("t", ("2.5", "a"))),
        ([str(i) for i in range(21)], None, Quantity("t", 10.0, pytest.approx(sqrt(440 / 12)))),
    ],
)
def test_the_task_follows_from_the_target_or_is_said(values, task, target):
    rows = [{"x": str(i), "t": t} for i, t in enumerate(values)]
    assert Preparation.fit(rows, "t", task=task).target == target


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (["z"] * 50, "the same in every row"),
        (["7"] * 50, "the same in every row"),
        (["?", ""] * 25, "missing in every row"),
        ([f"x{i % 21}" for i in range(50)], "of 21 different texts"),
        (
            [*map(str, range(49)), "many"],
            "of 50 different texts, 49 rows with numbers and others with such as 'many'",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_left_out_and_named(column, why):
    rows = [{"a": a, "x": str(i), "t": str(i % 2)} for i, a in enumerate(column)]
    p = Preparation.fit(rows, "t")
    assert p.left_out == {"a": why}
    assert p.input_names == ["x"]


@pytest.mark.parametrize("form", ["${}", "{}%", "1,{:03}", "-{} kg", "{}\u202f000", "(\u20ac{})"])
def test_numbers_that_are_texts_for_a_sign_beside_them_are_named_with_what_to_do(form):
    texts = [form.format(i) for i in range(50)]
    advice = f"; to make numbers of texts such as {texts[0]!r}, write them plainly, as in -1234.5"
    rows = [{"a": a, "x": str(i), "t": str(i % 2)} for i, a in enumerate(texts)]
    assert Preparation.fit(rows, "t").left_out == {"a": f"of 50 different texts{advice}"}
    for options in ({}, {"task": "quantity"}):
        with pytest.raises(DataError) as caught:
            Preparation.fit(rows, "a", **options)
        assert str(caught.value).endswith(advice)
    plain = Preparation.fit([{"a": str(i), "t": str(i % 2)} for i in range(50)], "t")
    with pytest.raises(DataError) as caught:
        plain.inputs({"a": texts[0]})
    assert advice in str(caught.value)


@pytest.mark.parametrize("form", ["n{}", "2020-01-{}", "12:{}", "192.168.{}a.1", "9" * 400 + "{}"])
def test_other_texts_with_digits_get_no_such_advice(form):
    rows = [{"a": form.format(i), "x": str(i), "t": str(i % 2)} for i in range(50)]
    assert Preparation.fit(rows, "t").left_out == {"a": "of 50 different texts"}


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([], {}, "no column is named 't'; the columns are none, for there is no row"),
        ([{"a": "1"}], {}, "no column is named 't'; the columns are a"),
        ([{"a": "1", "t": "?"}], {}, "'t' is missing in every row"),
        ([{"a": "1", "t": "5"}] * 2, {}, "'t' is the same in every row"),
        (
            [{"a": "1", "t": "x"}, {"a": "2", "t": "3"}],
            {"task": "quantity"},
            "'t' is 'x', no number",
        ),
        ([{"a": f"{i}", "t": f"n{i}"} for i in range(30)], {}, "30 different values in 30 rows"),
        (
            [{"a": f"y{i}", "t": f"{i}.5"} for i in range(9)],
            {},
            "to predict 't' from: 'a' is of 9 different texts. .* nn.data.windows",
        ),
        ([{"a": "1", "t": "5"}, {"t": "6"}], {}, "one lacks 'a'"),
    ],
)
def test_where_there_is_nothing_to_learn_that_is_said(rows, options, message):
    with pytest.raises(DataError, match=message):
        Preparation.fit(rows, "t", **options)


def test_another_task_is_refused():
    with pytest.raises(ArgumentError, match="task is 'classes' or 'quantity', not 'regression'"):
        Preparation.fit(ROWS, "alive", task="regression")


def test_a_row_that_does_not_fit_is_named():
    p = Preparation.fit(ROWS, "alive")
    with pytest.raises(DataError, match="the row lacks 'age', 'sex'"):
        p.inputs({"fare": "1"})
    with pytest.raises(
        DataError, match=r"'fare' is 'cheap', and .* a number there; an unknown one is blank"
    ):
        p.inputs({**ROWS[0], "fare": "cheap"})
    with pytest.raises(DataError, match="row 2: 'alive' is 'maybe', none of no, yes"):
        p.table([ROWS[0], {**ROWS[1], "alive": "maybe"}])


def test_texts_that_stand_for_no_value_belong_to_the_preparation():
    rows = [
        {"a": "-", "b": "x", "t": "1.5"},
        {"a": "2", "b": "k.A.", "t": "2.5"},
        {"a": "4", "b": "x", "t": "-"},
        {"a": "6", "b": "x", "t": "3.5"},
    ]
    with pytest.raises(
        DataError, match=r"no quantity: take classes\. A text .* missing=\[\.\.\.\]"
    ):
        Preparation.fit(rows, "t", task="quantity")
    p = Preparation.fit(rows, "t", missing=["-", "k.A."])
    assert p.columns == (Number("a", 4.0, 2.0, flag=True), Category("b", ("x",)))
    assert p.target == Quantity("t", 2.5, pytest.approx(sqrt(2 / 3)))
    assert p.inputs({"a": " -", "b": "k.A."}) == [0.0, 1.0, 0.0, 1.0]
    assert len(p.table(rows).y) == 3
    assert p.answer([0.0], {"a": "-", "b": "k.A."}).notes == ()
    again = Preparation.from_content(json.loads(json.dumps(p.content())))
    assert again == p
    assert again.missing == ("-", "k.A.")
    assert "missing" not in Preparation.fit(ROWS, "alive").content()
    assert rows[0]["a"] == "-"
    with pytest.raises(DataTypeError, match=r"missing is a list of texts, not '-'"):
        Preparation.fit(rows, "t", missing="-")


def test_a_table_of_which_nothing_is_left_names_the_remedy():
    rows = [{"a": f"{i}.5" if i % 9 else "-", "t": "xy"[i % 2]} for i in range(30)]
    with pytest.raises(
        DataError, match=r"others with such as '-'\. A text that stands for no value"
    ):
        Preparation.fit(rows, "t")
    assert Preparation.fit(rows, "t", missing=["-"]).n_in == 2


def test_a_decimal_comma_belongs_to_the_preparation():
    rows = [{"a": "1,5", "t": "2,5"}, {"a": "2,5", "t": "3,5"}]
    p = Preparation.fit(rows, "t", decimal=",")
    assert p.inputs({"a": "2,5"}) == [1.0]
    assert Preparation.from_content(p.content()).decimal == ","


def test_logits_become_a_class_and_its_probability():
    two = Preparation.fit(ROWS, "alive")
    raw = {"age": "1", "sex": "male", "fare": "1"}
    assert two.answer([2.0], raw)[:2] == ("yes", pytest.approx(1 / (1 + exp(-2))))
    assert two.answer(-3.0, raw)[:2] == ("no", pytest.approx(1 / (1 + exp(-3))))
    three = Preparation.fit([{"x": str(i), "t": "abc"[i]} for i in range(3)], "t")
    total = exp(1) + exp(2) + exp(3)
    assert three.answer([1.0, 3.0, 2.0], {"x": "1"})[:2] == ("b", pytest.approx(exp(3) / total))
    with pytest.raises(LengthError, match=r"gives 2 outputs, but .* needs 3"):
        three.answer([1.0, 2.0], {"x": "1"})
    with pytest.raises(DataError, match="the model answers nan: its training diverged"):
        three.answer([1.0, nan, 2.0], {"x": "1"})
    for logits in ([inf, inf, 2.0], [0.0, inf, inf], [-inf] * 3):
        with pytest.raises(DataError, match="no class is the most probable"):
            three.answer(logits, {"x": "1"})
    assert three.answer([-inf, inf, 2.0], {"x": "1"}).probability == 1.0


def test_what_training_did_not_prepare_for_is_noted():
    p = Preparation.fit(ROWS, "alive")
    answer = p.answer([1.0], {"age": "", "sex": "other", "fare": ""})
    assert answer.notes == (
        "'sex' is 'other', which no training row has",
        "'fare' is missing: 8.5, the mean, is taken",
    )
    assert p.answer([1.0], {"age": "", "sex": "", "fare": "1"}).notes == ()


def carrying(tmp_path, **options):
    model = nn.MLP(6, [3, 1], seed=0)
    model.preparation = Preparation.fit(ROWS, "alive")
    path = tmp_path / "model.json"
    model.save(path)
    return model, path


def test_a_saved_model_answers_for_a_raw_row_in_another_process(tmp_path):
    model, path = carrying(tmp_path)
    row = {"age": "33", "sex": "female", "fare": "8", "id": "not looked at"}
    program = f"import nn; print(tuple(nn.answer(nn.load({str(path)!r}), {row})))"
    root = Path(nn.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tuple(nn.answer(model, row)))
    [logit] = model([(33 - 40) / sqrt(800 / 3), 0, 1, 0, 0, (8 - 8.5) / sqrt(0.5)])
    p = 1 / (1 + exp(-logit.data))
    assert nn.answer(model, row).probability == pytest.approx(max(p, 1 - p))


@pytest.mark.parametrize("output", ["sigmoid", "log_sigmoid", "softmax", "log_softmax"])
@pytest.mark.parametrize("chained", [False, True])
def test_a_model_that_ends_in_probabilities_answers_as_that_of_logits(output, chained):
    joint = "softmax" in output
    rows = [{"x": str(i), "t": "abc"[i % (3 if joint else 2)]} for i in range(12)]
    preparation = Preparation.fit(rows, "t")
    logits = nn.MLP(1, [4, preparation.n_out], seed=3)
    model = nn.MLP(1, [4, preparation.n_out], output=output)
    model.load_state_dict(logits.state_dict())
    whole = nn.Sequential(nn.Sequential(model)) if chained else model
    whole.preparation = logits.preparation = preparation
    seen = set()
    for i in range(-40, 40):
        expected, found = nn.answer(logits, {"x": i}), nn.answer(whole, {"x": i})
        assert found.prediction == expected.prediction
        assert found.probability == pytest.approx(expected.probability, rel=1e-12)
        seen.add(found.prediction)
    assert len(seen) > 1


def test_a_neuron_and_several_sigmoids_answer_with_their_own_probabilities():
    rows = [{"x": str(i), "t": "ab"[i % 2]} for i in range(6)]
    neuron = nn.Neuron(1, "sigmoid", init="constant")
    neuron.preparation = Preparation.fit(rows, "t")
    for x in (-3, 0, 9):
        p = neuron(neuron.preparation.inputs({"x": x})).data
        assert nn.answer(neuron, {"x": x})[:2] == ("b" if p > 0.5 else "a", max(p, 1 - p))
    several = nn.Layer(1, 3, "sigmoid", seed=0)
    several.preparation = Preparation.fit([{"x": i, "t": "abc"[i]} for i in range(3)], "t")
    outputs = [o.data for o in several(several.preparation.inputs({"x": 2}))]
    assert nn.answer(several, {"x": 2}).probability == max(outputs)


def test_a_forward_of_one_s_own_is_not_taken_for_that_of_its_last_layer():
    class Logit(nn.MLP):
        def forward(self, x):
            [p] = super().forward(x)
            return [(p / (1 - p)).log()]

    rows = [{"x": str(i), "t": "ab"[i % 2]} for i in range(6)]
    model = Logit(1, [1], output="sigmoid", seed=0)
    model.preparation = Preparation.fit(rows, "t")
    [logit] = model(model.preparation.inputs({"x": 5}))
    p = 1 / (1 + exp(-logit.data))
    assert nn.answer(model, {"x": 5}).probability == pytest.approx(max(p, 1 - p))


def test_what_is_no_probability_is_refused():
    two = Preparation.fit(ROWS, "alive")
    raw = {"age": "1", "sex": "male", "fare": "1"}
    assert two.answer([0.25], raw, probabilities=True)[:2] == ("no", 0.75)
    for odd in (-0.1, 1.5):
        with pytest.raises(DataError, match=f"an output is {odd}, and no probability"):
            two.answer([odd], raw, probabilities=True)
    with pytest.raises(DataTypeError, match="probabilities must be"):
        two.answer([0.5], raw, probabilities=3)


def test_the_preparation_is_shown_and_is_no_parameter(tmp_path):
    model, path = carrying(tmp_path)
    assert len(model.parameters()) == 6 * 3 + 3 + 3 + 1
    shown = "<Preparation of 2 classes, 'alive', from 6 inputs: 'age', 'sex', 'fare'>"
    assert repr(model.preparation) == shown
    assert repr(model).endswith(f": 25 parameters, {shown}>")
    assert repr(nn.load(path)) == repr(model)
    picture = model.draw().svg
    assert "Preparation" in picture
    assert "alive" in picture


@pytest.mark.parametrize("other", [5, "x", {}, [], nn.Layer(1, 1, seed=0)])
def test_a_model_has_a_preparation_or_none(other):
    class Own(nn.Module):
        def __init__(self):
            self.preparation = other

    with pytest.raises(DataTypeError, match=r"preparation is what nn\.Preparation\.fit gives"):
        Own()
    model = nn.MLP(1, [1], seed=0)
    with pytest.raises(DataTypeError, match="has another name"):
        model.preparation = other
    model.preparation = None
    assert model.preparation is None


def test_a_model_of_one_s_own_gets_its_preparation_back_as_the_error_says(tmp_path):
    class Own(nn.Module):
        def __init__(self):
            self.net = nn.MLP(6, [3, 1])

        def __call__(self, x):
            return self.net(x)

    model, path = Own(), tmp_path / "model.json"
    model.preparation = Preparation.fit(ROWS, "alive")
    model.save(path)
    with pytest.raises(nn.StateError, match="construct Own yourself, then call its") as error:
        nn.load(path)
    again = Own()
    again.load_state_dict(nn.read_state(path))
    remedy = str(error.value).rpartition("set its preparation to ")[2]
    again.preparation = eval(remedy, {"nn": nn, "json": json, "Path": Path, "path": path})
    assert nn.answer(again, ROWS[0]) == nn.answer(model, ROWS[0])
    del model.preparation
    model.save(path)
    with pytest.raises(nn.StateError, match=r"load_state_dict\(nn\.read_state\(path\)\)$"):
        nn.load(path)


FIELDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "NA", "a", "b", " a ", "1", "2.5", "1e400", "\ud800", "\0", "-"]),
    st.text(max_size=3),
)
NAMES = st.one_of(st.sampled_from(["a", "b", "kind", "\ud800", ""]), st.text(max_size=3))
KEYS = st.one_of(NAMES, NAMES, NAMES, st.integers(0, 2), st.none())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_a_model_writes_is_read_again(tmp_path_factory, data):
    keys = data.draw(st.lists(KEYS, min_size=2, max_size=4, unique=True))
    few = data.draw(st.lists(FIELDS, min_size=2, max_size=3))  # so that many come again
    field = st.one_of(st.sampled_from(few), FIELDS)
    rows = data.draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(keys, field)), min_size=2, max_size=8)
    )
    missing = data.draw(st.sampled_from([(), ["-"], ("a", "-", "a")]))
    target = data.draw(st.sampled_from([key for key in keys if isinstance(key, str)] or ["t"]))
    try:
        preparation = Preparation.fit(rows, target, missing=missing)
    except (DataError, DataTypeError):
        return
    assert all(isinstance(key, str) for key in keys)
    model = nn.MLP(preparation.n_in, [preparation.n_out], seed=0)
    model.preparation = preparation
    path = tmp_path_factory.getbasetemp() / "model.json"
    model.save(path)
    assert nn.load(path).preparation == preparation


@pytest.mark.parametrize("name", [0, None, 1.5, ("a", "b"), b"a"])
def test_names_of_columns_are_texts(name):
    rows = [{name: str(i), "t": "xy"[i % 2]} for i in range(4)]
    with pytest.raises(
        DataTypeError, match=r"names of columns are texts, not .* \{str\(name\): val"
    ):
        Preparation.fit(rows, target="t")
    renamed = [{str(name): value for name, value in row.items()} for row in rows]
    assert Preparation.fit(renamed, target="t").n_in == 1


@pytest.mark.parametrize("model", [nn.MLP(3, [1]), nn.Layer(3, 1), nn.Neuron(3), nn.RNN(3, 1)])
def test_a_preparation_of_another_model_is_not_saved(model, tmp_path):
    rows = [{"a": str(i), "t": "xy"[i % 2]} for i in range(4)]
    model.preparation = Preparation.fit(rows, target="t")
    with pytest.raises(
        nn.StateError, match=r"cannot be saved: its preparation gives 1 inputs, .* 3"
    ):
        model.save(tmp_path / "model.json")
    assert list(tmp_path.iterdir()) == []
    model.preparation = None
    model.save(tmp_path / "model.json")


@pytest.mark.parametrize(
    "columns", [(Number("a", nan, 1.0, False),), (Number("a", 0.0, 0.0, False),), ()]
)
def test_a_preparation_that_cannot_be_read_is_not_saved(columns, tmp_path):
    model = nn.Sequential(nn.Layer(1, 1))
    model.preparation = Preparation(columns, Classes("t", ("x", "y")))
    with pytest.raises(nn.StateError, match="cannot be saved: preparation"):
        model.save(tmp_path / "model.json")
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_preparation_loads(tmp_path):
    model, path = carrying(tmp_path)
    content = json.loads(path.read_text())
    assert content.pop("preparation")["target"]["values"] == ["no", "yes"]
    path.write_text(json.dumps(content))
    loaded = nn.load(path)
    assert loaded.state_dict() == model.state_dict()
    with pytest.raises(ArgumentError, match="has no preparation, so it takes numbers"):
        nn.answer(loaded, ROWS[0])


def change(content, path, value):
    *outer, last = path
    for key in outer:
        content = content[key]
    content[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), None),
        (("decimal",), "x"),
        (("columns",), []),
        (("columns",), {}),
        (("columns", 0), 7),
        (("columns", 0, "kind"), "classes"),
        (("columns", 0, "kind"), []),
        (("columns", 0, "kind"), "__class__"),
        (("columns", 0, "name"), 3),
        (("columns", 0, "mean"), "40"),
        (("columns", 0, "mean"), True),
        (("columns", 0, "mean"), 10**400),
        (("columns", 0, "deviation"), 0),
        (("columns", 0, "deviation"), -1.0),
        (("columns", 0, "flag"), 1),
        (("columns", 0, "more"), 1),
        (("columns", 1, "values"), "ab"),
        (("columns", 1, "values"), ["a", "a"]),
        (("columns", 1, "values"), []),
        (("columns", 1, "values"), ["a", 1]),
        (("columns", 1, "name"), "age"),
        (("target", "values"), ["a"]),
        (("target", "kind"), "number"),
        (("target",), []),
        (("missing",), "-"),
        (("missing",), [1]),
        (("more",), 1),
    ],
)
def test_a_damaged_preparation_is_refused(tmp_path, path, value):
    _, file = carrying(tmp_path)
    content = json.loads(file.read_text())
    change(content, ("preparation", *path), value)
    file.write_text(json.dumps(content))
    with pytest.raises(nn.StateError, match=rf"^{re.escape(str(file))}: preparation"):
        nn.load(file)


class Labelled:
    """A table or a row with labels, as of pandas."""

    iloc = None

    def __init__(self, ndim):
        self.ndim = ndim

    def __len__(self):
        return 1


def test_a_table_with_labels_is_told_how_it_becomes_rows():
    rows = [{"size": "1", "price": "10"}, {"size": "3", "price": "30.5"}]
    preparation = Preparation.fit(rows, target="price")
    frame, row = Labelled(2), Labelled(1)
    for call in (lambda: Preparation.fit(frame, "price"), lambda: preparation.table(frame)):
        with pytest.raises(DataTypeError, match=r'give rows\.to_dict\("records"\)'):
            call()
    with pytest.raises(DataTypeError, match=r"a Labelled: give row\.to_dict\(\)"):
        Preparation.fit([row], "price")
    with pytest.raises(DataTypeError, match=r"give row\.to_dict\(\)"):
        preparation.inputs(row)
    with pytest.raises(DataTypeError, match=r'give one of row\.to_dict\("records"\)'):
        preparation.inputs(frame)


def test_a_preparation_is_made_by_fit():
    rows = [{"size": "1", "price": "10"}, {"size": "3", "price": "30.5"}]
    for columns in (rows, "size", None):
        with pytest.raises(DataTypeError, match=r"nn\.Preparation\.fit\(rows, target"):
            Preparation(columns, "price")
    for wrong in ((), (rows,), (rows, "price", ".", (), {}, 1)):
        with pytest.raises(DataTypeError, match=r"nn\.Preparation\.fit\(rows, target"):
            Preparation(*wrong)
    with pytest.raises(DataTypeError, match=r"nn\.Preparation\.fit\(rows, target"):
        Preparation(rows=rows, target="price")
    assert [*inspect.signature(Preparation).parameters][:2] == ["columns", "target"]
    made = Preparation.fit(rows, target="price")
    assert replace(made, decimal=",").decimal == ","


@pytest.mark.parametrize("kind", ["float64", "float16", "int64", "int8"])
def test_numbers_of_numpy_are_fields_of_a_row(kind):
    number = getattr(pytest.importorskip("numpy"), kind)
    given = [{"a": number(i % 3), "t": number(i % 2)} for i in range(6)]
    plain = [{"a": float(i % 3), "t": str(number(i % 2))} for i in range(6)]
    p = Preparation.fit(given, "t")
    assert p == Preparation.fit(plain, "t")
    assert p.table(given) == p.table(plain)
    for odd in (pytest.importorskip("numpy").array(1.0), Value(1.0)):
        with pytest.raises(DataTypeError, match="a field of a row is a text or a number"):
            p.inputs({"a": odd})
