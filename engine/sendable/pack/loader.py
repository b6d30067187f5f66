"""A directory of files to a pack: each document read, held to its schema, built into the model and checked.

Nothing stops at the first problem. What a schema has already refused is left out silently, everything else is still
checked, and a pack comes out only when there was no error at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from sendable.decide.facts import ValueRefusedError, read_value
from sendable.diagnostics import codes as diagnostics
from sendable.diagnostics.codes import Collector, PolicyError, near_miss
from sendable.diagnostics.places import Source, Span
from sendable.documents import folders
from sendable.documents import parse as documents
from sendable.documents.parse import Element, Entry, Scalar
from sendable.language import addresses
from sendable.language.checker import DESCRIBED, Scope, check, may_be_unknown
from sendable.language.parser import parse
from sendable.language.types import Field, Kind, Type
from sendable.pack import locales, schemas
from sendable.pack.columns import ColumnNames, folded
from sendable.pack.fields import Report, built_in_fields, read_fields
from sendable.pack.locales import BUILT_IN, Words
from sendable.pack.messages import Plural, Template, Text, parse_template, placeholders
from sendable.pack.model import (
    Basis,
    Channel,
    Expression,
    FixableBy,
    Localized,
    Mode,
    OnUnknown,
    Pack,
    ParameterDeclaration,
    PolicyList,
    Reason,
    Retry,
)
from sendable.pack.resources import bundled_path

MANIFEST: Final = "policy.yaml"
COLUMNS: Final = "intake/columns.yaml"
"""What columns of files are called; a pack without it goes by the bundled pack's."""
_DEFAULT_FILES: Final = {"reasons": ("reasons/*.yaml",), "lists": ("lists/*.yaml",), "context": ()}
_WORDS: Final = ("unknown_value", "yes", "no", "undetermined", "supply")
_VERSION_DIGITS: Final = 16
_LIKE_A_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_WILD: Final = re.compile(r"[*?[]")


def read_pack(root: Path, texts: Mapping[str, str] | None = None) -> Reading:
    """The pack in the directory `root` with all that was read of it; `texts` stand for the files of these names."""
    return _Loader(root, Collector(), texts or {}).load()


@cache
def bundled_columns() -> ColumnNames:
    """What the bundled pack says that columns are called. PolicyError when it can't be read."""
    collector = Collector()
    names = _Loader(bundled_path("policies"), collector, {}).columns()
    if names is None or collector.has_errors:
        raise PolicyError(collector.sorted())
    return names


@dataclass(frozen=True)
class Draft:
    """A reason as far as it could be read. `reason` is None where something in it is an error."""

    id: str
    key: Scalar
    body: documents.Map
    channels: frozenset[Channel] = frozenset()
    on_unknown: OnUnknown | None = None
    when: Expression | None = None
    details: Mapping[str, Expression] = field(default_factory=dict)
    reason: Reason | None = None


@dataclass
class Reading:
    """Everything that was read of a pack, for whoever looks at more than the pack: lints and fixes.

    `documents` are the files by their names in the pack, `digests` the SHA-256 of what they hold, `keys` the places
    where parameters, lists and the pack's own fields are declared, by `params.name`, `lists.name` and path. `whole` is
    whether every file with reasons was read.
    """

    collector: Collector
    pack: Pack | None = None
    manifest: Element | None = None
    locales: tuple[str, ...] = ()
    scope: Scope = field(default_factory=lambda: Scope({}, {}, {}))
    drafts: tuple[Draft, ...] = ()
    documents: dict[str, Element] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    keys: dict[str, Span] = field(default_factory=dict)
    whole: bool = False


