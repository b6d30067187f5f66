"""The words: every language says everything that another says, with the same placeholders, in its own words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import get_args, get_type_hints

import pytest

from sendable import render
from sendable.render.words.english import WORDS as ENGLISH
from sendable.render.words.forms import State, Words
from sendable.render.words.languages import LANGUAGES, words_for
from sendable.testing.coverage import Subject
from sendable.testing.mutants import Change

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
    elif isinstance(words, tuple):
        for number, text in enumerate(words):
            yield from texts(text, f"{name}[{number}]")
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


def test_every_kind_of_change_and_of_outcome_has_words() -> None:
    assert set(ENGLISH.tests.kinds) == set(Change)
    assert set(ENGLISH.tests.subjects) == set(Subject)


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


NAMED = {
    "explanation.if_it_is_so": State.UNKNOWN,
    "explanation.is_unknown": State.UNKNOWN,
    "explanation_page.sendable": State.SENDABLE,
    "explanation_page.suppressed": State.SUPPRESSED,
    "explanation_page.undetermined": State.UNDETERMINED,
    "explanation_page.not_reached": State.SENDABLE,
    "explanation_page.undetermined_decides": State.UNDETERMINED,
    "explanation_page.undetermined_too": State.UNDETERMINED,
    "explanation_page.unknown_passes": State.UNKNOWN,
    "explanation_page.monitored": State.MONITORED,
    "explanation_page.monitored_undetermined": State.MONITORED,
    "reasons.if_unknown": State.UNDETERMINED,
    "summary.suppressed_by": State.SUPPRESSED,
    "summary.lacking": State.UNDETERMINED,
    "summary.invalid_in": State.INVALID,
    "tests.as_monitored": State.MONITORED,
    "tests.subjects[undetermined]": State.UNDETERMINED,
    "audience_page.heading": State.SENDABLE,
    "audience_page.missing_note": State.UNDETERMINED,
    "audience_page.invalid_note": State.INVALID,
    "audience_page.sendable_then": State.SENDABLE,
}
"""The texts that speak of a state. What is nothing but its name is not among them: it is taken from the one place."""


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("name", NAMED)
def test_a_state_has_one_name(name: str, tag: str) -> None:
    words = LANGUAGES[tag]
    text = dict(texts(words))[name].casefold()
    assert all(part in text for part in words.states[NAMED[name]].split())


def test_the_english_names_of_the_states_are_the_keys_of_json() -> None:
    assert all(name.split()[-1] == state for state, name in ENGLISH.states.items())


WRITERS = [
    path
    for folder in ("terminal", "pages")
    for path in sorted((Path(render.__file__).parent / folder).glob("*.py"))
    if path.name not in ("diagnostics.py", "code.py")  # which are in English for whoever writes packs and programs
]


LIKE_WORDS = re.compile("^[^<=]*[a-z]{2} [a-z]{2}[^<=]*$")
"""Two words beside one another, and no markup."""
LOOKS = {"number right", "name center", "card reason ", "heat heat-", "heat heat-0"}


def phrases(tree: ast.AST) -> Iterator[str]:
    """What looks like words of a language in the functions of a module, but for docstrings and what is raised."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise | ast.Assert):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.keyword) and node.arg in ("class_", "style", "content"):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and LIKE_WORDS.search(node.value):
            yield node.value
        yield from phrases(node)


def test_what_writes_has_no_words_of_its_own() -> None:
    found = {
        (path.name, phrase)
        for path in WRITERS
        for part in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
        for phrase in phrases(part)
    }
    assert {phrase for _, phrase in found} - LOOKS == set(), found


def test_a_phrase_in_what_writes_is_found() -> None:
    tree = ast.parse("def f(x):\n    'A docstring of it.'\n    return f'{x} is not for'")
    assert list(phrases(tree)) == [" is not for"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_there_is_a_word_for_each_value_of_an_enumeration(tag: str) -> None:
    checked = 0
    of_language = LANGUAGES[tag]
    groups = {"words": of_language, **{one.name: getattr(of_language, one.name) for one in fields(Words)}}
    for group, words in groups.items():
        for name, hint in get_type_hints(type(words)).items() if is_dataclass(words) else ():
            key = next(iter(get_args(hint)), None)
            if isinstance(key, type) and issubclass(key, Enum):
                assert set(getattr(words, name)) == set(key), f"{group}.{name}"
                checked += 1
    assert checked > 5


def test_readers_of_other_languages_get_english() -> None:
    assert words_for("en-GB") is words_for("fi") is words_for("no tag") is ENGLISH
    assert words_for("sv_FI") is LANGUAGES["sv"]


def test_what_one_reason_would_gain_is_said_of_one_as_of_many() -> None:
    told = {tag: words_for(tag).audience_page.gains_lead.partition("{title}. ")[2] for tag in ("en", "sv")}
    assert told["en"].format(gain=1, then="51%", now="50%") == "1 more could get the email, 51% of all instead of 50%."
    assert told["sv"].format(gain=1, then="51 %", now="50 %").startswith("Ytterligare 1 skulle kunna få mejlet, 51 %")
