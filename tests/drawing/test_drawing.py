"""draw: what a picture says about a graph, how it is written, and that no label
breaks out of it.
"""

import base64
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, draw, explain, formula, mean, step_through, tanh
from autograd.drawing.palette import DARK, LIGHT, look
from autograd.drawing.raster import FONTS, MOST_PIXELS, image_tag, png_of
from autograd.drawing.text import shortened_apart
from autograd.errors import DataTypeError, DrawingError, MissingDependencyError, StaleValueError

SVG = "{http://www.w3.org/2000/svg}"


def neuron():
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.8813735870195432, "b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = tanh(n)
    o.label = "o"
    return o


def square():
    x = Value(3.0, "x")
    y = x * x
    z = y * 2
    z.label = "z"
    return z


def painted(element, role):
    """Whether an element has the looks of a role."""
    given = dict(re.findall(r'([\w-]+)="([^"]*)"', look(role)))
    return all(element.get(name) == value for name, value in given.items())


def boxes(svg, kind):
    """The texts of every box of a kind."""
    root = ET.fromstring(svg)
    groups = [
        group
        for group in root.iter(f"{SVG}g")
        if group.get("class") == kind and group.get("transform")
    ]
    return [["".join(text.itertext()) for text in group.iter(f"{SVG}text")] for group in groups]


def arrow_texts(svg):
    root = ET.fromstring(svg)
    return [
        "".join(group.find(f"{SVG}text").itertext())
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "arrow" and group.find(f"{SVG}text") is not None
    ]


def test_data_gradient_and_local_derivatives_of_the_lecture_neuron():
    o = neuron()
    o.backward()
    svg = draw(o).svg
    assert boxes(svg, "leaf") == [
        ["b", "data", "6.881", "grad", "0.5"],
        ["w2", "data", "1", "grad", "0"],
        ["x2", "data", "0", "grad", "0.5"],
        ["w1", "data", "-3", "grad", "1"],
        ["x1", "data", "2", "grad", "-1.5"],
    ]
    assert boxes(svg, "operation") == [
        ["*", "data", "0", "grad", "0.5"],
        ["*", "data", "-6", "grad", "0.5"],
        ["+", "data", "-6", "grad", "0.5"],
        ["n+", "data", "0.8814", "grad", "0.5"],
        ["otanh", "data", "0.7071", "grad", "1"],
    ]
    assert sorted(arrow_texts(svg)) == sorted(["-3", "2", "1", "0", "1", "1", "1", "1", "0.5"])


def test_an_operand_used_twice_has_two_arrows_and_a_literal_no_derivative():
    svg = draw(square()).svg
    assert arrow_texts(svg) == ["3", "3", "2"]
    assert boxes(svg, "literal") == [["2"]]
    assert "a literal: no derivative is taken" in svg


def test_a_gradient_that_was_not_computed_is_blank_and_zero_is_not():
    z = square()
    assert boxes(draw(z).svg, "leaf") == [["x", "data", "3", "grad"]]
    (z.parents[0].parents[0] * 0.0).backward()
    assert boxes(draw(z).svg, "leaf") == [["x", "data", "3", "grad", "0"]]


def test_sign_and_size_of_what_flows_back_are_marked_by_shape_and_thickness():
    a, b, c = Value(1.0, "a"), Value(1.0, "b"), Value(1.0, "c")
    (loss := a * 100.0 - b + c * 0.0).backward()
    root = ET.fromstring(draw(loss).svg)
    marks = {}
    for group in root.iter(f"{SVG}g"):
        paths = list(group.iter(f"{SVG}path"))
        if group.get("class") == "arrow" and len(paths) == 2:
            line, head = paths
            (role,) = [
                f"head {sign}"
                for sign in ("positive", "negative", "zero")
                if painted(head, f"{sign} head")
            ]
            marks.setdefault(group.find(f"{SVG}title").text, (role, line.get("stroke-width")))
    assert marks["local derivative 100.0 times gradient 1.0 gives a 100.0"] == (
        "head positive",
        "3.5",
    )
    assert marks["local derivative -1.0 times gradient 1.0 gives b -1.0"] == (
        "head negative",
        "2.2",
    )  # 1 + 2.5 * (1 - 2 decades / 4)
    assert marks["local derivative 0.0 times gradient 1.0 gives c 0.0"] == ("head zero", "1")
    for hollow in ("negative head", "zero head"):
        assert f'fill="{LIGHT["paper"]}"' in look(hollow)


