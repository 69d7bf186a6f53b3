"""Functions of lists that native code computes for many lists at a time."""

import random
from math import inf, nan

import pytest

import autograd
from autograd.compiler import abreast, llvm, machine, translate
from autograd.compiler.program import Compiled
from autograd.compiler.record import record
from autograd.compiler.source.text import Python

pytestmark = pytest.mark.skipif(
    not llvm.available(), reason="llvmlite is not installed: native code is not tested"
)
ROWS = ("sum", "mean", "prod", "max", "min", "logsumexp", "surprise")
ODD = [
    [inf, 1.0, 2.0],
    [inf, -inf, 1.0],
    [nan, 1.0, 0.5],
    [-inf, -inf, -inf],
    [1e308, 1e308, -1e308],
    [1.7e308, 1.7e308, 0.0],
    [1.0, 2.0**-53, 2.0**-110],
    [-0.0, -0.0, -0.0],
    [5e-324, 0.0, 1.0],
]


def programs(row, lists):
    """The row of each list in native code and in Python, and the numbers to run them on."""
    op, n = autograd.PRIMITIVES[row], len(lists[0])
    tape = Compiled(
        *record(
            lambda made: (lambda xs: [op.total(xs[k : k + n]) for k in range(0, len(xs), n)])(
                [made.input() for _ in range(n * len(lists))]
            )
        ),
        n * len(lists),
    ).short()
    return machine.Machine(tape), Python(tape), [x for xs in lists for x in xs]


def test_functions_that_have_a_form_in_lanes():
    found = [name for name in translate.library_functions() if translate.takes_list(name)]
    assert {n for n in found if n[0] != "_" and abreast.in_lanes(n, 4) is None} == {
        "norm",  # asks for exponents, one at a time
        "take",  # chooses by a number that differs from lane to lane
    }


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("lanes", [1, 8, 19])
def test_lists_abreast_have_the_bits_of_each_alone(row, lanes):
    rng = random.Random(lanes)
    for n in (1, 2, 3, 28):
        lists = [[rng.gauss(0, 3) for _ in range(n)] for _ in range(lanes)]
        native, python, numbers = programs(row, lists)
        assert native.run(numbers, []) == python.run(numbers, [])
        engine = native.engine
        used = engine.functions.get("abreast") in native.code
        assert used == (lanes >= engine.width)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 15, 16, 17, 31])
def test_every_element_of_a_list_is_copied_to_its_place(n):
    """The largest one stands at another place in each list, and tells both."""
    lists = [[-1.0] * n for _ in range(16)]
    for k, xs in enumerate(lists):
        xs[(k * 5) % n] = 1.0 + k
    native, _, numbers = programs("max", lists)
    assert native.run(numbers, []) == [1.0 + k for k in range(16)]
    lists = [[float(n * k + i) for i in range(n)] for k in range(16)]
    native, _, numbers = programs("sum", lists)
    assert native.run(numbers, []) == [float(sum(xs)) for xs in lists]


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("odd", ODD)
def test_a_list_that_goes_another_way_has_the_bits_of_each_alone(row, odd):
    """In no lane, in one lane, in all lanes of a group, and in all lanes but one."""
    rng = random.Random(0)
    usual = [[rng.gauss(0, 3) for _ in odd] for _ in range(16)]
    native, python, _ = programs(row, usual)
    for places in ((), (3,), range(8), range(1, 8), (5, 12)):
        lists = [odd if k in places else xs for k, xs in enumerate(usual)]
        numbers = [x for xs in lists for x in xs]
        assert repr(native.run(numbers, [])) == repr(python.run(numbers, []))


def test_a_group_is_computed_in_lanes_unless_its_lists_part(monkeypatch):
    """With another function in the place of that for a list alone."""
    native, python, numbers = programs("logsumexp", [[0.5 * k, 1.0, 2.0] for k in range(16)])
    expected = python.run(numbers, [])
    first = list(native.code).index(native.engine.functions["abreast"]) + 3
    native.code[first] = machine.table()["f_max_"]
    assert native.run(numbers, []) == expected
    numbers[0] = inf
    width = native.engine.width
    assert native.run(numbers, [])[:width] == [inf] + [
        max(1.0, 2.0, 0.5 * k) for k in range(1, width)
    ]
    assert native.run(numbers, [])[width:] == expected[width:]


def test_long_lists_are_computed_one_after_the_other():
    rng = random.Random(0)
    lists = [[rng.gauss(0, 1) for _ in range(abreast.LONGEST + 1)] for _ in range(8)]
    native, python, numbers = programs("sum", lists)
    assert native.engine.functions.get("abreast") not in native.code
    assert native.run(numbers, []) == python.run(numbers, [])
