"""A directory of files to a pack: each document read, held to its schema, built into the model and checked.

Nothing stops at the first problem. What a schema has already refused is left out silently, everything else is still
checked, and a pack comes out only when there was no error at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, reduce
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, TypeAlias

from sendable.diagnostics import base_codes, codes, list_codes
from sendable.diagnostics.places import Span, in_words
from sendable.diagnostics.record import Collector, PolicyError
from sendable.diagnostics.wording import Near
from sendable.documents.elements import Element, Entry, Map, Scalar, entries, get, items, meaning, number, plain, string
from sendable.documents.parse import uncollected
from sendable.language.scope import ParameterDeclaration, PolicyList, Scope
from sendable.language.types import Field, Kind, Type
from sendable.language.values import ValueRefusedError, read_value
from sendable.pack import locales, schemas
from sendable.pack.cases import with_cases
from sendable.pack.changes import Changes, floor_reads, inherited, report_in_base
from sendable.pack.columns import ColumnNames, folded
from sendable.pack.exceptions import read_exceptions
from sendable.pack.fields import built_in_fields, read_fields
from sendable.pack.folder import CHANGES, COLUMNS, EXTENDS, Folder, chain
from sendable.pack.instead import instead
from sendable.pack.lists import Lists
from sendable.pack.locales import BUILT_IN, Words, tag_of
from sendable.pack.model import Pack
from sendable.pack.reading import Draft, Manifest, Reading
from sendable.pack.reasons import ReasonBuilder
from sendable.pack.references import Report
from sendable.pack.resources import MANIFEST, bundled_path

_WORDS: Final = ("unknown_value", "yes", "no", "undetermined", "supply")
_VERSION_DIGITS: Final = 16

_MOST_LOCALES: Final = 100
"""The bound that the schema of the manifest reports."""

_NAME: Final = re.compile("[a-z][a-z0-9_]*")
_Reads: TypeAlias = Mapping[str, str]
"""What the floors of a base read, as `params.name` and `lists.name`, each with one that does."""


def read_pack(root: Path, texts: Mapping[str, str] | None = None) -> Reading:
    """The pack in the directory `root` with all that was read of it; `texts` stand for the files of these names."""
    with uncollected():
        return _Loader(root, Collector(), texts or {}).load()


@cache
def bundled_columns() -> ColumnNames:
    """What the bundled pack says that columns are called. PolicyError when it can't be read."""
    collector = Collector()
    names = _Loader(bundled_path("policies"), collector, {}).columns()
    if names is None or collector.has_errors:
        raise PolicyError(collector.sorted())
    return names


