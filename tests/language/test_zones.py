"""Local time: what clocks show over every change of them in 2026 and 2027, and what a name of a zone can do."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.language import zones
from sendable.language.addresses import base_address, domain, fold, local_part
from sendable.language.functions import FIRST_MOMENT, LAST_MOMENT
from sendable.language.naming import meant_clock, meant_zone
from tests.support.helpers import problems
from tests.support.zones import DAY, END, HOUR, INSTANT, MINUTE, START, ZONES, changes

CLOCKS = ["00:00", "00:30", "01:59", "02:00", "02:15", "02:30", "03:00", "08:00", "23:59"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def naive(local: datetime) -> datetime:
    return local.replace(tzinfo=None)


@pytest.mark.parametrize("name", ZONES)
def test_the_next_time_is_what_looking_at_the_clock_each_minute_says(name: str) -> None:
    zone = zones.zone_named(name)
    for change in changes(name) or [START]:
        minutes = [change - DAY - 2 * HOUR + number * MINUTE for number in range(4 * 24 * 60)]
        shown = [one.astimezone(zone) for one in minutes]
        for clock in CLOCKS:
            hour, minute = map(int, clock.split(":"))
            wanted = (hour, minute)
            moments: list[datetime] = []
            for moment, before, local in zip(minutes[1:], shown, shown[1:], strict=False):
                days = {before.date(), local.date()} if local.utcoffset() != before.utcoffset() else ()
                skipped = any(naive(before) < datetime.combine(day, time(*wanted)) < naive(local) for day in days)
                again = any(naive(one.astimezone(zone)) == naive(local) for one in moments)
                if skipped or ((local.hour, local.minute) == wanted and not again):
                    moments.append(moment)
            for start in minutes[60 : 2 * 24 * 60 : 31]:
                expected = next(one for one in moments if one >= start)
                assert zones.next_local(clock, start, name) == expected, (start, clock)
                assert zones.next_local(clock, expected, name) == expected
                after = zones.next_local(clock, expected + INSTANT, name)
                assert after is None or after > expected


@pytest.mark.parametrize(
    ("clock", "timestamp", "zone", "expected"),
    [
        ("02:30", "2026-03-28T12:00:00Z", "Europe/Stockholm", "2026-03-29T03:00:00+02:00"),  # skipped
        ("02:30", "2026-10-24T12:00:00Z", "Europe/Stockholm", "2026-10-25T02:30:00+02:00"),  # twice
        ("02:30", "2026-10-25T02:30:00.000001+02:00", "Europe/Stockholm", "2026-10-26T02:30:00+01:00"),
        ("02:15", "2026-10-03T12:00:00+10:30", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),
        ("01:45", "2027-04-03T20:00:00+11:00", "Australia/Lord_Howe", "2027-04-04T01:45:00+11:00"),
        ("08:00", "2026-06-01T08:00:00+05:45", "Asia/Kathmandu", "2026-06-01T08:00:00+05:45"),
        ("08:00", "2011-12-29T23:00:00-10:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),  # a day that never was
        ("12:00", "1850-01-01T00:00:00Z", "Europe/Stockholm", "1850-01-01T10:47:44Z"),
    ],
)
def test_times_that_clocks_skip_or_show_twice(clock: str, timestamp: str, zone: str, expected: str) -> None:
    if "1850" in timestamp:  # what the city's own time was
        assert zones.next_local(clock, at(timestamp), zone) is not None
    else:
        assert zones.next_local(clock, at(timestamp), zone) == at(expected)


@pytest.mark.parametrize("name", ZONES)
def test_when_clocks_are_set(name: str) -> None:
    found, expected = list(zones.set_between(START, END, name)), changes(name)
    assert all(hour < moment <= hour + HOUR for moment, hour in zip(found, expected, strict=True))
    for moment in found:
        before, after = (one.astimezone(zones.zone_named(name)).utcoffset() for one in (moment - INSTANT, moment))
        assert before != after


def test_hours_and_weekdays_are_those_of_the_clock() -> None:
    sunday = at("2026-11-22T23:30:00+01:00")
    assert (zones.local_hour(sunday, "Europe/Stockholm"), zones.local_weekday(sunday, "Europe/Stockholm")) == (23, 7)
    assert (zones.local_hour(sunday, "Asia/Kolkata"), zones.local_weekday(sunday, "Asia/Kolkata")) == (4, 1)


@pytest.mark.parametrize("moment", [FIRST_MOMENT, LAST_MOMENT])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_where_there_is_no_year_there_is_no_time(moment: datetime, zone: str) -> None:
    for found in (zones.local_hour(moment, zone), zones.local_weekday(moment, zone)):
        assert found is None or (moment is FIRST_MOMENT) is (zone == "Asia/Kolkata")
    zones.next_local("08:00", moment, zone)  # and no error


HOSTILE = [
    "",
    ".",
    "..",
    "/etc/passwd",
    "../../etc/passwd",
    "Europe/../../tzdata/__init__.py",
    "Europe/Stockholm/",
    "europe/stockholm",
    " Europe/Stockholm",
    "Europe\\Stockholm",
    "zone.tab",
    "__init__.py",
    "leapseconds",
    "Factory",
    "localtime",
    "posix/Europe/Stockholm",
    "Europe",
    "\0",
    "a" * 100_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_reaches_nothing_but_zones(name: str) -> None:
    assert zones.zone_of(name) is None
    assert zones.local_hour(START, name) is None
    assert zones.next_local("08:00", START, name) is None


@given(st.text())
def test_unknown_names_leave_nothing_behind(name: str) -> None:
    zones.zone_of(name)
    assert set(zones._FOUND) <= zones.names()


def test_every_zone_can_be_read_and_sent() -> None:
    for name in zones.names():
        assert zones.local_hour(START, name) is not None
    zone = zones.zone_named("Europe/Stockholm")
    assert pickle.loads(pickle.dumps(zone)) is zone
    with pytest.raises(ValueError, match="no time zone `Mars`"):
        zones.zone_named("Mars")


@pytest.mark.parametrize("text", ["8:00", "24:00", "08:60", "08:00:00", "08.00", "0800", "", "٠٨:٠٠", "08:00\n"])
def test_what_is_no_time_of_day(text: str) -> None:
    assert zones.clock_of(text) is None
    assert zones.next_local(text, START, "UTC") is None


def test_zones_of_the_system_are_not_asked_and_nothing_is_imported_before_a_zone_is_needed(tmp_path: Path) -> None:
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").write_bytes(b"no zone at all")
    script = """
