"""`sendable audience`: the figures add up and are those of the row engine, whatever the engine and the kind of file."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sendable import cli
from sendable.audience.engines.choice import engine
from sendable.audience.engines.files import HUNDREDTHS, Form
from sendable.audience.summary import Repeated, Summary, masked, summarize
from sendable.pack.resources import schema_path
from tests.benchmarks.audience import CAMPAIGN, SHARES, chunk
from tests.support.environment import ENVIRONMENT
from tests.support.packs import bundled

COUNT = 400
SUMMARIES = Draft202012Validator(json.loads(schema_path("summary").read_text(encoding="utf-8")))
FLAGS = (
    *("opted_out_of_platform", "spam_trap", "marked_as_spam", "unsubscribed_all", "company_opted_out"),
    *("domain_blocked", "double_opt_in_confirmed"),
)
MANY = {name: max(share, 0.05) for name, share in SHARES.items()}


@pytest.fixture(scope="module")
def contacts() -> pl.DataFrame:
    """A small audience with some of everything, lists that are empty and fields that are null among it."""
    frame = chunk(0, COUNT, 7, MANY)
    assert isinstance(frame, pl.DataFrame)
    empty = pl.lit([], dtype=pl.List(pl.String))
    return frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 5 == 0).then(empty).otherwise("unsubscribed_types").alias("unsubscribed_types")
    )


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("campaign") / "campaign.yaml"
    file.write_text(yaml.safe_dump(CAMPAIGN), encoding="utf-8")
    return file


def write(frame: pl.DataFrame, file: Path) -> Path:
    match file.suffix:
        case ".parquet":
            frame.write_parquet(file)
        case ".jsonl":
            frame.write_ndjson(file)
        case _:
            lists = pl.when(pl.col("unsubscribed_types").list.len() == 0).then(pl.lit("[]")).otherwise(
                pl.col("unsubscribed_types").list.join(";")
            )  # fmt: skip
            frame.with_columns(lists.alias("unsubscribed_types")).write_csv(file)
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.sendable, ["audience", *map(str, arguments)])


def by_rows(frame: pl.DataFrame) -> dict[str, Counter[str]]:
    """What the row engine says of each contact."""
    counts: dict[str, Counter[str]] = {"groups": Counter(), "primary": Counter(), "alone": Counter(), "any": Counter()}
    for row in frame.to_dicts():
        if row["hard_bounces"] < 0:
            counts["groups"]["invalid"] += 1
            continue
        decision = bundled().decide({**CAMPAIGN, "contact": row})
        primary = decision.reason
        counts["any"].update(one.id for one in decision.reasons)
        if primary is None:
            counts["groups"]["sendable"] += 1
        elif primary.certainty == "undetermined":
            counts["groups"]["undetermined"] += 1
        else:
            counts["groups"]["suppressed"] += 1
            counts["primary"][primary.id] += 1
            counts["alone"][primary.id] += len(decision.reasons) == 1
    return counts


def read(output: Path, **options: Any) -> pl.DataFrame:
    """The decisions in a file, or in the files of a directory, as Spark writes them."""
    readers: dict[str, Callable[..., pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".jsonl": pl.read_ndjson,
        ".csv": pl.read_csv,
    }
    files = [one for one in output.iterdir() if one.name.startswith("part-")] if output.is_dir() else [output]
    return pl.concat([readers[output.suffix](one, **options) for one in files])


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_the_figures_are_those_of_the_row_engine(
    engine_name: str, suffix: str, contacts: pl.DataFrame, campaign: Path, tmp_path: Path
) -> None:
    file = write(contacts, tmp_path / f"contacts{suffix}")
    output = tmp_path / f"decisions{suffix}"
    result = run(file, "--campaign", campaign, "--engine", engine_name, "--format", "json", "-o", output)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    SUMMARIES.validate(told)
    expected = by_rows(contacts)
    assert told["contacts"] == COUNT
    assert {name: told[name] for name in expected["groups"]} == dict(expected["groups"])
    assert sum(told[name] for name in ("sendable", "suppressed", "undetermined", "invalid")) == COUNT
    for name in ("primary", "alone", "any"):
        assert {one["reason"]: one[name] for one in told["reasons"] if one[name]} == dict(+expected[name])
    assert sum(one["primary"] for one in told["reasons"]) == told["suppressed"]
    assert sum(one["contacts"] for one in told["missing"]) == told["undetermined"]
    assert sum(one["contacts"] for one in told["invalid_fields"]) == told["invalid"]
    decisions = read(output)
    assert sorted(decisions["id"]) == sorted(contacts["id"])
    assert decisions["sendable"].sum() == told["sendable"]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_nothing_is_left_out_of_files_whose_columns_differ(
    engine_name: str, suffix: str, contacts: pl.DataFrame, campaign: Path, tmp_path: Path
) -> None:
    contacts = contacts.with_columns(mailbox=pl.when(pl.int_range(pl.len()) >= 200).then("mailbox"))
    whole = write(contacts, tmp_path / f"whole{suffix}")
    first = write(contacts[:200].drop("mailbox"), tmp_path / f"first{suffix}")
    second = write(contacts[200:].select(reversed(contacts.columns)), tmp_path / f"second{suffix}")
    of_one, of_both = (
        run(*files, "--campaign", campaign, "--engine", name, "--format", "json")
        for name, files in (("polars", [whole]), (engine_name, [first, second]))
    )
    assert of_both.exit_code == 0, of_both.output
    assert json.loads(of_both.stdout) == json.loads(of_one.stdout)
    assert "invalid_recipient" in [one["reason"] for one in json.loads(of_one.stdout)["reasons"]]


def test_samples_are_of_contacts_with_the_reason(engine_name: str, contacts: pl.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "decisions.parquet"
    unknown = pl.when(pl.int_range(pl.len()) % 3 > 0).then("id").alias("id")
    decisions = bundled().decide_frame(contacts.with_columns(unknown), campaign=CAMPAIGN)
    decisions.write_parquet(file)
    chosen = engine(engine_name)
    reasons = [reason.id for reason in bundled().reasons]
    samples = chosen.samples(chosen.read([file], Form.PARQUET), reasons, 3)
    primary = dict(decisions.select("id", "reason").drop_nulls("id").iter_rows())
    count = Counter(primary.values())
    assert {one: len(found) for one, found in samples.items()} == {
        one: min(3, count[one]) for one in reasons if count[one]
    }
    assert all(primary[key] == one for one, found in samples.items() for key in found)


def test_a_field_is_seen_however_late_it_comes(engine_name: str, campaign: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.jsonl"
    contact = {"id": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "email": "kim@example.com"}
    last = {**contact, "mailbox": "unreachable", "locale": "2026-11-25"}
    file.write_text(f"{json.dumps(contact)}\n" * 25_000 + json.dumps(last))
    result = run(file, "--campaign", campaign, "--engine", engine_name, "--format", "json", "--duplicates", "allow")
    assert result.exit_code == 0, result.output
    assert {one["reason"]: one["any"] for one in json.loads(result.stdout)["reasons"]}["invalid_recipient"] == 1


def test_texts_of_csv_are_kept_and_read_alike(engine_name: str, tmp_path: Path) -> None:
    file, output = tmp_path / "contacts.csv", tmp_path / "decisions.csv"
    names = "number;email;hard_bounces;mailbox;cap_recovers_at;ever_engaged;unsubscribed_types"
    rows = [
        "0012;kim@example.com;1;full;2026-11-24T10:00:00+01:00;TRUE;[]",
        '0013;kim@example.com;1.0;;"";1;"offers;newsletter"',
        "0014;kim@example.com;1e0;null;2026-11-24T10:00:00;perhaps;newsletter",
        "0015;;0x1;broken;tomorrow;no;[]",
        "0016;kim@example.com;1.5;full;;false;",
        '0017;"";;FULL;NULL; ja;"[""news"", ""newsletter""]"',
    ]
    file.write_text("\ufeff" + "\n".join([names, *rows]), encoding="utf-8")
    letter = tmp_path / "campaign.yaml"
    letter.write_text(yaml.safe_dump({**CAMPAIGN, "contact": dict.fromkeys(FLAGS, False) | {"legal_basis": "consent"}}))
    options = ["--engine", engine_name, "--key", "number", "--duplicates", "allow"]
    result = run(file, "--campaign", letter, *options, "-o", output)
    assert result.exit_code == 0, result.output
    told = {
        row["number"]: (row["reasons"], sorted(filter(None, (row["invalid"] or "").split(";"))))
        for row in read(output, infer_schema=False).to_dicts()
    }
    bad = [f"contact.{name}" for name in ("cap_recovers_at", "email", "ever_engaged", "hard_bounces", "mailbox")]
    assert told == {
        "0012": ("unconfirmed_opt_in;previously_bounced;mailbox_full", []),
        "0013": ("unsubscribed_from_type;unconfirmed_opt_in;previously_bounced", []),
        "0014": (None, [bad[0], bad[2]]),
        "0015": (None, [bad[0], bad[1], bad[3], bad[4]]),
        "0016": (None, [bad[3]]),
        "0017": (None, [bad[1]]),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,email,id\n1,kim@example.com,1\n", "has columns with the same name, `id` (column 1, column 3)"),
        (b"\n1,kim@example.com\n", "has no first row with the names of its columns"),
        ("id,email,locale\n1,kim@example.com,åland".encode("latin-1"), "UTF-8"),
    ],
)
def test_csv_that_is_no_table_is_not_decided(
    engine_name: str, content: bytes, said: str, campaign: Path, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_bytes(content)
    result = run(file, "--campaign", campaign, "--engine", engine_name)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "error: " in result.stderr
    assert said in result.stderr


def test_messages_are_written_in_the_locale_that_is_asked_for(
    engine_name: str, contacts: pl.DataFrame, campaign: Path, tmp_path: Path
) -> None:
    file, output = write(contacts, tmp_path / "contacts.parquet"), tmp_path / "decisions.csv"
    result = run(file, "--campaign", campaign, "--engine", engine_name, "-o", output, "--messages", "--locale", "sv-SE")
    assert result.exit_code == 0, result.output
    messages = dict(read(output).select("id", "message").iter_rows())
    for row in contacts.to_dicts():
        wanted = None
        if row["hard_bounces"] >= 0:
            wanted = bundled().decide({**CAMPAIGN, "contact": row}).message("sv-SE")
        assert messages[row["id"]] == wanted
    result = run(file, "--campaign", campaign, "--messages")
    assert result.exit_code == 2
    assert "--messages" in result.stderr


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_terminal_sees_how_far_it_is(engine: str, contacts: pl.DataFrame, campaign: Path, tmp_path: Path) -> None:
    file = write(contacts, tmp_path / "contacts.parquet")
    ours, theirs = pty.openpty()
    arguments = ["audience", str(file), "--campaign", str(campaign), "--engine", engine]
    command = [sys.executable, "-m", "sendable", *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    last = shown.split("contacts ")[-1].replace("100%", "100 %").split()
    assert "100" in last, shown
    assert ("400/400" in last) is (engine == "polars"), shown
    assert done.stdout.split()[:2] == ["contacts", "400"]


@pytest.mark.parametrize(("name", "whole"), [("polars", COUNT), ("duckdb", HUNDREDTHS)])
def test_progress_adds_up(name: str, whole: int, contacts: pl.DataFrame, tmp_path: Path) -> None:
    file = write(contacts, tmp_path / "contacts.parquet")
    told: list[int] = []
    chosen = engine(name, told.append)
    frame = chosen.read([file], Form.PARQUET)
    chosen.count(bundled().decide_frame(frame, campaign=CAMPAIGN))
    assert sum(told) == whole


def test_reads_folders_and_several_files_and_says_it_in_swedish(
    contacts: pl.DataFrame, campaign: Path, tmp_path: Path
) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    write(contacts[:100], tmp_path / "in" / "a.parquet")
    write(contacts[100:150], tmp_path / "in" / "deeper" / "b.parquet")
    more = write(contacts[150:], tmp_path / "c.parquet")
    (tmp_path / "in" / "_SUCCESS").write_text("")
    result = run(tmp_path / "in", more, "--campaign", campaign, "--locale", "sv")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split() == ["kontakter", "400", "100", "%"]
    assert "enbart det skälet" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.parquet"], "there is no `nowhere.parquet`"),
        (["{folder}"], "there is no audience in what was named"),
        (["{yaml}"], "is no audience"),
        (["{a}", "{b}"], "the files are not all of one kind"),
        (["{a}", "-o", "x.xlsx"], "name a file that ends in .parquet"),
        (["{a}", "-o", "{folder}/no/where.parquet"], "there is no directory"),
        (["{a}", "--column", "mail"], "write COLUMN=PATH"),
        (["{a}", "--column", "hard_bounces=contact.hard_bouncs"], "did you mean `contact.hard_bounces`"),
        (["{a}", "--key", "ids"], "the key `ids` is no column; did you mean `id`?"),
        (["{a}", "--column", "marked_as_spam=contact.email", "--column", "email="], "needs"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_decided(
    arguments: list[str], said: str, contacts: pl.DataFrame, campaign: Path, tmp_path: Path
) -> None:
    a, b = write(contacts, tmp_path / "a.parquet"), write(contacts, tmp_path / "b.csv")
    (tmp_path / "empty").mkdir()
    yaml_file = tmp_path / "a.yaml"
    yaml_file.write_text("a: 1")
    given_arguments = [one.format(folder=tmp_path / "empty", a=a, b=b, yaml=yaml_file) for one in arguments]
    result = run(*given_arguments, "--campaign", campaign)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_campaign_is_one_context_with_values_that_are_allowed(contacts: pl.DataFrame, tmp_path: Path) -> None:
    file = write(contacts, tmp_path / "a.parquet")
    campaign = tmp_path / "campaign.yaml"
    campaign.write_text("email: {channel: marketing}\naccount: {status: suspnded}\n")
    result = run(file, "--campaign", campaign)
    assert result.exit_code == 2
    assert "account.status" in result.stderr
    campaign.write_text("- 1\n")
    assert "is no campaign" in run(file, "--campaign", campaign).stderr


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.parquet", b""),
        ("text.parquet", b"id,email\n1,kim@example.com\n" * 20),
        ("empty.csv", b""),
        ("broken.jsonl", b'{"id": "1", "email": "kim@example.com"}\n{"id": '),
        ("later.csv", b"id,email,locale\n" + b"1,kim@example.com,sv\n" * 20_000 + b"2,kim@example.com,\xe5land\n"),
    ],
)
def test_a_file_that_can_not_be_read_is_said_without_a_trace(
    engine: str, name: str, content: bytes, campaign: Path, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    result = run(file, "--campaign", campaign, "--engine", engine, "-o", tmp_path / "out.parquet")
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "error: " in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_output_appears_whole_or_not_at_all(
    contacts: pl.DataFrame, campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(contacts, tmp_path / "a.parquet")
    output = tmp_path / "decisions.csv"
    output.write_text("as before")

    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sendable.audience.engines.polars.PolarsFiles.count", fail)
    assert run(file, "--campaign", campaign, "-o", output, "--overwrite").exit_code == cli.INTERRUPTED
    assert output.read_text() == "as before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.parquet", "decisions.csv"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@example.com", "a…a@e…e.com"),
        ("a@b.se", "a…a@b…b.se"),
        ("åsa@räksmörgås.se", "å…a@r…s.se"),
        ("no address", "n…s"),
        ("x@localhost", "x…x@l…t"),
        ("", "…"),
        ("\x1b[31m@x.y", "�…m@x…x.y"),
    ],
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


@given(st.text())
def test_nothing_of_the_middle_is_shown(text: str) -> None:
    ending = masked(text).rpartition(".")[2]
    assert len(masked(text)) <= 9 + len(ending)


ORDER = ["a", "b", "c"]


def test_what_a_summary_has_is_in_its_schema() -> None:
    Draft202012Validator.check_schema(SUMMARIES.schema)
    SUMMARIES.validate(summarize([], ORDER).to_dict())
    looked = replace(summarize([], ORDER), repeated=Repeated(1, 2, 1, {"contact.mailbox": 1}, 0, 0))
    SUMMARIES.validate(looked.to_dict())
    assert not SUMMARIES.is_valid({**looked.to_dict(), "more": 1})


@st.composite
def groups(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 8))):
        group: dict[str, Any] = {"sendable": None, "reason": None, "reasons": [], "certainty": None, "missing": [],
                                 "invalid": [], "contacts": draw(st.integers(1, 1000))}  # fmt: skip
        match draw(st.sampled_from(["sendable", "suppressed", "undetermined", "invalid"])):
            case "sendable":
                group["sendable"] = True
            case "invalid":
                group["invalid"] = ["x"]
            case "sendable":
                group["monitored"] = draw(st.permutations(ORDER))[: draw(st.integers(0, 2))]
            case kind:
                reasons = draw(st.permutations(ORDER))[: draw(st.integers(1, 3))]
                certain = "matched" if kind == "suppressed" else "undetermined"
                missing = [] if kind == "suppressed" else draw(st.sampled_from([["x"], ["x", "y"]]))
                group |= {"sendable": False, "reasons": reasons, "reason": reasons[0], "certainty": certain,
                          "missing": missing}  # fmt: skip
        found.append(group)
    return found


WATCHING = {
    "policy.yaml": "name: watching\nlocales: [en, sv]\ndefault_locale: en\n",
    "reasons/all.yaml": "reasons:"
    + "".join(
        f"""
  {name}:
    title: {{en: {name} title, sv: {name}-titel}}
    priority: {priority}
    channels: [{channels}]
    basis: reputation
    mode: {mode}
    when: {when}
    on_unknown: suppress
    retry: later
    fixable_by: contact
    message: {{en: Held., sv: Stopp.}}
    fix: {{en: Wait., sv: Vänta.}}
