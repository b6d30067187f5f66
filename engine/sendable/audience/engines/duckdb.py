"""DuckDB: what a relation of it needs, and files.

Everything is SQL, but for what is computed in Python: that is computed at once, for each distinct value.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendable.audience.engines.csv_files import GUARD, GUARDED, Table, UnreadableError
from sendable.audience.engines.files import (
    DECIDED,
    HUNDREDTHS,
    LISTS,
    SEPARATOR,
    Alike,
    Form,
    Frame,
    Plain,
    Progress,
    all_alike,
    guarded_name,
    with_lists,
)
from sendable.audience.engines.json_lines import lines_told
from sendable.audience.engines.kind import Kind, Later, Told
from sendable.audience.engines.operations import (
    ITEM,
    JOINED_BY,
    LONGEST_WRITTEN,
    NOTHING,
    Applied,
    Asked,
    NativeFrame,
    NativeType,
    OncePerSet,
    Operation,
    PerValue,
    Reading,
    by_column,
    decoded,
    parts_of,
)
from sendable.audience.engines.sql import Dialect, codes, steps, strictest
from sendable.language.identifiers import PLAIN_SPACES

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Later("polars")

_TYPES: Final[Mapping[type, str]] = {bool: "BOOLEAN", int: "BIGINT", str: "VARCHAR", list: "VARCHAR[]"}
_ROWS: Final = "sendable_rows_to_be_joined"
"""What a query calls the frame that it is made of: a table of this name would be taken instead, so it is a rare one."""
_PLAIN: Final = "strlen({0}) = length({0})"
_ITEMS: Final = "array_to_string({0}, '')"
_SPACES: Final = " || ".join(f"chr({ord(space)})" for space in PLAIN_SPACES)
_MOST_HASHES: Final = 10_000
"""How many are written into a query; more are worked out again in it."""
_DIALECT: Final = Dialect(bytes="strlen", characters="length", matches="regexp_matches({0}, '{1}')")


def _type(kind: Any) -> NativeType:  # noqa: ANN401 - a type of DuckDB's
    match kind.id:
        case "struct":
            return {name: _type(inner) for name, inner in kind.children}
        case "list" | "array":
            return {ITEM: _type(kind.children[0][1])}
        case "null":
            return NOTHING
        case _:
            return str(kind)


class DuckDBEngine:
    """See `operations.Engine`. Lists, and what Python has judged, stand in the SQL: the connection keeps nothing.

    Long lists are read from memory where the SQL names them, for as long as there is something that is made of it.
    """

    decode = None

    _SQL: Final[Mapping[Operation, str]] = {
        Operation.MICROSECONDS: "epoch_us({0})",
        Operation.CLOCK: "epoch_us({0})",
        Operation.TIMESTAMP: "make_timestamptz({0})",
        Operation.CONTAINS: "list_contains({0}, {1})",
        Operation.OVERLAPS: "list_has_any({0}, {1})",
        Operation.HAS_NULL: "list_count({0}) <> len({0})",
        Operation.SPLIT: f"CASE WHEN {{0}} = '' THEN []::VARCHAR[] ELSE string_split({{0}}, '{JOINED_BY}') END",
        Operation.ITEMS: "CASE WHEN {0} = '[]' THEN []::VARCHAR[] ELSE string_split({0}, ';') END",
        Operation.SET: "array_to_string(list_sort(list_distinct({0})), chr(0))",
        Operation.NUMBER: "TRY_CAST({0} AS DOUBLE)",
        Operation.UNUSUAL: f"NOT ({_PLAIN})",
        Operation.UNUSUAL_ITEMS: f"NOT ({_PLAIN.format(_ITEMS)})",
        Operation.TRIMMED: f"CASE WHEN {_PLAIN} THEN nullif(trim({{0}}, {_SPACES}), '') END",
        Operation.IDENTIFIER: f"CASE WHEN {_PLAIN} THEN nullif(lower(trim({{0}}, {_SPACES})), '') END",
        Operation.IDENTIFIERS: f"CASE WHEN coalesce({_PLAIN.format(_ITEMS)}, TRUE) THEN list_filter("
        f"list_transform({{0}}, lambda item: lower(trim(item, {_SPACES}))), lambda item: item <> '') END",
    }

    def types(self, frame: NativeFrame) -> Mapping[str, NativeType]:
        """See `Engine.types`."""
        return {name: _type(kind) for name, kind in zip(frame.columns, frame.types, strict=True)}

    def settled(self, frame: NativeFrame) -> NativeFrame:
        """See `Engine.settled`."""
        return frame

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        return _with(
            frame,
            {name: self._SQL[operation].format(*map(_quoted, columns)) for name, (operation, columns) in added.items()},
        )

    def test(self, frame: NativeFrame, asked: Mapping[str, Asked]) -> NativeFrame:
        """See `Engine.test`."""
        for column, tests in by_column(asked).items():
            frame = _tested(frame, column, tests)
        return frame

    def read(self, frame: NativeFrame, readings: Mapping[str, Reading]) -> NativeFrame:
        """See `Engine.read`. The odd texts of all columns are asked for at once, which is what takes time."""
        odd = (f"CASE WHEN {_quoted(one.odd)} THEN {_quoted(one.column)} END" for one in readings.values())
        (listed,) = frame.aggregate(", ".join(f"list(DISTINCT {text})" for text in odd)).fetchall()
        for (name, one), texts in zip(readings.items(), listed, strict=True):
            found = [(text, one.function(text)) for text in texts or () if text is not None]
            frame = _joined(frame, [one.column], found, {name: _TYPES[str]})
        return frame

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        keys = [*columns, *([] if needed is None else [needed])]
        distinct = _distinct(frame, columns, "TRUE" if needed is None else _quoted(needed))
        found = [(*row, *([] if needed is None else [True]), function(*row)) for row in distinct]
        return _joined(frame, keys, found, {name: _TYPES[kind]})

    def examples(self, frame: NativeFrame, wanted: Sequence[tuple[str, str]], most: int) -> list[tuple[int, list[str]]]:
        """See `Engine.examples`."""
        asked: list[str] = []
        for flag, column in wanted:
            text = f"CASE WHEN {_quoted(flag)} THEN {_quoted(column)} END"
            texts = f"list(DISTINCT {text}) FILTER ({text} IS NOT NULL)"
            asked += [
                f"count(CASE WHEN {_quoted(flag)} THEN 1 END)",
                f"list_slice(list_sort(coalesce({texts}, []::VARCHAR[])), 1, {most})",
            ]
        (row,) = frame.aggregate(", ".join(asked)).fetchall()
        return list(zip(row[::2], row[1::2], strict=True))

    def repeated(self, frame: NativeFrame, groups: Sequence[Sequence[str]]) -> list[NativeFrame | None]:
        """See `Engine.repeated`."""
        found: list[NativeFrame | None] = []
        for columns in groups:
            known = " AND ".join(f"{_quoted(name)} IS NOT NULL" for name in columns)
            values = ", ".join(map(_quoted, columns))
            rows = _with(frame, {"hash": f"CASE WHEN {known} THEN hash({values}) END"})
            several = "SELECT hash FROM {0} GROUP BY hash HAVING count(*) > 1 AND hash IS NOT NULL"
            hashes = rows.query(_ROWS, several.format(_ROWS)).limit(_MOST_HASHES + 1).fetchall()
            few = len(hashes) <= _MOST_HASHES
            those = _table(hashes, {"hash": "UBIGINT"}) if few else several.format(_ROWS)
            chosen = f"SELECT * FROM {_ROWS} WHERE hash IN ({those})"  # noqa: S608 - names of our own
            found.append(rows.query(_ROWS, chosen) if hashes else None)
        return found

    def rows(self, frame: NativeFrame) -> list[tuple[Any, ...]]:
        """See `Engine.rows`."""
        found: list[tuple[Any, ...]] = frame.fetchall()
        return found

    def strictest(self, frame: NativeFrame, group: str, rank: str, columns: Sequence[str], size: str) -> NativeFrame:
        """See `Engine.strictest`."""
        made = strictest(group, rank, columns, size, _quoted)
        return _with(frame, made, kept=[name for name in frame.columns if name not in made])

    def count(self, frame: NativeFrame, flags: Sequence[str]) -> list[tuple[tuple[bool, ...], int]]:
        """See `Engine.count`."""
        made = codes(flags, _quoted)
        rows = _with(frame, made, kept=[]).aggregate(f"{', '.join(made)}, count(*)", ", ".join(made)).fetchall()
        return [(decoded(row[:-1], len(flags)), row[-1]) for row in rows]


def _tested(frame: NativeFrame, column: str, asked: Mapping[str, Asked]) -> NativeFrame:
    kept = frame.columns
    text = _quoted(column)
    parents = any(one.test.parents for one in asked.values())
    parts = parts_of(asked.values())
    # A text is unjudged where any test of it is: that is rare, and its lookups then count for nothing.
    judged = f"NOT {_DIALECT.rare(text, parents=parents)}" if parts else f"{text} IS NOT NULL"
    valid = {"valid": _DIALECT.valid_address(text)} if any(one.test.part is None for one in asked.values()) else {}
    hard = [f"NOT ({judged})", *(f"{one} IS NULL" for one in valid.values())]
    frame = _with(frame, {"common": _DIALECT.common(text, asked.values())})
    rows = _distinct(
        frame, [column], f"CASE WHEN common THEN FALSE ELSE {text} IS NOT NULL AND ({' OR '.join(hard)}) END"
    )
    found = [(*row, *(one.function(*row) for one in asked.values())) for row in rows]
    easy = {name: f"CASE WHEN common THEN TRUE ELSE {sql} END" for name, sql in {"judged": judged, **valid}.items()}
    frame = _with(frame, easy)
    made, lines = steps(text, asked.values())
    for step in made:
        frame = _with(frame, step)
    names = {name: f"answer {number}" for number, name in enumerate(asked)}
    answers = {}
    for name, one in asked.items():
        if one.test.part is None:
            answers[names[name]] = "valid"
        else:
            looked_up = lines[one.test.part] if one.test.parents else lines[one.test.part][:1]
            if len(one.test.among) > LONGEST_WRITTEN:
                inside = f"inside {names[name]}"
                frame = _looked_up(frame, inside, looked_up, one.test.among)
                answers[names[name]] = f"CASE WHEN judged THEN {_quoted(inside)} END"
                continue
            table = _table([(entry,) for entry in sorted(one.test.among)], {"entry": "VARCHAR"})
            inside = " OR ".join(f"coalesce({_quoted(line)} IN ({table}), FALSE)" for line in looked_up)
            answers[names[name]] = f"CASE WHEN judged THEN {inside} END"
    frame = _with(frame, answers, kept=kept)
    extra = {f"found {number}": "BOOLEAN" for number in range(len(asked))}
    frame = _joined(frame, [column], found, extra)
    chosen = {
        name: f"coalesce({_quoted(f'found {number}')}, {_quoted(names[name])})" for number, name in enumerate(asked)
    }
    return _with(frame, chosen, kept=kept)


def _looked_up(frame: NativeFrame, name: str, lines: Sequence[str], among: frozenset[str]) -> NativeFrame:
    """`frame` with a boolean column besides: whether one of its columns has one of so many texts, which are joined."""
    from duckdb import CatalogException  # noqa: PLC0415 - an extra

    def query(table: str) -> NativeFrame:
        sendable_entries = _column(among)  # noqa: F841 - the query names it, and DuckDB keeps it
        rest = f"IN (SELECT entry FROM {table}), FALSE)"  # noqa: S608 - a name, or quoted
        inside = " OR ".join(f"coalesce({_quoted(line)} {rest}" for line in lines)
        return frame.query(_ROWS, f"SELECT {_ROWS}.*, {inside} AS {_quoted(name)} FROM {_ROWS}")  # noqa: S608 - quoted

    try:
        return query("sendable_entries")
    except CatalogException:  # a connection that reads no variables
        return query(f"({_table([(entry,) for entry in among], {'entry': 'VARCHAR'})})")


class _Column:
    """Texts as a table of one column, `entry`, as DuckDB reads it from a variable without pyarrow."""

    def __init__(self, texts: frozenset[str]) -> None:
        self._frame = pl.DataFrame({"entry": pl.Series(list(texts), dtype=pl.String)})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


_column: Final = OncePerSet(_Column)


def _distinct(frame: NativeFrame, columns: Sequence[str], condition: str) -> list[Sequence[object]]:
    """The distinct values of the columns in the rows for which the condition is true.

    By a projection: DuckDB 2.0 fails to plan some filters and joins whose conditions its statistics decide, as they do
    where a column is null throughout or a table is empty.
    """
    values = (f"CASE WHEN chosen THEN {column} END" for column in map(_quoted, columns))
    rows = _with(frame, {"chosen": condition}).project(", ".join(["chosen", *values])).distinct().fetchall()
    return [row[1:] for row in rows if row[0]]


def _joined(
    frame: NativeFrame, columns: Sequence[str], found: Sequence[Sequence[object]], added: Mapping[str, str]
) -> NativeFrame:
    """`frame` with the columns `added`, by types: the rows `found` have them after the values of `columns`."""
    if not found:
        return _with(frame, {name: f"NULL::{sql_type}" for name, sql_type in added.items()})
    keys = [f"key_{index}" for index in range(len(columns))]
    results = [f"result_{index}" for index in range(len(added))]
    types = dict(zip(frame.columns, map(str, frame.types), strict=True))
    kinds = [*(types[column] for column in columns), *added.values()]
    table = _table(found, dict(zip((*keys, *results), kinds, strict=True)))
    condition = " AND ".join(
        f"{_ROWS}.{_quoted(column)} IS NOT DISTINCT FROM found.{key}" for column, key in zip(columns, keys, strict=True)
    )
    chosen = _listed({name: f"found.{result}" for name, result in zip(added, results, strict=True)})
    query = f"SELECT {_ROWS}.*, {chosen} FROM {_ROWS} LEFT JOIN ({table}) AS found ON {condition}"  # noqa: S608 - quoted
    return frame.query(_ROWS, query)


def _table(rows: Sequence[Sequence[object]], columns: Mapping[str, str]) -> str:
    """A query for the rows; `columns` are its columns by their types.

    It reads them from one long text, which takes a tenth of the time that a literal for each value takes.
    """
    text = json.dumps([list(map(_cell, row)) for row in rows])
    read = {column: _read(f"cells[{place}]", kind) for place, (column, kind) in enumerate(columns.items(), start=1)}
    listed = f"SELECT unnest(from_json({_literal(text)}, '[[\"VARCHAR\"]]')) AS cells"
    return f"SELECT {_listed(read)} FROM ({listed})"  # noqa: S608 - quoted above


def _cell(value: object) -> str | None:
    """A value as a text, which `_read` makes the value of again."""
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case list() | tuple():
            return json.dumps(value)
        case _:
            return repr(value)


def _read(cell: str, sql_type: str) -> str:
    match sql_type:
        case "VARCHAR":
            return cell
        case "VARCHAR[]":
            return f"from_json({cell}, '[\"VARCHAR\"]')"
        case _:
            return f"CAST({cell} AS {sql_type})"


def _with(frame: NativeFrame, added: Mapping[str, str], kept: Sequence[str] | None = None) -> NativeFrame:
    """`frame` with columns by their SQL besides all, or those `kept`, of its own."""
    own = ["*"] if kept is None else list(map(_quoted, kept))
    return frame.project(", ".join([*own, *([_listed(added)] if added else [])]))


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {_quoted(name)}" for name, sql in columns.items())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_LOOKS: Final = 0.1
"""Seconds between two looks at how far DuckDB is."""

_DRAFT: Final = f"format='newline_delimited', maximum_object_size={1 << 26}"


class DuckDBFiles:
    """Files by DuckDB."""

    def __init__(self, progress: Progress | None = None) -> None:
        import duckdb  # noqa: PLC0415 - an extra

        self._progress = progress
        self._connection: Any = duckdb.connect()  # its types know of one file, and it reads several
        self._connection.execute("SET preserve_insertion_order = false")
        if progress is not None:
            self._connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")

    def read(self, files: Sequence[Path], form: Plain) -> Frame:
        """See `AudienceEngine.read`."""
        match form:
            case Form.PARQUET:
                return self._connection.read_parquet([str(file) for file in files], union_by_name=True)
            case Form.JSON_LINES:
                with lines_told(files):
                    return self._json([str(file) for file in files])

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return self._connection.sql(" UNION ALL BY NAME ".join(map(_read_table, all_alike(tables))))

    def _json(self, files: list[str]) -> Frame:
        """What looks like a date, a time or a UUID stays a text, as it is for the other engines."""
        read: Callable[..., Any] = partial(
            self._connection.read_json, files, format="newline_delimited", date_format="x", timestamp_format="x"
        )
        found = read(sample_size=-1, maximum_object_size=None, union_by_name=True)
        return read(columns={name: _texts(kind) for name, kind in zip(found.columns, found.types, strict=True)})

    def write(self, decisions: Frame, path: Path, form: Form, *, raw: bool = False) -> None:
        """See `AudienceEngine.write`."""
        with self.told():
            match form:
                case Form.PARQUET:
                    decisions.write_parquet(str(path))
                case Form.CSV:
                    joined = self._joined(decisions)
                    (joined if raw else self._guarded(joined)).write_csv(str(path), header=True)
                case Form.JSON_LINES:
                    decisions.create_view("decisions", replace=True)
                    self._connection.execute(f"COPY decisions TO {_literal(str(path))} (FORMAT json)")

    @contextmanager
    def told(self) -> Iterator[None]:
        """See `AudienceEngine.told`."""
        if self._progress is None:
            yield
            return
        tell, done, told = self._progress, threading.Event(), 0

        def look() -> None:
            nonlocal told
            while not done.wait(_LOOKS):
                reached = int(self._connection.query_progress())
                if reached > told:
                    tell(reached - told)
                    told = reached

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        try:
            yield
        finally:
            done.set()
            looking.join()
        tell(HUNDREDTHS - told)

    def _joined(self, decisions: Frame) -> Frame:
        columns = (
            f"array_to_string({name}, '{SEPARATOR}') AS {name}" if name in LISTS else _quoted(name)
            for name in decisions.columns
        )
        return decisions.project(", ".join(columns))

    def _guarded(self, decisions: Frame) -> Frame:
        columns = []
        for name, kind in zip(decisions.columns, decisions.types, strict=True):
            cell = _quoted(name)
            if str(kind) == "VARCHAR":
                runs = f"regexp_matches({cell}, {_literal(GUARDED)})"
                cell = f"CASE WHEN {runs} THEN {_literal(GUARD)} || {cell} ELSE {cell} END"
            columns.append(f"{cell} AS {_quoted(guarded_name(name))}")
        return decisions.project(", ".join(columns))

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        names = ", ".join(DECIDED)
        found = self._joined(decisions).aggregate(f"{names}, count(*) AS contacts", names)
        with self.told():
            counted = found.fetchall()
        return [with_lists(dict(zip(found.columns, row, strict=True))) for row in counted]

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`: DuckDB holds no more than the least keys of each group."""
        key = f"CAST({_quoted(decisions.columns[0])} AS VARCHAR)"
        found = dict(decisions.aggregate(f"reason, min({key}, {each})", "reason").fetchall())
        return {one: found[one] for one in reasons if found.get(one)}


