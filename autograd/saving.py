"""Files that are written whole or not at all."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from .tracebacks import ending_at_caller

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    fcntl = None

MOST = 60  # characters of a file's name that a temporary file bears: a name has 255 bytes


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of any kind, whole or not at all: a crash leaves the old file.

    A symbolic link stays a link. A file keeps its mode and, where the system
    allows it, its owner and its group. The old file under another name, a hard
    link, stays as it is.

    Raises:
        OSError: The file cannot be written. The error names it.
    """
    target = Path(os.path.realpath(path))
    try:
        about = _about(target)
        _sweep(target)
        while not _written(target, about, content):
            pass
    except OSError as error:
        if error.errno is None:  # one that bears words alone, not of the system
            raise
        what = error.strerror
        if error.errno == errno.ENOENT and not target.parent.is_dir():
            what = f"there is no folder {target.parent}"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what = f"{what}: writing a file whole needs a new file in {target.parent}"
        # A new one, for the names that the system gave may be those of a temporary file.
        raise ending_at_caller(OSError(error.errno, what, str(path))) from None
    with suppress(OSError):  # a system whose folders cannot be opened
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _about(target: Path) -> os.stat_result | None:
    """What the system says of the file that is replaced; None if there is none."""
    try:
        about = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(about.st_mode):
        raise ending_at_caller(
            OSError(errno.EISDIR, "this is a folder: give the name of a file in it")
        )
    if not stat.S_ISREG(about.st_mode):
        raise ending_at_caller(OSError(errno.EINVAL, "this is no file that could be replaced"))
    return about


def _written(target: Path, about: os.stat_result | None, content: bytes) -> bool:
    """Write a temporary file beside a file, and put it in its place.

    Its lock says that its writer lives.

    Returns:
        Whether that was done: not if another process swept the temporary file
        before it was locked.
    """
    name = f".{target.name[:MOST]}.{os.urandom(4).hex()}.tmp"
    temporary = target.with_name(name)
    try:
        with open(temporary, "xb") as file:
            if fcntl is not None:
                with suppress(OSError):  # a file system without locks
                    fcntl.flock(file, fcntl.LOCK_EX)
                if not temporary.exists():
                    return False
            if about is not None:
                _make_alike(temporary, about)
            _fill(file, content)
            if fcntl is not None:
                os.replace(temporary, target)
        if fcntl is None:  # there, an open file cannot be renamed
            os.replace(temporary, target)
    finally:
        with suppress(OSError):  # a file is written, or the error of its writing is told
            temporary.unlink(missing_ok=True)
    return True


def _make_alike(file: Path, about: os.stat_result) -> None:
    """Give a file the group, the owner and the mode of another, as far as the system does."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(file, -1, about.st_gid)
        with suppress(OSError):
            os.chown(file, about.st_uid, -1)
    with suppress(OSError):
        os.chmod(file, stat.S_IMODE(about.st_mode))


def _fill(file: BinaryIO, content: bytes) -> None:
    """Write the content, and wait until the disk has it."""
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _sweep(target: Path) -> None:
    """Remove the temporary files that killed processes left beside a file."""
    mine = re.compile(rf"\.{re.escape(target.name[:MOST])}\.[0-9a-f]{{8}}\.tmp")
    for left in _files_beside(target):
        if not mine.fullmatch(left.name):
            continue
        with suppress(OSError):  # locked by a process that lives, or gone
            if fcntl is None:
                left.unlink()
                continue
            descriptor = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(descriptor)


def _files_beside(target: Path) -> Iterator[Path]:
    """Yield what lies in the folder of a file: nothing where the folder cannot be read."""
    with suppress(PermissionError):
        yield from target.parent.iterdir()
