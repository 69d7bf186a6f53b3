"""notes: what a recording says about itself, for a source with names.

Which function made an operation is known while it runs: a step of a loop is
named after it. Which operation is the gradient at which other one is known when
the gradients are taken: if a7 is a list, d7 is the gradient at it.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import builtins
import re
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import CodeType, FrameType
from typing import Any, NamedTuple, Protocol, TypeAlias

from ..core import functions
from ..core.row import PRIMITIVES
from .tape import Tape

ListFunction: TypeAlias = Callable[[Sequence[Any]], list[Any]]
LISTED: dict[CodeType, ListFunction] = {
    f.__code__: f for f in (functions.softmax, functions.log_softmax)
}


MOST = 3  # functions that a comment names, and paths


class Call(NamedTuple):
    """A call of a function of a list: the operations of the list, of the results, and all."""

    function: ListFunction
    xs: list[int]
    zs: list[int]
    all: range


class Made(NamedTuple):
    """A call of a function: its name, its operations, and the path of a Module in its model.

    The `section` is that of the notes in which it was called.
    """

    name: str
    begun: int
    end: int
    path: str
    section: str = ""


class DifferentiatedAgain(BaseException):
    """A gradient is differentiated again: its rules have to be recorded as operations."""


class Recorded(Protocol):
    """What the notes need of a recording."""

    tape: Tape

    def index(self, x: Any) -> int:
        """The operation that gives an operand."""


class Notes:
    """The calls, the gradients, and where the operations went.

    `calls` are the functions that ran, in the order in which they returned.
    `adjoints` are pairs of a gradient and what it is the gradient at. `pulls` are
    where gradients begin and end, and `found` the gradients at every operation.
    `lists` are calls of functions of a list. `image` is what each operation became
    in the simplified tape, `origin` the first that became it. `taken_in` are other
    operations whose work one of that tape does, such as the products of a sum.

    Args:
        once: Whether no gradient is differentiated again.
        parts: The paths of Modules in their model, by the ids of these.
        sections: What functions compute, by their code, such as "loss".
    """

    def __init__(
        self,
        once: bool = True,
        parts: Mapping[int, str] | None = None,
        sections: Mapping[CodeType, str] | None = None,
    ) -> None:
        self.once, self.parts, self.sections = once, parts or {}, sections or {}
        self.calls: list[Made] = []
        self.adjoints: dict[int, int] = {}
        self.pulls: list[tuple[int, int]] = []
        self.found: list[dict[int, int]] = []
        self.lists: list[Call] = []
        self.owners = array("i")  # of every operation, the innermost call
        self.image: dict[int, int] = {}
        self.origin: dict[int, int] = {}
        self.taken_in: dict[int, list[int]] = {}
        self.values: list[str] = []  # names of the Values p
        self.numbers: list[str] = []  # names of the numbers x
        self.remarks: list[str] = []  # what else a reader is told at the head
        self.update: list[str] = []  # what is said where the gradients are used
        self.results: dict[int, str] = {}  # what sections return, by the operations

    def watched(self, recording: Recorded, run: Callable[[], None]) -> None:
        """Run run(), and note the calls of Python functions; of autograd's own only the LISTED.

        Python raises what a hook raises at the call or return that it was told of. A
        context manager would then not end, so this is none. The hook is set back
        twice, for Ctrl-C may come where it is about to be set back.
        """
        tape, index = recording.tape, recording.index
        open_calls: list[tuple[FrameType | None, str, int, str]] = [(None, "", 0, "")]
        passed_over: dict[int, CodeType] = {}  # code of autograd's own, by its id
        section = ""

        def event(frame: FrameType, what: str, result: Any) -> None:
            # Millions of events come here, most of them of no interest.
            nonlocal section
            if what == "call":
                code = frame.f_code
                if id(code) not in passed_over:
                    name = _name_of(frame)
                    if code in self.sections:
                        section, name = self.sections[code], ""
                        open_calls.append((frame, "", len(tape), ""))
                    elif name or code in LISTED:
                        path = self.parts.get(id(frame.f_locals.get("self")), "")
                        open_calls.append((frame, name, len(tape), path))
                    else:
                        passed_over[id(code)] = code
            elif what == "return" and open_calls[-1][0] is frame:
                _, name, begun, path = open_calls.pop()
                if name and len(tape) > begun:
                    self.calls.append(Made(name, begun, len(tape), path, section))
                if frame.f_code in self.sections:
                    section = ""
                    if result is not None:
                        self.results[index(result)] = self.sections[frame.f_code]
                listed = LISTED.get(frame.f_code)
                if listed and result and len(tape) > begun:
                    xs, zs = list(map(index, frame.f_locals["xs"])), list(map(index, result))
                    self.lists.append(Call(listed, xs, zs, range(begun, len(tape))))

        before: Any = sys.getprofile()  # a function, None, or a cProfile.Profile
        set_back = getattr(before, "enable", partial(sys.setprofile, before))
        try:
            try:
                sys.setprofile(event)
                run()
            finally:
                set_back()
        finally:
            set_back()

    def simplified(self, image: Sequence[int], tape: Tape) -> None:
        """Keep which operation of a tape became which."""
        for i, j in enumerate(image):
            if j >= 0:
                self.image[i] = j
                self.origin.setdefault(j, i)
        heads, operands, start = array("i", image), tape.operands, tape.start
        for i in range(len(tape) - 1, -1, -1):  # what uses an operation comes behind it
            head = heads[i]
            if head >= 0:
                for k in operands[start[i] : start[i + 1]]:
                    if k >= 0 and heads[k] < 0:
                        heads[k] = head
                        self.taken_in.setdefault(head, []).append(k)

    def maker(self, first: int, last: int, following: int) -> str:
        """The function that made these operations, as the name of a step; empty if there is none.

        If it made the `following` one as well, of the next step, then it is the
        function of all steps.
        """
        found = [
            (end - begun, name, following < end)
            for name, begun, end, *_ in self.calls
            if begun <= first and last < end and name != "program"
        ]
        if not found:
            return ""
        _, name, of_all = min(found)
        name = words(name)
        taken = name in PRIMITIVES or hasattr(builtins, name)
        return f"{name}_step" if of_all or taken else name

    def made_by(self, operations: Iterable[int], first: int) -> str:
        """The innermost functions that made operations, and the paths of Modules among them.

        A function that made all operations from the first one on is left out.
        """
        if not self.owners:
            end = max([made.end for made in self.calls], default=0)
            self.owners = array("i", [-1]) * end
            # A call is noted when it returns, so the outer ones come later.
            for k in range(len(self.calls) - 1, -1, -1):
                _, begun, end, *_ = self.calls[k]
                self.owners[begun:end] = array("i", [k]) * (end - begun)
        n = len(self.owners)
        last = self.pulls[0][0] if self.pulls else n
        found: dict[str, dict[str, None]] = {}
        for k in dict.fromkeys([self.owners[i] for i in operations if i < n]):
            name, begun, end, path, section = self.calls[k]
            if k >= 0 and not (begun <= first and last <= end):
                found.setdefault(section or name, {})[name if section else path] = None
        told = [
            f"{name} ({together(paths)})" if any(paths) else name for name, paths in found.items()
        ]
        return ", ".join(told[:MOST]) + (", ..." if len(told) > MOST else "")

    def owners_of(self, names: Iterable[str]) -> str:
        """The Modules that have these parameters, as few paths; or the names that none has."""
        modules = {*self.parts.values()} - {""}
        found = dict.fromkeys(names)
        owned: dict[str, None] = {}
        for name in found:
            ends = [k for k, x in enumerate(name) if x == "." and name[:k] in modules]
            owned[name[: ends[-1]] if ends else name] = None
        text = together(owned)
        return text if owned.keys() & found.keys() else f"the parameters of {text}"

    def part(self, i: int) -> int:
        """What an operation belongs to: 0, 1 for gradients, 2 for what comes after them."""
        if not self.pulls:
            return 0
        return 0 if i < self.pulls[0][0] else 1 if i < self.pulls[-1][1] else 2


def together(paths: Iterable[str]) -> str:
    """Several paths as few: * stands for numbers that differ, {a, b} for other parts that do."""
    alike: dict[int, list[list[str]]] = {}
    for path in paths:
        parts = path.split(".")
        alike.setdefault(len(parts), []).append(parts)
    told = [
        ".".join([_any_of(list(dict.fromkeys(column))) for column in zip(*several, strict=True)])
        for several in alike.values()
    ]
    return ", ".join(told[:MOST]) + (", ..." if len(told) > MOST else "")


def _any_of(parts: list[str]) -> str:
    """One text for parts of paths that stand in the same place."""
    if len(parts) == 1:
        return parts[0]
    return "*" if all(map(str.isdigit, parts)) else f"{{{', '.join(parts)}}}"


def words(name: str) -> str:
    """The name of a class as that of a function: rms_norm for RMSNorm."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _name_of(frame: FrameType) -> str:
    """What a function is called; a Module's forward as its class."""
    module = str(frame.f_globals.get("__name__", ""))
    name = frame.f_code.co_name
    if module.partition(".")[0] == "autograd" or name[0] == "<" or name[:2] == "__":
        return ""
    if name == "forward" and "self" in frame.f_locals:
        return type(frame.f_locals["self"]).__name__
    return name.strip("_")
