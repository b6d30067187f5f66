"""A strict subset of YAML, with a line and a column for everything that was read.

Scalars resolve by the YAML 1.2 core schema, as editors check them, and not by PyYAML's YAML 1.1: `no` and `22:22` are
strings. Anchors, aliases, merge keys, tags, directives, duplicate keys and keys that are not strings are errors. PyYAML
is used for its events only: libyaml's composer recurses and crashes the process on deeply nested input.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

import yaml

from sendable.diagnostics import codes as diagnostics
from sendable.diagnostics.places import Embedded, Position, Source, Span
from sendable.documents import folders

if TYPE_CHECKING:
    import pathlib

    from sendable.diagnostics.codes import Collector

LARGEST_FILE: Final = 1024 * 1024
"""How many bytes of a file are read at most."""

DEEPEST: Final = 50
"""How many lists and maps may stand inside each other."""

LONGEST_INTEGER: Final = 4300
"""How many characters an integer may have: the most that Python converts by itself."""

MOST_CHARACTERS_REPORTED: Final = 20
"""How many forbidden characters are reported: a binary file would have a million."""

Value: TypeAlias = str | int | float | bool | None
Plain: TypeAlias = Value | list["Plain"] | dict[str, "Plain"]


class Mark(Protocol):
    """A place as PyYAML gives it: all three count characters, and from 0, with libyaml and without."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Origin(Protocol):
    """What a scalar keeps of its event: the rest is worked out when it is asked for."""

    @property
    def value(self) -> str: ...
    @property
    def style(self) -> str | None: ...
    @property
    def start_mark(self) -> Mark: ...
    @property
    def end_mark(self) -> Mark: ...


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A text, a number, a boolean or null. Two scalars are equal only if they are the same one."""

    value: Value
    source: Source = field(repr=False)
    origin: Origin = field(repr=False)

    @property
    def text(self) -> str:
        """The text itself and, where the value is no string, how it is written."""
        return self.origin.value

    @property
    def style(self) -> str:
        """`'`, `"`, `|` or `>`; empty for a plain scalar."""
        return self.origin.style or ""

    @property
    def span(self) -> Span:
        """Where it stands, quotes included; a block scalar ends with its last line that is not blank."""
        base = self.origin.start_mark
        return Span(self.source.file, *_positions(self.source.text, base.index, _at(base), self.bounds()))

    def embedded(self) -> Embedded:
        """The text with the place of each of its characters, which is found only when it is asked for."""
        return Embedded(self.text, self.span, _Places(self))

    def bounds(self) -> tuple[int, int]:
        """The first index of the scalar in the file's text, and the one behind its last."""
        text, begin, stop = self.source.text, self.origin.start_mark.index, self.origin.end_mark.index
        if text[begin : begin + 1] in ("&", "!"):  # an anchor or a tag, which was reported, belongs to the event
            begin = _behind_properties(text, begin, stop)
        if self.style in ("|", ">"):
            last = begin + len(text[begin:stop].rstrip(" \t\r\n"))
            behind = _BREAK.search(text, last, stop)  # blanks at the end of that line belong to the text
            stop = stop if behind is None else behind.start()
        return begin, stop


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A list."""

    items: tuple[Element, ...]
    source: Source = field(repr=False)
    start: Mark = field(repr=False)
    end: Mark | None = field(repr=False)  # None for a list without brackets: it ends with its last item

    @property
    def span(self) -> Span:
        """Where it stands: from its `[` or first `-` to its `]` or the end of its last item."""
        return _span(self.source, self.start, self.end, self.items[-1] if self.items else None)

    @property
    def head(self) -> Span:
        """A short place that stands for the whole list: its `[` or its first `-`."""
        start = _at(self.start)
        return Span(self.source.file, start, Position(start.line, start.column + 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map and its value."""

    key: Scalar
    value: Element

    @property
    def name(self) -> str:
        """The key as a string."""
        return self.key.text


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """A map from strings; of two equal keys, which are an error, it has the first."""

    entries: tuple[Entry, ...]
    source: Source = field(repr=False)
    start: Mark = field(repr=False)
    end: Mark | None = field(repr=False)  # None for a map without braces: it ends with its last value
    by_name: dict[str, Entry] = field(repr=False)

    @property
    def span(self) -> Span:
        """Where it stands: from its `{` or first key to its `}` or the end of its last value."""
        return _span(self.source, self.start, self.end, self.entries[-1].value if self.entries else None)

    @property
    def head(self) -> Span:
        """A short place for the whole map, to say that a key is missing there: its first key, or `{}` if empty."""
        return self.entries[0].key.span if self.entries else self.span

    def entry(self, name: str) -> Entry | None:
        """The entry with this key."""
        return self.by_name.get(name)

    def get(self, name: str) -> Element | None:
        """The value of this key."""
        entry = self.by_name.get(name)
        return None if entry is None else entry.value


