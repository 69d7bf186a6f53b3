"""explain: all paths are there and add up, the best are the best, remarks name the place."""

import math
import random
import re

import pytest

import autograd
import nn
from autograd import (
    Value,
    dot,
    draw,
    exp,
    explain,
    floor,
    formula,
    log,
    mean,
    relu,
    sign,
    softmax,
    sqrt,
    stop_gradient,
    take,
    tanh,
    where,
)
from autograd.errors import ArgumentError, DataTypeError, StaleValueError


def every_path(root, wrt):
    """All products of local derivatives from root to wrt, by walking them."""
    if root is wrt:
        return [1.0]
    return [
        p * q
        for x, p in zip(root.parents, root.local_derivatives(), strict=True)
        if p is not None
        for q in every_path(x, wrt)
    ]


def random_graph(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1.0, 1.0)) for _ in range(2)]
    for _ in range(12):
        x, y = rng.choice(nodes[-5:]), rng.choice(nodes[-5:])
        nodes.append(
            rng.choice([x * y, x + y, x - y, tanh(x), relu(x), x * x + y, dot([x, y], [y, 0.5])])
        )
    return nodes[-1], nodes[0]


@pytest.mark.parametrize("seed", range(40))
def test_against_walking_every_path(seed):
    root, wrt = random_graph(seed)
    products = every_path(root, wrt)
    found = explain(root, wrt, paths=7)
    assert found.count == len(products)
    assert found.size == pytest.approx(math.fsum(map(abs, products)), rel=1e-12, abs=1e-300)
    sizes = sorted(map(abs, products), reverse=True)[:7]
    assert [abs(path.contribution) for path in found.paths] == pytest.approx(
        sizes, rel=1e-12, abs=1e-300
    )
    whole = explain(root, wrt, paths=len(products) or 1)
    assert math.fsum(path.contribution for path in whole.paths) == pytest.approx(
        found.gradient, rel=1e-12, abs=1e-12 * found.size
    )
    assert whole.covered == pytest.approx(1.0 if found.size else 0.0)
    root.backward()
    assert found.gradient == wrt.grad


def test_by_hand():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    loss = w * x + w * w
    loss.label = "loss"
    found = explain(loss, w)  # d/dw (w x + w w) = x + w + w = 8
    assert found.gradient == 8.0
    assert [path.contribution for path in found.paths] == [3.0, 3.0, 2.0]
    assert [found.share(path) for path in found.paths] == [3 / 8, 3 / 8, 2 / 8]
    assert [edge.local for edge in found.paths[2].edges] == [1.0, 2.0]
    assert str(found) == (
        "d(loss)/d(w) = 8\n"
        "3 paths add up to it.\n\n"
        "path 1: 3, 37.5% of all that flows\n"
        "       1\n"
        "  × 1  1  d(loss)/d(t2)  loss = t1 + t2\n"
        "  × 3  3  d(t2)/d(w)     t2 = w * w\n\n"
        "path 2: 3, 37.5% of all that flows\n"
        "       1\n"
        "  × 1  1  d(loss)/d(t2)  loss = t1 + t2\n"
        "  × 3  3  d(t2)/d(w)     t2 = w * w\n\n"
        "path 3: 2, 25.0% of all that flows\n"
        "       1\n"
        "  × 1  1  d(loss)/d(t1)  loss = t1 + t2\n"
        "  × 2  2  d(t1)/d(w)     t1 = w * x"
    )
    path = (
        r"\text{path 3: } & \frac{\partial \mathrm{loss}}{\partial t_{1}} \cdot "
        r"\frac{\partial t_{1}}{\partial w} = 1 \cdot 2 = 2"
    )
    assert path in found._repr_latex_()


