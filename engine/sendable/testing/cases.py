"""Policy tests as data: suites of cases, what they expect, and what a decision has in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sendable.decide.decision import Decision
from sendable.decide.facts import Facts
from sendable.diagnostics.places import Span
from sendable.language.timestamps import write_timestamp
from sendable.language.types import Value


class Aspect(StrEnum):
    """What of a decision a case can look at; the value is the key under `expect`."""

    SENDABLE = "sendable"
    REASON = "reason"
    REASONS = "reasons"
    MONITORED = "monitored"
    CERTAINTY = "certainty"
    MISSING = "missing"
    CLEARS_AT = "clears_at"
    TEXT = "text"
    FIX = "fix"


_SPACES: Final = dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F), " ")
"""What CLDR puts between groups of digits, and between a time and AM or PM, depending on its version."""

Seen: TypeAlias = bool | str | datetime | tuple[str, ...] | None
"""What an aspect of a decision can be: ids and paths are tuples, and None is that there is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a case expects, and where it says so. `locale` is that of a text."""

    aspect: Aspect
    wanted: Seen
    span: Span
    locale: str | None = None

    @property
    def name(self) -> str:
        """What is looked at, such as `reason` or `text.sv`."""
        return self.aspect.value if self.locale is None else f"{self.aspect}.{self.locale}"

    def met_by(self, actual: Seen) -> bool:
        """Whether what came is what is wanted. In texts a space is a space: locales write some that nobody can see."""
        if self.locale is not None and isinstance(self.wanted, str) and isinstance(actual, str):
            return self.wanted.translate(_SPACES) == actual.translate(_SPACES)
        return actual == self.wanted

    def look(self, decision: Decision) -> Seen:
        """What the decision has in the place of what is expected. All but three aspects are the primary reason's."""
        primary = decision.reason
        match self.aspect:
            case Aspect.SENDABLE:
                return decision.sendable
            case Aspect.REASONS:
                return tuple(finding.id for finding in decision.reasons)
            case Aspect.MONITORED:
                return tuple(finding.id for finding in decision.monitored)
            case Aspect.MISSING:
                return () if primary is None else tuple(sorted(primary.missing))
            case _ if primary is None:
                return None
            case Aspect.REASON:
                return primary.id
            case Aspect.CERTAINTY:
                return primary.certainty.value
            case Aspect.CLEARS_AT:
                return primary.clears_at
            case Aspect.TEXT:
                return primary.message(self.locale)
            case Aspect.FIX:
                return primary.fix(self.locale)


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
    """The tests of one file. `fixtures` are all that its cases can use, the shared ones among them."""

    file: str
    description: str
    cases: tuple[Case, ...]
    fixtures: Mapping[str, Fixture]
    now: datetime | None


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


def plain_value(value: Value) -> bool | int | float | str | list[str]:
    """`value` as a document has it."""
    match value:
        case datetime():
            return write_timestamp(value)
        case tuple():
            return list(value)
        case _:
            return value
