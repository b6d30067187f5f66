"""What a pack changes of the one that it stands on: its base.

Changes are made to the elements that the base's files were read as, before anything is built of them. So whatever a
reason, a list or a parameter can have, a change can give it, and everything keeps the place where it is written.

A floor of the base may be given texts, codes, a priority and further channels, and nothing else; what it reads stays as
it is. Both are decided by what is written, and not by what it comes to.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sendable.diagnostics import base_codes, codes
from sendable.diagnostics.places import Span, in_words
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near
from sendable.documents.elements import (
    Array,
    Element,
    Entry,
    Map,
    Nothing,
    Scalar,
    Spot,
    entries,
    get,
    items,
    meaning,
    string,
)
from sendable.language.nodes import ListReference, Node, Parameter, walk
from sendable.language.parser import parse
from sendable.pack import schemas
from sendable.pack.locales import tag_of
from sendable.pack.reading import Draft

_TEXTS: Final = frozenset({"title", "message", "fix", "undetermined"})
_OPEN_OF_FLOORS: Final = _TEXTS | {"codes", "priority", "channels"}
"""The keys of a base's floor that may be changed."""
_DESCRIBING: Final = frozenset({"description", "phrases"})
"""What of a list or a parameter changes no decision."""
_EXPRESSIONS: Final = frozenset({"when", "clears_at", "details"})
_DEFAULTS: Final[Mapping[str, object]] = {"mode": "enforce", "floor": False}
"""What a reason has that does not say so."""
_NAMED: Final = ("parameters", "exceptions", "invariants")
"""The keys of a manifest under which things stand by names that nothing else may have."""
_OWN: Final = frozenset({"name", "description", "extends", "changes", "reasons", "lists", "context"})
"""The keys of a manifest that are about its own pack alone."""


