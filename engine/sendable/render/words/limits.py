"""Where a reason is in force, in the reader's language: from and until when, and to whom it is rolled out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sendable.explain.traces import Outside, Trace
from sendable.pack import locales
from sendable.pack.model import Reason
from sendable.pack.rollouts import Rollout
from sendable.render.words.languages import words_for
from sendable.render.words.sentences import sentence


def outside_in_words(trace: Trace, served: str, requested: str | None = None) -> str | None:
    """Why the reason is only monitored here, as a sentence; None where it is enforced, or never is."""
    words, tag = words_for(served).limits, locales.formatting_locale(requested, served)
    period, rollout = trace.reason.period, trace.reason.rollout
    match trace.outside:
        case None:
            return None
        case Outside.BEFORE:
            return sentence(words.before.format(time=_time(period.start, tag)))
        case Outside.AFTER:
            return sentence(words.after.format(time=_time(period.end, tag)))
        case Outside.ROLLOUT:
            if rollout is None:
                return None
            return sentence(words.outside.format(share=_percent(rollout, tag), by=rollout.by))


def limits_in_words(reason: Reason, served: str) -> str | None:
    """When and for whom the reason is enforced; None where it always is, or never."""
    return ", ".join(_limits(reason, served)) if reason.in_force is not None else None


def _limits(reason: Reason, tag: str) -> Iterator[str]:
    words = words_for(tag)
    if reason.period.start is not None:
        yield words.cases.since.format(time=_time(reason.period.start, tag))
    if reason.period.end is not None:
        yield words.cases.until.format(time=_time(reason.period.end, tag))
    if reason.rollout is not None:
        yield words.limits.share.format(share=_percent(reason.rollout, tag), by=reason.rollout.by)


def _time(moment: datetime | None, tag: str) -> str:
    return "" if moment is None else locales.format_timestamp(moment, tag)


def _percent(rollout: Rollout, tag: str) -> str:
    """The share in percent with all its decimals, and with the decimal sign of the locale."""
    return rollout.percent.replace(".", locales.format_number(0.5, tag)[1])
