"""Is a state ever half changed? Faults at every place of the acts that change one.

    python benchmarks/trust/faults.py N SEED --parts interrupts memory disk kills

- Ctrl-C: each act runs again and again, with a KeyboardInterrupt at the first, second,
  ... opcode of the project's files, until it ends without one.
- No memory: each act runs again and again, while the first, second, ... allocation of
  Python finds no memory. Any exception may come of it. With --later all allocations
  after that one fail, too.
- Kills: N writers are killed while they save a model, after a random time.
- A full disk: a model is saved while no file may grow beyond 0, 1, 2, ... bytes.

Afterwards the state is that from before or from after, and no mode is left on. `fit`
changes two things, the numbers and in the end the modes of the parts: each of them is
whole.
"""

import argparse
import gc
import os
import platform
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from common import interruption

import nn
from autograd import Value, detect_anomaly, jit, no_grad
from autograd.core import modes
from nn import SGD, Adam, mse

PARTS = ["interrupts", "memory", "disk", "kills"]
ROWS, TARGETS = [[0.5, -1.0], [2.0, 0.25]], [1.0, -1.0]


def acts(folder):
    """Yield (name, act, state, reset): what is done again and again, and what it may change."""
    x, y = Value(2.0), Value(-3.0)

    def forget():
        x.grad = y.grad = 0.0

    def backward():
        (x * y + x.tanh()).backward()

    yield "backward", backward, lambda: (x.grad, y.grad), forget

    model = nn.MLP(2, [3, 1], seed=0)
    other = nn.MLP(2, [3, 1], seed=1).state_dict()
    first = model.state_dict()

    def load():
        model.load_state_dict(other)

    def numbers():
        return [p.data for p in model.parameters()]

    yield "load_state_dict", load, numbers, lambda: model.load_state_dict(first)
    for rule in (SGD, Adam):
        act, reset, state = trained(rule)
        yield f"{rule.__name__}.step", act, state, reset
    yield eager_step()
    yield fitting()
    yield predicting()
    for mode in (no_grad, detect_anomaly):

        def within(mode=mode):
            with mode():
                x * y + x

        yield mode.__name__, within, modes.current, lambda: None

    def record():
        jit(lambda x: x * 2.0).source(3.0)

    yield "recording a program", record, lambda: (gc.isenabled(), sys.getprofile()), gc.enable
    path = Path(folder) / "model.json"

    def save():
        nn.MLP(1, [1], seed=1).save(path)

    def renew():
        nn.MLP(1, [1], seed=0).save(path)

    yield "save", save, path.read_bytes, renew


def small():
    """A model with Dropout, one part in eval mode, and its optimizer."""
    model = nn.Sequential(nn.Layer(2, 1, "tanh", seed=0), nn.Dropout(0.25, seed=0))
    model.layers[1].eval()
    return model, Adam(model.parameters(), lr=0.1)


def everything(model, optimizer):
    modes_of_parts = [part.training for _, part in model.named_modules()]
    return Parts([repr((model.state_dict(), optimizer.state_dict())), modes_of_parts])


class Parts(list):
    """A state of parts, each of which is whole."""


def eager_step():
    model, optimizer = small()
    start, memory = model.state_dict(), optimizer.state_dict()
    step = nn.train_step(model, mse, optimizer)

    def reset():
        model.load_state_dict(start)
        optimizer.load_state_dict(memory)

    return (
        "train_step, eager",
        lambda: step.eager(ROWS, TARGETS),
        lambda: everything(model, optimizer),
        reset,
    )


def fitting():
    """An epoch of one step."""
    model, optimizer = small()
    start, memory = model.state_dict(), optimizer.state_dict()

    def act():
        nn.fit(
            model,
            ROWS,
            TARGETS,
            loss=mse,
            optimizer=optimizer,
            epochs=1,
            progress=False,
            jit=False,
        )

    def reset():
        model.load_state_dict(start)
        optimizer.load_state_dict(memory)
        model.train()
        model.layers[1].eval()

    return "fit", act, lambda: everything(model, optimizer), reset


def predicting():
    model, optimizer = small()
    return (
        "predict",
        lambda: nn.predict(model, ROWS),
        lambda: everything(model, optimizer),
        lambda: None,
    )


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


