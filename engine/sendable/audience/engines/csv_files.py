"""CSV by one definition of a row, whatever engine decides its contacts.

A row is a line, and goes on in the next where a quote is open (RFC 4180): values are separated by the file's separator,
quotes stand around whole values and are doubled within them, and there are as many values as columns. A line in which
nothing is, is no row. Any other row is bad: it is told by its line and counted, and the next line is read as if a row
began there, so that a quote that is never closed takes no contact with it. Rows read and bad rows add up to the file.

Engines do not agree on anything but good rows. A file that has nothing else, which takes a moment to see, is left to
them; of another one a draft is made, which has its good rows as JSON Lines.

A cell that a spreadsheet would run is written with an apostrophe before it, which is taken off where it is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, TypeAlias

from sendable.documents.cells import unguarded

GUARDED: Final = r"^'*[=+\-@\t\r]"
"""What a text begins with before which an apostrophe is written: what a spreadsheet runs, behind others or none."""
GUARD: Final = "'"

_SEPARATORS: Final = (",", ";", "\t", "|")
_LONGEST_ROW: Final = 1 << 20
"""In characters: a quote that is open for longer is one that was never closed, and no row is longer."""
_TOO_LONG: Final = "more than 1,048,576 characters"
_BLOCK: Final = 1 << 22
_MOST_TOLD: Final = 3
_STRAY_QUOTE: Final = "a quote that does not stand around a whole value"


class UnreadableError(ValueError):
    """Files that can't be read, or a place that can't be written to; the text is a line about it."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be read for certain: the line it begins on, 1 being the first of the file, and why."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, and what separates them."""

    columns: tuple[str, ...]
    separator: str
    by_place: bool = False
    """Whether columns are called by their place, `column 3` and the like: those without a name, and those asked for."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of CSV that any engine reads alike."""

    header: Header
    file: Path
    """The file itself, or JSON Lines with its good rows, whose values are texts."""
    is_draft: bool
    bad_rows: int
    examples: tuple[BadRow, ...]
    """The first few of the bad rows."""


_Row: TypeAlias = list[str] | BadRow


def first_row(file: Path) -> Header:
    """What the first row of the file has as names of columns, as they stand there.

    Raises UnreadableError where there is no such row.
    """
    with _opened(file) as (stream, _):
        if len(stream.readline(_LONGEST_ROW + 1)) > _LONGEST_ROW:
            raise UnreadableError(f"`{file}` has a first row of {_TOO_LONG}, and no names of columns are so long")
    found = [_header(file, separator) for separator in _SEPARATORS]
    header = max(found, key=lambda one: len(one.columns))
    if not any(header.columns):
        raise UnreadableError(f"`{file}` has no first row with the names of its columns")
    return header


def read_header(file: Path, asked: Container[str] = ()) -> Header:
    """The names of the columns of the file, each once.

    A column without a name is called by its place, `column 3` and the like, and so is one whose name several have where
    that is `asked` for. Raises UnreadableError as `first_row` does, and where a name is still that of several.
    """
    header = first_row(file)
    counts = Counter(header.columns)
    named: list[str] = []
    several: dict[str, list[str]] = {}
    for place, name in enumerate(header.columns, 1):
        called = _called(place)
        by_place = not name or (counts[name] > 1 and called in asked)
        if by_place and called in counts:
            raise UnreadableError(f"`{file}` has no name for its {called}, which another one is called: give it one")
        named.append(called if by_place else name)
        if not by_place and counts[name] > 1:
            several.setdefault(name, []).append(called)
    several = {name: places for name, places in several.items() if len(places) > 1}
    if several:
        told = "; ".join(_some([f"`{name}` ({', '.join(_some(places))})" for name, places in several.items()]))
        last = next(iter(several.values()))[-1]
        raise UnreadableError(
            f"`{file}` has columns with the same name, {told}: say what they are by their place, such as "
            f"--column '{last}=contact.email', or that one is no field, such as --column '{last}='"
        )
    return Header(tuple(named), header.separator, by_place=tuple(named) != header.columns)


def _some(named: list[str]) -> list[str]:
    """The first few, and a sign that there are more."""
    return named if len(named) <= _MOST_TOLD else [*named[:_MOST_TOLD], "…"]


def _called(place: int) -> str:
    """What a column is called by its place."""
    return f"column {place}"


