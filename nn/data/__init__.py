"""Data to learn from: point clouds, tables, texts and sequences, and their tools."""

from typing import TYPE_CHECKING

from autograd.extending import elsewhere

from .checks import DataError
from .reading import Records, read_records
from .sequences import pad
from .synthetic import (
    blobs,
    circles,
    counting_sentences,
    moons,
    noisy_sine,
    recall_at_lag,
    spirals,
    time_series,
    windows,
    xor,
)
from .tables import (
    Table,
    batches,
    iris,
    k_fold,
    read_csv,
    split,
    standardize,
    unstandardize,
)
from .text import Tokenizer, contexts, names, readers, sentences, sentiment

__all__ = [
    "DataError",
    "Records",
    "Table",
    "Tokenizer",
    "batches",
    "blobs",
    "circles",
    "contexts",
    "counting_sentences",
    "iris",
    "k_fold",
    "moons",
    "names",
    "noisy_sine",
    "pad",
    "read_csv",
    "read_records",
    "readers",
    "recall_at_lag",
    "sentences",
    "sentiment",
    "spirals",
    "split",
    "standardize",
    "time_series",
    "unstandardize",
    "windows",
    "xor",
]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere(
        "nn.data",
        {
            "train_test_split": "nn.data.split(X, y)",
            "StandardScaler": "nn.data.standardize(X, like=X_train)",
            "load_iris": "nn.data.iris()",
            "make_moons": "nn.data.moons(n, noise)",
            "make_circles": "nn.data.circles(n, noise)",
            "make_blobs": "nn.data.blobs(n, classes)",
            "one_hot": "nn.one_hot(index, n)",
            "normalize": "nn.data.standardize(X)",
            "KFold": "nn.data.k_fold(X, y, k)",
            "StratifiedKFold": "nn.data.k_fold(X, y, k, stratified=True)",
            "DataLoader": "nn.data.batches(X, y, size, rng=rng), or batch_size= of nn.fit",
            "Dataset": "two lists, X of rows and y of targets",
            "TensorDataset": "two lists, X of rows and y of targets",
        },
    )