@dataclass
class _Manifest:
    """What of the manifest could be read; empty where it could not."""

    root: Element | None = None
    name: str = ""
    description: str = ""
    locales: tuple[str, ...] = ()
    default_locale: str = ""
    words: dict[str, Words] = field(default_factory=dict)
    parameters: dict[str, ParameterDeclaration] = field(default_factory=dict)


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
        reading.manifest = self._document(MANIFEST, "policy")
        if reading.manifest is None:
            return reading
        manifest = self._manifest(reading.manifest)
        fields = self._fields(manifest)
        lists = self._lists(manifest)
        columns = self._columns(fields)
        reading.locales = manifest.locales
        reading.scope = scope = Scope(fields, manifest.parameters, lists, frozenset(self._lost))
        drafts = [_ReasonBuilder(self._collector, manifest, scope, draft).build() for draft in self._drafts(manifest)]
        reading.drafts = tuple(drafts)
        self._check_priorities(drafts)
        self._check_forgotten()
        if not self._collector.has_errors:
            reading.pack = self._pack(manifest, scope, drafts, columns)
        return reading

    def columns(self) -> ColumnNames | None:
        """What the pack says that columns are called, and nothing else of it."""
        return self._columns(built_in_fields())

    def _pack(self, manifest: _Manifest, scope: Scope, drafts: Sequence[Draft], columns: ColumnNames | None) -> Pack:
        # INVARIANT: a reason is left out only with an error; one that vanished without would let emails through.
        complete = [draft.reason for draft in drafts if draft.reason is not None]
        if len(complete) != len(drafts):
            raise RuntimeError("a reason was left out without an error")
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
            data = documents.read_bytes(self._root / name, self._shown(name), self._collector, at=at)
            if data is None:
                return None
            self._reading.digests[name] = hashlib.sha256(data).hexdigest()
            source = documents.decode(data, self._shown(name), self._collector)
        if source is None:
            return None
        self._reading.sources[name] = source
        element = documents.parse(source, self._collector)
        if element is not None:
            self._reading.documents[name] = element
        if element is not None and schema is not None:
            schemas.validate(element, schema, self._collector)
        return element

    def _files(self, manifest: _Manifest, kind: str) -> Iterator[tuple[str, Span | None]]:
        """The pack's files of a kind, each once and in the order of their names, with the place that names it.

        A pattern without a match is reported, and so is whatever one names that is no readable file of the pack. What
        no place names is there by default.
        """
        found: dict[str, Span | None] = {}
        given = _get(manifest.root, kind)
        if given is None:
            patterns: list[tuple[str, Span | None]] = [(pattern, None) for pattern in _DEFAULT_FILES[kind]]
        else:
            named = ((_string(item), schemas.place(item, ())) for item in _items(given))
            patterns = [(pattern, span) for pattern, span in named if pattern is not None]
        for pattern, span in patterns:
            matches, sound = self._matches(pattern, span)
            if kind != "context" and _WILD.search(pattern):
                parts = PurePosixPath(pattern).parts[:-1]
                self._folders.add("/".join(takewhile(lambda part: not _WILD.search(part), parts)))
            if not sound or (span is not None and not matches):
                self._lost.add(kind)
            if sound and not matches and span is not None:
                self._collector.report(diagnostics.NO_FILES, span, pattern=pattern)
            for name in matches:
                found.setdefault(name, span)
        yield from sorted(found.items(), key=lambda item: item[0])

    def _matches(self, pattern: str, span: Span | None) -> tuple[list[str], bool]:
        """The files of the pack that match `pattern`, and whether it names no others: those are reported."""
        pure = PurePosixPath(pattern)
        if pure.is_absolute() or ".." in pure.parts or "\\" in pattern or not pure.parts:
            place = Span.whole_file(self._shown(MANIFEST)) if span is None else span
            self._collector.report(diagnostics.OUTSIDE_PACK, place, pattern=pattern)
            return [], False
        matches: list[str] = []
        sound = True
        for one in folders.matching(self._root, pattern):
            self._named.add(one.name)
            place = Span.whole_file(self._shown(one.name)) if span is None else span
            if one.leaves:
                self._collector.report(diagnostics.OUTSIDE_PACK, place, pattern=one.name)
            elif one.why:
                self._collector.report(diagnostics.UNREADABLE_FILE, place, file=self._shown(one.name), why=one.why)
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
                    self._collector.report(diagnostics.FORGOTTEN_FILE, Span.whole_file(self._shown(name)))

    def _version(self) -> str:
        """The digest of what was read: names and what the files say, whatever their layout and comments."""
        digest = hashlib.sha256()
        for name, element in sorted(self._reading.documents.items()):
            content = documents.meaning(element).encode()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:_VERSION_DIGITS]

    # -- manifest

    def _manifest(self, root: Element) -> _Manifest:
        manifest = _Manifest(root)
        manifest.name = _string(_get(root, "name")) or ""
        manifest.description = _string(_get(root, "description")) or ""
        tags: list[str] = []
        for item in _items(_get(root, "locales")):
            tag = _tag(_string(item) or "")
            if tag is None:
                continue
            if locales.known(tag):
                tags.append(tag)
            else:
                self._collector.report(diagnostics.UNKNOWN_LANGUAGE, item.span, locale=tag)
        manifest.locales = tuple(dict.fromkeys(tags))
        default = _get(root, "default_locale")
        if default is not None and (tag := _tag(_string(default) or "")) is not None:
            manifest.default_locale = tag
            if tags and tag not in tags:
                self._collector.report(diagnostics.NO_DEFAULT_LOCALE, default.span, locale=tag, allowed=", ".join(tags))
        manifest.words = self._words(manifest)
        for entry in _entries(_get(root, "parameters")):
            parameter = self._parameter(entry)
            if parameter is None:
                self._lost.add(f"params.{entry.name}")
            else:
                manifest.parameters[parameter.name] = parameter
                self._reading.keys[f"params.{parameter.name}"] = entry.key.span
        return manifest

    def _words(self, manifest: _Manifest) -> dict[str, Words]:
        """The engine's own words for each locale: the pack's, over those built in for the locale or its language."""
        given = {
            _tag(entry.name): {
                one.name: text for one in _entries(entry.value) if (text := _string(one.value)) is not None
            }
            for entry in _entries(_get(manifest.root, "texts"))
        }
        words: dict[str, Words] = {}
        for tag in manifest.locales:
            built_in = BUILT_IN.get(locales.negotiate(tag, tuple(BUILT_IN), ""))
            texts = {name: getattr(built_in, name) for name in _WORDS} if built_in is not None else {}
            texts |= {name: text for name, text in given.get(tag, {}).items() if name in _WORDS}
            lacking = [name for name in _WORDS if name not in texts]
            if lacking:
                place = _get(manifest.root, "locales")
                span = schemas.place(place, ()) if place is not None else Span.whole_file(self._shown(MANIFEST))
                self._collector.report(diagnostics.MISSING_TEXTS, span, locale=tag, needed=", ".join(lacking))
            else:
                words[tag] = Words(**texts)
        for entry in _entries(_get(manifest.root, "texts")):
            tag_given = _tag(entry.name)
            if tag_given is not None and manifest.locales and tag_given not in manifest.locales:
                self._unknown_locale(manifest, entry.key)
        return words

    def _unknown_locale(self, manifest: _Manifest, key: Scalar) -> None:
        allowed = ", ".join(manifest.locales)
        suggestion = near_miss(str(key.value), manifest.locales)
        self._collector.report(
            diagnostics.UNKNOWN_LOCALE, key.span, suggestion=suggestion, locale=key.value, allowed=allowed
        )

    def _parameter(self, entry: Entry) -> ParameterDeclaration | None:
        """The declaration of one parameter, whose form the schema has checked; its value is checked here."""
        declared = _string(_get(entry.value, "type"))
        value = _get(entry.value, "value")
        if not isinstance(value, Scalar) or declared not in list(Kind):
            return None
        expected = Type(
            Kind(declared), minimum=_number(entry.value, "minimum"), maximum=_number(entry.value, "maximum")
        )
        try:
            read = read_value(value.value, expected)
        except ValueRefusedError as fault:
            self._collector.report(
                diagnostics.PARAMETER_VALUE,
                value.span,
                value=str(value.value)[:60],
                expected=DESCRIBED[expected.kind] + " that this parameter can have",
                advice=str(fault),
            )
            return None
        return ParameterDeclaration(entry.name, expected, read, _string(_get(entry.value, "description")) or "")

    # -- context fields and lists

    def _fields(self, manifest: _Manifest) -> dict[str, Field]:
        fields = dict(built_in_fields())
        for name, at in self._files(manifest, "context"):
            element = self._document(name, None, at)
            if element is None:
                self._lost.add("context")
                continue
            report = schemas.report_at(element, self._collector)
            for found in read_fields(documents.plain(element), self._losing_fields(report)):
                place = [part for key in found.path.split(".") for part in ("properties", key)]
                span = schemas.place(element, place, key=True)
                if found.path in fields:
                    self._collector.report(diagnostics.FIELD_TWICE, span, path=found.path)
                    continue
                if (other := _inside(found.path, fields)) is not None:
                    outer, inner = sorted((found.path, other), key=len)
                    self._collector.report(diagnostics.FIELD_INSIDE, span, path=outer, other=inner)
                    continue
                self._reading.keys[found.path] = span
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

    def _lists(self, manifest: _Manifest) -> dict[str, PolicyList]:
        lists: dict[str, PolicyList] = {}
        places: dict[str, Span] = {}
        for name, at in self._files(manifest, "lists"):
            document = self._document(name, "lists", at)
            if not isinstance(_get(document, "lists"), documents.Map):
                self._lost.add("lists")
            for entry in _entries(_get(document, "lists")):
                found = self._list(entry)
                if found.name in lists:
                    first = places[found.name]
                    self._collector.report(
                        diagnostics.LIST_TWICE, entry.key.span, also=[first], name=found.name, other=_at(first)
                    )
                    continue
                lists[found.name] = found
                places[found.name] = self._reading.keys[f"lists.{found.name}"] = entry.key.span
        return lists

    def _list(self, entry: Entry) -> PolicyList:
        body = _get(entry.value, "entries")
        folded: dict[str, str] = {}
        values: dict[str, str] | None = None
        if isinstance(body, documents.Map):
            values = {}
            for one in body.entries:
                text = _string(one.value)
                if text is not None:
                    values[self._fold(one.key, folded)] = text
        for item in _items(body):
            if isinstance(item, Scalar) and isinstance(item.value, str):
                self._fold(item, folded)
        description = _string(_get(entry.value, "description")) or ""
        return PolicyList(entry.name, description, frozenset(folded), values, dict(self._list_phrases(entry)))

    def _list_phrases(self, entry: Entry) -> Iterator[tuple[str, str]]:
        for one in _entries(_get(entry.value, "phrases")):
            tag, phrase = _tag(one.name), _string(one.value)
            if tag is not None and phrase is not None:
                yield tag, phrase

    def _fold(self, item: Scalar, folded: dict[str, str]) -> str:
        text = str(item.value)
        form = addresses.fold(text)
        if form in folded and folded[form] != text:
            self._collector.report(diagnostics.SAME_ENTRY, item.span, entry=text, other=folded[form])
        folded.setdefault(form, text)
        return form

    # -- names of columns

    def _columns(self, fields: Mapping[str, Field]) -> ColumnNames | None:
        """What the pack says that columns are called; None where it says nothing, or nothing that can be read."""
        if not self._matches(COLUMNS, None)[0]:
            return None
        document = self._document(COLUMNS, "columns")
        paths: dict[str, str] = {}
        first: dict[str, str] = {}
        for entry in _entries(_get(document, "fields")):
            if entry.name not in fields:
                self._collector.report(
                    diagnostics.UNDECLARED_PATH,
                    entry.key.span,
                    suggestion=near_miss(entry.name, fields),
                    path=entry.name,
                )
            for item, name in _texts(entry.value):
                form = self._word(item, name)
                if form in first:
                    self._collector.report(diagnostics.SAME_ENTRY, item.span, entry=name, other=first[form])
                first.setdefault(form, name)
                paths.setdefault(form, entry.name)
        telling = {
            entry.name: tuple(name for item, name in _texts(entry.value) if self._word(item, name))
            for entry in _entries(_get(document, "telling"))
        }
        harmless = tuple(name for item, name in _texts(_get(document, "harmless")) if self._word(item, name))
        return None if document is None else ColumnNames(paths, telling, harmless)

    def _word(self, item: Element, name: str) -> str:
        """The name as it is compared; one that has no letter and no digit is reported."""
        form = folded(name)
        if not form and name:
            advice = "write at least one letter or digit"
            self._collector.report(diagnostics.BAD_NAME, item.span, value=name, advice=advice)
        return form

    # -- reasons

    def _drafts(self, manifest: _Manifest) -> list[Draft]:
        drafts: dict[str, Draft] = {}
        empty = True
        for name, at in self._files(manifest, "reasons"):
            document = self._document(name, "reasons", at)
            if document is None:
                self._lost.add("reasons")
            empty = empty and document is not None and _get(document, "reasons") is not None
            for entry in _entries(_get(document, "reasons")):
                reason = entry.name
                first = drafts.get(reason)
                if first is not None:
                    where = first.key.span
                    self._collector.report(
                        diagnostics.REASON_TWICE, entry.key.span, also=[where], reason=reason, other=_at(where)
                    )
                elif isinstance(entry.value, documents.Map):
                    drafts[reason] = Draft(reason, entry.key, entry.value)
        self._reading.whole = "reasons" not in self._lost
        if not drafts and empty and self._reading.whole:
            self._collector.report(diagnostics.NO_REASONS, Span.whole_file(self._shown(MANIFEST)))
        return list(drafts.values())

    def _check_priorities(self, drafts: Iterable[Draft]) -> None:
        first: dict[int, Draft] = {}
        for draft in drafts:
            element = draft.body.get("priority")
            if not isinstance(element, Scalar) or not isinstance(element.value, int):
                continue
            other = first.setdefault(element.value, draft)
            if other is not draft:
                self._collector.report(
                    diagnostics.SAME_PRIORITY,
                    element.span,
                    also=[other.key.span],
                    reason=draft.id,
                    priority=element.value,
                    other=other.id,
                )


