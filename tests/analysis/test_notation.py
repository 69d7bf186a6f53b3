"""formula and summary: a graph as text, and in numbers."""

import math
import random

import pytest

import autograd
import nn
from autograd import (
    PRIMITIVES,
    Value,
    dot,
    draw,
    explain,
    formula,
    gradients,
    primitive,
    step_through,
    summary,
    take,
    tanh,
)
from autograd.analysis.notation import TEXT, Names, Term, derivative_texts, identifier, rounded
from autograd.drawing.stepping.walk import walk
from autograd.errors import DataTypeError, PrimitiveError, StaleValueError

PUBLIC = {name: getattr(autograd, name) for name in autograd.__all__}


def same_bits(x, y):
    return math.copysign(1.0, x) == math.copysign(1.0, y) and (x == y or (x != x and y != y))


def run(text):
    """The last thing that a program assigns."""
    names = dict(PUBLIC)
    exec(text, names)
    return names[text.splitlines()[-1].split(" = ")[0]]


def assert_evaluates_to_its_bits(value):
    written = formula(value)
    assert same_bits(run(written.python), value.data)
    for line in written.lines:
        assert same_bits(eval(line.substituted, dict(PUBLIC)), line.result)


def test_a_small_formula_letter_by_letter():
    w, x, b = Value(2.0, "w"), Value(-3.0, "x"), Value(1.0, "b")
    written = formula((w * x + b).tanh())
    assert str(written) == "t3 = tanh(w * x + b) = tanh(2.0 * -3.0 + 1.0) = -0.999909"
    assert written.python == "w = 2.0\nx = -3.0\nb = 1.0\nt3 = tanh(w * x + b)\n"
    assert written.latex == (
        "\\begin{aligned}\n"
        r"t_{3} &= \tanh\left(w \cdot x + b\right)"
        r" = \tanh\left(2 \cdot \left(-3\right) + 1\right) = -0.9999"
        "\n\\end{aligned}"
    )
    assert written._repr_latex_() == f"$\\displaystyle {written.latex}$"


def test_one_graph_has_one_set_of_names():
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    for named, words in ((False, {}), (True, {"names": {"b": model.layers[0].neurons[1].b}})):
        loss = nn.mse([model([Value(1.0), 2.0])], [0.5]) * Value(2.0, "t3" if named else None)
        written = formula(loss, **words)
        leaf = model.parameters()[0]
        explained = explain(loss, leaf, **words)
        stepped = walk(loss, {}, words.get("names"))
        of_all = dict(zip(stepped.order, stepped.names, strict=True))
        drawn = [*draw(loss, **words)._picture.boxes]
        assert explained.names == {v: name for v, name in of_all.items() if name}
        assert {name for name, _ in written.leaves} <= set(of_all.values())
        number_of = {name: value for value, name in of_all.items() if name}
        assert [number_of[name].data for name, _ in written.leaves] == [
            x for _, x in written.leaves
        ]
        for line in written.lines:
            assert number_of[line.name].data == line.result
        assert {box.known_as for box in drawn} - {""} == {of_all[v] for v in of_all if v.parents}


def test_what_is_read_has_six_digits_and_what_is_run_has_all():
    x = Value(1.0 / 3.0, "x")
    third = (x * 0.1234567891).exp()
    written = formula(third * -1e-7 + 1234567.5)
    assert str(written) == (
        "t4 = exp(x * 0.123457) * -1e-07 + 1.23457e+06"
        " = exp(0.333333 * 0.123457) * -1e-07 + 1.23457e+06 = 1.23457e+06"
    )
    assert "0.1234567891" in written.python
    assert str(formula(x)) == "x = 0.333333"
    assert "t1 = x * 0.123457\n" in f"{explain(third, x)}\n"
    assert rounded('x1 * 2.0 + take([x10, 3.0], 0.0) - float("inf")') == (
        'x1 * 2.0 + take([x10, 3.0], 0.0) - float("inf")'
    )


