"""The compiler and its machine as such: determinism, threads, processes,
interruptions, and wrong kernels that must be noticed.
"""

import ast
import copy
import ctypes
import gc
import hashlib
import math
import os
import pickle
import random
import re
import signal
import subprocess
import sys
import threading
from array import array
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Primitive, Value, dot, jit
from autograd.compiler import (
    cache,
    exponential,
    library,
    llvm,
    machine,
    native,
    pass_texts,
    passes,
    picks,
    runner,
    translate,
)
from autograd.compiler.lanes import Layout, Ref
from autograd.compiler.memory import Memory
from autograd.compiler.program import Compiled
from autograd.compiler.record import Recording, record
from autograd.compiler.schedule import Gather, Listed, Pick, Schedule, paired
from autograd.compiler.source.text import Python
from autograd.compiler.tape import CHAIN
from autograd.core import ieee
from autograd.errors import RecordingError, SourceSizeError

needs_llvm = pytest.mark.skipif(
    not llvm.available(), reason="llvmlite is not installed: native code is not tested"
)


def tape_of(f, n):
    """The tape of f on n inputs, simplified and with chains."""
    return Compiled(*record(lambda made: f(*[made.input() for _ in range(n)])), n).short()


def rows_of(tape):
    rows = [tape.rows[code] for code in tape.code]
    return [row.name for row in rows if isinstance(row, Primitive) and row.arity != 0]


def test_simplification_by_hand():
    x_plus_y_twice = tape_of(lambda x, y: [(x + y) * (x + y)], 2)
    assert rows_of(x_plus_y_twice) == ["add", "mul"]
    assert rows_of(tape_of(lambda x: [(x - 0.0) * 1.0 / 1.0 + -0.0], 1)) == []
    assert rows_of(tape_of(lambda x: [x + 0.0], 1)) == ["add"]  # -0.0 + 0.0 is 0.0
    assert rows_of(tape_of(lambda x: [x * 0.0], 1)) == ["mul"]  # nan * 0.0 is nan
    folded = tape_of(lambda x: [x * (autograd.exp(Value(0.0)) + 1.0)], 1)
    assert (rows_of(folded), folded.constants[-1]) == (["mul"], 2.0)
    assert rows_of(tape_of(lambda x, y: [autograd.tanh(y), x][1:], 2)) == []


def test_chains_by_hand():
    def z(a, b, c, d):
        return [a + b * c + d - c]

    fused = tape_of(z, 4)
    assert [fused.rows[code] is CHAIN for code in fused.code if fused.rows[code].arity is None] == [
        True
    ]
    (chain,) = [i for i in range(len(fused)) if fused.rows[fused.code[i]] is CHAIN]
    assert len(fused.operands_of(chain)) == 7
    assert fused.replay(dict(enumerate([1.0, 2.0, 3.0, 4.0]))) == [8.0]
    shared = tape_of(
        lambda a, b, c: (lambda p: [p + c, p])(a * b), 3
    )  # a product that is also used elsewhere stays
    assert sorted(rows_of(shared)) == ["add", "mul"]


def test_lanes_by_hand():
    blocks = list(
        Layout(
            tape_of(lambda *xs: [autograd.tanh(a * b) for a in xs[:3] for b in xs[3:]], 5)
        ).blocks()
    )
    assert [(block.row.name, block.outer, block.inner) for block in blocks] == [
        ("mul", 3, 2),
        ("tanh", 1, 6),
    ]
    assert blocks[0].refs == (Ref(0, 1), Ref(3, 0, 1))


def test_lanes_are_sorted_by_where_their_operands_lie():
    order = random.Random(0).sample(range(20), 20)
    tape = tape_of(lambda *xs: [autograd.tanh(xs[k] * xs[20 + k]) for k in order], 40)
    (mul, tanh) = Layout(tape).blocks()
    assert [(ref.base, ref.inner) for ref in mul.refs] == [(0, 1), (20, 1)]
    assert tanh.refs == (Ref(mul.address, 0, 1),)


def looking_back(*xs):
    """As in causal attention: the n-th result is made of the first n numbers."""
    sums = [dot(xs[:n], xs[8:][:n]) for n in range(1, 9)]
    return [autograd.tanh(z * 2.0) for z in sums]


def test_narrow_blocks_become_one_by_hand():
    def blocks(together):
        found = Layout(tape_of(looking_back, 16), together=together).blocks()
        return [(b.row.name, b.outer, b.inner, b.refs) for b in found if b.row is not CHAIN]

    assert len(blocks(False)) == 16  # each sum has another length: nothing is a lane
    (mul, *scaled), (tanh, *bent) = blocks(True)
    assert (mul, tanh) == ("mul", "tanh")
    assert [block[:2] for block in (scaled, bent)] == [[1, 8]] * 2
    sums, two = scaled[2]  # the eight sums lie side by side, as they are read together
    assert (sums, two) == (Ref(sums.base, 0, 1), Ref(two.base))


