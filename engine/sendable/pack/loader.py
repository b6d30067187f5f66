"""A directory of files to a pack: each document read, held to its schema, built into the model and checked.

Nothing stops at the first problem. What a schema has already refused is left out silently, everything else is still
checked, and a pack comes out only when there was no error at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, count, takewhile
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sendable.diagnostics import codes
from sendable.diagnostics.places import Source, Span, in_words
from sendable.diagnostics.record import Collector, PolicyError
from sendable.diagnostics.wording import Near
from sendable.documents import folders
from sendable.documents.elements import Element, Entry, Map, Scalar, entries, get, items, meaning, number, plain, string
from sendable.documents.parse import decode, parse_document, read_bytes, uncollected
from sendable.language.scope import ParameterDeclaration, PolicyList, Scope
from sendable.language.types import Field, Kind, Type
from sendable.language.values import ValueRefusedError, read_value
from sendable.pack import locales, schemas
from sendable.pack.columns import ColumnNames, folded
from sendable.pack.exceptions import read_exceptions
from sendable.pack.fields import built_in_fields, read_fields
from sendable.pack.instead import instead
from sendable.pack.lists import Lists
from sendable.pack.locales import BUILT_IN, Words, tag_of
from sendable.pack.model import Pack
from sendable.pack.reading import Draft, Manifest, Reading
from sendable.pack.reasons import ReasonBuilder
from sendable.pack.references import Report
from sendable.pack.resources import MANIFEST, bundled_path

COLUMNS: Final = "intake/columns.yaml"
"""What columns of files are called; a pack without it goes by the bundled pack's."""
_COLUMNS_BESIDE: Final = re.compile(r"columns?\.ya?ml", re.IGNORECASE)
_COLUMNS_INSIDE: Final = re.compile(r"columns?(\.|$)", re.IGNORECASE)
_DEFAULT_FILES: Final = {"reasons": ("reasons/*.yaml",), "lists": ("lists/*.yaml",), "context": ()}
_WORDS: Final = ("unknown_value", "yes", "no", "undetermined", "supply")
_VERSION_DIGITS: Final = 16

# The bounds that the schema of the manifest reports.
_MOST_PATTERNS: Final = 1_000
_LONGEST_PATTERN: Final = 1_000
_MOST_LOCALES: Final = 100

