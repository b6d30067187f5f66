"""Policy tests: a closed world, what a failure tells, and what the command prints and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

import sendable
from sendable.diagnostics.record import Collector
from sendable.documents.elements import plain
from sendable.documents.parse import parse_document, read_source
from sendable.pack.resources import schema_path
from sendable.render.terminal import tests as rendered
from sendable.testing.cases import Suite
from sendable.testing.reader import load_suites
from sendable.testing.run import Run, run_suites
from tests.support.environment import ENVIRONMENT
from tests.support.packs import bundled, pack
from tests.support.suites import NOW, TESTS

FIXTURE = """
fixtures:
  newsletter:
    email: {channel: marketing, subscription_type: news, subscription_name: Nyheter}
    contact:
      email: kim@example.org
      marked_as_spam: false
      unsubscribed_types: []
      unsubscribed_all: false
      opted_out_of_platform: false
      spam_trap: false
      company_opted_out: false
      domain_blocked: false
    account: {status: active, double_opt_in_required: false, legal_basis_required: false}
"""


def load(tmp_path: Path, text: str, **files: str) -> tuple[tuple[Suite, ...], list[str]]:
    """The suites of a folder with `text` in a file and `files` beside it, and what is wrong as `line:column: text`."""
    for name, content in {"a": text, **files}.items():
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
    suites, found = load_suites(tmp_path, bundled().pack)
    return suites, [str(one).partition(f"{tmp_path}{os.sep}")[2] for one in found]


@pytest.mark.parametrize(
    ("system", "meant"),
    [
        ("hubspott", "hubspot"), ("hubspt", "hubspot"), ("hubsopt", "hubspot"), ("hub_spot", "hubspot"),
        ("smpt", "smtp"), ("hubspot", None), ("mailgun", None), ("sns", None), ("s" * 1000, None),
    ],
)  # fmt: skip
def test_a_misspelt_system_has_no_code_whatever_the_pack_says(system: str, meant: str | None, tmp_path: Path) -> None:
    expect = f"{{codes: {{{system}: null}}, of: {{mailbox_full: {{codes: {{{system}: null}}}}}}}}"
    case = f"- {{name: one, patch: {{email.channel: marketing, contact.email: a@example.com}}, expect: {expect}}}\n"
    (tmp_path / "a.yaml").write_text(f"{NOW}cases:\n{case}", encoding="utf-8")
    _, found = load_suites(tmp_path, bundled().pack)
    assert [one.suggestion for one in found if one.code == "SND719"] == ([] if meant is None else [meant] * 2)
    _, told = load(tmp_path, f"{NOW}cases:\n{case.replace('null', 'SOME_CODE')}")  # such a case fails by itself
    assert not any("SND719" in one for one in told)


def run(tmp_path: Path, cases: str) -> Run:
    suites, found = load(tmp_path, NOW + FIXTURE + "cases:\n" + cases)
    assert found == []
    return run_suites(bundled(), suites)


@pytest.mark.parametrize(
    ("own", "extended", "patched", "told"),
    [
        (500, 0, 0, []),
        (501, 0, 0, ["3:3"]),
        (250, 251, 0, ["4:3"]),
        (250, 250, 0, []),
        (300, 0, 201, ["6:12"]),
        (80_000, 0, 0, ["3:3"]),
    ],
)
def test_what_each_case_reads_again_is_bounded(
    own: int, extended: int, patched: int, told: list[str], tmp_path: Path
) -> None:
    def items(count: int) -> str:
        return f"[{', '.join(f'a{number}' for number in range(count))}]"

    lists = {name: {"type": "array", "items": {"type": "string"}} for name in ("brands", "types")}
    own_fields = {"type": "object", "properties": {"own": {"type": "object", "properties": lists}}}
    (tmp_path / "own.json").write_text(json.dumps(own_fields), encoding="utf-8")
    policy = pack(tmp_path, {"when": "contact.spam_trap"}, manifest="context: [own.json]\n")
    tests = tmp_path / "a.yaml"
    tests.write_text(
        f"""\
