"""Data to learn from: point clouds, real tables, text, sequences, and the tools that read, scale and divide them."""

from .sequences import counting_sentences, recall_at_lag, time_series, windows
from .shapes import blobs, circles, moons, noisy_sine, spirals, xor
from .tables import DataError, Table, batches, iris, k_fold, read_csv, split, standardize
from .text import Tokenizer, contexts, names, readers, sentences, sentiment

__all__ = [
    "DataError", "Table", "Tokenizer", "batches", "blobs", "circles", "contexts", "counting_sentences", "iris", "k_fold", "moons", "names",
    "noisy_sine", "read_csv", "readers", "recall_at_lag", "sentences", "sentiment", "spirals", "split", "standardize", "time_series", "windows",
    "xor",
]
