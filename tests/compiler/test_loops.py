"""What a program repeats stands in its source as a loop, with the same bits."""

import functools
import linecache
import random
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, exp, gradients, jit, no_grad, sigmoid, sqrt, tanh
from autograd.compiler.lanes import Layout
from autograd.compiler.loops import Loop, fold
from autograd.compiler.passes import repetition
from autograd.compiler.program import Compiled
from autograd.compiler.record import record
from autograd.compiler.source.text import Python
from autograd.compiler.tape import Guard
from autograd.core.row import PRIMITIVES


def tape_of(f, n):
    """The tape of f on n inputs, simplified and with chains."""
    return Compiled(*record(lambda made: f(*[made.input() for _ in range(n)])), n).short()


def items_of(f, n):
    return fold(Layout(tape_of(f, n), by_age=True).blocks())


def loops_of(f, n):
    """How often each loop repeats how many items."""
    return [(item.times, len(item.body)) for item in items_of(f, n) if isinstance(item, Loop)]


def eager(f, numbers):
    return [float(z) if isinstance(z, float) else z.data for z in f(*map(Value, numbers))]


def checked(f, numbers):
    """The source of f on these numbers; it must give the bits of the eager run."""
    made = Python(tape_of(f, len(numbers)))
    assert made.run(numbers, []) == eager(f, numbers)
    return made.text


def recurrence(steps, change=lambda t: 0.0):
    def f(w, b, z):
        for t in range(steps):
            z = tanh(w * sigmoid(z) + b)
            z = z + change(t) if change(t) else z
        return [z]

    return f


def test_a_recurrence_is_a_loop():
    assert loops_of(recurrence(20), 3) == [(20, 3)]
    text = checked(recurrence(20), [0.5, 0.1, 0.3])
    assert "for t in range(1, 21):" in text
    assert "a3[t] = step_1(p, a3[t - 1])" in text
    assert len(text.splitlines()) == 16


def test_the_loop_of_a_recurrence_by_hand():
    (loop,) = items_of(recurrence(20), 3)
    assert (loop.times, loop.start, loop.size) == (20, 3, 3)
    # sigmoid reads z, which lies before its own results; the chain reads b, w and
    # sigmoid; tanh reads the chain.
    assert loop.moves == ((3, 3), (3, 0, 0, 3), (3, 3))
    assert [block.address for block in loop.repetition(2)] == [9, 10, 11]


def test_what_only_almost_repeats_is_no_loop():
    assert loops_of(recurrence(20, lambda t: 0.1 * (t == 10)), 3) == [(10, 3), (9, 3)]
    # The same operations, but the weights in no steady order.
    order = [0, 2, 1, 4, 3, 5, 1, 0, 2, 4]

    def irregular(*w):
        z = w[0]
        for k in order:
            z = tanh(z * w[k])
        return [z]

    assert loops_of(irregular, 6) == []
    checked(irregular, [0.5, 0.4, 0.3, 0.2, 0.1, 0.7])

    def steady(*w):
        z = 0.5
        for k in range(10):
            z = tanh(z * w[k] + 1.0)
        return [z]

    assert [times for times, _ in loops_of(steady, 10)] in ([9], [10])
    checked(steady, [0.1 * k for k in range(10)])


def test_a_loop_within_a_loop():
    def f(a, b, z):
        for _ in range(6):
            for _ in range(8):
                z = tanh(a * sigmoid(z) + b)
            z = autograd.exp(z * b) - autograd.cos(z)
        return [z, *gradients(z, [a, b])]

    outer = [item for item in items_of(f, 3) if isinstance(item, Loop)]
    assert any(isinstance(item, Loop) for loop in outer for item in loop.body)
    text = checked(f, [0.5, 0.1, 0.3])
    assert re.search(r"def step_\d.*\n(    .*\n)*    for s in range", text)
    assert len(text.splitlines()) < 160  # 6 * 8 * 3 operations forward, more backward


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_loops_within_loops_read_the_number_of_their_turn(depth):
    """Each turn of every loop reads another weight, so no index may be left out."""

    def f(*w):
        weights, found = iter(w), []

        def level(z, k):
            if k == depth:
                found.append(tanh(z * next(weights) + 0.3))
                return found[-1]
            for _ in range(4):
                z = (sigmoid, exp, autograd.sin)[k % 3](level(z, k + 1))
                z = z * z if k % 2 else z
            return z

        return [level(next(weights), 0), autograd.sum(found)]

    rng = random.Random(depth)
    text = checked(f, [rng.uniform(-1, 1) for _ in range(4**depth + 1)])
    assert len(text.splitlines()) < 400


