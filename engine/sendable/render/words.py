"""The words that stand around messages, in English and Swedish; readers of other locales get English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sendable import locales
from sendable.model import FixableBy, Retry


@dataclass(frozen=True, slots=True)
class Words:
    """What surrounds a decision and the table of reasons in one locale."""

    sendable: str
    suppressed: str
    for_want_of_data: str
    fix: str
    retry: str
    retries: Mapping[Retry, str]
    fixable_by: str
    who: Mapping[FixableBy, str]
    clears_at: str
    also: str
    undetermined: str
    needs: str
    monitored: str
    one_context: str
    contexts: str
    count_sendable: str
    count_suppressed: str
    count_invalid: str
    columns: Mapping[str, str]


_ENGLISH = Words(
    sendable="SENDABLE",
    suppressed="SUPPRESSED",
    for_want_of_data="SUPPRESSED for want of data",
    fix="To do",
    retry="Try again",
    retries=MappingProxyType({Retry.NEVER: "never", Retry.AFTER_FIX: "once it is fixed", Retry.LATER: "later"}),
    fixable_by="Who can fix it",
    who=MappingProxyType(
        {
            FixableBy.CONTACT: "the contact",
            FixableBy.USER: "the user who sends",
            FixableBy.ADMIN: "an administrator",
            FixableBy.PROVIDER: "the email provider",
            FixableBy.NOBODY: "nobody",
        }
    ),
    clears_at="Clears",
    also="Also",
    undetermined="Not known",
    needs="needs {missing}",
    monitored="Only monitored",
    one_context="1 context",
    contexts="{count} contexts",
    count_sendable="{count} sendable",
    count_suppressed="{count} suppressed",
    count_invalid="{count} not decided",
    columns=MappingProxyType(
        {
            "priority": "priority",
            "id": "reason",
            "title": "title",
            "channels": "channels",
            "basis": "basis",
            "floor": "floor",
            "on_unknown": "on unknown",
            "retry": "retry",
            "fixable_by": "fixable by",
            "message": "message",
        }
    ),
)

_SWEDISH = Words(
    sendable="FÅR SKICKAS",
    suppressed="SKICKAS INTE",
    for_want_of_data="SKICKAS INTE, uppgifter saknas",
    fix="Gör så här",
    retry="Försök igen",
    retries=MappingProxyType({Retry.NEVER: "aldrig", Retry.AFTER_FIX: "när felet är åtgärdat", Retry.LATER: "senare"}),
    fixable_by="Kan åtgärdas av",
    who=MappingProxyType(
        {
            FixableBy.CONTACT: "kontakten",
            FixableBy.USER: "användaren som skickar",
            FixableBy.ADMIN: "en administratör",
            FixableBy.PROVIDER: "e-postleverantören",
            FixableBy.NOBODY: "ingen",
        }
    ),
    clears_at="Upphör",
    also="Dessutom",
    undetermined="Okänt",
    needs="kräver {missing}",
    monitored="Bevakas bara",
    one_context="1 mejl",
    contexts="{count} mejl",
    count_sendable="{count} får skickas",
    count_suppressed="{count} skickas inte",
    count_invalid="{count} kunde inte avgöras",
    columns=MappingProxyType(
        {
            "priority": "prioritet",
            "id": "skäl",
            "title": "rubrik",
            "channels": "kanaler",
            "basis": "grund",
            "floor": "spärr",
            "on_unknown": "om okänt",
            "retry": "nytt försök",
            "fixable_by": "åtgärdas av",
            "message": "meddelande",
        }
    ),
)

_BY_LANGUAGE: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "sv": _SWEDISH})


def words_for(locale: str) -> Words:
    """The words for readers of the locale that the messages are in."""
    tag = locales.canonical(locale) or ""
    return _BY_LANGUAGE.get(tag.partition("-")[0], _ENGLISH)
