"""The words of the pages, in English and Swedish; readers of other locales get English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sendable.pack import locales
from sendable.pack.model import Actor, Basis, Channel, OnUnknown


@dataclass(frozen=True, slots=True)
class PageWords:
    """What the pages say around what a pack and a context say."""

    language: str
    # the answer
    explanation: str
    to_answer: str
    may_be_sent: str
    not_sent: str
    lacks_data: str
    nothing_found: str
    email_to: str
    channel: str
    channels: Mapping[Channel, str]
    decided: str
    on_this_page: str
    # the way
    way: str
    way_note: str
    email: str
    reached: str
    not_reached: str
    passed: str
    decides: str
    applies_too: str
    unknown_decides: str
    unknown_too: str
    unknown_passes: str
    monitored: str
    monitored_unknown: str
    why: str
    condition: str
    written: str
    parts: str
    place: str
    all_of: str
    any_of: str
    negation: str
    not_known: str
    other_channels: str
    # what would change it
    clear: str
    one_way: str
    many_ways: str
    together: str
    other_way: str
    actors: Mapping[Actor, str]
    example: str
    no_value: str
    no_way: str
    more_ways: str
    still: str
    still_intro: str
    still_nothing: str
    when: str
    from_then: str
    some_day: str
    never: str
    missing: str
    missing_intro: str
    either: str
    value: str
    outcome: str
    applies: str
    applies_not: str
    # the reference
    reference: str
    to_reasons: str
    reference_intro: str
    contents: str
    search: str
    search_found: str
    search_none: str
    reasons: str
    name: str
    priority: str
    channels_name: str
    basis: str
    bases: Mapping[Basis, str]
    floor: str
    monitor: str
    on_unknown: str
    on_unknowns: Mapping[OnUnknown, str]
    message: str
    if_unknown: str
    codes: str
    reason_count: str
    pack: str


_ENGLISH = PageWords(
    language="en",
    explanation="A decision explained",
    to_answer="To the answer",
    may_be_sent="The email may be sent",
    not_sent="The email is not sent",
    lacks_data="The email is held back, as data is missing",
    nothing_found="None of the reasons that emails of this kind are checked for stands in the way.",
    email_to="Email to",
    channel="Channel",
    channels=MappingProxyType(
        {Channel.MARKETING: "Marketing", Channel.ONE_TO_ONE: "One to one", Channel.TRANSACTIONAL: "Transactional"}
    ),
    decided="Decided",
    on_this_page="On this page",
    way="The way through the reasons",
    way_note="Every reason that emails of this kind are checked for, the most important first.",
    email="The email",
    reached="May be sent",
    not_reached="May be sent: not reached",
    passed="Passed",
    decides="Stops the email",
    applies_too="Applies too",
    unknown_decides="Not known, stops the email",
    unknown_too="Not known, stops it too",
    unknown_passes="Not known, let through",
    monitored="Applies, only monitored",
    monitored_unknown="Not known, only monitored",
    why="The condition and its parts",
    condition="The condition",
    written="As written in the pack",
    parts="Part by part",
    place="{file}, line {line}",
    all_of="all of these",
    any_of="any of these",
    negation="not",
    not_known="not known",
    other_channels="Not checked, as they are for other channels",
    clear="What would clear it",
    one_way="This is enough:",
    many_ways="Any one of these is enough:",
    together="All of this together:",
    other_way="Another way, with {count} changes",
    actors=MappingProxyType(
        {
            Actor.USER: "The user who sends",
            Actor.CONTACT: "The contact",
            Actor.ADMIN: "An administrator",
            Actor.PROVIDER: "The email provider",
            Actor.TIME: "Time alone",
            Actor.NOBODY: "Nobody",
        }
    ),
    example="for example",
    no_value="no value",
    no_way="No change that anybody may make would clear it.",
    more_ways="There may be other ways: there were too many to try them all.",
    still="What would stop it all the same",
    still_intro="Once the reason at the top is cleared, these stop the email all the same:",
    still_nothing="Once the reason at the top is cleared, nothing else stops the email.",
    when="When it clears by itself",
    from_then="If nothing else changes, the email may be sent from {time}.",
    some_day="By itself, but it is not known when.",
    never="Not by itself.",
    missing="What is missing",
    missing_intro="To know whether this applies, it is enough to know",
    either="or else",
    value="If it is",
    outcome="Then the reason",
    applies="applies",
    applies_not="does not apply",
    reference="Reasons of the pack {name}",
    to_reasons="To the reasons",
    reference_intro="Every reason for which an email is not sent, in order of priority. "
    "The lowest number that applies is the one that people are told.",
    contents="Contents",
    search="Search the reasons",
    search_found="{count} of {all} reasons",
    search_none="No reason has all of these words.",
    reasons="The reasons",
    name="Name",
    priority="Priority",
    channels_name="Channels",
    basis="Basis",
    bases=MappingProxyType(
        {
            Basis.LEGAL: "the law",
            Basis.CHOICE: "a choice",
            Basis.DELIVERABILITY: "deliverability",
            Basis.REPUTATION: "reputation",
            Basis.ACCOUNT: "the account",
            Basis.SENDER: "the sender",
            Basis.OPERATION: "operation",
        }
    ),
    floor="Floor: nothing switches it off",
    monitor="Only monitored",
    on_unknown="Where data is missing",
    on_unknowns=MappingProxyType({OnUnknown.SUPPRESS: "the email is held back", OnUnknown.IGNORE: "it does not apply"}),
    message="Message",
    if_unknown="Message where it is not known",
    codes="Codes elsewhere",
    reason_count="{count} reasons",
    pack="Pack {name}, version {version}",
)

_SWEDISH = PageWords(
    language="sv",
    explanation="Ett beslut förklarat",
    to_answer="Till svaret",
    may_be_sent="Mejlet får skickas",
    not_sent="Mejlet skickas inte",
    lacks_data="Mejlet hålls inne, eftersom uppgifter saknas",
    nothing_found="Inget av de skäl som sådana mejl prövas mot står i vägen.",
    email_to="Mejl till",
    channel="Kanal",
    channels=MappingProxyType(
        {Channel.MARKETING: "Marknadsföring", Channel.ONE_TO_ONE: "Enskilt", Channel.TRANSACTIONAL: "Transaktion"}
    ),
    decided="Avgjort",
    on_this_page="På den här sidan",
    way="Vägen genom skälen",
    way_note="Alla skäl som sådana mejl prövas mot, det viktigaste först.",
    email="Mejlet",
    reached="Får skickas",
    not_reached="Får skickas: dit når mejlet inte",
    passed="Passerat",
    decides="Stoppar mejlet",
    applies_too="Gäller också",
    unknown_decides="Okänt, stoppar mejlet",
    unknown_too="Okänt, stoppar det också",
    unknown_passes="Okänt, släpps igenom",
    monitored="Gäller, bevakas bara",
    monitored_unknown="Okänt, bevakas bara",
    why="Villkoret och dess delar",
    condition="Villkoret",
    written="Som det står i paketet",
    parts="Del för del",
    place="{file}, rad {line}",
    all_of="alla dessa",
    any_of="någon av dessa",
    negation="inte",
    not_known="okänt",
    other_channels="Prövas inte, eftersom de gäller andra kanaler",
    clear="Vad som skulle häva stoppet",
    one_way="Det här räcker:",
    many_ways="Var och en av dessa räcker:",
    together="Allt detta tillsammans:",
    other_way="Ett annat sätt, med {count} ändringar",
    actors=MappingProxyType(
        {
            Actor.USER: "Användaren som skickar",
            Actor.CONTACT: "Kontakten",
            Actor.ADMIN: "En administratör",
            Actor.PROVIDER: "E-postleverantören",
            Actor.TIME: "Bara tiden",
            Actor.NOBODY: "Ingen",
        }
    ),
    example="till exempel",
    no_value="inget värde",
    no_way="Ingen ändring som någon får göra skulle häva stoppet.",
    more_ways="Det kan finnas andra sätt: de var för många för att alla skulle prövas.",
    still="Vad som ändå skulle stoppa mejlet",
    still_intro="När skälet högst upp är hävt stoppas mejlet ändå av dessa:",
    still_nothing="När skälet högst upp är hävt stoppas mejlet inte av något annat.",
    when="När det går över av sig självt",
    from_then="Om inget annat ändras får mejlet skickas från och med {time}.",
    some_day="Av sig självt, men det är okänt när.",
    never="Inte av sig självt.",
    missing="Vad som saknas",
    missing_intro="För att veta om detta gäller räcker det att känna till",
    either="eller i stället",
    value="Om värdet är",
    outcome="Då",
    applies="gäller skälet",
    applies_not="gäller inte skälet",
    reference="Skälen i paketet {name}",
    to_reasons="Till skälen",
    reference_intro="Alla skäl till att ett mejl inte skickas, i prioritetsordning. "
    "Det lägsta nummer som gäller är det som visas för människor.",
    contents="Innehåll",
    search="Sök bland skälen",
    search_found="{count} av {all} skäl",
    search_none="Inget skäl har alla dessa ord.",
    reasons="Skälen",
    name="Namn",
    priority="Prioritet",
    channels_name="Kanaler",
    basis="Grund",
    bases=MappingProxyType(
        {
            Basis.LEGAL: "lagen",
            Basis.CHOICE: "ett val",
            Basis.DELIVERABILITY: "leveransbarhet",
            Basis.REPUTATION: "anseende",
            Basis.ACCOUNT: "kontot",
            Basis.SENDER: "avsändaren",
            Basis.OPERATION: "drift",
        }
    ),
    floor="Spärr: inget stänger av den",
    monitor="Bevakas bara",
    on_unknown="När uppgifter saknas",
    on_unknowns=MappingProxyType({OnUnknown.SUPPRESS: "mejlet hålls inne", OnUnknown.IGNORE: "det gäller inte"}),
    message="Meddelande",
    if_unknown="Meddelande när det är okänt",
    codes="Koder i andra system",
    reason_count="{count} skäl",
    pack="Paketet {name}, version {version}",
)

_BY_LANGUAGE: Mapping[str, PageWords] = MappingProxyType({"en": _ENGLISH, "sv": _SWEDISH})


def page_words_for(locale: str) -> PageWords:
    """The words for readers of the locale that a pack's texts are in."""
    tag = locales.canonical(locale) or ""
    return _BY_LANGUAGE.get(tag.partition("-")[0], _ENGLISH)
