"""Every function of the language has a form in every backend and in every language, and means the same in each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings

import sendable
from sendable.decide.runtime import RUNTIME
from sendable.language.functions import FUNCTIONS, OFFERED, Function, ParameterKind, Special
from sendable.language.interpreter import FUNCTIONS as INTERPRETED
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import Call, Comparison, Constant, ListReference, Node, Path, walk
from sendable.language.parser import unparse
from sendable.language.types import Kind
from sendable.render.words.languages import LANGUAGES
from tests.support.expressions import conditions
from tests.support.helpers import parsed, problems
from tests.support.programs import NOW, SCOPE, pack_of

NAMES = sorted(OFFERED)
OPERANDS: dict[ParameterKind, Node] = {
    Kind.STRING: Path("own.string"),
    Kind.STRING_LIST: Path("own.string_list"),
    Kind.TIMESTAMP: Path("own.timestamp"),
    Kind.NUMBER: Constant(72.5),
    Special.MAP: ListReference("meant"),
    Special.PATH: Path("own.string"),
    Special.ANY: Path("own.boolean"),
    Special.SAME: Constant(value=True),
    Special.ZONE: Constant("Asia/Kolkata"),
    Special.CLOCK: Constant("08:30"),
}
CONTEXTS: list[dict[str, Any]] = [
    {"string": "Info+x@GMIAL.com", "string_list": ["info", "x"], "timestamp": NOW - timedelta(days=3), "boolean": True},
    {"string": "gmial.com", "string_list": [], "timestamp": NOW + timedelta(days=3), "boolean": False},
    {"string": None, "string_list": None, "timestamp": None, "boolean": None},
]


def tried(function: Function) -> Node:
    """A condition with a call of the function."""
    operands = [OPERANDS[kind] for _, kind in function.parameters]
    if len(operands) == 2 and operands[0] == operands[1]:
        operands[1] = ListReference("roles") if operands[0] == Path("own.string_list") else Constant("info")
    call = Call(function.name, tuple(operands))
    match function.result:
        case Kind.STRING:
            return Comparison((call, Constant("gmial.com")), ("==",))
        case Kind.INTEGER | Kind.NUMBER:
            return Comparison((call, Constant(1)), (">",))
        case Kind.TIMESTAMP:
            return Comparison((Path("now"), call), ("<",))
        case _:
            return call


@pytest.mark.parametrize("name", NAMES)
def test_every_backend_has_it_and_all_agree(name: str) -> None:
    node = tried(FUNCTIONS[name])
    assert problems(unparse(node)) == []
    assert parsed(unparse(node)) == node
    policy = sendable.Policy(pack_of([node]))
    interpreter = Interpreter(SCOPE.parameters, SCOPE.lists)
    email = {"email": {"channel": "marketing"}, "now": NOW}
    frame = pl.DataFrame(
        [{"email": "kim@example.com", "own": own} for own in CONTEXTS],
        schema={
            "email": pl.String,
            "own": pl.Struct(
                {
                    "string": pl.String,
                    "string_list": pl.List(pl.String),
                    "timestamp": pl.Datetime("us", "UTC"),
                    "boolean": pl.Boolean,
                }
            ),
        },
    )
    columns = policy.decide_frame(frame, campaign=email)
    for own, row in zip(CONTEXTS, columns.to_dicts(), strict=True):
        facts = {
            f"own.{key}": tuple(one) if isinstance(one, list) else one for key, one in own.items() if one is not None
        }
        found = interpreter.evaluate(interpreter.prepare(node), {**facts, "now": NOW})
        expected = "undetermined" if isinstance(found, Unknown) else "matched" if found else None
        decision = policy.decide({**email, "contact": {"email": "kim@example.com"}, "own": own})
        assert (None if decision.reason is None else decision.reason.certainty) == expected
        assert (row["sendable"], row["certainty"]) == (expected is None, expected)
        assert policy.explain({**email, "contact": {"email": "kim@example.com"}, "own": own}).traces


def test_no_table_has_more_or_less_than_the_records() -> None:
    meant = {name for name, one in FUNCTIONS.items() if one.meaning is not None}
    assert set(INTERPRETED) == set(FUNCTIONS)
    assert meant <= set(RUNTIME)
    shown = meant & set(OFFERED)  # of others no condition that anybody reads is made
    for words in LANGUAGES.values():
        assert set(words.grammar.calls) == shown
        assert set(words.grammar.negated_calls) == {name for name in shown if FUNCTIONS[name].result is Kind.BOOLEAN}


def test_authors_can_write_what_is_offered_and_nothing_else() -> None:
    hidden = set(FUNCTIONS) - set(OFFERED)
    assert hidden == {"in_rollout"}
    [found] = problems('in_rollout("a", own.string, 10, 0)')
    assert (found.code, "in_rollout" in found.help) == ("SND305", False)


def test_the_generated_conditions_try_each() -> None:
    tried: set[str] = set()

    @settings(max_examples=500, phases=[Phase.generate])
    @given(conditions)
    def look(node: Node) -> None:
        tried.update(one.function for one in walk(node) if isinstance(one, Call))

    look()
    assert tried == set(NAMES)
