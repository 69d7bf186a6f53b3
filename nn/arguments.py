"""What a class takes when it is made."""

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any


def arguments_of(cls: Any) -> Mapping[str, Parameter]:
    """Return the arguments of `__init__` by name.

    `inspect.signature(cls)` would show those of `__new__` under Python 3.10,
    where that prefers the base that checks names.
    """
    if cls.__init__ is object.__init__:
        return {}
    known = dict(signature(cls.__init__).parameters)
    known.pop("self", None)
    return known
