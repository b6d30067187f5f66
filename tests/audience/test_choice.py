"""Engines are the modules of a folder: one more file is one more engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sendable.audience import engines
from sendable.audience.engines.choice import DEFAULT, engine, engine_of, kinds, packages, readable
from sendable.audience.engines.csv_files import UnreadableError
from sendable.audience.engines.files import LISTS, Form

ONE_MORE = """
from sendable.audience.engines.duckdb import DuckDBEngine, DuckDBFiles
from sendable.audience.engines.kind import Kind, Told

KIND = Kind(
    name="abacus",
    title="Abacus",
    where="on a desk",
    extra="wood",
    packages=frozenset({"beads"}),
    frames=frozenset({"beads"}),
    told=Told.HUNDREDTHS,
    columns=DuckDBEngine,
    files=DuckDBFiles,
)
"""


@pytest.fixture
def one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "abacus.py").write_text(ONE_MORE, encoding="utf-8")
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    kinds.cache_clear()
    yield
    sys.modules.pop("sendable.audience.engines.abacus", None)
    kinds.cache_clear()


def test_the_default_engine_is_offered_first() -> None:
    assert next(iter(kinds())) == DEFAULT


def test_the_name_of_an_engine_is_the_name_of_its_module() -> None:
    for name, kind in kinds().items():
        assert kind.columns.__module__ == kind.files.__module__ == f"{engines.__name__}.{name}"


@pytest.mark.usefixtures("one_more")
def test_one_more_file_is_one_more_engine() -> None:
    assert next(iter(kinds())) == DEFAULT
    assert "abacus" in kinds()
    assert type(engine("abacus")).__name__ == "DuckDBFiles"
    assert "beads" in packages()
    assert type(engine_of(type("Frame", (), {"__module__": "_beads.frames"})())).__name__ == "DuckDBEngine"


def test_a_frame_of_no_engine_has_none() -> None:
    assert engine_of(object()) is None


def test_no_engine_is_imported_to_tell_which_there_are() -> None:
    told = (
        "import sys; import sendable.cli.audience; print({'duckdb', 'narwhals', 'polars', 'pyspark'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
def test_a_full_disk_is_told_as_one(engine_name: str, form: Form, tmp_path: Path) -> None:
    columns = {**{name: [[name]] for name in LISTS}, "text": ["d"]}
    pl.DataFrame(columns).write_parquet(tmp_path / "decisions.parquet")
    chosen = engine(engine_name)
    decisions = chosen.read([tmp_path / "decisions.parquet"], Form.PARQUET)
    with pytest.raises(UnreadableError, match="No space left on device") as caught, readable():
        chosen.write(decisions, Path("/dev/full"), form)
    assert "{" not in str(caught.value)