def test_every_other_number_of_each_row_is_no_stretch():
    def f(*xs):
        return [exp(xs[8 * o + 2 * i]) for o in range(3) for i in range(3)]

    assert "for o in range(3) for i in range(3)]" in checked(f, [0.1 * k for k in range(24)])


def test_few_products_that_follow_many_are_written_out():
    def f(*xs):
        a, b, rest = xs[:12], xs[12:24], xs[24:]
        few = [u * v for u, v in zip(rest[::2], rest[1::2], strict=True)]
        z = autograd.dot(a, b)
        for product in few:
            z = z + product
        return [z]

    text = checked(f, [0.1 * k for k in range(26)])
    assert "a1 = add_products(0.0, p[0:12], p[12:24]) + p[24] * p[25]" in text


def test_what_is_two_steps_back_is_handed_on():
    def fibonacci(a, b):
        for _ in range(12):
            a, b = b, sigmoid(a) + b * 0.5
        return [a, b]

    text = checked(fibonacci, [0.3, 0.7])
    assert "t - 2" in text


def test_a_loop_hands_on_all_that_a_loop_within_it_made():
    def grid(times):
        def f(w, h, *row):
            for _ in range(times):
                h, above, row = autograd.cos(h), row, []
                for x in above:
                    h = tanh(x + h * w)
                    row.append(h)
                h = exp(-h)
            return [h, *row]

        return f

    texts = [checked(grid(times), [0.1 * k for k in range(1, 8)]) for times in (5, 9)]
    assert len(texts[0].splitlines()) == len(texts[1].splitlines())


def test_a_loop_over_what_another_one_made_counts_as_that_one_does():
    def f(z, s):
        made = [z := tanh(z) for _ in range(12)]
        for z in made:
            s = sigmoid(s * z)
        return [s]

    text = checked(f, [0.5, 0.7])
    assert "a2[t] = step_1(a2[t - 1])" in text
    assert "a5[t] = step_2(a2[t], a5[t - 1])" in text


def test_a_loop_takes_its_constants_one_by_one():
    def f(z):
        for k in (0.2, 0.3, 0.5, 0.7, 1.1, 1.3, 1.7):
            z = tanh(z * k)
        return [z]

    assert "for t in range" in checked(f, [0.5])


def test_a_domain_is_tested_within_a_loop():
    def f(z):
        for _ in range(10):
            z = autograd.sqrt(z) - 0.2 * autograd.sin(z)
        return [z]

    tape = tape_of(f, 1)
    made = Python(tape)
    assert "if found is None:" in made.text
    assert made.run([2.0], []) == eager(f, [2.0])
    assert made.run([-2.0], []) is None
    assert made.run([0.01], []) == eager(f, [0.01])


@pytest.mark.parametrize("make", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (2, 8)])
@pytest.mark.parametrize("length", [3, 8, 17])
def test_recurrent_nets_forward_and_backward(make, sizes, length):
    rng = random.Random(length)
    model = nn.Sequential(make(*sizes, seed=0), nn.Last(), nn.Layer(sizes[1], 1, seed=0))
    X = [[[rng.gauss(0, 1) for _ in range(sizes[0])] for _ in range(length)] for _ in range(2)]

    def f(X):
        loss = nn.mse([model(x) for x in X], [[0.5], [-0.5]])
        return [loss, *gradients(loss, model.parameters())]

    program = jit(f)
    names = {}
    exec(program.source(X), names)
    (entry,) = program.entries.values()
    numbers = [u for rows in X for x in rows for u in x]
    found = names["program"]([v.data for v in entry.captured], numbers)
    assert found == [z.data for z in f([[list(map(Value, x)) for x in rows] for rows in X])]


