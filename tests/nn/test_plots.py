"""Charts: what is drawn is what was given."""

import sys
from itertools import pairwise
from math import exp

import pytest

from autograd import Value, sigmoid, tanh
from autograd.errors import MissingDependencyError
from autograd.optional import load
from nn import MLP, data, losses, plots

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
        (plots.gradient_norms, "layer", [1, 2, 3]),
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


@pytest.mark.parametrize("draw", [plots.loss_curve, plots.layer_histograms, plots.embedding_map])
def test_without_matplotlib_the_error_says_what_to_install(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingDependencyError, match=r"pip install matplotlib"):
        draw({"a": [1.0, 2.0]})


def test_a_legend_of_many_entries_hides_no_curve():
    few, many = (plots.loss_curve({f"run {i}": [1.0, 0.5] for i in range(n)}) for n in (4, 5))
    for ax, outside in ((few, False), (many, True)):
        ax.figure.canvas.draw()
        assert bool(ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1) is outside


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
