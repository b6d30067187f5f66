"""Frames and rows agree: what `decide_frame` says of a frame is what `decide` says of each of its rows.

Programs come from the whole grammar, frames have nulls everywhere, values at the boundaries and bad ones. A frame is
decided on Polars, DuckDB and Spark. `FRAME_PROGRAMS` in the environment sets how many programs (packs of one to four
conditions) a run tries on Polars and DuckDB, `SPARK_PROGRAMS` how many (of ten conditions) on Spark; a failure that was
ever found stays as an example.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import sendable
from sendable.audience.summary import Summary, summarize
from sendable.decide.decision import Certainty
from sendable.decide.facts import ContextError
from sendable.language.nodes import Node
from sendable.language.types import Kind
from sendable.pack.messages import Placeholder, Template
from sendable.pack.model import Expression, Localized, Mode, Pack
from tests.support.environment import PARTITIONS
from tests.support.expressions import Program, programs
from tests.support.helpers import embedded, parsed, scope
from tests.support.programs import NOW, exceptions_of, pack_of

PARTS = 25
"""In how many tests the programs are tried, which can run in parallel.

Each takes five to seven seconds: the engines plan ten programs anew, in several forms.
"""
PROGRAMS = int(os.environ.get("FRAME_PROGRAMS", PARTS * settings().max_examples // 10)) // PARTS
SPARK_PROGRAMS = int(os.environ.get("SPARK_PROGRAMS", "5"))  # half a minute: Spark plans each for seconds
ROWS = 40
LOCALE = "en-GB"
CHANNEL = {"email": {"channel": "marketing"}}
SCOPE = scope()
LARGEST = 2**53

WHOLE = [0, 1, 2, 11, 20, -1, LARGEST, LARGEST - 1, -LARGEST]
REAL = [0.0, -0.0, 0.5, 11.0, -0.1, 0.1, 1234.25, float(LARGEST), -float(LARGEST), 1e-300, 3.0]
BAD_WHOLE = [LARGEST + 1, -LARGEST - 1, 2**63 - 1, -(2**63)]
BAD_REAL = [float("nan"), float("inf"), float("-inf"), 1e300]
TEXTS = [
    "", "info", "INFO", "google", "gmial.com", "GMIAL.com", "a@gmial.com", "x@sub.GMIAL.com", "Info+x@EXAMPLE.com",
    "info@example.com.", "ß", "ss", "İ", "i̇", "😀", "å@ä.ö", "kundtjänst+x@xn--rksmrgs-5wao1o.se", "KUNDTJÄNST@x.se",
    "@", "a@b@gmial.com", "ｉｎｆｏ@gmial.com", "it's \"so\"\\", "a,b", "a.b.c.d.e.f.gmial.com",
    "x@a..gmial.com", "+a@b.se",
    " google\xa0", "Ｉｎｆｏ\u200b ", " \t",
    "kim@example.com\n", "a b@c.se", "kim@ex--ample.com", "XN--rksmrgs-5wao1o.se", "a@gmial.com..", "\0",
]  # fmt: skip
MOMENTS = [
    NOW,
    NOW - timedelta(hours=1),
    NOW - timedelta(days=2, microseconds=1),
    NOW + timedelta(microseconds=1),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(1600, 2, 3, 4, 5, 6, 789, tzinfo=UTC),
    datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
]
WRITTEN = [
    "2026-11-23T12:00:00Z",
    "2026-11-23T13:00:00+01:00",
    "2026-11-22t00:00:00.25z",
    "9999-12-30T23:59:59Z",
    "2016-12-31T23:59:60Z",
]
LISTS: list[list[str]] = [
    [], ["info"], ["INFO", ""], ["a", "a"], ["gmial.com", "kundtjänst"], ["google", "ß"], [" Google", "\xa0"], [" "],
]  # fmt: skip


def column(random: Random, kind: Kind, *, spoilt: bool) -> tuple[list[Any], pl.DataType]:
    """The values of a column of `kind`, nulls and, where it is spoilt, bad ones among them; and its type."""
    good: list[Any]
    bad: list[Any]
    dtype: pl.DataType
    match kind:
        case Kind.BOOLEAN:
            good, bad, dtype = [True, False], [], pl.Boolean()
        case Kind.INTEGER | Kind.NUMBER:
            if random.random() < (0.7 if kind is Kind.INTEGER else 0.3):
                good, bad, dtype = WHOLE, BAD_WHOLE, pl.Int64()
            else:
                whole = [float(one) for one in WHOLE]
                good, bad, dtype = (
                    (whole, [*BAD_REAL, 0.5], pl.Float64())
                    if kind is Kind.INTEGER
                    else ([*REAL, *whole], BAD_REAL, pl.Float64())
                )
        case Kind.STRING:
            good, bad, dtype = TEXTS, [], pl.String()
        case Kind.TIMESTAMP:
            if random.random() < 0.7:
                good, bad, dtype = MOMENTS, [], pl.Datetime("us", "UTC")
            else:
                good, bad, dtype = WRITTEN, ["", "tomorrow", "2026-11-23T12:00:00"], pl.String()
        case Kind.STRING_LIST:
            good, bad, dtype = LISTS, [[None], ["info", None]], pl.List(pl.String())
    values: list[Any] = []
    for _ in range(ROWS):
        chance = random.random()
        values.append(
            None if chance < 0.3 else random.choice(bad) if spoilt and bad and chance < 0.4 else random.choice(good)
        )
    return values, dtype


def audience(random: Random) -> tuple[dict[str, Any], dict[str, list[Any]], dict[str, pl.DataType]]:
    """A campaign, the columns of a frame by their paths, and their types."""
    campaign: dict[str, Any] = {**CHANNEL, "own": {}, "more": {}}
    values: dict[str, list[Any]] = {}
    types: dict[str, pl.DataType] = {}
    for path, field in SCOPE.fields.items():
        group, _, name = path.partition(".")
        if group not in ("own", "more"):
            continue
        chance = random.random()
        if chance < 0.75:
            values[path], types[path] = column(random, field.type.kind, spoilt=random.random() < 0.1)
        elif chance < 0.9:
            fixed, _ = column(random, field.type.kind, spoilt=False)
            campaign[group][name] = fixed[0]
    values["contact.email"], types["contact.email"] = column(random, Kind.STRING, spoilt=False)
    for path in [one for one in values if random.random() < 0.03]:
        values[path] = [None] * ROWS
        if random.random() < 0.5:
            types[path] = pl.Null()  # what an engine knows no type of
    if random.random() < 0.9 and types["contact.email"] != pl.Null:
        values["contact.email"] = [value or "a@b.se" for value in values["contact.email"]]
    return campaign, values, types


def expected(policy: sendable.Policy, campaign: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What a row of decisions has to be, by the row engine."""
    context = {group: dict(fields) for group, fields in campaign.items()}
    for path, value in row.items():
        group, _, name = path.partition(".")
        context.setdefault(group, {})[name] = value
    try:
        decision = policy.decide(context, now=NOW)
    except ContextError as error:
        lists = ("reasons", "missing", "monitored", "excepted", "exceptions")
        nothing = dict.fromkeys(("sendable", "reason", *lists, "certainty", "clears_at", "message"))
        return {**nothing, "invalid": sorted({problem.path for problem in error.problems})}
    undetermined = [one for one in decision.reasons if one.certainty is Certainty.UNDETERMINED]
    primary = decision.reason
    return {
        "sendable": decision.sendable,
        "reason": primary and primary.id,
        "reasons": [one.id for one in decision.reasons],
        "certainty": primary and primary.certainty.value,
        "missing": sorted({path for one in undetermined for path in one.missing}),
        "monitored": [one.id for one in decision.monitored],
        "excepted": [one.id for one in decision.excepted],
        "exceptions": [one.exception.id for one in decision.excepted if one.exception is not None],
        "clears_at": decision.clears_at,
        "invalid": [],
        "message": decision.message(LOCALE),
    }


