"""step_through without a browser: what is in page and animation, and how large they are."""

import base64
import hashlib
import html
import json
import math
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import (
    NOT_COMPUTED,
    PRIMITIVES,
    Value,
    dot,
    draw,
    explain,
    primitive,
    relu,
    sqrt,
    step_through,
    stop_gradient,
    tanh,
    where,
)
from autograd.drawing.sources import packed_script
from autograd.drawing.stepping.walk import walk
from autograd.errors import DataTypeError, DrawingError, StaleValueError

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<!--<script>",
    "&lt;b&gt;",
    "\\N\\G",
    "<b>x</b>",
    "$\\href{javascript:x}{y}$",
    "\x1b[31m\x07",
    "\u202ereversed",
    "a\nb",
    "\ud800",
    "'+alert(1)+'",
    "]]>",
    "${alert(1)}",
    "`",
]


def small():
    w, x, b = Value(2.0, "w"), Value(-3.0, "x"), Value(6.88, "b")
    loss = (tanh(w * x + b) - 0.5) ** 2 + w * w * 0.1
    loss.label = "loss"
    return loss


def net(rows, width, seed=1):
    """A loss of a net written with plain Values, and its groups, as nn.trace would record them."""
    numbers = iter(math.sin(seed + 0.7 * k) for k in range(10**6))
    layers = []
    for n_in, n_out in ((2, width), (width, width), (width, 1)):
        layers.append([[Value(next(numbers)) for _ in range(n_in + 1)] for _ in range(n_out)])
    groups, terms = {}, []
    for row in range(rows):
        values = [next(numbers), next(numbers)]
        for i, layer in enumerate(layers):
            made = []
            for j, (*w, b) in enumerate(layer):
                z = dot(w, values)
                made.append(relu(z + b))
                for value in (z, z + b, made[-1], *w, b):
                    groups.setdefault(value, (f"layers.{i}.neurons.{j}", row))
                groups[made[-1].parents[0]] = (f"layers.{i}.neurons.{j}", row)
            values = made
        terms.append((values[0] - 1.0) ** 2)
    loss = terms[0]
    for term in terms[1:]:
        loss = loss + term
    return loss, groups


def data_of(page):
    return json.loads(
        re.search(r'<script type="application/json" id="graph-data">(.*?)</script>', page, re.S)[1]
    )


def test_the_gradients_of_the_walk_are_those_of_backward():
    loss, groups = net(3, 4)
    walked = walk(loss, groups)
    loss.backward()
    for value, gradient in zip(walked.order, walked.gradients, strict=True):
        assert (value.grad is NOT_COMPUTED) == (gradient is None)
        assert gradient is None or gradient == value.grad


def test_looking_changes_nothing():
    loss = small()
    step_through(loss).html  # noqa: B018
    assert all(value.grad is NOT_COMPUTED for value in walk(loss, {}).order)


def test_no_derivative_is_told_from_a_zero_one():
    x, y = Value(1.0, "x"), Value(-1.0, "y")
    walked = walk(stop_gradient(x) + relu(y), {})
    gradients = dict(zip(walked.names, walked.gradients, strict=True))
    assert gradients["x"] is None
    assert gradients["y"] == 0.0