now: "2026-11-23T09:00:00Z"
fixtures:
  base: {{email.channel: marketing, contact.email: kim@example.com, contact.unsubscribed_types: {items(own)}}}
  more: {{extends: base, own.types: {items(extended)}}}
cases:
  - {{name: one, given: more, patch: {{own.brands: {items(patched)}}}, expect: {{sendable: true}}}}
""",
        encoding="utf-8",
    )
    _, found = load_suites(tests, policy.pack)
    assert [f"{one.span.start}" for one in found] == told
    assert all(one.code == "SND711" and "together, and at most 500" in one.message for one in found)


def test_of_a_long_list_some_items_are_told(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        f"""\
  - name: one
    given: newsletter
    patch: {{contact.unsubscribed_types: [{", ".join(f"a{number}" for number in range(300))}]}}
    expect: {{reason: unsubscribed_from_type}}
""",
    )
    told = "\n".join(rendered.run_as_text(result))
    assert "a99, … +200]" in told
    assert "a100" not in told


def command(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sendable", "test", *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# -- the closed world


def test_every_mistake_is_reported_at_its_place_in_one_run(tmp_path: Path) -> None:
    _, found = load(
        tmp_path,
        """\
now: "2026-11-23T09:00:00Z"
fixtures:
  base:
    email: {channel: marketing}
    contact:
      email: kim@example.com
      marked_as_spm: false
      hard_bounces: -1
  more: {extends: bas}
cases:
  - name: one
    given: bse
    patch: {contact.marked_as_spam: "yes", contact.hard_bounces: 1, å ä ö: 😀}
    expect: {reason: marked_as_spa, missing: [contact.emai], text: {en: x, de: y}}
  - name: two
    given: base
  - name: three
    given: base
    expect: {}
  - name: three
    given: base
    each:
      - patch: {contact.unsubscribed_all: true}
        expect: {reason: unsubscribed_from_all, sendble: false}
  - name: two
    given: base
    expect: {clears_at: tomorrow, sendable: perhaps}
