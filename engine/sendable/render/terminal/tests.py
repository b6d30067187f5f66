"""What came of policy tests, of coverage and of mutation: as text, JSON, JUnit XML and workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from sendable.diagnostics.places import Span
from sendable.diagnostics.wording import shown
from sendable.explain.traces import Trace
from sendable.language.types import CHANNEL
from sendable.render.terminal.paint import Paint, Role, plain
from sendable.render.terminal.traces import part_to_dict, parts_as_text, seen_as_data, seen_as_text, value_as_text
from sendable.render.words import english
from sendable.render.words.forms import State, Words
from sendable.testing.cases import Aspect
from sendable.testing.coverage import Coverage, Outcome, Subject
from sendable.testing.mutation import Mutation, Survivor
from sendable.testing.run import Mismatch, Result, Run

_INDENT: Final = "  "
_LONGEST: Final = 100


# -- text


def run_as_text(run: Run, paint: Paint = plain, words: Words = english.WORDS) -> Iterator[str]:
    """Each case that failed, with what was expected, what came and why; then a line of counts."""
    for result in run.failed:
        yield "\n".join(_failure(result, paint, words)) + "\n"
    yield counts_as_text(run, paint, words)


def counts_as_text(run: Run, paint: Paint = plain, words: Words = english.WORDS) -> str:
    """`34 cases: 33 passed, 1 failed`."""
    said, count, failed = words.tests, len(run.results), len(run.failed)
    parts = [paint(said.passed.format(count=count - failed), Role.GOOD)] if count > failed else []
    parts += [paint(said.failed.format(count=failed), Role.BAD)] if failed else []
    text = f"{_count(count, said.one_case, said.cases)}: {', '.join(parts)}"
    if not run.left_out:
        return text
    return f"{text}; {said.left_out.format(cases=_count(run.left_out, said.one_case, said.cases))}"


def _failure(result: Result, paint: Paint, words: Words) -> Iterator[str]:
    said, span = words.tests, result.case.span
    place = paint(f"{shown(span.file)}:{span.start.line}", Role.HEADING)
    yield f"{place}: {paint(said.case_failed, Role.BAD)}: {shown(result.case.name)}"
    mismatches = _telling(result.mismatches)
    width = max(len(mismatch.check.name) for mismatch in mismatches)
    labels = max(len(said.expected), len(said.actual))
    for mismatch in mismatches:
        for name, label, seen in (
            (mismatch.check.name, said.expected, mismatch.check.wanted),
            ("", said.actual, mismatch.actual),
        ):
            yield f"{_INDENT}{name:{width}}  {label:{labels}}  {seen_as_text(seen, words)}"
    for one in result.traces:
        yield ""
        yield from _trace(one, result, paint, words)


def _telling(mismatches: tuple[Mismatch, ...]) -> tuple[Mismatch, ...]:
    """The mismatches without those of texts, where it is another reason's text that came."""
    if all(mismatch.check.aspect is not Aspect.REASON for mismatch in mismatches):
        return mismatches
    return tuple(one for one in mismatches if one.check.aspect not in (Aspect.TEXT, Aspect.FIX))


def _trace(trace: Trace, result: Result, paint: Paint, words: Words) -> Iterator[str]:
    said, reason = words.tests, trace.reason
    heading = f"{_INDENT}{paint(reason.id, Role.HEADING)} ({said.priority.format(priority=reason.priority)})"
    if not trace.considered:
        channel = result.case.facts[CHANNEL]
        yield f"{heading} {said.other_channel.format(channel=channel)}"
    else:
        told = [said.condition_is.format(value=value_as_text(trace.condition.value, words))]
        if trace.outcome is None:
            told.append(said.ignored.format(on_unknown=reason.on_unknown))
        yield f"{heading}: {', '.join(told)}"
    yield from parts_as_text(trace.condition, words, 2, paint)


def _count(number: int, one: str, several: str) -> str:
    return one if number == 1 else several.format(count=number)


