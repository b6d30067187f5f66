"""What README.md shows is true: its Python runs, and its commands print what stands below them.

- ` ```python `: executed, in a namespace of its own, or in that of the block before after a line `<!-- continues -->`.
- ` ```console `: lines that begin with `$ ` are run by bash, and what follows is what they print; a line `…` stands for
  any number of lines.

Both run in a directory that holds a copy of `policies/` and nothing else. The one reason in YAML, the one file of tests
and the one context schema in JSON are put into a pack, which must then have nothing wrong.
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
    r"^(?P<continues><!-- continues -->\n\s*)?^```(?P<language>python|console|yaml|json)\n(?P<text>.*?)^```$",
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
def test_python(program: list[Block], request: pytest.FixtureRequest) -> None:
    if any("pyspark" in block.text for block in program):
        request.getfixturevalue("spark")
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


def sendable_says(directory: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "sendable", *arguments]
    done = subprocess.run(command, cwd=directory, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_reason_in_yaml_has_nothing_wrong(tmp_path: Path) -> None:
    [reason] = [block.text for block in blocks("yaml") if block.text.startswith("reasons:")]
    pack = Path(shutil.copytree(ROOT / "tests" / "cases" / "base", tmp_path / "pack"))
    (pack / "reasons" / "readme.yaml").write_text(reason, encoding="utf-8")
    assert sendable_says(tmp_path, "lint", "--strict", "pack") == "pack: no problems\n"


def test_the_tests_in_yaml_pass(directory: Path) -> None:
    [cases] = [block.text for block in blocks("yaml") if "cases:" in block.text]
    shutil.rmtree(directory / "policies" / "tests")
    (directory / "policies" / "tests").mkdir()
    (directory / "policies" / "tests" / "readme.yaml").write_text(cases, encoding="utf-8")
    assert sendable_says(directory, "test", "policies") == "2 cases: 2 passed\n"


@pytest.mark.parametrize(
    ("number", "condition"),
    [
        (0, 'order.total > 100 and order.state == "open" and days_since(order.paid_at) > 3'),
        (1, 'order.state != "paid" and contact.company_opted_out'),
    ],
)
def test_the_context_schemas_in_json_declare_their_fields(number: int, condition: str, directory: Path) -> None:
    schemas = [block.text for block in blocks("json")]
    assert len(schemas) == 2
    schema = schemas[number]
    manifest = directory / "policies" / "policy.yaml"
    (manifest.parent / "own.schema.json").write_text(schema, encoding="utf-8")
    manifest.write_text(manifest.read_text(encoding="utf-8") + "context: [own.schema.json]\n", encoding="utf-8")
    consent = manifest.parent / "reasons" / "consent.yaml"
    text = consent.read_text(encoding="utf-8")
    consent.write_text(text.replace("when: contact.company_opted_out", f"when: {condition}"), encoding="utf-8")
    assert sendable_says(directory, "lint", "--strict", "policies") == "policies: no problems\n"
