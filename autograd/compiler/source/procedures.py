"""procedures: lines of a source that come again with other operands, as a function and calls.

The repetitions of a loop follow one another. A norm, and its gradient, come at
several places of a net. Their lines are the same but for the names of lists. So
they are compared as text: what is the same text on other names does the same.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

SHORTEST = 5  # statements of a procedure
SAVED = 6  # statements that it saves, at least
MOST = 8  # operands of a procedure
MANY = 2000  # statements of a program, from which on none is looked for
INDENT = "    "
NAME = r"\b(?:[ad]\d+\w*|d[px](?:_\d+\w*)?|[px](?:_(?:part|before|after|\d)\w*)?|c_\w+)\b"


class _Statement(NamedTuple):
    """An assignment, or the test of a domain, which has no target.

    `key` is the text without names, and `names` are these, in order, but for the target.
    """

    lines: tuple[str, ...]
    target: str
    key: str
    names: tuple[str, ...]


class _Procedure(NamedTuple):
    """A function: how it is called, its parameters, its body and what it returns."""

    called: str
    parameters: tuple[str, ...]
    body: tuple[_Statement, ...]
    returned: tuple[str, ...]


class Procedures:
    """What comes again in the lines of a program.

    Args:
        lines: The lines of the program.
        functions: The texts of the functions of its loops, which it may call, too.
        name: What gives a function a name of its own, after a label.
    """

    def __init__(
        self, lines: Sequence[str], functions: Sequence[str], name: Callable[[str], str]
    ) -> None:
        self.name = name
        self.functions = list(functions)
        kept = re.findall(rf"^{INDENT}((?:\w+, )*\w+) = {{", "\n".join(lines), re.M)
        names = "|".join([x for group in kept for x in group.split(", ")])
        indexed = rf"\b(?:{names})\[\d+\]|" if names else ""  # a list of a repetition is a name
        self.pattern = re.compile(indexed + NAME)
        self.items = list(self._statements(lines))
        for function in functions:
            self._call(self._read(function))
        self._find()

    def lines(self) -> list[str]:
        """The lines of the program, with the calls."""
        return [line for item in self.items for line in _lines(item)]

    def _statements(self, lines: Sequence[str]) -> Iterator[_Statement | str]:
        """Statements, and the lines that are none."""
        at = 0
        while at < len(lines):
            line = lines[at]
            assigned = re.match(rf"{INDENT}(\w+) = [^{{]", line)
            if assigned and "  # " not in line:
                yield self._statement((line,), assigned[1])
            elif lines[at + 1 : at + 2] == [2 * INDENT + "return None"] and line[4:7] == "if ":
                yield self._statement((line, lines[at + 1]), "")
                at += 1
            else:
                yield line
            at += 1

    def _statement(self, lines: tuple[str, ...], target: str) -> _Statement:
        text = "\n".join(lines).removeprefix(f"{INDENT}{target} = ")
        return _Statement(
            lines, target, self.pattern.sub("#", text), tuple(self.pattern.findall(text))
        )

    def _read(self, function: str) -> _Procedure:
        """A function of a loop as a procedure; without a body if it has loops of its own."""
        first, *lines, last = function.split("\n")
        called, given = re.findall(r"def (\w+)\((.*)\):", first)[0]
        body = tuple([x for x in self._statements(lines) if isinstance(x, _Statement)])
        if sum([len(x.lines) for x in body]) < len(lines):
            body = ()
        returned = last.strip().removeprefix("return ")
        return _Procedure(called, _parted(given), body, _parted(returned))

    def _call(self, procedure: _Procedure) -> None:
        """Call a procedure wherever its lines stand."""
        n = len(procedure.body)
        if n < SHORTEST:
            return
        keys = [x.key for x in procedure.body]
        at = 0
        while at + n <= len(self.items):
            names = None
            if [x if isinstance(x, str) else x.key for x in self.items[at : at + n]] == keys:
                names = _matched(procedure.body, self._body(at, n))
            if names and all(x in names for x in (*procedure.parameters, *procedure.returned)):
                targets = [names[x] for x in procedure.returned]
                if self._used_elsewhere(at, n) <= set(targets):
                    passed = ", ".join([names[x] for x in procedure.parameters])
                    call = f"{procedure.called}({passed})"
                    self.items[at : at + n] = _calling(call, targets, procedure.body)
            at += 1

    def _body(self, at: int, n: int) -> tuple[_Statement, ...]:
        return tuple([x for x in self.items[at : at + n] if isinstance(x, _Statement)])

    def _used_elsewhere(self, at: int, n: int) -> set[str]:
        """The names that these statements assign, and that what follows uses."""
        rest = "\n".join([line for item in self.items[at + n :] for line in _lines(item)])
        targets = {x.target for x in self._body(at, n) if x.target}
        return targets.intersection(re.findall(NAME, rest))

    def _find(self) -> None:
        """Make procedures of what comes again, as long as that saves enough."""
        while len(self.items) < MANY:
            found = max(self._repeated(), default=None, key=lambda found: found[0])
            if found is None:
                return
            _, n, places = found
            body = self._body(places[0], n)
            made = _operands(body)
            used: set[str] = set()
            for at in places:
                names = _matched(body, self._body(at, n)) or {}
                elsewhere = self._used_elsewhere(at, n)
                used.update([x for x in made[1] if names[x] in elsewhere])
            label = next(iter(reversed(self._labels(places[0]))), "")
            returned = tuple([x for x in made[1] if x in used])
            procedure = _Procedure(self.name(label), made[0], body, returned)
            self.functions.append(_text(procedure))
            self._call(procedure)

    def _labels(self, at: int) -> list[str]:
        """The comments before a statement that stand alone in a line."""
        return [x.strip() for x in self.items[:at] if isinstance(x, str) and x[4:6] == "# "]

    def _repeated(self) -> Iterator[tuple[int, int, list[int]]]:
        """What comes again: the statements that are saved, its length, and its places."""
        keys = ["" if isinstance(x, str) else x.key for x in self.items]
        places: dict[tuple[str, ...], list[int]] = {}
        for at in range(len(keys) - SHORTEST + 1):
            window = tuple(keys[at : at + SHORTEST])
            if "" not in window:
                places.setdefault(window, []).append(at)
        for several in places.values():
            first = several[0]
            lengths = {at: self._length(keys, first, at) for at in several[1:]}
            n = max(lengths.values(), default=0)
            again, end = [first], first + n
            for at, length in lengths.items():
                if length == n and at >= end:
                    again.append(at)
                    end = at + n
            saved = (len(again) - 1) * n
            if n >= SHORTEST and saved >= SAVED:
                outside, made = _operands(self._body(first, n))
                used = any(self._used_elsewhere(at, n) for at in again)
                if made and used and len(outside) <= MOST:
                    yield saved, n, again

    def _length(self, keys: Sequence[str], first: int, second: int) -> int:
        """How many statements are the same from two places on."""
        n = 0
        while (
            first + n < second
            and second + n < len(keys)
            and keys[first + n] == keys[second + n] != ""
        ):
            n += 1
        while n and not _matched(self._body(first, n), self._body(second, n)):
            n -= 1
        return n


def _lines(item: _Statement | str) -> Sequence[str]:
    return [item] if isinstance(item, str) else item.lines


def _parted(names: str) -> tuple[str, ...]:
    """Names with commas between them, as a tuple."""
    return tuple(re.findall(r"\w+", names))


def natural(name: str) -> list[Any]:
    """A key to sort names by: p and x first, then by the numbers in them."""
    return [name[0] not in "px", *[int(x) if x.isdigit() else 0 for x in re.split(r"(\d+)", name)]]


def _operands(body: Sequence[_Statement]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that statements use from outside, and those that they assign."""
    made = tuple([x.target for x in body if x.target])
    outside = dict.fromkeys([name for x in body for name in x.names if name not in made])
    return tuple(sorted(outside, key=natural)), made


