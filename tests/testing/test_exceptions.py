"""Tests of packs with exceptions: what they can expect, have to see, and which changes they have to notice."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from sendable.testing.coverage import Subject, measure
from sendable.testing.mutants import Change, mutants
from sendable.testing.mutation import mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites

MANIFEST = """
name: excepting
locales: [en]
default_locale: en
exceptions:
  acme:
    reasons: [bounced, trap]
    when: account.id == "acme"
    from: "2027-01-01T00:00:00Z"
    until: "2027-02-01T00:00:00Z"
    owner: deliverability
    why: their list is cleaned
"""
REASON = """
  {id}:
    title: {{en: {id}}}
    priority: {priority}
    channels: [marketing]
    basis: reputation
    when: {when}
    on_unknown: ignore
    retry: never
    fixable_by: nobody
    message: {{en: Held.}}
    fix: {{en: Wait.}}
"""
REASONS = (
    "reasons:"
    + REASON.format(id="bounced", priority=1, when="contact.hard_bounces > 2")
    + REASON.format(id="trap", priority=2, when="contact.spam_trap")
)
CASES = """
fixtures:
  acme:
    email.channel: marketing
    contact.email: kim@example.com
    contact.hard_bounces: 3
    contact.spam_trap: true
    account.id: acme
cases:
"""
CASE = '  - {{name: "{name}", given: acme, patch: {{now: "{now}"{more}}}, expect: {{{expect}}}}}\n'
BOUNDS = (
    ("lifted", "2027-01-01T00:00:00Z", "sendable: true, excepted: [bounced, trap]"),
    ("not yet", "2026-12-31T23:59:59Z", "reasons: [bounced, trap], excepted: []"),
    ("the last second", "2027-01-31T23:59:59Z", "sendable: true"),
    ("lapsed", "2027-02-01T00:00:00Z", "reasons: [bounced, trap]"),
)


def written(tmp_path: Path, *cases: str) -> Path:
    files = {"policy.yaml": MANIFEST, "reasons/all.yaml": REASONS, "tests/all.yaml": CASES + "".join(cases)}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def case(name: str, now: str, expect: str, more: str = "") -> str:
    return CASE.format(name=name, now=now, more=more, expect=expect)


ALL = (
    *(case(*one) for one in BOUNDS),
    case("others", "2027-01-15T00:00:00Z", "reason: bounced", ", account.id: other"),
    case("unknown", "2027-01-15T00:00:00Z", "reason: bounced", ", account.id: null"),
)


def test_a_case_can_expect_what_is_lifted(tmp_path: Path) -> None:
    root = written(tmp_path, *ALL)
    policy = sendable.load(root)
    suites, found = load_suites(root / "tests", policy.pack)
    assert found == ()
    assert run_suites(policy, suites).passed
    assert [one.case.name for one in run_suites(policy, suites, only="trap").results] == ["lifted", "not yet", "lapsed"]


def test_a_case_that_expects_otherwise_fails_and_says_what_came(tmp_path: Path) -> None:
    wrong = case("wrong", "2027-01-15T00:00:00Z", "excepted: [bounced], of: {trap: {certainty: undetermined}}")
    root = written(tmp_path, wrong)
    told = CliRunner().invoke(program, ["test", "--policy", str(root)])
    assert told.exit_code == 1
    assert "excepted" in told.stdout
    assert "[bounced, trap]" in told.stdout
    assert "of.trap.certainty" in told.stdout


def test_a_case_names_reasons_of_the_pack(tmp_path: Path) -> None:
    root = written(tmp_path, case("slip", "2027-01-15T00:00:00Z", "excepted: [bounce]"))
    _, found = load_suites(root / "tests", sendable.load(root).pack)
    assert [(one.code, one.suggestion) for one in found] == [("SND709", "bounced")]


def test_each_exception_has_to_be_seen_to_lift_something(tmp_path: Path) -> None:
    for cases, seen in ((ALL, True), (ALL[1:2], False)):
        root = written(tmp_path, *cases)
        policy = sendable.load(root)
        suites, _ = load_suites(root / "tests", policy.pack)
        coverage = measure(policy.pack, run_suites(policy, suites))
        [outcome] = [one for one in coverage.outcomes if one.subject is Subject.EXCEPTION]
        assert (outcome.reason, outcome.seen, outcome.possible) == ("exceptions.acme", seen, True)
        told = CliRunner().invoke(program, ["test", "--policy", str(root), "--coverage"]).stdout
        assert ("exceptions.acme: never seen\n  as an exception that lifts something" in told) is not seen


def test_every_change_of_an_exception_is_noticed_or_a_case_is_written_that_would(tmp_path: Path) -> None:
    """Takes nine seconds: a case is looked for each change, among combinations of exceptions and cases."""
    root = written(tmp_path, *ALL)
    pack = sendable.load(root).pack
    texts = [one.text for one in mutants(pack) if one.change is Change.EXCEPTION]
    assert texts == [
        "the exception `acme` is left out",
        "`bounced` is left out of the exception `acme`",
        "`trap` is left out of the exception `acme`",
        "`from: 2027-01-01T00:00:00Z` becomes `from: 2027-01-01T00:00:01Z` in the exception `acme`",
        "`from: 2027-01-01T00:00:00Z` becomes `from: 2026-12-31T23:59:59Z` in the exception `acme`",
        "`until: 2027-02-01T00:00:00Z` becomes `until: 2027-02-01T00:00:01Z` in the exception `acme`",
        "`until: 2027-02-01T00:00:00Z` becomes `until: 2027-01-31T23:59:59Z` in the exception `acme`",
        '`== "acme"` becomes `!= "acme"` in the exception `acme`',
    ]
    suites, _ = load_suites(root / "tests", pack)
    found = mutate(pack, suites)
    assert found.kinds[Change.EXCEPTION] == (8, 8)
    # Without them, a case is written for each that is not noticed: with these, all are.
    few = written(tmp_path, ALL[4])
    suites, _ = load_suites(few / "tests", pack)
    unnoticed = [one for one in mutate(pack, suites).survived if one.mutant.change is Change.EXCEPTION]
    assert unnoticed
    assert all(one.case is not None for one in unnoticed)
    again = written(tmp_path, ALL[4], *(one.case or "" for one in unnoticed))
    suites, problems = load_suites(again / "tests", pack)
    assert problems == ()
    noticed, of = mutate(pack, suites).kinds[Change.EXCEPTION]
    assert noticed == of


def test_a_change_that_can_make_no_difference_is_none_to_notice(tmp_path: Path) -> None:
    expect = {"lifted": "reasons: [trap], excepted: [bounced]", "the last second": "reasons: [trap]"}
    root = written(tmp_path, *(case(name, now, expect.get(name, wanted)) for name, now, wanted in BOUNDS))
    text = MANIFEST.replace('account.id == "acme"', "contact.hard_bounces > 1")
    text = text.replace("[bounced, trap]", "[bounced]")
    (root / "policy.yaml").write_text(text, encoding="utf-8")
    pack = sendable.load(root).pack
    suites, _ = load_suites(root / "tests", pack)
    same = [one.text for one in mutate(pack, suites).equivalent if one.change is Change.EXCEPTION]
    assert "`> 1` becomes `> 2` in the exception `acme`" in same
    assert "`> 1` becomes `>= 1` in the exception `acme`" in same


def test_what_only_an_exception_reads_is_changed_too(tmp_path: Path) -> None:
    """Takes eight seconds, for the same reason."""
    root = written(tmp_path, *ALL)
    text = MANIFEST.replace('account.id == "acme"', "account.id in lists.ours and contact.hard_bounces < params.most")
    declared = "parameters: {most: {description: The most., type: integer, value: 9}}\n"
    (root / "policy.yaml").write_text(text + declared, encoding="utf-8")
    (root / "lists").mkdir()
    (root / "lists" / "a.yaml").write_text("lists: {ours: {description: Ours., entries: [acme, more]}}\n", "utf-8")
    pack = sendable.load(root).pack
    suites, _ = load_suites(root / "tests", pack)
    found = mutate(pack, suites)
    survived = {one.mutant.text: one.case for one in found.survived}
    for kind in ("the parameter `most` is 10 instead of 9", "`more` is left out of the list `ours`"):
        assert survived[kind] is not None
    assert "`acme` is left out of the list `ours`" in {one.mutant.text for one in found.killed}
