"""What of a pack held until a time that has passed."""

from __future__ import annotations

from datetime import datetime

from sendable.diagnostics import lint_codes
from sendable.pack.periods import UNTIL
from sendable.pack.reading import Reading


def lapsed(reading: Reading, now: datetime) -> None:
    """Reports what has lapsed by `now`, each at its `until`."""
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
