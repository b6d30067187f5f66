"""One canonical layout for the YAML files of a pack: comments kept, meaning unchanged.

Two spaces for each level and 120 columns; texts that do not fit are folded, conditions of several lines break before
each `and` or `or`; a list or a map in brackets stays in them as long as it fits; one blank line at most, and just one
between reasons and between cases; the keys of a reason and of an exception in the order of the schema; quotes where
YAML needs them and around what looks like a number, a date or a version.

The text is written anew from the elements that `documents` read. Each comment belongs to the entry below it, or to the
one that it stands behind; a comment indented deeper than what follows ends the map or list that it stands in.
"""

from __future__ import annotations

import json
import re
import textwrap
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import UNSEEN
from sendable.documents.elements import Array, Element, Map, Scalar, meaning
from sendable.documents.parse import parse_document, uncollected
from sendable.pack.resources import schema_path

WIDTH: Final = 120
"""How many columns a line has at most, where its content can be broken at all."""

_STEP: Final = 2
_LONGEST_KEY: Final = 1_000  # YAML 1.2, 8.2.2: a longer key has a question mark before it
_Path: TypeAlias = tuple[str, ...]

_COMMENT: Final = re.compile(r"#[^\n]*")
_ALONE: Final = re.compile(r"[ \t]*(?:(?:---|[-?:])[ \t]+)*")
_MODELINE: Final = re.compile(r"#\s*yaml-language-server:")
_BLOCK_HEADER: Final = re.compile(r"[^\n]*")

# INVARIANT: what can't be seen is written as an escape, and never as the character itself.
_ODD: Final = re.compile(
    rf"{UNSEEN.pattern}|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SPECIAL: Final = re.compile(rf"[\"\\]|{_ODD.pattern}")
_LOOKS_COUNTED: Final = re.compile(
    r"[0-9][-+.,:_0-9]*(?:[Tt ][-+.:0-9]*[Zz]?)?|[0-9][0-9._]*[eE][-+]?[0-9]+|0[xob][0-9a-fA-F]+|[-+.].*|~|=|<<"
)
_WORDS_OF_YAML: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_BEGINS_OTHERWISE: Final = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_IN_BRACKETS: Final = frozenset({"channels", "locales"})
_APART: Final = frozenset({"reasons", "cases"})


@uncollected()
def formatted(source: Source, collector: Collector) -> str | None:
    """The text of `source` in the canonical layout; None where it is no YAML that could be read without an error.

    The collector has the errors, and nothing else before. The text means the same as before, has the same comments and
    stays as it is when it is formatted again.
    """
    before = Source(source.file, source.text.replace("\r\n", "\n").replace("\r", "\n"))
    root = parse_document(before, collector)
    if root is None or collector.has_errors:
        return None
    tree = _Tree(before, root)
    text = "\n".join(_Writer(tree).write())
    text = text + "\n" if text else ""
    _hold(before, root, tree, Source(source.file, text))
    return text


def _hold(before: Source, root: Element, tree: _Tree, after: Source) -> None:
    """Sees that nothing was lost: whatever the fault, a file is not written with another meaning."""
    again = parse_document(after, Collector())
    kept = again is not None and meaning(again) == meaning(root)
    if again is None or not kept or sorted(_Tree(after, again).comments()) != sorted(tree.comments()):
        raise RuntimeError(f"{before.file}: the formatted text would not say the same as before")


# -- which comment belongs where


@dataclass(slots=True, eq=False)
class _Home:
    """A list or a map, with what it holds."""

    element: Array | Map
    owner: _Owner
    children: list[_Owner] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)

    @property
    def ends(self) -> int | None:
        """The index behind its closing bracket; None without brackets."""
        return None if self.element.end is None else self.element.end.index

    @property
    def column(self) -> int:
        return self.element.start.column


@dataclass(slots=True, eq=False)
class _Owner:
    """An entry of a map or an item of a list, and the comments that belong to it. Empty texts are blank lines."""

    value: Element
    start: int
    column: int
    key: Scalar | None = None
    home: _Home | None = None
    before: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    inside: _Home | None = None


