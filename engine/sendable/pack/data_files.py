"""Files of data that lists take their entries from: a text of one entry a line, or a column of a table (CSV).

A file is read once, line by line, and nothing of it is kept but the entries. What can't be an entry is reported and
keeps the pack from loading: in a list of those who must get nothing, a row that is passed over lets email through.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from sendable.diagnostics import codes, list_codes
from sendable.diagnostics.places import Position, Span
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near, character, refused
from sendable.documents import folders
from sendable.documents.cells import unguarded
from sendable.language import addresses

LARGEST_DATA: Final = 256 * 1024 * 1024
"""How many bytes of a file of data are read at most."""

_LONGEST_LINE: Final = 128 * 1024
_BLOCK: Final = 256 * 1024
_LONGEST_ENTRY: Final = 1024
"""Longer texts are not folded, so they would not be found."""
_TOLD: Final = 3
"""How many of what a file has that can't be entries is told each by itself."""
_LONGEST_TOLD: Final = 60
COMMENT: Final = "#"
"""What a line of a text begins with that is no entry."""
_TABLES: Final = frozenset({".csv", ".tsv"})
"""What files are called that are no texts of one entry a line."""
_SEPARATORS: Final = ",;\t|"

# What nearly all entries are: nothing in them can be wrong. No blank, and none of what stands beside addresses.
_SOUND: Final = re.compile(r"(?!mailto:|\Z)[!#-+\--:=?A-~]{0,320}(?:@[0-9a-z._-]{0,255})?")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_NOT_ALONE: Final = re.compile(r"[\s<>,;\"]|^mailto:|@.*[@|/\\'()]")
"""What no text has in it that is an address and nothing else, folded."""
_DIGEST: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of entries: its name as shown to people, and the places where it and its column are named."""

    path: Path
    file: str
    at: Span
    column: str | None = None
    at_column: Span | None = None


def is_table(path: Path) -> bool:
    """Whether a file is called like a table, so that a column of it has to be named."""
    return path.suffix.lower() in _TABLES


class RefusedError(Exception):
    """A text that can't be an entry: why, and what to do about it."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.advice = advice


def entry_of(text: str) -> str:
    """The entry that a text, which has no blanks around it, is: folded. RefusedError where it is none."""
    lower = text.lower()
    if _SOUND.fullmatch(lower):
        return lower if "xn--" not in lower else addresses.fold(text)
    unread = _CONTROL.search(text)
    if unread is not None:
        raise RefusedError(f"it has the character {character(unread[0])} in it", "save the file anew, as UTF-8")
    if len(text) > _LONGEST_ENTRY:
        raise RefusedError(f"it has {len(text)} characters, and none has more than {_LONGEST_ENTRY}", _ONE_EACH)
    entry = addresses.fold(text)
    if "@" in entry and _NOT_ALONE.search(entry):
        raise RefusedError("it is not one address alone", _ONE_EACH)
    if not entry.strip():
        raise RefusedError("it has nothing in it that can be seen", "take it out")
    return entry


_ONE_EACH: Final = "write one entry alone in each line or cell, without a name, brackets, quotes and `mailto:`"


def digest_of(text: str) -> str:
    """The digest that a text, which has no blanks around it, is, in lower case. RefusedError where it is none."""
    lower = text.lower()
    if _DIGEST.fullmatch(lower):
        return lower
    if "@" in text:
        raise RefusedError("it is an address", "`sendable lists import FILE --hash` makes digests of addresses")
    raise RefusedError("a SHA-256 has 64 digits, from 0 to 9 and from a to f", "check which digests the file has")


