"""Values as files and frames have them decide as the same facts in JSON do, on every engine and row by row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from sendable import cli
from sendable.audience.engines.choice import engine, readable
from sendable.audience.engines.csv_files import UnreadableError, tables
from sendable.audience.engines.files import Form
from sendable.audience.frame import FrameError
from tests.support.frames import CAMPAIGN, CLEAN, decided, faults, frame
from tests.support.packs import bundled

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LETTER: dict[str, Any] = {
    "email": {"channel": "marketing", "subscription_type": "news", "from_address": "kim@example.com"},
    "account": {"status": "active", "frequency_cap": 2},
    "contact": {"legal_basis": "consent", "double_opt_in_confirmed": True},
}
FORMS: dict[str, list[tuple[Any, list[str]]]] = {
    "unsubscribed_types": [
        (
            ["offers", "news"],
            ["offers;news", "offers; news", '["offers", "news"]', "offers;;news"],
        ),
        (["offers"], ["offers", " offers ", "['offers']", '["offers"]', "offers;"]),
        ([], ["[]", " [ ] "]),
        (None, ["", "NULL", "N/A"]),
    ],
    "marked_as_spam": [
        (True, ["true", "TRUE", "yes", "Ja", "SANT", "1"]),
        (False, ["false", " false", "no", "nej", "FALSKT", "0.0"]),
        (None, ["", "NULL", "nan"]),
    ],
    "unsubscribed_all": [(True, ["t", "on"]), (False, ["F", "off", "False"]), (None, ["NA"])],
    "hard_bounces": [(0, ["0", "0.0"]), (1000, ["1 000", "1000", "1e3", "1,000.0"]), (None, ["", "null"])],
    "emails_in_cap_window": [(1, ["1", " 1"]), (2, ["2,0", "+2"]), (None, ["n/a"])],
    "cap_recovers_at": [
        ("2026-11-24T09:00:00Z", ["2026-11-24 10:00", "2026-11-24T10:00:00+01:00", "1795510800", "1795510800000"]),
        ("2026-11-23T23:00:00Z", ["2026-11-24"]),
        (None, ["", "NaT"]),
    ],
    "mailbox": [("full", ["full", "Full", " FULL"]), ("active", ["active"]), (None, ["", "N/A"])],
}


@pytest.mark.parametrize("form", [Form.CSV, Form.JSON_LINES, Form.PARQUET])
@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_a_file_in_any_form_gives_the_decisions_of_its_facts(name: str, form: Form, tmp_path: Path) -> None:
    random, rows, facts = Random(1), [], []
    for number in range(300):
        chosen = {field: random.choice(forms) for field, forms in FORMS.items()}
        same = {**CLEAN, "id": f"c{number}"}
        facts.append({**same, **{field: value for field, (value, _) in chosen.items()}})
        rows.append({**same, **{field: random.choice(texts) for field, (_, texts) in chosen.items()}})
    written, file = pl.DataFrame(rows), tmp_path / f"contacts.{form}"
    match form:
        case Form.CSV:
            written.write_csv(file)
        case Form.JSON_LINES:
            file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        case Form.PARQUET:
            written.write_parquet(file)
    options: dict[str, Any] = {"campaign": LETTER, "now": NOW, "texts": True, "time_zone": "Europe/Stockholm"}
    reader: Any = engine(name)
    given = reader.read_tables(tables([file], tmp_path)) if form is Form.CSV else reader.read([file], form)
    result = bundled().decide_frame(given, **options)
    found = (result.collect() if isinstance(result, pl.LazyFrame) else result.pl()).to_dicts()
    by_id = {row["id"]: row for row in found}
    for contact in facts:
        decision = bundled().decide({**LETTER, "contact": {**LETTER["contact"], **contact}}, now=NOW)
        row = by_id[contact["id"]]
        assert row["invalid"] == []
        assert row["reasons"] == [one.id for one in decision.reasons]
        assert row["monitored"] == [one.id for one in decision.monitored]
        assert row["clears_at"] == decision.clears_at


@pytest.mark.parametrize(
    ("kind", "list_", "given"),
    [
        ("NULL", "news", ["unsubscribed_from_type"]),
        (" n/a ", "news", ["unsubscribed_from_type"]),
        ("nan", "news", ["unsubscribed_from_type"]),
        ("offers", "news", []),
        ("news", "NULL", ["unsubscribed_from_type"]),
        ("news", '["NULL"]', ["unsubscribed_from_type"]),
        ("news", "null;null", ["unsubscribed_from_type"]),
    ],
)
def test_a_word_for_no_value_is_no_type_of_emails(engine_name: str, kind: str, list_: str, given: list[str]) -> None:
    campaign = {**LETTER, "email": {"channel": "marketing", "from_address": "kim@example.com"}}
    rows: Any = frame(unsubscribed_all=[False], email__subscription_type=[kind], unsubscribed_types=[list_])
    if engine_name == "duckdb":
        rows = duckdb.from_arrow(rows.to_arrow())
    result = bundled().decide_frame(rows, campaign=campaign, now=NOW, texts=True)
    found = (result.pl() if engine_name == "duckdb" else result).to_dicts()[0]
    assert (found["reasons"], found["invalid"]) == (given, [])


def test_decimals_and_arrays_are_numbers_and_lists() -> None:
    given = frame(
        id=["1", "2"],
        hard_bounces=[Decimal("0.00"), Decimal("1.00")],
        unsubscribed_types=pl.Series([["a", "b"], ["c", "d"]], dtype=pl.Array(pl.String, 2)),
    )
    result = decided(given)
    assert result["reason"].to_list() == [None, "previously_bounced"]
    assert result["invalid"].to_list() == [[], []]


def test_columns_that_no_engine_could_read_are_named() -> None:
    mixed = frame(id=["1", "2"]).to_pandas().assign(hard_bounces=[1, "many"])
    assert "`hard_bounces` has values of several kinds" in faults(mixed)[0]
    half = frame(id=["1", "2"]).to_pandas().assign(hard_bounces=pd.Series(["1", "\ud83d"], dtype=object))
    assert "`hard_bounces` has a text with half a character in it (a lone surrogate)" in faults(half)[0]
    twice = frame().to_pandas()
    twice.columns = [*twice.columns[:-1], "email"]
    with pytest.raises(FrameError, match="`email` is the name of 2 columns"):
        decided(twice)


def test_columns_of_a_type_that_polars_lacks_are_refused(tmp_path: Path) -> None:
    views = pa.array([["a"]], type=pa.list_view(pa.string()))
    table = frame().to_arrow().append_column("tags", views)
    for given, shown in ((table, ""), (table.to_pandas(types_mapper=pd.ArrowDtype), "[pyarrow]")):
        [found] = faults(given)
        assert found.startswith(f"`tags` is of the type list_view<item: string>{shown}, which is not supported")
    parquet.write_table(table, tmp_path / "views.parquet")
    assert "a column is of a type that Polars can't read" in faults(pl.scan_parquet(tmp_path / "views.parquet"))[0]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([1], pa.decimal256(50, 0)), "error: `score` is of a type that is not supported: make it another"),
        (pa.array([["a"]], pa.list_view(pa.string())), "`contacts.parquet` can't be read: Polars gave up"),
    ],
)
def test_a_type_of_parquet_that_no_engine_reads_is_told_in_a_line(
    column: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("campaign.yaml").write_text("email: {channel: one_to_one}\n")
    parquet.write_table(pa.table({"id": ["1"], "email": ["kim@example.com"], "score": column}), "contacts.parquet")
    result = CliRunner().invoke(cli.sendable, ["audience", "contacts.parquet", "--campaign", "campaign.yaml"])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert said in result.stderr


@pytest.mark.parametrize(
    "twice",
    [
        '"spam_trap": false, "spam_trap": true',
        '"contact": {"email": "a", "email": "b"}',
        r'"spam_trap": false, "spam\u005ftrap": true',
    ],
)
def test_json_with_a_key_twice_is_refused(engine_name: str, twice: str, tmp_path: Path) -> None:
    fine = json.dumps({"id": "1", "email": "kim@example.com", "note": "email", "contact": {"email": "a"}})
    file = tmp_path / "contacts.jsonl"
    file.write_text(f'{fine}\n{{"id": "2", {twice}}}\n')
    with pytest.raises(UnreadableError, match=r"twice in an object on line 2|duplicate key"), readable():
        engine(engine_name).read([file], Form.JSON_LINES).filter("TRUE").fetchall()
    file.write_text(f"{fine}\n" * 3)
    assert engine(engine_name).read([file], Form.JSON_LINES) is not None


def test_times_without_an_offset_need_a_time_zone_and_whole_numbers_are_times() -> None:
    shown = [one.replace(tzinfo=None) for one in (NOW, datetime(2026, 10, 25, 2, 30, tzinfo=UTC))]
    naive = frame(id=["1", "2"], cap_recovers_at=shown)
    assert "name the time zone" in faults(naive)[0]
    told = decided(naive, time_zone="Europe/Stockholm")["invalid"].to_list()
    assert told == [[], ["contact.cap_recovers_at"]]
    assert decided(frame(cap_recovers_at=[date(2026, 11, 24)]), time_zone="Europe/Stockholm")["invalid"][0].is_empty()
    counted = decided(frame(id=["1", "2", "3"], cap_recovers_at=[1795510800, 1795510800000, 12]))
    assert counted["invalid"].to_list() == [[], [], ["contact.cap_recovers_at"]]
    with pytest.raises(ValueError, match="there is no time zone"):
        decided(frame(), time_zone="Nowhere/Town")


def test_what_is_not_allowed_is_shown_with_three_examples() -> None:
    given = frame(id=list("12345"), unsubscribed_types=["a,b", "a|b", "a/b", "a&b", "a;b"])
    (found,) = bundled().invalid_values(given, campaign=CAMPAIGN, texts=True)
    assert (found.field, found.contacts) == ("contact.unsubscribed_types", 4)
    assert found.examples == ("a&b", "a,b", "a/b")


@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": "2"', ", character 11: expecting ',' delimiter"),
        (b'{"id": "2"} {"id": "3"}', ", character 13: extra data"),
        (b'{"id": "\xe5"}', ": byte 9 is not UTF-8"),
    ],
)
def test_a_line_that_is_no_json_is_told_with_its_file(tmp_path: Path, engine_name: str, line: bytes, said: str) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(b'{"id": "1"}\n')
    bad.write_bytes(b'{"id": "1"}\n\n' + line + b"\n")
    with pytest.raises(UnreadableError) as caught, readable():
        engine(engine_name).read([good, bad], Form.JSON_LINES)
    assert str(caught.value) == f"`{bad}` has no JSON object on line 3{said}"


@pytest.mark.parametrize(
    ("line", "said"), [(b"[1]", ""), (b" null", ""), (b'{"n": NaN}', ": NaN is no number of JSON's")]
)
def test_a_line_that_polars_alone_takes_for_no_json_is_told_too(tmp_path: Path, line: bytes, said: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(b'{"n": 1}\n' + line)
    with pytest.raises(UnreadableError) as caught, readable():
        engine("polars").read([file], Form.JSON_LINES)
    assert str(caught.value) == f"`{file}` has no JSON object on line 2{said}"
