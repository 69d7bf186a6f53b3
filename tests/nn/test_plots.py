"""Charts: what is drawn is what was given."""

import base64
import pickle
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from math import exp, nan

import pytest

from autograd import Value, sigmoid, tanh
from autograd.errors import ArgumentError, DataTypeError, LengthError, MissingDependencyError
from autograd.optional import load
from nn import (
    GPT,
    GRU,
    LSTM,
    MLP,
    SGD,
    Adam,
    History,
    data,
    descend,
    diagnose,
    fit,
    losses,
    plots,
    trace,
)
from nn.plots.axes import WIDEST

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def line(ax, label):
    """The points of the line that the legend calls `label`."""
    (found,) = [candidate for candidate in ax.lines if candidate.get_label() == label]
    assert label in [text.get_text() for text in ax.get_legend().get_texts()]
    return found.get_xdata(orig=False).tolist(), found.get_ydata(orig=False).tolist()


@pytest.mark.parametrize(
    ("draw", "xlabel", "xs"),
    [
        (plots.loss_curve, "epoch", [1, 2, 3]),
        (plots.weight_curve, "step", [0, 1, 2]),
        (plots.belief_curve, "examples seen", [0, 1, 2]),
        (plots.gradient_norms, "layer", [0, 1, 2]),
        (lambda curves, ax: plots.gradient_norms(curves, ax, by="lag"), "lag", [0, 1, 2]),
    ],
)
def test_curves_draw_their_numbers_on_the_given_axes(draw, xlabel, xs):
    given = pyplot.subplots()[1]
    ax = draw({"a": [0.5, 0.25, 0.125], "b": [0.1, 0.2]}, given)
    assert ax is given
    assert ax.get_xlabel() == xlabel
    assert line(ax, "a") == (xs, [0.5, 0.25, 0.125])
    assert line(ax, "b") == (xs[:2], [0.1, 0.2])


def test_scales():
    assert plots.loss_curve({"a": [1.0, 0.1]}).get_yscale() == "linear"
    assert plots.loss_curve({"a": [1.0, 0.1]}, log=True).get_yscale() == "log"
    assert plots.gradient_norms({"a": [1.0, 0.1]}).get_yscale() == "log"
    ax = plots.range_test([0.1, 1.0], [3.0, 2.0], 0.25)
    assert ax.get_xscale() == "log"
    assert line(ax, "suggested: 0.25")[0] == [0.25, 0.25]


def test_rate_curve_asks_the_schedule():
    assert line(plots.rate_curve({"halved": lambda t: 0.5**t}, 3), "halved") == (
        [0, 1, 2],
        [1, 0.5, 0.25],
    )


def test_activation_shows_function_and_derivative():
    ax = plots.activation(tanh, low=-2, high=2)
    xs, ys = line(ax, "derivative")
    assert (xs[0], xs[200], xs[-1]) == pytest.approx((-2, 0, 2))
    assert ys[200] == 1.0
    assert line(ax, "tanh")[1][0] == pytest.approx(-0.9640275800758169)


def test_error_gradient_shows_that_cross_entropy_learns_from_large_errors():
    ax = plots.error_gradient(
        {
            "CE": lambda z: losses.binary_cross_entropy([z], [1]),
            "MSE": lambda z: losses.mse([sigmoid(z)], [1]),
        },
        low=-10,
        high=10,
    )
    assert line(ax, "CE")[1][0] == pytest.approx(1 / (1 + exp(-10)))
    assert line(ax, "MSE")[1][0] == pytest.approx(9.1e-5, rel=0.01)


def test_loss_shape_and_fit_curve_evaluate_what_they_are_given():
    xs, ys = line(plots.loss_shape({"mse": lambda o: losses.mse([o], [1])}), "mse")
    assert ys == pytest.approx([(x - 1) ** 2 for x in xs])
    ax = plots.fit_curve({"model": MLP(1, [3, 1])}, [[0.0], [2.0]], [5.0, 6.0])
    assert line(ax, "data") == ([0, 2], [5, 6])
    assert len(line(ax, "model")[1]) == 401


def test_decision_boundary_says_how_names_become_classes():
    X, y = [[0.0, 0.0], [1.0, 0.0]], ["no", "yes"]
    with pytest.raises(DataTypeError, match=r"classes = sorted\(set\(y\)\)"):
        plots.decision_boundary(MLP(2, [1], seed=0), X, y)


