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

_LONGEST_LINE: Final = 4_000
"""Of what is wrong, in characters."""

_WRITTEN_OUT: Final = 1e16
"""Beyond it numbers are written with a power of ten."""


def shown(value: object) -> str:
    """`value` as a diagnostic shows it: shortened, and on one line without control characters."""
    text = str(value)
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def digits(value: float) -> str:
    """A number as people write it: a whole one without a decimal point, and none that is rounded."""
    return str(int(value)) if abs(value) < _WRITTEN_OUT and value == int(value) else repr(float(value))


def near_miss(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` was probably meant to be, or None when none is near."""
    if len(word) > _LONGEST_MISSED:  # difflib is quadratic in the length
        return None
    folded = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), sorted(folded), n=1, cutoff=0.7)
    return folded[found[0]] if found else None


def is_slip(word: str, meant: str) -> bool:
    """Whether `word` is `meant` but for capitals, what stands between words, and one letter or two that changed places.

    What is nearly the same may be the contrary, such as `unknown` and `known`, and another number is another name.
    """
    left, right = (_BETWEEN.sub("", text.casefold()) for text in (word, meant))
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    one = len(left) < 2 and len(right) < 2
    return (one or (len(left) == 2 and left == right[::-1])) and not any(map(str.isdigit, left + right))


_BETWEEN: Final = re.compile(r"[\s_.-]")


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

    def is_sure(self, found: str | None) -> bool:
        """Whether a candidate that was found can stand for the word without anybody being asked."""
        return found is not None and is_slip(self.word, found.removeprefix(self.before))


_ACTING: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters (Cc) but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control (Unicode, PropList.txt): they turn what follows about
    "\ud800-\udfff]"  # lone surrogates: they can't be encoded
)
_ACTS: Final = re.compile(_ACTING)
_UNPAINTED: Final = re.compile(rf"(\x1b\[[0-9;]*m)|{_ACTING}")
# GitHub's runner takes a line for a command that begins with two colons, blanks before them or not, and `##[` anywhere.
_COMMAND: Final = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\[)", re.MULTILINE)
_IN_JSON: Final = re.compile(rf"{_ACTING}|#(?=#\[)")


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


# What is printed, written or logged: one function for each kind of output.
#
# INVARIANT: no text of a pack, a context, a list or a file's name acts on whoever shows it. Every format of a command
# goes through one of these functions, and so does what is said besides.


def visible(value: str) -> str:
    """`value` with another character for those that show nothing, or change how others are shown."""
    return _ACTS.sub("\N{REPLACEMENT CHARACTER}", value)


def printed(text: str, *, painted: bool = False) -> str:
    """Lines of text as they may stand on a screen and in the log of a build: nothing in them is a command to either.

    With `painted` the colours stay that a terminal is told of.
    """
    instead = "\N{REPLACEMENT CHARACTER}"
    clean = _UNPAINTED.sub(lambda found: found[1] or instead, text) if painted else visible(text)
    return _COMMAND.sub(lambda found: f"{found[1] or ''}{instead}", clean)


def shortened(text: str) -> str:
    """Lines of what is wrong, without the middle of those that nobody reads: what was given may be of any length."""
    half, end = _LONGEST_LINE // 2, _LONGEST_LINE // 4
    lines = text.split("\n")
    return "\n".join(one if len(one) <= _LONGEST_LINE else f"{one[:half]} … {one[-end:]}" for one in lines)


def in_markup(text: str) -> str:
    """HTML or XML as it may be written: the same, with a reference in the place of what begins a command."""
    return _COMMAND.sub(lambda found: f"{found[1] or ''}&#{ord(found[0][-1])};", visible(text))


def in_json(text: str) -> str:
    """JSON with an escape in the place of what acts on whoever shows it: what it says is the same."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


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
