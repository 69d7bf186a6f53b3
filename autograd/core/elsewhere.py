"""Names of other libraries: what they are here, where a module is asked for one."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from collections.abc import Callable, Mapping
from opcode import opmap
from types import FrameType
from typing import NoReturn

from ..errors import AbsentError, RenamedError
from ..tracebacks import ending_at_caller

_FROM_IMPORT = opmap["IMPORT_FROM"]
_IMPORT_SYSTEM = vars(sys.modules["_frozen_importlib"])  # the globals of what carries out imports
ANSWERS: dict[str, Mapping[str, str]] = {}  # the names that each module answers


def elsewhere(module: str, names: Mapping[str, str]) -> Callable[[str], list[str]]:
    """Return the `__getattr__` of a module, which answers names of other libraries.

    It answers its own names in another case, too, and those of its package's other
    modules, and all of them in imports.

    Args:
        module: What the module is called, such as "nn.data".
        names: Each name of another library, with what to write here.
    """
    ANSWERS[module] = names

    def absent(name: str) -> list[str]:
        # Python looks for `module.name` in an import only where the module is a package.
        if name == "__path__" and sys._getframe(1).f_globals is _IMPORT_SYSTEM:
            return []
        answer = _answer(module, name, names)
        if answer is None:
            raise AbsentError(f"module {module!r} has no attribute {name!r}")
        if _imports(sys._getframe(1)):
            raise ending_at_caller(ImportError(answer, name=module))
        raise RenamedError(answer)

    return absent


def elsewhere_of_objects(names: Mapping[str, str]) -> Callable[[object, str], NoReturn]:
    """Return the `__getattr__` of a class, which answers names of other libraries.

    Args:
        names: Each name of another library, with what to write here.
    """

    def absent(self: object, name: str) -> NoReturn:
        cls = type(self).__name__
        if name not in names:
            raise AbsentError(f"{cls!r} object has no attribute {name!r}")
        raise RenamedError(f"{cls} has no {name!r}: here it is {names[name]}")

    return absent


def _answer(module: str, name: str, names: Mapping[str, str]) -> str | None:
    """Return what a module says of a name that it lacks, if it knows what is meant."""
    here = names.get(name)
    if here is None and not name.startswith("_"):
        others = {
            x: f"{other}.{x}"
            for other in ANSWERS
            if other != module and other.partition(".")[0] == module.partition(".")[0]
            for x in getattr(sys.modules[other], "__all__", ())
        }
        own = {own: f"{module}.{own}" for own in dir(sys.modules[module])}
        known = {**others, **names, **own}
        here = {_folded(x): here for x, here in known.items()}.get(_folded(name))
    return here and f"{module} has no {name!r}: here it is {here}"


def _folded(name: str) -> str:
    """Return a name without what tells ReLU from relu, and CrossEntropy from cross_entropy."""
    return name.replace("_", "").lower()


def _imports(frame: FrameType) -> bool:
    """Whether a frame is at `from module import name`.

    There Python puts words of its own in the place of an AttributeError's.
    """
    return frame.f_code.co_code[frame.f_lasti] == _FROM_IMPORT


class _Last:
    """What Python asks for a module that nothing else has found."""

    @staticmethod
    def find_spec(path: str, *others: object) -> None:
        """Raise ModuleNotFoundError with an answer for a name of another library.

        Only an import is answered. Who asks whether there is such a module, as
        `importlib.util.find_spec` does, hears that there is none.
        """
        module, _, name = path.rpartition(".")
        if module not in ANSWERS:
            return
        answer = _answer(module, name, ANSWERS[module])
        if name in dir(sys.modules[module]):
            answer = f"{path} is no module: write `from {module} import {name}`"
        if answer is not None and sys._getframe(2).f_globals is _IMPORT_SYSTEM:
            raise ending_at_caller(ModuleNotFoundError(answer, name=path))


sys.meta_path.append(_Last)
