"""`lint --fix`: what is mechanical is put right at its place, and nothing else is touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema.validators import validator_for

from sendable import cli
from sendable.cli.lint import write
from sendable.diagnostics.codes import RULES
from sendable.diagnostics.pages import Block
from sendable.diagnostics.record import Severity
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_pack
from sendable.render.reports.junit import as_junit
from sendable.render.reports.sarif import as_sarif
from tests.support import hostile
from tests.support.packs import BASE, REASONS, apply


def pack(directory: Path, text: str) -> Path:
    """The base pack, with the keys in `text` in its reason."""
    shutil.copytree(BASE, directory)
    apply(directory, Block("reason", (), text))
    return directory


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("wehn: contact.spam_trap\nwhen: contact.marked_as_spam\n", None),  # both would have the same key
        ("clear_at: now\n", "clears_at: now\n"),
        ("retry: nevr\n", "retry: never\n"),
        ("retry: 'nevr' # for ever\n", "retry: 'never' # for ever\n"),
        ("when: contact.marked_as_spma\n", "when: contact.marked_as_spam\n"),
        ('when: "account.tier == \'enterprize\'"\n', 'when: "account.tier == \'enterprise\'"\n'),
        ("when: account.tier == 'enterprize'\n", "when: account.tier == 'enterprise'\n"),
        ("when: domian(contact.email) == 'x'\n", "when: domain(contact.email) == 'x'\n"),
        ("when: contact.id in lists.role_acounts\n",
         "when: contact.id in lists.role_accounts\n"),
        ("when: >-\n  contact.id == '😀å' or\n  contact.spam_trp\n",
         "when: >-\n  contact.id == '😀å' or\n  contact.spam_trap\n"),
        ("when: |\n  contact.spam_trp\n  or contact.marked_as_spma\n",
         "when: |\n  contact.spam_trap\n  or contact.marked_as_spam\n"),
        ("when: email.subscription_type == 'My News '\n", "when: email.subscription_type == 'my news'\n"),
        ('when: "email.subscription_type in [\\"Erbjudanden På Nätet\\"]"\n',
         'when: "email.subscription_type in [\\"erbjudanden på nätet\\"]"\n'),
        ("channels: [marketing, marketing]\n", "channels: [marketing]\n"),
        ("channels: [marketing , one_to_one,  marketing, transactional]\n",
         "channels: [marketing , one_to_one, transactional]\n"),
        ("channels:\n  - marketing\n  - one_to_one\n  - marketing\n", "channels:\n  - marketing\n  - one_to_one\n"),
        ("channels:\n  - marketing\n  - marketing # why\n", None),  # the comment would be lost
        ("fix:\n  en: Ask {contact.emial}.\n  sv: Be {contact.emial} ändra det.\n",
         "fix:\n  en: Ask {contact.email}.\n  sv: Be {contact.email} ändra det.\n"),
        ("fix:\n  en: Ask { contact.email }.\n  sv: Be {contact.email} ändra det.\n",
         "fix:\n  en: Ask {contact.email}.\n  sv: Be {contact.email} ändra det.\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_puts_right(before: str, after: str | None, ends: str, tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", before)
    path = directory / REASONS
    text = "\N{BYTE ORDER MARK}" + path.read_text(encoding="utf-8").replace("\n", ends)
    path.write_bytes(text.encode())
    result = fixed(directory)
    write(directory, result.texts)
    found = path.read_bytes().decode().removeprefix("\N{BYTE ORDER MARK}").replace(ends, "\n")
    if after is None:
        assert result.texts == {}
        return
    assert f"\n{after}" in re.sub(r"(?m)^    ", "", found)
    assert found.count("\n") == text.count(ends) - before.count("\n") + after.count("\n")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert result.left == lint_pack(directory)[1] == ()


def test_nothing_is_written_without_an_improvement(tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", "when: contact.marked_as_spam\n")
    assert fixed(directory).texts == {}


def test_the_command_writes_and_says_what(tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", "retry: nevr\nwhen: contact.hard_bounces\n")
    result = CliRunner().invoke(cli.sendable, ["lint", str(directory), "--fix"])
    assert result.exit_code == 1
    assert "SND404" in result.stdout
    assert "SND204" not in result.stdout
    assert "put right: " in result.stderr
    assert "retry: never" in (directory / REASONS).read_text(encoding="utf-8")
    assert [path.name for path in (directory / "reasons").iterdir() if path.name.startswith(".")] == []


def test_the_command_says_some_of_what_is_put_right_and_how_much_more(tmp_path: Path) -> None:
    conditions = [" or ".join(["account.tier == 'Free'"] * 120) for _ in range(10)]
    reasons = [hostile.reason(when=one).replace("@", str(number)) for number, one in enumerate(conditions, 1)]
    hostile.write(tmp_path, {**hostile.SOUND, hostile.REASONS: "reasons:\n" + "".join(reasons)})
    result = CliRunner().invoke(cli.sendable, ["lint", str(tmp_path), "--fix"])
    told = [line for line in result.stderr.splitlines() if line.startswith("put right: ")]
    assert len(told) == 101
    assert told[-1] == "put right: 900 more"
    assert "run it again" in result.stderr
    assert (tmp_path / hostile.REASONS).read_text(encoding="utf-8").count("'free'") == 1000
    again = CliRunner().invoke(cli.sendable, ["lint", str(tmp_path), "--fix"])
    assert "run it again" not in again.stderr
    assert "Free" not in (tmp_path / hostile.REASONS).read_text(encoding="utf-8")


def test_the_bundled_pack_is_not_changed() -> None:
    result = CliRunner().invoke(cli.sendable, ["lint", "--fix"])
    assert result.exit_code == 2
    assert "bundled" in result.stderr


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_is_explained(code: str) -> None:
    result = CliRunner().invoke(cli.sendable, ["lint", "--explain", code.lower()])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{code} {RULES[code].name} ({RULES[code].severity})\n")


def test_what_is_no_rule_is_not_explained() -> None:
    result = CliRunner().invoke(cli.sendable, ["lint", "--explain", "SND42"])
    assert result.exit_code == 2
    assert "there is no rule `SND42`" in result.stderr


# -- formats


def test_sarif(tmp_path: Path) -> None:
    directory = pack(
        tmp_path / "a pack", "when: contact.id == '😀' or contact.marked_as_spma\nretry: nevr\npriority: 900\n"
    )
    found = lint_pack(directory)[1]
    log = json.loads(as_sarif(found, "1.0"))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({one.code for one in found})
    assert run["columnKind"] == "unicodeCodePoints"
    for one, result in zip(found, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == one.code
        assert result["level"] == "error"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("file:///")
        assert "/a%20pack/reasons/r" in place["artifactLocation"]["uri"]
        assert place["region"]["startColumn"] == one.span.start.column
    assert [len(result.get("relatedLocations", ())) for result in run["results"]] == [len(one.also) for one in found]


def test_junit_is_read_back(tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", "when: contact.spam_trap or contact.spam_trap\nretry: '<&\">\\u0001'\n")
    found = lint_pack(directory)[1]
    root = ET.fromstring(as_junit(found, {Severity.ERROR}))
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
    cases = root.findall("./testsuite/testcase")
    assert [str(case.get("name")).split()[0] for case in cases] == [one.code for one in found]
    [failure] = root.findall(".//failure")
    assert failure.get("message") == next(one.message for one in found if one.severity is Severity.ERROR)
    strict = ET.fromstring(as_junit(found, {Severity.ERROR, Severity.WARNING}))
    assert strict.get("failures") == "2"


def test_junit_of_nothing_has_a_case_that_passes() -> None:
    root = ET.fromstring(as_junit((), {Severity.ERROR}))
    assert (root.get("tests"), root.get("failures"), len(root.findall(".//testcase"))) == ("1", "0", 1)


def test_code_scanning_and_annotations_go_by_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = pack(tmp_path / "repo" / "mail" / "packs", "retry: nevr\n")

    def named(*arguments: str) -> set[str]:
        told = [
            CliRunner().invoke(cli.sendable, ["lint", *arguments, "--format", one]).stdout
            for one in ("sarif", "github")
        ]
        results = json.loads(told[0])["runs"][0]["results"]
        places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
        return {*places, *re.findall(r"::error file=([^,]*),", told[1])}

    monkeypatch.chdir(tmp_path)
    assert named("repo/mail/packs") == {"repo/mail/packs/reasons/reasons.yaml"}
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")  # as in a work tree
    for here, asked in (("repo/mail", "packs"), ("repo/mail/packs", "."), (".", str(directory)), ("/", str(directory))):
        monkeypatch.chdir(tmp_path / here)
        assert named(asked) == {"mail/packs/reasons/reasons.yaml"}


@pytest.mark.skipif("SARIF_SCHEMA" not in os.environ, reason="SARIF_SCHEMA names no copy of OASIS' schema")
def test_sarif_keeps_to_its_published_schema(tmp_path: Path) -> None:
    schema = json.loads(Path(os.environ["SARIF_SCHEMA"]).read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    directory = pack(tmp_path / "pack", "when: contact.hard_bounces < 0\nretry: nevr\npriority: 900\n")
    for found in ((), lint_pack(directory)[1]):
        validator.validate(json.loads(as_sarif(found, "1.0")))
