"""The head of a source says what lies where in p and x."""

import pytest

import nn
from autograd import Value, gradients, jit, tanh
from autograd.compiler.source.legend import legend, names_of_gradients
from autograd.compiler.source.targets import in_words


def grid(name, rows, columns):
    return [f"{name}.{i}.{j}" for i in range(rows) for j in range(columns)]


def turned(name, rows, columns):
    return [f"{name}.{i}.{j}" for j in range(columns) for i in range(rows)]


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (["w", "b"], ["p[0:2]: w, b"]),
        (["w", "", "b"], ["p[0]: w", "p[2]: b"]),
        (grid("a", 2, 3), ["p[0:6]: a.*.* (2 x 3)"]),
        (turned("a", 2, 3), ["p[0:6]: a.a.b for b in range(3) for a in range(2)"]),
        (  # layers of other shapes
            grid("a.0", 3, 2) + grid("a.1", 3, 3) + grid("a.2", 1, 3),
            ["p[0:6]: a.0.*.* (3 x 2)", "p[6:15]: a.1.*.* (3 x 3)", "p[15:18]: a.2.0.*"],
        ),
        (  # of the same shape, some of all
            [x for k in range(4) for x in grid(f"a.{k}", 3, 3 if k else 2)],
            ["p[0:6]: a.0.*.* (3 x 2)", "p[6:33]: a.{1 to 3}.*.* (3 x 3 x 3)"],
        ),
        (
            [f"a.{k}.{j}" for k in range(3) for j in range(1 if k == 2 else 3)],
            ["p[0:6]: a.{0, 1}.* (2 x 3)", "p[6]: a.2.0"],
        ),
        (grid("a.0", 3, 2) + grid("a.1", 3, 2), ["p[0:12]: a.*.*.* (2 x 3 x 2)"]),
        (  # too many of them
            [f"a.{k}.{j}" for k in range(17) for j in range(k % 2 + 1)],
            ["p[0:25]: a.*.*"],
        ),
        (["a.1", "a.0"], ["p[0:2]: a.*"]),
        (grid("a.0.w", 2, 3) + grid("a.0.b", 2, 3), ["p[0:12]: a.0.{w, b}.*.* (2 x 2 x 3)"]),
        (
            [f"a.{h}.{c}.{j}" for h in range(3) for c in "kqv" for j in range(2)],
            ["p[0:18]: a.*.{k, q, v}.* (3 x 3 x 2)"],
        ),
        (
            [f"a.{h}.{c}.{j}" for h in (0, 0) for c in "kq" for j in range(2)],
            ["p[0:4]: a.0.{k, q}.* (2 x 2)", "p[4:8]: a.0.{k, q}.* (2 x 2)"],
        ),
        (
            turned("a", 2, 3) + grid("b", 2, 3),
            ["p[0:6]: a.a.b for b in range(3) for a in range(2)", "p[6:12]: b.*.* (2 x 3)"],
        ),
    ],
)
def test_a_legend_by_hand(names, lines):
    assert legend("p", names) == lines


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], [""]),
        (["d3 = 1.0", "d2 = [u for u in a1]"], ["d2 is the gradient at a2"]),
        (["d2 = a1  # at a2[0:3]", "d3 = a1"], ["d3 is the gradient at a3"]),
        (
            ["for t in range(3, 0, -1):", "    d7[t], d8[t] = f()"],
            ["d7 is the gradient at a7"],
        ),
        (["d9_2 = [u for u in a1]"], ["", "d9_2 is the gradient at a9[2]"]),
        (
            ["# d4: at a4[2 * o] for o in range(3)", "d4 = a1", "d4b = a3  # at a4[1:6:2]"],
            ["", "d4 and d4b are gradients at parts of a4: comments say at which"],
        ),
        (
            [f"d4{x} = a1  # at a4[0]" for x in ("", "b", "c")],
            ["", "d4, d4b, ... are gradients at parts of a4: comments say at which"],
        ),
        (["dp_5 = a1  # at p[5:9:2]", "dp_6 = a2"], ["", "dp_6 is the gradient at p[6]"]),
        (["dx_6 = [a2]"], ["", "dx_6 is the gradient at x[6] and what follows it"]),
        (["dx = [d1, dx_3]"], ["", "dx has the gradients at x from x[0] on"]),
    ],
)
def test_the_names_of_gradients_by_hand(lines, told):
    assert names_of_gradients([f"    {line}" for line in lines], []) == told