_Choice = TypeVar("_Choice", Basis, Channel, Mode, OnUnknown, Retry, FixableBy)


class _ReasonBuilder:
    """Builds one reason, or None where the schema or a check found an error in it."""

    def __init__(self, collector: Collector, manifest: _Manifest, scope: Scope, draft: Draft) -> None:
        self._collector = collector
        self._manifest = manifest
        self._scope = scope
        self._draft = draft
        self._body = draft.body

    def build(self) -> Draft:
        """The reason as far as it can be read, and the reason itself where nothing in it is an error."""
        when = self._expression("when", self._body.get("when"), Kind.BOOLEAN)
        clears_at = self._expression("clears_at", self._body.get("clears_at"), Kind.TIMESTAMP)
        details = {
            entry.name: expression
            for entry in _entries(self._body.get("details"))
            if (expression := self._expression(entry.name, entry.value, None)) is not None
        }
        on_unknown = self._choice("on_unknown", OnUnknown)
        mode = self._choice("mode", Mode) or Mode.ENFORCE
        floor = self._value("floor") is True
        if floor:
            self._check_floor(when, on_unknown, mode)
        title = self._title()
        names = frozenset(details) | {entry.name for entry in _entries(self._body.get("details"))}
        message = self._localized("message", names)
        fix = self._localized("fix", names)
        undetermined = self._localized("undetermined", names)
        basis, retry, fixable_by = (
            self._choice("basis", Basis),
            self._choice("retry", Retry),
            self._choice("fixable_by", FixableBy),
        )
        priority = self._value("priority")
        channels = frozenset(
            Channel(name)
            for item in _items(self._body.get("channels"))
            if (name := _string(item)) is not None and name in list(Channel)
        )
        if (
            when is None
            or on_unknown is None
            or basis is None
            or retry is None
            or fixable_by is None
            or title is None
            or message is None
            or fix is None
            or not isinstance(priority, int)
        ):
            return replace(self._draft, channels=channels, on_unknown=on_unknown, when=when, details=details)
        codes = {one.name: _string(code_of(one.value)) or "" for one in _entries(self._body.get("codes"))}
        reason = Reason(
            id=self._draft.id,
            title=title,
            priority=priority,
            channels=channels,
            basis=basis,
            floor=floor,
            mode=mode,
            when=when,
            on_unknown=on_unknown,
            retry=retry,
            fixable_by=fixable_by,
            clears_at=clears_at,
            codes=codes,
            details=details,
            message=message,
            fix=fix,
            undetermined=undetermined,
        )
        return replace(self._draft, channels=channels, on_unknown=on_unknown, when=when, details=details, reason=reason)

    # -- simple values

    def _value(self, key: str) -> object:
        element = self._body.get(key)
        return element.value if isinstance(element, Scalar) else None

    def _choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        value = self._value(key)
        return choices(value) if isinstance(value, str) and value in list(choices) else None

    # -- expressions

    def _expression(self, key: str, element: Element | None, expected: Kind | None) -> Expression | None:
        if not isinstance(element, Scalar) or not isinstance(element.value, str):
            return None
        source = element.embedded()
        node = parse(source, self._collector)
        if node is None or not check(node, source, self._scope, self._collector, key=key, expected=expected):
            return None
        return Expression(node, source)

    def _check_floor(self, when: Expression | None, on_unknown: OnUnknown | None, mode: Mode) -> None:
        if on_unknown is OnUnknown.IGNORE and when is not None and may_be_unknown(when.node, self._scope):
            span = self._span("on_unknown")
            self._collector.report(diagnostics.FLOOR_IGNORES_UNKNOWN, span, reason=self._draft.id)
        if mode is not Mode.ENFORCE:
            self._collector.report(diagnostics.FLOOR_MONITORED, self._span("mode"), reason=self._draft.id)

    def _span(self, key: str) -> Span:
        element = self._body.get(key)
        return element.span if element is not None else self._draft.key.span

    # -- texts

    def _by_locale(self, key: str) -> dict[str, Element] | None:
        """The elements of a text by the manifest's locales; what is missing or too much is reported."""
        element = self._body.get(key)
        if not isinstance(element, documents.Map):
            return None
        found: dict[str, Element] = {}
        for entry in element.entries:
            tag = _tag(entry.name)
            if tag in self._manifest.locales:
                found[tag] = entry.value
            elif tag is not None and self._manifest.locales:
                allowed = ", ".join(self._manifest.locales)
                suggestion = near_miss(entry.name, self._manifest.locales)
                self._collector.report(
                    diagnostics.UNKNOWN_LOCALE,
                    entry.key.span,
                    suggestion=suggestion,
                    locale=entry.key.value,
                    allowed=allowed,
                )
        for tag in self._manifest.locales:
            if tag not in found:
                everywhere = ", ".join(self._manifest.locales)
                span = schemas.place(self._body, (key,), key=True)
                self._collector.report(diagnostics.MISSING_LOCALE, span, locale=tag, locales=everywhere)
        return found

    def _title(self) -> dict[str, str] | None:
        found = self._by_locale("title")
        if found is None:
            return None
        return {tag: text for tag, element in found.items() if (text := _string(element)) is not None}

    def _localized(self, key: str, details: frozenset[str]) -> Localized | None:
        found = self._by_locale(key)
        if found is None:
            return None
        texts: dict[str, Text] = {}
        for tag, element in found.items():
            text = self._text(element, tag, details)
            if text is not None:
                texts[tag] = text
        self._check_same_placeholders(found, texts)
        return Localized(texts)

    def _text(self, element: Element, locale: str, details: frozenset[str]) -> Text | None:
        """The text of one locale: a string, a plural, or a list of either."""
        parts = _items(element) if isinstance(element, documents.Array) else (element,)
        alternatives = [self._alternative(part, locale, details) for part in parts]
        if not alternatives or any(alternative is None for alternative in alternatives):
            return None
        return tuple(alternative for alternative in alternatives if alternative is not None)

    def _alternative(self, element: Element, locale: str, details: frozenset[str]) -> Template | Plural | None:
        if isinstance(element, documents.Map):
            return self._plural(element, locale, details)
        if not isinstance(element, Scalar) or not isinstance(element.value, str):
            return None
        source = element.embedded()
        template = parse_template(source, self._collector)
        if template is None:
            return None
        sound = True
        for part in template.parts:
            if isinstance(part, str) or self._declared(part.name, details) is not None:
                continue
            sound = False
            self._undeclared(part.name, source.span_of(part.start, part.end), details)
        return template if sound else None

    def _plural(self, element: documents.Map, locale: str, details: frozenset[str]) -> Plural | None:
        count = element.get("count")
        name = _string(count)
        forms = {
            entry.name: self._alternative(entry.value, locale, details)
            for entry in element.entries
            if entry.key.value != "count"
        }
        for category in sorted(locales.plural_categories(locale) - set(forms)):
            self._collector.report(diagnostics.MISSING_PLURAL, element.head, category=category, locale=locale)
        if name is None or count is None:
            return None
        kind = self._declared(name, details)
        if kind is None:
            self._undeclared(name, count.span, details)
            return None
        if kind not in (Kind.INTEGER, Kind.NUMBER):
            self._collector.report(diagnostics.COUNT_NOT_NUMBER, count.span, count=name, found=DESCRIBED[kind])
            return None
        templates = {category: form for category, form in forms.items() if isinstance(form, Template)}
        return Plural(name, templates) if len(templates) == len(forms) else None

    def _declared(self, name: str, details: frozenset[str]) -> Kind | None:
        """The kind of what a placeholder names; None when nothing is declared under that name."""
        head, _, rest = name.partition(".")
        if head == "params" and rest in self._scope.parameters:
            return self._scope.parameters[rest].type.kind
        if head == "details" and rest in details:
            return Kind.NUMBER  # a detail can be of any kind, and what it is shows where it is used
        declared = self._scope.fields.get(name)
        return None if declared is None else declared.type.kind

    def _undeclared(self, name: str, span: Span, details: frozenset[str]) -> None:
        if self._scope.may_be_declared(name):
            return  # what keeps it from being declared is reported
        names = [
            *self._scope.fields,
            *(f"params.{parameter}" for parameter in self._scope.parameters),
            *(f"details.{detail}" for detail in details),
        ]
        suggestion = near_miss(name, names)
        self._collector.report(diagnostics.UNDECLARED_PLACEHOLDER, span, suggestion=suggestion, placeholder=name)

    def _check_same_placeholders(self, elements: Mapping[str, Element], texts: Mapping[str, Text]) -> None:
        """Every locale must say the same thing, with the same alternatives and the same placeholders."""
        if len(texts) != len(elements) or not texts:
            return  # a text with an error is already reported
        first = next((tag for tag in self._manifest.locales if tag in texts), None)
        if first is None:
            return
        expected = [placeholders(alternative) for alternative in texts[first]]
        for tag, text in texts.items():
            found = [placeholders(alternative) for alternative in text]
            if found == expected:
                continue
            self._collector.report(
                diagnostics.DIFFERENT_PLACEHOLDERS,
                schemas.place(elements[tag], ()),
                locale=tag,
                difference=_difference(found, expected, first),
            )


