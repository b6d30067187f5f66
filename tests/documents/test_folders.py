"""Whatever a pattern names counts, or is told with its place: a file that is passed over would let emails through."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as commands
from sendable.documents import folders
from sendable.documents.folders import Named, matching
from sendable.pack.resources import bundled_path
from tests.support.packs import CASES

BOMB = """
reasons:
  second:
    title: {en: Second, sv: Andra}
    priority: 20
    channels: [marketing]
    basis: reputation
    when: contact.hard_bounces > 0
    on_unknown: ignore
    retry: never
    fixable_by: user
    message: {en: It bounced., sv: Det kom tillbaka.}
    fix: {en: Stop., sv: Sluta.}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASES / "base", tmp_path / "pack"))


def problems(pack: Path) -> list[str]:
    """The errors in the pack, which keep it from loading."""
    with pytest.raises(sendable.PolicyError) as error:
        sendable.load(pack)
    found = [one for one in sendable.lint(pack) if one.severity is sendable.Severity.ERROR]
    assert [one for one in error.value.diagnostics if one.severity is sendable.Severity.ERROR] == found
    return [f"{one.code} {one.message}".replace(f"{pack}/", "") for one in found]


# What takes the place of a file of the pack, and what is said of it.


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.yaml")


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may only be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    path.symlink_to("/dev/null")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def outside(path: Path) -> None:
    beside = path.parent.parent.parent / "outside.yaml"
    beside.write_text(BOMB, encoding="utf-8")
    path.symlink_to(beside)


INSTEAD: dict[Callable[[Path], None], str] = {
    dangling: "SND101 `{}` can't be read: it is a symbolic link that leads nowhere",
    folder: "SND101 `{}` can't be read: it is a directory",
    fifo: "SND101 `{}` can't be read: it is not a regular file",
    listening: "SND101 `{}` can't be read: it is not a regular file",
    device: "SND508 `{}` leads out of the pack",
    circle: "SND101 `{}` can't be read: its symbolic links lead in a circle",
    outside: "SND508 `{}` leads out of the pack",
}


@pytest.mark.parametrize("instead", INSTEAD, ids=lambda one: one.__name__)
@pytest.mark.parametrize("named", [None, "[reasons/*.yaml]", "['**/*asons/*.yaml']", "[reasons/*, reasons/x.yaml]"])
def test_what_is_no_readable_file_is_an_error(pack: Path, instead: Callable[[Path], None], named: str | None) -> None:
    if named is not None:
        with (pack / "policy.yaml").open("a") as manifest:
            manifest.write(f"reasons: {named}\n")
    instead(pack / "reasons" / "x.yaml")
    expected = INSTEAD[instead].format("reasons/x.yaml")
    assert set(problems(pack)) == {expected}
    for one in sendable.lint(pack):
        # The place of the pattern where there is one: that is where the author can do something about it.
        assert one.span.file == str(pack / ("reasons/x.yaml" if named is None else "policy.yaml"))
        assert one.span.start.column == 1 if named is None else one.span.start.column > len("reasons: ")


@pytest.mark.parametrize("kind", ["lists", "context"])
def test_lists_and_context_schemas_are_no_different(pack: Path, kind: str) -> None:
    (pack / kind).mkdir(exist_ok=True)
    dangling(pack / kind / "x.yaml")
    with (pack / "policy.yaml").open("a") as manifest:
        manifest.write(f"{kind}: [{kind}/*.yaml]\n")
    assert problems(pack) == [INSTEAD[dangling].format(f"{kind}/x.yaml")]


def test_a_contact_who_reported_spam_gets_no_email_for_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(bundled_path("policies"), pack)
    (pack / "reasons" / "recipient.yaml").rename(tmp_path / "recipient.yaml")
    dangling(pack / "reasons" / "recipient.yaml")
    # What may be in the file that can't be read is not said to be missing.
    assert problems(pack) == [INSTEAD[dangling].format("reasons/recipient.yaml")]
    assert [one.code for one in sendable.lint(pack)] == ["SND101"]


