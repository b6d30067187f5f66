"""Workflow commands of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sendable.diagnostics.places import Position, Span
from sendable.diagnostics.record import Diagnostic, Severity
from sendable.diagnostics.wording import shown, visible
from sendable.render.reports.format import Format, Problems, RunOfTests, Screen, Unanswered, Writer
from sendable.render.reports.repository import in_repository
from sendable.render.terminal.paint import plain

if TYPE_CHECKING:
    from sendable.render.words.forms import Words
    from sendable.testing.coverage import Outcome
    from sendable.testing.mutation import Mutation
    from sendable.testing.run import Run

# Workflow commands for GitHub Actions: `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`.
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def as_github(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Each diagnostic as a workflow command, which GitHub shows beside the line in a pull request.

    It takes the names of files as they are from the root of the repository.
    """
    for diagnostic in diagnostics:
        span = diagnostic.span
        properties: dict[str, object] = {"file": in_repository(span.file), "line": span.start.line}
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


def run_as_github(run: Run, words: Words) -> Iterator[str]:
    """Each failed case as an annotation where it stands."""
    from sendable.render.terminal.tests import failure_as_text

    for result in run.failed:
        text = "\n".join(failure_as_text(result, plain, words))
        yield _command("error", result.case.span, words.tests.failed_case.format(name=shown(result.case.name)), text)


def coverage_as_github(outcomes: Iterable[Outcome], words: Words) -> Iterator[str]:
    """Each outcome that no case saw as an annotation of its reason."""
    from sendable.render.terminal.tests import outcome_as_text

    for outcome in outcomes:
        text = f"{outcome.reason}: {outcome_as_text(outcome, words)}"
        yield _command("notice", outcome.span, words.tests.unseen, text)


def mutation_as_github(mutation: Mutation, words: Words) -> Iterator[str]:
    """Each change that no test notices as an annotation of its place."""
    for one in mutation.survived:
        noticing = words.tests.would_notice.format(message=one.message)
        text = one.message if one.case is None else f"{noticing}\n{one.case}"
        yield _command("warning", one.mutant.span, words.tests.unnoticed, text)


def _command(kind: str, span: Span, title: str, text: str) -> str:
    properties = {"file": in_repository(span.file), "line": str(span.start.line), "title": title}
    written = ",".join(f"{name}={_escape(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{kind} {written}::{_escape(text, _DATA)}"


def _problems(report: Problems, _screen: Screen) -> Iterator[str]:
    yield from (f"{line}\n" for line in as_github(report.found))


def _tested(report: RunOfTests, _screen: Screen) -> Iterator[str]:
    lines = [*run_as_github(report.run, report.words)]
    lines += coverage_as_github(report.coverage.never_seen, report.words) if report.coverage is not None else []
    lines += mutation_as_github(report.mutation, report.words) if report.mutation is not None else []
    for name, text in report.shortfalls.items():
        lines.append(_unplaced(name, text))
    yield from (f"{line}\n" for line in lines)


def _unanswered(report: Unanswered, _screen: Screen) -> Iterator[str]:
    yield from (f"{line}\n" for line in as_github(report.found))
    text = f"{report.why}\n{report.advice}" if report.advice else report.why
    yield f"{_unplaced(f'sendable {report.command}', text)}\n"


def _unplaced(title: str, text: str) -> str:
    """An annotation of the whole run."""
    return f"::error title={_escape(title, _PROPERTY)}::{_escape(text, _DATA)}"


_HELP: Final = ", annotations in a pull request"

FORMAT: Final = Format(
    "github",
    {
        Problems: Writer(_problems, _HELP),
        RunOfTests: Writer(_tested, _HELP),
        Unanswered: Writer(_unanswered),
    },
    lambda text, _: visible(text),
)
