"""Packs to test with: the bundled one and its examples, small ones, and one changed by an example's blocks."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import sendable
from sendable.diagnostics.pages import Block
from sendable.diagnostics.record import Collector
from sendable.documents.elements import plain
from sendable.documents.parse import parse_document, read_source
from sendable.language.types import Kind
from sendable.pack.fields import built_in_fields
from sendable.pack.resources import bundled_path

CASES = Path(__file__).parent.parent / "cases"

EXAMPLES = sorted(bundled_path("policies").glob("examples/*.yaml"))


@cache
def bundled() -> sendable.Policy:
    return sendable.load()


def read(path: Path) -> dict[str, Any]:
    collector = Collector()
    source = read_source(path, path.name, collector)
    assert source is not None
    element = parse_document(source, collector)
    assert element is not None
    assert not collector.sorted()
    content = plain(element)
    assert isinstance(content, dict)
    return content


BASE = Path(__file__).parent.parent / "cases" / "base"
REASONS = Path("reasons/reasons.yaml")


def entries(text: str) -> dict[str, list[str]]:
    """The entries of a YAML map whose keys stand at the margin, as text; equal keys are put together."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"(?m)^(?=[^\s#])", text):
        if part.strip():
            found.setdefault(part.partition(":")[0], []).append(part if part.endswith("\n") else part + "\n")
    return found


def overlay(old: str, block: Block) -> str:
    """The map `old` with the entries of `block` in the place of its own."""
    changed = entries(old) | entries(block.text)
    without = {option.partition("=")[2] for option in block.options if option.startswith("without=")}
    return "".join(part for key, parts in changed.items() if key not in without for part in parts)


def repeated(text: str) -> str:
    return re.sub(r"(?m)^(.*?) # ×(\d+)\n", lambda line: f"{line[1]}\n" * int(line[2]), text)


def apply(pack: Path, block: Block) -> None:
    """Changes the pack as a block of an example says."""
    if "alone" in block.options:
        shutil.rmtree(pack)
        pack.mkdir()
    if block.target == "reason":
        head, body = re.split(
            r"(?m)(?<=^  marked_as_spam:\n)", (pack / REASONS).read_text(encoding="utf-8"), maxsplit=1
        )
        new = overlay(re.sub(r"(?m)^    ", "", body), block)
        text = head + re.sub(r"(?m)^(?=.)", "    ", repeated(new))
        (pack / REASONS).write_text(text, encoding="utf-8")
        return
    path = pack / ("policy.yaml" if block.target == "policy" else block.target)
    text = repeated(overlay(path.read_text(encoding="utf-8"), block) if block.target == "policy" else block.text)
    if "escapes" in block.options:
        text = re.sub(r"\\u([0-9a-f]{4})", lambda escape: chr(int(escape[1], 16)), text)
    encoding = next((option.partition("=")[2] for option in block.options if option.startswith("encoding=")), "utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding)


NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

REASON = """
  {id}:
    title: {{en: {id}}}
    priority: {priority}
    channels: [{channels}]
    basis: operation
    when: {when}
    on_unknown: {on_unknown}
    retry: never
    fixable_by: provider
    {more}
    message: {{en: "{message}"}}
    fix: {{en: Fix it.}}
"""


def pack(tmp_path: Path, *reasons: dict[str, Any], manifest: str = "") -> sendable.Policy:
    """A policy of `reasons`, each given by what differs from a plain one."""
    (tmp_path / "reasons").mkdir(exist_ok=True)
    (tmp_path / "policy.yaml").write_text(
        f"name: test\nlocales: [en]\ndefault_locale: en\n{manifest}", encoding="utf-8"
    )
    plain = {"channels": "marketing", "when": "'true'", "on_unknown": "ignore", "message": "Because.", "more": ""}
    texts = [
        REASON.format(**{"id": f"r{index}", "priority": index + 1, **plain, **reason})
        for index, reason in enumerate(reasons)
    ]
    (tmp_path / "reasons" / "all.yaml").write_text("reasons:" + "".join(texts), encoding="utf-8")
    return sendable.load(tmp_path)


def context(channel: str = "marketing", **contact: Any) -> dict[str, Any]:
    return {"now": NOW, "email": {"channel": channel}, "contact": {"email": "kim@example.com", **contact}}


@cache
def clean() -> dict[str, Any]:
    return read(bundled_path("policies") / "examples" / "clean-marketing.yaml")


_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOLEAN: st.booleans(),
    Kind.INTEGER: st.integers(1, 40),
    Kind.NUMBER: st.floats(0, 40),
    Kind.STRING: st.text(max_size=20),
    Kind.TIMESTAMP: st.sampled_from(["2026-11-23T09:00:00Z", "2026-12-01T00:00:00+01:00"]),
    Kind.STRING_LIST: st.lists(st.sampled_from(["newsletter", "offers"]), max_size=2),
}


@st.composite
def contexts(draw: st.DrawFn) -> dict[str, Any]:
    """Valid contexts with data for any of the built-in fields."""
    document: dict[str, Any] = {"email": {}, "contact": {}}
    for field in built_in_fields().values():
        if not field.required and draw(st.booleans()):
            continue
        values = _VALUES[field.type.kind] if field.type.enum is None else st.sampled_from(field.type.enum)
        group, _, name = field.path.rpartition(".")
        (document.setdefault(group, {}) if group else document)[name] = draw(values)
    document["contact"]["email"] = draw(
        st.sampled_from(["kim@example.com", "info@gmial.com", "förnamn@example.com", "@", ""])
    )
    return document