def ends(act, state, reset):
    """The states from before and from after."""
    reset()
    allowed = [state()]
    act()
    allowed.append(state())
    reset()
    return allowed


def is_whole(found, allowed):
    """Whether a state, or each of its parts, is one of these."""
    if isinstance(found, Parts):
        return all(
            part in some for part, some in zip(found, zip(*allowed, strict=True), strict=True)
        )
    return found in allowed


def interrupted(act, state, reset, step=1):
    """Return (opcodes interrupted, states that are neither before nor after)."""
    allowed = ends(act, state, reset)
    script = interruption.Script(act)
    reset()
    opcodes = halves = 0
    for place in script.places[::step]:
        opcodes += script.interrupt(place)
        halves += not is_whole(state(), allowed) or modes.current() is not None
        reset()
    return opcodes, halves


def starved(act, state, reset, step=1, at_most=10**9, later=False):
    """Return (allocations that found no memory, states that are neither, deaths of Python).

    Where `later` is set, all allocations after that one fail, too.

    Each attempt runs in a forked process, for CPython itself may not survive it. The
    act is over where a hundred allocations in turn have failed and nobody minded.
    """
    allowed = ends(act, state, reset)
    tried = halves = deaths = calm = 0
    while tried < at_most and calm < 100:
        child = os.fork()
        if child == 0:
            os._exit(outcome(act, state, allowed, tried * step, later))
        found = os.waitpid(child, 0)[1]
        code = os.waitstatus_to_exitcode(found)
        calm = calm + 1 if code == 2 else 0
        halves += code == 1
        deaths += code not in (0, 1, 2)
        tried += 1
        reset()
    return tried - calm, halves, deaths


def outcome(act, state, allowed, n, later):
    """0 for a state from before or after, 1 for another, 2 where nothing failed."""
    import resource
    from _testcapi import remove_mem_hooks, set_nomemory

    failed = True
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))  # CPython may try again for ever
        set_nomemory(n, 0 if later else n + 1)
        act()
        failed = False
    except BaseException:
        pass
    finally:
        remove_mem_hooks()
    if not is_whole(state(), allowed) or modes.current() is not None:
        return 1
    return 0 if failed else 2


def full_disk(folder, step=1):
    """Save where no file may grow beyond a size; return (sizes, files that are not whole)."""
    import resource

    path = Path(folder) / "full.json"
    models = [nn.MLP(2, [2, 1], seed=k) for k in (0, 1)]
    models[1].save(path)
    needed = path.stat().st_size
    models[0].save(path)
    before = path.read_bytes()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = wrong = 0
    for size in range(0, needed, step):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
        try:
            models[1].save(path)
            refused = False
        except OSError:
            refused = True
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        sizes += 1
        left = [name for name in os.listdir(folder) if name.endswith(".tmp")]
        wrong += not refused or path.read_bytes() != before or bool(left)
    return sizes, wrong


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=100, help="kills")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS)
    parser.add_argument("--acts", nargs="*", help="the names of some acts")
    parser.add_argument("--step", type=int, default=1, help="every so many opcodes")
    parser.add_argument("--later", action="store_true", help="all later allocations fail, too")
    given = parser.parse_args()
    print(f"N = {given.n}, seed {given.seed}, Python {platform.python_version()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for part in ("interrupts", "memory"):
            for name, act, state, reset in acts(folder):
                if part not in given.parts or (given.acts and name not in given.acts):
                    continue
                if part == "interrupts":
                    opcodes, halves = interrupted(act, state, reset, given.step)
                    told = f"Ctrl-C in {name}: {opcodes} opcodes, {halves} half states"
                else:
                    tried, halves, deaths = starved(act, state, reset, later=given.later)
                    told = f"no memory in {name}: {tried} allocations, {halves} half states, "
                    told += f"{deaths} deaths of CPython itself"
                print(told, flush=True)
        if "disk" in given.parts:
            sizes, wrong = full_disk(folder)
            print(f"full disk: {sizes} sizes, {wrong} files not whole or left behind", flush=True)
    if "kills" in given.parts:
        broken, names = kills(given.n, given.seed)
        print(f"{given.n} kills while saving: {broken} files not whole; left: {names}")


if __name__ == "__main__":
    sys.unraisablehook = lambda _: None  # a finalizer without memory says so, thousands of times
    main()
