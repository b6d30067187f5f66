"""Explanations of exceptions: what they lift, why they do not, and that nobody is told to match one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import sendable
from sendable.cli import sendable as program
from sendable.explain.exceptions import Standing
from sendable.pack.resources import schema_path
from sendable.render.reports.explanations import explanation_to_dict

PACK = {
    "policy.yaml": """
name: excepting
locales: [en, sv]
default_locale: en
exceptions:
  acme:
    reasons: [bounced]
    when: account.id == "acme" and contact.hard_bounces < 9
    from: "2027-01-01T00:00:00Z"
    until: "2027-02-01T00:00:00Z"
    owner: "<b>post</b> {why}"
    why: their list is & cleaned
""",
    "reasons/all.yaml": """
reasons:
  bounced:
    title: {en: Bounced, sv: Studsade}
    priority: 10
    channels: [marketing]
    basis: reputation
    when: contact.hard_bounces > 1
    on_unknown: suppress
    retry: later
    fixable_by: user
    message: {en: Held., sv: Stopp.}
    fix: {en: Wait., sv: Vänta.}
  paused:
    title: {en: Paused, sv: Pausat}
    priority: 20
    channels: [marketing]
    basis: account
    when: account.status == "suspended"
    on_unknown: ignore
    retry: later
    fixable_by: user
    message: {en: Paused., sv: Pausat.}
    fix: {en: Go on., sv: Fortsätt.}
""",
}
LIFTED = "2027-01-15T00:00:00Z"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in PACK.items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_text(text, encoding="utf-8")
    return tmp_path / "pack"


def email(now: str = LIFTED, account: dict[str, Any] | None = None, bounces: int = 5) -> dict[str, Any]:
    return {
        "now": now,
        "email": {"channel": "marketing"},
        "contact": {"email": "kim@example.com", "hard_bounces": bounces},
        "account": {"id": "acme"} if account is None else account,
    }


def told(root: Path, tmp_path: Path, document: dict[str, Any], *options: str) -> str:
    (tmp_path / "context.json").write_text(json.dumps(document), encoding="utf-8")
    result = CliRunner().invoke(
        program, ["explain", str(tmp_path / "context.json"), "--policy", str(root), *options], terminal_width=200
    )
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("document", "standing", "lifts", "leaves"),
    [
        (email(), Standing.HOLDS, ("bounced",), ()),
        (email("2026-12-31T23:59:59Z"), Standing.TO_COME, (), ("bounced",)),
        (email("2027-02-01T00:00:00Z"), Standing.OVER, (), ("bounced",)),
        (email(account={}), Standing.UNKNOWN, (), ("bounced",)),
        (email(account={"id": "other"}), Standing.NOT_TRUE, (), ("bounced",)),
    ],
)
def test_an_exception_is_told_with_whether_it_holds(
    root: Path, document: dict[str, Any], standing: Standing, lifts: tuple[str, ...], leaves: tuple[str, ...]
) -> None:
    explanation = sendable.load(root).explain(document)
    [one] = explanation.exceptions
    assert (one.standing, one.lifts, one.leaves) == (standing, lifts, leaves)
    schema = json.loads(schema_path("explanation").read_text(encoding="utf-8"))
    # What is in a decision is another schema's.
    schema["properties"]["decision"] = {}
    for locale in ("en", "sv"):
        data = explanation_to_dict(explanation, locale)
        Draft202012Validator(schema).validate(data)
        assert data["exceptions"][0]["condition"]["text"] == 'account.id == "acme" and contact.hard_bounces < 9'


def test_nothing_is_told_of_one_that_names_no_reason_found(root: Path) -> None:
    assert sendable.load(root).explain(email(bounces=0)).exceptions == ()


def test_what_is_lifted_is_told_in_both_languages(root: Path, tmp_path: Path) -> None:
    text = told(root, tmp_path, email())
    assert "SENDABLE lifted by exceptions · Bounced (bounced)" in text
    until = "February 1, 2027 at 12:00 AM UTC"
    assert f"would be stopped; an exception of <b>post</b> {{why}} until {until}: their list is & cleaned" in text
    full = told(root, tmp_path, email(), "--full", "--locale", "sv")
    assert "skulle ha stoppats; undantag till 1 februari 2027 kl. 00:00 UTC, ansvarig <b>post</b> {why}: their" in full
    assert 'account.id == "acme" and contact.hard_bounces < 9 = true account.id == "acme" = true' in full


def test_why_it_does_not_hold_is_told_where_that_helps(root: Path, tmp_path: Path) -> None:
    lacking = "It is unknown whether the exception `acme` of <b>post</b> {why} holds, and so it lifts nothing; it needs"
    assert f"{lacking} account.id." in told(root, tmp_path, email(account={}))
    begins = "Undantaget `acme` (ansvarig <b>post</b> {why}) gäller inte än: det börjar gälla 1 januari 2027"
    assert begins in told(root, tmp_path, email("2026-12-01T00:00:00Z"), "--locale", "sv")
    for other in (email("2027-02-01T00:00:00Z"), email(account={"id": "other"})):
        assert "acme`" not in told(root, tmp_path, other)


def test_the_page_escapes_what_authors_write(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for document, said in (
        (email(), "an exception of &lt;b&gt;post&lt;/b&gt; {why} until"),
        (email(account={}), "It is unknown whether the exception `acme` of &lt;b&gt;post&lt;/b&gt; {why} holds"),
        (email("2026-12-01T00:00:00Z"), "does not hold yet: it begins January 1, 2027"),
    ):
        told(root, tmp_path, document, "--format", "html", "--output", str(page), "--overwrite")
        text = page.read_text(encoding="utf-8")
        assert said in text
        assert "<b>post" not in text


def test_nobody_is_told_to_match_an_exception(root: Path) -> None:
    explanation = sendable.load(root).explain(email(account={"id": "other"}))
    assert {tuple(one.changes) for one in explanation.remedies} == {("contact.hard_bounces",)}
    assert explanation.complete


def test_what_is_lifted_needs_no_remedy_as_long_as_it_stays_lifted(root: Path) -> None:
    policy = sendable.load(root)
    assert policy.explain(email()).remedies == ()
    suspended = email(account={"id": "acme", "status": "suspended"})
    explanation = policy.explain(suspended)
    assert {tuple(one.changes) for one in explanation.remedies} == {("account.status",)}
    assert explanation.still == ()
    [remedy] = explanation.of_primary
    assert remedy.leaves == ()
