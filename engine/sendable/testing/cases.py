"""Policy tests: YAML files of cases to suites, suites run against a policy, and what came of it.

The world of a test is closed. A reason, a path, a fixture, a key or a locale that does not exist is an error at its
place and never a test that passes; so is a file without a case, and a case that expects nothing. Everything wrong with
the tests is said in one run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from sendable.decide.facts import Facts, ValueRefusedError, read_fact
from sendable.diagnostics import codes as diagnostics
from sendable.diagnostics.codes import Collector, Diagnostic, near_miss
from sendable.diagnostics.places import Span
from sendable.documents import folders
from sendable.documents import parse as documents
from sendable.documents.parse import Element, Entry, Scalar
from sendable.explain.traces import Trace, trace
from sendable.language.timestamps import parse_timestamp, write_timestamp
from sendable.language.types import Value
from sendable.pack import locales, schemas
from sendable.pack.model import Certainty, Decision, Finding, Pack, Reason
from sendable.policy import Policy

SHARED: Final = "fixtures.yaml"
"""The name of the file whose fixtures, and whose `now`, every file of tests beside it can use."""


class Aspect(StrEnum):
    """What of a decision a case can look at; the value is the key under `expect`."""

    SENDABLE = "sendable"
    REASON = "reason"
    REASONS = "reasons"
    MONITORED = "monitored"
    CERTAINTY = "certainty"
    MISSING = "missing"
    CLEARS_AT = "clears_at"
    TEXT = "text"
    FIX = "fix"


_SPACES: Final = dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F), " ")
"""What CLDR puts between groups of digits, and between a time and AM or PM, depending on its version."""

Seen: TypeAlias = bool | str | datetime | tuple[str, ...] | None
"""What an aspect of a decision can be: ids and paths are tuples, and None is that there is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a case expects, and where it says so. `locale` is that of a text."""

    aspect: Aspect
    wanted: Seen
    span: Span
    locale: str | None = None

    @property
    def name(self) -> str:
        """What is looked at, such as `reason` or `text.sv`."""
        return self.aspect.value if self.locale is None else f"{self.aspect}.{self.locale}"

    def met_by(self, actual: Seen) -> bool:
        """Whether what came is what is wanted. In texts a space is a space: locales write some that nobody can see."""
        if self.locale is not None and isinstance(self.wanted, str) and isinstance(actual, str):
            return self.wanted.translate(_SPACES) == actual.translate(_SPACES)
        return actual == self.wanted

    def look(self, decision: Decision) -> Seen:
        """What the decision has in the place of what is expected. All but three aspects are the primary reason's."""
        primary = decision.reason
        match self.aspect:
            case Aspect.SENDABLE:
                return decision.sendable
            case Aspect.REASONS:
                return tuple(finding.id for finding in decision.reasons)
            case Aspect.MONITORED:
                return tuple(finding.id for finding in decision.monitored)
            case Aspect.MISSING:
                return () if primary is None else tuple(sorted(primary.missing))
            case _ if primary is None:
                return None
            case Aspect.REASON:
                return primary.id
            case Aspect.CERTAINTY:
                return primary.certainty.value
            case Aspect.CLEARS_AT:
                return primary.clears_at
            case Aspect.TEXT:
                return primary.message(self.locale)
            case Aspect.FIX:
                return primary.fix(self.locale)


@dataclass(frozen=True, slots=True)
class Fixture:
    """A named context, whole or in part."""

    name: str
    facts: Facts
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """One context and what is expected of the decision about it."""

    name: str
    file: str
    given: str | None
    facts: Facts
    checks: tuple[Check, ...]
    span: Span

    @property
    def context(self) -> dict[str, Any]:
        """The context as a document."""
        return nested(self.facts)


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one file. `fixtures` are all that its cases can use, the shared ones among them."""

    file: str
    description: str
    cases: tuple[Case, ...]
    fixtures: Mapping[str, Fixture]
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that does not hold."""

    check: Check
    actual: Seen


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case. `traces` are of the reasons that the mismatches are about."""

    case: Case
    decision: Decision
    mismatches: tuple[Mismatch, ...]
    traces: tuple[Trace, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything expected holds."""
        return not self.mismatches


@dataclass(frozen=True, slots=True)
class Run:
    """What came of all the cases that were run; `left_out` is how many the filter left out."""

    results: tuple[Result, ...]
    left_out: int = 0

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results of the cases that failed."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def passed(self) -> bool:
        """Whether every case passed, and there was one."""
        return bool(self.results) and not self.failed


# -- running


def run(policy: Policy, suites: Iterable[Suite], *, only: str = "") -> Run:
    """Runs the cases whose file or name contains `only`, whatever the case of its letters."""
    results: list[Result] = []
    left_out = 0
    for suite in suites:
        for case in suite.cases:
            if only.casefold() in f"{case.file} {case.name}".casefold():
                results.append(run_case(policy, case))
            else:
                left_out += 1
    return Run(tuple(results), left_out)


