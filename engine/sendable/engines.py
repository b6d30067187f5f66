"""What the engines under a frame do each in its own words: the few column operations that Narwhals has no name for.

An engine adds columns to a native frame by name; nothing here knows of conditions. Engines are imported when one of
their frames is at hand, never before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, TypeAlias

NativeFrame: TypeAlias = Any
"""A lazy native frame: polars.LazyFrame, duckdb.DuckDBPyRelation or pyspark.sql.DataFrame."""

PerValue: TypeAlias = Callable[..., "bool | int | None"]
"""A pure function of the values of a row's columns, None where one is null. For Spark it must be picklable."""


class Operation(StrEnum):
    """What an engine can compute of columns. Null where an operand is, but for SPLIT and HAS_NULL of an empty list."""

    MICROSECONDS = "microseconds"
    """A timestamp with a time zone as microseconds since 1970 in UTC, a 64-bit integer."""
    TIMESTAMP = "timestamp"
    """The opposite of MICROSECONDS."""
    CONTAINS = "contains"
    """Whether a list of texts has a text."""
    OVERLAPS = "overlaps"
    """Whether two lists of texts have one in common."""
    HAS_NULL = "has_null"
    """Whether a list of texts has a null in it."""
    SPLIT = "split"
    """A text of parts joined by commas as the list of them; the empty text as the empty list."""

    RARE = "rare"
    """Whether a text is such that LOWER, DOMAIN and LOCAL_PART must not be asked: anything but short, plain ASCII."""
    MANY_LABELS = "many labels"
    """Whether it is, or has more than four full stops."""
    RARE_ADDRESS = "rare address"
    """Whether a text is neither a valid address of the form that nearly all have, nor HOPELESS_ADDRESS."""
    HOPELESS_ADDRESS = "hopeless address"
    """Whether a text is ASCII, but has characters that no address has unquoted, or not one @: it is not valid."""
    LOWER = "lower"
    """A text that is not rare in lower case."""
    DOMAIN = "domain"
    """What `addresses.domain` says of a text that is not rare."""
    LOCAL_PART = "local part"
    """What `addresses.local_part` says of a text that is not rare."""
    PARENT = "parent"
    """What follows the first full stop of a text, null where there is none."""


Applied: TypeAlias = tuple[Operation, tuple[str, ...]]
"""An operation and the columns that it is applied to."""


# `addresses._PLAIN` without what looks ahead; the lengths are looked at beside it.
_ATOM: Final = "[A-Za-z0-9!#$%&\\x27*+/=?^_`{|}~-]+"
_PLAIN_ADDRESS: Final = rf"^{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{{2,63}}\z"
_PRINTED: Final = r"[A-Za-z0-9!#$%&\x27*+/=?^_`{|}~.-]"
_UNPRINTED: Final = r"[\x00-\x20\x22\x28\x29,:;<>\x5b-\x5d\x7f]"
_HOPELESS_ADDRESS: Final = rf"^(?:[\x00-\x7f]*{_UNPRINTED}[\x00-\x7f]*|{_PRINTED}*(?:@{_PRINTED}*@[\x00-\x7f]*)?)\z"
_LONGEST_LOCAL: Final = 64
_LONGEST_LABEL: Final = 63
_LONGEST_PLAIN: Final = 254
MOST_STOPS: Final = 4
"""A text with more full stops has MANY_LABELS; others have at most so many parents."""

# What DuckDB and Spark write alike, or nearly.
_ESCAPED: Final = _PLAIN_ADDRESS.replace("{", "{{").replace("}", "}}")  # for str.format
_ESCAPED_HOPELESS: Final = _HOPELESS_ADDRESS.replace("{", "{{").replace("}", "}}")
_RARE: Final = (
    f"({{bytes}}({{0}}) <> {{count}}({{0}}) OR {{bytes}}({{0}}) > {_LONGEST_PLAIN} OR lower({{0}}) LIKE '%xn--%' "
    "OR {0} LIKE '%@%@%')"
)
_MANY: Final = f" OR {{count}}({{0}}) - {{count}}(replace({{0}}, '.', '')) > {MOST_STOPS}"
_LOCAL_PART: Final = (
    "CASE WHEN instr({0}, '@') > 0 THEN coalesce(nullif(split_part(split_part(lower({0}), '@', 1), '+', 1), ''), "
    "split_part(lower({0}), '@', 1)) WHEN {0} IS NOT NULL THEN '' END"
)


class Engine(Protocol):
    """Adds columns to native frames."""

    name: str

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """`frame` with the columns `added` besides, which read its own."""

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """`frame` with a column `name` besides: `function`, in Python, for each distinct value of `columns`.

        `kind` is bool or int. Where the boolean column `needed`, which is a function of `columns`, is not true, nothing
        is computed and null comes out.
        """


