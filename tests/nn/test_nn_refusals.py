"""What `nn` refuses, as its docstrings say: a wrong call raises the stated
exception, which names the argument or its value.
"""

import ast
import functools
import importlib
import inspect
import json
import math
import random
import re
import sys
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar
from unittest import mock

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, jit, mean, relu
from autograd.core.arguments import within
from autograd.errors import (
    ArgumentError,
    ChainruleError,
    DataTypeError,
    GraphError,
    IndexDomainError,
    LengthError,
    RenamedError,
)
from nn import data, init, metrics, optim, plots, schedules
from nn.sampling import draw_token

SOURCES = sorted((Path(nn.__file__).parent).rglob("*.py"))
RNG = random.Random(0)
P = Value(1.0)
ROW = [[1.0, 2.0]]


def model():
    return nn.MLP(2, [3, 1], seed=0)


def fit(**changes):
    net = model()
    parts = {
        "loss": nn.hinge,
        "optimizer": nn.SGD(net.parameters(), lr=0.1),
        "epochs": 1,
        "progress": False,
        **changes,
    }
    return nn.fit(net, ROW, [1], **parts)


def range_test(**changes):
    net = model()
    return nn.lr_range_test(
        net, ROW, [1], loss=nn.hinge, optimizer=nn.SGD(net.parameters(), lr=0.1), **changes
    )


def step(**changes):
    net = model()
    return nn.train_step(
        net, **{"loss": nn.hinge, "optimizer": nn.SGD(net.parameters(), lr=0.1), **changes}
    )


