"""The peers of benchmarks/jit.py, run by the Python of an environment that has
jax, torch and pytensor: one measurement, printed as JSON.

python benchmarks/jit_peers.py PEER TASK SECONDS < the task's data as JSON
"""

import json
import os
import statistics
import sys
import time


def timed(step, seconds):
    """Median over batches of calls of the seconds that one takes, and its last result."""
    step()
    begun = time.perf_counter()
    result = step()
    calls = max(1, int(seconds / 20 / max(time.perf_counter() - begun, 1e-7)))
    samples = []
    while time.perf_counter() - begun < seconds or len(samples) < 5:
        start = time.perf_counter()
        for _ in range(calls):
            result = step()
        samples.append((time.perf_counter() - start) / calls)
    return statistics.median(samples), result


def torch_step(task, data, seconds):
    """Eager PyTorch, as one writes it: modules, autograd, torch.optim.SGD."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    X, y = torch.tensor(data["X"]), torch.tensor(data["y"])
    if task == "lstm":
        net = torch.nn.LSTM(1, 16)
        layer = torch.nn.Linear(16, 1)
        parameters = [*net.parameters(), *layer.parameters()]

        def loss():
            return torch.mean((layer(net(X)[0][-1]) - y) ** 2)
    else:
        layers = []
        for weights, biases in data["layers"]:
            layer = torch.nn.Linear(len(weights[0]), len(weights))
            layer.weight.data, layer.bias.data = torch.tensor(weights), torch.tensor(biases)
            layers += [layer, torch.nn.ReLU() if task in ("moons", "row") else torch.nn.Tanh()]
        net = torch.nn.Sequential(*layers[:-1])
        parameters = list(net.parameters())

        def loss():
            outputs = net(X)[:, 0]
            if task not in ("moons", "row"):
                return torch.mean((outputs - y) ** 2)
            penalty = sum((p * p).sum() for p in parameters)
            return (
                torch.relu(1.0 + outputs * (1.0 - 2.0 * y)).sum() * (1.0 / len(X))
                + penalty * data["penalty"]
            )

    optimizer = torch.optim.SGD(parameters, lr=data["lr"])

    def step():
        optimizer.zero_grad()
        cost = loss()
        cost.backward()
        optimizer.step()
        return cost

    first = step().item()
    return first, *timed(step, seconds)[:1], torch.__version__


def _jax(data):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    params = [(jnp.array(w), jnp.array(b)) for w, b in data["layers"]]
    X, y = jnp.array(data["X"]), jnp.array(data["y"])

    def loss(params, X, y):
        h = X
        for w, b in params[:-1]:
            h = jnp.maximum(h @ w.T + b, 0.0)
        w, b = params[-1]
        outputs = (h @ w.T + b)[:, 0]
        penalty = sum((w * w).sum() + (b * b).sum() for w, b in params)
        return (
            jnp.maximum(1.0 + outputs * (1.0 - 2.0 * y), 0.0).sum() * (1.0 / len(X))
            + penalty * data["penalty"]
        )

    def step(params, X, y):
        cost, grads = jax.value_and_grad(loss)(params, X, y)
        return jax.tree.map(lambda p, g: p - data["lr"] * g, params, grads), cost

    return jax, params, X, y, step


def jax_step(task, data, seconds):
    """jax.jit, a call for every step."""
    jax, params, X, y, step = _jax(data)
    run = jax.jit(step)
    params, first = run(params, X, y)

    def call():
        nonlocal params
        params, cost = run(params, X, y)
        return cost.block_until_ready()

    return float(first), timed(call, seconds)[0], jax.__version__


def jax_scan(task, data, seconds):
    """jax.jit of a lax.scan over a thousand steps."""
    jax, params, X, y, step = _jax(data)
    first = float(step(params, X, y)[1])
    run = jax.jit(
        lambda params, X, y: jax.lax.scan(lambda p, _: step(p, X, y), params, None, length=1000)
    )

    def call():
        return run(params, X, y)[1].block_until_ready()

    return first, timed(call, seconds)[0] / 1000, jax.__version__


def pytensor_step(task, data, seconds):
    """PyTensor on numba, with shared variables, in its own loop of calls
    without checks of the arguments.
    """
    import numpy as np
    import pytensor
    import pytensor.tensor as pt

    X, y = np.array(data["X"]), np.array(data["y"])
    params = [
        (pytensor.shared(np.array(w)), pytensor.shared(np.array(b))) for w, b in data["layers"]
    ]
    h = pt.as_tensor(X)
    for w, b in params[:-1]:
        h = pt.maximum(h @ w.T + b, 0.0)
    w, b = params[-1]
    outputs = (h @ w.T + b)[:, 0]
    flat = [p for pair in params for p in pair]
    penalty = sum((p * p).sum() for p in flat)
    cost = (
        pt.maximum(1.0 + outputs * (1.0 - 2.0 * y), 0.0).sum() * (1.0 / len(X))
        + penalty * data["penalty"]
    )
    updates = [
        (p, p - data["lr"] * g) for p, g in zip(flat, pytensor.grad(cost, flat), strict=True)
    ]
    f = pytensor.function([], cost, updates=updates, mode="NUMBA", trust_input=True)
    return float(f()), timed(f, seconds)[0], pytensor.__version__


PEERS = {"torch": torch_step, "jax call": jax_step, "jax scan": jax_scan, "pytensor": pytensor_step}

if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peer, task, seconds = sys.argv[1:]
    first, took, version = PEERS[peer](task, json.load(sys.stdin), float(seconds))
    print(json.dumps({"loss": first, "seconds": took, "version": version}))