def test_a_zero_gradient_lets_nothing_flow_whatever_the_derivative():
    x = Value(0.0, "x")
    root = Value(0.0) * (x**0.5)
    root.backward()
    assert "local derivative inf times gradient 0.0 gives x 0.0" in draw(root).svg


def test_the_legend_explains_the_marks_that_are_there_and_no_other():
    z = square()
    assert ("literal: a plain number" in draw(z).svg, "negative: hollow head" in draw(z).svg) == (
        True,
        False,
    )
    z.backward()
    assert "full at 12," in draw(z).svg
    (-z).backward()
    assert "negative: hollow head" in draw(-z, z).svg


def test_names_label_a_picture_and_leave_the_values_alone():
    z = square()
    x = z.parents[0].parents[0]
    svg = draw(z, names={"first": x, "second": x, "not drawn": Value(1.0)}).svg
    assert boxes(svg, "leaf") == [["first, second", "data", "3", "grad"]]
    assert x.label == "x"


def test_several_roots_share_their_graph():
    x = Value(2.0, "x")
    drawing = draw(x * 3, x * 5)
    assert len(boxes(drawing.svg, "leaf")) == 1
    assert "Computation graph of result = 6, result = 10" in drawing.svg


def test_a_leaf_alone_is_a_picture():
    assert boxes(draw(Value(1.5)).svg, "leaf") == [["data", "1.5", "grad"]]


def test_one_image_with_title_description_opaque_paper_and_both_palettes():
    root = ET.fromstring(draw(neuron()).svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (root.get("role"), root.get("aria-labelledby")) == (
        "img",
        f"{title.get('id')} {description.get('id')}",
    )
    assert title.text == "Computation graph of o = 0.7071"
    assert description.text.startswith("5 operations, 5 leaves, 0 literals, from left to right.")
    paper = next(root.iter(f"{SVG}rect"))
    assert [paper.get(name) for name in ("fill", "x", "y", "width", "height")] == [
        LIGHT["paper"],
        *root.get("viewBox").split(),
    ]
    style = root.find(f"{SVG}style").text
    assert "@media screen and (prefers-color-scheme:dark)" in style
    for name, colour in LIGHT.items():
        assert colour not in draw(neuron()).svg or f'"{colour}"]' in style, name
        assert (f'="{colour}"]' in style) == (DARK[name] in style)


def test_without_its_style_sheet_a_picture_has_all_its_colours_and_no_variable():
    o = neuron()
    o.backward()
    for svg in (draw(o).svg, draw(o, layout="nested").svg, step_through(o).svg):
        bare = re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)
        root = ET.fromstring(bare)
        for element in root.iter():
            if element.tag in (f"{SVG}rect", f"{SVG}path"):
                assert element.get("fill") in {*LIGHT.values(), "none"}, ET.tostring(element)
        assert "var(" not in svg
        assert set(re.findall(r"#[0-9a-f]{6}", bare)) <= set(LIGHT.values())


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_of_text_is_4_5_and_of_marks_3(palette):
    assert round(contrast("#000000", "#ffffff"), 3) == 21.0
    for ground in ("paper", "band", "operation", "leaf", "group"):
        for text in ("text", "faint"):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        for mark in ("line", "positive", "negative", "nan"):
            assert contrast(palette[mark], palette[ground]) >= 3, (mark, ground)
    for frame in ("line", "leaf-line", "group-line", "highlight"):
        assert contrast(palette[frame], palette["paper"]) >= 3, frame


