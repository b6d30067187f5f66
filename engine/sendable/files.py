"""Audiences in files: Parquet, CSV and JSON Lines, read and written by the engine that decides them.

An engine here reads files into a lazy frame, writes the decisions and counts them; nothing of an audience is held in
memory as a whole. Lists of texts stand in CSV as one text with semicolons between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from sendable.model import Pack
from sendable.types import Kind

Frame: TypeAlias = Any
"""A lazy frame of the engine."""

Progress: TypeAlias = Callable[[int], None]
"""Called with how much more has been done: contacts read by Polars, hundredths of the whole by DuckDB."""

HUNDREDTHS: Final = 100
_LOOKS: Final = 0.1
"""Seconds between two looks at how far DuckDB is."""

SEPARATOR: Final = ";"
DECIDED: Final = ("sendable", "reason", "reasons", "certainty", "missing", "invalid")
"""The columns that decisions are counted by."""

_PACKAGES: Final = frozenset({"duckdb", "narwhals", "polars", "py4j", "pyarrow", "pyspark"})
_LISTS: Final = ("reasons", "missing", "invalid")


class Form(StrEnum):
    """How an audience is written; the value is the suffix of its files."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON_LINES = "jsonl"


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


class UnreadableError(ValueError):
    """Files that an engine can't read, or a place that it can't write to; the text is the first line it says."""


class AudienceEngine(Protocol):
    """Reads, writes and counts lazy frames."""

    def read(self, files: Sequence[Path], form: Form, pack: Pack) -> Frame:
        """The contacts of the files, in no particular order; `pack` tells the types of the columns it knows."""

    def write(self, decisions: Frame, path: Path, form: Form) -> None:
        """Writes the decisions to `path`, which the engine may make a directory of files."""

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """How many decisions have the same values in each of `DECIDED`, as `contacts`."""

    def samples(self, decisions: Frame, each: int) -> dict[str, list[str]]:
        """The first key of at most `each` contacts for each primary reason."""

    def told(self) -> AbstractContextManager[None]:
        """Tells how far the query is that runs meanwhile, if anybody asked for that."""


def engine(name: EngineName, progress: Progress | None = None) -> AudienceEngine:
    """The engine of this name. Raises ModuleNotFoundError where its package is not installed."""
    match name:
        case EngineName.POLARS:
            return PolarsFiles(progress)
        case EngineName.DUCKDB:
            return DuckDBFiles(progress)
        case EngineName.SPARK:
            return SparkFiles()


@contextmanager
def readable() -> Iterator[None]:
    """Turns what an engine raises for files that it can't read or write into UnreadableError."""
    try:
        yield
    except Exception as error:
        # Engines have no error in common, and none of them is imported here for the sake of its errors.
        if type(error).__module__.partition(".")[0].lstrip("_") not in _PACKAGES:
            raise
        raise UnreadableError(next(iter(str(error).strip().splitlines()), type(error).__name__)) from error