def test_the_policy_comes_first_and_allows_exactly_the_script_and_the_style():
    page = step_through(small()).html
    head = (
        '<!DOCTYPE html>\n<html lang="en"><head>'
        '<meta http-equiv="Content-Security-Policy" content="'
    )
    assert page.startswith(head)
    policy = page[len(head) :].split('"')[0]
    script = re.search(r"<script>(.*?)</script>", page, re.S)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (script, style)
    ]
    assert (
        policy == f"default-src 'none'; script-src 'sha256-{hashes[0]}'; "
        f"style-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )
    assert page.count("<script") == 2
    assert page.count("<style") == 1
    assert page.encode().index(b'<meta charset="utf-8">') < 1024


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def outline(page):
    parser = Outline()
    parser.feed(page)
    return parser


def test_there_are_no_inline_handlers_styles_or_addresses():
    loss, groups = net(1, 3)
    for name, value in outline(step_through(loss, groups).html).attributes:
        assert not name.startswith("on")
        assert name not in ("style", "src")
        assert name != "href" or re.fullmatch(r"#(leaf|op|later|w\d+)", value)


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_and_paths_change_nothing_but_text(label):
    def build(name, path):
        x = Value(2.0, name)
        h = x * x
        h.label = name
        z = h + x
        return step_through(z, {h: (path, 0), z: (path, 0)})

    hostile, harmless = build(label, label), build("plain", "plain")
    assert outline(hostile.html).tags == outline(harmless.html).tags
    for text in (hostile.html, hostile.svg):
        text.encode()  # no lone surrogate
        assert not any(ord(c) < 32 and c != "\n" for c in text)
        assert "\u202e" not in text
    assert "<" not in json.dumps(hostile.html.split('id="graph-data">')[1].split("</script>")[0])
    tree = ElementTree.fromstring(hostile.svg)
    assert {element.tag for element in tree.iter()} == {
        element.tag for element in ElementTree.fromstring(harmless.svg).iter()
    }


def labelled_page(text):
    x = Value(2.0, text)
    h = x * x
    h.label = text
    return step_through(h + x, {h: (f"{text}.a", 0), x: (f"{text}.a", 0)}).html


def scripts_and_tags(page):
    return re.findall(r"<script>(.*?)</script>", page, re.S), outline(page).tags


PLAIN = scripts_and_tags(labelled_page("plain"))
SYNTAX = st.text(st.sampled_from("</>&\"'`${}[]().;:\\-=!#\r\n\u2028scriptx0 "), max_size=30)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=30), SYNTAX))
def test_no_text_of_a_label_or_path_reaches_script_or_tags(text):
    assert scripts_and_tags(labelled_page(text)) == PLAIN


def test_a_user_primitive_with_a_hostile_formula_is_text(request):
    odd = primitive(
        "odd", lambda x: x, 1.0, formula="</script><b>", symbol="<i>", domain="x < inf", kinks="<u>"
    )
    request.addfinalizer(lambda: (PRIMITIVES.pop("odd"), delattr(Value, "odd")))
    page = step_through(odd(Value(1.0, "x"))).html
    assert not {"i", "u"} & set(outline(page).tags)
    assert outline(page).tags.count("b") == outline(step_through(small()).html).tags.count("b")
    assert data_of(page)["ops"][0]["formula"] == "</script><b>"


def test_nan_and_infinities_are_json():
    x = Value(0.0, "x")
    data = data_of(step_through(where(x > 1, x, sqrt(x) * Value(math.nan))).html)
    assert "nan" in data["data"]
    assert ["inf"] in data["local"]


def test_the_same_graph_gives_the_same_bytes_in_any_process():
    program = (
        "from test_page import net; from autograd import step_through; "
        "s = step_through(*net(1, 3)); print(hash(s.html) and s.html + s.svg)"
    )
    options = {"cwd": Path(__file__).parent, "capture_output": True, "check": True}
    root = str(Path(__file__).parents[2])
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            **options,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 30_000


def chain_of(nodes):
    """A recurrence: every step uses the one before, a shared weight, and its own input."""
    w, z = Value(0.9, "w"), Value(0.1)
    k = 2
    while k + 4 <= nodes:
        z = tanh(w * z + Value(math.sin(k)))
        k += 4
    return z


def neuron():
    x = [Value(2.0, "x1"), Value(0.0, "x2")]
    w = [Value(-3.0, "w1"), Value(1.0, "w2")]
    o = (w[0] * x[0] + w[1] * x[1] + Value(6.88, "b")).tanh()
    o.label = "o"
    return o


def rows_of_moons(sizes, rows):
    """The hinge loss of a net on some rows, and its trace."""
    model = nn.MLP(2, sizes, seed=3)
    X, y = nn.data.moons(rows, seed=1)
    with nn.trace(model) as t:
        loss = nn.hinge([model(row) for row in X], y)
    return loss, t


@pytest.mark.parametrize(
    ("graph", "most"),
    [
        (lambda: (neuron(), {}), 42_000),
        (lambda: rows_of_moons([4, 1], 4), 89_000),
        (lambda: rows_of_moons([8, 8, 1], 13), 539_000),
        (lambda: net(1, 4), 68_000),
        (lambda: (chain_of(60), {}), 68_000),
        (lambda: net(7, 12), 600_000),
        (lambda: (chain_of(1000), {}), 600_000),
    ],
    ids=["neuron", "mlp-126", "mlp-1029", "net-60", "chain-60", "net-1000", "chain-1000"],
)
def test_pages_are_small(graph, most):
    root, groups = graph()
    made = step_through(root, groups)
    assert len(made.html.encode()) < most


