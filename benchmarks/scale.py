"""How a recorded training step grows with rows, width, depth and length, beside
PyTorch and JAX.

Every figure is measured in fresh processes on one pinned core. Ours and the
peers take turns.

    python benchmarks/scale.py [TASK ...] [--rounds 3] [--seconds 1] [--peers PYTHON ...]

TASK is one of those below, such as "rows 1000" or "LSTM 500"; all by default.
Each PYTHON is the interpreter of an environment with jax or torch. Each peer is
taken from the first that has it, and left out if none has.

For each it prints the microseconds of a step within `step.run`, and how many
times that each peer takes: JAX as one call a step, JAX as a scan over a hundred
steps, and eager PyTorch. Then come the seconds of processor time from the first
batch to the end of the first step: recording, compiling and running, with a
warm cache of compiled code, and without that cache ("cold"). JAX's are those of
its first call, which traces, compiles and runs. The last column is the megabytes
that our first step adds at the peak. The least of all rounds is printed.

All have the same first loss, without its penalty, to 1e-9. "module 100" is the net of "rows 100" as
a Module of a user's own, made of nn's Layers.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from measure import describe, in_fresh_process, pin

NETS = {  # an MLP with hinge + L2, by SGD: rows, sizes of the layers
    "rows 10": (10, [16, 16, 1]),
    "rows 100": (100, [16, 16, 1]),
    "rows 1000": (1_000, [16, 16, 1]),
    "rows 10000": (10_000, [16, 16, 1]),
    "width 32": (100, [32, 32, 1]),
    "width 128": (100, [128, 128, 1]),
    "depth 5": (100, [16] * 5 + [1]),
    "depth 10": (100, [16] * 10 + [1]),
}
SEQUENCES = ["LSTM 50", "LSTM 500", "RNN 50", "RNN 500"]  # 16 units, one sequence, by SGD
OTHERS = ["module 100", "plain 100", "loop 1000"]
PEERS = ["jax call", "jax scan", "torch"]
TASKS = [*NETS, *SEQUENCES, *OTHERS]


def rows_and_labels(rows):
    rng = random.Random(0)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return X, [int(a * b > 0) for a, b in X]


def net(rows, sizes):
    """A model of two inputs, random rows and labels."""
    import nn

    return nn.MLP(2, sizes, "relu", seed=0), *rows_and_labels(rows)


def sequence(kind, length):
    """A model, one sequence of random numbers, and its label."""
    import nn

    rng = random.Random(0)
    cell = {"LSTM": nn.LSTM, "RNN": nn.RNN}[kind]
    model = nn.Sequential(cell(1, 16, seed=0), nn.Last(), nn.Layer(16, 1, seed=0))
    return model, [[[rng.uniform(-1, 1)] for _ in range(length)]], [[0.5]]


def data_of(task):
    """The model of a task of NETS or SEQUENCES, its inputs and its labels."""
    if task in NETS:
        return net(*NETS[task])
    kind, size = task.split()
    return sequence(kind, int(size))


def hinge_step(model):
    """A step by SGD on hinge + L2."""
    import nn

    optimizer = nn.SGD(model.parameters(), lr=0.05)
    return nn.train_step(model, nn.hinge, optimizer, penalty=lambda ps: nn.l2(ps, 1e-4))


def squares_step(model):
    """A step by SGD on the mean squared error."""
    import nn

    return nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.01))


def module(rows):
    """The net of "rows" as a Module of a user's own."""
    import nn

    class Net(nn.Module):
        def __init__(self):
            parts = nn.MLP(2, [16, 16, 1], "relu", seed=0).layers
            self.first, self.second, self.last = parts

        def forward(self, x):
            return self.last(self.second(self.first(x)))

    return hinge_step(Net()), *rows_and_labels(rows)


def description(task):
    """What a peer gets: the kind of net, the data and the first weights, as JSON."""
    model, X, y = data_of("rows 100" if task == "module 100" else task)

    def rows_of(layer):
        return [[w.data for w in neuron.w] for neuron in layer.neurons]

    def biases_of(layer):
        return [neuron.b.data for neuron in layer.neurons]

    if task not in SEQUENCES:
        weights = {}
        for i, layer in enumerate(model.layers):
            weights |= {f"w{i}": rows_of(layer), f"b{i}": biases_of(layer)}
        return {"kind": "MLP", "X": X, "y": y, "weights": weights}
    kind = task.split()[0]
    recurrent, _, last = model.layers
    cell = recurrent.cell
    # The order of the gates in PyTorch: input, forget, candidate, output.
    gates = {
        "LSTM": ["write", "forget", "candidate", "read"],
        "RNN": ["update"],
    }[kind]
    layers = [getattr(cell, name) for name in gates]
    wide = [row for layer in layers for row in rows_of(layer)]
    weights = {
        "wx": [row[:1] for row in wide],
        "wh": [row[1:] for row in wide],
        "b": [b for layer in layers for b in biases_of(layer)],
        "wo": rows_of(last),
        "bo": biases_of(last),
    }
    return {"kind": kind, "X": X[0], "y": y[0], "weights": weights}


