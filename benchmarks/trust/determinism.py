"""Does everyone get the same bytes? N processes, each with another hash seed.

    python benchmarks/trust/determinism.py N SEED

A process trains a small net, eagerly and as a program, and takes the SHA-256 of
losses, gradients, a picture and a page. Every second process has no llvmlite.
"""

import hashlib
import os
import subprocess
import sys

from common import ROOT, arguments


def digest():
    """The digest of this process."""
    import nn
    from autograd import draw, gradients, step_through

    parts = []
    X, y = [[0.5, -1.0], [2.0, 0.25], [-1.0, 1.5]], [1.0, -1.0, 0.5]
    for as_program in (False, True):
        model = nn.MLP(2, [3, 1], seed=0)
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        step = nn.train_step(model, nn.mse, optimizer)
        parts += [repr(step(X, y) if as_program else step.eager(X, y)[0]) for _ in range(20)]
        model.zero_grad()  # the eager step leaves its gradients
        loss = nn.mse([model(row) for row in X], y)
        loss.backward()
        parts += [repr([g.data for g in gradients(loss, model.parameters())])]
        small = model(X[0])[0].tanh()
        small.backward()
        parts += [draw(small).svg, step_through(small).html]
    half = len(parts) // 2
    same = parts[:half] == parts[half:]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest(), same


def digests(n, seed):
    """The digests of n processes."""
    found = []
    for k in range(n):
        block = "sys.modules['llvmlite'] = None; " if k % 2 else ""
        code = f"import sys; {block}import determinism; print(*determinism.digest())"
        folder = os.path.dirname(os.path.abspath(__file__))
        path = os.pathsep.join((str(ROOT), folder))
        environment = {**os.environ, "PYTHONHASHSEED": str(seed + k), "PYTHONPATH": path}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found.append(done.stdout.strip())
    return found


if __name__ == "__main__":
    n, seed = arguments(10, "processes")
    found = digests(n, seed)
    print(f"{n} processes, {len(set(found))} digests (and whether programs give the eager run's)")
    print(*sorted(set(found)), sep="\n")