def decided(
    policy: sendable.Policy,
    frame: Any,
    campaign: dict[str, Any],
    locale: str | None = LOCALE,
    *,
    texts: bool = False,
) -> list[dict[str, Any]]:
    """The decisions for `frame`, whatever its engine, in the order of its rows."""
    result = policy.decide_frame(frame, campaign=campaign, keys="row", now=NOW, locale=locale, texts=texts)
    assert type(result) is type(frame)
    if isinstance(result, duckdb.DuckDBPyRelation):
        result = result.pl()
    elif not isinstance(result, pl.DataFrame):
        result = pl.DataFrame(result.toArrow())
    rows: list[dict[str, Any]] = result.sort("row").to_dicts()
    assert [row.pop("row") for row in rows] == list(range(ROWS))
    for row in rows:
        row["invalid"].sort()
    return rows


def counted(policy: sendable.Policy, wanted: list[dict[str, Any]]) -> Summary:
    """The summary of an audience, by what the row engine says of each of its rows."""
    order = [reason.id for reason in policy.reasons]
    return summarize([{**row, "contacts": 1} for row in wanted], order, policy.pack.exceptions)


def summarized(policy: sendable.Policy, frame: Any, campaign: dict[str, Any], *, texts: bool = False) -> Summary:
    """The summary of `frame`, whatever its engine."""
    summary = policy.summarize_frame(frame, campaign=campaign, now=NOW, texts=texts)
    # In rows the paths that are invalid come in the order of their names.
    invalid = {tuple(sorted(fields)): count for fields, count in summary.invalid_fields.items()}
    return replace(summary, invalid_fields=invalid, unused_columns=())


