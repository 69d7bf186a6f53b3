"""parameters() is right at once after any change; files and calls that ask for the wrong thing."""

import copy
import json
import pickle
import tracemalloc
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from inspect import signature
from typing import Any

import pytest

import nn
from autograd import Value
from autograd.errors import DataTypeError
from nn.module import Module


def walked(model):
    return [p for _, p in model.named_parameters()]


def model():
    net = nn.Sequential(nn.Layer(2, 3), nn.RMSNorm(3), nn.Embedding(3, 2))
    net.table = {"a": Value(1.0), "b": [Value(2.0), (Value(3.0), [Value(4.0)])]}
    net.setting, net.empty = 7, []
    return net


CHANGES = {
    "a list grows": lambda net: net.layers.append(nn.Layer(1, 1)),
    "a list shrinks": lambda net: net.layers.pop(),
    "an item is replaced": lambda net: net.layers.__setitem__(0, nn.Layer(2, 3)),
    "a list is turned round": lambda net: net.layers.reverse(),
    "a list within a tuple grows": lambda net: net.table["b"][1][1].append(Value(5.0)),
    "a dict grows": lambda net: net.table.update(c=Value(6.0)),
    "a dict is put in another order": lambda net: net.table.update(a=net.table.pop("a")),
    "a key is made private, which it is not in a dict": lambda net: net.table.update(
        _a=net.table.pop("a")
    ),
    "a parameter deep inside is replaced": lambda net: setattr(
        net.layers[0].neurons[1], "b", Value(0.0)
    ),
    "an attribute is new": lambda net: setattr(net, "extra", Value(8.0)),
    "an attribute is gone": lambda net: delattr(net, "table"),
    "an attribute is hidden": lambda net: vars(net).update(_table=vars(net).pop("table")),
    "a number becomes a parameter": lambda net: setattr(net, "setting", Value(7.0)),
    "an empty list is replaced and grows": lambda net: (
        setattr(net, "empty", []),
        net.parameters(),
        net.empty.append(Value(1.0)),
    ),
    "a mode changes": lambda net: net.eval(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_parameters_are_right_at_once_after_a_change(change):
    net = model()
    before = net.parameters()
    assert before == walked(net)
    change(net)
    assert net.parameters() == walked(net)
    assert net.parameters() == walked(net)


def test_the_list_of_parameters_is_the_caller_s_own():
    net = model()
    net.parameters().clear()
    assert net.parameters() == walked(net)


def test_copies_have_parameters_of_their_own():
    net = model()
    net.parameters()
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.parameters() == walked(twin)
        assert set(twin.parameters()).isdisjoint(net.parameters())
    shallow = copy.copy(net)
    shallow.extra = Value(1.0)
    assert len(shallow.parameters()) == len(net.parameters()) + 1


def test_a_module_that_defines_equality_is_walked_every_time():
    @dataclass
    class Point(nn.Module):
        x: Any

        def __eq__(self, other):
            return True

    net = nn.Module()
    net.point = Point(Value(1.0))
    assert net.parameters() == [net.point.x]
    net.point = Point(Value(2.0))
    assert net.parameters() == [net.point.x]


BOMBS = {
    "sizes": {"class": "MLP", "settings": {"n_in": 100, "sizes": [100] * 400}},
    "one wide layer": {"class": "Layer", "settings": {"n_in": 99, "n_out": 99}},
    "a cell": {"class": "LSTMCell", "settings": {"n_in": 99, "n_hidden": 99}},
    "a table": {"class": "Embedding", "settings": {"n": 99, "dim": 99}},
    "an encoder": {
        "class": "EncoderDecoder",
        "settings": {"n_in": 99, "n_hidden": 99, "n_out": 99, "steps": 3},
    },
    "many norms": {
        "class": "Sequential",
        "settings": {"layers": [{"class": "RMSNorm", "settings": {"n": 100}}] * 1000},
    },
    "a costly initializer": {
        "class": "Layer",
        "settings": {"n_in": 99, "n_out": 99, "init": "orthogonal"},
    },
    "a large size": {"class": "LayerNorm", "settings": {"n": 10**9}},
    "more sizes than can be counted": {"class": "RNN", "settings": {"n_in": 10**30, "n_hidden": 1}},
    "a deep description": None,
}


@contextmanager
def memory(below):
    """Fail if more memory than this was in use at any time."""
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < below


def deep(n):
    inner = {"class": "Last", "settings": {}}
    for _ in range(n):
        inner = {"class": "Each", "settings": {"layer": inner}}
    return inner


@pytest.mark.parametrize("description", BOMBS.values(), ids=BOMBS)
def test_a_file_cannot_make_load_build_more_than_it_describes(description, tmp_path):
    path = tmp_path / "model.json"
    content = {"format": "chainrule", "version": 1, "kind": "model", "state": {}}
    path.write_text(json.dumps({**content, **(description or deep(200))}))
    # A deep description is whole, though it holds no parameter.
    refuses = pytest.raises(nn.StateError) if description else nullcontext()
    with refuses, memory(below=3e6):
        nn.load(path)


@pytest.mark.parametrize("name", sorted(Module.own_classes))
def test_no_setting_of_any_class_is_a_bomb(name, tmp_path):
    path = tmp_path / "model.json"
    content = {"format": "chainrule", "version": 1, "kind": "model", "state": {}, "class": name}
    for size in (100, 10**8):
        settings = {
            key: [size] * 100 if key == "sizes" else size
            for key, parameter in signature(Module.own_classes[name]).parameters.items()
            if parameter.kind is not parameter.VAR_POSITIONAL
            and parameter.kind is not parameter.VAR_KEYWORD
            and key not in ("rng", "init", "recurrent_init", "activation", "output")
        }
        path.write_text(json.dumps({**content, "settings": settings}))
        with suppress(nn.StateError), memory(below=3e6):  # parts without a size may load
            nn.load(path)


@pytest.mark.parametrize("wrong", [None, [], 5, "w", {1: 2}, {"w": 1.0, 2: 3.0}])
def test_what_is_no_state_is_a_state_error_and_changes_nothing(wrong):
    neuron, optimizer = nn.Neuron(2), nn.Adam([Value(1.0)])
    before = neuron.state_dict(), optimizer.state_dict()
    for part in (neuron, optimizer):
        with pytest.raises(nn.StateError):
            part.load_state_dict(wrong)
    assert (neuron.state_dict(), optimizer.state_dict()) == before


def test_sizes_of_numpy_are_saved_as_sizes(tmp_path):
    numpy = pytest.importorskip("numpy")
    net = nn.MLP(2, [numpy.int64(3), 1])
    net.save(tmp_path / "model.json")
    assert nn.load(tmp_path / "model.json").state_dict() == net.state_dict()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: nn.Layer(nin=2, nout=3), "no argument n(in|out)=: here it is called n_(in|out)="),
        (lambda: nn.MLP(2, nouts=[3, 1]), "no argument nouts=: here it is called sizes="),
        (lambda: nn.Neuron(2, nonlin=False), "nonlin=: here it is called activation="),
        (lambda: nn.Layer(in_features=2, n_out=3), "here it is called n_in="),
        (lambda: nn.LSTM(2, hidden_size=3), "here it is called n_hidden="),
        (lambda: nn.Embedding(num_embeddings=3, dim=2), "here it is called n="),
        (lambda: nn.Dropout(nin=3), "nn.Dropout has no argument nin=: it takes p"),
    ],
)
def test_arguments_of_other_libraries_are_told_their_names_here(call, said):
    with pytest.raises(DataTypeError, match=said):
        call()


def test_a_model_of_one_s_own_may_take_any_argument():
    class Net(nn.Module):
        def __init__(self, nin):
            self.nin = nin

    assert Net(nin=3).settings() == {"nin": 3}
