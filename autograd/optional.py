"""Packages that are loaded when something needs them."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from importlib import import_module
from types import ModuleType

from .errors import MissingDependencyError

# What pip calls a package whose module has another name.
_DISTRIBUTIONS = {"resvg_py": "resvg-py", "sklearn": "scikit-learn"}


def load(name: str, need: str) -> ModuleType:
    """Return the module of this name.

    Args:
        name: The module, such as "matplotlib.pyplot".
        need: What needs it, for the message, such as "charts need".

    Raises:
        MissingDependencyError: The package is not installed.
    """
    package = name.partition(".")[0]
    distribution = _DISTRIBUTIONS.get(package, package)
    try:
        # import_module(name) alone would not look for a package of which a part
        # is loaded already.
        import_module(package)
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != package:  # it is there, but broken
            raise
        raise MissingDependencyError(
            f"{need} {distribution}, which is not installed: pip install {distribution}"
        ) from error
