"""Keys that stand a level too far left or right, put where they belong: each is one mistake, and looks like several.

Only a document that departs from its schema is looked at, and only a key that has no meaning where it stands is moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, assert_never

from sendable.diagnostics import codes
from sendable.diagnostics.record import Collector
from sendable.documents.elements import Array, Element, Entry, Map, Scalar

_Schema: TypeAlias = Mapping[str, Any]
_Path: TypeAlias = tuple[str | int, ...]
_LONGEST_LOCALE: Final = 3
_MOST_MOVED: Final = 100
"""How many keys are moved in a map: each one makes the map anew that it goes into."""


def mended(root: Element, schema: _Schema, errors: Iterable[_Path], collector: Collector) -> Element:
    """The document with each such key where it belongs; the document itself where there is none.

    `errors` are the paths at which it departs from its schema: nothing is moved but on the way to them.
    """
    ways = frozenset(path[:length] for path in errors for length in range(len(path) + 1))
    return _Mender(schema, ways, collector).mend(root, schema, ())


@dataclass(frozen=True, slots=True)
class _Mender:
    schema: _Schema
    ways: frozenset[_Path]
    collector: Collector

    def mend(self, element: Element, declared: object, path: _Path) -> Element:
        """The element with its keys, and those of what stands in it, where they belong."""
        if path not in self.ways:
            return element
        schema = self._resolved(declared, element)
        match element:  # INVARIANT: the recursion is no deeper than `parse.DEEPEST`
            case Scalar():
                return element
            case Array():
                each = schema.get("items", {})
                items = [self.mend(item, each, (*path, index)) for index, item in enumerate(element.items)]
                same = all(new is old for new, old in zip(items, element.items, strict=True))
                return element if same else replace(element, items=tuple(items))
            case Map():
                element = self._outward(self._inward(element, schema), schema)
                entries = [
                    replace(one, value=self.mend(one.value, _below(schema, one.name), (*path, one.name)))
                    for one in element.entries
                ]
                same = all(new.value is old.value for new, old in zip(entries, element.entries, strict=True))
                return element if same else _with(element, entries)

    def _resolved(self, declared: object, element: Element) -> _Schema:
        """A schema with what it refers to, and the branch for such an element of one that is nothing else."""
        schema: _Schema = declared if isinstance(declared, Mapping) else {}
        while "$ref" in schema or ("if" in schema and "properties" not in schema):
            if "if" in schema:
                schema = schema.get("then" if _has_form(element, schema["if"]) else "else", {})
                continue
            reference = schema["$ref"]
            schema = self.schema
            for part in reference.removeprefix("#/").split("/"):
                schema = schema[part]
        return schema

    def _means_something(self, schema: _Schema, entry: Entry) -> bool:
        """Whether a map with this schema can have the entry, by its key and the form of its value."""
        if not _may_have(schema, entry.name):
            return False
        below = self._resolved(_below(schema, entry.name), entry.value)
        inside = entry.value.entries if isinstance(entry.value, Map) else ()
        return _has_form(entry.value, below) and (not inside or any(_may_have(below, one.name) for one in inside))

    # too far left

    def _inward(self, element: Map, schema: _Schema) -> Map:
        """The map without the keys that belong into what stands above them."""
        kept: list[Entry] = []
        told: list[str] = []  # the way of the key before, where that was moved: those that follow it are one mistake
        for index, entry in enumerate(element.entries):
            stays = not kept or index - len(kept) >= _MOST_MOVED or self._means_something(schema, entry)
            above = None if stays else _opened(kept[-1], entry)
            way = [] if above is None else self._home(above, schema, entry, free=not _inside(above) or bool(told))
            if above is None or not way:
                kept.append(entry)
                told = []
                continue
            if way != told:
                home = "it" if len(way) == 1 else f"its `{way[-1]}`"
                problem = f"`{entry.name}` stands beside `{above.name}`, and belongs inside {home}"
                self._report(entry, problem, "indent it further, as far as what stands there")
            kept[-1], told = _put(above, way[1:], entry), way
        return element if len(kept) == len(element.entries) else _with(element, kept)

    def _home(self, above: Entry, schema: _Schema, entry: Entry, *, free: bool) -> list[str]:
        """The keys that lead to the innermost map that ends above the entry and should have it, if there is one.

        With `free` that may be a map whose keys are names: there was nothing in it.
        """
        way, found = [above.name], list[str]()
        value, declared = above.value, self._resolved(_below(schema, above.name), above.value)
        while isinstance(value, Map) and value.end is None:
            named = entry.name in declared.get("properties", {})
            named = named or ((free or len(entry.name) <= _LONGEST_LOCALE) and "propertyNames" in declared)
            fits = not value.entries or any(_may_have(declared, one.name) for one in value.entries)
            if named and fits and value.entry(entry.name) is None and self._means_something(declared, entry):
                found = list(way)
            if not value.entries:
                break
            last = value.entries[-1]
            way.append(last.name)
            value, declared = last.value, self._resolved(_below(declared, last.name), last.value)
        return found

    # too far right

    def _outward(self, element: Map, schema: _Schema) -> Map:
        """The map with the keys that stand in one of its values and belong beside it."""
        entries: list[Entry] = []
        moved: list[Entry] = []
        present = {one.name for one in element.entries}
        for one in element.entries:
            inside = self._resolved(_below(schema, one.name), one.value)
            out = [
                entry
                for entry in (one.value.entries[1:] if isinstance(one.value, Map) and one.value.end is None else ())
                if entry.name not in present
                and entry.name in schema.get("properties", {})
                and self._means_something(schema, entry)
                and (entry.name in schema.get("required", ()) or not self._means_something(inside, entry))
                and entry.name not in inside.get("properties", {})
            ]
            for entry in out:
                problem = f"`{entry.name}` stands inside `{one.name}`, and belongs beside it"
                self._report(entry, problem, f"indent it as `{one.name}` is")
            moved += out
            if out and isinstance(one.value, Map):
                stays = [entry for entry in one.value.entries if entry not in out]
                entries.append(replace(one, value=_with(one.value, stays)))
            else:
                entries.append(one)
        return _with(element, [*entries, *moved]) if moved else element

    def _report(self, entry: Entry, problem: str, advice: str) -> None:
        self.collector.report(codes.KEY_ELSEWHERE, entry.key.span, problem=problem, advice=advice)


def _may_have(schema: _Schema, name: str) -> bool:
    if name in schema.get("properties", {}):
        return True
    pattern = schema.get("propertyNames", {}).get("pattern", "")
    return schema.get("additionalProperties", True) is not False and re.search(pattern, name) is not None


def _below(schema: _Schema, name: str) -> object:
    """The schema of what stands under the key."""
    return schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))


_FORMS: Final[dict[type, tuple[str, ...]]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    type(None): ("null",),
}


def _has_form(element: Element, schema: _Schema) -> bool:
    """Whether the element has one of the types that the schema names, if any."""
    wanted = schema.get("type")
    if wanted is None:
        return True
    match element:
        case Map():
            forms: tuple[str, ...] = ("object",)
        case Array():
            forms = ("array",)
        case Scalar():
            forms = _FORMS[type(element.value)]
        case _:
            assert_never(element)
    return any(form in ([wanted] if isinstance(wanted, str) else wanted) for form in forms)


def _with(element: Map, entries: Sequence[Entry]) -> Map:
    return replace(element, entries=tuple(entries), by_name={one.name: one for one in entries})


def _inside(entry: Entry) -> Sequence[Entry]:
    return entry.value.entries if isinstance(entry.value, Map) else ()


def _opened(entry: Entry, further: Entry) -> Entry:
    """The entry with an empty map in the place of nothing, so that a further one can be put into it."""
    if not isinstance(entry.value, Scalar) or entry.value.text:
        return entry
    return replace(entry, value=Map((), entry.key.source, further.key.origin.start_mark, None, {}))


def _put(entry: Entry, way: Sequence[str], further: Entry) -> Entry:
    """The entry with a further one at the end of the map that the keys lead to inside it."""
    assert isinstance(entry.value, Map)  # noqa: S101 - the way was found through maps
    inside = entry.value.entries
    if way:
        return replace(entry, value=_with(entry.value, [*inside[:-1], _put(inside[-1], way[1:], further)]))
    return replace(entry, value=_with(entry.value, [*inside, further]))