@pytest.mark.parametrize(
    "model", [lambda x: x[0] - 0.5, lambda x: [x[0] - 0.5], lambda x: [0.5, x[0]]]
)
def test_decision_boundary_lies_where_the_classes_are_level(model):
    X, y = data.xor()
    ax = plots.decision_boundary(model, X, y, classes=["no", "yes"])
    boundaries = [
        vertex[0]
        for collection in ax.collections[1:2]
        for path in collection.get_paths()
        for vertex in path.vertices
    ]
    assert boundaries == pytest.approx([0.5] * len(boundaries))
    assert len(boundaries) > 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes"]
    (no,) = [collection for collection in ax.collections if collection.get_label() == "no"]
    assert sorted(no.get_offsets().tolist()) == [[0, 0], [1, 1]]


@pytest.mark.parametrize("output", ["sigmoid", "log_sigmoid"])
def test_the_boundary_of_a_model_that_ends_in_a_probability_is_that_of_its_logits(output):
    X, y = data.moons(20, seed=0)
    logits, model = MLP(2, [4, 1], seed=1), MLP(2, [4, 1], output=output)
    model.load_state_dict(logits.state_dict())
    names = [
        [text.get_text() for text in plots.decision_boundary(m, X, y).texts]
        for m in (logits, model)
    ]
    assert names == [["0", "1"]] * 2
    states = [(0, model.state_dict())]
    assert len(plots.filmstrip(model, states, X, y).child_axes[0].collections) == len(
        plots.filmstrip(logits, states, X, y).child_axes[0].collections
    )


def test_decision_boundary_of_a_model_that_prefers_one_class_everywhere():
    assert plots.decision_boundary(MLP(2, [2], init="zeros"), *data.xor()).get_legend() is not None


def test_decision_boundary_of_a_model_that_gives_nan_somewhere_shows_the_rest():
    ax = plots.decision_boundary(
        lambda x: [x[1] - 0.5 if x[0] < 0.5 else float("nan")], *data.xor()
    )
    regions = [collection for collection in ax.collections if collection.get_alpha() == 0.25]
    assert len(regions) == 2
    assert all(
        vertex[0] < 0.51
        for region in regions
        for path in region.get_paths()
        for vertex in path.vertices
    )


@pytest.mark.parametrize(
    ("numbers", "marked"),
    [([2.0, 1.0, 0.5], True), ([1.0, 1.0, 1.0], False), ([1.0], True), ([*range(31)], False)],
)
def test_a_curve_of_few_numbers_is_marked_where_its_dashes_stay_seen(numbers, marked):
    ax = plots.loss_curve({"loss": [3.0, 1.0], "other": numbers})
    assert (ax.lines[1].get_marker() == ".") is marked


def test_cost_surface_ends_each_path_at_its_marker():
    ax = plots.cost_surface(
        lambda a, b: a * a + b * b, {"path": [(1, 1), (0.5, 0.5), (0, 0)]}, (-2, 2), (-1, 1)
    )
    assert line(ax, "path") == ([1, 0.5, 0], [1, 0.5, 0])
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 2), (-1, 1))


def test_histograms_keep_the_area_and_layers_their_order():
    ax = plots.histograms({"a": [0.0, 1.0, 2.0, 3.0]})
    steps = ax.patches[0].get_xy()
    area = sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(steps))
    assert abs(area) == pytest.approx(1)
    ax = plots.layer_histograms({"first": [0.0, 1.0], "second": [0.5, 0.5]})
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["second", "first\n50% zero"]
    assert len(ax.patches) == 2


def test_dead_units_are_written_on_the_bars():
    ax = plots.dead_units({"layers.0": 0.25, "layers.1": 1.0})
    assert [bar.get_height() for bar in ax.patches] == [0.25, 1.0]
    assert [text.get_text() for text in ax.texts] == ["25%", "100%"]


def test_embedding_map_keeps_distances_in_a_plane():
    ax = plots.embedding_map({"a": [0, 0, 0], "b": [3, 0, 4], "c": [0, 1, 0], "d": [3, 1, 4]})
    points = ax.collections[0].get_offsets()
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c", "d"]
    assert ((points[1] - points[0]) ** 2).sum() == pytest.approx(25)
    assert ((points[2] - points[0]) ** 2).sum() == pytest.approx(1)
    assert points[1][0] > points[0][0]  # the largest entry of a direction is positive