REFUSED = [
    # documented by, raised, message, call
    (nn.mse, LengthError, "1 outputs and 2 targets", lambda: nn.mse([P], [1, 2])),
    (nn.mae, LengthError, "0 outputs and 0 targets", lambda: nn.mae([], [])),
    (
        nn.mse,
        LengthError,
        r"\[1, 2\] has 2 numbers and its output 1",
        lambda: nn.mse([[P]], [[1, 2]]),
    ),
    (
        nn.mse,
        LengthError,
        "2 steps of output have one target, 1",
        lambda: nn.mse([[[P], [P]]], [1]),
    ),
    (nn.mse, DataTypeError, "one row is loss", lambda: nn.mse(P, 1.0)),
    (nn.mse, DataTypeError, "forward returns nothing", lambda: nn.mse([None], [1.0])),
    (nn.mse, DataTypeError, "the target 'a' is no real number", lambda: nn.mse([P], ["a"])),
    (nn.mse, DataTypeError, "the target None is no real number", lambda: nn.mse([P], [None])),
    (
        nn.cross_entropy,
        DataTypeError,
        r"the target \[None, 1\] is no real number",
        lambda: nn.cross_entropy([[P, P]], [[None, 1]]),
    ),
    (
        nn.mse,
        ArgumentError,
        'reduction is "mean" or "sum", not \'none\'',
        lambda: nn.mse([P], [1], reduction="none"),
    ),
    (
        nn.huber,
        ArgumentError,
        r"delta must be in \(0, inf\), not 0",
        lambda: nn.huber([P], [1], delta=0),
    ),
    (nn.hinge, ArgumentError, "targets 0 and 1 .* not -1", lambda: nn.hinge([P], [-1])),
    (nn.hinge, ArgumentError, r"targets 0 and 1 .* not 0\.5", lambda: nn.hinge([P], [0.5])),
    (
        nn.binary_cross_entropy,
        ArgumentError,
        r"targets from 0 to 1, .* not 1\.01",
        lambda: nn.binary_cross_entropy([P], [1.01]),
    ),
    (
        nn.binary_cross_entropy,
        ArgumentError,
        "targets from 0 to 1, .* not nan",
        lambda: nn.binary_cross_entropy([P], [math.nan]),
    ),
    (
        nn.cross_entropy,
        IndexDomainError,
        "classes 0 to 1, not 2",
        lambda: nn.cross_entropy([[P, P]], [2]),
    ),
    (
        nn.cross_entropy,
        IndexDomainError,
        "classes 0 to 1, not -1",
        lambda: nn.cross_entropy([[P, P]], [-1]),
    ),
    (
        nn.cross_entropy,
        LengthError,
        "3 probabilities .* 2 logits",
        lambda: nn.cross_entropy([[P, P]], [[0, 0, 1]]),
    ),
    (nn.l1, ArgumentError, "strength", lambda: nn.l1([P], -1e-4)),
    (nn.l2, ArgumentError, "strength", lambda: nn.l2([P], -1e-4)),
    (init.normal, ArgumentError, "std", lambda: init.normal(1, 1, RNG, std=-1)),
    (init.normal, ArgumentError, "infinite weights", lambda: init.normal(1, 1, RNG, std=1e308)),
    (init.xavier_uniform, ArgumentError, "gain", lambda: init.xavier_uniform(1, 1, RNG, gain=-1)),
    (init.xavier_normal, ArgumentError, "gain", lambda: init.xavier_normal(1, 1, RNG, gain=-1)),
    (init.kaiming_uniform, ArgumentError, "gain", lambda: init.kaiming_uniform(1, 1, RNG, gain=-1)),
    (init.orthogonal, ArgumentError, "gain", lambda: init.orthogonal(1, 1, RNG, gain=math.nan)),
    (nn.Neuron, ArgumentError, "softmax compares the units", lambda: nn.Neuron(2, "softmax")),
    (nn.Neuron, ArgumentError, r"n_in must be one of 1, 2, \.\.\., not 0", lambda: nn.Neuron(0)),
    (
        nn.Layer,
        ArgumentError,
        "no activation 'rleu'; there are relu",
        lambda: nn.Layer(2, 2, "rleu"),
    ),
    (
        nn.Layer,
        ArgumentError,
        "no initializer 'xavier'; there are zeros",
        lambda: nn.Layer(2, 2, init="xavier"),
    ),
    (
        nn.Layer,
        DataTypeError,
        r"n_out must be one of 1, 2, \.\.\., not 2\.0",
        lambda: nn.Layer(2, 2.0),
    ),
    (nn.Layer, LengthError, "takes 2 inputs but was given 1", lambda: nn.Layer(2, 2)([1.0])),
    (nn.Layer, DataTypeError, "a list of 2 inputs", lambda: nn.Layer(2, 2)(1.0)),
    (
        nn.Layer,
        DataTypeError,
        r"such as random.Random\(0\), not 0; a number is a seed",
        lambda: nn.Layer(2, 2, rng=0),
    ),
    (nn.MLP, LengthError, "sizes of its layers", lambda: nn.MLP(2, [])),
    (nn.Sequential, DataTypeError, "takes Modules", lambda: nn.Sequential(nn.Layer(1, 1), abs)),
    (nn.Embedding, IndexDomainError, "one index, 0 to 2, not 3", lambda: nn.Embedding(3, 2)(3)),
    (
        nn.Embedding,
        ArgumentError,
        r"n must be one of 1, 2, \.\.\., not 0",
        lambda: nn.Embedding(0, 2),
    ),
    (nn.Dropout, ArgumentError, r"p must be in \[0, 1\), not 1", lambda: nn.Dropout(1)),
    (nn.RMSNorm, ArgumentError, "n must be", lambda: nn.RMSNorm(0)),
    (nn.LayerNorm, ArgumentError, "eps", lambda: nn.LayerNorm(2, eps=-1e-5)),
    (
        nn.one_hot,
        IndexDomainError,
        "index 3 has no place among 3 classes, 0 to 2",
        lambda: nn.one_hot(3, 3),
    ),
    (nn.bag_of_words, IndexDomainError, "index 3", lambda: nn.bag_of_words([0, 3], 3)),
    (
        nn.RNNCell,
        ArgumentError,
        r"n_hidden must be one of 1, 2, \.\.\., not 0",
        lambda: nn.RNNCell(2, 0),
    ),
    (
        nn.GRUCell,
        LengthError,
        "is h, 3 numbers each, not None",
        lambda: nn.GRUCell(2, 3)(ROW[0], None),
    ),
    (
        nn.LSTMCell,
        LengthError,
        "is h and c, 3 numbers each",
        lambda: nn.LSTMCell(2, 3)(ROW[0], [0.0, 0.0, 0.0]),
    ),
    (nn.RNN, LengthError, "at least one step", lambda: nn.RNN(2, 3)([])),
    (nn.RNN.run, LengthError, "is h, 3 numbers each", lambda: nn.RNN(2, 3).run(ROW, [0.0])),
    (nn.Last, LengthError, "without a step", lambda: nn.Last()([])),
    (nn.LSTM, LengthError, "takes 2 inputs but was given 1", lambda: nn.LSTM(2, 3)([[1.0]])),
    (
        nn.EncoderDecoder,
        ArgumentError,
        r"n_out must be one of 1, 2, \.\.\., not 0",
        lambda: nn.EncoderDecoder(2, 2, 0, 1),
    ),
    (
        nn.EncoderDecoder,
        ArgumentError,
        r"steps must be one of 1, 2, \.\.\., not 0",
        lambda: nn.EncoderDecoder(2, 2, 2, 0),
    ),
    (
        nn.EncoderDecoder,
        ArgumentError,
        r"steps must be one of 1, 2, \.\.\., not -1",
        lambda: nn.EncoderDecoder(2, 2, 2, 1)(ROW, -1),
    ),
    (
        nn.Optimizer,
        DataTypeError,
        "takes a list of parameters",
        lambda: nn.Optimizer(model(), lr=0.1),
    ),
    (nn.Optimizer, LengthError, "at least one parameter", lambda: nn.Optimizer([], lr=0.1)),
    (nn.Optimizer, GraphError, "not a leaf", lambda: nn.Optimizer([P * 2], lr=0.1)),
    (nn.Optimizer, GraphError, "twice", lambda: nn.Optimizer([P, P], lr=0.1)),
    (nn.SGD, ArgumentError, r"lr must be in \[0, inf\), not nan", lambda: nn.SGD([P], lr=math.nan)),
    (nn.SGD, DataTypeError, r"lr must be in \[0, inf\), not '0\.1'", lambda: nn.SGD([P], lr="0.1")),
    (
        nn.SGD,
        ArgumentError,
        r"momentum must be in \[0, 1\], not 1\.5",
        lambda: nn.SGD([P], lr=0.1, momentum=1.5),
    ),
    (
        nn.SGD,
        ArgumentError,
        "nesterov needs a momentum",
        lambda: nn.SGD([P], lr=0.1, nesterov=True),
    ),
    (nn.SGD, ArgumentError, "weight_decay", lambda: nn.SGD([P], lr=0.1, weight_decay=-1)),
    (nn.Adagrad, ArgumentError, "eps", lambda: nn.Adagrad([P], eps=-1)),
    (nn.RMSprop, ArgumentError, "alpha", lambda: nn.RMSprop([P], alpha=1)),
    (
        nn.Adam,
        ArgumentError,
        r"b2 must be in \[0, 1\), not 1\.0",
        lambda: nn.Adam([P], betas=(0.9, 1.0)),
    ),
    (nn.AdamW, ArgumentError, "weight_decay", lambda: nn.AdamW([P], weight_decay=-0.01)),
    (
        nn.Optimizer.rate,
        ArgumentError,
        r"must be in \[0, inf\), not lr \* factor = 0\.1 \* -1",
        lambda: nn.SGD([P], lr=0.1).rate(-1),
    ),
    (
        nn.Optimizer.step,
        GraphError,
        "no parameter has a gradient",
        lambda: nn.SGD([Value(1.0)], lr=0.1).step(),
    ),
    (
        nn.Optimizer.load_state_dict,
        nn.StateError,
        "no state of an optimizer",
        lambda: nn.SGD([P], lr=0.1).load_state_dict({}),
    ),
    (nn.clip_grad_norm, ArgumentError, "max_norm", lambda: nn.clip_grad_norm([P], 0)),
    (nn.clip_grad_value, ArgumentError, "limit", lambda: nn.clip_grad_value([P], -1)),
    (optim.clip_norm, ArgumentError, "max_norm", lambda: optim.clip_norm([1.0], -1)),
    (schedules.time_based, ArgumentError, "decay", lambda: schedules.time_based(-0.1)),
    (schedules.exponential, ArgumentError, "gamma", lambda: schedules.exponential(0)),
    (schedules.step, ArgumentError, "size", lambda: schedules.step(0)),
    (schedules.cosine, ArgumentError, "total", lambda: schedules.cosine(0)),
    (schedules.linear, ArgumentError, "low", lambda: schedules.linear(10, low=2)),
    (
        schedules.warmup,
        ArgumentError,
        "steps",
        lambda: schedules.warmup(0, then=schedules.cosine(9)),
    ),
    (
        schedules.cyclic,
        ArgumentError,
        "has the modes triangular, .* not 'sine'",
        lambda: schedules.cyclic(5, mode="sine"),
    ),
    (schedules.cyclic, ArgumentError, "half", lambda: schedules.cyclic(0)),
    (
        nn.ReduceOnPlateau,
        ArgumentError,
        r"gamma must be in \(0, 1\), not 10",
        lambda: nn.ReduceOnPlateau(10),
    ),
    (nn.ReduceOnPlateau, ArgumentError, "patience", lambda: nn.ReduceOnPlateau(0.1, -1)),
    (data.moons, ArgumentError, r"n must be one of 1, 2, \.\.\., not -1", lambda: data.moons(-1)),
    (
        data.moons,
        DataTypeError,
        r"n must be one of 1, 2, \.\.\., not 100\.0",
        lambda: data.moons(100.0),
    ),
    (
        data.circles,
        ArgumentError,
        r"inner must be in \[0, 1\), not 2",
        lambda: data.circles(inner=2),
    ),
    (data.spirals, ArgumentError, "turns", lambda: data.spirals(turns=0)),
    (data.xor, ArgumentError, "noise", lambda: data.xor(noise=-1)),
    (data.blobs, ArgumentError, "classes", lambda: data.blobs(classes=0)),
    (data.noisy_sine, ArgumentError, "n must", lambda: data.noisy_sine(0)),
    (
        data.recall_at_lag,
        ArgumentError,
        r"lag must be one of 0, 1, \.\.\., not -1",
        lambda: data.recall_at_lag(lag=-1),
    ),
    (data.counting_sentences, ArgumentError, "n must", lambda: data.counting_sentences(0)),
    (data.time_series, ArgumentError, "n must", lambda: data.time_series(0)),
    (
        data.windows,
        ArgumentError,
        r"width must be one of 1, \.\.\., 2, not 3",
        lambda: data.windows([1.0, 2.0, 3.0], 3),
    ),
    (
        data.standardize,
        LengthError,
        "same number of columns",
        lambda: data.standardize([[1.0], [1.0, 2.0]]),
    ),
    (
        data.standardize,
        LengthError,
        "same number of columns",
        lambda: data.standardize(ROW, like=[[1.0]]),
    ),
    (
        data.split,
        ArgumentError,
        r"held_out must be in \(0, 1\), not 1",
        lambda: data.split(ROW, [1], 1),
    ),
    (
        data.split,
        LengthError,
        "same number of rows, at least 1, not 1 and 2",
        lambda: data.split(ROW, [1, 2]),
    ),
    (
        data.k_fold,
        ArgumentError,
        r"k must be one of 2, \.\.\., 1, not 2",
        lambda: data.k_fold([1], [1], 2),
    ),
    (
        data.windows,
        ArgumentError,
        r"width must be one of 1, \.\.\., 0, not 1",
        lambda: data.windows([1.0], 1),
    ),
    (
        data.k_fold,
        ArgumentError,
        r"k must be one of 2, \.\.\., 2, not 1",
        lambda: data.k_fold([1, 2], [1, 2], 1),
    ),
    (
        data.batches,
        ArgumentError,
        r"size must be one of 1, 2, \.\.\., not 0",
        lambda: data.batches(ROW, [1], 0, rng=RNG),
    ),
    (
        data.read_csv,
        data.DataError,
        "no column is named 'weight'",
        lambda: data.read_csv(Path(data.__file__).with_name("iris.csv"), "weight"),
    ),
    (
        data.read_csv,
        data.DataError,
        "not from itself",
        lambda: data.read_csv(Path(data.__file__).with_name("iris.csv"), "species", ["species"]),
    ),
    (data.read_csv, FileNotFoundError, "nowhere.csv", lambda: data.read_csv("nowhere.csv", "y")),
    (
        data.Tokenizer.encode,
        data.DataError,
        "'abc' has 'c'",
        lambda: data.Tokenizer(["ab"]).encode("abc"),
    ),
    (
        data.Tokenizer.decode,
        IndexDomainError,
        "-1 is no token: .* 0 to 1",
        lambda: data.Tokenizer(["ab"]).decode([0, -1]),
    ),
    (
        data.contexts,
        data.DataError,
        "stands alone",
        lambda: data.contexts(["a"], data.Tokenizer(["a"])),
    ),
    (
        metrics.accuracy,
        IndexDomainError,
        "targets from 0 to 1, .* not 2",
        lambda: metrics.accuracy([1.0], [2]),
    ),
    (metrics.f1, LengthError, "1 outputs and 0 targets", lambda: metrics.f1([1.0], [])),
    (metrics.ngram_bits, ArgumentError, "order", lambda: metrics.ngram_bits(["ab"], ["ab"], 0)),
    (
        metrics.ngram_bits,
        ArgumentError,
        "pseudo_count",
        lambda: metrics.ngram_bits(["ab"], ["ab"], 2, 0.0),
    ),
    (
        metrics.ngram_bits,
        LengthError,
        "no text of two or more",
        lambda: metrics.ngram_bits(["ab"], ["a"]),
    ),
    (
        metrics.cosine_similarity,
        LengthError,
        "not 1 and 2",
        lambda: metrics.cosine_similarity([1.0], [1.0, 2.0]),
    ),
    (nn.fit, ArgumentError, r"epochs must be one of 0, 1, \.\.\., not -1", lambda: fit(epochs=-1)),
    (
        nn.fit,
        DataTypeError,
        r"epochs must be one of 0, 1, \.\.\., not 2\.5",
        lambda: fit(epochs=2.5),
    ),
    (nn.fit, ArgumentError, "batch_size", lambda: fit(batch_size=0)),
    (
        nn.fit,
        ArgumentError,
        r"patience must be one of 1, 2, \.\.\. or None, not 0",
        lambda: fit(patience=0, validation=(ROW, [1])),
    ),
    (nn.fit, ArgumentError, "patience watches the validation loss", lambda: fit(patience=3)),
    (
        nn.fit,
        ArgumentError,
        r"clip_norm must be in \(0, inf\] or None, not 0",
        lambda: fit(clip_norm=0),
    ),
    (nn.fit, DataTypeError, "loss is a function", lambda: fit(loss="mse")),
    (nn.fit, DataTypeError, "optimizer is an Optimizer", lambda: fit(optimizer="adam")),
    (
        nn.fit,
        DataTypeError,
        r"metrics\[0\] is a function of \(outputs, targets\), such as nn.accuracy, not 'accuracy'",
        lambda: fit(metrics=["accuracy"]),
    ),
    (nn.fit, DataTypeError, "metrics is a list of functions", lambda: fit(metrics=nn.accuracy)),
    (
        nn.fit,
        DataTypeError,
        "of different names",
        lambda: fit(metrics=[nn.precision, partial(nn.precision, positive=0)]),
    ),
    (nn.fit, LengthError, "not 2 and 1", lambda: fit(validation=(ROW * 2, [1]))),
    (nn.fit, DataTypeError, r"validation is \(X, y\), .*not 5", lambda: fit(validation=5)),
    (
        nn.fit,
        LengthError,
        "same number of rows",
        lambda: nn.fit(m := model(), [], [], loss=nn.mse, optimizer=nn.SGD(m.parameters(), lr=0.1)),
    ),
    (nn.train_step, ArgumentError, "clip_norm", lambda: step(clip_norm=-1.0)),
    (nn.train_step, DataTypeError, "loss is a function", lambda: step(loss=None)),
    (
        nn.Checkpoint,
        ArgumentError,
        r"every must be one of 1, 2, \.\.\., not 0",
        lambda: nn.Checkpoint("model.json", every=0),
    ),
    (
        nn.Checkpoint,
        FileNotFoundError,
        "nowhere",
        lambda: fit(callbacks=[nn.Checkpoint("nowhere/model.json", resume=True)]),
    ),
    (
        nn.History,
        KeyError,
        "'val_loss' was not measured; there are loss",
        lambda: fit()["val_loss"],
    ),
    (
        nn.lr_range_test,
        ArgumentError,
        r"steps must be one of 2, 3, \.\.\., not 1",
        lambda: range_test(steps=1),
    ),
    (nn.lr_range_test, ArgumentError, "low", lambda: range_test(low=0)),
    (
        nn.lr_range_test,
        DataTypeError,
        r"low must be in \(0, inf\), not 'a'",
        lambda: range_test(low="a"),
    ),
    (
        nn.lr_range_test,
        ArgumentError,
        r"high must be in \(1, inf\), not 0\.5",
        lambda: range_test(low=1, high=0.5),
    ),
    (nn.load, FileNotFoundError, "nowhere", lambda: nn.load("nowhere.json")),
    (nn.Module.load_state_dict, nn.StateError, "lacks layers", lambda: model().load_state_dict({})),
    (nn.Module.forward, NotImplementedError, "needs a method forward", lambda: nn.Module()(1.0)),
]


