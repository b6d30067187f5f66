"""What is asked of a frame: the email, and how the columns are read; and how what is wrong with that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypedDict


class FrameOptions(TypedDict, total=False):
    """How columns are read: arguments of `Policy.decide_frame`, which tells of them, and of whatever else is asked."""

    columns: Mapping[str, str | None] | None
    keys: str | Sequence[str] | None
    texts: bool
    ignore: Iterable[str]
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A frame, the email and the `FrameOptions`, each as it was given or as it is by default."""

    frame: object
    campaign: Mapping[str, Any]
    now: datetime | None = None
    columns: Mapping[str, str | None] | None = None
    keys: str | Sequence[str] | None = None
    texts: bool = False
    ignore: Iterable[str] = ()
    time_zone: str | None = None


class Option(Enum):
    """An option, where what is wrong speaks of it: in the words of the library. A command has words of its own."""

    COLUMNS = "`columns`"
    IGNORE = "`ignore`"
    IN_COLUMNS = "in `columns`"
    IN_IGNORE = "in `ignore`"
    AS_KEYS = "as `keys`"
    NO_FIELD = "None"
    """What a column is that is no field."""
    AS_TIME_ZONE = "as `time_zone`"


@dataclass(frozen=True, slots=True)
class TypeName:
    """What an engine calls the type of a column, which tells something to whoever uses the library, and nobody else."""

    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in a sentence: the pieces of it in their order."""

    pieces: tuple[str | Option | TypeName, ...]

    def told(self, words: Mapping[Option, str]) -> str:
        """The sentence for people who use a command, with these words for the options."""
        return "".join(
            words[one] if isinstance(one, Option) else one for one in self.pieces if not isinstance(one, TypeName)
        )

    def __str__(self) -> str:
        return "".join(
            one if isinstance(one, str) else f" ({one.text})" if isinstance(one, TypeName) else one.value
            for one in self.pieces
        )


def problem(*pieces: str | Option | TypeName) -> Problem:
    """What is wrong, of its pieces."""
    return Problem(pieces)
