"""Wrong input of every kind: what comes out is a number of the right kind, or an
error of the project's own that says which argument is wrong.

Each case is a call with good arguments. Each argument in turn is replaced by
every wrong one, and so is one element of a list.
"""

import copy
import importlib
import inspect
import math
import pydoc
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, errors
from autograd.core.elsewhere import ANSWERS, answers
from autograd.core.words import WORDS as WORDS_OF_AUTOGRAD
from autograd.errors import (
    ArgumentError,
    ChainruleError,
    DataTypeError,
    LengthError,
    RecordingError,
    RenamedError,
)
from autograd.extending import FORMULAS
from autograd.testing import check_primitive
from nn import data, export, init, metrics, plots, schedules
from nn.arguments import WORDS as WORDS_OF_NN


class Odd:
    """Something that even has no text."""

    def __repr__(self):
        raise ValueError("no text")


WRONG = {
    "nothing": lambda: None,
    "a text": lambda: "abc",
    "an empty text": lambda: "",
    "a negative number": lambda: -1,
    "a fraction": lambda: 2.5,
    "nan": lambda: math.nan,
    "infinity": lambda: math.inf,
    "a number beyond the floats": lambda: 10**5000,
    "a complex number": lambda: 1j,
    "no element": list,
    "an empty row": lambda: [[]],
    "ragged rows": lambda: [[1.0, 2.0], [3.0]],
    "a row and a number": lambda: [[1.0, 2.0], 3.0],
    "nothing in a list": lambda: [None, 1.0],
    "texts": lambda: ["a", "b"],
    "a set": lambda: {1.0, 2.0},
    "a mapping": lambda: {"a": 1.0},
    "bytes": lambda: b"ab",
    "a generator": lambda: (x for x in [1.0]),
    "an object": Odd,
    "a Value": lambda: Value(2.0),
}


def arrays():
    """The wrong arguments of numpy, if it is there."""
    numpy = pytest.importorskip("numpy")
    return {
        "an array of one number": lambda: numpy.array(1.0),
        "an array": lambda: numpy.array([1.0, 2.0]),
        "a cube": lambda: numpy.zeros((2, 2, 2)),
        "an array of texts": lambda: numpy.array(["a", "b"]),
        "an array of objects": lambda: numpy.array([None, "a"], dtype=object),
        "no rows": lambda: numpy.zeros((0, 2)),
    }


X = [[0.0, 1.0], [1.0, 0.5], [0.2, 0.7], [0.9, 0.1]]
Y = [0, 1, 0, 1]
LOGITS = [[0.1, 2.0, 1.0], [3.0, 1.0, 0.0]]
ROWS = [
    {"a": "1", "b": "u", "y": "0"},
    {"a": "2", "b": "v", "y": "1"},
    {"a": "3", "b": "u", "y": "0"},
    {"a": "3", "b": "v", "y": "1"},
]
TOKENS = data.Tokenizer(["ab", "ba"])
PREPARED = nn.Preparation.fit(ROWS, target="y")
NET = nn.MLP(2, [3, 1], seed=0)
GPT = nn.GPT(4, 4, 2, 1, 4, seed=0)


def parameters():
    values = [Value(0.3), Value(-1.0)]
    for value in values:
        value.grad = 1.0
    return values


def fitted(**arguments):
    model = nn.MLP(2, [1], seed=0)
    options = {"loss": nn.mse, "optimizer": nn.SGD(model.parameters(), lr=0.1), "X": X, "y": Y}
    return nn.fit(model, **{"epochs": 1, "progress": False, **options, **arguments})


def asked(schedule, **arguments):
    return [schedule(**arguments)(step) for step in (0, 3, 100)]


