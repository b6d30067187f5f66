"""Mutation: what is changed, what is told of changes that nobody notices, and that equivalent ones are equivalent."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.decide.facts import Facts
from sendable.diagnostics.places import Span
from sendable.language.cells import TooManyError
from sendable.language.interpreter import Interpreter
from sendable.language.nodes import Node
from sendable.language.parser import unparse
from sendable.language.scope import PolicyList
from sendable.language.space import Space
from sendable.language.types import Kind, Value
from sendable.pack.model import Channel, OnUnknown, Pack, scope_of
from sendable.render.terminal.tests import mutation_as_text
from sendable.testing.cases import Aspect, Case, Check, Suite, nested
from sendable.testing.equivalence import is_equivalent
from sendable.testing.mutants import AS_FOUND, Change, _variants, mutants
from sendable.testing.mutation import Mutation, mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites
from sendable.testing.worlds import Bench, World, found_of
from tests.support.environment import ENVIRONMENT
from tests.support.expressions import conditions
from tests.support.facts import facts
from tests.support.helpers import embedded, parsed, scope
from tests.support.packs import bundled, pack
from tests.support.suites import NOW, TESTS

SCOPE = scope()
INTERPRETER = Interpreter(SCOPE.parameters, SCOPE.lists)


@cache
def suites() -> tuple[Suite, ...]:
    found, problems = load_suites(TESTS, bundled().pack)
    assert problems == ()
    return found


def mutated(policy: sendable.Policy, directory: Path, cases: str) -> Mutation:
    (directory / "tests").mkdir(exist_ok=True)
    (directory / "tests" / "a.yaml").write_text(f"{NOW}cases:\n{cases}", encoding="utf-8")
    found, problems = load_suites(directory / "tests", policy.pack)
    assert problems == (), [str(one) for one in problems]
    assert run_suites(policy, found).passed
    return mutate(policy.pack, found)


def changes(condition: str) -> list[tuple[str, str]]:
    """What a change is called, and what the condition becomes."""
    return [(one.text, unparse(one.node)) for one in _variants(parsed(condition), boolean=True)]


UNUSED = {Change.STRETCH, Change.EXCEPTION, Change.CASE, Change.PERIOD, Change.ROLLOUT}
"""What nothing in the bundled pack can be changed by."""
SOME_DAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
CASE = "  - {name: x, patch: {email.channel: marketing, contact.email: kim@example.org}, expect: {sendable: true}}\n"


# -- what is changed


def test_a_comparison_and_its_bound() -> None:
    assert changes("contact.hard_bounces >= 11") == [
        ("`>= 11` becomes `> 11` in", "contact.hard_bounces > 11"),
        ("`>= 11` becomes `== 11` in", "contact.hard_bounces == 11"),
        ("`>= 11` becomes `< 11` in", "contact.hard_bounces < 11"),
        ("`>= 11` becomes `>= 12` in", "contact.hard_bounces >= 12"),
        ("`>= 11` becomes `>= 10` in", "contact.hard_bounces >= 10"),
    ]
    assert ("`0 <` becomes `1 <` in", "1 < contact.hard_bounces <= 5") in changes("0 < contact.hard_bounces <= 5")


def test_logic() -> None:
    assert changes("contact.spam_trap and not (contact.marked_as_spam or known(contact.id))") == [
        ("`contact.spam_trap` is left out of", "not (contact.marked_as_spam or known(contact.id))"),
        ("`not (contact.marked_as_spam or known(contact.id))` is left out of", "contact.spam_trap"),
        (
            "`contact.spam_trap and …` becomes `contact.spam_trap or …` in",
            "contact.spam_trap or not (contact.marked_as_spam or known(contact.id))",
        ),
        (
            "`contact.spam_trap` becomes `not contact.spam_trap` in",
            "not contact.spam_trap and not (contact.marked_as_spam or known(contact.id))",
        ),
        (
            (
                "`not (contact.marked_as_spam or known(contact.id))` becomes "
                "`contact.marked_as_spam or known(contact.id)` in"
            ),
            "contact.spam_trap and (contact.marked_as_spam or known(contact.id))",
        ),
        ("`contact.marked_as_spam` is left out of", "contact.spam_trap and not known(contact.id)"),
        ("`known(contact.id)` is left out of", "contact.spam_trap and not contact.marked_as_spam"),
        (
            "`contact.marked_as_spam or …` becomes `contact.marked_as_spam and …` in",
            "contact.spam_trap and not (contact.marked_as_spam and known(contact.id))",
        ),
        (
            "`contact.marked_as_spam` becomes `not contact.marked_as_spam` in",
            "contact.spam_trap and not (not contact.marked_as_spam or known(contact.id))",
        ),
        (
            "`known(contact.id)` becomes `not known(contact.id)` in",
            "contact.spam_trap and not (contact.marked_as_spam or not known(contact.id))",
        ),
    ]


def test_lists_and_defaults() -> None:
    assert changes("account.tier in ['free', 'starter']") == [
        ('`in ["free", "starter"]` becomes `not in ["free", "starter"]` in', 'account.tier not in ["free", "starter"]'),
        ('`"free"` is left out of `in ["free", "starter"]` in', 'account.tier in ["starter"]'),
        ('`"starter"` is left out of `in ["free", "starter"]` in', 'account.tier in ["free"]'),
    ]
    assert changes("default(email.cancelled, false)") == [
        (
            "`default(email.cancelled, false)` becomes `not default(email.cancelled, false)` in",
            "not default(email.cancelled, false)",
        ),
        ("`default(email.cancelled, false)` becomes `email.cancelled` in", "email.cancelled"),
        (
            "`default(email.cancelled, false)` becomes `default(email.cancelled, true)` in",
            "default(email.cancelled, true)",
        ),
    ]
    assert ("`default(own.integer, 3)` becomes `default(own.integer, 4)` in", "default(own.integer, 4) > 1") in changes(
        "default(own.integer, 3) > 1"
    )


def test_what_is_not_in_the_condition(tmp_path: Path) -> None:
    policy = pack(
        tmp_path,
        {"when": "contact.spam_trap", "channels": "marketing, one_to_one"},
        {"when": "contact.hard_bounces >= params.least", "on_unknown": "suppress", "more": "floor: true"},
        manifest="parameters: {least: {description: x, type: integer, value: 3, minimum: 3}}\n",
    )
    assert [one.text for one in mutants(policy.pack) if one.change not in (Change.COMPARISON, Change.NEGATION)] == [
        "`on_unknown: ignore` becomes `on_unknown: suppress` in `r0`",
        "`r0` is no longer for `marketing` emails",
        "`r0` is no longer for `one_to_one` emails",
        "`r0` is for `transactional` emails too",
        "`mode: enforce` becomes `mode: monitor` in `r0`",
        "`retry: never` becomes `retry: after_fix` in `r0`",
        "`fixable_by: provider` becomes `fixable_by: contact` in `r0`",
        # a floor that ignores what is not known or is monitored, and a reason for no email, would not load
        "`r1` is for `one_to_one` emails too",
        "`r1` is for `transactional` emails too",
        "`floor: true` is left out of `r1`",
        "`retry: never` becomes `retry: after_fix` in `r1`",
        "`fixable_by: provider` becomes `fixable_by: contact` in `r1`",
        "`r0` (1) and `r1` (2) change places",
        "the parameter `least` is 4 instead of 3",
    ]


@given(conditions)
@settings(max_examples=200)
def test_every_change_is_one_and_can_be_evaluated(node: Node) -> None:
    for variant in _variants(node, boolean=True):
        assert variant.node != node
        INTERPRETER.prepare(variant.node)


# -- what is told


def test_a_change_that_nobody_notices_is_told_in_plain_words_with_a_case_that_would(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"id": "unengaged", "when": "contact.sends_since_engagement >= 11"})
    context = "email.channel: marketing, contact.email: kim@example.org, contact.sends_since_engagement"
    told = "reason: unengaged, retry: never, fixable_by: provider"
    cases = (
        f"  - {{name: over, patch: {{{context}: 12}}, expect: {{{told}}}}}\n"
        f"  - {{name: under, patch: {{{context}: 10}}, expect: {{sendable: true}}}}\n"
        + CASE
        + CASE.replace("marketing", "one_to_one").replace("name: x", "name: y")
        + CASE.replace("marketing", "transactional").replace("name: x", "name: z")
    )
    found = mutated(policy, tmp_path, cases)
    survived = {one.message: one.case for one in found.survived}
    assert set(survived) == {
        "no test notices if `>= 11` becomes `> 11` in `unengaged`",
        "no test notices if `>= 11` becomes `>= 12` in `unengaged`",
        "no test notices if `unengaged` is for `one_to_one` emails too",
        "no test notices if `unengaged` is for `transactional` emails too",
    }
    assert survived["no test notices if `>= 11` becomes `> 11` in `unengaged`"] == (
        """\
  - name: "notices if `>= 11` becomes `> 11` in `unengaged`"
    patch:
      now: "2026-11-23T09:00:00Z"
      email.channel: marketing
      contact.email: "kim@example.com"
      contact.sends_since_engagement: 11
    expect:
      reason: unengaged
