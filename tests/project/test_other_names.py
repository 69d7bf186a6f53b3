"""What objects and modules are asked for by those who know another library: it is there, or the
error says what it is called here.
"""

import abc
import importlib.util
import inspect
import itertools
import math
import pickle
import pydoc
import re
import rlcompleter
import sys

import pytest
from names_of_others import NAMES

import autograd
import nn
import nn.export
import nn.layers
import nn.seldom
from autograd import RenamedError, Value
from autograd.core import seldom
from autograd.core.elsewhere import Elsewhere
from autograd.core.tensors import OF_TENSORS
from nn import foreign_objects

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0]
ROWS = [{"a": "1", "c": "red", "p": "1"}, {"a": "2", "c": "blue", "p": "2"}]
MLP = nn.MLP(2, [3, 1], seed=0)
HISTORY = nn.fit(
    MLP,
    X,
    Y,
    loss=nn.mse,
    optimizer=nn.SGD(MLP.parameters(), lr=0.1),
    epochs=2,
    validation=(X, Y),
    progress=False,
)
TENSORS = ("torch.tensor", "numpy.array", "jax.array", "micrograd.value", "tinygrad.tensor")
PARTS = (
    "torch.module",
    "keras.model",
    "keras.layer",
    "sklearn.estimator",
    "nnx.module",
    "linen.module",
    "micrograd.nn",
)
OPTIMIZERS = ("torch.optimizer", "keras.optimizer", "tinygrad.optim", "torch.scheduler")
OBJECTS = [
    *[(x, TENSORS) for x in (Value(2.0), Value(2.0) * 3.0)],
    *[
        (part, PARTS)
        for part in (
            MLP,
            nn.Sequential(nn.Layer(2, 2)),
            nn.Layer(2, 2),
            nn.Neuron(2),
            nn.RNN(2, 2),
            nn.LSTM(2, 2),
            nn.GRU(2, 2),
            nn.LSTMCell(2, 2),
            nn.Embedding(3, 2),
            nn.LayerNorm(2),
            nn.RMSNorm(2),
            nn.Dropout(0.1),
            nn.MultiHeadAttention(2, 1),
            nn.Block(2, 1),
            nn.GPT(4, 4, 2, 1, 2),
            nn.EncoderDecoder(2, 2, 2, 2),
            nn.Each(nn.Layer(2, 2)),
            nn.Last(),
        )
    ],
    *[
        (each(MLP.parameters(), lr=0.1), OPTIMIZERS)
        for each in (nn.SGD, nn.Adam, nn.AdamW, nn.RMSprop, nn.Adagrad)
    ],
    (nn.ReduceOnPlateau(), ("torch.scheduler", "keras.schedule")),
    (HISTORY, ("keras.history",)),
    (nn.training.Run(MLP, nn.Adam(MLP.parameters()), HISTORY), ("keras.callbacks_object",)),
    (nn.Checkpoint("run.json"), ("keras.callbacks_object",)),
    (nn.Preparation.fit(ROWS, target="p"), ("sklearn.scaler",)),
    (nn.data.Tokenizer(["ab"]), ("keras.tokenizer", "sklearn.text", "transformers.tokenizer")),
    (autograd.draw(Value(1.0) + 1.0), ("graphviz and matplotlib",)),
    (autograd.step_through(Value(1.0) + 1.0), ("graphviz and matplotlib",)),
    (autograd.jit(math.fabs), ("torch.compiled", "jax.jitted")),
]
OF_NETS = (
    "torch.nn, torch.nn.functional, keras, keras.layers, keras.models, keras.activations, "
    "keras.utils, flax.linen, flax.nnx, jax.nn, tinygrad.nn, sklearn.neural_network, "
    "sklearn.linear_model"
)
MODULES = {
    autograd: (
        "torch.autograd, torch.autograd.functional, torch.func, jax, jax.numpy, jax.nn, "
        "jax.scipy.special, hips.autograd"
    ),
    nn: OF_NETS,
    nn.layers: OF_NETS,
    nn.init: "torch.nn.init, keras.initializers, jax.nn.initializers",
    nn.losses: "keras.losses, torch.nn.functional",
    nn.metrics: "keras.metrics, sklearn.metrics",
    nn.optim: "torch.optim, keras.optimizers, optax",
    nn.schedules: "torch.optim.lr_scheduler, keras.optimizers.schedules, optax",
    nn.data: (
        "torch.utils.data, sklearn.preprocessing, sklearn.model_selection, sklearn.datasets, "
        "keras.utils, keras.datasets, keras.preprocessing"
    ),
    nn.training: "keras.callbacks",
    nn.export: "sklearn.pipeline, keras.models",
}