def documented(thing):
    """What is said of a function, a class or a method: in its own docstring,
    its base classes', its class's and its module's.
    """
    owner = getattr(sys.modules[thing.__module__], thing.__qualname__.partition(".")[0])
    classes = owner.__mro__[:-1] if inspect.isclass(owner) else ()
    modules = [sys.modules[part.__module__] for part in (owner, *classes)]
    return " ".join(inspect.getdoc(part) or "" for part in (thing, owner, *classes, *modules))


@pytest.mark.parametrize(("thing", "expected", "message", "call"), REFUSED)
def test_a_wrong_call_is_refused_as_the_docstring_says(thing, expected, message, call):
    with pytest.raises(expected, match=message) as caught:
        call()
    assert caught.type is expected
    said = documented(thing)
    assert any(base.__name__ in said for base in expected.__mro__[:2]), (
        f"{thing.__qualname__} does not say that it raises {expected.__name__}"
    )


@pytest.mark.parametrize(
    ("chart", "given"),
    [
        (plots.loss_curve, [1.0, 0.5]),
        (plots.loss_curve, {}),
        (plots.weight_curve, [1.0]),
        (plots.belief_curve, [0.5]),
        (lambda named: plots.rate_curve(named, 10), nn.schedules.cosine(9)),
        (lambda named: plots.fit_curve(named, [[1.0], [2.0]], [1.0, 2.0]), nn.MLP(1, [1])),
        (plots.loss_shape, nn.mse),
        (plots.error_gradient, [nn.mse]),
        (plots.gradient_norms, [1.0]),
        (plots.histograms, [1.0]),
        (plots.layer_histograms, {}),
        (plots.dead_units, {}),
        (plots.embedding_map, [[1.0, 2.0]]),
        (plots.gates, {}),
        (lambda named: plots.descent(lambda w: w**2, named), [3.0]),
        (lambda named: plots.cost_surface(SQUARES, named, (-4, 4), (-4, 4)), [[3.0, 1.0]]),
    ],
)
def test_charts_say_what_they_take_and_take_what_they_say(chart, given):
    pytest.importorskip("matplotlib")
    with pytest.raises(DataTypeError, match=r"words of its legend, as \{.*, not ") as caught:
        chart(given)
    said = re.search(r", as (\{.*?\})(, or|, not)", str(caught.value))[1]
    model, (X, y) = nn.MLP(1, [1], seed=0), ([[1.0], [2.0]], [0.0, 1.0])
    chart(eval(said, {"nn": nn, "history": fit(), "model": model, "X": X, "y": y}))
    from matplotlib import pyplot

    pyplot.close("all")


def SQUARES(v, w):
    return v**2 + w**2


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (nn.hinge, [2]),
        (nn.hinge, [0.5]),
        (nn.hinge, [-1]),
        (nn.binary_cross_entropy, [1.5]),
        (nn.binary_cross_entropy, [-1]),
    ],
)
def test_a_recorded_step_refuses_the_targets_that_the_eager_one_does(loss, targets):
    net = model()
    trained = nn.train_step(net, loss, nn.SGD(net.parameters(), lr=0.1))
    trained(ROW, [1])
    before = net.state_dict(), trained.optimizer.t
    for _ in range(2):
        with pytest.raises(ArgumentError, match=f"not {targets[0]}"):
            trained(ROW, targets)
    assert (net.state_dict(), trained.optimizer.t) == before


def test_a_step_says_what_it_was_not_given():
    net = model()
    trained = nn.train_step(net, nn.mse, nn.SGD(net.parameters(), lr=0.1))
    for _ in range(2):
        for call in (lambda: trained(ROW), lambda: trained(X=ROW)):
            with pytest.raises(DataTypeError, match=r"^y is a list of rows, not nothing$"):
                call()
        with pytest.raises(DataTypeError, match=r"^X is a list of rows, not nothing$"):
            trained()
        for ask in (trained.source, trained.numbers):
            with pytest.raises(DataTypeError, match=r"\(X, y\): y is missing$"):
                ask(ROW)
        trained(ROW, [1])


def test_a_recorded_one_hot_refuses_the_index_that_the_eager_one_does():
    hot = jit(lambda i: nn.one_hot(i, 3))
    assert hot(2) == [0.0, 0.0, 1.0]
    for i in (3, -1, 0.5):
        with pytest.raises(IndexDomainError):
            nn.one_hot(i, 3)
        with pytest.raises(IndexDomainError):
            hot(i)


def test_a_refused_rate_changes_nothing():
    net = model()
    for train in ("eager", "__call__"):
        optimizer = nn.SGD(net.parameters(), lr=0.1)
        trained = nn.train_step(net, nn.mse, optimizer, schedule=lambda t: -1.0)
        before = net.state_dict()
        with pytest.raises(ArgumentError, match=r"lr \* factor = 0\.1 \* -1\.0"):
            getattr(trained, train)(ROW, [1])
        assert (net.state_dict(), optimizer.t) == (before, 0)


