"""Whole graphs: random ones in every mode and against differences, algebraic
laws, depth, memory; and that a wrong chain rule is caught.
"""

import copy
import gc
import importlib.util
import inspect
import math
import pickle
import random
import re
import sys
import textwrap

import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd as ag
from autograd import (
    LEAF,
    NOT_COMPUTED,
    PRIMITIVES,
    Value,
    dot,
    functional,
    gradients,
    jvp,
    relu,
    topological_order,
)
from autograd.core import chain_rule, sweeps, value
from autograd.extending import LITERAL

ROWS = tuple(PRIMITIVES.values())
SMOOTH = [
    op
    for op in ROWS
    if not op.kinks
    and any(callable(p) for p in ([op.partials] if callable(op.partials) else op.partials))
]
SMOOTH += [PRIMITIVES[name] for name in ("add", "sub", "neg", "sqrt", "pow", "hypot", "norm")]


def random_graph(seed, rows=ROWS, n_leaves=5, n_nodes=200):
    """(leaves, root): every row on operands of moderate size, shared often,
    literals among them, some graphs deep and some wide.
    """
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2.0, 2.0)) for _ in range(n_leaves)]
    nodes = list(leaves)
    for _ in range(10 * n_nodes):
        op = rng.choice(rows)
        recent = nodes[-8:] if rng.random() < 0.5 else nodes
        count = op.arity or rng.choice([2, 4, 6])
        operands = [
            rng.uniform(-2.0, 2.0) if rng.random() < 0.15 else rng.choice(recent)
            for _ in range(count)
        ]
        data = [x.data if isinstance(x, Value) else x for x in operands]
        if not any(isinstance(x, Value) for x in operands) or oracles.violates(op, data):
            continue
        z = op.function(operands) if op.arity is None else op.function(*operands)
        if 1e-3 < abs(z.data) < 1e3 and all(abs(p or 0.0) < 1e3 for p in z.local_derivatives()):
            nodes.append(z)
        if len(nodes) == n_leaves + n_nodes:
            break
    return leaves, ag.sum([ag.tanh(z) for z in nodes[-40:]])


def replay(root, leaves, numbers, function_of=oracles.reference):
    """The graph's value for other numbers, by the references: in mpmath."""
    known = dict(zip(leaves, numbers, strict=True))
    for z in topological_order(root):
        if z not in known:
            known[z] = (
                z.data
                if z.op in (LEAF, LITERAL)
                else function_of(z.op)(*[known[x] for x in z.parents])
            )
    return known[root]


def differences(seeds):
    """Where backward and gradients, or backward and forward mode, disagree on random graphs."""
    found = []
    for seed in seeds:
        leaves, root = random_graph(seed, n_nodes=80)
        interior = [z for z in topological_order(root) if z.op is not LEAF and z.op is not LITERAL][
            ::9
        ]
        root.backward()
        backward = [x.grad for x in leaves + interior]
        graph = [g.data for g in gradients(root, leaves + interior)]
        if backward != graph:
            found.append((seed, backward, graph))
        for leaf, grad in zip(leaves, backward[: len(leaves)], strict=True):
            (tangent,) = sweeps.push({leaf: 1.0}, [root], graph=False)
            if not math.isclose(tangent, grad, rel_tol=1e-9, abs_tol=1e-9):
                found.append((seed, tangent, grad))
    return found


@pytest.mark.parametrize("batch", range(6))
def test_backward_gradients_and_forward_mode_agree(batch):
    """The first two bit for bit, at leaves and within."""
    assert differences(range(10 * batch, 10 * batch + 10)) == []


@pytest.mark.parametrize("seed", range(25))
def test_random_graphs_against_differences(seed):
    """The derivative along a random direction, by a difference of the recorded
    graph in 60 digits.
    """
    leaves, root = random_graph(seed, rows=SMOOTH)
    assert len(topological_order(root)) > 80
    rng = random.Random(seed)
    direction = [rng.uniform(-1.0, 1.0) for _ in leaves]
    grads = [g.data for g in gradients(root, leaves)]
    (tangent,) = sweeps.push(dict(zip(leaves, direction, strict=True)), [root], graph=False)
    with mp.workdps(60):
        h = mpf(10) ** -20
        moved = [
            replay(
                root,
                leaves,
                [mpf(x.data) + sign * h * d for x, d in zip(leaves, direction, strict=True)],
            )
            for sign in (1, -1)
        ]
        exact = float((moved[0] - moved[1]) / (2 * h))
    size = sum(abs(g * d) for g, d in zip(grads, direction, strict=True))
    assert sum(g * d for g, d in zip(grads, direction, strict=True)) == pytest.approx(
        exact, rel=1e-9, abs=1e-9 * size
    )
    assert tangent == pytest.approx(exact, rel=1e-9, abs=1e-9 * size)


