"""Names of other libraries: what they are here, where a module is asked for one."""

import sys
from collections.abc import Callable, Mapping
from opcode import opmap
from types import FrameType
from typing import NoReturn

from ..errors import RenamedError

_FROM_IMPORT = opmap["IMPORT_FROM"]


def elsewhere(module: str, names: Mapping[str, str]) -> Callable[[str], NoReturn]:
    """Return the `__getattr__` of a module, which answers names of other libraries.

    Args:
        module: What the module is called, such as "nn.data".
        names: Each name of another library, with what to write here.
    """

    def absent(name: str) -> NoReturn:
        __tracebackhide__ = True
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        words = f"{module} has no {name!r}: here it is {names[name]}"
        if _imports(sys._getframe(1)):
            raise ImportError(words, name=module)
        raise RenamedError(words)

    return absent


def _imports(frame: FrameType) -> bool:
    """Whether a frame is at `from module import name`.

    There Python puts words of its own in the place of an AttributeError's.
    """
    return frame.f_code.co_code[frame.f_lasti] == _FROM_IMPORT