@pytest.mark.parametrize(
    ("stated", "inside", "outside", "other"),
    [
        ("[0, 1)", (0, 0.5, Fraction(1, 3)), (-1e-9, 1), (None, "0.5", 1j, False, Decimal("0.5"))),
        ("(0, 1]", (1, 1e-300), (0, 1.0000001), ([],)),
        ("(0, inf] or None", (math.inf, None), (0, -math.inf), ()),
        ("[2, 1]", (), (1, 2, 1.5), ()),
        ("1, 2, ...", (1, 10**400), (0, -3), (2.0, math.nan, "2", None, True)),
        ("2, ..., 4 or None", (2, 4, None), (1, 5), (2.5,)),
    ],
)
def test_bounds_are_inside_or_outside_as_written(stated, inside, outside, other):
    for x in inside:
        within({"x": x, "y": -1}, x=stated)
    for x in outside + (() if "..." in stated else (math.nan,)):
        with pytest.raises(
            ArgumentError, match=f"x must be .* {re.escape(stated)}, not {re.escape(repr(x))}"
        ):
            within({"x": x}, x=stated)
    for x in other:
        with pytest.raises(DataTypeError, match="x must be"):
            within({"x": x}, x=stated)


def test_numbers_of_numpy_have_ranges_and_arrays_have_none():
    numpy = pytest.importorskip("numpy")
    within({"n": numpy.int64(3), "p": numpy.float32(0.5)}, n="1, 2, ...", p="[0, 1)")
    for n in (numpy.array(2), numpy.array([2]), numpy.array([1, 2]), numpy.float64(2.0)):
        with pytest.raises(DataTypeError, match="n must be one of"):
            within({"n": n}, n="1, 2, ...")


def test_a_value_s_number_is_checked_but_not_while_a_program_is_recorded():
    with pytest.raises(ArgumentError, match="strength must be in"):
        nn.l2([P], Value(-1.0))
    assert jit(lambda strength: nn.l2([2.0], strength))(0.5) == 2.0


