"""What the page of an audience says in Swedish."""

from __future__ import annotations

from typing import Final

from sendable.render.words.forms import AudiencePageWords

AUDIENCE_PAGE: Final = AudiencePageWords(
    audience_summed_up="En målgrupp i siffror",
    to_figures="Till siffrorna",
    heading="Mejlet får skickas till {sendable} av {contacts} kontakter",
    heading_none="Målgruppen är tom",
    nobody="Det finns ingen kontakt i målgruppen, och därför inget att räkna.",
    funnel="Från målgruppen till dem som mejlet får skickas till",
    funnel_note="Varje kontakt räknas en gång.",
    funnel_described="Staplar, en för varje steg: vad som är kvar av målgruppen och vad steget tar bort. {figures}",
    audience="Målgruppen",
    step="Steg",
    contacts="Kontakter",
    share="Andel",
    left="Kvar",
    adds_up="Summan stämmer:",
    reasons="Vad som stoppar mejlet",
    reasons_note=(
        "Varje kontakt som ett skäl stoppar räknas till sitt viktigaste skäl. ”Ensamt” är de av dem som inte har "
        "något annat skäl: den fyllda delen av en stapel. ”Totalt” är alla som har skälet, vilket som än är "
        "viktigast."
    ),
    reasons_described=(
        "En stapel för varje skäl, det vanligaste först. Den fyllda delen är kontakter med bara det skälet. {figures}"
    ),
    reason="Skäl",
    alone="Ensamt",
    reason_alone="Bara det skälet",
    together="Har även andra skäl",
    any="Totalt",
    sum="Tillsammans",
    others="Övriga skäl, {count} stycken",
    no_reasons="Inget skäl hittades.",
    gains="Vad som skulle ge mest",
    gains_lead=(
        "Mest skulle vinnas om detta enda skäl inte längre gällde: {title}. Ytterligare {gain} skulle kunna "
        "få mejlet, {then} av alla i stället för {now}."
    ),
    gains_note=(
        "Bara kontakter utan andra skäl vinns. Om flera skäl inte längre gällde skulle minst summan av vad de "
        "ger vinnas: kontakter med just de skälen tillkommer."
    ),
    gains_none="Inget skäl stoppar någon ensamt: den som har ett har också ett annat.",
    gain="Vinns",
    sendable_then="Får då skickas",
    fixable_by="Kan ändras av",
    overlaps="Skäl som kommer tillsammans",
    overlaps_note=(
        "Hur många kontakter som har båda skälen, de vanligaste paren först. En kontakt med tre skäl räknas i tre "
        "par, så summan blir inte målgruppen. I rutnätet hör en ruta till namnet till höger och namnet ovanför."
    ),
    overlaps_described=(
        "Ett rutnät över skälen i de vanligaste paren, numrerade. Ju mer färg, desto fler kontakter "
        "har båda skälen. {figures}"
    ),
    overlaps_none="Ingen har mer än ett skäl.",
    and_reason="Och",
    more_pairs="{count} par till",
    from_to="{low} till {high}",
    no_overlap="inga",
    monitored="Vad som bara bevakas",
    monitored_note=(
        "De här skälen stoppar ingen, och en kontakt kan ha flera av dem. De som mejlet får skickas till är de som "
        "inte längre skulle få det om skälet började gälla på riktigt."
    ),
    newly="Varav får skickas",
    missing="Vad som saknas",
    missing_note=(
        "För de här kontakterna är det oklart om mejlet får skickas, och därför hålls det inne. De räknas efter de "
        "fält som saknar värde."
    ),
    missing_none="Ingen hålls inne för att uppgifter saknas.",
    invalid_values="Otillåtna värden",
    invalid_note=(
        "För de här kontakterna är något ogiltigt, och de avgörs inte. De räknas efter de fält vars värden inte är "
        "tillåtna."
    ),
    invalid_none="Alla värden är tillåtna.",
    fields="Fält",
    more_rows="{count} till",
    repeated="På flera rader",
    repeated_note=(
        "Varje rad har avgjorts för sig, så en adress som står på flera rader kan både få mejlet och inte få "
        "det. En adress är densamma hur den än skrivs: versaler och blanksteg gör ingen skillnad."
    ),
    repeated_strictest=(
        "Alla rader med samma adress har fått den strängaste radens beslut. En adress är densamma hur "
        "den än skrivs: versaler och blanksteg gör ingen skillnad."
    ),
    repeated_none="Ingen adress och ingen nyckel står på flera rader.",
    repeated_what="Vad",
    addresses="Adresser",
    disagreeing="Av dessa, adresser vars rader säger emot varandra",
    disagreeing_in="Adresser vars rader säger emot varandra om {field}",
    keys="Nycklar",
    number="Antal",
    rows="Rader",
    columns="Kolumner som inte användes",
    columns_note=(
        "Inget avgjordes av de här kolumnerna. En kolumn som säger om en kontakt får ta emot mejl måste anges "
        "som det fält den är."
    ),
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
