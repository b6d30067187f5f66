"""Differences of texts: what they say is what changed, and twice the text takes twice the steps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sendable import cli
from sendable.cli.differences import unified
from tests.support.steps import MOST_TIMES, steps

LINES = st.lists(st.sampled_from([*"abcdefgh", ""]), max_size=30)
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def patched(before: list[str], told: list[str]) -> list[str]:
    """The lines with the changes made, as `patch` makes them; what is told to be there must be there."""
    after: list[str] = []
    at = 0
    for line in told[2:]:
        if hunk := HUNK.fullmatch(line):
            start = int(hunk[1]) - (hunk[2] != "0")
            after += before[at:start]
            at = start
            continue
        if line[0] in " -":
            assert before[at] == line[1:]
            at += 1
        if line[0] in " +":
            after.append(line[1:])
    return after + before[at:]


@given(LINES, LINES)
def test_what_is_told_makes_the_one_into_the_other(before: list[str], after: list[str]) -> None:
    told = [*unified(before, after, "old", "new")]
    assert patched(before, told) == after
    assert bool(told) == (before != after)


def test_a_change_in_a_long_file_is_told_alone() -> None:
    before = [f"{number}" for number in range(5_000)]
    after = ["new", *before[:2_000], "other", *before[2_001:4_999], "last"]
    told = [*unified(before, after, "old", "new")]
    assert [line for line in told[2:] if line[0] in "+-"] == ["+new", "-2000", "+other", "-4999", "+last"]
    assert len([line for line in told if line.startswith("@@")]) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(lambda n: f"{n % 300}", lambda n: f"{n * 7 % 300}", id="lines that are often there"),
        pytest.param(lambda n: f"{n}", lambda n: f"{n ^ 1}", id="lines that changed places"),
        pytest.param(
            lambda n: f"{n // 2 if n % 2 else 'x'}", lambda n: f"{n // 2 if n % 2 else 'y'}", id="every other"
        ),
        pytest.param(lambda n: f"{n}", lambda n: f"{-n}", id="nothing alike"),
    ],
)
def test_twice_the_lines_take_twice_the_steps(old: object, new: object) -> None:
    assert callable(old)
    assert callable(new)

    def taken(count: int) -> int:
        before, after = [*map(old, range(count))], [*map(new, range(count))]
        return steps(lambda: [*unified(before, after, "old", "new")])

    assert taken(4_000) <= MOST_TIMES * taken(2_000)


@pytest.mark.parametrize("options", [[], ["--check"], ["--diff"]])
def test_no_file_is_laid_out_that_would_be_too_large_to_be_read(options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    text = "[" * 48 + "a, " * 12_000 + "]" * 48 + "\n"
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(cli.sendable, ["fmt", str(path), *options])
    assert result.exit_code == 2
    assert "in the layout it has" in result.stderr
    assert len(result.output) < 1_000
    assert path.read_text(encoding="utf-8") == text
