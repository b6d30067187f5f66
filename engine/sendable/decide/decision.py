"""A decision and its findings, and what their texts say in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sendable.language.nodes import Path
from sendable.language.timestamps import write_timestamp
from sendable.language.types import Value
from sendable.pack.messages import CLEARS_AT, render
from sendable.pack.model import FixableBy, Localized, Pack, PolicyException, Reason, Retry


class Certainty(StrEnum):
    """Whether a finding is known to apply, or only not known not to."""

    MATCHED = "matched"
    UNDETERMINED = "undetermined"


def to_come(time: object, now: datetime) -> datetime | None:
    """What `clears_at` comes to, where that is a time after `now`: what has passed tells nobody when to try again."""
    return time if isinstance(time, datetime) and time > now else None


class Finding:
    """One reason that applies, or that is not known not to apply. Not to be changed.

    A class of its own making rather than a frozen dataclass: one is made for every reason that is found, and a frozen
    dataclass takes four times as long to make.
    """

    __slots__ = ("_certainty", "_clears_at", "_decision", "_exception", "_missing", "_pack", "_reason", "_values")

    _decision: Decision
    """Only where a text asks it: see `telling`."""
    _exception: PolicyException
    """Only where one lifts it: see `lifted`."""

    def __init__(
        self,
        reason: Reason,
        certainty: Certainty,
        missing: tuple[str, ...],
        clears_at: datetime | None,
        pack: Pack,
        values: Mapping[str, Value | None],
    ) -> None:
        self._reason = reason
        self._certainty = certainty
        self._missing = missing
        self._clears_at = clears_at
        self._pack = pack
        self._values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.id, self._certainty, self._missing))

    def __repr__(self) -> str:
        missing = f", missing={self._missing}" if self._missing else ""
        return f"<Finding {self.id} {self._certainty}{missing}>"

    def _key(self) -> tuple[object, ...]:
        return (self._reason, self._certainty, self._missing, self._clears_at, self.exception)

    @property
    def exception(self) -> PolicyException | None:
        """The exception that lifts it; None where it suppresses, or is only monitored."""
        return getattr(self, "_exception", None)

    @property
    def reason(self) -> Reason:
        """The reason as the pack defines it."""
        return self._reason

    @property
    def certainty(self) -> Certainty:
        """Whether the reason is known to apply, or only not known not to."""
        return self._certainty

    @property
    def missing(self) -> tuple[str, ...]:
        """The paths without data that left it undetermined, sorted; empty where it matched."""
        return self._missing

    @property
    def clears_at(self) -> datetime | None:
        """When a reason that passes by itself will, in UTC: after the decision. None where that is not known."""
        return self._clears_at

    @property
    def id(self) -> str:
        """The reason's id."""
        return self.reason.id

    @property
    def priority(self) -> int:
        """The reason's priority; the lowest number comes first."""
        return self.reason.priority

    @property
    def retry(self) -> Retry:
        """Whether trying again makes sense; after a fix, where the fix is to supply what is missing."""
        return self.reason.retry if self.certainty is Certainty.MATCHED else Retry.AFTER_FIX

    @property
    def fixable_by(self) -> FixableBy:
        """Who can clear it; the user, where what is needed is data."""
        return self.reason.fixable_by if self.certainty is Certainty.MATCHED else FixableBy.USER

    @property
    def codes(self) -> Mapping[str, str]:
        """What other systems call the reason, by system."""
        return self.reason.codes

    def title(self, locale: str | None = None) -> str:
        """The reason's short name in `locale`, a BCP 47 tag."""
        return self.reason.title[self._pack.locale_for(locale)]

    def message(self, locale: str | None = None) -> str:
        """What keeps the email from being sent, in `locale`. Of an undetermined finding it never claims the fact."""
        if self.certainty is Certainty.MATCHED:
            return self._render(self.reason.message, locale)
        if self.reason.undetermined is not None:
            return self._render(self.reason.undetermined, locale)
        words = self._pack.words[self._pack.locale_for(locale)]
        return words.undetermined.replace("{title}", self.title(locale))

    def fix(self, locale: str | None = None) -> str:
        """What would clear it, in `locale`: the data that is missing; where none is, what the reason says."""
        if not self.missing:  # what is unknown without a lack of data is a number or a time that there is not
            return self._render(self.reason.fix, locale)
        words = self._pack.words[self._pack.locale_for(locale)]
        return words.supply.replace("{missing}", ", ".join(self.missing))

    def to_dict(self, locale: str | None = None) -> dict[str, Any]:
        """The finding as plain data, in the form of `decision.schema.json`: with `exception` where one lifts it."""
        exception = self.exception
        told = {
            "id": self.id,
            "title": self.title(locale),
            "priority": self.priority,
            "certainty": self.certainty.value,
            "missing": list(self.missing),
            "message": self.message(locale),
            "fix": self.fix(locale),
            "retry": self.retry.value,
            "fixable_by": self.fixable_by.value,
            "clears_at": None if self.clears_at is None else write_timestamp(self.clears_at),
            "codes": dict(self.codes),
        }
        return told if exception is None else {**told, "exception": plain_exception(exception)}

    def _render(self, localized: Localized, requested: str | None) -> str:
        matched = self._pack.locale_for(requested)
        words = self._pack.words[matched]
        return render(localized.texts[matched], self._shown, requested or matched, matched, words)

    def _shown(self, placeholder: str) -> Value | None:
        """What stands for a placeholder; nothing for the time of `clears_at` once that has passed."""
        if placeholder == CLEARS_AT and hasattr(self, "_decision"):
            return self._decision.clears_at
        passes = self.reason.clears_at
        if passes is not None and passes.node == Path(placeholder) and self._clears_at is None:
            return None if self.certainty is Certainty.MATCHED else self._values.get(placeholder)
        return self._values.get(placeholder)