class PolarsEngine:
    """Polars: everything streams."""

    name = "polars"

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        return frame.with_columns(**{name: self._expression(*applied) for name, applied in added.items()})

    @staticmethod
    def _expression(operation: Operation, columns: tuple[str, ...]) -> Any:  # noqa: ANN401 - only Polars knows
        import polars as pl  # noqa: PLC0415 - only when such a frame is at hand

        first, *rest = (pl.col(column) for column in columns)
        match operation:
            case Operation.MICROSECONDS:
                return first.dt.timestamp("us")
            case Operation.TIMESTAMP:
                return first.cast(pl.Datetime("us", "UTC"))
            case Operation.CONTAINS:
                return first.list.contains(rest[0])
            case Operation.OVERLAPS:
                return first.list.set_intersection(rest[0]).list.len() > 0
            case Operation.HAS_NULL:
                return first.list.eval(pl.element().is_null()).list.any()
            case Operation.SPLIT:
                empty = pl.lit([], dtype=pl.List(pl.String))
                return pl.when(first == "").then(empty).otherwise(first.str.split(","))
            case Operation.RARE:
                return _rare(first)
            case Operation.MANY_LABELS:
                return _rare(first) | (first.str.count_matches(".", literal=True) > MOST_STOPS)
            case Operation.RARE_ADDRESS:
                length, at = first.str.len_bytes(), first.str.find("@", literal=True)
                short = (at <= _LONGEST_LOCAL) & (length - at <= _LONGEST_LABEL)
                plain = first.str.contains(_PLAIN_ADDRESS) & short.fill_null(value=False)
                return ~plain & ~first.str.contains(_HOPELESS_ADDRESS)
            case Operation.HOPELESS_ADDRESS:
                return first.str.contains(_HOPELESS_ADDRESS)
            case Operation.LOWER:
                return first.str.to_lowercase()
            case Operation.DOMAIN:
                # Slices by where the @ is: plain ASCII has its bytes where it has its characters.
                domain = first.str.slice(first.str.find("@", literal=True) + 1).str.to_lowercase()
                return pl.when(first.is_not_null()).then(domain.str.strip_suffix(".").fill_null(""))
            case Operation.LOCAL_PART:
                at, tag = first.str.find("@", literal=True), first.str.find("+", literal=True)
                end = pl.when((tag > 0) & (tag < at)).then(tag).otherwise(at)
                return pl.when(first.is_not_null()).then(first.str.head(end).str.to_lowercase().fill_null(""))
            case Operation.PARENT:
                return first.str.slice(first.str.find(".", literal=True) + 1)

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        import polars as pl  # noqa: PLC0415 - only when such a frame is at hand

        dtype = pl.Boolean if kind is bool else pl.Int64

        def mapped(batch: pl.Series) -> pl.Series:
            rows = batch.struct.unnest()
            arguments = rows.select(columns)
            wanted = arguments if needed is None else arguments.filter(rows[needed].fill_null(value=False))
            if wanted.is_empty():
                return pl.repeat(None, len(rows), dtype=dtype, eager=True)
            if any(isinstance(one, pl.List) for one in arguments.dtypes):  # lists can't be joined on
                memory: dict[object, bool | int | None] = {}
                flags = rows[needed].to_list() if needed is not None else [True] * len(rows)
                results = [
                    _remembered(memory, function, row) if flag else None
                    for row, flag in zip(arguments.iter_rows(), flags, strict=True)
                ]
                return pl.Series(results, dtype=dtype)
            distinct = wanted.unique()
            values = pl.Series("", [function(*row) for row in distinct.iter_rows()], dtype=dtype)
            table = distinct.with_columns(values.alias(""))
            joined = arguments.join(table, on=list(columns), how="left", nulls_equal=True, maintain_order="left")
            return joined[""]

        used = [*columns, *([] if needed is None else [needed])]
        return frame.with_columns(
            pl.struct(used).map_batches(mapped, return_dtype=dtype, is_elementwise=True).alias(name)
        )

    @staticmethod
    def decode(
        frame: NativeFrame, name: str, codes: Sequence[str], function: Callable[..., dict[str, object]]
    ) -> NativeFrame:
        """`frame` with a struct column `name`: the decision that `function` makes of each distinct row of `codes`."""
        import polars as pl  # noqa: PLC0415 - only when such a frame is at hand

        texts = pl.List(pl.String)
        schema = {
            "sendable": pl.Boolean(),
            "reason": pl.String(),
            "reasons": texts,
            "certainty": pl.String(),
            "missing": texts,
            "invalid": texts,
        }

        known = pl.DataFrame(schema=dict.fromkeys(codes, pl.Int64) | schema)

        def mapped(batch: pl.Series) -> pl.Series:
            nonlocal known
            rows = batch.struct.unnest()
            table = known  # another thread may know more by now, and this one goes on with what it has
            decided = rows.join(table, on=codes, how="left", maintain_order="left")
            if decided["invalid"].has_nulls():
                fresh = rows.filter(decided["invalid"].is_null()).unique()
                decisions = pl.DataFrame([function(*row) for row in fresh.iter_rows()], schema=schema)
                known = table = pl.concat([table, pl.concat([fresh, decisions], how="horizontal")], rechunk=True)
                decided = rows.join(table, on=codes, how="left", maintain_order="left")
            return decided.drop(codes).to_struct(name)

        expression = pl.struct(codes).map_batches(mapped, return_dtype=pl.Struct(schema), is_elementwise=True)
        return frame.with_columns(expression.alias(name))


