"""The decision: channels, order, what is unknown, what is only monitored, and the promises of purity."""

from __future__ import annotations

import copy
import json
import pickle
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import sendable
from sendable.decide.clearing import changes_unforetold
from sendable.diagnostics import lint_codes
from sendable.lints.run import lint_pack
from sendable.pack.fields import built_in_fields
from tests.support.packs import NOW, bundled, clean, context, contexts, pack


def test_only_reasons_of_the_channel_are_asked(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"channels": "one_to_one"}, {"channels": "marketing, transactional"})
    assert [finding.id for finding in policy.decide(context("marketing")).reasons] == ["r1"]
    assert [finding.id for finding in policy.decide(context("one_to_one")).reasons] == ["r0"]
    assert [finding.id for finding in policy.decide(context("transactional")).reasons] == ["r1"]


def test_matched_before_undetermined_then_by_priority(tmp_path: Path) -> None:
    unknown = {"when": "contact.spam_trap", "on_unknown": "suppress"}
    policy = pack(
        tmp_path,
        {"priority": 40, **unknown},
        {"priority": 30},
        {"priority": 20, **unknown},
        {"priority": 10, "when": "contact.marked_as_spam"},
        {"priority": 35},
    )
    decision = policy.decide(context())
    assert [(one.id, one.certainty) for one in decision.reasons] == [
        ("r1", "matched"),
        ("r4", "matched"),
        ("r2", "undetermined"),
        ("r0", "undetermined"),
    ]
    assert decision.reason == decision.reasons[0]


def test_unknown_suppresses_only_where_it_is_said_to(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.spam_trap"}, {"when": "contact.spam_trap", "on_unknown": "suppress"})
    [finding] = policy.decide(context()).reasons
    assert (finding.id, finding.certainty, finding.missing) == ("r1", "undetermined", ("contact.spam_trap",))
    assert policy.decide(context(spam_trap=False)).sendable


def test_an_undetermined_finding_claims_nothing_and_asks_for_the_data(tmp_path: Path) -> None:
    asked = {
        "when": "contact.spam_trap or contact.marked_as_spam",
        "on_unknown": "suppress",
        "message": "It is a trap.",
    }
    own = "undetermined: {en: Nobody knows.}"
    policy = pack(tmp_path, asked, {**asked, "more": own})
    first, second = policy.decide(context()).reasons
    assert "trap." not in first.message("en")
    assert "r0" in first.message("en")
    assert "contact.marked_as_spam, contact.spam_trap" in first.fix("en")
    assert second.message("en") == "Nobody knows."
    assert (first.retry, first.fixable_by) == ("after_fix", "user")


def test_monitored_reasons_are_reported_and_do_not_suppress(tmp_path: Path) -> None:
    policy = pack(
        tmp_path,
        {"more": "mode: monitor"},
        {"when": "contact.spam_trap", "on_unknown": "suppress", "more": "mode: monitor"},
    )
    decision = policy.decide(context())
    assert decision.sendable
    assert decision.message() is None
    assert [(one.id, one.certainty) for one in decision.monitored] == [("r0", "matched"), ("r1", "undetermined")]


def test_a_field_parameter_and_detail_can_be_shown(tmp_path: Path) -> None:
    shown = {
        "message": "{contact.id} {params.limit} {details.part}",
        "more": "details: {part: domain(contact.email)}",
    }
    manifest = "parameters:\n  limit: {description: A limit., type: integer, value: 1234}\n"
    policy = pack(tmp_path, shown, manifest=manifest)
    assert policy.decide(context(id="c-1")).message("en") == "c-1 1,234 example.com"


def test_clears_at_is_what_its_expression_says(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"more": "clears_at: contact.cap_recovers_at"})
    [finding] = policy.decide(context(cap_recovers_at="2026-12-01T00:00:00+01:00")).reasons
    assert finding.clears_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert finding.to_dict()["clears_at"] == "2026-11-30T23:00:00Z"
    [finding] = policy.decide(context()).reasons
    assert finding.clears_at is None


