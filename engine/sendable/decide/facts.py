"""The context at the boundary: a hostile document in, the typed values of the declared paths out, or all its faults."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeAlias

from sendable.diagnostics.codes import shown
from sendable.language.identifiers import spelled, spelled_items
from sendable.language.timestamps import parse_timestamp
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling, Type, Value

Facts: TypeAlias = dict[str, Value]
"""The values of the declared paths that have data. A path without data is not in it."""


@dataclass(frozen=True, slots=True)
class ContextProblem:
    """One fault of a context: the path it is at (empty for the document itself) and what is wrong there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ContextError(ValueError):
    """A context that can't be decided. `problems` has every fault in it, in the order of the declared paths."""

    def __init__(self, problems: Iterable[ContextProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ValueRefusedError(ValueError):
    """What is wrong with one value."""


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reads contexts by the declared fields. Build one for a pack and use it for every context."""

    leaves: tuple[tuple[str, Field], ...]
    groups: tuple[tuple[str, str, FactReader], ...]

    @classmethod
    def of(cls, fields: Iterable[Field], prefix: str = "") -> FactReader:
        """The reader of `fields`, whose paths all begin with `prefix`."""
        leaves: list[tuple[str, Field]] = []
        groups: dict[str, list[Field]] = {}
        for field in fields:
            key, dot, _ = field.path.removeprefix(prefix).partition(".")
            if dot:
                groups.setdefault(key, []).append(field)
            else:
                leaves.append((key, field))
        inner = ((key, prefix + key, cls.of(members, f"{prefix}{key}.")) for key, members in groups.items())
        return cls(tuple(leaves), tuple(inner))

    def read(self, context: object, now: datetime | None = None) -> Facts:
        """The facts of `context`, a Mapping; `now`, an aware datetime, is used where the context has none.

        Raises ContextError naming every declared path whose value is of a wrong type or not allowed, or can't be read,
        and every required path without data. Undeclared keys are not looked at. The context is only read, by key.
        """
        facts: Facts = {}
        problems: list[ContextProblem] = []
        now = None if now is None else given_time(now)
        if isinstance(context, Mapping):
            self.collect(context, facts, problems)
        else:
            problems.append(ContextProblem("", f"the context must be an object, and it is {described(context)}"))
        if problems:
            raise ContextError(problems)
        if "now" not in facts:
            facts["now"] = datetime.now(UTC) if now is None else now
        return facts

    def collect(self, context: Mapping[Any, object], facts: Facts, problems: list[ContextProblem]) -> None:
        """Adds the facts of `context` to `facts`, and what is wrong in it to `problems`."""
        for key, field in self.leaves:
            try:
                value = context.get(key)
                found = None if _is_nothing(value) else read_fact(value, field.type)
            except ValueRefusedError as refused:
                problems.append(ContextProblem(field.path, str(refused)))
            except Exception as error:  # noqa: BLE001 - whatever a foreign Mapping, text or time zone comes up with
                problems.append(_unreadable(field.path, error))
            else:
                if found is not None:
                    facts[field.path] = found
                elif field.required:
                    problems.append(ContextProblem(field.path, "it is missing, and every context needs it"))
        for key, path, reader in self.groups:
            try:
                value = context.get(key)
                group = _NOTHING if _is_nothing(value) else _object(value)
            except ValueRefusedError as refused:
                problems.append(ContextProblem(path, str(refused)))
            except Exception as error:  # noqa: BLE001 - as above
                problems.append(_unreadable(path, error))
            else:
                reader.collect(group, facts, problems)

    def undeclared(self, context: Mapping[Any, object], prefix: str = "") -> Iterable[str]:
        """The paths of `context` that are not declared, outermost only; ContextError where its keys can't be read."""
        leaves = {key for key, _ in self.leaves}
        groups = {key: reader for key, _, reader in self.groups}
        try:
            items = list(context.items())
        except Exception as error:
            raise ContextError([_unreadable(prefix.removesuffix("."), error)]) from error
        for key, value in items:
            if not isinstance(key, str) or (key not in leaves and key not in groups):
                yield f"{prefix}{key}"
            elif key in groups and isinstance(value, Mapping):
                yield from groups[key].undeclared(value, f"{prefix}{key}.")


_NOTHING: Mapping[Any, object] = {}


def _object(value: object) -> Mapping[Any, object]:
    if isinstance(value, Mapping):
        return value
    raise ValueRefusedError(f"it must be an object, and it is {described(value)}")


def _is_nothing(value: object) -> bool:
    """Whether `value` is a word for the lack of one: None, and the NaT and NA of pandas, which need not be there."""
    kind = type(value)
    return value is None or (kind.__name__ in ("NaTType", "NAType") and kind.__module__.startswith("pandas."))


def _unreadable(path: str, error: Exception) -> ContextProblem:
    return ContextProblem(path, f"it can't be read: whoever asks for it gets the error {type(error).__name__}")


def given_time(now: object) -> datetime:
    """The time that a caller gives besides a context, in UTC; raises ContextError for what is no aware datetime."""
    if type(now) is datetime and now.tzinfo is UTC:
        return now
    try:
        if _is_nothing(now) or not isinstance(now, datetime):
            raise ValueRefusedError(f"it must be a datetime with a time zone, and it is {described(now)}")  # noqa: TRY301
        return _in_utc(now)
    except ValueRefusedError as fault:
        raise ContextError([ContextProblem("now", str(fault))]) from None
    except Exception as error:
        raise ContextError([_unreadable("now", error)]) from error


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
            return spelled(text, expected.spelling) or ""
        case Kind.TIMESTAMP:
            return _read_timestamp(value)
        case Kind.STRING_LIST:
            if not isinstance(value, list | tuple):
                raise ValueRefusedError(f"it must be a list of texts, and it is {described(value)}")
            texts: list[str] = []
            for item in value:
                if not isinstance(item, str):
                    place = len(texts) + 1
                    raise ValueRefusedError(f"it must be a list of texts, and item {place} is {described(item)}")
                texts.append(str.__str__(item))
            return spelled_items(texts, expected.spelling)


def _is_numpy_boolean(value: object) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")


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
        raise ValueRefusedError(f"it must be at least {expected.minimum:g}, and it is {described(value)}")
    if expected.maximum is not None and value > expected.maximum:
        raise ValueRefusedError(f"it must be at most {expected.maximum:g}, and it is {described(value)}")
    return value


def _read_timestamp(value: object) -> datetime:
    if isinstance(value, datetime):
        return _in_utc(value)
    if not isinstance(value, str):
        raise ValueRefusedError(f"it must be a timestamp, and it is {described(value)}")
    try:
        return parse_timestamp(str.__str__(value))
    except ValueError as error:
        raise ValueRefusedError(f"{error}: {described(value)}") from None


def _in_utc(value: datetime) -> datetime:
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
        case _ if _is_nothing(value):
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int():
            # Python refuses to write integers of more than 4,300 digits.
            return f"the number `{value}`" if abs(value) <= LARGEST_NUMBER else "a number beyond ±2^53"
        case float():
            return f"the number `{value:g}`"
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
