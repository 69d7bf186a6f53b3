"""What the benchmarks share: one pinned core, a fresh process for every
measurement, and the line that says where a figure comes from.
"""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path


def pin() -> None:
    """Keep this process on one core, the last that it may use: the first serves most interrupts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def in_fresh_process(script: str, *arguments: object) -> dict:
    """Run `script` with `arguments` in a new interpreter and read the JSON
    object that it prints last.
    """
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def describe(*distributions: str) -> str:
    """The machine, the interpreter and the versions measured, in one line."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    versions = [f"{name} {version(name)}" for name in ("chainrule", *distributions)]
    return ", ".join(
        [processor(), f"{os.cpu_count()} cores, one pinned", platform.system(), python, *versions]
    )
