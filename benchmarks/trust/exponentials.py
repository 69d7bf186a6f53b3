"""Has native code the bits of the C library's exp, at far more points than a process compares?

    python benchmarks/trust/exponentials.py 31

compares 2**31 points in half a minute. A process that uses native code compares 2**16 of the
same kind, before it relies on the answer: see `autograd/compiler/exponential.py`.
"""

import argparse
import os
import platform
import tempfile

from autograd.compiler import exponential, llvm


def main():
    """Compare, and say what was compared."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("digits", type=int, nargs="?", default=28, help="2 ** digits points")
    digits = parser.parse_args().digits
    exponential.POINTS = 1 << digits
    with tempfile.TemporaryDirectory() as cache:  # what is cached compares 2**16 points
        os.environ["XDG_CACHE_HOME"] = tempfile.tempdir = cache
        engine = llvm.Engine()  # it compares at its beginning
    if not engine.fused:
        raise SystemExit("This processor does not fuse: libm is asked for every number.")
    alike = engine.table[llvm.translate.table()[f"exp_{engine.width}"]] == engine.functions.get(
        f"exp_of_{engine.width}"
    )
    library = " ".join(platform.libc_ver()) or "the C library"
    verdict = "the bits are those of" if alike else "at least one differs from that of"
    print(f"2**{digits} points, {engine.width} lanes: {verdict} {library}.")
    raise SystemExit(not alike)


main()
