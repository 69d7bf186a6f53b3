"""A source shows what differs in a length only as lists of lists, with the same bits."""

import cProfile
import functools
import random
import re
from functools import partial
from math import exp, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, dot, gradients, jit, log_softmax, logsumexp, relu, softmax
from autograd.compiler import llvm, runner
from autograd.compiler.notes import together
from autograd.compiler.source.ragged import Affine, Points, affine, nest
from autograd.compiler.source.targets import index_of
from autograd.core.row import PRIMITIVES


def gpt(n, padding=0, optimizer=nn.Adam, **options):
    """A step on a text of n tokens, the last ones of which are padding."""
    rng = random.Random(n)
    model = nn.GPT(5, 4, **{"n_head": 2, "block_size": 13, "seed": 0, **options})
    X = [[rng.randrange(5) for _ in range(n)]]
    y = [[rng.randrange(5) if k < n - padding else -1 for k in range(n)]]
    loss = partial(nn.cross_entropy, ignore_index=-1)
    return nn.train_step(model, loss, optimizer(model.parameters(), lr=0.01)), X, y


@functools.cache
def gpt_source(n):
    step, X, y = gpt(n)
    return step.source(X, y)


def check_step(step, X, y):
    """The source of a step; it must give the bits of two eager steps."""
    text, names = step.source(X, y), {}
    exec(text, names)
    for _ in range(2):
        *new, loss = names["program"](*step.numbers(X, y))
        assert loss == step.eager(X, y)[0]
        assert new == step.numbers(X, y)[0]
    return text


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_source_of_a_gpt_takes_the_step(n, padding):
    check_step(*gpt(n + padding, padding))


@pytest.mark.parametrize(
    "options",
    [
        {"n_layer": 2},
        {"tied": True},
        {"norm": "layer", "bias": True, "activation": "gelu"},
        {"optimizer": nn.SGD},
    ],
    ids=str,
)
def test_the_source_of_another_gpt_takes_the_step(options):
    check_step(*gpt(5, **options))


def test_the_source_of_a_step_on_several_texts_takes_the_step():
    (step, X, y), (_, more, further) = gpt(4), gpt(4, padding=2)
    check_step(step, X + more, y + further)


def test_the_source_of_a_gpt_is_short_however_long_the_text():
    counts = [gpt_source(n).count("\n") for n in (3, 7)]
    assert counts[0] == counts[1] < 330


def test_the_source_of_a_gpt_reads_as_attention_does():
    text = gpt_source(7)
    scores = r"for \w in range\((\w) \+ 1\)\] for h in range\(2\) for \1 in range\(7\)\]"
    assert re.search(scores, text)
    assert "= [softmax(us) for us in " in text
    assert "= [softmax_gradient(us, vs) for us, vs in zip(" in text
    assert text.count("softmax(us)") == 1


def test_the_head_says_what_the_numbers_are_and_in_which_order():
    step, X, y = gpt(7, block_size=7)
    head = step.source(X, y).partition("def program")[2].partition("    # Embedding")[0]
    n = len(step.model.parameters())
    assert "    # p[0:20]: token_vectors.rows.a.b for b in range(4) for a in range(5)\n" in head
    assert "    # p[20:48]: position_vectors.rows.*.* (7 x 4)\n" in head
    assert head.count("heads.*") == 1  # of two
    assert f"# p[{n}:{2 * n}]: of each parameter above the running mean of its gradients\n" in head
    assert (
        f"# p[{2 * n}:{3 * n}]: of each parameter above the running mean of its squared gr" in head
    )


def test_a_comment_names_the_function_that_made_what_follows():
    forward, backward = gpt_source(7).split("# backward")
    for told in (
        "Embedding (token_vectors)",
        "Sum (sum)",
        "Neuron (blocks.0.attention.heads.*.{key, value, query}.neurons.*)",
        "AttentionWeights (blocks.0.attention.heads.*.weights)",
        "Head (blocks.0.attention.heads.*)",
        "Neuron (blocks.0.attention.projection.neurons.*), Sum (blocks.0.sum)",
        "RMSNorm (blocks.0.norm2)",
        "Neuron (blocks.0.mlp.layers.0.neurons.*)",
        "Neuron (blocks.0.mlp.layers.1.neurons.*), Sum (blocks.0.sum)",
        "Neuron (head.neurons.*)",
        "loss (cross_entropy)",
    ):
        assert forward.count(f"    # {told}\n") == 1
    told = "AttentionWeights (blocks.0.attention.heads.*.weights)"
    assert f"    # gradients at the results of {told}\n" in backward


