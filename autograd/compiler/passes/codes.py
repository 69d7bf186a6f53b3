"""codes: the arrays that passes work on, and what the numbers in them stand for."""

from array import array
from typing import TypeAlias

Wholes: TypeAlias = "array[int]"  # of 64 bits
Shorts: TypeAlias = "array[int]"  # of 32 bits
Bytes: TypeAlias = "array[int]"  # of 8 bits
Reals: TypeAlias = "array[float]"

# What `simplify` knows about a row.
OTHER, ADD, SUB, MUL, DOT, DIV, SAME, CONSTANT, INPUT, GUARD = range(10)

# Places in `state`: how much of the new arrays is filled.
N_CODE, N_OPERANDS, N_TERMS, N_CONSTANTS, N_ADDED = range(5)

# What the gradient of a tape knows about a row.
STOP, FIXED, PRODUCT, PRODUCTS, BY_RULE = range(5)

# A rule names operands by their places, the result by their number, constants by
# ~operation, and its own operations from RESULT on.
RESULT = 16777216


def slot(h: int, mask: int) -> int:
    """A place in a table for the hash h, whose bits are mixed."""
    h = ((h ^ (h >> 16)) * 73244475) & 2147483647
    h = ((h ^ (h >> 16)) * 73244475) & 2147483647
    return (h ^ (h >> 16)) & mask