def _rare(text: Any) -> Any:  # noqa: ANN401 - expressions of Polars
    length = text.str.len_bytes()
    unlike = (length != text.str.len_chars()) | (length > _LONGEST_PLAIN)
    # Two hyphens are more than xn-- alone, and found faster than that in whatever case.
    return unlike | text.str.contains("--", literal=True) | (text.str.count_matches("@", literal=True) > 1)


class DuckDBEngine:
    """DuckDB: everything but what is derived is SQL; that is computed at once, for the distinct values, and joined."""

    name = "duckdb"

    _SQL: Final[Mapping[Operation, str]] = {
        Operation.MICROSECONDS: "epoch_us({0})",
        Operation.TIMESTAMP: "make_timestamptz({0})",
        Operation.CONTAINS: "list_contains({0}, {1})",
        Operation.OVERLAPS: "list_has_any({0}, {1})",
        Operation.HAS_NULL: "list_count({0}) <> len({0})",
        Operation.SPLIT: "CASE WHEN {0} = '' THEN []::VARCHAR[] ELSE string_split({0}, ',') END",
        Operation.RARE: _RARE.format("{0}", bytes="strlen", count="length"),
        Operation.MANY_LABELS: _RARE.format("{0}", bytes="strlen", count="length")
        + _MANY.format("{0}", count="length"),
        Operation.RARE_ADDRESS: (
            f"NOT (regexp_matches({{0}}, '{_ESCAPED}') AND instr({{0}}, '@') <= {_LONGEST_LOCAL + 1} "
            f"AND strlen({{0}}) - instr({{0}}, '@') < {_LONGEST_LABEL}) "
            f"AND NOT regexp_matches({{0}}, '{_ESCAPED_HOPELESS}')"
        ),
        Operation.HOPELESS_ADDRESS: f"regexp_matches({{0}}, '{_ESCAPED_HOPELESS}')",
        Operation.LOWER: "lower({0})",
        Operation.DOMAIN: (
            "CASE WHEN instr({0}, '@') > 0 THEN regexp_replace(split_part(lower({0}), '@', 2), '[.]\\z', '') "
            "WHEN {0} IS NOT NULL THEN '' END"
        ),
        Operation.LOCAL_PART: _LOCAL_PART,
        Operation.PARENT: "CASE WHEN instr({0}, '.') > 0 THEN substr({0}, instr({0}, '.') + 1) END",
    }

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        written = (
            f"{self._SQL[operation].format(*map(_quoted, columns))} AS {_quoted(name)}"
            for name, (operation, columns) in added.items()
        )
        return frame.project(f"*, {', '.join(written)}")

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        wanted = frame if needed is None else frame.filter(_quoted(needed))
        distinct = wanted.project(", ".join(map(_quoted, columns))).distinct().fetchall()
        sql_type = "BOOLEAN" if kind is bool else "BIGINT"
        if not distinct:
            return frame.project(f"*, NULL::{sql_type} AS {_quoted(name)}")
        values = ", ".join(
            f"({', '.join(map(_literal, row))}, {_literal(function(*row))}::{sql_type})" for row in distinct
        )
        keys = [f"k{index}" for index in range(len(columns))]
        condition = " AND ".join(
            f"rows.{_quoted(column)} IS NOT DISTINCT FROM found.{key}"
            for column, key in zip(columns, keys, strict=True)
        )
        return frame.query(
            "sendable_rows",
            f"SELECT rows.*, found.result AS {_quoted(name)} FROM sendable_rows AS rows "  # noqa: S608 - quoted above
            f"LEFT JOIN (VALUES {values}) AS found({', '.join(keys)}, result) ON {condition}",
        )


