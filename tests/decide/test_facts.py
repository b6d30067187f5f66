"""The context at the boundary: what is read, what is refused, and that nothing else happens to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.decide.decision import Decision
from sendable.decide.facts import ContextError, FactReader
from sendable.language.timestamps import parse_timestamp, write_timestamp
from sendable.pack.fields import built_in_fields
from tests.support.packs import bundled

READER = FactReader.of(built_in_fields().values())
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def context(**contact: object) -> dict[str, Any]:
    return {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com", **contact}}


def problems(document: object) -> list[tuple[str, str]]:
    with pytest.raises(ContextError) as caught:
        READER.read(document, NOW)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_reads_the_declared_paths_that_have_data() -> None:
    document = context(hard_bounces=2, legal_basis=None, unsubscribed_types=["news"], shoe_size=38)
    assert READER.read(document, NOW) == {
        "now": NOW,
        "email.channel": "marketing",
        "contact.email": "kim@example.com",
        "contact.hard_bounces": 2,
        "contact.unsubscribed_types": ("news",),
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("marked_as_spam", "no", "it must be true or false, and it is the text `no`"),
        ("marked_as_spam", 0, "it must be true or false, and it is the number `0`"),
        ("hard_bounces", True, "it must be a whole number, and it is `true`"),
        ("hard_bounces", "3", "it must be a whole number, and it is the text `3`"),
        ("hard_bounces", 1.5, "it must be a whole number, and it is the number `1.5`"),
        ("hard_bounces", -1, "it must be at least 0, and it is the number `-1`"),
        ("hard_bounces", 1234567.5, "it must be a whole number, and it is the number `1234567.5`"),
        ("hard_bounces", float("nan"), "it must be a whole number, and it is not finite"),
        ("hard_bounces", float("-inf"), "it must be a whole number, and it is not finite"),
        ("hard_bounces", 10**400, "it must be a number within ±2^53, and it is beyond"),
        ("hard_bounces", 2**53 + 1, "it must be a number within ±2^53, and it is beyond"),
        ("legal_basis", "consnet",
         ("it must be one of consent, legitimate_interest, contract, existing_customer, none, "
         "and it is the text `consnet`")),
        ("id", 7, "it must be a text, and it is the number `7`"),
        ("id", {"a": 1}, "it must be a text, and it is an object"),
        ("unsubscribed_types", "news", "it must be a list of texts, and it is the text `news`"),
        ("unsubscribed_types", ["news", None], "it must be a list of texts, and item 2 is empty"),
        ("cap_recovers_at", 1764000000, "it must be a timestamp, and it is the number `1764000000`"),
        ("cap_recovers_at", "tomorrow", "it is not a timestamp such as 2026-11-23T09:00:00+01:00: the text `tomorrow`"),
        ("cap_recovers_at", "2026-11-23T09:00:00",
         "it has no offset from UTC; add Z or one such as +01:00: the text `2026-11-23T09:00:00`"),
        ("cap_recovers_at", datetime(2026, 11, 23), "it has no offset from UTC; give the datetime a time zone"),  # noqa: DTZ001
        ("cap_recovers_at", "2026-02-29T09:00:00Z", "its day does not exist: the text `2026-02-29T09:00:00Z`"),
    ],
)  # fmt: skip
def test_refuses_a_wrong_value(field: str, value: object, message: str) -> None:
    assert problems(context(**{field: value})) == [(f"contact.{field}", message)]


def test_names_every_offending_path_in_one_go() -> None:
    document = {"now": 1, "email": "marketing", "contact": {"hard_bounces": "3", "marked_as_spam": "x"}, "sender": []}
    assert [path for path, _ in problems(document)] == [
        "now",
        "email",
        "contact.email",
        "contact.hard_bounces",
        "contact.marked_as_spam",
        "sender",
    ]


@pytest.mark.parametrize("document", [None, "marketing", 7, [], [context()]])
def test_a_context_is_an_object(document: object) -> None:
    [(path, message)] = problems(document)
    assert path == ""
    assert message.startswith("the context must be an object")


@pytest.mark.parametrize(
    "document", [{}, {"email": None, "contact": None}, {"email": {"channel": None}, "contact": {}}]
)
def test_the_channel_and_the_address_are_needed(document: object) -> None:
    missing = "it is missing, and every context needs it"
    assert problems(document) == [("email.channel", missing), ("contact.email", missing)]


def test_a_whole_float_is_a_whole_number_as_in_json_schema() -> None:
    facts = READER.read(context(hard_bounces=3.0), NOW)
    assert facts["contact.hard_bounces"] == 3
    assert type(facts["contact.hard_bounces"]) is int


def test_now_is_filled_in_only_where_it_is_absent() -> None:
    assert READER.read(context(), NOW)["now"] == NOW
    assert READER.read({**context(), "now": "2020-01-01T00:00:00Z"}, NOW)["now"] == datetime(2020, 1, 1, tzinfo=UTC)
    before = datetime.now(UTC)
    filled = READER.read(context())["now"]
    assert isinstance(filled, datetime)
    assert before <= filled <= datetime.now(UTC)


def test_the_context_is_not_changed_and_read_by_key_only() -> None:
    document = defaultdict[str, Any](dict)
    for name, part in context().items():
        inner = defaultdict[str, Any](dict)
        inner.update(part)
        document[name] = inner
    READER.read(document, NOW)
    assert set(document) == {"email", "contact"}
    assert set(document["contact"]) == {"email"}


def test_any_mapping_will_do() -> None:
    class Record(Mapping[str, Any]):
        def __init__(self, **values: Any) -> None:
            self._values = values

        def __getitem__(self, key: str) -> Any:
            return self._values[key]

        def __iter__(self) -> Iterator[str]:
            return iter(self._values)

        def __len__(self) -> int:
            return len(self._values)

    document = Record(email=Record(channel="marketing"), contact=Record(email="kim@example.com"))
    assert READER.read(document, NOW)["contact.email"] == "kim@example.com"


def test_undeclared_paths_are_named_outermost_first() -> None:
    document: dict[Any, Any] = {**context(emial="x", nested={"a": 1}), "extra": {"b": 2}, 7: 1}
    assert list(READER.undeclared(document)) == ["contact.emial", "contact.nested", "extra", "7"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"acount": {"status": "active"}}, "account"),
        ({"conatct": {"emial": "x"}}, "contact"),
        ({"hard_bounces": 1}, "contact.hard_bounces"),
        ({"contact": {"emial": "x"}}, "contact.email"),
        ({"contact": {"xyz": 1}}, "contact.id"),
        ({"shop": {"account": 1}}, None),
    ],
)
def test_a_group_that_is_misspelt_is_taken_for_the_group(written: dict[str, Any], meant: str | None) -> None:
    [(_, found)] = bundled().undeclared(written)
    assert found == meant


def test_what_a_hundred_paths_were_meant_to_be_is_looked_for() -> None:
    found = bundled().undeclared({"contact": {f"emial{'x' * (number % 3)}{number}": 1 for number in range(300)}})
    assert len(found) == 300
    assert {meant for _, meant in found[:100]} == {"contact.email"}
    assert {meant for _, meant in found[100:]} == {None}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(built_in_fields())), JSON, max_size=8), JSON)
def test_any_document_is_read_or_refused(values: dict[str, Any], other: Any) -> None:
    document: dict[str, Any] = {"other": other, **context()}
    for path, value in values.items():
        group, _, name = path.rpartition(".")
        (document.setdefault(group, {}) if group else document)[name] = value
    try:
        facts = READER.read(document, NOW)
    except ContextError as error:
        facts = {problem.path: problem.message for problem in error.problems if problem.message}
    assert facts


# -- what programs hand in


class Moment(datetime):
    """A time of a library, such as pendulum's or freezegun's: its arithmetic gives its own."""

    def __add__(self, other: timedelta) -> Moment:
        raise AssertionError("nobody counts with it")

    def astimezone(self, tz: tzinfo | None = None) -> Moment:  # noqa: ARG002
        raise AssertionError("nobody asks it for another zone")


class Broken(tzinfo):
    def utcoffset(self, dt: datetime | None) -> timedelta:  # noqa: ARG002
        raise KeyError("zone")

    def tzname(self, dt: datetime | None) -> str:  # noqa: ARG002
        raise KeyError("zone")

    def dst(self, dt: datetime | None) -> timedelta:  # noqa: ARG002
        raise KeyError("zone")


STOCKHOLM = ZoneInfo("Europe/Stockholm")
TIMES = [
    NOW,
    NOW.astimezone(STOCKHOLM),
    Moment(2026, 11, 23, 10, tzinfo=STOCKHOLM),
    Moment(2026, 11, 23, 9, tzinfo=UTC),
    pd.Timestamp("2026-11-23T10:00:00+01:00"),
    pd.Timestamp("2026-11-23T10:00:00", tz="Europe/Stockholm"),
    pd.Timestamp("2026-11-23T09:00:00Z"),
]


def decisions(document: Any, **options: Any) -> list[Decision]:
    """What is decided with and without checking the values."""
    return [bundled().decide(document, validate=validate, **options) for validate in (True, False)]


@pytest.mark.parametrize("moment", TIMES, ids=lambda moment: f"{type(moment).__name__} {moment}")
def test_a_datetime_of_any_class_is_a_timestamp(moment: datetime) -> None:
    document = {**context(cap_recovers_at=moment), "now": moment}
    facts = READER.read(document)
    for path in ("now", "contact.cap_recovers_at"):
        assert facts[path] == NOW
        assert type(facts[path]) is datetime
        assert facts[path].tzinfo is UTC  # type: ignore[union-attr]
    for decision in decisions(document) + decisions(context(), now=moment):
        assert decision.now == NOW
        assert type(decision.now) is datetime
        assert decision.now.tzinfo is UTC


def test_an_hour_that_comes_twice_is_the_one_that_is_meant() -> None:
    for fold, hour in ((0, 0), (1, 1)):
        moment = Moment(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM, fold=fold)
        assert READER.read({**context(), "now": moment})["now"] == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, pd.NaT, pd.NA])
def test_what_pandas_has_for_nothing_is_unknown(nothing: object) -> None:
    document = context(cap_recovers_at=nothing, hard_bounces=nothing, unsubscribed_types=nothing, locale=nothing)
    assert READER.read({**document, "now": nothing, "sender": nothing}, NOW) == READER.read(context(), NOW)
    for decision in decisions({**document, "now": nothing, "sender": nothing}, now=NOW):
        assert decision == bundled().decide(context(), now=NOW)
    assert problems({"email": {"channel": "marketing"}, "contact": {"email": nothing}}) == [
        ("contact.email", "it is missing, and every context needs it")
    ]


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (NOW.replace(tzinfo=None), "it has no offset from UTC; give the datetime a time zone"),
        (pd.Timestamp("2026-11-23T10:00:00"), "it has no offset from UTC; give the datetime a time zone"),
        (pd.NaT, "it must be a datetime with a time zone, and it is empty"),
        ("tomorrow", "it must be a datetime with a time zone, and it is the text `tomorrow`"),
        (1764000000, "it must be a datetime with a time zone, and it is the number `1764000000`"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "it is outside the years 1 to 9999"),
        (Moment(2026, 11, 23, tzinfo=Broken()),
         "it can't be read: whoever asks for it gets the error KeyError"),
    ],
)  # fmt: skip
def test_the_time_of_the_caller_is_checked_like_any_other(now: Any, message: str) -> None:
    for document in (context(), {**context(), "now": NOW}):
        for ask in (bundled().decide, bundled().explain, READER.read):
            with pytest.raises(ContextError) as caught:
                ask(document, now=now)
            assert [(one.path, one.message) for one in caught.value.problems] == [("now", message)]


class Word(str):
    """A text of a library, which is equal to nothing and has no hash that anybody could look it up by."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        raise RuntimeError("no")


