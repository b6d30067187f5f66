"""Diagnostics as text, with the source line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from sendable.diagnostics.places import Source, Span
from sendable.diagnostics.record import Diagnostic, Severity, by_severity, counted
from sendable.diagnostics.wording import shown
from sendable.documents.parse import LARGEST_FILE
from sendable.render.terminal.paint import Paint, Role, plain

_ROLES: Final = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARNING, Severity.HINT: Role.HINT}
_LONGEST_EXCERPT: Final = 160
_BEFORE_TOKEN: Final = 60
_TAB: Final = 4


def as_text(diagnostics: Iterable[Diagnostic], paint: Paint = plain) -> Iterator[str]:
    """Each diagnostic with its source line, a caret line under the very token, and the help; then a line of counts."""
    found = tuple(diagnostics)
    sources = _Sources()
    for diagnostic in found:
        yield "\n".join(_one(diagnostic, sources, paint)) + "\n"
    if found:
        yield summary(found)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are of each severity: `2 errors, 1 warning`."""
    return counted(by_severity(diagnostics)) or "no problems"


class _Sources:
    """The files that diagnostics are in, each read once. What can't be read has no lines."""

    def __init__(self) -> None:
        self._read = lru_cache(maxsize=8)(_read_lines)

    def line(self, file: str, number: int) -> str | None:
        lines = self._read(file)
        return lines[number - 1] if 0 < number <= len(lines) else None


def _read_lines(file: str) -> tuple[str, ...]:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(LARGEST_FILE)
    except (OSError, ValueError):
        return ()
    return Source(file, data.decode("utf-8", "replace").removeprefix("\N{BYTE ORDER MARK}")).lines


def _one(diagnostic: Diagnostic, sources: _Sources, paint: Paint) -> Iterator[str]:
    span = diagnostic.span
    role = _ROLES[diagnostic.severity]
    heading = paint(f"{diagnostic.severity} {diagnostic.code}", role)
    yield f"{paint(f'{shown(span.file)}:{span.start}', Role.HEADING)}: {heading}: {diagnostic.message}"
    line = sources.line(span.file, span.start.line) if span.start < span.end else None
    margin = " " * len(str(span.start.line))
    if line is not None:
        excerpt, carets = _excerpt(line, span)
        yield f"  {paint(f'{span.start.line} |', Role.FAINT)} {excerpt}"
        yield f"  {paint(f'{margin} |', Role.FAINT)} {carets[0]}{paint(carets[1], role)}"
    for also in diagnostic.also:
        yield f"  {paint(f'{margin} =', Role.FAINT)} see also {shown(also.file)}:{also.start}"
    if diagnostic.help:
        yield f"  {paint(f'{margin} =', Role.FAINT)} help: {diagnostic.help}"


def _excerpt(line: str, span: Span) -> tuple[str, tuple[str, str]]:
    """The part of `line` around the span's first line as it can be shown, and below it the blank and the carets."""
    first = span.start.column - 1
    last = span.end.column - 1 if span.end.line == span.start.line else len(line.rstrip())
    begin = max(0, first - _BEFORE_TOKEN) if len(line) > _LONGEST_EXCERPT else 0
    stop = begin + _LONGEST_EXCERPT
    cells = [_cell(char) for char in line[begin:stop]]
    before, behind = "…" * (begin > 0), "…" * (stop < len(line))
    blank = sum(width for _, width in cells[: first - begin]) + len(before)
    marked = sum(width for _, width in cells[first - begin : max(last, first + 1) - begin])
    text = before + "".join(text for text, _ in cells) + behind
    return text.rstrip(), (" " * blank, "^" * max(marked, 1))


def _cell(char: str) -> tuple[str, int]:
    """A character as it can be shown on a terminal, and how many columns it takes there."""
    if char == "\t":
        return " " * _TAB, _TAB
    if unicodedata.category(char) in ("Mn", "Me"):
        return char, 0
    if not char.isprintable():
        return "\N{REPLACEMENT CHARACTER}", 1
    return char, 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
