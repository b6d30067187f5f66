"""How a field is spoken of in a language: the phrases that a context schema gives beside its type.

    phrases:
      en:
        name: the contact's mailbox
        is: the contact's mailbox is {value}
        values: {full: full, active: in use}

`name`, a noun phrase, serves every kind of field; the other forms make for better sentences. Phrases are parts of
sentences: without a capital and a full stop, and never with code in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from sendable.diagnostics import codes
from sendable.diagnostics.record import Rule
from sendable.diagnostics.wording import Near
from sendable.language.types import Kind, Phrases, Type
from sendable.pack import locales

Report: TypeAlias = Callable[..., None]
"""Called with a rule, the path in the phrases, whether the key itself is meant, and the rule's parameters."""

_ANY: Final = {"name": "", "make": "value", "remove": "", "pass": ""}
_NUMBER: Final = {"some": "", "none": "", "raise": "value", "lower": "value"}
_FORMS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.BOOLEAN: {**_ANY, "true": "", "false": "", "make_true": "", "make_false": ""},
    Kind.INTEGER: {**_ANY, **_NUMBER},
    Kind.NUMBER: {**_ANY, **_NUMBER},
    Kind.STRING: _ANY,
    Kind.TIMESTAMP: _ANY,
    Kind.STRING_LIST: {**_ANY, "contains": "item", "lacks": "item", "add_item": "item", "remove_item": "item"},
}
_OF_AN_ENUM: Final = {**_ANY, "is": "value", "is_not": "value"}
_NEEDED: Final = frozenset({"is", "is_not", "contains", "lacks", "add_item", "remove_item"})
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}|[{}]")
_VALUES: Final = "values"


def read_phrases(phrases: object, declared: Type, report: Report) -> Phrases:
    """The phrases of a field of the type `declared`, by locale and form; what is wrong with them goes to `report`."""
    found: Phrases = {}
    if not isinstance(phrases, Mapping):
        report(codes.WRONG_FORM, (), value=phrases, found="no map", expected="a map of languages")
        return found
    for tag, forms in phrases.items():
        locale = locales.canonical(str(tag))
        if locale is None:
            advice = "a language is named by a tag such as en or pt-BR"
            report(codes.BAD_NAME, (tag,), key=True, value=tag, advice=advice)
        elif not isinstance(forms, Mapping):
            report(codes.WRONG_FORM, (tag,), value=forms, found="no map", expected="a map of phrases")
        else:
            found[locale] = dict(_read_forms(forms, tag, declared, report))
    return found


def _read_forms(
    forms: Mapping[Any, Any], tag: str, declared: Type, report: Report
) -> Iterator[tuple[str, str | dict[str, str]]]:
    allowed = _OF_AN_ENUM if declared.enum is not None else _FORMS[declared.kind]
    for form, phrase in forms.items():
        if form == _VALUES and declared.enum is not None:
            yield form, _read_values(phrase, tag, declared.enum, report)
        elif form not in allowed:
            names = [*allowed, *([_VALUES] if declared.enum is not None else [])]
            report(
                codes.UNKNOWN_KEY,
                (tag, form),
                key=True,
                suggestion=Near(str(form), names),
                unknown=form,
                allowed=", ".join(names),
            )
        elif _is_sound(phrase, (tag, form), allowed[form], report, needed=form in _NEEDED):
            yield form, phrase


def _read_values(phrase: object, tag: str, enum: tuple[str, ...], report: Report) -> dict[str, str]:
    """What each value of an enum is called. Values that are not named are called what they are."""
    if not isinstance(phrase, Mapping):
        report(codes.WRONG_FORM, (tag, _VALUES), value=phrase, found="no map", expected="a map of the values")
        return {}
    found: dict[str, str] = {}
    for value, words in phrase.items():
        place = (tag, _VALUES, value)
        if value not in enum:
            report(
                codes.UNKNOWN_KEY,
                place,
                key=True,
                suggestion=Near(str(value), enum),
                unknown=value,
                allowed=", ".join(enum),
            )
        elif _is_sound(words, place, "", report):
            found[value] = words
    return found


def _is_sound(
    phrase: object, place: tuple[object, ...], placeholder: str, report: Report, *, needed: bool = False
) -> bool:
    """Whether a phrase is a text whose only placeholder is the one it may have."""

    def refuse(rule: Rule, **params: object) -> bool:
        report(rule, place, **params)
        return False

    if not isinstance(phrase, str) or not phrase.strip():
        return refuse(codes.WRONG_FORM, value=phrase, found="no phrase", expected="a text")
    for one in _PLACEHOLDER.finditer(phrase):
        if not placeholder or one[1] != placeholder:
            expected = f"a text whose only placeholder is {{{placeholder}}}" if placeholder else "a text without braces"
            return refuse(codes.WRONG_FORM, value=phrase, found="not such a phrase", expected=expected)
    if needed and f"{{{placeholder}}}" not in phrase:
        return refuse(
            codes.WRONG_FORM, value=phrase, found="not such a phrase", expected=f"a text with {{{placeholder}}}"
        )
    return True
