"""Texts for readers are plain: what would look otherwise on a page that took them for HTML or Markdown is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sendable
from tests.support.packs import pack


def markup(root: Path, key: str, text: str) -> list[str]:
    """What lint takes for markup in the English text."""
    pack(root, {"when": "contact.spam_trap"})
    path = root / "reasons" / "all.yaml"
    lines = [
        f"    {key}: {{en: {json.dumps(text)}}}" if line.strip().startswith(f"{key}:") else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = [one for one in sendable.lint(root) if one.code == "SND624"]
    assert {one.severity for one in found} <= {"warning"}
    return [lines[one.span.start.line - 1][one.span.start.column - 1 : one.span.end.column - 1] for one in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is <b>full</b>.", "<b>"), ("Wait.<br/>Then send.", "<br/>"), ("Wait.<BR >Then", "<BR >"),
        ("So</p>", "</p>"),
        ("See <a href='https://example.com'>this</a>", "<a href='https://example.com'>"), ("5&nbsp;emails", "&nbsp;"),
        ("you &amp; me", "&amp;"), ("it&#39;s", "&#39;"), ("it&#x27;s", "&#x27;"), ("It is **full**.", "**full**"),
        ("See [this](https://example.com/a).", "[this](https://example.com/a)"),
    ],
)  # fmt: skip
def test_what_would_look_otherwise_is_told(text: str, found: str, tmp_path: Path) -> None:
    assert markup(tmp_path, "message", text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Write to Kim <kim@example.com>.", "Fewer than <5 or >3.", "a < b and c > d", "If x <b or a> y", "R&D; A&B",
        "See https://example.com/?a=1&copy=2.", "2 ** 3 ** 4", "a*b*c", "[an aside] (so)", "[1](see below)", "<name>",
        "Kim & co;",
    ],
)  # fmt: skip
def test_what_is_plain_is_left_alone(text: str, tmp_path: Path) -> None:
    assert markup(tmp_path, "message", text) == []


@pytest.mark.parametrize("key", ["title", "fix"])
def test_every_text_for_readers_is_looked_at(key: str, tmp_path: Path) -> None:
    assert markup(tmp_path, key, "It is <i>full</i>") == ["<i>"]