class _Tree:
    """The elements of a document as owners of comments."""

    def __init__(self, source: Source, root: Element) -> None:
        self._text = source.text
        self.root = _Owner(root, -1, -1)
        self._owners: list[_Owner] = []
        self._texts: list[tuple[int, int]] = []
        self._gather(self.root)
        self._starts = [owner.start for owner in self._owners]
        self._place()

    def comments(self) -> Iterator[str]:
        """Every comment."""
        for owner in (self.root, *self._owners):
            yield from filter(None, (*owner.before, *owner.behind, *(owner.inside.foot if owner.inside else ())))

    def _gather(self, owner: _Owner) -> None:
        """Notes everything in an owner's value, in the order of the text."""
        value = owner.value  # INVARIANT: the recursion is no deeper than `parse.DEEPEST`
        if isinstance(value, Scalar):
            self._note(value)
            return
        home = owner.inside = _Home(value, owner)
        for child in self._children(value):
            child.home = home
            home.children.append(child)
            self._owners.append(child)
            if child.key is not None:
                self._note(child.key)
            self._gather(child)

    def _children(self, collection: Array | Map) -> Iterator[_Owner]:
        if isinstance(collection, Map):
            for entry in collection.entries:
                start = entry.key.bounds()[0]
                yield _Owner(entry.value, start, self._column(start), entry.key)
        else:
            for item in collection.items:
                yield _Owner(item, _begin(item), collection.start.column)

    def _note(self, scalar: Scalar) -> None:
        begin, stop = scalar.bounds()
        if scalar.style in ("|", ">") and (header := _BLOCK_HEADER.match(self._text, begin)):
            begin = min(header.end(), stop)  # a comment may stand in its first line
        self._texts.append((begin, stop))

    def _column(self, index: int) -> int:
        return index - (self._text.rfind("\n", 0, index) + 1)

    def _blank_above(self, index: int) -> bool:
        """Whether the line above that of `index` is blank."""
        line = self._text.rfind("\n", 0, index)
        return line >= 0 and not self._text[self._text.rfind("\n", 0, line) + 1 : line].strip()

    def _place(self) -> None:
        """Gives every comment and blank line to its owner."""
        events: list[tuple[int, str | _Owner]] = [(one.start, one) for one in self._owners]
        last = 0
        for begin, stop in [*self._texts, (len(self._text), len(self._text))]:
            events += [(found.start(), found[0].rstrip()) for found in _COMMENT.finditer(self._text, last, begin)]
            last = max(last, stop)
        for index, one in sorted(events, key=lambda event: event[0]):
            if isinstance(one, _Owner):
                if self._blank_above(index) and _ALONE.fullmatch(self._text, index - self._column(index), index):
                    one.before.append("")
                continue
            alone = _ALONE.fullmatch(self._text, index - self._column(index), index)
            if not alone:
                self._behind(index).append(one)
                continue
            into = self._alone(index)
            into += ["", one] if self._blank_above(index) else [one]

    def _last(self, index: int) -> _Owner:
        """The last owner that begins before `index`."""
        found = bisect_right(self._starts, index) - 1
        return self._owners[found] if found >= 0 else self.root

    def _behind(self, index: int) -> list[str]:
        """Where a comment belongs that stands behind something on its line."""
        owner = self._last(index)
        while owner.home is not None and owner.home.ends is not None and index >= owner.home.ends:
            owner = owner.home.owner
        if owner is self.root:
            return owner.behind if owner.inside is None else owner.inside.foot
        return owner.behind

    def _alone(self, index: int) -> list[str]:
        """Where a comment belongs that has a line for itself."""
        last = self._last(index)
        found = bisect_right(self._starts, index)
        following = self._owners[found] if found < len(self._owners) else None
        brackets = self._brackets(last, index)
        if brackets is not None:
            ends = brackets.ends or 0
            return brackets.foot if following is None or following.start >= ends else following.before
        if _begin(last.value) > index and (isinstance(last.value, Scalar) or last.value.end is not None):
            return last.before
        column = self._column(index)
        behind_dash = self._text[index - column : index].strip()
        if following is not None and (column <= following.column or behind_dash):
            return following.before
        ended = self._ended(last, following)
        if not ended:
            return self.root.before if following is None else following.before
        return next((home for home in ended if home.column <= column), ended[-1]).foot

    def _brackets(self, last: _Owner, index: int) -> _Home | None:
        """The innermost list or map in brackets that `index` is in."""
        home = last.inside if last.inside is not None and last.inside.element.start.index <= index else last.home
        while home is not None and home.ends is not None and index >= home.ends:
            home = home.owner.home
        return home if home is not None and home.ends is not None else None

    def _ended(self, last: _Owner, following: _Owner | None) -> list[_Home]:
        """The lists and maps without brackets that end between two owners, the innermost first."""
        ended = []
        home = last.inside if last.inside is not None and last is self.root else last.home
        stays = None if following is None else following.home
        while home is not None and home is not stays:
            if home.ends is None:
                ended.append(home)
            home = home.owner.home
        return ended if home is stays else []


