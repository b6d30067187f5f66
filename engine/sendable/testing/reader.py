"""YAML files of policy tests to suites.

The world of a test is closed. A reason, a path, a fixture, a key or a locale that does not exist is an error at its
place and never a test that passes; so is a file without a case, and a case that expects nothing. Everything wrong with
the tests is said in one run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from sendable.documents.elements import Array, Element, Entry, Map, Plain, Scalar, entries, plain, string
from sendable.documents.parse import parse_document, read_source, uncollected
from sendable.language.timestamps import parse_timestamp
from sendable.language.types import Value
from sendable.language.values import ValueRefusedError, read_fact
from sendable.pack import locales, schemas
from sendable.pack.model import FixableBy, Pack, Retry
from sendable.testing.cases import OF_DECISIONS, Aspect, Case, Check, Fixture, Suite
from sendable.testing.homes import OWN, Home, files_in, homes_of, inside, leads_out, overridden

SHARED: Final = "fixtures.yaml"
"""The name of the file whose fixtures, and whose `now`, every file of tests beside it can use."""

MOST_ITEMS: Final = 500
"""How many items the lists of a context may have together: what a fixture has is read again for each of its cases."""
_BELOW: Final = "\0"
"""What parts the name of a fixture from the number of the home that declares another one of that name."""

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

    With all tests of a pack that stands on others, theirs come first: but for the cases whose names the pack's have,
    and with its fixtures in the place of theirs. The pack's own tests can use the fixtures of the others.
    """
    collector = Collector()
    homes = homes_of(directory, root)
    suites = _Loader(pack, collector, homes).load(directory)
    return suites, collector.sorted()


@dataclass(slots=True)
class _Given:
    """A fixture before what it extends is put in: its own values by path, None for one that is removed.

    `base` is the key of what it extends, which is no name where that is a fixture of the same name in a pack below.
    """

    name: Scalar
    extends: Scalar | None
    base: str
    values: dict[str, Value | None]