def test_gates_have_a_row_for_every_unit():
    ax = plots.gates(
        {
            "input": [[0.0, 0.1], [0.2, 0.3], [0.4, 0.5]],
            "forget": [[1.0, 0.9], [0.8, 0.7], [0.6, 0.5]],
        }
    )
    assert ax.images[0].get_array().tolist() == [
        [0.0, 0.2, 0.4],
        [0.1, 0.3, 0.5],
        [1.0, 0.8, 0.6],
        [0.9, 0.7, 0.5],
    ]
    assert list(ax.get_yticks()) == [0.5, 2.5]


def test_values_are_drawn_as_their_numbers():
    a, b = [Value(1.0), Value(2.0)], [Value(3.0), Value(2.0)]
    assert line(plots.loss_curve({"a": a}), "a")[1] == [1, 2]
    assert plots.gates({"a": [a, b]}).images[0].get_array().tolist() == [[1, 3], [2, 2]]
    assert len(plots.embedding_map({"a": a, "b": b}).texts) == 2
    assert len(plots.layer_histograms({"a": a, "b": b}).patches) == 2
    assert plots.histograms({"a": a}).patches[0].get_xy()[:, 0].max() == 2
    assert plots.cost_surface(lambda w1, w2: Value(w1) * w2, {"path": [a, b]}, (0, 4), (0, 4)).lines


def test_confusion_counts_and_names():
    ax = plots.confusion([[3, 1], [0, 2]], classes=["cat", "dog"])
    assert [text.get_text() for text in ax.texts] == ["3", "1", "0", "2"]
    assert ax.images[0].get_array().tolist() == [[0.75, 0.25], [0, 1]]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["cat", "dog"]


def test_the_same_chart_gives_the_same_bytes(tmp_path):
    for ending in ("svg", "pdf", "png"):
        for name in ("a", "b"):
            plots.save(
                plots.decision_boundary(lambda x: x[0] - x[1], *data.moons(20)),
                tmp_path / f"{name}.{ending}",
            )
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    assert b"<dc:date>" not in (tmp_path / "a.svg").read_bytes()


def test_a_saved_chart_is_one_image_to_a_screen_reader(tmp_path):
    plots.save(plots.loss_curve({"a < b": [1.0, 0.5], "c": [2.0, 1.0]}), tmp_path / "a.SVG")
    root = ET.parse(tmp_path / "a.SVG").getroot()
    assert root.get("role") == "img"
    assert [(e.tag.rpartition("}")[2], e.text) for e in list(root)[:2]] == [
        ("title", "chart: loss against epoch"),
        ("desc", "a < b, c"),
    ]
    assert root.get("viewBox")
    plots.save(plots.heat_map([[1.0]]), tmp_path / "b.svg")
    assert next(iter(ET.parse(tmp_path / "b.svg").getroot())).text == "chart"


@pytest.mark.parametrize("draw", [plots.loss_curve, plots.layer_histograms, plots.embedding_map])
def test_without_matplotlib_the_error_says_what_to_install(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingDependencyError, match=r"pip install matplotlib"):
        draw({"a": [1.0, 2.0], "b": [2.0, 1.0]})


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda: plots.confusion([[1, 0], [0, 1]], classes=["a", "b", "c"]), LengthError),
        (lambda: plots.confusion([[1, 0], [0, 1]], classes=["a"]), LengthError),
        (lambda: plots.confusion([[1, 0], [0, 1]], classes="ab"), DataTypeError),
        (lambda: plots.confusion([[1, 0], [0, 1]], classes=2), DataTypeError),
        (lambda: plots.confusion([[1, 0], [0, 1]], classes={0: "a", 1: "b"}), DataTypeError),
        (lambda: plots.confusion([[1, 0], [0]]), LengthError),
        (lambda: plots.confusion([[1, -1], [0, 1]]), ArgumentError),
        (lambda: plots.confusion([[1, float("nan")], [0, 1]]), ArgumentError),
        (lambda: plots.confusion(None), DataTypeError),
        (lambda: plots.points([[1, 2]], [0], classes="a"), DataTypeError),
        (lambda: plots.points([[1, 2]], [float("inf")]), ArgumentError),
        (lambda: plots.points([[1, 2]], [2], classes=["a", "b"]), ArgumentError),
        (
            lambda: plots.decision_boundary(lambda x: x[0], *data.xor(), classes=["a"]),
            LengthError,
        ),
        (
            lambda: plots.decision_boundary(lambda x: x[0], *data.xor(), classes=["a", "b", "c"]),
            LengthError,
        ),
    ],
)
def test_classes_and_counts_are_checked_before_anything_is_drawn(draw, expected):
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    with pytest.raises(expected) as caught:
        draw()
    assert caught.type is expected
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize("n", [1, 4, 9])
def test_a_legend_covers_no_data(n):
    ax = plots.loss_curve({f"run {i}": [1.0, 0.5] for i in range(n)})
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1


