"""Values from outside as values of the language, or what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from sendable.diagnostics.wording import digits, shown
from sendable.language.identifiers import spelled, spelled_items
from sendable.language.timestamps import parse_timestamp, write_timestamp
from sendable.language.types import LARGEST_NUMBER, Kind, Spelling, Type, Value


class ValueRefusedError(ValueError):
    """What is wrong with one value."""


def is_nothing(value: object) -> bool:
    """Whether `value` is a word for the lack of one: None, and the NaT and NA of pandas, which need not be there."""
    kind = type(value)
    return value is None or (kind.__name__ in ("NaTType", "NAType") and kind.__module__.startswith("pandas."))


def read_fact(value: object, expected: Type) -> Value | None:
    """`read_value` of a field; None for a text that, as the field is spelled, is no value."""
    found = read_value(value, expected)
    return None if found == "" and expected.spelling is not Spelling.AS_GIVEN else found


def read_value(value: object, expected: Type) -> Value:
    """`value` as a value of the language of type `expected`, its texts spelled as they are in fields of the type.

    What comes out is of the very types of the language: not of a subclass, which may do as it likes. Raises
    ValueRefusedError with what is wrong with it.
    """
    match expected.kind:
        case Kind.BOOLEAN:
            if isinstance(value, bool) or _is_numpy_boolean(value):
                return bool(value)
            raise ValueRefusedError(f"it must be true or false, and it is {described(value)}")
        case Kind.INTEGER | Kind.NUMBER:
            return _read_number(value, expected)
        case Kind.STRING:
            if not isinstance(value, str):
                raise ValueRefusedError(f"it must be a text, and it is {described(value)}")
            text = str.__str__(value)
            if expected.enum is not None and text not in expected.enum:
                raise ValueRefusedError(f"it must be one of {', '.join(expected.enum)}, and it is {described(text)}")
            return _short_enough(spelled(text, expected.spelling) or "", expected, "it")
        case Kind.TIMESTAMP:
            return _read_timestamp(value)
        case Kind.STRING_LIST:
            return _among(spelled_items(_read_texts(value), expected.spelling), expected)


def _short_enough(text: str, expected: Type, what: str) -> str:
    if expected.longest is not None and len(text) > expected.longest:
        raise ValueRefusedError(f"{what} must have at most {expected.longest} characters, and has {len(text)}")
    return text


def _among(items: tuple[str, ...], expected: Type) -> tuple[str, ...]:
    for place, item in enumerate(items, 1):
        if expected.items is not None and item not in expected.items:
            raise ValueRefusedError(
                f"its items must be among {', '.join(expected.items)}, and item {place} is {described(item)}"
            )
        _short_enough(item, expected, f"item {place}")
    return items


def _is_numpy_boolean(value: object) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")


def _read_texts(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise ValueRefusedError(f"it must be a list of texts, and it is {described(value)}")
    texts: list[str] = []
    for item in value:
        if not isinstance(item, str):
            place = len(texts) + 1
            raise ValueRefusedError(f"it must be a list of texts, and item {place} is {described(item)}")
        texts.append(str.__str__(item))
    return texts


def _read_number(given: object, expected: Type) -> int | float:
    wanted = "a whole number" if expected.kind is Kind.INTEGER else "a number"
    value: int | float
    match given:
        case bool():
            raise ValueRefusedError(f"it must be {wanted}, and it is {described(given)}")
        case Integral():
            value = int(given)
        case float() | Real() | Decimal():
            value = float(given)
        case _:
            raise ValueRefusedError(f"it must be {wanted}, and it is {described(given)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueRefusedError(f"it must be {wanted}, and it is not finite")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ValueRefusedError("it must be a number within ±2^53, and it is beyond")
    if expected.kind is Kind.INTEGER and isinstance(value, float):
        if not value.is_integer():
            raise ValueRefusedError(f"it must be a whole number, and it is {described(value)}")
        value = int(value)  # JSON Schema counts 3.0 as an integer
    if expected.minimum is not None and value < expected.minimum:
        raise ValueRefusedError(f"it must be at least {digits(expected.minimum)}, and it is {described(value)}")
    if expected.maximum is not None and value > expected.maximum:
        raise ValueRefusedError(f"it must be at most {digits(expected.maximum)}, and it is {described(value)}")
    return value


def _read_timestamp(value: object) -> datetime:
    if isinstance(value, datetime):
        return in_utc(value)
    if not isinstance(value, str):
        raise ValueRefusedError(f"it must be a timestamp, and it is {described(value)}")
    try:
        return parse_timestamp(str.__str__(value))
    except ValueError as error:
        raise ValueRefusedError(f"{error}: {described(value)}") from None


def in_utc(value: datetime) -> datetime:
    """The same time as a plain datetime, whatever subclass it is of and whatever its time zone."""
    offset = value.utcoffset()
    if offset is None:
        raise ValueRefusedError("it has no offset from UTC; give the datetime a time zone")
    wall = datetime(
        value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, tzinfo=UTC
    )
    try:
        return wall - timedelta(offset.days, offset.seconds, offset.microseconds)
    except OverflowError:
        raise ValueRefusedError("it is outside the years 1 to 9999") from None


def described(value: object) -> str:
    """What `value` is, for a person who wrote it: its kind and, shortened, itself."""
    match value:
        case _ if is_nothing(value):
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int():
            # Python refuses to write integers of more than 4,300 digits.
            return f"the number `{value}`" if abs(value) <= LARGEST_NUMBER else "a number beyond ±2^53"
        case float():
            return f"the number `{digits(value)}`"
        case str():
            return f"the text `{shown(value[:61])[:60]}{'…' if len(value) > 60 else ''}`"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case datetime():
            return "a timestamp"
        case _:
            return f"a value of the type {type(value).__name__}"


def plain_value(value: Value | None) -> Any:  # noqa: ANN401 - whatever JSON has
    """A value of the language as a document of plain data has it; None is the lack of one."""
    match value:
        case datetime():
            return write_timestamp(value)
        case tuple():
            return list(value)
        case _:
            return value