"""
    )
    assert found.equivalent == ()


WINDOWS = ("day", "week", "two_weeks", "month")


def test_pasted_cases_pass_and_notice_what_they_were_made_for(tmp_path: Path) -> None:
    """From no test to speak of to every change noticed, by nothing but pasting what is told.

    What only a message looks up has no case to paste: a case would have to say the message. Takes ten seconds: every
    change of the bundled pack is looked at twice, and a case is looked for each that nobody notices.
    """
    shown = {f"no test notices if `{one}` is left out of the list `cap_windows`" for one in WINDOWS}
    fixtures = (TESTS / "fixtures.yaml").read_text(encoding="utf-8")
    (tmp_path / "fixtures.yaml").write_text(fixtures, encoding="utf-8")
    text = "cases:\n  - {name: nothing, given: receipt, expect: {sendable: true}}\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    before, problems = load_suites(tmp_path, bundled().pack)
    assert problems == ()
    found = mutate(bundled().pack, before)
    assert len(found.survived) > 150
    assert {one.message for one in found.survived if one.case is None} == shown
    assert {one.file for one in found.survived if one.case is not None} == {str(tmp_path / "a.yaml")}
    text += "".join(dict.fromkeys(one.case for one in found.survived if one.case is not None))
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    after, problems = load_suites(tmp_path, bundled().pack)
    assert [str(one) for one in problems] == []
    assert [result.case.name for result in run_suites(bundled(), after).failed] == []
    assert {one.message for one in mutate(bundled().pack, after).survived} == shown


HARD = [
    ("in_domains(domain(contact.email), lists.own) and local_part(contact.email) != 'x'", "strings"),
    ("contains(lower(email.from_address), 'no-reply')", "parts of texts"),
    ("hours_since(contact.cap_recovers_at) >= 24 and account.limit_resets_at < now", "times"),
    ("now < add_hours(contact.cap_recovers_at, 72) or now > time('2027-01-31T00:00:00+01:00')", "times to come"),
    ("local_weekday(now, contact.locale) in [6, 7] or local_hour(now, contact.locale) < 8", "hours and weekdays"),
    ("local_hour(contact.cap_recovers_at, 'Asia/Kathmandu') == 8", "one hour"),
    (
        "now < next_local('08:00', now, contact.locale) <= next_local('21:00', now, contact.locale)",
        "a window of times of day",
    ),
    ("is_ascii(contact.id) or base_address(contact.email) == 'kim@bad.example'", "base addresses"),
    ("overlaps(contact.unsubscribed_types, ['a', 'b']) or count(contact.unsubscribed_types) > 2", "lists"),
    ("account.monthly_sent / account.monthly_limit > 0.9", "arithmetic"),
    ("email.channel != 'one_to_one' and email.channel in ['marketing', 'transactional']", "channels"),
]


@pytest.mark.parametrize("condition", [one for one, _ in HARD], ids=[name for _, name in HARD])
@pytest.mark.parametrize("on_unknown", ["ignore", "suppress"])
def test_cases_are_found_for_conditions_that_are_hard_to_look_into(
    tmp_path: Path, condition: str, on_unknown: str
) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.yaml").write_text(
        "lists: {own: {description: x, entries: [bad.example]}}", encoding="utf-8"
    )
    channels = "marketing, one_to_one, transactional"
    policy = pack(tmp_path, {"when": f'"{condition}"', "channels": channels, "on_unknown": on_unknown})
    cases = CASE.replace("sendable: true", "monitored: []")
    found = mutated(policy, tmp_path, cases)
    assert [one.message for one in found.survived if one.case is None and one.mutant.change is not Change.BOUND] == []
    pasted = cases + "".join(dict.fromkeys(one.case for one in found.survived if one.case is not None))
    again = mutated(policy, tmp_path, pasted)
    assert [one.message for one in again.survived if one.case is not None] == []


def test_json_has_exactly_what_it_must() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sendable", "test", "--mutate", "--format", "json"],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    assert sorted(found) == ["equivalent", "killed", "kinds", "score", "survived"]
    assert isinstance(found["survived"], list)
    assert 0.95 <= found["score"] <= 1
    assert found["killed"] > 200
    assert list(found["kinds"]) == [one for one in Change if one not in UNUSED]
    assert sum(kind["killed"] for kind in found["kinds"].values()) == found["killed"]
    assert found["kinds"]["retry"] == {"killed": len(bundled().reasons), "of": len(bundled().reasons)}


# -- the bundled pack


def test_the_bundled_packs_tests_notice_every_change() -> None:
    found = mutate(bundled().pack, suites())
    assert [one.message for one in found.survived] == []
    assert found.score == 1
    assert {one.mutant.change for one in found.killed} == {*Change} - UNUSED


def test_changes_by_hand_of_what_services_act_on_are_noticed_in_every_reason(tmp_path: Path) -> None:
    """Each in the file, as an editor would: what is noticed of a mutant in memory is noticed so, too."""
    others = {
        "retry": {"never": "later", "after_fix": "never", "later": "after_fix"},
        "fixable_by": {
            "contact": "user", "user": "admin", "admin": "provider", "provider": "nobody", "nobody": "contact",
        },
        "floor": {"true": "false"},
    }  # fmt: skip
    for key, new in others.items():
        line = re.compile(rf"(?m)^    {key}: ({'|'.join(new)})$")
        copy = tmp_path / key
        shutil.copytree(TESTS.parent, copy)
        for path in copy.glob("reasons/*.yaml"):
            text = path.read_text(encoding="utf-8")
            for found in reversed([*line.finditer(text)]):
                text = text[: found.start(1)] + new[found[1]] + text[found.end(1) :]
            path.write_text(text, encoding="utf-8")
        changed_policy = sendable.load(copy)
        noticed = {
            mismatch.check.of or result.decision.reason.id
            for result in run_suites(changed_policy, suites()).failed
            for mismatch in result.mismatches
            if mismatch.check.aspect == key and result.decision.reason is not None
        }
        reasons = {reason.id for reason in bundled().reasons if key != "floor" or reason.floor}
        assert noticed == reasons, key


LISTS = """
lists:
  words: {description: x, entries: [alpha, beta]}
  meant: {description: x, entries: {gmial.example: gmail.example, gmal.example: gmail.example}}
  domains: {description: x, entries: [bad.example, mail.bad.example, worse.example]}
