"""What the lints claim of conditions: certain where they claim, silent where they can't be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sendable.analysis import Space, TooManyError, explore
from sendable.interpreter import Interpreter, Unknown
from sendable.model import Channel
from sendable.nodes import Node
from sendable.types import Value
from tests.expressions import NUMBERS, TEXTS, conditions
from tests.helpers import scope

SCOPE = scope()
INTERPRETER = Interpreter(SCOPE.parameters, SCOPE.lists)
CHANNELS = tuple(channel.value for channel in Channel)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def space(node: Node, channels: tuple[str, ...] = CHANNELS) -> Space:
    return Space(SCOPE, channels, (node,))


def every_outcome(node: Node, limit: int = 2_000) -> frozenset[bool | None]:
    found = space(node)
    return frozenset(outcome for outcome, _ in explore(lambda choices: found.outcome(node, choices), limit=limit))


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Value]:
    values: dict[str, st.SearchStrategy[Value]] = {
        "boolean": st.booleans(),
        "integer": st.one_of(st.integers(-2, 21), st.sampled_from([2**53, 2**53 - 1, -(2**53)])),
        "number": st.one_of(NUMBERS, NUMBERS.map(lambda number: -number)),
        "string": TEXTS,
        "timestamp": st.sampled_from([NOW, NOW - timedelta(hours=36), NOW + timedelta(days=400)]),
        "string_list": st.lists(TEXTS, max_size=3).map(tuple),
    }
    chosen = {"now": NOW, "email.channel": draw(st.sampled_from(CHANNELS)), "contact.email": draw(TEXTS)}
    for kind, strategy in values.items():
        for owner in ("own", "more"):
            value = draw(st.none() | strategy)
            if value is not None:
                chosen[f"{owner}.{kind}"] = value
    return chosen


@given(conditions, st.lists(facts(), min_size=4, max_size=4))
@settings(max_examples=500)
def test_whatever_a_condition_comes_to_was_foreseen(node: Node, contexts: list[dict[str, Value]]) -> None:
    try:
        foreseen = every_outcome(node)
    except TooManyError:
        assume(False)
    prepared = INTERPRETER.prepare(node)
    for context in contexts:
        found = INTERPRETER.evaluate(prepared, context)
        assert (None if isinstance(found, Unknown) else found) in foreseen
