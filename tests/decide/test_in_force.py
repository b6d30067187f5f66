"""Where a reason is in force: from and until when, and to whom it is rolled out; outside, it is only monitored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import duckdb
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import sendable
from sendable.audience.frame import FrameError
from sendable.decide.facts import FactReader
from sendable.decide.findings import certainty_of
from sendable.decide.writer import write
from sendable.explain.remedies import apply
from sendable.language.functions import FIRST_MOMENT, LAST_MOMENT, in_rollout
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import Call, walk
from sendable.language.types import NOW as NOW_PATH
from sendable.pack.model import Channel, Mode, Reason
from sendable.pack.periods import ALWAYS, Period
from sendable.pack.rollouts import Rollout, read_share
from sendable.testing.mutants import Change
from sendable.testing.mutation import Mutation, mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites
from sendable.testing.worlds import World
from tests.support.packs import NOW, bundled, context, pack
from tests.support.steps import steps

DOCUMENTS = Path(__file__).parent.parent.parent / "schemas" / "README.md"
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
BEGINS = '"2026-11-23T10:00:00+01:00"'  # which is NOW
VECTORS = re.findall(
    r'^\| `([a-z_]+)` \| `"([^"]*)"` \| `([0-9a-f]{16})` \| ([0-9.]+ %) \| ([0-9.]+ %) \|$',
    DOCUMENTS.read_text(encoding="utf-8"),
    re.MULTILINE,
)


# -- the bucket


@pytest.mark.parametrize(("reason", "value", "number", "outside", "inside"), VECTORS)
def test_the_vectors_of_the_documentation(reason: str, value: str, number: str, outside: str, inside: str) -> None:
    assert sha256(f"{reason}/{value.strip()}".encode()).hexdigest()[:16] == number
    for text, wanted in ((outside, False), (inside, True), ("0 %", False), ("100 %", True)):
        share = read_share(text)
        assert share is not None
        assert Rollout(*share, "account.id").holds(reason, value) is wanted


def test_there_are_vectors() -> None:
    assert len(VECTORS) == 7


shares = st.integers(0, 6).flatmap(lambda digits: st.tuples(st.integers(0, 100 * 10**digits), st.just(digits)))


@given(st.text(max_size=20), shares, shares)
def test_a_larger_share_only_adds(value: str, one: tuple[int, int], other: tuple[int, int]) -> None:
    smaller, larger = sorted((one, other), key=lambda share: share[0] * 10 ** (9 - share[1]))
    assert not in_rollout("r0", value, *smaller) or in_rollout("r0", value, *larger)


@given(st.text(max_size=20), shares)
def test_further_zeros_change_nothing(value: str, share: tuple[int, int]) -> None:
    assert in_rollout("r0", value, *share) is in_rollout("r0", value, share[0] * 1000, share[1] + 3)


def test_of_many_about_as_many_are_inside_as_it_says() -> None:
    assert 950 < sum(in_rollout("r0", f"account-{number}", 10, 0) for number in range(10_000)) < 1050


def test_an_empty_value_is_outside_and_what_is_no_text_of_unicode_is_hashed() -> None:
    assert not in_rollout("r0", " \t", 100, 0)
    assert in_rollout("r0", "\ud800", 100, 0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10 %", (10, 0)), ("10%", (10, 0)), ("0.5 %", (5, 1)), ("100.00 %", (10000, 2)), ("0 %", (0, 0)),
        ("10", None), ("10 percent", None), ("0,5 %", None), (".5 %", None), ("-1 %", None), ("1e1 %", None),
    ],
)  # fmt: skip
def test_a_share_as_it_is_written(text: str, read: tuple[int, int] | None) -> None:
    assert read_share(text) == read
    if read is not None:
        assert read_share(f"{Rollout(*read, 'account.id').percent} %") == read


# -- the period


@pytest.mark.parametrize(
    ("more", "after", "enforced"),
    [
        (f"from: {BEGINS}", -INSTANT, False),
        (f"from: {BEGINS}", timedelta(), True),
        (f"until: {BEGINS}", -INSTANT, True),
        (f"until: {BEGINS}", timedelta(), False),
        (f'from: {BEGINS}\n    until: "2026-11-23T11:00:00+01:00"', HOUR - INSTANT, True),
        (f'from: {BEGINS}\n    until: "2026-11-23T11:00:00+01:00"', HOUR, False),
    ],
)
def test_outside_its_period_a_reason_is_monitored(tmp_path: Path, more: str, after: timedelta, enforced: bool) -> None:
    decision = pack(tmp_path, {"more": more}).decide({**context(), "now": NOW + after})
    assert decision.sendable is not enforced
    assert [[one.id for one in found] for found in (decision.reasons, decision.monitored)] == (
        [["r0"], []] if enforced else [[], ["r0"]]
    )


def test_nobody_is_in_a_rollout_without_a_value(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"more": "rollout: {share: 100 %, by: account.id}"})
    assert policy.decide(context()).sendable
    assert policy.decide({**context(), "account": {"id": "  "}}).sendable
    assert not policy.decide({**context(), "account": {"id": "x"}}).sendable


def test_what_is_not_known_of_a_rollout_is_not_missing(tmp_path: Path) -> None:
    rollout = {"more": "rollout: {share: 50 %, by: account.id}", "when": "contact.spam_trap", "on_unknown": "suppress"}
    decision = pack(tmp_path, rollout).decide(context())
    assert (decision.sendable, [one.missing for one in decision.monitored]) == (True, [("contact.spam_trap",)])


def test_a_reason_that_has_neither_hashes_nothing() -> None:
    for channel in Channel:
        text = write(bundled().pack, channel, validate=True).text
        assert "in_rollout" not in text
    assert all(reason.apart == (reason,) for reason in bundled().reasons)


# -- when an email clears


def test_a_reason_that_ends_clears_at_its_end(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"more": f"until: {BEGINS}"})
    decision = policy.decide({**context(), "now": NOW - HOUR})
    assert decision.clears_at == NOW
    assert decision.to_dict()["clears_at"] == "2026-11-23T09:00:00Z"


def test_no_moment_is_promised_at_which_another_reason_has_begun(tmp_path: Path) -> None:
    others = ({"more": f"until: {BEGINS}"}, {"more": f'from: {BEGINS}\n    until: "2026-11-23T11:00:00+01:00"'})
    assert pack(tmp_path, *others).decide({**context(), "now": NOW - HOUR}).clears_at == NOW + HOUR
    endless = (others[0], {"more": 'from: "2026-11-23T09:59:59.999999+01:00"'})
    assert pack(tmp_path, *endless).decide({**context(), "now": NOW - HOUR}).clears_at is None


def test_a_promise_of_another_reason_waits_for_what_begins_meanwhile(tmp_path: Path) -> None:
    passing = {"when": "now < contact.cap_recovers_at", "more": "clears_at: contact.cap_recovers_at"}
    begun = {"more": f'from: {BEGINS}\n    until: "2026-11-23T12:00:00+01:00"'}
    policy = pack(tmp_path, passing, begun)
    document = {**context(cap_recovers_at=(NOW + HOUR).isoformat()), "now": NOW - HOUR}
    assert policy.decide(document).clears_at == NOW + 2 * HOUR


# -- everybody agrees, at the instants where something begins or ends

MOMENTS = [NOW + step for step in (-HOUR, timedelta(), HOUR, 2 * HOUR)]
bounds = st.one_of(st.none(), st.sampled_from([*MOMENTS, FIRST_MOMENT, LAST_MOMENT]))
periods = st.builds(Period, bounds, bounds).filter(
    lambda one: one.start is None or one.end is None or one.start < one.end
)
rollouts = st.one_of(
    st.none(),
    st.tuples(shares, st.sampled_from(["account.id", "contact.email"])).map(lambda two: Rollout(*two[0], two[1])),
)
CONDITIONS = (
    "contact.hard_bounces > 0",
    "contact.spam_trap",
    "hours_since(contact.cap_recovers_at) < 0",
    'account.id == "a1"',
)


def limited(tmp_path: Path, limits: list[tuple[Period, Rollout | None]]) -> sendable.Policy:
    """A policy of some reasons, of either `on_unknown`, with the limits."""
    written = [
        {"when": f"'{when}'", "on_unknown": ("suppress", "ignore")[index % 2]} for index, when in enumerate(CONDITIONS)
    ]
    made = pack(tmp_path, *written).pack
    reasons = tuple(
        replace(reason, period=period, rollout=rollout)
        for reason, (period, rollout) in zip(made.reasons, limits, strict=True)
    )
    return sendable.Policy(replace(made, reasons=reasons))


def documents(random: Random, number: int) -> list[dict[str, Any]]:
    near = [one + step for one in MOMENTS for step in (-INSTANT, timedelta(), INSTANT)]
    return [
        {
            "now": random.choice(near),
            "email": {"channel": "marketing"},
            "contact": {
                "email": f"kim{random.randrange(9)}@example.com",
                "hard_bounces": random.choice([None, 0, 1]),
                "spam_trap": random.choice([None, False, True]),
                "cap_recovers_at": random.choice([None, *near]),
            },
            "account": {"id": random.choice([None, " ", *(f"a{number}" for number in range(4)), " a1"])},
        }
        for _ in range(number)
    ]


def in_words(policy: sendable.Policy, facts: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What suppresses and what is monitored, worked out as the documentation has it."""
    found: dict[bool, list[tuple[bool, str]]] = {True: [], False: []}
    for reason in policy.reasons:
        interpreter = Interpreter(policy.pack.parameters, policy.pack.lists)
        result = interpreter.evaluate(interpreter.prepare(reason.when.node), facts)
        unknown = isinstance(result, Unknown)
        if certainty_of(reason, None if unknown else result is True) is not None:
            found[holds(reason, facts)].append((unknown, reason.id))
    suppressing, monitored = ([one for _, one in sorted(found[held])] for held in (True, False))
    return suppressing, monitored


