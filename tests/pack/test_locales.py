"""Locales: tags, which locale serves a reader, and numbers, dates, plurals and lists as CLDR has them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from sendable.pack.locales import (
    BUILT_IN,
    CATEGORIES,
    canonical,
    format_list,
    format_number,
    format_timestamp,
    formatting_locale,
    known,
    negotiate,
    of_reader,
    plural_categories,
    plural_category,
)
from tests.support.environment import ENVIRONMENT

MORNING = datetime(2026, 11, 23, 9, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("sv", "sv"),
        ("SV", "sv"),
        ("sv_fi", "sv-FI"),
        ("sv-SE", "sv-SE"),
        ("EN_gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ZH_HANT", "zh-Hant"),
        ("es-419", "es-419"),
        ("fil", "fil"),
        ("zh-cmn-hans-cn", "zh-cmn-Hans-CN"),
        ("ca-es-VALENCIA", "ca-ES-valencia"),
        ("de-CH-1901", "de-CH-1901"),
        ("EN-us-U-CA-Gregory", "en-US-u-ca-gregory"),
        ("en-x-US", "en-x-us"),
    ],
)
def test_canonical(tag: str, expected: str) -> None:
    assert canonical(tag) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "-",
        "s",
        "sv-",
        "-sv",
        "sv--FI",
        "sv FI",
        "sv\n",
        "sv-FI\0",
        "../../x",
        "..",
        "/etc/passwd",
        "sv/FI",
        "sv.UTF-8",
        "sv_SE.UTF-8",
        "sv,en;q=0.5",
        "*",
        "x-mine",
        "i-klingon",
        "root",
        "sv-ſe",
        "ｓｖ",
        "sv\ud800",
        "a" * 10**6,
        "a-" * 10**6,
        "en-x" + "-a" * 10**6,
        None,
        True,
        7,
        b"sv",
        ["sv"],
    ],
    ids=lambda tag: ascii(tag)[:20],
)
def test_malformed(tag: object) -> None:
    assert canonical(tag) is None


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("sv", "sv"),
        ("sv-FI", "sv"),
        ("sv_SE", "sv"),
        ("SV", "sv"),
        ("en_GB", "en-GB"),
        ("en-GB-oxendict", "en-GB"),
        ("en-US", "en"),
        ("zh-Hant-TW", "zh_hant"),
        ("zh-TW", "en"),
        ("sv-a-bb-ccc", "sv"),
        ("sve", "en"),
        ("sv_SE.UTF-8", "sv"),
        ("sv_FI@euro", "sv"),
        ("en_GB.utf8", "en-GB"),
        ("zh_TW.UTF-8", "en"),
        ("zh_Hant.UTF-8", "zh_hant"),
        ("sv.UTF-8.x", "en"),
        ("sv.UTF-8@x/../sv", "en"),
        ("C", "en"),
        ("C.UTF-8", "en"),
        ("POSIX", "en"),
        ("xx", "en"),
        ("", "en"),
        ("../../sv", "en"),
        ("a" * 10**6, "en"),
        (None, "en"),
    ],
    ids=lambda tag: str(tag)[:20],
)
def test_negotiates_by_truncation(requested: str | None, expected: str) -> None:
    assert negotiate(requested, ("sv", "en", "en-GB", "zh_hant"), "en") == expected


@pytest.mark.parametrize(
    ("locale", "tag"),
    [
        ("sr_RS.UTF-8@latin", "sr-Latn-RS"),
        ("sr_RS", "sr-RS"),
        ("ca_ES@euro", "ca-ES"),
        ("sd_IN@devanagari", "sd-Deva-IN"),
    ],
)
def test_a_locale_of_posix_is_a_tag(locale: str, tag: str) -> None:
    assert of_reader(locale) == tag


@pytest.mark.parametrize(
    ("requested", "matched", "expected"),
    [
        ("sv_FI.UTF-8@euro", "sv", "sv-FI"),
        ("sv-FI", "sv", "sv-FI"),
        ("sv_fi", "sv", "sv-FI"),
        ("en-GB", "en", "en-GB"),
        ("en-GB-oxendict", "en", "en-GB"),
        ("en-GB", "en-GB", "en-GB"),
        ("sv-XX", "sv", "sv"),
        ("sv-US", "sv", "sv"),
        ("sv", "sv", "sv"),
        ("de", "en", "en"),
        ("enx", "en", "en"),
        ("../../x", "en", "en"),
        (None, "sv", "sv"),
    ],
)
def test_formatting_locale(requested: str | None, matched: str, expected: str) -> None:
    assert formatting_locale(requested, matched) == expected


@pytest.mark.parametrize("tag", ["en", "sv", "sv-FI", "sv_se", "en-GB", "zh-TW", "zh-Hant-TW", "ca-ES-valencia", "ar"])
def test_known(tag: str) -> None:
    assert known(tag)


@pytest.mark.parametrize("tag", ["xx", "xxx", "sv-XX", "en-GB-oxendict", "sv-Cyrl", "und", "root", "../../x", ""])
def test_not_known(tag: str) -> None:
    assert not known(tag)


@pytest.mark.parametrize(
    ("tag", "categories"),
    [
        ("en", {"one", "other"}),
        ("sv", {"one", "other"}),
        ("sv-FI", {"one", "other"}),
        ("ja", {"other"}),
        ("pl", {"one", "few", "many", "other"}),
        ("ar", {"zero", "one", "two", "few", "many", "other"}),
        ("xx", {"other"}),
    ],
)
def test_plural_categories(tag: str, categories: set[str]) -> None:
    assert plural_categories(tag) == categories
    assert categories <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("number", "tag", "category"),
    [
        (0, "en", "other"),
        (1, "en", "one"),
        (1.0, "en", "one"),
        (1.0001, "en", "one"),  # written 1
        (1.5, "en", "other"),
        (2, "sv", "other"),
        (1, "sv_FI", "one"),
        (0, "pl", "many"),
        (3, "pl", "few"),
        (22, "pl", "few"),
        (25, "pl", "many"),
        (1.5, "pl", "other"),
        (0, "ar", "zero"),
        (2, "ar", "two"),
        (11, "ar", "many"),
        (1, "xx", "other"),
        (float("inf"), "en", "other"),
        (float("nan"), "en", "other"),
    ],
)
def test_plural_category(number: float, tag: str, category: str) -> None:
    assert plural_category(number, tag) == category


@pytest.mark.parametrize(
    ("value", "tag", "expected"),
    [
        (12345, "en", "12,345"),
        (12345, "en-GB", "12,345"),
        (12345, "sv", "12\N{NO-BREAK SPACE}345"),
        (12345.678, "sv-FI", "12\N{NO-BREAK SPACE}345,678"),
        (12345, "de", "12.345"),
        (-5, "en", "-5"),
        (-5, "sv", "\N{MINUS SIGN}5"),
        (0.1 + 0.2, "en", "0.3"),
        (2 / 3, "sv", "0,667"),
        (-0.0, "en", "0"),
        (-0.0001, "en", "0"),
        (2**53, "en", "9,007,199,254,740,992"),
        (7, "xx", "7"),
    ],
)
def test_numbers(value: float, tag: str, expected: str) -> None:
    assert format_number(value, tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "November 23, 2026 at 9:05\N{NARROW NO-BREAK SPACE}AM UTC"),
        ("en-GB", "23 November 2026 at 09:05 UTC"),
        ("sv", "23 november 2026 kl. 09:05 UTC"),
        ("sv-SE", "23 november 2026 kl. 09:05 UTC"),
        ("de", "23. November 2026, 09:05 UTC"),
    ],
)
def test_timestamps(tag: str, expected: str) -> None:
    assert format_timestamp(MORNING, tag) == expected


def test_timestamps_are_written_in_utc() -> None:
    local = datetime(2026, 11, 24, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert format_timestamp(local, "sv") == "23 november 2026 kl. 23:30 UTC"


@pytest.mark.parametrize(
    ("items", "tag", "expected"),
    [
        (["a", "b", "c"], "en", "a, b, and c"),
        (["a", "b", "c"], "en-GB", "a, b and c"),
        (["a", "b", "c"], "sv", "a, b och c"),
        (["{0}", "{1}", "{x}"], "sv", "{0}, {1} och {x}"),
        (["a"], "sv", "a"),
        ([], "sv", ""),
    ],
)
def test_lists(items: list[str], tag: str, expected: str) -> None:
    assert format_list(items, tag) == expected


def test_built_in_words_have_their_place_for_data() -> None:
    assert set(BUILT_IN) == {"en", "sv"}
    for words in BUILT_IN.values():
        assert words.undetermined.count("{title}") == 1
        assert words.supply.count("{missing}") == 1


def test_tags_are_handled_without_babel() -> None:
    program = (
        "import sys; from sendable.pack import locales;"
        "locales.negotiate('sv_FI', ('en', 'sv'), 'en'); locales.formatting_locale('sv', 'sv');"
        "sys.exit('babel' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=ENVIRONMENT)


TAGS = st.one_of(st.text(), st.text(alphabet="abxsvENGB019-_"), st.sampled_from(["en", "sv_FI", "zh-Hant-TW", "ar"]))


@given(tag=TAGS, available=st.lists(TAGS), number=st.integers(-(2**53), 2**53) | st.floats(-(2**53), 2**53))
def test_no_tag_raises(tag: str, available: list[str], number: float) -> None:
    form = canonical(tag)
    assert form is None or canonical(form) == form
    assert negotiate(tag, available, "en") in [*available, "en"]
    assert formatting_locale(tag, "en").startswith("en")
    assert plural_category(number, tag) in plural_categories(tag)
    assert format_number(number, tag)
    assert format_timestamp(MORNING, tag).endswith(" UTC")


@pytest.mark.parametrize("tag", sorted(BUILT_IN))
def test_what_is_said_of_the_built_in_languages_without_cldr_is_what_cldr_says(tag: str) -> None:
    assert known(tag)
    assert plural_categories(tag) == frozenset(Locale.parse(tag).plural_form.tags) | {"other"}
