"""What the scripts share: N and seed as arguments, and the helpers of the tests."""

import argparse
import importlib
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
oracles = importlib.import_module("oracles")
interruption = importlib.import_module("interruption")


def arguments(n, what):
    """Return N and the seed of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("n", type=int, nargs="?", default=n, help=what)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    found = parser.parse_args()
    print(f"N = {found.n}, seed {found.seed}, Python {platform.python_version()}")
    return found.n, found.seed


def alike(p, q):
    """Whether two numbers are equal, or both nan."""
    return p == q or (p != p and q != q)