def holds(reason: Reason, facts: Mapping[str, Any]) -> bool:
    now, period, rollout = facts[NOW_PATH], reason.period, reason.rollout
    if (period.start is not None and now < period.start) or (period.end is not None and now >= period.end):
        return False
    value = None if rollout is None else facts.get(rollout.by)
    return rollout is None or (value is not None and rollout.holds(reason.id, value))


LIMITS = st.lists(st.tuples(periods, rollouts), min_size=4, max_size=4)
Limits: TypeAlias = list[tuple[Period, Rollout | None]]


@given(LIMITS, st.integers())
def test_the_row_engine_and_explanations_say_so(
    tmp_path_factory: pytest.TempPathFactory, limits: Limits, seed: int
) -> None:
    policy = limited(tmp_path_factory.mktemp("pack"), limits)
    reader, world = FactReader.of(policy.pack.fields.values()), World(policy.pack)
    for document in documents(Random(seed), 6):
        facts = reader.read(document)
        expected = in_words(policy, facts)
        decision = policy.decide(document)
        assert ([one.id for one in decision.reasons], [one.id for one in decision.monitored]) == expected
        assert policy.decide(document, validate=False) == decision
        assert world.decide(facts, world.find_all(facts)) == decision
        explanation = policy.explain(document)
        assert explanation.decision == decision
        assert {one.reason.id for one in explanation.traces if one.found and one.monitored} == set(expected[1])
        clears_at = decision.clears_at
        if clears_at is not None:
            assert policy.decide({**document, "now": clears_at}).sendable
            for moment in {clears_at - INSTANT, *(one for one in MOMENTS if decision.now < one < clears_at)}:
                assert not policy.decide({**document, "now": moment}).sendable


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(LIMITS, st.integers())
def test_columns_say_what_the_row_engine_says(
    tmp_path_factory: pytest.TempPathFactory, limits: Limits, seed: int
) -> None:
    policy = limited(tmp_path_factory.mktemp("pack"), limits)
    rows = documents(Random(seed), 60)
    decisions = map(policy.decide, rows)
    wanted = [
        ([one.id for one in decision.reasons], [one.id for one in decision.monitored], decision.clears_at)
        for decision in decisions
    ]
    columns = {
        "row": range(len(rows)),
        "now": [one["now"] for one in rows],
        "email": [one["contact"]["email"] for one in rows],
        **{name: [one["contact"][name] for one in rows] for name in ("hard_bounces", "spam_trap", "cap_recovers_at")},
        "account__id": [one["account"]["id"] for one in rows],
    }
    types: dict[str, Any] = {
        "now": pl.Datetime("us", "UTC"),
        "cap_recovers_at": pl.Datetime("us", "UTC"),
        "account__id": pl.String,
    }
    frame = pl.DataFrame(columns, schema_overrides={**types, "hard_bounces": pl.Int64, "spam_trap": pl.Boolean})
    options: dict[str, Any] = {"campaign": {"email": {"channel": "marketing"}}, "keys": "row"}
    told = ("reasons", "monitored", "clears_at")
    assert list(policy.decide_frame(frame, **options).sort("row").select(*told).iter_rows()) == wanted
    with duckdb.connect(config={"threads": 1}) as connection:
        relation = policy.decide_frame(connection.from_arrow(frame.to_arrow()), **options)
        assert list(relation.pl().sort("row").select(*told).iter_rows()) == wanted


