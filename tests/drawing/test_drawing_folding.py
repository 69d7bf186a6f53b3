"""Which Values share a box, which part is drawn, and how calls unroll."""

import random
import xml.etree.ElementTree as ET
from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import LEAF, NOT_COMPUTED, Value, dot, draw, mean, tanh
from autograd.drawing.palette import LIGHT, look
from autograd.errors import DrawingError

SVG = "{http://www.w3.org/2000/svg}"


def picture(*roots, **options):
    return draw(*roots, **options)._picture


def titles(*roots, **options):
    return [f"{box.name} {box.symbol}".strip() for box in picture(*roots, **options).boxes]


def net(n_in, sizes, rows, seed=1):
    """The loss of a net on some rows, and its groups: Value -> ("layers.i.neurons.j", row)."""
    groups, number, n = {}, seed, n_in
    layers = []
    for i, size in enumerate(sizes):
        layers.append([])
        for j in range(size):
            weights = []
            for _ in range(n + 1):
                number = number * 16807 % 2147483647  # the generator of Park and Miller
                weights.append(Value(number / 2147483647 - 0.5))
                groups[weights[-1]] = (f"layers.{i}.neurons.{j}", 0)
            layers[-1].append(weights)
        n = size
    losses = []
    for row in range(rows):
        xs = [float(row + k) for k in range(n_in)]
        for i, layer in enumerate(layers):
            outputs = []
            for j, (*w, b) in enumerate(layer):
                a = dot(w, xs)
                z = a + b
                y = tanh(z)
                for value in (a, z, y):
                    groups[value] = (f"layers.{i}.neurons.{j}", row)
                outputs.append(y)
            xs = outputs
        losses.append((xs[0] - 1.0) ** 2)
    loss = mean(losses)
    loss.label = "loss"
    loss.backward()
    return loss, groups


def recurrent(steps):
    """A loss over all steps of a cell h = tanh(w h + u x), y = v h, and its groups."""
    w, u, v, h = Value(0.5, "w"), Value(0.25, "u"), Value(2.0, "v"), 0.0
    groups = {w: ("cell", 0), u: ("cell", 0), v: ("readout", 0)}
    losses = []
    for t in range(steps):
        a = dot([w, u], [h, 1.0])
        h = tanh(a)
        y = v * h
        groups.update({a: ("cell", t), h: ("cell", t), y: ("readout", t)})
        losses.append((y - 1.0) ** 2)
    loss = mean(losses)
    loss.backward()
    return loss, groups


def test_a_small_graph_is_shown_as_it_is():
    loss, groups = net(2, [3, 1], rows=1)
    assert len(picture(loss, groups=groups).boxes) == 3 * (2 + 2 + 1 + 3) + (3 + 1 + 3) + 5
    assert not [box for box in picture(loss, groups=groups).boxes if box.kind == "group"]


def test_neurons_first_then_layers_and_the_calls_of_one_group_together():
    loss, groups = net(2, [3, 1], rows=20)
    assert titles(loss, groups=groups) == [
        "layers.0.neurons.2 20 calls",
        "layers.0.neurons.1 20 calls",
        "layers.0.neurons.0 20 calls",
        "layers.1.neurons.0 20 calls",
        "-",
        "**",
        "loss mean",
    ]
    loss, groups = net(2, [16, 16, 1], rows=1)  # one box a neuron would need 272 arrows
    assert titles(loss, groups=groups) == [
        "2",
        "1",
        "layers.0",
        "layers.1",
        "layers.2",
        "-",
        "**",
        "loss mean",
    ]


def test_what_a_folded_box_says():
    loss, groups = net(2, [3, 1], rows=20)
    box = picture(loss, groups=groups, fold=1).boxes[0]
    members = [value for value, (path, _) in groups.items() if path.startswith("layers.0")]
    outputs = [value for value in members if value.op.name == "tanh"]
    norm = hypot(*[value.grad for value in outputs])
    literals = 20 * 3 * 2  # the inputs of each neuron
    assert (box.kind, box.name, box.symbol) == ("group", "layers.0", "20 calls")
    assert box.rows == (
        ("nodes", str(len(members) + literals)),
        ("|grad|", f"{norm:.4g}"),
    )
    assert len(outputs) == 60
    assert box.gradient == pytest.approx(norm, rel=1e-12)
    svg = draw(loss, groups=groups, fold=1).svg
    assert "454 nodes folded into 5 boxes; |grad|: the norm at the outputs" in svg
    assert "number at an arrow" not in svg  # there are only counts of edges
    assert "120 literal\n60 dot\n60 add\n60 tanh\n9 leaf" in box.tooltip


