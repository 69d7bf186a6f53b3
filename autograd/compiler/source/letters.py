"""letters: in a source one letter for one thing that is counted, such as positions or units.

A line counts its loops by their depth at first. The lists tell which variables
count the same thing. A variable may go along a list by the step of a loop that
made the list, and as far: then it counts what that loop counted. Two variables
of one line that count the same, such as two positions of a text, have two
letters.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple

COUNTED = "ghijlo"  # the letters of loops over lanes
FURTHER = "mnefy"  # letters for what else is counted
FREE = 3  # letters that are kept for what is counted in one line alone
LOOP = rf" for ([{COUNTED}]) in range\(([^\[\]]*?)\)(?= for |\]|, numbers? |$)"
READ = r"\b([ad]\d\w*|d[px](?:_\d\w*)?)((?:\[[^\[\]]*\])+)"
LIST = r"\b(?:[ad]\d\w*|d[px](?:_\d\w*)?)\b"


class _Variable(NamedTuple):
    """A variable of a scope: a line, or a comment."""

    scope: int
    letter: str
    extent: str


class Letters:
    """Texts of functions, in which what is counted gets its letters."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.parts = [[_split(line) for line in text.split("\n")] for text in texts]
        self.parent: dict[_Variable, _Variable] = {}
        self.axes: dict[str, list[_Variable]] = {}  # of lists, by their names: the loops of each
        self.rowed: set[str] = set()  # lists of lists
        self.scopes: list[list[_Variable]] = []
        self.returned: dict[str, tuple[list[str], list[str]]] = {}  # parameters and results
        self.called = ""  # the last call
        self.tested: list[_Variable] = []  # the loops of the last test of a domain
        for text in self.parts:
            for line in text:
                for part in line:
                    self._read(part)
                self._call(line[0])
        self.beside: dict[int, int] = {}  # the scopes of comments, and of the lines they are on
        before = ""
        for k, part in enumerate(self._all()):
            made = re.match(r" *# (d\w+): at ", part)
            told = re.match(r" *(d\w+) = ", before) if part.startswith("# at ") else None
            if made or told:
                self.beside[k] = k + 1 if made else k - 1
                name = (made or told)[1]  # type: ignore[index]
                self._join_all(self.scopes[k], self.axes.get(_leaf(name), []))
            before = part
        self.letters = self._chosen()

    def texts(self) -> list[str]:
        """The texts with their letters."""
        scopes = iter(self.scopes)
        return [
            "\n".join(["".join([self._renamed(x, next(scopes)) for x in line]) for line in text])
            for text in self.parts
        ]

    def _all(self) -> Iterator[str]:
        for text in self.parts:
            for line in text:
                yield from line

    def _renamed(self, part: str, scope: Iterable[_Variable]) -> str:
        names = {v.letter: self.letters[v] for v in scope}
        return re.sub(rf"\b[{COUNTED}]\b", lambda m: names[m[0]], part) if names else part

    # -- which variables count the same

    def _read(self, part: str) -> None:
        """Take in the variables of a line or a comment, and what they count."""
        n = len(self.scopes)
        found = {v: _Variable(n, v, extent) for v, extent in re.findall(LOOP, part)}
        letters = set(re.findall(rf"\b[{COUNTED}]\b", part))
        if found.keys() != letters or re.match(r" *# [px]\[", part):
            found = {}
        self.scopes.append(list(found.values()))
        for v in found.values():
            self.parent[v] = v
        for name, indices in re.findall(READ, part):
            each = re.findall(r"\[([^\[\]]*)\]", indices.removesuffix("[::-1]"))
            if each:
                self._along(_leaf(name), each, found)
        assigned = re.match(rf" +({LIST}) = \[", part)
        if assigned:
            self._join_all(self.tested, self.scopes[n])
            self._made(_leaf(assigned[1]), part, found)
        if "return None" not in part:
            self.tested = self.scopes[n] if part.lstrip().startswith("if any(") else []

    def _along(self, name: str, indices: Sequence[str], found: Mapping[str, _Variable]) -> None:
        """Let the variables of an index count what the loops of the list counted."""
        if name not in self.rowed:
            indices = indices[-1:]
        elif len(indices) > 1 and indices[0].isdigit():  # the lists of a repetition
            indices = indices[1:]
        first = indices[0].partition(":")[0]
        axes = self.axes.get(name, [])
        for k, axis in enumerate(axes):
            rest = axes[k + 1 :]
            if all(x.extent.isdigit() for x in rest):
                step = prod([int(x.extent) for x in rest])
                for factor, v in re.findall(rf"(?:(\d+) \* )?\b([{COUNTED}])\b", first):
                    if v in found and int(factor or 1) == step:
                        self._join(found[v], axis)

    def _made(self, name: str, part: str, found: Mapping[str, _Variable]) -> None:
        """Keep the loops that make a list."""
        if " = [[" in part or " for us" in part:
            self.rowed.add(name)
        loops = re.search(rf"((?:{LOOP})+)\]$", part)
        axes: list[_Variable] = []
        if loops:
            axes = [found[v] for v, _ in re.findall(LOOP, loops[1]) if v in found]
        elif over := re.search(r" for [uvws, ]+ in (?:zip\((.*)\)|(\w+))\]$", part):
            lists = re.findall(rf"{LIST}(?!\[)", over[1] or over[2])
            axes, *others = [self.axes.get(_leaf(x), []) for x in lists] or [[]]
            for other in others:
                self._join_all(axes, other)
                axes = axes or other
        self._keep(name, axes)

    def _keep(self, name: str, axes: list[_Variable]) -> None:
        """Keep by which loops a list was made; a gradient is like what it is at."""
        if axes:
            self._join_all(axes, self.axes.setdefault(name, axes))
            at = re.match(r"d(\d+)", name)
            self._join_all(axes, self.axes.get(f"a{at[1]}", []) if at else [])

    def _call(self, line: str) -> None:
        """Let the lists of a function count what those of its call count."""
        defined = re.match(r"def (\w+)\((.*)\):", line)
        called = re.match(r" +(.+) = (\w+)\((.*)\)$", line)
        handed = re.match(r" +(.+) = found$", line)
        if defined:
            self.called = defined[1]
            self.returned[self.called] = re.findall(r"\w+", defined[2]), []
        elif line.startswith("    return ") and self.called in self.returned:
            self.returned[self.called][1].extend(re.findall(r"\w+", line)[1:])
        elif called and called[2] in self.returned:
            self.called = called[2]
            parameters, results = self.returned[self.called]
            self._alike(parameters, called[3].split(", "))
            self._alike(results, called[1].split(", "))
        elif handed and self.called in self.returned:
            self._alike(self.returned[self.called][1], handed[1].split(", "))

    def _alike(self, names: Sequence[str], others: Sequence[str]) -> None:
        """Let lists in a function count what others do outside of it."""
        for x, y in zip(names, others, strict=False):
            inside, outside = [_leaf(name.partition("[")[0]) for name in (x, y)]
            if inside in self.axes:
                self._keep(outside, self.axes[inside])

    def _join_all(self, axes: Sequence[_Variable], others: Sequence[_Variable]) -> None:
        if [x.extent for x in axes] == [x.extent for x in others]:
            for x, y in zip(axes, others, strict=True):
                self._join(x, y)

    def _join(self, x: _Variable, y: _Variable) -> None:
        if x.extent == y.extent:
            self.parent[self._root(x)] = self._root(y)

    def _root(self, v: _Variable) -> _Variable:
        while self.parent[v] is not v:
            v = self.parent[v]
        return v

    # -- letters

    def _chosen(self) -> dict[_Variable, str]:
        """A letter for every variable."""
        kinds: dict[_Variable, list[_Variable]] = {}
        for scope in self.scopes:
            for v in scope:
                kinds.setdefault(self._root(v), []).append(v)
        own: dict[_Variable, list[str]] = {}
        free = [*"iojhg", *FURTHER, "l"]
        for kind, variables in sorted(kinds.items(), key=lambda x: -len(x[1])):
            if len({self.beside.get(v.scope, v.scope) for v in variables}) > 1 and len(free) > FREE:
                usual = [x for x, _ in Counter([v.letter for v in variables]).most_common()]
                own[kind] = [next(x for x in (*usual, *free) if x in free)]
                free.remove(own[kind][0])
        letters: dict[_Variable, str] = {}
        for k in sorted(range(len(self.scopes)), key=lambda k: k in self.beside):
            scope = self.scopes[k]
            line = self.scopes[self.beside[k]] if k in self.beside else []
            there = {self._root(v): letters[v] for v in reversed(line)}
            given: list[str] = []
            for v in scope:
                same = there.get(self._root(v), "")
                mine = [same] if same else own.get(self._root(v), [])
                taken = {*given, *there.values()} - {same}
                usual = [x for x in (*mine, v.letter, *free) if x in mine or x in free]
                possible = [*usual, v.letter, *COUNTED, *FURTHER]
                given.append(next(x for x in possible if x not in taken))
            letters.update(zip(scope, given, strict=True))
        return letters


def _split(line: str) -> list[str]:
    """A line without its comment, and the comment."""
    at = line.find("# ")
    return [line] if at <= 4 else [line[:at], line[at:]]


def _leaf(name: str) -> str:
    """The name of a list, of whichever repetition."""
    plain = re.sub(r"_(before|after|part)\w*$", "", name)
    return plain if re.match("d[px]", plain) else re.sub(r"_\d+$", "", plain)
