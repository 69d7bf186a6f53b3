"""A small sample of benchmarks/trust: the figures of docs/trust.md come from the same code."""

import random
import sys
from pathlib import Path

import oracles
import pytest
from interruption import Script, interrupted_everywhere

import nn
from autograd import PRIMITIVES

every_opcode_is_told = pytest.mark.skipif(
    sys.version_info >= (3, 14),
    reason="CPython tells sys.settrace no opcodes of a function's first call",
)
FOLDER = Path(__file__).parents[2] / "benchmarks" / "trust"


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


def test_rows_keep_their_bounds_over_the_whole_range_of_doubles():
    pytest.importorskip("flint", reason="the balls need python-flint")
    import accuracy

    for name in ("mul", "pow", "tanh", "cosine", "over_square", "logsumexp"):
        op = PRIMITIVES[name]
        known = dict.fromkeys(accuracy.NUMBERS, 0.0)
        tallies, beyond, different = accuracy.measure(
            op, 1, 0, accuracy.program_of(op), known, n=40
        )
        assert (beyond, different) == ([], [])
        assert [tally.n + tally.unsettled for tally in tallies.values()] == [40] * 3
        assert tallies["value"].n >= 38


@pytest.mark.parametrize("factor", [1.0 + 2.0**-48, -1.0])
def test_a_partial_that_is_a_little_wrong_is_beyond_its_bound(monkeypatch, factor):
    pytest.importorskip("flint", reason="the balls need python-flint")
    import accuracy

    op = PRIMITIVES["log1p"]
    right = op.partials
    monkeypatch.setattr(op, "partials", (lambda x, z: factor * right[0](x, z),))
    known = dict.fromkeys(accuracy.NUMBERS, 0.0)
    _, beyond, _ = accuracy.measure(op, 1, 0, accuracy.program_of(op), known, n=20)
    assert len([found for found in beyond if found[0] == "partial"]) > 10


@pytest.mark.parametrize("name", [name for name in PRIMITIVES if name != "stop_gradient"])
def test_the_balls_are_those_of_mpmath(name):
    """Two oracles that share nothing: series of balls, and differences in 80 digits."""
    pytest.importorskip("flint", reason="the balls need python-flint")
    import accuracy
    import balls

    if name not in balls.ROWS:
        pytest.skip("a row that was added without balls")
    op, f = PRIMITIVES[name], oracles.reference(PRIMITIVES[name])
    rng = random.Random(name)
    for k in (1, 5, 9):
        xs = accuracy.point(op, k, accuracy.size_of(op, k), rng)
        i, j = accuracy.pair_of(op, k)
        value, first, second = balls.numbers(op, xs, i, j)
        assert float(value) == oracles.nearest_float(oracles.exact_value(f, xs))
        pairs = [(first, oracles.exact_partial(f, xs, i))]
        if name not in accuracy.WHOLE:
            pairs.append((second, oracles.exact_second(f, xs, i, j)))
        for ball, other in pairs:
            if ball is not None and other is not None:
                assert float(ball) == pytest.approx(oracles.nearest_float(other), rel=1e-15)


def test_random_graphs_agree_in_every_mode():
    import graphs

    for n, seed in ((4, 0), (2, 100)):
        wrong, parts, _ = graphs.found(n, seed)
        assert wrong == {}
        assert min(parts) > 0.5
    assert graphs.found(1, seed=6)[2] == 1  # with mpmath, too


def test_a_wrong_chain_rule_is_found(monkeypatch):
    import graphs

    sine = PRIMITIVES["sin"]
    right = sine.pull
    monkeypatch.setattr(sine, "pull", lambda z, g: right(z, 1.001 * g))
    assert len(graphs.found(4, seed=0)[0]) == 4


@every_opcode_is_told
def test_no_act_leaves_a_half_state(tmp_path):
    import faults

    found = {}
    for name, act, state, reset in faults.acts(tmp_path):
        if name != "save":  # its interrupts are in test_nn_files.py
            found[name] = faults.interrupted(act, state, reset, step=131)
    assert {name: halves for name, (_, halves) in found.items()} == dict.fromkeys(found, 0)
    assert all(opcodes > 1 for opcodes, _ in found.values())
    assert len(found) == 10