def test_arrows_between_folded_boxes_count_their_edges_and_have_the_norm_of_what_flows():
    loss, groups = net(2, [3, 1], rows=20)
    drawn = picture(loss, groups=groups, fold=1)
    assert [(arrow.source, arrow.target, arrow.text) for arrow in drawn.arrows] == [
        (0, 1, "60 edges"),
        (1, 2, "20 edges"),
        (2, 3, "20 edges"),
        (3, 4, "20 edges"),
    ]
    outputs = [
        value
        for value, (path, _) in groups.items()
        if path == "layers.1.neurons.0" and value.op.name == "tanh"
    ]
    grads = [value.grad for value in outputs]
    assert max(grads) < 0
    assert drawn.arrows[1].flow == pytest.approx(-hypot(*grads), rel=1e-12)
    assert [arrow.mixed for arrow in drawn.arrows] == [True, False, False, False]


def test_edges_of_both_signs_do_not_cancel_to_nothing_in_a_bundle():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    z = (x + y) - (x + 2.0 * y)
    z.backward()
    keys = {"add": "sums", "mul": "sums"}
    (bundle,) = picture(z, fold=lambda value: keys.get(value.op.name)).arrows[-1:]
    assert (bundle.text, bundle.mixed) == ("2 edges", True)
    assert bundle.flow == pytest.approx(2**0.5)


def test_calls_stay_apart_where_there_is_room_and_share_their_parameters():
    loss, groups = net(2, [3, 1], rows=3)
    drawn = titles(loss, groups=groups, fold=1)
    assert [title for title in drawn if title.startswith("layers")] == [
        "layers.1 parameters",
        "layers.0 parameters",
        *(f"layers.{i} call {row}" for row in (2, 1, 0) for i in (0, 1)),
    ]
    assert [
        title for title in titles(*net(2, [3, 1], rows=20)[:1], groups=groups) if "call" in title
    ] == []


def test_an_expanded_group_shows_one_level_more():
    loss, groups = net(2, [3, 2, 1], rows=1)
    folded = titles(loss, groups=groups, fold=1)
    assert [title for title in folded if title.startswith("layers")] == [
        "layers.0",
        "layers.1",
        "layers.2",
    ]
    opened = titles(loss, groups=groups, fold=1, expand="layers.1")
    assert [title for title in opened if title.startswith("layers")] == [
        "layers.0",
        "layers.1.neurons.1",
        "layers.1.neurons.0",
        "layers.2",
    ]
    neuron = titles(loss, groups=groups, fold=1, expand=[("layers.1.neurons.0", 0), "layers.1"])
    assert neuron.count("tanh") == 1
    assert "layers.1.neurons.1" in neuron
    with pytest.raises(
        DrawingError, match=r"names no group; groups= has 'layers\.0\.neurons\.0', "
    ):
        draw(loss, groups=groups, expand="layers.7")


def test_without_groups_the_graph_folds_by_level_and_operation():
    loss, _ = net(2, [3, 1], rows=30)
    drawn = picture(loss)
    assert [(box.name, box.rows[0]) for box in drawn.boxes] == [
        ("dot", ("nodes", "276")),  # 90 results, 6 weights, 180 inputs
        ("+", ("nodes", "93")),
        ("tanh", ("nodes", "90")),
        ("dot", ("nodes", "33")),
        ("+", ("nodes", "31")),
        ("tanh", ("nodes", "30")),
        ("-", ("nodes", "60")),
        ("**", ("nodes", "60")),
        ("loss", ("data", f"{loss.data:.4g}")),
    ]


def test_a_long_chain_without_groups_folds_into_slices():
    x = Value(0.5, "x")
    for _ in range(1000):
        x = tanh(x)
    drawn = titles(x)
    assert drawn[:2] == ["levels 0 to 62", "levels 63 to 125"]
    assert len(drawn) == 17


def test_a_function_folds_as_it_likes_and_none_keeps_a_box():
    x = Value(1.0, "x")
    root = tanh(x * 2.0 + 1.0) ** 2.0
    assert titles(
        root, fold=lambda value: "affine" if value.op.name in ("mul", "add") else None
    ) == ["2", "x", "affine", "tanh", "**"]