def test_a_shared_subexpression_is_named_once():
    x = Value(3.0, "x")
    h = x + 1.0
    written = formula(h * h)
    assert [line.symbolic for line in written.lines] == ["x + 1.0", "t1 * t1"]
    assert [line.substituted for line in written.lines] == ["3.0 + 1.0", "4.0 * 4.0"]


def test_a_labelled_result_and_a_long_one_have_lines_of_their_own():
    x = Value(3.0, "x")
    h = x + 1.0
    h.label = "hidden"
    assert [line.name for line in formula(h * 2.0).lines] == ["hidden", "t1"]
    long = x
    for _ in range(100):
        long = long + x
    assert all(len(line.symbolic) < 80 for line in formula(long).lines)
    assert_evaluates_to_its_bits(long)


def test_the_longest_operands_of_a_long_operation_get_names():
    x = [Value(0.1 * i, f"input_{i}") for i in range(4)]
    hidden = [(dot([0.25, 2.0, 0.5, -1.0], x) + i).tanh() for i in range(3)]
    written = formula(dot(hidden, [1.0, 2.0, 3.0]))
    assert [line.symbolic for line in written.lines] == [
        *["dot([0.25, 2.0, 0.5, -1.0], [input_0, input_1, input_2, input_3])"] * 3,
        "tanh(t1 + 0.0)",
        "dot([t3, tanh(t4 + 1.0), tanh(t7 + 2.0)], [1.0, 2.0, 3.0])",
    ]
    assert_evaluates_to_its_bits(dot(hidden, [1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda x, y, w: x - (y - w), "x - (y - w)"),
        (lambda x, y, w: x - y - w, "x - y - w"),
        (lambda x, y, w: x + (y + w), "x + (y + w)"),
        (lambda x, y, w: x / (y * w), "x / (y * w)"),
        (lambda x, y, w: x / y * w, "x / y * w"),
        (lambda x, y, w: x * (y / w), "x * (y / w)"),
        (lambda x, y, w: (x + y) * w, "(x + y) * w"),
        (lambda x, y, w: (x**y) ** w, "(x ** y) ** w"),
        (lambda x, y, w: x ** (y**w), "x ** y ** w"),
        (lambda x, y, w: (-x) ** 2.0 + y * -w, "(-x) ** 2.0 + y * -w"),
        (lambda x, y, w: -(x**2.0) - -y, "-x ** 2.0 - -y"),
        (lambda x, y, w: -(x * y) * -w, "-(x * y) * -w"),
        (lambda x, y, w: x ** -(y + w), "x ** (-(y + w))"),
    ],
)
def test_parentheses_stand_where_python_needs_them(build, text):
    value = build(Value(0.7, "x"), Value(1.9, "y"), Value(1.3, "w"))
    assert formula(value).lines[-1].symbolic == text
    assert_evaluates_to_its_bits(value)
    assert_evaluates_to_its_bits(build(Value(0.7), Value(1.9), Value(1.3)))


SAMPLES = {1: [0.5, 2.0], 2: [0.5, 0.25], 3: [0.5, 0.25, 0.75], None: [0.5, 0.25, 2.0, 1.0]}


@pytest.mark.parametrize(
    "name", [name for name, op in PRIMITIVES.items() if name in PUBLIC or op.precedence]
)
def test_every_row_is_written_so_that_it_evaluates_to_its_bits(name):
    op = PRIMITIVES[name]
    for number in SAMPLES[1] if op.arity == 1 else [0.5]:
        operands = [Value(x) for x in ([number] if op.arity == 1 else SAMPLES[op.arity])]
        try:
            value = op.function(operands) if op.arity is None else op.function(*operands)
        except ValueError:  # this sample is outside its domain
            continue
        assert_evaluates_to_its_bits(value)
        assert_evaluates_to_its_bits(-value * 2.0)


def test_every_row_of_the_table_has_a_public_function_or_an_operator():
    assert {
        name for name, op in PRIMITIVES.items() if name not in PUBLIC and not op.precedence
    } == set()


