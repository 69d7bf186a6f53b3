"""Is a state ever half changed? Ctrl-C at every opcode, and kills while saving.

    python benchmarks/trust/faults.py N SEED

Each act runs again and again, with a KeyboardInterrupt at the first, second, ...
opcode of the project's files, and leaves its state as before or as after. Then N
writers are killed while they save a model, after a random time.
"""

import os
import random
import signal
import tempfile
import time
from pathlib import Path

from common import arguments, interruption

import nn
from autograd import Value
from nn import SGD, Adam, mse

ROWS, TARGETS = [[0.5, -1.0], [2.0, 0.25]], [1.0, -1.0]


def acts():
    """Return (name, act, state, reset): what is done again and again, and what it may change."""
    x, y = Value(2.0), Value(-3.0)

    def forget():
        x.grad = y.grad = 0.0

    yield "backward", (x * y + x.tanh()).backward, lambda: (x.grad, y.grad), forget

    model = nn.MLP(2, [3, 1], seed=0)
    other = nn.MLP(2, [3, 1], seed=1).state_dict()
    first = model.state_dict()
    turn = iter(range(10**9))

    def load():
        model.load_state_dict(other if next(turn) % 2 else first)

    yield "load_state_dict", load, lambda: tuple(p.data for p in model.parameters()), None
    for rule in (SGD, Adam):
        act, reset, state = trained(rule)
        yield f"{rule.__name__}.step", act, state, reset


def trained(rule):
    """A model, its optimizer and an act that takes a step from the same start."""
    model = nn.MLP(2, [2, 1], seed=0)
    optimizer = rule(model.parameters(), lr=0.1)
    start, memory = model.state_dict(), optimizer.state_dict()
    loss = mse([model(row) for row in ROWS], TARGETS)
    loss.backward()
    grads = [p.grad for p in model.parameters()]

    def reset():
        model.load_state_dict(start)
        optimizer.load_state_dict(memory)
        for p, g in zip(model.parameters(), grads, strict=True):
            p.grad = g

    def state():
        return repr((model.state_dict(), optimizer.state_dict()))

    return optimizer.step, reset, state


def interrupted(act, state, reset=None, step=1):
    """Return (opcodes, states that are neither before nor after)."""
    renew = reset or (lambda: None)
    renew()
    allowed = {state()}
    act()
    allowed.add(state())
    if reset is None:  # the act goes to and fro
        act()
        allowed.add(state())
    renew()
    opcodes = halves = 0
    for _ in interruption.interrupted_everywhere(act, step):
        opcodes += 1
        halves += state() not in allowed
        renew()
    return opcodes, halves


def kills(n, seed):
    """Kill n writers; return how many left a file that is not whole, and names left behind."""
    rng, broken = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        models = [nn.MLP(10, [20, 1], seed=k) for k in (0, 1)]
        states = [model.state_dict() for model in models]
        models[0].save(path)
        for _ in range(n):
            writer = os.fork()
            if writer == 0:
                while True:
                    for model in models:
                        model.save(path)
            time.sleep(rng.uniform(0.0, 0.02))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            broken += nn.load(path).state_dict() not in states
        models[0].save(path)
        return broken, sorted(os.listdir(folder))


if __name__ == "__main__":
    n, seed = arguments(100, "kills")
    for name, act, state, reset in acts():
        opcodes, halves = interrupted(act, state, reset)
        print(f"{name}: {opcodes} opcodes, {halves} half states")
    broken, names = kills(n, seed)
    print(f"{n} kills while saving: {broken} files not whole; left in the folder: {names}")
