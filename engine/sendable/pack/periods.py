"""Periods: from when on something of a pack holds, and until when, as its files say by `from` and `until`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sendable.diagnostics import codes, limit_codes
from sendable.diagnostics.record import Collector
from sendable.documents.elements import Element, Scalar, get
from sendable.language.nodes import And, Comparison, Constant, Node, Path
from sendable.language.timestamps import complete_timestamp, parse_timestamp
from sendable.language.types import NOW

FROM: Final = "from"
UNTIL: Final = "until"

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, and before `end`: points in time in UTC, None where the period has no bound on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def __bool__(self) -> bool:
        """Whether it has a bound at all."""
        return self.start is not None or self.end is not None

    def holds(self, now: datetime) -> bool:
        """Whether `now` is in it."""
        return (self.start is None or self.start <= now) and (self.end is None or now < self.end)

    @property
    def condition(self) -> Node | None:
        """What is true of `now` in the period and false outside it, never unknown; None where it has no bound."""
        begun = Comparison((Path(NOW), Constant(self.start)), (">=",)) if self.start is not None else None
        not_over = Comparison((Path(NOW), Constant(self.end)), ("<",)) if self.end is not None else None
        bounds = tuple(one for one in (begun, not_over) if one is not None)
        return And(bounds) if len(bounds) > 1 else next(iter(bounds), None)


ALWAYS: Final = Period()


def read_period(body: Element | None, collector: Collector) -> Period:
    """The period that the keys `from` and `until` of a map say; without a bound where one can't be read.

    What is no point in time is reported at its place, and so is an `until` that is not after its `from`.
    """
    period = Period(_moment(get(body, FROM), collector), _moment(get(body, UNTIL), collector))
    until = get(body, UNTIL)
    if until is not None and period.start is not None and period.end is not None and period.end <= period.start:
        collector.report(limit_codes.EMPTY_PERIOD, until.span)
    return period


def _moment(element: Element | None, collector: Collector) -> datetime | None:
    """The point in time that a text says; what is no text, the schema reports."""
    if not isinstance(element, Scalar) or not isinstance(element.value, str):
        return None
    text = element.value
    try:
        return parse_timestamp(text)
    except ValueError as fault:
        advice = f'a point in time is written `"{complete_timestamp(text)}"`'
        collector.report(codes.NOT_A_TIME, element, text=text[:_SHOWN], problem=str(fault), advice=advice)
        return None