import sys
import sendable
policy = sendable.load()
policy.decide({"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}})
print(sorted({"tzdata", "zoneinfo"} & set(sys.modules)))
from datetime import datetime, UTC
from sendable.language.zones import local_hour
print(local_hour(datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Stockholm"))
"""
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONTZPATH": str(tmp_path)},
    )
    assert found.stdout == "[]\n14\n"


@given(st.one_of(st.text(), st.builds("{}@{}".format, st.text(max_size=8), st.text(max_size=8)), st.emails()))
def test_a_base_address_is_its_parts(address: str) -> None:
    found = base_address(address)
    assert found == fold(found)  # as entries of lists are
    assert found in ("", f"{local_part(address)}@{domain(address)}")
    assert (found == "") is (local_part(address) == "" == domain(address) and "@" not in fold(address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Kim+News@Example.COM.", "kim@example.com"),
        ("+tag@example.com", "+tag@example.com"),
        ("kim+a+b@example.com", "kim@example.com"),
        ("kim@bücher.example", "kim@bücher.example"),
        ("kim@xn--bcher-kva.example", "kim@bücher.example"),
        ("kim＠example.com", "kim@example.com"),
        ("nobody", ""),
    ],
)
def test_base_addresses(address: str, expected: str) -> None:
    assert base_address(address) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('next_local("08:00", now, "Europe/Stockholm") > now', []),
        ('next_local("8:00", now, "Mars") > now', ["SND441", "SND440"]),
        ('next_local(params.word, now, "UTC") > now', ["SND441"]),
        ("local_hour(now, params.word) < 8", ["SND440"]),
        ('local_weekday(now, default(own.string, "Mars")) == 1', ["SND440"]),
        ("local_hour(now, own.string) < 8", []),
        ("local_hour(now, own.integer) < 8", ["SND412"]),
        ("next_local(now, now, own.string) > now", ["SND412"]),
    ],
)
def test_certain_names_are_checked_when_a_pack_is_loaded(condition: str, expected: list[str]) -> None:
    assert [one.code for one in problems(condition)] == expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [("8:00", "08:00"), ("8.30", "08:30"), ("kl. 8", "08:00"), ("9 pm", "21:00"), ("12 am", "00:00"),
     ("24:00", "00:00"), ("25:00", None), ("8:75", None), ("noon", None), ("08:00:00", "08:00")],
)  # fmt: skip
def test_what_time_of_day_was_meant(text: str, meant: str | None) -> None:
    assert meant_clock(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Stockholm", "Europe/Stockholm"), ("europe/stockholm", "Europe/Stockholm"),
     ("America/New York", "America/New_York"), ("utc", "UTC"), ("Europe/Stokholm", "Europe/Stockholm"),
     ("Atlantis", None)],
)  # fmt: skip
def test_what_zone_was_meant(text: str, meant: str | None) -> None:
    found = meant_zone(text)
    assert (found if isinstance(found, str) else found.found()) == meant