Element: TypeAlias = Scalar | Array | Map


def plain(element: Element) -> Plain:
    """The element as plain Python data: dicts, lists and the values of scalars."""
    match element:  # INVARIANT: the recursion is no deeper than the limit that `parse` was given
        case Scalar():
            return element.value
        case Array():
            return [plain(item) for item in element.items]
        case Map():
            return {entry.name: plain(entry.value) for entry in element.entries}


def meaning(element: Element) -> str:
    """What the element says, as JSON with sorted keys: the same for two that differ in layout and comments only."""
    return json.dumps(plain(element), sort_keys=True, ensure_ascii=False)


def at(root: Element, path: Iterable[str | int]) -> Element:
    """The element that a path of keys and indices leads to; where the path leads nowhere, the last one on the way."""
    element: Element = root
    for step in path:
        below: Element | None = None
        if isinstance(element, Map):
            below = element.get(str(step))
        elif isinstance(element, Array) and isinstance(step, int) and 0 <= step < len(element.items):
            below = element.items[step]
        if below is None:
            break
        element = below
    return element


def key_at(root: Element, path: Iterable[str | int]) -> Scalar | None:
    """The key that a path ends with; None if the path ends with an index, or leads nowhere."""
    steps = tuple(path)
    if not steps:
        return None
    parent = at(root, steps[:-1])
    entry = parent.entry(str(steps[-1])) if isinstance(parent, Map) else None
    return None if entry is None else entry.key


# Reading


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
            collector.report(diagnostics.UNREADABLE_FILE, at, file=file, why=why)
            return None
        size = found.st_size
        data = b""
        if size <= LARGEST_FILE:
            with path.open("rb") as opened:
                data = opened.read(LARGEST_FILE + 1)  # it may have grown, and some files do not tell their size
            size = max(size, len(data))
    except (OSError, ValueError) as error:
        collector.report(diagnostics.UNREADABLE_FILE, at, file=file, why=folders.refused(error))
        return None
    if size > LARGEST_FILE:
        collector.report(diagnostics.FILE_TOO_LARGE, whole, size=size, limit=LARGEST_FILE)
        return None
    return data


def decode(data: bytes, file: str, collector: Collector) -> Source | None:
    """The source for bytes that came from elsewhere, such as standard input: UTF-8, a byte order mark dropped."""
    if len(data) > LARGEST_FILE:
        collector.report(diagnostics.FILE_TOO_LARGE, Span.whole_file(file), size=len(data), limit=LARGEST_FILE)
        return None
    try:
        return Source(file, data.decode("utf-8").removeprefix("\N{BYTE ORDER MARK}"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\N{BYTE ORDER MARK}")
        (place,) = _positions(before, 0, Position(1, 1), (len(before),))
        collector.report(diagnostics.NOT_UTF8, _one(file, place), byte=f"0x{data[error.start]:02X}")
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
_DIRECTIVES: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n)|%[^\r\n]*(?:\r\n?|\n|\Z))*")
_DIRECTIVE: Final = re.compile(r"(?:\A|(?<=[\r\n]))%[^ \t\r\n]*")
_DOCUMENT_END: Final = re.compile(r"(?:\A|[\r\n])\.\.\.(?=[ \t\r\n])")
_BREAK: Final = re.compile(r"\r\n?|\n")
_PROPERTY: Final = re.compile(r"(?:&[^ \t\r\n,\[\]{}]*|!<[^>\r\n]*>|![^ \t\r\n,\[\]{}]*)")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*")

