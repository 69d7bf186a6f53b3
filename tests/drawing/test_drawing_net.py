"""A net as circles and lines, a cell gate by gate, and pictures broken into rows."""

import re
import xml.etree.ElementTree as ET
from math import exp, tanh

import numpy as np
import pytest

import nn
from autograd import Value, draw
from autograd import tanh as tanh_of
from autograd.drawing.palette import look
from autograd.errors import DataTypeError, DrawingError
from autograd.extending import Column, Unit, draw_network

SVG = "{http://www.w3.org/2000/svg}"


def by_hand():
    """A net 2-2-1 whose numbers can be worked out: z = (2, -1), a = (2, 0), output 6.5."""
    net = nn.MLP(2, [2, 1])
    first, last = net.layers
    for p, data in zip(
        net.parameters(), [1.0, 2.0, 0.0, -1.0, 0.0, 0.0, 3.0, 5.0, 0.5], strict=True
    ):
        p.data = data
    assert len(first.neurons) == 2
    assert last.neurons[0].b.data == 0.5
    return net


def circles(drawing):
    """The texts in and below every circle."""
    found = []
    for group in ET.fromstring(drawing.svg).iter(f"{SVG}g"):
        if group.find(f"{SVG}circle") is not None and not group.get("transform"):
            texts = [text.text for text in group.iter(f"{SVG}text")]
            if texts[:1] != ["X"] and (texts or group.find(f"{SVG}title") is not None):
                found.append(texts)
    return found


def lines(drawing, role):
    """The widths of the lines of a role, the legend left out."""
    body = "".join(e for e in drawing._picture.body.elements if not e.startswith("<g tr"))
    return sorted(float(w) for w in re.findall(f'{look(role)} stroke-width="([^"]+)"', body))


def test_a_net_shows_z_and_a_in_the_units_and_the_loss():
    drawing = by_hand().draw("net", x=[0.0, 1.0], y=6.0, loss=nn.mse)
    assert circles(drawing) == [
        ["x1", "0"],
        ["x2", "1"],
        ["z 2", "a 2", "b 0"],
        ["z 0", "a 0", "b 0"],
        ["z 6.5", "a 6.5", "b 0.5"],
        ["0.25", "target 6"],
    ]
    for text in ("X", "layers.0", "A = relu(Z)", "layers.1", "A = Z", "L", "mse"):
        assert f">{text}<" in drawing.svg


@pytest.mark.parametrize(
    ("y", "shown"),
    [
        (1 / 3, ["target 0.333"]),
        (Value(2.0), ["target 2"]),
        ([1, 0, 0.5], ["target 1, 0, 0.5"]),
        ([1, 0, 0, 0], ["target 1, 0, 0, ..."]),
        ("cat", ["target 'cat'"]),
        (None, []),
    ],
)
def test_the_loss_has_its_target_below(y, shown):
    drawing = by_hand().draw("net", x=[0.0, 1.0], y=y, loss=lambda outputs, targets: outputs[0][0])
    assert circles(drawing)[-1] == ["6.5", *shown]


def test_weights_are_lines_by_sign_and_size():
    drawing = by_hand().draw("net")
    # 0.6 + 4.4 |w| / 5
    assert lines(drawing, "positive weight") == [1.5, 2.4, 3.2, 5.0]
    assert lines(drawing, "negative weight") == [1.5]
    assert lines(drawing, "zero weight") == [0.6]
    assert "positive weight; thickest at 5" in drawing.svg
    for label in (">1<", ">2<", ">-1<", ">3<", ">5<"):
        assert label in drawing.svg


def test_gradients_take_the_place_of_the_weights_and_leave_grad_alone():
    net = by_hand()
    net.parameters()[0].grad = 7.0
    drawing = net.draw("net", x=[1.0, 1.0], y=9.0, loss=nn.mse, gradients=True)
    # z = (3, -1), a = (3, 0), output 9.5, dL/do = 2 (9.5 - 9) = 1, dL/da = (3,
    # 5)
    assert circles(drawing)[2:] == [
        ["z 3", "a 3", "dz 3", "db 3"],
        ["z -1", "a 0", "dz 0", "db 0"],
        ["z 9.5", "a 9.5", "dz 1", "db 1"],
        ["0.25", "target 9"],
    ]
    assert lines(drawing, "positive weight") == [5.0, 5.0, 5.0]  # dL/dw = 3, 3 and a1 = 3
    assert net.parameters()[0].grad == 7.0


