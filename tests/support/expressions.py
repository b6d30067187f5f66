"""Hypothesis strategies: expression trees over the whole grammar, typed so that the checker accepts them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias

from hypothesis import strategies as st

from sendable.language.functions import FIRST_MOMENT, LAST_MOMENT, OFFERED, ParameterKind, Special
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Parameter,
    Path,
)
from sendable.language.types import Kind

TEXTS = st.sampled_from(
    ["", "info", "INFO", "google", "gmial.com", "kundtjänst", "a@gmial.com", "Info+x@EXAMPLE.com", "ß", "😀", "UTC"]
)
IDENTIFIERS = st.sampled_from(["info", "google", "ss", "kundtjänst", "i\u0307"])
INTEGERS = st.one_of(st.integers(0, 20), st.sampled_from([2**53, 2**53 - 1]))
NUMBERS = st.one_of(INTEGERS, st.sampled_from([0.0, 0.5, 11.0, 0.1, 1234.25]))


def _paths(kind: str) -> st.SearchStrategy[Node]:
    return st.sampled_from([Path(f"own.{kind}"), Path(f"more.{kind}")])


def _chain(operands: st.SearchStrategy[Node], operators: list[str]) -> st.SearchStrategy[Node]:
    def build(parts: list[Node], chosen: list[str]) -> Node:
        return Comparison(tuple(parts), tuple(chosen[: len(parts) - 1]))  # type: ignore[arg-type]

    size = st.lists(operands, min_size=2, max_size=3)
    return st.builds(build, size, st.lists(st.sampled_from(operators), min_size=2, max_size=2))


def _several(operands: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(operands, min_size=2, max_size=3).map(tuple)


def _call(name: str, *arguments: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(*arguments).map(lambda given: Call(name, given))


def _calls(result: Kind, operands: Mapping[ParameterKind, st.SearchStrategy[Node]]) -> list[st.SearchStrategy[Node]]:
    """Calls of all functions with such a result, but for those about the lack of a value."""
    return [
        _call(function.name, *(operands[kind] for _, kind in function.parameters))
        for function in OFFERED.values()
        if function.result is result and function.meaning is not None
    ]


ENDS = (FIRST_MOMENT, LAST_MOMENT)
ORDERINGS = ["<", "<=", ">", ">="]
EQUALITIES = ["==", "!="]

_MOMENTS = st.sampled_from(
    [datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 20, 0, 0, 0, 1, tzinfo=UTC), *ENDS]
).map(Constant)
_HOURS: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(
        [Constant(24), Constant(0.5), Constant(1.1), Negative(Constant(36)), Parameter("share"), Parameter("most")]
    ),
    _paths("integer"),
    _paths("number"),
)
_zones: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(["Europe/Stockholm", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]).map(Constant),
    st.sampled_from(
        [
            Path("own.string"),
            Call("default", (Path("own.string"), Path("more.string"))),
            Call("lower", (Path("own.string"),)),
        ]
    ),
)
_clocks: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(["08:00", "00:00", "23:59"]).map(Constant), _paths("string")
)
_NAMES: dict[ParameterKind, st.SearchStrategy[Node]] = {Special.ZONE: _zones, Special.CLOCK: _clocks}
timestamps: st.SearchStrategy[Node] = st.recursive(
    st.one_of(_paths("timestamp"), st.just(Path("now")), _MOMENTS),
    lambda inner: st.one_of(
        _call("default", inner, inner), *_calls(Kind.TIMESTAMP, {**_NAMES, Kind.TIMESTAMP: inner, Kind.NUMBER: _HOURS})
    ),
    max_leaves=3,
)
lists: st.SearchStrategy[Node] = st.one_of(
    _paths("string_list"),
    st.sampled_from([ListReference("roles"), ListReference("nothing"), ListReference("meant")]),
    st.lists(TEXTS, max_size=3).map(lambda items: ListLiteral(tuple(Constant(item) for item in items))),
)
_OPERANDS: dict[ParameterKind, st.SearchStrategy[Node]] = {
    **_NAMES,
    Kind.TIMESTAMP: timestamps,
    Kind.STRING_LIST: lists,
    Special.MAP: st.just(ListReference("meant")),
}
identifiers: st.SearchStrategy[Node] = st.one_of(
    _paths("identifier"), IDENTIFIERS.map(Constant), _call("default", _paths("identifier"), IDENTIFIERS.map(Constant))
)
identifier_lists: st.SearchStrategy[Node] = st.one_of(
    _paths("identifiers"),
    st.sampled_from([ListReference("roles"), ListReference("nothing")]),
    st.lists(IDENTIFIERS, max_size=3).map(lambda items: ListLiteral(tuple(Constant(item) for item in items))),
)
strings: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        _paths("string"),
        TEXTS.map(Constant),
        st.sampled_from([Parameter("word"), Parameter("name"), Path("contact.email")]),
    ),
    lambda inner: st.one_of(
        *_calls(Kind.STRING, {**_OPERANDS, Kind.STRING: inner}),
        _call("default", inner, inner),
    ),
    max_leaves=3,
)
_OPERANDS[Kind.STRING] = strings
numbers: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        _paths("integer"),
        _paths("number"),
        NUMBERS.map(Constant),
        st.sampled_from([Parameter(name) for name in ("limit", "share", "most", "part")]),
        *_calls(Kind.INTEGER, _OPERANDS),
        *_calls(Kind.NUMBER, _OPERANDS),
        _call("count", _paths("identifiers")),
        _call("lookup", strings, st.just(ListReference("scores"))),
    ),
    lambda inner: st.one_of(
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        inner.map(Negative),
        _call("default", inner, inner),
    ),
    max_leaves=4,
)
_literal_lists = st.lists(NUMBERS, max_size=3).map(lambda items: ListLiteral(tuple(Constant(item) for item in items)))
_atoms: st.SearchStrategy[Node] = st.one_of(
    _paths("boolean"),
    st.booleans().map(Constant),
    st.sampled_from([Parameter("strict"), Parameter("switch")]),
    _chain(numbers, ORDERINGS + EQUALITIES),
    _chain(strings, EQUALITIES),
    _chain(timestamps, ORDERINGS + EQUALITIES),
    st.builds(Membership, strings, lists, st.booleans()),
    st.builds(Membership, numbers, _literal_lists, st.booleans()),
    *_calls(Kind.BOOLEAN, _OPERANDS),
    _chain(identifiers, EQUALITIES),
    st.builds(Membership, identifiers, identifier_lists, st.booleans()),
    _call("overlaps", identifier_lists, identifier_lists),
    _chain(st.one_of(_paths("id"), st.sampled_from([Constant("info"), Constant("INFO")])), EQUALITIES),
    st.sampled_from(["own.string", "own.integer", "own.string_list", "own.identifier", "own.identifiers", "now"]).map(
        lambda name: Call("known", (Path(name),))
    ),
)
conditions: st.SearchStrategy[Node] = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        inner.map(Not),
        _several(inner).map(And),
        _several(inner).map(Or),
        _call("default", inner, inner),
        _chain(inner, EQUALITIES),
    ),
    max_leaves=6,
)
"""Conditions that the checker accepts in the scope of `helpers.scope()`."""

Program: TypeAlias = tuple[list[Node], int]
"""The conditions of a pack, and a seed for whatever is to be decided by them."""


def programs(fewest: int, most: int, condition: st.SearchStrategy[Node] = conditions) -> st.SearchStrategy[Program]:
    """Programs of so many conditions. Seeds come out of all that is drawn: Hypothesis draws the same few very often."""
    drawn = st.tuples(st.lists(condition, min_size=fewest, max_size=most), st.integers(0, 2**32))
    return drawn.map(lambda program: (program[0], Random(f"{program}").getrandbits(32)))