def _begin(element: Element) -> int:
    return element.bounds()[0] if isinstance(element, Scalar) else element.start.index


# -- writing


class _Writer:
    def __init__(self, tree: _Tree) -> None:
        self._root = tree.root

    def write(self) -> list[str]:
        """The lines of the document."""
        root = self._root
        home = root.inside
        if home is None:
            empty = isinstance(root.value, Scalar) and root.value.value is None and not root.value.text
            return [*_stripped(root.before), *([] if empty else self._scalar(root, "", 0, ()))]
        # Behind brackets with nothing in them, what has a line for itself would be read as what stands above them.
        above = [] if home.children else [*home.foot]
        lines = self._collection(home, 0, (), above) if home.children else ["[]" if _is_list(home) else "{}"]
        above = [*_stripped([*root.before, *above])]
        modelines = [line for line in above if _MODELINE.match(line)]
        return [*modelines, *(line for line in above if line not in modelines), *lines]

    def _collection(self, home: _Home, indent: int, path: _Path, above: list[str]) -> list[str]:
        """The lines of a list or a map; what stands above its first line goes to `above`."""
        lines: list[str] = []
        apart = len(path) == 1 and path[0] in _APART and all(one.inside for one in home.children)
        for number, owner in enumerate(_ordered(home, path)):
            before = [*owner.before, *owner.behind[1:]]
            head: list[str] = []
            own = self._owner(owner, indent, path, head)
            before = [*before, *head]
            if number == 0:
                above += _stripped(before)
            else:
                if apart and before[:1] != [""]:
                    before = ["", *before]
                lines += _indented(before, indent)
            lines += own
        return [*lines, *_indented(home.foot, indent)]

    def _owner(self, owner: _Owner, indent: int, path: _Path, above: list[str]) -> list[str]:
        """The lines of an entry or of an item, the first with the comment behind it."""
        written = "" if owner.key is None else _string(owner.key.text, flow=False)
        if len(written) > _LONGEST_KEY:
            return [" " * indent + "? " + written, *self._value(owner, " " * indent + ":", indent, path, above)]
        lead = " " * indent + ("- " if owner.key is None else f"{written}:")
        return self._value(owner, lead, indent, path, above)

    def _value(self, owner: _Owner, lead: str, indent: int, path: _Path, above: list[str]) -> list[str]:
        """The lines of a value behind its key or dash."""
        inside = owner.inside
        path = (*path, "-" if owner.key is None else owner.key.text)
        if inside is None:
            return self._scalar(owner, lead if owner.key is None else lead + " ", indent, path)
        comment = f"  {owner.behind[0]}" if owner.behind else ""
        joined = _in_brackets(owner, path)
        space = "" if owner.key is None else " "
        if joined is not None and (len(lead + space + joined) <= WIDTH or not inside.children):
            above += _stripped(inside.foot)
            return [lead + space + joined + comment]
        if owner.key is not None:
            first: list[str] = []
            lines = self._collection(inside, indent + _STEP, path, first)
            return [lead + comment, *_indented(first, indent + _STEP), *lines]
        above += owner.behind[:1]
        lines = self._collection(inside, indent + _STEP, path, above)
        return [lead + lines[0][indent + _STEP :], *lines[1:]]

    def _scalar(self, owner: _Owner, lead: str, indent: int, path: _Path) -> list[str]:
        """The lines of an entry or item whose value is a scalar."""
        scalar = owner.value
        assert isinstance(scalar, Scalar)  # noqa: S101 - the caller has looked
        comment = f"  {owner.behind[0]}" if owner.behind else ""
        inner = indent + _STEP
        block = _block(scalar, len(lead), WIDTH - inner, expression=_is_expression(path))
        if block is None:
            return [lead + _inline(scalar, flow=False) + comment]
        header, lines = block
        return [lead + header + comment, *_indented(lines, inner)]


