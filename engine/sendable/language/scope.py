"""The names that an expression can use: fields, parameters and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sendable.diagnostics.places import Embedded, Span
from sendable.language.nodes import Node
from sendable.language.types import Field, Kind, Type, Value


@dataclass(frozen=True, slots=True)
class ParameterCase:
    """A value that a parameter has where a condition is definitely true."""

    value: Value
    when: Node
    condition: Node
    """`when`, and that `now` is in the period: from `start` on, and before `end`, where these are given."""
    source: Embedded = field(repr=False, compare=False)
    """Where `when` stands."""
    places: Mapping[str, Span] = field(repr=False, compare=False, hash=False)
    """Where the value of each of its keys stands."""
    start: datetime | None = None
    end: datetime | None = None
    owner: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterDeclaration:
    """A parameter of the manifest: the value of the first of its `cases` that holds, else `value`.

    A case whose condition is unknown does not hold, so that a parameter is never unknown itself.
    """

    name: str
    type: Type
    value: Value
    description: str
    cases: tuple[ParameterCase, ...] = ()

    @property
    def values(self) -> tuple[Value, ...]:
        """All that it can come to, each once and its own value first."""
        return tuple(dict.fromkeys((self.value, *(case.value for case in self.cases))))


@dataclass(frozen=True, slots=True)
class PolicyList:
    """A named list, or a map where `values` is not None. Keys are folded by `addresses.fold`."""

    name: str
    description: str
    entries: frozenset[str]
    values: Mapping[str, str | float] | None = None
    phrases: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What its entries are called together, by locale, such as “the role accounts”."""
    kind: Kind = Kind.STRING
    """What sort of values a map has: all are texts, or all are numbers."""
    hashed: bool = False
    """Whether the entries are digests of what is looked up: see `addresses.digest`."""
    from_files: bool = False
    """Whether entries come from files of data, which are others' and change without the pack."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression can use.

    `lost` are those whose declarations could not be read, which is reported where they stand: `params.name` for one,
    `params`, `lists` or `context` where any name of the group may be among them.
    """

    fields: Mapping[str, Field]
    parameters: Mapping[str, ParameterDeclaration]
    lists: Mapping[str, PolicyList]
    lost: frozenset[str] = frozenset()

    def may_be_declared(self, name: str) -> bool:
        """Whether `name`, which is not in scope, would be if all declarations could be read."""
        group = name.partition(".")[0]
        return name in self.lost or (group if group in ("params", "lists") else "context") in self.lost
