"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from sendable.diagnostics.codes import RULES
from sendable.diagnostics.pages import page
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Diagnostic, Rule, Severity
from sendable.diagnostics.wording import in_json
from sendable.render.reports.format import Format, Problems, Screen, Writer
from sendable.render.reports.repository import in_repository

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}


def as_sarif(diagnostics: Iterable[Diagnostic], made_by: str) -> str:
    """The diagnostics as one SARIF run of sendable `made_by`, with the page of each rule that reported something."""
    found = tuple(diagnostics)
    codes = sorted({one.code for one in found})
    run = {
        "tool": {
            "driver": {
                "name": "sendable",
                "semanticVersion": made_by,
                "rules": [_rule(RULES[code]) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code)) for one in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    found = page(rule.code)
    described: dict[str, Any] = {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }
    if found is not None:
        described["shortDescription"] = {"text": _one_line(found.meaning)}
        described["fullDescription"] = {"text": _one_line(f"{found.meaning} {found.why}")}
        described["help"] = {"text": str(found), "markdown": found.markdown}
    return described


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _result(one: Diagnostic, index: int) -> dict[str, Any]:
    text = f"{one.message}. {one.help}" if one.help else one.message
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "message": {"text": text},
        "locations": [_location(one.span)],
    }
    if one.also:
        result["relatedLocations"] = [{"id": number, **_location(span)} for number, span in enumerate(one.also, 1)]
    return result


def _location(span: Span) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(span.file)}}
    if span.start < span.end:
        place["region"] = {
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        }
    return {"physicalLocation": place}


def _uri(file: str) -> str:
    """A file's name as a reference (RFC 3986): from the root of its repository, or absolute."""
    path = PurePath(in_repository(file))
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _problems(report: Problems, _screen: Screen) -> Iterator[str]:
    yield f"{as_sarif(report.found, version('sendable'))}\n"


FORMAT: Final = Format("sarif", {Problems: Writer(_problems, " for code scanning")}, lambda text, _: in_json(text))
