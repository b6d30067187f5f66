"""Whole packs as operations people write them: brands and accounts, a third language, the tasks of a year.

They stand in tests/packs. Each is sound, in the one layout, and has tests that have seen all of it; what is done to a
pack in its life is done here to a copy.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.cli import sendable as program
from sendable.decide import reference
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.language.functions import in_rollout

PACKS = Path(__file__).parent.parent / "packs"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@cache
def policy(name: str) -> sendable.Policy:
    return sendable.load(PACKS / name)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(program, [str(one) for one in arguments])
    return result.exit_code, result.output


def codes(output: str) -> list[str]:
    return re.findall(r": (?:error|warning|hint) (SND\d+)", output)


def email(**more: Any) -> dict[str, Any]:
    """A newsletter that nothing keeps back, with values by path besides."""
    contact = {
        "email": "kim@example.org",
        "legal_basis": "consent",
        "double_opt_in_confirmed": True,
        "unsubscribed_types": [],
        "opted_out_brands": [],
    }
    no = ("marked_as_spam", "unsubscribed_all", "opted_out_of_platform", "spam_trap")
    contact |= dict.fromkeys((*no, "company_opted_out", "domain_blocked"), False)
    groups: dict[str, Any] = {
        "now": MONDAY,
        "email": {"channel": "marketing", "from_address": "news@example.com", "environment": "production"},
        "contact": contact,
        "account": {"status": "active", "tier": "enterprise"},
    }
    for path, value in more.items():
        group, _, name = path.partition("__")
        if name:
            groups[group][name] = value
        else:
            groups[group] = value
    return groups


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A copy of the pack with the tasks, and of what it stands on."""
    for name in ("retail", "tasks"):
        shutil.copytree(PACKS / name, tmp_path / name)
    change(tmp_path / "retail" / "policy.yaml", 'extends: "../../../policies"', "extends: bundled")
    return tmp_path / "tasks"


# -- each pack


@pytest.mark.parametrize(("name", "found"), [("brands", ["SND569"]), ("retail", []), ("tasks", [])])
def test_it_is_sound_and_in_the_layout_and_its_tests_have_seen_all_of_it(name: str, found: list[str]) -> None:
    code, output = run("lint", PACKS / name)
    assert (code, codes(output)) == (0, found)
    assert run("fmt", PACKS / name, "--check")[0] == 0
    code, output = run("test", PACKS / name, "--coverage", "--fail-under", "100")
    assert code == 0, output
    assert "coverage: 100 %" in output


def test_two_accounts_have_numbers_of_their_own_and_no_others() -> None:
    def sends(account: str | None, brand: str, now: datetime = MONDAY) -> int:
        """After how many emails somebody who never reacts is left out."""
        for count in range(1, 40):
            given = {"contact__ever_engaged": False, "contact__sends_since_engagement": count}
            known = {"account__suppress_unengaged": True, "account__id": account, "email__brand": brand, "now": now}
            if not policy("brands").decide(email(**given, **known)).sendable:
                return count
        return 0

    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert [sends(one, "x") for one in ("acme", "nordic", "Acme", None)] == [11, 8, 11, 11]
    assert [sends(one, "x", later) for one in ("acme", "nordic", None)] == [20, 8, 11]
    assert [sends(one, "ACME-Outlet") for one in ("acme", "nordic")] == [5, 8]


def test_german_is_told_by_the_command_and_to_a_reader_of_any_other_language() -> None:
    decision = policy("retail").decide(email(contact__unsubscribed_all=True))
    german = "kim@example.org hat sich von allen Ihren Werbe-E-Mails abgemeldet."
    assert [decision.message(tag) for tag in (None, "de-AT", "fr")] == [german] * 3
    assert decision.message("sv") == "Kontakten kim@example.org har avregistrerat sig från alla dina utskick."
    assert {tag for one in policy("retail").reasons for tag in one.message.texts} == {"de", "en", "sv"}


def told(tmp_path: Path, document: dict[str, Any]) -> str:
    """What `sendable explain` says of the pack with the tasks, on one line."""
    context = tmp_path / "context.json"
    context.write_text(json.dumps({**document, "now": document["now"].isoformat()}), encoding="utf-8")
    code, output = run("explain", context, "--policy", PACKS / "tasks", "--locale", "en")
    assert code == 0
    return " ".join(output.split())


def test_a_case_and_an_exception_are_explained(tmp_path: Path) -> None:
    given = {"account__id": "acme", "contact__emails_in_cap_window": 3, "contact__email": "info@example.org"}
    output = told(tmp_path, email(**given))
    assert "SUPPRESSED · Frequency cap (frequency_capped)" in output
    assert "params.cap is 3 where the account's id is “acme”." in output
    assert "an exception of deliverability until January 30, 2099 at 11:00 PM UTC: their customers answer" in output


