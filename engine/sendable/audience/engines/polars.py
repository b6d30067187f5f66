"""Polars: what a frame of it needs, and files.

Everything streams, and what is computed in Python is computed batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, reduce
from operator import add
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
)
from sendable.audience.engines.json_lines import lines_told, require_single_keys
from sendable.audience.engines.kind import Kind, Later, Told
from sendable.audience.engines.operations import (
    ITEM,
    JOINED_BY,
    NOTHING,
    Applied,
    Asked,
    Decode,
    NativeFrame,
    NativeType,
    Operation,
    Part,
    PerValue,
    Reading,
    by_column,
    coded,
    decoded,
    remembered,
)
from sendable.audience.engines.polars_texts import tested
from sendable.language.identifiers import PLAIN_SPACES

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Later("polars")


def _type(dtype: object) -> NativeType:
    match dtype:
        case pl.Struct():
            return {one.name: _type(one.dtype) for one in dtype.fields}
        case pl.List() | pl.Array():
            return {ITEM: _type(dtype.inner)}
        case _:
            return NOTHING if dtype == pl.Null else str(dtype)


@cache
def _dtypes() -> Mapping[type, pl.DataType]:
    return {bool: pl.Boolean(), int: pl.Int64(), str: pl.String(), list: pl.List(pl.String)}


@cache
def _nothing() -> pl.Expr:
    return pl.lit([], dtype=pl.List(pl.String))


class PolarsEngine:
    """See `operations.Engine`."""

    def types(self, frame: NativeFrame) -> Mapping[str, NativeType]:
        """See `Engine.types`."""
        return {name: _type(dtype) for name, dtype in frame.collect_schema().items()}

    def settled(self, frame: NativeFrame) -> NativeFrame:
        """See `Engine.settled`."""
        return frame

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        return frame.with_columns(**{name: self._expression(*applied) for name, applied in added.items()})

    @staticmethod
    def _expression(operation: Operation, columns: tuple[str, ...]) -> pl.Expr:  # noqa: C901 - one branch an operation
        first, *rest = (pl.col(column) for column in columns)
        match operation:
            case Operation.MICROSECONDS | Operation.CLOCK:
                return first.dt.timestamp("us")
            case Operation.TIMESTAMP:
                return first.cast(pl.Datetime("us", "UTC"))
            case Operation.CONTAINS:
                return first.list.contains(rest[0])
            case Operation.OVERLAPS:
                return first.list.set_intersection(rest[0]).list.len() > 0
            case Operation.HAS_NULL:
                # Faster than `contains`: where a batch has no null, no list is looked at.
                return first.list.count_matches(pl.lit(None, dtype=pl.String)) > 0
            case Operation.SPLIT:
                return pl.when(first == "").then(_nothing()).otherwise(first.str.split(JOINED_BY))
            case Operation.ITEMS:
                return pl.when(first == "[]").then(_nothing()).otherwise(first.str.split(";"))
            case Operation.SET:
                return first.list.unique().list.sort().list.join("\0")
            case Operation.NUMBER:
                return first.cast(pl.Float64, strict=False)
            case Operation.UNUSUAL:
                return _unusual(first)
            case Operation.UNUSUAL_ITEMS:
                return _unusual(first.list.join("", ignore_nulls=True))
            case Operation.TRIMMED:
                return _something(first.str.strip_chars(PLAIN_SPACES), where=~_unusual(first))
            case Operation.IDENTIFIER:
                return _something(first.str.strip_chars(PLAIN_SPACES).str.to_lowercase(), where=~_unusual(first))
            case Operation.IDENTIFIERS:
                item = pl.element().str.strip_chars(PLAIN_SPACES).str.to_lowercase()
                items = first.list.eval(_something(item, where=pl.lit(value=True))).list.drop_nulls()
                return pl.when(~_unusual(first.list.join("", ignore_nulls=True))).then(items)

    def test(self, frame: NativeFrame, asked: Mapping[str, Asked]) -> NativeFrame:
        """See `Engine.test`."""
        for column, tests in by_column(asked).items():
            whole = {name: one for name, one in tests.items() if one.test.part is Part.WHOLE}
            for some in (whole, {name: tests[name] for name in tests if name not in whole}):
                frame = tested(frame, column, some) if some else frame
        return frame

    def read(self, frame: NativeFrame, readings: Mapping[str, Reading]) -> NativeFrame:
        """See `Engine.read`."""
        for name, one in readings.items():
            frame = self.derive(frame, name, one.function, [one.column], one.odd, str)
        return frame

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        dtype = _dtypes()[kind]

        def mapped(batch: pl.Series) -> pl.Series:
            rows = batch.struct.unnest()
            arguments = rows.select(columns)
            wanted = arguments if needed is None else arguments.filter(rows[needed].fill_null(value=False))
            if wanted.is_empty():
                return pl.repeat(None, len(rows), dtype=dtype, eager=True)
            if any(isinstance(one, pl.List) for one in arguments.dtypes):  # lists can't be joined on
                memory: dict[object, Any] = {}
                flags = rows[needed].to_list() if needed is not None else [True] * len(rows)
                results = [
                    remembered(memory, function, row) if flag else None
                    for row, flag in zip(arguments.iter_rows(), flags, strict=True)
                ]
                return pl.Series(results, dtype=dtype)
            distinct = wanted.unique()
            values = pl.Series("", [function(*row) for row in distinct.iter_rows()], dtype=dtype)
            table = distinct.with_columns(values.alias(""))
            joined = arguments.join(table, on=list(columns), how="left", nulls_equal=True, maintain_order="left")
            return joined[""] if needed is None else joined.select(pl.when(rows[needed]).then(""))[""]

        used = [*columns, *([] if needed is None else [needed])]
        return frame.with_columns(
            pl.struct(used).map_batches(mapped, return_dtype=dtype, is_elementwise=True).alias(name)
        )

    @staticmethod
    def decode(frame: NativeFrame, name: str, flags: Sequence[str], function: Decode) -> NativeFrame:
        """See `Engine.decode`. The flags of a row become the bits of a few integers."""
        numbers = coded(flags)
        codes = list(numbers)
        texts = pl.List(pl.String)
        kinds = {"sendable": pl.Boolean(), "reason": pl.String(), "certainty": pl.String()}
        schema = {one: kinds.get(one, texts) for one in function(*[False] * len(flags))}
        known = pl.DataFrame(schema={**dict.fromkeys(codes, pl.Int64()), **schema})

        def mapped(batch: pl.Series) -> pl.Series:
            nonlocal known
            rows = batch.struct.unnest()
            table = known  # another thread may know more by now, and this one goes on with what it has
            decided = rows.join(table, on=codes, how="left", maintain_order="left")
            if decided["invalid"].has_nulls():
                fresh = rows.filter(decided["invalid"].is_null()).unique()
                decisions = pl.DataFrame(
                    [function(*decoded(row, len(flags))) for row in fresh.iter_rows()], schema=schema
                )
                known = table = pl.concat([table, pl.concat([fresh, decisions], how="horizontal")], rechunk=True)
                decided = rows.join(table, on=codes, how="left", maintain_order="left")
            return decided.drop(codes).to_struct(name)

        code = pl.struct([_code(columns).alias(number) for number, columns in numbers.items()])
        decided = code.map_batches(mapped, return_dtype=pl.Struct(schema), is_elementwise=True)
        return frame.with_columns(decided.alias(name))

    def examples(self, frame: NativeFrame, wanted: Sequence[tuple[str, str]], most: int) -> list[tuple[int, list[str]]]:
        """See `Engine.examples`."""
        asked: list[pl.Expr] = []
        for number, (flag, text) in enumerate(wanted):
            found = pl.col(text).filter(flag).drop_nulls().unique().sort().head(most)
            asked += [pl.col(flag).sum().alias(f"count_{number}"), found.implode().alias(f"texts_{number}")]
        row = frame.select(asked).collect(engine="streaming").row(0)
        return list(zip(row[::2], row[1::2], strict=True))

    def repeated(self, frame: NativeFrame, groups: Sequence[Sequence[str]]) -> list[NativeFrame | None]:
        """See `Engine.repeated`: eight bytes a row and group are in memory, which are hashes."""
        hashes = {f"hash {number}": _hash(columns) for number, columns in enumerate(groups)}
        made = frame.select(**hashes).collect(engine="streaming") if hashes else pl.DataFrame()
        found: list[NativeFrame | None] = []
        for column, one in zip(made.get_columns(), hashes.values(), strict=True):
            ordered = column.drop_nulls().sort()
            several = ordered.filter(ordered == ordered.shift(-1)).unique()
            found.append(frame.filter(one.is_in(several.implode())) if len(several) else None)
        return found

    def strictest(self, frame: NativeFrame, group: str, rank: str, columns: Sequence[str], size: str) -> NativeFrame:
        """See `Engine.strictest`: what the groups with several rows have in common is worked out at once."""
        [several] = self.repeated(frame, [[group]])
        if several is None:
            return frame.with_columns(pl.lit(1, dtype=pl.Int64).alias(size))
        types = several.collect_schema()
        texts = [
            pl.col(name).list.join(",") if isinstance(types[name], pl.List) else pl.col(name).cast(pl.String)
            for name in columns
        ]
        order = [pl.col(rank), pl.col("clears_at"), *texts]
        downwards = [False, True, *(False for _ in texts)]
        least = pl.struct(columns).sort_by(order, descending=downwards, nulls_last=False).first()
        best = several.group_by(group).agg(least.alias("least"), pl.len().cast(pl.Int64).alias(size))
        # At once: a plan that has the frame twice would keep all of it.
        known = best.collect(engine="streaming").lazy()
        joined = frame.join(known, on=group, how="left", maintain_order="left")
        taken = pl.col(size).is_not_null()
        chosen = {
            name: pl.when(taken).then(pl.col("least").struct.field(name)).otherwise(pl.col(name)) for name in columns
        }
        return joined.with_columns(**chosen, **{size: pl.col(size).fill_null(1)}).drop("least")

    def rows(self, frame: NativeFrame) -> list[tuple[Any, ...]]:
        """See `Engine.rows`."""
        found: list[tuple[Any, ...]] = frame.collect(engine="streaming").rows()
        return found

    def count(self, frame: NativeFrame, flags: Sequence[str]) -> list[tuple[tuple[bool, ...], int]]:
        """See `Engine.count`."""
        numbers = coded(flags)
        codes = frame.select(_code(columns).alias(number) for number, columns in numbers.items())
        groups = codes.group_by(*numbers).agg(pl.len().alias("count")).collect(engine="streaming")
        return [(decoded(row[:-1], len(flags)), row[-1]) for row in groups.iter_rows()]


def _unusual(text: pl.Expr) -> pl.Expr:
    return text.str.len_bytes() != text.str.len_chars()


def _something(text: pl.Expr, where: pl.Expr) -> pl.Expr:
    """The text, null where it is empty and elsewhere than asked for."""
    return pl.when(where & (text != "")).then(text)


def _hash(columns: Sequence[str]) -> pl.Expr:
    """The hash of a row's values, null where one of them is."""
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    values = pl.col(columns[0]) if len(columns) == 1 else pl.struct(columns)
    return pl.when(known).then(values.hash())