def cases(folder):
    """A name, a function and its good arguments."""
    file = folder / "t.csv"
    file.write_text("a,b,y\n1,2,0\n3,4.5,1\n5,6,0\n", encoding="utf-8")
    model = folder / "m.json"
    NET.save(model)
    rng = random.Random(0)
    table = {"columns": ["a"], "drop": ["b"], "delimiter": ",", "header": True}
    sizes = {"n_in": 2, "n_out": 3, "rng": rng}
    prepared = nn.MLP(PREPARED.n_in, [1], seed=0)
    prepared.preparation = PREPARED
    writing = {"stop": 3, "temperature": 1.0, "top_k": 2, "rng": rng}
    return [
        (data.read_csv, {"path": file, "target": "y", **table}),
        (data.read_records, {"path": file, **table, "missing": ["-"]}),
        (data.standardize, {"X": X, "like": X}),
        (data.unstandardize, {"X": X, "like": X}),
        (data.split, {"X": X, "y": Y, "held_out": 0.5, "stratified": True, "seed": 0}),
        (data.k_fold, {"X": X, "y": Y, "k": 2, "stratified": True, "seed": 0}),
        (data.batches, {"X": X, "y": Y, "size": 2, "rng": rng}),
        (data.windows, {"series": [1.0, 2.0, 3.0], "width": 2}),
        (data.pad, {"sequences": [[1, 2], [3]], "length": 3}),
        (data.Tokenizer, {"texts": ["ab", "ba"]}),
        (TOKENS.encode, {"text": "ab"}),
        (TOKENS.decode, {"ids": [0, 1]}),
        (data.contexts, {"texts": ["ab", "ba"], "tokenizer": TOKENS}),
        (data.spirals, {"noise": 0.1, "turns": 1.0, "seed": 0}),
        (
            nn.Preparation.fit,
            {"rows": ROWS, "target": "y", "task": "classes", "decimal": ".", "missing": ["-"]},
        ),
        (PREPARED.inputs, {"row": ROWS[0]}),
        (PREPARED.table, {"rows": ROWS}),
        (PREPARED.answer, {"outputs": [1.0], "row": ROWS[0]}),
        (PREPARED.from_content, {"content": PREPARED.content()}),
        (nn.answer, {"model": prepared, "row": ROWS[0]}),
        (nn.one_hot, {"i": 1, "n": 3}),
        (nn.bag_of_words, {"indices": [0, 1], "n": 3}),
        (metrics.predicted_classes, {"outputs": LOGITS, "threshold": 0.0}),
        (nn.accuracy, {"outputs": [0.3, -1.0], "targets": [1, 0], "threshold": 0.0}),
        (nn.f1, {"outputs": [0.3, -1.0], "targets": [1, 0], "positive": 1}),
        (nn.confusion_matrix, {"outputs": LOGITS, "targets": [1, 2]}),
        (nn.r2, {"outputs": [0.3, -1.0], "targets": [0.1, 0.2]}),
        (metrics.bits_per_character, {"outputs": LOGITS, "targets": [1, 2]}),
        (
            metrics.ngram_bits,
            {"train": ["ab", "ba"], "held_out": ["abb"], "order": 2, "pseudo_count": 0.1},
        ),
        (metrics.cosine_similarity, {"u": [1.0, 2.0], "v": [2.0, 1.0]}),
        (
            metrics.nearest,
            {"vector": [1.0], "vectors": {"a": [1.0], "b": [2.0]}, "excluding": ["a"]},
        ),
        (nn.mse, {"outputs": LOGITS, "targets": LOGITS, "reduction": "mean"}),
        (nn.huber, {"outputs": [0.3], "targets": [1.0], "delta": 1.0}),
        (nn.hinge, {"outputs": [0.3], "targets": [1.0]}),
        (nn.binary_cross_entropy, {"outputs": [0.3], "targets": [1.0]}),
        (
            nn.cross_entropy,
            {"outputs": LOGITS, "targets": [1, 2], "ignore_index": -1, "weight": [1.0, 2.0, 1.0]},
        ),
        (
            nn.cross_entropy,
            {"outputs": LOGITS, "targets": [[0.1, 0.2, 0.7]] * 2, "weight": [1.0, 2.0, 1.0]},
        ),
        (nn.l1, {"parameters": [0.3, -1.0], "strength": 0.1}),
        (nn.l2, {"parameters": [0.3, -1.0], "strength": 0.1}),
        (nn.SGD, {"params": parameters(), "lr": 0.1, "momentum": 0.5, "nesterov": True}),
        (nn.Adam, {"params": parameters(), "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8}),
        (nn.clip_grad_norm, {"params": parameters(), "max_norm": 1.0}),
        (nn.clip_grad_value, {"params": parameters(), "limit": 1.0}),
        (nn.optim.clip_norm, {"grads": [1.0, 2.0], "max_norm": 1.0}),
        (
            lambda **options: asked(schedules.cyclic, **options),
            {"half": 3, "low": 0.1, "mode": "triangular", "gamma": 0.9},
        ),
        (
            lambda **options: asked(schedules.warmup, **options),
            {"steps": 3, "then": schedules.cosine(4)},
        ),
        (schedules.cosine(3), {"step": 2}),
        (nn.ReduceOnPlateau().update, {"metric": 1.0}),
        *[(getattr(init, name), sizes) for name in ("constant", "normal", "orthogonal")],
        (init.uniform, {**sizes, "a": 0.0, "b": 1.0}),
        (init.kaiming_normal, {**sizes, "gain": 1.0}),
        (init.gain, {"activation": "relu"}),
        (
            nn.Layer,
            {"n_in": 2, "n_out": 1, "activation": "relu", "init": "zeros", "bias": 0, "rng": rng},
        ),
        (nn.MLP, {"n_in": 2, "sizes": [3, 1], "activation": "relu", "output": None}),
        (nn.LayerNorm, {"n": 2, "eps": 1e-5, "gain": True, "bias": True}),
        (nn.GRUCell, {"n_in": 2, "n_hidden": 2, "recurrent_init": "zeros"}),
        (nn.GPT, {"vocab": 4, "n_embd": 4, "n_head": 2, "norm": "rms", "tied": True}),
        (lambda x: NET(x), {"x": [1.0, 2.0]}),
        (lambda x: nn.Embedding(4, 2)(x), {"x": 1}),
        (lambda x: nn.Dropout(0.5)(x), {"x": [1.0, 2.0]}),
        (lambda x: nn.LayerNorm(2)(x), {"x": [1.0, 2.0]}),
        (lambda x: nn.LSTM(2, 2)(x), {"x": X}),
        (lambda x, h: nn.RNNCell(2, 2)(x, h), {"x": [1.0, 2.0], "h": [0.0, 0.0]}),
        (lambda tokens: GPT(tokens), {"tokens": [0, 1]}),
        (lambda tokens: GPT.reader()(tokens), {"tokens": [0, 1]}),
        (GPT.generate, {"prompt": [0, 1], "limit": 2, **writing}),
        (
            nn.generate,
            {"model": GPT, "tokenizer": data.Tokenizer(["abcd"]), "prompt": "ab", "stop": "d"},
        ),
        (NET.load_state_dict, {"state": NET.state_dict()}),
        (NET.train, {"mode": True}),
        (NET.save, {"path": folder / "n.json"}),
        (NET.draw, {"layout": "net", "x": [1.0, 2.0], "y": 1.0, "loss": nn.mse}),
        (nn.load, {"path": model}),
        (nn.Checkpoint, {"path": folder / "c.json", "every": 1, "resume": True}),
        (fitted, {"X": X, "y": Y}),
        (fitted, {"loss": nn.mse, "batch_size": 2, "metrics": [nn.accuracy], "jit": False}),
        (fitted, {"validation": (X, Y), "patience": 2, "callbacks": [], "clip_norm": 1.0}),
        (nn.predict, {"model": NET, "X": X}),
        (nn.evaluate, {"model": NET, "X": X, "y": Y, "loss": nn.mse, "metrics": [nn.accuracy]}),
        (nn.diagnose, {"model": NET, "X": X, "y": Y, "loss": nn.mse, "optimizer": None}),
        (nn.trace, {"model": NET}),
        (
            nn.descend,
            {
                "f": lambda *xs: autograd.sum(xs) ** 2,
                "start": [1.0],
                "optimizer": lambda ps: nn.SGD(ps, lr=0.1),
                "steps": 2,
            },
        ),
        (nn.gradient_by_lag, {"model": nn.RNN(2, 2), "xs": X}),
        (nn.training_page, {"model": NET, "X": X, "y": Y, "loss": nn.hinge, "row": 0}),
        (export.tensors, {"model": NET}),
    ]


def changed(good, wrong):
    """The argument replaced, and one of its elements replaced."""
    yield wrong()
    if isinstance(good, (list, tuple)) and len(good):
        for inner in (wrong(), [wrong(), *good[-1][1:]] if isinstance(good[-1], list) else None):
            yield [*good[:-1], inner]
    if isinstance(good, dict) and good:
        yield {**good, next(iter(good)): wrong()}


MATTERS = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


def outcomes(call, good, wrong):
    """The wrong arguments that give another error than the project's own."""
    for name, argument in good.items():
        for kind, make in wrong.items():
            for tried in changed(argument, make):
                try:
                    call(**{**good, name: tried})
                except (ChainruleError, *MATTERS):
                    pass
                except Exception as error:
                    yield f"{name}: {kind}", error


@pytest.mark.filterwarnings("ignore::autograd.errors.CutGraphWarning")
@pytest.mark.parametrize("source", [lambda: WRONG, arrays], ids=["Python's", "numpy's"])
def test_wrong_input_is_refused_by_an_error_of_our_own(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = source()
    found = [
        f"{getattr(call, '__qualname__', call)}, {place}: {type(error).__name__}: {error}"
        for call, good in cases(Path(tmp_path))
        for place, error in outcomes(call, good, wrong)
    ]
    assert not found, "\n".join(found)


x = Value(2.0)
OF_AUTOGRAD = [
    (autograd.gradients, {"root": x * x, "wrt": [x]}),
    (lambda argnums: autograd.grad(lambda x: x * x, argnums)(2.0), {"argnums": 0}),
    (autograd.jvp, {"f": autograd.sin, "primals": [2.0], "tangents": [1.0]}),
    (autograd.take, {"values": [1.0, 2.0], "index": 1}),
    *[
        (lambda xs, f=f: f(xs), {"xs": [0.5, 0.25]})
        for f in (autograd.sum, autograd.max, autograd.norm, autograd.softmax)
    ],
    *[(lambda x, f=f: f(x), {"x": 0.5}) for f in (autograd.sin, autograd.log, autograd.relu)],
    (autograd.clip, {"x": 1.0, "low": 0.0, "high": 2.0}),
    (autograd.where, {"condition": 1.0, "a": 1.0, "b": 2.0}),
    (Value, {"data": 1.0, "label": "x"}),
    ((x * x).backward, {"gradient": 1.0}),
    (autograd.audit, {"root": x * x, "at_most": 100}),
    (autograd.draw(x * x).save, {"path": "a.svg"}),
    (lambda **options: autograd.draw(x * x, **options), {"layout": "layers", "engine": None}),
]


@pytest.mark.filterwarnings("ignore::autograd.errors.CutGraphWarning")
@pytest.mark.parametrize("source", [lambda: WRONG, arrays], ids=["Python's", "numpy's"])
def test_autograd_refuses_it_as_nn_does(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = source()
    if source is not arrays:
        wrong = {**wrong, "a number beyond the floats": lambda: 10**400, "an object": object}
    found = [
        f"{getattr(call, '__qualname__', call)}, {place}: {type(error).__name__}: {error}"
        for call, good in OF_AUTOGRAD
        for place, error in outcomes(call, good, wrong)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "name", "here"),
    [
        (autograd, "tensor", r"autograd\.Value"),
        (autograd, "vmap", r"\[f\(x\) for x in xs\]"),
        (autograd, "gradcheck", "check_gradients"),
        (autograd, "step", "heaviside"),
        (autograd, "draw_dot", r"autograd\.draw"),
        (autograd, "trace", r"nn\.trace"),
        (autograd, "MLP", r"nn\.MLP"),
        (nn, "relu", r"autograd\.relu"),
        (nn, "Value", r"autograd\.Value"),
        (nn, "SELU", r"autograd\.elu"),
        (nn, "Adamax", r"nn\.Adam serves"),
        (nn, "Linear", r"nn\.Layer"),
        (nn, "LeakyReLU", '"leaky_relu"'),
        (nn, "EarlyStopping", "patience= of"),
        (nn.data, "train_test_split", r"nn\.data\.split"),
        (nn.data, "DataLoader", r"nn\.data\.batches"),
        (metrics, "accuracy_score", r"nn\.accuracy"),
        (init, "he_normal", "kaiming_normal"),
        (schedules, "StepLR", r"nn\.schedules\.step"),
        (nn.optim, "lr_scheduler", r"nn\.schedules"),
        *[
            (nn.optim, each.__name__.lower(), f"nn.{each.__name__}")
            for each in nn.Optimizer.__subclasses__()
            if each.__module__ == "nn.optim"
        ],
    ],
)
def test_modules_say_what_another_library_s_name_is_here(module, name, here):
    with pytest.raises(
        RenamedError, match=f"^{module.__name__} has no '{name}': here it is .*{here}"
    ):
        getattr(module, name)
    assert not hasattr(module, name)
    with pytest.raises(
        AttributeError, match=f"module '{module.__name__}' has no attribute 'nought'"
    ):
        module.nought  # noqa: B018


@pytest.mark.parametrize("module", ANSWERS)
def test_a_name_of_another_library_is_answered_in_an_import_too(module):
    """Where Python would say "cannot import name" of an AttributeError."""
    for name, here in answers(module).items():
        if name in vars(sys.modules[module]) or (module, name) == ("nn", "sklearn"):
            continue  # it is a module here, which needs scikit-learn
        with pytest.raises(ImportError, match=re.escape(f"{module} has no {name!r}: here it is")):
            exec(f"from {module} import {name}", {})
        for text in re.findall(r"(?:nn|autograd)(?:\.\w+)+", here):
            package, *path = text.split(".")
            found = {"nn": nn, "autograd": autograd}[package]
            for part in path:
                if part != "sklearn" and path[0] != "sklearn":
                    found = getattr(found, part)
        assert getattr(sys.modules[module], name, None) is None
    with pytest.raises(ImportError, match=f"cannot import name 'nought' from '{module}'"):
        exec(f"from {module} import nought", {})


# What people of other libraries ask for: of autograd, then of nn.
ASKED = {
    autograd: (
        # micrograd, tinygrad, HIPS
        "engine nn draw_dot trace_graph Tensor MLP Neuron Layer build_topo ln argmax cumsum trace "
        "numpy elementwise_grad make_vjp holomorphic_grad defvjp extend test_util optim "
        # torch
        "tensor zeros ones randn randint arange linspace stack cat matmul mm bmm einsum outer "
        "argmax argmin sort topk cumsum cumprod clamp square rsqrt reciprocal add sub mul div neg "
        "var std median isnan lt eq Variable Function enable_grad manual_seed save load device "
        "cuda float32 from_numpy unsqueeze reshape transpose flatten gather scatter erfinv lgamma "
        "round trunc frac pi inf relu_ bernoulli multinomial set_default_dtype logit selu "
        "softsign "
        # numpy and jax
        "array asarray linalg random inner vdot tile repeat concatenate hstack vstack diff diag "
        "eye polyval interp histogram nan_to_num vmap pmap jacfwd jacrev lax make_jaxpr tree_map "
        "custom_vjp device_put PRNGKey jnp np median percentile unique any all isclose "
    ),
    nn: (
        # torch.nn, its functions, optimizers and schedules
        "Linear ReLU SELU CELU Softsign Hardtanh LogSigmoid PReLU GLU Conv2d MaxPool3d Flatten "
        "BatchNorm2d GroupNorm Dropout2d AlphaDropout ParameterList ParameterDict ModuleList "
        "ModuleDict Parameter Bilinear MultiheadAttention TransformerDecoder Upsample MSELoss "
        "NLLLoss CTCLoss TripletMarginLoss SmoothL1Loss DataParallel relu softmax gelu mse_loss "
        "l1_loss nll_loss kl_div dropout linear layer_norm scaled_dot_product_attention pad "
        "embedding normalize cosine_similarity functional utils Adamax NAdam RAdam Adadelta LBFGS "
        "Rprop StepLR MultiStepLR CosineAnnealingLR CosineAnnealingWarmRestarts OneCycleLR "
        "LambdaLR ExponentialLR ReduceLROnPlateau CyclicLR PolynomialLR ConstantLR SequentialLR "
        "xavier_uniform_ "
        # keras, flax, optax
        "Dense Activation Input Model SimpleRNN TimeDistributed Bidirectional Concatenate Lambda "
        "BatchNormalization GlobalAveragePooling1D Masking MeanSquaredError BinaryCrossentropy "
        "CategoricalCrossentropy Hinge LogCosh KLDivergence Nadam Ftrl Lion ExponentialDecay "
        "CosineDecay PiecewiseConstantDecay InverseTimeDecay EarlyStopping callbacks optimizers "
        "initializers regularizers compact Embed Param Rngs to_categorical swish hard_sigmoid "
        "softmax_cross_entropy mean_squared_error load_model "
        # scikit-learn
        "accuracy_score f1_score roc_auc_score train_test_split StandardScaler LabelEncoder "
        "make_moons load_iris KFold GridSearchCV LogisticRegression MLPClassifier "
    ),
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in ASKED for name in ASKED[module].split()]
)
def test_what_people_of_other_libraries_ask_for_is_answered(module, name):
    with pytest.raises(RenamedError, match=f"^{module.__name__} has no '{name}': here it is "):
        getattr(module, name)


@pytest.mark.parametrize(
    ("thing", "name", "here"),
    [
        (lambda: autograd.draw(Value(1.0) + 1.0), "show", r"save\(path\)"),
        (lambda: autograd.draw(Value(1.0) + 1.0), "render", r"save\(path\)"),
        (lambda: NET.draw(), "view", r"save\(path\)"),
        (lambda: autograd.step_through(Value(1.0) + 1.0), "show", r"save\(path\)"),
        (nn.History, "history", r'history\["loss"\]'),
        (nn.History, "loss", r'history\["loss"\]'),
        (lambda: data.Tokenizer(["ab"]), "stoi", r"tokenizer\.encode\(text\)"),
        (lambda: data.Tokenizer(["ab"]), "itos", r"tokenizer\.tokens, a list"),
        (lambda: data.Tokenizer(["ab"]), "vocab_size", r"len\(tokenizer\.tokens\)"),
        (lambda: nn.training.Run(NET, None, nn.History()), "epoch", r"len\(run\.history\)"),
        (lambda: nn.training.Run(NET, None, nn.History()), "lr", r"run\.optimizer\.lr"),
        (lambda: plots, "show", r"nn\.plots\.save\(ax, path\)"),
        (lambda: plots, "plot_decision_boundary", r"nn\.plots\.decision_boundary"),
    ],
)
def test_a_result_is_asked_by_another_library_s_name(thing, name, here):
    found = thing()
    with pytest.raises(RenamedError, match=f"has no '{name}': here it is .*{here}"):
        getattr(found, name)
    with pytest.raises(AttributeError, match="has no attribute 'nought'"):
        found.nought  # noqa: B018
    assert copy.deepcopy(nn.History()).columns == {}


def test_a_picture_without_a_path_and_a_chart_without_a_model_are_refused():
    for draw in (autograd.draw, autograd.step_through):
        with pytest.raises(DataTypeError, match=r"^save\(path\): path is missing$"):
            draw(Value(1.0) + 1.0).save()
    with pytest.raises(DataTypeError, match=r"^model is a model or a function of a row, not \["):
        plots.decision_boundary(X, Y, NET)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_of_a_name_of_another_library_computes(name):
    """A number for a number, a Value for a Value, and a gradient."""
    about = {"autograd": autograd, "math": math, "abs": abs, "alpha": 1.0, "slope": 0.1}
    code = FORMULAS[name].partition(", ")[0] if "whose" in FORMULAS[name] else FORMULAS[name]
    code = code.removesuffix(", with a Value as slope")
    x = Value(1.25 if name == "arccosh" else 0.75)
    z = eval(code, about | {"x": x})
    assert z.data == eval(code, about | {"x": x.data})
    z.backward()
    assert math.isfinite(x.grad)


def test_the_formulas_have_the_values_of_the_functions_that_they_stand_for():
    x = 0.75
    exact = {
        "selu": 1.0507009873554805 * x,
        "logit": math.log(3.0),
        "softsign": 0.75 / 1.75,
        "hardsigmoid": 0.625,
        "hardswish": 0.75 * 0.625,
        "squareplus": (0.75 + math.sqrt(0.5625 + 4.0)) / 2.0,
        "tanhshrink": 0.75 - math.tanh(0.75),
        "softshrink": 0.25,
        "hardshrink": 0.75,
        "mish": 0.75 * math.tanh(math.log1p(math.exp(0.75))),
        "exp2": 2.0**0.75,
        "rint": 1.0,
        "trunc": 0.0,
        "frac": 0.75,
        "radians": math.radians(0.75),
        "degrees": math.degrees(0.75),
    }
    for name, true in exact.items():
        found = eval(
            FORMULAS[name].partition(", whose")[0], {"autograd": autograd, "math": math, "x": x}
        )
        assert found == pytest.approx(true, rel=1e-15), name


@pytest.mark.parametrize(
    ("line", "here"),
    [
        ("import autograd.numpy as np", r"sin\(x\) for np\.sin\(x\).*HIPS/autograd"),
        ("from autograd import numpy", r"sin\(x\) for np\.sin\(x\).*HIPS/autograd"),
        ("import autograd.numpy.random", r"sin\(x\) for np\.sin\(x\)"),
        ("from autograd.engine import Value", "from autograd import Value"),
        ("from autograd.nn import MLP", "from nn import MLP"),
        ("import autograd.optim", "from nn import SGD"),
        ("import nn.functional as F", "the functions of autograd and the losses of nn"),
        ("from nn.functional import relu", "the functions of autograd and the losses of nn"),
        ("from nn.utils import clip_grad_norm_", r"nn\.clip_grad_norm"),
        ("import nn.optimizers", r"nn\.SGD"),
        ("from nn.callbacks import EarlyStopping", r"callbacks="),
        ("from nn.data import DataLoader", r"nn\.data\.batches"),
        ("import nn.data.datasets", r"nn\.data"),
        ("from autograd.misc.optimizers import adam", "from nn import SGD, Adam"),
        ("from autograd.differential_operators import jacobian", "in autograd itself"),
        ("from autograd.builtins import list", "Python's own lists"),
        ("from autograd.tracer import getval", r"topological_order"),
    ],
)
def test_an_import_of_another_library_s_module_is_answered(line, here):
    with pytest.raises(ImportError, match=f"has no '.*': here it is .*{here}"):
        exec(line, {})


def test_a_module_that_nobody_knows_is_missing_as_ever():
    for line in ("import autograd.nought", "import nn.nought", "import nought"):
        with pytest.raises(ModuleNotFoundError, match=r"^No module named '[a-z.]*nought'$"):
            exec(line, {})
    assert importlib.util.find_spec("nn.nought") is None


@pytest.mark.parametrize(
    ("module", "name", "here"),
    [
        (autograd, "ReLU", "autograd.relu"),
        (autograd, "StateError", "nn.StateError"),
        (nn, "rnn", "nn.RNN"),
        (nn, "mlp", "nn.MLP"),
        (nn, "Mse", "nn.mse"),
        (nn.optim, "ADAM", "nn.Adam"),
        (nn.data, "Moons", "nn.data.moons"),
        (init, "XavierUniform", "init='xavier_uniform'"),
        (nn, "crossentropyloss", r"the function nn\.cross_entropy"),
        (nn.data, "mnist", r"nn\.data\.read_csv"),
    ],
)
def test_a_name_in_another_case_is_answered(module, name, here):
    with pytest.raises(RenamedError, match=f"has no '{name}': here it is .*{here}"):
        getattr(module, name)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from nn.optim.lr_scheduler import StepLR", "here it is nn.schedules"),
        ("import nn.losses.MSELoss", "here it is the function nn.mse"),
        ("import nn.MLP", "nn.MLP is no module: write `from nn import MLP`"),
        ("import autograd.Value", "write `from autograd import Value`"),
        ("import nn.read_records", "here it is nn.data.read_records"),
        ("import nn.optim.nought", "^No module named 'nn.optim.nought'$"),
    ],
)
def test_an_import_of_what_is_no_module_is_answered(line, said):
    with pytest.raises(ModuleNotFoundError, match=said):
        exec(line, {})


