"""Audiences in files: Parquet, CSV and JSON Lines, read and written by the engine that decides them.

An engine here reads files into a lazy frame, writes the decisions and counts them; nothing of an audience is held in
memory as a whole. What a file has is never left out: files of one audience may have their columns in another order, or
have some that others lack, and JSON Lines are read twice, as any line may have a field that none before it has. CSV is
read as texts, of which `Policy.decide_frame` makes values.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial, reduce
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

from sendable.audience.engines.csv_files import GUARD, GUARDED, Header, Table, UnreadableError, read_header

Frame: TypeAlias = Any
"""A lazy frame of the engine."""

Progress: TypeAlias = Callable[[int], None]
"""Called with how much more has been done: contacts read by Polars, hundredths of the whole by DuckDB."""

HUNDREDTHS: Final = 100
_LOOKS: Final = 0.1
"""Seconds between two looks at how far DuckDB is."""

SEPARATOR: Final = ";"
"""What stands between the items of a list in CSV that is written."""
_LONGEST_HEADER: Final = 1 << 20
DECIDED: Final = ("sendable", "reason", "reasons", "certainty", "missing", "invalid")
"""The columns that decisions are counted by."""

_TELLING: Final = 3
"""How many of these columns a file has that nobody else has written."""
_PLAIN_PATH: Final = re.compile(r"[\w/.,@+-]+")
_PACKAGES: Final = frozenset({"duckdb", "narwhals", "polars", "py4j", "pyarrow", "pyspark"})
_DRAFT: Final = f"format='newline_delimited', maximum_object_size={1 << 26}"
_LISTS: Final = ("reasons", "missing", "invalid")


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


class EngineName(StrEnum):
    """What decides an audience."""

    POLARS = "polars"
    DUCKDB = "duckdb"
    SPARK = "spark"


class NoJavaError(RuntimeError):
    """Spark runs on Java, and there is none that it can start."""


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


def engine(name: EngineName, progress: Progress | None = None) -> AudienceEngine:
    """The engine of this name. Raises ModuleNotFoundError where a package is not installed, and NoJavaError."""
    match name:
        case EngineName.POLARS:
            return PolarsFiles(progress)
        case EngineName.DUCKDB:
            return DuckDBFiles(progress)
        case EngineName.SPARK:
            return SparkFiles()


@dataclass(frozen=True, slots=True)
class _Alike:
    """Tables that are read in one go."""

    header: Header
    are_drafts: bool
    files: tuple[Path, ...]


def _alike(tables: Iterable[Table]) -> list[_Alike]:
    found: dict[tuple[Header, bool], list[Path]] = {}
    for table in tables:
        found.setdefault((table.header, table.is_draft), []).append(table.file)
    return [_Alike(header, are_drafts, tuple(files)) for (header, are_drafts), files in found.items()]


@contextmanager
def readable() -> Iterator[None]:
    """Turns what an engine raises for files that it can't read or write into UnreadableError.

    A query that was interrupted raises KeyboardInterrupt, whatever the engine calls that.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        # Engines have no error in common, and none of them is imported here for the sake of its errors.
        if type(error).__module__.partition(".")[0].lstrip("_") not in _PACKAGES:
            raise
        raise UnreadableError(next(iter(str(error).strip().splitlines()), type(error).__name__)) from error


def has_decisions(file: Path) -> bool:
    """Whether the columns of the file are those of decisions that were written. Raises UnreadableError."""
    names: Iterable[str] = ()
    match SUFFIXES[file.suffix.lower()]:
        case Form.PARQUET:
            import polars  # noqa: ICN001, PLC0415 - an extra

            with readable(), file.open("rb") as opened:
                names = polars.read_parquet_schema(opened)
        case Form.CSV:
            names = read_header(file).columns
        case Form.JSON_LINES:
            with file.open("rb") as opened, suppress(ValueError):
                first = json.loads(opened.readline(_LONGEST_HEADER))
                if isinstance(first, dict):
                    names = first
    return len({*names} & {*DECIDED}) >= _TELLING


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