def test_a_comment_stands_before_the_test_of_a_domain_of_what_it_names():
    lines = gpt_source(7).splitlines()
    at = lines.index("    # Embedding (token_vectors)")
    assert lines[at + 1].startswith("    if any([take_is_undefined(")
    assert lines[at + 3].startswith("    a1 = [take(")


def test_a_comment_has_the_path_of_a_module_that_is_passed_to_a_function():
    model = nn.MLP(2, [3, 1], seed=0)
    text = jit(lambda model, x: model(x)[0] * 2.0).source(model, [1.0, 2.0])
    assert "    # Neuron (layers.0.neurons.*)\n" in text
    text = jit(lambda x: model(x)[0] * 2.0).source([1.0, 2.0])  # the path is not known
    assert "    # Neuron\n" in text


@pytest.mark.parametrize(
    ("paths", "one"),
    [
        (["a.0.b"], "a.0.b"),
        (["a.0.b", "a.1.b"], "a.*.b"),
        (["a.0.k.1", "a.1.k.1", "a.0.q.1", "a.1.q.1"], "a.*.{k, q}.1"),
        (["a", "b.0", "b.1", "c.0.d"], "a, b.*, c.0.d"),
        (["a", "a.0", "a.0.0", "a.0.0.0"], "a, a.0, a.0.0, ..."),
    ],
)
def test_several_paths_as_one_by_hand(paths, one):
    assert together(paths) == one


def test_all_numbers_of_an_argument_are_read_as_one_list():
    w = Value(2.0)
    assert "[u * p[0] for u in x]" in jit(lambda xs: [x * w for x in xs]).source([1.0, 2.0, 3.0])


def test_no_comment_names_the_function_that_made_all():
    def unit(w):
        return autograd.tanh(w * 2.0)

    assert "# unit" not in jit(lambda w: unit(w)).source(0.5)


def test_a_gradient_at_parts_of_several_lists_says_so():
    assert "  # at parts of a" in gpt_source(7)


def test_an_optimizer_updates_all_parameters_at_once():
    step, X, y = gpt(7, block_size=7)
    n = len(step.model.parameters())
    update = step.source(X, y).partition("# Adam")[2]
    assert "    dp = [*dp_0, " in update
    assert f"= [u - v for u, v in zip(p[0:{n}], " in update
    assert update.count("[sqrt(") == 1


@pytest.mark.parametrize("f", [softmax, log_softmax])
@pytest.mark.parametrize("n", [*range(1, 10), 16, 17])
def test_a_function_of_a_list_and_its_gradient_give_the_bits_of_eager(f, n):
    def program(xs, ds):
        zs = f(xs)
        total = autograd.dot(zs, ds)
        return [*zs, *gradients(total, xs)]

    rng = random.Random(n)
    xs = [Value(rng.gauss(0, 3)) for _ in range(n)]
    ds = [rng.gauss(0, 1) for _ in range(n)]
    text = jit(program).source(xs, ds)
    names = {}
    exec(text, names)
    assert names["program"]([x.data for x in xs], ds) == [z.data for z in program(xs, ds)]
    if n > 1:
        assert f"{f.__name__}(" in text
        # That of two numbers is log_sigmoid of their difference.
        assert f"{f.__name__}_gradient(" in text or (f, n) == (log_softmax, 2)


