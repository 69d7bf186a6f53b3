"""The cyclic garbage collector waits while a graph or a tape grows.

It would walk all of it time and again and find nothing, for neither has cycles.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

_waited_for: set[int] = set()  # the threads that have stopped it


def stop_collector() -> None:
    """Have the cyclic collector wait until this thread starts it again."""
    _waited_for.add(get_ident())
    gc.disable()


def start_collector() -> None:
    """Start it again. Twice is as once."""
    gc.enable()
    _waited_for.discard(get_ident())


@contextmanager
def uncollected() -> Iterator[None]:
    """Within it, the cyclic collector waits.

    It is started twice, for Ctrl-C may come where it is about to be started.
    """
    if not gc.isenabled():
        yield
        return
    try:
        try:
            stop_collector()
            yield
        finally:
            start_collector()
    finally:
        start_collector()


def _start_in_child() -> None:
    """Start it in a forked process, which has only one of the threads that would."""
    if _waited_for:
        _waited_for.clear()
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_in_child)
