"""Addresses: what is well formed, their parts, folding, and that no input is too much."""

from __future__ import annotations

import re

import email_validator
import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendable.audience.engines.operations import LONGEST_COMMON, common_address
from sendable.language import addresses
from sendable.language.addresses import domain, fold, local_part, parents, valid_address

MILLION = 10**6
NASTY = [
    "a" * MILLION,
    "@" * MILLION,
    "." * MILLION,
    "+" * MILLION,
    '"' * MILLION,
    "<" * MILLION,
    "xn--" * (MILLION // 4),
    "xn--a." * (MILLION // 6),
    "xn--" + "a" * MILLION,
    "ö" * MILLION,
    "ﷺ" * MILLION,  # 18 characters each when normalized
    "\0" * MILLION,
    "\ud800" * MILLION,
    "＠" * MILLION,
    "。" * MILLION,
    "\ufe0f" * MILLION,
    "a" + "\u0316\u0301" * (MILLION // 2),  # combining marks out of their order
    "a@" + "b." * (MILLION // 2),
    "a@" + "\u0316\u0301" * (MILLION // 2),
    "\u0316\u0301" * (MILLION // 2) + "@example.com",
    "a@" + "xn--a." * (MILLION // 6),
]
NASTY_IDS = [ascii(text[:4]) + ascii(text[-4:]) for text in NASTY]

LATIN = st.builds(
    lambda local, labels, top: f"{local}@{'.'.join([*labels, top])}",
    st.text(alphabet="aZ0åÖÿßÞð÷.-_+", min_size=1, max_size=40),
    st.lists(st.text(alphabet="aZ0åÖÿßÞð÷-", min_size=1, max_size=24), min_size=1, max_size=3),
    st.sampled_from(["se", "COM", "a", "test", "öl"]),
)
"""What looks like addresses with letters of Latin-1."""
TEXTS = st.one_of(
    LATIN,
    st.text(),
    st.text(st.characters(exclude_categories=())),  # lone surrogates too
    st.text(alphabet='aAß@＠.。+-xn\u0301\u0345\ufe0f\u200dİKǰΣς"<>[] \0\ud800ﷺꭰ'),
    st.lists(
        st.sampled_from(["xn--", "XN--", "a", "strae-oqa", "rksmrgs-5wao1o", "-", ".", "@", "+", "ö", "local"])
    ).map("".join),
    st.emails(),
)


@pytest.mark.parametrize(
    "address",
    [
        "kim@example.com",
        "kim@example.test",
        "kim@printer.local",
        "kim@räksmörgås.local",
        "kim@hidden.onion",
        "kim@example.invalid",
        "kim@printer.ｌｏｃａｌ",
        "kim@printer.local\ufe0f",
        "KIM@EXAMPLE.COM",
        "kim+news@example.com",
        "åsa.öberg@example.com",
        "åsa@räksmörgås.se",
        "kim@xn--rksmrgs-5wao1o.se",
        "kim@example。com",
        "o'hara{}%s@example.com",
        "a@b.co",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.se",  # 254 characters
    ],
)
def test_well_formed(address: str) -> None:
    assert valid_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "kim",
        "kim@",
        "@example.com",
        "kim@example",
        "kim@localhost",
        "kim@test",
        "kim@@example.com",
        "kim@lund@example.com",
        "kim@.local",
        "kim lund@printer.local",
        '"kim lund"@example.com',
        '"kim"@printer.local',
        "kim@[192.0.2.1]",
        "kim@192.0.2.1",
        "Kim <kim@example.com>",
        "Kim <kim@printer.local>",
        "<kim@example.com>",
        " kim@example.com",
        "kim@example.com\n",
        "kim@example.com.",
        "kim@example..com",
        ".kim@example.com",
        "kim＠example.com",
        "kim@-example.com",
        "kim@xn--a.com",
        "kim\0@example.com",
        "kim@exa\0mple.com",
        "kim\ud800@example.com",
        "kim@\udfff.com",
        "kim\u202e@example.com",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 59}.se",  # 255 characters
        f"{'a' * 308}@example.com",  # 320 characters
        f"{'a' * 309}@example.com",
    ],
)
def test_not_well_formed(address: str) -> None:
    assert not valid_address(address)


@pytest.mark.parametrize(("length", "asked"), [(320, 1), (321, 0)])
def test_asks_the_library_for_at_most_320_characters(monkeypatch: pytest.MonkeyPatch, length: int, asked: int) -> None:
    calls: list[str] = []

    def refuse(address: str) -> bool:
        calls.append(address)
        return False

    monkeypatch.setattr(addresses, "_well_formed", refuse)
    assert not valid_address("a" * (length - 12) + "@example.com")
    assert len(calls) == asked


@pytest.mark.parametrize("text", NASTY, ids=NASTY_IDS)
def test_a_million_characters_are_a_bounded_amount_of_work(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("called with a long text")

    def short_normalize(_form: str, part: str) -> str:
        assert len(part) < 100 * addresses._LONGEST_FOLDED
        return part

    monkeypatch.setattr(email_validator, "validate_email", refuse)
    monkeypatch.setattr("idna.ulabel", refuse)
    monkeypatch.setattr("unicodedata.normalize", short_normalize)
    assert not valid_address(text)
    assert len(fold(text)) <= len(text)
    assert fold(fold(text)) == fold(text)
    assert "@" not in domain(text)
    assert len(local_part(text)) < len(text)
    found = list(parents(domain(text)))
    assert len(found) <= 256
    assert all(len(parent) <= 255 for parent in found[1:])


def test_does_not_change_the_lists_of_the_library() -> None:
    before = list(email_validator.SPECIAL_USE_DOMAIN_NAMES)
    assert valid_address("kim@printer.local")
    assert before == email_validator.SPECIAL_USE_DOMAIN_NAMES
    with pytest.raises(email_validator.EmailSyntaxError):
        email_validator.validate_email("kim@printer.local", check_deliverability=False)


def by_the_library(address: str) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(email_validator, "SPECIAL_USE_DOMAIN_NAMES", [])
        try:
            email_validator.validate_email(address, check_deliverability=False)
        except email_validator.EmailNotValidError:
            return False
    return True


@given(address=TEXTS)
@example("kim@printer.local")
@example("kim@printer.test.")
@example("a@x.LOCAL")
def test_agrees_with_the_library_but_for_special_use_domains(address: str) -> None:
    if len(address) <= 320:
        assert valid_address(address) is by_the_library(address)


def test_letters_of_latin_1_are_judged_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(addresses, "_well_formed")
    assert valid_address("Åsa.Öberg+x@räksmörgås.se")
    assert not valid_address("åsa.räksmörgås.se")
    with pytest.raises(NameError):
        valid_address("kim@straße.de")


@given(address=LATIN.map(str.lower))
@example("a@a90czæ-ÿã9aîxïaaëàìa0ç09ôðaÿóä.se")  # as long in Punycode as was found
def test_common_addresses_are_valid_and_not_changed_by_folding(address: str) -> None:
    common = re.compile(common_address(3).replace(r"\z", r"\Z"))
    if common.match(address) and len(address.encode()) <= LONGEST_COMMON:
        assert by_the_library(address)
        assert (local_part(address), domain(address)) == tuple(address.split("@"))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("INFO", "info"),
        ("ÅÄÖ", "åäö"),
        ("A\u030aA\u0308", "åä"),
        ("Straße", "strasse"),
        ("\N{KELVIN SIGN}im", "kim"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i\u0307"),
        ("ΣΟΦΟΣ", "σοφοσ"),
        ("σοφος", "σοφοσ"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
        ("example。com", "example.com"),
        ("example｡com", "example.com"),
        ("mail\ufe0fina\u200btor\u00ad.com", "mailinator.com"),
        ("räksmörgås.se", "räksmörgås.se"),
        ("xn--rksmrgs-5wao1o.se", "räksmörgås.se"),
        ("XN--RKSMRGS-5WAO1O.SE", "räksmörgås.se"),
        ("ｘｎ--rksmrgs-5wao1o.se", "räksmörgås.se"),
        ("kim@xn--rksmrgs-5wao1o.se", "kim@räksmörgås.se"),
        ("mail.xn--strae-oqa.de", "mail.strasse.de"),
        ("xn--a.com", "xn--a.com"),  # decodes to nothing that is allowed
        ("xn--", "xn--"),
        ("a-xn--rksmrgs-5wao1o", "a-xn--rksmrgs-5wao1o"),  # not at the beginning of its label
        ("xn--" + "a" * 60, "xn--" + "a" * 60),
        ("\0\ud800", "\0\ud800"),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folds_long_texts_only_where_they_are_ascii() -> None:
    assert fold("A" * 5000) == "a" * 5000
    assert fold("Ö" * 1024) == "ö" * 1024
    assert fold("Ö" * 1025) == "Ö" * 1025


@given(text=TEXTS)
@example("ﷺ" * 100 + "ǰ")
@example("ꭰ" * 1024)
@example("xn--strae-oqa.xn--strae-oqa")
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_no_spelling_of_a_domain_escapes_a_list() -> None:
    """Whatever the library takes for another character of a domain, or for none (UTS #46), folds to the same."""
    for code in (*range(0x80, 0x20000), *range(0xE0000, 0xE1000)):
        name = f"mail{chr(code)}inator.com"
        try:
            plain = idna.uts46_remap(name, std3_rules=False)
        except idna.IDNAError:
            continue
        assert fold(name) == fold(plain) or not valid_address(f"kim@{name}"), hex(code)


@given(text=st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    assert "xn--" in text.lower() or fold(text) == addresses._normalized(text)


@pytest.mark.parametrize(
    ("address", "local", "name"),
    [
        ("Kim@Example.COM", "kim", "example.com"),
        ("kim+news@example.com", "kim", "example.com"),
        ("kim+a+b@example.com", "kim", "example.com"),
        ("+news@example.com", "+news", "example.com"),
        ("kim＋news＠example．com", "kim", "example.com"),
        ("kim﹫example.com", "kim", "example.com"),
        ("a@b@example.com", "a@b", "example.com"),
        ('"a@b"@example.com', '"a@b"', "example.com"),
        ('"a b+c"@example.com', '"a b', "example.com"),
        ("kim@example.com.", "kim", "example.com"),
        ("kim@example.com..", "kim", "example.com."),
        ("kim@example.com。", "kim", "example.com"),
        ("ÅSA@RÄKSMÖRGÅS.SE", "åsa", "räksmörgås.se"),
        ("åsa@xn--rksmrgs-5wao1o.se", "åsa", "räksmörgås.se"),
        ("xn--rksmrgs-5wao1o+news@example.com", "räksmörgås", "example.com"),
        ("@example.com", "", "example.com"),
        ("kim@", "kim", ""),
        ("@", "", ""),
        ("", "", ""),
        ("kim", "", ""),
        ("kim+news", "", ""),
    ],
)
def test_parts(address: str, local: str, name: str) -> None:
    assert (local_part(address), domain(address)) == (local, name)


@given(address=TEXTS)
@example("a@" + "Ö" * 1024 + ".")
@example("Ö" * 1024 + "+@b")
def test_parts_are_folded(address: str) -> None:
    assert fold(domain(address)) == domain(address)
    assert fold(local_part(address)) == local_part(address)
    assert "@" not in domain(address)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.b.c", ["a.b.c", "b.c", "c"]),
        ("c", ["c"]),
        ("", []),
        ("a..b", ["a..b", ".b", "b"]),
        ("a.", ["a."]),
        (".", ["."]),
    ],
)
def test_parents(name: str, expected: list[str]) -> None:
    assert list(parents(name)) == expected


def test_a_parent_is_found_however_long_what_stands_before_it_is() -> None:
    assert "example.com" in list(parents("a" * 1000 + "." + "b." * 1000 + "example.com"))
