"""The types of the policy language and the declaration of a context field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

CHANNEL: Final = "email.channel"
"""The path of the kind of email, which every context has."""
NOW: Final = "now"
"""The path of the time of the decision, which is filled in where a context has none."""


class Kind(StrEnum):
    """What sort of value an expression or a field has; the value is the word shown to people."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    TIMESTAMP = "timestamp"
    STRING_LIST = "list of strings"


DESCRIBED: Final[Mapping[Kind, str]] = {
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.STRING: "a text",
    Kind.TIMESTAMP: "a point in time",
    Kind.STRING_LIST: "a list of texts",
}
"""What a value of each kind is called in a diagnostic."""
PLURALS: Final[Mapping[Kind, str]] = {
    Kind.BOOLEAN: "a list of true and false",
    Kind.INTEGER: "a list of whole numbers",
    Kind.NUMBER: "a list of numbers",
    Kind.STRING: "a list of texts",
    Kind.TIMESTAMP: "a list of points in time",
    Kind.STRING_LIST: "a list of lists",
}
"""What a list of them is."""


class Spelling(StrEnum):
    """What is made of the texts of a field where a context is read."""

    AS_GIVEN = "as given"
    TRIMMED = "trimmed"
    """An id: what stands around it is no part of it, and an empty one is no value."""
    IDENTIFIER = "identifier"
    """What people type: case makes no difference besides. See `sendable.language.identifiers`."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its kind, the values allowed where they are counted, the bounds where it is a number.

    `spelling` is of texts and of the items of lists, and so is `longest`, the most characters that one has as it is
    spelled. `items` are what items of a list can be where that is counted.
    """

    kind: Kind
    enum: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    spelling: Spelling = Spelling.AS_GIVEN
    items: tuple[str, ...] | None = None
    longest: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether values of the type can be counted with."""
        return self.kind in (Kind.INTEGER, Kind.NUMBER)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number that a value of the type can be."""
        least = -LARGEST_NUMBER if self.minimum is None else self.minimum
        return least, LARGEST_NUMBER if self.maximum is None else self.maximum

    def __str__(self) -> str:
        return self.kind.value


Phrases: TypeAlias = dict[str, dict[str, str | dict[str, str]]]
"""How a field is spoken of: by locale, the phrase of each form; see `sendable.pack.phrases`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared path of the context document, such as `contact.email`."""

    path: str
    type: Type
    description: str = ""
    required: bool = False
    changed_by: str | None = None
    """Who or what can change the value; None where that depends on the reason that reads it."""
    phrases: Phrases = field(default_factory=dict, compare=False, repr=False)


Value: TypeAlias = bool | int | float | str | datetime | tuple[str, ...]
"""A value of the language at run time: timestamps are aware datetimes in UTC, lists are tuples of strings."""

LARGEST_NUMBER = 2**53
"""Numbers beyond ±2^53 are refused: up to there every backend counts alike (IEEE 754 doubles hold each integer)."""