def overrides(cls, name):
    """Whether a method has its docstring from a base class."""
    return any(
        getattr(base, "__module__", "").startswith("nn") and name in vars(base)
        for base in cls.__mro__[1:]
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_class_and_function_has_its_docstring(path):
    """But for special methods, functions within functions, and methods that say
    what their base class does.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = ".".join(
        path.relative_to(Path(nn.__file__).parent.parent).with_suffix("").parts
    ).removesuffix(".__init__")
    missing = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not ast.get_docstring(node):
            missing.append(node.name)
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if (
                isinstance(method, ast.FunctionDef)
                and not ast.get_docstring(method)
                and not method.name.startswith("__")
            ):
                setter = any(
                    isinstance(d, ast.Attribute) and d.attr == "setter"
                    for d in method.decorator_list
                )
                if not setter and not overrides(
                    getattr(importlib.import_module(name), node.name), method.name
                ):
                    missing.append(f"{node.name}.{method.name}")
    assert missing == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("fit", r"nn\.fit\(model, X, y"),
        ("predict", r"nn\.predict\(model, X\)"),
        ("predict_proba", r"autograd\.softmax\(outputs\)"),
        ("predict_classes", r"nn\.metrics\.predicted_classes"),
        ("evaluate", r"nn\.evaluate"),
        ("compile", r"of nn\.fit"),
        ("summary", r"model\.draw\(\)"),
        ("get_weights", r"state_dict"),
        ("load_weights", r"nn\.load\(path\)"),
        ("num_parameters", r"model\.parameters\(\)"),
        ("in_features", "n_in"),
        ("cuda", "float64"),
        ("clone", r"copy\.deepcopy"),
        ("backward", r"loss\.backward"),
        ("requires_grad_", "made from the parameters"),
    ],
)
def test_what_other_libraries_models_have_is_named(name, advice):
    with pytest.raises(RenamedError, match=rf"^MLP has no '{name}': here it is .*{advice}"):
        getattr(model(), name)
    assert not hasattr(model(), name)
    with pytest.raises(AttributeError, match="'MLP' object has no attribute 'nothing'"):
        model().nothing  # noqa: B018


def test_a_name_of_other_libraries_can_be_one_s_own():
    class Net(nn.Module):
        def __init__(self):
            self.loss, self.w = "mse", Value(2.0)

        def predict(self, x):
            return self.w * x

    class Descent(nn.Optimizer):
        learning_rate = 3.0

    net = Net()
    descent = Descent(net.parameters(), lr=0.1)
    assert (net.loss, net.predict(3.0).data, descent.learning_rate) == ("mse", 6.0, 3.0)
    assert net.parameters() == [net.w]
    assert {"loss", "w", "predict", "parameters"} <= set(dir(net))
    assert not {"fit", "weight", "backward", "cuda"} & set(dir(net))
    assert {"learning_rate", "lr", "step"} <= set(dir(descent))
    assert not {"param_groups", "minimize"} & set(dir(descent))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: nn.SGD(p, learning_rate=0.1), "SGD has no argument learning_rate=.* lr="),
        (lambda p: nn.Adam(p, beta1=0.9), r"betas=\(beta1, beta2\)"),
        (lambda p: nn.Adam(p, weight_decay=0.1), r"nn\.AdamW"),
        (lambda p: nn.Adam(p, epsilon=0.1), "eps="),
        (lambda p: nn.Adam(p, nonsense=0.1), "it takes params, lr, betas, eps"),
        (lambda p: nn.Adam(p, betas=0.9), r"two decay rates"),
        (lambda p: nn.Adam(p, betas=(0.9, 0.9, 0.9)), r"two decay rates"),
        (lambda p: nn.clip_grad_norm(model(), 1.0), r"such as model\.parameters\(\)"),
        (lambda p: nn.clip_grad_value([1.0], 1.0), r"such as model\.parameters\(\)"),
        (lambda p: nn.ReduceOnPlateau(mode="min"), "no argument mode=: .*the loss"),
        (lambda p: model().draw(format="png"), r"draw\(\)\.save\("),
        (lambda p: nn.Layer(2, 1, init=5), "init is a name or a function"),
        (lambda p: nn.Each(None), "Each takes a Module"),
        (lambda p: nn.Each(nn.Layer(1, 1))(3.0), "a sequence is a list"),
        (lambda p: nn.LSTM(1, 2)(None), "a sequence is a list"),
        (lambda p: nn.Last()(2.0), "a sequence is a list"),
        (lambda p: nn.bag_of_words(3, 3), "a list of indices"),
        (lambda p: nn.one_hot(1, "3"), "n must be one of 1, 2"),
        (lambda p: nn.cross_entropy([[1.0, 2.0]], [0], weight=1.0), "weight is a list"),
        (lambda p: fit(callbacks=print), "callbacks is a list of functions"),
        (lambda p: fit(callbacks=["a"]), r"callbacks\[0\] is a function of a Run, not 'a'"),
        (lambda p: fit(schedule=0.1), "schedule is a function"),
        (lambda p: fit(penalty=0.1), "penalty is a function"),
        (lambda p: fit(seed="a"), "seed must be one of 0, 1"),
        (lambda p: nn.fit(lambda x: x, ROW, [1], loss=nn.mse, optimizer=nn.SGD(p, 0.1)), "Mod"),
        (
            lambda p: nn.fit(ROW, [1], p, loss=nn.mse, optimizer=nn.SGD(p, 0.1)),
            "a list of rows|Mod",
        ),
    ],
)
def test_habits_of_other_libraries_are_answered(make, message):
    with pytest.raises(DataTypeError, match=message):
        make(model().parameters())


class Line(nn.Module):
    """A Module of one's own."""

    def __init__(self):
        self.w = Value(2.0)

    def forward(self, x, b=1.0):
        return self.w * x[0] + b


def every_module():
    return [
        nn.Neuron(2),
        nn.Layer(2, 2, "softmax"),
        nn.MLP(2, [1]),
        nn.Sequential(),
        nn.Embedding(3, 2),
        nn.Dropout(),
        nn.RMSNorm(2),
        nn.LayerNorm(2),
        *[cell(2, 2) for cell in (nn.RNNCell, nn.GRUCell, nn.LSTMCell, nn.RNN, nn.LSTM)],
        nn.Each(nn.Layer(2, 1)),
        nn.Last(),
        nn.EncoderDecoder(2, 2, 1, 2),
        nn.MultiHeadAttention(2, 1),
        nn.Block(2, 1),
        nn.GPT(3, 2, 1),
        Line(),
    ]


@pytest.mark.parametrize("module", every_module(), ids=lambda module: type(module).__name__)
def test_a_call_with_arguments_that_forward_lacks_says_what_to_write(module):
    def said(*inputs, **options):
        with pytest.raises(DataTypeError) as caught:
            module(*inputs, **options)
        assert type(module).__name__ in str(caught.value)
        return str(caught.value)

    assert "was called with (), missing a required argument" in said()
    assert "give the numbers in one list, model([1.0, 2.0, 3.0, 4.0])" in said(1.0, 2.0, 3.0, 4.0)
    assert "it takes " in said([1.0, 2.0], None, None, None, None)
    assert "model.train() and model.eval() say so" in said([1.0, 2.0], [0.0, 0.0], train=True)
    assert "it takes " in said([1.0, 2.0], [0.0, 0.0], nonsense=1)


def test_numbers_in_the_place_of_one_list_are_answered():
    for numbers in ((1.0, 2.0), (Value(1.0), Value(2.0)), (1, 2)):
        with pytest.raises(DataTypeError, match=r"give the numbers in one list, model\(\["):
            model()(*numbers)
    with nn.trace(model()) as _, pytest.raises(DataTypeError, match=r"model\(\[1.0, 2.0\]\)"):
        model()(1.0, 2.0)


def test_a_type_error_of_a_forward_stays_as_it_is():
    class Broken(nn.Module):
        def forward(self, x):
            return len(x, x)

    with pytest.raises(TypeError, match=r"^len\(\) takes exactly one argument") as caught:
        Broken()(1.0)
    assert not isinstance(caught.value, DataTypeError)


def test_an_optimizer_s_names_of_other_libraries_are_answered():
    sgd = nn.SGD(model().parameters(), lr=0.1)
    for name in ("param_groups", "learning_rate", "minimize", "zero_gradients", "save"):
        with pytest.raises(RenamedError, match=rf"^SGD has no '{name}': here it is "):
            getattr(sgd, name)
    with pytest.raises(AttributeError, match="'SGD' object has no attribute 'nothing'"):
        sgd.nothing  # noqa: B018


OBJECTS = {
    "SGD": lambda: nn.SGD(model().parameters(), lr=0.1),
    "AdamW": lambda: nn.AdamW(model().parameters()),
    "plateau": nn.ReduceOnPlateau,
    "checkpoint": lambda: nn.Checkpoint("training.json"),
    "tokenizer": lambda: data.Tokenizer(["ab"]),
    "history": nn.History,
    "snapshots": nn.History.snapshots,
    "step": lambda: nn.train_step(model(), nn.mse, OBJECTS["SGD"]()),
}


@pytest.mark.parametrize(
    ("make", "name", "new"),
    [
        *[(nn.ReduceOnPlateau, "best", new) for new in (None, "a", [1])],
        *[(nn.ReduceOnPlateau, "factor", new) for new in (None, "a", -1.0, math.nan, math.inf)],
        *[(nn.ReduceOnPlateau, "bad_updates", new) for new in (None, "a", -1, 0.5)],
        *[(nn.History, "columns", new) for new in (None, "a", 5, [1], {1: [2.0]})],
        *[(nn.History, "columns", {"loss": new}) for new in (None, "a", 1.0, ["a"], [None])],
    ],
)
def test_what_an_object_notes_is_set_to_what_it_can_go_on_from(make, name, new):
    thing = make()
    before = dict(vars(thing))
    with pytest.raises((ArgumentError, DataTypeError)):
        setattr(thing, name, new)
    assert vars(thing) == before


def test_what_an_object_notes_can_be_set_again():
    plateau, history = nn.ReduceOnPlateau(patience=0), nn.History()
    plateau.best, plateau.factor, plateau.bad_updates = 0.5, 1, 0
    plateau.update(0.75)
    assert (plateau.best, plateau.factor, plateau.bad_updates) == (0.5, 0.1, 0)
    history.columns = {"loss": (1, 0.5)}
    history.add({"loss": 0.25}, model())
    assert history["loss"] == [1.0, 0.5, 0.25]


@pytest.mark.parametrize("name", ["nothing", "learning_rate", "lrr", "t", "training"])
@pytest.mark.parametrize("make", OBJECTS.values(), ids=OBJECTS)
def test_an_attribute_that_an_object_lacks_cannot_be_set(make, name):
    thing = make()
    before = dict(vars(thing))
    with pytest.raises(
        AttributeError, match=rf"(has no .*'{name}': |'{name}' of .* read, and not)"
    ):
        setattr(thing, name, 0.1)
    assert vars(thing) == before


@pytest.mark.parametrize(
    ("make", "name", "here"),
    [
        (OBJECTS["SGD"], "learning_rate", "optimizer.lr"),
        (OBJECTS["AdamW"], "beta1", "betas=(beta1, beta2)"),
        (OBJECTS["AdamW"], "epsilon", "eps="),
        (model, "lr", "optimizer.lr"),
        (model, "requires_grad", "an optimizer made from the parameters that are to be trained"),
        (model, "trainable", "an optimizer made from the parameters that are to be trained"),
        (nn.Dropout, "rate", "p"),
        (lambda: nn.Layer(2, 1), "nonlin", "activation"),
    ],
)
def test_an_attribute_of_another_library_is_named_where_it_is_set(make, name, here):
    with pytest.raises(RenamedError, match=f"has no '{name}': here it is {re.escape(here)}"):
        setattr(make(), name, False)


@pytest.mark.parametrize(
    ("make", "name", "odd", "message"),
    [
        (OBJECTS["AdamW"], "eps", -1, r"eps must be in \[0, inf\), not -1"),
        (OBJECTS["AdamW"], "betas", 5, "betas are two decay rates"),
        (OBJECTS["AdamW"], "betas", (2, 3), "b1 must be in"),
        (OBJECTS["SGD"], "nesterov", "x", "nesterov must be one of True, False"),
        (OBJECTS["SGD"], "momentum", 0.9, "'momentum' of .* make a new nn.SGD"),
        (OBJECTS["SGD"], "params", [P], "'params' of .* make a new nn.SGD"),
        (OBJECTS["SGD"], "count", 3, "'count' of .* make a new nn.SGD"),
        (OBJECTS["plateau"], "gamma", 5, "gamma must be in"),
        (OBJECTS["checkpoint"], "every", 0, "every must be one of 1, 2, ..., not 0"),
        (OBJECTS["step"], "loss", nn.mae, "'loss' of .* is recorded: make a new nn.train_step"),
        (nn.Dropout, "p", 5, "p must be in"),
        (lambda: nn.LayerNorm(2), "eps", -1, "eps must be in"),
        (lambda: nn.Layer(2, 1), "activation", "relu", "make a new Layer"),
        (lambda: nn.LSTM(2, 3), "n_hidden", 4, "make a new LSTM"),
    ],
)
def test_an_option_that_is_set_again_is_checked_as_when_it_was_given(make, name, odd, message):
    thing = make()
    before = getattr(thing, name)
    with pytest.raises((ArgumentError, DataTypeError, GraphError), match=message):
        setattr(thing, name, odd)
    assert getattr(thing, name) is before


def test_an_option_can_be_set_again_and_takes_no_unseeded_number():
    adam, drop, checkpoint = OBJECTS["AdamW"](), nn.Dropout(), nn.Checkpoint("a.json")
    nn.manual_seed(0)
    adam.betas, adam.weight_decay, drop.p, checkpoint.path = [0, 0.5], 0, 0.25, "b.json"
    assert adam.betas == (0.0, 0.5)
    assert (type(adam.weight_decay), drop.p) == (float, 0.25)
    assert checkpoint.path == Path("b.json").absolute()
    unseeded = nn.Neuron(1).w[0].data
    nn.manual_seed(0)
    assert nn.Neuron(1).w[0].data == unseeded


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (OBJECTS["SGD"], "step"),
        (OBJECTS["AdamW"], "zero_grad"),
        (OBJECTS["plateau"], "update"),
        (OBJECTS["checkpoint"], "begin"),
        (OBJECTS["tokenizer"], "encode"),
        (OBJECTS["history"], "add"),
        (OBJECTS["snapshots"], "begin"),
        (OBJECTS["step"], "run"),
        (model, "forward"),
    ],
)
def test_a_function_may_take_the_place_of_a_method_for_a_while(make, name):
    thing = make()
    before = dict(vars(thing))
    with mock.patch.object(thing, name) as counted:
        getattr(thing, name)(1)
    counted.assert_called_once_with(1)
    assert vars(thing) == before


def test_a_step_that_is_wrapped_still_moves():
    sgd = nn.SGD([w := Value(1.0)], lr=0.5)
    sgd.step = functools.wraps(sgd.step)(partial(sgd.step, 0.5))
    w.grad = 1.0
    sgd.step()
    assert (w.data, sgd.t) == (0.75, 1)
    with pytest.raises(AttributeError, match="'step' of SGD can be read, and not be set"):
        sgd.step = 3


@pytest.mark.parametrize("of", ["object", "class"])
def test_a_rule_that_is_wrapped_is_recorded_for_each_parameter(of):
    def moved(jit):
        calls = []

        @functools.wraps(nn.SGD.rule)
        def rule(self, p, g, state, lr, t):
            calls.append(p)
            return nn.SGD.rule(self, p, g, state, lr * (len(calls) % 3), t)

        net = nn.Layer(2, 40, seed=0)
        sgd = type("Mine", (nn.SGD,), {"rule": rule} if of == "class" else {})(
            net.parameters(), lr=0.1
        )
        if of == "object":
            sgd.rule = functools.wraps(sgd.rule)(partial(rule, sgd))
        step = nn.train_step(net, nn.mse, sgd)
        (step if jit else step.eager)([[1.0, 2.0]], [[1.0] * 40])
        return [p.data for p in net.parameters()]

    assert moved(jit=True) == pytest.approx(moved(jit=False), rel=1e-12)


