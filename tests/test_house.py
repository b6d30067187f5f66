"""The tour of the house says what is so: every folder is on it, and whatever it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "engine" / "sendable"
TOUR = (ROOT / "engine" / "README.md").read_text(encoding="utf-8")
NAMES = set(re.findall(r"`((?:[a-z_.]+/)+[\w.]*)`", TOUR))


def is_there(name: str) -> bool:
    return any((home / end).exists() for home in (HOUSE, HOUSE.parent, ROOT) for end in (name, f"{name}.py"))


def test_every_folder_is_on_the_tour() -> None:
    folders = {f"{path.name}/" for path in HOUSE.iterdir() if (path / "__init__.py").is_file()}
    assert set(re.findall(r"(?m)^\| `([a-z]+/)` \|", TOUR)) == folders


def test_what_the_tour_names_is_there() -> None:
    assert len(NAMES) > 40
    assert sorted(name for name in NAMES if not is_there(name)) == []


def test_every_test_stands_in_a_folder_of_the_house_or_is_about_the_whole() -> None:
    folders = {path.name for path in HOUSE.iterdir() if path.is_dir()} | {"benchmarks"}
    apart = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")} - folders
    assert apart == set()


def test_no_test_imports_another() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"(?m)^\s*(from|import) tests\.\S*\btest_|^\s*from tests\S* import .*\btest_", text) is None, (
            path
        )