class PolarsFiles:
    """Files by Polars, streaming."""

    def __init__(self, progress: Progress | None = None) -> None:
        import polars  # noqa: ICN001, PLC0415 - an extra

        self._pl = polars
        self._progress = progress

    def read(self, files: Sequence[Path], form: Plain) -> Frame:
        """See `AudienceEngine.read`."""
        return self._told(self._scan(list(files), form))

    def _told(self, frame: Frame) -> Frame:
        """The frame, which tells how much of it has been read."""
        if self._progress is None:
            return frame
        tell = self._progress

        def counted(batch: Any) -> Any:  # noqa: ANN401 - a Polars frame
            tell(batch.height)
            return batch

        return frame.map_batches(counted, streamable=True, validate_output_schema=False)

    def _scan(self, files: list[Path], form: Plain) -> Frame:
        pl = self._pl
        match form:
            case Form.PARQUET:
                schemas = [pl.read_parquet_schema(file) for file in files]
                if all(schema == schemas[0] for schema in schemas):
                    return pl.scan_parquet(files, glob=False)
                return self._together(pl.scan_parquet(file, glob=False) for file in files)
            case Form.JSON_LINES:
                return self._together(pl.scan_ndjson(file, infer_schema_length=None) for file in files)

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return self._told(self._together(map(self._table, _alike(tables))))

    def _table(self, given: _Alike) -> Frame:
        pl, files = self._pl, list(given.files)
        if given.are_drafts:
            return pl.scan_ndjson(files, schema=dict.fromkeys(given.header.columns, pl.String))
        return pl.scan_csv(files, separator=given.header.separator, infer_schema=False, null_values="", glob=False)

    def _together(self, frames: Iterable[Any]) -> Frame:
        """All rows, with all columns; what has integers here and decimals there has decimals."""
        return self._pl.concat(frames, how="diagonal_relaxed")

    def write(self, decisions: Frame, path: Path, form: Form, *, raw: bool = False) -> None:
        """See `AudienceEngine.write`."""
        match form:
            case Form.PARQUET:
                decisions.sink_parquet(path)
            case Form.JSON_LINES:
                decisions.sink_ndjson(path)
            case Form.CSV:
                pl = self._pl
                joined = decisions.with_columns(*(pl.col(name).list.join(SEPARATOR) for name in _LISTS))
                if not raw:
                    texts = pl.col(pl.String)
                    guarded = pl.when(texts.str.contains(GUARDED)).then(pl.lit(GUARD) + texts).otherwise(texts)
                    joined = joined.with_columns(guarded.name.keep()).rename(_guarded)
                joined.sink_csv(path)

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        groups = decisions.group_by(DECIDED).agg(self._pl.len().alias("contacts"))
        found: list[dict[str, Any]] = groups.collect(engine="streaming").to_dicts()
        return found

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        pl = self._pl
        key = pl.col(decisions.collect_schema().names()[0]).cast(pl.String)
        # One by one: what is grouped is held in memory, all of it, before the first few of a group are taken.
        chosen = {one: decisions.filter(pl.col("reason") == one).select(key).drop_nulls().head(each) for one in reasons}
        found = pl.collect_all(chosen.values(), engine="streaming")
        return {one: frame.to_series().to_list() for one, frame in zip(chosen, found, strict=True) if len(frame)}

    def told(self) -> AbstractContextManager[None]:
        """See `AudienceEngine.told`: each batch that is read tells."""
        return nullcontext()


def _guarded(name: str) -> str:
    """The name of a column as a cell that no spreadsheet runs."""
    return GUARD + name if re.match(GUARDED, name) else name


