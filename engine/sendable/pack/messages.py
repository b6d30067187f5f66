"""Messages: templates with placeholders, read from a pack and filled with a contact's data.

A placeholder is a path in braces and nothing else. Data never takes part in formatting: it is cleaned, shortened and
put in its place as it is. The text is plain; whoever shows it as HTML escapes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias, TypeGuard, assert_never

from sendable.diagnostics import codes
from sendable.diagnostics.places import Embedded
from sendable.diagnostics.record import Collector
from sendable.language.addresses import IGNORABLE
from sendable.language.identifiers import trimmed
from sendable.language.types import LARGEST_NUMBER, Value
from sendable.pack import locales
from sendable.pack.locales import Words

CLEARS_AT: Final = "clears_at"
"""The placeholder for the time at which the email becomes sendable by itself: the decision's, not that of a reason."""


class Origin(StrEnum):
    """Where what a placeholder names comes from; the value of the first two stands before its name."""

    PARAMETER = "params"
    DETAIL = "details"
    DECISION = "decision"
    FIELD = "field"

    def named(self, name: str) -> str:
        """The name of a placeholder for what has this name there."""
        return f"{self}.{name}" if self in (Origin.PARAMETER, Origin.DETAIL) else name


def origin_of(placeholder: str) -> tuple[Origin, str]:
    """Where what the placeholder names comes from, and its name there."""
    if placeholder == CLEARS_AT:
        return Origin.DECISION, placeholder
    head, _, rest = placeholder.partition(".")
    return (Origin(head), rest) if head in (Origin.PARAMETER, Origin.DETAIL) else (Origin.FIELD, placeholder)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A path that data is put in the place of, and where it stands in its template's source, braces included."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders. Strings among `parts` are literal text; no two stand side by side."""

    parts: tuple[str | Placeholder, ...]

    def __str__(self) -> str:
        """The template as it is written in a pack."""
        return "".join(
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part.name}}}"
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Plural:
    """Templates by CLDR plural category, `other` among them, of which the number at the path `count` chooses one."""

    count: str
    forms: Mapping[str, Template]

    def __post_init__(self) -> None:
        # INVARIANT: the dictionary is the plural's own, and nothing changes it. (A mapping proxy could not be pickled.)
        object.__setattr__(self, "forms", dict(self.forms))

    def __hash__(self) -> int:
        return hash((self.count, frozenset(self.forms.items())))


Alternative: TypeAlias = Template | Plural

Text: TypeAlias = tuple[Alternative, ...]
"""One text in one locale: its alternatives, of which the first is shown that all data is there for, else the last."""


def placeholders(alternative: Alternative) -> frozenset[str]:
    """The names of every placeholder of `alternative`, in any of its forms, and of its count."""
    match alternative:
        case Template():
            return frozenset(part.name for part in alternative.parts if isinstance(part, Placeholder))
        case Plural():
            return frozenset({alternative.count}).union(*map(placeholders, alternative.forms.values()))
        case _:
            assert_never(alternative)


_NAME = r"[a-z][a-z0-9_]*+(?:\.[a-z][a-z0-9_]*+)*+"
_DOTTED = r"[a-z][a-z0-9_]*+(?:\.[a-z][a-z0-9_]*+)++"
_TOKEN = re.compile(
    rf"""
      (?P<literal> [^{{}}]++ | \{{\{{ | \}}\}} )
    | \{{ (?P<name> {_NAME} ) \}}
    | (?P<wrong> \{{ [^{{}}]*+ \}} | [{{}}] )
    """,
    re.VERBOSE,
)
_ALMOST = re.compile(rf"\{{\s*+(?P<name>{_NAME})", re.IGNORECASE)
_UNCLOSED = re.compile(rf"\{{(?P<name>{_DOTTED})", re.IGNORECASE)
_UNOPENED = re.compile(rf"(?<![a-z0-9_.{{]){_DOTTED}(?=\}})")
_OF_ANOTHER_LANGUAGE = re.compile(
    rf"\{{\{{[ ]*+(?P<double>{_NAME})[ ]*+\}}\}} | (?P<dollar>\$)\{{(?P<behind>{_NAME})\}}"
    rf"| %(?P<percent>{_DOTTED})% | \[(?P<square>{_DOTTED})\] | <(?P<angle>{_DOTTED})>",
    re.VERBOSE,
)
_NOT_A_PLACEHOLDER: Final = (
    "a placeholder is a field, a parameter or a detail in braces, such as {contact.email}; write {{ for a brace itself"
)
_LONGEST_ALMOST = 100