def test_of_a_wide_layer_the_first_and_the_last_units_are_shown():
    drawing = nn.MLP(2, [16, 1], seed=0).draw("net", x=[1.0, 2.0])
    assert len(circles(drawing)) == 2 + 6 + 1
    assert "10 more" in drawing.svg
    assert "units that are not shown" in drawing.svg


def test_a_net_is_at_most_900_px_wide_and_no_two_labels_of_lines_meet():
    for sizes in ([2, 3, 1], [4, 4], [3, 2, 4, 1], [1], [8, 8, 8, 8, 8]):
        svg = nn.MLP(2, sizes, seed=0).draw("net", x=[1.0, -2.0]).svg
        root = ET.fromstring(svg)
        assert float(root.get("width")) <= 900
        spots = [
            (float(text.get("x")), float(text.get("y")))
            for text in root.iter(f"{SVG}text")
            if text.get("text-anchor") == "middle" and re.fullmatch(r"-?[\d.]+", text.text)
        ]
        for i, (x, y) in enumerate(spots):
            for other_x, other_y in spots[:i]:
                assert abs(x - other_x) > 20 or abs(y - other_y) > 12


def test_a_net_of_many_layers_has_rows_that_begin_with_the_last_column_before():
    drawing = nn.MLP(2, [1] * 11, seed=0).draw("net")
    root = ET.fromstring(drawing.svg)
    assert float(root.get("width")) <= 900
    bold = [
        (text.text, float(text.get("y")))
        for text in root.iter(f"{SVG}text")
        if text.get("font-weight") == "bold" and text.text[:2] not in ("x1", "x2")
    ]
    first, second = sorted({y for _, y in bold})
    assert [name for name, y in bold if y == first] == ["X", *(f"layers.{i}" for i in range(6))]
    assert [name for name, y in bold if y == second] == [f"layers.{i}" for i in range(5, 11)]


def test_names_of_inputs_stand_whole_beside_their_circles():
    names = ["sepal length (cm)", "a name that is far too long for a page, first", "x", "y"]
    row = [Value(0.5, name) for name in names]
    root = ET.fromstring(nn.MLP(4, [16, 3], seed=0).draw("net", x=row).svg)
    beside = [text for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert [text.text for text in beside] == [names[0], "a name that i…age, first"]
    for text in beside:
        assert float(text.get("x")) - 7.3 * len(text.text) >= 0


def test_a_net_is_told_in_words():
    words = repr(by_hand().draw("net", x=[0.0, 1.0]))
    assert words.splitlines() == [
        "MLP with 9 parameters as a net",
        "X (2 inputs)",
        "  x1, 0",
        "  x2, 1",
        "layers.0 (A = relu(Z))",
        "  z 2, a 2; b 0; weights 1, 2",
        "  z 0, a 0; b 0; weights -1, 0",
        "layers.1 (A = Z)",
        "  z 6.5, a 6.5; b 0.5; weights 3, 5",
    ]


def test_softmax_is_the_activation_of_the_whole_layer():
    drawing = nn.MLP(1, [2], output="softmax", init="zeros").draw("net", x=[1.0])
    assert circles(drawing)[1:] == [["z 0", "a 0.5", "b 0"]] * 2


class Skip(nn.Module):
    """Not a chain: the second layer sees the input."""

    def __init__(self):
        self.a, self.b = nn.Layer(2, 2), nn.Layer(2, 2)

    def forward(self, x):
        self.a(x)
        return self.b(x)


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (Skip(), {}, DrawingError, "no such chain"),
        (nn.Dropout(0.5), {}, DrawingError, "has none"),
        (nn.MLP(2, [1]), {"gradients": True}, DrawingError, "pass the row"),
        (nn.MLP(2, [1]), {"loss": nn.mse}, DrawingError, "pass the row"),
        (nn.MLP(2, [2]), {"x": [1, 2], "gradients": True}, DrawingError, "2 outputs"),
        (nn.MLP(2, [1]), {"x": 1.0}, DataTypeError, "one row"),
        (nn.MLP(2, [1]), {"x": [[1, 2]]}, DataTypeError, "one row"),
        (nn.MLP(2, [1]), {"x": [1, 2], "y": 1}, DrawingError, "such as loss=nn.mse"),
        (nn.MLP(2, [1]), {"state": [1]}, DrawingError, "state= is for the layout 'cell'"),
    ],
)
def test_what_is_no_net_is_refused(model, options, error, message):
    with pytest.raises(error, match=message):
        model.draw("net", **options)


