"""What a pack's authors say of lints: severities and exclusions in the manifest, comments that allow a code.

    lint:
      severity: {SND622: warning}
      exclude: [SND523]

`# sendable: allow SND520` on the first line of a reason or an exception, inside it or in the comment directly above it
silences that code there; on a change of a reason, on what is written there. Errors that keep a pack from loading are
beyond all this.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.diagnostics.codes import RULES
from sendable.diagnostics.places import Position, Source, Span
from sendable.diagnostics.record import Collector, Diagnostic, Placed, Rule, Severity
from sendable.documents.elements import Array, Element, Map, Scalar, entries, get, position_of
from sendable.pack.reading import Draft, ExceptionDraft, Reading

_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#\s*sendable:\s*allow(?=\s|$)")
_WORD: Final = re.compile(r"[^\s,]+")
_CODE: Final = re.compile(r"[A-Za-z]{2,5}[0-9]{2,4}")


def is_allowance(source: Source, comment: Span) -> bool:
    """Whether the comment at this place is one that allows a code."""
    return _COMMENT.match(source.lines[comment.start.line - 1], comment.start.column - 1) is not None


@dataclass(frozen=True)
class _Allowance:
    """One code in one comment, and the reason or exception it is for."""

    code: str
    span: Span
    draft: Draft | ExceptionDraft | None


def applied(reading: Reading) -> tuple[Diagnostic, ...]:
    """The pack's diagnostics as its authors want them, in order, with what is wrong about their wishes.

    They are all that were kept; `told` has those that are told.
    """
    silenced = _silenced(reading)
    severities, excluded = _configured(reading)
    result: list[Diagnostic] = []
    for found in reading.collector.kept():
        if _weighable(found.rule):
            if found in silenced or found.code in excluded:
                continue
            severity = severities.get(found.code, found.severity)
            if severity is not found.severity:
                found = replace(found, rule=replace(found.rule, severity=severity))  # noqa: PLW2901
        result.append(found)
    return (*result, *reading.collector.only_counted(severities, excluded))


# -- the manifest


def _configured(reading: Reading) -> tuple[dict[str, Severity], set[str]]:
    """Severities and exclusions by code."""
    severities: dict[str, Severity] = {}
    excluded: set[str] = set()
    lint = reading.manifest.get("lint") if isinstance(reading.manifest, Map) else None
    if not isinstance(lint, Map):
        return severities, excluded
    given, out = lint.get("severity"), lint.get("exclude")
    for entry in given.entries if isinstance(given, Map) else ():
        value = entry.value.value if isinstance(entry.value, Scalar) else None
        if value in list(Severity) and _open(reading.collector, entry.name, entry.key, value == Severity.ERROR):
            severities[entry.name] = Severity(str(value))
    for item in out.items if isinstance(out, Array) else ():
        if isinstance(item, Scalar) and _open(reading.collector, str(item.value), item):
            excluded.add(str(item.value))
    return severities, excluded


def _weighable(rule: Rule) -> bool:
    """Whether authors may say how grave it is: what keeps a pack from loading is beyond that."""
    return rule.severity is not Severity.ERROR or rule.loads


def _open(collector: Collector, code: str, place: Span | Placed, stays_error: bool = False) -> bool:  # noqa: FBT002
    """Whether the code is of a rule that can be silenced; what keeps it from being so is reported."""
    rule = RULES.get(code)
    if rule is None:
        meant = code.upper()  # another code is nothing to guess at
        collector.report(lint_codes.UNKNOWN_CODE, place, suggestion=meant if meant in RULES else None, code=code)
        return False
    if not _weighable(rule):
        if not stays_error:
            collector.report(lint_codes.FIXED_SEVERITY, place, code=code)
        return False
    return True


# -- comments


def _silenced(reading: Reading) -> set[Diagnostic]:
    """The diagnostics that comments allow; codes that are none, and comments that allow nothing, are reported."""
    sources = [source for source in reading.sources.values() if "sendable:" in source.text]
    if not sources:
        return set()
    allowances = [
        one
        for source in sources
        if (element := _document(reading, source)) is not None
        for one in _allowances(reading, source, element)
    ]
    found = _Found(reading.collector.kept())
    silenced: set[Diagnostic] = set()
    for one in allowances:
        if not _open(reading.collector, one.code, one.span):
            continue
        matching = frozenset() if one.draft is None else found.on(one.draft, one.code)
        silenced |= matching - silenced
        if not matching:
            nothing = (
                "no reason or exception begins below it"
                if one.draft is None
                else f"`{one.draft.id}` has no such problem"
            )
            reading.collector.report(lint_codes.IDLE_ALLOW, one.span, code=one.code, nothing=nothing)
    return silenced


class _Found:
    """Diagnostics by what they are on, each looked at once for each code that is allowed there."""

    def __init__(self, found: Iterable[Diagnostic]) -> None:
        self._by_code: dict[str, list[Diagnostic]] = {}
        for one in found:
            self._by_code.setdefault(one.code, []).append(one)
        self._on: dict[tuple[Span, str], frozenset[Diagnostic]] = {}

    def on(self, draft: Draft | ExceptionDraft, code: str) -> frozenset[Diagnostic]:
        """Those of the code on a reason or an exception."""
        key = (draft.key.span, code)
        if key not in self._on:
            ordered = self._by_code.get(code, [])
            start, end = draft.key.span, draft.body.span.end
            first = bisect_left(ordered, start, key=lambda one: one.span)
            inside = takewhile(lambda one: (one.span.file, one.span.start) <= (start.file, end), ordered[first:])
            self._on[key] = frozenset(one for one in inside if one.span.end <= end)
        return self._on[key]


def _document(reading: Reading, source: Source) -> Element | None:
    return next((reading.documents.get(name) for name, one in reading.sources.items() if one is source), None)


def _allowances(reading: Reading, source: Source, document: Element) -> Iterator[_Allowance]:
    scalars = sorted(_scalars(document), key=_begin)
    every: list[Draft | ExceptionDraft] = [*reading.drafts, *reading.exceptions]
    changed = entries(get(get(document, "changes"), "reasons"))
    every += [Draft(one.name, one.key, one.value) for one in changed if isinstance(one.value, Map)]
    own = sorted((draft for draft in every if draft.key.span.file == source.file), key=lambda one: one.key.span.start)
    tops: dict[int, int] = {}
    for draft in own:
        line = draft.key.span.start.line
        if line not in tops:  # of reasons in one line, the first has the comment above
            tops[line] = _first_line(source, draft)
    drafts = [(tops[draft.key.span.start.line], draft) for draft in own]
    ends = [_last_line(source, draft) for draft in own]
    for number, text in enumerate(source.lines, 1):
        comment = _COMMENT.search(text)
        if comment is None:
            continue
        place = Position(number, comment.start() + 1)
        before = bisect_right(scalars, place, key=_begin)
        if before and place < scalars[before - 1].span.end:
            continue  # it is part of a text
        behind = bisect_left(ends, number)
        below = drafts[behind][1] if behind < len(own) and drafts[behind][0] <= number else None
        for index, word in enumerate(_WORD.finditer(text, comment.end())):
            if index and not _CODE.fullmatch(word[0]):
                break  # the rest says why
            span = Span(source.file, Position(number, word.start() + 1), Position(number, word.end() + 1))
            yield _Allowance(word[0], span, below)


def _begin(scalar: Scalar) -> Position:
    return position_of(scalar.origin.start_mark)


def _first_line(source: Source, draft: Draft | ExceptionDraft) -> int:
    """The first line of the comment directly above a reason; without one, its own first line."""
    line = draft.key.span.start.line
    while line > 1 and (comment := _comment_column(source.lines[line - 2])) and comment <= draft.key.span.start.column:
        line -= 1
    return line


def _last_line(source: Source, draft: Draft | ExceptionDraft) -> int:
    """The last line of a reason, with the comments below it that are indented deeper than its name."""
    line = draft.body.span.end.line
    while line < len(source.lines) and _comment_column(source.lines[line]) > draft.key.span.start.column:
        line += 1
    return line


def _comment_column(line: str) -> int:
    """The column where a line of comment begins; 0 for any other line."""
    text = line.lstrip(" ")
    return len(line) - len(text) + 1 if text.startswith("#") else 0


def _scalars(element: Element) -> Iterator[Scalar]:
    stack: list[Element] = [element]
    while stack:
        one = stack.pop()
        match one:
            case Scalar():
                yield one
            case Array():
                stack.extend(one.items)
            case Map():
                for entry in one.entries:
                    yield entry.key
                    stack.append(entry.value)
