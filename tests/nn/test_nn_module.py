"""Module: how parameters are found, state, copies, files."""

import copy
import json
import math
import os
import pickle
import re
from pathlib import Path

import pytest

import autograd
import nn
from autograd import NOT_COMPUTED, Value
from autograd.errors import DataTypeError
from nn import StateError


class Net(nn.Module):
    """A model of a user's own, with parameters in every kind of place."""

    def __init__(self):
        self.scale = Value(2.0)
        self.hidden = nn.Layer(1, 2)
        self.table = {"a": Value(3.0), "more": [Value(4.0), (Value(5.0),)]}
        self.again = self.scale
        self.twice = self.hidden
        self._private = Value(6.0)
        self.n = 7

    def forward(self, x):
        self.doubled = self.scale * 2.0
        return autograd.sum(self.hidden([x])) * self.scale


PATHS = [
    "scale",
    "hidden.neurons.0.w.0",
    "hidden.neurons.0.b",
    "hidden.neurons.1.w.0",
    "hidden.neurons.1.b",
    "table.a",
    "table.more.0",
    "table.more.1.0",
]


def test_parameters_are_leaves_under_public_attributes_once_each_by_the_first_path():
    net = Net()
    net(0.5)
    assert [path for path, _ in net.named_parameters()] == PATHS
    assert net.parameters() == [p for _, p in net.named_parameters()]
    assert net.parameters()[0] is net.scale
    assert [path for path, _ in net.named_modules()] == [
        "",
        "hidden",
        "hidden.neurons.0",
        "hidden.neurons.1",
    ]


def test_two_parameters_with_one_path_are_refused():
    net = nn.Module()
    net.table = {1: Value(1.0), "1": Value(2.0)}
    assert len(net.parameters()) == 2
    with pytest.raises(StateError, match="have the same path"):
        net.state_dict()
    with pytest.raises(StateError, match="have the same path"):
        net.load_state_dict({"table.1": 0.0})


def test_a_module_that_contains_itself_is_walked_once():
    net = Net()
    net.me = net
    assert len(net.parameters()) == len(PATHS)


def test_the_paths_of_an_mlp():
    paths = [path for path, _ in nn.MLP(3, [2, 1]).named_parameters()]
    assert paths[2] == "layers.0.neurons.0.w.2"
    assert paths[-1] == "layers.1.neurons.0.b"


def test_calling_calls_forward_and_a_module_without_one_says_so():
    net = Net()
    assert net(0.5).data == net.forward(0.5).data

    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty needs a method forward"):
        Empty()(1.0)


def test_zero_grad_forgets():
    net = Net()
    net(0.5).backward()
    assert net.scale.grad is not NOT_COMPUTED
    net.zero_grad()
    assert all(p.grad is NOT_COMPUTED for p in net.parameters())


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))
    model.eval()
    assert not any(module.training for _, module in model.named_modules())
    model.train()
    assert all(module.training for _, module in model.named_modules())


def test_repr_shows_settings_and_the_number_of_parameters():
    assert (
        repr(nn.MLP(2, [16, 16, 1]))
        == "<MLP(n_in=2, sizes=[16, 16, 1], activation='relu', output=None): 337 parameters>"
    )
    assert repr(nn.Neuron(2, autograd.tanh)) == "<Neuron(n_in=2, activation='tanh'): 3 parameters>"
    assert repr(Net()) == "<Net(): 8 parameters>"


def test_copies_are_independent_and_equal():
    net = nn.MLP(2, [3, 1])
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.state_dict() == net.state_dict()
        assert not {*twin.parameters()} & {*net.parameters()}
        twin.parameters()[0].data = 99.0
        assert twin([1.0, 2.0])[0].data != net([1.0, 2.0])[0].data


