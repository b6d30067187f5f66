"""Hostile files: `python -m tests.benchmarks.hostile [--size BYTES] [--does load,lint] [NAME …]`.

A row for each file of `tests/support/hostile.py`: seconds of processor time, and the most memory of the process in MiB,
imports included. Every figure is of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import sendable
from sendable.testing.reader import load_suites
from tests.support import hostile

DOES: Final = ("load", "lint", "watch")
MOST_SECONDS: Final = 2.0
MOST_MEBIBYTES: Final = 300
_MOST_MEMORY: Final = 4 << 30


def main() -> int:
    """Measures, and prints the table; 1 where something takes too much."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", help="which files, by default all")
    parser.add_argument("--size", type=int, default=1024 * 1024 - 100, help="bytes of each")
    parser.add_argument("--within", type=int, default=20, help="seconds of the processor after which it is ended")
    parser.add_argument("--does", default=",".join(DOES), help="what is done with each, by default all")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(measured(given.one, given.names[0], given.size, given.within)))
        return 0
    asked = given.does.split(",")
    sys.stdout.write(f"| a file full of | {' | '.join(f'{one}, s | MiB' for one in asked)} | told |\n")
    sys.stdout.write(f"|---|{'--:|' * (2 * len(asked) + 1)}\n")
    over = False
    for name in given.names or hostile.HOSTILE:
        of_tests = hostile.HOSTILE[name][0] == hostile.TESTS
        rows = [_in_process(one, name, given.size, given.within) for one in (["test"] if of_tests else asked)]
        cells = [cell for row in rows for cell in _cells(row, given.within)] + [""] * 2 * (len(asked) - len(rows))
        sys.stdout.write(f"| {name} | {' | '.join(cells)} | {max(row['told'] if row else 0 for row in rows)} |\n")
        sys.stdout.flush()
        over = over or any("*" in cell for cell in cells)
    return 1 if over else 0


def _cells(row: dict[str, Any] | None, within: int) -> tuple[str, str]:
    if row is None:
        return f"**over {within}**", ""
    seconds, mebibytes = row["seconds"], row["mebibytes"]
    return (
        f"**{seconds:.2f}**" if seconds > MOST_SECONDS else f"{seconds:.2f}",
        f"**{mebibytes}**" if mebibytes > MOST_MEBIBYTES else f"{mebibytes}",
    )


def _in_process(does: str, name: str, size: int, within: int) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "tests.benchmarks.hostile", name, "--one", does]
    command += ["--size", str(size), "--within", str(within)]
    run = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if run.returncode:
        return None
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def measured(does: str, name: str, size: int, within: int) -> dict[str, Any]:
    """Seconds, mebibytes, and how many problems were told."""
    resource.setrlimit(resource.RLIMIT_CPU, (within, within))
    logging.getLogger("sendable").addHandler(logging.NullHandler())
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        hostile.write(root, hostile.SOUND)
        ask = _ways(root, does)
        hostile.write(root, hostile.pack(name, size))
        started = time.process_time()
        told = ask()
        seconds = time.process_time() - started
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "mebibytes": kibibytes // 1024, "told": told}


def _ways(root: Path, does: str) -> Callable[[], int]:
    """What is asked of the pack in the folder, sound until then; it says how many problems there are."""

    def load() -> int:
        try:
            sendable.load(root)
        except sendable.PolicyError as error:
            return len(error.diagnostics)
        return 0

    match does:
        case "load":
            return load
        case "lint":
            return lambda: len(sendable.lint(root))
        case "watch":
            followed = sendable.watch(root, interval=3600)
            return lambda: len(followed.reload(accept_less=True).diagnostics)
        case _:
            sound = sendable.load(root)
            return lambda: len(load_suites(root / hostile.TESTS, sound.pack)[1])


if __name__ == "__main__":
    sys.exit(main())
