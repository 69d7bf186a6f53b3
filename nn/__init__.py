"""Neural networks on scalars: layers, losses, optimizers and training, on top of `autograd`."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

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

from autograd.extending import elsewhere

from . import data, export, init, losses, metrics, optim, plots, schedules, training
from .answering import answer
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
from .training import Checkpoint, DivergenceWarning, History, evaluate, fit, lr_range_test, predict

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
    "DivergenceWarning",
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


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere(
        "nn", "nn.foreign", {"sklearn": "a module that is asked for by name: import nn.sklearn"}
    )
