"""Data to learn from: point clouds, real tables, text, and the tools that read, scale and divide them."""

from .shapes import blobs, circles, moons, noisy_sine, spirals, xor
from .tables import DataError, Table, batches, iris, k_fold, read_csv, split, standardize

__all__ = [
    "DataError",
    "Table",
    "batches",
    "blobs",
    "circles",
    "iris",
    "k_fold",
    "moons",
    "noisy_sine",
    "read_csv",
    "spirals",
    "split",
    "standardize",
    "xor",
]