def test_irregular_lanes_are_cut_into_regular_pieces():
    def triangle(*xs):
        return [xs[i] * xs[39 + j] for i in range(39) for j in range(i + 2)]

    layout = Layout(tape_of(triangle, 79), together=True)
    blocks = list(layout.blocks())
    assert [(b.row.name, b.lanes) for b in blocks] == [("mul", i + 2) for i in range(39)]
    # The results begin with a line of eight numbers.
    assert [b.address for b in blocks] == [80 + i * (i + 3) // 2 for i in range(39)]
    assert [b.refs[0].base for b in blocks] == list(range(39))


@pytest.mark.parametrize("n", [0, 3, 7, 8, 9, 100])
def test_a_memory_begins_with_a_line_of_the_cache(n):
    numbers = array("d", range(n))
    memories = [Memory(numbers) for _ in range(10)]
    assert [v.place % 64 for v in memories] == [0] * 10
    for v in memories:
        assert v.view.tolist() == numbers.tolist()
        v.view[n // 2 :] = array("d", [0.5] * (n - n // 2))
        expected = [*numbers[: n // 2], *[0.5] * (n - n // 2)]
        assert ctypes.cast(v.place, ctypes.POINTER(ctypes.c_double))[:n] == expected
        assert numbers == array("d", range(n))
        with pytest.raises(ValueError, match="different structures"):
            v.view[:n] = array("d", [1.0] * (n + 1))


@pytest.mark.parametrize("n", [7, 8, 9, 31])
def test_blocks_that_fill_a_line_begin_with_one(n):
    def f(*xs):
        ys = [x * xs[-1] for x in xs]
        zs = [autograd.exp(y) for y in ys[:-1]]
        return [autograd.tanh(y) + z for y, z in zip(ys, zs, strict=False)]

    layout = Layout(tape_of(f, n), together=True)
    addresses = {block.address: block.lanes for block in layout.blocks()}
    assert (len(addresses), max(addresses.values())) == (4, n - 1)
    for address, lanes in addresses.items():
        assert address % 8 == 0 or lanes < 8


def test_lanes_that_count_compare_with_constants_in_order():
    def places(t, x):
        x = x * 16.0 + 1.5 - 3.0  # these constants come first, and 1.5 is no whole number
        return [autograd.equal(t, float(k)) * x for k in range(20)]

    layout = Layout(tape_of(places, 2), together=True)
    found = {b.row.name: (b.lanes, b.refs) for b in layout.blocks()}
    assert "gather" not in found
    lanes, (_, counted) = found["equal"]
    assert (lanes, counted.inner) == (20, 1)
    assert layout.constants[counted.base - 2 :][:20] == list(range(20))


def test_pieces_of_several_rows_by_hand():
    # Three rows of three numbers, a row of three others, and a lone one. Before them
    # are two members of another block.
    address = [7, 3, 0, 1, 2, 10, 11, 12, 20, 21, 22, 50, 52, 54, 90]
    n = len(address)
    begins, inners = [0] * n, [0] * n
    lanes = passes.codes.Members(2, n - 2, list(range(n)))
    reads = passes.arrangement.Operands(list(range(n + 1)), list(range(n)), address)
    found = passes.pieces.find_pieces(lanes, 1, reads, [0], [0], begins, inners)
    assert (begins[:found], inners[:found]) == ([0, 9, 12], [3, 3, 1])


def test_blocks_that_read_the_same_are_in_a_ring_by_hand():
    # Blocks of one operation each: two read the input, one the first of them, one both.
    tape = passes.codes.Columns([], [0, 0, 1, 2, 3, 5], [0, 0, 1, 1, 2])
    blocks = passes.blocks.Blocks([-1, 0, 1, 2, 3], [1, 2, 3, 4], [1] * 4)
    siblings, table = [-1] * 4, passes.codes.Table([-1] * 16, 15)
    passes.blocks.find_siblings(4, tape, blocks, siblings, table)
    assert siblings == [1, 0, 2, 3]


@settings(deadline=None, max_examples=50)
@given(st.randoms(use_true_random=False), st.integers(2, 60))
def test_waves_find_their_operands_ready(rng, n):
    def f(*xs):
        known = list(xs)
        for _ in range(n):
            op = rng.choice([autograd.tanh, autograd.sin, autograd.exp])
            some = [rng.choice(known) for _ in range(rng.choice([1, 1, 2, 3]))]
            known.append(op(some[0]) if len(some) < 2 else autograd.max(some) + some[-1])
        return known[-3:]

    layout = Layout(tape_of(f, 4), together=True)
    ready = set(range(layout.leaves))
    for block in layout.blocks():
        terms = [(ref, run.n) for run in block.runs for ref in run.refs]
        for ref, k in [*terms, *[(ref, 1) for ref in block.refs]]:
            assert ready.issuperset(ref.addresses(block.outer, block.inner, k))
        if isinstance(block.row, Primitive):  # and not the test of a domain
            lanes = range(block.address, block.address + block.lanes)
            assert ready.isdisjoint(lanes)
            ready.update(lanes)


PROGRAM = """
import hashlib, random, sys
import autograd, nn
from autograd import jit
model = nn.MLP(2, [5, 3, 1], "tanh", seed=1)
rng = random.Random(0)
X = [[rng.random(), rng.random()] for _ in range(7)]
def f(X):
    loss = autograd.mean([model(x)[0] ** 2 for x in X])
    return [loss, *autograd.gradients(loss, model.parameters())]
program = jit(f)
numbers = [z.data.hex() for z in program(X)]
print(hashlib.sha256((program.source(X) + repr(numbers)).encode()).hexdigest())
"""


def test_programs_are_the_same_in_every_process():
    def run(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert run("1") == run("2") != ""


def test_concurrent_calls():
    w = [Value(0.1 * k) for k in range(20)]
    program = jit(lambda x: autograd.tanh(dot(w, [x + float(k) for k in range(20)])))
    expected = {k: program(0.01 * k).data for k in range(40)}
    wrong = []

    def work(seed):
        rng = random.Random(seed)
        for _ in range(200):
            k = rng.randrange(40)
            if program(0.01 * k).data != expected[k]:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_recording_does_not_disturb_other_threads():
    recording, done = threading.Event(), threading.Event()
    results = []

    def f(x):
        recording.set()
        assert done.wait(10)
        return x * 2.0

    thread = threading.Thread(target=lambda: results.append(jit(f)(3.0)))
    thread.start()
    assert recording.wait(10)
    x = Value(2.0)
    (x * x).backward()
    done.set()
    thread.join()
    assert (x.grad, results) == (4.0, [6.0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_goes_on():
    program = jit(lambda x: autograd.sin(x) * 2.0)
    expected = program(0.5)
    child = os.fork()
    if child == 0:
        os._exit(0 if program(0.5) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


@jit
def decorated(x):
    return x * 2.0


def undecorated(x, n):
    return x**n


def test_jitted_functions_are_pickled_by_name():
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    power = pickle.loads(pickle.dumps(jit(undecorated, static=("n",))))
    assert power(3.0, 2) == 9.0
    assert power.static == {"n", 1}


def test_results_are_pickled_as_their_numbers_at_most():
    x = Value(2.0)
    z = jit(lambda x: x * x)(x)
    with pytest.raises(autograd.errors.PrimitiveError):
        pickle.dumps(z)
    assert pickle.loads(pickle.dumps(z.detach())).data == 4.0
    twin = copy.deepcopy(z)
    twin.backward()
    assert twin.parents[0].grad == 4.0
    assert x.grad is autograd.NOT_COMPUTED


def test_an_interrupted_recording_leaves_nothing():
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return x * 2.0

    program = jit(f)
    with pytest.raises(KeyboardInterrupt):
        program(1.0)
    assert (autograd.core.modes.active, gc.isenabled(), program.entries) == ([], True, {})
    assert program(1.0) == 2.0
    assert len(calls) == 2


def test_an_error_of_the_function_itself_passes_through():
    with pytest.raises(ZeroDivisionError, match="mine"):
        jit(lambda x: (_ for _ in ()).throw(ZeroDivisionError("mine")))(1.0)


def test_a_source_that_is_too_large_names_the_way_out(monkeypatch):
    monkeypatch.setattr("autograd.compiler.source.script.LARGEST", 100)
    program = jit(lambda x: autograd.sin(autograd.tanh(autograd.exp(x) + 1.0)) * autograd.cos(x))
    with pytest.raises(SourceSizeError, match="pip install llvmlite"):
        program.source(0.5)


def wide(*xs):
    """Blocks of every shape: shared and own factors, few and many lanes, lanes
    apart, copies, gathers.
    """
    rows = [xs[7 * k : 7 * k + 7] for k in range(9)]
    hidden = [
        [autograd.tanh(dot(rows[j][:6], row[:6]) + rows[j][6]) for j in range(9)] for row in rows
    ]
    columns = list(zip(*hidden, strict=True))
    return [
        *[dot(a, b) for a in hidden for b in columns],
        *[autograd.sum(row) for row in columns],
        *[
            autograd.where(a < b, a, b * 2.0) + (a - b) * (b - a) * 0.5
            for a, b in zip(hidden[0], hidden[1][::-1], strict=True)
        ],
        autograd.logsumexp([row[k] for k, row in enumerate(hidden)]),
        *[rows[k][(3 * k) % 7] * rows[(k * k) % 9][k % 7] for k in range(9)],
        -hidden[0][0],
    ]


def outcome(tape, numbers):
    return machine.Machine(tape).run(numbers, [])


@needs_llvm
def test_the_machine_gives_the_bits_of_the_source():
    made = tape_of(wide, 63)
    rng = random.Random(0)
    for scale in (1.0, 1e-3, 1e150):
        numbers = [rng.gauss(0, scale) for _ in range(63)]
        assert outcome(made, numbers) == Python(made).run(numbers, [])


def cases_of(n, scale=0.3, seed=0):
    rng = random.Random(seed)
    return [[rng.gauss(0, scale) for _ in range(n)] for _ in range(8)]


@needs_llvm
def test_every_wrong_argument_of_a_call_is_noticed():
    made, cases = tape_of(wide, 63), cases_of(63)
    program = machine.Machine(made)

    def run(numbers):
        v = Memory(program.image)
        first, size = 63 + len(made.constants), program.layout.size
        v.view[first:size] = array("d", [float("nan")] * (size - first))
        v.view[:63] = array("d", numbers)
        program.execute(v)
        return v.view[program.results].tolist()

    right, code, at = list(map(run, cases)), program.code, 0
    names = {address: name for name, address in program.engine.functions.items()}
    # Arguments that are no places in the memory.
    counts = {"gather": [1], "listed": [2, 4], "abreast": [2, 4]}
    functions = {"listed": [1], "abreast": [1, 5]}  # nor these: other tests change them
    while at < len(code):
        name = names[code[at]]
        for k in range(code[at + 1] - 2):
            one_lane = name == "listed" and k == 2 and code[at + 4] == 1
            if k not in functions.get(name, []) and not one_lane:
                program.code = code[:]
                program.code[at + 2 + k] += -1 if k in counts.get(name, []) else 1
                assert list(map(run, cases)) != right, (name, k)
        at += code[at + 1]


WRONG = {  # what the writer of native code might have got wrong
    "a sum for a difference": ("fsub", "fadd"),
    "a difference for a sum": ("fadd", "fsub"),
    "a quotient for a product": ("fmul", "fdiv"),
    "no sign": ("fneg double %", "fadd double 0.0, %"),
    "the other relation": ("fcmp olt", "fcmp ogt"),
    "the other choice": (
        r"select (.*?), (double|<. x double>) (%\w+), \2 (\S+)",
        r"select \1, \2 \4, \2 \3",
    ),
    "a lane's neighbour": (r"(insertelement .*, i32) 1$", r"\1 0"),
    "a step less": (
        r"icmp ult i64 (%\w+), (\d+)",
        lambda m: f"icmp ult i64 {m[1]}, {int(m[2]) - 1}",
    ),
    "an operand's neighbour": (r"(ptr %p1), i64 (\d+)", lambda m: f"{m[1]}, i64 {int(m[2]) + 1}"),
    "another argument": (r"ptr %a, i64 1$", "ptr %a, i64 0"),
    "a function's neighbour": (r"ptr %m, i64 (\d+)", lambda m: f"ptr %m, i64 {int(m[1]) + 1}"),
    "fused": (r"fadd (<. x double>)", r"fsub \1"),
}


@needs_llvm
@pytest.mark.parametrize("name", WRONG)
def test_wrong_native_code_is_noticed(name, monkeypatch):
    made, cases = tape_of(wide, 63), cases_of(63)
    right = [Python(made).run(numbers, []) for numbers in cases]
    assert [machine.Machine(made).run(numbers, []) for numbers in cases] == right
    engine, write, changed = llvm.Engine(), native.Writer.text, []

    def wrongly(self, name_of_function, shape):
        text = write(self, name_of_function, shape)
        wrong = re.sub(*WRONG[name], text, flags=re.MULTILINE)
        changed.append(wrong != text)
        return wrong

    monkeypatch.setattr(llvm, "_engines", [engine])
    monkeypatch.setattr(cache, "kept", lambda key, make: make())
    monkeypatch.setattr(native.Writer, "text", wrongly)
    assert [machine.Machine(made).run(numbers, []) for numbers in cases] != right
    assert any(changed)


@needs_llvm
def test_a_wrong_place_in_the_table_of_functions_is_noticed():
    made = tape_of(lambda *xs: [autograd.logsumexp(xs)], 3)
    program = machine.Machine(made)
    expected = Python(made).run([0.5, 1.0, 2.0], [])
    assert program.run([0.5, 1.0, 2.0], []) == expected
    listed = program.engine.functions["listed"]
    places = [k + 3 for k, x in enumerate(program.code) if x == listed]
    for k in places:
        program.code[k] = translate.table()["f_max_"]
    assert program.run([0.5, 1.0, 2.0], []) != expected


@needs_llvm
def test_native_code_multiplies_and_adds_as_two_operations():
    """Fused, the first is -2**-54."""
    x = 1.0 + 2.0**-27
    made = tape_of(lambda *xs: [x * x - y for x, y in zip(xs[:9], xs[9:], strict=True)], 18)
    assert machine.Machine(made).run([x] * 9 + [x * x] * 9, []) == [0.0] * 9
    chain = tape_of(lambda *xs: [dot(xs[:3], xs[3:6]) - xs[6]], 7)
    numbers = [1.0, x, 0.0, 0.0, x, 0.0, x * x]
    assert machine.Machine(chain).run(numbers, []) == [0.0]


@needs_llvm
@pytest.mark.parametrize("n", [*range(1, 18), 31, 33, 40, 64, 65])
def test_any_number_of_lanes_gives_the_bits_of_the_source(n):
    def f(*xs):
        a, b, c, s = xs[:n], xs[n : 2 * n], xs[2 * n : 3 * n], xs[3 * n]
        hidden = [autograd.tanh(x * y + s) for x, y in zip(a, b, strict=True)]
        tables = [[x * y - h for x in a[:5]] for y, h in zip(b, hidden, strict=True)]
        sums = [dot(row, a[:5]) if n >= 5 else row[0] for row in tables]
        picked = [autograd.where(x < y, x / y, y - s) for x, y in zip(hidden, c, strict=True)]
        return [*hidden, *sums, *picked, autograd.mean(picked), dot(a, c), autograd.sqrt(s * s)]

    made = tape_of(f, 3 * n + 1)
    python, program = Python(made), machine.Machine(made)
    for numbers in cases_of(3 * n + 1, 1.0, n):
        assert list(map(float.hex, program.run(numbers, []))) == list(
            map(float.hex, python.run(numbers, []))
        )


@needs_llvm
@pytest.mark.parametrize("n", [2, 3, 4, 5, 9, 40])
def test_products_of_operands_at_any_distance(n):
    """Ahead, backwards, all the same, and far apart: for one lane and for many."""

    def f(*xs):
        found = []
        for step in (1, -1, 2, -3, 7):
            line = xs[step * n :: step] if step < 0 else xs[::step]
            found += [dot(line[:n], xs[:n]), dot(xs[:n], line[:n])]
            found += [dot(line[k : k + n], xs[:n]) for k in range(12)]
            found += [dot(xs[k : k + n], [xs[k + 3]] * n) for k in range(9)]
        return found

    made = tape_of(f, 8 * (n + 12))
    python, program = Python(made), machine.Machine(made)
    for numbers in cases_of(8 * (n + 12), 1.0, n):
        assert program.run(numbers, []) == python.run(numbers, [])


@needs_llvm
@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_registers_of_any_width_give_the_bits_of_the_source(width, monkeypatch):
    """Of 8 lanes with AVX-512, 4 with AVX, 2 with SSE2 and NEON."""
    engine = llvm.Engine()
    engine.width = width
    monkeypatch.setattr(llvm, "_engines", [engine])
    made = tape_of(wide, 63)
    program = machine.Machine(made)
    for numbers in cases_of(63):
        assert program.run(numbers, []) == Python(made).run(numbers, [])


@needs_llvm
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_process_forked_while_another_thread_compiles_compiles_too(monkeypatch):
    monkeypatch.setattr(runner, "SMALL", -1)
    monkeypatch.setattr(cache, "kept", lambda key, make: make())
    over, lengths = threading.Event(), iter(range(2, 1000))

    def sums_of(n):
        return jit(lambda xs: [dot(xs, xs[::-1]), dot(xs, [2.0] * n)])([0.5] * n)

    def compile_always():
        while not over.is_set():
            sums_of(next(lengths))

    sums_of(1)  # whatever is imported for it is by now
    thread = threading.Thread(target=compile_always)
    thread.start()
    try:
        for k in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)  # ends it if it waits for ever
                os._exit(0 if sums_of(1001 + k) == [(1001 + k) / 4.0, 1001.0 + k] else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        over.set()
        thread.join()


@needs_llvm
def test_signs_of_zeros_are_kept():
    signed = [(x, y) for x in (0.0, -0.0, 1.0, -1.0) for y in (0.0, -0.0, 1.0, -1.0)]
    names = ["add", "sub", "mul", "maximum", "minimum", "scale", "atan2"]
    rows = [autograd.PRIMITIVES[name] for name in names if name in autograd.PRIMITIVES]

    def f(*xs):
        pairs = list(zip(xs[::2], xs[1::2], strict=True))
        return [op.total(x, y) for op in rows for x, y in pairs] + [-x for x in xs]

    numbers = [x for pair in signed for x in pair]
    made = tape_of(f, len(numbers))
    expected = [op.forward(x, y) for op in rows for x, y in signed] + [-x for x in numbers]
    found = machine.Machine(made).run(numbers, [])
    assert list(map(float.hex, found)) == list(map(float.hex, expected))


@needs_llvm
def test_native_code_is_kept_where_the_user_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    llvm.Engine()
    kept = list((tmp_path / "chainrule").iterdir())
    assert len(kept) == 2  # the library, and exp of registers
    for path in kept:
        content = path.read_bytes()
        assert hashlib.sha256(path.stem.encode() + content[32:]).digest() == content[:32]
    for texts, name in ((library, "library"), (exponential, "text")):
        monkeypatch.setattr(texts, name, lambda *_: pytest.fail("it was compiled again"))
    llvm.Engine()


DAMAGES = {
    "cut off": lambda content: content[:-100],
    "empty": lambda content: b"",
    "a digest alone": lambda content: content[:32],
    "one bit": lambda content: content[:500] + bytes([content[500] ^ 1]) + content[501:],
    "its digest": lambda content: bytes(32) + content[32:],
    "something else": lambda content: b"x" * 1000,
    "that of another key": lambda content: hashlib.sha256(b"other" + b"code").digest() + b"code",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_code_is_made_again(name, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code = bytes(range(256)) * 4
    assert cache.kept("key", lambda: code) == code
    path = tmp_path / "chainrule" / "key.o"
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[name](whole))
    made = []
    assert cache.kept("key", lambda: made.append(1) or code) == code
    assert (made, path.read_bytes()) == ([1], whole)
    assert cache.kept("key", lambda: pytest.fail("it was not kept")) == code


def test_code_that_can_be_kept_nowhere_is_made_and_said(monkeypatch):
    def refuse(*args, **options):
        raise OSError("read-only")

    for broken in ("pathlib.Path.mkdir", "tempfile.gettempdir"):
        monkeypatch.setattr(broken, refuse)
        with pytest.warns(RuntimeWarning, match="XDG_CACHE_HOME"):
            assert cache.kept("key", lambda: b"code") == b"code"


def test_code_is_made_once_and_found_where_it_could_be_kept(monkeypatch, tmp_path):
    """Where the user's own directory takes no files, as on a read-only disk."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    replace, made = os.replace, []

    def full(draft, path):
        if path.parent.parent.name == "own":
            raise OSError("read-only")
        replace(draft, path)

    monkeypatch.setattr("os.replace", full)
    for _ in range(3):
        assert cache.kept("key", lambda: made.append(1) or b"code") == b"code"
    assert made == [1]
    assert not list((tmp_path / "own" / "chainrule").iterdir())


def test_drafts_of_killed_processes_go_with_the_oldest(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "LARGEST_NUMBER", 2)

    def killed(draft, path):
        raise SystemExit

    for k in range(3):
        with monkeypatch.context() as patched:
            patched.setattr("os.replace", killed)
            patched.setattr("pathlib.Path.unlink", lambda path: None)
            patched.setattr("os.getpid", lambda k=k: k)
            with pytest.raises(SystemExit):
                cache.kept(f"key{k}", lambda: b"code")
    for k in range(3):
        cache.kept(f"key{k}", lambda: b"code")
    assert len(list((tmp_path / "chainrule").iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="directories have owners on POSIX only")
def test_a_directory_of_somebody_else_or_open_to_others_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    assert cache.kept("key", lambda: b"code") == b"code"
    (tmp_path / "chainrule").chmod(0o755)
    assert cache.kept("key", lambda: b"mine") == b"mine"  # among the temporary files
    owner = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    with pytest.warns(RuntimeWarning, match="XDG_CACHE_HOME"):
        assert cache.kept("key", lambda: b"new") == b"new"


def test_native_code_needs_both_llvmlite_and_64_bits(monkeypatch):
    available = llvm.available.__wrapped__
    for spec, size, expected in ((None, 8, False), (1, 8, True), (1, 4, False)):
        monkeypatch.setattr("importlib.util.find_spec", lambda name, spec=spec: spec)
        monkeypatch.setattr("ctypes.sizeof", lambda kind, size=size: size)
        assert available() == expected


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="directories have owners on POSIX only")
def test_a_directory_of_the_user_is_used_whatever_the_number_of_the_user(monkeypatch):
    class Directory:
        def mkdir(self, **options):
            pass

        def stat(self):
            return SimpleNamespace(st_uid=int("100000"), st_mode=0o40700)

    monkeypatch.setattr("os.getuid", lambda: int("100000"))  # equal, and another object
    cache._prepare(Directory())


def test_the_oldest_code_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "LARGEST_NUMBER", 3)
    for k in range(5):
        cache.kept(f"key{k}", lambda: b"code")
        os.utime(tmp_path / "chainrule" / f"key{k}.o", (k, k))
    assert sorted(file.name for file in (tmp_path / "chainrule").iterdir()) == [
        "key2.o",
        "key3.o",
        "key4.o",
    ]


@needs_llvm
def test_a_c_library_with_other_bits_is_not_used(monkeypatch):
    monkeypatch.setattr("math.exp", lambda x: 1.0)
    with pytest.raises(llvm.UnavailableError, match=r"exp.* is not that of Python's math"):
        llvm.libm()
    monkeypatch.setattr(llvm, "_engines", [])
    monkeypatch.setattr(runner, "SMALL", -1)
    program = jit(lambda x: x * 2.0)
    with pytest.warns(RuntimeWarning, match="is not that of Python's math"):
        assert program(3.0) == 6.0
    assert program.stats(3.0)["runs as"].startswith("Python: exp")


OPERATIONS = {
    "+": lambda a, b, c, d, x: a + b,
    "-": lambda a, b, c, d, x: a - b,
    "*": lambda a, b, c, d, x: a * b,
    "/": lambda a, b, c, d, x: a / b,
    "tanh": lambda a, b, c, d, x: autograd.tanh(a),
    "log": lambda a, b, c, d, x: autograd.log(a),
    "dot": lambda a, b, c, d, x: dot([a, b, a], [c, d, d]),
    "+ constant": lambda a, b, c, d, x: a + x * c,
    "constant": lambda a, b, c, d, x: (a - x) * x,
}


def test_every_pass_has_a_name_of_its_own_and_a_room_that_is_listed():
    """The native code of all rooms is one module, where a second one would be an error."""
    names = [node.name for _, node in pass_texts.functions_of_passes()]
    assert len(set(names)) == len(names)
    assert {"slot", "sweep"} <= set(names)
    listed = {room.__name__.rpartition(".")[2] for room in passes.ROOMS}
    files = {path.stem for path in Path(passes.__file__).parent.glob("*.py")}
    assert listed == files - {"__init__"}
    assert all(f"    {name} " in passes.__doc__ for name in listed)


@needs_llvm
@pytest.mark.parametrize("seed", range(10))
def test_passes_give_the_same_natively_and_in_python(seed, monkeypatch):
    rng = random.Random(seed)
    steps = [
        (rng.choice(list(OPERATIONS)), *[rng.randrange(1 << 30) for _ in range(5)])
        for _ in range(300)
    ]
    constants = [0.0, -0.0, 1.0, -1.0, 2.0]

    def f(*xs):
        made = [*xs, *map(Value, constants)]
        for name, *places in steps:
            a, b, c, d, _ = [made[k % len(made)] for k in places]
            made.append(OPERATIONS[name](a, b, c, d, constants[places[4] % 5]))
        return [autograd.sum(made[k::7]) for k in range(7)] + made[::5]

    compiled = Compiled(*record(lambda made: f(*[made.input() for _ in range(9)])), 9)

    def found(small):
        monkeypatch.setattr(llvm, "SMALL", small)
        tape = compiled.short()
        numbers = list(map(float.hex, tape.constants))
        laid = [Layout(tape, together=together) for together in (False, True)]
        blocks = [(list(layout.blocks()), layout.address) for layout in laid]
        return tape.code, tape.start, tape.operands, tape.outputs, numbers, blocks

    assert found(-1) == found(1 << 30)


@needs_llvm
def test_every_built_in_row_has_native_code():
    for op in autograd.PRIMITIVES.values():
        if op.name != "dot":  # every dot becomes a chain
            assert native.is_translated(op), op.name


@needs_llvm
def test_a_program_whose_domain_calculates_with_a_truth_runs_as_python(monkeypatch):
    monkeypatch.setattr(runner, "SMALL", -1)
    odd = autograd.primitive("odd", lambda x, y: x * y, 1.0, 1.0, domain="x + (y > 1.0) > 0.0")
    try:
        program = jit(odd)
        assert (program(0.5, 0.25), program(-0.5, 2.0)) == (0.125, -1.0)
        with pytest.raises(autograd.errors.DomainError):
            program(-0.5, 0.25)
        how = program.stats(0.5, 0.25)["runs as"]
        assert how == "Python: i1 as a float in 1 lanes has no translation"
    finally:
        del autograd.PRIMITIVES["odd"]


@needs_llvm
def test_a_rule_is_recorded_once_for_all_operations_that_share_it(monkeypatch):
    """A constant operand makes it another rule."""
    monkeypatch.setattr(llvm, "SMALL", -1)
    monkeypatch.setattr(sys.modules[record.__module__], "BRIEF", 0)
    calls = []
    bent = autograd.primitive(
        "bent",
        lambda x, y: x * y * y,
        lambda x, y, z: calls.append(1) or y * y,
        lambda x, y, z: 2.0 * x * y,
    )
    try:
        weights = [Value(0.1 * k) for k in range(30)]

        def f():
            terms = [bent(a, b) for a, b in pairwise(weights)]
            terms += [bent(a, 3.0) for a in weights]
            return autograd.gradients(autograd.sum(terms), weights)

        expected = [g.data for g in f()]
        assert len(calls) == 59
        calls.clear()
        assert [g.data for g in jit(f)()] == expected
        assert len(calls) == 2
    finally:
        del autograd.PRIMITIVES["bent"]


def test_a_small_program_is_compiled_once_that_pays(monkeypatch):
    program = jit(lambda x: autograd.tanh(x) * 2.0)
    expected = program(0.5)
    assert program.stats(0.5)["runs as"].startswith("Python: ")
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    assert program(0.5) == expected
    if llvm.available():
        assert program.stats(0.5)["runs as"] == "native code"
    assert program(0.5) == expected


@needs_llvm
def test_sums_are_rounded_once():
    cases = [
        [1e16, 1.0, -1e16],
        [0.1] * 10,
        [1e308, 1e308, -1e308],
        [1e-320, 5e-324, 1.0],
        [1.0, 2.0**-53, 2.0**-106],
        [float("inf"), -1.0],
        [float("inf"), float("-inf")],
        [2.0**53, 1.0, 2.0**-60],
        [-0.0, -0.0],
        [1.7e308, 1.7e308],
        [1e-310, 1.7e308, -1.7e308],  # large numbers may cancel
        [5e-324, 1.7e308, 1.7e308, -1.7e308, -1.7e308],
        [1.7976931348623157e308, 1e292],
        [1.7976931348623157e308, 9.9e291],
        [2.0**53, 1.0, 2.0**-1074],
        [2.0**53, 1.0, -(2.0**-1074)],
        [1.0, 2.0**-53, 2.0**-1074],
        [-1.0, -(2.0**-53), 2.0**-1074],
    ]
    rng = random.Random(0)
    cases += [
        [rng.gauss(0, 1) * 10.0 ** rng.randrange(-18, 18) for _ in range(rng.randrange(1, 40))]
        for _ in range(200)
    ]
    for xs in cases:
        for name in ("sum", "mean", "norm", "logsumexp"):
            op = autograd.PRIMITIVES[name]
            expected = op.forward(xs)
            (found,) = outcome(tape_of(lambda *xs, op=op: [op.total(xs)], len(xs)), xs)
            assert found == expected or (found != found and expected != expected), (name, xs)


def test_inputs_of_another_recording_are_refused():
    other = Recording().input()
    with pytest.raises(RecordingError, match="another recording"):
        jit(lambda x: x + other)(1.0)


def test_domains_of_unused_results_are_tested():
    program = jit(lambda x: [autograd.log(x), x][1])
    assert program(Value(2.0)).data == 2.0
    with pytest.raises(autograd.errors.DomainError):
        program(Value(-2.0))


def test_a_training_step_copies_and_pickles_with_its_model():
    model = nn.MLP(2, [2, 1], seed=0)
    step = nn.train_step(model, nn.hinge, nn.SGD(model.parameters(), lr=0.1))
    step([[1.0, 2.0]], [1])
    assert pickle.loads(pickle.dumps(model)).state_dict() == model.state_dict()
    step([[1.0, 2.0]], [1])
    assert copy.deepcopy(model).state_dict() == model.state_dict()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copied_step_and_a_step_of_a_copied_model_train(duplicate):
    def step_of(model):
        return nn.train_step(model, nn.mse, nn.Adam(model.parameters(), lr=0.1))

    def trained(step):
        losses = [step([[0.5, 2.0], [1.0, -1.0]], [1.0, 0.0]) for _ in range(3)]
        return losses, step.model.state_dict()

    made = nn.MLP(2, [2, 1], "tanh", seed=0)
    losses, state = trained(step_of(copy.deepcopy(made)))
    assert losses[0] != losses[1] != losses[2]
    assert trained(step_of(duplicate(made))) == (losses, state)
    assert trained(duplicate(step_of(made))) == (losses, state)


@pytest.mark.parametrize(("rows", "columns"), [(1, 5), (3, 16), (4, 9), (2, 40)])
def test_results_lie_where_they_belong(rows, columns):
    def f(*xs):
        found, other = [x * 2.0 for x in xs], [autograd.exp(x) for x in xs]
        kept = []
        for k in range(0, len(xs), columns):
            kept += [*found[k : k + columns], *other[k : k + columns]]
        return [*kept, found[0] + other[1], xs[0]]

    n = rows * columns
    layout = Layout(tape_of(f, n), together=True)
    list(layout.blocks())
    ((place, ((length, ((address, *_),)),)),) = layout.elsewhere()
    assert (place - layout.results, length, address) == (2 * n + 1, 1, 0)  # an input
    if llvm.available():
        numbers = [0.1 * k - 1.0 for k in range(n)]
        program = jit(lambda xs: f(*xs))
        expected = program(numbers)
        program.entry((numbers,), {})[0].runner._compile()
        assert program(numbers) == expected
        assert program.stats(numbers)["runs as"] == "native code"


@needs_llvm
def test_a_row_of_results_among_others_is_read_after_it_is_written():
    """The sums lie row by row before what they are of. The bent ones need no sum."""
    rows, columns = 5, 8

    def f(*xs):
        raised = [autograd.exp(x) for x in xs[: rows * columns]]
        sums = [dot([x] * 4, xs[-4:]) for x in raised]
        bent = raised[:columns]
        for _ in range(5):
            bent = [autograd.tanh(x) for x in bent]
        last = [autograd.relu(x) for x in sums[-columns:]]
        kept = []
        for k in range(0, rows * columns, columns):
            kept += [*sums[k : k + columns], *raised[k : k + columns]]
        return [*kept, *bent, *[x * 0.5 for x in last]]

    n = rows * columns + 4
    tape, numbers = tape_of(f, n), [0.1 * k - 1.0 for k in range(n)]
    calls = Schedule(Layout(tape, together=True)).calls
    assert [(c.outer, c.inner) for c in calls] == [(5, 8), (1, 8), (5, 8), (1, 8)]
    assert machine.Machine(tape).run(numbers, []) == Python(tape).run(numbers, [])


@needs_llvm
def test_lists_of_one_number_each_may_lie_in_several_blocks():
    """The products are in blocks of 2, 3, ... 40 lanes, and their norms in a single one."""

    def f(*xs):
        return [autograd.norm([xs[i] * xs[39 + j]]) for i in range(39) for j in range(i + 2)]

    tape, numbers = tape_of(f, 79), [0.1 * k - 3.0 for k in range(79)]
    *products, norms = Schedule(Layout(tape, together=True)).calls
    assert (len(products), norms.lanes, norms.n) == (39, 819, 1)
    assert machine.Machine(tape).run(numbers, []) == Python(tape).run(numbers, [])


def test_a_list_that_lies_side_by_side_is_read_where_it_lies():
    (call,) = Schedule(Layout(tape_of(lambda *xs: [autograd.norm(xs)], 5))).calls
    assert (call.base, call.n) == (Ref(0, 0, 1), 5)


def test_a_list_made_in_a_loop_has_no_translation():
    with pytest.raises(translate.UntranslatableError, match="a list made in a loop"):
        library.domain("odd", "math.fsum([math.fsum([x, 1.0]) for x in xs]) > 5.0")


def test_domains_of_lists_ask_for_elements_at_known_places():
    test, places = translate.picked(autograd.PRIMITIVES["take"].outside)
    assert places == (-1,)
    assert "xs[-1]" in {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    for outside in ("len(xs) > 2", "xs[i] > 0", "xs[1:] == ys", "max(xs) > xs[0]"):
        assert translate.picked(outside) is None


def test_a_function_in_a_domain_of_lists_is_not_taken_for_the_length():
    test, places = translate.picked("abs(xs[0]) > len(xs)")
    assert places == (0,)
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    assert names == {"abs", "xs[0]", "len(xs)"}


@needs_llvm
@pytest.mark.parametrize(
    "index", [0.0, 3.0, -0.0, -1.0, 4.0, 0.5, -1e-20, 1e300, math.inf, math.nan]
)
@pytest.mark.parametrize("lanes", [1, 3, 4, 17])
def test_an_index_is_tested_in_lanes_as_in_python(index, lanes, monkeypatch):
    monkeypatch.setattr(runner, "SMALL", 0)
    rows = [[float(i * j) for j in range(4)] for i in range(lanes)]

    def f(rows, i):
        return [autograd.take(row, i) for row in rows]

    def found(function):
        try:
            return function(rows, index)
        except autograd.errors.IndexDomainError as error:
            return str(error)

    program = jit(f)
    assert found(program) == found(f)


@needs_llvm
@pytest.mark.parametrize("columns", [1, 2, 7, 8, 19])
@pytest.mark.parametrize("turned", [False, True])
def test_lists_are_picked_from_where_they_lie(columns, turned):
    """Lists that share an index, that have one each, and that have one for each row."""
    rows = 5

    def f(*xs):
        table = [xs[k * columns : (k + 1) * columns] for k in range(rows)]
        lists = [xs[k * rows : (k + 1) * rows] for k in range(columns)]
        lists = lists if turned else list(zip(*table, strict=True))
        last, *indices = xs[rows * columns :]
        longer = [[last, *each] for each in lists]
        return [
            *[autograd.take(each, i) for i in indices for each in lists],
            *[autograd.take(each, i) for each, i in zip(longer, indices * columns, strict=False)],
            *[autograd.take([*each, last, *each], indices[0]) for each in lists],
        ]

    n = rows * columns
    numbers = [0.5 * k - 3.0 for k in range(n)] + [9.0, 4.0, 0.0, 2.0, 3.0]
    tape = tape_of(f, len(numbers))
    kinds = {call.__class__ for call in Schedule(Layout(tape, together=True)).calls}
    assert Pick in kinds
    assert Listed not in kinds
    assert machine.Machine(tape).run(numbers, []) == Python(tape).run(numbers, [])


def test_functions_that_pick_elements_are_known_by_their_texts(monkeypatch):
    assert picks.known_places("take") == (-1,)
    assert {picks.known_places(name) for name in ("max_", "logsumexp", "fsum", "dot")} == {None}
    others = """
def first(xs): return xs[0] if len(xs) > 1 else xs[int(xs[-1])]
def second(xs): return xs[int(xs[-1])] + 1.0 if len(xs) > 1 else 0.0
def third(xs): return other(xs) if xs[0] > 0.0 else xs[1]
def fourth(xs): return xs[int(xs[int(xs[-1])])] if xs[0] > 0.0 else xs[1]
"""
    written = {node.name: node for node in ast.parse(others).body}
    monkeypatch.setattr(picks.texts, "definitions", lambda: written)
    found = [picks.known_places.__wrapped__(name) for name in written]
    assert found == [(0, -1), None, None, None]


@needs_llvm
@pytest.mark.parametrize("n_in", [7, 8, 9, 16, 19, 33])
@pytest.mark.parametrize("n_out", [1, 8, 11, 16, 25])
def test_turned_tiles_keep_the_bits(n_in, n_out, monkeypatch):
    monkeypatch.setattr(runner, "SMALL", 0)
    rng = random.Random(n_in * n_out)
    weights = [[rng.gauss(0, 1) for _ in range(n_in)] for _ in range(n_out)]
    rows = [[rng.gauss(0, 1) for _ in range(n_in)] for _ in range(19)]

    def f(weights, rows):
        outputs = [dot(w, x) for x in rows for w in weights]
        lengths = [dot(x, x) for x in rows]
        return outputs, lengths

    program = jit(f)
    assert program(weights, rows) == f(weights, rows)
    kinds = {shape.kind for shape in shapes_of(program.entry((weights, rows), {})[0].short())}
    assert "chain" in kinds


def shapes_of(tape):
    schedule = Schedule(Layout(tape, together=True))
    return [native.shape_of(c)[0] for c in schedule.calls if not isinstance(c, Gather | Listed)]


@needs_llvm
@pytest.mark.parametrize("fewer", [0, 3])
def test_a_fraction_of_any_numbers_has_the_bits_of_python(fewer):
    """It is of the halves where the sum is too large: an `if` that only assigns."""
    numbers = [0.0, -0.0, 5e-324, 0.1, -0.1, 3.0, 1e308, 1.7e308, -1.7e308, math.inf, -math.inf]
    numbers.append(math.nan)
    pairs = [(x, y) for x in numbers for y in numbers][fewer:]
    op = autograd.PRIMITIVES["fraction"].total
    tape = tape_of(lambda *xs: list(map(op, xs[::2], xs[1::2])), 2 * len(pairs))
    found = machine.Machine(tape).run([x for pair in pairs for x in pair], [])
    assert list(map(repr, found)) == [repr(ieee.fraction(*pair)) for pair in pairs]
    assert ieee.fraction(1.7e308, 1.7e308) == ieee.fraction(5e-324, 5e-324) == 0.5


@needs_llvm
@pytest.mark.parametrize("lanes", [1, 4, 7, 8, 13, 17])
def test_terms_that_lie_side_by_side_are_turned_to_lanes(lanes):
    """Of each row, squares and products with weights are added, from both ends."""
    lengths, most = (1, 2, 3, 4, 5, 7, 8, 12, 15, 17, 24), 24

    def f(*xs):
        weights, rows = xs[:most], [xs[k * most :][:most] for k in range(1, lanes + 1)]
        ends = [(row[:n], row[most - n :][::-1]) for n in lengths for row in rows]
        found = [dot(part, part) for pair in ends for part in pair]
        return found + [dot(part, weights[: len(part)]) for pair in ends for part in pair]

    tape = tape_of(f, most * (lanes + 1))
    rng = random.Random(lanes)
    numbers = [rng.uniform(-1, 1) for _ in range(most * (lanes + 1))]
    found = machine.Machine(tape).run(numbers, [])
    assert found == Python(tape).run(numbers, []) == [z.data for z in f(*map(Value, numbers))]


@pytest.mark.parametrize("apart", [1, 2])
def test_the_starts_of_chains_are_copied_only_where_they_lie_apart(apart):
    """Four chains start at four numbers that lie side by side, or each second of eight."""

    def f(*xs):
        starts, a, b = xs[: 4 * apart : apart], xs[8:24], xs[24:]
        return [
            s + x * b[0] + y * b[1] + z * b[2]
            for s, x, y, z in zip(starts, a[::4], a[1::4], a[2::4], strict=True)
        ]

    calls = Schedule(Layout(tape_of(f, 28), together=True)).calls
    *copies, chain = calls
    assert chain.start == Ref(chain.start.base, 0, 1)  # the chains read them side by side
    assert [(copy.x[:3], copy.inner, copy.z[0]) for copy in copies] == (
        [] if apart == 1 else [((0, 0, 2), 4, chain.start[0])]
    )


@needs_llvm
def test_a_group_is_no_longer_than_llvm_can_take_quickly():
    """The functions come in no order, so that nothing is repeated."""
    rng = random.Random(0)
    functions = [rng.choice((autograd.tanh, autograd.sigmoid, autograd.exp)) for _ in range(200)]

    def f(*xs):
        zs = list(xs)
        for function in functions:
            zs = [function(z) for z in zs]
        return zs

    tape, numbers = tape_of(f, 4), [0.1, -0.2, 0.3, 0.4]
    calls = Schedule(Layout(tape, together=True)).calls
    assert [len(call.members) for call in calls] == [64, 64, 64, 8]
    assert machine.Machine(tape).run(numbers, []) == Python(tape).run(numbers, [])


@needs_llvm
def test_weights_are_turned_in_tiles():
    model = nn.MLP(16, [24, 9], seed=0)
    rows = [[random.Random(i * 16 + j).gauss(0, 1) for j in range(16)] for i in range(10)]
    tape = jit(lambda rows: [model(x) for x in rows]).entry((rows,), {})[0].short()
    moves = [(s.outer, s.inner, s.n, s.parts[1][1:]) for s in shapes_of(tape) if s.kind == "move"]
    assert (1, 24, 16, (0, 16, 1)) in moves
    turned = native.Writer(8)
    turned.move(next(s for s in shapes_of(tape) if s.kind == "move"))
    assert sum("shufflevector" in line for line in turned.code.lines) == 24  # 8 * log2(8)


def looped(row, times):
    """z = row(z * w + b), again and again."""

    def f(w, b, z):
        for _ in range(times):
            z = row(z * w + b)
        return [z]

    return f


@pytest.mark.parametrize("times", [4, 20])
def test_calls_of_one_lane_go_in_pairs_if_these_come_often(times):
    tape = tape_of(looped(autograd.tanh, times), 3)
    calls = paired(Schedule(Layout(tape, together=True)).calls)
    names = [[each.row.name for each in call.members] for call in calls]
    assert names == ([["chain"], ["tanh"]] * 4 if times == 4 else [["chain", "tanh"]] * 20)


@needs_llvm
@pytest.mark.parametrize("z", [0.25, -2.0, -1.0, math.inf, math.nan])
def test_pairs_of_calls_give_the_bits_of_the_source(z):
    def f(w, b, z):
        results = looped(lambda x: autograd.log(1.0 + x), 20)(w, b, z)
        return [*results, *autograd.gradients(results[0], [w, b, z])]

    tape = tape_of(f, 3)
    native_code, source = machine.Machine(tape), Python(tape)
    for w in (0.5, -1.5):
        assert repr(native_code.run([w, 0.75, z], [])) == repr(source.run([w, 0.75, z], []))
