"""The docstrings of the library can be read at the first go: short sentences."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILES = [
    path.relative_to(ROOT).as_posix()
    for room in ("autograd", "nn")
    for path in sorted((ROOT / room).rglob("*.py"))
]
LONGEST = 35  # words of a sentence

HEADING = re.compile(r"(Args|Attributes|Examples?|Raises|Returns|Warns|Yields):$")
ENTRY = re.compile(r"[-*] |`?\*{0,2}\w[\w.]*`?(, `?\*{0,2}\w[\w.]*`?)*: ")  # of a list
END = re.compile(r"(?<=[.!?])[\"'`)]*\s+(?=[\"'`(]*[A-Z0-9]|[\"'`(]+\w)")


def paragraphs(text):
    """The prose: formulas and tables, examples and headings left out."""
    literal = False
    prose = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.split("\n")
        indent = min(len(line) - len(line.lstrip()) for line in lines)
        of_a_section = HEADING.match(lines[0].strip()) and len(lines) > 1
        if (literal or indent >= 4) and not of_a_section:
            literal = literal and indent >= 4
            if indent >= 4:
                continue
        literal = block.rstrip().endswith("::")
        entries = [""]
        for line in map(str.strip, lines):
            if line.startswith(">>>"):
                break
            if HEADING.match(line):
                continue
            if ENTRY.match(line):
                entries.append("")
            entries[-1] += f" {line}"
        prose += entries
    return prose


def sentences(text):
    """The sentences of a docstring. Only . ! and ? end one."""
    return [part.strip() for prose in paragraphs(text) for part in END.split(prose) if part]


def test_sentences_are_found():
    text = (
        "Return x. It is 1.5 here.\n\n"
        "Formula::\n\n    a = b + c\n\n"
        "Text of two\nlines.\n\n"
        "Args:\n    x: A number.\n    y: One more,\n        or none. By default none.\n\n"
        "Examples:\n    >>> f(1)\n    2\n"
    )
    found = [sentence for sentence in sentences(text) if sentence]
    assert found == [
        "Return x.",
        "It is 1.5 here.",
        "Formula::",
        "Text of two lines.",
        "x: A number.",
        "y: One more, or none.",
        "By default none.",
    ]


@pytest.mark.parametrize("file", FILES)
def test_no_sentence_of_a_docstring_is_longer_than_35_words(file):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            for sentence in sentences(text):
                words = len(sentence.split())
                place = f"{file}, {getattr(node, 'name', 'the module')}"
                assert words <= LONGEST, f"{place}: {words} words, {sentence}"