def test_exponentially_many_paths_are_ranked_without_walking_them():
    x = z = Value(1.0, "x")
    for _ in range(300):
        z = 0.5 * z + 0.25 * z
    found = explain(z, x, paths=3)
    assert found.count == 2**300
    assert [path.contribution for path in found.paths] == [
        0.5**300,
        0.5**299 * 0.25,
        0.5**299 * 0.25,
    ]
    assert found.size == pytest.approx(0.75**300, rel=1e-12)
    assert "of about 10^90 paths bring" in str(found)
    assert any(finding.kind == "fades" and finding.edge is None for finding in found.findings)


def test_ranking_neither_overflows_nor_underflows():
    x = z = Value(0.0, "x")
    for _ in range(200):
        z = 1e-4 * z
    y = x
    for _ in range(199):
        y = 1e-4 * y
    best = explain(z + y, x, paths=2)
    assert [len(path.edges) for path in best.paths] == [200, 201]
    assert [path.contribution for path in best.paths] == [0.0, 0.0]


def kinds(found):
    return [finding.kind for finding in found.findings]


def test_where_it_dies():
    x = Value(-2.0, "x")
    groups = {}
    h = relu(x)
    groups[h] = ("layers.0.neurons.3", 4)
    found = explain(h * 3.0, x, groups)
    assert found.gradient == 0.0
    assert kinds(found) == ["dies"]
    assert found.findings[0].edge.result is h
    assert (
        found.findings[0].text
        == "dies at t1 = relu(x) in layers.0.neurons.3, call 4: local derivative 0"
    )


def test_where_it_fades_explodes_and_turns_nan():
    x = Value(9.0, "x")
    assert kinds(explain(tanh(x), x)) == ["fades"]
    assert kinds(explain(exp(x), x)) == ["explodes"]
    zero = Value(0.0, "zero")
    found = explain(sqrt(zero) * 2.0, zero)
    assert kinds(found) == ["nan"]
    assert found.findings[0].text == "turns inf at t1 = sqrt(zero): local derivative inf"
    assert found.gradient == math.inf
    assert "path 1: inf" in str(found)


def test_infinities_of_both_signs():
    x = Value(0.0, "x")
    found = explain(sqrt(x) * 2.0 - sqrt(x) + x, x, paths=2)
    assert [path.contribution for path in found.paths] == [math.inf, -math.inf]
    assert math.isnan(found.gradient)
    assert "paths bring nan." in str(found)
    found = explain(sqrt(x) * 2.0 + x + x * 2.0, x, paths=1)
    assert "The largest 1 of 3 paths bring inf.\n" in str(found), "the others bring 3, not nan"
    assert "of all that flows" not in str(found), "not 0.0% for a finite path"
    found = explain(sqrt(x) * 2.0 + x, x)
    assert [math.isnan(found.share(path)) for path in found.paths] == [True, True]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda x: sqrt(x) * 2.0 - sqrt(x), "turns nan at x: inf and -inf meet in the sum of 2"),
        (lambda x: sqrt(u := x * 3.0) - sqrt(u), "turns nan at t1 = x * 3.0: inf and -inf meet"),
        (lambda x: x * 1.7e308 + x * 1.7e308, "turns inf at x: the sum of 2 finite gradients"),
        (lambda x: sum([x * 1.7e308] * 2 + [x * -1.7e308]), "turns inf at t1 = x * 1.7e+308"),
        (lambda x: -(u := x * 0.5) * 1.7e308 - u * 1.7e308, "turns -inf at t1 = x * 0.5: the sum"),
    ],
)
def test_a_sum_that_turns_nan_or_infinite_is_told(build, said):
    x = Value(0.0, "x")
    found = explain(build(x), x)
    assert not math.isfinite(found.gradient)
    assert any(finding.text.startswith(said) for finding in found.findings), found
    assert found.findings[0].kind == "nan"


def test_many_sums_that_overflow_are_counted():
    x = Value(0.0, "x")
    shares = [x * 1.0 for _ in range(9)]
    found = explain(sum([u * 1.7e308 for u in shares + shares]), x)
    assert "and 4 more such sums (nan)" in str(found)


