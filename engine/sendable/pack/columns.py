"""What columns of files are called: which are a field by another name, and which tell what must not be passed over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a new word begins in `hasOptedOut` and `HTMLMail`."""
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 6
"""Of the longest run of a name's words that is looked at."""
_LONGEST = 300
"""Characters of a name that are looked at: nobody calls a column anything longer."""


def words(name: str) -> list[str]:
    """The words of a name, in lower case and without accents: `Opt-out date` and `optOutDate` have the same three."""
    parts = unicodedata.normalize("NFKD", name[:_LONGEST])
    plain = "".join(char for char in parts if not unicodedata.combining(char))
    return _WORD.findall(_BORDER.sub(" ", plain).casefold())


def folded(name: str) -> str:
    """The form in which names are compared: its words without anything between them."""
    return "".join(words(name))


@dataclass(frozen=True)
class ColumnNames:
    """What a pack says of the names of columns."""

    fields: Mapping[str, str]
    """The path that a column is, by its folded name."""
    telling: Mapping[str, tuple[str, ...]]
    """Words by which a column tells something, by what that is; with a * at an end for whatever goes on there."""
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Likewise words that tell it where they are the whole name."""
    harmless: tuple[str, ...] = ()
    """Words in which those tell nothing."""

    def joined(self, other: ColumnNames) -> ColumnNames:
        """What both say: of a name that both have, what the other says."""
        telling, alone = (
            {kind: (*one.get(kind, ()), *more.get(kind, ())) for kind in (*one, *more)}
            for one, more in ((self.telling, other.telling), (self.alone, other.alone))
        )
        return ColumnNames({**self.fields, **other.fields}, telling, alone, (*self.harmless, *other.harmless))

    def path(self, name: str) -> str | None:
        """The path of the field that a column of this name is, though the field is called otherwise."""
        return self.fields.get(folded(name))

    def tells_of(self, name: str) -> str | None:
        """What a column of this name tells of, such as `opt-outs`; None where it tells nothing that matters."""
        found = words(name)
        passed = {place for start, end in _runs(found, self._harmless) for place in range(start, end)}
        left = ["" if place in passed else word for place, word in enumerate(found)]
        told = (kind for kind, pattern in self._telling.items() if next(_runs(left, pattern), None))
        whole = folded(name.rpartition(".")[2])
        return next(told, None) or next((kind for kind, one in self._alone.items() if one.fullmatch(whole)), None)

    @cached_property
    def _harmless(self) -> re.Pattern[str]:
        return _pattern(self.harmless)

    @cached_property
    def _telling(self) -> dict[str, re.Pattern[str]]:
        return _patterns(self.telling)

    @cached_property
    def _alone(self) -> dict[str, re.Pattern[str]]:
        return _patterns(self.alone)


def _runs(found: Sequence[str], pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """From where to where words that stand one after the other match; none is empty."""
    for start in range(len(found)):
        for end in range(start + 1, min(start + _MOST_WORDS, len(found)) + 1):
            if not found[end - 1]:
                break
            if pattern.fullmatch("".join(found[start:end])):
                yield start, end


def _patterns(by_kind: Mapping[str, Iterable[str]]) -> dict[str, re.Pattern[str]]:
    return {kind.replace("_", "-"): _pattern(some) for kind, some in by_kind.items()}


def _pattern(some: Iterable[str]) -> re.Pattern[str]:
    """Matches what is any of the words, put together."""
    alternatives = (
        ".*" * one.startswith("*") + re.escape(folded(one)) + ".*" * (len(one) > 1 and one.endswith("*"))
        for one in some
    )
    return re.compile("|".join(alternatives) or r"(?!)")
