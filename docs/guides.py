"""Run the examples of the guides and the README, and write what they print.

    python docs/guides.py            writes all pages
    python docs/guides.py recipes    prints this one

The ```python blocks of a page run in one namespace, top to bottom, but those of
the pages ALONE each in one of its own. What a block prints stands in the ```text
block below it. A test holds the pages true.
"""

import contextlib
import io
import linecache
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "how-it-works.md",
    ROOT / "docs" / "coming-from-micrograd.md",
    ROOT / "docs" / "recipes.md",
    ROOT / "docs" / "tables.md",
    ROOT / "docs" / "ecosystem.md",
    ROOT / "docs" / "teaching.md",
    ROOT / "docs" / "trust.md",
]
ALONE = {"recipes.md"}  # pages of which each block runs by itself
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.M | re.S)


def filled(page):
    """Return the text of a page with what its examples print now.

    The examples run in an empty directory, so that they may write files.
    """
    namespace = {"__name__": "__main__"}

    def run(match):
        name, source = f"<{page.name}:{match.start()}>", match[1]
        linecache.cache[name] = len(source), None, source.splitlines(True), name
        if page.name in ALONE:
            namespace.clear()
            namespace["__name__"] = "__main__"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, name, "exec"), namespace)
        lines = [line.rstrip() for line in printed.getvalue().rstrip().splitlines()]
        output = "\n".join(["\n```text", *lines, "```\n"]) if lines else ""
        return f"```python\n{source}```\n{output}"

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        try:
            return EXAMPLE.sub(run, page.read_text(encoding="utf-8"))
        finally:
            os.chdir(before)


def in_a_process(page):
    """Return `filled(page)`, run where no other example has run before."""
    command = [sys.executable, "-W", "error", __file__, page.stem]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        (page,) = [page for page in PAGES if page.stem == sys.argv[1]]
        sys.stdout.write(filled(page))
    else:
        for page in PAGES:
            page.write_text(in_a_process(page), encoding="utf-8")
