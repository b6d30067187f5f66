"""The reference semantics: every operator and function, and strong Kleene logic for what is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.language.functions import FUNCTIONS as SIGNATURES
from sendable.language.interpreter import FUNCTIONS, Interpreter, Unknown
from sendable.language.naming import named_by
from sendable.language.nodes import And, Node, Or, Parameter, Path, children, walk
from sendable.language.parser import unparse
from sendable.language.types import Value
from tests.support.expressions import conditions
from tests.support.helpers import parsed, problems, scope

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCOPE = scope()
INTERPRETER = Interpreter(SCOPE.parameters, SCOPE.lists)

FACTS: dict[str, Value] = {
    "now": NOW,
    "own.boolean": True,
    "own.integer": 3,
    "own.number": 0.5,
    "own.string": "Info+news@GMIAL.com",
    "own.timestamp": NOW - timedelta(hours=36),
    "own.string_list": ("a", "INFO"),
    "more.string_list": (),
}


def evaluate(text: str | Node, facts: dict[str, Value] | None = None) -> Value | Unknown:
    node = parsed(text) if isinstance(text, str) else text
    return INTERPRETER.evaluate(INTERPRETER.prepare(node), FACTS if facts is None else facts)


def unknown(*missing: str) -> Unknown:
    return Unknown(frozenset(missing))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # comparisons
        ("own.integer == 3", True),
        ("own.integer != 3.0", False),
        ("1 < own.integer <= 3", True),
        ("1 < own.integer < 3", False),
        ("own.timestamp < now", True),
        ("more.integer > 1", unknown("more.integer")),
        ("more.integer == more.integer", unknown("more.integer")),
        ("more.integer > more.number", unknown("more.integer", "more.number")),
        ("5 < own.integer < more.integer", False),
        ("1 < own.integer < more.integer", unknown("more.integer")),
        # logic: no operand hides another
        ("more.boolean and false", False),
        ("false and more.boolean", False),
        ("more.boolean and true", unknown("more.boolean")),
        ("more.boolean or true", True),
        ("true or more.boolean", True),
        ("more.boolean or false", unknown("more.boolean")),
        ("more.boolean or more.integer > 1", unknown("more.boolean", "more.integer")),
        ("not more.boolean", unknown("more.boolean")),
        ("not own.boolean", False),
        # an operand that others decide contributes no missing path
        ("(more.boolean and false) or more.integer > 1", unknown("more.integer")),
        ("(more.boolean or true) and more.integer > 1", unknown("more.integer")),
        # membership
        ("'a' in own.string_list", True),
        ("'A' in own.string_list", False),
        ("'b' not in own.string_list", True),
        ("own.integer in [1, 3]", True),
        ("more.string in own.string_list", unknown("more.string")),
        ("'a' in own.missing", unknown("own.missing")),
        ("more.string in []", False),
        ("more.string not in []", True),
        ("more.string in more.string_list", False),
        ("more.string in lists.nothing", False),
        ("'INFO' in lists.roles", True),
        ("'ｉｎｆｏ' in lists.roles", True),
        ("'KUNDTJÄNST' in lists.roles", True),
        ("more.string in lists.roles", unknown("more.string")),
        # arithmetic
        ("own.integer * 2 - 1 == 5", True),
        ("own.integer / 2 == 1.5", True),
        ("-own.integer == 0 - 3", True),
        ("own.integer / 0 == 1", unknown()),
        ("9007199254740992 + 1 > 0", unknown()),
        ("9007199254740992 * 9007199254740992 > 0", unknown()),
        ("9007199254740992 + 0 > 0", True),
        ("own.integer / 0 == 1 or true", True),
        # functions
        ("domain(own.string) == 'gmial.com'", True),
        ("local_part(own.string) == 'info'", True),
        ("domain('nobody') == ''", True),
        ("local_part('nobody') == ''", True),
        ("valid_address(own.string)", True),
        ("valid_address('a@@b')", False),
        ("valid_address(more.string)", unknown("more.string")),
        ("lower('ÅÄÖ') == 'åäö'", True),
        ("starts_with(own.string, 'Info')", True),
        ("ends_with(own.string, '.com')", True),
        ("contains(own.string, '+')", True),
        ("contains(own.string, more.string)", unknown("more.string")),
        ("overlaps(own.string_list, ['a'])", True),
        ("overlaps(own.string_list, ['info'])", False),
        ("overlaps(own.string_list, lists.roles)", True),
        ("overlaps(own.string_list, [])", False),
        ("overlaps(more.timestamp_list, [])", unknown("more.timestamp_list")),
        ("count(own.string_list) == 2", True),
        ("count(lists.roles) == 2", True),
        ("in_domains('mail.eu.GMIAL.com', lists.meant)", True),
        ("in_domains('notgmial.com', lists.meant)", False),
        ("in_domains('', lists.meant)", False),
        ("lookup('GMIAL.com', lists.meant) == 'gmail.com'", True),
        ("lookup('example.com', lists.meant) == 'x'", unknown()),
        ("hours_since(own.timestamp) == 36", True),
        ("days_since(own.timestamp) == 1.5", True),
        ("days_since(more.timestamp) > 1", unknown("more.timestamp")),
        ("add_hours(own.timestamp, 36) == now", True),
        ("add_hours(own.timestamp, 35.9997) < now", True),
        ("add_hours(now, -1.5) == time('2026-11-23T10:30:00Z')", True),
        ("add_hours(time('2026-11-23T13:00:00.000001+01:00'), 1 / 3600) == time('2026-11-23T12:00:01.000001Z')", True),
        ("add_hours(more.timestamp, 1) > now", unknown("more.timestamp")),
        ("add_hours(now, more.integer) > now", unknown("more.integer")),
        ("add_hours(time('9999-12-31T23:59:59Z'), 1) > now", unknown()),
        ("add_hours(time('0001-01-01T00:00:00Z'), -0.1) < now", unknown()),
        ("add_hours(now, 9007199254740992) > now", unknown()),
        ("now > time('2026-11-23T12:59:59+01:00')", True),
        ("now == time('2026-11-23t07:00:00-05:00')", True),
        ("default(more.timestamp, time('2026-11-24T00:00:00Z')) > now", True),
        ("known(own.string)", True),
        ("known(more.string)", False),
        ("default(more.integer, 7) == 7", True),
        ("default(own.integer, 7) == 3", True),
        ("default(own.integer, more.integer) == 3", True),
        ("default(more.integer, more.number) == 3", unknown("more.integer", "more.number")),
        # parameters
        ("params.limit == 11", True),
        ("params.strict and own.boolean", True),
    ],
)
def test_means(text: str, value: bool | Unknown) -> None:
    assert evaluate(text) == value


def test_the_table_of_functions_and_the_interpreter_have_the_same_names() -> None:
    assert set(FUNCTIONS) == set(SIGNATURES)


def test_a_path_is_looked_up_by_key_only() -> None:
    # simpleeval by itself would find the dict's method
    assert evaluate("own.items", {"now": NOW}) == unknown("own.items")
    assert evaluate("rand", {"now": NOW}) == unknown("rand")


def test_an_unknown_is_never_taken_for_true_or_false() -> None:
    with pytest.raises(TypeError):
        bool(Unknown())


VALUES: dict[str, st.SearchStrategy[Value]] = {
    "boolean": st.booleans(),
    "integer": st.one_of(st.integers(-3, 20), st.sampled_from([2**53, -(2**53)])),
    "number": st.one_of(st.integers(-3, 20), st.floats(-1e15, 1e15), st.sampled_from([0.0, -0.0, 0.1])),
    "string": st.one_of(
        st.sampled_from(["", "info", "INFO", "google", "a@gmial.com", "x@sub.GMIAL.com", "ß", "İ"]), st.text()
    ),
    "timestamp": st.datetimes(
        datetime(1, 1, 3),  # noqa: DTZ001 - the zone comes below
        datetime(9999, 12, 29),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    "string_list": st.lists(st.sampled_from(["", "info", "INFO", "a", "gmial.com"]), max_size=3).map(tuple),
    "identifier": st.sampled_from(["info", "news", "a", "å"]),
    "id": st.sampled_from(["info", "News", "a"]),
    "identifiers": st.lists(st.sampled_from(["info", "news", "a", "å"]), max_size=3).map(tuple),
}
PATHS = [f"{group}.{kind}" for group in ("own", "more") for kind in VALUES]


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Value]:
    """Values for all paths."""
    drawn: dict[str, Value] = {"now": NOW, "contact.email": draw(VALUES["string"])}
    for path in PATHS:
        drawn[path] = draw(VALUES[path.partition(".")[2]])
    return drawn


def paths_of(node: Node) -> set[str]:
    if isinstance(node, Path):
        return {node.name}
    return {name for child in children(node) for name in paths_of(child)}


def paths_of_cases(node: Node) -> set[str]:
    """The paths that cases of the parameters in an expression read."""
    named = (SCOPE.parameters[one.name] for one in walk(node) if isinstance(one, Parameter))
    return {name for parameter in named for case in parameter.cases for name in paths_of(case.condition)}


@given(conditions, facts(), st.sets(st.sampled_from(PATHS)))
def test_what_is_certain_with_less_data_stays_so_with_more(tree: Node, full: dict[str, Value], gone: set[str]) -> None:
    # known() and default() ask about the lack of data itself, so more data may change what they say, and so do cases of
    # parameters, of which none holds that is unknown.
    if any(call in repr(tree) for call in ("'known'", "'default'")) or gone & paths_of_cases(tree):
        return
    partial = {path: value for path, value in full.items() if path not in gone}
    certain = evaluate(tree, partial)
    if isinstance(certain, Unknown):
        # What has a value may be the name of a zone or a time of day, and name nothing.
        assert certain.missing <= (gone | set(named_by(walk(tree)))) & paths_of(tree)
    else:
        assert evaluate(tree, full) == certain


@given(conditions, facts(), st.sets(st.sampled_from(PATHS)))
def test_an_accepted_condition_is_true_false_or_unknown(tree: Node, full: dict[str, Value], gone: set[str]) -> None:
    result = evaluate(tree, {path: value for path, value in full.items() if path not in gone})
    assert isinstance(result, bool | Unknown)


@given(st.lists(conditions, min_size=2, max_size=3), facts(), st.sets(st.sampled_from(PATHS)), st.randoms())
def test_the_order_of_operands_changes_nothing(
    trees: list[Node], full: dict[str, Value], gone: set[str], random: Random
) -> None:
    partial = {path: value for path, value in full.items() if path not in gone}
    shuffled = list(trees)
    random.shuffle(shuffled)
    assert evaluate(And(tuple(trees)), partial) == evaluate(And(tuple(shuffled)), partial)
    assert evaluate(Or(tuple(trees)), partial) == evaluate(Or(tuple(shuffled)), partial)


@given(conditions)
def test_the_checker_accepts_what_the_strategies_make(tree: Node) -> None:
    assert problems(unparse(tree)) == []