def bare(thing, libraries):
    """The names of other libraries that a thing lacks, without an answer."""
    found = []
    for name in {name for library in libraries for name in NAMES[library].split()}:
        try:
            getattr(thing, name)
        except RenamedError:
            pass
        except AttributeError as error:
            found.append(f"{name}: {error}")
    return found


@pytest.mark.parametrize(
    ("thing", "libraries"), OBJECTS, ids=[type(thing).__name__ for thing, _ in OBJECTS]
)
def test_an_object_answers_each_name_that_its_like_have_elsewhere(thing, libraries):
    assert bare(thing, libraries) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_answers_each_name_that_its_like_have_elsewhere(module):
    assert bare(module, MODULES[module].split(", ")) == []


@pytest.mark.parametrize(
    ("thing", "name", "here"),
    [
        (MLP, "pop", "nn.Sequential(*net.layers[:-1])"),
        (MLP, "n_iter_", "len(history), of what nn.fit returns"),
        (MLP, "predict_log_proba", "autograd.log_softmax(outputs) of several"),
        (MLP, "register_forward_pre_hook", "whose forward looks at its x first"),
        (MLP, "layers_", "net.layers of an nn.Sequential or nn.MLP"),
        (MLP, "non_trainable_variables", "an optimizer trains all the parameters"),
        (MLP, "feature_importances_", "autograd.gradients(model(xs)[0], xs)"),
        (MLP, "best_estimator_", "nn.sklearn.NetClassifier"),
        (MLP, "hidden_layer_sizes", "sizes"),
        (nn.Layer(2, 3), "units", "n_out"),
        (nn.Layer(2, 3), "in_features", "n_in"),
        (nn.LSTM(2, 3), "units", "n_hidden"),
        (nn.LSTM(2, 3), "hidden_size", "n_hidden"),
        (nn.LSTM(2, 3), "num_layers", "layers"),
        (nn.Embedding(3, 2), "embedding_dim", "dim"),
        (nn.Dropout(0.1), "rate", "p"),
        (nn.MultiHeadAttention(2, 1), "num_heads", "n_head"),
        (nn.Layer(2, 3), "kernel", "model.named_parameters()"),
        (nn.Layer(2, 3), "bias_initializer", "nn.Layer(2, 1, bias=0.1)"),
        (nn.LSTM(2, 3), "unit_forget_bias", "forget_bias="),
        (nn.Layer(2, 3), "kernel_initializer", "nn.Layer(2, 1, init='zeros')"),
        (nn.data.Tokenizer(["ab"]), "fit", "nn.data.Tokenizer(texts)"),
        (nn.data.Tokenizer(["ab"]), "tokenize", "tokenizer.encode(text)"),
        (nn.data.Tokenizer(["ab"]), "texts_to_sequences", "for text in texts]"),
        (nn.Adam(MLP.parameters()), "beta_1", "optimizer.betas"),
        (HISTORY, "n_iter_", "len(history)"),
        (autograd.jit(math.fabs), "lower", "f.source(*args)"),
        (nn.init, "kaiming", "init='kaiming_normal' of a layer"),
        (autograd, "linear_util", "autograd.primitive(name, forward, partials)"),
    ],
)
def test_a_name_is_answered_by_what_there_is_here(thing, name, here):
    with pytest.raises(RenamedError) as caught:
        getattr(thing, name)
    assert here in str(caught.value)
    assert not hasattr(thing, name)


