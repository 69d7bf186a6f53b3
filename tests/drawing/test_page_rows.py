"""The rows in JavaScript compute what the table computes."""

import functools
import json
import math
import random
import shutil
import subprocess
import sys

import pytest

from autograd import PRIMITIVES
from autograd.core.row import Primitive
from autograd.drawing.stepping import live
from autograd.drawing.stepping.live import live_rows

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")
POINTS = 500
SPECIAL = [
    *[0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 0.25, 1e-9, -1e-9, 5e-324, -5e-324],
    *[1e-310, -1e-310, 1e-300, 1e300, -1e300, 1.7e308, -1.7e308, 709.0, 710.0, -745.1, 1e16],
    *[math.inf, -math.inf, math.nan, math.pi, -math.pi / 2, 0.84375, 1.25, 7.5, -30.0, 1e5],
]
SMALLEST_NORMAL = sys.float_info.min


def run_in_node(script, given):
    """What `run(given)` of the script returns; nan and infinities travel as texts."""
    program = (
        f"{script}\n"
        "const decoded = (x) => (Array.isArray(x) ? x.map(decoded) : typeof x === 'string' ?"
        " { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }[x] : x);\n"
        "const encoded = (x) => (Array.isArray(x) ? x.map(encoded) : typeof x !== 'number' ? x :"
        " x !== x ? 'nan' : x === Infinity ? 'inf' : x === -Infinity ? '-inf' :"
        " Object.is(x, -0) ? '-0' : x);\n"
        "const given = decoded(JSON.parse(require('fs').readFileSync(0, 'utf8')));\n"
        "console.log(JSON.stringify(encoded(run(given))));"
    )
    done = subprocess.run(
        [str(NODE), "-e", program], input=json.dumps(encoded(given)), text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return decoded(json.loads(done.stdout))


def encoded(x):
    if isinstance(x, list):
        return [encoded(y) for y in x]
    if isinstance(x, float) and (not math.isfinite(x) or (x == 0.0 and math.copysign(1, x) < 0)):
        return "-0" if x == 0.0 else repr(x)
    return x


def decoded(x):
    if isinstance(x, list):
        return [decoded(y) for y in x]
    if isinstance(x, str):
        return float(x)
    return float(x) if type(x) is int else x


def points_of(op, rng):
    """Operands: special numbers in all places, and random ones of all sizes."""

    def one():
        kind = rng.random()
        if kind < 0.35:
            return rng.choice(SPECIAL)
        if kind < 0.8:
            return rng.uniform(-4.0, 4.0)
        return rng.choice([-1, 1]) * 10.0 ** rng.uniform(-12.0, 12.0)

    if op.arity == 1:
        fixed = [[x] for x in SPECIAL]
    elif op.arity == 2:
        fixed = [[x, y] for x in SPECIAL[::3] for y in SPECIAL[::2]]
    else:
        fixed = []
    if op.arity is not None:
        return (fixed + [[one() for _ in range(op.arity)] for _ in range(POINTS)])[: POINTS + 40]
    lengths = [2, 4, 6, 10] if op.bilinear else [1, 2, 3, 5, 9]
    points = []
    for _ in range(POINTS):
        xs = [one() for _ in range(rng.choice(lengths))]
        if op.name == "take":
            xs[-1] = rng.choice([0.0, 1.0, float(len(xs) - 2), 0.5, -1.0, math.nan])
        points.append(xs)
    return points


def difference(a, b):
    """Between two numbers, relative; inf if they differ in kind or in the sign of a zero."""
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    if a != a or b != b:
        return 0.0 if a != a and b != b else math.inf
    if a == b:
        return 0.0 if a != 0.0 or math.copysign(1, a) == math.copysign(1, b) else math.inf
    if math.isinf(a) or math.isinf(b):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b), SMALLEST_NORMAL)


compiled = functools.cache(functools.partial(compile, filename="outside", mode="eval"))


def in_python(op, xs):
    z = op.forward(xs) if op.arity is None else op.forward(*xs)
    outside = eval(
        compiled(op.outside),
        {"math": math, "inf": math.inf},
        dict(zip(op.names, [xs] if op.arity is None else xs, strict=True)),
    )
    return [z, op.partials_at(xs, z, [True] * len(xs)), bool(op.domain and outside)]


RUN = """
const run = (pairs) => pairs.map(([row, xs]) => {
  const z = rows[row].f(xs);
  const found = rows[row].p([...xs, z]);
  const skipped = rows[row].skip ?? [];
  const partials = xs.map((_, k) => (skipped.includes(k) ? null : found.shift()));
  return [z, partials, Boolean(rows[row].bad && rows[row].bad(...xs))];
});
"""


def compare(op, points):
    used = list(dict.fromkeys((op, len(xs)) for xs in points))
    rows = live_rows(used, {})
    assert rows.reasons == [""] * len(used)
    found = run_in_node(
        f"const rows = {rows.script};\n{RUN}", [[used.index((op, len(xs))), xs] for xs in points]
    )
    worst = 0.0
    for xs, (z, partials, bad) in zip(points, found, strict=True):
        expected_z, expected, outside = in_python(op, xs)
        assert bad == outside, xs
        for a, b in [(z, expected_z), *zip(partials, expected, strict=True)]:
            worst = max(worst, difference(a, b))
            assert difference(a, b) <= 1e-14, (xs, a, b)
    return worst


@needs_node
@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_row_computes_the_same_in_javascript(name):
    op = PRIMITIVES[name]
    compare(op, points_of(op, random.Random(name)))


@needs_node
def test_a_wrong_forward_and_a_wrong_rule_would_be_found(monkeypatch):
    row = PRIMITIVES["tanh"]
    points = points_of(row, random.Random(0))
    wrong = Primitive("tanh", 1, math.sin, row.partials)
    right, text = live._row(row, 1), live._row(wrong, 1)
    for op in (wrong, Primitive("tanh", 1, math.tanh, (lambda x, z: 1.0 - z * z * 0.999,))):
        found = live._row(op, 1)
        assert found.text != right.text
        monkeypatch.setattr(live, "_row", lambda op, n, found=found: found)
        with pytest.raises(AssertionError):
            compare(row, points)
        monkeypatch.undo()
    assert text.text != right.text


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_row_translates(name):
    op = PRIMITIVES[name]
    for n in [op.arity] if op.arity else [2, 4, 40]:
        [reason] = live_rows([(op, n)], {}).reasons
        assert reason == "", "a row that the page cannot follow: teach translate.py its text"
