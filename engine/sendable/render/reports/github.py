"""Diagnostics as workflow commands of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sendable.diagnostics.places import Position
from sendable.diagnostics.record import Diagnostic, Severity

# Workflow commands for GitHub Actions: `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`.
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def as_github(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Each diagnostic as a workflow command, which GitHub shows beside the line in a pull request."""
    for diagnostic in diagnostics:
        span = diagnostic.span
        properties: dict[str, object] = {"file": span.file, "line": span.start.line}
        if span.start != Position(1, 1) or span.end != span.start:
            properties["col"] = span.start.column
            properties["endLine"] = span.end.line
            if span.end.line == span.start.line:  # GitHub refuses an end column in another line
                properties["endColumn"] = span.end.column
        properties["title"] = f"{diagnostic.code} {diagnostic.rule.name}"
        written = ",".join(f"{name}={_escape(str(value), _PROPERTY)}" for name, value in properties.items())
        text = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
        yield f"::{_COMMANDS[diagnostic.severity]} {written}::{_escape(text, _DATA)}"


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
