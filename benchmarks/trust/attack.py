"""Does bad input ever do harm? N fuzzed inputs for each door, by seed.

    python benchmarks/trust/attack.py N SEED

- load: a saved model with bytes or values changed
- load_state_dict: a state with entries changed; a refusal changes nothing
- read_csv: a table with characters changed
- labels: hostile text in the outputs; SVG stays XML and no tag of the text lives
- jit: arguments of any structure; the program gives what the eager run gives

A refusal is an error of the project's own, or OSError of the system. Any other
exception is a fault.
"""

import json
import math
import random
import tempfile
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from common import alike, arguments

import autograd
import nn
from autograd import Value, draw, explain, jit, step_through, summary
from autograd.errors import ChainruleError
from autograd.functional import leaves

REFUSALS = (ChainruleError, OSError)
ODD = [None, True, -1, 0, 10**400, 1e308, math.nan, math.inf, "", "x" * 99, "\ud800", [], {}, [[]]]
HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "-->",
    "&",
    '"',
    "'",
    "\\",
    "\0",
    "\x1b[31m",
    "\u202e",
]
HOSTILE += [
    "\ud800",
    "${x}",
    "`",
    "</svg>",
    "<img src=x onerror=alert(1)>",
    "$",
    "%",
    "\n",
    "é",
    "\U0001d54f",
]


def changed(tree, rng):
    """The JSON tree with one thing in it replaced, removed or doubled."""
    if isinstance(tree, dict) and tree and rng.random() < 0.85:
        key = rng.choice([*tree])
        more = dict(tree)
        if rng.random() < 0.1:
            del more[key]
        elif rng.random() < 0.1:
            more[rng.choice(["", "x", "__class__", key + "."])] = rng.choice(ODD)
        else:
            more[key] = changed(tree[key], rng)
        return more
    if isinstance(tree, list) and tree and rng.random() < 0.85:
        k = rng.randrange(len(tree))
        return [*tree[:k], changed(tree[k], rng), *tree[k + rng.choice((0, 1, 1)) :]]
    return rng.choice(ODD)


def damaged(content, rng):
    """Bytes with some of them changed, cut or repeated."""
    for _ in range(rng.randint(1, 4)):
        k = rng.randrange(len(content) + 1)
        piece = rng.choice([b"", rng.randbytes(2), content[k : k + 40] * 2, b"[" * 5000, b"1e999"])
        content = content[:k] + piece + content[k + rng.choice((0, 1, 30)) :]
    return content


MODELS = (nn.MLP(2, [3, 1], seed=0), nn.LSTM(2, 2, seed=0), nn.Neuron(2, seed=0))


def load(rng, folder):
    path = folder / "model.json"
    rng.choice(MODELS).save(path)
    content = path.read_bytes()
    if rng.random() < 0.5:
        path.write_bytes(damaged(content, rng))
    else:
        path.write_text(json.dumps(changed(json.loads(content), rng)))
    nn.load(path)


def load_state_dict(rng, folder):
    model = rng.choice(MODELS)
    before = repr(model.state_dict())
    try:
        model.load_state_dict(changed(model.state_dict(), rng))
    except ChainruleError:
        assert repr(model.state_dict()) == before, "refused, and changed"
        raise
    finally:
        model.load_state_dict(json.loads(before.replace("'", '"')))


def read_csv(rng, folder):
    path = folder / "table.csv"
    table = "a,b,kind\n" + "".join(f"{k},{k / 7},{'xy'[k % 2]}\n" for k in range(6))
    path.write_bytes(damaged(table.encode(), rng))
    nn.data.read_csv(path, "kind")


def labels(rng, folder):
    text = "".join(rng.choices(HOSTILE, k=rng.randint(1, 4)))
    x = Value(2.0, text)
    root = (x * Value(3.0, text)).tanh()
    root.label = text
    root.backward()
    svg = draw(root).svg
    tree = ElementTree.fromstring(svg)
    assert not [tag for tag in tree.iter() if tag.tag.endswith(("script", "img"))], "a tag lives"
    told = [summary(root), explain(root, x)]
    pages = [thing._repr_html_() for thing in told if hasattr(thing, "_repr_html_")]
    for page in [*pages, step_through(root).html]:
        assert "<img src=x" not in page, "a tag lives"
        assert "<script>alert" not in page, "a script lives"


def arguments_of(rng, depth=0):
    if depth < 3 and rng.random() < 0.5:
        inner = [arguments_of(rng, depth + 1) for _ in range(rng.randrange(4))]
        return rng.choice((inner, tuple(inner), dict(enumerate(inner))))
    number = rng.choice((0.0, -1.5, 3, 1e308, math.inf, math.nan, 10**30, True, None, "a"))
    return Value(number) if isinstance(number, float) and rng.random() < 0.3 else number


def in_jit(rng, folder):
    tree = [arguments_of(rng) for _ in range(2)]

    def f(*args):
        total = 0.0
        for x in leaves(list(args)):
            if isinstance(x, float | int | Value) and not isinstance(x, bool):
                total = total + autograd.tanh(x) * 0.5
        return total

    one, other = f(*tree), jit(f)(*tree)
    one, other = (z.data if isinstance(z, Value) else z for z in (one, other))
    assert alike(one, other), f"eager {one}, program {other}"


DOORS = (load, load_state_dict, read_csv, labels, in_jit)


def attack(door, n, seed):
    """Return (accepted, refused, faults by seed)."""
    accepted = refused = 0
    wrong = {}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in range(seed, seed + n):
            try:
                door(random.Random(f"{door.__name__} {k}"), Path(folder))
            except REFUSALS:
                refused += 1
            except Exception as error:
                wrong[k] = f"{type(error).__name__}: {error}"[:150]
            else:
                accepted += 1
    return accepted, refused, wrong


if __name__ == "__main__":
    n, seed = arguments(300, "inputs for each door")
    for door in DOORS:
        accepted, refused, wrong = attack(door, n, seed)
        print(f"{door.__name__}: {accepted} taken, {refused} refused, {len(wrong)} faults")
        for k, text in [*wrong.items()][:5]:
            print(f"  {k}: {text!a}")