def training(model, loss, X, y):
    return nn.train_step(model, loss, nn.SGD(model.parameters(), lr=0.1)), X, y


def lstm(length):
    model = nn.Sequential(nn.LSTM(1, 16, seed=0), nn.Last(), nn.Layer(16, 1, seed=0))
    return training(model, nn.mse, [[[0.1 * t] for t in range(length)]], [[0.5]])


@functools.cache
def lstm_source(length):
    step, X, y = lstm(length)
    return step.source(X, y)


def mlp(depth):
    X, y = nn.data.moons(20, seed=0)
    return training(nn.MLP(2, [8] * depth + [1], seed=0), nn.hinge, X, y)


def test_the_source_of_a_step_is_short_however_long_the_sequence():
    counts = [lstm_source(length).count("\n") for length in (12, 24)]
    assert counts[0] == counts[1] < 170


def test_the_source_of_a_step_is_short_however_deep_the_net():
    counts = [step.source(X, y).count("\n") for step, X, y in (mlp(5), mlp(10))]
    assert counts[0] == counts[1] < 130


def test_the_source_of_a_step_takes_the_step():
    step, X, y = lstm(12)
    names = {}
    exec(step.source(X, y), names)
    place = list(step._resident.place)
    found = names["program"]([v.data for v in place], [*[0.1 * t for t in range(12)], 0.5, 0.1])
    assert found[-1] == step.eager(X, y)[0]
    assert found[:-1] == [v.data for v in place]


def test_a_debugger_finds_the_text_of_a_loop():
    made = Python(tape_of(recurrence(20), 3))
    assert any(linecache.getlines(name)[-2:] for name in linecache.cache if "chainrule" in name)
    assert made.text.endswith("\n")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 4), st.integers(1, 17))
def test_random_programs_that_repeat_give_the_bits_of_eager(seed, times, kinds, lanes):
    """Random bodies over lists, whose operands are weights, earlier lists and what is carried."""

    def f(*w):
        rng = random.Random(seed)
        state = [list(w[:lanes]), list(w[lanes : 2 * lanes])]
        body = []
        for _ in range(kinds):
            op = rng.choice([lambda a, b: a * b, lambda a, b: a + b, lambda a, b: tanh(a - b)])
            body.append((op, rng.randrange(4), rng.randrange(4), rng.random() < 0.3))
        history = [state[0]]
        odd = rng.randrange(3 * times)  # a repetition that differs, if there are so many
        for t in range(times):
            current = state
            for op, a, b, reverse in body:
                choices = [*current, history[-1], history[max(0, len(history) - 2)]]
                left, right = choices[a % len(choices)], choices[b % len(choices)]
                right = right[::-1] if reverse else right
                current = [current[-1], [op(x, y) for x, y in zip(left, right, strict=True)]]
            state = current
            history.append([x * 0.5 if t == odd else x for x in state[1]])
        total = autograd.sum([x * x for x in history[-1]])
        if not isinstance(total, Value):
            return [total]
        return [total, *history[-1], *gradients(total, list(w))]

    rng = random.Random(seed + 1)
    checked(f, [rng.uniform(-1, 1) for _ in range(2 * lanes)])


def test_the_search_finds_a_stretch_by_hand():
    # Items of two kinds in turn, whose single numbers grow by 10; the last one differs.
    n = 9
    signature = [0, 1, 0, 1, 0, 1, 0, 1, 0]
    following = [2, 3, 4, 5, 6, 7, 8, -1, -1]
    vectors = [0, 5, 10, 15, 20, 25, 30, 35, 41]
    reach, found = [0] * (n + 1), [0] * (3 * n)
    count = repetition.find_stretches(
        n, signature, following, list(range(n + 1)), vectors, reach, found, n
    )
    assert found[: 3 * count] == [0, 2, 8, 5, 2, 4]  # what comes only twice moves steadily


