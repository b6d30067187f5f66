"""A strict subset of YAML, with a line and a column for everything that was read.

Scalars resolve by the YAML 1.2 core schema, as editors check them, and not by PyYAML's YAML 1.1: `no` and `22:22` are
strings. Anchors, aliases, merge keys, tags, directives, duplicate keys and keys that are not strings are errors. PyYAML
is used for its events only: libyaml's composer recurses and crashes the process on deeply nested input.
"""

from __future__ import annotations

import gc
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice, starmap
from typing import TYPE_CHECKING, Final, cast

import yaml

from sendable.diagnostics import codes
from sendable.diagnostics.places import Position, Source, Span
from sendable.diagnostics.wording import UNSEEN, character, refused
from sendable.documents import folders
from sendable.documents.elements import (
    PROPERTY,
    Array,
    Element,
    Entry,
    Event,
    Map,
    Mark,
    Nothing,
    Open,
    Scalar,
    Spot,
    Value,
    behind_blank,
    behind_properties,
    one_character,
    position_of,
    positions,
)
from sendable.documents.mistakes import (
    DASH_IN_TEXT,
    GOES_ON,
    NO_KEY,
    ODD_INDENTATION,
    OUT_OF_PLACE,
    SyntaxProblem,
    instead_of_tag,
    no_character,
)

if TYPE_CHECKING:
    import pathlib

    from sendable.diagnostics.record import Collector

LARGEST_FILE: Final = 1024 * 1024
"""How many bytes of a file are read at most."""

DEEPEST: Final = 50
"""How many lists and maps may stand inside each other."""

LONGEST_INTEGER: Final = 4300
"""How many characters an integer may have: the most that Python converts by itself."""

MOST_CHARACTERS_REPORTED: Final = 20
"""How many forbidden characters are reported: a binary file would have a million."""


# Reading


@contextmanager
def uncollected() -> Iterator[None]:
    """Does without collecting garbage: what reading makes is kept, and collecting would only walk over it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_source(path: pathlib.Path, file: str, collector: Collector) -> Source | None:
    """Reads a UTF-8 text file of at most 1 MiB; `file` is its name as shown to people. None if there was an error."""
    data = read_bytes(path, file, collector)
    return None if data is None else decode(data, file, collector)


def read_bytes(path: pathlib.Path, file: str, collector: Collector, *, at: Span | None = None) -> bytes | None:
    """Reads a file of at most 1 MiB, as `read_source` does; `at` is the place that names it, by default itself."""
    whole = Span.whole_file(file)
    at = whole if at is None else at
    try:
        found = path.stat()
        why = folders.unreadable(found.st_mode)
        if why:
            collector.report(codes.UNREADABLE_FILE, at, file=file, why=why)
            return None
        size = found.st_size
        data = b""
        if size <= LARGEST_FILE:
            with path.open("rb") as opened:
                data = opened.read(LARGEST_FILE + 1)  # it may have grown, and some files do not tell their size
            size = max(size, len(data))
    except (OSError, ValueError) as error:
        collector.report(codes.UNREADABLE_FILE, at, file=file, why=refused(error))
        return None
    if size > LARGEST_FILE:
        collector.report(codes.FILE_TOO_LARGE, whole, size=size, limit=LARGEST_FILE)
        return None
    return data


def decode(data: bytes, file: str, collector: Collector) -> Source | None:
    """The source for bytes that came from elsewhere, such as standard input: UTF-8, a byte order mark dropped."""
    if len(data) > LARGEST_FILE:
        collector.report(codes.FILE_TOO_LARGE, Span.whole_file(file), size=len(data), limit=LARGEST_FILE)
        return None
    try:
        return Source(file, data.decode("utf-8").removeprefix("\N{BYTE ORDER MARK}"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\N{BYTE ORDER MARK}")
        (place,) = positions(before, 0, Position(1, 1), (len(before),))
        collector.report(codes.NOT_UTF8, one_character(file, place), byte=f"0x{data[error.start]:02X}")
        return None


# Parsing

LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there, and the slow parser in pure Python where it is not."""