def run_case(policy: Policy, case: Case) -> Result:
    """Decides the case's context and holds the decision to what is expected."""
    began = time.perf_counter()
    decision = policy.decide(case.context)
    mismatches = tuple(compare(case.checks, decision))
    seconds = time.perf_counter() - began
    concerned = _concerned(policy.pack, mismatches, decision) if mismatches else []
    traces = tuple(trace(policy.pack, reason, case.facts) for reason in concerned)
    return Result(case, decision, mismatches, traces, seconds)


def compare(checks: Iterable[Check], decision: Decision) -> Iterator[Mismatch]:
    """The expectations that `decision` does not meet."""
    for check in checks:
        actual = check.look(decision)
        if not check.met_by(actual):
            yield Mismatch(check, actual)


_MOST_EXPLAINED: Final = 4


def _concerned(pack: Pack, mismatches: Iterable[Mismatch], decision: Decision) -> list[Reason]:
    """The reasons to explain: those expected and not found, those found and not expected, else the primary one."""
    ids: dict[str, None] = {}
    for mismatch in mismatches:
        wanted, actual = (_ids(mismatch.check.aspect, seen) for seen in (mismatch.check.wanted, mismatch.actual))
        ids |= dict.fromkeys(
            [one for one in wanted if one not in actual] + [one for one in actual if one not in wanted]
        )
    if not ids and decision.reason is not None:
        ids[decision.reason.id] = None
    by_id = {reason.id: reason for reason in pack.reasons}
    return [by_id[one] for one in ids][:_MOST_EXPLAINED]


def _ids(aspect: Aspect, seen: Seen) -> tuple[str, ...]:
    match aspect, seen:
        case Aspect.REASON, str():
            return (seen,)
        case ((Aspect.REASONS | Aspect.MONITORED), tuple()):
            return seen
        case _:
            return ()


def nested(facts: Mapping[str, Value]) -> dict[str, Any]:
    """Facts by path as a context document of plain data."""
    document: dict[str, Any] = {}
    for path, value in facts.items():
        *groups, name = path.split(".")
        inner = document
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = plain_value(value)
    return document


def plain_value(value: Value) -> bool | int | float | str | list[str]:
    """`value` as a document has it."""
    match value:
        case datetime():
            return write_timestamp(value)
        case tuple():
            return list(value)
        case _:
            return value


# -- reading


def load_suites(directory: Path, pack: Pack) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    """The tests for `pack` in the directory or file, by name of file, and everything that is wrong with them.

    There is nothing to be run when an error is among the diagnostics.
    """
    collector = Collector()
    suites = _Loader(pack, collector).load(directory)
    return suites, collector.sorted()


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


