"""Putting right what is mechanical: a near miss written as it was meant, an item that stands twice removed.

Edits are made to the text at the places of the diagnostics, so that everything else stays as it is, and kept only where
the pack has fewer problems afterwards: fewer errors, or as many and fewer warnings, and loads if it did before.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from sendable.diagnostics import base_codes, codes, limit_codes, lint_codes
from sendable.diagnostics.places import Position, Source
from sendable.diagnostics.record import Collector, Diagnostic, Replacement, Severity, by_severity, told
from sendable.lints.run import read_and_lint
from sendable.pack.layout import formatted
from sendable.pack.reading import Reading

_MEANT: Final = frozenset(
    rule.code
    for rule in (
        base_codes.NOTHING_TO_CHANGE,
        codes.UNKNOWN_KEY,
        codes.NOT_A_CHOICE,
        codes.UNKNOWN_FUNCTION,
        codes.UNDECLARED_PATH,
        codes.UNKNOWN_PARAMETER,
        codes.UNKNOWN_LIST,
        limit_codes.EXCEPTION_UNKNOWN_REASON,
        codes.NOT_IN_ENUM,
        codes.OTHER_SPELLING,
        lint_codes.UNKNOWN_CODE,
        codes.BAD_PLACEHOLDER,
        codes.UNDECLARED_PLACEHOLDER,
    )
)
"""The rules whose suggestion can be put in the place of what was written."""

_PLAIN: Final = re.compile(r"\{?[A-Za-z_][A-Za-z0-9_.-]*\}?")
_ROUNDS: Final = 5
_MOST_MENDED: Final = 1_000
"""After so many no further round is begun: each reads the whole pack again, and somebody is to read what was done."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters of a file, by their indices, and what is to stand there."""

    start: int
    end: int
    text: str


