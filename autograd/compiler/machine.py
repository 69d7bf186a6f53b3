"""machine: programs on numba."""

from typing import Any


def fits(layout: Any) -> bool:
    return False


def compiled(layout: Any) -> Any:
    raise NotImplementedError