def told(pack: Pack) -> Pack:
    """The pack with messages that depend on rows and one that does not, and one more reason that passes by itself.

    Of two reasons one is only monitored.
    """

    def text(*parts: str | Placeholder) -> Localized:
        return Localized({"en": (Template(parts),)})

    def path(name: str) -> Placeholder:
        return Placeholder(name, 0, 0)

    messages = [
        text("of ", path("own.string"), " and ", path("more.timestamp")),
        text("nothing of the row"),
        text(path("details.part"), path("params.limit"), " ", path("own.string_list")),
        text("until ", path("clears_at")),
    ]
    reasons = [
        replace(
            reason,
            message=messages[index % 4],
            undetermined=messages[index % 2 * 3] if index % 3 else None,
            mode=Mode.MONITOR if index % 2 else Mode.ENFORCE,
        )
        for index, reason in enumerate(pack.reasons)
    ]
    passing = "default(own.timestamp, more.timestamp)"
    reasons[-1] = replace(reasons[-1], clears_at=Expression(parsed(passing), embedded(passing)))
    return replace(pack, reasons=tuple(reasons))


def made(
    trees: list[Node], seed: int, *, texts: bool = False
) -> tuple[sendable.Policy, dict[str, Any], pl.DataFrame, list[dict[str, Any]]]:
    """A policy, a campaign, a frame, and what the row engine says of its rows; with `texts`, all values are texts.

    One pack of three has exceptions.
    """
    random = Random(seed)
    ids = [f"r{index}" for index in range(len(trees))]
    exceptions = exceptions_of(random.sample(trees, min(2, len(trees))), ids, random) if seed % 3 == 0 else ()
    policy = sendable.Policy(told(pack_of(trees, exceptions, limited=seed % 4 < 2)))
    campaign, values, types = audience(Random(seed))
    if texts:
        values = {path: [writable(value, SCOPE.fields[path].type.kind) for value in values[path]] for path in values}
    by_name = {
        path.replace(".", "__"): pl.Series(map(written, column), dtype=pl.String)
        if texts
        else pl.Series(column, dtype=types[path])
        for path, column in values.items()
    }
    frame = pl.DataFrame({"row": range(ROWS), **by_name})
    rows = zip(*values.values(), strict=True)
    return policy, campaign, frame, [expected(policy, campaign, dict(zip(values, row, strict=True))) for row in rows]


