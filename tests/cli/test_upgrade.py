"""`sendable upgrade`: what a newer bundled pack has otherwise is told, and taken whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sendable as package
from sendable.cli import sendable as program
from sendable.pack.resources import bundled_path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(program, [str(one) for one in arguments])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    assert invoke("init", tmp_path / "acme").exit_code == 0
    return tmp_path / "acme"


Edit = Callable[[str, str, str], None]


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Changes a text in a file of the bundled pack, as a newer version of the package would have it."""
    copy = Path(shutil.copytree(bundled_path("policies"), tmp_path / "newer"))
    places = {"policies": copy, "schemas": bundled_path("schemas")}
    monkeypatch.setattr("sendable.cli.init.bundled_path", places.__getitem__)

    def edit(name: str, old: str, new: str) -> None:
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, name
        (copy / name).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def changed(newer: Edit) -> None:
    newer("policy.yaml", "value: 11", "value: 12")
    newer(
        "reasons/consent.yaml",
        "    when: contact.marked_as_spam\n",
        "    when: contact.marked_as_spam or contact.spam_trap\n",
    )
    newer("lists/role_accounts.yaml", "      - news\n", "      - newsroom\n")
    newer("reasons/account.yaml", "  account_suspended:", "  account_stopped:")


ENGLISH = """\
new reason account_stopped: Suspended account
the reason account_suspended is gone: Suspended account
the reason marked_as_spam is another: Earlier spam report
  when: contact.marked_as_spam → contact.marked_as_spam or contact.spam_trap
the list role_accounts is another
  1 more: newsroom
  1 less: news
the parameter unengaged_after_sends is another
  value: 11 → 12
"""
SWEDISH = """\
nytt skäl account_stopped: Avstängt konto
skälet account_suspended finns inte längre: Avstängt konto
skälet marked_as_spam är ändrat: Tidigare skräppostanmälan
  when: contact.marked_as_spam → contact.marked_as_spam or contact.spam_trap
listan role_accounts är ändrad
  1 till: newsroom
  1 färre: news
parametern unengaged_after_sends är ändrad
  value: 11 → 12
"""


def test_there_is_nothing_to_take_from_the_same_bundled_pack(acme: Path) -> None:
    for option in ("--check", "--yes"):
        result = invoke("upgrade", "--policy", acme, option)
        assert (result.exit_code, "nothing to take" in result.stdout) == (0, True)


@pytest.mark.parametrize(("locale", "told"), [("en", ENGLISH), ("sv", SWEDISH)])
def test_what_is_otherwise_is_told_in_the_reader_s_language(locale: str, told: str, acme: Path, newer: Edit) -> None:
    changed(newer)
    before = contents(acme)
    result = invoke("upgrade", "--policy", acme, "--check", "--locale", locale)
    assert (result.exit_code, result.stdout) == (1, told)
    assert contents(acme) == before


def test_what_is_otherwise_is_taken_whole(acme: Path, newer: Edit) -> None:
    (acme / "policy.yaml").write_text("name: acme\nextends: base\nchanges: {reasons: {unengaged: {mode: monitor}}}\n")
    changed(newer)
    result = invoke("upgrade", "--policy", acme, "--yes")
    assert (result.exit_code, result.stdout.startswith(ENGLISH)) == (0, True)
    policy = package.load(acme)
    assert policy.pack.parameters["unengaged_after_sends"].value == 12
    assert "account_stopped" in {one.id for one in policy.reasons}
    assert {one.name for one in acme.iterdir()} == {"README.md", "base", "policy.yaml", "schemas"}
    assert "nothing to take" in invoke("upgrade", "--policy", acme).stdout


def test_nothing_is_taken_that_the_changes_do_not_fit(acme: Path, newer: Edit) -> None:
    text = "name: acme\nextends: base\nchanges: {reasons: {account_suspended: {priority: 999}}}\n"
    (acme / "policy.yaml").write_text(text, encoding="utf-8")
    changed(newer)
    before = contents(acme)
    result = invoke("upgrade", "--policy", acme, "--yes")
    assert result.exit_code == 2
    assert f"{acme}/policy.yaml:3:21: error SND563" in result.stderr
    assert "did you mean `account_stopped`" in result.stderr
    assert contents(acme) == before


def test_nothing_is_taken_where_nobody_can_be_asked(acme: Path, newer: Edit) -> None:
    changed(newer)
    before = contents(acme)
    result = invoke("upgrade", "--policy", acme)
    assert (result.exit_code, "--yes" in result.stderr) == (2, True)
    assert contents(acme) == before


def test_a_copy_that_was_changed_by_hand_is_not_replaced(acme: Path, newer: Edit) -> None:
    path = acme / "base" / "policy.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 11", "value: 13"), encoding="utf-8")
    changed(newer)
    result = invoke("upgrade", "--policy", acme, "--yes")
    assert (result.exit_code, "SND513" in result.stderr, "would be lost" in result.stderr) == (2, True, True)
    (acme / "base" / "policy.lock").unlink()
    assert "has no policy.lock" in invoke("upgrade", "--policy", acme, "--yes").stderr
    assert "value: 13" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("manifest", "code", "told"),
    [
        ("extends: bundled\n", 0, "nothing to take"),
        ("extends: ../other\n", 2, "is not in the folder of the pack"),
        ("extends: mine\n", 2, "is no copy of the bundled pack"),
        ("locales: [en, sv]\ndefault_locale: en\nreasons: [base/reasons/*.yaml]\n", 2, "extends no other one"),
    ],
)
def test_what_stands_on_no_copy_of_its_own_is_not_upgraded(manifest: str, code: int, told: str, acme: Path) -> None:
    shutil.copytree(acme / "base", acme.parent / "other")
    shutil.copytree(acme / "base", acme / "mine")
    path = acme / "mine" / "policy.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: bundled", "name: mine"), encoding="utf-8")
    if "reasons" in manifest:
        shutil.copytree(acme / "base", acme, dirs_exist_ok=True)
        manifest = path.read_text(encoding="utf-8").partition("name: mine\n")[2]
    (acme / "policy.yaml").write_text(f"name: acme\n{manifest}", encoding="utf-8")
    result = invoke("upgrade", "--policy", acme, "--yes")
    assert (result.exit_code, told in result.stdout + result.stderr) == (code, True)
