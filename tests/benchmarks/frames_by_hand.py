"""What `tests.benchmarks.frames` compares with: the reasons that its campaign leaves open, written by hand.

As SQL for DuckDB and as Polars expressions, each in the form that was found to be the fastest. All give `sendable` and
the primary reason; some all reasons too, and one all that `decide_frame` gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_CONDITIONS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "opted_out_of_platform": (
        "opted_out_of_platform OR spam_trap",
        {
            "contact.opted_out_of_platform": "opted_out_of_platform IS NULL",
            "contact.spam_trap": "spam_trap IS NULL",
        },
    ),
    "marked_as_spam": ("marked_as_spam", {"contact.marked_as_spam": "marked_as_spam IS NULL"}),
    "unsubscribed_from_all": ("unsubscribed_all", {"contact.unsubscribed_all": "unsubscribed_all IS NULL"}),
    "unsubscribed_from_type": (
        "list_contains(unsubscribed_types, 'newsletter')",
        {"contact.unsubscribed_types": "unsubscribed_types IS NULL"},
    ),
    "no_legal_basis": ("legal_basis = 'none'", {"contact.legal_basis": "legal_basis IS NULL"}),
    "unconfirmed_opt_in": (
        "NOT double_opt_in_confirmed",
        {"contact.double_opt_in_confirmed": "double_opt_in_confirmed IS NULL"},
    ),
    "company_opted_out": ("company_opted_out", {"contact.company_opted_out": "company_opted_out IS NULL"}),
    "domain_blocked": ("domain_blocked", {"contact.domain_blocked": "domain_blocked IS NULL"}),
    "previously_bounced": ("hard_bounces > 0", {}),
    "globally_bounced": ("globally_bounced", {}),
    "unengaged": (
        "(ever_engaged OR sends_since_engagement >= 11) AND (NOT ever_engaged OR sends_since_engagement >= 16)",
        {},
    ),
    "mailbox_full": ("mailbox = 'full'", {}),
}
"""The reasons that this campaign leaves open, as SQL; and what can be missing of those that hold the email back where
they are unknown."""

_INVALID: Final[Mapping[str, str]] = {
    "contact.email": "email IS NULL",
    "contact.hard_bounces": "hard_bounces < 0",
    "contact.legal_basis": "legal_basis NOT IN ('consent', 'legitimate_interest', 'contract', 'none')",
    "contact.mailbox": "mailbox NOT IN ('active', 'unreachable', 'full')",
    "contact.sends_since_engagement": "sends_since_engagement < 0",
}


def _cases() -> tuple[list[str], list[str]]:
    matched = [f"WHEN {condition} THEN '{reason}'" for reason, (condition, _) in _CONDITIONS.items()]
    lacking = [f"WHEN ({one}) IS NULL THEN '{reason}'" for reason, (one, missing) in _CONDITIONS.items() if missing]
    return matched, lacking


def _filtered(cases: list[str]) -> str:
    return f"list_filter([{', '.join(cases)}], lambda one: one IS NOT NULL)"


def _reasons() -> str:
    matched, lacking = _cases()
    return _filtered([f"CASE {case} END" for case in [*matched, *lacking]])


def sql_reason() -> str:
    """The primary reason, and whether the email may be sent, as SQL."""
    matched, lacking = _cases()
    return f"CASE {' '.join(matched)} {' '.join(lacking)} END AS reason, reason IS NULL AS sendable"


def sql_reasons() -> str:
    """All reasons besides."""
    return f"{sql_reason()}, {_reasons()} AS reasons"


def sql_decisions() -> str:
    """All columns that `decide_frame` gives, where every value is allowed."""
    paths = [
        f"CASE WHEN ({condition}) IS NULL AND {null} THEN '{path}' END"
        for condition, missing in _CONDITIONS.values()
        for path, null in missing.items()
    ]
    bad = [f"CASE WHEN {condition} THEN '{path}' END" for path, condition in _INVALID.items()]
    sure = " OR ".join(f"coalesce({condition}, FALSE)" for condition, _ in _CONDITIONS.values())
    certainty = f"CASE WHEN {sure} THEN 'matched' WHEN reason IS NOT NULL THEN 'undetermined' END"
    valid = "len(invalid) = 0"
    decided = {
        "sendable": "decided.sendable",
        "reason": "decided.reason",
        "reasons": "decided.reasons",
        "certainty": "decided.certainty",
        "missing": "decided.missing",
        "monitored": "[]::VARCHAR[]",
        "excepted": "[]::VARCHAR[]",
        "exceptions": "[]::VARCHAR[]",
    }
    inner = (
        f"SELECT id, {sql_reasons()}, {certainty} AS certainty, list_sort({_filtered(paths)}) AS missing, "
        f"{_filtered(bad)} AS invalid FROM read_parquet('{{file}}')"
    )
    chosen = ", ".join(f"CASE WHEN {valid} THEN {sql} END AS {name}" for name, sql in decided.items())
    return f"SELECT id, {chosen}, NULL::TIMESTAMPTZ AS clears_at, invalid FROM ({inner}) AS decided"


def write_sql(select: str, file: Path, output: Path) -> None:
    """Writes what the columns `select`, or all of a query that begins with SELECT, are for the file's contacts."""
    query = select if select.startswith("SELECT") else f"SELECT id, {select} FROM read_parquet('{{file}}')"
    _run(f"COPY ({query.replace('{file}', str(file))}) TO '{output}' (FORMAT parquet, COMPRESSION snappy)")