def test_functions_are_named_after_what_made_their_operations():
    text = lstm_source(12)
    assert "def lstm_cell(p, x, a10_before, a12_before):" in text
    assert "def lstm_cell_gradient(" in text
    assert "# p[0:1088]: layers.0.cell.{write, forget, read, candidate}.neurons.*.w.*" in text
    assert re.search(r"a12 = \[u \* v for u, v in zip\(a8\[32:48\], a11\)\]", text)
    # The gradient at the memory of a step: by the step after it, and by the output.
    before = r"d10_before = \[a8\[(\w) \+ 16\] \* d10\[\1\] \+ a\d+\[\1\] \* d11_before\[\1\]"
    assert re.search(before, text)


def test_a_gradient_says_at_what_it_is_where_its_name_does_not():
    lines = [line.strip() for line in lstm_source(12).splitlines()]
    noted = dict(re.findall(r"^(d\w+) = .*  # at (\S+)$", "\n".join(lines), re.M))
    # The blocks of an LSTM's a7 are write, forget, read and candidate, of 16 units each.
    parts = {"d7": "48:64", "d7b": "32:48", "d7c": "16:32", "d7d": "0:16"}
    assert {name: noted[name] for name in parts} == {d: f"a7[{at}]" for d, at in parts.items()}
    assert noted["d8"] == "a8[32:48]"
    assert "d9" not in noted  # at a9, as its name says


def test_a_gradient_at_what_an_earlier_repetition_made_has_the_name_and_number_of_that():
    text = lstm_source(12)
    assert re.search(r"def lstm_cell_gradient\(.*\bd10,.* d12\):", text)
    assert "    return d7, d7b, d7c, d7d, d12_before, d10_before\n" in text
    assert "d12[t - 1], d10[t - 1] = lstm_cell_gradient(" in text
    assert "d12 = {11: d12_11}" in text  # the last of twelve steps
    assert "_after" not in text


def test_a_gradient_at_the_same_repetition_needs_no_note():
    def unit(z, w, b):
        return tanh(w * z + b)

    def f(w, b):
        z = 0.5
        for _ in range(20):
            z = unit(z, w, b)
        return [z, *gradients(z, [w, b])]

    text = jit(f).source(Value(0.5), Value(0.1))
    assert "d1[t] = unit_gradient(p, a1[t], d1[t + 1])" in text
    assert "  # at " not in text
    assert "# gradients:" not in text


def test_gradients_of_several_rows_say_at_what_they_are():
    model = nn.Sequential(nn.LSTM(1, 16, seed=0), nn.Last(), nn.Layer(16, 1, seed=0))
    rows = [[[0.1 * t + r] for t in range(12)] for r in range(3)]
    step, X, y = training(model, nn.mse, rows, [[0.5]] * 3)
    text = step.source(X, y)
    # Of each of three rows a7 has 64 numbers, and the candidate's are its last 16.
    assert re.search(
        r"# (?:d7\w?: )?at a\d+\[64 \* (\w) \+ (\w) \+ 48\]"
        r" for \1 in range\(3\) for \2 in range\(16\), numbers 48 to 63 of every 64$",
        text,
        re.M,
    )


def test_a_slope_of_several_lines_is_told_in_one():
    step, X, y = lstm(12)
    head = lstm_source(12).partition("def ")[0]
    assert "# the slope of sigmoid at x: bell(x)\n" in head
    assert "# the slope of tanh at x: 4.0 * bell(2.0 * x)\n" in head
    assert "the slope of bell" not in head  # no second derivative is taken
    with no_grad():  # the rules run on Values, and none of it is recorded
        assert "# the slope" not in step.source(X, y).partition("def ")[0]