"""


def with_lists(tmp_path: Path, when: str, more: str = "") -> sendable.Policy:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.yaml").write_text(LISTS, encoding="utf-8")
    return pack(tmp_path, {"when": when, "more": more, "message": "{details.meant}" if more else "Because."})


def test_entries_of_lists_are_left_out_one_at_a_time_and_one_case_notices_all(tmp_path: Path) -> None:
    when = "local_part(contact.email) in lists.words or in_domains(domain(contact.email), lists.domains)"
    policy = with_lists(tmp_path, when)
    found = mutated(policy, tmp_path, CASE)
    entries = [one for one in found.survived if one.mutant.change is Change.ENTRY]
    assert [one.mutant.text for one in entries] == [
        "`alpha` is left out of the list `words`",
        "`beta` is left out of the list `words`",
        "`bad.example` is left out of the list `domains`",
        "`worse.example` is left out of the list `domains`",
    ]
    assert [one.text for one in found.equivalent if one.change is Change.ENTRY] == [
        "`mail.bad.example` is left out of the list `domains`"  # what is below `bad.example` is in the list anyway
    ]
    assert (
        entries[0].case
        == entries[1].case
        == (
            """\
  - name: "notices if an entry is left out of the list `words`"
    patch:
      now: "2026-11-23T09:00:00Z"
      email.channel: marketing
    each:
      contact.email:
        - "alpha@example.com"
        - "beta@example.com"
    expect:
      reason: r0