def test_what_may_not_be_read_is_an_error(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, who may read everything.
    listed, opened = os.listdir, Path.open

    def refuse_listing(path: Any) -> list[str]:
        if str(path).rstrip("/").endswith("/reasons"):
            raise PermissionError(errno.EACCES, "no")
        return listed(path)

    def refuse_opening(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "reasons.yaml":
            raise PermissionError(errno.EACCES, "no")
        return opened(path, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", refuse_listing)
        assert "SND101 `reasons` can't be read: permission is denied" in problems(pack)
    monkeypatch.setattr(Path, "open", refuse_opening)
    assert problems(pack) == ["SND101 `reasons/reasons.yaml` can't be read: permission is denied"]


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_not_utf_8_is_an_error(pack: Path) -> None:
    raw = os.fsencode(pack / "reasons") + b"/r\xf6st.yaml"
    try:
        with open(raw, "w", encoding="utf-8") as file:  # noqa: PTH123 - bytes, and no path
            file.write(BOMB)
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")
    assert problems(pack) == ["SND101 `reasons/r\N{REPLACEMENT CHARACTER}st.yaml` can't be read: its name is not UTF-8"]


@pytest.mark.parametrize("pattern", ["**x", "a/**b/[", "[", '"\\0"', "'*/*/*/*'", "reasons/**/**/**/zz*", "./"])
def test_odd_patterns_are_told(pack: Path, pattern: str) -> None:
    with (pack / "policy.yaml").open("a") as manifest:
        manifest.write(
            "reasons:\n  - reasons/*.yaml\n" + (f"  - {pattern}\n" if pattern[0] in "'\"" else f"  - '{pattern}'\n")
        )
    assert {one.split()[0] for one in problems(pack)} <= {"SND101", "SND507", "SND508"}


def test_linked_folders_are_looked_into_and_those_that_lead_elsewhere_told(pack: Path, tmp_path: Path) -> None:
    with (pack / "policy.yaml").open("a") as manifest:
        manifest.write("reasons: ['reasons/**/*.yaml']\n")
    (pack / "parts").mkdir()
    (pack / "parts" / "second.yaml").write_text(BOMB, encoding="utf-8")
    (pack / "reasons" / "linked").symlink_to("../parts")
    assert [reason.id for reason in sendable.load(pack).reasons] == [
        "marked_as_spam",
        "second",
        "role_address",
    ]
    (pack / "reasons" / "linked").unlink()
    (pack / "reasons" / "linked").symlink_to("gone")
    assert problems(pack) == [INSTEAD[dangling].format("reasons/linked")]
    (pack / "reasons" / "linked").unlink()
    (pack / "reasons" / "linked").symlink_to(".")
    assert problems(pack) == [INSTEAD[circle].format("reasons/linked")]
    (pack / "reasons" / "linked").unlink()
    (tmp_path / "elsewhere").mkdir()
    (pack / "reasons" / "linked").symlink_to(tmp_path / "elsewhere")
    assert problems(pack) == [INSTEAD[outside].format("reasons/linked")]


def test_a_volume_of_linked_files_is_a_pack(tmp_path: Path) -> None:
    # As Kubernetes mounts one: what is seen are links into a folder that is exchanged as a whole.
    shutil.copytree(CASES / "base", tmp_path / "volume" / "..2026_11_23")
    (tmp_path / "volume" / "..data").symlink_to("..2026_11_23")
    for name in ("policy.yaml", "reasons", "lists"):
        (tmp_path / "volume" / name).symlink_to(f"..data/{name}")
    assert sendable.load(tmp_path / "volume").version == sendable.load(CASES / "base").version


def test_patterns_name_what_they_say(tmp_path: Path) -> None:
    for name in ("a/x.yaml", "a/b/y.yaml", "a/b/c/z.yml", "a/.hidden.yaml", "top.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for pattern, expected in {
        "a/x.yaml": "a/x.yaml",
        "./a//x.yaml": "a/x.yaml",
        "*.yaml": "top.yaml",
        "a/*.yaml": "a/.hidden.yaml a/x.yaml",
        "a/?.yaml": "a/x.yaml",
        "[ab]/[xy].yaml": "a/x.yaml",
        "*/*/*": "a/b/y.yaml",
        "**/*.yaml": "a/.hidden.yaml a/b/y.yaml a/x.yaml top.yaml",
        "a/**/**/*.y*ml": "a/.hidden.yaml a/b/c/z.yml a/b/y.yaml a/x.yaml",
        "a/**": "a/.hidden.yaml a/b/c/z.yml a/b/y.yaml a/x.yaml",
        "**/b/**/*": "a/b/c/z.yml a/b/y.yaml",
        "x/*.yaml": "",
        "a/x.yaml/y": "",
        "A/X.yaml*": "",
    }.items():
        found = [one.name for one in matching(tmp_path, pattern) if not one.why]
        assert found == expected.split(), pattern
    assert Named("a/b", "it is a directory") in matching(tmp_path, "a/*")


# Files that nothing names.


@pytest.mark.parametrize(
    "name",
    [
        *("reasons/x.yml", "reasons/x.YAML", "reasons/deep/x.yaml", "reasons/.x.YML", "reasons/x.yaml~"),
        *("reasons/x.yaml.bak", "reasons/#x.yaml#", "lists/x.YML", "lists/x.json"),
    ],
)
def test_a_file_that_no_pattern_names_is_told(pack: Path, name: str) -> None:
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_text(BOMB, encoding="utf-8")
    [found] = sendable.lint(pack)
    assert (found.code, found.span.file) == ("SND509", str(pack / name))


def test_a_file_beside_those_of_a_pattern_is_told(pack: Path) -> None:
    (pack / "reasons").rename(pack / "rules")
    with (pack / "policy.yaml").open("a") as manifest:
        manifest.write("reasons: [rules/*.yaml]\n")
    (pack / "rules" / "x.yml").write_text(BOMB, encoding="utf-8")
    (pack / "rules" / "notes.txt").write_text("Not a rule.", encoding="utf-8")
    [found] = sendable.lint(pack)
    assert (found.code, found.span.file) == ("SND509", str(pack / "rules" / "x.yml"))


@pytest.mark.parametrize(
    "name",
    [
        *("intake/columns.yml", "intake/Columns.yaml", "Intake/columns.yaml", "intake/deep/columns.yaml"),
        *("columns.yaml", "COLUMNS.YML", "intake/column.yaml", "intake/columns.json", "intake/columns"),
        "intake/hubspot.yaml",
    ],
)
def test_a_file_that_is_called_nearly_as_the_one_of_columns_is_told(pack: Path, name: str) -> None:
    (pack / name).parent.mkdir(exist_ok=True, parents=True)
    (pack / name).write_text(BOMB, encoding="utf-8")
    [found] = sendable.lint(pack)
    assert (found.code, found.span.file) == ("SND514", str(pack / name))
    assert "`intake/columns.yaml`" in found.message


def test_what_else_stands_beside_the_file_of_columns_is_nobodys_concern(pack: Path) -> None:
    for name in ("intake/README.md", "intake/.columns.yaml.swp", "columns.csv"):
        (pack / name).parent.mkdir(exist_ok=True)
        (pack / name).write_text("Not of the pack.", encoding="utf-8")
    assert sendable.lint(pack) == ()


@pytest.mark.parametrize("name", [".reasons.yaml.swp", ".DS_Store", ".gitkeep"])
def test_what_is_an_editors_own_is_not_told(pack: Path, name: str) -> None:
    (pack / "reasons" / name).touch()
    assert sendable.lint(pack) == ()


def test_the_lock_of_an_editor_is_no_file_of_the_pack(pack: Path) -> None:
    (pack / "reasons" / ".#reasons.yaml").symlink_to("kim@example.com.4711:1764316800")
    assert folders.is_editor_lock(pack / "reasons" / ".#reasons.yaml")
    assert sendable.lint(pack) == ()
    assert sendable.load(pack).version == sendable.load(CASES / "base").version


# Tests and layout.


def test_tests_that_can_not_be_read_are_not_passed_over(pack: Path) -> None:
    tests = pack / "tests"
    tests.mkdir()
    (tests / "spam.YAML").write_text(
        "now: 2026-11-23T09:00:00Z\n"
        "cases:\n"
        "  - name: spam\n"
        "    patch: {email.channel: marketing, contact.email: kim@example.com, contact.marked_as_spam: true}\n"
        "    expect: {reason: marked_as_spam}\n",
        encoding="utf-8",
    )
    ran = CliRunner().invoke(commands, ["test", str(pack)])
    assert (ran.exit_code, "1 passed" in ran.output) == (0, True), ran.output
    for name, instead in {"more.yaml": dangling, "fixtures.yaml": dangling, "deeper": dangling, "x.yml": fifo}.items():
        instead(tests / name)
        ran = CliRunner().invoke(commands, ["test", str(pack)])
        assert ran.exit_code == 2
        assert f"`{tests / name}` can't be read" in ran.output
        (tests / name).unlink()


def test_the_layout_of_what_can_not_be_read_is_not_passed_over(pack: Path) -> None:
    for instead, why in (
        (dangling, "there is no such file"),
        (circle, "its symbolic links lead in a circle"),
        (fifo, "it is not a regular file"),
    ):
        instead(pack / "reasons" / "x.yaml")
        ran = CliRunner().invoke(commands, ["fmt", "--check", str(pack)])
        assert ran.exit_code == 2
        assert f"x.yaml` can't be read: {why}" in ran.output
        (pack / "reasons" / "x.yaml").unlink()
    (pack / "policy.yaml").unlink()
    dangling(pack / "policy.yaml")
    ran = CliRunner().invoke(commands, ["lint", str(pack)])
    assert ran.exit_code == 1
    assert "policy.yaml` can't be read" in ran.output