def random_expression(rng):
    values = [Value(rng.uniform(0.5, 2.0)) for _ in range(4)]
    for _ in range(40):
        x, y = rng.choice(values), rng.choice(values)
        made = rng.choice(
            [
                x + y,
                x - y,
                x * y,
                x / (y * y + 1.0),
                -x,
                abs(x) ** 0.5,
                x**2,
                2.0 - x,
                x.tanh(),
                x.exp().log1p(),
                dot([x, 2.0], [y, x]),
                autograd.maximum(x, y),
                autograd.where(x > y, x, y),
                take([x, y], 1),
                autograd.sum([x, y, x]),
            ]
        )
        values.append(made if abs(made.data) < 1e3 else made.tanh())
    return values[-1], values[0]


@pytest.mark.parametrize("seed", range(30))
def test_random_expressions_and_their_gradients_evaluate_to_their_bits(seed):
    value, leaf = random_expression(random.Random(seed))
    assert_evaluates_to_its_bits(value)
    assert_evaluates_to_its_bits(gradients(value, [leaf])[0])


def test_a_primitive_of_the_user_is_written_as_a_call(request):
    twice_less = primitive("twice_less", lambda x, y: 2.0 * x - y, 2.0, -1.0)
    request.addfinalizer(lambda: PRIMITIVES.pop("twice_less"))
    written = formula(twice_less(Value(3.0, "x"), Value(1.0, "y")) ** 2)
    assert written.lines[-1].symbolic == "twice_less(x, y) ** 2.0"
    assert r"\operatorname{twice less}\left(x, y\right)^{2}" in written.latex


@pytest.mark.parametrize("latex", [r"\frac{x}{y}", "{0}", "{x", "{x:two}"])
def test_a_template_that_cannot_be_filled_is_named(request, latex):
    odd = primitive("odd", lambda x: x, 1.0, latex=latex)
    request.addfinalizer(lambda: (PRIMITIVES.pop("odd"), delattr(Value, "odd")))
    with pytest.raises(PrimitiveError, match=r"template .* of odd cannot be filled: it may name x"):
        formula(odd(Value(1.0, "x")))


def test_infinities_and_nan_can_be_read_back():
    x = Value(math.inf, "x")
    assert formula(x * -2.0).lines[-1].substituted == 'float("inf") * -2.0'
    assert_evaluates_to_its_bits(x * -2.0)
    assert r"\infty \cdot \left(-2\right) = -\infty" in formula(x * -2.0).latex
    assert_evaluates_to_its_bits(Value(math.nan) + 1.0)


def test_leaves_and_literals_are_formulas_too():
    assert str(formula(Value(-0.5, "w"))) == "w = -0.5"
    assert run(formula(gradients(Value(1.0) * 2.0, [Value(3.0)])[0]).python) == 0.0
    with pytest.raises(DataTypeError, match="formula"):
        formula(2.0)


def test_a_leaf_changed_since_would_make_the_equation_false():
    x = Value(3.0, "x")
    y = x * 2
    x.data = 4.0
    with pytest.raises(StaleValueError, match=r"'x'.* was changed after mul"):
        formula(y)
    assert str(formula(x * 2)) == "t1 = x * 2.0 = 4.0 * 2.0 = 8.0"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("w", "w"),
        ("layers.0.w[1]", "layers_0_w_1"),
        ("lambda", "lambda_"),
        ("sum", "sum_"),
        ("float", "float_"),
        ("1st", "_1st"),
        ("", "_"),
        ("</script><img src=x onerror=alert(1)>", "script_img_src_x_onerror_alert_1"),
        ("\x1b[31mred", "_31mred"),
        ("\\href{javascript:x}", "href_javascript_x"),
        ("x\nimport os", "x_import_os"),
        ("Größe", "Größe"),
        ("\ufb01", "fi"),
        ("\u202eabc", "abc"),
        ("a" * 99, "a" * 32),
        ("\ud800", "_"),
    ],
)
def test_a_label_becomes_an_identifier_that_breaks_out_of_nothing(label, name):
    assert identifier(label) == name
    assert name.isidentifier()
    v = Value(0.5, label)
    assert_evaluates_to_its_bits(v.sin() * v)
    assert eval(formula(v + 1.0).lines[0].symbolic, {name: 2.0}) == 3.0


