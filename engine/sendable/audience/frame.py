"""Frames that are handed in, and what their columns hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import narwhals as nw
from narwhals.exceptions import DuplicateError

from sendable.audience.engines.choice import engine_of, is_panic, kinds
from sendable.audience.engines.operations import ITEM, NOTHING, Engine, NativeFrame, NativeType
from sendable.audience.question import Option, Problem, TypeName, problem
from sendable.diagnostics.wording import printed

_MOST_PROBLEMS: Final = 100
MOST_COLUMNS: Final = 10_000
"""Each is looked at for what it may be meant to be."""


class FrameError(ValueError):
    """A frame that can't be decided. `problems` has its columns' faults: of more than 100 how many more there are."""

    def __init__(self, problems: Iterable[str | Problem]) -> None:
        given = tuple(problems)
        if len(given) > _MOST_PROBLEMS + 1:
            given = (*given[:_MOST_PROBLEMS], f"there are {len(given) - _MOST_PROBLEMS:,} more problems with columns")
        self._given = given
        self.problems = tuple(map(str, self._given))
        super().__init__(printed("\n".join(self.problems)))

    def __reduce__(self) -> tuple[type[FrameError], tuple[tuple[str | Problem, ...]]]:
        return FrameError, (self._given,)

    def told(self, words: Mapping[Option, str]) -> list[str]:
        """The problems, with these words for the options."""
        return [one if isinstance(one, str) else one.told(words) for one in self._given]


class Shape(StrEnum):
    """What a column of a frame holds, as far as a declared field cares."""

    BOOLEAN = "booleans"
    INTEGER = "integers"
    REAL = "decimals"
    TEXT = "texts"
    TIMESTAMP = "timestamps"
    NAIVE = "timestamps without a time zone"
    DATE = "dates without a time"
    TEXTS = "lists of texts"
    STRUCT = "structs"
    NOTHING = "nothing but nulls"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Held:
    """What a column holds: its shape, the type as its engine calls it, and the fields of a struct or a list of them."""

    shape: Shape
    shown: str
    fields: Mapping[str, Held] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """What it holds, in words."""
        return _TOLD.get(self.shown.partition("(")[0], self.shape.value) if self.shape is Shape.OTHER else self.shape


_TOLD: Final = {"Time": "times of day", "Duration": "lengths of time", "Binary": "bytes"}
"""What columns hold of which no field is made, by the names of their types."""

MOMENTS: Final = Held(Shape.TIMESTAMP, "microseconds since 1970")
"""What a column of timestamps holds that is already as columns have them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path's values are: a column, or a field inside a struct column."""

    column: str
    inside: tuple[str, ...]
    held: Held

    def __str__(self) -> str:
        return ".".join((self.column, *self.inside))


class Frame:
    """A native frame that was handed in: lazy inside, and handed out again as what it was."""

    def __init__(self, given: object) -> None:
        """Raises TypeError for what is no frame, or one of an engine that has not been tried.

        Raises FrameError for columns that no engine could read.
        """
        wrapped = _wrapped(given)
        if not isinstance(wrapped, nw.DataFrame | nw.LazyFrame):
            raise TypeError(f"a frame is needed, and this is of the type {type(given).__name__}")
        self._eager = wrapped if isinstance(wrapped, nw.DataFrame) else None
        native: Any = wrapped.lazy().to_native() if self._eager is None else _in_polars(self._eager).lazy()
        engine = engine_of(native)
        if engine is None:
            *others, last = (one.title for one in kinds().values())
            raise TypeError(
                f"frames of {wrapped.implementation} are not supported as a whole: use {', '.join(others)} or {last}, "
                "or decide its parts as Arrow tables"
            )
        self.native: NativeFrame = native
        self.engine = engine
        schema = _schema(native, engine)
        if len(schema) > MOST_COLUMNS:
            raise FrameError(
                [f"there are {len(schema):,} columns, and at most {MOST_COLUMNS:,} can be: leave some out"]
            )
        types = engine.types(native)
        self.columns: Mapping[str, Held] = {name: _held(dtype, types[name]) for name, dtype in schema.items()}

    def like_given(self, native: NativeFrame) -> Any:  # noqa: ANN401 - whatever came in
        """`native`, a lazy frame, as the kind of frame that was handed in."""
        if self._eager is None:
            return native
        collected = nw.from_native(native.collect(), eager_only=True)
        implementation = self._eager.implementation
        if implementation.is_pandas():
            return collected.to_pandas()
        if implementation.is_pyarrow():
            return collected.to_arrow()
        return collected.to_native()