@pytest.mark.parametrize("later", [timedelta(microseconds=1), timedelta(), timedelta(days=-1)], ids=str)
def test_nobody_is_told_to_wait_for_a_time_that_is_not_to_come(tmp_path: Path, later: timedelta) -> None:
    texts = {"message": "Until {contact.cap_recovers_at}.", "more": "clears_at: contact.cap_recovers_at"}
    policy = pack(tmp_path, texts)
    recovers_at = NOW + later
    decision = policy.decide(context(cap_recovers_at=recovers_at))
    [finding] = decision.reasons
    ahead = later > timedelta()
    assert finding.clears_at == decision.clears_at == (recovers_at if ahead else None)
    assert ("2026" in finding.message("en")) is ahead


@pytest.mark.parametrize("when", ["now < {}", "contact.hard_bounces > 0 and default(now < {}, true)"])
@pytest.mark.parametrize("later", ["add_hours(contact.cap_recovers_at, 72.5)", "time('2026-11-25T18:30:00+09:00')"])
def test_a_time_that_is_worked_out_or_written_out_is_exact(tmp_path: Path, when: str, later: str) -> None:
    texts = {"when": f'"{when.format(later)}"', "more": f'clears_at: "{later}"'}
    policy = pack(tmp_path, texts)
    clears_at = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    document = context(hard_bounces=1, cap_recovers_at="2026-11-22T10:00:00+01:00")
    decision = policy.decide(document)
    assert decision.clears_at == clears_at
    assert decision.clears_at.tzinfo is UTC
    assert decision.to_dict()["reason"]["clears_at"] == "2026-11-25T09:30:00Z"
    assert policy.explain(document).clears_at == clears_at
    assert policy.decide({**document, "now": clears_at}).sendable
    assert not policy.decide({**document, "now": clears_at - timedelta(microseconds=1)}).sendable


@pytest.mark.parametrize(
    ("when", "bounces"),
    [("add_hours(now, contact.hard_bounces * 1000000) > now", 100), ("1 / contact.hard_bounces > 2", 0)],
)
def test_nothing_is_asked_for_where_nothing_is_missing(tmp_path: Path, when: str, bounces: int) -> None:
    """What is unknown because there is no such time or number is no lack of data."""
    policy = pack(tmp_path, {"when": when, "on_unknown": "suppress"})
    [finding] = policy.decide(context(hard_bounces=bounces)).reasons
    assert (finding.certainty, finding.missing, finding.fix("en")) == ("undetermined", (), "Fix it.")
    [finding] = policy.decide(context()).reasons
    assert finding.fix("en") == "Fill in contact.hard_bounces and try again."


TELLING = {
    "when": "contact.hard_bounces > 0",
    "message": "Back on {clears_at}.",
    "more": "clears_at: contact.cap_recovers_at",
}
RECENT = {"when": "days_since(account.limit_resets_at) < 1", "message": "Wait till {clears_at}."}
FOR_GOOD = {"when": "contact.marked_as_spam"}
TOMORROW = "November 24, 2026 at 9:00"


@pytest.mark.parametrize(
    ("reasons", "fields", "shown"),
    [
        ([TELLING], {"cap_recovers_at": "2026-11-24T10:00:00+01:00"}, TOMORROW),
        ([TELLING], {"cap_recovers_at": "2026-11-22T10:00:00+01:00"}, "(unknown)"),
        ([TELLING], {}, "(unknown)"),
        ([TELLING, FOR_GOOD], {"cap_recovers_at": "2026-11-24T10:00:00+01:00", "marked_as_spam": True}, "(unknown)"),
        ([RECENT], {}, TOMORROW),
        ([RECENT, TELLING], {"cap_recovers_at": "2026-11-23T11:00:00+01:00"}, TOMORROW),
    ],
)
def test_a_message_can_say_when_the_email_clears(
    tmp_path: Path, reasons: list[dict[str, str]], fields: dict[str, Any], shown: str
) -> None:
    policy = pack(tmp_path, *reasons)
    document: dict[str, Any] = context(hard_bounces=1, **fields)
    document["now"] = "2026-11-23T09:00:00Z"
    document["account"] = {"limit_resets_at": "2026-11-23T09:00:00Z"}
    decision = policy.decide(document)
    assert decision.reason is not None
    assert shown in decision.reason.message("en")
    moment = "2026-11-24T09:00:00Z" if shown == TOMORROW else None
    assert decision.to_dict()["clears_at"] == moment
    # However the context comes, and wherever the decision goes.
    facts = policy.explain(document).decision
    for other in (policy.decide(MappingProxyType(document)), pickle.loads(pickle.dumps(decision)), facts):
        assert other == decision
        assert other.to_dict("en") == decision.to_dict("en")