def test_state_goes_from_one_model_to_another():
    one, other = nn.MLP(2, [3, 1]), nn.MLP(2, [3, 1], seed=1)
    other.load_state_dict(one.state_dict())
    assert other.state_dict() == one.state_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("b"), "parameters>: the state lacks b$"),
        (lambda s: s.update(c=1.0), "parameters>: the model has no c$"),
        (lambda s: s.update(c=s.pop("b")), "the state lacks b, and the model has no c$"),
        (lambda s: s.update(b="1.0"), "'1.0' stands at b"),
        (lambda s: s.update(b=True), "True stands at b"),
        (lambda s: s.update(b=None), "None stands at b"),
        (lambda s: s.update(b=[1.0]), r"\[1.0\] stands at b"),
        (lambda s: s.update(b=10**400), "at b, where a float belongs"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    neuron = nn.Neuron(2)
    before = neuron.state_dict()
    state = dict.fromkeys(before, 9.0)
    change(state)
    with pytest.raises(StateError, match=message):
        neuron.load_state_dict(state)
    assert neuron.state_dict() == before


MODELS = [
    nn.Neuron(3, "tanh"),
    nn.Layer(2, 3, "softmax"),
    nn.MLP(2, [3, 2], "silu", "log_sigmoid", seed=5),
    nn.Sequential(
        nn.Layer(2, 4), nn.LayerNorm(4, eps=1e-3), nn.Dropout(0.25), nn.RMSNorm(4), nn.Layer(4, 1)
    ),
    nn.Sequential(
        nn.Each(nn.Embedding(5, 2)), nn.LSTM(2, 3, forget_bias=4.0), nn.Each(nn.Layer(3, 5))
    ),
    nn.Sequential(nn.GRU(2, 3), nn.Last(), nn.Layer(3, 1)),
    nn.RNN(1, 2),
    nn.EncoderDecoder(1, 2, 1, steps=3),
    nn.EncoderDecoder(1, 2, 1, steps=5000),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: repr(model)[:40])
def test_a_saved_model_loads_again_bit_for_bit(model, tmp_path):
    model.parameters()[0].data = 0.1 + 0.2
    model.save(tmp_path / "model.json")
    loaded = nn.load(tmp_path / "model.json")
    assert repr(loaded) == repr(model)
    assert loaded.state_dict() == model.state_dict()
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "model.json").read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.layers.__setitem__(0, nn.Layer(2, 3, "tanh")),
        lambda m: m.layers.append(nn.Layer(1, 1)),
    ],
)
def test_a_model_that_its_settings_do_not_give_again_is_to_be_constructed(change, tmp_path):
    model = nn.MLP(2, [3, 1])
    change(model)
    model.save(tmp_path / "model.json")
    with pytest.raises(StateError, match="construct MLP yourself"):
        nn.load(tmp_path / "model.json")
    other = nn.MLP(2, [3, 1], seed=1)
    change(other)
    other.load_state_dict(nn.read_state(tmp_path / "model.json"))
    assert other([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data


def test_a_shared_part_is_not_saved_as_two(tmp_path):
    layer = nn.Layer(2, 2)
    nn.Sequential(layer, layer).save(tmp_path / "model.json")
    with pytest.raises(StateError, match="construct Sequential yourself"):
        nn.load(tmp_path / "model.json")


def test_a_loaded_model_answers_as_a_finished_one(tmp_path):
    model = nn.Sequential(nn.Layer(2, 3), nn.Dropout(0.5))
    model.save(tmp_path / "model.json")
    loaded = nn.load(tmp_path / "model.json")
    assert not loaded.training
    assert [v.data for v in loaded([1.0, 2.0])] == nn.predict(model, [[1.0, 2.0]])[0]


def test_a_small_file_cannot_ask_for_a_large_model(tmp_path):
    model = nn.Sequential(*[nn.Layer(1, 1)] * 3)
    model.save(tmp_path / "model.json")
    content = json.loads((tmp_path / "model.json").read_text())
    content["settings"] = {
        "layers": [{"class": "LSTM", "settings": {"n_in": 100, "n_hidden": 100}}] * 1000
    }
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(StateError, match="more parameters than the file holds"):
        nn.load(tmp_path / "model.json")


def test_a_number_in_the_place_of_a_parameter_is_refused():
    neuron = nn.Neuron(2)
    for name, new in (("b", 1.0), ("w", [1.0, 2.0]), ("w", None)):
        with pytest.raises(
            DataTypeError,
            match=rf"{name!r} of <Neuron.* is a parameter: set its number, as in \.{name}\.data",
        ):
            setattr(neuron, name, new)
    with pytest.raises(DataTypeError, match="is a parameter"):
        neuron.w = [1.0, Value(2.0)]
    neuron.b = Value(1.0)
    neuron.w = [Value(1.0), Value(2.0)]
    assert len(neuron.parameters()) == 3


def test_what_is_no_parameter_may_be_replaced():
    class Kept(nn.Module):
        def __init__(self):
            self.cell, self.h, self._seen = nn.RNNCell(1, 2), [0.0, 0.0], None

        def forward(self, x):
            self.h = self.cell(x, self.h)
            self._seen = Value(1.0)
            return self.h

    model = Kept()
    model([1.0])
    model.h = [0.0, 0.0]
    model._seen = None
    assert len(model.parameters()) == 8


def test_floats_of_every_kind_survive_a_file(tmp_path):
    neuron = nn.Neuron(5)
    numbers = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]
    neuron.load_state_dict(dict(zip(neuron.state_dict(), numbers, strict=True)))
    neuron.save(tmp_path / "model.json")
    assert [p.hex() for p in nn.load(tmp_path / "model.json").state_dict().values()] == [
        x.hex() for x in numbers
    ]
    content = json.loads((tmp_path / "model.json").read_text())
    assert list(content["state"].values()) == [
        "nan",
        "inf",
        "-inf",
        -0.0,
        5e-324,
        1.7976931348623157e308,
    ]
    assert (content["format"], content["version"]) == ("chainrule", 1)


def test_a_model_of_the_user_s_own_is_constructed_and_then_takes_its_state(tmp_path):
    net = Net()
    net.scale.data = 0.1
    net.save(tmp_path / "net.json")
    with pytest.raises(
        StateError,
        match=r"construct Net yourself, then call its load_state_dict\(nn.read_state\(path\)\)",
    ):
        nn.load(tmp_path / "net.json")
    again = Net()
    again.load_state_dict(nn.read_state(tmp_path / "net.json"))
    assert again.state_dict() == net.state_dict()
    nn.Neuron(1, lambda z: z * z).save(tmp_path / "own.json")
    with pytest.raises(StateError, match="construct Neuron yourself"):
        nn.load(tmp_path / "own.json")


def changed(**changes):
    def change(text):
        return json.dumps({**json.loads(text), **changes})

    return change


SIZES = {"activation": "relu", "output": None}
DAMAGED = {
    "truncated": (lambda text: text[: len(text) // 2], "not a whole"),
    "empty": (lambda text: "", "not a whole"),
    "deep": (lambda text: "[" * 100_000, "not a whole"),
    "nested": (lambda text: "[" * 700 + "]" * 700, "not a"),
    "NaN literal": (lambda text: text.replace("1.5", "NaN"), "NaN is not a float"),
    "overflow": (lambda text: text.replace("1.5", "1e999"), "1e999 is not a float"),
    "foreign": (lambda text: '{"weights": [1, 2]}', "not a file that chainrule wrote"),
    "a list": (lambda text: "[1, 2]", "not a file that chainrule wrote"),
    "newer": (changed(version=2), "version 2"),
    "another kind": (changed(kind="checkpoint"), "'checkpoint', where a 'model' is needed"),
    "no state": (changed(state=[1.0]), "no state"),
    "state of text": (
        changed(state={"layers.0.neurons.0.b": "one"}),
        "'one' stands at state, 'layers.0.neurons.0.b'",
    ),
    "wrong shape": (changed(state={"layers.0.neurons.0.b": 1.0}), "lacks layers.0.neurons.0.w.0"),
    "unknown class": (changed(**{"class": "System"}), "construct System yourself"),
    "class of another kind": (changed(**{"class": ["MLP"]}), "does not describe"),
    "unknown setting": (
        changed(settings={"n_in": 1, "sizes": [1], "shell": "x"}),
        "does not describe",
    ),
    "bad activation": (
        changed(settings={"n_in": 1, "sizes": [1], "activation": "system"}),
        "no activation 'system'",
    ),
    "settings of text": (changed(settings={"n_in": "1", "sizes": "11"}), "does not describe"),
    "negative size": (
        changed(settings={"n_in": -1, "sizes": [1]}),
        "does not describe|does not fit",
    ),
    "huge": (
        changed(settings={"n_in": 10**9, "sizes": [10**9]}),
        "more than its parameters could fill",
    ),
    "no settings": (changed(settings=7), "does not describe"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_that_is_no_good_is_a_clear_error(name, tmp_path):
    damage, message = DAMAGED[name]
    path = tmp_path / "model.json"
    model = nn.MLP(1, [1])
    model.parameters()[0].data = 1.5
    model.save(path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(StateError, match=message):
        nn.load(path)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "model.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StateError, match="not a whole"):
        nn.load(tmp_path / "model.json")
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "missing.json")


def test_saving_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    nn.Neuron(1).save(path)
    before = path.read_bytes()

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        nn.Neuron(2).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_foreign_autograd_is_explained(tmp_path):
    import subprocess
    import sys

    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...\n")
    source = str(Path(nn.__file__).parents[1])
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {source!r}]; import nn"
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    assert (
        "ImportError: nn needs chainrule's package `autograd`, but Python finds "
        "another package of that name" in run.stderr
    )


def test_a_module_may_call_itself_by_another_name():
    class Line(nn.Module):
        def __init__(this, w=2.0):
            this.w = Value(w)

    class Any(nn.Module):
        def __init__(*these, **options):
            these[0].w = Value(options["w"])

    with pytest.raises(DataTypeError, match=r"Line has no argument z=: it takes w$"):
        Line(z=1.0)
    assert [*Line().settings()] == ["w"]
    assert Any(w=1.0).w.data == 1.0


@pytest.mark.parametrize(
    ("part", "name", "setting"),
    [
        (nn.Layer(2, 3), "bias", False),
        (nn.Layer(2, 3), "bias", None),
        (nn.Layer(2, 3), "init", "zeros"),
        (nn.Neuron(2), "bias", False),
        (nn.MLP(2, [1]), "seed", 3),
        (nn.LSTM(2, 2), "bias", False),
        (nn.GPT(3, 4, 1), "dropout", 0.5),
    ],
)
def test_a_setting_that_was_used_and_not_kept_is_refused(part, name, setting):
    shown = repr(part)
    with pytest.raises(DataTypeError, match=f"'{name}' of .* was used when it was made"):
        setattr(part, name, setting)
    assert repr(part) == shown


def made_with(make, name="w", through=None):
    """Return a model whose `__init__`, or a method that it calls, sets an attribute."""

    class Mine(nn.Module):
        def __init__(self):
            if through:
                getattr(self, through)(1.0)
            else:
                setattr(self, name, make())

        def build(self, x):
            setattr(self, name, make())

        forward = build

    return Mine()


COMPUTED = [
    lambda: Value(0.3) * 0.1,
    lambda: [Value(0.3), Value(0.3) * 0.1],
    lambda: ({"a": -Value(0.3)},),
]
SPENT = [
    lambda: (Value(v) for v in (0.3, 0.2)),
    lambda: map(Value, (0.3, 0.2)),
    lambda: [zip([Value(0.3)], [Value(0.2)])],  # noqa: B905
    lambda: filter(None, [Value(0.3)]),
]


@pytest.mark.parametrize("through", [None, "build"])
@pytest.mark.parametrize(
    ("make", "remedy"),
    [(f, r"self\.w = .* leaf") for f in COMPUTED] + [(f, r"self\.w = list") for f in SPENT],
)
def test_what_can_be_no_parameter_is_refused_in_init(make, remedy, through):
    with pytest.raises(DataTypeError, match=remedy):
        made_with(make, through=through)
    assert not made_with(make, "_w").parameters()
    made_with(make, through="__call__")
    model = made_with(lambda: 1.0)
    model.w = make()


def test_a_leaf_of_what_was_computed_is_a_parameter():
    assert len(made_with(lambda: (Value(0.3) * 0.1).detach()).parameters()) == 1
    with autograd.no_grad():
        assert len(made_with(lambda: Value(0.3) * 0.1).parameters()) == 1

    class Other:
        def __init__(self, model):
            model.seen = model.hidden([1.0])

    net = Net()
    Other(net)
    assert len(net.parameters()) == len(PATHS)


@pytest.mark.parametrize("name", ["parameters", "train", "eval", "save", "state_dict", "zero_grad"])
@pytest.mark.parametrize("new", [[Value(1.0)], True, 3, nn.Layer(2, 1)])
def test_an_attribute_that_hides_a_method_is_refused(name, new):
    for use in (
        lambda: made_with(lambda: new, name),
        lambda: setattr(nn.MLP(2, [1]), name, new),
        lambda: type("Mine", (nn.Module,), {name: new}),
    ):
        with pytest.raises(DataTypeError, match=f"'{name}' .* would hide: .*another name"):
            use()


def test_a_function_may_take_the_place_of_a_method():
    model = nn.MLP(2, [1], seed=0)
    model.save = print
    model.forward = nn.Layer(2, 1, "relu", seed=0)
    assert len(model([1.0, 2.0])) == 1
    with pytest.raises(DataTypeError, match="'run' of LSTM is a method"):
        nn.LSTM(2, 2).run = 3

    class Mine(nn.Module):
        own = len

        @classmethod
        def save(cls, path):
            return path

        @property
        def train(self):
            return 3

    mine = Mine()
    mine.own = 3
    assert (mine.save("a"), mine.own) == ("a", 3)


def test_a_forward_without_self_is_told_so():
    class One(nn.Module):
        def forward(x):
            return self.layer(x)  # noqa: F821

    class Two(nn.Module):
        def forward(x, h):
            return self.layer(x)  # noqa: F821

    class Bare(nn.Module):
        def forward():
            return 1.0

    for model, inputs, right in (
        (One(), [1.0], "self, x"),
        (Two(), [1.0], "self, x, h"),
        (Two(), [1.0, 2.0], "self, x, h"),
        (Bare(), [], "self, x"),
        (Bare(), [1.0], "self, x"),
    ):
        with pytest.raises(DataTypeError, match=re.escape(f"write def forward({right})")):
            model(*inputs)

    class Outer(nn.Module):
        def __init__(self):
            self.part = One()

        def forward(self, x):
            return self.part(x)

    with pytest.raises(DataTypeError, match=r"of One lacks self"):
        Outer()(1.0)


def test_a_forward_with_self_is_not_told_that_it_lacks_it():
    class Static(nn.Module):
        @staticmethod
        def forward(x):
            return x

    class Any(nn.Module):
        def forward(*given):
            return given[1]

    class Other(nn.Module):
        def forward(this, x):
            return undefined  # noqa: F821

    assert Static()(1.0) == Any()(1.0) == 1.0
    with pytest.raises(DataTypeError, match="was called with"):
        Other()(1.0, 2.0)
    with pytest.raises(NameError, match="'undefined'"):
        Other()(1.0)