def test_what_may_be_rounding_is_not_told_as_what_others_bring():
    x = Value(1.0, "x")
    found = explain(x * 0.1 + x * 0.2 + x * 0.3 + x * 1e-30, x, paths=3)
    assert "the others bring next to nothing." in str(found)
    found = explain(x * 0.1 + x * 0.2 + x * 0.3 + x * 1e-3, x, paths=3)
    assert "the others bring 0.001." in str(found)
    found = explain(relu(-x) + relu(x * -2.0), x, paths=1)
    assert "The largest 1 of 2 paths bring 0; the others bring 0." in str(found)


def test_sign_changes_and_cancellation():
    x = Value(1.0, "x")
    found = explain(1.0 - x + 0.99 * x, x)
    assert kinds(found) == ["cancels", "flips"], "the worst first"
    assert found.findings[1].edge.local == -1.0


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda x: (x * 1e-200) * 1e-200, "underflows to 0 at t1 = x * 1e-200"),
        (lambda x: exp(x * -700.0) * 1e-300, "underflows to 0 at t2 = exp(t1)"),
        (lambda x: tanh(relu(x * 5e-324)) * 0.25, "underflows to 0 at"),
        (lambda x: sum([x * 1e-200, x * 1e-200]) * 1e-200, "underflows to 0 at t1"),
        (lambda x: exp(x * -3000.0), "dies at t2 = exp(t1)"),
    ],
)
def test_a_product_that_underflows_is_told_where_it_does(build, said):
    x = Value(1.0, "x")
    found = explain(build(x), x)
    assert found.gradient == 0.0
    assert said in str(found)
    assert found.findings[0].kind == "dies"


@pytest.mark.parametrize(
    ("build", "cancels"),
    [
        (lambda x: x * 1.7e308 + x * 1.7e308 - x * 1.7e308, False),
        (lambda x: sum([x * 1.7e308, x * 1.7e308, x * -1.7e308]), False),
        (lambda x: x * 1.7e308 - x * 1.7e308, True),
        (lambda x: x * 1e308 - x * 0.99e308, False),
        (lambda x: x * 1e307 - x * 0.99e307, True),
    ],
)
def test_what_is_left_of_an_overflowing_sum_of_sizes_is_not_called_little(build, cancels):
    x = Value(1.0, "x")
    assert ("cancels" in kinds(explain(build(x), x))) is cancels


def test_an_infinite_derivative_behind_a_zero_gradient_does_no_harm():
    x = Value(0.0, "x")
    found = explain(where(x > 0, sqrt(x), 0.0) + x, x)
    assert found.gradient == 1.0
    assert "nan" not in str(found)


@pytest.mark.parametrize(
    ("build", "gradient", "said"),
    [
        (lambda x: sqrt(x * 0.0) + x, 1.0, "dies at t1 = x * 0.0"),
        (lambda x: sqrt(0.0 * x) + x, 1.0, "dies at t1 = 0.0 * x"),
        (lambda x: sqrt(dot([x, stop_gradient(x)], [0.0, 0.0])) + x, 1.0, "dies at"),
        (lambda x: sqrt((x - 1.0) * stop_gradient(x - x)), math.nan, "turns nan at"),
        (lambda x: sqrt(relu(-x)), math.nan, "turns nan at t2 = relu(t1): local derivative 0"),
    ],
)
def test_a_zero_meets_an_infinite_gradient_as_in_backward(build, gradient, said):
    x = Value(1.0, "x")
    root = build(x)
    found = explain(root, x)
    root.backward()
    assert found.gradient == pytest.approx(gradient, nan_ok=True)
    assert x.grad == pytest.approx(gradient, nan_ok=True)
    assert said in str(found)
    whole = math.fsum(path.contribution for path in found.paths)
    assert whole == pytest.approx(gradient, nan_ok=True)
    assert ("nan" in str(found)) == math.isnan(gradient)


def test_a_nan_behind_a_zero_does_not_come_before_what_flows():
    x = Value(0.0, "x")
    found = explain(where(0.0, x * math.nan, 0.0) + x * 3.0 + x * 2.0, x, paths=2)
    assert [path.contribution for path in found.paths] == [3.0, 2.0]


