"""Which pack a command is about, and that it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sendable
from sendable.cli import COMMANDS
from sendable.cli import sendable as program
from tests.support.packs import pack
from tests.support.suites import NOW

CONTEXT = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com", "spam_trap": True}}

OF_A_PACK = {
    "dry-run": ["dry-run", "../context.json"],
    "explain": ["explain", "../context.json"],
    "audience": ["audience", "../contacts.csv", "--campaign", "../campaign.json"],
    "lint": ["lint"],
    "test": ["test"],
    "reasons": ["reasons"],
    "compile": ["compile"],
}
"""Commands that a pack answers, as they are called in a folder beside the contexts."""

OF_ITS_FILES = {"fmt": ["fmt", "--check"], "lists": ["lists", "refresh", "--check"]}
"""Commands that look at a pack's files and not at what they say."""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack, one test of which fails, with contexts in its folder; the current folder is one in the pack."""
    root = tmp_path / "own"
    (root / "reasons").mkdir(parents=True)
    pack(root, {"id": "trap", "when": "contact.spam_trap"})
    (root / "tests").mkdir()
    context = "email.channel: marketing, contact.email: kim@example.com, contact.spam_trap: true"
    (root / "tests" / "a.yaml").write_text(
        f"{NOW}cases: [{{name: x, patch: {{{context}}}, expect: {{sendable: true}}}}]\n", encoding="utf-8"
    )
    for place in (root, tmp_path):
        (place / "context.json").write_text(json.dumps(CONTEXT), encoding="utf-8")
        (place / "campaign.json").write_text('{"email": {"channel": "marketing"}}', encoding="utf-8")
        (place / "contacts.csv").write_text("email,spam_trap\nkim@example.com,true\n", encoding="utf-8")
    monkeypatch.chdir(root / "tests")
    return root


def run(*arguments: str, quiet: str = "") -> Result:
    return CliRunner(env={"SENDABLE_QUIET": quiet}).invoke(program, arguments, catch_exceptions=False)


def packs_told(result: Result) -> list[str]:
    return [line for line in result.stderr.splitlines() if line.startswith("pack: ")]


def test_every_command_about_a_pack_is_here() -> None:
    assert {*OF_A_PACK, *OF_ITS_FILES, "upgrade"} == {*COMMANDS} - {"init", "schema"}


