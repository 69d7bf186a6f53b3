"""How long a picture takes, and how large it is: graphs flat and folded, a net, a cell.

python benchmarks/pictures.py [--repeats 5]

"blank" is the PNG of an empty sheet of as many pixels: what resvg takes at
least to fill and to compress them. "parsed" is the PNG of the whole picture in
100 pixels: what it takes to read the SVG, load the fonts and set the texts. All
times are the least of the repeats.
"""

import argparse
import math
import time
from collections.abc import Callable

from measure import describe, pin

import nn
from autograd import topological_order
from autograd.drawing import draw
from autograd.drawing.raster import MOST_PIXELS, SCALE, png_of, svg_size

# rows of the moons, sizes of the net, how it is folded
CASES = [
    (1, [4, 1], "none"),
    (4, [4, 1], "none"),
    (10, [4, 4, 1], "none"),
    (200, [16, 16, 1], "auto"),
]


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
    print("| picture | px | SVG ms | PNG ms | blank ms | parsed ms | kB of SVG | kB of PNG |")
    print("|---|---|---|---|---|---|---|---|")
    for name, make in pictures():
        svg = make().svg
        png = png_of(svg)
        width, height = svg_size(svg)
        size = f'width="{width}" height="{height}"'
        blank = f'<svg xmlns="http://www.w3.org/2000/svg" {size}></svg>'
        times = [
            least(one, options.repeats)
            for one in (
                lambda make=make: make().svg,
                lambda svg=svg: png_of(svg),
                lambda blank=blank: png_of(blank),
                lambda svg=svg: png_of(tiny(svg)),
            )
        ]
        listed = " | ".join(f"{1e3 * time:.0f}" for time in times)
        sizes = f"{len(svg.encode()) / 1e3:.0f} | {len(png) / 1e3:.0f}"
        print(f"| {name} | {width:.0f} x {height:.0f} | {listed} | {sizes} |")


def least(run: Callable[[], object], repeats: int) -> float:
    """Return the least time that a call takes, in seconds."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def tiny(svg: str) -> str:
    """Return the picture with a size of 10 px, in which its texts are still set."""
    width, height = svg_size(svg)
    assert SCALE * 10 * 10 * height / width < MOST_PIXELS
    sizes = f'width="{width:g}" height="{height:g}"'
    assert sizes in svg
    return svg.replace(sizes, f'width="10" height="{10 * height / width:.3f}"', 1)


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
