"""jit: a function as a program: record, simplify, vectorise, and run as Python or on numba."""

from .call import Jitted, jit

__all__ = ["Jitted", "jit"]
