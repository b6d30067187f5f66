"""`sendable lists import`: exports made files of entries or digests, and nothing written where a row would be lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sendable
from sendable.cli import sendable as program
from tests.support.packs import context, pack


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, ["lists", "import", *map(str, arguments)])


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    rows = "Name;E-post\nKim;Kim <Kim@Example.com>\nLee;lee@example.com;\nKim;kim@example.com\n"
    path.write_text(rows.replace("com;\n", "com\n"), encoding="utf-8-sig")
    return path


def test_entries_are_written_as_lists_compare_them(export: Path, tmp_path: Path) -> None:
    found = run(export, "--column", "E-post", "-o", tmp_path / "blocked.txt")
    assert (found.exit_code, found.stdout) == (0, f"{tmp_path / 'blocked.txt'}: 2 entries\n")
    assert "one entry of this file stands in the list `blocked` already: `kim@example.com`" in found.stderr
    assert (tmp_path / "blocked.txt").read_text(encoding="utf-8") == "kim@example.com\nlee@example.com\n"


def test_digests_are_found_by_the_address(export: Path, tmp_path: Path) -> None:
    root = tmp_path / "pack"
    (root / "lists").mkdir(parents=True)
    data = root / "lists" / "blocked.txt"
    assert run(export, "--column", "E-post", "--hash", "-o", data).exit_code == 0
    wanted = sorted(hashlib.sha256(f"{name}@example.com".encode()).hexdigest() for name in ("kim", "lee"))
    assert data.read_text(encoding="utf-8").split() == wanted
    said = "lists:\n  blocked: {description: Who., hashed: sha256, from: [{file: lists/blocked.txt}]}\n"
    (root / "lists" / "lists.yaml").write_text(said, encoding="utf-8")
    policy: sendable.Policy = pack(root, {"when": "contact.email in lists.blocked"})
    assert not policy.decide(context()).sendable
    assert policy.decide({**context(), "contact": {"email": "sam@example.com"}}).sendable


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("kim@example.com\nlee@example.com, sam@example.com\n", [], "`lee@example.com, sam@example.com` can't"),
        ("kim@example.com\nexample.com\n", ["--hash"], "of the list `out`: it is no address"),
        *(
            (f"kim@example.com\n{one}\n", ["--hash"], f"`{one}` can't be an entry of the list `out`: it is no address")
            for one in ("@example.com", "kim@", "kim@example..com", "kim@example.com.", "kim@example.com:25", "*@a.b")
        ),
        ("mailto:kim@example.com\n", ["--hash"], "it is not one address alone"),
        ("kim@example.com/lee@example.com\n", [], "it is not one address alone"),
        ("kim@example.com\n", ["--column", "Email"], "has no column `Email`"),
        ("", [], "has no entry"),
        ("\n".join(f"a b{number}@c.se" for number in range(9)), [], "; nor can 6 more of this file"),
    ],
)  # fmt: skip
def test_nothing_is_written_where_a_row_would_be_lost(text: str, options: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(text, encoding="utf-8")
    found = run(tmp_path / "in.txt", *options, "-o", tmp_path / "out.txt")
    assert found.exit_code == 2
    assert said in found.stderr
    assert "nothing is written of" in found.stderr
    assert not (tmp_path / "out.txt").exists()


def test_a_comment_of_the_output_is_no_entry(export: Path, tmp_path: Path) -> None:
    export.write_text("Email\n#kim@example.com\n", encoding="utf-8")
    found = run(export, "--column", "Email", "-o", tmp_path / "out.txt")
    assert found.exit_code == 2
    assert "a line that begins with `#` is a comment" in found.stderr
    assert run(export, "--column", "Email", "--hash", "-o", tmp_path / "out.txt").exit_code == 0


def test_only_a_new_file_is_written_and_none_that_is_called_like_a_table(export: Path, tmp_path: Path) -> None:
    other = tmp_path / "out.txt"
    other.write_text("kept", encoding="utf-8")
    assert run(export, "--column", "E-post", "-o", other).exit_code == 2
    assert run(export, "--column", "E-post", "-o", tmp_path / "out.csv").exit_code == 2
    assert run(export, "--column", "E-post", "-o", export, "--overwrite").exit_code == 2
    assert other.read_text(encoding="utf-8") == "kept"
    assert run(export, "--column", "E-post", "-o", other, "--overwrite").exit_code == 0
    assert run(export, "-o", tmp_path / "new.txt").exit_code == 2