def test_the_tokens_of_a_tokenizer_stay_those_of_its_numbers():
    tokenizer = data.Tokenizer(["ab"])
    with pytest.raises(DataTypeError, match=r"make a new one, Tokenizer\(texts\)$"):
        tokenizer.tokens = ["x", "y"]
    assert tokenizer.decode(tokenizer.encode("ba")) == ["b", "a"]


@pytest.mark.parametrize("base", [nn.Module, nn.MLP, nn.Optimizer, nn.SGD])
def test_a_class_may_have_other_bases_that_hear_of_their_subclasses(base):
    known = {}

    class Known:
        def __init_subclass__(cls, tag="", **options):
            super().__init_subclass__(**options)
            known[cls.__name__] = tag

    class Last(base, Known, tag="last"):
        pass

    class First(Known, base, tag="first"):
        pass

    class Of(base, Generic[TypeVar("T")]):
        pass

    assert known == {"Last": "last", "First": "first"}
    assert Of[int].__origin__ is Of
    with pytest.raises(TypeError, match="takes no keyword arguments"):

        class Odd(base, tag="odd"):
            pass


def test_a_parameter_in_slots_is_refused_for_it_would_not_be_found():
    class Line(nn.Module):
        __slots__ = ("name", "w")

        def __init__(self, w):
            self.name, self.w = "line", w

    assert Line(2.0).name == "line"
    for w in (Value(2.0), [Value(2.0)], nn.Neuron(1)):
        with pytest.raises(DataTypeError, match="'w' of Line lies in __slots__, where no param"):
            Line(w)


def test_classes_of_one_s_own_may_have_any_attributes():
    class Mine(nn.SGD):
        def __init__(self, params):
            self.learning_rate = 0.5
            super().__init__(params, lr=0.5)
            self.momentum = 0.9

    class Net(nn.MLP):
        pass

    mine, net = Mine([P]), Net(2, [1])
    mine.beta1 = mine.nothing = net.lr = net.trainable = net.activation = 1
    assert (mine.beta1, mine.learning_rate, mine.momentum, net.lr) == (1, 0.5, 0.9, 1)


@pytest.mark.parametrize(
    "use",
    [
        lambda o: o + 1,
        lambda o: 1 + o,
        lambda o: o % 2,
        lambda o: o // 2,
        lambda o: 2 // o,
        lambda o: divmod(o, 2),
        lambda o: o @ o,
        lambda o: o > 0,
        lambda o: o <= 0.5,
        lambda o: o == 1,
        lambda o: o != Value(1.0),
        lambda o: max(o, 0),
        lambda o: int(o),
        lambda o: round(o),
        lambda o: f"{o:.2f}",
    ],
)
def test_outputs_are_no_number(use):
    outputs = model()(ROW[0])
    with pytest.raises(DataTypeError, match=r"outputs\[0\] is its one output"):
        use(outputs)
    assert f"{outputs}".startswith("[Value(data=")
    assert outputs == list(outputs)


def joined_in_place(first, second):
    first += second


@pytest.mark.parametrize(
    "use",
    [
        lambda o: o + o,
        lambda o: o + [1.0],  # noqa: RUF005
        lambda o: [1.0] + o,  # noqa: RUF005
        lambda o: (1.0,) + o,  # noqa: RUF005
        lambda o: o + (1.0,),  # noqa: RUF005
        lambda o: joined_in_place(o, o),
        lambda o: joined_in_place(o, [1.0]),
        lambda o: joined_in_place([1.0], o),
        lambda o: sum([o], []),  # noqa: RUF017
    ],
)
@pytest.mark.parametrize(
    "outputs",
    [
        lambda: model()(ROW[0]),
        lambda: nn.predict(model(), X2)[0],
        lambda: nn.GRUCell(1, 1)([1.0], [0.0]),
        lambda: nn.LSTMCell(1, 1)([1.0], ([0.0], [0.0]))[1],
    ],
)
def test_the_sum_of_two_lists_of_outputs_is_not_their_join(outputs, use):
    given = outputs()
    before = [*given]
    with pytest.raises(DataTypeError, match=re.escape("[p + q for p, q in zip(a, b)] to add")):
        use(given)
    assert [*given] == before
    array = np.array([0.5])
    if isinstance(given[0], float):
        assert (given + array == array + given).all()


def test_predictions_are_collected_by_plus_equals_and_not_added():
    found = nn.predict(model(), X2)
    for use in (
        lambda: found + found,
        lambda: found + [[1.0]],  # noqa: RUF005
        lambda: found[0] + found,
        lambda: found + 1,
        lambda: joined_in_place(found, 1),
        lambda: joined_in_place(found[0], found),
    ):
        with pytest.raises(DataTypeError):
            use()
    collected = also = [[1.0]]
    collected += found
    assert also == [[1.0], *found]
    mine = found
    found += nn.predict(model(), X2)
    assert len(mine) == 2 * len(X2)
    assert [[1.0]] + found == [[1.0], *mine]  # noqa: RUF005


@pytest.mark.parametrize(
    "use",
    [
        lambda found: found > 0.5,
        lambda found: found == 1,
        lambda found: found - [1.0, 0.0],
        lambda found: 2 * found,
        lambda found: round(found),
    ],
)
def test_predictions_are_no_array(use):
    found = nn.predict(model(), X2)
    assert found == [[x.data for x in model()(row)] for row in X2]
    with pytest.raises(DataTypeError, match=r"\[o\[0\] > 0.5 for o in nn.predict"):
        use(found)
    with pytest.raises(AttributeError, match=r"numpy\.array"):
        found.argmax(1)
    assert (np.array(found) > 0.5).tolist() == [[o[0] > 0.5] for o in found]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    "part",
    [
        lambda: nn.MultiHeadAttention(2, 1),
        lambda: nn.Block(2, 1),
        lambda: nn.RNN(2, 2),
        lambda: nn.LSTM(2, 2),
        lambda: nn.Each(nn.Layer(2, 2)),
        lambda: nn.Sequential(nn.RNN(2, 2), nn.GRU(2, 2)),
    ],
)
def test_a_residual_of_a_sequence_is_not_joined(part):
    xs, ys = X2, part()(X2)
    for use in (lambda: xs + ys, lambda: ys + xs, lambda: ys + ys):
        with pytest.raises(DataTypeError, match=r"\[\[p \+ q for .* in zip\(xs, ys\)\] to add"):
            use()
    assert (
        len([[p + q for p, q in zip(a, b, strict=True)] for a, b in zip(xs, ys, strict=True)]) == 3
    )
    with pytest.raises(DataTypeError, match="its 3 positions: go through them"):
        2 * ys


def test_the_logits_of_a_text_are_no_number():
    for tied in (False, True):
        logits = nn.GPT(3, 4, 1, tied=tied)([0, 1])
        with pytest.raises(DataTypeError, match="its 2 positions"):
            logits / 0.5


@pytest.mark.parametrize(
    ("part", "where"),
    [
        (lambda: nn.MLP(2, [3, 1]), ".layers, and"),
        (lambda: nn.Sequential(nn.Layer(2, 1)), ".layers, and"),
        (lambda: nn.Layer(2, 1), ".neurons, and"),
        (lambda: nn.GPT(3, 4, 1), ".blocks, and"),
        (lambda: nn.LayerNorm(2), ".parameters()"),
    ],
)
def test_a_model_is_no_list_of_its_parts(part, where):
    for use in (lambda m: m[0], lambda m: m[-1:], list, lambda m: 3 in m):
        with pytest.raises(DataTypeError, match=re.escape(where)):
            use(part())
    assert bool(part())
    assert np.array([part()]).shape == (1,)