def test_a_packed_script_loses_blanks_comments_long_names_and_repeated_const_only():
    source = """
const total = `x ${first + `${total} = y`} = total`; // a remark {
const first = "e  =  f".split(/g = h/);
const { data, names: [long] } = (given, z) => {
  let x, first;
  return { first: given.total, total };
};
let count = total - -1 + +2;
return [second.first, count, long,];
"""
    assert packed_script(source) == (
        'const a=`x ${b+`${a} = y`} = total`,b="e  =  f".split(/g = h/),'
        "{data:f,names:[e]}=(d,z)=>{let x,b;return{first:d.total,total:a}};"
        "let c=a- -1+ +2;return[second.first,c,e];\n"
    )


def test_a_large_graph_starts_with_its_groups_closed():
    loss, groups = net(7, 12)
    walked = walk(loss, groups)
    closed = [walked.groups[g].title for g in walked.folded]
    assert closed == ["layers.0", "layers.1", "layers.2"]
    assert walk(*net(1, 3)).folded == []


def test_a_literal_goes_with_what_uses_it():
    x = Value(2.0, "x")
    h = x * 3.0
    walked = walk((h + 1.0) * 2.0, {h: ("layer", 0), x: ("layer", 0)})
    inside = {
        value.data for value, group in zip(walked.order, walked.group_of, strict=True) if group == 0
    }
    assert inside == {2.0, 3.0, 6.0}


def test_groups_are_a_tree_in_natural_order():
    loss, groups = net(2, 11)
    tree = walk(loss, groups).groups
    titles = [group.title for group in tree]
    assert titles.index("layers.0.neurons.2") < titles.index("layers.0.neurons.10")
    for group in tree:
        assert group.within is None or group.title.startswith(tree[group.within].title)
    assert "layers.0.neurons.2, call 1" in titles


def test_the_table_has_the_graph_in_words():
    page = step_through(small()).html
    rows = [
        html.unescape(re.sub(r"<[^>]+>", "|", row)).strip("|")
        for row in re.findall(r"<tr><th scope=row>(.*)", page)
    ]
    assert rows[0].startswith("loss|t5 + t7|0.4426|1")
    assert any(row.startswith("w|leaf|2|-0.2205") for row in rows)
    assert len(rows) == 11


def test_the_animation_plays_at_most_five_seconds_and_rests_at_the_end():
    made = step_through(small())
    ElementTree.fromstring(made.svg)
    delays = {
        name: float(seconds)
        for name, seconds in re.findall(r"\.d(\d+){animation-delay:([\d.]+)s}", made.svg)
    }
    lengths = {
        kind: float(re.search(rf"\.{kind}{{[^}}]*animation:\w+ ([\d.]+)s", made.svg)[1])
        for kind in ("flow", "after")
    }
    moving = re.findall(r'class="(flow|after)[^"]* d(\d+)"', made.svg)
    ends = [delays[name] + lengths[kind] for kind, name in moving]
    kinds = [kind for kind, _ in moving]
    assert kinds.count("flow") == 12  # arrows with a gradient
    assert kinds.count("after") == 12 + 2 * 11  # they, and number and bar of boxes with one
    assert max(ends) <= 5.0
    assert "infinite" not in made.svg
    assert "@media (prefers-reduced-motion:reduce){*{animation:none!important}}" in made.svg
    assert "<script" not in made.svg
    assert "w.grad = -0.2205" in made.svg


def test_an_animation_of_too_many_nodes_is_refused():
    with pytest.raises(DrawingError, match="too many to follow"):
        step_through(chain_of(400)).svg  # noqa: B018


def test_saving(tmp_path):
    made = step_through(small())
    for suffix, content in ((".html", made.html), (".svg", made.svg)):
        made.save(tmp_path / f"backprop{suffix}")
        assert (tmp_path / f"backprop{suffix}").read_bytes() == content.encode()
    with pytest.raises(DrawingError, match=r"\.html"):
        made.save(tmp_path / "backprop.pdf")