def test_an_operand_that_stands_twice_is_remarked_on_once():
    x = Value(0.001, "x")
    assert kinds(explain(x * x, x)) == ["fades"]
    assert kinds(explain((x * x) + (x * x), x)) == ["fades", "fades"], "two nodes"
    two = Value(2.0, "two")
    assert kinds(explain(autograd.max([two, two, Value(5.0)]), two)) == ["dies"]


def test_many_remarks_are_counted_not_listed():
    x = Value(-1.0, "x")
    found = explain(mean([relu(x * i) for i in range(1, 30)]), x)
    assert kinds(found) == ["dies"] * 6
    assert found.findings[-1].text == "and 24 more such places (dies)"


def layered_net():
    x = [Value(0.5), Value(-0.3)]
    W1 = [[Value(0.1 * (i + j + 1), f"w{i}{j}") for j in range(2)] for i in range(3)]
    W2 = [[Value(0.3 - 0.2 * (i - j)) for j in range(3)] for i in range(2)]
    groups = {}
    h = [tanh(dot(row, x)) for row in W1]
    o = [tanh(dot(row, h)) for row in W2]
    for layer, values in (("layers.0", h), ("layers.1", o)):
        for i, value in enumerate(values):
            groups[value] = groups[value.parents[0]] = (f"{layer}.neurons.{i}", 0)
    return x, W1, h, o, (o[0] - 1.0) ** 2 + o[1] ** 2, groups


def product(matrices):
    whole = matrices[0]
    for matrix in matrices[1:]:
        whole = [
            [
                math.fsum(a * b for a, b in zip(row, column, strict=True))
                for column in zip(*matrix, strict=True)
            ]
            for row in whole
        ]
    return whole


def test_the_product_of_the_layers_jacobians_is_the_gradient():
    x, W1, h, o, loss, groups = layered_net()
    for wrt in (x[0], W1[1][0]):
        found = explain(loss, wrt, groups)
        assert [stage.name for stage in found.stages] == [
            "layers.0, call 0",
            "layers.1, call 0",
            "outside every group",
        ]
        assert product([stage.jacobian for stage in reversed(found.stages)]) == [
            [pytest.approx(found.gradient, rel=1e-13)]
        ]
    first, second, last = explain(loss, x[0], groups).stages
    assert (first.outputs, second.outputs, last.outputs) == (second.inputs, last.inputs, [loss])
    assert (first.outputs, second.outputs) == (h, o), "the units of a layer in their order"
    weights = {
        (id(o[i]), id(h[j])): o[i].parents[0].parents[j].data * (1 - o[i].data ** 2)
        for i in range(2)
        for j in range(3)
    }
    assert second.jacobian == [
        [pytest.approx(weights[id(z), id(y)]) for y in second.inputs] for z in second.outputs
    ]
    loss.backward()
    assert first.norm == abs(x[0].grad)
    assert second.norm == pytest.approx(math.sqrt(sum(y.grad**2 for y in h)))


def test_the_norm_of_a_layer_counts_what_passes_this_layer():
    """What passes by, as a shared weight does, has a gradient from earlier layers too."""
    w, h = Value(0.5, "w"), Value(0.3, "h")
    groups, steps = {}, [h]
    for call in range(4):
        steps.append(tanh(w * steps[-1]))
        groups |= {steps[-1]: ("cell", call), steps[-1].parents[0]: ("cell", call)}
    root = steps[-1] + 0.5 * steps[2]  # a way past two steps
    for wrt in (w, h, steps[1]):
        stages = explain(root, wrt, groups).stages
        assert len(stages) > 2
        for i, stage in enumerate(stages):
            rows = product([later.jacobian for later in reversed(stages[i:])])
            assert stage.norm == pytest.approx(math.hypot(*rows[0]), rel=1e-13)


