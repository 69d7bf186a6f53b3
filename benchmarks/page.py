"""How large the page is, and how long a step, an edit and a descent take in Chromium.

Times are from the click to the next frame drawn; "script" is the part until the
page's own code has run.

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

# Waits for a frame, then for what comes after it was drawn.
DRAWN = """() => new Promise(done => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done();
    channel.port2.postMessage(0);
}))"""
STEPS = f"""async ([count, jump]) => {{
    const drawn = {DRAWN};
    const scrub = document.getElementById("scrub");
    const times = [];
    for (let k = 0; k < count; k++) {{
        await drawn();
        const start = performance.now();
        if (jump) {{
            scrub.value = Math.floor(Number(scrub.max) * ((k * 37) % count) / count);
            scrub.dispatchEvent(new Event("input"));
        }} else document.getElementById("next").click();
        const ran = performance.now() - start;
        await drawn();
        times.push([ran, performance.now() - start]);
    }}
    return times;
}}"""


EDITS = f"""async (count) => {{
    const drawn = {DRAWN};
    [...document.querySelectorAll("tbody tr")].find(row => row.children[1].textContent === "leaf")
        .querySelector("button").click();
    const value = document.getElementById("value");
    const times = [];
    for (let k = 0; k < count; k++) {{
        await drawn();
        const start = performance.now();
        value.value = String(0.1 + 0.01 * k);
        value.dispatchEvent(new Event("input"));
        const ran = performance.now() - start;
        await drawn();
        times.push([ran, performance.now() - start]);
    }}
    return times;
}}"""
DESCENTS = f"""async (count) => {{
    const drawn = {DRAWN};
    const times = [];
    for (let k = 0; k < count; k++) {{
        await drawn();
        const start = performance.now();
        document.getElementById("descend-ten").click();
        const ran = performance.now() - start;
        await drawn();
        times.push([ran, performance.now() - start]);
    }}
    return times;
}}"""


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
            start = time.perf_counter()
            page = step_through(root, groups)
            path = Path(folder) / "page.html"
            page.save(path)
            made = time.perf_counter() - start
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(path.as_uri())
            runs = {
                "steps": (STEPS, [options.steps, False]),
                "jumps": (STEPS, [options.steps, True]),
                "edits": (EDITS, options.steps),
                "10 steps of descent": (DESCENTS, options.steps),
            }
            for what, (program, argument) in runs.items():
                ran, drawn = zip(*tab.evaluate(program, argument), strict=True)
                figures = " | ".join(
                    f"{statistics.median(times):.1f}, {max(times):.1f}" for times in (ran, drawn)
                )
                nodes, size = len(topological_order(root)), len(page.html.encode()) / 1000
                print(f"| {name} | {nodes:,} | {made:.2f} | {size:.1f} | {what} | {figures} |")
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
