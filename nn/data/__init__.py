"""Data to learn from: point clouds, tables, texts and sequences, and their tools."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

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


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere(
        "nn.data", "nn.foreign", dict.fromkeys(("normalize", "scale"), "nn.data.standardize(X)")
    )
