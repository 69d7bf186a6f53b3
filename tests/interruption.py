"""Ctrl-C at every opcode of the code under test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import autograd

ROOT = str(Path(autograd.__file__).parent.parent)
OURS = (f"{ROOT}/autograd/", f"{ROOT}/nn/")


def interrupted_everywhere(act: Callable[[], Any], step: int = 1) -> Iterator[int]:
    """Run `act` again and again, with a KeyboardInterrupt at the first, the
    second, ... opcode of our files, or every `step`-th, until it ends without
    one.

    Yields the number of the opcode after each run that was interrupted.
    """
    n = 0
    while True:
        left = n

        def trace(frame, event, _):
            nonlocal left
            if not frame.f_code.co_filename.startswith(OURS):
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            if event == "opcode":
                left -= 1
                if left < 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            act()
        except KeyboardInterrupt:
            interrupted = True
        else:
            interrupted = False
        finally:
            sys.settrace(before)
        if not interrupted:
            return
        yield n
        n += step