@dataclass(frozen=True, slots=True)
class Foreign:
    """A placeholder as another language has it, which would be shown as it is written but for its name."""

    name: str
    start: int
    end: int
    is_amount: bool
    """Whether it may be one of ours behind a dollar sign: `${params.price}`."""


def foreign_placeholders(text: str) -> Iterator[Foreign]:
    """What looks like a placeholder of another language: `{{name}}`, `${name}`, `%name%`, `[name]` or `<name>`."""
    for found in _OF_ANOTHER_LANGUAGE.finditer(text):
        name = next(found[group] for group in ("double", "behind", "percent", "square", "angle") if found[group])
        yield Foreign(name, found.start(), found.end(), found["dollar"] is not None)


def report_placeholder(
    embedded: Embedded,
    start: int,
    end: int,
    name: str | None,
    collector: Collector,
    *,
    advice: str = _NOT_A_PLACEHOLDER,
) -> None:
    """Reports `text[start:end]` as no placeholder; `name` is of the one that was meant."""
    collector.report(
        codes.BAD_PLACEHOLDER,
        embedded.span_of(start, end),
        suggestion=None if name is None else f"{{{name}}}",
        placeholder=embedded.text[start:end],
        advice=advice,
    )


def _meant(wrong: re.Match[str]) -> tuple[int, int, str | None]:
    """The stretch of a text that is a placeholder gone wrong, and the name of the one that was meant."""
    text, start, end = wrong.string, wrong.start(), wrong.end()
    if wrong[0] == "}":
        before = next(_UNOPENED.finditer(text, max(start - _LONGEST_ALMOST, 0), end), None)
        return (before.start(), end, before[0]) if before is not None else (start, end, None)
    unclosed = wrong[0] == "{"
    almost = (_UNCLOSED if unclosed else _ALMOST).match(text, start) if end - start <= _LONGEST_ALMOST else None
    if almost is None:
        return start, end, None
    return start, almost.end() if unclosed else end, almost["name"].lower()


def parse_template(embedded: Embedded, collector: Collector) -> Template | None:
    """The template that a text of a pack is; None when something in it is no placeholder, each of which is reported.

    text        = { literal | "{{" | "}}" | placeholder }
    placeholder = "{" name "}"
    name        = identifier { "." identifier }
    identifier  = a-z { a-z | 0-9 | "_" }
    """
    parts: list[str | Placeholder] = []
    literal: list[str] = []
    sound = True
    for token in _TOKEN.finditer(embedded.text):
        match token.lastgroup:
            case "literal":
                literal.append({"{{": "{", "}}": "}"}.get(token[0], token[0]))
            case "name":
                if literal:
                    parts.append("".join(literal))
                    literal.clear()
                parts.append(Placeholder(token["name"], token.start(), token.end()))
            case _:
                sound = False
                if collector.full(codes.BAD_PLACEHOLDER):
                    collector.more(codes.BAD_PLACEHOLDER)
                    continue
                start, end, name = _meant(token)
                report_placeholder(embedded, start, end, name, collector)
    if literal:
        parts.append("".join(literal))
    return Template(tuple(parts)) if sound else None


# -- rendering

_SHOWN_CHARACTERS = 80
_SHOWN_DOMAIN = 60
_SHOWN_ITEMS = 5
_CLEANED_CHARACTERS = 1_000
"""How much of either end of a long text is looked at."""

_INVISIBLE = frozenset({" ", *map(chr, IGNORABLE)})
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters (Cc) that break no line
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control (Unicode, PropList.txt)
    "\ud800-\udfff]"  # lone surrogates: they can't be encoded
)


def render(text: Text, values: Callable[[str], Value | None], requested: str, matched: str, words: Words) -> str:
    """`text`, which is in the locale `matched`, filled with `values`, for a reader who asked for `requested`.

    Numbers, dates and lists are written as `requested` writes them where that is a variety of `matched`. A placeholder
    without data, or with nothing to show such as a text of spaces, is `words.unknown_value`. Values come out without
    control and bidirectional characters, and texts among them with at most 80 characters each. What can't be seen in an
    address is named: `kim@example.com[no-break space]`.
    """
    return _Rendering(values, requested, matched, words).text(text)


