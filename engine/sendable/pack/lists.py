"""The lists of a pack, each put together of what the files say of it.

A list begins in one file, with its `description` and `entries`; others may add `more_entries` to it, whatever their
order. So a list can be larger than a file may be, and nobody adds to one by mistake. What stands in files of data comes
besides, which `from` names where the list begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sendable.diagnostics import codes, list_codes
from sendable.diagnostics.places import Span, in_words
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near
from sendable.documents.elements import Element, Entry, Map, Scalar, entries, get, items, string
from sendable.language import addresses
from sendable.language.scope import PolicyList
from sendable.language.types import LARGEST_NUMBER, Kind
from sendable.pack.data_files import DataFile, RefusedError, entry_of, read_data
from sendable.pack.locales import tag_of

MORE_ENTRIES: Final = "more_entries"


def entries_of(entry: Entry) -> Element | None:
    """What stands under a list as its entries, or as more of them."""
    found = get(entry.value, "entries")
    return get(entry.value, MORE_ENTRIES) if found is None else found


@dataclass(slots=True)
class _Draft:
    """A list that is being read: its entries by their folded forms, and what those of a map stand for."""

    entry: Entry
    folded: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, str | float] | None = None

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

    def __init__(self, collector: Collector, path_of: Callable[[str, Span], tuple[Path, str] | None]) -> None:
        """`path_of` finds a file of the pack by what a place calls it, and says how it is shown; None with a report."""
        self._collector = collector
        self._path_of = path_of
        self.digests: dict[Path, str] = {}
        """The SHA-256 of the files of data that were read."""
        self._begun: dict[str, _Draft] = {}
        self._more: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Takes what a file says of one list."""
        if get(entry.value, MORE_ENTRIES) is not None:
            self._more.append(entry)
            return
        first = self._begun.get(entry.name)
        if first is not None:
            where = first.place
            self._collector.report(codes.LIST_TWICE, entry.key, also=[where], name=entry.name, other=in_words(where))
            return
        draft = self._begun[entry.name] = _Draft(entry)
        body = get(entry.value, "entries")
        draft.values = {} if isinstance(body, Map) else None
        self._read(draft, body)

    def finish(self) -> Iterator[tuple[PolicyList, Span]]:
        """The lists, each with the place of its name, once every file has been read."""
        for entry in self._more:
            self._go_on(entry)
        for name, draft in self._begun.items():
            description = string(get(draft.entry.value, "description")) or ""
            phrases = dict(_phrases(draft.entry))
            taken = self._with_data(name, draft)
            yield PolicyList(name, description, taken, draft.values, phrases, draft.kind, draft.hashed), draft.place

    def _with_data(self, name: str, draft: _Draft) -> frozenset[str]:
        """The entries of a list: those of its documents, and those of the files of data that it names."""
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
            entries = set(draft.folded)
            for item in items(given):
                self._take(item, name, entries, hashed=draft.hashed)
            return frozenset(entries)
        return frozenset(draft.folded)

    def _take(self, item: Element, name: str, into: set[str], *, hashed: bool) -> None:
        """Adds the entries of one file of data."""
        file, column = get(item, "file"), get(item, "column")
        if not isinstance(file, Scalar) or not string(file) or (column is not None and not string(column)):
            return  # as the schema says
        found = self._path_of(string(file) or "", file.span)
        if found is None:
            return
        at_column = column.span if column is not None else None
        wanted = DataFile(*found, file.span, string(column), at_column)
        digest = read_data(wanted, name, into, self._collector, hashed=hashed)
        if digest is not None:
            self.digests[found[0]] = digest

    def _go_on(self, entry: Entry) -> None:
        for other in entries(entry.value):
            if other.name in ("description", "entries", "from", "hashed", "phrases"):
                self._collector.report(codes.UNKNOWN_KEY, other.key, unknown=other.name, allowed=MORE_ENTRIES)
        draft = self._begun.get(entry.name)
        if draft is None:
            meant = Near(entry.name, self._begun)
            self._collector.report(codes.LIST_NOT_BEGUN, entry.key, suggestion=meant, name=entry.name)
            return
        body = get(entry.value, MORE_ENTRIES)
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
        for item in items(body):
            if isinstance(item, Scalar) and isinstance(item.value, str):
                if draft.hashed:
                    self._hold_to_digest(draft, item)
                form, known = self._fold(draft, item)
                if known == item.value and form not in here:  # what stands twice in one file, its schema reports
                    self._collector.report(codes.REPEATED_ITEM, item, item=item.value)
                here.add(form)

    def _hold_to_digest(self, draft: _Draft, item: Scalar) -> None:
        try:
            entry_of(item.text, hashed=True)
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
                codes.MAPPED_TWICE, one.key, also=[first.span], key=one.name, other=in_words(first.span)
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
            self._collector.report(codes.SAME_ENTRY, item, entry=text, other=known)
        return form, known


def _phrases(entry: Entry) -> Iterator[tuple[str, str]]:
    for one in entries(get(entry.value, "phrases")):
        tag, phrase = tag_of(one.name), string(one.value)
        if tag is not None and phrase is not None:
            yield tag, phrase