class _UnreadError(Exception):
    """A line with which reading ends."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.advice = advice


class _NoColumnError(Exception):
    """A table without the column, or with two of it, which has been reported."""


def read_data(
    wanted: DataFile, name: str, into: set[str], collector: Collector, entry_of: Callable[[str], str] = entry_of
) -> str | None:
    """Adds the entries of a file to those of the list `name`, and gives the SHA-256 of what the file holds.

    `entry_of` makes entries of what stands there, or raises RefusedError. What is wrong with the file is reported; None
    where it could not be read.
    """
    if wanted.column is None and is_table(wanted.path):
        collector.report(list_codes.COLUMN_NEEDED, wanted.at, file=wanted.file)
        return None
    tally = _Tally(wanted, name, into, collector, entry_of)
    lines: _Lines | None = None
    try:
        found = wanted.path.stat()
        if why := folders.unreadable(found.st_mode):
            collector.report(codes.UNREADABLE_FILE, wanted.at, file=wanted.file, why=why)
            return None
        if found.st_size > LARGEST_DATA:
            whole = Span.whole_file(wanted.file)
            collector.report(codes.FILE_TOO_LARGE, whole, size=found.st_size, limit=LARGEST_DATA)
            return None
        with wanted.path.open("rb") as opened:
            lines = _Lines(opened)
            for line, text in _texts(lines) if wanted.column is None else _cells(lines, wanted, collector):
                tally.take(line, text)
    except csv.Error as error:
        _report_unread(error, wanted, lines.row if lines is not None else 1, collector)
        return None
    except (UnicodeDecodeError, _UnreadError) as error:
        _report_unread(error, wanted, lines.number if lines is not None else 1, collector)
        return None
    except _NoColumnError:
        return None
    except (OSError, ValueError) as error:
        collector.report(codes.UNREADABLE_FILE, wanted.at, file=wanted.file, why=refused(error))
        return None
    tally.finish()
    return lines.digest.hexdigest()


def first_of(wanted: DataFile, among: Container[str]) -> Span | None:
    """Where a file that has been read has the first of these entries; None where it has none of them."""
    with suppress(OSError, ValueError, csv.Error, _UnreadError, _NoColumnError), wanted.path.open("rb") as opened:
        lines = _Lines(opened)
        for line, text in _texts(lines) if wanted.column is None else _cells(lines, wanted, Collector()):
            if text and entry_of(text) in among:
                return _line(wanted.file, line)
    return None


def _report_unread(error: Exception, wanted: DataFile, line: int, collector: Collector) -> None:
    match error:
        case UnicodeDecodeError():
            column = len(error.object[: error.start].decode()) + 1
            span = Span(wanted.file, Position(line, column), Position(line, column + 1))
            collector.report(codes.NOT_UTF8, span, byte=f"0x{error.object[error.start]:02X}")
        case _:
            problem, advice = (str(error), error.advice) if isinstance(error, _UnreadError) else _unread_row(str(error))
            collector.report(list_codes.UNREAD_LINE, _line(wanted.file, line), problem=problem, advice=advice)


def _unread_row(problem: str) -> tuple[str, str]:
    """What is wrong with a row of a table, for people who never saw the library that says so, and what to do."""
    if "new-line" in problem:
        return "it has a carriage return that ends no line", "save the file anew, with lines that end in CR LF or LF"
    if "expected after" in problem:
        return "a cell goes on behind the quote that ends it", "write a quote that is part of a cell twice"
    return "a cell begins with a quote here, and none ends it", "write a quote that is part of a cell twice, or end it"


def _line(file: str, line: int) -> Span:
    return Span(file, Position(line, 1), Position(line, 1))


# -- lines, cells


class _Lines:
    """The lines of a file, without a byte order mark; `number` is that of the last one, `digest` that of all.

    `row` is the line that a row of a table begins with.
    """

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self.number = 0
        self.row = 1
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[str]:
        begin, rest = self._read(len(codecs.BOM_UTF8)), b""
        blocks = chain([b"" if begin == codecs.BOM_UTF8 else begin], iter(partial(self._read, _BLOCK), b""))
        for block in blocks:
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield self._decoded(line) + "\n"  # without it, a cell of two lines would be one text
            if len(rest) > _LONGEST_LINE:
                break
        if rest:
            yield self._decoded(rest)

    def _read(self, size: int) -> bytes:
        block = self._opened.read(size)
        self.digest.update(block)
        return block

    def _decoded(self, line: bytes) -> str:
        self.number += 1
        if len(line) > _LONGEST_LINE:
            raise _UnreadError(
                f"it has more than {_LONGEST_LINE:,} bytes",
                "check that the file has one row a line, and that its quotes are in pairs",
            )
        return line.decode()


def _texts(lines: _Lines) -> Iterator[tuple[int, str]]:
    """The entries of a text, one a line, without those that are blank or comments."""
    for line in lines:
        text = line.strip()
        if text and text[0] != COMMENT:
            yield lines.number, text


def _cells(lines: _Lines, wanted: DataFile, collector: Collector) -> Iterator[tuple[int, str]]:
    """What stands in the column, row by row; empty where nothing does. Every row has as many cells as the first."""
    rest = iter(lines)
    header = next((line for line in rest if line.strip()), None)
    if header is None:
        return
    separator, names = _header(header, wanted.column or "")
    if names.count(wanted.column or "") != 1:
        _report_column(wanted, names, lines.number, collector)
        raise _NoColumnError
    place, width = names.index(wanted.column or ""), len(names)
    rows = csv.reader(rest, delimiter=separator, strict=True)
    lines.row = lines.number + 1
    for row in rows:
        if len(row) == width:
            yield lines.row, unguarded(row[place]).strip()
        elif row:
            raise _UnreadError(
                f"it has {_cells_in_words(len(row))}, and the first line has {width}",
                f"a cell that has `{separator}` or a line break in it stands in double quotes",
            )
        lines.row = lines.number + 1


def _cells_in_words(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _header(line: str, column: str) -> tuple[str, list[str]]:
    """What separates the cells of a table with this first line, and what its columns are called."""
    found = []
    for separator in _SEPARATORS:
        names = [unguarded(name).strip() for name in next(csv.reader([line], delimiter=separator), [])]
        if column in names:
            return separator, names
        found.append((separator, names))
    return max(found, key=lambda one: len(one[1]))


def _report_column(wanted: DataFile, names: list[str], line: int, collector: Collector) -> None:
    place = wanted.at if wanted.at_column is None else wanted.at_column
    also = [_line(wanted.file, max(line, 1))]
    told = {"file": wanted.file, "column": wanted.column or ""}
    if wanted.column in names:
        collector.report(list_codes.COLUMN_TWICE, place, also=also, **told)
        return
    allowed = ", ".join(name for name in names if name) or "none"
    near = Near(wanted.column or "", [name for name in names if name])
    collector.report(list_codes.NO_COLUMN, place, suggestion=near, also=also, allowed=allowed, **told)


# -- what is told


@dataclass(slots=True)
class _Few:
    """Where something is that may be everywhere: how often, the first line, and what stood there."""

    count: int = 0
    line: int = 0
    text: str = ""

    def add(self, line: int, text: str = "") -> None:
        if not self.count:
            self.line, self.text = line, text
        self.count += 1


@dataclass(slots=True)
class _Tally:
    """Takes the entries of a file, and tells what of it can't be one, what is repeated, and what is empty."""

    wanted: DataFile
    name: str
    into: set[str]
    collector: Collector
    entry_of: Callable[[str], str]
    taken: int = 0
    refused: list[tuple[int, str, RefusedError]] = field(default_factory=list)
    more: int = 0
    """How many were refused besides."""
    repeated: _Few = field(default_factory=_Few)
    empty: _Few = field(default_factory=_Few)

    def take(self, line: int, text: str) -> None:
        """Takes what stands in a line or a cell."""
        if not text:
            self.empty.add(line)
            return
        try:
            entry = self.entry_of(text)
        except RefusedError as error:
            if len(self.refused) < _TOLD:
                self.refused.append((line, text, error))
            else:
                self.more += 1
            return
        self.taken += 1
        if entry in self.into:
            self.repeated.add(line, text)
        else:
            self.into.add(entry)

    def finish(self) -> None:
        """Tells what there is to tell of the file."""
        file, report = self.wanted.file, self.collector.report
        for number, (line, text, error) in enumerate(self.refused, 1):
            entry = text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"
            more = f"; nor can {self.more:,} more of this file" if self.more and number == len(self.refused) else ""
            params = {"entry": entry, "list": self.name, "why": str(error), "more": more, "advice": error.advice}
            self.collector.add(list_codes.REFUSED_ENTRY, _line(file, line), params)
        for few, rule, one, several, verbs in (
            (self.repeated, list_codes.REPEATED_ENTRIES, "one entry", "entries", ("stands", "stand")),
            (self.empty, list_codes.EMPTY_CELLS, "one row", "rows", ("has", "have")),
        ):
            alone = few.count == 1
            told = {
                "count": one if alone else f"{few.count:,} {several}",
                "stand": verbs[not alone],
                "have": verbs[not alone],
                "first": "" if alone else ", the first of them here",
                "entry": few.text,
                "list": self.name,
                "column": self.wanted.column or "",
            }
            if few.count:
                self.collector.add(rule, _line(file, few.line), told)
        if not self.taken and not self.refused:
            report(list_codes.NO_ENTRY, self.wanted.at, file=file)
