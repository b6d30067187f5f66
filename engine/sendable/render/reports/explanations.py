"""Explanations as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sendable.decide.decision import plain_exception
from sendable.explain.exceptions import ExceptionTrace
from sendable.explain.explanation import Explanation
from sendable.explain.missing import Settling
from sendable.explain.remedies import Remedy
from sendable.explain.traces import Part, Trace
from sendable.language.interpreter import Unknown
from sendable.language.timestamps import write_timestamp
from sendable.language.types import Value
from sendable.language.values import plain_value
from sendable.pack.cases import plain_case
from sendable.render.words.advice import change_in_words, sentence_of


def explanation_to_dict(explanation: Explanation, locale: str | None = None) -> dict[str, Any]:
    """The explanation as plain data, valid against `explanation.schema.json`."""
    pack = explanation.pack
    served = pack.locale_for(locale)
    return {
        "decision": explanation.decision.to_dict(locale),
        "clears_at": None if explanation.clears_at is None else write_timestamp(explanation.clears_at),
        "remedies": [_remedy_to_dict(explanation, one, served) for one in explanation.remedies],
        "complete": explanation.complete,
        "primary": {
            "remedies": [_remedy_to_dict(explanation, one, served) for one in explanation.of_primary],
            "still": list(explanation.still),
        },
        "reasons": [_trace_to_dict(explanation, one, served) for one in explanation.traces],
        "exceptions": [_exception_to_dict(explanation, one, served) for one in explanation.exceptions],
    }


def _remedy_to_dict(explanation: Explanation, remedy: Remedy, locale: str) -> dict[str, Any]:
    return {
        "changes": _data(remedy.changes),
        "by": remedy.by.value,
        "steps": [
            {
                "path": step.path,
                "old": plain_value(step.old),
                "new": plain_value(step.new),
                "by": step.by.value,
                "example": step.example,
                "unknown": step.unknown,
                "advice": change_in_words(step, explanation.pack, locale),
            }
            for step in remedy.steps
        ],
        "leaves": list(remedy.leaves),
    }


def _trace_to_dict(explanation: Explanation, trace: Trace, locale: str) -> dict[str, Any]:
    start = trace.place.start
    return {
        "id": trace.reason.id,
        "title": trace.reason.title[locale],
        "priority": trace.reason.priority,
        "considered": trace.considered,
        "monitored": trace.monitored,
        "outside": None if trace.outside is None else trace.outside.value,
        "outcome": trace.outcome,
        "found": trace.found,
        "sentence": sentence_of(trace.reason.when.node, explanation.held, locale),
        "because": sentence_of(trace.decisive, explanation.held, locale) if trace.found else None,
        "condition": part_to_dict(trace.condition),
        "reads": _data(trace.reads),
        "parameters": {
            name: None if isinstance(value, Unknown) else plain_value(value) for name, value in trace.parameters.items()
        },
        "cases": {name: plain_case(case) for name, case in trace.cases.items()},
        "lists": [
            {"text": part.text, "value": None if isinstance(part.value, Unknown) else plain_value(part.value)}
            for part in trace.memberships
        ],
        "place": {"file": trace.place.file, "line": start.line, "column": start.column},
        "settled_by": _settlings_to_list(explanation.settlings.get(trace.reason.id, ())),
    }


def _exception_to_dict(explanation: Explanation, trace: ExceptionTrace, locale: str) -> dict[str, Any]:
    exception, place = trace.exception, trace.exception.when.source.span
    start = exception.period.start
    return {
        **plain_exception(exception),
        "from": None if start is None else write_timestamp(start),
        "reasons": list(exception.reasons),
        "standing": trace.standing.value,
        "lifts": list(trace.lifts),
        "leaves": list(trace.leaves),
        "sentence": sentence_of(exception.when.node, explanation.held, locale),
        "condition": part_to_dict(trace.condition),
        "missing": list(trace.missing),
        "place": {"file": place.file, "line": place.start.line, "column": place.start.column},
    }


def _settlings_to_list(settlings: Iterable[Settling]) -> list[dict[str, Any]]:
    return [
        {
            "paths": list(one.paths),
            "outcomes": [{"values": _data(given), "outcome": outcome} for given, outcome in one.outcomes],
        }
        for one in settlings
    ]


def _data(values: Mapping[str, Value | None]) -> dict[str, Any]:
    return {path: plain_value(value) for path, value in values.items()}


def part_to_dict(part: Part) -> dict[str, Any]:
    """The part and its own parts as plain data."""
    unknown = isinstance(part.value, Unknown)
    return {
        "text": part.text,
        "value": None if isinstance(part.value, Unknown) else plain_value(part.value),
        "missing": sorted(part.value.missing) if isinstance(part.value, Unknown) else [],
        "unknown": unknown,
        "parts": [part_to_dict(inner) for inner in part.parts],
    }
