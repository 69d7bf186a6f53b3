"""A thousand training steps of a GPT on names, beside NumPy and JAX by hand.

    python benchmarks/gpt.py [--rounds 5] [--peers PYTHON] [--large] [--batch 8]

The model has 4,192 parameters: 27 letters, vectors of 16, 4 heads, 1 block, 16
positions. A step reads one name, by Adam at a rate that falls to zero.
`chainrule` is `step.run` of `nn.train_step`, recorded from scalars; `NumPy` is
a backward pass written by hand on names as long as they are; `JAX` is a scan
over padded names. All begin with the same weights and must reach the same
losses to 1e-9 at step 100.

Each measurement is a fresh process on one pinned core, the engines take turns,
and the median is printed: microseconds a step, and seconds from the start of
the process to the last step, imports, recording and compiling included. JAX is
taken from `--peers`, if it is not here, and left out if there is none.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

START = time.perf_counter()
ROOT = Path(__file__).resolve().parent.parent
BLOCK, RATE, BETAS, EPS = 16, 0.01, (0.85, 0.99), 1e-8


def texts(steps):
    """The names of the steps, as numbers, with the dot at both ends."""
    import nn

    names = nn.data.names()
    random.Random(42).shuffle(names)
    tokenizer = nn.data.Tokenizer([f".{name}." for name in names])
    ids = [tokenizer.encode(f".{name}.") for name in names]
    return [ids[i % len(ids)] for i in range(steps)]


def model(large):
    """The model with its first weights."""
    import nn

    width, blocks = (32, 2) if large else (16, 1)
    return nn.GPT(27, width, 4, blocks, BLOCK, seed=0)


def run_chainrule(steps, large, batch):
    """Seconds to record the step, and for each of the others; and the losses."""
    from functools import partial

    import nn

    net, rows = model(large), texts(steps * batch)
    inputs = nn.data.pad([row[:-1] for row in rows], BLOCK)[0]
    targets = nn.data.pad([row[1:] for row in rows], BLOCK, -1)[0]
    batches = [(inputs[i : i + batch], targets[i : i + batch]) for i in range(0, len(rows), batch)]
    adam = nn.Adam(net.parameters(), lr=RATE, betas=BETAS, eps=EPS)
    loss = partial(nn.cross_entropy, ignore_index=-1)
    step = nn.train_step(net, loss, adam, schedule=nn.schedules.linear(steps))
    begin = time.perf_counter()
    losses = step.run(batches[:1])
    recorded = time.perf_counter()
    losses += step.run(batches[1:])
    end = time.perf_counter()
    again = []
    for _ in range(3):
        begin_again = time.perf_counter()
        step.run(batches)
        again.append((time.perf_counter() - begin_again) / steps)
    return {
        "record": recorded - begin,
        "step": min(again),
        "total": end - START,
        "losses": losses[:100],
    }


def run_numpy(steps, large, batch):
    """The twin that the tests have: backward by hand, without padding."""
    sys.path.insert(0, str(ROOT / "tests" / "nn"))
    from gpt_twin import Twin

    twin = Twin(model(large).state_dict(), 4, RATE, BETAS, EPS)
    rows = texts(steps)
    begin = time.perf_counter()
    losses = [twin.step(row[:-1], row[1:], 1 - t / steps) for t, row in enumerate(rows)]
    end = time.perf_counter()
    return {
        "record": 0.0,
        "step": (end - begin) / steps,
        "total": end - START,
        "losses": losses[:100],
    }


def run_jax(steps, large, batch):
    """A scan over the steps, in float64."""
    sys.path.insert(0, str(ROOT / "tests" / "nn"))
    import jax
    import numpy
    from gpt_twin import Twin
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    weights = {k: jnp.array(w) for k, w in Twin(model(large).state_dict(), 4, 0, BETAS).w.items()}
    rows = texts(steps)
    tokens = numpy.zeros((steps, BLOCK), int)
    targets = numpy.zeros((steps, BLOCK), int)
    shares = numpy.zeros((steps, BLOCK))
    for i, row in enumerate(rows):
        n = len(row) - 1
        tokens[i, :n], targets[i, :n], shares[i, :n] = row[:-1], row[1:], 1 / n
    hidden = jnp.triu(jnp.ones((BLOCK, BLOCK), bool), 1)

    def norm(x):
        return x / jnp.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-5)

    def loss(w, tokens, targets, shares):
        x = norm(w["tokens"][tokens] + w["positions"])
        a = norm(x)
        q, k, v = [
            (a @ w[name].T).reshape(BLOCK, 4, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        ]
        scores = q @ k.transpose(0, 2, 1) / jnp.sqrt(q.shape[2])
        attended = jax.nn.softmax(jnp.where(hidden, -jnp.inf, scores), axis=2) @ v
        x = x + attended.transpose(1, 0, 2).reshape(BLOCK, -1) @ w["out"].T
        x = x + jnp.maximum(norm(x) @ w["up"].T, 0) @ w["down"].T
        logs = jax.nn.log_softmax(x @ w["head"].T, axis=1)
        return -(logs[jnp.arange(BLOCK), targets] * shares).sum()

    def step(carry, row):
        w, m, v, t = carry
        cost, g = jax.value_and_grad(loss)(w, *row)
        b1, b2 = BETAS
        rate = RATE * (1 - t / steps)
        t = t + 1
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, g)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, g)
        w = jax.tree.map(
            lambda w, m, v: w - rate * (m / (1 - b1**t)) / (jnp.sqrt(v / (1 - b2**t)) + EPS),
            w,
            m,
            v,
        )
        return (w, m, v, t), cost

    zeros = jax.tree.map(jnp.zeros_like, weights)
    train = jax.jit(lambda carry, rows: jax.lax.scan(step, carry, rows))
    carry, data = (weights, zeros, zeros, 0.0), (tokens, targets, shares)
    begin = time.perf_counter()
    losses = train(carry, data)[1].tolist()
    end = time.perf_counter()
    again = []
    for _ in range(3):
        begin_again = time.perf_counter()
        train(carry, data)[1].block_until_ready()
        again.append((time.perf_counter() - begin_again) / steps)
    return {
        "record": end - begin - min(again) * steps,
        "step": min(again),
        "total": end - START,
        "losses": losses[:100],
    }


ENGINES = {"chainrule": run_chainrule, "NumPy": run_numpy, "JAX": run_jax}


def in_process(python, arguments):
    """Run this file with `arguments` in a fresh process, and read what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [python, __file__, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--large", action="store_true", help="2 blocks of width 32; chainrule only")
    parser.add_argument("--batch", type=int, default=1, help="names a step; chainrule only")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has JAX")
    parser.add_argument("--measure", metavar="ENGINE", help="measure once, and print JSON")
    options = parser.parse_args()

    from measure import describe, pin

    if options.measure:
        pin()
        found = ENGINES[options.measure](options.steps, options.large, options.batch)
        print(json.dumps(found))
        return
    alone = options.large or options.batch > 1
    probe = [options.peers, "-c", "import jax"]
    has_jax = not alone and not subprocess.run(probe, stderr=subprocess.DEVNULL).returncode
    engines = ["chainrule"] if alone else ["chainrule", "NumPy", *["JAX"] * has_jax]
    print(describe("numpy", "llvmlite"))
    flags = ["--steps", options.steps, "--batch", options.batch, *["--large"] * options.large]
    rounds = []
    for _ in range(options.rounds):
        found = {}
        for engine in engines:
            python = options.peers if engine == "JAX" else sys.executable
            found[engine] = in_process(python, [*flags, "--measure", engine])
            ours = found["chainrule"]["losses"]
            apart = max(abs(a - b) for a, b in zip(ours, found[engine]["losses"], strict=True))
            if apart > 1e-9:
                raise SystemExit(f"the losses of {engine} differ by {apart}: not the same steps")
        rounds.append(found)
    print(f"medians of {options.rounds} processes, {options.steps} steps each\n")
    print("| engine | us a step | record and compile, s | start to end, s |\n|---|---|---|---|")
    for engine in engines:
        step, record, total = [
            statistics.median(r[engine][name] for r in rounds)
            for name in ("step", "record", "total")
        ]
        print(f"| {engine} | {1e6 * step:.1f} | {record:.2f} | {total:.2f} |")


if __name__ == "__main__":
    main()