_DEEPER_THAN_LIBYAML: Final = "exceeded maximum nesting depth"

# What YAML forbids outright; NEL and the Unicode line and paragraph separators, which libyaml takes for line breaks and
# editors do not, so that every line number behind them would differ; and the byte order mark, which nobody sees.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_FORBIDDEN_OR_UNSEEN: Final = re.compile(f"{_FORBIDDEN.pattern}|{UNSEEN.pattern}")
_DIRECTIVES: Final = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?+(?:\r\n?+|\n)|%[^\r\n]*+(?:\r\n?+|\n|\Z))*+")
_DIRECTIVE: Final = re.compile(r"(?:\A|(?<=[\r\n]))%[^ \t\r\n]*")

_NO_CHARACTER: Final = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2}|\\U(?!000[0-9a-fA-F]|0010)[0-9a-fA-F]{8}")

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAY_BE_NUMBER: Final = frozenset("+-.0123456789")
_ENTRY_ENDS: Final = re.compile(r"\s*+[,}]")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_DIGITS: Final = re.compile(r"[-+]?[0-9]{1,20}")
_OTHER_BASE: Final = re.compile(r"0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _TooLargeError(Exception):
    """A number beyond what can be read."""


def parse_document(
    source: Source, collector: Collector, *, limit: int = DEEPEST, typed: bool = False
) -> Element | None:
    """The document of a source; what is wrong with it goes to the collector.

    What can't be seen may stand in it only as an escape, unless it is `typed`: what people somewhere typed, whatever.

    An empty document is a null scalar at the place 1:1. After an error that leaves no doubt about the rest (a duplicate
    key, a key that is not a string, a tag, an anchor) the document is returned without the faulty part; otherwise None.
    """
    return _Parser(source, collector, limit, typed=typed).parse()


class _Parser:
    """Builds the elements of one source from PyYAML's events, without recursion."""

    def __init__(self, source: Source, collector: Collector, limit: int, *, typed: bool) -> None:
        self.source = source
        self.collector = collector
        self.limit = limit
        self.forbidden = _FORBIDDEN if typed else _FORBIDDEN_OR_UNSEEN
        self.opened: list[Open] = []
        self.root: Element | None = None
        self.broken = False
        self.excused: set[int] = set()  # lines (from 0) with an error that explains a syntax error behind it
        self.last: Event | None = None
        self.bad_keys = -1  # the index where the last key began that is a list or a map

    def parse(self) -> Element | None:
        text = self._without_forbidden(self._without_directives(self.source.text))
        unclean = self.broken
        try:
            self._read(text)
        except yaml.MarkedYAMLError as error:
            self.broken = True
            line = error.problem_mark.line if error.problem_mark is not None else -1
            if not unclean and line not in self.excused:
                SyntaxProblem(self, error).report()
        except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python parser trips over some escapes
            self._no_character()
        if self.broken:
            return None
        if self.root is None:
            start = Spot(0, 0, 0)
            return Scalar(None, self.source, Nothing(start, start))
        return self.root

    def _read(self, text: str) -> None:  # noqa: C901 - a call an event is time that large lists do not have
        documents = 0
        opened = self.opened
        for event in _events(text):
            kind: type[object] = type(event)
            element: Element
            if kind is yaml.ScalarEvent:
                element = self._scalar(event)
                self.last = event
            elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                if len(opened) >= self.limit:
                    place = one_character(self.source.file, position_of(event.start_mark))
                    self.collector.report(codes.NESTED_TOO_DEEP, place, limit=self.limit)
                    self.broken = True
                    return
                if event.anchor is not None or event.tag is not None:
                    self._properties(event)
                opened.append(Open(event, kind is yaml.SequenceStartEvent, [], {}))
                continue
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                element = self._closed(opened.pop(), event)
            elif kind is yaml.AliasEvent:
                element = self._alias(event)
            else:
                documents += kind is yaml.DocumentStartEvent
                if documents > 1:
                    self._several_documents(event.start_mark)
                    return
                continue
            if not opened:
                self.root = element
                continue
            into = opened[-1]
            if into.is_list:
                into.items.append(element)
            elif into.key is None:
                into.key = element
            else:
                self._entry(into, into.key, element)
                into.key = None

    def _scalar(self, event: Event) -> Scalar:
        text = event.value
        style = event.style
        value: Value = text
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
            self.broken = self.broken or not style  # of `!x or y` the tag has a part, and nothing follows from the rest
        elif not style:
            if event.end_mark.line > event.start_mark.line:
                self._lines(event)
            if text in _CONSTANTS:
                value = _CONSTANTS[text]
            elif text[0] in _MAY_BE_NUMBER:
                try:
                    value = _number(text)
                except _TooLargeError:
                    self.broken = True
                    span = Scalar(text, self.source, event).span
                    self.collector.report(codes.NUMBER_TOO_LARGE, span, number=_abridged(text))
        elif style == '"' and not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            self._no_character(event.start_mark.index)  # only the pure Python parser lets that escape pass
        return Scalar(value, self.source, event)

    def _lines(self, event: Event) -> None:
        """Reports a line of a plain text that looks like an entry of its own: the first, as the rest is one mistake."""
        text, begin, stop = self.source.text, event.start_mark.index, event.end_mark.index
        found = GOES_ON.search(text, begin, stop)
        if found is None:
            return
        self.broken = True  # what was read is two entries in one
        kind = found.lastgroup or ""
        (place,) = positions(text, begin, position_of(event.start_mark), (found.start(kind),))
        self.syntax(place, *(DASH_IN_TEXT if kind == "dash" else ODD_INDENTATION))

    def _closed(self, opened: Open, event: Event) -> Element:
        start = opened.event
        mark = start.start_mark
        if start.anchor is not None or start.tag is not None:  # they belong to the event, and its end is the `{` or `-`
            index = behind_properties(self.source.text, mark.index, len(self.source.text))
            (place,) = positions(self.source.text, mark.index, position_of(mark), (index,))
            mark = Spot(index, place.line - 1, place.column - 1)
        end = event.end_mark if start.flow_style else None
        if opened.is_list:
            return Array(tuple(opened.items), self.source, mark, end)
        return Map(tuple(opened.by_name.values()), self.source, mark, end, opened.by_name, opened.repeated)

    def _entry(self, into: Open, key: Element, value: Element) -> None:
        report = self.collector.report
        if not isinstance(key, Scalar):
            begin, self.bad_keys = self.bad_keys, key.start.index
            if begin >= key.start.index:  # one inside it was reported, as in `{{x}}: 1`
                return
            kind = "list" if isinstance(key, Array) else "map"
            shown = self.source.text[key.start.index : key.end.index if key.end else key.start.index + 1]
            report(codes.KEY_NOT_STRING, key, key=shown, kind=kind)
            return
        name = key.text
        if self._behind_comma(into, key, value):
            self._cut_by_comma(into, key)
        elif name == "<<" and not key.style:
            self.broken = True
            report(codes.MERGE_KEY, key)
        elif not isinstance(key.value, str):
            if self._is_alias(key):
                return
            if not name:
                self.syntax(key, *NO_KEY)
                return
            kind = "boolean" if isinstance(key.value, bool) else "null value" if key.value is None else "number"
            report(codes.KEY_NOT_STRING, key, key=_abridged(name), kind=kind)
        elif name in into.by_name:
            into.repeated = True
            first = into.by_name[name]
            self._twice(first.key, key)
            if isinstance(first.value, Scalar) and not first.value.text and not first.value.style:
                into.by_name[name] = Entry(first.key, value)  # of the two, the one that says something
        else:
            into.by_name[name] = Entry(key, value)

    def _twice(self, first: Scalar, key: Scalar) -> None:
        if self.collector.full(codes.DUPLICATE_KEY):
            self.collector.more(codes.DUPLICATE_KEY)
            return
        line = first.span.start.line
        self.collector.report(codes.DUPLICATE_KEY, key, also=(first,), key=key.text, first=line)

    def _behind_comma(self, into: Open, key: Scalar, value: Element) -> bool:
        """Whether the key is what a comma in braces has left of a text: plain, without a colon, and not the first."""
        valueless = isinstance(value, Scalar) and value.value is None and not value.text
        if not (into.event.flow_style and into.by_name and valueless) or key.style or not key.text:
            return False
        return _ENTRY_ENDS.match(self.source.text, key.bounds()[1]) is not None

    def _cut_by_comma(self, into: Open, key: Scalar) -> None:
        before = next(reversed(into.by_name.values())).value
        advice = "a comma in braces ends the text before it: put the whole text in quotes"
        if isinstance(before, Scalar) and _DIGITS.fullmatch(before.text) and _DIGITS.fullmatch(key.text):
            advice = f"write `{_abridged(f'{before.text}.{key.text}')}`, with a point"
        self.collector.report(codes.CUT_BY_COMMA, key, rest=_abridged(key.text), advice=advice)

    def _is_alias(self, key: Scalar) -> bool:
        return self.source.text[key.origin.start_mark.index : key.origin.start_mark.index + 1] == "*" and not key.style

    def _alias(self, event: Event) -> Scalar:
        self.broken = True
        self.excused.add(event.start_mark.line)
        span = Span(self.source.file, position_of(event.start_mark), position_of(event.end_mark))
        self.collector.report(codes.ANCHOR, span, name=f"*{event.anchor}")
        return Scalar(None, self.source, Nothing(event.start_mark, event.end_mark))

    def _properties(self, event: Event) -> None:
        """Reports the anchor and the tag of an event, each at its own place."""
        text, index = self.source.text, event.start_mark.index
        found: list[tuple[int, int]] = []
        while one := PROPERTY.match(text, index):
            found.append(one.span())
            index = behind_blank(text, one.end())
        for (start, end), span in zip(found, self._spans(event.start_mark, found), strict=True):
            self.excused.add(span.start.line - 1)
            if text[start] == "&":
                self.collector.report(codes.ANCHOR, span, name=text[start:end])
            else:
                self.tagged(span, text[start:end])

    def _spans(self, base: Mark, found: Iterable[tuple[int, int]]) -> Iterator[Span]:
        """The spans of ascending stretches of the text, none before `base`: lines are counted once for all of them."""
        indices = (index for stretch in found for index in stretch)
        places = positions(self.source.text, base.index, position_of(base), indices)
        return starmap(partial(Span, self.source.file), zip(places[::2], places[1::2], strict=True))

    def tagged(self, span: Span, tag: str) -> None:
        """Reports a tag, which may have been meant as another language's `not`."""
        self.collector.report(codes.TAG, span, tag=tag, advice=instead_of_tag(tag))

    def _several_documents(self, mark: Mark) -> None:
        start = position_of(mark)
        span = Span(self.source.file, start, Position(start.line, start.column + 3))
        self.collector.report(codes.SEVERAL_DOCUMENTS, span)

    def _without_directives(self, text: str) -> str:
        """Reports the directives before the document, and turns them into comments of the same length."""
        found = _DIRECTIVES.match(text)
        if found is None or "%" not in found[0]:
            return text
        head = found[0]
        stretches = [directive.span() for directive in _DIRECTIVE.finditer(head)]
        for (start, end), span in zip(stretches, self._spans(Spot(0, 0, 0), stretches), strict=True):
            self.collector.report(codes.DIRECTIVE, span, directive=head[start:end])
        return _DIRECTIVE.sub(lambda directive: "#" + directive[0][1:], head) + text[len(head) :]

    def _without_forbidden(self, text: str) -> str:
        """Reports characters that can't stand in a document, and puts something harmless in their place."""
        forbidden = _FORBIDDEN if text.isascii() else self.forbidden  # nothing of ASCII is unseen, and most texts are
        if forbidden.search(text) is None:
            return text
        self.broken = True
        found = [match.start() for match in islice(forbidden.finditer(text), MOST_CHARACTERS_REPORTED)]
        for index, place in zip(found, positions(text, 0, Position(1, 1), found), strict=True):
            code = ord(text[index])
            escape = f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
            advice = "remove it" if 0xD800 <= code < 0xE000 else f'remove it, or write "{escape}" in double quotes'
            if 0x202A <= code <= 0x202E:  # as an escape it does in a text for readers what it does by itself
                advice += ", where no reader is shown it"
            self.collector.report(
                codes.FORBIDDEN_CHARACTER,
                one_character(self.source.file, place),
                character=character(text[index]),
                advice=advice,
            )
        return forbidden.sub(lambda run: "\N{REPLACEMENT CHARACTER}" * len(run[0]), text)

    def _no_character(self, index: int = 0) -> None:
        """Reports the first escape that stands for no character, which only libyaml recognizes by itself."""
        self.broken = True
        text = self.source.text
        if found := _NO_CHARACTER.search(text, index):
            (place,) = positions(text, 0, Position(1, 1), (found.start(),))
            self.syntax(place, *no_character(found[0]))
        else:
            self.syntax(Position(1, 1), *OUT_OF_PLACE)

    def syntax(self, at: Position | Scalar, problem: str, advice: str) -> None:
        if self.collector.full(codes.YAML_SYNTAX):
            self.collector.more(codes.YAML_SYNTAX)
            return
        place = at if isinstance(at, Position) else at.span.start
        lines = self.source.lines  # libyaml counts a line behind the last one when the file does not end with a break
        if place.line > len(lines):
            place = Position(len(lines), len(lines[-1]) + 1)
        self.collector.report(codes.YAML_SYNTAX, one_character(self.source.file, place), problem=problem, advice=advice)


def _events(text: str) -> Iterator[Event]:
    """What PyYAML finds in a text, from the first to the last.

    libyaml reads ahead of its events as long as a bracket could begin a key, and gives up at a thousand of them before
    it has told of the first (PyYAML 6.0.4, with libyaml 0.2.6). What stands before the place where it gave up is within
    its limit and read once more, so that the nesting is noticed where ours ends.
    """
    told = 0
    try:
        for event in cast("Iterable[Event]", yaml.parse(text, Loader=LOADER)):
            told += 1
            yield event
    except yaml.MarkedYAMLError as error:
        if error.problem != _DEEPER_THAN_LIBYAML or error.problem_mark is None:
            raise
        within = text[: error.problem_mark.index]
        yield from islice(cast("Iterable[Event]", yaml.parse(within, Loader=LOADER)), told, None)


def _number(text: str) -> Value:
    """The number that a plain scalar stands for by the core schema, or the text itself."""
    if _DECIMAL.fullmatch(text):
        if len(text) > LONGEST_INTEGER:
            raise _TooLargeError
        try:
            return int(text)
        except ValueError as error:  # Python was told to convert even less
            raise _TooLargeError from error
    if based := _OTHER_BASE.fullmatch(text):
        if len(text) > LONGEST_INTEGER:
            raise _TooLargeError
        return int(based["octal"], 8) if based["octal"] else int(based["hexadecimal"], 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise _TooLargeError
        return number
    return float(text.replace(".", "", 1)) if _SPECIAL_FLOAT.fullmatch(text) else text


def _abridged(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