def test_a_notebook_is_given_the_page_the_picture_and_the_text():
    made = step_through(small())
    content, metadata = made._repr_mimebundle_()
    assert set(content) == {"text/html", "image/png", "text/plain"}
    assert set(metadata) == {"image/png"}
    shown = content["text/html"]
    assert outline(shown).tags == ["div", "img", "script"]
    start = shown.index("attributes = ") + len("attributes = ")
    attributes, _ = json.JSONDecoder().raw_decode(shown[start:])
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == made.html
    assert content["text/plain"] == repr(made)
    assert repr(made) == "<backward through loss, 14 nodes: .save('backprop.html')>"


# VS Code shows the first of these that a bundle has and that it trusts: in a
# trusted workspace any, in a restricted one only what cannot run code.
VS_CODE = (
    "application/json",
    "application/javascript",
    "text/html",
    "image/svg+xml",
    "text/latex",
    "text/markdown",
    "image/png",
    "image/jpeg",
    "text/plain",
)
VS_CODE_SECURE = {
    "application/json", "text/markdown", "image/png", "image/jpeg", "text/plain"
}  # fmt: skip


@pytest.mark.parametrize(
    ("show", "trusted", "restricted"),
    [
        (draw, "image/png", "image/png"),
        (step_through, "text/html", "image/png"),
        (lambda loss: explain(loss, walk(loss, {}).order[0]), "text/html", "text/plain"),
    ],
    ids=["draw", "step_through", "explain"],
)
def test_vs_code_shows_the_picture_in_a_restricted_workspace(show, trusted, restricted):
    shown = show(small())
    methods = {
        "text/html": "_repr_html_",
        "text/latex": "_repr_latex_",
        "text/plain": "__repr__",
    }
    given = (
        set(shown._repr_mimebundle_()[0])
        if hasattr(shown, "_repr_mimebundle_")
        else {media for media, name in methods.items() if hasattr(shown, name)}
    )
    assert next(media for media in VS_CODE if media in given) == trusted
    assert next(media for media in VS_CODE if media in given & VS_CODE_SECURE) == restricted


def test_what_learns_are_the_parameters_if_they_are_known():
    model = nn.MLP(2, [2, 1], seed=1)
    x = [Value(0.5, "x1"), Value(-0.5, "x2")]
    with nn.trace(model) as t:
        out = model(x)[0]

    def learning(**options):
        walked = step_through(out, **options)._walk
        return {walked.order[i] for i in walked.learning}

    assert learning() == {*x, *model.parameters()}
    assert learning(groups=t) == set(model.parameters())
    assert learning(names=dict(model.named_parameters())) == set(model.parameters())
    assert learning(names={"w": model.parameters()[0]}) == {model.parameters()[0]}


def test_boxes_of_paths_can_be_told_apart():
    model = nn.MLP(2, [3, 1], "tanh")
    page = step_through(
        nn.mse([model([1.0, 0.5])], [0.3]), names=dict(model.named_parameters())
    ).html
    titles = [
        text
        for text in re.findall(r"<text y=15>([^<]*)</text>", page)
        if text.startswith("layers.")
    ]
    assert len(titles) == len(set(titles)) == len(model.parameters())
    assert "layers.0….0.w.1" in titles


def test_names_and_steps_are_in_the_order_of_making_for_page_and_explanation():
    w, x, b = Value(2.0, "w"), Value(-3.0, "x"), Value(6.88, "b")
    made = [w * x]
    made += [made[0] + b]
    made += [tanh(made[1])]
    made += [w * w]
    root = made[3] - made[2]
    walked = walk(root, {})
    names = dict(zip(walked.order, walked.names, strict=True))
    assert [names[value] for value in made] == ["t1", "t2", "t3", "t4"]
    assert walked.order[-5:] == [*made, root]
    found = explain(root, x)
    assert {value: found.names[value] for value in walked.order if value.parents} == {
        value: name for value, name in names.items() if value.parents
    }
    assert "t2 = t1 + b" in str(found)
    assert walked.texts[-1] == "t4 - t3"


def test_bad_arguments():
    with pytest.raises(DataTypeError, match="step_through"):
        step_through(2.0)
    with pytest.raises(DataTypeError, match="groups"):
        step_through(small(), {"w": 1})
    with pytest.raises(DrawingError, match="too large to step through"):
        step_through(chain_of(3000))
    x = Value(1.0)
    y = x * 2.0
    x.data = 3.0
    with pytest.raises(StaleValueError):
        step_through(y)


def test_a_single_leaf_is_a_page_too():
    assert data_of(step_through(Value(1.0, "x")).html)["names"] == ["x"]
