"""Cases of parameters: which value holds, for whom and when, wherever it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import sendable
from sendable.decide import reference
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.language.timestamps import write_timestamp
from sendable.lints.run import lint_pack
from sendable.pack.layout import formatted
from tests.support.packs import NOW, pack

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
END = datetime(2027, 2, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
MANIFEST = """\
parameters:
  most:
    description: How many are too many.
    type: integer
    value: 11
    minimum: 1
    cases:
      - when: account.id == "acme"
        value: 20
        from: "2027-01-01T01:00:00+01:00"
        until: "2027-02-01T00:00:00Z"
        owner: deliverability
        why: they are moving their lists
      - when: account.tier != "free" and account.id in lists.trial
        value: 5
      - when: account.monthly_sent > 1000
        value: 5
  strict:
    description: Whether it counts.
    type: boolean
    value: true
    cases:
      - when: email.from_address == "kim@example.com"
        value: false
"""
LISTS = "lists:\n  trial:\n    description: On trial.\n    entries: [acme, apex]\n"
REASON = {
    "when": "contact.sends_since_engagement >= params.most and params.strict",
    "message": "More than {params.most}.",
    "on_unknown": "suppress",
}


def policy(tmp_path: Path, manifest: str = MANIFEST, **reason: str) -> sendable.Policy:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "trial.yaml").write_text(LISTS, encoding="utf-8")
    return pack(tmp_path, {**REASON, **reason}, manifest=manifest)


def context(
    sends: int | None, account: dict[str, Any] | None = None, now: datetime = NOW, **email: str
) -> dict[str, Any]:
    contact = {"email": "kim@example.com", "sends_since_engagement": sends}
    return {"now": now, "email": {"channel": "marketing", **email}, "contact": contact, "account": account or {}}


@pytest.mark.parametrize(
    ("account", "now", "most"),
    [
        ({"id": "acme"}, BEGIN - INSTANT, 11),
        ({"id": "acme"}, BEGIN, 20),
        ({"id": "acme"}, END - INSTANT, 20),
        ({"id": "acme"}, END, 11),  # whether it is on trial is not known: the tier is not
        ({"id": "acme", "tier": "starter"}, BEGIN, 20),
        ({"id": "acme", "tier": "starter"}, END, 5),
        ({"id": "Apex", "tier": "free"}, NOW, 11),
        ({"id": "Apex", "tier": "enterprise"}, NOW, 5),
        ({"tier": "starter"}, BEGIN, 11),
        ({"tier": "starter", "monthly_sent": 1001}, BEGIN, 5),  # the first is unknown, and the last one holds
        ({}, BEGIN, 11),
        (None, BEGIN, 11),
    ],
)
def test_the_first_case_that_definitely_holds_gives_the_value(
    tmp_path: Path, account: dict[str, Any] | None, now: datetime, most: int
) -> None:
    mine = policy(tmp_path)
    assert mine.decide(context(most - 1, account, now)).sendable
    decision = mine.decide(context(most, account, now))
    assert decision.message() == f"More than {most}."
    unknown = mine.decide(context(None, account, now))
    assert unknown.reason is not None
    assert unknown.reason.missing == ("contact.sends_since_engagement",)  # and never what a case reads


def test_a_switch_has_cases_too(tmp_path: Path) -> None:
    mine = policy(tmp_path)
    assert not mine.decide(context(30)).sendable
    assert not mine.decide(context(30, from_address="other@example.com")).sendable
    assert mine.decide(context(30, from_address="kim@example.com")).sendable


def test_every_way_of_deciding_agrees_where_a_case_begins_and_ends(tmp_path: Path) -> None:
    mine = policy(tmp_path)
    program, reader = InterpretedProgram(mine.pack), FactReader.of(mine.pack.fields.values())
    accounts: list[dict[str, Any]] = [
        {"id": one, "tier": tier, "monthly_sent": sent}
        for one in ("acme", "apex", None)
        for tier in ("free", "starter", None)
        for sent in (2000, None)
    ]
    rows = [(account, sends) for account in accounts for sends in (4, 5, 11, 19, 20, None)]
    frame = pl.DataFrame(
        {
            "contact.id": [str(number) for number in range(len(rows))],
            "contact.email": ["kim@example.com"] * len(rows),
            "contact.sends_since_engagement": [sends for _, sends in rows],
            **{f"account.{key}": [account[key] for account, _ in rows] for key in accounts[0]},
        }
    )
    for now in (BEGIN - INSTANT, BEGIN, END - INSTANT, END):
        expected = []
        for account, sends in rows:
            document = context(sends, account, now)
            decision = mine.decide(document)
            by_reference = reference.decide(mine.pack, program, reader.read(document))
            assert decision.to_dict() == by_reference.to_dict()
            expected.append((decision.sendable, decision.message("en"), decision.clears_at))
        for whole in (frame, duckdb.from_arrow(frame.to_arrow())):
            found = mine.decide_frame(whole, campaign={"email": {"channel": "marketing"}}, now=now, locale="en")
            table = pl.DataFrame(found) if isinstance(found, pl.DataFrame) else found.pl()
            table = table.sort(pl.col("contact.id").cast(pl.Int64))
            told = list(table.select("sendable", "message", "clears_at").iter_rows())
            assert [(sent, text or None, at) for sent, text, at in told] == expected


def test_what_is_the_same_for_a_campaign_is_settled_before_any_row(tmp_path: Path) -> None:
    mine = policy(tmp_path)
    campaign = {"email": {"channel": "marketing"}, "account": {"id": "acme"}}
    frame = pl.DataFrame(
        {"contact.email": ["a@example.com", "b@example.com"], "contact.sends_since_engagement": [19, 20]}
    )
    found = mine.decide_frame(frame, campaign=campaign, keys="contact.email", now=BEGIN)
    assert found["sendable"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("sends", "account", "now", "clears_at"),
    [
        (15, {"id": "acme", "tier": "free"}, BEGIN - INSTANT, BEGIN),
        (15, {"id": "acme", "tier": "free"}, datetime(2026, 1, 1, tzinfo=UTC), BEGIN),
        (15, {"id": "acme", "tier": "free"}, END, None),
        (20, {"id": "acme", "tier": "free"}, BEGIN - INSTANT, None),
        (7, {"id": "acme", "tier": "starter"}, BEGIN - timedelta(days=3), BEGIN),
        (15, {"id": "other", "tier": "free"}, BEGIN - INSTANT, None),
    ],
)
def test_clears_at_counts_where_a_case_begins(
    tmp_path: Path, sends: int, account: dict[str, Any], now: datetime, clears_at: datetime | None
) -> None:
    mine = policy(tmp_path)
    decision = mine.decide(context(sends, account, now))
    assert not decision.sendable
    assert decision.clears_at == clears_at
    if clears_at is not None:
        assert not mine.decide(context(sends, account, clears_at - INSTANT)).sendable
        assert mine.decide(context(sends, account, clears_at)).sendable


def test_clears_at_counts_where_a_case_ends_and_time_goes_on_besides(tmp_path: Path) -> None:
    """Until the end it is two days, and from then on one hour: whichever comes first to be true."""
    manifest = """\