def test_upgrade_is_about_a_pack_of_one_s_own_and_says_so(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [f"pack: test, version {sendable.load(own).version} (in {own})"]
    assert packs_told(run("upgrade", "--check")) == told
    (own.parent / "empty").mkdir()
    monkeypatch.chdir(own.parent / "empty")
    for result in (run("upgrade"), run("upgrade", "--policy", "bundled")):
        assert (result.exit_code, packs_told(result)) == (2, [])


@pytest.mark.parametrize("command", OF_A_PACK)
def test_inside_a_pack_a_command_is_about_that_pack_and_says_so(command: str, own: Path) -> None:
    version = sendable.load(own).version
    assert packs_told(run(*OF_A_PACK[command])) == [f"pack: test, version {version} (in {own})"]
    assert packs_told(run(*OF_A_PACK[command], quiet="1")) == []


@pytest.mark.parametrize("command", OF_A_PACK)
def test_elsewhere_it_is_about_the_bundled_one_and_says_so(
    command: str, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [f"pack: bundled, version {sendable.load().version} (comes with sendable)"]
    assert packs_told(run(*OF_A_PACK[command], "--policy", "bundled")) == told  # also inside another one
    (own.parent / "empty").mkdir()
    monkeypatch.chdir(own.parent / "empty")
    assert packs_told(run(*OF_A_PACK[command])) == told


@pytest.mark.parametrize("command", OF_A_PACK)
def test_the_pack_that_is_named_answers_wherever_one_is(command: str, own: Path, tmp_path: Path) -> None:
    other = tmp_path / "bundled"  # a folder of that name is not meant by the name alone
    (other / "reasons").mkdir(parents=True)
    pack(other, {"id": "other", "when": "contact.spam_trap"})
    (other / "tests").mkdir()
    tests = (own / "tests" / "a.yaml").read_text(encoding="utf-8")
    (other / "tests" / "a.yaml").write_text(tests, encoding="utf-8")
    told = packs_told(run(*OF_A_PACK[command], "--policy", "../../bundled"))
    assert told == [f"pack: test, version {sendable.load(other).version} (in {other})"]


@pytest.mark.parametrize("command", OF_ITS_FILES)
def test_what_looks_at_files_says_of_which_pack_they_are(command: str, own: Path) -> None:
    assert packs_told(run(*OF_ITS_FILES[command])) == [f"pack: own (in {own})"]
    assert packs_told(run(*OF_ITS_FILES[command], "--policy", "bundled")) == ["pack: bundled (comes with sendable)"]


@pytest.mark.parametrize("place", [".", "tests", "reasons"])
def test_a_failing_pack_fails_wherever_in_it_its_tests_are_run(
    place: str, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own / place)
    result = run("test")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "1 case: 1 failed")
    assert run("test", "--policy", "bundled").exit_code == 0


def test_the_innermost_pack_is_the_nearest(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = own / "tests" / "inner"
    inner.mkdir()
    pack(inner, {"id": "other", "when": "contact.spam_trap"})
    monkeypatch.chdir(inner / "reasons")
    assert packs_told(run("lint")) == [f"pack: test, version {sendable.load(inner).version} (in {inner})"]


def test_a_pack_that_can_not_be_used_is_not_passed_over(own: Path) -> None:
    (own / "policy.yaml").write_text("name: own\n", encoding="utf-8")
    result = run("dry-run", "../context.json")
    assert result.exit_code == 2
    assert "error: the pack `..` can't be used" in result.stderr
    assert packs_told(run("lint")) == [f"pack: own (in {own})"]


@pytest.mark.parametrize("command", [*OF_A_PACK, *OF_ITS_FILES])
@pytest.mark.parametrize("called", ["Policy.yml", "policy.yaml.txt"])
def test_no_other_pack_answers_for_one_whose_manifest_is_called_nearly_so(command: str, called: str, own: Path) -> None:
    (own / "policy.yaml").rename(own / called)
    result = run(*{**OF_A_PACK, **OF_ITS_FILES}[command])
    assert (result.exit_code, packs_told(result)) == (2, [])
    assert "error: `..` is no policy pack: there is no policy.yaml in it" in result.stderr
    assert f"If `{called}` is its manifest, call it policy.yaml." in result.stderr


@pytest.mark.parametrize("command", OF_A_PACK)
def test_no_other_pack_answers_for_one_whose_manifest_can_not_be_read(command: str, own: Path) -> None:
    (own / "policy.yaml").unlink()
    (own / "policy.yaml").symlink_to("nowhere")
    result = run(*OF_A_PACK[command])
    assert (result.exit_code, "../policy.yaml" in result.output) == (1 if command == "lint" else 2, True)
    assert "bundled" not in result.output
    assert run("test", str(own)).exit_code == 2


@pytest.mark.parametrize(("file", "beside"), [("policy.yml", "deployments"), ("policy.md", "reasons")])
def test_what_is_called_nearly_as_a_manifest_is_none_where_it_can_be_something_else(
    file: str, beside: str, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = own.parent / "other"
    (folder / beside).mkdir(parents=True)
    (folder / file).write_text("kind: Deployment\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert packs_told(run("lint")) == [f"pack: bundled, version {sendable.load().version} (comes with sendable)"]


def test_only_a_pack_of_ones_own_is_written_to(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("lint", "--lock").exit_code == 0
    assert (own / "policy.lock").is_file()
    for arguments in (["lint", "--fix"], ["lint", "--lock"], ["fmt"]):
        result = run(*arguments, "--policy", "bundled")
        assert (result.exit_code, "bundled" in result.stderr) == (2, True)
    monkeypatch.chdir(own.parent)
    assert run("lint", "--fix").exit_code == 2
    assert run("lint", "own", "--policy", "bundled").exit_code == 2  # named twice
