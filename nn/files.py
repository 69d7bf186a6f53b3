"""Files are data: versioned JSON, written whole or not at all, and checked before it is used."""

import json
import math
import os
from collections.abc import Callable
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.errors import ChainruleError

FORMAT, VERSION = "chainrule", 1


class StateError(ChainruleError, ValueError):
    """A file or a state is damaged, of another make, or does not fit what it is to be loaded into."""


def write(path: str | PathLike[str], kind: str, content: dict[str, Any]) -> None:
    """Write `content`, JSON data, as a file of this kind. A crash half-way leaves the old file; floats round-trip, nan and inf as strings."""
    text = json.dumps({"format": FORMAT, "version": VERSION, "kind": kind, **_each(_encoded, content)}, indent=1, allow_nan=False) + "\n"
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: str | PathLike[str], kind: str) -> dict[str, Any]:
    """The content of a file of this kind. Raises StateError if it is truncated, of another make or kind, or of a newer version."""
    try:
        content = _each(_decoded, json.loads(Path(path).read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite))
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path} is not a whole, plain JSON file: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StateError(f"{path} is JSON, but not a file that chainrule wrote")
    if content.get("version") != VERSION:
        raise StateError(f"{path} has format version {content.get('version')!r}; this chainrule reads {VERSION}: install a newer one")
    if content.get("kind") != kind:
        raise StateError(f"{path} holds a {content.get('kind')!r}, where a {kind!r} is needed")
    return content


def number(path: str, data: Any) -> float:
    """data, which stood under this path, as a float. Raises StateError if it is no real number, or too large for a float."""
    with suppress(OverflowError):
        if not isinstance(data, bool) and isinstance(data, (int, float)):
            return float(data)
    raise StateError(f"the state holds {data!r} for {path}, where a float belongs")


def _each(f: Callable[[Any], Any], data: Any) -> Any:
    """JSON data with f(item) in place of every item that is no container."""
    if isinstance(data, dict):
        return {key: _each(f, item) for key, item in data.items()}
    return [_each(f, item) for item in data] if isinstance(data, (list, tuple)) else f(data)


def _encoded(item: Any) -> Any:
    return str(item) if isinstance(item, float) and not math.isfinite(item) else item


def _decoded(item: Any) -> Any:
    return float(item) if item in ("nan", "inf", "-inf") else item


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isfinite(number):
        return number
    raise ValueError(f"{digits} is not a float; infinities and nan are written as strings")
