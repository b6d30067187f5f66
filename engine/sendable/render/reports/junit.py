"""JUnit XML, for test reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sendable.diagnostics.record import Diagnostic, Severity
from sendable.diagnostics.wording import in_markup
from sendable.render.reports.format import Format, Problems, RunOfTests, Screen, Unanswered, Writer
from sendable.render.terminal.paint import plain

if TYPE_CHECKING:
    from sendable.render.words.forms import Words
    from sendable.testing.run import Mismatch, Result


def as_junit(diagnostics: Iterable[Diagnostic], failing: Iterable[Severity]) -> str:
    """The diagnostics as JUnit XML: a suite for each file, a case for each problem.

    Problems of the severities `failing` are failures, others pass and say what they are. Where there is no problem at
    all, one case passes, as a report without a case counts as a broken one.
    """
    found = tuple(diagnostics)
    fails = frozenset(failing)
    root = Element("testsuites", {"name": "sendable lint", **_counts(found, fails)})
    for file, grouped in groupby(found, key=lambda one: one.span.file):
        inside = tuple(grouped)
        suite = SubElement(root, "testsuite", {"name": _xml(file), **_counts(inside, fails)})
        for one in inside:
            _problem(suite, one, fails)
    if not found:
        suite = SubElement(root, "testsuite", {"name": "lint", **_counts(found, fails)})
        SubElement(suite, "testcase", classname="lint", name="no problems")
    return _written(root)


def _counts(found: tuple[Diagnostic, ...], fails: frozenset[Severity]) -> dict[str, str]:
    failures = sum(one.severity in fails for one in found)
    return {"tests": str(max(len(found), 1)), "failures": str(failures), "errors": "0", "skipped": "0"}


def _problem(suite: Element, one: Diagnostic, fails: frozenset[Severity]) -> None:
    file, start = _xml(one.span.file), one.span.start
    name = _xml(f"{one.code} {one.rule.name}, line {start.line}, column {start.column}")
    case = SubElement(suite, "testcase", classname=file, name=name, file=file, line=str(start.line))
    if one.severity in fails:
        said = SubElement(case, "failure", type=str(one.severity), message=_xml(one.message))
    else:
        said = SubElement(case, "system-out")
    said.text = _xml(str(one))


def run_as_junit(report: RunOfTests) -> str:
    """The run as JUnit XML: a suite for each file. Coverage and the mutation score stand among the properties.

    Where one of them is below what was asked for, it is a case that failed: there is a failure whenever the command
    fails.
    """
    run, words, short = report.run, report.words, report.shortfalls
    root = Element("testsuites", {"name": "sendable", **_sums(run.results, more_failed=len(short))})
    shares = {
        "coverage": None if report.coverage is None else report.coverage.share,
        "mutation-score": None if report.mutation is None else report.mutation.score,
    }
    measured = {name: f"{share:.4f}" for name, share in shares.items() if share is not None}
    for file, grouped in groupby(run.results, key=lambda result: result.case.file):
        results = tuple(grouped)
        suite = SubElement(root, "testsuite", {"name": _xml(file), **_sums(results)})
        if measured:
            properties = SubElement(suite, "properties")
            for name, value in measured.items():
                SubElement(properties, "property", name=name, value=value)
        for result in results:
            _case(suite, _xml(file), result, words)
    if short:
        suite = SubElement(root, "testsuite", {"name": "shares", **_sums((), more_failed=len(short))})
        for name, text in short.items():
            case = SubElement(suite, "testcase", classname="shares", name=name)
            SubElement(case, "failure", type="shortfall", message=_xml(text))
    return _written(root)


def unanswered_as_junit(report: Unanswered) -> str:
    """A document with one error, for a command that could not answer: a report without it counts as no report.

    It is a failure where what was checked does not hold.
    """
    counted = {"tests": "1", "failures": f"{report.failed:d}", "errors": f"{not report.failed:d}", "skipped": "0"}
    root = Element("testsuites", {"name": f"sendable {report.command}", **counted})
    suite = SubElement(root, "testsuite", {"name": report.command, **counted})
    case = SubElement(suite, "testcase", classname=report.command, name=report.command)
    tag, kind = ("failure", "unmet") if report.failed else ("error", "unanswered")
    error = SubElement(case, tag, type=kind, message=_xml(report.why))
    error.text = _xml("\n".join([*map(str, report.found), report.advice]).rstrip())
    return _written(root)


def _sums(results: tuple[Result, ...], *, more_failed: int = 0) -> dict[str, str]:
    failed = sum(not result.passed for result in results) + more_failed
    seconds = sum(result.seconds for result in results)
    return {
        "tests": str(len(results) + more_failed),
        "failures": str(failed),
        "errors": "0",
        "skipped": "0",
        "time": f"{seconds:.6f}",
    }


def _case(suite: Element, file: str, result: Result, words: Words) -> None:
    from sendable.render.terminal.tests import failure_as_text

    place = {
        "classname": file,
        "name": _xml(result.case.name),
        "file": file,
        "line": str(result.case.span.start.line),
        "time": f"{result.seconds:.6f}",
    }
    case = SubElement(suite, "testcase", place)
    if not result.passed:
        message = "; ".join(_mismatch(one, words) for one in result.mismatches)
        failure = SubElement(case, "failure", type="mismatch", message=_xml(message))
        failure.text = _xml("\n".join(failure_as_text(result, plain, words)))


def _mismatch(mismatch: Mismatch, words: Words) -> str:
    from sendable.render.terminal.traces import seen_as_text

    check = mismatch.check
    wanted, actual = (seen_as_text(one, words) for one in (check.wanted, mismatch.actual))
    return words.tests.mismatch.format(name=check.name, expected=wanted, actual=actual)


def _written(root: Element) -> str:
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}'


def _xml(text: str) -> str:
    """`text` without the characters that XML 1.0 has no way to write."""
    return "".join(
        char
        if char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


# -- what commands report


def _problems(report: Problems, _screen: Screen) -> Iterator[str]:
    yield f"{as_junit(report.found, report.failing)}\n"


def _tested(report: RunOfTests, _screen: Screen) -> Iterator[str]:
    yield f"{run_as_junit(report)}\n"


def _unanswered(report: Unanswered, _screen: Screen) -> Iterator[str]:
    yield f"{unanswered_as_junit(report)}\n"


FORMAT: Final = Format(
    "junit",
    {
        Problems: Writer(_problems, " for reports"),
        RunOfTests: Writer(_tested, ", XML for reports"),
        Unanswered: Writer(_unanswered),
    },
    lambda text, _: in_markup(text),
)