def _with_lists(group: Mapping[str, Any]) -> dict[str, Any]:
    return {**group, **{name: group[name].split(SEPARATOR) if group[name] else [] for name in _LISTS}}


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
                return self._json([str(file) for file in files])

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return self._connection.sql(" UNION ALL BY NAME ".join(map(_read_table, _alike(tables))))

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
            f"array_to_string({name}, '{SEPARATOR}') AS {name}" if name in _LISTS else _quoted(name)
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
            columns.append(f"{cell} AS {_quoted(_guarded(name))}")
        return decisions.project(", ".join(columns))

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        names = ", ".join(DECIDED)
        found = self._joined(decisions).aggregate(f"{names}, count(*) AS contacts", names)
        with self.told():
            counted = found.fetchall()
        return [_with_lists(dict(zip(found.columns, row, strict=True))) for row in counted]

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`: DuckDB holds no more than the least keys of each group."""
        key = f"CAST({_quoted(decisions.columns[0])} AS VARCHAR)"
        found = dict(decisions.aggregate(f"reason, min({key}, {each})", "reason").fetchall())
        return {one: found[one] for one in reasons if found.get(one)}


def _read_table(given: _Alike) -> str:
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


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class SparkFiles:
    """Files by Spark: on this machine, or on the cluster that the environment or the configuration of Spark names."""

    def __init__(self) -> None:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415

        session = SparkSession.builder.appName("sendable").config("spark.sql.session.timeZone", "UTC")
        try:
            self._spark = session.getOrCreate()
        except PySparkRuntimeError as error:
            if error.getCondition() != "JAVA_GATEWAY_EXITED":
                raise
            raise NoJavaError(str(error)) from error
        with suppress(AttributeError):  # a session of Spark Connect, which logs elsewhere
            self._spark.sparkContext.setLogLevel("OFF")  # what fails is raised, and said in a line
        logging.getLogger("py4j").setLevel(logging.CRITICAL)

    def read(self, files: Sequence[Path], form: Plain) -> Frame:
        """See `AudienceEngine.read`."""
        paths = [str(path) for path in files]
        match form:
            case Form.PARQUET:
                return self._spark.read.parquet(*paths, mergeSchema=True)
            case Form.JSON_LINES:
                return self._spark.read.json(paths, mode="FAILFAST")

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return reduce(_union, map(self._table, _alike(tables)))

    def _table(self, given: _Alike) -> Frame:
        from pyspark.sql.types import StringType, StructField, StructType  # noqa: PLC0415

        schema = StructType([StructField(name, StringType()) for name in given.header.columns])
        paths = [str(file) for file in given.files]
        if given.are_drafts:
            return self._spark.read.json(paths, schema, mode="FAILFAST")
        return self._spark.read.csv(
            paths,
            schema,
            sep=given.header.separator,
            header=True,
            escape='"',
            nullValue="",
            enforceSchema=False,
            mode="FAILFAST",
        )

    def write(self, decisions: Frame, path: Path, form: Form, *, raw: bool = False) -> None:
        """See `AudienceEngine.write`: Spark writes a directory with a file for each partition."""
        match form:
            case Form.PARQUET:
                decisions.write.parquet(str(path))
            case Form.JSON_LINES:
                decisions.write.json(str(path))
            case Form.CSV:
                joined = self._joined(decisions)
                exact = {"ignoreLeadingWhiteSpace": False, "ignoreTrailingWhiteSpace": False, "escape": '"'}
                (joined if raw else self._guarded(joined)).write.csv(str(path), header=True, emptyValue="", **exact)

    def _guarded(self, decisions: Frame) -> Frame:
        from pyspark.sql import functions  # noqa: PLC0415

        columns = []
        for name, kind in decisions.dtypes:
            column = decisions[_backquoted(name)]
            if kind == "string":
                written = functions.concat(functions.lit(GUARD), column)
                column = functions.when(column.rlike(GUARDED), written).otherwise(column)
            columns.append(column.alias(_guarded(name)))
        return decisions.select(columns)

    def _joined(self, decisions: Frame) -> Frame:
        from pyspark.sql import functions  # noqa: PLC0415

        for name in _LISTS:
            decisions = decisions.withColumn(name, functions.array_join(decisions[name], SEPARATOR))
        return decisions

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        rows = self._joined(decisions).groupBy(*DECIDED).count().withColumnRenamed("count", "contacts").collect()
        return [_with_lists(row.asDict()) for row in rows]

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        key = decisions[decisions.columns[0]].cast("string").alias("key")
        found: dict[str, list[str]] = {}
        for one in reasons:
            rows = decisions.where(decisions["reason"] == one).select(key).dropna().limit(each).collect()
            found |= {one: [row["key"] for row in rows]} if rows else {}
        return found

    def told(self) -> AbstractContextManager[None]:
        """See `AudienceEngine.told`: Spark tells by itself."""
        return nullcontext()


def _backquoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _union(first: Frame, second: Frame) -> Frame:
    return first.unionByName(second, allowMissingColumns=True)
