"""Build the site: the walkthroughs, the guides and the reference as static pages.

    python docs/build.py site            from the committed outputs, in seconds
    python docs/build.py site --live     runs the notebooks and keeps their live pages
    python docs/build.py site --lite     and JupyterLite, to run them in the browser

It needs the extra `docs`. A warning is an error. `--lite` serves our wheel and
what it depends on from the site itself; only Pyodide comes from its own server.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
SHARP = "c.InlineBackend.figure_formats = {'retina'}\n"  # charts at twice the pixels
FORWARD = """\
<!doctype html>
<html lang="en">
<title>chainrule</title>
<meta http-equiv="refresh" content="0; url=docs/index.html">
<a href="docs/index.html">chainrule</a>
"""
FIRST = """\
**This notebook runs in your browser.** Nothing is installed on your computer.
Run the next cell first. It loads Python and this library, about 20 MB, once.
"""
INSTALL = "%pip install -q chainrule"
CHARTS = """\
The charts need matplotlib, about 10 MB. Leave the next cell out, and everything
but the charts works.
"""


def run(*command, folder=ROOT, **environment):
    """Run a module of this Python in a folder."""
    command = [sys.executable, "-m", *map(str, command)]
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True)


def pages(site, scratch, live, lite):
    """Write the pages."""
    profile = scratch / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(SHARP, encoding="utf-8")
    environment = {"IPYTHONDIR": str(scratch)}
    environment |= {"CHAINRULE_LIVE": "1"} if live else {}
    environment |= {"CHAINRULE_LITE": "1"} if lite else {}
    options = ("-q", "-W", "--keep-going", "-b", "html", "-c", "docs", "-d", scratch / "doctrees")
    run("sphinx", *options, ".", site, **environment)
    (site / "index.html").write_text(FORWARD, encoding="utf-8")
    (site / ".nojekyll").touch()  # GitHub would drop the folders that begin with _


def browser_copy(path):
    """Return a notebook as JupyterLite opens it: its first cell installs the library.

    A second one installs matplotlib where the notebook draws charts.
    """
    found = nbformat.read(path, as_version=4)
    before = [
        nbformat.v4.new_markdown_cell(FIRST, id="first"),
        nbformat.v4.new_code_cell(INSTALL, id="install"),
    ]
    if any(
        re.search(r"\bplots\.|matplotlib", cell.source)
        for cell in found.cells
        if cell.cell_type == "code"
    ):
        before += [
            nbformat.v4.new_markdown_cell(CHARTS, id="charts"),
            nbformat.v4.new_code_cell("%pip install -q matplotlib", id="matplotlib"),
        ]
    found.cells[:0] = before
    return nbformat.writes(found)


def jupyterlite(site, scratch):
    """Write JupyterLite with the notebooks and the wheels they need."""
    wheels, contents = scratch / "wheels", scratch / "contents"
    packages = (".", "comm", "graphviz", "tqdm")
    run("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, *packages)
    contents.mkdir()
    for path in sorted(ROOT.glob("notebooks/[0-9]*.ipynb")):
        (contents / path.name).write_text(browser_copy(path), encoding="utf-8")
    for path in (ROOT / "notebooks/check.py", *ROOT.glob("notebooks/*.json")):
        shutil.copy(path, contents)
    shutil.copy(ROOT / "docs/jupyter-lite.json", scratch)
    apps = [f"--apps={app}" for app in ("lab", "notebooks", "repl")]
    run(
        *("jupyter", "lite", "build", "--no-sourcemaps", "--no-unused-shared-packages", *apps),
        *(f"--piplite-wheels={wheel}" for wheel in sorted(wheels.glob("*.whl"))),
        f"--lite-dir={scratch}",
        f"--contents={contents}",
        f"--output-dir={site / 'lite'}",
        folder=scratch,
    )


def main():
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("site", type=Path, help="the folder to write")
    parser.add_argument("--live", action="store_true", help="run the notebooks anew")
    parser.add_argument("--lite", action="store_true", help="add JupyterLite")
    chosen = parser.parse_args()
    site = chosen.site.resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        pages(site, scratch, chosen.live, chosen.lite)
        if chosen.lite:
            jupyterlite(site, scratch)


if __name__ == "__main__":
    main()