def column_types(pack: Pack, columns: Iterable[str]) -> dict[str, Kind]:
    """The kinds of the columns that are fields by their names: what a file without types is read as."""
    by_name = {path.removeprefix("contact."): path for path in pack.fields if path.startswith("contact.")}
    by_name |= {path.replace(".", "__"): path for path in pack.fields} | {path: path for path in pack.fields}
    return {column: pack.fields[by_name[column]].type.kind for column in columns if column in by_name}


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

    def read(self, files: Sequence[Path], form: Form, pack: Pack) -> Frame:
        """See `AudienceEngine.read`."""
        frame = self._scan(list(files), form, pack)
        if self._progress is None:
            return frame
        tell = self._progress

        def counted(batch: Any) -> Any:  # noqa: ANN401 - a Polars frame
            tell(batch.height)
            return batch

        return frame.map_batches(counted, streamable=True, validate_output_schema=False)

    def _scan(self, paths: list[Path], form: Form, pack: Pack) -> Frame:
        match form:
            case Form.PARQUET:
                return self._pl.scan_parquet(paths, glob=False)
            case Form.JSON_LINES:
                return self._pl.scan_ndjson(paths, infer_schema_length=10_000)
            case Form.CSV:
                return self._csv(paths, pack)

    def _csv(self, paths: list[Path], pack: Pack) -> Frame:
        """Columns of texts are read as texts, whatever they look like; lists are taken apart."""
        pl = self._pl
        columns = pl.scan_csv(paths[0], infer_schema=False, glob=False).collect_schema().names()
        kinds = column_types(pack, columns)
        texts = [name for name, kind in kinds.items() if kind in (Kind.STRING, Kind.TIMESTAMP, Kind.STRING_LIST)]
        frame = pl.scan_csv(
            paths, schema_overrides=dict.fromkeys(texts, pl.String), infer_schema_length=10_000, glob=False
        )
        lists = [name for name in texts if kinds[name] is Kind.STRING_LIST]
        empty = pl.lit([], dtype=pl.List(pl.String))
        return frame.with_columns(
            pl.when(pl.col(name) == "[]").then(empty).otherwise(pl.col(name).str.split(SEPARATOR)).alias(name)
            for name in lists
        )

    def write(self, decisions: Frame, path: Path, form: Form) -> None:
        """See `AudienceEngine.write`."""
        match form:
            case Form.PARQUET:
                decisions.sink_parquet(path)
            case Form.JSON_LINES:
                decisions.sink_ndjson(path)
            case Form.CSV:
                joined = (self._pl.col(name).list.join(SEPARATOR) for name in _LISTS)
                decisions.with_columns(*joined).sink_csv(path)

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        groups = decisions.group_by(DECIDED).agg(self._pl.len().alias("contacts"))
        found: list[dict[str, Any]] = groups.collect(engine="streaming").to_dicts()
        return found

    def samples(self, decisions: Frame, each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        pl = self._pl
        key = decisions.collect_schema().names()[0]
        chosen = decisions.filter(pl.col("reason").is_not_null()).group_by("reason").agg(pl.col(key).head(each))
        rows = chosen.collect(engine="streaming").sort("reason").to_dicts()
        return {row["reason"]: [str(one) for one in row[key]] for row in rows}

    def told(self) -> AbstractContextManager[None]:
        """See `AudienceEngine.told`: each batch that is read tells."""
        return nullcontext()


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

    def read(self, files: Sequence[Path], form: Form, pack: Pack) -> Frame:
        """See `AudienceEngine.read`."""
        paths = [str(path) for path in files]
        match form:
            case Form.PARQUET:
                return self._connection.read_parquet(paths)
            case Form.JSON_LINES:
                return self._connection.read_json(paths, format="newline_delimited")
            case Form.CSV:
                return self._csv(paths, pack)

    def _csv(self, paths: list[str], pack: Pack) -> Frame:
        columns = self._connection.read_csv(paths, header=True, all_varchar=True).columns
        kinds = column_types(pack, columns)
        texts = [name for name, kind in kinds.items() if kind in (Kind.STRING, Kind.TIMESTAMP, Kind.STRING_LIST)]
        frame = self._connection.read_csv(paths, header=True, dtype=dict.fromkeys(texts, "VARCHAR"))
        lists = [name for name in texts if kinds[name] is Kind.STRING_LIST]
        taken_apart = {
            name: f"CASE WHEN {_quoted(name)} = '[]' THEN CAST([] AS VARCHAR[]) "
            f"ELSE string_split({_quoted(name)}, '{SEPARATOR}') END"
            for name in lists
        }
        return frame.project(
            ", ".join(f"{taken_apart.get(name, _quoted(name))} AS {_quoted(name)}" for name in columns)
        )

    def write(self, decisions: Frame, path: Path, form: Form) -> None:
        """See `AudienceEngine.write`."""
        with self.told():
            match form:
                case Form.PARQUET:
                    decisions.write_parquet(str(path))
                case Form.CSV:
                    self._joined(decisions).write_csv(str(path), header=True)
                case Form.JSON_LINES:
                    decisions.create_view("decisions", replace=True)
                    self._connection.execute(f"COPY decisions TO {_text(path)} (FORMAT json)")

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

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        names = ", ".join(DECIDED)
        found = self._joined(decisions).aggregate(f"{names}, count(*) AS contacts", names)
        with self.told():
            counted = found.fetchall()
        return [_with_lists(dict(zip(found.columns, row, strict=True))) for row in counted]

    def samples(self, decisions: Frame, each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        key = decisions.columns[0]
        chosen = decisions.filter("reason IS NOT NULL").aggregate(
            f"reason, (list({_quoted(key)}))[1:{each}] AS keys", "reason"
        )
        return {reason: [str(one) for one in keys] for reason, keys in sorted(chosen.fetchall())}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


class SparkFiles:
    """Files by Spark: on this machine, or on the cluster that the environment or the configuration of Spark names."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

        self._spark = SparkSession.builder.appName("sendable").config("spark.sql.session.timeZone", "UTC").getOrCreate()

    def read(self, files: Sequence[Path], form: Form, pack: Pack) -> Frame:
        """See `AudienceEngine.read`."""
        paths = [str(path) for path in files]
        match form:
            case Form.PARQUET:
                return self._spark.read.parquet(*paths)
            case Form.JSON_LINES:
                return self._spark.read.json(paths)
            case Form.CSV:
                return self._csv(paths, pack)

    def _csv(self, paths: list[str], pack: Pack) -> Frame:
        from pyspark.sql import functions  # noqa: PLC0415

        frame = self._spark.read.csv(paths, header=True, inferSchema=True)
        kinds = column_types(pack, frame.columns)
        for name, kind in kinds.items():
            column = frame[name].cast("string")
            if kind is Kind.STRING_LIST:
                column = functions.when(column == "[]", functions.array().cast("array<string>")).otherwise(
                    functions.split(column, SEPARATOR)
                )
            if kind in (Kind.STRING, Kind.TIMESTAMP, Kind.STRING_LIST):
                frame = frame.withColumn(name, column)
        return frame

    def write(self, decisions: Frame, path: Path, form: Form) -> None:
        """See `AudienceEngine.write`: Spark writes a directory with a file for each partition."""
        match form:
            case Form.PARQUET:
                decisions.write.parquet(str(path))
            case Form.JSON_LINES:
                decisions.write.json(str(path))
            case Form.CSV:
                self._joined(decisions).write.csv(str(path), header=True)

    def _joined(self, decisions: Frame) -> Frame:
        from pyspark.sql import functions  # noqa: PLC0415

        for name in _LISTS:
            decisions = decisions.withColumn(name, functions.array_join(decisions[name], SEPARATOR))
        return decisions

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        rows = self._joined(decisions).groupBy(*DECIDED).count().withColumnRenamed("count", "contacts").collect()
        return [_with_lists(row.asDict()) for row in rows]

    def samples(self, decisions: Frame, each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        key = decisions.columns[0]
        from pyspark.sql import functions  # noqa: PLC0415

        found = decisions.where("reason IS NOT NULL").groupBy("reason")
        rows = found.agg(functions.slice(functions.collect_list(decisions[key]), 1, each).alias("keys")).collect()
        return {row["reason"]: [str(one) for one in row["keys"]] for row in sorted(rows, key=lambda one: one["reason"])}

    def told(self) -> AbstractContextManager[None]:
        """See `AudienceEngine.told`: Spark tells by itself."""
        return nullcontext()
