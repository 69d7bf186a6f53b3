"""cache: object code kept from one process to the next.

A file holds the SHA-256 of its key and the object code, and the object code. Nothing
that does not agree with its SHA-256 is given to LLVM: it would crash, or compute
wrong numbers. So would the code of another key, in a file that was renamed. The
directory must be the user's own and closed to others, as what lies there is run.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import os
import stat
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

LARGEST_NUMBER = 512  # of files; the oldest go first


def kept(key: str, make: Callable[[], bytes]) -> bytes:
    """The object code of that key: from the cache, or made once and kept there."""
    places = [directory / f"{key}.o" for directory in _directories()]
    for path in places:
        with suppress(OSError):
            content = path.read_bytes()
            if _digest(key, content[32:]) == content[:32]:
                return content[32:]
    code = make()
    for path in places:
        with suppress(OSError):
            _write(path, _digest(key, code) + code)
            return code
    with suppress(OSError, ValueError):  # a stderr that is closed
        warnings.warn(
            "jit can keep its compiled code nowhere and compiles it in every process: "
            "set XDG_CACHE_HOME to a directory of your own",
            RuntimeWarning,
            stacklevel=2,
        )
    return code


def _directories() -> list[Path]:
    """Where code may be kept: where the user keeps caches, or else among the temporary files."""
    found = []
    for place in (_of_the_user, _of_the_system):
        with suppress(OSError, RuntimeError):  # without a home, or a temporary directory
            directory = place()
            _prepare(directory)
            found.append(directory)
    return found


def _of_the_user() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(home or Path.home() / ".cache") / "chainrule"


def _of_the_system() -> Path:
    return Path(tempfile.gettempdir()) / f"chainrule-{os.environ.get('USER', 'user')}"


def _prepare(directory: Path) -> None:
    """Make the directory. Raises OSError unless it is the user's alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid"):
        about = directory.stat()
        if about.st_uid != os.getuid() or stat.S_IMODE(about.st_mode) & 0o077:
            raise PermissionError(f"{directory} is open to others")


def _digest(key: str, code: bytes) -> bytes:
    """What tells whether a file is whole, and that of its key."""
    return sha256(key.encode() + code).digest()


def _write(path: Path, content: bytes) -> None:
    """Keep object code; where that fails, it is compiled again next time."""
    draft = path.with_suffix(f".{os.getpid()}.o")  # of a killed process, it goes with the oldest
    try:
        with suppress(OSError):
            files = sorted(path.parent.glob("*.o"), key=lambda file: file.stat().st_mtime)
            for old in files[: len(files) - LARGEST_NUMBER + 1]:
                old.unlink()
        draft.write_bytes(content)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