def test_names_are_unique():
    labels = ["x", "x", "x_2", "x1", "x 1", "\ufb01", "fi", "t1"]
    values = [Value(1.0, label) for label in labels] + [Value(1.0), Value(1.0), Value(1.0) + 1.0]
    names = Names(values)
    assert len({names[value] for value in values}) == len(values)
    assert [names[value] for value in values[:4]] == ["x_3", "x", "x_2", "x1"]


def test_the_ends_of_a_long_label_stay():
    labels = [f"encoder.blocks.3.attention.heads.{i}.query.w.{j}" for i in (0, 1) for j in (1, 2)]
    assert identifier(labels[0]) == "encoder__heads_0_query_w_1"
    values = [Value(1.0, label) for label in labels]
    assert [Names(values)[value] for value in values] == [identifier(label) for label in labels]


def test_long_labels_with_the_same_ends_are_told_apart_by_their_middle():
    values = [Value(1.0, f"encoder.blocks.{i}.attention.heads.0.query.w.1") for i in (1, 2)]
    names = Names(values)
    assert sorted(names[value] for value in values) == [
        "encoder__heads_0_query_w_1",
        "encoder_blocks_1_attention_heads_0_query_w_1",
    ]


def test_a_second_w_is_not_taken_for_w_2():
    first, second, index = Value(1.0, "w"), Value(1.0, "w"), Value(1.0, "w.2")
    for order in ([first, second, index], [index, first, second]):
        names = Names(order)
        assert names[index] == "w_2"
        assert len({names[value] for value in order}) == 3
    twice = [Value(1.0, "w.1"), Value(1.0, "w.1")]
    assert {Names(twice)[value] for value in twice} == {"w_1", "w_1__2"}


def test_a_weighted_sum_is_written_as_one():
    w = [Value(0.5, "w1"), Value(-2.0, "w2")]
    x = [Value(3.0, "x1"), Value(4.0, "x2")]
    written = formula(dot(w, x) ** 2)
    assert written.lines[0].symbolic == "dot([w1, w2], [x1, x2]) ** 2.0", "as it is computed"
    assert written.latex.splitlines()[1] == (
        r"t_{2} &= \left(w_{1} \cdot x_{1} + w_{2} \cdot x_{2}\right)^{2}"
        r" = \left(0.5 \cdot 3 + \left(-2\right) \cdot 4\right)^{2} = 42.25"
    )
    assert explain(dot(w, x), w[0]).place(dot(w, x)).endswith(" = w1 * x1 + w2 * x2")


def test_given_names_go_before_labels():
    x, w = Value(2.0, "x"), Value(3.0)
    z = x * w
    names = {"input": x, "layers.0.w.1": w, "bias": Value(0.0)}
    assert formula(z, names).lines[0].symbolic == "input * layers_0_w_1"
    assert str(explain(z, w, names=names)).startswith("d(t1)/d(layers.0.w.1) = 2\n")
    assert step_through(z, names=names)._walk.names == ["layers.0.w.1", "input", "t1"]
    assert step_through(z, names=names)._walk.labels == {}
    for call in (
        lambda: formula(z, [x]),
        lambda: explain(z, w, names={x: "x"}),
        lambda: step_through(z, names={"x": 1.0}),
    ):
        with pytest.raises(DataTypeError, match="names= maps labels to Values"):
            call()