@pytest.mark.parametrize("thing", [thing for thing, _ in OBJECTS], ids=lambda x: type(x).__name__)
def test_names_of_other_libraries_are_not_listed(thing):
    assert [
        name for name in dir(thing) if not name.startswith("_") and not hasattr(thing, name)
    ] == []


def test_a_part_may_keep_something_under_a_name_that_other_libraries_have():
    model = nn.MLP(2, [1], seed=0)
    model.name, model.best_params_, model.n_iter_ = "net", {"lr": 0.1}, 3
    assert (model.name, model.best_params_, model.n_iter_) == ("net", {"lr": 0.1}, 3)
    with pytest.raises(RenamedError, match="here it is penalty="):
        model.layers[0].kernel_regularizer = "l2"

    class Own(nn.Module):
        def __init__(self):
            self.units, self.kernel = 3, Value(1.0)

        def call(self, x):
            return self.kernel * x

    assert (Own().call(2.0).data, Own().units) == (2.0, 3)


@pytest.mark.parametrize(
    ("module", "name", "near"),
    [
        (nn, "laye", "nn.Layer"),
        (nn, "croos_entropy", "nn.cross_entropy"),
        (autograd, "gradeint", "autograd.gradients"),
        (nn.data, "moon", "nn.data.moons"),
        (nn.optim, "Adammm", "nn.optim.Adam"),
    ],
)
def test_a_name_that_no_library_has_is_answered_by_what_comes_near(module, name, near):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': .*{re.escape(near)}\b") as e:
        getattr(module, name)
    assert str(e.value).endswith(f"dir({module.__name__}) lists what there is")
    assert not isinstance(e.value, RenamedError)
    with pytest.raises(ImportError, match=f"^cannot import name '{name}' from .*{near}"):
        exec(f"from {module.__name__} import {name}", {})
    assert not hasattr(module, name)
    assert importlib.util.find_spec(f"{module.__name__}.{name}") is None if module is nn else True


def test_a_name_of_python_s_own_stays_bare():
    for module in (autograd, nn, nn.data):
        for name in ("__wrapped__", "_repr_html_", "_private"):
            with pytest.raises(AttributeError, match=f"has no attribute '{name}'$"):
                getattr(module, name)
        assert inspect.unwrap(module) is module