X2, Y2 = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]], [1.0, 0.0, 2.0]
TAKERS = {  # what takes a loss
    "fit": lambda net, sgd, loss: nn.fit(
        net, X2, Y2, loss=loss, optimizer=sgd, epochs=1, progress=False
    ),
    "jit": lambda net, sgd, loss: nn.fit(
        net, X2, Y2, loss=loss, optimizer=sgd, epochs=1, progress=False, jit=True
    ),
    "train_step": lambda net, sgd, loss: nn.train_step(net, loss, sgd)(X2, Y2),
    "source": lambda net, sgd, loss: nn.train_step(net, loss, sgd).source(X2, Y2),
    "evaluate": lambda net, sgd, loss: nn.evaluate(net, X2, Y2, loss=loss),
    "metrics": lambda net, sgd, loss: nn.evaluate(net, X2, Y2, loss=nn.mse, metrics=[loss]),
    "lr_range_test": lambda net, sgd, loss: nn.lr_range_test(net, X2, Y2, loss=loss, optimizer=sgd),
    "diagnose": lambda net, sgd, loss: nn.diagnose(net, X2, Y2, loss),
    "draw": lambda net, sgd, loss: net.draw("net", x=X2[0], y=Y2[0], loss=loss),
    "training_page": lambda net, sgd, loss: nn.training_page(net, X2, Y2, loss=loss),
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
@pytest.mark.parametrize(
    ("loss", "advice"),
    [
        (lambda o, t: (o[0] - t) ** 2, r"mean\(\[f\(o, t\) for"),
        (lambda o, t: (o - t) ** 2, r"mean\(\[f\(o\[0\], t\) for"),
        (lambda o, t: relu(1.0 - t * o[0]), r"mean\(\[f\(o, t\) for"),
        (lambda o, t: ((o - t) ** 2).mean(), r"mean\(\[\(o\[0\] - t\) \*\* 2 for"),
        (lambda o, t: mean((o - np.array(t)) ** 2), r"gets the outputs and the targets of all"),
        (lambda o, t: mean((np.array(t) - o) ** 2), r"gets the outputs and the targets of all"),
    ],
)
def test_a_loss_of_one_row_is_told_that_a_loss_gets_all_rows(take, loss, advice):
    net = model()
    with pytest.raises(DataTypeError, match=advice):
        take(net, nn.SGD(net.parameters(), lr=0.1), loss)


def test_outputs_of_one_value_each_are_told_so_too():
    class Line(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def forward(self, x):
            return self.w * x[0]

    def by_hand(outputs, targets):
        return mean([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])

    net = Line()
    for loss in (lambda o, t: (o - t) ** 2, lambda o, t: (o[0] - t) ** 2):
        with pytest.raises(DataTypeError, match="gets the outputs and the targets of all rows"):
            nn.evaluate(net, X2, Y2, loss=loss)
    nn.evaluate(net, X2, Y2, loss=by_hand)


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_a_type_error_of_one_s_own_loss_stays_as_it_is(take):
    net = model()

    def own(outputs, targets):
        return nn.mse(outputs, targets) + len(5)

    with pytest.raises(TypeError, match="object of type 'int' has no len") as caught:
        take(net, nn.SGD(net.parameters(), lr=0.1), own)
    assert type(caught.value) is TypeError


@pytest.mark.parametrize("take", [TAKERS[name] for name in TAKERS if name != "metrics"])
def test_a_loss_that_returns_no_number_is_refused(take):
    net = model()
    for odd in ([1.0], None):
        with pytest.raises(DataTypeError, match=r"a loss (is a Value|returns)"):
            take(net, nn.SGD(net.parameters(), lr=0.1), lambda o, t, odd=odd: odd)


def test_a_page_gives_a_loss_of_one_s_own_the_target_that_fit_gives_it():
    seen = []

    def loss(outputs, targets):
        seen.append((type(outputs[0]), [isinstance(t, (Value, float)) for t in targets]))
        return nn.mse(outputs, targets)

    for name in ("fit", "training_page"):
        net = model()
        TAKERS[name](net, nn.SGD(net.parameters(), lr=0.1), loss)
    assert seen[0][0] is seen[-1][0]
    assert all(all(flags) for _, flags in seen)


@pytest.mark.parametrize("taker", [name for name in TAKERS if name != "metrics"])
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (nn.l2, r"nn\.l2 is a penalty .* loss=nn\.mse, .* penalty=lambda params: nn\.l2\("),
        (nn.l1, r"nn\.l1 is a penalty .* loss=nn\.mae, .* penalty=lambda params: nn\.l1\("),
        (partial(nn.l2, strength=0.1), r"nn\.l2 is a penalty"),
        (nn.clip_grad_norm, r"nn\.clip_grad_norm clips gradients: write clip_norm="),
        (nn.clip_grad_value, r"nn\.clip_grad_value clips gradients: write clip_norm="),
        (optim.clip_norm, r"nn\.optim\.clip_norm clips gradients: write clip_norm="),
        (nn.one_hot, r"and nn\.one_hot is none"),
        (nn.SGD, r"and nn\.SGD is none"),
        (nn.data.standardize, r"and nn\.data\.standardize is none"),
        (autograd.dot, r"and autograd\.dot is none"),
    ],
)
def test_a_function_of_the_project_that_is_no_loss_is_told_what_it_is(function, said, taker):
    net = model()
    with pytest.raises(DataTypeError, match=f"loss is a function of .*{said}"):
        TAKERS[taker](net, nn.SGD(net.parameters(), lr=0.1), function)


@pytest.mark.parametrize("metric", [nn.accuracy, nn.r2, nn.f1, nn.metrics.bits_per_character])
def test_a_metric_is_no_loss_to_descend(metric):
    net = model()
    sgd = nn.SGD(net.parameters(), lr=0.1)
    with pytest.raises(DataTypeError, match=rf"{metric.__name__} is a metric, which has no grad"):
        nn.train_step(net, metric, sgd)
    assert nn.evaluate(net, X2, [1.0, 0.0, 0.5], loss=nn.r2)["loss"] <= 1.0


def test_a_function_of_the_user_s_own_by_the_name_of_one_of_nn_may_be_a_loss():
    @functools.wraps(nn.l2)
    def l2(outputs, targets):
        return nn.mse(outputs, targets)

    net = model()
    nn.train_step(net, l2, nn.SGD(net.parameters(), lr=0.1))(X2, Y2)


def test_numpy_s_functions_of_one_list_take_the_outputs_of_a_batch():
    net = model()

    def largest(outputs, targets):
        return np.max(np.abs(outputs))

    found = nn.evaluate(net, X2, Y2, loss=nn.mse, metrics=[largest])
    assert found["largest"] == max(abs(o[0]) for o in nn.predict(net, X2))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: fit(loss=lambda o: o), r"loss is .*takes o$"),
        (lambda: fit(loss=lambda model, x, y: x), r"loss is .*takes model, x, y$"),
        (lambda: fit(metrics=[lambda o: 1.0]), r"metrics\[0\] is .*takes o$"),
        (lambda: fit(callbacks=[lambda: None]), r"callbacks\[0\] is .*takes nothing$"),
        (lambda: fit(callbacks=[lambda epoch, logs: None]), r"callbacks\[0\] .*takes epoch, logs$"),
        (lambda: fit(schedule=lambda: 0.1), r"schedule is .*takes nothing$"),
        (lambda: fit(penalty=lambda: 0.1), r"penalty is .*takes nothing$"),
        (lambda: model().draw("net", x=[1.0, 2.0], y=1, loss=lambda o: o), r"loss is .*takes o$"),
        (lambda: nn.evaluate(model(), X2, Y2, loss=lambda: 1), r"loss is .*takes nothing$"),
        (lambda: nn.Layer(2, 3, lambda: 1), r"activation is .*takes nothing$"),
        (lambda: nn.Layer(2, 3, init=lambda n, m: 1), r"init is .*takes n, m$"),
        (lambda: schedules.warmup(3, lambda: 1), r"then is .*takes nothing$"),
        (lambda: nn.descend(lambda x: x, [1.0, 2.0], print, 1), r"f is .*takes x$"),
        (lambda: nn.descend(lambda x: x, [1.0], lambda: 1, 1), r"optimizer is .*takes nothing$"),
        (lambda: nn.gradient_by_lag(lambda: 1, [[1.0]]), r"model is .*takes nothing$"),
        (lambda: plots.decision_boundary(lambda: 1, X2, [0, 1, 1]), r"model is .*takes nothing$"),
        (lambda: plots.cost_surface(lambda w: w, [], [0, 1], [0, 1]), r"cost is .*takes w$"),
    ],
)
def test_a_function_of_too_few_or_too_many_arguments_is_refused_at_once(call, said):
    with pytest.raises(DataTypeError, match=said):
        call()


def test_a_function_whose_decorator_passes_on_others_is_none_of_these():
    @functools.wraps(lambda outputs: None)
    def loss(outputs, targets):
        return nn.mse(outputs, targets)

    fit(loss=loss, metrics=[partial(nn.f1, positive=0)], schedule=schedules.cosine(3))
    fit(loss=lambda *both: nn.mse(*both), callbacks=[print])


SWAPPED = [  # what takes outputs and targets, and how many outputs a row has
    *[(loss, 1) for loss in (nn.mse, nn.mae, nn.huber, nn.hinge, nn.binary_cross_entropy, nn.r2)],
    *[(metric, 1) for metric in (nn.accuracy, nn.balanced_accuracy, nn.precision, nn.f1)],
    (nn.cross_entropy, 1),
    (nn.cross_entropy, 2),
    (nn.confusion_matrix, 2),
    (metrics.bits_per_character, 2),
]


