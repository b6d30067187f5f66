"""What is wrong with YAML that is no YAML, in our own words.

libyaml and the pure Python parser have different words for the same problem, and both speak of tokens and block
mappings; these texts are chosen by what stands at the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias

import yaml

from sendable.diagnostics import codes
from sendable.diagnostics.places import Position, Source, Span
from sendable.diagnostics.record import Collector
from sendable.documents.elements import ESCAPE_DIGITS, Event, Mark, Open, Spot, one_character, position_of, positions

_DOCUMENT_END: Final = re.compile(r"(?:\A|[\r\n])\.\.\.(?=[ \t\r\n])")


_Wording: TypeAlias = tuple[str, str]

OUT_OF_PLACE: Final[_Wording] = (
    "something is out of place here",
    "check the indentation, the quotes and the brackets around this place",
)
_TOO_LONG_KEY: Final[_Wording] = ("this key has more than 1,000 characters", "choose a shorter key")
NO_KEY: Final[_Wording] = (
    "a key is missing before the colon",
    "write the key before it, or quote a text that begins with a colon",
)
_TAB: Final[_Wording] = (
    "a tab stands where only spaces may",
    "indent with spaces, and put a space behind `:` and `-`",
)
_COLON_IN_TEXT: Final[_Wording] = ("a colon and a space stand inside a text", "put the whole text in quotes")
_COLON_IN_CONDITION: Final[_Wording] = (
    "a colon and a space stand inside a condition",
    "write `==` to compare; put a condition with a colon in a text of it in quotes",
)
_CONDITION: Final = re.compile(r"\s*(?:when|clears_at):")
_TOO_DEEP_FOR_VALUE: Final[_Wording] = (
    "this key is indented below a key that already has a value",
    "align it with the key above, or remove the value above",
)
_COMMENT_IN_TEXT: Final[_Wording] = (
    "this comment ends the text before it, and the next line goes on with it",
    "put the comment on a line of its own above the key",
)
_TOO_SHALLOW: Final[_Wording] = (
    "this key stands further left than the keys above and below it",
    "indent it with {indent} spaces, as they are",
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
_NO_DASH: Final[_Wording] = (
    "this stands among the entries of a list and does not begin with a dash and a space",
    "put `- ` before it, or a space behind its dash",
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
_CONDITION_IN_BRACES: Final = re.compile(r"\bwhen[ \t]*:(?:(?![a-z]:\s)[^{}\n])*$")
_CUT_CONDITION: Final[_Wording] = (
    "between `{` and `}` a condition ends here",
    "write each key on a line of its own, without the braces, or put the condition in quotes",
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

_CLOSING: Final = {"[": "]", "{": "}"}


def _cannot_begin(start: str) -> _Wording:
    shown = "a backtick" if start == "`" else f"`{start}`"
    return f"a text can't begin with {shown}", "put the text in quotes"


def no_character(escape: str) -> _Wording:
    return f"`{escape}` stands for no character", "write the character itself"


_ODD: Final = r"(?P<odd>[\u00a0\u2000-\u200a\u202f\u205f\u3000])"
"""A space that YAML does not take for one: a no-break space, most often."""
_ODD_BLANK: Final = re.compile(rf"(?: *+(?:- ++)*+|[^#\"']*?:|[ -]*-)[ \t]*+{_ODD}")
_COMMENT: Final = re.compile(r"[ \t]+(?P<sign>#)")
_LINES_LOOKED_AT: Final = 2
_KEY: Final = re.compile(r" *[^\s#'\"-][^#]*?:(?:\s|$)")
_LONGEST_SHOWN: Final = 100


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


DASH_IN_TEXT: Final[_Wording] = (
    "this line goes on the text above it, though it begins with a dash",
    "align its dash with the one above, or put the whole text in quotes",
)
ODD_INDENTATION: Final[_Wording] = (
    "this line goes on the text above it, for spaces of another kind stand before it",
    "indent it with ordinary spaces",
)
GOES_ON: Final = re.compile(
    "[\r\n][ \t]*(?:(?P<dash>-)[ \t]|(?P<odd>[\N{NO-BREAK SPACE}\u2000-\u200a\u202f\u205f\u3000]))"
)
"""A further line of a plain text that was hardly meant as one."""

_NEGATED: Final = re.compile(r"!\(*[a-z_]+(?:\.[a-z_0-9]+|\()")


def instead_of_tag(tag: str) -> str:
    if _NEGATED.match(tag):
        return "in a condition, write `not` in the place of `!`; quote a text that begins with !"
    return "leave the tag out; quote a text that begins with !"


class Reader(Protocol):
    """What reads a document, as far as it takes to say what is wrong with it."""

    @property
    def source(self) -> Source: ...
    @property
    def collector(self) -> Collector: ...
    @property
    def opened(self) -> Sequence[Open]: ...
    @property
    def last(self) -> Event | None:
        """The last scalar that was read."""

    def syntax(self, place: Position, problem: str, advice: str) -> None:
        """Reports a problem at a place, with what to do about it."""

    def tagged(self, span: Span, tag: str) -> None:
        """Reports a tag."""


class SyntaxProblem:
    """Finds the place and the words for one of PyYAML's errors."""

    def __init__(self, parser: Reader, error: yaml.MarkedYAMLError) -> None:
        self.parser = parser
        self.text = parser.source.text
        self.problem = error.problem or ""
        self.context = error.context or ""
        start = Spot(0, 0, 0)
        self.mark: Mark = error.problem_mark or error.context_mark or start
        self.opening: Mark = error.context_mark or self.mark
        self.index = min(self.mark.index, len(self.text))
        self.char = self.text[self.index : self.index + 1]

    def report(self) -> None:
        """Reports the error with our own words; those of the library never show."""
        if (blank := self._odd_blank()) is not None:
            self.parser.syntax(*blank)
            return
        for context, problem, say in _KINDS:
            if context in self.context and problem in self.problem:
                say(self)
                return
        self.here(OUT_OF_PLACE)

    def _odd_blank(self) -> tuple[Position, str, str] | None:
        """A space of another kind in the place of indentation, or behind a colon or a dash, near the error."""
        number, looked_at = self.mark.line, 0
        while number >= 0 and looked_at < _LINES_LOOKED_AT:
            line = self._line(number)
            if found := _ODD_BLANK.match(line):
                name = unicodedata.name(found["odd"]).lower()
                place = Position(number + 1, found.start("odd") + 1)
                return place, f"a {name} stands where a space is needed", "put an ordinary space in its place"
            looked_at += bool(line.strip())
            number -= 1
        return None

    def here(self, wording: _Wording) -> None:
        """Reports it where it was noticed."""
        self.parser.syntax(position_of(self.mark), *wording)

    def there(self, wording: _Wording) -> None:
        """Reports it where the thing begins that goes wrong."""
        self.parser.syntax(position_of(self.opening), *wording)

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
        say, here = self.parser.syntax, position_of(self.mark)
        before = self._line(self.mark.line)[: self.mark.column]
        if ": " in before or ":\t" in before or before.lstrip().startswith("---"):
            say(here, *(_COLON_IN_CONDITION if _CONDITION.match(before) else _COLON_IN_TEXT))
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
            say(here, *OUT_OF_PLACE)
        elif (column := self._shallow(above, indent)) is not None:
            say(Position(above + 1, column + 1), _TOO_SHALLOW[0], _TOO_SHALLOW[1].format(indent=indent))
        elif re.search(r":[ \t]|^[ \t]*- ", line):
            say(Position(here.line, indent + 1), *_TOO_DEEP_FOR_VALUE)
        else:
            say(Position(above + 1, len(line) - len(line.lstrip()) + 1), *_NO_COLON)

    def no_colon(self) -> None:
        """A line that is no key: perhaps an entry of the list above it without its dash, or the space behind it."""
        number = self.opening.line
        line, above = self._line(number), self._line(number - 1)
        among = above.lstrip(" ").startswith("- ") and _column(above) == _column(line) == self.opening.column
        self.there(_NO_DASH if among else _NO_COLON)

    def _shallow(self, number: int, indent: int) -> int | None:
        """The column of a key further left than those above and below it, which are in the column `indent`."""
        column = _column(self._line(number))
        if column >= indent or not _KEY.match(self._line(number)):
            return None
        for above in range(number - 1, -1, -1):
            line = self._line(above)
            if line.strip() and _column(line) <= indent:
                return column if _column(line) == indent and _KEY.match(line) else None
        return None

    def escape(self) -> None:
        """A backslash in double quotes that begins no escape, as in a Windows path."""
        index = self.text.rfind("\\", self.opening.index, self.index + 1)
        kind = self.text[index + 1 : index + 2]
        (place,) = (
            positions(self.text, self.opening.index, position_of(self.opening), (index,)) if index >= 0 else (None,)
        )
        if place is None:
            self.parser.syntax(position_of(self.opening), *OUT_OF_PLACE)
        elif kind not in ESCAPE_DIGITS:
            self.parser.syntax(place, f"`\\{kind}` is not an escape", _NO_ESCAPE_ADVICE)
        elif "invalid Unicode" in self.problem:
            whole = self.text[index : index + 2 + ESCAPE_DIGITS[kind]]
            self.parser.syntax(place, *no_character(whole))
        else:
            needed = f"`\\{kind}` needs {ESCAPE_DIGITS[kind]} hexadecimal digits behind it"
            self.parser.syntax(place, needed, _NO_ESCAPE_ADVICE)

    def tag(self) -> None:
        """A tag that can't be read is as little allowed as one that can."""
        start = self.opening.index
        found = re.compile(r"[^ \t\r\n]*").match(self.text, start)
        tag = found[0] if found is not None else "!"
        place = position_of(self.opening)
        span = Span(self.parser.source.file, place, Position(place.line, place.column + max(len(tag), 1)))
        self.parser.tagged(span, tag)

    def flow(self) -> None:
        """A list in brackets or a map in braces that goes wrong, or a bracket that nothing opened."""
        say, here = self.parser.syntax, position_of(self.mark)
        opened = next((one for one in reversed(self.parser.opened) if one.event.flow_style), None)
        if opened is None:
            if self.char in ("]", "}"):
                say(here, f"there is nothing that this `{self.char}` closes", "remove it, or quote the text")
            else:
                say(here, *(_cannot_begin(self.char) if self.char.strip() else OUT_OF_PLACE))
            return
        bracket = "[" if opened.is_list else "{"
        begin = opened.event.start_mark
        if not self.char or (self.char == ":" and self.mark.line != begin.line):
            say(
                position_of(begin),
                f"the `{bracket}` that opens here is never closed",
                f"close it with `{_CLOSING[bracket]}`",
            )
        elif self.char == ":":
            say(here, *(_cannot_begin(":") if "node content" in self.problem else _COLON_IN_TEXT))
        elif self.char in ("]", "}"):
            say(here, f"`{self.char}` stands where `{_CLOSING[bracket]}` is needed", "close brackets in order")
        elif self.char == "-":
            say(here, *_cannot_begin("-"))
        elif not opened.is_list and _CONDITION_IN_BRACES.search(self.text[begin.index : self.mark.index]):
            say(here, *_CUT_CONDITION)
        else:
            say(here, *(_EXTRA_COMMA if self.char == "," else _NO_COMMA))

    def block(self) -> None:
        """Something that is no further key of a map, or no further entry of a list."""
        if (comment := self._comment_above()) is not None:
            self.parser.syntax(comment, *_COMMENT_IN_TEXT)
            return
        here, opening = position_of(self.mark), position_of(self.opening)
        before = self._line(here.line - 1)[: here.column - 1].rstrip()
        if before.endswith(("'", '"', "]", "}")):
            self._behind_closing(here, before[-1])
        elif self.char == ":":
            self.parser.syntax(here, *NO_KEY)
        elif before or here.column != opening.column:
            self.parser.syntax(here, *_INDENTATION if not before else OUT_OF_PLACE)
        elif "block mapping" in self.context:
            self.parser.syntax(here, *_ENTRY_AMONG_KEYS)
        else:
            self.parser.syntax(here, *_KEY_AMONG_ENTRIES)

    def _comment_above(self) -> Position | None:
        """The comment in the line above that ended a text without quotes, which this line was to go on."""
        number, column, last = self.mark.line - 1, self.mark.column, self.parser.last
        if last is None or last.style or last.end_mark.line != number or self._line(self.mark.line)[:column].strip():
            return None
        found = _COMMENT.match(self._line(number), last.end_mark.column)
        deeper = column > _column(self._line(number))
        return Position(number + 1, found.start("sign") + 1) if found is not None and deeper else None

    def _behind_closing(self, here: Position, closing: str) -> None:
        if closing in ("'", '"'):
            self._behind_quote(here, closing)
        else:
            self.parser.syntax(here, f"there is text behind a closing `{closing}`", "put the whole text in quotes")

    def _behind_quote(self, here: Position, closing: str) -> None:
        last = self.parser.last
        if last is None or last.style != closing:
            self.parser.syntax(here, *_BEHIND_QUOTE)
        elif last.start_mark.line + 1 < here.line == last.end_mark.line + 1:
            problem = f"the quote that opens here closes only in line {here.line}, in the middle of another text"
            self.parser.syntax(position_of(last.start_mark), problem, "close it at the end of its own text")
        else:
            whole = self._line(last.start_mark.line)[last.start_mark.column :].rstrip()
            other = {'"': "'", "'": '"'}[closing]
            apart = whole.count(closing) % 2 == 0 and f"{closing} " in whole
            if apart and other not in whole and "\\" not in whole and len(whole) <= _LONGEST_SHOWN:
                advice = f"put the whole text in quotes of the other kind: {other}{whole}{other}"
                self.parser.syntax(here, _BEHIND_QUOTE[0], advice)
            else:
                self.parser.syntax(here, *_BEHIND_QUOTE)

    def behind_end(self) -> None:
        """Something behind the one value of the document."""
        here = position_of(self.mark)
        before = self._line(here.line - 1)[: here.column - 1].rstrip()
        if before.endswith(("'", '"', "]", "}")):
            self._behind_closing(here, before[-1])
        elif _DOCUMENT_END.search(self.text, 0, self.index):
            self.parser.collector.report(codes.SEVERAL_DOCUMENTS, one_character(self.parser.source.file, here))
        else:
            self.parser.syntax(here, *_BEHIND_END)


