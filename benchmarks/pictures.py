"""How long a picture takes, and how large it is: graphs flat and folded, a net, a cell.

python benchmarks/pictures.py [--repeats 5]
"""

import argparse
import statistics
import time

from measure import describe, pin

import nn
from autograd import topological_order
from autograd.drawing import draw
from autograd.drawing.raster import png_of, svg_size

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
    print("| picture | SVG ms | PNG ms | kB of SVG | kB of PNG | px |\n|---|---|---|---|---|---|")
    for name, make in pictures():
        drawn, written = [], []
        for _ in range(options.repeats):
            start = time.perf_counter()
            svg = make().svg
            drawn.append(time.perf_counter() - start)
            png = png_of(svg)
            written.append(time.perf_counter() - start - drawn[-1])
        times = " | ".join(f"{1e3 * statistics.median(times):.0f}" for times in (drawn, written))
        sizes = f"{len(svg.encode()) / 1e3:.0f} | {len(png) / 1e3:.0f}"
        width, height = svg_size(svg)
        print(f"| {name} | {times} | {sizes} | {width:.0f} x {height:.0f} |")


def pictures():
    """Yield the name of every picture, and what draws it."""
    for rows, sizes, fold in CASES:
        loss, groups = graph(rows, sizes)
        name = f"{len(topological_order(loss)):,} nodes, fold={fold!r}"
        yield name, lambda loss=loss, groups=groups, fold=fold: draw(loss, groups=groups, fold=fold)
    net = nn.MLP(2, [16, 16, 1], seed=0)
    yield "net 2-16-16-1", lambda: net.draw("net", x=[1.0, -0.5], y=1, loss=nn.mse)
    yield "parts of 2-16-16-1", net.draw
    yield "one step of an LSTM", lambda: nn.LSTM(1, 2, seed=0).draw("cell", x=[0.5])


if __name__ == "__main__":
    main()
