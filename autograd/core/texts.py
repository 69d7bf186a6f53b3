"""The texts of the forward functions, for those who translate them.

The machine and the page compute with the same functions as Python does, each
in its own language. None is written twice: the texts of `ieee.py` are
translated, and those of `forms.py` where `ieee.py` uses what only Python has.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any

from . import forms, ieee


@cache
def definitions() -> dict[str, ast.FunctionDef]:
    """The functions by name: parsed, without docstrings."""
    found = {}
    for module in (ieee, forms):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef):
                if ast.get_docstring(node) is not None:
                    del node.body[0]
                found[node.name] = node
    return found


@cache
def constants() -> dict[str, float]:
    """The numbers that the functions name."""
    return {name: x for name, x in vars(ieee).items() if isinstance(x, float)}


def name_of(forward: Callable[..., Any]) -> tuple[str, str]:
    """Where the text of a row's forward function stands, and its name there.

    Returns:
        ("math", name) for a function of Python's `math`, ("text", name) for one
        of `definitions`, ("operator", name) for one of Python's operators, and
        ("", "") for a function without a text, such as a user's own.
    """
    module, name = getattr(forward, "__module__", ""), getattr(forward, "__name__", "")
    if module == math.__name__ and getattr(math, name, None) is forward:
        return "math", name
    if module == ieee.__name__ and getattr(ieee, name, None) is forward:
        return "text", name
    if module in ("operator", "_operator"):
        return "operator", name
    return "", ""