def writable(value: Any, kind: Kind) -> Any:
    """The value, or one like it that has a form in CSV, where nothing stands for no value, for null and for no text.

    Items are trimmed. Numbers are read as doubles, and as integers where the field has nothing else.
    """
    match value:
        case list():
            return [item for one in value if one and (item := one.strip())]
        case int() if kind is Kind.NUMBER:
            return float(value)
        case int() if abs(value) == LARGEST + 1:
            return 2 * value
        case _:
            return None if value == "" else value


def written(value: Any) -> str | None:
    """The value as CSV has it."""
    match value:
        case bool():
            return "True" if value else "0"
        case list():
            return ";".join(value) if value else "[]"
        case datetime():
            return value.isoformat()
        case _:
            return None if value is None else str(value)


def agree(trees: list[Node], seed: int) -> None:
    texts = seed % 5 == 0
    policy, campaign, frame, wanted = made(trees, seed, texts=texts)
    locale = LOCALE if seed % 8 == 0 else None  # in DuckDB messages take as long as all else
    for row in wanted if locale is None else ():
        del row["message"]
    summary = counted(policy, wanted)
    assert decided(policy, frame, campaign, locale, texts=texts) == wanted
    assert summarized(policy, frame, campaign, texts=texts) == summary
    with duckdb.connect(config={"threads": 1}) as connection:
        relation = connection.from_arrow(frame.to_arrow())
        if seed % 16 < 8:  # what DuckDB has statistics of, which it also plans by
            relation.create("contacts")
            relation = connection.table("contacts")
        assert decided(policy, relation, campaign, locale, texts=texts) == wanted
        if seed % 4 == 0:
            assert summarized(policy, relation, campaign, texts=texts) == summary


@pytest.mark.parametrize("part", range(PARTS))
def test_polars_and_duckdb_decide_as_rows_are_decided(part: int) -> None:
    @settings(max_examples=PROGRAMS, suppress_health_check=list(HealthCheck), deadline=None)
    @given(programs(1, 4))
    def property_holds(program: Program) -> None:
        trees, seed = program
        agree(trees, seed + part)  # so that no two parts try the same, even with --hypothesis-seed

    property_holds()


@pytest.mark.parametrize(
    ("condition", "seed"),
    [
        ("own.integer * more.integer < own.number", 1),
        ("own.integer / more.integer == own.number / 0", 2),
        ("default(own.integer, 0.5) + 1 > default(own.number, 1) - more.integer", 3),
        ("own.string in more.string_list or own.string in lists.nothing", 3),
        ("own.boolean == (domain(own.string) in lists.nothing)", 1),
        ("overlaps(own.string_list, lists.roles)", 1),
        ("in_domains(domain(own.string), lists.meant) or valid_address(more.string)", 5),
        ("hours_since(own.timestamp) < more.integer", 6),
        ("add_hours(own.timestamp, own.number) < more.timestamp", 2),
        ("add_hours(default(own.timestamp, time('9999-12-31T00:00:00Z')), more.integer / 7) >= now", 4),
        ("add_hours(own.timestamp, -1.1) == add_hours(own.timestamp, 0.7 - 1.8) or own.boolean", 7),
        ("local_hour(own.timestamp, own.string) < 8 and own.boolean", 1),
        ("local_weekday(now, default(own.string, lower(more.string))) in [6, 7]", 2),
        ("now < next_local('08:00', now, own.string) <= next_local(more.string, now, own.string)", 3),
        ("default(local_hour(more.timestamp, more.string) + own.integer, 3) > 4", 4),
        ("base_address(own.string) in lists.roles or is_ascii(more.string)", 5),
        ("add_hours(add_hours(own.timestamp, own.number), hours_since(more.timestamp)) > now", 6),
        ("((own.integer + more.integer) * own.number - 3) / hours_since(own.timestamp) > own.integer / 7 - 1", 7),
    ],
)
def test_what_once_differed_agrees(condition: str, seed: int) -> None:
    for turn in range(3):
        agree([parsed(condition)] * 4, 8 * seed + turn)