def test_findings_know_their_decision_only_where_a_text_asks(tmp_path: Path) -> None:
    (tmp_path / "telling").mkdir()
    for reason, knows in (({}, False), (TELLING, True)):
        policy = pack(tmp_path / "telling" if knows else tmp_path, reason)
        [finding] = policy.decide(context(hard_bounces=1)).reasons
        assert hasattr(finding, "_decision") is knows


def test_lint_asks_for_another_text_where_it_can_not_be_said_when_an_email_clears(tmp_path: Path) -> None:
    pack(tmp_path, TELLING)
    unknown = [one for one in lint_pack(tmp_path)[1] if one.code == lint_codes.MAY_BE_UNKNOWN.code]
    assert ["{clears_at}" in str(one) for one in unknown] == [True]
    file = tmp_path / "reasons" / "all.yaml"
    file.write_text(file.read_text("utf-8").replace('"Back on {clears_at}."', '["Back on {clears_at}.", Who knows.]'))
    assert lint_codes.MAY_BE_UNKNOWN.code not in {one.code for one in lint_pack(tmp_path)[1]}
    decision = sendable.load(tmp_path).decide(context(hard_bounces=1))
    assert decision.message("en") == "Who knows."


@pytest.mark.parametrize(
    ("when", "on_unknown", "unforetold"),
    [
        ("contact.hard_bounces > 0", "ignore", False),
        ("contact.hard_bounces > 0 and default(now < contact.cap_recovers_at, true)", "ignore", False),
        ("contact.hard_bounces > 0 and contact.cap_recovers_at > now", "ignore", False),
        ("now < contact.cap_recovers_at", "ignore", False),
        ("now < contact.cap_recovers_at", "suppress", True),
        ("now <= contact.cap_recovers_at", "ignore", True),
        ("now > contact.cap_recovers_at", "ignore", True),
        ("now < account.limit_resets_at", "ignore", True),
        ("now < add_hours(contact.cap_recovers_at, 72)", "ignore", True),
        ("contact.hard_bounces > 0 or now < contact.cap_recovers_at", "ignore", True),
        ("now < contact.cap_recovers_at and hours_since(account.limit_resets_at) < 3", "ignore", True),
    ],
)
def test_a_condition_that_says_no_more_than_clears_at_needs_no_watching(
    tmp_path: Path, when: str, on_unknown: str, unforetold: bool
) -> None:
    more = "clears_at: contact.cap_recovers_at"
    policy = pack(tmp_path, {"when": f'"{when}"', "on_unknown": on_unknown, "more": more})
    [reason] = policy.reasons
    assert changes_unforetold(reason, {}) is unforetold
    if "now" in when and not unforetold:
        document = context(hard_bounces=1, cap_recovers_at=NOW + timedelta(hours=1))
        clears_at = policy.decide(document).clears_at
        assert clears_at == NOW + timedelta(hours=1)
        assert policy.decide({**document, "now": clears_at}).sendable
        assert not policy.decide({**document, "now": clears_at - timedelta(microseconds=1)}).sendable


def test_a_code_is_plain_text_whether_it_is_shared_or_not(tmp_path: Path) -> None:
    shared = {"more": "codes: {ses: {code: Suppressed, shared: true}, hubspot: A, smtp: '5.7.1'}"}
    policy = pack(tmp_path, shared, shared | {"more": shared["more"].replace("A,", "B,")})
    decision = policy.decide(context())
    assert decision.reason is not None
    assert decision.reason.codes == {"ses": "Suppressed", "hubspot": "A", "smtp": "5.7.1"}
    assert decision.to_dict()["reason"]["codes"] == dict(decision.reason.codes)
    found = [one.code for one in lint_pack(tmp_path)[1]]
    assert not {"SND527", "SND528"} & set(found)  # the nearest status may be that of many reasons


