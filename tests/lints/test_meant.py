"""What is hardly meant is found and mended, what may be meant is left alone: the cases of `tests/cases/meant.yaml`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import sendable
from sendable.cli.lint import write
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import is_slip
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_pack
from sendable.pack.layout import formatted
from tests.support.packs import BASE, CASES, NOW, REASONS

FOUND: dict[str, list[dict[str, Any]]] = yaml.safe_load((CASES / "meant.yaml").read_text(encoding="utf-8"))
OWN = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "other": {"type": "integer"},
    "share": {"type": "number"},
    "at": {"type": "string", "format": "date-time"},
    "items": {"type": "array", "items": {"type": "string"}},
}
MANIFEST = """\
context: [own.json]
lint: {exclude: [SND520, SND521, SND522, SND523]}
parameters:
  few: {type: integer, value: 5, minimum: 1, maximum: 100, description: A few.}
  many: {type: integer, value: 16, minimum: 1, maximum: 100, description: Many.}
  any: {type: integer, value: 5, description: Any.}
  provider: {type: string, value: Gmail.com, description: A domain.}
  until: {type: timestamp, value: "2027-01-31T00:00:00Z", description: Until then.}
"""


def pack(directory: Path, case: dict[str, Any]) -> Path:
    """The base pack with the condition and the list of a case."""
    shutil.copytree(BASE, directory)
    (directory / "own.json").write_text(json.dumps({"properties": {"own": {"properties": OWN}}}), encoding="utf-8")
    with (directory / "policy.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write(MANIFEST)
    text = (directory / REASONS).read_text(encoding="utf-8").replace("    floor: true\n", "")
    text = text.replace("when: contact.marked_as_spam\n", f"when: >-\n      {case['when']}\n")
    (directory / REASONS).write_text(text.replace("on_unknown: suppress", "on_unknown: ignore"), encoding="utf-8")
    mine = {"lists": {"mine": {"description": "Mine.", "entries": case.get("entries", ["x"])}}}
    (directory / "lists" / "mine.yaml").write_text(yaml.safe_dump(mine, allow_unicode=True), encoding="utf-8")
    return directory


def matches(directory: Path, values: dict[str, Any]) -> bool:
    context: dict[str, Any] = {"now": NOW, "email": {"channel": "marketing"}, "contact": {"email": "kim@example.net"}}
    for path, value in values.items():
        group, _, name = path.partition(".")
        context.setdefault(group, {})[name] = value
    return any(one.id == "marked_as_spam" for one in sendable.load(directory).decide(context).reasons)


def condition(directory: Path) -> str:
    found = re.search(r"when: >-\n(.*?)\n    on_unknown", (directory / REASONS).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return " ".join(found[1].split())


def test_there_are_enough_cases() -> None:
    assert len(FOUND["sensible"]) >= 25
    assert len(FOUND["senseless"]) >= 25


@pytest.mark.parametrize("case", FOUND["sensible"], ids=lambda case: case["when"])
def test_nothing_is_said_of_what_may_be_meant(case: dict[str, Any], tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", case)
    assert lint_pack(directory)[1] == ()
    assert fixed(directory).texts == {}


@pytest.mark.parametrize("case", FOUND["senseless"], ids=lambda case: f"{case['when']} {case.get('entries', '')}")
def test_what_is_hardly_meant_is_found_and_mended(case: dict[str, Any], tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", case)
    assert {one.code for one in lint_pack(directory)[1]} == {case["code"]}
    assert matches(directory, case["matches"]) is case.get("unchanged", False)
    result = fixed(directory)
    write(directory, result.texts)
    assert result.left == lint_pack(directory)[1] == ()
    assert condition(directory) == case.get("then", case["when"])
    entries = yaml.safe_load((directory / "lists" / "mine.yaml").read_text(encoding="utf-8"))["lists"]["mine"][
        "entries"
    ]
    assert entries == case.get("after", ["x"])
    assert matches(directory, case["matches"])


@pytest.mark.parametrize("case", FOUND["impossible"], ids=lambda case: case["when"])
def test_what_nobody_can_mend_is_found_and_left(case: dict[str, Any], tmp_path: Path) -> None:
    directory = pack(tmp_path / "pack", case)
    assert [one.code for one in lint_pack(directory)[1]] == [case["code"]]
    assert fixed(directory).texts == {}
    sendable.load(directory)


@pytest.mark.parametrize(
    "when",
    [
        "unknown(own.at)",
        'not_contains(own.text, "x")',
        "mins_since(own.at) > 90",
        'contact.mailbox == "inactive"',
        'delivery.failure == "deliverable"',
        "contact.soft_bounces > 3",
        "contact.opted_out",
        "contact.hard_bounces > params.max_few2",
        "contact.mailbox in lists.mine",
    ],
)
def test_what_may_be_the_contrary_is_told_and_never_written(when: str, tmp_path: Path) -> None:
    """`unknown` is near `known`: who writes `--fix` must not get the opposite of what they wrote."""
    directory = pack(tmp_path / "pack", {"when": when, "entries": ["inactive", "full"]})
    manifest = directory / "policy.yaml"
    text = manifest.read_text(encoding="utf-8").replace("  few:", "  max_few1:").replace("[SND520,", "[SND520, SND512,")
    manifest.write_text(text, encoding="utf-8")
    [told] = [one for one in lint_pack(directory)[1] if one.severity.value == "error"]
    assert told.suggestion is not None
    assert fixed(directory).texts == {}


@pytest.mark.parametrize(
    ("word", "meant", "sure"),
    [
        ("contact.emial", "contact.email", True),
        ("on-unknown", "on_unknown", True),
        ("Enterprice", "enterprise", True),
        ("entreprise", "enterprise", True),
        ("nevr", "never", True),
        ("hard_bounce", "hard_bounces", True),
        ("unknown", "known", False),
        ("min_age", "max_age", False),
        ("limit_1", "limit_2", False),
        ("x1", "x", False),
        ("contact.unsubscribed", "contact.unsubscribed_all", False),
    ],
)
def test_a_slip_is_of_one_letter(word: str, meant: str, sure: bool) -> None:
    assert is_slip(word, meant) is sure
    assert is_slip(meant, word) is sure


def test_what_is_in_the_layout_stays_in_it(tmp_path: Path) -> None:
    case = {"when": "domain(contact.email) in lists.mine", "entries": ["gmail.com ", "kim@example.com"]}
    directory = pack(tmp_path / "pack", case)
    names = [REASONS.as_posix(), "lists/mine.yaml"]
    for name in names:
        text = formatted(Source(name, (directory / name).read_text(encoding="utf-8")), Collector())
        assert text is not None
        (directory / name).write_text(text, encoding="utf-8")
    result = fixed(directory)
    assert sorted(result.texts) == sorted(names)
    assert [formatted(Source(name, text), Collector()) for name, text in result.texts.items()] == [
        *result.texts.values()
    ]
    write(directory, result.texts)
    assert result.left == lint_pack(directory)[1] == ()


def test_authors_can_weigh_it(tmp_path: Path) -> None:
    """As a pack loads with what can never match, its authors have the last word."""
    directory = pack(tmp_path / "pack", {"when": 'domain(contact.email) == "Gmail.com"'})
    manifest = (directory / "policy.yaml").read_text(encoding="utf-8")

    def severities(lint: str) -> list[tuple[str, str]]:
        text = re.sub(r"(?m)^lint: .*$", f"lint: {{{lint}}}", manifest)
        found = lint_pack(directory, {"policy.yaml": text})[1]
        return [(one.code, one.severity.value) for one in found if not one.code.startswith("SND52")]

    assert severities("exclude: [SND521]") == [("SND426", "error")]
    assert severities("severity: {SND426: warning}") == [("SND426", "warning")]
    assert severities("exclude: [SND426]") == []