def _read_table(given: Alike) -> str:
    by_case: dict[str, str] = {}
    for name in given.header.columns:
        if (other := by_case.setdefault(name.lower(), name)) is not name:
            raise UnreadableError(
                f"`{given.files[0]}` has columns `{other}` and `{name}`, which DuckDB can't tell apart: rename one of "
                "them, or decide with polars"
            )
    files = ", ".join(_literal(str(file)) for file in given.files)
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in given.header.columns)
    if given.are_drafts:
        return f"FROM read_json([{files}], columns={{{columns}}}, {_DRAFT})"
    form = (
        f"delim={_literal(given.header.separator)}, quote='\"', escape='\"', nullstr='', header=true, auto_detect=false"
    )
    return f"FROM read_csv([{files}], columns={{{columns}}}, {form})"


def _texts(kind: Any) -> str:  # noqa: ANN401 - a type of DuckDB's
    """The type, as SQL, with texts for what JSON has no type for."""
    if str(kind) == "JSON":
        return "VARCHAR"
    match kind.id:
        case "uuid" | "time":
            return "VARCHAR"
        case "list":
            return f"{_texts(kind.children[0][1])}[]"
        case "struct":
            return f"STRUCT({', '.join(f'{_quoted(name)} {_texts(inner)}' for name, inner in kind.children)})"
        case _:
            return str(kind)


KIND: Final = Kind(
    name="duckdb",
    title="DuckDB",
    where="on this machine",
    extra="duckdb",
    packages=frozenset({"duckdb"}),
    frames=frozenset({"duckdb"}),
    told=Told.HUNDREDTHS,
    columns=DuckDBEngine,
    files=DuckDBFiles,
)
