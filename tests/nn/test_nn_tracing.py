"""trace and diagnose: who computed what, and what is wrong with a net."""

import math
import random
from contextlib import ExitStack
from copy import deepcopy
from functools import partial
from pickle import dumps, loads

import pytest
from interruption import Script

import nn
from autograd import Value, softmax, topological_order
from autograd.errors import ArgumentError, LengthError
from nn import tracing


def test_a_trace_names_the_innermost_call_of_every_node():
    model = nn.MLP(2, [2, 1], "tanh")
    with nn.trace(model) as t:
        outputs = [model(x) for x in ([1.0, 2.0], [3.0, 4.0])]
        loss = nn.mse(outputs, [0.0, 1.0])
    for row, (output,) in enumerate(outputs):
        assert t[output] == ("layers.1.neurons.0", row)
        dot, bias = output.parents
        assert t[dot] == ("layers.1.neurons.0", row)
        assert bias is model.layers[1].neurons[0].b
        hidden = dot.parents[2:]
        assert [t[h] for h in hidden] == [(f"layers.0.neurons.{i}", row) for i in (0, 1)]
        assert [
            v.op.name
            for v in topological_order(hidden[0])
            if t.get(v) == ("layers.0.neurons.0", row) and v.parents
        ] == ["dot", "add", "tanh"]
    assert loss not in t
    assert {t[p] for p in model.parameters()} == {
        (f"layers.{i}.neurons.{j}", 0) for i, j in ((0, 0), (0, 1), (1, 0))
    }
    interior = [v for v in topological_order(loss) if v in t and v.parents]
    assert len(interior) == 2 * (2 * 3 + 2)


def test_a_trace_records_calls_with_inputs_and_outputs():
    model = nn.MLP(1, [1, 1])
    with nn.trace(model) as t:
        outputs = model([2.0])
        model([3.0])
    assert [(call.path, call.call_index) for call in t.calls] == [
        (path, i)
        for i in (0, 1)
        for path in ("layers.0.neurons.0", "layers.0", "layers.1.neurons.0", "layers.1", "")
    ]
    assert t.calls[1].inputs == ([2.0],)
    assert t.calls[4].outputs == outputs
    before = len(t.calls)
    model([4.0])
    assert len(t.calls) == before


def test_a_layer_owns_what_its_neurons_did_not_make_and_steps_of_a_cell_are_calls():
    layer = nn.Layer(2, 2, "softmax")
    with nn.trace(layer) as t:
        a, _ = layer([1.0, 2.0])
    assert t[a] == ("", 0)
    rnn = nn.RNN(1, 2)
    with nn.trace(rnn) as t:
        outputs = rnn([[1.0], [2.0], [3.0]])
    assert [t[step[0]] for step in outputs] == [("cell.update.neurons.0", i) for i in range(3)]


def test_a_module_owns_what_it_computes_before_and_between_its_parts():
    class Doubles(nn.Module):
        def __init__(self):
            self.neuron = nn.Neuron(1)

        def forward(self, x):
            self.doubled = x * 2.0
            self.squared = self.neuron([self.doubled]) ** 2
            return self.neuron([self.squared])

    model = Doubles()
    with nn.trace(model) as t:
        out = model(Value(3.0))
    assert t[model.doubled] == t[model.squared] == ("", 0)
    assert [t[out], t[model.squared.parents[0]]] == [("neuron", 1), ("neuron", 0)]


def test_traces_nest_and_know_only_their_own_model():
    one, other = nn.Neuron(1), nn.Neuron(1, seed=1)
    x = Value(1.0)
    with nn.trace(one) as outer:
        with nn.trace(other) as inner:
            a, b = one([x]), other([x])
        c = one([x])
    assert (outer[a], outer[c], inner[b]) == (("", 0), ("", 1), ("", 0))
    assert b not in outer
    assert a not in inner
    assert x not in outer
    with pytest.raises(LengthError), nn.trace(one) as broken:
        one([1.0, 2.0])
    one([x])
    assert not broken.calls
    with nn.trace(one) as first:
        with nn.trace(one):
            pass
        one([x])
    assert len(first.calls) == 1


def test_an_interrupted_trace_ends_with_its_block():
    model = nn.Neuron(1, seed=0)
    made, ends = [], []

    def traced():
        tracing.begun.clear()
        made.append(nn.trace(model))
        with made[-1]:
            model([1.0])
        ends.append(len(made[-1].calls))

    script = Script(traced, (tracing.__file__,))
    for place in script.places:
        made.clear()
        assert script.interrupt(place)
        assert not tracing.listeners()
        before = [len(t.calls) for t in made]
        model([2.0])
        assert [len(t.calls) for t in made] == before
    assert len(script.places) > 100
    assert ends[0] == 1


def test_a_trace_begins_again_after_it_ended_and_not_within_itself():
    model = nn.Neuron(1, seed=0)
    t = nn.trace(model)
    with ExitStack() as stack:
        assert stack.enter_context(t) is t
        model([1.0])
        with pytest.raises(ArgumentError, match="records already"), t:
            pass
        model([2.0])
    model([3.0])
    with t:
        model([4.0])
    assert [call.inputs for call in t.calls] == [([1.0],), ([2.0],), ([4.0],)]
    assert not tracing.listeners()
    assert not tracing.begun


