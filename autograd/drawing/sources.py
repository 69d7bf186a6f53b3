"""Scripts and style sheets that lie beside this file, as a page takes them.

They lose comments, indentation and needless blanks.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from .palette import DARK, LIGHT

TOKEN = re.compile(
    r'(?P<comment>//[^\n]*)|(?P<text>"(?:\\.|[^"\\])*")|(?P<space>\s+)'
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?)"
    r"|(?P<mark>=>|\+\+|--|\?\.|\.\.\.|.)"
)
REGEX = re.compile(r"/(?:\\.|[^/\\\n])+/[a-z]*")  # where a value may stand; elsewhere / divides
TEMPLATE = re.compile(
    r"(?:\\.|[^`\\$]|\$(?!\{))*(?:`|\$\{)"
)  # up to its end, or to what is filled in
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Token(NamedTuple):
    """A piece of JavaScript: "name", "property", "shorthand", "text", "mark", ..."""

    kind: str
    text: str


@cache
def text_of(name: str) -> str:
    """Return the text of a file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def packed_style(text: str) -> str:
    """Return a style sheet without needless blanks."""
    lines = [line.strip() for line in text.splitlines()]
    packed = re.sub(r"\s*([{};:,>])\s*", r"\1", "\n".join(filter(None, lines)))
    return packed.replace(";}", "}") + "\n"


@lru_cache(maxsize=8)
def packed_script(text: str) -> str:
    """Return a script without comments and needless blanks, its variables named shortly.

    Declarations that follow each other become one. A statement ends with a
    semicolon or a brace.
    """
    tokens = list(_tokens(text))
    short = _short_names(tokens)
    out: list[str] = []
    last = ";"
    declared = [""]  # "const" or "let" where the last statement was one, for each open bracket
    for token in tokens:
        written = token.text
        if last == ";" or written in ("const", "let"):
            if last == ";" and written and written == declared[-1]:
                out[-1] = last = ","  # a declaration goes on
                continue
            declared[-1] = written if written in ("const", "let") and last != "(" else ""
        if token.kind == "mark" and written in ("(", "[", "{"):
            declared.append("")
        elif token.kind == "mark" and written in (")", "]", "}"):
            declared.pop()
        if token.kind in ("name", "shorthand") and written in short:
            key = f"{written}:" if token.kind == "shorthand" else ""
            written = key + short[written]
        if re.fullmatch(r"[\w$]{2}|\+\+|--|//", last[-1] + written[0]):
            out.append(" ")
        elif (last, written) == (";", "}") or (last == "," and written in ("]", "}", ")")):
            out.pop()
        out.append(written)
        last = written
    return "".join(out) + "\n"


def _tokens(text: str) -> list[Token]:
    """Return the tokens; those of an expression in a template stand between its texts."""
    found: list[Token] = []
    brackets = [""]  # the open ones; "$" for one that a template has opened
    at = 0
    while at < len(text):
        character = text[at]
        if character == "`" or (character == "}" and brackets[-1] == "$"):
            if character == "}":
                brackets.pop()
            match = TEMPLATE.match(text, at + 1)
            assert match is not None, "a template that does not end"
            found.append(Token("text", character + match[0]))
            if match[0].endswith("{"):
                brackets.append("$")
            at = match.end()
            continue
        before = found[-1].text if found else ""
        value = before in (
            "(",
            ",",
            "=",
            ":",
            "[",
            "!",
            "&",
            "|",
            "?",
            "{",
            "}",
            ";",
            "=>",
            "return",
        )
        match = TOKEN.match(text, at)
        if character == "/" and value and text[at + 1] != "/":
            match = REGEX.match(text, at)
        assert match is not None
        at = match.end()
        kind, piece = match.lastgroup or "regex", match[0]
        if piece in ("(", "[", "{"):
            block = piece == "{" and before in (
                ")",
                "=>",
                "else",
                "try",
                "catch",
                ";",
                "{",
                "}",
                "",
            )
            brackets.append("block" if block else piece)
        elif piece in (")", "]", "}"):
            brackets.pop()
        if kind == "name":
            after = re.compile(r"\s*(.)").match(text, at)
            kind = _name_kind(before, after[1] if after else "", brackets[-1] == "{")
        if kind not in ("comment", "space"):
            found.append(Token(kind, piece))
    return found


def _name_kind(before: str, after: str, in_braces: bool) -> str:
    """Tell a variable from the name of a property, and from `{ x }`, which is both."""
    if before in (".", "?.", "get"):
        return "property"
    if in_braces and before in ("{", ","):
        if after == ":":
            return "property"
        if after in ",}":
            return "shorthand"
    return "name"


def _short_names(tokens: Sequence[Token]) -> dict[str, str]:
    """Return a short name for every longer variable that the script declares."""
    declared: set[str] = set()
    opened: list[int] = []
    for k, (kind, text) in enumerate(tokens):
        before = tokens[k - 1].text if k else ""
        if kind == "name" and before in ("const", "let"):
            declared.add(text)
            comma = k + 1
            while tokens[comma].text == "," and tokens[comma + 1].kind == "name":
                declared.add(tokens[comma + 1].text)  # let x, y
                comma += 2
        elif kind == "mark" and text in "([{":
            opened.append(k)
        elif kind == "mark" and text in ")]}":
            start = opened.pop()
            after = tokens[k + 1].text if k + 1 < len(tokens) else ""
            if after == "=>" or (start and tokens[start - 1].text in ("const", "let")):
                inside = tokens[start:k]
                declared |= {x.text for x in inside if x.kind in ("name", "shorthand")}
    counts = Counter(x.text for x in tokens if x.kind in ("name", "shorthand"))
    long = [name for name in counts if name in declared and len(name) > 2]
    free = (
        name
        for length in (1, 2)
        for name in map("".join, product(LETTERS, repeat=length))
        if name not in counts and name not in ("do", "if", "in", "of")
    )
    by_use = sorted(long, key=lambda name: (-counts[name], name))
    return dict(zip(by_use, free, strict=False))


def colours() -> str:
    """Return the colours as variables, light and dark, for what is around a picture."""
    light, dark = (
        ";".join(f"--{name}:{colour}" for name, colour in palette.items())
        for palette in (LIGHT, DARK)
    )
    dark_rule = f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return f":root{{{light}}}\n{dark_rule}\n"
