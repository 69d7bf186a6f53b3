"""Groups: which call of which part of a model a Value belongs to, as `nn.trace` records it or a user writes it down."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from ..core.value import Value
from ..errors import DataTypeError

Groups: TypeAlias = Mapping[
    Value, tuple[str, int]
]  # to the part's path, "layers.0.neurons.3", and the call's index, from 0


def levels(path: str) -> tuple[str, ...]:
    """A path cut into modules, an index going with what it indexes: "layers.0.neurons.3" gives ("layers.0", "neurons.3")."""
    return tuple(re.split(r"\.(?!\d+(?:\.|$))", path)) if path else ()


def check_groups(groups: Groups | None) -> Groups:
    """The groups, {} for None. Raises DataTypeError if they are no mapping from Value to (path, call index)."""
    groups = {} if groups is None else groups
    if not isinstance(groups, Mapping):
        raise DataTypeError(
            f"groups is a mapping from Value to (path, call index), such as `with nn.trace(model) as t:` records, not {groups!r}"
        )
    for value, place in groups.items():
        if not (
            isinstance(value, Value)
            and isinstance(place, tuple)
            and [type(part) for part in place] == [str, int]
        ):
            raise DataTypeError(
                f'groups maps a Value to (path, call index), such as ("layers.0", 0), not {value!r} to {place!r}'
            )
    return groups