def test_a_time_that_is_unknown_for_all_is_unknown_inside_another() -> None:
    policy = sendable.Policy(pack_of([parsed("now < add_hours(add_hours(now, more.number), own.integer)")]))
    frame = pl.DataFrame({"row": [0], "contact__email": ["kim@example.com"], "own__integer": [1]})
    result = policy.decide_frame(frame, campaign=CHANNEL, keys="row", now=NOW)
    assert result["missing"].to_list() == [["more.number"]]


def test_duckdb_decides_where_its_statistics_tell_beforehand_that_no_row_can_be() -> None:
    policy = sendable.Policy(told(pack_of([parsed(one) for one in ("true", "own.boolean", "own.boolean")])))
    nobody = {"row": [0, 1], "contact__email": pl.Series([None, None], dtype=pl.String), "own__boolean": [True, None]}
    moments = {"own__timestamp": [NOW, None], "more__timestamp": [None, NOW]}
    frame = pl.DataFrame({**nobody, **moments})
    with duckdb.connect() as connection:
        for given in (frame, frame.head(0)):
            name = f"contacts_{len(given)}"
            connection.from_arrow(given.to_arrow()).create(name)
            result = policy.decide_frame(connection.table(name), campaign=CHANNEL, keys="row", now=NOW, locale=LOCALE)
            assert result.select("row", "sendable", "invalid", "message").fetchall() == [
                (row, None, ["contact.email"], None) for row in given["row"]
            ]
            connection.execute("SET disabled_optimizers = 'statistics_propagation'")  # what the README says
            assert result.filter("reason IN ('r0', 'r2')").select("row").fetchall() == []
            connection.execute("SET disabled_optimizers = ''")


DEEP = " / 7 + own.number * ".join(["(own.integer - hours_since(add_hours(own.timestamp, own.number)))"] * 4)
DEEPER = f"(({DEEP}) * 3 + {DEEP}) / ({DEEP} - 1) > 1 and ({DEEP} < 3 or own.boolean)"


def test_what_is_written_out_does_not_grow_with_the_depth_of_numbers() -> None:
    policy, campaign, frame, _ = made([parsed(DEEPER)] * 4, 8)
    with duckdb.connect() as connection:
        relation = connection.from_arrow(frame.to_arrow())
        result = policy.decide_frame(relation, campaign=campaign, keys="row", now=NOW)
        assert len(result.sql_query()) < 200_000


def test_spark_plans_no_more_than_is_written(spark: Any) -> None:
    policy, campaign, frame, _ = made([parsed(DEEPER)] * 4, 8, texts=True)
    result = policy.decide_frame(
        spark.createDataFrame(frame.to_arrow()), campaign=campaign, keys="row", now=NOW, texts=True
    )
    assert len(result._jdf.queryExecution().optimizedPlan().toString()) < 200_000


def test_spark_decides_as_rows_are_decided(spark: Any) -> None:
    @settings(
        max_examples=SPARK_PROGRAMS, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate]
    )
    @given(programs(10, 10))
    def agree(program: Program) -> None:
        trees, seed = program
        texts = seed % 2 == 0
        policy, campaign, frame, wanted = made(trees, seed, texts=texts)
        native = spark.createDataFrame(frame.to_arrow()).repartition(PARTITIONS)
        assert native.rdd.getNumPartitions() == PARTITIONS
        assert decided(policy, native, campaign, texts=texts) == wanted
        assert summarized(policy, native, campaign, texts=texts) == counted(policy, wanted)

    agree()
