"""Why an exception lifts something of an email, or why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sendable.decide.decision import Decision
from sendable.decide.facts import Facts
from sendable.decide.findings import time_of
from sendable.explain.traces import Part, part_of
from sendable.language.interpreter import Unknown
from sendable.pack.model import Pack, PolicyException


class Standing(StrEnum):
    """Whether an exception holds for an email, and why not."""

    HOLDS = "holds"
    NOT_TRUE = "not_true"
    """Its condition is false."""
    UNKNOWN = "unknown"
    """Its condition is unknown."""
    TO_COME = "to_come"
    """It begins later."""
    OVER = "over"
    """It has ended."""


@dataclass(frozen=True, slots=True)
class ExceptionTrace:
    """One exception for one context in which a reason is found that it names."""

    exception: PolicyException
    condition: Part
    standing: Standing
    lifts: tuple[str, ...]
    """The ids of the reasons that it lifts here: none where it does not hold, or others that do come before it."""
    leaves: tuple[str, ...]
    """The ids of the reasons that it would lift if it held, and that suppress."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The paths without data that leave its condition unknown, sorted."""
        return tuple(sorted(self.condition.value.missing)) if isinstance(self.condition.value, Unknown) else ()

    @property
    def is_lacking(self) -> bool:
        """Whether it is only for want of data that it does not lift what suppresses."""
        return self.standing is Standing.UNKNOWN and bool(self.leaves)

    @property
    def is_to_come(self) -> bool:
        """Whether it begins later, and may lift then what suppresses."""
        return self.standing is Standing.TO_COME and bool(self.leaves)


def exceptions_of(pack: Pack, decision: Decision, facts: Facts) -> Iterator[ExceptionTrace]:
    """The exceptions that name a reason that is found, in the order of the pack."""
    suppressing = [finding.id for finding in decision.reasons]
    for one in pack.exceptions:
        lifts = tuple(finding.id for finding in decision.excepted if finding.exception == one)
        leaves = tuple(name for name in suppressing if name in one.reasons)
        lifted = any(finding.id in one.reasons for finding in decision.excepted)
        if leaves or lifted:
            condition = part_of(pack, one.when, facts)
            yield ExceptionTrace(one, condition, _standing(one, condition, facts), lifts, leaves)


def _standing(exception: PolicyException, condition: Part, facts: Facts) -> Standing:
    now = time_of(facts)
    if exception.until <= now:
        return Standing.OVER
    if not exception.period.holds(now):
        return Standing.TO_COME
    if isinstance(condition.value, Unknown):
        return Standing.UNKNOWN
    return Standing.HOLDS if condition.value is True else Standing.NOT_TRUE
