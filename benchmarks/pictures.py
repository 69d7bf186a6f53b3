"""How long a picture takes: a graph flat, and a large one folded by the parts of its model.

python benchmarks/pictures.py [--repeats 5]
"""

import argparse
import statistics
import time

from measure import describe, pin

import nn
from autograd import topological_order
from autograd.drawing import draw

# rows of the moons, sizes of the net, how it is folded
CASES = [(1, [4, 1], "none"), (10, [4, 4, 1], "none"), (200, [16, 16, 1], "auto")]


def graph(rows, sizes):
    """The loss of a net after backward, and which part of the net made which node."""
    X, y = nn.data.moons(rows)
    model = nn.MLP(2, sizes, seed=0)
    with nn.trace(model) as groups:
        loss = nn.hinge([model(x) for x in X], y)
    loss.backward()
    return loss, groups


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    pin()
    print(describe())
    print("| nodes | fold | ms | kB of SVG |\n|---|---|---|---|")
    for rows, sizes, fold in CASES:
        loss, groups = graph(rows, sizes)
        seconds = []
        for _ in range(options.repeats):
            start = time.perf_counter()
            svg = draw(loss, groups=groups, fold=fold).svg
            seconds.append(time.perf_counter() - start)
        print(
            f"| {len(topological_order(loss)):,} | {fold} | {1e3 * statistics.median(seconds):.0f} | {len(svg.encode()) / 1e3:.0f} |"
        )


if __name__ == "__main__":
    main()