MODULES = ["nn", "nn.losses", "nn.optim", "nn.metrics", "nn.training", "nn.data", "nn.plots"]


@pytest.mark.parametrize("home", MODULES)
def test_a_name_of_a_package_is_answered_by_all_of_its_modules(home):
    for name in importlib.import_module(home).__all__:
        for asked in MODULES:
            module = importlib.import_module(asked)
            if name not in vars(module):
                with pytest.raises(AttributeError, match=f"^{asked} has no '{name}': here it is"):
                    getattr(module, name)


@pytest.mark.parametrize("path", ["autograd.numpy", "autograd.engine", "nn.functional"])
def test_who_asks_whether_a_module_exists_hears_that_it_does_not(path):
    assert importlib.util.find_spec(path) is None
    package = importlib.import_module(path.partition(".")[0])
    assert not any(finder.find_spec(path, package.__path__) for finder in sys.meta_path)
    assert not hasattr(package, path.partition(".")[2])


def test_names_are_answered_after_their_module_was_loaded_again():
    again = "import importlib, sys; importlib.reload(sys.modules['autograd.core.elsewhere'])"
    for line in ("nn.Linear", "autograd.numpy"):
        code = f"import autograd, nn; {again}; {line}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert re.search("has no .*: here it is", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("linear", "a linear layer has none, so leave it out or write None"),
        ("None", "a linear layer has none"),
        ("ReLU", "here it is called 'relu'"),
        ("LeakyReLU", "here it is called 'leaky_relu'"),
        ("swish", "here it is called 'silu'"),
        ("logsigmoid", "here it is called 'log_sigmoid'"),
        ("selu", r"f\(x\) = 1\.05.* autograd\.elu"),
        ("Softsign", r"f\(x\) = x / \(1\.0 \+ abs\(x\)\)"),
    ],
)
def test_an_activation_by_another_library_s_name_is_answered(name, advice):
    for make in (
        lambda: nn.Layer(2, 1, name),
        lambda: nn.MLP(2, [1], output=name),
        lambda: nn.Neuron(2, name),
    ):
        with pytest.raises(ArgumentError, match=f"^no activation '{name}': .*{advice}"):
            make()