"""
        )
    )
    text = "\n".join(mutation_as_text(found))
    assert text.count("each:") == 2
    assert "  and likewise 1 more, which the same case notices\n" in text
    pasted = CASE + "".join(dict.fromkeys(one.case for one in found.survived if one.case is not None))
    assert mutated(policy, tmp_path, pasted).score == 1


def test_of_a_map_what_a_text_shows_is_noticed(tmp_path: Path) -> None:
    policy = with_lists(
        tmp_path,
        "known(contact.id)",
        more="details: {meant: 'lookup(domain(contact.email), lists.meant)'}",
    )
    found = mutated(policy, tmp_path, CASE)
    texts = [one for one in found.survived if one.mutant.change is Change.ENTRY]
    assert [one.mutant.gone for one in texts] == [{"gmal.example"}, {"gmial.example"}]
    assert all(one.case is not None and "en: gmail.example" in one.case.replace('"', "") for one in texts)


def test_a_long_list_is_left_out_in_stretches(tmp_path: Path) -> None:
    policy = with_lists(tmp_path, "local_part(contact.email) in lists.words")
    words = PolicyList("words", "x", frozenset(f"word{number:04}" for number in range(1001)))
    long = replace(policy.pack, lists={**policy.pack.lists, "words": words})
    found = [one for one in mutants(long) if one.change in (Change.ENTRY, Change.STRETCH)]
    assert {one.change for one in found} == {Change.STRETCH}
    assert len(found) == 20
    assert found[0].text == "the 51 entries from `word0000` to `word0050` are left out of the list `words`"
    assert frozenset().union(*(one.gone for one in found)) == words.entries
    assert sum(len(one.gone) for one in found) == len(words.entries)


def test_of_a_list_that_is_counted_one_entry_stands_for_all(tmp_path: Path) -> None:
    policy = with_lists(tmp_path, "local_part(contact.email) in lists.words")
    found = mutated(policy, tmp_path, f"{CASE}entries: {{words: 2}}\n")
    [counted] = [one for one in found.killed if one.mutant.change is Change.ENTRY]
    assert counted.case is None
    assert counted.mutant.text == "any one of the 2 entries is left out of the list `words`"
    assert Change.ENTRY not in {one.mutant.change for one in found.survived}


USES = [
    "local_part(contact.email) in lists.words",
    "overlaps(contact.unsubscribed_types, lists.words)",
    "count(lists.words) > 1",
    "in_domains(domain(contact.email), lists.domains)",
    "domain(contact.email) in lists.meant and lookup(domain(contact.email), lists.meant) == 'gmail.example'",
]


@pytest.mark.parametrize("when", USES)
def test_no_case_is_passed_over_that_depends_on_an_entry(when: str, tmp_path: Path) -> None:
    policy = with_lists(tmp_path, f'"{when}"')
    addresses = ["alpha@a.example", "kim@gmial.example", "kim@mail.bad.example", f"kim@{'x.' * 130}bad.example"]
    given: list[Facts] = [
        {"now": SOME_DAY, "email.channel": "marketing", "contact.email": one, "contact.unsubscribed_types": types}
        for one in addresses
        for types in ((), ("beta",))
    ]
    span = Span.whole_file("x")
    for context in given:
        decision = policy.decide(nested(context))
        case = Case("x", "x", None, context, (Check(Aspect.SENDABLE, decision.sendable, span),), span)
        bench = Bench(policy.pack, [case])
        for mutant in mutants(policy.pack):
            if mutant.change is Change.ENTRY:
                world = World.of(policy.pack, mutant)
                notices = world.decide(context, world.find_all(context)).sendable != decision.sendable
                assert (bench.killer(mutant) is not None) == notices, (mutant.text, context)


@pytest.mark.parametrize("file", sorted(path.name for path in TESTS.glob("*.yaml") if path.name != "fixtures.yaml"))
def test_without_one_of_the_files_something_would_go_unnoticed(file: str) -> None:
    """Takes seven seconds with the longest file: cases are looked for each change that nobody notices without it."""
    rest = [suite for suite in suites() if not suite.file.endswith(file)]
    assert mutate(bundled().pack, rest).survived


# -- equivalence, and the same decisions as the policy's


def contexts(seed: int, number: int, changed: Pack) -> list[Facts]:
    """Contexts of the cases with some of their values changed at random, boundary values among them."""
    chance = random.Random(seed)
    cases = [case.facts for suite in suites() for case in suite.cases]
    conditions = tuple(reason.when.node for reason in changed.reasons)
    values = Space(scope_of(changed), (), conditions, settled=True).values()
    found = []
    for _ in range(number):
        context = dict(chance.choice(cases))
        for path in chance.sample(sorted(values), chance.randrange(6)):
            value = chance.choice(values[path])
            if value is None:
                context.pop(path, None)
            else:
                context[path] = value
        found.append(context)
    return found


def told(decision: sendable.Decision) -> dict[str, Any]:
    return {**decision.to_dict("en"), **{f"sv {key}": value for key, value in decision.to_dict("sv").items()}}


def test_the_bench_decides_as_the_policy_does() -> None:
    world = World(bundled().pack)
    cases = [case.facts for suite in suites() for case in suite.cases]
    for context in [*cases, *contexts(1, 500, bundled().pack)]:
        expected = bundled().decide(nested(context))
        assert told(world.decide(context, world.find_all(context))) == told(expected)


def test_equivalent_mutants_of_the_bundled_pack_decide_alike() -> None:
    whole = bundled().pack
    equivalent = [mutant for mutant in mutants(whole) if is_equivalent(whole, mutant)]
    assert [mutant.text for mutant in equivalent] == [
        "`on_unknown: ignore` becomes `on_unknown: suppress` in `role_or_misspelled_address`",
        "`> 0` becomes `!= 0` in `previously_bounced`",
        "`contact.ever_engaged` is left out of `unengaged`",
        "`on_unknown: ignore` becomes `on_unknown: suppress` in `invalid_recipient_address`",
        "`inbox_authentication_failed` (660) and `account_over_monthly_limit` (700) change places",
        "`account_over_monthly_limit` (700) and `provider_limit_reached` (710) change places",
        "`provider_limit_reached` (710) and `frequency_capped` (720) change places",
        "`frequency_capped` (720) and `inbox_connection_failed` (730) change places",
        "`microsoft_timed_out` (750) and `provider_timed_out` (760) change places",
        "`provider_timed_out` (760) and `undeliverable` (770) change places",
        "`undeliverable` (770) and `unspecified_failure` (990) change places",
    ]
    world = World(whole)
    for number, mutant in enumerate(equivalent):
        other = World.of(whole, mutant)
        for context in contexts(number, 300, other.pack):
            one = world.decide(context, world.find_all(context))
            two = other.decide(context, other.find_all(context))
            assert [finding.id for finding in one.reasons] == [finding.id for finding in two.reasons]
            assert [finding.missing for finding in one.reasons] == [finding.missing for finding in two.reasons]


@given(conditions, st.lists(facts(), min_size=4, max_size=4), st.sampled_from(OnUnknown), st.randoms())
@settings(max_examples=100)
def test_no_context_tells_an_equivalent_condition_apart(
    node: Node, found: Sequence[dict[str, Value]], on_unknown: OnUnknown, chance: random.Random
) -> None:
    """Takes seven seconds: of eight mutants of each of a hundred conditions it is proven whether they are equivalent.

    A proof takes a second at most, and a condition can have sixty mutants.
    """
    base = bundled().pack.reasons[0]
    channels = frozenset(Channel)
    whole = replace(bundled().pack, fields=SCOPE.fields, parameters=SCOPE.parameters, lists=SCOPE.lists)
    source = replace(base.when, node=node, source=embedded("x"))
    reason = replace(base, when=source, channels=channels, on_unknown=on_unknown, floor=False)
    whole = replace(whole, reasons=(reason,))
    passed_over = {Change.PARAMETER, Change.CHANNEL} | AS_FOUND  # the last are told otherwise, and found alike
    asked = [mutant for mutant in mutants(whole) if mutant.change not in passed_over]
    for mutant in chance.sample(asked, min(8, len(asked))):
        [other] = mutant.reasons
        if not is_equivalent(whole, mutant):
            continue
        lists = SCOPE.lists if mutant.shorter is None else {**SCOPE.lists, mutant.shorter.name: mutant.shorter}
        changed = Interpreter(SCOPE.parameters, lists)
        for context in found:
            results = [
                found_of(one, interpreter.evaluate(interpreter.prepare(one.when.node), context))
                for one, interpreter in ((reason, INTERPRETER), (other, changed))
            ]
            assert results[0] == results[1], mutant.text


def test_what_is_told_of_a_reason_that_is_never_found_changes_nothing(tmp_path: Path) -> None:
    """Of one that is never certain, `retry` and `fixable_by` do not either: what is not known has its own."""
    never = "contact.spam_trap and not contact.spam_trap"
    policy = pack(
        tmp_path,
        {"id": "never", "when": never, "more": "codes: {smtp: 5.1.1}"},
        {"id": "unsure", "when": never, "on_unknown": "suppress", "more": "floor: true"},
    )
    told = {Change.RETRY, Change.FIXABLE_BY, Change.MODE, Change.FLOOR, Change.CODE}
    found = {
        (one.change, one.ids): is_equivalent(policy.pack, one) for one in mutants(policy.pack) if one.change in told
    }
    assert found == {
        (Change.MODE, ("never",)): True,
        (Change.RETRY, ("never",)): True,
        (Change.FIXABLE_BY, ("never",)): True,
        (Change.CODE, ("never",)): True,
        (Change.FLOOR, ("unsure",)): False,
        (Change.RETRY, ("unsure",)): True,
        (Change.FIXABLE_BY, ("unsure",)): True,
    }


def test_a_parameter_that_changes_nothing(tmp_path: Path) -> None:
    least = "least: {description: x, type: integer, value: 0}"
    parameters = f"parameters: {{{least}, strict: {{description: x, type: boolean, value: true}}}}\n"
    when = "contact.hard_bounces >= params.least and (params.strict or contact.spam_trap or not contact.spam_trap)"
    policy = pack(tmp_path, {"when": when}, manifest=parameters)
    equivalent = {one.text for one in mutants(policy.pack) if is_equivalent(policy.pack, one)}
    assert "the parameter `least` is -1 instead of 0" in equivalent
    assert "the parameter `least` is 1 instead of 0" not in equivalent
    assert "the parameter `strict` is false instead of true" not in equivalent  # where it is not known


_CASES = """\
parameters:
  least:
    description: x
    type: integer
    value: 3
    cases:
      - {when: account.id in lists.trial, value: 5}
      - {when: account.tier == "free", value: 1}