# What the answers say to write, which runs as it stands.
TEXTS = "\n".join(
    [
        *OF_TENSORS,
        *[
            text
            for module in (foreign_objects, nn.seldom, seldom)
            for table in vars(module).values()
            if isinstance(table, dict)
            for text in table.values()
            if isinstance(text, str)
        ],
    ]
)
TEXTS += "\n".join(
    x.here for x in vars(autograd.jit(math.fabs).__class__).values() if isinstance(x, Elsewhere)
)
CODE = """
nn.Sequential(*net.layers[:-1])
nn.Layer(2, 1, 'relu').activation
nn.Layer(2, 1, init='zeros')
nn.Layer(2, 1, bias=False)
nn.Layer(2, 1, bias=0.1)
nn.LSTM(2, 3, forget_bias=1.0)
nn.Layer(3, 2, init='kaiming_normal')
lambda params: nn.l2(params, 1e-3)
dict(model.named_modules())
dict(model.named_parameters())
model.parameters()
model.named_parameters()
model.state_dict()
model.train()
nn.predict(model, X)
nn.evaluate(model, X, y, loss=nn.mse, metrics=[nn.accuracy])
nn.fit(model, X, y, loss=nn.mse, optimizer=adam, epochs=1)
nn.train_step(model, nn.mse, optimizer)
nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
nn.MLP(**net.settings())
autograd.jit(model)
autograd.gradients(model(xs)[0], xs)
autograd.norm([p.grad for p in model.parameters()])
autograd.log_sigmoid(outputs[0])
autograd.log_softmax(outputs)
history["loss"][-1]
min(history["loss"])
history["val_loss"]
min(history["val_loss"])
history.best_epoch
history.best_state
len(history)
layer.run(xs, state)
cell.start()
optimizer.betas
optimizer.eps
optimizer.t
optimizer.state
optimizer.state_dict()
optimizer.options()
optimizer.params
optimizer.kept
type(optimizer).__name__
nn.clip_grad_norm(params, max_norm)
nn.clip_grad_value(params, limit)
nn.schedules.cosine(100)
nn.ReduceOnPlateau()
plateau.gamma
plateau.factor
vars(plateau)
nn.Preparation.fit(rows, target)
preparation.inputs(row)
preparation.table(rows)
preparation.answer(outputs, row)
preparation.columns
preparation.target.values
preparation.input_names
preparation.n_in
preparation.content()
nn.data.Tokenizer(texts)
tokenizer.encode(text)
[tokenizer.encode(text) for text in texts]
tokenizer.decode(ids)
[tokenizer.decode(ids) for ids in sequences]
[tokenizer.one_hot(text) for text in texts]
nn.bag_of_words(ids, n)
len(tokenizer.tokens)
collections.Counter(token for text in texts for token in text)
nn.data.pad(sequences, value=0)
text.lower().split()
json.dump(tokenizer.tokens, file)
nn.data.Tokenizer([tokens])
checkpoint.path
checkpoint.every
f.source(*args)
f.stats(*args)
autograd.jit(f.function)
f.function.__name__
[x / autograd.norm(xs) for x in xs]
autograd.softmax([-x for x in xs])
autograd.max(xs) - autograd.min(xs)
itertools.accumulate(xs, autograd.maximum)
itertools.accumulate(xs, autograd.minimum)
itertools.accumulate(xs, autograd.logaddexp)
autograd.norm([x - y for x, y in zip(xs, ys)])
x + c * (y * z)
x + c * (y / z)
autograd.floor(x / y)
abs(x) * autograd.sign(y)
x * 2.0**n
x + t * (y - x)
autograd.logaddexp(c * x, c * y) / c
autograd.where(autograd.equal(x, 0.0), 0.0, x * autograd.log(y))
autograd.where(math.isnan(x.data), 0.0, x)
math.isclose(x.data, y.data)
math.nextafter(x.data, y)
x.data < 0.0
x.data == -math.inf
[autograd.Value(0.5) for _ in range(n)]
autograd.Value(random.random())
int(x.data)
f'{x:.3f}'
autograd.topological_order(x)
nn.binary_cross_entropy(outputs, targets)
nn.one_hot(index, n)
nn.manual_seed(n)
autograd.log(1.0 - autograd.exp(-x))
autograd.clip((x + 1.0) / 2.0, 0.0, 1.0)
autograd.where(x < 1.0, autograd.relu(x + 1.0) ** 2 / 4.0, x)
autograd.hvp(f, [x], [t])
autograd.jvp(f, [x], [t])
[autograd.grad(f)(x) for x in xs]
autograd.prod(xs)
nn.data.k_fold(X, y, k)
nn.data.split(X, y)
nn.data.standardize(X)
[autograd.norm([a - b for a, b in zip(u, v)]) for v in rows]
copy.deepcopy(model)
model.draw()
pickle.dump(f, file)
""".strip().splitlines()


