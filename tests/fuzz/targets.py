"""The targets: each reads bytes as hostile input of one kind, and holds what comes out to what was promised."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from sendable.audience.engines.csv_files import UnreadableError, read_header, tables
from sendable.decide.decision import Decision
from sendable.decide.documents import ContextDocument, read_contexts
from sendable.decide.facts import ContextError
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.documents.elements import meaning
from sendable.documents.parse import decode, parse_document
from sendable.language import addresses
from sendable.language.checker import check
from sendable.language.parser import parse, unparse
from sendable.language.texts import read_text
from sendable.language.timestamps import parse_timestamp, write_timestamp
from sendable.language.types import Kind, Type, Value
from sendable.pack.layout import formatted
from sendable.pack.locales import BUILT_IN
from sendable.pack.messages import Template, parse_template, render
from tests.support.helpers import embedded, scope
from tests.support.packs import bundled

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCOPE: Final = scope()
CONTROLS: Final = {
    chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def text_of(data: bytes) -> str:
    """Some text for any bytes, with every character there is within reach, lone surrogates too."""
    return data.decode("utf-8", "surrogatepass" if b"\xed" in data and _is_whole(data) else "replace")


def _is_whole(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def yaml(data: bytes) -> None:
    """A file of a pack ends in a document or in diagnostics, and what `fmt` makes of it says the same."""
    collector = Collector()
    source = decode(data, "fuzzed.yaml", collector)
    root = None if source is None else parse_document(source, collector)
    lines = 0 if source is None else source.text.count("\n") + source.text.count("\r") + 1
    for found in collector.sorted():
        assert source is None or 1 <= found.span.start.line <= lines + 1, found
    if source is None or root is None or collector.has_errors:
        assert collector.has_errors or root is None
        return
    laid_out = formatted(source, Collector())
    assert laid_out is not None
    again = parse_document(Source("fuzzed.yaml", laid_out), Collector())
    assert again is not None
    assert meaning(again) == meaning(root)
    assert formatted(Source("fuzzed.yaml", laid_out), Collector()) == laid_out


def condition(data: bytes) -> None:
    """A condition ends in a tree or in diagnostics within it; a tree is written as a text that is read as the same."""
    source, collector = embedded(text_of(data)), Collector()
    node = parse(source, collector)
    if node is None:
        assert collector.has_errors
        return
    sound = check(node, source, SCOPE, collector, key="when", expected=Kind.BOOLEAN)
    assert sound is not collector.has_errors
    if sound:
        written = unparse(node)
        again = parse(embedded(written), Collector())
        assert again is not None, written
        assert unparse(again) == written


def message(data: bytes) -> None:
    """A text of a pack is a template or diagnostics; no value in a template brings in what may not be shown."""
    first, _, second = text_of(data).partition("\0")
    collector = Collector()
    template = parse_template(embedded(first), collector)
    if template is None:
        assert collector.has_errors
        return
    values: tuple[Value, ...] = (second, (second, second), float(len(second)), NOW, True)
    for value in values:
        for words in BUILT_IN.values():
            shown = render((template,), lambda _, value=value: value, "sv-SE", "sv", words)  # type: ignore[misc]
            assert not CONTROLS & set(shown) - set(first), shown
    bare = Template(tuple(part for part in template.parts if isinstance(part, str)))
    assert render((bare,), lambda _: None, "en", "en", BUILT_IN["en"]) == "".join(map(str, bare.parts))


def timestamp(data: bytes) -> None:
    """A text is no timestamp, or a point in time in UTC that is written as a text that is read as the same."""
    text = text_of(data)
    for zone in (None, UTC):
        try:
            value = parse_timestamp(text, zone)
        except ValueError:
            continue
        assert value.utcoffset() == timedelta()
        assert parse_timestamp(write_timestamp(value)) == value


def address(data: bytes) -> None:
    """Whatever an address is, its parts are texts that stay as they are when they are folded again."""
    text = text_of(data)
    domain, local = addresses.domain(text), addresses.local_part(text)
    assert addresses.fold(addresses.fold(text)) == addresses.fold(text)
    assert addresses.fold(domain) == domain
    assert addresses.fold(local) == local
    if addresses.valid_address(text):
        assert domain
        assert "." in domain
        assert "@" not in domain
        assert addresses.domain(f"x@{domain}") == domain
        assert addresses.compared(text) == addresses.compared(addresses.compared(text))


def value(data: bytes) -> None:
    """A text of a file is a value of a type, no value, or refused with a reason."""
    text = text_of(data)
    for kind in Kind:
        for expected in (Type(kind), *((Type(kind, enum=("full", "none")),) if kind is Kind.STRING else ())):
            try:
                found = read_text(text, expected, UTC)
            except ValueError as error:
                assert str(error)
                continue
            assert found is None or isinstance(found, _CLASSES[kind]), found


_CLASSES: Final[Mapping[Kind, tuple[type, ...]]] = {
    Kind.BOOLEAN: (bool,),
    Kind.INTEGER: (int, float),
    Kind.NUMBER: (int, float),
    Kind.STRING: (str,),
    Kind.TIMESTAMP: (datetime,),
    Kind.STRING_LIST: (tuple,),
}


def context(data: bytes) -> None:
    """A document of contexts ends in contexts and faults, a context in a decision or a ContextError."""
    for found in read_contexts(BytesIO(data), name="fuzzed"):
        if not isinstance(found, ContextDocument):
            assert found.message
            continue
        try:
            decision = bundled().decide(found.context, now=NOW)
        except ContextError as error:
            assert error.problems
            continue
        assert isinstance(decision, Decision)
        assert decision.sendable is (not decision.reasons)
        decision.to_dict(locale="sv")


def csv(data: bytes) -> None:
    """A file of CSV is refused in a line, or read whole: each row is good or bad."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fuzzed.csv")
        file.write_bytes(data)
        try:
            header = read_header(file)
            assert header.columns
            (table,) = tables([file], Path(folder))
        except UnreadableError as error:
            assert str(error)
            return
        assert table.header == header
        assert table.bad_rows >= len(table.examples)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    one.__name__: one for one in (yaml, condition, message, timestamp, address, value, context, csv)
}