def test_the_name_of_a_gradient_that_a_repetition_hands_on_is_told():
    function = "def unit(d12_before):\n    return d12_before"
    told = ["", "d12_before is the gradient at a12 of the repetition before"]
    assert names_of_gradients([], [function]) == told


@pytest.mark.parametrize(
    ("at", "n", "words"),
    [
        ([0, 2, 3, 5], 6, "numbers 0 and 2 of every 3"),
        ([5, 3, 2, 0], 6, "numbers 0 and 2 of every 3"),
        ([1, 2, 3, 6, 7, 8], 10, "numbers 1 to 3 of every 5"),
        ([1, 3, 5, 7], 8, "number 1 of every 2"),
        ([0, 1, 2, 3], 4, ""),
        ([0, 2, 3], 6, ""),
        ([0, 2, 4, 6, 8, 10, 12, 14, 16], 18, "number 0 of every 2"),
        ([*range(0, 9, 2), *range(10, 19, 2)], 20, "number 0 of every 2"),
        ([0, 2, 5, 7, 10, 12, 15, 17], 20, "numbers 0 and 2 of every 5"),
        ([0, 2, 4, 6, 10, 12, 14, 16], 20, ""),
    ],
)
def test_which_numbers_of_a_list_in_words_by_hand(at, n, words):
    assert in_words(at, n) == words


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (nn.SGD, []),
        (lambda params: nn.SGD(params, 0.1, momentum=0.9), ["velocity"]),
        (nn.Adagrad, ["sum of its squared gradients"]),
        (nn.RMSprop, ["running mean of its squared gradients"]),
        (nn.AdamW, ["running mean of its gradients", "running mean of its squared gradients"]),
    ],
)
def test_what_an_optimizer_keeps_is_said(optimizer, words):
    model = nn.Layer(2, 2, seed=0)
    parameters = model.parameters()
    made = optimizer(parameters, 0.1) if isinstance(optimizer, type) else optimizer(parameters)
    text = nn.train_step(model, nn.mse, made).source([[1.0, 2.0]], [[0.5, 0.25]])
    lines = [
        f"    # p[{6 * k + 6}:{6 * k + 12}]: of each parameter above the {said}"
        for k, said in enumerate(words)
    ]
    assert [line for line in text.splitlines() if "of each parameter above" in line] == lines


def test_numbers_run_the_source():
    w, b = Value(0.5), Value(0.25)

    def f(x, y):
        return [w * x[0] + b, x[1] * y * b]

    program, names = jit(f), {}
    exec(program.source([1.5, 2.5], Value(3.0)), names)
    p, x = program.numbers([1.5, 2.5], Value(3.0))
    assert (sorted(p), x) == ([0.25, 0.5, 3.0], [1.5, 2.5])
    assert names["program"](p, x) == [1.0, 1.875]


def test_numbers_of_a_step_run_its_source_at_the_rate_of_the_schedule_with_what_is_not_trained():
    model = nn.MLP(2, [3, 1], seed=0)
    trained = model.parameters()[2:]
    half = nn.schedules.linear(4)
    step = nn.train_step(model, nn.mse, nn.Adam(trained, lr=0.1), schedule=half)
    X, y = [[0.5, -1.0], [1.0, 2.0]], [[1.0], [0.0]]
    for _ in range(3):
        names = {}
        exec(step.source(X, y), names)
        p, x = step.numbers(X, y)
        assert x == [0.5, -1.0, 1.0, 2.0, 1.0, 0.0, step._next_rate()]
        *new, loss = names["program"](p, x)
        assert loss == step(X, y)
        assert new == step.numbers(X, y)[0][: len(new)]