@dataclass(frozen=True)
class Changes:
    """What a pack changes of its base, by the names of the reasons, lists and parameters."""

    collector: Collector
    reasons: dict[str, Entry] = field(default_factory=dict)
    lists: dict[str, Entry] = field(default_factory=dict)
    parameters: dict[str, Entry] = field(default_factory=dict)

    def take(self, document: Element | None) -> None:
        """Takes what a map of changes says. What is changed in two places is reported."""
        for kind, into in (("reasons", self.reasons), ("lists", self.lists), ("parameters", self.parameters)):
            for entry in entries(get(document, kind)):
                first = into.setdefault(entry.name, entry)
                if first is not entry:
                    where = first.key.span
                    self.collector.report(
                        base_codes.CHANGED_TWICE, entry.key, also=[where], name=entry.name, other=in_words(where)
                    )

    def to_reasons(self, drafts: dict[str, Draft], lost: Container[str]) -> None:
        """Makes the changes to the reasons of the base.

        `lost` are the reasons of the base that could not be read, and `reasons` where there may be any.
        """
        for name, entry in self.reasons.items():
            draft = drafts.get(name)
            if draft is None:
                if "reasons" not in lost and name not in lost:
                    self._unknown("reason", entry, drafts)
            elif isinstance(entry.value, Map) and not self._closed(draft, entry):
                known = self._known(entry.value, schemas.keys_of("reasons", "reasons"))
                drafts[name] = replace(draft, body=self._merged(draft.body, known, ()))
        changed = [drafts[name] for name in self.reasons if name in drafts]
        if changed:
            schemas.validate(_document("reasons", changed), "reasons", self.collector)

    def to_parameters(self, base: Element | None, reads: Mapping[str, str]) -> Element | None:
        """The manifest of the base with its parameters changed; `reads` has the floors that read them."""
        declared = get(base, "parameters")
        known = {entry.name: entry for entry in entries(declared)}
        for name, one in known.items():
            cases = one.value.entry("cases") if isinstance(one.value, Map) else None
            floor = reads.get(f"params.{name}")
            if cases is not None and floor is not None:
                self.collector.report(base_codes.FLOOR_CASES, cases.key, reason=floor, name=f"params.{name}")
        for name, entry in self.parameters.items():
            found = known.get(name)
            if found is None:
                self._unknown("parameter", entry, known)
            elif self.closes(f"params.{name}", entry, reads):
                continue
            elif isinstance(found.value, Map) and isinstance(entry.value, Map):
                new = self._known(entry.value, schemas.keys_of("policy", "parameters"))
                known[name] = Entry(found.key, self._merged(found.value, new, ()))
        if not isinstance(base, Map) or not isinstance(declared, Map):
            return base
        changed = tuple(known[one.name] for one in declared.entries)
        return with_entries(
            base,
            [
                Entry(one.key, with_entries(declared, changed)) if one.name == "parameters" else one
                for one in base.entries
            ],
        )

    def to_list(self, entry: Entry, body: Element) -> Element:
        """What a list says of itself besides its entries, with what a change says in its place."""
        said = [one for one in entries(entry.value) if one.name in _DESCRIBING]
        if not said or not isinstance(entry.value, Map) or not isinstance(body, Map):
            return body
        return self._merged(body, with_entries(entry.value, said), ())

    def unknown_list(self, entry: Entry, known: Collection[str]) -> None:
        """Reports that the base has no list of the name."""
        self._unknown("list", entry, known)

    def no_entry(self, name: str, item: Scalar, known: Collection[str]) -> None:
        """Reports that there is no such entry to be taken out of a list of the base."""
        self.collector.report(
            base_codes.NOTHING_TO_CHANGE,
            item,
            suggestion=Near(item.text, known),
            what=f"entry `{item.text}` in the list `{name}`",
            advice="check how it is written there",
        )

    def closes(self, name: str, entry: Entry, reads: Mapping[str, str]) -> bool:
        """Whether a floor of the base reads what the entry is to change, as `params.name` or `lists.name`."""
        floor = reads.get(name)
        keys = [one for one in entries(entry.value) if one.name not in _DESCRIBING]
        if floor is None or not keys:
            return False
        self.collector.report(base_codes.FLOOR_READS, keys[0].key, reason=floor, name=name)
        return True

    def nothing(self, place: Span | Scalar, why: str) -> None:
        """Reports what is written and changes nothing."""
        self.collector.report(base_codes.CHANGES_NOTHING, place, why=why)

    def _unknown(self, kind: str, entry: Entry, known: Collection[str]) -> None:
        self.collector.report(
            base_codes.NOTHING_TO_CHANGE,
            entry.key,
            suggestion=Near(entry.name, known),
            what=f"{kind} `{entry.name}`",
            advice=f"a {kind} of the pack itself is changed where it stands",
        )

    def _closed(self, draft: Draft, entry: Entry) -> bool:
        """Whether a change is one that a floor of the base can't have, which is reported."""
        if not is_floor(draft.body):
            return False
        closed = False
        for one in entries(entry.value):
            problem = "" if one.name in _OPEN_OF_FLOORS else f"its `{one.name}` can't be changed"
            if one.name == "channels":
                given = {string(item) for item in items(one.value)}
                lost = [name for item in items(draft.body.get("channels")) if (name := string(item)) not in given]
                problem = f"it would no longer be for {', '.join(f'`{name}`' for name in lost)}" if lost else ""
            if problem:
                closed = True
                self.collector.report(base_codes.FLOOR_CHANGED, one.key, reason=draft.id, problem=problem)
        return closed

    # -- merging

    def _known(self, new: Map, allowed: Sequence[str]) -> Map:
        """The map with the keys that there are; the others are reported."""
        unknown = [one for one in new.entries if one.name not in allowed]
        for one in unknown:
            keys = ", ".join(allowed)
            meant = Near(one.name, allowed)
            self.collector.report(codes.UNKNOWN_KEY, one.key, suggestion=meant, unknown=one.name, allowed=keys)
        return with_entries(new, [one for one in new.entries if one not in unknown]) if unknown else new

    def _merged(self, old: Map, new: Map, path: tuple[str, ...]) -> Map:
        """The map with the keys of another in the place of its own, at every depth down to a text in a language."""
        if not new.entries and path:
            self.nothing(new.span, "there is nothing in it")
        found = {_key(path, one.name): one for one in old.entries}
        for one in new.entries:
            key = _key(path, one.name)
            there = found.get(key)
            if there is None:
                if not path and _plain_value(one.value) == (_DEFAULTS.get(one.name, one),):
                    self.nothing(one.key, f"without it `{one.name}` is the same")
                found[key] = one
            elif isinstance(there.value, Map) and isinstance(one.value, Map) and not _is_text(path):
                found[key] = Entry(there.key, self._merged(there.value, one.value, (*path, one.name)))
            else:
                if _same(there.value, one.value, (*path, one.name)):
                    also = in_words(schemas.place(there.value, ()))
                    self.nothing(one.value if isinstance(one.value, Scalar) else one.key, f"it is the same in {also}")
                found[key] = one
        return with_entries(old, list(found.values()))


def _key(path: tuple[str, ...], name: str) -> str:
    """A key as it is compared: locales can be written in several ways."""
    return (tag_of(name) or name) if _is_text(path) or path == ("phrases",) else name


def _is_text(path: tuple[str, ...]) -> bool:
    """Whether what stands under a key here is a text in a language: the forms of a plural are of one text."""
    return len(path) == 1 and path[0] in _TEXTS


def _plain_value(element: Element) -> tuple[object, ...]:
    return (element.value,) if isinstance(element, Scalar) else ()


