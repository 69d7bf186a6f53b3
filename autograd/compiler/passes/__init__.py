"""passes: the loops that go through all operations of a program.

A program can have millions of operations, and each pass looks at every one. So
these functions use only whole numbers and flat arrays, and `translate` can make
native code of them: some hundred times faster. Where llvmlite is missing, and
for small programs, Python runs them as they stand. Arrays are changed in place.
A function returns a whole number.

    codes        what the numbers in the arrays stand for
    shortening   of simplify: what is needed, what is constant, the shorter tape
    blocks       of lanes: operations of the same structure
    roles        which lanes of a block are used alike
    waves        in which order the blocks are computed
    arrangement  in which order the lanes of a block lie
    pieces       where the distances of lanes change, and which are results
    repetition   of repeats and loops: what comes again and again
    reach        of gradient: what it reaches, and by which rules
    adjoints     the operations that it appends
    rows         of template: the same operations for every row

The native code of all rooms is one module, in which no two functions have the
same name.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from . import (
    adjoints,
    arrangement,
    blocks,
    codes,
    pieces,
    reach,
    repetition,
    roles,
    rows,
    shortening,
    waves,
)

ROOMS = (
    codes,
    shortening,
    blocks,
    roles,
    waves,
    arrangement,
    pieces,
    repetition,
    reach,
    adjoints,
    rows,
)
