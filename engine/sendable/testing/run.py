"""Suites run against a policy, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sendable.decide.decision import Decision
from sendable.explain.traces import Trace, trace
from sendable.pack.model import Pack, Reason
from sendable.policy import Policy
from sendable.testing.cases import Aspect, Case, Check, Seen, Suite


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that does not hold."""

    check: Check
    actual: Seen


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case. `traces` are of the reasons that the mismatches are about."""

    case: Case
    decision: Decision
    mismatches: tuple[Mismatch, ...]
    traces: tuple[Trace, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything expected holds."""
        return not self.mismatches


@dataclass(frozen=True, slots=True)
class Run:
    """What came of all the cases that were run; `left_out` is how many the filter left out."""

    results: tuple[Result, ...]
    left_out: int = 0

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results of the cases that failed."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def passed(self) -> bool:
        """Whether every case passed, and there was one."""
        return bool(self.results) and not self.failed


def run_suites(policy: Policy, suites: Iterable[Suite], *, only: str = "") -> Run:
    """Runs the cases whose file, name or expected reasons contain `only`, whatever the case of its letters."""
    results: list[Result] = []
    left_out = 0
    for suite in suites:
        for case in suite.cases:
            expected = (one for check in case.checks for one in _ids(check.aspect, check.wanted))
            if only.casefold() in " ".join((case.file, case.name, *expected)).casefold():
                results.append(run_case(policy, case))
            else:
                left_out += 1
    return Run(tuple(results), left_out)


def run_case(policy: Policy, case: Case) -> Result:
    """Decides the case's context and holds the decision to what is expected."""
    began = time.perf_counter()
    decision = policy.decide(case.context)
    mismatches = tuple(compare(case.checks, decision))
    seconds = time.perf_counter() - began
    concerned = _concerned(policy.pack, mismatches, decision) if mismatches else []
    traces = tuple(trace(policy.pack, reason, case.facts) for reason in concerned)
    return Result(case, decision, mismatches, traces, seconds)


def compare(checks: Iterable[Check], decision: Decision) -> Iterator[Mismatch]:
    """The expectations that `decision` does not meet."""
    for check in checks:
        actual = check.look(decision)
        if not check.met_by(actual):
            yield Mismatch(check, actual)


_MOST_EXPLAINED: Final = 4


def _concerned(pack: Pack, mismatches: Iterable[Mismatch], decision: Decision) -> list[Reason]:
    """The reasons to explain: those expected and not found, those found and not expected, else the primary one."""
    ids: dict[str, None] = {}
    for mismatch in mismatches:
        if mismatch.check.of is not None:
            ids[mismatch.check.of] = None
        wanted, actual = (_ids(mismatch.check.aspect, seen) for seen in (mismatch.check.wanted, mismatch.actual))
        ids |= dict.fromkeys(
            [one for one in wanted if one not in actual] + [one for one in actual if one not in wanted]
        )
    if not ids and decision.reason is not None:
        ids[decision.reason.id] = None
    by_id = {reason.id: reason for reason in pack.reasons}
    return [by_id[one] for one in ids][:_MOST_EXPLAINED]


def _ids(aspect: Aspect, seen: Seen) -> tuple[str, ...]:
    match aspect, seen:
        case Aspect.REASON, str():
            return (seen,)
        case ((Aspect.REASONS | Aspect.MONITORED | Aspect.EXCEPTED), tuple()):
            return seen
        case _:
            return ()
