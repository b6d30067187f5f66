"""Columns of texts that stand for values of any type.

What nearly all texts of a column are is read by expressions; the others are read by `texts.read_text`, which is what
all of them mean, each distinct one once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import narwhals as nw

from sendable.audience import logic
from sendable.audience.engines.operations import JOINED_BY, Operation, Reading
from sendable.audience.frame import MOMENTS, Held, Shape
from sendable.audience.rows import microseconds
from sendable.audience.table import Table
from sendable.language.texts import NO_IDENTIFIER, NO_ITEM, NOTHING, read_text
from sendable.language.types import Field, Kind, Spelling, Type, Value

_TRUE: Final = ("true", "True", "TRUE", "1")
_FALSE: Final = ("false", "False", "FALSE", "0")
_WHOLE: Final = r"^-?[0-9]{1,15}(?:\.0)?\z"
_NUMBER: Final = r"^-?[0-9]{1,15}(?:\.[0-9]{1,20})?\z"
_ITEM: Final = "[a-z0-9_]+(?:[.@-][a-z0-9_]+)*"
_ITEMS: Final = rf"^{_ITEM}(?:;{_ITEM})*\z"
_NO_ITEMS: Final = tuple(sorted(NO_ITEM | NOTHING[Kind.STRING_LIST]))
_NULL_ITEM: Final = r"(?:^|;)null(?:;|\z)"
"""Of the words for no value, the one that looks like an item."""
_BLANK: Final = r"[\x00-\x20\x7f]*"
_WORDS: Final = "|".join(sorted(re.escape(word) for word in NO_IDENTIFIER if word.isascii()))
_MAY_BE_NOTHING: Final = rf"^{_BLANK}(?i:{_WORDS}){_BLANK}\z|[^\x00-\x7f]"
_EMPTY_LIST: Final = "[]"

_NO_VALUE: Final = "\x1e"
"""What an odd text is read to that stands for no value: no text of people's is it."""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as it is read: its name, what it holds and, where it was one of texts, which could not be read."""

    name: str
    held: Held
    unread: nw.Expr | None = None


class OddText:
    """A text as `read_text` reads it, as a text for columns: `_NO_VALUE` for no value, None for what can't be read.

    Picklable.
    """

    def __init__(self, expected: Type, zone: tzinfo | None) -> None:
        self._expected = expected
        self._zone = zone

    def __call__(self, text: str) -> str | None:
        """The text for columns."""
        try:
            return _for_columns(read_text(text, self._expected, self._zone))
        except ValueError:
            return None


def _for_columns(value: Value | None) -> str:
    match value:
        case None:
            return _NO_VALUE
        case bool():
            return str(value).lower()
        case datetime():
            return str(microseconds(value))
        case tuple():
            return JOINED_BY.join(value)
        case _:
            return str(value)


def read_columns(
    table: Table, fields: Iterable[Field], names: Mapping[str, str], zone: tzinfo | None
) -> dict[str, ReadColumn]:
    """The columns that the texts of others stand for, by the paths of the fields; `names` has those others."""
    wanted = [one for one in fields if not _is_itself(one.type)]
    texts = {one.path: table.with_column(nw.col(names[one.path]).cast(nw.String)) for one in wanted}
    table.flush()
    common = {one.path: _is_common(nw.col(texts[one.path]), one.type) for one in wanted}
    odd = {path: table.with_column(nw.coalesce(~one, nw.lit(value=False))) for path, one in common.items()}
    table.flush()
    made = {
        one.path: table.with_reading(Reading(texts[one.path], odd[one.path], OddText(one.type, zone))) for one in wanted
    }
    table.flush()
    return {
        one.path: _read(table, one.type, *(nw.col(some[one.path]) for some in (texts, odd, made))) for one in wanted
    }


def _is_itself(expected: Type) -> bool:
    """Whether any text stands for itself in a field of the type."""
    return expected.kind is Kind.STRING and expected.enum is None and expected.spelling is Spelling.AS_GIVEN


def _is_common(text: nw.Expr, expected: Type) -> nw.Expr:
    """Whether a text is what most texts of its column are; null where it is null."""
    match expected.kind:
        case Kind.BOOLEAN:
            return logic.among(text, _TRUE) | logic.among(text, _FALSE)
        case Kind.INTEGER:
            return text.str.contains(_WHOLE)
        case Kind.NUMBER:
            return text.str.contains(_NUMBER)
        case Kind.STRING if expected.enum is None:
            return ~text.str.contains(_MAY_BE_NOTHING)
        case Kind.STRING:
            return logic.among(text, expected.enum or ())
        case Kind.TIMESTAMP:
            return text.is_null()
        case Kind.STRING_LIST:
            items = text.str.contains(_ITEMS) & ~text.str.contains(_NULL_ITEM)
            return (text == _EMPTY_LIST) | (items & ~logic.among(text, _NO_ITEMS))


def _read(table: Table, expected: Type, text: nw.Expr, odd: nw.Expr, made: nw.Expr) -> ReadColumn:
    known = nw.when(made != _NO_VALUE).then(made)
    unread = odd & made.is_null()
    chosen = nw.when(odd).then(known).otherwise(text)
    match expected.kind:
        case Kind.BOOLEAN:
            wrong = nw.when(logic.among(chosen, _FALSE)).then(nw.lit(value=False))
            name = table.with_column(nw.when(logic.among(chosen, _TRUE)).then(nw.lit(value=True)).otherwise(wrong))
            return ReadColumn(name, Held(Shape.BOOLEAN, "Boolean"), unread)
        case Kind.INTEGER | Kind.NUMBER:
            name = table.with_operation(Operation.NUMBER, table.with_column(chosen))
            return ReadColumn(name, Held(Shape.REAL, "Float64"), unread)
        case Kind.STRING:
            return ReadColumn(table.with_column(chosen), Held(Shape.TEXT, "String"), unread)
        case Kind.TIMESTAMP:
            return ReadColumn(table.with_column(known.cast(nw.Int64)), MOMENTS, unread)
        case Kind.STRING_LIST:
            common = table.with_operation(Operation.ITEMS, table.with_column(nw.when(~odd).then(text)))
            others = table.with_operation(Operation.SPLIT, table.with_column(known))
            table.flush()
            name = table.with_column(nw.coalesce(nw.col(common), nw.col(others)))
            return ReadColumn(name, Held(Shape.TEXTS, "List(String)"), unread)
