"""The site has every page, builds without a warning, and loads nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"""<(?:script|img|iframe|source)\b[^>]*?\ssrc="([^"]*)"|<link\b[^>]*?>""")


def listed():
    """The entries of the toctrees of the first page, as paths."""
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.M | re.S):
        for line in block.splitlines():
            if line and not line.startswith(":"):
                entry = re.sub(r".*<(.*)>", r"\1", line)
                yield from (
                    (ROOT / "docs").glob(f"{entry}.ipynb" if "*" in entry else f"{entry}.md")
                )


def test_the_first_page_leads_to_every_guide_and_notebook():
    pages = {*ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.ipynb")} - {ROOT / "docs/index.md"}
    assert pages <= {path.resolve() for path in listed()}


def loaded(page):
    """The addresses that a browser loads with a page, without being asked."""
    for found in LOADED.finditer(page):
        if found[1] is not None:
            yield found[1]
        elif re.search(r'rel="[^"]*(?:stylesheet|icon|preload|preconnect)', found[0]):
            yield re.search(r'href="([^"]*)"', found[0])[1]


def test_loaded_finds_scripts_styles_and_pictures():
    page = """<script defer src="https://a/x.js"></script><link rel="stylesheet" href="//b/y.css">
    <img alt="z" src="z.png"><a href="https://c">c</a><link rel="next" href="https://d">"""
    assert [*loaded(page)] == ["https://a/x.js", "//b/y.css", "z.png"]


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    for package in ("furo", "latex2mathml", "myst_nb", "sphinx"):
        pytest.importorskip(package, reason="building the site needs the extra docs")
    command = [sys.executable, str(ROOT / "docs/build.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = [*tmp_path.rglob("*.html")]
    assert tmp_path / "notebooks/01_value.html" in pages
    assert tmp_path / "docs/autograd.html" in pages
    for page in pages:
        for address in loaded(page.read_text(encoding="utf-8")):
            assert not re.match(r"(?:https?:)?//", address), (page.name, address)
    styles = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.css"))
    assert not re.search(r"(?:url\(|@import )['\"]?(?:https?:)?//", styles)