def coverage_as_text(coverage: Coverage, paint: Paint = plain, words: Words = english.WORDS) -> Iterator[str]:
    """The outcomes that no case saw, by reason, and the share of those that were seen."""
    said = words.tests
    for reason, outcomes in groupby(coverage.never_seen, key=lambda one: one.reason):
        yield f"{paint(reason, Role.HEADING)}: {said.never_seen}"
        for outcome in outcomes:
            yield f"{_INDENT}{outcome_as_text(outcome, words)}"
    if coverage.never_seen:
        yield ""
    counted, missing = len(coverage.counted), len(coverage.never_seen)
    role = Role.WARNING if missing else Role.GOOD
    share = paint(f"{coverage.percent:g} %", role)
    outcomes_told = _count(counted, said.one_outcome, said.outcomes)
    told = [said.coverage.format(share=share, seen=counted - missing, outcomes=outcomes_told)]
    if coverage.impossible:
        told.append(said.impossible.format(count=len(coverage.impossible)))
    yield "; ".join(told)


def outcome_as_text(outcome: Outcome, words: Words = english.WORDS) -> str:
    """What the outcome is, in words."""
    said = words.tests
    match outcome.subject:
        case Subject.CONDITION:
            return said.condition.format(outcome=_outcome_in_words(outcome, words))
        case Subject.OPERAND:
            return f"`{_one_line(outcome.text)}` {_outcome_in_words(outcome, words)}"
        case Subject.ORDER:
            return said.as_primary if outcome.outcome == "primary" else said.as_monitored
        case Subject.MESSAGE | Subject.FIX | Subject.UNDETERMINED:
            subject = said.subjects[outcome.subject.value]
            return said.text_in.format(subject=subject, outcome=outcome.outcome, text=_one_line(outcome.text))


def _outcome_in_words(outcome: Outcome, words: Words) -> str:
    """What a condition came to: a value of the language as it is written there, or that it is unknown."""
    return words.states[State.UNKNOWN] if outcome.outcome == State.UNKNOWN else outcome.outcome


def _one_line(text: str) -> str:
    text = shown(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def mutation_as_text(mutation: Mutation, paint: Paint = plain, words: Words = english.WORDS) -> Iterator[str]:
    """Each change that no test notices, with a case that would; then the score."""
    said = words.tests
    for survivor in mutation.survived:
        span = survivor.mutant.span
        place = paint(f"{shown(span.file)}:{span.start.line}", Role.HEADING)
        yield f"{place}: {paint(said.survived, Role.WARNING)}: {survivor.message}"
        if survivor.case is None:
            yield f"{_INDENT}{said.no_case}"
        else:
            yield f"{_INDENT}{said.this_case.format(file=shown(survivor.file))}"
            yield survivor.case.rstrip("\n")
        yield ""
    killed, survived, equivalent = (len(one) for one in (mutation.killed, mutation.survived, mutation.equivalent))
    role = Role.WARNING if survived else Role.GOOD
    score = paint(f"{int(mutation.score * 1000) / 10:g} %", role)
    changes = _count(killed + survived, said.one_change, said.changes)
    told = [said.mutation.format(score=score, killed=killed, changes=changes)]
    if equivalent:
        told.append(said.equivalent.format(count=equivalent))
    yield "; ".join(told)


# -- JSON


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
    """`killed` and `equivalent` are counts, `survived` what no test notices, `score` a share from 0 to 1."""
    return {
        "killed": len(mutation.killed),
        "survived": [_survivor(one) for one in mutation.survived],
        "equivalent": len(mutation.equivalent),
        "score": mutation.score,
    }


def as_json(found: Mapping[str, Any]) -> str:
    """Plain data as JSON."""
    return json.dumps(found, ensure_ascii=False, indent=2)


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.case.name,
        **_place(result.case.span),
        "passed": result.passed,
        "seconds": round(result.seconds, 6),
        "mismatches": [
            {
                "aspect": mismatch.check.aspect.value,
                "locale": mismatch.check.locale,
                "expected": seen_as_data(mismatch.check.wanted),
                "actual": seen_as_data(mismatch.actual),
                **_place(mismatch.check.span),
            }
            for mismatch in result.mismatches
        ],
        "explanations": [
            {"reason": one.reason.id, "considered": one.considered, "condition": part_to_dict(one.condition)}
            for one in result.traces
        ],
    }


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


