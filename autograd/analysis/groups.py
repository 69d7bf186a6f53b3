"""Groups: the part of a model that computed a Value.

`nn.trace` records groups. A user can write them down as a dict.
"""

import re
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
