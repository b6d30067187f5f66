"""Locales: language tags, which of a pack's locales serves a reader, and how a locale writes numbers, dates and lists.

Tags are BCP 47 (RFC 5646); what is known of a locale comes from CLDR by way of Babel. Babel is imported where it is
needed and not before: most messages have neither a number nor a date in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel import Locale

_LONGEST_TAG = 100

# RFC 5646, 2.1, `langtag`: tags of private use alone and the irregular ones of old have no texts and no formats.
_LANGTAG = re.compile(
    r"""
    (?: [a-z]{2,3} (?: -[a-z]{3} ){0,3} | [a-z]{5,8} )   # language, extended language
    (?: -[a-z]{4} )?                                     # script
    (?: -(?: [a-z]{2} | [0-9]{3} ) )?                    # region
    (?: -(?: [a-z0-9]{5,8} | [0-9][a-z0-9]{3} ) )*       # variants
    (?: -[a-wy-z0-9] (?: -[a-z0-9]{2,8} )+ )*            # extensions
    (?: -x (?: -[a-z0-9]{1,8} )+ )?                      # private use
    """,
    re.VERBOSE,
)

# POSIX.1-2017, 8.2: language[_territory][.codeset][@modifier]; of the modifiers, glibc's scripts say what is read.
_POSIX = re.compile(r"(?P<tag>[a-zA-Z_]*)(?:\.[\w-]*)?(?:@(?P<modifier>\w*))?", re.ASCII)
_SCRIPTS: Mapping[str, str] = MappingProxyType({"latin": "Latn", "cyrillic": "Cyrl", "devanagari": "Deva"})


def canonical(tag: object) -> str | None:
    """`tag` in the case of RFC 5646, 2.1.1, and with hyphens for underscores; None when it is malformed.

    Takes any object, as what readers ask for often comes from outside; what is not a string is malformed, and so is a
    tag without a language, such as x-mine.
    """
    if not isinstance(tag, str) or len(tag) > _LONGEST_TAG or not tag.isascii():
        return None
    return _canonical(tag)


def of_reader(locale: object) -> str | None:
    """The canonical tag of what a reader asks for: a language tag, or a locale as POSIX names it, such as sv_SE.UTF-8.

    None where it is malformed.
    """
    tag = canonical(locale)
    if tag is not None or not isinstance(locale, str) or len(locale) > _LONGEST_TAG:
        return tag
    named = _POSIX.fullmatch(locale)
    if named is None:
        return None
    language, *rest = named["tag"].split("_")
    script = _SCRIPTS.get(named["modifier"] or "")
    return canonical("-".join([language, *([script] if script else []), *rest]))


def is_nobodys(locale: str) -> bool:
    """Whether it is the locale of POSIX that is of no language, or none: whoever asks for it gets the default."""
    return locale.partition(".")[0] in {"", "C", "POSIX"}


@lru_cache(maxsize=256)  # every message asks, and readers have few locales
def _canonical(tag: str) -> str | None:
    lower = tag.lower().replace("_", "-")
    if _LANGTAG.fullmatch(lower) is None:
        return None
    language, *rest = lower.split("-")
    subtags = [language]
    for subtag in rest:
        if len(subtags[-1]) == 1 and len(subtags) > 1:
            subtags.append(subtag)
        elif len(subtag) == 2:
            subtags.append(subtag.upper())
        elif len(subtag) == 4 and subtag.isalpha():
            subtags.append(subtag.title())
        else:
            subtags.append(subtag)
    return "-".join(subtags)


def _truncations(tag: str) -> Iterator[str]:
    """`tag` and what is left of it as subtags are cut off from its end, never ending in a singleton (RFC 4647, 3.4)."""
    subtags = tag.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


def negotiate(requested: str | None, available: Sequence[str], default: str) -> str:
    """The one of `available` that serves `requested` best: by truncation, else `default` (RFC 4647, 3.4, lookup)."""
    tag = of_reader(requested)
    if tag is not None:
        by_tag = {canonical(candidate): candidate for candidate in reversed(available)}
        for truncated in _truncations(tag):
            if truncated in by_tag:
                return by_tag[truncated]
    return default


def formatting_locale(requested: str | None, matched: str) -> str:
    """The locale that numbers and dates in a text of the locale `matched` are written in for who asked for `requested`.

    It is the longest truncation of `requested` that CLDR knows, as long as that is narrower than `matched`, as sv-FI is
    than sv; else `matched`.
    """
    tag, text = of_reader(requested), canonical(matched)
    if tag is not None and text is not None and tag.startswith(f"{text}-"):
        for truncated in _truncations(tag):
            if truncated == text:
                break
            if known(truncated):
                return truncated
    return matched


def known(tag: str) -> bool:
    """Whether CLDR has this very locale."""
    plain = canonical(tag)
    return plain is not None and (plain in BUILT_IN or _locale(plain) is not None)


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale | None:
    """CLDR's data for `tag`, which must be canonical; None when there are none for it."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        # It finds zh-Hant-TW for zh-TW. To find something, it may as well drop or change what was asked for.
        found = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    given = [found.language, *(part for part in (found.script, found.territory, found.variant) if part is not None)]
    asked = tag.split("-")
    same = asked[0] == given[0] and {subtag.lower() for subtag in asked} <= {part.lower() for part in given}
    return found if same else None


def _nearest(tag: str) -> Locale:
    """CLDR's data for `tag` or the nearest truncation of it that it knows; its root locale when there is none."""
    from babel import Locale  # noqa: PLC0415

    plain = canonical(tag)
    for truncated in _truncations(plain) if plain is not None else ():
        found = _locale(truncated)
        if found is not None:
            return found
    return Locale("root")


