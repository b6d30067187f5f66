"""The context at the boundary: a hostile document in, the typed values of the declared paths out, or all its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sendable.diagnostics.wording import printed
from sendable.language.types import Field, Value
from sendable.language.values import ValueRefusedError, described, in_utc, is_nothing, read_fact

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
        super().__init__(printed("\n".join(map(str, self.problems))))


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
                found = None if is_nothing(value) else read_fact(value, field.type)
            except ValueRefusedError as refused:
                problems.append(ContextProblem(field.path, str(refused)))
            except Exception as error:  # noqa: BLE001 - whatever a foreign Mapping, text or time zone comes up with
                problems.append(_unreadable(field.path, error))
            else:
                if found is not None:
                    facts[field.path] = found
                elif field.required:
                    problems.append(ContextProblem(field.path, "it is missing, and every context needs it"))
        self._collect_groups(context, facts, problems)

    def _collect_groups(self, context: Mapping[Any, object], facts: Facts, problems: list[ContextProblem]) -> None:
        for key, path, reader in self.groups:
            try:
                value = context.get(key)
                group = _NOTHING if is_nothing(value) else _object(value)
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

    def alike(self, path: str) -> tuple[str, ...]:
        """What an undeclared path may be meant to be: the fields, and the groups that stand as deep as it does."""
        return tuple(self._alike(path.count(".")))

    def _alike(self, depth: int) -> Iterable[str]:
        yield from (field.path for _, field in self.leaves)
        for _, path, reader in self.groups:
            if path.count(".") == depth:
                yield path
            yield from reader._alike(depth)  # noqa: SLF001 - its own kind


_NOTHING: Mapping[Any, object] = {}


def _object(value: object) -> Mapping[Any, object]:
    if isinstance(value, Mapping):
        return value
    raise ValueRefusedError(f"it must be an object, and it is {described(value)}")


def _unreadable(path: str, error: Exception) -> ContextProblem:
    return ContextProblem(path, f"it can't be read: whoever asks for it gets the error {type(error).__name__}")


def given_time(now: object) -> datetime:
    """The time that a caller gives besides a context, in UTC; raises ContextError for what is no aware datetime."""
    if type(now) is datetime and now.tzinfo is UTC:
        return now
    try:
        if is_nothing(now) or not isinstance(now, datetime):
            raise ValueRefusedError(f"it must be a datetime with a time zone, and it is {described(now)}")  # noqa: TRY301
        return in_utc(now)
    except ValueRefusedError as fault:
        raise ContextError([ContextProblem("now", str(fault))]) from None
    except Exception as error:
        raise ContextError([_unreadable("now", error)]) from error
