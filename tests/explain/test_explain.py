"""Explanations: they say what the decision says, and what they promise holds when it is decided again."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import sendable
from sendable import cli
from sendable.decide.facts import ContextError, Facts
from sendable.explain import remedies
from sendable.explain.remedies import MOST_REMEDIES, Remedy, apply
from sendable.explain.traces import trace
from sendable.language.naming import named_by
from sendable.language.nodes import Node, walk
from sendable.language.parser import unparse
from sendable.language.types import Kind
from sendable.pack.model import Actor, FixableBy, OnUnknown
from sendable.pack.resources import schema_path
from sendable.render.reports.explanations import explanation_to_dict
from sendable.render.terminal.explain import explanation_as_text
from sendable.render.terminal.text import TextStyle
from sendable.testing.cases import nested
from tests.support.expressions import Program, conditions, programs
from tests.support.helpers import embedded, parsed
from tests.support.packs import EXAMPLES, bundled, read
from tests.support.packs import context as small_context
from tests.support.packs import pack as small_pack
from tests.support.programs import NOW, context, pack_of

RUNS = int(os.environ.get("EXPLAINED_PROGRAMS", settings().max_examples // 3))
ROOT = Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "tests" / "cases" / "explanations"
MOMENT = timedelta(microseconds=1)


def policy_of(trees: list[Node], *, clears: bool = True) -> sendable.Policy:
    pack = pack_of(trees)
    if not clears:
        pack = replace(pack, reasons=tuple(replace(reason, clears_at=None) for reason in pack.reasons))
    return sendable.Policy(pack)


def explanations(policy: sendable.Policy, seed: int, count: int = 6) -> list[sendable.Explanation]:
    random = Random(seed)
    found = []
    for _ in range(count):
        try:
            found.append(policy.explain(context(random), now=NOW))
        except ContextError:
            continue
    return found


def decided(policy: sendable.Policy, facts: Facts) -> sendable.Decision:
    return policy.decide(nested(facts))


def ids(decision: sendable.Decision) -> set[str]:
    return {one.id for one in decision.reasons}


several = programs(1, 3)
# What is about remedies takes six seconds and more: of each of them every part is decided too.
thorough = settings(max_examples=RUNS, suppress_health_check=list(HealthCheck), deadline=None)


@thorough
@given(several)
def test_an_explanation_says_what_the_decision_says(program: Program) -> None:
    trees, seed = program
    policy = policy_of(trees)
    for found in explanations(policy, seed):
        assert found.decision == decided(policy, found.facts)
        told = {one.reason.id: one.outcome for one in found.traces if one.found}
        findings = (*found.decision.reasons, *found.decision.monitored)
        assert told == {one.id: True if one.certainty == "matched" else None for one in findings}
        for one in findings:
            reads = found.trace(one.id).reads
            # What names something may have a value, and name nothing.
            names = named_by(walk(found.trace(one.id).reason.when.node))
            assert set(one.missing) <= {path for path, value in reads.items() if value is None} | set(names)
            assert all(found.facts.get(path) == value for path, value in reads.items())


@thorough
@given(several)
@example(([parsed("own.integer > more.integer"), parsed("own.integer < 3")], 5))
def test_every_remedy_makes_the_email_sendable_and_no_part_of_it_does(program: Program) -> None:
    """Takes seven seconds: each remedy of a hundred packs is applied, and each of its parts."""
    trees, seed = program
    policy = policy_of(trees)
    for found in explanations(policy, seed):
        assert bool(found.remedies) <= (not found.decision.sendable)
        for remedy in found.remedies:
            check(policy, found.facts, remedy)
        assert [len(one.steps) for one in found.remedies] == sorted(len(one.steps) for one in found.remedies)
        assert len({frozenset(one.changes) for one in found.remedies}) == len(found.remedies)


def check(policy: sendable.Policy, facts: Facts, remedy: Remedy) -> None:
    changes = list(remedy.changes.items())
    assert changes
    assert decided(policy, apply(facts, dict(changes))).sendable
    assert all(facts.get(path) != value for path, value in changes)
    for size in range(len(changes)):
        for fewer in combinations(changes, size):
            assert not decided(policy, apply(facts, dict(fewer))).sendable


@thorough
@given(several)
def test_what_clears_the_primary_reason_leaves_what_it_says(program: Program) -> None:
    """Takes nine seconds: what would clear each of the findings of a hundred packs is looked for."""
    trees, seed = program
    policy = policy_of(trees)
    for found in explanations(policy, seed, 3):
        primary = found.decision.reason
        for remedy in found.of_primary:
            assert primary is not None
            left = decided(policy, apply(found.facts, remedy.changes)).reasons
            assert primary.id not in [one.id for one in left]
            assert sorted(one.id for one in left) == sorted(remedy.leaves)


@thorough
@given(several)
@example(([parsed("lower(params.name) not in more.string_list")], 6))  # hangs on more.boolean through a case only
@example(
    (
        [
            parsed("lower(params.name) not in more.string_list"),
            parsed("not default(more.boolean, false) and default(own.boolean, true)"),
        ],
        6,
    )
)
def test_no_single_remedy_is_overlooked(program: Program) -> None:
    """Of booleans every value is tried, so each that clears all must be told.

    But for one that clears nothing by itself: what only a case of a parameter reads is changed for nobody's sake.
    """
    trees, seed = program
    policy = policy_of(trees)
    for found in explanations(policy, seed, 3):
        if found.decision.sendable or len(found.remedies) == 5:
            continue
        assume(found.complete)
        held = sendable.Policy(found.held)  # with the parameters as they are, whatever is changed
        alone = {
            path
            for path, field in policy.pack.fields.items()
            for changed in ({**found.facts, path: value} for value in (True, False))
            if field.type.kind is Kind.BOOLEAN and decided(policy, changed).sendable
            if not ids(found.decision) <= ids(decided(held, changed))
        }
        if any(one.by is not Actor.NOBODY for one in found.remedies):
            alone -= set(found.facts)  # what nobody can change is told only where nobody can change anything
        assert alone <= {path for one in found.remedies if len(one.steps) == 1 for path in one.changes}


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("(own.boolean or more.boolean) and (not own.boolean\n or more.boolean)",
         ["(own.boolean or more.boolean) and (not own.boolean or more.boolean)", "own.boolean or more.boolean",
          "own.boolean", "more.boolean", "not own.boolean or more.boolean", "not own.boolean", "own.boolean",
          "more.boolean"]),
        ("ends_with(own.string, ')') and ((own.boolean))",
         ["ends_with(own.string, ')') and ((own.boolean))", "ends_with(own.string, ')')", "own.string", "own.boolean"]),
        ("(own.integer + 1) * 2 == 4", ["(own.integer + 1) * 2 == 4", "(own.integer + 1) * 2", "own.integer + 1",
                                        "own.integer"]),
    ],
)  # fmt: skip
def test_parts_are_shown_as_they_are_written(written: str, parts: list[str]) -> None:
    pack = pack_of([parsed(written)])
    [reason] = pack.reasons
    reason = replace(reason, when=replace(reason.when, source=embedded(written)))
    found = trace(pack, reason, {"email.channel": "marketing", "now": NOW})
    assert [part.text for part in found.condition.walk()] == parts


@given(conditions)
def test_every_part_is_shown(node: Node) -> None:
    pack = pack_of([node])
    [reason] = pack.reasons
    reread = parsed(unparse(node))
    reason = replace(reason, when=replace(reason.when, node=reread))
    for part in trace(pack, reason, {"email.channel": "marketing", "now": NOW}).condition.walk():
        assert unparse(parsed(f"({part.text})")) == unparse(part.node)


# -- time

in_time = st.sampled_from(
    [
        "hours_since(own.timestamp) < 24",
        "hours_since(own.timestamp) <= 24",
        "not (hours_since(own.timestamp) > 36.5)",
        "days_since(own.timestamp) != own.integer",
        "days_since(own.timestamp) == own.integer",
        "now < own.timestamp",
        "now <= more.timestamp",
        "own.timestamp >= now and now < more.timestamp",
        "hours_since(own.timestamp) * 2 - own.integer < 96.25",
        "hours_since(own.timestamp) < 24 or hours_since(more.timestamp) > 48",
        "hours_since(own.timestamp) * hours_since(more.timestamp) < 50",
        "hours_since(own.timestamp) + hours_since(more.timestamp) in [1, 2] or own.boolean",
        "default(hours_since(own.timestamp), 10) < 20",
        "0 < hours_since(own.timestamp) < 24",
        "now < add_hours(own.timestamp, 72.5)",
        "add_hours(own.timestamp, own.integer) >= now",
        'now < time("2026-11-24T00:00:00+01:00")',
        'add_hours(now, 36) <= default(own.timestamp, time("2026-12-24T00:00:00Z"))',
    ]
).map(parsed)


@thorough
@given(programs(1, 3, in_time | conditions))
@example(([parsed("hours_since(own.timestamp) <= 24")], 1))
def test_the_time_it_clears_is_exact(program: Program) -> None:
    trees, seed = program
    policy = policy_of(trees, clears=False)
    for found in explanations(policy, seed, 4):
        when, random = found.clears_at, Random(seed)
        assert when is None or not found.decision.sendable
        if found.decision.sendable:
            continue
        latest = datetime(2030, 1, 1, tzinfo=UTC) if when is None else when - MOMENT
        if when is not None:
            assert when > found.decision.now
            assert decided(policy, {**found.facts, "now": when}).sendable
            assert not decided(policy, {**found.facts, "now": when - MOMENT}).sendable
        span = latest - found.decision.now
        for _ in range(10):
            before = found.decision.now + span * random.random()
            if before >= found.decision.now:
                assert not decided(policy, {**found.facts, "now": before}).sendable


def test_what_passes_by_itself_passes_when_the_last_reason_has() -> None:
    document = read(EXAMPLES[0].parent / "frequency_capped.yaml")
    decision = bundled().decide(document)
    assert decision.reason is not None
    assert decision.clears_at == decision.reason.clears_at is not None
    later = {**document, "account": {**document["account"], "monthly_sent": 60_000}}
    both = bundled().decide(later)
    times = [finding.clears_at for finding in both.reasons]
    assert len(times) == 2
    assert both.clears_at is None or both.clears_at == max(time for time in times if time is not None)
    never = {**document, "email": {**document["email"], "cancelled": True}}
    assert bundled().decide(never).clears_at is None


CAPPED = ["account_over_monthly_limit", "frequency_capped", "provider_limit_reached"]
"""The reasons on a count that starts afresh."""


@pytest.mark.parametrize("name", CAPPED)
def test_what_is_capped_can_be_sent_at_the_very_time_it_clears(name: str) -> None:
    document = read(EXAMPLES[0].parent / f"{name}.yaml")
    clears_at = bundled().decide(document).clears_at
    assert clears_at is not None
    instant = timedelta(microseconds=1)
    before = bundled().decide({**document, "now": clears_at - instant})
    assert [one.id for one in before.reasons] == [name]
    assert before.clears_at == clears_at
    for later in (clears_at, clears_at + instant, clears_at + timedelta(days=900)):
        assert bundled().decide({**document, "now": later}).sendable


def test_a_time_that_has_passed_is_no_promise() -> None:
    document = read(EXAMPLES[0].parent / "frequency_capped.yaml")
    assert bundled().decide({**document, "now": "2030-01-01T00:00:00Z"}).sendable


# -- lists


@pytest.mark.parametrize(
    ("conditions", "items", "wanted"),
    [
        (["'terms' not in own.string_list or 'email' not in own.string_list"], ["sms"], ["sms", "email", "terms"]),
        (["'cold' in own.string_list or 'bounced' in own.string_list"], ["cold", "bounced", "vip"], ["vip"]),
        (["'hold' in own.string_list", "overlaps(own.string_list, lists.roles)"], ["hold", "info", "x"], ["x"]),
        (["overlaps(own.string_list, lists.roles)"], ["Info", "x", "kundtjänst"], ["x"]),
        (["overlaps(own.string_list, ['a', 'b'])", "'c' not in own.string_list"], ["a", "x", "b"], ["x", "c"]),
        (["not ('a' in own.string_list and count(own.string_list) >= 2)"], [], ["a", "other0"]),
        (["'a' in own.string_list", "count(own.string_list) > 2"], ["a", "x", "y", "z"], ["x", "y"]),
    ],
)
def test_of_a_list_only_what_counts_changes(conditions: list[str], items: list[str], wanted: list[str]) -> None:
    policy = policy_of([parsed(one) for one in conditions], clears=False)
    known = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}, "own": {"string_list": items}}
    found = policy.explain(known, now=NOW)
    best, *_ = found.remedies
    assert best.changes == {"own.string_list": tuple(wanted)}
    check(policy, found.facts, best)


@pytest.mark.parametrize(
    ("condition", "value", "wanted"),
    [
        ("own.integer * 2 + more.integer > 11", 9, 5),
        ("own.integer + 1 in [4, 5]", 3, 2),
        ("own.integer + 1 in [4, 5]", 4, 5),
        ("own.number > 2.5", 9.75, 2.5),
        ("own.number >= 2.5", 9.75, 2.49),
        ("own.number * 0.1 >= 0.3", 4.0, 2.99),
        ("own.number > 2.5 or own.number < 2.495", 9.75, 2.5),
    ],
)
def test_of_numbers_the_nearest_is_told(condition: str, value: float, wanted: float) -> None:
    policy = policy_of([parsed(condition)], clears=False)
    known = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}, "more": {"integer": 1}}
    path = "own.integer" if "own.integer" in condition else "own.number"
    found = policy.explain({**known, "own": {path.removeprefix("own."): value}}, now=NOW)
    assert next(one.changes[path] for one in found.remedies if list(one.changes) == [path]) == wanted


def test_where_not_all_was_tried_it_is_said() -> None:
    looked_for = " or ".join(f"'{letter}' not in own.string_list" for letter in "abcdefg")
    known = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}, "own": {"string_list": []}}
    assert not policy_of([parsed(looked_for)], clears=False).explain(known, now=NOW).complete


def test_where_there_is_no_way_the_search_for_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sendable.explain.remedies._MOST_STEPS", 30)
    looked_at: list[object] = []
    change = remedies._Search._changed

    def counted(*given: Any) -> Any:
        looked_at.append(given)
        return change(*given)

    monkeypatch.setattr(remedies._Search, "_changed", counted)
    numbers = ("own.integer", "own.number", "contact.hard_bounces", "account.monthly_sent", "account.monthly_limit")
    clauses = (" or ".join(f"{number} != {value}" for number in numbers) for value in range(4))
    policy = policy_of([parsed(" and ".join(f"({clause})" for clause in clauses))], clears=False)
    contact = {"email": "kim@example.com"}
    found = policy.explain({"email": {"channel": "marketing"}, "contact": contact}, now=NOW)
    assert not found.complete
    assert len(looked_at) < 3 * 30


def test_where_more_is_found_than_told_it_is_said() -> None:
    flags = ("spam_trap", "company_opted_out", "domain_blocked", "globally_bounced", "marked_as_spam", "ever_engaged")
    pack = pack_of([parsed(" and ".join(f"contact.{flag}" for flag in flags))])
    policy = sendable.Policy(replace(pack, reasons=(replace(pack.reasons[0], fixable_by=FixableBy.USER),)))
    contact = {"email": "kim@example.com", **dict.fromkeys(flags, True)}
    found = policy.explain({"email": {"channel": "marketing"}, "contact": contact}, now=NOW)
    assert len(found.remedies) == MOST_REMEDIES < len(flags)
    assert not found.complete


# -- the bundled pack


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_have_remedies_that_hold(path: Path) -> None:
    found = bundled().explain(read(path))
    assert found.complete
    assert bool(found.remedies) is not found.decision.sendable
    for remedy in found.remedies:
        check(bundled(), found.facts, remedy)


def test_a_floor_is_lifted_only_by_whom_it_says() -> None:
    for path in EXAMPLES:
        found = bundled().explain(read(path))
        floors = [finding.reason for finding in found.decision.reasons if finding.reason.floor]
        for remedy in found.remedies:
            for step in remedy.steps:
                rests = [one for one in floors if step.path in found.trace(one.id).reads]
                assert all(step.by == one.fixable_by.value for one in rests), path
                if any(one.fixable_by is FixableBy.CONTACT for one in rests):
                    assert step.by is Actor.CONTACT


def test_a_setting_that_switches_a_floor_off_is_no_remedy() -> None:
    found = bundled().explain(read(EXAMPLES[0].parent / "unconfirmed_opt_in.yaml"))
    assert [dict(one.changes) for one in found.remedies] == [{"contact.double_opt_in_confirmed": True}]


def test_several_reasons_are_cleared_together_and_what_is_left_is_said() -> None:
    document = read(EXAMPLES[0].parent / "unsubscribed_from_type.yaml")
    document = {**document, "email": {**document["email"], "cancelled": True}}
    found = bundled().explain(document)
    assert [set(one.changes) for one in found.remedies] == [{"contact.unsubscribed_types", "email.cancelled"}]
    assert found.remedies[0].by is Actor.CONTACT
    assert len(found.still) == 1
    assert set(found.still) < {finding.id for finding in found.decision.reasons}


def test_a_way_is_found_where_all_is_wrong_at_once_and_what_is_hostile_costs_little() -> None:
    document = {
        "now": "2026-11-23T09:00:00Z",
        "email": {"channel": "marketing", "subscription_type": "\x1b[31m{x}", "cancelled": True},
        "contact": {
            "email": "\u202ea\n\x07@gmial.com" * 1000,
            "unsubscribed_types": ["\x1b[31m{x}"] * 5_000,
            "legal_basis": "none",
            "mailbox": "full",
        },
        "account": {"status": "suspended", "legal_basis_required": True},
        "delivery": {"failure": "unspecified"},
    }
    found = bundled().explain(document)
    assert len(found.decision.reasons) == 15
    [remedy, *_] = found.remedies
    assert decided(bundled(), apply(found.facts, remedy.changes)).sendable
    for path in remedy.changes:
        fewer = {other: value for other, value in remedy.changes.items() if other != path}
        assert not decided(bundled(), apply(found.facts, fewer)).sendable
    text = explanation_as_text(found, "hostile", TextStyle("sv", "sv"), full=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_clearing_an_only_reason_leaves_none(path: Path) -> None:
    found = bundled().explain(read(path))
    if len(found.decision.reasons) == 1:
        assert found.still == ()


# -- what is missing


def test_what_would_settle_an_undetermined_finding() -> None:
    document = read(EXAMPLES[0].parent / "unsubscribed_from_type.yaml")
    contact = {**document["contact"], "unsubscribed_types": None, "double_opt_in_confirmed": None}
    account = {**document["account"], "double_opt_in_required": None}
    found = bundled().explain({**document, "contact": contact, "account": account})
    assert {one.id for one in found.decision.reasons} == {"unsubscribed_from_type", "unconfirmed_opt_in"}
    [types] = found.settlings["unsubscribed_from_type"]
    assert types.paths == ("contact.unsubscribed_types",)
    assert {outcome for _, outcome in types.outcomes} == {True, False}
    [both] = found.settlings["unconfirmed_opt_in"]
    assert set(both.paths) == {"account.double_opt_in_required", "contact.double_opt_in_confirmed"}
    by_values = {tuple(sorted(given.items())): outcome for given, outcome in both.outcomes}
    assert len(by_values) == 4
    assert sum(by_values.values()) == 1


@thorough
@given(several)
def test_what_settles_does(program: Program) -> None:
    trees, seed = program
    policy = policy_of(trees)
    for found in explanations(policy, seed, 4):
        for reason, sets in found.settlings.items():
            assert found.trace(reason).reason.on_unknown is OnUnknown.SUPPRESS
            names = named_by(walk(found.trace(reason).reason.when.node))  # which may have a value, and name nothing
            for settling in sets:
                assert not set(settling.paths) & (set(found.facts) - set(names))
                for given_values, outcome in settling.outcomes:
                    again = policy.explain(nested({**found.facts, **given_values}))
                    assert again.trace(reason).outcome is outcome


# -- as text and as data


@pytest.mark.parametrize("locale", ["en", "sv"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_is_explained_in_both_languages_as_it_was_read(path: Path, locale: str, regenerate: bool) -> None:
    style = TextStyle(locale, locale)
    text = explanation_as_text(bundled().explain(read(path)), path.stem, style)
    expected = CASES / f"{path.stem}.{locale}.txt"
    if regenerate:
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_as_data_it_is_valid_against_its_schema(path: Path) -> None:
    schema = json.loads(schema_path("explanation").read_text(encoding="utf-8"))
    found = bundled().explain(read(path))
    for locale in ("en", "sv"):
        data = json.loads(json.dumps(explanation_to_dict(found, locale)))
        Draft202012Validator(schema).validate(data)
        assert data["decision"] == found.decision.to_dict(locale)
        assert [one["id"] for one in data["reasons"] if one["found"]] == sorted(
            (one.id for one in found.decision.reasons), key=[one.id for one in bundled().reasons].index
        )


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(cli.sendable, ["explain", *map(str, arguments)], **options)


UNENGAGED = ROOT / "policies" / "examples" / "unengaged.yaml"
CLEAN = ROOT / "policies" / "examples" / "clean-marketing.yaml"


def test_shows_every_value_on_request() -> None:
    short = run(UNENGAGED).stdout
    full = run(UNENGAGED, "--full", "--policy", ROOT / "policies").stdout
    assert full.startswith(short)
    assert "          contact.sends_since_engagement  = 11\n" in full
    assert "uses params.unengaged_after_sends: 11" in full
    assert f"stands at {ROOT / 'policies' / 'reasons' / 'recipient.yaml'}:98:11" in full.replace("\n        ", " ")


@pytest.mark.parametrize(
    ("context", "reason", "words"),
    [
        (UNENGAGED, "unengaged", ["unengaged: it applies", "reads contact.ever_engaged: false"]),
        (CLEAN, "unengaged", ["unengaged: it does not apply", "Because: the contact has opened or clicked an email"]),
        (
            CLEAN,
            "provider_limit_reached",
            ["is not for marketing emails", "= unknown (sender.provider_limit"],
        ),
        (CLEAN, "role_or_misspelled_address", ["looks up local_part(contact.email) in lists.role_accounts: false"]),
    ],
)
def test_explains_one_reason_whether_it_applies_or_not(context: Path, reason: str, words: list[str]) -> None:
    result = run(context, "--reason", reason)
    assert result.exit_code == 0
    for each in words:
        assert each in " ".join(result.stdout.split())


def test_says_which_reason_was_meant() -> None:
    result = run(CLEAN, "--reason", "unengagd")
    assert result.exit_code == 2
    assert "error: the pack has no reason `unengagd`" in result.stderr
    assert "Did you mean `unengaged`?" in result.stderr


def test_explains_the_others_when_one_can_not_be_decided(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("email: {channel: pigeon}\n")
    result = run(bad, CLEAN, "--format", "json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)) == 1
    assert "email.channel" in result.stderr
    assert "contact.email" in result.stderr


def test_reads_standard_input_and_writes_to_a_file(tmp_path: Path) -> None:
    given_context = json.dumps({"email": {"channel": "transactional"}, "contact": {"email": "kim@example.com"}})
    result = run("-", "--output", tmp_path / "told.txt", "--locale", "sv", "--full", input=given_context)
    assert result.exit_code == 0
    assert result.stdout == ""
    told = (tmp_path / "told.txt").read_text(encoding="utf-8")
    assert "OKLART, hålls inne" in told
    assert "account.status = suspended: skälet gäller\n" in told
    assert "account.status = active: skälet gäller inte\n" in told


def test_what_a_zone_that_is_none_leaves_unknown_is_settled_by_one_that_is(tmp_path: Path) -> None:
    when = "'local_weekday(now, contact.locale) in [6, 7] or local_hour(now, contact.locale) < 8'"
    policy = small_pack(tmp_path, {"when": when, "on_unknown": "suppress"})
    found = policy.explain({**small_context(locale="Mars/Olympus"), "now": "2026-11-25T12:00:00Z"})
    assert [one.missing for one in found.decision.reasons] == [("contact.locale",)]
    [settling] = found.settlings["r0"]
    assert settling.paths == ("contact.locale",)
    assert {outcome for _, outcome in settling.outcomes} == {True, False}
