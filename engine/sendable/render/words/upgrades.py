"""What an upgrade of a base changes, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sendable.diagnostics.wording import shown
from sendable.pack.differences import Difference, What
from sendable.render.words.languages import words_for

_MOST_ENTRIES: Final = 10
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class _Words:
    new: Mapping[What, str]
    gone: Mapping[What, str]
    other: Mapping[What, str]
    more: str
    less: str
    others: str
    nothing: str
    rest: str


_ENGLISH: Final = _Words(
    new=MappingProxyType(
        {
            What.REASON: "new reason {name}: {title}",
            What.LIST: "new list {name}",
            What.PARAMETER: "new parameter {name}: {value}",
            What.FIELD: "new field {name}",
        }
    ),
    gone=MappingProxyType(
        {
            What.REASON: "the reason {name} is gone: {title}",
            What.LIST: "the list {name} is gone",
            What.PARAMETER: "the parameter {name} is gone",
            What.FIELD: "the field {name} is gone",
        }
    ),
    other=MappingProxyType(
        {
            What.REASON: "the reason {name} is another: {title}",
            What.LIST: "the list {name} is another",
            What.PARAMETER: "the parameter {name} is another",
            What.FIELD: "the field {name} can have other values",
        }
    ),
    more="{count} more: {some}",
    less="{count} less: {some}",
    others="{some} and {count} others",
    nothing="nothing",
    rest="Tests, examples, descriptions or names of columns are others.",
)
_SWEDISH: Final = _Words(
    new=MappingProxyType(
        {
            What.REASON: "nytt skäl {name}: {title}",
            What.LIST: "ny lista {name}",
            What.PARAMETER: "ny parameter {name}: {value}",
            What.FIELD: "nytt fält {name}",
        }
    ),
    gone=MappingProxyType(
        {
            What.REASON: "skälet {name} finns inte längre: {title}",
            What.LIST: "listan {name} finns inte längre",
            What.PARAMETER: "parametern {name} finns inte längre",
            What.FIELD: "fältet {name} finns inte längre",
        }
    ),
    other=MappingProxyType(
        {
            What.REASON: "skälet {name} är ändrat: {title}",
            What.LIST: "listan {name} är ändrad",
            What.PARAMETER: "parametern {name} är ändrad",
            What.FIELD: "fältet {name} kan ha andra värden",
        }
    ),
    more="{count} till: {some}",
    less="{count} färre: {some}",
    others="{some} och {count} andra",
    nothing="inget",
    rest="Tester, exempel, beskrivningar eller namn på kolumner är ändrade.",
)
_BY_LANGUAGE: Final = MappingProxyType({"en": _ENGLISH, "sv": _SWEDISH})


def changes_in_words(found: Iterable[Difference], locale: str) -> Iterator[str]:
    """What is otherwise, a line for each thing and, indented below it, one for each part of it."""
    words = _BY_LANGUAGE[words_for(locale).language]
    for one in found:
        before, after = one.before, one.after
        said = after if after is not None else before or {}
        text = (words.new if before is None else words.gone if after is None else words.other)[one.what]
        title = said.get(f"title.{locale}") or next((said[key] for key in said if key.startswith("title.")), "")
        yield _put(text, name=one.name, title=title, value=said.get("value", ""))
        if one.what is What.LIST:
            for words_of, names in ((words.more, one.more), (words.less, one.less)):
                if names:
                    yield f"  {_put(words_of, count=str(len(names)), some=_some(names, words))}"
        elif before is not None and after is not None and one.what is not What.FIELD:
            for part in one.parts:
                yield f"  {part.key}: {_text(part.before) or words.nothing} → {_text(part.after) or words.nothing}"


def rest_in_words(locale: str) -> str:
    """That only what decides nothing is otherwise."""
    return _BY_LANGUAGE[words_for(locale).language].rest


def _some(names: tuple[str, ...], words: _Words) -> str:
    some = ", ".join(map(shown, names[:_MOST_ENTRIES]))
    left = len(names) - _MOST_ENTRIES
    return _put(words.others, some=some, count=str(left)) if left > 0 else some


def _text(text: str) -> str:
    return shown(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _put(text: str, **values: str) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", shown(value))
    return text