def test_with_the_trace_of_a_model():
    model = nn.MLP(2, [3, 3, 1], activation="tanh", seed=1)
    x = [Value(0.5), Value(-1.0)]
    with nn.trace(model) as t:
        loss = (model(x)[0] - 1.0) ** 2
    counts = {
        "layers.0": 3,
        "layers.1": 1,
        "layers.2": 1,
    }  # of paths from a parameter: one for each neuron of every layer above but the last
    for wrt in (*x, *model.parameters()):
        found = explain(loss, wrt, t, paths=99)
        assert found.count == len(found.paths) == (9 if wrt in x else counts[t[wrt][0][:8]])
        assert math.fsum(path.contribution for path in found.paths) == pytest.approx(
            found.gradient, rel=1e-13
        )
        assert product([stage.jacobian for stage in reversed(found.stages)]) == [
            [pytest.approx(found.gradient, rel=1e-13)]
        ]


def test_a_layer_is_called_after_the_part_whose_calls_are_counted():
    """The cell of an RNN is called at every step, the RNN once."""
    model = nn.Sequential(nn.RNN(1, 2, seed=0), nn.Last(), nn.Layer(2, 1, seed=1))
    with nn.trace(model) as t:
        loss = nn.mse([model([[0.1], [0.2]])], [[1.0]])
    names = [stage.name for stage in explain(loss, model.parameters()[0], t).stages]
    assert names == [
        "layers.0.cell, call 0",
        "layers.0.cell, call 1",
        "layers.2, call 0",
        "outside every group",
    ]
    gpt = nn.GPT(4, n_embd=2, n_head=1, n_layer=1, block_size=2, seed=0)
    with nn.trace(gpt) as t:
        loss = nn.cross_entropy(gpt([0, 1]), [1, 2])
    made = {(call.path, call.call_index) for call in t.calls}
    for stage in explain(loss, gpt.parameters()[0], t).stages[:-1]:
        path, _, calls = stage.name.partition(", call")
        assert {(path, int(i)) for i in re.findall(r"\d+", calls)} <= made


def test_a_model_without_parts_is_called_the_model():
    class Cell(nn.Module):
        def __init__(self):
            self.w = Value(0.5)

        def forward(self, h, x):
            return tanh(self.w * h + x)

    cell, h = Cell(), Value(1.0)
    with nn.trace(cell) as t:
        for x in (0.0, 1.0):
            h = cell(h, x)
    found = explain(h * 2.0, cell.w, t)
    assert [stage.name for stage in found.stages] == [
        "the model, call 0",
        "the model, call 1",
        "outside every group",
    ]
    assert "t1 = w * x1 in the model, call 0\n" in f"{found}\n"
    assert [box.call for box in draw(h, groups=t, layout="time")._picture.boxes][-1] == 1


def test_what_passes_a_layer_by_is_not_lost():
    x = Value(0.7, "x")
    a = tanh(x)
    b = tanh(a)
    c = b * a + x  # two skips
    found = explain(c, x, {a: ("a", 0), b: ("b", 0), c: ("c", 0)})
    assert [len(stage.outputs) for stage in found.stages][-1] == 1
    assert product([stage.jacobian for stage in reversed(found.stages)]) == [
        [pytest.approx(found.gradient, rel=1e-13)]
    ]


def test_layers_are_found_below_what_they_all_lie_in():
    x, _, _, _, loss, groups = layered_net()
    within = {value: (f"model.body.{path}", call) for value, (path, call) in groups.items()}
    names = [stage.name for stage in explain(loss, x[0], within).stages]
    assert names == [
        "model.body.layers.0, call 0",
        "model.body.layers.1, call 0",
        "outside every group",
    ]


def test_rows_of_a_batch_are_side_by_side():
    w, groups, loss = Value(0.5, "w"), {}, Value(0.0)
    for row in range(5):
        h = tanh(w * (row + 1.0))
        groups[h] = groups[h.parents[0]] = ("layers.0", row)
        loss = loss + h
    found = explain(loss, w, groups)
    assert [(stage.name, len(stage.outputs)) for stage in found.stages] == [
        ("layers.0, calls 0 to 4", 5),
        ("outside every group", 1),
    ]
    assert product([stage.jacobian for stage in reversed(found.stages)]) == [
        [pytest.approx(found.gradient, rel=1e-13)]
    ]


