"""The languages there are words in, and the one for a reader's locale; readers of other locales get English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sendable.pack import locales
from sendable.render.words import english, swedish
from sendable.render.words.forms import Words

LANGUAGES: Final[Mapping[str, Words]] = MappingProxyType(
    {words.language: words for words in (english.WORDS, swedish.WORDS)}
)


def words_for(locale: str) -> Words:
    """The words for readers of `locale`, a BCP 47 tag: a pack's locale, or one that somebody asked for."""
    tag = locales.canonical(locale) or ""
    return LANGUAGES.get(tag.partition("-")[0], english.WORDS)
