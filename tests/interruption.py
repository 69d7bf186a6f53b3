"""Ctrl-C at every opcode of the code under test."""

import contextlib
import dis
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import autograd

ROOT = str(Path(autograd.__file__).parent.parent)
OURS = (f"{ROOT}/autograd/", f"{ROOT}/nn/")


# A return is no place of a signal, and none of an error: the compiler leaves it out of the
# range of its `try`, so that an interrupt which a trace raises there would pass by the
# handler. A conditional jump is none on CPython 3.14 and later.
LATER = ("POP_JUMP", "NOT_TAKEN") if sys.version_info >= (3, 14) else ()
PASSED = {
    code
    for name, code in dis.opmap.items()
    if name.startswith(("RETURN_VALUE", "RETURN_CONST", *LATER))
}


# CPython 3.13 and later tell the opcodes of a call only if they told those of the calls before.
EVERY_CALL = sys.version_info >= (3, 13)


def can_raise(frame: FrameType) -> bool:
    """Whether an interrupt may come before the next instruction of a frame."""
    return frame.f_code.co_code[frame.f_lasti] not in PASSED


def trace_opcodes() -> None:
    """Prepare sys.settrace for opcodes.

    CPython 3.12 reports them only where a frame has wanted them before settrace is
    called. Without this, the first act of a process would see none.
    """
    sys._getframe().f_trace_opcodes = True


def told(frame: FrameType, trace: Any) -> Any:
    """Let a trace hear of the opcodes of a frame, and return it.

    The trace is set first: CPython 3.13 tells no opcodes of the first call of a function
    to a frame that wanted them before.
    """
    frame.f_trace = trace
    frame.f_trace_opcodes, frame.f_trace_lines = True, False
    return trace


def interrupted_everywhere(act: Callable[[], Any], step: int = 1) -> Iterator[int]:
    """Run `act` again and again, with a KeyboardInterrupt at the first, the
    second, ... opcode of our files, or every `step`-th, until it ends without
    one.

    Yields the number of the opcode after each run that was interrupted. Where a
    generator is closed, Python ignores the interrupt, and the run goes on.
    """
    n = 0
    while True:
        left = n

        def trace(frame, event, _):
            nonlocal left
            if not frame.f_code.co_filename.startswith(OURS):
                return None
            told(frame, trace)
            if event == "opcode" and can_raise(frame):
                left -= 1
                if left < 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        before, hook = sys.gettrace(), sys.unraisablehook
        sys.unraisablehook = lambda _: None
        trace_opcodes()
        sys.settrace(trace)
        try:
            act()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
            sys.unraisablehook = hook
        if left >= 0:
            return
        yield n
        n += step


class Script:
    """The opcodes of our files in an act that runs the same way each time.

    It is run once to count them. `interrupt` then runs it with an interrupt at one of
    them, and looks at the opcodes of that call alone, which is many times as fast as
    to count them all.

    Args:
        act: What is run.
        within: How the names of the files begin whose opcodes are meant.

    Attributes:
        places: (number of the call of a function, opcode in it).
    """

    def __init__(self, act: Callable[[], Any], within: tuple[str, ...] = OURS):
        self.act, self.within = act, within
        self.places: list[tuple[int, int]] = []
        calls = 0

        def trace(frame, event, _):
            nonlocal calls
            if not frame.f_code.co_filename.startswith(within):
                return None
            calls += 1
            return told(frame, Opcodes(calls - 1, self.places.append))

        traced(act, trace)

    def interrupt(self, place: tuple[int, int]) -> bool:
        """Run the act with an interrupt there. Return whether it came."""
        wanted, calls, came = place[0], 0, False

        def stop(found):
            nonlocal came
            if found == place:
                came = True
                sys.settrace(None)
                raise KeyboardInterrupt

        def trace(frame, event, _):
            nonlocal calls
            if not frame.f_code.co_filename.startswith(self.within):
                return None
            calls += 1
            if calls - 1 == wanted or EVERY_CALL:
                return told(frame, Opcodes(calls - 1, stop))
            return None

        with contextlib.suppress(KeyboardInterrupt):
            traced(self.act, trace)
        return came


class Opcodes:
    """Traces one call: tells the number of each opcode where an interrupt may come."""

    def __init__(self, call: int, tell: Callable[[tuple[int, int]], None]):
        self.call, self.tell, self.n = call, tell, 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> "Opcodes":
        if event == "opcode" and can_raise(frame):
            self.n += 1
            self.tell((self.call, self.n))
        return self


def traced(act: Callable[[], Any], trace: Any) -> None:
    """Run the act with a trace, and without a word of what a finalizer raises."""
    before, hook = sys.gettrace(), sys.unraisablehook
    sys.unraisablehook = lambda _: None
    trace_opcodes()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
        sys.unraisablehook = hook