OTHER = "other"
"""The plural category that every locale has (CLDR, Language Plural Rules)."""

CATEGORIES: tuple[str, ...] = ("zero", "one", "two", "few", "many", OTHER)
"""Every plural category of CLDR."""

_MOST_DECIMALS = 3  # what CLDR's decimal formats show at most


# What CLDR says of the languages that every pack has at first: loading one does not need Babel. A test compares.
_CATEGORIES_OF = {"en": frozenset({"one", OTHER}), "sv": frozenset({"one", OTHER})}


def plural_categories(tag: str) -> frozenset[str]:
    """The plural categories of cardinal numbers in the locale, `other` always among them (CLDR)."""
    if tag in _CATEGORIES_OF:
        return _CATEGORIES_OF[tag]
    return frozenset(_nearest(tag).plural_form.tags) | {OTHER}


def plural_category(number: float, tag: str) -> str:
    """The plural category of `number` as `format_number` writes it: 1.0001 is written 1, and so it is one."""
    return _nearest(tag).plural_form(_as_written(number)) if math.isfinite(number) else OTHER


def _as_written(value: float) -> float:
    return value if isinstance(value, int) else round(value, _MOST_DECIMALS) or 0


def format_number(value: float, tag: str) -> str:
    """`value`, a finite number, as the locale writes it: in groups, with at most three decimals (CLDR)."""
    from babel.numbers import format_decimal, get_minus_sign_symbol  # noqa: PLC0415

    locale = _nearest(tag)
    text = format_decimal(_as_written(value), locale=locale)
    # Babel writes a hyphen in every locale.
    return get_minus_sign_symbol(locale) + text[1:] if text.startswith("-") else text


# CLDR's dateTimeFormat of the type `atTime`, which Babel does not carry: its own are for a date beside a time.
_AT_TIME: Mapping[str, str] = MappingProxyType({"en": "{1} at {0}", "sv": "{1} kl. {0}"})


def format_timestamp(value: datetime, tag: str) -> str:
    """`value`, an aware datetime, in UTC: the date in long form, the time to the minute and the word UTC (CLDR)."""
    from babel.dates import format_date, format_time  # noqa: PLC0415

    locale = _nearest(tag)
    moment = value.astimezone(UTC)
    date = format_date(moment.date(), "long", locale=locale)
    time = format_time(moment.time(), "short", locale=locale)
    pattern = _AT_TIME.get(locale.language) or str(locale.datetime_formats["long"]).replace("'", "")
    return f"{pattern.replace('{0}', time).replace('{1}', date)} UTC"


def format_list(items: Sequence[str], tag: str) -> str:
    """`items` as the locale enumerates them: a, b and c (CLDR)."""
    from babel import lists  # noqa: PLC0415

    return lists.format_list(list(items), locale=_nearest(tag))


@dataclass(frozen=True, slots=True)
class Words:
    """The engine's own words in one locale. `undetermined` has `{title}` in it, `supply` has `{missing}`."""

    unknown_value: str
    yes: str
    no: str
    undetermined: str
    supply: str


BUILT_IN: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            unknown_value="(unknown)",
            yes="yes",
            no="no",
            undetermined="To be safe, this email is held back, as it is not known whether this applies: {title}.",
            supply="Fill in {missing} and try again.",
        ),
        "sv": Words(
            unknown_value="(okänt)",
            yes="ja",
            no="nej",
            undetermined="För säkerhets skull skickas inte mejlet, eftersom det är oklart om detta gäller: {title}.",
            supply="Fyll i {missing} och försök igen.",
        ),
    }
)
"""The words of the locales that need none from a pack."""

_CHARACTERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            " ": "space",
            "\t": "tab",
            "\n": "line break",
            "\r": "line break",
            "\N{NO-BREAK SPACE}": "no-break space",
            "\N{NARROW NO-BREAK SPACE}": "narrow no-break space",
            "\N{SOFT HYPHEN}": "soft hyphen",
            "\N{ZERO WIDTH SPACE}": "zero-width space",
            "\N{ZERO WIDTH NON-JOINER}": "zero-width non-joiner",
            "\N{ZERO WIDTH JOINER}": "zero-width joiner",
            "\N{ZERO WIDTH NO-BREAK SPACE}": "byte-order mark",
            "": "invisible character",
        },
        "sv": {
            " ": "mellanslag",
            "\t": "tabb",
            "\n": "radbrytning",
            "\r": "radbrytning",
            "\N{NO-BREAK SPACE}": "hårt mellanslag",
            "\N{NARROW NO-BREAK SPACE}": "smalt hårt mellanslag",
            "\N{SOFT HYPHEN}": "mjukt bindestreck",
            "\N{ZERO WIDTH SPACE}": "nollbreddsmellanslag",
            "\N{ZERO WIDTH NON-JOINER}": "nollbreddsskiljetecken",
            "\N{ZERO WIDTH JOINER}": "nollbreddsfogtecken",
            "\N{ZERO WIDTH NO-BREAK SPACE}": "byteordningsmärke",
            "": "osynligt tecken",
        },
    }
)
"""What characters that can't be seen are called, by language; any other is the one without a name, with its number."""


def character_name(character: str, locale: str) -> str:
    """What people who read `locale` call a character that can't be seen; its number in Unicode where nobody knows."""
    names = _CHARACTERS.get(locale.partition("-")[0], {})
    return names.get(character) or f"{names.get('', '')} U+{ord(character):04X}".strip()


_LIKE_A_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


def tag_of(text: str) -> str | None:
    """The canonical form of a language tag; as it is where only the schema takes it for one; None where nobody does.

    What nobody knows is reported where it is looked up: it must not be passed over.
    """
    return canonical(text) or (text if _LIKE_A_TAG.fullmatch(text) else None)
