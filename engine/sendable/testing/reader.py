"""YAML files of policy tests to suites.

The world of a test is closed. A reason, a path, a fixture, a key or a locale that does not exist is an error at its
place and never a test that passes; so is a file without a case, and a case that expects nothing. Everything wrong with
the tests is said in one run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sendable.decide.decision import Certainty
from sendable.decide.facts import Facts
from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Diagnostic
from sendable.diagnostics.wording import Near, is_slip, near_miss
from sendable.documents import folders
from sendable.documents.elements import Array, Element, Entry, Map, Plain, Scalar, entries, plain, string
from sendable.documents.parse import parse_document, read_source, uncollected
from sendable.language.timestamps import parse_timestamp
from sendable.language.types import Value
from sendable.language.values import ValueRefusedError, read_fact
from sendable.pack import locales, schemas
from sendable.pack.model import FixableBy, Pack, Retry
from sendable.testing.cases import OF_DECISIONS, Aspect, Case, Check, Fixture, Suite

SHARED: Final = "fixtures.yaml"
"""The name of the file whose fixtures, and whose `now`, every file of tests beside it can use."""

MOST_ITEMS: Final = 500
"""How many items the lists of a context may have together: what a fixture has is read again for each of its cases."""

_WORDS: Final[dict[Aspect, tuple[str, ...]]] = {
    Aspect.CERTAINTY: tuple(Certainty),
    Aspect.RETRY: tuple(Retry),
    Aspect.FIXABLE_BY: tuple(FixableBy),
}
"""The words that an aspect can be, where they are few."""


@uncollected()
def load_suites(
    directory: Path, pack: Pack, root: Path | None = None
) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    """The tests for `pack` in the directory or file, by name of file, and everything that is wrong with them.

    There is nothing to be run when an error is among the diagnostics. Where the tests stand in the folder `root` of the
    pack, a symbolic link that leads out of it is one, and is not followed.
    """
    collector = Collector()
    home = root if root is not None and _stands_in(directory, root) else None
    suites = _Loader(pack, collector, home).load(directory)
    return suites, collector.sorted()


def leads_out(root: Path, path: Path, collector: Collector) -> bool:
    """Whether a symbolic link leads from the path to something outside of the folder `root`, which is reported."""
    found = os.path.exists(path) and folders.leads_out(root, os.path.abspath(path))  # noqa: PTH100, PTH110
    if found:
        collector.report(codes.OUTSIDE_PACK, Span.whole_file(str(path)), pattern=path)
    return found


def _stands_in(directory: Path, root: Path) -> bool:
    """Whether the directory is in the folder, by its name or in truth."""
    named = Path(os.path.abspath(directory)).is_relative_to(os.path.abspath(root))  # noqa: PTH100 - follows no link
    return named or not folders.leads_out(root, os.path.abspath(directory))  # noqa: PTH100


def _files(directory: Path) -> list[folders.Named]:
    """The YAML files in the directory, however deep, by name, and what can't be read; or the file itself.

    Hidden files and folders are left out.
    """
    if directory.is_file():
        return [folders.Named(directory.name)]
    return [
        one
        for one in folders.matching(directory, "**")
        if (one.why or one.name.lower().endswith((".yaml", ".yml")))
        and not any(part.startswith(".") for part in one.name.split("/"))
    ]


@dataclass(slots=True)
class _Given:
    """A fixture before what it extends is put in: its own values by path, None for one that is removed."""

    name: Scalar
    extends: Scalar | None
    values: dict[str, Value | None]


@dataclass(slots=True)
class _Shared:
    """What the shared file of a directory has for the files beside it."""

    fixtures: dict[str, Fixture] = field(default_factory=dict)
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A case of a table: what it is about, and in what it departs from the others."""

    name: str
    place: Span
    patch: tuple[Entry, ...]
    expect: Element | None = None


def _rows(table: Array | Map) -> Iterator[_Row]:
    """The rows of a table: those that are spelled out, or one for each value of each path."""
    if isinstance(table, Map):
        for entry in table.entries:
            for item in entry.value.items if isinstance(entry.value, Array) else ():
                yield _Row(_label(plain(item)), schemas.place(item, ()), (Entry(entry.key, item),))
        return
    for number, row in enumerate(table.items, start=1):
        if isinstance(row, Map):
            own = row.get("name")
            place = schemas.place(own, ()) if own is not None else row.head
            yield _Row(string(own) or f"row {number}", place, entries(row.get("patch")), row.get("expect"))


