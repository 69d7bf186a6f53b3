"""Groups: the part of a model that computed a Value.

`nn.trace` records groups. A user can write them down as a dict.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from ..core.value import Value
from ..errors import DataTypeError

# Value -> (path of the part, index of the call). A path is
# "layers.0.neurons.3". Calls are counted from 0.
Groups: TypeAlias = Mapping[Value, tuple[str, int]]


def levels(path: str) -> tuple[str, ...]:
    """Cut a path into the modules that lie within each other.

    An index stays with the list that it indexes.

    Examples:
        >>> levels("layers.0.neurons.3")
        ('layers.0', 'neurons.3')
    """
    return tuple(re.split(r"\.(?!\d+(?:\.|$))", path)) if path else ()


class Calls:
    """How often the parts of a model were called.

    Groups tell it of the innermost parts. `nn.trace` tells it of all: its groups
    have an attribute `calls`.
    """

    def __init__(self, groups: Groups) -> None:
        self._own = Counter([made.path for made in getattr(groups, "calls", ())])
        self._within: dict[tuple[str, ...], int] = {}  # the most of what lies in a part
        for path, call in set(groups.values()):
            modules = levels(path)
            for depth in range(1, len(modules) + 1):
                part = modules[:depth]
                self._within[part] = max(self._within.get(part, 0), call + 1)

    def of(self, part: tuple[str, ...]) -> int:
        """Return how often a part was called, as far as that is known."""
        return self._own[".".join(part)] if self._own else self._within[part]

    def part(self, modules: tuple[str, ...], depth: int) -> tuple[str, ...]:
        """Return the part at a depth, or the first below it, whose calls are counted.

        The index of a call is that of the innermost part. The parts around it may
        have been called less often, as an RNN is once for all calls of its cell.
        """
        while depth < len(modules) and self.of(modules[:depth]) != self._within[modules[:depth]]:
            depth += 1
        return modules[:depth]


def check_groups(groups: Groups | None) -> Groups:
    """Return the groups, or {} for None.

    Raises:
        DataTypeError: `groups` does not map Values to (path, call index).
    """
    groups = {} if groups is None else groups
    if not isinstance(groups, Mapping):
        raise DataTypeError(
            "groups is a mapping from Value to (path, call index), such as "
            f"`with nn.trace(model) as t:` records, not {groups!r}"
        )
    for value, place in groups.items():
        if not (
            isinstance(value, Value)
            and isinstance(place, tuple)
            and [type(part) for part in place] == [str, int]
        ):
            raise DataTypeError(
                'groups maps a Value to (path, call index), such as ("layers.0", 0), '
                f"not {value!r} to {place!r}"
            )
    return groups


def parameter_names(groups: Groups | None) -> Mapping[str, Value]:
    """Return the paths of a model's parameters, path -> Value.

    `nn.trace` knows them: its groups have an attribute `names`. Other groups
    have none.
    """
    return getattr(groups, "names", {})