class Doubled(nn.Optimizer):
    def rule(self, p, g, state, lr, t):
        return p - 2.0 * lr * g, state


class Shared(nn.Optimizer):
    def rule(self, p, g, state, lr, t):
        doubled = 1.23456789 * g
        used_twice = doubled * doubled + tanh(doubled)
        return p - lr * used_twice * (used_twice + g), state


class Still(nn.Optimizer):
    def rule(self, p, g, state, lr, t):
        return p, state


class Strict(nn.Optimizer):
    def rule(self, p, g, state, lr, t):
        if lr.data == 0.5:
            raise ValueError(lr)
        return p - lr * g, state


@pytest.mark.parametrize(
    ("optimizer", "lines"),
    [
        (nn.SGD, ["SGD: p - rate * gradient"]),
        (
            lambda params, lr: nn.SGD(params, lr, momentum=0.5),
            ["SGD: p - rate * new1, where", "    new1 = 0.5 * kept1 + gradient, the velocity"],
        ),
        (Doubled, ["Doubled: p - 2.0 * rate * gradient"]),
        (
            Shared,
            [
                "Shared: p - rate * t2 * (t2 + gradient), where",
                "    t1 = 1.23457 * gradient",
                "    t2 = t1 * t1 + tanh(t1)",
            ],
        ),
        (
            nn.Adam,
            [
                "Adam: p - rate * (new1 / (1.0 - 0.9 ** t)) / t1, where",
                "    new1 = 0.9 * kept1 + 0.1 * gradient, the running mean of its gradients",
                "    new2 = 0.999 * kept2 + 0.001 * gradient * gradient, "
                "the running mean of its squared gradients",
                "    t1 = sqrt(new2 / (1.0 - 0.999 ** t)) + 1e-08",
            ],
        ),
        (Still, ["Still"]),
        (Strict, ["Strict"]),
    ],
)
def test_a_rule_in_words(optimizer, lines):
    assert optimizer([Value(1.0)], 0.1).in_words() == lines


def test_the_parts_of_a_step_have_titles():
    model = nn.MLP(2, [3, 1], seed=0)
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1), clip_norm=2.0)
    lines = [x.strip() for x in step.source([[0.5, 1.0], [1.0, 2.0]], [[1.0], [0.5]]).splitlines()]
    titles = [x for x in lines if x.startswith("#")]
    order = [
        "# forward",
        "# Neuron (layers.0.neurons.*)",
        "# loss (reduced_over_rows)",
        "# backward: d1 is the gradient at a1",
        "# gradients at the results of loss (mse)",
        "# gradients at the results of Neuron (layers.0.neurons.*)",
        "# gradients at the parameters of layers.0.neurons.*",
        "# gradients at the parameters of layers.1.neurons.0",
        "# the gradients are clipped: clip_norm=2.0",
        "# SGD: p - rate * gradient",
    ]
    assert [x for x in titles if x in order] == order
    assert [x[:10] for x in lines if x.endswith("  # the loss")] == ["a5 = mean("]


def test_the_gradients_at_values_have_a_title_with_their_labels():
    w, b = Value(0.5, label="w"), Value(0.25, label="b")
    text = jit(lambda x: gradients(tanh(w * x + b), [w, b])).source(1.5)
    assert "    # gradients at w\n    dp_0 = " in text


def test_the_order_of_p_is_told_where_it_is_another_one():
    told = "# p is in another order than the model's parameters()"
    for sizes, other in (([3, 1], True), ([1], False)):
        model = nn.MLP(2, sizes, seed=0)
        step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
        assert (told in step.source([[0.5, 1.0]], [[1.0]])) is other
