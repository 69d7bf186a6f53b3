"""The rooms of the code: which file may import which, and who may touch a node's slots."""

import ast
import functools
import importlib
import inspect
import sys
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Value, extending

ROOT = Path(__file__).parents[2]

# A room may import from the rooms of the lines above it, and from itself.
ROOMS = [
    {"autograd.tracebacks"},
    {"autograd.errors"},
    {"autograd.grid", "autograd.optional", "autograd.saving"},
    {"autograd.progress"},
    {"autograd.core"},
    {"autograd.functional"},
    {"autograd.analysis", "autograd.check"},
    {"autograd.compiler"},
    {"autograd.drawing"},  # its page records the rows' rules
    {"autograd.auditing", "autograd.testing"},  # one draws, one tests every mode
    {"autograd", "autograd.extending"},
    {"nn"},
]
HEIGHT = {room: height for height, rooms in enumerate(ROOMS) for room in rooms}
SLOTS = set(Value.__slots__)


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path for name in ("autograd", "nn") for path in (ROOT / name).rglob("*.py")
}


@functools.cache
def tree(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(name):
    """Every module of the project that a module imports, for annotations alone, too."""
    is_package = MODULES[name].name == "__init__.py"
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                target = f"{module}.{alias.name}"
                if target in MODULES or module in MODULES:
                    yield target if target in MODULES else module


@functools.cache
def arrows(name):
    return {target for target in imported(name) if target != name}


def room(name):
    first, *rest = name.split(".")
    return first if first == "nn" or not rest else f"{first}.{rest[0]}"


def test_every_module_lies_in_a_room():
    assert {room(name) for name in MODULES} == set(HEIGHT)


@pytest.mark.parametrize("name", MODULES)
def test_arrows_between_rooms_run_one_way(name):
    for target in arrows(name):
        assert room(target) == room(name) or HEIGHT[room(target)] < HEIGHT[room(name)], target


def test_no_module_imports_itself_by_way_of_others():
    """Modules without arrows to those that remain are taken away until none is left."""
    remaining = {name: arrows(name) for name in MODULES}
    while free := [name for name, targets in remaining.items() if targets.isdisjoint(remaining)]:
        for name in free:
            del remaining[name]
    assert not remaining


def test_nn_enters_by_two_doors_and_the_errors():
    doors = {"autograd", "autograd.extending", "autograd.errors"}
    for name in MODULES:
        if room(name) == "nn":
            assert {target for target in arrows(name) if room(target) != "nn"} <= doors, name


def slots_named(tree):
    """The slots that a module names: as attributes, or as strings for getattr and its kin."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SLOTS:
            yield node.attr
        elif isinstance(node, ast.Constant) and node.value in SLOTS:
            yield node.value


@pytest.mark.parametrize("name", MODULES)
def test_slots_are_named_in_core_and_compiler_alone(name):
    if room(name) not in ("autograd.core", "autograd.compiler"):
        assert list(slots_named(tree(name))) == []


@pytest.mark.parametrize("line", ["x._data", "getattr(x, '_grad')", "attrgetter('_a')"])
def test_a_slot_is_found_however_it_is_named(line):
    assert list(slots_named(ast.parse(line)))


def test_no_module_bears_the_name_of_a_function_that_its_package_exports():
    for name in MODULES:
        above, _, last = name.rpartition(".")
        if above:
            found = getattr(importlib.import_module(above), last, None)
            assert found is None or inspect.ismodule(found), name


@pytest.mark.parametrize("package", [autograd, extending, nn])
def test_a_door_lists_what_it_has(package):
    for name in package.__all__:
        assert hasattr(package, name)


def test_completion_shows_what_is_public_and_nothing_else():
    assert dir(autograd) == sorted([*autograd.__all__, "errors"])
    for module in [nn, *[x for x in map(nn.__dict__.get, nn.__all__) if inspect.ismodule(x)]]:
        assert dir(module) == sorted(module.__all__)
        assert all(hasattr(module, name) for name in module.__all__)


def test_autograd_says_where_every_name_of_nn_is():
    assert set(nn.__all__) <= set(extending.answers("autograd"))


def test_users_find_the_exceptions_and_builders_the_literals():
    errors = autograd.errors
    raised = [
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and thing.__module__ == errors.__name__
    ]
    for name in raised:
        assert getattr(autograd, name) is getattr(errors, name)
    for name in ("LITERAL", "Literal"):
        assert not hasattr(autograd, name)
        assert name in extending.__all__


# The three chapters.

CHAPTERS = {
    "value": "parent.grad += dz/dparent * z.grad",
    "chain_rule": "parent.grad += dz/dparent * g",
    "primitives": "z = f(x, y, ...)",
}


@pytest.mark.parametrize(("number", "name"), [*enumerate(CHAPTERS, 1)])
def test_a_chapter_begins_with_its_formula(number, name):
    first, *_ = text = (ROOT / f"autograd/core/{name}.py").read_text().split("\n\n")
    assert first.startswith(f'"""Chapter {number}: ')
    assert CHAPTERS[name] in "".join(text[:3])


# Files, and statements with docstrings and the def itself, of what runs. Six of the
# statements are there for Ctrl-C and lack of memory: the leaves get their grads back.
ENTERED_FILES, ENTERED_STATEMENTS = 3, 99


def test_backward_of_a_product_stays_short():
    """The statements of all functions that `(a * b).backward()` enters do not grow."""
    a, b = Value(2.0), Value(3.0)
    entered = set()

    def enter(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(ROOT / "autograd")):
            entered.add((code.co_filename, code.co_firstlineno))

    sys.setprofile(enter)
    try:
        (a * b).backward()
    finally:
        sys.setprofile(None)
    assert (a.grad, b.grad) == (3.0, 2.0)
    statements = 0
    for file in {file for file, _ in entered}:
        for node in ast.walk(ast.parse(Path(file).read_text())):
            if isinstance(node, ast.FunctionDef) and (file, node.lineno) in entered:
                statements += sum(isinstance(part, ast.stmt) for part in ast.walk(node))
    assert len({file for file, _ in entered}) == ENTERED_FILES
    assert statements <= ENTERED_STATEMENTS
