"""`decide_frame` at its boundary: which columns are which paths, what does not fit, and what comes out."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sendable
from sendable.audience.engines.duckdb import DuckDBEngine
from sendable.audience.engines.operations import Asked, Derived, Part, PerValue, TextTest
from sendable.audience.engines.polars import PolarsEngine
from sendable.audience.question import FrameOptions, Question
from sendable.decide.facts import ContextError
from sendable.language import addresses
from tests.support.environment import ENVIRONMENT
from tests.support.frames import CAMPAIGN, CLEAN, NOW, decided, faults, frame
from tests.support.packs import bundled, pack

NAIVE = NOW.replace(tzinfo=None)
OUTPUTS = [
    "sendable", "reason", "reasons", "certainty", "missing", "monitored", "excepted", "exceptions", "clears_at",
    "invalid",
]  # fmt: skip


def test_the_same_kind_of_frame_comes_out() -> None:
    given = frame(id=["1", "2"], hard_bounces=[0, 1])
    result = decided(given)
    assert result.columns == ["id", *OUTPUTS]
    assert result["reason"].to_list() == [None, "previously_bounced"]
    assert result["sendable"].to_list() == [True, False]
    lazy = decided(given.lazy())
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(result)
    table = decided(given.to_arrow())
    assert isinstance(table, pa.Table)
    assert pl.DataFrame(table).equals(result)


def test_duckdb_needs_no_name_for_itself_and_leaves_nothing_in_the_connection() -> None:
    texts = ["kundtjänst+x@xn--rksmrgs-5wao1o.se", "kim@gmial.com", "kim@example.com", "no address"]
    given = frame(id=["1", "2", "3", "4"], email=texts)
    options: dict[str, Any] = {"campaign": {**CAMPAIGN, "email": {"channel": "marketing"}}, "locale": "sv"}
    wanted = decided(given, **options).sort("id")
    assert wanted["sendable"].to_list() == [False] * 4
    kept = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal"
    with duckdb.connect() as connection:
        connection.from_arrow(given.to_arrow()).create("sendable_rows")
        result = decided(connection.table("sendable_rows"), **options)
        assert result.order("id").pl().to_dicts() == wanted.to_dicts()
        assert connection.execute(kept).fetchall() == [("sendable_rows",)]


def test_frames_of_pandas_are_decided_and_their_nan_is_no_value() -> None:
    given = frame(id=["1", "2", "3"]).to_pandas().assign(hard_bounces=[0, None, 1])
    assert str(given["hard_bounces"].dtype) == "float64"
    result = decided(given)
    assert type(result) is type(given)
    assert pl.from_pandas(result)["reason"].to_list() == [None, None, "previously_bounced"]
    assert [list(one) for one in result["invalid"]] == [[]] * 3


def test_a_column_of_pandas_that_is_all_nulls_is_nothing_whatever_its_type() -> None:
    given = frame(id=["1", "2"]).to_pandas().assign(unsubscribed_types=None, hard_bounces=pd.NA, mailbox=float("nan"))
    assert pl.from_pandas(decided(given))["sendable"].to_list() == [True, True]
    assert len(decided(given[:0])) == 0


def test_a_policy_decides_alike_after_it_was_sent_to_another_process() -> None:
    given = frame(hard_bounces=[0, 1], mailbox=["full", None])
    sent = pickle.loads(pickle.dumps(bundled()))
    assert sent.version == bundled().version
    assert sent.decide_frame(given, campaign=CAMPAIGN, now=NOW).equals(decided(given))
    when = bundled().reasons[0].when.source
    assert sent.reasons[0].when.source.span_of(1, 2) == when.span_of(1, 2)
    context = {**CAMPAIGN, "contact": {**CLEAN, "hard_bounces": 1}}
    assert sent.decide(context, now=NOW).reason.id == "previously_bounced"


@pytest.mark.parametrize(
    "given",
    [
        frame(hard_bounces=[1]),
        frame(contact__hard_bounces=[1]),
        frame().with_columns(pl.lit(1).alias("contact.hard_bounces")),
        frame().select(contact=pl.struct(pl.all(), pl.lit(1).alias("hard_bounces")), id="id").drop("id"),
    ],
)
def test_a_column_is_a_path_by_its_name(given: pl.DataFrame) -> None:
    keys = None if "id" in given.columns else "row"
    result = decided(given if keys is None else given.with_row_index("row"), keys=keys)
    assert result["reasons"].to_list() == [["previously_bounced"]]


def test_columns_names_what_others_are() -> None:
    given = frame(bounces=[1], failure=["undeliverable"], mailbocks=["x"])
    names = {"bounces": "contact.hard_bounces", "failure": "delivery.failure", "mailbocks": None}
    assert decided(given, columns=names)["reasons"].to_list() == [["previously_bounced", "undeliverable"]]


def test_every_column_that_does_not_fit_is_named() -> None:
    given = frame(hard_bounce=[1], spam_trap=["no"], cap_recovers_at=[NAIVE], mailbox=["full"], box=["full"])
    assert faults(given, columns={"box": "contact.mailbox", "boxes": "contact.mailbox"}) == (
        "`columns` names `boxes`, which is no column; did you mean `box`?",
        "`spam_trap` has texts (String), and `contact.spam_trap` needs booleans",
        (
            "`hard_bounce` is no field of a context; name the path that it is in `columns`, or None; "
            "did you mean `hard_bounces`?"
        ),
        (
            "`cap_recovers_at` has timestamps without a time zone (Datetime(time_unit='us', time_zone=None)), and "
            "`contact.cap_recovers_at` needs timestamps or texts; name the time zone whose clocks show them "
            "as `time_zone`"
        ),
        "`box` and `mailbox` are both `contact.mailbox`",
    )


def test_what_is_lacking_or_given_twice_is_said() -> None:
    assert faults(pl.DataFrame({"spam_trap": [True]})) == (
        "there is no column to tell the rows by: name one or more as `keys`",
        "no column is `contact.email`, which every decision needs; name it in `columns`",
    )
    assert faults(frame(), keys="ids") == ("the key `ids` is no column; did you mean `id`?",)
    assert faults(frame(account__status=["active"])) == (
        "`account.status` is in the campaign, and `account__status` is it too: only one can be right",
    )
    with pytest.raises(ContextError, match=r"email\.channel"):
        decided(frame(), campaign={})
    with pytest.raises(TypeError, match="a frame is needed"):
        decided([1])


def test_bad_rows_are_not_decided_and_say_why() -> None:
    given = frame(hard_bounces=[-1, 0, 2**53 + 1], mailbox=["full", "broken", None], email=["a@b.se", "a@b.se", None])
    result = decided(given)
    assert result["invalid"].to_list() == [
        ["contact.hard_bounces"],
        ["contact.mailbox"],
        ["contact.email", "contact.hard_bounces"],
    ]
    for name in OUTPUTS[:-1]:
        assert result[name].to_list() == [None] * 3


def test_rows_without_what_every_decision_needs_are_not_decided_even_where_no_row_has_it() -> None:
    nothing = frame(email=[None, None], id=["1", "2"])
    assert nothing.schema["email"] == pl.Null
    with duckdb.connect() as connection:
        typeless = connection.sql("SELECT unnest(['1', '2']) AS id, NULL AS email")
        for result in (decided(nothing), decided(typeless).pl()):
            assert result["invalid"].to_list() == [["contact.email"]] * 2
            assert result["sendable"].to_list() == [None, None]
    without_channel = {"email": {"from_address": "kim@example.com"}, "account": {"status": "active"}}
    result = decided(frame(email__channel=[None]), campaign=without_channel, locale="sv")
    assert result["invalid"].to_list() == [["email.channel"]]
    assert result["message"].to_list() == [None]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int32, pl.UInt8, pl.UInt64, pl.Int128, pl.Float32, pl.Float64])
def test_numbers_of_every_width_fit(dtype: Any) -> None:
    result = decided(frame(hard_bounces=pl.Series([0, 1, None], dtype=dtype)))
    assert result["reason"].to_list() == [None, "previously_bounced", None]
    assert result["invalid"].to_list() == [[], [], []]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(pl.Int8, -1), (pl.UInt64, 2**64 - 1), (pl.Int128, -(2**100)), (pl.Float32, 1.5), (pl.Float64, float("nan"))],
)
def test_numbers_that_are_not_allowed_are_told_whatever_their_width(dtype: Any, value: float) -> None:
    result = decided(frame(hard_bounces=pl.Series([value], dtype=dtype)))
    assert result["invalid"].to_list() == [["contact.hard_bounces"]]


def test_texts_may_be_categories_and_lists_all_empty() -> None:
    given = frame(
        mailbox=pl.Series(["full", "broken"], dtype=pl.Categorical),
        locale=pl.Series(["sv", "sv"], dtype=pl.Enum(["sv"])),
        unsubscribed_types=pl.Series([[], []], dtype=pl.List(pl.Null)),
    )
    result = decided(given)
    assert result["reason"].to_list() == ["mailbox_full", None]
    assert result["invalid"].to_list() == [[], ["contact.mailbox"]]


def test_the_channel_may_differ_from_row_to_row() -> None:
    given = frame(email__channel=["one_to_one", "transactional"], marked_as_spam=[True, True])
    campaign = {"email": {"from_address": "kim@example.com"}, "account": {"status": "active"}}
    assert decided(given, campaign=campaign)["sendable"].to_list() == [False, True]


def test_rows_that_do_not_differ_are_decided_too() -> None:
    contact = {**CLEAN, "marked_as_spam": True}
    result = decided(pl.DataFrame({"row": [1, 2, 3]}), campaign={**CAMPAIGN, "contact": contact}, keys="row")
    assert result["row"].to_list() == [1, 2, 3]
    assert result["reasons"].to_list() == [["marked_as_spam"]] * 3


def test_several_keys_and_a_column_of_nothing_but_nulls() -> None:
    given = frame(list=["a", "b"], mailbox=[None, None], number=[1, 2])
    result = decided(given, keys=["number", "list"])
    assert result.select("number", "list").rows() == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (pd.period_range("2026-12", periods=2, freq="M"), "Extension('pandas.period', Int64, '{\"freq\": \"M\"}')"),
        (pd.interval_range(0, 2), "Extension('pandas.interval'"),
    ],
)
def test_a_type_of_somebody_elses_is_not_taken_for_nothing(column: Any, shown: str) -> None:
    given = frame(id=["1", "2"]).to_pandas().assign(hard_bounces=column)
    (fault,) = faults(given)
    assert fault.startswith(f"`hard_bounces` has something else ({shown}")
    assert fault.endswith(", and `contact.hard_bounces` needs integers or decimals")


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ("1::VARINT AS hard_bounces", "`hard_bounces` has something else (BIGNUM)"),
        ("'1'::BIT AS hard_bounces", "`hard_bounces` has something else (BIT)"),
        ("union_value(n := 1) AS hard_bounces", "`hard_bounces` has something else (UNION(n INTEGER))"),
        ("{'hard_bounces': 1::VARINT} AS contact", "`contact.hard_bounces` has something else (BIGNUM)"),
        ("[1::VARINT] AS unsubscribed_types", "`unsubscribed_types` has something else (List(Unknown))"),
    ],
)
def test_neither_is_a_type_of_duckdbs_own(column: str, fault: str) -> None:
    clean = frame()
    with duckdb.connect() as connection:
        (found,) = faults(connection.sql(f"SELECT *, {column} FROM clean"))
    assert found.startswith(f"{fault}, and ")
    assert clean.height == 1


def test_nothing_but_nulls_is_nothing_wherever_it_stands() -> None:
    clean = frame()
    with duckdb.connect() as connection:
        nulls = "SELECT *, NULL AS hard_bounces, [] AS unsubscribed_types, {'mailbox': NULL} AS contact FROM clean"
        assert decided(connection.sql(nulls)).fetchall()[0][1] is True
    assert decided(frame(hard_bounces=[None], unsubscribed_types=[[]], contact=[{"mailbox": None}]))["sendable"].all()
    assert clean.height == 1


def test_clears_at_is_that_of_the_primary_finding() -> None:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    campaign = {
        "email": {"channel": "one_to_one", "from_address": "kim@example.com"},
        "account": {"status": "active"},
        "sender": {"sent_in_window": 5, "provider_limit": 5, "limit_resets_at": moment},
    }
    result = decided(frame(hard_bounces=[0, 1]), campaign=campaign)
    assert result["reason"].to_list() == ["provider_limit_reached", "previously_bounced"]
    assert result["clears_at"].to_list() == [moment, None]


def test_a_message_says_when_its_row_clears(tmp_path: Path) -> None:
    capped = {
        "when": "contact.hard_bounces > 0",
        "message": "Back on {clears_at}.",
        "more": "clears_at: contact.cap_recovers_at",
    }
    recent = {"when": "days_since(account.limit_resets_at) < 1", "message": "Wait till {clears_at}."}
    campaign = {"email": {"channel": "marketing"}, "account": {"limit_resets_at": NOW}}
    recovers_at = [NOW + timedelta(days=days) for days in (-1, 0.5, 2)]
    rows = [
        {"id": str(index), "email": "a@b.se", "hard_bounces": 1, "cap_recovers_at": at, "marked_as_spam": spam}
        for index, (at, spam) in enumerate(product([*recovers_at, None], [False, True]))
    ]
    for name, reasons in (("one", [capped]), ("two", [recent, capped, {"when": "contact.marked_as_spam"}])):
        (tmp_path / name).mkdir()
        policy = pack(tmp_path / name, *reasons)
        wanted = [policy.decide({**campaign, "contact": row}, now=NOW).message("en") for row in rows]
        assert len(set(wanted)) == 3
        given = pl.DataFrame(rows)
        options: dict[str, Any] = {"campaign": campaign, "now": NOW, "locale": "en"}
        assert policy.decide_frame(given, **options).sort("id")["message"].to_list() == wanted
        with duckdb.connect() as connection:
            result = policy.decide_frame(connection.from_arrow(given.to_arrow()), **options)
            assert result.order("id").pl()["message"].to_list() == wanted


def test_a_summary_needs_nothing_to_tell_the_rows_by() -> None:
    given = frame(hard_bounces=[0, 1, -1, 1], mailbox=["full", "full", None, None]).drop("id")
    summary = bundled().summarize_frame(given, campaign=CAMPAIGN, now=NOW)
    assert (summary.contacts, summary.sendable, summary.suppressed, summary.invalid) == (4, 0, 3, 1)
    assert {one.reason: (one.primary, one.alone, one.any) for one in summary.reasons} == {
        "previously_bounced": (2, 1, 2),
        "mailbox_full": (1, 1, 2),
    }
    assert summary.invalid_fields == {("contact.hard_bounces",): 1}
    empty = bundled().summarize_frame(given.head(0), campaign=CAMPAIGN)
    assert (empty.contacts, empty.reasons) == (0, ())


def test_a_summary_of_more_reasons_than_an_integer_has_bits() -> None:
    pack = bundled().pack
    reasons = [replace(one, id=f"{one.id}_{turn}", priority=turn * 100_000 + one.priority)
               for turn in range(8) for one in pack.reasons]  # fmt: skip
    many = sendable.Policy(replace(pack, reasons=tuple(reasons)))
    given = frame(hard_bounces=[0, 1], mailbox=["full", None], id=["1", "2"])
    decisions = many.decide_frame(given, campaign=CAMPAIGN, now=NOW)
    assert decisions["reasons"].to_list() == [
        [f"mailbox_full_{turn}" for turn in range(8)],
        [f"previously_bounced_{turn}" for turn in range(8)],
    ]
    with duckdb.connect() as connection:
        for one in (given, connection.from_arrow(given.to_arrow())):
            summary = many.summarize_frame(one, campaign=CAMPAIGN, now=NOW)
            assert {one.reason: one.primary for one in summary.reasons if one.primary} == {
                "mailbox_full_0": 1, "previously_bounced_0": 1,
            }  # fmt: skip


def test_without_the_extra_the_error_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['narwhals'] = None\n"
        "import sendable\n"
        "try: sendable.load().decide_frame(None, campaign={})\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout == "deciding a frame needs an extra: pip install 'sendable[audience]'\n"


LISTED = frozenset({"a", "aa", "a.b", "b.co.uk", "c.se", "co.uk", "uk", "c-ö.se", "å.b"})


@pytest.mark.parametrize("beyond", ["", "åÖß"])
@pytest.mark.parametrize("listed", [LISTED, frozenset({"b.co.uk", "m.x.co.uk"})])
def test_what_is_judged_by_expression_is_judged_as_in_python(listed: frozenset[str], beyond: str) -> None:
    random = Random(1)
    letters = "aB1.@-_+xn \"(),:;<>[]'!#\t\n\0\x7f|{}" + beyond
    bases = ["a.b@c.se", "a@b.co.uk", "a+b@c-d.se", "Ab@C.test", '"a"@b.se', "a <a@b.se>", "a@[1.2.3.4]", "xn--a@b.se"]
    bases += ["a" * 64 + "@b.se", "a" * 65 + "@b.se", "a@" + "b" * 63 + ".se", "a@" + "b" * 64 + ".se"]
    if beyond:
        bases += ["å.b@c-ö.se", "åa@m.x.co.uk", "a@" + "å" * 22 + ".se", "a@" + "å" * 58 + ".se"]
    texts = set(bases)
    for _ in range(4000):
        text = list(random.choice(bases))
        for _ in range(random.randrange(1, 4)):
            place = random.randrange(len(text))
            text[place : place + random.randrange(2)] = random.choice(letters)
        texts.add("".join(text))
    tests: dict[str, tuple[TextTest, PerValue]] = {
        "whole": (TextTest(Part.WHOLE, LISTED), lambda text: addresses.fold(text) in LISTED),
        "domain": (TextTest(Part.DOMAIN, LISTED), lambda text: addresses.domain(text) in LISTED),
        "local part": (TextTest(Part.LOCAL_PART, LISTED), lambda text: addresses.local_part(text) in LISTED),
        "parents": (
            TextTest(Part.DOMAIN, listed, parents=True),
            lambda text: not listed.isdisjoint(addresses.parents(addresses.domain(text))),
        ),
        "valid": (TextTest(None), addresses.valid_address),
    }
    left: list[str] = []

    def counted(function: PerValue) -> PerValue:
        def judged(text: str) -> Derived:
            left.append(text)
            return function(text)

        return judged

    asked = {name: Asked(test, "text", counted(function)) for name, (test, function) in tests.items()}
    given = pl.DataFrame({"text": [*sorted(texts), None]})
    with duckdb.connect() as connection:
        for table in (
            PolarsEngine().test(given.lazy(), asked).collect(),
            DuckDBEngine().test(connection.from_arrow(given.to_arrow()), asked).pl(),
        ):
            for text, *answers in table.select("text", *tests).iter_rows():
                wanted = [None if text is None else function(text) for _, function in tests.values()]
                assert answers == wanted, text
    assert beyond or len(left) < 2 * len(texts)  # of five tests on two engines


def test_rows_may_be_told_apart_by_numbers() -> None:
    frame = pl.DataFrame({"id": [7, 8], "email": ["kim@example.com", "robin@example.com"]})
    campaign = {"email": {"channel": "transactional"}, "account": {"status": "active"}}
    found = bundled().decide_frame(frame, campaign=campaign)
    assert found["id"].to_list() == [7, 8]
    assert found["sendable"].to_list() == [True, True]


def test_an_option_of_reading_has_one_default_whatever_is_asked() -> None:
    """What is listed again in the signature of `decide_frame`, which is where its readers look."""
    shown = inspect.signature(sendable.Policy.decide_frame).parameters
    recorded = inspect.signature(Question).parameters
    assert set(recorded) - {"frame", "campaign", "now"} == set(FrameOptions.__annotations__)
    for name, one in recorded.items():
        assert (shown[name].default, shown[name].annotation in (one.annotation, "Any")) == (one.default, True), name
    for asked in ("summarize_frame", "invalid_values", "unmatched", "review_frame"):
        with pytest.raises(TypeError, match="no_such_option"):
            getattr(bundled(), asked)(frame(), campaign=CAMPAIGN, no_such_option=True)
