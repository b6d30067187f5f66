"""Packs made of any expressions, and contexts for them: right, partial, at the boundaries and hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from sendable.language.nodes import Node
from sendable.language.parser import unparse
from sendable.language.types import Kind
from sendable.pack.locales import BUILT_IN
from sendable.pack.model import (
    Basis,
    Channel,
    Expression,
    FixableBy,
    Localized,
    Mode,
    OnUnknown,
    Pack,
    PolicyException,
    Reason,
    Retry,
)
from sendable.pack.periods import ALWAYS, Period
from sendable.pack.rollouts import Rollout
from tests.support.helpers import embedded, parsed, scope

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SCOPE = scope()


MOMENTS = [NOW + timedelta(microseconds=step) for step in (-3_600_000_000, -1, 0, 1, 3_600_000_000)]
"""When exceptions begin and end: at the time of the decision, a moment before and after, and well before and after."""


def exceptions_of(trees: list[Node], reasons: list[str], random: Random) -> tuple[PolicyException, ...]:
    """An exception for each tree, which lifts some of the reasons, from and until some of `MOMENTS`."""
    made = []
    for index, tree in enumerate(trees):
        start, end = sorted(random.sample(MOMENTS, 2))
        period = Period(random.choice([None, start]), end)
        lifted = tuple(random.sample(reasons, random.randint(1, len(reasons))))
        when = Expression(tree, embedded(unparse(tree)))
        made.append(PolicyException(f"e{index}", lifted, when, period, end, "somebody", "because"))
    return tuple(made)


_PERIODS = (ALWAYS, Period(None, NOW), Period(NOW, NOW + DAY), ALWAYS)


def pack_of(trees: list[Node], exceptions: tuple[PolicyException, ...] = (), *, limited: bool = False) -> Pack:
    """A pack with one reason for each tree, of either `on_unknown` and mode; not all in force where `limited`."""
    empty = Localized({"en": ()})
    reasons = tuple(
        Reason(
            id=f"r{index}",
            title={"en": "A title"},
            priority=index + 1,
            channels=frozenset({Channel.MARKETING}),
            basis=Basis.OPERATION,
            floor=False,
            mode=Mode.MONITOR if index % 4 == 3 else Mode.ENFORCE,
            when=Expression(tree, embedded(unparse(tree))),
            on_unknown=OnUnknown.IGNORE if index % 2 else OnUnknown.SUPPRESS,
            retry=Retry.NEVER,
            fixable_by=FixableBy.NOBODY,
            clears_at=Expression(parsed("own.timestamp"), embedded("own.timestamp")) if index == 0 else None,
            codes={},
            details={"part": Expression(parsed("domain(own.string)"), embedded("domain(own.string)"))},
            message=empty,
            fix=empty,
            undetermined=None,
            period=_PERIODS[index % 4] if limited else ALWAYS,
            rollout=Rollout(505, 1, "own.string") if limited and index % 4 == 2 else None,
        )
        for index, tree in enumerate(trees)
    )
    words = {"en": BUILT_IN["en"]}
    return Pack("test", "0", "", ("en",), "en", SCOPE.parameters, SCOPE.lists, SCOPE.fields, words, reasons, exceptions)


VALUES: dict[Kind, list[Any]] = {
    Kind.BOOLEAN: [True, False],
    Kind.INTEGER: [0, 1, 2, 11, 20, -1, 2**53, -(2**53), 3.0],
    Kind.NUMBER: [0, 0.0, -0.0, 0.5, 11, 11.0, -0.1, 2**53, -(2.0**53), 1e-300],
    Kind.STRING: [
        "",
        "info",
        "INFO",
        "google",
        "a@gmial.com",
        "x@sub.GMIAL.com",
        "Info+x@EXAMPLE.com",
        "ß",
        "İ",
        "😀",
        "@",
        " google\xa0",
        " \t",
        "Europe/Stockholm",
        "Asia/Kathmandu",
        "08:00",
    ],
    Kind.TIMESTAMP: [
        "2026-11-23T12:00:00Z",
        "2026-11-23T13:00:00+01:00",
        "2026-11-22t00:00:00.25z",
        "0001-01-02T00:00:00Z",
        "9999-12-30T23:59:59Z",
        NOW,
        NOW.astimezone(timezone(timedelta(hours=-3))),
    ],
    Kind.STRING_LIST: [[], ["info"], ["INFO", ""], ["a", "a"], ("gmial.com", "kundtjänst"), [" Google", "\xa0"]],
}
WRONG: list[Any] = [True, 1, 1.5, float("nan"), float("inf"), 2**53 + 1, 10**400, "x", [1], [None], {}, object(), b"x"]


def context(random: Random) -> dict[str, Any]:
    """A context: each field absent, null, right, or now and then wrong."""
    document: dict[str, Any] = {
        "email": {"channel": "marketing"},
        "contact": {"email": random.choice(VALUES[Kind.STRING])},
    }
    hostile = random.random() < 0.1
    for path, field in SCOPE.fields.items():
        group, _, name = path.rpartition(".")
        if (group not in ("own", "more") and path != "now") or random.random() < 0.3:
            continue
        values = WRONG if hostile and random.random() < 0.2 else VALUES[field.type.kind]
        (document.setdefault(group, {}) if group else document)[name] = (
            None if random.random() < 0.05 else random.choice(values)
        )
    if hostile and random.random() < 0.3:
        document[random.choice(["own", "more", "contact", "email"])] = random.choice(WRONG)
    return document
