"""Context documents: YAML, JSON and JSON Lines, from files and from standard input, one context or many.

A document that can't be read is an item of its own among the others, so that one of them stops nothing. JSON Lines are
read line by line: a file of any length needs no more memory than its longest line, and a line has a limit.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from sendable.diagnostics.places import Position
from sendable.diagnostics.record import Collector, Diagnostic
from sendable.diagnostics.wording import refused, shown
from sendable.documents.elements import Array, Map, Scalar, plain
from sendable.documents.parse import LARGEST_FILE, decode, parse_document
from sendable.language.values import described

LONGEST_LINE: Final = 1024 * 1024
"""How many bytes a line of JSON Lines may have."""

LARGEST_JSON: Final = 256 * 1024 * 1024
"""How many bytes of a JSON document, which is read whole, are read at most."""

_CHUNK: Final = 1024 * 1024
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"
_NEEDED: Final = "a context has at least `email.channel` and `contact.email`"

Progress: TypeAlias = Callable[[int], object]
"""Called with the number of bytes that were read since it was last called."""


class Format(StrEnum):
    """How contexts are written."""

    YAML = "yaml"
    JSON = "json"
    JSONL = "jsonl"


_BY_SUFFIX: Final = {
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}

SUFFIXES: Final = tuple(_BY_SUFFIX)
"""How the names of files end that hold contexts."""


@dataclass(frozen=True, slots=True)
class ContextDocument:
    """A context that was read; whether it can be decided is another question.

    `number` is its line in JSON Lines, its index (from 0) in a list, and None where a document is one context.
    """

    file: str
    number: int | None
    place: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContextFault:
    """What keeps a document, a line or an item from being read. `place` is as exact as is known."""

    file: str
    number: int | None
    place: str
    message: str


Item: TypeAlias = ContextDocument | ContextFault


def read_contexts(
    source: str | PathLike[str] | BinaryIO,
    *,
    name: str | None = None,
    written: Format | None = None,
    progress: Progress | None = None,
) -> Iterator[Item]:
    """The contexts of `source`, a path or an open binary file, in order; what can't be read comes as a ContextFault.

    `written` says how they are written. Without it a file's suffix does, and where that does not (standard input has
    none), the first line: a whole JSON object on it means JSON Lines. `name` is what the source is called in places.
    """
    report = _ignored if progress is None else progress
    if not isinstance(source, str | PathLike):
        yield from _read(source, name or "<stdin>", written, report)
        return
    path = Path(fspath(source))
    file = shown(name or str(path))
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            yield ContextFault(file, None, file, "it is a directory; name the files in it")
            return
        with path.open("rb") as opened:
            yield from _read(opened, file, written or _BY_SUFFIX.get(path.suffix.lower()), report)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        yield ContextFault(file, None, file, f"it can't be read: {refused(error)}")


def _ignored(size: int) -> None:
    pass


class _Input:
    """A binary stream that tells how much was read, and can take back what was read of it first."""

    def __init__(self, stream: BinaryIO, progress: Progress) -> None:
        self._stream = stream
        self._progress = progress
        self._held = b""

    def line(self, limit: int) -> bytes:
        """The next line with its end, or its first `limit` bytes; nothing at the end of the stream."""
        held = self._held[: self._held.find(b"\n") + 1 or limit][:limit]
        self._held = self._held[len(held) :]
        if held.endswith(b"\n") or len(held) == limit:
            return held
        read = self._stream.readline(limit - len(held))
        self._progress(len(read))
        return held + read

    def rest(self, limit: int) -> bytes:
        """Everything that is left, or its first `limit` + 1 bytes."""
        parts = [self._held]
        size = len(self._held)
        while size <= limit and (read := self._stream.read(min(_CHUNK, limit + 1 - size))):
            parts.append(read)
            size += len(read)
            self._progress(len(read))
        return b"".join(parts)

    def take_back(self, start: bytes) -> None:
        """`start` is read again."""
        self._held = start + self._held


def _read(stream: BinaryIO, file: str, written: Format | None, progress: Progress) -> Iterator[Item]:
    given = _Input(stream, progress)
    if written is None:
        start = _first_line(given)
        given.take_back(start)
        written = _guess(start)
    match written:
        case Format.JSONL:
            return _read_lines(given, file)
        case Format.JSON:
            return _read_json(given.rest(LARGEST_JSON), file)
        case Format.YAML:
            return _read_yaml(given.rest(LARGEST_FILE), file)


# -- the first line


def _first_line(given: _Input) -> bytes:
    """Everything up to the end of the first line that is not blank, as far as a line may reach."""
    start = b""
    while len(start) <= LONGEST_LINE and (line := given.line(LONGEST_LINE + 1 - len(start))):
        start += line
        if line.strip(_BLANK):
            break
    return start


def _guess(start: bytes) -> Format:
    text = start.removeprefix(_BYTE_ORDER_MARK).strip(_BLANK)
    if not text.startswith((b"{", b"[")):
        return Format.YAML
    try:
        first = _parse_json(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return Format.JSON
    return Format.JSONL if isinstance(first, dict) else Format.JSON


# -- JSON Lines


def _read_lines(given: _Input, file: str) -> Iterator[Item]:
    number = 0
    empty = True
    while line := given.line(LONGEST_LINE + 2):  # its end may be two bytes more
        number += 1
        content = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        content = content.rstrip(_BLANK)
        if len(line.rstrip(b"\r\n")) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = given.line(_CHUNK)
            yield ContextFault(file, number, f"{file}:{number}", "the line is longer than 1 MiB, and was skipped")
            empty = False
        elif content:
            yield _read_line(content, file, number)
            empty = False
    if empty:
        yield ContextFault(file, None, file, f"it is empty, and {_NEEDED}")


def _read_line(content: bytes, file: str, number: int) -> Item:
    place = f"{file}:{number}"
    try:
        value = _parse_json(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        column, message = _json_problem(error)
        return ContextFault(file, number, place if column is None else f"{place}:{column.column}", message)
    return _item(value, file, number, place)


# -- JSON


class _DuplicateKeyError(ValueError):
    """An object with the same key twice: one of the two values would be lost."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(f"the key `{shown(key)}` stands twice in one object; remove one of the two")
            seen.add(key)
    return found


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object)


