"""What stands beside a pack and names what is in it: its tests and its examples. Lint looks at both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Final, Protocol

from sendable.decide.documents import ContextFault, read_contexts
from sendable.decide.facts import ContextError, FactReader, given_time
from sendable.diagnostics import codes, lint_codes
from sendable.diagnostics.places import Position, Span
from sendable.diagnostics.record import Collector, Diagnostic, told
from sendable.diagnostics.wording import Near
from sendable.documents import folders
from sendable.documents.elements import Array, Entry, Map, plain
from sendable.documents.parse import parse_document, read_source
from sendable.lints.run import lint_pack
from sendable.pack import schemas
from sendable.pack.folder import bases_of
from sendable.pack.model import Pack
from sendable.pack.resources import bundled_path
from sendable.testing.homes import TESTS, leads_out
from sendable.testing.reader import load_suites

EXAMPLES: Final = "examples"
_LINES: Final = (".jsonl", ".ndjson")
_READ: Final = (".yaml", ".yml", ".json", *_LINES)


def lint(path: str | PathLike[str] | None = None, *, now: datetime | None = None) -> tuple[Diagnostic, ...]:
    """Every problem of the pack in the directory `path`, by default the bundled one, in the order of their places.

    Once the pack itself can be used, what its tests and its examples name is held to it, too. `now`, an aware datetime,
    is when what lapses has lapsed; without it, the current time.
    """
    when = None if now is None else given_time(now)
    return lint_all(bundled_path("policies") if path is None else Path(path), when)[1]


def lint_all(root: Path, now: datetime | None = None) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The pack in the directory `root`, None when there is an error in it, and what `lint` finds."""
    pack, found = lint_pack(root, now=now)
    return pack, found if pack is None else with_beside(root, pack, found)


def with_beside(root: Path, pack: Pack, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """What was found in the pack, and behind it what is wrong in its tests and examples, each in their order."""
    return told((*found, *_of_tests(root, pack), *_of_examples(root, pack)))


def _of_tests(root: Path, pack: Pack) -> Iterator[Diagnostic]:
    if any((one / TESTS).is_dir() for one in (root, *bases_of(root))):
        _, found = load_suites(root / TESTS, pack, root)
        # A pack without tests is one, and what tests expect is for those who run them.
        yield from (one for one in found if one.rule not in (codes.NO_TESTS, codes.LIST_LENGTH))


def _of_examples(root: Path, pack: Pack) -> tuple[Diagnostic, ...]:
    collector = Collector()
    home = root / EXAMPLES
    if leads_out(root, home, collector):
        return collector.sorted()
    named = folders.matching(home, "**") if home.is_dir() else ()
    reader = FactReader.of(pack.fields.values())
    for one in named:
        path = home / one.name
        read = path.suffix.lower() in _READ and not any(part.startswith(".") for part in one.name.split("/"))
        if not one.why and not read:
            continue
        if leads_out(root, path, collector):
            continue
        if one.why:
            collector.report(codes.UNREADABLE_FILE, Span.whole_file(str(path)), file=str(path), why=one.why)
        elif path.suffix.lower() in _LINES:
            _lines(path, reader, collector)
        else:
            source = read_source(path, str(path), collector)
            document = None if source is None else parse_document(source, collector)
            for context in document.items if isinstance(document, Array) else (document,):
                found = plain(context) if isinstance(context, Map) else None
                if isinstance(context, Map) and isinstance(found, dict):
                    _context(found, reader, collector, partial(_place, context))
    return collector.sorted()


def _lines(path: Path, reader: FactReader, collector: Collector) -> None:
    """Holds the contexts of JSON Lines to the pack. What is wrong with one is told of its line."""
    file = str(path)
    for one in read_contexts(path, name=file):
        start = Position(1 if one.number is None else one.number, 1)
        span = Span(file, start, start)
        if isinstance(one, ContextFault):
            collector.report(codes.UNREADABLE_FILE, span, file=file, why=one.message)
        else:
            _context(one.context, reader, collector, partial(_whole, span))


class _Places(Protocol):
    """Says where a field of a context stands: the key that nothing declares, or the value that can't be."""

    def __call__(self, path: str, *, value: bool) -> Span: ...


def _whole(line: Span, _path: str, *, value: bool) -> Span:  # noqa: ARG001 - the line is the place of all that is in it
    return line


def _place(context: Map, path: str, *, value: bool) -> Span:
    entry = _entry(context, path)
    if entry is None:
        return context.head
    return schemas.place(entry.value, ()) if value else entry.key.span


def _context(document: Mapping[str, Any], reader: FactReader, collector: Collector, places: _Places) -> None:
    """Reports what decides nothing in a context, and what it can't be decided with.

    What is missing is not said: an example may be the part of a context that is the same for a whole campaign.
    """
    for path in reader.undeclared(document):
        span = places(path, value=False)
        collector.report(lint_codes.EXAMPLE_FIELD, span, suggestion=Near(path, reader.alike(path)), path=path)
    try:
        reader.read(document)
    except ContextError as error:
        for problem in error.problems:
            if _given(document, problem.path) is not None:
                span = places(problem.path, value=True)
                collector.report(codes.TEST_CONTEXT, span, path=problem.path, problem=problem.message)


def _given(document: object, path: str) -> object:
    """The value at the path; None where there is none. A key of its own may have dots in it."""
    if not isinstance(document, Mapping):
        return None
    if path in document:
        return document[path]
    group, _, rest = path.partition(".")
    return _given(document.get(group), rest) if rest else None


def _entry(context: Map, path: str) -> Entry | None:
    """What stands at the path; None where nothing does. A key of its own may have dots in it."""
    found = context.entry(path)
    if found is not None:
        return found
    group, _, rest = path.partition(".")
    inside = context.get(group)
    return _entry(inside, rest) if rest and isinstance(inside, Map) else None
