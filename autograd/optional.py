"""Packages that are loaded when something needs them."""

from importlib import import_module
from types import ModuleType

from .errors import MissingDependencyError


def load(name: str, need: str) -> ModuleType:
    """The module of this name. Raises MissingDependencyError where its package is not installed; `need` says what it is for: "charts need"."""
    package = name.partition(".")[0]
    try:
        import_module(
            package
        )  # which import_module(name) would not try where a part of the package is loaded already
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != package:  # it is there, but broken
            raise
        raise MissingDependencyError(
            f"{need} {package}, which is not installed: pip install {package}"
        ) from error