def test_the_layered_diagram_of_a_net_by_the_letters_of_the_course():
    x = [Value(0.5, "x1"), Value(-1.0, "x2")]
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    with nn.trace(model) as t:
        loss = nn.mse([model(x)], [1.0])

    def letter(value):
        if value not in t:
            return "X" if value in x else "L"
        layer = 1 + int(t[value][0].split(".")[1])
        return f"{'W' if value.op is LEAF else 'A' if value.op.name == 'tanh' else 'Z'}{layer}"

    drawn = picture(loss, fold=letter)
    joined = {
        (drawn.boxes[arrow.source].name, drawn.boxes[arrow.target].name) for arrow in drawn.arrows
    }
    assert joined == {
        ("X", "Z1"),
        ("W1", "Z1"),
        ("Z1", "A1"),
        ("A1", "Z2"),
        ("W2", "Z2"),
        ("Z2", "L"),
    }


def test_a_folding_with_a_circle_is_refused():
    x = Value(1.0)
    a = tanh(x)
    b = a * a
    c = tanh(b)
    with pytest.raises(DrawingError, match=r"^the function fold= makes .* in a circle"):
        draw(c + 1.0, fold=lambda value: "outer" if value in (a, c) else None)


def test_more_than_two_thousand_boxes_are_refused_with_the_ways_out():
    x = Value(1.0)
    for _ in range(2001):
        x = -x
    with pytest.raises(
        DrawingError,
        match=r"fold='none' leaves .* 2,000 boxes of 2,002 nodes.*fold=\"auto\".*"
        r"groups=.*around= or depth=",
    ):
        draw(x, fold="none")
    assert len(picture(x, fold="none", depth=1999).boxes) == 2001  # and the box for what is cut off
    assert len(picture(x).boxes) <= 150
    y = Value(1.0)
    rows = mean([y * i for i in range(2001)])
    with pytest.raises(DrawingError, match="fold='auto' leaves") as caught:
        draw(rows, around=y, depth=1)
    assert "choose fold" not in str(caught.value)


@pytest.mark.parametrize("rows", [1, 2, 40])
@pytest.mark.parametrize("fold", ["auto", 1, 2])
def test_every_folding_can_be_drawn_and_loses_no_node(rows, fold):
    loss, groups = net(2, [4, 3, 1], rows)
    drawn = picture(loss, groups=groups, fold=fold)
    assert len(drawn.boxes) <= 150
    counts = [int(dict(box.rows).get("nodes", "1").replace(",", "")) for box in drawn.boxes]
    operations, leaves, literals = rows * (8 * 3 + 2) + 1, 4 * 3 + 3 * 5 + 1 * 4, rows * (4 * 2 + 2)
    assert sum(counts) == operations + leaves + literals
    assert drawn.description.startswith(
        f"{operations:,} operations, {leaves} leaves, {literals} literals"
    )
    assert all(arrow.source < arrow.target for arrow in drawn.arrows)


@given(st.integers(0, 10**9))
def test_random_groups_fold_without_a_circle(seed):
    """Whatever the groups, "auto" finds a picture, and all its arrows go forward."""
    choose = random.Random(seed)
    values = [Value(1.0)]
    for _ in range(160):
        x = choose.choice(values[-12:])
        values.append(choose.choice([lambda x: -x, lambda x: x * x, lambda x: x + values[0]])(x))
    groups = {
        value: (choose.choice(["a", "a.b", "a.b.0", "c.1", ""]), choose.randrange(4))
        for value in values[::3]
    }
    drawn = picture(*values[-12:], groups=groups)
    assert all(arrow.source < arrow.target for arrow in drawn.arrows)


def test_around_shows_a_neighbourhood_and_says_what_is_cut_off():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    p = x * y
    q = tanh(p)
    s = (q + y) * 2.0
    assert titles(s, around=p, depth=0) == ["2 more operands", "*", "1 more use"]
    # one edge; y is used by the sum, too
    assert titles(s, around=p, depth=1) == ["y", "x", "*", "tanh", "1 more use", "1 more use"]
    # two edges are what is shown where no depth is given
    assert (
        titles(s, around=[p])
        == titles(s, around=p, depth=2)
        == ["y", "x", "*", "tanh", "+", "1 more use"]
    )
    assert titles(s, around=p, depth=3) == ["2", "y", "x", "*", "tanh", "+", "*"]


