"""What came of policy tests, of coverage and of mutation, as text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from sendable.diagnostics.wording import shown
from sendable.explain.traces import Trace
from sendable.language.types import CHANNEL
from sendable.pack.locales import format_number
from sendable.render.terminal.paint import Paint, Role, plain
from sendable.render.terminal.traces import parts_as_text, seen_as_text, value_as_text
from sendable.render.words import english
from sendable.render.words.forms import State, Words
from sendable.testing.cases import Aspect
from sendable.testing.coverage import Coverage, Outcome, Subject
from sendable.testing.mutation import Mutation
from sendable.testing.run import Mismatch, Result, Run

_INDENT: Final = "  "
_LONGEST: Final = 100


# -- text


def run_as_text(run: Run, paint: Paint = plain, words: Words = english.WORDS) -> Iterator[str]:
    """Each case that failed, with what was expected, what came and why; then a line of counts."""
    for result in run.failed:
        yield "\n".join(failure_as_text(result, paint, words)) + "\n"
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


def failure_as_text(result: Result, paint: Paint, words: Words) -> Iterator[str]:
    """The lines about a case that failed."""
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
    share = paint(f"{format_number(coverage.percent, words.language)} %", role)
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
        case Subject.EXCEPTION:
            return said.as_lifting
        case Subject.CASE:
            return said.case_holds.format(text=_one_line(outcome.text))
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
    """Each change that no test notices, with a case that would; then the score, and what it is of."""
    said = words.tests
    for case, alike in groupby(mutation.survived, key=lambda one: one.case or one.message):
        survivor, *others = alike
        span = survivor.mutant.span
        place = paint(f"{shown(span.file)}:{span.start.line}", Role.HEADING)
        yield f"{place}: {paint(said.survived, Role.WARNING)}: {survivor.message}"
        if others:
            yield f"{_INDENT}{said.likewise.format(count=len(others))}"
        if survivor.case is None:
            yield f"{_INDENT}{said.no_case}"
        else:
            yield f"{_INDENT}{said.this_case.format(file=shown(survivor.file))}"
            yield case.rstrip("\n")
        yield ""
    killed, survived, equivalent = (len(one) for one in (mutation.killed, mutation.survived, mutation.equivalent))
    role = Role.WARNING if survived else Role.GOOD
    score = paint(f"{format_number(mutation.percent, words.language)} %", role)
    changes = _count(killed + survived, said.one_change, said.changes)
    told = [said.mutation.format(score=score, killed=killed, changes=changes)]
    if equivalent:
        told.append(said.equivalent.format(count=equivalent))
    yield "; ".join(told)
    kinds = {change: said.kind.format(noticed=one, count=of) for change, (one, of) in mutation.kinds.items()}
    width = max(map(len, kinds.values()), default=0)
    for change, text in kinds.items():
        yield f"{_INDENT}{text:>{width}}  {said.kinds[change]}"