def test_a_copy_of_a_trace_keeps_what_was_recorded():
    model = nn.MLP(1, [1], seed=0)
    with nn.trace(model) as t:
        model([1.0])
    for copied in (deepcopy(t), loads(dumps(t))):
        assert list(copied.values()) == list(t.values())
        assert [call.path for call in copied.calls] == ["layers.0.neurons.0", "layers.0", ""]
        assert list(copied.names) == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.b"]


def deep(activation, init, n=24, depth=6):
    rng = random.Random(0)
    return nn.MLP(n, [n] * depth, activation, activation, init=init, rng=rng), [
        [rng.gauss(0, 1) for _ in range(n)] for _ in range(8)
    ]


def report(model, X):
    targets = [[0.0] * len(model.layers[-1].neurons)] * len(X)
    return nn.diagnose(model, X, targets, lambda outputs, t: nn.mse(outputs, t))


def test_diagnosis_of_a_healthy_net_by_numbers():
    model = nn.MLP(1, [2, 1], "tanh")
    for path, number in zip(model.state_dict(), [0.5, 0.0, -1.0, 0.25, 2.0, 1.0, 0.0], strict=True):
        dict(model.named_parameters())[path].data = number
    X = [[1.0], [-1.0]]
    d = nn.diagnose(model, X, [0.0, 0.0], nn.mse)
    first, last = d.layers
    hidden = [[math.tanh(0.5 * x), math.tanh(-x + 0.25)] for (x,) in X]
    flat = [a for row in hidden for a in row]
    mean = math.fsum(flat) / 4
    assert first.path == "layers.0"
    assert first.mean == pytest.approx(mean, rel=1e-13)
    assert first.std == pytest.approx(
        math.sqrt(math.fsum((a - mean) ** 2 for a in flat) / 4), rel=1e-13
    )
    outputs = [2 * a + b for a, b in hidden]
    assert last.gradient_norm == pytest.approx(
        math.hypot(*outputs), rel=1e-13
    )  # d(mean o^2)/do = 2 o / 2
    slopes = [
        o * w * (1 - a * a)
        for o, row in zip(outputs, hidden, strict=True)
        for w, a in zip((2.0, 1.0), row, strict=True)
    ]
    assert first.gradient_norm == pytest.approx(math.hypot(*slopes), rel=1e-12)
    change = [
        math.fsum(o * row[j] for o, row in zip(outputs, hidden, strict=True)) for j in (0, 1)
    ] + [math.fsum(outputs)]
    assert last.update_ratio == pytest.approx(math.hypot(*change) / math.hypot(2.0, 1.0), rel=1e-12)
    assert (first.dead, first.saturated, d.problems) == (0.0, 0.0, [])
    assert "nothing stands out" in str(d)
    tenth = nn.diagnose(model, X, [0.0, 0.0], nn.mse, nn.SGD(model.parameters(), lr=0.1))
    assert tenth.layers[1].update_ratio == pytest.approx(last.update_ratio / 10, rel=1e-12)


def test_diagnosis_does_not_judge_what_it_cannot_see():
    one_row = nn.diagnose(nn.MLP(8, [64, 64, 1], seed=0), [[1.0, -1.0] * 4], [1], nn.mse)
    assert one_row.layers[0].dead > 0.4, "of one row"
    assert one_row.problems == []


def test_diagnosis_names_a_loss_of_logits_after_sigmoid():
    X, y = nn.data.moons(8)
    model = nn.MLP(2, [4, 1], output="sigmoid")
    assert "layers.1: binary_cross_entropy takes logits: leave out" in str(
        nn.diagnose(model, X, y, nn.binary_cross_entropy)
    )
    assert "logits" not in str(nn.diagnose(model, X, y, nn.mse))


def test_diagnosis_of_a_diverged_net():
    model = nn.MLP(2, [3, 1], seed=0)
    model.layers[0].neurons[0].b.data = math.nan
    assert "layers.0: not finite, the training diverged" in str(
        nn.diagnose(model, [[1.0, 2.0]], [1], nn.mse)
    )
    model.layers[0].neurons[0].b.data = 1e200  # its square is no float
    spread = nn.diagnose(model, [[1.0, 2.0]], [1], nn.mae).layers[0].std
    assert spread == pytest.approx(1e200 * math.sqrt(2) / 3)  # of 1e200 and two small numbers
    model.layers[0].neurons[0].b.data = math.inf
    assert "layers.0: not finite" in str(nn.diagnose(model, [[1.0, 2.0]], [1], nn.mae))


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_diagnosis_blames_data_that_is_not_finite_and_not_the_rate(number):
    model = nn.MLP(2, [3, 1], seed=0)
    advice = "leave the row out or fill it in, and begin with a new model"
    (of_x,) = nn.diagnose(model, [[1.0, 2.0], [1.0, number]], [1, 0], nn.mse).problems
    assert of_x == f"X[1] has {number}, which training spreads to the weights: {advice}"
    (of_y,) = nn.diagnose(model, [[1.0, 2.0], [1.0, 0.0]], [[number], [0]], nn.mse).problems
    assert of_y == f"y[0] has {number}, which training spreads to the weights: {advice}"


