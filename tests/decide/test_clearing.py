"""When a condition on local time passes by itself: to the microsecond, over every change of clocks in two years."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sendable.language.functions import FIRST_MOMENT, LAST_MOMENT
from tests.support.packs import context, pack
from tests.support.steps import steps
from tests.support.zones import DAY, HOUR, INSTANT, MINUTE, START, ZONES, changes

CONDITIONS = {
    "in the morning": "local_hour(now, contact.locale) < 8",
    "at night": "local_hour(now, contact.locale) >= 21 or local_hour(now, contact.locale) < 8",
    "outside a window": ('now < next_local("08:30", now, contact.locale) <= next_local("21:00", now, contact.locale)'),
    "outside a window past midnight": (
        'now < next_local("22:15", now, contact.locale) <= next_local("02:30", now, contact.locale)'
    ),
    "at the weekend and at two": (
        "local_weekday(now, contact.locale) in [6, 7] or local_hour(now, contact.locale) == 2"
    ),
    "shortly before eight": 'hours_since(next_local("08:00", now, contact.locale)) > -3',
    "in two hours": "local_hour(add_hours(now, 2), contact.locale) < 8",
    "before a time that is fixed": (
        'now < next_local("02:15", add_hours(account.limit_resets_at, 24), contact.locale)'
    ),
    "on the day after": 'local_weekday(next_local("00:00", now, contact.locale), contact.locale) == 1',
}


def email(zone: str, now: datetime, **account: Any) -> dict[str, Any]:
    return {**context(locale=zone), "now": now, "account": {"limit_resets_at": START + 9 * HOUR, **account}}


def looked_at(change: datetime) -> list[datetime]:
    """Each minute for two hours before and after clocks are set, and for days around it each fifth."""
    first = change - DAY - 2 * HOUR
    minutes = (first + number * MINUTE for number in range(3 * 24 * 60))
    return [one for one in minutes if abs(one - change) <= 2 * HOUR or one.minute % 5 == 0]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", list(CONDITIONS))
def test_it_is_what_looking_at_the_clock_each_minute_says(name: str, zone: str, tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": f"'{CONDITIONS[name]}'"})
    for change in changes(zone) or [START]:
        account = {"limit_resets_at": change - DAY + 3 * HOUR}
        times = looked_at(change)
        free = [one for one in times if policy.decide(email(zone, one, **account)).sendable]
        for start in times[: 2 * len(times) // 3 : 47]:
            clears_at = policy.decide(email(zone, start, **account)).clears_at
            expected = None if start in free else next((one for one in free if one > start), None)
            if expected is None:
                assert clears_at is None or clears_at > times[-1]
                continue
            assert clears_at is not None
            assert times[times.index(expected) - 1] < clears_at <= expected
            assert policy.decide(email(zone, clears_at, **account)).sendable
            assert not policy.decide(email(zone, clears_at - INSTANT, **account)).sendable


def test_another_reason_and_local_time_together(tmp_path: Path) -> None:
    night = {
        "when": f"'{CONDITIONS['outside a window']}'",
        "more": 'clears_at: next_local("08:30", now, contact.locale)',
    }
    policy = pack(
        tmp_path,
        night,
        {"when": "days_since(account.limit_resets_at) < 300"},
        {"when": "known(contact.cap_recovers_at)", "more": "clears_at: contact.cap_recovers_at"},
    )
    now = datetime(2026, 1, 5, 2, tzinfo=UTC)
    for passes, expected in (
        ("2026-11-01T12:05:00+01:00", "2026-11-01T12:05:00+01:00"),  # by day
        ("2026-11-01T05:00:00+01:00", "2026-11-01T08:30:00+01:00"),  # before it
        ("2026-11-01T22:00:00+01:00", "2026-11-02T08:30:00+01:00"),  # after it
    ):
        passes_at = datetime.fromisoformat(passes)
        for document in (
            email("Europe/Stockholm", now, limit_resets_at=passes_at - 300 * DAY),
            {**context(locale="Europe/Stockholm", cap_recovers_at=passes_at), "now": now},
        ):
            decision = policy.decide(document)
            assert decision.reason is not None
            assert decision.reason.clears_at == datetime.fromisoformat("2026-01-05T08:30:00+01:00")
            assert decision.clears_at == datetime.fromisoformat(expected)


def test_hours_of_two_zones_meet_only_while_clocks_of_one_are_set(tmp_path: Path) -> None:
    both = 'local_hour(now, "Europe/Stockholm") == 16 and local_hour(now, "America/Los_Angeles") == 8'
    policy = pack(tmp_path, {"when": f"'not ({both})'"})
    decision = policy.decide(email("UTC", datetime(2026, 1, 5, 2, tzinfo=UTC)))
    assert decision.clears_at == datetime(2026, 3, 8, 15, tzinfo=UTC)  # for three weeks they are eight hours apart


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", None])
def test_in_a_zone_that_is_unknown_nothing_passes_by_itself(zone: str | None, tmp_path: Path) -> None:
    reasons = [{"when": f"'{one}'", "on_unknown": "suppress"} for one in CONDITIONS.values()]
    decision = pack(tmp_path, *reasons).decide({**email("UTC", START), **context(locale=zone), "now": START})
    assert [one.missing for one in decision.reasons] == [("contact.locale",)] * len(CONDITIONS)
    assert decision.clears_at is None


def test_what_never_passes_is_found_out(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "'local_hour(now, contact.locale) in [0, 12] or contact.spam_trap'"})
    document = email("Asia/Kolkata", START)
    assert policy.decide({**document, "contact": {**document["contact"], "spam_trap": True}}).clears_at is None


EXCEPTION = """\
exceptions:
  lifting:
    reasons: [r1]
    when: account.id == "acme"
    from: "2026-11-24T22:00:00+01:00"
    until: "2099-01-01T00:00:00+01:00"
    owner: deliverability
    why: they asked
"""


def test_what_no_clock_changes_is_not_looked_at_day_by_day(tmp_path: Path) -> None:
    night = {"when": f"'{CONDITIONS['outside a window']}'"}
    policy = pack(tmp_path, night, {"when": "contact.spam_trap"}, manifest=EXCEPTION)
    document = {**context(locale="Europe/Stockholm", spam_trap=True), "now": datetime(2026, 11, 23, 2, tzinfo=UTC)}
    lifted = policy.decide({**document, "account": {"id": "acme"}})
    assert lifted.clears_at == datetime.fromisoformat("2026-11-25T08:30:00+01:00")  # not as soon as it is lifted
    held = policy.decide({**document, "account": {"id": "other"}})
    assert len(held.reasons) == 2
    assert steps(lambda: held.clears_at) < 20_000
    assert held.clears_at is None


@pytest.mark.parametrize("now", [FIRST_MOMENT, LAST_MOMENT, LAST_MOMENT - HOUR])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_at_the_ends_of_time(now: datetime, zone: str, tmp_path: Path) -> None:
    reasons = [{"when": f"'{one}'", "on_unknown": "suppress"} for one in CONDITIONS.values()]
    for reason in reasons:
        decision = pack(tmp_path, reason).decide(email(zone, now))
        assert decision.clears_at is None or decision.clears_at > now
