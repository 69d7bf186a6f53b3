"""How accurate are the rows? N points a row against mpmath, eager and as a program.

    python benchmarks/trust/accuracy.py N SEED

A third of the points has random bits, over the whole range of the doubles. A
third is of moderate size. A third lies at edges, ties and neighbours of ties.
The second derivatives are compared at every tenth point, where it is moderate.
"""

import math
import random
import struct
import warnings

from common import alike, arguments, oracles

import autograd
from autograd import PRIMITIVES, Value, gradients, jit

WHOLE = {"take", "sinc_slope"}  # rows whose last operand is a whole number


def bits(rng):
    """A double with random bits."""
    while True:
        (x,) = struct.unpack("<d", rng.randbytes(8))
        if math.isfinite(x):
            return x


def near(rng):
    """An edge, or a float beside one."""
    x = rng.choice((*oracles.UNARY, math.pi / 2, 0.25, 4.0))
    return rng.choice((x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf)))


def points(op, n, rng):
    """Yield n points of the row's domain where its bounds are to hold."""
    found = tries = 0
    while found < n and tries < 50 * n:
        tries += 1
        draw = (bits, lambda rng: rng.uniform(-4.0, 4.0), near)[tries % 3]
        size = op.arity or rng.choice((2, 4))
        xs = [draw(rng) for _ in range(size)]
        if size > 1 and tries % 3 == 2:  # a tie, or nearly one
            xs[1] = rng.choice((xs[0], math.nextafter(xs[0], math.inf), -xs[0]))
        if op.name in WHOLE:
            xs[-1] = float(rng.randrange(3 if op.arity else size))
        skipped = tuple(xs) in oracles.KINKS.get(op.name, ()) or oracles.beyond_limits(op, xs)
        if not oracles.violates(op, xs) and not skipped:
            found += 1
            yield xs


def with_gradient(op):
    def f(*xs):
        z = op.function(xs) if op.arity is None else op.function(*xs)
        return [z, *gradients(z, xs)]

    return f


def measure(op, n, seed):
    """Return the worst and mean errors of a row, and what is beyond its bounds."""
    rng = random.Random(f"{op.name} {seed}")
    f, eager = oracles.reference(op), with_gradient(op)
    programs = {}
    values, partials, seconds, beyond, different, refused = [], [], [], [], 0, 0
    for k, xs in enumerate(points(op, n, rng)):
        try:
            beyond += oracles.defects(op, [xs])
            z = op.forward(xs) if op.arity is None else op.forward(*xs)
            values.append(oracles.error_in_ulp(z, oracles.exact_value(f, xs)))
            for i, p in enumerate(oracles.partials(op, xs, z)):
                exact = oracles.exact_partial(f, xs, i)
                if exact is not None:
                    partials.append(oracles.error_in_ulp(p, exact))
        except (ArithmeticError, ValueError, MemoryError):
            refused += 1  # mpmath itself
            continue
        one = [y.data for y in eager(*map(Value, xs))]
        program = programs.setdefault(len(xs), jit(with_gradient(op)))
        other = [y.data for y in program(*map(Value, xs))]
        if all(map(math.isfinite, one)):
            different += not all(map(alike, one, other))
        if k % 10 == 0 and all(1e-3 < abs(x) < 30.0 for x in xs) and op.name not in WHOLE:
            seconds += second_errors(op, f, xs)
    return values, partials, seconds, beyond, different, refused


def second_errors(op, f, xs):
    """The errors of the second derivatives, relative to them or to what they are made of."""
    nodes = [Value(x) for x in xs]
    z = op.function(nodes) if op.arity is None else op.function(*nodes)
    for i, slope in enumerate(gradients(z, nodes)):
        for j, second in enumerate(gradients(slope, nodes)):
            exact, first = oracles.exact_second(f, xs, i, j), oracles.exact_partial(f, xs, i)
            if exact is not None and first is not None:
                size = max(abs(float(exact)), max(1.0, abs(float(first))) / abs(xs[j]))
                yield abs(second.data - float(exact)) / size


def table(n, seed, names=None):
    """Print a line for each row; return those beyond their bounds, and whose program differs."""
    faulty, unlike = {}, {}
    for name, op in PRIMITIVES.items():
        if name == "stop_gradient" or (names is not None and name not in names):
            continue
        values, partials, seconds, beyond, different, refused = measure(op, n, seed)
        finite = [e for e in partials if math.isfinite(e)] or [0.0]
        print(
            f"{name:17} {len(values):6} value {max(values):8.3g} {sum(values) / len(values):8.3g}"
            f"  partial {max(partials, default=0.0):8.3g} {sum(finite) / len(finite):8.3g}"
            f"  second {max(seconds, default=0.0):8.2g}  beyond {len(beyond):3}"
            f"  program {different}  refused {refused}"
        )
        if beyond:
            faulty[name] = beyond
        if different:
            unlike[name] = different
    return faulty, unlike


if __name__ == "__main__":
    warnings.simplefilter("ignore", autograd.RecordingWarning)
    n, seed = arguments(100, "points a row")
    faulty, unlike = table(n, seed)
    total = len(PRIMITIVES) - 1
    print(f"{total - len(faulty)} of {total} rows hold both bounds at every point")
    print(f"{total - len(unlike)} of {total} programs have the bits of the eager run: {unlike}")
    for name, beyond in faulty.items():
        print(f"  {name}: {len(beyond)}, such as {beyond[0][:160]}")
