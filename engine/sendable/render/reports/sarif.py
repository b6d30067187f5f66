"""Diagnostics in the formats that other tools read: SARIF 2.1.0 for code scanning, JUnit XML for test reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from sendable.diagnostics.codes import RULES, Diagnostic, Rule, Severity
from sendable.diagnostics.pages import page
from sendable.diagnostics.places import Span

# -- SARIF (OASIS, Static Analysis Results Interchange Format 2.1.0)

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}


def as_sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """The diagnostics as one SARIF run of sendable `version`, with the page of each rule that reported something."""
    found = tuple(diagnostics)
    codes = sorted({one.code for one in found})
    run = {
        "tool": {
            "driver": {
                "name": "sendable",
                "semanticVersion": version,
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
    """A file's name as a reference (RFC 3986): relative to where the command was run, or absolute."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


# -- JUnit


def as_junit(diagnostics: Iterable[Diagnostic], failing: Iterable[Severity]) -> str:
    """The diagnostics as JUnit XML: a suite for each file, a case for each problem.

    Problems of the severities `failing` are failures, others pass and say what they are. Where there is no problem at
    all, one case passes, as a report without a case counts as a broken one.
    """
    found = tuple(diagnostics)
    fails = frozenset(failing)
    suites = {file: tuple(grouped) for file, grouped in groupby(found, key=lambda one: one.span.file)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="sendable lint" {_counts(found, fails)}>']
    for file, inside in suites.items():
        lines.append(f"  <testsuite name={_attribute(file)} {_counts(inside, fails)}>")
        for one in inside:
            lines += _case(one, fails)
        lines.append("  </testsuite>")
    if not found:
        lines += [
            f'  <testsuite name="lint" {_counts(found, fails)}>',
            '    <testcase classname="lint" name="no problems"/>',
            "  </testsuite>",
        ]
    return "\n".join([*lines, "</testsuites>"])


def _counts(found: tuple[Diagnostic, ...], fails: frozenset[Severity]) -> str:
    failures = sum(one.severity in fails for one in found)
    return f'tests="{max(len(found), 1)}" failures="{failures}" errors="0" skipped="0"'


def _case(one: Diagnostic, fails: frozenset[Severity]) -> Iterator[str]:
    start = one.span.start
    place = f'file={_attribute(one.span.file)} line="{start.line}"'
    name = _attribute(f"{one.code} {one.rule.name}, line {start.line}, column {start.column}")
    yield f"    <testcase classname={_attribute(one.span.file)} name={name} {place}>"
    text = escape(_xml(str(one)))
    if one.severity in fails:
        yield f'      <failure type="{one.severity}" message={_attribute(one.message)}>{text}</failure>'
    else:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _xml(text: str) -> str:
    """`text` without the characters that XML 1.0 has no way to write."""
    return "".join(
        char
        if char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
