"""Lines of a source that come again with other operands are a function and calls."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ragged import check_step, gpt

from autograd import Value, exp, gradients, jit, sigmoid, sqrt, tanh
from autograd.compiler.source.procedures import Procedures


def written(lines, functions=()):
    """The lines and the functions of a program that begins with these lines."""
    found = Procedures([f"    {line}" for line in lines], functions, lambda label: "part")
    return [line.removeprefix("    ") for line in found.lines()], found.functions


def stretch(x, y, first):
    """Six statements on two names."""
    a = [f"a{first + k}" for k in range(6)]
    return [
        f"{a[0]} = [u * v for u, v in zip({x}, {y})]",
        f"{a[1]} = [tanh(u) for u in {a[0]}]",
        f"{a[2]} = [{x}[i] * {a[1]}[i] for i in range(3)]",
        f"{a[3]} = [exp(u) for u in {a[2]}]",
        f"{a[4]} = [2.0 * u for u in {a[3]}]",
        f"{a[5]} = [u + v for u, v in zip({a[4]}, {a[1]})]",
    ]


def test_a_stretch_that_comes_again_by_hand():
    lines = [*stretch("p", "x", 1), "# between", *stretch("a6", "a2", 11), "return [*a16]"]
    found, (function,) = written(lines)
    assert found == [
        "a2, a6 = part(p, x)",
        "# between",
        "a12, a16 = part(a6, a2)",
        "return [*a16]",
    ]
    assert function.splitlines()[0] == "def part(p, x):"
    assert function.splitlines()[1:-1] == [f"    {line}" for line in lines[:6]]
    assert function.splitlines()[-1] == "    return a2, a6"


@pytest.mark.parametrize(
    "second",
    [
        [line.replace("2.0", "3.0") for line in stretch("a6", "a2", 11)],  # another number
        stretch("a6", "a2", 11)[:4],  # too short
        [*stretch("a6", "a2", 11)[:3], "# between", *stretch("a6", "a2", 11)[3:]],
        [line.replace("a12)]", "a2)]") for line in stretch("a6", "a2", 11)],  # another operand
        stretch("a6", "a6", 11)[::-1],
    ],
)
def test_what_differs_is_no_procedure(second):
    lines = [*stretch("p", "x", 1), "# between", *second, "return [*a16]"]
    assert written(lines) == (lines, [])


def test_a_stretch_on_one_list_twice_is_a_call_on_it_twice():
    lines = [*stretch("p", "x", 1), "# between", *stretch("a6", "a6", 11), "return [*a16]"]
    assert written(lines)[0][2] == "a16 = part(a6, a6)"


def test_a_list_of_a_repetition_is_an_operand():
    head = ["a30 = {}", "for t in range(3):", "    a30[t] = step(x[t])"]
    rest = [
        *stretch("a30[0]", "x", 1),
        "# between",
        *stretch("a30[2]", "x", 11),
        "return [a6, a16]",
    ]
    found, (function,) = written([*head, *rest])
    assert found[3:] == [
        "a6 = part(x, a30[0])",
        "# between",
        "a16 = part(x, a30[2])",
        "return [a6, a16]",
    ]
    assert function.startswith("def part(x, a30):\n    a1 = [u * v for u, v in zip(a30, x)]\n")


def test_a_test_of_a_domain_ends_the_program_from_within_a_procedure():
    def f(w, x):
        for k in range(3):
            x = sqrt(exp(sqrt(tanh(x) - 0.1 * w) * w) - 0.9) + sigmoid(x) * w
            x = tanh(x * sigmoid(x)) if k == 0 else x * w if k == 1 else x
        return x

    program, names = jit(f), {}
    text = program.source(0.5, 1.0)
    exec(text, names)
    assert text.count("    if found is None:\n        return None\n") == 3
    assert names["program"](*program.numbers(0.5, 1.0)) == [f(Value(0.5), Value(1.0)).data]
    assert names["program"]([], [0.5, -1.0]) is None


def test_a_norm_and_its_gradient_are_written_once():
    step, X, y = gpt(7, block_size=7)
    text = check_step(step, X, y)
    assert text.count("def rms_norm(") == text.count("def rms_norm_gradient(") == 1
    assert text.count(" = rms_norm_gradient(") == 3
    assert text.count(" = rms_norm(") == 2  # one of them in a loop


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 3))
def test_random_programs_that_call_a_function_again_give_the_bits_of_eager(seed, times, width):
    def f(*w):
        rng = random.Random(seed)
        lists = [list(w[k * width : (k + 1) * width]) for k in range(3)]

        def body(xs, ys):
            us = [tanh(x * y) for x, y in zip(xs, ys, strict=True)]
            vs = [sqrt(sigmoid(u) + 0.5) for u in us]
            return [exp(-v * x) / (v + 1.5) for v, x in zip(vs, xs, strict=True)]

        for _ in range(times):
            made = body(rng.choice(lists), rng.choice(lists))
            lists.append(made)
            if rng.random() < 0.7:
                odd = rng.choice([tanh, sigmoid, exp])
                lists.append([odd(x) * rng.choice(w) for x in made])
        total = sum([x for xs in lists[-2:] for x in xs], Value(0.0))
        return [total, *gradients(total, list(w))]

    numbers = [0.1 + 0.07 * k for k in range(3 * width)]
    program, names = jit(f), {}
    exec(program.source(*numbers), names)
    found = names["program"](*program.numbers(*numbers))
    expected = [z.data if isinstance(z, Value) else z for z in f(*map(Value, numbers))]
    assert found == expected
