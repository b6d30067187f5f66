"""What a document is made of, and the place of everything in it.

The places of a scalar's characters, quoted and folded ones included, are found when they are asked for, by reading its
source text once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from sendable.diagnostics.places import Embedded, Position, Source, Span

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
        base, bounds = self.origin.start_mark, self.bounds()
        start = position_of(base)
        if self.origin.end_mark.line == base.line and bounds[0] == base.index:  # as nearly all are
            return Span(self.source.file, start, Position(start.line, start.column + bounds[1] - bounds[0]))
        return Span(self.source.file, *positions(self.source.text, base.index, start, bounds))

    def embedded(self) -> Embedded:
        """The text with the place of each of its characters, which is found only when it is asked for."""
        return Embedded(self.text, self.span, _Places(self), self.comment is not None)

    @property
    def comment(self) -> Span | None:
        """The comment behind it in its line, where it is plain: it may have been meant as a part of the text."""
        found = None if self.style else _COMMENT.match(self.source.text, self.bounds()[1])
        if found is None:
            return None
        begin = self.origin.end_mark
        places = positions(self.source.text, begin.index, position_of(begin), found.span("comment"))
        return Span(self.source.file, *places)

    def bounds(self) -> tuple[int, int]:
        """The first index of the scalar in the file's text, and the one behind its last."""
        text, begin, stop = self.source.text, self.origin.start_mark.index, self.origin.end_mark.index
        if text[begin : begin + 1] in ("&", "!"):  # an anchor or a tag, which was reported, belongs to the event
            begin = behind_properties(text, begin, stop)
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
        return _span_of(self.source, self.start, self.end, self.items[-1] if self.items else None)

    @property
    def head(self) -> Span:
        """A short place that stands for the whole list: its `[` or its first `-`."""
        start = position_of(self.start)
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
    """A map from strings; of two equal keys, which are an error, it has the first that says something."""

    entries: tuple[Entry, ...]
    source: Source = field(repr=False)
    start: Mark = field(repr=False)
    end: Mark | None = field(repr=False)  # None for a map without braces: it ends with its last value
    by_name: dict[str, Entry] = field(repr=False)
    repeated: bool = field(default=False, repr=False)
    """Whether a key stood in it twice."""

    @property
    def span(self) -> Span:
        """Where it stands: from its `{` or first key to its `}` or the end of its last value."""
        return _span_of(self.source, self.start, self.end, self.entries[-1].value if self.entries else None)

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


_BREAK: Final = re.compile(r"\r\n?|\n")
PROPERTY: Final = re.compile(r"(?:&[^ \t\r\n,\[\]{}]*|!<[^>\r\n]*>|![^ \t\r\n,\[\]{}]*)")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*")


class Event(Origin, Protocol):
    """PyYAML's events, for the type checker: each kind has only some of these."""

    @property
    def anchor(self) -> str | None: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def flow_style(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Spot:
    index: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """The origin of a null that nobody wrote."""

    start_mark: Mark
    end_mark: Mark
    value: str = ""
    style: str | None = None


@dataclass(slots=True)
class Open:
    """A list or a map whose end has not been read yet."""

    event: Event
    is_list: bool
    items: list[Element]
    by_name: dict[str, Entry]
    key: Element | None = None
    repeated: bool = False


_ESCAPES: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
ESCAPE_DIGITS: Final = {"x": 2, "u": 4, "U": 8}


_COMMENT: Final = re.compile(r"[ \t]+(?P<comment>#[^\r\n]*)")


# Places


def position_of(mark: Mark) -> Position:
    # libyaml and the pure Python parser both count characters, from 0, in `line`, `column` and `index`.
    return Position(mark.line + 1, mark.column + 1)


def one_character(file: str, place: Position) -> Span:
    """The span of the one character at a place."""
    return Span(file, place, Position(place.line, place.column + 1))


def _span_of(source: Source, start: Mark, end: Mark | None, last: Element | None) -> Span:
    begin = position_of(start)
    stop = position_of(end) if end is not None else last.span.end if last is not None else begin
    return Span(source.file, begin, max(begin, stop))


def positions(text: str, base: int, place: Position, indices: Iterable[int]) -> tuple[Position, ...]:
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


def behind_blank(text: str, index: int) -> int:
    found = _BLANK.match(text, index)
    return index if found is None else found.end()


def behind_properties(text: str, index: int, stop: int) -> int:
    while index < stop and (found := PROPERTY.match(text, index)):
        index = behind_blank(text, found.end())
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
    return positions(text, scalar.origin.start_mark.index, position_of(scalar.origin.start_mark), indices)


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
                digits = ESCAPE_DIGITS.get(follows, 0)
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
    lines = _block_lines(text, header.end(), stop)
    indent = _block_indent(text, lines, value, explicit=header["indent"] is not None)
    chars, indices, last, blank_lines = _scan_lines(text, lines, indent, literal=text[begin] == "|")
    signs = header[0].split("#")[0]
    kept = [last] if "-" not in signs and last is not None else []
    if "+" in signs:
        kept += blank_lines
    chars.extend("\n" * len(kept))
    indices.extend(kept)
    # Behind a final line break would be another line: the place behind the text is the break itself.
    indices.append(indices[-1] + (chars[-1] != "\n") if indices else begin)
    return chars, indices


def _scan_lines(
    text: str, lines: list[tuple[int, int, bool]], indent: int, *, literal: bool
) -> tuple[list[str], list[int], int | None, list[int]]:
    """The characters of a block scalar's lines, and behind the last with content its break and the blank lines."""
    chars: list[str] = []
    indices: list[int] = []

    def emit(char: str, index: int) -> None:
        chars.append(char)
        indices.append(index)

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
    return chars, indices, pending, blank_lines


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


# Elements that may have the wrong form, which the schema has reported


def get(element: Element | None, key: str) -> Element | None:
    return element.get(key) if isinstance(element, Map) else None


def entries(element: Element | None) -> tuple[Entry, ...]:
    return element.entries if isinstance(element, Map) else ()


def items(element: Element | None) -> tuple[Element, ...]:
    return element.items if isinstance(element, Array) else ()


def string(element: Element | None) -> str | None:
    return element.value if isinstance(element, Scalar) and isinstance(element.value, str) else None


def number(element: Element | None, key: str) -> float | None:
    found = get(element, key)
    value = found.value if isinstance(found, Scalar) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def scalars(element: Element) -> Iterator[Scalar]:
    stack: list[Element] = [element]
    while stack:
        one = stack.pop()
        match one:
            case Scalar():
                yield one
            case Array():
                stack.extend(one.items)
            case Map():
                stack.extend(entry.value for entry in one.entries)