def test_every_call_of_a_recurrent_cell_is_a_layer():
    w = Value(0.9, "w")
    state, groups = Value(1.0), {}
    for step in range(4):
        state = tanh(w * state)
        groups[state] = groups[state.parents[0]] = ("cell", step)
    found = explain(state, w, groups)
    assert [stage.name for stage in found.stages] == [f"cell, call {i}" for i in range(4)]
    within = {value: (f"net.{path}.neurons.0", call) for value, (path, call) in groups.items()}
    assert [stage.name for stage in explain(state, w, within).stages] == [
        f"net, call {i}" for i in range(4)
    ]
    assert product([stage.jacobian for stage in reversed(found.stages)]) == [
        [pytest.approx(found.gradient, rel=1e-13)]
    ]


def test_a_large_graph_in_one_sweep():
    x = z = Value(1.0, "x")
    for _ in range(5000):
        z = z * 0.9999 + x * 1e-4
    found = explain(z, x)
    assert found.count == 5001
    z.backward()
    assert found.gradient == x.grad
    assert "factors" in str(found)
    assert len(str(found)) < 20_000


def test_what_does_not_depend_and_the_value_itself():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    assert explain(a * 2.0, b).gradient == 0.0
    assert "does not depend on b" in str(explain(a * 2.0, b))
    assert (explain(a, a).gradient, explain(a, a).count) == (1.0, 1)
    h = a * 2.0
    assert explain(h * h, h).gradient == 4.0
    two = h.parents[1]  # a plain number
    assert [explain(h, two).gradient, explain(h * h, two).count] == [0.0, 0]
    assert "does not depend on" in str(explain(h, two))


def test_hostile_labels_and_paths():
    w = Value(2.0, "</td><script>alert(1)</script>$\\href{x}{y}$\x1b[31m")
    h = w * w
    found = explain(h, w, {h: ("<b>&\x1b[31m\u202e", 0)})
    for text in (str(found), found._repr_html_(), found._repr_latex_()):
        assert "<script" not in text
        assert "<b>" not in found._repr_html_()
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "href{" not in text


@pytest.mark.parametrize("label", ["2", "2.0", "1e5", "1_000", ".5", "5.", "2E3", "inf", "nan"])
def test_a_label_that_reads_as_a_number_is_seen_to_be_a_name(label):
    x, w = Value(3.0, label), Value(7.0, "w")
    assert f"= {label} * w" not in str(explain(x * w, w))
    assert f"d({label})" not in str(explain(x * w, x))
    assert f"= {label} * w" not in str(formula(x * w))


def test_bad_arguments():
    x = Value(1.0)
    y = x * 2.0
    with pytest.raises(DataTypeError, match="explain"):
        explain(y, 2.0)
    with pytest.raises(DataTypeError, match="explain"):
        explain([y], x)
    with pytest.raises(ArgumentError, match="paths"):
        explain(y, x, paths=0)
    with pytest.raises(DataTypeError, match="groups"):
        explain(y, x, {y: "layers.0"})
    with pytest.raises(DataTypeError, match="groups"):
        explain(y, x, [y])
    x.data = 3.0
    with pytest.raises(StaleValueError):
        explain(y, x)


def test_a_domain_is_no_obstacle_to_an_explanation():
    x = Value(1e-5, "x")
    assert kinds(explain(log(x), x)) == ["explodes"]


