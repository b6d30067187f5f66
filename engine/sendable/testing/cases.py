"""Policy tests as data: suites of cases, what they expect, and what a decision has in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sendable.decide.decision import Decision, Finding
from sendable.decide.facts import Facts
from sendable.diagnostics.places import Span
from sendable.language.types import Value
from sendable.language.values import plain_value


class Aspect(StrEnum):
    """What of a decision a case can look at; the value is the key under `expect`."""

    SENDABLE = "sendable"
    REASON = "reason"
    REASONS = "reasons"
    MONITORED = "monitored"
    EXCEPTED = "excepted"
    CERTAINTY = "certainty"
    MISSING = "missing"
    RETRY = "retry"
    FIXABLE_BY = "fixable_by"
    FLOOR = "floor"
    CODES = "codes"
    CLEARS_AT = "clears_at"
    TEXT = "text"
    FIX = "fix"
    OF = "of"


OF_DECISIONS: Final = frozenset(
    {Aspect.SENDABLE, Aspect.REASON, Aspect.REASONS, Aspect.MONITORED, Aspect.EXCEPTED, Aspect.OF}
)
"""What only a decision as a whole has; the rest can be looked at in any reason that was found."""


_SPACES: Final = dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F), " ")
"""What CLDR puts between groups of digits, and between a time and AM or PM, depending on its version."""

Seen: TypeAlias = bool | str | datetime | tuple[str, ...] | None
"""What an aspect of a decision can be: ids and paths are tuples, and None is that there is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a case expects, and where it says so.

    `of` is the reason that it is expected of; None where that is the primary one, or the decision as a whole. `key` is
    the locale of a text, and the system of a code. `Aspect.OF` expects that the reason is found at all.
    """

    aspect: Aspect
    wanted: Seen
    span: Span
    key: str | None = None
    of: str | None = None

    @property
    def name(self) -> str:
        """What is looked at, such as `reason`, `text.sv` or `of.unengaged.retry`."""
        parts = [] if self.of is None else [Aspect.OF.value, self.of]
        parts += [] if self.aspect is Aspect.OF else [self.aspect.value]
        return ".".join(parts if self.key is None else [*parts, self.key])

    def met_by(self, actual: Seen) -> bool:
        """Whether what came is what is wanted. In texts a space is a space: locales write some that nobody can see."""
        if isinstance(self.wanted, str) and isinstance(actual, str) and self.aspect in (Aspect.TEXT, Aspect.FIX):
            return self.wanted.translate(_SPACES) == actual.translate(_SPACES)
        return actual == self.wanted

    def look(self, decision: Decision) -> Seen:
        """What the decision has in the place of what is expected."""
        match self.aspect:
            case Aspect.SENDABLE:
                return decision.sendable
            case Aspect.REASONS:
                return tuple(finding.id for finding in decision.reasons)
            case Aspect.MONITORED:
                return tuple(finding.id for finding in decision.monitored)
            case Aspect.EXCEPTED:
                return tuple(finding.id for finding in decision.excepted)
            case Aspect.CLEARS_AT if self.of is None:
                return decision.clears_at
            case Aspect.MISSING if self.of is None and decision.reason is None:
                return ()
            case _:
                finding = self._finding(decision)
                return None if finding is None else self._look_at(finding)

    def _finding(self, decision: Decision) -> Finding | None:
        if self.of is None:
            return decision.reason
        found = (one for one in (*decision.reasons, *decision.monitored, *decision.excepted) if one.id == self.of)
        return next(found, None)

    def _look_at(self, finding: Finding) -> Seen:
        match self.aspect:
            case Aspect.MISSING:
                return tuple(sorted(finding.missing))
            case Aspect.CERTAINTY:
                return finding.certainty.value
            case Aspect.RETRY:
                return finding.retry.value
            case Aspect.FIXABLE_BY:
                return finding.fixable_by.value
            case Aspect.FLOOR:
                return finding.reason.floor
            case Aspect.CODES:
                return finding.codes.get(self.key or "")
            case Aspect.CLEARS_AT:
                return finding.clears_at
            case Aspect.TEXT:
                return finding.message(self.key)
            case Aspect.FIX:
                return finding.fix(self.key)
            case _:
                return finding.id


@dataclass(frozen=True, slots=True)
class Fixture:
    """A named context, whole or in part."""

    name: str
    facts: Facts
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """One context and what is expected of the decision about it."""

    name: str
    file: str
    given: str | None
    facts: Facts
    checks: tuple[Check, ...]
    span: Span

    @property
    def context(self) -> dict[str, Any]:
        """The context as a document."""
        return nested(self.facts)


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one file. `fixtures` are all that its cases can use, the shared ones among them.

    `counted` are the lists whose number of entries the tests say. `own` are those of the pack itself: those of a pack
    that it stands on are not for it to add to.
    """

    file: str
    description: str
    cases: tuple[Case, ...]
    fixtures: Mapping[str, Fixture]
    now: datetime | None
    counted: frozenset[str] = frozenset()
    own: bool = True


def nested(facts: Mapping[str, Value]) -> dict[str, Any]:
    """Facts by path as a context document of plain data."""
    document: dict[str, Any] = {}
    for path, value in facts.items():
        *groups, name = path.split(".")
        inner = document
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = plain_value(value)
    return document