def _parse_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    return _DECODER.decode(text)


def _json_problem(error: ValueError | RecursionError) -> tuple[Position | None, str]:
    """Where, as far as that is known, and why a text is not JSON that can be read."""
    match error:
        case UnicodeDecodeError():
            return None, f"it is not UTF-8: the byte 0x{error.object[error.start]:02X} can't be decoded"
        case json.JSONDecodeError():
            problem = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
            return Position(error.lineno, error.colno), f"this is not valid JSON: {problem}"
        case _DuplicateKeyError():
            return None, str(error)
        case RecursionError():
            return None, "it is nested too deep to be read"
        case _:  # Python converts no integer of more than 4,300 digits
            return None, "a number in it has too many digits to be read"


def _read_json(data: bytes, file: str) -> Iterator[Item]:
    if len(data) > LARGEST_JSON:
        limit = f"{LARGEST_JSON // 1024**2} MiB"
        message = f"it is larger than {limit}; write one context a line (JSON Lines), which has no limit"
        yield ContextFault(file, None, file, message)
        return
    content = data.removeprefix(_BYTE_ORDER_MARK)
    if not content.strip(_BLANK):
        yield ContextFault(file, None, file, f"it is empty, and {_NEEDED}")
        return
    try:
        value = _parse_json(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        place, message = _json_problem(error)
        exact = file if place is None else f"{file}:{place.line}:{place.column}"
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            message += "; if each line is a context of its own, it is JSON Lines, and its name ends in .jsonl"
        yield ContextFault(file, None, exact, message)
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield _item(item, file, index, f"{file}[{index}]")
    else:
        yield _item(value, file, None, file)


def _item(value: object, file: str, number: int | None, place: str) -> Item:
    if isinstance(value, dict):
        return ContextDocument(file, number, place, value)
    return ContextFault(file, number, place, f"a context is an object, and this is {described(value)}")


# -- YAML


def _read_yaml(data: bytes, file: str) -> Iterator[Item]:
    collector = Collector()
    source = decode(data, file, collector)
    root = None if source is None else parse_document(source, collector, typed=True)
    for found in collector.sorted():
        yield ContextFault(file, None, _place(found, source is not None), _text(found))
    if root is None or collector.has_errors:
        return
    match root:
        case Map():
            yield _item(plain(root), file, None, file)
        case Array():
            for index, element in enumerate(root.items):
                item = _item(plain(element), file, index, f"{file}[{index}]")
                if isinstance(item, ContextFault):
                    item = ContextFault(file, index, f"{file}:{element.span.start}", item.message)
                yield item
        case Scalar(value=None, text=""):
            yield ContextFault(file, None, file, f"it is empty, and {_NEEDED}")
        case Scalar():
            message = f"a context is an object, and this is {described(root.value)}"
            yield ContextFault(file, None, f"{file}:{root.span.start}", message)


def _place(found: Diagnostic, decoded: bool) -> str:
    start = found.span.start
    return f"{found.span.file}:{start}" if decoded or start != Position(1, 1) else found.span.file


def _text(found: Diagnostic) -> str:
    return f"{found.message}; {found.help}" if found.help else found.message