def about(code):
    """What the names of a piece of code stand for."""
    import collections
    import copy
    import io
    import json
    import random

    model = nn.MLP(2, [3, 1], seed=0)
    of_texts = "texts" in code or "tokenizer" in code
    optimizer = nn.Adam(model.parameters())
    nn.mse([model(x) for x in X], Y).backward()
    preparation = nn.Preparation.fit(ROWS, target="p")
    numbers = {"x": Value(0.75), "y": Value(0.5), "z": Value(1.5), "c": math.log(2.0), "t": 0.5}
    found = {
        **{m.__name__: m for m in (autograd, nn, math, itertools, collections, copy, json, random)},
        **(numbers if "X" not in code else {"X": X * 4, "y": Y * 4}),
        "pickle": pickle,
        "file": io.BytesIO() if "pickle" in code else io.StringIO(),
        "model": model,
        "net": model,
        "params": model.parameters(),
        "optimizer": optimizer,
        "adam": optimizer,
        "plateau": nn.ReduceOnPlateau(),
        "history": HISTORY,
        "preparation": preparation,
        "row": ROWS[0],
        "rows": ROWS if "zip" not in code else X,
        "target": "p",
        "outputs": [0.5, 0.25][: preparation.n_out if "prep" in code else 2],
        "targets": [0, 1],
        "layer": nn.GRU(2, 2),
        "cell": nn.GRUCell(2, 2),
        "state": None,
        "tokenizer": nn.data.Tokenizer(["ab"]),
        "tokens": ["a", "b"],
        "texts": ["ab", "ba"],
        "text": "ab",
        "ids": [0, 1],
        "sequences": [[0, 1]],
        "checkpoint": nn.Checkpoint("run.json"),
        "f": autograd.jit(abs)
        if "f." in code
        else (math.fabs if "pickle" in code else autograd.tanh),
        "args": (2.0,),
        "xs": X if "run(" in code else [Value(1.0), Value(2.0)],
        "ys": [1.0, 3.0],
        "u": X[0],
        "n": 2,
        "k": 2,
        "index": 1,
        "max_norm": 1.0,
        "limit": 1.0,
    }
    if "binary" in code:
        found["outputs"] = [[Value(0.5)], [Value(0.25)]]
    if "grad(f)(x) for x" in code or "[x], [t]" in code:
        found.update(xs=[0.5, 1.0], x=0.5)
    return found if not of_texts else {**found, "n": 2}


@pytest.mark.parametrize("code", CODE)
def test_what_an_answer_says_to_write_runs(code):
    assert code in TEXTS
    eval(code, about(code))


def test_every_name_that_an_answer_says_is_there():
    for text in re.findall(r"\b(?:nn|autograd)(?:\.\w+)+", TEXTS):
        package, *path = text.split(".")
        found = sys.modules[package]
        for part in path:
            if "sklearn" not in path:
                found = getattr(found, part)


LISTED = [Value, nn.Module, nn.MLP, nn.Layer, nn.LSTM, nn.Adam, nn.ReduceOnPlateau, nn.train_step]


@pytest.mark.parametrize("cls", [*LISTED, nn.History, nn.data.Tokenizer, type(autograd.jit(abs))])
def test_help_and_dir_of_a_class_show_what_it_has_and_no_more(cls):
    assert [name for name in dir(cls) if not hasattr(cls, name) and name not in slots(cls)] == []
    text = pydoc.plain(pydoc.render_doc(cls))
    for name in ("from_pretrained", "fit_transform", "requires_grad", "state_dict", "cuda"):
        if not hasattr(cls, name):
            assert f" {name}" not in text
    assert len(text.splitlines()) < 560  # Value has a method for each function of one number


def slots(cls):
    """What the objects of a class have in slots, or say they have."""
    return {name for base in cls.__mro__ for name in getattr(base, "__slots__", ())}


@pytest.mark.parametrize("thing", [Value(1.0), nn.MLP(2, [1])])
def test_tab_shows_what_an_object_has(thing):
    completer = rlcompleter.Completer({"x": thing})
    found = {completer.complete("x.", i) for i in range(99)} - {None}
    assert found
    assert {x.removeprefix("x.").rstrip("()") for x in found} <= {*dir(thing)}


def test_a_model_may_be_abstract():
    class Shape(nn.Module, abc.ABC):
        @abc.abstractmethod
        def forward(self, x): ...

    class Line(Shape):
        def forward(self, x):
            return x

    assert Line()(3.0) == 3.0
    with pytest.raises(TypeError, match="abstract"):
        Shape()