def test_a_batch_in_the_place_of_a_row_is_told_so_also_where_its_length_fits():
    for model in (nn.MLP(2, [1]), nn.Layer(2, 2), nn.Neuron(2)):
        with pytest.raises(DataTypeError, match=r"input 0 of .* is a list, .*: one row at a time"):
            model([[0.0, 1.0], [1.0, 0.0]])


def test_what_a_plateau_of_pytorch_does_is_told():
    with pytest.raises(RenamedError, match=r"here it is plateau\.update\(metric\)"):
        nn.ReduceOnPlateau().step(1.0)


def test_arguments_that_must_be_named_are_asked_for_by_name():
    with pytest.raises(
        DataTypeError,
        match=r"^fit\(model, X, y, .* was called with .*: give the others by name: loss=, opt",
    ):
        nn.fit(NET, X, Y, nn.mse, nn.SGD(NET.parameters(), lr=0.1))
    with pytest.raises(
        DataTypeError, match=r"^zero_grad\(\) was called with \(True\): it takes nothing$"
    ):
        NET.zero_grad(True)


CURVES = {"a": [1.0, 2.0], "b": [2.0, 3.0]}
CHARTS = [
    (plots.loss_curve, {"curves": CURVES, "ax": None, "ylabel": "loss", "log": False}),
    (plots.rate_curve, {"schedules": {"a": schedules.cosine(4)}, "steps": 4}),
    (plots.range_test, {"rates": [0.1, 1.0], "losses": [1.0, 2.0], "suggestion": 0.1}),
    (plots.activation, {"f": "relu", "low": -1.0, "high": 1.0}),
    (plots.fit_curve, {"models": {"m": lambda x: [x[0]]}, "X": [[1.0], [2.0]], "y": [1.0, 2.0]}),
    (plots.points, {"X": X, "y": Y, "classes": ["a", "b"]}),
    (plots.descent, {"cost": abs, "paths": CURVES, "low": 0.0, "high": 4.0, "label": "cost"}),
    (plots.cost_surface, {"paths": {"a": X}, "x": (0.0, 1.0), "y": (0.0, 1.0)}),
    (plots.histograms, {"samples": CURVES, "xlabel": "z"}),
    (plots.dead_units, {"shares": {"a": 0.5}}),
    (plots.embedding_map, {"vectors": {"a": [1.0, 2.0], "b": [3.0, 4.0]}}),
    (plots.heat_map, {"matrix": X, "rows": list("abcd"), "columns": ["a", "b"], "label": "w"}),
    (plots.attention, {"weights": [[1.0, 0.0], [0.5, 0.5]], "tokens": ["a", "b"]}),
    (plots.weight_images, {"weights": [[1.0, 2.0, 3.0, 4.0]], "shape": (2, 2), "titles": ["a"]}),
    (plots.gates, {"values": {"z": [[0.1, 0.2], [0.3, 0.4]]}}),
    (plots.confusion, {"matrix": [[3, 1], [0, 4]], "classes": ["a", "b"]}),
    (
        plots.filmstrip,
        {"model": nn.Layer(2, 1), "states": [(0, nn.Layer(2, 1).state_dict())], "most": 2},
    ),
]
OTHERS = {
    plots.cost_surface: {"cost": lambda a, b: a * b},
    plots.filmstrip: {"X": X, "y": Y},
}


class Drawn(Exception):
    """All is checked, and a figure would be made."""


@pytest.mark.parametrize(("chart", "good"), CHARTS, ids=lambda x: getattr(x, "__name__", ""))
def test_charts_refuse_it_before_a_figure_is_made(chart, good, monkeypatch):
    def begin(*needed):
        raise Drawn

    monkeypatch.setattr("nn.plots.axes.load", begin)
    others = OTHERS.get(chart, {})

    def asked(**arguments):
        try:
            chart(**arguments, **others)
        except Drawn:
            return

    found = [f"{place}: {error!r}" for place, error in outcomes(asked, good, WRONG)]
    assert not found, "\n".join(found)


