"""What derives from the table and the docstrings is what generate writes today."""

import doctest
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_generated_files_are_up_to_date(tmp_path):
    # A process of its own: other tests add primitives to this one's table.
    here = {**os.environ, "PYTHONPATH": str(ROOT)}  # not an installed copy
    subprocess.run([sys.executable, ROOT / "docs/generate.py", tmp_path], check=True, env=here)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert len(written) == 15
    for path in written:
        committed = (ROOT / path).read_text(encoding="utf-8")
        assert committed == (tmp_path / path).read_text(encoding="utf-8"), (
            f"{path} is out of date: run python docs/generate.py"
        )


MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for name in ("autograd", "nn")
    for path in (ROOT / name).rglob("*.py")
    if path.name != "__main__.py"
)


NEEDS = {"nn.sklearn": "sklearn"}  # the package that a module's examples use


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_run(name, tmp_path, monkeypatch):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f"the examples use {NEEDS[name]}")
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


@pytest.mark.parametrize("page", ["autograd", "nn"])
def test_an_example_of_the_reference_imports_what_it_uses(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", text, re.M | re.S)
    assert blocks
    for block in blocks:
        test = doctest.DocTestParser().get_doctest(block, {}, page, None, None)
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0