@dataclass(slots=True)
class _Shared:
    """What the shared files of a directory have for the files beside them, in the pack and in those it stands on.

    `levels` are the numbers of the homes where fixtures are first declared, `now` has the time that each one gives.
    """

    fixtures: dict[str, Fixture] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    now: list[datetime | None] = field(default_factory=list)

    def of(self, level: int) -> dict[str, Fixture]:
        """The fixtures that files of a home can use."""
        return {name: one for name, one in self.fixtures.items() if self.levels[name] <= level}

    def now_of(self, level: int) -> datetime | None:
        """When they are decided, where the files do not say."""
        return next((one for one in reversed(self.now[: level + 1]) if one is not None), None)


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
    def __init__(self, pack: Pack, collector: Collector, homes: Sequence[Home]) -> None:
        self._pack = pack
        self._collector = collector
        self._homes = homes
        self._level = len(homes) - 1
        self._reasons = {reason.id for reason in pack.reasons}
        self._systems = {system for reason in pack.reasons for system in reason.codes}
        self._near = {short: system for system in sorted(self._systems) for short in _shortened(system)}
        self._groups = {
            path[:index] for path in pack.fields for index, character in enumerate(path) if character == "."
        }
        self._shared: dict[Path, _Shared] = {}
        self._counts: dict[str, Entry] = {}

    def load(self, directory: Path) -> tuple[Suite, ...]:
        own = self._homes[-1]
        whole = len(self._homes) > 1 and inside(own.directory, directory)
        read = [(level, home.directory) for level, home in enumerate(self._homes[:-1]) if whole]
        read = [(level, one) for level, one in read if one.is_dir()]
        if not read or os.path.lexists(directory):
            read.append((len(self._homes) - 1, directory))
        found = [(level, suite) for level, one in read for suite in self._suites(level, one)]
        if not found and not self._collector.has_errors:
            self._collector.report(codes.NO_TESTS, Span.whole_file(str(directory)), directory=directory)
        for entry in self._counts.values():
            self._count(entry)
        self._level = len(self._homes) - 1
        if found and found[-1][0] < self._level:  # the pack has none of its own yet: this is where one goes
            shared = self._shared_for(own.directory)
            path, fixtures = own.directory / OWN, shared.of(self._level)
            found.append((self._level, Suite(str(path), "", (), fixtures, shared.now_of(self._level))))
        counted = frozenset(self._counts.keys() & self._pack.lists.keys())
        return tuple(replace(suite, counted=counted, own=level == self._level) for level, suite in overridden(found))

    def _suites(self, level: int, directory: Path) -> Iterator[Suite]:
        """The tests in a directory, or a file, of one of the homes."""
        self._level = level
        if self._leads_out(directory):
            return
        home = directory.parent if directory.is_file() else directory
        files: list[Path] = []
        for one in files_in(directory):
            path = home / one.name
            if self._leads_out(path):
                continue
            if one.why:
                whole = Span.whole_file(str(path))
                self._collector.report(codes.UNREADABLE_FILE, whole, file=str(path), why=one.why)
            else:
                files.append(path)
        for path in files:
            suite = self._suite(path) if path.name != SHARED else None
            if suite is not None:
                yield suite
        for path in files:
            if path.name == SHARED:
                self._shared_for(path.parent)  # also where no file is beside it

    def _leads_out(self, path: Path) -> bool:
        root = self._homes[self._level].root
        return root is not None and leads_out(root, path, self._collector)

    def _document(self, path: Path) -> Map | None:
        source = read_source(path, str(path), self._collector)
        element = None if source is None else parse_document(source, self._collector)
        element = None if element is None else schemas.settled(element, "tests", self._collector)
        if not isinstance(element, Map):
            return None
        for entry in entries(element.get("entries")):
            self._counts[entry.name] = entry  # the pack says it in the place of those that it stands on
        return element

    def _count(self, entry: Entry) -> None:
        """Holds a list to the number of entries that the tests say it has."""
        known = self._pack.lists
        if entry.name not in known:
            self._collector.report(codes.UNKNOWN_LIST, entry.key, suggestion=Near(entry.name, known), name=entry.name)
        elif isinstance(entry.value, Scalar) and type(entry.value.value) is int:
            wanted, found = entry.value.value, len(known[entry.name].entries)
            if wanted != found:
                span = entry.value.span
                self._collector.report(codes.LIST_LENGTH, span, name=entry.name, wanted=wanted, found=found)

    def _shared_for(self, directory: Path) -> _Shared:
        """The shared fixtures of a directory, read once; those of the pack in the place of what it stands on."""
        below = Path(os.path.relpath(directory, self._homes[self._level].directory))
        found = self._shared.get(below)
        if found is None:
            found = self._shared[below] = _Shared()
            given: dict[str, _Given] = {}
            asked = self._level
            for level, home in enumerate(self._homes):
                self._level = level
                document = self._shared_document((directory if level == asked else home.directory / below) / SHARED)
                found.now.append(None if document is None else self._timestamp(document.get("now")))
                own = {} if document is None else self._given(document, {})
                for name, one in own.items():
                    other = given.get(name)
                    if other is not None:
                        key = f"{name}{_BELOW}{level}"
                        given[key] = other
                        one.base = key if one.base == name else one.base
                    given[name] = one
                    found.levels.setdefault(name, level)
            self._level = asked
            resolved = self._resolved(given, {})
            found.fixtures = {name: one for name, one in resolved.items() if name in found.levels}
        return found

    def _shared_document(self, path: Path) -> Map | None:
        document = self._document(path) if os.path.lexists(path) and not self._leads_out(path) else None
        cases = None if document is None else document.entry("cases")
        if cases is not None:
            self._collector.report(codes.CASES_AMONG_FIXTURES, cases.key, file=SHARED)
        return document

    def _suite(self, path: Path) -> Suite | None:
        document = self._document(path)
        if document is None:
            return None
        shared = self._shared_for(path.parent)
        now = self._timestamp(document.get("now")) or shared.now_of(self._level)
        usable = shared.of(self._level)
        fixtures = self._resolved(self._given(document, usable), usable)
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

    def _given(self, document: Map, shared: Mapping[str, Fixture]) -> dict[str, _Given]:
        """The fixtures that a file declares, none of which is a shared one."""
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
            given[entry.name] = _Given(entry.key, scalar, "" if scalar is None else scalar.text, values)
        return given

    def _resolved(self, given: Mapping[str, _Given], shared: Mapping[str, Fixture]) -> dict[str, Fixture]:
        """The fixtures that a file can use: the shared ones and its own, each with what it extends put in."""
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
            base = draft.base
            if base in (*way, name):
                circle = " → ".join(one.partition(_BELOW)[0] for one in (*way, name, base))
                self._collector.report(codes.FIXTURE_CIRCLE, draft.extends, circle=circle)
            elif base not in given and base not in fixtures:
                known = [one for one in (*fixtures, *given) if one != name and _BELOW not in one]
                self._unknown_fixture(draft.extends, known)
            else:
                self._resolve(base, given, fixtures, (*way, name))
                facts |= fixtures[base].facts if base in fixtures else {}
        fixtures[name] = Fixture(draft.name.text, self._put(facts, draft.values, draft.name.span), draft.name.span)

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
        if self._level < len(self._homes) - 1:
            return None  # a language of a pack below that this one does not have
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
