"""The head of a source says what lies where in p and x."""

import pytest

import nn
from autograd import Value, jit
from autograd.compiler.legend import legend


def grid(name, rows, columns):
    return [f"{name}.{i}.{j}" for i in range(rows) for j in range(columns)]


def turned(name, rows, columns):
    return [f"{name}.{i}.{j}" for j in range(columns) for i in range(rows)]


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (["w", "b"], ["p[0:2]: w, b"]),
        (["w", "", "b"], ["p[0]: w", "p[2]: b"]),
        (grid("a", 2, 3), ["p[0:6]: a.*.*"]),
        (turned("a", 2, 3), ["p[0:6]: a.a.b for b in range(3) for a in range(2)"]),
        (["a.1", "a.0"], ["p[0:2]: a.*"]),
        (grid("a.0.w", 2, 3) + grid("a.0.b", 2, 3), ["p[0:12]: a.*.{w, b}.*.*"]),
        (
            [f"a.{h}.{c}.{j}" for h in range(3) for c in "kqv" for j in range(2)],
            ["p[0:18]: a.*.{k, q, v}.*"],
        ),
        (
            [f"a.{h}.{c}.{j}" for h in (0, 0) for c in "kq" for j in range(2)],
            ["p[0:4]: a.*.{k, q}.*", "p[4:8]: a.*.{k, q}.*"],
        ),
        (
            turned("a", 2, 3) + grid("b", 2, 3),
            ["p[0:6]: a.a.b for b in range(3) for a in range(2)", "p[6:12]: b.*.*"],
        ),
    ],
)
def test_a_legend_by_hand(names, lines):
    assert legend("p", names) == lines


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (nn.SGD, []),
        (lambda params: nn.SGD(params, 0.1, momentum=0.9), ["velocity"]),
        (nn.Adagrad, ["sum of its squared gradients"]),
        (nn.RMSprop, ["mean of its squared gradients"]),
        (nn.AdamW, ["mean of its gradients", "mean of its squared gradients"]),
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
