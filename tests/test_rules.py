"""Every rule has a page, and the examples on it do what they say: the bad one is reported, the good one is not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sendable.diagnostics import pages
from sendable.diagnostics.codes import NOTHING_TO_RUN, RULES
from sendable.diagnostics.pages import Block, blocks, page
from sendable.lints.run import lint_pack
from sendable.testing.reader import load_suites

BASE = Path(__file__).parent / "cases" / "base"
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


def codes(pack: Path, example: str) -> list[str]:
    """The codes of everything that is said of the example, as a pack or as tests of one."""
    shutil.copytree(BASE, pack)
    for block in blocks(example):
        apply(pack, block)
    loaded, found = lint_pack(pack)
    if (pack / "tests").exists():
        assert loaded is not None
        assert found == ()
        suites, found = load_suites(pack / "tests", loaded)
        names = [f"{case.file} {case.name}" for suite in suites for case in suite.cases]
        if not found and not any("spam" in name for name in names):
            return [NOTHING_TO_RUN.code]  # as `sendable test --filter spam` says
    return [one.code for one in found]


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    home = Path(str(pages.__file__)).parent
    assert sorted(path.stem for path in home.glob("*.md")) == sorted(RULES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_page_says_everything(code: str) -> None:
    found = page(code)
    assert found is not None
    assert page(code.lower()) == found
    for section in (found.meaning, found.why, found.how):
        assert len(section) > 10
        assert section.endswith((".", "?", "`."))
    assert blocks(found.bad)
    assert blocks(found.good)
    assert str(found).startswith(f"{code} {found.rule.name} ({found.rule.severity})\n\n")


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_bad_example_is_reported_by_this_rule_alone(code: str, tmp_path: Path) -> None:
    found = page(code)
    assert found is not None
    assert set(codes(tmp_path / "pack", found.bad)) == {code}


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_good_example_has_nothing_wrong(code: str, tmp_path: Path) -> None:
    found = page(code)
    assert found is not None
    assert codes(tmp_path / "pack", found.good) == []


def test_there_is_no_page_for_what_is_no_rule() -> None:
    assert page("SND999") is None