def count_sql(file: Path, _: Path | None = None) -> dict[str | None, int]:
    """How many contacts have each primary reason, None for those without any, by SQL."""
    query = f"SELECT reason, count(*) FROM (SELECT {sql_reason()} FROM read_parquet('{file}')) GROUP BY reason"
    return dict(_run(query))


def _run(query: str) -> list[tuple[Any, ...]]:
    import duckdb  # noqa: PLC0415 - an extra

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return rows


def write_polars(file: Path, output: Path, *, lists: bool) -> None:
    """The same as Polars expressions; with `lists`, all reasons too."""
    import polars as pl  # noqa: PLC0415 - an extra

    frame = _decided(file, lists=lists)
    frame.with_columns(pl.col("reason").is_null().alias("sendable")).sink_parquet(output, compression="snappy")


def count_polars(file: Path, _: Path | None = None) -> dict[str | None, int]:
    """How many contacts have each primary reason, None for those without any, by Polars expressions."""
    import polars as pl  # noqa: PLC0415 - an extra

    groups = _decided(file, lists=False).group_by("reason").agg(pl.len()).collect(engine="streaming")
    return dict(groups.iter_rows())


def _decided(file: Path, *, lists: bool) -> Any:
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
    reason = pl.lit(None, dtype=pl.String)
    for one, (when, floor) in reversed(conditions.items()):
        if floor:
            reason = pl.when(when.is_null()).then(pl.lit(one)).otherwise(reason)
    for one, (when, _) in reversed(conditions.items()):
        reason = pl.when(when).then(pl.lit(one)).otherwise(reason)
    frame = pl.scan_parquet(file)
    if lists:
        sure = [pl.when(when).then(pl.lit(one)) for one, (when, _) in conditions.items()]
        lacking = [pl.when(when.is_null()).then(pl.lit(one)) for one, (when, floor) in conditions.items() if floor]
        joined = pl.concat_str([*sure, *lacking], separator=",", ignore_nulls=True)
        frame = frame.select("id", reason.alias("reason"), joined.alias("joined"))
        none = pl.lit([], dtype=pl.List(pl.String))
        listed = pl.when(col("joined") != "").then(col("joined").str.split(",")).otherwise(none)
        return frame.select("id", "reason", listed.alias("reasons"))
    return frame.select("id", reason.alias("reason"))