_NO_CHARACTER: Final = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2}|\\U(?!000[0-9a-fA-F]|0010)[0-9a-fA-F]{8}")

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAY_BE_NUMBER: Final = frozenset("+-.0123456789")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE: Final = re.compile(r"0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _TooLargeError(Exception):
    """A number beyond what can be read."""


class _Event(Origin, Protocol):
    """PyYAML's events, for the type checker: each kind has only some of these."""

    @property
    def anchor(self) -> str | None: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def flow_style(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class _Mark:
    index: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The origin of a null that nobody wrote."""

    start_mark: Mark
    end_mark: Mark
    value: str = ""
    style: str | None = None


@dataclass(slots=True)
class _Open:
    """A list or a map whose end has not been read yet."""

    event: _Event
    is_list: bool
    items: list[Element]
    by_name: dict[str, Entry]
    key: Element | None = None


def parse(source: Source, collector: Collector, *, limit: int = DEEPEST) -> Element | None:
    """The document of a source; what is wrong with it goes to the collector.

    An empty document is a null scalar at the place 1:1. After an error that leaves no doubt about the rest (a duplicate
    key, a key that is not a string, a tag, an anchor) the document is returned without the faulty part; otherwise None.
    """
    return _Parser(source, collector, limit).parse()


class _Parser:
    """Builds the elements of one source from PyYAML's events, without recursion."""

    def __init__(self, source: Source, collector: Collector, limit: int) -> None:
        self.source = source
        self.collector = collector
        self.limit = limit
        self.opened: list[_Open] = []
        self.root: Element | None = None
        self.broken = False
        self.excused: set[int] = set()  # lines (from 0) with an error that explains a syntax error behind it
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
                _SyntaxProblem(self, error).report()
        except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python parser trips over some escapes
            self._no_character()
        if self.broken:
            return None
        if self.root is None:
            start = _Mark(0, 0, 0)
            return Scalar(None, self.source, _Nothing(start, start))
        return self.root

    def _read(self, text: str) -> None:
        documents = 0
        opened = self.opened
        for event in _events(text):
            kind: type[object] = type(event)
            element: Element
            if kind is yaml.ScalarEvent:
                element = self._scalar(event)
            elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                if len(opened) >= self.limit:
                    place = _one(self.source.file, _at(event.start_mark))
                    self.collector.report(diagnostics.NESTED_TOO_DEEP, place, limit=self.limit)
                    self.broken = True
                    return
                if event.anchor is not None or event.tag is not None:
                    self._properties(event)
                opened.append(_Open(event, kind is yaml.SequenceStartEvent, [], {}))
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

    def _scalar(self, event: _Event) -> Scalar:
        text = event.value
        style = event.style
        value: Value = text
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        elif not style:
            if text in _CONSTANTS:
                value = _CONSTANTS[text]
            elif text[0] in _MAY_BE_NUMBER:
                try:
                    value = _number(text)
                except _TooLargeError:
                    self.broken = True
                    span = Scalar(text, self.source, event).span
                    self.collector.report(diagnostics.NUMBER_TOO_LARGE, span, number=_abridged(text))
        elif style == '"' and not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            self._no_character(event.start_mark.index)  # only the pure Python parser lets that escape pass
        return Scalar(value, self.source, event)

    def _closed(self, opened: _Open, event: _Event) -> Element:
        start = opened.event
        mark = start.start_mark
        if start.anchor is not None or start.tag is not None:  # they belong to the event, and its end is the `{` or `-`
            index = _behind_properties(self.source.text, mark.index, len(self.source.text))
            (place,) = _positions(self.source.text, mark.index, _at(mark), (index,))
            mark = _Mark(index, place.line - 1, place.column - 1)
        end = event.end_mark if start.flow_style else None
        if opened.is_list:
            return Array(tuple(opened.items), self.source, mark, end)
        return Map(tuple(opened.by_name.values()), self.source, mark, end, opened.by_name)

    def _entry(self, into: _Open, key: Element, value: Element) -> None:
        report = self.collector.report
        if not isinstance(key, Scalar):
            begin, self.bad_keys = self.bad_keys, key.start.index
            if begin >= key.start.index:  # one inside it was reported, as in `{{x}}: 1`
                return
            span, kind = key.span, "list" if isinstance(key, Array) else "map"
            shown = self.source.text[key.start.index : key.end.index if key.end else key.start.index + 1]
            report(diagnostics.KEY_NOT_STRING, span, key=shown, kind=kind)
            return
        name = key.text
        if name == "<<" and not key.style:
            self.broken = True
            report(diagnostics.MERGE_KEY, key.span)
        elif not isinstance(key.value, str):
            if self._is_alias(key):
                return
            if not name:
                self.syntax(key.span.start, *_NO_KEY)
                return
            kind = "boolean" if isinstance(key.value, bool) else "null value" if key.value is None else "number"
            report(diagnostics.KEY_NOT_STRING, key.span, key=_abridged(name), kind=kind)
        elif name in into.by_name:
            first = into.by_name[name].key.span
            report(diagnostics.DUPLICATE_KEY, key.span, also=(first,), key=name, first=first.start.line)
        else:
            into.by_name[name] = Entry(key, value)

    def _is_alias(self, key: Scalar) -> bool:
        return self.source.text[key.origin.start_mark.index : key.origin.start_mark.index + 1] == "*" and not key.style

    def _alias(self, event: _Event) -> Scalar:
        self.broken = True
        self.excused.add(event.start_mark.line)
        span = Span(self.source.file, _at(event.start_mark), _at(event.end_mark))
        self.collector.report(diagnostics.ANCHOR, span, name=f"*{event.anchor}")
        return Scalar(None, self.source, _Nothing(event.start_mark, event.end_mark))

    def _properties(self, event: _Event) -> None:
        """Reports the anchor and the tag of an event, each at its own place."""
        text, index, base = self.source.text, event.start_mark.index, _at(event.start_mark)
        while found := _PROPERTY.match(text, index):
            span = Span(self.source.file, *_positions(text, event.start_mark.index, base, found.span()))
            self.excused.add(span.start.line - 1)
            if found[0].startswith("&"):
                self.collector.report(diagnostics.ANCHOR, span, name=found[0])
            else:
                self.collector.report(diagnostics.TAG, span, tag=found[0])
            index = _behind_blank(text, found.end())

    def _several_documents(self, mark: Mark) -> None:
        start = _at(mark)
        span = Span(self.source.file, start, Position(start.line, start.column + 3))
        self.collector.report(diagnostics.SEVERAL_DOCUMENTS, span)

    def _without_directives(self, text: str) -> str:
        """Reports the directives before the document, and turns them into comments of the same length."""
        found = _DIRECTIVES.match(text)
        if found is None or "%" not in found[0]:
            return text
        head = found[0]
        for directive in _DIRECTIVE.finditer(head):
            span = Span(self.source.file, *_positions(head, 0, Position(1, 1), directive.span()))
            self.collector.report(diagnostics.DIRECTIVE, span, directive=directive[0])
        return _DIRECTIVE.sub(lambda directive: "#" + directive[0][1:], head) + text[len(head) :]

    def _without_forbidden(self, text: str) -> str:
        """Reports characters that can't stand in a document, and puts something harmless in their place."""
        if _FORBIDDEN.search(text) is None:
            return text
        self.broken = True
        found = [match.start() for match in islice(_FORBIDDEN.finditer(text), MOST_CHARACTERS_REPORTED)]
        for index, place in zip(found, _positions(text, 0, Position(1, 1), found), strict=True):
            code = ord(text[index])
            name = unicodedata.name(text[index], "a control character" if code < 0xD800 else "no character at all")
            escape = f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"
            advice = "remove it" if 0xD800 <= code < 0xE000 else f'remove it, or write "{escape}" in double quotes'
            self.collector.report(
                diagnostics.FORBIDDEN_CHARACTER,
                _one(self.source.file, place),
                character=f"U+{code:04X} ({name})",
                advice=advice,
            )
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

    def _no_character(self, index: int = 0) -> None:
        """Reports the first escape that stands for no character, which only libyaml recognizes by itself."""
        self.broken = True
        text = self.source.text
        if found := _NO_CHARACTER.search(text, index):
            (place,) = _positions(text, 0, Position(1, 1), (found.start(),))
            self.syntax(place, *_no_character(found[0]))
        else:
            self.syntax(Position(1, 1), *_OUT_OF_PLACE)

    def syntax(self, place: Position, problem: str, advice: str) -> None:
        lines = self.source.lines  # libyaml counts a line behind the last one when the file does not end with a break
        if place.line > len(lines):
            place = Position(len(lines), len(lines[-1]) + 1)
        self.collector.report(diagnostics.YAML_SYNTAX, _one(self.source.file, place), problem=problem, advice=advice)


def _events(text: str) -> Iterator[_Event]:
    """What PyYAML finds in a text, from the first to the last.

    libyaml reads ahead of its events as long as a bracket could begin a key, and gives up at a thousand of them before
    it has told of the first (PyYAML 6.0.4, with libyaml 0.2.6). What stands before the place where it gave up is within
    its limit and read once more, so that the nesting is noticed where ours ends.
    """
    told = 0
    try:
        for event in cast("Iterable[_Event]", yaml.parse(text, Loader=LOADER)):
            told += 1
            yield event
    except yaml.MarkedYAMLError as error:
        if error.problem != _DEEPER_THAN_LIBYAML or error.problem_mark is None:
            raise
        within = text[: error.problem_mark.index]
        yield from islice(cast("Iterable[_Event]", yaml.parse(within, Loader=LOADER)), told, None)


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


# What is wrong with YAML that is no YAML. libyaml and the pure Python parser have different words for the same problem,
# and both speak of tokens and block mappings; these texts are ours, and chosen by what stands at the place.

_Wording: TypeAlias = tuple[str, str]

_OUT_OF_PLACE: Final[_Wording] = (
    "something is out of place here",
    "check the indentation, the quotes and the brackets around this place",
)
_TOO_LONG_KEY: Final[_Wording] = ("this key has more than 1,000 characters", "choose a shorter key")
_NO_KEY: Final[_Wording] = (
    "a key is missing before the colon",
    "write the key before it, or quote a text that begins with a colon",
)
_TAB: Final[_Wording] = (
    "a tab stands where only spaces may",
    "indent with spaces, and put a space behind `:` and `-`",
)
_COLON_IN_TEXT: Final[_Wording] = ("a colon and a space stand inside a text", "put the whole text in quotes")
_TOO_DEEP_FOR_VALUE: Final[_Wording] = (
    "this key is indented below a key that already has a value",
    "align it with the key above, or remove the value above",
)
_NO_COLON: Final[_Wording] = (
    "this line is neither a key nor part of a text",
    "write `key: value` with a space behind the colon, or indent the line if it continues the text above",
)
_LIST_IN_LINE: Final[_Wording] = (
    "a list can't begin in the line of its key",
    "begin the list on the next line, or quote a text that begins with a dash",
)
_ENTRY_AMONG_KEYS: Final[_Wording] = (
    "a list entry stands among the keys of a map",
    "indent the list below the key it belongs to",
)
_KEY_AMONG_ENTRIES: Final[_Wording] = (
    "this stands among the entries of a list and does not begin with a dash",
    "put `- ` before it, or indent it below the entry it belongs to",
)
_INDENTATION: Final[_Wording] = (
    "the indentation of this line fits nothing above it",
    "align it with the lines it belongs with",
)
_BEHIND_QUOTE: Final[_Wording] = (
    "there is text behind a closing quote",
    "put the whole text in quotes; inside single quotes an apostrophe is written twice",
)
_OPEN_QUOTE: Final[_Wording] = (
    "the quote that opens here is never closed",
    "close it with the same quote, or remove it",
)
_NO_COMMA: Final[_Wording] = ("a comma is missing before this", "put a comma between the entries")
_EXTRA_COMMA: Final[_Wording] = ("nothing stands before this comma", "remove the comma, or quote it if it is a text")
_BLOCK_HEADER: Final[_Wording] = (
    "there is text in the line of `|` or `>`",
    "begin the text on the next line and indent it, or quote a text that begins with `|` or `>`",
)
_BEHIND_END: Final[_Wording] = (
    "there is text behind the end of the document",
    "a file holds one value, one list or one map",
)
_NO_ESCAPE_ADVICE: Final = "double the backslash, or put the text in single quotes"

_ESCAPES: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_ESCAPE_DIGITS: Final = {"x": 2, "u": 4, "U": 8}
_CLOSING: Final = {"[": "]", "{": "}"}


def _cannot_begin(start: str) -> _Wording:
    shown = "a backtick" if start == "`" else f"`{start}`"
    return f"a text can't begin with {shown}", "put the text in quotes"


def _no_character(escape: str) -> _Wording:
    return f"`{escape}` stands for no character", "write the character itself"


class _SyntaxProblem:
    """Finds the place and the words for one of PyYAML's errors."""

    def __init__(self, parser: _Parser, error: yaml.MarkedYAMLError) -> None:
        self.parser = parser
        self.text = parser.source.text
        self.problem = error.problem or ""
        self.context = error.context or ""
        start = _Mark(0, 0, 0)
        self.mark: Mark = error.problem_mark or error.context_mark or start
        self.opening: Mark = error.context_mark or self.mark
        self.index = min(self.mark.index, len(self.text))
        self.char = self.text[self.index : self.index + 1]

    def report(self) -> None:
        """Reports the error with our own words; those of the library never show."""
        for context, problem, say in _KINDS:
            if context in self.context and problem in self.problem:
                say(self)
                return
        self.here(_OUT_OF_PLACE)

    def here(self, wording: _Wording) -> None:
        """Reports it where it was noticed."""
        self.parser.syntax(_at(self.mark), *wording)

    def there(self, wording: _Wording) -> None:
        """Reports it where the thing begins that goes wrong."""
        self.parser.syntax(_at(self.opening), *wording)

    def cannot_start(self) -> None:
        """A tab, or one of the characters that YAML reserves."""
        self.here(_TAB if self.char == "\t" else _cannot_begin(self.char))

    def name(self) -> None:
        """An anchor or an alias without a name, such as the pattern `*.yaml`."""
        self.there(_cannot_begin(self.text[self.opening.index : self.opening.index + 1]))

    def _line(self, number: int) -> str:
        lines = self.parser.source.lines
        return lines[number] if 0 <= number < len(lines) else ""

    def colon(self) -> None:
        """A colon where no key can stand: inside a text, or behind a line that swallowed the key as its own text."""
        say, here = self.parser.syntax, _at(self.mark)
        before = self._line(self.mark.line)[: self.mark.column]
        if ": " in before or ":\t" in before or before.lstrip().startswith("---"):
            say(here, *_COLON_IN_TEXT)
            return
        indent = len(before) - len(before.lstrip(" "))
        if len(before) - indent > 1000:
            say(Position(here.line, indent + 1), *_TOO_LONG_KEY)
            return
        above = self.mark.line - 1
        while above >= 0 and not self._line(above).strip():
            above -= 1
        line = self._line(above)
        if above < 0:
            say(here, *_OUT_OF_PLACE)
        elif re.search(r":[ \t]|^[ \t]*- ", line):
            say(Position(here.line, indent + 1), *_TOO_DEEP_FOR_VALUE)
        else:
            say(Position(above + 1, len(line) - len(line.lstrip()) + 1), *_NO_COLON)

    def escape(self) -> None:
        """A backslash in double quotes that begins no escape, as in a Windows path."""
        index = self.text.rfind("\\", self.opening.index, self.index + 1)
        kind = self.text[index + 1 : index + 2]
        (place,) = _positions(self.text, self.opening.index, _at(self.opening), (index,)) if index >= 0 else (None,)
        if place is None:
            self.parser.syntax(_at(self.opening), *_OUT_OF_PLACE)
        elif kind not in _ESCAPE_DIGITS:
            self.parser.syntax(place, f"`\\{kind}` is not an escape", _NO_ESCAPE_ADVICE)
        elif "invalid Unicode" in self.problem:
            whole = self.text[index : index + 2 + _ESCAPE_DIGITS[kind]]
            self.parser.syntax(place, *_no_character(whole))
        else:
            needed = f"`\\{kind}` needs {_ESCAPE_DIGITS[kind]} hexadecimal digits behind it"
            self.parser.syntax(place, needed, _NO_ESCAPE_ADVICE)

    def tag(self) -> None:
        """A tag that can't be read is as little allowed as one that can."""
        start = self.opening.index
        found = re.compile(r"[^ \t\r\n]*").match(self.text, start)
        tag = found[0] if found is not None else "!"
        place = _at(self.opening)
        span = Span(self.parser.source.file, place, Position(place.line, place.column + max(len(tag), 1)))
        self.parser.collector.report(diagnostics.TAG, span, tag=tag)

    def flow(self) -> None:
        """A list in brackets or a map in braces that goes wrong, or a bracket that nothing opened."""
        say, here = self.parser.syntax, _at(self.mark)
        opened = next((one for one in reversed(self.parser.opened) if one.event.flow_style), None)
        if opened is None:
            if self.char in ("]", "}"):
                say(here, f"there is nothing that this `{self.char}` closes", "remove it, or quote the text")
            else:
                say(here, *(_cannot_begin(self.char) if self.char.strip() else _OUT_OF_PLACE))
            return
        bracket = "[" if opened.is_list else "{"
        begin = opened.event.start_mark
        if not self.char or (self.char == ":" and self.mark.line != begin.line):
            say(_at(begin), f"the `{bracket}` that opens here is never closed", f"close it with `{_CLOSING[bracket]}`")
        elif self.char == ":":
            say(here, *(_cannot_begin(":") if "node content" in self.problem else _COLON_IN_TEXT))
        elif self.char in ("]", "}"):
            say(here, f"`{self.char}` stands where `{_CLOSING[bracket]}` is needed", "close brackets in order")
        elif self.char == "-":
            say(here, *_cannot_begin("-"))
        else:
            say(here, *(_EXTRA_COMMA if self.char == "," else _NO_COMMA))

    def block(self) -> None:
        """Something that is no further key of a map, or no further entry of a list."""
        here, opening = _at(self.mark), _at(self.opening)
        before = self._line(here.line - 1)[: here.column - 1].rstrip()
        if before.endswith(("'", '"', "]", "}")):
            self._behind_closing(here, before[-1])
        elif self.char == ":":
            self.parser.syntax(here, *_NO_KEY)
        elif before or here.column != opening.column:
            self.parser.syntax(here, *_INDENTATION if not before else _OUT_OF_PLACE)
        elif "block mapping" in self.context:
            self.parser.syntax(here, *_ENTRY_AMONG_KEYS)
        else:
            self.parser.syntax(here, *_KEY_AMONG_ENTRIES)

    def _behind_closing(self, here: Position, closing: str) -> None:
        if closing in ("'", '"'):
            self.parser.syntax(here, *_BEHIND_QUOTE)
        else:
            self.parser.syntax(here, f"there is text behind a closing `{closing}`", "put the whole text in quotes")

    def behind_end(self) -> None:
        """Something behind the one value of the document."""
        here = _at(self.mark)
        before = self._line(here.line - 1)[: here.column - 1].rstrip()
        if before.endswith(("'", '"', "]", "}")):
            self._behind_closing(here, before[-1])
        elif _DOCUMENT_END.search(self.text, 0, self.index):
            self.parser.collector.report(diagnostics.SEVERAL_DOCUMENTS, _one(self.parser.source.file, here))
        else:
            self.parser.syntax(here, *_BEHIND_END)


_KINDS: Final[tuple[tuple[str, str, Callable[[_SyntaxProblem], None]], ...]] = (
    ("", "tab character", lambda it: it.here(_TAB)),
    ("", "cannot start any token", _SyntaxProblem.cannot_start),
    ("", "mapping values are not allowed", _SyntaxProblem.colon),
    ("", "sequence entries are not allowed", lambda it: it.here(_LIST_IN_LINE)),
    ("", "mapping keys are not allowed", lambda it: it.here(_cannot_begin("?"))),
    ("", "could not find expected ':'", lambda it: it.there(_NO_COLON)),
    ("quoted scalar", "unexpected", lambda it: it.there(_OPEN_QUOTE)),
    ("quoted scalar", "", _SyntaxProblem.escape),
    ("alias", "", _SyntaxProblem.name),
    ("anchor", "", _SyntaxProblem.name),
    ("tag", "", _SyntaxProblem.tag),
    ("", "tag handle", _SyntaxProblem.tag),
    ("block scalar", "", lambda it: it.here(_BLOCK_HEADER)),
    ("directive", "", lambda it: it.there(_cannot_begin("%"))),
    ("flow", "", _SyntaxProblem.flow),
    ("", "node content", _SyntaxProblem.flow),
    ("block mapping", "", _SyntaxProblem.block),
    ("block collection", "", _SyntaxProblem.block),
    ("", "document start", _SyntaxProblem.behind_end),
)
"""Words of context and problem that libyaml and the pure Python parser share, and what is said; the first that fits."""


# Places


def _at(mark: Mark) -> Position:
    # libyaml and the pure Python parser both count characters, from 0, in `line`, `column` and `index`.
    return Position(mark.line + 1, mark.column + 1)


def _one(file: str, place: Position) -> Span:
    """The span of the one character at a place."""
    return Span(file, place, Position(place.line, place.column + 1))


def _span(source: Source, start: Mark, end: Mark | None, last: Element | None) -> Span:
    begin = _at(start)
    stop = _at(end) if end is not None else last.span.end if last is not None else begin
    return Span(source.file, begin, max(begin, stop))


def _positions(text: str, base: int, place: Position, indices: Iterable[int]) -> tuple[Position, ...]:
    """The positions of ascending indices, none before `base`, which has the position `place`."""
    wanted = tuple(indices)
    positions = []
    line, line_start = place.line, base - place.column + 1
    breaks = _BREAK.finditer(text, base, max(wanted, default=base))
    ahead = next(breaks, None)
    for index in wanted:
        while ahead is not None and ahead.end() <= index:
            line, line_start = line + 1, ahead.end()
            ahead = next(breaks, None)
        positions.append(Position(line, index - line_start + 1))
    return tuple(positions)


def _behind_blank(text: str, index: int) -> int:
    found = _BLANK.match(text, index)
    return index if found is None else found.end()


def _behind_properties(text: str, index: int, stop: int) -> int:
    while index < stop and (found := _PROPERTY.match(text, index)):
        index = _behind_blank(text, found.end())
    return min(index, stop)


class _Places:
    """The positions of a scalar's characters, found when they are first asked for, or pickled."""

    __slots__ = ("_found", "_scalar")

    def __init__(self, scalar: Scalar | None, found: tuple[Position, ...] | None = None) -> None:
        self._scalar = scalar
        self._found = found

    def __call__(self) -> tuple[Position, ...]:
        if self._found is None:
            if self._scalar is None:
                raise TypeError("what has no scalar has been found")
            self._found = _places(self._scalar)
        return self._found

    def __reduce__(self) -> tuple[type[_Places], tuple[None, tuple[Position, ...]]]:
        return _Places, (None, self())


def _places(scalar: Scalar) -> tuple[Position, ...]:
    """The position of every character of a scalar, found by reading its source text once more."""
    text = scalar.source.text
    begin, stop = scalar.bounds()
    if scalar.style in ("|", ">"):
        chars, indices = _scan_block(text, begin, scalar.origin.end_mark.index, scalar.text)
    else:
        chars, indices = _scan_flow(text, begin, stop, scalar.style)
    # INVARIANT: places are right or all at the start: a text that reads differently now gets none of its own.
    if "".join(chars) != scalar.text:
        return (scalar.span.start,) * (len(scalar.text) + 1)
    return _positions(text, scalar.origin.start_mark.index, _at(scalar.origin.start_mark), indices)


_Scan: TypeAlias = tuple[list[str], list[int]]
"""The characters of a value, and the index of each in the file's text; the last index is the one behind the value."""


def _scan_flow(text: str, index: int, stop: int, quote: str) -> _Scan:
    """Reads a plain or quoted scalar: escapes, and the folding of line breaks that both kinds share."""
    chars: list[str] = []
    indices: list[int] = []
    index += len(quote)
    stop -= len(quote)
    while index < stop:
        char = text[index]
        escaped_break = False
        if quote == '"' and char == "\\":
            follows = text[index + 1]
            if follows in "\r\n":
                escaped_break = True
                index = _behind_break(text, index + 1)
            else:
                digits = _ESCAPE_DIGITS.get(follows, 0)
                code = text[index + 2 : index + 2 + digits]
                chars.append(chr(int(code, 16)) if digits else _ESCAPES.get(follows, ""))
                indices.append(index)
                index += 2 + digits
                continue
        elif char not in " \t\r\n":
            chars.append(char)
            indices.append(index)
            index += 2 if quote == "'" and char == "'" else 1
            continue
        index = _fold(text, index, stop, (chars, indices), escaped=escaped_break)
    indices.append(stop)
    return chars, indices


def _fold(text: str, index: int, stop: int, into: _Scan, *, escaped: bool) -> int:
    """Reads white space. A line break becomes a space, several become one less; blanks around them go."""
    chars, indices = into
    first = index
    breaks: list[int] = []
    while index < stop and text[index] in " \t\r\n":
        if text[index] in "\r\n":
            breaks.append(index)
            index = _behind_break(text, index)
        else:
            index += 1
    if escaped:
        kept = breaks
    elif not breaks:
        chars.extend(text[first:index])
        indices.extend(range(first, index))
        return index
    elif len(breaks) == 1:
        chars.append(" ")
        indices.append(first)
        return index
    else:
        kept = breaks[1:]
    chars.extend("\n" * len(kept))
    indices.extend(kept)
    return index


def _behind_break(text: str, index: int) -> int:
    return index + (2 if text.startswith("\r\n", index) else 1)


_HEADER: Final = re.compile(r"[|>][-+]?(?P<indent>[1-9])?[-+]?[^\r\n]*")


def _scan_block(text: str, begin: int, stop: int, value: str) -> _Scan:
    """Reads a literal or folded block scalar: indentation, folding, and chomping at the end."""
    header = _HEADER.match(text, begin)
    if header is None:
        return [], [begin]
    literal = text[begin] == "|"
    lines = _block_lines(text, header.end(), stop)
    chars: list[str] = []
    indices: list[int] = []

    def emit(char: str, index: int) -> None:
        chars.append(char)
        indices.append(index)

    indent = _block_indent(text, lines, value, explicit=header["indent"] is not None)
    pending: int | None = None  # the break behind the last line with content
    blank_lines: list[int] = []
    was_blank = False
    for start, end, ended in lines:
        leading = _leading_spaces(text, start, min(end, start + indent))
        if start + leading == end:
            blank_lines.extend([end] if ended else [])
            continue
        if leading < indent:
            break
        is_blank = text[start + indent] in " \t"
        if pending is not None and (literal or was_blank or is_blank):
            emit("\n", pending)
        elif pending is not None and not blank_lines:
            emit(" ", pending)
        for place in blank_lines:
            emit("\n", place)
        blank_lines.clear()
        chars.extend(text[start + indent : end])
        indices.extend(range(start + indent, end))
        was_blank = is_blank
        pending = end if ended else None
    signs = header[0].split("#")[0]
    if "-" not in signs and pending is not None:
        emit("\n", pending)
    if "+" in signs:
        for place in blank_lines:
            emit("\n", place)
    # Behind a final line break would be another line: the place behind the text is the break itself.
    indices.append(indices[-1] + (chars[-1] != "\n") if indices else begin)
    return chars, indices


def _block_lines(text: str, index: int, stop: int) -> list[tuple[int, int, bool]]:
    """The lines of a block scalar behind its header: start, end without the break, and whether there is a break."""
    lines = []
    index = _behind_break(text, index)
    while index < stop:
        found = _BREAK.search(text, index)
        end = min(found.start(), stop) if found is not None else stop
        ended = found is not None and found.start() < stop
        lines.append((index, end, ended))
        index = found.end() if found is not None else stop
    return lines


def _block_indent(text: str, lines: list[tuple[int, int, bool]], value: str, *, explicit: bool) -> int:
    """How many spaces before each line are no part of the value.

    With an indentation indicator it depends on the map or list around the scalar. The value tells the same: what it has
    of the spaces before the first text is content, and the others are indentation.
    """
    widest = 0
    for start, end, _ in lines:
        leading = _leading_spaces(text, start, end)
        if start + leading < end:
            kept = 0
            if explicit:
                first = next((line for line in value.split("\n") if line.strip(" ")), "")
                kept = len(first) - len(first.lstrip(" "))
            return leading - kept
        widest = max(widest, leading)
    return widest - max(len(line) for line in value.split("\n"))


def _leading_spaces(text: str, start: int, end: int) -> int:
    return end - start - len(text[start:end].lstrip(" "))