@pytest.mark.skipif(sys.platform != "linux", reason="fork, and limits of files")
def test_neither_lack_of_memory_nor_a_full_disk_leaves_a_half_state(tmp_path):
    pytest.importorskip("_testcapi", reason="the hooks of CPython's own tests")
    import faults

    for name, act, state, reset in faults.acts(tmp_path):
        if name in ("backward", "SGD.step"):
            tried, halves, _ = faults.starved(act, state, reset, step=3, at_most=12)
            assert (tried > 3, halves) == (True, 0), name  # backward allocates 14 to 21 times
    sizes, wrong = faults.full_disk(tmp_path, step=40)
    assert (sizes > 5, wrong) == (True, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="fork, and limits of files")
@pytest.mark.parametrize(
    ("name", "step", "at_most"),
    [
        ("backward", 1, 10**9),
        pytest.param(
            "predict",
            9,
            45,
            marks=pytest.mark.skipif(
                sys.version_info[:2] in [(3, 10), (3, 12), (3, 13)],
                reason="CPython needs memory to enter a handler: it ends the process (3.10), "
                "or tries for ever",
            ),
        ),
    ],
)
def test_an_act_undoes_itself_where_no_memory_is_left(name, step, at_most, tmp_path):
    pytest.importorskip("_testcapi", reason="the hooks of CPython's own tests")
    import faults

    found = {act: others for act, *others in faults.acts(tmp_path)}
    tried, halves, deaths = faults.starved(*found[name], step, at_most, later=True)
    assert (tried > 5, halves, deaths) == (True, 0, 0)


@every_opcode_is_told
def test_every_opcode_of_an_act_is_interrupted_once(tmp_path):
    import faults

    for name, act, state, reset in faults.acts(tmp_path):
        if name in ("backward", "no_grad"):
            allowed = faults.ends(act, state, reset)
            script = Script(act)
            reset()
            count = sum(1 for _ in (reset() for _ in interrupted_everywhere(act)))
            assert len(set(script.places)) == len(script.places) == count
            assert faults.interrupted(act, state, reset) == (count, 0)
            assert state() == allowed[0]


@every_opcode_is_told
def test_a_half_state_is_found():
    import faults

    model = nn.Neuron(1, seed=0)
    one, two = model.parameters()

    def act():
        for p in (one, two):
            p.data = p.data + 1.0

    start = model.state_dict()
    _, halves = faults.interrupted(
        act,
        lambda: (one.data, two.data),
        lambda: model.load_state_dict(start),
        step=3,
    )
    assert halves > 0
    assert list(interrupted_everywhere(lambda: None)) == []


@pytest.mark.parametrize(
    "name", ["load", "load_state_dict", "checkpoint", "read_csv", "labels", "in_jit"]
)
def test_hostile_input_is_taken_or_refused(name):
    import attack

    taken, refused, wrong = attack.attack(getattr(attack, name), 8, seed=1000)
    assert wrong == {}
    assert taken + refused == 8


def test_a_checkpoint_with_a_negative_mean_of_squares_is_refused():
    import attack

    assert attack.attack(attack.checkpoint, 1, seed=304_723) == (0, 1, {})


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process")
@pytest.mark.parametrize("name", ["brackets", "a layer of 10**9 neurons"])
def test_a_size_bomb_is_refused_at_once(name):
    import attack

    assert "refused: StateError" in attack.bomb(attack.BOMBS[name])


def test_every_process_has_the_same_digest():
    import determinism

    found = determinism.digests(2, seed=0)
    assert [len(some) for some in found.values()] == [1, 1]
    assert all(line.endswith(" True") for some in found.values() for line in some)


def test_the_bits_of_a_training_are_these_on_every_machine():
    """Sums, products and comparisons are the same everywhere, so one digest holds for all."""
    import determinism

    found = determinism.held()["losses and gradients"]
    assert found == "aa8ccb92cee22392fbbfff2ed0ab6aaeefe824f6de911602472e94dc3455c9c1"