def _ordered(home: _Home, path: _Path) -> Sequence[_Owner]:
    """The children in canonical order: of a reason, changed or not, or an exception, as its schema has them."""
    path = _unchanged(path)
    if len(path) != 2 or path[0] not in ("reasons", "exceptions") or _is_list(home):
        return home.children
    order = _keys_of(path[0])
    return sorted(home.children, key=lambda one: order.get(one.key.text if one.key else "", len(order)))


@cache
def _keys_of(kind: str) -> dict[str, int]:
    """The keys of a reason or of an exception, each with its place."""
    if kind == "reasons":
        form = json.loads(schema_path("reasons").read_text(encoding="utf-8"))["$defs"]["reason"]
    else:
        manifest = json.loads(schema_path("policy").read_text(encoding="utf-8"))
        form = manifest["properties"]["exceptions"]["additionalProperties"]
    return {name: place for place, name in enumerate(form["properties"])}


def _unchanged(path: _Path) -> _Path:
    """The path of what a change is of: what stands under `changes` looks as it does by itself."""
    return path[1:] if path[:1] == ("changes",) else path


def _is_expression(path: _Path) -> bool:
    match _unchanged(path):
        case ("reasons", _, "when" | "clears_at") | ("reasons", _, "details", _) | (*_, "cases", "-", "when"):
            return True
        case ("exceptions", _, "when"):
            return True
        case _:
            return False


def _is_list(home: _Home) -> bool:
    return isinstance(home.element, Array)


def _in_brackets(owner: _Owner, path: _Path) -> str | None:
    """The list or map on one line; None where it stands on several."""
    home = owner.inside
    if home is None or not home.children:
        return "[]" if home is not None and _is_list(home) else "{}"
    scalars = all(one.inside is None for one in home.children)
    wanted = home.element.end is not None or (path[-1] in _IN_BRACKETS and scalars and _is_list(home))
    level = path[0] in ("reasons", "cases", "fixtures", "lists", "parameters") and not scalars and len(path) == 1
    level = level or (len(path) == 2 and path[0] in ("reasons", "cases"))
    return _flow(owner) if wanted and not level and not _commented(home) and not _has_condition(home, path) else None


def _has_condition(home: _Home, path: _Path) -> bool:
    """Whether a condition stands in it, where a comma would end it; contexts may have any key."""
    if path[0] in ("cases", "fixtures"):
        return False
    return any(
        (child.key is not None and child.key.text == "when")
        or (child.inside is not None and _has_condition(child.inside, path))
        for child in home.children
    )


def _commented(home: _Home) -> bool:
    return bool(home.foot) or any(
        any(one.before) or one.behind or (one.inside is not None and _commented(one.inside)) for one in home.children
    )