class SparkEngine:
    """PySpark: what is derived is an Arrow function."""

    name = "pyspark"

    _SQL: Final[Mapping[Operation, str]] = {
        Operation.MICROSECONDS: "unix_micros({0})",
        Operation.TIMESTAMP: "timestamp_micros({0})",
        Operation.CONTAINS: "array_contains({0}, {1})",
        Operation.OVERLAPS: "arrays_overlap({0}, {1})",
        Operation.HAS_NULL: "exists({0}, item -> item IS NULL)",
        Operation.SPLIT: "CASE WHEN {0} = '' THEN CAST(array() AS array<string>) ELSE split({0}, ',') END",
        Operation.RARE: _RARE.format("{0}", bytes="octet_length", count="char_length"),
        Operation.MANY_LABELS: (
            _RARE.format("{0}", bytes="octet_length", count="char_length") + _MANY.format("{0}", count="char_length")
        ),
        Operation.RARE_ADDRESS: (
            f"NOT ({{0}} RLIKE r'{_ESCAPED}' AND instr({{0}}, '@') <= {_LONGEST_LOCAL + 1} "
            f"AND octet_length({{0}}) - instr({{0}}, '@') < {_LONGEST_LABEL}) "
            f"AND NOT {{0}} RLIKE r'{_ESCAPED_HOPELESS}'"
        ),
        Operation.HOPELESS_ADDRESS: f"{{0}} RLIKE r'{_ESCAPED_HOPELESS}'",
        Operation.LOWER: "lower({0})",
        Operation.DOMAIN: (
            "CASE WHEN instr({0}, '@') > 0 THEN regexp_replace(split_part(lower({0}), '@', 2), r'[.]\\z', '') "
            "WHEN {0} IS NOT NULL THEN '' END"
        ),
        Operation.LOCAL_PART: _LOCAL_PART,
        Operation.PARENT: "CASE WHEN instr({0}, '.') > 0 THEN substr({0}, instr({0}, '.') + 1) END",
    }

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        from pyspark.sql import functions  # noqa: PLC0415 - only when such a frame is at hand

        return frame.withColumns(
            {
                name: functions.expr(self._SQL[operation].format(*(f"`{column}`" for column in columns)))
                for name, (operation, columns) in added.items()
            }
        )

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        from pyspark.sql import functions  # noqa: PLC0415 - only when such a frame is at hand
        from pyspark.sql.types import BooleanType, LongType  # noqa: PLC0415

        result = BooleanType() if kind is bool else LongType()
        derived = functions.arrow_udf(  # type: ignore[attr-defined]  # assigned, which mypy does not see
            arrow_function(function, has_needed=needed is not None, kind=kind), result
        )
        used = [*columns, *([] if needed is None else [needed])]
        return frame.withColumn(name, derived(*(functions.col(f"`{column}`") for column in used)))


def arrow_function(function: PerValue, *, has_needed: bool, kind: type) -> Callable[..., Any]:
    """`function` as one of Arrow arrays, computed once for each distinct row of a batch.

    With `has_needed` the last array says where anything is computed at all.
    """
    import pyarrow as pa  # noqa: PLC0415 - only where it is needed

    def derived(*arrays: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
        columns = [array.to_pylist() for array in arrays]
        flags = columns.pop() if has_needed else [True] * len(columns[0])
        memory: dict[object, bool | int | None] = {}
        results = [
            _remembered(memory, function, row) if flag else None
            for row, flag in zip(zip(*columns, strict=True), flags, strict=True)
        ]
        return pa.array(results, pa.bool_() if kind is bool else pa.int64())

    derived.__annotations__ = {"arrays": pa.Array, "return": pa.Array}  # what Spark tells kinds of functions by
    return derived


def engine_of(native: NativeFrame) -> Engine | None:
    """The engine of a lazy native frame; None where none is known."""
    module = type(native).__module__.partition(".")[0]
    match module:
        case "polars":
            return PolarsEngine()
        case "duckdb" | "_duckdb":
            return DuckDBEngine()
        case "pyspark":
            return SparkEngine()
        case _:
            return None


def _remembered(memory: dict[object, bool | int | None], function: PerValue, row: Sequence[Any]) -> bool | int | None:
    key = tuple(tuple(value) if isinstance(value, list) else value for value in row)
    if key not in memory:
        memory[key] = function(*row)
    return memory[key]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case float():
            return f"'{value!r}'::DOUBLE" if math.isfinite(value) else f"'{value}'::DOUBLE"
        case int():
            return str(value)
        case datetime():
            return f"'{value.isoformat()}'::TIMESTAMPTZ"
        case list() | tuple():
            return f"[{', '.join(map(_literal, value))}]::VARCHAR[]"
        case _:
            return " || chr(0) || ".join(f"'{part}'" for part in str(value).replace("'", "''").split("\0"))