def test_a_slope_is_told_only_where_gradients_are_taken():
    w = Value(0.5)
    assert "slope" not in jit(lambda: [tanh(w), sigmoid(w)]).source()
    assert "slope" not in jit(lambda: gradients(exp(w), [w])).source()  # it is z itself


def test_the_counter_of_the_steps_is_not_called_as_the_variable_of_a_loop():
    text = lstm_source(12)
    assert "# p[1169]: steps\n" in text
    assert "for t in range(" in text
    assert not re.search(r"^ *# .*: t$", text, re.M)


def test_a_long_sum_of_products_is_named_for_what_it_does():
    step, X, y = lstm(12)
    names = {}
    text = step.source(X, y)
    exec(text, names)
    assert names["add_products"](1.0, [2.0, 3.0], [5.0, 7.0]) == 32.0
    assert "chain" not in text


def test_a_function_of_the_users_gives_its_name():
    def newton(z, a):
        return z - (z * z - a) * 0.25

    def root(a):
        z = a
        for _ in range(9):
            z = newton(z, a)
        return z

    w = Value(2.0)
    text = jit(lambda: root(w)).source()
    assert "def newton(p, a" in text
    assert sum(line.startswith("def ") for line in text.splitlines()) == 2


@pytest.mark.parametrize("name", ["t", "_p", "a2", "p_part", "found", "lambda_", "h", "for_"])
def test_a_function_named_as_something_in_the_text_gives_another_name(name):
    def newton(z, a):
        return z - (sqrt(z * z) * z - a) * 0.25

    newton.__code__ = newton.__code__.replace(co_name=name)

    def root(a):
        z = a
        for _ in range(9):
            z = newton(z, a)
        return z

    w, names = Value(2.0), {}
    text = jit(lambda: root(w)).source()
    exec(text, names)
    assert f"def {name.strip('_')}_step(" in text
    assert names["program"]([2.0], []) == [root(w).data]


def test_notes_leave_a_profiler_as_it_was():
    def profiler(*_):
        return None

    sys.setprofile(profiler)
    try:
        jit(lambda x: x * 2.0).source(1.0)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)


def test_pieces_that_touch_are_one_stretch():
    text = lstm_source(12)
    assert re.search(r"\[\*p\[17 \* (\w):17 \* \1 \+ 17\], p\[", text)
    assert not re.search(r"\*(\w+)\[[^\[\]]*:([^\[\]:]*)\], \*\1\[\2:", text)


@pytest.mark.parametrize(
    ("row", "known", "can_fail"),
    [
        ("div", [None, 16.0], False),
        ("div", [None, 0.0], True),
        ("div", [1.0, None], True),
        ("pow", [None, 2.0], False),
        ("pow", [None, -2.0], True),
        ("pow", [None, 0.5], True),
        ("pow", [2.0, None], True),  # of y more is asked than its sign
        ("pow", [-2.0, None], True),
        ("sqrt", [None], True),
        ("clip", [None, 0.0, 1.0], False),
        ("clip", [None, 1.0, 0.0], True),
        ("take", [None, None], True),
    ],
)
def test_a_domain_that_no_operand_leaves_by_hand(row, known, can_fail):
    assert Guard(PRIMITIVES[row]).can_fail(known) is can_fail


@pytest.mark.parametrize("power", [2.0, 3.0, -1.0, 0.5])
def test_a_source_tests_the_domains_that_operands_can_leave(power):
    f = jit(lambda x: autograd.pow(x, power) / 4.0)
    text = f.source(2.0)
    assert ("pow_is_undefined" in text) is (power not in {2.0, 3.0})
    assert "div_is_undefined" not in text
    names = {}
    exec(text, names)
    for x in (2.0, -1.5, 0.0):
        try:
            expected = [autograd.pow(Value(x), power).data / 4.0]
        except (ArithmeticError, ValueError):
            expected = None
        assert names["program"]([], [x]) == expected
