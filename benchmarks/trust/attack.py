"""Does bad input ever do harm? N fuzzed inputs for each door, by seed.

    python benchmarks/trust/attack.py N SEED --minutes 60 --keep attack.json

- load: a saved model with bytes or values changed
- load_state_dict: the state of a model or an optimizer with entries changed; a
  refusal changes nothing
- checkpoint: a training goes on from a file that was changed; a refusal changes nothing
- read_csv: a table with characters changed
- labels: hostile text in all outputs; XML stays XML and no tag of the text lives
- jit: arguments of any structure; the program gives what the eager run gives

A refusal is an error of the project's own, or OSError of the system. Any other
exception is a fault. Then each of the size bombs runs in a process of its own, with
a gigabyte of memory and a minute of processor time.
"""

import argparse
import json
import math
import platform
import random
import subprocess
import sys
import tempfile
import time
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from unittest.mock import patch

from common import ROOT, alike

import autograd
import nn
from autograd import Value, audit, draw, explain, formula, jit, step_through, summary
from autograd.drawing import raster
from autograd.errors import ChainruleError, MissingDependencyError
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


MODELS = (
    nn.MLP(2, [3, 1], seed=0),
    nn.LSTM(2, 2, seed=0),
    nn.Neuron(2, seed=0),
    nn.Sequential(nn.Layer(2, 2, "relu", seed=0), nn.Dropout(0.5, seed=0), nn.LayerNorm(2)),
)


def changed_file(path, rng):
    """Damage the bytes of a JSON file, or replace values in it."""
    content = path.read_bytes()
    if rng.random() < 0.5:
        path.write_bytes(damaged(content, rng))
    else:
        tree = json.loads(content)
        for _ in range(rng.choice((1, 1, 3))):
            tree = changed(tree, rng)
        path.write_text(json.dumps(tree))


def load(rng, folder):
    path = folder / "model.json"
    rng.choice(MODELS).save(path)
    changed_file(path, rng)
    nn.load(path)


def load_state_dict(rng, folder):
    model = rng.choice(MODELS)
    if rng.random() < 0.5:
        model = nn.Adam(model.parameters(), lr=0.1)
    state = model.state_dict()
    before = json.dumps(state)
    try:
        model.load_state_dict(changed(state, rng))
    except ChainruleError:
        assert json.dumps(model.state_dict()) == before, "refused, and changed"
        raise
    finally:
        model.load_state_dict(json.loads(before))


def checkpoint(rng, folder):
    path = folder / "training.json"
    X, y = [[0.5, -1.0], [2.0, 0.25]], [1.0, -1.0]

    def fit(epochs, resume, model, optimizer):
        nn.fit(
            model,
            X,
            y,
            loss=nn.mse,
            optimizer=optimizer,
            epochs=epochs,
            progress=False,
            jit=False,
            callbacks=[nn.Checkpoint(path, every=1, resume=resume)],
        )

    model = nn.Neuron(2, seed=0)
    fit(1, False, model, nn.Adam(model.parameters(), lr=0.1))
    changed_file(path, rng)
    model = nn.Neuron(2, seed=1)
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    before = repr((model.state_dict(), optimizer.state_dict()))
    try:
        fit(2, True, model, optimizer)
    except ChainruleError:
        after = repr((model.state_dict(), optimizer.state_dict()))
        assert after == before, "refused, and changed"
        raise


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
    pictures = [draw(root), draw(root, layout="nested"), draw(root, names={text: x})]
    checked = audit(root)
    pictures += [checked.draw(), MODELS[0].draw()]
    for picture in pictures:
        tree = ElementTree.fromstring(picture.svg)
        tags = [tag.tag for tag in tree.iter()]
        assert not [tag for tag in tags if tag.endswith(("script", "img"))], "a tag lives"
    told = [summary(root), explain(root, x), formula(root), checked]
    pages = [thing._repr_html_() for thing in told if hasattr(thing, "_repr_html_")]
    if rng.random() < 0.02:  # as PNG, which takes a second
        pictures[rng.randrange(len(pictures))]._repr_mimebundle_()
    with patch.object(raster, "png_of", side_effect=MissingDependencyError("no PNG")):
        bundles = [picture._repr_mimebundle_() for picture in pictures]
    pages += [bundle[0]["text/html"] for bundle in bundles]
    for page in [*pages, step_through(root).html]:
        assert "<img src=x" not in page, "a tag lives"
        assert "<script>alert" not in page, "a script lives"
    for line in [*map(str, told), *map(repr, pictures), pictures[0].dot.source]:
        assert "\x1b" not in line, "a terminal's command lives"


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


DOORS = (load, load_state_dict, checkpoint, read_csv, labels, in_jit)

