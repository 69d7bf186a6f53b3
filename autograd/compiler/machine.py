"""machine: a layout as instructions for the interpreter that numba has compiled, and the memory that they work on.

The interpreter is one for all programs, so that a program costs nothing to compile. Its text lies in a file, because numba keeps compiled code
only of files, in a directory of the user's, under a name that stands for the table, the versions and the processor.
"""

import importlib.util
import os
import sys
import tempfile
import warnings
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core import primitives
from ..core.row import Primitive
from . import kernels
from .lanes import GATHER, WIDE, Block, Layout, Ref, Run
from .tape import CHAIN, CONSTANT, INPUT, Guard, Tape

WIDTH = 16  # integers of an instruction
REUSED = 4  # outer lanes that share an operand, from which on it is worth laying it out anew
TABLE = tuple(
    dict.fromkeys(f.primitive for f in vars(primitives).values() if hasattr(f, "primitive"))
)  # without the rows that users add


@cache
def available() -> bool:
    """Whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


@cache
def interpreter() -> tuple[Callable[..., bool], dict[Any, int]]:
    """The compiled interpreter, from the cache if it is there, and the number of each row's kernel."""
    import llvmlite.binding
    import numba

    text, numbers = kernels.interpreter(TABLE)
    inner_loop = Path(__file__).with_name("vectors.py").read_text(encoding="utf-8")
    stands_for = (
        text,
        inner_loop,
        numba.__version__,
        sys.version,
        llvmlite.binding.get_host_cpu_name(),
    )
    name = f"interpreter_{sha256(repr(stands_for).encode()).hexdigest()[:16]}"
    home = (
        os.environ.get("XDG_CACHE_HOME")
        or os.environ.get("LOCALAPPDATA")
        or str(Path.home() / ".cache")
    )
    for directory in (
        Path(home) / "chainrule",
        Path(tempfile.gettempdir()) / f"chainrule-{os.environ.get('USER', 'user')}",
    ):
        path = directory / f"{name}.py"
        with suppress(OSError, RuntimeError):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if hasattr(os, "getuid") and directory.stat().st_uid != os.getuid():
                continue  # somebody else made it, and what lies there would be run
            if not path.exists():
                draft = path.with_suffix(f".{os.getpid()}")
                draft.write_text(text, encoding="utf-8")
                os.replace(draft, path)
            if not any(directory.glob(f"__pycache__/{name}*.nbi")):
                print(
                    "chainrule: jit compiles its interpreter, once on this machine, in about 20 s",
                    file=sys.stderr,
                )
            module = sys.modules[name] = ModuleType(name)
            SourceFileLoader(name, str(path)).exec_module(module)
            return module.run, numbers
    warnings.warn(
        "jit can keep its compiled interpreter nowhere and compiles it in every process: set XDG_CACHE_HOME",
        RuntimeWarning,
        stacklevel=2,
    )
    names: dict[str, Any] = {}
    exec(text.replace("@njit(cache=True)", "@njit"), names)
    return names["run"], numbers


def fits(tape: Tape) -> bool:
    """Whether numba is there and the interpreter has every row of the program; a user's own row runs as Python."""
    return available() and {row.op if isinstance(row, Guard) else row for row in tape.rows} <= {
        CHAIN,
        INPUT,
        CONSTANT,
        *TABLE,
    }