""",
    )
    assert [line.partition(" (")[0] for line in found] == [
        "a.yaml:7:7: error SND710: `contact.marked_as_spm` is not a declared field of the context",
        (
            "a.yaml:8:21: error SND711: `contact.hard_bounces` can't have this value: "
            "it must be at least 0, and it is the number `-1`"
        ),
        "a.yaml:9:19: error SND705: there is no fixture `bas`",
        "a.yaml:12:12: error SND705: there is no fixture `bse`",
        (
            "a.yaml:13:37: error SND711: `contact.marked_as_spam` can't have this value: "
            "it must be true or false, and it is the text `yes`"
        ),
        "a.yaml:13:69: error SND710: `å ä ö` is not a declared field of the context",
        "a.yaml:14:22: error SND709: the pack has no reason `marked_as_spa`",
        "a.yaml:14:47: error SND710: `contact.emai` is not a declared field of the context",
        "a.yaml:14:76: error SND602: the locale `de` is not one of the manifest's",
        "a.yaml:15:11: error SND703: the case `two` expects nothing",
        "a.yaml:17:11: error SND703: the case `three` expects nothing",
        "a.yaml:24:49: error SND201: `sendble` is not a key here",
        "a.yaml:25:11: error SND704: the case `two` stands twice; the first is in line 15",
        (
            "a.yaml:27:25: error SND715: `tomorrow` is not a point in time: "
            "it is not a timestamp such as 2026-11-23T09:00:00+01:00"
        ),
        "a.yaml:27:45: error SND203: `perhaps` is a text, and this must be true or false",
    ]
    assert "did you mean `contact.marked_as_spam`?" in found[0]
    assert "did you mean `base`?" in found[2]
    assert "did you mean `marked_as_spam`?" in found[6]
    assert "did you mean `sendable`?" in found[11]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.yaml:1:1: error SND213"),
        ("cases: []\n", "a.yaml:1:1: error SND702: this file of tests has no case"),
        ("now: '2026-11-23T09:00:00Z'\n", "a.yaml:1:1: error SND702: this file of tests has no case"),
        ("fixtures: {a: {extends: b}, b: {extends: a}}\ncases: [{name: x, expect: {sendable: true}}]\n", "SND706"),
        ("cases: [{name: x, expect: {sendable: true}}]\n", "SND713: the case `x` has no `email.channel`"),
        ("cases: [{name: x, expect: {sendable: true}}]\n", "SND714: the case `x` does not say when it is decided"),
        ("cases: [{name: x, patch: {contact: 1}, expect: {sendable: true}}]\n", "SND711: `contact` can't have this"),
        ("cases: [{name: x, patch: {contact.id: a, contact: {id: b}}, expect: {sendable: true}}]\n", "SND712"),
        ("cases: [{name: x, each: [], expect: {sendable: true}}]\n", "SND207"),
        ("cases: [{name: x, channels: [marketing], expect: {sendable: true}}]\n", "SND201: `channels` is not a key"),
    ],
)
def test_what_could_pass_for_a_test_is_an_error(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in line for line in load(tmp_path, text)[1])


def test_shared_fixtures_belong_to_every_file_beside_them_and_to_nobody_else(tmp_path: Path) -> None:
    case = "cases: [{name: x, given: newsletter, expect: {sendable: true}}]\n"
    suites, found = load(tmp_path, case, fixtures=NOW + FIXTURE)
    assert found == []
    assert run_suites(bundled(), suites).passed
    _, found = load(tmp_path, case + FIXTURE, fixtures=NOW + FIXTURE)
    assert len(found) == 1
    assert "SND707: the fixture `newsletter` is already one of the shared ones" in found[0]
    _, found = load(tmp_path, case, fixtures=NOW + FIXTURE + case)
    assert len(found) == 1
    assert "SND708" in found[0]
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.yaml").write_text(case, encoding="utf-8")
    _, found = load(tmp_path, case, fixtures=NOW + FIXTURE)
    assert [line.partition(":")[0] for line in found] == [f"below{os.sep}b.yaml"]


def test_the_schema_is_one_and_the_bundled_tests_are_valid_against_it() -> None:
    schema = json.loads(schema_path("tests").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for path in sorted(TESTS.glob("*.yaml")):
        collector = Collector()
        source = read_source(path, path.name, collector)
        assert source is not None
        element = parse_document(source, collector)
        assert element is not None
        assert source.text.startswith("# yaml-language-server: $schema=../../schemas/tests.schema.json\n")
        errors = Draft202012Validator(schema).iter_errors(plain(element))
        assert [error.message for error in errors] == []


# -- running


def test_a_patch_changes_adds_and_removes_nested_or_dotted_and_rows_go_over_their_case(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
  - name: table
    given: newsletter
    patch: {contact: {unsubscribed_types: [news]}, contact.hard_bounces: 1}
    expect: {reason: unsubscribed_from_type, certainty: matched}
    each:
      - expect: {reasons: [unsubscribed_from_type, previously_bounced]}
      - name: no bounce
        patch: {contact.hard_bounces: null}
        expect: {reasons: [unsubscribed_from_type]}
      - name: not unsubscribed
        patch: {contact.unsubscribed_types: []}
        expect: {reason: previously_bounced}
  - name: own time
    given: newsletter
    patch: {now: "2020-01-01T00:00:00Z"}
    expect: {sendable: true}
""",
    )
    assert found.passed
    assert [result.case.name for result in found.results] == [
        "table: row 1",
        "table: no bounce",
        "table: not unsubscribed",
        "own time",
    ]
    assert [result.decision.now.year for result in found.results] == [2026, 2026, 2026, 2020]


def test_a_fixture_extends_another_by_path(tmp_path: Path) -> None:
    text = f"""{NOW}{FIXTURE}
  bounced: {{extends: newsletter, contact.hard_bounces: 2}}
  unknown: {{contact: {{marked_as_spam: null}}, extends: bounced}}
cases:
  - {{name: one, given: bounced, expect: {{reasons: [previously_bounced]}}}}
  - {{name: two, given: unknown, expect: {{reasons: [previously_bounced, marked_as_spam]}}}}
"""
    suites, found = load(tmp_path, text)
    assert found == []
    assert run_suites(bundled(), suites).passed


