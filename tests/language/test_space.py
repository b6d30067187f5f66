"""What the lints claim of conditions: certain where they claim, silent where they can't be."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path as Path_

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sendable.diagnostics.pages import Block
from sendable.diagnostics.record import Severity
from sendable.language.affixes import AFFIXES
from sendable.language.cells import Choices, Effort, TooManyError, explore, number_cells
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import And, Node, Not, Or, Path, walk
from sendable.language.space import Space
from sendable.language.types import LARGEST_NUMBER, Kind, Type, Value
from sendable.lints.run import lint_pack
from sendable.pack.resources import bundled_path
from sendable.testing.coverage import operands
from tests.support.expressions import conditions
from tests.support.facts import CHANNELS, facts
from tests.support.helpers import parsed, scope
from tests.support.packs import BASE, NOW, apply
from tests.support.steps import steps

SCOPE = scope()
INTERPRETER = Interpreter(SCOPE.parameters, SCOPE.lists)

few = settings(max_examples=settings().max_examples // 2)


def space(*nodes: Node, each: int = 500) -> Space:
    return Space(SCOPE, CHANNELS, nodes, effort=Effort(each))


def every_outcome(node: Node, each: int = 2_000) -> frozenset[bool | None]:
    found = space(node, each=each)
    return frozenset(outcome for outcome, _ in explore(lambda choices: found.outcome(node, choices), found.effort))


@given(conditions, st.lists(facts(), min_size=4, max_size=4))
def test_whatever_a_condition_comes_to_was_foreseen(node: Node, contexts: list[dict[str, Value]]) -> None:
    try:
        foreseen = every_outcome(node)
    except TooManyError:
        assume(False)
    prepared = INTERPRETER.prepare(node)
    for context in contexts:
        found = INTERPRETER.evaluate(prepared, context)
        assert (None if isinstance(found, Unknown) else found) in foreseen


@given(
    st.sampled_from([And, Or]),
    st.lists(conditions, min_size=2, max_size=3),
    st.lists(facts(), min_size=4, max_size=4),
)
@few
def test_what_is_claimed_to_change_nothing_does_not(
    join: type[And | Or], operands: list[Node], contexts: list[dict[str, Value]]
) -> None:
    operands = [*operands, operands[0]]
    whole, less = join(tuple(operands)), join(tuple(operands[1:]))
    try:
        same = space(whole).same(whole, less)
    except TooManyError:
        same = False
    if same:
        one, other = INTERPRETER.prepare(whole), INTERPRETER.prepare(less)
        for context in contexts:
            first, second = INTERPRETER.evaluate(one, context), INTERPRETER.evaluate(other, context)
            assert first is second or (isinstance(first, Unknown) and isinstance(second, Unknown))


@given(conditions, st.sampled_from([True, None]), st.lists(facts(), min_size=4, max_size=4))
@few
def test_what_is_claimed_to_be_known_is(node: Node, wanted: bool | None, contexts: list[dict[str, Value]]) -> None:
    prepared = INTERPRETER.prepare(node)
    for path in sorted(one.name for one in set(walk(node)) if isinstance(one, Path)):
        try:
            possible = space(node).may_be_unknown_when(node, wanted, Path(path))
        except TooManyError:
            possible = True
        for context in contexts:
            found = INTERPRETER.evaluate(prepared, context)
            if (None if isinstance(found, Unknown) else found) is wanted:
                assert possible or path in context


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        # points and gaps between them
        ("contact.hard_bounces > 2 and contact.hard_bounces < 3", {False, None}),
        ("own.number > 2 and own.number < 3", {True, False, None}),
        ("contact.hard_bounces >= 0", {True, None}),
        ("account.frequency_cap > 0", {True, None}),
        ("own.integer == 1.5", {False, None}),
        ("count(own.string_list) < 0", {False, None}),
        ("contact.hard_bounces in [1, 2] and contact.hard_bounces not in [1, 2]", {False, None}),
        # a parameter is all that it can be
        ("contact.hard_bounces > params.limit and contact.hard_bounces < 12", {True, False, None}),
        ("contact.hard_bounces > params.limit and contact.hard_bounces <= params.limit", {False, None}),
        ("contact.hard_bounces < params.percent and contact.hard_bounces > 99", {False, None}),
        ("contact.hard_bounces < params.percent and contact.hard_bounces > 98", {True, False, None}),
        ("contact.hard_bounces >= params.percent or contact.hard_bounces <= params.percent", {True, None}),
        ("params.percent > 100", {False}),
        ("params.percent >= 1", {True}),
        ("params.percent > 1", {True, False}),
        ("contact.hard_bounces + params.percent < 1", {False, None}),
        ("own.string == params.word and own.string == 'info'", {True, False, None}),
        ("own.string == params.word and own.string != params.word", {False, None}),
        # whole numbers that are counted with
        ("own.integer - own.integer == 0", {True, None}),
        ("own.number - own.number == 0", {True, None}),
        ("own.integer * 2 == 3", {False, None}),
        ("own.integer * 2 == 4", {True, False, None}),
        ("own.integer * 2 == 4 and own.integer != 2", {False, None}),
        ("3 - own.integer > 0 and own.integer > 3", {False, None}),
        ("-own.integer > 3 and own.integer > 0", {False, None}),
        ("own.integer - more.integer > 0 and more.integer - own.integer > 0", {False, None}),
        ("own.integer + more.integer > 3 or more.integer + own.integer < 4", {True, None}),
        ("2 * own.integer + 4 * more.integer == 7", {False, None}),
        ("own.integer + 1 > own.integer", {True, None}),
        ("count(own.string_list) * 2 < 0", {False, None}),
        ("count(own.string_list) * 2 == 2 and count(own.string_list) != 1", {False, None}),
        ("own.integer / 3 == 0.3333333333333333", {True, False, None}),
        ("own.number * 3 == 1", {True, False, None}),
        # the time since a timestamp
        ("days_since(own.timestamp) > 3 and hours_since(own.timestamp) < 10", {False, None}),
        ("days_since(own.timestamp) > 3 and hours_since(own.timestamp) < 73", {True, False, None}),
        ("days_since(own.timestamp) == 0.1 and hours_since(own.timestamp) == 2.4", {True, False, None}),
        ("days_since(own.timestamp) > 0.1 and hours_since(own.timestamp) <= 2.4", {False, None}),
        ("days_since(own.timestamp) < 1 or hours_since(own.timestamp) >= 24", {True, None}),
        ("own.timestamp > now and days_since(own.timestamp) > 0", {False, None}),
        ("own.timestamp > now and days_since(own.timestamp) < 0", {True, False, None}),
        ("days_since(own.timestamp) > 3 and hours_since(more.timestamp) < 10", {True, False, None}),
        ("hours_since(now) > 3", {False}),
        ("days_since(own.timestamp) > own.number and hours_since(own.timestamp) < 10", {True, False, None}),
        # parts of texts
        ("contains(own.string, '')", {True, None}),
        ("starts_with(own.string, 'ab') and not starts_with(own.string, 'a')", {False, None}),
        ("starts_with(own.string, 'a') and starts_with(own.string, 'b')", {False, None}),
        ("starts_with(own.string, 'a') and contains(own.string, 'b')", {True, False, None}),
        ("ends_with(own.string, '.se') and ends_with(own.string, '.no')", {False, None}),
        ("ends_with(own.string, '.se') and not contains(own.string, 'se')", {False, None}),
        ("own.string == 'info' and starts_with(own.string, 'x')", {False, None}),
        ("own.string == 'info' and starts_with(own.string, 'in')", {True, False, None}),
        ("contains(own.string, params.word) and not contains(own.string, 'google')", {True, False, None}),
        # enumerated values and texts
        ("account.tier != 'free' or account.tier != 'starter'", {True, None}),
        ("account.tier in ['free', 'starter', 'professional', 'enterprise']", {True, None}),
        ("account.status != 'active' and account.status != 'suspended'", {False, None}),
        ("email.channel in ['marketing', 'one_to_one', 'transactional']", {True}),
        ("own.string == 'a' and own.string == 'b'", {False, None}),
        ("default(sender.provider, 'other') == 'google' and not known(sender.provider)", {False}),
        # what is known
        ("known(contact.email)", {True}),
        ("known(now)", {True}),
        ("known(own.string) or not known(own.string)", {True}),
        ("contact.id in []", {False}),
        ("own.string in own.string_list and not known(own.string_list)", {False, None}),
        ("own.boolean or not own.boolean", {True, None}),
        ("default(own.boolean, false) and not known(own.boolean)", {False}),
        # lists as sets
        ("'a' in own.string_list and count(own.string_list) == 0", {False, None}),
        ("'a' in own.string_list and 'b' in own.string_list and count(own.string_list) < 2", {False, None}),
        ("'a' in own.string_list and 'b' in own.string_list and count(own.string_list) < 3", {True, False, None}),
        ("'a' in own.string_list and not overlaps(own.string_list, ['a', 'b'])", {False, None}),
        ("overlaps(own.string_list, ['a', 'b']) and count(own.string_list) < 1", {False, None}),
        ("overlaps(own.string_list, lists.roles) and count(own.string_list) < 1", {False, None}),
        ("overlaps(own.string_list, lists.roles) and not overlaps(lists.roles, own.string_list)", {False, None}),
        ("own.string in own.string_list and count(own.string_list) == 0", {False, None}),
        ("own.string == 'a' and own.string in own.string_list and 'a' not in own.string_list", {False, None}),
        (
            "own.string == more.string and own.string in own.string_list and more.string not in own.string_list",
            {False, None},
        ),
        # comparisons of two fields, and equal parts
        (
            "own.integer < more.integer and more.integer < contact.hard_bounces and contact.hard_bounces < own.integer",
            {False, None},
        ),
        ("own.integer > 5 and own.integer < more.integer and more.integer < 5", {False, None}),
        ("own.timestamp < more.timestamp and more.timestamp < now and now < own.timestamp", {False, None}),
        (
            "account.monthly_sent < account.monthly_limit and account.monthly_sent > account.monthly_limit",
            {False, None},
        ),
        ("own.integer == own.integer", {True, None}),
        ("valid_address(contact.email) and not valid_address(contact.email)", {False}),
        ("own.timestamp < now or own.timestamp >= now", {True, None}),
        # division by zero, and what can't be looked up
        ("1 / 0 > 2", {None}),
        ("own.integer / 0 == 0", {None}),
        ("lookup(own.string, lists.meant) == 'x' and own.string not in lists.meant", {False, None}),
        # points in time
        ("now > time('2020-01-01T00:00:00Z')", {True, False}),
        ("now > time('2020-01-01T00:00:00Z') and now < time('2019-01-01T00:00:00Z')", {False}),
        ("time('2020-01-01T00:00:00Z') < time('2021-01-01T00:00:00Z')", {True}),
        ("add_hours(time('2020-01-01T00:00:00Z'), 24) == time('2020-01-02T01:00:00+01:00')", {True}),
        ("add_hours(time('9999-12-31T23:00:00Z'), 1) > now", {None}),
        ("now > add_hours(contact.cap_recovers_at, 72)", {True, False, None}),
        # what clocks show
        ("local_hour(now, own.string) > 23", {False, None}),
        ("local_hour(now, own.string) == 24 or local_weekday(now, own.string) == 0", {False, None}),
        ("local_hour(now, own.string) < 8 and local_hour(now, own.string) >= 8", {False, None}),
        ("1 <= local_weekday(now, own.string) <= 7", {True, None}),
        ('now > next_local("08:00", now, own.string)', {False, None}),
        ('now < next_local("08:00", now, own.string) <= next_local("21:00", now, own.string)', {True, False, None}),
        # what is set or listed is nobody's mistake
        ("params.strict", {True, False}),
        ("params.limit > 100", {True, False}),
        ("contact.email in lists.nothing", {True, False}),
    ],
)
def test_outcomes(text: str, outcomes: set[bool | None]) -> None:
    assert every_outcome(parsed(text)) == outcomes


@pytest.mark.parametrize(
    ("text", "wanted", "path", "possible"),
    [
        ("contact.hard_bounces > 0", True, "contact.hard_bounces", False),
        ("contact.hard_bounces > 0 or contact.spam_trap", True, "contact.hard_bounces", True),
        ("contact.hard_bounces > 0", None, "contact.hard_bounces", True),
        ("contact.hard_bounces > 0", True, "contact.email", False),
        ("contact.hard_bounces > 0", True, "contact.id", True),
        ("default(contact.hard_bounces, 7) > 5", True, "contact.hard_bounces", True),
        ("default(contact.hard_bounces, 3) > 5", True, "contact.hard_bounces", False),
        ("email.subscription_type in contact.unsubscribed_types", True, "email.subscription_type", False),
        ("email.subscription_type not in contact.unsubscribed_types", True, "email.subscription_type", True),
        ("email.subscription_type not in contact.unsubscribed_types", True, "contact.unsubscribed_types", False),
        ("days_since(own.timestamp) > 3", True, "own.timestamp", False),
    ],
)
def test_what_may_be_unknown_when_a_condition_holds(text: str, wanted: bool | None, path: str, possible: bool) -> None:
    subject = Path(path)
    node = parsed(text)
    assert space(node, subject).may_be_unknown_when(node, wanted, subject) is possible


@given(conditions, st.lists(facts(), min_size=4, max_size=4))
@few
def test_no_outcome_is_forgotten_where_parameters_and_lists_count(node: Node, contexts: list[dict[str, Value]]) -> None:
    """Several conditions at once, as coverage and mutation ask, with what is missing of those that are unknown.

    Takes ten seconds and more: each question may take all the effort that there is.
    """
    whole = Space(SCOPE, CHANNELS, (node,), settled=True, effort=Effort(2_000))
    parts = [node, *operands(node)][:3]

    def ask(choices: Choices) -> tuple[object, ...]:
        found = ((one, whole.outcome(one, choices)) for one in parts)
        return tuple(whole.missing(one, choices) if outcome is None else outcome for one, outcome in found)

    try:
        foreseen = {answer for answer, _ in explore(ask, whole.effort)}
    except TooManyError:
        assume(False)
    for context in contexts:
        results = (INTERPRETER.evaluate(INTERPRETER.prepare(one), context) for one in parts)
        assert tuple(one.missing if isinstance(one, Unknown) else one for one in results) in foreseen


_RELATED = st.sampled_from(
    [
        *(
            f"{function}(own.timestamp) {sign} {number}"
            for function, number in (("days_since", 1), ("hours_since", 24), ("days_since", 0.1), ("hours_since", 2.4))
            for sign in (">", "<=", "==")
        ),
        *("own.timestamp < now", "now <= own.timestamp", "days_since(now) > 0"),
        *("own.integer * 2 == 3", "own.integer * 3 >= 6", "2 - own.integer < 1", "own.integer - own.integer == 0"),
        *("own.integer - more.integer > 0", "more.integer < own.integer + 1", "own.integer * 9007199254740992 > 0"),
        *("2 * own.integer + 4 * more.integer == 6", "own.integer == 1", "count(own.string_list) * 2 == 2"),
        *(f"{function}(own.string, '{part}')" for function in AFFIXES for part in ("", "a", "ab", "ba")),
        *("own.string == 'ab'", "own.string in ['aba', 'b']", "starts_with('abc', own.string)"),
        *("own.integer > params.percent", "params.percent >= own.integer", "own.integer == params.percent"),
        *("own.integer + params.percent > 3", "own.string == params.word", "contains(own.string, params.word)"),
        *("params.percent < 3", "own.integer in [1, 100]", "params.strict", "days_since(own.timestamp) > params.share"),
    ]
).map(parsed)
related = st.recursive(
    _RELATED,
    lambda inner: st.one_of(inner.map(Not), *(st.tuples(inner, inner).map(join) for join in (And, Or))),
    max_leaves=4,
)
_SECONDS = st.sampled_from([0, 1, 8640, 86_400, 100_000, -1]) | st.integers(-100_000, 200_000)
_NEAR = st.fixed_dictionaries(
    {"now": st.just(NOW)},
    optional={
        "own.timestamp": st.builds(
            lambda seconds, micro: NOW - timedelta(seconds=seconds, microseconds=micro), _SECONDS, st.integers(-1, 1)
        ),
        "own.integer": st.integers(-3, 3) | st.sampled_from([99, 100, 101, LARGEST_NUMBER]),
        "more.integer": st.integers(-3, 3),
        "own.string": st.text("ab", max_size=4),
        "own.string_list": st.lists(st.text("ab", max_size=2), max_size=2).map(tuple),
    },
)
_SET_TO = st.fixed_dictionaries(
    {
        "percent": st.integers(1, 3) | st.sampled_from([99, 100]),
        "word": st.text("ab", max_size=2),
        "strict": st.booleans(),
        "share": st.sampled_from([0.1, 1.0, 24.0]),
    }
)


@given(related, st.lists(_NEAR, min_size=4, max_size=4), _SET_TO, st.booleans())
def test_what_hangs_together_does_so_in_every_context(
    node: Node, contexts: list[dict[str, Value]], set_to: dict[str, Value], settled: bool
) -> None:
    """And whatever parameters are set to, unless what they are set to counts."""
    parameters = {
        name: replace(one, value=set_to[name]) if name in set_to and not settled else one
        for name, one in SCOPE.parameters.items()
    }
    whole = Space(SCOPE, CHANNELS, (node,), settled=settled, effort=Effort(20_000))
    try:
        foreseen = {outcome for outcome, _ in explore(lambda choices: whole.outcome(node, choices), whole.effort)}
    except TooManyError:
        assume(False)
    interpreter = Interpreter(parameters, SCOPE.lists)
    prepared = interpreter.prepare(node)
    for context in contexts:
        found = interpreter.evaluate(prepared, context)
        assert (None if isinstance(found, Unknown) else found) in foreseen


def test_values_that_tell_contexts_apart() -> None:
    node = parsed("contact.hard_bounces >= 11 and own.string == 'a' and account.tier != 'free'")
    assert Space(SCOPE, CHANNELS, (node,), settled=True).values() == {
        "contact.hard_bounces": [0, 1, 10, 11, 12, None],
        "own.string": ["a", "other", None],
        "account.tier": ["free", "starter", "professional", "enterprise", None],
    }


def test_nothing_is_claimed_beyond_the_bound() -> None:
    node = parsed(" and ".join(f"default(own.integer, {index}) > {index}" for index in range(40)))
    with pytest.raises(TooManyError):
        every_outcome(node, each=10)
    with pytest.raises(TooManyError):
        Space(SCOPE, CHANNELS, (node,), effort=Effort(left=0)).outcomes(node)


def test_a_large_condition_takes_more_of_the_effort_of_a_run() -> None:
    spent: list[int] = []
    for parts in (1, 100):
        node = parsed(" or ".join(["contact.marked_as_spam", *["own.string == 'a'"] * parts]))
        effort = Effort()
        combinations = sum(1 for _ in Space(SCOPE, CHANNELS, (node,), effort=effort).explored(lambda choices: choices))
        assert combinations == 1
        spent.append(Effort().left - effort.left)
    assert spent == [1 + 2 + 3, 1 + 2 + 3 * 100]


@given(
    st.lists(st.integers(-5, 5) | st.floats(-5, 5), max_size=4),
    st.sampled_from([Kind.INTEGER, Kind.NUMBER]),
    st.none() | st.integers(-6, 0),
    st.none() | st.integers(0, 6),
    st.integers(-7, 7) | st.floats(-7, 7),
    st.none() | st.integers(-9, 9),
)
def test_every_number_has_a_cell(
    points: list[float], kind: Kind, minimum: float | None, maximum: float | None, number: float, near: int | None
) -> None:
    declared = Type(kind, minimum=minimum, maximum=maximum)
    least, most = -LARGEST_NUMBER if minimum is None else minimum, LARGEST_NUMBER if maximum is None else maximum
    assume(least <= number <= most)
    assume(kind is Kind.NUMBER or number == int(number))

    def lies(one: float) -> list[bool]:
        return [test for point in points for test in (one < point, one == point)]

    alike = [cell for cell in number_cells(points, declared, near) if lies(cell) == lies(number)]
    assert len(alike) == 1
    if near is not None and kind is Kind.INTEGER:
        assert abs(alike[0] - near) <= abs(number - near)


# -- lints, on packs as files


def pack(directory: Path_, **changes: str) -> Path_:
    """The base pack, with keys of its reason changed."""
    shutil.copytree(BASE, directory)
    text = "".join(f"{key}: {value}\n" for key, value in changes.items())
    apply(directory, Block("reason", (), text))
    return directory


def found(directory: Path_) -> list[tuple[str, str]]:
    """The codes of what is said of a pack, and the very characters that each points at."""
    result = []
    for one in lint_pack(directory)[1]:
        line = Path_(one.span.file).read_text(encoding="utf-8").split("\n")[one.span.start.line - 1]
        end = one.span.end.column - 1 if one.span.end.line == one.span.start.line else None
        result.append((one.code, line[one.span.start.column - 1 : end]))
    return result


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("contact.marked_as_spam or contact.marked_as_spam", [("SND424", "contact.marked_as_spam")]),
        ("(contact.spam_trap and contact.marked_as_spam) or contact.spam_trap",
         [("SND424", "contact.spam_trap and contact.marked_as_spam")]),
        ("contact.marked_as_spam and true", [("SND424", "true")]),
        ("contact.spam_trap and (contact.marked_as_spam or contact.hard_bounces >= 0)",
         [("SND423", "contact.hard_bounces >= 0")]),
        ("contact.hard_bounces in [-1, 2]", [("SND423", "-1")]),
        ("contact.hard_bounces in [-1]", [("SND423", "-1")]),
        ("0 > contact.hard_bounces", [("SND423", "0 > contact.hard_bounces")]),
        ("contact.hard_bounces == 1.5", [("SND423", "contact.hard_bounces == 1.5")]),
        ("1 < contact.hard_bounces <= 0", [("SND421", "1 < contact.hard_bounces <= 0")]),
        ("(contact.spam_trap and contact.marked_as_spam) == contact.domain_blocked", []),
        ("not (contact.spam_trap and (contact.spam_trap or contact.domain_blocked))",
         [("SND424", "contact.spam_trap or contact.domain_blocked")]),
        ("known(contact.hard_bounces) and contact.hard_bounces > 1", []),
        ("(contact.spam_trap or delivery.attempts > 1) and (not contact.spam_trap or delivery.attempts > 6)", []),
    ],
)  # fmt: skip
def test_what_is_said_of_a_condition(when: str, expected: list[tuple[str, str]], tmp_path: Path_) -> None:
    assert found(pack(tmp_path / "pack", when=f"'{when}'")) == expected


OTHER = """\
reasons:
  other:
    title: {en: Another reason, sv: En annan orsak}
    priority: PRIORITY
    channels: [marketing, one_to_one]
    basis: reputation
    mode: MODE
    when: WHEN
    on_unknown: ON_UNKNOWN
    retry: after_fix
    fixable_by: user
    message: {en: The email was not sent., sv: Mejlet skickades inte.}
    fix: {en: Try again later., sv: Försök igen senare.}
