"""Names of other libraries: what they are here, where a module is asked for one."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from inspect import getattr_static
from opcode import opmap
from types import FrameType, MappingProxyType
from typing import NoReturn

from ..errors import AbsentError, RenamedError
from ..tracebacks import ending_at_caller

_FROM_IMPORT = opmap["IMPORT_FROM"]
_IMPORT_SYSTEM = vars(sys.modules["_frozen_importlib"])  # the globals of what carries out imports
# The names that each module answers, and where most of them lie until they are asked for.
# Both outlast a reload of this module.
ANSWERS: dict[str, Mapping[str, str]] = globals().get("ANSWERS", {})
_TABLES: dict[str, str] = globals().get("_TABLES", {})


def elsewhere(
    module: str, table: str, names: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], list[str]]:
    """Return the `__getattr__` of a module, which answers names of other libraries.

    It answers its own names in another case, too, and those of its package's other
    modules, and all of them in imports. Of any other name it says what comes near.

    Args:
        module: What the module is called, such as "nn.data".
        table: A module whose ELSEWHERE has names of other libraries, each with what to
            write here. It is loaded where a name is asked for that is not there.
        names: More of them, which only this module answers.
    """
    ANSWERS[module], _TABLES[module] = names, table

    def absent(name: str) -> list[str]:
        # Python looks for `module.name` in an import only where the module is a package.
        if name == "__path__" and sys._getframe(1).f_globals is _IMPORT_SYSTEM:
            return []
        lacks = f"module {module!r} has no attribute {name!r}"
        if name.startswith("_"):
            raise AbsentError(lacks)
        caller = sys._getframe(1)
        answer = _answer(module, name)
        if answer is None and caller.f_globals is _IMPORT_SYSTEM:
            raise AbsentError(lacks)  # it looks for a module of that name next
        if _imports(caller) and f"{module}.{name}" not in sys.modules:
            lacks = f"cannot import name {name!r} from {module!r}"
            said = answer or f"{lacks}: {_nearest(module, name)}"
            raise ending_at_caller(ImportError(said, name=module))
        if answer is None:
            raise AbsentError(f"{lacks}: {_nearest(module, name)}")
        raise RenamedError(answer)

    return absent


def elsewhere_of_objects(
    names: Mapping[str, str], seldom: str = ""
) -> Callable[[object, str], NoReturn]:
    """Return the `__getattr__` of a class, which answers names of other libraries.

    Args:
        names: Each name of another library, with what to write here.
        seldom: Where more of them lie, such as "nn.seldom OF_RUNS".
    """

    def absent(self: object, name: str) -> NoReturn:
        cls = type(self).__name__
        here = names.get(name)
        if here is None and seldom and not name.startswith("_"):
            module, _, table = seldom.partition(" ")
            here = getattr(import_module(module), table).get(name)
        if here is None:
            raise AbsentError(f"{cls!r} object has no attribute {name!r}")
        raise RenamedError(f"{cls} has no {name!r}: here it is {here}")

    return absent


class Elsewhere:
    """A name of other libraries. To read it raises an error with the name that it has here.

    Python looks at it where an object has no attribute of that name. A method
    `__getattr__` would do as well, but then all attributes are read more slowly.
    It stands in a class that is Listing, so that `help` and Tab leave it out.
    """

    free = False  # whether an attribute of that name may be set

    def __init__(self, name: str, here: str) -> None:
        self.name, self.here = name, here

    def __get__(self, part: object, owner: type) -> NoReturn:
        here = self.told(part)
        raise RenamedError(f"{owner.__name__} has no {self.name!r}: here it is {here}")

    def told(self, part: object) -> str:
        """Return what to write here for an object, None for its class."""
        return self.here


def name_elsewhere(cls: type, names: Mapping[str, str], kind: type[Elsewhere] = Elsewhere) -> None:
    """Give a class names of other libraries, each with what to write here.

    Args:
        cls: The class.
        names: Each name, with what to write here.
        kind: What stands for a name.
    """
    for name, here in names.items():
        setattr(cls, name, kind(name, here))


def listed(thing: object, names: Iterable[str]) -> list[str]:
    """Return the names without those of other libraries that an object has not itself."""
    cls = thing if isinstance(thing, type) else type(thing)
    return [
        name
        for name in names
        if not isinstance(getattr_static(cls, name, None), Elsewhere) or hasattr(thing, name)
    ]


class Listing(type):
    """A class whose `dir`, and so `help` and Tab, leave out the names of other libraries."""

    def __dir__(cls) -> list[str]:
        return listed(cls, super().__dir__())


class AbstractListing(Listing, ABCMeta):
    """The same of a class that may have a subclass which is abstract, by Python's `abc.ABC`."""


def answers(module: str) -> Mapping[str, str]:
    """Return the names of other libraries that a module answers, with what to write here."""
    if module in _TABLES:
        ANSWERS[module] = {**import_module(_TABLES.pop(module)).ELSEWHERE, **ANSWERS[module]}
    return ANSWERS[module]


def _answer(module: str, name: str) -> str | None:
    """Return what a module says of a name that it lacks, if it knows what is meant."""
    if name.startswith("_"):
        return None
    names = answers(module)
    here = names.get(name)
    if here is None:
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


def _nearest(module: str, name: str) -> str:
    """Return which names a module has that come near to one that it lacks."""
    there = {x.lower(): x for x in dir(sys.modules[module])}
    near = import_module("difflib").get_close_matches(name.lower(), there)
    found = f"near it are {', '.join(f'{module}.{there[x]}' for x in near)}; " if near else ""
    return f"{found}dir({module}) lists what there is"


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
        answer = _answer(module, name)
        if name in dir(sys.modules[module]):
            answer = f"{path} is no module: write `from {module} import {name}`"
        if answer is not None and sys._getframe(2).f_globals is _IMPORT_SYSTEM:
            raise ending_at_caller(ModuleNotFoundError(answer, name=path))


sys.meta_path.append(_Last)