@pytest.mark.parametrize(
    ("layout", "options", "message"),
    [
        (
            "parts",
            {"x": [1, 2]},
            r"x= is for the layout 'net' or 'cell', as in model\.draw\('net', ",
        ),
        ("parts", {"gradients": True}, "gradients= is for the layout 'net'.*, not for 'parts'"),
        ("cell", {"x": [1], "y": 0}, "y= is for the layout 'net'"),
        ("cell", {"x": [1], "loss": nn.mse}, "loss= is for the layout 'net'"),
    ],
)
def test_what_a_layout_does_not_show_is_refused(layout, options, message):
    model = nn.LSTMCell(1, 1) if layout == "cell" else nn.MLP(2, [1])
    with pytest.raises(DrawingError, match=message):
        model.draw(layout, **options)


def test_a_row_may_be_an_array():
    for layout, model in (("net", nn.MLP(2, [1], seed=0)), ("cell", nn.LSTM(2, 1, seed=0))):
        assert str(model.draw(layout, x=np.array([1.0, 2.0]))) == str(model.draw(layout, x=[1, 2]))
    with pytest.raises(DataTypeError, match="x is one row"):
        nn.LSTM(2, 1).draw("cell", x=[[1.0, 2.0], [3.0, 4.0]])


def test_a_layout_that_there_is_not_is_refused():
    with pytest.raises(DrawingError, match="'circle'"):
        nn.MLP(2, [1]).draw("circle")
    with pytest.raises(DrawingError, match="no graph that Graphviz"):
        nn.MLP(2, [1]).draw("net").dot  # noqa: B018


def test_names_of_a_net_cannot_break_out():
    unit = Unit(("</svg><script>",), "", "<b>\x00")
    svg = draw_network(
        "<x>", [Column("X", "&", [unit]), Column("<i>", "", [unit], [[1.0]])], "w"
    ).svg
    assert {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "text", "path", "circle")
    }
    assert all(c.isprintable() or c == "\n" for c in svg)


def test_a_cell_is_drawn_gate_by_gate_with_the_numbers_of_one_step():
    cell = nn.LSTMCell(1, 1, init="zeros", recurrent_init="zeros")
    boxes = {
        box.name: box for box in cell.draw("cell", x=[1.0], state=([0.5], [2.0]))._picture.boxes
    }
    f = 1 / (1 + exp(-1.0))  # the forget bias is 1; i and o are 1/2, g is 0
    shown = {name: box.rows[-1][0] for name, box in boxes.items()}
    assert shown == {
        "x": "1",
        "h": "0.5",
        "c": "2",
        "f": f"{f:.3g}",
        "i": "0.5",
        "g": "0",
        "o": "0.5",
        "f c": f"{2 * f:.3g}",
        "i g": "0",
        "c'": f"{2 * f:.3g}",
        "h'": f"{0.5 * tanh(2 * f):.3g}",
    }
    assert [boxes[name].kind for name in ("x", "f", "c'")] == ["leaf", "module", "operation"]


@pytest.mark.parametrize("net", [nn.RNN(2, 3, seed=1), nn.GRU(2, 3, seed=1), nn.LSTM(2, 3, seed=1)])
def test_the_last_box_of_a_cell_has_the_numbers_of_the_cell(net):
    state = net.cell.start()
    (_, *rest) = repr(net.draw("cell", x=[1.0, -0.5])).splitlines()
    output = net.cell.output(net.cell([1.0, -0.5], state))
    listed = ", ".join(f"{h.data:.3g}" for h in output)
    assert rest[0].endswith(listed)


def test_what_is_no_cell_is_refused():
    with pytest.raises(DrawingError, match="has none"):
        nn.MLP(2, [1]).draw("cell", x=[1.0, 2.0])
    with pytest.raises(DrawingError, match="pass its input"):
        nn.GRU(2, 1).draw("cell")


def chain(count):
    x = Value(0.5, "x")
    for _ in range(count):
        x = tanh_of(x * 1.5)
    return x