def test_a_chart_is_saved_under_a_name_that_says_how(tmp_path, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(tmp_path)
    ax = pyplot.subplots()[1]
    good = {"ax": ax, "path": "a.svg"}
    assert [f"{place}: {error!r}" for place, error in outcomes(plots.save, good, WRONG)] == []
    pyplot.close("all")
    assert list(tmp_path.iterdir()) == []


WORDS = [
    (data.moons, "random_state", "seed="),
    (data.circles, "n_samples", "n="),
    (data.circles, "factor", "inner="),
    (data.blobs, "centers", "classes="),
    (data.split, "test_size", "held_out="),
    (data.split, "stratify", "stratified="),
    (data.k_fold, "n_splits", "k="),
    (data.batches, "batch_size", "size="),
    (data.batches, "shuffle", "the rows are shuffled"),
    (data.batches, "seed", "rng="),
    (data.moons, "rng", "seed="),
    (nn.fit, "rng", "seed="),
    (nn.fit, "verbose", "progress="),
    (nn.fit, "num_epochs", "epochs="),
    (nn.fit, "learning_rate", "the rate belongs to the optimizer"),
    (nn.evaluate, "verbose", "it prints nothing"),
    (nn.predict, "batch_size", "it takes model, X"),
    (nn.generate, "max_new_tokens", "limit="),
    (nn.Layer, "use_bias", "bias="),
    (nn.MLP, "bias", "only nn.Layer"),
    (nn.MLP, "random_state", "seed="),
    (nn.MLP, "hidden_layer_sizes", "sizes="),
    (nn.Dropout, "rate", "p="),
    (nn.LSTM, "batch_first", "a layer takes one sequence"),
    (nn.GRU, "random_state", "seed="),
    (autograd.grad, "argnum", "argnums="),
    (autograd.gradients, "retain_graph", "the graph stays"),
    (autograd.jit, "static_argnums", "static="),
    (autograd.softmax, "dim", "xs is one list of numbers"),
    (autograd.log_softmax, "axis", "xs is one list of numbers"),
    (autograd.softmax, "temperature", "write softmax([x / temperature for x in xs])"),
    (autograd.leaky_relu, "negative_slope", "slope="),
    (autograd.clip, "min", "low="),
    (autograd.clip, "a_max", "high="),
    (autograd.take, "axis", "xs is one list of numbers"),
    (autograd.where, "input", "condition="),
    (autograd.check_gradients, "eps", "the steps of the differences are chosen"),
    (autograd.draw, "format", "draw(x).save(path)"),
    (autograd.explain, "labels", "names="),
    (autograd.jvp, "v", "tangents="),
    (nn.mse, "weight", "only nn.cross_entropy takes weight="),
    (nn.mse, "y_pred", "outputs="),
    (nn.huber, "beta", "delta="),
    (nn.binary_cross_entropy, "from_logits", "losses of classes take logits"),
    (nn.cross_entropy, "label_smoothing", "lists of probabilities as targets"),
    (nn.cross_entropy, "class_weight", "weight="),
    (nn.accuracy, "reduction", 'reduction="mean"'),
    (nn.precision, "pos_label", "positive="),
    (nn.confusion_matrix, "labels", "targets= takes the class of each row; classes are 0, 1,"),
    (nn.plots.confusion, "labels", "classes="),
    (nn.l2, "weight_decay", "strength="),
    (nn.LayerNorm, "epsilon", "eps="),
    (nn.LayerNorm, "elementwise_affine", "gain="),
    (nn.MLP, "act", "activation="),
    (nn.MLP, "hidden", "sizes="),
    (nn.MLP, "hidden_size", "sizes="),
    (nn.MLP, "optim", "nn.fit trains a model"),
    (nn.MLP, "dropout", "put nn.Dropout(p) between layers"),
    (nn.Layer, "weight_init", "init="),
    (nn.LSTM, "hidden_size", "n_hidden="),
    (nn.LSTM, "activation", "the activations of its paper"),
    (
        nn.LSTM,
        "nonsense",
        "it takes n_in, n_hidden, layers, bias, forget_bias, init, recurrent_init",
    ),
    (nn.LSTMCell, "hidden", "n_hidden="),
    (nn.RNN, "forget_bias", "it takes n_in, n_hidden, layers, bias, init, recurrent_init, seed"),
    (nn.GPT, "d_model", "n_embd="),
    (nn.GPT, "vocab_size", "vocab="),
    (nn.MultiHeadAttention, "num_heads", "n_head="),
    (nn.Embedding, "vocab_size", "n="),
    (nn.fit, "optim", "optimizer="),
    (nn.fit, "validation_split", "nn.data.split"),
    (nn.train_step, "loss_fn", "loss="),
    (nn.Checkpoint, "filepath", "path="),
    (nn.ReduceOnPlateau, "factor", "gamma="),
    (nn.clip_grad_norm, "norm_type", "Euclidean"),
    (nn.one_hot, "num_classes", "n="),
    (nn.load, "weights_only", "nothing in it is run"),
    (schedules.step, "step_size", "size="),
    (schedules.cosine, "T_max", "total="),
    (init.normal, "dtype", "float64"),
    (data.read_csv, "sep", "delimiter="),
    (data.pad, "maxlen", "length="),
    (data.windows, "window", "width="),
    (data.Tokenizer, "lower", "text.lower()"),
    (plots.loss_curve, "title", "it takes "),
    (NET.zero_grad, "set_to_none", "autograd.NOT_COMPUTED"),
    (NET.load_state_dict, "strict", "fits as a whole"),
    (NET.save, "filename", "path="),
]


@pytest.mark.parametrize(("function", "name", "here"), WORDS)
def test_an_argument_of_other_libraries_is_answered_with_what_to_write(function, name, here):
    known = inspect.signature(function).parameters
    good = [None] * sum(
        p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in known.values()
    )
    with pytest.raises(DataTypeError, match=f"has no argument {name}=: .*{re.escape(here)}"):
        function(*good[: 3 if function is nn.fit else None], **{name: 1})


@pytest.mark.parametrize("function", [data.moons, nn.fit, autograd.grad, autograd.jit])
def test_a_function_that_checks_names_shows_its_own_signature(function):
    assert {p.kind for p in inspect.signature(function).parameters.values()} <= {
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    }
    with pytest.raises(DataTypeError, match=r"has no argument other=: it takes \w+, "):
        function(other=1)


PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (autograd, autograd.testing, nn, nn.recurrent, data, nn.optim, nn.schedules)
    for name in getattr(module, "__all__", dir(module))
    if str(getattr(getattr(module, name), "__module__", "")).startswith(("autograd.", "nn."))
    and callable(getattr(module, name))
}


@pytest.mark.parametrize("thing", PUBLIC.values(), ids=PUBLIC)
def test_help_shows_the_arguments_and_names_what_there_is(thing):
    own = isinstance(thing, type) and thing.__module__.partition(".")[0] in ("autograd", "nn")
    if own and not issubclass(thing, Exception):
        taken = inspect.signature(thing).parameters
        # Python 3.10 prefers __new__ where a class inherits its __init__.
        inherits = sys.version_info < (3, 11) and "__init__" not in vars(thing)
        assert "inputs" not in taken or inherits, f"the arguments of {thing} are hidden"
        first = inspect.getdoc(thing).partition("\n")[0]
        assert first in pydoc.plain(pydoc.render_doc(thing))
    members = vars(thing).values() if isinstance(thing, type) else ()
    docs = [x.__doc__ or "" for x in (thing, *members) if hasattr(x, "__doc__")]
    for doc in docs:
        for name in re.findall(r"(?:\bSee|\bAs for|arguments of) `?([A-Za-z_][\w.]*\w)`?", doc):
            if "." not in name and not name[0].isupper():
                continue  # a word
            found, place = sys.modules[thing.__module__.partition(".")[0]], name.split(".")
            for part in place[1:] if place[0] in ("autograd", "nn") else place:
                assert hasattr(found, part), f"{thing} names {name}, which is not there"
                found = getattr(found, part)


ROWS_OF_NUMBERS = [op for op in autograd.PRIMITIVES.values() if op.function.__name__ == op.name]


@pytest.mark.parametrize("op", ROWS_OF_NUMBERS, ids=lambda op: op.name)
def test_every_row_answers_arguments_of_other_libraries(op):
    arguments = [[1.0, 2.0]] if op.arity is None else [0.5] * op.arity
    for name, here in (("inplace", "gives a new Value"), ("out", "gives a new Value")):
        for given in (arguments, [Value(0.5)] * len(arguments)):
            with pytest.raises(
                DataTypeError, match=rf"^{op.name}\(.*\) has no argument {name}=.*{here}"
            ):
                op.function(*given, **{name: True})
    with pytest.raises(DataTypeError, match=rf"{op.name}.*nonsense="):
        op.function(*arguments, nonsense=1)


def test_a_row_of_two_numbers_says_that_one_is_missing():
    for f in (autograd.maximum, autograd.pow, autograd.atan2):
        with pytest.raises(DataTypeError, match=r"^\w+\(x, y\): y is missing$"):
            f([1.0, 2.0])


def public():
    """Functions, and classes of nn that a user makes, by what they are called."""
    made = (nn.Module, nn.Optimizer, nn.trace)
    return {
        thing: name
        for module in (autograd, nn, data)
        for name in module.__all__
        for thing in [getattr(module, name)]
        if (getattr(thing, "__module__", None) or "").partition(".")[0] in ("autograd", "nn")
        and (issubclass(thing, made) if isinstance(thing, type) else callable(thing))
    }


CALLED = public()


