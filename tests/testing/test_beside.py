"""Lint looks at what stands beside a pack, too: its tests and its examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import sendable
from sendable.cli import sendable as program
from tests.support.packs import pack
from tests.support.suites import NOW

CASE = "{name: one, patch: {email.channel: marketing, contact.email: kim@example.com}, expect: {reason: null}}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pack(tmp_path, {"id": "spam_trap", "when": "contact.spam_trap"})
    for name in ("tests", "examples"):
        (tmp_path / name).mkdir()
    return tmp_path


def found(root: Path) -> list[str]:
    return [str(one).partition("\n")[0].removeprefix(f"{root}/") for one in sendable.lint(root)]


def test_what_tests_and_fixtures_name_is_held_to_the_pack(root: Path) -> None:
    (root / "tests" / "fixtures.yaml").write_text(
        f"{NOW}fixtures: {{base: {{contact.spam_trp: true}}}}\n", encoding="utf-8"
    )
    (root / "tests" / "a.yaml").write_text(
        f"cases:\n- {CASE}\n- {CASE.replace('one', 'two').replace('null', 'spam_trip')}\n", encoding="utf-8"
    )
    assert [one.partition(" (")[0] for one in found(root)] == [
        "tests/a.yaml:3:99: error SND709: the pack has no reason `spam_trip`",
        "tests/fixtures.yaml:2:19: error SND710: `contact.spam_trp` is not a declared field of the context",
    ]
    first, second = sendable.lint(root)
    assert (first.suggestion, second.suggestion) == ("spam_trap", "contact.spam_trap")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "email:\n  channel: marketing\ncontact:\n  spam_trp: true\n  hard_bounces: many\n"),
        ("below/a.json", '{"email": {"channel": "marketing"},\n"contact": {"spam_trp": true, "hard_bounces": "many"}}'),
        ("a.yml", "- {email: {channel: marketing}}\n- contact: {spam_trp: true, hard_bounces: many}\n"),
    ],
)
def test_what_examples_name_is_held_to_the_pack(name: str, text: str, root: Path) -> None:
    path = root / "examples" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    unknown, wrong = sendable.lint(root)
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "spam_trp" in line)
    assert (unknown.code, unknown.severity, unknown.suggestion) == ("SND717", "warning", "contact.spam_trap")
    assert (unknown.span.file, unknown.span.start.line) == (str(path), line)
    assert (wrong.code, wrong.severity) == ("SND711", "error")
    assert "`contact.hard_bounces` can't have this value" in wrong.message
    for one, word in ((unknown, "spam_trp"), (wrong, "many")):
        shown = text.splitlines()[one.span.start.line - 1][one.span.start.column - 1 : one.span.end.column - 1]
        assert shown.strip('"') == word


def test_each_line_of_an_example_is_held_to_the_pack(root: Path) -> None:
    lines = (
        '{"email": {"channel": "marketing"}, "contact": {"spam_trap": true}}',
        "",
        '{"contact": {"spam_trp": true, "hard_bounces": "many"}}',
        '{"contact": ',
        "[1]",
    )
    for name in ("a.jsonl", "b.ndjson"):
        (root / "examples" / name).write_text("\n".join(lines), encoding="utf-8")
        told = [one for one in sendable.lint(root) if one.span.file.endswith(name)]
        assert [(one.span.start.line, one.code) for one in told] == [
            (3, "SND711"), (3, "SND717"), (4, "SND101"), (5, "SND101"),
        ]  # fmt: skip
        assert told[1].suggestion == "contact.spam_trap"
        assert "`contact.hard_bounces` can't have this value" in told[0].message
    (root / "examples" / "b.ndjson").write_text("", encoding="utf-8")
    assert [one.code for one in sendable.lint(root) if one.span.file.endswith("b.ndjson")] == ["SND101"]


def test_what_is_sound_or_no_example_is_left_alone(root: Path) -> None:
    (root / "tests" / "a.yaml").write_text(f"{NOW}cases:\n- {CASE}\n", encoding="utf-8")
    examples = root / "examples"
    (examples / "campaign.yaml").write_text("email: {channel: marketing}\n", encoding="utf-8")  # part of a context
    (examples / "unknown.yaml").write_text("contact: {email: null, hard_bounces: null}\n", encoding="utf-8")
    (examples / "contacts.csv").write_text("email\nkim@example.com\n", encoding="utf-8")
    (examples / ".hidden.yaml").write_text("contact: {spam_trp: true}\n", encoding="utf-8")
    assert found(root) == []


def test_a_pack_without_tests_or_examples_is_one(tmp_path: Path) -> None:
    pack(tmp_path, {"when": "contact.spam_trap"})
    assert found(tmp_path) == []
    (tmp_path / "tests").mkdir()
    assert found(tmp_path) == []


def test_an_example_that_can_not_be_read_is_told(root: Path) -> None:
    (root / "examples" / "a.yaml").write_text("contact: {a: 1, email: x, email: y}\n", encoding="utf-8")
    assert [one.code for one in sendable.lint(root)] == ["SND717", "SND108"]


def test_no_lock_is_written_over_tests_that_can_not_be_run(root: Path) -> None:
    path = root / "tests" / "a.yaml"
    path.write_text(f"{NOW}cases:\n- {CASE.replace('null', 'spam_trip')}\n", encoding="utf-8")
    result = CliRunner().invoke(program, ["lint", str(root), "--lock"])
    assert result.exit_code == 1
    assert "SND709" in result.stdout
    assert not (root / "policy.lock").exists()


SECRET = "contact: {hunter2: true}\n"


def _outside(root: Path, name: str) -> Path:
    """What stands outside of the pack: a file, or a folder with one in it."""
    there = root.parent / f"outside-{root.name}"
    there.mkdir()
    (there / "a.yaml").write_text(SECRET, encoding="utf-8")
    return there if "." not in Path(name).name else there / "a.yaml"


@pytest.mark.parametrize("name", ["tests/l.yaml", "tests/fixtures.yaml", "tests/b/fixtures.yaml", "examples/l.json"])
def test_a_link_to_a_file_out_of_the_pack_is_not_followed(name: str, root: Path) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(_outside(root, name))
    assert [one.partition(" (")[0] for one in found(root)] == [
        f"{name}:1:1: error SND508: `{root / name}` leads out of the pack"
    ]


@pytest.mark.parametrize("name", ["tests", "tests/b", "examples", "examples/b"])
def test_a_link_to_a_folder_out_of_the_pack_is_not_followed(name: str, root: Path) -> None:
    if "/" not in name:
        (root / name).rmdir()
    (root / name).symlink_to(_outside(root, name))
    assert [one.partition(" (")[0] for one in found(root)] == [
        f"{name}:1:1: error SND508: `{root / name}` leads out of the pack"
    ]


@pytest.mark.parametrize("named", ["tests", "tests/a.yaml"])
def test_tests_are_not_run_with_what_a_link_out_of_the_pack_has(named: str, root: Path) -> None:
    (root / "tests" / "a.yaml").write_text(f"{NOW}cases:\n- {CASE}\n", encoding="utf-8")
    (root / "tests" / "fixtures.yaml").symlink_to(_outside(root, "fixtures.yaml"))
    result = CliRunner().invoke(program, ["test", str(root / named)])
    assert result.exit_code == 2
    assert result.stderr.count("SND508") == 1
    assert "hunter2" not in result.output


def test_links_within_the_pack_and_of_tests_beside_it_are_followed(root: Path) -> None:
    (root / "examples" / "a.yaml").write_text("contact: {spam_trp: true}\n", encoding="utf-8")
    (root / "tests" / "a.yaml").write_text(f"{NOW}cases:\n- {CASE}\n", encoding="utf-8")
    (root / "examples" / "b.yaml").symlink_to("a.yaml")
    (root / "tests" / "b.yaml").symlink_to("a.yaml")
    assert [one.partition(" ")[0] for one in found(root)] == ["examples/a.yaml:1:11:", "examples/b.yaml:1:11:"]
    apart = root.parent / f"apart-{root.name}"
    apart.mkdir()
    (apart / "c.yaml").symlink_to(root / "tests" / "a.yaml")
    result = CliRunner().invoke(program, ["test", str(apart), "--policy", str(root)])
    assert (result.exit_code, "1 passed" in result.stdout) == (0, True), result.output