_KINDS: Final[tuple[tuple[str, str, Callable[[SyntaxProblem], None]], ...]] = (
    ("", "tab character", lambda it: it.here(_TAB)),
    ("", "cannot start any token", SyntaxProblem.cannot_start),
    ("", "mapping values are not allowed", SyntaxProblem.colon),
    ("", "sequence entries are not allowed", lambda it: it.here(_LIST_IN_LINE)),
    ("", "mapping keys are not allowed", lambda it: it.here(_cannot_begin("?"))),
    ("", "could not find expected ':'", SyntaxProblem.no_colon),
    ("quoted scalar", "unexpected", lambda it: it.there(_OPEN_QUOTE)),
    ("quoted scalar", "", SyntaxProblem.escape),
    ("alias", "", SyntaxProblem.name),
    ("anchor", "", SyntaxProblem.name),
    ("tag", "", SyntaxProblem.tag),
    ("", "tag handle", SyntaxProblem.tag),
    ("block scalar", "", lambda it: it.here(_BLOCK_HEADER)),
    ("directive", "", lambda it: it.there(_cannot_begin("%"))),
    ("flow", "", SyntaxProblem.flow),
    ("", "node content", SyntaxProblem.flow),
    ("block mapping", "", SyntaxProblem.block),
    ("block collection", "", SyntaxProblem.block),
    ("", "document start", SyntaxProblem.behind_end),
)
"""Words of context and problem that libyaml and the pure Python parser share, and what is said; the first that fits."""
