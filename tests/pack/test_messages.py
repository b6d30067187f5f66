"""Messages: templates as they are written, and what becomes of a contact's data in them."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendable.diagnostics.record import Collector
from sendable.language.types import LARGEST_NUMBER, Value
from sendable.pack.locales import BUILT_IN
from sendable.pack.messages import Placeholder, Plural, Template, Text, parse_template, placeholders, render
from tests.support.environment import ENVIRONMENT
from tests.support.helpers import embedded

MORNING = datetime(2026, 11, 23, 9, 5, 59, tzinfo=UTC)
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def template(text: str) -> Template:
    parsed = parse_template(embedded(text), Collector())
    assert parsed is not None
    return parsed


def shown(text: str | Plural | Text, values: Mapping[str, Value], locale: str = "en") -> str:
    """`text` rendered for `locale`, as a text in its language."""
    alternatives = (template(text),) if isinstance(text, str) else (text,) if isinstance(text, Plural) else text
    language = locale[:2]
    return render(alternatives, values.get, locale, language, BUILT_IN.get(language, BUILT_IN["en"]))


# -- templates


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("{now}", (Placeholder("now", 0, 5),)),
        ("to {contact.email}.", ("to ", Placeholder("contact.email", 3, 18), ".")),
        ("{a}{b.c_1.d}", (Placeholder("a", 0, 3), Placeholder("b.c_1.d", 3, 12))),
        ("{{a}}", ("{a}",)),
        ("a{{b}}c", ("a{b}c",)),
        ("{{{a}}}", ("{", Placeholder("a", 2, 5), "}")),
        ("${a} 100 % %s", ("$", Placeholder("a", 1, 4), " 100 % %s")),
        ("två\nrader", ("två\nrader",)),
    ],
)
def test_parses(text: str, parts: tuple[str | Placeholder, ...]) -> None:
    assert template(text) == Template(parts)
    assert str(template(text)) == text


@pytest.mark.parametrize(
    ("text", "wrong", "suggestion"),
    [
        ("to {contact.email!r}.", [(4, 20, "{contact.email!r}")], "{contact.email}"),
        ("{contact.email:>10}", [(1, 19, "{contact.email:>10}")], "{contact.email}"),
        ("{ contact.email }", [(1, 17, "{ contact.email }")], "{contact.email}"),
        ("{contact.email.}", [(1, 16, "{contact.email.}")], "{contact.email}"),
        ("{a[0]}", [(1, 6, "{a[0]}")], "{a}"),
        ("{a\n}", [(1, 4, "{a�}")], "{a}"),
        ("{0}", [(1, 3, "{0}")], None),
        ("{}", [(1, 2, "{}")], None),
        ("{A.b}", [(1, 5, "{A.b}")], "{a.b}"),
        ("{å}", [(1, 3, "{å}")], None),
        ("{.a}", [(1, 4, "{.a}")], None),
        ("{_a}", [(1, 4, "{_a}")], None),
        ("a { b", [(3, 3, "{")], None),
        ("a } b", [(3, 3, "}")], None),
        ("{a}}", [(4, 4, "}")], None),
        ("{{a}", [(4, 4, "}")], None),
        ("{a {b} c}", [(1, 1, "{"), (9, 9, "}")], None),
        ("{0} and {1}", [(1, 3, "{0}"), (9, 11, "{1}")], None),
        ("of {contact.email", [(4, 17, "{contact.email")], "{contact.email}"),
        ("contact.email} of", [(1, 14, "contact.email}")], "{contact.email}"),
    ],
)
def test_refuses_what_is_no_placeholder(text: str, wrong: list[tuple[int, int, str]], suggestion: str | None) -> None:
    collector = Collector()
    assert parse_template(embedded(text), collector) is None
    found = collector.sorted()
    assert [
        (one.code, one.span.start.column, one.span.end.column - 1, dict(one.params)["placeholder"]) for one in found
    ] == [("SND603", *place) for place in wrong]
    assert {one.suggestion for one in found} == {suggestion}


def test_says_what_is_wrong_in_words() -> None:
    collector = Collector()
    parse_template(embedded("{contact.email!r}"), collector)
    assert str(collector.sorted()[0]) == (
        "text:1:1: error SND603: `{contact.email!r}` is not a placeholder (did you mean `{contact.email}`? "
        "a placeholder is a field, a parameter or a detail in braces, such as {contact.email}; "
        "write {{ for a brace itself)"
    )


@pytest.mark.parametrize(
    "text", ["{" * 10**5, "{{" * 10**5, "{a" * 10**5, "{a." * 10**5, "{" + "a." * 10**5, "a" * 10**6]
)
def test_reads_hostile_templates(text: str) -> None:
    parsed = parse_template(embedded(text), Collector())
    assert parsed is None or str(parsed) == text


@given(st.text(alphabet="{}ab.0_ \n!Å") | st.text())
def test_printing_a_template_gives_its_text(text: str) -> None:
    collector = Collector()
    parsed = parse_template(embedded(text), collector)
    assert (parsed is None) is collector.has_errors
    if parsed is not None:
        assert str(parsed) == text
        assert all(
            text[part.start : part.end] == f"{{{part.name}}}" for part in parsed.parts if isinstance(part, Placeholder)
        )
        strings = [isinstance(part, str) for part in parsed.parts]
        assert (True, True) not in set(pairwise(strings))


def test_plurals_are_values() -> None:
    forms = {"one": template("{n} day"), "other": template("{n} days of {m}")}
    plural = Plural("n", forms)
    same = Plural("n", dict(reversed(forms.items())))
    assert plural == same
    assert hash(plural) == hash(same)
    assert plural != Plural("m", forms)
    assert pickle.loads(pickle.dumps(plural)) == plural
    forms.clear()
    assert set(plural.forms) == {"one", "other"}


def test_placeholders() -> None:
    assert placeholders(template("{a} {b.c} {a}")) == {"a", "b.c"}
    assert placeholders(Plural("n", {"one": template("{a}"), "other": template("{b}")})) == {"n", "a", "b"}


# -- rendering


@pytest.mark.parametrize(
    ("value", "locale", "expected"),
    [
        ("kim@example.com", "en", "kim@example.com"),
        ("{contact.email}", "en", "{contact.email}"),
        ("{{x}}", "en", "{{x}}"),
        ("%s %(x)s \\n", "en", "%s %(x)s \\n"),
        ("<b>&amp;", "en", "<b>&amp;"),
        ("None", "en", "None"),
        ("Åsa Öberg", "sv", "Åsa Öberg"),
        ("  Kim  ", "en", "Kim"),
        ("Kim\r\n\tLund", "en", "Kim Lund"),
        ("Kim\u2028Lund\u0085Berg", "en", "Kim Lund Berg"),
        ("Kim\n\0\nLund", "en", "Kim Lund"),
        ("\u202egnp.exe", "en", "gnp.exe"),
        ("\u2066a\u2069\u061c\u200e\u200f", "en", "a"),
        ("a\ud800b\udfff", "en", "ab"),
        ("👩\u200d👧", "en", "👩\u200d👧"),
        ("", "en", "(unknown)"),
        (" \n ", "sv", "(okänt)"),
        ("\u202e\0", "en", "(unknown)"),
        (True, "en", "yes"),
        (False, "sv", "nej"),
        (0, "en", "0"),
        (12345, "en", "12,345"),
        (12345, "en_GB", "12,345"),
        (12345, "sv", "12\N{NO-BREAK SPACE}345"),
        (12345, "sv_SE", "12\N{NO-BREAK SPACE}345"),
        (12345.5, "sv-FI", "12\N{NO-BREAK SPACE}345,5"),
        (12345, "xx", "12,345"),
        (2**53 + 1, "en", "(unknown)"),
        (10**4000, "en", "(unknown)"),
        (float("inf"), "en", "(unknown)"),
        (float("nan"), "en", "(unknown)"),
        (MORNING, "en", "November 23, 2026 at 9:05\N{NARROW NO-BREAK SPACE}AM UTC"),
        (MORNING, "en_GB", "23 November 2026 at 09:05 UTC"),
        (MORNING, "en-GB-oxendict", "23 November 2026 at 09:05 UTC"),
        (MORNING, "sv", "23 november 2026 kl. 09:05 UTC"),
        (MORNING, "sv-SE", "23 november 2026 kl. 09:05 UTC"),
        ((), "en", "(unknown)"),
        (("a",), "en", "a"),
        (("a", "b"), "en", "a and b"),
        (("a", "b", "c"), "sv", "a, b och c"),
        (("{0}", "\u202eb\n", "\0"), "sv", "{0} och b"),
        (tuple("abcdefgh"), "en-GB", "a, b, c, d, e and …"),
    ],
)  # fmt: skip
def test_values(value: Value, locale: str, expected: str) -> None:
    language = locale[:2] if locale[:2] in BUILT_IN else "en"
    text = (template("<{x}>"),)
    assert render(text, {"x": value}.get, locale, language, BUILT_IN[language]) == f"<{expected}>"


@pytest.mark.parametrize(
    ("address", "english", "swedish"),
    [
        ("kim@example.com\xa0", "kim@example.com[no-break space]", "kim@example.com[hårt mellanslag]"),
        ("kim\u200b@example.com", "kim[zero-width space]@example.com", "kim[nollbreddsmellanslag]@example.com"),
        ("\ufeffkim@example.com", "[byte-order mark]kim@example.com", "[byteordningsmärke]kim@example.com"),
        (" kim@example.com", "[space]kim@example.com", "[mellanslag]kim@example.com"),
        ("kim@example.com \n", "kim@example.com[space][line break]", "kim@example.com[mellanslag][radbrytning]"),
        ("\tkim@example.com", "[tab]kim@example.com", "[tabb]kim@example.com"),
        ("kim\u202e@example.com", "kim[invisible character U+202E]@example.com",
         "kim[osynligt tecken U+202E]@example.com"),
        ("kim\0@example.com", "kim[invisible character U+0000]@example.com", "kim[osynligt tecken U+0000]@example.com"),
        ("kim\ud800@example.com", "kim[invisible character U+D800]@example.com",
         "kim[osynligt tecken U+D800]@example.com"),
        ("kim@example.com\ufe0f", "kim@example.com[invisible character U+FE0F]",
         "kim@example.com[osynligt tecken U+FE0F]"),
        ("a@b" + "\xa0" * 5_000, "a@b[no-break space]…[no-break space]", "a@b[hårt mellanslag]…[hårt mellanslag]"),
        ("kim lund@example.com", "kim lund@example.com", "kim lund@example.com"),
        ("åsa@räksmörgås.se", "åsa@räksmörgås.se", "åsa@räksmörgås.se"),
        ("@", "@", "@"),
    ],
)  # fmt: skip
def test_what_can_not_be_seen_in_an_address_is_named(address: str, english: str, swedish: str) -> None:
    for locale, expected in (("en", english), ("en-GB", english), ("sv", swedish), ("sv-FI", swedish)):
        language = locale[:2]
        shown = render((template("{x}"),), {"x": address}.get, locale, language, BUILT_IN[language])
        assert shown == expected
    assert render((template("{x}"),), {"x": "a@b\xa0"}.get, "de", "de", BUILT_IN["en"]) == "a@b[U+00A0]"


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_control_characters(code: int) -> None:
    expected = "Kim Lund" if chr(code) in "\t\n\v\f\r\x85" else "KimLund"
    assert shown("{contact.name}", {"contact.name": f"Kim{chr(code)}Lund"}) == expected


def test_every_character_that_controls_is_dropped() -> None:
    bidirectional = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(char) in bidirectional:
            assert shown("{x}", {"x": f"a{char}b"}) in ("ab", "a b"), hex(code)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a" * 80, "a" * 80),
        ("a" * 81, "a" * 79 + "…"),
        ("a" * 10**6, "a" * 79 + "…"),
        ("a" * 100 + "@example.com", "a" * 67 + "…@example.com"),
        ("a" * 10**6 + "@example.com", "a" * 67 + "…@example.com"),
        ("kim@" + "a" * 100 + ".com", "kim@" + "a" * 75 + "…"),
        ("@" * 10**6, "@" * 78 + "…@"),
        ("a" * 78 + "e\u0301" + "b" * 9, "a" * 78 + "…"),
        ("a" + "\u0301" * 100, "a" + "\u0301" * 78 + "…"),
        ("\u0301" * 100, "\u0301" * 79 + "…"),
        ("a" * 78 + " " + "b" * 9, "a" * 78 + "…"),
        ("\0" * 10**6, "…"),
        ("\n" * 10**6, "…"),
    ],
    ids=lambda text: ascii(text)[:12],
)
def test_shortens(value: str, expected: str) -> None:
    assert shown("{x}", {"x": value}) == expected
    assert len(expected) <= 80


def test_a_text_in_a_list_is_shortened_too() -> None:
    assert shown("{x}", {"x": ("a" * 10**6, "b") + ("c",) * 10**5}) == "a" * 79 + "…, b, c, c, c, and …"


def test_the_templates_own_text_stays_as_it_is() -> None:
    assert shown("a\n\tb{{}} {x}", {"x": "c"}) == "a\n\tb{} c"


def test_data_is_looked_up_once_for_a_name() -> None:
    asked: list[str] = []

    def values(name: str) -> Value | None:
        asked.append(name)
        return "a"

    render((template("{x} {y} {x}"), template("{x}")), values, "en", "en", BUILT_IN["en"])
    assert sorted(asked) == ["x", "y"]


ALTERNATIVES: Text = (template("{a} and {b}"), template("{b}!"), template("neither {a} nor {b}"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"a": "1", "b": "2"}, "1 and 2"),
        ({"b": "2"}, "2!"),
        ({"a": "\0", "b": "2"}, "2!"),
        ({"a": False, "b": 0}, "no and 0"),
        ({"a": "1"}, "neither 1 nor (unknown)"),
        ({}, "neither (unknown) nor (unknown)"),
    ],
)
def test_the_first_alternative_with_all_its_data(values: Mapping[str, Value], expected: str) -> None:
    assert shown(ALTERNATIVES, values) == expected


DAYS = Plural("n", {"one": template("one day, {a}"), "other": template("{n} days")})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"n": 1, "a": "Kim"}, "one day, Kim"),
        ({"n": 1}, "one day, (unknown)"),
        ({"n": 1.0, "a": "Kim"}, "one day, Kim"),
        ({"n": 0}, "0 days"),
        ({"n": 1200}, "1,200 days"),
        ({"n": 1.5}, "1.5 days"),
        ({}, "(unknown) days"),
        ({"n": True}, "yes days"),  # a boolean is no number
        ({"n": "1"}, "1 days"),
        ({"n": float("nan")}, "(unknown) days"),
    ],
)
def test_plurals(values: Mapping[str, Value], expected: str) -> None:
    assert shown(DAYS, values) == expected


def test_a_plural_is_an_alternative_when_all_its_forms_have_data() -> None:
    assert shown((DAYS, template("soon")), {"n": 2}) == "soon"
    assert shown((DAYS, template("soon")), {"n": 2, "a": "Kim"}) == "2 days"


@pytest.mark.parametrize(
    ("locale", "number", "expected"),
    [
        ("pl", 1, "1 dzień"),
        ("pl", 2, "2 dni"),
        ("pl", 25, "25 dni, many"),
        ("pl", 1.5, "1,5 dnia"),
        ("pl", None, "(unknown) dnia"),
    ],
)
def test_plural_categories_are_those_of_the_texts_locale(locale: str, number: int | None, expected: str) -> None:
    plural = Plural(
        "n",
        {
            "one": template("{n} dzień"),
            "few": template("{n} dni"),
            "many": template("{n} dni, many"),
            "other": template("{n} dnia"),
        },
    )
    assert shown(plural, {} if number is None else {"n": number}, locale) == expected


def test_a_category_without_a_form_is_other() -> None:
    assert shown(Plural("n", {"other": template("{n} يوم")}), {"n": 2}, "ar") == "2 يوم"


def test_a_message_of_texts_alone_imports_no_library() -> None:
    program = (
        "import sys\n"
        "from sendable.language import addresses\nfrom sendable.pack import locales, messages\n"
        "from sendable.diagnostics.places import Embedded, Position, Span\n"
        "from sendable.diagnostics.record import Collector\n"
        "text = 'To {contact.email}: {x}, {y}, {z}'\n"
        "span = Span('f', Position(1, 1), Position(1, 1))\n"
        "template = messages.parse_template(Embedded(text, span, tuple), Collector())\n"
        "values = {'contact.email': 'kim@example.com', 'x': True, 'y': ('a',)}\n"
        "shown = messages.render((template,), values.get, 'en-GB', 'en', locales.BUILT_IN['en'])\n"
        "assert shown == 'To kim@example.com: yes, a, (unknown)', shown\n"
        "assert addresses.domain('Kim@EXAMPLE.com') == 'example.com'\n"
        "print(sorted({'babel', 'email_validator'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert run.stdout == "[]\n"


ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(alphabet="a@é\u0301\u202e\n\0\ud800{}%", min_size=70)
VALUES: st.SearchStrategy[Value | None] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-LARGEST_NUMBER, LARGEST_NUMBER),
    st.floats(),
    ANY_TEXT,
    st.datetimes(timezones=st.just(UTC)),
    st.lists(ANY_TEXT).map(tuple),
)
LOCALES = st.sampled_from(["en", "en-GB", "sv", "sv-FI", "de", "ar", "fa", "he", "th", "zh-Hant-TW", "xx", "../x"])


@given(values=st.fixed_dictionaries({"n": VALUES, "a": VALUES}), requested=LOCALES | ANY_TEXT, matched=LOCALES)
@example({"n": -1, "a": datetime.min.replace(tzinfo=UTC)}, "he", "he")
@example({"n": None, "a": ("a", "b", "c")}, "fa", "fa")
def test_rendering_never_raises_and_is_plain(values: dict[str, Value | None], requested: str, matched: str) -> None:
    text: Text = (DAYS, template("{n}|{a}"))
    shown = render(text, values.get, requested, matched, BUILT_IN["en"])
    assert not FORBIDDEN.search(shown)
    shown.encode()
    if values["n"] is None and values["a"] is None:
        assert shown == "(unknown)|(unknown)"


@given(ANY_TEXT)
def test_a_text_is_at_most_80_characters(value: str) -> None:
    assert len(shown("{x}", {"x": value})) <= 80
