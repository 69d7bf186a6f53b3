"""CONTRIBUTING tells the truth: a primitive is added as it says, and nothing else is edited."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

# Where the examples of "Add a primitive" go, in their order.
PLACES = [
    ("autograd/core/ieee.py", "def softplus("),
    ("autograd/core/primitives.py", "# Lists.\n"),
    ("tests/oracles.py", '    "sigmoid": lambda x: 1 /'),
    ("tests/oracles.py", '    "sigmoid": (1, 0'),
]


def examples():
    section = TEXT.split("## Add a primitive")[1].split("\n## ")[0]
    indented = re.findall(r"^( *)```python\n(.*?)^\1```$", section, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.indent(textwrap.dedent(text), "") for _, text in indented]


def test_a_primitive_is_added_as_contributing_says(tmp_path):
    for name in ("autograd", "nn", "docs", "tests", "benchmarks", "pyproject.toml"):
        source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__", "*.png")
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    written = examples()
    assert len(written) == len(PLACES)
    assert len({file for file, _ in PLACES}) <= 3, "at most three files are edited by hand"
    for (file, before), text in zip(PLACES, written, strict=True):
        path = tmp_path / file
        source = path.read_text(encoding="utf-8")
        assert source.count(before) == 1, (file, before)
        indent = re.match(" *", before)[0]
        gap = "\n\n" if text.startswith("def ") else ""
        source = source.replace(before, textwrap.indent(text, indent) + gap + before)
        path.write_text(source, encoding="utf-8")

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("docs/generate.py")
    shown = json.loads(
        run(
            "-c",
            "import autograd, nn, json\n"
            "from autograd import Value, gaussian\n"
            "x = Value(1.0)\n"
            "x.gaussian().backward()\n"
            "print(json.dumps([autograd.__file__, gaussian.__doc__, x.grad, dir(autograd),"
            " autograd.formula(gaussian(Value(2.0, 'x'))).lines[0].symbolic,"
            " nn.Neuron(1, 'gaussian').activation]))",
        )
    )
    file, doc, slope, names, symbolic, activation = shown
    assert file.startswith(str(tmp_path))
    assert "Formula: `z = exp(-x**2)`" in doc
    assert slope == -2.0 * 0.36787944117144233
    assert "gaussian" in names
    assert (symbolic, activation) == ("gaussian(x)", "gaussian")
    assert "| `gaussian` |" in (tmp_path / "docs/primitives.md").read_text(encoding="utf-8")
    tests = ["tests/core/test_rows.py", "tests/project/test_docs.py"]
    run(
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *tests,
        "-k",
        "gaussian or every or generated",
    )


def test_the_files_that_contributing_names_exist():
    for name in re.findall(r"`((?:autograd|nn|tests|docs|benchmarks)/[\w/.]*)`", TEXT):
        assert (ROOT / name).exists(), name
