"""The context at the boundary: what is read, what is refused, and that nothing else happens to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.facts import ContextError, FactReader
from sendable.fields import built_in_fields
from sendable.timestamps import parse_timestamp, write_timestamp

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
        ("hard_bounces", float("nan"), "it must be a whole number, and it is not finite"),
        ("hard_bounces", float("-inf"), "it must be a whole number, and it is not finite"),
        ("hard_bounces", 10**400, "it must be a number within ±2^53, and it is beyond"),
        ("hard_bounces", 2**53 + 1, "it must be a number within ±2^53, and it is beyond"),
        ("legal_basis", "consnet",
         "it must be one of consent, legitimate_interest, contract, none, and it is the text `consnet`"),
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