# -- JUnit


def run_as_junit(
    run: Run, coverage: Coverage | None = None, mutation: Mutation | None = None, words: Words = english.WORDS
) -> str:
    """The run as JUnit XML: a suite for each file. Coverage and the mutation score stand among the properties."""
    seconds = sum(result.seconds for result in run.results)
    attributes = f'tests="{len(run.results)}" failures="{len(run.failed)}" errors="0" skipped="0" time="{seconds:.6f}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="sendable" {attributes}>']
    for file, grouped in groupby(run.results, key=lambda result: result.case.file):
        lines += _junit_suite(file, tuple(grouped), _properties(coverage, mutation), words)
    return "\n".join([*lines, "</testsuites>"])


def _properties(coverage: Coverage | None, mutation: Mutation | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if coverage is not None:
        found["coverage"] = f"{coverage.share:.4f}"
    if mutation is not None:
        found["mutation-score"] = f"{mutation.score:.4f}"
    return found


def _junit_suite(file: str, results: tuple[Result, ...], properties: Mapping[str, str], words: Words) -> Iterator[str]:
    failed = sum(not result.passed for result in results)
    seconds = sum(result.seconds for result in results)
    attributes = f'tests="{len(results)}" failures="{failed}" errors="0" skipped="0" time="{seconds:.6f}"'
    yield f"  <testsuite name={_attribute(file)} {attributes}>"
    if properties:
        yield "    <properties>"
        for name, value in properties.items():
            yield f"      <property name={_attribute(name)} value={_attribute(value)}/>"
        yield "    </properties>"
    for result in results:
        case = result.case
        place = f'file={_attribute(file)} line="{case.span.start.line}" time="{result.seconds:.6f}"'
        opening = f"    <testcase classname={_attribute(file)} name={_attribute(case.name)} {place}"
        if result.passed:
            yield f"{opening}/>"
            continue
        message = "; ".join(_mismatch(one, words) for one in result.mismatches)
        body = "\n".join(_failure(result, plain, words))
        yield f"{opening}>"
        yield f'      <failure type="mismatch" message={_attribute(message)}>{escape(_xml(body))}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _mismatch(mismatch: Mismatch, words: Words) -> str:
    check = mismatch.check
    wanted, actual = (seen_as_text(one, words) for one in (check.wanted, mismatch.actual))
    return words.tests.mismatch.format(name=check.name, expected=wanted, actual=actual)


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


# -- GitHub Actions

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def run_as_github(run: Run, words: Words = english.WORDS) -> Iterator[str]:
    """Each failed case as an annotation where it stands."""
    for result in run.failed:
        text = "\n".join(_failure(result, plain, words))
        yield _command("error", result.case.span, words.tests.failed_case.format(name=shown(result.case.name)), text)


def coverage_as_github(outcomes: Iterable[Outcome], words: Words = english.WORDS) -> Iterator[str]:
    """Each outcome that no case saw as an annotation of its reason."""
    for outcome in outcomes:
        text = f"{outcome.reason}: {outcome_as_text(outcome, words)}"
        yield _command("notice", outcome.span, words.tests.unseen, text)


def mutation_as_github(mutation: Mutation, words: Words = english.WORDS) -> Iterator[str]:
    """Each change that no test notices as an annotation of its place."""
    for one in mutation.survived:
        noticing = words.tests.would_notice.format(message=one.message)
        text = one.message if one.case is None else f"{noticing}\n{one.case}"
        yield _command("warning", one.mutant.span, words.tests.unnoticed, text)


def _command(kind: str, span: Span, title: str, text: str) -> str:
    properties = {"file": span.file, "line": str(span.start.line), "title": title}
    written = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{kind} {written}::{_escaped(text, _DATA)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
