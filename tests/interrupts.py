"""Ctrl-C at a chosen instruction of the library."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interruption import can_raise, trace_opcodes

import autograd
import nn

OWN = tuple(str(Path(package.__file__).parent) for package in (autograd, nn))


def interrupt(call: Callable[[], Any], at: int, within: tuple[str, ...] = OWN) -> bool:
    """Run call(), and raise KeyboardInterrupt before instruction number `at` of these files.

    Returns whether there were so many instructions.
    """
    passed, raised = 0, False

    def watch(frame, event, argument):
        nonlocal passed, raised
        if not frame.f_code.co_filename.startswith(within):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and not raised and can_raise(frame):
            passed += 1
            if passed > at:
                raised = True
                raise KeyboardInterrupt
        return watch

    before, hook = sys.gettrace(), sys.unraisablehook
    sys.unraisablehook = lambda _: None  # of a generator that is closed
    trace_opcodes()
    sys.settrace(watch)
    try:
        call()
    except KeyboardInterrupt:
        if not raised:
            raise
    finally:
        sys.settrace(before)
        sys.unraisablehook = hook
    return raised
