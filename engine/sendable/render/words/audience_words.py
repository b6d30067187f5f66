"""The words of the page on an audience, in English and Swedish; readers of other locales get English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sendable.pack import locales


@dataclass(frozen=True, slots=True)
class AudienceWords:
    """What the page says around the figures and what a pack says. Numbers come in written as the locale has it."""

    audience_summed_up: str
    to_figures: str
    on_this_page: str
    heading: str
    heading_none: str
    nobody: str
    # the funnel
    funnel: str
    funnel_note: str
    funnel_described: str
    audience: str
    invalid: str
    undetermined: str
    suppressed: str
    sendable: str
    step: str
    contacts: str
    share: str
    left: str
    adds_up: str
    # the reasons
    reasons: str
    reasons_note: str
    reasons_described: str
    reason: str
    alone: str
    reason_alone: str
    together: str
    any: str
    sum: str
    others: str
    no_reasons: str
    # what would gain most
    gains: str
    gains_lead: str
    gains_note: str
    gains_none: str
    gain: str
    sendable_then: str
    fixable_by: str
    # the overlaps
    overlaps: str
    overlaps_note: str
    overlaps_described: str
    overlaps_none: str
    and_reason: str
    more_pairs: str
    from_to: str
    no_overlap: str
    # the fields
    missing: str
    missing_note: str
    missing_none: str
    invalid_values: str
    invalid_note: str
    invalid_none: str
    fields: str
    more_rows: str
    # addresses and keys on several rows
    repeated: str
    repeated_note: str
    repeated_strictest: str
    repeated_none: str
    repeated_what: str
    addresses: str
    disagreeing: str
    disagreeing_in: str
    keys: str
    number: str
    rows: str
    # the columns
    columns: str
    columns_note: str
    columns_ignored: str
    columns_none: str
    # the samples
    samples: str
    samples_note: str
    message: str
    fix: str
    sample: str
    no_sample: str
    # numbers
    percent: str
    below: str
    above: str


_ENGLISH = AudienceWords(
    audience_summed_up="An audience summed up",
    to_figures="To the figures",
    on_this_page="On this page",
    heading="{sendable} of {contacts} contacts may get the email",
    heading_none="The audience is empty",
    nobody="There is no contact in the audience, and so there is nothing to count.",
    funnel="From the audience to those who may get the email",
    funnel_note="Every contact is counted once.",
    funnel_described="Bars, one for each step: what is left of the audience, and what the step takes away. {figures}",
    audience="The audience",
    invalid="Values that are not allowed",
    undetermined="Data missing",
    suppressed="A reason applies",
    sendable="May get the email",
    step="Step",
    contacts="Contacts",
    share="Share",
    left="Left",
    adds_up="It adds up:",
    reasons="What stops the email",
    reasons_note="Each contact that a reason stops counts for its most important reason. Of these, “alone” have no "
    "other reason: the filled part of a bar. “In all” are those who have it, whatever is most important.",
    reasons_described="A bar for each reason, the most frequent first, of which the filled part are contacts with that "
    "reason alone. {figures}",
    reason="Reason",
    alone="Alone",
    reason_alone="That reason alone",
    together="With other reasons too",
    any="In all",
    sum="Together",
    others="Other reasons, {count} of them",
    no_reasons="No reason was found.",
    gains="What would gain most",
    gains_lead="Most would be gained if this one reason no longer applied: {title}. {gain} more contacts could get the "
    "email, {then} of all instead of {now}.",
    gains_note="Only contacts with no other reason are gained. If several reasons no longer applied, it would be at "
    "least the sum of their gains: contacts with just those reasons come on top.",
    gains_none="No reason alone stops anybody: whoever has one has another one too.",
    gain="Gained",
    sendable_then="Then get the email",
    fixable_by="Can be changed by",
    overlaps="Reasons that come together",
    overlaps_note="How many contacts have both reasons, the most frequent pairs first. A contact with three reasons "
    "counts in three pairs, so these do not add up to the audience. In the grid, a square belongs to the name to its "
    "right and to the name above it.",
    overlaps_described="A grid of the reasons in the most frequent pairs, numbered; the fuller a square, the more "
    "contacts have both reasons. {figures}",
    overlaps_none="Nobody has more than one reason.",
    and_reason="And",
    more_pairs="{count} more pairs",
    from_to="{low} to {high}",
    no_overlap="none",
    missing="What is missing",
    missing_note="These contacts are held back only because it is not known whether a reason applies. They are counted "
    "by the fields that lack a value.",
    missing_none="Nobody is held back because data is missing.",
    invalid_values="Values that are not allowed",
    invalid_note="These contacts are not decided. They are counted by the fields whose values are not allowed.",
    invalid_none="Every value is allowed.",
    fields="Fields",
    more_rows="{count} more",
    repeated="On several rows",
    repeated_note="Each row was decided by itself, so that an address on several rows may both get the email and not. "
    "Addresses are the same however they are written: capitals and blanks make no difference.",
    repeated_strictest="All rows of an address have the decision of the strictest of them. Addresses are the same "
    "however they are written: capitals and blanks make no difference.",
    repeated_none="No address and no key is on several rows.",
    repeated_what="What",
    addresses="Addresses",
    disagreeing="Of these, addresses whose rows disagree",
    disagreeing_in="Addresses whose rows disagree on {field}",
    keys="Keys",
    number="Number",
    rows="Rows",
    columns="Columns that were not used",
    columns_note="Nothing was decided by these columns. One that says whether a contact may get email has to be named "
    "as the field that it is.",
    columns_ignored="Ignored, because somebody asked for it:",
    columns_none="Every column was used.",
    samples="Reason by reason",
    samples_note="What people are told, and some of the contacts.",
    message="Message",
    fix="What to do",
    sample="For example",
    no_sample="No samples were taken.",
    percent="{number}%",
    below="<\N{NO-BREAK SPACE}{share}",
    above=">\N{NO-BREAK SPACE}{share}",
)

_SWEDISH = AudienceWords(
    audience_summed_up="En målgrupp i siffror",
    to_figures="Till siffrorna",
    on_this_page="På den här sidan",
    heading="{sendable} av {contacts} kontakter kan få mejlet",
    heading_none="Målgruppen är tom",
    nobody="Det finns ingen kontakt i målgruppen, och därför inget att räkna.",
    funnel="Från målgruppen till dem som kan få mejlet",
    funnel_note="Varje kontakt räknas en gång.",
    funnel_described="Staplar, en för varje steg: vad som är kvar av målgruppen och vad steget tar bort. {figures}",
    audience="Målgruppen",
    invalid="Otillåtna värden",
    undetermined="Uppgifter saknas",
    suppressed="Ett skäl gäller",
    sendable="Kan få mejlet",
    step="Steg",
    contacts="Kontakter",
    share="Andel",
    left="Kvar",
    adds_up="Summan stämmer:",
    reasons="Vad som stoppar mejlet",
    reasons_note="Varje kontakt som ett skäl stoppar räknas till sitt viktigaste skäl. ”Ensamt” är de av dem som inte "
    "har något annat skäl: den fyllda delen av en stapel. ”Totalt” är alla som har skälet, vilket som än är viktigast.",
    reasons_described="En stapel för varje skäl, det vanligaste först. Den fyllda delen är kontakter med bara det "
    "skälet. {figures}",
    reason="Skäl",
    alone="Ensamt",
    reason_alone="Bara det skälet",
    together="Har även andra skäl",
    any="Totalt",
    sum="Tillsammans",
    others="Övriga skäl, {count} stycken",
    no_reasons="Inget skäl hittades.",
    gains="Vad som skulle ge mest",
    gains_lead="Mest skulle vinnas om detta enda skäl inte längre gällde: {title}. {gain} fler kontakter skulle kunna "
    "få mejlet, {then} av alla i stället för {now}.",
    gains_note="Bara kontakter utan andra skäl vinns. Om flera skäl inte längre gällde skulle minst summan av vad de "
    "ger vinnas: kontakter med just de skälen tillkommer.",
    gains_none="Inget skäl stoppar någon ensamt: den som har ett har också ett annat.",
    gain="Vinns",
    sendable_then="Kan då få mejlet",
    fixable_by="Kan ändras av",
    overlaps="Skäl som kommer tillsammans",
    overlaps_note="Hur många kontakter som har båda skälen, de vanligaste paren först. En kontakt med tre skäl räknas "
    "i tre par, så summan blir inte målgruppen. I rutnätet hör en ruta till namnet till höger och namnet ovanför.",
    overlaps_described="Ett rutnät över skälen i de vanligaste paren, numrerade. Ju mer färg, desto fler kontakter "
    "har båda skälen. {figures}",
    overlaps_none="Ingen har mer än ett skäl.",
    and_reason="Och",
    more_pairs="{count} par till",
    from_to="{low} till {high}",
    no_overlap="inga",
    missing="Vad som saknas",
    missing_note="De här kontakterna hålls inne bara för att det inte är känt om ett skäl gäller. De räknas efter de "
    "fält som saknar värde.",
    missing_none="Ingen hålls inne för att uppgifter saknas.",
    invalid_values="Otillåtna värden",
    invalid_note="De här kontakterna avgörs inte. De räknas efter de fält vars värden inte är tillåtna.",
    invalid_none="Alla värden är tillåtna.",
    fields="Fält",
    more_rows="{count} till",
    repeated="På flera rader",
    repeated_note="Varje rad har avgjorts för sig, så en adress som står på flera rader kan både få mejlet och inte få "
    "det. En adress är densamma hur den än skrivs: versaler och blanksteg gör ingen skillnad.",
    repeated_strictest="Alla rader med samma adress har fått den strängaste radens beslut. En adress är densamma hur "
    "den än skrivs: versaler och blanksteg gör ingen skillnad.",
    repeated_none="Ingen adress och ingen nyckel står på flera rader.",
    repeated_what="Vad",
    addresses="Adresser",
    disagreeing="Av dessa, adresser vars rader säger emot varandra",
    disagreeing_in="Adresser vars rader säger emot varandra om {field}",
    keys="Nycklar",
    number="Antal",
    rows="Rader",
    columns="Kolumner som inte användes",
    columns_note="Inget avgjordes av de här kolumnerna. En kolumn som säger om en kontakt får ta emot mejl måste anges "
    "som det fält den är.",
    columns_ignored="Bortvalda, för att någon bad om det:",
    columns_none="Alla kolumner användes.",
    samples="Skäl för skäl",
    samples_note="Vad människor får veta, och några av kontakterna.",
    message="Meddelande",
    fix="Vad som kan göras",
    sample="Till exempel",
    no_sample="Inga exempel togs ut.",
    percent="{number}\N{NO-BREAK SPACE}%",
    below="<\N{NO-BREAK SPACE}{share}",
    above=">\N{NO-BREAK SPACE}{share}",
)

_BY_LANGUAGE: Mapping[str, AudienceWords] = MappingProxyType({"en": _ENGLISH, "sv": _SWEDISH})


def audience_words_for(locale: str) -> AudienceWords:
    """The words for readers of the locale that a pack's texts are in."""
    tag = locales.canonical(locale) or ""
    return _BY_LANGUAGE.get(tag.partition("-")[0], _ENGLISH)