"""
        for name, priority, mode, channels, when in (
            ("watched", 10, "monitor", "marketing", "contact.hard_bounces > 1"),
            ("stopped", 20, "enforce", "marketing", "contact.marked_as_spam"),
            ("watched_too", 30, "monitor", "marketing, one_to_one", "contact.spam_trap"),
            ("elsewhere", 40, "monitor", "one_to_one", "contact.spam_trap"),
        )
    ),
}
ROWS = [  # hard bounces, marked as spam, a spam trap; and what of it is only monitored
    (2, False, False, ["watched"]),
    (0, True, True, ["watched_too"]),
    (5, False, True, ["watched", "watched_too"]),
    (0, False, None, ["watched_too"]),
    (None, False, True, ["watched_too", "watched"]),  # what is certain first
    (0, False, False, []),
    (-1, False, True, None),
]


@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
def test_what_is_only_monitored_is_told(engine_name: str, tmp_path: Path) -> None:
    for name, text in WATCHING.items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_text(text, encoding="utf-8")
    file, campaign, report = tmp_path / "contacts.parquet", tmp_path / "campaign.yaml", tmp_path / "report.html"
    columns = ("hard_bounces", "marked_as_spam", "spam_trap")
    rows = [{"id": str(at), "email": "a@b.se", **dict(zip(columns, row, strict=False))} for at, row in enumerate(ROWS)]
    pl.DataFrame(rows).write_parquet(file)
    campaign.write_text("email: {channel: marketing}\n", encoding="utf-8")
    options = ("--campaign", campaign, "--engine", engine_name, "--duplicates", "allow")
    given = (file, "--policy", tmp_path / "pack", *options)
    counts = [
        {"reason": "watched", "contacts": 3, "sendable": 3},
        {"reason": "watched_too", "contacts": 4, "sendable": 3},
    ]
    assert json.loads(run(*given, "--format", "json").stdout)["monitored"] == counts
    for form in ("parquet", "csv", "jsonl"):
        output = tmp_path / f"decisions.{form}"
        page = ("--report", report) if form == "csv" else ()
        result = run(*given, "-o", output, "--locale", "sv", *page)
        assert result.exit_code == 0, result.stderr
        assert re.search(r"bevakas bara, efter skäl +kontakter +andel +varav får skickas", result.stdout)
        assert re.search(r"watched-titel \(watched\) +3 +42,9 % +3\n", result.stdout)
        cells = read(output).sort("id")["monitored"].to_list()
        found = [one or None for one in cells] if form == "csv" else cells
        wanted = [row[-1] for row in ROWS]
        assert found == ([";".join(one) if one else None for one in wanted] if form == "csv" else wanted)
    assert 'id="monitored"' in report.read_text(encoding="utf-8")
    assert "watched_too-titel" in report.read_text(encoding="utf-8")


@given(groups())
def test_every_contact_is_counted_once(found: list[dict[str, Any]]) -> None:
    summary: Summary = summarize(found, ORDER)
    assert summary.contacts == sum(group["contacts"] for group in found)
    assert summary.sendable + summary.suppressed + summary.undetermined + summary.invalid == summary.contacts
    assert sum(one.primary for one in summary.reasons) == summary.suppressed
    assert sum(summary.missing.values()) == summary.undetermined
    assert sum(summary.invalid_fields.values()) == summary.invalid
    for one in summary.reasons:
        assert one.alone <= one.primary <= one.any <= summary.contacts
    assert all(0 < one.sendable == one.contacts <= summary.sendable for one in summary.monitored)
    for (first, second), count in summary.overlaps.items():
        assert ORDER.index(first) < ORDER.index(second)
        assert 0 < count <= summary.contacts
    SUMMARIES.validate(json.loads(json.dumps(summary.to_dict())))


@pytest.mark.parametrize(
    ("engine", "lacking", "extra"),
    [
        ("polars", "narwhals", "audience"),
        ("polars", "polars", "audience"),
        ("duckdb", "narwhals", "duckdb"),
        ("duckdb", "duckdb", "duckdb"),
        ("spark", "narwhals", "spark"),
        ("spark", "pyspark", "spark"),
        ("spark", "py4j", "spark"),
    ],
)
@pytest.mark.parametrize("options", [[], ["-o", "decisions.csv"]])
def test_without_the_extra_the_error_says_what_to_install(
    engine: str, lacking: str, extra: str, options: list[str], campaign: Path, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("id,email\n1,kim@example.com\n")
    command = [str(file), "--campaign", str(campaign), "--engine", engine, *options]
    script = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        f"sys.argv = ['sendable', 'audience', *{command!r}]\n"
        "from sendable.cli import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"error: {lacking} is not installed\n  Run: pip install 'sendable[{extra}]'\n"
    assert done.stdout == ""
    assert sorted(one.name for one in tmp_path.iterdir()) == ["contacts.csv"]


def test_spark_without_java_says_what_to_install(campaign: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("id,email\n1,kim@example.com\n")
    options = ["--campaign", str(campaign), "--engine", "spark"]
    command = [sys.executable, "-m", "sendable", "audience", str(file), *options]
    environment = {**ENVIRONMENT, "JAVA_HOME": str(tmp_path / "none")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-2:] == [
        "error: Spark can't start Java",
        "  Install Java 17 or a later one, and name it in JAVA_HOME, or decide with polars.",
    ]
