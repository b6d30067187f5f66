"""`policy.lock` tells half a pack from a whole one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import sendable
from sendable.cli import sendable as commands
from sendable.pack.lock import LOCK, lock_text
from sendable.pack.resources import schema_path
from tests.support.packs import CASES


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASES / "base", tmp_path / "pack"))


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(one) for one in arguments], catch_exceptions=False)


def told(pack: Path) -> list[str]:
    return [
        f"{one.code} {one.span.file}:{one.span.start.line} {one.message}".replace(f"{pack}/", "")
        for one in sendable.lint(pack)
    ]


def test_the_lock_has_each_file_that_decides_and_fits_its_schema(pack: Path) -> None:
    (pack / "tests").mkdir()
    (pack / "README.md").write_text("For people.")
    result = invoke("lint", pack, "--lock")
    assert (result.exit_code, result.stdout) == (0, f"{pack}: no problems\n")
    assert result.stderr == f"{pack / LOCK}: written\n"
    lock: Any = json.loads((pack / LOCK).read_text())
    schema = json.loads(schema_path("lock").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(lock)
    names = ["lists/lists.yaml", "policy.yaml", "reasons/reasons.yaml", "reasons/roles.yaml"]
    assert list(lock["files"]) == names
    assert lock["files"] == {name: hashlib.sha256((pack / name).read_bytes()).hexdigest() for name in names}
    assert lock_text({"b": "2", "a": "1"}) == lock_text({"a": "1", "b": "2"})
    before = (pack / LOCK).read_bytes()
    assert invoke("lint", pack, "--lock").exit_code == 0
    assert (pack / LOCK).read_bytes() == before


def test_a_pack_that_fits_its_lock_loads_and_one_that_does_not_says_where(pack: Path) -> None:
    assert sendable.load(pack).version == sendable.load(CASES / "base").version
    with pytest.raises(sendable.PolicyError, match="there is no such file") as error:
        sendable.load(pack, verify=True)
    assert error.value.diagnostics[0].span.file == str(pack / LOCK)
    invoke("lint", pack, "--lock")
    assert sendable.load(pack, verify=True).version == sendable.load(pack).version
    assert told(pack) == []

    with (pack / "reasons" / "roles.yaml").open("a") as file:
        file.write("# a comment\n")
    (pack / "lists" / "more.yaml").write_text("lists: {more: {description: More., entries: [x]}}\n")
    (pack / "reasons" / "reasons.yaml").rename(pack / "reasons" / "spam.yaml")
    expected = [
        "SND513 lists/more.yaml:1 `lists/more.yaml` is not in `policy.lock`",
        "SND513 policy.lock:6 `reasons/reasons.yaml` is in `policy.lock` and is no file of the pack",
        "SND513 policy.lock:7 `reasons/roles.yaml` is not as it was when `policy.lock` was written",
        "SND513 reasons/spam.yaml:1 `reasons/spam.yaml` is not in `policy.lock`",
    ]
    assert [one for one in told(pack) if "SND522" not in one] == expected
    with pytest.raises(sendable.PolicyError) as error:
        sendable.load(pack, verify=True)
    assert [f"SND513 {one.message}" for one in error.value.diagnostics] == [
        f"SND513 {one.split(' ', 2)[2]}" for one in expected
    ]
    assert sendable.load(pack).reasons  # whoever does not ask for it is not told
    result = invoke("lint", pack)
    assert result.exit_code == 1
    assert "`sendable lint --lock` writes the lock anew" in result.stdout
    assert invoke("lint", pack, "--lock").exit_code == 0
    assert [one for one in told(pack) if "SND522" not in one] == []


def test_no_lock_is_written_for_a_pack_with_an_error(pack: Path) -> None:
    invoke("lint", pack, "--lock")
    before = (pack / LOCK).read_bytes()
    (pack / "reasons" / "roles.yaml").write_text("reasons: {x: 1}\n")
    result = invoke("lint", pack, "--lock")
    assert (result.exit_code, (pack / LOCK).read_bytes()) == (1, before)
    assert "not written" in result.stderr
    assert not any("SND513" in one for one in told(pack))  # first things first
    shutil.copy(CASES / "base" / "reasons" / "roles.yaml", pack / "reasons")
    (pack / "reasons" / "forgotten.yml").touch()
    (pack / LOCK).unlink()
    assert invoke("lint", pack, "--lock", "--strict").exit_code == 1
    assert not (pack / LOCK).exists()
    assert invoke("lint", pack, "--lock").exit_code == 0
    assert (pack / LOCK).exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "SND104") for text in ('{"format": 1, "files": {', '{"format": 1, "files": {"policy.yaml": "0')),
        *(("", "SND213"), ("[]", "SND203"), ('{"format": 2, "files": {}}', "SND204"), ('{"format": 1}', "SND202")),
        ('{"format": 1, "files": {"policy.yaml": "x"}}', "SND205"),
        ('{"format": 1, "files": {"policy.yaml": 1}}', "SND203"),
        ('{"format": 1.0, "files": {"policy.yaml": {}}}', "SND203"),
    ],
)
def test_a_lock_that_is_none_is_told_and_written_anew(pack: Path, text: str, code: str) -> None:
    (pack / LOCK).write_text(text)
    assert code in {one.code for one in sendable.lint(pack)}
    with pytest.raises(sendable.PolicyError):
        sendable.load(pack, verify=True)
    assert invoke("lint", pack, "--lock").exit_code == 0
    assert told(pack) == []


def test_every_cut_of_a_lock_is_refused(pack: Path) -> None:
    invoke("lint", pack, "--lock")
    text = (pack / LOCK).read_text()
    for end in range(0, len(text.rstrip()), 7):
        (pack / LOCK).write_text(text[:end])
        with pytest.raises(sendable.PolicyError):
            sendable.load(pack, verify=True)


def test_a_lock_that_leads_nowhere_is_no_lack_of_one(pack: Path) -> None:
    (pack / LOCK).symlink_to("nowhere")
    assert [one.code for one in sendable.lint(pack)] == ["SND101"]
    with pytest.raises(sendable.PolicyError):
        sendable.watch(pack)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("elsewhere")])
def test_no_lock_is_written_in_the_place_of_what_is_no_file(pack: Path, make: Callable[[Path], None]) -> None:
    make(pack / LOCK)
    result = invoke("lint", pack, "--lock")
    assert result.exit_code == 2
    assert "policy.lock is not a regular file" in result.stderr
    assert not (pack / "elsewhere").exists()


def test_mending_and_locking_go_together(pack: Path) -> None:
    reasons = pack / "reasons" / "reasons.yaml"
    whole = reasons.read_text()
    reasons.write_text(whole.replace("contact.marked_as_spam\n", "contact.marked_as_spma\n"))
    result = invoke("lint", pack, "--fix", "--lock")
    assert (result.exit_code, reasons.read_text()) == (0, whole), result.output
    assert told(pack) == []
    reasons.write_text(whole.replace("contact.marked_as_spam\n", "contact.marked_as_spma\n"))
    shutil.copy(pack / LOCK, pack / "kept")
    (pack / LOCK).write_text((pack / LOCK).read_text().replace("a", "b"))
    assert invoke("lint", pack, "--fix").exit_code == 1  # mended, and the lock is of something else
    assert reasons.read_text() == whole
    shutil.copy(pack / "kept", pack / LOCK)
    assert invoke("lint", pack).exit_code == 0


def test_a_lock_is_left_alone_by_what_it_does_not_concern(pack: Path, tmp_path: Path) -> None:
    invoke("lint", pack, "--lock")
    before = (pack / LOCK).read_bytes()
    assert invoke("fmt", pack).exit_code == 0
    assert (pack / LOCK).read_bytes() == before
    assert invoke("lint", "--lock").exit_code == 2  # the bundled pack is not written to
    assert invoke("init", tmp_path / "new").exit_code == 0
    assert not os.path.lexists(tmp_path / "new" / LOCK)
