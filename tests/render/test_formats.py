"""Output formats are the modules of a folder: one more file is one more format of every command it writes for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sendable.diagnostics.places import Span
from sendable.render import reports
from sendable.render.reports.choice import formats, writers
from sendable.render.reports.format import Audience, Decisions, Explanations, Problems, Reasons, Report, RunOfTests
from sendable.render.terminal.tests import coverage_as_text
from sendable.render.words.languages import words_for
from sendable.testing.coverage import Coverage, Outcome, Subject
from sendable.testing.run import Run

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


def covered(seen: int, counted: int) -> Coverage:
    place = Span.whole_file("reasons/a.yaml")
    cases = (("x",) if index < seen else () for index in range(counted))
    return Coverage(tuple(Outcome("a", Subject.CONDITION, "a", "true", place, True, by) for by in cases))


@pytest.mark.parametrize(
    ("seen", "counted", "least"),
    [(29, 100, 29.0), (57, 100, 57.0), (57, 200, 28.5), (11, 1000, 1.1), (993, 1000, 99.3), (1, 1, 100.0), (0, 1, 0.0)],
)
def test_a_share_that_is_reached_to_the_dot_is_not_below_what_is_asked_for(
    seen: int, counted: int, least: float
) -> None:
    words = words_for("en")
    assert not RunOfTests(Run(()), covered(seen, counted), None, words, least).shortfalls
    if least:
        assert RunOfTests(Run(()), covered(seen * 1000 - 1, counted * 1000), None, words, least).shortfalls


def test_shares_are_written_as_the_language_writes_numbers() -> None:
    told = {tag: RunOfTests(Run(()), covered(57, 200), None, words_for(tag), 99.5).shortfalls for tag in ("en", "sv")}
    assert told["en"] == {"coverage": "the coverage is 28.5 %, and at least 99.5 % is asked for"}
    assert told["sv"] == {"coverage": "täckningen är 28,5 %, men minst 99,5 % krävs"}
    assert list(coverage_as_text(covered(57, 200), words=words_for("sv")))[-1].startswith("täckning: 28,5 %")


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
