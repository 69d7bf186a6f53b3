"""A training step by jit beside its peers, in alternating rounds, each
measurement in a fresh process on one pinned core, in float64.

    python benchmarks/jit.py [--rounds 5] [--seconds 1] [--peers PYTHON ...]

Each PYTHON is the interpreter of an environment with some of jax, torch and
pytensor. Each peer is taken from the first that has it, and left out if none
has. The tasks:

moons  MLP 2-16-16-1, all 100 rows, hinge + L2, SGD. "plain" is written with
       + and * in Python loops, "nn" with nn's layers.
row    the same model, one row a step.
lstm   LSTM with 16 units over 50 steps, one sequence, mean squared error, SGD.
deep   10 layers of 32 tanh units, 32 rows, mean squared error, SGD.
large  not by default: the loss of moons and its gradient, with + and *, on as
       many rows as make ten million operations; takes minutes.

A "run" stays inside step.run; "Python" is generated Python, with llvmlite
hidden. The first call records, compiles and runs; "with import" adds the import
of chainrule and llvmlite and the load of the compiled code, which a warm-up has
kept. "loss" is the loss of moons as a jitted function of the weights and the
rows, "loss and gradient" its value_and_grad. micrograd runs moons.py.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from jit_peers import timed
from measure import describe, in_fresh_process, pin
from moons import LEARNING_RATE, PENALTY, initial_weights, moons

OURS = {
    "moons": [
        "plain",
        "plain arrays",
        "plain run",
        "plain Python",
        "nn",
        "nn run",
        "loss",
        "loss and gradient",
    ],
    "row": ["plain", "nn"],
    "lstm": ["nn", "nn run"],
    "deep": ["nn", "nn run"],
}
PEERS = {
    "moons": ["torch", "jax call", "jax scan", "pytensor"],
    "row": ["torch", "jax call"],
    "lstm": ["torch"],
    "deep": ["torch"],
}


def data_of(task):
    """Rows, targets, first weights and settings, for every engine the same."""
    rng = random.Random(1)
    if task in ("moons", "row"):
        X, y = moons()
        layers = [([w for w, _ in layer], [b for _, b in layer]) for layer in initial_weights()]
        n = 1 if task == "row" else len(X)
        return {
            "X": X[:n],
            "y": [float(t) for t in y[:n]],
            "layers": layers,
            "lr": LEARNING_RATE,
            "penalty": PENALTY,
        }
    if task == "lstm":
        return {"X": [[[rng.uniform(-1, 1)]] for _ in range(50)], "y": [[0.5]], "lr": 0.01}
    sizes = [32] * 10 + [1]
    layers = [
        ([[rng.gauss(0, n_in**-0.5) for _ in range(n_in)] for _ in range(n_out)], [0.0] * n_out)
        for n_in, n_out in pairwise(sizes)
    ]
    X = [[rng.uniform(-1, 1) for _ in range(32)] for _ in range(32)]
    return {"X": X, "y": [rng.uniform(-1, 1) for _ in X], "layers": layers, "lr": 0.01}


def plain_model(data):
    """The net in + and *, as a Module so that train_step finds its parameters."""
    import nn
    from autograd import Value

    class Plain(nn.Module):
        def __init__(self):
            self.layers = [
                [([Value(u) for u in w], Value(b)) for w, b in zip(*layer, strict=True)]
                for layer in data["layers"]
            ]

        def forward(self, xs):
            *hidden, output = self.layers
            for layer in hidden:
                xs = [self.neuron(weights, bias, xs).relu() for weights, bias in layer]
            return self.neuron(*output[0], xs)

        def neuron(self, weights, bias, xs):
            z = bias
            for w, x in zip(weights, xs, strict=True):
                z = z + w * x
            return z

    def loss(outputs, labels):
        cost = 0.0
        for output, label in zip(outputs, labels, strict=True):
            cost = cost + (1.0 + output * (1.0 - 2.0 * label)).relu()
        return cost * (1.0 / len(outputs))

    def penalty(parameters):
        z = 0.0
        for p in parameters:
            z = z + p * p
        return z * PENALTY

    return Plain(), loss, penalty


def layered_model(task, data):
    import nn

    if task == "lstm":
        return (
            nn.Sequential(nn.LSTM(1, 16, seed=0), nn.Last(), nn.Layer(16, 1, seed=0)),
            nn.mse,
            None,
        )
    model = nn.MLP(
        len(data["X"][0]),
        [len(b) for _, b in data["layers"]],
        "relu" if task in ("moons", "row") else "tanh",
    )
    for layer, (weights, biases) in zip(model.layers, data["layers"], strict=True):
        for neuron, w, b in zip(layer.neurons, weights, biases, strict=True):
            neuron.b.data = b
            for p, u in zip(neuron.w, w, strict=True):
                p.data = u
    if task == "deep":
        return model, nn.mse, None
    return (
        model,
        lambda outputs, y: nn.hinge(outputs, y, reduction="sum") * (1.0 / len(outputs)),
        lambda ps: nn.l2(ps, PENALTY),
    )


def loss_of(layers, X, y):
    """The loss of moons as a function of its numbers alone; every neuron is a
    list of weights and, last, a bias.
    """
    from autograd import dot, relu

    cost = 0.0
    for xs, label in zip(X, y, strict=True):
        *hidden, (output,) = layers
        for layer in hidden:
            xs = [relu(dot(neuron[:-1], xs) + neuron[-1]) for neuron in layer]
        cost = cost + relu(1.0 + (dot(output[:-1], xs) + output[-1]) * (1.0 - 2.0 * label))
    return cost * (1.0 / len(y))


def load():
    """Load the compiler and, if llvmlite is there, its library."""
    from autograd import jit
    from autograd.compiler import llvm

    jit(lambda x: x * x)(1.0)
    if llvm.available():
        llvm.engine()


def measure_function(engine, seconds):
    """As measure, for the loss or its gradient."""
    from autograd import jit, value_and_grad

    data = data_of("moons")
    layers = [[[*w, b] for w, b in zip(*layer, strict=True)] for layer in data["layers"]]
    f = jit(loss_of) if engine == "loss" else jit(value_and_grad(loss_of))
    load()
    start = time.perf_counter()
    f(layers, data["X"], data["y"])
    cold = time.perf_counter() - start
    return {
        "seconds": timed(lambda: f(layers, data["X"], data["y"]), seconds)[0],
        "cold": cold,
        "second process": cold,
    }


def measure_large(operations):
    """The seconds and the bytes at the peak, for each recorded operation, of a
    program of so many.
    """
    import autograd
    from autograd import jit, value_and_grad

    def dot(weights, xs):
        z = 0.0
        for w, x in zip(weights, xs, strict=True):
            z = z + w * x
        return z

    autograd.dot = dot  # the one that loss_of imports
    data = data_of("moons")
    rows = operations // 750
    layers = [[[*w, b] for w, b in zip(*layer, strict=True)] for layer in data["layers"]]
    arguments = (
        layers,
        (data["X"] * (rows // 100 + 1))[:rows],
        (data["y"] * (rows // 100 + 1))[:rows],
    )
    load()
    f = jit(value_and_grad(loss_of))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    f(*arguments)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    recorded = f.stats(*arguments)["recorded"]
    return {
        "operations": recorded,
        "seconds": took,
        "us each": 1e6 * took / recorded,
        "bytes each": 1024 * (peak - before) / recorded,
    }


def measure(task, engine, seconds):
    """The loss of the first step, the seconds of a later one and of the first,
    and of the import.
    """
    pin()
    if task == "large":
        return measure_large(int(engine))
    if engine.startswith("loss"):
        return measure_function(engine, seconds)
    begun = time.perf_counter()
    if "Python" in engine:
        sys.modules["llvmlite"] = None
    import nn
    from autograd.compiler import llvm

    if "Python" in engine:
        llvm.available = lambda: False
    load()
    imported = time.perf_counter() - begun
    data = data_of(task)
    model, loss, penalty = (
        plain_model(data) if engine.startswith("plain") else layered_model(task, data)
    )
    step = nn.train_step(model, loss, nn.SGD(model.parameters(), lr=data["lr"]), penalty=penalty)
    X, y = ([[x for (x,) in data["X"]]], data["y"]) if task == "lstm" else (data["X"], data["y"])
    if "arrays" in engine:
        import numpy as np

        X, y = np.array(X), np.array(y)
    added = (
        penalty(model.parameters()).data if penalty else 0.0
    )  # the loss that a step returns is without it
    start = time.perf_counter()
    first = step(X, y) + added
    cold = time.perf_counter() - start
    if "run" in engine:
        batches = [(X, y)] * 200
        took = timed(lambda: step.run(batches), seconds)[0] / len(batches)
    else:
        took = timed(lambda: step(X, y), seconds)[0]
    return {"loss": first, "seconds": took, "cold": cold, "second process": imported + cold}


def has(python, peer):
    """Whether an environment has the library of a peer."""
    command = [python, "-c", f"import {peer.split()[0]}"]
    return not subprocess.run(command, stderr=subprocess.DEVNULL).returncode


def measure_peer(pythons, task, peer, seconds):
    command = [
        pythons[peer],
        str(Path(__file__).with_name("jit_peers.py")),
        peer,
        task,
        str(seconds),
    ]
    done = subprocess.run(
        command, input=json.dumps(data_of(task)), check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument(
        "--peers", nargs="+", default=[], help="Pythons that have jax, torch or pytensor"
    )
    parser.add_argument("--tasks", nargs="+", default=list(OURS), choices=[*OURS, "large"])
    parser.add_argument(
        "--measure",
        nargs=2,
        metavar=("TASK", "ENGINE"),
        help="measure once, in this process, and print JSON",
    )
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure, options.seconds)))
        return

    print(describe("llvmlite"))
    print(f"median of {options.rounds} rounds")
    for task in options.tasks:
        if task == "large":
            print(
                "\nlarge",
                *[in_fresh_process(__file__, "--measure", "large", n) for n in (10**6, 10**7)],
                sep="\n",
            )
            continue
        found = {
            peer: python
            for peer in PEERS[task]
            for python in reversed(options.peers)
            if has(python, peer)
        }
        engines = [("chainrule", e) for e in OURS[task]] + [("peer", p) for p in found]
        rounds = []
        for _ in range(options.rounds):
            results = {}
            for kind, engine in engines:
                if kind == "peer":
                    results[engine] = measure_peer(found, task, engine, options.seconds)
                else:
                    results[engine] = in_fresh_process(
                        __file__, "--seconds", options.seconds, "--measure", task, engine
                    )
            losses = [result["loss"] for result in results.values() if "loss" in result]
            if (
                task != "lstm" and max(losses) - min(losses) > 1e-9
            ):  # an LSTM's gates have other first weights everywhere
                raise SystemExit(f"the first losses differ: {losses} of {list(results)}")
            if task == "moons":
                for collector in ("on", "off"):
                    script = Path(__file__).with_name("moons.py")
                    results[f"micrograd, collector {collector}"] = in_fresh_process(
                        script, "--steps", 5, "--measure", "micrograd", collector
                    )
            rounds.append(results)
        print(
            f"\n{task}\n| step | us | torch / it | first call, s | with import, s "
            "|\n|---|---|---|---|---|"
        )
        for kind, engine in engines:
            middle = {
                key: statistics.median(r[engine][key] for r in rounds)
                for key, x in rounds[0][engine].items()
                if isinstance(x, float)
            }
            ratio = (
                statistics.median(r["torch"]["seconds"] / r[engine]["seconds"] for r in rounds)
                if "torch" in found
                else float("nan")
            )
            name = (
                f"chainrule, {engine}"
                if kind == "chainrule"
                else f"{engine} {rounds[0][engine]['version']}"
            )
            cold = (
                f"{middle['cold']:.2f} | {middle['second process']:.2f}"
                if kind == "chainrule"
                else "|"
            )
            print(f"| {name} | {1e6 * middle['seconds']:.1f} | {ratio:.1f} | {cold} |")
        if task == "moons":
            for collector in ("on", "off"):
                micrograd = [r[f"micrograd, collector {collector}"]["seconds"] for r in rounds]
                ratio = statistics.median(
                    m / r["plain Python"]["seconds"] for m, r in zip(micrograd, rounds, strict=True)
                )
                print(
                    f"micrograd, collector {collector}: "
                    f"{1e3 * statistics.median(micrograd):.0f} ms, {ratio:.0f} times "
                    "generated Python"
                )
            ratio = statistics.median(
                r["loss and gradient"]["seconds"] / r["loss"]["seconds"] for r in rounds
            )
            print(f"loss and gradient: {ratio:.1f} times the loss")


if __name__ == "__main__":
    main()
