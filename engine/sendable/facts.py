"""The context at the boundary: a hostile document in, the typed values of the declared paths out, or all its faults."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sendable.diagnostics import shown
from sendable.timestamps import parse_timestamp
from sendable.types import LARGEST_NUMBER, Field, Kind, Type, Value

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

        Raises ContextError naming every declared path whose value is of a wrong type or not allowed, and every required
        path without data. Undeclared keys are not looked at. The context is only read, by key.
        """
        facts: Facts = {}
        problems: list[ContextProblem] = []
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
            value = context.get(key)
            if value is None:
                if field.required:
                    problems.append(ContextProblem(field.path, "it is missing, and every context needs it"))
                continue
            try:
                facts[field.path] = read_value(value, field.type)
            except ValueRefusedError as fault:
                problems.append(ContextProblem(field.path, str(fault)))
        for key, path, reader in self.groups:
            value = context.get(key)
            if value is None:
                value = _NOTHING
            if isinstance(value, Mapping):
                reader.collect(value, facts, problems)
            else:
                problems.append(ContextProblem(path, f"it must be an object, and it is {described(value)}"))

    def undeclared(self, context: Mapping[Any, object], prefix: str = "") -> Iterable[str]:
        """The paths of `context` that are not declared, outermost only."""
        leaves = {key for key, _ in self.leaves}
        groups = {key: reader for key, _, reader in self.groups}
        for key, value in context.items():
            if not isinstance(key, str) or (key not in leaves and key not in groups):
                yield f"{prefix}{key}"
            elif key in groups and isinstance(value, Mapping):
                yield from groups[key].undeclared(value, f"{prefix}{key}.")


_NOTHING: Mapping[Any, object] = {}


def read_value(value: object, expected: Type) -> Value:
    """`value` as a value of the language of type `expected`; raises ValueRefusedError with what is wrong with it."""
    match expected.kind:
        case Kind.BOOLEAN:
            if isinstance(value, bool):
                return value
            raise ValueRefusedError(f"it must be true or false, and it is {described(value)}")
        case Kind.INTEGER | Kind.NUMBER:
            return _read_number(value, expected)
        case Kind.STRING:
            if not isinstance(value, str):
                raise ValueRefusedError(f"it must be a text, and it is {described(value)}")
            if expected.enum is not None and value not in expected.enum:
                raise ValueRefusedError(f"it must be one of {', '.join(expected.enum)}, and it is {described(value)}")
            return value
        case Kind.TIMESTAMP:
            return _read_timestamp(value)
        case Kind.STRING_LIST:
            if not isinstance(value, list | tuple):
                raise ValueRefusedError(f"it must be a list of texts, and it is {described(value)}")
            for index, item in enumerate(value):
                if not isinstance(item, str):
                    raise ValueRefusedError(f"it must be a list of texts, and item {index + 1} is {described(item)}")
            return tuple(value)


def _read_number(value: object, expected: Type) -> int | float:
    wanted = "a whole number" if expected.kind is Kind.INTEGER else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueRefusedError(f"it must be {wanted}, and it is {described(value)}")
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
        if value.utcoffset() is None:
            raise ValueRefusedError("it has no offset from UTC; give the datetime a time zone")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise ValueRefusedError("it is outside the years 1 to 9999") from None
    if not isinstance(value, str):
        raise ValueRefusedError(f"it must be a timestamp, and it is {described(value)}")
    try:
        return parse_timestamp(value)
    except ValueError as error:
        raise ValueRefusedError(f"{error}: {described(value)}") from None


def described(value: object) -> str:
    """What `value` is, for a person who wrote it: its kind and, shortened, itself."""
    match value:
        case None:
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
