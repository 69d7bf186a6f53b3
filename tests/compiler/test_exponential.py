"""exp of several numbers at a time in native code: the bits are those of libm."""

import ctypes
import math
import random
import tempfile
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import exp
from autograd.compiler import exponential, llvm, machine, translate
from autograd.compiler.program import Compiled
from autograd.compiler.record import record
from autograd.compiler.registers import WIDTHS

needs_llvm = pytest.mark.skipif(
    not llvm.available(), reason="llvmlite is not installed: native code is not tested"
)
LANES = 15  # registers of 8, 4 and 2 lanes, and one number alone


def exponentials(n=LANES):
    """A program in native code that takes exp of each of n numbers."""
    made = record(lambda made: [exp(made.input()) for _ in range(n)])
    return machine.Machine(Compiled(*made, n).short())


def of_libm(x):
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def assert_bits_of_libm(program, xs):
    for k in range(0, len(xs), LANES):
        numbers = [*xs[k : k + LANES], *[0.0] * LANES][:LANES]
        assert list(map(repr, program.run(numbers, []))) == list(map(repr, map(of_libm, numbers)))


def beside(x):
    return [math.nextafter(x, -inf), x, math.nextafter(x, inf)]


def test_the_table_holds_the_powers_to_32_digits():
    assert exponential.powers()[0] == (1.0, 0.0)
    assert exponential.powers()[64][0] == math.sqrt(2.0)
    # sqrt(2) = 1.41421356237309504880168872420969807856967..., the float is
    # 1.4142135623730951454746...: T = -9.667e-17 / sqrt(2)
    assert exponential.powers()[64][1] == pytest.approx(-6.835778e-17, rel=1e-6)
    assert [high for high, _ in exponential.powers()] == sorted(
        {h for h, _ in exponential.powers()}
    )


@needs_llvm
def test_numbers_in_registers_have_the_bits_of_libm_everywhere():
    program, rng = exponentials(), random.Random(0)
    ends = (0.0, 512.0, -512.0, 709.782712893384, -708.3964185322641, -745.1332191019412, -1024.0)
    odd = [x for end in ends for x in beside(end)]
    odd += [-0.0, 5e-324, -5e-324, 1e-300, 2.0**-54, -(2.0**-53), 710.0, 1e308, -1e308, inf, -inf]
    # the middles between two numbers k, of which libraries choose one or the other
    middles = [(rng.randrange(-90000, 90000) + 0.5) * math.log(2.0) / 128 for _ in range(2000)]
    odd += [x for middle in middles for x in beside(middle)]
    odd += [k * math.log(2.0) / 128 for k in range(-256, 257)]
    assert_bits_of_libm(program, odd)
    assert_bits_of_libm(program, [x for y in odd[:40] for x in [y, *[0.5] * (LANES - 1)]])
    for scale in (1e-8, 1.0, 30.0, 750.0):
        assert_bits_of_libm(program, [rng.uniform(-scale, scale) for _ in range(30 * LANES)])
    assert math.isnan(program.run([nan, *[0.0] * (LANES - 1)], [])[0])


@needs_llvm
@given(st.lists(st.floats(allow_nan=False), min_size=LANES, max_size=LANES))
def test_any_numbers_in_registers_have_the_bits_of_libm(xs):
    assert_bits_of_libm(exponentials(), xs)


def use_a_cache_of_its_own(monkeypatch, tmp_path):
    """Code is looked for in both places where it may be kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@needs_llvm
@pytest.mark.parametrize("name", ["C5", "LOW", "POWERS"])
def test_a_library_of_other_steps_is_asked_for_every_number(monkeypatch, tmp_path, name):
    """A coefficient, ln 2 or a single power is a little different: each is noticed."""
    use_a_cache_of_its_own(monkeypatch, tmp_path)
    if name == "POWERS":
        changed = list(exponential.powers())
        changed[77] = (changed[77][0], changed[77][1] * 1.5)
        monkeypatch.setattr(exponential, "powers", lambda: changed)
    else:
        x = getattr(exponential, name)
        monkeypatch.setattr(exponential, name, x * (1.0 + (1e-4 if name == "C5" else 1e-6)))
    monkeypatch.setattr(llvm, "_engines", [])
    engine = llvm.engine()
    if not engine.fused:
        pytest.skip("libm is asked anyway: this processor fuses nothing")
    assert engine.callable("exp_differs", ctypes.c_int64)(engine.table.buffer_info()[0])
    for width in [width for width in WIDTHS if width <= engine.width]:
        place = engine.table[translate.table()[f"exp_{width}"]]
        assert place == engine.functions[f"exp_each_{width}"]
    assert_bits_of_libm(exponentials(), [0.1 * k for k in range(-LANES, LANES)])


@needs_llvm
def test_a_processor_that_fuses_nothing_asks_libm(monkeypatch, tmp_path):
    assert llvm.fuses("x86_64-pc-linux-gnu", {"fma": True, "avx": True})
    assert llvm.fuses("aarch64-unknown-linux-gnu", {"neon": True})
    assert not llvm.fuses("x86_64-pc-linux-gnu", {"sse2": True, "fma": False})
    use_a_cache_of_its_own(monkeypatch, tmp_path)
    monkeypatch.setattr(llvm, "fuses", lambda triple, features: False)
    monkeypatch.setattr(llvm, "_engines", [])
    engine = llvm.engine()
    assert "exp_of_2" not in engine.functions
    assert engine.table[translate.table()["exp_2"]] == engine.functions["exp_each_2"]
    assert "llvm.fma" not in exponential.text(engine.width, False)
    assert_bits_of_libm(exponentials(), [0.1 * k for k in range(-LANES, LANES)])
