"""Audiences in files: Parquet, CSV and JSON Lines, read and written by the engine that decides them.

An engine here reads files into a lazy frame, writes the decisions and counts them; nothing of an audience is held in
memory as a whole. What a file has is never left out: files of one audience may have their columns in another order, or
have some that others lack, and JSON Lines are read twice, as any line may have a field that none before it has. CSV is
read as texts, of which `Policy.decide_frame` makes values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

from sendable.audience.engines.csv_files import GUARD, GUARDED, Header, Table

Frame: TypeAlias = Any
"""A lazy frame of the engine."""

Progress: TypeAlias = Callable[[int], None]
"""Called with how much more has been done: contacts read by Polars, hundredths of the whole by DuckDB."""

HUNDREDTHS: Final = 100

SEPARATOR: Final = ";"
"""What stands between the items of a list in CSV that is written."""
DECIDED: Final = (
    "sendable", "reason", "reasons", "certainty", "missing", "monitored", "excepted", "exceptions", "invalid"
)  # fmt: skip
"""The columns that decisions are counted by."""

_PLAIN_PATH: Final = re.compile(r"[\w/.,@+-]+")

LISTS: Final = ("reasons", "missing", "monitored", "excepted", "exceptions", "invalid")


class Form(StrEnum):
    """How an audience is written; the value is the suffix of its files."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON_LINES = "jsonl"


Plain: TypeAlias = Literal[Form.PARQUET, Form.JSON_LINES]
"""What an engine reads as it is; for CSV see `csv_files`."""

SUFFIXES: Final[Mapping[str, Form]] = {
    ".parquet": Form.PARQUET,
    ".pq": Form.PARQUET,
    ".csv": Form.CSV,
    ".jsonl": Form.JSON_LINES,
    ".ndjson": Form.JSON_LINES,
}


class AudienceEngine(Protocol):
    """Reads, writes and counts lazy frames."""

    def read(self, files: Sequence[Path], form: Plain) -> Frame:
        """The contacts of the files, in no particular order. Raises UnreadableError."""

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """The contacts of files of CSV, as texts, in no particular order. Raises UnreadableError."""

    def write(self, decisions: Frame, path: Path, form: Form, *, raw: bool = False) -> None:
        """Writes the decisions to `path`, which the engine may make a directory of files.

        In CSV no cell is one that a spreadsheet runs, unless `raw` cells are asked for.
        """

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """How many decisions have the same values in each of `DECIDED`, as `contacts`."""

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """The first key of at most `each` contacts for each of the reasons that is the primary one of some."""

    def told(self) -> AbstractContextManager[None]:
        """Tells how far the query is that runs meanwhile, if anybody asked for that."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Tables that are read in one go."""

    header: Header
    are_drafts: bool
    files: tuple[Path, ...]


def all_alike(tables: Iterable[Table]) -> list[Alike]:
    found: dict[tuple[Header, bool], list[Path]] = {}
    for table in tables:
        found.setdefault((table.header, table.is_draft), []).append(table.file)
    return [Alike(header, are_drafts, tuple(files)) for (header, are_drafts), files in found.items()]


def linked(files: Iterable[Path], folder: Path) -> list[Path]:
    """The files by names that engines take literally: a link in `folder` where a name has more than plain characters.

    Engines read stars and brackets as patterns, `a=b` as a column, a colon as a protocol, and pass over names that
    begin with a dot or an underscore, each in a way of its own.
    """
    return [_link(file.absolute(), folder / f"{number}{file.suffix}") for number, file in enumerate(files)]


def _link(file: Path, name: Path) -> Path:
    if _PLAIN_PATH.fullmatch(str(file)) and not file.name.startswith((".", "_")):
        return file
    name.symlink_to(file)
    return name


def contacts_in(files: Sequence[Path]) -> int:
    """How many rows Parquet files have, which they tell without being read."""
    import polars  # noqa: ICN001, PLC0415 - an extra

    return int(polars.scan_parquet(list(files), glob=False).select(polars.len()).collect().item())


def guarded_name(name: str) -> str:
    """The name of a column as a cell that no spreadsheet runs."""
    return GUARD + name if re.match(GUARDED, name) else name


def with_lists(group: Mapping[str, Any]) -> dict[str, Any]:
    return {**group, **{name: group[name].split(SEPARATOR) if group[name] else [] for name in LISTS}}