@pytest.mark.parametrize(("function", "n"), SWAPPED)
def test_targets_in_the_place_of_outputs_are_told_so(function, n):
    net = nn.MLP(2, [n], seed=0)
    y = [1, 0, 1]
    for outputs in ([net(x) for x in X2], nn.predict(net, X2)):
        for targets in (y, [float(t) for t in y], np.array(y), [nn.one_hot(t, n + 1) for t in y]):
            with pytest.raises(DataTypeError, match="outputs come first, then targets"):
                function(targets, outputs)
    assert math.isfinite(nn.cross_entropy([net(x) for x in X2], [net(x) for x in X2]).data)
    assert nn.mse(nn.predict(net, X2), nn.predict(net, X2)) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.binary_cross_entropy([1, 0], [Value(2.0) * 2, Value(1.0) * 2]),
        lambda: nn.hinge([1, 0], [Value(2.0) * 2, Value(1.0) * 2]),
        lambda: nn.cross_entropy([0, 1], [[0.5, 2.0], [1.0, 0.0]]),
        lambda: nn.accuracy([0, 1], [[0.5, 2.0], [1.0, 0.0]]),
        lambda: nn.recall([0, 1], [0.5, -2.0]),
    ],
)
def test_what_refuses_swapped_arguments_says_which_come_first(call):
    with pytest.raises((ArgumentError, LengthError, IndexDomainError), match="outputs come first"):
        call()


def test_train_and_eval_return_the_model():
    class Net(nn.Module):
        def __init__(self):
            self.layer = nn.Dropout(0.5)

    net = Net()
    assert net.eval() is net
    assert not net.layer.training
    assert net.train() is net
    assert net.layer.training
    assert net.train(False) is net


@pytest.mark.parametrize("maker", ["cosine", "step", "linear", "exponential", "warmup", "cyclic"])
def test_a_schedule_that_was_not_called_is_told_so(maker):
    model = nn.MLP(1, [1])
    optimizer = nn.SGD(model.parameters(), 0.1)
    schedule = getattr(nn.schedules, maker)
    with pytest.raises(DataTypeError, match=rf"not {maker} itself, .*: call it .* {maker}\("):
        nn.train_step(model, nn.mse, optimizer, schedule=schedule)
    with pytest.raises(DataTypeError, match=rf"^then is .*not {maker} itself"):
        nn.schedules.warmup(3, schedule)


def test_messages_are_short_however_much_was_given():
    large = 10**400
    for call in (
        lambda: nn.GPT(5, n_embd=large),
        lambda: nn.Dropout(large),
        lambda: nn.Embedding(3, 2)(large),
        lambda: nn.cross_entropy([[1.0, 2.0]], [-large]),
    ):
        with pytest.raises(ChainruleError, match=r"10000\d*\.\.\. of 401 digits") as caught:
            call()
        assert len(str(caught.value)) < 200
    model, X, y = nn.MLP(2, [1]), [[1.0, 2.0]] * 1000, [1.0] * 1000
    with pytest.raises(DataTypeError, match="give the others by name: loss=") as caught:
        nn.fit(model, X, y, nn.hinge)
    assert len(str(caught.value)) < 800


def test_a_text_begins_and_ends_with_tokens_that_are_known():
    tokenizer, model = nn.data.Tokenizer(["anna"]), nn.GPT(2, 4, 1)
    with pytest.raises(nn.data.DataError, match=r"^'\.E' has '\.', 'E', and the texts "):
        nn.generate(model, tokenizer, ".E")
    with pytest.raises(nn.data.DataError, match=r"^stop is '\.', .* or give stop=None$"):
        nn.generate(model, tokenizer, "a")
    assert len(nn.generate(model, tokenizer, "a", stop=None, limit=3)) == 3


def taken(optimizer):
    """The rates that a schedule or an optimizer gives."""
    for _ in range(8):
        optimizer.update(1.0)
    return optimizer(0)


# What takes a number that NumPy may have made, and computes with it.
NUMBERS = {
    "time_based": lambda x: nn.schedules.time_based(x)(10**7),
    "exponential": lambda x: nn.schedules.exponential(x)(7),
    "step": lambda x: nn.schedules.step(3, x)(7),
    "cosine": lambda x: nn.schedules.cosine(100, x)(37),
    "linear": lambda x: nn.schedules.linear(100, x)(37),
    "cyclic": lambda x: nn.schedules.cyclic(100, x)(37),
    "exp_range": lambda x: nn.schedules.cyclic(100, mode="exp_range", gamma=x)(37),
    "ReduceOnPlateau": lambda x: taken(nn.ReduceOnPlateau(x, 0)),
    "huber": lambda x: nn.huber([3.0, 1.0], [0.0, 0.5], delta=x),
    "weight": lambda x: [
        nn.cross_entropy([[0.1, 0.7]], [t], weight=[x, 0.7], reduction=reduction)
        for t in (0, [0.9, 0.1])
        for reduction in ("mean", "sum")
    ],
    "probability": lambda x: nn.cross_entropy([[0.1, 0.7]], [[x, 0.7]], weight=[0.3, 0.7]),
    "l1": lambda x: nn.l1([0.7], x),
    "l2": lambda x: nn.l2([0.7], x),
    "ngram_bits": lambda x: nn.metrics.ngram_bits(["abcd" * 9], ["adcb"], 2, x),
    "threshold": lambda x: nn.metrics.predicted_classes([0.30005, 0.300000012], x),
    "logit": lambda x: nn.metrics.predicted_classes([x, -x], 0.3),
    "logits": lambda x: nn.metrics.predicted_classes([[x, 0.3], [0.3, x]]),
    "accuracy": lambda x: nn.accuracy([[x, 0.3], [0.3, x]], [1, 0]),
    "standardize": lambda x: nn.data.standardize([[x], [1e5], [3.0]]),
    "like": lambda x: nn.data.standardize([[0.7]], [[x], [1e5], [3.0]]),
    "unstandardize": lambda x: nn.data.unstandardize([[x]], [[1e5], [3.0]]),
    "split": lambda x: nn.data.split(list(range(999)), [0] * 999, x, stratified=True),
    "moons": lambda x: nn.data.moons(5, noise=x),
    "noisy_sine": lambda x: nn.data.noisy_sine(5, noise=x),
    "circles": lambda x: nn.data.circles(5, inner=x),
    "spirals": lambda x: nn.data.spirals(5, turns=x),
    "RMSNorm": lambda x: nn.predict(nn.RMSNorm(2, eps=x), [[0.3, 0.7]]),
    "LayerNorm": lambda x: nn.predict(nn.LayerNorm(2, eps=x), [[0.3, 0.7]]),
    "Dropout": lambda x: nn.Dropout(x, seed=0)([0.7] * 9),
    "GPT": lambda x: nn.GPT(3, 2, 1, 1, 4, std=x, dropout=x, seed=0).settings(),
    "Block": lambda x: nn.Block(2, 1, dropout=x, seed=0).settings(),
    "constant": lambda x: nn.init.constant(2, 1, random.Random(0), value=x),
    "uniform": lambda x: nn.init.uniform(2, 1, random.Random(0), a=-x, b=x),
    "normal": lambda x: nn.init.normal(2, 1, random.Random(0), mean=x, std=x),
    "xavier_uniform": lambda x: nn.init.xavier_uniform(2, 1, random.Random(0), gain=x),
    "kaiming_normal": lambda x: nn.init.kaiming_normal(2, 1, random.Random(0), gain=x),
    "orthogonal": lambda x: nn.init.orthogonal(2, 1, random.Random(0), gain=x),
    "temperature": lambda x: [
        draw_token([0.01 * i for i in range(50)], random.Random(seed), x) for seed in range(50)
    ],
}


@pytest.mark.parametrize("kind", ["float16", "float32", "longdouble"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_short_number_of_numpy_counts_as_the_float_that_it_is(name, kind):
    x = getattr(np, kind)(0.3)
    expected = NUMBERS[name](float(x))
    assert repr(NUMBERS[name](x)) == repr(expected)


@pytest.mark.parametrize("kind", ["int8", "uint8"])
def test_a_short_whole_number_of_numpy_does_not_overflow(kind, tmp_path):
    n = getattr(np, kind)(100)
    rows = list(range(300))
    dealt = nn.data.batches(rows, rows, n, rng=random.Random(0))
    assert [len(X) for X, _ in dealt] == [100, 100, 100]
    texts = ["ab" * 200]
    assert nn.metrics.ngram_bits(texts, texts, n) == nn.metrics.ngram_bits(texts, texts, 100)
    assert [len(xs) for xs in nn.data.pad([[1.0]] * 2, n)[0]] == [100, 100]
    shots = nn.History.snapshots(every=n)
    saved = nn.Checkpoint(tmp_path / "run.json", every=n)
    fit(epochs=300, callbacks=[shots, saved])
    assert [epochs for epochs, _ in shots.states] == [0, 100, 200, 300]
    assert saved.every == 100