def test_a_loss_that_is_not_finite_is_no_healthy_report():
    model = nn.MLP(1, [1], seed=0)
    diagnosis = nn.diagnose(model, [[1.0]], [1e200], nn.mse)  # its square is no float
    assert diagnosis.problems == [
        "the loss is inf: not finite, the training diverged; try a lower rate, clip_norm"
    ]


def test_a_diagnosis_is_a_table_in_a_notebook_and_in_a_terminal():
    model = nn.MLP(1, [2, 1], seed=0)
    diagnosis = nn.diagnose(model, [[1.0], [2.0]], [0, 1], nn.binary_cross_entropy)
    assert repr(diagnosis) == str(diagnosis)
    head, *lines = str(diagnosis).splitlines()
    assert head.split() == ["layer", "mean", "A", "std", "A", "dead", "satur.", "|dL/dZ|", "update"]
    assert [line.split()[0] for line in lines[:2]] == ["layers.0", "layers.1"]
    page = diagnosis._repr_html_()
    assert '<th scope="row">layers.1</th>' in page
    assert page.count("<td>") == 2 * 6
    assert "data=" not in page


def test_layers_without_biases_are_diagnosed():
    model = nn.Sequential(nn.Layer(2, 2, "relu", bias=False, seed=0), nn.Layer(2, 1, seed=1))
    model.layers[0].neurons[0].w[0].data, model.layers[0].neurons[0].w[1].data = 1.0, 1.0
    model.layers[0].neurons[1].w[0].data, model.layers[0].neurons[1].w[1].data = -1.0, 0.0
    report = nn.diagnose(model, [[1.0, 2.0], [2.0, 0.0]], [0.0, 0.0], nn.mse).layers[0]
    assert (report.mean, report.dead) == ((3.0 + 2.0) / 4, 0.5)


def test_diagnosis_changes_nothing():
    model = nn.MLP(1, [2, 1])
    optimizer = nn.Adam(model.parameters())
    model([1.0])[0].backward()
    before = model.state_dict(), [p.grad for p in model.parameters()], optimizer.state_dict()
    nn.diagnose(model, [[1.0]], [0.0], nn.mse, optimizer)
    assert (
        model.state_dict(),
        [p.grad for p in model.parameters()],
        optimizer.state_dict(),
    ) == before


def test_dead_units_are_reported():
    model = nn.MLP(2, [4, 1], seed=0)
    for neuron in model.layers[0].neurons[:3]:
        neuron.b.data = -100.0
    d = nn.diagnose(
        model, [[0.5, 1.0], [1.0, -0.5], [0.1, 0.2], [0.3, -0.4]], [0.0, 1.0, 0.0, 1.0], nn.mse
    )
    assert d.layers[0].dead == 0.75
    assert any(problem.startswith("layers.0: 75% of the units are dead") for problem in d.problems)


@pytest.mark.parametrize(
    ("activation", "init", "word"),
    [
        ("tanh", partial(nn.init.normal, std=0.01), "vanishing"),
        ("tanh", partial(nn.init.normal, std=5.0), "saturated"),
        (None, partial(nn.init.normal, std=0.5), "exploding"),
        ("tanh", partial(nn.init.constant, value=0.1), "symmetric"),
        ("tanh", "zeros", "symmetric"),
    ],
)
def test_what_is_wrong_is_said_in_words(activation, init, word):
    assert word in str(report(*deep(activation, init)))


def test_he_and_relu_are_fine():
    assert report(*deep("relu", "kaiming_normal")).problems == []


def test_a_net_without_any_gradient_is_told_so():
    class Constant(nn.Module):
        def __init__(self):
            self.net = nn.MLP(2, [3, 1], seed=0)

        def forward(self, x):
            return softmax(self.net(x))

    rows = [[1.0, 2.0], [0.5, -1.0]]
    found = nn.diagnose(Constant(), rows, [0.0, 1.0], nn.mse)
    assert ["gradient is 0 at every layer, and the loss is 0.5" in p for p in found.problems] == [
        True
    ]
    assert not nn.diagnose(Constant(), rows, [1.0, 1.0], nn.mse).problems


@pytest.mark.parametrize(
    ("output", "loss", "threshold"),
    [(None, nn.mse, 0.0), ("sigmoid", nn.mse, 0.5), (None, nn.hinge, 0.0)],
)
def test_a_training_page_has_the_threshold_of_the_last_activation(
    output, loss, threshold, tmp_path
):
    X, y = nn.data.moons(8, seed=0)
    model = nn.MLP(2, [3, 1], output=output, seed=0)
    nn.training_page(model, X, [2 * t - 1 for t in y], loss=loss).save(tmp_path / "page.html")
    assert f'"threshold":{threshold}' in (tmp_path / "page.html").read_text()
