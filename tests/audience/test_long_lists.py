"""Lists too long to be written into a query: every engine finds in them what is found for a row alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.audience.engines.operations import LONGEST_WRITTEN, OncePerSet
from sendable.language import addresses
from tests.support.packs import NOW, context, pack

MARKETING = {"email": {"channel": "marketing"}}
LISTED = [
    "kim@example.com", "grå@example.com", "strasse@example.com", "info", "straße", "gmial.com", "b.gmial.com",
    "example", "例え.jp", "it's \"so\"\\", "x",
]  # fmt: skip
TEXTS = [
    *LISTED, "", "@", "Kim@Example.com", "KIM+x@example.com", "ｋim@example.com", "STRAßE@example.com", "a@b.GMIAL.com",
    "a@a.b.c.d.e.gmial.com", "info@x.se", "Info+tag@x.se", "a@xn--r8jz45g.jp", "a@b.xn--r8jz45g.jp", "a@gmial.com.",
    "gra\u030a@example.com", "a@b@gmial.com", "lee@other.example", "lee@other.com", "x@y", "\0", "filler1@example.com",
]  # fmt: skip
CONDITIONS = [
    "contact.email in lists.long",
    "contact.email not in lists.long",
    "domain(contact.email) in lists.long",
    "local_part(contact.email) in lists.long",
    "in_domains(domain(contact.email), lists.long)",
    "contact.id in lists.long",
    "lower(contact.id) not in lists.long",
    "overlaps(contact.unsubscribed_types, lists.long)",
    "contact.email in lists.digests",
    "contact.id not in lists.digests",
]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> sendable.Policy:
    return policy_of(tmp_path_factory.mktemp("pack"), CONDITIONS)


def policy_of(root: Path, conditions: list[str]) -> sendable.Policy:
    (root / "lists" / "data").mkdir(parents=True)
    lines = [*LISTED, *(f"filler{number}" for number in range(LONGEST_WRITTEN))]
    (root / "lists" / "data" / "long.txt").write_text("\n".join(lines), encoding="utf-8")
    digests = "\n".join(map(addresses.digest, lines))
    (root / "lists" / "data" / "digests.txt").write_text(digests, encoding="utf-8")
    (root / "lists" / "lists.yaml").write_text(
        "lists:\n"
        "  long: {description: Many., from: [{file: lists/data/long.txt}]}\n"
        "  digests: {description: Many., hashed: sha256, from: [{file: lists/data/digests.txt}]}\n",
        encoding="utf-8",
    )
    made = pack(root, *({"when": f'"{when}"', "on_unknown": "suppress"} for when in conditions))
    assert all(len(one.entries) > LONGEST_WRITTEN for one in made.pack.lists.values())
    return made


def decided(policy: sendable.Policy, frame: Any) -> list[list[str]]:
    result: Any = policy.decide_frame(frame, campaign=MARKETING, keys=["key"], now=NOW)
    table = (
        result
        if isinstance(result, pl.DataFrame)
        else pl.from_arrow(result.toArrow())
        if is_spark(result)
        else result.pl()
    )
    assert isinstance(table, pl.DataFrame)
    return [row or [] for row in table.sort("key")["reasons"].to_list()]


def is_spark(frame: Any) -> bool:
    return type(frame).__module__.startswith("pyspark")


def by_row(policy: sendable.Policy, rows: list[dict[str, Any]]) -> list[list[str]]:
    return [[one.reason.id for one in policy.decide({**context(), "contact": row}).reasons] for row in rows]


def rows_of(emails: list[str], ids: list[str | None]) -> list[dict[str, Any]]:
    return [
        {"email": email, "id": other, "unsubscribed_types": None if other is None else [other, "news"]}
        for email, other in zip(emails, ids, strict=True)
    ]


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {"email": pl.String, "contact__id": pl.String, "unsubscribed_types": pl.List(pl.String)}
    schema: dict[str, Any] = {"key": pl.Int64, **columns}
    return pl.DataFrame([(key, *row.values()) for key, row in enumerate(rows)], schema=schema, orient="row")


ROWS = rows_of(TEXTS, [None, *reversed(TEXTS[1:])])


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_frames_and_rows_agree(engine: str, policy: sendable.Policy) -> None:
    wanted = by_row(policy, ROWS)
    frame = frame_of(ROWS)
    assert {len(one) for one in wanted} >= {3, 4, 5, 6}
    if engine == "polars":
        assert decided(policy, frame) == wanted
        return
    with duckdb.connect() as connection:
        assert decided(policy, connection.from_arrow(frame.to_arrow())) == wanted
        result: Any = policy.decide_frame(
            connection.from_arrow(frame.to_arrow()), campaign=MARKETING, keys=["key"], now=NOW
        )
        result.create("decisions")  # a long time after
        kept = connection.sql("SELECT reasons FROM decisions ORDER BY key").fetchall()
        assert [row or [] for (row,) in kept] == wanted
        connection.execute("SET python_enable_replacements = false")
        assert decided(policy, connection.from_arrow(frame.to_arrow())) == wanted


_TEXT = st.one_of(
    st.sampled_from(TEXTS),
    st.text("aAßå@.+-xn例", max_size=12),
    st.builds("{}@{}".format, st.sampled_from(LISTED), st.sampled_from(LISTED)),
    st.builds(str.upper, st.sampled_from(LISTED)),
)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(_TEXT, st.none() | _TEXT), min_size=1, max_size=12))
def test_frames_and_rows_agree_on_whatever_texts(policy: sendable.Policy, drawn: list[tuple[str, str | None]]) -> None:
    rows = rows_of([email for email, _ in drawn], [other for _, other in drawn])
    wanted = by_row(policy, rows)
    frame = frame_of(rows)
    assert decided(policy, frame) == wanted
    assert decided(policy, duckdb.from_arrow(frame.to_arrow())) == wanted


def test_spark_agrees(spark: Any, tmp_path: Path) -> None:
    few = policy_of(tmp_path, [CONDITIONS[1], CONDITIONS[4], CONDITIONS[8]])  # Spark plans each for seconds
    frame = spark.createDataFrame(frame_of(ROWS).to_arrow()).repartition(3)
    assert decided(few, frame) == by_row(few, ROWS)


def test_what_is_made_of_a_set_is_made_once_and_goes_with_it() -> None:
    made: list[int] = []

    def size(one: frozenset[str]) -> int:
        made.append(len(one))
        return len(one)

    once = OncePerSet(size)
    first, second = frozenset("ab"), frozenset("abc")
    assert [once(first), once(second), once(first), once(second)] == [2, 3, 2, 3]
    assert made == [2, 3]
    del first
    again = frozenset("ab")
    assert once(again) == 2
    assert made == [2, 3, 2]