def test_a_package_that_is_broken_is_not_said_to_be_missing(tmp_path, monkeypatch):
    (tmp_path / "chainrule_broken.py").write_text("import chainrule_nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        MissingDependencyError,
        match="needed is chainrule_nowhere, which is not installed: pip install chainrule_nowhere",
    ):
        load("chainrule_nowhere", "needed is")
    with pytest.raises(ModuleNotFoundError, match="No module named 'chainrule_nowhere'"):
        load("chainrule_broken", "needed is")


def trained(epochs=4, **options):
    X, y = data.moons(20)
    model = MLP(2, [3, 1], seed=0)
    adam = Adam(model.parameters(), lr=0.05)
    options = {"loss": losses.binary_cross_entropy, "progress": False, **options}
    return model, X, y, fit(model, X, y, optimizer=adam, epochs=epochs, **options)


def test_a_chart_shows_itself_as_a_sharp_png_and_no_second_time():
    ax = plots.loss_curve({"a": [1.0, 0.5]})
    (figure,) = pyplot.get_fignums()
    content, metadata = ax._repr_mimebundle_()
    assert list(content) == ["image/png", "text/plain"]
    assert content["text/plain"] == "chart: loss against epoch"
    assert metadata == {"image/png": {"width": 640, "height": 400}}
    png = base64.b64decode(content["image/png"])
    assert [int.from_bytes(png[i : i + 4], "big") for i in (16, 20)] == [1280, 800]
    assert figure not in pyplot.get_fignums()  # else the notebook shows it again
    assert ax._repr_mimebundle_()[0] == content
    assert isinstance(ax, matplotlib.axes.Axes)
    assert pickle.loads(pickle.dumps(ax)).get_xlabel() == "epoch"


def test_history_diagnosis_and_trace_are_drawn_as_they_are():
    model, X, y, history = trained()
    assert line(plots.loss_curve(history), "training") == ([1, 2, 3, 4], history["loss"])
    held_out = trained(validation=data.moons(10))[3]
    assert line(plots.loss_curve(held_out), "validation")[1] == held_out["val_loss"]

    found = diagnose(model, X, y, losses.binary_cross_entropy)
    ax = plots.gradient_norms(found)
    norms = [report.gradient_norm for report in found.layers]
    assert line(ax, "||dL/dZ||") == ([0, 1], norms)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["layers.0", "layers.1"]
    assert line(plots.gradient_norms({"one": found, "two": [1.0, 2.0]}), "one")[1] == norms
    assert [bar.get_height() for bar in plots.dead_units(found).patches] == [
        report.dead for report in found.layers
    ]

    for net, names in ((LSTM(1, 2), ["write", "forget", "read"]), (GRU(1, 2), ["reset", "update"])):
        with trace(net) as t:
            net([[0.5], [1.0], [-1.0]])
        ax = plots.gates(t)
        assert [tick.get_text() for tick in ax.get_yticklabels()] == [f"cell.{n}" for n in names]
        assert ax.images[0].get_array().shape == (2 * len(names), 3)


def test_a_name_that_begins_with_an_underscore_is_in_the_legend():
    ax = plots.loss_curve({"_best": [1.0, 0.5], "$x_1$": [1.0]})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["_best", "$x_1$"]


def test_zeros_after_relu_are_told_and_not_drawn():
    ax = plots.histograms({"relu": [0.0] * 6 + [1.0, 2.0, 3.0, 4.0], "all": [0.0, 0.0]})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "relu, 60% zero",
        "all, 100% zero",
    ]
    assert ax.patches[0].get_xy()[:, 0].min() == 1.0


def test_descent_steps_along_the_curve():
    ax = plots.descent(lambda w: w * w, {"rate 0.25": [2.0, 1.0, 0.5]})
    assert line(ax, "rate 0.25") == ([2.0, 1.0, 0.5], [4.0, 1.0, 0.25])
    xs, ys = line(ax, "cost")
    assert (xs[0], xs[-1]) == pytest.approx((0.5 - 0.225, 2 + 0.225))
    assert ys == pytest.approx([x * x for x in xs])


