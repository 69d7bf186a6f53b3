"""The page's engine, without a document: it follows edits and descends as Python does."""

import json
import math
import random
import re

import pytest
from test_page import HOSTILE, net, small
from test_page_rows import SPECIAL, difference, needs_node, run_in_node

import autograd
import nn
from autograd import (
    PRIMITIVES,
    Value,
    draw,
    exp,
    floor,
    primitive,
    relu,
    step_through,
    stop_gradient,
    where,
)
from autograd.drawing.sources import text_of
from autograd.drawing.stepping.live import live_rows
from autograd.drawing.stepping.page import graph_data, rows_of
from autograd.drawing.stepping.training import Training
from autograd.drawing.stepping.walk import walk
from autograd.errors import ArgumentError, DataTypeError, DrawingError


def engine_of(walked, training=None):
    """A script that defines `engine`, as the page has it."""
    used = rows_of(walked)
    live = live_rows(used, used)
    data = json.dumps(graph_data(walked, list(used), live, training), allow_nan=False)
    engine = text_of("stepping/engine.js")
    return f"{engine}const engine = makeEngine({data}, {live.script});\n"


def random_graph(rng):
    """A graph of rows of all kinds, with literals, shared operands, steps and kinks."""
    leaves = [Value(rng.uniform(-2.0, 2.0), f"x{i}") for i in range(4)]
    nodes = list(leaves)
    rows = [op for op in PRIMITIVES.values() if op.name in autograd.__all__ or op.precedence]
    while len(nodes) < 84:
        op = rng.choice(rows)
        pick = nodes[-12:] + leaves
        count = op.arity or (2 * rng.randint(1, 3) if op.bilinear else rng.randint(1, 5))
        xs = [rng.choice(pick) if rng.random() < 0.8 else rng.uniform(-2, 2) for _ in range(count)]
        if op.name == "take":
            xs = [rng.choice(pick), rng.choice(pick), float(rng.randint(0, 1))]
        if not any(isinstance(x, Value) for x in xs):
            xs[0] = leaves[0]
        try:
            z = op.function(xs) if op.arity is None else op.function(*xs)
        except ValueError:  # outside the domain
            continue
        nodes.append(z if abs(z.data) < 1e3 else z.tanh())
    return autograd.sum([autograd.tanh(z) for z in nodes[-6:]]), leaves


def again(walked, changed):
    """The data and gradients of the graph with other leaves, computed afresh in Python."""
    made = {}
    for value in walked.order:
        xs = [made[x] for x in value.parents]
        if value in changed:
            made[value] = Value(changed[value])
        elif not value.parents:
            made[value] = Value(value.data) if value.op.name == "leaf" else value.data
        else:
            op = value.op
            made[value] = op.total(xs) if op.arity is None else op.total(*xs)
    return made


@needs_node
@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_follow_edits_as_python_computes_them(seed):
    rng = random.Random(seed)
    root, leaves = random_graph(rng)
    walked = walk(root, {})
    position = {value: i for i, value in enumerate(walked.order)}
    reached = [x for x in leaves if x in position]
    edits = [[position[rng.choice(reached)], rng.choice([rng.uniform(-3, 3)] * 3 + SPECIAL[:25])]
             for _ in range(6)]  # fmt: skip
    script = engine_of(walked) + (
        "const run = (edits) => edits.map(([i, x]) => { engine.data[i] = x; engine.recompute();"
        " return [[...engine.data], [...engine.gradients]]; });"
    )
    changed = {}
    for (i, x), (data, gradients) in zip(edits, run_in_node(script, edits), strict=True):
        changed[walked.order[i]] = x
        made = again(walked, changed)
        fresh = walk(made[root], {})
        number_of = {value: k for k, value in enumerate(fresh.order)}
        for value, a, g in zip(walked.order, data, gradients, strict=True):
            b = made[value]
            if not isinstance(b, Value):
                continue
            assert difference(a, b.data) <= 1e-12
            if b in number_of:
                assert gradients_agree(g, fresh.gradients[number_of[b]])


