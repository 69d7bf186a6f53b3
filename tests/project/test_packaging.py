"""What installing and importing promise: extras, arrows between the packages,
no heavy import, a clear word on foreign files.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("autograd/**/*.py"), *ROOT.glob("nn/**/*.py")])


def python(*arguments, path):
    """Run a new interpreter in `path`, where it finds packages before all others."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=path, capture_output=True, text=True, check=False
    )


def imports(tree):
    """The (module, is relative) pairs of every import statement below `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level > 0


def project():
    tomllib = pytest.importorskip("tomllib", reason="reading pyproject.toml needs Python 3.11")
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_extras_and_dependency_groups_say_the_same():
    extras, groups = project()["project"]["optional-dependencies"], project()["dependency-groups"]
    as_extras = {
        name: [
            f"chainrule[{entry['include-group']}]" if isinstance(entry, dict) else entry
            for entry in entries
        ]
        for name, entries in groups.items()
    }
    assert as_extras == extras


def test_error_messages_name_extras_that_exist():
    named = {
        extra
        for source in SOURCES
        for extra in re.findall(r"chainrule\[(\w+)\]", source.read_text())
    }
    assert named <= set(project()["project"]["optional-dependencies"])


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_types_are_shipped(package):
    assert (ROOT / package / "py.typed").exists()


def test_autograd_never_imports_nn():
    for source in ROOT.glob("autograd/**/*.py"):
        modules = {
            module.partition(".")[0]
            for module, relative in imports(ast.parse(source.read_text()))
            if not relative
        }
        assert "nn" not in modules, source


def test_imports_inside_functions_are_of_other_projects():
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for module, relative in imports(node):
                    assert not relative, f"{source.name}: {node.name} imports {module}"
                    assert module.partition(".")[0] not in {"autograd", "nn"}, (
                        f"{source.name}: {node.name} imports {module}"
                    )


def test_importing_loads_the_standard_library_only():
    program = (
        "import sys; before = set(sys.modules); import autograd, nn, json; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = python("-c", program, path=ROOT)
    roots = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert roots - sys.stdlib_module_names == {"autograd", "nn"}


def test_foreign_files_beside_autograd_are_explained(tmp_path):
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    assert python("-c", "import autograd", path=tmp_path).returncode == 0
    (tmp_path / "autograd" / "tracer.py").touch()
    error = python("-c", "import autograd", path=tmp_path).stderr
    assert "ImportError" in error
    assert "HIPS/autograd" in error


def test_foreign_files_that_came_later_are_explained(tmp_path):
    """HIPS/autograd, installed last, has its own __init__.py, which imports a name from core."""
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    for name in ("core.py", "extend.py", "tracer.py"):
        (tmp_path / "autograd" / name).touch()
    (tmp_path / "autograd" / "__init__.py").write_text("from .core import make_vjp\n")
    error = python("-c", "import autograd", path=tmp_path).stderr
    assert "HIPS/autograd" in error
    assert "pip uninstall" in error


def test_a_foreign_autograd_under_nn_is_explained(tmp_path):
    shutil.copytree(ROOT / "nn", tmp_path / "nn")
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...\n")
    error = python("-c", "import nn", path=tmp_path).stderr
    assert "ImportError" in error
    assert "HIPS/autograd" in error
    assert str(tmp_path / "autograd") in error
    assert "pip uninstall autograd chainrule" in error


def test_an_autograd_that_lost_its_files_is_explained(tmp_path):
    """Where HIPS/autograd overwrote files, its removal takes them along."""
    shutil.copytree(ROOT / "nn", tmp_path / "nn")
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    (tmp_path / "autograd" / "__init__.py").unlink()
    error = python("-S", "-c", "import nn", path=tmp_path).stderr
    assert "ImportError" in error
    assert "finds a part of it" in error
    assert "pip uninstall autograd chainrule" in error
