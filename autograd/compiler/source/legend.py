"""legend: what the numbers p and x of a source are, and what names say, in comments.

A stretch of numbers whose names differ in whole numbers alone is one line, where
* stands for these: `p[0:32]: layers.0.neurons.*.w.* (16 x 2)`. They count up, the
last one fastest. Where they come in another order, the line says in which:
`rows.a.b for b in range(16) for a in range(27)`. Layers of other shapes have lines
of their own.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections.abc import Sequence
from itertools import groupby
from math import prod
from typing import NamedTuple

from .ragged import nest

LETTERS = "abcd"
MOST = 16  # lines for the numbers of one pattern


class _Stretch(NamedTuple):
    """Numbers from `begin` to `end`: the parts of their names, and the numbers in these.

    `first` are those in the first name, and `columns` all that stand in one place.
    `some` says of which other stretches have further ones.
    """

    begin: int
    end: int
    path: list[str]
    first: tuple[int, ...]
    columns: tuple[frozenset[int], ...]
    some: tuple[bool, ...]

    def told(self) -> str:
        """The names as one, with how many numbers there are of each kind."""
        if len(self.path) == 1:
            return self.path[0]
        columns = iter(zip(self.columns, self.some, strict=True))
        parts, shape = [], []
        for part in self.path:
            n = part.count(", ") + 1
            if part == "*":
                column, some = next(columns)
                n, part = len(column), _those(sorted(column)) if some or len(column) == 1 else part
            elif n > 1:
                part = f"{{{part}}}"
            parts.append(part)
            shape += [str(n)] if n > 1 else []
        whole = "*" in self.path and prod(map(int, shape)) == self.end - self.begin
        return ".".join(parts) + (f" ({' x '.join(shape)})" if whole and len(shape) > 1 else "")


def legend(what: str, names: Sequence[str]) -> list[str]:
    """Return what the numbers `what` hold, stretch by stretch, where names are known."""
    found: list[_Stretch] = []
    at = 0
    for pattern, group in groupby(names, _pattern):
        given = list(group)
        numbers = [tuple(map(int, re.findall(r"\b\d+\b", name))) for name in given]
        every = tuple(map(frozenset, zip(*numbers, strict=True)))
        boxes = _boxes(numbers) if pattern else []
        for n in boxes if 0 < len(boxes) <= MOST else [len(given)]:
            part, numbers = numbers[:n], numbers[n:]
            begin, at = at, at + n
            if pattern:
                columns = tuple(map(frozenset, zip(*part, strict=True)))
                differ = [a != b for a, b in zip(columns, every, strict=True)]
                some = tuple([x and not any(differ[:k]) for k, x in enumerate(differ)])
                found.append(_Stretch(begin, at, _path(pattern, part), part[0], columns, some))
                if len(found) > 1:
                    found[-2:] = _joined(*found[-2:])
    lines = []
    for each in _at_once(found):
        place = f"{each.begin}:{each.end}" if each.end > each.begin + 1 else each.begin
        lines.append(f"{what}[{place}]: {each.told()}")
    return lines


def _boxes(numbers: list[tuple[int, ...]]) -> list[int]:
    """How many of the numbers, one after the other, are all combinations of some.

    They stay together if they do not count up, as do neighbours that are alike.
    """
    values = [sorted({*column}) for column in zip(*numbers, strict=True)]
    even = prod(map(len, values)) == len(numbers)
    if even or len(values) < 2 or numbers != sorted(numbers):
        return [len(numbers)]
    found: list[int] = []
    before: list[tuple[int, ...]] = []
    for _, group in groupby(numbers, lambda x: x[0]):
        run = [x[1:] for x in group]
        boxes = _boxes(run)
        if run == before and len(boxes) == 1:
            found[-1] += len(run)
        else:
            found += boxes
        before = run
    return found


def _those(numbers: list[int]) -> str:
    """These numbers, in few words."""
    listed = ", ".join(map(str, numbers))
    if len(numbers) > 2 and numbers == [*range(numbers[0], numbers[-1] + 1)]:
        listed = f"{numbers[0]} to {numbers[-1]}"
    return f"{{{listed}}}" if len(numbers) > 1 else listed


def names_of_gradients(lines: Sequence[str], functions: Sequence[str]) -> list[str]:
    """What the names of gradients say, of each kind by the first name that is made.

    The first text is about a name like d7, and empty if there is none.

    Args:
        lines: The lines of backward.
        functions: The functions of the source.
    """
    text = "\n".join(lines)
    told = re.findall(r"^ *# (d\w+): at |^ *(d\w+) = .*  # at ", text, flags=re.M)
    elsewhere = dict.fromkeys([a or b for a, b in told])  # what a comment of its own tells
    made = re.findall(r"^ *(d\w+)(.*?) = (\[?)", text, flags=re.M)
    targets = [name for first, more, _ in made for name in re.findall(r"\bd\w+", first + more)]
    plain = [int(name[1:]) for name in targets if re.fullmatch(r"d\d+", name)]
    plain = [n for n in plain if f"d{n}" not in elsewhere]
    found = [f"d{min(plain)} is the gradient at a{min(plain)}" if plain else ""]
    alone = [(name, bool(several)) for name, _, several in made if name not in elsewhere]
    for name, _ in alone:
        if kind := re.fullmatch(r"d(\d+)_(\d+)", name):
            found.append(f"{name} is the gradient at a{kind[1]}[{kind[2]}]")
            break
    parts: dict[str, list[str]] = {}
    for name in elsewhere:
        if kind := re.fullmatch(r"(d\d+)[a-z]?", name):
            parts.setdefault(kind[1], []).append(name)
    for first, names in parts.items():
        if len(names) > 1:
            listed = " and ".join(names) if len(names) == 2 else f"{', '.join(names[:2])}, ..."
            found.append(f"{listed} are gradients at parts of a{first[1:]}: comments say at which")
            break
    for name, several in alone:
        if kind := re.fullmatch(r"d([px])_(\d+)", name):
            behind = " and what follows it" if several else ""
            found.append(f"{name} is the gradient at {kind[1]}[{kind[2]}]{behind}")
            break
    for name, several in alone:
        if several and re.fullmatch(r"d[px]", name):
            found.append(f"{name} has the gradients at {name[1:]} from {name[1:]}[0] on")
            break
    if kind := re.search(r"\bd(\d+)_(before|after)\b", "\n".join(functions)):
        found.append(f"{kind[0]} is the gradient at a{kind[1]} of the repetition {kind[2]}")
    return found


def _pattern(name: str) -> str:
    return re.sub(r"\b\d+\b", "*", name)


def _path(pattern: str, numbers: list[tuple[int, ...]]) -> list[str]:
    """The parts of a pattern, with the order of its numbers where they do not count up."""
    path = pattern.split(".") if "*" in pattern else [pattern]
    m = len(numbers[0])
    extents = nest(numbers) if numbers != sorted(numbers) else None
    if not extents or any(numbers[0]) or m > len(LETTERS):
        return path
    ends = [prod(extents[k + 1 :]) for k in range(len(extents))]  # where each loop is at 1
    units = [[int(k == j) for j in range(m)] for k in range(m)]
    if sorted([list(numbers[end]) for end in ends]) != sorted(units):
        return path
    letters = [LETTERS[numbers[end].index(1)] for end in ends]
    loops = [f" for {v} in range({n})" for v, n in zip(letters, extents, strict=True)]
    own = iter(LETTERS)
    path = [next(own) if part == "*" else part for part in path]
    return [*path[:-1], path[-1] + "".join(loops)]


def _joined(known: _Stretch, new: _Stretch) -> list[_Stretch]:
    """Two stretches as one, if they lie side by side and one part of their names differs."""
    pairs = list(zip(known.path, new.path, strict=False))
    differ = [k for k, (x, y) in enumerate(pairs) if y not in x.split(", ")]
    alone = known.end - known.begin == known.path[0].count(", ") + 1 and new.end - new.begin == 1
    if (
        known.end != new.begin
        or len(known.path) != len(new.path)
        or len(differ) != 1
        or not (len(known.path) > 1 or alone)
    ):
        return [known, new]
    path = list(known.path)
    path[differ[0]] += f", {new.path[differ[0]]}"
    return [known._replace(end=new.end, path=path)]


def _at_once(found: list[_Stretch]) -> list[_Stretch]:
    """The stretches, but those of the same names as one: the heads of attention, say."""
    shorter: list[_Stretch] = []
    last = None
    for each in found:
        braced = next((k for k, part in enumerate(each.path) if ", " in part), 0)
        n = each.path[:braced].count("*")  # numbers before what differs
        if (
            last
            and (each.path, each.begin) == (last.path, last.end)
            and each.end - each.begin == last.end - last.begin
            and each.first[:n] > last.first[:n]
        ):
            columns = [a | b for a, b in zip(shorter[-1].columns, each.columns, strict=True)]
            shorter[-1] = shorter[-1]._replace(end=each.end, columns=tuple(columns))
        else:
            shorter.append(each)
        last = each
    return shorter