def _wrapped(given: object) -> object:
    try:
        return nw.from_native(given, pass_through=True)
    except DuplicateError:
        columns = list(getattr(given, "columns", ()))
        twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
        raise FrameError(f"`{name}` is the name of {columns.count(name)} columns: rename all but one, or leave them out"
                         for name in twice) from None  # fmt: skip


def _schema(native: NativeFrame, engine: Engine) -> nw.Schema:
    wrapped: nw.LazyFrame[Any] = nw.from_native(native)
    try:
        return wrapped.collect_schema()
    except (TypeError, ValueError) as error:  # decimals with more digits than Narwhals knows
        found = list(_unsupported(native, engine))
        raise FrameError(found or ["a column is of a type that is not supported"]) from error
    except BaseException as error:  # a panic is no Exception
        if not is_panic(error):
            raise
        # Nor does Polars know any longer what columns there are.
        raise FrameError(
            ["a column is of a type that Polars can't read, such as `list_view`: cast it where the frame is made"]
        ) from error


def _unsupported(native: NativeFrame, engine: Engine) -> Iterator[Problem]:
    """Each column whose type Narwhals has no name for."""
    for name, held in engine.types(native).items():
        alone: nw.LazyFrame[Any] = nw.from_native(native)
        try:
            alone.select(name).collect_schema()
        except (TypeError, ValueError):
            way = " that is not supported: make it another, such as a number of at most 38 digits, or leave it out"
            yield problem(f"`{name}` is of a type", TypeName(str(held)), way)


def _in_polars(eager: nw.DataFrame[Any]) -> Any:  # noqa: ANN401 - a frame of Polars
    try:
        made = nw.from_native(eager.to_polars(), eager_only=True)
    except Exception as error:  # what Arrow raises for objects, it has no one name for
        odd = {name: fault for name in eager.columns if (fault := _fault(eager, name)) is not None}
        if not odd:
            raise
        raise FrameError(f"`{name}` {fault}, or leave the column out" for name, fault in odd.items()) from error
    # Pandas has no type for nothing: a column of nulls alone is of any type that it happened to be given.
    is_untyped = eager.implementation.is_pandas()
    nothing = [name for name in made.columns if is_untyped and made[name].null_count() == len(made)]
    return made.with_columns(*(nw.lit(None).alias(name) for name in nothing)).to_native()


def _fault(eager: nw.DataFrame[Any], name: str) -> str | None:
    """Why Polars can't have a column, and a way out; None where it can."""
    column = eager.get_column(name)
    try:
        column.to_polars()
    except UnicodeEncodeError:  # Python has such texts, of bytes that were read as something that they are not
        return "has a text with half a character in it (a lone surrogate), which nothing can write: correct it"
    except Exception:  # noqa: BLE001 - see above
        if column.dtype == nw.Object:
            return "has values of several kinds in it: make them all of one, such as texts"
        native = column.to_native()
        shown = native.dtype if column.implementation.is_pandas() else native.type
        return f"is of the type {shown}, which is not supported: cast it to another"
    return None


_TEXTS: Final = (nw.String, nw.Categorical, nw.Enum)


def _held(dtype: nw.dtypes.DType, native: NativeType) -> Held:
    shown = str(dtype)
    match dtype:
        case nw.Boolean():
            shape = Shape.BOOLEAN
        case _ if dtype.is_integer():
            shape = Shape.INTEGER
        case _ if dtype.is_float() or dtype.is_decimal():
            shape = Shape.REAL
        case nw.String() | nw.Categorical() | nw.Enum():
            shape = Shape.TEXT
        case nw.Datetime():
            shape = Shape.NAIVE if dtype.time_zone is None else Shape.TIMESTAMP
        case nw.Date():
            shape = Shape.DATE
        case nw.List() | nw.Array():
            inner = dtype.inner() if isinstance(dtype.inner, type) else dtype.inner
            item = _held(inner, _inside(native, ITEM))
            # A list that is always empty is one of nothing.
            fits = isinstance(inner, _TEXTS) or item.shape is Shape.NOTHING
            return Held(Shape.TEXTS if fits else Shape.OTHER, shown, item.fields)
        case nw.Struct():
            fields = {
                one.name: _held(one.dtype() if isinstance(one.dtype, type) else one.dtype, _inside(native, one.name))
                for one in dtype.fields
            }
            return Held(Shape.STRUCT, shown, fields)
        case nw.Unknown():  # what Narwhals has no name for: nulls alone, and types of an engine's own
            return Held(Shape.NOTHING if native == NOTHING else Shape.OTHER, str(native))
        case _:
            shape = Shape.OTHER
    return Held(shape, shown)


def _inside(native: NativeType, name: str) -> NativeType:
    """The type of what is in a struct or a list."""
    return native if isinstance(native, str) else native.get(name, str(native))
