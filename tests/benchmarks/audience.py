"""Realistic audiences, made from a seed: `python -m tests.benchmarks.audience 1000000 audience.parquet`.

A contact is clean but for the shares below, each drawn by itself. The columns are fields of the contact by their plain
names. Made with Polars and NumPy's generator, a chunk at a time, so that memory does not grow with the audience.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

SHARES: Final[Mapping[str, float]] = {
    "unsubscribed_from_type": 0.08,
    "unsubscribed_from_all": 0.02,
    "marked_as_spam": 0.004,
    "no_legal_basis": 0.01,
    "unconfirmed_opt_in": 0.03,
    "opted_out_of_platform": 0.001,
    "previously_bounced": 0.03,
    "globally_bounced": 0.01,
    "unengaged": 0.12,
    "role_or_misspelled_address": 0.02,
    "invalid_recipient_address": 0.005,
    "invalid_recipient": 0.005,
    "unknown": 0.01,
    "invalid_value": 0.001,
}
"""What share of an audience has each reason; `unknown` lacks one field, `invalid_value` has a negative count."""

CHUNK: Final = 1_000_000

CAMPAIGN: Final[dict[str, Any]] = {
    "now": "2026-11-23T09:00:00+01:00",
    "email": {
        "channel": "marketing",
        "from_address": "news@example.com",
        "subscription_type": "newsletter",
        "subscription_name": "Nyhetsbrevet",
        "cancelled": False,
        "frequency_exempt": False,
    },
    "account": {
        "tier": "professional",
        "status": "active",
        "monthly_sent": 18_250,
        "monthly_limit": 50_000_000,
        "double_opt_in_required": True,
        "legal_basis_required": True,
        "suppress_unengaged": True,
    },
}
"""The campaign that the audience is for."""


def chunks(count: int, seed: int = 0, shares: Mapping[str, float] | None = None) -> Iterator[Any]:
    """The audience as Polars frames of at most `CHUNK` contacts; the same seed makes the same audience."""
    for number, first in enumerate(range(0, count, CHUNK)):
        yield chunk(first, min(CHUNK, count - first), seed * 1_000_003 + number, {**SHARES, **(shares or {})})


def chunk(first: int, count: int, seed: int, shares: Mapping[str, float]) -> Any:
    """One frame of contacts, numbered from `first`."""
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    random = np.random.default_rng(seed)

    def share(name: str) -> Any:
        return pl.Series(random.random(count) < shares[name])

    numbers = pl.Series(np.arange(first, first + count))
    lost = pl.Series(random.integers(0, 4, count))
    unknown = share("unknown")
    frame = pl.DataFrame(
        {
            "id": numbers,
            "host": pl.Series(random.choice(["example.com", "mail.example.se", "company.example"], count)),
            "role": share("role_or_misspelled_address"),
            "bad": share("invalid_recipient_address"),
            "gone": share("invalid_recipient"),
            "type": share("unsubscribed_from_type"),
            "none": share("no_legal_basis"),
            "unconfirmed": share("unconfirmed_opt_in"),
            "idle": share("unengaged"),
            "bounced": share("previously_bounced"),
            "wrong": share("invalid_value"),
            "sends": pl.Series(random.integers(0, 10, count)),
            "unsubscribed_all": share("unsubscribed_from_all"),
            "marked_as_spam": share("marked_as_spam"),
            "opted_out_of_platform": share("opted_out_of_platform"),
            "globally_bounced": share("globally_bounced"),
        }
    )
    local = pl.format("name{}", "id")
    return frame.select(
        pl.format("c-{}", "id").alias("id"),
        pl.when("bad").then(pl.format("{}.{}", local, "host"))
        .when("role").then(pl.format("info@{}", "host"))
        .otherwise(pl.format("{}@{}", local, "host")).alias("email"),
        pl.when("wrong").then(-1).when("bounced").then(1).otherwise(0).alias("hard_bounces"),
        "globally_bounced",
        pl.when(unknown & (lost == 0)).then(None).otherwise(pl.col("marked_as_spam")).alias("marked_as_spam"),
        pl.when(unknown & (lost == 1)).then(None)
        .when("type").then(pl.lit(["newsletter", "offers"])).otherwise(pl.lit(["offers"])).alias("unsubscribed_types"),
        "unsubscribed_all",
        pl.when(unknown & (lost == 2)).then(None)
        .when("none").then(pl.lit("none")).otherwise(pl.lit("consent")).alias("legal_basis"),
        "opted_out_of_platform",
        pl.lit(value=False).alias("spam_trap"),
        pl.lit(value=False).alias("company_opted_out"),
        pl.when(unknown & (lost == 3)).then(None).otherwise(pl.lit(value=False)).alias("domain_blocked"),
        pl.when("gone").then(pl.lit("unreachable")).otherwise(pl.lit("active")).alias("mailbox"),
        (~pl.col("unconfirmed")).alias("double_opt_in_confirmed"),
        pl.lit(value=True).alias("ever_engaged"),
        pl.when("idle").then(20).otherwise(pl.col("sends")).alias("sends_since_engagement"),
    )  # fmt: skip


def write(path: Path, count: int, seed: int = 0) -> None:
    """Writes the audience as Parquet."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    writer = None
    for frame in chunks(count, seed):
        table = frame.to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=262_144)
    if writer is not None:
        writer.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.audience", description=__doc__)
    parser.add_argument("count", type=int, help="how many contacts")
    parser.add_argument("file", type=Path, help="the Parquet file to write")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes another audience")
    arguments = parser.parse_args()
    write(arguments.file, arguments.count, arguments.seed)


if __name__ == "__main__":
    main()
