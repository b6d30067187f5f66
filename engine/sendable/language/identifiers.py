"""Identifiers that people type, such as the kind of an email: made alike where a context is read, and nowhere else.

`tests/cases/identifiers.yaml` has what they come to, which every backend is held to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from sendable.language.addresses import IGNORABLE
from sendable.language.types import Spelling

_IGNORED: Final[dict[int, None]] = dict.fromkeys(IGNORABLE)
_SPACES: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace() or unicodedata.category(one) == "Cc")
_AROUND: Final = _SPACES + "".join(map(chr, IGNORABLE))
PLAIN_SPACES: Final = "".join(character for character in _SPACES if character.isascii())
"""The white space of ASCII, and its control characters: what is padded to a fixed width may end with U+0000."""

_LONGEST_NORMALIZED: Final = 1024  # normalizing takes time quadratic in the length of a run of combining marks
_MOST_REMEMBERED: Final = 1024
_LONGEST_REMEMBERED: Final = 100


def trimmed(text: str) -> str:
    """`text` without the white space, and the characters that can't be seen, at either end."""
    return text.strip(PLAIN_SPACES if text.isascii() else _AROUND)


def folded(text: str) -> str:
    """`text` without what makes no difference inside an identifier: case, compatibility forms, invisible characters.

    It is Unicode's NFKC_Casefold (Unicode Standard, 3.13), by which identifiers are matched caselessly, and for ASCII
    lower case. Folding again changes nothing. Texts of more than 1024 characters are put in one case and no more.
    """
    if text.isascii():
        return text.lower()
    if len(text) > _LONGEST_NORMALIZED:
        return text.casefold()
    for _ in range(2):  # twice is what NFKC_Casefold is defined by; U+0345 and a few others need it
        text = unicodedata.normalize("NFKC", text.translate(_IGNORED).casefold())
    return text


def identifier(text: str) -> str:
    """The identifier that somebody meant by `text`; empty where it is none. Doing it again changes nothing."""
    return trimmed(folded(trimmed(text)))


_SPELLED: Final[dict[Spelling, Callable[[str], str]]] = {
    Spelling.TRIMMED: trimmed,
    Spelling.IDENTIFIER: identifier,
}


def spelled(text: str, spelling: Spelling) -> str | None:
    """`text` as a field of this spelling holds it; None where that is no value."""
    return text if spelling is Spelling.AS_GIVEN else _SPELLED[spelling](text) or None


def spelled_items(items: Iterable[str], spelling: Spelling) -> tuple[str, ...]:
    """The items of a list as a field of this spelling holds them, without those that are no value."""
    return tuple(one for item in items if (one := spelled(item, spelling)) is not None)


class Remembered(dict[str, "str | None"]):
    """What texts are spelled as, by the texts: looked up, and worked out where it is not in it yet.

    The same few identifiers come with contact after contact. It never holds many, nor long ones.
    """

    def __init__(self, spelling: Spelling) -> None:
        super().__init__()
        self._spelling = spelling

    def __missing__(self, text: str) -> str | None:
        found = spelled(text, self._spelling)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = found
        return found


IDENTIFIERS: Final = Remembered(Spelling.IDENTIFIER)
"""For code that decides one email after the other."""


def identifiers(items: Iterable[str]) -> tuple[str, ...]:
    """The items of a list of identifiers: `spelled_items`, remembered."""
    return tuple(filter(None, map(IDENTIFIERS.__getitem__, items)))