def test_the_formula_of_a_deep_chain_needs_no_recursion():
    y = Value(0.5, "x")
    for _ in range(20_000):
        y = y * 0.999 + 0.001
    assert same_bits(run(formula(y).python), y.data)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("mul", {"x": "y", "y": "x"}),
        ("exp", {"x": "z"}),
        ("sub", {"x": "1", "y": "-1"}),
        ("div", {"x": "1.0 / y", "y": "-(z / y)"}),
        ("less", {"x": "0", "y": "0"}),
        ("erf", {"x": "1.12838 * exp(-t1 * t1), t1 = clip(x, -40.0, 40.0)"}),
        ("dot", {"x1": "y1"}),
        ("mean", {"x1": "0.5"}),
    ],
)
def test_the_derivatives_of_a_row_in_words(name, texts):
    assert derivative_texts(PRIMITIVES[name]) == texts


def test_a_shared_part_of_a_rule_is_told_after_it(request):
    primitive("twice", lambda x: x, lambda x, z: (lambda t: t * t / 3.0)(tanh(x)))
    request.addfinalizer(lambda: (PRIMITIVES.pop("twice"), delattr(Value, "twice")))
    assert derivative_texts(PRIMITIVES["twice"]) == {"x": "t1 * t1 / 3.0, t1 = tanh(x)"}


def test_a_rule_that_leaves_the_graph_is_not_told_as_a_constant(request):
    primitive("sine", math.sin, lambda x, z: math.cos(x))
    request.addfinalizer(lambda: (PRIMITIVES.pop("sine"), delattr(Value, "sine")))
    assert derivative_texts(PRIMITIVES["sine"]) == {"x": "0.8776 where every operand is 0.5"}


def test_every_row_has_its_derivatives_in_words():
    assert all(len(derivative_texts(op)) == (op.arity or 1) for op in PRIMITIVES.values())


def test_latex_of_names_and_numbers():
    h = Value(1e-7, "hidden_out2")
    assert (
        formula(h + 2.0).lines[0].latex
        == r"t_{1} &= \mathrm{hidden\_out}_{2} + 2 = 1 \cdot 10^{-7} + 2 = 2"
    )
    assert r"\left(1 \cdot 10^{-7}\right)^{2}" in formula(h**2).latex
    assert (
        formula(Value(3.0, "w") / 2.0).lines[0].latex == r"t_{1} &= \frac{w}{2} = \frac{3}{2} = 1.5"
    )


def test_summary_counts_what_is_there():
    x, y = Value(2.0), Value(-1.0)
    z = (x * y).relu() + x.relu() + 3.0
    counted = summary(z)
    assert (counted.nodes, counted.depth, counted.parameters, counted.literals) == (8, 4, 2, 1)
    assert counted.counts == {"add": 2, "relu": 2, "mul": 1}
    assert (counted.units, counted.dead) == (2, 1)
    assert 8 * 96 <= counted.bytes <= 8 * 200
    assert str(counted).splitlines()[0] == f"nodes       {8:>{len(str(counted.bytes))}}"
    assert '<th scope="row">relu</th><td>2</td>' in counted._repr_html_()
    with pytest.raises(DataTypeError, match="summary"):
        summary([z])


def test_summary_of_a_leaf():
    counted = summary(Value(1.0))
    assert (counted.nodes, counted.depth, counted.parameters, counted.counts) == (1, 0, 1, {})


@pytest.mark.parametrize("op", [op for op in PRIMITIVES.values() if op.arity is None], ids=repr)
@pytest.mark.parametrize("n", [6, 16, 18, 1000])
def test_of_a_long_list_terms_are_made_for_what_is_read(op, n):
    asked = []

    def term(i):
        asked.append(i)
        return Term(f"x{i}")

    text = TEXT.operation(op, range(n), term).text
    assert text == TEXT.operation(op, [Term(f"x{i}") for i in range(n)]).text
    assert len(asked) <= 50
    assert ("..." in text) == (n > (16 if op.bilinear else 8))


def test_a_long_sum_of_products_is_read_by_its_ends():
    xs, ys = ([Value(1.0, f"{name}{i}") for i in range(12)] for name in "xy")
    text = "x0 * y0 + x1 * y1 + x2 * y2 + x3 * y3 + ... + x10 * y10 + x11 * y11"
    terms = [Term(v.label) for v in xs + ys]
    assert TEXT.operation(dot(xs, ys).op, terms).text == text
