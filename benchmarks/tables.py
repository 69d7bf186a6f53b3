"""Train a net on public tables, as their owners would, and print the scores.

    python benchmarks/tables.py FOLDER [NAME ...]

FOLDER holds the files under the names below; docs/tables.md says what they are.
Each is trained by `python -m nn --data FILE` with the options that stand here, and
with --jit where llvmlite is
installed. A file that is not there is passed over.
"""

import contextlib
import importlib.util
import io
import re
import shlex
import sys
import tempfile
import time
from pathlib import Path

from nn.__main__ import main

TABLES = {
    "titanic.csv": "--target survived --drop alive",
    "penguins.csv": "--target species",
    "tips.csv": "--target tip",
    "mpg.csv": "--target mpg",
    "diamonds-sample.csv": "--target price",
    "planets.csv": "--target method",
    "iris.csv": "",
    "wheat-seeds.csv": "",
    "ecoli.csv": "",
    "ecoli.data": "",
    "wine.csv": "",
    "winequality-red.csv": "--task quantity",
    "winequality-white.csv": "",
    "housing.csv": "",
    "housing.data": "",
    "banknote_authentication.csv": "",
    "sonar.csv": "",
    "pima-indians-diabetes.csv": "",
    "glass.csv": "",
    "ionosphere.csv": "",
    "breast-cancer-wisconsin.csv": "",
    "breast-cancer-wisconsin.data": "--drop 'column 1'",
    "german.csv": "",
    "horse-colic.csv": "--target 'column 24' --drop 'column 3'",
    "airline-passengers.csv": "",
    "abalone.csv": "",
    "auto_imports.csv": "",
    "bikes-day.csv": "--target cnt --drop casual registered instant",
    "breast-cancer.csv": "--no-header",
    "car_crashes.csv": "--target total",
    "forestfires.csv": "",
    "haberman.csv": "",
    "insurance.csv": "",
    "maternal.csv": "",
    "new-thyroid.csv": "",
    "penguins-raw.csv": "--target Sex",
    "phoneme.csv": "",
    "qsar_fish_toxicity.csv": "",
    "seattle-weather.csv": "",
    "stroke.csv": "",
    "synchronous_machine.csv": "",
    "taxis.csv": "--target fare --drop total",
}


def score(path, options, folder):
    """The rows, the held-out score, the baseline's and the seconds of a training."""
    jit = ["--jit"] if importlib.util.find_spec("llvmlite") else []
    printed, told, begin = io.StringIO(), io.StringIO(), time.perf_counter()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
            main(["--data", str(path), *shlex.split(options), *jit, "--out", folder])
    except SystemExit:
        message = told.getvalue().strip().splitlines()[-1]
        return ["", message.partition(": ")[2], "", ""]
    text = printed.getvalue()
    rows = re.search(r": (\d+) rows of", text)[1]
    held_out = re.search(r"^held-out (.*), of", text, re.MULTILINE)[1]
    baseline = re.search(r"^always saying (.*)", text, re.MULTILINE)[1]
    return [rows, held_out, baseline, f"{time.perf_counter() - begin:.0f}"]


def table(folder, names):
    """Print a line of a Markdown table for every file."""
    print("| file | options | rows | held out | baseline | seconds |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as out:
        for name, options in TABLES.items():
            path = Path(folder) / name
            if path.exists() and (not names or name in names):
                shown = f"`{options}`" if options else ""
                print(f"| {' | '.join([name, shown, *score(path, options, out)])} |", flush=True)


if __name__ == "__main__":
    table(sys.argv[1], sys.argv[2:])
