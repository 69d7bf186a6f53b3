"""Derivatives within derivatives: processor time, and how it grows with the outer history.

    python benchmarks/nested.py [--longest 16000]

First come the saddle point and the charged particle of Siskind and Pearlmutter
2008 ("Using Programming Language Theory to Make Automatic Differentiation Sound
and Efficient"). GradBench has them as `saddle` and `particle`. Each is an
optimization whose steps take another derivative within, in every mix of forward
(f) and reverse (r) mode. The saddle lies at 0, and the particle's weight is
0.20719.

Then comes the derivative of a loop of n steps, each of which takes a derivative
of a small function of the state. A step must not cost what all before it cost.
"""

import argparse
import itertools
import time

from measure import describe

from autograd import grad, jvp, sqrt


def reverse(f):
    return grad(f)


def forward(f):
    def derivative(xs):
        return [jvp(f, [xs], [[float(i == j) for j in range(len(xs))]])[1] for i in range(len(xs))]

    return derivative


MODES = {"f": forward, "r": reverse}


def magnitude(xs):
    return sqrt(sum(x * x for x in xs))


def distance(xs, ys):
    return magnitude([x - y for x, y in zip(xs, ys, strict=True)])


def argmin(f, x, gradient):
    """Descend with a rate that doubles after ten steps and halves when f does not fall."""
    g = gradient(f)
    fx, gx, rate, steps = f(x), g(x), 1e-5, 0
    while magnitude(gx) > 1e-5:
        if steps == 10:
            rate, steps = 2.0 * rate, 0
            continue
        new = [a - rate * b for a, b in zip(x, gx, strict=True)]
        if distance(x, new) <= 1e-5:
            break
        f_new = f(new)
        if f_new < fx:
            x, fx, gx, steps = new, f_new, g(new), steps + 1
        else:
            rate, steps = 0.5 * rate, 0
    return x


def argmax(f, x, gradient):
    return argmin(lambda xs: -f(xs), x, gradient)


def saddle(outer, inner):
    """Where x1**2 + y1**2 - x2**2 - y2**2 is least in (x1, y1) and greatest in (x2, y2)."""

    def height(one, two):
        return one[0] * one[0] + one[1] * one[1] - (two[0] * two[0] + two[1] * two[1])

    def highest(one):
        return height(one, argmax(lambda two: height(one, two), [1.0, 1.0], inner))

    one = argmin(highest, [1.0, 1.0], outer)
    return [*one, *argmax(lambda two: height(one, two), [1.0, 1.0], inner)]


def particle(outer, inner):
    """The weight with which a charged particle, by Euler's method, meets the axis at 0."""

    def missed(weights):
        charges = [[10.0, 10.0 - weights[0]], [10.0, 0.0]]
        x, speed, dt = [0.0, 8.0], [0.75, 0.0], 0.1
        force = inner(lambda at: sum(1.0 / distance(at, charge) for charge in charges))
        while True:
            push = force(x)
            new = [a + dt * v for a, v in zip(x, speed, strict=True)]
            if not new[1] > 0.0:
                rest = -x[1] / speed[1]
                end = x[0] + rest * speed[0]
                return end * end
            x, speed = new, [v - dt * p for v, p in zip(speed, push, strict=True)]

    return argmin(missed, [0.0], outer)


def history(n, gradient, derivative):
    """The derivative of n steps, each with a derivative of its own, and its seconds."""

    def last(xs):
        x = xs[0]
        for _ in range(n):
            x = x - 0.001 * derivative(lambda at: at[0] * at[0] * at[0])([x])[0]
        return x

    start = time.process_time()
    gradient(last)([1.0])
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--longest", type=int, default=16_000)
    options = parser.parse_args()
    print(describe())
    total = 0.0
    print("\n| task | outer, inner | s |\n|---|---|---|")
    for task, expected in ((saddle, [0.0] * 4), (particle, [0.20719])):
        for outer, inner in itertools.product(MODES, MODES):
            start = time.process_time()
            found = task(MODES[outer], MODES[inner])
            seconds = time.process_time() - start
            total += seconds
            if any(abs(x - y) > 1e-4 for x, y in zip(found, expected, strict=True)):
                raise SystemExit(f"{task.__name__} {outer}{inner}: {found}, not {expected}")
            print(f"| {task.__name__} | {outer}{inner} | {seconds:.1f} |", flush=True)
    print(f"\n{total:.1f} s in all\n\n| outer, inner | steps | us a step |\n|---|---|---|")
    for outer, inner in itertools.product(MODES, MODES):
        n = options.longest // 16
        while n <= options.longest:
            seconds = history(n, MODES[outer], MODES[inner])
            print(f"| {outer}{inner} | {n:,} | {1e6 * seconds / n:.0f} |", flush=True)
            n *= 4


if __name__ == "__main__":
    main()
