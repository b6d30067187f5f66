"""Expressions without parameters that have cases come to the same as with them, for lack of the same paths."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendable.decide.facts import ContextError, FactReader
from sendable.language.choices import Spreads, spread, varying, walk_read
from sendable.language.interpreter import Interpreter
from sendable.language.nodes import Node, Path
from tests.support.expressions import conditions
from tests.support.helpers import parsed, scope
from tests.support.programs import NOW, context

SCOPE = scope()
INTERPRETER = Interpreter(SCOPE.parameters, SCOPE.lists)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(conditions, st.integers(0, 2**32))
def test_a_condition_spread_over_its_cases_comes_to_the_same(node: Node, seed: int) -> None:
    reader, random = FactReader.of(SCOPE.fields.values()), Random(seed)
    without = spread(node, SCOPE.parameters)
    assert varying(without, SCOPE.parameters) == []
    one, other = INTERPRETER.prepare(node), INTERPRETER.prepare(without)
    for step in (-1, 0, 1):
        try:
            facts = reader.read(context(random), NOW)
        except ContextError:
            continue
        facts["now"] = NOW + step * timedelta(microseconds=1)
        assert INTERPRETER.evaluate(one, facts) == INTERPRETER.evaluate(other, facts)


def test_what_has_no_cases_stays_the_very_same() -> None:
    node = parsed("own.integer > params.limit and (params.strict or own.string == params.word)")
    assert spread(node, SCOPE.parameters) == node
    assert Spreads({"limit": SCOPE.parameters["limit"]}).of(node) is node


def test_what_a_condition_reads_through_parameters() -> None:
    node = parsed("own.integer > params.most")
    read = {one.name for one in walk_read(node, SCOPE.parameters) if isinstance(one, Path)}
    assert read == {"own.integer", "own.boolean", "more.integer", "more.boolean", "now"}
