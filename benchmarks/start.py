"""How long `import autograd, nn` takes, and that it loads nothing but the standard library.

python benchmarks/start.py [--repeats 25]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

from measure import describe, pin

PROGRAM = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import autograd, nn
seconds = time.perf_counter() - start
import json
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps([seconds, sorted(roots - sys.stdlib_module_names - {"autograd", "nn"})]))
"""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()

    pin()
    # The bytecode is cached, as installing does it: by the first process, which
    # is not counted.
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    command = [sys.executable, "-c", PROGRAM]
    runs = [
        json.loads(subprocess.check_output(command, env=environment))
        for _ in range(options.repeats + 1)
    ][1:]
    seconds = [run[0] for run in runs]
    print(describe())
    median, least = 1e3 * statistics.median(seconds), 1e3 * min(seconds)
    print(
        f"import autograd, nn: median {median:.1f} ms, minimum {least:.1f} ms of "
        f"{options.repeats} processes"
    )
    print("third-party packages loaded:", ", ".join(runs[0][1]) or "none")


if __name__ == "__main__":
    main()
