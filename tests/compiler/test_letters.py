"""In a source one letter counts one thing, such as rows or units."""

import re
from itertools import pairwise

import pytest
from test_loops import mlp
from test_ragged import gpt, gpt_source

from autograd.compiler.source.letters import Letters


def lettered(*lines):
    (text,) = Letters(["\n".join([f"    {line}" for line in lines])]).texts()
    return [line.removeprefix("    ") for line in text.split("\n")]


A1 = "a1 = [x[o] * p[i] for o in range(5) for i in range(3)]"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "a2 = [add_products(0.0, a1[3 * i:3 * i + 3], p) for i in range(5)]",
            "a2 = [add_products(0.0, a1[3 * o:3 * o + 3], p) for o in range(5)]",
        ),
        (
            "a2 = [a1[i + 3 * o] * a1[3 * o] for i in range(3) for o in range(5)]",
            "a2 = [a1[i + 3 * o] * a1[3 * o] for i in range(3) for o in range(5)]",
        ),
        (
            "a2 = [a1[o + 3 * i] * a1[o] for o in range(3) for i in range(5)]",
            "a2 = [a1[i + 3 * o] * a1[i] for i in range(3) for o in range(5)]",
        ),
        (
            "a2 = [add_products(0.0, a1[o:o + 13:3][::-1], p) for o in range(3)]",
            "a2 = [add_products(0.0, a1[i:i + 13:3][::-1], p) for i in range(3)]",
        ),
        ("a2 = [add_products(0.0, a1[::-1], p)]", "a2 = [add_products(0.0, a1[::-1], p)]"),
        (  # as far as no loop of a1
            "a2 = [a1[3 * i] for i in range(4)]",
            "a2 = [a1[3 * j] for j in range(4)]",
        ),
        (  # two that count the same
            "a2 = [a1[3 * i] * a1[3 * o] for o in range(5) for i in range(5)]",
            "a2 = [a1[3 * j] * a1[3 * o] for o in range(5) for j in range(5)]",
        ),
        (  # a list that is none of a loop
            "a2 = [a9[i] for i in range(5)]",
            "a2 = [a9[j] for j in range(5)]",
        ),
        (
            "a2 = [tanh(u) for u in a1]  # at a3[i + 3 * o] for o in range(5) for i in range(3)",
            "a2 = [tanh(u) for u in a1]  # at a3[h + 3 * j] for j in range(5) for h in range(3)",
        ),
        ("# x[0:5]: rows.i for i in range(5)", "# x[0:5]: rows.i for i in range(5)"),
    ],
)
def test_letters_by_hand(line, found):
    last = "a4 = [a1[i + 3 * o] for o in range(5) for i in range(3)]"
    assert lettered(A1, line, last)[1] == found


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        (
            "# dp_1: at p[7 * j + h + 1] for j in range(5) for h in range(3)",
            "# dp_1: at p[7 * o + i + 1] for o in range(5) for i in range(3)",
        ),
        (  # loops that turn as often as no others: letters of their own
            "# dp_1: at p[7 * o + i + 1] for o in range(3) for i in range(5)",
            "# dp_1: at p[7 * j + h + 1] for j in range(3) for h in range(5)",
        ),
    ],
)
def test_a_comment_has_the_letters_of_its_line_by_hand(comment, found):
    line = "dp_1 = [a1[3 * o + i] * x[o] for o in range(5) for i in range(3)]"
    assert lettered(A1, comment, line)[1:] == [found, line]


def test_a_comment_has_the_letters_of_its_line():
    lines = [line.strip() for line in gpt_source(7).splitlines()]
    pairs = [pair for pair in pairwise(lines) if " for " in pair[0]]
    same = [
        re.findall(r" for (\w) in range\((\d+)\)", comment.partition("]")[2])
        == re.findall(r" for (\w) in range\((\d+)\)", line)
        for comment, line in pairs
        if re.match(r"# d\w+: at ", comment) and " in another order" not in comment
    ]
    assert sum(same) > 4


def test_the_rows_of_a_batch_and_the_positions_of_a_text_have_one_letter():
    step, X, y = mlp(2)
    assert set(re.findall(r" for (\w) in range\(20\)", step.source(X, y))) == {"o"}
    step, X, y = gpt(7, block_size=7)
    assert len(set(re.findall(r" for (\w) in range\(7\)", step.source(X, y)))) == 1


def test_lists_of_a_function_count_as_those_of_its_call():
    functions = [
        "def norm(a1):\n    a2 = [a1[3 * i] * a1[3 * i] for i in range(5)]\n    return a2",
        "def program(p, x):\n    a8 = [x[o] * p[i] for o in range(5) for i in range(3)]\n"
        "    a9 = norm(a8)\n    a10 = [a9[i] for i in range(5)]",
    ]
    text = "\n".join(Letters(functions).texts())
    assert len(set(re.findall(r" for (\w) in range\(5\)", text))) == 2
    assert re.search(r"a9\[(\w)\] for \1 in", text)[1] == re.search(r"3 \* (\w)", text)[1]
