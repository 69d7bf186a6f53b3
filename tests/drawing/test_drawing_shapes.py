"""The outside-inside picture of a composition, and the parts of a model."""

import xml.etree.ElementTree as ET

import pytest

import nn
from autograd import Value, draw, exp, tanh
from autograd.drawing import Part, draw_architecture
from autograd.drawing.legend import WIDEST
from autograd.drawing.palette import LIGHT
from autograd.errors import DrawingError

SVG = "{http://www.w3.org/2000/svg}"


def rectangles(drawing):
    """Title -> (left, top, right, bottom) of every box, in the order of drawing."""
    found = []
    for group in ET.fromstring(drawing.svg).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None and group.get("transform"):
            x, y = map(float, group.get("transform")[10:-1].split())
            frame = next(group.iter(f"{SVG}rect"))
            name = "".join(group.find(f"{SVG}text").itertext())
            found.append(
                (name, (x, y, x + float(frame.get("width")), y + float(frame.get("height"))))
            )
    return found


def contains(outer, inner):
    return (
        outer[0] < inner[0] and outer[1] < inner[1] and inner[2] < outer[2] and inner[3] < outer[3]
    )


def test_a_result_is_a_box_around_its_operands():
    w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(1.0, "b")
    boxes = dict(rectangles(draw(tanh(w * x + b), layout="nested")))
    assert list(boxes) == ["tanh", "+", "*", "w", "x", "b"]  # from the outside in
    for outer, inner in [("tanh", "+"), ("+", "*"), ("+", "b"), ("*", "w"), ("*", "x")]:
        assert contains(boxes[outer], boxes[inner])
    assert boxes["w"][3] < boxes["x"][1]  # operands from top to bottom
    assert boxes["*"][3] < boxes["b"][1]


def test_an_operand_used_twice_is_shown_twice_an_operation_the_second_time_without_its_inside():
    x = Value(3.0, "x")
    e = exp(x)
    names = [name for name, _ in rectangles(draw(e * e, x * x, layout="nested"))]
    assert names == ["*", "exp", "x", "exp again", "*", "x", "x"]


def test_a_nested_picture_is_refused_where_it_grows_too_large_or_graphviz_is_asked():
    x = Value(1.0)
    for _ in range(76):
        x = x * 1.0
    with pytest.raises(DrawingError, match="at most 150 boxes"):
        _ = draw(x, layout="nested", fold="none").svg
    with pytest.raises(DrawingError, match="leave engine=None"):
        draw(x, layout="nested", engine="dot")


def model():
    layer = [
        Part(f"layers.{i}", "Layer", {"n_in": n, "n_out": m}, m * (n + 1))
        for i, (n, m) in enumerate([(2, 3), (3, 1)])
    ]
    neurons = [
        [Part(f"layers.{i}.neurons.{j}", "Neuron", {"n_in": n}, n + 1) for j in range(m)]
        for i, (n, m) in enumerate([(2, 3), (3, 1)])
    ]
    return [Part("", "MLP", {}, 13), layer[0], *neurons[0], layer[1], *neurons[1]]


def test_the_parts_of_a_model_with_their_settings_and_parameters():
    assert repr(draw_architecture(model())) == "\n".join(
        [
            "Architecture of MLP: 13 parameters",
            "MLP, parameters 13",
            "  layers.0 Layer, n_in 2, n_out 3, parameters 9",
            "    layers.0.neurons.0 to 2 Neuron, n_in 2, parameters of each 3, in all 9",
            "  layers.1 Layer, n_in 3, n_out 1, parameters 4",
            "    layers.1.neurons.0 Neuron, n_in 3, parameters 4",
        ]
    )


def test_parts_with_other_settings_or_parts_of_their_own_do_not_share_a_box():
    parts = [
        Part("", "Sequential", {}, 4),
        Part("0", "Dropout", {"p": 0.5}, 0),
        Part("1", "Dropout", {"p": 0.25}, 0),
        Part("2", "Box", {}, 2),
        Part("2.a", "Gain", {}, 2),
        Part("3", "Box", {}, 2),
        Part("3.a", "Gain", {}, 2),
    ]
    assert [name for name, _ in rectangles(draw_architecture(parts))] == [
        "Sequential",
        "0Dropout",
        "1Dropout",
        "2 Box",
        "aGain",
        "3 Box",
        "aGain",
    ]


def test_settings_of_a_model_cannot_break_out():
    svg = draw_architecture([Part("", "</svg>", {"<script>": "\x00]]>&"}, 1)]).svg
    assert ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")][:3] == [
        "</svg>",
        "<script>",
        "\\x00]]>&",
    ]


def test_a_part_is_a_box_in_the_box_of_what_it_belongs_to():
    boxes = rectangles(nn.MLP(2, [3, 4, 1], seed=0).draw())
    assert [name for name, _ in boxes] == [
        "MLP",
        "layers.0 Layer",
        "neurons.0 to 23 × Neuron",
        "layers.1 Layer",
        "neurons.0 to 34 × Neuron",
        "layers.2 Layer",
        "neurons.0Neuron",
    ]
    (_, whole), *parts = boxes
    assert all(contains(whole, part) for _, part in parts)
    for layer in (1, 3, 5):
        assert contains(boxes[layer][1], boxes[layer + 1][1])


def arrows_of(drawing):
    """How many arrows have a head, those of the legend left out."""
    elements = drawing._picture.body.elements
    return sum("-8 -4v8z" in element for element in elements if not element.startswith("<g tr"))


def test_the_data_flows_through_a_chain_and_no_arrow_leads_from_part_to_whole():
    chain = nn.Sequential(nn.Layer(2, 3), nn.Dropout(0.5), nn.Layer(3, 1))
    assert arrows_of(chain.draw()) == 2
    assert arrows_of(nn.LSTM(1, 2).draw()) == 0  # the gates of a cell are no chain
    wide = nn.MLP(2, [4] * 9 + [1])
    assert arrows_of(wide.draw()) == 9
    assert max(right for _, (_, _, right, _) in rectangles(wide.draw())) <= WIDEST


def test_a_module_draws_its_parts():
    assert repr(nn.MLP(2, [3, 1], seed=0).draw()).splitlines()[:3] == [
        "Architecture of MLP: 13 parameters",
        "MLP, n_in 2, sizes [3, 1], activation relu, parameters 13",
        "  layers.0 Layer, n_in 2, n_out 3, activation relu, parameters 9",
    ]


def lines(svg):
    """The colours of the lines, heads and bars left out; "shared" for the trunk
    of several arrows.
    """
    parents = {child: parent for parent in ET.fromstring(svg).iter() for child in parent}
    names = {colour: name for name, colour in LIGHT.items()}
    return [
        names[path.get("stroke")] + ("" if path.get("stroke-width") else " shared")
        for path, parent in parents.items()
        if path.tag == f"{SVG}path"
        and path.get("fill") == "none"
        and (parent.get("class") == "arrow" or not parent.get("transform"))
    ]


def test_arrows_from_one_box_run_together_only_as_far_as_they_are_several():
    x = Value(1.0, "x")
    a = exp(exp(x))
    one = a + x  # one long arrow, one short one
    one.backward()
    assert lines(draw(one).svg) == ["positive"] * 4
    two = a * x + x
    two.backward()
    svg = draw(two).svg
    assert lines(svg).count("line shared") == 2
    assert "arrows from one box run together" in svg
