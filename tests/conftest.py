"""Set-up that all tests share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.support.environment import ENVIRONMENT, PARTITIONS

os.environ["SENDABLE_QUIET"] = ENVIRONMENT["SENDABLE_QUIET"]

settings.register_profile("default", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the expected output of the cases anew")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether the expected output of the cases is to be written anew."""
    return bool(request.config.getoption("--regenerate"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what needs Spark first, so that it all comes to one worker: Spark takes its time to start, and memory."""
    items.sort(key=lambda item: item.get_closest_marker("spark") is None and "spark" not in fixtures_of(item))


def fixtures_of(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(params=["polars", "duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    return str(request.param)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local Spark with several partitions. Tests that ask for it in other ways than by name are marked `spark`.

    Those of the bundled pack may take longer than five seconds, and the first does: Spark plans 32 reasons for seconds.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java: install a runtime of version 17 or newer, such as openjdk-17-jre-headless")
    from pyspark.sql import SparkSession  # noqa: PLC0415 - whoever tests the rest does without it

    before = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    options = {
        "spark.default.parallelism": PARTITIONS,
        "spark.sql.shuffle.partitions": PARTITIONS,
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        # No code runs for long enough to be worth the time of a compiler that makes it faster.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
    if before is None:
        del os.environ["PYSPARK_PYTHON"]
    else:
        os.environ["PYSPARK_PYTHON"] = before
