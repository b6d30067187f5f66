"""The names that an expression can use: fields, parameters and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sendable.language.types import Field, Kind, Type, Value


@dataclass(frozen=True, slots=True)
class ParameterDeclaration:
    """A parameter of the manifest with its value."""

    name: str
    type: Type
    value: Value
    description: str


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