def test_one_program_finds_the_largest_logit_wherever_it_stands():
    def program(xs, ds):
        zs = log_softmax(xs)
        first = gradients(autograd.dot(zs, ds), xs)
        return [*zs, *first, *gradients(autograd.dot(first, ds), xs)]

    compiled = jit(program)
    compiled([Value(0.0)] * 5, [1.0] * 5)
    for largest in (0.0, 0.3, 2.0, 40.0, 1000.0, inf, nan, -inf):
        for place in range(5):
            xs = [Value(0.3 * k % 0.7) for k in range(5)]
            xs[place].data = largest
            ds = [0.25, -1.0, 2.0, 0.0, 1.0]
            found = [z.data + 0.0 for z in compiled(xs, ds)]  # no -0.0
            assert repr(found) == repr([z.data + 0.0 for z in program(xs, ds)]), (largest, place)


@pytest.mark.parametrize("f", [softmax, log_softmax])
@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_second_derivatives_give_the_bits_of_eager(f, n):
    def program(xs):
        zs = f(xs)
        first = gradients(zs[0] * zs[-1] + 0.0 * xs[0], xs)
        return [*zs, *first, *gradients(autograd.sum([g * g for g in first]), xs)]

    xs = [Value(0.7 * k % 1.1) for k in range(n)]
    names = {}
    exec(jit(program).source(xs), names)
    assert names["program"]([x.data for x in xs], []) == [z.data for z in program(xs)]


def test_the_slopes_of_a_row_are_differentiated_again():
    def program(xs):
        first = gradients(logsumexp(xs), xs)
        return [*first, *gradients(autograd.sum([g * g for g in first]), xs)]

    xs = [Value(0.7 * k % 1.1) for k in range(5)]
    text, names = jit(program).source(xs), {}
    exec(text, names)
    found = names["program"]([x.data for x in xs], [])
    assert found == pytest.approx([z.data for z in program(xs)], rel=1e-12, abs=1e-15)
    assert "slopes" not in text


def test_two_gradients_of_one_softmax_give_the_bits_of_eager():
    def program(xs):
        zs = softmax(xs)
        return [*gradients(zs[0] + 0.0, xs), *gradients(zs[1] * zs[2], xs)]

    xs = [Value(x) for x in (0.3, -0.2, 0.5, 1.0, -1.0)]
    names = {}
    exec(jit(program).source(xs), names)
    assert names["program"]([x.data for x in xs], []) == [z.data for z in program(xs)]


def test_softmax_of_numbers_that_overflow_or_are_nan():
    def program(xs):
        return softmax(xs)

    names = {}
    exec(jit(program).source([1.0, 2.0, 3.0]), names)
    assert names["program"]([], [1000.0, -1000.0, 0.0]) == [1.0, 0.0, 0.0]
    assert all(z != z for z in names["program"]([], [float("nan"), 1.0, 2.0]))


def test_the_slopes_of_cross_entropy_are_said_to_be_softmax_minus_one_hot():
    step, X, y = gpt(3)
    assert "# softmax minus one-hot: softmax(xs), and 1 less at the last\n" in step.source(X, y)


def test_the_slopes_of_a_row_on_a_list_are_one_call():
    def program(xs):
        return gradients(logsumexp(xs), xs)

    xs = [Value(0.1 * k) for k in range(9)]
    text = jit(program).source(xs)
    names = {}
    exec(text, names)
    assert names["program"]([x.data for x in xs], []) == [g.data for g in program(xs)]
    assert text.count("logsumexp_slopes(") == 2  # its definition and its call
    assert "    # softmax(xs)\n    # the slope at each x; at the first: " in text
    assert ": exp(x1) / (exp(x1) + exp(x2) + ...)\n" in text
    assert "# z is log(exp(x1) + exp(x2) + ...)" in text


@pytest.mark.parametrize(
    "name", [name for name, row in PRIMITIVES.items() if row.arity is None and not row.bilinear]
)
def test_the_slopes_of_every_row_on_a_list_are_functions_of_the_source(name):
    """They call nothing but functions of floats, and give the bits of eager; at ties, too."""
    row = PRIMITIVES[name]

    def program(xs):
        z = row.function(xs)
        return [z, *gradients(z * z, xs)]

    for numbers in (
        [0.5, 0.25, 2.0, -1.0, 2.0, -1.0, 0.125, 3.0],
        [1e300, -0.0, 1e-300, 1e300, -0.0, 1.0],
    ):
        xs = [*map(Value, [*numbers, 3.0])]
        text, names = jit(program).source(xs), {}
        exec(text, names)
        found = names["program"]([x.data for x in xs], [])
        expected = [z.data if isinstance(z, Value) else z for z in program(xs)]
        # A gradient of 0 may have the other sign.
        assert repr([z + 0.0 for z in found]) == repr([z + 0.0 for z in expected])
        assert "partials_at" not in text
        assert set(re.findall(r"^from autograd\.?([\w.]*)", text, re.M)) <= {"core.ieee"}


