"""What has lapsed, by the time that lint is asked about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from tests.support.packs import pack

END = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNTIL = {"when": "contact.spam_trap", "more": 'until: "2026-11-23T10:00:00+01:00"'}


@pytest.mark.parametrize(("now", "codes"), [(END - timedelta(microseconds=1), []), (END, ["SND545"])])
def test_a_reason_whose_until_has_passed_warns(tmp_path: Path, now: datetime, codes: list[str]) -> None:
    pack(tmp_path, UNTIL)
    assert [one.code for one in sendable.lint(tmp_path, now=now)] == codes
    result = CliRunner().invoke(program, ["lint", str(tmp_path), "--strict", "--now", now.isoformat()])
    assert result.exit_code == len(codes)
    assert ("`until` has passed: `r0` is only monitored" in result.output) is bool(codes)


def test_a_from_that_has_passed_is_nothing_to_be_told_of(tmp_path: Path) -> None:
    pack(tmp_path, {"when": "contact.spam_trap", "more": 'from: "2020-01-01T00:00:00Z"'})
    assert sendable.lint(tmp_path) == ()


def test_a_reason_that_is_not_in_force_always_comes_before_nobody(tmp_path: Path) -> None:
    rollout = {"when": "contact.spam_trap", "more": "rollout: {share: 10 %, by: account.id}"}
    behind = {"when": "contact.spam_trap and contact.marked_as_spam"}
    pack(tmp_path, rollout, behind)
    assert sendable.lint(tmp_path) == ()
    pack(tmp_path, {"when": "contact.spam_trap"}, behind)
    assert [one.code for one in sendable.lint(tmp_path)] == ["SND520"]
