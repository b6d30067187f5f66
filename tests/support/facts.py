"""Hypothesis strategies: facts for the fields of `helpers.scope`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sendable.language.types import Value
from sendable.pack.model import Channel
from tests.support.expressions import NUMBERS, TEXTS

CHANNELS = tuple(channel.value for channel in Channel)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Value]:
    values: dict[str, st.SearchStrategy[Value]] = {
        "boolean": st.booleans(),
        "integer": st.one_of(st.integers(-2, 21), st.sampled_from([2**53, 2**53 - 1, -(2**53)])),
        "number": st.one_of(NUMBERS, NUMBERS.map(lambda number: -number)),
        "string": TEXTS,
        "timestamp": st.sampled_from([NOW, NOW - timedelta(hours=36), NOW + timedelta(days=400)]),
        "string_list": st.lists(TEXTS, max_size=3).map(tuple),
        "id": st.sampled_from(["info", "INFO"]),
        "identifier": st.sampled_from(["info", "google", "news"]),
        "identifiers": st.lists(st.sampled_from(["info", "google", "news"]), max_size=3).map(tuple),
    }
    chosen: dict[str, Value] = {
        "now": NOW,
        "email.channel": draw(st.sampled_from(CHANNELS)),
        "contact.email": draw(TEXTS),
    }
    for kind, strategy in values.items():
        for owner in ("own", "more"):
            value = draw(st.none() | strategy)
            if value is not None:
                chosen[f"{owner}.{kind}"] = value
    return chosen
