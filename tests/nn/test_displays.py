"""What a notebook is given to show, by IPython's own formatter."""

import base64
import sys

import pytest

import nn
from autograd import Value, check_gradients, draw, explain, step_through, summary, tanh

pytest.importorskip("IPython")
pytest.importorskip("matplotlib").use("Agg")
from IPython.core.formatters import DisplayFormatter  # noqa: E402
from matplotlib import pyplot  # noqa: E402

X, Y = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1, 1]
IMAGE = {"image/png", "text/plain"}
TABLE = {"text/html", "text/plain"}


def model():
    return nn.MLP(2, [3, 1], "tanh", seed=0)


def loss():
    w, x = Value(0.5, "w"), Value(-2.0, "x")
    z = tanh(w * x)
    z.label = "loss"
    z.backward()
    return z


def explained():
    z = loss()
    return explain(z, z.parents[0].parents[0])


def trained():
    net = model()
    return nn.fit(
        net, X, Y, loss=nn.mse, optimizer=nn.SGD(net.parameters(), 0.1), epochs=2, progress=False
    )


def unrolled():
    net = nn.RNN(1, 2, seed=0)
    with nn.trace(net) as t:
        outputs = net([[0.5], [1.0]])
    return draw(*outputs[-1], groups=t, layout="time")


SHOWN = {
    "draw": (lambda: draw(loss()), IMAGE),
    "draw nested": (lambda: draw(loss(), layout="nested"), IMAGE),
    "draw in time": (unrolled, IMAGE),
    "parts of a model": (lambda: model().draw(), IMAGE),
    "a net": (lambda: model().draw("net", x=[1.0, 0.5]), IMAGE),
    "a cell": (lambda: nn.LSTM(1, 2, seed=0).draw("cell", x=[0.5]), IMAGE),
    "step_through": (lambda: step_through(loss()), IMAGE | TABLE),
    "loss_curve": (lambda: nn.plots.loss_curve(trained()), IMAGE),
    "decision_boundary": (lambda: nn.plots.decision_boundary(model(), X, Y), IMAGE),
    "weight_images": (lambda: nn.plots.weight_images([[1.0, -1.0]], (1, 2)), IMAGE),
    "explain": (explained, TABLE | {"text/latex"}),
    "History": (trained, TABLE),
    "diagnose": (lambda: nn.diagnose(model(), X, Y, loss=nn.mse), TABLE),
    "check_gradients": (lambda: check_gradients(lambda x: x * x, 2.0), TABLE),
    "summary": (lambda: summary(loss()), TABLE),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def given(thing):
    """Contents by media type, and their metadata, that a cell's last line sends."""
    formatter = DisplayFormatter()
    formatter.active_types = formatter.format_types
    content, metadata = formatter.format(thing)
    return content, metadata


@pytest.mark.parametrize("name", SHOWN)
def test_a_notebook_is_given(name):
    make, expected = SHOWN[name]
    content, metadata = given(make())
    assert set(content) == expected
    assert content["text/plain"].strip()
    assert "object at 0x" not in content["text/plain"]
    if "image/png" in expected:
        png = content["image/png"]
        png = base64.b64decode(png) if isinstance(png, str) else png
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        size = [int.from_bytes(png[i : i + 4], "big") for i in (16, 20)]
        # Two pixels for each px; without its width a viewer would show it twice as large.
        natural = metadata["image/png"]
        assert set(natural) == {"width", "height"}
        for pixels, px in zip(size, (natural["width"], natural["height"]), strict=True):
            assert pixels == pytest.approx(2 * px, abs=2)
        assert natural["width"] <= 900
    if "text/html" in expected and "image/png" not in expected:
        assert "<table" in content["text/html"]
        assert "<img" not in content["text/html"]


@pytest.mark.parametrize("name", ["draw", "draw in time", "parts of a model", "a net", "a cell"])
def test_without_resvg_a_notebook_is_given_an_image_and_the_text(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    content, _ = given(SHOWN[name][0]())
    assert set(content) == TABLE
    assert content["text/html"].startswith('<img alt="')
    assert "data:image/svg+xml;base64," in content["text/html"]
