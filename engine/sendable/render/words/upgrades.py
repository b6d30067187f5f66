"""What an upgrade of a base changes, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sendable.diagnostics.wording import shown
from sendable.pack.differences import Difference, What
from sendable.render.words.forms import UpgradeWords
from sendable.render.words.languages import words_for

_MOST_ENTRIES: Final = 10
_LONGEST: Final = 200


def changes_in_words(found: Iterable[Difference], locale: str) -> Iterator[str]:
    """What is otherwise, a line for each thing and, indented below it, one for each part of it."""
    words = words_for(locale).upgrade
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
    return words_for(locale).upgrade.rest


def _some(names: tuple[str, ...], words: UpgradeWords) -> str:
    some = ", ".join(map(shown, names[:_MOST_ENTRIES]))
    left = len(names) - _MOST_ENTRIES
    return _put(words.others, some=some, count=str(left)) if left > 0 else some


def _text(text: str) -> str:
    return shown(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _put(text: str, **values: str) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", shown(value))
    return text
