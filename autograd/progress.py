"""A bar on the terminal, which never stops what it shows."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from contextlib import suppress
from typing import Any

from .optional import load


class Quiet:
    """A stream that takes all that is written, also where the one that it stands for fails."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text if possible."""
        with suppress(Exception):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if possible."""
        with suppress(Exception):
            self._stream.flush()


def bar(**options: Any) -> Any:
    """Return a bar of tqdm's with these options, hidden where there is no stderr.

    It has no monitor: that needs a thread, which not every system has.

    Raises:
        MissingDependencyError: tqdm is not installed.
    """
    tqdm = load("tqdm", "progress is shown with").tqdm
    shown = {"file": Quiet(sys.stderr)} if sys.stderr is not None else {"disable": True}
    return type("Bar", (tqdm,), {"monitor_interval": 0})(**options, **shown)
