"""PySpark: what a frame of it needs, and files.

Everything is SQL, with Arrow functions for what is computed in Python.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendable.audience.engines.csv_files import GUARD, GUARDED, Table
from sendable.audience.engines.files import (
    DECIDED,
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
from sendable.audience.engines.json_lines import require_single_keys
from sendable.audience.engines.kind import Kind, Later, NotStartedError, Told
from sendable.audience.engines.operations import (
    ITEM,
    JOINED_BY,
    LONGEST_WRITTEN,
    NOTHING,
    Applied,
    Asked,
    Derived,
    NativeFrame,
    NativeType,
    OncePerSet,
    Operation,
    PerValue,
    Reading,
    by_column,
    decoded,
    remembered,
)
from sendable.audience.engines.sql import Dialect, codes, steps, strictest
from sendable.language.identifiers import PLAIN_SPACES

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import functions, types
else:
    pa, functions, types = Later("pyarrow"), Later("pyspark.sql.functions"), Later("pyspark.sql.types")

_PLAIN: Final = "octet_length({0}) = char_length({0})"
_ITEMS: Final = "array_join({0}, '')"
_SPACES: Final = f"concat({', '.join(f'chr({ord(space)})' for space in PLAIN_SPACES)})"
_DIALECT: Final = Dialect(bytes="octet_length", characters="char_length", matches="{0} RLIKE r'{1}'")


def _type(kind: types.DataType) -> NativeType:
    match kind:
        case types.StructType():
            return {one.name: _type(one.dataType) for one in kind.fields}
        case types.ArrayType():
            return {ITEM: _type(kind.elementType)}
        case types.NullType():
            return NOTHING
        case _:
            return kind.simpleString()


@cache
def _dtypes() -> Mapping[type, tuple[types.DataType, pa.DataType]]:
    return {
        bool: (types.BooleanType(), pa.bool_()),
        int: (types.LongType(), pa.int64()),
        str: (types.StringType(), pa.string()),
        list: (types.ArrayType(types.StringType()), pa.list_(pa.string())),
    }


class SparkEngine:
    """See `operations.Engine`."""

    decode = None

    _SQL: Final[Mapping[Operation, str]] = {
        Operation.MICROSECONDS: "unix_micros({0})",
        Operation.CLOCK: "timestampdiff(MICROSECOND, TIMESTAMP_NTZ '1970-01-01 00:00:00', {0})",
        Operation.TIMESTAMP: "timestamp_micros({0})",
        Operation.CONTAINS: "array_contains({0}, {1})",
        Operation.OVERLAPS: "arrays_overlap({0}, {1})",
        Operation.HAS_NULL: "exists({0}, item -> item IS NULL)",
        Operation.SPLIT: (
            f"CASE WHEN {{0}} = '' THEN CAST(array() AS array<string>) ELSE split({{0}}, '{JOINED_BY}') END"
        ),
        Operation.ITEMS: "CASE WHEN {0} = '[]' THEN CAST(array() AS array<string>) ELSE split({0}, ';') END",
        Operation.SET: "array_join(array_sort(array_distinct({0})), char(0))",
        Operation.NUMBER: "try_cast({0} AS DOUBLE)",
        Operation.UNUSUAL: f"NOT ({_PLAIN})",
        Operation.UNUSUAL_ITEMS: f"NOT ({_PLAIN.format(_ITEMS)})",
        Operation.TRIMMED: f"CASE WHEN {_PLAIN} THEN nullif(trim(BOTH {_SPACES} FROM {{0}}), '') END",
        Operation.IDENTIFIER: f"CASE WHEN {_PLAIN} THEN nullif(lower(trim(BOTH {_SPACES} FROM {{0}})), '') END",
        Operation.IDENTIFIERS: f"CASE WHEN {_PLAIN.format(_ITEMS)} THEN filter("
        f"transform({{0}}, item -> lower(trim(BOTH {_SPACES} FROM item))), item -> item <> '') END",
    }

    def types(self, frame: NativeFrame) -> Mapping[str, NativeType]:
        """See `Engine.types`."""
        return {one.name: _type(one.dataType) for one in frame.schema.fields}

    def settled(self, frame: NativeFrame) -> NativeFrame:
        """See `Engine.settled`.

        Spark puts the expression of a column in where it is read, many times over once others have been put there too,
        and plans for minutes. It moves nothing past a sample, and one of all rows leaves none out: it takes those for
        which a number of at least 0 and less than 1 is less than 1.
        """
        return frame.sample(1.0, 0)

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        written = {
            name: self._SQL[operation].format(*map(_quoted, columns)) for name, (operation, columns) in added.items()
        }
        return _with(frame, written)

    def test(self, frame: NativeFrame, asked: Mapping[str, Asked]) -> NativeFrame:
        """See `Engine.test`."""
        kept = frame.columns
        for column, tests in by_column(asked).items():
            kept = [*kept, *tests]
            frame = _tested(frame, column, tests).select(*map(_quoted, kept))
        return frame

    def read(self, frame: NativeFrame, readings: Mapping[str, Reading]) -> NativeFrame:
        """See `Engine.read`."""
        for name, one in readings.items():
            frame = _derived(frame, name, one.function, [one.column], one.odd, str)
        return frame

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        return _derived(frame, name, function, columns, needed, kind)

    def examples(self, frame: NativeFrame, wanted: Sequence[tuple[str, str]], most: int) -> list[tuple[int, list[str]]]:
        """See `Engine.examples`."""
        asked: list[str] = []
        for flag, column in wanted:
            text = f"CASE WHEN {_quoted(flag)} THEN {_quoted(column)} END"
            asked += [
                f"count(CASE WHEN {_quoted(flag)} THEN 1 END)",
                f"slice(sort_array(collect_set({text})), 1, {most})",
            ]
        (row,) = frame.selectExpr(*asked).collect()
        return list(zip(row[::2], row[1::2], strict=True))

    def repeated(self, frame: NativeFrame, groups: Sequence[Sequence[str]]) -> list[NativeFrame | None]:
        """See `Engine.repeated`."""
        # Whoever groups the rows shuffles them once; to look for those that are worth it would shuffle them before.
        return [frame.where(" AND ".join(f"{_quoted(name)} IS NOT NULL" for name in columns)) for columns in groups]

    def strictest(self, frame: NativeFrame, group: str, rank: str, columns: Sequence[str], size: str) -> NativeFrame:
        """See `Engine.strictest`."""
        made = strictest(group, rank, columns, size, _quoted)
        kept = [_quoted(name) for name in frame.columns if name not in made]
        return frame.selectExpr(*kept, *(f"{sql} AS {_quoted(name)}" for name, sql in made.items()))

    def rows(self, frame: NativeFrame) -> list[tuple[Any, ...]]:
        """See `Engine.rows`."""
        return [tuple(row) for row in frame.collect()]

    def count(self, frame: NativeFrame, flags: Sequence[str]) -> list[tuple[tuple[bool, ...], int]]:
        """See `Engine.count`."""
        made = codes(flags, _quoted)
        rows = frame.select(*(functions.expr(sql).alias(code) for code, sql in made.items())).groupBy(*made).count()
        return [(decoded(row[:-1], len(flags)), row[-1]) for row in rows.collect()]


def _derived(
    frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
) -> NativeFrame:
    derived = functions.arrow_udf(  # type: ignore[attr-defined]  # assigned, which mypy does not see
        arrow_function(function, has_needed=needed is not None, kind=kind), _dtypes()[kind][0]
    )
    used = [*columns, *([] if needed is None else [needed])]
    return frame.withColumn(name, derived(*(functions.col(_quoted(column)) for column in used)))


def arrow_function(function: PerValue, *, has_needed: bool, kind: type) -> Callable[..., Any]:
    """`function` as one of Arrow arrays, computed once for each distinct row of a batch.

    With `has_needed` the last array says where anything is computed at all.
    """
    dtype = _dtypes()[kind][1]

    def derived(*arrays: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
        columns = [array.to_pylist() for array in arrays]
        flags = columns.pop() if has_needed else [True] * len(columns[0])
        memory: dict[object, Derived] = {}
        results = [
            remembered(memory, function, row) if flag else None
            for row, flag in zip(zip(*columns, strict=True), flags, strict=True)
        ]
        return pa.array(results, dtype)

    derived.__annotations__ = {"arrays": pa.Array, "return": pa.Array}  # what Spark tells kinds of functions by
    return derived


def _tested(frame: NativeFrame, column: str, asked: Mapping[str, Asked]) -> NativeFrame:
    text = _quoted(column)
    frame = _with(frame, {"common": _DIALECT.common(text, asked.values())})
    made, lines = steps(text, asked.values())
    for step in made:
        frame = _with(frame, step)
    answers = {}
    for name, one in asked.items():
        if one.test.part is None:
            answers[name] = f"CASE WHEN common THEN TRUE ELSE {_DIALECT.valid_address(text)} END"
            continue
        looked_up = lines[one.test.part] if one.test.parents else lines[one.test.part][:1]
        if len(one.test.among) > LONGEST_WRITTEN:
            frame = _looked_up(frame, f"{name} inside", looked_up, one.test.among)
            inside = _quoted(f"{name} inside")
        else:
            among = ", ".join(map(_literal, sorted(one.test.among))) or "NULL"
            inside = f"exists(array({', '.join(map(_quoted, looked_up))}), line -> coalesce(line IN ({among}), FALSE))"
        rare = _DIALECT.rare(text, parents=one.test.parents)
        answers[name] = f"CASE WHEN common OR NOT {rare} THEN {inside} END"
    frame = _with(frame, {f"{name} easy": answer for name, answer in answers.items()})
    needed = {f"{name} needed": f"{_quoted(f'{name} easy')} IS NULL AND {text} IS NOT NULL" for name in asked}
    frame = _with(frame, needed)
    for name, one in asked.items():
        frame = _derived(frame, f"{name} hard", one.function, [column], f"{name} needed", bool)
    return _with(frame, {name: f"coalesce({_quoted(f'{name} easy')}, {_quoted(f'{name} hard')})" for name in asked})


def _looked_up(frame: NativeFrame, name: str, lines: Sequence[str], among: frozenset[str]) -> NativeFrame:
    """`frame` with a boolean column besides: whether one of its columns has one of so many texts, which are joined."""
    entries = functions.broadcast(frame.sparkSession.createDataFrame(_table(among)))
    found = [f"{name} {number}" for number in range(len(lines))]
    for column, line in zip(found, lines, strict=True):
        table = entries.withColumnRenamed("entry", column)
        frame = frame.join(table, functions.expr(f"{_quoted(line)} = {_quoted(column)}"), "left")
    return _with(frame, {name: " OR ".join(f"{_quoted(column)} IS NOT NULL" for column in found)})


_table: Final = OncePerSet(lambda among: pa.table({"entry": pa.array(list(among), pa.string())}))


def _with(frame: NativeFrame, added: Mapping[str, str]) -> NativeFrame:
    """`frame` with columns by their SQL besides."""
    return frame.withColumns({name: functions.expr(sql) for name, sql in added.items()})


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class SparkFiles:
    """Files by Spark: on this machine, or on the cluster that the environment or the configuration of Spark names."""

    def __init__(self, _progress: Progress | None = None) -> None:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415

        session = SparkSession.builder.appName("sendable").config("spark.sql.session.timeZone", "UTC")
        try:
            self._spark = session.getOrCreate()
        except PySparkRuntimeError as error:
            if error.getCondition() != "JAVA_GATEWAY_EXITED":
                raise
            raise NotStartedError(
                "Spark can't start Java",
                "Install Java 17 or a later one, and name it in JAVA_HOME, or decide with polars.",
            ) from error
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
                for file in files:
                    require_single_keys(file)
                return self._spark.read.json(paths, mode="FAILFAST")

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return reduce(_union, map(self._table, all_alike(tables)))

    def _table(self, given: Alike) -> Frame:
        schema = types.StructType([types.StructField(name, types.StringType()) for name in given.header.columns])
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
        columns = []
        for name, kind in decisions.dtypes:
            column = decisions[_quoted(name)]
            if kind == "string":
                written = functions.concat(functions.lit(GUARD), column)
                column = functions.when(column.rlike(GUARDED), written).otherwise(column)
            columns.append(column.alias(guarded_name(name)))
        return decisions.select(columns)

    def _joined(self, decisions: Frame) -> Frame:
        for name in LISTS:
            decisions = decisions.withColumn(name, functions.array_join(decisions[name], SEPARATOR))
        return decisions

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        rows = self._joined(decisions).groupBy(*DECIDED).count().withColumnRenamed("count", "contacts").collect()
        return [with_lists(row.asDict()) for row in rows]

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


def _union(first: Frame, second: Frame) -> Frame:
    return first.unionByName(second, allowMissingColumns=True)


KIND: Final = Kind(
    name="spark",
    title="PySpark",
    where="wherever Spark is set up to run",
    extra="spark",
    packages=frozenset({"py4j", "pyarrow", "pyspark"}),
    frames=frozenset({"pyspark"}),
    told=Told.BY_ITSELF,
    columns=SparkEngine,
    files=SparkFiles,
)
