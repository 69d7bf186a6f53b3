"""Pictures of many kinds of graphs fit a page: width, aspect, size of text."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, draw, exp, sin, tanh
from autograd import sum as total
from autograd.drawing.palette import FONT_SIZE, LIGHT
from autograd.errors import DrawingError

SVG = "{http://www.w3.org/2000/svg}"


def neuron():
    x1, x2, w1, w2, b = (
        Value(data, name)
        for data, name in [(1.0, "x1"), (-2.0, "x2"), (0.5, "w1"), (0.25, "w2"), (0.75, "b")]
    )
    a = tanh(w1 * x1 + w2 * x2 + b)
    a.backward()
    return a


def chain(count):
    y = Value(0.5, "x")
    for _ in range(count):
        y = tanh(y * 1.5)
    y.backward()
    return y


def wide(count, function=lambda x: x):
    z = total([function(Value(0.1 * i, f"x{i}")) for i in range(count)])
    z.backward()
    return z


def net(sizes, rows=1, **options):
    X, y = nn.data.moons(rows)
    model = nn.MLP(2, sizes, seed=0)
    with nn.trace(model) as t:
        loss = nn.mse([model(x) for x in X], y)
    loss.backward()
    return draw(loss, groups=t, **options)


def recurrent(kind, steps, **options):
    model = kind(1, 2, seed=0)
    with nn.trace(model) as t:
        outputs = model([[0.1 * i] for i in range(steps)])
    outputs[-1][0].backward()
    return draw(*outputs[-1], groups=t, **options)


def layer(n):
    return draw(nn.Neuron(n, "tanh", seed=0)([Value(0.1 * i, f"x{i}") for i in range(n)]))


def attention(**options):
    model = nn.MultiHeadAttention(4, 2, seed=0)
    with nn.trace(model) as t:
        out = model([[0.1 * i + 0.2 * j for i in range(4)] for j in range(3)])
    return draw(*out[-1], groups=t, **options)


def gpt(layers):
    return nn.GPT(5, n_embd=4, n_head=2, n_layer=layers, block_size=4, seed=0)


def gpt_graph(**options):
    model = gpt(2)
    with nn.trace(model) as t:
        out = model([0, 1, 2])
    return draw(*out[-1], groups=t, **options)


def functions(count):
    y = tanh((2.0 * Value(0.5, "x")).exp() - 1.0)
    for _ in range(count):
        y = sin(y * y) + exp(-y)
    return y


def deep(layers):
    return nn.MLP(2, [8] * layers + [1], seed=0)


ROW = [1.0, -0.5]
# Every picture, and whether its graph allows an aspect between 1:2 and 2.5:1. A
# page of 900 px by 1,800 px has room for about 40 boxes with their numbers.
ZOO = {
    "neuron": (lambda: draw(neuron()), True),
    "chain of 3": (lambda: draw(chain(3)), True),
    "chain of 10": (lambda: draw(chain(10)), True),
    "chain of 100": (lambda: draw(chain(100)), True),
    "chain of 1,000": (lambda: draw(chain(1000)), True),
    "chain of 100, whole": (lambda: draw(chain(100), fold="none"), False),
    "sum of 16": (lambda: draw(wide(16)), True),
    "sum of 100": (lambda: draw(wide(100)), False),
    "sum of 16 squares": (lambda: draw(wide(16, lambda x: x * x)), True),
    "sum of 40 squares": (lambda: draw(wide(40, lambda x: x * x)), False),
    "neuron of 16 inputs": (lambda: layer(16), True),
    "MLP 2-2-1": (lambda: net([2, 1]), True),
    "MLP 2-4-1": (lambda: net([4, 1]), True),
    "MLP 2-4-1, 4 rows": (lambda: net([4, 1], 4), False),
    "MLP 2-8-1, whole": (lambda: net([8, 1], fold="none"), False),
    "MLP 2-8-8-1, whole": (lambda: net([8, 8, 1], fold="none"), False),
    "MLP 2-16-16-1": (lambda: net([16, 16, 1]), True),
    "MLP 2-16-16-1, 20 rows": (lambda: net([16, 16, 1], 20), True),
    "MLP 2-16-16-1, whole": (lambda: net([16, 16, 1], fold="none"), False),
    "RNN, 3 steps": (lambda: recurrent(nn.RNN, 3), False),
    "LSTM, 3 steps": (lambda: recurrent(nn.LSTM, 3), False),
    "LSTM, 20 steps": (lambda: recurrent(nn.LSTM, 20), True),
    "LSTM, 3 steps in time": (lambda: recurrent(nn.LSTM, 3, layout="time"), True),
    "LSTM, 20 steps in time": (lambda: recurrent(nn.LSTM, 20, layout="time"), False),
    "LSTM, 2 steps in time, whole": (
        lambda: recurrent(nn.LSTM, 2, layout="time", fold="none"),
        False,
    ),
    "attention": (attention, False),
    "attention, whole": (lambda: attention(fold="none"), False),
    "GPT": (gpt_graph, True),
    "GPT, near its output": (lambda: gpt_graph(depth=5), False),
    "nested, 3 levels": (lambda: draw(chain(1), layout="nested"), True),
    "nested, 8 levels": (lambda: draw(chain(4), layout="nested"), True),
    "nested, 20 levels": (lambda: draw(chain(10), layout="nested"), False),
    "nested, 80 levels": (lambda: draw(chain(40), layout="nested"), False),
    "nested functions": (lambda: draw(functions(2), layout="nested"), True),
    "nested sum of 30": (lambda: draw(wide(30), layout="nested"), False),
    "parts of MLP 2-16-16-1": (lambda: nn.MLP(2, [16, 16, 1]).draw(), True),
    "parts of LSTM": (lambda: nn.LSTM(3, 4).draw(), True),
    "parts of GPT": (lambda: gpt(2).draw(), True),
    "parts of GPT, 6 blocks": (lambda: gpt(6).draw(), True),
    "parts of 20 layers": (lambda: deep(20).draw(), True),
    "net 1-1": (lambda: nn.MLP(1, [1], seed=0).draw("net"), True),
    "net 2-4-1": (lambda: nn.MLP(2, [4, 1], seed=0).draw("net", x=ROW, y=1, loss=nn.mse), True),
    "net 2-16-16-1": (
        lambda: nn.MLP(2, [16, 16, 1], seed=0).draw("net", x=ROW, y=1, loss=nn.mse, gradients=True),
        True,
    ),
    "net with a loss of a long name": (
        lambda: nn.MLP(2, [16, 16, 1], seed=0).draw(
            "net", x=ROW, y=1, loss=nn.binary_cross_entropy
        ),
        True,
    ),
    "net of 8 columns": (lambda: deep(6).draw("net", x=ROW), True),
    "net of 22 columns": (lambda: deep(20).draw("net", x=ROW), False),
    "cell of an RNN": (lambda: nn.RNN(1, 2, seed=0).draw("cell", x=[0.5]), True),
    "cell of a GRU": (lambda: nn.GRU(2, 3, seed=0).draw("cell", x=[0.5, 1.0]), True),
    "cell of an LSTM": (lambda: nn.LSTM(1, 2, seed=0).draw("cell", x=[0.5]), True),
    "cell of a wide LSTM": (lambda: nn.LSTM(8, 16, seed=0).draw("cell", x=[0.5] * 8), True),
}


def corners(element, x=0.0, y=0.0):
    """Yield (class, left, top, right, bottom) of every box, wherever its panel stands."""
    for group in element.findall(f"{SVG}g"):
        at = re.fullmatch(r"translate\((\S+) (\S+)\)", group.get("transform", ""))
        across, down = (x + float(at[1]), y + float(at[2])) if at else (x, y)
        frame = group.find(f"{SVG}rect")
        if group.get("class") and at and frame is not None:
            right = across + float(frame.get("width"))
            yield group.get("class"), across, down, right, down + float(frame.get("height"))
        yield from corners(group, across, down)


def texts(element, x=0.0, y=0.0):
    """Yield (text, left, right, height) of every text, 7.3 px a character."""
    for child in element:
        at = re.fullmatch(r"translate\((\S+) (\S+)\)", child.get("transform", ""))
        across, down = (x + float(at[1]), y + float(at[2])) if at else (x, y)
        if child.tag == f"{SVG}text":
            words = "".join(child.itertext())
            wide = 7.3 * len(words)
            back = {None: 0.0, "middle": wide / 2, "end": wide}[child.get("text-anchor")]
            left = across + float(child.get("x")) - back
            yield words, left, left + wide, down + float(child.get("y"))
        yield from texts(child, across, down)


@pytest.mark.parametrize("name", ZOO)
def test_a_picture_fits_a_page(name):
    make, allows = ZOO[name]
    root = ET.fromstring(make().svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert width <= 900
    if allows:
        assert 0.5 <= width / height <= 2.5
    # One size of text, and nothing that makes it smaller.
    assert FONT_SIZE >= 12
    sizes = {element.get("font-size") for element in root.iter()} - {None}
    assert sizes == {str(FONT_SIZE)}
    assert root.get("viewBox").split()[2:] == [root.get("width"), root.get("height")]
    transforms = {e.get("transform", "").partition("(")[0] for e in root.iter()}
    assert transforms <= {"", "translate"}
    # All texts and all boxes are on the paper.
    top = float(root.get("viewBox").split()[1])
    for words, left, right, baseline in texts(root):
        assert left >= -16, words
        assert right <= width - 16, words
        assert top + 9 <= baseline <= top + height - 3, words
    for _, left, top, right, bottom in corners(root):
        assert -16 <= left < right <= width - 16
        assert -80 <= top < bottom <= height


@pytest.mark.parametrize("name", ZOO)
def test_a_picture_is_one_image_to_a_screen_reader_and_turns_dark(name):
    svg = ZOO[name][0]().svg
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    by_id = {e.get("id"): (e.tag.removeprefix(SVG), e.text) for e in root.iter() if e.get("id")}
    title, description = (by_id[key] for key in root.get("aria-labelledby").split())
    assert title[0] == "title"
    assert description[0] == "desc"
    assert len(title[1]) > 8
    assert len(description[1]) > 20
    # Every colour is one of the light palette, for which the sheet has a dark one.
    sheet = root.find(f"{SVG}style").text
    assert sheet.startswith("@media screen and (prefers-color-scheme:dark)")
    painted = {
        (attribute, element.get(attribute))
        for element in root.iter()
        for attribute in ("fill", "stroke")
        if element.get(attribute) not in (None, "none")
    }
    assert painted
    for attribute, colour in painted:
        assert colour in LIGHT.values()
        assert f'[{attribute}="{colour}"]{{{attribute}:#' in sheet


@pytest.mark.parametrize(
    "name",
    ["RNN, 3 steps", "MLP 2-8-1, whole", "LSTM, 2 steps in time, whole", "sum of 40 squares"],
)
def test_boxes_of_panels_do_not_overlap(name):
    boxes = [corner[1:] for corner in corners(ET.fromstring(ZOO[name][0]().svg))]
    boxes = [box for box in boxes if box[3] - box[1] > 12]  # without the marks of the legend
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:i]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_a_panel_refers_to_another_by_a_name_that_only_one_box_bears():
    drawing = recurrent(nn.RNN, 3)
    root = ET.fromstring(drawing.svg)
    titles, references = [], set()
    for group in root.iter(f"{SVG}g"):
        words = ["".join(text.itertext()) for text in group.findall(f"{SVG}text")]
        if group.get("class") in ("leaf", "operation"):
            titles.append(words[0])
        elif group.get("class") == "reference":
            references.add(words[0].replace(" ", ""))
    assert len(references) >= 8
    assert "cell.update.neurons.0.b" in references
    for title in references:
        assert titles.count(title) == 1
    # No operation, and no arrow, is lost or drawn twice.
    picture = drawing._picture
    assert len(titles) == sum(box.kind in ("leaf", "operation") for box in picture.boxes)
    arrows = [group for group in root.iter(f"{SVG}g") if group.get("class") == "arrow"]
    assert len(arrows) == len(picture.arrows)


def test_what_is_nested_too_deeply_stands_below_by_its_name():
    root = ET.fromstring(ZOO["nested, 80 levels"][0]().svg)
    named, referred = set(), set()
    for group in root.iter(f"{SVG}g"):
        words = ["".join(text.itertext()) for text in group.findall(f"{SVG}text")]
        if group.get("class") == "operation" and re.match(r"t\d", words[0]):
            named.add(words[0])
        elif group.get("class") == "reference":
            referred.add(words[0].replace(" ", ""))
    assert referred
    assert referred == named


@settings(deadline=None, max_examples=25)
@given(
    leaves=st.integers(1, 12),
    picks=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=90
    ),
)
def test_any_tangle_fits_900_px_and_shows_every_box_and_arrow_once(leaves, picks):
    values = [Value(0.5 + 0.1 * i, f"x{i}") for i in range(leaves)]
    for left, right in picks:
        values.append(values[left % len(values)] * values[right % len(values)])
    used = {parent for value in values for parent in value.parents}
    drawing = draw(*(value for value in values if value not in used), fold="none")
    root = ET.fromstring(drawing.svg)
    assert float(root.get("width")) <= 900
    classes = [name for name, *_ in corners(root)]
    assert classes.count("operation") == len(picks)
    assert classes.count("leaf") == leaves
    arrows = [group for group in root.iter(f"{SVG}g") if group.get("class") == "arrow"]
    assert len(arrows) == 2 * len(picks)


@settings(deadline=None, max_examples=25)
@given(picks=st.lists(st.integers(0, 10**6), min_size=1, max_size=40), many=st.integers(1, 9))
def test_any_nesting_fits_900_px(picks, many):
    values = [Value(1.0, f"a long name of an input {i}") for i in range(3)]
    for pick in picks:
        values.append(total([values[(pick // (k + 1)) % len(values)] for k in range(many)]))
    try:
        svg = draw(values[-1], layout="nested", fold="none").svg
    except DrawingError as error:
        assert "at most 150 boxes" in str(error)  # noqa: PT017
        return
    root = ET.fromstring(svg)
    assert float(root.get("width")) <= 900
    boxes = [corner for corner in corners(root) if corner[0] in ("leaf", "reference", "literal")]
    for i, (_, left, top, right, bottom) in enumerate(boxes):
        for _, *other in boxes[:i]:
            apart = left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom
            assert apart
