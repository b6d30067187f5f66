"""The words that stand around messages, in English and Swedish; readers of other locales get English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sendable.audience.summary import InvalidValues, Unmatched
from sendable.diagnostics.codes import shown
from sendable.language.types import Field, Kind, Type
from sendable.pack import locales
from sendable.pack.model import Actor, FixableBy, Retry


@dataclass(frozen=True, slots=True)
class AudienceWords:
    """What stands around the figures of an audience."""

    contacts: str
    sendable: str
    suppressed: str
    undetermined: str
    invalid: str
    suppressed_by: str
    count: str
    share: str
    alone: str
    lacking: str
    invalid_in: str
    such_as: str
    no_value: str
    one_of: str
    at_least: str
    at_most: str
    write: str
    how: Mapping[Kind, str]
    unmatched: str
    unused: str
    ignored: str
    repeated: str
    number: str
    rows: str
    addresses: str
    disagreeing: str
    keys: str
    as_strictest: str
    by_row: str
    others: str


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
    because: str
    if_it_is_so: str
    would_clear: str
    nothing_would: str
    nothing_found: str
    more_remedies: str
    not_complete: str
    still: str
    nothing: str
    by_itself: str
    no: str
    actors: Mapping[Actor, str]
    settled_by: str
    applies: str
    does_not_apply: str
    applies_if: str
    is_unknown: str
    other_channel: str
    reads: str
    uses: str
    looks_up: str
    stands_at: str
    no_data: str
    columns: Mapping[str, str]
    audience: AudienceWords


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
    because="Because",
    if_it_is_so="It is not known whether this is so",
    would_clear="What would clear it",
    nothing_would="nothing that anybody is free to change",
    nothing_found="no way was found, though not all were tried",
    more_remedies="And {count} more ways, which --full shows.",
    not_complete="There may be other ways: not all were tried.",
    still="If only {reason} is cleared, what still suppresses the email: {still}",
    nothing="nothing",
    by_itself="Clears by itself",
    no="no",
    actors=MappingProxyType(
        {
            Actor.USER: "You, the sender",
            Actor.CONTACT: "The contact",
            Actor.ADMIN: "An administrator",
            Actor.PROVIDER: "The email provider",
            Actor.TIME: "With time",
            Actor.NOBODY: "Nobody can change this",
        }
    ),
    settled_by="Whether {reason} applies is known once these are: {paths}",
    applies="it applies",
    does_not_apply="it does not apply",
    applies_if="Condition",
    is_unknown="it is not known whether it applies (on_unknown: {on_unknown})",
    other_channel="it is not for {channel} emails; its condition would be",
    reads="reads",
    uses="uses",
    looks_up="looks up",
    stands_at="stands at",
    no_data="no data",
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
    audience=AudienceWords(
        contacts="contacts",
        sendable="sendable",
        suppressed="suppressed",
        undetermined="held back for want of data",
        invalid="invalid, not decided",
        suppressed_by="suppressed, by primary reason",
        count="contacts",
        share="share",
        alone="that reason alone",
        lacking="held back, by the data that is missing",
        invalid_in="invalid, by field",
        such_as="such as {examples}",
        no_value="no value, and every contact needs one",
        one_of="one of {choices}",
        at_least="at least {bound}",
        at_most="at most {bound}",
        write="write {how}",
        how=MappingProxyType(
            {
                Kind.BOOLEAN: "true or false, yes or no, or 1 or 0",
                Kind.INTEGER: "a whole number, with nothing between its digits",
                Kind.NUMBER: "a number, with a decimal point and nothing between its thousands",
                Kind.STRING: "a text",
                Kind.TIMESTAMP: "2026-11-23T09:00:00+01:00, or name with --time-zone whose clocks show it",
                Kind.STRING_LIST: 'offers;news, with semicolons between the items, or as JSON: ["offers", "news"]',
            }
        ),
        unmatched="“{value}”, the campaign's {field}, is in nobody's {listed}. Contacts with others there: {contacts}, "
        "such as {examples}. Is it the right one?",
        unused="columns that were not used",
        ignored="columns that were ignored, as asked for",
        repeated="on several rows",
        number="number",
        rows="rows",
        addresses="addresses",
        disagreeing="whose rows disagree",
        keys="keys",
        as_strictest="All rows of an address have the decision of the strictest of them.",
        by_row="Each row was decided by itself.",
        others="others",
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
    because="Därför att",
    if_it_is_so="Det är okänt om detta stämmer",
    would_clear="Det här skulle häva spärren",
    nothing_would="ingenting som någon får ändra",
    nothing_found="inget sätt hittades, men alla har inte prövats",
    more_remedies="Och {count} sätt till, som visas med --full.",
    not_complete="Det kan finnas andra sätt, alla har inte prövats.",
    still="Om bara {reason} hävs hindras mejlet fortfarande av: {still}",
    nothing="ingenting",
    by_itself="Upphör av sig självt",
    no="nej",
    actors=MappingProxyType(
        {
            Actor.USER: "Du som skickar",
            Actor.CONTACT: "Kontakten",
            Actor.ADMIN: "En administratör",
            Actor.PROVIDER: "E-postleverantören",
            Actor.TIME: "Med tiden",
            Actor.NOBODY: "Det här kan ingen ändra",
        }
    ),
    settled_by="Om {reason} gäller vet man när dessa uppgifter finns: {paths}",
    applies="skälet gäller",
    does_not_apply="skälet gäller inte",
    applies_if="Villkor",
    is_unknown="det är okänt om skälet gäller (on_unknown: {on_unknown})",
    other_channel="skälet är inte till för {channel}-mejl; så här skulle villkoret bli",
    reads="läser",
    uses="använder",
    looks_up="slår upp",
    stands_at="står i",
    no_data="uppgift saknas",
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
    audience=AudienceWords(
        contacts="kontakter",
        sendable="får skickas",
        suppressed="skickas inte",
        undetermined="hålls tillbaka, uppgifter saknas",
        invalid="ogiltiga, inte avgjorda",
        suppressed_by="skickas inte, efter främsta skäl",
        count="kontakter",
        share="andel",
        alone="enbart det skälet",
        lacking="hålls tillbaka, efter uppgifter som saknas",
        invalid_in="ogiltiga, efter fält",
        such_as="till exempel {examples}",
        no_value="inget värde, och alla kontakter måste ha ett",
        one_of="något av {choices}",
        at_least="minst {bound}",
        at_most="högst {bound}",
        write="skriv {how}",
        how=MappingProxyType(
            {
                Kind.BOOLEAN: "ja eller nej, sant eller falskt, eller 1 eller 0",
                Kind.INTEGER: "ett heltal, utan något mellan siffrorna",
                Kind.NUMBER: "ett tal, med decimalpunkt och utan något mellan tusentalen",
                Kind.STRING: "en text",
                Kind.TIMESTAMP: "2026-11-23T09:00:00+01:00, eller ange med --time-zone vems klockor som visar "
                "tider utan förskjutning mot UTC",
                Kind.STRING_LIST: 'offers;news, med semikolon mellan värdena, eller som JSON: ["offers", "news"]',
            }
        ),
        unmatched="”{value}”, kampanjens {field}, finns inte i {listed} hos någon kontakt. Kontakter som har andra "
        "där: {contacts}, till exempel {examples}. Stämmer det?",
        unused="kolumner som inte användes",
        ignored="kolumner som valdes bort",
        repeated="på flera rader",
        number="antal",
        rows="rader",
        addresses="adresser",
        disagreeing="vars rader säger emot varandra",
        keys="nycklar",
        as_strictest="Alla rader med samma adress har fått den strängaste radens beslut.",
        by_row="Varje rad har avgjorts för sig.",
        others="övriga",
    ),
)

_BY_LANGUAGE: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "sv": _SWEDISH})


_LONGEST_EXAMPLE: Final = 60


def told_of(values: InvalidValues, words: AudienceWords, declared: Field | None) -> list[str]:
    """Some of the values that are not allowed in a field, and how a value of it is written, so that it is certain."""
    if not values.examples:
        return [words.no_value] if declared is not None and declared.required else []
    examples = words.such_as.format(examples=", ".join(f"`{_shortened(text)}`" for text in values.examples))
    return [examples, *([] if declared is None else [words.write.format(how=_how(words, declared.type))])]


def unmatched_as_text(one: Unmatched, words: AudienceWords, locale: str) -> str:
    """That an identifier of the campaign is in nobody's list, and what is in these instead."""
    return words.unmatched.format(
        value=_shortened(one.value),
        field=one.field,
        listed=one.listed,
        contacts=locales.format_number(one.contacts, locale),
        examples=", ".join(f"`{_shortened(text)}`" for text in one.examples),
    )


def _shortened(text: str) -> str:
    text = shown(text[: _LONGEST_EXAMPLE + 1])
    return f"{text[:_LONGEST_EXAMPLE]}…" if len(text) > _LONGEST_EXAMPLE else text


def _how(words: AudienceWords, expected: Type) -> str:
    if expected.enum is not None:
        return words.one_of.format(choices=", ".join(expected.enum))
    bounds = ((words.at_least, expected.minimum), (words.at_most, expected.maximum))
    limits = [word.format(bound=f"{bound:g}") for word, bound in bounds if bound is not None]
    return ", ".join([words.how[expected.kind], *limits])


def words_for(locale: str) -> Words:
    """The words for readers of the locale that the messages are in."""
    tag = locales.canonical(locale) or ""
    return _BY_LANGUAGE.get(tag.partition("-")[0], _ENGLISH)