def _code(flags: Sequence[str]) -> pl.Expr:
    """One integer of booleans. Put together in bytes first, of which a processor counts many at once."""
    code = pl.lit(0, dtype=pl.Int64)
    for start in range(0, len(flags), 8):
        bits = (
            pl.when(flag).then(pl.lit(1 << place, dtype=pl.UInt8)).otherwise(pl.lit(0, dtype=pl.UInt8))
            for place, flag in enumerate(flags[start : start + 8])
        )
        code += reduce(add, bits).cast(pl.Int64) * (1 << start)
    return code


class PolarsFiles:
    """Files by Polars, streaming."""

    def __init__(self, progress: Progress | None = None) -> None:
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
        match form:
            case Form.PARQUET:
                schemas = [pl.read_parquet_schema(file) for file in files]
                if all(schema == schemas[0] for schema in schemas):
                    return pl.scan_parquet(files, glob=False)
                return self._together(pl.scan_parquet(file, glob=False) for file in files)
            case Form.JSON_LINES:
                frames = [pl.scan_ndjson(file, infer_schema_length=None) for file in files]
                for file, frame in zip(files, frames, strict=True):
                    with lines_told([file]):
                        schema = frame.collect_schema()
                    require_single_keys(file, schema)
                return self._together(frames)

    def read_tables(self, tables: Sequence[Table]) -> Frame:
        """See `AudienceEngine.read_tables`."""
        return self._told(self._together(map(self._table, all_alike(tables))))

    def _table(self, given: Alike) -> Frame:
        files = list(given.files)
        if given.are_drafts:
            return pl.scan_ndjson(files, schema=dict.fromkeys(given.header.columns, pl.String))
        return pl.scan_csv(files, separator=given.header.separator, infer_schema=False, null_values="", glob=False)

    def _together(self, frames: Iterable[Any]) -> Frame:
        """All rows, with all columns; what has integers here and decimals there has decimals."""
        return pl.concat(frames, how="diagonal_relaxed")

    def write(self, decisions: Frame, path: Path, form: Form, *, raw: bool = False) -> None:
        """See `AudienceEngine.write`."""
        match form:
            case Form.PARQUET:
                decisions.sink_parquet(path)
            case Form.JSON_LINES:
                decisions.sink_ndjson(path)
            case Form.CSV:
                joined = decisions.with_columns(*(pl.col(name).list.join(SEPARATOR) for name in LISTS))
                if not raw:
                    texts = pl.col(pl.String)
                    guarded = pl.when(texts.str.contains(GUARDED)).then(pl.lit(GUARD) + texts).otherwise(texts)
                    joined = joined.with_columns(guarded.name.keep()).rename(guarded_name)
                joined.sink_csv(path)

    def count(self, decisions: Frame) -> list[dict[str, Any]]:
        """See `AudienceEngine.count`."""
        groups = decisions.group_by(DECIDED).agg(pl.len().alias("contacts"))
        found: list[dict[str, Any]] = groups.collect(engine="streaming").to_dicts()
        return found

    def samples(self, decisions: Frame, reasons: Iterable[str], each: int) -> dict[str, list[str]]:
        """See `AudienceEngine.samples`."""
        key = pl.col(decisions.collect_schema().names()[0]).cast(pl.String)
        # One by one: what is grouped is held in memory, all of it, before the first few of a group are taken.
        chosen = {one: decisions.filter(pl.col("reason") == one).select(key).drop_nulls().head(each) for one in reasons}
        found = pl.collect_all(chosen.values(), engine="streaming")
        return {one: frame.to_series().to_list() for one, frame in zip(chosen, found, strict=True) if len(frame)}

    def told(self) -> AbstractContextManager[None]:
        """See `AudienceEngine.told`: each batch that is read tells."""
        return nullcontext()


KIND: Final = Kind(
    name="polars",
    title="Polars",
    where="on this machine",
    extra="audience",
    packages=frozenset({"polars"}),
    frames=frozenset({"polars"}),
    told=Told.CONTACTS,
    columns=PolarsEngine,
    files=PolarsFiles,
)
