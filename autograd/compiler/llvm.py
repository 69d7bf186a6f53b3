"""llvm: functions of LLVM's text in the memory of this process, through llvmlite.

All programs share one engine. Its code calls nothing by name: the functions of
libm and of the library stand in a table of addresses, which every function is
given. So object code can be kept from one process to the next, and LLVM does
not know that a call is exp or pow, which it would rewrite.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ctypes
import ctypes.util
import importlib.util
import math
import os
import sys
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from types import FunctionType
from typing import Any

from ..core import forms, ieee
from . import cache as object_cache
from . import exponential, library, pass_texts, passes, translate
from .registers import WIDTHS

ADDRESSES = array("q").itemsize  # bytes
WRITERS = (
    "abreast",
    "exponential",
    "library",
    "lanes",
    "native",
    "pass_texts",
    "picks",
    "registers",
    "schedule",
    "translate",
)  # of LLVM's text
SMALL = 3000  # operations, up to which the passes run in Python
POINTS = (-0.0, 0.3, -0.7, 0.9999, 1.0, 1.5, -2.5, 33.3, 1e-300, -1e-5, 700.1)


class UnavailableError(Exception):
    """This process cannot run native code, and why."""


@cache
def available() -> bool:
    """Whether llvmlite is installed, for a processor of 64 bits."""
    return importlib.util.find_spec("llvmlite") is not None and ctypes.sizeof(ctypes.c_void_p) == 8


# A child that is forked while another thread compiles would wait for ever for
# llvmlite's lock. So a fork waits until the compilation is over.
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


def libm() -> dict[str, int]:
    """The addresses of the functions of libm, compared with Python's math.

    Raises:
        UnavailableError: A function is missing, or gives other bits.
    """
    found = {}
    for name in (*translate.LIBM, "frexp", "ldexp"):
        library = next((lib for lib in _libraries() if hasattr(lib, name)), None)
        if library is None:
            raise UnavailableError(f"the C library has no function {name}")
        function = getattr(library, name)
        found[name] = ctypes.cast(function, ctypes.c_void_p).value or 0
        if name in translate.LIBM:
            _compare(name, function)
    return found


def _libraries() -> Iterator[ctypes.CDLL]:
    """What this process has loaded, and then libm: to find its file takes other processes."""
    yield ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    if sys.platform != "win32":
        yield ctypes.CDLL(ctypes.util.find_library("m"))


def _compare(name: str, function: Any) -> None:
    n = 2 if name in ("atan2", "fmod", "pow") else 1
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * n
    for k, x in enumerate(POINTS):
        operands = (x, POINTS[(k + 4) % len(POINTS)])[:n]
        try:
            expected = getattr(math, name)(*operands)
        except (ValueError, OverflowError):
            continue  # where Python raises, C has an infinity or nan
        found = function(*operands)
        if found != expected or math.copysign(1.0, found) != math.copysign(1.0, expected or found):
            raise UnavailableError(
                f"{name}{operands} of the C library is not that of Python's math"
            )


def of_python(name: str) -> int:
    """The address of a function that Python gives to C."""
    return ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0


def fuses(triple: str, features: Mapping[str, bool]) -> bool:
    """Whether a processor multiplies and adds in one step, as all do but old ones of x86."""
    return bool(features.get("fma")) or not triple.startswith("x86_64")


class Engine:
    """The functions of this process by name, and the table that they are given."""

    def __init__(self) -> None:
        import llvmlite
        import llvmlite.binding as ll

        self.ll = ll
        ll.initialize_native_target()
        ll.initialize_native_asmprinter()
        self.triple = ll.get_process_triple()
        cpu, features = ll.get_host_cpu_name(), ll.get_host_cpu_features()
        self.width = 8 if features.get("avx512f") else 4 if features.get("avx") else 2
        self.fused = fuses(self.triple, features)
        self.settings: dict[str, Any] = {
            "cpu": cpu,
            "features": features.flatten(),
            "opt": 2,
            "codemodel": "jitdefault",
        }
        own = [Path(__file__).with_name(f"{name}.py") for name in WRITERS]
        others = [Path(str(module.__file__)) for module in (*passes.ROOMS, ieee, forms)]
        self.identity = repr(
            (
                [sha256(path.read_bytes()).hexdigest() for path in (*own, *others)],
                llvmlite.__version__,
                ll.llvm_version_info,
                self.triple,
                cpu,
                self.settings,
            )
        )
        self.target = self.machine()
        self.jit = ll.create_mcjit_compiler(ll.parse_assembly(""), self.machine())
        self.functions: dict[str, int] = {}
        self.passes: dict[str, Callable[..., int]] = {}
        addresses = libm()
        names = [name for name in translate.table() if name.startswith(("f_", "outside_"))]
        self.load("library", [*library.READY, *names], library.library)
        named = {**self.functions, **addresses}
        self.table = array("q", [named.get(name, 0) for name in translate.table()])
        self.take_exponentials()
        self.run = self.callable("run", *[ctypes.c_int64] * 6)
        self.steps = self.callable("steps", ctypes.c_int64)
        self.flatten = self.callable("flatten", ctypes.py_object, *[ctypes.c_int64] * 4)
        self.step_on = self.callable("step_on", ctypes.py_object, *[ctypes.c_int64] * 3)
        functions = map(of_python, ("PyLong_AsDouble", "PyErr_Occurred", "PyErr_Clear"))
        self.python = array("q", [id(float), id(int), *functions])
        self.place_of_python = self.python.buffer_info()[0]

    def take_exponentials(self) -> None:
        """Put into the table how exp is computed in registers: all lanes at once, or by libm."""
        width, fused = self.width, self.fused
        names = exponential.names(width, fused)
        self.load("exponential", names, lambda: exponential.text(width, fused))
        place = self.table.buffer_info()[0]
        alike = fused and not self.callable("exp_differs", ctypes.c_int64)(place)
        for size in WIDTHS:
            function = self.functions.get(f"{'exp_of' if alike else 'exp_each'}_{size}", 0)
            self.table[translate.table()[f"exp_{size}"]] = function

    def machine(self) -> Any:
        """Return a new target machine for this processor, with the settings of the engine."""
        target = self.ll.Target.from_triple(self.triple)
        return target.create_target_machine(**self.settings)

    def callable(self, name: str, *types: Any) -> Callable[..., int]:
        """A function with arguments of these types, which holds the GIL."""
        function: Callable[..., int] = ctypes.PYFUNCTYPE(ctypes.c_int64, *types)(
            self.functions[name]
        )
        return function

    def load(self, key: str, names: list[str], text: Callable[[], str]) -> None:
        """Have functions of these names in memory, made of a text if they are not kept."""

        def compiled() -> bytes:
            module = self.ll.parse_assembly(text())
            module.verify()
            code: bytes = self.target.emit_object(module)
            return code

        digest = sha256(f"{key} {names} {self.identity}".encode()).hexdigest()
        code = object_cache.kept(digest, compiled)
        self.jit.add_object_file(self.ll.ObjectFileRef.from_data(code))
        self.jit.finalize_object()
        for name in names:
            self.functions[name] = self.jit.get_function_address(name)

    def native_passes(self) -> dict[str, Callable[..., int]]:
        """The functions of all rooms of `passes` in native code, by name."""
        if not self.passes:
            things = chain.from_iterable(vars(room).items() for room in passes.ROOMS)
            found = {each: f for each, f in things if isinstance(f, FunctionType)}
            self.load("passes", list(found), pass_texts.library_of_passes)
            made: dict[str, Callable[..., int]] = {}
            for each, function in found.items():
                kinds = [k for name, k in function.__annotations__.items() if name != "return"]
                count = sum([len(getattr(kind, "_fields", (kind,))) for kind in kinds])
                kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * count)
                made[each] = kind(self.functions[each])
            self.passes = made
        return self.passes

    def addresses(self, key: str, names: list[str], text: Callable[[list[str]], str]) -> list[int]:
        """The addresses of functions by these names; `text` is asked for the missing ones."""
        with _lock:
            missing = [name for name in names if name not in self.functions]
            if missing:
                self.load(key, missing, lambda: text(missing))
        return [self.functions[name] for name in names]


_engines: list[Engine] = []


def engine() -> Engine:
    """The engine of this process. Raises UnavailableError where there can be none."""
    with _lock:
        if not _engines:
            _engines.append(Engine())
        return _engines[0]


def pass_runner(n: int) -> Callable[..., int]:
    """What runs the passes over n operations: run(passes.room.function, *arguments).

    They run in native code, unless the program is so small that Python is done
    before LLVM is loaded.
    """

    if not runs_natively(n):
        return lambda function, *arguments: function(*arguments)
    with _lock:
        native_passes = engine().native_passes()

    def natively(function: Callable[..., int], *arguments: Any) -> int:
        parts = chain.from_iterable([x if isinstance(x, tuple) else (x,) for x in arguments])
        return native_passes[function.__name__](
            *[x if x.__class__ is int else x.buffer_info()[0] for x in parts]
        )

    return natively


def runs_natively(n: int) -> bool:
    """Whether passes over n operations run in native code."""
    if n <= SMALL or not available():
        return False
    try:
        engine()
    except UnavailableError:
        return False
    return True
