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
from tests.support.packs import BASE, CASES, REASONS

SLIPS = sorted((CASES / "slips").glob("*.txt"))
_RULE = "---\n"
WHEN = "    when: contact.marked_as_spam\n"
TEXT = "      en: Only the contact can change this.\n"
FIX = f"    fix:\n{TEXT}      sv: Bara kontakten själv kan ändra det.\n"


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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (WHEN, "    when: contact.marked_as_spam  # as the law has it\n"),
        (WHEN, '    when: contact.id == "adm\\u202ein" or contact.marked_as_spam\n'),
        (WHEN, "    when: contact.hard_bounces in [1,2, 5] or contact.marked_as_spam\n"),
        (WHEN, "    when: 'contact.id == \"order #5\" or contact.marked_as_spam'\n"),
        (WHEN, "    when: contact.hard_bounces - 1 > 2\n      or contact.marked_as_spam\n"),
        (TEXT, '      en: "Order #5 can\'t be changed."\n'),
        (TEXT, "      # Order 5\n      en: Only the contact can.\n"),
        (TEXT, "      en: Bara kontakten själv kan ändra det.  # sendable: allow SND621\n"),
        (TEXT, "      en: Only the contact can, in 1\N{NO-BREAK SPACE}000 days 👩\u200d🚀.\n"),
        (TEXT, '      en: "Write {{name}} and [name] at 100 % of <anything>."\n'),
        (TEXT, "      en: Only the contact\n        can - perhaps - change this.\n"),
        (FIX, '    fix: {en: "Only the contact, and nobody else.", sv: Bara kontakten.}\n'),
    ],
)
def test_what_is_meant_as_it_stands_is_left_alone(written: str, meant: str, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(BASE, pack)
    text = (pack / REASONS).read_text(encoding="utf-8")
    assert text.count(written) == 1
    (pack / REASONS).write_text(text.replace(written, meant), encoding="utf-8")
    assert lint_pack(pack)[1] == ()
