"""Files are data: versioned JSON, written whole or not at all, and checked before it is used."""

import json
import math
import os
from contextlib import suppress
from os import PathLike
from pathlib import Path
from threading import get_ident
from typing import Any

from autograd.errors import ChainruleError

FORMAT, VERSION = "chainrule", 1


class StateError(ChainruleError, ValueError):
    """A file or a state is damaged, of another make, or does not fit what it is to be loaded into."""


def write(path: str | PathLike[str], kind: str, content: dict[str, Any]) -> None:
    """Write `content`, JSON data, as a file of this kind. A crash half-way leaves the old file; floats round-trip bit for bit, nan and infinities as
    strings. Raises OSError where the file cannot be written, TypeError for what is no JSON data."""
    plain = json.loads(
        json.dumps(content), parse_constant=lambda constant: str(float(constant))
    )  # strings for NaN and Infinity
    text = (
        json.dumps({"format": FORMAT, "version": VERSION, "kind": kind, **plain}, indent=1) + "\n"
    )
    write_whole(path, text.encode("utf-8"))


def write_whole(path: str | PathLike[str], content: bytes) -> None:
    """Write a file of any kind, whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    temporary = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.{get_ident()}")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: str | PathLike[str], kind: str) -> dict[str, Any]:
    """The content of a file of this kind. Raises StateError if it is damaged, of another make, kind or version, OSError for none to read."""
    try:
        content = json.loads(
            Path(path).read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite
        )
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path} is not a whole, plain JSON file: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StateError(f"{path} is JSON, but not a file that chainrule wrote")
    if content.get("version") != VERSION:
        raise StateError(
            f"{path} has format version {content.get('version')!r}; this chainrule reads {VERSION}: install a newer one"
        )
    if content.get("kind") != kind:
        raise StateError(f"{path} holds a {content.get('kind')!r}, where a {kind!r} is needed")
    return content


def number(path: str, data: Any) -> float:
    """data, which stood under this path, as a float; nan and infinities are text. Raises StateError for what gives no float."""
    with suppress(OverflowError):
        if data in ("nan", "inf", "-inf") or (
            not isinstance(data, bool) and isinstance(data, (int, float))
        ):
            return float(data)
    raise StateError(f"the state holds {data!r} for {path}, where a float belongs")


def _finite(digits: str) -> float:
    """The number in a JSON file. Raises ValueError for one that is too large for a float, and for NaN and Infinity, which are no JSON."""
    if math.isfinite(number := float(digits)):
        return number
    raise ValueError(f"{digits} is not a float; infinities and nan are written as strings")
