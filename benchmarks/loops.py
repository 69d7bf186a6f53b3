"""What the search for loops costs, on programs with and without any.

    python benchmarks/loops.py [--operations 30000]

`irregular` is random operations on random earlier results. `almost` is a
recurrence in which every seventh step takes another weight, so that much comes
again and little moves along steadily. `mixed` has stretches of random lengths
that come two or three times. `steady` is a recurrence, all of which is one loop.

For each it prints the instructions after simplifying, the blocks, the items
that are left when loops have been found, and the microseconds of processor time
an instruction: to find the blocks, to find the loops among them, and the native
part of the latter. The least of three runs is printed.
"""

import argparse
import random
import time

from measure import describe, pin


def irregular(n):
    import autograd

    rng = random.Random(0)
    rows = [autograd.tanh, autograd.sigmoid, abs, lambda x: -x]

    def f(*xs):
        found = list(xs)
        while len(found) < n:
            x, y = rng.choice(found[-50:]), rng.choice(found)
            found.append(
                rng.choice(rows)(x) if rng.random() < 0.5 else rng.choice([x * y, x + y, x - y])
            )
        return found[-50:]

    return f


def almost(n):
    from autograd import tanh

    def f(*xs):
        z = xs[0]
        for t in range(n // 3):
            z = tanh(xs[2 if t % 7 else 3 + t % 5] * z + xs[1])
        return [z]

    return f


def mixed(n):
    import autograd

    rng = random.Random(0)

    def f(*xs):
        z, made = xs[0], 0
        while made < n:
            body = [rng.choice([autograd.tanh, autograd.sigmoid, abs]) for _ in range(9)]
            body = body[: rng.randint(1, 9)]
            for _ in range(rng.randint(2, 3)):
                for row in body:
                    z = row(z * xs[1] + xs[2])
                    made += 3
        return [z]

    return f


def steady(n):
    from autograd import tanh

    def f(*xs):
        z = xs[0]
        for _ in range(n // 3):
            z = tanh(xs[1] * z + xs[2])
        return [z]

    return f


def measured(task, n):
    from autograd.compiler import loops
    from autograd.compiler.lanes import Layout
    from autograd.compiler.program import Compiled
    from autograd.compiler.record import record

    f = globals()[task](n)
    tape = Compiled(*record(lambda made: f(*[made.input() for _ in range(8)])), 8).short()
    native = 0.0
    runner = loops.pass_runner

    def timed(n):
        run = runner(n)

        def one(*arguments):
            nonlocal native
            begun = time.process_time()
            found = run(*arguments)
            native += time.process_time() - begun
            return found

        return one

    loops.pass_runner = timed
    begun = time.process_time()
    blocks = list(Layout(tape, by_age=True).blocks())
    laid = time.process_time()
    items = loops.fold(blocks)
    found = time.process_time()
    loops.pass_runner = runner
    times = [1e6 * x / len(tape) for x in (laid - begun, found - laid, native)]
    return len(tape), len(blocks), len(items), *times


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=30_000)
    options = parser.parse_args()
    pin()
    print(describe("llvmlite"))
    print(f"{'':10} {'instructions':>12} {'blocks':>8} {'items':>8} {'lay':>8} {'loops':>8} native")
    for task in ("irregular", "almost", "mixed", "steady"):
        runs = [measured(task, options.operations) for _ in range(3)]
        counts, times = runs[0][:3], [min(column) for column in zip(*runs, strict=True)][3:]
        print(
            f"{task:10} {counts[0]:12} {counts[1]:8} {counts[2]:8} "
            + " ".join(f"{x:8.2f}" for x in times)
        )


if __name__ == "__main__":
    main()
