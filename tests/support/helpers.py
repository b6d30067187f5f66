"""What several tests need: texts as embedded sources, expressions parsed and checked, and a scope to check them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sendable.diagnostics.places import Embedded, Position, Span
from sendable.diagnostics.record import Collector, Diagnostic
from sendable.language.checker import check
from sendable.language.nodes import And, Comparison, Constant, Node, Path
from sendable.language.parser import parse
from sendable.language.scope import ParameterCase, ParameterDeclaration, PolicyList, Scope
from sendable.language.types import Field, Kind, Spelling, Type, Value
from sendable.pack.fields import built_in_fields


def embedded(text: str) -> Embedded:
    """`text` as if it stood alone on line 1 of a file."""
    places = tuple(Position(1, column + 1) for column in range(len(text) + 1))
    return Embedded(text, Span("text", places[0], places[-1]), lambda: places)


def scope() -> Scope:
    """The built-in fields, two fields of each type besides, parameters with and without cases, and four lists."""
    types = {
        **{kind.name.lower(): Type(kind) for kind in Kind},
        "id": Type(Kind.STRING, spelling=Spelling.TRIMMED),
        "identifier": Type(Kind.STRING, spelling=Spelling.IDENTIFIER),
        "identifiers": Type(Kind.STRING_LIST, spelling=Spelling.IDENTIFIER),
    }
    own, more = (
        {f"{group}.{name}": Field(f"{group}.{name}", declared) for name, declared in types.items()}
        for group in ("own", "more")
    )
    parameters = {
        "most": _varying("most", Kind.INTEGER, 11, {"own.boolean": 20, "more.integer > 1": 0}, {"not more.boolean": 2}),
        "part": _varying("part", Kind.NUMBER, 0.5, {"own.string in lists.roles": 11}, {"known(own.number)": 20.25}),
        "name": _varying("name", Kind.STRING, "google", {'own.identifier == "info"': "ß"}, {"more.boolean": "info"}),
        "switch": _varying("switch", Kind.BOOLEAN, False, {"own.integer == 11": True}, {"more.boolean": True}),
        "limit": ParameterDeclaration("limit", Type(Kind.INTEGER), 11, ""),
        "percent": ParameterDeclaration("percent", Type(Kind.INTEGER, minimum=1, maximum=100), 11, ""),
        "share": ParameterDeclaration("share", Type(Kind.NUMBER), 0.5, ""),
        "word": ParameterDeclaration("word", Type(Kind.STRING), "google", ""),
        "strict": ParameterDeclaration("strict", Type(Kind.BOOLEAN), True, ""),
    }
    lists = {
        "roles": PolicyList("roles", "", frozenset({"info", "kundtjänst"})),
        "nothing": PolicyList("nothing", "", frozenset()),
        "meant": PolicyList("meant", "", frozenset({"gmial.com"}), {"gmial.com": "gmail.com"}),
        "scores": PolicyList(
            "scores", "", frozenset({"info", "gmial.com"}), {"info": 3, "gmial.com": 0.5}, {}, Kind.NUMBER
        ),
    }
    return Scope({**built_in_fields(), **own, **more}, parameters, lists)


def _varying(
    name: str, kind: Kind, value: Value, cases: Mapping[str, Value], later: Mapping[str, Value]
) -> ParameterDeclaration:
    """A parameter with cases by their conditions, and after them those that hold from the time of the tests on."""
    made = [ParameterCase(one, node := parsed(text), node, embedded(text), {}) for text, one in cases.items()]
    for text, one in later.items():
        node = parsed(text)
        condition = And((node, Comparison((Path("now"), Constant(BEGINNING)), (">=",))))
        made.append(ParameterCase(one, node, condition, embedded(text), {}, BEGINNING))
    return ParameterDeclaration(name, Type(kind), value, "", tuple(made))


BEGINNING: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""From when on some cases of parameters hold: the time of most tests."""


def parsed(text: str) -> Node:
    """The tree of `text`, which must have one."""
    collector = Collector()
    node = parse(embedded(text), collector)
    assert node is not None, collector.sorted()
    return node


def problems(text: str, expected: Kind | None = Kind.BOOLEAN) -> list[Diagnostic]:
    """What the parser and the checker say of `text` as a condition."""
    collector = Collector()
    source = embedded(text)
    node = parse(source, collector)
    if node is not None:
        sound = check(node, source, scope(), collector, key="when", expected=expected)
        assert sound is not collector.has_errors
    return list(collector.sorted())
