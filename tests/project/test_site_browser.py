"""The library in the reader's browser: the wheel in Pyodide, the site in a headless Chromium.

Pyodide comes from npm, the pure wheels of its lock from pip. Both tests are
skipped, and say so, where npm, node or the extra `docs` is missing.
"""

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests/reference/pyodide_program.py"
RUN = """\
import { loadPyodide } from "./package/pyodide.mjs";
import { readFileSync, readdirSync } from "node:fs";
const python = await loadPyodide({ packageCacheDir: "." });
for (const name of readdirSync("wheels")) {
    python.unpackArchive(new Uint8Array(readFileSync(`wheels/${name}`)), "wheel");
}
python.FS.writeFile("README.md", readFileSync("README.md"));
python.runPython(readFileSync("program.py", "utf8"));
"""


def run(*command, **options):
    return subprocess.run(
        [*map(str, command)], check=True, capture_output=True, text=True, **options
    ).stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site with JupyterLite."""
    for package in ("furo", "jupyterlite_core", "latex2mathml", "myst_nb"):
        pytest.importorskip(package, reason="building the site needs the extra docs")
    folder = tmp_path_factory.mktemp("site")
    run(sys.executable, ROOT / "docs/build.py", folder, "--lite")
    return folder


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """npm's Pyodide, of the version that the kernel asks for."""
    constants = pytest.importorskip(
        "jupyterlite_pyodide_kernel.constants", reason="Pyodide's version needs the extra docs"
    )
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no Node: apt-get install nodejs npm")
    folder = tmp_path_factory.mktemp("pyodide")
    archive = run("npm", "pack", f"pyodide@{constants.PYODIDE_VERSION}", cwd=folder).split()[-1]
    shutil.unpack_archive(folder / archive, folder)
    return folder / "package"


def add_pure_wheels(pyodide):
    """Put the wheels of the kernel beside Pyodide, and their sums into its lock."""
    lock = json.loads((pyodide / "pyodide-lock.json").read_text())
    packages, wanted, open_names = lock["packages"], set(), ["micropip", "ipython", "jedi", "tqdm"]
    while open_names:
        name = open_names.pop().lower().replace("_", "-")
        if name in packages and name not in wanted:
            wanted.add(name)
            open_names += packages[name]["depends"]
    wheels = pyodide / "wheels"
    specifications = [f"{name}=={packages[name]['version']}" for name in sorted(wanted)]
    options = ("--no-deps", "--only-binary=:all:", "--python-version=3.14", "--dest", wheels)
    run(sys.executable, "-m", "pip", "download", *options, *specifications)
    found = {path.name.split("-")[0].lower().replace("_", "-"): path for path in wheels.iterdir()}
    for name in wanted:
        packages[name]["sha256"] = hashlib.sha256(found[name].read_bytes()).hexdigest()
        found[name].rename(pyodide / packages[name]["file_name"])
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock))


def test_no_package_of_pyodide_takes_the_name_autograd(pyodide):
    packages = json.loads((pyodide / "pyodide-lock.json").read_text())["packages"]
    assert len(packages) > 100
    taken = {name for package in packages.values() for name in package["imports"]}
    assert not taken & {"autograd", "nn"}


def test_pyodide_computes_what_cpython_does(site, pyodide, tmp_path):
    (tmp_path / "run.mjs").write_text(RUN)
    shutil.copy(PROGRAM, tmp_path / "program.py")
    shutil.copy(ROOT / "README.md", tmp_path)
    (tmp_path / "package").symlink_to(pyodide)
    (tmp_path / "wheels").mkdir()
    for wheel in site.glob("lite/pypi/*.whl"):
        shutil.copy(wheel, tmp_path / "wheels")
    there = json.loads(run("node", "run.mjs", cwd=tmp_path, timeout=300))
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    here = json.loads(run(sys.executable, PROGRAM, cwd=tmp_path, env=environment))
    for name, value in here["exact"].items():
        assert there["exact"][name] == value, name
    assert len(here["readme"]) == 4
    assert there["readme"] == here["readme"]
    assert there["close"] == pytest.approx(here["close"], rel=1e-12)
    assert [f"{x:.4g}" for x in there["close"]] == [f"{x:.4g}" for x in here["close"]]