class Basis(StrEnum):
    CONSENT = "consent"


class Plain(str, Enum):  # noqa: UP042 - as many still write them
    CONSENT = "consent"


class Count(IntEnum):
    TWO = 2


@pytest.mark.parametrize(
    ("field", "given_value", "value"),
    [
        ("legal_basis", Word("consent"), "consent"),
        ("legal_basis", Basis.CONSENT, "consent"),
        ("legal_basis", Plain.CONSENT, "consent"),
        ("legal_basis", np.str_("consent"), "consent"),
        ("hard_bounces", Count.TWO, 2),
        ("hard_bounces", np.int64(2), 2),
        ("hard_bounces", np.float32(2), 2),
        ("hard_bounces", Decimal("2.00"), 2),
        ("hard_bounces", Fraction(4, 2), 2),
        ("marked_as_spam", np.bool_(True), True),
        ("unsubscribed_types", ("news",), ("news",)),
        ("unsubscribed_types", [Word("news"), np.str_("Offers")], ("news", "offers")),
    ],
)
def test_values_of_libraries_are_values_of_the_language(field: str, given_value: object, value: object) -> None:
    document = context(**{field: given_value})
    found = READER.read(document, NOW)[f"contact.{field}"]
    assert found == value
    assert type(found) is type(value)
    plain = context(**{field: list(value) if isinstance(value, tuple) else value})
    assert bundled().decide(document, now=NOW) == bundled().decide(plain, now=NOW)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hard_bounces", np.bool_(True), "it must be a whole number, and it is a value of the type bool"),
        ("hard_bounces", Decimal("2.5"), "it must be a whole number, and it is the number `2.5`"),
        ("hard_bounces", Decimal("NaN"), "it must be a whole number, and it is not finite"),
        ("hard_bounces", Decimal("1e400"), "it must be a whole number, and it is not finite"),
        ("marked_as_spam", np.int64(1), "it must be true or false, and it is a value of the type int64"),
        ("unsubscribed_types", (one for one in ["news"]),
         "it must be a list of texts, and it is a value of the type generator"),
        ("unsubscribed_types", {"news"}, "it must be a list of texts, and it is a value of the type set"),
        ("unsubscribed_types", b"news", "it must be a list of texts, and it is a value of the type bytes"),
        ("cap_recovers_at", Moment(2026, 11, 23, tzinfo=Broken()),
         "it can't be read: whoever asks for it gets the error KeyError"),
        ("cap_recovers_at", np.datetime64("2026-11-23"),
         "it must be a timestamp, and it is a value of the type datetime64"),
    ],
)  # fmt: skip
def test_other_values_of_libraries_are_refused(field: str, value: object, message: str) -> None:
    document = context(**{field: value})
    assert problems(document) == [(f"contact.{field}", message)]
    with pytest.raises(ContextError):
        bundled().decide(document)