@pytest.mark.parametrize("count", [3, 12, 40])
def test_a_long_chain_is_broken_into_rows_of_at_most_900_px(count):
    svg = draw(chain(count)).svg
    root = ET.fromstring(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert width <= 900
    tops = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("class") in ("leaf", "operation", "literal") and group.get("transform"):
            x, y = map(float, group.get("transform")[10:-1].split())
            frame = group.find(f"{SVG}rect")
            assert x >= 0
            assert x + float(frame.get("width")) <= width - 32
            tops.setdefault(y, []).append(x)
    assert len({e.get("id") for e in root.iter() if e.get("id")}) == 2
    assert height < 130 * (count + 2)


def test_boxes_of_different_rows_do_not_overlap():
    rectangles = []
    for group in ET.fromstring(draw(chain(20)).svg).iter(f"{SVG}g"):
        if group.get("class") in ("leaf", "operation", "literal") and group.get("transform"):
            x, y = map(float, group.get("transform")[10:-1].split())
            frame = group.find(f"{SVG}rect")
            rectangles.append((x, y, x + float(frame.get("width")), y + float(frame.get("height"))))
    assert len(rectangles) == 61
    for i, (left, top, right, bottom) in enumerate(rectangles):
        for other in rectangles[:i]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_a_folded_net_shows_its_inputs_and_what_each_layer_computes():
    net = by_hand()
    with nn.trace(net) as t:
        out = net([0.0, 1.0])[0] * 2.0
    out.backward()
    boxes = {box.name: box for box in draw(out, groups=t, fold=1)._picture.boxes}
    first, second = boxes["layers.0"], boxes["layers.1"]
    assert first.rows == (
        ("relu(W x + b)", ""),
        ("x", "0, 1"),
        ("a", "2, 0"),
        ("nodes", "16"),  # 6 parameters, 3 nodes and 2 literal inputs a unit
        ("|grad|", f"{2 * 34**0.5:.4g}"),  # dL/da = 2 (3, 5)
    )
    assert second.rows[:3] == (("W x + b", ""), ("x", "2, 0"), ("a", "6.5"))


@pytest.mark.parametrize(
    ("part", "formula"),
    [
        (nn.Layer(2, 1, "relu", bias=False), "relu(W x)"),
        (nn.Neuron(2, bias=False), "W x"),
        (nn.Layer(2, 1, bias=0.5), "W x + b"),
    ],
)
def test_a_layer_without_biases_is_labelled_so(part, formula):
    with nn.trace(part) as t:
        part([0.0, 1.0])
    assert t.computed[""].formula == formula


def test_an_unrolled_net_shows_x_and_h_of_every_step_and_parameters_outside():
    net = nn.RNN(1, 2, seed=0)
    with nn.trace(net) as t:
        outputs = net([[0.5], [-1.0], [1.0]])
    drawn = draw(*outputs[-1], groups=t, layout="time")
    steps = [box for box in drawn._picture.boxes if box.symbol.startswith("call")]
    for i, (box, x) in enumerate(zip(steps[:2], ("0.5", "-1"), strict=True)):
        h = ", ".join(f"{value.data:.3g}" for value in outputs[i])
        assert box.rows[:3] == (("RNNCell", ""), (f"x_{i}", x), (f"h_{i}", h))
    root = ET.fromstring(drawn.svg)
    (parameters,) = [
        group
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "group" and "parameters" in "".join(group.itertext())
    ]
    bands = [rect for rect in root.iter(f"{SVG}rect") if rect.get("rx") == "6"]
    left, top = map(float, parameters.get("transform")[10:-1].split())
    right = left + float(parameters.find(f"{SVG}rect").get("width"))
    beside = [band for band in bands if float(band.get("y")) < top]
    assert beside
    assert all(right < float(band.get("x")) for band in beside)


def test_a_layer_of_sixteen_boxes_becomes_a_grid():
    neuron = nn.Neuron(16, "tanh", seed=0)
    svg = draw(neuron([Value(0.1 * i, f"x{i}") for i in range(16)])).svg
    root = ET.fromstring(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert width <= 900
    assert 0.5 <= width / height <= 2.5
    lefts = {
        round(float(group.get("transform")[10:-1].split()[0]) / 40)
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "leaf"
    }
    assert len(lefts) >= 3


def test_a_name_of_unprintable_characters_leaves_the_picture_whole():
    name = "a bell \a and more than a unit has room for"
    picture = nn.MLP(1, [1], seed=0).draw("net", x=[Value(1.0, name)])
    ET.fromstring(picture.svg)
    assert r"a bell \x07 and more" in str(picture)
