"""Recorded programs beside compiled tensor code: one training step, forward, backward and update, in float64 on one pinned core.

    python benchmarks/jit.py [--rounds 5]

The moons demo is that of moons.py, full batch: `nn.train_step` on the net written with + and * in plain Python loops, as generated Python and on
numba, called once a step and inside `step.run`; PyTorch eagerly, JAX jitted, by call and inside lax.scan, PyTensor on numba. All must reach the
same loss. Then one row at a time, a deep net and an LSTM beside PyTorch, what a gradient costs, and how long the first step takes. A peer that is
not installed is left out: pip install micrograd torch jax pytensor.
"""

import argparse
import json
import statistics
import time
from importlib.util import find_spec
from itertools import pairwise

import moons
from measure import describe, in_fresh_process, pin

import nn
from autograd import Value, jit, value_and_grad
from autograd.compiler import machine

STEPS = 30  # after which the losses are compared
SECONDS = 0.5  # of measuring, at least


class Net(nn.Module):
    """The net of moons.py, in + and *."""

    def __init__(self):
        self.layers, _ = moons.plain_parameters(Value)

    def forward(self, xs):
        return moons.plain_model(self.layers, xs)


def plain_train_step():
    model = Net()
    parameters = model.parameters()
    optimizer = nn.SGD(parameters, lr=moons.LEARNING_RATE)
    return nn.train_step(model, lambda outputs, y: moons.plain_hinge(outputs, y) + moons.plain_penalty(parameters), optimizer)


def as_python():
    """The step as generated Python: as if numba were not installed."""
    machine.available = lambda: False
    return on_numba()


def on_numba():
    step = plain_train_step()
    X, y = moons.moons()
    return lambda n: [step(X, y) for _ in range(n)][-1]


def in_run():
    step = plain_train_step()
    batch = moons.moons()
    return lambda n: step.run([batch] * n)[-1]


def by_row():
    """One row a step."""
    step = plain_train_step()
    X, y = moons.moons()
    rows = [([x], [label]) for x, label in zip(X, y, strict=True)]
    return lambda n: [step(*rows[i % len(rows)]) for i in range(n)][-1]


def torch_sgd(parameters, loss):
    """A function that makes n steps of plain descent with PyTorch."""
    import torch

    torch.set_num_threads(1)
    optimizer = torch.optim.SGD(parameters, lr=moons.LEARNING_RATE)

    def run(n):
        for _ in range(n):
            optimizer.zero_grad()
            cost = loss()
            cost.backward()
            optimizer.step()
        return cost.item()

    return run


def torch_eager():
    import torch

    X, y = moons.moons()
    X, signs = torch.tensor(X, dtype=torch.float64), torch.tensor([2.0 * label - 1.0 for label in y], dtype=torch.float64)
    layers = [
        (torch.tensor([w for w, _ in layer], dtype=torch.float64).requires_grad_(), torch.zeros(len(layer), dtype=torch.float64).requires_grad_())
        for layer in moons.initial_weights()
    ]
    parameters = [p for layer in layers for p in layer]

    def loss():
        h = X
        for w, b in layers[:-1]:
            h = torch.relu(h @ w.T + b)
        w, b = layers[-1]
        outputs = (h @ w.T + b)[:, 0]
        return torch.relu(1.0 - signs * outputs).mean() + moons.PENALTY * sum((p * p).sum() for p in parameters)

    return torch_sgd(parameters, loss)


def jax_step():
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, y = moons.moons()
    X, signs = jnp.array(X), 2.0 * jnp.array(y) - 1.0
    start = [(jnp.array([w for w, _ in layer]), jnp.zeros(len(layer))) for layer in moons.initial_weights()]

    def loss(layers):
        h = X
        for w, b in layers[:-1]:
            h = jax.nn.relu(h @ w.T + b)
        w, b = layers[-1]
        outputs = (h @ w.T + b)[:, 0]
        return jax.nn.relu(1.0 - signs * outputs).mean() + moons.PENALTY * sum((p * p).sum() for layer in layers for p in layer)

    def step(layers):
        cost, gradient = jax.value_and_grad(loss)(layers)
        return jax.tree.map(lambda p, g: p - moons.LEARNING_RATE * g, layers, gradient), cost

    return start, step


def jax_call():
    import jax

    state, step = jax_step()
    step = jax.jit(step)

    def run(n):
        nonlocal state
        for _ in range(n):
            state, cost = step(state)
            cost.block_until_ready()
        return float(cost)

    return run


def jax_scan():
    import jax

    state, step = jax_step()
    many = jax.jit(lambda state, n: jax.lax.scan(lambda s, _: step(s), state, length=n), static_argnums=1)

    def run(n):
        nonlocal state
        state, costs = many(state, n)
        return float(costs[-1])

    return run


def pytensor_numba():
    import numpy as np
    import pytensor
    import pytensor.tensor as pt

    X, y = moons.moons()
    X, signs = pt.constant(np.array(X)), pt.constant(2.0 * np.array(y) - 1.0)
    shared = [(pytensor.shared(np.array([w for w, _ in layer])), pytensor.shared(np.zeros(len(layer)))) for layer in moons.initial_weights()]
    parameters = [p for layer in shared for p in layer]
    h = X
    for w, b in shared[:-1]:
        z = h @ w.T + b
        h = z * (z > 0)
    w, b = shared[-1]
    margin = 1.0 - signs * (h @ w.T + b)[:, 0]
    cost = (margin * (margin > 0)).mean() + moons.PENALTY * sum((p * p).sum() for p in parameters)
    updates = [(p, p - moons.LEARNING_RATE * g) for p, g in zip(parameters, pytensor.grad(cost, parameters), strict=True)]
    step = pytensor.function([], cost, updates=updates, mode="NUMBA")
    return lambda n: float([step() for _ in range(n)][-1])


