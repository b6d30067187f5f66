"""What lint says of exceptions by the time that it is asked about, and what authors can allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from tests.support.packs import pack

END = datetime(2027, 1, 31, tzinfo=UTC)
MANIFEST = """
exceptions:
  acme: {comment}
    reasons: [r0]
    when: {when}
    until: "{until}"
    owner: deliverability
    why: their list is cleaned
"""


def written(tmp_path: Path, when: str = 'account.id == "acme"', comment: str = "") -> Path:
    manifest = MANIFEST.format(when=when, until=END.isoformat(), comment=comment)
    pack(tmp_path, {"when": "contact.spam_trap"}, manifest=manifest)
    return tmp_path


@pytest.mark.parametrize(
    ("left", "code", "said"),
    [
        (timedelta(days=14, microseconds=1), None, ""),
        (timedelta(days=14), "SND546", "this exception lapses in 14 days: then `r0` keeps emails back again"),
        (timedelta(days=1, hours=5), "SND546", "this exception lapses in 1 day: then `r0` keeps emails back again"),
        (timedelta(hours=5), "SND546", "this exception lapses in 5 hours: then `r0` keeps emails back again"),
        (timedelta(microseconds=1), "SND546", "lapses in less than an hour: then `r0` keeps emails back again"),
        (timedelta(), "SND545", "`until` has passed: `acme` lifts nothing any more"),
    ],
)
def test_an_exception_that_has_lapsed_or_will_soon_is_told(
    tmp_path: Path, left: timedelta, code: str | None, said: str
) -> None:
    found = sendable.lint(written(tmp_path), now=END - left)
    assert [one.code for one in found] == ([] if code is None else [code])
    assert all(said in one.message for one in found)
    assert all("`deliverability`" in one.help for one in found if one.code == "SND546")


def test_the_command_asks_about_another_time(tmp_path: Path) -> None:
    root = written(tmp_path)
    for now, code in (
        ("2027-01-30T00:00:00Z", "SND546"),
        ("2027-02-01T00:00:00Z", "SND545"),
        ("2026-11-23T00:00:00Z", ""),
    ):
        result = CliRunner().invoke(program, ["lint", str(root), "--now", now, "--strict"])
        assert result.exit_code == bool(code)
        assert code in result.stdout


def test_authors_can_allow_it_there(tmp_path: Path) -> None:
    now = END - timedelta(days=1)
    assert sendable.lint(written(tmp_path, comment="# sendable: allow SND546"), now=now) == ()
    [idle] = sendable.lint(written(tmp_path, comment="# sendable: allow SND545"), now=now - timedelta(days=90))
    assert (idle.code, "`acme` has no such problem" in idle.message) == ("SND524", True)


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ('account.id == "acme" and not known(account.id)', "SND421"),
        ('email.channel == "transactional"', "SND547"),
        ("contact.spam_trap == false", "SND547"),
        ('account.id == "acme" and contact.hard_bounces < 0', "SND423"),
        ('lower(account.id) == "Acme"', "SND426"),
        ("contact.hard_bounces > 1 or contact.hard_bounces > 1 and account.status == 'active'", "SND424"),
    ],
)
def test_a_condition_that_is_hardly_meant_is_told(tmp_path: Path, when: str, code: str) -> None:
    quoted = "'" + when.replace("'", "''") + "'"
    assert [
        one.code for one in sendable.lint(written(tmp_path, when=quoted), now=datetime(2026, 11, 23, tzinfo=UTC))
    ] == [code]


@pytest.mark.parametrize("when", ["'true'", 'email.channel == "marketing"', "not contact.marked_as_spam"])
def test_one_that_may_hold_for_everybody_is_nobodys_mistake(tmp_path: Path, when: str) -> None:
    assert sendable.lint(written(tmp_path, when=when), now=datetime(2026, 11, 23, tzinfo=UTC)) == ()


def test_a_misspelt_reason_is_put_right(tmp_path: Path) -> None:
    manifest = MANIFEST.format(when='account.id == "acme"', until=END.isoformat(), comment="")
    pack(tmp_path, {"id": "trapped", "when": "contact.spam_trap"})
    with (tmp_path / "policy.yaml").open("a", encoding="utf-8") as stream:
        stream.write(manifest.replace("[r0]", "[traped]"))
    result = CliRunner().invoke(program, ["lint", str(tmp_path), "--fix", "--now", "2026-11-23T00:00:00Z"])
    assert result.exit_code == 0, result.stdout
    assert "reasons: [trapped]" in (tmp_path / "policy.yaml").read_text(encoding="utf-8")
