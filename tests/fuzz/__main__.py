"""`python -m tests.fuzz TARGET [--seconds N] [--corpus DIR]`: looks for inputs that break a target, led by coverage.

Begins from `corpus/TARGET` here; with `--corpus` what leads to new code is kept there. An input that breaks the target
is written to the working directory (`crash-…`), and the exit code is not 0. Needs atheris (`pip install -e '.[fuzz]'`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args()
    with atheris.instrument_imports(include=["sendable"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - what is imported here is what coverage is counted of
    if given.target not in TARGETS:
        parser.error(f"there is no target {given.target}: {', '.join(TARGETS)}")
    folders = [*([given.corpus] if given.corpus else []), CORPUS / given.target]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={given.seconds}",
        "-max_len=4096",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, *map(str, folders)], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
