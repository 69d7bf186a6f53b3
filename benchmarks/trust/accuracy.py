"""How accurate are the rows? N points a row, eager and as a program.

    python benchmarks/trust/accuracy.py N SEED --minutes 60 --keep points.jsonl

- Points: a quarter has random bits, over the whole range of the doubles. A quarter is
  of moderate size. A quarter lies at edges, ends and kinks, and beside them. In the
  last quarter operands are equal, opposite, or one float from that, and lists cancel.
- Eager: value and partials of every point, and the second derivatives of every 20th.
- Program: value, partials and a second derivative of every point. They have the bits
  of the eager run where that is finite.
- The oracle is ball arithmetic (`balls.py`), which encloses its own rounding. It needs
  python-flint. At the worst points of each row mpmath confirms it.

A number is beyond its bound where its error in ulp is above the bound of the row times
its condition number. The bound of second derivatives is tried for operands of sizes
from 1e-30 to 1e10, as the table of primitives says.

Rows take turns, 500 points at a time, so that a run that is stopped has as many points
of each. With --keep it goes on from there.
"""

import argparse
import gc
import json
import math
import platform
import random
import struct
import sys
import time
import warnings
from pathlib import Path

import balls
from common import alike, oracles

import autograd
from autograd import PRIMITIVES, Value, gradients, jit

CHUNK = 500
WHOLE = {"take", "sinc_slope"}  # rows whose last operand is a whole number
ROWS = [name for name in PRIMITIVES if name != "stop_gradient"]
NUMBERS = ("value", "partial", "second")


def bits(rng):
    """A double with random bits."""
    while True:
        (x,) = struct.unpack("<d", rng.randbytes(8))
        if math.isfinite(x):
            return x


def moderate(rng):
    return rng.uniform(-4.0, 4.0)


def edge(rng):
    """An edge, or a float beside one."""
    x = rng.choice((*oracles.UNARY, math.pi / 2, 0.25, 4.0))
    return rng.choice((x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf)))


def cancelled(xs, rng):
    """The same operands, with ties or sums that cancel."""
    if len(xs) > 2 and rng.random() < 0.5:
        xs = [*xs[:-1], -math.fsum(x / 8.0 for x in xs[:-1]) * 8.0]
    else:
        xs = [xs[0], rng.choice((xs[0], -xs[0])), *xs[2:]]
    k = rng.randrange(len(xs))
    xs[k] = math.nextafter(xs[k], rng.choice((xs[k], math.inf, -math.inf)))
    return xs


def point(op, k, size, rng):
    """A point of kind k of the row's domain where its bounds are to hold."""
    kind, turn = k % 4, 0
    while True:
        turn += 1
        draw = (bits, moderate, edge)[kind] if kind < 3 else rng.choice((bits, moderate, edge))
        xs = [draw(rng) for _ in range(size)]
        if size > 1 and kind == 3:
            xs = cancelled(xs, rng)
        if op.name in WHOLE:
            xs[-1] = float(rng.randrange(101 if op.arity else size - 1))
        if turn > 40:  # the domain is small, or thin
            xs = [abs(x) for x in xs] if turn % 2 else [1.0 / x if x else 1.0 for x in xs]
        if op.name == "clip":
            xs[1:] = sorted(xs[1:])
        finite = all(map(math.isfinite, xs))
        if finite and not oracles.violates(op, xs) and not oracles.beyond_limits(op, xs):
            return xs


def size_of(op, k):
    return op.arity or (2, 4)[k % 2]


