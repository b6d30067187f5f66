"""Whole audiences, measured: `python -m tests.benchmarks.frames [--contacts 1000000]`, one table from one run.

The marketing reasons of the bundled pack that ask nothing of addresses, over the same Parquet file: by `sendable` on
Polars and on DuckDB, by hand as Polars expressions and as SQL. Then the whole pack on Polars, by rows, and in a loop
over simpleeval. What is written by hand gives `sendable`, the primary reason and all of them.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import tabulate

import sendable
from sendable.compiler import InterpretedProgram
from sendable.facts import FactReader
from tests.benchmarks import audience, measure

_ADDRESS_FUNCTIONS: Final = ("valid_address", "local_part(", "domain(")
_ROWS: Final = 50_000
_LOOPED: Final = 5_000
_ROUNDS: Final = 3


def without_addresses(policy: sendable.Policy) -> sendable.Policy:
    """The policy without the reasons that call address functions."""
    kept = (one for one in policy.reasons if not any(name in one.when.source.text for name in _ADDRESS_FUNCTIONS))
    return sendable.Policy(dataclasses.replace(policy.pack, reasons=tuple(kept)))


_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "opted_out_of_platform": ("opted_out_of_platform OR spam_trap", "opted_out_of_platform OR spam_trap"),
    "marked_as_spam": ("marked_as_spam", "marked_as_spam"),
    "unsubscribed_from_all": ("unsubscribed_all", "unsubscribed_all"),
    "unsubscribed_from_type": ("list_contains(unsubscribed_types, 'newsletter')", "unsubscribed_types"),
    "no_legal_basis": ("legal_basis = 'none'", "legal_basis"),
    "unconfirmed_opt_in": ("NOT double_opt_in_confirmed", "double_opt_in_confirmed"),
    "company_opted_out": ("company_opted_out", "company_opted_out"),
    "domain_blocked": ("domain_blocked", "domain_blocked"),
    "previously_bounced": ("hard_bounces > 0", ""),
    "globally_bounced": ("globally_bounced", ""),
    "unengaged": (
        "(ever_engaged OR sends_since_engagement >= 11) AND (NOT ever_engaged OR sends_since_engagement >= 16)",
        "",
    ),
    "mailbox_full": ("mailbox = 'full'", ""),
}
"""The reasons that this campaign leaves open, as SQL; with a second text, a null in it holds the email back."""


def by_hand_in_sql(file: Path, output: Path) -> None:
    """The same as SQL, on DuckDB."""
    import duckdb  # noqa: PLC0415 - only this form needs it

    cases = []
    for reason, (condition, floor) in _CONDITIONS.items():
        held = f"({condition}) OR ({condition}) IS NULL" if floor else f"({condition})"
        cases.append(f"CASE WHEN {held} THEN '{reason}' END")
    matched = [f"WHEN {condition} THEN '{reason}'" for reason, (condition, _) in _CONDITIONS.items()]
    lacking = [f"WHEN ({one}) IS NULL THEN '{reason}'" for reason, (one, floor) in _CONDITIONS.items() if floor]
    query = (
        f"SELECT id, CASE {' '.join(matched)} {' '.join(lacking)} END AS reason, "
        f"list_filter([{', '.join(cases)}], lambda one: one IS NOT NULL) AS reasons, len(reasons) = 0 AS sendable "
        f"FROM read_parquet('{file}')"
    )
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"COPY ({query}) TO '{output}' (FORMAT parquet)")


def by_hand_in_polars(file: Path, output: Path) -> None:
    """The same as Polars expressions."""
    import polars as pl  # noqa: PLC0415 - an extra

    col = pl.col
    conditions: dict[str, tuple[pl.Expr, bool]] = {
        "opted_out_of_platform": (col("opted_out_of_platform") | col("spam_trap"), True),
        "marked_as_spam": (col("marked_as_spam"), True),
        "unsubscribed_from_all": (col("unsubscribed_all"), True),
        "unsubscribed_from_type": (col("unsubscribed_types").list.contains("newsletter"), True),
        "no_legal_basis": (col("legal_basis") == "none", True),
        "unconfirmed_opt_in": (~col("double_opt_in_confirmed"), True),
        "company_opted_out": (col("company_opted_out"), True),
        "domain_blocked": (col("domain_blocked"), True),
        "previously_bounced": (col("hard_bounces") > 0, False),
        "globally_bounced": (col("globally_bounced"), False),
        "unengaged": (
            (col("ever_engaged") | (col("sends_since_engagement") >= 11))
            & (~col("ever_engaged") | (col("sends_since_engagement") >= 16)),
            False,
        ),
        "mailbox_full": (col("mailbox") == "full", False),
    }
    found = [pl.when(when.fill_null(value=floor)).then(pl.lit(one)) for one, (when, floor) in conditions.items()]
    sure = [pl.when(when).then(pl.lit(one)) for one, (when, _) in conditions.items()]
    lacking = [pl.when(when.is_null()).then(pl.lit(one)) for one, (when, floor) in conditions.items() if floor]
    pl.scan_parquet(file).select(
        "id",
        pl.coalesce([*sure, *lacking]).alias("reason"),
        pl.concat_list(found).list.drop_nulls().alias("reasons"),
    ).with_columns((col("reasons").list.len() == 0).alias("sendable")).sink_parquet(output)


def on_polars(policy: sendable.Policy, file: Path, output: Path) -> None:
    """By sendable, on Polars."""
    import polars as pl  # noqa: PLC0415 - an extra

    policy.decide_frame(pl.scan_parquet(file), campaign=audience.CAMPAIGN).sink_parquet(output)


def on_duckdb(policy: sendable.Policy, file: Path, output: Path) -> None:
    """By sendable, on DuckDB."""
    import duckdb  # noqa: PLC0415 - an extra

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    policy.decide_frame(connection.read_parquet(str(file)), campaign=audience.CAMPAIGN).write_parquet(str(output))


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


_Form = Callable[[Path, Path], None]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.frames", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000, help="how many contacts the audience has")
    count = parser.parse_args().contacts
    whole = sendable.load()
    plain = without_addresses(whole)
    forms: dict[str, tuple[_Form, int]] = {
        "sendable on Polars": (lambda file, output: on_polars(plain, file, output), count),
        "by hand, Polars expressions": (by_hand_in_polars, count),
        "sendable on DuckDB": (lambda file, output: on_duckdb(plain, file, output), count),
        "by hand, SQL on DuckDB": (by_hand_in_sql, count),
        "sendable on Polars, addresses too": (lambda file, output: on_polars(whole, file, output), count),
        "sendable, row by row, addresses too": (lambda file, output: by_rows(whole, file, output), min(count, _ROWS)),
        "simpleeval, row by row": (lambda file, output: by_simpleeval(whole, file, output), min(count, _LOOPED)),
    }
    best = dict.fromkeys(forms, float("inf"))
    with tempfile.TemporaryDirectory() as directory:
        file, output = Path(directory, "audience.parquet"), Path(directory, "decisions.parquet")
        audience.write(file, count)
        for _ in range(_ROUNDS):
            for name, (form, contacts) in forms.items():
                started = time.perf_counter()
                form(file, output)
                best[name] = min(best[name], (time.perf_counter() - started) / contacts)
    first = best["sendable on Polars"]
    rows = [[name, f"{1e-6 / seconds:.3f}", f"{seconds / first:.2f}"] for name, seconds in best.items()]
    sys.stdout.write(f"{measure.machine()}\n{count:,} contacts from Parquet to Parquet, the best of {_ROUNDS}.\n\n")
    sys.stdout.write(tabulate.tabulate(rows, ["", "million contacts a second", "time"], tablefmt="github") + "\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"\nAt most {memory:,} MiB were resident, with the rows that the last two forms hold.\n")


if __name__ == "__main__":
    main()