def _flow(owner: _Owner) -> str | None:
    """An element in brackets; None where a text has several lines."""
    home = owner.inside
    if home is None:
        assert isinstance(owner.value, Scalar)  # noqa: S101 - nothing else has no inside
        several = isinstance(owner.value.value, str) and "\n" in owner.value.value
        return None if several else _inline(owner.value, flow=True)
    parts = []
    for child in home.children:
        shown = _flow(child)
        if shown is None or (child.key is not None and len(child.key.text) > _LONGEST_KEY // 2):
            return None
        parts.append(shown if child.key is None else f"{_string(child.key.text, flow=True)}: {shown}")
    return f"[{', '.join(parts)}]" if _is_list(home) else f"{{{', '.join(parts)}}}"


# -- scalars


def _inline(scalar: Scalar, *, flow: bool) -> str:
    """The scalar on one line."""
    value = scalar.value
    if isinstance(value, str):
        return _string(value, flow=flow)
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else scalar.text


def _string(text: str, *, flow: bool) -> str:
    """A text on one line, in quotes where it needs them."""
    if _is_plain(text, flow=flow):
        return text
    if _ODD.search(text):
        return '"' + _SPECIAL.sub(_escaped, text) + '"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _escaped(special: re.Match[str]) -> str:
    codes = map(ord, special[0])
    return _ESCAPES.get(special[0]) or "".join(
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}" for code in codes
    )


def _is_plain(text: str, *, flow: bool) -> bool:
    """Whether a text stands without quotes: YAML reads it as that text, and nobody takes it for something else."""
    return not (
        not text
        or text[0] in _BEGINS_OTHERWISE
        or text[0] == " "
        or text[-1] in " :"
        or ": " in text
        or " #" in text
        or _ODD.search(text)
        or text.lower() in _WORDS_OF_YAML
        or _LOOKS_COUNTED.fullmatch(text)
        or (flow and any(char in ",[]{}" for char in text))
    )


_Block: TypeAlias = tuple[str, list[str]]
"""The first line of a block scalar, and its lines without their indentation."""


def _block(scalar: Scalar, before: int, width: int, *, expression: bool) -> _Block | None:
    """The text as a block of lines; None where it stands on one line. `before` columns are taken on the first."""
    text = scalar.value
    if not isinstance(text, str):
        return None
    chomped = text.removesuffix("\n")
    sign = "-" if chomped == text else ""
    if "\n" in chomped:
        lines = chomped.split("\n")
        literal = not any(map(_ODD.search, lines)) and lines[0][:1] not in ("", " ") and lines[-1]
        return (f"|{sign}", lines) if literal and not any(line and not line.strip() for line in lines) else None
    fits = before + len(_string(text, flow=False)) <= WIDTH
    if not _may_fold(chomped):
        return None
    if expression:
        several = scalar.span.end.line > scalar.span.start.line + (1 if scalar.style in ("|", ">") else 0)
        broken = list(_operands(chomped)) if several or not fits else [chomped]
        if len(broken) > 1:
            return f">{sign}", [line for part in broken for line in _filled(part, width)]
    if not sign:
        lines = _filled(chomped, width)
        return ("|" if len(lines) == 1 else ">"), lines
    return None if fits else (">-", _filled(chomped, width))


def _may_fold(text: str) -> bool:
    """Whether YAML puts the text together again after it was broken at spaces."""
    return bool(text) and text == text.strip(" ") and "  " not in text and not _ODD.search(text)


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 1),
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )


_TOKEN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]]| (?:and|or)(?= )|[^'\"()\[\] ]+| ")


def _operands(text: str) -> Iterable[str]:
    """The operands of the outermost `or`, else of the outermost `and`, each but the first behind that word."""
    for word in (" or", " and"):
        depth, starts = 0, [0]
        for found in _TOKEN.finditer(text):
            depth += (found[0] in "([") - (found[0] in ")]")
            if found[0] == word and depth == 0:
                starts.append(found.start() + 1)
        if len(starts) > 1:
            return [text[begin:end].rstrip(" ") for begin, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [text]


def _stripped(lines: Sequence[str]) -> Sequence[str]:
    """The lines without the blank ones that they begin with."""
    first = next((place for place, line in enumerate(lines) if line), len(lines))
    return lines[first:]


def _indented(lines: Iterable[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]
