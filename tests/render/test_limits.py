"""Why a reason is only monitored here, and where it is enforced, as terminals, pages and JSON say it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import sendable
from sendable.cli import sendable as program
from sendable.pack.resources import schema_path
from sendable.render.pages.explain_page import explanation_page
from sendable.render.pages.reference_page import reference_markdown, reference_page
from sendable.render.reports.explanations import explanation_to_dict
from tests.support.packs import context, pack

LIMITS = """
    from: "2027-01-01T00:00:00+01:00"
    until: "2027-12-31T00:00:00+01:00"
    rollout: {share: 0.50 %, by: account.id}"""
BEFORE, INSIDE, AFTER = (datetime(year, 6, 1, tzinfo=UTC) for year in (2026, 2027, 2028))
TOLD = {
    (BEFORE, "en"): "It is not enforced before December 31, 2026 at 11:00 PM UTC.",
    (BEFORE, "sv"): "Skälet hindrar inga mejl före 31 december 2026 kl. 23:00 UTC.",
    (INSIDE, "en"): "This email is outside the 0.50 % by account.id for which it is enforced.",
    (INSIDE, "sv"): "Skälet hindrar bara mejl för 0,50 % efter account.id, och det här mejlet hör inte dit.",
    (AFTER, "en"): "It has not been enforced since December 30, 2027 at 11:00 PM UTC.",
    (AFTER, "sv"): "Skälet hindrar inga mejl sedan 30 december 2027 kl. 23:00 UTC.",
}


@pytest.fixture
def policy(tmp_path: Path) -> sendable.Policy:
    pack(tmp_path, {"when": "contact.spam_trap", "more": LIMITS})
    for name in ("policy.yaml", "reasons/all.yaml"):
        path = tmp_path / name
        text = path.read_text(encoding="utf-8").replace("locales: [en]", "locales: [en, sv]")
        for one in ("{en: r0}", '{en: "Because."}', "{en: Fix it.}"):
            text = text.replace(one, one.replace("}", ', sv: "Ett skäl."}'))
        path.write_text(text, encoding="utf-8")
    return sendable.load(tmp_path)


def document(now: datetime) -> dict[str, Any]:
    return {**context(spam_trap=True), "now": now.isoformat(), "account": {"id": "acme"}}


@pytest.mark.parametrize(("now", "locale"), TOLD)
def test_an_explanation_says_why_a_reason_is_only_monitored(
    policy: sendable.Policy, tmp_path: Path, now: datetime, locale: str
) -> None:
    (tmp_path / "context.json").write_text(json.dumps(document(now)), encoding="utf-8")
    command = ["explain", str(tmp_path / "context.json"), "--policy", str(tmp_path), "--locale", locale]
    result = CliRunner().invoke(program, command)
    assert TOLD[now, locale] in " ".join(result.stdout.split())
    assert TOLD[now, locale] in " ".join(explanation_page(policy.explain(document(now)), locale).split())


@pytest.mark.parametrize(("now", "outside"), [(BEFORE, "before"), (INSIDE, "rollout"), (AFTER, "after")])
def test_json_has_it_too(policy: sendable.Policy, now: datetime, outside: str) -> None:
    data = explanation_to_dict(policy.explain(document(now)))
    Draft202012Validator(json.loads(schema_path("explanation").read_text(encoding="utf-8"))).validate(data)
    assert [(one["monitored"], one["outside"]) for one in data["reasons"]] == [(True, outside)]


def test_nothing_is_said_where_it_is_enforced_or_never_is(tmp_path: Path) -> None:
    always = pack(tmp_path, {"when": "contact.spam_trap"}, {"when": "contact.spam_trap", "more": "mode: monitor"})
    data = explanation_to_dict(always.explain(document(INSIDE)))
    assert [(one["monitored"], one["outside"]) for one in data["reasons"]] == [(False, None), (True, None)]
    assert "enforced" not in explanation_page(always.explain(document(INSIDE)))
    assert "Enforced" not in reference_markdown(always)


def test_the_reasons_of_a_pack_say_where_they_are_enforced(policy: sendable.Policy, tmp_path: Path) -> None:
    told = "from December 31, 2026 at 11:00 PM UTC, until December 30, 2027 at 11:00 PM UTC, for 0.50 % by account.id"
    assert f"- Enforced: {told}" in " ".join(reference_markdown(policy).split())
    assert told in " ".join(reference_page(policy).split())
    result = CliRunner().invoke(program, ["reasons", "--policy", str(tmp_path), "--format", "json"])
    [reason] = json.loads(result.stdout)
    assert (reason["from"], reason["until"]) == ("2026-12-31T23:00:00Z", "2027-12-30T23:00:00Z")
    assert reason["rollout"] == {"share": "0.50 %", "by": "account.id"}
