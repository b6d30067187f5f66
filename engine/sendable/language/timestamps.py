"""Timestamps as RFC 3339 writes them: with a date, a time and an offset, read to a point in time in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))?"
)
# What nearly every timestamp looks like; of what fromisoformat reads, this is within RFC 3339.
_COMMON = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LONGEST = 64


def parse_timestamp(text: str, zone: tzinfo | None = None) -> datetime:
    """The point in time that `text` names, as an aware datetime in UTC; digits beyond the microsecond are cut off.

    `zone` is where the clocks are that show a time without an offset; without it, such a time is none.

    Raises ValueError with the reason in plain words. A leap second, 23:59:60 in UTC, is the second after it (RFC 3339,
    5.7, allows it; POSIX time has no other place for it).
    """
    if _COMMON.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # what is wrong with it is said below
    match = _RFC_3339.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("it is not a timestamp such as 2026-11-23T09:00:00+01:00")
    year, month, day, hour, minute, second, fraction, utc, sign, offset_hours, offset_minutes = match.groups()
    bare = utc is None and sign is None
    if bare and zone is None:
        raise ValueError("it has no offset from UTC; add Z or one such as +01:00")
    offset = timedelta() if sign is None else _offset(sign, int(offset_hours), int(offset_minutes))
    leap = second == "60"
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), 59 if leap else int(second),
            int((fraction or "0")[:6].ljust(6, "0")), zone if bare else timezone(offset),
        )  # fmt: skip
        value = in_utc(local)
        if leap:
            if (value.hour, value.minute) != (23, 59):
                raise ValueError("its time of day does not exist")  # noqa: TRY301 - one way out
            value = value.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        raise ValueError("it is outside the years 1 to 9999") from None
    except ValueError as error:
        raise ValueError(_reason(error)) from None
    return value


def complete_timestamp(text: str) -> str:
    """A timestamp in full that begins as `text`, the day of one or more; an example where that is not possible."""
    begun = text.strip().replace(" ", "T", 1)
    for ending in ("", "+01:00", ":00+01:00", "T00:00:00+01:00"):
        try:
            parse_timestamp(begun + ending)
        except ValueError:
            continue
        return begun + ending
    return "2027-01-31T00:00:00+01:00"


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise ValueError("its offset from UTC does not exist")
    return timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)


def in_utc(moment: datetime) -> datetime:
    """An aware datetime in UTC. Raises ValueError where clocks show it twice or never, as when summer time changes."""
    if moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset():
        raise ValueError("it is a time that clocks in its time zone show twice, or never; add its offset from UTC")
    return moment.astimezone(UTC)


def _reason(error: ValueError) -> str:
    """Python's message for a part of a date that is out of range, in words that are ours and do not change with it."""
    text = str(error)
    if text.startswith("it"):
        return text
    if "day" in text:
        return "its day does not exist"
    if "month" in text:
        return "its month does not exist"
    if "year" in text:
        return "it is outside the years 1 to 9999"
    return "its time of day does not exist"


def write_timestamp(value: datetime) -> str:
    """`value`, an aware datetime, as RFC 3339 in UTC, with microseconds only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