@pytest.mark.parametrize("thing", CALLED, ids=CALLED.values())
def test_a_wrong_number_of_arguments_is_told_by_name(thing):
    name = thing.__name__
    known = [p for p in inspect.signature(thing).parameters.values() if p.name != "self"]
    required = [p.name for p in known if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, 2)]
    if required:
        with pytest.raises(ChainruleError) as caught:
            thing()
        said = str(caught.value)
        assert said.startswith(f"{name}(")
        assert f"): {required[0]}" in said or "takes one list" in said, said
        assert said.endswith("missing") or "takes one list" in said, said
    if not any(p.kind is p.VAR_POSITIONAL for p in known):
        with pytest.raises(DataTypeError) as caught:
            thing(*[0.5] * 40)
        said = str(caught.value)
        assert said.startswith(f"{name}("), said
        assert "was called with (0.5, 0.5, " in said or "takes one list" in said, said


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: autograd.log(8.0, 2.0), "log(x) was called with (8.0, 2.0): write log(x) / log(b"),
        (
            lambda: Value(8.0).log(2.0),
            "log(x) was called with (Value(data=8.0), 2.0): write log(x)",
        ),
        (lambda: autograd.tanh(), "tanh(x): x is missing"),
        (lambda: autograd.softmax([1.0], -1), "softmax(xs) was called with ([1.0], -1): xs is one"),
        (lambda: autograd.gelu(1.0, "tanh"), "(1.0, 'tanh'): it is exact"),
        (lambda: autograd.where(True, 1.0), "where(condition, a, b): b is missing"),
        (lambda: autograd.elu(), "elu(x, alpha=...): x is missing"),
        (lambda: autograd.dot([1.0]), "dot(xs, ys): ys is missing"),
        (lambda: autograd.dot([1.0], [2.0], axis=0), "dot has no argument axis=: xs is one list"),
        (lambda: autograd.dot([Value(1.0)], [2.0], out=0), "dot has no argument out=: a function"),
        (lambda: autograd.jvp(abs, [1.0]), "jvp(f, primals, tangents): tangents is missing"),
        (
            lambda: autograd.jvp(lambda xs: xs[0], [1.0, 2.0], [0.0, 1]),
            "write jvp(f, [xs], [ts])",
        ),
        (
            lambda: autograd.hvp(lambda xs: xs[0], [1.0, 2.0], [0.0, 1.0]),
            "write hvp(f, [xs], [vs])",
        ),
        (
            lambda: autograd.hvp(lambda x, y: x, [[1.0, 2.0]], [[0.0, 1.0]]),
            "y is missing: the list",
        ),
        (lambda: autograd.vjp(abs, 1.0, has_aux=True), "vjp has no argument has_aux=: f returns"),
        (lambda: autograd.no_grad(abs), "no_grad() was called with (<built-in function abs>)"),
        (lambda: autograd.no_grad(enabled=False), "no_grad has no argument enabled=: write `with"),
        (lambda: autograd.detect_anomaly(True), "detect_anomaly() was called with (True): write"),
        (lambda: autograd.grad(abs, f=abs), "grad(f, argnums=...): f is given twice"),
        (lambda: autograd.grad(autograd.sin)(1.0, 2.0), "sin(x) was called with (Value(data=1.0)"),
        (lambda: Value(1.0).backward(1.0, True), "backward(gradient) was called with (1.0, True)"),
        (lambda: nn.mse([1.0]), "mse(outputs, targets, reduction=...): targets is missing"),
        (
            lambda: nn.mse([1.0], [1.0], "sum"),
            "([1.0], [1.0], 'sum'): give the others by name: red",
        ),
        (lambda: nn.LSTM(2), "LSTM(n_in, n_hidden"),
        (
            lambda: nn.SGD([Value(1.0)]),
            "SGD(params, lr, momentum=..., nesterov=..., weight_decay=...): lr",
        ),
        (lambda: NET.parameters(recurse=True), "parameters has no argument recurse=: it takes not"),
        (lambda: NET.parameters(True), "parameters() was called with (True): it takes nothing"),
        (lambda: NET.zero_grad(True), "zero_grad() was called with (True): it takes nothing"),
        (lambda: autograd.primitive("odd"), "primitive(name, forward, listed=..., "),
    ],
)
def test_what_is_said_of_a_wrong_number_of_arguments(call, said):
    with pytest.raises(DataTypeError, match=re.escape(said)):
        call()


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda: nn.SGD(0.1), "params"),
        (lambda: nn.SGD(nn.MLP(1, [1])), "params"),
        (lambda: nn.clip_grad_norm(1.0), "params"),
        (lambda: nn.clip_grad_value(1.0), "params"),
        (lambda: nn.l1(0.1), "parameters"),
        (lambda: nn.l2(0.1), "parameters"),
        (lambda: nn.fit([[1.0]], [1.0], loss=nn.mse, optimizer=None), "model"),
        (lambda: nn.predict([[1.0]]), "model"),
        (lambda: nn.evaluate([[1.0]], [1.0], loss=nn.mse), "model"),
        (lambda: nn.diagnose([[1.0]], [1.0]), "model"),
        (lambda: nn.lr_range_test([[1.0]], [1.0], loss=nn.mse, optimizer=None), "model"),
        (lambda: nn.training_page([[1.0]], [1.0], loss=nn.mse), "model"),
        (lambda: nn.generate("a"), "model"),
        (lambda: nn.answer({"a": "1"}), "model"),
        (lambda: nn.plots.decision_boundary([[1.0, 2.0]], [1]), "model"),
        (lambda: nn.MLP([2, 3, 1]), "n_in"),
        (lambda: nn.Layer([2, 3]), "n_in"),
        (lambda: nn.LSTM([2, 3]), "n_in"),
        (lambda: autograd.gradients([Value(1.0)]), "root"),
        (lambda: autograd.explain([Value(1.0)]), "root"),
        (lambda: autograd.jvp([1.0], [1.0]), "f"),
        (lambda: autograd.hvp([1.0], [1.0]), "f"),
    ],
)
def test_a_first_argument_that_is_forgotten_is_the_one_that_is_missing(call, missing):
    with pytest.raises(DataTypeError, match=rf"\): {missing} is missing: .* stands in its place"):
        call()


def test_an_error_within_a_function_is_not_taken_for_a_wrong_call():
    def f(x):
        calls = [x]
        return calls(x)

    for call in (lambda: autograd.grad(f)(1.0), lambda: nn.fit(NET, X, Y, loss=f, optimizer=f)):
        with pytest.raises(TypeError) as caught:
            call()
        assert "missing" not in str(caught.value)
        assert "was called with (" not in str(caught.value)


def test_words_of_some_rows():
    for call, here in (
        (lambda: autograd.gelu(Value(1.0), approximate="tanh"), "it is exact"),
        (lambda: autograd.softplus(1.0, beta=2.0), r"softplus\(beta \* x\) / beta"),
        (lambda: autograd.log(8.0, base=2.0), r"log2\(x\)"),
        (lambda: autograd.norm([1.0], ord=1), "the Euclidean norm"),
        (lambda: autograd.sum([1.0], axis=0), r"\[sum\(row\) for row in rows\]"),
        (lambda: Value(1.0).relu(inplace=True), r"x = relu\(x\)"),
        (lambda: Value(1.0).clip(min=0.0), "low="),
    ):
        with pytest.raises(DataTypeError, match=here):
            call()


def test_a_module_of_one_s_own_takes_what_its_init_takes():
    class Net(nn.Module):
        def __init__(self, hidden_size, **config):
            self.hidden_size, self.config = hidden_size, config

    class Strict(nn.Module):
        def __init__(self, width):
            self.width = width

    assert Net(hidden_size=3, nonlin="relu").config == {"nonlin": "relu"}
    assert Strict(width=3).width == 3
    with pytest.raises(DataTypeError, match=r"^Strict has no argument depth=: it takes width"):
        Strict(depth=3)


@pytest.mark.parametrize("words", [WORDS_OF_NN, WORDS_OF_AUTOGRAD])
def test_a_word_is_said_of_an_argument_that_some_function_has(words):
    pytest.importorskip("sklearn", reason="nn.sklearn has arguments of its own")
    modules = (autograd, nn, data, schedules, importlib.import_module("nn.sklearn"))
    public = [x for module in modules for x in vars(module).values() if callable(x)]
    known = {name for x in public for name in parameters_of(x)}
    named = {word for words_here in words.values() for word in words_here if " " not in word}
    assert named <= known


def parameters_of(x):
    try:
        return inspect.signature(x.__init__ if isinstance(x, type) else x).parameters
    except ValueError:  # a class of C
        return ()


RNG = random.Random(0)
SIZED = [  # functions whose whole numbers are sizes of what they build
    *[(f, {"n": 4}) for f in (data.moons, data.circles, data.spirals, data.xor)],
    *[(f, {"n": 4}) for f in (data.noisy_sine, data.time_series, data.counting_sentences)],
    (data.blobs, {"n": 4, "classes": 2}),
    (data.recall_at_lag, {"n": 4, "lag": 2}),
    (lambda length: data.pad([[1, 2]], length), {"length": 2}),
    *[(lambda n_in, n_out, f=f: f(n_in, n_out, RNG), {"n_in": 2, "n_out": 2}) for f in init.ALL],
    (nn.Neuron, {"n_in": 2}),
    (nn.Layer, {"n_in": 2, "n_out": 2}),
    (lambda n_in, hidden, last: nn.MLP(n_in, [hidden, last]), {"n_in": 2, "hidden": 2, "last": 2}),
    (nn.Embedding, {"n": 2, "dim": 2}),
    *[(f, {"n": 2}) for f in (nn.RMSNorm, nn.LayerNorm)],
    *[(f, {"n_in": 2, "n_hidden": 2}) for f in (nn.RNNCell, nn.GRUCell, nn.LSTMCell)],
    *[(f, {"n_in": 2, "n_hidden": 2, "layers": 1}) for f in (nn.RNN, nn.GRU, nn.LSTM)],
    (nn.EncoderDecoder, {"n_in": 2, "n_hidden": 2, "n_out": 2, "steps": 2}),
    (lambda steps: nn.EncoderDecoder(1, 1, 1, 1)([[1.0]], steps), {"steps": 2}),
    *[(f, {"n_embd": 2, "n_head": 1}) for f in (nn.MultiHeadAttention, nn.Block)],
    (nn.GPT, {"vocab": 2, "n_embd": 2, "n_head": 1, "n_layer": 1, "block_size": 2}),
    (lambda n: nn.bag_of_words([0, 1], n), {"n": 2}),
    (lambda n: nn.one_hot(0, n), {"n": 2}),
    (lambda n_state: nn.Optimizer([Value(1.0)], 0.1, n_state), {"n_state": 2}),
    (
        lambda steps: nn.descend(lambda x: x, [1.0], lambda ps: nn.SGD(ps, 0.1), steps),
        {"steps": 2},
    ),
]


@pytest.mark.parametrize(("call", "good"), SIZED, ids=lambda x: getattr(x, "__name__", ""))
def test_a_size_that_has_no_room_is_refused_at_once(call, good):
    for name in good:
        for size in (10**8 + 1, 10**12, 2**63, 10**400, 10**5000):
            with pytest.raises(ArgumentError, match="must be at most 100000000, not"):
                call(**{**good, name: size})
    call(**good)


