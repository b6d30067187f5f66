"""Every rule has a page, and the examples on it do what they say: the bad one is reported, the good one is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sendable.diagnostics import pages
from sendable.diagnostics.codes import NOTHING_TO_RUN, REPEATED_ITEM, RULES, UNTOLD
from sendable.diagnostics.pages import blocks, page
from sendable.lints.run import lint_pack
from sendable.testing.beside import with_beside
from sendable.testing.reader import load_suites
from tests.support.packs import BASE, NOW, apply


def codes(pack: Path, example: str) -> list[str]:
    """The codes of everything that is said of the example, as a pack or as tests of one."""
    shutil.copytree(BASE, pack)
    for block in blocks(example):
        apply(pack, block)
    loaded, found = lint_pack(pack, now=NOW)
    if (pack / "tests").exists():
        assert loaded is not None
        assert found == ()
        suites, found = load_suites(pack / "tests", loaded)
        names = [f"{case.file} {case.name}" for suite in suites for case in suite.cases]
        if not found and not any("spam" in name for name in names):
            return [NOTHING_TO_RUN.code]  # as `sendable test --filter spam` says
    if loaded is not None and (pack / "examples").exists():
        found = with_beside(pack, loaded, found)
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
    beside = {REPEATED_ITEM.code} if code == UNTOLD.code else set()  # it is about what others report
    assert set(codes(tmp_path / "pack", found.bad)) == {code} | beside


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_good_example_has_nothing_wrong(code: str, tmp_path: Path) -> None:
    found = page(code)
    assert found is not None
    assert codes(tmp_path / "pack", found.good) == []


def test_there_is_no_page_for_what_is_no_rule() -> None:
    assert page("SND999") is None
