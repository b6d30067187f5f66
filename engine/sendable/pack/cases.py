"""Cases of parameters: what the manifest says under `cases`, held to what a case may depend on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from sendable.diagnostics import codes, limit_codes
from sendable.diagnostics.places import Embedded
from sendable.diagnostics.record import Collector, Rule
from sendable.documents.elements import Element, Map, Scalar, entries, get, items
from sendable.language.checker import check
from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import And, Call, Node, Parameter, Path, walk
from sendable.language.parser import parse
from sendable.language.scope import ParameterCase, ParameterDeclaration, Scope
from sendable.language.timestamps import write_timestamp
from sendable.language.types import NOW, Kind
from sendable.language.values import ValueRefusedError, plain_value, read_value
from sendable.pack.instead import instead
from sendable.pack.periods import read_period
from sendable.pack.shown import shown_text

CASES: Final = "cases"
WHEN: Final = "when"

_OF_EACH_CONTACT: Final = ("contact", "delivery")
_SHOWN: Final = 60
_MOST_CASES: Final = 100
"""The bound that the schema of the manifest reports: what is beyond is not read."""


def with_cases(
    declared: ParameterDeclaration, body: Element, scope: Scope, collector: Collector
) -> ParameterDeclaration:
    """The parameter with the cases of its `body`, whose form the schema has checked; what is wrong is reported."""
    found = (_case(declared, item, scope, collector) for item in items(get(body, CASES))[:_MOST_CASES])
    return replace(declared, cases=tuple(case for case in found if case is not None))


def _case(declared: ParameterDeclaration, body: Element, scope: Scope, collector: Collector) -> ParameterCase | None:
    period = read_period(body, collector)
    owner, why = (shown_text(get(body, key), collector) for key in ("owner", "why"))
    value, when = get(body, "value"), get(body, WHEN)
    read = None
    if isinstance(value, Scalar):
        try:
            read = read_value(value.value, declared.type)
        except ValueRefusedError as fault:
            advice = instead(value.value, (declared.type.kind.value,))
            shown = str(value.value)[:_SHOWN]
            collector.report(codes.PARAMETER_VALUE, value, value=shown, problem=str(fault), advice=advice)
    if not isinstance(when, Scalar) or not isinstance(when.value, str):
        return None
    source = when.embedded()
    node = parse(source, collector)
    if node is None or not check(node, source, scope, collector, key=WHEN, expected=Kind.BOOLEAN):
        return None
    if not _is_settled(node, source, collector) or read is None:
        return None
    if isinstance(body, Map) and body.end is not None:
        collector.report(codes.CONDITION_IN_BRACES, when)
    condition = node if period.condition is None else And((node, period.condition))
    places = {entry.name: entry.value.span for entry in entries(body)}
    return ParameterCase(read, node, condition, source, places, period.start, period.end, owner, why)


def _is_settled(when: Node, source: Embedded, collector: Collector) -> bool:
    """Whether a condition of a case reads only what one may; the rest is reported."""
    found = list(_forbidden(when))
    for node, rule in found:
        text = source.text[node.start : node.end]
        collector.add(rule, source.span_of(node.start, node.end), {"text": text})
    return not found


def _forbidden(when: Node) -> Iterator[tuple[Node, Rule]]:
    for node in sorted(walk(when), key=lambda one: (one.start, one.end)):
        match node:
            case Path(name) if name == NOW:
                yield node, limit_codes.CASE_READS_TIME
            case Path(name) if name.partition(".")[0] in _OF_EACH_CONTACT:
                yield node, limit_codes.CASE_READS_CONTACT
            case Call(function) if FUNCTIONS[function].needs_now:
                yield node, limit_codes.CASE_READS_TIME
            case Parameter():
                yield node, limit_codes.CASE_READS_PARAMETER
            case _:
                pass


def plain_case(case: ParameterCase) -> dict[str, Any]:
    """The case as plain data, with the place of its condition."""
    place = case.source.span
    return {
        "value": plain_value(case.value),
        "when": case.source.text,
        "from": None if case.start is None else write_timestamp(case.start),
        "until": None if case.end is None else write_timestamp(case.end),
        "owner": case.owner,
        "why": case.why,
        "place": {"file": place.file, "line": place.start.line, "column": place.start.column},
    }