MANY = 10**4 + 1


@pytest.mark.parametrize(
    "call",
    [
        *[lambda f=f: f(MANY, MANY, RNG) for f in init.ALL],
        lambda: nn.Layer(MANY, MANY),
        lambda: nn.Layer(1, 10**7),  # units are larger than weights
        lambda: nn.MLP(1, [1, MANY, MANY]),
        lambda: nn.Embedding(MANY, MANY),
        lambda: nn.LSTM(1, MANY),
        lambda: nn.LSTM(1, 10, layers=10**6),
        lambda: nn.GRUCell(10**7, 10),
        lambda: nn.EncoderDecoder(1, 2, 10**7, 3),
        lambda: nn.MultiHeadAttention(MANY, 1),
        lambda: nn.Block(4000, 1),
        lambda: nn.GPT(10**7),
        lambda: nn.GPT(4, n_layer=10**6),
        lambda: nn.GPT(4, block_size=10**7),
        lambda: data.recall_at_lag(MANY, MANY),
        lambda: data.pad([[1]] * MANY, MANY),
        lambda: data.windows([1.0] * 2 * MANY, MANY),
        lambda: nn.bag_of_words([0] * MANY, MANY),
        lambda: nn.Optimizer([Value(1.0) for _ in range(100)], 0.1, 10**7),
    ],
)
def test_what_has_no_room_is_refused_before_a_part_of_it_is_made(call):
    with pytest.raises(ArgumentError, match=r"as much memory as \d{9,} numbers, and at most"):
        call()


@pytest.mark.parametrize(
    "make",
    [
        *[lambda n, f=f: f(n) for f in (data.moons, data.circles, data.spirals, data.xor)],
        *[lambda n, f=f: f(n) for f in (data.noisy_sine, data.time_series, data.blobs)],
        lambda n: data.recall_at_lag(3, n),
        lambda n: data.windows([1.0] * 200, n),
        lambda n: data.pad([[1]], n),
        *[lambda n, f=f: f(n, 3, random.Random(0)) for f in init.ALL],
        lambda n: nn.Layer(n, 2, seed=0).state_dict(),
        lambda n: nn.Neuron(n, seed=0).state_dict(),
        lambda n: nn.MLP(n, [n, 1], seed=0).settings(),
        lambda n: nn.LSTM(n, 2, seed=0).state_dict(),
        lambda n: nn.Embedding(n, 2, seed=0).state_dict(),
        lambda n: nn.Block(n, 1, seed=0).settings(),
        lambda n: nn.GPT(2, 2, 1, block_size=n, seed=0).settings(),
        lambda n: nn.bag_of_words([1, 2], n),
    ],
)
def test_a_size_of_numpy_counts_as_one_of_python(make):
    numpy = pytest.importorskip("numpy")
    expected = repr(make(127))
    for kind in (numpy.int8, numpy.int64):  # 127 + 1 is no int8
        assert repr(make(kind(127))) == expected


def test_numbers_that_are_no_sizes_may_be_of_any_size():
    assert data.moons(4, seed=2**127) != data.moons(4, seed=2**126)
    fitted(seed=10**5000, batch_size=10**400, patience=10**400, validation=(X, Y))
    nn.manual_seed(10**5000)
    nn.Neuron(2)
    nn.manual_seed()
    assert schedules.cosine(10**400)(3) == 1.0
    assert GPT.generate([0], limit=10**400, top_k=10**400)
    assert len(list(data.batches(X, Y, 10**400, rng=RNG))) == 1


def test_a_picture_of_any_depth_is_the_whole_graph():
    z = (Value(2.0) * 3.0).tanh()
    assert autograd.draw(z, depth=10**400).svg == autograd.draw(z, depth=9).svg


FORWARD, PARTIAL = math.sin, lambda x, z: math.cos(x)


@pytest.mark.parametrize("odd", [None, 1, [], {1.0}, {"a": 1}, b"ab", object(), math.nan])
def test_a_row_is_refused_whose_name_is_no_text(odd):
    with pytest.raises(DataTypeError, match="the name of a primitive is a text"):
        autograd.primitive(odd, FORWARD, PARTIAL)


@pytest.mark.parametrize("odd", [None, "abc", [], {1.0}, {"a": 1}, b"ab", object(), True])
def test_a_row_is_refused_whose_functions_are_none(odd):
    with pytest.raises(DataTypeError, match="forward of odd is a function"):
        autograd.primitive("odd", odd, PARTIAL)
    with pytest.raises(DataTypeError, match=r"a partial of odd is a function, such as .* number"):
        autograd.primitive("odd", FORWARD, odd)
    assert not hasattr(Value, "odd")


@pytest.mark.parametrize("odd", [1, {1.0}, b"ab", object(), math.nan, "abc", [1]])
def test_points_and_kinks_of_check_primitive_are_checked(odd):
    with pytest.raises(DataTypeError, match="kinks is a dict"):
        check_primitive(autograd.tanh, kinks=odd)
    if not isinstance(odd, set | list | bytes):
        with pytest.raises(DataTypeError, match="points is a list"):
            check_primitive(autograd.tanh, points=odd)


@pytest.mark.parametrize("odd", [None, 1, "x", [1.5], [None], object(), math.nan])
def test_what_is_static_in_jit_is_a_list_of_names_or_positions(odd):
    with pytest.raises(DataTypeError, match=r"static is a list of names or positions.*\[0\], not"):
        autograd.jit(lambda x: x, static=odd)


@pytest.mark.parametrize("place", [1, 5, -1])
def test_what_is_static_in_jit_is_an_argument_that_there_is(place):
    with pytest.raises(RecordingError, match=rf"position {place}, but .* has 1 position"):
        autograd.jit(lambda x: x, static=[place])
    assert autograd.jit(lambda *xs: xs[0] * 2.0, static=[1])(3.0, 1) == 6.0


def test_parts_of_a_module_are_not_replaced_by_a_number():
    model = nn.MLP(2, [1])
    for odd in (3, "relu", [1.0]):
        with pytest.raises(DataTypeError, match=r"'layers' of .* holds parts with parameters"):
            model.layers = odd
    model.layers = [nn.Layer(2, 2)]
    assert len(model.parameters()) == 6


def test_a_state_that_is_no_list_is_refused():
    optimizer = nn.Adam(parameters(), lr=0.1)
    for odd in (3, None, "ab", [1, 2], [(0.0,), (0.0,)], {1.0, 2.0}):
        with pytest.raises(LengthError, match="is, for each parameter, a tuple"):
            optimizer.state = odd


def test_what_is_no_function_is_no_reference_of_a_row():
    for odd in (3, "sin", {}, [math.sin]):
        with pytest.raises(DataTypeError, match="reference is a function"):
            check_primitive(autograd.sin, reference=odd)


def test_a_class_is_no_model():
    for call in (nn.trace, lambda cls: nn.predict(cls, X)):
        with pytest.raises(DataTypeError, match="Module, such as"):
            call(nn.Layer)


def test_what_is_no_value_has_no_topological_order():
    with pytest.raises(DataTypeError, match="topological_order takes Values"):
        autograd.topological_order(3)


@pytest.mark.parametrize("odd", [None, 1, {1.0}, [()], [("a", "b")], b"ab", object(), math.nan])
def test_what_stays_open_in_a_picture_is_a_path(odd):
    with pytest.raises(DataTypeError, match=r"expand takes paths of groups.*, not"):
        autograd.draw(Value(2.0) * 3.0, expand=odd)


A, B = Value(1.0), Value(2.0)
UNORDERED = [
    {1.0, 2.0},
    frozenset([1.0, 2.0]),
    {1.0: 3.0, 2.0: 4.0},
    {1.0: 3.0, 2.0: 4.0}.keys(),
    {1.0: 3.0, 2.0: 4.0}.items(),
    {A, B},
    {A: 1.0, B: 2.0},
    {A: 1.0, B: 2.0}.keys(),
]
OF_LISTS = [
    *[op.function for op in autograd.PRIMITIVES.values() if op.arity is None],
    autograd.softmax,
    autograd.log_softmax,
    lambda xs: autograd.dot(xs, [A, B]),
    lambda xs: autograd.dot([A, B], xs),
    lambda xs: autograd.dot([1.0, 2.0], xs),
    lambda xs: autograd.take(xs, 1),
    lambda xs: nn.SGD(xs, lr=0.1),
    nn.train_step(NET, nn.mse, nn.SGD(NET.parameters(), lr=0.1)).run,
    lambda xs: nn.RNN(2, 2).run([[1.0, 2.0]], xs),
    lambda xs: nn.LSTM(2, 2).run([[1.0, 2.0]], xs),
    lambda xs: nn.Last()([1.0, 2.0], xs),
    *[
        lambda xs, f=f: f(xs, [0, 1])
        for f in (nn.mse, nn.hinge, nn.cross_entropy, nn.accuracy, nn.r2, nn.data.split)
    ],
    *[lambda xs, f=f: f([0.0, 1.0], xs) for f in (nn.mse, nn.hinge, nn.accuracy, nn.data.split)],
]


@pytest.mark.parametrize("call", OF_LISTS)
@pytest.mark.parametrize("odd", UNORDERED, ids=lambda odd: type(odd).__name__)
def test_what_has_no_order_is_no_list(call, odd):
    with pytest.raises(ChainruleError, match=r"\blists? of|a list|batches are|state of"):
        call(odd)