class _Edits:
    """The edits of one file, in the order of their places: none touches another."""

    def __init__(self) -> None:
        self._sorted: list[Edit] = []

    def fits(self, edit: Edit) -> bool:
        """Whether the edit is one of these, or touches none of them."""
        at = self._at(edit)
        before, here = self._sorted[max(at - 1, 0) : at], self._sorted[at : at + 1]
        free = all(one.end <= edit.start for one in before) and all(edit.end <= one.start for one in here)
        return free or edit in here

    def add(self, edit: Edit) -> None:
        """Takes in an edit that fits."""
        at = self._at(edit)
        if edit not in self._sorted[at : at + 1]:
            self._sorted.insert(at, edit)

    def _at(self, edit: Edit) -> int:
        return bisect_left(self._sorted, edit.start, key=lambda one: one.start)

    def applied(self, text: str) -> str:
        """The text with all of them made."""
        pieces, end = [], 0
        for edit in self._sorted:
            pieces += [text[end : edit.start], edit.text]
            end = edit.end
        return "".join((*pieces, text[end:]))


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of it: the new texts of files by their names in the pack, what was put right, and what is left.

    It is `ended` where so much was put right that what is left was not tried: another run may put right more.
    """

    texts: Mapping[str, str]
    mended: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]
    ended: bool = False


def fixed(root: Path) -> Fixed:
    """The pack in the directory `root` with all put right that can be; nothing is written."""
    texts: dict[str, str] = {}
    mended: list[Diagnostic] = []
    reading, found = read_and_lint(root)
    given = reading.sources
    for _ in range(_ROUNDS):
        tried, attempted = _tried(reading, texts, found)
        if not attempted:
            break
        changed, after = read_and_lint(root, tried)
        if _weight(after) >= _weight(found) or (reading.pack is not None and changed.pack is None):
            break
        reading, texts, found = changed, tried, after
        mended += attempted
        if len(mended) >= _MOST_MENDED:
            break
    laid_out = {name: _laid_out(given[name], text) for name, text in texts.items()}
    if laid_out != texts:
        _, found = read_and_lint(root, laid_out)
    return Fixed(laid_out, tuple(mended), told(found), ended=len(mended) >= _MOST_MENDED)


def _laid_out(given: Source, text: str) -> str:
    """The text in the one layout, where the file that was given is in it."""
    if formatted(given, Collector()) != given.text:
        return text
    return formatted(Source(given.file, text), Collector()) or text


def _weight(found: Iterable[Diagnostic]) -> tuple[int, ...]:
    """How much is wrong: errors first, as mending one can show what it hid."""
    counts = by_severity(found)
    return tuple(counts[severity] for severity in Severity)


def _tried(
    reading: Reading, texts: Mapping[str, str], found: Iterable[Diagnostic]
) -> tuple[dict[str, str], list[Diagnostic]]:
    """The texts after one round of edits, and the diagnostics that they are for."""
    # A base is another's work, or a copy that is replaced as a whole: nothing is put right in its files.
    names = {source.file: name for name, source in reading.sources.items() if name not in reading.inherited}
    edits: dict[str, _Edits] = {}
    attempted: list[Diagnostic] = []
    for one in found:
        wanted = _edits(one, reading.sources, names)
        if wanted and all(name not in edits or edits[name].fits(edit) for name, edit in wanted):
            for name, edit in wanted:
                edits.setdefault(name, _Edits()).add(edit)
            attempted.append(one)
    changed = {name: made.applied(reading.sources[name].text) for name, made in edits.items()}
    return {**texts, **changed}, attempted


def _edits(one: Diagnostic, sources: Mapping[str, Source], names: Mapping[str, str]) -> list[tuple[str, Edit]] | None:
    """The edits, each with the name of its file, that put the diagnostic right together; None where they are unsure."""
    if not one.edits:
        name = names.get(one.span.file)
        edit = None if name is None else _edit(one, sources[name])
        return None if name is None or edit is None else [(name, edit)]
    found: list[tuple[str, Edit]] = []
    for replacement in one.edits:
        name = names.get(replacement.span.file)
        edit = None if name is None else _replacing(replacement, sources[name])
        if name is None or edit is None:
            return None
        found.append((name, edit))
    return found


def _replacing(replacement: Replacement, source: Source) -> Edit | None:
    start, end = _index(source, replacement.span.start), _index(source, replacement.span.end)
    if start is None or end is None or start >= end:
        return None
    return Edit(start, end, replacement.text) if replacement.text else _without_item(source.text, start, end)


def _edit(one: Diagnostic, source: Source) -> Edit | None:
    """What would put the diagnostic right; None where that is not certain."""
    start, end = _index(source, one.span.start), _index(source, one.span.end)
    if start is None or end is None or start >= end:
        return None
    if one.code == codes.REPEATED_ITEM.code:
        return _without_item(source.text, start, end)
    if one.code not in _MEANT or one.suggestion is None or not one.sure:
        return None
    written = source.text[start:end]
    if one.code == codes.OTHER_SPELLING.code:
        return _within_quotes(start, written, one.suggestion)
    if _PLAIN.fullmatch(one.suggestion) is None:
        return None
    if one.code == codes.UNDECLARED_PLACEHOLDER.code and written.startswith("{"):
        return Edit(start, end, f"{{{one.suggestion}}}") if written.endswith("}") else None
    quote = written[0] if len(written) > 1 and written[0] in "'\"" and written[-1] == written[0] else ""
    bare = written[1:-1] if quote else written
    if "\n" in bare or "\\" in bare:
        return None  # written with escapes or over several lines
    return Edit(start, end, f"{quote}{one.suggestion}{quote}")


_QUOTES: Final = ('\\"', "''", '"', "'")
"""What stands around a text in a condition: in double and in single quotes of YAML, and elsewhere."""
_UNQUOTED: Final = re.compile(r"""[^"'\\#:\n\r]+""")


def _within_quotes(start: int, written: str, text: str) -> Edit | None:
    """Puts a text, such as `my news`, into the quotes of another."""
    quote = next((one for one in _QUOTES if written.startswith(one) and written.endswith(one)), None)
    if quote is None or len(written) < 2 * len(quote):
        return None
    bare = written[len(quote) : -len(quote)]
    if not (_UNQUOTED.fullmatch(bare) and _UNQUOTED.fullmatch(text) and text.isprintable()):
        return None  # written with escapes or over several lines
    return Edit(start, start + len(written), f"{quote}{text}{quote}")


_ITEM_LINE: Final = re.compile(r"[ \t]*-[ \t]+\Z")
_BLANK_TO_END: Final = re.compile(r"[ \t]*(\r\n|\n|\r|\Z)")
_COMMA_BEFORE: Final = re.compile(r",\s*\Z")


def _without_item(text: str, start: int, end: int) -> Edit | None:
    """Removes an item of a list: its line, or it and the comma before it."""
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = _BLANK_TO_END.match(text, end)
    if _ITEM_LINE.match(text[line:start]) and rest is not None:
        return Edit(line, rest.end(), "")
    comma = _COMMA_BEFORE.search(text, max(0, start - 200), start)
    return None if comma is None else Edit(comma.start(), end, "")


@lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text)))


def _index(source: Source, place: Position) -> int | None:
    """The index of a place in the text of its file."""
    starts = _line_starts(source.text)
    if place.line > len(starts):
        return None
    return min(starts[place.line - 1] + place.column - 1, len(source.text))