@pytest.mark.parametrize("seed", range(12))
def test_second_derivatives_of_random_graphs(seed):
    leaves, root = random_graph(seed, rows=SMOOTH, n_leaves=3, n_nodes=25)

    def f(xs):
        return replay(
            root,
            leaves,
            xs,
            lambda op: (
                (lambda *operands: op.function(operands)) if op.arity is None else op.function
            ),
        )

    xs = [x.data for x in leaves]
    assert f(xs) == root.data
    ag.check_gradients(f, xs)
    rows = ag.hessian(f)(xs)
    size = max(abs(h) for row in rows for h in row)
    assert [list(column) for column in zip(*rows, strict=True)] == [
        pytest.approx(row, rel=1e-9, abs=1e-11 * size) for row in rows
    ]
    for j in range(len(xs)):
        (column,) = ag.hvp(f, [xs], [[float(i == j) for i in range(len(xs))]])
        assert column == pytest.approx(rows[j], rel=1e-9, abs=1e-11 * size)


def test_all_rows_occur_in_the_random_graphs():
    seen = {
        z.op.name
        for seed in range(60)
        for z in topological_order(random_graph(seed, n_nodes=80)[1])
    }
    assert seen >= set(PRIMITIVES)


# A wrong chain rule is caught.


def mutant(module, pattern, replacement, k):
    """A module from the source of the given one, the k-th match replaced."""
    source, name = inspect.getsource(module), f"{module.__package__}.mutant"
    match = list(re.finditer(pattern, source))[k]
    spec = importlib.util.spec_from_loader(name, loader=None)
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    try:
        exec(source[: match.start()] + replacement + source[match.end() :], made.__dict__)
    finally:
        del sys.modules[name]
    return made


ADDITION = r"(?<= [xy])\._grad \+= "
PULLS = len(re.findall(ADDITION, inspect.getsource(chain_rule)))
WRONG = [
    (ADDITION, wrong, k)
    for k in range(PULLS)
    for wrong in ("._grad = ", "._grad -= ", "._grad += 1.001 * ")
]
assert PULLS
WRONG += [
    (r"= dz_dx\(", "= dz_dy(", 0),
    (r"= dz_dy\(", "= dz_dx(", 0),
    (r"= dz_dx\(a, b", "= dz_dx(b, a", 0),
]


@pytest.mark.parametrize(("pattern", "replacement", "k"), WRONG)
def test_a_wrong_pull_is_caught(monkeypatch, pattern, replacement, k):
    wrong = mutant(chain_rule, pattern, replacement, k)
    for op in PRIMITIVES.values():
        monkeypatch.setattr(op, "pull", wrong.make_pull(op))
    assert any(differences([seed]) for seed in range(80))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"terms\[x\] \+= term", "terms[x] = [*term]"),
        (r"terms\[:2\]\) \+", "terms[:2]) -"),
        (r"\*terms\[1::2\]", "*terms[::-2]"),
        (r"g if p == 1\.0 else -g", "g"),
        (r"else p \* g", "else 1.001 * p * g"),
        (r"g == 1\.0 else p", "g == 2.0 else g * g * p"),
        (r"reversed\(order\)", "order"),
    ],
)
def test_a_wrong_sweep_is_caught(monkeypatch, pattern, replacement):
    monkeypatch.setattr(functional, "pull", mutant(sweeps, pattern, replacement, 0).pull)
    assert differences(range(4))


@pytest.mark.parametrize(
    ("name", "pattern", "replacement"),
    [
        ("backward", r"self\._grad \+= gradient", "self._grad -= gradient"),
        ("backward", r"in order", "in reversed(order)"),
        ("backward", r"if g := node\._grad:", "if (g := node._grad) > 0:"),
        ("_youngest_first", r"x\._grad = reached", "pass"),
        ("_youngest_first", r"node, y\._grad = y, reached", "node = y"),
        ("_youngest_first", r"push\(x\)", "pass"),
        ("_youngest_first", r"y\._primitive is not LEAF", "False"),
        ("_youngest_first", r"x\._grad is not reached", "True"),
        ("_youngest_first", r"y\._grad is not reached", "True"),
        ("_youngest_first", r"order\.sort\(key=age_of, reverse=True\)", "pass"),
        ("_youngest_first", r"node\._grad = -0\.0", "node._grad = 1.0"),
        ("_reach_listed", r"id\(xs\) not in finished", "False"),
        ("_reach_listed", r"x\._grad is not reached", "True"),
    ],
)
def test_a_wrong_backward_is_caught(monkeypatch, name, pattern, replacement):
    owner = value if name in vars(value) else Value
    source, n = re.subn(
        pattern, replacement, textwrap.dedent(inspect.getsource(getattr(owner, name))), count=1
    )
    assert n == 1
    made = {}
    exec(source, vars(value), made)
    monkeypatch.setattr(owner, name, made[name])

    def survives():
        x = Value(3.0)
        y = (x * x * x).tanh() * -2.0 + x * x
        try:
            y.backward()
            once = x.grad
            y.backward()
            return x.grad == 2.0 * once and differences(range(2)) == []
        except TypeError:  # a mark stayed where a number belongs
            return False

    assert not survives()