def test_fields_of_the_users_own_are_typed_like_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(
        '{"properties": {"order": {"properties": {"total": {"type": "number", "minimum": 0},'
        ' "state": {"type": "string", "enum": ["open", "paid"]}}}}}'
    )
    policy = pack(tmp_path, {"when": 'order.total > 100 and order.state == "open"'}, manifest="context: [own.json]\n")
    assert not policy.decide({**context(), "order": {"total": 101, "state": "open"}}).sendable
    assert policy.decide({**context(), "order": {"total": 100, "state": "open"}}).sendable
    with pytest.raises(sendable.ContextError) as caught:
        policy.decide({**context(), "order": {"total": -1, "state": "lost"}})
    assert [problem.path for problem in caught.value.problems] == ["order.total", "order.state"]


def test_now_is_the_callers_where_the_context_has_none(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "hours_since(contact.cap_recovers_at) >= 1"})
    document = context(cap_recovers_at="2026-11-23T08:00:00Z")
    del document["now"]
    assert not policy.decide(document, now=NOW).sendable
    assert policy.decide(document, now=datetime(2026, 11, 23, 8, 59, 59, tzinfo=UTC)).sendable
    assert policy.decide(document, now=NOW).now == NOW


def test_the_context_is_left_as_it_was_and_later_changes_do_not_reach_the_decision() -> None:
    document = copy.deepcopy(clean())
    document["contact"]["unsubscribed_types"] = ["newsletter"]
    before = copy.deepcopy(document)
    decision = bundled().decide(document)
    assert document == before
    message = decision.message("en")
    document["contact"]["email"] = "other@example.com"
    document["email"]["subscription_name"] = "Other"
    assert decision.message("en") == message


def test_one_policy_serves_many_threads() -> None:
    documents = [{**clean(), "contact": {**clean()["contact"], "hard_bounces": number % 2}} for number in range(40)]
    expected = [number % 2 == 0 for number in range(40)]
    wrong: list[object] = []

    def run() -> None:
        for _ in range(10):
            found = [bundled().decide(document).sendable for document in documents]
            if found != expected:
                wrong.append(found)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_locale_falls_back_by_truncation_and_then_to_the_default() -> None:
    document = {**clean(), "contact": {**clean()["contact"], "hard_bounces": 1}}
    decision = bundled().decide(document)
    swedish = decision.message("sv")
    assert swedish != decision.message("en")
    assert decision.message("sv-FI") == decision.message("sv_SE") == swedish
    assert decision.message("de") == decision.message("xx-invalid-tag-of-some-length") == decision.message("../..")
    assert decision.message("de") == decision.message("en") == decision.message()


@given(contexts())
def test_every_valid_context_is_decided_and_told(document: dict[str, Any]) -> None:
    assume("None" not in json.dumps(document))
    decision = bundled().decide(document)
    assert decision.sendable is (decision.reason is None)
    for locale in ("en", "sv"):
        told = decision.to_dict(locale)
        texts = [text for finding in told["reasons"] for text in (finding["message"], finding["fix"], finding["title"])]
        assert all(text and "None" not in text and not re.search(r"[\x00-\x1f\x7f-\x9f]", text) for text in texts)
    for finding in decision.reasons:
        assert bool(finding.missing) is (finding.certainty == "undetermined")


@given(contexts(), st.sets(st.sampled_from(sorted(built_in_fields())), min_size=1))
def test_a_floor_never_lets_an_email_through_for_want_of_data(document: dict[str, Any], gone: set[str]) -> None:
    floors = {finding.id for finding in bundled().decide(document).reasons if finding.reason.floor}
    for path in gone - {"email.channel", "contact.email"}:
        group, _, name = path.rpartition(".")
        document.get(group, document).pop(name, None) if group else document.pop(name, None)
    still = {finding.id for finding in bundled().decide(document).reasons}
    assert floors <= still


def test_the_version_is_that_of_what_the_files_say(tmp_path: Path) -> None:
    first = pack(tmp_path, {}).version
    file = tmp_path / "reasons" / "all.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert sendable.load(tmp_path).version == first
    file.write_text(file.read_text() + "# a comment\n")
    assert sendable.load(tmp_path).version == first
    text = file.read_text()
    assert text.count("priority: 1") >= 1
    file.write_text(text.replace("priority: 1", "priority: 9", 1))
    assert sendable.load(tmp_path).version != first
