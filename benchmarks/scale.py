"""How a recorded training step grows with rows, width, depth and length.

Every figure is measured in fresh processes on one pinned core.

    python benchmarks/scale.py [TASK ...] [--rounds 3] [--seconds 1]

TASK is one of those below, such as "rows 1000" or "LSTM 500"; all by default.
For each it prints the microseconds of a step within `step.run`, the seconds of
processor time from the first batch to the end of the first step (recording,
compiling and running, with a warm cache of compiled code), the same without
that cache ("cold"), and the megabytes that the first step adds at the peak. The
least of all rounds is printed.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time

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
OTHERS = ["plain 100", "loop 1000"]
TASKS = [*NETS, *SEQUENCES, *OTHERS]


def net(rows, sizes):
    """Two inputs, random rows and labels."""
    import nn

    rng = random.Random(0)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    y = [int(a * b > 0) for a, b in X]
    model = nn.MLP(2, sizes, "relu", seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.05)
    return nn.train_step(model, nn.hinge, optimizer, penalty=lambda ps: nn.l2(ps, 1e-4)), X, y


def sequence(kind, length):
    import nn

    rng = random.Random(0)
    cell = {"LSTM": nn.LSTM, "RNN": nn.RNN}[kind]
    model = nn.Sequential(cell(1, 16, seed=0), nn.Last(), nn.Layer(16, 1, seed=0))
    X = [[[rng.uniform(-1, 1)] for _ in range(length)]]
    return nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.01)), X, [[0.5]]


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
    if task in NETS:
        step, X, y = net(*NETS[task])
    else:
        step, X, y = sequence(kind, int(size)) if task in SEQUENCES else globals()[kind](int(size))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    step(X, y)
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
    return {"run": best * 1e6, "first": first, "megabytes": added / 1024}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--measure", metavar="TASK", help="once, in this process, as JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.seconds)))
        return
    print(describe("llvmlite"))
    print(f"{'':12} {'us a step':>10} {'first, s':>10} {'cold, s':>10} {'MB':>8}")
    for task in options.tasks or TASKS:
        with tempfile.TemporaryDirectory() as directory:
            os.environ["XDG_CACHE_HOME"] = directory
            arguments = ("--measure", task, "--seconds", options.seconds)
            found = [in_fresh_process(__file__, *arguments) for _ in range(options.rounds + 1)]
        cold, *warm = found
        run, first, added = (
            min(each[name] for each in warm) for name in ("run", "first", "megabytes")
        )
        print(f"{task:12} {run:10.1f} {first:10.3f} {cold['first']:10.3f} {added:8.1f}", flush=True)


if __name__ == "__main__":
    main()
