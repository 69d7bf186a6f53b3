"""A small sample of benchmarks/trust: the figures of docs/trust.md come from the same code."""

from pathlib import Path

import pytest
from interruption import interrupted_everywhere

import nn
from autograd import PRIMITIVES

FOLDER = Path(__file__).parents[2] / "benchmarks" / "trust"


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


def test_rows_keep_their_bounds_over_the_whole_range_of_doubles():
    import accuracy

    for name in ("mul", "pow", "tanh", "hypot", "logsumexp"):
        values, partials, _, beyond, different, _ = accuracy.measure(PRIMITIVES[name], 6, seed=1)
        assert (len(values), beyond, different) == (6, [], 0)
        assert partials


def test_random_graphs_agree_in_every_mode():
    import graphs

    assert graphs.found(4, seed=0) == {}
    assert graphs.found(2, seed=100) == {}


def test_a_wrong_chain_rule_is_found(monkeypatch):
    import graphs

    tanh = PRIMITIVES["tanh"]
    right = tanh.pull
    monkeypatch.setattr(tanh, "pull", lambda z, g: right(z, 1.001 * g))
    assert len(graphs.found(4, seed=0)) == 3  # nothing flows in the fourth


def test_no_act_leaves_a_half_state():
    import faults

    name, act, state, reset = next(faults.acts())
    opcodes, halves = faults.interrupted(act, state, reset, step=7)
    assert (name, halves) == ("backward", 0)
    assert opcodes > 50


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


@pytest.mark.parametrize("name", ["load", "load_state_dict", "read_csv", "labels", "in_jit"])
def test_hostile_input_is_taken_or_refused(name):
    import attack

    taken, refused, wrong = attack.attack(getattr(attack, name), 8, seed=1000)
    assert wrong == {}
    assert taken + refused == 8


def test_every_process_has_the_same_digest():
    import determinism

    assert len(set(determinism.digests(2, seed=0))) == 1