def _matched(body: Sequence[_Statement], other: Sequence[_Statement]) -> dict[str, str] | None:
    """What stands for each name of some statements in others; None if they do not do the same."""
    names: dict[str, str] = {}
    for x, y in zip(body, other, strict=True):
        for a, b in zip((*x.names, x.target), (*y.names, y.target), strict=True):
            if names.setdefault(a, b) != b:
                return None
    outside, made = _operands(body)
    targets = [names[x] for x in made]
    apart = len(set(targets)) == len(targets) and not {names[x] for x in outside} & set(targets)
    return names if apart else None


def _calling(call: str, targets: list[str], body: Sequence[_Statement]) -> list[_Statement | str]:
    """The lines of a call; None comes back from a test of a domain."""
    assigned = f"{INDENT}{', '.join(targets)} ="
    if all(x.target for x in body):
        return [f"{assigned} {call}"]
    tested = [f"found = {call}", "if found is None:", f"{INDENT}return None"]
    return [*[INDENT + line for line in tested], f"{assigned} found"]


def _text(procedure: _Procedure) -> str:
    """The text of a function. A list of a repetition is a parameter by the name of the list."""
    parameters: dict[str, str] = {}
    taken = set(_operands(procedure.body)[1])
    for x in procedure.parameters:
        given = name = x.partition("[")[0]
        k = 1
        while name in taken:
            name, k = f"{given}_{k}", k + 1
        taken.add(name)
        parameters[x] = name
    lines = [f"def {procedure.called}({', '.join(parameters.values())}):"]
    for statement in procedure.body:
        target = f"{INDENT}{statement.target} = " if statement.target else ""
        text = statement.key
        for x in statement.names:
            text = text.replace("#", parameters.get(x, x), 1)
        lines.append(target + text)
    return "\n".join([*lines, f"{INDENT}return {', '.join(procedure.returned)}"])