def _difference(found: list[frozenset[str]], expected: list[frozenset[str]], first: str) -> str:
    if len(found) != len(expected):
        return f"has {len(found)} alternatives, and the one in `{first}` has {len(expected)}"
    for one, other in zip(found, expected, strict=True):
        if other - one:
            return f"lacks the placeholder `{{{min(other - one)}}}` that the one in `{first}` has"
        if one - other:
            return f"has the placeholder `{{{min(one - other)}}}` that the one in `{first}` lacks"
    return f"has other placeholders than the one in `{first}`"


def _inside(path: str, fields: Iterable[str]) -> str | None:
    """A field that `path` stands inside, or that stands inside it; None where there is none."""
    return next((one for one in fields if one.startswith(f"{path}.") or path.startswith(f"{one}.")), None)


def _looks_forgotten(path: Path, *, anything: bool) -> bool:
    """Whether somebody may believe that the pack reads this: its name ends as those of its files do, or `anything`.

    Hidden files are an editor's or the system's own, unless they are called as files of a pack are.
    """
    called_so = path.suffix.lower() in (".yaml", ".yml") and not folders.is_editor_lock(path)
    return called_so or (anything and not path.name.startswith("."))


# -- elements that may have the wrong form, which the schema has reported


def code_of(element: Element) -> Element | None:
    """The text of a code, whether it is marked as shared or not."""
    return element.get("code") if isinstance(element, documents.Map) else element


def _get(element: Element | None, key: str) -> Element | None:
    return element.get(key) if isinstance(element, documents.Map) else None


def _entries(element: Element | None) -> tuple[Entry, ...]:
    return element.entries if isinstance(element, documents.Map) else ()


def _items(element: Element | None) -> tuple[Element, ...]:
    return element.items if isinstance(element, documents.Array) else ()


def _texts(element: Element | None) -> Iterator[tuple[Element, str]]:
    """The items of a list that are texts."""
    for item in _items(element):
        text = _string(item)
        if text is not None:
            yield item, text


def _string(element: Element | None) -> str | None:
    return element.value if isinstance(element, Scalar) and isinstance(element.value, str) else None


def _number(element: Element | None, key: str) -> float | None:
    found = _get(element, key)
    value = found.value if isinstance(found, Scalar) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _tag(text: str) -> str | None:
    """The canonical form of a language tag; as it is where only the schema takes it for one; None where nobody does.

    What nobody knows is reported where it is looked up: it must not be passed over.
    """
    return locales.canonical(text) or (text if _LIKE_A_TAG.fullmatch(text) else None)


def _at(span: Span) -> str:
    return f"{span.file}, line {span.start.line}"