def test_every_aspect_is_held_to_what_came(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
  - name: all wrong
    given: newsletter
    patch: {contact.marked_as_spam: null}
    expect:
      sendable: true
      reason: unsubscribed_from_all
      reasons: []
      monitored: [cancelled]
      excepted: [cancelled]
      certainty: matched
      missing: []
      clears_at: "2026-11-23T09:00:00Z"
      text: {en: Hello., sv: null}
      fix: {en: Hello.}
  - name: all right
    given: newsletter
    patch: {contact.marked_as_spam: null}
    expect:
      sendable: false
      reason: marked_as_spam
      reasons: [marked_as_spam]
      monitored: []
      certainty: undetermined
      missing: [contact.marked_as_spam]
      clears_at: null
      text:
        sv-FI: Det är oklart om kim@example.org har anmält ett tidigare mejl som skräppost, så mejlet skickas inte.
      fix: {en: Fill in contact.marked_as_spam and try again.}
  - name: nothing
    given: newsletter
    expect:
      {sendable: true, reason: null, reasons: [], certainty: matched, missing: [], clears_at: null, text: {en: null}}
""",
    )
    wrong, right, nothing = found.results
    assert right.passed
    assert [mismatch.check.name for mismatch in wrong.mismatches] == [
        "sendable", "reason", "reasons", "monitored", "excepted", "certainty", "missing", "clears_at",
        "text.en", "text.sv", "fix.en",
    ]  # fmt: skip
    assert [mismatch.check.name for mismatch in nothing.mismatches] == ["certainty"]


SEVERAL = """
    given: newsletter
    patch:
      contact: {hard_bounces: 2, emails_in_cap_window: 5, cap_recovers_at: "2026-11-25T08:00:00Z", marked_as_spam: null}
      account: {tier: enterprise, frequency_cap: 5}
"""


def test_any_reason_that_was_found_can_be_held_to_what_services_act_on(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        f"""
  - name: all right{SEVERAL}
    expect:
      reason: previously_bounced
      retry: never
      fixable_by: user
      floor: false
      codes: {{hubspot: PREVIOUSLY_BOUNCED, smtp: "5.1.1", mailgun: null}}
      clears_at: null
      of:
        frequency_capped:
          certainty: matched
          retry: later
          fixable_by: admin
          floor: false
          missing: []
          codes: {{hubspot: RECIPIENT_FATIGUE_SUPPRESSED, smtp: null}}
          clears_at: "2026-11-25T08:00:00Z"
          text: {{en: "The contact kim@example.org has had as many marketing emails lately as your account allows (5). The limit is a setting."}}
        marked_as_spam:
          {{certainty: undetermined, missing: [contact.marked_as_spam], retry: after_fix, fixable_by: user, floor: true}}
  - name: all wrong{SEVERAL}
    expect:
      retry: later
      fixable_by: nobody
      floor: true
      codes: {{hubspot: null, smtp: "5.1.2"}}
      of:
        frequency_capped: {{certainty: undetermined, clears_at: null, retry: never, fixable_by: user, missing: [contact.id]}}
        cancelled: {{clears_at: null, codes: {{hubspot: null}}}}
  - name: the time of the decision
    given: newsletter
    patch:
      contact: {{emails_in_cap_window: 5, cap_recovers_at: "2026-11-25T08:00:00Z"}}
      account: {{tier: enterprise, frequency_cap: 5, monthly_sent: 2, monthly_limit: 2, limit_resets_at: "2026-12-01T00:00:00Z"}}
    expect:
      clears_at: "2026-12-01T00:00:00Z"
      of: {{frequency_capped: {{clears_at: "2026-11-25T08:00:00Z"}}}}
""",  # noqa: E501 - a case as it stands in a file
    )
    right, wrong, time_of_decision = found.results
    assert right.mismatches == time_of_decision.mismatches == ()
    assert [mismatch.check.name for mismatch in wrong.mismatches] == [
        "retry", "fixable_by", "floor", "codes.hubspot", "codes.smtp",
        "of.frequency_capped.certainty", "of.frequency_capped.clears_at", "of.frequency_capped.retry",
        "of.frequency_capped.fixable_by", "of.frequency_capped.missing",
        "of.cancelled",  # it was not found, and nothing that is expected of it passes for it
    ]  # fmt: skip
    assert {trace.reason.id for trace in wrong.traces} == {"frequency_capped", "cancelled"}


def test_what_is_expected_of_a_reason_is_held_to_what_there_is(tmp_path: Path) -> None:
    _, found = load(
        tmp_path,
        NOW
        + FIXTURE
        + """
cases:
  - name: one
    given: newsletter
    expect:
      retry: latr
      fixable_by: contct
      floor: "true"
      codes: {smtp: 5.7}
      of:
        unengagd: {retry: never}
        unengaged: {retrie: never, reasons: [], text: {de: x}}
        cancelled: {}
  - name: two
    given: newsletter
    each: {contact.emial: [a@example.org, b@example.org], contact.hard_bounces: [1, x]}
    expect: {sendable: false}
""",
    )
    assert [line.partition(" (")[0] for line in found] == [
        "a.yaml:21:14: error SND204: `latr` is not one of the values this can have",
        "a.yaml:22:19: error SND204: `contct` is not one of the values this can have",
        "a.yaml:23:14: error SND203: `true` is a text, and this must be true or false",
        "a.yaml:24:21: error SND203: `5.7` is a number, and this must be a text or empty",
        "a.yaml:26:9: error SND709: the pack has no reason `unengagd`",
        "a.yaml:27:21: error SND201: `retrie` is not a key here",
        "a.yaml:27:36: error SND201: `reasons` is not a key here",
        "a.yaml:27:56: error SND602: the locale `de` is not one of the manifest's",
        "a.yaml:28:9: error SND207: this is empty, and it needs at least one entry",
        "a.yaml:31:12: error SND710: `contact.emial` is not a declared field of the context",
        (
            "a.yaml:31:85: error SND711: `contact.hard_bounces` can't have this value: "
            "it must be a whole number, and it is the text `x`"
        ),
    ]
    assert "did you mean `later`?" in found[0]
    assert "did you mean `contact`?" in found[1]
    assert "did you mean `unengaged`?" in found[4]
    assert "did you mean `retry`?" in found[5]
    assert "did you mean `contact.email`?" in found[9]


def test_lists_are_held_to_the_number_of_their_entries(tmp_path: Path) -> None:
    case = f"{NOW}{FIXTURE}cases: [{{name: x, given: newsletter, expect: {{sendable: true}}}}]\n"
    whole = len(bundled().pack.lists["role_accounts"].entries)
    assert load(tmp_path, f"{case}entries: {{role_accounts: {whole}}}\n")[1] == []
    assert load(tmp_path, case, fixtures=f"entries: {{role_accounts: {whole}}}\n")[1] == []
    for found in (
        load(tmp_path, case, fixtures=f"entries: {{role_accounts: {whole + 1}}}\n")[1],
        load(tmp_path, f"{case}entries: {{role_accounts: {whole + 1}}}\n", fixtures="fixtures: {}\n")[1],
    ):
        [told] = found
        assert f"SND718: the list `role_accounts` has {whole} entries, and the tests expect {whole + 1}" in told
    done = command(str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")  # what was checked does not hold
    assert "error: lists of the pack are not as long as the tests in" in done.stderr
    _, found = load(tmp_path, f"{case}entries: {{role_acounts: 1, role_accounts: many}}\n")
    assert [line.partition(" (")[0].partition("error ")[2] for line in found] == [
        "SND403: there is no list `role_acounts`",
        "SND203: `many` is a text, and this must be a whole number",
    ]
    assert "did you mean `role_accounts`?" in found[0]


def test_each_value_of_a_table_is_a_case(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
  - name: bounced
    given: newsletter
    each: {contact.hard_bounces: [1, 2], contact.unsubscribed_types: [[news]], contact.marked_as_spam: [null]}
    expect: {sendable: false}
""",
    )
    assert found.passed
    assert [result.case.name for result in found.results] == [
        "bounced: 1",
        "bounced: 2",
        'bounced: ["news"]',
        "bounced: null",
    ]
    assert found.results[3].decision.reasons[0].missing == ("contact.marked_as_spam",)


