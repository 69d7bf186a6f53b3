"""A chain of multiplications, ten thousand to ten million long: seconds and
resident bytes per node.

    python benchmarks/chain.py [--longest 10000000] [--repeats 3]

y = x * f * f * ... * f builds, runs backward and is freed in a fresh process
per length. Every result is checked: dy/dx = f**n and dy/df = n f**(n-1) x.
Bytes are the growth of the resident set, read from /proc (Linux), at the
longest chain.
"""

import argparse
import gc
import json
import math
import resource
import statistics
import time
from pathlib import Path

from measure import describe, in_fresh_process, pin

FACTOR = 1.0 - 1e-8


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def chain(n):
    """Build, differentiate and free one chain: the seconds of the three, and
    the growth of memory after the first two and at the peak.
    """
    from autograd import Value

    x, f = Value(1.0), Value(FACTOR)
    before = resident_bytes()
    start = time.perf_counter()
    y = x
    for _ in range(n):
        y = y * f
    forward = time.perf_counter()
    after_forward = resident_bytes()
    resumed = time.perf_counter()
    y.backward()
    backward = time.perf_counter()
    after_backward = resident_bytes()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    freeing = time.perf_counter()
    del y
    freed = time.perf_counter()
    if not (
        math.isclose(x.grad, FACTOR**n, rel_tol=1e-6)
        and math.isclose(f.grad, n * FACTOR ** (n - 1), rel_tol=1e-6)
    ):
        raise SystemExit(f"wrong gradient for a chain of {n}: {x.grad}, {f.grad}")
    return {
        "seconds": [forward - start, backward - resumed, freed - freeing],
        "bytes": [after_forward - before, after_backward - before, peak - before],
    }


def measure(n, collector):
    """Per node: nanoseconds (forward, backward, free), the mean over as many
    chains as make a million nodes; bytes, of the first chain.
    """
    pin()
    if collector == "off":
        gc.disable()
    chains = [chain(n) for _ in range(max(1, 1_000_000 // n))]
    nanoseconds = [
        1e9 * statistics.fmean(part) / n
        for part in zip(*(c["seconds"] for c in chains), strict=True)
    ]
    return {"nanoseconds": nanoseconds, "bytes": [b / n for b in chains[0]["bytes"]]}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--longest", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--measure",
        nargs=2,
        metavar=("LENGTH", "COLLECTOR"),
        help="measure once, in this process, and print JSON",
    )
    options = parser.parse_args()
    if options.measure:
        length, collector = options.measure
        print(json.dumps(measure(int(length), collector)))
        return

    print(describe())
    lengths = [10**k for k in range(4, 8) if 10**k <= options.longest]
    for collector in ("off", "on"):
        print(f"\ncollector {collector}, median of {options.repeats} processes")
        print("| nodes | ns a node | forward | backward | free |\n|---|---|---|---|---|")
        totals = []
        for length in lengths:
            runs = [
                in_fresh_process(__file__, "--measure", length, collector)
                for _ in range(options.repeats)
            ]
            parts = [
                statistics.median(part)
                for part in zip(*(r["nanoseconds"] for r in runs), strict=True)
            ]
            totals.append(sum(parts))
            print(
                f"| {length:,} | {totals[-1]:.0f} | "
                + " | ".join(f"{part:.0f}" for part in parts)
                + " |"
            )
        print(f"slowest / fastest: {max(totals) / min(totals):.2f}")
        forward, backward, peak = runs[-1]["bytes"]
        print(
            f"bytes a node at {length:,}: {forward:.0f} after forward, {backward:.0f} "
            f"after backward, {peak:.0f} at the peak"
        )


if __name__ == "__main__":
    main()
