"""Do all modes agree? N random graphs, each computed in every one.

    python benchmarks/trust/graphs.py N SEED --minutes 30 --keep graphs.jsonl

A graph is 50 operations deep: each uses the result before it. Operands are
shared, and ties and kinks come by construction: equal operands, zeros, ones.
The gradient goes on where a row is flat, for an earlier result is added to each.
It is counted how many operations have an adjoint beyond 1e-3.

- backward = gradients = program, bit for bit (two zeros are equal)
- forward mode within 1e-9, relative to max(1, the derivative)
- on every sixth graph, of smooth rows: the derivatives of order 1 to 4 of its
  first eight operations against mpmath's Taylor coefficients, within 1e-8
- on those of them where no adjoint, nor its product with the result, is beyond 30:
  differences in 90 digits within 1e-9. The others amplify rounding
"""

import argparse
import gc
import json
import math
import platform
import random
import time
from pathlib import Path

from common import alike, oracles
from mpmath import mp, mpf

from autograd import PRIMITIVES, Value, gradients, jit, jvp
from autograd.core.graph import topological_order

DEPTH = 50
SMOOTH = [
    "add",
    "sub",
    "mul",
    "tanh",
    "sigmoid",
    "sin",
    "cos",
    "softplus",
    "dot",
    "sum",
    "mean",
    "logsumexp",
    "neg",
    "atan",
]
KINKED = [
    "relu",
    "maximum",
    "minimum",
    "abs",
    "max",
    "min",
    "where",
    "less",
    "sign",
    "clip",
    "leaky_relu",
    "floor",
]
NUMBERS = (0.0, 0.5, 1.0, -1.0, 2.0)


def steps(rng, names, depth):
    """Return (row, places of the operands) of every step, the last result among them."""
    found = []
    for k in range(depth):
        op = PRIMITIVES[rng.choice(names)]
        size = op.arity or rng.choice((2, 4))
        places = [rng.choice((k + 3, rng.randrange(k + 4))) for _ in range(size)]
        places[rng.randrange(size)] = k + 3
        if op.name == "clip":
            places = [k + 3, 4, 5] if k > 2 else [k + 3, 3, 3]
        if op.name == "leaky_relu":
            places = [k + 3, rng.randrange(k + 4)]
        found.append((op, places))
    return found


def function(plan, call):
    """The function of three numbers that takes these steps.

    Every third result is a sine, which bounds it. A result before the last one is added
    to each, so that the gradient goes on where a row is flat.
    """
    sine = call(PRIMITIVES["sin"])

    def f(x, y, w):
        values = [x, y, w, x * y + w]
        for op, places in plan:
            xs = [values[i] for i in places]
            if op.name == "clip":
                xs = [xs[0], -0.5, 0.5]
            z = call(op)(xs) if op.arity is None else call(op)(*xs)
            z = z + values[-4 if len(values) % 3 == 1 else -2]
            values.append(sine(z) if len(values) % 3 == 0 else z)
        return sine(values[-1])

    return f


def examined(seed):
    """Return what disagrees on the graph of this seed, and what the graph proves.

    That is the part of its operations whose adjoint is beyond 1e-3, for an error in
    another one may hide; and whether the whole graph was compared with mpmath.
    """
    rng = random.Random(seed)
    smooth = seed % 6 == 0
    plan = steps(rng, SMOOTH if smooth else SMOOTH + KINKED, DEPTH)
    f = function(plan, lambda op: op.function)
    at = [rng.choice(NUMBERS) if rng.random() < 0.5 else rng.uniform(-2.0, 2.0) for _ in range(3)]
    nodes = [Value(x) for x in at]
    root = f(*nodes)
    root.backward()
    backward = [x.grad for x in nodes]
    operations = [node for node in topological_order(root) if node.parents]
    graph = [g.data for g in gradients(root, nodes)]

    def both(*xs):
        z = f(*xs)
        return [z, *gradients(z, xs)]

    wrong = []
    program = [y.data for y in jit(both)(*map(Value, at))]
    if not all(map(alike, backward, graph)):
        wrong.append(f"backward {backward}, gradients {graph}")
    if not all(map(alike, [root.data, *backward], program)):
        wrong.append(f"eager {[root.data, *backward]}, program {program}")
    for i, p in enumerate(backward):
        t = jvp(f, at, [float(i == j) for j in range(3)])[1]
        if not (alike(t, p) or abs(t - p) <= 1e-9 * max(1.0, abs(p))):
            wrong.append(f"backward {p!r}, jvp {t!r} by operand {i}")
    tame = smooth and all(abs(z.grad) * max(1.0, abs(z.data)) <= 30.0 for z in operations)
    if smooth:
        wrong += order_faults(plan[:8], at)
    if tame:
        wrong += far_faults(plan, at, backward)
    return wrong, sum(abs(z.grad) > 1e-3 for z in operations) / len(operations), tame