def tables(files: Sequence[Path], folder: Path, asked: Container[str] = ()) -> list[Table]:
    """The files as any engine reads them alike, with drafts in `folder`. For `asked` see `read_header`.

    Raises UnreadableError, for a file of which not a single row can be read as well.
    """
    return [_table(file, folder / f"rows-{number}.jsonl", asked) for number, file in enumerate(files)]


def _table(file: Path, draft: Path, asked: Container[str]) -> Table:
    header = read_header(file, asked)
    if not header.by_place and _is_clean(file, header):
        return Table(header, file, is_draft=False, bad_rows=0, examples=())
    good, bad = 0, 0
    examples: list[BadRow] = []
    with draft.open("x", encoding="utf-8", newline="\n") as written:
        for row in _rows(file, header):
            if isinstance(row, BadRow):
                bad += 1
                if bad <= _MOST_TOLD:
                    examples.append(row)
            else:
                good += 1
                values = (unguarded(value) or None for value in row)
                written.write(json.dumps(dict(zip(header.columns, values, strict=True)), ensure_ascii=False) + "\n")
    if bad and not good:
        raise UnreadableError(
            f"`{file}` has no row that can be read: {examples[0]}; remove what stands above the row with the names "
            f"of the columns, here taken to be `{header.separator.join(header.columns)}`"
        )
    return Table(header, draft, is_draft=True, bad_rows=bad, examples=tuple(examples))


# -- rows, exactly


def _header(file: Path, separator: str) -> Header:
    with _opened(file) as (stream, end):
        first = _Rows(stream, separator, end).take()
    return Header(tuple(map(unguarded, first)) if isinstance(first, list) else (), separator)


def _rows(file: Path, header: Header) -> Iterator[_Row]:
    """The rows behind the header."""
    with _opened(file) as (stream, end):
        rows = _Rows(stream, header.separator, end)
        rows.take()
        while (row := rows.take(len(header.columns))) is not None:
            if row:
                yield row


@contextmanager
def _opened(file: Path) -> Iterator[tuple[TextIO, str]]:
    """The file and what ends its lines: a line feed, or a carriage return where nothing else does."""
    with file.open("rb") as stream:
        start = stream.read(_LONGEST_ROW)
    end = "\r" if b"\r" in start and b"\n" not in start else "\n"
    try:
        with file.open(encoding="utf-8-sig", newline=end) as stream:
            yield stream, end
    except UnicodeDecodeError:
        raise UnreadableError(f"`{file}` is no text in UTF-8: save it as CSV in UTF-8") from None


