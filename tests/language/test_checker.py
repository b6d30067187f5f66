"""Types: what is wrong with an expression is said at its place, once, before anything is decided."""

from __future__ import annotations

import pytest

from sendable.language.types import Kind
from sendable.language.unknowns import may_be_unknown
from tests.support.helpers import parsed, problems, scope


@pytest.mark.parametrize(
    ("text", "place", "code", "message"),
    [
        ("contact.emial == 'x'", (1, 14), "SND401", "`contact.emial` is not a declared field of the context"),
        ("params.limt > 1", (1, 12), "SND402", "there is no parameter `limt`"),
        ("'x' in lists.rolls", (8, 19), "SND403", "there is no list `rolls`"),
        ("contact.id", (1, 11), "SND404", "`contact.id` is a text, and only true or false can stand here"),
        ("contact.id and true", (1, 11), "SND404", "`contact.id` is a text, and only true or false can stand here"),
        ("not contact.hard_bounces", (5, 25), "SND404",
         "`contact.hard_bounces` is a whole number, and only true or false can stand here"),
        ("1", (1, 2), "SND404", "`1` is a whole number, and only true or false can stand here"),
        ("1 == true", (1, 10), "SND405", "a whole number can't be compared with true or false"),
        ("contact.hard_bounces == '1'", (1, 28), "SND405", "a whole number can't be compared with a text"),
        ("now > '2026-01-01'", (1, 19), "SND405", "a point in time can't be compared with a text"),
        ("contact.unsubscribed_types == 'x'", (1, 34), "SND405", "a list of texts can't be compared with a text"),
        ("email.channel == 'marketting'", (18, 30), "SND406", "`marketting` is not a value of `email.channel`"),
        ("params.word == email.channel", (1, 12), "SND406", "`google` is not a value of `email.channel`"),
        ("email.channel in ['marketing', 'sms']", (32, 37), "SND406", "`sms` is not a value of `email.channel`"),
        ("default(sender.provider, 'gogle') == 'google'", (26, 33), "SND406",
         "`gogle` is not a value of `sender.provider`"),
        ("default(sender.provider, 'other') != 'gogle'", (38, 45), "SND406",
         "`gogle` is not a value of `default(sender.provider, 'other')`"),
        ("contact.id < 'x'", (1, 17), "SND407", "a text has no order, so `<` can't be used on it"),
        ("contact.id + 1 > 2", (1, 11), "SND408", "`contact.id` is a text, and `+` counts with numbers only"),
        ("-contact.id > 2", (2, 12), "SND408", "`contact.id` is a text, and `-` counts with numbers only"),
        ("'x' in contact.id", (8, 18), "SND409", "`contact.id` is a text, and `in` looks something up in a list"),
        ("contact.hard_bounces in contact.unsubscribed_types", (1, 21), "SND410",
         "a whole number can't be in a list of texts"),
        ("domain() == 'x'", (1, 9), "SND411", "`domain` takes one value, and none is given"),
        ("known(contact.id, contact.id)", (1, 30), "SND411", "`known` takes one value, and 2 are given"),
        ("domain(1) == 'x'", (8, 9), "SND412", "`1` is a whole number, and `domain` takes a text here"),
        ("lookup('x', lists.roles) == 'x'", (13, 24), "SND412",
         "`lists.roles` is a list of texts, and `lookup` takes a list of the pack that is a map here"),
        ("default(contact.id, 1) == 'x'", (21, 22), "SND412", "`1` is a whole number, and `default` takes a text here"),
        ("known('x')", (7, 10), "SND413", "`known` takes a field of the context here"),
        ("contact.id in ['x', 1]", (21, 22), "SND414",
         "the values of a list must be of one type; this is a whole number after a text"),
        ("domian(contact.email) == 'x'", (1, 7), "SND305", "there is no function `domian`"),
        ("now > time('2027-01-31')", (12, 24), "SND418",
         "`2027-01-31` is not a point in time: it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("now > time('2027-01-31T09:00:00')", (12, 33), "SND418",
         "`2027-01-31T09:00:00` is not a point in time: it has no offset from UTC; add Z or one such as +01:00"),
        ("now > time('2027-02-30T00:00:00Z')", (12, 34), "SND418",
         "`2027-02-30T00:00:00Z` is not a point in time: its day does not exist"),
        ("now > time(contact.cap_recovers_at)", (12, 35), "SND419",
         "`contact.cap_recovers_at` is a point in time, and `time` takes a text in quotes"),
        ("now > time(params.word)", (12, 23), "SND419",
         "`params.word` is a text, and `time` takes a text in quotes"),
        ("now > time()", (7, 13), "SND411", "`time` takes one text, and none is given"),
        ("time('2027-01-31T00:00:00Z')", (1, 29), "SND404",
         "`time('2027-01-31T00:00:00Z')` is a point in time, and only true or false can stand here"),
        ("now > add_hours(now, '3')", (22, 25), "SND412", "`'3'` is a text, and `add_hours` takes a number here"),
        ("now > timestamp('2027-01-31')", (7, 16), "SND305", "there is no function `timestamp`"),
    ],
)  # fmt: skip
def test_refuses(text: str, place: tuple[int, int], code: str, message: str) -> None:
    found = problems(text)
    assert [(one.code, one.message) for one in found] == [(code, message)]
    assert (found[0].span.start.column, found[0].span.end.column) == place


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("now > time('2027-01-31')", 'a point in time is written `time("2027-01-31T00:00:00+01:00")`'),
        ("now > time('2027-01-31 09:30')", 'a point in time is written `time("2027-01-31T09:30:00+01:00")`'),
        ("now > time('2027-01-31T09:30:00.5')", 'a point in time is written `time("2027-01-31T09:30:00.5+01:00")`'),
        ("now > time('31 januari')", 'a point in time is written `time("2027-01-31T00:00:00+01:00")`'),
        ("now > time(own.timestamp)", "it is one already: write `own.timestamp` alone"),
        ("now > time(own.string)", "a field of points in time has `format: date-time` in its context schema"),
        ("now > time(params.word)", "give the parameter `type: timestamp`, and write `params.word` alone"),
        ("now > time(lower('x'))", 'a point in time is written `time("2027-01-31T00:00:00+01:00")`'),
        ("now > '2026-12-01'", 'a point in time is written `time("2026-12-01T00:00:00+01:00")`'),
        ("2026-12-01 < now", 'a point in time is written `time("2026-12-01T00:00:00+01:00")`'),
    ],
)
def test_says_how_a_point_in_time_is_written(text: str, advice: str) -> None:
    [found] = problems(text)
    assert found.help == advice


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("contact.emial == 'x'", "contact.email"),
        ("email.channel == 'marketting'", "marketing"),
        ("params.limt > 1", "params.limit"),
        ("'x' in lists.rols", "lists.roles"),
        ("domian(contact.email) == 'x'", "domain"),
        ("contact.wholly_unlike_anything == 'x'", None),
    ],
)
def test_suggests_the_near_miss(text: str, meant: str | None) -> None:
    assert [one.suggestion for one in problems(text)] == [meant]


