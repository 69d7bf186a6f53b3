"""One training step of the moons demo on four engines, side by side: forward,
backward and update.

    python benchmarks/moons.py [--rounds 5] [--steps 30]

The net is MLP 2-16-16-1 with ReLU, the batch all 100 points, the loss hinge +
L2, the update plain descent. `micrograd`, `slots` and `chainrule` run the same
lines, written with + and * only (about 66,000 nodes); `chainrule.nn` says the
same with its own layers. Every measurement is the mean of `steps` steps in a
fresh process on one pinned core; the engines take turns, and the median of the
rounds is printed. All engines must reach the same loss. "Collector off"
collects between the steps, outside the clock.
"""

import argparse
import gc
import json
import random
import statistics
import time
from itertools import pairwise

from measure import describe, in_fresh_process, pin

SIZES = [2, 16, 16, 1]
LEARNING_RATE = 0.05
PENALTY = 1e-4
ENGINES = ["micrograd", "slots", "chainrule", "chainrule.nn"]


def moons():
    """100 points of the two moons and their labels, 0 or 1."""
    import nn

    return nn.data.moons(100, seed=0)


def initial_weights():
    """For every neuron its weights and its bias: uniform, the same for every engine."""
    rng = random.Random(0)
    layers = pairwise(SIZES)
    return [
        [([rng.uniform(-1, 1) / n_in**0.5 for _ in range(n_in)], 0.0) for _ in range(n_out)]
        for n_in, n_out in layers
    ]


def neuron(weights, bias, xs):
    z = bias
    for w, x in zip(weights, xs, strict=True):
        z = z + w * x
    return z


def plain_model(layers, xs):
    """The output of the net for one row, in + and *: layers of (weights, bias)."""
    *hidden, output = layers
    for layer in hidden:
        xs = [neuron(weights, bias, xs).relu() for weights, bias in layer]
    return neuron(*output[0], xs)


def plain_hinge(outputs, labels):
    cost = 0.0
    for output, label in zip(outputs, labels, strict=True):
        cost = cost + (1.0 + output * (1.0 - 2.0 * label)).relu()
    return cost * (1.0 / len(outputs))


def plain_penalty(parameters):
    total = 0.0
    for p in parameters:
        total = total + p * p
    return total * PENALTY


def plain_parameters(value_class):
    """The weights to begin with as Values of a class: as layers of (weights,
    bias), and in one list.
    """
    layers = [
        [([value_class(w) for w in weights], value_class(bias)) for weights, bias in layer]
        for layer in initial_weights()
    ]
    return layers, [p for layer in layers for weights, bias in layer for p in (*weights, bias)]


def plain_step(value_class):
    """The step in + and *, for any engine with `relu`, `backward`, `data` and `grad`."""
    layers, parameters = plain_parameters(value_class)
    X, y = moons()

    def step():
        loss = plain_hinge([plain_model(layers, xs) for xs in X], y) + plain_penalty(parameters)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= LEARNING_RATE * p.grad
        return loss.data

    return step


def layered_step():
    """The same step in the words of nn: a neuron is one dot, the penalty another."""
    import autograd
    import nn

    model = nn.MLP(SIZES[0], SIZES[1:], seed=0)
    for layer, initial in zip(model.layers, initial_weights(), strict=True):
        for neuron, (weights, bias) in zip(layer.neurons, initial, strict=True):
            neuron.b.data = bias
            for w, weight in zip(neuron.w, weights, strict=True):
                w.data = weight
    parameters = list(model.parameters())
    optimizer = nn.SGD(parameters, lr=LEARNING_RATE)
    X, y = moons()

    def step():
        loss = nn.hinge([model(xs) for xs in X], y) + PENALTY * autograd.dot(parameters, parameters)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def make_step(engine):
    if engine == "micrograd":
        from micrograd.engine import Value
    elif engine == "slots":
        from slots import Value
    elif engine == "chainrule":
        from autograd import Value
    else:
        return layered_step()
    return plain_step(Value)


def measure(engine, collector, steps):
    """Mean seconds of a step and the loss of the last one."""
    pin()
    step = make_step(engine)
    step()
    gc.collect()
    if collector == "off":
        gc.disable()
    seconds = 0.0
    for _ in range(steps):
        start = time.perf_counter()
        loss = step()
        seconds += time.perf_counter() - start
        if collector == "off":
            gc.collect()
    return {"seconds": seconds / steps, "loss": loss}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument(
        "--measure",
        nargs=2,
        metavar=("ENGINE", "COLLECTOR"),
        help="measure once, in this process, and print JSON",
    )
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure, options.steps)))
        return

    print(describe("micrograd"))
    print(f"median of {options.rounds} processes, each the mean of {options.steps} steps")
    for collector in ("on", "off"):
        rounds = []
        for _ in range(options.rounds):
            results = {
                e: in_fresh_process(__file__, "--steps", options.steps, "--measure", e, collector)
                for e in ENGINES
            }
            expected = results["micrograd"]["loss"]
            for engine, result in results.items():
                if abs(result["loss"] - expected) > 1e-9:
                    raise SystemExit(
                        f"{engine} reached the loss {result['loss']}, micrograd "
                        f"{expected}: not the same step"
                    )
            rounds.append({engine: result["seconds"] for engine, result in results.items()})
        print(
            f"\ncollector {collector}\n| engine | ms a step | micrograd / it | slots / it "
            "|\n|---|---|---|---|"
        )
        for engine in ENGINES:
            milliseconds = 1e3 * statistics.median(r[engine] for r in rounds)
            ratios = [
                statistics.median(r[peer] / r[engine] for r in rounds)
                for peer in ("micrograd", "slots")
            ]
            print(f"| {engine} | {milliseconds:.1f} | {ratios[0]:.1f} | {ratios[1]:.1f} |")


if __name__ == "__main__":
    main()