def test_nobody_is_advised_to_move_to_another_time_zone(tmp_path: Path) -> None:
    output = told(tmp_path, email(now=MONDAY - timedelta(hours=2), contact__time_zone="Europe/Berlin"))
    assert "What would clear it: nothing that anybody is free to change" in output
    assert "Clears by itself: November 23, 2026 at 7:30 AM UTC" in output


# -- what is done to a pack in its life


def test_a_tenth_first_and_then_everyone(tasks: Path) -> None:
    accounts = [f"account-{number}" for number in range(200)]
    old = email(contact__last_opened_at="2025-01-01T00:00:00Z")

    def inside() -> set[str]:
        mine = sendable.load(tasks)
        return {one for one in accounts if not mine.decide({**old, "account": {**old["account"], "id": one}}).sendable}

    tenth = inside()
    assert tenth == {one for one in accounts if in_rollout("not_opened_for_a_year", one, 10, 0)}
    assert 5 < len(tenth) < 40
    change(tasks / "reasons" / "own.yaml", "share: 10 %", "share: 20 %")
    fifth = inside()
    assert tenth < fifth < set(accounts)
    change(tasks / "reasons" / "own.yaml", "share: 20 %", "share: 100 %")
    assert inside() == set(accounts)


def test_a_new_language_is_asked_for_text_by_text(tasks: Path) -> None:
    change(tasks.parent / "retail" / "changes" / "german.yaml", "      title: {de: Volles Postfach}\n", "")
    change(tasks / "reasons" / "own.yaml", "      de: Warten Sie bis dahin.\n", "")
    code, output = run("lint", tasks)
    assert (code, sorted(codes(output))) == (1, ["SND569", "SND601", "SND601"])
    assert "de, en, sv: give it by a change of `title` of `mailbox_full`\n" in output
    assert "de, en, sv\n" in output


def test_fifty_thousand_addresses_and_five_thousand_domains_from_csv(tasks: Path) -> None:
    data = tasks / "lists" / "data"
    with (data / "blocked.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Name", "Email", "Since"])
        rows.writerows([f"Berg, Kim {n}", f"Blocked-{n}@Example.com", "2026-01-01"] for n in range(50_000))
    (data / "domains.csv").write_text("Domain;Owner\n" + "".join(f"domain-{n}.example;Sales\n" for n in range(5_000)))
    mine = sendable.load(tasks)
    assert [len(mine.pack.lists[one].entries) for one in ("blocked_addresses", "blocked_domains")] == [50_000, 5_000]
    given = [f"blocked-{n}@example.com" for n in (49_999, 50_000)]
    given += ["kim@mail.domain-4999.example", "kim@domain-5000.example"]
    frame = pl.DataFrame({"contact.id": ["0", "1", "2", "3"], "contact.email": given})
    first = email()
    columns = {f"contact.{name}": value for name, value in first["contact"].items() if name != "email"}
    frame = frame.with_columns(*(pl.lit(value).alias(name) for name, value in columns.items() if value != []))
    frame = frame.with_columns(pl.lit("").str.split(",").list.head(0).alias("contact.unsubscribed_types"))
    campaign = {"email": first["email"], "account": first["account"]}
    for whole in (frame, duckdb.from_arrow(frame.to_arrow())):
        found = mine.decide_frame(whole, campaign=campaign, now=MONDAY)
        table = found if isinstance(found, pl.DataFrame) else found.pl()
        assert table.sort("contact.id")["sendable"].to_list() == [False, True, False, True]
    assert [mine.decide(email(contact__email=one)).sendable for one in given] == [False, True, False, True]
    with (data / "blocked.csv").open("a", encoding="utf-8") as file:
        file.write("Lee,lee at example.com,2026-01-01\nLee,,2026-01-01\n")
    code, output = run("lint", tasks)
    assert code == 1
    assert {"SND586", "SND590"} <= set(codes(output))
    assert "blocked.csv:50002" in output


def test_an_address_that_is_twice_in_one_send_is_told(tmp_path: Path) -> None:
    names = [name for name, value in email()["contact"].items() if value is False]
    head = ["id", "email", "legal_basis", "double_opt_in_confirmed", "unsubscribed_types", *names]
    known = ["consent", "true", "", *["false"] * len(names)]
    audience, campaign = tmp_path / "audience.csv", tmp_path / "campaign.yaml"
    rows = [head, ["1", "kim@example.org", *known], ["2", "Kim@Example.org", *known], ["3", "lee@example.org", *known]]
    audience.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    campaign.write_text(
        "email:\n  channel: marketing\n  from_address: news@example.com\n  environment: production\n"
        "  subscription_type: news\naccount: {status: active}\nnow: '2026-11-23T09:00:00+01:00'\n"
    )
    arguments = ("audience", audience, "--policy", PACKS / "tasks", "--campaign", campaign, "--format", "json")
    code, output = run(*arguments)
    assert code == 1, output
    assert run(*arguments, "--duplicates", "allow")[0] == 0