"""


def test_a_case_of_a_parameter_is_changed_in_every_way_and_each_noticed(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.yaml").write_text("lists:\n  trial: {description: x, entries: [acme]}\n", "utf-8")
    policy = pack(tmp_path, {"when": "contact.hard_bounces > params.least"}, manifest=_CASES)
    trial, free = "`account.id in lists.trial`", '`account.tier == "free"`'
    changed = [one for one in mutants(policy.pack) if one.change in (Change.CASE, Change.ENTRY)]
    assert [one.text for one in changed] == [
        f"the parameter `least` is 6 instead of 5 in the case {trial}",
        f"the parameter `least` is 4 instead of 5 in the case {trial}",
        f"the case {trial} of the parameter `least` is left out",
        f"the cases {trial} and {free} of the parameter `least` change places",
        f"the parameter `least` is 2 instead of 1 in the case {free}",
        f"the parameter `least` is 0 instead of 1 in the case {free}",
        f"the case {free} of the parameter `least` is left out",
        "`acme` is left out of the list `trial`",
    ]
    found = mutated(policy, tmp_path, CASE)
    unnoticed = [one for one in found.survived if one.mutant.change in (Change.CASE, Change.ENTRY)]
    assert len(unnoticed) == len(changed)
    assert all(one.case is not None for one in unnoticed)
    again = mutated(policy, tmp_path, CASE + "".join(one.case or "" for one in unnoticed))
    assert [one.message for one in again.survived if one.mutant.change in (Change.CASE, Change.ENTRY)] == []


@pytest.mark.parametrize(
    ("first", "second", "equivalent"),
    [
        (("account.tier == 'free'", 5), ("account.tier == 'starter'", 1), {"change places"}),
        (("account.tier == 'free'", 3), ("account.tier == 'starter'", 1), {"change places", "`least` is left out"}),
        (("account.tier == 'free'", 5), ("account.id == 'a'", 1), set()),
    ],
)
def test_a_change_of_cases_that_changes_nothing(
    first: tuple[str, int], second: tuple[str, int], equivalent: set[str], tmp_path: Path
) -> None:
    cases = "".join(f"      - {{when: {when}, value: {value}}}\n" for when, value in (first, second))
    manifest = _CASES[: _CASES.index("      - ")] + cases
    policy = pack(tmp_path, {"when": "contact.hard_bounces > params.least"}, manifest=manifest)
    same = [one.text for one in mutants(policy.pack) if one.change is Change.CASE and is_equivalent(policy.pack, one)]
    assert {end for end in ("change places", "`least` is left out") if any(one.endswith(end) for one in same)} == (
        equivalent
    )
    assert len(same) == len(equivalent)


@pytest.mark.parametrize(
    ("when", "equivalent"),
    [
        ("count(contact.unsubscribed_types) > 0", ["`> 0` becomes `!= 0` in `r0`"]),
        ("'a' in contact.unsubscribed_types and 'b' in contact.unsubscribed_types", []),
        ("'a' in contact.unsubscribed_types and count(contact.unsubscribed_types) < 2", []),
        ("overlaps(contact.unsubscribed_types, ['a', 'b']) and 'c' in contact.unsubscribed_types", []),
    ],
)
def test_what_lists_tell_apart(when: str, equivalent: list[str], tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": f'"{when}"'})
    found = mutated(policy, tmp_path, CASE)
    assert [one.text for one in found.equivalent if one.change is not Change.CHANNEL] == equivalent
    assert [one.message for one in found.survived if one.case is None] == []


def test_what_a_message_shows_is_no_nothing(tmp_path: Path) -> None:
    manifest = "parameters: {least: {description: x, type: integer, value: 0}}\n"
    policy = pack(
        tmp_path, {"when": "contact.hard_bounces >= params.least", "message": "{params.least}"}, manifest=manifest
    )
    [less] = [one for one in mutants(policy.pack) if one.text.endswith("is -1 instead of 0")]
    assert not is_equivalent(policy.pack, less)
    found = mutated(policy, tmp_path, CASE)
    [survivor] = [one for one in found.survived if one.mutant.text == less.text]
    assert survivor.case is not None
    assert 'en: "0"' in survivor.case


def test_too_many_situations_prove_nothing(tmp_path: Path) -> None:
    booleans = [path for path, one in bundled().pack.fields.items() if one.type.kind is Kind.BOOLEAN]
    when = " or ".join(booleans)
    policy = pack(tmp_path, {"when": when})
    with pytest.raises(TooManyError):
        Space(SCOPE, ("marketing",), (parsed(when),)).same(parsed(when), parsed(when))
    [same] = [one for one in mutants(policy.pack) if one.change is Change.ON_UNKNOWN]
    assert not is_equivalent(policy.pack, same)
    bench = Bench(policy.pack, ())
    assert bench.killer(same) is None