class Encoder:
    """The instructions of a layout, `code`, and the addresses that gathers read, `table`."""

    def __init__(self, layout: Layout, numbers: dict[Any, int]) -> None:
        self.numbers = numbers
        self.take = layout.take
        self.code = array("i")
        self.table = array("i")
        self.copies: dict[Any, int] = {}
        for block in layout.blocks():
            self.block(block)

    def emit(self, op: int, z: int, outer: int, inner: int, terms: int, *refs: Ref) -> None:
        numbers = [op, z, outer, inner, terms, *[x for ref in refs for x in ref]]
        self.code.extend(
            (numbers + [0] * WIDTH)[:WIDTH]
        )  # of three operands the last one has no room for steps from term to term, nor any

    def block(self, block: Block) -> None:
        row, z, outer, inner, terms = block.row, block.address, block.outer, block.inner, 0
        refs: Sequence[Ref] = block.refs
        if row is GATHER:
            self.gather(z, block.runs)
        elif row is CHAIN:
            (start,), beside = refs, Ref(z, inner, 1)
            if not block.runs or not (start.inner == 1 or block.lanes == 1):
                outer, inner, refs = folded(refs, block)
                self.emit(kernels.MOVE, z, outer, inner, 1, *refs, Ref(0, inner, 1))
                start = beside
            for run in block.runs:
                self.chain(block, start, run)
                start = beside
        else:
            if (row.op if isinstance(row, Guard) else row).arity is None:
                base, terms = self.packed(block)
                refs = [Ref(base)]
            elif isinstance(row, Primitive) and row.arity != 3:
                fit = [ref.inner in (0, 1) and (row.arity == 2 or block.flat(ref)) for ref in refs]
                refs = [
                    ref if fits else self.copied(ref, outer, inner, 1, Ref(0, inner, 1))
                    for ref, fits in zip(refs, fit, strict=True)
                ]
                outer, inner, refs = folded(refs, block)
            self.emit(self.numbers[row], z, outer, inner, terms, *refs)

    def gather(self, z: int, runs: Sequence[Run]) -> None:
        """Copy numbers side by side, run by run if there are few."""
        lanes = sum(run.n for run in runs)
        if len(runs) * 4 * WIDE > lanes:
            self.emit(kernels.GATHER, z, 1, lanes, 0, Ref(len(self.table)))
            self.table.extend([ref.base + ref.term * t for n, (ref,) in runs for t in range(n)])
            return
        for n, (ref,) in runs:
            self.emit(kernels.MOVE, z, 1, n, 1, Ref(ref.base, 0, ref.term), Ref(0, 0, 1))
            z += n

    def copied(self, ref: Ref, outer: int, inner: int, terms: int, steps: Ref) -> Ref:
        """An operand copied to where it has these steps from lane to lane and from term to term."""
        key = ref, outer, inner, terms, steps
        if key not in self.copies:
            self.copies[key] = self.take(outer * inner * terms)
            self.emit(kernels.MOVE, self.copies[key], outer, inner, terms, ref, steps)
        return steps._replace(base=self.copies[key])

    def chain(self, block: Block, start: Ref, run: Run) -> None:
        """Add the terms of a run to what is at `start`, where neighbouring lanes lie side by side."""
        outer, inner = block.outer, block.inner
        refs = list(run.refs)
        if inner >= WIDE and outer >= REUSED:
            refs = [
                ref
                if ref.outer or ref.inner in (0, 1)
                else self.copied(ref, 1, inner, run.n, Ref(0, 0, 1, inner))
                for ref in refs
            ]
        if refs[1].inner == 0:
            refs.reverse()  # the operand that all inner lanes share comes first
        outer, inner, (start, *refs) = folded([start, *refs], block)
        self.emit(kernels.CHAIN, block.address, outer, inner, run.n, *refs, start)

    def packed(self, block: Block) -> tuple[int, int]:
        """The lists of a block's lanes, one after the other: where they are and how long each is."""
        n = sum(run.n for run in block.runs)
        if len(block.runs) == 1:
            (ref,) = block.runs[0].refs
            if (ref.term == 1 or n == 1) and (
                block.lanes == 1 or (block.flat(ref) and ref.inner == n)
            ):
                return ref.base, n
        key = block.runs, block.outer, block.inner
        if key not in self.copies:
            base = self.copies[key] = self.take(n * block.lanes)
            for run in block.runs:
                self.emit(
                    kernels.MOVE,
                    base,
                    block.outer,
                    block.inner,
                    run.n,
                    run.refs[0],
                    Ref(0, n * block.inner, n, 1),
                )
                base += run.n
        return self.copies[key], n


def folded(refs: Sequence[Ref], block: Block) -> tuple[int, int, list[Ref]]:
    """The outer and inner extents and the operands, as one row of lanes where that is possible."""
    if all(map(block.flat, refs)):
        return 1, block.lanes, [ref._replace(outer=0) for ref in refs]
    return block.outer, block.inner, list(refs)


class Machine:
    """A program whose memory holds the numbers of the layout and, at the end, those of the results side by side; `image` is it before a run."""

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        self.interpret, numbers = interpreter()
        self.layout = Layout(tape)
        encoder = Encoder(self.layout, numbers)
        self.results = slice(self.layout.take(len(tape.outputs)), self.layout.size)
        encoder.gather(self.results.start, self.layout.outputs())
        self.code = np.frombuffer(encoder.code, dtype=np.int32).reshape(-1, WIDTH)
        self.table = np.array(encoder.table, dtype=np.int32)
        self.split, self.n_inputs, self.constants = (
            tape.n_values,
            tape.n_inputs,
            slice(tape.n_inputs, self.layout.leaves),
        )
        self.image = np.zeros(self.layout.size)
        self.image[self.constants] = tape.constants
        del self.layout.tape, self.layout.address
        self.memories: list[Any] = []  # of calls that are over; each call under way has its own

    def run(self, p: Sequence[float], x: Sequence[float]) -> list[float] | None:
        """As `source.Python` says."""
        v = self.memories.pop() if self.memories else self.image.copy()
        v[: self.n_inputs] = array("d", p) + array("d", x)
        outside = self.interpret(v, self.code, self.table)
        found: list[float] | None = None if outside else v[self.results].tolist()
        self.memories.append(v)
        return found

    def advance(
        self, memory: Any, p: Sequence[float], x: "array[float]", further: Sequence[float]
    ) -> tuple[Any, list[float]] | None:
        """As `source.Python` says."""
        v, n = memory.array, memory.n
        if memory.owner is not self:
            if len(v) < len(self.image) or isinstance(v, list):
                larger = self.image.copy()
                larger[:n] = v[:n]
                memory.array = v = larger
            memory.owner = None  # an interruption in the next line must not leave another program's name on these constants
            v[self.constants] = self.image[self.constants]
            memory.owner, memory.batch = self, None
        if p:
            v[n : self.split] = array("d", p)
        if memory.batch is not x:
            v[self.split : self.n_inputs - len(further)] = x
            memory.batch = x
        for i, number in enumerate(further, self.n_inputs - len(further)):
            v[i] = number
        if self.interpret(v, self.code, self.table):
            return None
        first = self.results.start
        return v[first : first + n], v[first + n : self.results.stop].tolist()