class Refusing(Mapping[str, Any]):
    """What looks like an object, and has nothing to say."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("keys")

    def __len__(self) -> int:
        raise RuntimeError("size")


class Items(list[str]):
    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("items")


def test_what_can_not_be_read_is_named_by_its_path() -> None:
    document: dict[str, Any] = {**context(unsubscribed_types=Items(["news"]), locale=Word("sv")), "account": Refusing()}
    reason = "it can't be read: whoever asks for it gets the error RuntimeError"
    wanted = [path for path in built_in_fields() if path == "contact.unsubscribed_types" or path.startswith("account.")]
    assert problems(document) == [(path, reason) for path in wanted]
    for given_document in (document, MappingProxyType(document)):
        with pytest.raises(ContextError) as caught:
            bundled().decide(given_document)
        assert [one.path for one in caught.value.problems] == wanted
    with pytest.raises(ContextError) as caught:
        bundled().undeclared(document)
    assert [str(one) for one in caught.value.problems] == [f"account: {reason}"]
    assert {message for _, message in problems(Refusing())} == {reason}


@pytest.mark.parametrize("path", ["email", "email.channel", "contact", "contact.email", "contact.mailbox", "now"])
@pytest.mark.parametrize("validate", [True, False])
def test_nothing_that_is_handed_in_ends_in_a_trace(path: str, validate: bool) -> None:
    hostile = [
        Refusing(),
        Items(["a"]),
        Word("a"),
        object(),
        object,
        [[]],
        {1: 2},
        {"channel": []},
        float("nan"),
        b"",
        Broken(),
    ]
    for value in hostile:
        document: dict[str, Any] = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}}
        group, _, name = path.rpartition(".")
        (document[group] if group else document)[name] = value
        found: set[str] = set()
        try:
            assert bundled().decide(document, validate=validate).reasons
        except ContextError as error:
            found = {one.path for one in error.problems}
        if validate and not isinstance(value, Word):
            assert found & {path, f"{path}.channel", f"{path}.email"}


# -- timestamps


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23t09:00:00z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23 09:00:00+01:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:00:00.1234567-05:30", datetime(2026, 11, 23, 14, 30, 0, 123456, tzinfo=UTC)),
        ("2028-02-29T00:00:00Z", datetime(2028, 2, 29, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:59:60+01:00", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_reads_rfc_3339(text: str, value: datetime) -> None:
    assert parse_timestamp(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-23", "it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("2026-11-23T09:00Z", "it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("2026-11-23T09:00:00Z\n", "it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("٢٠٢٦-11-23T09:00:00Z", "it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("2026-11-23T09:00:00." + "1" * 10**6, "it is not a timestamp such as 2026-11-23T09:00:00+01:00"),
        ("2026-11-23T09:00:00", "it has no offset from UTC; add Z or one such as +01:00"),
        ("2026-13-01T09:00:00Z", "its month does not exist"),
        ("2026-02-29T09:00:00Z", "its day does not exist"),
        ("2026-11-23T24:00:00Z", "its time of day does not exist"),
        ("2026-11-23T12:30:60Z", "its time of day does not exist"),
        ("2026-11-23T12:30:00+24:00", "its offset from UTC does not exist"),
        ("0000-01-01T00:00:00Z", "it is outside the years 1 to 9999"),
        ("0001-01-01T00:00:00+01:00", "it is outside the years 1 to 9999"),
        ("9999-12-31T23:59:59-01:00", "it is outside the years 1 to 9999"),
    ],
)
def test_refuses_what_rfc_3339_does_not_have(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^it") as caught:
        parse_timestamp(text)
    assert str(caught.value) == reason


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001 - the zone is drawn below
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_writing_and_reading_are_inverse(moment: datetime, zone: timezone) -> None:
    moment = moment.replace(tzinfo=zone)
    assert parse_timestamp(write_timestamp(moment)) == moment
    assert parse_timestamp(moment.isoformat()) == moment