def test_in_a_text_a_space_is_a_space(tmp_path: Path) -> None:
    assert run(
        tmp_path,
        """
  - name: a number with a space nobody can see
    given: newsletter
    patch: {account.monthly_sent: 50000, account.monthly_limit: 50000}
    expect: {text: {sv: Ditt konto har nått månadens gräns på 50 000 mejl.}}
""",
    ).passed


def test_a_failure_shows_the_condition_with_the_value_of_every_part(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
  - name: capped
    given: newsletter
    patch: {account.tier: free, contact.emails_in_cap_window: 3, contact.unsubscribed_all: true}
    expect: {reason: frequency_capped, text: {en: Not shown as long as the reason is another.}}
""",
    )
    text = "\n".join(rendered.run_as_text(found)).replace(f"{tmp_path}{os.sep}", "")
    assert text == (
        """\
a.yaml:18: failed: capped
  reason  expected  frequency_capped
          actual    unsubscribed_from_all

  frequency_capped (priority 720): its condition is false
    account.tier == "enterprise" and contact.emails_in_cap_window >= account.frequency_cap and not defa…  = false
      account.tier == "enterprise"  = false
        account.tier  = "free"
      contact.emails_in_cap_window >= account.frequency_cap  = unknown (account.frequency_cap missing)
        contact.emails_in_cap_window  = 3
        account.frequency_cap  = unknown (account.frequency_cap missing)
      not default(email.frequency_exempt, false)  = true
        default(email.frequency_exempt, false)  = false
          email.frequency_exempt  = unknown (email.frequency_exempt missing)
      default(now < contact.cap_recovers_at, true)  = true
        now < contact.cap_recovers_at  = unknown (contact.cap_recovers_at missing)
          now  = 2026-11-23T09:00:00Z
          contact.cap_recovers_at  = unknown (contact.cap_recovers_at missing)

  unsubscribed_from_all (priority 120): its condition is true
    contact.unsubscribed_all  = true

1 case: 1 failed"""
    )


def test_a_reason_for_other_emails_is_explained_as_such(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
  - name: x
    given: newsletter
    patch: {sender.inbox: suspended}
    expect: {reason: inbox_suspended}
""",
    )
    text = "\n".join(rendered.run_as_text(found))
    assert "inbox_suspended (priority 640) is not for `marketing` emails; its condition would be:" in text
    assert found.results[0].traces[0].condition.value is True


