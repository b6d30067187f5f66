"""Whole audiences, measured: `python -m tests.benchmarks.frames`, one table from one run.

The marketing reasons of the bundled pack over the same Parquet file: by `sendable` on Polars and on DuckDB, by hand as
Polars expressions and as SQL, by rows, and in a loop over simpleeval. What is written by hand are the reasons that ask
nothing of addresses. Decisions are written as Parquet with Snappy, or only counted. Each form runs in a process of its
own, by turns, after a small audience that is not measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import tabulate

import sendable
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from tests.benchmarks import audience, frames_by_hand, measure

_ADDRESS_FUNCTIONS: Final = ("valid_address", "local_part(", "domain(")
_ROWS: Final = 50_000
_LOOPED: Final = 5_000
_WARM: Final = 20_000
_ROUNDS: Final = 3
_MILLION: Final = 1_000_000


def without(policy: sendable.Policy, functions: tuple[str, ...]) -> sendable.Policy:
    """The policy without the reasons that call one of the functions."""
    kept = (one for one in policy.reasons if not any(name in one.when.source.text for name in functions))
    return sendable.Policy(dataclasses.replace(policy.pack, reasons=tuple(kept)))


def on_polars(policy: sendable.Policy, file: Path, output: Path) -> None:
    """By sendable, on Polars."""
    import polars as pl  # noqa: PLC0415 - an extra

    policy.decide_frame(pl.scan_parquet(file), campaign=audience.CAMPAIGN).sink_parquet(output, compression="snappy")


def on_duckdb(policy: sendable.Policy, file: Path, output: Path) -> None:
    """By sendable, on DuckDB."""
    import duckdb  # noqa: PLC0415 - an extra

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    policy.decide_frame(connection.read_parquet(str(file)), campaign=audience.CAMPAIGN).write_parquet(
        str(output), compression="snappy"
    )


def counted_on_polars(policy: sendable.Policy, file: Path, _: Path | None = None) -> sendable.Summary:
    """Summed up by sendable, on Polars."""
    import polars as pl  # noqa: PLC0415 - an extra

    return policy.summarize_frame(pl.scan_parquet(file), campaign=audience.CAMPAIGN)


def counted_on_duckdb(policy: sendable.Policy, file: Path, _: Path | None = None) -> sendable.Summary:
    """Summed up by sendable, on DuckDB."""
    import duckdb  # noqa: PLC0415 - an extra

    return policy.summarize_frame(duckdb.connect().read_parquet(str(file)), campaign=audience.CAMPAIGN)


def by_rows(policy: sendable.Policy, file: Path, _: Path) -> None:
    """By the row engine, one contact after the other."""
    for context in _contexts(file, _ROWS):
        policy.decide(context)


def by_simpleeval(policy: sendable.Policy, file: Path, _: Path) -> None:
    """By the reference on simpleeval, one contact after the other."""
    program, reader = InterpretedProgram(policy.pack), FactReader.of(policy.pack.fields.values())
    for context in _contexts(file, _LOOPED):
        program.outcomes(reader.read(context))


def _contexts(file: Path, count: int) -> list[dict[str, Any]]:
    import polars as pl  # noqa: PLC0415 - an extra

    rows = pl.scan_parquet(file).filter(pl.col("hard_bounces") >= 0).head(count).collect().to_dicts()
    return [{**audience.CAMPAIGN, "contact": row} for row in rows]


_Form = Callable[[Path, Path], object]


def forms() -> dict[str, tuple[_Form, int | None]]:
    """What is measured, by its name in the table; and how many contacts it is given at most.

    The first ones write a decision for each contact, those that count only say how many have which.
    """
    whole = sendable.load()
    plain = without(whole, _ADDRESS_FUNCTIONS)
    listed = without(whole, ("valid_address",))
    hand = frames_by_hand
    return {
        "sendable on Polars, no address reasons": (partial(on_polars, plain), None),
        "by hand, Polars: the reason alone": (partial(hand.write_polars, lists=False), None),
        "by hand, Polars: all reasons": (partial(hand.write_polars, lists=True), None),
        "sendable on DuckDB, no address reasons": (partial(on_duckdb, plain), None),
        "by hand, SQL CASE: the reason alone": (partial(hand.write_sql, hand.sql_reason()), None),
        "by hand, SQL CASE: all reasons": (partial(hand.write_sql, hand.sql_reasons()), None),
        "by hand, SQL CASE: all columns": (partial(hand.write_sql, hand.sql_decisions()), None),
        "sendable on Polars, no valid_address": (partial(on_polars, listed), None),
        "sendable on Polars, the whole pack": (partial(on_polars, whole), None),
        "sendable on DuckDB, the whole pack": (partial(on_duckdb, whole), None),
        "sendable, row by row, the whole pack": (partial(by_rows, whole), _ROWS),
        "simpleeval, row by row, the whole pack": (partial(by_simpleeval, whole), _LOOPED),
        "counted by sendable on Polars, no address reasons": (partial(counted_on_polars, plain), None),
        "counted by hand, Polars: the reason alone": (hand.count_polars, None),
        "counted by sendable on DuckDB, no address reasons": (partial(counted_on_duckdb, plain), None),
        "counted by hand, SQL CASE: the reason alone": (hand.count_sql, None),
        "counted by sendable on Polars, no valid_address": (partial(counted_on_polars, listed), None),
        "counted by sendable on Polars, the whole pack": (partial(counted_on_polars, whole), None),
        "counted by sendable on DuckDB, the whole pack": (partial(counted_on_duckdb, whole), None),
    }


def _measure_one(name: str, warm: Path, file: Path, output: Path) -> None:
    """Prints how many seconds the form takes, and how many KiB were resident at most."""
    form, _ = forms()[name]
    form(warm, output)
    started = time.perf_counter()
    form(file, output)
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps([seconds, _most_resident()]))


def _most_resident() -> int:
    """KiB. Of this program alone: what getrusage tells begins with what the process had before it ran this."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _measured(sizes: Sequence[int], rounds: int, folder: Path) -> dict[tuple[str, int], tuple[float, int]]:
    """The best seconds per contact and the most KiB of each form at each size."""
    warm, output = folder / "warm.parquet", folder / "decisions.parquet"
    audience.write(warm, _WARM)
    found: dict[tuple[str, int], tuple[float, int]] = {}
    for size in sizes:
        file = folder / f"{size}.parquet"
        audience.write(file, size)
        for _ in range(rounds):
            for name, (_, most) in forms().items():
                command = [sys.executable, "-m", __spec__.name, "--form", name, str(warm), str(file), str(output)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                seconds, memory = json.loads(done.stdout)
                each = seconds / min(size, most or size)
                best, largest = found.get((name, size), (each, memory))
                found[name, size] = min(best, each), max(largest, memory)
        file.unlink()
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.frames", description=__doc__)
    parser.add_argument(
        "--contacts", type=int, nargs="+", default=[100_000, _MILLION, 10 * _MILLION], help="the sizes of the audiences"
    )
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="how often each form is measured; the best counts")
    parser.add_argument("--form", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.form is not None:
        name, *paths = arguments.form
        _measure_one(name, *map(Path, paths))
        return
    sizes = sorted(arguments.contacts)
    with tempfile.TemporaryDirectory() as directory:
        found = _measured(sizes, arguments.rounds, Path(directory))
    largest = sizes[-1]
    first = next(iter(forms()))
    rows = [
        [
            name,
            *(f"{1e-6 / found[name, size][0]:.3f}" for size in sizes),
            f"{found[name, largest][0] / found[first, largest][0]:.2f}",
            f"{found[name, largest][1] // 1024:,}",
        ]
        for name in forms()
    ]
    headers = ["million contacts a second", *(f"{size:,}" for size in sizes), "time", "MiB"]
    sys.stdout.write(
        f"{measure.machine()}\n{measure.versions(['polars', 'duckdb', 'simpleeval'])}\n"
        f"Parquet to Parquet (Snappy), the best of {arguments.rounds}; time and memory at {largest:,} contacts.\n\n"
        f"{tabulate.tabulate(rows, headers, tablefmt='github', disable_numparse=True)}\n"
    )


if __name__ == "__main__":
    main()