def test_points_are_drawn_before_there_is_a_model():
    ax = plots.points([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [0, 1, 0], classes=["no", "yes"])
    assert [c.get_offsets().tolist() for c in ax.collections] == [[[0, 1], [4, 5]], [[2, 3]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes"]


def test_a_filmstrip_has_a_frame_for_every_state_and_leaves_the_model_alone():
    shots = History.snapshots(every=1)
    model, X, y, _ = trained(epochs=9, callbacks=[shots])
    before = model.state_dict()
    ax = plots.filmstrip(model, shots.states, X, y, most=4)
    assert [panel.get_title() for panel in ax.child_axes] == [
        "epoch 0",
        "epoch 3",
        "epoch 6",
        "epoch 9",
    ]
    assert model.state_dict() == before
    with pytest.raises(LengthError, match="no states"):
        plots.filmstrip(model, [], X, y)


def test_a_heat_map_shows_rows_of_unequal_length_with_their_numbers():
    ax = plots.heat_map([[1.0], [-0.5, 0.25]], rows=["a", "b"], columns=["x", "y"])
    image = ax.images[0]
    assert image.get_array().filled(nan).tolist()[1] == [-0.5, 0.25]
    assert bool(image.get_array().mask[0, 1])
    assert image.get_clim() == (-1.0, 1.0)  # 0 is white
    assert [text.get_text() for text in ax.texts] == ["1", "-0.5", "0.25"]
    assert plots.heat_map([[1.0, 3.0]]).images[0].get_clim() == (0.0, 3.0)


def test_attention_draws_a_head_or_a_panel_for_every_head():
    head = [[1.0], [0.25, 0.75]]
    assert plots.attention(head, tokens=["a", "b"]).images[0].get_array().shape == (2, 2)
    heads = plots.attention([head, head, head])
    assert [panel.get_title() for panel in heads.child_axes] == ["head 0", "head 1", "head 2"]
    blocks = plots.attention([[head, head], [head, head]])
    assert blocks.child_axes[3].get_title() == "block 1, head 1"
    with pytest.raises(DataTypeError, match="reader"):
        plots.attention([1.0])


def test_weights_are_images_on_one_scale():
    ax = plots.weight_images([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [-8.0] * 6], (2, 3))
    first, second = (panel.images[0] for panel in ax.child_axes)
    assert first.get_array().tolist() == [[1, 2, 3], [4, 5, 6]]
    assert first.get_clim() == second.get_clim() == (-8, 8)
    with pytest.raises(LengthError, match="4 weights a unit"):
        plots.weight_images([[1.0]], (2, 2))


def test_labels_of_an_embedding_map_do_not_overlap():
    vectors = {f"word{i}": [0.01 * i, 0.02 * (i % 3), 1.0] for i in range(12)}
    vectors |= {f"far{i}": [5.0 * i, 3.0, 0.0] for i in range(2)}
    ax = plots.embedding_map(vectors)
    ax.figure.canvas.draw()
    extent = matplotlib.text.Text.get_window_extent  # without the line to the point
    boxes = [extent(text) for text in ax.texts]
    assert len(boxes) == 14
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            assert not (
                box.x0 < other.x1 and other.x0 < box.x1 and box.y0 < other.y1 and other.y0 < box.y1
            )


def test_long_names_of_an_embedding_map_stay_within_the_chart():
    titles = ["Pride and Prejudice", "The Hound of the Baskervilles", "The War of the Worlds"]
    vectors = {name: [float(i), float(-i * i), 0.5] for i, name in enumerate(titles)}
    ax = plots.embedding_map(vectors)
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    for text in ax.texts:
        box = matplotlib.text.Text.get_window_extent(text)
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1


def test_layers_are_counted_from_0_as_in_their_paths():
    assert line(plots.gradient_norms({"a": [1.0, 2.0]}), "a")[0] == [0, 1]


IRIS = data.iris()


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: plots.decision_boundary(MLP(2, [1]), *IRIS), LengthError, "choose two columns"),
        (
            lambda: plots.decision_boundary(MLP(2, [1]), [[0, 0]] * 2, [1, 2]),
            ArgumentError,
            r"y\[1\]",
        ),
        (lambda: plots.decision_boundary(MLP(2, [3]), [[0, 0]], [3]), ArgumentError, "3 classes"),
        (
            lambda: plots.decision_boundary(MLP(2, [1]), [[0, 0]], [0, 1]),
            LengthError,
            "1 rows and 2",
        ),
        (lambda: plots.points([[0, 0]], [0.5]), ArgumentError, "whole numbers"),
        (lambda: plots.points([], []), LengthError, "no row"),
        (lambda: plots.confusion([]), LengthError, "no row"),
        (lambda: plots.confusion([[1, 2]]), LengthError, "square"),
        (lambda: plots.confusion([[1]], classes=["a", "b"]), LengthError, "2 names for 1"),
        (lambda: plots.dead_units({"a": 1.5}), ArgumentError, "from 0 to 1"),
        (lambda: plots.dead_units({"a": None}), DataTypeError, "numbers"),
        (lambda: plots.cost_surface(max, {"a": []}, (0, 1), (0, 1)), LengthError, "no row"),
        (lambda: plots.cost_surface(max, {"a": [(1, 2)]}, (0,), (0, 1)), LengthError, "bounds"),
        (lambda: plots.embedding_map({"a": [1.0, 2.0]}), LengthError, "two or more"),
        (lambda: plots.embedding_map({"a": [1.0, 2.0], "b": [1.0]}), LengthError, "equal length"),
        (lambda: plots.activation("reul"), ArgumentError, "reul"),
        (lambda: plots.activation(None), ArgumentError, "None"),
        (lambda: plots.activation(tanh, low=1, high=1), ArgumentError, "low to high"),
        (lambda: plots.range_test([], [], 0.1), LengthError, "empty"),
        (lambda: plots.range_test([0.1], [1.0, 2.0], 0.1), LengthError, "1 rates and 2"),
        (lambda: plots.loss_curve({"a": []}), LengthError, "empty"),
        (lambda: plots.loss_curve({"a": "abc"}), DataTypeError, "list of numbers"),
        (lambda: plots.loss_curve({"a": ["b"]}), DataTypeError, "list of numbers"),
        (lambda: plots.histograms({"a": []}), LengthError, "empty"),
        (lambda: plots.gates({"a": [[1.0], [1.0, 2.0]]}), LengthError, "as many"),
        (lambda: plots.gates(trace(MLP(1, [1]))), ArgumentError, "no gate"),
        (lambda: plots.rate_curve({"a": lambda t: t}, 0), ArgumentError, "steps must be"),
        (lambda: plots.fit_curve({"a": MLP(1, [1])}, [], []), LengthError, "no row"),
        (lambda: plots.heat_map([[1.0]], rows=["a", "b"]), LengthError, "2 names for 1 rows"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_a_figure_is_made(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
    assert pyplot.get_fignums() == []


def test_an_activation_is_drawn_by_name_too():
    assert line(plots.activation("relu", low=-1, high=1), "relu")[1][-1] == 1.0


def test_descent_takes_a_path_of_descend_as_it_is_and_names_the_curve():
    def square(w):
        return w**2

    path = descend(square, [2.0], lambda ps: SGD(ps, lr=0.25), steps=2)
    assert path == [[2.0], [1.0], [0.5]]
    ax = plots.descent(square, {"rate 0.25": path}, label="f(w)")
    assert line(ax, "rate 0.25") == ([2.0, 1.0, 0.5], [4.0, 1.0, 0.25])
    assert ax.get_ylabel() == "f(w)"
    assert line(ax, "f(w)")
    assert line(plots.descent(square, {"a": [1.0]}), "cost")


def test_28_curves_all_look_different():
    ax = plots.loss_curve({f"curve {i}": [1.0, 0.5] for i in range(28)})
    looks = {(one.get_color(), one.get_linestyle()) for one in ax.lines}
    assert len(looks) == 28


def test_what_a_logarithmic_axis_cannot_show_leaves_a_gap_and_is_told():
    ax = plots.gradient_norms({"dead": [0.0, 0.0, 1e-3], "alive": [1.0, 2.0, 3.0]})
    xs, ys = line(ax, "dead; 0 or less at 0, 1")
    assert xs == [0, 1, 2]
    assert [y != y for y in ys] == [True, True, False]  # nan where there was 0
    low, high = ax.get_xlim()
    assert low < 0
    assert high > 2
    many = plots.loss_curve({"a": [0.0] * 5 + [1.0]}, log=True)
    assert line(many, "a; 0 or less at 1, 2, 3, ...")


def drawn_texts(ax):
    """The boxes of all texts that are shown, ticks and labels and legend and panels."""
    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    found = []
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible():
            found.append((text.get_text(), text.get_size(), text.get_window_extent()))
    return found


HEADS = [[[1.0], [0.5, 0.5], [0.25, 0.25, 0.5]]] * 4
CHARTS = {
    "loss_curve": lambda: plots.loss_curve({f"curve {i}": [1.0, 0.5] for i in range(9)}),
    "gradient_norms": lambda: plots.gradient_norms(deep_diagnosis()),
    "dead_units": lambda: plots.dead_units(deep_diagnosis()),
    "layer_histograms": lambda: plots.layer_histograms(
        {f"layers.{i}": [0.0, 1.0, 2.0 * i] for i in range(12)}
    ),
    "confusion": lambda: plots.confusion(
        [[i * j for i in range(10)] for j in range(10)],
        classes=[f"class name {i}" for i in range(10)],
    ),
    "heat_map": lambda: plots.heat_map(
        [[0.1] * 12], columns=[f"feature {i}" for i in range(12)], label="weight"
    ),
    "attention": lambda: plots.attention([HEADS, HEADS], tokens=list(".ab")),
    "weight_images": lambda: plots.weight_images([[0.5, -0.5]] * 30, (1, 2)),
}


def deep_diagnosis():
    X, y = data.moons(4)
    return diagnose(MLP(2, [3] * 9 + [1], seed=0), X, y, loss=losses.mse)


@pytest.mark.parametrize("name", CHARTS)
def test_texts_of_a_chart_are_at_least_12_px_and_a_chart_is_at_most_900_px_wide(name):
    ax = CHARTS[name]()
    assert min(size for _, size, _ in drawn_texts(ax)) * 100 / 72 >= 12
    _, metadata = ax._repr_mimebundle_()
    assert metadata["image/png"]["width"] <= 900


@pytest.mark.parametrize("name", ["gradient_norms", "dead_units", "confusion", "heat_map"])
def test_names_at_the_axis_do_not_overlap(name):
    ax = CHARTS[name]()
    ax.figure.canvas.figure.draw_without_rendering()
    labels = [label for label in ax.get_xticklabels() if label.get_text()]
    assert len(labels) >= 10
    slanted = {label.get_rotation() for label in labels}
    assert slanted == {35.0}
    # Slanted lines of text lie as far apart as their ends, times the sine of the slant.
    ends = [ax.transData.transform((place, 0))[0] for place in ax.get_xticks()]
    height = labels[0].get_size() * ax.figure.dpi / 72
    assert min(b - a for a, b in pairwise(ends)) * 0.57 >= 0.9 * height


def test_attention_of_several_heads_has_labels_a_scale_and_says_what_the_dot_is():
    model = GPT(5, n_embd=4, n_head=2, n_layer=1, block_size=4, seed=0)
    ax = plots.attention(model.attention_weights([0, 1, 2]), tokens=[".", "a", "b"])
    words = [text for text, _, _ in drawn_texts(ax)]
    assert words.count("reader") == 1
    assert 'read; "." is the beginning or the end' in words
    assert "attention" in words  # at the scale
    assert words.count("block 0, head 0") == words.count("block 0, head 1") == 1
    plain = [text for text, _, _ in drawn_texts(plots.attention([HEADS], tokens=list("abc")))]
    assert "read" in plain
    assert plots.attention(HEADS[0]).get_xlabel() == "read"
    lines = plots.attention(HEADS[0], tokens=["\\n", "a", "b"])
    assert lines.get_xlabel() == 'read; "\\n" is the beginning or the end'
    # Each letter of a short text is named; where there are too many, places are counted.
    for n, letters in ((20, 20), (33, 33), (40, 0)):
        long = [[1 / (i + 1)] * (i + 1) for i in range(n)]
        found = [text for text, _, _ in drawn_texts(plots.attention([long], tokens=["t"] * n))]
        assert found.count("t") == 2 * letters
        assert ({"0", "8", "16", "24", "32"} <= set(found)) == (not letters)


@pytest.mark.parametrize("n", [2, 6, 20])
def test_a_single_head_has_room_for_its_scale(n, tmp_path):
    """Warnings are errors: matplotlib warns where a layout has no room."""
    head = [[1 / (i + 1)] * (i + 1) + [0.0] * (n - i - 1) for i in range(n)]
    plots.save(plots.attention([[head]], tokens=["."] * n), tmp_path / "a.svg")


def test_the_scale_of_many_or_wide_heads_stands_above_them():
    short, long = ([[1 / (i + 1)] * (i + 1) for i in range(n)] for n in (3, 30))
    for heads, above in (([[short] * 4], False), ([[short] * 4] * 2, True), ([[long] * 2], True)):
        ax = plots.attention(heads, tokens=["t"] * len(heads[0][0]))
        ax.figure.canvas.draw()
        scale, panels = ax.figure.axes[1].get_position(), ax.get_position()
        assert (scale.y0 > panels.y1) == above
        assert (scale.x0 > panels.x1) == (not above)
        assert ax.figure.get_size_inches()[0] <= WIDEST


def test_a_filmstrip_and_images_of_weights_say_what_their_colours_are():
    X, y = data.moons(6)
    model = MLP(2, [2, 1], seed=0)
    strip = plots.filmstrip(model, [(0, model.state_dict())], X, y)
    assert [text.get_text() for text in strip.get_legend().get_texts()] == ["class 0", "class 1"]
    images = plots.weight_images([[1.0, -1.0]], (1, 2))
    assert "weight" in [text for text, _, _ in drawn_texts(images)]
    assert (
        images._repr_mimebundle_()[0]["text/plain"]
        == "chart: weights of 1 units as images of 1 x 2"
    )


def test_numbers_that_are_not_finite_are_told_in_a_histogram():
    ax = plots.histograms({"exploded": [nan, float("inf"), 1.0, 2.0], "all": [nan]})
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["exploded, 50% not finite", "all, 100% not finite"]
    rows = plots.layer_histograms({"a": [nan, 0.0, 1.0, 2.0], "b": [1.0]})
    assert [t.get_text() for t in rows.get_yticklabels()] == ["b", "a\n25% zero\n25% not finite"]


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: plots.embedding_map({"a": [nan, 1.0], "b": [1.0, 2.0]}), ArgumentError),
        (lambda: plots.points([[nan, 1.0]], [0]), ArgumentError),
        (lambda: plots.decision_boundary(MLP(2, [1]), [[nan, 1.0]], [0]), ArgumentError),
        (lambda: plots.fit_curve({"m": lambda r: r}, [[nan]], [1.0]), ArgumentError),
        (lambda: plots.confusion([[-1]]), ArgumentError),
        (lambda: plots.confusion([[nan]]), ArgumentError),
        (lambda: plots.weight_images([[1.0, 1.0]], 2), DataTypeError),
        (lambda: plots.attention(HEADS, tokens=["a"]), LengthError),
        (lambda: plots.descent(abs, {"a": [[1.0, 2.0]]}), LengthError),
        (
            lambda: plots.cost_surface(lambda a, b: a, {"a": [(0, 0)]}, (nan, 1.0), (0.0, 1.0)),
            ArgumentError,
        ),
    ],
)
def test_what_has_no_place_in_a_chart_is_refused(ask, error):
    before = pyplot.get_fignums()
    with pytest.raises(error):
        ask()
    assert pyplot.get_fignums() == before


def test_a_region_bears_the_name_of_its_class_where_it_leads():
    X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]

    def model(row):
        return [row[0] - 0.5]  # class 1 at the right

    ax = plots.decision_boundary(model, X, y, classes=["cat", "dog"])
    places = {text.get_text(): text.xy for text in ax.texts}
    assert places["cat"][0] < 0.5 < places["dog"][0]
    for place in places.values():
        for point in X:
            assert abs(place[0] - point[0]) + abs(place[1] - point[1]) > 0.2
    assert [text.get_text() for text in plots.decision_boundary(model, X, y).texts] == ["0", "1"]


def test_dashes_mark_what_is_negative_where_no_number_does():
    signs = [[1.0 if (i + j) % 3 else -1.0 for j in range(12)] for i in range(12)]
    ax = plots.heat_map(signs)
    (dashes,) = ax.collections
    marked = {(round(x), round(y)) for x, y in dashes.get_offsets().tolist()}
    assert marked == {(j, i) for i in range(12) for j in range(12) if signs[i][j] < 0}
    assert not plots.heat_map([[1.0, -1.0]]).collections  # the number says it
    assert not plots.heat_map([[1.0] * 12]).collections
    (panel,) = plots.weight_images([[1.0, -1.0]], (1, 2)).child_axes
    assert panel.collections[0].get_offsets().tolist() == [[1.0, 0.0]]
