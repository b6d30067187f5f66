"""Exceptions on the pages of a pack's reasons, and in what its commands print: what authors write acts on nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from sendable.render.pages.reference_page import reference_markdown, reference_page
from tests.support.packs import pack

MANIFEST = """
exceptions:
  acme:
    reasons: [r0]
    when: account.id == "acme"
    {more}
    until: "2027-01-31T00:00:00+01:00"
    owner: "<b>post</b> | *us* {{why}}"
    why: "::error::they & <script>"
"""


@pytest.fixture
def policy(tmp_path: Path) -> sendable.Policy:
    return pack(
        tmp_path, {"when": "contact.spam_trap"}, {"when": "contact.marked_as_spam"}, manifest=MANIFEST.format(more="")
    )


def test_the_page_of_reasons_lists_what_lifts_them(policy: sendable.Policy) -> None:
    text = " ".join(reference_page(policy).split())
    assert text.count("`acme`") == 1
    assert "until January 30, 2027 at 11:00 PM UTC, owner &lt;b&gt;post&lt;/b&gt; | *us* {why}:" in text
    assert "they &amp; &lt;script&gt;. The account&#x27;s id is “acme”." in text.replace("&#39;", "&#x27;")


def test_the_same_in_markdown_is_shown_as_it_is(policy: sendable.Policy) -> None:
    [line] = [one for one in reference_markdown(policy).splitlines() if "acme" in one and one.startswith("- ")]
    assert r"owner \<b\>post\</b\> \| \*us\* {why}: ::error::they \& \<script\>. The account's id is “acme”." in line


def test_from_is_told_where_there_is_one(tmp_path: Path) -> None:
    more = 'from: "2026-12-31T00:00:00+01:00"'
    begun = pack(tmp_path, {"when": "contact.spam_trap"}, manifest=MANIFEST.format(more=more))
    assert "from December 30, 2026 at 11:00 PM UTC until" in reference_markdown(begun)


@pytest.mark.usefixtures("policy")
def test_reasons_as_json_have_what_lifts_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(program, ["reasons", "--policy", str(tmp_path), "--format", "json"])
    assert [[one["id"] for one in reason["exceptions"]] for reason in json.loads(result.stdout)] == [["acme"], []]


@pytest.mark.usefixtures("policy")
def test_what_dry_run_prints_is_no_command_to_anybody(tmp_path: Path) -> None:
    context = {
        "email": {"channel": "marketing"},
        "contact": {"email": "kim@example.com", "spam_trap": True},
        "account": {"id": "acme"},
        "now": "2026-11-23T09:00:00Z",
    }
    (tmp_path / "context.json").write_text(json.dumps(context), encoding="utf-8")
    for form in ("text", "json"):
        command = ["dry-run", str(tmp_path / "context.json"), "--policy", str(tmp_path), "--format", form]
        result = CliRunner().invoke(program, command)
        assert result.exit_code == 0, result.output
        assert not any(line.lstrip().startswith("::") for line in result.stdout.splitlines())
        assert "post" in result.stdout