def far_faults(plan, at, backward):
    """Yield what disagrees with mpmath, which differentiates by differences."""
    with mp.workdps(90):
        g = function(plan, lambda op: oracles.REFERENCES[op.name])
        h = mpf(10) ** -30
        for i, p in enumerate(backward):
            up, down = ([mpf(x) + s * h * (i == j) for j, x in enumerate(at)] for s in (1, -1))
            exact = float((g(*up) - g(*down)) / (2 * h))
            if abs(exact - p) > 1e-9 * max(1.0, abs(p)):
                yield f"backward {p!r}, differences {exact!r} by operand {i}"


def order_faults(plan, at):
    """Yield the derivatives of order 1 to 4 that are not those of the Taylor series."""
    f, g = (
        function(plan, call)
        for call in (lambda op: op.function, lambda op: oracles.REFERENCES[op.name])
    )
    x = Value(at[0])
    z = f(x, *at[1:])
    with mp.workdps(60):
        taylor = mp.taylor(lambda t: g(t, *map(mpf, at[1:])), mpf(at[0]), 4)
    for order, coefficient in enumerate(taylor[1:], 1):
        (z,) = gradients(z, [x])
        exact = float(coefficient) * math.factorial(order)
        if abs(z.data - exact) > 1e-8 * max(1.0, abs(exact)):
            yield f"order {order}: {z.data!r}, by Taylor {exact!r}"


def found(n, seed):
    """Return the faults of n graphs by seed, the parts that count, and how many were tame."""
    every = {k: examined(k) for k in range(seed, seed + n)}
    wrong = {k: faults for k, (faults, _, _) in every.items() if faults}
    return wrong, [part for _, part, _ in every.values()], sum(tame for *_, tame in every.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=200, help="graphs")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop then, with what there is")
    parser.add_argument("--keep", type=Path, help="a file to go on from")
    given = parser.parse_args()
    print(f"N = {given.n}, seed {given.seed}, Python {platform.python_version()}")
    gc.set_threshold(100_000)
    end, done, wrong, sums = time.monotonic() + 60.0 * given.minutes, 0, {}, [0.0, 0, 0]
    if given.keep and given.keep.exists():
        done, wrong, sums = json.loads(given.keep.read_text())
    while done < given.n and time.monotonic() < end:
        some = min(100, given.n - done)
        more, parts, tame = found(some, given.seed + done)
        wrong.update(more)
        new = (sum(parts), sum(part > 0.5 for part in parts), tame)
        sums = [a + b for a, b in zip(sums, new, strict=True)]
        done += some
        if given.keep:
            given.keep.write_text(json.dumps([done, wrong, sums]))
    print(f"{done - len(wrong)} of {done} graphs agree in every mode")
    print(f"{sums[0] / max(1, done):.1%} of the operations have an adjoint beyond 1e-3")
    print(f"{sums[1]} graphs have one at more than half of their operations")
    print(f"{sums[2]} graphs were compared with differences in 90 digits")
    for k, lines in wrong.items():
        print(k, *lines, sep="\n  ")


if __name__ == "__main__":
    main()
