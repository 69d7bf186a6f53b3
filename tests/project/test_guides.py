"""The guides tell the truth: examples print what they say, names and links exist."""

import importlib.util
import re
from pathlib import Path

import pytest

import autograd
import nn

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("guides", ROOT / "docs" / "guides.py")
guides = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guides)


def test_every_guide_is_known():
    written = {"autograd.md", "nn.md", "primitives.md", "index.md", "glossary.md"}
    found = {path.name for path in (ROOT / "docs").glob("*.md")} - written
    assert found == {page.name for page in guides.PAGES} - {"README.md"}


@pytest.mark.parametrize("page", guides.PAGES, ids=lambda page: page.stem)
def test_examples_print_what_stands_below_them(page):
    if page.stem == "ecosystem":
        pytest.importorskip("sklearn")
    text = page.read_text(encoding="utf-8")
    assert guides.EXAMPLE.search(text)
    assert guides.in_a_process(page) == text, (
        f"{page.name} is out of date: run python docs/guides.py"
    )


@pytest.mark.parametrize("page", guides.PAGES, ids=lambda page: page.stem)
def test_names_exist(page):
    text = page.read_text(encoding="utf-8")
    for package, path in re.findall(r"`(autograd|nn)((?:\.[A-Za-z_]\w*)+)[`(]", text):
        if path.endswith(".py"):
            continue
        found = {"autograd": autograd, "nn": nn}[package]
        for name in path.lstrip(".").split("."):
            assert hasattr(found, name), f"{package}{path}"
            found = getattr(found, name)


@pytest.mark.parametrize("page", guides.PAGES, ids=lambda page: page.stem)
def test_files_that_are_named_exist(page):
    for path in re.findall(r"`((?:autograd|nn|docs|benchmarks)/[\w/.]*)`", page.read_text()):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", guides.PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_exist(page):
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    targets += re.findall(r'(?:src|srcset)="([^":]+)"', text)
    for target in targets:
        assert (page.parent / target).exists(), target
