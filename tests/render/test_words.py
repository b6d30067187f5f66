"""The words: every language says everything that another says, with the same placeholders, in its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from string import Formatter
from types import MappingProxyType
from typing import get_args, get_type_hints

import pytest

from sendable.render.words.english import WORDS as ENGLISH
from sendable.render.words.forms import Words
from sendable.render.words.languages import LANGUAGES, words_for

OTHERS = [tag for tag in LANGUAGES if tag != "en"]

SAME = frozenset({
    "audience_page.below",
    "audience_page.above",
    "grammar.minus",
})  # fmt: skip
"""What one language says just as another: signs, and words that they share."""


def texts(words: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text below `words` with its path."""
    if isinstance(words, str):
        yield name, words
    elif isinstance(words, Mapping):
        for key, text in words.items():
            yield from texts(text, f"{name}[{key.value if isinstance(key, Enum) else key}]")
    elif is_dataclass(words):
        for field in fields(words):
            yield from texts(getattr(words, field.name), f"{name}.{field.name}".removeprefix("."))
    else:
        raise TypeError(f"{name} is no text")


def slots(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def differences(one: Words, other: Words) -> list[str]:
    """What is wrong with `other`, where `one` is right."""
    mine, theirs = dict(texts(one)), dict(texts(other))
    return [
        *(f"{name} is missing" for name in mine if name not in theirs),
        *(f"{name} is too much" for name in theirs if name not in mine),
        *(f"{name} is empty" for name, text in theirs.items() if not text.strip()),
        *(
            f"{name} has {slots(theirs[name])}, not {slots(text)}"
            for name, text in mine.items()
            if name in theirs and slots(text) != slots(theirs[name])
        ),
        *(
            f"{name} is the same"
            for name, text in mine.items()
            if theirs.get(name) == text and name.partition("[")[0] not in SAME
        ),
    ]


@pytest.mark.parametrize("tag", OTHERS)
def test_every_language_says_all_that_english_says_in_its_own_words(tag: str) -> None:
    assert differences(ENGLISH, LANGUAGES[tag]) == []


def test_what_may_be_the_same_is_the_same_somewhere() -> None:
    names = {
        name.partition("[")[0]
        for tag in OTHERS
        for name, text in texts(LANGUAGES[tag])
        if dict(texts(ENGLISH)).get(name) == text
    }
    assert names == SAME


def test_a_text_that_is_missing_too_much_other_or_the_same_is_found() -> None:
    right = LANGUAGES["sv"]
    columns = right.reasons.columns
    for changed, told in (
        ({name: text for name, text in columns.items() if name != "floor"}, "reasons.columns[floor] is missing"),
        ({**columns, "weight": "vikt"}, "reasons.columns[weight] is too much"),
        ({**columns, "floor": " "}, "reasons.columns[floor] is empty"),
        ({**columns, "floor": "spärr {count}"}, "reasons.columns[floor] has ['count'], not []"),
        ({**columns, "floor": "floor"}, "reasons.columns[floor] is the same"),
    ):
        wrong = replace(right, reasons=replace(right.reasons, columns=MappingProxyType(changed)))
        assert differences(ENGLISH, wrong) == [told]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_there_is_a_word_for_each_value_of_an_enumeration(tag: str) -> None:
    checked = 0
    for group in fields(Words):
        words = getattr(LANGUAGES[tag], group.name)
        for name, hint in get_type_hints(type(words)).items() if is_dataclass(words) else ():
            key = next(iter(get_args(hint)), None)
            if isinstance(key, type) and issubclass(key, Enum):
                assert set(getattr(words, name)) == set(key), f"{group.name}.{name}"
                checked += 1
    assert checked > 5


def test_readers_of_other_languages_get_english() -> None:
    assert words_for("en-GB") is words_for("fi") is words_for("no tag") is ENGLISH
    assert words_for("sv_FI") is LANGUAGES["sv"]