# Small files and calls that ask for much. Each is code of a process whose folder is its own.
MODEL = """
import json, nn
nn.MLP(2, [3, 1], seed=0).save("m.json")
tree = json.load(open("m.json"))
def put(**more):
    tree.update(more)
    json.dump(tree, open("m.json", "w"))
"""
BOMBS = {
    "brackets": "import nn; open('m.json', 'w').write('[' * 10**7); nn.load('m.json')",
    "a number of ten million digits": (
        "import nn; open('m.json', 'w').write('1' * 10**7); nn.load('m.json')"
    ),
    "a layer of 10**9 neurons": MODEL
    + "s = json.dumps(tree).replace('[3, 1]', '[1000000000, 1]')\n"
    + "assert s != json.dumps(tree); open('m.json', 'w').write(s); nn.load('m.json')",
    "10**6 layers": MODEL
    + "s = json.dumps(tree).replace('[3, 1]', str([1] * 10**6))\n"
    + "assert s != json.dumps(tree); open('m.json', 'w').write(s); nn.load('m.json')",
    "10**6 entries of a state": MODEL
    + "put(state={str(k): 0.0 for k in range(10**6)}); nn.load('m.json')",
    "a line of 10**6 columns": (
        "import nn; open('t.csv', 'w').write(','.join(map(str, range(10**6))) + '\\n')\n"
        "nn.data.read_csv('t.csv', '0')"
    ),
    "a field of 10**8 characters": (
        "import nn; open('t.csv', 'w').write('a,b\\n' + 'x' * 10**8 + ',1\\n')\n"
        "nn.data.read_csv('t.csv', 'b')"
    ),
    "one quote, then 10**7 lines": (
        "import nn; open('t.csv', 'w').write('a,b\\n\"' + '1,2\\n' * 10**7)\n"
        "nn.data.read_csv('t.csv', 'b')"
    ),
    "a label of 10**7 characters": (
        "from autograd import *; x = Value(1.0, '<' * 10**7); y = x * x\n"
        "draw(y).svg; step_through(y).html; explain(y, x); summary(y)._repr_html_()"
    ),
    "an argument of 10**5 lists in lists": (
        "from autograd import *\na = 1.0\nfor _ in range(10**5): a = [a]\njit(lambda a: 1.0)(a)"
    ),
    "an argument of 10**6 numbers": (
        "from autograd import *\njit(lambda a: a[0] * 2.0)([1.0] * 10**6)"
    ),
}


def limited():
    """The limits of a bomb's process: a gigabyte, and a minute of processor time."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


ENDING = """
import resource, time
from autograd.errors import ChainruleError
try:
    exec(CODE)
    told = "taken"
except (ChainruleError, OSError, RecursionError) as error:  # the last is Python's own limit
    told = f"refused: {type(error).__name__}: {error!s:.70}"
except BaseException as error:
    told = f"FAULT: {type(error).__name__}: {error!s:.70}"
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"{used.ru_utime + used.ru_stime:.1f} s, {used.ru_maxrss // 1024} MB, {told!a}")
"""


def bomb(code):
    """Run one of the bombs, and return what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", f"CODE = {code!r}\n{ENDING}"],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
            preexec_fn=limited,
        )
    return done.stdout.strip() or f"FAULT: killed, {done.stderr[-200:]!a}"


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
                wrong[str(k)] = f"{type(error).__name__}: {error}"[:150]
            else:
                accepted += 1
    return accepted, refused, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=300, help="inputs for each door")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop then, with what there is")
    parser.add_argument("--keep", type=Path, help="a file to go on from")
    given = parser.parse_args()
    print(f"N = {given.n}, seed {given.seed}, Python {platform.python_version()}")
    end, done, spent = time.monotonic() + 60.0 * given.minutes, 0, 0.0
    sums = {door: [0, 0, {}] for door in DOORS}
    if given.keep and given.keep.exists():
        done, spent, kept = json.loads(given.keep.read_text())
        sums = {door: kept[door.__name__] for door in DOORS}
    while done < given.n and time.monotonic() < end:
        some = min(50, given.n - done)
        for door, found in sums.items():
            accepted, refused, wrong = attack(door, some, given.seed + done)
            found[0] += accepted
            found[1] += refused
            found[2].update(wrong)
        done += some
        if given.keep:
            kept = {door.__name__: found for door, found in sums.items()}
            given.keep.write_text(json.dumps([done, spent + time.process_time(), kept]))
    seconds = spent + time.process_time()
    print(f"{done} inputs for each door, {seconds:.0f} s of processor time")
    for door, (accepted, refused, wrong) in sums.items():
        print(f"{door.__name__}: {accepted} taken, {refused} refused, {len(wrong)} faults")
        for k, text in [*wrong.items()][:5]:
            print(f"  {k}: {text!a}")
    for name, code in BOMBS.items():
        print(f"{name}: {bomb(code)}")


if __name__ == "__main__":
    main()
