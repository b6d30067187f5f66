"""The tour of the house says what is so, and no room in it is too large."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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
    folders = {path.name for path in HOUSE.iterdir() if path.is_dir()} | {"benchmarks", "fuzz"}
    apart = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")} - folders
    assert apart == set()


def test_no_test_imports_another() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"(?m)^\s*(from|import) tests\.\S*\btest_|^\s*from tests\S* import .*\btest_", text) is None, (
            path
        )


LONGEST_FILE = 600
LONGEST_FUNCTION = 60
"""Lines from `def` to the end, without the docstring: a contract may be as long as it has to be."""
REASON = re.compile(r"# long: \w+ .{10,}")
"""What stands in the line of the `def`, or among a file's first lines, where there is a good reason to be longer."""


def too_long(name: str, text: str) -> Iterator[str]:
    """The file by its name, and its functions, where they have more lines than they may and no reason beside them."""
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE and not any(map(REASON.match, lines[:10])):
        yield name
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            first = node.body[0]
            docstring = 0
            if ast.get_docstring(node) is not None and first.end_lineno is not None:
                docstring = first.end_lineno - first.lineno + 1
            count = node.end_lineno - node.lineno + 1 - docstring
            if count > LONGEST_FUNCTION and REASON.search(lines[node.lineno - 1]) is None:
                yield f"{name}: {node.name}"


def test_no_file_and_no_function_is_too_long() -> None:
    found = {
        one
        for path in HOUSE.rglob("*.py")
        for one in too_long(path.relative_to(HOUSE).as_posix(), path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_what_is_too_long_is_found_and_a_reason_is_heard() -> None:
    body = "    x = 1\n" * LONGEST_FUNCTION
    reason = "  # long: steps of which each needs the one before"
    assert list(too_long("a.py", f"def f():\n{body}")) == ["a.py: f"]
    assert list(too_long("a.py", f"def f():{reason}\n{body}")) == []
    assert list(too_long("a.py", f'def f():\n    """One.\n\n    Two.\n    """\n{body[10:]}')) == []
    file = "x = 1\n" * (LONGEST_FILE + 1)
    assert list(too_long("a.py", file)) == ["a.py"]
    assert list(too_long("a.py", f'"""Words."""\n{reason.strip()}\n{file}')) == []


STYLED = re.compile(r"(?m)\{[^{}\n]*[a-z]: ?[^{}\n]+;|addEventListener")
"""What a style sheet, and a script of a page, has in it."""


def test_styles_and_scripts_are_files_of_their_own() -> None:
    pages = HOUSE / "render" / "pages"
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert STYLED.search(node.value) is None, f"{path}:{node.lineno}"
    assert all(STYLED.search((pages / name).read_text(encoding="utf-8")) for name in ("style.css", "search.js"))