HOSTILE = [
    "</text></svg><script>alert(1)</script>",
    "<b>x</b>",
    "<<b>x</b>>",
    r"\N \G \l \\",
    r"trailing \ ",
    "\\",
    '"]; evil [label="',
    '\\"]; evil [label="',
    "{a|b}",
    "&amp; &#60; & ]]>",
    "\x00\x07\x1b[31m\r\n\t",
    "\u202e\u2066right to left\ud800\ufffe",
    "日本語 \U0001f600 é",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_breaks_out(label):
    x = Value(1.0, label)
    y = x * 2
    y.label = label
    drawing = draw(y, names={label: x}, highlight=y)
    seen = (
        label.translate({})
        if label.isprintable()
        else "".join(c if c.isprintable() else repr(c)[1:-1] for c in label)
    )
    short = seen if len(seen) <= 24 else f"{seen[:13]}…{seen[-10:]}"
    root = ET.fromstring(drawing.svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "g",
        "text",
        "tspan",
        "path",
    }
    assert boxes(drawing.svg, "leaf")[0][0] == short
    assert all(c.isprintable() or c == "\n" for c in drawing.svg)
    assert all(c.isprintable() or c == "\n" for c in repr(drawing))
    source = drawing.dot.source
    assert len(re.findall(r"^\tn\d+ \[", source, re.MULTILINE)) == 3
    assert "label=<" not in source
    assert "tooltip=<" not in source
    html = image_tag(drawing.svg, f"{drawing._picture.title}. {drawing._picture.description}")
    assert [tag for tag, _ in elements(html)] == ["img"]


def test_dot_text_escapes_backslashes_and_entities():
    source = draw(Value(1.0, r"\N&lt;")).dot.source
    assert r'label="\\N&amp;lt;\ldata 1\lgrad \l"' in source


def test_dot_text_has_every_edge_and_mark():
    z = square()
    z.backward()
    source = draw(z).dot.source
    assert source.count("n1 -> n2") == 2
    assert re.search(r"n0 -> n3 .*arrowhead=none.*style=dashed", source)
    assert r"leaf: a parameter or an input\l" in source


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's program dot is not installed")
def test_graphviz_reads_what_is_written(tmp_path):
    leaves = [Value(1.0, label) for label in HOSTILE]
    drawing = draw(*(leaf * 2 for leaf in leaves), engine="dot")
    root = ET.fromstring(drawing.svg)
    nodes = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
    assert len(nodes) == 3 * len(leaves)
    texts = {node.find(f".//{SVG}text").text for node in nodes}
    assert {"<b>x</b>", "&amp; &#60; & ]]>", "{a|b}", "\\", r"\N \G \l \\"} <= {
        text.replace("\xa0", " ") for text in texts
    }
    drawing.save(tmp_path / "graph.png")
    drawing.save(tmp_path / "graph.pdf")
    assert (tmp_path / "graph.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "graph.pdf").read_bytes()[:4] == b"%PDF"


def test_the_same_graph_gives_the_same_bytes_in_another_process():
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_drawing import neuron, draw\n"
        "o = neuron(); o.backward(); d = draw(o); print(d.svg, d.dot.source, d, "
        "d._repr_mimebundle_())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, *sys.path],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_a_graph_as_text():
    z = square()
    z.backward()
    assert repr(draw(z)) == "\n".join(
        [
            "Computation graph of z = 18",
            "#3 z *, data 18, grad 1",
            "├─ [2] #2 *, data 9, grad 2",
            "│  ├─ [3] #1 x, data 3, grad 12",
            "│  └─ [3] #1 x, data 3, grad 12",
            "└─ #0 2",
        ]
    )
    y = tanh(z)
    assert repr(draw(y + y)).splitlines()[2:] == [
        "├─ [1] #4 tanh, data 1, grad (not computed)",
        "│  └─ [9.278e-16] #3 z *, data 18, grad 1",
        "│     ├─ [2] #2 *, data 9, grad 2",
        "│     │  ├─ [3] #1 x, data 3, grad 12",
        "│     │  └─ [3] #1 x, data 3, grad 12",
        "│     └─ #0 2",
        "└─ [1] #4 tanh, data 1, grad (not computed) (see above)",
    ]


def test_a_long_graph_as_text_is_cut_short():
    x = Value(1.0)
    for _ in range(80):
        x = tanh(x)
    assert repr(draw(x)).splitlines()[-1] == "... 22 more"


def elements(html):
    """The tags of an HTML text with their attributes, as a browser sees them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    parser.close()
    return found


def without_resvg(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)


def png_size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return tuple(int.from_bytes(png[i : i + 4], "big") for i in (16, 20))


def test_a_notebook_is_given_a_png_of_twice_the_size_and_the_text_and_nothing_else():
    drawing = draw(neuron())
    content, metadata = drawing._repr_mimebundle_()
    width, height = (float(ET.fromstring(drawing.svg).get(name)) for name in ("width", "height"))
    assert list(content) == ["image/png", "text/plain"]
    assert content["text/plain"] == repr(drawing)
    assert metadata == {"image/png": {"width": round(width), "height": round(height)}}
    png = base64.b64decode(content["image/png"])
    assert png == png_of(drawing.svg)
    assert png_size(png) == pytest.approx((2 * width, 2 * height), abs=1)
    assert not hasattr(drawing, "_repr_html_")


def test_a_png_is_of_the_fonts_of_the_package_alone():
    assert [path.rpartition("/")[2] for path in FONTS] == [
        "DejaVuSansMono-Bold.ttf",
        "DejaVuSansMono.ttf",
    ]
    svg = draw(Value(1.0, "x")).svg
    assert png_of(svg) != png_of(re.sub(r"<text.*?</text>", "", svg))  # the text is there
    assert png_of(svg) != png_of(svg.replace(' font-weight="bold"', ""))  # and it is bold


def test_a_png_has_at_most_four_million_pixels():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="1000"></svg>'
    width, height = png_size(png_of(svg))
    assert (width, height) == (4000, 1000)
    assert width * height <= MOST_PIXELS


def test_without_resvg_a_notebook_is_given_an_image_with_a_text_alternative(monkeypatch):
    without_resvg(monkeypatch)
    content, metadata = draw(neuron())._repr_mimebundle_()
    assert (list(content), metadata) == (["text/html", "text/plain"], {})
    ((tag, image),) = elements(content["text/html"])
    assert tag == "img"
    assert image["alt"].startswith("Computation graph of o = 0.7071. 5 operations")
    assert (
        base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode()
        == draw(neuron()).svg
    )


@pytest.mark.parametrize(
    "show",
    [
        draw,
        lambda y: draw(y, depth=0),
        lambda y: draw(y + 1.0, layout="nested"),
        step_through,
        formula,
        lambda y: explain(y, y),
    ],
)
def test_a_graph_whose_leaf_was_changed_is_not_shown(show):
    x = Value(1.0, "x")
    y = x * x
    x.data = 2.0
    with pytest.raises(StaleValueError, match=r"'x'.*was changed.*forward pass again"):
        show(y)


@pytest.mark.parametrize("form", ["html", "svg"])
def test_a_page_is_not_written_after_a_leaf_was_changed(form, tmp_path):
    x = Value(1.0, "x")
    page = step_through(x * x)
    x.data = 2.0
    with pytest.raises(StaleValueError, match=r"'x'.*was changed.*forward pass again"):
        page.save(tmp_path / f"page.{form}")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_too_large_for_a_notebook_is_shown_as_text(monkeypatch):
    without_resvg(monkeypatch)
    x = Value(1.0)
    for _ in range(1900):
        x = x * x
    content, _ = draw(x, fold="none")._repr_mimebundle_()
    assert list(content) == ["text/plain"]
    assert len(content["text/plain"]) < 10_000


def test_saving(tmp_path):
    drawing = draw(neuron())
    drawing.save(tmp_path / "graph.svg")
    drawing.save(str(tmp_path / "graph.DOT"))
    assert (tmp_path / "graph.svg").read_bytes().decode() == drawing.svg
    assert (tmp_path / "graph.DOT").read_bytes().decode() == drawing.dot.source
    with pytest.raises(DrawingError, match=r"saved as \.svg, \.dot, \.png, \.pdf"):
        drawing.save(tmp_path / "graph.jpeg")
    drawing.save(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes() == png_of(drawing.svg)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["graph.DOT", "graph.png", "graph.svg"]


def test_without_resvg_png_says_what_to_install(tmp_path, monkeypatch):
    without_resvg(monkeypatch)
    with pytest.raises(MissingDependencyError, match=r"PNG.*pip install resvg-py"):
        draw(neuron()).save(tmp_path / "graph.png")
    assert list(tmp_path.iterdir()) == []


def test_without_the_program_dot_pdf_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for ask in (
        lambda: draw(neuron()).save(tmp_path / "graph.pdf"),
        lambda: draw(neuron(), engine="dot").svg,
    ):
        with pytest.raises(MissingDependencyError, match=r"`dot` is not on the PATH.*\.svg"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_a_program_dot_that_fails_is_told_with_what_it_says(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'no plugin for it' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for ask in (
        lambda: draw(neuron()).save(tmp_path / "graph.pdf"),
        lambda: draw(neuron(), engine="dot").svg,
    ):
        with pytest.raises(DrawingError, match=r"`dot` cannot write .*no plugin for it"):
            ask()


def test_without_the_package_graphviz_svg_still_works(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    drawing = draw(neuron())
    assert drawing.svg
    with pytest.raises(MissingDependencyError, match="pip install graphviz"):
        drawing.dot  # noqa: B018


def test_numbers_have_four_digits_and_zero_no_sign():
    leaves = [Value(x) for x in (-0.0, 1e-6, 123456.0, float("nan"), float("-inf"))]
    assert [texts[1] for texts in boxes(draw(*leaves).svg, "leaf")] == [
        "0",
        "1e-06",
        "1.235e+05",
        "nan",
        "-inf",
    ]


@given(st.lists(st.floats(), min_size=1, max_size=4), st.floats())
def test_any_numbers_can_be_drawn(numbers, seed):
    leaves = [Value(x) for x in numbers]
    root = leaves[0] * leaves[-1] + leaves[0]
    root.backward(seed)
    for drawing in (
        draw(root, *leaves),
        draw(root, *leaves, layout="nested"),
        draw(root, *leaves, fold=lambda value: "all"),
    ):
        ET.fromstring(drawing.svg)
        assert drawing.dot.source
        assert repr(drawing)


def test_what_is_no_number_and_what_is_infinite_is_marked():
    x, y = Value(float("nan"), "x"), Value(float("inf"), "y")
    root = x * y
    root.backward()
    svg = draw(root).svg
    assert svg.count(f'{look("nan line")} stroke-width="3.5"') == 1  # to y flows nan
    assert svg.count(f'{look("positive line")} stroke-width="3.5"') == 1  # to x flows inf


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((), {}, DrawingError, "nothing to draw"),
        (([Value(1.0)],), {}, DataTypeError, r"draw\(a, b\) takes Values, .*draw\(\*values\)"),
        ((1.0,), {}, DataTypeError, "takes Values"),
        ((nn.Neuron(2),), {}, DataTypeError, r"takes Values, .*model\.draw\(\)"),
        ((Value(1.0),), {"names": {"w": 1.0}}, DataTypeError, "names="),
        ((Value(1.0),), {"names": {Value(1.0): "w"}}, DataTypeError, "labels to Values"),
        ((Value(1.0),), {"names": ["w"]}, DataTypeError, "labels to Values"),
        ((Value(1.0),), {"groups": {"w": ("layers.0", 0)}}, DataTypeError, "groups maps a Value"),
        ((Value(1.0),), {"around": 1.0}, DataTypeError, "around="),
        ((Value(1.0),), {"engine": "neato"}, DrawingError, "'neato'"),
        ((Value(1.0),), {"fold": 0}, DrawingError, "depth of 1 or more"),
        ((Value(1.0),), {"fold": "neurons"}, DrawingError, "'neurons'"),
        ((Value(1.0),), {"fold": 1}, DrawingError, "pass groups="),
        ((Value(1.0),), {"layout": "time"}, DrawingError, "pass groups="),
        ((Value(1.0),), {"layout": "circle"}, DrawingError, "'circle'"),
        ((Value(1.0),), {"depth": -1}, DrawingError, "-1"),
        ((Value(1.0),), {"around": Value(1.0)}, DrawingError, "no root depends on it"),
        ((Value(1.0),), {"highlight": [2.0]}, DataTypeError, "2.0"),
        ((Value(1.0),), {"expand": "layers.0"}, DrawingError, "names no group"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        draw(*arguments, **options)


def test_parameters_are_called_by_their_path_and_never_two_alike():
    model = nn.MLP(2, [12, 1], seed=0)
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    with nn.trace(model) as t:
        out = model(x)[0]
    names = {box.name for box in draw(out, groups=t, fold="none")._picture.boxes} - {""}
    assert {"x1", "x2", "layers.0.neurons.1.b", "layers.0.neurons.11.w.0"} <= names
    assert len(names) == 2 + 12 * 3 + 13
    labelled = draw(out, groups=t, names={"bias": model.layers[1].neurons[0].b})
    assert "bias" in labelled.svg


def test_long_labels_are_shortened_in_the_middle_until_they_differ():
    one, other = "a" * 20 + "x" + "b" * 20, "a" * 20 + "y" + "b" * 20
    short = shortened_apart([one, other, one, "c"])
    assert short["c"] == "c"
    assert short[one] != short[other]
    assert all("…" not in text or len(text) < 41 for text in short.values())


def test_the_operands_of_a_long_list_are_asked_for_once(monkeypatch):
    """Not once for every edge: an array of 100,000 terms would take minutes."""
    asked = []
    parents = Value.parents.fget
    monkeypatch.setattr(Value, "parents", property(lambda v: asked.append(v) or parents(v)))
    z = mean([Value(1.0) for _ in range(200)])
    draw(z, fold="none")
    assert asked.count(z) < 20
