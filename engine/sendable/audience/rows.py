"""Rows in Python: what is asked of the reference, for the values that columns hold."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from sendable.audience.engines.operations import Derived, Part, TextTest
from sendable.decide.facts import Facts
from sendable.language import addresses
from sendable.language.identifiers import spelled, spelled_items
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.timestamps import in_utc, parse_timestamp
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling, Type, Value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: Value) -> int:
    """A timestamp as columns hold it: microseconds since 1970."""
    if not isinstance(moment, datetime):
        raise TypeError("no timestamp")
    return (moment - _EPOCH) // _MICROSECOND


def timestamp(value: int) -> datetime:
    """The opposite of `microseconds`."""
    return _EPOCH + value * _MICROSECOND


@dataclass(frozen=True, slots=True)
class ParsedTimestamp:
    """The timestamp that a text names as microseconds since 1970, None where it names none. Picklable."""

    zone: tzinfo | None
    """That of times without an offset."""

    def __call__(self, text: str | None) -> int | None:
        """The timestamp."""
        try:
            return None if text is None else microseconds(parse_timestamp(text, self.zone))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ClockTime:
    """The timestamp at which clocks of a zone show a time, both as microseconds since 1970. Picklable.

    None where they show it twice or never.
    """

    zone: tzinfo

    def __call__(self, value: int | None) -> int | None:
        """The timestamp."""
        try:
            return None if value is None else microseconds(in_utc(timestamp(value).replace(tzinfo=self.zone)))
        except (ValueError, OverflowError):
            return None


class RowFacts:
    """The facts of a row, of what is the same for all and the values of `fields`. Picklable."""

    def __init__(self, common: Facts, fields: Sequence[Field]) -> None:
        self._common = common
        self._fields = tuple(fields)

    def __call__(self, values: Iterable[Any]) -> Facts:
        """The facts with the values of the fields, as columns hold them: a timestamp is an integer, null is None."""
        facts = dict(self._common)
        for declared, value in zip(self._fields, values, strict=True):
            if isinstance(value, list):
                facts[declared.path] = tuple(value)
            elif declared.type.kind is Kind.TIMESTAMP and isinstance(value, int):
                facts[declared.path] = timestamp(value)
            elif value is not None:
                facts[declared.path] = value
        return facts


class PerSpelling:
    """What a field of a spelling makes of a text, or of a list of texts. Picklable."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling

    def __call__(self, value: Any) -> Derived:  # noqa: ANN401 - a text or a list of texts
        """It as the field holds it; None where that is no value."""
        if isinstance(value, str):
            return spelled(value, self._spelling)
        if value is None or None in value:
            return None  # the row is invalid
        return list(spelled_items(value, self._spelling))


class PerItem:
    """Whether a list of texts has only items that a field of the type can have, as they are spelled. Picklable."""

    def __init__(self, expected: Type) -> None:
        self._items = expected.items
        self._longest = LARGEST_NUMBER if expected.longest is None else expected.longest

    def __call__(self, value: Any) -> Derived:  # noqa: ANN401 - a list of texts
        """The answer; None where there is no list, or one with nothing in the place of an item."""
        if value is None or None in value:
            return None
        return all(len(item) <= self._longest and (self._items is None or item in self._items) for item in value)


_PARTS: Final = {
    Part.WHOLE: addresses.fold,
    Part.DOMAIN: addresses.domain,
    Part.LOCAL_PART: addresses.local_part,
}


class PerText:
    """The answer to a test of a text, which is not null. Picklable."""

    def __init__(self, test: TextTest) -> None:
        self._test = test

    def __call__(self, text: str) -> bool:
        """The answer."""
        if self._test.part is None:
            return addresses.valid_address(text)
        part = _PARTS[self._test.part](text)
        among = self._test.among
        return any(one in among for one in addresses.parents(part)) if self._test.parents else part in among


class PerDigest:
    """Whether the digest of a text is among some; None where the text is null. Picklable."""

    def __init__(self, among: frozenset[str]) -> None:
        self._among = among

    def __call__(self, text: str | None) -> bool | None:
        """The answer."""
        return None if text is None else addresses.digest(text) in self._among


class PerBase:
    """Whether the base of an address is among entries of a list; None where the address is null. Picklable."""

    def __init__(self, among: frozenset[str]) -> None:
        self._among = among

    def __call__(self, address: str | None) -> bool | None:
        """The answer."""
        return None if address is None else addresses.base_address(address) in self._among


class PerRow:
    """A node's truth for the values of its paths, by the reference interpreter. Picklable."""

    def __init__(self, prepared: ast.expr, facts: RowFacts) -> None:
        self._prepared = prepared
        self._facts = facts

    def __call__(self, *values: Any) -> Derived:  # noqa: ANN401 - values of any type of the language
        """The truth, None where it is unknown; a value that is None is a path without data."""
        if any(isinstance(value, list) and None in value for value in values):
            return None  # the row is invalid
        return self._told(Interpreter.evaluate(self._prepared, self._facts(values)))

    @staticmethod
    def _told(result: Value | Unknown) -> Derived:
        return result if isinstance(result, bool) else None


class PerMoment(PerRow):
    """The same for a point in time, as columns hold it."""

    @staticmethod
    def _told(result: Value | Unknown) -> Derived:
        return microseconds(result) if isinstance(result, datetime) else None


class PerNumber(PerRow):
    """The same for a whole number."""

    @staticmethod
    def _told(result: Value | Unknown) -> Derived:
        return result if isinstance(result, int) else None


class PerLack(PerRow):
    """The same for whether there is no value."""

    @staticmethod
    def _told(result: Value | Unknown) -> Derived:
        return isinstance(result, Unknown)