def one_row_step(model, loss, x, y):
    optimizer = nn.SGD(model.parameters(), lr=moons.LEARNING_RATE)
    step = nn.train_step(model, loss, optimizer)
    return lambda n: [step([x], [y]) for _ in range(n)][-1]


def deep():
    return one_row_step(nn.MLP(32, [32] * 9 + [1]), nn.mse, [i / 32 for i in range(32)], 1.0)


def deep_torch():
    import torch

    torch.set_default_dtype(torch.float64)
    sizes = [32] * 10 + [1]
    model = torch.nn.Sequential()
    for n_in, n_out in pairwise(sizes):
        model.extend([torch.nn.Linear(n_in, n_out), torch.nn.ReLU()])
    model = model[:-1]
    x = torch.arange(32) / 32.0
    return torch_sgd(model.parameters(), lambda: ((model(x.double()) - 1.0) ** 2).mean())


def series():
    return [[(-1.0) ** i * i / 50] for i in range(50)]


def lstm():
    model = nn.Sequential(nn.LSTM(1, 16), nn.Last(), nn.Layer(16, 1))
    return one_row_step(model, nn.mse, series(), 1.0)


def lstm_torch():
    import torch

    torch.set_default_dtype(torch.float64)
    cell, readout = torch.nn.LSTM(1, 16), torch.nn.Linear(16, 1)
    x = torch.tensor(series())
    return torch_sgd([*cell.parameters(), *readout.parameters()], lambda: ((readout(cell(x)[0][-1]) - 1.0) ** 2).mean())


def repeated(f, *args):
    return lambda n: [f(*args) for _ in range(n)][-1]


def loss_of(parameters, X, y):
    """The loss of the moons demo as a function of a list of numbers."""
    numbers = iter(parameters)
    layers = [[([next(numbers) for _ in weights], next(numbers)) for weights, _ in layer] for layer in moons.initial_weights()]
    return moons.plain_hinge([moons.plain_model(layers, xs) for xs in X], y) + moons.plain_penalty(parameters)


def the_function():
    return repeated(jit(loss_of), [p.data for p in Net().parameters()], *moons.moons())


def its_gradient():
    return repeated(jit(value_and_grad(loss_of)), [p.data for p in Net().parameters()], *moons.moons())


# name: (how to make it, the package it needs, whether it is the moons demo)
CASES = {
    "step, generated Python": (as_python, "nn", True),
    "step, numba": (on_numba, "numba", True),
    "step.run, numba": (in_run, "numba", True),
    "PyTorch eager": (torch_eager, "torch", True),
    "JAX jit, a call a step": (jax_call, "jax", True),
    "JAX jit, inside lax.scan": (jax_scan, "jax", True),
    "PyTensor on numba": (pytensor_numba, "pytensor", True),
    "one row, numba": (by_row, "numba", False),
    "MLP of 10 layers of 32, one row, numba": (deep, "numba", False),
    "the same, PyTorch eager": (deep_torch, "torch", False),
    "LSTM of 16, 50 steps, one row, numba": (lstm, "numba", False),
    "the same LSTM, PyTorch eager": (lstm_torch, "torch", False),
    "the loss, jit on numba": (the_function, "numba", False),
    "the loss and its gradient, jit on numba": (its_gradient, "numba", False),
}


def measure(name):
    """Seconds until the first step is done, the loss after STEPS steps, and the mean seconds of a step from then on."""
    pin()
    begun = time.perf_counter()
    run = CASES[name][0]()
    run(1)
    first = time.perf_counter() - begun
    loss = run(STEPS - 1)
    n = STEPS - 1  # of a size that a program was made for
    passed, count = 0.0, 0
    while passed < SECONDS:
        start = time.perf_counter()
        run(n)
        passed += time.perf_counter() - start
        count += n
    return {"first": first, "loss": loss if isinstance(loss, float) else None, "seconds": passed / count}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", metavar="CASE", help="measure once, in this process, and print JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return

    names = [name for name, (_, package, _) in CASES.items() if find_spec(package)]
    print(describe(*[package for package in ("numba", "torch", "jax", "pytensor") if find_spec(package)]))
    print(f"median of {options.rounds} processes that take turns\n| case | us a step | first step, s |\n|---|---|---|")
    rounds = [{name: in_fresh_process(__file__, "--measure", name) for name in names} for _ in range(options.rounds)]
    for name in names:
        losses = [r[name]["loss"] for r in rounds]
        expected = rounds[0][names[0]]["loss"]
        if CASES[name][2] and any(abs(loss - expected) > 1e-9 for loss in losses):
            raise SystemExit(f"{name} reached the loss {losses}, {names[0]} {expected}: not the same step")
        microseconds = 1e6 * statistics.median(r[name]["seconds"] for r in rounds)
        print(f"| {name} | {microseconds:.1f} | {statistics.median(r[name]['first'] for r in rounds):.2f} |")


if __name__ == "__main__":
    main()
