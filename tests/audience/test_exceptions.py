"""What exceptions lift of an audience: columns, the summary, the report."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

import sendable
from sendable import cli
from sendable.audience.decide import FrameError

BEGINS, ENDS = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)
REASON = """
  {id}:
    title: {{en: {id} title, sv: {id}-titel}}
    priority: {priority}
    channels: [marketing]
    basis: reputation
    when: {when}
    on_unknown: suppress
    retry: later
    fixable_by: contact
    {more}
    message: {{en: Held., sv: Stopp.}}
    fix: {{en: Wait., sv: Vänta.}}
"""
PACK = {
    "policy.yaml": f"""
name: excepting
locales: [en, sv]
default_locale: en
exceptions:
  shared_addresses:
    reasons: [trap, bounced]
    when: contact.id == "1" or contact.id == "2"
    from: "{BEGINS.isoformat()}"
    until: "{ENDS.isoformat()}"
    owner: "<b>post</b>"
    why: they answer & from shared addresses
  everybody:
    reasons: [bounced]
    when: contact.hard_bounces < 9
    until: "{ENDS.isoformat()}"
    owner: others
    why: a bad day
""",
    "reasons/all.yaml": "reasons:"
    + REASON.format(id="trap", priority=10, when="contact.spam_trap", more="")
    + REASON.format(id="bounced", priority=20, when="contact.hard_bounces > 1", more="")
    + REASON.format(
        id="capped", priority=30, when="known(contact.cap_recovers_at)", more="clears_at: contact.cap_recovers_at"
    ),
}
ROWS: list[tuple[Any, ...]] = [  # the id, hard bounces, a spam trap; what is lifted, and by what
    ("1", 5, True, ["trap", "bounced"], ["shared_addresses", "shared_addresses"]),
    ("2", 5, None, ["bounced", "trap"], ["shared_addresses", "shared_addresses"]),  # what is certain first
    ("3", 5, True, ["bounced"], ["everybody"]),
    ("4", 9, False, [], []),
    ("5", None, False, [], []),  # what is unknown lifts nothing
    ("6", -1, False, None, None),
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.sendable, ["audience", *map(str, arguments)])


def read(output: Path) -> pl.DataFrame:
    match output.suffix:
        case ".csv":
            return pl.read_csv(output, infer_schema=False)
        case ".jsonl":
            return pl.read_ndjson(output)
        case _:
            return pl.read_parquet(output)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    for name, text in PACK.items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_text(text, encoding="utf-8")
    return tmp_path / "pack"


@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
def test_what_is_lifted_is_told(engine_name: str, pack: Path, tmp_path: Path) -> None:
    file, campaign, report = tmp_path / "contacts.parquet", tmp_path / "campaign.yaml", tmp_path / "report.html"
    columns = ("id", "hard_bounces", "spam_trap")
    rows = [{"email": "a@b.se", **dict(zip(columns, row, strict=False))} for row in ROWS]
    pl.DataFrame(rows).write_parquet(file)
    campaign.write_text(f'email: {{channel: marketing}}\nnow: "{BEGINS.isoformat()}"\n', encoding="utf-8")
    options = ("--campaign", campaign, "--engine", engine_name, "--duplicates", "allow", "--overwrite")
    given = (file, "--policy", pack, *options)
    counts = [
        {
            "exception": "shared_addresses",
            "owner": "<b>post</b>",
            "until": "2027-01-31T00:00:00Z",
            "why": "they answer & from shared addresses",
            "contacts": 2,
            "sendable": 2,
            "reasons": [{"reason": "trap", "contacts": 2}, {"reason": "bounced", "contacts": 2}],
        },
        {
            "exception": "everybody",
            "owner": "others",
            "until": "2027-01-31T00:00:00Z",
            "why": "a bad day",
            "contacts": 1,
            "sendable": 0,
            "reasons": [{"reason": "bounced", "contacts": 1}],
        },
    ]
    assert json.loads(run(*given, "--format", "json").stdout)["excepted"] == counts
    for form in ("parquet", "csv", "jsonl"):
        output = tmp_path / f"decisions.{form}"
        page = ("--report", report) if form == "csv" else ()
        result = run(*given, "-o", output, *page, "--locale", "sv")
        assert result.exit_code == 0, result.stderr
        assert re.search(r"upphävt genom undantag +kontakter +andel +varav får skickas", result.stdout)
        assert re.search(r"shared_addresses +2 +33,3 % +2\n", result.stdout)
        assert "everybody: skulle ha stoppats; undantag till 31 januari 2027" in result.stdout
        assert json.loads(run(*given, "-o", output, "--format", "json").stdout)["excepted"] == counts
        for name, at in (("excepted", 3), ("exceptions", 4)):
            cells, wanted = read(output).sort("id")[name].to_list(), [row[at] for row in ROWS]
            found = [one or None for one in cells] if form == "csv" else cells
            assert found == ([";".join(one) if one else None for one in wanted] if form == "csv" else wanted)
    text = report.read_text(encoding="utf-8")
    assert 'id="excepted"' in text
    assert "&lt;b&gt;post&lt;/b&gt;: they answer &amp; from shared addresses" in text
    assert "<b>post" not in text


def test_rows_clear_when_an_exception_begins_as_they_do_one_by_one(pack: Path) -> None:
    policy = sendable.load(pack)
    moment = timedelta(microseconds=1)
    times = [BEGINS - moment, BEGINS, ENDS - moment, ENDS]
    contacts = [
        {"id": one, "email": "a@b.se", "spam_trap": trap, "hard_bounces": bounces, "cap_recovers_at": capped}
        for one in ("1", "3")
        for trap in (True, False)
        for bounces in (0, 5)
        for capped in (None, BEGINS, ENDS - moment, ENDS)
    ]
    clears: set[datetime | None] = set()
    for now in times:
        wanted = [
            policy.decide({"now": now, "email": {"channel": "marketing"}, "contact": contact}) for contact in contacts
        ]
        schema = {"cap_recovers_at": pl.Datetime("us", "UTC")}
        frame = pl.DataFrame(contacts, schema_overrides=schema).with_row_index("row")
        campaign = {"email": {"channel": "marketing"}}
        told = policy.decide_frame(frame, campaign={**campaign, "now": now}, keys="row").sort("row")
        by_row: Any = policy.decide_frame(frame.with_columns(pl.lit(now).alias("now")), campaign=campaign, keys="row")
        for found in (told, by_row.sort("row")):
            assert found["clears_at"].to_list() == [one.clears_at for one in wanted]
            assert found["sendable"].to_list() == [one.sendable for one in wanted]
            assert found["excepted"].to_list() == [[each.id for each in one.excepted] for one in wanted]
        clears |= {one.clears_at for one in wanted}
    assert clears == {None, BEGINS, ENDS - moment, ENDS}


def test_a_key_of_numbers_that_an_exception_reads_is_not_taken_for_no_field(pack: Path) -> None:
    frame = pl.DataFrame({"id": [1], "email": ["a@b.se"], "spam_trap": [True]})
    with pytest.raises(FrameError, match=r"contact\.id"):
        sendable.load(pack).decide_frame(frame, campaign={"now": BEGINS, "email": {"channel": "marketing"}})


def test_an_audience_without_exceptions_has_the_columns_too() -> None:
    frame = pl.DataFrame({"id": ["1"], "email": ["kim@example.com"]})
    found = sendable.load().decide_frame(frame, campaign={"email": {"channel": "transactional"}})
    assert (found["excepted"].to_list(), found["exceptions"].to_list()) == ([[]], [[]])


@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
def test_what_it_asks_of_python_and_what_has_lapsed_by_now_are_as_row_by_row(engine_name: str, pack: Path) -> None:
    begins, ends = BEGINS.replace(year=2019), ENDS.replace(year=2020)
    manifest = (pack / "policy.yaml").read_text(encoding="utf-8")
    when = "contact.email in lists.ours and add_hours(contact.cap_recovers_at, 1) > now"
    manifest = manifest.replace('contact.id == "1" or contact.id == "2"', when)
    for old, new in ((BEGINS, begins), (ENDS, ends)):
        manifest = manifest.replace(old.isoformat(), new.isoformat())
    (pack / "policy.yaml").write_text(manifest, encoding="utf-8")
    (pack / "lists").mkdir()
    (pack / "lists" / "ours.yaml").write_text("lists: {ours: {description: Ours., entries: [a@b.se]}}", "utf-8")
    policy = sendable.load(pack)
    contacts = [
        {"id": str(number), "email": email, "spam_trap": trap, "hard_bounces": 0, "cap_recovers_at": recovers}
        for number, (email, trap, recovers) in enumerate(
            (email, trap, recovers)
            for email in ("a@b.se", "c@d.se")
            for trap in (True, None)
            for recovers in (None, begins, ends)
        )
    ]
    moments = [begins - timedelta(days=1), begins, ends - timedelta(hours=2)]
    rows = [{**one, "now": now, "id": f"{one['id']}-{now:%Y%m%d%H}"} for now in moments for one in contacts]
    wanted = {}
    for row in rows:
        contact = {key: value for key, value in row.items() if key != "now"}
        found = policy.decide({"now": row["now"], "email": {"channel": "marketing"}, "contact": contact})
        wanted[row["id"]] = ([one.id for one in found.excepted], found.clears_at)
    assert {begins, None} == {clears for _, clears in wanted.values()}
    assert ["trap"] in [lifted for lifted, _ in wanted.values()]
    frame: Any = pl.DataFrame(rows, schema_overrides={"cap_recovers_at": pl.Datetime("us", "UTC")})
    with duckdb.connect(config={"threads": 1}) as connection:
        given = frame if engine_name == "polars" else connection.from_arrow(frame.to_arrow())
        told: Any = policy.decide_frame(given, campaign={"email": {"channel": "marketing"}}, keys="id")
        told = told if engine_name == "polars" else told.pl()
    assert {row["id"]: (row["excepted"], row["clears_at"]) for row in told.to_dicts()} == wanted