def test_depth_shows_what_is_near_the_root():
    x = Value(2.0, "x")
    y = tanh(tanh(tanh(x)) * x)
    assert titles(y, depth=1) == ["2 more operands", "*", "tanh"]
    assert titles(y, depth=0) == ["1 more operand", "tanh"]


def test_highlighted_values_are_framed_also_inside_a_folded_box():
    loss, groups = net(2, [3, 1], rows=20)
    weight = next(iter(groups))
    drawn = picture(loss, groups=groups, fold=1, highlight=weight)
    assert [box.highlighted for box in drawn.boxes] == [True, False, False, False, False]
    assert (
        draw(weight, highlight=[weight]).svg.count(look("highlight")) == 2
    )  # the frame and its explanation


def test_unrolling_puts_each_call_in_one_column():
    loss, groups = recurrent(3)
    root = ET.fromstring(draw(loss, groups=groups, layout="time").svg)
    inside = next(root.iter(f"{SVG}g"))
    elements = list(inside)
    bands = [  # a strip, and after it its heading
        ([float(band.get(name)) for name in ("x", "y", "width", "height")], heading.text)
        for band, heading in pairwise(elements)
        if band.get("fill") == LIGHT["band"]
    ]
    assert sorted({heading[:6] for _, heading in bands}) == ["call 0", "call 1", "call 2"]
    call = {}
    for group in elements:
        if group.get("class") in ("group", "leaf", "operation"):
            x, y = map(float, group.get("transform")[10:-1].split())
            name = "".join(group.find(f"{SVG}text").itertext())
            found = [
                int(heading[5])
                for (left, top, width, height), heading in bands
                if left <= x <= left + width and top <= y <= top + height
            ]
            call.setdefault(name, []).extend(found)
    assert call == {
        "cellparameters": [],
        "cellcall 0": [0],
        "cellcall 1": [1],
        "cellcall 2": [2],
        "v": [],
        "*": [2, 1, 0],
        "-": [2, 1, 0],
        "**": [2, 1, 0],
        "mean": [2],
    }


def test_many_steps_fold_into_one_box_unless_time_is_asked_for():
    loss, groups = recurrent(60)
    assert titles(loss, groups=groups)[:2] == ["cell 60 calls", "readout 60 calls"]
    unrolled = titles(loss, groups=groups, layout="time")
    assert {f"cell call {t}" for t in range(60)} <= set(unrolled)


def test_calls_are_those_of_the_part_that_a_box_is_called_after():
    """The cell of an RNN is called at every step, the RNN once."""
    model = nn.Sequential(nn.RNN(1, 2, seed=0), nn.Last(), nn.Layer(2, 1, seed=1))
    with nn.trace(model) as t:
        [y] = model([[0.5], [0.25], [0.125]])
    for options in ({"fold": 1}, {"layout": "time"}):
        boxes = [box for box in picture(y, groups=t, **options).boxes if box.kind == "group"]
        cells = [box for box in boxes if box.symbol.startswith("call")]
        assert [box.name for box in cells] == ["layers.0.cell"] * 3
        assert [[n for word, n in box.rows if word[0] == "x"] for box in cells] == [
            ["0.5"],
            ["0.25"],
            ["0.125"],
        ]
        assert [len(n.split(", ")) for box in cells for word, n in box.rows if word[0] == "h"] == [
            2,
            2,
            2,
        ]
    gpt = nn.GPT(4, n_embd=2, n_head=1, n_layer=1, block_size=2, seed=0)
    with nn.trace(gpt) as t:
        loss = nn.cross_entropy(gpt([0, 1]), [1, 2])
    drawn = titles(loss, groups=t)
    assert "blocks.0" in drawn
    assert "head 2 calls" in drawn


def test_a_folded_box_has_the_norm_of_the_gradients_at_its_outputs():
    x, y = Value(1.0), Value(2.0)
    z = -(x + y)
    box = picture(z, fold=lambda value: "sum" if value is not z else None).boxes[0]
    assert box.rows == (("out", "3"), ("nodes", "3"), ("|grad|", ""))
    x.grad = 4.0
    assert (x.grad, y.grad is NOT_COMPUTED) == (4.0, True)
    z.backward()
    box = picture(z, fold=lambda value: "sum" if value is not z else None).boxes[0]
    assert box.rows[2] == ("|grad|", "1")