def gradients_agree(a, b):
    if a is None or b is None:
        return a is b
    return difference(a, b) <= 1e-12 or abs(a - b) <= 1e-12 * max(1.0, abs(a))


@needs_node
def test_thirty_steps_of_descent_are_those_of_python():
    model = nn.MLP(2, [4, 1], activation="tanh", seed=2)
    X, y = nn.data.moons(6, seed=1)

    def loss_of():
        return nn.hinge([model(row) for row in X], y)

    with nn.trace(model) as t:
        loss = loss_of()
    walked = walk(loss, t)
    script = engine_of(walked) + (
        "const run = ([rate, steps]) => [engine.descend(LEARNING, rate, steps), engine.data];"
    ).replace("LEARNING", str(walked.learning))
    losses, data = run_in_node(script, [0.1, 30])
    expected = []
    for _ in range(30):
        model.zero_grad()
        loss_of().backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        expected.append(loss_of().data)
    assert losses == pytest.approx(expected, rel=1e-12)
    for i in walked.learning:
        assert data[i] == pytest.approx(walked.order[i].data, rel=1e-12)


@needs_node
def test_every_gradient_agrees_with_its_finite_difference():
    walked = walk(small(), {})
    script = (
        engine_of(walked) + "const run = () => engine.names.map((_, i) => engine.difference(i));"
    )
    for value, gradient, found in zip(
        walked.order, walked.gradients, run_in_node(script, []), strict=True
    ):
        if value.op.name != "literal":
            assert found == pytest.approx(gradient, abs=1e-8)


@needs_node
def test_undefined_numbers_are_told_where_python_would_refuse_them():
    x = Value(2.0, "x")
    walked = walk(autograd.log(x) * 2.0, {})
    script = engine_of(walked) + (
        "const run = (xs) => xs.map((x) => {"
        "engine.data[engine.names.indexOf('x')] = x; engine.recompute(); return engine.badAt; });"
    )
    log = next(i for i, value in enumerate(walked.order) if value.op.name == "log")
    assert run_in_node(script, [3.0, 0.0, -1.0, 1.0]) == [None, log, log, None]


def training_net(sizes, rows, seed=3):
    """A net on moons as the graph of one row, with its rows."""
    model = nn.MLP(2, sizes, activation="tanh", seed=seed)
    X, y = nn.data.moons(rows, seed=1)
    targets = [float(label) for label in y]
    x = [Value(X[0][0], "x1"), Value(X[0][1], "x2")]
    target = Value(targets[0], "y")
    with nn.trace(model) as t:
        output = model(x)[0]
        loss = (output - target) ** 2
    return model, loss, t, Training(x, target, [output], X, targets)


@needs_node
@pytest.mark.parametrize(
    ("loss", "n_out"),
    [
        (nn.mse, 1),
        (nn.mae, 1),
        (nn.huber, 1),
        (nn.hinge, 1),
        (nn.binary_cross_entropy, 1),
        (nn.cross_entropy, 2),
        (nn.cross_entropy, 3),
    ],
)
def test_twenty_epochs_in_the_page_are_those_of_fit(loss, n_out):
    model = nn.MLP(2, [8, 8, n_out], activation="tanh", seed=3)
    X, y = nn.data.moons(100, seed=1)
    if n_out == 3:
        y = [k % 3 for k in range(100)]
    made = nn.training_page(model, X, y, loss=loss, row=7)
    walked, training = made._walk, made._training
    assert {walked.order[i] for i in walked.learning} == set(model.parameters())
    numbers = training.by_number(walked.order)
    placed = [*numbers["inputs"], numbers["target"]]
    script = engine_of(walked, training) + (
        f"const run = (table) => Array.from({{ length: 20 }}, () =>"
        f" engine.epoch({placed}, table, {walked.learning}, 0.05));"
    )
    losses = run_in_node(script, numbers["rows"])
    optimizer = nn.SGD(model.parameters(), lr=0.05)
    history = nn.fit(model, X, y, loss=loss, optimizer=optimizer, epochs=20, progress=False)
    assert losses == pytest.approx(history["loss"], rel=1e-9)