def test_what_is_renamed_or_deleted_is_missed_where_it_is_named(tasks: Path) -> None:
    own = tasks / "reasons" / "own.yaml"
    change(own, "  too_early:\n", "  not_before:\n")
    code, output = run("lint", tasks)
    assert (code, codes(output)) == (1, ["SND569", "SND709"])
    assert "the pack has no reason `too_early`" in output
    change(tasks / "tests" / "tasks.yaml", "reason: too_early", "reason: not_before")
    assert run("test", tasks)[0] == run("lint", tasks)[0] == 0
    text = own.read_text(encoding="utf-8")
    own.write_text(re.sub(r"(?ms)^  soft_bounced:\n.*?(?=^  \w)", "", text), encoding="utf-8")
    assert set(codes(run("lint", tasks)[1])) == {"SND521", "SND523", "SND569", "SND709"}


@pytest.mark.parametrize(
    ("left", "named", "other"),
    [("globally", "previously", "globally"), ("previously", "globally", "previously")],
)
def test_reasons_that_change_places_need_numbers_of_their_own(left: str, named: str, other: str, tasks: Path) -> None:
    numbers = {"globally": 410, "previously": 420}
    change(tasks / "changes" / "base.yaml", f"    {left}_bounced: {{priority: {numbers[left]}}}\n", "")
    code, output = run("lint", tasks)
    assert code == 1
    assert f"`{named}_bounced` has priority {numbers[named]}, and so has `{other}_bounced`" in output
    assert re.search(r"^.*tasks/changes/base\.yaml:\d+:\d+: error SND502", output, re.MULTILINE)  # and not in the base


# -- all ways of deciding, where something begins or ends


MOMENTS = {
    "the window opens in Berlin": datetime(2026, 11, 23, 7, 30, tzinfo=UTC),
    "the window closes in Berlin": datetime(2026, 11, 23, 20, tzinfo=UTC),
    "the window opens in India": datetime(2026, 11, 23, 3, tzinfo=UTC),
    "the window opens in the night of the change": datetime(2027, 3, 28, 6, 30, tzinfo=UTC),
    "the exception ends": datetime(2099, 1, 30, 23, tzinfo=UTC),
}
TABLE: dict[str, list[Any]] = {
    "account.id": ["acme", "nordic", "trial-1", "account-13", None],
    "account.time_zone": ["Europe/Berlin", "Asia/Kolkata", None],
    "contact.time_zone": ["Europe/Berlin", "Asia/Kolkata", "Europe/Nowhere", None],
    "contact.email": ["kim@example.org", "info@example.org", "blocked-1@example.com"],
    "contact.emails_in_cap_window": [0, 1, 3, 5, None],
    "contact.last_opened_at": [datetime(2025, 1, 1, tzinfo=UTC), None],
}


@cache
def of_times() -> sendable.Policy:
    """Of the pack with the tasks what hangs on cases, an exception, a rollout and local time."""
    pack = policy("tasks").pack
    ids = ("role_or_misspelled_address", "frequency_capped", "outside_send_window", "not_opened_for_a_year")
    return sendable.Policy(replace(pack, reasons=tuple(one for one in pack.reasons if one.id in ids)))


row = st.fixed_dictionaries({path: st.sampled_from(values) for path, values in TABLE.items()})


@settings(max_examples=8, deadline=None)
@given(
    st.lists(row, min_size=1, max_size=12),
    st.sampled_from(sorted(MOMENTS.values())),
    st.sampled_from([-INSTANT, timedelta(), INSTANT]),
)
def test_all_ways_of_deciding_agree_where_something_begins_or_ends(
    rows: list[dict[str, Any]], moment: datetime, beside: timedelta
) -> None:
    mine, now = of_times(), moment + beside
    program, reader = InterpretedProgram(mine.pack), FactReader.of(mine.pack.fields.values())
    expected = []
    for one in rows:
        document = email(now=now, **{path.replace(".", "__"): value for path, value in one.items()})
        decision = mine.decide(document)
        assert decision.to_dict() == reference.decide(mine.pack, program, reader.read(document)).to_dict()
        assert decision.to_dict() == mine.decide(document, validate=False).to_dict()
        lifted = [found.id for found in decision.excepted]
        expected.append((decision.sendable, [one.id for one in decision.monitored], lifted, decision.clears_at))
    frame = pl.DataFrame(
        {
            "contact.id": [str(number) for number in range(len(rows))],
            **{path: pl.Series([one[path] for one in rows]) for path in TABLE},
        },
        schema_overrides=dict.fromkeys(("account.id", "account.time_zone", "contact.time_zone"), pl.String)
        | {"contact.emails_in_cap_window": pl.Int64, "contact.last_opened_at": pl.Datetime("us", "UTC")},
    )
    campaign = {"email": email()["email"], "account": email()["account"]}
    for whole in (frame, duckdb.from_arrow(frame.to_arrow())):
        found = mine.decide_frame(whole, campaign=campaign, now=now)
        table = found if isinstance(found, pl.DataFrame) else found.pl()
        table = table.sort(pl.col("contact.id").cast(pl.Int64))
        assert list(table.select("sendable", "monitored", "excepted", "clears_at").iter_rows()) == expected
