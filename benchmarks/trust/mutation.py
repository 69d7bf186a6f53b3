"""Do the tests see a wrong line? A sample of cosmic-ray's mutants, by seed.

    python benchmarks/trust/mutation.py --cover cover.db
    python benchmarks/trust/mutation.py 300 0 --cover cover.db --minutes 60 --keep mutants.jsonl

The first call runs the tests once and notes which test runs which line. The second
draws N mutants of the engine, its compiler and of training, by chance and without
regard to what they change. Each is tried in a copy of the tree, by the tests that run
its lines, the quickest first, until one fails. A mutant that all of them let pass has
survived. Lines that run on import are tried by the tests of all lines of their file.

This process loads pytest and what the tests need beside the project. A forked one for
each mutant then begins at once. The first time that a test kills, it is run without a
mutant, too: there it has to pass. With --seconds the slowest tests are left for a later
call, without it, of the mutants that are open then.

It needs cosmic-ray and pytest-cov.
"""

import argparse
import importlib.util
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).parents[2]  # `common` has it, too, but loads the project
FILES = [
    *sorted(path.relative_to(ROOT) for path in (ROOT / "autograd/core").glob("*.py")),
    Path("autograd/functional.py"),
    *sorted(path.relative_to(ROOT) for path in (ROOT / "autograd/compiler").rglob("*.py")),
    *[Path("nn") / f"{name}.py" for name in ("losses", "optim", "recurrent", "step")],
]
TESTS = [
    "tests/core",
    "tests/compiler",
    "tests/analysis",
    "tests/nn/test_nn_atomic.py",
    "tests/nn/test_nn_layers.py",
    "tests/nn/test_nn_losses.py",
    "tests/nn/test_nn_module.py",
    "tests/nn/test_nn_optim.py",
    "tests/nn/test_nn_recorded.py",
    "tests/nn/test_nn_recurrent.py",
    "tests/nn/test_nn_refusals.py",
    "tests/nn/test_nn_schedules.py",
    "tests/nn/test_nn_training.py",
]
SLOW = ["tests/core/test_trust.py"]  # they run the others in processes of their own
# Texts for the page and for the machine, which many tests run in another language.
BY_HAND = {
    "autograd/core/forms.py": ["tests/drawing/test_page_rows.py", "tests/compiler"],
    "autograd/core/signatures.py": ["tests/core", "tests/project/test_packaging.py"],
}
FIRST = 60  # tests of the first attempt; the others follow


def copied(folder):
    """A copy of what the tests need."""
    for name in ("autograd", "nn", "tests", "docs", "benchmarks"):
        ignore = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder / name)


def environment(folder):
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def cover(path):
    """Run the tests, and note what they run and how long they take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        (folder / ".coveragerc").write_text("[run]\nsource = autograd,nn\n")
        command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        command += ["--cov", "--cov-context=test", "--cov-config=.coveragerc", "--cov-report="]
        command += ["--durations=0", "--durations-min=0.02", *TESTS]
        command += [f"--ignore={name}" for name in SLOW]
        more = {**environment(folder), "COVERAGE_FILE": str(path.absolute())}
        done = subprocess.run(command, cwd=folder, env=more, capture_output=True, text=True)
        path.with_suffix(".times").write_text(done.stdout)
        print(done.stdout[-300:])


class Coverage:
    """Which tests run a line, and how long they take."""

    def __init__(self, path):
        from coverage.numbits import numbits_to_nums

        self.times = {}
        text = path.with_suffix(".times").read_text()
        for seconds, test in re.findall(r"^([\d.]+)s (?:call|setup) +(\S.*)$", text, re.M):
            self.times[test] = self.times.get(test, 0.0) + float(seconds)
        self.tests = {}
        base = sqlite3.connect(path)
        names = dict(base.execute("select id, context from context"))
        files = dict(base.execute("select id, path from file"))
        for file, context, bits in base.execute(
            "select file_id, context_id, numbits from line_bits"
        ):
            test = names[context].split("|")[0]
            if not test:
                continue
            where = re.search(r"(autograd|nn)/.*", files[file]).group()
            for line in numbits_to_nums(bits):
                self.tests.setdefault(where, {}).setdefault(line, set()).add(test)

    def keep_only(self, tests):
        """Forget the tests that are no more."""
        for by_line in self.tests.values():
            for found in by_line.values():
                found &= tests

    def of(self, file, lines):
        """The tests that run one of these lines, the quickest first."""
        by_line = self.tests.get(str(file), {})
        found = set().union(*[by_line.get(line, set()) for line in lines])
        by_hand = BY_HAND.get(str(file), [])
        found = found or set().union(*by_line.values()) or set([] if by_hand else TESTS)
        return [*sorted(found, key=lambda test: (self.times.get(test, 0.01), test)), *by_hand]


def mutants(n, seed):
    """A sample of all mutants: (file, operator, arguments, occurrence, lines)."""
    from cosmic_ray.commands.init import _all_work_items

    every = [
        (str(m.module_path), m.operator_name, m.operator_args, m.occurrence, m.start_pos, m.end_pos)
        for item in _all_work_items(FILES, {})
        for m in item.mutations
    ]
    every.sort(key=repr)
    print(f"{len(every):,} mutants in {len(FILES)} files; a sample of {n}, seed {seed}")
    return random.Random(seed).sample(every, n)


def collected(folder):
    """The tests of the copy. Python's cache of their code, and of the project's, stays."""
    command = [sys.executable, "-m", "pytest", "-q", "--co", "-p", "no:cacheprovider", *TESTS]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in done.stdout.splitlines() if "::" in line}


def warm():
    """Load what all tests need, but the project."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads do not survive a fork
    for name in ("pytest", "hypothesis", "hypothesis.strategies", "mpmath", "numpy", "llvmlite"):
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    for name in ("llvmlite.binding", "xml.etree.ElementTree", "asyncio", "concurrent.futures"):
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    sys.path[:] = [name for name in sys.path if Path(name).resolve() != ROOT]


