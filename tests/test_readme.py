"""What README.md shows is true: its Python runs, and its commands print what stands below them.

- ` ```python `: executed, in a namespace of its own, or in that of the block before after a line `<!-- continues -->`.
- ` ```console `: lines that begin with `$ ` are run by bash, and what follows is what they print; a line `…` stands for
  any number of lines.

Both run in a directory that holds a copy of `policies/` and nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(
    r"^(?P<continues><!-- continues -->\n\s*)?^```(?P<language>python|console)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its text, and how many lines of README.md stand before it."""

    text: str
    before: int
    continues: bool


def blocks(language: str) -> list[Block]:
    readme = README.read_text(encoding="utf-8") if README.exists() else ""
    return [
        Block(found["text"], readme.count("\n", 0, found.start("text")), bool(found["continues"]))
        for found in BLOCK.finditer(readme)
        if found["language"] == language
    ]


def programs() -> list[list[Block]]:
    """The Python blocks, each with those that continue it."""
    together: list[list[Block]] = []
    for block in blocks("python"):
        if block.continues:
            together[-1].append(block)
        else:
            together.append([block])
    return together


def matches(shown: list[str], printed: list[str]) -> bool:
    pattern = "".join("(?:.*\n)*?" if line == "…" else re.escape(f"{line}\n") for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_readme_has_both_kinds_of_blocks() -> None:
    assert blocks("python")
    assert blocks("console")


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("program", [pytest.param(each, id=f"line {each[0].before}") for each in programs()])
def test_python(program: list[Block]) -> None:
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in program:
        # The empty lines make a traceback show the line of README.md.
        exec(compile("\n" * block.before + block.text, README, "exec"), namespace)


@pytest.mark.parametrize("block", [pytest.param(each, id=f"line {each.before}") for each in blocks("console")])
def test_console(block: Block, directory: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), ENVIRONMENT["PATH"]])
    before, *commands = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not before, f"a console block begins with a command, not with {before!r}"
    for command, *shown in (each.rstrip("\n").splitlines() for each in commands):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=directory,
            env=ENVIRONMENT | {"PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        printed = done.stdout.rstrip("\n").splitlines()
        assert matches(shown, printed) or printed == shown, f"$ {command}"
