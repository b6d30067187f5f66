"""Files of an audience that are torn, cut or of one line: a line on standard error and exit code 2, and no trace."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from sendable import cli
from sendable.audience import columns
from sendable.audience.engines import csv_files
from sendable.audience.engines.csv_files import UnreadableError
from sendable.audience.engines.json_lines import require_single_keys
from sendable.audience.frame import FrameError
from sendable.diagnostics.wording import near_miss

ROW = json.dumps({"email": "kim@example.com", "hard_bounces": 0}) + "\n"


def parquet(file: Path) -> bytes:
    frame = pl.DataFrame({"email": [f"a{number}@b.example" for number in range(5_000)], "hard_bounces": [0] * 5_000})
    frame.write_parquet(file)
    return file.read_bytes()


FILES: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "the end is lost": ("a.parquet", lambda file: parquet(file)[:-5], "a.parquet` can't be read: "),
    "half of it is lost": ("a.parquet", lambda file: (whole := parquet(file))[: len(whole) // 2], "PAR1"),
    "what it says of itself is torn": (
        "a.parquet",
        lambda file: (whole := parquet(file))[:-200] + b"\xff" * 100 + whole[-100:],
        "a.parquet` can't be read: ",
    ),
    "the beginning is lost": ("a.parquet", lambda file: parquet(file)[1_000:], "its beginning is lost"),
    "nothing is there": ("a.parquet", lambda _: b"", "does not begin as Parquet does"),
    "a line of garbage": ("a.jsonl", lambda _: (ROW * 3 + "garbage {{{\n" + ROW).encode(), "on line 4"),
    "a line that is nested deep": ("a.jsonl", lambda _: (ROW + '{"email": ' + "[" * 100_000).encode(), "on line 2"),
    "a first line that is nested deep": ("a.jsonl", lambda _: b'{"email": ' + b"[" * 100_000, "on line 1"),
    "what is compressed": ("a.jsonl", lambda _: gzip.compress(ROW.encode()), ""),
    "a key twice in what is compressed": (
        "a.jsonl",
        lambda _: gzip.compress(ROW.replace("}", ', "email": "b@b.example"}').encode()),
        "",
    ),
    "a byte order mark": ("a.jsonl", lambda _: b"\xef\xbb\xbf" + ROW.encode(), "save it as UTF-8 without one"),
    "JSON Lines in UTF-16": ("a.jsonl", lambda _: ROW.encode("utf-16"), "byte 1 is not UTF-8"),
    "JSON Lines in Latin-1": ("a.jsonl", lambda _: ROW.replace("kim", "åsa").encode("latin-1"), "byte 12 is not UTF-8"),
    "CSV in UTF-16": ("a.csv", lambda _: "email\nåsa@b.example\n".encode("utf-16"), "save it as CSV in UTF-8"),
    "CSV in UTF-16 without a mark": ("a.csv", lambda _: "email\nåsa@b.se\n".encode("utf-16-le"), "CSV in UTF-8"),
    "CSV in Latin-1": ("a.csv", lambda _: "email\nåsa@b.example\n".encode("latin-1"), "save it as CSV in UTF-8"),
    "NUL in a line": (
        "a.jsonl",
        lambda _: ROW.replace("kim", "k\0m").encode(),
        "character 13: invalid control character",
    ),
    "NUL in each row": ("a.csv", lambda _: b"email\na\0@b.example\n", "line 2: a NUL character"),
    "NUL in the header": ("a.csv", lambda _: b"email,a\0b\na@b.example,1\n", "no first row"),
    "a header of two mebibytes": ("a.csv", lambda _: b"email," + b"x" * (2 << 20), "first row of more than 1,048,576"),
    "one row of two mebibytes": ("a.csv", lambda _: b"email,note\na@b.example," + b"x" * (2 << 20), "no row that can"),
}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("what", FILES)
def test_a_file_that_can_not_be_read_is_told_in_a_line(what: str, engine: str, tmp_path: Path) -> None:
    name, made, told = FILES[what]
    file, campaign = tmp_path / name, tmp_path / "campaign.json"
    file.write_bytes(made(file))
    campaign.write_text(json.dumps({"email": {"channel": "marketing"}}))
    arguments = ["audience", str(file), "--campaign", str(campaign), "--engine", engine]
    result = CliRunner().invoke(cli.sendable, arguments)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert told in lines[0]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("given", ["", "torn.parquet"])
def test_a_torn_page_is_told_with_the_name_of_its_file(given: str, engine: str, tmp_path: Path) -> None:
    folder, campaign = tmp_path / "folder", tmp_path / "campaign.json"
    folder.mkdir()
    campaign.write_text(json.dumps({"email": {"channel": "marketing"}}))
    whole = parquet(folder / "a.parquet")
    parquet(folder / "z.parquet")
    torn = whole[:2_000] + bytes(byte ^ 0x5A for byte in whole[2_000:2_500]) + whole[2_500:]
    (folder / "torn.parquet").write_bytes(torn)
    arguments = ["audience", str(folder / given), "--campaign", str(campaign), "--engine", engine]
    result = CliRunner().invoke(cli.sendable, arguments)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert f"`{folder / 'torn.parquet'}` can't be read: " in line


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_as_many_columns_are_looked_at_as_somebody_has(engine: str, tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.json"
    campaign.write_text(json.dumps({"email": {"channel": "marketing"}}))
    (tmp_path / "a.csv").write_text(
        ",".join(["email", *(f"c{number}x" for number in range(10_000))]) + "\na@b.example" + "," * 10_000 + "\n"
    )
    arguments = ["audience", str(tmp_path / "a.csv"), "--campaign", str(campaign), "--engine", engine]
    result = CliRunner().invoke(cli.sendable, arguments)
    assert result.exit_code == 2
    assert "error: there are 10,001 columns, and at most 10,000 can be: leave some out" in result.stderr


def test_a_column_is_looked_at_once_for_all_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(word: str, names: Iterable[str]) -> str | None:
        asked.append(word)
        return near_miss(word, names)

    monkeypatch.setattr(columns, "near_miss", noted)
    campaign = tmp_path / "campaign.json"
    campaign.write_text(json.dumps({"email": {"channel": "marketing"}}))
    names = [f"asked about once {number}" for number in range(150)]
    (tmp_path / "a.csv").write_text(",".join(["email", *names]) + "\na@b.example" + "," * 150 + "\n")
    result = CliRunner().invoke(cli.sendable, ["audience", str(tmp_path / "a.csv"), "--campaign", str(campaign)])
    assert sorted(asked) == sorted(names)
    assert f"{names[99]}, … +50" in result.stdout


@pytest.mark.parametrize("number", ["1e999", "9" * 5_000])
def test_a_number_that_is_too_large_is_told_with_its_line(number: str, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f'{ROW}{{"email": "a@b.example", "hard_bounces": {number}}}\n')
    with pytest.raises(UnreadableError, match=r"a\.jsonl` has no JSON object on line 2: a number there is too large"):
        require_single_keys(file)


def test_a_hundred_faults_of_columns_are_told() -> None:
    error = FrameError(f"fault {number}" for number in range(7_000))
    assert error.problems[-2:] == ("fault 99", "there are 6,900 more problems with columns")
    assert FrameError(error.problems).problems == error.problems


class Counted:
    """A pattern that counts the characters it is shown."""

    def __init__(self, pattern: re.Pattern[str], shown: list[int]) -> None:
        self._pattern = pattern
        self._shown = shown

    def fullmatch(self, text: str) -> re.Match[str] | None:
        self._shown.append(len(text))
        return self._pattern.fullmatch(text)


@pytest.mark.parametrize("line", ['""\n', "a\n", '"x""\n', '"\n', 'a,"b\n', '"a","\n'])
def test_a_quote_that_is_never_closed_is_looked_for_in_one_pass(line: str) -> None:
    def effort(lines: int) -> int:
        rows, shown = csv_files._Rows(StringIO('a,b\n"x\n' + line * lines, newline=""), ",", "\n"), list[int]()
        for name in ("_whole", "_open", "_closes", "_stays_open"):
            setattr(rows, name, Counted(getattr(rows, name), shown))
        while rows.take(2) is not None:
            pass
        return sum(shown)

    assert effort(800) < 2.5 * effort(400)
