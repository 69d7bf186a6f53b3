"""What no_grad and its kin cost where they are not used: a bare `a * b` with
the check for an active mode, and without it.

    python benchmarks/mode_check.py [--alternations 25]

The operator without the check is made from the engine's own source with the
check cut out. The minimum of the alternations is compared.
"""

import argparse
import inspect
import timeit

from measure import describe, pin

from autograd import Value
from autograd.core import engine
from autograd.core.primitives import PRIMITIVES

CHECK = """\
        if active:
            return otherwise(op, (x, y), checked)
"""
CALLS = 200_000


def without_check():
    source = inspect.getsource(engine.make_binary)
    if source.count(CHECK) != 1:
        raise SystemExit(
            "engine.make_binary does not contain the check in the form that this benchmark cuts out"
        )
    namespace = dict(vars(engine))
    exec(source.replace(CHECK, ""), namespace)
    return namespace["make_binary"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alternations", type=int, default=25)
    options = parser.parse_args()

    pin()
    names = {"a": Value(2.0), "b": Value(3.0)}
    operators = {
        "with": engine.make_binary(PRIMITIVES["mul"], checked=True),
        "without": without_check()(PRIMITIVES["mul"], checked=True),
    }
    nanoseconds = {name: [] for name in operators}
    for _ in range(options.alternations):
        for name, operator in operators.items():
            Value.__mul__ = operator
            nanoseconds[name].append(
                1e9 * timeit.timeit("a * b", globals=names, number=CALLS) / CALLS
            )
    least = {name: min(times) for name, times in nanoseconds.items()}
    print(describe())
    share = 100 * (least["with"] / least["without"] - 1)
    print(
        f"a * b: {least['with']:.1f} ns with the check, {least['without']:.1f} ns "
        f"without: {share:+.1f} %"
    )


if __name__ == "__main__":
    main()
