"""What is said in Swedish."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from sendable.language.types import Kind
from sendable.pack.model import Actor, Basis, Channel, OnUnknown, Retry
from sendable.render.words.forms import (
    AudiencePageWords,
    CoveragePageWords,
    DecisionWords,
    ExplanationPageWords,
    ExplanationWords,
    Grammar,
    PageWords,
    ReasonWords,
    State,
    SummaryWords,
    TestingWords,
    Words,
)

WORDS: Final = Words(
    language="sv",
    name="Svenska",
    states=MappingProxyType(
        {
            State.SENDABLE: "får skickas",
            State.SUPPRESSED: "skickas inte",
            State.UNDETERMINED: "oklart",
            State.INVALID: "ogiltigt",
            State.MONITORED: "bevakas bara",
            State.UNKNOWN: "okänt",
        }
    ),
    who=MappingProxyType(
        {
            Actor.USER: "användaren som skickar",
            Actor.CONTACT: "kontakten",
            Actor.ADMIN: "en administratör",
            Actor.PROVIDER: "e-postleverantören",
            Actor.TIME: "bara tiden",
            Actor.NOBODY: "ingen",
        }
    ),
    decision=DecisionWords(
        held_back="{state}, hålls inne",
        fix="Gör så här",
        retry="Försök igen",
        retries=MappingProxyType(
            {Retry.NEVER: "aldrig", Retry.AFTER_FIX: "när felet är åtgärdat", Retry.LATER: "senare"}
        ),
        fixable_by="Kan åtgärdas av",
        clears_at="Upphör",
        also="Dessutom",
        needs="kräver {missing}",
        one_context="1 mejl",
        contexts="{count} mejl",
        counted="{state} {count}",
    ),
    explanation=ExplanationWords(
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
        by_sender="Du som skickar",
        by_time="Med tiden",
        by_nobody="Det här kan ingen ändra",
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
        none="inget",
        lacking="{state} ({missing} saknas)",
    ),
    reasons=ReasonWords(
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
        reference="Skälen i paketet {name}",
        to_reasons="Till skälen",
        reference_intro=(
            "Alla skäl till att ett mejl inte skickas, i prioritetsordning. "
            "Det lägsta nummer som gäller är det som visas för människor."
        ),
        contents="Innehåll",
        search="Sök bland skälen",
        search_found="{count} av {all} skäl",
        search_none="Inget skäl har alla dessa ord.",
        reasons="Skälen",
        name="Namn",
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
        on_unknown="När uppgifter saknas",
        on_unknowns=MappingProxyType({OnUnknown.SUPPRESS: "mejlet hålls inne", OnUnknown.IGNORE: "det gäller inte"}),
        message="Meddelande",
        if_unknown="Meddelande när det är oklart",
        codes="Koder i andra system",
        reason_count="{count} skäl",
    ),
    summary=SummaryWords(
        contacts="kontakter",
        suppressed_by="skickas inte, efter främsta skäl",
        count="kontakter",
        share="andel",
        alone="enbart det skälet",
        monitored="bevakas bara, efter skäl",
        newly="varav får skickas",
        lacking="oklart, efter uppgifter som saknas",
        invalid_in="ogiltigt, efter fält",
        such_as="till exempel {examples}",
        no_value="inget värde, och alla kontakter måste ha ett",
        one_of="något av {choices}",
        at_least="minst {bound}",
        at_most="högst {bound}",
        of_these="{how}; värdena väljs bland {choices}",
        long="{how} på högst {most} tecken",
        long_each="{how}; varje värde får ha högst {most} tecken",
        write="skriv {how}",
        how=MappingProxyType(
            {
                Kind.BOOLEAN: "ja eller nej, sant eller falskt, eller 1 eller 0",
                Kind.INTEGER: "ett heltal, utan något mellan siffrorna",
                Kind.NUMBER: "ett tal, med decimalpunkt och utan något mellan tusentalen",
                Kind.STRING: "en text",
                Kind.TIMESTAMP: "2026-11-23T09:00:00+01:00, eller ange med --time-zone i vilken tidszon "
                "tider utan förskjutning mot UTC är skrivna",
                Kind.STRING_LIST: 'offers;news, med semikolon mellan värdena, eller som JSON: ["offers", "news"]',
            }
        ),
        unmatched=(
            "”{value}”, kampanjens {field}, finns inte i {listed} hos någon kontakt. Kontakter som har andra "
            "där: {contacts}, till exempel {examples}. Stämmer det?"
        ),
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
    page=PageWords(
        on_this_page="På den här sidan",
        pack="Paketet {name}, version {version}",
        place="{file}, rad {line}",
        channels=MappingProxyType(
            {Channel.MARKETING: "Marknadsföring", Channel.ONE_TO_ONE: "Enskilt", Channel.TRANSACTIONAL: "Transaktion"}
        ),
        priority="Prioritet",
        condition="Villkoret",
        written="Som det står i paketet",
        floor="Spärr: inget stänger av den",
    ),
    explanation_page=ExplanationPageWords(
        explanation="Ett beslut förklarat",
        to_answer="Till svaret",
        sendable="Mejlet får skickas",
        suppressed="Mejlet skickas inte",
        undetermined="Det är oklart om mejlet får skickas: det hålls inne, eftersom uppgifter saknas",
        nothing_found="Inget av de skäl som sådana mejl prövas mot står i vägen.",
        email_to="Mejl till",
        channel="Kanal",
        decided="Avgjort",
        way="Vägen genom skälen",
        way_note="Alla skäl som sådana mejl prövas mot, det viktigaste först.",
        email="Mejlet",
        not_reached="Får skickas: dit når mejlet inte",
        passed="Passerat",
        decides="Stoppar mejlet",
        applies_too="Gäller också",
        undetermined_decides="Oklart, stoppar mejlet",
        undetermined_too="Oklart, stoppar det också",
        unknown_passes="Okänt, släpps igenom",
        monitored="Gäller, bevakas bara",
        monitored_undetermined="Oklart, bevakas bara",
        why="Villkoret och dess delar",
        parts="Del för del",
        all_of="alla dessa",
        any_of="någon av dessa",
        negation="inte",
        other_channels="Prövas inte, eftersom de gäller andra kanaler",
        clear="Vad som skulle häva stoppet",
        one_way="Det här räcker:",
        many_ways="Var och en av dessa räcker:",
        together="Allt detta tillsammans:",
        other_way="Ett annat sätt, med {count} ändringar",
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
    ),
    audience_page=AudiencePageWords(
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
            "En stapel för varje skäl, det vanligaste först. Den fyllda delen är kontakter med bara det "
            "skälet. {figures}"
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
    ),
    tests=TestingWords(
        subjects=MappingProxyType(
            {
                "condition": "villkor",
                "operand": "del",
                "order": "ordning",
                "message": "meddelande",
                "fix": "åtgärd",
                "undetermined": "oklart",
            }
        ),
        passed="{count} stämmer",
        failed="{count} stämmer inte",
        case_failed="stämmer inte",
        one_case="1 testfall",
        cases="{count} testfall",
        left_out="{cases} valdes bort av filtret",
        expected="väntat",
        actual="faktiskt",
        priority="prioritet {priority}",
        other_channel="är inte till för `{channel}`-mejl; så här skulle villkoret bli:",
        condition_is="villkoret blir {value}",
        ignored="och `on_unknown` är `{on_unknown}`",
        never_seen="aldrig sett",
        one_outcome="1 utfall",
        outcomes="{count} utfall",
        coverage="täckning: {share}, {seen} av {outcomes} sedda",
        impossible="{count} kan inte inträffa",
        condition="villkoret {outcome}",
        as_primary="som främsta skäl",
        as_monitored="som ett skäl som bara bevakas",
        text_in="{subject} på {outcome}: {text}",
        survived="obemärkt",
        no_case="inget underlag hittades som skiljer dem åt; kanske finns det inget",
        this_case="det här testfallet skulle märka det, under `cases:` i {file}:",
        one_change="1 ändring",
        changes="{count} ändringar",
        mutation="mutationer: {score}, {killed} av {changes} märktes",
        equivalent="{count} till ändrar ingenting",
        kind="{noticed} av {count}",
        kinds=MappingProxyType(
            {
                "comparison": "en jämförelse är en annan",
                "bound": "ett tal i ett villkor är ett högre eller lägre",
                "negation": "en del av ett villkor är sin motsats",
                "operand": "en del av ett villkor saknas",
                "logic": "`and` och `or` byter plats",
                "default": "det som gäller när ett värde saknas är något annat",
                "priority": "två skäl intill varandra byter plats",
                "on_unknown": "`on_unknown` är det andra",
                "channel": "ett skäl gäller ett slags mejl mer eller mindre",
                "mode": "`mode` är det andra",
                "floor": "`floor: true` saknas",
                "retry": "`retry` är ett annat",
                "fixable_by": "`fixable_by` är någon annan",
                "clears_at": "`clears_at` saknas",
                "code": "en kod för ett annat system saknas",
                "parameter": "en parameter är ett högre, ett lägre eller sin motsats",
                "entry": "en post saknas i en lista",
                "stretch": "en tjugondel av en lång lista saknas",
            }
        ),
        likewise="och likaså {count} till, som samma testfall märker",
        failed_case="testet stämmer inte: {name}",
        unseen="aldrig sett av ett test",
        unnoticed="inget test märker det",
        would_notice="{message}; det här testfallet skulle märka det:",
        coverage_below="täckningen är {share} %, men minst {least} % krävs",
        mutation_below="{share} % av mutationerna märktes, men minst {least} % krävs",
        mismatch="{name}: väntat {expected}, faktiskt {actual}",
    ),
    coverage_page=CoveragePageWords(
        title="Täckningen av paketet {name}",
        to_report="Till rapporten",
        version="Versionen är",
        ran="{cases} testfall, {failed} stämmer inte.",
        share="{share} % av de utfall som kan inträffa har setts: {seen} av {outcomes}.",
        noticed="{noticed} av {changes} ändringar av paketet märks av ett test; {equivalent} till ändrar ingenting.",
        never_seen="Aldrig sett",
        lacking="Skäl där något aldrig har setts",
        noticing="Ett testfall som skulle märka det",
        survivors="Ändringar som inget test märker",
        outcomes="Utfall av {reason} ({place})",
        of="Av",
        outcome="Utfall",
        seen_by="Sett av",
        seen="{seen} av {outcomes} sedda",
        and_more="och {count} till",
        never="aldrig sett",
        impossible="kan inte inträffa",
    ),
    grammar=Grammar(
        conjunction="och",
        disjunction="eller",
        quoted="”{}”",
        comparisons=MappingProxyType(
            {
                "==": "{left} är {right}",
                "!=": "{left} är inte {right}",
                "<": "{left} är mindre än {right}",
                "<=": "{left} är högst {right}",
                ">": "{left} är större än {right}",
                ">=": "{left} är minst {right}",
            }
        ),
        limits=MappingProxyType(
            {
                "==": "{left} är detsamma som {right}",
                "!=": "{left} är inte detsamma som {right}",
                "<": "{left} har inte nått {right}",
                "<=": "{left} överstiger inte {right}",
                ">": "{left} överstiger {right}",
                ">=": "{left} har nått {right}",
            }
        ),
        times=MappingProxyType(
            {
                "==": "{left} är {right}",
                "!=": "{left} är inte {right}",
                "<": "{left} infaller före {right}",
                "<=": "{left} infaller inte efter {right}",
                ">": "{left} infaller efter {right}",
                ">=": "{left} infaller inte före {right}",
            }
        ),
        since=MappingProxyType(
            {
                "==": "{time} är tidpunkten för beslutet",
                "!=": "{time} är inte tidpunkten för beslutet",
                "<": "{time} har inte infallit än",
                "<=": "{time} har inte passerat än",
                ">": "{time} har passerat",
                ">=": "{time} har infallit",
            }
        ),
        is_case="det stämmer: {name}",
        is_not_case="det stämmer inte: {name}",
        among="{item} finns bland {list}",
        not_among="{item} finns inte bland {list}",
        data="det finns uppgift om {name}",
        no_data="det saknas uppgift om {name}",
        or_no_data="{clause} (såvitt man vet)",
        otherwise="{name} ({value} om det är okänt)",
        hours_after="tidpunkten så många timmar efter {0} som {1}",
        calls=MappingProxyType(
            {
                "domain": "domänen i {0}",
                "local_part": "det som står före @ i {0}",
                "lower": "{0} med små bokstäver",
                "lookup": "det som {1} anger för {0}",
                "count": "antalet värden bland {0}",
                "hours_since": "antalet timmar sedan {0}",
                "days_since": "antalet dygn sedan {0}",
                "add_hours": "tidpunkten {1} h efter {0}",
                "valid_address": "{0} är en giltig e-postadress",
                "starts_with": "{0} börjar med {1}",
                "ends_with": "{0} slutar med {1}",
                "contains": "{0} innehåller {1}",
                "overlaps": "{0} och {1} har något gemensamt",
                "in_domains": "{0} hör till {1}",
            }
        ),
        negated_calls=MappingProxyType(
            {
                "valid_address": "{0} är ingen giltig e-postadress",
                "starts_with": "{0} börjar inte med {1}",
                "ends_with": "{0} slutar inte med {1}",
                "contains": "{0} innehåller inte {1}",
                "overlaps": "{0} och {1} har inget gemensamt",
                "in_domains": "{0} hör inte till {1}",
            }
        ),
        sums=MappingProxyType(
            {
                "+": "summan av {0} och {1}",
                "-": "skillnaden mellan {0} och {1}",
                "*": "produkten av {0} och {1}",
                "/": "{0} delat med {1}",
            }
        ),
        minus="minus {0}",
        same="antingen stämmer båda dessa eller ingen av dem: ({left}), ({right})",
        different="bara det ena av detta stämmer: ({left}), ({right})",
        always="det gäller alltid",
        never="det gäller aldrig",
        on="parametern ”{name}” är på",
        off="parametern ”{name}” är av",
        field="fältet ”{name}”",
        list="posterna i ”{name}”",
        nothing="inga poster alls",
        see_to_it="se till att detta stämmer: {clause}",
        look_up="ta reda på {name}; hindret faller bort om detta stämmer: {clause}",
        look_up_list="ta reda på {name}",
        supply="fyll i {name}, till exempel {value}",
        passes="uppgiften om detta gäller inte längre: {name}",
        change="ändra {name} till {value}",
        lower="sänk {name} till högst {value}",
        raise_="höj {name} till minst {value}",
        remove="ta bort uppgiften om detta: {name}",
        add_item="lägg till {item} bland {name}",
        remove_item="ta bort {item} bland {name}",
    ),
)
