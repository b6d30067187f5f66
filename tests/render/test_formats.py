"""Output formats are the modules of a folder: one more file is one more format of every command it writes for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sendable.render import reports
from sendable.render.reports.choice import formats, writers
from sendable.render.reports.format import Audience, Decisions, Explanations, Problems, Reasons, Report, RunOfTests

ONE_MORE = """
from sendable.render.reports.format import Format, Problems, Writer

WRITER = Writer(lambda report, screen: iter([f"{len(report.found)}\\n"]), ", a number")
FORMAT = Format("count", {Problems: WRITER}, lambda text, screen: text)
"""

TRIED = """
import sys
from sendable.render import reports
reports.__path__.append(sys.argv.pop(1))
from sendable.cli import main
main()
"""


@pytest.mark.parametrize("report", [Audience, Decisions, Explanations, Problems, Reasons, RunOfTests])
def test_text_and_json_are_offered_first_for_every_report(report: type[Report]) -> None:
    assert list(writers(report))[:2] == ["text", "json"]


def test_every_format_writes_something() -> None:
    assert all(one.writers for one in formats().values())
    assert {path.stem for path in Path(reports.__path__[0]).glob("*.py")} >= {"json", "text"}


def test_one_more_file_is_one_more_format_of_a_command(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(ONE_MORE, encoding="utf-8")

    def ran(*arguments: str) -> str:
        command = [sys.executable, "-c", TRIED, str(tmp_path), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert ran("lint", "--format", "count") == "0\n"
    assert "count, a number" in " ".join(ran("lint", "--help").split())
    assert "count" not in ran("reasons", "--help")