def hard(outputs, targets):
    """A loss that Python chooses, row by row."""
    e = outputs[0][0] - targets[0]
    return where(e > 0.0, e, -2.0 * e)


def test_a_training_page_refuses_what_it_cannot_show():
    X, y = nn.data.moons(10, seed=1)
    with pytest.raises(DrawingError, match="1 to 6 outputs"):
        nn.training_page(nn.MLP(2, [7]), X, y, loss=nn.cross_entropy)
    with pytest.raises(ArgumentError, match=r"target 2\.0 is no class of 2 outputs"):
        nn.training_page(nn.MLP(2, [2]), X, [2] * 10, loss=nn.cross_entropy)
    with pytest.raises(ArgumentError, match="hard chooses by a comparison"):
        nn.training_page(nn.MLP(2, [1]), X, y, loss=hard)
    with pytest.raises(ArgumentError, match="mse wants a target for each of 2 outputs"):
        nn.training_page(nn.MLP(2, [2]), X, y, loss=nn.mse)
    drops = nn.Sequential(nn.Layer(2, 2, seed=1), nn.Dropout(0.5), nn.Layer(2, 1, seed=1))
    with pytest.raises(ArgumentError, match=r"call model\.eval"):
        nn.training_page(drops, X, y, loss=nn.mse)
    drops.eval()
    nn.training_page(drops, X, y, loss=nn.mse)
    with pytest.raises(ArgumentError, match="row=10"):
        nn.training_page(nn.MLP(2, [1]), X, y, loss=nn.mse, row=10)
    with pytest.raises(DataTypeError, match="rows of numbers"):
        nn.training_page(nn.MLP(2, [1]), X, ["a"] * 10, loss=nn.mse)


def test_training_refuses_what_does_not_fit():
    _, loss, t, training = training_net([2, 1], 5)
    with pytest.raises(DrawingError, match="leaves of the graph"):
        step_through(loss, t, training=training._replace(target=Value(1.0)))
    with pytest.raises(DrawingError, match="1 to 100 rows"):
        step_through(loss, t, training=training._replace(X=training.X * 30))
    with pytest.raises(DrawingError, match="2 numbers"):
        step_through(loss, t, training=training._replace(X=[[1.0]] * 5))
    with pytest.raises(DataTypeError, match="finite numbers"):
        step_through(loss, t, training=training._replace(y=[1.0, 2.0, 3.0, 4.0, "5"]))
    with pytest.raises(DataTypeError, match="Training"):
        step_through(loss, t, training=[1.0])


@pytest.fixture
def made_primitive():
    """Makes rows that are gone after the test."""
    names = []

    def make(name, *rest, **options):
        names.append(name)
        return primitive(name, *rest, **options)

    yield make
    for name in names:
        PRIMITIVES.pop(name)
        if hasattr(Value, name):
            delattr(Value, name)


def reasons_of(root):
    used = rows_of(walk(root, {}))
    return live_rows(used, used).reasons


@needs_node
def test_a_primitive_of_the_users_is_live_if_it_can_be_recorded(made_primitive):
    square = made_primitive("square", lambda x: x * x, lambda x, z: 2.0 * x)
    swish = made_primitive(
        "swish", lambda x, y: x / (1.0 + exp(-x * y)), lambda x, y, z: z * y, lambda x, y, z: x
    )
    cubed = made_primitive(
        "cubed", lambda x: math.pow(x, 3), lambda x, z: 3.0 * x * x, composition=lambda x: x * x * x
    )
    x = Value(2.0, "x")
    root = square(x) + swish(x, 0.5) + cubed(x)
    walked = walk(root, {})
    assert set(reasons_of(root)) == {""}
    script = engine_of(walked) + (
        "const run = (x) => { engine.data[engine.names.indexOf('x')] = x; engine.recompute();"
        " return engine.data[engine.root]; };"
    )
    assert run_in_node(script, 3.0) == pytest.approx(9 + 3 / (1 + math.exp(-1.5)) + 27, rel=1e-14)