def edges_without_derivative():
    """(root, wrt, gradient by hand): some edges between carry no derivative."""
    x, y = Value(0.3, "x"), Value(-0.2, "y")
    # softmax([x, y])[0] = 1 / (1 + exp(y - x))
    p = 1.0 / (1.0 + math.exp(-0.5))
    yield softmax([x, y])[0], x, p * (1.0 - p)
    yield x - stop_gradient(x * 2.0), x, 1.0
    yield x * stop_gradient(x), x, 0.3
    yield floor(x * 3.0) + x * x, x, 0.6
    yield sign(x * 3.0) * x, x, 1.0
    yield where(x * 2.0 > y, x * 5.0, y), x, 5.0
    yield where(x * 2.0 > y, x * 5.0, y), y, 0.0
    yield take([x * 4.0, y], x * 0.0), x, 4.0
    yield stop_gradient(x) * 2.0, x, 0.0
    yield floor(floor(x) + y), x, 0.0


@pytest.mark.parametrize("case", range(10))
def test_edges_that_carry_no_derivative_are_on_no_path(case):
    root, wrt, gradient = list(edges_without_derivative())[case]
    found = explain(root, wrt, {root: ("layer", 0)})
    assert found.gradient == pytest.approx(gradient, rel=1e-15)
    products = every_path(root, wrt)
    root.backward()
    assert found.gradient == wrt.grad
    assert math.fsum(path.contribution for path in found.paths) == pytest.approx(gradient)
    assert found.count <= len(products)
    assert (found.count == 0) == ("carry no derivative" in str(found))
    found._repr_html_()
    found._repr_latex_()


def random_graph_with_steps(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1.0, 1.0)) for _ in range(2)]
    for _ in range(14):
        x, y, w = (rng.choice(nodes[-5:]) for _ in range(3))
        nodes.append(
            rng.choice(
                [
                    x * y,
                    x + y,
                    tanh(x),
                    floor(x) + y,
                    x - stop_gradient(y),
                    where(x > y, y, w),
                    take([x, y, w], floor(abs(tanh(w)))),
                    sign(x),
                    softmax([x, y, w])[1],
                ]
            )
        )
    return nodes[-1], nodes[0]


@pytest.mark.parametrize("seed", range(60))
def test_among_steps_and_conditions_the_gradient_is_backwards(seed):
    root, wrt = random_graph_with_steps(seed)
    found = explain(root, wrt, paths=10_000)
    root.backward()
    assert found.gradient == wrt.grad
    assert math.fsum(path.contribution for path in found.paths) == pytest.approx(
        found.gradient, rel=1e-12, abs=1e-12 * found.size
    )


def test_a_softmax_net_and_attention_are_explained():
    model = nn.MLP(2, [3, 3], output="softmax", seed=3)
    with nn.trace(model) as t:
        out = model([1.0, 2.0])[0]
    out.backward()
    for p in model.parameters():
        found = explain(out, p, t)
        assert found.gradient == p.grad
        assert product([stage.jacobian for stage in reversed(found.stages)]) == [
            [pytest.approx(found.gradient, rel=1e-12, abs=1e-300)]
        ]


def test_attention_is_explained():
    rows = [[Value(0.1 * i - 0.3 * j, f"x{i}{j}") for j in range(2)] for i in range(3)]
    scores = [dot(rows[2], row) for row in rows]  # the last row attends to all
    out = dot(softmax(scores), [row[0] for row in rows])
    out.backward()
    for x in [x for row in rows for x in row]:
        assert explain(out, x).gradient == x.grad


def test_every_death_on_the_way_is_named():
    w, b = Value(-2.0, "w"), Value(1.0, "b")
    h = relu(w * 2.0 + b)
    outer = relu(h - 1.0)
    found = explain((outer - 1.0) ** 2, w)
    assert found.gradient == 0.0
    assert [finding.edge.result for finding in found.findings] == [outer, h]
    assert [finding.text[:13] for finding in found.findings] == ["dies at t5 = ", "dies again at"]


