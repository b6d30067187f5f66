"""What texts of files stand for: one table of vectors, which Python and every engine read alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
import yaml

from sendable.audience.frame import Frame
from sendable.audience.rows import microseconds
from sendable.audience.table import Table
from sendable.audience.texts import read_columns
from sendable.language.texts import read_text
from sendable.language.timestamps import parse_timestamp
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling, Type, Value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CASES: dict[str, dict[str, Any]] = yaml.load(  # YAML 1.2 would do, and all that is no text is written as in JSON
    (Path(__file__).parent.parent / "cases" / "values" / "vectors.yaml").read_text(encoding="utf-8"), yaml.SafeLoader
)
TYPES: dict[str, Type] = {
    "boolean": Type(Kind.BOOLEAN),
    "integer": Type(Kind.INTEGER),
    "number": Type(Kind.NUMBER),
    "choice": Type(Kind.STRING, enum=("active", "full", "none")),
    "timestamp": Type(Kind.TIMESTAMP),
    "in_stockholm": Type(Kind.TIMESTAMP),
    "list": Type(Kind.STRING_LIST),
    "text": Type(Kind.STRING),
    "identifier": Type(Kind.STRING, spelling=Spelling.IDENTIFIER),
    "id": Type(Kind.STRING, spelling=Spelling.TRIMMED),
}


def zone_of(name: str) -> tzinfo | None:
    return STOCKHOLM if name == "in_stockholm" else None


def value_of(expected: Type, written: Any) -> Value | None:
    """The value that a vector has, which is written as JSON would have it."""
    match written:
        case list():
            return tuple(written)
        case str() if expected.kind is Kind.TIMESTAMP:
            return parse_timestamp(written)
        case _:
            value: Value | None = written
            return value


GOOD = [(name, text, value) for name, case in CASES.items() for text, value in case["values"].items()]
BAD = [(name, text) for name, case in CASES.items() for text in case.get("invalid", [])]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_text_stands_for_its_value(name: str, text: str, value: Any) -> None:
    expected = TYPES[name]
    found = read_text(text, expected, zone_of(name))
    assert found == value_of(expected, value)
    assert isinstance(found, bool) is isinstance(value, bool)


@pytest.mark.parametrize(("name", "text"), BAD)
def test_what_is_not_certain_is_refused_with_the_reason(name: str, text: str) -> None:
    expected = TYPES[name]
    try:
        found = read_text(text, expected, zone_of(name))
    except ValueError as error:
        assert str(error).startswith("it")  # noqa: PT017 - the other way out is below
    else:  # a number is held to what a field of its type allows, like any other
        assert isinstance(found, float)
        assert not (found.is_integer() or expected.kind is Kind.NUMBER) or abs(found) > LARGEST_NUMBER


def test_each_kind_has_vectors() -> None:
    assert TYPES.keys() == CASES.keys()
    assert {one.kind for one in TYPES.values()} == set(Kind)


def mutated(random: Random, texts: list[str]) -> str:
    """A text like one of the texts."""
    letters = [*"0123456789.,;:|'\"[]{}() -+_/eEtTnNaAåÅ\t", "\u00a0", "\u2212", "null", "true", ", ", "; "]
    text = list(random.choice(texts))
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(text) + 1)
        text[place : place + random.randrange(2)] = random.choice(letters)
    return "".join(text)


def read_by(expected: Type, zone: tzinfo | None, text: str | None) -> tuple[Any, bool]:
    """What Python says of a text, as columns have it: the value, and whether the text can't be read."""
    try:
        value = None if text is None else read_text(text, expected, zone)
    except ValueError:
        return None, True
    return microseconds(value) if expected.kind is Kind.TIMESTAMP and value is not None else value, False


def engines_agree(native: Callable[[pl.DataFrame], Any], mutations: int) -> None:
    random = Random(1)
    for name, case in CASES.items():
        expected, zone = TYPES[name], zone_of(name)
        if name == "text":
            continue
        texts = [*case["values"], *case.get("invalid", [])]
        texts = [*dict.fromkeys([*texts, *(mutated(random, texts) for _ in range(mutations))])]
        rows: list[str | None] = [*texts, None]
        frame = Frame(native(pl.DataFrame({"row": range(len(rows)), "text": pl.Series(rows, dtype=pl.String)})))
        table = Table(frame.native, frame.engine)
        column = read_columns(table, [Field("path", expected)], {"path": "text"}, zone)["path"]
        assert column.unread is not None
        unread = table.with_column(column.unread)
        table.flush()
        found = table.native.select("row", column.name, unread)
        for row, value, bad in collected(found).sort("row").iter_rows():
            read = tuple(value) if isinstance(value, list) else value
            assert (read, bad) == read_by(expected, zone, rows[row]), (name, rows[row])
            assert type(read) is not int or expected.kind is Kind.TIMESTAMP


def collected(lazy: Any) -> pl.DataFrame:
    if isinstance(lazy, pl.LazyFrame):
        return lazy.collect()
    return pl.DataFrame(lazy.pl() if isinstance(lazy, duckdb.DuckDBPyRelation) else lazy.toArrow())


def test_polars_reads_texts_as_python_does() -> None:
    engines_agree(lambda frame: frame, 2000)


def test_duckdb_reads_texts_as_python_does() -> None:
    with duckdb.connect() as connection:
        engines_agree(lambda frame: connection.from_arrow(frame.to_arrow()), 2000)


def test_spark_reads_texts_as_python_does(spark: Any) -> None:
    engines_agree(lambda frame: spark.createDataFrame(frame.to_arrow()), 200)
