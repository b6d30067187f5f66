"""What one pack has otherwise than another, of all that decides and of what readers are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sendable.documents.elements import Array, Element, Map, Scalar, entries, get
from sendable.language.scope import PolicyList
from sendable.pack.reading import Reading


class What(StrEnum):
    """What sort of thing is otherwise."""

    REASON = "reason"
    LIST = "list"
    PARAMETER = "parameter"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Part:
    """What of a thing is otherwise, by its key, and what stands there; empty where nothing does."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise: new where only `after` is, gone where only `before` is.

    Both are what it says, by key. `more` and `less` are the entries that a list has got and lost.
    """

    what: What
    name: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What of it is otherwise, in the order of its keys."""
        before, after = self.before or {}, self.after or {}
        pairs = ((key, before.get(key, ""), after.get(key, "")) for key in {**before, **after})
        return tuple(Part(*one) for one in pairs if one[1] != one[2])


def differences(old: Reading, new: Reading) -> tuple[Difference, ...]:
    """Everything that `new` has otherwise than `old`: reasons, then lists, parameters and fields, each by name.

    Both are of packs that could be read.
    """
    reasons = ({draft.id: dict(_said(draft.body, "")) for draft in reading.drafts} for reading in (old, new))
    parameters = (
        {entry.name: dict(_said(entry.value, "")) for entry in entries(get(reading.manifest, "parameters"))}
        for reading in (old, new)
    )
    fields = ({path: {"type": repr(one.type)} for path, one in reading.scope.fields.items()} for reading in (old, new))
    return (
        *_unlike(What.REASON, *reasons),
        *_lists(old.scope.lists, new.scope.lists),
        *_unlike(What.PARAMETER, *parameters),
        *_unlike(What.FIELD, *fields),
    )


def _said(element: Element, key: str) -> Iterator[tuple[str, str]]:
    """All that a reason or a parameter says, however deep, as text by key; but for what describes it to its authors."""
    match element:
        case Map():
            for one in element.entries:
                if one.name != "description":
                    yield from _said(one.value, f"{key}.{one.name}" if key else one.name)
        case Array() if any(isinstance(item, Map) for item in element.items):
            for number, item in enumerate(element.items, 1):
                yield from _said(item, f"{key}.{number}")
        case Array():
            yield key, " / ".join(" ".join(item.text.split()) for item in element.items if isinstance(item, Scalar))
        case Scalar():
            yield key, " ".join(element.text.split())


def _unlike(
    what: What, old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Difference(what, name, old.get(name), new.get(name))


def _lists(old: Mapping[str, PolicyList], new: Mapping[str, PolicyList]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = (None if one is None else _entries(one) for one in (old.get(name), new.get(name)))
        if before != after:
            came, went = (after or set()) - (before or set()), (before or set()) - (after or set())
            yield Difference(
                What.LIST,
                name,
                None if before is None else {},
                None if after is None else {},
                tuple(sorted(came)),
                tuple(sorted(went)),
            )


def _entries(one: PolicyList) -> set[str]:
    """The entries of a list; of a map, each with what it stands for."""
    return {entry if one.values is None else f"{entry}: {one.values.get(entry)}" for entry in one.entries}
