"""Files are data: versioned JSON, written whole or not at all, checked before use."""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import errno
import json
import math
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.errors import ChainruleError
from autograd.extending import ending_at_caller, path_of, told, write_whole

FORMAT, VERSION = "chainrule", 1


class StateError(ChainruleError, ValueError):
    """A file or a state is damaged, of another make, or does not fit."""


def write(path: str | PathLike[str], kind: str, content: dict[str, Any]) -> None:
    """Write JSON data as a file of this kind, whole or not at all.

    Floats come back bit for bit; nan and infinities are written as strings.

    Raises:
        OSError: The file cannot be written.
        TypeError: `content` is not JSON data.
    """
    plain = json.loads(json.dumps(content), parse_constant=lambda constant: str(float(constant)))
    whole = {"format": FORMAT, "version": VERSION, "kind": kind, **plain}
    write_whole(path_of(path), (json.dumps(whole, indent=1) + "\n").encode("utf-8"))


def read(path: str | PathLike[str], kind: str) -> dict[str, Any]:
    """Return the content of a file of this kind.

    Raises:
        StateError: The file is damaged, or of another make, kind or version.
        OSError: There is no file, or it cannot be read.
    """
    text = content_of(path)
    try:
        content = json.loads(
            text.decode("utf-8"),
            parse_float=_finite,
            parse_constant=_finite,
            object_pairs_hook=_mapping,
        )
    except RecursionError:
        raise StateError(
            f"{path} is not a whole, plain JSON file: it has lists or objects too deep in others"
        ) from None
    except ValueError as error:
        raise StateError(f"{path} is not a whole, plain JSON file: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StateError(f"{path} is JSON, but not a file that chainrule wrote")
    version, found = content.get("version"), content.get("kind")
    if type(version) is not int or version < VERSION:
        raise StateError(f"{path} is damaged: its version is {told(version)}, and not {VERSION}")
    if version > VERSION:
        raise StateError(
            f"{path} has format version {told(version)}; "
            f"this chainrule reads {VERSION}: install a newer one"
        )
    if found != kind:
        raise StateError(f"{path} holds a {told(found)}, where a {kind!r} is needed")
    return content


def content_of(path: str | PathLike[str]) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileNotFoundError: There is none. The message says where it was looked for,
            and what there is of a similar name.
        OSError: It is a folder or a device, or cannot be read.
    """
    file = path_of(path)
    try:
        with open(file, "rb") as stream:
            kind = os.fstat(stream.fileno()).st_mode
            if stat.S_ISBLK(kind) or (stat.S_ISCHR(kind) and not stream.isatty()):
                what = "this is a device, which may have no end"
                raise ending_at_caller(OSError(errno.EINVAL, what, str(file)))
            return stream.read()
    except FileNotFoundError:
        raise ending_at_caller(FileNotFoundError(_no_file(file))) from None
    except OSError as error:
        if not file.is_dir():
            ending_at_caller(error)
            raise
        raise ending_at_caller(
            IsADirectoryError(f"{file} is a folder, not a file{_holding(file)}")
        ) from None


def _no_file(file: Path) -> str:
    """Say that there is no such file, and what else there is."""
    folder = file.parent
    where = f"in {os.path.abspath(folder)}"
    if not folder.is_dir():
        return f"there is no file {file}, for there is no folder {os.path.abspath(folder)}"
    if file.is_symlink():
        return f"there is no file {os.readlink(file)}, to which the link {file} leads"
    with suppress(OSError):
        from difflib import get_close_matches  # not before there is something to say

        names = [x.name for x in folder.iterdir()]
        if near := get_close_matches(file.name, names, n=3, cutoff=0.6):
            return f"there is no file {file.name} {where}; there is {', '.join(near)}"
    return f"there is no file {file.name} {where}"


def _holding(folder: Path) -> str:
    """Name some files of a folder."""
    with suppress(OSError):
        if names := sorted(x.name for x in folder.iterdir() if x.is_file())[:3]:
            return f", and holds {', '.join(names)}"
    return ""


def checked_number(path: str, data: Any) -> float:
    """Return what stands under a path as a float; nan and infinities are text.

    Raises:
        StateError: It gives no float.
    """
    with suppress(OverflowError):
        if isinstance(data, str):
            if data in ("nan", "inf", "-inf"):
                return float(data)
        elif isinstance(data, (int, float, Real)) and not isinstance(data, bool):
            return float(data)
    raise StateError(f"{told(data)} stands at {path}, where a float belongs{float_of(data)}")


def float_of(data: Any) -> str:
    """Say how to make a float of what can become one, such as an array or a Decimal."""
    return "" if isinstance(data, int) or not hasattr(data, "__float__") else ": write float(...)"


@contextmanager
def told_of(beginning: str) -> Iterator[None]:
    """Put what a StateError is about, such as a file, at the beginning of its message."""
    try:
        yield
    except StateError as error:
        raise StateError(f"{beginning}: {error}") from error


def check_keys(path: str, content: Any, keys: Sequence[str]) -> None:
    """Raise StateError unless a mapping stands at a path of a file, with at least these keys."""
    if not isinstance(content, Mapping):
        raise StateError(f"{told(content)} stands at {path}, where an object belongs")
    if lacking := [repr(key) for key in keys if key not in content]:
        raise StateError(f"{path} lacks {', '.join(lacking)}")


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a JSON file. Raises ValueError for one that has a key twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return content


def _finite(digits: str) -> float:
    """The number in a JSON file. Raises ValueError for one that no float holds."""
    if math.isfinite(number := float(digits)):
        return number
    raise ValueError(f"{digits} is not a float; infinities and nan are written as strings")
