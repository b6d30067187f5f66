"""Slips of people who edit a pack and are no programmers, each with the one diagnostic that leads them right.

`tests/cases/slips/NAME.txt` begins with the name of a file. Lines with `-` stand in that file of `tests/cases/base/`,
and lines with `+` in their place; a file that has none of the first is new. `<U+00A0>` is the character. Below `---` is
what is said of the pack, or of its tests where one of those is changed. `pytest --regenerate` writes that anew.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sendable.lints.run import lint_pack
from sendable.render.terminal.diagnostics import as_text
from sendable.testing.reader import load_suites
from tests.support.packs import BASE, CASES

SLIPS = sorted((CASES / "slips").glob("*.txt"))
_RULE = "---\n"


def _slip(pack: Path, edit: str) -> str:
    """Makes the slip in the pack; the name of the file it is in."""
    name, _, lines = edit.partition("\n")
    old, new = ("".join(line[2:] for line in lines.splitlines(keepends=True) if line[:1] == sign) for sign in "-+")
    new = re.sub(r"<U\+([0-9A-F]{4,5})>", lambda found: chr(int(found[1], 16)), new)
    path = pack / name
    if old:
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        new = text.replace(old, new)
    path.parent.mkdir(exist_ok=True)
    path.write_text(new, encoding="utf-8")
    return name


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.stem for slip in SLIPS])
def test_a_slip_leads_right(slip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regenerate: bool) -> None:
    monkeypatch.chdir(tmp_path)
    pack = Path("pack")
    shutil.copytree(BASE, pack)
    edit, _, expected = slip.read_text(encoding="utf-8").partition(_RULE)
    name = _slip(pack, edit)
    loaded, found = lint_pack(pack)
    if name.startswith("tests/"):
        assert loaded is not None
        found = load_suites(pack / "tests", loaded)[1]
    assert len(found) == 1  # one mistake is one diagnostic
    assert found[0].help
    said = "\n".join(as_text(found)) + "\n"
    if regenerate:
        slip.write_text(edit + _RULE + said, encoding="utf-8")
    assert said == expected or regenerate