def test_a_list_of_numbers_without_slopes_is_asked_for_those_of_its_row():
    """A user's rule has no text: the source calls it by its row."""
    hinge = autograd.primitive(
        "hinge_of_list",
        lambda xs: max(xs) * len(xs),
        lambda xs, z: [x * z * 0.5 for x in xs],
        listed=True,
    )
    try:
        xs = [Value(0.1 * k) for k in range(5)]

        def program(xs):
            return gradients(hinge(xs), xs)

        text, names = jit(program).source(xs), {"hinge_of_list": hinge.primitive.forward}
        exec(text, names)
        assert names["program"]([x.data for x in xs], []) == [g.data for g in program(xs)]
        assert 'PRIMITIVES["hinge_of_list"].partials_at(xs, z, [True] * len(xs))' in text
    finally:
        del PRIMITIVES["hinge_of_list"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 4))
def test_random_programs_on_lists_of_growing_lengths_give_the_bits_of_eager(seed, n, width):
    """Each place looks back, by sums of products, softmax, and what came before."""

    def f(*w):
        rng = random.Random(seed)
        rows = [list(w[k * width : (k + 1) * width]) for k in range(n)]
        for _ in range(rng.randrange(1, 4)):
            kind, shift = rng.randrange(4), rng.randrange(2)
            made = []
            for t in range(n):
                back = rows[max(0, t - 2) : t + 1] if kind == 3 else rows[: t + 1]
                scores = [autograd.dot(rows[t], row) for row in back]
                if kind == 0:
                    scores = softmax(scores)
                elif kind == 1:
                    scores = [autograd.tanh(s) for s in scores]
                columns = list(zip(*back, strict=True))
                made.append(
                    [autograd.dot(scores, c) + shift * x for c, x in zip(columns, w, strict=False)]
                )
            rows = made
        total = autograd.sum([x for row in rows for x in row])
        return [total, *rows[-1], *gradients(total, list(w))]

    rng = random.Random(seed + 1)
    numbers = [rng.uniform(-1, 1) for _ in range(n * width)]
    values = list(map(Value, numbers))
    names = {}
    exec(jit(lambda: f(*values)).source(), names)
    places = [values.index(v) for v in jit(lambda: f(*values)).entry((), {})[0].captured]
    assert names["program"]([numbers[k] for k in places], []) == [
        z.data if isinstance(z, Value) else z for z in f(*values)
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("us", "xs", "len", "vjp", "PRIMITIVES", "dx", "dx_0", "dx_3b"),
        *("softmax", "softmax_gradient", "softmax_gradient_of", "logsumexp_slopes"),
    ],
)
def test_a_row_of_ones_own_that_has_a_name_of_the_source(name):
    def square(x):
        return x * x + 0.25

    try:
        row = autograd.primitive(name, square, lambda x, z: 2 * x)

        def program(*w):
            rows, made = [w[3 * k : 3 * k + 3] for k in range(4)], []
            for t in range(4):
                scores = softmax([row(autograd.dot(rows[t], r)) for r in rows[: t + 1]])
                made += [autograd.dot(scores, c) for c in zip(*rows[: t + 1], strict=True)]
            total = logsumexp([row(z) for z in made])
            return [total, *gradients(total, w)]

        numbers = [0.1 * k for k in range(12)]
        text = jit(program).source(*numbers)
        (named,) = re.findall("# and, from the primitives: (.+)", text)
        names = {named: square}
        exec(text, names)
        expected = [z.data for z in program(*map(Value, numbers))]
        assert names["program"]([], numbers) == expected
    finally:
        del PRIMITIVES[name]
        if name in vars(Value):
            delattr(Value, name)


