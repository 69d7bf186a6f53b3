"""Tracebacks end at the line that called this project, where they are shown by pytest or IPython.

What lies below that line is of no use to whoever wrote it. pytest asks every module
for `__tracebackhide__`. IPython, and so a notebook, asks the exception for
`_render_traceback_`. Python itself shows all frames, and so do both where they
are told to: `pytest --full-trace`, and `%debug` in a notebook.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, TypeVar

Error = TypeVar("Error", bound=BaseException)

PACKAGES = ("autograd", "nn")
SHELL = "IPython"  # what runs a cell of a notebook
_CHAIN = ("__traceback__", "__cause__", "__context__", "__suppress_context__")
PYTHONS_OWN = (os.path.dirname(os.__file__) + os.sep, "<frozen ")  # files of its library


def rendered(error: BaseException) -> list[str]:
    """Return the lines in which IPython shows an exception, without this project's frames.

    IPython calls it as the method `_render_traceback_` of the exception. The
    exception keeps all its frames. (IPython's documentation: "Integrating your
    objects with IPython", on custom exception tracebacks.)
    """
    from IPython import get_ipython  # it is there, as it has called

    shell: Any = get_ipython()
    with _shortened(error):
        lines: list[str] = shell.InteractiveTB.structured_traceback(
            type(error), error, error.__traceback__, tb_offset=0
        )
    return lines


def ending_at_caller(error: Error) -> Error:
    """Return an exception of Python's or a user's, shown by IPython without this project's frames.

    Examples:
        >>> raise ending_at_caller(KeyError("loss"))
        Traceback (most recent call last):
        KeyError: 'loss'
    """
    with suppress(Exception):  # one that takes no attribute, or looks for it in a way of its own
        if not hasattr(error, "_render_traceback_"):
            error._render_traceback_ = _rendered_now  # type: ignore[attr-defined]
    return error


def _rendered_now() -> list[str]:
    """Return the lines of the exception that is being handled, or was the last to be shown.

    A method of the exception would hold it, and with it its frames and their graphs,
    until the collector runs; and it could not be pickled for another process.
    """
    error: Any = sys.exc_info()[1] or sys.last_value
    return rendered(error)


def callers_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of this project, nor of Python's library below them.

    The functions of a user that this project has called stay. What runs a notebook's
    cell is left out, too.

    Returns:
        None where no other frame is left.
    """
    kept, within = [], False
    entry = traceback
    while entry is not None:
        frame = entry.tb_frame
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        within = within or package in PACKAGES
        pythons_own = within and frame.f_code.co_filename.startswith(PYTHONS_OWN)
        if package not in (*PACKAGES, SHELL) and not pythons_own:
            kept.append(entry)
        entry = entry.tb_next
    shown = None
    for entry in reversed(kept):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown


@contextmanager
def _shortened(error: BaseException) -> Iterator[None]:
    """Shorten the tracebacks of an exception and of those before it, as long as it lasts.

    One that came before and was raised by the project for itself is left out.
    """
    whole: dict[int, tuple[BaseException, dict[str, Any]]] = {}
    one: BaseException | None = error
    while one is not None and id(one) not in whole:
        whole[id(one)] = one, {name: getattr(one, name) for name in _CHAIN}
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    try:
        after: BaseException | None = None
        for one, _ in whole.values():
            shown = callers_frames(one.__traceback__)
            if after is not None and shown is None:
                after.__context__, after.__cause__ = None, None
                break
            one.__traceback__, after = shown or one.__traceback__, one
        yield
    finally:
        for one, before in whole.values():
            for name, as_it_was in before.items():
                setattr(one, name, as_it_was)