class _Loader:
    def __init__(self, pack: Pack, collector: Collector) -> None:
        self._pack = pack
        self._collector = collector
        self._reasons = {reason.id for reason in pack.reasons}
        self._groups = {
            path[:index] for path in pack.fields for index, character in enumerate(path) if character == "."
        }
        self._shared: dict[Path, _Shared] = {}

    def load(self, directory: Path) -> tuple[Suite, ...]:
        home = directory.parent if directory.is_file() else directory
        files: list[Path] = []
        for one in _files(directory):
            path = home / one.name
            if one.why:
                whole = Span.whole_file(str(path))
                self._collector.report(diagnostics.UNREADABLE_FILE, whole, file=str(path), why=one.why)
            else:
                files.append(path)
        if not [path for path in files if path.name != SHARED]:
            whole = Span.whole_file(str(directory))
            self._collector.report(diagnostics.NO_TESTS, whole, directory=directory)
        suites = [self._suite(path) for path in files if path.name != SHARED]
        for path in files:
            if path.name == SHARED:
                self._shared_for(path.parent)  # also where no file is beside it
        return tuple(suite for suite in suites if suite is not None)

    def _document(self, path: Path) -> documents.Map | None:
        source = documents.read_source(path, str(path), self._collector)
        element = None if source is None else documents.parse(source, self._collector)
        if element is None:
            return None
        schemas.validate(element, "tests", self._collector)
        return element if isinstance(element, documents.Map) else None

    def _shared_for(self, directory: Path) -> _Shared:
        """The shared fixtures of a directory, read once."""
        found = self._shared.get(directory)
        if found is None:
            found = self._shared[directory] = _Shared()
            path = directory / SHARED
            document = self._document(path) if os.path.lexists(path) else None
            if document is not None:
                cases = document.entry("cases")
                if cases is not None:
                    self._collector.report(diagnostics.CASES_AMONG_FIXTURES, cases.key.span, file=SHARED)
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
        if cases is None or (isinstance(cases, documents.Array) and not cases.items):
            entry = document.entry("cases")
            span = Span.whole_file(str(path)) if entry is None else entry.key.span
            self._collector.report(diagnostics.NO_CASES, span)
        names: dict[str, Span] = {}
        found: list[Case] = []
        for item in cases.items if isinstance(cases, documents.Array) else ():
            if isinstance(item, documents.Map):
                found += self._cases(item, str(path), fixtures, now, names)
        description = _string(document.get("description")) or ""
        return Suite(str(path), description, tuple(found), fixtures, now)

    # -- fixtures

    def _fixtures(self, document: documents.Map, shared: Mapping[str, Fixture]) -> dict[str, Fixture]:
        """The fixtures that a file can use: the shared ones and its own, each with what it extends put in."""
        given: dict[str, _Given] = {}
        for entry in _entries(document.get("fixtures")):
            if entry.name in shared:
                self._collector.report(
                    diagnostics.FIXTURE_TWICE, entry.key.span, also=[shared[entry.name].span], fixture=entry.name
                )
                continue
            extends = _entry(entry.value, "extends")
            values = self._values(entry.value, but="extends")
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
                self._collector.report(diagnostics.FIXTURE_CIRCLE, draft.extends.span, circle=circle)
            elif base not in given and base not in fixtures:
                self._unknown_fixture(draft.extends, [one for one in (*fixtures, *given) if one != name])
            else:
                self._resolve(base, given, fixtures, (*way, name))
                facts |= fixtures[base].facts if base in fixtures else {}
        fixtures[name] = Fixture(name, _patched(facts, draft.values), draft.name.span)

    def _unknown_fixture(self, scalar: Scalar, known: Iterable[str]) -> None:
        known = sorted(set(known))
        self._collector.report(
            diagnostics.UNKNOWN_FIXTURE,
            scalar.span,
            suggestion=near_miss(scalar.text, known),
            fixture=scalar.text,
            allowed=", ".join(known) or "none",
        )

    def _values(self, element: Element | None, *, but: str = "") -> dict[str, Value | None]:
        """The values of a context, or of a patch, by path: nested, as dotted paths, or both."""
        values: dict[str, Value | None] = {}
        pending = [("", entry) for entry in _entries(element) if entry.name != but]
        while pending:
            prefix, entry = pending.pop(0)
            path = prefix + entry.name
            if path in self._groups:
                if isinstance(entry.value, documents.Map):
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
                self._collector.report(diagnostics.VALUE_TWICE, entry.key.span, path=path)
                continue
            content = documents.plain(entry.value)
            if content is None:
                values[path] = None
                continue
            try:
                values[path] = read_fact(content, declared.type)
            except ValueRefusedError as fault:
                self._bad_value(entry, path, str(fault))
        return values

    def _bad_value(self, entry: Entry, path: str, problem: str) -> None:
        self._collector.report(diagnostics.TEST_CONTEXT, schemas.place(entry.value, ()), path=path, problem=problem)

    def _unknown_path(self, scalar: Scalar, path: str) -> None:
        self._collector.report(
            diagnostics.UNKNOWN_TEST_PATH, scalar.span, suggestion=near_miss(path, self._pack.fields), path=path
        )

    # -- cases

    def _cases(
        self,
        item: documents.Map,
        file: str,
        fixtures: Mapping[str, Fixture],
        now: datetime | None,
        names: dict[str, Span],
    ) -> Iterator[Case]:
        """The case of an item; several, one a row, where it is a table."""
        name = item.get("name")
        label = _string(name) or ""
        place = schemas.place(name, ()) if name is not None else item.head
        given = item.get("given")
        facts: Facts = {}
        if isinstance(given, Scalar) and isinstance(given.value, str):
            fixture = fixtures.get(given.text)
            if fixture is None:
                self._unknown_fixture(given, fixtures)
                facts = dict.fromkeys([*_required(self._pack), "now"], "")  # so that nothing else is said of it
            else:
                facts = fixture.facts
        facts = _patched(facts, self._values(item.get("patch")))
        checks = self._checks(item.get("expect"))
        rows = item.get("each")
        if not isinstance(rows, documents.Array):
            self._unique(label, place, names)
            expects = bool(_entries(item.get("expect")))
            yield self._case(label, place, file, given, facts, checks, now, expects=expects)
            return
        for number, row in enumerate(rows.items, start=1):
            if not isinstance(row, documents.Map):
                continue
            own = row.get("name")
            row_label = f"{label}: {_string(own) or f'row {number}'}"
            row_place = schemas.place(own, ()) if own is not None else row.head
            self._unique(row_label, row_place, names)
            row_facts = _patched(facts, self._values(row.get("patch")))
            row_checks = {check.name: check for check in (*checks, *self._checks(row.get("expect")))}
            expects = bool(_entries(item.get("expect")) or _entries(row.get("expect")))
            merged = tuple(row_checks.values())
            yield self._case(row_label, row_place, file, given, row_facts, merged, now, expects=expects)

    def _unique(self, label: str, place: Span, names: dict[str, Span]) -> None:
        first = names.setdefault(label, place)
        if first is not place and label:
            self._collector.report(
                diagnostics.CASE_TWICE, place, also=[first], case=label, first=f"line {first.start.line}"
            )

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
            self._collector.report(diagnostics.NO_EXPECTATION, place, case=label)
        for path in _required(self._pack):
            if path not in facts and path != "now":
                self._collector.report(diagnostics.INCOMPLETE_CONTEXT, place, case=label, path=path)
        if "now" not in facts:
            if now is None:
                self._collector.report(diagnostics.NO_NOW, place, case=label)
            else:
                facts = {"now": now, **facts}
        return Case(label, file, given.text if isinstance(given, Scalar) else None, facts, checks, place)

    def _checks(self, element: Element | None) -> tuple[Check, ...]:
        return tuple(check for entry in _entries(element) for check in self._check(entry))

    def _check(self, entry: Entry) -> Iterator[Check]:
        """What an entry under `expect` expects; nothing where the schema has found it wanting."""
        if entry.name not in list(Aspect):
            return
        aspect, value, span = Aspect(entry.name), entry.value, schemas.place(entry.value, ())
        match aspect, value:
            case ((Aspect.TEXT | Aspect.FIX), documents.Map()):
                for one in value.entries:
                    locale = self._locale(one.key)
                    text = one.value.value if isinstance(one.value, Scalar) else 0
                    if locale is not None and (text is None or isinstance(text, str)):
                        yield Check(aspect, text, schemas.place(one.value, ()), locale)
            case ((Aspect.REASONS | Aspect.MONITORED), documents.Array()):
                ids = tuple(name for item in value.items if (name := self._name(item, self._reason)) is not None)
                if len(ids) == len(value.items):
                    yield Check(aspect, ids, span)
            case Aspect.MISSING, documents.Array():
                paths = tuple(name for item in value.items if (name := self._name(item, self._path)) is not None)
                if len(paths) == len(value.items):
                    yield Check(aspect, tuple(sorted(paths)), span)
            case Aspect.REASON, Scalar():
                if value.value is None or self._name(value, self._reason) is not None:
                    yield Check(aspect, None if value.value is None else value.text, span)
            case Aspect.CLEARS_AT, Scalar():
                moment = self._timestamp(value)
                if moment is not None or value.value is None:
                    yield Check(aspect, moment, span)
            case Aspect.SENDABLE, Scalar(value=bool(answer)):
                yield Check(aspect, answer, span)
            case Aspect.CERTAINTY, Scalar(value=str(word)) if word in list(Certainty):
                yield Check(aspect, word, span)
            case _:
                pass  # reported by the schema

    def _name(self, element: Element, check: Callable[[Scalar], bool]) -> str | None:
        if not (isinstance(element, Scalar) and isinstance(element.value, str)):
            return None
        return element.text if check(element) else None

    def _reason(self, scalar: Scalar) -> bool:
        if scalar.text in self._reasons:
            return True
        self._collector.report(
            diagnostics.UNKNOWN_REASON,
            scalar.span,
            suggestion=near_miss(scalar.text, self._reasons),
            reason=scalar.text,
        )
        return False

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
            diagnostics.UNKNOWN_LOCALE,
            scalar.span,
            suggestion=near_miss(scalar.text, self._pack.locales),
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
            self._collector.report(
                diagnostics.TEST_TIMESTAMP, element.span, value=element.value[:60], problem=str(fault)
            )
            return None


def _required(pack: Pack) -> list[str]:
    return [path for path, declared in pack.fields.items() if declared.required]


def _patched(facts: Facts, values: Mapping[str, Value | None]) -> Facts:
    """`facts` with `values` put over them; None takes a fact away."""
    patched = facts | {path: value for path, value in values.items() if value is not None}
    return {path: value for path, value in patched.items() if values.get(path, value) is not None}


def _entries(element: Element | None) -> tuple[Entry, ...]:
    return element.entries if isinstance(element, documents.Map) else ()


def _entry(element: Element, name: str) -> Entry | None:
    return element.entry(name) if isinstance(element, documents.Map) else None


def _string(element: Element | None) -> str | None:
    return element.value if isinstance(element, Scalar) and isinstance(element.value, str) else None


def findings_by_id(decision: Decision) -> dict[str, Finding]:
    """Every finding of a decision, those only monitored among them, by the id of its reason."""
    return {finding.id: finding for finding in (*decision.reasons, *decision.monitored)}
