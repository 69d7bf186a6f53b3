"""Does everyone get the same bytes? N processes for each Python, each with another hash seed.

    python benchmarks/trust/determinism.py N SEED --pythons python3.10 python3.13

A process trains a small net, eagerly and as a program, and takes the SHA-256 of
losses, gradients, a picture and a page. Every second process has no llvmlite; another
Python may have none at all. There are two digests:

- `tanh`: Adam and tanh. It holds for one C library; another may round exp otherwise.
- `relu`: SGD, relu and weights from a uniform distribution. Only sums, products and
  comparisons lead to its numbers, so that it is the same on every machine. The file
  docs/digests.txt holds it, and a test compares, in CI on several systems and Pythons.
"""

import argparse
import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
X, Y = [[0.5, -1.0], [2.0, 0.25], [-1.0, 1.5]], [1.0, -1.0, 0.5]
KINDS = ("relu", "tanh")


def made(kind):
    """A net and its optimizer."""
    import nn

    if kind == "tanh":
        model = nn.MLP(2, [3, 1], seed=0)
        return model, nn.Adam(model.parameters(), lr=0.05)
    layers = [nn.Layer(2, 3, "relu", init="xavier_uniform", seed=0)]
    layers += [nn.Layer(3, 1, "identity", init="xavier_uniform", seed=1)]
    model = nn.Sequential(*layers)
    return model, nn.SGD(model.parameters(), lr=0.05)


def outputs(kind):
    """All that is compared: of the eager run, then of the program.

    Each is losses and gradients, the picture, the page.
    """
    import nn
    from autograd import draw, gradients, step_through

    found = []
    for as_program in (False, True):
        model, optimizer = made(kind)
        step = nn.train_step(model, nn.mse, optimizer)
        numbers = [step(X, Y) if as_program else step.eager(X, Y)[0] for _ in range(20)]
        model.zero_grad()  # the eager step leaves its gradients
        loss = nn.mse([model(row) for row in X], Y)
        loss.backward()
        numbers += [g.data for g in gradients(loss, model.parameters())]
        small = model(X[0])[0]
        small = small.tanh() if kind == "tanh" else small.relu()
        small.backward()
        found.append([repr(numbers), draw(small).svg, step_through(small).html])
    return found


def sha(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def digest(kind):
    """The digest of this process, and whether the program gives what the eager run gives."""
    eager, program = outputs(kind)
    return sha(*eager), eager == program


def held():
    """What docs/digests.txt holds: digests that no machine changes."""
    eager, program = outputs("relu")
    if eager != program:
        raise AssertionError("the program gives other bits than the eager run")
    names = ("losses and gradients", "picture", "page")
    return dict(zip(names, map(sha, eager), strict=True))


def digests(n, seed, python=sys.executable):
    """The digests of n processes, by kind."""
    found = {kind: set() for kind in KINDS}
    for k in range(n):
        block = "sys.modules['llvmlite'] = None; " if k % 2 else ""
        code = f"import sys; {block}import determinism\n"
        code += "for kind in determinism.KINDS: print(kind, *determinism.digest(kind))"
        path = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
        environment = {**os.environ, "PYTHONHASHSEED": str(seed + k), "PYTHONPATH": path}
        command = [python, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            kind, *rest = line.split()
            found[kind].add(" ".join(rest))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=10, help="processes for each Python")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--pythons", nargs="*", default=[sys.executable])
    given = parser.parse_args()
    print(f"N = {given.n}, seed {given.seed}, {platform.platform()}")
    every = {kind: set() for kind in KINDS}
    for python in given.pythons:
        version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True)
        found = digests(given.n, given.seed, python)
        print(version.stdout.strip(), {kind: len(some) for kind, some in found.items()})
        for kind in KINDS:
            every[kind] |= found[kind]
    for kind, some in every.items():
        print(f"{kind}: {len(some)} digests (and whether programs give what eager runs give)")
        print(*sorted(some), sep="\n")
