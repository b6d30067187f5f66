"""Zones in which clocks are set in different ways, and when they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sendable.language import zones

ZONES: Final = (
    "Africa/Cairo",  # at midnight
    "Africa/Casablanca",  # back for Ramadan
    "America/New_York",
    "America/Santiago",  # the other half of the year
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",  # three quarters of an hour, and never set
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Stockholm",
    "Pacific/Chatham",
    "UTC",
)
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
END: Final = datetime(2028, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
INSTANT: Final = timedelta(microseconds=1)


def changes(name: str) -> list[datetime]:
    """The hours of 2026 and 2027 after which clocks in the zone are set."""
    zone = zones.zone_named(name)
    hours = [START + number * HOUR for number in range(int((END - START) / HOUR))]
    offsets = [one.astimezone(zone).utcoffset() for one in hours]
    return [one for one, before, after in zip(hours, offsets, offsets[1:], strict=False) if before != after]
