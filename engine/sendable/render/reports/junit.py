"""Diagnostics as JUnit XML for test reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from sendable.diagnostics.record import Diagnostic, Severity


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
