"""Figures of an audience in the reader's language, as the terminal and the page both say them."""

from __future__ import annotations

from typing import Final

from sendable.audience.summary import InvalidValues, Unmatched
from sendable.diagnostics.wording import digits, shown
from sendable.language.types import Field, Kind, Type
from sendable.pack import locales
from sendable.render.words.forms import SummaryWords

_LONGEST_EXAMPLE: Final = 60


def told_of(values: InvalidValues, words: SummaryWords, declared: Field | None) -> list[str]:
    """Some of the values that are not allowed in a field, and how a value of it is written, so that it is certain."""
    if not values.examples:
        return [words.no_value] if declared is not None and declared.required else []
    examples = words.such_as.format(examples=", ".join(f"`{_shortened(text)}`" for text in values.examples))
    return [examples, *([] if declared is None else [words.write.format(how=_how(words, declared.type))])]


def unmatched_as_text(one: Unmatched, words: SummaryWords, locale: str) -> str:
    """That an identifier of the campaign is in nobody's list, and what is in these instead."""
    return words.unmatched.format(
        value=_shortened(one.value),
        field=one.field,
        listed=one.listed,
        contacts=locales.format_number(one.contacts, locale),
        examples=", ".join(f"`{_shortened(text)}`" for text in one.examples),
    )


def _shortened(text: str) -> str:
    text = shown(text[: _LONGEST_EXAMPLE + 1])
    return f"{text[:_LONGEST_EXAMPLE]}…" if len(text) > _LONGEST_EXAMPLE else text


def _how(words: SummaryWords, expected: Type) -> str:
    if expected.enum is not None:
        return words.one_of.format(choices=", ".join(expected.enum))
    if expected.items is not None:
        return words.of_these.format(how=words.how[expected.kind], choices=", ".join(expected.items))
    if expected.longest is not None:
        long = words.long_each if expected.kind is Kind.STRING_LIST else words.long
        return long.format(how=words.how[expected.kind], most=expected.longest)
    bounds = ((words.at_least, expected.minimum), (words.at_most, expected.maximum))
    limits = [word.format(bound=digits(bound)) for word, bound in bounds if bound is not None]
    return ", ".join([words.how[expected.kind], *limits])
