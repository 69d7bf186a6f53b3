"""Lanes that are used alike lie side by side, and the bits stay as they are."""

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, dot, exp, gradients
from autograd.compiler import lanes, llvm, machine, passes
from autograd.compiler.lanes import GATHER, Layout, Ref, Run
from autograd.compiler.program import Compiled
from autograd.compiler.record import record
from autograd.compiler.simplify import hash_table, kind_of, shorts
from autograd.compiler.source.text import Python

needs_llvm = pytest.mark.skipif(
    not llvm.available(), reason="llvmlite is not installed: native code is not tested"
)


@pytest.fixture(autouse=True, scope="module")
def small():
    """Roles are looked for in small programs, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes, "MANY", 0)
        yield


def tape_of(f, n_values, n):
    """The tape of f on n inputs, of which the first are Values, simplified and with chains."""
    made, outputs = record(lambda made: f(*[made.input() for _ in range(n)]))
    return Compiled(made, outputs, n_values).short()


def looking_back(texts, positions):
    """The weighted sum of exp at all positions up to each one, of each text."""

    def f(*xs):
        ws, numbers = xs[:positions], [exp(x) for x in xs[positions:]]
        rows = [numbers[k * positions : (k + 1) * positions] for k in range(texts)]
        return [dot(row[: t + 1], ws[: t + 1]) for row in rows for t in range(positions)]

    return f


def roles_of(tape):
    """The roles of the operations of a tape by their blocks."""
    n, kinds = len(tape), array("i", map(kind_of, tape.rows))
    blocks = passes.blocks.Blocks(*[shorts(n) for _ in range(3)])
    address, ranks = array("q", bytes(8 * n)), shorts(len(tape.constants))
    columns, block_of = (tape.columns(), kinds), blocks.block_of
    places = tape.n_values, tape.n_inputs, ranks, address, blocks, shorts(n), hash_table(n)
    passes.blocks.group(n, *columns, *places)
    roles, room = shorts(n), shorts(n)
    passes.roles.roles_by_users(n, *columns, block_of, roles, room)
    passes.roles.roles_by_operands(n, *columns, roles)
    passes.roles.roles_by_users(n, *columns, block_of, roles, room)
    found = {}
    for i in range(n):
        found.setdefault(block_of[i], []).append(roles[i])
    return found


def test_roles_tell_by_what_lanes_are_used():
    roles = roles_of(tape_of(looking_back(4, 3), 3, 15))
    numbers = roles[-2]
    assert [numbers[k::3] for k in range(3)] == [[x] * 4 for x in numbers[:3]]
    assert len(set(numbers)) == 3
    assert sorted(len(set(each)) for b, each in roles.items() if b >= 0) == [1, 1, 1, 3]


def test_roles_tell_by_what_lanes_are_used_with():
    def scaled(*xs):
        ys, zs = xs[:6], xs[6:]
        products = [autograd.tanh(y) * z for y, z in zip(ys, zs, strict=True)]
        return [exp(x) for x in ys[:3]] + products

    roles = roles_of(tape_of(scaled, 0, 12))
    (numbers,) = [each for b, each in roles.items() if b == -2]
    ys, zs = numbers[:6], numbers[6:]  # each z is used by the same block, but with another y
    assert len(set(ys[:3])) == len(set(ys[3:])) == len(set(zs[:3])) == len(set(zs[3:])) == 1
    assert len(set(numbers)) == 4


def test_lanes_that_are_used_alike_have_one_role():
    def layer(*xs):
        return [autograd.tanh(dot(xs[3 * i : 3 * i + 3], xs[9:])) for i in range(3)]

    roles = roles_of(tape_of(layer, 9, 12))
    assert {b: len(set(each)) for b, each in roles.items()} == dict.fromkeys([-3, -2, -1, 0, 1], 1)


def test_numbers_of_a_role_are_copied_side_by_side_by_hand():
    layout = Layout(tape_of(looking_back(8, 3), 3, 27), together=True)
    copy, powers, *sums = layout.blocks()
    base = copy.address
    assert (copy.row, copy.lanes) == (GATHER, 24)
    assert copy.runs == tuple([Run(8, (Ref(3 + t, 0, 0, 3),)) for t in range(3)])
    assert (powers.row.name, powers.refs) == ("exp", (Ref(base, 0, 1),))
    # A sum takes each of its numbers from eight texts side by side.
    assert [(b.lanes, b.runs[-1].refs[0].inner or b.runs[-1].refs[1].inner) for b in sums] == [
        (8, 1)
    ] * 3


@pytest.mark.parametrize("texts", [1, 2, 7])
def test_what_fills_no_register_stays_where_it_is(texts):
    layout = Layout(tape_of(looking_back(texts, 3), 3, 3 + 3 * texts), together=True)
    assert all(block.row is not GATHER for block in layout.blocks())


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), max_size=40),
    st.integers(1, 4),
)
def test_gathering_roles_keeps_the_order_within_each(kinds, least):
    n = len(kinds)
    roles, members = array("i", [1000 * k for k in kinds]), array("i", range(n))
    other, *room = [shorts(n) for _ in range(3)]
    lanes = passes.codes.Members(0, n, members)
    changed = passes.roles.gather_roles(lanes, other, least, roles, *room, hash_table(n))
    first = {k: kinds.index(k) for k in kinds}
    expected = sorted(range(n), key=lambda i: first[kinds[i]])
    if expected == list(range(n)) or any(kinds.count(k) < least for k in kinds):
        expected = list(range(n))
    assert list(members) == expected
    assert bool(changed) == (expected != list(range(n)))


def attention(texts, positions, size):
    """One head on each text, squared, and the gradients."""

    def f(*xs):
        ws, numbers = xs[: 3 * size], xs[3 * size :]
        loss = 0.0
        for k in range(texts):
            rows = numbers[k * positions : (k + 1) * positions]
            queries, keys, values = [
                [[w * x for w in ws[j * size : (j + 1) * size]] for x in rows] for j in range(3)
            ]
            for t in range(positions):
                scores = [dot(queries[t], key) for key in keys[: t + 1]]
                shares = autograd.softmax(scores)
                for column in zip(*values[: t + 1], strict=True):
                    z = dot(shares, column)
                    loss = loss + z * z
        return [loss, *gradients(loss, ws)]

    return f


@needs_llvm
@pytest.mark.parametrize(("texts", "positions"), [(1, 3), (7, 3), (8, 1), (8, 4), (9, 5), (17, 2)])
def test_attention_has_the_bits_of_python(texts, positions):
    size, rng = 2, random.Random(texts)
    n = 3 * size + texts * positions
    tape = tape_of(attention(texts, positions, size), 3 * size, n)
    numbers = [rng.uniform(-1, 1) for _ in range(n)]
    found = machine.Machine(tape).run(numbers[: 3 * size], numbers[3 * size :])
    assert found == Python(tape).run(numbers[: 3 * size], numbers[3 * size :])
    ws = list(map(Value, numbers[: 3 * size]))
    assert found[0] == attention(texts, positions, size)(*ws, *numbers[3 * size :])[0].data


@needs_llvm
@pytest.mark.parametrize("texts", [8, 11])
def test_a_batch_of_texts_trains_as_step_by_step(texts):
    def trained(take):
        model = nn.GPT(5, 4, 2, 1, 3, seed=0)
        rng = random.Random(texts)
        X = [[rng.randrange(5) for _ in range(3)] for _ in range(texts)]
        y = [[rng.randrange(5) for _ in range(3)] for _ in range(texts)]
        step = nn.train_step(model, nn.cross_entropy, nn.Adam(model.parameters(), lr=0.1))
        return [take(step)(X, y) for _ in range(2)], model.state_dict()

    assert trained(lambda step: step) == trained(lambda step: lambda *rows: step.eager(*rows)[0])