class _Loader:
    def __init__(self, root: Path, collector: Collector, texts: Mapping[str, str]) -> None:
        self._collector = collector
        self._lost: set[str] = set()
        self._reading = Reading(collector)
        self._own = Folder(root, self._reading, texts, self._lost)

    def load(self) -> Reading:
        """Reads the pack; `pack` stays None where there was an error."""
        reading = self._reading
        folders = chain(self._own)
        if not folders:
            return reading
        changes = [self._changes(folder) for folder in folders]
        drafts, reads = self._drafts(folders, changes)
        reading.manifest = self._merged(folders, changes, reads)
        manifest = self._manifest(reading.manifest, folders)
        fields = self._fields(folders)
        lists = self._lists(folders, changes, reads)
        columns = self._all_columns(folders, fields)
        reading.locales = manifest.locales
        scope = Scope(fields, manifest.parameters, lists, frozenset(self._lost))
        for entry in entries(get(manifest.root, "parameters")):
            if entry.name in manifest.parameters:
                declared = manifest.parameters[entry.name]
                manifest.parameters[entry.name] = with_cases(declared, entry.value, scope, self._collector)
        reading.scope = scope
        drafts = [ReasonBuilder(self._collector, manifest, scope, draft).build() for draft in drafts]
        reading.drafts = tuple(drafts)
        self._check_priorities(drafts)
        reading.exceptions = read_exceptions(
            get(reading.manifest, "exceptions"), scope, drafts, self._collector, whole=reading.whole
        )
        for folder in folders:
            folder.check_forgotten()
            folder.check_misnamed_columns()
        if not self._collector.has_errors:
            reading.pack = self._pack(manifest, scope, drafts, columns)
        return reading

    def columns(self) -> ColumnNames | None:
        """What the pack says that columns are called, and nothing else of it."""
        return self._columns(self._own, built_in_fields())

    def _pack(self, manifest: Manifest, scope: Scope, drafts: Sequence[Draft], columns: ColumnNames | None) -> Pack:
        # INVARIANT: a reason is left out only with an error; one that vanished without would let emails through.
        complete = [draft.reason for draft in drafts if draft.reason is not None]
        if len(complete) != len(drafts):
            raise RuntimeError("a reason was left out without an error")
        exceptions = [one.exception for one in self._reading.exceptions if one.exception is not None]
        if len(exceptions) != len(self._reading.exceptions):
            raise RuntimeError("an exception was left out without an error")
        return Pack(
            name=manifest.name,
            version=self._version(),
            description=manifest.description,
            locales=manifest.locales,
            default_locale=manifest.default_locale,
            parameters=manifest.parameters,
            lists=scope.lists,
            fields=scope.fields,
            words=manifest.words,
            reasons=tuple(sorted(complete, key=lambda reason: reason.priority)),
            exceptions=tuple(exceptions),
            columns=columns,
        )

    # -- what it stands on

    def _changes(self, folder: Folder) -> Changes:
        """What the pack in a folder changes of its base."""
        changes = Changes(self._collector)
        given = folder.manifest.entry(CHANGES) if isinstance(folder.manifest, Map) else None
        if get(folder.manifest, EXTENDS) is None:
            if given is not None:
                self._collector.report(base_codes.NO_BASE_TO_CHANGE, given.key)
        elif given is not None and isinstance(given.value, Map):
            changes.take(given.value)
        else:
            for name, at in folder.files(CHANGES):
                changes.take(get(folder.document(name, CHANGES, at), CHANGES))
        return changes

    def _merged(self, folders: Sequence[Folder], changes: Sequence[Changes], reads: Sequence[_Reads]) -> Element | None:
        """The manifest of the pack with what it has of its bases, with the changes made."""
        found = folders[0].manifest
        for folder, changed, read in zip(folders[1:], changes[1:], reads[1:], strict=True):
            found = inherited(changed.to_parameters(found, read), folder.manifest, self._collector)
            if changed.parameters and found is not None:
                schemas.validate(found, "policy", self._collector)
        return found

    def _version(self) -> str:
        """The digest of what was read: names and what the files say, whatever the layout and comments of documents."""
        digest = hashlib.sha256()
        contents = {name: meaning(element) for name, element in self._reading.documents.items()} | self._reading.data
        for name, text in sorted(contents.items()):
            content = text.encode()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:_VERSION_DIGITS]

    # -- manifest

    def _manifest(self, root: Element | None, folders: Iterable[Folder]) -> Manifest:
        manifest = Manifest(root)
        manifest.name = string(get(root, "name")) or ""
        manifest.description = string(get(root, "description")) or ""
        tags: list[str] = []
        for item in items(get(root, "locales"))[:_MOST_LOCALES]:
            tag = tag_of(string(item) or "")
            if tag is None:
                continue
            if locales.known(tag):
                tags.append(tag)
            else:
                self._collector.report(codes.UNKNOWN_LANGUAGE, item, locale=tag)
        manifest.locales = tuple(dict.fromkeys(tags))
        theirs = (tag_of(string(one) or "") for folder in folders for one in items(get(folder.manifest, "locales")))
        manifest.foreign = tuple({tag for tag in theirs if tag is not None} - set(tags))
        default = get(root, "default_locale")
        if default is not None and (tag := tag_of(string(default) or "")) is not None:
            manifest.default_locale = tag
            if tags and tag not in tags:
                self._collector.report(codes.NO_DEFAULT_LOCALE, default, locale=tag, allowed=", ".join(tags))
        manifest.words = self._words(manifest)
        for entry in entries(get(root, "parameters")):
            parameter = self._parameter(entry)
            if parameter is None:
                self._lost.add(f"params.{entry.name}")
            elif not _NAME.fullmatch(entry.name):
                self._lost.add("params")
            else:
                manifest.parameters[parameter.name] = parameter
                if entry.key.source is self._reading.sources.get(MANIFEST):
                    self._reading.keys[f"params.{parameter.name}"] = entry.key.span
        return manifest

    def _words(self, manifest: Manifest) -> dict[str, Words]:
        """The engine's own words for each locale: the pack's, over those built in for the locale or its language."""
        given = {
            tag_of(entry.name): {
                one.name: text for one in entries(entry.value) if (text := string(one.value)) is not None
            }
            for entry in entries(get(manifest.root, "texts"))
        }
        words: dict[str, Words] = {}
        for tag in manifest.locales:
            built_in = BUILT_IN.get(locales.negotiate(tag, tuple(BUILT_IN), ""))
            texts = {name: getattr(built_in, name) for name in _WORDS} if built_in is not None else {}
            texts |= {name: text for name, text in given.get(tag, {}).items() if name in _WORDS}
            lacking = [name for name in _WORDS if name not in texts]
            if lacking:
                place = get(manifest.root, "locales")
                span = schemas.place(place, ()) if place is not None else Span.whole_file(self._own.shown(MANIFEST))
                self._collector.report(codes.MISSING_TEXTS, span, locale=tag, needed=", ".join(lacking))
            else:
                words[tag] = Words(**texts)
        for entry in entries(get(manifest.root, "texts")):
            tag_given = tag_of(entry.name)
            if tag_given is not None and manifest.locales and tag_given not in (*manifest.locales, *manifest.foreign):
                self._unknown_locale(manifest, entry.key)
        return words

    def _unknown_locale(self, manifest: Manifest, key: Scalar) -> None:
        allowed = ", ".join(manifest.locales)
        suggestion = Near(str(key.value), manifest.locales)
        self._collector.report(codes.UNKNOWN_LOCALE, key, suggestion=suggestion, locale=key.value, allowed=allowed)

    def _parameter(self, entry: Entry) -> ParameterDeclaration | None:
        """The declaration of one parameter, whose form the schema has checked; its value is checked here."""
        declared = string(get(entry.value, "type"))
        value = get(entry.value, "value")
        if not isinstance(value, Scalar) or declared not in list(Kind):
            return None
        expected = Type(Kind(declared), minimum=number(entry.value, "minimum"), maximum=number(entry.value, "maximum"))
        try:
            read = read_value(value.value, expected)
        except ValueRefusedError as fault:
            self._collector.report(
                codes.PARAMETER_VALUE,
                value,
                value=str(value.value)[:60],
                problem=str(fault),
                advice=instead(value.value, (declared,)),
            )
            return None
        return ParameterDeclaration(entry.name, expected, read, string(get(entry.value, "description")) or "")

    # -- context fields and lists

    def _fields(self, folders: Iterable[Folder]) -> dict[str, Field]:
        fields = dict(built_in_fields())
        inside = _Nesting(fields)
        for folder, name, at in ((one, *found) for one in folders for found in one.files("context")):
            element = folder.document(name, None, at)
            if element is None:
                self._lost.add("context")
                continue
            report = schemas.report_at(element, self._collector)
            for found, place in read_fields(plain(element), self._losing_fields(report)):
                span = schemas.place(element, place, key=True)
                if found.path in fields:
                    self._collector.report(codes.FIELD_TWICE, span, path=found.path)
                    continue
                if (other := inside.of(found.path)) is not None:
                    outer, inner = sorted((found.path, other), key=len)
                    self._collector.report(codes.FIELD_INSIDE, span, path=outer, other=inner)
                    continue
                if folder.is_own:
                    self._reading.keys[found.path] = span
                inside.add(found.path)
                if found.required:
                    # Only the built-in fields may be: nothing else can be assumed present.
                    fields[found.path] = replace(found, required=False)
                else:
                    fields[found.path] = found
        return fields

    def _losing_fields(self, report: Report) -> Report:
        """`report`, noting that a field may be left out for what is reported."""

        def reported(*arguments: Any, **params: Any) -> None:  # noqa: ANN401 - passed on as they are
            self._lost.add("context")
            report(*arguments, **params)

        return reported

    def _lists(
        self, folders: Sequence[Folder], changes: Sequence[Changes], reads: Sequence[_Reads]
    ) -> dict[str, PolicyList]:
        lists = Lists(self._collector)
        for folder, changed, read in zip(folders, changes, reads, strict=True):
            if folder is not folders[0]:
                lists.change(changed, read, whole="lists" not in self._lost)
            for name, at in folder.files("lists"):
                document = folder.document(name, "lists", at)
                if not isinstance(get(document, "lists"), Map):
                    self._lost.add("lists")
                for entry in entries(get(document, "lists")):
                    lists.add(entry, folder.data_file)
                    if not _NAME.fullmatch(entry.name):
                        self._lost.add("lists")  # what its name was to be is not known
        found: dict[str, PolicyList] = {}
        own = {source.file for name, source in self._reading.sources.items() if name not in self._reading.inherited}
        for one, place in lists.finish():
            found[one.name] = one
            if place.file in own:
                self._reading.keys[f"lists.{one.name}"] = place
        data = {name: lists.digests[path] for name, path in self._reading.paths.items() if path in lists.digests}
        self._reading.data = data
        self._reading.files = lists.files
        self._reading.digests |= data
        return found

    # -- names of columns

    def _all_columns(self, folders: Iterable[Folder], fields: Mapping[str, Field]) -> ColumnNames | None:
        """What the pack and its bases say that columns are called, the pack in the place of its bases."""
        found = [names for folder in folders if (names := self._columns(folder, fields)) is not None]
        return reduce(ColumnNames.joined, found) if found else None

    def _columns(self, folder: Folder, fields: Mapping[str, Field]) -> ColumnNames | None:
        """What a pack says that columns are called; None where it says nothing, or nothing that can be read."""
        if not folder.matches(COLUMNS, None)[0]:
            return None
        document = folder.document(COLUMNS, "columns")
        paths: dict[str, str] = {}
        first: dict[str, str] = {}
        for entry in entries(get(document, "fields")):
            if entry.name not in fields:
                self._collector.report(
                    codes.UNDECLARED_PATH,
                    entry.key,
                    suggestion=Near(entry.name, fields),
                    path=entry.name,
                    advice=codes.OWN_FIELDS,
                )
            for item, name in _texts(entry.value):
                form = self._word(item, name)
                if form in first:
                    self._collector.report(list_codes.SAME_ENTRY, item, entry=name, other=first[form])
                first.setdefault(form, name)
                paths.setdefault(form, entry.name)
        telling, alone = (
            {entry.name: self._telling(entry.value) for entry in entries(get(document, key))}
            for key in ("telling", "alone")
        )
        harmless = self._telling(get(document, "harmless"))
        return None if document is None else ColumnNames(paths, telling, alone, harmless)

    def _telling(self, listed: Element | None) -> tuple[str, ...]:
        return tuple(name for item, name in _texts(listed) if self._word(item, name))

    def _word(self, item: Element, name: str) -> str:
        """The name as it is compared; one that has no letter and no digit is reported."""
        form = folded(name)
        if not form and name:
            advice = "write at least one letter or digit"
            self._collector.report(codes.BAD_NAME, item, value=name, advice=advice)
        return form

    # -- reasons

    def _drafts(self, folders: Sequence[Folder], changes: Sequence[Changes]) -> tuple[list[Draft], tuple[_Reads, ...]]:
        """The reasons of the pack and its bases, and what the floors of each one's base read."""
        drafts: dict[str, Draft] = {}
        reads: list[_Reads] = []
        lost: set[str] = set()
        empty = True
        for folder, changed in zip(folders, changes, strict=True):
            reads.append(floor_reads(drafts.values()) if folder is not folders[0] else {})
            if folder is not folders[0]:
                changed.to_reasons(drafts, self._lost | lost)
            base = set(drafts)
            drafts = {name: replace(draft, inherited=True) for name, draft in drafts.items()}
            for name, at in folder.files("reasons"):
                document = folder.document(name, "reasons", at)
                if document is None:
                    self._lost.add("reasons")
                empty = empty and document is not None and get(document, "reasons") is not None
                for entry in entries(get(document, "reasons")):
                    self._draft(entry, drafts, base)
                    lost |= {entry.name} - drafts.keys()
        self._reading.whole = "reasons" not in self._lost
        if not drafts and empty and self._reading.whole:
            self._collector.report(codes.NO_REASONS, Span.whole_file(self._own.shown(MANIFEST)))
        return list(drafts.values()), tuple(reads)

    def _draft(self, entry: Entry, drafts: dict[str, Draft], base: Container[str]) -> None:
        """Takes a reason as its file has it; one of the same name, in a file of the pack or its base, is reported."""
        reason, first = entry.name, drafts.get(entry.name)
        if first is not None and reason in base:
            report_in_base("reason", entry.key, first.key.span, self._collector)
        elif first is not None:
            where = first.key.span
            self._collector.report(codes.REASON_TWICE, entry.key, also=[where], reason=reason, other=in_words(where))
        elif isinstance(entry.value, Map):
            drafts[reason] = Draft(reason, entry.key, entry.value)

    def _check_priorities(self, drafts: Iterable[Draft]) -> None:
        given = [
            (draft, element, element.value)
            for draft in drafts
            if isinstance(element := draft.body.get("priority"), Scalar) and isinstance(element.value, int)
        ]
        # What a base says comes first: it is for the pack to give another number to its own reason, or by its change.
        given.sort(key=lambda one: not one[0].inherited or one[1].source is not one[0].key.source)
        taken = {priority: priority + 1 for _, _, priority in given}
        first: dict[int, Draft] = {}
        for draft, element, priority in given:
            other = first.setdefault(priority, draft)
            if other is not draft:
                free = _next_free(priority, taken)
                taken[free] = free + 1
                self._collector.report(
                    codes.SAME_PRIORITY,
                    element,
                    also=[other.key],
                    reason=draft.id,
                    priority=priority,
                    other=other.id,
                    free=free,
                )


def _next_free(priority: int, taken: dict[int, int]) -> int:
    """The next one that nobody has; `taken` says where to look behind each, which is nearer every time."""
    free, passed = priority, []
    while free in taken:
        passed.append(free)
        free = taken[free]
    taken.update(dict.fromkeys(passed, free))
    return free


class _Nesting:
    """Which fields stand inside which."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: set[str] = set()
        self._below: dict[str, str] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        self._paths.add(path)
        for outer in _outer(path):
            self._below.setdefault(outer, path)

    def of(self, path: str) -> str | None:
        """A field that `path` stands inside, or that stands inside it; None where there is none."""
        return next((one for one in _outer(path) if one in self._paths), None) or self._below.get(path)


def _outer(path: str) -> Iterator[str]:
    """What `path` stands inside, whether it is a field or not: `a` and `a.b` for `a.b.c`."""
    return accumulate(path.split(".")[:-1], "{}.{}".format)


def _texts(element: Element | None) -> Iterator[tuple[Element, str]]:
    """The items of a list that are texts."""
    for item in items(element):
        text = string(item)
        if text is not None:
            yield item, text