class Silent(SimpleHTTPRequestHandler):
    """Serves a folder and logs nothing."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site, pyodide):
    """Where the site and Pyodide are served on this machine."""
    add_pure_wheels(pyodide)
    shutil.copytree(pyodide, site / "pyodide")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        path = site / "lite/jupyter-lite.json"
        settings = json.loads(path.read_text())
        kernel = settings["jupyter-config-data"]["litePluginSettings"]
        kernel["@jupyterlite/pyodide-kernel-extension:kernel"]["pyodideUrl"] = (
            f"{address}/pyodide/pyodide.mjs"
        )
        path.write_text(json.dumps(settings))
        yield address
        server.shutdown()
        thread.join()


@pytest.fixture
def tab(chromium, address):
    """A page of the browser, with the requests that leave the machine and its errors."""
    tab = chromium.new_context(viewport={"width": 1200, "height": 900}).new_page()
    tab.elsewhere, tab.errors = [], []

    def request(found):
        if not found.url.startswith((address, "data:", "blob:", "about:")):
            tab.elsewhere.append(found.url)

    tab.on("request", request)
    tab.on("console", lambda message: message.type == "error" and tab.errors.append(message.text))
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    yield tab
    tab.context.close()


def test_an_example_of_the_reference_runs_without_a_request_elsewhere(site, address, tab):
    page = (site / "docs/autograd.html").read_text(encoding="utf-8")
    link = html.unescape(re.search(r'<p class="run"><a href="\.\.([^"]*)"', page)[1])
    assert "x+%2A+x+%2B+1.0" in link
    tab.goto(address + link)
    output = tab.locator(".jp-OutputArea-output").filter(has_text="(10.0, 6.0)")
    output.wait_for(timeout=240_000)
    assert tab.elsewhere == []


def run_cell(tab):
    """Run the selected cell of a notebook and select the next."""
    tab.keyboard.press("Shift+Enter")
    tab.wait_for_timeout(200)
    waiting = tab.locator(".jp-InputPrompt", has_text="[*]")
    waiting.first.wait_for(state="detached", timeout=240_000)


def printed(cell):
    """The text that a cell of a notebook's file prints."""
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


def test_the_cells_of_a_notebook_print_what_they_print_here(site, address, tab):
    nbformat = pytest.importorskip("nbformat")
    page = (site / "notebooks/01_value.html").read_text(encoding="utf-8")
    link = html.unescape(re.search(r'<p class="run"><a href="\.\.([^"]*)"', page)[1])
    tab.goto(address + link)
    tab.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=120_000)
    # A tall window: cells out of sight would not be there.
    tab.set_viewport_size({"width": 1200, "height": 12_000})
    tab.locator(".jp-Notebook .jp-Cell").first.click()
    tab.keyboard.press("Escape")
    run_cell(tab)  # what stands above the first cell
    run_cell(tab)  # it installs the library
    for _ in range(2):  # matplotlib lies on Pyodide's own server
        tab.keyboard.press("ArrowDown")
    compared = 0
    for cell in nbformat.read(ROOT / "notebooks/01_value.ipynb", as_version=4).cells:
        selected = tab.locator(".jp-Notebook .jp-mod-selected")
        assert cell.source[:20] in selected.inner_text() or cell.cell_type == "markdown"
        number = selected.get_attribute("data-windowed-list-index")
        run_cell(tab)
        if "matplotlib" in cell.source:  # its functions are defined, its chart fails
            assert any("matplotlib" in error for error in tab.errors)
            tab.errors.clear()
        elif cell.cell_type == "code" and "check_gradients" not in cell.source:
            # What finite differences give hangs on the last bits of tanh.
            outputs = tab.locator(f'[data-windowed-list-index="{number}"] .jp-OutputArea-output')
            texts = outputs.and_(tab.locator("[data-mime-type$=stdout]")).all_text_contents()
            assert "".join(texts) == printed(cell)
            compared += bool(texts)
    assert compared >= 6
    assert tab.elsewhere == []
    assert tab.errors == []
