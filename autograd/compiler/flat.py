"""flat: the numbers of nested lists, taken out by native code.

To flatten lists in Python takes longer than a small step. Native code walks them
along a plan, which says what stands where in arguments of one structure. It
asks Python's own functions for C, such as PyList_GetItem, and gives up at the
first part that is not as planned.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from array import array
from typing import Any

from . import llvm
from .library import NUMBER, OBJECT
from .llvm import of_python

SIZE = 16  # bytes of a plain object, if its type stands where native code looks for it


class Plan:
    """A structure of arguments, by its key, as nodes that native code reads.

    A node is NUMBER, or OBJECT and the place of one, or it is of a list. Then it
    begins with the places of the list's type and of the functions for its length
    and for an element. The length follows, then 1, or 0 if all elements are
    alike, and at last the places of the elements' nodes.

    Args:
        key: As of `structure.Arguments.key`.

    Raises:
        UnplannableError: It is not of lists, tuples, numbers and constants alone.
    """

    def __init__(self, key: Any) -> None:
        if object.__basicsize__ != SIZE:
            raise UnplannableError
        self.key = key  # keeps the constants alive
        self.nodes: dict[Any, tuple[int, int, array[int]]] = {}
        self.place, self.n = self.node(key)

    def node(self, key: Any) -> tuple[int, int]:
        """The place of a node, and how many numbers it takes out."""
        if key not in self.nodes:
            n, numbers = self.parts(key)
            node = array("q", numbers)
            self.nodes[key] = node.buffer_info()[0], n, node
        return self.nodes[key][:2]

    def parts(self, key: Any) -> tuple[int, list[int]]:
        """How many numbers a node takes out, and what it consists of."""
        if key is float:
            return 1, [NUMBER]
        if not isinstance(key, tuple):
            raise UnplannableError
        cls, *parts = key
        if cls in (bool, str, None.__class__):
            return 0, [OBJECT, id(parts[0])]
        if cls not in (list, tuple):
            raise UnplannableError
        alike = len(parts) == 2
        elements = [self.node(each) for each in (parts[1:] if alike else parts[0])]
        length = parts[0] if alike else len(elements)
        n = sum([n for _, n in elements]) * (length if alike else 1)
        functions = [of_python(f"Py{cls.__name__.title()}_{what}") for what in ("Size", "GetItem")]
        places = [place for place, _ in elements]
        return n, [id(cls), *functions, length, int(not alike), *places]


class UnplannableError(Exception):
    """Native code cannot recognize arguments of this structure."""


class Plans:
    """The structures that native code recognizes."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.places = array("q")
        self.zeros = bytes(8)  # as many numbers as a plan has at most, but one at least
        self.engine = llvm.engine()

    def add(self, plan: Plan) -> None:
        """Recognize one more."""
        self.plans.append(plan)
        self.places.append(plan.place)
        self.zeros = bytes(max(len(self.zeros), 8 * plan.n))

    def numbers(self, args: tuple[Any, ...]) -> "tuple[int, array[float]] | None":
        """Which structure arguments have, and their numbers; None if it is none of these."""
        found = array("d", self.zeros)
        k = self.engine.flatten(
            args,
            *self.places.buffer_info(),
            found.buffer_info()[0],
            self.engine.place_of_python,
        )
        if k < 0:
            return None
        n = self.plans[k].n
        return k, found if n == len(found) else found[:n]
