"""codes: the arrays that passes work on, and what the numbers in them stand for.

The same names mean the same in all rooms:

    kinds, pulls      what a row is to `simplify` and to `gradient`
    address           where the result of an operation lies in the memory of a program
    state             how much of new arrays is filled: places N_CODE, ...

A truth is 0 or 1. Arrays that belong together are handed on as one structure.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from typing import NamedTuple, TypeAlias

Wholes: TypeAlias = "array[int]"  # of 64 bits
Shorts: TypeAlias = "array[int]"  # of 32 bits
Bytes: TypeAlias = "array[int]"  # of 8 bits
Reals: TypeAlias = "array[float]"


class Columns(NamedTuple):
    """The operations of a tape.

    The operation i has the row code[i], and its operands are operands[start[i]] to
    operands[start[i + 1] - 1], older operations. An input or a constant has one,
    which is -1 - k for the k-th.
    """

    code: Shorts
    start: Wholes
    operands: Shorts


class Members(NamedTuple):
    """n operations: members[at] to members[at + n - 1]."""

    at: int
    n: int
    members: Shorts


class Table(NamedTuple):
    """The places of things by their hashes, or -1, in an array of mask + 1.

    What finds its place taken by another thing looks at further ones.
    """

    places: Shorts
    mask: int


# What `simplify` knows about a row. SAME returns its operand, GUARD tests a domain.
OTHER, ADD, SUB, MUL, DOT, DIV, SAME, CONSTANT, INPUT, GUARD = range(10)

# Places in `state`: how much of the new arrays is filled.
N_CODE, N_OPERANDS, N_TERMS, N_CONSTANTS, N_ADDED = range(5)

# What the gradient of a tape knows about a row: nothing passes it; its partials are
# constants; each partial is the other operand; each is the partner of a list; its rule
# tells.
STOP, FIXED, PRODUCT, PRODUCTS, BY_RULE = range(5)

# In `singular`, of each row: INFINITE where a partial can be infinite, plus MASKED for the
# first of two operands and 2 * MASKED for the second, if a partial of 0 passes nothing on to
# it (`Primitive.masked`).
INFINITE, MASKED = 1, 2

# A rule names operands by their places, the result by their number, constants by
# ~operation, and its own operations from RESULT on.
RESULT = 16777216

# The next hash is (hash * MIX + x) & LARGEST.
MIX = 69069
LARGEST = 2147483647  # the largest number of 32 bits with a sign


def slot(h: int, mask: int) -> int:
    """A place in a table for the hash h: high bits change low ones, which are taken."""
    h = ((h ^ (h >> 16)) * 73244475) & LARGEST
    h = ((h ^ (h >> 16)) * 73244475) & LARGEST
    return (h ^ (h >> 16)) & mask