def test_a_monitored_reason_can_be_expected(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"id": "quiet", "more": "mode: monitor", "when": "contact.spam_trap"})
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.yaml").write_text(
        f"{NOW}cases: [{{name: x, patch: {{email.channel: marketing, contact.email: a@b.se, contact.spam_trap: true}}, "
        "expect: {sendable: true, monitored: [quiet]}}]\n",
        encoding="utf-8",
    )
    suites, found = load_suites(tmp_path / "tests", policy.pack)
    assert found == ()
    assert run_suites(policy, suites).passed


# -- the command


def test_the_bundled_pack_passes_its_tests() -> None:
    done = command()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(" passed\n")
    assert done.stderr == ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests of which one fails, with names that are hard to write."""
    (tmp_path / "a.yaml").write_text(
        NOW
        + FIXTURE
        + """
cases:
  - {name: "Å & <b> \\"q\\" \\u0007, 100 %: x", given: newsletter, expect: {reason: marked_as_spam}}
  - {name: fine, given: newsletter, expect: {sendable: true}}
""",
        encoding="utf-8",
    )
    return tmp_path


def test_exit_codes(tmp_path: Path, folder: Path) -> None:
    assert command(str(folder)).returncode == 1
    assert command(str(folder), "--filter", "FINE").returncode == 0
    done = command(str(folder), "--filter", "nothing has this")
    assert (done.returncode, done.stdout) == (2, "")
    assert "SND716" in done.stderr
    done = command(str(folder / "gone"))
    assert (done.returncode, done.stdout) == (2, "")
    (tmp_path / "empty").mkdir()
    done = command(str(tmp_path / "empty"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "SND701" in done.stderr
    (tmp_path / "bad.yaml").write_text("cases: [{name: x}]", encoding="utf-8")
    done = command(str(folder))
    assert (done.returncode, done.stdout) == (2, "")
    assert "SND703" in done.stderr
    assert command(str(folder), "--policy", str(tmp_path / "gone")).returncode == 2
    assert command("--fail-under", "101").returncode == 2


@pytest.mark.parametrize(("options", "told"), [((), "the coverage is "), (("--mutate",), "the mutation score is ")])
def test_the_threshold_is_for_what_was_asked_for(options: tuple[str, ...], told: str, folder: Path) -> None:
    """Mutation takes four to five seconds: one case notices next to nothing, and for all the rest one is looked for."""
    done = command(str(folder), "--filter", "fine", *options, "--fail-under", "90")
    assert done.returncode == 1
    assert done.stderr.startswith(told)


def test_both_thresholds_hold_for_the_bundled_pack() -> None:
    assert command("--coverage", "--mutate", "--fail-under", "95").returncode == 0


def test_a_folder_of_a_pack_is_tested_with_that_pack(tmp_path: Path) -> None:
    pack(tmp_path, {"id": "one", "when": "contact.spam_trap"})
    (tmp_path / "tests").mkdir()
    context = "email.channel: marketing, contact.email: a@b.se, contact.spam_trap: true"
    (tmp_path / "tests" / "a.yaml").write_text(
        f"{NOW}cases: [{{name: x, patch: {{{context}}}, expect: {{reason: one}}}}]\n", encoding="utf-8"
    )
    for arguments in ([str(tmp_path)], [str(tmp_path / "tests")], ["--policy", str(tmp_path)], ["tests"]):
        assert command(*arguments, cwd=tmp_path).returncode == 0, arguments


def test_json(folder: Path) -> None:
    done = command(str(folder), "--format", "json", "--coverage")
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["cases"], found["passed"], found["failed"], found["left_out"]) == (2, 1, 1, 0)
    [mismatch] = found["results"][0]["mismatches"]
    assert mismatch.items() >= {"aspect": "reason", "expected": "marked_as_spam", "actual": None, "line": 18}.items()
    [explanation] = found["results"][0]["explanations"]
    assert explanation["condition"] == {
        "text": "contact.marked_as_spam", "value": False, "unknown": False, "missing": [], "parts": [],
    }  # fmt: skip
    assert 0 < found["coverage"]["share"] < 1
    assert len(found["coverage"]["never_seen"]) == found["coverage"]["total"] - found["coverage"]["seen"]


def test_what_came_of_tests_is_said_in_the_language_asked_for(folder: Path) -> None:
    told = {tag: command(str(folder), "--coverage", "--locale", tag).stdout for tag in ("en", "sv")}
    assert "\n2 cases: 1 passed, 1 failed\n" in told["en"]
    assert "\n2 testfall: 1 stämmer, 1 stämmer inte\n" in told["sv"]
    for word in ("failed", "expected", "actual", "never seen", "outcomes", "condition", "unknown"):
        assert re.search(rf"\b{word}\b", told["en"]), word
        assert not re.search(rf"\b{word}\b", told["sv"]), word


def test_junit_is_read_back_by_a_parser(folder: Path) -> None:
    root = ET.fromstring(command(str(folder), "--format", "junit", "--coverage").stdout)
    assert root.tag == "testsuites"
    assert (root.attrib["tests"], root.attrib["failures"]) == ("2", "1")
    cases = root.findall("testsuite/testcase")
    assert [case.attrib["name"] for case in cases] == ['Å & <b> "q" \N{REPLACEMENT CHARACTER}, 100 %: x', "fine"]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "reason: expected marked_as_spam, actual none"
    assert "contact.marked_as_spam  = false" in (failure.text or "")
    assert root.find("testsuite/properties/property[@name='coverage']") is not None


def test_junit_has_a_failure_whenever_the_command_fails(folder: Path) -> None:
    done = command(str(folder), "--filter", "fine", "--format", "junit", "--fail-under", "90")
    assert done.returncode == 1
    root = ET.fromstring(done.stdout)
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("2", "1", "0")
    [failure] = root.iterfind(".//failure")
    assert failure.attrib["message"].startswith("the coverage is ")
    assert f"{failure.attrib['message']}\n" == done.stderr
    (folder / "fixtures.yaml").write_text("entries: {role_accounts: 1}\n", encoding="utf-8")
    done = command(str(folder), "--format", "junit")
    assert done.returncode == 1
    root = ET.fromstring(done.stdout)
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("1", "1", "0")
    [failure] = root.iterfind(".//failure")
    assert failure.attrib["message"].startswith("lists of the pack are not as long as the tests in ")
    assert "and the tests expect 1" in (failure.text or "")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["a.yaml", "--filter", "nothing has this"], "can't be run"),
        (["a.yaml", "--policy", "gone"], "there is no directory `gone`"),
        (["gone"], "there are no tests: `gone` does not exist"),
    ],
)
def test_what_can_not_be_run_is_a_report_too(arguments: list[str], why: str, folder: Path) -> None:
    for form in ("junit", "github"):
        done = command(*arguments, "--format", form, cwd=folder)
        assert done.returncode == 2
        assert why in done.stderr
        if form == "github":
            assert re.search(r"(?m)^::error title=sendable test::.*" + re.escape(why), done.stdout)
        else:
            root = ET.fromstring(done.stdout)
            assert (root.attrib["errors"], root.attrib["failures"]) == ("1", "0")
            [error] = root.iterfind("testsuite/testcase/error")
            assert why in error.attrib["message"]


@pytest.mark.parametrize("wanted", ["marked_as_spam", "MARKED_AS"])
def test_the_filter_finds_cases_by_the_ids_of_their_reasons(wanted: str, folder: Path) -> None:
    done = command(str(folder), "--filter", wanted, "--format", "json")
    assert [json.loads(done.stdout)[name] for name in ("cases", "left_out")] == [1, 1]


def test_annotations_of_github(folder: Path) -> None:
    [line] = command("a.yaml", "--format", "github", cwd=folder).stdout.splitlines()
    title = 'test failed%3A Å & <b> "q" \N{REPLACEMENT CHARACTER}%2C 100 %25%3A x'
    assert line.startswith(f"::error file=a.yaml,line=18,title={title}::a.yaml:18: failed: ")
    (folder / "a.yaml").write_text("cases: []\n", encoding="utf-8")
    done = command("a.yaml", "--format", "github", cwd=folder)
    assert done.stdout.startswith("::error file=a.yaml,line=1,")


def test_watching_runs_again_when_a_file_changes(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "sendable", "test", str(folder), "--watch"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any(line.startswith("2 cases: 1 passed, 1 failed") for line in lines)
        assert next(lines).startswith("waiting for changes")
        time.sleep(0.1)
        text = (folder / "a.yaml").read_text(encoding="utf-8")
        (folder / "a.yaml").write_text(text.replace("{reason: marked_as_spam}", "{sendable: true}"), encoding="utf-8")
        assert any(line.startswith("2 cases: 2 passed") for line in lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def test_what_a_policy_decides_is_what_the_tests_see() -> None:
    suites, found = load_suites(TESTS, bundled().pack)
    assert found == ()
    run = run_suites(bundled(), suites)
    assert all(isinstance(result.decision, sendable.Decision) for result in run.results)
    assert {result.decision.reason.id for result in run.results if result.decision.reason} == {
        reason.id for reason in bundled().reasons
    }
