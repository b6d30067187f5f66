"""Summaries of audiences for the tests of their page: an ordinary one, and one with everything out of the ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import sendable
from sendable.audience.summary import Summary, masked, summarize
from sendable.pack.model import Reason
from sendable.render.pages.audience_page import audience_page

NASTY = '<script>alert("1")</script> $x^2$ &amp; \u202e\x00 😀 漢字漢字漢字漢字漢字漢字漢字漢字 W' + "W" * 80
SAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"unsubscribed_from_all": tuple(map(masked, ("anna.andersson@example.com", "bo@mail.example.se")))}
)


@cache
def policy() -> sendable.Policy:
    return sendable.load()


@cache
def hostile_policy() -> sendable.Policy:
    """The bundled pack with titles that are no ordinary ones."""
    pack = policy().pack

    def changed(number: int, reason: Reason) -> Reason:
        return replace(reason, title=dict.fromkeys(reason.title, f"{number} {NASTY}"))

    return sendable.Policy(replace(pack, reasons=tuple(changed(*one) for one in enumerate(pack.reasons))))


def _group(contacts: int, *reasons: str, **more: Any) -> dict[str, Any]:
    first = reasons[0] if reasons else None
    group = {"sendable": not reasons, "reason": first, "reasons": list(reasons), "certainty": "matched"}
    return {**group, "missing": [], "invalid": [], "contacts": contacts, **more}


def summed(*groups: dict[str, Any]) -> Summary:
    return summarize(groups, [reason.id for reason in policy().reasons])


@cache
def summary(scale: int = 1) -> Summary:
    """An audience with something of everything, `scale` times as large."""
    ids = [reason.id for reason in policy().reasons]
    fields = list(policy().pack.fields)
    groups = [_group(61_134_564)]
    groups += [_group(9_001 + 13_007 * (40 - number), one) for number, one in enumerate(ids)]
    pairs = [(one, other) for number, one in enumerate(ids[:9]) for other in ids[number + 1 : 9]]
    groups += [_group(1_013 + 311 * number, *pair) for number, pair in enumerate(pairs)]
    groups.append(_group(2_003, *ids[2:5]))
    groups += [
        _group(1_117 + 509 * number, ids[3], certainty="undetermined", missing=fields[number : number + 1 + number % 2])
        for number in range(14)
    ]
    groups.append(_group(100_003, monitored=ids[20:22]))
    groups.append(_group(70_001, *ids[:1], monitored=ids[21:22]))
    groups.append(_group(3, sendable=None, reasons=None, invalid=["contact.hard_bounces"]))
    groups.append(_group(1_409, sendable=None, reasons=None, invalid=["contact.email", "delivery.failure"]))
    return summed(*({**one, "contacts": one["contacts"] * scale} for one in groups))


def ordinary(locale: str | None = "en") -> str:
    return audience_page(summary(), policy(), SAMPLES, locale)


def hostile(locale: str | None = "sv") -> str:
    samples = {"unsubscribed_from_all": [NASTY, "x" * 3_000, '"><img src=x onerror=alert(1)>'], NASTY: [NASTY]}
    return audience_page(summary(10**3), hostile_policy(), samples, locale)


def small(locale: str | None = "en") -> str:
    """Nothing to chart but one reason."""
    return audience_page(summed(_group(1, "unsubscribed_from_all")), policy(), {}, locale)


def empty(locale: str | None = "en") -> str:
    return audience_page(summed(), policy(), {}, locale)
