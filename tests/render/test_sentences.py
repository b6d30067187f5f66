"""Conditions and changes in words: in both languages, without code, and for a user's own fields too."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.language.nodes import Node, Not
from sendable.language.types import Kind, Value
from sendable.lints.run import lint_pack
from sendable.pack.fields import built_in_fields
from sendable.pack.model import Pack
from sendable.render.words.sentences import advice, condition, passing, sentence, to_look_up
from tests.support.expressions import conditions
from tests.support.helpers import parsed
from tests.support.packs import BASE, bundled
from tests.support.programs import pack_of

CASES = Path(__file__).parent.parent / "cases" / "sentences"
CODE = re.compile(r"_|==|!=|>=|<=|[<>{}]|params\.|lists\.|[a-z]\.[a-z]|\bnot\b.*\bin\b \[|\bTrue\b|\bNone\b")


def conditions_told(locale: str) -> str:
    """Every condition of the bundled pack, and that it does not hold."""
    pack = bundled().pack
    blocks = []
    for reason in pack.reasons:
        told = [sentence(condition(node, pack, locale)) for node in (reason.when.node, Not(reason.when.node))]
        blocks.append(f"{reason.id}\n  {told[0]}\n  {told[1]}\n")
    return "\n".join(blocks)


def advice_told(locale: str) -> str:
    """What can be advised about every field."""
    pack = bundled().pack
    lines = []
    for path, field in pack.fields.items():
        values: list[tuple[Value | None, Value | None]] = [("x", None)]
        match field.type.kind:
            case Kind.BOOLEAN:
                values += [(False, True), (True, False)]
            case Kind.INTEGER | Kind.NUMBER:
                values += [(1, 2000), (2000, 1)]
            case Kind.STRING_LIST:
                values += [(("a", "b"), ("a",)), (("a",), ("a", "b"))]
            case Kind.STRING:
                values += [("x", one) for one in field.type.enum or ("y",)]
            case Kind.TIMESTAMP:
                pass
        told = dict.fromkeys(advice(pack, path, old, new, locale) for old, new in values)
        look_up = [to_look_up(pack, path, new, locale) for _, new in values[1:2] if new is not None]
        lines += [path, *(f"  {one}" for one in (*told, *look_up, passing(pack, path, locale)))]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("locale", ["en", "sv"])
@pytest.mark.parametrize("what", ["conditions", "advice"])
def test_the_bundled_pack_in_words(what: str, locale: str, regenerate: bool) -> None:
    told = conditions_told(locale) if what == "conditions" else advice_told(locale)
    file = CASES / f"{what}.{locale}.txt"
    if regenerate:
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("locale", ["en", "sv"])
def test_every_field_and_list_has_its_phrases(locale: str) -> None:
    for path, field in built_in_fields().items():
        phrases: dict[str, Any] = field.phrases[locale]
        needed = {"name"}
        if field.type.kind is Kind.BOOLEAN:
            needed |= {"true", "false"}
        if field.type.enum is not None:
            needed |= {"is", "is_not", "values"}
            assert set(phrases["values"]) == set(field.type.enum), path
        assert needed <= set(phrases), path
    assert all(locale in found.phrases for found in bundled().pack.lists.values())


@pytest.mark.parametrize(
    ("written", "english", "swedish"),
    [
        ("contact.hard_bounces == 0", "no email from this account to the contact has come back",
         "inget mejl från kontot till kontakten har kommit tillbaka"),
        ("contact.hard_bounces >= 1234", "the number of emails from this account that have come back is at least 1,234",
         "antalet mejl från kontot som har kommit tillbaka är minst 1 234"),
        ("not (contact.spam_trap or contact.marked_as_spam)",
         "the address is not a known spam trap and the contact has not reported any email as spam",
         "adressen är ingen känd skräppostfälla och kontakten har inte anmält något mejl som skräppost"),
        ('account.tier in ["free", "starter"]', "the account is on the free or Starter plan",
         "kontot har abonnemanget Gratis eller Starter"),
        ('account.tier not in ["free"]', "the account is not on the free plan", "kontot har inte abonnemanget Gratis"),
        ("now < contact.cap_recovers_at",
         "the time from which the contact may get marketing emails again has not come yet",
         "tidpunkten då kontakten får ta emot marknadsföringsmejl igen har inte infallit än"),
        ("contact.cap_recovers_at < now",
         "the time from which the contact may get marketing emails again has passed",
         "tidpunkten då kontakten får ta emot marknadsföringsmejl igen har passerat"),
        ("hours_since(contact.cap_recovers_at) > 24",
         "the number of hours since the time from which the contact may get marketing emails again is more than 24",
         "antalet timmar sedan tidpunkten då kontakten får ta emot marknadsföringsmejl igen är större än 24"),
        ("now >= add_hours(contact.cap_recovers_at, 72)",
         "the time 72 h after the time from which the contact may get marketing emails again has come",
         "tidpunkten 72 h efter tidpunkten då kontakten får ta emot marknadsföringsmejl igen har infallit"),
        ("now < add_hours(own.timestamp, own.integer)",
         "the time as many hours after the field “own timestamp” as the field “own integer” has not come yet",
         "tidpunkten så många timmar efter fältet ”own timestamp” som fältet ”own integer” har inte infallit än"),
        ("local_hour(now, own.string) < 8", "it is before 08:00 in the field “own string”",
         "klockan är före 08 i fältet ”own string”"),
        ('8 <= local_hour(now, "Europe/Stockholm") < 21',
         "it is between 08:00 and 21:00 in the time zone Europe/Stockholm",
         "klockan är mellan 08 och 21 i tidszonen Europe/Stockholm"),
        ('local_hour(now, "UTC") >= 21 or local_hour(now, "UTC") < 8',
         "it is not between 08:00 and 21:00 in the time zone UTC",
         "klockan är inte mellan 08 och 21 i tidszonen UTC"),
        ('not local_hour(now, "UTC") < 8', "it is 08:00 or later in the time zone UTC",
         "klockan är 08 eller senare i tidszonen UTC"),
        ('local_hour(now, "UTC") == 8', "it is between 08:00 and 09:00 in the time zone UTC",
         "klockan är mellan 08 och 09 i tidszonen UTC"),
        ('local_weekday(now, "UTC") in [6, 7]', "it is Saturday or Sunday in the time zone UTC",
         "det är lördag eller söndag i tidszonen UTC"),
        ('local_weekday(now, "UTC") < 6', "it is not Saturday or Sunday in the time zone UTC",
         "det är inte lördag eller söndag i tidszonen UTC"),
        ('now < next_local("08:30", now, own.string) <= next_local(own.string, now, own.string)',
         "it is not between 08:30 and the field “own string” in the field “own string”",
         "klockan är inte mellan 08:30 och fältet ”own string” i fältet ”own string”"),
        ('contact.cap_recovers_at < next_local("08:00", now, "UTC")',
         ("the time from which the contact may get marketing emails again is before the next time it is 08:00 in the "
          "time zone UTC"),
         ("tidpunkten då kontakten får ta emot marknadsföringsmejl igen infaller före nästa gång klockan är 08:00 i "
          "tidszonen UTC")),
        ("not is_ascii(contact.email)", "the contact's address has characters beyond ASCII",
         "kontaktens adress har andra tecken än ASCII-tecken"),
        ("base_address(contact.email) in lists.roles",
         "the contact's address without a +tag is among the entries of “roles”",
         "kontaktens adress utan +tagg finns bland posterna i ”roles”"),
        ('now > time("2027-01-31T00:00:00+01:00")', "January 30, 2027 at 11:00 PM UTC has passed",
         "30 januari 2027 kl. 23:00 UTC har passerat"),
        ('default(contact.cap_recovers_at, time("2027-01-01T00:00:00Z")) < time("2027-01-31T00:00:00Z")',
         ("the time from which the contact may get marketing emails again is before January 31, 2027 at "
          "12:00\u202fAM UTC (as far as is known)"),
         ("tidpunkten då kontakten får ta emot marknadsföringsmejl igen infaller före 31 januari 2027 kl. 00:00 "
          "UTC (såvitt man vet)")),
        ("known(contact.mailbox)", "there is data on the contact's mailbox",
         "det finns uppgift om kontaktens brevlåda"),
        ("not default(email.cancelled, true)", "the email has not been cancelled", "utskicket har inte avbrutits"),
        ("contact.spam_trap == false", "the address is not a known spam trap", "adressen är ingen känd skräppostfälla"),
        ("contact.spam_trap and (email.cancelled or contact.ever_engaged)",
         ("the address is a known spam trap; and the email has been cancelled, or the contact has opened or clicked an "
          "email before"),
         ("adressen är en känd skräppostfälla; och utskicket har avbrutits, eller kontakten har öppnat eller klickat i "
          "mejl tidigare")),
        ("own.integer > 3", "the field “own integer” is more than 3", "fältet ”own integer” är större än 3"),
        ("own.boolean", "it is so: the field “own boolean”", "det stämmer: fältet ”own boolean”"),
        ("own.string in lists.roles", "the field “own string” is among the entries of “roles”",
         "fältet ”own string” finns bland posterna i ”roles”"),
        ("params.strict", "the parameter “strict” is on", "parametern ”strict” är på"),
        ("own.integer + 1 < params.limit", "the sum of the field “own integer” and 1 is less than 11",
         "summan av fältet ”own integer” och 1 är mindre än 11"),
    ],
)  # fmt: skip
def test_says_it_as_a_person_would(written: str, english: str, swedish: str) -> None:
    pack = pack_of([])
    assert condition(parsed(written), pack, "en") == english
    two = Pack(**{**{name: getattr(pack, name) for name in Pack.__slots__}, "locales": ("en", "sv")})
    assert condition(parsed(written), two, "sv-FI").replace("\N{NO-BREAK SPACE}", " ") == swedish


@given(conditions, st.sampled_from(["en", "sv"]))
@settings(max_examples=400)
def test_no_sentence_has_code_in_it(node: Node, locale: str) -> None:
    pack = pack_of([])
    pack = Pack(**{**{name: getattr(pack, name) for name in Pack.__slots__}, "locales": ("en", "sv")})
    told = condition(node, pack, locale)
    assert told == condition(node, pack, locale)
    assert told.strip()
    assert not CODE.search(re.sub(r"“[^”]*”|”[^”]*”", "", told)), told


# -- fields of the user's own

OWN = {
    "properties": {
        "order": {
            "properties": {
                "paid": {
                    "type": "boolean",
                    "phrases": {
                        "en": {"name": "whether the order is paid", "true": "the order is paid",
                               "false": "the order is not paid", "make_true": "pay the order"},
                        "sv": {"name": "om beställningen är betald", "true": "beställningen är betald",
                               "false": "beställningen är inte betald", "make_true": "betala beställningen"},
                    },
                },
                "total": {"type": "number", "changed_by": "user"},
            }
        }
    }
}  # fmt: skip


def own_pack(directory: Path, schema: dict[str, Any]) -> Path:
    shutil.copytree(BASE, directory)
    (directory / "own.json").write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")
    manifest = directory / "policy.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "context: [own.json]\n", encoding="utf-8")
    path = next((directory / "reasons").glob("*.yaml"))
    text = re.sub(r"when: .*", "when: not order.paid and order.total > 2", path.read_text(encoding="utf-8"), count=1)
    path.write_text(text, encoding="utf-8")
    return directory


def test_a_users_own_fields_are_spoken_of_in_their_own_words(tmp_path: Path) -> None:
    policy = sendable.load(own_pack(tmp_path / "pack", OWN))
    reason = next(one for one in policy.reasons if "order.paid" in one.when.source.text)
    pack = policy.pack
    assert condition(reason.when.node, pack, "en") == "the order is not paid and the field “order total” is more than 2"
    assert (
        condition(reason.when.node, pack, "sv")
        == "beställningen är inte betald och fältet ”order total” är större än 2"
    )
    assert advice(pack, "order.paid", False, True, "sv") == "betala beställningen"
    channel = next(iter(reason.channels)).value
    context = {
        "email": {"channel": channel},
        "contact": {"email": "kim@example.com"},
        "order": {"paid": False, "total": 3},
    }
    steps = [step for one in policy.explain(context).of_primary for step in one.steps]
    assert {step.path: step.by.value for step in steps}["order.total"] == "user"


@pytest.mark.parametrize(
    ("phrases", "code", "said"),
    [
        ({"en": {"ture": "x"}}, "SND201", "`ture` is not a key here"),
        ({"en": {"true": ""}}, "SND203", "this must be a text"),
        ({"en": {"true": "it is {value}"}}, "SND203", "a text without braces"),
        ({"en": {"make": "set it to {item}"}}, "SND203", "whose only placeholder is {value}"),
        ({"en": "x"}, "SND203", "a map of phrases"),
        ("x", "SND203", "a map of languages"),
        ({"not a language": {"name": "x"}}, "SND", "not a language"),
    ],
)
def test_a_mistake_in_the_phrases_is_said_at_its_place(phrases: Any, code: str, said: str, tmp_path: Path) -> None:
    schema = {"properties": {"order": {"properties": {"paid": {"type": "boolean", "phrases": phrases},
                                                      "total": {"type": "number"}}}}}  # fmt: skip
    found = [one for one in lint_pack(own_pack(tmp_path / "pack", schema))[1] if one.span.file.endswith("own.json")]
    assert len(found) == 1, found
    assert found[0].code.startswith(code)
    assert said in str(found[0])
    assert found[0].span.start.column > 50


def test_who_can_change_a_field_is_one_of_those_there_are(tmp_path: Path) -> None:
    schema = {"properties": {"order": {"properties": {"paid": {"type": "boolean", "changed_by": "me"},
                                                      "total": {"type": "number"}}}}}  # fmt: skip
    found = [one for one in lint_pack(own_pack(tmp_path / "pack", schema))[1] if one.span.file.endswith("own.json")]
    assert [one.code for one in found] == ["SND204"]
