"""The peers of benchmarks/scale.py, run by the Python of an environment that has
jax or torch: one measurement, printed as JSON.

python benchmarks/scale_peers.py PEER SECONDS < the task's description as JSON

The description has the data of the task, and the first weights of its net:
{"kind": "MLP" | "LSTM" | "RNN", "X", "y", "weights": {name: nested lists}}.
"jax call" is one call of a jitted step, "jax scan" a hundred steps in one
`lax.scan`, "torch" eager PyTorch. All compute in float64. The loss that is
printed is the first one, without its penalty.
"""

import json
import sys
import time

from jit_peers import timed
from measure import pin

RATE, PENALTY = 0.05, 1e-4
SEQUENCE_RATE = 0.01


def jax_loss(jax, kind):
    """The loss of a task, with and without its penalty, as one writes it with jax.numpy."""
    jnp = jax.numpy

    def mlp(w, X, y):
        layers = len(w) // 2
        h = X
        for i in range(layers):
            h = h @ w[f"w{i}"].T + w[f"b{i}"]
            if i < layers - 1:
                h = jnp.maximum(h, 0.0)
        margins = jnp.maximum(1.0 + h[:, 0] * (1.0 - 2.0 * y), 0.0)
        penalty = PENALTY * sum((each * each).sum() for each in w.values())
        return margins.mean() + penalty, margins.mean()

    def lstm(w, X, y):
        def cell(state, x):
            h, c = state
            z = w["wx"] @ x + w["wh"] @ h + w["b"]
            i, f, g, o = jnp.split(z, 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        zero = jnp.zeros(w["wh"].shape[1])
        (h, _), _ = jax.lax.scan(cell, (zero, zero), X)
        cost = ((w["wo"] @ h + w["bo"] - y) ** 2).mean()
        return cost, cost

    def rnn(w, X, y):
        def cell(h, x):
            return jnp.tanh(w["wx"] @ x + w["wh"] @ h + w["b"]), None

        h, _ = jax.lax.scan(cell, jnp.zeros(w["wh"].shape[1]), X)
        cost = ((w["wo"] @ h + w["bo"] - y) ** 2).mean()
        return cost, cost

    return {"MLP": mlp, "LSTM": lstm, "RNN": rnn}[kind]


def with_jax(task, seconds, scanned):
    """Figures of JAX: the first step includes tracing, compiling and running."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    weights = {name: jnp.array(each) for name, each in task["weights"].items()}
    X, y = jnp.array(task["X"]), jnp.array(task["y"])
    rate = RATE if task["kind"] == "MLP" else SEQUENCE_RATE
    loss = jax_loss(jax, task["kind"])

    def step(w, X, y):
        (_, cost), grads = jax.value_and_grad(loss, has_aux=True)(w, X, y)
        return jax.tree.map(lambda p, g: p - rate * g, w, grads), cost

    steps = 100 if scanned else 1
    if scanned:
        run = jax.jit(
            lambda w, X, y: jax.lax.scan(lambda w, _: step(w, X, y), w, None, length=steps)
        )
    else:
        run = jax.jit(step)
    begun = time.process_time()
    weights, costs = run(weights, X, y)
    cost = float(costs.ravel()[0] if scanned else costs)
    first = time.process_time() - begun

    def call():
        nonlocal weights
        weights, costs = run(weights, X, y)
        return costs.block_until_ready()

    took = timed(call, seconds)[0] / steps
    return {"run": took * 1e6, "first": first, "loss": cost, "version": jax.__version__}


def with_torch(task, seconds):
    """Figures of eager PyTorch; its LSTM and RNN are the library's own."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    w = {name: torch.tensor(each) for name, each in task["weights"].items()}
    X, y = torch.tensor(task["X"]), torch.tensor(task["y"], dtype=torch.float64)
    begun = time.process_time()
    if task["kind"] == "MLP":
        layers = []
        for i in range(len(w) // 2):
            layer = torch.nn.Linear(*reversed(w[f"w{i}"].shape))
            layer.weight.data, layer.bias.data = w[f"w{i}"], w[f"b{i}"]
            layers += [layer, torch.nn.ReLU()]
        net = torch.nn.Sequential(*layers[:-1])
        parameters = list(net.parameters())

        def loss():
            margins = torch.relu(1.0 + net(X)[:, 0] * (1.0 - 2.0 * y))
            penalty = PENALTY * sum((p * p).sum() for p in parameters)
            return margins.mean() + penalty, margins.mean()
    else:
        inputs, width = w["wx"].shape[1], w["wh"].shape[1]
        net = (torch.nn.LSTM if task["kind"] == "LSTM" else torch.nn.RNN)(inputs, width)
        net.weight_ih_l0.data, net.weight_hh_l0.data = w["wx"], w["wh"]
        net.bias_ih_l0.data = w["b"]
        net.bias_hh_l0.data = torch.zeros_like(w["b"])
        layer = torch.nn.Linear(width, len(w["wo"]))
        layer.weight.data, layer.bias.data = w["wo"], w["bo"]
        parameters = [*net.parameters(), *layer.parameters()]

        def loss():
            cost = ((layer(net(X)[0][-1]) - y) ** 2).mean()
            return cost, cost

    rate = RATE if task["kind"] == "MLP" else SEQUENCE_RATE
    optimizer = torch.optim.SGD(parameters, lr=rate)

    def step():
        optimizer.zero_grad()
        whole, cost = loss()
        whole.backward()
        optimizer.step()
        return cost

    cost = step().item()
    first = time.process_time() - begun
    took = timed(step, seconds)[0]
    return {"run": took * 1e6, "first": first, "loss": cost, "version": torch.__version__}


if __name__ == "__main__":
    pin()
    peer, seconds = sys.argv[1], float(sys.argv[2])
    description = json.load(sys.stdin)
    if peer == "torch":
        result = with_torch(description, seconds)
    else:
        result = with_jax(description, seconds, scanned=peer == "jax scan")
    print(json.dumps(result))