def tried(folder, tests, seconds):
    """What fails of the tests, or that they take too much processor time; None if all pass."""
    told = folder / "told.txt"
    process = os.fork()
    if process == 0:
        run_tests(folder, tests, seconds, told)
    end, status = time.monotonic() + 10.0 * seconds, 0
    while time.monotonic() < end:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            break
        time.sleep(0.02)
    else:
        os.killpg(process, signal.SIGKILL)
        status = os.waitpid(process, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGXCPU):
        return "it does not end"
    if status == 0:
        return None
    text = told.read_text(errors="replace")
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", text, re.M)
    return failed[0] if failed else text.strip()[-160:]  # such as a module that fails on import


def run_tests(folder, tests, seconds, told):
    """Run the tests in this forked process, which ends."""
    code = 99
    try:
        os.setpgrp()
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
        file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.chdir(folder)
        os.environ.update(environment(folder), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode = True
        import pytest

        options = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=line"]
        code = int(pytest.main([*options, *tests]))
        sys.stdout.flush()
    finally:
        os._exit(code)


class Changed:
    """A file of the copy that is another one for a while, also for Python's cache of code."""

    def __init__(self, path, code):
        self.path, self.code = path, code
        self.cached = Path(importlib.util.cache_from_source(path))
        self.aside = self.cached.with_suffix(".aside")

    def __enter__(self):
        self.whole, self.times = self.path.read_text(), self.path.stat()
        if self.cached.exists():
            self.cached.rename(self.aside)
        self.path.write_text(self.code)

    def __exit__(self, *_):
        self.path.write_text(self.whole)
        os.utime(self.path, ns=(self.times.st_atime_ns, self.times.st_mtime_ns))
        if self.aside.exists():
            self.aside.rename(self.cached)


def attempt(folder, mutant, coverage, sound, seconds):
    """What kills the mutant, None if nothing does, how it differs, and how many tests ran.

    `sound` holds of each test that killed whether it passes without a mutant. Tests that
    would take longer than so many seconds in all are left out: "open" if none kills.
    """
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    file, operator, arguments, occurrence, start, end = mutant
    whole = (ROOT / file).read_text()
    code = mutate_code(whole, get_operator(operator)(**arguments), occurrence)
    if code is None or code == whole:
        return "no mutant", "", 0
    changed = [
        f"{a.strip()} -> {b.strip()}"
        for a, b in zip(whole.splitlines(), code.splitlines(), strict=False)
        if a != b
    ][:1]
    try:
        compile(code, file, "exec")
    except SyntaxError:
        return "no Python", changed, 0
    tests = coverage.of(file, range(start[0], end[0] + 1))
    sums = accumulate(coverage.times.get(test, 0.02) for test in tests)
    some = [test for test, sum_ in zip(tests, sums, strict=True) if sum_ <= seconds]
    while True:
        left = [test for test in some if sound.get(test, True)]
        with Changed(folder / file, code):
            killer = first_failure(folder, left, coverage)
        if killer in left and killer not in sound:
            sound[killer] = tried(folder, [killer], 300.0) is None
        if sound.get(killer, True):
            beyond = killer is None and len(some) < len(tests)
            return "open" if beyond else killer, changed, len(left)


def first_failure(folder, tests, coverage):
    """The first of the tests that fails, a few quick ones in a process before the others."""
    for some in (tests[:FIRST], tests[FIRST:]):
        if some:
            seconds = 60.0 + 6.0 * sum(coverage.times.get(test, 0.02) for test in some)
            killer = tried(folder, some, min(seconds, 900.0))
            if killer:
                return killer
    return None


def identity(mutant):
    file, operator, arguments, occurrence, start, _ = mutant
    more = "".join(f" {value}" for value in arguments.values())
    return f"{file}:{start[0]} {operator}{more} {occurrence}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=0, help="mutants")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--cover", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seconds", type=float, default=math.inf, help="of tests for a mutant")
    parser.add_argument("--only", help="the id of one mutant")
    given = parser.parse_args()
    os.chdir(ROOT)
    if not given.n:
        cover(given.cover)
        return
    end, coverage = time.monotonic() + 60.0 * given.minutes, Coverage(given.cover)
    done = {}
    if given.keep and given.keep.exists():
        done = {line["id"]: line for line in map(json.loads, given.keep.read_text().splitlines())}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        coverage.keep_only(collected(folder))
        warm()
        sound = {}
        for mutant in mutants(given.n, given.seed):
            key = identity(mutant)
            if time.monotonic() > end:
                break
            settled = key in done and (done[key]["killer"] != "open" or given.seconds < math.inf)
            if (given.only and key != given.only) or (settled and not given.only):
                continue
            killer, changed, tests = attempt(folder, mutant, coverage, sound, given.seconds)
            done[key] = {"id": key, "killer": killer, "change": changed, "tests": tests}
            if killer in (None, "open"):
                print(f"survives {tests} tests: {key}: {changed}", flush=True)
            if given.keep:
                with given.keep.open("a") as file:
                    file.write(json.dumps(done[key]) + "\n")
    real = [line for line in done.values() if line["killer"] not in ("no mutant", "no Python")]
    alive = [line for line in real if line["killer"] in (None, "open")]
    print(f"{len(real)} mutants, {len(real) - len(alive)} killed, {len(alive)} survive")
    for line in alive:
        print(f"  {line['id']}: {line['change']} ({line['tests']} tests)")


if __name__ == "__main__":
    main()
