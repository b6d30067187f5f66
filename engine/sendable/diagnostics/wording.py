"""Words of users and of the system inside our own: shown so that they do no harm, and what was nearly meant."""

from __future__ import annotations

import difflib
import errno
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST_SHOWN = 300
"""How much of one parameter a diagnostic shows, in characters."""

_LONGEST_MISSED: Final = 100
"""Of words that near misses are looked for, in characters: nobody calls a thing anything longer."""


def shown(value: object) -> str:
    """`value` as a diagnostic shows it: shortened, and on one line without control characters."""
    text = str(value)
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def near_miss(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` was probably meant to be, or None when none is near."""
    if len(word) > _LONGEST_MISSED:  # difflib is quadratic in the length
        return None
    folded = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), sorted(folded), n=1, cutoff=0.7)
    return folded[found[0]] if found else None


@dataclass(frozen=True, slots=True)
class Near:
    """The candidate that `word` was probably meant to be, with `before` in front of it: looked for when it is told."""

    word: str
    candidates: Collection[str]
    before: str = ""

    @property
    def effort(self) -> int:
        """What looking takes at most, in comparisons of two characters."""
        return len(self.candidates) * min(len(self.word), _LONGEST_MISSED) ** 2

    def found(self) -> str | None:
        """The candidate, or None where none is near."""
        meant = near_miss(self.word, self.candidates)
        return None if meant is None else f"{self.before}{meant}"


_UNSHOWN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters (Cc) but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control (Unicode, PropList.txt): they turn what follows about
    "\ud800-\udfff]"  # lone surrogates: they can't be encoded
)


_JOINERS: Final = "[\u200c\u200d\ufe00-\ufe0f]"
UNSEEN: Final = re.compile(
    # Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), the Bidi_Control characters among them
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    f"\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]{_JOINERS}*"
    # joiners and variation selectors belong to emoji and to scripts that need them, and to no ASCII but keycaps
    f"|(?<![^\x00-\x9f\u2028\u2029\ufffe\uffff]){_JOINERS}+(?!\u20e3)"
)
"""Characters that show nothing by themselves, or turn what follows about."""

UNSHOWN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
"""A character that no reader is shown: a control character but for tab and line feed, or an override of direction."""


def character(char: str) -> str:
    """What a character is called: `U+202E (RIGHT-TO-LEFT OVERRIDE)`."""
    code = ord(char)
    name = unicodedata.name(char, "a control character" if code < 0xD800 else "no character at all")
    return f"U+{code:04X} ({name})"


def visible(value: str) -> str:
    """`value` with another character for those that show nothing, or change how others are shown."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", value)


def lacking(keys: Sequence[str]) -> dict[str, str]:
    """The parameters that tell of missing keys, however many."""
    names = ", ".join(f"`{key}`" for key in keys)
    if len(keys) == 1:
        return {"missing": f"key {names} is", "them": f"`{keys[0]}:`"}
    return {"missing": f"keys {names} are", "them": "them"}


def refused(error: OSError | ValueError, missing: str = "there is no such file") -> str:
    """Why a file can't be read or written, in plain words; `missing` says what is not there."""
    match getattr(error, "errno", None):
        case errno.ENOENT:
            return missing
        case errno.EISDIR:
            return "it is a directory"
        case errno.EACCES | errno.EPERM:
            return "permission is denied"
        case errno.ENOTDIR:
            return "a part of its path is not a directory"
        case errno.ELOOP:
            return "its symbolic links lead in a circle"
        case errno.ENAMETOOLONG:
            return "its name is too long"
        case None:
            return "its name can't be the name of a file"
        case _:
            return (getattr(error, "strerror", None) or str(error)).lower()