@pytest.mark.parametrize(
    ("build", "first", "second"),
    [
        (lambda h, x: relu(h - 1.0) * 2.0, "dies at t4", "dies again at t2"),
        (lambda h, x: h - h, "dies at t2", None),  # cancelled, not dead, where it comes to h
        (lambda h, x: relu(h - 1.0) - h + h, "dies at t2", "dies at t4"),
        (lambda h, x: relu(h - 1.0) + x * 1e-200 * 1e-200, "dies at t4", "dies again at t2"),
        (lambda h, x: (h * 1e-200) * 1e-200, "underflows to 0 at t3", "dies again at t2"),
    ],
)
def test_a_death_is_the_second_only_behind_a_first(build, first, second):
    x = Value(1.0, "x")
    h = relu(x - 5.0)
    found = explain(build(h, x), x)
    assert found.gradient == 0.0
    deaths = [finding.text for finding in found.findings if finding.kind == "dies"]
    assert any(text.startswith(first) for text in deaths), deaths
    assert sum(text.startswith("dies again") for text in deaths) == (second or "").count("again")
    assert second is None or any(text.startswith(second) for text in deaths), deaths


def test_a_product_that_is_nan_changes_no_sign():
    zero = Value(0.0, "zero")
    found = explain(-sqrt((-zero) * stop_gradient(zero)), zero)
    assert math.isnan(found.gradient)
    flips = [finding.edge for finding in found.findings if finding.kind == "flips"]
    before = [edge for edge in found.paths[0].edges[:2] if edge.local < 0.0]
    assert flips == before, "not the minus behind the nan"


def test_deaths_in_every_row_of_dead_units_are_named():
    x = Value(1.0, "x")
    first = [relu(x * -1.0 - i) for i in range(2)]
    second = [relu(first[0] + first[1] - 1.0 - i) for i in range(2)]
    found = explain(second[0] + second[1], x)
    dead = {finding.edge.result for finding in found.findings if finding.edge}
    assert dead == {*first, *second}


def test_a_death_beside_a_living_path_is_told_and_what_lies_behind_it_is_not():
    x = Value(1.0, "x")
    behind = relu(-x)
    side = relu(behind - 1.0)
    found = explain(x * 3.0 + side, x)
    assert found.gradient == 3.0
    assert [finding.edge.result for finding in found.findings] == [side]


def test_a_path_of_zero_changes_no_sign():
    x = Value(-1.0, "x")
    assert kinds(explain(-relu(x), x)) == ["dies"]


def test_twenty_thousand_terms_and_a_chain_of_forty_thousand():
    x = Value(0.5, "x")
    found = explain(autograd.sum([x * (i * 1e-5) for i in range(20_000)]), x)
    assert found.count == 20_000
    assert found.gradient == pytest.approx(math.fsum(i * 1e-5 for i in range(20_000)), rel=1e-13)
    assert len(str(found)) < 10_000
    w = [Value(0.001) for _ in range(10_000)]
    assert explain(dot(w, [x] * 10_000), x).count == 10_000
    z = x
    for _ in range(40_000):
        z = z * 0.999975
    found = explain(z, x, paths=1)
    assert found.gradient == pytest.approx(math.exp(-1.0), rel=1e-4)
    assert "39,976 factors" in str(found)


def test_parameters_have_the_names_of_the_model():
    model = nn.MLP(2, [2, 1], seed=1)
    with nn.trace(model) as t:
        loss = model([1.0, -0.5])[0] ** 2
    path, w = next((path, p) for path, p in model.named_parameters() if path.endswith("w.1"))
    found = explain(loss, w, t)
    assert str(found).startswith("d(t")
    assert f"/d({path}) = " in str(found).splitlines()[0]
    assert path.replace(".", "_") in formula(loss, groups=t).python


def test_in_a_notebook_one_table_and_the_worst_finding_are_in_sight():
    x = Value(1.0, "x")
    html = explain(1.0 - x + 0.99 * x, x)._repr_html_()
    seen = html.split("<details>")[0]
    assert html.count("<table>") == 2
    assert html.count("<summary>1 more path</summary>") == 1
    assert seen.count("cancels") == 1
    assert "changes its sign" not in seen
    assert "<td>×&nbsp;1</td>" in html
    assert "<td>x" not in html
