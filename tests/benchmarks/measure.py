"""How things are timed: interleaved rounds in one process, the collector off, the best of each."""

from __future__ import annotations

import gc
import os
import platform
import random
import subprocess
import sys
import time
import timeit
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.forms import Form

Key = TypeVar("Key")

_SAMPLE = 1_000_000
"""Nanoseconds that one sample is to take: long enough for the clock, short enough to fall between interruptions."""


def best_times(forms: Mapping[Key, Form], rounds: int) -> dict[Key, float]:
    """Nanoseconds for each form, the best of `rounds` samples.

    A round takes one sample of every form, in an order of its own, so that whatever else the machine does falls on all
    alike; what is left of it raises a sample and never lowers one, and so the lowest is the nearest to the truth.
    """
    timers = {
        key: timeit.Timer(form.code, timer=time.perf_counter_ns, globals=dict(form.names))
        for key, form in forms.items()
    }
    numbers = {key: _number(timer) for key, timer in timers.items()}
    best = dict.fromkeys(timers, float("inf"))
    order = list(timers)
    shuffled = random.Random(0)
    for _ in range(rounds):
        shuffled.shuffle(order)
        for key in order:
            best[key] = min(best[key], timers[key].timeit(numbers[key]) / numbers[key])
    return best


def _number(timer: timeit.Timer) -> int:
    """How often a form is evaluated in one sample."""
    number = 1
    # The best of a few: one that was interrupted would be taken for a slow one, and get samples that are too short.
    while (taken := min(timer.repeat(5, number))) < _SAMPLE / 2:
        number *= 2
    return max(1, round(number * _SAMPLE / taken))


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    gc.collect()
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def wall_times(commands: Mapping[Key, Sequence[str]], rounds: int) -> dict[Key, float]:
    """Seconds that each command takes from start to end, the best of `rounds` interleaved ones."""
    best = dict.fromkeys(commands, float("inf"))
    # Installed packages come with their bytecode. A checkout has to be allowed to keep its own, or it is compiled anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(rounds):
        for key, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            best[key] = min(best[key], time.perf_counter() - started)
    return best


def memory_left(function: Callable[[int], object], times: int) -> tuple[int, int]:
    """Bytes that `times` calls leave behind: of Python's objects, and of the process (-1 where that is not told)."""
    for index in range(times // 10):
        function(index)
    gc.collect()
    before = _resident()
    for index in range(times):
        function(index)
    gc.collect()
    resident = _resident() - before if before >= 0 else -1
    tracemalloc.start()
    for index in range(1_000):
        function(index)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for index in range(times):
        function(index)
    gc.collect()
    traced, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return traced - before, resident


def _resident() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return -1
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def machine() -> str:
    """The machine, in a line."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{processor}, {os.cpu_count()} CPUs{load}; {platform.system()} {platform.machine()}; {python}"


def versions(packages: Sequence[str]) -> str:
    """The packages with the versions that are installed."""
    return ", ".join(f"{package} {version(package)}" for package in packages)


def script(name: str) -> str:
    """The command `name` beside the Python that runs."""
    return str(Path(sys.executable).with_name(name))