def _label(value: Plain) -> str:
    """A value as the name of the case that is about it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Loader:
    def __init__(self, pack: Pack, collector: Collector, root: Path | None) -> None:
        self._pack = pack
        self._collector = collector
        self._root = root
        self._reasons = {reason.id for reason in pack.reasons}
        self._systems = {system for reason in pack.reasons for system in reason.codes}
        self._near = {short: system for system in sorted(self._systems) for short in _shortened(system)}
        self._groups = {
            path[:index] for path in pack.fields for index, character in enumerate(path) if character == "."
        }
        self._shared: dict[Path, _Shared] = {}
        self._counted: set[str] = set()

    def load(self, directory: Path) -> tuple[Suite, ...]:
        if self._leads_out(directory):
            return ()
        home = directory.parent if directory.is_file() else directory
        files: list[Path] = []
        for one in _files(directory):
            path = home / one.name
            if self._leads_out(path):
                continue
            if one.why:
                whole = Span.whole_file(str(path))
                self._collector.report(codes.UNREADABLE_FILE, whole, file=str(path), why=one.why)
            else:
                files.append(path)
        if not [path for path in files if path.name != SHARED]:
            whole = Span.whole_file(str(directory))
            self._collector.report(codes.NO_TESTS, whole, directory=directory)
        suites = [self._suite(path) for path in files if path.name != SHARED]
        for path in files:
            if path.name == SHARED:
                self._shared_for(path.parent)  # also where no file is beside it
        return tuple(replace(suite, counted=frozenset(self._counted)) for suite in suites if suite is not None)

    def _leads_out(self, path: Path) -> bool:
        return self._root is not None and leads_out(self._root, path, self._collector)

    def _document(self, path: Path) -> Map | None:
        source = read_source(path, str(path), self._collector)
        element = None if source is None else parse_document(source, self._collector)
        element = None if element is None else schemas.settled(element, "tests", self._collector)
        if not isinstance(element, Map):
            return None
        for entry in entries(element.get("entries")):
            self._count(entry)
        return element

    def _count(self, entry: Entry) -> None:
        """Holds a list to the number of entries that the tests say it has."""
        known = self._pack.lists
        if entry.name not in known:
            self._collector.report(codes.UNKNOWN_LIST, entry.key, suggestion=Near(entry.name, known), name=entry.name)
        elif isinstance(entry.value, Scalar) and type(entry.value.value) is int:
            self._counted.add(entry.name)
            wanted, found = entry.value.value, len(known[entry.name].entries)
            if wanted != found:
                span = entry.value.span
                self._collector.report(codes.LIST_LENGTH, span, name=entry.name, wanted=wanted, found=found)

    def _shared_for(self, directory: Path) -> _Shared:
        """The shared fixtures of a directory, read once."""
        found = self._shared.get(directory)
        if found is None:
            found = self._shared[directory] = _Shared()
            path = directory / SHARED
            document = self._document(path) if os.path.lexists(path) and not self._leads_out(path) else None
            if document is not None:
                cases = document.entry("cases")
                if cases is not None:
                    self._collector.report(codes.CASES_AMONG_FIXTURES, cases.key, file=SHARED)
                found.now = self._timestamp(document.get("now"))
                found.fixtures = self._fixtures(document, {})
        return found

    def _suite(self, path: Path) -> Suite | None:
        document = self._document(path)
        if document is None:
            return None
        shared = self._shared_for(path.parent)
        now = self._timestamp(document.get("now")) or shared.now
        fixtures = self._fixtures(document, shared.fixtures)
        cases = document.get("cases")
        if cases is None or (isinstance(cases, Array) and not cases.items):
            entry = document.entry("cases")
            span = Span.whole_file(str(path)) if entry is None else entry.key.span
            self._collector.report(codes.NO_CASES, span)
        names: dict[str, Span] = {}
        found: list[Case] = []
        for item in cases.items if isinstance(cases, Array) else ():
            if isinstance(item, Map):
                found += self._cases(item, str(path), fixtures, now, names)
        description = string(document.get("description")) or ""
        return Suite(str(path), description, tuple(found), fixtures, now)

    # -- fixtures

    def _fixtures(self, document: Map, shared: Mapping[str, Fixture]) -> dict[str, Fixture]:
        """The fixtures that a file can use: the shared ones and its own, each with what it extends put in."""
        given: dict[str, _Given] = {}
        for entry in entries(document.get("fixtures")):
            if entry.name in shared:
                self._collector.report(
                    codes.FIXTURE_TWICE, entry.key, also=[shared[entry.name].span], fixture=entry.name
                )
                continue
            extends = _entry(entry.value, "extends")
            values = self._values(one for one in entries(entry.value) if one.name != "extends")
            scalar = extends.value if extends is not None and isinstance(extends.value, Scalar) else None
            given[entry.name] = _Given(entry.key, scalar, values)
        fixtures = dict(shared)
        for name in given:
            self._resolve(name, given, fixtures, ())
        return fixtures

    def _resolve(
        self, name: str, given: Mapping[str, _Given], fixtures: dict[str, Fixture], way: tuple[str, ...]
    ) -> None:
        if name in fixtures:
            return
        draft = given[name]
        facts: Facts = {}
        if draft.extends is not None:
            base = draft.extends.text
            if base in (*way, name):
                circle = " → ".join([*way, name, base])
                self._collector.report(codes.FIXTURE_CIRCLE, draft.extends, circle=circle)
            elif base not in given and base not in fixtures:
                self._unknown_fixture(draft.extends, [one for one in (*fixtures, *given) if one != name])
            else:
                self._resolve(base, given, fixtures, (*way, name))
                facts |= fixtures[base].facts if base in fixtures else {}
        fixtures[name] = Fixture(name, self._put(facts, draft.values, draft.name.span), draft.name.span)

    def _unknown_fixture(self, scalar: Scalar, known: Iterable[str]) -> None:
        known = sorted(set(known))
        self._collector.report(
            codes.UNKNOWN_FIXTURE,
            scalar,
            suggestion=Near(scalar.text, known),
            fixture=scalar.text,
            allowed=", ".join(known) or "none",
        )

    def _values(self, entries: Iterable[Entry]) -> dict[str, Value | None]:
        """The values of a context, or of a patch, by path: nested, as dotted paths, or both."""
        values: dict[str, Value | None] = {}
        pending = [("", entry) for entry in entries]
        while pending:
            prefix, entry = pending.pop(0)
            path = prefix + entry.name
            if path in self._groups:
                if isinstance(entry.value, Map):
                    pending += [(f"{path}.", inner) for inner in entry.value.entries]
                elif not (isinstance(entry.value, Scalar) and entry.value.value is None):
                    problem = "it is a group of fields, such as " + next(
                        one for one in self._pack.fields if one.startswith(f"{path}.")
                    )
                    self._bad_value(entry, path, problem)
                continue
            declared = self._pack.fields.get(path)
            if declared is None:
                self._unknown_path(entry.key, path)
                continue
            if path in values:
                self._collector.report(codes.VALUE_TWICE, entry.key, path=path)
                continue
            content = plain(entry.value)
            if content is None:
                values[path] = None
                continue
            try:
                values[path] = read_fact(content, declared.type)
            except ValueRefusedError as fault:
                self._bad_value(entry, path, str(fault))
        return values

    def _put(self, facts: Facts, values: Mapping[str, Value | None], place: Span) -> Facts:
        """`facts` with `values` put over them; None takes a fact away, and so does more in lists than a test may have.

        What `facts` have is reported where it was given.
        """
        patched = facts | {path: value for path, value in values.items() if value is not None}
        patched = {path: value for path, value in patched.items() if values.get(path, value) is not None}
        lengths = {path: len(value) for path, value in patched.items() if isinstance(value, tuple)}
        items = sum(lengths.values())
        if items <= MOST_ITEMS:
            return patched
        longest = max(lengths, key=lengths.__getitem__)
        problem = f"the lists of this context have {items:,} items together, and at most {MOST_ITEMS} in a test"
        self._collector.report(codes.TEST_CONTEXT, place, path=longest, problem=problem)
        return {path: value for path, value in patched.items() if path not in lengths}

    def _bad_value(self, entry: Entry, path: str, problem: str) -> None:
        self._collector.report(codes.TEST_CONTEXT, schemas.place(entry.value, ()), path=path, problem=problem)

    def _unknown_path(self, scalar: Scalar, path: str) -> None:
        groups = {one for one in self._groups if one.count(".") == path.count(".")}
        suggestion = Near(path, (*self._pack.fields, *groups))
        self._collector.report(codes.UNKNOWN_TEST_PATH, scalar, suggestion=suggestion, path=path)

    # -- cases

    def _cases(
        self,
        item: Map,
        file: str,
        fixtures: Mapping[str, Fixture],
        now: datetime | None,
        names: dict[str, Span],
    ) -> Iterator[Case]:
        """The case of an item; several, one a row, where it is a table."""
        name = item.get("name")
        label = string(name) or ""
        place = schemas.place(name, ()) if name is not None else item.head
        given = item.get("given")
        facts: Facts = {}
        if isinstance(given, Scalar) and isinstance(given.value, str):
            fixture = fixtures.get(given.text)
            if fixture is None:
                self._unknown_fixture(given, fixtures)
                facts = self._anything()
            else:
                facts = fixture.facts
        elif given is not None:
            facts = self._anything()
        facts = self._put(facts, self._values(entries(item.get("patch"))), place)
        checks = self._checks(item.get("expect"))
        rows = item.get("each")
        if not isinstance(rows, Array | Map):
            self._unique(label, place, names)
            expects = _expects(item.get("expect"))
            yield self._case(label, place, file, given, facts, checks, now, expects=expects)
            return
        for row in _rows(rows):
            row_label = f"{label}: {row.name}"
            self._unique(row_label, row.place, names)
            row_facts = self._put(facts, self._values(row.patch), row.place)
            row_checks = {check.name: check for check in (*checks, *self._checks(row.expect))}
            expects = _expects(item.get("expect")) or _expects(row.expect)
            merged = tuple(row_checks.values())
            yield self._case(row_label, row.place, file, given, row_facts, merged, now, expects=expects)

    def _anything(self) -> Facts:
        """Facts in the place of those of a fixture that there is not, so that nothing else is said of the case."""
        return dict.fromkeys([*_required(self._pack), "now"], "")

    def _unique(self, label: str, place: Span, names: dict[str, Span]) -> None:
        first = names.setdefault(label, place)
        if first is not place and label:
            self._collector.report(codes.CASE_TWICE, place, also=[first], case=label, first=f"line {first.start.line}")

    def _case(
        self,
        label: str,
        place: Span,
        file: str,
        given: Element | None,
        facts: Facts,
        checks: tuple[Check, ...],
        now: datetime | None,
        *,
        expects: bool,
    ) -> Case:
        if not expects:
            self._collector.report(codes.NO_EXPECTATION, place, case=label)
        for path in _required(self._pack):
            if path not in facts and path != "now":
                self._collector.report(codes.INCOMPLETE_CONTEXT, place, case=label, path=path)
        if "now" not in facts:
            if now is None:
                self._collector.report(codes.NO_NOW, place, case=label)
            else:
                facts = {"now": now, **facts}
        return Case(label, file, given.text if isinstance(given, Scalar) else None, facts, checks, place)

    def _checks(self, element: Element | None) -> tuple[Check, ...]:
        return tuple(check for entry in entries(element) for check in self._check(entry, None))

    def _check(self, entry: Entry, of: str | None) -> Iterator[Check]:
        """What an entry under `expect`, or under `of` of a reason, expects; nothing where the schema says it can't."""
        if entry.name not in list(Aspect) or (of is not None and entry.name in OF_DECISIONS):
            return
        aspect, span = Aspect(entry.name), schemas.place(entry.value, ())
        match entry.value:
            case Map() as reasons if aspect is Aspect.OF:
                for reason in reasons.entries:
                    if self._reason(reason.key):
                        yield Check(aspect, reason.name, reason.key.span, of=reason.name)
                        for inside in entries(reason.value):
                            yield from self._check(inside, reason.name)
            case Map() as texts if aspect in (Aspect.TEXT, Aspect.FIX, Aspect.CODES):
                yield from self._texts(aspect, texts, of)
            case Array() as names:
                found = self._names(aspect, names)
                if found is not None:
                    yield Check(aspect, found, span, of=of)
            case Scalar() as value:
                yield from self._single(aspect, value, span, of)
            case _:
                pass  # reported by the schema

    def _texts(self, aspect: Aspect, texts: Map, of: str | None) -> Iterator[Check]:
        for one in texts.entries:
            key = one.name if aspect is Aspect.CODES else self._locale(one.key)
            text = one.value.value if isinstance(one.value, Scalar) else 0
            if aspect is Aspect.CODES and text is None:
                self._system(one.key)
            if key is not None and (text is None or isinstance(text, str)):
                yield Check(aspect, text, schemas.place(one.value, ()), key, of)

    def _names(self, aspect: Aspect, names: Array) -> tuple[str, ...] | None:
        """The ids or paths of a list; None where one of them, or a list for this aspect, is an error."""
        match aspect:
            case Aspect.REASONS | Aspect.MONITORED | Aspect.EXCEPTED:
                known = self._reason
            case Aspect.MISSING:
                known = self._path
            case _:
                return None  # reported by the schema
        found = tuple(name for item in names.items if (name := self._name(item, known)) is not None)
        if len(found) != len(names.items):
            return None
        return tuple(sorted(found)) if aspect is Aspect.MISSING else found

    def _single(self, aspect: Aspect, value: Scalar, span: Span, of: str | None) -> Iterator[Check]:
        match aspect, value.value:
            case ((Aspect.REASON | Aspect.CLEARS_AT), None):
                yield Check(aspect, None, span, of=of)
            case Aspect.REASON, str(name) if self._reason(value):
                yield Check(aspect, name, span)
            case Aspect.CLEARS_AT, str():
                moment = self._timestamp(value)
                if moment is not None:
                    yield Check(aspect, moment, span, of=of)
            case ((Aspect.SENDABLE | Aspect.FLOOR), bool(answer)):
                yield Check(aspect, answer, span, of=of)
            case ((Aspect.CERTAINTY | Aspect.RETRY | Aspect.FIXABLE_BY), str(word)) if word in _WORDS[aspect]:
                yield Check(aspect, word, span, of=of)
            case _:
                pass  # reported, here or by the schema

    def _name(self, element: Element, check: Callable[[Scalar], bool]) -> str | None:
        if not (isinstance(element, Scalar) and isinstance(element.value, str)):
            return None
        return element.text if check(element) else None

    def _reason(self, scalar: Scalar) -> bool:
        if scalar.text in self._reasons:
            return True
        self._collector.report(
            codes.UNKNOWN_REASON,
            scalar,
            suggestion=Near(scalar.text, self._reasons),
            reason=scalar.text,
        )
        return False

    def _system(self, scalar: Scalar) -> None:
        """Reports a system without a code that is one with a code, misspelt: the check would hold whatever is there.

        A system that nothing is called like may have no code with any reason.
        """
        name = scalar.text
        candidates = {meant for short in _shortened(name) if (meant := self._near.get(short)) is not None}
        likely = [meant for meant in sorted(candidates) if is_slip(name, meant) and near_miss(name, [meant])]
        if name not in self._systems and likely:
            self._collector.report(codes.MISSPELT_SYSTEM, scalar, suggestion=likely[0], system=name)

    def _path(self, scalar: Scalar) -> bool:
        if scalar.text in self._pack.fields:
            return True
        self._unknown_path(scalar, scalar.text)
        return False

    def _locale(self, scalar: Scalar) -> str | None:
        """The reader's locale, which must be one of the pack or a variety of one: sv-FI where the pack has sv."""
        tag = locales.canonical(scalar.text)
        if tag is not None and locales.negotiate(tag, self._pack.locales, ""):
            return tag
        self._collector.report(
            codes.UNKNOWN_LOCALE,
            scalar,
            suggestion=Near(scalar.text, self._pack.locales),
            locale=scalar.text,
            allowed=", ".join(self._pack.locales),
        )
        return None

    def _timestamp(self, element: Element | None) -> datetime | None:
        if not (isinstance(element, Scalar) and isinstance(element.value, str)):
            return None
        try:
            return parse_timestamp(element.value)
        except ValueError as fault:
            self._collector.report(codes.TEST_TIMESTAMP, element, value=element.value[:60], problem=str(fault))
            return None


_LONGEST_SYSTEM: Final = 40
"""Longer names are not looked at for what they may be meant to be."""


def _shortened(name: str) -> frozenset[str]:
    """The name, and the name without one of its letters: names that differ in a letter have one of these in common."""
    if len(name) > _LONGEST_SYSTEM:
        return frozenset()
    return frozenset((name, *(name[:index] + name[index + 1 :] for index in range(len(name)))))


def _expects(expect: Element | None) -> bool:
    """Whether anything stands under `expect`; the schema has reported what is no map."""
    return expect is not None and (not isinstance(expect, Map) or bool(expect.entries))


def _required(pack: Pack) -> list[str]:
    return [path for path, declared in pack.fields.items() if declared.required]


def _entry(element: Element, name: str) -> Entry | None:
    return element.entry(name) if isinstance(element, Map) else None
