"""How large the page is that steps through a graph, and how long a step takes in a headless Chromium, from the click to the next frame drawn.

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


CASES = [
    ("MLP 2-4-1, 1 row", net, (1, [4, 1])),
    ("chain", chain, (60,)),
    ("MLP 2-12-12-1, 7 rows", net, (7, [12, 12, 1])),
    ("chain", chain, (1000,)),
]


HEAD = "| graph | nodes | made, s | kB | | script, ms: median, worst | drawn, ms: median, worst |\n|---|---|---|---|---|---|---|"


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
            f"{processor()}, {os.cpu_count()} cores, CPython {platform.python_version()}, Chromium {browser.version}"
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
            for jump in (False, True):
                ran, drawn = zip(*tab.evaluate(STEPS, [options.steps, jump]), strict=True)
                figures = " | ".join(
                    f"{statistics.median(times):.1f}, {max(times):.1f}" for times in (ran, drawn)
                )
                print(
                    f"| {name} | {len(topological_order(root)):,} | {made:.2f} | {len(page.html.encode()) / 1000:.1f} | "
                    f"{'jumps' if jump else 'steps'} | {figures} |"
                )
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