parameters:
  hours:
    description: How long to wait.
    type: number
    value: 1
    cases:
      - when: account.id == "acme"
        value: 48
        until: "2027-02-01T00:00:00Z"
"""
    mine = policy(
        tmp_path, manifest, when="hours_since(contact.cap_recovers_at) < params.hours", message="{params.hours}"
    )

    def clears(since: datetime) -> datetime | None:
        document = context(1, {"id": "acme"}, since)
        document["contact"]["cap_recovers_at"] = write_timestamp(since)
        return mine.decide(document).clears_at

    assert clears(END - timedelta(days=5)) == END - timedelta(days=3)
    assert clears(END - timedelta(hours=6)) == END
    assert clears(END - timedelta(minutes=6)) == END + timedelta(minutes=54)
    assert clears(END) == END + timedelta(hours=1)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ('when: contact.id == "a"', "SND550"),
        ("when: known(delivery.attempts)", "SND550"),
        ('when: account.id == "a" and now < account.limit_resets_at', "SND551"),
        ("when: hours_since(account.limit_resets_at) > 3", "SND551"),
        ("when: account.monthly_sent > params.most", "SND552"),
        ("when: params.strict", "SND552"),
        ("when: account.monthly_sent", "SND404"),
        ("when: account.nothing == 3", "SND401"),
        ('when: account.tier == "gold"', "SND406"),
        ('when: account.id == "Acme "', "SND416"),
        ('when: account.id == "a"\n        value: 0', "SND511"),
        ('when: account.id == "a"\n        value: two', "SND511"),
        ('when: account.id == "a"\n        until: tomorrow', "SND418"),
        (
            'when: account.id == "a"\n        from: "2027-01-01T00:00:00Z"\n        until: "2027-01-01T00:00:00Z"',
            "SND540",
        ),
        ('when: account.id == "a"\n        description: x', "SND201"),
        ('when: account.id == "a"\n        owner: "me\\e[31m"', "SND610"),
        ('when: account.id == "a"\n        why: "because\\u202e"', "SND610"),
        ("owner: me", "SND202"),
    ],
)
def test_what_a_case_can_t_be_is_said_at_its_place(tmp_path: Path, case: str, code: str) -> None:
    value = "" if "value:" in case else "\n        value: 3"
    manifest = (
        MANIFEST.replace('- when: account.id == "acme"\n        value: 20', f"- {case}{value}")
        .replace('        from: "2027-01-01T01:00:00+01:00"\n        until: "2027-02-01T00:00:00Z"\n', "")
        .replace("        owner: deliverability\n        why: they are moving their lists\n", "")
    )
    with pytest.raises(sendable.PolicyError) as error:
        policy(tmp_path, manifest)
    assert [one.code for one in error.value.diagnostics if one.severity == "error"] == [code]
    [found] = [one for one in error.value.diagnostics if one.code == code]
    assert found.span.start.line >= MANIFEST[: MANIFEST.index("- when")].count("\n") + 4


def test_lint_weighs_cases_as_of_its_time(tmp_path: Path) -> None:
    policy(tmp_path)

    def codes(now: datetime) -> list[str]:
        return [one.code for one in lint_pack(tmp_path, now=now)[1] if one.span.file.endswith("policy.yaml")]

    assert codes(END - INSTANT) == []
    assert codes(END) == ["SND545"]


@pytest.mark.parametrize(
    ("cases", "codes"),
    [
        ('- {when: account.id == "a", value: 20}', ["SND553"]),
        (
            ("- when: account.tier in ['free', 'starter']\n|value: 2\n- when: account.tier == 'free'\n|value: 3"),
            ["SND554"],
        ),
        ("- when: account.tier == 'free'\n|value: 3\n- when: account.tier in ['free', 'starter']\n|value: 2", []),
        (
            (
                "- when: account.tier == 'free'\n|value: 3\n|until: '2099-01-01T00:00:00Z'\n"
                "- when: account.tier == 'free'\n|value: 2\n|until: '2098-01-01T00:00:00Z'"
            ),
            ["SND554"],
        ),
        (
            (
                "- when: account.tier == 'free'\n|value: 3\n|until: '2098-01-01T00:00:00Z'\n"
                "- when: account.tier == 'free'\n|value: 2\n|until: '2099-01-01T00:00:00Z'"
            ),
            [],
        ),
        (
            (
                "- when: account.tier == 'free'\n|value: 3\n- when: account.tier != 'free'\n|value: 2\n"
                "- when: known(account.tier)\n|value: 4"
            ),
            ["SND554"],
        ),
        ("- when: account.id == 'a'\n|value: 11", ["SND555"]),
        ("- when: account.id == 'a'\n|value: 3\n- when: account.id in ['a', 'b']\n|value: 3", ["SND555"]),
        ("- when: account.id == 'a'\n|value: 11\n- when: account.id in ['a', 'b']\n|value: 3", []),
        ("- when: account.monthly_sent < 0\n|value: 3", ["SND556"]),
        ("- when: account.id == 'a' and account.id == 'b'\n|value: 3", ["SND556"]),
        ("- when: account.id in lists.trial\n|value: 3\n- when: account.id == 'acme'\n|value: 4", []),  # today's list
    ],
)
def test_cases_that_are_hardly_meant(tmp_path: Path, cases: str, codes: list[str]) -> None:
    indented = "".join(f"      {line}\n" for line in cases.replace("|", "  ").splitlines())
    manifest = MANIFEST[: MANIFEST.index("      - when")] + indented + MANIFEST[MANIFEST.index("  strict:") :]
    mine = policy(tmp_path, manifest)
    assert mine is not None
    found = [one.code for one in lint_pack(tmp_path, now=NOW)[1]]
    assert [one for one in found if one not in ("SND522", "SND520")] == codes


def test_a_list_that_only_a_case_reads_is_used(tmp_path: Path) -> None:
    policy(tmp_path)
    assert [one.code for one in lint_pack(tmp_path, now=NOW)[1]] == []


def test_braces_are_taken_from_cases_and_nothing_else() -> None:
    before = (
        "parameters:\n  most: {description: x, type: integer, value: 11, "
        'cases: [{when: \'account.id in ["a", "b"]\', value: 20}]}  # why\n'
    )
    collector = Collector()
    text = formatted(Source("policy.yaml", before), collector)
    assert text is not None
    assert '      - when: account.id in ["a", "b"]\n        value: 20\n' in text
    assert formatted(Source("policy.yaml", text), collector) == text
    fixtures = "fixtures:\n  plain: {account: {when: x}}\n"
    assert formatted(Source("tests/a.yaml", fixtures), collector) == fixtures
