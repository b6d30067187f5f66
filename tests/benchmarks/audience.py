"""Realistic audiences, made from a seed: `python -m tests.benchmarks.audience 1000000 audience.parquet`.

A contact is clean but for the shares below, each drawn by itself. Half the addresses are at a few large providers, the
others at companies of which few have many contacts and many have few. The columns are fields of the contact by their
plain names. Made with Polars and NumPy's generator, a chunk at a time, so that memory does not grow with the audience.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import sendable

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
    "capitals": 0.03,
    "tag": 0.005,
    "beyond_ascii": 0.004,
}
"""What share of an audience has each reason; `unknown` lacks one field, `invalid_value` has a negative count.

The addresses of the last three have capital letters, a +tag, and letters such as å in the domain.
"""

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


_FIRST: Final = (
    *("alex", "anna", "bo", "carl", "elin", "emma", "erik", "eva", "frida", "gun", "hans", "ida", "ingrid", "jan"),
    *("jens", "johan", "jonas", "julia", "karin", "kim", "kurt", "lars", "lena", "linda", "lisa", "maja", "maria"),
    *("mats", "mia", "nils", "olof", "oskar", "per", "peter", "pia", "robin", "rolf", "sam", "sara", "siv", "sofia"),
    *("stig", "sven", "tove", "ulf", "viktor"),
)
_LAST: Final = (
    *("ahl", "alm", "asp", "back", "berg", "blad", "blom", "borg", "dahl", "edlund", "ek", "falk", "fors", "frisk"),
    *("gran", "hall", "hed", "holm", "kvist", "lind", "lund", "malm", "moberg", "nord", "nyman", "quist", "rask"),
    *("rosen", "sand", "sjo", "skog", "sten", "strand", "strom", "sund", "thor", "torn", "vall", "vik", "wall", "west"),
)
_PROVIDERS: Final = (
    *("gmail.com",) * 40, *("hotmail.com",) * 16, *("outlook.com",) * 10, *("icloud.com",) * 9, *("yahoo.com",) * 8,
    *("live.se",) * 5, *("telia.com",) * 4, "yahoo.co.uk", "hotmail.co.uk", "gmx.net", "web.de", "orange.fr",
    "protonmail.com", "bredband.net", "me.com",
)  # fmt: skip
_TRADES: Final = (
    *("bygg", "data", "design", "foods", "group", "invest", "konsult", "labs", "logistik", "media", "partner", "shop"),
    *("studio", "teknik", "trade"),
)
_ENDINGS: Final = ("com", "com", "com", "se", "se", "net", "org", "nu", "de", "co.uk", "io", "eu")
_MISSPELLED: Final = ("gmial.com", "gmail.con", "hotmial.com", "outlok.com", "yaho.com")
_ROLES: Final = ("info", "support", "sales", "kundtjanst", "faktura", "kontakt", "order", "noreply")
_COMPANIES: Final = 300_000


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

    def any_of(texts: Sequence[str]) -> Any:
        return pl.Series(texts).gather(random.integers(0, len(texts), count))

    # Few companies have many contacts: a rank is as frequent as it is small.
    company = np.floor(np.exp(random.random(count) * np.log(_COMPANIES))).astype(np.int64)

    def of_company(texts: Sequence[str], times: int) -> Any:
        return pl.Series(texts).gather(company // times % len(texts))

    frame = pl.DataFrame(
        {
            "number": np.arange(first, first + count),
            "first": any_of(_FIRST),
            "last": any_of(_LAST),
            "digits": random.integers(1, 1000, count),
            "style": random.integers(0, 4, count),
            "provider": any_of(_PROVIDERS),
            "private": pl.Series(random.random(count) < 0.5),
            "company": company,
            "name": of_company(_LAST, 1),
            "trade": of_company(_TRADES, len(_LAST)),
            "ending": of_company(_ENDINGS, 7),
            "within": pl.Series(company % 20 == 1),
            "role": any_of(_ROLES),
            "misspelled": any_of(_MISSPELLED),
            "disposable": any_of(_disposable()),
            "half": pl.Series(random.random(count) < 0.5),
            "lost": random.integers(0, 4, count),
            "sends": random.integers(0, 10, count),
            **{f"is_{name}": share(name) for name in shares},
        }
    )
    unknown, half = pl.col("is_unknown"), pl.col("half")
    at_company = pl.concat_str(
        pl.when("within").then(pl.lit("mail.")).otherwise(pl.lit("")),
        "name", "trade", pl.col("company") // 500, pl.lit("."), "ending",
    )  # fmt: skip
    frame = frame.with_columns(
        pl.when(pl.col("style") == 0).then(pl.concat_str("first", pl.lit("."), "last"))
        .when(pl.col("style") == 1).then(pl.concat_str("first", "digits"))
        .when(pl.col("style") == 2).then(pl.concat_str("first", pl.lit("."), "last", "digits"))
        .otherwise(pl.concat_str(pl.col("first").str.head(1), "last")).alias("local"),
        pl.when("private").then("provider").otherwise(at_company).alias("domain"),
    ).with_columns(
        pl.when(pl.col("is_role_or_misspelled_address") & half).then("role")
        .when("is_tag").then(pl.concat_str("local", pl.lit("+news"))).otherwise("local").alias("local"),
        pl.when(pl.col("is_role_or_misspelled_address") & ~half).then("misspelled")
        .when(pl.col("is_invalid_recipient") & half).then("disposable")
        .when("is_beyond_ascii").then(pl.concat_str(pl.lit("bl\u00e5b\u00e4r-"), "domain"))
        .otherwise("domain").alias("domain"),
    )  # fmt: skip
    email = (
        pl.when("is_invalid_recipient_address").then(pl.concat_str("local", pl.lit("."), "domain"))
        .otherwise(pl.concat_str("local", pl.lit("@"), "domain"))
    )  # fmt: skip
    return frame.select(
        pl.format("c-{}", "number").alias("id"),
        pl.when("is_capitals").then(email.str.to_titlecase()).otherwise(email).alias("email"),
        pl.when("is_invalid_value").then(-1).when("is_previously_bounced").then(1).otherwise(0).alias("hard_bounces"),
        pl.col("is_globally_bounced").alias("globally_bounced"),
        pl.when(unknown & (pl.col("lost") == 0)).then(None)
        .otherwise(pl.col("is_marked_as_spam")).alias("marked_as_spam"),
        pl.when(unknown & (pl.col("lost") == 1)).then(None)
        .when("is_unsubscribed_from_type").then(pl.lit(["newsletter", "offers"]))
        .otherwise(pl.lit(["offers"])).alias("unsubscribed_types"),
        pl.col("is_unsubscribed_from_all").alias("unsubscribed_all"),
        pl.when(unknown & (pl.col("lost") == 2)).then(None)
        .when("is_no_legal_basis").then(pl.lit("none")).otherwise(pl.lit("consent")).alias("legal_basis"),
        pl.col("is_opted_out_of_platform").alias("opted_out_of_platform"),
        pl.lit(value=False).alias("spam_trap"),
        pl.lit(value=False).alias("company_opted_out"),
        pl.when(unknown & (pl.col("lost") == 3)).then(None).otherwise(pl.lit(value=False)).alias("domain_blocked"),
        pl.when(pl.col("is_invalid_recipient") & ~half).then(pl.lit("unreachable"))
        .otherwise(pl.lit("active")).alias("mailbox"),
        (~pl.col("is_unconfirmed_opt_in")).alias("double_opt_in_confirmed"),
        pl.lit(value=True).alias("ever_engaged"),
        pl.when("is_unengaged").then(20).otherwise(pl.col("sends")).alias("sends_since_engagement"),
    )  # fmt: skip


@cache
def _disposable() -> list[str]:
    """The disposable domains of the bundled pack, which are ASCII."""
    entries = sendable.load().pack.lists["disposable_domains"].entries
    return sorted(entry for entry in entries if entry.isascii())


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