def plain_exception(exception: PolicyException) -> dict[str, Any]:
    """What a decision tells of an exception, as plain data."""
    return {
        "id": exception.id,
        "owner": exception.owner,
        "until": write_timestamp(exception.until),
        "why": exception.why,
    }


def lifted(
    findings: Iterable[Finding], holding: Sequence[PolicyException]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Of findings that would suppress, those that do and those that an exception lifts, each in their order.

    `holding` are the exceptions that hold, in the order of the pack: the first that names the reason lifts its finding,
    which has just been made and knows it from then on.
    """
    reasons: tuple[Finding, ...] = ()
    excepted: tuple[Finding, ...] = ()
    for finding in findings:
        for exception in holding:
            if finding.id in exception.reasons:
                finding._exception = exception  # noqa: SLF001 - only whoever makes a decision of findings does this
                excepted += (finding,)
                break
        else:
            reasons += (finding,)
    return reasons, excepted


class Decision:
    """The answer for one email to one contact. Not to be changed. For its making see `Finding`."""

    __slots__ = ("_monitored", "_now", "_pack", "_reasons")

    def __init__(self, reasons: tuple[Finding, ...], monitored: tuple[Finding, ...], now: datetime, pack: Pack) -> None:
        self._reasons = reasons
        self._monitored = monitored
        self._now = now
        self._pack = pack

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self._reasons, self._monitored, self._now))

    def __repr__(self) -> str:
        verdict = "sendable" if self.sendable else f"suppressed by {', '.join(finding.id for finding in self._reasons)}"
        return f"<Decision {verdict}>"

    def _key(self) -> tuple[object, ...]:
        return (self._reasons, self._monitored, self.excepted, self._now, self._pack.version)

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """Every finding that suppresses, the primary one first: matched before undetermined, then by priority."""
        return self._reasons

    @property
    def monitored(self) -> tuple[Finding, ...]:
        """The findings of reasons that are only monitored, in the same order."""
        return self._monitored

    @property
    def excepted(self) -> tuple[Finding, ...]:
        """The findings that exceptions of the pack lift, in the same order: each has the `exception` that lifts it."""
        return ()

    @property
    def now(self) -> datetime:
        """The time of the decision, in UTC."""
        return self._now

    @property
    def sendable(self) -> bool:
        """Whether the email may be sent."""
        return not self._reasons

    @property
    def reason(self) -> Finding | None:
        """The primary reason, or None when the email may be sent."""
        return self._reasons[0] if self._reasons else None

    @property
    def clears_at(self) -> datetime | None:
        """The earliest time, in UTC, at which the email becomes sendable by itself, everything else unchanged.

        None where that never comes, or nobody can say, and where the email may be sent now.
        """
        times = [time for finding in self._reasons if (time := finding.clears_at) is not None]
        return max(times) if times and len(times) == len(self._reasons) else None

    def message(self, locale: str | None = None) -> str | None:
        """The primary reason's message in `locale`, a BCP 47 tag; None when the email may be sent."""
        return self.reasons[0].message(locale) if self.reasons else None

    def to_dict(self, locale: str | None = None) -> dict[str, Any]:
        """The decision as plain data, valid against `decision.schema.json`."""
        clears_at = self.clears_at
        return {
            "sendable": self.sendable,
            "reason": self.reasons[0].to_dict(locale) if self.reasons else None,
            "reasons": [finding.to_dict(locale) for finding in self.reasons],
            "monitored": [finding.to_dict(locale) for finding in self.monitored],
            "excepted": [finding.to_dict(locale) for finding in self.excepted],
            "clears_at": None if clears_at is None else write_timestamp(clears_at),
            "policy": {"name": self._pack.name, "version": self._pack.version},
            "now": write_timestamp(self.now),
        }


class TimedDecision(Decision):
    """A decision on conditions that depend on the time, as exceptions do: when it clears is worked out when asked."""

    __slots__ = ("_clearing", "_excepted", "_facts")

    def __init__(
        self,
        reasons: tuple[Finding, ...],
        monitored: tuple[Finding, ...],
        now: datetime,
        pack: Pack,
        clearing: Clearing,
        facts: Mapping[str, Value | None],
        excepted: tuple[Finding, ...] = (),
    ) -> None:
        super().__init__(reasons, monitored, now, pack)
        self._clearing = clearing
        self._facts = facts
        self._excepted = excepted

    @property
    def excepted(self) -> tuple[Finding, ...]:
        """See `Decision.excepted`."""
        return self._excepted

    @property
    def clears_at(self) -> datetime | None:
        """See `Decision.clears_at`."""
        known = {path: value for path, value in self._facts.items() if value is not None}
        return self._clearing.earliest(self, known)


def telling(decision: Decision) -> Decision:
    """The decision, made known to its findings, whose texts can then say when it clears."""
    for finding in (*decision.reasons, *decision.monitored, *decision.excepted):
        finding._decision = decision  # noqa: SLF001 - only whoever makes a decision of findings does this
    return decision


class Clearing(Protocol):
    """What can tell when a decision's reasons pass: see `sendable.decide.clearing`."""

    def earliest(self, decision: Decision, facts: dict[str, Value]) -> datetime | None:
        """The earliest time after the decision at which nothing suppresses the email; None where there is none."""