_NAME: Final = re.compile("[a-z][a-z0-9_]*")
_WILD: Final = re.compile(r"[*?[]")


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
        self._root = root
        self._collector = collector
        self._texts = texts
        self._named: set[str] = set()
        self._folders: set[str] = set()
        self._lost: set[str] = set()
        self._reading = Reading(collector)

    def load(self) -> Reading:
        """Reads the pack; `pack` stays None where there was an error."""
        reading = self._reading
        if folders.leads_out(self._root, MANIFEST):
            self._collector.report(codes.OUTSIDE_PACK, Span.whole_file(self._shown(MANIFEST)), pattern=MANIFEST)
            return reading
        reading.manifest = self._document(MANIFEST, "policy")
        if reading.manifest is None:
            return reading
        manifest = self._manifest(reading.manifest)
        fields = self._fields(manifest)
        lists = self._lists(manifest)
        columns = self._columns(fields)
        reading.locales = manifest.locales
        reading.scope = scope = Scope(fields, manifest.parameters, lists, frozenset(self._lost))
        drafts = [ReasonBuilder(self._collector, manifest, scope, draft).build() for draft in self._drafts(manifest)]
        reading.drafts = tuple(drafts)
        self._check_priorities(drafts)
        reading.exceptions = read_exceptions(
            get(reading.manifest, "exceptions"), scope, drafts, self._collector, whole=reading.whole
        )
        self._check_forgotten()
        self._check_misnamed_columns()
        if not self._collector.has_errors:
            reading.pack = self._pack(manifest, scope, drafts, columns)
        return reading

    def columns(self) -> ColumnNames | None:
        """What the pack says that columns are called, and nothing else of it."""
        return self._columns(built_in_fields())

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

    # -- files

    def _shown(self, name: str) -> str:
        return str(self._root / name)

    def _document(self, name: str, schema: str | None, at: Span | None = None) -> Element | None:
        """The document in the file `name` of the pack, reported on; None when there is nothing to go on with.

        `at` is the place that names the file, by default the file itself.
        """
        self._named.add(name)
        if name in self._texts:
            source: Source | None = Source(self._shown(name), self._texts[name])
        else:
            data = read_bytes(self._root / name, self._shown(name), self._collector, at=at)
            if data is None:
                return None
            self._reading.digests[name] = hashlib.sha256(data).hexdigest()
            source = decode(data, self._shown(name), self._collector)
        if source is None:
            return None
        self._reading.sources[name] = source
        element = parse_document(source, self._collector)
        if element is not None and schema is not None:
            element = schemas.settled(element, schema, self._collector)
        if element is not None:
            self._reading.documents[name] = element
        return element

    def _files(self, manifest: Manifest, kind: str) -> Iterator[tuple[str, Span | None]]:
        """The pack's files of a kind, each once and in the order of their names, with the place that names it.

        A pattern without a match is reported, and so is whatever one names that is no readable file of the pack. What
        no place names is there by default.
        """
        found: dict[str, Span | None] = {}
        given = get(manifest.root, kind)
        if given is None:
            patterns: list[tuple[str, Span | None]] = [(pattern, None) for pattern in _DEFAULT_FILES[kind]]
        else:
            named = ((string(item), schemas.place(item, ())) for item in items(given)[:_MOST_PATTERNS])
            patterns = [(pattern, span) for pattern, span in named if pattern and len(pattern) <= _LONGEST_PATTERN]
        for pattern, span in patterns:
            matches, sound = self._matches(pattern, span)
            if kind != "context" and _WILD.search(pattern):
                parts = PurePosixPath(pattern).parts[:-1]
                self._folders.add("/".join(takewhile(lambda part: not _WILD.search(part), parts)))
            if not sound or (span is not None and not matches):
                self._lost.add(kind)
            if sound and not matches and span is not None:
                self._collector.report(codes.NO_FILES, span, pattern=pattern)
            for name in matches:
                found.setdefault(name, span)
        yield from sorted(found.items(), key=lambda item: item[0])

    def _matches(self, pattern: str, span: Span | None) -> tuple[list[str], bool]:
        """The files of the pack that match `pattern`, and whether it names no others: those are reported."""
        pure = PurePosixPath(pattern)
        if pure.is_absolute() or ".." in pure.parts or "\\" in pattern or not pure.parts:
            place = Span.whole_file(self._shown(MANIFEST)) if span is None else span
            self._collector.report(codes.OUTSIDE_PACK, place, pattern=pattern)
            return [], False
        matches: list[str] = []
        sound = True
        for one in folders.matching(self._root, pattern):
            self._named.add(one.name)
            place = Span.whole_file(self._shown(one.name)) if span is None else span
            if one.leaves:
                self._collector.report(codes.OUTSIDE_PACK, place, pattern=one.name)
            elif one.why:
                self._collector.report(codes.UNREADABLE_FILE, place, file=self._shown(one.name), why=one.why)
            else:
                matches.append(one.name)
            sound = sound and not (one.leaves or one.why)
        return matches, sound

    def _check_forgotten(self) -> None:
        """Warns of files that look like part of the pack and are not read."""
        looked_into = [(folder, "**") for folder in ("reasons", "lists")]
        looked_into += [(folder, "*") for folder in sorted(self._folders) if ".." not in folder]
        for folder, pattern in looked_into:
            for one in folders.matching(self._root / folder, pattern):
                name = f"{folder}/{one.name}" if folder else one.name
                if name not in self._named and _looks_forgotten(self._root / name, anything=pattern == "**"):
                    self._collector.report(codes.FORGOTTEN_FILE, Span.whole_file(self._shown(name)))

    def _check_misnamed_columns(self) -> None:
        """Warns of files that look as if they said what columns are called, and are not the one that does."""
        intake = PurePosixPath(COLUMNS).parent.name
        beside = [one.name for one in folders.matching(self._root, "*")]
        inside = [
            f"{folder}/{one.name}"
            for folder in beside
            if folder.casefold() == intake
            for one in folders.matching(self._root / folder, "**")
        ]
        found = [name for name in beside if _COLUMNS_BESIDE.fullmatch(name)]
        found += [
            name
            for name in inside
            if _COLUMNS_INSIDE.match(PurePosixPath(name).name) or _looks_forgotten(self._root / name, anything=False)
        ]
        for name in found:
            if name not in self._named:
                self._collector.report(codes.MISNAMED_COLUMNS, Span.whole_file(self._shown(name)), file=COLUMNS)

    def _version(self) -> str:
        """The digest of what was read: names and what the files say, whatever the layout and comments of documents."""
        digest = hashlib.sha256()
        contents = {name: meaning(element) for name, element in self._reading.documents.items()} | self._reading.data
        for name, text in sorted(contents.items()):
            content = text.encode()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:_VERSION_DIGITS]

    # -- manifest

    def _manifest(self, root: Element) -> Manifest:
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
                span = schemas.place(place, ()) if place is not None else Span.whole_file(self._shown(MANIFEST))
                self._collector.report(codes.MISSING_TEXTS, span, locale=tag, needed=", ".join(lacking))
            else:
                words[tag] = Words(**texts)
        for entry in entries(get(manifest.root, "texts")):
            tag_given = tag_of(entry.name)
            if tag_given is not None and manifest.locales and tag_given not in manifest.locales:
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

    def _fields(self, manifest: Manifest) -> dict[str, Field]:
        fields = dict(built_in_fields())
        inside = _Nesting(fields)
        for name, at in self._files(manifest, "context"):
            element = self._document(name, None, at)
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

    def _lists(self, manifest: Manifest) -> dict[str, PolicyList]:
        lists = Lists(self._collector, self._data_file)
        for name, at in self._files(manifest, "lists"):
            document = self._document(name, "lists", at)
            if not isinstance(get(document, "lists"), Map):
                self._lost.add("lists")
            for entry in entries(get(document, "lists")):
                lists.add(entry)
                if not _NAME.fullmatch(entry.name):
                    self._lost.add("lists")  # what its name was to be is not known
        found: dict[str, PolicyList] = {}
        for one, place in lists.finish():
            found[one.name] = one
            self._reading.keys[f"lists.{one.name}"] = place
        data = {path.relative_to(self._root).as_posix(): digest for path, digest in lists.digests.items()}
        self._reading.data = data
        self._reading.digests |= data
        return found

    def _data_file(self, name: str, at: Span) -> tuple[Path, str] | None:
        """The path of a file of data, which a list calls by its name in the pack, and how it is shown."""
        pure = PurePosixPath(name)
        inside = not pure.is_absolute() and ".." not in pure.parts and "\\" not in name and pure.parts
        if not inside or folders.leads_out(self._root, str(pure)):
            self._collector.report(codes.OUTSIDE_PACK, at, pattern=name)
            return None
        self._named.add(str(pure))
        return self._root / pure, self._shown(str(pure))

    # -- names of columns

    def _columns(self, fields: Mapping[str, Field]) -> ColumnNames | None:
        """What the pack says that columns are called; None where it says nothing, or nothing that can be read."""
        if not self._matches(COLUMNS, None)[0]:
            return None
        document = self._document(COLUMNS, "columns")
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
                    self._collector.report(codes.SAME_ENTRY, item, entry=name, other=first[form])
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

    def _drafts(self, manifest: Manifest) -> list[Draft]:
        drafts: dict[str, Draft] = {}
        empty = True
        for name, at in self._files(manifest, "reasons"):
            document = self._document(name, "reasons", at)
            if document is None:
                self._lost.add("reasons")
            empty = empty and document is not None and get(document, "reasons") is not None
            for entry in entries(get(document, "reasons")):
                reason = entry.name
                first = drafts.get(reason)
                if first is not None:
                    where = first.key.span
                    self._collector.report(
                        codes.REASON_TWICE, entry.key, also=[where], reason=reason, other=in_words(where)
                    )
                elif isinstance(entry.value, Map):
                    drafts[reason] = Draft(reason, entry.key, entry.value)
        self._reading.whole = "reasons" not in self._lost
        if not drafts and empty and self._reading.whole:
            self._collector.report(codes.NO_REASONS, Span.whole_file(self._shown(MANIFEST)))
        return list(drafts.values())

    def _check_priorities(self, drafts: Iterable[Draft]) -> None:
        given = [
            (draft, element, element.value)
            for draft in drafts
            if isinstance(element := draft.body.get("priority"), Scalar) and isinstance(element.value, int)
        ]
        taken = {priority for _, _, priority in given}
        first: dict[int, Draft] = {}
        for draft, element, priority in given:
            other = first.setdefault(priority, draft)
            if other is not draft:
                free = next(one for one in count(priority + 1) if one not in taken)
                taken.add(free)
                self._collector.report(
                    codes.SAME_PRIORITY,
                    element,
                    also=[other.key],
                    reason=draft.id,
                    priority=priority,
                    other=other.id,
                    free=free,
                )


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


def _looks_forgotten(path: Path, *, anything: bool) -> bool:
    """Whether somebody may believe that the pack reads this: its name ends as those of its files do, or `anything`.

    Hidden files are an editor's or the system's own, unless they are called as files of a pack are.
    """
    called_so = path.suffix.lower() in (".yaml", ".yml") and not folders.is_editor_lock(path)
    return called_so or (anything and not path.name.startswith("."))


def _texts(element: Element | None) -> Iterator[tuple[Element, str]]:
    """The items of a list that are texts."""
    for item in items(element):
        text = string(item)
        if text is not None:
            yield item, text
