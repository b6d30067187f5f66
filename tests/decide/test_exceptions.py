"""Exceptions: what they lift, when they hold, what is told of them, and when an email clears because of one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import sendable
from sendable.decide import reference
from sendable.decide.decision import Decision
from sendable.decide.facts import ContextError, FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.decide.writer import write
from sendable.language.nodes import Node
from sendable.pack.model import Channel
from tests.support.expressions import conditions
from tests.support.packs import CASES, bundled, pack
from tests.support.programs import MOMENTS, NOW, context, exceptions_of, pack_of

EXCEPTION = """
  {id}:
    reasons: [{reasons}]
    when: {when}
    {more}
    until: "{until}"
    owner: deliverability
    why: their customers answer from shared addresses
"""
UNTIL = "2027-01-31T00:00:00+01:00"
END = datetime(2027, 1, 30, 23, tzinfo=UTC)
ACME = "account.id == 'acme'"


def exceptions(*given: dict[str, str]) -> str:
    """The exceptions of a manifest, each given by what differs from a plain one."""
    plain = {"reasons": "r0", "when": f'"{ACME}"', "more": "", "until": UNTIL}
    return "exceptions:" + "".join(
        EXCEPTION.format(**{"id": f"e{index}", **plain, **one}) for index, one in enumerate(given)
    )


def email(now: datetime = NOW, **groups: Any) -> dict[str, Any]:
    return {
        "now": now,
        "email": {"channel": "marketing"},
        "contact": {"email": "kim@example.com"},
        "account": {"id": "acme"},
        **groups,
    }


def ids(decision: Decision) -> tuple[list[str], list[tuple[str, str]]]:
    lifted = [(one.id, one.exception.id) for one in decision.excepted if one.exception is not None]
    assert len(lifted) == len(decision.excepted)
    assert all(one.exception is None for one in (*decision.reasons, *decision.monitored))
    return [one.id for one in decision.reasons], lifted


def test_it_lifts_what_its_reasons_find_and_nothing_else(tmp_path: Path) -> None:
    policy = pack(tmp_path, {}, {}, manifest=exceptions({}))
    assert ids(policy.decide(email())) == (["r1"], [("r0", "e0")])
    assert ids(policy.decide(email(account={"id": "other"}))) == (["r0", "r1"], [])


def test_it_holds_from_its_beginning_and_before_its_end(tmp_path: Path) -> None:
    begins = datetime(2026, 12, 1, tzinfo=UTC)
    policy = pack(tmp_path, {}, manifest=exceptions({"more": 'from: "2026-12-01T01:00:00+01:00"'}))
    moment = timedelta(microseconds=1)
    assert [policy.decide(email(now)).sendable for now in (begins - moment, begins, END - moment, END)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("account", [{}, {"id": None}, {"id": " "}])
def test_what_is_unknown_lifts_nothing(tmp_path: Path, account: dict[str, Any]) -> None:
    policy = pack(tmp_path, {}, manifest=exceptions({}, {"when": "\"not (account.id == 'other')\""}))
    assert ids(policy.decide(email(account=account))) == (["r0"], [])


def test_it_lifts_what_is_undetermined_too(tmp_path: Path) -> None:
    reason = {"when": "contact.marked_as_spam", "on_unknown": "suppress"}
    policy = pack(tmp_path, {**reason, "priority": 9}, {"priority": 10}, manifest=exceptions({"reasons": "r0, r1"}))
    [matched, undetermined] = policy.decide(email()).excepted
    assert (matched.id, undetermined.id, undetermined.missing) == ("r1", "r0", ("contact.marked_as_spam",))


def test_the_first_that_holds_is_the_one_that_lifts(tmp_path: Path) -> None:
    lapsed = {"until": "2020-01-01T00:00:00Z"}
    policy = pack(tmp_path, {}, {}, manifest=exceptions(lapsed, {"reasons": "r1"}, {"reasons": "r1, r0"}))
    assert ids(policy.decide(email())) == ([], [("r0", "e2"), ("r1", "e1")])


def test_its_condition_may_read_anything(tmp_path: Path) -> None:
    when = "\"ends_with(contact.email, '@example.com') and params.on and account.id in lists.ours\""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "ours.yaml").write_text("lists: {ours: {description: Ours., entries: [acme]}}", "utf-8")
    manifest = "parameters: {on: {description: On., type: boolean, value: true}}\n" + exceptions({"when": when})
    assert pack(tmp_path, {}, manifest=manifest).decide(email()).sendable
    assert {one.code for one in sendable.lint(tmp_path, now=NOW)} == {"SND420"}  # of the reason, which is always true


def test_a_reason_that_is_only_monitored_elsewhere_stays_monitored(tmp_path: Path) -> None:
    policy = pack(tmp_path, {}, {"more": "mode: monitor"}, manifest=exceptions({}))
    decision = policy.decide(email())
    assert (decision.sendable, [one.id for one in decision.monitored]) == (True, ["r1"])


def test_it_is_told_of_in_the_decision(tmp_path: Path) -> None:
    policy = pack(tmp_path, {}, manifest=exceptions({}))
    decision = policy.decide(email())
    told = decision.to_dict()
    assert [one["id"] for one in told["excepted"]] == ["r0"]
    assert told["excepted"][0]["exception"] == {
        "id": "e0",
        "owner": "deliverability",
        "until": "2027-01-30T23:00:00Z",
        "why": "their customers answer from shared addresses",
    }
    assert (told["sendable"], told["reason"], told["reasons"], told["clears_at"]) == (True, None, [], None)
    assert decision.excepted[0].message() == "Because."
    other = policy.decide(email(account={"id": "other"})).to_dict()
    assert (other["excepted"], "exception" in other["reason"]) == ([], False)
    schema = CASES.parent.parent / "schemas" / "decision.schema.json"
    validator = Draft202012Validator(json.loads(schema.read_text("utf-8")))
    for one in (told, other):
        validator.validate(one)
    without = {key: value for key, value in told["excepted"][0].items() if key != "exception"}
    assert not validator.is_valid({**told, "excepted": [without]})


def test_decisions_that_differ_in_what_is_lifted_are_not_equal(tmp_path: Path) -> None:
    policy = pack(tmp_path, {}, manifest=exceptions({"more": 'from: "2026-12-01T01:00:00+01:00"'}))
    decision = policy.decide(email(END - timedelta(hours=1)))
    assert pickle.loads(pickle.dumps(decision)) == decision
    assert decision.excepted[0] == decision.excepted[0]
    lifted, found = decision.excepted[0], policy.decide(email(END)).reasons[0]
    assert lifted != found


# -- when an email clears


def test_it_clears_when_an_exception_begins(tmp_path: Path) -> None:
    begins = 'from: "2026-12-01T00:00:00.000001Z"'
    policy = pack(tmp_path, {}, manifest=exceptions({"more": begins}))
    clears_at = policy.decide(email()).clears_at
    assert clears_at == datetime(2026, 12, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert policy.decide(email(account={"id": "other"})).clears_at is None
    assert policy.decide(email(END)).clears_at is None
    assert policy.decide(email(clears_at)).clears_at is None  # it may be sent, and nothing is promised of later


def test_what_is_lifted_now_is_back_when_the_exception_ends(tmp_path: Path) -> None:
    passing = {"when": "known(contact.cap_recovers_at)", "more": "clears_at: contact.cap_recovers_at"}
    policy = pack(tmp_path, {}, passing, manifest=exceptions({}))
    contact = {"email": "kim@example.com", "cap_recovers_at": END - timedelta(microseconds=1)}
    decision = policy.decide(email(contact=contact))
    assert ids(decision) == (["r1"], [("r0", "e0")])
    assert decision.clears_at == END - timedelta(microseconds=1)
    assert policy.decide(email(contact={**contact, "cap_recovers_at": END})).clears_at is None


def test_one_exception_may_take_over_from_another(tmp_path: Path) -> None:
    passing = {"when": "known(contact.cap_recovers_at)", "more": "clears_at: contact.cap_recovers_at"}
    later = {"more": 'from: "2027-02-01T00:00:00Z"', "until": "2027-03-01T00:00:00Z"}
    policy = pack(tmp_path, {}, passing, manifest=exceptions({}, later))
    contact = {"email": "kim@example.com", "cap_recovers_at": END}
    assert policy.decide(email(contact=contact)).clears_at == datetime(2027, 2, 1, tzinfo=UTC)


# -- all ways to decide


def outcome(decision: Decision) -> object:
    return [
        [(one.id, one.certainty, one.missing, one.clears_at, one.exception) for one in found]
        for found in (decision.reasons, decision.monitored, decision.excepted)
    ]


def answer(decide: Callable[[dict[str, Any]], Decision], document: dict[str, Any]) -> Decision | str:
    try:
        return decide(document)
    except ContextError as error:
        return str(error)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(
    st.lists(conditions, min_size=3, max_size=3), st.lists(conditions, min_size=1, max_size=3), st.integers(0, 2**32)
)
def test_the_code_that_is_written_agrees_with_the_reference(trees: list[Node], when: list[Node], seed: int) -> None:
    random = Random(seed)
    made = pack_of(trees, exceptions_of(when, ["r0", "r1", "r2"], random))
    program, reader, policy = InterpretedProgram(made), FactReader.of(made.fields.values()), sendable.Policy(made)
    for moment in MOMENTS:
        document = {**context(random), "now": moment}
        expected = answer(lambda given: reference.decide(made, program, reader.read(given, NOW)), document)
        decision = answer(policy.decide, document)
        if isinstance(expected, str) or isinstance(decision, str):
            assert decision == expected
            continue
        assert outcome(decision) == outcome(expected)
        assert decision.clears_at == expected.clears_at
        if expected.clears_at is not None:
            for step, sendable_then in ((timedelta(0), True), (timedelta(microseconds=-1), False)):
                now = expected.clears_at + step
                own = expected.reasons[0].id == "r0" or any(one.id == "r0" for one in expected.excepted)
                if not own:  # what r0 says of itself by `clears_at` is taken at its word
                    assert policy.decide({**document, "now": now}).sendable is sendable_then


def test_a_pack_without_exceptions_pays_nothing() -> None:
    for channel in Channel:
        written = write(bundled().pack, channel, validate=True)
        assert "holding" not in written.text
        assert "excepted" not in written.text