class _Rows:
    """The rows of a text, read one by one."""

    def __init__(self, stream: TextIO, separator: str, end: str) -> None:
        bare, one = rf'[^"\r\n{re.escape(separator)}]*+', re.escape(separator)
        inside = r'[^"]*+(?:""[^"]*+)*+'
        begun = f'"{inside}'
        value = rf'(?:{begun}"|{bare})'
        self._separator = separator
        self._whole = re.compile(rf"{value}(?:{one}{value})*+")
        self._open = re.compile(rf"(?:{value}{one})*{begun}")
        self._closes = re.compile(rf'{inside}"(?:{one}{value})*+')
        self._stays_open = re.compile(rf'{inside}(?:"{one}(?:{value}{one})*{begun})?')
        self._value = re.compile(rf"(?:\A|{one})({value})")
        self._stream = stream
        self._end = end
        self._ahead: deque[str] = deque()
        self._number = 0

    def take(self, count: int | None = None) -> _Row | None:
        """The next row, which has `count` values where that is given: empty for a line in which nothing is.

        None at the end. Behind a bad row the next one begins on the line after that on which the bad one began.
        """
        first = self._line()
        if first is None:
            return None
        begun, more = self._number, list[str]()
        if len(first) > _LONGEST_ROW:
            return BadRow(begun, _TOO_LONG)
        if count is not None and not first.strip(" \r\n"):
            return []
        row = self._read(first, more)
        if isinstance(row, list) and count is not None and len(row) != count:
            row = f"{len(row)} value{'s' * (len(row) != 1)} for {count} column{'s' * (count != 1)}"
        if isinstance(row, list):
            return row
        self._ahead.extendleft(reversed(more))
        self._number -= len(more)
        return BadRow(begun, row)

    def _read(self, text: str, more: list[str]) -> list[str] | str:
        """The values of the row that begins with the line, or why there are none; `more` is given its other lines."""
        body = _without_end(text)
        if '"' in body:
            if self._whole.fullmatch(body) is None:
                if self._open.fullmatch(body) is None:
                    return _STRAY_QUOTE
                ended = self._go_on(len(text), more)
                if ended is not None:
                    return ended
                body = _without_end("".join((text, *more)))
            values = [_unquoted(found) for found in self._value.findall(body)]
        else:
            values = body.split(self._separator)
            if "\r" in body:
                return "a carriage return in a value without quotes"
        return "a NUL character" if "\0" in body else values

    def _go_on(self, length: int, more: list[str]) -> str | None:
        """Adds the lines that a row with an open quote goes on in, each looked at once; why it has no end, if so."""
        while length <= _LONGEST_ROW and (line := self._line()) is not None:
            more.append(line)
            length += len(line)
            if self._stays_open.fullmatch(line) is not None:
                continue
            return None if self._closes.fullmatch(_without_end(line)) is not None else _STRAY_QUOTE
        return "a quote that is never closed"

    def _line(self) -> str | None:
        """The next line with its end, of one that is too long the beginning; None at the end of the text."""
        line = self._ahead.popleft() if self._ahead else self._cut_line()
        if not line:
            return None
        self._number += 1
        return line

    def _cut_line(self) -> str:
        line = self._stream.readline(_LONGEST_ROW + 1)
        rest = line
        while len(rest) > _LONGEST_ROW and not rest.endswith(self._end):
            rest = self._stream.readline(_LONGEST_ROW + 1)
        return line


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _unquoted(value: str) -> str:
    return value[1:-1].replace('""', '"') if value.startswith('"') else value


# -- whether there are good rows only


def _is_clean(file: Path, header: Header) -> bool:
    """Whether every line of the file is a good row that needs no apostrophe taken off. Raises UnreadableError."""
    check = _Blocks(header)
    with file.open("rb") as stream:
        first = stream.readline(_LONGEST_ROW).removeprefix(b"\xef\xbb\xbf")
        if not check.are_clean(first):
            return False
        rest = b""
        while read := stream.read(_BLOCK):
            block = rest + read
            end = block.rfind(b"\n") + 1
            block, rest = block[:end], block[end:]
            if len(rest) > _LONGEST_ROW or (block and not check.are_clean(block)):
                return False
    return not rest or check.are_clean(rest)


class _Blocks:
    """Looks at blocks of whole lines, all at once where that can be."""

    def __init__(self, header: Header) -> None:
        separator = header.separator.encode()
        one = re.escape(separator)
        self._separator = separator
        self._count = len(header.columns) - 1
        # What it begins with is literal, which is looked for fast.
        self._quoted = re.compile(rb'"(?<=[\n%s]")[^"\n]*+(?:""[^"\n]*+)*+"(?=[\r\n%s])' % (one, one))
        self._guarded = re.compile(rb"(?:^|[" + one + rb"\"])'+[=+\-@\t\r]", re.MULTILINE)
        self._returns: bool | None = None

    def are_clean(self, block: bytes) -> bool:  # noqa: C901 - one question after the other, the cheap ones first
        """Whether all lines are good rows; they end alike in all the blocks."""
        try:
            block.decode()
        except UnicodeDecodeError:
            return False  # said by whoever reads the rows
        if b"\0" in block or (b"'" in block and self._guarded.search(block)):
            return False
        returns, ended = b"\r" in block, block.endswith(b"\n")
        if self._returns is None:
            self._returns = returns
        if returns:
            ends = block.count(b"\r\n")
            if not self._returns or ends != block.count(b"\r") or ends != block.count(b"\n"):
                return False
        elif self._returns and b"\n" in block:
            return False
        if b'"' in block:
            block = self._quoted.sub(b"", b"\n" + block + b"\n")[1:-1]
            if b'"' in block:
                return False
        lines = block.split(b"\n")
        if ended:
            lines.pop()
        if not self._count and not all(line.strip(b" \r") for line in lines):
            return False
        if max(map(len, lines), default=0) >= _LONGEST_ROW:
            return False
        return {line.count(self._separator) for line in lines} <= {self._count}