@given(LIMITS, st.integers())
def test_nobody_is_told_to_leave_a_rollout_nor_to_wait_for_its_end(
    tmp_path_factory: pytest.TempPathFactory, limits: Limits, seed: int
) -> None:
    policy = limited(tmp_path_factory.mktemp("pack"), limits)
    for document in documents(Random(seed), 4):
        explanation = policy.explain(document)
        found = {one.id for one in explanation.decision.reasons}
        for remedy in explanation.remedies:
            assert NOW_PATH not in remedy.changes
            assert "account.id" not in remedy.changes or "r3" in found  # whose condition asks of it
            facts = apply(explanation.facts, remedy.changes)
            assert in_words(policy, facts)[0] == []


def test_what_is_the_same_for_a_campaign_is_hashed_once(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"more": "rollout: {share: 50 %, by: account.id}"})
    frame = pl.DataFrame({"email": ["kim@example.com", "bo@example.com"]})
    for account in ("a0", "a1", "a2", "a3"):
        campaign = {**context(), "contact": {}, "account": {"id": account}}
        enforced = in_rollout("r0", account, 50, 0)
        found = policy.decide_frame(frame, campaign=campaign)
        assert found["sendable"].to_list() == [not enforced] * 2
        summary = policy.summarize_frame(frame, campaign=campaign)
        assert [(one.reason, one.contacts) for one in summary.monitored] == ([] if enforced else [("r0", 2)])


