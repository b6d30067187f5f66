"""Lists from files of data: `python -m tests.benchmarks.lists [--entries NUMBER]`.

A row for each form of a file: seconds of processor time to load a pack with it, and how much more memory, in MiB, that
took at most; microseconds of a decision that looks an address up; and seconds for 1,000 contacts on Polars and DuckDB,
the first time and again, as what can be got ready is kept with the policy. Every row is of a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

import sendable

FORMS: Final = ("a table", "a text", "digests")
CONTACTS: Final = 1_000
_COLUMNS: Final = ("load, s", "MiB", "decide, µs", "Polars, s", "again", "DuckDB, s", "again")
_NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
_CAMPAIGN: Final = {"email": {"channel": "marketing"}}
_REASON: Final = """\
reasons:
  blocked:
    title: {en: Blocked}
    priority: 1
    channels: [marketing]
    basis: choice
    when: contact.email in lists.blocked
    on_unknown: suppress
    retry: never
    fixable_by: nobody
    message: {en: "{contact.email} is blocked."}
    fix: {en: There is nothing to put right.}
"""


def main() -> int:
    """Measures, and prints the table; 1 where a process failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lists", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of each list")
    parser.add_argument("--one", choices=FORMS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(measured(given.one, given.entries)))
        return 0
    sys.stdout.write(f"| {given.entries:,} entries in | {' | '.join(_COLUMNS)} |\n|---|{'--:|' * len(_COLUMNS)}\n")
    for form in FORMS:
        command = [sys.executable, "-m", "tests.benchmarks.lists", "--one", form, "--entries", str(given.entries)]
        run = subprocess.run(command, check=False, stdout=subprocess.PIPE)
        if run.returncode:
            return 1
        sys.stdout.write(f"| {form} | {' | '.join(f'{figure:.3g}' for figure in json.loads(run.stdout))} |\n")
        sys.stdout.flush()
    return 0


def measured(form: str, entries: int) -> tuple[float, ...]:
    """The figures of one row. Half of the contacts are listed, which every way of asking has to find."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), form, entries)
        sendable.load()  # so that what is imported counts for nothing
        before = _mebibytes()
        policy, load = _timed(lambda: sendable.load(folder))
    taken = _mebibytes() - before
    step = max(2 * entries // CONTACTS, 1)
    emails = [address(index * step // 2 if index % 2 else entries + index) for index in range(CONTACTS)]
    documents = [{**_CAMPAIGN, "contact": {"email": one}} for one in emails]
    expected = sum(not policy.decide(one).sendable for one in documents)  # the first time, the code is written
    _, decide = _timed(lambda: [policy.decide(one) for one in documents])
    frame = pl.DataFrame({"key": range(CONTACTS), "email": emails})
    figures = [load, taken, decide / CONTACTS * 1e6]
    for given in (frame, duckdb.from_arrow(frame.to_arrow())):
        for _ in range(2):
            found, seconds = _timed(partial(_suppressed, policy, given))
            assert found == expected == CONTACTS // 2, (found, expected)
            figures.append(seconds)
    return tuple(figures)


def write(root: Path, form: str, entries: int) -> None:
    """A pack with one reason and one list, of so many addresses."""
    (root / "policy.yaml").write_text("name: lists\nlocales: [en]\ndefault_locale: en\n", encoding="utf-8")
    for name in ("reasons", "lists"):
        (root / name).mkdir()
    (root / "reasons" / "reasons.yaml").write_text(_REASON, encoding="utf-8")
    file, column, hashed = {
        "a table": ("blocked.csv", ", column: Email", ""),
        "a text": ("blocked.txt", "", ""),
        "digests": ("blocked.txt", "", "hashed: sha256, "),
    }[form]
    said = f"{{description: Who., {hashed}from: [{{file: lists/{file}{column}}}]}}"
    (root / "lists" / "lists.yaml").write_text(f"lists:\n  blocked: {said}\n", encoding="utf-8")
    with (root / "lists" / file).open("w", encoding="utf-8") as opened:
        if form == "a table":
            opened.write("Id,Email,Since\n")
        for index in range(entries):
            opened.write(f"{_line(form, index)}\n")


def address(index: int) -> str:
    """Some address."""
    return f"Person.{index:07}@example{index % 5000}.com"


def _line(form: str, index: int) -> str:
    match form:
        case "a table":
            return f"{index},{address(index)},2026-01-01"
        case "digests":
            return hashlib.sha256(address(index).lower().encode()).hexdigest()
        case _:
            return address(index)


def _suppressed(policy: sendable.Policy, frame: Any) -> int:
    result: Any = policy.decide_frame(frame, campaign=_CAMPAIGN, keys="key", now=_NOW)
    if isinstance(result, pl.DataFrame):
        return int((~result["sendable"]).sum())
    return int(result.aggregate("count(*) FILTER (NOT sendable)").fetchall()[0][0])


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    return function(), time.process_time() - started


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