def pair_of(op, k):
    """The operands by which point k has its second derivative."""
    n = size_of(op, k)
    return (k // 2) % n, (k // 2 // n) % n


def with_derivatives(op, k, xs):
    """The value, the gradients and a second derivative, as nodes."""
    z = op.function(xs) if op.arity is None else op.function(*xs)
    first = gradients(z, xs)
    i, j = pair_of(op, k)
    return [z, *first, *gradients(first[i], [xs[j]])]


def program_of(op):
    """A program for all points of a chunk."""

    def chunk(points):
        return [y for k, xs in enumerate(points) for y in with_derivatives(op, k, list(xs))]

    return jit(chunk)


def error_in_ulp(got, exact):
    """The distance of a float from a ball, in units in the last place of that number."""
    if exact == got:
        return 0.0
    want = float(exact)
    if math.isinf(want):
        near = abs(got) >= (1.0 - 1e-15) * 1.7976931348623157e308
        return 0.0 if near and (got > 0) == (want > 0) else math.inf
    if not math.isfinite(got):
        return math.inf
    return abs(float((exact - got) / math.ulp(want)))


def digits_lost_by(z):
    """What a subnormal z takes from the numbers that are made of it."""
    if abs(z) >= sys.float_info.min:
        return 1.0
    return max(1.0, math.ulp(z) / abs(z) / 2.0**-52) if z else 1.0


def unit_of(op, i, j, exact, value):
    """What the error of a second derivative is relative to, as the row's limits say."""
    if i == j and op.name == "norm" and value is not None and value != 0:
        return max(abs(float(exact)), abs(float(1 / value)))
    return abs(float(exact))


def same(some, others):
    """Whether two lists have equal numbers, or nan at the same places."""
    return some == others or all(map(alike, some, others))


class Tally:
    """What is kept of the errors of one kind: number, sum, maximum and where."""

    def __init__(self):
        self.n, self.sum, self.max, self.at, self.unsettled = 0, 0.0, 0.0, None, 0

    def add(self, error, at):
        self.n += 1
        self.sum += min(error, 1e18)
        if error > self.max:
            self.max, self.at = error, at

    def merge(self, other):
        self.n += other["n"]
        self.sum += other["sum"]
        self.unsettled += other["unsettled"]
        if other["max"] > self.max:
            self.max, self.at = other["max"], other["at"]


def measure(op, seed, turn, program, known, n=CHUNK):
    """Measure one chunk of a row. Return tallies, what is beyond, and what differs.

    An error that is larger than all before, of which `known` are the largest, is
    divided by the condition number. The others may be: they are no maximum.
    """
    rng = random.Random(f"{op.name} {seed} {turn}")
    points = [point(op, k, size_of(op, k), rng) for k in range(n)]
    out = program([tuple(xs) for xs in points])
    tallies = {name: Tally() for name in NUMBERS}
    beyond, different, place = [], [], 0
    for k, xs in enumerate(points):
        i, j = pair_of(op, k)
        z = op.forward(xs) if op.arity is None else op.forward(*xs)
        eager = [z, *oracles.partials(op, xs, z)]
        ours, place = out[place : place + len(xs) + 2], place + len(xs) + 2
        if k % 20 == turn % 20:
            again = [y.data for y in with_derivatives(op, k, [Value(x) for x in xs])]
            if not same(again[: len(xs) + 1], eager):
                different.append(("nodes", xs, again, eager))
            if not alike(again[-1], ours[-1]) and all(map(math.isfinite, again)):
                different.append(("second", xs, again[-1], ours[-1]))
        if not same(eager, ours[:-1]) and all(map(math.isfinite, eager)):
            different.append(("program", xs, eager, ours[:-1]))
        beyond_second = oracles.beyond_second_limits(op, xs)
        exact = balls.numbers(op, xs, i, j, second=not beyond_second)
        got = (z, eager[1 + i], ours[-1])
        for at, (name, ball) in enumerate(zip(NUMBERS, exact, strict=True)):
            tally = tallies[name]
            if ball is None:
                tally.unsettled += 1
                continue
            error = error_in_ulp(got[at], ball)
            if name == "partial":
                error /= digits_lost_by(z)
            elif name == "second":
                error /= max(digits_lost_by(z), digits_lost_by(got[1]))
                unit = unit_of(op, i, j, ball, exact[0])
                error *= math.ulp(float(ball)) / math.ulp(unit) if math.isfinite(unit) else 1.0
            bound = op.ulp[at] + 1e-9
            if error > min(bound, max(tally.max, known[name])):
                error /= max(1.0, balls.condition(op, xs, i, j, at))
                if not error <= bound:
                    beyond.append((name, xs, [i, j], got[at], float(ball), error))
            tally.add(error, [xs, i, j])
    return tallies, beyond, different


def run(n, seed, names, minutes, keep):
    """Return the tallies of all rows, and print them."""
    end = time.monotonic() + 60.0 * minutes
    done = {name: {"turns": 0, "beyond": [], "different": []} for name in names}
    for name in names:
        done[name].update({number: Tally() for number in NUMBERS})
    if keep and keep.exists():
        for line in keep.read_text().splitlines():
            take(done, json.loads(line))
    programs = {}
    gc.set_threshold(100_000)  # the nodes of a point are freed without it
    turns = math.ceil(n / CHUNK)
    for turn in range(turns):
        for name in names:
            if done[name]["turns"] > turn or time.monotonic() > end:
                continue
            op = PRIMITIVES[name]
            program = programs.setdefault(name, program_of(op))
            tallies, beyond, different = measure(
                op, seed, turn, program, {number: done[name][number].max for number in NUMBERS}
            )
            line = {"row": name, "turn": turn, "beyond": beyond, "different": different}
            line |= {number: vars(tally) for number, tally in tallies.items()}
            take(done, line)
            if keep:
                with keep.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    return done


def take(done, line):
    row = done.get(line["row"])
    if row is not None:
        row["turns"] += 1
        row["beyond"] += line["beyond"]
        row["different"] += line["different"]
        for number in NUMBERS:
            row[number].merge(
                line[number] if isinstance(line[number], dict) else vars(line[number])
            )


def confirmed(op, tally, place):
    """The error at the worst point by mpmath's differences, None where they do not settle it."""
    if tally.at is None:
        return None
    xs, i, j = tally.at
    f = oracles.reference(op)
    try:
        exact = (
            oracles.exact_value(f, xs),
            oracles.exact_partial(f, xs, i),
            oracles.exact_second(f, xs, i, j),
        )[place]
        ball = balls.numbers(op, xs, i, j)[place]
        return exact is not None and abs(oracles.nearest_float(exact) - float(ball)) <= math.ulp(
            float(ball)
        )
    except (ArithmeticError, ValueError, MemoryError):
        return None


def report(done):
    """Print a line for each row, and the sums."""
    print(f"{'row':17} {'points':>8}  value max, mean    partial max, mean  second max, mean")
    for name, row in done.items():
        cells = [f"{row[k].max:8.3g} {row[k].sum / max(1, row[k].n):8.2g}" for k in NUMBERS]
        flags = [f"beyond {len(row['beyond'])}"] if row["beyond"] else []
        flags += [f"different {len(row['different'])}"] if row["different"] else []
        print(f"{name:17} {row['turns'] * CHUNK:8}  {'  '.join(cells)}  {', '.join(flags)}")
    total = len(done)
    for place, number in enumerate(NUMBERS):
        good = sum(not [b for b in row["beyond"] if b[0] == number] for row in done.values())
        print(f"{good} of {total} rows keep the bound of {number} (number {place})")
    same = sum(not row["different"] for row in done.values())
    print(f"{same} of {total} programs have the bits of the eager run")
    for name, row in done.items():
        for entry in [*row["beyond"][:3], *row["different"][:3]]:
            print(f"  {name}: {entry}")


if __name__ == "__main__":
    warnings.simplefilter("ignore", autograd.RecordingWarning)
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=1000, help="points a row")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rows", default=",".join(ROWS))
    given = parser.parse_args()
    print(f"N = {given.n}, seed {given.seed}, Python {platform.python_version()}")
    report(run(given.n, given.seed, given.rows.split(","), given.minutes, given.keep))
