"""The README tells the truth: its examples print what it says, its names exist, its links lead somewhere."""

import contextlib
import io
import re
from pathlib import Path

import autograd
import nn

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_two_commands_come_first_and_need_only_python_venv_and_pip():
    main_job, tests = blocks("sh")[:2]
    assert (
        main_job.strip()
        == "python3 -m venv .venv && .venv/bin/pip install '.[plots]' && .venv/bin/python -m nn"
    )
    assert (
        tests.strip()
        == "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest"
    )


def test_examples_print_what_stands_below_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(
        r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL
    )
    assert len(examples) == len(blocks("python")) > 0
    for program, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "README.md", "exec"), {})
        assert printed.getvalue() == expected


def test_names_exist():
    names = re.findall(r"`(autograd|nn)((?:\.[A-Za-z_]\w*)+)", README)
    assert names
    for package, path in names:
        found = {"autograd": autograd, "nn": nn}[package]
        for name in path.lstrip(".").split("."):
            assert hasattr(found, name), f"{package}{path}"
            found = getattr(found, name)


def test_links_and_pictures_exist():
    targets = [target for target in re.findall(r"\]\(([^)#]+)", README) if "://" not in target]
    targets += re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target