"""


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"PRIORITY": "11"}, False),
        ({"MODE": "monitor"}, False),
        ({"ON_UNKNOWN": "ignore"}, False),  # the other is undetermined where this one says nothing
        (
            {"WHEN": "contact.marked_as_spam or contact.spam_trap"},
            True,
        ),  # where this is unknown, so is the other, or true
        ({"WHEN": "contact.marked_as_spam and contact.spam_trap"}, False),
        ({"WHEN": "known(contact.marked_as_spam) or contact.spam_trap"}, False),
        ({"WHEN": "contact.spam_trap"}, False),
        ({"WHEN": "default(contact.marked_as_spam, true)"}, True),
    ],
)
def test_a_reason_that_another_covers(changes: dict[str, str], covered: bool, tmp_path: Path_) -> None:
    text = OTHER
    values = {"PRIORITY": "9", "MODE": "enforce", "WHEN": "contact.marked_as_spam", "ON_UNKNOWN": "suppress"}
    for name, value in (values | changes).items():
        text = text.replace(name, value)
    directory = pack(tmp_path / "pack")
    (directory / "reasons" / "other.yaml").write_text(text, encoding="utf-8")
    assert found(directory) == ([("SND520", "10")] if covered else [])


def test_a_reason_that_several_cover(tmp_path: Path_) -> None:
    directory = pack(tmp_path / "pack", channels="[marketing, one_to_one]")
    for channel in ("marketing", "one_to_one"):
        text = OTHER.replace("other:", f"{channel}_too:").replace("[marketing, one_to_one]", f"[{channel}]")
        values = {"PRIORITY": str(1 + len(channel)), "MODE": "enforce", "WHEN": "contact.marked_as_spam"}
        for name, value in {**values, "ON_UNKNOWN": "suppress"}.items():
            text = text.replace(name, value)
        (directory / "reasons" / f"{channel}.yaml").write_text(
            text.replace("priority: 11", "priority: 8").replace("priority: 10", "priority: 7"), encoding="utf-8"
        )
    [one] = lint_pack(directory)[1]
    assert one.message == (
        "`marked_as_spam` is never the primary reason: "
        "`one_to_one_too` and `marketing_too` come before it whenever it applies"
    ) or one.message.endswith("`marketing_too` and `one_to_one_too` come before it whenever it applies")
    assert len(one.also) == 2


def test_the_bundled_pack_has_nothing_wrong() -> None:
    assert lint_pack(bundled_path("policies"))[1] == ()


# -- comments and the manifest


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("# sendable: allow SND424", []),
        ("#sendable:allow SND424", []),
        ("# sendable: allow SND424, SND620", ["SND524"]),
        ("# sendable: allow SND424 SND620 as long as it is a test", ["SND524"]),
        ("# sendable: allow SND421", ["SND424", "SND524"]),
        ("# sendable: allow SND401", ["SND424", "SND526"]),
        ("# sendable: allow idle-operand", ["SND424", "SND525"]),
        ("# it is not sendable: allow", ["SND424"]),
        ("# allow SND424", ["SND424"]),
    ],
)
@pytest.mark.parametrize("place", ["above", "behind", "inside"])
def test_comments(comment: str, place: str, left: list[str], tmp_path: Path_) -> None:
    directory = pack(tmp_path / "pack", when="contact.marked_as_spam or contact.marked_as_spam")
    path = directory / "reasons" / "reasons.yaml"
    text = path.read_text(encoding="utf-8")
    key = "  marked_as_spam:\n"
    text = {
        "above": text.replace(key, f"  {comment}\n  # and more\n{key}"),
        "behind": text.replace(key, f"  marked_as_spam: {comment}\n"),
        "inside": text.replace("    priority", f"    {comment}\n    priority"),
    }[place]
    path.write_text(text, encoding="utf-8")
    assert sorted(one.code for one in lint_pack(directory)[1]) == left


def test_a_comment_in_a_text_is_text(tmp_path: Path_) -> None:
    directory = pack(tmp_path / "pack", when="contact.marked_as_spam or contact.marked_as_spam")
    path = directory / "reasons" / "reasons.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "Bara kontakten själv kan ändra det.", "|\n        Bara kontakten.\n        # sendable: allow SND424"
    )
    path.write_text(text, encoding="utf-8")
    assert [one.code for one in lint_pack(directory)[1]] == ["SND424"]


def test_a_comment_below_no_reason_allows_nothing(tmp_path: Path_) -> None:
    directory = pack(tmp_path / "pack")
    path = directory / "reasons" / "reasons.yaml"
    path.write_text("# sendable: allow SND424\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    [one] = lint_pack(directory)[1]
    assert one.message == "this comment allows `SND424`, and no reason or exception begins below it"


# -- speed


def test_two_thousand_reasons_with_five_hundred_errors(tmp_path: Path_) -> None:
    sound = [
        "contact.hard_bounces > {i}",
        "account.tier == 'enterprise' and contact.emails_in_cap_window >= account.frequency_cap + {i}",
        "domain(contact.email) == 'd{i}.example' or contact.id == 'x{i}'",
        "delivery.failure == 'timed_out' and sender.provider == 'microsoft' and delivery.attempts > {i}",
    ]
    broken = {
        "contact.hard_bouncse > {i}": "SND401",
        "account.tier == 'enterprize' and contact.hard_bounces > {i}": "SND406",
        "contact.id": "SND404",
        "contact.hard_bounces > '{i}'": "SND405",
    }
    directory = pack(tmp_path / "pack")
    wrong = set()
    for file in range(8):
        lines = ["reasons:"]
        for number in range(file * 250, file * 250 + 250):
            when = (list(broken) if number % 4 == 0 else sound)[number // 4 % 4]
            text = OTHER.replace("other:", f"reason_{number}:").replace("WHEN", '"' + when.format(i=number + 1) + '"')
            text = text.replace("PRIORITY", str(2000 + number)).replace("MODE", "enforce")
            lines += text.replace("ON_UNKNOWN", "ignore").splitlines()[1:]
            if when in broken:
                wrong.add((f"many{file}.yaml", len(lines) - 5, broken[when]))
        (directory / "reasons" / f"many{file}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, diagnostics = lint_pack(directory)
    errors = [one for one in diagnostics if one.severity is Severity.ERROR]
    assert len(errors) == len(wrong) == 500
    assert {(Path_(one.span.file).name, one.span.start.line, one.code) for one in errors} == wrong
    [rest] = [one for one in diagnostics if one.severity is not Severity.ERROR]
    assert (rest.code, rest.severity) == ("SND519", Severity.WARNING)  # how many warnings there are besides


def test_effort_is_spent_by_what_it_takes() -> None:
    def taken(part: str) -> int:
        nodes = [parsed(" and ".join(part.format(n) for n in range(30) if n != left)) for left in (None, 7)]
        effort = Effort(left=20_000)

        def ask() -> None:
            while effort.left > 0:
                with suppress(TooManyError):
                    Space(SCOPE, CHANNELS, tuple(nodes), effort=effort).same(*nodes)

        return steps(ask)

    assert taken('local_hour(now, "Etc/GMT-{}") == 8') < 2 * taken("contact.hard_bounces + {} > 8")
