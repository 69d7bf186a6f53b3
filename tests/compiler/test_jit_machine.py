"""The compiler and its machine as such: determinism, threads, processes, interruptions, and wrong kernels that must be noticed."""

import copy
import gc
import os
import pickle
import random
import subprocess
import sys
import threading

import pytest

import autograd
import nn
from autograd import Primitive, Value, dot, jit
from autograd.compiler import machine
from autograd.compiler.lanes import Layout
from autograd.compiler.program import Compiled
from autograd.compiler.record import Recording, record
from autograd.compiler.source import Python
from autograd.compiler.tape import CHAIN
from autograd.errors import RecordingError, SourceSizeError

needs_numba = pytest.mark.skipif(
    not machine.available(), reason="numba is not installed: the machine is not tested"
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
    assert blocks[0].refs == ((0, 1, 0, 0), (3, 0, 1, 0))


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
    monkeypatch.setattr("autograd.compiler.source.LARGEST", 100)
    program = jit(lambda x: autograd.sin(autograd.tanh(autograd.exp(x) + 1.0)) * autograd.cos(x))
    with pytest.raises(SourceSizeError, match="pip install numba"):
        program.source(0.5)


def wide(*xs):
    """Blocks of every shape: shared and own factors, few and many lanes, lanes apart, copies, gathers."""
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


@needs_numba
def test_the_machine_gives_the_bits_of_the_source():
    made = tape_of(wide, 63)
    rng = random.Random(0)
    for scale in (1.0, 1e-3, 1e150):
        numbers = [rng.gauss(0, scale) for _ in range(63)]
        assert outcome(made, numbers) == Python(made).run(numbers, [])


@needs_numba
def test_every_wrong_instruction_is_noticed():
    made = tape_of(wide, 63)
    rng = random.Random(0)
    cases = [[rng.gauss(0, 0.3) for _ in range(63)] for _ in range(8)]
    runner = machine.Machine(made)

    def run(code, numbers):
        v = runner.image.copy()
        v[63 + len(made.constants) :] = float("nan")
        v[:63] = numbers
        runner.interpret(v, code, runner.table)
        return v[runner.results].tolist()

    right = [run(runner.code, numbers) for numbers in cases]
    tests = {number for key, number in machine.interpreter()[1].items() if isinstance(key, tuple)}
    for k in range(len(runner.code)):
        for place in (3, 5):  # one lane less; an operand's neighbour
            broken = runner.code.copy()
            broken[k, place] += -1 if broken[k, place] else 1
            assert broken[k, 0] in tests or [run(broken, numbers) for numbers in cases] != right, (
                k,
                place,
                runner.code[k],
            )


@needs_numba
def test_the_interpreter_is_kept_where_the_user_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    machine.interpreter.__wrapped__()
    (kept,) = (tmp_path / "chainrule").glob("interpreter_*.py")
    assert "def run(v, code, table):" in kept.read_text(encoding="utf-8")


@needs_numba
def test_a_machine_that_can_write_nowhere_says_so(monkeypatch):
    def refuse(*args, **options):
        raise OSError("read-only")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.warns(RuntimeWarning, match="XDG_CACHE_HOME"):
        run, _ = machine.interpreter.__wrapped__()
    assert run.py_func.__name__ == "run"


@needs_numba
@pytest.mark.skipif(not hasattr(os, "getuid"), reason="directories have owners on POSIX only")
def test_a_directory_of_somebody_else_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    machine.interpreter.__wrapped__()
    (kept,) = (tmp_path / "chainrule").glob("interpreter_*.py")
    kept.write_text("raise SystemExit('what somebody else left there was run')")
    owner = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    with pytest.warns(RuntimeWarning, match="XDG_CACHE_HOME"):
        machine.interpreter.__wrapped__()


@needs_numba
def test_a_wrong_dispatch_is_noticed():
    _, numbers = machine.interpreter()
    tanh, sigmoid = autograd.PRIMITIVES["tanh"], autograd.PRIMITIVES["sigmoid"]
    made = tape_of(lambda x: [autograd.tanh(x)], 1)
    swapped = {**numbers, tanh: numbers[sigmoid]}
    runner = machine.Machine(made)
    assert runner.run([0.5], []) == [autograd.tanh(0.5)]
    runner.code = runner.code.copy()
    runner.code[runner.code[:, 0] == numbers[tanh], 0] = swapped[tanh]
    assert runner.run([0.5], []) == [autograd.sigmoid(0.5)] != [autograd.tanh(0.5)]


@needs_numba
def test_every_built_in_row_runs_on_the_machine():
    assert set(machine.TABLE) == set(autograd.PRIMITIVES.values())
    _, numbers = machine.interpreter()
    built_in = [op for op in machine.TABLE if op.name != "dot"]
    assert [op.name for op in built_in if op not in numbers] == []


@needs_numba
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
