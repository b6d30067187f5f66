"""JSON, for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Diagnostic
from sendable.diagnostics.wording import in_json
from sendable.language.values import plain_value
from sendable.render.reports.decisions import decision_as_json
from sendable.render.reports.format import (
    Audience,
    Decisions,
    Explanations,
    Format,
    Problems,
    Reasons,
    RunOfTests,
    Screen,
    Writer,
)

if TYPE_CHECKING:
    from sendable.testing.cases import Check
    from sendable.testing.coverage import Coverage, Outcome
    from sendable.testing.mutation import Mutation
    from sendable.testing.run import Result, Run
    from sendable.testing.survivors import Survivor


def to_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain data. Lines and columns count from 1, in characters; the end is behind the last one."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": span.file,
        "line": span.start.line,
        "column": span.start.column,
        "end_line": span.end.line,
        "end_column": span.end.column,
    }


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The diagnostics as a JSON array."""
    return json.dumps([to_dict(diagnostic) for diagnostic in diagnostics], ensure_ascii=False, indent=2)


# -- tests


def run_to_dict(run: Run, coverage: Coverage | None = None) -> dict[str, Any]:
    """A run, with its coverage where it was measured, as plain data."""
    found: dict[str, Any] = {
        "cases": len(run.results),
        "passed": len(run.results) - len(run.failed),
        "failed": len(run.failed),
        "left_out": run.left_out,
        "results": [_result(result) for result in run.results],
    }
    if coverage is not None:
        found["coverage"] = {
            "share": coverage.share,
            "seen": len(coverage.counted) - len(coverage.never_seen),
            "total": len(coverage.counted),
            "never_seen": [_outcome(one) for one in coverage.never_seen],
            "cannot_occur": [_outcome(one) for one in coverage.impossible],
        }
    return found


def mutation_to_dict(mutation: Mutation) -> dict[str, Any]:
    """`killed` and `equivalent` are counts, `survived` what no test notices, `score` a share from 0 to 1.

    `kinds` is what the score is of: how many changes of each kind are noticed, of how many.
    """
    return {
        "killed": len(mutation.killed),
        "survived": [_survivor(one) for one in mutation.survived],
        "equivalent": len(mutation.equivalent),
        "score": mutation.score,
        "kinds": {change.value: {"killed": one, "of": of} for change, (one, of) in mutation.kinds.items()},
    }


def _result(result: Result) -> dict[str, Any]:
    from sendable.render.reports.explanations import part_to_dict

    return {
        "name": result.case.name,
        **_place(result.case.span),
        "passed": result.passed,
        "seconds": round(result.seconds, 6),
        "mismatches": [
            {
                "aspect": mismatch.check.aspect.value,
                "of": mismatch.check.of,
                **_keyed(mismatch.check),
                "expected": plain_value(mismatch.check.wanted),
                "actual": plain_value(mismatch.actual),
                **_place(mismatch.check.span),
            }
            for mismatch in result.mismatches
        ],
        "explanations": [
            {"reason": one.reason.id, "considered": one.considered, "condition": part_to_dict(one.condition)}
            for one in result.traces
        ],
    }


def _keyed(check: Check) -> dict[str, str | None]:
    """Which text an expectation is about, or which code."""
    is_code = check.aspect.value == "codes"
    return {"locale": None if is_code else check.key, "system": check.key if is_code else None}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "reason": outcome.reason,
        "subject": outcome.subject.value,
        "text": outcome.text,
        "outcome": outcome.outcome,
        **_place(outcome.span),
    }


def _survivor(survivor: Survivor) -> dict[str, Any]:
    return {
        "message": survivor.message,
        "change": survivor.mutant.change.value,
        "reasons": list(survivor.mutant.ids),
        "case": survivor.case,
        "case_file": survivor.file,
        **_place(survivor.mutant.span),
    }


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.start.line, "column": span.start.column}


# -- what commands report


def _json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _problems(report: Problems, _screen: Screen) -> Iterator[str]:
    yield f"{as_json(report.found)}\n"


def _tested(report: RunOfTests, _screen: Screen) -> Iterator[str]:
    """The run with its coverage, or the mutation where it was asked for."""
    mutation = report.mutation
    yield _json(run_to_dict(report.run, report.coverage) if mutation is None else mutation_to_dict(mutation))


def _reasons(report: Reasons, _screen: Screen) -> Iterator[str]:
    from sendable.render.reasons import reason_to_dict

    yield _json([reason_to_dict(one, report.policy.pack, report.served) for one in report.policy.reasons])


def _explanations(report: Explanations, _screen: Screen) -> Iterator[str]:
    from sendable.render.reports.explanations import explanation_to_dict

    yield _json([explanation_to_dict(one, report.locale) for _, one in report.explained])


def _decisions(report: Decisions, _screen: Screen) -> Iterator[str]:
    separator = "[\n"
    for decision, _ in report.decided:
        yield separator + decision_as_json(decision, report.locale)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _audience(report: Audience, _screen: Screen) -> Iterator[str]:
    yield _json(report.summary.to_dict())


FORMAT: Final = Format(
    "json",
    {
        Problems: Writer(_problems),
        RunOfTests: Writer(_tested),
        Reasons: Writer(_reasons),
        Explanations: Writer(_explanations, ", one array of explanations"),
        Decisions: Writer(_decisions, ", one array"),
        Audience: Writer(_audience),
    },
    lambda text, _: in_json(text),
)