def test_a_list_that_can_be_gone_through_once_counts_as_a_list():
    # gradients gave [] for it, without a word
    x, y = Value(2.0), Value(3.0)
    assert [g.data for g in autograd.gradients(x * y, iter([x, y]))] == [3.0, 2.0]
    assert [g.data for g in autograd.gradients(x * y, (v for v in (x, y)))] == [3.0, 2.0]

    def product(a, b):
        return a * b

    assert autograd.jvp(product, iter([2.0, 3.0]), iter([1.0, 0.0])) == (6.0, 3.0)
    assert autograd.hvp(product, iter([2.0, 3.0]), [1.0, 0.0]) == (0.0, 1.0)
    assert [autograd.sum(iter([x, y])).data, autograd.softmax(iter([0.0, 0.0]))] == [
        5.0,
        [0.5, 0.5],
    ]


def test_the_values_of_a_dict_lie_in_order():
    xs = {"b": A, "a": B}.values()
    assert [autograd.sum(xs).data, autograd.max(xs).data] == [3.0, 2.0]
    assert [autograd.dot(xs, [1.0, 10.0]).data, autograd.dot([1.0, 10.0], xs).data] == [21.0, 21.0]
    assert nn.SGD(xs, lr=0.1).params == [A, B]
    with pytest.raises(DataTypeError, match=r"give its keys: write list\(x.values\(\)\)"):
        autograd.sum({"b": A, "a": B})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: autograd.take([1.0, 2.0], 5), "the index 5 is none of a list of 2"),
        (lambda: autograd.take([1.0, 2.0], Value(0.5)), "none of a list of 2: count from 0"),
        (lambda: autograd.softmax([]), r"^softmax\(\): it is defined for a list that is not empty"),
        (lambda: autograd.log_softmax(()), r"^log_softmax\(\): it is defined for"),
        (lambda: Value(np.True_), r"write float\(x\) for 1.0 or 0.0"),
        (lambda: nn.mse([1.0], np.array([True])), r"write float\(x\) for 1.0 or 0.0"),
        (lambda: nn.cross_entropy([[1.0, 2.0]], [[1]]), "a class is its index alone"),
        (lambda: nn.accuracy([[1.5]], np.array([[1]])), "a class is its index alone"),
        (lambda: nn.accuracy([[1.5, 2.0]], [[0, 1]]), "a class is its index alone"),
        (lambda: nn.l1(nn.MLP(1, [1]), 0.1), "parameters is a list of Values, as model.parameters"),
        (lambda: nn.l2(5, 0.1), "parameters is a list of Values, as model.parameters"),
        (lambda: nn.metrics.cosine_similarity(1, 2), "u is a list of numbers"),
        (lambda: nn.metrics.ngram_bits("abc", ["abc"]), "train is a list of texts"),
        (lambda: nn.Sequential([nn.Layer(1, 1)]), r"write Sequential\(\*layers\)"),
        (lambda: NET.load_state_dict(NET), r"write model.state_dict\(\) of it"),
        (lambda: NET.load_state_dict("net.json"), r"nn.read_state\(path\) reads, not 'net.json'"),
        (lambda: nn.LSTMCell(1, 2)([1.0], None), r"not None; at first it is cell.start\(\)"),
        (lambda: nn.Sequential(print), "another function to a Module of your own"),
        (
            lambda: plots.loss_curve({"run": nn.History()}),
            "'run' is a list of numbers, not <Hist",
        ),
        (lambda: np.arctan2(Value(1.0), 2.0), r"autograd.atan2\(x, y\)"),
        (lambda: nn.Layer(2, 3, bias=None), "bias, which is False for none, takes a real number"),
        (lambda: nn.GRU(2, 3, bias="a"), "bias, which is False for none, takes a real number"),
        (lambda: setattr(nn.Layer(1, 1), "training", 3), "training must be one of True, False"),
        (
            lambda: nn.SGD([Value(1.0)], lr=0.1).load_state_dict(None),
            r"a state of an optimizer is what state_dict\(\) gives, not None",
        ),
        (lambda: nn.SGD([Value(1.0)], lr=0.1).step(), "of the very model whose parameters"),
        (lambda: autograd.grad(sum)(np.array([1.0, 2.0])), r"not by array.*give x.tolist\(\)"),
        (lambda: autograd.jvp(sum, [{1.0}], [{1.0}]), r"not by \{1.0\}.*give list\(x\)"),
        (lambda: autograd.grad(sum)(iter([1.0])), r"give list\(x\)$"),
        (lambda: autograd.no_grad(False), r"write `with no_grad\(\):`"),
        (lambda: data.Tokenizer("abc"), r"write \['abc'\]"),
        (
            lambda: autograd.jit(lambda x: x**3)(np.array([1.0, 2.0])),
            r"dtype=object\) was returned by the function",
        ),
    ],
)
def test_what_a_newcomer_gives_is_named_with_what_to_write(call, said):
    with pytest.raises(errors.ChainruleError, match=said):
        call()


@pytest.mark.parametrize("hide", [set, frozenset, np.array, lambda ps: [np.array(ps)]])
def test_parameters_are_not_hidden_in_a_set_or_an_array(hide):
    layer = nn.Layer(1, 1)
    with pytest.raises(DataTypeError, match="they are found in lists, tuples, dicts and Modules"):
        layer.more = hide([Value(1.0), Value(2.0)])
    assert len(layer.parameters()) == 2
    layer.seen, layer.table = {1, 2}, np.array([1.0, 2.0])


class Gives(nn.Module):
    def __init__(self, gives):
        self.w, self._gives = Value(1.0), gives

    def forward(self, x):
        return self._gives(self.w * x[0])


@pytest.mark.parametrize("jit", [False, True])
def test_a_model_may_give_an_array_of_values(jit):
    model = Gives(lambda z: np.array([z]))
    sgd = nn.SGD(model.parameters(), lr=0.1)
    options = {"loss": nn.mse, "optimizer": sgd, "epochs": 1, "progress": False, "jit": jit}
    nn.fit(model, [[1.0]], [0.0], **options)
    assert model.w.data == pytest.approx(0.8)
    assert nn.predict(model, [[1.0]]) == [[model.w.data]]


@pytest.mark.parametrize("odd", [None, "a", "3", {1.0}, print])
def test_an_output_that_is_no_number_is_told_so(odd):
    with pytest.raises(DataTypeError, match="an output"):
        nn.predict(Gives(lambda z: odd), [[1.0]])


def test_only_targets_in_the_place_of_outputs_are_told_to_come_second():
    for targets in ([0.5], [[0, 1]]):
        with pytest.raises(errors.IndexDomainError) as caught:
            nn.accuracy([[0.5, 2.0]], targets)
        assert "come first" not in str(caught.value)


def test_a_file_that_cannot_be_written_is_named_alone(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        nn.MLP(1, [1]).save(tmp_path / "nowhere" / "model.json")
    assert str(caught.value).endswith("model.json'")
    assert caught.value.filename2 is None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda gpt: gpt.generate(), r"^generate\(prompt, .*\): prompt is missing$"),
        (lambda gpt: gpt.generate([0], max_new_tokens=5), "here it is called limit=$"),
        (lambda gpt: gpt.attention_weights(), r"^attention_weights\(tokens\): tokens is missing$"),
        (
            lambda _: nn.Preparation.fit([{"a": "1"}]),
            r"^fit\(rows, target, .*\): target is missing$",
        ),
        (lambda _: nn.Preparation.fit([{"a": "1"}], "a", label="a"), "it takes rows, target, task"),
    ],
)
def test_methods_say_what_they_take(call, said):
    with pytest.raises(DataTypeError, match=said):
        call(nn.GPT(3, 4, 1))


class Labelled:
    """A list whose numbers are looked up by label, as in a Series."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __len__(self):
        return len(self.numbers)

    def __iter__(self):
        return iter(self.numbers.values())

    def __getitem__(self, label):
        return self.numbers[label]


@pytest.mark.parametrize("labels", [(2, 0, 1), (7, 8, 9), "abc"])
def test_numbers_with_labels_count_in_their_order(labels):
    row = Labelled(dict(zip(labels, (1.0, 3.0, 2.0), strict=True)))
    assert autograd.take(row, 1) == 3.0
    assert nn.cross_entropy([row], [1]) == nn.cross_entropy([[1.0, 3.0, 2.0]], [1])
    assert nn.accuracy([row], [1]) == 1.0
    assert nn.mse([row], [[1.0, 3.0, 0.0]]) == pytest.approx(4 / 3)


def test_a_history_is_gone_through_by_names():
    history = nn.History()
    history.columns = {"loss": [0.5, 0.25], "accuracy": [0.5, 1.0]}
    assert list(history) == ["loss", "accuracy"]
    assert "loss" in history
    assert "val_loss" not in history
    assert 0 not in history
    assert len(history) == 2


@pytest.mark.parametrize("module", [nn.optim, nn.losses, nn.metrics, schedules, init])
def test_a_module_that_answers_imports_is_no_package(module):
    assert not hasattr(module, "__path__")
    assert "PACKAGE CONTENTS" not in pydoc.render_doc(module)
