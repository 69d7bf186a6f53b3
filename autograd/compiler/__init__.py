"""jit: a function as a program: record, simplify, vectorise, and run as Python or on numba."""

from .call import Jitted, jit
from .resident import Resident

__all__ = ["Jitted", "Resident", "jit"]
