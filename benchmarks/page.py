"""How large the page is, and how long a step, an edit and a descent take in Chromium.

Each act runs at the start of a frame. "script" is the time until the page's own
code has run, "drawn" until the frame is laid out and painted: at most 16.7 ms, and
no frame is missed. The time until the next frame begins is no part of it.

python benchmarks/page.py [--steps 60]
"""

import argparse
import math
import os
import platform
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from measure import processor
from playwright.sync_api import sync_playwright

import nn
from autograd import Value, step_through, tanh, topological_order

# Runs an act some times, each at the start of a frame. The message arrives when
# that frame has been drawn.
RUN = """async ([name, count]) => {
    const byId = id => document.getElementById(id);
    [...document.querySelectorAll("tbody tr")].find(row => row.children[1].textContent === "leaf")
        .querySelector("button").click();
    const acts = {
        steps: () => byId("next").click(),
        jumps: k => {
            const far = ((k * 37) % count) / count;
            byId("scrub").value = Math.floor(Number(byId("scrub").max) * far);
            byId("scrub").dispatchEvent(new Event("input"));
        },
        edits: k => {
            byId("value").value = String(0.1 + 0.01 * k);
            byId("value").dispatchEvent(new Event("input"));
        },
        "10 steps of descent": () => byId("descend-ten").click(),
    };
    byId("first").click();
    const times = [];
    for (let k = 0; k < count; k++) {
        times.push(await new Promise(done => requestAnimationFrame(() => {
            const start = performance.now();
            acts[name](k);
            const ran = performance.now() - start;
            const channel = new MessageChannel();
            channel.port1.onmessage = () => done([ran, performance.now() - start]);
            channel.port2.postMessage(0);
        })));
    }
    return times;
}"""
WRITES = 3  # of which the fastest counts
ACTS = ("steps", "jumps", "edits", "10 steps of descent")


def net(rows, sizes):
    X, y = nn.data.moons(rows)
    model = nn.MLP(2, sizes, seed=0)
    with nn.trace(model) as groups:
        loss = nn.hinge([model(x) for x in X], y)
    return loss, groups


def chain(nodes):
    """A recurrence without groups: one weight that every step uses."""
    w, z = Value(0.9, "w"), Value(0.1)
    for k in range(nodes // 4):
        z = tanh(w * z + Value(math.sin(k)))
    return z, None


def neuron():
    """The neuron of the lectures: tanh(w1 x1 + w2 x2 + b)."""
    x = [Value(2.0, "x1"), Value(0.0, "x2")]
    w = [Value(-3.0, "w1"), Value(1.0, "w2")]
    return tanh(w[0] * x[0] + w[1] * x[1] + Value(6.88, "b")), None


CASES = [
    ("neuron", neuron, ()),
    ("MLP 2-4-1, 4 rows", net, (4, [4, 1])),
    ("chain", chain, (60,)),
    ("MLP 2-8-8-1, 13 rows", net, (13, [8, 8, 1])),
    ("MLP 2-8-8-1, 25 rows", net, (25, [8, 8, 1])),
    ("chain", chain, (1000,)),
]


HEAD = (
    "| graph | nodes | made, s | kB | | script, ms: median, worst | drawn, ms: median, worst |\n"
    "|---|---|---|---|---|---|---|"
)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print(
            f"{processor()}, {os.cpu_count()} cores, CPython {platform.python_version()}, "
            f"Chromium {browser.version}"
        )
        print(HEAD)
        for name, build, arguments in CASES:
            root, groups = build(*arguments)
            path = Path(folder) / "page.html"
            times = []
            for _ in range(WRITES):
                start = time.perf_counter()
                page = step_through(root, groups)
                page.save(path)
                times.append(time.perf_counter() - start)
            made = min(times)
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(path.as_uri())
            for what in ACTS:
                ran, drawn = zip(*tab.evaluate(RUN, [what, options.steps]), strict=True)
                figures = " | ".join(
                    f"{statistics.median(times):.1f}, {max(times):.1f}" for times in (ran, drawn)
                )
                nodes, size = len(topological_order(root)), len(page.html.encode()) / 1000
                print(f"| {name} | {nodes:,} | {made:.2f} | {size:.1f} | {what} | {figures} |")
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
