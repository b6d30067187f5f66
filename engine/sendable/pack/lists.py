"""The lists of a pack, each put together of what the files say of it.

A list begins in one file, with its `description` and `entries`; others may add `more_entries` to it, whatever their
order. So a list can be larger than a file may be, and nobody adds to one by mistake. What stands in files of data comes
besides, which `from` names where the list begins.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from sendable.diagnostics import codes, list_codes
from sendable.diagnostics.places import Span, in_words
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near
from sendable.documents.elements import Element, Entry, Map, Scalar, entries, get, items, string
from sendable.language import addresses
from sendable.language.scope import PolicyList
from sendable.language.types import LARGEST_NUMBER, Kind
from sendable.pack.changes import Changes, report_in_base
from sendable.pack.data_files import DataFile, RefusedError, digest_of, entry_of, read_data
from sendable.pack.locales import tag_of

MORE_ENTRIES: Final = "more_entries"
_MOST_NAMED: Final = 8
"""How often lists can name the same file of data: it is read each time, for another of its columns."""


def entries_of(entry: Entry) -> Element | None:
    """What stands under a list as its entries, as more of them, or as what a change adds."""
    found = (get(entry.value, key) for key in ("entries", MORE_ENTRIES, "add"))
    return next((one for one in found if one is not None), None)


PathOf: TypeAlias = Callable[[str, Span], tuple[Path, str] | None]
"""Finds a file of a pack by what a place calls it, and says how it is shown; None with a report."""


@dataclass(slots=True)
class _Draft:
    """A list that is being read: its entries by their folded forms, and what those of a map stand for."""

    entry: Entry
    path_of: PathOf
    folded: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, str | float] | None = None
    taken: set[str] | None = None
    """The forms of all entries, with those of files of data; None before those are read, and where there are none."""

    @property
    def all(self) -> Collection[str]:
        """The forms of all entries."""
        return self.folded if self.taken is None else self.taken

    def drop(self, form: str) -> None:
        """Takes out the entry with this form, if it is there."""
        self.folded.pop(form, None)
        self.keys.pop(form, None)
        if self.taken is not None:
            self.taken.discard(form)
        if self.values is not None:
            self.values.pop(form, None)

    @property
    def place(self) -> Span:
        return self.entry.key.span

    @property
    def hashed(self) -> bool:
        return get(self.entry.value, "hashed") is not None

    @property
    def kind(self) -> Kind:
        values = (self.values or {}).values()
        if all(isinstance(one, str) for one in values):
            return Kind.STRING
        return Kind.INTEGER if all(isinstance(one, int) for one in values) else Kind.NUMBER


class Lists:
    """Gathers the lists of a pack, file by file."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.digests: dict[Path, str] = {}
        """The SHA-256 of the files of data that were read."""
        self.files: dict[str, list[DataFile]] = {}
        """Those files by the names of the lists."""
        self._named: Counter[str] = Counter()
        """How often those files were named, by what they are once links are followed."""
        self._begun: dict[str, _Draft] = {}
        self._more: list[Entry] = []
        self._inherited: set[str] = set()

    def change(self, changes: Changes, reads: Mapping[str, str], *, whole: bool) -> None:
        """Ends what a pack's base has, and changes it. What is added from now on is of the pack itself.

        `reads` has the floors of the base that read lists; `whole` is whether all lists of the base were read.
        """
        self._end()
        self._inherited = set(self._begun)
        for name, entry in changes.lists.items():
            draft = self._begun.get(name)
            if draft is None:
                if whole:
                    changes.unknown_list(entry, self._begun)
            elif not changes.closes(f"lists.{name}", entry, reads):
                draft.entry = Entry(draft.entry.key, changes.to_list(entry, draft.entry.value))
                self._change(draft, entry, changes)

    def _change(self, draft: _Draft, entry: Entry, changes: Changes) -> None:
        """Takes entries out of a list of the base, and adds others to it."""
        removed = {addresses.fold(item.text): item for item in _texts(get(entry.value, "remove"))}
        for form, item in removed.items():
            if form not in draft.all:
                changes.no_entry(entry.name, item, draft.folded.values())
        body = get(entry.value, "add")
        for item in _texts(body):
            form = addresses.fold(item.text)
            if form in draft.all:
                new = get(body, item.text)
                if new is None or (isinstance(new, Scalar) and new.value == (draft.values or {}).get(form)):
                    changes.nothing(item.span, f"`{item.text}` is in the list of the base")
                removed[form] = item  # it is added again, with what it stands for from now on
        for form in removed:
            draft.drop(form)
        self._add(draft, entry, body)
        if draft.taken is not None:
            draft.taken |= draft.folded.keys()

    def add(self, entry: Entry, path_of: PathOf) -> None:
        """Takes what a file says of one list. `path_of` finds the files that it names."""
        if get(entry.value, MORE_ENTRIES) is not None:
            self._more.append(entry)
            return
        first = self._begun.get(entry.name)
        if first is not None and entry.name in self._inherited:
            report_in_base("list", entry.key, first.place, self._collector)
            return
        if first is not None:
            where = first.place
            self._collector.report(
                list_codes.LIST_TWICE, entry.key, also=[where], name=entry.name, other=in_words(where)
            )
            return
        draft = self._begun[entry.name] = _Draft(entry, path_of)
        body = get(entry.value, "entries")
        draft.values = {} if isinstance(body, Map) else None
        self._read(draft, body)

    def finish(self) -> Iterator[tuple[PolicyList, Span]]:
        """The lists, each with the place of its name, once every file has been read."""
        self._end()
        for name, draft in self._begun.items():
            description = string(get(draft.entry.value, "description")) or ""
            phrases = dict(_phrases(draft.entry))
            taken = frozenset(draft.all)
            made = PolicyList(
                name, description, taken, draft.values, phrases, draft.kind, draft.hashed, draft.taken is not None
            )
            yield made, draft.place

    def _end(self) -> None:
        """Goes on with the lists of a pack that have more entries, in its documents and in files of data."""
        for entry in self._more:
            self._go_on(entry)
        self._more.clear()
        for name, draft in self._begun.items():
            if name not in self._inherited:
                self._take_data(name, draft)

    def _take_data(self, name: str, draft: _Draft) -> None:
        """Adds the entries of the files of data that a list names."""
        given = get(draft.entry.value, "from")
        if draft.values is not None and (given is not None or draft.hashed):
            self._collector.report(
                codes.WRONG_FORM,
                draft.entry.key,
                value=name,
                found="a map",
                expected=f"a list, as it has `{'hashed' if given is None else 'from'}` besides",
                advice="",
            )
        elif given is not None:
            draft.taken = set(draft.folded)
            for item in items(given):
                self._take(item, draft, draft.taken)

    def _take(self, item: Element, draft: _Draft, into: set[str]) -> None:
        """Adds the entries of one file of data."""
        file, column = get(item, "file"), get(item, "column")
        if not isinstance(file, Scalar) or not string(file) or (column is not None and not string(column)):
            return  # as the schema says
        found = draft.path_of(string(file) or "", file.span)
        if found is None:
            return
        true = os.path.realpath(found[0])
        self._named[true] += 1
        if self._named[true] > _MOST_NAMED:
            if self._named[true] == _MOST_NAMED + 1:  # once is enough
                self._collector.report(list_codes.NAMED_OFTEN, file, file=found[1], most=_MOST_NAMED)
            return
        at_column = column.span if column is not None else None
        wanted = DataFile(*found, file.span, string(column), at_column)
        form = digest_of if draft.hashed else entry_of
        digest = read_data(wanted, draft.entry.name, into, self._collector, form)
        if digest is not None:
            self.digests[found[0]] = digest
            self.files.setdefault(draft.entry.name, []).append(wanted)

    def _go_on(self, entry: Entry) -> None:
        for other in entries(entry.value):
            if other.name in ("description", "entries", "from", "hashed", "phrases"):
                self._collector.report(codes.UNKNOWN_KEY, other.key, unknown=other.name, allowed=MORE_ENTRIES)
        draft = self._begun.get(entry.name)
        if draft is None:
            meant = Near(entry.name, self._begun)
            self._collector.report(list_codes.LIST_NOT_BEGUN, entry.key, suggestion=meant, name=entry.name)
            return
        if entry.name in self._inherited:
            report_in_base("list", entry.key, draft.place, self._collector)
            return
        self._add(draft, entry, get(entry.value, MORE_ENTRIES))

    def _add(self, draft: _Draft, entry: Entry, body: Element | None) -> None:
        """Adds further entries, written as those that the list begins with."""
        if body is None:
            return
        if isinstance(body, Map) is not (draft.values is not None):
            kinds = ("a list", "a map") if draft.values is not None else ("a map", "a list")
            self._collector.report(
                codes.WRONG_FORM,
                entry.key,
                value=entry.name,
                found=f"{kinds[0]} here",
                expected=f"{kinds[1]}, as it is in {in_words(draft.place)}",
                advice="",
            )
            return
        self._read(draft, body)

    def _read(self, draft: _Draft, body: Element | None) -> None:
        """Adds the entries of one file."""
        here: set[str] = set()
        if isinstance(body, Map) and draft.values is not None:
            for one in body.entries:
                self._read_pair(draft, draft.values, one, here)
            return
        hashed = draft.hashed
        for item in _texts(body):
            if hashed:
                self._hold_to_digest(draft, item)
            form, known = self._fold(draft, item)
            if known == item.value and form not in here:  # what stands twice in one file, its schema reports
                self._collector.report(codes.REPEATED_ITEM, item, item=item.value)
            here.add(form)

    def _hold_to_digest(self, draft: _Draft, item: Scalar) -> None:
        try:
            digest_of(item.text)
        except RefusedError as error:
            params = {
                "entry": item.text,
                "list": draft.entry.name,
                "why": str(error),
                "more": "",
                "advice": error.advice,
            }
            self._collector.add(list_codes.REFUSED_ENTRY, item.span, params)

    def _read_pair(self, draft: _Draft, values: dict[str, str | float], one: Entry, here: set[str]) -> None:
        form, _ = self._fold(draft, one.key)
        first = draft.keys.get(form)
        if first is not None and form not in here:
            self._collector.report(
                list_codes.MAPPED_TWICE, one.key, also=[first.span], key=one.name, other=in_words(first.span)
            )
            return
        here.add(form)
        draft.keys[form] = one.key
        value = one.value.value if isinstance(one.value, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return  # as the schema says
        if not isinstance(value, str) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            self._collector.report(codes.OUT_OF_BOUNDS, one.value, value=str(value), bound="within ±2^53")
            return
        known = next(iter(values.values()), value)
        if isinstance(known, str) is not isinstance(value, str):
            kinds = ("a number", "a text") if isinstance(known, str) else ("a text", "a number")
            self._collector.report(
                codes.WRONG_FORM,
                one.value,
                value=str(value),
                found=kinds[0],
                expected=f"{kinds[1]}, as what the first entry of this map stands for",
                advice="",
            )
            return
        values[form] = value

    def _fold(self, draft: _Draft, item: Scalar) -> tuple[str, str | None]:
        """The entry's folded form, and the entry that has been read with the same one."""
        text = item.text
        form = addresses.fold(text)
        known = draft.folded.get(form)
        if known is None:
            draft.folded[form] = text
        elif known != text:
            self._collector.report(list_codes.SAME_ENTRY, item, entry=text, other=known)
        return form, known


def _texts(body: Element | None) -> Iterator[Scalar]:
    """The entries of a list that are texts; of a map, what stands on the left."""
    for item in (one.key for one in body.entries) if isinstance(body, Map) else items(body):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield item


def _phrases(entry: Entry) -> Iterator[tuple[str, str]]:
    for one in entries(get(entry.value, "phrases")):
        tag, phrase = tag_of(one.name), string(one.value)
        if tag is not None and phrase is not None:
            yield tag, phrase
