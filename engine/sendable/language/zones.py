"""Local time: what clocks in a time zone show, and when they show something next.

The tzdata package is the only source of zones, so that every machine answers alike, whatever its system has. A name
comes from a context, and from anybody: only what the package has for one is ever looked up. What reads zones is
imported where the first is asked for: most packs ask for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_INSTANT: Final = timedelta(microseconds=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_CLOCK: Final = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")
_NO_ZONES: Final = ("leapseconds", "Factory")
"""What stands among the zones: a table, and the zone of a machine that has not been told where it is."""
_FOUND: Final[dict[str, tzinfo]] = {}
"""The zones that were asked for; never more than there are."""


@cache
def names() -> frozenset[str]:
    """The names of all time zones, such as Europe/Stockholm; an old name of one is a name."""
    from importlib.resources import files  # noqa: PLC0415

    return frozenset(_named_in(files("tzdata") / "zoneinfo", ""))


def _named_in(folder: Traversable, before: str) -> Iterator[str]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _named_in(one, f"{before}{one.name}/")
        elif (
            "." not in one.name and one.name not in _NO_ZONES
        ):  # nor are the tables beside them, and Python's own files
            yield before + one.name


def zone_of(name: str) -> tzinfo | None:
    """The time zone with this name; None where there is none."""
    found = _FOUND.get(name)
    return found if found is not None or name not in names() else _FOUND.setdefault(name, _read(name))


def zone_named(name: str) -> tzinfo:
    """The time zone with this name, such as Europe/Stockholm. Raises ValueError where there is none."""
    found = zone_of(name)
    if found is None:
        raise ValueError(f"there is no time zone `{name}`: name one such as Europe/Stockholm")
    return found


def _read(name: str) -> tzinfo:
    from importlib.resources import files  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    class Zone(ZoneInfo):
        """A zone that is read anew where it is sent to: one of a file can't be sent."""

        def __reduce__(self) -> tuple[object, tuple[str]]:
            return zone_named, (name,)

    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return Zone.from_file(file, name)


def clock_of(text: str) -> time | None:
    """The time of day that `text` names as `HH:MM`, from 00:00 to 23:59; None where it names none."""
    match = _CLOCK.fullmatch(text)
    return None if match is None else time(int(match[1]), int(match[2]))


# -- what clocks show. None where a zone or a time of day is none, and where clocks show no year from 1 to 9999


def local_hour(timestamp: datetime, zone: str) -> int | None:
    """The hour that clocks in the zone show at the timestamp: 0 to 23."""
    local = _local(timestamp, zone)
    return None if local is None else local.hour


def local_weekday(timestamp: datetime, zone: str) -> int | None:
    """The day of the week there: 1 for Monday to 7 for Sunday (ISO 8601)."""
    local = _local(timestamp, zone)
    return None if local is None else local.isoweekday()


def _local(timestamp: datetime, zone: str) -> datetime | None:
    found = zone_of(zone)
    try:
        return None if found is None else timestamp.astimezone(found)
    except OverflowError:
        return None


def next_local(clock: str, timestamp: datetime, zone: str) -> datetime | None:
    """The first moment not before the timestamp at which clocks in the zone show the time of day.

    Where they skip it, the first moment after the gap; where they show it twice, the first of the two.
    """
    there, wanted = zone_of(zone), clock_of(clock)
    if there is None or wanted is None:
        return None
    try:
        today = timestamp.astimezone(there).date()
        # Yesterday's may come today, where clocks skip it; today's may have been shown already.
        days = (today + ahead * _DAY for ahead in (-1, 0, 1, 2) if ahead >= 0 or today > date.min)
        moments = (_shown(day, wanted, there) for day in days)
        return next((one for one in moments if one >= timestamp), None)
    except OverflowError:
        return None


@lru_cache(maxsize=1024)
def _shown(day: date, clock: time, zone: tzinfo) -> datetime:
    """When clocks show the time of day on the day, for the first time; after the gap where they skip it."""
    local = datetime.combine(day, clock, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # Clocks were set forward: with the offset of then on it is before that, with the one of before it is after that.
    return _set_before(local.replace(fold=1).astimezone(UTC), moment, zone)


def turns(start: datetime, zone: str) -> Iterator[datetime]:
    """The moments after `start` at which clocks in the zone may show another hour, in their order.

    They begin an hour, or are set forward or back. None where there is no such zone.
    """
    there, moment = zone_of(zone), start
    while there is not None:
        try:
            local = moment.astimezone(there)
            begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            moment = _set_before(moment, moment + _HOUR - begun, there)
        except OverflowError:
            return
        yield moment


def set_between(start: datetime, end: datetime, zone: str) -> Iterator[datetime]:
    """The moments after `start`, and not after `end`, from which on clocks in the zone are set otherwise."""
    there = zone_of(zone)
    while there is not None and start < end:
        ahead = start + min(end - start, _DAY)
        try:
            found = _set_before(start, ahead, there)
            if found.astimezone(there).utcoffset() != start.astimezone(there).utcoffset():
                yield found
        except OverflowError:
            return
        start = found


def _set_before(moment: datetime, end: datetime, zone: tzinfo) -> datetime:
    """The first moment, of those after one that are not after `end`, at which clocks are set; `end` where none is."""
    offset = moment.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return end
    same, other = 0, (end - moment) // _INSTANT
    while other - same > 1:
        middle = (same + other) // 2
        if (moment + middle * _INSTANT).astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    return moment + other * _INSTANT