@pytest.mark.parametrize("name", ["softmax", "softmax_gradient", "vjp", "us", "x"])
def test_a_function_of_ones_own_that_has_a_name_of_the_source(name):
    defined = {"tanh": autograd.tanh}
    exec(f"def {name}(z, w):\n    return tanh(w * z + 0.1)", defined)

    def program(*w):
        z, total = w[0], logsumexp(softmax(w))
        for _ in range(12):
            z = defined[name](z, w[1])
        return [z, *gradients(z + total, w)]

    numbers, names = [0.1 * k for k in range(5)], {}
    exec(jit(program).source(*numbers), names)
    expected = [z.data for z in program(*map(Value, numbers))]
    assert names["program"]([], numbers) == pytest.approx(expected, rel=1e-14)


def test_places_that_are_affine_by_hand():
    points = Points.within([3]).deeper([1, 2, 3])
    assert points.columns == [[0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]]
    assert affine(points, [5, 8, 6, 11, 9, 7]) == Affine(5, (3, -2))
    assert affine(points, [5, 8, 6, 11, 9, 8]) is None


@pytest.mark.parametrize(
    ("places", "index"),
    [
        ([3, 4, 5], "[3:6]"),
        ([3, 5, 7], "[3:8:2]"),
        ([0, 4, 1, 5], "[o + 4 * i] for o in range(2) for i in range(2)"),
        ([7, 6, 5], ""),
        ([0, 1, 3], ""),
        ([0, 1, 4, 6], ""),
    ],
)
def test_the_index_of_places_by_hand(places, index):
    assert index_of(places) == index


@given(*[st.tuples(st.integers(1, 4), st.integers(1, 50)) for _ in range(3)], st.integers(0, 9))
def test_an_index_says_the_places_in_their_order(g, h, i, start):
    places = [
        start + g[1] * a + h[1] * b + i[1] * c
        for a in range(g[0])
        for b in range(h[0])
        for c in range(i[0])
    ]
    index = index_of(places)
    if " for " in index:
        assert eval(f"[{index[1:].replace(']', '', 1)}]") == places
    elif index:
        assert eval(f"list(range(999)){index}") == places


def test_a_gradient_in_another_order_says_where_it_is():
    step, X, y = gpt(6, n_head=2)
    text = step.source(X, y)
    (comment,) = re.findall(r"# d13: at a13\[(.*)\] (for \w in .*)", text)
    places = eval(f"[{comment[0]} {comment[1]}]")
    assert sorted(places) == list(range(len(places)))
    assert places != sorted(places)


def test_loops_that_vectors_are_in_by_hand():
    assert nest([(0, 0), (0, 1), (0, 2), (5, 0), (5, 1), (5, 2)]) == (2, 3)
    assert nest([(1,), (2,), (3,)]) == (3,)
    assert nest([(7,)]) == ()
    assert nest([(0,), (1,), (2,), (4,)]) is None


def test_notes_leave_a_profiler_of_c_as_it_was():
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        jit(lambda x: x * 2.0).source(1.0)
        softmax([1.0, 2.0])
    finally:
        profiler.disable()
    assert any(name == "softmax" for _, _, name in map(tuple, profiler_functions(profiler)))


def profiler_functions(profiler):
    """What a profiler has seen: file, line and name of functions."""
    profiler.create_stats()
    return profiler.stats


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_the_formula_beside_a_gradient_of_a_list_runs(f):
    w = [Value(x) for x in (0.5, -1.0, 2.0)]
    text = jit(lambda ds: gradients(dot(f(w), ds), w)).source([1.0, 2.0, -0.5])
    body = text.partition(f"def {f.__name__}_gradient(xs, ds):\n")[2].partition("\n\n\n")[0]
    formula = "".join([f"{x.removeprefix('    #')}\n" for x in body.splitlines() if "#     " in x])
    names = {"exp": exp}
    exec(text, names)
    xs, ds = [0.5, -1.0, 2.0], [1.0, 2.0, -0.5]
    exec(f"def formula(xs, ds):\n{formula}", names)
    assert names["formula"](xs, ds) == pytest.approx(names[f"{f.__name__}_gradient"](xs, ds))