class _Rendering:
    """One text being filled. Each value is looked up and written once."""

    def __init__(self, values: Callable[[str], Value | None], requested: str, matched: str, words: Words) -> None:
        self._values = values
        self._requested = requested
        self._matched = matched
        self._words = words
        self._written: dict[str, str] = {}

    def text(self, text: Text) -> str:
        shown = text[-1]
        for alternative in text[:-1]:
            if all(map(self._write, placeholders(alternative))):
                shown = alternative
                break
        template = shown if isinstance(shown, Template) else self._form(shown)
        return "".join(
            part if isinstance(part, str) else self._write(part.name) or self._words.unknown_value
            for part in template.parts
        )

    def _form(self, plural: Plural) -> Template:
        count = self._values(plural.count)
        category = locales.OTHER
        if _is_number(count):
            category = locales.plural_category(count, self._matched)
        return plural.forms.get(category, plural.forms[locales.OTHER])

    def _write(self, name: str) -> str:
        """What stands in the place of the placeholder; empty when there is nothing to show."""
        if name not in self._written:
            value = self._values(name)
            self._written[name] = "" if value is None else self._shown(value)
        return self._written[name]

    def _shown(self, value: Value) -> str:
        match value:
            case bool():  # before the numbers: Python counts booleans among them
                return self._words.yes if value else self._words.no
            case int() | float():
                return _clean(locales.format_number(value, self._formats())) if _is_number(value) else ""
            case str():
                return _shorten(_clean(self._seen(value)))
            case datetime():
                return _clean(locales.format_timestamp(value, self._formats()))
            case tuple():
                return self._enumerated(value)
            case _:
                assert_never(value)

    def _seen(self, text: str) -> str:
        """An address with the names of what can't be seen in it, or around it, in its place; other texts as they are.

        Without them nobody could tell what is wrong with it.
        """
        if "@" not in text or (text.isascii() and text.isprintable() and text == text.strip()):
            return text
        text = _cut(text)
        core = trimmed(text)
        start = text.index(core)
        parts: list[str] = []
        for character, run in groupby(enumerate(text), key=itemgetter(1)):
            places = [place for place, _ in run]
            inside = start <= places[0] < start + len(core)
            if (character == " " and inside) or (character.isprintable() and character not in _INVISIBLE):
                parts.append(character * len(places))
            else:
                parts.append(f"[{locales.character_name(character, self._matched)}]")
        return "".join(parts)

    def _enumerated(self, items: tuple[str, ...]) -> str:
        shown = [text for item in items[:_SHOWN_ITEMS] if (text := _shorten(_clean(item)))]
        if len(items) > _SHOWN_ITEMS:
            shown.append("…")
        if len(shown) < 2:
            return "".join(shown)
        return _BREAKS.sub(" ", _DROPPED.sub("", locales.format_list(shown, self._formats())))

    def _formats(self) -> str:
        return locales.formatting_locale(self._requested, self._matched)


def _is_number(value: Value | None) -> TypeGuard[int | float]:
    """Whether `value` is a number within the bounds that the language knows; NaN is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST_NUMBER <= value <= LARGEST_NUMBER


def _clean(text: str) -> str:
    """`text` on one line, without the characters that control how others are shown, and without space around it.

    Of a very long text the middle is left out.
    """
    return _BREAKS.sub(" ", _DROPPED.sub("", _cut(text))).strip()


def _cut(text: str) -> str:
    if len(text) <= 2 * _CLEANED_CHARACTERS:
        return text
    return f"{text[:_CLEANED_CHARACTERS]}…{text[-_CLEANED_CHARACTERS:]}"


def _shorten(text: str) -> str:
    """`text` in at most 80 characters, cut where no combining mark loses its letter; an address keeps its domain."""
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    at = text.rfind("@")
    domain = text[at:] if at >= 0 and len(text) - at <= _SHOWN_DOMAIN else ""
    longest = _SHOWN_CHARACTERS - len("…") - len(domain)
    end = longest
    while end and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return f"{text[: end or longest].rstrip()}…{domain}"