def _same(old: Element, new: Element, path: tuple[str, ...]) -> bool:
    """Whether the two say the same: conditions however they are laid out, channels in whatever order."""
    if path == ("channels",):
        return {meaning(one) for one in items(old)} == {meaning(one) for one in items(new)}
    if path[0] in _EXPRESSIONS and isinstance(old, Scalar) and isinstance(new, Scalar):
        node = _parsed(old)
        return node is not None and node == _parsed(new)
    return meaning(old) == meaning(new)


def with_entries(element: Map, found: Iterable[Entry]) -> Map:
    """The map with these entries. Its own place stays what it was, wherever they stand."""
    found = tuple(found)
    end = element.span.end
    spot = Spot(element.start.index, end.line - 1, end.column - 1)
    return replace(element, entries=found, end=spot, by_name={one.name: one for one in found})


def _document(key: str, drafts: Iterable[Draft]) -> Map:
    """A document with nothing but these reasons, each with its places."""
    found = [Entry(draft.key, draft.body) for draft in drafts]
    first = found[0].key
    inside = Map(tuple(found), first.source, first.origin.start_mark, None, {one.name: one for one in found})
    name = Scalar(key, first.source, Nothing(first.origin.start_mark, first.origin.end_mark, key))
    whole = Entry(name, inside)
    return Map((whole,), first.source, first.origin.start_mark, None, {key: whole})


# -- floors


def is_floor(body: Map) -> bool:
    """Whether a reason says that it is a floor."""
    floor = body.get("floor")
    return isinstance(floor, Scalar) and floor.value is True


def floor_reads(drafts: Iterable[Draft]) -> dict[str, str]:
    """What floors read of parameters and lists, as `params.name` and `lists.name`, each with the first that does."""
    found: dict[str, str] = {}
    for draft in drafts:
        if is_floor(draft.body):
            for name in _read(draft.body):
                found.setdefault(name, draft.id)
    return found


def _read(body: Map) -> Iterator[str]:
    details = [one.value for one in entries(body.get("details"))]
    for element in (body.get("when"), body.get("clears_at"), *details):
        node = _parsed(element) if isinstance(element, Scalar) else None
        for one in walk(node) if node is not None else ():
            match one:
                case Parameter(name):
                    yield f"params.{name}"
                case ListReference(name):
                    yield f"lists.{name}"
                case _:
                    pass


def _parsed(element: Scalar) -> Node | None:
    return parse(element.embedded(), Collector()) if isinstance(element.value, str) else None


# -- manifests


def inherited(base: Element | None, own: Element | None, collector: Collector) -> Element | None:
    """The manifest of a pack with what it has of its base's, whose parameters have been changed.

    A name that both declare is reported. What a pack says of itself alone is not inherited.
    """
    if not isinstance(base, Map) or not isinstance(own, Map):
        return own
    found = {one.name: one for one in own.entries}
    for one in base.entries:
        there = found.get(one.name)
        if one.name in _OWN:
            continue
        if there is None:
            found[one.name] = one
        elif isinstance(there.value, Map) and isinstance(one.value, Map):
            if one.name in _NAMED:
                _report_both(one.name.removesuffix("s"), one.value.entries, there.value.entries, collector)
                both = {entry.name: entry for entry in (*one.value.entries, *there.value.entries)}
                found[one.name] = Entry(there.key, with_entries(there.value, both.values()))
            else:
                found[one.name] = Entry(there.key, _below(one.value, there.value))
    return with_entries(own, found.values())


def _below(base: Map, own: Map) -> Map:
    """The entries of both, those of the pack in the place of the base's; lists are joined."""
    found = {tag_of(one.name) or one.name: one for one in own.entries}
    for one in base.entries:
        key = tag_of(one.name) or one.name
        there = found.get(key)
        if there is None:
            found[key] = one
        elif isinstance(one.value, Map) and isinstance(there.value, Map):
            found[key] = Entry(there.key, _below(one.value, there.value))
        elif isinstance(one.value, Array) and isinstance(there.value, Array):
            said = {meaning(item) for item in there.value.items}
            more = (item for item in one.value.items if meaning(item) not in said)
            found[key] = Entry(there.key, replace(there.value, items=(*there.value.items, *more)))
    return with_entries(own, found.values())


def _report_both(kind: str, base: Iterable[Entry], own: Iterable[Entry], collector: Collector) -> None:
    known = {one.name: one.key for one in base}
    for one in own:
        if one.name in known:
            report_in_base(kind, one.key, known[one.name].span, collector)


def report_in_base(kind: str, key: Scalar, first: Span, collector: Collector) -> None:
    """Reports that a pack declares what its base has under the same name."""
    advice = f"to change that one, write it under `changes`, below `{kind}s`; else rename this one"
    if kind in ("exception", "invariant"):
        advice = "rename it"
    collector.report(
        base_codes.IN_THE_BASE, key, also=[first], what=f"{kind} `{key.text}`", other=in_words(first), advice=advice
    )