@needs_node
def test_a_primitive_that_cannot_be_recorded_freezes_what_it_depends_on(made_primitive):
    odd = made_primitive("odd", lambda x: math.sin(x) if x > 0 else x, lambda x, z: exp(x))
    x, y = Value(2.0, "x"), Value(3.0, "y")
    root = odd(x * 2.0) * y
    assert sum(reason != "" for reason in reasons_of(root)) == 1
    assert any("Python of its own" in reason for reason in reasons_of(root))
    script = engine_of(walk(root, {})) + (
        "const run = () => { engine.data[engine.names.indexOf('y')] = 5; engine.recompute();"
        " return [engine.names.filter((_, i) => engine.fixed[i]), engine.data[engine.root],"
        " engine.difference(engine.names.indexOf('x'))]; };"
    )
    fixed, number, check = run_in_node(
        script.replace("engine.names.filter", "engine.names.map((n, i) => i).filter"), []
    )
    names = [walk(root, {}).names[int(i)] for i in fixed]
    assert "x" in names
    assert "y" not in names
    assert number == pytest.approx(5.0 * math.sin(4.0))
    assert check is None


def test_a_forward_that_gives_another_number_later_is_frozen(made_primitive):
    calls = []
    drift = made_primitive("drift", lambda x: x * float(len(calls)), lambda x, z: 1.0)
    root = drift(Value(2.0))
    calls.append(1)
    assert reasons_of(root) == ["its forward function does not give the same number again"]


def test_a_rule_that_leaves_the_graph_is_frozen(made_primitive):
    sine = made_primitive("sine", math.sin, lambda x, z: math.cos(x))
    mixed = made_primitive("mixed", math.sin, lambda x, z: x * math.cos(x))
    assert "derivative is Python of its own" in reasons_of(sine(Value(1.0)))[0]
    assert "derivative is Python of its own" in reasons_of(mixed(Value(1.0)))[0]


TEXTS = [*HOSTILE, "*/", "//", "\u2028", "</script", "};alert(1);{", "x\r\ny"]


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_the_users_is_in_the_script(text, made_primitive):
    marked = f"marker{text}marker"
    odd = made_primitive(
        "oddly", lambda x: x * 3.0, 3.0, formula=marked, symbol=marked, kinks=marked,
        domain=f"x < 5.0 and x != {marked!r}",
    )  # fmt: skip
    x = Value(2.0, marked)
    z = odd(x)
    z.label = marked
    page = step_through(z * x, {z: (marked, 0)}, names={marked + "y": x}).html
    script = re.search(r"<script>(.*?)</script>", page, re.S)[1]
    assert "marker" in page
    assert re.findall(r"marker(?!-end)", script) == []
    assert page.count("<script") == 2


@needs_node
def test_a_plain_zero_stops_an_infinite_gradient():
    x, w = Value(0.0, "x"), Value(0.0, "w")
    root = autograd.sqrt(x * 0.0) + autograd.sqrt(autograd.dot([x, w], [0.0, w])) + x
    root.backward()
    walked = walk(root, {})
    assert x.grad == 1.0
    assert math.isnan(w.grad)  # 0 times inf, for w * w has no plain 0
    [gradients] = run_in_node(
        engine_of(walked) + "const run = (cases) => cases.map(() => engine.gradients);", [0]
    )
    for value, a, b in zip(walked.order, gradients, walked.gradients, strict=True):
        if value in (x, w):
            assert gradients_agree(a, value.grad)
            assert gradients_agree(b, value.grad)
    assert "x nan" not in draw(root).svg


def test_literals_and_conditions_stay_themselves():
    x = Value(0.5, "x")
    z = floor(x) + relu(x) - stop_gradient(x * 2.0)
    assert set(reasons_of(z)) == {""}
    loss, _ = net(1, 3)
    assert set(reasons_of(loss)) == {""}