def plain(rows):
    """The net of "rows", written with + and *."""
    from jit import data_of, plain_model

    import nn

    data = data_of("moons")
    model, loss, penalty = plain_model(data)
    optimizer = nn.SGD(model.parameters(), lr=data["lr"])
    return (
        nn.train_step(model, loss, optimizer, penalty=penalty),
        data["X"][:rows],
        data["y"][:rows],
    )


def loop(length):
    """z = tanh(w * z + b), again and again: scalars, of which none is beside another."""
    import nn
    from autograd import Value, tanh

    class Loop(nn.Module):
        def __init__(self):
            self.w, self.b = Value(0.5), Value(0.1)

        def forward(self, x):
            z = x[0]
            for _ in range(length):
                z = tanh(self.w * z + self.b)
            return [z]

    model = Loop()
    return nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.01)), [[0.3]], [[0.5]]


def measure(task, seconds):
    """Figures of one task in this process."""
    pin()
    import nn  # noqa: F401

    kind, _, size = task.partition(" ")
    if task in OTHERS:
        step, X, y = {"module": module, "plain": plain, "loop": loop}[kind](int(size))
    else:
        model, X, y = data_of(task)
        step = (hinge_step if task in NETS else squares_step)(model)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    loss = float(step(X, y))
    first = time.process_time() - begun
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    batches, best, end = [(X, y)] * 10, float("inf"), time.perf_counter() + seconds
    step.run(batches)
    while time.perf_counter() < end:
        begun = time.perf_counter()
        step.run(batches)
        took = (time.perf_counter() - begun) / len(batches)
        best = min(best, took)
        if took * len(batches) < 0.02:
            batches = batches * 2
    return {"run": best * 1e6, "first": first, "megabytes": added / 1024, "loss": loss}


def has(python, library):
    """Whether an environment has a library."""
    command = [python, "-c", f"import {library}"]
    return not subprocess.run(command, stderr=subprocess.DEVNULL).returncode


def measure_peer(python, peer, seconds, task):
    """Figures of a peer, from a process of its own."""
    script = str(Path(__file__).with_name("scale_peers.py"))
    done = subprocess.run(
        [python, script, peer, str(seconds)],
        input=json.dumps(task),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def check_losses(task, results):
    """Refuse figures of nets that are not the same."""
    losses = {name: result["loss"] for name, result in results.items()}
    if max(losses.values()) - min(losses.values()) > 1e-9:
        raise SystemExit(f"{task}: the first losses differ: {losses}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--peers", nargs="+", default=[], help="Pythons that have jax or torch")
    parser.add_argument("--measure", metavar="TASK", help="once, in this process, as JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.seconds)))
        return
    pythons = {
        peer: python
        for peer in PEERS
        for python in reversed(options.peers)
        if has(python, peer.split()[0])
    }
    print(describe("llvmlite"))
    heads = "".join(f"{peer + ' / it':>15}" for peer in pythons)
    print(
        f"{'':12} {'us a step':>10}{heads} {'first, s':>10} {'cold, s':>10} "
        f"{'JAX, s':>10} {'MB':>8}"
    )
    versions = {}
    for task in options.tasks or TASKS:
        peers = {} if task in ("plain 100", "loop 1000") else pythons
        described = description(task) if peers else None
        rounds = []
        with tempfile.TemporaryDirectory() as directory:
            os.environ["XDG_CACHE_HOME"] = directory
            arguments = ("--measure", task, "--seconds", options.seconds)
            cold = in_fresh_process(__file__, *arguments)
            for _ in range(options.rounds):
                results = {"ours": in_fresh_process(__file__, *arguments)}
                for peer, python in peers.items():
                    results[peer] = measure_peer(python, peer, options.seconds, described)
                    versions[peer.split()[0]] = results[peer]["version"]
                check_losses(task, results)
                rounds.append(results)

        def least(name, figure, rounds=rounds):
            return min(each[name][figure] for each in rounds)

        run = least("ours", "run")
        ratios = "".join(
            f"{least(peer, 'run') / run:15.2f}" if peer in peers else f"{'':15}" for peer in pythons
        )
        jax = f"{least('jax call', 'first'):10.3f}" if "jax call" in peers else f"{'':10}"
        print(
            f"{task:12} {run:10.1f}{ratios} {least('ours', 'first'):10.3f} "
            f"{cold['first']:10.3f} {jax} {least('ours', 'megabytes'):8.1f}",
            flush=True,
        )
    if versions:
        print(", ".join(f"{name} {version}" for name, version in versions.items()))


if __name__ == "__main__":
    main()