def test_numbers_for_ids_are_no_ids_where_a_rollout_is_by_them(tmp_path: Path) -> None:
    frame = pl.DataFrame({"email": ["kim@example.com"], "id": [1]})
    campaign = {**context(), "contact": {}}
    assert pack(tmp_path, {}).decide_frame(frame, campaign=campaign)["sendable"].to_list() == [False]
    policy = pack(tmp_path, {"more": "rollout: {share: 50 %, by: contact.id}"})
    with pytest.raises(FrameError, match=r"`contact\.id` needs text"):
        policy.decide_frame(frame, campaign=campaign)


def test_apart_is_the_reason_in_force_and_the_reason_that_is_monitored(tmp_path: Path) -> None:
    [reason] = pack(tmp_path, {"more": f"from: {BEGINS}\n    rollout: {{share: 50 %, by: account.id}}"}).reasons
    enforced, monitored = reason.apart
    assert (enforced.mode, monitored.mode) == (Mode.ENFORCE, Mode.MONITOR)
    assert enforced.period == monitored.period == ALWAYS
    assert enforced.apart == (enforced,)
    assert any(isinstance(one, Call) and one.function == "in_rollout" for one in walk(monitored.when.node))
    assert replace(reason, mode=Mode.MONITOR).in_force is None


def test_bounds_are_read_in_any_offset(tmp_path: Path) -> None:
    [reason] = pack(tmp_path, {"more": 'until: "2027-01-01T00:00:00.5-03:00"'}).reasons
    assert reason.period == Period(None, datetime(2027, 1, 1, 3, 0, 0, 500_000, tzinfo=UTC))


# -- the tests of a pack notice where a reason is in force

CASE = "  - {name: x, patch: {email.channel: marketing, contact.email: kim@example.org}, expect: {sendable: true}}\n"


def mutated(policy: sendable.Policy, directory: Path, cases: str) -> Mutation:
    (directory / "tests").mkdir(exist_ok=True)
    (directory / "tests" / "a.yaml").write_text(f'now: "2026-11-23T09:00:00Z"\ncases:\n{cases}', encoding="utf-8")
    found, problems = load_suites(directory / "tests", policy.pack)
    assert problems == (), [str(one) for one in problems]
    assert run_suites(policy, found).passed
    return mutate(policy.pack, found)


KEYS = """
    from: "2026-11-23T09:00:00Z"
    until: "2026-12-01T00:00:00Z"
    rollout: {share: 25 %, by: account.id}"""


def test_where_a_reason_is_in_force_is_noticed(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.spam_trap", "more": KEYS})
    found = mutated(policy, tmp_path, CASE)
    limits = [one for one in found.survived if one.mutant.change in (Change.PERIOD, Change.ROLLOUT)]
    assert [one.message.removeprefix("no test notices if ") for one in limits] == [
        "`from: 2026-11-23T09:00:00Z` becomes `from: 2026-11-23T09:00:01Z` in `r0`",
        "`from: 2026-11-23T09:00:00Z` becomes `from: 2026-11-23T08:59:59Z` in `r0`",
        "`until: 2026-12-01T00:00:00Z` becomes `until: 2026-12-01T00:00:01Z` in `r0`",
        "`until: 2026-12-01T00:00:00Z` becomes `until: 2026-11-30T23:59:59Z` in `r0`",
        "`share: 25 %` becomes `share: 0 %` in `r0`",
        "`share: 25 %` becomes `share: 100 %` in `r0`",
    ]
    cases = CASE + "".join(dict.fromkeys(one.case for one in limits if one.case is not None))
    again = mutated(policy, tmp_path, cases)
    assert [one.message for one in again.survived if one.mutant.change in (Change.PERIOD, Change.ROLLOUT)] == []


def test_nobody_looks_for_a_moment_that_is_written_down(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.hard_bounces > 0", "more": f"until: {BEGINS}"})
    decision = policy.decide({**context(hard_bounces=1), "now": NOW - HOUR})
    assert decision.clears_at == NOW
    assert steps(lambda: decision.clears_at) < 1_000
