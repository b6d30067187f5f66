"""Cases in files: packs and contexts with something wrong in them, and exactly what is said about it.

`tests/cases/packs/NAME/` holds the files that differ from `tests/cases/base/`, `tests/cases/contexts/NAME/` one
context; `expected.txt` in either is the command's exit code and everything it prints. `pytest --regenerate` writes it
anew, to be read as a diff.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.environment import ENVIRONMENT
from tests.support.packs import CASES

REASONS = (CASES / "base" / "reasons" / "reasons.yaml").read_text(encoding="utf-8")
LISTS = (CASES / "base" / "lists" / "lists.yaml").read_text(encoding="utf-8")


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def write(pack: Path) -> None:
        (pack / name).write_bytes(content)

    return write


def _remove(name: str) -> Callable[[Path], None]:
    def remove(pack: Path) -> None:
        path = pack / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


# Packs that are too large, too broken or too empty to be kept as files.
GENERATED_PACKS: dict[str, Callable[[Path], None]] = {
    "two-mebibytes": _write("lists/lists.yaml", (LISTS + "      - x\n" * 262_144).encode()),
    "hundred-thousand-brackets": _write("lists/lists.yaml", b"[" * 100_000),
    "hundred-thousand-dashes": _write("lists/lists.yaml", b"- " * 100_000),
    "invalid-utf-8": _write("lists/lists.yaml", (LISTS + "      - kundtjänst\n").encode("latin-1")),
    "empty-pack": _remove("reasons"),
    "ten-thousand-terms": _write(
        "reasons/reasons.yaml",
        REASONS.replace("when: contact", "when: " + "contact.spam_trap or " * 9_999 + "contact", 1).encode(),
    ),
    "empty-reasons-file": _write("reasons/reasons.yaml", b""),
    "no-manifest": _remove("policy.yaml"),
    "no-directory": _remove("."),
}
# Contexts that the bundled pack decides: they are about what it shows, or about its address functions.
WITH_THE_BUNDLED_PACK = {"million-characters", "every-control-character"}
GENERATED_CONTEXTS: dict[str, tuple[str, str]] = {
    "million-characters": (
        "context.yaml",
        "email:\n  channel: transactional\ncontact:\n  email: " + "a" * 1_000_000 + "\naccount: {status: active}\n",
    ),
    "every-control-character": (
        "context.json",
        '{"email": {"channel": "marketing", "subscription_type": "a", "subscription_name": "News'
        + "".join(f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x202E, 0x2066, 0xD800))
        + 'letter"}, "contact": {"email": "kim@example.com", "unsubscribed_types": ["a"], "marked_as_spam": false}}',
    ),
}


def _run(arguments: list[str], directory: Path) -> str:
    command = [sys.executable, "-m", "sendable", *arguments]
    done = subprocess.run(
        command, cwd=directory, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )
    return f"exit code {done.returncode}\n--- standard output\n{done.stdout}--- standard error\n{done.stderr}"


def _compare(expected: Path, found: str, regenerate: bool) -> None:
    if regenerate:
        expected.parent.mkdir(parents=True, exist_ok=True)
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def _names(kind: str, generated: dict[str, object]) -> list[str]:
    return sorted({path.name for path in (CASES / kind).iterdir()} | set(generated))


@pytest.mark.parametrize("name", _names("packs", {**GENERATED_PACKS}))
def test_pack(name: str, tmp_path: Path, regenerate: bool) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(CASES / "base", pack)
    if name in GENERATED_PACKS:
        GENERATED_PACKS[name](pack)
    else:
        shutil.copytree(CASES / "packs" / name, pack, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    _compare(CASES / "packs" / name / "expected.txt", _run(["lint", "pack"], tmp_path), regenerate)


@pytest.mark.parametrize("name", _names("contexts", {**GENERATED_CONTEXTS}))
def test_context(name: str, tmp_path: Path, regenerate: bool) -> None:
    directory = CASES / "contexts" / name
    if name in GENERATED_CONTEXTS:
        file, text = GENERATED_CONTEXTS[name]
        (tmp_path / file).write_text(text, encoding="utf-8")
    else:
        [source] = [path for path in directory.iterdir() if path.name != "expected.txt"]
        file = source.name
        shutil.copy(source, tmp_path)
    shutil.copytree(CASES / "base", tmp_path / "pack")
    pack = [] if name in WITH_THE_BUNDLED_PACK else ["--policy", "pack"]
    found = _run(["dry-run", *pack, "--now", "2026-11-23T09:00:00Z", file], tmp_path)
    _compare(directory / "expected.txt", found, regenerate)


def test_of_a_thousand_contexts_three_bad_ones_are_told_and_the_rest_decided(tmp_path: Path) -> None:
    shutil.copytree(CASES / "base", tmp_path / "pack")
    context = '{"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com", "marked_as_spam": %s}}\n'
    lines = [context % "false"] * 1000
    lines[99], lines[499], lines[899] = context % '"yes"', (context % "false")[:-3] + "\n", context % "1"
    told = [
        "contact.marked_as_spam: it must be true or false, and it is the text `yes`",
        "",
        "contact.marked_as_spam: it must be true or false, and it is the number `1`",
    ]
    (tmp_path / "contexts.jsonl").write_text("".join(lines), encoding="utf-8")
    array = f"[{','.join(line for line in lines if line.rstrip().endswith('}}'))}]"
    (tmp_path / "contexts.json").write_text(array, encoding="utf-8")
    for file, places, decided in (
        ("contexts.jsonl", ["contexts.jsonl:100", "contexts.jsonl:500", "contexts.jsonl:900"], 997),
        ("contexts.json", ["contexts.json[99]", "contexts.json[898]"], 997),
    ):
        command = [sys.executable, "-m", "sendable", "dry-run", "--policy", "pack", "--format", "jsonl", file]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert len(done.stdout.splitlines()) == decided
        problems = [line for line in done.stderr.splitlines() if line.startswith(file)]
        expected = [text for text in told if text or len(places) == 3]
        for problem, place, text in zip(problems, places, expected, strict=True):
            assert problem.startswith(f"{place}: {text}" if text else place)


def test_the_base_pack_has_nothing_wrong(tmp_path: Path) -> None:
    shutil.copytree(CASES / "base", tmp_path / "pack")
    assert _run(["lint", "pack"], tmp_path).startswith("exit code 0")
