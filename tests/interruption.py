"""Ctrl-C at every opcode of the code under test."""

import dis
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import autograd

ROOT = str(Path(autograd.__file__).parent.parent)
OURS = (f"{ROOT}/autograd/", f"{ROOT}/nn/")


JUMPS = {code for name, code in dis.opmap.items() if name.startswith(("POP_JUMP", "NOT_TAKEN"))}


def can_raise(frame: FrameType) -> bool:
    """Whether an interrupt may come before the next instruction of a frame.

    Python does not look for signals at a conditional jump. Since 3.14 such a jump
    within `try` has no handler.
    """
    return frame.f_code.co_code[frame.f_lasti] not in JUMPS


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
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            if event == "opcode" and can_raise(frame):
                left -= 1
                if left < 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        before, hook = sys.gettrace(), sys.unraisablehook
        sys.unraisablehook = lambda _: None
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
