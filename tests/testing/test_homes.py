"""Tests of a pack that stands on another: theirs are run too, with what the pack has in the place of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from sendable.testing.mutation import mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites

GROUP = {
    "group/policy.yaml": """
name: group
locales: [en, sv]
default_locale: en
parameters:
  most: {description: The most., type: integer, value: 11, minimum: 1}
""",
    "group/reasons/all.yaml": """
reasons:
  unengaged:
    title: {en: No reaction, sv: Ingen reaktion}
    priority: 20
    channels: [marketing]
    basis: reputation
    when: contact.sends_since_engagement >= params.most
    on_unknown: suppress
    retry: never
    fixable_by: contact
    message: {en: The contact does not react., sv: Kontakten reagerar inte.}
    fix: {en: Ask in another way., sv: Fråga på ett annat sätt.}
""",
    "group/tests/fixtures.yaml": """
now: "2026-11-23T09:00:00+01:00"
fixtures:
  anybody: {email.channel: marketing, contact.email: kim@example.org, contact.sends_since_engagement: 0}
  silent: {extends: anybody, contact.sends_since_engagement: 15}
""",
    "group/tests/cases.yaml": """
cases:
  - {name: somebody who reacts, given: anybody, expect: {sendable: true}}
  - name: somebody who does not
    given: silent
    expect: {reason: unengaged, text: {sv: Kontakten reagerar inte.}}
""",
    "policy.yaml": "name: acme\nextends: group\n",
}


def made(root: Path, **files: str) -> Path:
    """The pack over another one, with further files: `tests__own` is tests/own.yaml."""
    texts = GROUP | {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def results(root: Path) -> dict[str, bool]:
    """Which cases passed, by name."""
    policy = sendable.load(root)
    suites, found = load_suites(root / "tests", policy.pack, root)
    assert found == ()
    return {one.case.name: one.passed for one in run_suites(policy, suites).results}


def test_the_tests_of_the_base_are_run_though_the_pack_has_none(tmp_path: Path) -> None:
    assert results(made(tmp_path)) == {"somebody who reacts": True, "somebody who does not": True}


CHANGED = "name: acme\nextends: group\nchanges: {parameters: {most: {value: 20}}}\n"
NEVER = """
cases:
  - {name: never, given: silent, patch: {contact.sends_since_engagement: 20}, expect: {reason: unengaged}}
"""
OWN = """
cases:
  - {name: somebody who does not, given: silent, expect: {sendable: true}}
  - {name: never, given: silent, patch: {contact.sends_since_engagement: 20}, expect: {reason: unengaged}}
"""


def test_a_case_that_a_change_makes_false_is_overridden_by_its_name(tmp_path: Path) -> None:
    assert results(made(tmp_path / "a", policy=CHANGED)) == {
        "somebody who reacts": True,
        "somebody who does not": False,
    }
    found = results(made(tmp_path / "b", policy=CHANGED, tests__own=OWN))
    assert found == {"somebody who reacts": True, "somebody who does not": True, "never": True}


REASON = """
reasons:
  staging:
    title: {en: Staging, sv: Testmiljö}
    priority: 10
    channels: [marketing]
    basis: operation
    when: account.tier == "free"
    on_unknown: suppress
    retry: never
    fixable_by: nobody
    message: {en: Not in production., sv: Inte i produktion.}
    fix: {en: Nobody can., sv: Ingen kan.}
"""


def test_a_fixture_of_the_pack_stands_in_the_place_of_the_base_s_in_its_tests_too(tmp_path: Path) -> None:
    without = results(made(tmp_path / "a", reasons__own=REASON))
    assert without == {"somebody who reacts": False, "somebody who does not": True}
    shared = "fixtures:\n  anybody: {extends: anybody, account.tier: starter}\n"
    found = results(made(tmp_path / "b", reasons__own=REASON, tests__fixtures=shared, tests__own=NEVER))
    assert found["somebody who reacts"]
    assert found["somebody who does not"]


def test_a_language_that_the_pack_leaves_out_is_not_asked_for(tmp_path: Path) -> None:
    found = results(made(tmp_path, policy="name: acme\nextends: group\nlocales: [en]\n"))
    assert found == {"somebody who reacts": True, "somebody who does not": True}


@pytest.mark.parametrize(("tests", "count"), [("", "3 cases: 3 passed"), ("tests/own.yaml", "1 case: 1 passed")])
def test_the_command_runs_what_it_is_asked_for(tests: str, count: str, tmp_path: Path) -> None:
    own = "cases:\n  - {name: own, given: anybody, expect: {sendable: true}}\n"
    root = made(tmp_path, tests__own=own)
    named = [str(root / tests), "--policy", str(root)] if tests else ["--policy", str(root)]
    result = CliRunner().invoke(program, ["test", *named])
    assert count in result.stdout


@pytest.mark.parametrize(
    "tests", [{}, {"tests__mine": "cases:\n  - {name: own, given: silent, expect: {sendable: false}}\n"}]
)
def test_a_case_that_would_notice_goes_into_the_pack_s_own_tests(tests: dict[str, str], tmp_path: Path) -> None:
    root = made(tmp_path, **tests)
    policy = sendable.load(root)
    suites, _ = load_suites(root / "tests", policy.pack, root)
    found = mutate(policy.pack, suites).survived
    assert {one.file for one in found if one.case is not None} == {
        str(root / f"tests/{'mine' if tests else 'own'}.yaml")
    }
    assert any("given: anybody" in (one.case or "") for one in found)  # a fixture of the base can be used there
