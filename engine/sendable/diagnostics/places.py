"""Source text, places in it, and the way from a YAML scalar's value back to the characters it was written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between characters: 1-based line, 1-based column, both counted in characters."""

    line: int
    column: int

    def __str__(self) -> str:
        """As it stands behind the name of a file, where editors and terminals look for it: `12:5`."""
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file, from `start` up to but not including `end`."""

    file: str
    start: Position
    end: Position

    @classmethod
    def whole_file(cls, file: str) -> Span:
        """The place of a problem that concerns a file and no part of it."""
        return cls(file, Position(1, 1), Position(1, 1))


@dataclass(frozen=True, slots=True)
class Source:
    """A text file: its name as shown to people and its text."""

    file: str
    text: str
    lines: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Only LF, CRLF and CR end a line, as editors count; str.splitlines would also split at U+2028 and the like.
        unified = self.text.replace("\r\n", "\n").replace("\r", "\n")
        object.__setattr__(self, "lines", tuple(unified.split("\n")))


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text that stands inside a YAML scalar, such as a condition or a message.

    `text` is the scalar's value. `places`, called only when a place is asked for, gives the position of each of its
    characters in the file and, last, the position just behind the final one: `len(text) + 1` positions. `cut` is
    whether a comment follows in the same line, so that what its author wrote may have been longer.
    """

    text: str
    span: Span
    places: Callable[[], tuple[Position, ...]] = field(repr=False, compare=False)
    cut: bool = field(default=False, repr=False, compare=False)

    def span_of(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`; never empty as long as the text is not."""
        places = self.places()
        last = len(self.text)
        start = min(max(start, 0), last)
        end = min(max(end, start), last)
        if end == start:
            return Span(self.span.file, places[start], places[start])
        # The end is the place behind the last character itself: the next character may stand on a later line.
        final = places[end - 1]
        behind = Position(final.line, final.column + 1)
        if places[end].line == final.line:  # an escape is wider than the character it stands for
            behind = max(behind, places[end])
        return Span(self.span.file, places[start], behind)


def in_words(span: Span) -> str:
    return f"{span.file}, line {span.start.line}"
