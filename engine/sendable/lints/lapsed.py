"""What of a pack held until a time that has passed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.pack.periods import UNTIL
from sendable.pack.reading import Reading

_SOON: Final = timedelta(days=14)


def lapsed(reading: Reading, now: datetime) -> None:
    """Reports what has lapsed by `now`, and exceptions that will have soon, each at its `until`."""
    for draft in reading.drafts:
        end = None if draft.reason is None else draft.reason.period.end
        until = draft.body.get(UNTIL)
        if until is not None and end is not None and end <= now:
            reading.collector.report(
                lint_codes.LAPSED,
                until.span,
                consequence=f"`{draft.id}` is only monitored",
                what="the line, or the reason",
            )
    for exception in reading.exceptions:
        until = exception.body.get(UNTIL)
        if until is None or exception.exception is None:
            continue
        left = exception.exception.until - now
        if left <= timedelta(0):
            reading.collector.report(
                lint_codes.LAPSED,
                until.span,
                consequence=f"`{exception.id}` lifts nothing any more",
                what="the exception",
            )
        elif left <= _SOON:
            reading.collector.report(
                lint_codes.LAPSES_SOON,
                until.span,
                left=_in_words(left),
                stopped=_listed(exception.exception.reasons),
                owner=exception.exception.owner,
            )


def _listed(reasons: tuple[str, ...]) -> str:
    names = " and ".join(f"`{one}`" for one in reasons)
    return f"{names} {'keeps' if len(reasons) == 1 else 'keep'} emails back"


def _in_words(left: timedelta) -> str:
    """How long it is yet: in days, or in hours where it is no whole day."""
    number, unit = (left.days, "day") if left.days else (left // timedelta(hours=1), "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else "less than an hour"
