"""Engines by their names."""

from __future__ import annotations

from enum import StrEnum

from sendable.audience.engines.files import AudienceEngine, Progress


class EngineName(StrEnum):
    """What decides an audience."""

    POLARS = "polars"
    DUCKDB = "duckdb"
    SPARK = "spark"


def engine(name: EngineName, progress: Progress | None = None) -> AudienceEngine:
    """The engine of this name. Raises ModuleNotFoundError where a package is not installed, and NoJavaError."""
    match name:
        case EngineName.POLARS:
            from sendable.audience.engines.polars import PolarsFiles  # noqa: PLC0415 - an extra

            return PolarsFiles(progress)
        case EngineName.DUCKDB:
            from sendable.audience.engines.duckdb import DuckDBFiles  # noqa: PLC0415 - an extra

            return DuckDBFiles(progress)
        case EngineName.SPARK:
            from sendable.audience.engines.spark import SparkFiles  # noqa: PLC0415 - an extra

            return SparkFiles()