def test_the_head_has_the_formula_of_each_function_that_python_does_not_have():
    w = Value(0.5)
    head = jit(lambda x: gradients((w * x).tanh() * relu(w), [w])).source(1.5).partition("def ")[0]
    assert "# bell(x): exp(x) / (1 + exp(x))**2\n" in head
    assert "# relu(x): max(x, 0)\n" in head
    assert "# tanh(" not in head


def test_zeros_and_turned_lists_are_explained_where_they_are():
    w = [Value(0.5), Value(-1.0)]
    f = jit(lambda xs: [dot(w, xs[:2]), *gradients(dot(w, xs[:2]) * dot(w, xs[2:]), w)])
    head = f.source([1.0, 2.0, 3.0, 4.0]).partition("def ")[0]
    assert head.count("# 0.0 + ...: a sum begins at 0.0") == 1
    assert "# 0.0" not in jit(lambda x: x * 2.0).source(1.0)
    assert gpt_source(7).count("# [::-1]: several uses are added from the last to the ") == 1


@pytest.mark.parametrize("turned", [False, True])
def test_pieces_that_touch_across_lists_give_the_bits_of_eager(turned):
    def f(xs):
        zs = [*[x * x for x in xs], *[x.exp() for x in xs]]
        zs = zs[::-1] if turned else zs
        several = [zs[k : k + 5] for k in range(0, 10, 5)] + [[zs[0], *zs[1:4], zs[4]]]
        return [dot(xs, part) for part in several]

    xs, names = [Value(0.3 * k - 0.7) for k in range(5)], {}
    program = jit(f)
    exec(program.source(xs), names)
    assert names["program"](*program.numbers(xs)) == [z.data for z in f(xs)]


ROWS = {name: row.function for name, row in PRIMITIVES.items()}


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x * dot([y, x], [x, x]),
        lambda x, y: ROWS["both"](x, dot([y, x], [x, x])),
        lambda x, y: ROWS["power_slope"](ROWS["logaddexp"](x, y), ROWS["logaddexp"](x, y)),
        lambda x, y: dot([1.5, autograd.sigmoid(y)], [x, y]) ** y,
        lambda x, y: autograd.gelu(autograd.atan(autograd.asin(0.2 * x))) + y,
        lambda x, y: autograd.cbrt(autograd.exp(autograd.cosh(x))) * y,
        lambda x, y: softmax([x * y, x, y])[0] ** x,
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_third_derivatives_add_up_in_the_order_of_eager(f, compiled, monkeypatch):
    """A factor of 1 is no operation of its own, over which another gradient would take
    another way, be it that a program is recorded, compiled or written as a source.
    """

    def program(xs):
        found = level = [f(*xs)]
        for _ in range(3):
            level = [g for z in level if isinstance(z, Value) for g in gradients(z, xs)]
            found = [*found, *level]
        return found

    if compiled:
        pytest.importorskip("llvmlite", reason="no llvmlite: programs are tested as Python only")
        monkeypatch.setattr(runner, "SMALL", -1)
        monkeypatch.setattr(llvm, "SMALL", -1)
    made, text, names = jit(program), "", {}
    for x, y in ((2.2, 0.3), (0.7, 3.7), (3.3, 0.9)):
        leaves = [Value(x), Value(y)]
        expected = [float(z.data if isinstance(z, Value) else z) for z in program(leaves)]
        assert [float(z) for z in made(leaves)] == expected
        if not text:
            exec(text := made.source(leaves), names)
        assert names["program"]([x, y], []) == expected


def test_a_second_derivative_with_an_operand_three_times_is_a_known_number():
    def program(xs):
        (g,) = gradients(xs[0] * dot([xs[1], xs[0]], [xs[0], xs[0]]), xs[:1])
        return gradients(g, xs[:1])

    xs = [Value(-745.1), Value(3.1415926535897936)]
    names = {}
    exec(jit(program).source(xs), names)
    assert names["program"]([x.data for x in xs], []) == [-4464.31681469282]
    assert [z.data for z in program(xs)] == [-4464.31681469282]
