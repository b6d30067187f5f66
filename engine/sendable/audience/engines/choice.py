"""Engines by their names. Each module of this folder with a `KIND` is one, and nothing else names it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

from sendable.audience import engines
from sendable.audience.engines.csv_files import UnreadableError, first_row
from sendable.audience.engines.files import DECIDED, SUFFIXES, AudienceEngine, Form, Progress
from sendable.audience.engines.kind import Kind
from sendable.audience.engines.operations import Engine, NativeFrame

DEFAULT: Final = "polars"
"""What decides where nobody asks for another engine, and reads what Parquet files say of themselves."""

_LONGEST_HEADER: Final = 1 << 20
_TELLING: Final = 3
"""How many of the columns of decisions a file has that nobody else has written."""


@cache
def kinds() -> dict[str, Kind]:
    """Every engine by its name, the default one first."""
    names = (f"{engines.__name__}.{one.name}" for one in iter_modules(engines.__path__))
    modules = [import_module(name) for name in names if name != __name__]
    found: list[Kind] = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {one.name: one for one in sorted(found, key=lambda one: (one.name != DEFAULT, one.name))}


def engine(name: str, progress: Progress | None = None) -> AudienceEngine:
    """The engine of this name. Raises ModuleNotFoundError where a package is not installed, and NotStartedError."""
    return kinds()[name].files(progress)


def engine_of(native: NativeFrame) -> Engine | None:
    """The engine of a lazy native frame; None where none is known."""
    package = _package(type(native).__module__)
    return next((one.columns() for one in kinds().values() if package in one.frames), None)


def packages() -> frozenset[str]:
    """The packages that audiences need and that may not be installed."""
    return frozenset({"narwhals"}).union(*(one.packages for one in kinds().values()))


def _package(module: str) -> str:
    return module.partition(".")[0].lstrip("_")


_PANICS: Final = "pyo3_runtime"
"""What a panic of an engine in Rust seems to come from."""


def is_panic(error: BaseException) -> bool:
    """Whether an engine in Rust gave up where it should have raised an error."""
    return _package(type(error).__module__) == _PANICS


@contextmanager
def readable() -> Iterator[None]:
    """Turns what an engine raises for files that it can't read or write into UnreadableError.

    A query that was interrupted raises KeyboardInterrupt, whatever the engine calls that.
    """
    try:
        yield
    except BaseException as error:  # a panic of Polars is no Exception
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        # Engines have no error in common, and none of them is imported here for the sake of its errors. What Polars has
        # from the system is a text without a number.
        is_systems = isinstance(error, OSError) and error.errno is None
        if not is_systems and not is_panic(error) and _package(type(error).__module__) not in packages():
            raise
        told = _in_a_line(error)
        raise UnreadableError(f"Polars gave up: {told}" if is_panic(error) else told) from error


def _in_a_line(error: BaseException) -> str:
    """What an error says. DuckDB quotes what was found wrong while it did something else, as JSON."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    _, quoted, inner = line.partition('{"exception_type"')
    with suppress(ValueError, KeyError):
        return str(json.loads(quoted + inner)["exception_message"])
    return line


_PARQUET: Final = b"PAR1"


def has_decisions(file: Path) -> bool:
    """Whether the columns of the file are those of decisions that were written. Raises UnreadableError."""
    names: Iterable[str] = ()
    match SUFFIXES[file.suffix.lower()]:
        case Form.PARQUET:
            names = _parquet_columns(file)
        case Form.CSV:
            names = first_row(file).columns
        case Form.JSON_LINES:
            with file.open("rb") as opened, suppress(ValueError, RecursionError):
                first = json.loads(opened.readline(_LONGEST_HEADER))
                if isinstance(first, dict):
                    names = first
    return len({*names} & {*DECIDED}) >= _TELLING


@contextmanager
def parquet_named(files: Iterable[Path]) -> Iterator[None]:
    """Where what is in a file of Parquet can't be read, the UnreadableError names the file: engines don't."""
    try:
        with readable():
            yield
    except UnreadableError as error:
        told = next(filter(None, map(_fault_of_parquet, files)), None)
        if told is None:
            raise
        raise UnreadableError(told) from error


def _fault_of_parquet(file: Path) -> str | None:
    """Why the file can't be read, all of which is; None where it can."""
    import polars  # noqa: ICN001, PLC0415 - an extra

    try:
        with readable():
            everything = polars.scan_parquet(file, glob=False).select(polars.all().is_null().sum())
            everything.collect(engine="streaming")
    except UnreadableError as error:
        return f"`{file}` can't be read: {error}"
    return None


def _parquet_columns(file: Path) -> Iterable[str]:
    """The names of the columns. Raises UnreadableError, which names the file: engines don't."""
    import polars  # noqa: ICN001, PLC0415 - an extra

    with file.open("rb") as opened:
        if opened.read(len(_PARQUET)) != _PARQUET:  # Polars tells its own trace of a file that was cut there
            raise UnreadableError(f"`{file}` does not begin as Parquet does: its beginning is lost")
        opened.seek(0)
        try:
            with readable():
                return polars.read_parquet_schema(opened)
        except UnreadableError as error:
            raise UnreadableError(f"`{file}` can't be read: {error}") from error