def test_reports_every_problem_once_and_in_order() -> None:
    found = problems("contact.emial == 1 or contact.id < 'x' or (contact.emial == 2 and nothing(own.boolen))")
    assert [(one.code, one.span.start.column) for one in found] == [
        ("SND401", 1),
        ("SND407", 23),
        ("SND401", 44),
        ("SND305", 67),
        ("SND401", 75),
    ]


def test_a_wrong_result_names_what_is_needed() -> None:
    found = problems("contact.hard_bounces", Kind.TIMESTAMP)
    assert [one.message for one in found] == [
        "`contact.hard_bounces` is a whole number, and `when` needs a point in time"
    ]


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("contact.email == 'x'", False),
        ("email.channel == 'marketing'", False),
        ("contact.id == 'x'", True),
        ("known(contact.id)", False),
        ("default(contact.marked_as_spam, false)", False),
        ("default(contact.marked_as_spam, contact.spam_trap)", True),
        ("valid_address(contact.email) and contact.spam_trap", True),
        ("contact.id in []", False),
        ("time('2026-01-31T00:00:00Z') < time('2027-01-31T00:00:00Z')", False),
        ("add_hours(now, 1) > time('2027-01-31T00:00:00Z')", True),
        ("1 / 2 > 0", True),
        ("lookup(contact.email, lists.meant) == 'x'", True),
    ],
)
def test_says_what_may_be_unknown(text: str, possible: bool) -> None:
    assert may_be_unknown(parsed(text), scope()) is possible