# Algebraic laws, of values and of gradients.

moderate = st.floats(-8.0, 8.0).map(lambda x: round(x, 6))
positive = st.floats(0.01, 50.0).map(lambda x: round(x, 6))

LAWS = {
    "addition commutes": (moderate, lambda x, y, w: x + y, lambda x, y, w: y + x),
    "addition associates": (moderate, lambda x, y, w: (x + y) + w, lambda x, y, w: x + (y + w)),
    "multiplication distributes": (
        moderate,
        lambda x, y, w: x * (y + w),
        lambda x, y, w: x * y + x * w,
    ),
    "difference": (moderate, lambda x, y, w: x - y, lambda x, y, w: -(y - x)),
    "quotient": (positive, lambda x, y, w: x / y, lambda x, y, w: x * y**-1.0),
    "reflected": (
        positive,
        lambda x, y, w: (2.0 - x) + 3.0 / y + 2.0**-w,
        lambda x, y, w: -(x - 2.0) + (y / 3.0) ** -1.0 + 1.0 / ag.exp(w * math.log(2.0)),
    ),
    "powers add": (
        positive,
        lambda x, y, w: x ** (y / 25.0) * x ** (w / 25.0),
        lambda x, y, w: x ** ((y + w) / 25.0),
    ),
    "square": (
        moderate,
        lambda x, y, w: x**2.0 + y**3.0 - w**2,
        lambda x, y, w: x * x + y * y * y - w * w,
    ),
    "exp and log": (
        positive,
        lambda x, y, w: ag.log(ag.exp(x / 8.0) * y) + ag.exp(ag.log(w)),
        lambda x, y, w: x / 8.0 + ag.log(y) + w,
    ),
    "other logs": (
        positive,
        lambda x, y, w: ag.log2(x) + ag.log10(y) + ag.log1p(w),
        lambda x, y, w: ag.log(x) / math.log(2.0) + ag.log(y) / math.log(10.0) + ag.log(1.0 + w),
    ),
    "roots": (
        positive,
        lambda x, y, w: ag.sqrt(x) + ag.cbrt(y) + ag.hypot(x, w),
        lambda x, y, w: x**0.5 + y ** (1.0 / 3.0) + (x * x + w * w) ** 0.5,
    ),
    "circle": (
        moderate,
        lambda x, y, w: ag.sin(x) ** 2.0 + ag.cos(x) ** 2.0 + ag.sin(y + w),
        lambda x, y, w: 1.0 + ag.sin(y) * ag.cos(w) + ag.cos(y) * ag.sin(w),
    ),
    "hyperbola": (
        moderate,
        lambda x, y, w: ag.sinh(x / 2) + ag.cosh(y / 2) + ag.expm1(w / 2),
        lambda x, y, w: (
            (ag.exp(x / 2) - ag.exp(-x / 2)) / 2
            + (ag.exp(y / 2) + ag.exp(-y / 2)) / 2
            + ag.exp(w / 2)
            - 1.0
        ),
    ),
    "inverses": (
        positive,
        lambda x, y, w: ag.asinh(ag.sinh(x / 8)) + ag.acosh(1.1 + y) + ag.atanh(w / 51.0),
        lambda x, y, w: (
            x / 8
            + ag.log(1.1 + y + ag.sqrt((0.1 + y) * (2.1 + y)))
            + 0.5 * ag.log((51.0 + w) / (51.0 - w))
        ),
    ),
    "angles": (
        positive,
        lambda x, y, w: ag.atan2(x, y) + ag.asin(w / 51.0),
        lambda x, y, w: ag.atan(x / y) + math.pi / 2 - ag.acos(w / 51.0),
    ),
    "tan": (
        moderate,
        lambda x, y, w: ag.atan(x) + ag.tan(y / 8),
        lambda x, y, w: (
            2.0 * ag.atan(x / (1.0 + ag.sqrt(1.0 + x * x))) + ag.sin(y / 8) / ag.cos(y / 8)
        ),
    ),
    "sigmoid": (
        moderate,
        lambda x, y, w: ag.tanh(x) + ag.sigmoid(-y),
        lambda x, y, w: 2.0 * ag.sigmoid(2.0 * x) - 1.0 + 1.0 - ag.sigmoid(y),
    ),
    "softplus": (
        moderate,
        lambda x, y, w: ag.softplus(x) - ag.softplus(-x) + ag.log_sigmoid(y),
        lambda x, y, w: x - ag.softplus(-y),
    ),
    "erf": (
        moderate,
        lambda x, y, w: ag.erf(x) + ag.erfc(x) + ag.gelu(y),
        lambda x, y, w: 1.0 + y * 0.5 * (1.0 + ag.erf(y / math.sqrt(2.0))),
    ),
    "silu": (
        moderate,
        lambda x, y, w: ag.silu(x) + ag.elu(y, 1.5),
        lambda x, y, w: x * ag.sigmoid(x) + ag.relu(y) + 1.5 * ag.expm1(ag.minimum(y, 0.0)),
    ),
    "relu": (
        moderate,
        lambda x, y, w: ag.relu(x) - ag.relu(-x) + ag.leaky_relu(y, 0.2),
        lambda x, y, w: x + ag.relu(y) - 0.2 * ag.relu(-y),
    ),
    "abs": (
        moderate,
        lambda x, y, w: ag.abs(x) + ag.clip(y, -1.0, 2.0),
        lambda x, y, w: ag.relu(x) + ag.relu(-x) + ag.minimum(ag.maximum(y, -1.0), 2.0),
    ),
    "larger and smaller": (
        moderate,
        lambda x, y, w: ag.maximum(x, y) + ag.minimum(x, y),
        lambda x, y, w: x + y,
    ),
    "largest": (
        moderate,
        lambda x, y, w: ag.max([x, y, w]) + ag.min([x, y, w]),
        lambda x, y, w: ag.maximum(x, ag.maximum(y, w)) - ag.max([-x, -y, -w]),
    ),
    "log of sums": (
        moderate,
        lambda x, y, w: ag.logsumexp([x, y, w]),
        lambda x, y, w: ag.logaddexp(x, ag.logaddexp(y, w)),
    ),
    "softmax": (
        moderate,
        lambda x, y, w: ag.softmax([x, y, w])[1],
        lambda x, y, w: ag.exp(ag.log_softmax([x, y, w])[1]),
    ),
    "softmax sums to 1": (
        moderate,
        lambda x, y, w: ag.sum(ag.softmax([x, y, w])),
        lambda x, y, w: 1.0 + 0.0 * x,
    ),
    "sums": (
        moderate,
        lambda x, y, w: ag.sum([x, y, w]) + ag.mean([x, y, w]),
        lambda x, y, w: (x + y + w) * (4.0 / 3.0),
    ),
    "products": (
        moderate,
        lambda x, y, w: ag.prod([x, y, w]) + ag.dot([x, y], [w, x]),
        lambda x, y, w: x * y * w + x * w + y * x,
    ),
    "length": (
        positive,
        lambda x, y, w: ag.norm([x, y, w]),
        lambda x, y, w: ag.hypot(x, ag.hypot(y, w)),
    ),
    "selection": (
        moderate,
        lambda x, y, w: ag.where(ag.less(x, y), x, y) + ag.take([x, y, w], 2),
        lambda x, y, w: ag.minimum(x, y) + w,
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_laws(law):
    numbers, left, right = LAWS[law]

    @given(numbers, numbers, numbers)
    def holds(x, y, w):
        if law in ("larger and smaller", "largest", "selection", "abs", "relu", "silu") and (
            len({x, y, w, 0.0, -1.0, 2.0}) < 6
        ):
            return  # ties are shared differently by different forms
        (a, slopes), (b, others) = (ag.value_and_grad(f, (0, 1, 2))(x, y, w) for f in (left, right))
        size = 1.0 + abs(x) + abs(y) + abs(w) + abs(a)
        assert a == pytest.approx(b, rel=1e-11, abs=1e-13 * size)
        for p, q in zip(slopes, others, strict=True):
            assert p == pytest.approx(q, rel=1e-9, abs=1e-11 * size)

    holds()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.randoms())
def test_a_sum_does_not_depend_on_the_order(xs, rng):
    shuffled = rng.sample(xs, len(xs))
    assert ag.sum(xs) == ag.sum(shuffled)
    assert ag.mean(xs) == ag.mean(shuffled)


@given(moderate, moderate, moderate, moderate)
def test_derivatives_are_linear(a, b, x, y):
    def f(x, y):
        return ag.sin(x) * y

    def g(x, y):
        return ag.tanh(y) - x * x

    combined = ag.grad(lambda x, y: a * f(x, y) + b * g(x, y), (0, 1))(x, y)
    apart = [
        a * p + b * q
        for p, q in zip(ag.grad(f, (0, 1))(x, y), ag.grad(g, (0, 1))(x, y), strict=True)
    ]
    assert combined == pytest.approx(apart, rel=1e-12, abs=1e-12)


# Depth and memory.


def chain(n, x):
    y = x
    for _ in range(n):
        y = y + x
    return y


def test_a_deep_graph_needs_no_recursion():
    n = 20_000
    x = Value(1.0)
    y = chain(n, x)
    y.backward()
    assert x.grad == n + 1
    assert gradients(y, [x])[0].data == n + 1
    assert jvp(lambda x: chain(n, x), [1.0], [1.0])[1] == n + 1
    assert ag.grad(lambda x: chain(n, x))(1.0) == n + 1
    twin = copy.deepcopy(y)
    restored = pickle.loads(pickle.dumps(y))
    for z in (twin, restored):
        (leaf,) = [node for node in topological_order(z) if node.op is LEAF]
        leaf.grad = ag.NOT_COMPUTED
        z.backward()
        assert leaf.grad == n + 1
    assert x.grad == n + 1


def test_second_derivatives_of_a_deep_graph():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = ag.sin(y)
    (slope,) = gradients(y, [x])
    (curvature,) = gradients(slope, [x])
    z, p, q = 1.0, 1.0, 0.0  # z = sin(z) carries z' and z'' with it
    for _ in range(20_000):
        z, p, q = math.sin(z), math.cos(z) * p, math.cos(z) * q - math.sin(z) * p * p
    assert (y.data, slope.data, curvature.data) == pytest.approx((z, p, q), rel=1e-9)


def test_a_million_nodes_are_built_swept_and_freed():
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y * 0.999999
    y.backward()
    assert x.grad == pytest.approx(math.exp(1e6 * math.log(0.999999)), rel=1e-9)
    del y  # by reference counts alone: no recursion


def test_graphs_leave_nothing_for_the_cyclic_collector():
    x = Value(0.5)
    gc.collect()
    gc.disable()
    try:
        leaves, root = random_graph(1)
        root.backward()
        (g,) = gradients(root, leaves[:1])
        g.backward()
        copy.deepcopy(root).backward()
        pickle.loads(pickle.dumps(root))
        ag.grad(ag.grad(lambda x: x * x * ag.tanh(x)))(0.5)
        ag.jvp(lambda x: ag.softmax([x, 2.0 * x]), [x], [x])
        ag.hessian(lambda xs: ag.norm(xs))([1.0, 2.0])
        del leaves, root, g
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "ys", [[4.0, 5.0, 6.0], [4, 5.0, 6], None], ids=["floats", "ints", "Values"]
)
def test_dot_on_two_lists_is_its_row_on_one(ys):
    def build(dot):
        xs = [Value(0.1), Value(0.7), Value(-0.3)]
        others = [xs[2], xs[0] * 3.0, Value(1.7)] if ys is None else ys
        return xs, dot(xs, others)

    (xs, z), (twins, twin) = (
        build(dot),
        build(lambda xs, ys: PRIMITIVES["dot"].function((*xs, *ys))),
    )
    assert [p.data for p in z.parents] == [p.data for p in twin.parents]
    for root in (z, pickle.loads(pickle.dumps(z)), copy.deepcopy(z)):
        assert root.data == twin.data
        assert root.local_derivatives() == twin.local_derivatives()
    z.backward()
    twin.backward()
    assert [x.grad for x in xs] == [x.grad for x in twins] == [g.data for g in gradients(z, xs)]


def test_nodes_on_the_same_inputs_share_one_tuple():
    xs = (Value(1.0), Value(2.0))
    a, b = dot((Value(3.0), Value(4.0)), xs), dot((Value(5.0), Value(6.0)), xs)
    assert a._b is b._b is xs


def test_a_leaf_behind_a_zero_gradient_has_been_reached():
    w, x, far = Value(-1.0), Value(2.0), Value(1.0)
    relu(dot([w], [x])).backward()
    assert w.grad == x.grad == 0.0
    assert w.grad is not NOT_COMPUTED
    assert far.grad is NOT_COMPUTED
