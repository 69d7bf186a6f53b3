"""Neural networks on scalars: layers, losses, optimizers and training, on top of `autograd`."""

from typing import TYPE_CHECKING

import autograd

if not hasattr(autograd, "Value"):
    place = getattr(autograd, "__file__", None)
    found = f"another package of that name, {place}" if place else "a part of it"
    raise ImportError(
        f"nn needs chainrule's package `autograd`, but Python finds {found}. HIPS/autograd "
        "installs a package of that name, too. Run `pip uninstall autograd chainrule`, then "
        "install chainrule. Keep HIPS/autograd in an environment of its own."
    )

from . import data, export, init, losses, metrics, optim, plots, schedules, training
from .answering import answer
from .arguments import elsewhere
from .attention import GPT, Block, MultiHeadAttention
from .diagnostics import diagnose
from .files import StateError
from .init import manual_seed
from .layers import (
    MLP,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Neuron,
    RMSNorm,
    Sequential,
    bag_of_words,
    one_hot,
)
from .lessons import descend, gradient_by_lag
from .losses import binary_cross_entropy, cross_entropy, hinge, huber, l1, l2, mae, mse
from .metrics import accuracy, balanced_accuracy, confusion_matrix, f1, precision, r2, recall
from .module import Module, load, read_state
from .optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm, clip_grad_value
from .preparation import Answer, Preparation
from .recurrent import GRU, LSTM, RNN, Each, EncoderDecoder, GRUCell, Last, LSTMCell, RNNCell
from .sampling import generate
from .schedules import ReduceOnPlateau
from .step import train_step
from .stepping import training_page
from .tracing import trace
from .training import Checkpoint, History, evaluate, fit, lr_range_test, predict

__all__ = [
    "GPT",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Answer",
    "Block",
    "Checkpoint",
    "Dropout",
    "Each",
    "Embedding",
    "EncoderDecoder",
    "GRUCell",
    "History",
    "LSTMCell",
    "Last",
    "Layer",
    "LayerNorm",
    "Module",
    "MultiHeadAttention",
    "Neuron",
    "Optimizer",
    "Preparation",
    "RMSNorm",
    "RMSprop",
    "RNNCell",
    "ReduceOnPlateau",
    "Sequential",
    "StateError",
    "accuracy",
    "answer",
    "bag_of_words",
    "balanced_accuracy",
    "binary_cross_entropy",
    "clip_grad_norm",
    "clip_grad_value",
    "confusion_matrix",
    "cross_entropy",
    "data",
    "descend",
    "diagnose",
    "evaluate",
    "export",
    "f1",
    "fit",
    "generate",
    "gradient_by_lag",
    "hinge",
    "huber",
    "init",
    "l1",
    "l2",
    "load",
    "losses",
    "lr_range_test",
    "mae",
    "manual_seed",
    "metrics",
    "mse",
    "one_hot",
    "optim",
    "plots",
    "precision",
    "predict",
    "r2",
    "read_state",
    "recall",
    "schedules",
    "trace",
    "train_step",
    "training",
    "training_page",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


# What other libraries call things, and what they are here.
ELSEWHERE = {
    "Linear": "nn.Layer(n_in, n_out)",
    "Dense": "nn.Layer(n_in, n_out)",
    "ReLU": 'an activation by name, as in nn.Layer(n_in, n_out, "relu")',
    "Sigmoid": 'an activation by name, as in nn.Layer(n_in, n_out, "sigmoid")',
    "Tanh": 'an activation by name, as in nn.Layer(n_in, n_out, "tanh")',
    "GELU": 'an activation by name, as in nn.Layer(n_in, n_out, "gelu")',
    "SiLU": 'an activation by name, as in nn.Layer(n_in, n_out, "silu")',
    "Softmax": 'an activation by name, as in nn.Layer(n_in, n_out, "softmax")',
    "LeakyReLU": 'an activation by name, as in nn.Layer(n_in, n_out, "leaky_relu")',
    "ELU": 'an activation by name, as in nn.Layer(n_in, n_out, "elu")',
    "Identity": "no activation, as in nn.Layer(n_in, n_out)",
    "Flatten": "a row as one list of numbers",
    "BatchNorm1d": "nn.LayerNorm(n) or nn.RMSNorm(n), which see one row at a time",
    "MultiheadAttention": "nn.MultiHeadAttention(n_embd, n_head)",
    "Model": "a subclass of nn.Module, or nn.Sequential(layer, layer, ...)",
    "RMSProp": "nn.RMSprop",
    "MSELoss": "the function nn.mse(outputs, targets)",
    "L1Loss": "the function nn.mae(outputs, targets)",
    "HuberLoss": "the function nn.huber(outputs, targets)",
    "CrossEntropyLoss": "the function nn.cross_entropy(outputs, targets)",
    "BCELoss": "the function nn.binary_cross_entropy(outputs, targets), of logits",
    "BCEWithLogitsLoss": "the function nn.binary_cross_entropy(outputs, targets)",
    "SmoothL1Loss": "the function nn.huber(outputs, targets)",
    "NLLLoss": "the function nn.cross_entropy(outputs, targets), of logits",
    "Parameter": "a leaf, autograd.Value(number), under an attribute of a Module",
    "ModuleList": "a list of Modules under an attribute of a Module",
    "ModuleDict": "a dict of Modules under an attribute of a Module",
    "functional": "the functions of autograd and the losses of nn",
    "utils": "nn.clip_grad_norm(params, max_norm) and its like, in nn itself",
    "clip_grad_norm_": "nn.clip_grad_norm(params, max_norm)",
    "clip_grad_value_": "nn.clip_grad_value(params, limit)",
    "optimizers": "nn.SGD, nn.Adam and their like, in nn itself",
    "callbacks": "callbacks=[function of a Run] of nn.fit, such as nn.Checkpoint(path)",
    "EarlyStopping": "patience= of nn.fit",
    "ModelCheckpoint": "nn.Checkpoint(path) as a callback of nn.fit",
    "ReduceLROnPlateau": "nn.ReduceOnPlateau",
    "save": "model.save(path)",
    "no_grad": "autograd.no_grad()",
    "tensor": "a list of numbers, or autograd.Value(number)",
    "Tensor": "a list of numbers, or autograd.Value(number)",
    "train_test_split": "nn.data.split(X, y)",
    "seed": "nn.manual_seed(n)",
}


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn", ELSEWHERE)
