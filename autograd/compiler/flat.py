"""flat: the numbers of nested lists, taken out by native code.

To flatten lists in Python takes longer than a small step. `marshal` writes them
as bytes in a fifth of that time, with a tag for the type of each part. Where
all bytes but those of the numbers are as they were, so is the structure, and
native code takes the numbers out.
"""

import marshal
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from . import llvm

VERSION = 2  # of marshal's format: floats as 8 bytes, and nothing told by reference
CONTAINERS, FIXED, TEXTS = b"[(", b"NTF", b"ut"
FLOAT, INT = ord("g"), ord("i")
WRITTEN = {list, tuple, float, int, str, bool, type(None)}  # what `written` is tried for


def written(args: Sequence[Any]) -> bytes:
    """Arguments as bytes; empty if they are no nested lists of plain numbers."""
    if sys.byteorder != "little" or not WRITTEN.issuperset(map(type, args)):
        return b""
    whole: Any = args
    try:
        return marshal.dumps(whole, VERSION)
    except ValueError:  # something that marshal does not know
        return b""


def places_of(data: bytes) -> "array[int] | None":
    """Where the numbers stand; None if there is something else than lists and numbers."""
    places, at, left = array("i"), 0, 1
    while left:
        tag, at, left = data[at], at + 1, left - 1
        if tag in (FLOAT, INT):
            places.append(at)
            at += 8 if tag == FLOAT else 4
        elif tag in CONTAINERS or tag in TEXTS:
            n = int.from_bytes(data[at : at + 4], "little")
            at += 4
            if tag in CONTAINERS:
                left += n
            else:
                at += n
        elif tag not in FIXED:
            return None
    return places


class Flat:
    """How arguments of one structure look as bytes.

    Args:
        data: One of them, as `written` gives it.
        places: Its numbers, by `places_of`.
    """

    def __init__(self, data: bytes, places: "array[int]") -> None:
        self.data, self.places = data, places
        self.take = llvm.engine().unmarshal
        self.zeros = bytes(8 * len(places))

    def numbers(self, data: bytes) -> "array[float] | None":
        """The numbers of other arguments; None if they have another structure."""
        if len(data) != len(self.data):
            return None
        found = array("d", self.zeros)
        same = self.take(
            data,
            self.data,
            self.places.buffer_info()[0],
            len(self.places),
            len(data),
            found.buffer_info()[0],
        )
        return found if same else None
